//! What goes wrong on purpose.

use std::time::{Duration, Instant};

use lorikeet_fake_telegram::{Answered, Fault, Options};
use serde_json::{Value, json};

use crate::client::Wire;

fn say(chat: i64) -> Value {
    json!({ "chat_id": chat, "text": "x" })
}

#[tokio::test]
async fn the_next_call_of_a_method_is_refused() {
    let wire = Wire::new().await;
    let (_, room) = wire.anna();
    wire.telegram.next_call(
        "SendMessage",
        Fault::refuse(400, "Bad Request: something new"),
    );
    wire.telegram
        .next_call("sendMessage", Fault::refuse(500, "Internal Server Error"));
    wire.call("getMe", json!({})).await.ok();
    wire.call("sendMessage", say(room.id()))
        .await
        .refused(400, "Bad Request: something new");
    wire.call("sendMessage", say(room.id()))
        .await
        .refused(500, "Internal Server Error");
    wire.call("sendMessage", say(room.id())).await.ok();
    assert_eq!(room.from_bot().len(), 1);
}

#[tokio::test]
async fn a_429_on_demand_floods_its_chat() {
    let wire = Wire::new().await;
    let (_, room) = wire.anna();
    let (_, other) = wire.anna();
    wire.telegram.next_call("sendMessage", Fault::too_many(3));
    let told = "Too Many Requests: retry after 3";
    let parameters = wire
        .call("sendMessage", say(room.id()))
        .await
        .refused(429, told);
    assert_eq!(parameters["retry_after"], 3);
    wire.call("sendMessage", say(other.id())).await.ok();
    assert_eq!(wire.telegram.impatient_calls(), 0);
    assert_eq!(wire.call("sendMessage", say(room.id())).await.status, 429);
    assert_eq!(wire.telegram.impatient_calls_in(room.id()), 1);
    wire.telegram.advance(Duration::from_secs(3));
    wire.call("sendMessage", say(room.id())).await.ok();
}

#[tokio::test]
async fn a_storm_refuses_everything_for_a_while() {
    let wire = Wire::new().await;
    let (_, room) = wire.anna();
    wire.telegram
        .storm(Fault::too_many(0), Duration::from_secs(60));
    let reply = wire.call("sendMessage", say(room.id())).await;
    assert_eq!(reply.body["parameters"]["retry_after"], 60);
    assert_eq!(wire.telegram.impatient_calls(), 0);
    assert_eq!(wire.call("getMe", json!({})).await.status, 429);
    assert_eq!(wire.telegram.impatient_calls(), 1);
    wire.telegram.advance(Duration::from_secs(60));
    wire.call("sendMessage", say(room.id())).await.ok();
    wire.telegram
        .storm(Fault::BadGateway, Duration::from_secs(60));
    assert_eq!(wire.call("getMe", json!({})).await.status, 502);
    wire.telegram.calm();
    wire.call("getMe", json!({})).await.ok();
}

#[tokio::test]
async fn a_call_may_be_done_and_the_bot_not_learn_of_it() {
    let wire = Wire::new().await;
    let (_, room) = wire.anna();
    for (fault, answered, done) in [
        (Fault::Cut, Answered::Cut { done: false }, 0),
        (Fault::DoneThenCut, Answered::Cut { done: true }, 1),
        (Fault::BadGateway, Answered::BadGateway { done: false }, 1),
        (
            Fault::DoneThenBadGateway,
            Answered::BadGateway { done: true },
            2,
        ),
    ] {
        wire.telegram.next_call("sendMessage", fault.clone());
        let reply = wire.try_call("sendMessage", say(room.id())).await;
        match answered {
            Answered::Cut { .. } => assert!(reply.is_none()),
            _ => {
                let reply = reply.unwrap();
                assert_eq!(reply.status, 502);
                assert_eq!(reply.body, Value::Null, "HTML, not JSON");
            }
        }
        assert_eq!(room.from_bot().len(), done, "{fault:?}");
        assert_eq!(wire.telegram.calls().last().unwrap().answered, answered);
    }
}

#[tokio::test]
async fn answers_may_be_late() {
    let wire = Wire::new().await;
    let (_, room) = wire.anna();
    let wait = Duration::from_millis(300);
    for (fault, done_at_once) in [(Fault::Late(wait), true), (Fault::Slow(wait), false)] {
        wire.telegram.next_call("sendMessage", fault);
        let before = room.from_bot().len();
        let began = Instant::now();
        let look = async {
            tokio::time::sleep(wait / 3).await;
            room.from_bot().len() > before
        };
        let (reply, done) = tokio::join!(wire.call("sendMessage", say(room.id())), look);
        reply.ok();
        assert!(began.elapsed() >= wait);
        assert_eq!(done, done_at_once);
    }
}

#[tokio::test]
async fn downloads_fail_too() {
    let wire = Wire::new().await;
    let (anna, room) = wire.anna();
    anna.to(&room).document("a.txt", "abc");
    let file = wire.update().await["message"]["document"]["file_id"].clone();
    let got = wire.call("getFile", json!({ "file_id": file })).await.ok();
    let path = got["file_path"].as_str().unwrap();
    wire.telegram.next_call("file", Fault::BadGateway);
    assert_eq!(wire.download(path).await.0, 502);
    wire.telegram
        .next_call("file", Fault::refuse(404, "Not Found"));
    assert_eq!(wire.download(path).await.0, 404);
    assert_eq!(wire.download(path).await.1, "abc");
}

#[tokio::test]
async fn a_stopped_server_comes_back_where_it_was() {
    let wire = Wire::new().await;
    let (_, room) = wire.anna();
    let id = wire.says(&room, "before").await;
    let url = wire.telegram.url();
    wire.telegram.stop();
    assert!(wire.try_call("getMe", json!({})).await.is_none());
    wire.telegram.start_again().await.unwrap();
    assert_eq!(wire.telegram.url(), url);
    let edit = json!({ "chat_id": room.id(), "message_id": id, "text": "after" });
    wire.call("editMessageText", edit).await.ok();
    assert_eq!(room.message(id).unwrap().text, "after");
}

#[tokio::test]
async fn a_cheap_server_keeps_little() {
    let wire = Wire::with(Options::cheap()).await;
    let (_, room) = wire.anna();
    for _ in 0..100 {
        wire.says(&room, "x").await;
    }
    assert!(wire.telegram.calls().is_empty());
    assert_eq!(wire.telegram.count("sendMessage"), 100);
    assert_eq!(room.messages().len(), 64);
}
