//! `getUpdates`.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::Wire;

fn ids(updates: &Value) -> Vec<i64> {
    let updates = updates.as_array().unwrap().iter();
    updates
        .filter_map(|update| update["update_id"].as_i64())
        .collect()
}

#[tokio::test]
async fn an_offset_confirms_and_a_limit_limits() {
    let wire = Wire::new().await;
    let (anna, room) = wire.anna();
    for number in 0..4 {
        anna.says(&room, &number.to_string());
    }
    let poll = async |body: Value| ids(&wire.call("getUpdates", body).await.ok());
    let all = poll(json!({})).await;
    assert_eq!(all.len(), 5);
    assert_eq!(poll(json!({ "limit": 2 })).await, all[..2]);
    // Nonsense is bent, not refused.
    assert_eq!(poll(json!({ "limit": 1000 })).await.len(), 5);
    assert_eq!(poll(json!({ "limit": -1 })).await.len(), 5);
    assert_eq!(poll(json!({ "offset": all[2] })).await, all[2..]);
    assert_eq!(poll(json!({})).await, all[2..]);
    assert_eq!(wire.telegram.pending_updates(), 3);
    assert_eq!(poll(json!({ "offset": -1 })).await, all[4..]);
    assert_eq!(poll(json!({})).await, all[4..]);
    assert_eq!(poll(json!({ "offset": all[4] + 1 })).await, [0_i64; 0]);
}

#[tokio::test]
async fn no_more_than_100_come_at_once() {
    let wire = Wire::new().await;
    let (anna, room) = wire.anna();
    for _ in 0..120 {
        anna.says(&room, "x");
    }
    assert_eq!(wire.updates().await.len(), 100);
}

#[tokio::test]
async fn a_long_poll_ends_with_the_first_update_or_its_time() {
    let wire = Wire::new().await;
    let (anna, room) = wire.anna();
    let last = wire.telegram.last_update().unwrap();
    let began = Instant::now();
    let poll = wire.call("getUpdates", json!({ "offset": last + 1, "timeout": 30 }));
    let say = async {
        tokio::task::yield_now().await;
        anna.says(&room, "now");
    };
    let (reply, ()) = tokio::join!(poll, say);
    assert_eq!(reply.ok()[0]["message"]["text"], "now");
    assert!(began.elapsed() < Duration::from_secs(5));
    let began = Instant::now();
    let reply = wire
        .call("getUpdates", json!({ "offset": last + 2, "timeout": 1 }))
        .await;
    assert_eq!(reply.ok(), json!([]));
    assert!(began.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn the_kinds_it_asks_for_are_remembered() {
    let wire = Wire::new().await;
    let (anna, room) = wire.anna();
    let id = wire.buttons(&room, &["a"]).await;
    wire.call(
        "getUpdates",
        json!({ "allowed_updates": ["callback_query"] }),
    )
    .await
    .ok();
    anna.says(&room, "unheard");
    anna.presses(&room, id, "a").unwrap();
    let kinds: Vec<&str> = wire
        .telegram
        .updates()
        .iter()
        .map(|(_, kind)| *kind)
        .collect();
    // What was there before is not taken back.
    assert_eq!(kinds, ["message", "callback_query"]);
    wire.call("getUpdates", json!({})).await.ok();
    anna.says(&room, "unheard");
    let info = wire.call("getWebhookInfo", json!({})).await.ok();
    assert_eq!(info["allowed_updates"], json!(["callback_query"]));
    assert_eq!(wire.telegram.updates().len(), 2);
    wire.call("getUpdates", json!({ "allowed_updates": [] }))
        .await
        .ok();
    anna.says(&room, "heard");
    assert_eq!(wire.update().await["message"]["text"], "heard");
}

#[tokio::test]
async fn two_polls_at_once_are_one_too_many() {
    let wire = Wire::new().await;
    let older = wire.call("getUpdates", json!({ "timeout": 30 }));
    let newer = async {
        let waits = || (wire.telegram.count("getUpdates") == 1).then_some(());
        while waits().is_none() {
            tokio::task::yield_now().await;
        }
        wire.call("getUpdates", json!({ "timeout": 0 })).await.ok()
    };
    let (older, _) = tokio::join!(older, newer);
    older.refused(
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    );
    let active = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
    let waits = wire.call("getUpdates", json!({ "timeout": 30 }));
    let set = async {
        while wire.telegram.count("getUpdates") < 3 {
            tokio::task::yield_now().await;
        }
        let webhook = json!({ "url": "http://127.0.0.1:9/" });
        wire.call("setWebhook", webhook).await.ok()
    };
    let (waits, _) = tokio::join!(waits, set);
    waits.refused(409, "Conflict: terminated by setWebhook request");
    wire.call("getUpdates", json!({}))
        .await
        .refused(409, active);
    wire.call("deleteWebhook", json!({})).await.ok();
    wire.call("getUpdates", json!({})).await.ok();
}

#[tokio::test]
async fn updates_are_kept_for_a_day() {
    let wire = Wire::new().await;
    let (anna, room) = wire.anna();
    wire.telegram.advance(Duration::from_secs(23 * 3600));
    anna.says(&room, "later");
    assert_eq!(wire.updates().await.len(), 2);
    wire.telegram.advance(Duration::from_secs(2 * 3600));
    assert_eq!(wire.updates().await.len(), 1);
}

#[tokio::test]
async fn updates_come_again_out_of_order_and_unconfirmed() {
    let wire = Wire::new().await;
    let (anna, room) = wire.anna();
    let poll = async |offset: i64| {
        ids(&wire
            .call("getUpdates", json!({ "offset": offset }))
            .await
            .ok())
    };
    let first = wire.telegram.last_update().unwrap();
    assert!(poll(first + 1).await.is_empty());
    assert!(wire.telegram.send_again(first));
    assert!(!wire.telegram.send_again(1));
    assert_eq!(poll(first + 1).await, [first]);
    assert!(poll(first + 1).await.is_empty());

    wire.telegram.hold_updates();
    anna.says(&room, "a");
    anna.says(&room, "b");
    anna.says(&room, "c");
    assert!(poll(0).await.is_empty());
    let held = wire.telegram.held_updates();
    wire.telegram.release_updates(&[held[2], held[0]]);
    assert_eq!(poll(0).await, [held[2], held[0]]);
    assert!(poll(held[2] + 1).await.is_empty());
    wire.telegram.release_all_updates();
    assert_eq!(poll(held[2] + 1).await, [held[1]]);
    anna.says(&room, "d");
    let last = wire.telegram.last_update().unwrap();
    assert_eq!(poll(held[2] + 1).await, [last]);
    wire.telegram.forget_confirmation();
    assert_eq!(poll(last + 1).await, [last]);
    assert!(poll(last + 1).await.is_empty());
}
