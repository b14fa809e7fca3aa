//! The end of a turn, and taking or keeping a lane.

use lorikeet_chat::Lane;

use super::{Machine, Rows};
use crate::{
    Claim, Claimed, Commit, CommitOutcome, Committed, LaneGrant, Release, Released, Renew, Renewed,
};

impl<R: Rows> Machine<'_, R> {
    /// See [`SessionStore::commit`](crate::SessionStore::commit).
    ///
    /// # Errors
    /// The backend's.
    pub fn commit(mut self, request: &Commit) -> Result<Committed, R::Error> {
        let under = (request.generation, request.version);
        let (owner, may_deliver) = (request.owner, request.may_deliver);
        let ours = self.head.turn.is_held_by(owner, request.generation);
        // The reply was lost: the same answer again, whether or not the lease is still held.
        let repeated = self.head.last_commit == Some(under);
        let outcome = if repeated {
            self.end_turn(ours)?
        } else if ours && self.head.version == request.version {
            self.write_turn(request)?;
            self.grant_outbox(owner, may_deliver)?;
            self.end_turn(true)?
        } else {
            CommitOutcome::Fenced
        };
        let lanes = self.lanes_of(owner, may_deliver)?;
        // A fenced commit writes nothing but the leases of the lanes it lists.
        if outcome != CommitOutcome::Fenced || !lanes.is_empty() {
            self.save()?;
        }
        Ok(Committed { outcome, lanes })
    }

    fn write_turn(&mut self, request: &Commit) -> Result<(), R::Error> {
        // By sequence, never by position: a waiting event may have been replaced by one the turn has not seen.
        self.rows.remove_events(&request.consumed)?;
        self.rows.save_session(&request.session)?;
        self.head.last_commit = Some((request.generation, request.version));
        self.head.version += 1;
        self.head.tries = 0;
        for effect in &request.effects {
            let lane = effect.lane();
            let sequence = self.head.next_sequence();
            self.rows.append_effect(sequence, effect)?;
            self.head.lane_mut(lane).index(self.now);
        }
        Ok(())
    }

    /// Grants the outbox lanes with something in them that nobody holds. The turn's lease does not cover them:
    /// the next turn may run elsewhere while these effects are under way.
    fn grant_outbox(&mut self, owner: crate::Owner, may_deliver: bool) -> Result<(), R::Error> {
        for lane in [Lane::Deliver, Lane::Work] {
            let allowed = lane == Lane::Work || may_deliver;
            let free = !self.head.lane(lane).is_live(self.now);
            if allowed && free && !self.rows.is_empty(lane)? {
                self.head.lane_mut(lane).grant(owner, self.now);
            }
        }
        Ok(())
    }

    fn end_turn(&mut self, ours: bool) -> Result<CommitOutcome, R::Error> {
        if !ours {
            return Ok(CommitOutcome::Released);
        }
        let mailbox = self.rows.mailbox()?;
        if mailbox.is_empty() {
            self.head.turn.due = None;
            self.head.turn.release();
            self.head.token = None;
            return Ok(CommitOutcome::Released);
        }
        self.head.turn.prolong(self.now);
        Ok(CommitOutcome::Next(mailbox))
    }

    /// Every outbox lane a process holds, also one it does not know of because the reply that granted it was
    /// lost. Their leases are prolonged, so that the receiver may count its deadline from this call; not the
    /// delivery lane of a process that may not deliver, which should fall to one that may.
    fn lanes_of(
        &mut self,
        owner: crate::Owner,
        may_deliver: bool,
    ) -> Result<Vec<LaneGrant>, R::Error> {
        let mut lanes = Vec::new();
        for lane in [Lane::Deliver, Lane::Work] {
            if self.head.lane(lane).owner == Some(owner) {
                if lane == Lane::Work || may_deliver {
                    self.head.lane_mut(lane).prolong(self.now);
                }
                lanes.push(self.lane_grant(lane)?);
            }
        }
        Ok(lanes)
    }

    pub(super) fn lane_grant(&mut self, lane: Lane) -> Result<LaneGrant, R::Error> {
        Ok(LaneGrant {
            lane,
            generation: self.head.lane(lane).generation,
            effects: self.rows.outbox(lane)?,
            handle: self.head.handle.clone(),
        })
    }

    /// See [`SessionStore::claim`](crate::SessionStore::claim).
    ///
    /// # Errors
    /// The backend's.
    pub fn claim(mut self, request: &Claim) -> Result<Claimed, R::Error> {
        let lane = request.lane;
        if self.rows.is_empty(lane)? {
            if self.head.lane(lane).due.is_some() {
                self.head.lane_mut(lane).due = None;
                self.save()?;
            }
            return Ok(Claimed::Nothing);
        }
        // The entry is scored anew, never taken out: the claimer may die with the lane in its hands.
        if self.head.lane(lane).is_live(self.now) {
            self.head.lane_mut(lane).index(self.now);
            self.save()?;
            return Ok(Claimed::Held);
        }
        self.head.lane_mut(lane).grant(request.owner, self.now);
        let claimed = if lane == Lane::Turn {
            self.head.tries = self.head.tries.saturating_add(1);
            self.head.token = None;
            Claimed::Turn(self.turn_grant()?)
        } else {
            Claimed::Effects(self.lane_grant(lane)?)
        };
        self.save()?;
        Ok(claimed)
    }

    /// See [`SessionStore::renew`](crate::SessionStore::renew).
    ///
    /// # Errors
    /// The backend's.
    pub fn renew(mut self, request: &Renew) -> Result<Renewed, R::Error> {
        let head = self.head.lane_mut(request.lane);
        if !head.is_held_by(request.owner, request.generation) {
            return Ok(Renewed::Fenced);
        }
        head.prolong(self.now);
        self.rows.save_head(&self.head)?;
        Ok(Renewed::Ours)
    }

    /// See [`SessionStore::release`](crate::SessionStore::release).
    ///
    /// # Errors
    /// The backend's.
    pub fn release(mut self, request: &Release) -> Result<Released, R::Error> {
        let lane = request.lane;
        if !self
            .head
            .lane(lane)
            .is_held_by(request.owner, request.generation)
        {
            return Ok(Released::Fenced);
        }
        let waiting = !self.rows.is_empty(lane)?;
        let head = self.head.lane_mut(lane);
        head.release();
        if waiting {
            head.index(self.now);
        } else {
            head.due = None;
        }
        if lane == Lane::Turn {
            self.head.token = None;
        }
        self.rows.save_head(&self.head)?;
        Ok(Released::Freed { waiting })
    }
}
