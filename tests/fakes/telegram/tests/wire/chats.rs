//! Where the bot may write, and what it learns of chats.

use lorikeet_fake_telegram::{Room, Standing};
use serde_json::{Value, json};

use crate::client::{Reply, Wire};

async fn write(wire: &Wire, room: &Room) -> Reply {
    wire.call("sendMessage", json!({ "chat_id": room.id(), "text": "x" }))
        .await
}

#[tokio::test]
async fn nobody_is_written_to_unasked() {
    let wire = Wire::new().await;
    let anna = wire.telegram.person("Anna", "en");
    let room = anna.private();
    write(&wire, &room)
        .await
        .refused(400, "Bad Request: chat not found");
    // Whom it has met in a group, it knows, but may not write to either.
    let group = wire.telegram.group("G", &[&anna]);
    anna.says(&group, "/hello");
    let unasked = "Forbidden: bot can't initiate conversation with a user";
    write(&wire, &room).await.refused(403, unasked);
    anna.opens("from_group");
    assert_eq!(wire.update().await["message"]["text"], "/start from_group");
    write(&wire, &room).await.ok();
    anna.blocks();
    let moved = wire.update().await["my_chat_member"].clone();
    assert_eq!(moved["old_chat_member"]["status"], "member");
    assert_eq!(moved["new_chat_member"]["status"], "kicked");
    write(&wire, &room)
        .await
        .refused(403, "Forbidden: bot was blocked by the user");
    let action = json!({ "chat_id": room.id(), "action": "typing" });
    let blocked = "Forbidden: bot was blocked by the user";
    wire.call("sendChatAction", action)
        .await
        .refused(403, blocked);
    anna.unblocks();
    write(&wire, &room).await.ok();
    for (chat, refused) in [
        (json!(""), "chat_id is empty"),
        (json!(42), "chat not found"),
        (json!("somewhere"), "chat not found"),
        (json!("@nobody"), "chat not found"),
    ] {
        let body = json!({ "chat_id": chat, "text": "x" });
        wire.call("sendMessage", body)
            .await
            .refused(400, &format!("Bad Request: {refused}"));
    }
}

#[tokio::test]
async fn the_bot_must_be_in_the_group() {
    let wire = Wire::new().await;
    let anna = wire.telegram.person("Anna", "en");
    for (room, spoken) in [
        (wire.telegram.group("G", &[&anna]), "group chat"),
        (wire.telegram.supergroup("S", &[&anna]), "supergroup chat"),
        (wire.telegram.channel("C", &[&anna]), "channel chat"),
    ] {
        write(&wire, &room).await.ok();
        anna.kicks_bot(&room);
        assert_eq!(
            wire.update().await["my_chat_member"]["new_chat_member"]["status"],
            "kicked"
        );
        let kicked = format!("Forbidden: bot was kicked from the {spoken}");
        write(&wire, &room).await.refused(403, &kicked);
        anna.adds_bot(&room);
        if spoken == "channel chat" {
            let needed = "Bad Request: need administrator rights in the channel chat";
            write(&wire, &room).await.refused(400, needed);
            anna.promotes_bot(&room);
        } else {
            assert_eq!(
                wire.update().await["message"]["new_chat_members"][0]["id"],
                wire.telegram.bot_id()
            );
        }
        write(&wire, &room).await.ok();
        wire.call("leaveChat", json!({ "chat_id": room.id() }))
            .await
            .ok();
        assert_eq!(
            wire.update().await["my_chat_member"]["new_chat_member"]["status"],
            "left"
        );
        let left = format!("Forbidden: bot is not a member of the {spoken}");
        write(&wire, &room).await.refused(403, &left);
    }
    let (_, private) = wire.anna();
    let refused = "Bad Request: chat member status can't be changed in private chats";
    wire.call("leaveChat", json!({ "chat_id": private.id() }))
        .await
        .refused(400, refused);
}

#[tokio::test]
async fn a_bot_that_may_not_write_is_told_what_it_may_not() {
    let wire = Wire::new().await;
    let anna = wire.telegram.person("Anna", "en");
    let room = wire.telegram.supergroup("G", &[&anna]);
    write(&wire, &room).await.ok();
    anna.restricts_bot(&room);
    let moved = wire.update().await["my_chat_member"]["new_chat_member"].clone();
    assert_eq!(moved["status"], "restricted");
    assert_eq!(moved["can_send_messages"], false);
    let refused = "Bad Request: not enough rights to send text messages to the chat";
    write(&wire, &room).await.refused(400, refused);
    let fields = json!({ "chat_id": room.id() });
    let reply = wire.upload("sendDocument", fields, &[("document", "a", b"a")]);
    let refused = "Bad Request: not enough rights to send documents to the chat";
    reply.await.refused(400, refused);
    anna.promotes_bot(&room);
    write(&wire, &room).await.ok();
}

