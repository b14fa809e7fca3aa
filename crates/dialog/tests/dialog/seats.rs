//! The bot under test: a home screen, a booking that calls a menu and gives its table back when it is left, a note on
//! top, and a page that reads without end.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context as TaskContext, Poll, Waker};

use async_trait::async_trait;
use lorikeet_chat::{
    Action, Background, Block, Control, Conversation, EffectBody, Event, EventBody, EventId, Group,
    Invocation, Level, Origin, Present, Prompt, Screen, Sender, Timestamp, Token,
};
use lorikeet_dialog::{
    Argument, ArgumentKind, Catalog, Command, Context, Dialog, DialogBuilder, Domain, Opens,
    ReadError, Reader, RunError, Session, Told, Turn, Unread, Who, run, texts,
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
        fields: Vec::new(),
        submit: "So many".into(),
        action: Action::Input(Value::Null),
    }
}

pub(crate) fn command(name: &'static str, opens: Opens) -> Command {
    Command {
        name,
        aliases: &[],
        summary: "home",
        argument: None,
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
        },
        "stray" => Told {
            notice: None,
            wishes: vec![Wish::new("tables", json!("sweep"))],
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
        .command(command("cancel", Opens::Cancel))
        .command(Command {
            who: Who::Operators,
            ..command("close", Opens::Flow("home"))
        })
        .build()
        .unwrap()
}

/// Prices: ten a seat. Keeps what it was asked.
#[derive(Default)]
pub(crate) struct Prices {
    pub(crate) asked: Mutex<Vec<u32>>,
    pub(crate) unreachable: bool,
}

#[async_trait]
impl Reader<Seats> for Prices {
    async fn read(&self, query: &u32, _: &Ctx) -> Result<u32, ReadError> {
        self.asked.lock().unwrap().push(*query);
        if self.unreachable {
            let message = "the price list is away".to_owned();
            return Err(ReadError {
                retryable: true,
                message,
            });
        }
        Ok(query * 10)
    }
}

/// Nothing here waits: one look is enough.
pub(crate) fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut TaskContext::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("something waits"),
    }
}

/// One conversation with the bot.
pub(crate) struct Talk {
    pub(crate) dialog: Dialog<Seats>,
    pub(crate) session: Session,
    pub(crate) prices: Prices,
    pub(crate) operator: bool,
    /// The last screen.
    pub(crate) shown: Option<Present>,
    /// Whether the last turn showed one.
    pub(crate) showed: bool,
    /// Everything else the last turn wanted.
    pub(crate) effects: Vec<EffectBody>,
    pub(crate) faults: Vec<String>,
    pub(crate) turns: u64,
}

impl Talk {
    pub(crate) fn new() -> Self {
        Self {
            dialog: dialog(1),
            session: Session::default(),
            prices: Prices::default(),
            operator: false,
            shown: None,
            showed: false,
            effects: Vec::new(),
            faults: Vec::new(),
            turns: 0,
        }
    }

    /// A conversation at the review of a booking for two.
    pub(crate) fn at_review() -> Self {
        let mut talk = Self::new();
        talk.types("book").says("Kea").presses("2");
        assert_eq!(talk.heading(), "2 for Kea: 20");
        talk
    }

    pub(crate) fn event(&self, origin: Origin, body: EventBody) -> Event {
        Event {
            id: EventId::new(format!("event-{}", self.turns)).unwrap(),
            order: None,
            coalesce: None,
            origin,
            at: Timestamp::from_millis(self.turns),
            sender: None,
            body,
        }
    }

    pub(crate) fn context(&self, event: &Event) -> Ctx {
        let conversation = Conversation::from_key("web/den//kea").unwrap();
        let texts = self.dialog.catalog().texts(None);
        let domain = Arc::clone(self.dialog.domain());
        let sender = Sender::default();
        let mut context = Context::new(
            conversation,
            event.id.clone(),
            sender,
            event.at,
            texts,
            domain,
        );
        context.operator = self.operator;
        context
    }

