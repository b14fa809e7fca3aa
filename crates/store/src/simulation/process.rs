//! A process as the runtime is one: one task per conversation and lane, a local deadline, one call in flight.

use lorikeet_chat::{
    Effect, EffectBody, EffectId, Event, EventBody, Lane, MessageHandle, Timestamp,
};
use rand::Rng;
use serde::{Deserialize, Serialize};

use super::request::{Reply, Request};
use super::world::{Landing, Orphan, World, known};
use crate::conformance::{background, show, work};
use crate::{
    Claim, Claimed, Commit, CommitOutcome, Done, Enter, Entered, LOCAL_DEADLINE, LaneGrant, Owner,
    Pending, Renew, Renewed, Settle, SettleOutcome, TurnGrant,
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

/// What a conversation's session holds here: enough to see, at the end, what every turn did.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Session {
    pub(super) version: u64,
    pub(super) revision: u64,
    pub(super) consumed: Vec<String>,
    pub(super) screens: Vec<String>,
    pub(super) work: Vec<String>,
}

/// Something a process is doing, between two of its steps.
pub(super) struct Task {
    chat: usize,
    state: State,
    /// A newer right to the same lane, for when this one is done.
    pending: Option<Box<Task>>,
}

enum State {
    /// A request that needs no right.
    Ask(Request, Option<Timestamp>),
    /// A turn, about to be thought through.
    Turn(TurnGrant, Timestamp),
    /// A turn's commit on its way.
    Committing(TurnGrant, Session, Commit, Option<Timestamp>),
    /// An outbox lane, about to begin its next call.
    Outbox(LaneGrant, Timestamp),
    /// A call on its way to the world.
    Calling(LaneGrant, Timestamp, Pending),
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
            State::Committing(_, _, commit, Some(_)) => {
                let request = Box::new(Request::Commit(commit));
                Some(Orphan::Request(process, chat, request))
            }
            State::Settling(_, landing, settle, Some(_)) => Some(Orphan::Request(
                process,
                chat,
                Box::new(Request::Settle(landing, settle)),
            )),
            State::Calling(grant, _, pending) => {
                landing(&grant, &pending).map(|landing| Orphan::Call(chat, landing))
            }
            _ => None,
        }
    }
}

/// A call as it lands, if it is one that shows something.
fn landing(grant: &LaneGrant, pending: &Pending) -> Option<Landing> {
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
        let state = State::Ask(Request::Enter(at, enter), None);
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
    fn adopt(&mut self, process: usize, chat: usize, state: State) {
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
            State::Committing(turn, session, commit, sent) => {
                let lanes_to = (process, chat);
                self.commit(lanes_to, turn, session, commit, sent).await?
            }
            State::Outbox(grant, deadline) => {
                self.begin_call(process, chat, grant, deadline).await?
            }
            State::Calling(grant, deadline, pending) => {
                self.end_call(process, chat, grant, deadline, &pending)?
            }
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
    async fn send(
        &mut self,
        process: usize,
        chat: usize,
        request: Request,
    ) -> Result<Option<Reply>, String> {
        let what = brief(&request);
        let reply = self.execute(process, chat, request).await?;
        let lost = self.happens(|rates| rates.lose);
        let short = match &reply {
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
        };
        let lost_word = if lost { " (lost)" } else { "" };
        self.note(format!("p{process} {what} -> {short}{lost_word}"));
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

    /// Renews a lease now and then: the new deadline, or none when the lease is lost.
    async fn renew(
        &mut self,
        process: usize,
        chat: usize,
        right: (Lane, u64),
        deadline: Timestamp,
    ) -> Result<Option<Timestamp>, String> {
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

    async fn think(
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
        Ok(State::Committing(turn, session, commit, None))
    }

    async fn commit(
        &mut self,
        (process, chat): (usize, usize),
        turn: TurnGrant,
        session: Session,
        commit: Commit,
        sent: Option<Timestamp>,
    ) -> Result<State, String> {
        let Some(sent) = sent else {
            let sent = Some(self.now());
            return Ok(State::Committing(turn, session, commit, sent));
        };
        let request = Request::Commit(commit.clone());
        let Some(Reply::Committed(committed)) = self.send(process, chat, request).await? else {
            // Until there is an answer.
            return Ok(State::Committing(turn, session, commit, None));
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

    async fn begin_call(
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
        Ok(State::Calling(grant, deadline, pending))
    }

    fn end_call(
        &mut self,
        process: usize,
        chat: usize,
        grant: LaneGrant,
        _deadline: Timestamp,
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

    async fn report_call(
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
