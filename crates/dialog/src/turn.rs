//! One event, one session: what comes of it.

use lorikeet_chat::{EffectBody, Event, EventBody, Origin, Page, Surface};
use lorikeet_flow::{Input, Media, Message, Notice, Stored};

use crate::play::{Heard, Play, Wait, empty};
use crate::{Context, Dialog, Domain, Session};

/// What a turn wants committed.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// The session from now on.
    pub session: Session,
    /// What is to be done, in order: work first, then the screen.
    pub effects: Vec<EffectBody>,
    /// Mistakes in definitions that showed; for the log.
    pub faults: Vec<String>,
}

impl<D: Domain> Dialog<D> {
    /// Runs one event against one session. `generation` is that of the turn's lease; the tokens of the screens
    /// it makes depend on it.
    ///
    /// # Errors
    /// When something has to be read first; run the same turn again with the answer in the context.
    pub fn turn(
        &self,
        mut session: Session,
        event: &Event,
        generation: u64,
        context: &Context<D>,
    ) -> Result<Turn, Wait<D>> {
        if let Some(sender) = &event.sender {
            if sender.locale.is_some() {
                session.locale.clone_from(&sender.locale);
            }
            session.sign.clone_from(&sender.sign);
        }
        let more_of_the_same = event.batch.is_some() && event.batch == session.batch;
        if event.origin == Origin::Person {
            session.batch.clone_from(&event.batch);
        }
        let mut play = Play::new(self, context, session.stack.clone());
        play.has_chosen = session.has_chosen_language();
        if let Some(locale) = session.locale() {
            play.speak(locale);
        }
        play.write(session.sign());
        let fresh = session.stack.is_empty();
        if fresh {
            play.open(self.home, &empty())?;
            if session.replaces {
                play.refuse(Message::new("dialog-restarted"));
            }
        }
        let surface = match &event.body {
            EventBody::Command(invocation) => {
                play.command(invocation)?;
                Surface::Fresh
            }
            EventBody::Press(token) => match session.action(*token).cloned() {
                Some(action) => {
                    match play.submitted(&session, *token)? {
                        Some(fields) => play.input(&Input::Form(fields))?,
                        None => play.act(&action)?,
                    }
                    Surface::Edit
                }
                None => return play.stale(session, Some(*token), generation),
            },
            EventBody::Page(token) if token.stamp == session.stamp => {
                if let Page::File(_) = token.page {
                    play.file = Some(token.page);
                } else {
                    session.page = token.page;
                }
                return play.show(session, Surface::Edit, true, generation);
            }
            EventBody::Page(_) => return play.stale(session, None, generation),
            EventBody::Form { token, fields } => match session.action(*token) {
                Some(_) => {
                    play.input(&Input::Form(fields.clone()))?;
                    Surface::Edit
                }
                None => return play.stale(session, Some(*token), generation),
            },
            EventBody::Filled { page, values } if page.stamp == session.stamp => {
                match play.filled(&mut session, values)? {
                    Some(input) => play.input(&input)?,
                    None => return play.show(session, Surface::Edit, true, generation),
                }
                Surface::Edit
            }
            EventBody::Filled { .. } => return play.stale(session, None, generation),
            // The first words of a newcomer are a greeting, not an answer: show where they are.
            EventBody::Text(_) if fresh => Surface::Fresh,
            EventBody::Text(text) if play.typed(&mut session, text)? => {
                return play.show(session, Surface::Fresh, true, generation);
            }
            EventBody::Text(text) => {
                play.input(&Input::Text(text.clone()))?;
                Surface::Fresh
            }
            EventBody::Media { items, text, place } => {
                play.input(&Input::Media(Media {
                    items: items.clone(),
                    text: text.clone(),
                    place: place.clone(),
                }))?;
                if more_of_the_same {
                    Surface::Edit
                } else {
                    Surface::Fresh
                }
            }
            EventBody::Background(background) => match play.background(background)? {
                Heard::OnScreen => Surface::Refresh,
                Heard::Told => Surface::Fresh,
                // Nothing is on a newcomer's screen yet, and their first words are still to come.
                Heard::Elsewhere if fresh => return Ok(play.silent(session, Vec::new())),
                Heard::Elsewhere => {
                    let stack = std::mem::take(&mut play.stack);
                    return Ok(play.silent(session, stack));
                }
            },
            EventBody::Redraw => Surface::Edit,
        };
        let keeps_stamp = event.origin == Origin::Internal;
        play.show(session, surface, keeps_stamp, generation)
    }

    /// The screen of a stack of flows with sentences beside it, as a turn would show it: for galleries.
    ///
    /// # Errors
    /// As [`Dialog::turn`].
    pub fn sample(
        &self,
        stack: Vec<Stored>,
        said: Vec<Notice>,
        generation: u64,
        context: &Context<D>,
    ) -> Result<Turn, Wait<D>> {
        let mut play = Play::new(self, context, stack);
        play.notices = said;
        play.show(Session::default(), Surface::Fresh, false, generation)
    }

    /// What to say when a turn cannot be run: one sentence; the screen stays as it is.
    pub fn apology(&self, locale: Option<&str>) -> EffectBody {
        EffectBody::Answer {
            token: None,
            text: self.catalog.texts(locale).say("dialog-apology"),
        }
    }
}
