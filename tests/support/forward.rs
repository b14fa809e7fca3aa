//! One address in front of many processes, as a proxy makes it: requests go to them by turns.
//!
//! Unlike a good proxy it does not try another process when one is dead or silent: who asked has to ask again.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result, anyhow};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, client, server};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The address; it goes with the value.
pub struct Forwarder {
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    behind: Arc<Behind>,
    accepting: JoinHandle<Infallible>,
}

struct Behind {
    ports: Vec<u16>,
    next: AtomicUsize,
    answered: Vec<AtomicUsize>,
}

impl Forwarder {
    /// Listens on a free port for those at these ports of this machine.
    pub async fn start(ports: &[u16]) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let behind = Arc::new(Behind {
            ports: ports.to_vec(),
            next: AtomicUsize::new(0),
            answered: ports.iter().map(|_| AtomicUsize::new(0)).collect(),
        });
        Ok(Self {
            port: listener.local_addr()?.port(),
            accepting: tokio::spawn(accept(listener, Arc::clone(&behind))),
            behind,
        })
    }

    /// How many requests got no answer.
    pub fn lost(&self) -> usize {
        let answered: usize = self.answered().iter().sum();
        self.behind
            .next
            .load(Ordering::Relaxed)
            .saturating_sub(answered)
    }

    /// How many requests each of them has answered.
    pub fn answered(&self) -> Vec<usize> {
        let answered = self.behind.answered.iter();
        answered
            .map(|count| count.load(Ordering::Relaxed))
            .collect()
    }
}

impl Drop for Forwarder {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, behind: Arc<Behind>) -> Infallible {
    loop {
        let Ok((near, _)) = listener.accept().await else {
            continue;
        };
        let behind = Arc::clone(&behind);
        tokio::spawn(async move {
            // A failure ends the connection: the request stays without an answer.
            let pass = service_fn(move |request| pass(Arc::clone(&behind), request));
            let _ = server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(near), pass)
                .await;
        });
    }
}

/// Passes a request on, headers and body, and what is answered back.
async fn pass(behind: Arc<Behind>, request: Request<Incoming>) -> Result<Response<Incoming>, Lost> {
    let turn = behind.next.fetch_add(1, Ordering::Relaxed) % behind.ports.len().max(1);
    let answer = async {
        let port = behind.ports.get(turn).context("nobody is behind it")?;
        let far = TcpStream::connect(("127.0.0.1", *port)).await?;
        let (mut sender, connection) = client::conn::http1::handshake(TokioIo::new(far)).await?;
        tokio::spawn(connection);
        anyhow::Ok(sender.send_request(request).await?)
    };
    let answer = answer.await.map_err(|error| Lost(anyhow!(error)))?;
    behind.answered[turn].fetch_add(1, Ordering::Relaxed);
    Ok(answer)
}

/// Why there is no answer.
#[derive(Debug)]
struct Lost(anyhow::Error);

impl std::fmt::Display for Lost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Lost {}
