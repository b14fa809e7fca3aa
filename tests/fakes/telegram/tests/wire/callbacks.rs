//! Presses of buttons and their answers.

use std::time::Duration;

use serde_json::{Value, json};

use crate::client::Wire;

const OLD: &str =
    "Bad Request: query is too old and response timeout expired or query ID is invalid";

fn answer(query: &str) -> Value {
    json!({ "callback_query_id": query })
}

#[tokio::test]
async fn a_press_tells_the_bot_and_is_answered_once() {
    let wire = Wire::new().await;
    let (anna, room) = wire.anna();
    let id = wire.buttons(&room, &["yes", "no"]).await;
    let query = anna.presses(&room, id, "yes").unwrap();
    let update = wire.update().await;
    let callback = &update["callback_query"];
    assert_eq!(callback["id"], query.as_str());
    assert_eq!(callback["data"], "yes");
    assert_eq!(callback["from"]["id"], anna.id());
    assert_eq!(callback["message"]["message_id"], id);
    assert_eq!(callback["message"]["text"], "choose");
    assert!(callback["chat_instance"].is_string());
    assert!(anna.presses(&room, id, "maybe").is_err());

    assert_eq!(wire.telegram.unanswered(), std::slice::from_ref(&query));
    let body = json!({ "callback_query_id": query, "text": "Done", "show_alert": true });
    wire.call("answerCallbackQuery", body).await.ok();
    let shown = wire.telegram.answer_to(&query).unwrap();
    assert_eq!(
        (shown.text.as_deref(), shown.alert, shown.person),
        (Some("Done"), true, anna.id())
    );
    wire.call("answerCallbackQuery", answer(&query))
        .await
        .refused(400, OLD);
    wire.call("answerCallbackQuery", answer("12345"))
        .await
        .refused(400, OLD);
    wire.call("answerCallbackQuery", json!({}))
        .await
        .refused(400, OLD);
    assert!(wire.telegram.unanswered().is_empty());
}

#[tokio::test]
async fn an_answer_comes_in_time_and_in_200_characters() {
    let wire = Wire::new().await;
    let (anna, room) = wire.anna();
    let id = wire.buttons(&room, &["yes"]).await;
    let query = anna.presses(&room, id, "yes").unwrap();
    wire.telegram.advance(Duration::from_secs(14));
    wire.call("answerCallbackQuery", answer(&query)).await.ok();
    let query = anna.presses(&room, id, "yes").unwrap();
    wire.telegram.advance(Duration::from_secs(16));
    wire.call("answerCallbackQuery", answer(&query))
        .await
        .refused(400, OLD);

    let query = anna.presses(&room, id, "yes").unwrap();
    let with = |length: usize| json!({ "callback_query_id": query, "text": "x".repeat(length) });
    wire.call("answerCallbackQuery", with(201))
        .await
        .refused(400, "Bad Request: MESSAGE_TOO_LONG");
    let url = json!({ "callback_query_id": query, "url": "https://example.com" });
    wire.call("answerCallbackQuery", url)
        .await
        .refused(400, "Bad Request: URL_INVALID");
    wire.call("answerCallbackQuery", with(200)).await.ok();
}

#[tokio::test]
async fn old_and_deleted_messages_come_as_inaccessible_ones() {
    let wire = Wire::new().await;
    let (anna, room) = wire.anna();
    let deleted = wire.buttons(&room, &["yes"]).await;
    let old = wire.buttons(&room, &["yes"]).await;
    wire.call(
        "deleteMessage",
        json!({ "chat_id": room.id(), "message_id": deleted }),
    )
    .await
    .ok();
    anna.presses(&room, deleted, "yes").unwrap();
    let message = wire.update().await["callback_query"]["message"].clone();
    assert_eq!(message["date"], 0);
    assert_eq!(message["message_id"], deleted);
    assert_eq!(message["chat"]["id"], room.id());
    assert!(message.get("text").is_none());

    anna.presses(&room, old, "yes").unwrap();
    assert_eq!(
        wire.update().await["callback_query"]["message"]["text"],
        "choose"
    );
    wire.telegram.advance(Duration::from_secs(31 * 24 * 3600));
    anna.presses(&room, old, "yes").unwrap();
    assert_eq!(wire.update().await["callback_query"]["message"]["date"], 0);
    let query = anna.presses_data(&room, 4_000, "anything");
    assert_eq!(wire.update().await["callback_query"]["id"], query.as_str());
}
