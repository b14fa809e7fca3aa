//! The feature from a person's side: the conversations in `tests/*.md` are played, and have to go as written.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a conversation that goes another way ends the test"
)]

use std::fmt::Write as _;
use std::sync::Arc;

use async_trait::async_trait;
use futures::executor::block_on;
use lorikeet_chat::{
    Background, Block, Control, Conversation, EffectBody, Event, EventBody, EventId, Invocation,
    Level, Origin, Present, Screen, Sender, Span, Timestamp,
};
use lorikeet_dialog::{Context, Dialog, ReadError, Reader, Session, run};
use lorikeet_example_feature::{DUE, ENGLISH, GERMAN, Reminders, Waiting, dialog};
use serde_json::json;

#[test]
fn a_reminder_is_set() {
    plays(include_str!("english.md"), "en", 0);
}

#[test]
fn and_in_german() {
    plays(include_str!("german.md"), "de", 0);
}

#[test]
fn enough_is_enough() {
    plays(include_str!("full.md"), "en", 3);
}

#[test]
fn both_languages_say_the_same_things() {
    let ids = |texts: &str| -> Vec<String> {
        let said = texts.lines().filter(|line| !line.starts_with([' ', '#']));
        let ids = said.filter_map(|line| line.split_once(" ="));
        ids.map(|(id, _)| id.to_owned()).collect()
    };
    assert!(ids(ENGLISH).len() > 10);
    assert_eq!(ids(ENGLISH), ids(GERMAN));
}

/// Plays the lines of a person (`> …`) and compares everything else with what the bot does.
fn plays(script: &str, language: &str, waiting: u32) {
    let mut talk = Talk::new(language, waiting);
    let mut told = String::new();
    for line in script.lines().filter(|line| line.starts_with('>')) {
        writeln!(told, "{line}\n").unwrap();
        talk.does(line.trim_start_matches('>').trim());
        writeln!(told, "{}", talk.heard).unwrap();
    }
    let script = script.split_once("\n\n").map_or("", |(_, talk)| talk);
    assert_eq!(told.trim(), script.trim(), "the conversation went:\n{told}");
}

/// How many reminders wait, as a store would say it.
struct Shelf(u32);

#[async_trait]
impl Reader<Reminders> for Shelf {
    async fn read(&self, _: &Waiting, _: &Context<Reminders>) -> Result<u32, ReadError> {
        Ok(self.0)
    }
}

/// One conversation with the bot.
struct Talk {
    dialog: Dialog<Reminders>,
    session: Session,
    shelf: Shelf,
    language: String,
    screen: Screen,
    turns: u64,
    /// What the last turn did, as text.
    heard: String,
}

impl Talk {
    fn new(language: &str, waiting: u32) -> Self {
        Self {
            dialog: dialog(Reminders { most: 3 }).unwrap(),
            session: Session::default(),
            shelf: Shelf(waiting),
            language: language.to_owned(),
            screen: Screen::new(),
            turns: 0,
            heard: String::new(),
        }
    }

    /// `/command …`, `[a button]`, `(a reminder that is due)`, or anything typed.
    fn does(&mut self, line: &str) {
        let inside = |open, close| Some(line.strip_prefix(open)?.strip_suffix(close)?.to_owned());
        let body = if let Some(command) = line.strip_prefix('/') {
            let (name, rest) = command.split_once(' ').unwrap_or((command, ""));
            EventBody::Command(Invocation::new(name).with(rest))
        } else if let Some(label) = inside('[', ']') {
            let place = labels(&self.screen)
                .iter()
                .position(|known| *known == label);
            let place = place.unwrap_or_else(|| panic!("no [{label}] on the screen"));
            EventBody::Press(self.session.stamp().token(u32::try_from(place).unwrap()))
        } else if let Some(text) = inside('(', ')') {
            EventBody::Background(Background {
                topic: DUE.to_owned(),
                payload: json!(text),
            })
        } else {
            EventBody::Text(line.to_owned())
        };
        self.turn(body);
    }

    fn turn(&mut self, body: EventBody) {
        self.turns += 1;
        let sender = Sender {
            locale: Some(self.language.clone()),
            ..Sender::default()
        };
        let event = Event {
            id: EventId::new(format!("event-{}", self.turns)).unwrap(),
            order: None,
            coalesce: None,
            batch: None,
            origin: match body {
                EventBody::Background(_) => Origin::Internal,
                _ => Origin::Person,
            },
            at: Timestamp::from_millis(0),
            sender: Some(sender.clone()),
            body,
        };
        let context = Context::new(
            Conversation::from_key("web/den//kea").unwrap(),
            event.id.clone(),
            sender,
            event.at,
            self.dialog.catalog().texts(Some(&self.language)),
            Arc::clone(self.dialog.domain()),
        );
        // Between two turns a session is text.
        let session = Session::from_text(&self.session.to_text().unwrap()).unwrap();
        let turn = run(
            &self.dialog,
            &session,
            &event,
            self.turns,
            context,
            &self.shelf,
        );
        let turn = block_on(turn).unwrap();
        assert_eq!(turn.faults, [""; 0]);
        self.session = turn.session;
        self.heard.clear();
        for effect in turn.effects {
            match effect {
                EffectBody::Show(Present { screen, .. }) => {
                    self.heard += &told(&screen);
                    self.screen = screen;
                }
                EffectBody::Work { service, request } => {
                    writeln!(self.heard, "→ {service} {request}").unwrap();
                }
                EffectBody::Answer { text, .. } => writeln!(self.heard, "({text})").unwrap(),
            }
        }
    }
}

fn labels(screen: &Screen) -> Vec<String> {
    let controls = screen.menu.iter().flat_map(|group| &group.controls);
    controls
        .map(|control| match control {
            Control::Button(button) => button.label.clone(),
            other => panic!("this feature has no {other:?}"),
        })
        .collect()
}

/// A screen as a few lines of text.
fn told(screen: &Screen) -> String {
    let mut text = String::new();
    for block in &screen.blocks {
        let line = match block {
            Block::Heading(heading) => format!("**{heading}**"),
            Block::Paragraph(spans) => spans
                .iter()
                .map(|span| match span {
                    Span::Plain(text) | Span::Strong(text) | Span::Code(text) => text.as_str(),
                })
                .collect(),
            Block::Fields(fields) => fields
                .iter()
                .map(|field| format!("{}: {}", field.label, field.value))
                .collect::<Vec<_>>()
                .join("\n"),
            Block::Notice { level, text } => {
                let mark = if *level == Level::Error { "!" } else { "i" };
                format!("{mark} {text}")
            }
            other => panic!("this feature has no {other:?}"),
        };
        writeln!(text, "{line}").unwrap();
    }
    let labels: Vec<String> = labels(screen).iter().map(|l| format!("[{l}]")).collect();
    writeln!(text, "{}", labels.join(" ")).unwrap();
    text
}
