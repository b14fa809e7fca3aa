//! What people send: words, pictures, files, albums.

use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;

use super::Person;
use crate::chat::{Chat, Sort, Standing};
use crate::entities::Text;
use crate::files::Kind;
use crate::message::{Content, Media, Message, Sender, Size};
use crate::picture;
use crate::rooms::Room;
use crate::world::World;

/// A part of an album.
#[derive(Debug, Clone)]
pub struct Item {
    kind: Kind,
    name: String,
    bytes: Bytes,
}

impl Item {
    /// A picture, sent as a photo.
    pub fn photo(bytes: impl Into<Bytes>) -> Self {
        Self {
            kind: Kind::Photo,
            name: "photo.jpg".to_owned(),
            bytes: bytes.into(),
        }
    }

    /// A video.
    pub fn video(bytes: impl Into<Bytes>) -> Self {
        Self {
            kind: Kind::Video,
            name: "video.mp4".to_owned(),
            bytes: bytes.into(),
        }
    }

    /// A file as it is.
    pub fn document(name: &str, bytes: impl Into<Bytes>) -> Self {
        Self {
            kind: Kind::Document,
            name: name.to_owned(),
            bytes: bytes.into(),
        }
    }
}

/// A message that is about to be sent.
#[derive(Debug, Clone)]
pub struct Talk {
    person: Person,
    room: Room,
    thread: Option<i64>,
    reply_to: Option<i64>,
    anonymous: bool,
    caption: Text,
}

impl Talk {
    pub(super) fn new(person: &Person, room: &Room) -> Self {
        Self {
            person: person.clone(),
            room: room.current(),
            thread: None,
            reply_to: None,
            anonymous: false,
            caption: Text::default(),
        }
    }

    /// In a topic.
    pub fn thread(mut self, topic: i64) -> Self {
        self.thread = Some(topic);
        self
    }

    /// As an answer to a message.
    pub fn reply_to(mut self, message: i64) -> Self {
        self.reply_to = Some(message);
        self
    }

    /// In the name of the group, as an administrator may.
    pub fn anonymous(mut self) -> Self {
        self.anonymous = true;
        self
    }

    /// Words below a picture or file; of an album, below its first part.
    pub fn caption(mut self, text: &str) -> Self {
        self.caption = Text::typed(text);
        self
    }

    /// A text; the message's id.
    pub fn says(self, text: &str) -> i64 {
        self.send(vec![Content::Text(Text::typed(text))], None)
            .first()
            .copied()
            .unwrap_or_default()
    }

    /// A photo. Telegram's programs make a JPEG of it.
    ///
    /// # Errors
    /// Where the bytes are no picture: nobody can send such as a photo.
    pub fn photo(self, bytes: impl Into<Bytes>) -> Result<i64> {
        self.item(Item::photo(bytes))
    }

    /// A file as it is.
    pub fn document(self, name: &str, bytes: impl Into<Bytes>) -> i64 {
        self.item(Item::document(name, bytes)).unwrap_or_default()
    }

    /// A video.
    pub fn video(self, bytes: impl Into<Bytes>) -> i64 {
        self.item(Item::video(bytes)).unwrap_or_default()
    }

    /// A sticker.
    pub fn sticker(self) -> i64 {
        self.other(Kind::Sticker, "sticker.webp", Bytes::from_static(b"RIFF"))
    }

    /// A voice message.
    pub fn voice(self, bytes: impl Into<Bytes>) -> i64 {
        self.other(Kind::Voice, "voice.oga", bytes.into())
    }

    fn other(self, kind: Kind, name: &str, bytes: Bytes) -> i64 {
        let name = name.to_owned();
        self.item(Item { kind, name, bytes }).unwrap_or_default()
    }

    fn item(self, item: Item) -> Result<i64> {
        let content = self.content(&item, self.caption.clone())?;
        let sent = self.send(vec![content], None);
        sent.first().copied().context("nothing was sent")
    }

