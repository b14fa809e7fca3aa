//! The `deliver` lane: screens and answers, strictly in order, one call in flight.
//!
//! Each call is settled before the next, and only the settling's answer permits the next. Within that:
//! - a screen that the next one replaces in the same message is skipped ([`superseded`]);
//! - edits that bring news are spaced, but hold nothing else up; what a person waits for is shown at once;
//! - a failed call is repeated under the same id until patience runs out.

use std::collections::VecDeque;
use std::sync::Arc;

use lorikeet_chat::{Conversation, EffectBody, Lane, MessageHandle, Page, Present, Surface};
use lorikeet_platform::{Content, Delivered, Delivery, DeliveryError, Failure};
use lorikeet_store::{Done, LaneGrant, Pending};
use tokio::time::{Instant, sleep_until, timeout};

use crate::backoff::Backoff;
use crate::core::Core;
use crate::guard::guarded;
use crate::lease::Lease;
use crate::placement::Outlet;
use crate::registry::{Right, Ticket};

/// Delivers under a right until nothing waits or the right is lost.
pub(crate) async fn run(core: &Arc<Core>, ticket: &Ticket, grant: LaneGrant, sent: Instant) {
    let conversation = ticket.conversation();
    let Some(outlet) = core.outlets.get(&conversation.platform) else {
        tracing::error!(%conversation, "granted a platform that is not here");
        return;
    };
    let lease = core.lease(conversation, Lane::Deliver, grant.generation, sent);
    let mut lane = Deliveries {
        core,
        ticket,
        conversation,
        outlet,
        lease,
        newest: 0,
        queue: VecDeque::new(),
        handle: None,
    };
    lane.take(grant);
    while let Some(done) = lane.step().await {
        let settled = core.settle(conversation, Lane::Deliver, &lane.lease, done);
        let Some(grant) = settled.await else {
            return;
        };
        lane.take(grant);
    }
    // Stopping, or no longer the platform's leader: somebody else can go on.
    if lane.lease.is_live() {
        core.give_up(conversation, Lane::Deliver, lane.lease.generation)
            .await;
    }
}

struct Deliveries<'a> {
    core: &'a Arc<Core>,
    ticket: &'a Ticket,
    conversation: &'a Arc<Conversation>,
    outlet: &'a Outlet,
    lease: Lease<'a>,
    queue: VecDeque<Pending>,
    /// Highest sequence number seen: what news bring at or below it is known, or done.
    newest: u64,
    /// The message the last screen is in.
    handle: Option<MessageHandle>,
}

/// How often the effect at hand has failed.
struct Attempts {
    sequence: u64,
    since: Instant,
    next: Instant,
    failed: bool,
    backoff: Backoff,
}

impl Attempts {
    fn of(sequence: u64) -> Self {
        let now = Instant::now();
        Self {
            sequence,
            since: now,
            next: now,
            failed: false,
            backoff: Backoff::service(),
        }
    }
}

