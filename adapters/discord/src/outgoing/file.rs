//! Files: as attachments, or, where they are too large for Discord, as links.

use lorikeet_chat::{FileBlock, Present, Timestamp};
use lorikeet_platform::{Delivery, DeliveryError};
use lorikeet_renderer_discord::limits;
use lorikeet_store::{Clock as _, SystemClock};
use serde_json::json;
use tokio::time::Instant;

use super::{EPHEMERAL, blob_error, first};
use crate::api::{File, Refusal};
use crate::replies::First;
use crate::{Shared, words};

/// Milliseconds for which the address of a file works: a day, to come back to it from another device.
const LINK_LASTS: u64 = 24 * 3_600 * 1_000;

impl Shared {
    /// Sends one of a screen's files as a message of its own.
    pub(super) async fn send_file(
        &self,
        delivery: Delivery<'_>,
        present: &Present,
        number: u32,
    ) -> Result<(), DeliveryError> {
        let conversation = delivery.conversation;
        let words = words::of_screen(&present.screen);
        let Some(file) = present.screen.files().nth(number as usize) else {
            return Ok(());
        };
        let last = self.replies.last(conversation, Instant::now());
        let largest = last
            .as_ref()
            .and_then(|last| last.largest_file)
            .unwrap_or(limits::UPLOAD);
        if file.size > largest {
            let text = self.linked(file, largest, words).await?;
            return Ok(self.say(conversation, &text).await?);
        }
        let Some(bytes) = self
            .blobs
            .get(&file.blob, largest)
            .await
            .map_err(blob_error)?
        else {
            return Ok(self.say(conversation, &words.say("file-gone")).await?);
        };
        let name = file.name.clone();
        let nonce: String = format!("f{}", delivery.id.as_str())
            .chars()
            .take(25)
            .collect();
        let body = json!({
            "attachments": [{ "id": 0, "filename": name }],
            "allowed_mentions": { "parse": [] },
            "nonce": nonce,
            "enforce_nonce": true,
        });
        let files = vec![File { name, bytes }];
        let mut open = self.replies.take(conversation);
        // A command's answer can be the file; a press leaves its message as it is.
        let command = open.iter().rposition(|open| open.on.is_none());
        let command = command.map(|at| open.remove(at));
        for pressed in open {
            pressed.answer(First::Nothing);
        }
        if let Some(command) = command
            && let Some(answered) = first(command, &body, &files).await
        {
            return Ok(answered.map(drop)?);
        }
        let channel = self.channel(conversation).await?;
        match self.create(&channel, body.clone(), files.clone()).await {
            // It may not speak here: who has just asked for it can still be answered.
            Err(Refusal::Gone(why)) => {
                let Some(last) = last else {
                    return Err(Refusal::Gone(why).into());
                };
                let mut body = body;
                body["flags"] = json!(EPHEMERAL);
                Ok(self.follow_up(&last.token, body, files).await.map(drop)?)
            }
            // A server may take less than was thought.
            Err(Refusal::TooLarge) => {
                let text = self.linked(file, largest.min(file.size - 1), words).await?;
                Ok(self.say(conversation, &text).await?)
            }
            created => Ok(created.map(drop)?),
        }
    }

    /// What is said of a file that Discord does not take.
    async fn linked(
        &self,
        file: &FileBlock,
        largest: u64,
        words: lorikeet_platform::words::Words,
    ) -> Result<String, DeliveryError> {
        let megabytes =
            |bytes: u64| words.number(usize::try_from(bytes / 1_000_000).unwrap_or(usize::MAX));
        let (size, max) = (megabytes(file.size), megabytes(largest));
        let facts = [
            ("name", file.name.as_str()),
            ("size", size.as_str()),
            ("max", max.as_str()),
        ];
        let Some(links) = &self.links else {
            return Ok(words.with("file-too-large", facts));
        };
        let now = SystemClock.now().millis();
        let until = Timestamp::from_millis(now.saturating_add(LINK_LASTS));
        let link = links.link(file, until).await?;
        Ok(format!("{}\n{link}", words.with("file-by-link", facts)))
    }
}
