//! The guarantees, checked once nothing is left to do.

use std::collections::HashSet;

use super::turn::{Session, effect_id, result_of};
use super::world::{Chat, LANES, World};
use crate::conformance::text;
use crate::{Claim, Claimed, Enter, Entered, Owner, SessionStore, StoreError};

/// Who looks at the remains; no process of the schedule.
const WITNESS: Owner = Owner::new([0xff; 16]);

impl World<'_> {
    /// Reads every conversation's last session, and compares it with what really happened.
    pub(super) async fn check(&self) -> Result<(), String> {
        let store = self.store(0);
        for chat in &self.chats {
            let session = last_session(&*store, chat).await;
            let checked = session.and_then(|session| check(chat, &session));
            checked.map_err(|what| format!("{}: {what}", chat.conversation.room))?;
        }
        Ok(())
    }
}

async fn last_session(store: &dyn SessionStore, chat: &Chat) -> Result<Session, String> {
    let failed = |error: StoreError| format!("the store failed: {error}");
    for lane in LANES {
        let claim = Claim {
            conversation: chat.conversation.clone(),
            lane,
            owner: WITNESS,
        };
        let claimed = store.claim(claim).await.map_err(failed)?;
        if claimed != Claimed::Nothing {
            return Err(format!("stuck in {lane:?}, where no sweep finds it"));
        }
    }
    let look = Enter {
        conversation: chat.conversation.clone(),
        event: text("look"),
        owner: WITNESS,
        token: 0,
        take: true,
    };
    match store.enter(&look).await.map_err(failed)? {
        Entered::Turn(turn) => match turn.session {
            Some(session) => serde_json::from_str(&session).map_err(|error| error.to_string()),
            None => Ok(Session::default()),
        },
        other => Err(format!("stuck: a new event is answered with {other:?}")),
    }
}

fn check(chat: &Chat, session: &Session) -> Result<(), String> {
    let consumed: HashSet<&str> = session.consumed.iter().map(String::as_str).collect();
    if consumed.len() != session.consumed.len() {
        return Err(format!("consumed twice: {:?}", session.consumed));
    }
    for arrival in &chat.arrivals {
        let id = arrival.event.id.as_str();
        if arrival.accepted_by.is_none() && !arrival.late && arrival.event.coalesce.is_none() {
            return Err(format!("{id} was never accepted"));
        }
        let superseded = arrival.event.coalesce.as_ref().is_some_and(|own| {
            let newer = |c: &lorikeet_chat::Coalesce| c.sequence > own.sequence;
            let mut accepted = chat.accepted();
            own.replaceable && accepted.any(|event| event.coalesce.as_ref().is_some_and(newer))
        });
        let must = arrival.accepted_by.is_some() && !superseded;
        if must && !consumed.contains(id) {
            return Err(format!("{id} was accepted and never consumed"));
        }
        if arrival.accepted_by.is_none() && consumed.contains(id) {
            return Err(format!("{id} was consumed and never accepted"));
        }
    }
    for effect in session.screens.iter().chain(&session.work) {
        if !chat.executed.contains(&effect_id(effect)) {
            return Err(format!("{effect} was never carried out"));
        }
    }
    for effect in &session.work {
        if !consumed.contains(result_of(effect).as_str()) {
            return Err(format!("the result of {effect} never arrived"));
        }
    }
    let Some(last) = chat.landings.last() else {
        return Ok(());
    };
    // The one thing that is not healed: the call of a process that had lost its lane landed, and the process died
    // before it could say so.
    let residual = last.stale && !last.reported;
    if last.revision != session.revision && !residual {
        return Err(format!(
            "screen {} is shown, {} is current",
            last.revision, session.revision
        ));
    }
    Ok(())
}