#[tokio::test]
async fn a_group_that_became_a_supergroup_says_where_it_is() {
    let wire = Wire::new().await;
    let anna = wire.telegram.person("Anna", "en");
    let group = wire.telegram.group("G", &[&anna]);
    write(&wire, &group).await.ok();
    let new = group.becomes_supergroup(&anna);
    let updates = wire.updates().await;
    assert_eq!(updates[0]["message"]["migrate_to_chat_id"], new.id());
    assert_eq!(updates[0]["message"]["chat"]["id"], group.id());
    assert_eq!(updates[1]["message"]["migrate_from_chat_id"], group.id());
    assert_eq!(updates[1]["message"]["chat"]["type"], "supergroup");
    let upgraded = "Bad Request: group chat was upgraded to a supergroup chat";
    let parameters = write(&wire, &group).await.refused(400, upgraded);
    assert_eq!(parameters["migrate_to_chat_id"], new.id());
    write(&wire, &new).await.ok();
    // People are there already.
    anna.says(&group, "/where");
    assert_eq!(wire.update().await["message"]["chat"]["id"], new.id());
}

#[tokio::test]
async fn topics_are_there_or_not_open_or_not() {
    let wire = Wire::new().await;
    let anna = wire.telegram.person("Anna", "en");
    let forum = wire.telegram.forum("F", &[&anna]);
    let topic = forum.topic(&anna, "Parrots");
    assert_eq!(
        wire.update().await["message"]["forum_topic_created"]["name"],
        "Parrots"
    );
    let say =
        |thread: i64| json!({ "chat_id": forum.id(), "text": "x", "message_thread_id": thread });
    let sent = wire.call("sendMessage", say(topic)).await.ok();
    assert_eq!(sent["message_thread_id"], topic);
    assert_eq!(sent["is_topic_message"], true);
    assert_eq!(sent["chat"]["is_forum"], true);
    assert_eq!(forum.last().unwrap().thread, Some(topic));
    let none = "Bad Request: message thread not found";
    wire.call("sendMessage", say(topic + 100))
        .await
        .refused(400, none);
    // The general topic is not named.
    wire.call("sendMessage", say(1)).await.refused(400, none);
    let general = wire.call("sendMessage", say(0)).await.ok();
    assert!(general.get("message_thread_id").is_none());
    anna.to(&forum).thread(topic).says("/here");
    let message = wire.update().await["message"].clone();
    assert_eq!(message["message_thread_id"], topic);
    // Clients answer the message that opened the topic, without anybody asking them to.
    assert_eq!(message["reply_to_message"]["message_id"], topic);
    forum.close_topic(&anna, topic);
    wire.call("sendMessage", say(topic))
        .await
        .refused(400, "Bad Request: TOPIC_CLOSED");
    forum.bot_is(Standing::Administrator);
    wire.call("sendMessage", say(topic)).await.ok();
    forum.delete_topic(topic);
    wire.call("sendMessage", say(topic))
        .await
        .refused(400, none);
    let group = wire.telegram.supergroup("S", &[&anna]);
    let body = json!({ "chat_id": group.id(), "text": "x", "message_thread_id": 5 });
    wire.call("sendMessage", body).await.refused(400, none);
}

#[tokio::test]
async fn hints_are_of_a_few_sorts() {
    let wire = Wire::new().await;
    let (_, room) = wire.anna();
    let hint = |action: &str| json!({ "chat_id": room.id(), "action": action });
    wire.call("sendChatAction", hint("typing")).await.ok();
    wire.call("sendChatAction", hint("upload_photo")).await.ok();
    let wrong = "Bad Request: wrong parameter action in request";
    wire.call("sendChatAction", hint("dancing"))
        .await
        .refused(400, wrong);
    let channel = wire.telegram.channel("C", &[]);
    let hint = json!({ "chat_id": channel.id(), "action": "typing" });
    assert_eq!(wire.call("sendChatAction", hint).await.status, 400);
    let actions: Vec<String> = room
        .actions()
        .into_iter()
        .map(|action| action.action)
        .collect();
    assert_eq!(actions, ["typing", "upload_photo"]);
}

#[tokio::test]
async fn the_bot_asks_who_is_who() {
    let wire = Wire::new().await;
    let (anna, private) = wire.anna();
    let ben = wire.telegram.person("Ben", "de");
    let group = wire.telegram.supergroup("Birds", &[&anna]);
    let chat = wire
        .call("getChat", json!({ "chat_id": private.id() }))
        .await
        .ok();
    assert_eq!(
        (chat["type"].clone(), chat["first_name"].clone()),
        (json!("private"), json!("Anna"))
    );
    let chat = wire
        .call("getChat", json!({ "chat_id": group.id() }))
        .await
        .ok();
    assert_eq!(
        (chat["type"].clone(), chat["title"].clone()),
        (json!("supergroup"), json!("Birds"))
    );
    wire.call("getChat", json!({ "chat_id": 9 }))
        .await
        .refused(400, "Bad Request: chat not found");
    let member = |id: i64| json!({ "chat_id": group.id(), "user_id": id });
    let status = async |id: i64| -> Value {
        wire.call("getChatMember", member(id)).await.ok()["status"].clone()
    };
    assert_eq!(status(anna.id()).await, "creator");
    assert_eq!(status(ben.id()).await, "left");
    assert_eq!(status(wire.telegram.bot_id()).await, "member");
    ben.joins(&group);
    assert_eq!(status(ben.id()).await, "member");
    group.member_is(&ben, Standing::Administrator);
    assert_eq!(status(ben.id()).await, "administrator");
    wire.call("getChatMember", member(9))
        .await
        .refused(400, "Bad Request: member not found");
    wire.call("getChatMember", member(0))
        .await
        .refused(400, "Bad Request: invalid user_id specified");
}
