//! Turns of the model: what they do to a session, and their commit.

use lorikeet_chat::{Effect, EffectId, Event, EventBody, Lane, Timestamp};
use rand::Rng;
use serde::{Deserialize, Serialize};

use super::process::State;
use super::request::{Reply, Request};
use super::world::{World, known};
use crate::conformance::{show, work};
use crate::{Commit, CommitOutcome, LOCAL_DEADLINE, TurnGrant};

/// What a conversation's session holds here: enough to see, at the end, what every turn did.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Session {
    pub(super) version: u64,
    pub(super) revision: u64,
    pub(super) consumed: Vec<String>,
    pub(super) screens: Vec<String>,
    pub(super) work: Vec<String>,
}

impl World<'_> {
    pub(super) async fn think(
        &mut self,
        process: usize,
        chat: usize,
        turn: TurnGrant,
        deadline: Timestamp,
    ) -> Result<State, String> {
        let right = (Lane::Turn, turn.generation);
        let renewed = self.renew(process, chat, right, deadline).await?;
        if renewed.is_none_or(|deadline| deadline <= self.now()) {
            return Ok(State::Over);
        }
        let mut session: Session = match &turn.session {
            Some(text) => serde_json::from_str(text).map_err(|error| error.to_string())?,
            None => Session::default(),
        };
        if session.version != turn.version {
            return Err(format!(
                "version {} comes with the session of {}",
                turn.version, session.version
            ));
        }
        if turn.mailbox.is_empty() {
            return Err("a turn with nothing waiting".to_owned());
        }
        session.version += 1;
        let count = self.random.random_range(1..=turn.mailbox.len());
        let mut effects = Vec::new();
        let mut consumed = Vec::new();
        for waiting in turn.mailbox.iter().take(count) {
            consumed.push(waiting.sequence);
            effects.extend(handle(&mut session, &waiting.event));
        }
        let commit = Commit {
            conversation: self.chats[chat].conversation.clone(),
            owner: self.processes[process].owner,
            generation: turn.generation,
            version: turn.version,
            session: serde_json::to_string(&session).map_err(|error| error.to_string())?,
            effects,
            consumed,
            may_deliver: self.may_deliver(process, chat),
        };
        Ok(State::Committing(turn, commit, None))
    }

    pub(super) async fn commit(
        &mut self,
        process: usize,
        chat: usize,
        turn: TurnGrant,
        commit: Commit,
        sent: Option<Timestamp>,
    ) -> Result<State, String> {
        let Some(sent) = sent else {
            let sent = Some(self.now());
            return Ok(State::Committing(turn, commit, sent));
        };
        let request = Request::Commit(commit.clone());
        let Some(Reply::Committed(committed)) = self.send(process, chat, request).await? else {
            // Until there is an answer.
            return Ok(State::Committing(turn, commit, None));
        };
        let deadline = sent.after(LOCAL_DEADLINE);
        for lane in committed.lanes {
            self.adopt(process, chat, State::Outbox(lane, deadline));
        }
        Ok(match committed.outcome {
            CommitOutcome::Next(mailbox) => {
                let next = TurnGrant {
                    version: turn.version + 1,
                    session: Some(commit.session),
                    mailbox,
                    ..turn
                };
                State::Turn(next, deadline)
            }
            CommitOutcome::Released | CommitOutcome::Fenced => State::Over,
        })
    }
}

/// The turn itself: notes the event, shows a screen, and for some asks for work.
fn handle(session: &mut Session, event: &Event) -> Vec<Effect> {
    let id = event.id.as_str();
    session.consumed.push(id.to_owned());
    let redraw = event.body == EventBody::Redraw;
    session.revision += u64::from(!redraw);
    let screen = format!("{id}: screen");
    session.screens.push(screen.clone());
    let mut effects = vec![show(&screen, session.revision)];
    let asks = event.order.is_some_and(|order| order.is_multiple_of(2)) || id == "text 1";
    if asks {
        let asked = format!("{id}: work");
        session.work.push(asked.clone());
        effects.push(work(&asked));
    }
    effects
}

/// The id of the event that brings an effect's result.
pub(super) fn result_of(effect: &str) -> String {
    format!("result of {effect}")
}

/// An effect's id from its name.
pub(super) fn effect_id(name: &str) -> EffectId {
    known(EffectId::new(name))
}