impl Deliveries<'_> {
    /// Takes what the store says is in the lane, and keeps what came in since.
    fn take(&mut self, grant: LaneGrant) {
        let last = grant.effects.last().map_or(0, |pending| pending.sequence);
        self.queue.retain(|pending| pending.sequence > last);
        for pending in grant.effects.into_iter().rev() {
            self.queue.push_front(pending);
        }
        self.newest = self.newest.max(last);
        self.handle = grant.handle;
    }

    /// Takes what a commit's answer says is new in the lane.
    fn hear(&mut self, news: crate::registry::Grant) {
        self.lease.extend(news.sent);
        if let Right::Outbox(grant) = news.right {
            let newest = self.newest;
            let new = grant
                .effects
                .into_iter()
                .filter(|pending| pending.sequence > newest);
            self.queue.extend(new);
            self.newest = self
                .queue
                .back()
                .map_or(newest, |last| newest.max(last.sequence));
        }
    }

    /// Executes one effect, skipping those it supersedes; `None` to stop.
    async fn step(&mut self) -> Option<Vec<Done>> {
        let mut attempts = Attempts::of(0);
        loop {
            let skipped = superseded(self.queue.make_contiguous(), self.handle.is_some());
            let Some(head) = self.queue.get(skipped) else {
                return Some(Vec::new());
            };
            if attempts.sequence != head.sequence {
                attempts = Attempts::of(head.sequence);
            }
            let stopping = self.core.stopping.is_cancelled();
            if stopping && attempts.failed {
                return None;
            }
            let ready = attempts.next.max(self.paced(skipped));
            if Instant::now() < ready {
                tokio::select! {
                    biased;
                    news = self.ticket.news() => self.hear(news),
                    () = sleep_until(ready) => {}
                    _ = self.lease.keep() => return self.lose(),
                    () = self.core.stopping.cancelled(), if !stopping => {}
                }
                continue;
            }
            if !self.lease.is_live() || !self.outlet.may_deliver() {
                return self.lose();
            }
            let outcome = self.call(head).await;
            let handle = match outcome {
                Ok(delivered) => {
                    self.core.counters.delivered.add(1);
                    delivered.handle
                }
                Err(error) => {
                    if self.repeats(&mut attempts, skipped, &error) {
                        continue;
                    }
                    None
                }
            };
            self.core.counters.superseded.add(skipped);
            let done = |(place, pending): (usize, &Pending)| Done {
                sequence: pending.sequence,
                result: None,
                handle: handle.clone().filter(|_| place == skipped),
            };
            let executed = self.queue.iter().take(skipped + 1).enumerate();
            return Some(executed.map(done).collect());
        }
    }

    /// One call to the platform. Once begun it is brought to its end, lease or no lease: what it did is known then.
    async fn call(&self, pending: &Pending) -> Result<Delivered, DeliveryError> {
        let content = match &pending.effect.body {
            EffectBody::Show(present) => Content::Screen(present),
            EffectBody::Answer { token, text } => Content::Answer {
                token: *token,
                text,
            },
            EffectBody::Work { .. } => {
                return Err(DeliveryError::permanent("work in the deliver lane"));
            }
        };
        let delivery = Delivery {
            id: &pending.effect.id,
            conversation: self.conversation,
            handle: self.handle.as_ref(),
            content,
        };
        if let Content::Screen(present) = content {
            if present.surface.is_edit() && self.handle.is_some() {
                self.core
                    .pacer
                    .edited(self.conversation, self.edits_per_minute());
            } else {
                self.core.pacer.fresh(self.conversation);
            }
        }
        let call = guarded(self.outlet.adapter.deliver(delivery));
        let mut call = std::pin::pin!(timeout(self.core.settings.call, call));
        let outcome = tokio::select! {
            biased;
            outcome = &mut call => outcome,
            _ = self.lease.keep() => call.await,
        };
        match outcome {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(DeliveryError::permanent("the adapter panicked")),
            Err(_) => Err(DeliveryError::retry("no answer in time")),
        }
    }

    /// Whether a failed call is to be repeated; notes when.
    fn repeats(&self, attempts: &mut Attempts, skipped: usize, error: &DeliveryError) -> bool {
        let effect = self
            .queue
            .get(skipped)
            .map(|pending| pending.effect.id.as_str());
        if let Failure::Retry { after } = error.failure {
            let wait = attempts.backoff.wait().max(after.unwrap_or_default());
            attempts.failed = true;
            attempts.next = Instant::now() + wait;
            if attempts.next < attempts.since + self.core.settings.patience {
                tracing::debug!(%error, effect, conversation = %self.conversation, ?wait, "to be repeated");
                return true;
            }
        }
        tracing::error!(%error, effect, conversation = %self.conversation, "could not be delivered");
        self.core.counters.undelivered.add(1);
        false
    }

    /// When the effect at `place` may be delivered as far as spacing goes. Whatever is not about to replace it
    /// must not wait for it.
    fn paced(&self, place: usize) -> Instant {
        let news =
            |pending| edit(pending).is_some_and(|present| present.surface == Surface::Refresh);
        let only_news = self.queue.iter().skip(place).all(news);
        if only_news && self.handle.is_some() && !self.core.stopping.is_cancelled() {
            self.core
                .pacer
                .ready_at(self.conversation, self.edits_per_minute())
        } else {
            Instant::now()
        }
    }

    fn edits_per_minute(&self) -> u32 {
        self.outlet
            .adapter
            .capabilities(self.conversation)
            .edits_per_minute
    }

    fn lose(&self) -> Option<Vec<Done>> {
        self.core.counters.fenced.add(1);
        None
    }
}

/// How many effects at the head of the lane need not be executed.
///
/// A screen is skipped when the next screen behind it replaces it in the same message anyway. That message must
/// be known: without a handle the screen may have been sent by a holder that died before it could say where, and
/// only a repeat under its own id finds out. A screen with a file is a message that stays, and so is one that is
/// followed by a fresh one: it is the last thing the older message says.
fn superseded(queue: &[Pending], has_handle: bool) -> usize {
    if !has_handle {
        return 0;
    }
    let skips = |place: usize| {
        let is_replaced = || {
            let mut screens = queue.iter().skip(place + 1).filter(|p| is_screen(p));
            screens.next().is_some_and(|next| edit(next).is_some())
        };
        queue
            .get(place)
            .and_then(edit)
            .is_some_and(|present| !has_file(present) && is_replaced())
    };
    (0..queue.len()).take_while(|&place| skips(place)).count()
}

const fn is_screen(pending: &Pending) -> bool {
    matches!(pending.effect.body, EffectBody::Show(_))
}

/// The screen, if it goes into the message the last one is in.
const fn edit(pending: &Pending) -> Option<&Present> {
    match &pending.effect.body {
        EffectBody::Show(present) if replaces(present) => Some(present),
        _ => None,
    }
}

/// A file that is asked for is a message of its own, whatever the screen is in.
const fn replaces(present: &Present) -> bool {
    present.surface.is_edit() && !matches!(present.page, Page::File(_))
}

fn has_file(present: &Present) -> bool {
    present.screen.files().next().is_some()
}
