//! Albums of the bot.

use serde_json::{Value, json};

use crate::client::{Wire, jpeg};

/// An album of so many parts of these kinds, all with the same bytes.
async fn send(wire: &Wire, chat: i64, kinds: &[&str], more: Value) -> crate::client::Reply {
    let picture = jpeg(30, 30);
    let media: Vec<Value> = (0..kinds.len())
        .map(|at| json!({ "type": kinds[at], "media": format!("attach://f{at}"), "caption": format!("c{at}") }))
        .collect();
    let names: Vec<String> = (0..kinds.len()).map(|at| format!("f{at}")).collect();
    let files: Vec<(&str, &str, &[u8])> = names
        .iter()
        .map(|name| (name.as_str(), "f.jpg", picture.as_slice()))
        .collect();
    let mut fields = json!({ "chat_id": chat, "media": media });
    for (name, value) in more.as_object().unwrap() {
        fields[name] = value.clone();
    }
    wire.upload("sendMediaGroup", fields, &files).await
}

#[tokio::test]
async fn an_album_has_2_to_10_parts_that_go_together() {
    let wire = Wire::new().await;
    let (_, room) = wire.anna();
    for (kinds, refused) in [
        (vec!["photo"; 2], ""),
        (vec!["photo"; 10], ""),
        (vec!["photo"; 11], "too many messages to send as an album"),
        (vec!["photo"], "too few messages to send as an album"),
        (vec![], "there are no messages to send"),
        (vec!["photo", "video"], ""),
        (vec!["document", "document"], ""),
        (vec!["audio", "audio"], ""),
        (
            vec!["photo", "document"],
            "document can't be mixed with other media types",
        ),
        (
            vec!["audio", "document"],
            "document can't be mixed with other media types",
        ),
        (
            vec!["audio", "photo"],
            "audio can't be mixed with other media types",
        ),
        (
            vec!["photo", "animation"],
            "can't use the media of the specified type in the album",
        ),
        (
            vec!["photo", "poll"],
            "can't parse InputMedia: invalid InputMedia type specified",
        ),
    ] {
        let reply = send(&wire, room.id(), &kinds, json!({})).await;
        if refused.is_empty() {
            let sent = reply.ok();
            let sent = sent.as_array().unwrap();
            assert_eq!(sent.len(), kinds.len());
            assert!(
                sent.iter()
                    .all(|part| part["media_group_id"] == sent[0]["media_group_id"])
            );
            assert!(sent[0]["media_group_id"].is_string());
            assert_eq!(sent[1]["caption"], "c1");
        } else {
            reply.refused(400, &format!("Bad Request: {refused}"));
        }
    }
    let body = json!({ "chat_id": room.id(), "media": "[{]" });
    wire.call("sendMediaGroup", body)
        .await
        .refused(400, "Bad Request: can't parse media JSON object");
    let body = json!({ "chat_id": room.id() });
    assert_eq!(wire.call("sendMediaGroup", body).await.status, 400);
}

#[tokio::test]
async fn an_album_has_no_buttons_and_is_sent_whole_or_not() {
    let wire = Wire::new().await;
    let (_, room) = wire.anna();
    let markup = json!({ "inline_keyboard": [[{ "text": "a", "callback_data": "a" }]] });
    let reply = send(
        &wire,
        room.id(),
        &["photo", "photo"],
        json!({ "reply_markup": markup }),
    )
    .await;
    reply.refused(400, "Bad Request: an album has no reply_markup");
    let media = json!([{ "type": "photo", "media": "attach://a" }, { "type": "photo", "media": "attach://b" }]);
    let picture = jpeg(30, 30);
    let fields = json!({ "chat_id": room.id(), "media": media });
    let files: [(&str, &str, &[u8]); 2] = [("a", "a.jpg", &picture), ("b", "b.jpg", b"no picture")];
    let reply = wire.upload("sendMediaGroup", fields, &files).await;
    reply.refused(400, "Bad Request: IMAGE_PROCESS_FAILED");
    assert!(room.from_bot().is_empty());
}
