//! Whether this process can serve people: asked of the stores again and again, told at `/readyz`.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use anyhow::Context as _;
use async_trait::async_trait;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};

/// Between two looks at the stores.
const EVERY: Duration = Duration::from_secs(2);
/// A store that takes longer to say how it is counts as gone.
const PATIENCE: Duration = Duration::from_secs(5);

/// Something that has to work for the process to be of use.
#[async_trait]
pub(crate) trait Probe: Send + Sync {
    /// Its section of the configuration.
    fn name(&self) -> &'static str;

    /// What there is to say about it; an error says why it cannot be used.
    async fn look(&self) -> Result<Option<String>, String>;
}

/// What the probes said last.
#[derive(Default)]
pub(crate) struct Health(RwLock<BTreeMap<&'static str, Result<Option<String>, String>>>);

impl Health {
    /// Looks at everything again and again.
    pub(crate) async fn watch(&self, probes: &[Arc<dyn Probe>]) {
        loop {
            for probe in probes {
                let said = timeout(PATIENCE, probe.look()).await;
                let said = said.unwrap_or_else(|_| Err("no answer in time".to_owned()));
                self.note(probe.name(), said);
            }
            sleep(EVERY).await;
        }
    }

    fn note(&self, name: &'static str, said: Result<Option<String>, String>) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let before = all.insert(name, said.clone());
        let was_ready = before.is_none_or(|before| before.is_ok());
        match said {
            Err(why) if was_ready => tracing::error!(store = name, why, "not ready"),
            Ok(_) if !was_ready => tracing::info!(store = name, "ready again"),
            _ => {}
        }
    }

    /// What there is to say, or why the process should not be sent anybody now.
    pub(crate) fn readiness(&self) -> Result<String, String> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut notes = String::new();
        let mut faults = Vec::new();
        for (name, said) in all.iter() {
            match said {
                Err(why) => faults.push(format!("{name}: {why}")),
                Ok(Some(note)) => notes.push_str(&format!("{name}: {note}\n")),
                Ok(None) => {}
            }
        }
        if faults.is_empty() {
            Ok(notes)
        } else {
            Err(faults.join("; "))
        }
    }

    /// Answers `/healthz` and `/readyz` on an address of their own, for processes without a page.
    ///
    /// # Errors
    /// When it cannot listen there.
    pub(crate) async fn serve(self: Arc<Self>, listen: SocketAddr) -> anyhow::Result<()> {
        let listener = TcpListener::bind(listen).await.with_context(|| {
            format!("health.listen: nothing can listen on {listen}; name another address")
        })?;
        let routes = Router::new()
            .route("/healthz", get(|| async { "ok\n" }))
            .route(
                "/readyz",
                get(move || async move {
                    match self.readiness() {
                        Ok(notes) => (StatusCode::OK, format!("ready\n{notes}")),
                        Err(why) => (
                            StatusCode::SERVICE_UNAVAILABLE,
                            format!("not ready: {why}\n"),
                        ),
                    }
                }),
            );
        axum::serve(listener, routes).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_fault_is_enough_and_notes_are_told() {
        let health = Health::default();
        assert_eq!(health.readiness(), Ok(String::new()));
        health.note("store", Ok(Some("2 fail-overs".to_owned())));
        health.note("database", Ok(None));
        assert_eq!(health.readiness(), Ok("store: 2 fail-overs\n".to_owned()));
        health.note("database", Err("away".to_owned()));
        assert_eq!(health.readiness(), Err("database: away".to_owned()));
        health.note("database", Ok(None));
        assert!(health.readiness().is_ok());
    }
}
