//! Menus of commands.

use serde_json::{Value, json};

use crate::client::Wire;

fn menu(command: &str, description: &str) -> Value {
    json!({ "commands": [{ "command": command, "description": description }] })
}

#[tokio::test]
async fn commands_have_names_and_descriptions_of_a_certain_length() {
    let wire = Wire::new().await;
    let (_, room) = wire.anna();
    let many = |count: usize| {
        let commands: Vec<Value> = (0..count)
            .map(|at| json!({ "command": format!("c{at}"), "description": "d" }))
            .collect();
        json!({ "commands": commands })
    };
    let scoped = |scope: Value, language: &str| json!({ "commands": [{ "command": "a", "description": "d" }], "scope": scope, "language_code": language });
    for (body, refused) in [
        (menu("train_2", "Trains"), ""),
        (menu("/train", "Trains"), ""),
        (menu(&"x".repeat(32), "d"), ""),
        (menu(&"x".repeat(33), "d"), "BOT_COMMAND_INVALID"),
        (menu("", "d"), "BOT_COMMAND_INVALID"),
        (menu("Train", "d"), "BOT_COMMAND_INVALID"),
        (menu("new-lora", "d"), "BOT_COMMAND_INVALID"),
        (menu("a", &"ä".repeat(256)), ""),
        (
            menu("a", &"ä".repeat(257)),
            "BOT_COMMAND_DESCRIPTION_INVALID",
        ),
        (menu("a", ""), "command description must be non-empty"),
        (
            json!({ "commands": [{ "command": "a" }] }),
            "can't parse BotCommand: Can't find field \"description\"",
        ),
        (
            json!({ "commands": [{ "description": "a" }] }),
            "can't parse BotCommand: Can't find field \"command\"",
        ),
        (
            json!({ "commands": "x" }),
            "can't parse commands JSON object",
        ),
        (json!({ "command": "misspelt" }), ""),
        (many(100), ""),
        (many(101), "BOT_COMMANDS_TOO_MUCH"),
        (scoped(json!({ "type": "all_private_chats" }), "de"), ""),
        (
            scoped(json!({ "type": "default" }), "deu"),
            "invalid language code specified",
        ),
        (
            scoped(json!({ "type": "default" }), "DE"),
            "invalid language code specified",
        ),
        (
            scoped(json!({ "type": "everywhere" }), ""),
            "can't parse BotCommandScope: unsupported type specified",
        ),
        (
            scoped(json!({ "type": "chat", "chat_id": room.id() }), ""),
            "",
        ),
        (
            scoped(json!({ "type": "chat", "chat_id": 1 }), ""),
            "chat not found",
        ),
        (
            scoped(json!({ "type": "chat_member", "chat_id": room.id() }), ""),
            "invalid user_id specified",
        ),
    ] {
        let reply = wire.call("setMyCommands", body.clone()).await;
        if refused.is_empty() {
            assert_eq!(reply.status, 200, "{body}: {}", reply.body);
        } else {
            reply.refused(400, &format!("Bad Request: {refused}"));
        }
    }
}

#[tokio::test]
async fn each_scope_and_language_has_a_menu_of_its_own() {
    let wire = Wire::new().await;
    let (anna, room) = wire.anna();
    let group = wire.telegram.supergroup("G", &[&anna]);
    let set = async |command: &str, scope: Value, language: &str| {
        let mut body = menu(command, "d");
        body["scope"] = scope;
        body["language_code"] = json!(language);
        wire.call("setMyCommands", body).await.ok();
    };
    let offered = |room| anna.commands(room).first().map(|(name, _)| name.clone());
    assert_eq!(offered(&room), None);
    set("any", json!({ "type": "default" }), "").await;
    set("german", json!({ "type": "all_private_chats" }), "de").await;
    assert_eq!(offered(&room).as_deref(), Some("any"));
    set("english", json!({ "type": "default" }), "en").await;
    assert_eq!(offered(&room).as_deref(), Some("english"));
    set("private", json!({ "type": "all_private_chats" }), "").await;
    assert_eq!(offered(&room).as_deref(), Some("private"));
    set("admins", json!({ "type": "all_chat_administrators" }), "").await;
    assert_eq!(offered(&group).as_deref(), Some("admins"));
    set("here", json!({ "type": "chat", "chat_id": group.id() }), "").await;
    assert_eq!(offered(&group).as_deref(), Some("here"));
    set(
        "hers",
        json!({ "type": "chat_member", "chat_id": group.id(), "user_id": anna.id() }),
        "",
    )
    .await;
    assert_eq!(offered(&group).as_deref(), Some("hers"));

    let private = json!({ "scope": { "type": "all_private_chats" } });
    let got = wire.call("getMyCommands", private.clone()).await.ok();
    assert_eq!(got, json!([{ "command": "private", "description": "d" }]));
    wire.call("deleteMyCommands", private.clone()).await.ok();
    assert_eq!(wire.call("getMyCommands", private).await.ok(), json!([]));
    assert_eq!(offered(&room).as_deref(), Some("english"));
    assert_eq!(
        wire.telegram.commands("default", ""),
        [("any".to_owned(), "d".to_owned())]
    );
    wire.call("setMyCommands", json!({ "commands": [] }))
        .await
        .ok();
    assert!(wire.telegram.commands("default", "").is_empty());
}
