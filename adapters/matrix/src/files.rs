//! Files and pictures on their way out: drawn, encrypted where the room is, uploaded; in words or by link where the homeserver does
//! not take them. What people send comes in by [`media`](crate::media).

use std::time::Duration;

use bytes::Bytes;
use lorikeet_chat::{Art, FileBlock, Present, Timestamp};
use lorikeet_media::BlobError;
use lorikeet_media::art::{Frame, photo};
use lorikeet_platform::{Delivery, DeliveryError};
use lorikeet_renderer_matrix::{Content, Mentions, Text};
use lorikeet_store::{Clock as _, SystemClock};
use matrix_sdk::{EncryptionState, Room};
use serde_json::{Value, json};

use crate::device::{Device, once};
use crate::outgoing::{relating, relation};
use crate::refusal::Refusal;
use crate::{Shared, TIMEOUT, words};

/// Pictures of screens: more pixels than a screen has are of no use.
const PICTURE: Frame = Frame {
    bytes: 8_000_000,
    side: 4_096,
};
/// Bytes a millisecond of a slow line.
const SLOW: u64 = 200;
/// Milliseconds for which the address of a file works: a day, to come back to it from another device.
const LINK_LASTS: u64 = 24 * 3_600 * 1_000;
/// Bytes of a file that is read as a whole, to be encrypted.
const MOST: u64 = 256 << 20;

impl Shared {
    /// The content of a picture's event, drawn and uploaded; none where it is larger than what the homeserver takes.
    pub(crate) async fn picture(
        &self,
        room: &Room,
        art: &[Art],
        alt: &str,
    ) -> Result<Option<Value>, DeliveryError> {
        let most = self.upload_size(&room.client()).await;
        let frame = Frame {
            bytes: PICTURE
                .bytes
                .min(usize::try_from(most).unwrap_or(usize::MAX)),
            ..PICTURE
        };
        let bytes = photo(art, &self.blobs, frame).await.map_err(blob_error)?;
        if bytes.len() as u64 > most {
            return Ok(None);
        }
        let kind = kind_of(&bytes);
        let mut info = json!({ "mimetype": kind, "size": bytes.len() });
        if let Some((width, height)) = size_of(&bytes) {
            info["w"] = json!(width);
            info["h"] = json!(height);
        }
        let mut content =
            json!({ "msgtype": "m.image", "body": alt, "info": info, "m.mentions": {} });
        self.upload(room, kind, bytes, &mut content).await?;
        Ok(Some(content))
    }

    /// Uploads bytes, encrypted where the room is, and says in a content where they are.
    async fn upload(
        &self,
        room: &Room,
        kind: &str,
        bytes: Bytes,
        content: &mut Value,
    ) -> Result<(), DeliveryError> {
        let client = room.client();
        // As long as a slow line takes.
        let config = once().timeout(TIMEOUT + Duration::from_millis(bytes.len() as u64 / SLOW));
        let state = room
            .latest_encryption_state()
            .await
            .map_err(|error| Refusal::of(&error))?;
        if matches!(state, EncryptionState::NotEncrypted) {
            let kind = kind.parse().unwrap_or(mime::APPLICATION_OCTET_STREAM);
            let sent = client
                .media()
                .upload(&kind, bytes.to_vec(), Some(config))
                .await;
            let sent = sent.map_err(|error| Refusal::of(&error))?;
            content["url"] = json!(sent.content_uri);
        } else {
            let mut read = std::io::Cursor::new(bytes);
            let sent = client
                .upload_encrypted_file(&mut read)
                .with_request_config(config)
                .await;
            let sent = sent.map_err(|error| Refusal::of(&error))?;
            content["file"] = json!(sent);
        }
        Ok(())
    }

    /// Sends one of a screen's files as a message of its own.
    pub(crate) async fn send_file(
        &self,
        (device, room): (&Device, &Room),
        delivery: Delivery<'_>,
        present: &Present,
        number: u32,
    ) -> Result<(), DeliveryError> {
        let Some(file) = present.screen.files().nth(number as usize) else {
            return Ok(());
        };
        let words = words::of_screen(&present.screen);
        let most = self.upload_size(&room.client()).await.min(MOST);
        let content = if file.size > most {
            said(self.too_large(&words, file, most).await?)
        } else {
            match self.blobs.get(&file.blob, most).await.map_err(blob_error)? {
                None => said(words.say("file-gone")),
                Some(bytes) => {
                    let mut content = json!({
                        "msgtype": "m.file",
                        "body": file.name,
                        "filename": file.name,
                        "info": { "mimetype": "application/octet-stream", "size": file.size },
                        "m.mentions": {},
                    });
                    self.upload(room, "application/octet-stream", bytes, &mut content)
                        .await?;
                    content
                }
            }
        };
        let content = relating(content, relation(delivery.conversation, None));
        device
            .send(room, "m.room.message", &content, delivery.id.as_str())
            .await?;
        Ok(())
    }

    async fn too_large(
        &self,
        words: &lorikeet_platform::words::Words,
        file: &FileBlock,
        most: u64,
    ) -> Result<String, DeliveryError> {
        let megabytes =
            |bytes: u64| words.number(usize::try_from(bytes / 1_000_000).unwrap_or(usize::MAX));
        let (size, max) = (megabytes(file.size), megabytes(most));
        let name = ("name", file.name.as_str());
        let (size, max) = (("size", size.as_str()), ("max", max.as_str()));
        let Some(links) = &self.links else {
            return Ok(words.with("file-too-large", [name, size, max]));
        };
        let now = SystemClock.now().millis();
        let until = Timestamp::from_millis(now.saturating_add(LINK_LASTS));
        let link = links.link(file, until).await?;
        Ok(words.with("file-by-link", [name, size, max, ("link", link.as_str())]))
    }
}

fn said(text: String) -> Value {
    let text = Text {
        body: text,
        html: None,
    };
    json!(Content::new(text, Mentions::default()))
}

fn kind_of(bytes: &[u8]) -> &'static str {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        [0xff, 0xd8, ..] => "image/jpeg",
        [b'R', b'I', b'F', b'F', ..] => "image/webp",
        _ => "application/octet-stream",
    }
}

/// Width and height of a PNG, in pixels; clients keep room for it before it is there.
fn size_of(bytes: &[u8]) -> Option<(u32, u32)> {
    let number = |at: usize| {
        let four = bytes.get(at..at + 4)?;
        Some(u32::from_be_bytes(four.try_into().ok()?))
    };
    (kind_of(bytes) == "image/png").then(|| Some((number(16)?, number(20)?)))?
}

/// A failure to read a blob.
fn blob_error(error: BlobError) -> DeliveryError {
    let message = "a file could not be read";
    if error.is_retryable() {
        DeliveryError::retry(message).because(error)
    } else {
        DeliveryError::permanent(message).because(error)
    }
}
