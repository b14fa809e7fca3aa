//! Long polling: one process asks, and confirms only what is in the store.

use std::sync::Arc;
use std::time::Duration;

use lorikeet_platform::{DeliveryError, Inbox};
use serde_json::Value;
use tokio::time::sleep;

use crate::api::{AnswerCallbackQuery, DeleteWebhook, GetUpdates, Refusal, call};
use crate::intake::parse;
use crate::update::{KINDS, Update};
use crate::{Shared, intake};

/// Seconds that Telegram holds a question open while nothing happens.
const HOLD: u32 = 25;
/// Before the next try after the store, or Telegram, did not answer.
const AGAIN: Duration = Duration::from_millis(500);

/// Asks for updates until it is dropped.
///
/// # Errors
/// When it cannot go on: the token was revoked, or somebody else takes the updates.
pub(crate) async fn run(shared: &Arc<Shared>, inbox: &dyn Inbox) -> Result<(), DeliveryError> {
    // What another mode left behind would refuse every question; what waits there comes here.
    call(&shared.bot, DeleteWebhook {})
        .await
        .map_err(|refusal| shared.explained(refusal))?;
    let mut offset = 0;
    loop {
        let asked = GetUpdates {
            offset,
            timeout: HOLD,
            allowed_updates: &KINDS,
        };
        let updates: Vec<Value> = match call(&shared.bot, asked).await {
            Ok(updates) => updates,
            Err(refusal @ (Refusal::Network(_) | Refusal::Flood(_))) => {
                tracing::warn!(%refusal, "no updates for now");
                sleep(match refusal {
                    Refusal::Flood(pause) => pause,
                    _ => AGAIN,
                })
                .await;
                continue;
            }
            Err(refusal) => return Err(shared.explained(refusal)),
        };
        for value in updates {
            let Some(update) = parse(value) else { continue };
            let next = update.update_id + 1;
            take(shared, inbox, update).await;
            // The next question confirms it.
            offset = offset.max(next);
        }
    }
}

/// Hands one update over, however long the store is away: nothing behind it may be confirmed before it.
async fn take(shared: &Arc<Shared>, inbox: &dyn Inbox, update: Update) {
    loop {
        match shared.take(inbox, update.clone()).await {
            Ok(None) => return,
            Ok(Some(reply)) => return answer(shared, reply),
            Err(error) => {
                tracing::warn!(%error, update = update.update_id, "an update waits");
                sleep(AGAIN).await;
            }
        }
    }
}

/// Answers a press beside everything else.
fn answer(shared: &Arc<Shared>, reply: intake::Reply) {
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        let callback_query_id = reply.query.clone();
        let text = reply.text(&shared.queries).await;
        let answered = call(
            &shared.bot,
            AnswerCallbackQuery {
                callback_query_id,
                text,
            },
        );
        if let Err(refusal) = answered.await {
            tracing::debug!(%refusal, "a press was not answered");
        }
    });
}
