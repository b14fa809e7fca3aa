//! A service called `bench` that does what its request says.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use lorikeet_chat::Background;
use lorikeet_runtime::{Job, WorkError, Worker};
use serde_json::Value;
use tokio::time::sleep;

/// `echo WORD`, `silent`, `slow WORD` (a minute), `twice WORD` (fails first), `never`, `busy` (retries for ever),
/// `crash`.
#[derive(Default)]
pub(crate) struct Bench {
    /// Effect ids and requests, one for each call.
    pub(crate) calls: Mutex<Vec<(String, String)>>,
    pub(crate) running: AtomicUsize,
    pub(crate) most: AtomicUsize,
}

impl Bench {
    pub(crate) fn calls(&self) -> Vec<(String, String)> {
        self.calls.lock().unwrap().clone()
    }
}

#[async_trait]
impl Worker for Bench {
    fn service(&self) -> &str {
        "bench"
    }

    async fn perform(&self, job: Job<'_>) -> Result<Option<Background>, WorkError> {
        let request = job.request.as_str().unwrap();
        let call = (job.effect.to_string(), request.to_owned());
        let repeated = {
            let mut calls = self.calls.lock().unwrap();
            let repeated = calls.contains(&call);
            calls.push(call);
            repeated
        };
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        let _running = Running(&self.running);
        self.most.fetch_max(running, Ordering::SeqCst);
        let (verb, word) = request.split_once(' ').unwrap_or((request, ""));
        match verb {
            "silent" => return Ok(None),
            "slow" => sleep(Duration::from_secs(60)).await,
            "twice" if !repeated => {
                return Err(WorkError::retry(
                    Duration::from_secs(30),
                    "shy",
                    "not at first",
                ));
            }
            "never" => return Err(WorkError::permanent("hopeless", "never")),
            "busy" => return Err(WorkError::retry(Duration::ZERO, "busy", "later")),
            _ => assert!(verb != "crash", "asked to panic"),
        }
        Ok(Some(Background {
            topic: "bench".to_owned(),
            payload: Value::from(word),
        }))
    }
}

struct Running<'a>(&'a AtomicUsize);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
