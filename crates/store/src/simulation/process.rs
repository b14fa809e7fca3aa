//! A process as the runtime is one: one task per conversation and lane, a local deadline, one call in flight.

use lorikeet_chat::{Lane, Timestamp};
use rand::Rng;

use super::call::landing;
use super::request::{Reply, Request, brief, told};
use super::world::{Orphan, World};
use crate::{
    Claim, Claimed, Commit, Enter, Entered, LOCAL_DEADLINE, LaneGrant, Owner, Pending, Release,
    Renew, Renewed, Settle, TurnGrant,
};

pub(super) struct Process {
    pub(super) owner: Owner,
    pub(super) paused: bool,
    /// Believes to be the leader.
    pub(super) leads: bool,
    pub(super) tasks: Vec<Task>,
}

impl Process {
    pub(super) const fn new(owner: Owner, leads: bool) -> Self {
        Self {
            owner,
            paused: false,
            leads,
            tasks: Vec::new(),
        }
    }
}

/// Something a process is doing, between two of its steps.
pub(super) struct Task {
    chat: usize,
    state: State,
    /// A newer right to the same lane, for when this one is done.
    pending: Option<Box<Task>>,
}

pub(super) enum State {
    /// A request that needs no right.
    Ask(Request, Option<Timestamp>),
    /// A turn, about to be thought through.
    Turn(TurnGrant, Timestamp),
    /// A turn's commit on its way.
    Committing(TurnGrant, Commit, Option<Timestamp>),
    /// An outbox lane, about to begin its next call.
    Outbox(LaneGrant, Timestamp),
    /// A call on its way to the world.
    Calling(LaneGrant, Pending),
    /// The report on a call on its way to the store.
    Settling(LaneGrant, Option<usize>, Settle, Option<Timestamp>),
    Over,
}

impl Task {
    fn new(chat: usize, state: State) -> Self {
        Self {
            chat,
            state,
            pending: None,
        }
    }

    /// The lane it works on under a right, and the right's generation.
    fn right(&self) -> Option<(Lane, u64)> {
        match &self.state {
            State::Turn(turn, _) | State::Committing(turn, ..) => {
                Some((Lane::Turn, turn.generation))
            }
            State::Outbox(grant, _) | State::Calling(grant, ..) | State::Settling(grant, ..) => {
                Some((grant.lane, grant.generation))
            }
            State::Ask(..) | State::Over => None,
        }
    }

    pub(super) fn into_orphan(self, process: usize) -> Option<Orphan> {
        let chat = self.chat;
        match self.state {
            State::Ask(request, Some(_)) => Some(Orphan::Request(process, chat, Box::new(request))),
            State::Committing(_, commit, Some(_)) => {
                let request = Box::new(Request::Commit(commit));
                Some(Orphan::Request(process, chat, request))
            }
            State::Settling(_, landing, settle, Some(_)) => Some(Orphan::Request(
                process,
                chat,
                Box::new(Request::Settle(landing, settle)),
            )),
            State::Calling(grant, pending) => {
                landing(&grant, &pending).map(|landing| Orphan::Call(chat, landing))
            }
            _ => None,
        }
    }
}

