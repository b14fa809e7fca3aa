//! The world of one schedule: conversations, arrivals, processes, the clock, and what goes wrong.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use lorikeet_chat::{Conversation, EffectId, Event, Lane, PlatformId, RoomId, Timestamp, UserId};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::process::{Process, Task};
use super::request::Request;
use super::{PATIENCE, QUIET, Report};
use crate::conformance::{progress, terminal, text};
use crate::{Clock, Index, ManualClock, Owner, SessionStore, Sweep};

pub(super) const LANES: [Lane; 3] = [Lane::Turn, Lane::Deliver, Lane::Work];

/// Steps kept for the trace.
const TRACE: usize = 120;

pub(super) struct World<'a> {
    stores: &'a [Arc<dyn SessionStore>],
    clock: &'a ManualClock,
    pub(super) random: ChaCha8Rng,
    rates: Rates,
    pub(super) chats: Vec<Chat>,
    pub(super) processes: Vec<Process>,
    /// Requests and calls whose sender has died on the way.
    orphans: Vec<Orphan>,
    owners: u8,
    tokens: u64,
    pub(super) report: Report,
    pub(super) trace: VecDeque<String>,
}

/// How often what goes wrong, in a thousand steps; drawn anew for each schedule, so that some schedules know no
/// kills and others little else.
pub(super) struct Rates {
    kill: u32,
    pause: u32,
    lead: u32,
    pub(super) lose: u32,
    pub(super) renew: u32,
    pub(super) give_up: u32,
}

pub(super) enum Orphan {
    /// By process, of a conversation.
    Request(usize, usize, Box<Request>),
    Call(usize, Landing),
}

/// A conversation and what really happened to it.
pub(super) struct Chat {
    pub(super) conversation: Conversation,
    /// Whether only the leader delivers here.
    pub(super) led: bool,
    pub(super) arrivals: Vec<Arrival>,
    /// The newest right of each lane.
    pub(super) newest: [(u64, Owner); 3],
    /// Screens that landed at the platform, in order.
    pub(super) landings: Vec<Landing>,
    /// Effects carried out at least once.
    pub(super) executed: HashSet<EffectId>,
}

/// An event on its way to the store.
pub(super) struct Arrival {
    pub(super) event: Event,
    /// From a platform (which delivers again until it is told to stop) to a process ready to run the turn;
    /// otherwise from within, posted.
    pub(super) take: bool,
    pub(super) acknowledged: bool,
    pub(super) late: bool,
    pub(super) accepted_by: Option<(Owner, u64)>,
}

/// A screen that reached the platform.
#[derive(Clone, Debug)]
pub(super) struct Landing {
    pub(super) effect: EffectId,
    pub(super) sequence: u64,
    pub(super) revision: u64,
    pub(super) generation: u64,
    /// The lane had passed on before it landed.
    pub(super) stale: bool,
    /// Its settle reached the store.
    pub(super) reported: bool,
}

impl Chat {
    fn new(number: usize) -> Self {
        // One with ordered ids and a leader, one with neither.
        let led = number.is_multiple_of(2);
        let platform = if led { "led" } else { "free" };
        let people = if led { 12 } else { 3 };
        let mut arrivals: Vec<Event> = (1..=people)
            .map(|order| Event {
                order: led.then_some(order),
                ..text(&format!("text {order}"))
            })
            .collect();
        arrivals.extend([progress("run", 1), progress("run", 2), terminal("run", 3)]);
        Self {
            conversation: Conversation {
                platform: known(PlatformId::new(platform)),
                room: known(RoomId::new(format!("room {number}"))),
                thread: None,
                user: known(UserId::new("person")),
            },
            led,
            arrivals: arrivals
                .into_iter()
                .map(|event| Arrival {
                    take: event.coalesce.is_none(),
                    event,
                    acknowledged: false,
                    late: false,
                    accepted_by: None,
                })
                .collect(),
            newest: [(0, Owner::new([0; 16])); 3],
            landings: Vec::new(),
            executed: HashSet::new(),
        }
    }

    /// The events accepted so far.
    pub(super) fn accepted(&self) -> impl Iterator<Item = &Event> {
        let accepted = |arrival: &&Arrival| arrival.accepted_by.is_some();
        self.arrivals
            .iter()
            .filter(accepted)
            .map(|arrival| &arrival.event)
    }
}

