//! The `work` lane: everything but screens, unordered, several at a time.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use lorikeet_chat::{
    Background, Conversation, EffectBody, EffectId, Event, EventBody, EventId, InvalidId, Lane,
    Origin,
};
use lorikeet_store::{Done, LaneGrant, Pending};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::backoff::Backoff;
use crate::core::Core;
use crate::guard::guarded;
use crate::registry::{Right, Ticket};
use crate::{FailedWork, Job, WorkError, Worker};

/// Works under a right until nothing waits or the right is lost; then what is under way is dropped.
pub(crate) async fn run(core: &Arc<Core>, ticket: &Ticket, grant: LaneGrant, sent: Instant) {
    let conversation = ticket.conversation();
    let lease = core.lease(conversation, Lane::Work, grant.generation, sent);
    let mut newest = 0;
    let mut queue = VecDeque::new();
    let mut under_way = HashSet::new();
    let mut running = FuturesUnordered::new();
    let mut listed = Some(grant);
    loop {
        if let Some(grant) = listed.take() {
            // What is under way is in the outbox still; what came in since the store looked stays.
            let last = grant.effects.last().map_or(0, |pending| pending.sequence);
            newest = last.max(newest);
            queue.retain(|pending: &Pending| pending.sequence > last);
            let waiting = |pending: &Pending| !under_way.contains(&pending.sequence);
            queue.extend(grant.effects.into_iter().filter(waiting));
        }
        let starts = lease.is_live() && !core.stopping.is_cancelled();
        while starts && running.len() < core.settings.jobs_per_conversation {
            let Some(pending) = queue.pop_front() else {
                break;
            };
            under_way.insert(pending.sequence);
            running.push(job(core, conversation, pending));
        }
        if running.is_empty() && !queue.is_empty() {
            if lease.is_live() {
                core.give_up(conversation, Lane::Work, lease.generation)
                    .await;
            }
            return;
        }
        let done = if running.is_empty() {
            Vec::new()
        } else {
            tokio::select! {
                biased;
                Some(done) = running.next() => vec![done],
                news = ticket.news() => {
                    lease.extend(news.sent);
                    if let Right::Outbox(grant) = news.right {
                        queue.extend(grant.effects.into_iter().filter(|p| p.sequence > newest));
                        newest = queue.back().map_or(newest, |p| newest.max(p.sequence));
                    }
                    continue;
                }
                _ = lease.keep() => {
                    core.counters.fenced.add(1);
                    return;
                }
            }
        };
        let sequences: Vec<u64> = done.iter().map(|done| done.sequence).collect();
        listed = core.settle(conversation, Lane::Work, &lease, done).await;
        if listed.is_none() {
            return;
        }
        for sequence in sequences {
            under_way.remove(&sequence);
        }
    }
}

/// Does one effect, for as long as patience lasts.
async fn job(core: &Core, conversation: &Conversation, pending: Pending) -> Done {
    let Pending { sequence, effect } = pending;
    let result = match &effect.body {
        EffectBody::Work { service, request } => {
            outcome(core, conversation, &effect.id, service, request).await
        }
        EffectBody::Show(_) | EffectBody::Answer { .. } => {
            tracing::error!(effect = %effect.id, %conversation, "a screen in the work lane");
            None
        }
    };
    let result = result.and_then(|background| {
        let event = result_event(core, &effect.id, background);
        event
            .inspect_err(
                |error| tracing::error!(%error, effect = %effect.id, "a result without an id"),
            )
            .ok()
    });
    Done {
        sequence,
        result,
        handle: None,
    }
}

async fn outcome(
    core: &Core,
    conversation: &Conversation,
    effect: &EffectId,
    service: &str,
    request: &Value,
) -> Option<Background> {
    let job = Job {
        effect,
        conversation,
        request,
    };
    let result = match core.workers.get(service) {
        Some(worker) => persevere(core, &**worker, job).await,
        None => Err(WorkError::permanent(
            "unknown_service",
            "no such service is here",
        )),
    };
    match result {
        Ok(background) => {
            core.counters.jobs.add(1);
            background
        }
        Err(error) => {
            tracing::error!(%error, service, %effect, %conversation, "a job was given up");
            core.counters.failed_jobs.add(1);
            let failed = FailedWork {
                code: error.code.to_owned(),
                request: request.clone(),
            };
            Some(Background {
                topic: FailedWork::topic(service),
                payload: serde_json::to_value(failed).unwrap_or_default(),
            })
        }
    }
}

async fn persevere(
    core: &Core,
    worker: &dyn Worker,
    job: Job<'_>,
) -> Result<Option<Background>, WorkError> {
    let until = Instant::now() + core.settings.patience;
    let mut backoff = Backoff::service();
    loop {
        let error = {
            // One attempt, one permit: who waits for a better moment holds nobody up. The semaphore is never closed.
            let _permit = core.jobs.acquire().await.ok();
            match guarded(worker.perform(job)).await {
                Ok(Ok(result)) => return Ok(result),
                Ok(Err(error)) => error,
                Err(_) => WorkError::permanent("panicked", "the service panicked"),
            }
        };
        let Some(after) = error.retry else {
            return Err(error);
        };
        let wait: Duration = backoff.wait().max(after);
        if Instant::now() + wait >= until {
            return Err(error);
        }
        tracing::debug!(%error, service = worker.service(), effect = %job.effect, ?wait, "to be repeated");
        sleep(wait).await;
    }
}

/// The event that carries an effect's result: one effect, one id.
fn result_event(core: &Core, effect: &EffectId, result: Background) -> Result<Event, InvalidId> {
    Ok(Event {
        id: EventId::new(format!("result-{effect}"))?,
        order: None,
        coalesce: None,
        batch: None,
        origin: Origin::Internal,
        at: core.clock.now(),
        sender: None,
        body: EventBody::Background(result),
    })
}
