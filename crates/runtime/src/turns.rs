//! The turn loop: one event, one turn, one commit, as long as the right lasts and events wait.

use std::collections::VecDeque;
use std::sync::Arc;

use lorikeet_chat::{Conversation, Effect, Event, InvalidId, Lane};
use lorikeet_store::{Commit, CommitOutcome, MAX_TRIES, TurnGrant};
use tokio::time::{Instant, sleep};

use crate::backoff::{Backoff, persist};
use crate::core::Core;
use crate::guard::guarded;
use crate::registry::{Grant, Right, Ticket};
use crate::{LogicError, TurnInput, TurnOutput, effect_id};

/// Runs turns under a right until nothing waits or the right is lost. What the last commit granted and nobody works on yet is the
/// caller's.
pub(crate) async fn run(
    core: &Arc<Core>,
    conversation: &Arc<Conversation>,
    grant: TurnGrant,
    sent: Instant,
) -> Option<(Ticket, Grant)> {
    let lease = core.lease(conversation, Lane::Turn, grant.generation, sent);
    let TurnGrant {
        generation,
        mut version,
        mut session,
        mut tries,
        ..
    } = grant;
    let mut mailbox = VecDeque::from(grant.mailbox);
    while let Some(waiting) = mailbox.pop_front() {
        let input = TurnInput {
            conversation,
            session: session.as_deref(),
            generation,
            version,
            event: &waiting.event,
            now: core.clock.now(),
        };
        let Ok(output) = lease.hold(decide(core, input, tries)).await else {
            core.counters.fenced.add(1);
            return None;
        };
        let effects = match mint(conversation, &waiting.event, output.effects) {
            Ok(effects) => effects,
            Err(error) => {
                tracing::error!(%error, %conversation, "an effect without an id");
                return None;
            }
        };
        let request = Commit {
            conversation: Conversation::clone(conversation),
            owner: core.owner,
            generation,
            version,
            session: output.session,
            effects,
            consumed: vec![waiting.sequence],
            may_deliver: core.may_deliver(conversation),
        };

        // The answer lists outbox lanes; one of them may end before it is read.
        let pin = core.registry.pin(conversation);
        let sent = Instant::now();
        let committed = persist(lease.deadline(), "commit", || core.store.commit(&request));
        let committed = committed.await.ok()?;
        let mut granted = None;
        for lane in committed.lanes {
            let right = Right::Outbox(lane);
            if let Some(offered) = pin.offer(Grant { sent, right })
                && let Some((ticket, grant)) = granted.replace(offered)
            {
                core.begin(ticket, grant);
            }
        }
        let delivers = request
            .effects
            .iter()
            .any(|effect| effect.lane() == Lane::Deliver);
        if delivers && !request.may_deliver && committed.outcome != CommitOutcome::Fenced {
            core.tell(conversation, Lane::Deliver);
        }
        match committed.outcome {
            CommitOutcome::Fenced => {
                core.counters.fenced.add(1);
                return granted;
            }
            CommitOutcome::Released => {
                core.counters.turns.add(1);
                return granted;
            }
            CommitOutcome::Next(waiting) => {
                if let Some((ticket, grant)) = granted {
                    core.begin(ticket, grant);
                }
                core.counters.turns.add(1);
                if core.stopping.is_cancelled() {
                    core.give_up(conversation, Lane::Turn, generation).await;
                    return None;
                }
                lease.extend(sent);
                session = Some(request.session);
                version += 1;
                tries = 0;
                mailbox = waiting.into();
            }
        }
    }
    None
}

/// What the logic wants, or its apology after three tries here or by holders that died over it.
async fn decide(core: &Core, input: TurnInput<'_>, claims: u32) -> TurnOutput {
    let mut backoff = Backoff::store();
    let mut tries = 0;
    while claims < MAX_TRIES && tries < MAX_TRIES {
        let error = match guarded(core.logic.turn(input)).await {
            Ok(Ok(output)) => return output,
            Ok(Err(error)) => error,
            Err(_) => LogicError::permanent("the turn panicked"),
        };
        tracing::warn!(
            %error, retry = error.retry, conversation = %input.conversation, event = %input.event.id,
            "a turn failed",
        );
        if !error.retry {
            break;
        }
        tries += 1;
        if tries < MAX_TRIES {
            sleep(backoff.wait()).await;
        }
    }
    tracing::error!(
        conversation = %input.conversation, event = %input.event.id, claims, "a turn was given up",
    );
    core.counters.apologies.add(1);
    core.logic.apology(input)
}

fn mint(
    conversation: &Conversation,
    event: &Event,
    bodies: Vec<lorikeet_chat::EffectBody>,
) -> Result<Vec<Effect>, InvalidId> {
    let mint = |(ordinal, body)| {
        let id = effect_id(conversation, &event.id, ordinal)?;
        Ok(Effect { id, body })
    };
    bodies.into_iter().enumerate().map(mint).collect()
}
