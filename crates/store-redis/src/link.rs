//! The connection: made when it is needed, and anew when it broke.
//!
//! Every command here may be sent twice without harm (the scripts are made so), so a command that found a dead
//! connection is sent again, once, on a new one. What fails then is the caller's to repeat.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures::future::try_join_all;
use lorikeet_store::StoreError;
use redis::aio::{ConnectionLike as _, MultiplexedConnection};
use redis::cluster::ClusterConfig;
use redis::cluster_async::ClusterConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, ErrorKind, RedisError, ServerErrorKind, Value};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::address::{Address, Source};
use crate::error::store_error;
use crate::script::Call;

/// How long making a connection may take, name lookup and Sentinel included.
pub(crate) const CONNECT: Duration = Duration::from_secs(2);
/// Waits between attempts to connect: from the first to the last, doubled each time, and up to half as much again.
const FIRST_WAIT: Duration = Duration::from_millis(50);
const LAST_WAIT: Duration = Duration::from_secs(2);

/// A connection as it stands.
#[derive(Clone)]
struct Line {
    number: u64,
    connection: Connection,
}

#[derive(Clone)]
enum Connection {
    Node(MultiplexedConnection),
    Cluster(ClusterConnection),
}

/// What is known of attempts to connect; held while one is under way.
#[derive(Default)]
struct Attempts {
    last: u64,
    failures: u32,
    /// Until then nobody tries again, and why.
    resting: Option<(Instant, RedisError)>,
}

/// One connection to Redis, shared by all calls.
pub(crate) struct Link {
    address: Address,
    /// How long an answer may take.
    answer: Duration,
    line: RwLock<Option<Line>>,
    attempts: Mutex<Attempts>,
}

impl Link {
    pub(crate) fn new(address: Address, answer: Duration) -> Arc<Self> {
        Arc::new(Self {
            address,
            answer,
            line: RwLock::new(None),
            attempts: Mutex::default(),
        })
    }

    /// What to call the server in messages.
    pub(crate) fn place(&self) -> &str {
        &self.address.place
    }

