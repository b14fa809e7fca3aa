//! The limit: `redis-benchmark` running the same scripts' work.
//!
//! Its calls cannot carry anything from one answer to the next call, so what they need is known beforehand: a turn of
//! one conversation is recorded on the wire as the store sends it, and `redis-benchmark` repeats those very calls for
//! many conversations that are all as far as the recorded one. All enter, then all commit, then all settle, in as many
//! rounds as are measured. Two things differ: the time is an argument (which makes generations known beforehand), so
//! that a script saves its `TIME`; and as every call of a run has the same arguments, the benchmark's copy of a script
//! counts its calls with one `INCR` and puts the number into the names of its keys. An answer other than the wanted one
//! is an error, and an error ends the benchmark.

use std::process::Command;
use std::sync::{Arc, Mutex};

use lorikeet_store_redis::{Options, RedisStore};
use redis::{IntoConnectionInfo as _, cmd};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::Result;
use crate::server::{Server, Usage};
use crate::work::{conversation, turn};

/// Conversations of the limit.
const CONVERSATIONS: usize = 25_600;
/// The one that is recorded; its number has the width of all of theirs.
const RECORDED: usize = 100_000;
/// Comparisons; each is ours, then 64 connections, then one with 64 calls at once.
const COMPARISONS: usize = 3;
/// What each script answers when it did what an event needs.
const ANSWERS: [&str; 3] = ["turn", "released", "released"];
const NAMES: [&str; 3] = ["enter", "commit", "settle"];

/// Ours and the limit in turns, and the ratio of the medians.
pub(crate) async fn compare(
    url: &str,
    server: &Server,
    store: &RedisStore,
    options: &Options,
    stored: usize,
) -> Result<()> {
    if stored < 1_000 {
        println!("no limit: it is measured on any of at least 1000 stored sessions");
        return Ok(());
    }
    // The first round begins the conversations, so that the others find a session like ours.
    let limit = Limit::record(url, server, options, 1 + 2 * COMPARISONS).await?;
    limit.round(0, 1, 64).await?;
    let (mut ours, mut many, mut one) = (Vec::new(), Vec::new(), Vec::new());
    for comparison in 0..COMPARISONS {
        let (rate, used) = crate::any(server, store, stored).await?;
        println!(
            "ours, 64 at once: {rate:.0} events/s, {:.1} µs CPU, {:.1} µs in scripts, {:.1} commands",
            used.cpu * 1e6,
            used.script_micros,
            used.inner(),
        );
        if comparison == 0 {
            println!("    {}", used.list(1.0));
        }
        ours.push(rate);
        many.push(limit.round(1 + 2 * comparison, 64, 1).await?);
        one.push(limit.round(2 + 2 * comparison, 1, 64).await?);
    }
    let [ours, many, one] = [ours, many, one].map(median);
    println!(
        "ours {ours:.0} events/s; redis-benchmark -c 64 {many:.0}: {:.0} %; -c 1 -P 64 {one:.0}: {:.0} %",
        100.0 * ours / many,
        100.0 * ours / one
    );
    Ok(())
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// A call as it went over the wire.
type Words = Vec<String>;

struct Limit<'a> {
    server: &'a Server,
    address: (String, String),
    counter: String,
    /// Digests of the benchmark's copies of the scripts.
    digests: [String; 3],
    /// Of each round, its three calls.
    rounds: Vec<[Words; 3]>,
}