    pub(crate) fn try_turn(&mut self, origin: Origin, body: EventBody) -> Result<Turn, RunError> {
        self.turns += 1;
        let event = self.event(origin, body);
        let context = self.context(&event);
        // Between two turns a session is text.
        let session = Session::from_text(&self.session.to_text().unwrap()).unwrap();
        ready(run(
            &self.dialog,
            &session,
            &event,
            self.turns,
            context,
            &self.prices,
        ))
    }

    pub(crate) fn turn(&mut self, origin: Origin, body: EventBody) -> &mut Self {
        let turn = self.try_turn(origin, body).unwrap();
        self.session = turn.session;
        self.faults = turn.faults;
        self.effects = Vec::new();
        self.showed = false;
        for effect in turn.effects {
            match effect {
                EffectBody::Show(present) => {
                    assert_eq!(present.stamp, self.session.stamp());
                    let shown: Vec<Action> =
                        present.screen.actions().into_iter().cloned().collect();
                    assert_eq!(json!(shown), json!(self.session)["actions"]);
                    self.shown = Some(present);
                    self.showed = true;
                }
                other => self.effects.push(other),
            }
        }
        self
    }

    pub(crate) fn says(&mut self, text: &str) -> &mut Self {
        self.turn(Origin::Person, EventBody::Text(text.into()))
    }

    pub(crate) fn types(&mut self, line: &str) -> &mut Self {
        let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
        self.turn(
            Origin::Person,
            EventBody::Command(Invocation::new(name).with(rest)),
        )
    }

    pub(crate) fn presses(&mut self, label: &str) -> &mut Self {
        let token = self.token(label);
        self.press(token)
    }

    pub(crate) fn press(&mut self, token: Token) -> &mut Self {
        self.turn(Origin::Person, EventBody::Press(token))
    }

    pub(crate) fn fills(&mut self, token: Token, count: &str) -> &mut Self {
        let fields = [("count".to_owned(), count.to_owned())].into();
        self.turn(Origin::Person, EventBody::Form { token, fields })
    }

    pub(crate) fn told(&mut self, topic: &str, payload: Value) -> &mut Self {
        let topic = topic.to_owned();
        self.turn(
            Origin::Internal,
            EventBody::Background(Background { topic, payload }),
        )
    }

    pub(crate) fn screen(&self) -> &Screen {
        &self.shown.as_ref().unwrap().screen
    }

    /// The title, or nothing.
    pub(crate) fn heading(&self) -> String {
        let headings = self.screen().blocks.iter().filter_map(|block| match block {
            Block::Heading(text) => Some(text.clone()),
            _ => None,
        });
        headings.collect()
    }

    /// What is said beside the screen.
    pub(crate) fn notices(&self) -> Vec<(Level, String)> {
        let notices = self.screen().blocks.iter().filter_map(|block| match block {
            Block::Notice { level, text } => Some((*level, text.clone())),
            _ => None,
        });
        notices.collect()
    }

    pub(crate) fn labels(&self) -> Vec<String> {
        let controls = self.screen().menu.iter().flat_map(|group| &group.controls);
        controls
            .map(|control| match control {
                Control::Button(button) => button.label.clone(),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    pub(crate) fn token(&self, label: &str) -> Token {
        let place = self.labels().iter().position(|known| known == label);
        let place = place.unwrap_or_else(|| panic!("no [{label}] among {:?}", self.labels()));
        self.session.stamp().token(u32::try_from(place).unwrap())
    }

    /// The names of the flows, the one on the screen last.
    pub(crate) fn flows(&self) -> Vec<&str> {
        self.session
            .stack()
            .iter()
            .map(|stored| stored.flow.as_str())
            .collect()
    }

    /// What the last turn asked services for.
    pub(crate) fn work(&self) -> Vec<(String, Value)> {
        let work = self.effects.iter().filter_map(|effect| match effect {
            EffectBody::Work { service, request } => Some((service.clone(), request.clone())),
            _ => None,
        });
        work.collect()
    }

    /// What the last turn answered to a press.
    pub(crate) fn answers(&self) -> Vec<String> {
        let answers = self.effects.iter().filter_map(|effect| match effect {
            EffectBody::Answer { text, .. } => Some(text.clone()),
            _ => None,
        });
        answers.collect()
    }
}

/// A query not answered yet, as a turn reports it.
pub(crate) fn unread(seats: u32) -> Unread<u32> {
    Unread(seats)
}
