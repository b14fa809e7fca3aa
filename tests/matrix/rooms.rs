//! Rooms that are unlike others: upgraded, without reactions, with somebody who cannot encrypt.

use anyhow::{Context as _, Result, ensure};
use lorikeet_tests::peers::until;
use serde_json::json;

use crate::stage::{logged, private, settings, started};
use lorikeet_tests::matrix::Homeserver;
use lorikeet_tests::matrix::{Chat, PATIENCE, Person};

#[tokio::test]
async fn what_was_begun_goes_on_in_an_upgraded_room() -> Result<()> {
    let homeserver = Homeserver::shared()?;
    let directory = tempfile::tempdir()?;
    let bot = homeserver.register("lorikeet")?;
    let _bot = started(directory.path(), &settings(&homeserver, &bot))?;
    let kea = Person::new(&homeserver, "kea").await?;
    let with = json!({ "invite": [bot], "version": "11" });
    let room = kea.creates(with).await?;
    let mut chat = Chat {
        person: &kea,
        bot: bot.clone(),
        room: room.clone(),
        thread: None,
    };
    chat.sees("Train a LoRA").await?;
    chat.says("!train Garden birds").await?;
    chat.sees_last("0 of 20").await?;
    let upgrade = format!("POST /_matrix/client/v3/rooms/{room}/upgrade");
    let next = homeserver
        .call(&kea.token, &upgrade, &json!({ "new_version": "12" }))
        .await?;
    chat.room = next["replacement_room"]
        .as_str()
        .context("a room")?
        .to_owned();
    // As clients do, for who was there.
    let invite = format!("POST /_matrix/client/v3/rooms/{}/invite", chat.room);
    homeserver
        .call(&kea.token, &invite, &json!({ "user_id": bot }))
        .await?;
    kea.meets(&chat.room, &bot).await?;
    chat.says("!overview").await?;
    chat.sees_last("Garden birds").await?;
    Ok(())
}

#[tokio::test]
async fn without_reactions_numbers_are_typed() -> Result<()> {
    let homeserver = Homeserver::shared()?;
    let directory = tempfile::tempdir()?;
    let bot = homeserver.register("lorikeet")?;
    let _bot = started(directory.path(), &settings(&homeserver, &bot))?;
    let kea = Person::new(&homeserver, "kea").await?;
    let with = json!({ "invite": [bot], "extra": { "events": { "m.reaction": 50 } } });
    let room = kea.creates(with).await?;
    let chat = Chat {
        person: &kea,
        bot: bot.clone(),
        room,
        thread: None,
    };
    let menu = chat.sees("1. Train a LoRA").await?;
    chat.says("1").await?;
    chat.sees_last("What is it called?").await?;
    // What is typed is the name now; a choice has the prefix before it.
    chat.sees_last("!1 Main menu").await?;
    chat.says("1. Train").await?;
    chat.sees_last("cannot be in a name").await?;
    chat.says("!1").await?;
    chat.sees_last("1. Train a LoRA").await?;
    let seen = kea.messages();
    let menu = seen
        .iter()
        .find(|seen| seen.event == menu.event)
        .context("the menu")?;
    ensure!(menu.reactions.is_empty(), "{menu:#?}");
    Ok(())
}

#[tokio::test]
async fn who_cannot_encrypt_is_heard_and_what_cannot_be_read_is_said_once() -> Result<()> {
    let homeserver = Homeserver::shared()?;
    let directory = tempfile::tempdir()?;
    let bot = homeserver.register("lorikeet")?;
    let _bot = started(directory.path(), &settings(&homeserver, &bot))?;
    let kea = Person::new(&homeserver, "kea").await?;
    let chat = private(&kea, &bot, true).await?;
    // As a bridge does for who is elsewhere: not encrypted, in a room that is.
    let send = format!(
        "PUT /_matrix/client/v3/rooms/{}/send/m.room.message/1",
        chat.room
    );
    homeserver
        .call(
            &kea.token,
            &send,
            &json!({ "msgtype": "m.text", "body": "!help" }),
        )
        .await?;
    chat.sees_last("How it goes").await?;
    // What nobody gave the key of.
    let send = format!(
        "PUT /_matrix/client/v3/rooms/{}/send/m.room.encrypted/2",
        chat.room
    );
    let locked = json!({
        "algorithm": "m.megolm.v1.aes-sha2", "session_id": "nobodys", "device_id": "NOBODYS",
        "sender_key": "nobodys", "ciphertext": "AwgAEnACgAkLmt6qF84IK++J7UDH2Za1YVchHyprqTqsg2yyOwAtHaZTwyNg37afzg8f3r9IsN9rH4RNFg7MaZencUJe4qvELiDiopUjy5wYVDAtqdBzer5bWRD9ldxp1FLgbQvBcjkkywYjCsmsq6+hArLd9oAQZnGKn/qLsK+5uNX3PaWzDRC9wZPQvWYYPCTov3jCwXKTPsLKIiTrcCXDqMvnn8m+T3zF/I2zqxg158tnUwWWIw51UO",
    });
    homeserver.call(&kea.token, &send, &locked).await?;
    chat.sees("I cannot read your last message").await?;
    // Said once.
    let again = format!(
        "PUT /_matrix/client/v3/rooms/{}/send/m.room.encrypted/3",
        chat.room
    );
    homeserver.call(&kea.token, &again, &locked).await?;
    chat.says("!start").await?;
    chat.sees_last("Train a LoRA").await?;
    let said = kea
        .messages()
        .iter()
        .filter(|seen| seen.text().contains("I cannot read"))
        .count();
    ensure!(said == 1, "it was said {said} times");
    Ok(())
}

