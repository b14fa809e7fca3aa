//! An event on its way into the mailbox.

use lorikeet_chat::{Event, Origin};

use super::{Machine, Rows};
use crate::{Enter, Entered, ORDERED_MEMORY};

impl<R: Rows> Machine<'_, R> {
    /// See [`SessionStore::enter`](crate::SessionStore::enter).
    ///
    /// # Errors
    /// The backend's.
    pub fn enter(mut self, request: &Enter) -> Result<Entered, R::Error> {
        let Enter {
            event, owner, take, ..
        } = request;
        if event.order.is_some() {
            self.forget_old_orders()?;
        }
        if self.rows.remembers(&event.id)? {
            let repeated = *take
                && self.head.turn.is_live(self.now)
                && self.head.turn.owner == Some(*owner)
                && self.head.token == Some(request.token);
            if !repeated {
                return Ok(Entered::Duplicate);
            }
            self.head.turn.prolong(self.now);
            let grant = self.turn_grant()?;
            self.save()?;
            return Ok(Entered::Turn(grant));
        }
        if let Some(refused) = self.refusal(event)? {
            return Ok(refused);
        }

        self.append_event(event)?;
        self.remember(event)?;
        if !take || self.head.turn.is_live(self.now) {
            self.save()?;
            return Ok(Entered::Queued);
        }
        self.head.turn.grant(*owner, self.now);
        self.head.token = Some(request.token);
        let grant = self.turn_grant()?;
        self.save()?;
        Ok(Entered::Turn(grant))
    }

    /// Why an unknown event is not accepted, if it is not. Nothing of it is remembered: above all not the id of
    /// an event refused because the mailbox is full, which may be sent again.
    fn refusal(&mut self, event: &Event) -> Result<Option<Entered>, R::Error> {
        if event.order.is_some() && event.order <= self.head.floor {
            return Ok(Some(Entered::Late));
        }
        if let Some(coalesce) = &event.coalesce
            && Some(coalesce.sequence) <= self.rows.high_water(&coalesce.key)?
        {
            return Ok(Some(Entered::Stale));
        }
        let bounded = event.origin == Origin::Person;
        if bounded && self.rows.waiting_from_people()? >= self.limits.mailbox {
            return Ok(Some(Entered::Full));
        }
        Ok(None)
    }

    /// Remembers an accepted id. Ordered ids leave a floor behind when they are forgotten, so that a late
    /// duplicate is refused for good; of the others the oldest go.
    fn remember(&mut self, event: &Event) -> Result<(), R::Error> {
        self.rows
            .remember(&event.id, event.order, self.head.sequence)?;
        if event.order.is_none() {
            return self.rows.trim_unordered(self.limits.remembered);
        }
        self.head.ordered_at = Some(self.now);
        let forgotten = self.rows.trim_ordered(self.limits.remembered)?;
        self.head.floor = self.head.floor.max(forgotten);
        Ok(())
    }

    /// A platform may number its events anew after a long silence.
    fn forget_old_orders(&mut self) -> Result<(), R::Error> {
        let silent = self
            .head
            .ordered_at
            .is_some_and(|last| self.now.since(last) >= ORDERED_MEMORY);
        if silent {
            self.rows.trim_ordered(0)?;
            self.head.floor = None;
            self.head.ordered_at = None;
            // Written at once: an event refused below must not bring the old floor back.
            self.rows.save_head(&self.head)?;
        }
        Ok(())
    }
}
