//! The adapter: reads lines, hands their events over, writes lines.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use futures::{StreamExt as _, TryStreamExt as _};
use lorikeet_chat::{
    Capabilities, Conversation, FileLimits, InvalidId, MediaSource, MenuLimits, MessageHandle,
    PlatformId, RoomId, Support, TextLimits, TextUnit, Timestamp, UserId,
};
use lorikeet_platform::{
    Accepted, Adapter, CommandHelp, Content, Delivered, Delivery, DeliveryError, Inbox,
    MediaStream, Placement, Stop,
};
use tokio::io::{
    AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _,
};
use tokio::sync::Mutex;
use tokio_util::io::ReaderStream;

use crate::incoming::{Line, event};
use crate::outgoing::{Out, Receipt, controls, text};

/// Bytes of a file or a line, at most.
pub const LIMIT: u64 = 8 << 20;

// ANCHOR: struct
/// Speaks to one person at the other end of two streams.
pub struct Lines<R, W> {
    input: Mutex<R>,
    output: Mutex<W>,
    /// Where the files lie that lines name.
    folder: PathBuf,
    /// The time; handed in, so that tests have one of their own.
    now: fn() -> Timestamp,
    conversation: Conversation,
}
// ANCHOR_END: struct

impl<R, W> Lines<R, W>
where
    R: AsyncBufRead + Send + Unpin,
    W: AsyncWrite + Send + Unpin,
{
    /// An adapter between two streams, and the folder that both ends see.
    ///
    /// # Errors
    /// Never: the names it gives its one conversation are valid.
    pub fn new(
        input: R,
        output: W,
        folder: impl Into<PathBuf>,
        now: fn() -> Timestamp,
    ) -> Result<Self, InvalidId> {
        Ok(Self {
            input: input.into(),
            output: output.into(),
            folder: folder.into(),
            now,
            conversation: Conversation {
                platform: PlatformId::new("lines")?,
                room: RoomId::new("room")?,
                thread: None,
                user: UserId::new("person")?,
            },
        })
    }

    // ANCHOR: take
    /// Takes one line. Its receipt goes out after the inbox has answered, and never before: from then on the bot
    /// cannot lose it, and the other end may forget it.
    async fn take(&self, line: &[u8], inbox: &dyn Inbox) -> Result<(), DeliveryError> {
        let line: Option<Line> = serde_json::from_slice(line).ok();
        let number = line.as_ref().map(|line| line.number);
        let is = match line.and_then(|line| event(line, (self.now)())) {
            None => Receipt::Refused,
            Some(event) => match inbox.accept(&self.conversation, event).await {
                Ok(Accepted::Accepted | Accepted::Duplicate) => Receipt::Taken,
                // Full, or the store is away.
                Ok(Accepted::Full) | Err(_) => Receipt::Again,
            },
        };
        self.say(&Out::Receipt { number, is }).await
    }
    // ANCHOR_END: take

    // ANCHOR: say
    async fn say(&self, out: &Out) -> Result<(), DeliveryError> {
        let mut line = serde_json::to_vec(out)
            .map_err(|error| DeliveryError::permanent("a line cannot be written").because(error))?;
        line.push(b'\n');
        let mut output = self.output.lock().await;
        let written = async {
            output.write_all(&line).await?;
            output.flush().await
        };
        written.await.map_err(|error| match error.kind() {
            ErrorKind::BrokenPipe | ErrorKind::ConnectionReset => {
                DeliveryError::permanent("nobody is at the other end any more").because(error)
            }
            _ => DeliveryError::retry("the other end does not listen").because(error),
        })
    }
    // ANCHOR_END: say

    /// The next line without its end; nothing at the end of the input.
    async fn next(&self) -> Result<Option<Vec<u8>>, DeliveryError> {
        let mut line = Vec::new();
        let mut input = self.input.lock().await;
        let read = (&mut *input).take(LIMIT).read_until(b'\n', &mut line).await;
        match read {
            Ok(0) => Ok(None),
            Ok(_) if line.ends_with(b"\n") => Ok(Some(line)),
            Ok(_) => Err(DeliveryError::permanent(
                "the input ended within a line, or the line was too long",
            )),
            Err(error) => Err(DeliveryError::retry("the input cannot be read").because(error)),
        }
    }
}

