//! Files: as documents, or, where they are too large for Telegram, as links.

use std::time::Duration;

use lorikeet_chat::{Present, Timestamp};
use lorikeet_platform::{Delivered, DeliveryError};
use lorikeet_store::{Clock as _, SystemClock};
use teloxide_core::types::InputFile;
use tokio_util::io::StreamReader;

use super::{HTML, blob_error};
use crate::api::{Place, SendDocument, upload};
use crate::{Shared, words};

/// Milliseconds for which the address of a file works: a day, to come back to it from another device.
const LINK_LASTS: u64 = 24 * 3_600 * 1_000;

impl Shared {
    /// Sends one of a screen's files as a message of its own.
    pub(super) async fn send_file(
        &self,
        place: Place,
        present: &Present,
        number: u32,
    ) -> Result<Delivered, DeliveryError> {
        let words = words::of_screen(&present.screen);
        let Some(file) = present.screen.files().nth(number as usize) else {
            return Ok(Delivered::default());
        };
        self.turn_of(place.chat_id).await?;
        if file.size > self.capabilities().files.send {
            let megabytes =
                |bytes: u64| words.number(usize::try_from(bytes / 1_000_000).unwrap_or(usize::MAX));
            let (size, max) = (
                megabytes(file.size),
                megabytes(self.capabilities().files.send),
            );
            let facts = [
                ("name", file.name.as_str()),
                ("size", size.as_str()),
                ("max", max.as_str()),
            ];
            let text = match &self.links {
                Some(links) => {
                    let now = SystemClock.now().millis();
                    let until = Timestamp::from_millis(now.saturating_add(LINK_LASTS));
                    let link = links.link(file, until).await?;
                    // Below the sentence, as it is: Telegram makes it a link.
                    format!("{}\n{link}", words.with("file-by-link", facts))
                }
                None => words.with("file-too-large", facts),
            };
            self.say(place, &text, None).await?;
            return Ok(Delivered::default());
        }
        let Some(content) = self.blobs.stream(&file.blob).await.map_err(blob_error)? else {
            self.say(place, &words.say("file-gone"), None).await?;
            return Ok(Delivered::default());
        };
        let _acting = self.acting(place, "upload_document", Duration::ZERO);
        let stream =
            futures::StreamExt::map(content.stream, |chunk| chunk.map_err(std::io::Error::other));
        let document = InputFile::read(StreamReader::new(stream)).file_name(file.name.clone());
        let sent = upload(
            &self.bot,
            SendDocument {
                chat_id: place.chat_id,
                message_thread_id: place.message_thread_id,
                document,
                caption: String::new(),
                parse_mode: HTML,
                disable_content_type_detection: true,
            },
        );
        self.heeded(place.chat_id, sent.await)?;
        Ok(Delivered::default())
    }
}
