//! Somebody in a private, encrypted room of a real homeserver: who leads reads it, and what it read and could not keep comes again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use lorikeet_tests::matrix::{Chat, Homeserver, Person, Seen};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::json;
use tokio::time::sleep;

use crate::person::{Act, Done, Face, PATIENCE, pictures};

/// Which text a message had: its event, and how often it was edited.
type Version = (String, usize);

pub(crate) struct ByMatrix {
    homeserver: Arc<Homeserver>,
    bot: String,
    number: usize,
    person: Option<Person>,
    room: String,
    random: ChaCha8Rng,
    pictures: Vec<Vec<u8>>,
    /// Where a press was said to come too late.
    old: BTreeSet<Version>,
    done: Done,
}

impl ByMatrix {
    pub(crate) fn new(number: usize, seed: u64, homeserver: &Arc<Homeserver>, bot: &str) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(number as u64 + 1);
        Self {
            homeserver: Arc::clone(homeserver),
            bot: bot.to_owned(),
            number,
            person: None,
            room: String::new(),
            random,
            pictures: pictures(),
            old: BTreeSet::new(),
            done: Done::of(number),
        }
    }

    fn chat(&self) -> Result<Chat<'_>> {
        Ok(Chat {
            person: self.person.as_ref().context("nobody came")?,
            bot: self.bot.clone(),
            room: self.room.clone(),
            thread: None,
        })
    }

    fn messages(&self) -> Vec<Seen> {
        let mut messages = self
            .person
            .as_ref()
            .map(Person::messages)
            .unwrap_or_default();
        messages.retain(|seen| seen.sender == self.bot);
        messages
    }

    /// Every message of the bot as it is now.
    fn versions(&self) -> BTreeMap<String, usize> {
        let messages = self.messages().into_iter();
        messages.map(|seen| (seen.event, seen.edits)).collect()
    }

    /// Whether something that came since says this.
    fn says_since(&self, before: &BTreeMap<String, usize>, expected: &str) -> bool {
        let messages = self.messages();
        let mut new = messages
            .iter()
            .filter(|seen| before.get(&seen.event) != Some(&seen.edits));
        new.any(|seen| seen.text().contains(expected))
    }

    /// The newest choice with these words that was not said to be old: of which message, and its number.
    fn choice(&self, label: &str) -> Option<(Seen, usize)> {
        let messages = self.messages();
        let mut screens = messages.iter().rev().filter(|seen| seen.is_screen());
        let last = screens.next()?;
        if self.old.contains(&(last.event.clone(), last.edits)) {
            return None;
        }
        let choices = last.choices();
        let found = choices.iter().find(|(known, _)| known.ends_with(label))?;
        Some((last.clone(), found.1))
    }

    /// Presses once there is a choice; nothing where what should come has come meanwhile.
    async fn press(
        &mut self,
        label: &str,
        before: &BTreeMap<String, usize>,
        expected: &str,
    ) -> Result<Option<Version>> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            // A question stands between the choice and what it does; who said yes waits.
            let stopping = self.says_since(before, "Stopping it");
            let question = (label == "Stop it" && !stopping).then_some("Stop training");
            let found = self.choice(label);
            let found = found.or_else(|| self.choice(question?));
            if let Some((on, number)) = found {
                // By its number, with the prefix that makes it a choice whatever is awaited.
                self.chat()?.says(&format!("!{number}")).await?;
                self.done.sent += 1;
                return Ok(Some((on.event, on.edits)));
            }
            if self.says_since(before, expected) {
                return Ok(None);
            }
            ensure!(
                Instant::now() < deadline,
                "no choice “{label}”; {}",
                self.shown()
            );
            sleep(Duration::from_millis(250)).await;
        }
    }

    /// Whether a press met a screen that had just been replaced: the bot says so, or the message is another by now.
    fn refused(&mut self, before: &BTreeMap<String, usize>, pressed: &Version) -> bool {
        if self.says_since(before, "earlier screen")
            || self.says_since(before, "type a number from")
        {
            self.old.insert(pressed.clone());
            return true;
        }
        self.versions().get(&pressed.0) != Some(&pressed.1)
    }

    fn shown(&self) -> String {
        let messages = self.messages();
        let newest = messages.iter().rev().take(3);
        let newest: Vec<String> = newest.map(|seen| format!("{:?}", seen.text())).collect();
        format!("the room ends with {}", newest.join(", "))
    }
}

impl Face for ByMatrix {
    fn done(&mut self) -> &mut Done {
        &mut self.done
    }

    async fn comes(&mut self, expected: &str) -> Result<()> {
        let person = Person::new(&self.homeserver, &format!("person{}", self.number)).await?;
        let with = json!({ "invite": [self.bot], "direct": true, "encrypted": true });
        self.room = person.creates(with).await?;
        self.person = Some(person);
        self.done.sent += 1;
        let deadline = Instant::now() + PATIENCE;
        while !self.says_since(&BTreeMap::new(), expected) {
            ensure!(
                Instant::now() < deadline,
                "no “{expected}” at first; {}",
                self.shown()
            );
            sleep(Duration::from_millis(250)).await;
        }
        Ok(())
    }

    async fn does(&mut self, act: Act<'_>, expected: &str) -> Result<()> {
        let wait = self.random.random_range(100..900);
        sleep(Duration::from_millis(wait)).await;
        let before = self.versions();
        let mut pressed = None;
        match &act {
            Act::Says(words) => {
                // A command has the platform's own sign.
                let words = words.replacen('/', "!", usize::from(words.starts_with('/')));
                self.chat()?.says(&words).await?;
                self.done.sent += 1;
            }
            Act::Sends(number) => {
                let bytes = self.pictures[*number].clone();
                self.chat()?.shows(&bytes, json!({})).await?;
                self.done.sent += 1;
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
            // A press that is not answered at all is waited for, and would be found lost.
            if let (Act::Presses(label), Some(last)) = (&act, pressed.clone())
                && attempted.elapsed() > Duration::from_secs(3)
                && self.refused(&before, &last)
            {
                pressed = self.press(label, &before, expected).await?;
                attempted = Instant::now();
            }
            sleep(Duration::from_millis(250)).await;
        }
        Ok(())
    }

    async fn goes(self) -> Done {
        self.done
    }
}
