//! Somebody in private with the bot on Discord, which one of the processes asks for events; some messages are told two times more. A
//! press that got no answer in time has failed for all to see, and is made again.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use lorikeet_fake_discord::{FakeDiscord, Person, Room, Seen, Shown};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::person::{Act, Done, Face, PATIENCE, pictures};

/// How long somebody waits for what a press should do, before they press again.
const AGAIN: Duration = Duration::from_secs(4);

pub(crate) struct ByDiscord {
    discord: FakeDiscord,
    person: Person,
    room: Room,
    random: ChaCha8Rng,
    pictures: Vec<Vec<u8>>,
    /// Late deliveries on their way.
    late: JoinSet<()>,
    done: Done,
}

impl ByDiscord {
    pub(crate) fn new(number: usize, seed: u64, discord: &FakeDiscord) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(number as u64 + 1);
        let person = discord.person(&format!("Person {number}"), "en-US");
        Self {
            discord: discord.clone(),
            room: person.private(),
            person,
            random,
            pictures: pictures(),
            late: JoinSet::new(),
            done: Done::of(number),
        }
    }

    fn seen(&self) -> Vec<Seen> {
        self.room.seen_by(&self.person)
    }

    /// Every message of the bot as it is now.
    fn versions(&self) -> BTreeMap<u64, u32> {
        let seen = self.seen();
        seen.iter().map(|seen| (seen.id, seen.edits)).collect()
    }

    /// Whether something that came since says this.
    fn says_since(&self, before: &BTreeMap<u64, u32>, expected: &str) -> bool {
        self.seen().iter().any(|seen| {
            let is_new = before.get(&seen.id) != Some(&seen.edits);
            let says = |words: &str| words.contains(expected);
            is_new && (says(&seen.text) || seen.labels().into_iter().any(says))
        })
    }

    /// Presses the newest button with these words, where there is one, and waits for what is shown first.
    async fn press(&mut self, label: &str) -> Result<()> {
        let mut seen = self.seen();
        seen.reverse();
        let found = seen.iter().find_map(|seen| {
            let labels = seen.labels();
            let words = labels.into_iter().find(|words| words.ends_with(label))?;
            Some((seen.id, words.to_owned()))
        });
        // It may come yet, or be another by now.
        let Some((on, words)) = found else {
            return Ok(());
        };
        let Ok(token) = self.person.presses(&self.room, on, &words) else {
            return Ok(());
        };
        self.done.sent += 1;
        if self.discord.shown(&token, PATIENCE).await? == Shown::Failed {
            self.done.repeated += 1;
        }
        Ok(())
    }

    fn writes(&mut self, text: &str, files: &[(&str, &[u8])]) {
        let message = self.person.writes(&self.room, text, files);
        self.done.sent += 1;
        for _ in 0..self.random.random_range(0..3) {
            self.done.redelivered += 1;
            let discord = self.discord.clone();
            let after = Duration::from_millis(self.random.random_range(0..4_000));
            self.late.spawn(async move {
                sleep(after).await;
                discord.tells_again(message);
            });
        }
    }

    fn shown(&self) -> String {
        let seen = self.seen();
        let newest = seen.iter().rev().take(3);
        let newest: Vec<String> = newest
            .map(|seen| format!("{}: {:?} {:?}", seen.id, seen.text, seen.labels()))
            .collect();
        format!("the channel ends with {}", newest.join(", "))
    }
}

impl Face for ByDiscord {
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
        let deadline = Instant::now() + PATIENCE;
        match &act {
            Act::Says(words) => self.writes(words, &[]),
            Act::Sends(number) => {
                let (name, bytes) = (format!("{number}.jpg"), self.pictures[*number].clone());
                self.writes("", &[(&name, &bytes)]);
            }
            Act::Presses(_) => {}
        }
        let mut attempted: Option<Instant> = None;
        while !self.says_since(&before, expected) {
            ensure!(
                Instant::now() < deadline,
                "no “{expected}” after {}; {}",
                act.words(),
                self.shown()
            );
            if let Act::Presses(label) = &act
                && attempted.is_none_or(|at| at.elapsed() > AGAIN)
            {
                // A question stands between the button and what it does; who said yes waits.
                let asked = self
                    .seen()
                    .iter()
                    .any(|seen| seen.labels().contains(&"Stop it"));
                let stopping = self.says_since(&before, "Stopping it");
                match *label {
                    "Stop it" if stopping => {}
                    "Stop it" if !asked => self.press("Stop training").await?,
                    label => self.press(label).await?,
                }
                attempted = (*label != "Stop it" || asked).then(Instant::now);
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