#[tokio::test]
async fn clients_that_know_how_are_told_of_commands() -> Result<()> {
    const KIND: &str = "org.matrix.msc4391.command_description";
    let homeserver = Homeserver::shared()?;
    let directory = tempfile::tempdir()?;
    let bot = homeserver.register("lorikeet")?;
    let _bot = started(directory.path(), &settings(&homeserver, &bot))?;
    let kea = Person::new(&homeserver, "kea").await?;
    let chat = private(&kea, &bot, true).await?;
    let known = format!("GET /_matrix/client/v3/rooms/{}/state", chat.room);
    let described = || async {
        let state = homeserver.call(&kea.token, &known, &json!({})).await?;
        let all = state.as_array().context("a list")?.iter();
        let own = all.filter(|event| event["type"] == KIND && event["sender"] == json!(bot));
        let names = own.filter_map(|event| event["content"]["command"].as_str().map(str::to_owned));
        anyhow::Ok(names.collect::<Vec<String>>())
    };
    until("the commands", PATIENCE, || async {
        let described: Vec<String> = described().await?;
        Ok(["start", "train", "help"]
            .iter()
            .all(|name| described.iter().any(|known| known == name)))
    })
    .await?;
    // As such a client sends it, whatever stands in the text.
    let command = json!({ "command": "train", "arguments": { "name": "Garden birds" } });
    chat.sends(json!({
        "msgtype": "m.text", "body": "train: Garden birds", "org.matrix.msc4391.command": command,
        "m.mentions": { "user_ids": [bot] },
    }))
    .await?;
    chat.sees_last("0 of 20").await?;
    Ok(())
}

#[tokio::test]
async fn what_could_not_be_read_is_once_its_key_is_there() -> Result<()> {
    let homeserver = Homeserver::shared()?;
    let directory = tempfile::tempdir()?;
    let bot = homeserver.register("lorikeet")?;
    let settings = settings(&homeserver, &bot);
    let running = started(directory.path(), &settings)?;
    let kea = Person::new(&homeserver, "kea").await?;
    let chat = private(&kea, &bot, true).await?;
    let in_room = |content| json!({ "room": chat.room, "content": content });
    let words = |words: &str| in_room(json!({ "msgtype": "m.text", "body": words }));
    kea.does("withhold", words("!train Garden birds")).await?;
    chat.sees("I cannot read your last message").await?;
    kea.does("give", json!({ "room": chat.room })).await?;
    chat.sees_last("0 of 20").await?;
    // While nobody is there to get the key, and for who comes after.
    kea.does("withhold", words("!help")).await?;
    logged(directory.path(), "cannot be decrypted yet").await?;
    drop(running);
    kea.does("give", json!({ "room": chat.room })).await?;
    let _running = started(directory.path(), &settings)?;
    chat.sees_last("How it goes").await?;
    chat.says("!loras").await?;
    chat.sees_last("Garden birds").await?;
    Ok(())
}