    /// Runs a script: by its digest, and by its text when the server does not know that.
    pub(crate) async fn run(&self, call: Call<'_>) -> Result<Value, StoreError> {
        let answer = match self.send(&call.command).await {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                self.send(&call.long()).await
            }
            answer => answer,
        };
        answer.map_err(|error| store_error(self.place(), error))
    }

    /// Sends a command.
    pub(crate) async fn command(&self, command: &Cmd) -> Result<Value, StoreError> {
        let answer = self.send(command).await;
        answer.map_err(|error| store_error(self.place(), error))
    }

    /// Sends a command, for whoever tells errors apart.
    pub(crate) async fn send(&self, command: &Cmd) -> Result<Value, RedisError> {
        let line = self.line().await?;
        let number = line.number;
        match line.send(command).await {
            Err(error) if is_broken(&error) => {
                self.hang_up(number);
                tracing::debug!(%error, "the connection to Redis is made anew");
                let line = self.line().await?;
                // The same one again: somebody else has renewed it, or it mends itself (a cluster's).
                let number = line.number;
                let answer = line.send(command).await;
                if answer.as_ref().is_err_and(is_broken) {
                    self.hang_up(number);
                }
                answer
            }
            answer => answer,
        }
    }

    /// Sends many reads at once and waits for all of them.
    pub(crate) async fn all(&self, commands: &[Cmd]) -> Result<Vec<Value>, StoreError> {
        let answers = async {
            let line = self.line().await?;
            match line.connection.clone() {
                Connection::Node(mut connection) => {
                    let mut pipeline = redis::Pipeline::with_capacity(commands.len());
                    for command in commands {
                        pipeline.add_command(command.clone());
                    }
                    let answers = connection
                        .req_packed_commands(&pipeline, 0, commands.len())
                        .await;
                    if answers.as_ref().is_err_and(is_broken) {
                        self.hang_up(line.number);
                    }
                    answers?.into_iter().map(Value::extract_error).collect()
                }
                // A pipeline goes to one node; these are on several.
                Connection::Cluster(_) => {
                    try_join_all(commands.iter().map(|command| line.clone().send(command))).await
                }
            }
        };
        answers
            .await
            .map_err(|error| store_error(self.place(), error))
    }

    /// A connection for one's own use: a read that blocks would block everybody.
    pub(crate) async fn dedicated(
        &self,
        response: Duration,
    ) -> Result<DedicatedConnection, RedisError> {
        let connection = self.connect(response).await?;
        Ok(DedicatedConnection(Line {
            number: 0,
            connection,
        }))
    }

    /// The server that is the primary now; of a cluster any node, which will do for subscriptions: nodes pass on what is
    /// published at the others.
    pub(crate) async fn server(&self) -> Result<Client, RedisError> {
        match &self.address.source {
            Source::Single(client) => Ok(client.clone()),
            Source::Sentinel(sentinel) => sentinel.lock().await.async_get_client().await,
            Source::Cluster(_, nodes) => {
                // Whichever answers: a node may be down.
                let mut last = RedisError::from((ErrorKind::Client, "a cluster without nodes"));
                for node in nodes {
                    let client = Client::open(node.clone())?;
                    match client.get_multiplexed_async_connection().await {
                        Ok(_) => return Ok(client),
                        Err(error) => last = error,
                    }
                }
                Err(last)
            }
        }
    }

    async fn line(&self) -> Result<Line, RedisError> {
        if let Some(line) = self.current() {
            return Ok(line);
        }
        let mut attempts = self.attempts.lock().await;
        // Somebody may have connected while we waited.
        if let Some(line) = self.current() {
            return Ok(line);
        }
        if let Some((until, why)) = &attempts.resting
            && Instant::now() < *until
        {
            return Err(why.clone());
        }
        match self.connect(self.answer).await {
            Ok(connection) => {
                attempts.failures = 0;
                attempts.resting = None;
                attempts.last += 1;
                let line = Line {
                    number: attempts.last,
                    connection,
                };
                *self.line.write().unwrap_or_else(PoisonError::into_inner) = Some(line.clone());
                Ok(line)
            }
            Err(error) => {
                let wait = wait(attempts.failures);
                attempts.failures = attempts.failures.saturating_add(1);
                attempts.resting = Some((Instant::now() + wait, error.clone()));
                tracing::warn!(%error, place = self.place(), "no connection to Redis");
                Err(error)
            }
        }
    }

    fn current(&self) -> Option<Line> {
        self.line
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Forgets a broken connection, unless somebody has before.
    fn hang_up(&self, number: u64) {
        let mut line = self.line.write().unwrap_or_else(PoisonError::into_inner);
        if line.as_ref().is_some_and(|line| line.number == number) {
            *line = None;
        }
    }

    async fn connect(&self, response: Duration) -> Result<Connection, RedisError> {
        let connecting = async {
            if let Source::Cluster(cluster, _) = &self.address.source {
                let config = ClusterConfig::new().set_response_timeout(response);
                let connection = cluster.get_async_connection_with_config(config).await?;
                return Ok(Connection::Cluster(connection));
            }
            let client = self.server().await?;
            let config = AsyncConnectionConfig::new()
                .set_connection_timeout(Some(CONNECT))
                .set_response_timeout(Some(response));
            let connection = client
                .get_multiplexed_async_connection_with_config(&config)
                .await?;
            Ok(Connection::Node(connection))
        };
        match timeout(CONNECT * 2, connecting).await {
            Ok(connected) => connected,
            Err(_) => Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()),
        }
    }
}

/// A connection nobody else uses.
#[derive(Clone)]
pub(crate) struct DedicatedConnection(Line);

impl DedicatedConnection {
    pub(crate) async fn send(&self, command: &Cmd) -> Result<Value, RedisError> {
        self.0.clone().send(command).await
    }
}

impl Line {
    async fn send(mut self, command: &Cmd) -> Result<Value, RedisError> {
        let answer = match &mut self.connection {
            Connection::Node(connection) => connection.req_packed_command(command).await,
            Connection::Cluster(connection) => connection.req_packed_command(command).await,
        };
        answer.and_then(Value::extract_error)
    }
}

/// Whether another connection may do better: this one is gone or silent, or its server is no primary any more.
fn is_broken(error: &RedisError) -> bool {
    error.is_io_error()
        || error.is_unrecoverable_error()
        || error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly)
}

fn wait(failures: u32) -> Duration {
    let base = FIRST_WAIT
        .saturating_mul(1 << failures.min(10))
        .min(LAST_WAIT);
    // Processes that lost the same server should not come back in step.
    let mut random = [0; 1];
    let part = getrandom::fill(&mut random).map_or(0, |()| u32::from(random[0]));
    base + base * part / 512
}
