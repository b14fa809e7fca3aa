//! Messages taken away.

use std::time::Duration;

use lorikeet_fake_telegram::Standing;
use serde_json::json;

use crate::client::Wire;

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn a_message_is_deleted_once_and_within_two_days() {
    let wire = Wire::new().await;
    let (anna, room) = wire.anna();
    let delete = |id: i64| json!({ "chat_id": room.id(), "message_id": id });
    let (own, old) = (wire.says(&room, "a").await, wire.says(&room, "b").await);
    let hers = anna.says(&room, "c");
    let none = "Bad Request: message to delete not found";
    wire.call("deleteMessage", delete(own)).await.ok();
    wire.call("deleteMessage", delete(own))
        .await
        .refused(400, none);
    assert!(room.message(own).is_none());
    wire.telegram.advance(47 * HOUR);
    // In private, also what the person wrote.
    wire.call("deleteMessage", delete(hers)).await.ok();
    wire.telegram.advance(2 * HOUR);
    let late = "Bad Request: message can't be deleted for everyone";
    wire.call("deleteMessage", delete(old))
        .await
        .refused(400, late);
    let unnamed = "Bad Request: message identifier is not specified";
    wire.call("deleteMessage", delete(0))
        .await
        .refused(400, unnamed);
}

#[tokio::test]
async fn in_groups_only_administrators_delete_what_others_wrote() {
    let wire = Wire::new().await;
    let anna = wire.telegram.person("Anna", "en");
    let room = wire.telegram.supergroup("G", &[&anna]);
    let hers = anna.says(&room, "a");
    let delete = json!({ "chat_id": room.id(), "message_id": hers });
    let refused = "Bad Request: message can't be deleted";
    wire.call("deleteMessage", delete.clone())
        .await
        .refused(400, refused);
    room.bot_is(Standing::Administrator);
    wire.telegram.advance(72 * HOUR);
    wire.call("deleteMessage", delete).await.ok();
}

#[tokio::test]
async fn many_are_deleted_at_once_and_missing_ones_skipped() {
    let wire = Wire::new().await;
    let (_, room) = wire.anna();
    let id = wire.says(&room, "a").await;
    let many = |ids: Vec<i64>| json!({ "chat_id": room.id(), "message_ids": ids });
    let unnamed = "Bad Request: message identifiers are not specified";
    wire.call("deleteMessages", many(vec![]))
        .await
        .refused(400, unnamed);
    let too_many = "Bad Request: too many message identifiers specified";
    wire.call("deleteMessages", many((1..=101).collect()))
        .await
        .refused(400, too_many);
    let mut hundred: Vec<i64> = (1000..1099).collect();
    hundred.push(id);
    wire.call("deleteMessages", many(hundred)).await.ok();
    assert!(room.message(id).is_none());
}
