//! What a test does to the server itself: deliveries, faults, time, and what it reads in the log.

use std::time::Duration;

use anyhow::{Result, bail};
use serde_json::Value;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use crate::FakeTelegram;
use crate::faults::Fault;
use crate::locks::lock;
use crate::log::{Call, method};
use crate::webhook::Lost;
use crate::world::Shown;

/// Waits until a condition holds, looking whenever it is told of something.
pub(crate) async fn until<T>(
    told: &Notify,
    what: &str,
    patience: Duration,
    mut condition: impl FnMut() -> Option<T>,
) -> Result<T> {
    let end = Instant::now() + patience;
    loop {
        let changed = told.notified();
        tokio::pin!(changed);
        changed.as_mut().enable();
        if let Some(found) = condition() {
            return Ok(found);
        }
        if timeout_at(end, changed).await.is_err() {
            // Once more: the last change may have come with the end.
            if let Some(found) = condition() {
                return Ok(found);
            }
            bail!("waited {patience:?} for {what}");
        }
    }
}

impl FakeTelegram {
    /// Waits until a condition holds, looking whenever something happened.
    ///
    /// # Errors
    /// When patience is at its end.
    pub async fn wait_until<T>(
        &self,
        what: &str,
        patience: Duration,
        condition: impl FnMut() -> Option<T>,
    ) -> Result<T> {
        until(&self.world.changed, what, patience, condition).await
    }

    /// Moves the fake's clock ahead; messages, presses and updates grow older, waits end.
    pub fn advance(&self, by: Duration) {
        self.world.clock.advance(by);
        self.world.queue.arrived.notify_waiters();
        self.world.changed.notify_waiters();
    }

    /// Unix time on the fake's clock.
    pub fn now(&self) -> Duration {
        self.world.clock.now()
    }

    // Updates.

    /// Id and kind of the updates so far, the oldest first; as many as history is kept.
    pub fn updates(&self) -> Vec<(i64, &'static str)> {
        self.world.queue.recent()
    }

    /// The newest update's id.
    pub fn last_update(&self) -> Option<i64> {
        self.updates().last().map(|(id, _)| *id)
    }

    /// Updates the bot has not confirmed.
    pub fn pending_updates(&self) -> usize {
        lock(&self.world.queue.state).entries.len()
    }

    /// Sends an update once more under its old id. `false`: there was none of that id.
    pub fn send_again(&self, update: i64) -> bool {
        self.world.queue.again(update)
    }

    /// Holds updates back from now on.
    pub fn hold_updates(&self) {
        self.world.queue.hold();
    }

    /// Ids of the updates held back.
    pub fn held_updates(&self) -> Vec<i64> {
        let state = lock(&self.world.queue.state);
        let held = state.held.iter().flatten();
        held.map(|update| update.id).collect()
    }

    /// Lets these go, in this order; the rest is held further.
    pub fn release_updates(&self, order: &[i64]) {
        self.world.queue.release(Some(order));
    }

    /// Lets all go, and holds no more.
    pub fn release_all_updates(&self) {
        self.world.queue.release(None);
    }

    /// The next `getUpdates` that would confirm something confirms nothing: what the bot had comes again.
    pub fn forget_confirmation(&self) {
        lock(&self.world.queue.state).forget += 1;
    }

    /// The next delivery to the webhook is lost, and made again.
    pub fn lose_delivery(&self, how: Lost) {
        lock(&self.world.queue.state).lost.push_back(how);
    }

    /// Whether a webhook is set, and where.
    pub fn webhook(&self) -> Option<String> {
        let state = lock(&self.world.queue.state);
        state.webhook.as_ref().map(|webhook| webhook.given.clone())
    }

    /// How the last delivery failed, if one did since the webhook was set.
    pub fn webhook_error(&self) -> Option<String> {
        let state = lock(&self.world.queue.state);
        let webhook = state.webhook.as_ref()?;
        webhook
            .last_error
            .as_ref()
            .map(|(_, message)| message.clone())
    }

    // Faults.

    /// Happens to the next call of a method (the one after it, for the second fault, and so on). The method `file` is the
    /// download of a file.
    pub fn next_call(&self, method: &str, fault: Fault) {
        self.world.faults.next(method, fault);
    }

    /// Happens to every call for so long. A 429 tells the time that is left.
    pub fn storm(&self, fault: Fault, lasts: Duration) {
        self.world
            .faults
            .storm(fault, self.world.clock.now() + lasts);
    }

    /// Ends all faults that were ordered.
    pub fn calm(&self) {
        self.world.faults.calm();
    }

    /// Every path that `getFile` gave so far is gone, as after an hour.
    pub fn expire_file_paths(&self) {
        self.world.files.expire_paths();
    }

    /// Calls that came although the bot had been told to wait, in all: in flooded chats, and in storms of 429.
    pub fn impatient_calls(&self) -> u64 {
        let storm = self
            .world
            .faults
            .impatient
            .load(std::sync::atomic::Ordering::Relaxed);
        self.world.limits.impatient(None) + storm
    }

    /// The same for one chat.
    pub fn impatient_calls_in(&self, chat: i64) -> u64 {
        self.world.limits.impatient(Some(chat))
    }

    // The log.

    /// Every call so far, if calls are written down.
    pub fn calls(&self) -> Vec<Call> {
        self.world.log.calls()
    }

    /// The calls of one method.
    pub fn calls_of(&self, name: &str) -> Vec<Call> {
        let wanted = method(name);
        let mut calls = self.calls();
        calls.retain(|call| Some(call.method) == wanted);
        calls
    }

    /// How often a method was called; counted even without a log.
    pub fn count(&self, method: &str) -> u64 {
        self.world.log.counted(method)
    }

    /// Forgets the calls so far, but not their number.
    pub fn clear_log(&self) {
        self.world.log.clear();
    }

    // What the bot published.

    /// What was shown for a press.
    pub fn answer_to(&self, query: &str) -> Option<Shown> {
        let shown = lock(&self.world.shown);
        shown
            .iter()
            .rev()
            .find(|shown| shown.query == query)
            .cloned()
    }

    /// Everything shown for presses.
    pub fn answers(&self) -> Vec<Shown> {
        lock(&self.world.shown).iter().cloned().collect()
    }

    /// Presses nobody has answered.
    pub fn unanswered(&self) -> Vec<String> {
        lock(&self.world.presses).keys().cloned().collect()
    }

    /// The commands of a scope (`default`, `all_private_chats`, `chat 42`, `chat_member 42 7`, …) and a language, or "" for
    /// all languages: name and description.
    pub fn commands(&self, scope: &str, language: &str) -> Vec<(String, String)> {
        let menus = lock(&self.world.commands);
        let menu = menus.get(&(scope.to_owned(), language.to_owned()));
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        menu.and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(|command| (text(&command["command"]), text(&command["description"])))
            .collect()
    }
}
