//! Named locks.

use std::time::Duration;

use super::Backend;
use super::stage::{Stage, must};
use crate::{Acquired, Holder, Lock};

const TTL: Duration = Duration::from_secs(30);
const LORA: &str = "lora/kestrel";

fn holder(id: &str) -> Holder {
    Holder {
        id: id.to_owned(),
        display: format!("{{\"name\":\"{id}\"}}"),
    }
}

async fn granted<B: Backend>(stage: &Stage<B>, id: &str) -> Lock {
    match must(stage.locks().acquire(LORA, &holder(id), TTL).await) {
        Acquired::Granted(lock) => lock,
        Acquired::Busy(view) => panic!("busy: {view:?}"),
    }
}

pub async fn a_lock_excludes_others<B: Backend>() {
    let stage = Stage::<B>::new().await;
    assert_eq!(must(stage.locks().view(LORA).await), None);
    let lock = granted(&stage, "anne").await;
    stage.wait(Duration::from_secs(1));
    let Acquired::Busy(view) = must(stage.locks().acquire(LORA, &holder("ben"), TTL).await) else {
        panic!("two holders");
    };
    assert_eq!(view.holder, holder("anne"));
    assert_eq!((view.generation, view.since), (lock.generation, lock.since));
    assert_eq!(must(stage.locks().view(LORA).await), Some(view));
    let other = must(
        stage
            .locks()
            .acquire("lora/other", &holder("ben"), TTL)
            .await,
    );
    assert!(matches!(other, Acquired::Granted(_)));
}

pub async fn acquiring_again_renews<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let first = granted(&stage, "anne").await;
    stage.wait(TTL / 2);
    let again = granted(&stage, "anne").await;
    assert_eq!(again.generation, first.generation);
    assert_eq!(again.since, first.since);
    assert!(again.until > first.until);
    stage.wait(TTL / 2);
    let renewal = stage.locks().renew(LORA, "anne", first.generation, TTL);
    let renewed = must(renewal.await);
    assert_eq!(renewed.map(|lock| lock.generation), Some(first.generation));
    stage.wait(TTL / 2);
    assert!(must(stage.locks().view(LORA).await).is_some());
}

pub async fn an_expired_lock_passes_on<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let first = granted(&stage, "anne").await;
    stage.wait(TTL);
    assert_eq!(must(stage.locks().view(LORA).await), None);
    let second = granted(&stage, "ben").await;
    assert!(second.generation > first.generation);
    let late = stage.locks().renew(LORA, "anne", first.generation, TTL);
    assert_eq!(must(late.await), None);
    let forged = stage.locks().renew(LORA, "anne", second.generation, TTL);
    assert_eq!(must(forged.await), None);
}

pub async fn an_expired_lock_nobody_took_is_still_ours<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let first = granted(&stage, "anne").await;
    stage.wait(TTL * 2);
    let renewal = stage.locks().renew(LORA, "anne", first.generation, TTL);
    assert!(must(renewal.await).is_some());
    stage.wait(TTL * 2);
    assert_eq!(granted(&stage, "anne").await.generation, first.generation);
}

pub async fn taking_over_names_the_previous_holder<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let free = must(stage.locks().take_over(LORA, &holder("anne"), TTL).await);
    assert_eq!(free.1, None);
    let (lock, previous) = must(stage.locks().take_over(LORA, &holder("ben"), TTL).await);
    assert!(lock.generation > free.0.generation);
    assert_eq!(previous.map(|view| view.holder), Some(holder("anne")));
    let first = stage.locks().renew(LORA, "anne", free.0.generation, TTL);
    assert_eq!(must(first.await), None);
    // From oneself, and from who has long gone, nothing is taken.
    let own = must(stage.locks().take_over(LORA, &holder("ben"), TTL).await);
    assert_eq!(own.1, None);
    stage.wait(TTL);
    let late = must(stage.locks().take_over(LORA, &holder("anne"), TTL).await);
    assert_eq!(late.1, None);
}

pub async fn lock_generations_never_repeat<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let mut last = 0;
    for id in ["anne", "anne", "ben", "anne"] {
        let lock = granted(&stage, id).await;
        assert!(lock.generation > last);
        last = lock.generation;
        assert!(must(stage.locks().release(LORA, id, last).await));
    }
}

pub async fn only_the_holder_releases<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let lock = granted(&stage, "anne").await;
    let generation = lock.generation;
    assert!(!must(stage.locks().release(LORA, "ben", generation).await));
    assert!(!must(
        stage.locks().release(LORA, "anne", generation - 1).await
    ));
    assert!(must(stage.locks().view(LORA).await).is_some());
    assert!(must(stage.locks().release(LORA, "anne", generation).await));
    assert!(!must(stage.locks().release(LORA, "anne", generation).await));
    assert_eq!(must(stage.locks().view(LORA).await), None);
}

pub async fn locks_survive_a_restart<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let lock = granted(&stage, "anne").await;
    let stage = stage.restart().await;
    let view = must(stage.locks().view(LORA).await);
    assert_eq!(view.map(|view| view.holder), Some(holder("anne")));
    assert!(must(
        stage.locks().release(LORA, "anne", lock.generation).await
    ));
    let stage = stage.restart().await;
    assert!(granted(&stage, "ben").await.generation > lock.generation);
}
