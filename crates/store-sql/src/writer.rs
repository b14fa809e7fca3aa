//! The one thread that owns the connection, and group commit.
//!
//! Owns when transactions begin and end. What runs in them are jobs, which know nothing of each other.

use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use lorikeet_chat::Timestamp;
use lorikeet_store::Clock;
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::OpenError;
use crate::error::Failure;

/// Calls that share a transaction, at most: keeps the first of them from waiting for a crowd.
const BATCH: usize = 256;

/// The way to the thread. Dropping it lets the thread finish what is queued and close the file.
pub(crate) struct Writer {
    jobs: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
    path: PathBuf,
}

impl Writer {
    pub(crate) fn start(
        connection: Connection,
        path: &Path,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        let (jobs, queue) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("lorikeet-sql".to_owned())
            .spawn(move || serve(&connection, &queue, &*clock))
            .map_err(|error| OpenError::Unreachable {
                path: path.to_owned(),
                source: rusqlite::Error::ToSqlConversionFailure(Box::new(error)),
            })?;
        Ok(Self {
            jobs: Some(jobs),
            thread: Some(thread),
            path: path.to_owned(),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Runs `work` inside a transaction and answers once it is committed. A caller that stops waiting does not
    /// stop the work.
    pub(crate) async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection, Timestamp) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let (reply, answer) = oneshot::channel();
        let call: Box<dyn Job> = Box::new(Call {
            work: Some(work),
            answer: None,
            reply,
        });
        let sent = self.jobs.as_ref().map(|jobs| jobs.send(call));
        if !matches!(sent, Some(Ok(()))) {
            return Err(Failure::Stopped);
        }
        answer.await.unwrap_or(Err(Failure::Stopped))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A panic there has been reported where it happened.
            let _ = thread.join();
        }
    }
}

/// A call on its way through the thread.
trait Job: Send {
    /// Does the work; why it failed and must be undone, if it did.
    fn run(&mut self, connection: &Connection, now: Timestamp) -> Option<Failure>;
    /// Answers, now that the transaction is committed or lost.
    fn finish(self: Box<Self>, committed: Result<(), Failure>);
}

struct Call<T, W> {
    work: Option<W>,
    answer: Option<Result<T, Failure>>,
    reply: oneshot::Sender<Result<T, Failure>>,
}

impl<T, W> Job for Call<T, W>
where
    T: Send,
    W: FnOnce(&Connection, Timestamp) -> Result<T, Failure> + Send,
{
    fn run(&mut self, connection: &Connection, now: Timestamp) -> Option<Failure> {
        let work = self.work.take()?;
        let answer = self.answer.insert(work(connection, now));
        answer.as_ref().err().cloned()
    }

    fn finish(self: Box<Self>, committed: Result<(), Failure>) {
        let answer = match (self.answer, committed) {
            (Some(Err(own)), _) => Err(own),
            (_, Err(lost)) => Err(lost),
            (Some(answer), Ok(())) => answer,
            (None, Ok(())) => Err(Failure::Stopped),
        };
        // Nobody waits any more: as good as a lost reply.
        let _ = self.reply.send(answer);
    }
}

fn serve(connection: &Connection, queue: &mpsc::Receiver<Box<dyn Job>>, clock: &dyn Clock) {
    while let Ok(first) = queue.recv() {
        let mut jobs = Vec::new();
        let mut next = Some(first);
        let outcome = batch(connection, || {
            let mut job = next.take().or_else(|| {
                let room = jobs.len() < BATCH;
                room.then(|| queue.try_recv().ok()).flatten()
            })?;
            let result = savepoint(connection, || job.run(connection, clock.now()));
            jobs.push(job);
            Some(result)
        });
        // Whatever could not even begin fails with the transaction.
        jobs.extend(next);
        if let Err(failure) = &outcome {
            tracing::warn!(error = %failure.message(), calls = jobs.len(), "a transaction was lost");
        }
        for job in jobs {
            job.finish(outcome.clone());
        }
    }
}

/// One transaction: runs steps until there are no more.
fn batch(
    connection: &Connection,
    mut step: impl FnMut() -> Option<Result<(), Failure>>,
) -> Result<(), Failure> {
    // Immediate: a transaction that read first could not wait for another process's write.
    execute(connection, "BEGIN IMMEDIATE")?;
    let mut run = || {
        while let Some(result) = step() {
            result?;
        }
        execute(connection, "COMMIT")
    };
    let outcome = run();
    if outcome.is_err() && !connection.is_autocommit() {
        // Its own failure would say nothing new.
        let _ = execute(connection, "ROLLBACK");
    }
    outcome
}

/// Runs a job so that its failure undoes its own writes only.
fn savepoint(
    connection: &Connection,
    job: impl FnOnce() -> Option<Failure>,
) -> Result<(), Failure> {
    execute(connection, "SAVEPOINT call")?;
    if let Some(failure) = job() {
        if connection.is_autocommit() {
            // Some failures (a full disk) end the whole transaction: every call of it fails for the same reason.
            return Err(failure);
        }
        execute(connection, "ROLLBACK TO call")?;
    }
    execute(connection, "RELEASE call")
}

fn execute(connection: &Connection, statement: &str) -> Result<(), Failure> {
    connection.prepare_cached(statement)?.execute([])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use lorikeet_store::{Limits, ManualClock, StoreError, Transcript};
    use tokio::task::JoinSet;

    use super::*;
    use crate::{SqlStore, schema};

    /// SQLite says of a database at its page bound what it says of a full disk.
    const BOUND: &str = "max_page_count";

    #[tokio::test]
    async fn a_full_disk_fails_every_call_of_the_transaction_and_passes() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lorikeet.db");
        let connection = schema::open(&path).unwrap();
        let pages: u32 = connection
            .pragma_query_value(None, "page_count", |row| row.get(0))
            .unwrap();
        connection
            .pragma_update_and_check(None, BOUND, pages + 20, |_| Ok(()))
            .unwrap();
        let clock = Arc::new(ManualClock::new(Timestamp::default()));
        let store = SqlStore {
            writer: Arc::new(Writer::start(connection, &path, clock).unwrap()),
            limits: Limits::default(),
        };

        let mut calls = JoinSet::new();
        for number in 0..100 {
            let store = store.clone();
            calls.spawn(async move {
                let answer = store
                    .put("room", &number.to_string(), "x".repeat(4_000))
                    .await;
                (number.to_string(), answer)
            });
        }
        let mut kept = Vec::new();
        let mut full = 0_u32;
        while let Some(answered) = calls.join_next().await {
            match answered.unwrap() {
                (id, Ok(_)) => kept.push(id),
                (_, Err(error)) => {
                    assert!(matches!(error, StoreError::OutOfSpace { .. }), "{error}");
                    assert!(error.is_retryable());
                    full += 1;
                }
            }
        }
        assert!(full > 0);
        // What was answered is there, and nothing else.
        let mut stored: Vec<String> = ids(&store).await;
        stored.sort();
        kept.sort();
        assert_eq!(stored, kept);

        // Somebody frees space.
        let raised = store.writer.call(|connection, _| {
            Ok(connection.pragma_update_and_check(None, BOUND, 1_000_000, |_| Ok(()))?)
        });
        raised.await.unwrap();
        store.put("room", "again", "x".repeat(4_000)).await.unwrap();
        assert!(ids(&store).await.contains(&"again".to_owned()));
    }

    async fn ids(store: &SqlStore) -> Vec<String> {
        let entries = store.latest("room", 1_000).await.unwrap();
        entries.into_iter().map(|entry| entry.id).collect()
    }
}
