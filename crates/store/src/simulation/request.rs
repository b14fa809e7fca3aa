//! Requests as they travel, and what the model knows once the store has carried one out.

use lorikeet_chat::Lane;

use super::world::World;
use crate::{
    Claim, Claimed, Commit, CommitOutcome, Committed, Enter, Entered, Owner, Release, Released,
    Renew, Renewed, Settle, SettleOutcome, Settled, StoreError,
};

/// A request with what it is about.
#[derive(Clone, Debug)]
pub(super) enum Request {
    /// Of an arrival, by its number.
    Enter(usize, Box<Enter>),
    Commit(Commit),
    /// Of a call that has landed, by its number.
    Settle(Option<usize>, Settle),
    Claim(Claim),
    Renew(Renew),
    Release(Release),
}

#[derive(Clone, Debug)]
pub(super) enum Reply {
    Entered(Entered),
    Committed(Committed),
    Settled(Settled),
    Claimed(Claimed),
    Renewed(Renewed),
    Released,
}

/// A request in the trace.
pub(super) fn brief(request: &Request) -> String {
    match request {
        Request::Enter(_, r) => format!("enter {} of {}", r.event.id, r.conversation.room),
        Request::Commit(r) => format!(
            "commit {} v{} of {} consuming {:?}",
            r.generation, r.version, r.conversation.room, r.consumed
        ),
        Request::Settle(_, r) => {
            let done: Vec<u64> = r.done.iter().map(|done| done.sequence).collect();
            format!(
                "settle {:?} {} of {}: {done:?}",
                r.lane, r.generation, r.conversation.room
            )
        }
        Request::Claim(r) => format!("claim {:?} of {}", r.lane, r.conversation.room),
        Request::Renew(r) => format!(
            "renew {:?} {} of {}",
            r.lane, r.generation, r.conversation.room
        ),
        Request::Release(r) => format!(
            "release {:?} {} of {}",
            r.lane, r.generation, r.conversation.room
        ),
    }
}

/// A reply in the trace.
pub(super) fn told(reply: &Reply) -> String {
    match reply {
        Reply::Entered(Entered::Turn(turn)) => format!("turn {}", turn.generation),
        Reply::Claimed(Claimed::Turn(turn)) => format!("turn {}", turn.generation),
        Reply::Claimed(Claimed::Effects(grant)) => format!("granted {}", grant.generation),
        Reply::Committed(committed) => format!(
            "{}, lanes {:?}",
            match committed.outcome {
                CommitOutcome::Next(_) => "next",
                CommitOutcome::Released => "released",
                CommitOutcome::Fenced => "fenced",
            },
            committed
                .lanes
                .iter()
                .map(|l| (l.lane, l.generation))
                .collect::<Vec<_>>()
        ),
        Reply::Settled(settled) => match settled.outcome {
            SettleOutcome::Next(_) => "next".to_owned(),
            SettleOutcome::Released => "released".to_owned(),
            SettleOutcome::Fenced => "fenced".to_owned(),
        },
        other => format!("{other:?}"),
    }
}

