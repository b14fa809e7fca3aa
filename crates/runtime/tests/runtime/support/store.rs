//! One process's way to the shared store, which can lose requests and replies.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use lorikeet_store::{
    Acquired, Claim, Claimed, Commit, Committed, Due, Enter, Entered, Holder, Lock, LockStore,
    LockView, MemoryStore, Release, Released, Renew, Renewed, SessionStore, Settle, Settled,
    StoreError, Sweep,
};
use tokio::sync::watch;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Method {
    Enter,
    Commit,
    Settle,
    Claim,
    Renew,
    Release,
    Due,
    Lock,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// The store cannot be reached.
    Down,
    /// The store does it, and the reply is an error.
    LostReply,
    /// The store does it, and the reply never comes.
    HungReply,
}

pub(crate) struct FaultyStore {
    store: MemoryStore,
    faults: Mutex<HashMap<Method, Vec<Fault>>>,
    /// Requests so far.
    requests: Mutex<HashMap<Method, usize>>,
    down: watch::Sender<bool>,
    pub(crate) trips: AtomicUsize,
}

impl FaultyStore {
    pub(crate) fn new(store: MemoryStore) -> Self {
        Self {
            store,
            faults: Mutex::default(),
            requests: Mutex::default(),
            down: watch::Sender::new(false),
            trips: AtomicUsize::new(0),
        }
    }

    /// The next requests of a method meet these, one each.
    pub(crate) fn next(&self, method: Method, faults: impl IntoIterator<Item = Fault>) {
        let mut all = self.faults.lock().unwrap();
        let queue = all.entry(method).or_default();
        queue.extend(faults);
        queue.reverse();
    }

    /// Nothing goes through: requests hang until [`FaultyStore::mend`].
    pub(crate) fn cut(&self) {
        self.down.send_replace(true);
    }

    pub(crate) fn mend(&self) {
        self.down.send_replace(false);
    }

    pub(crate) fn requests(&self, method: Method) -> usize {
        self.requests
            .lock()
            .unwrap()
            .get(&method)
            .copied()
            .unwrap_or_default()
    }

    async fn meet<T>(
        &self,
        method: Method,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        *self.requests.lock().unwrap().entry(method).or_default() += 1;
        self.trips.fetch_add(1, Ordering::SeqCst);
        self.down.subscribe().wait_for(|down| !down).await.unwrap();
        let fault = self
            .faults
            .lock()
            .unwrap()
            .get_mut(&method)
            .and_then(Vec::pop);
        let lost = || StoreError::Unavailable {
            message: "asked to fail".to_owned(),
            source: None,
        };
        match fault {
            None => call.await,
            Some(Fault::Down) => Err(lost()),
            Some(Fault::LostReply) => {
                call.await?;
                Err(lost())
            }
            Some(Fault::HungReply) => {
                call.await?;
                std::future::pending().await
            }
        }
    }
}

#[async_trait]
impl SessionStore for FaultyStore {
    async fn enter(&self, request: &Enter) -> Result<Entered, StoreError> {
        self.meet(Method::Enter, self.store.enter(request)).await
    }

    async fn commit(&self, request: &Commit) -> Result<Committed, StoreError> {
        self.meet(Method::Commit, self.store.commit(request)).await
    }

    async fn settle(&self, request: &Settle) -> Result<Settled, StoreError> {
        self.meet(Method::Settle, self.store.settle(request)).await
    }

    async fn claim(&self, request: Claim) -> Result<Claimed, StoreError> {
        self.meet(Method::Claim, self.store.claim(request)).await
    }

    async fn renew(&self, request: Renew) -> Result<Renewed, StoreError> {
        self.meet(Method::Renew, SessionStore::renew(&self.store, request))
            .await
    }

    async fn release(&self, request: Release) -> Result<Released, StoreError> {
        let release = SessionStore::release(&self.store, request);
        self.meet(Method::Release, release).await
    }

    async fn due(&self, sweep: Sweep) -> Result<Vec<Due>, StoreError> {
        self.meet(Method::Due, self.store.due(sweep)).await
    }
}

#[async_trait]
impl LockStore for FaultyStore {
    async fn acquire(
        &self,
        name: &str,
        holder: &Holder,
        ttl: Duration,
    ) -> Result<Acquired, StoreError> {
        self.meet(Method::Lock, self.store.acquire(name, holder, ttl))
            .await
    }

    async fn take_over(
        &self,
        name: &str,
        holder: &Holder,
        ttl: Duration,
    ) -> Result<(Lock, Option<LockView>), StoreError> {
        self.meet(Method::Lock, self.store.take_over(name, holder, ttl))
            .await
    }

    async fn renew(
        &self,
        name: &str,
        holder: &str,
        generation: u64,
        ttl: Duration,
    ) -> Result<Option<Lock>, StoreError> {
        self.meet(
            Method::Lock,
            LockStore::renew(&self.store, name, holder, generation, ttl),
        )
        .await
    }

    async fn release(&self, name: &str, holder: &str, generation: u64) -> Result<bool, StoreError> {
        let release = LockStore::release(&self.store, name, holder, generation);
        self.meet(Method::Lock, release).await
    }

    async fn view(&self, name: &str) -> Result<Option<LockView>, StoreError> {
        self.meet(Method::Lock, self.store.view(name)).await
    }
}
