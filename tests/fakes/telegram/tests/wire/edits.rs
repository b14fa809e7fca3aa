//! Changes of messages.

use serde_json::{Value, json};

use crate::client::{Wire, jpeg};

const SAME: &str = "Bad Request: message is not modified: specified new message content and reply markup are exactly the same \
                    as a current content and reply markup of the message";

#[tokio::test]
async fn only_the_bots_own_messages_are_edited() {
    let wire = Wire::new().await;
    let (anna, room) = wire.anna();
    let own = wire.says(&room, "a").await;
    let hers = anna.says(&room, "b");
    let edit = |id: i64| json!({ "chat_id": room.id(), "message_id": id, "text": "c" });
    wire.call("editMessageText", edit(hers))
        .await
        .refused(400, "Bad Request: message can't be edited");
    let none = "Bad Request: message to edit not found";
    wire.call("editMessageText", edit(999))
        .await
        .refused(400, none);
    let unnamed = "Bad Request: message identifier is not specified";
    wire.call("editMessageText", edit(0))
        .await
        .refused(400, unnamed);
    let edited = wire.call("editMessageText", edit(own)).await.ok();
    assert_eq!(edited["text"], "c");
    assert!(edited["edit_date"].is_i64());
    let seen = room.message(own).unwrap();
    assert_eq!((seen.text.as_str(), seen.edits), ("c", 1));
    let mut long = edit(own);
    long["text"] = json!("x".repeat(4097));
    wire.call("editMessageText", long)
        .await
        .refused(400, "Bad Request: message is too long");
    // What asks for an answer stays as it is.
    let body =
        json!({ "chat_id": room.id(), "text": "name?", "reply_markup": { "force_reply": true } });
    let asked = wire.call("sendMessage", body).await.ok()["message_id"]
        .as_i64()
        .unwrap();
    wire.call("editMessageText", edit(asked))
        .await
        .refused(400, "Bad Request: message can't be edited");
}

#[tokio::test]
async fn an_edit_must_change_something() {
    let wire = Wire::new().await;
    let (_, room) = wire.anna();
    let id = wire.buttons(&room, &["a"]).await;
    let markup = json!({ "inline_keyboard": [[{ "text": "a", "callback_data": "a" }]] });
    let same = json!({ "chat_id": room.id(), "message_id": id, "text": " choose ", "reply_markup": markup });
    wire.call("editMessageText", same).await.refused(400, SAME);
    let same = json!({ "chat_id": room.id(), "message_id": id, "reply_markup": markup });
    wire.call("editMessageReplyMarkup", same)
        .await
        .refused(400, SAME);
    let bold = json!({ "chat_id": room.id(), "message_id": id, "text": "<b>choose</b>", "parse_mode": "HTML",
        "reply_markup": markup });
    wire.call("editMessageText", bold).await.ok();
    // Without a markup, the buttons go.
    let bare = json!({ "chat_id": room.id(), "message_id": id, "text": "<b>choose</b>", "parse_mode": "HTML" });
    wire.call("editMessageText", bare.clone()).await.ok();
    assert!(room.last().unwrap().keyboard.is_empty());
    wire.call("editMessageText", bare).await.refused(400, SAME);
    let none = json!({ "chat_id": room.id(), "message_id": id });
    wire.call("editMessageReplyMarkup", none)
        .await
        .refused(400, SAME);
    let forced =
        json!({ "chat_id": room.id(), "message_id": id, "reply_markup": { "force_reply": true } });
    let inline = "Bad Request: inline keyboard expected";
    wire.call("editMessageReplyMarkup", forced)
        .await
        .refused(400, inline);
    assert_eq!(room.last().unwrap().edits, 2);
}

