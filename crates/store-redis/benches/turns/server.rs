//! What the server says of itself, before and after.

use std::collections::BTreeMap;
use std::ops::{AddAssign, Div, Sub};

use redis::aio::MultiplexedConnection;
use redis::{Client, Cmd, FromRedisValue, cmd};

use crate::Result;

/// The server, asked on a connection of its own.
pub(crate) struct Server {
    connection: MultiplexedConnection,
}

/// Counters of the server: since it started, or between two looks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Usage {
    /// Seconds of processor time, of the program and of the kernel for it.
    pub(crate) cpu: f64,
    /// Microseconds inside scripts.
    pub(crate) script_micros: f64,
    /// Calls of each command, those inside scripts too.
    commands: BTreeMap<String, f64>,
    /// Calls that ended in an error.
    pub(crate) failed: f64,
    pub(crate) bytes_in: f64,
    pub(crate) bytes_out: f64,
    /// Bytes in use, as it is now.
    pub(crate) memory: f64,
    /// Bytes resident, as it is now.
    pub(crate) resident: u64,
}

impl Server {
    pub(crate) async fn connect(url: &str) -> Result<Self> {
        let connection = Client::open(url)?
            .get_multiplexed_async_connection()
            .await?;
        Ok(Self { connection })
    }

    pub(crate) async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T> {
        Ok(command.query_async(&mut self.connection.clone()).await?)
    }

    /// Bytes that a key takes.
    pub(crate) async fn size(&self, key: &str) -> Result<u64> {
        let size: Option<u64> = self
            .ask(cmd("MEMORY").arg("USAGE").arg(key).arg("SAMPLES").arg(0))
            .await?;
        Ok(size.unwrap_or(0))
    }

    pub(crate) async fn usage(&self) -> Result<Usage> {
        let info: String = self.ask(cmd("INFO").arg("everything")).await?;
        let mut usage = Usage::default();
        for (key, value) in info.lines().filter_map(|line| line.split_once(':')) {
            let number = || value.parse().unwrap_or(0.0);
            match key {
                "used_cpu_user" | "used_cpu_sys" => usage.cpu += number(),
                "total_net_input_bytes" => usage.bytes_in = number(),
                "total_net_output_bytes" => usage.bytes_out = number(),
                "used_memory" => usage.memory = number(),
                "used_memory_rss" => usage.resident = value.parse().unwrap_or(0),
                _ => {}
            }
            let Some(command) = key.strip_prefix("cmdstat_") else {
                continue;
            };
            let fields = value.split(',').filter_map(|field| field.split_once('='));
            let fields: BTreeMap<_, f64> = fields
                .map(|(name, value)| (name, value.parse().unwrap_or(0.0)))
                .collect();
            let field = |name| fields.get(name).copied().unwrap_or(0.0);
            usage.commands.insert(command.to_owned(), field("calls"));
            usage.failed += field("failed_calls") + field("rejected_calls");
            if command == "evalsha" || command == "eval" {
                usage.script_micros += field("usec");
            }
        }
        // What asks costs, too.
        usage.commands.remove("info");
        Ok(usage)
    }
}

impl Usage {
    /// Calls of scripts.
    pub(crate) fn calls(&self) -> f64 {
        let by = |name| self.commands.get(name).copied().unwrap_or(0.0);
        by("evalsha") + by("eval")
    }

    /// Commands that scripts ran.
    pub(crate) fn inner(&self) -> f64 {
        self.commands.values().sum::<f64>() - self.calls()
    }

    /// Which commands scripts ran, so many an event.
    pub(crate) fn list(&self, events: f64) -> String {
        let inner = self
            .commands
            .iter()
            .filter(|(name, calls)| !name.starts_with("eval") && **calls > 0.0);
        let inner: Vec<_> = inner
            .map(|(name, calls)| format!("{name} {:.2}", calls / events))
            .collect();
        inner.join(", ")
    }

    fn with(mut self, other: &Self, join: impl Fn(&mut f64, f64)) -> Self {
        for (mine, theirs) in [
            (&mut self.cpu, other.cpu),
            (&mut self.script_micros, other.script_micros),
            (&mut self.failed, other.failed),
            (&mut self.bytes_in, other.bytes_in),
            (&mut self.bytes_out, other.bytes_out),
        ] {
            join(mine, theirs);
        }
        for (name, theirs) in &other.commands {
            join(self.commands.entry(name.clone()).or_default(), *theirs);
        }
        self
    }
}

impl Sub for Usage {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self.with(&other, |mine, theirs| *mine -= theirs)
    }
}

impl AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        *self = std::mem::take(self).with(&other, |mine, theirs| *mine += theirs);
    }
}

impl Div<f64> for Usage {
    type Output = Self;

    fn div(mut self, by: f64) -> Self {
        let same = self.clone();
        self = self.with(&same, |mine, _| *mine /= by);
        self
    }
}
