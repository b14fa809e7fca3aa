//! The bot under test: a home screen, a booking that calls a menu and gives its table back when it is left, a note on
//! top, and a page that reads without end.

use std::sync::Arc;

use lorikeet_chat::{Action, Background, Control, FormField, Group, Level, Prompt, Screen};
use lorikeet_dialog::texts;
use lorikeet_dialog::{
    Argument, ArgumentKind, Catalog, Command, Context, Dialog, DialogBuilder, Domain, Opens, Told,
    Who,
};
use lorikeet_flow::{Change, Exits, Flow, Message, Notice, Rejection, Wish};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What may be asked: the price of so many seats.
#[derive(Clone, Debug)]
pub(crate) struct Seats;

impl Domain for Seats {
    type Query = u32;
    type Answer = u32;
}

pub(crate) type Ctx = Context<Seats>;

const TEXTS: &str = "
home = What would you like?
bad-name = That is no name.
no-seats = There is no such number of seats.
ready = The table of { $name } is ready.
more = Somebody has joined.
";

const GERMAN: &str = "home = Was darf es sein?";

lorikeet_flow::steps! {
    pub(crate) enum One {
        Page = "page",
    }
}

lorikeet_flow::steps! {
    pub(crate) enum Step {
        Name = "name",
        Count = "count",
        Review = "review",
        Waiting = "waiting",
    }
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Booking {
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) count: u32,
    #[serde(default)]
    pub(crate) dish: String,
}

fn page(text: &str) -> Screen {
    Screen::new().heading(text)
}

fn button(label: &str, value: Value) -> Control {
    Control::button(label, Action::Input(value))
}

fn home() -> Flow<One, (), Ctx> {
    Flow::builder("home", 1)
        .start([One::Page], |_: Value, _: &Ctx| {
            Ok(Change::to(One::Page, ()))
        })
        .step(
            One::Page,
            |(), ctx: &Ctx| Ok(page(&ctx.texts.say("home"))),
            lorikeet_flow::StepBuilder::resting,
        )
        .build()
        .unwrap()
}

fn note() -> Flow<One, (), Ctx> {
    Flow::builder("note", 1)
        .start([One::Page], |_: Value, _: &Ctx| {
            Ok(Change::to(One::Page, ()))
        })
        .step(
            One::Page,
            |(), _: &Ctx| Ok(page("A note")),
            lorikeet_flow::StepBuilder::resting,
        )
        .build()
        .unwrap()
}

/// What reads one price after the other and never has enough.
fn endless() -> Flow<One, (), Ctx> {
    Flow::builder("endless", 1)
        .start([One::Page], |_: Value, _: &Ctx| {
            Ok(Change::to(One::Page, ()))
        })
        .step(
            One::Page,
            |(), ctx: &Ctx| {
                for seats in 0.. {
                    ctx.read(seats)?;
                }
                Ok(page("never"))
            },
            lorikeet_flow::StepBuilder::resting,
        )
        .build()
        .unwrap()
}

/// A dish, chosen on top of a booking.
fn dishes() -> Flow<One, (), Ctx> {
    Flow::builder("dishes", 1)
        .start([One::Page], |_: Value, _: &Ctx| {
            Ok(Change::to(One::Page, ()))
        })
        .step(
            One::Page,
            |(), _: &Ctx| Ok(page("Dishes").group(Group::row([button("Soup", json!("soup"))]))),
            |step| {
                step.on_value(
                    |(), dish: String, _| Ok(dish),
                    |(), dish, _| Change::finish(dish, ()),
                    Exits::finish(),
                )
            },
        )
        .build()
        .unwrap()
}

