//! Executed effects and what they bring back.

use lorikeet_chat::{Coalesce, Event, EventBody, EventId, Lane, Origin};

use super::{Machine, Rows};
use crate::{LaneGrant, Settle, SettleOutcome, Settled};

/// Redraws replace one another: one is as good as many.
const REDRAW: &str = "redraw";

impl<R: Rows> Machine<'_, R> {
    /// See [`SessionStore::settle`](crate::SessionStore::settle).
    ///
    /// # Errors
    /// The backend's.
    pub fn settle(mut self, request: &Settle) -> Result<Settled, R::Error> {
        let Settle {
            lane,
            owner,
            generation,
            ref done,
            ..
        } = *request;
        if lane == Lane::Turn {
            // A turn is committed; nobody holds it as an outbox.
            return Ok(Settled {
                outcome: SettleOutcome::Fenced,
                wake: false,
            });
        }
        let mut wake = false;
        for done in done {
            // Absent: somebody settled it before, and its result was taken then.
            if !self.rows.remove_effect(lane, done.sequence)? {
                continue;
            }
            if done.handle.is_some() {
                self.head.handle.clone_from(&done.handle);
            }
            if let Some(result) = &done.result {
                self.append_event(result)?;
                wake = true;
            }
        }
        let effects = self.rows.outbox(lane)?;
        if effects.is_empty() {
            self.head.lane_mut(lane).due = None;
        }
        let outcome = if !self.head.lane(lane).is_held_by(owner, generation) {
            if lane == Lane::Deliver {
                // The call may have landed after a later screen: show the current one again.
                wake |= self.append_redraw()?;
            }
            SettleOutcome::Fenced
        } else if effects.is_empty() {
            self.head.lane_mut(lane).release();
            SettleOutcome::Released
        } else {
            self.head.lane_mut(lane).prolong(self.now);
            SettleOutcome::Next(LaneGrant {
                lane,
                generation,
                effects,
                handle: self.head.handle.clone(),
            })
        };
        self.save()?;
        Ok(Settled { outcome, wake })
    }

    /// Whether a redraw was appended: always, unless its id could not be made.
    fn append_redraw(&mut self) -> Result<bool, R::Error> {
        let sequence = self.head.sequence + 1;
        // The time makes it unlike all others even after the conversation has expired and counts anew.
        let Ok(id) = EventId::new(format!("redraw-{}-{sequence}", self.now)) else {
            return Ok(false);
        };
        self.append_event(&Event {
            id,
            order: None,
            batch: None,
            coalesce: Some(Coalesce {
                key: REDRAW.to_owned(),
                sequence,
                replaceable: true,
            }),
            origin: Origin::Internal,
            at: self.now,
            sender: None,
            body: EventBody::Redraw,
        })?;
        Ok(true)
    }
}
