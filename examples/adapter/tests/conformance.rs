//! The suite every adapter passes, played at the wire: lines go in, and what comes out is kept as a person would see it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use async_trait::async_trait;
use bytes::Bytes;
use lorikeet_chat::Timestamp;
use lorikeet_example_adapter::{Control, Line, Lines, Out, Receipt as Is, What};
use lorikeet_platform::conformance::{Harness, Message, Receipt, Update, check};
use lorikeet_platform::{Adapter, Failure};
use tokio::io::{AsyncWrite, AsyncWriteExt as _, BufReader, DuplexStream, ReadHalf, WriteHalf};
use tokio::sync::watch;

// ANCHOR: check
#[tokio::test]
async fn keeps_the_obligations_of_an_adapter() {
    check(|| async { Terminal::new() }).await.unwrap();
}
// ANCHOR_END: check

/// What the adapter wrote, readable at any moment; refuses once when it is told to.
#[derive(Clone)]
struct Paper {
    written: watch::Sender<String>,
    refuses: Arc<Mutex<Option<ErrorKind>>>,
}

impl AsyncWrite for Paper {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if let Some(kind) = self.refuses.lock().unwrap().take() {
            return Poll::Ready(Err(kind.into()));
        }
        let text = std::str::from_utf8(bytes).unwrap();
        self.written.send_modify(|written| written.push_str(text));
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

// ANCHOR: harness
/// The other end of the lines, and the person in front of it.
struct Terminal {
    adapter: Lines<BufReader<ReadHalf<DuplexStream>>, Paper>,
    keyboard: tokio::sync::Mutex<WriteHalf<DuplexStream>>,
    paper: Paper,
    folder: tempfile::TempDir,
}

#[async_trait]
impl Harness for Terminal {
    fn adapter(&self) -> &dyn Adapter {
        &self.adapter
    }

    async fn send(&self, number: u64, update: Update) -> Receipt {
        let what = match update {
            Update::Text(text) => What::Text(text),
            Update::Command(command) => {
                What::Command(format!("{} {}", command.name, command.arguments))
            }
            Update::Press(label) => What::Press(self.token(&label)),
            Update::File(bytes) => What::File(self.put(number, &bytes)),
        };
        let mut line = serde_json::to_vec(&Line { number, what }).unwrap();
        line.push(b'\n');
        let before = receipts(&self.outs(), number).len();
        let mut written = self.paper.written.subscribe();
        self.keyboard.lock().await.write_all(&line).await.unwrap();
        let answered = written.wait_for(|text| receipts(&outs(text), number).len() > before);
        answered.await.unwrap();
        match receipts(&self.outs(), number)[before] {
            Is::Taken => Receipt::Acknowledged,
            Is::Again => Receipt::Unavailable,
            Is::Refused => Receipt::Rejected,
        }
    }
    // ANCHOR_END: harness

    async fn room(&self) -> Vec<Message> {
        let message = |shown: Shown| Message {
            text: shown.text,
            controls: shown.controls.into_iter().map(|c| c.label).collect(),
        };
        self.shown().into_iter().map(message).collect()
    }

    async fn answers(&self) -> Vec<String> {
        let outs = self.outs().into_iter();
        outs.filter_map(|out| match out {
            Out::Answer(text) => Some(text),
            _ => None,
        })
        .collect()
    }

    async fn refuse_next(&self, failure: Failure) -> bool {
        let kind = match failure {
            Failure::Permanent => ErrorKind::BrokenPipe,
            Failure::Retry { .. } => ErrorKind::TimedOut,
        };
        *self.paper.refuses.lock().unwrap() = Some(kind);
        true
    }
}

impl Terminal {
    fn new() -> Self {
        let (near, far) = tokio::io::duplex(1 << 16);
        let (_, keyboard) = tokio::io::split(near);
        let (input, _) = tokio::io::split(far);
        let paper = Paper {
            written: watch::Sender::default(),
            refuses: Arc::default(),
        };
        let folder = tempfile::tempdir().unwrap();
        let now = || Timestamp::from_millis(1);
        let adapter = Lines::new(BufReader::new(input), paper.clone(), folder.path(), now);
        Self {
            adapter: adapter.unwrap(),
            keyboard: keyboard.into(),
            paper,
            folder,
        }
    }

    fn outs(&self) -> Vec<Out> {
        outs(&self.paper.written.borrow())
    }

    /// The messages as they are seen in the end.
    fn shown(&self) -> Vec<Shown> {
        let mut shown: Vec<Shown> = Vec::new();
        for out in self.outs() {
            let Out::Message {
                id,
                closes,
                text,
                controls,
            } = out
            else {
                continue;
            };
            for old in &mut shown {
                if Some(&old.id) == closes.as_ref() {
                    old.controls.clear();
                }
            }
            let message = Shown { id, text, controls };
            match shown.iter_mut().find(|old| old.id == message.id) {
                Some(old) => *old = message,
                None => shown.push(message),
            }
        }
        shown
    }

    fn token(&self, wanted: &str) -> String {
        let shown = self.shown();
        let mut controls = shown.iter().rev().flat_map(|shown| &shown.controls);
        let found = controls.find(|control| control.label == wanted);
        found.unwrap_or_else(|| panic!("no {wanted}")).token.clone()
    }

    fn put(&self, number: u64, bytes: &Bytes) -> String {
        let name = format!("{number}.png");
        std::fs::write(self.folder.path().join(&name), bytes).unwrap();
        name
    }
}

/// One message as it is seen.
struct Shown {
    id: String,
    text: String,
    controls: Vec<Control>,
}

fn outs(written: &str) -> Vec<Out> {
    let lines = written.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn receipts(outs: &[Out], of: u64) -> Vec<Is> {
    let receipt = |out: &Out| match out {
        Out::Receipt { number, is } if *number == Some(of) => Some(*is),
        _ => None,
    };
    outs.iter().filter_map(receipt).collect()
}
