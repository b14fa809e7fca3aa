//! Webhooks: what is taken, and how updates are delivered.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use lorikeet_fake_telegram::{Lost, Options};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::client::Wire;

const PATIENCE: Duration = Duration::from_secs(10);

/// A bot's own server: what came, and what it says next.
#[derive(Default)]
struct Bot {
    came: Mutex<Vec<(Option<String>, Value)>>,
    says: Mutex<VecDeque<(u16, String)>>,
    /// While set, answers wait for it.
    gate: Mutex<Option<Arc<Notify>>>,
    waiting: Mutex<usize>,
}

impl Bot {
    async fn listen() -> (Arc<Self>, String) {
        let bot = Arc::new(Self::default());
        let app = Router::new()
            .route("/hook", post(hook))
            .with_state(Arc::clone(&bot));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        (bot, url)
    }

    fn came(&self) -> Vec<(Option<String>, Value)> {
        self.came.lock().unwrap().clone()
    }

    fn texts(&self) -> Vec<String> {
        let came = self.came();
        let texts = came
            .iter()
            .filter_map(|(_, update)| update["message"]["text"].as_str());
        texts.map(str::to_owned).collect()
    }
}

async fn hook(
    State(bot): State<Arc<Bot>>,
    headers: HeaderMap,
    body: String,
) -> (StatusCode, String) {
    let secret = headers.get("x-telegram-bot-api-secret-token");
    let secret = secret.map(|secret| secret.to_str().unwrap().to_owned());
    assert_eq!(headers["content-type"], "application/json");
    bot.came
        .lock()
        .unwrap()
        .push((secret, serde_json::from_str(&body).unwrap()));
    let gate = bot.gate.lock().unwrap().clone();
    if let Some(gate) = gate {
        *bot.waiting.lock().unwrap() += 1;
        gate.notified().await;
    }
    let (status, body) = bot
        .says
        .lock()
        .unwrap()
        .pop_front()
        .unwrap_or((200, String::new()));
    (StatusCode::from_u16(status).unwrap(), body)
}

#[tokio::test]
async fn a_webhook_is_https_or_on_this_machine_and_its_secret_plain() {
    let wire = Wire::new().await;
    let refused_url = "Bad Request: bad webhook: An HTTPS URL must be provided for webhook";
    for (body, refused) in [
        (json!({ "url": "https://example.com/hook" }), ""),
        (json!({ "url": "http://127.0.0.1:9/hook" }), ""),
        (json!({ "url": "http://localhost:9/hook" }), ""),
        (json!({ "url": "http://example.com/hook" }), refused_url),
        (
            json!({ "url": "https://" }),
            "Bad Request: invalid webhook URL specified",
        ),
        (
            json!({ "url": "https://example.com", "secret_token": "aA0_-".repeat(51) }),
            "",
        ),
        (
            json!({ "url": "https://example.com", "secret_token": "x".repeat(256) }),
            "",
        ),
        (
            json!({ "url": "https://example.com", "secret_token": "x".repeat(257) }),
            "Bad Request: secret token is too long",
        ),
        (
            json!({ "url": "https://example.com", "secret_token": "a b" }),
            "Bad Request: secret token contains unallowed characters",
        ),
    ] {
        let reply = wire.call("setWebhook", body.clone()).await;
        if refused.is_empty() {
            assert_eq!(reply.status, 200, "{body}: {}", reply.body);
        } else {
            reply.refused(400, refused);
        }
    }
}