impl<'a> Limit<'a> {
    /// Records so many turns of one conversation.
    async fn record(
        url: &str,
        server: &'a Server,
        options: &Options,
        rounds: usize,
    ) -> Result<Self> {
        let info = url.into_connection_info()?;
        let address = match info.addr() {
            redis::ConnectionAddr::Tcp(host, port) => (host.clone(), port.to_string()),
            _ => return Err("redis-benchmark reaches only a server without TLS".into()),
        };
        let place = format!("{}:{}", address.0, address.1);
        let (url, wire) = listen_in(place).await?;
        // Under the clock of the benchmark's calls, which stands at another second in each round.
        let mut calls = Vec::new();
        let mut sources = Vec::new();
        let prefix = format!("{}limit", options.prefix);
        let alone = conversation("stored", RECORDED);
        // So that the texts come by as well.
        let _: () = server.ask(cmd("SCRIPT").arg("FLUSH")).await?;
        let clock = Arc::new(lorikeet_store::ManualClock::new(now(server).await?));
        let options = Options {
            prefix: prefix.clone(),
            clock: Some(Arc::clone(&clock) as _),
            ..options.clone()
        };
        let store = RedisStore::new(&url, options)?;
        for _ in 0..rounds {
            turn(&store, &alone).await;
            clock.advance(std::time::Duration::from_secs(1));
        }
        let wire = wire.lock().map_err(|_| "the wire broke")?.clone();
        for words in parse(&wire)? {
            match words.first().map(String::as_str) {
                Some("EVALSHA") => calls.push(words),
                Some("EVAL") => sources.push(words[1].clone()),
                _ => {}
            }
        }
        // A first EVALSHA of each script finds it unknown, and an EVAL follows.
        let mut rounds = Vec::new();
        for three in calls.chunks_exact(3) {
            rounds.push([three[0].clone(), three[1].clone(), three[2].clone()]);
        }
        if sources.len() != 3 {
            return Err("the store did not send three scripts".into());
        }
        let counter = format!("{prefix}:counter");
        let mut digests: [String; 3] = Default::default();
        for (place, source) in sources.iter().enumerate() {
            let copy = copy(
                source,
                &rounds[0][place],
                &alone.key(),
                &counter,
                ANSWERS[place],
            )?;
            digests[place] = server.ask(cmd("SCRIPT").arg("LOAD").arg(copy)).await?;
        }
        Ok(Self {
            server,
            address,
            counter,
            digests,
            rounds,
        })
    }

    /// Every conversation enters, then commits, then settles; events a second.
    async fn round(&self, round: usize, connections: usize, pipelined: usize) -> Result<f64> {
        let mut seconds = 0.0;
        let mut all = Usage::default();
        let mut told = Vec::new();
        for (place, words) in self.rounds[round].iter().enumerate() {
            let _: () = self
                .server
                .ask(cmd("SET").arg(&self.counter).arg(0))
                .await?;
            let mut command = Command::new("redis-benchmark");
            command.args(["-h", &self.address.0, "-p", &self.address.1, "--csv"]);
            command.args([
                "-n",
                &CONVERSATIONS.to_string(),
                "-c",
                &connections.to_string(),
            ]);
            command.args([
                "-P",
                &pipelined.to_string(),
                "EVALSHA",
                &self.digests[place],
            ]);
            command.args(&words[2..]);
            let before = self.server.usage().await?;
            let output = tokio::task::spawn_blocking(move || command.output()).await??;
            let used = self.server.usage().await? - before;
            let output = String::from_utf8_lossy(&output.stdout).into_owned();
            if used.failed > 0.0 || used.calls() != CONVERSATIONS as f64 {
                return Err(format!(
                    "{}: {} of {} calls failed\n{output}",
                    NAMES[place],
                    used.failed,
                    used.calls()
                )
                .into());
            }
            seconds += 1.0 / rate(&output)?;
            told.push(format!(
                "{} {:.1} µs",
                NAMES[place],
                used.script_micros / used.calls()
            ));
            all += used;
        }
        let rate = 1.0 / seconds;
        let used = all / CONVERSATIONS as f64;
        println!(
            "redis-benchmark -c {connections} -P {pipelined}: {rate:.0} events/s, {:.1} µs CPU, {:.1} µs in scripts ({}), {:.1} commands",
            used.cpu * 1e6,
            used.script_micros,
            told.join(", "),
            used.inner(),
        );
        if round == 1 {
            println!("    {}", used.list(1.0));
        }
        Ok(rate)
    }
}

async fn now(server: &Server) -> Result<lorikeet_chat::Timestamp> {
    let (seconds, rest): (u64, u64) = server.ask(&cmd("TIME")).await?;
    Ok(lorikeet_chat::Timestamp::from_micros(
        seconds * 1_000_000 + rest,
    ))
}

