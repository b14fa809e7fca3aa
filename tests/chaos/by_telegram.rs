//! Somebody in a chat of Telegram, which brings updates to the processes by turns, again where there was no answer, and some of
//! them two times more.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use lorikeet_fake_telegram::{Answered, FakeTelegram, Person, Room, Seen};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::person::{Act, Done, Face, PATIENCE, pictures};

/// Which text a message had: its id, and how often it was edited.
type Version = (i64, u32);

pub(crate) struct ByTelegram {
    telegram: FakeTelegram,
    person: Person,
    room: Room,
    random: ChaCha8Rng,
    pictures: Vec<Vec<u8>>,
    /// Where a press was said to come too late.
    old: BTreeSet<Version>,
    /// Late deliveries on their way.
    late: JoinSet<()>,
    done: Done,
}

impl ByTelegram {
    pub(crate) fn new(number: usize, seed: u64, telegram: &FakeTelegram) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(number as u64 + 1);
        let person = telegram.person(&format!("Person {number}"), "en");
        Self {
            telegram: telegram.clone(),
            room: person.private(),
            person,
            random,
            pictures: pictures(),
            old: BTreeSet::new(),
            late: JoinSet::new(),
            done: Done::of(number),
        }
    }

    /// Every message of the bot as it is now.
    fn versions(&self) -> BTreeMap<i64, u32> {
        let messages = self.room.from_bot();
        messages.iter().map(|seen| (seen.id, seen.edits)).collect()
    }

    /// Whether something that came since says this.
    fn says_since(&self, before: &BTreeMap<i64, u32>, expected: &str) -> bool {
        let is = |seen: &Seen| {
            let is_new = before.get(&seen.id) != Some(&seen.edits);
            let labels = seen.labels();
            let says = |words: &str| words.contains(expected);
            seen.from_bot && is_new && (says(&seen.text) || labels.into_iter().any(says))
        };
        self.room.find(is).is_some()
    }

    /// The newest button with these words that was not said to be old: of which message, and all it says.
    fn button(&self, label: &str) -> Option<(Version, String)> {
        let mut messages = self.room.from_bot();
        messages.reverse();
        messages.iter().find_map(|seen| {
            let version = (seen.id, seen.edits);
            let labels = seen.labels();
            let mut labels = labels.iter().filter(|words| words.ends_with(label));
            let known = labels.next().filter(|_| !self.old.contains(&version))?;
            Some((version, (*known).to_owned()))
        })
    }

    /// Presses once there is a button; nothing where what should come has come meanwhile.
    async fn press(
        &mut self,
        label: &str,
        before: &BTreeMap<i64, u32>,
        expected: &str,
    ) -> Result<Option<Pressed>> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            // A question stands between the button and what it does; who said yes waits.
            let stopping = self.says_since(before, "Stopping it");
            let question = (label == "Stop it" && !stopping).then_some("Stop training");
            let found = self.button(label);
            let found = found.or_else(|| self.button(question?));
            if let Some((on, words)) = found {
                let query = self.person.presses(&self.room, on.0, &words);
                if let Ok(query) = query {
                    self.sent();
                    return Ok(Some(Pressed { query, on }));
                }
            }
            if self.says_since(before, expected) {
                return Ok(None);
            }
            ensure!(
                Instant::now() < deadline,
                "no button “{label}”; {}",
                self.shown()
            );
            sleep(Duration::from_millis(250)).await;
        }
    }

    /// Whether a press met a screen that had just been replaced: the bot says so, or the message is another by now.
    fn refused(&mut self, pressed: &Pressed) -> bool {
        let said = self.telegram.answer_to(&pressed.query);
        let said = said.and_then(|shown| shown.text).unwrap_or_default();
        let now = self.room.message(pressed.on.0).map(|seen| seen.edits);
        let told = |seen: &Seen| {
            seen.from_bot && seen.id > pressed.on.0 && seen.text.contains("earlier screen")
        };
        if said.contains("earlier screen") || self.room.find(told).is_some() {
            self.old.insert(pressed.on);
            return true;
        }
        now != Some(pressed.on.1)
    }

    fn sent(&mut self) {
        self.done.sent += 1;
        let Some(update) = self.telegram.last_update() else {
            return;
        };
        for _ in 0..self.random.random_range(0..3) {
            self.done.redelivered += 1;
            let telegram = self.telegram.clone();
            let after = Duration::from_millis(self.random.random_range(0..4_000));
            self.late.spawn(async move {
                sleep(after).await;
                telegram.send_again(update);
            });
        }
    }

    fn shown(&self) -> String {
        let messages = self.room.messages();
        let newest = messages.iter().rev().take(3);
        let newest: Vec<String> = newest
            .map(|seen| format!("{}: {:?} {:?}", seen.id, seen.text, seen.labels()))
            .collect();
        format!("the chat ends with {}", newest.join(", "))
    }
}

/// A press that was made.
struct Pressed {
    query: String,
    on: Version,
}

impl Face for ByTelegram {
    fn done(&mut self) -> &mut Done {
        &mut self.done
    }

    async fn comes(&mut self, expected: &str) -> Result<()> {
        self.does(Act::Says("/start"), expected).await
    }

    async fn does(&mut self, act: Act<'_>, expected: &str) -> Result<()> {
        let wait = self.random.random_range(100..900);
        sleep(Duration::from_millis(wait)).await;
        let before = self.versions();
        let mut pressed = None;
        match &act {
            Act::Says(words) => {
                self.person.says(&self.room, words);
                self.sent();
            }
            Act::Sends(number) => {
                let bytes = self.pictures[*number].clone();
                let talk = self.person.to(&self.room);
                if self.random.random() {
                    talk.photo(bytes)?;
                } else {
                    talk.document(&format!("{number}.jpg"), bytes);
                }
                self.sent();
            }
            Act::Presses(label) => pressed = self.press(label, &before, expected).await?,
        }
        let (deadline, mut attempted) = (Instant::now() + PATIENCE, Instant::now());
        while !self.says_since(&before, expected) {
            ensure!(
                Instant::now() < deadline,
                "no “{expected}” after {}; {}",
                act.words(),
                self.shown()
            );
            // As on the page: a press that is not answered at all is waited for, and would be found lost.
            if let (Act::Presses(label), Some(last)) = (&act, &pressed)
                && attempted.elapsed() > Duration::from_secs(3)
                && self.refused(last)
            {
                pressed = self.press(label, &before, expected).await?;
                attempted = Instant::now();
            }
            sleep(Duration::from_millis(250)).await;
        }
        Ok(())
    }

    async fn goes(mut self) -> Done {
        while self.late.join_next().await.is_some() {}
        self.done
    }
}

/// Screens that stand in a chat once more: who sent them died, or was cut off, before it could write that down. Telegram has no key
/// by which it would know them again.
pub(crate) fn twice(telegram: &FakeTelegram) -> usize {
    let mut screens: BTreeMap<String, usize> = BTreeMap::new();
    for call in telegram.calls() {
        let sends = ["sendMessage", "sendPhoto"].contains(&call.method);
        let buttons = call.body["reply_markup"].to_string();
        // Each state of a screen has controls of its own.
        if sends && call.answered == Answered::Ok && buttons.contains("callback_data") {
            let key = format!("{:?} {buttons}", call.chat());
            *screens.entry(key).or_default() += 1;
        }
    }
    screens.values().map(|times| times - 1).sum()
}