#[tokio::test]
async fn a_webhook_is_set_once_and_told_of() {
    let wire = Wire::new().await;
    let (_, _) = wire.anna();
    let set = json!({ "url": "http://127.0.0.1:9/a", "max_connections": 7, "allowed_updates": ["message"] });
    let reply = wire.call("setWebhook", set.clone()).await;
    assert_eq!(reply.body["description"], "Webhook was set");
    let reply = wire.call("setWebhook", set).await;
    assert_eq!(reply.body["description"], "Webhook is already set");
    let info = wire.call("getWebhookInfo", json!({})).await.ok();
    assert_eq!(info["url"], "http://127.0.0.1:9/a");
    assert_eq!(info["max_connections"], 7);
    assert_eq!(info["allowed_updates"], json!(["message"]));
    assert_eq!(info["pending_update_count"], 1);
    // Nobody listens there.
    let failed = || wire.telegram.webhook_error();
    let error = wire
        .telegram
        .wait_until("a failure", PATIENCE, failed)
        .await
        .unwrap();
    assert_eq!(error, "Connection refused");
    let info = wire.call("getWebhookInfo", json!({})).await.ok();
    assert_eq!(info["last_error_message"], "Connection refused");
    assert!(info["last_error_date"].is_i64());
    for (given, taken) in [
        (json!(0), 40),
        (json!(101), 100),
        (json!(-3), 1),
        (json!("12"), 12),
    ] {
        let set = json!({ "url": "http://127.0.0.1:9/a", "max_connections": given });
        wire.call("setWebhook", set).await.ok();
        let info = wire.call("getWebhookInfo", json!({})).await.ok();
        assert_eq!(info["max_connections"], taken);
    }
    let reply = wire
        .call("deleteWebhook", json!({ "drop_pending_updates": true }))
        .await;
    assert_eq!(reply.body["description"], "Webhook was deleted");
    assert_eq!(wire.telegram.pending_updates(), 0);
    let reply = wire.call("setWebhook", json!({ "url": "" })).await;
    assert_eq!(reply.body["description"], "Webhook is already deleted");
    assert_eq!(wire.call("getWebhookInfo", json!({})).await.ok()["url"], "");
}

#[tokio::test]
async fn updates_are_delivered_with_the_secret_and_again_until_taken() {
    let wire = Wire::new().await;
    let (bot, url) = Bot::listen().await;
    bot.says.lock().unwrap().extend([
        (500, String::new()),
        (302, String::new()),
        (200, String::new()),
    ]);
    let (anna, room) = wire.anna();
    wire.call(
        "setWebhook",
        json!({ "url": url, "secret_token": "s3cret" }),
    )
    .await
    .ok();
    let empty = || (wire.telegram.pending_updates() == 0).then_some(());
    wire.telegram
        .wait_until("delivery", PATIENCE, empty)
        .await
        .unwrap();
    let came = bot.came();
    assert_eq!(came.len(), 3);
    assert!(
        came.iter()
            .all(|(secret, update)| secret.as_deref() == Some("s3cret") && *update == came[0].1)
    );
    assert_eq!(
        wire.telegram.webhook_error().unwrap(),
        "Wrong response from the webhook: 302 Found"
    );
    for text in ["a", "b", "c"] {
        anna.says(&room, text);
    }
    wire.telegram
        .wait_until("delivery", PATIENCE, empty)
        .await
        .unwrap();
    // Of one chat, one after the other.
    assert_eq!(bot.texts()[3..], ["a", "b", "c"]);
    assert!(
        wire.telegram
            .send_again(wire.telegram.last_update().unwrap())
    );
    wire.telegram
        .wait_until("delivery", PATIENCE, empty)
        .await
        .unwrap();
    assert_eq!(bot.texts()[6..], ["c"]);
}

#[tokio::test]
async fn so_many_are_delivered_at_once_and_no_more() {
    let wire = Wire::new().await;
    let (bot, url) = Bot::listen().await;
    let gate = Arc::new(Notify::new());
    *bot.gate.lock().unwrap() = Some(Arc::clone(&gate));
    let people: Vec<_> = (0..5).map(|_| wire.anna()).collect();
    people[0].0.says(&people[0].1, "second of the first");
    wire.call("setWebhook", json!({ "url": url, "max_connections": 3 }))
        .await
        .ok();
    let waiting = || *bot.waiting.lock().unwrap();
    while waiting() < 3 {
        tokio::task::yield_now().await;
    }
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(waiting(), 3);
    *bot.gate.lock().unwrap() = None;
    gate.notify_waiters();
    let empty = || (wire.telegram.pending_updates() == 0).then_some(());
    wire.telegram
        .wait_until("delivery", PATIENCE, empty)
        .await
        .unwrap();
    assert_eq!(bot.came().len(), 6);
}

