//! How the bot gets its updates.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until};

use crate::answer::{Answer, Done, Refusal};
use crate::locks::lock;
use crate::params::Params;
use crate::webhook::{Webhook, address};
use crate::world::World;

/// The longest a poll waits.
const POLL: i64 = 50;
/// Longest secret. <https://core.telegram.org/bots/api#setwebhook>
const SECRET: usize = 256;
/// Connections unless the bot says otherwise.
const CONNECTIONS: i64 = 40;

/// Kinds in `allowed_updates`; `None`: what was said before stays.
fn allowed(params: &Params) -> Option<Vec<String>> {
    let kinds = params.json("allowed_updates").ok()??;
    let kinds = kinds.as_array()?.iter();
    Some(
        kinds
            .filter_map(Value::as_str)
            .map(str::to_ascii_lowercase)
            .collect(),
    )
}

pub(crate) async fn get_updates(world: &Arc<World>, params: &Params) -> Answer {
    let wait = params.integer("timeout").clamp(0, POLL);
    let until = Instant::now() + Duration::from_secs(wait.unsigned_abs());
    let limit = match params.integer("limit") {
        limit @ 1..=100 => usize::try_from(limit).unwrap_or(100),
        _ => 100,
    };
    let mut offset = params.integer("offset");
    let own = {
        let mut state = lock(&world.queue.state);
        state.poll += 1;
        state.poll
    };
    // Whoever waits now is to learn of this one.
    world.queue.arrived.notify_waiters();
    if let Some(kinds) = allowed(params) {
        world.queue.allow(&kinds);
    }
    let mut waited = false;
    loop {
        let arrived = world.queue.arrived.notified();
        tokio::pin!(arrived);
        arrived.as_mut().enable();
        {
            let mut state = lock(&world.queue.state);
            if state.webhook.is_some() && waited {
                return Err(Refusal::conflict("terminated by setWebhook request"));
            }
            if state.webhook.is_some() {
                return Err(Refusal::conflict(
                    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
                ));
            }
            if state.poll != own {
                return Err(Refusal::conflict(
                    "terminated by other getUpdates request; make sure that only one bot instance is running",
                ));
            }
            let before = state.entries.len();
            let updates = state.poll(offset, limit, world.clock.now());
            if state.entries.len() < before {
                world.changed.notify_waiters();
            }
            if !updates.is_empty() || Instant::now() >= until {
                let mut raw = String::from("[");
                for (at, update) in updates.iter().enumerate() {
                    if at > 0 {
                        raw.push(',');
                    }
                    raw.push_str(&String::from_utf8_lossy(&update.body));
                }
                raw.push(']');
                return Ok(Done {
                    raw: Some(raw),
                    ..Done::yes()
                });
            }
            waited = true;
            // Only what was there when it asked is dropped from the end.
            offset = offset.max(0);
        }
        tokio::select! {
            () = &mut arrived => {}
            () = sleep_until(until) => {}
        }
    }
}

pub(super) fn set_webhook(world: &World, params: &Params) -> Answer {
    let Some(given) = params.text("url") else {
        return Ok(delete_webhook(world, params));
    };
    let secret = params
        .text("secret_token")
        .map(|secret| secret.into_owned());
    if let Some(secret) = &secret {
        if secret.len() > SECRET {
            return Err(Refusal::bad("secret token is too long"));
        }
        if !secret
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        {
            return Err(Refusal::bad("secret token contains unallowed characters"));
        }
    }
    let Some(url) = address(&given) else {
        return Err(Refusal::bad(if given.starts_with("http:") {
            "bad webhook: An HTTPS URL must be provided for webhook"
        } else {
            "invalid webhook URL specified"
        }));
    };
    // A wrong number is not refused but bent, as Telegram does.
    let connections = match params.integer("max_connections") {
        0 => CONNECTIONS,
        given => given.clamp(1, 100),
    };
    let connections = usize::try_from(connections).unwrap_or(1);
    if let Some(kinds) = allowed(params) {
        world.queue.allow(&kinds);
    }
    let mut state = lock(&world.queue.state);
    if params.flag("drop_pending_updates") {
        state.entries.clear();
    }
    let remark = match &state.webhook {
        Some(old) if old.url == url && old.secret == secret && old.connections == connections => {
            "Webhook is already set"
        }
        _ => {
            state.webhook = Some(Webhook::new(url, &given, secret, connections));
            "Webhook was set"
        }
    };
    drop(state);
    world.queue.arrived.notify_waiters();
    world.changed.notify_waiters();
    Ok(Done::remarked(remark))
}

pub(super) fn delete_webhook(world: &World, params: &Params) -> Done {
    let mut state = lock(&world.queue.state);
    if params.flag("drop_pending_updates") {
        state.entries.clear();
    }
    let remark = if state.webhook.take().is_some() {
        "Webhook was deleted"
    } else {
        "Webhook is already deleted"
    };
    drop(state);
    world.queue.arrived.notify_waiters();
    world.changed.notify_waiters();
    Done::remarked(remark)
}

pub(super) fn webhook_info(world: &World) -> Done {
    let kinds = world.queue.allowed();
    let state = lock(&world.queue.state);
    let mut info = json!({
        "url": state.webhook.as_ref().map_or("", |webhook| webhook.given.as_str()),
        "has_custom_certificate": false,
        "pending_update_count": state.entries.len(),
    });
    if let Some(webhook) = &state.webhook {
        info["max_connections"] = json!(webhook.connections);
        info["ip_address"] = json!("127.0.0.1");
        if let Some((at, message)) = &webhook.last_error {
            info["last_error_date"] = json!(at);
            info["last_error_message"] = json!(message);
        }
    }
    drop(state);
    if let Some(kinds) = kinds {
        info["allowed_updates"] = json!(kinds);
    }
    info.into()
}
