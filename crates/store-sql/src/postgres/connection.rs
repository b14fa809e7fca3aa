//! Connections: how they are made, how long anything may take, what is tried again.
//!
//! Every call borrows a connection from a pool, which looks whether it still lives. A connection on which anything went
//! wrong is closed and not used again: after a restart or a change of the primary, the next call makes a new one.

use std::ops::{Deref, DerefMut};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use lorikeet_store::Clock;
use lorikeet_training::RepositoryError;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection as _, PgConnection, PgPool, Postgres};

use super::error::{Address, Failure, PostgresOpenError};
use super::schema;

/// How often a call is made that the server takes back because of somebody else's work.
const TRIES: u32 = 5;

/// What an address may say besides user, password, host, port and database. Others are refused: one misspelt would be
/// ignored, and with it, say, the wish for TLS.
const PARAMETERS: [&str; 14] = [
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
    "ssl-mode",
    "statement-cache-capacity",
];

/// How a process uses the server.
#[derive(Clone)]
pub struct PostgresOptions {
    /// Connections this process keeps at most.
    pub connections: u32,
    /// How long a call may take in all; getting a connection, and one statement, half as long.
    pub patience: Duration,
    /// Takes the place of the database's own clock: for tests. Processes may disagree about the time; the database
    /// does not, and only its clock is used when there is none here.
    pub clock: Option<Arc<dyn Clock>>,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self {
            connections: 8,
            patience: Duration::from_secs(10),
            clock: None,
        }
    }
}

/// The way to the server.
pub(super) struct Server {
    pool: PgPool,
    pub(super) address: Address,
    pub(super) options: PostgresOptions,
}

impl Server {
    pub(super) async fn connect(
        url: &str,
        options: PostgresOptions,
    ) -> Result<Self, PostgresOpenError> {
        let connect = connect_options(url, &options)?;
        let address = address(&connect);
        // By hand and not by the pool, which keeps to itself why it got no connection.
        let first = tokio::time::timeout(options.patience / 2, connect.connect()).await;
        let mut first = match first {
            Ok(first) => first.map_err(|error| address.open_error(&error))?,
            Err(_) => {
                return Err(PostgresOpenError::Unreachable {
                    place: address.place,
                    detail: "it did not answer in time".to_owned(),
                });
            }
        };
        schema::check(&mut first, &address).await?;
        schema::migrate(&mut first, &address).await?;
        // It has done its work; how the server takes the farewell does not matter.
        let _ = first.close().await;
        let pool = PgPoolOptions::new()
            .max_connections(options.connections.max(1))
            .acquire_timeout(options.patience / 2)
            .connect_lazy_with(connect);
        Ok(Self {
            pool,
            address,
            options,
        })
    }

    /// The time, when the database's clock is not to be asked.
    pub(super) fn now(&self) -> Option<i64> {
        let clock = self.options.clock.as_ref()?;
        i64::try_from(clock.now().micros()).ok()
    }

    /// Makes a call, again when the server takes it back because of somebody else's work.
    pub(super) async fn call<T, F>(
        &self,
        work: impl Fn(Connection) -> F,
    ) -> Result<T, RepositoryError>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let calls = async {
            let mut tries = 1;
            loop {
                let connection = Connection {
                    pooled: self.pool.acquire().await?,
                    sound: false,
                };
                match work(connection).await {
                    Err(failure) if failure.is_conflict() && tries < TRIES => tries += 1,
                    answer => return answer,
                }
            }
        };
        tokio::time::timeout(self.options.patience, calls)
            .await
            .unwrap_or(Err(Failure::Slow))
            .map_err(|failure| failure.into_repository_error(&self.address.place))
    }
}

/// A connection of the pool. Unless it is [kept](Connection::keep), it is closed when it is dropped: half-way, or after
/// a failure, nobody knows what it would say next.
pub(super) struct Connection {
    pooled: PoolConnection<Postgres>,
    sound: bool,
}

impl Connection {
    /// Ends a call: the connection goes back to the pool.
    pub(super) fn keep<T>(mut self, answer: T) -> Result<T, Failure> {
        self.sound = true;
        Ok(answer)
    }
}

impl Deref for Connection {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.pooled
    }
}

impl DerefMut for Connection {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.pooled
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if !self.sound {
            self.pooled.close_on_drop();
        }
    }
}

fn connect_options(
    url: &str,
    options: &PostgresOptions,
) -> Result<PgConnectOptions, PostgresOpenError> {
    let refused = |reason: String| PostgresOpenError::Address { reason };
    if !["postgres://", "postgresql://"]
        .iter()
        .any(|scheme| url.starts_with(scheme))
    {
        return Err(refused("it does not begin with postgres://".to_owned()));
    }
    if let Some(key) = unknown_parameter(url) {
        // What does not look like a name may be a piece of a password with a question mark in it.
        let name = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        return Err(refused(match name {
            true => format!("it has an unknown parameter, {key}"),
            false => "what follows its question mark are no parameters".to_owned(),
        }));
    }
    let connect = PgConnectOptions::from_str(url).map_err(|error| refused(error.to_string()))?;
    let connect = match connect.get_application_name() {
        Some(_) => connect,
        None => connect.application_name("lorikeet"),
    };
    let limit = (options.patience / 2).as_millis().to_string();
    Ok(connect.options([
        // Each statement sees what is committed; what must not change in between is locked. Said here because the
        // server's default may be another.
        ("default_transaction_isolation", "read committed"),
        ("statement_timeout", &limit),
        ("lock_timeout", &limit),
        ("idle_in_transaction_session_timeout", &limit),
    ]))
}

fn unknown_parameter(url: &str) -> Option<&str> {
    let (_, query) = url.split_once('?')?;
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let mut keys = pairs.map(|pair| pair.split('=').next().unwrap_or_default());
    keys.find(|key| !PARAMETERS.contains(key) && !key.starts_with("options["))
}

fn address(connect: &PgConnectOptions) -> Address {
    let user = connect.get_username().to_owned();
    let database = connect.get_database().unwrap_or(&user).to_owned();
    let host = match connect.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", connect.get_host(), connect.get_port()),
    };
    Address {
        place: format!("{host}/{database}"),
        user,
        database,
    }
}
