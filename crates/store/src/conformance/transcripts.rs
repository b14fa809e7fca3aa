//! Transcripts.

use super::Backend;
use super::stage::{Stage, must};
use crate::{Entry, Limits};

async fn put<B: Backend>(stage: &Stage<B>, id: &str, body: &str) -> u64 {
    must(stage.transcript().put("room", id, body.to_owned()).await)
}

async fn latest<B: Backend>(stage: &Stage<B>, limit: usize) -> Vec<Entry> {
    must(stage.transcript().latest("room", limit).await)
}

async fn since<B: Backend>(stage: &Stage<B>, sequence: u64, limit: usize) -> Vec<Entry> {
    must(
        stage
            .transcript()
            .changes_since("room", sequence, limit)
            .await,
    )
}

fn ids(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.id.as_str()).collect()
}

pub async fn a_transcript_keeps_the_order<B: Backend>() {
    let stage = Stage::<B>::new().await;
    assert!(latest(&stage, 10).await.is_empty());
    let sequences = [
        put(&stage, "c", "1").await,
        put(&stage, "a", "2").await,
        put(&stage, "b", "3").await,
    ];
    assert!(sequences.is_sorted_by(|a, b| a < b));
    assert_eq!(ids(&latest(&stage, 10).await), ["c", "a", "b"]);
    assert_eq!(ids(&latest(&stage, 2).await), ["a", "b"]);
    assert!(must(stage.transcript().latest("elsewhere", 10).await).is_empty());
}

pub async fn replacing_keeps_the_position<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let first = put(&stage, "a", "old").await;
    put(&stage, "b", "other").await;
    let changed = put(&stage, "a", "new").await;
    let entry = Entry {
        id: "a".to_owned(),
        position: first,
        changed,
        body: "new".to_owned(),
    };
    assert_eq!(latest(&stage, 10).await.first(), Some(&entry));
    assert_eq!(since(&stage, changed - 1, 10).await, [entry]);
}

pub async fn changes_come_in_the_order_of_change<B: Backend>() {
    let stage = Stage::<B>::new().await;
    for id in ["a", "b", "c"] {
        put(&stage, id, "old").await;
    }
    put(&stage, "a", "new").await;
    let all = since(&stage, 0, 10).await;
    assert_eq!(ids(&all), ["b", "c", "a"]);
    let page = since(&stage, 0, 2).await;
    assert_eq!(ids(&page), ["b", "c"]);
    let Some(last) = page.last() else {
        panic!("an empty page");
    };
    assert_eq!(ids(&since(&stage, last.changed, 2).await), ["a"]);
}

pub async fn a_transcript_is_bounded<B: Backend>() {
    let limits = Limits {
        transcript: 3,
        ..Limits::default()
    };
    let stage = Stage::<B>::with(limits).await;
    for id in ["a", "b", "c", "d", "e"] {
        put(&stage, id, "text").await;
    }
    // The oldest go, by position.
    put(&stage, "c", "changed").await;
    put(&stage, "f", "text").await;
    assert_eq!(ids(&latest(&stage, 10).await), ["d", "e", "f"]);
    assert_eq!(ids(&since(&stage, 0, 10).await), ["d", "e", "f"]);
    // A dropped id that comes again is a new entry.
    put(&stage, "a", "again").await;
    assert_eq!(ids(&latest(&stage, 10).await), ["e", "f", "a"]);
}

pub async fn transcripts_survive_a_restart<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let before = put(&stage, "a", "text").await;
    let stage = stage.restart().await;
    assert!(put(&stage, "b", "text").await > before);
    assert_eq!(ids(&latest(&stage, 10).await), ["a", "b"]);
}
