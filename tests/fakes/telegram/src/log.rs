//! What the bot called, and how it was answered.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::locks::lock;

/// A call of the bot.
#[derive(Debug, Clone)]
pub struct Call {
    /// Unix time on the fake's clock.
    pub at: Duration,
    /// As the documentation spells it.
    pub method: &'static str,
    /// The parameters; files are not among them.
    pub body: Value,
    /// Names and sizes of the files that came with it.
    pub files: Vec<(String, usize)>,
    /// How it was answered.
    pub answered: Answered,
    /// Whether it came as the answer to a delivery, so that the bot learns nothing of its outcome.
    pub in_webhook_reply: bool,
}

impl Call {
    /// The chat it was for.
    pub fn chat(&self) -> Option<i64> {
        match &self.body["chat_id"] {
            Value::String(text) => text.parse().ok(),
            other => other.as_i64(),
        }
    }
}

/// How a call was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// Done.
    Ok,
    /// Refused with a code and a sentence.
    Refused(u16, String),
    /// The connection was cut; whether it was done before.
    Cut {
        /// Whether it was done.
        done: bool,
    },
    /// 502; whether it was done before.
    BadGateway {
        /// Whether it was done.
        done: bool,
    },
}

/// The methods there are, as the documentation spells them.
pub(crate) const METHODS: &[&str] = &[
    "getMe",
    "getUpdates",
    "setWebhook",
    "deleteWebhook",
    "getWebhookInfo",
    "sendMessage",
    "sendPhoto",
    "sendDocument",
    "sendMediaGroup",
    "editMessageText",
    "editMessageCaption",
    "editMessageMedia",
    "editMessageReplyMarkup",
    "deleteMessage",
    "deleteMessages",
    "answerCallbackQuery",
    "sendChatAction",
    "getFile",
    "setMyCommands",
    "getMyCommands",
    "deleteMyCommands",
    "getChat",
    "getChatMember",
    "leaveChat",
];

/// A method by its name, whose case does not matter.
pub(crate) fn method(name: &str) -> Option<&'static str> {
    METHODS
        .iter()
        .find(|method| method.eq_ignore_ascii_case(name))
        .copied()
}

#[derive(Debug)]
pub(crate) struct Log {
    kept: bool,
    calls: Mutex<Vec<Call>>,
    counts: [AtomicU64; METHODS.len()],
}

impl Log {
    pub(crate) fn new(kept: bool) -> Self {
        Self {
            kept,
            calls: Mutex::default(),
            counts: [const { AtomicU64::new(0) }; METHODS.len()],
        }
    }

    pub(crate) fn kept(&self) -> bool {
        self.kept
    }

    pub(crate) fn count(&self, method: &str) {
        if let Some(at) = METHODS.iter().position(|known| *known == method) {
            self.counts[at].fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn counted(&self, method: &str) -> u64 {
        METHODS
            .iter()
            .position(|known| known.eq_ignore_ascii_case(method))
            .map_or(0, |at| self.counts[at].load(Ordering::Relaxed))
    }

    pub(crate) fn write(&self, call: Call) {
        lock(&self.calls).push(call);
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        lock(&self.calls).clone()
    }

    pub(crate) fn clear(&self) {
        lock(&self.calls).clear();
    }
}