#[async_trait]
impl<R, W> Adapter for Lines<R, W>
where
    R: AsyncBufRead + Send + Unpin,
    W: AsyncWrite + Send + Unpin,
{
    fn platform(&self) -> PlatformId {
        self.conversation.platform.clone()
    }

    fn placement(&self) -> Placement {
        // There is one input: two processes cannot both read it.
        Placement::Leader
    }

    // ANCHOR: run
    async fn run(&self, inbox: Arc<dyn Inbox>, mut stop: Stop) -> Result<(), DeliveryError> {
        loop {
            let line = tokio::select! {
                () = &mut stop => return Ok(()),
                line = self.next() => line?,
            };
            match line {
                Some(line) => self.take(&line, &*inbox).await?,
                None => {
                    // Nothing more comes in; what is under way still goes out.
                    stop.await;
                    return Ok(());
                }
            }
        }
    }
    // ANCHOR_END: run

    fn capabilities(&self, _: &Conversation) -> Capabilities {
        Capabilities {
            text: TextLimits {
                message: 100_000,
                unit: TextUnit::Bytes,
                rich: Support::Dropped,
            },
            menu: MenuLimits {
                buttons: Support::Full,
                per_row: 1,
                total: 200,
                label: 200,
                options: 200,
            },
            files: FileLimits {
                receive: LIMIT,
                send: 0,
                per_message: 1,
            },
            images: Support::Fallback,
            forms: Support::Partial,
            edits: Support::Full,
            edits_per_minute: 60,
        }
    }

    // ANCHOR: deliver
    async fn deliver(&self, delivery: Delivery<'_>) -> Result<Delivered, DeliveryError> {
        let present = match delivery.content {
            Content::Answer { text, .. } => {
                self.say(&Out::Answer(text.to_owned())).await?;
                return Ok(Delivered::default());
            }
            Content::Screen(present) => present,
        };
        let earlier = delivery.handle.map(MessageHandle::as_str);
        let (id, closes) = match earlier {
            Some(earlier) if present.surface.is_edit() => (earlier, None),
            // A new message is named after its effect: delivered twice, it is the same message twice.
            earlier => (delivery.id.as_str(), earlier),
        };
        let message = Out::Message {
            id: id.to_owned(),
            closes: closes.filter(|closed| *closed != id).map(str::to_owned),
            text: text(&present.screen),
            controls: controls(present),
        };
        self.say(&message).await?;
        let handle = MessageHandle::new(id).map_err(|error| {
            DeliveryError::permanent("a message has no valid id").because(error)
        })?;
        Ok(Delivered {
            handle: Some(handle),
        })
    }
    // ANCHOR_END: deliver

    // ANCHOR: open
    async fn open(&self, source: &MediaSource) -> Result<MediaStream, DeliveryError> {
        let path = self.folder.join(source.as_str());
        let opened = async {
            let file = tokio::fs::File::open(path).await?;
            let bytes = file.metadata().await?.len();
            Ok::<_, std::io::Error>((file, bytes))
        };
        let (file, bytes) = opened.await.map_err(|error| match error.kind() {
            ErrorKind::NotFound => DeliveryError::permanent("the file is gone").because(error),
            _ => DeliveryError::retry("the file cannot be read").because(error),
        })?;
        if bytes > LIMIT {
            return Err(DeliveryError::permanent("the file is too large"));
        }
        // It may still grow while it is read.
        let stream = ReaderStream::new(file.take(LIMIT));
        let broken = |error| DeliveryError::retry("the file cannot be read").because(error);
        Ok(stream.map_err(broken).boxed())
    }
    // ANCHOR_END: open

    async fn publish(&self, commands: &[CommandHelp]) -> Result<(), DeliveryError> {
        let commands = commands.iter();
        let listed = commands.map(|command| (command.name.clone(), command.summary.usual.clone()));
        self.say(&Out::Commands(listed.collect())).await
    }
}