pub(crate) fn booking(version: u32) -> Flow<Step, Booking, Ctx> {
    let builder = Flow::builder("booking", version)
        .start([Step::Name], |args: Booking, _: &Ctx| {
            if args.name == "bad" {
                return Err(Rejection::new("bad-name").into());
            }
            Ok(Change::to(Step::Name, args).wish(Wish::new("tables", json!("take"))))
        })
        .step(
            Step::Name,
            |booking: &Booking, _: &Ctx| {
                Ok(page("Whose table?")
                    .text(booking.name.clone())
                    .prompt(Prompt::Text {
                        hint: "A name".into(),
                        value: String::new(),
                        max_chars: 20,
                        multiline: false,
                    }))
            },
            |step| {
                step.on_text(
                    |_, typed, _| match typed {
                        "bad" => Err(Rejection::new("bad-name").into()),
                        name => Ok(name.to_owned()),
                    },
                    |booking, name, _| Change::to(Step::Count, Booking { name, ..booking }),
                    Exits::to([Step::Count]),
                )
            },
        )
        .step(
            Step::Count,
            |booking: &Booking, _: &Ctx| {
                let counts = (1..=3).map(|n| button(&n.to_string(), json!(n)));
                Ok(page("How many?")
                    .text(booking.dish.clone())
                    .group(Group::row(counts))
                    .prompt(form()))
            },
            |step| {
                step.skip_to(Step::Review)
                    .jumps_to([Step::Name])
                    .on_value(
                        |_, count: u32, _| Ok(count),
                        |booking, count, _| Change::to(Step::Review, Booking { count, ..booking }),
                        Exits::to([Step::Review]),
                    )
                    .on_form(
                        |_, fields, _| {
                            let count = fields.get("count").and_then(|typed| typed.parse().ok());
                            count.ok_or_else(|| Rejection::new("no-seats").into())
                        },
                        |booking, count: u32, _| {
                            Change::to(Step::Review, Booking { count, ..booking })
                        },
                        Exits::to([Step::Review]),
                    )
            },
        )
        .step(
            Step::Review,
            |booking: &Booking, ctx: &Ctx| {
                let price = ctx.read(booking.count)?;
                let calls = [
                    button("Choose a dish", json!("dishes")),
                    button("Book", json!("book")),
                ];
                Ok(
                    page(&format!("{} for {}: {price}", booking.count, booking.name))
                        .text(booking.dish.clone())
                        .group(Group::row(calls)),
                )
            },
            |step| {
                step.on_value(
                    |_, wanted: String, _| Ok(wanted),
                    |booking, wanted, _| match wanted.as_str() {
                        "dishes" => Change::call("dishes", json!({}), booking),
                        _ => Change::to(Step::Waiting, booking)
                            .wish(Wish::new("tables", json!("book"))),
                    },
                    Exits::to([Step::Waiting]).or_call("dishes"),
                )
                .on_return(
                    "dishes",
                    |_, dish: String, _| Ok(dish),
                    |booking, dish, _| Change::stay(Booking { dish, ..booking }),
                    Exits::stay(),
                )
            },
        )
        .step(
            Step::Waiting,
            |_, _: &Ctx| Ok(page("One moment")),
            |step| {
                step.one_way().on_background(
                    "booked",
                    |_, booked: bool, _| Ok(booked),
                    |booking, _, _| {
                        let ready = Message::new("ready").text("name", booking.name.clone());
                        Change::finish(json!(null), booking).say(Level::Success, ready)
                    },
                    Exits::finish(),
                )
            },
        )
        .on_background(
            "joined",
            |_, count: u32, _| Ok(count),
            |booking, count, _| match count {
                0 => Change::stay(booking).say(Level::Info, Message::new("more")),
                count => Change::stay(Booking { count, ..booking }),
            },
        )
        .on_cancel(|_| vec![Wish::new("tables", json!("give back"))]);
    let mut builder = builder;
    for from in 1..version {
        builder = builder.migrate(from, |_, _| None);
    }
    builder.build().unwrap()
}

fn form() -> Prompt {
    Prompt::Form {
        title: "How many?".into(),
        fields: vec![field("count", "Seats"), field("wine", "Wine")],
        submit: "So many".into(),
        action: Action::Input(Value::Null),
    }
}

fn field(name: &str, label: &str) -> FormField {
    FormField {
        name: name.into(),
        label: label.into(),
        hint: String::new(),
        value: String::new(),
        max_chars: 20,
        multiline: false,
        problem: String::new(),
    }
}

pub(crate) fn command(name: &'static str, opens: Opens) -> Command {
    Command {
        name,
        aliases: &[],
        summary: "home",
        argument: None,
        pictures: None,
        who: Who::Everyone,
        opens,
    }
}

fn tell(background: &Background, _: &Ctx) -> Told {
    match background.topic.as_str() {
        "news" => Told {
            notice: Some(Notice {
                level: Level::Info,
                message: Message::new("more"),
            }),
            wishes: Vec::new(),
            ..Told::default()
        },
        "stray" => Told {
            notice: None,
            wishes: vec![Wish::new("tables", json!("sweep"))],
            ..Told::default()
        },
        _ => Told::default(),
    }
}

pub(crate) fn catalog() -> Arc<Catalog> {
    let files = [
        ("en", texts::ENGLISH),
        ("en", TEXTS),
        ("de", texts::GERMAN),
        ("de", GERMAN),
    ];
    Arc::new(Catalog::new(files).unwrap())
}

pub(crate) fn builder() -> DialogBuilder<Seats> {
    Dialog::builder(catalog(), Arc::new(Seats), "home")
}

pub(crate) fn dialog(version: u32) -> Dialog<Seats> {
    let named = |name, kind, required| {
        Some(Argument {
            name,
            summary: "command-argument",
            kind,
            required,
        })
    };
    builder()
        .flow(home())
        .and_then(|builder| builder.flow(note()))
        .and_then(|builder| builder.flow(endless()))
        .and_then(|builder| builder.flow(dishes()))
        .and_then(|builder| builder.flow(booking(version)))
        .unwrap()
        .tell(tell)
        .command(command("start", Opens::Flow("home")))
        .command(Command {
            aliases: &["table", "reserve"],
            argument: named("name", ArgumentKind::Text, false),
            ..command("book", Opens::Flow("booking"))
        })
        .command(Command {
            argument: named("count", ArgumentKind::Number, true),
            ..command("seats", Opens::Flow("booking"))
        })
        .command(command("note", Opens::Over("note")))
        .command(Command {
            argument: named("language", ArgumentKind::Text, false),
            ..command("language", Opens::Language("note"))
        })
        .command(command("endless", Opens::Flow("endless")))
        .command(command("menu", Opens::Home))
        .command(command("cancel", Opens::Cancel))
        .command(Command {
            pictures: None,
            who: Who::Operators,
            ..command("close", Opens::Flow("home"))
        })
        .build()
        .unwrap()
}
