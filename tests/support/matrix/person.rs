//! A person at a client, and the rooms as it shows them.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use super::homeserver::{Homeserver, PASSWORD, script, venv};

/// How long anything may take.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A message as it is seen now.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The event's id.
    pub event: String,
    /// Where it is.
    pub room: String,
    /// Whose it is.
    pub sender: String,
    /// What it said first.
    pub first: Value,
    /// What it says now.
    pub content: Value,
    /// Whether it came encrypted.
    pub encrypted: bool,
    /// How often it was edited.
    pub edits: usize,
    /// Who reacted with what.
    pub reactions: Vec<(String, String)>,
    /// Whether somebody took it away.
    pub redacted: bool,
}

impl Seen {
    /// Its text as it is now.
    pub fn text(&self) -> &str {
        self.content["body"].as_str().unwrap_or_default()
    }

    /// What can be chosen on it, and its numbers.
    pub fn choices(&self) -> Vec<(String, usize)> {
        let all = entries(self.text());
        all.map(|(label, number)| (label.to_owned(), number))
            .collect()
    }

    /// Whether it is a screen, and not a sentence beside one.
    pub fn is_screen(&self) -> bool {
        self.content["formatted_body"].is_string()
    }

    /// The event that its thread begins with.
    pub fn thread(&self) -> Option<&str> {
        let relation = &self.first["m.relates_to"];
        let within = relation["rel_type"] == "m.thread";
        relation["event_id"].as_str().filter(|_| within)
    }
}

/// What a client shows.
#[derive(Default)]
struct View {
    messages: Vec<Seen>,
    polls: Vec<Seen>,
    /// Reactions by their events.
    reactions: BTreeMap<String, (String, String, String)>,
    answers: BTreeMap<u64, Value>,
    invites: Vec<String>,
    typing: Vec<String>,
    /// Marks between what others say.
    marks: Vec<String>,
    /// Rooms, and who came into them.
    joined: Vec<(String, String)>,
    left: Vec<(String, String)>,
    undecryptable: usize,
}

impl View {
    fn hear(&mut self, heard: &Value) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (event, sender) = (text(&heard["event"]), text(&heard["sender"]));
        let content = &heard["content"];
        let relation = &content["m.relates_to"];
        match heard["type"].as_str().unwrap_or_default() {
            "m.room.message" if relation["rel_type"] == "m.replace" => {
                let target = text(&relation["event_id"]);
                let mut messages = self.messages.iter_mut();
                let edited = messages.find(|seen| seen.event == target && seen.sender == sender);
                if let Some(seen) = edited {
                    seen.content = content["m.new_content"].clone();
                    seen.edits += 1;
                }
            }
            "m.room.message" if self.messages.iter().all(|seen| seen.event != event) => {
                self.messages.push(Seen {
                    event,
                    room: text(&heard["room"]),
                    sender,
                    first: content.clone(),
                    content: content.clone(),
                    encrypted: heard["encrypted"] == true,
                    ..Seen::default()
                });
            }
            "org.matrix.msc3381.poll.start" => self.polls.push(Seen {
                event,
                room: text(&heard["room"]),
                sender,
                content: content.clone(),
                encrypted: heard["encrypted"] == true,
                ..Seen::default()
            }),
            "m.reaction" => {
                let (to, key) = (text(&relation["event_id"]), text(&relation["key"]));
                if let Some(seen) = self.messages.iter_mut().find(|seen| seen.event == to) {
                    seen.reactions.push((sender.clone(), key.clone()));
                }
                self.reactions.insert(event, (to, sender, key));
            }
            "m.room.redaction" => {
                let gone = text(&heard["redacts"]);
                let mut all = self.messages.iter_mut().chain(&mut self.polls);
                if let Some(seen) = all.find(|seen| seen.event == gone) {
                    seen.redacted = true;
                }
            }
            "m.room.member" if content["membership"] == "join" => {
                self.joined.push((text(&heard["room"]), sender));
            }
            "m.room.member" if content["membership"] == "leave" => {
                self.left.push((text(&heard["room"]), sender));
            }
            "tests.mark" => self.marks.push(event),
            "invite" => self.invites.push(text(&heard["room"])),
            "typing" => self.typing.push(sender),
            "undecryptable" => self.undecryptable += 1,
            _ => {}
        }
    }
}