    /// Two to ten parts as one album: as many messages, and as many updates.
    ///
    /// # Errors
    /// Where the parts cannot be an album.
    pub fn album(self, items: &[Item]) -> Result<Vec<i64>> {
        ensure!(
            (2..=10).contains(&items.len()),
            "an album has two to ten parts"
        );
        let documents = items.iter().filter(|item| item.kind == Kind::Document);
        let documents = documents.count();
        ensure!(
            documents == 0 || documents == items.len(),
            "documents are an album of their own"
        );
        let contents = items.iter().enumerate().map(|(at, item)| {
            let caption = if at == 0 {
                self.caption.clone()
            } else {
                Text::default()
            };
            self.content(item, caption)
        });
        let contents: Vec<Content> = contents.collect::<Result<_>>()?;
        let album = format!("1{:016}", self.person.telegram.world.number());
        Ok(self.send(contents, Some(album)))
    }

    fn content(&self, item: &Item, caption: Text) -> Result<Content> {
        let world = &self.person.telegram.world;
        Ok(Content::Media {
            media: if item.kind == Kind::Photo {
                photo(world, &item.bytes)?
            } else {
                file(world, item)
            },
            caption,
        })
    }

    fn send(&self, contents: Vec<Content>, album: Option<String>) -> Vec<i64> {
        let world = &self.person.telegram.world;
        self.room.with(|chat| {
            let started = chat.sort == Sort::Private && chat.bot == Standing::Left;
            if started {
                chat.bot = Standing::Member;
            }
            let from = self.sender(chat);
            let contents = contents.into_iter();
            let messages = contents.map(|content| {
                let message = Message {
                    thread: self.thread,
                    // In a topic, what answers nothing answers the message that opened it.
                    reply_to: self.reply_to.or(self.thread),
                    album: album.clone(),
                    ..world.message(chat, from.clone(), content)
                };
                let message = chat.put(message);
                world.tell(chat, &message, false);
                message.id
            });
            messages.collect()
        })
    }

    fn sender(&self, chat: &Chat) -> Sender {
        if chat.is_channel() {
            Sender::Channel
        } else if self.anonymous {
            Sender::Anonymous
        } else {
            Sender::Person(Arc::clone(&self.person.account))
        }
    }
}

fn photo(world: &World, bytes: &Bytes) -> Result<Media> {
    let made = picture::photo(bytes, world.options.photo_side);
    let made = made.context("this is no picture, and nobody can send it as a photo")?;
    let sizes = made.into_iter().map(|(bytes, width, height)| Size {
        file: world.files.keep(Kind::Photo, "jpg", bytes),
        width,
        height,
    });
    let sizes: Vec<Size> = sizes.collect();
    let largest = sizes.last().context("a photo has a size")?;
    Ok(Media {
        file: Arc::clone(&largest.file),
        width: largest.width,
        height: largest.height,
        sizes,
        name: None,
        mime: None,
        spoiler: false,
    })
}

fn file(world: &World, item: &Item) -> Media {
    let extension = item.name.rsplit_once('.').map_or("bin", |(_, end)| end);
    let mime = match extension.to_ascii_lowercase().as_str() {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "heic" => "image/heic",
        "zip" => "application/zip",
        "txt" => "text/plain",
        "mp4" => "video/mp4",
        "oga" | "ogg" => "audio/ogg",
        _ => "application/octet-stream",
    };
    let shown = [Kind::Video, Kind::Sticker].contains(&item.kind);
    let side = if shown { 512 } else { 0 };
    Media {
        file: world.files.keep(item.kind, extension, item.bytes.clone()),
        sizes: Vec::new(),
        name: [Kind::Document, Kind::Video]
            .contains(&item.kind)
            .then(|| item.name.clone()),
        mime: (item.kind != Kind::Sticker).then(|| mime.to_owned()),
        width: side,
        height: side,
        spoiler: false,
    }
}
