//! People and what the bot hears of them.

use std::time::Duration;

use lorikeet_fake_telegram::{Item, Options, Standing};
use serde_json::{Value, json};

use crate::client::{Wire, jpeg};

#[tokio::test]
async fn words_answers_and_changes_arrive() {
    let wire = Wire::new().await;
    let anna = wire.telegram.person("Anna", "en");
    let room = anna.private();
    anna.opens("lora_42");
    let update = wire.update().await;
    let message = &update["message"];
    assert_eq!(message["text"], "/start lora_42");
    assert_eq!(
        message["entities"][0],
        json!({ "type": "bot_command", "offset": 0, "length": 6 })
    );
    let from = json!({ "id": anna.id(), "is_bot": false, "first_name": "Anna", "username": anna.username(),
        "language_code": "en" });
    assert_eq!(message["from"], from);
    assert_eq!(message["chat"]["type"], "private");
    let asked = wire.says(&room, "name?").await;
    let said = anna.replies(&room, asked, "Parrot");
    assert_eq!(
        wire.update().await["message"]["reply_to_message"]["text"],
        "name?"
    );
    anna.edits(&room, said, "Macaw").unwrap();
    let edited = wire.update().await["edited_message"].clone();
    assert_eq!(
        (edited["text"].clone(), edited["message_id"].clone()),
        (json!("Macaw"), json!(said))
    );
    assert!(edited["edit_date"].is_i64());
    assert!(anna.edits(&room, asked, "mine").is_err());
    let before = wire.telegram.updates().len();
    anna.deletes(&room, said).unwrap();
    assert!(anna.deletes(&room, said).is_err());
    assert_eq!(wire.telegram.updates().len(), before);
}

#[tokio::test]
async fn every_sort_of_message_has_its_field() {
    let wire = Wire::new().await;
    let (anna, room) = wire.anna();
    anna.to(&room).sticker();
    assert_eq!(wire.update().await["message"]["sticker"]["type"], "regular");
    anna.to(&room).voice("ogg");
    assert_eq!(
        wire.update().await["message"]["voice"]["mime_type"],
        "audio/ogg"
    );
    anna.to(&room).video("mp4");
    assert_eq!(wire.update().await["message"]["video"]["duration"], 1);
    anna.to(&room).document("a.heic", "heic");
    let document = wire.update().await["message"]["document"].clone();
    assert_eq!(
        (document["file_name"].clone(), document["mime_type"].clone()),
        (json!("a.heic"), json!("image/heic"))
    );
}

#[tokio::test]
async fn an_album_is_as_many_updates() {
    let wire = Wire::new().await;
    let (anna, room) = wire.anna();
    let picture = jpeg(30, 20);
    let photo = || Item::photo(picture.clone());
    for (items, fields) in [
        (vec![photo(), photo(), photo()], vec!["photo"; 3]),
        (vec![photo(), Item::video("v")], vec!["photo", "video"]),
        (
            vec![Item::document("a.jpg", "a"), Item::document("b.jpg", "b")],
            vec!["document"; 2],
        ),
    ] {
        let before = wire.telegram.last_update().unwrap();
        let sent = anna.to(&room).caption("birds").album(&items).unwrap();
        let updates = wire
            .call("getUpdates", json!({ "offset": before + 1 }))
            .await
            .ok();
        let messages: Vec<&Value> = updates
            .as_array()
            .unwrap()
            .iter()
            .map(|update| &update["message"])
            .collect();
        assert_eq!(messages.len(), items.len());
        for (at, message) in messages.iter().enumerate() {
            assert_eq!(message["message_id"], sent[at]);
            assert_eq!(message["media_group_id"], messages[0]["media_group_id"]);
            assert!(message.get(fields[at]).is_some());
            assert_eq!(message.get("caption").is_some(), at == 0);
        }
    }
    assert!(anna.to(&room).album(&[photo()]).is_err());
    assert!(
        anna.to(&room)
            .album(&[photo(), Item::document("a", "a")])
            .is_err()
    );
}