/// The benchmark's copy of a script: for the conversation whose turn it is.
fn copy(source: &str, words: &Words, name: &str, counter: &str, answer: &str) -> Result<String> {
    let (shebang, body) = source.split_once('\n').ok_or("an empty script")?;
    let keys: usize = words[2].parse()?;
    let recorded = RECORDED.to_string();
    let mut copy = format!(
        "{shebang}\nlocal number = redis.call('INCR', '{counter}')\n\
         local user = {RECORDED} + number * 7919 % {CONVERSATIONS} + 1\n"
    );
    for (place, key) in words[3..3 + keys].iter().enumerate() {
        // An index holds few entries at a time; here all of them would be in it, so each has one of its own.
        let (before, after) = match key.split_once(&recorded) {
            Some(parts) => parts,
            None => key.split_once('}').ok_or("a key without a bucket")?,
        };
        let close = if key.contains(&recorded) { "" } else { "}" };
        copy += &format!(
            "KEYS[{}] = '{before}' .. user .. '{close}{after}'\n",
            place + 1
        );
    }
    let place = words[3 + keys..].iter().position(|word| word == name);
    let place = place.ok_or("a call without its conversation")? + 1;
    let (before, after) = name
        .split_once(&recorded)
        .ok_or("a conversation without its number")?;
    copy += &format!("ARGV[{place}] = '{before}' .. user .. '{after}'\n");
    copy += &format!("local function work()\n{body}\nend\nlocal answer = work()\n");
    copy += &format!(
        "if answer[1] ~= '{answer}' then return redis.error_reply('answered ' .. answer[1]) end\nreturn answer\n"
    );
    Ok(copy)
}

/// Requests a second from what `redis-benchmark --csv` prints: the first of the last seven columns. The name of the
/// command before it has commas of its own.
fn rate(output: &str) -> Result<f64> {
    let line = output
        .lines()
        .rfind(|line| !line.is_empty())
        .unwrap_or_default();
    let mut columns = line.rsplit(',');
    let rate = columns
        .nth(6)
        .ok_or_else(|| format!("redis-benchmark says: {output}"))?;
    Ok(rate.trim_matches('"').parse()?)
}

/// A server in between that keeps what is sent to the other.
async fn listen_in(place: String) -> Result<(String, Arc<Mutex<Vec<u8>>>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("redis://{}", listener.local_addr()?);
    let wire = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&wire);
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let Ok(far) = TcpStream::connect(&place).await else {
                return;
            };
            let (mut near_in, mut near_out) = near.into_split();
            let (mut far_in, mut far_out) = far.into_split();
            tokio::spawn(async move { tokio::io::copy(&mut far_in, &mut near_out).await });
            let kept = Arc::clone(&kept);
            tokio::spawn(async move {
                let mut bytes = vec![0; 65_536];
                while let Ok(count @ 1..) = near_in.read(&mut bytes).await {
                    if let Ok(mut kept) = kept.lock() {
                        kept.extend_from_slice(&bytes[..count]);
                    }
                    if far_out.write_all(&bytes[..count]).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    Ok((url, wire))
}

/// Requests as Redis takes them: `*count`, then for each word `$length` and its bytes.
/// <https://redis.io/docs/latest/develop/reference/protocol-spec/>
fn parse(mut wire: &[u8]) -> Result<Vec<Words>> {
    let mut calls = Vec::new();
    while !wire.is_empty() {
        let count = number(&mut wire, b'*')?;
        let mut words = Vec::with_capacity(count);
        for _ in 0..count {
            let length = number(&mut wire, b'$')?;
            words.push(String::from_utf8(wire[..length].to_vec())?);
            wire = &wire[length + 2..];
        }
        calls.push(words);
    }
    Ok(calls)
}

fn number(wire: &mut &[u8], mark: u8) -> Result<usize> {
    let end = wire
        .iter()
        .position(|byte| *byte == b'\r')
        .ok_or("half a request")?;
    if wire[0] != mark {
        return Err("not a request".into());
    }
    let number = std::str::from_utf8(&wire[1..end])?.parse()?;
    *wire = &wire[end + 2..];
    Ok(number)
}
