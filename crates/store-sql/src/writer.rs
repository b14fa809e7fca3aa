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
    /// Does the work; false when it failed and must be undone.
    fn run(&mut self, connection: &Connection, now: Timestamp) -> bool;
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
    fn run(&mut self, connection: &Connection, now: Timestamp) -> bool {
        self.answer = self.work.take().map(|work| work(connection, now));
        matches!(self.answer, Some(Ok(_)))
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
fn savepoint(connection: &Connection, job: impl FnOnce() -> bool) -> Result<(), Failure> {
    execute(connection, "SAVEPOINT call")?;
    if !job() {
        // Some failures (a full disk) end the whole transaction; then this one fails too, and all calls learn of it.
        execute(connection, "ROLLBACK TO call")?;
    }
    execute(connection, "RELEASE call")
}

fn execute(connection: &Connection, statement: &str) -> Result<(), Failure> {
    connection.prepare_cached(statement)?.execute([])?;
    Ok(())
}
