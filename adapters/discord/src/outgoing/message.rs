//! A message as it goes out: its body, and what is remembered of it.

use lorikeet_chat::{Art, Conversation, EffectId};
use lorikeet_renderer_discord::{Embed, Payload};
use serde_json::{Value, json};

use crate::data;
use crate::handle::{Sent, Shape, hash};

/// A message that only one person sees: <https://discord.com/developers/docs/resources/message#message-object-message-flags>.
pub(crate) const EPHEMERAL: u32 = 1 << 6;
/// Characters of what a message is known by, so that it is not sent twice:
/// <https://discord.com/developers/docs/resources/message#create-message>.
const NONCE: usize = 25;

/// A message on its way.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    body: Value,
    pub(crate) art: Vec<Art>,
    pub(crate) shape: Shape,
}

impl Outgoing {
    pub(crate) fn new(payload: Payload, conversation: &Conversation) -> Self {
        let mut body = json!(payload);
        data::sign(&mut body, &data::suffix(conversation));
        // Nobody is called by what people write: <https://discord.com/developers/docs/resources/message#allowed-mentions-object>.
        body["allowed_mentions"] = json!({ "parse": [] });
        let art = payload.art;
        let shape = Shape {
            art: if art.is_empty() {
                0
            } else {
                hash(&json!(art).to_string()).max(1)
            },
            body: hash(&body.to_string()),
            has_components: !payload.rows.is_empty(),
        };
        Self { body, art, shape }
    }

    /// As a new message of an effect.
    pub(crate) fn created(&self, effect: &EffectId, number: usize) -> Value {
        let mut body = self.with_picture();
        let nonce: String = format!("{number}{}", effect.as_str())
            .chars()
            .take(NONCE)
            .collect();
        body["nonce"] = json!(nonce);
        body["enforce_nonce"] = json!(true);
        body
    }

    /// In place of what the message was; `redrawn` when its picture is another now, or none.
    pub(crate) fn changed(&self, redrawn: bool) -> Value {
        if redrawn {
            self.with_picture()
        } else {
            self.body.clone()
        }
    }

    fn with_picture(&self) -> Value {
        let mut body = self.body.clone();
        // What is not listed here goes: <https://discord.com/developers/docs/resources/message#edit-message>.
        body["attachments"] = if self.art.is_empty() {
            json!([])
        } else {
            json!([{ "id": 0, "filename": Embed::PICTURE, "description": self.described() }])
        };
        body
    }

    /// What the picture shows, for who cannot see it.
    fn described(&self) -> String {
        let said = self.art.iter().map(|art| match art {
            Art::Picture { alt, .. } => alt.clone(),
            Art::Sheet(tiles) => {
                let tiles = tiles.iter().map(|tile| match tile.note.as_str() {
                    "" => tile.label.clone(),
                    note => format!("{}: {note}", tile.label),
                });
                tiles.collect::<Vec<_>>().join(", ")
            }
            Art::Chart(chart) => chart.title.clone(),
        });
        let said: Vec<String> = said.filter(|said| !said.is_empty()).collect();
        said.join(" · ").chars().take(DESCRIPTION).collect()
    }

    /// The message that it is now.
    pub(crate) fn sent(&self, id: String) -> Sent {
        Sent {
            id,
            shape: self.shape,
        }
    }
}

/// Characters of a file's description: <https://discord.com/developers/docs/resources/message#attachment-object>.
const DESCRIPTION: usize = 1_024;

/// A sentence for one person, in the platform's plain words.
pub(crate) fn bare(text: &str) -> Value {
    json!({
        "content": escaped(text),
        "flags": EPHEMERAL,
        "allowed_mentions": { "parse": [] },
    })
}

/// Sentences as they are, whatever names are in them; a line that is an address can be opened.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (number, line) in text.lines().enumerate() {
        if number > 0 {
            out.push('\n');
        }
        let is_address = ["https://", "http://"]
            .iter()
            .any(|scheme| line.starts_with(scheme));
        for c in line.chars() {
            if !is_address && "\\*_~`|>#[]<".contains(c) {
                out.push('\\');
            }
            out.push(c);
        }
    }
    // <https://discord.com/developers/docs/resources/message#create-message>
    out.chars().take(2_000).collect()
}

#[cfg(test)]
mod tests {
    use lorikeet_chat::BlobId;

    use super::*;

    fn outgoing(art: Vec<Art>) -> Outgoing {
        let payload = Payload {
            content: "@everyone".to_owned(),
            art,
            ..Payload::default()
        };
        Outgoing::new(payload, &Conversation::from_key("discord/9//7").unwrap())
    }

    #[test]
    fn nobody_is_called_and_nothing_is_sent_twice() {
        let effect = EffectId::new("0123456789abcdef0123456789abcdef").unwrap();
        let body = outgoing(Vec::new()).created(&effect, 1);
        assert_eq!(body["allowed_mentions"], json!({ "parse": [] }));
        assert_eq!(body["nonce"], "10123456789abcdef01234567");
        assert_eq!(body["enforce_nonce"], true);
        assert_eq!(
            bare("@everyone *x*")["allowed_mentions"],
            json!({ "parse": [] })
        );
        let link = "https://lora.example/my_birds_1.0";
        let said = bare(&format!("*my_birds*:\n{link}"))["content"].clone();
        assert_eq!(said, format!("{}\n{link}", r"\*my\_birds\*:"));
    }

    #[test]
    fn a_picture_is_replaced_when_it_is_another() {
        let picture = Art::Picture {
            blob: BlobId::from_digest([1; 32]),
            alt: "a bird".to_owned(),
        };
        let (with, without) = (outgoing(vec![picture]), outgoing(Vec::new()));
        assert_ne!(with.shape.art, 0);
        let listed = json!([{ "id": 0, "filename": "screen.png", "description": "a bird" }]);
        assert_eq!(with.changed(true)["attachments"], listed);
        assert_eq!(with.changed(false)["attachments"], Value::Null, "it stays");
        assert_eq!(without.changed(true)["attachments"], json!([]));
    }
}
