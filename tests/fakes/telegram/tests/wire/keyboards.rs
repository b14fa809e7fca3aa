//! Buttons and forced replies.

use serde_json::{Value, json};

use crate::client::Wire;

fn button(fields: Value) -> Value {
    json!({ "inline_keyboard": [[fields]] })
}

fn many(rows: usize, columns: usize, data: &str) -> Value {
    let row = vec![json!({ "text": "a label", "callback_data": data }); columns];
    json!({ "inline_keyboard": vec![row; rows] })
}

#[tokio::test]
async fn buttons_keep_to_their_rules() {
    let wire = Wire::new().await;
    let (_, room) = wire.anna();
    let url = |url: &str| button(json!({ "text": "a", "url": url }));
    let wrong =
        |url: &str, why: &str| format!("inline keyboard button URL '{url}' is invalid: {why}");
    for (markup, refused) in [
        (
            button(json!({ "text": "a", "callback_data": "x" })),
            String::new(),
        ),
        (
            button(json!({ "text": "a", "callback_data": "x".repeat(64) })),
            String::new(),
        ),
        (
            button(json!({ "text": "a", "callback_data": "x".repeat(65) })),
            "BUTTON_DATA_INVALID".into(),
        ),
        // Bytes, not characters.
        (
            button(json!({ "text": "a", "callback_data": "ä".repeat(33) })),
            "BUTTON_DATA_INVALID".into(),
        ),
        (
            button(json!({ "text": "a", "callback_data": "" })),
            "BUTTON_DATA_INVALID".into(),
        ),
        (
            button(json!({ "text": "", "callback_data": "x" })),
            "inline keyboard button text must be non-empty".into(),
        ),
        (
            button(json!({ "callback_data": "x" })),
            "can't parse inline keyboard button: Can't find field \"text\"".into(),
        ),
        (
            button(json!({ "text": "a" })),
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
                .into(),
        ),
        (
            button(json!({ "text": "a", "callback_data": "x", "url": "https://example.com" })),
            "can't parse inline keyboard button: exactly one of the optional fields must be used"
                .into(),
        ),
        (
            button(json!({ "text": "a", "callback_data": "x", "style": "danger" })),
            String::new(),
        ),
        (
            button(json!({ "text": "a", "callback_data": "x", "style": "red" })),
            "can't parse inline keyboard button: invalid button style specified".into(),
        ),
        (url("https://example.com/a?b"), String::new()),
        (url("tg://user?id=1"), String::new()),
        (url("example.com"), String::new()),
        (
            url("http://localhost/"),
            wrong("http://localhost/", "Wrong HTTP URL"),
        ),
        (
            url("http://localhost:8080/a"),
            wrong("http://localhost:8080/a", "Wrong HTTP URL"),
        ),
        (
            url("ftp://example.com"),
            wrong("ftp://example.com", "Unsupported URL protocol"),
        ),
        (url(""), "BUTTON_URL_INVALID".into()),
        (url("https://exa mple.com"), "BUTTON_URL_INVALID".into()),
        (many(1, 8, "x"), String::new()),
        (many(1, 9, "x"), "BUTTON_ROW_INVALID".into()),
        (many(20, 5, "x"), String::new()),
        (many(21, 5, "x"), "reply markup is too long".into()),
        (many(20, 5, &"x".repeat(50)), String::new()),
        (
            many(20, 5, &"x".repeat(64)),
            "reply markup is too long".into(),
        ),
        (json!({ "inline_keyboard": [] }), String::new()),
        (
            json!({ "inline_keyboard": [{ "text": "a" }] }),
            "field \"inline_keyboard\" of the InlineKeyboardMarkup must be an Array of Arrays"
                .into(),
        ),
        (json!([]), "object expected as reply markup".into()),
        (
            json!("{"),
            "can't parse reply keyboard markup JSON object".into(),
        ),
        (json!({ "force_reply": true }), String::new()),
        (
            json!({ "force_reply": true, "input_field_placeholder": "x".repeat(64) }),
            String::new(),
        ),
        (
            json!({ "force_reply": true, "input_field_placeholder": "x".repeat(65) }),
            "REPLY_MARKUP_PLACEHOLDER_INVALID".into(),
        ),
        (
            json!({ "force_reply": true, "input_field_placeholder": "" }),
            "REPLY_MARKUP_PLACEHOLDER_INVALID".into(),
        ),
        (json!({ "remove_keyboard": true }), String::new()),
    ] {
        let body = json!({ "chat_id": room.id(), "text": "a", "reply_markup": markup });
        let reply = wire.call("sendMessage", body).await;
        if refused.is_empty() {
            assert_eq!(reply.status, 200, "{markup}: {}", reply.body);
        } else {
            reply.refused(400, &format!("Bad Request: {refused}"));
        }
    }
}

#[tokio::test]
async fn people_see_the_buttons() {
    let wire = Wire::new().await;
    let (_, room) = wire.anna();
    let markup = json!({ "inline_keyboard": [
        [{ "text": "Train", "callback_data": "t", "style": "primary" }, { "text": "No", "callback_data": "n" }],
        [{ "text": "Help", "url": "https://example.com/help" }],
    ] });
    let body = json!({ "chat_id": room.id(), "text": "a", "reply_markup": markup });
    let sent = wire.call("sendMessage", body).await.ok();
    assert_eq!(sent["reply_markup"], markup);
    let seen = room.last().unwrap();
    assert_eq!(seen.labels(), ["Train", "No", "Help"]);
    assert_eq!(seen.keyboard.len(), 2);
    assert_eq!(
        seen.button("Train").unwrap().style.as_deref(),
        Some("primary")
    );
    assert_eq!(
        seen.button("Help").unwrap().url.as_deref(),
        Some("https://example.com/help")
    );
    let markup = json!({ "force_reply": true, "input_field_placeholder": "A name" });
    let body = json!({ "chat_id": room.id(), "text": "a", "reply_markup": markup });
    wire.call("sendMessage", body).await.ok();
    assert_eq!(
        room.last().unwrap().force_reply,
        Some(Some("A name".to_owned()))
    );
}
