//! Texts: how long, how marked, where to.

use serde_json::{Value, json};

use crate::client::Wire;

#[tokio::test]
async fn a_text_has_1_to_4096_utf_16_units_and_a_caption_up_to_1024() {
    let wire = Wire::new().await;
    let (_, room) = wire.anna();
    let long = "Bad Request: message is too long";
    let empty = "Bad Request: message text is empty";
    for (text, refused) in [
        ("x".repeat(4096), None),
        ("x".repeat(4097), Some(long)),
        // Two units each.
        ("🦜".repeat(2048), None),
        ("🦜".repeat(2049), Some(long)),
        // Tags and references do not count, white space at the ends is cut off.
        (format!("<b>{}</b>&amp;", "x".repeat(4095)), None),
        (format!("<b>{}</b>&amp;", "x".repeat(4096)), Some(long)),
        (format!("{}  \n ", "x".repeat(4096)), None),
        (String::new(), Some(empty)),
        (" \n ".to_owned(), Some(empty)),
        ("<b></b>".to_owned(), Some(empty)),
        (".".to_owned(), None),
    ] {
        let body = json!({ "chat_id": room.id(), "text": text, "parse_mode": "HTML" });
        let reply = wire.call("sendMessage", body).await;
        match refused {
            None => drop(reply.ok()),
            Some(sentence) => drop(reply.refused(400, sentence)),
        }
    }
    for (length, fits) in [(0, true), (1024, true), (1025, false)] {
        let fields = json!({ "chat_id": room.id(), "caption": "é".repeat(length) });
        let reply = wire
            .upload("sendDocument", fields, &[("document", "a", b"a")])
            .await;
        if fits {
            reply.ok();
        } else {
            reply.refused(400, "Bad Request: message caption is too long");
        }
    }
}

#[tokio::test]
async fn entities_lie_within_the_text_and_outside_of_characters() {
    let wire = Wire::new().await;
    let (_, room) = wire.anna();
    // 'a', a parrot of two units, 'b'.
    for (entities, refused) in [
        (json!([{ "type": "bold", "offset": 1, "length": 2 }]), ""),
        (
            json!([{ "type": "text_link", "offset": 0, "length": 1, "url": "https://example.com" }]),
            "",
        ),
        (json!([{ "type": "url", "offset": 0, "length": 1 }]), ""),
        (
            json!([{ "type": "bold", "offset": 1, "length": 4 }]),
            "entity beginning at UTF-16 offset 1 ends after the end of the text at UTF-16 offset 4",
        ),
        (
            json!([{ "type": "bold", "offset": 2, "length": 2 }]),
            "entity begins in a middle of a UTF-16 symbol at UTF-16 offset 2",
        ),
        (
            json!([{ "type": "bold", "offset": 0, "length": 2 }]),
            "entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at UTF-16 offset 2",
        ),
        (
            json!([{ "type": "bold", "offset": -1, "length": 2 }]),
            "an entity has a negative offset or length",
        ),
        (
            json!([{ "type": "shiny", "offset": 0, "length": 1 }]),
            "can't parse MessageEntity: Unsupported type specified",
        ),
        (
            json!([{ "type": "bold", "offset": 0 }]),
            "can't parse MessageEntity: Can't find field \"length\"",
        ),
        (
            json!([{ "type": "text_link", "offset": 0, "length": 1 }]),
            "can't parse MessageEntity: Can't find field \"url\"",
        ),
        (json!("bold"), "can't parse entities JSON object"),
        (
            json!({ "type": "bold" }),
            "can't parse entities: expected an Array of MessageEntity",
        ),
    ] {
        let body = json!({ "chat_id": room.id(), "text": "a🦜b", "entities": entities });
        let reply = wire.call("sendMessage", body).await;
        if refused.is_empty() {
            reply.ok();
        } else {
            reply.refused(400, &format!("Bad Request: {refused}"));
        }
    }
    assert_eq!(room.from_bot()[0].marked("bold"), ["🦜"]);
    let body = json!({ "chat_id": room.id(), "text": "*a*", "parse_mode": "MarkdownV2" });
    assert_eq!(wire.call("sendMessage", body).await.status, 400);
    let body = json!({ "chat_id": room.id(), "text": "a", "parse_mode": "BBCode" });
    wire.call("sendMessage", body)
        .await
        .refused(400, "Bad Request: unsupported parse_mode");
}