/// An identifier that is valid by its making.
pub(super) fn known<T>(id: Result<T, lorikeet_chat::InvalidId>) -> T {
    match id {
        Ok(id) => id,
        Err(error) => panic!("{error}"),
    }
}

impl<'a> World<'a> {
    pub(super) fn new(
        stores: &'a [Arc<dyn SessionStore>],
        clock: &'a ManualClock,
        seed: u64,
    ) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut rate = |most| random.random_range(0..=most);
        let rates = Rates {
            kill: rate(25),
            pause: rate(40),
            lead: rate(20),
            lose: rate(250),
            renew: rate(200),
            give_up: rate(60),
        };
        let mut world = Self {
            stores,
            clock,
            random,
            rates,
            chats: (0..2).map(Chat::new).collect(),
            processes: Vec::new(),
            orphans: Vec::new(),
            owners: 0,
            tokens: 0,
            report: Report::default(),
            trace: VecDeque::new(),
        };
        for number in 0..3 {
            let owner = world.next_owner();
            world.processes.push(Process::new(owner, number == 0));
        }
        world
    }

    pub(super) fn store(&self, process: usize) -> Arc<dyn SessionStore> {
        Arc::clone(&self.stores[process % self.stores.len()])
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn note(&mut self, step: String) {
        if self.trace.len() == TRACE {
            self.trace.pop_front();
        }
        let millis = self.now().since(super::START).as_millis();
        self.trace.push_back(format!("{millis:>7} ms  {step}"));
    }

    /// True so many times in a thousand, while things go wrong at all.
    pub(super) fn happens(&mut self, rate: fn(&Rates) -> u32) -> bool {
        self.random.random_range(0..1_000) < rate(&self.rates)
    }

    pub(super) fn next_token(&mut self) -> u64 {
        self.tokens += 1;
        self.tokens
    }

    fn next_owner(&mut self) -> Owner {
        self.owners += 1;
        Owner::new([self.owners; 16])
    }

    fn pick(&mut self, count: usize) -> usize {
        self.random.random_range(0..count)
    }

    /// The schedule proper: steps of everybody in any order, with things going wrong between any two.
    pub(super) async fn misbehave(&mut self) -> Result<(), String> {
        let steps = self.random.random_range(50..500);
        for _ in 0..steps {
            let process = self.pick(self.processes.len());
            match self.random.random_range(0..100) {
                0..60 => self.step_some(process).await?,
                60..76 => self.arrive(process),
                76..86 => {
                    self.sweep(process).await?;
                }
                86..92 => self.pass_time(),
                92..95 => self.release_orphan().await?,
                _ => {}
            }
            if self.happens(|rates| rates.kill) {
                self.kill(process);
            }
            if self.happens(|rates| rates.pause) {
                let paused = !self.processes[process].paused;
                self.processes[process].paused = paused;
                self.note(format!("p{process} paused: {paused}"));
            }
            if self.happens(|rates| rates.lead) {
                // The old leader may go on believing for a while.
                let leads = !self.processes[process].leads;
                self.processes[process].leads = leads;
                self.note(format!("p{process} leads: {leads}"));
            }
        }
        Ok(())
    }

    async fn step_some(&mut self, process: usize) -> Result<(), String> {
        let tasks = self.processes[process].tasks.len();
        if tasks == 0 || self.processes[process].paused {
            return Ok(());
        }
        let task = self.pick(tasks);
        self.step(process, task).await
    }

    /// An event reaches a process: the first time, again because nobody acknowledged it, or just so.
    fn arrive(&mut self, process: usize) {
        let chat = self.pick(self.chats.len());
        let arrivals = &self.chats[chat].arrivals;
        let open: Vec<usize> = (0..arrivals.len())
            .filter(|&at| !arrivals[at].acknowledged)
            .collect();
        let again = self.random.random_bool(0.2);
        let at = if again || open.is_empty() {
            self.pick(self.chats[chat].arrivals.len())
        } else {
            // Mostly, not always, in the order they were made.
            let early = open.len().min(3);
            open[self.pick(early)]
        };
        self.begin_enter(process, chat, at);
    }

    fn pass_time(&mut self) {
        const STEPS: [u64; 6] = [1, 300, 2_000, 4_000, 9_000, 11_000];
        let step = self.pick(STEPS.len());
        self.clock.advance(Duration::from_millis(STEPS[step]));
    }

    fn kill(&mut self, process: usize) {
        self.report.kills += 1;
        let owner = self.next_owner();
        let fresh = Process::new(owner, false);
        let dead = std::mem::replace(&mut self.processes[process], fresh);
        self.note(format!("p{process} dies"));
        for task in dead.tasks {
            // What was on its way may still arrive, or not.
            if self.random.random_bool(0.5) {
                self.orphans.extend(task.into_orphan(process));
            }
        }
    }

    async fn release_orphan(&mut self) -> Result<(), String> {
        if self.orphans.is_empty() {
            return Ok(());
        }
        let orphan = self.pick(self.orphans.len());
        match self.orphans.swap_remove(orphan) {
            Orphan::Request(process, chat, request) => {
                self.note(format!(
                    "from the dead: {}",
                    super::request::brief(&request)
                ));
                self.execute(process, chat, *request).await?;
            }
            Orphan::Call(chat, landing) => {
                self.land(chat, landing)?;
            }
        }
        Ok(())
    }

    /// A process looks for work left behind.
    async fn sweep(&mut self, process: usize) -> Result<bool, String> {
        if self.processes[process].paused {
            return Ok(false);
        }
        let mut found = false;
        for chat in 0..self.chats.len() {
            for lane in LANES {
                if lane == Lane::Deliver && !self.may_deliver(process, chat) {
                    continue;
                }
                let index = Index::of(&self.chats[chat].conversation, lane);
                let due = self.store(process).due(Sweep::new(index, 10)).await;
                let due = due.map_err(|error| format!("the store failed: {error}"))?;
                let conversation = &self.chats[chat].conversation;
                if due.iter().any(|due| due.conversation == *conversation) {
                    found = true;
                    self.begin_claim(process, chat, lane);
                }
            }
        }
        Ok(found)
    }

    pub(super) fn may_deliver(&self, process: usize, chat: usize) -> bool {
        !self.chats[chat].led || self.processes[process].leads
    }

    /// Nothing goes wrong any more; runs until nothing has happened for several leases.
    pub(super) async fn settle_down(&mut self) -> Result<(), String> {
        self.rates = Rates {
            kill: 0,
            pause: 0,
            lead: 0,
            lose: 0,
            renew: 0,
            give_up: 0,
        };
        while !self.orphans.is_empty() {
            self.release_orphan().await?;
        }
        for (number, process) in self.processes.iter_mut().enumerate() {
            process.paused = false;
            process.leads = number == 0;
        }
        let mut patience = PATIENCE;
        let mut quiet_since = self.now();
        while self.now().since(quiet_since) < QUIET {
            let mut busy = false;
            for process in 0..self.processes.len() {
                while !self.processes[process].tasks.is_empty() {
                    self.step_some(process).await?;
                    busy = true;
                    patience = patience.saturating_sub(1);
                    if patience == 0 {
                        return Err("no end to it".to_owned());
                    }
                }
                busy |= self.sweep(process).await?;
            }
            for chat in 0..self.chats.len() {
                for at in 0..self.chats[chat].arrivals.len() {
                    if !self.chats[chat].arrivals[at].acknowledged {
                        let process = self.pick(self.processes.len());
                        self.begin_enter(process, chat, at);
                        busy = true;
                    }
                }
            }
            if busy {
                quiet_since = self.now();
                patience = patience.saturating_sub(1);
                if patience == 0 {
                    return Err("no end to it".to_owned());
                }
            }
            self.clock.advance(Duration::from_secs(1));
        }
        Ok(())
    }

    /// A screen reaches the platform.
    pub(super) fn land(&mut self, chat: usize, mut landing: Landing) -> Result<usize, String> {
        let chat = &mut self.chats[chat];
        landing.stale = landing.generation < chat.newest[Lane::Deliver as usize].0;
        self.report.stale_calls += u32::from(landing.stale);
        let earlier = chat.landings.iter().map(|landing| landing.sequence).max();
        if chat.executed.insert(landing.effect.clone()) && Some(landing.sequence) < earlier {
            return Err(format!("{} is shown out of order", landing.effect));
        }
        chat.landings.push(landing);
        Ok(chat.landings.len() - 1)
    }

    pub(super) fn begin(&mut self, process: usize, task: Task) {
        self.processes[process].tasks.push(task);
    }
}