#[tokio::test]
async fn texts_have_no_caption_and_pictures_no_text() {
    let wire = Wire::new().await;
    let (_, room) = wire.anna();
    let text = wire.says(&room, "a").await;
    let fields = json!({ "chat_id": room.id(), "caption": "c" });
    let sent = wire
        .upload("sendPhoto", fields, &[("photo", "p.jpg", &jpeg(40, 30))])
        .await
        .ok();
    let photo = sent["message_id"].as_i64().unwrap();
    let with = |id: i64, field: &str, value: Value| {
        let mut body = json!({ "chat_id": room.id(), "message_id": id });
        body[field] = value;
        body
    };
    let body = with(photo, "text", json!("x"));
    let none = "Bad Request: there is no text in the message to edit";
    wire.call("editMessageText", body).await.refused(400, none);
    let body = with(text, "caption", json!("x"));
    let none = "Bad Request: there is no caption in the message to edit";
    wire.call("editMessageCaption", body)
        .await
        .refused(400, none);
    wire.call("editMessageCaption", with(photo, "caption", json!("c")))
        .await
        .refused(400, SAME);
    wire.call("editMessageCaption", with(photo, "caption", json!("d")))
        .await
        .ok();
    let long = with(photo, "caption", json!("x".repeat(1025)));
    wire.call("editMessageCaption", long)
        .await
        .refused(400, "Bad Request: message caption is too long");
    // An empty one takes it away.
    wire.call("editMessageCaption", with(photo, "caption", json!("")))
        .await
        .ok();
    assert_eq!(room.message(photo).unwrap().text, "");
}

#[tokio::test]
async fn a_text_may_become_a_picture() {
    let wire = Wire::new().await;
    let (_, room) = wire.anna();
    let id = wire.says(&room, "soon a chart").await;
    let media = json!({ "type": "photo", "media": "attach://chart", "caption": "<i>loss</i>", "parse_mode": "HTML" });
    let fields = json!({ "chat_id": room.id(), "message_id": id, "media": media });
    let chart = jpeg(64, 32);
    let edited = wire
        .upload("editMessageMedia", fields, &[("chart", "c.jpg", &chart)])
        .await
        .ok();
    assert_eq!(edited["caption"], "loss");
    let seen = room.message(id).unwrap();
    assert_eq!(seen.media.as_ref().unwrap().bytes, chart);
    assert_eq!(seen.marked("italic"), ["loss"]);
    let file = edited["photo"].as_array().unwrap().last().unwrap()["file_id"].clone();
    let mut same = json!({ "chat_id": room.id(), "message_id": id,
        "media": { "type": "photo", "media": file, "caption": "<i>loss</i>", "parse_mode": "HTML" } });
    wire.call("editMessageMedia", same.clone())
        .await
        .refused(400, SAME);
    same["media"]["caption"] = json!("less");
    wire.call("editMessageMedia", same).await.ok();
    for (media, refused) in [
        (
            json!({ "type": "photo", "media": "attach://none" }),
            "wrong file identifier/HTTP URL specified",
        ),
        (
            json!({ "type": "picture", "media": "x" }),
            "can't parse InputMedia: invalid InputMedia type specified",
        ),
        (
            json!({ "type": "photo" }),
            "can't parse InputMedia: Can't find field \"media\"",
        ),
        (json!([]), "can't parse InputMedia: expected an Object"),
    ] {
        let body = json!({ "chat_id": room.id(), "message_id": id, "media": media });
        wire.call("editMessageMedia", body)
            .await
            .refused(400, &format!("Bad Request: {refused}"));
    }
}

#[tokio::test]
async fn parts_of_an_album_stay_of_its_sort_and_without_buttons() {
    let wire = Wire::new().await;
    let (_, room) = wire.anna();
    let media = json!([{ "type": "photo", "media": "attach://a" }, { "type": "photo", "media": "attach://b" }]);
    let picture = jpeg(20, 20);
    let files: [(&str, &str, &[u8]); 2] = [("a", "a.jpg", &picture), ("b", "b.jpg", &picture)];
    let sent = wire
        .upload(
            "sendMediaGroup",
            json!({ "chat_id": room.id(), "media": media }),
            &files,
        )
        .await
        .ok();
    let id = &sent[0]["message_id"];
    let to = |kind: &str| json!({ "chat_id": room.id(), "message_id": id, "media": { "type": kind, "media": "attach://a" } });
    let file: [(&str, &str, &[u8]); 1] = [("a", "a.jpg", &picture)];
    let refused = "Bad Request: can't use the media of the specified type in the album";
    wire.upload("editMessageMedia", to("document"), &file)
        .await
        .refused(400, refused);
    wire.upload("editMessageMedia", to("photo"), &file)
        .await
        .ok();
    let markup = json!({ "inline_keyboard": [[{ "text": "a", "callback_data": "a" }]] });
    let body = json!({ "chat_id": room.id(), "message_id": id, "reply_markup": markup });
    assert_eq!(wire.call("editMessageReplyMarkup", body).await.status, 400);
}
