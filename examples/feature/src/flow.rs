//! The flow of a reminder: what, when, everything once more.

use lorikeet_chat::{Action, Block, Control, Field, Group, Level, Prompt, Screen};
use lorikeet_flow::{Change, Defects, Exits, Flow, Message, Rejection, Wish};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{Context, Refused, Wait, Waiting};

pub(crate) const NAME: &str = "remind";
/// The service that keeps reminders; it is sent a [`Request`].
pub const SERVICE: &str = "reminders";

/// Characters of a reminder, at most.
const MAX_CHARS: u32 = 200;
/// A week, in minutes.
const MAX_MINUTES: u32 = 7 * 24 * 60;

// ANCHOR: state
lorikeet_flow::steps! {
    /// Where a reminder is. The names are stored with people's sessions.
    pub(crate) enum Step {
        /// What to be reminded of.
        What = "what",
        /// In how many minutes.
        When = "when",
        /// Everything once more.
        Review = "review",
    }
}

/// What is known of a reminder so far; stored with the session, so both ways of serde.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Reminder {
    text: String,
    minutes: u32,
}

/// What may be typed after `/remind`.
#[derive(Debug, Deserialize)]
pub(crate) struct Arguments {
    text: Option<String>,
}

/// What the service is asked to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// What to say when it is due.
    pub text: String,
    /// When, in milliseconds since the Unix epoch.
    pub at: u64,
}
// ANCHOR_END: state

// ANCHOR: flow
pub(crate) fn flow() -> Result<Flow<Step, Reminder, Context>, Defects> {
    Flow::builder(NAME, 1)
        .start([Step::What, Step::When], begin)
        .step(Step::What, what, |step| {
            step.on_text(valid_text, with_text, Exits::to([Step::When]))
        })
        .step(Step::When, when, |step| {
            step.on_value(valid_minutes, with_minutes, Exits::to([Step::Review]))
                .on_text(typed_minutes, with_minutes, Exits::to([Step::Review]))
        })
        .step(Step::Review, review, |step| {
            step.jumps_to([Step::What, Step::When]).on_value(
                may_have_another,
                remind,
                Exits::finish(),
            )
        })
        .build()
}
// ANCHOR_END: flow

fn begin(arguments: Arguments, context: &Context) -> Result<Change<Step, Reminder>, Refused> {
    match arguments.text {
        None => Ok(Change::to(Step::What, Reminder::default())),
        Some(typed) => {
            let text = valid_text(&Reminder::default(), &typed, context)?;
            Ok(with_text(Reminder::default(), text, context))
        }
    }
}

// ANCHOR: check
/// A check reads what came and may refuse it, with a sentence that says what would be right.
fn valid_text(_: &Reminder, typed: &str, _: &Context) -> Result<String, Refused> {
    let text = typed.trim();
    if text.is_empty() {
        return Err(Rejection::new("remind-empty").into());
    }
    if text.chars().count() > MAX_CHARS as usize {
        let long = Message::new("remind-long").number("max", MAX_CHARS);
        return Err(Rejection::from(long).into());
    }
    Ok(text.to_owned())
}

/// An update makes the next state out of the last one, and says where to go. It cannot fail.
fn with_text(reminder: Reminder, text: String, _: &Context) -> Change<Step, Reminder> {
    Change::to(Step::When, Reminder { text, ..reminder })
}
// ANCHOR_END: check

fn valid_minutes(_: &Reminder, minutes: u32, _: &Context) -> Result<u32, Refused> {
    if (1..=MAX_MINUTES).contains(&minutes) {
        Ok(minutes)
    } else {
        let range = Message::new("remind-range").number("max", MAX_MINUTES);
        Err(Rejection::from(range).into())
    }
}

fn typed_minutes(reminder: &Reminder, typed: &str, context: &Context) -> Result<u32, Refused> {
    // 0 lies out of range, and so does what is no number: one sentence for both.
    valid_minutes(reminder, typed.trim().parse().unwrap_or(0), context)
}

fn with_minutes(reminder: Reminder, minutes: u32, _: &Context) -> Change<Step, Reminder> {
    Change::to(
        Step::Review,
        Reminder {
            minutes,
            ..reminder
        },
    )
}

// ANCHOR: finish
/// Looks up how many there are. What has not been read yet ends the turn; the runtime reads it and runs it again.
fn may_have_another(_: &Reminder, _: bool, context: &Context) -> Result<(), Refused> {
    let (waiting, most) = (*context.read(Waiting)?, context.domain.most);
    if waiting < most {
        Ok(())
    } else {
        let full = Message::new("remind-full").number("most", most);
        Err(Rejection::from(full).into())
    }
}

/// A flow touches nothing. It wishes, and the wish is carried out once the turn is stored.
fn remind(reminder: Reminder, (): (), context: &Context) -> Change<Step, Reminder> {
    let request = Request {
        text: reminder.text.clone(),
        at: context.now.millis() + u64::from(reminder.minutes) * 60_000,
    };
    let set = Message::new("remind-set").number("minutes", reminder.minutes);
    Change::finish(json!(null), reminder)
        .wish(Wish::new(SERVICE, json!(request)))
        .say(Level::Success, set)
}
// ANCHOR_END: finish

// ANCHOR: view
/// A view makes a screen out of the state. Every word comes from the texts of the person's language.
fn when(reminder: &Reminder, context: &Context) -> Result<Screen, Wait> {
    let choices = [10, 60, 24 * 60].map(|minutes| {
        let label = Message::new("remind-minutes").number("minutes", minutes);
        Control::button(
            context.texts.format(&label),
            Action::Input(json!(minutes as u32)),
        )
    });
    Ok(Screen::new()
        .heading(context.texts.say("remind-when"))
        .text(&reminder.text)
        .group(Group::row(choices))
        .prompt(Prompt::Number {
            hint: context.texts.say("remind-when-hint"),
            min: 1.0,
            max: f64::from(MAX_MINUTES),
        }))
}
// ANCHOR_END: view

fn what(reminder: &Reminder, context: &Context) -> Result<Screen, Wait> {
    Ok(Screen::new()
        .heading(context.texts.say("remind-what"))
        .prompt(Prompt::Text {
            hint: context.texts.say("remind-what-hint"),
            value: reminder.text.clone(),
            max_chars: MAX_CHARS,
            multiline: false,
        }))
}

fn review(reminder: &Reminder, context: &Context) -> Result<Screen, Wait> {
    let texts = &context.texts;
    let minutes = Message::new("remind-minutes").number("minutes", reminder.minutes);
    let waiting = Message::new("remind-waiting").number("waiting", *context.read(Waiting)?);
    Ok(Screen::new()
        .heading(texts.say("remind-review"))
        .block(Block::Fields(vec![
            Field::new(texts.say("remind-field-what"), &reminder.text),
            Field::new(texts.say("remind-field-when"), texts.format(&minutes)),
        ]))
        .text(texts.format(&waiting))
        .group(Group::row([Control::primary(
            texts.say("remind-confirm"),
            Action::Input(json!(true)),
        )]))
        .group(Group::row([Control::button(
            texts.say("remind-change"),
            Action::Jump("what".to_owned()),
        )])))
}
