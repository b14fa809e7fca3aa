//! Results that come when the flow that asked for them is not on the stack any more: what to do, and what to say.

use lorikeet_chat::{Background, Level};
use lorikeet_dialog::{Context, Spoken, Told};
use lorikeet_flow::{Message, Notice, Wish};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{library, linking, training};
use crate::wire::{self, AccountNews, Arrived, Editing, LinkNews, LoraRequest, Managing, RunNews};
use crate::{Standing, Training};

/// Topic of a request to [`wire::LORAS`] that the runtime gave up.
pub(super) const LORAS_FAILED: &str = "loras.failed";
/// Topic of a request to [`wire::ACCOUNTS`] that the runtime gave up.
pub(super) const ACCOUNTS_FAILED: &str = "accounts.failed";
/// Topic of a request to [`wire::RUNS`] that the runtime gave up.
pub(super) const RUNS_FAILED: &str = "runs.failed";
/// Topic of a request to [`wire::CAPTIONS`] that the runtime gave up.
pub(super) const CAPTIONS_FAILED: &str = "captions.failed";
/// Topic of a request to [`wire::PICTURES`] that the runtime gave up.
pub(super) const PICTURES_FAILED: &str = "pictures.failed";
/// Topic of a request to [`wire::INTAKE`] that the runtime gave up.
pub(super) const INTAKE_FAILED: &str = "intake.failed";

/// Work that was given up, as the runtime tells it: a code for the log, and the request as it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Failed {
    pub(super) code: String,
    pub(super) request: Value,
}

impl Failed {
    /// The request, where it is one of the type expected.
    pub(super) fn asked<R: DeserializeOwned>(&self) -> Option<R> {
        R::deserialize(&self.request).ok()
    }
}

/// What to do about a result nobody waits for.
pub(super) fn tell(background: &Background, context: &Context<Training>) -> Told {
    match background.topic.as_str() {
        // A picture whose place waits for it: it is put there without anybody watching.
        wire::ARRIVED => act(read(background).map(place)),
        INTAKE_FAILED => act(read::<training::IntakeFailed>(background)
            .map(Arrived::from)
            .map(place)),
        // Whoever asked to edit it has left since: the lock goes back.
        wire::EDITING => act(read(background).as_ref().and_then(unwanted)),
        wire::MANAGING => {
            say(read::<Managing>(background).map(|news| library::said(&news, context)))
        }
        wire::RUN_NEWS => say(read::<RunNews>(background).as_ref().and_then(ended)),
        wire::LINK_NEWS => {
            say(read::<LinkNews>(background).and_then(|news| linking::said(&news, context)))
        }
        wire::ACCOUNT_NEWS => account(read(background).as_ref()),
        ACCOUNTS_FAILED => say(Some(error("link-not-done"))),
        LORAS_FAILED => say(read::<Failed>(background).as_ref().and_then(unsaved)),
        RUNS_FAILED => say(Some(error("run-not-done"))),
        _ => Told::default(),
    }
}

/// What another identity of the account did.
fn account(news: Option<&AccountNews>) -> Told {
    let language = match news {
        Some(AccountNews::Speaks { language, over }) => Some(Spoken {
            tag: language.clone(),
            over: *over,
        }),
        _ => None,
    };
    Told {
        language,
        ..say(news.and_then(linking::told))
    }
}

/// The lock of a LoRA that was opened for nobody, given back.
pub(super) fn unwanted(news: &Editing) -> Option<Wish> {
    match news {
        Editing::Opened { lora, generation } => Some(
            LoraRequest::Release {
                lora: lora.id.clone(),
                generation: *generation,
            }
            .into(),
        ),
        _ => None,
    }
}

/// The sentence for a run that has ended.
pub(super) fn ended(news: &RunNews) -> Option<Notice> {
    let (level, id) = match news.standing {
        Standing::Queued | Standing::Running => return None,
        Standing::Done => (Level::Success, "run-ended-done"),
        Standing::Failed => (Level::Error, "run-ended-failed"),
        Standing::Cancelled => (Level::Info, "run-ended-cancelled"),
    };
    let message = Message::new(id)
        .text("name", news.name.as_str())
        .text("version", news.version.to_string());
    Some(Notice { level, message })
}

/// The sentence for a change that did not reach the records; nothing for what people did not ask for themselves.
pub(super) fn unsaved(failed: &Failed) -> Option<Notice> {
    let id = match failed.asked::<LoraRequest>()? {
        LoraRequest::Create { .. }
        | LoraRequest::Save { .. }
        | LoraRequest::Rename { .. }
        | LoraRequest::Delete { .. } => "desk-not-saved",
        LoraRequest::Open { .. } => "desk-not-opened",
        LoraRequest::Release { .. } | LoraRequest::Place { .. } => return None,
    };
    Some(error(id))
}

fn error(id: &'static str) -> Notice {
    Notice {
        level: Level::Error,
        message: Message::new(id),
    }
}

fn place(arrived: Arrived) -> Wish {
    let lora = arrived.ticket.lora.clone();
    LoraRequest::Place {
        lora,
        arrived: Box::new(arrived),
    }
    .into()
}

fn read<R: DeserializeOwned>(background: &Background) -> Option<R> {
    R::deserialize(&background.payload).ok()
}

fn act(wish: Option<Wish>) -> Told {
    Told {
        notice: None,
        wishes: wish.into_iter().collect(),
        ..Told::default()
    }
}

fn say(notice: Option<Notice>) -> Told {
    Told {
        notice,
        ..Told::default()
    }
}