#[tokio::test]
async fn in_groups_the_bot_hears_only_what_is_meant_for_it() {
    let wire = Wire::new().await;
    let anna = wire.telegram.person("Anna", "en");
    let group = wire.telegram.supergroup("G", &[&anna]);
    let own = wire.says(&group, "hello").await;
    let mut heard = 0;
    for (text, reply, hears) in [
        ("just talk", None, false),
        ("/train", None, true),
        ("/train@lorikeet_bot now", None, true),
        ("/train@another_bot", None, false),
        ("hey @Lorikeet_Bot", None, true),
        ("an answer", Some(own), true),
    ] {
        match reply {
            Some(to) => anna.replies(&group, to, text),
            None => anna.says(&group, text),
        };
        heard += usize::from(hears);
        assert_eq!(wire.telegram.updates().len(), heard, "{text}");
    }
    group.bot_is(Standing::Administrator);
    anna.says(&group, "just talk");
    assert_eq!(wire.telegram.updates().len(), heard + 1);

    let options = Options {
        privacy: false,
        ..Options::default()
    };
    let wire = Wire::with(options).await;
    let anna = wire.telegram.person("Anna", "en");
    anna.says(&wire.telegram.group("G", &[&anna]), "just talk");
    assert_eq!(wire.telegram.updates().len(), 1);
}

#[tokio::test]
async fn some_write_in_the_name_of_a_chat() {
    let wire = Wire::new().await;
    let anna = wire.telegram.person("Anna", "en");
    let group = wire.telegram.supergroup("G", &[&anna]);
    anna.to(&group).anonymous().says("/rules");
    let message = wire.update().await["message"].clone();
    assert_eq!(message["from"]["username"], "GroupAnonymousBot");
    assert_eq!(message["sender_chat"]["id"], group.id());
    let channel = wire.telegram.channel("C", &[&anna]);
    let post = anna.says(&channel, "news");
    let told = wire.update().await["channel_post"].clone();
    assert!(told.get("from").is_none());
    assert_eq!(told["sender_chat"]["id"], channel.id());
    anna.edits(&channel, post, "newer news").unwrap();
    assert_eq!(
        wire.update().await["edited_channel_post"]["text"],
        "newer news"
    );
    let own = wire
        .call(
            "sendMessage",
            json!({ "chat_id": channel.id(), "text": "x" }),
        )
        .await
        .ok();
    assert_eq!(own["sender_chat"]["id"], channel.id());
    let forced =
        json!({ "chat_id": channel.id(), "text": "x", "reply_markup": { "force_reply": true } });
    wire.call("sendMessage", forced)
        .await
        .refused(400, "Bad Request: inline keyboard expected");
}

#[tokio::test]
async fn a_blocked_bot_hears_nothing() {
    let wire = Wire::new().await;
    let (anna, room) = wire.anna();
    anna.blocks();
    let before = wire.telegram.updates().len();
    anna.says(&room, "anybody?");
    anna.blocks();
    assert_eq!(wire.telegram.updates().len(), before);
    anna.unblocks();
    assert_eq!(
        wire.update().await["my_chat_member"]["new_chat_member"]["status"],
        "member"
    );
    anna.blocks();
    anna.opens("again");
    let updates = wire.updates().await;
    assert_eq!(
        updates[updates.len() - 2]["my_chat_member"]["new_chat_member"]["status"],
        "member"
    );
    assert_eq!(
        updates[updates.len() - 1]["message"]["text"],
        "/start again"
    );
}

#[tokio::test]
async fn waiting_ends_with_what_is_waited_for_or_tells_what_was_there() {
    let wire = Wire::new().await;
    let (_, room) = wire.anna();
    let wait = room.wait_for("a greeting", Duration::from_secs(10), |seen| {
        seen.text == "hello"
    });
    let (seen, _) = tokio::join!(wait, wire.says(&room, "hello"));
    assert!(seen.unwrap().from_bot);
    let wait = room.wait_for("a farewell", Duration::from_millis(50), |seen| {
        seen.text == "bye"
    });
    let error = format!("{:#}", wait.await.unwrap_err());
    assert!(
        error.contains("a farewell") && error.contains("hello"),
        "{error}"
    );
}
