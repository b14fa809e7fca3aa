//! The recovery sweep: finds lanes with something in them that nobody works on.

use std::sync::Arc;

use futures::{StreamExt as _, stream};
use lorikeet_store::{Due, Index, LOCAL_DEADLINE, Sweep};
use tokio::time::{sleep, timeout};

use crate::backoff::jittered;
use crate::core::Core;

/// Lanes taken up in one go, of each part of the index.
const BATCH: usize = 256;
/// Claims in flight.
const CLAIMS: usize = 16;

/// Sweeps until the process stops.
pub(crate) async fn run(core: Arc<Core>) {
    loop {
        tokio::select! {
            () = sleep(jittered(core.settings.sweep_every)) => {}
            () = core.hint.notified() => {}
            () = core.stopping.cancelled() => return,
        }
        core.pacer.tidy();
        sweep(&core).await;
    }
}

async fn sweep(core: &Arc<Core>) {
    for index in core.indices() {
        let limit = match index {
            Index::Turn => core.free_turns().min(BATCH),
            Index::Work | Index::Deliver(_) => BATCH,
        };
        if limit == 0 {
            // All turns are taken: look again when one is over.
            core.starve();
            continue;
        }
        let request = Sweep::new(index, limit);
        let due = match timeout(LOCAL_DEADLINE, core.store.due(request)).await {
            Ok(Ok(due)) => due,
            Ok(Err(error)) => {
                tracing::warn!(%error, "the sweep could not look");
                return;
            }
            Err(_) => return,
        };
        let full = due.len() == limit;
        let granted = stream::iter(due)
            .map(|Due { conversation, lane }| core.claim(conversation, lane))
            .buffer_unordered(CLAIMS)
            .filter(|&granted| std::future::ready(granted))
            .count()
            .await;
        if full && granted > 0 {
            core.hint.notify_one();
        }
    }
}
