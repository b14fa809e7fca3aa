//! One person in one channel with the bot: commands, presses, choices, forms, pictures.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use lorikeet_fake_discord::{FakeDiscord, Given, Person, Room, Seen, Shown};
use safetensors::SafeTensors;

use crate::stage::picture;

/// Fewer steps than a person would take: enough for loss, samples and a file.
const STEPS: &str = "60";

/// A person, and the channel they are in.
#[derive(Clone)]
pub(crate) struct Chat {
    pub(crate) discord: FakeDiscord,
    pub(crate) person: Person,
    pub(crate) room: Room,
}

impl Chat {
    /// Longer than anything here takes on a busy machine with two cores.
    pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

    /// A person in a channel of a server.
    pub(crate) fn of(discord: &FakeDiscord, person: &Person, room: &Room) -> Self {
        Self {
            discord: discord.clone(),
            person: person.clone(),
            room: room.clone(),
        }
    }

    /// A person's own channel with the bot.
    pub(crate) fn private(discord: &FakeDiscord, name: &str, locale: &str) -> Self {
        let person = discord.person(name, locale);
        Self::of(discord, &person, &person.private())
    }

    /// Uses a command; what it is answered first.
    pub(crate) async fn uses(&self, words: &str, given: &[(&str, Given<'_>)]) -> Result<Shown> {
        let token = self.person.uses(&self.room, words, given)?;
        self.discord.shown(&token, Self::PATIENCE).await
    }

    /// Names a LoRA.
    pub(crate) async fn names(&self, name: &str) -> Result<Shown> {
        self.uses("train new", &[("name", Given::Text(name))]).await
    }

    /// Brings pictures with one command.
    pub(crate) async fn brings(&self, seeds: std::ops::Range<u64>, caption: &str) -> Result<Shown> {
        let files: Vec<(String, Vec<u8>)> = (1..)
            .zip(seeds)
            .map(|(number, seed)| (format!("image{number}"), picture(seed)))
            .collect();
        let mut given: Vec<(&str, Given<'_>)> = files
            .iter()
            .map(|(name, bytes)| (name.as_str(), Given::File("bird.png", bytes)))
            .collect();
        if !caption.is_empty() {
            given.push(("caption", Given::Text(caption)));
        }
        self.uses("train add", &given).await
    }

    /// Writes a message with pictures; its id.
    pub(crate) fn writes(&self, text: &str, seeds: std::ops::Range<u64>) -> u64 {
        let files: Vec<Vec<u8>> = seeds.map(picture).collect();
        let files: Vec<(&str, &[u8])> = files
            .iter()
            .map(|bytes| ("bird.png", bytes.as_slice()))
            .collect();
        self.person.writes(&self.room, text, &files)
    }

    /// Whether it is for this person: on a server, by whose its controls are.
    fn is_ours(&self, seen: &Seen) -> bool {
        let id = self.person.id();
        let owner = |control: &lorikeet_fake_discord::Control| {
            let (_, owner) = control.custom_id.split_once('~')?;
            u64::from_str_radix(owner, 36).ok()
        };
        seen.ephemeral
            || seen
                .controls
                .iter()
                .filter_map(owner)
                .all(|owner| owner == id)
    }

    /// Waits until some message says this; the newest that does.
    pub(crate) async fn sees(&self, text: &str) -> Result<Seen> {
        let says = |seen: &Seen| self.is_ours(seen) && seen.text.contains(text);
        self.room
            .wait_for(&self.person, text, Self::PATIENCE, says)
            .await
    }

    /// Presses the newest button, or picks the newest option, whose label begins like this, once there is one.
    pub(crate) async fn press(&self, label: &str) -> Result<String> {
        let begins = |seen: &Seen| {
            seen.labels()
                .into_iter()
                .find(|known| {
                    known
                        .trim_start_matches(|c: char| !c.is_alphanumeric())
                        .starts_with(label)
                })
                .map(str::to_owned)
        };
        let has = |seen: &Seen| self.is_ours(seen) && begins(seen).is_some();
        let seen = self
            .room
            .wait_for(&self.person, label, Self::PATIENCE, has)
            .await?;
        let whole = begins(&seen).context("a control")?;
        self.person.presses(&self.room, seen.id, &whole)
    }

    /// Presses, and waits for what comes of it.
    pub(crate) async fn goes(&self, label: &str, to: &str) -> Result<Seen> {
        let token = self.press(label).await?;
        let shown = self.discord.shown(&token, Self::PATIENCE).await?;
        ensure!(
            shown != Shown::Failed,
            "{label} failed: {:?}",
            self.discord.calls().last()
        );
        self.sees(to).await
    }

    /// Opens a form by its button, and fills it in; what that is answered first.
    pub(crate) async fn fills(&self, button: &str, values: &[(&str, &str)]) -> Result<Shown> {
        let token = self.press(button).await?;
        match self.discord.shown(&token, Self::PATIENCE).await? {
            Shown::Form(_) => {}
            other => bail!("{button} opens no form: {other:?}"),
        }
        let token = self.person.fills(&token, values)?;
        self.discord.shown(&token, Self::PATIENCE).await
    }

    /// From the captions to what will be trained, in a few steps.
    pub(crate) async fn reviews(&self) -> Result<()> {
        self.goes("Skip captions", "How thoroughly").await?;
        self.goes("Advanced", "Advanced settings").await?;
        self.fills("Steps", &[("Steps", STEPS)]).await?;
        self.sees(STEPS).await?;
        self.goes("Use these", "How thoroughly").await?;
        self.goes("Continue", "This is what will be trained")
            .await?;
        Ok(())
    }

    /// From there to the file, which loads.
    pub(crate) async fn trains(&self, file: &str) -> Result<()> {
        self.press("Start training").await?;
        self.press(file).await?;
        let has = |seen: &Seen| seen.files.iter().any(|(name, _)| name == file);
        let seen = self
            .room
            .wait_for(&self.person, file, Self::PATIENCE, has)
            .await?;
        let (_, bytes) = &seen.files[0];
        ensure!(!SafeTensors::deserialize(bytes)?.names().is_empty());
        Ok(())
    }
}