impl World<'_> {
    pub(super) fn begin_enter(&mut self, process: usize, chat: usize, at: usize) {
        let token = self.next_token();
        let arrival = &self.chats[chat].arrivals[at];
        let enter = Enter {
            conversation: self.chats[chat].conversation.clone(),
            event: arrival.event.clone(),
            owner: self.processes[process].owner,
            token,
            take: arrival.take,
        };
        let state = State::Ask(Request::Enter(at, Box::new(enter)), None);
        self.begin(process, Task::new(chat, state));
    }

    pub(super) fn begin_claim(&mut self, process: usize, chat: usize, lane: Lane) {
        let claim = Claim {
            conversation: self.chats[chat].conversation.clone(),
            lane,
            owner: self.processes[process].owner,
        };
        let state = State::Ask(Request::Claim(claim), None);
        self.begin(process, Task::new(chat, state));
    }

    /// Takes up a right: at once, or after the task that still works on the lane under an older one.
    pub(super) fn adopt(&mut self, process: usize, chat: usize, state: State) {
        let task = Task::new(chat, state);
        let Some((lane, generation)) = task.right() else {
            return;
        };
        let running = self.processes[process].tasks.iter_mut().find(|running| {
            running.chat == chat && running.right().is_some_and(|right| right.0 == lane)
        });
        match running {
            None => self.begin(process, task),
            Some(running) => {
                let newest = running.pending.as_ref().and_then(|pending| pending.right());
                if newest
                    .or(running.right())
                    .is_none_or(|known| known.1 < generation)
                {
                    running.pending = Some(Box::new(task));
                }
            }
        }
    }

    /// One step of one task.
    pub(super) async fn step(&mut self, process: usize, at: usize) -> Result<(), String> {
        // Taken out while it works, put back under its lane for others to find.
        let chat = self.processes[process].tasks[at].chat;
        let state = &mut self.processes[process].tasks[at].state;
        let state = std::mem::replace(state, State::Over);
        let state = match state {
            State::Ask(request, sent) => self.ask(process, chat, request, sent).await?,
            State::Turn(turn, deadline) => self.think(process, chat, turn, deadline).await?,
            State::Committing(turn, commit, sent) => {
                self.commit(process, chat, turn, commit, sent).await?
            }
            State::Outbox(grant, deadline) => {
                self.begin_call(process, chat, grant, deadline).await?
            }
            State::Calling(grant, pending) => self.end_call(process, chat, grant, &pending)?,
            State::Settling(grant, landing, settle, sent) => {
                self.report_call(process, chat, (grant, landing), settle, sent)
                    .await?
            }
            State::Over => State::Over,
        };
        let tasks = &mut self.processes[process].tasks;
        tasks[at].state = state;
        if matches!(tasks[at].state, State::Over) {
            let over = tasks.swap_remove(at);
            tasks.extend(over.pending.map(|pending| *pending));
        }
        Ok(())
    }

    /// Sends a request, or has it arrive; none: the reply was lost, and the sender does not know.
    pub(super) async fn send(
        &mut self,
        process: usize,
        chat: usize,
        request: Request,
    ) -> Result<Option<Reply>, String> {
        let what = brief(&request);
        let reply = self.execute(process, chat, request).await?;
        let lost = self.happens(|rates| rates.lose);
        let told = told(&reply);
        let lost_word = if lost { " (lost)" } else { "" };
        self.note(format!("p{process} {what} -> {told}{lost_word}"));
        Ok((!lost).then_some(reply))
    }

    async fn ask(
        &mut self,
        process: usize,
        chat: usize,
        request: Request,
        sent: Option<Timestamp>,
    ) -> Result<State, String> {
        let Some(sent) = sent else {
            return Ok(State::Ask(request, Some(self.now())));
        };
        let Some(reply) = self.send(process, chat, request.clone()).await? else {
            // The same again, or nothing more: then the platform delivers again, or the sweep finds it.
            let again = self.random.random_bool(0.5);
            return Ok(if again {
                State::Ask(request, None)
            } else {
                State::Over
            });
        };
        let deadline = sent.after(LOCAL_DEADLINE);
        let right = match reply {
            Reply::Entered(entered) => {
                if let Request::Enter(arrival, _) = request {
                    let full = entered == Entered::Full;
                    self.chats[chat].arrivals[arrival].acknowledged |= !full;
                }
                match entered {
                    Entered::Turn(turn) => Some(State::Turn(turn, deadline)),
                    _ => None,
                }
            }
            Reply::Claimed(Claimed::Turn(turn)) => Some(State::Turn(turn, deadline)),
            Reply::Claimed(Claimed::Effects(grant)) => Some(State::Outbox(grant, deadline)),
            _ => None,
        };
        if let Some(right) = right {
            self.adopt(process, chat, right);
        }
        Ok(State::Over)
    }

    /// Renews a lease now and then, or gives it up as a process does that stops: the new deadline, or none when the
    /// lease is no longer held.
    pub(super) async fn renew(
        &mut self,
        process: usize,
        chat: usize,
        right: (Lane, u64),
        deadline: Timestamp,
    ) -> Result<Option<Timestamp>, String> {
        if self.happens(|rates| rates.give_up) {
            let release = Release {
                conversation: self.chats[chat].conversation.clone(),
                lane: right.0,
                owner: self.processes[process].owner,
                generation: right.1,
            };
            // Whether or not it arrives: nothing more is begun under the lease.
            self.send(process, chat, Request::Release(release)).await?;
            return Ok(None);
        }
        if !self.happens(|rates| rates.renew) {
            return Ok(Some(deadline));
        }
        let sent = self.now();
        let renew = Renew {
            conversation: self.chats[chat].conversation.clone(),
            lane: right.0,
            owner: self.processes[process].owner,
            generation: right.1,
        };
        Ok(
            match self.send(process, chat, Request::Renew(renew)).await? {
                Some(Reply::Renewed(Renewed::Ours)) => Some(sent.after(LOCAL_DEADLINE)),
                Some(_) => None,
                None => Some(deadline),
            },
        )
    }
}
