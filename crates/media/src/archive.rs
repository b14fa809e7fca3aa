//! A zip of pictures, each with a caption in a text file of the same name.
//!
//! Entries come out one at a time, so that no more than one is unpacked in memory. Folders are looked through:
//! `cats/a.png` is `a.png`, and its caption is `cats/a.txt`. Names are for showing only; nothing is ever written
//! under them. Whether an entry is a picture is for [`crate::picture::inspect`] to say: a file that is none is
//! handed out too, so that it is refused by name and not left out in silence.

use std::collections::HashMap;
use std::io::{Cursor, Read};

use bytes::Bytes;
use zip::ZipArchive;

/// The longest caption file read; the rest of a longer one is left out.
const MAX_CAPTION_BYTES: u64 = 16 * 1024;

/// The longest name shown, in characters.
const MAX_NAME_CHARS: usize = 100;

/// Deflate cannot do better than 1032:1, pictures hardly compress at all, and a picture of one flat colour is the
/// honest extreme. More than this, past the first [`RATIO_SLACK`] bytes, is a bomb.
const MAX_RATIO: u64 = 200;

/// Small files may compress as they like, in bytes.
const RATIO_SLACK: u64 = 256 * 1024;

/// What an archive may cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest archive, in bytes.
    pub max_bytes: u64,
    /// The most entries, of any kind.
    pub max_entries: usize,
    /// The largest entry unpacked, in bytes.
    pub max_entry_bytes: u64,
    /// The most bytes unpacked in all.
    pub max_total_bytes: u64,
}

impl Default for Limits {
    /// A 200 MB archive of at most 500 entries of 20 MB each and 400 MB in all: 20 pictures at their limit.
    fn default() -> Self {
        Self {
            max_bytes: 200_000_000,
            max_entries: 500,
            max_entry_bytes: 20_000_000,
            max_total_bytes: 400_000_000,
        }
    }
}

/// Why an archive, or one entry of it, cannot be taken. Final.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No zip archive, or a damaged one.
    #[error("not a zip archive, or a damaged one")]
    NotAnArchive,
    /// The archive is too large.
    #[error("{size} bytes, more than {limit}")]
    TooManyBytes {
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// It has too many entries.
    #[error("{count} entries, more than {limit}")]
    TooManyEntries {
        /// How many it has.
        count: usize,
        /// The limit.
        limit: usize,
    },
    /// There is nothing in it that could be a picture.
    #[error("nothing in it")]
    Empty,
    /// All of it unpacked is too large; this ends the entries.
    #[error("unpacks to more than {limit} bytes")]
    TooMuchUnpacked {
        /// The limit in bytes.
        limit: u64,
    },
    /// It unpacks to absurdly more than it holds; this ends the entries.
    #[error("{name} is a decompression bomb")]
    Bomb {
        /// The entry's name, for showing.
        name: String,
    },
    /// One entry is too large; others may follow.
    #[error("{name} unpacks to more than {limit} bytes")]
    EntryTooLarge {
        /// The entry's name, for showing.
        name: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// One entry is damaged, encrypted or packed in a way not known here; others may follow.
    #[error("{name} cannot be unpacked")]
    EntryUnreadable {
        /// The entry's name, for showing.
        name: String,
    },
}

impl Refusal {
    /// A stable name for this kind of refusal, in the style of a message id.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAnArchive => "not-an-archive",
            Self::TooManyBytes { .. } => "archive-too-many-bytes",
            Self::TooManyEntries { .. } => "archive-too-many-entries",
            Self::Empty => "archive-empty",
            Self::TooMuchUnpacked { .. } => "archive-too-much-unpacked",
            Self::Bomb { .. } => "archive-bomb",
            Self::EntryTooLarge { .. } => "archive-entry-too-large",
            Self::EntryUnreadable { .. } => "archive-entry-unreadable",
        }
    }

    /// Whether no entry follows this one.
    pub fn ends_the_archive(&self) -> bool {
        !matches!(
            self,
            Self::EntryTooLarge { .. } | Self::EntryUnreadable { .. }
        )
    }
}

/// A file from an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name without folders, shortened and without control characters: for showing, never for a path.
    pub name: String,
    /// Its bytes: most likely a picture.
    pub bytes: Bytes,
    /// The text beside it, on one line; `None` when there is none or it is empty.
    pub caption: Option<String>,
}