#[tokio::test]
async fn a_delivery_that_is_lost_is_made_again() {
    let options = Options {
        webhook_patience: Duration::from_millis(300),
        ..Options::default()
    };
    let wire = Wire::with(options).await;
    let (bot, url) = Bot::listen().await;
    wire.call("setWebhook", json!({ "url": url })).await.ok();
    let empty = || (wire.telegram.pending_updates() == 0).then_some(());
    for lost in [Lost::Answer, Lost::After(Duration::from_millis(100))] {
        wire.telegram.lose_delivery(lost);
        let before = bot.came().len();
        let (_, _) = wire.anna();
        wire.telegram
            .wait_until("delivery", PATIENCE, empty)
            .await
            .unwrap();
        let came = &bot.came()[before..];
        assert_eq!(came.len(), 2, "{lost:?}");
        assert_eq!(came[0], came[1]);
        assert_eq!(
            wire.telegram.webhook_error().unwrap(),
            "Connection reset by peer"
        );
    }
    // A bot that does not answer loses it, too.
    let gate = Arc::new(Notify::new());
    *bot.gate.lock().unwrap() = Some(gate);
    let (_, _) = wire.anna();
    let late = || {
        wire.telegram
            .webhook_error()
            .filter(|error| error == "Read timeout expired")
    };
    wire.telegram
        .wait_until("a failure", PATIENCE, late)
        .await
        .unwrap();
    *bot.gate.lock().unwrap() = None;
    wire.telegram
        .wait_until("delivery", PATIENCE, empty)
        .await
        .unwrap();
}

#[tokio::test]
async fn the_webhooks_answer_may_be_a_call() {
    let wire = Wire::new().await;
    let (bot, url) = Bot::listen().await;
    let (anna, room) = wire.anna();
    let id = wire.buttons(&room, &["a"]).await;
    wire.call(
        "setWebhook",
        json!({ "url": url, "drop_pending_updates": true }),
    )
    .await
    .ok();
    wire.telegram.hold_updates();
    let query = anna.presses(&room, id, "a").unwrap();
    let answer =
        json!({ "method": "answerCallbackQuery", "callback_query_id": query, "text": "Hi" });
    bot.says
        .lock()
        .unwrap()
        .push_back((200, answer.to_string()));
    wire.telegram.release_all_updates();
    let shown = || wire.telegram.answer_to(&query);
    let shown = wire
        .telegram
        .wait_until("an answer", PATIENCE, shown)
        .await
        .unwrap();
    assert_eq!(shown.text.as_deref(), Some("Hi"));
    let call = wire.telegram.calls_of("answerCallbackQuery").pop().unwrap();
    assert!(call.in_webhook_reply);
    // One that fails, fails unheard; what is no call is no harm.
    for reply in [
        json!({ "method": "sendMessage", "chat_id": 1, "text": "x" }),
        json!({ "method": "dance" }),
        json!([]),
    ] {
        bot.says.lock().unwrap().push_back((200, reply.to_string()));
        anna.says(&room, "x");
        let empty = || (wire.telegram.pending_updates() == 0).then_some(());
        wire.telegram
            .wait_until("delivery", PATIENCE, empty)
            .await
            .unwrap();
    }
    let sent = || {
        wire.telegram
            .calls_of("sendMessage")
            .into_iter()
            .find(|call| call.in_webhook_reply)
    };
    wire.telegram
        .wait_until("the call", PATIENCE, sent)
        .await
        .unwrap();
}

#[tokio::test]
async fn nothing_is_delivered_while_it_is_stopped() {
    let wire = Wire::new().await;
    let (bot, url) = Bot::listen().await;
    wire.call("setWebhook", json!({ "url": url })).await.ok();
    wire.telegram.stop();
    let (anna, room) = wire.anna();
    assert!(wire.try_call("getMe", json!({})).await.is_none());
    assert!(bot.came().is_empty());
    wire.telegram.start_again().await.unwrap();
    wire.call("getMe", json!({})).await.ok();
    anna.says(&room, "back");
    let texts = || (bot.texts().len() == 2).then_some(());
    wire.telegram
        .wait_until("delivery", PATIENCE, || {
            (wire.telegram.pending_updates() == 0).then_some(())
        })
        .await
        .unwrap();
    assert!(texts().is_some());
}