#[tokio::test]
async fn a_room_where_it_may_not_speak_is_heard_all_the_same() -> Result<()> {
    let homeserver = Homeserver::shared()?;
    let directory = tempfile::tempdir()?;
    let bot = homeserver.register("lorikeet")?;
    let _bot = started(directory.path(), &settings(&homeserver, &bot))?;
    let kea = Person::new(&homeserver, "kea").await?;
    let with = json!({ "invite": [bot], "extra": { "events_default": 50 } });
    let room = kea.creates(with).await?;
    let chat = Chat {
        person: &kea,
        bot: bot.clone(),
        room: room.clone(),
        thread: None,
    };
    kea.meets(&room, &bot).await?;
    chat.says("!train Garden birds").await?;
    logged(directory.path(), "it is not allowed: 403").await?;
    let levels = format!("/_matrix/client/v3/rooms/{room}/state/m.room.power_levels");
    let mut known = homeserver
        .call(&kea.token, &format!("GET {levels}"), &json!({}))
        .await?;
    known["events_default"] = json!(0);
    homeserver
        .call(&kea.token, &format!("PUT {levels}"), &known)
        .await?;
    // Nothing was lost meanwhile.
    chat.says("!overview").await?;
    chat.sees_last("Garden birds").await?;
    Ok(())
}

#[tokio::test]
async fn among_others_it_hears_its_name_answers_to_it_and_who_cannot_encrypt() -> Result<()> {
    let homeserver = Homeserver::shared()?;
    let directory = tempfile::tempdir()?;
    let bot = homeserver.register("lorikeet")?;
    let _bot = started(directory.path(), &settings(&homeserver, &bot))?;
    let kea = Person::new(&homeserver, "kea").await?;
    // As a bridge makes one for who is elsewhere: without any device that could read.
    let puppet = homeserver.register("puppet")?;
    let token = homeserver.login(&puppet).await?;
    let with = json!({ "invite": [bot, puppet], "encrypted": true, "name": "Birds" });
    let room = kea.creates(with).await?;
    let join = format!("POST /_matrix/client/v3/rooms/{room}/join");
    homeserver.call(&token, &join, &json!({})).await?;
    kea.meets(&room, &bot).await?;
    kea.meets(&room, &puppet).await?;
    let mut chat = Chat {
        person: &kea,
        bot: bot.clone(),
        room: room.clone(),
        thread: None,
    };
    chat.says("What a fine morning!").await?;
    let named = json!({
        "msgtype": "m.text", "body": "Lorikeet: !start", "m.mentions": { "user_ids": [bot] },
    });
    let root = chat.sends(named).await?;
    chat.thread = Some(root.clone());
    let menu = chat.sees("Train a LoRA").await?;
    // An answer to what it said, outside of the thread, belongs to it.
    let outside = Chat {
        thread: None,
        ..chat.clone()
    };
    outside
        .sends(json!({
            "msgtype": "m.text", "body": "2",
            "m.relates_to": { "m.in_reply_to": { "event_id": menu.event } },
        }))
        .await?;
    chat.sees_last("How it goes").await?;
    // What was read is not changed; what others think of what she said is theirs.
    let new = json!({ "msgtype": "m.text", "body": "Lorikeet: !help" });
    outside
        .sends(json!({
            "msgtype": "m.text", "body": "* Lorikeet: !help", "m.new_content": new,
            "m.relates_to": { "rel_type": "m.replace", "event_id": root },
        }))
        .await?;
    chat.sees("it counts as it was at first").await?;
    let like =
        json!({ "m.relates_to": { "rel_type": "m.annotation", "event_id": root, "key": "👍" } });
    let react = format!("PUT /_matrix/client/v3/rooms/{room}/send/m.reaction/like");
    homeserver.call(&token, &react, &like).await?;
    // The other one has a thread of its own, and is told whose the first is.
    let send =
        |number: u32| format!("PUT /_matrix/client/v3/rooms/{room}/send/m.room.message/{number}");
    let words = json!({ "msgtype": "m.text", "body": "!train Garden birds" });
    let sent = homeserver.call(&token, &send(1), &words).await?;
    let theirs = Chat {
        thread: sent["event_id"].as_str().map(str::to_owned),
        ..chat.clone()
    };
    let shown = theirs.sees_last("0 of 20").await?;
    ensure!(
        shown.encrypted && shown.content["m.mentions"]["user_ids"] == json!([puppet]),
        "{shown:#?}"
    );
    let first = kea.messages();
    let own = first.iter().filter(|seen| seen.sender == bot);
    let lost = own.filter(|seen| seen.thread().is_none()).count();
    ensure!(
        lost == 0,
        "{lost} messages outside of the threads: {first:#?}"
    );
    let blamed = first
        .iter()
        .any(|seen| seen.text().contains("somebody else"));
    ensure!(!blamed, "{first:#?}");
    Ok(())
}
