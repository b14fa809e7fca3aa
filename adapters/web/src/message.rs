//! What a transcript entry says, and how it looks in the log.

use lorikeet_chat::{Screen, Stamp, Timestamp};
use lorikeet_platform::DeliveryError;
use lorikeet_renderer_web::{Payload, render_with};
use lorikeet_store::Entry;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use crate::sign::Signer;
use crate::visitor::Visitor;
use crate::words::Words;

/// One entry, as stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Message {
    /// The bot shows a screen.
    Screen {
        /// When it was delivered.
        at: Timestamp,
        /// The screen.
        screen: Screen,
        /// Which one: its controls' tokens are made of it.
        stamp: Stamp,
    },
    /// The bot answers a press that changed nothing. Shown once, in passing.
    Answer {
        /// When it was delivered.
        at: Timestamp,
        /// The sentence.
        text: String,
    },
    /// The person wrote something, sent something, or both.
    Said {
        /// When it arrived.
        at: Timestamp,
        /// The text; empty when only files came.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        text: String,
        /// The files.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        files: Vec<String>,
    },
}

impl Message {
    /// The message as a transcript's body.
    pub(crate) fn encode(&self) -> Result<String, DeliveryError> {
        serde_json::to_string(self).map_err(|error| {
            DeliveryError::permanent("the message cannot be written down").because(error)
        })
    }

    /// The message of an entry; nothing where another version wrote something this one cannot read.
    pub(crate) fn decode(entry: &Entry) -> Option<Self> {
        serde_json::from_str(&entry.body)
            .inspect_err(|error| tracing::warn!(%error, "a transcript entry cannot be read"))
            .ok()
    }
}

/// A message ready for the log.
pub(crate) struct Shown {
    /// One `<article>`.
    pub(crate) html: Markup,
    /// The screen's title, where it is a live one.
    pub(crate) title: Option<String>,
}

/// How one person sees messages.
pub(crate) struct View<'a> {
    pub(crate) signer: &'a Signer,
    pub(crate) visitor: &'a Visitor,
    pub(crate) words: Words,
    /// Bytes of a file the room takes.
    pub(crate) max_upload_bytes: u64,
}

impl View<'_> {
    /// A message as an article; `live` gives a screen its controls. Answers are not part of the log.
    pub(crate) fn show(&self, entry: &Entry, message: &Message, live: bool) -> Option<Shown> {
        match message {
            Message::Answer { .. } => None,
            Message::Screen { screen, stamp, .. } => {
                let payload = if live {
                    self.render(screen, *stamp)
                } else {
                    let past = Screen {
                        blocks: screen.blocks.clone(),
                        language: screen.language.clone(),
                        ..Screen::default()
                    };
                    self.render(&past, *stamp)
                };
                Some(Shown {
                    html: html! {
                        article.message.bot.live[live] data-id=(entry.id) data-position=(entry.position)
                            data-changed=(entry.changed) aria-label="Lorikeet" {
                            (maud::PreEscaped(payload.html))
                        }
                    },
                    title: payload.title.filter(|_| live),
                })
            }
            Message::Said { text, files, .. } => Some(Shown {
                html: html! {
                    article.message.you data-id=(entry.id) data-position=(entry.position)
                        data-changed=(entry.changed) aria-label=(self.words.say("page-you")) {
                        @if !files.is_empty() { (Self::sent(files)) }
                        @if !text.is_empty() { p.bubble dir="auto" { (text) } }
                    }
                },
                title: None,
            }),
        }
    }

    fn render(&self, screen: &Screen, stamp: Stamp) -> Payload {
        let capabilities = crate::capabilities(self.max_upload_bytes);
        let links = self.signer.links(self.visitor.user());
        let mut rendered = render_with(screen, stamp, &capabilities, &links);
        if !rendered.degradations.is_empty() {
            tracing::debug!(lost = ?rendered.degradations, "a screen did not fit the page");
        }
        // The renderer gives exactly one message.
        rendered.messages.pop().unwrap_or_else(|| Payload {
            html: String::new(),
            title: None,
        })
    }

    /// The files' names. Their bytes are kept only until they are taken in: what they became is on the screens.
    fn sent(files: &[String]) -> Markup {
        html! {
            ul.sent { @for name in files { li dir="auto" { (name) } } }
        }
    }
}

#[cfg(test)]
mod tests {

    use super::*;

    /// Written by an earlier version, read by every later one.
    #[test]
    fn stored_messages_stay_readable() {
        let messages = [
            Message::Screen {
                at: Timestamp::from_millis(1),
                screen: Screen::new().heading("Hello"),
                stamp: Stamp::default(),
            },
            Message::Answer {
                at: Timestamp::from_millis(2),
                text: "Too late".to_owned(),
            },
            Message::Said {
                at: Timestamp::from_millis(3),
                text: "hi".to_owned(),
                files: vec!["cat.png".to_owned()],
            },
        ];
        let encoded = messages.map(|message| {
            let body = message.encode().unwrap();
            assert_eq!(serde_json::from_str::<Message>(&body).unwrap(), message);
            body
        });
        insta::assert_snapshot!(encoded.join("\n"));
    }
}
