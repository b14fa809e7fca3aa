//! One person in one chat with the bot: reading, pressing, typing, sending pictures.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use lorikeet_fake_telegram::{FakeTelegram, Person, Room, Seen};

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

    /// Types a message; in a group, as a reply to what the bot said last.
    pub(crate) fn says(&self, text: &str) {
        let mut talk = self.person.to(&self.room);
        if let Some(thread) = self.thread {
            talk = talk.thread(thread);
        }
        if let Some(asked) = self.last_of_ours().filter(|_| self.room.id() < 0) {
            talk = talk.reply_to(asked.id);
        }
        talk.says(text);
    }

    /// The bot's newest message in this chat, or topic.
    fn last_of_ours(&self) -> Option<Seen> {
        self.room.find(|seen| self.is_ours(seen))
    }

    fn is_ours(&self, seen: &Seen) -> bool {
        seen.from_bot && seen.thread == self.thread
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
            self.is_ours(seen)
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
}