impl World<'_> {
    /// Has the store carry out a request. What is learnt here is the truth, whether or not the reply arrives.
    pub(super) async fn execute(
        &mut self,
        process: usize,
        chat: usize,
        request: Request,
    ) -> Result<Reply, String> {
        self.report.requests += 1;
        let store = self.store(process);
        let failed = |error: StoreError| format!("the store failed: {error}");
        let reply = match request {
            Request::Enter(arrival, enter) => {
                let by = (enter.owner, enter.token);
                let entered = store.enter(&enter).await.map_err(failed)?;
                self.entered(chat, arrival, by, &entered)?;
                Reply::Entered(entered)
            }
            Request::Commit(commit) => {
                let owner = commit.owner;
                let committed = store.commit(&commit).await.map_err(failed)?;
                match &committed.outcome {
                    CommitOutcome::Fenced => self.report.fenced += 1,
                    CommitOutcome::Next(mailbox) if mailbox.is_empty() => {
                        return Err("a turn goes on with nothing waiting".to_owned());
                    }
                    _ => self.report.commits += 1,
                }
                for lane in &committed.lanes {
                    self.granted(chat, lane.lane, lane.generation, owner)?;
                }
                Reply::Committed(committed)
            }
            Request::Settle(landing, settle) => {
                let settled = store.settle(&settle).await.map_err(failed)?;
                let fenced = settled.outcome == SettleOutcome::Fenced;
                self.report.fenced += u32::from(fenced);
                if let Some(landing) = landing.and_then(|at| self.chats[chat].landings.get_mut(at))
                {
                    landing.reported = true;
                    if landing.stale && !fenced {
                        return Err("leave to go on after the lane had passed on".to_owned());
                    }
                }
                Reply::Settled(settled)
            }
            Request::Claim(claim) => {
                let (lane, owner) = (claim.lane, claim.owner);
                let claimed = store.claim(claim).await.map_err(failed)?;
                match &claimed {
                    Claimed::Turn(turn) => self.granted(chat, lane, turn.generation, owner)?,
                    Claimed::Effects(grant) => {
                        self.granted(chat, lane, grant.generation, owner)?;
                    }
                    Claimed::Nothing | Claimed::Held => {}
                }
                Reply::Claimed(claimed)
            }
            Request::Renew(renew) => {
                let renewed = store.renew(renew).await.map_err(failed)?;
                self.report.fenced += u32::from(renewed == Renewed::Fenced);
                Reply::Renewed(renewed)
            }
            Request::Release(release) => {
                let released = store.release(release).await.map_err(failed)?;
                self.report.given_up += u32::from(released != Released::Fenced);
                Reply::Released
            }
        };
        Ok(reply)
    }

    fn entered(
        &mut self,
        chat: usize,
        arrival: usize,
        by: (Owner, u64),
        entered: &Entered,
    ) -> Result<(), String> {
        if let Entered::Turn(turn) = entered {
            self.granted(chat, Lane::Turn, turn.generation, by.0)?;
        }
        let limit = super::LIMITS.remembered;
        let chat = &mut self.chats[chat];
        let (order, coalesce) = {
            let event = &chat.arrivals[arrival].event;
            (event.order, event.coalesce.clone())
        };
        let accepted = chat.arrivals[arrival].accepted_by;
        let name = chat.arrivals[arrival].event.id.to_string();
        match entered {
            Entered::Turn(_) | Entered::Queued => {
                if accepted.is_some_and(|first| first != by) {
                    return Err(format!("{name} was accepted twice"));
                }
                chat.arrivals[arrival].accepted_by = Some(by);
            }
            Entered::Duplicate => {
                self.report.refused += 1;
                if accepted.is_none() {
                    return Err(format!("{name} is a duplicate and was never accepted"));
                }
            }
            Entered::Late => {
                self.report.refused += 1;
                let above = chat.accepted().filter(|event| event.order > order);
                if order.is_none() || above.count() < limit {
                    return Err(format!("{name} is late without reason"));
                }
                chat.arrivals[arrival].late = true;
            }
            Entered::Stale => {
                self.report.refused += 1;
                let newer = chat.accepted().any(|event| {
                    event.coalesce.as_ref().map(|c| c.sequence)
                        >= coalesce.as_ref().map(|c| c.sequence)
                });
                if coalesce.is_none() || !newer {
                    return Err(format!("{name} is stale without reason"));
                }
            }
            Entered::Full => {
                self.report.full += 1;
                if accepted.is_some() {
                    return Err(format!("{name} was accepted and is now refused"));
                }
            }
        }
        Ok(())
    }

    /// A right, told of in a reply: the newest of its lane, and its owner's alone.
    fn granted(
        &mut self,
        chat: usize,
        lane: Lane,
        generation: u64,
        owner: Owner,
    ) -> Result<(), String> {
        let newest = &mut self.chats[chat].newest[lane as usize];
        if generation < newest.0 || (generation == newest.0 && owner != newest.1) {
            return Err(format!(
                "generation {generation} of {lane:?} granted after {}",
                newest.0
            ));
        }
        *newest = (generation, owner);
        Ok(())
    }
}
