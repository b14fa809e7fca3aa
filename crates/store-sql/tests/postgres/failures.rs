//! What the server may answer in the middle of the work.

use std::time::{Duration, Instant};

use lorikeet_store_sql::{PostgresOptions, PostgresRecords};
use lorikeet_training::{Repository, Saved};
use sqlx::{Connection, PgConnection};

use crate::kit::{Own, connect, lora, name, server, sql};

/// Makes every write of a LoRA fail with a condition, `times` times.
async fn fail(place: &Own, condition: &str, times: u32) {
    let sequence = name();
    sql(
        &place.url,
        &format!(
            "CREATE SEQUENCE {sequence};
             CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN
                 IF nextval('{sequence}') <= {times} THEN
                     RAISE EXCEPTION 'because of the test' USING ERRCODE = '{condition}';
                 END IF;
                 RETURN new;
             END $$;
             CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON loras FOR EACH ROW EXECUTE FUNCTION refuse()"
        ),
    )
    .await;
}

#[tokio::test]
async fn what_others_work_undid_is_done_again() {
    for condition in ["40001", "40P01"] {
        let place = Own::schema().await;
        let records = connect(&place.url).await;
        fail(&place, condition, 3).await;
        assert_eq!(records.save(&lora(1), 1).await.unwrap(), Saved::Saved);
    }
}

#[tokio::test]
async fn a_full_disk_of_the_server_is_told_as_such() {
    let place = Own::schema().await;
    let records = connect(&place.url).await;
    fail(&place, "53100", 1).await;
    let error = records.save(&lora(1), 1).await.unwrap_err();
    assert!(error.no_space && error.retryable, "{error:?}");
    assert!(error.message.contains("free some space"), "{error}");
    assert_eq!(records.save(&lora(1), 1).await.unwrap(), Saved::Saved);
}

#[tokio::test]
async fn conditions_that_pass_may_be_tried_again_and_others_not() {
    for (condition, retryable) in [
        ("57P01", true),
        ("57P03", true),
        ("25006", true),
        ("53300", true),
        ("55P03", true),
        ("57014", true),
        ("22021", false),
        ("23514", false),
        ("42P01", false),
        ("XX001", false),
    ] {
        let place = Own::schema().await;
        let records = connect(&place.url).await;
        fail(&place, condition, 1).await;
        let error = records.save(&lora(1), 1).await.unwrap_err();
        assert_eq!(error.retryable, retryable, "{condition}: {error}");
        assert!(!error.no_space);
        assert!(error.message.contains("because of the test"), "{error}");
        assert_eq!(records.lora(&lora(1).id).await.unwrap(), None);
        assert_eq!(records.save(&lora(1), 1).await.unwrap(), Saved::Saved);
    }
}

#[tokio::test]
async fn a_connection_that_was_cut_is_replaced() {
    let place = Own::database("").await;
    let records = connect(&place.url).await;
    assert_eq!(records.save(&lora(1), 1).await.unwrap(), Saved::Saved);
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    sql(&place.url, cut).await;
    assert!(records.lora(&lora(1).id).await.unwrap().is_some());
}

#[tokio::test]
async fn a_database_that_turns_read_only_says_where_to_point_the_address() {
    let place = Own::database("").await;
    let records = connect(&place.url).await;
    assert_eq!(records.save(&lora(1), 1).await.unwrap(), Saved::Saved);
    let (_, database) = place.url.rsplit_once('/').unwrap();
    let turn = |how: &str| {
        format!(
            "ALTER DATABASE {database} SET default_transaction_read_only = {how};
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
        )
    };
    sql(&server(), &turn("on")).await;
    let error = records.save(&lora(2), 1).await.unwrap_err();
    assert!(error.retryable, "{error:?}");
    assert!(error.message.contains("primary"), "{error}");
    assert!(records.lora(&lora(1).id).await.unwrap().is_some());
    sql(&server(), &turn("off")).await;
    assert_eq!(records.save(&lora(2), 1).await.unwrap(), Saved::Saved);
}

#[tokio::test]
async fn damage_is_said_and_not_retried() {
    let place = Own::schema().await;
    let records = connect(&place.url).await;
    records.save(&lora(1), 1).await.unwrap();
    sql(&place.url, "UPDATE loras SET body = '{}'").await;
    let error = records.lora(&lora(1).id).await.unwrap_err();
    assert!(!error.retryable, "{error:?}");
    assert!(error.message.contains("restore a backup"), "{error}");
}

#[tokio::test]
async fn a_call_that_waits_for_somebody_elses_lock_ends() {
    let place = Own::schema().await;
    let options = PostgresOptions {
        patience: Duration::from_secs(1),
        ..PostgresOptions::default()
    };
    let records = PostgresRecords::connect(&place.url, options).await.unwrap();
    let mut other = PgConnection::connect(&place.url).await.unwrap();
    let mut lock = other.begin().await.unwrap();
    sqlx::raw_sql("LOCK TABLE loras")
        .execute(&mut *lock)
        .await
        .unwrap();
    let since = Instant::now();
    let error = records.save(&lora(1), 1).await.unwrap_err();
    assert!(error.retryable, "{error:?}");
    assert!(
        since.elapsed() < Duration::from_secs(60),
        "it waited for the lock"
    );
    lock.rollback().await.unwrap();
    assert_eq!(records.save(&lora(1), 1).await.unwrap(), Saved::Saved);
}
