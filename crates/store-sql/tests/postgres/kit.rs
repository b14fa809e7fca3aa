//! Places on the server that tests are given, and records to put there.

use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use lorikeet_chat::{Conversation, EventId, PlatformId, RoomId, Timestamp, UserId};
use lorikeet_store_sql::{PostgresOptions, PostgresRecords};
use lorikeet_training::{
    Dataset, EngineId, Inserted, Lora, LoraId, LoraName, Owner, Preset, Progress, Repository, Run,
    RunId, RunState, Saved, Settings, Trigger, VersionNumber,
};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// The address of the server that the tests share.
pub(crate) fn server() -> String {
    match std::env::var("LORIKEET_TEST_POSTGRES") {
        Ok(url) => url,
        Err(_) => panic!(
            "LORIKEET_TEST_POSTGRES must be the address of a superuser of a PostgreSQL server: run tests/run store, \
             which starts one"
        ),
    }
}

/// The password in an address.
pub(crate) fn password(url: &str) -> &str {
    let (user, _) = url.split_once('@').unwrap();
    user.rsplit_once(':').unwrap().1
}

/// An address with another user and password.
pub(crate) fn with_user(url: &str, user: &str, password: &str) -> String {
    let (_, host) = url.split_once('@').unwrap();
    format!("postgres://{user}:{password}@{host}")
}

/// An address with another database.
pub(crate) fn with_database(url: &str, database: &str) -> String {
    let (server, _) = url.rsplit_once('/').unwrap();
    format!("{server}/{database}")
}

/// A name nobody has.
pub(crate) fn name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let (process, now) = (process::id(), now.unwrap().as_micros());
    format!("test_{process}_{now}_{number}")
}

/// Runs statements there.
pub(crate) async fn sql(url: &str, statements: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(statements.to_owned()))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

/// A number that a query answers.
pub(crate) async fn number(url: &str, query: &str) -> i64 {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::query_scalar(AssertSqlSafe(query.to_owned()))
        .fetch_one(&mut connection)
        .await
        .unwrap()
}

/// A place of a test's own, gone with it.
pub(crate) struct Own {
    /// The address of the place.
    pub(crate) url: String,
    /// What ends it, on the shared server.
    end: String,
}

impl Own {
    /// A schema: quick to make.
    pub(crate) async fn schema() -> Self {
        let name = name();
        sql(&server(), &format!("CREATE SCHEMA {name}")).await;
        Self {
            url: format!("{}?options=-csearch_path%3D{name}", server()),
            end: format!("DROP SCHEMA {name} CASCADE"),
        }
    }

    /// A database.
    pub(crate) async fn database(options: &str) -> Self {
        let name = name();
        sql(&server(), &format!("CREATE DATABASE {name} {options}")).await;
        Self {
            url: with_database(&server(), &name),
            end: format!("DROP DATABASE {name} WITH (FORCE)"),
        }
    }

    /// A role with a password, which is its name.
    pub(crate) async fn role() -> (Self, String) {
        let name = name();
        let statement = format!("CREATE ROLE {name} LOGIN PASSWORD '{name}'");
        sql(&server(), &statement).await;
        let role = Self {
            url: with_user(&server(), &name, &name),
            end: format!("DROP ROLE {name}"),
        };
        (role, name)
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        // A runtime of its own, because the test's cannot be waited for here.
        let end = self.end.clone();
        let ended = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.unwrap().block_on(sql(&server(), &end));
        });
        // What is left in a server that ends with the tests does no harm to the next.
        let _ = ended.join();
    }
}

pub(crate) async fn connect(url: &str) -> PostgresRecords {
    // A machine that has a lot to do loses no test; being in time has tests of its own.
    let options = PostgresOptions {
        patience: Duration::from_secs(60),
        ..PostgresOptions::default()
    };
    PostgresRecords::connect(url, options).await.unwrap()
}

pub(crate) fn conversation() -> Conversation {
    Conversation {
        platform: PlatformId::new("web").unwrap(),
        room: RoomId::new("room").unwrap(),
        thread: None,
        user: UserId::new("anne").unwrap(),
    }
}

pub(crate) fn engine() -> EngineId {
    EngineId("tiny".to_owned())
}

/// The `n`th LoRA, at revision 1.
pub(crate) fn lora(n: u32) -> Lora {
    let by = conversation();
    Lora {
        id: LoraId::derive(&by, &EventId::new("name").unwrap(), n),
        name: LoraName::parse(&format!("Cat {n}")).unwrap(),
        trigger: Trigger::parse("mycat").unwrap(),
        dataset: Dataset::default(),
        settings: None,
        revision: 1,
        created: Timestamp::from_millis(1_700_000_000_000),
        updated: Timestamp::from_millis(1_700_000_000_000),
        owner: Owner::of(&by),
    }
}

/// A LoRA's `n`th run, queued.
pub(crate) fn run(lora: &Lora, n: u32) -> Run {
    let by = conversation();
    let at = lora.created.after(Duration::from_secs(u64::from(n)));
    Run {
        id: RunId::derive(&by, &EventId::new("start").unwrap(), n),
        lora: lora.id.clone(),
        owner: lora.owner.clone(),
        conversation: by,
        version: VersionNumber::FIRST,
        parent: None,
        name: lora.name.clone(),
        trigger: lora.trigger.clone(),
        pictures: Vec::new(),
        dataset: lora.dataset.hash(&lora.trigger),
        settings: Settings {
            engine: engine(),
            base: "base".to_owned(),
            preset: Preset::Quick,
            steps: 500,
            rank: 16,
            alpha: 16,
            learning_rate: 4.7e-4,
            resolution: 512,
            seed: 7,
        },
        state: RunState::Queued,
        progress: Progress::default(),
        created: at,
        updated: at,
    }
}

/// A queued run of a LoRA of its own, stored.
pub(crate) async fn queued(records: &PostgresRecords, n: u32) -> Run {
    let lora = lora(n);
    assert_eq!(records.save(&lora, 1).await.unwrap(), Saved::Saved);
    let run = run(&lora, n);
    assert_eq!(records.insert_run(&run).await.unwrap(), Inserted::Inserted);
    run
}