#[tokio::test]
async fn white_space_at_the_ends_is_cut_off_and_entities_move_with_it() {
    let wire = Wire::new().await;
    let (_, room) = wire.anna();
    let text = "\n  see <b>this </b> \r\n";
    let body = json!({ "chat_id": room.id(), "text": text, "parse_mode": "html" });
    let sent = wire.call("sendMessage", body).await.ok();
    assert_eq!(sent["text"], "see this");
    assert_eq!(
        sent["entities"],
        json!([{ "type": "bold", "offset": 4, "length": 4 }])
    );
}

#[tokio::test]
async fn what_telegram_finds_in_a_text_it_marks() {
    let wire = Wire::new().await;
    let (anna, room) = wire.anna();
    for (text, found) in [
        ("/train now", vec![("bot_command", 0, 6)]),
        ("/train@lorikeet_bot", vec![("bot_command", 0, 19)]),
        ("say /help, then", vec![("bot_command", 4, 5)]),
        ("🦜 @anna_1 and @ab", vec![("mention", 3, 7)]),
        ("see https://example.com/a.", vec![("url", 4, 21)]),
        (
            "#bird #1 a@example.com",
            vec![("hashtag", 0, 5), ("email", 9, 13)],
        ),
        ("1/2 or and/or", vec![]),
        ("plain", vec![]),
    ] {
        anna.says(&room, text);
        let update = wire.update().await;
        let entities = update["message"]["entities"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let found: Vec<Value> = found
            .into_iter()
            .map(|(kind, offset, length)| json!({ "type": kind, "offset": offset, "length": length }))
            .collect();
        assert_eq!(entities, found, "{text}");
    }
    // Not inside of code.
    let body = json!({ "chat_id": room.id(), "text": "<code>/a</code> /b", "parse_mode": "HTML" });
    let sent = wire.call("sendMessage", body).await.ok();
    let kinds = sent["entities"].as_array().unwrap().iter();
    let kinds: Vec<&str> = kinds.filter_map(|entity| entity["type"].as_str()).collect();
    assert_eq!(kinds, ["code", "bot_command"]);
}

#[tokio::test]
async fn an_answer_needs_the_message_it_answers() {
    let wire = Wire::new().await;
    let (anna, room) = wire.anna();
    let asked = anna.says(&room, "well?");
    let reply = |parameters: Value| json!({ "chat_id": room.id(), "text": "x", "reply_parameters": parameters });
    let sent = wire
        .call("sendMessage", reply(json!({ "message_id": asked })))
        .await
        .ok();
    assert_eq!(sent["reply_to_message"]["text"], "well?");
    assert_eq!(room.last().unwrap().reply_to, Some(asked));
    let gone = "Bad Request: message to be replied not found";
    wire.call("sendMessage", reply(json!({ "message_id": 999 })))
        .await
        .refused(400, gone);
    let lenient = json!({ "message_id": 999, "allow_sending_without_reply": true });
    let sent = wire.call("sendMessage", reply(lenient)).await.ok();
    assert!(sent.get("reply_to_message").is_none());
}

#[tokio::test]
async fn message_ids_of_private_chats_are_one_row_of_numbers() {
    let wire = Wire::new().await;
    let (_, one) = wire.anna();
    let (_, two) = wire.anna();
    let first = wire.says(&one, "a").await;
    let second = wire.says(&two, "b").await;
    assert_eq!(second, first + 1);
    let group = wire.telegram.supergroup("G", &[]);
    assert_eq!(wire.says(&group, "c").await, 2);
}
