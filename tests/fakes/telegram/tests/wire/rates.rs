//! Who writes too often waits.

use std::time::Duration;

use lorikeet_fake_telegram::{Options, Rates, Room};
use serde_json::{Value, json};

use crate::client::{Reply, Wire};

async fn say(wire: &Wire, room: &Room) -> Reply {
    wire.call("sendMessage", json!({ "chat_id": room.id(), "text": "x" }))
        .await
}

fn wait(reply: Reply) -> u64 {
    let description = reply.body["description"].as_str().unwrap().to_owned();
    let seconds = reply.body["parameters"]["retry_after"].as_u64().unwrap();
    reply.refused(429, &format!("Too Many Requests: retry after {seconds}"));
    assert!(description.ends_with(&seconds.to_string()));
    seconds
}

#[tokio::test]
async fn there_are_no_rates_unless_asked_for() {
    let wire = Wire::new().await;
    let (_, room) = wire.anna();
    for _ in 0..100 {
        say(&wire, &room).await.ok();
    }
    assert_eq!(wire.telegram.impatient_calls(), 0);
}

#[tokio::test]
async fn a_chat_takes_a_burst_and_then_one_a_second() {
    let wire = Wire::with(Options::default().with_rates()).await;
    let (_, room) = wire.anna();
    let (_, other) = wire.anna();
    for _ in 0..3 {
        say(&wire, &room).await.ok();
    }
    let seconds = wait(say(&wire, &room).await);
    assert_eq!(wire.telegram.impatient_calls_in(room.id()), 0);
    // Too early: it stays refused, and is counted. Others are not concerned.
    wait(say(&wire, &room).await);
    let edit = json!({ "chat_id": room.id(), "message_id": room.last().unwrap().id, "text": "y" });
    wait(wire.call("editMessageText", edit).await);
    assert_eq!(wire.telegram.impatient_calls_in(room.id()), 2);
    say(&wire, &other).await.ok();
    assert_eq!(wire.telegram.impatient_calls(), 2);
    // What is no message does not count.
    wire.call(
        "sendChatAction",
        json!({ "chat_id": room.id(), "action": "typing" }),
    )
    .await
    .ok();
    wire.telegram.advance(Duration::from_secs(seconds));
    say(&wire, &room).await.ok();
    wait(say(&wire, &room).await);
    wire.telegram.advance(Duration::from_secs(10));
    for _ in 0..3 {
        say(&wire, &room).await.ok();
    }
    assert_eq!(wire.telegram.impatient_calls(), 2);
}

#[tokio::test]
async fn a_group_takes_20_a_minute() {
    let rates = Rates {
        chat_burst: 100,
        ..Rates::default()
    };
    let options = Options {
        rates: Some(rates),
        ..Options::default()
    };
    let wire = Wire::with(options).await;
    let group = wire.telegram.group("G", &[]);
    for _ in 0..20 {
        say(&wire, &group).await.ok();
    }
    let seconds = wait(say(&wire, &group).await);
    assert!((55..=60).contains(&seconds), "{seconds}");
    wire.telegram.advance(Duration::from_secs(seconds));
    say(&wire, &group).await.ok();
}

#[tokio::test]
async fn all_chats_together_take_30_a_second() {
    let wire = Wire::with(Options::default().with_rates()).await;
    let rooms: Vec<Room> = (0..31).map(|_| wire.anna().1).collect();
    for room in &rooms[..30] {
        say(&wire, room).await.ok();
    }
    assert_eq!(wait(say(&wire, &rooms[30]).await), 1);
    wire.telegram.advance(Duration::from_secs(1));
    say(&wire, &rooms[30]).await.ok();
}

#[tokio::test]
async fn an_album_counts_by_its_parts() {
    let wire = Wire::with(Options::default().with_rates()).await;
    let (_, room) = wire.anna();
    let parts: Vec<Value> = (0..6)
        .map(|at| json!({ "type": "document", "media": format!("attach://{at}") }))
        .collect();
    let names: Vec<String> = (0..6).map(|at| at.to_string()).collect();
    let files: Vec<(&str, &str, &[u8])> = names
        .iter()
        .map(|name| (name.as_str(), "a", b"a".as_slice()))
        .collect();
    let fields = json!({ "chat_id": room.id(), "media": parts });
    wire.upload("sendMediaGroup", fields, &files).await.ok();
    assert_eq!(wait(say(&wire, &room).await), 4);
}
