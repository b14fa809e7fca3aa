//! Sentences beside screens, as an answer to what somebody did.

use std::sync::Arc;
use std::time::Duration;

use lorikeet_renderer_matrix::{Content, Mentions, Relation, Reply, Text};
use matrix_sdk::Room;
use tokio::time::{Instant, sleep};

use crate::device::Device;
use crate::incoming::Sentence;
use crate::refusal::Refusal;
use crate::update::RoomEvent;
use crate::{Shared, rooms, words};

/// How often a sentence is said again after a pause that the homeserver wants.
const REPEATS: u32 = 10;
/// How long it waits where the homeserver does not say how long.
const PAUSE: Duration = Duration::from_secs(1);

/// Where a sentence is said beside everything else.
#[derive(Clone, Copy)]
pub(crate) struct Aside<'a> {
    room: &'a Room,
    thread: Option<&'a str>,
    /// The language of what stands there, as a BCP 47 tag.
    language: Option<&'a str>,
}

impl<'a> Aside<'a> {
    pub(crate) const fn new(room: &'a Room, thread: Option<&'a str>) -> Self {
        Self {
            room,
            thread,
            language: None,
        }
    }

    pub(crate) const fn speaking(self, language: Option<&'a str>) -> Self {
        Self { language, ..self }
    }
}

impl Shared {
    /// Says a sentence beside everything else, as an answer to what was done.
    pub(crate) fn tell(
        self: &Arc<Self>,
        device: &Arc<Device>,
        place: Aside<'_>,
        event: &RoomEvent,
        sentence: &Sentence,
    ) {
        let Aside {
            room,
            thread,
            language,
        } = place;
        let words = words::of(language);
        let prefix = self.config.prefix.as_str();
        let text = match sentence {
            Sentence::Plain(id) => words.with(id, [("prefix", prefix)]),
            Sentence::UnknownKey(key) => words.with("press-unknown", [("key", key.as_str())]),
            Sentence::OutOfRange(count) => words.with(
                "number-out-of-range",
                [("count", words.number(*count).as_str())],
            ),
        };
        let chosen = event.reaction().map(|(to, _)| to).or(event.about());
        let answered = chosen.unwrap_or(&event.event_id);
        let relation = match thread {
            Some(root) => Relation::In {
                root: root.to_owned(),
                reply: Reply::To(answered.to_owned()),
            },
            None => Relation::Answers(answered.to_owned()),
        };
        let mentions = if rooms::is_private(room) {
            Mentions::default()
        } else {
            Mentions {
                user_ids: vec![event.sender.clone()],
            }
        };
        let text = Text {
            body: text,
            html: None,
        };
        let content = Content::new(text, mentions).relating(Some(relation));
        let (shared, device, room) = (Arc::clone(self), Arc::clone(device), room.clone());
        // Of the event it answers, so that one that comes twice is answered once.
        let id = format!("told {} {}", sentence.name(), event.event_id);
        tokio::spawn(async move {
            let Ok(_place) = shared.asides.acquire().await else {
                return;
            };
            for _ in 0..REPEATS {
                match device.send(&room, "m.room.message", &content, &id).await {
                    Ok(event) => return shared.echoes().expect(&event, Instant::now()),
                    Err(Refusal::Pause(after)) => sleep(after.unwrap_or(PAUSE)).await,
                    Err(refusal) => {
                        return tracing::debug!(%refusal, "a sentence was not said");
                    }
                }
            }
        });
    }
}
