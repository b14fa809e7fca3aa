//! One person in one chat with the bot: reading, pressing, typing, sending pictures.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use lorikeet_fake_telegram::{FakeTelegram, Person, Room, Seen, Talk};
use safetensors::SafeTensors;

use crate::stage::picture;

/// Fewer steps than a person would take: enough for loss, samples and a file.
const STEPS: &str = "60";

/// A person, and the chat they are in.
#[derive(Clone)]
pub(crate) struct Chat {
    pub(crate) person: Person,
    pub(crate) room: Room,
    /// The topic of a forum.
    pub(crate) thread: Option<i64>,
}

impl Chat {
    /// Longer than anything here takes on a busy machine with two cores.
    pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

    /// A person in a room of several.
    pub(crate) fn of(person: &Person, room: &Room) -> Self {
        Self {
            person: person.clone(),
            room: room.clone(),
            thread: None,
        }
    }

    /// A person's own chat with the bot.
    pub(crate) fn private(telegram: &FakeTelegram, name: &str, language: &str) -> Self {
        let person = telegram.person(name, language);
        Self {
            room: person.private(),
            person,
            thread: None,
        }
    }

    /// Begins a message; in a group, a reply to what the bot said last, because it hears nothing else there.
    pub(crate) fn talk(&self) -> Talk {
        let mut talk = self.person.to(&self.room);
        if let Some(thread) = self.thread {
            talk = talk.thread(thread);
        }
        let last = self.room.find(|seen| self.is_here(seen));
        if let Some(last) = last.filter(|_| self.is_shared()) {
            talk = talk.reply_to(last.id);
        }
        talk
    }

    /// Types a message.
    pub(crate) fn says(&self, text: &str) {
        self.talk().says(text);
    }

    fn is_shared(&self) -> bool {
        self.room.id() < 0
    }

    /// Whether the bot said it in this chat, or topic.
    fn is_here(&self, seen: &Seen) -> bool {
        seen.from_bot && seen.thread == self.thread
    }

    /// Whether it is for this person: where there are others, by whose its buttons are, or who is asked.
    fn is_ours(&self, seen: &Seen) -> bool {
        let id = self.person.id();
        let asked = || {
            let entities = &mut seen.entities.iter();
            entities.any(|entity| {
                let argument = entity.argument.as_ref();
                argument.is_some_and(|(name, user)| name == "user_id" && *user == id.to_string())
            })
        };
        let owned = || {
            let mut buttons = seen.keyboard.iter().flatten();
            buttons.any(|button| {
                let data = button.data.as_deref().unwrap_or_default();
                let owner = data.split('~').nth(1).unwrap_or_default();
                i64::from_str_radix(owner, 36) == Ok(id)
            })
        };
        self.is_here(seen) && (!self.is_shared() || owned() || asked())
    }

    /// Waits until some message of the bot says this; the newest that does.
    pub(crate) async fn sees(&self, text: &str) -> Result<Seen> {
        self.room
            .wait_for(text, Self::PATIENCE, |seen| {
                self.is_ours(seen) && seen.text.contains(text)
            })
            .await
    }

    /// Presses the newest button whose label begins like this, once there is one.
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
        // The buttons of the newest message that has any: others are of older screens.
        let has = |seen: &Seen| self.is_ours(seen) && begins(seen).is_some();
        let seen = self.room.wait_for(label, Self::PATIENCE, has).await?;
        let whole = begins(&seen).context("a button")?;
        self.person.presses(&self.room, seen.id, &whole)
    }

    /// Presses, and waits for what comes of it.
    pub(crate) async fn goes(&self, label: &str, to: &str) -> Result<Seen> {
        self.press(label).await?;
        self.sees(to).await
    }

    /// Waits for a file whose name ends like this; its bytes.
    pub(crate) async fn gets(&self, ending: &str) -> Result<Vec<u8>> {
        let named = |seen: &Seen| {
            let media = seen.media.as_ref();
            self.is_here(seen)
                && media
                    .and_then(|media| media.name.as_deref())
                    .is_some_and(|name| name.ends_with(ending))
        };
        let seen = self.room.wait_for(ending, Self::PATIENCE, named).await?;
        match seen.media {
            Some(media) => Ok(media.bytes.to_vec()),
            None => bail!("no file"),
        }
    }

    /// A newcomer's first steps, to where pictures are awaited.
    pub(crate) async fn begins(&self, name: &str) -> Result<()> {
        self.says("/start");
        self.sees("Train an image LoRA").await?;
        self.goes("Train a LoRA", "A new LoRA").await?;
        self.says(name);
        self.sees("0 of 20").await?;
        Ok(())
    }

    /// From the captions to what will be trained, in a few steps.
    pub(crate) async fn reviews(&self) -> Result<()> {
        self.goes("Skip captions", "How thoroughly").await?;
        self.goes("Advanced", "Advanced settings").await?;
        // Typed before its field is there, it would be for the whole form.
        self.goes("Steps", "✏\u{fe0f} 1 to 4000").await?;
        self.says(STEPS);
        self.sees(&format!("Steps: {STEPS}")).await?;
        self.goes("Use these", "How thoroughly").await?;
        self.goes("Continue", "This is what will be trained")
            .await?;
        Ok(())
    }

    /// From a name to a training under way, by four photos.
    pub(crate) async fn starts_training(&self, name: &str) -> Result<()> {
        self.says(&format!("/train {name}"));
        self.sees("0 of 20").await?;
        for seed in 1..=4 {
            self.talk().photo(picture(seed))?;
        }
        self.sees("4 of 20").await?;
        self.press("Continue").await?;
        self.reviews().await?;
        self.goes("Start training", "You can leave").await?;
        Ok(())
    }

    /// From there to the file, which loads.
    pub(crate) async fn trains(&self, file: &str) -> Result<()> {
        self.press("Start training").await?;
        self.press(file).await?;
        let file = self.gets(file).await?;
        ensure!(!SafeTensors::deserialize(&file)?.names().is_empty());
        Ok(())
    }

    /// Each screen stands here once: nothing was sent again that had arrived.
    pub(crate) fn each_screen_once(&self) -> Result<()> {
        let controls = |seen: &Seen| -> Vec<String> {
            let buttons = seen.keyboard.iter().flatten();
            buttons.filter_map(|button| button.data.clone()).collect()
        };
        let mut screens: Vec<Vec<String>> = self.room.from_bot().iter().map(controls).collect();
        screens.retain(|controls| !controls.is_empty());
        screens.sort();
        let twice = screens.windows(2).find(|two| two[0] == two[1]);
        ensure!(twice.is_none(), "a screen stands there twice: {twice:?}");
        Ok(())
    }
}