/// A person, logged in. Their client ends with the test.
pub struct Person {
    child: Child,
    stdin: Mutex<(ChildStdin, u64)>,
    view: Arc<Mutex<View>>,
    /// Their id.
    pub user: String,
    /// What their client logged in with.
    pub token: String,
}

impl Person {
    /// Makes an account and logs in.
    pub async fn new(homeserver: &Homeserver, name: &str) -> Result<Self> {
        let user = homeserver.register(name)?;
        let mut child = Command::new(venv()?.join("bin/python"))
            .arg(script("person.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdin = child.stdin.take().context("no input")?;
        let stdout = child.stdout.take().context("no output")?;
        let view = Arc::new(Mutex::new(View::default()));
        let kept = Arc::clone(&view);
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let Ok(line) = serde_json::from_str::<Value>(&line) else {
                    continue;
                };
                let mut view = kept.lock().unwrap_or_else(PoisonError::into_inner);
                match line["id"].as_u64() {
                    Some(number) => drop(view.answers.insert(number, line)),
                    None => view.hear(&line["heard"]),
                }
            }
        });
        let mut person = Self {
            child,
            stdin: Mutex::new((stdin, 0)),
            view,
            user: user.clone(),
            token: String::new(),
        };
        let login = json!({ "homeserver": homeserver.url, "user": user, "password": PASSWORD });
        let known = person.does("login", login).await?;
        person.token = known["token"].as_str().context("a token")?.to_owned();
        Ok(person)
    }

    /// Has the client do something; what came of it.
    pub async fn does(&self, what: &str, with: Value) -> Result<Value> {
        let number = {
            let mut stdin = self.stdin.lock().unwrap_or_else(PoisonError::into_inner);
            stdin.1 += 1;
            let mut asked = with;
            asked["do"] = json!(what);
            asked["id"] = json!(stdin.1);
            writeln!(stdin.0, "{asked}")?;
            stdin.0.flush()?;
            stdin.1
        };
        let answer = self
            .waits(what, |view| view.answers.remove(&number))
            .await?;
        ensure!(answer["error"].is_null(), "{what}: {}", answer["error"]);
        Ok(answer["ok"].clone())
    }

    /// Waits until something is to be found in what is seen.
    async fn waits<T>(
        &self,
        what: &str,
        mut found: impl FnMut(&mut View) -> Option<T>,
    ) -> Result<T> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            {
                let mut view = self.view.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(found) = found(&mut view) {
                    return Ok(found);
                }
            }
            if Instant::now() > deadline {
                let view = self.view.lock().unwrap_or_else(PoisonError::into_inner);
                let all = view.messages.iter();
                let all: Vec<_> = all
                    .map(|seen| (&seen.sender, seen.text(), seen.redacted))
                    .collect();
                bail!("{} never saw {what:?} in {all:#?}", self.user);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Everything that is seen.
    pub fn messages(&self) -> Vec<Seen> {
        let view = self.view.lock().unwrap_or_else(PoisonError::into_inner);
        view.messages
            .iter()
            .filter(|seen| !seen.redacted)
            .cloned()
            .collect()
    }

    /// Waits for an open poll with this answer; its event, and the answer's id.
    pub async fn asked(&self, answer: &str) -> Result<(Seen, String)> {
        self.waits(answer, |view| {
            let mut polls = view.polls.iter().rev().filter(|seen| !seen.redacted);
            polls.find_map(|seen| {
                let answers = &seen.content["org.matrix.msc3381.poll.start"]["answers"];
                let mut answers = answers.as_array()?.iter();
                let found = answers.find(|known| known["org.matrix.msc1767.text"] == answer)?;
                Some((seen.clone(), found["id"].as_str()?.to_owned()))
            })
        })
        .await
    }

    /// Messages that could not be decrypted.
    pub fn undecryptable(&self) -> usize {
        self.view
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .undecryptable
    }

    /// Who was seen to type.
    pub fn typing(&self) -> Vec<String> {
        self.view
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .typing
            .clone()
    }

    /// Waits until everything is seen that stands in a room by now.
    pub async fn catches_up(&self, homeserver: &Homeserver, room: &str) -> Result<()> {
        let number = rand::random::<u64>();
        let call = format!("PUT /_matrix/client/v3/rooms/{room}/send/tests.mark/{number}");
        let sent = homeserver.call(&self.token, &call, &json!({})).await?;
        let mark = sent["event_id"].as_str().context("an event")?.to_owned();
        self.waits("the mark", |view| view.marks.contains(&mark).then_some(()))
            .await
    }

    /// Waits until somebody is in a room.
    pub async fn meets(&self, room: &str, user: &str) -> Result<()> {
        let there = (room.to_owned(), user.to_owned());
        let what = format!("{user} in the room");
        self.waits(&what, |view| view.joined.contains(&there).then_some(()))
            .await
    }

    /// Waits until somebody leaves a room.
    pub async fn leaves(&self, room: &str, user: &str) -> Result<()> {
        let gone = (room.to_owned(), user.to_owned());
        let what = format!("{user} leave the room");
        self.waits(&what, |view| view.left.contains(&gone).then_some(()))
            .await
    }

    /// Makes a room; its id.
    pub async fn creates(&self, with: Value) -> Result<String> {
        let room = self.does("create", with).await?;
        Ok(room.as_str().context("a room")?.to_owned())
    }

    /// Waits for an invitation and follows it.
    pub async fn joins(&self, room: &str) -> Result<()> {
        self.waits("an invitation", |view| {
            view.invites.iter().any(|one| one == room).then_some(())
        })
        .await?;
        self.does("join", json!({ "room": room })).await.map(drop)
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A person in a room with a bot.
#[derive(Clone)]
pub struct Chat<'p> {
    /// Who.
    pub person: &'p Person,
    /// The bot's id.
    pub bot: String,
    /// The room.
    pub room: String,
    /// The thread, by the event that it begins with.
    pub thread: Option<String>,
}

impl Chat<'_> {
    /// Says something, in the chat's thread.
    pub async fn says(&self, text: &str) -> Result<String> {
        let mut content = json!({ "msgtype": "m.text", "body": text });
        if let Some(root) = &self.thread {
            content["m.relates_to"] = json!({
                "rel_type": "m.thread", "event_id": root, "is_falling_back": true,
                "m.in_reply_to": { "event_id": root },
            });
        }
        self.sends(content).await
    }

    /// Sends a message of any content; its event.
    pub async fn sends(&self, content: Value) -> Result<String> {
        let sent = self
            .person
            .does("send", json!({ "room": self.room, "content": content }))
            .await?;
        Ok(sent.as_str().context("an event")?.to_owned())
    }

    /// Sends a picture.
    pub async fn shows(&self, bytes: &[u8], more: Value) -> Result<String> {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("picture.jpg");
        std::fs::write(&path, bytes)?;
        let mut with = json!({ "room": self.room, "path": path });
        for (key, value) in more.as_object().into_iter().flatten() {
            with[key] = value.clone();
        }
        let sent = self.person.does("image", with).await?;
        Ok(sent.as_str().context("an event")?.to_owned())
    }

    fn is_here(&self, seen: &Seen) -> bool {
        seen.room == self.room
            && seen.sender == self.bot
            && !seen.redacted
            && (self.thread.is_none() || seen.thread() == self.thread.as_deref())
    }

    /// Waits until one of the bot's messages says so, the last of them first; the message.
    pub async fn sees(&self, words: &str) -> Result<Seen> {
        self.person
            .waits(words, |view| {
                let mut messages = view.messages.iter().rev();
                messages
                    .find(|seen| self.is_here(seen) && seen.text().contains(words))
                    .cloned()
            })
            .await
    }

    /// Waits until the bot's last message says so.
    pub async fn sees_last(&self, words: &str) -> Result<Seen> {
        self.person
            .waits(words, |view| {
                let mut messages = view.messages.iter().rev();
                let last = messages.find(|seen| self.is_here(seen) && seen.is_screen());
                last.filter(|seen| seen.text().contains(words)).cloned()
            })
            .await
    }

    /// The bot's last text with a choice called like this, and the choice's number.
    pub async fn offered(&self, label: &str) -> Result<(Seen, usize)> {
        self.person
            .waits(label, |view| {
                let mut messages = view.messages.iter().rev();
                let last = messages.find(|seen| self.is_here(seen) && seen.is_screen())?;
                Some((last.clone(), number_of(last.text(), label)?))
            })
            .await
    }

    /// A choice that says this among other things: all it says, and its number.
    pub async fn offered_like(&self, words: &str) -> Result<(String, usize)> {
        self.person
            .waits(words, |view| {
                let mut messages = view.messages.iter().rev();
                let last = messages.find(|seen| self.is_here(seen) && seen.is_screen())?;
                let mut labels = entries(last.text());
                labels
                    .find(|(label, _)| label.contains(words))
                    .map(|(label, number)| (label.to_owned(), number))
            })
            .await
    }

    /// Waits for a file of this name.
    pub async fn gets(&self, name: &str) -> Result<Seen> {
        self.person
            .waits(name, |view| {
                let mut messages = view.messages.iter();
                let is_it =
                    |seen: &&Seen| seen.content["msgtype"] == "m.file" && seen.text() == name;
                messages
                    .find(|seen| self.is_here(seen) && is_it(seen))
                    .cloned()
            })
            .await
    }

    /// Chooses by a reaction where there is one, else by typing its number.
    pub async fn chooses(&self, label: &str) -> Result<()> {
        let (seen, number) = self.offered(label).await?;
        let key = match number {
            1..=9 => format!("{number}\u{fe0f}\u{20e3}"),
            10 => "🔟".to_owned(),
            _ => return self.says(&format!("!{number}")).await.map(drop),
        };
        // As clients do: a reaction that is there already is taken away.
        let there = {
            let view = self
                .person
                .view
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let own = (seen.event.clone(), self.person.user.clone(), key.clone());
            let mut reactions = view.reactions.iter();
            reactions
                .find(|(_, known)| **known == own)
                .map(|(event, _)| event.clone())
        };
        match there {
            Some(reaction) => self.takes_back(&reaction).await,
            None => self.reacts(&seen, &key).await.map(drop),
        }
    }

    /// Takes an event away.
    pub async fn takes_back(&self, event: &str) -> Result<()> {
        let with = json!({ "room": self.room, "event": event });
        self.person.does("redact", with).await?;
        let mut view = self
            .person
            .view
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        view.reactions.remove(event);
        Ok(())
    }

    /// Votes in a poll.
    pub async fn votes(&self, poll: &Seen, answer: &str) -> Result<()> {
        let content = json!({
            "m.relates_to": { "rel_type": "m.reference", "event_id": poll.event },
            "org.matrix.msc3381.poll.response": { "answers": [answer] },
        });
        let kind = "org.matrix.msc3381.poll.response";
        let with = json!({ "room": self.room, "type": kind, "content": content });
        self.person.does("send", with).await.map(drop)
    }

    /// Reacts to a message; the reaction's event.
    pub async fn reacts(&self, to: &Seen, key: &str) -> Result<String> {
        let relation = json!({ "rel_type": "m.annotation", "event_id": to.event, "key": key });
        let with = json!({
            "room": self.room, "type": "m.reaction", "content": { "m.relates_to": relation },
        });
        let sent = self.person.does("send", with).await?;
        Ok(sent.as_str().context("an event")?.to_owned())
    }

    /// Chooses, and waits for what comes.
    pub async fn goes(&self, label: &str, words: &str) -> Result<Seen> {
        self.chooses(label).await?;
        self.sees_last(words).await
    }
}

/// The choices of a list: what they say without their marks, and their numbers.
fn entries(text: &str) -> impl Iterator<Item = (&str, usize)> {
    let entries = text.lines().flat_map(|line| line.split('\u{2003}'));
    entries.filter_map(|entry| {
        let (sign, rest) = entry.trim().split_once(' ')?;
        let digits: String = sign.chars().filter(char::is_ascii_digit).collect();
        let is_sign = sign == "🔟" || sign.ends_with(['.', '\u{20e3}']) || sign.starts_with('!');
        let number = if sign == "🔟" {
            10
        } else {
            digits.parse().ok().filter(|_| is_sign)?
        };
        Some((
            rest.trim_start_matches(|c: char| !c.is_alphanumeric()),
            number,
        ))
    })
}

/// The number before a label in a list of choices.
pub(super) fn number_of(text: &str, label: &str) -> Option<usize> {
    let noted = format!("{label} –");
    let mut found = entries(text).filter(|(said, _)| *said == label || said.starts_with(&noted));
    found.next().map(|(_, number)| number)
}
