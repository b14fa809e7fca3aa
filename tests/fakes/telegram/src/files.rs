//! Files by their ids and paths.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};

use bytes::Bytes;

use crate::locks::{read, write};

/// Largest file a bot may download. <https://core.telegram.org/bots/api#getfile>
pub const DOWNLOAD: usize = 20 * 1024 * 1024;
/// Largest file a bot may upload. <https://core.telegram.org/bots/api#senddocument>
pub const UPLOAD: usize = 50 * 1024 * 1024;
/// Largest photo a bot may upload. <https://core.telegram.org/bots/api#sendphoto>
pub const PHOTO: usize = 10 * 1024 * 1024;

/// What a file was sent as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A picture that Telegram shows, and shrinks.
    Photo,
    /// A file as it is.
    Document,
    /// A sticker.
    Sticker,
    /// A voice message.
    Voice,
    /// A video.
    Video,
    /// A video without sound.
    Animation,
    /// A piece of music.
    Audio,
}

impl Kind {
    /// The field it has in a message.
    pub(crate) fn field(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Document => "document",
            Self::Sticker => "sticker",
            Self::Voice => "voice",
            Self::Video => "video",
            Self::Animation => "animation",
            Self::Audio => "audio",
        }
    }

    /// As the server's sentences call it.
    pub(crate) fn spoken(self) -> &'static str {
        match self {
            Self::Photo => "Photo",
            Self::Document => "Document",
            Self::Sticker => "Sticker",
            Self::Voice => "VoiceNote",
            Self::Video => "Video",
            Self::Animation => "Animation",
            Self::Audio => "Audio",
        }
    }

    /// First letters of a file id, by which people tell kinds apart.
    fn prefix(self) -> &'static str {
        match self {
            Self::Photo => "AgACAgIAAxkBAA",
            Self::Document => "BQACAgIAAxkBAA",
            Self::Sticker => "CAACAgIAAxkBAA",
            Self::Voice => "AwACAgIAAxkBAA",
            Self::Video => "BAACAgIAAxkBAA",
            Self::Animation => "CgACAgIAAxkBAA",
            Self::Audio => "CQACAgIAAxkBAA",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Photo => "photos",
            Self::Document => "documents",
            Self::Sticker => "stickers",
            Self::Voice => "voice",
            Self::Video => "videos",
            Self::Animation => "animations",
            Self::Audio => "music",
        }
    }
}

#[derive(Debug)]
pub(crate) struct File {
    pub(crate) id: String,
    pub(crate) unique: String,
    pub(crate) kind: Kind,
    pub(crate) bytes: Bytes,
    extension: String,
    number: u64,
}

impl File {
    pub(crate) fn path(&self) -> String {
        let (folder, number) = (self.kind.folder(), self.number);
        format!("{folder}/file_{number}.{}", self.extension)
    }
}

#[derive(Debug, Default)]
struct Shelf {
    by_id: HashMap<String, Arc<File>>,
    order: VecDeque<String>,
    /// Only what was asked for by `getFile`.
    by_path: HashMap<String, Arc<File>>,
}

#[derive(Debug)]
pub(crate) struct Files {
    shelf: RwLock<Shelf>,
    next: AtomicU64,
    room: usize,
}

impl Files {
    pub(crate) fn new(room: usize) -> Self {
        Self {
            shelf: RwLock::default(),
            next: AtomicU64::new(0),
            room: room.max(1),
        }
    }

    pub(crate) fn keep(&self, kind: Kind, extension: &str, bytes: Bytes) -> Arc<File> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        // Scattered, so that nobody reads an order out of ids.
        let scattered = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let prefix = kind.prefix();
        let file = Arc::new(File {
            id: format!("{prefix}{scattered:016x}{number:x}-_sBNgQ"),
            unique: format!("AQAD{scattered:016x}"),
            kind,
            bytes,
            extension: extension.to_owned(),
            number,
        });
        let mut shelf = write(&self.shelf);
        shelf.order.push_back(file.id.clone());
        shelf.by_id.insert(file.id.clone(), Arc::clone(&file));
        while shelf.order.len() > self.room {
            if let Some(oldest) = shelf.order.pop_front()
                && let Some(gone) = shelf.by_id.remove(&oldest)
            {
                shelf.by_path.remove(&gone.path());
            }
        }
        file
    }

    pub(crate) fn find(&self, id: &str) -> Option<Arc<File>> {
        read(&self.shelf).by_id.get(id).cloned()
    }

    /// Makes a file's path one that can be fetched.
    pub(crate) fn publish(&self, file: &Arc<File>) -> String {
        let path = file.path();
        write(&self.shelf)
            .by_path
            .insert(path.clone(), Arc::clone(file));
        path
    }

    pub(crate) fn at(&self, path: &str) -> Option<Arc<File>> {
        read(&self.shelf).by_path.get(path).cloned()
    }

    /// Paths are good for an hour; this is the end of it.
    pub(crate) fn expire_paths(&self) {
        write(&self.shelf).by_path.clear();
    }
}
