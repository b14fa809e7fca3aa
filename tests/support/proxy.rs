//! A line to a server that can be cut, slowed and blocked.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;

/// How the line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// As it should be.
    Fine,
    /// Everything takes so much longer, each way.
    Slow(Duration),
    /// Nothing gets through, and nobody is told.
    Dead,
    /// All connections are closed, and new ones refused.
    Cut,
    /// All connections are closed, and the next one is refused.
    CutOnce,
}

/// The line.
pub struct Proxy {
    /// Where its near end is, on 127.0.0.1.
    pub port: u16,
    line: watch::Sender<Line>,
}

impl Proxy {
    /// A line from a free port to a server.
    pub async fn start(server: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let (line, watched) = watch::channel(Line::Fine);
        let ends = line.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let now = *watched.borrow();
                match now {
                    Line::Cut => continue,
                    Line::CutOnce => {
                        ends.send_replace(Line::Fine);
                        continue;
                    }
                    Line::Fine | Line::Slow(_) | Line::Dead => {}
                }
                let watched = watched.clone();
                tokio::spawn(async move {
                    let Ok(far) = TcpStream::connect(server).await else {
                        return;
                    };
                    join(near, far, watched).await;
                });
            }
        });
        Ok(Self { port, line })
    }

    /// Changes how it is.
    pub fn set(&self, line: Line) {
        self.line.send_replace(line);
    }
}

async fn join(near: TcpStream, far: TcpStream, mut line: watch::Receiver<Line>) {
    let (near_read, near_write) = near.into_split();
    let (far_read, far_write) = far.into_split();
    tokio::select! {
        () = carry(near_read, far_write, line.clone()) => {}
        () = carry(far_read, near_write, line.clone()) => {}
        _ = line.wait_for(|line| matches!(line, Line::Cut | Line::CutOnce)) => {}
    }
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut line: watch::Receiver<Line>) {
    let mut bytes = vec![0; 64 * 1024];
    loop {
        let Ok(read @ 1..) = from.read(&mut bytes).await else {
            return;
        };
        let now = *line.borrow();
        match now {
            Line::Fine | Line::Cut | Line::CutOnce => {}
            Line::Slow(by) => sleep(by).await,
            Line::Dead => {
                if line.wait_for(|line| *line != Line::Dead).await.is_err() {
                    return;
                }
            }
        }
        if to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}
