//! Whoever finds the webhook's address: nothing gets in but what Telegram brings, and nothing that gets in ends anything.

use anyhow::{Context as _, Result, ensure};
use lorikeet_tests::web::http::ask;
use serde_json::{Value, json};

use crate::chat::Chat;
use crate::stage::{SECRET, Way, logged, start, telegram};

#[tokio::test]
async fn only_telegram_gets_in_and_odd_updates_are_left_out() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let telegram = telegram().await?;
    let _bot = start(directory.path(), &telegram, Way::Webhook)?;
    let kea = Chat::private(&telegram, "Kea", "en");
    kea.says("/train Garden birds");
    kea.sees("0 of 20").await?;
    let set = telegram.webhook().context("a webhook")?;
    let port = url::Url::parse(&set)?.port().context("a port")?;
    let before = telegram.calls().len();

    let with = |secret: &str| {
        format!("X-Telegram-Bot-Api-Secret-Token: {secret}\r\nContent-Type: application/json\r\n")
    };
    let (none, right) = (String::new(), with(SECRET));
    let forged = message(
        &kea,
        json!({ "text": "/cancel", "entities": [{ "type": "bot_command", "offset": 0, "length": 7 }] }),
    );
    let large = format!("{{\"update_id\": 1, \"x\": \"{}\"}}", "x".repeat(1_000_000));
    let large = large.into_bytes();
    let update = |fields: Value| fields.to_string().into_bytes();
    for (what, head, headers, body, status) in [
        ("no secret", "POST /telegram", &none, &forged, 401),
        (
            "a wrong secret",
            "POST /telegram",
            &with("wrong"),
            &forged,
            401,
        ),
        ("an empty secret", "POST /telegram", &with(""), &forged, 401),
        (
            "half of the secret",
            "POST /telegram",
            &with(&SECRET[..8]),
            &forged,
            401,
        ),
        (
            "no JSON",
            "POST /telegram",
            &right,
            &b"update".to_vec(),
            400,
        ),
        (
            "half of an update",
            "POST /telegram",
            &right,
            &forged[..40].to_vec(),
            400,
        ),
        ("no letters", "POST /telegram", &right, &vec![0xff; 9], 400),
        ("nothing", "POST /telegram", &right, &Vec::new(), 400),
        ("a list", "POST /telegram", &right, &b"[]".to_vec(), 400),
        (
            "no number",
            "POST /telegram",
            &right,
            &update(json!({ "message": {} })),
            400,
        ),
        ("too much", "POST /telegram", &right, &large, 413),
        ("a question", "GET /telegram", &right, &Vec::new(), 405),
        ("another path", "POST /", &right, &forged, 404),
        // These are Telegram's, and would come for ever if they were refused.
        (
            "an unknown kind",
            "POST /telegram",
            &right,
            &update(json!({ "update_id": 1, "of_next_year": { "x": 1 } })),
            200,
        ),
        (
            "a kind that was not asked for",
            "POST /telegram",
            &right,
            &update(json!({ "update_id": 2, "poll_answer": { "poll_id": "1" } })),
            200,
        ),
        (
            "a post in a channel",
            "POST /telegram",
            &right,
            &update(json!({ "update_id": 3, "channel_post": {
                "message_id": 1, "date": 1, "text": "/train News",
                "chat": { "id": -1_002_000_000_001_i64, "type": "channel" },
            } })),
            200,
        ),
        (
            "a message of parts that are not as promised",
            "POST /telegram",
            &right,
            &update(json!({ "update_id": 4, "message": { "message_id": "one", "chat": 7 } })),
            200,
        ),
    ] {
        let answer = ask(port, head, headers, body).await.context(what)?;
        ensure!(answer.status == status, "{what}: {}", answer.status);
        ensure!(!answer.body.contains(SECRET), "{what}: {}", answer.body);
    }
    ensure!(telegram.calls().len() == before, "nothing was said to that");
    let log = logged(directory.path(), "somebody without the secret").await?;
    ensure!(!log.contains(SECRET), "no log shows the secret");

    // Where she was is where she is; and what has the secret is heard.
    kea.goes("Main menu", "Train an image LoRA").await?;
    let help = message(
        &kea,
        json!({ "text": "/help", "entities": [{ "type": "bot_command", "offset": 0, "length": 5 }] }),
    );
    let heard = ask(port, "POST /telegram", &right, &help).await?;
    ensure!(heard.status == 200);
    kea.sees("How it goes").await?;
    Ok(())
}

/// An update as Telegram writes it, of a message with these fields.
fn message(kea: &Chat, fields: Value) -> Vec<u8> {
    let id = kea.person.id();
    let mut message = json!({
        "message_id": 4_000, "date": 1,
        "chat": { "id": id, "type": "private", "first_name": "Kea" },
        "from": { "id": id, "is_bot": false, "first_name": "Kea", "language_code": "en" },
    });
    if let (Some(message), Value::Object(fields)) = (message.as_object_mut(), fields) {
        message.extend(fields);
    }
    let update = json!({ "update_id": 600_000_000, "message": message });
    update.to_string().into_bytes()
}
