//! Where adapters run: everywhere, or where the platform's named lock is held.

use std::sync::{Arc, Mutex, PoisonError};

use lorikeet_platform::{Adapter, DeliveryError, Failure, Placement};
use lorikeet_store::{Acquired, Holder, LEASE, LOCAL_DEADLINE, Lock, RENEW_EVERY};
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::backoff::{Backoff, jittered};
use crate::core::{Core, Door};

/// An adapter, and until when this process may deliver through it.
pub(crate) struct Outlet {
    pub(crate) adapter: Arc<dyn Adapter>,
    placement: Placement,
    leads_until: Mutex<Option<Instant>>,
}

impl Outlet {
    pub(crate) fn new(adapter: Arc<dyn Adapter>) -> Self {
        Self {
            placement: adapter.placement(),
            adapter,
            leads_until: Mutex::default(),
        }
    }

    pub(crate) fn may_deliver(&self) -> bool {
        match self.placement {
            Placement::Anywhere => true,
            Placement::Leader | Placement::LeaderOf(_) => self
                .leads_until()
                .is_some_and(|until| Instant::now() < until),
        }
    }

    fn leads_until(&self) -> Option<Instant> {
        *self
            .leads_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn lead_until(&self, until: Option<Instant>) {
        *self
            .leads_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = until;
    }
}

/// Runs an adapter where its placement lets it, until the process stops.
///
/// # Errors
/// When the adapter says it will never work.
pub(crate) async fn run(core: Arc<Core>, outlet: Arc<Outlet>) -> Result<(), DeliveryError> {
    let name = format!("leader:{}", outlet.adapter.platform());
    match &outlet.placement {
        Placement::Anywhere => attend(&core, &outlet, &core.stopping).await,
        Placement::Leader => stand_for(&core, &outlet, &name).await,
        Placement::LeaderOf(part) => stand_for(&core, &outlet, &format!("{name} {part}")).await,
    }
}

/// Runs an adapter until `term` ends, again and again should it fail for the time being.
async fn attend(
    core: &Arc<Core>,
    outlet: &Outlet,
    term: &CancellationToken,
) -> Result<(), DeliveryError> {
    let door = Arc::new(Door(Arc::clone(core)));
    let mut backoff = Backoff::service();
    loop {
        let stop = Box::pin(term.clone().cancelled_owned());
        let outcome = outlet.adapter.run(door.clone(), stop).await;
        let platform = outlet.adapter.platform();
        if term.is_cancelled() {
            return Ok(());
        }
        match outcome {
            Ok(()) => tracing::warn!(%platform, "an adapter ended by itself"),
            Err(error) if error.failure == Failure::Permanent => return Err(error),
            Err(error) => tracing::warn!(%platform, %error, "an adapter failed"),
        }
        if term
            .run_until_cancelled(sleep(backoff.wait()))
            .await
            .is_none()
        {
            return Ok(());
        }
    }
}

/// Waits for the named lock, runs the adapter while it is held, and stands by again when it is lost.
async fn stand_for(core: &Arc<Core>, outlet: &Outlet, name: &str) -> Result<(), DeliveryError> {
    let holder = Holder {
        id: core.owner.to_string(),
        display: String::new(),
    };
    while !core.stopping.is_cancelled() {
        let sent = Instant::now();
        let acquired = timeout(LOCAL_DEADLINE, core.locks.acquire(name, &holder, LEASE)).await;
        let lock = match acquired {
            Ok(Ok(Acquired::Granted(lock))) => lock,
            Ok(Ok(Acquired::Busy(_))) | Err(_) => {
                stand_by(core).await;
                continue;
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, name, "the lock could not be asked for");
                stand_by(core).await;
                continue;
            }
        };
        tracing::info!(name, generation = lock.generation, "leading");
        outlet.lead_until(Some(sent + LOCAL_DEADLINE));
        core.hint.notify_one();
        let outcome = lead(core, outlet, name, &holder, &lock).await;
        outlet.lead_until(None);
        // Not ours any more, perhaps: then this changes nothing.
        let release = core.locks.release(name, &holder.id, lock.generation);
        if !matches!(timeout(RENEW_EVERY, release).await, Ok(Ok(_))) {
            tracing::debug!(name, "the lock could not be given up");
        }
        outcome?;
    }
    Ok(())
}

/// Runs the adapter while the lock is held; at a stop, keeps the lock until all is delivered.
async fn lead(
    core: &Arc<Core>,
    outlet: &Outlet,
    name: &str,
    holder: &Holder,
    lock: &Lock,
) -> Result<(), DeliveryError> {
    let term = core.stopping.child_token();
    let mut adapter = std::pin::pin!(attend(core, outlet, &term));
    let mut held = std::pin::pin!(keep(core, outlet, name, holder, lock));
    tokio::select! {
        outcome = &mut adapter => {
            outcome?;
            // Stopped: what was committed last is still on its way out.
            tokio::select! {
                () = &mut held => {}
                () = core.tasks.wait() => {}
            }
            Ok(())
        }
        () = &mut held => {
            tracing::warn!(name, "no longer leading");
            outlet.lead_until(None);
            term.cancel();
            // Until the lock itself runs out nobody else leads.
            timeout(LEASE - LOCAL_DEADLINE, adapter).await.unwrap_or(Ok(()))
        }
    }
}

/// Renews the lock again and again; ends when it is lost.
async fn keep(core: &Core, outlet: &Outlet, name: &str, holder: &Holder, lock: &Lock) {
    let mut backoff = Backoff::store();
    let mut renewal = Instant::now() + RENEW_EVERY;
    while let Some(until) = outlet.leads_until() {
        sleep_until(renewal).await;
        let sent = Instant::now();
        if sent >= until {
            return;
        }
        let renew = core.locks.renew(name, &holder.id, lock.generation, LEASE);
        match timeout_at(until.min(sent + RENEW_EVERY / 2), renew).await {
            Ok(Ok(Some(_))) => {
                outlet.lead_until(Some(sent + LOCAL_DEADLINE));
                renewal = sent + RENEW_EVERY;
                backoff = Backoff::store();
            }
            Ok(Ok(None)) => return,
            Ok(Err(_)) | Err(_) => renewal = Instant::now() + backoff.wait(),
        }
    }
}

async fn stand_by(core: &Core) {
    let wait = sleep(jittered(core.settings.sweep_every));
    core.stopping.run_until_cancelled(wait).await;
}
