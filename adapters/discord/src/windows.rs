//! The forms of the screens that stand there: a press has to be answered with one at once, by whichever process hears of it, and
//! before any turn.

use std::sync::Arc;

use lorikeet_chat::{Conversation, PageToken};
use lorikeet_platform::DeliveryError;
use lorikeet_renderer_discord::{Modal, Payload};
use lorikeet_store::{StoreError, Transcript};
use serde_json::{Value, json};

use crate::data;

/// Keeps each conversation's forms in the store that all processes share.
pub(crate) struct Windows(Arc<dyn Transcript>);

impl Windows {
    pub(crate) fn new(transcript: Arc<dyn Transcript>) -> Self {
        Self(transcript)
    }

    /// Keeps the forms that these messages open, in place of those of an earlier screen.
    pub(crate) async fn keep(
        &self,
        conversation: &Conversation,
        messages: &[Payload],
    ) -> Result<(), DeliveryError> {
        let windows: Vec<&Modal> = messages
            .iter()
            .flat_map(|message| &message.modals)
            .collect();
        if windows.is_empty() {
            // Those of an earlier screen are known by that screen.
            return Ok(());
        }
        let body = json!(windows).to_string();
        self.0
            .put(&room(conversation), "windows", body)
            .await
            .map(drop)
            .map_err(|error| DeliveryError::retry("a form could not be kept").because(error))
    }

    /// The form of a page, as Discord takes it; none where the screen is another by now.
    pub(crate) async fn of(
        &self,
        conversation: &Conversation,
        page: PageToken,
    ) -> Result<Option<Value>, StoreError> {
        let entries = self.0.latest(&room(conversation), 1).await?;
        let kept = entries.first().map(|entry| entry.body.as_str());
        Ok(kept.and_then(|body| pick(body, page, conversation)))
    }
}

fn pick(body: &str, page: PageToken, conversation: &Conversation) -> Option<Value> {
    let windows: Vec<Value> = serde_json::from_str(body).ok()?;
    let wanted = page.to_string();
    let mut window = windows
        .into_iter()
        .find(|window| window["custom_id"] == wanted)?;
    window["custom_id"] = json!(format!("{wanted}{}", data::suffix(conversation)));
    Some(window)
}

fn room(conversation: &Conversation) -> String {
    format!("windows/{}", conversation.key())
}

#[cfg(test)]
mod tests {
    use lorikeet_chat::{Page, Stamp};
    use lorikeet_renderer_discord::Input;
    use lorikeet_store::{Limits, MemoryStore, SystemClock};

    use super::*;

    fn modal(page: PageToken) -> Modal {
        Modal {
            custom_id: page,
            title: "Name".to_owned(),
            inputs: vec![Input {
                custom_id: 0,
                label: "Name".to_owned(),
                paragraph: false,
                value: None,
                placeholder: None,
                max_length: 60,
            }],
        }
    }

    #[tokio::test]
    async fn the_form_of_a_screen_is_there_until_another_has_one() {
        let store = MemoryStore::new(Arc::new(SystemClock), Limits::default());
        let windows = Windows::new(Arc::new(store));
        let kea = Conversation::from_key("discord/9//7").unwrap();
        let page = |revision| PageToken {
            stamp: Stamp {
                revision,
                ..Stamp::default()
            },
            page: Page::Field(0),
        };
        let screen = |page| {
            let modals = vec![modal(page)];
            let payload = Payload {
                modals,
                ..Payload::default()
            };
            [Payload::default(), payload]
        };
        windows.keep(&kea, &screen(page(1))).await.unwrap();
        windows.keep(&kea, &[Payload::default()]).await.unwrap();
        let found = windows.of(&kea, page(1)).await.unwrap().unwrap();
        assert_eq!(found["custom_id"], format!("{}~7", page(1)));
        windows.keep(&kea, &screen(page(2))).await.unwrap();
        assert!(windows.of(&kea, page(1)).await.unwrap().is_none());
        assert!(windows.of(&kea, page(2)).await.unwrap().is_some());
    }
}
