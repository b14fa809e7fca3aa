//! Calls of the model: effects carried out one by one, and the reports on them.

use lorikeet_chat::{EffectBody, Lane, MessageHandle, Timestamp};
use rand::Rng;

use super::process::State;
use super::request::{Reply, Request};
use super::turn::result_of;
use super::world::{Landing, World, known};
use crate::conformance::background;
use crate::{Done, LOCAL_DEADLINE, LaneGrant, Pending, Settle, SettleOutcome};

/// A call as it lands, if it is one that shows something.
pub(super) fn landing(grant: &LaneGrant, pending: &Pending) -> Option<Landing> {
    match &pending.effect.body {
        EffectBody::Show(present) => Some(Landing {
            effect: pending.effect.id.clone(),
            sequence: pending.sequence,
            revision: present.stamp.revision,
            generation: grant.generation,
            stale: false,
            reported: false,
        }),
        _ => None,
    }
}

impl World<'_> {
    pub(super) async fn begin_call(
        &mut self,
        process: usize,
        chat: usize,
        grant: LaneGrant,
        deadline: Timestamp,
    ) -> Result<State, String> {
        let right = (grant.lane, grant.generation);
        let Some(deadline) = self.renew(process, chat, right, deadline).await? else {
            return Ok(State::Over);
        };
        if deadline <= self.now() {
            return Ok(State::Over);
        }
        if grant.effects.is_empty() {
            let settle = self.settling(process, chat, &grant, vec![]);
            return Ok(State::Settling(grant, None, settle, None));
        }
        let at = match grant.lane {
            Lane::Work => self.random.random_range(0..grant.effects.len()),
            Lane::Deliver | Lane::Turn => 0,
        };
        let pending = grant.effects[at].clone();
        Ok(State::Calling(grant, pending))
    }

    pub(super) fn end_call(
        &mut self,
        process: usize,
        chat: usize,
        grant: LaneGrant,
        pending: &Pending,
    ) -> Result<State, String> {
        self.note(format!("p{process} {} lands", pending.effect.id));
        let landed = match landing(&grant, pending) {
            Some(landing) => Some(self.land(chat, landing)?),
            None => {
                self.chats[chat].executed.insert(pending.effect.id.clone());
                None
            }
        };
        let is_work = grant.lane == Lane::Work;
        let done = Done {
            sequence: pending.sequence,
            result: is_work.then(|| background(&result_of(pending.effect.id.as_str()))),
            handle: landed.map(|at| known(MessageHandle::new(format!("message {at}")))),
        };
        let settle = self.settling(process, chat, &grant, vec![done]);
        Ok(State::Settling(grant, landed, settle, None))
    }

    fn settling(&self, process: usize, chat: usize, grant: &LaneGrant, done: Vec<Done>) -> Settle {
        Settle {
            conversation: self.chats[chat].conversation.clone(),
            lane: grant.lane,
            owner: self.processes[process].owner,
            generation: grant.generation,
            done,
        }
    }

    pub(super) async fn report_call(
        &mut self,
        process: usize,
        chat: usize,
        (grant, landing): (LaneGrant, Option<usize>),
        settle: Settle,
        sent: Option<Timestamp>,
    ) -> Result<State, String> {
        let Some(sent) = sent else {
            let sent = Some(self.now());
            return Ok(State::Settling(grant, landing, settle, sent));
        };
        let request = Request::Settle(landing, settle.clone());
        let Some(Reply::Settled(settled)) = self.send(process, chat, request).await? else {
            return Ok(State::Settling(grant, landing, settle, None));
        };
        if settled.wake && self.random.random_bool(0.8) {
            self.begin_claim(process, chat, Lane::Turn);
        }
        Ok(match settled.outcome {
            SettleOutcome::Next(grant) => State::Outbox(grant, sent.after(LOCAL_DEADLINE)),
            SettleOutcome::Released | SettleOutcome::Fenced => State::Over,
        })
    }
}
