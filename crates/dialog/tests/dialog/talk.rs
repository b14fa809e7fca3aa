//! One conversation with the bot under test.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context as TaskContext, Poll, Waker};

use async_trait::async_trait;
use lorikeet_chat::{
    Action, Background, Block, Control, Conversation, EffectBody, Event, EventBody, EventId,
    Invocation, Level, Origin, Page, PageToken, Present, Prompt, Screen, Sender, Timestamp, Token,
};
use lorikeet_dialog::{Context, Dialog, ReadError, Reader, RunError, Session, Turn, Unread, run};
use serde_json::{Value, json};

use crate::seats::{Ctx, Seats, dialog};

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
    /// What the next event belongs to.
    pub(crate) batch: Option<&'static str>,
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
            batch: None,
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
            batch: self.batch.map(str::to_owned),
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

    /// Turns to a page of the screen.
    pub(crate) fn looks(&mut self, page: Page) -> &mut Self {
        let stamp = self.session.stamp();
        self.turn(Origin::Person, EventBody::Page(PageToken { stamp, page }))
    }

    /// What stands in the fields of the form.
    pub(crate) fn fields(&self) -> Vec<(String, String)> {
        match &self.screen().prompt {
            Some(Prompt::Form { fields, .. }) => fields
                .iter()
                .map(|field| (field.name.clone(), field.value.clone()))
                .collect(),
            other => panic!("{other:?}"),
        }
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