/// Whether `bytes` begin as a zip archive does, whatever the file was called.
pub fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// Reads the archive's directory.
///
/// # Errors
/// When it is no archive or too large, or has too many entries or nothing in it.
pub fn entries(bytes: Bytes, limits: &Limits) -> Result<Entries, Refusal> {
    let size = bytes.len() as u64;
    if size > limits.max_bytes {
        return Err(Refusal::TooManyBytes {
            size,
            limit: limits.max_bytes,
        });
    }
    let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Refusal::NotAnArchive)?;
    if archive.len() > limits.max_entries {
        return Err(Refusal::TooManyEntries {
            count: archive.len(),
            limit: limits.max_entries,
        });
    }

    let mut files = Vec::new();
    let mut captions = HashMap::new();
    for index in 0..archive.len() {
        let Some(Ok(path)) = archive.name_for_index(index) else {
            continue;
        };
        if path.ends_with(['/', '\\']) || is_junk(&path) {
            continue;
        }
        match stem(&path) {
            (stem, Some("txt")) => {
                captions.insert(stem, index);
            }
            (stem, _) => files.push((index, show(&path), stem)),
        }
    }
    if files.is_empty() {
        return Err(Refusal::Empty);
    }
    Ok(Entries {
        files: files
            .into_iter()
            .map(|(index, name, stem)| File {
                index,
                name,
                caption: captions.get(&stem).copied(),
            })
            .collect::<Vec<_>>()
            .into_iter(),
        archive,
        left: limits.max_total_bytes,
        limits: limits.clone(),
    })
}

/// The files of an archive in its own order, unpacked as they are asked for. Unpacking is work: not for an async thread.
#[derive(Debug)]
pub struct Entries {
    archive: ZipArchive<Cursor<Bytes>>,
    files: std::vec::IntoIter<File>,
    /// Bytes that may still be unpacked.
    left: u64,
    limits: Limits,
}

#[derive(Debug)]
struct File {
    index: usize,
    name: String,
    caption: Option<usize>,
}

impl Iterator for Entries {
    type Item = Result<Entry, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        let file = self.files.next()?;
        let entry = self.unpack(file);
        if entry.as_ref().is_err_and(Refusal::ends_the_archive) {
            self.files = Vec::new().into_iter();
        }
        Some(entry)
    }
}

impl Entries {
    fn unpack(&mut self, file: File) -> Result<Entry, Refusal> {
        let bytes = self.read(file.index, &file.name, self.limits.max_entry_bytes)?;
        if bytes.len() as u64 > self.limits.max_entry_bytes {
            return Err(Refusal::EntryTooLarge {
                name: file.name,
                limit: self.limits.max_entry_bytes,
            });
        }
        let caption = match file.caption {
            Some(index) => one_line(&self.read(index, &file.name, MAX_CAPTION_BYTES)?),
            None => None,
        };
        Ok(Entry {
            name: file.name,
            bytes: bytes.into(),
            caption,
        })
    }

    /// Unpacks up to one byte more than `limit`. Declared sizes are not trusted: what counts is what comes out.
    fn read(&mut self, index: usize, name: &str, limit: u64) -> Result<Vec<u8>, Refusal> {
        let unreadable = || Refusal::EntryUnreadable {
            name: name.to_owned(),
        };
        let entry = self.archive.by_index(index).map_err(|_| unreadable())?;
        let plausible = entry
            .compressed_size()
            .saturating_mul(MAX_RATIO)
            .saturating_add(RATIO_SLACK);
        let allowed = limit
            .saturating_add(1)
            .min(self.left + 1)
            .min(plausible + 1);
        let mut bytes = Vec::new();
        let read = entry.take(allowed).read_to_end(&mut bytes);
        let size = bytes.len() as u64;
        if size > plausible {
            return Err(Refusal::Bomb {
                name: name.to_owned(),
            });
        }
        if size > self.left {
            return Err(Refusal::TooMuchUnpacked {
                limit: self.limits.max_total_bytes,
            });
        }
        self.left -= size;
        read.map_err(|_| unreadable())?;
        Ok(bytes)
    }
}

/// What systems leave in archives without being asked: resource forks, folder settings, hidden files.
fn is_junk(path: &str) -> bool {
    let file = file_name(path);
    path.split(['/', '\\']).any(|part| part == "__MACOSX")
        || file.starts_with('.')
        || file.eq_ignore_ascii_case("thumbs.db")
        || file.eq_ignore_ascii_case("desktop.ini")
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// The path without its extension, and the extension in lower case when it is one that matters.
fn stem(path: &str) -> (String, Option<&'static str>) {
    match path.rsplit_once('.') {
        Some((stem, extension)) if extension.eq_ignore_ascii_case("txt") => {
            (stem.to_lowercase(), Some("txt"))
        }
        Some((stem, extension)) if !extension.contains(['/', '\\']) => (stem.to_lowercase(), None),
        _ => (path.to_lowercase(), None),
    }
}

/// A name fit for showing.
fn show(path: &str) -> String {
    file_name(path)
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_NAME_CHARS)
        .collect()
}

/// A caption file's text on one line; editors on Windows put a mark before it.
fn one_line(bytes: &[u8]) -> Option<String> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = String::from_utf8_lossy(bytes);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then_some(line)
}
