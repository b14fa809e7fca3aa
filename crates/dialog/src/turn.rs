//! One event, one session: what comes of it.

use lorikeet_chat::{
    Action, Background, Block, Control, EffectBody, Event, EventBody, Group, Invocation, Layout,
    Level, Origin, Present, Screen, SessionTag, Stamp, Surface, Token,
};
use lorikeet_flow::{
    Advance, Halt, Input, Media, Message, Navigation, Notice, Returned, Stored, Then,
};
use serde_json::{Map, Value};

use crate::{Context, Dialog, Domain, Opens, Session, Unread, Who};

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

type Wait<D> = Unread<<D as Domain>::Query>;

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
        if let Some(locale) = event
            .sender
            .as_ref()
            .and_then(|sender| sender.locale.clone())
        {
            session.locale = Some(locale);
        }
        let mut play = Play::new(self, context, session.stack.clone());
        let fresh = session.stack.is_empty();
        if fresh {
            play.open(self.home, &empty())?;
        }
        let surface = match &event.body {
            EventBody::Command(invocation) => {
                play.command(invocation)?;
                Surface::Fresh
            }
            EventBody::Press(token) => match session.action(*token).cloned() {
                Some(action) => {
                    play.act(&action)?;
                    Surface::Edit
                }
                None => return play.stale(session, Some(*token), generation),
            },
            EventBody::Form { token, fields } => match session.action(*token) {
                Some(_) => {
                    play.input(&Input::Form(fields.clone()))?;
                    Surface::Edit
                }
                None => return play.stale(session, Some(*token), generation),
            },
            // The first words of a newcomer are a greeting, not an answer: show where they are.
            EventBody::Text(_) if fresh => Surface::Fresh,
            EventBody::Text(text) => {
                play.input(&Input::Text(text.clone()))?;
                Surface::Fresh
            }
            EventBody::Media { items, text } => {
                play.input(&Input::Media(Media {
                    items: items.clone(),
                    text: text.clone(),
                }))?;
                Surface::Fresh
            }
            EventBody::Background(background) => match play.background(background)? {
                Heard::OnScreen => Surface::Edit,
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

    /// What to say when a turn cannot be run: one sentence; the screen stays as it is.
    pub fn apology(&self, locale: Option<&str>) -> EffectBody {
        EffectBody::Answer {
            token: None,
            text: self.catalog.texts(locale).say("dialog-apology"),
        }
    }
}

/// Who heard a background result.
enum Heard {
    /// The flow on the screen.
    OnScreen,
    /// Nobody waits for it, but there is something to say.
    Told,
    /// A flow further down, or nobody: the screen does not change.
    Elsewhere,
}

/// A turn under way.
struct Play<'a, D: Domain> {
    dialog: &'a Dialog<D>,
    context: &'a Context<D>,
    stack: Vec<Stored>,
    work: Vec<EffectBody>,
    notices: Vec<Notice>,
    faults: Vec<String>,
}

impl<'a, D: Domain> Play<'a, D> {
    const fn new(dialog: &'a Dialog<D>, context: &'a Context<D>, stack: Vec<Stored>) -> Self {
        Self {
            dialog,
            context,
            stack,
            work: Vec::new(),
            notices: Vec::new(),
            faults: Vec::new(),
        }
    }

    fn command(&mut self, invocation: &Invocation) -> Result<(), Wait<D>> {
        let Some(command) = self.dialog.command(&invocation.name) else {
            self.refuse(
                Message::new("dialog-unknown-command").text("typed", invocation.name.clone()),
            );
            return Ok(());
        };
        if command.who == Who::Operators && !self.context.operator {
            self.refuse(Message::new("dialog-not-allowed").text("command", command.name));
            return Ok(());
        }
        let arguments = match command.arguments(&invocation.arguments) {
            Ok(arguments) => arguments,
            Err(message) => {
                self.refuse(message);
                return Ok(());
            }
        };
        match command.opens {
            // Started before anything is left: a flow that refuses its argument leaves everything as it was.
            Opens::Flow(flow) => {
                let Some(started) = self.start(flow, &arguments)? else {
                    return Ok(());
                };
                self.leave_all()?;
                self.enter(started)
            }
            Opens::Over(flow) => {
                let Some(started) = self.start(flow, &arguments)? else {
                    return Ok(());
                };
                self.stack.retain(|stored| stored.flow != flow);
                self.enter(started)
            }
            Opens::Cancel if self.at_home() => {
                self.say(Level::Info, Message::new("dialog-nothing-to-cancel"));
                Ok(())
            }
            Opens::Cancel => {
                self.navigate(&Navigation::Cancel)?;
                self.say(Level::Info, Message::new("dialog-cancelled"));
                Ok(())
            }
        }
    }

    fn act(&mut self, action: &Action) -> Result<(), Wait<D>> {
        match action {
            Action::Input(value) => self.input(&Input::Value(value.clone())),
            Action::Command(invocation) => self.command(invocation),
            Action::Back => self.navigate(&Navigation::Back),
            Action::Skip => self.navigate(&Navigation::Skip),
            Action::Jump(step) => self.navigate(&Navigation::Jump(step.clone())),
            Action::Cancel => self.navigate(&Navigation::Cancel),
        }
    }

    fn input(&mut self, input: &Input) -> Result<(), Wait<D>> {
        let Some(top) = self.stack.last().cloned() else {
            return Ok(());
        };
        let outcome = match self.dialog.flows.get(top.flow.as_str()) {
            Some(flow) => flow.advance(&top, input, self.context),
            None => return self.drop_top(),
        };
        self.outcome(outcome)
    }

    fn navigate(&mut self, navigation: &Navigation) -> Result<(), Wait<D>> {
        let Some(top) = self.stack.last().cloned() else {
            return Ok(());
        };
        let Some(flow) = self.dialog.flows.get(top.flow.as_str()) else {
            return self.drop_top();
        };
        // Back at the first step of a flow on top of another is back to that other.
        let leaves = *navigation == Navigation::Back
            && self.stack.len() > 1
            && flow.ways(&top).is_ok_and(|ways| !ways.back);
        let navigation = if leaves {
            &Navigation::Cancel
        } else {
            navigation
        };
        self.outcome(flow.navigate(&top, navigation))
    }

    fn background(&mut self, background: &Background) -> Result<Heard, Wait<D>> {
        let input = Input::Background(background.clone());
        for place in (0..self.stack.len()).rev() {
            let stored = self.stack[place].clone();
            let Some(flow) = self.dialog.flows.get(stored.flow.as_str()) else {
                continue;
            };
            let on_screen = place + 1 == self.stack.len();
            match flow.advance(&stored, &input, self.context) {
                Ok(advance) if advance.then == Then::Ignored => {}
                Ok(advance) if on_screen => {
                    self.advance(advance)?;
                    return Ok(Heard::OnScreen);
                }
                // A flow further down takes note; what it says shows when it is on the screen again, unless it speaks up.
                Ok(advance) => {
                    let said = self.notices.len();
                    self.advance_below(place, advance)?;
                    return Ok(if self.notices.len() > said {
                        Heard::OnScreen
                    } else {
                        Heard::Elsewhere
                    });
                }
                Err(Halt::Wait(wait)) => return Err(wait),
                Err(Halt::Rejected(rejection)) if on_screen => {
                    self.refuse(rejection.message);
                    return Ok(Heard::OnScreen);
                }
                Err(Halt::Rejected(_)) => return Ok(Heard::Elsewhere),
                Err(Halt::Restart(restart)) => self.faults.push(restart.to_string()),
                Err(Halt::Fault(fault)) => self.faults.push(fault.to_string()),
            }
        }
        let Some(tell) = self.dialog.tell else {
            return Ok(Heard::Elsewhere);
        };
        let told = tell(background, self.context);
        self.wish(told.wishes);
        Ok(match told.notice {
            Some(notice) => {
                self.notices.push(notice);
                Heard::Told
            }
            None => Heard::Elsewhere,
        })
    }

    /// What a background result does to a flow that is not on the screen. One that ends is taken out, and the flow under
    /// it gets the result; that one stays where it is.
    fn advance_below(&mut self, place: usize, advance: Advance) -> Result<(), Wait<D>> {
        self.wish(advance.wishes);
        self.notices.extend(advance.notices);
        let Then::Finished(result) = advance.then else {
            self.stack[place] = advance.instance;
            return Ok(());
        };
        let ended = self.stack.remove(place);
        let Some(under) = place.checked_sub(1) else {
            return Ok(());
        };
        let stored = self.stack[under].clone();
        let Some(flow) = self.dialog.flows.get(stored.flow.as_str()) else {
            return Ok(());
        };
        let returned = Input::Returned(Returned {
            flow: ended.flow,
            result,
        });
        match flow.advance(&stored, &returned, self.context) {
            Ok(advance) => self.advance_below(under, advance),
            Err(Halt::Wait(wait)) => Err(wait),
            // An instance that cannot go on says so when it is on the screen.
            Err(Halt::Rejected(_) | Halt::Restart(_)) => Ok(()),
            Err(Halt::Fault(fault)) => {
                self.faults.push(fault.to_string());
                Ok(())
            }
        }
    }

    fn open(&mut self, name: &str, arguments: &Value) -> Result<(), Wait<D>> {
        match self.start(name, arguments)? {
            Some(started) => self.enter(started),
            None => Ok(()),
        }
    }

    /// A new instance of a flow, not on the stack yet; `None` when it refuses, which is said.
    fn start(&mut self, name: &str, arguments: &Value) -> Result<Option<Advance>, Wait<D>> {
        let fault = match self.dialog.flows.get(name) {
            None => format!("there is no flow `{name}`"),
            Some(flow) => match flow.start(arguments, self.context) {
                Ok(advance) => return Ok(Some(advance)),
                Err(Halt::Wait(wait)) => return Err(wait),
                Err(Halt::Rejected(rejection)) => {
                    self.refuse(rejection.message);
                    return Ok(None);
                }
                Err(Halt::Restart(restart)) => restart.to_string(),
                Err(Halt::Fault(fault)) => fault.to_string(),
            },
        };
        self.faults.push(fault);
        self.refuse(Message::new("dialog-fault"));
        Ok(None)
    }

    /// Puts a started flow on the stack.
    fn enter(&mut self, started: Advance) -> Result<(), Wait<D>> {
        // A place for the new flow, which what comes of its start replaces.
        self.stack.push(started.instance.clone());
        self.advance(started)
    }

    fn outcome(&mut self, outcome: Result<Advance, Halt<Wait<D>>>) -> Result<(), Wait<D>> {
        match outcome {
            Ok(advance) => self.advance(advance),
            Err(halt) => self.halt(halt),
        }
    }

    fn advance(&mut self, advance: Advance) -> Result<(), Wait<D>> {
        self.wish(advance.wishes);
        self.notices.extend(advance.notices);
        match advance.then {
            Then::Stay | Then::Moved | Then::Ignored => {
                self.replace_top(advance.instance);
                Ok(())
            }
            Then::Call { flow, args } => {
                self.replace_top(advance.instance);
                self.open(&flow, &args)
            }
            Then::Cancelled => {
                self.stack.pop();
                Ok(())
            }
            Then::Finished(result) => {
                let Some(ended) = self.stack.pop() else {
                    return Ok(());
                };
                self.input(&Input::Returned(Returned {
                    flow: ended.flow,
                    result,
                }))
            }
        }
    }

    fn halt(&mut self, halt: Halt<Wait<D>>) -> Result<(), Wait<D>> {
        match halt {
            Halt::Wait(wait) => Err(wait),
            Halt::Rejected(rejection) => {
                self.refuse(rejection.message);
                Ok(())
            }
            Halt::Restart(restart) => {
                self.faults.push(restart.to_string());
                self.drop_top()
            }
            Halt::Fault(fault) => {
                self.faults.push(fault.to_string());
                self.refuse(Message::new("dialog-fault"));
                Ok(())
            }
        }
    }

    /// Leaves a flow that cannot be continued, and says so.
    fn drop_top(&mut self) -> Result<(), Wait<D>> {
        self.stack.pop();
        self.say(Level::Warning, Message::new("dialog-restarted"));
        Ok(())
    }

    /// Leaves every flow the polite way: each may still ask for something, a lock given back for instance.
    fn leave_all(&mut self) -> Result<(), Wait<D>> {
        while let Some(stored) = self.stack.pop() {
            let Some(flow) = self.dialog.flows.get(stored.flow.as_str()) else {
                continue;
            };
            match flow.navigate(&stored, &Navigation::Cancel) {
                Ok(advance) => self.wish(advance.wishes),
                Err(Halt::Wait(wait)) => return Err(wait),
                Err(Halt::Restart(restart)) => self.faults.push(restart.to_string()),
                Err(Halt::Fault(fault)) => self.faults.push(fault.to_string()),
                Err(Halt::Rejected(_)) => {}
            }
        }
        Ok(())
    }

    fn replace_top(&mut self, instance: Stored) {
        if let Some(top) = self.stack.last_mut() {
            *top = instance;
        }
    }

    fn at_home(&self) -> bool {
        matches!(self.stack.as_slice(), [only] if only.flow == self.dialog.home)
    }

    fn wish(&mut self, wishes: Vec<lorikeet_flow::Wish>) {
        let work = wishes.into_iter().map(|wish| EffectBody::Work {
            service: wish.service,
            request: wish.request,
        });
        self.work.extend(work);
    }

    fn say(&mut self, level: Level, message: Message) {
        self.notices.push(Notice { level, message });
    }

    fn refuse(&mut self, message: Message) {
        self.say(Level::Error, message);
    }

    /// The screen of the flow on top; a flow that cannot show itself is left, down to the home screen.
    fn view(&mut self) -> Result<Screen, Wait<D>> {
        // Each round drops a flow or returns; the home flow is opened at most once more.
        for _ in 0..=self.stack.len() + 1 {
            if self.stack.is_empty() {
                self.open(self.dialog.home, &empty())?;
            }
            let Some(top) = self.stack.last() else { break };
            let Some(flow) = self.dialog.flows.get(top.flow.as_str()) else {
                self.drop_top()?;
                continue;
            };
            match flow.view(top, self.context) {
                Ok(screen) => {
                    let ways = flow.ways(top).unwrap_or_default();
                    let nested = self.stack.len() > 1;
                    return Ok(self.with_navigation(screen, ways.back || nested, ways.skip));
                }
                Err(Halt::Wait(wait)) => return Err(wait),
                Err(Halt::Rejected(rejection)) => {
                    self.refuse(rejection.message);
                    self.stack.pop();
                }
                Err(Halt::Restart(restart)) => {
                    self.faults.push(restart.to_string());
                    self.drop_top()?;
                }
                Err(Halt::Fault(fault)) => {
                    self.faults.push(fault.to_string());
                    self.drop_top()?;
                }
            }
        }
        self.faults
            .push("the home flow cannot show itself".to_owned());
        Ok(Screen::new())
    }

    /// Adds the ways of moving about that the view did not offer itself.
    fn with_navigation(&self, screen: Screen, back: bool, skip: bool) -> Screen {
        let offered: Vec<Action> = screen.actions().into_iter().cloned().collect();
        let texts = &self.context.texts;
        let ways = [
            (back, Action::Back, "dialog-back"),
            (skip, Action::Skip, "dialog-skip"),
            (
                !self.at_home(),
                Action::Command(Invocation::new("start")),
                "dialog-home",
            ),
        ];
        let missing: Vec<Control> = ways
            .into_iter()
            .filter(|(possible, action, _)| *possible && !offered.contains(action))
            .map(|(_, action, label)| Control::button(texts.say(label), action))
            .collect();
        let mut screen = screen;
        match screen.menu.last_mut() {
            _ if missing.is_empty() => screen,
            Some(group) if group.layout == Layout::Navigation => {
                group.controls.extend(missing);
                screen
            }
            _ => screen.group(Group::navigation(missing)),
        }
    }

    /// Ends the turn with the current screen.
    fn show(
        mut self,
        session: Session,
        surface: Surface,
        keeps_stamp: bool,
        generation: u64,
    ) -> Result<Turn, Wait<D>> {
        let mut screen = self.view()?;
        let texts = &self.context.texts;
        let notices = self.notices.iter().map(|notice| Block::Notice {
            level: notice.level,
            text: texts.format(&notice.message),
        });
        screen.blocks.splice(0..0, notices);
        let actions: Vec<Action> = screen.actions().into_iter().cloned().collect();
        // A screen that only brings news keeps its tokens: a press on its way still means what it said.
        // Before the first screen there are none.
        let begun = session.stamp != Stamp::default();
        let stamp = if keeps_stamp && begun && actions == session.actions {
            session.stamp
        } else {
            Stamp {
                tag: SessionTag::from_generation(generation),
                revision: session.stamp.revision.saturating_add(1),
            }
        };
        let mut effects = self.work;
        effects.push(EffectBody::Show(Present {
            screen,
            stamp,
            surface,
        }));
        let session = Session {
            stack: self.stack,
            stamp,
            actions,
            ..session
        };
        Ok(Turn {
            session,
            effects,
            faults: self.faults,
        })
    }

    /// A press on anything but the current screen: a true answer and the current screen; nothing else happens.
    fn stale(
        self,
        session: Session,
        token: Option<Token>,
        generation: u64,
    ) -> Result<Turn, Wait<D>> {
        let text = self.context.texts.say("dialog-stale");
        let mut turn = self.show(session, Surface::Edit, true, generation)?;
        turn.effects.insert(0, EffectBody::Answer { token, text });
        Ok(turn)
    }

    /// Ends the turn without a screen.
    fn silent(self, session: Session, stack: Vec<Stored>) -> Turn {
        Turn {
            session: Session { stack, ..session },
            effects: self.work,
            faults: self.faults,
        }
    }
}

fn empty() -> Value {
    Value::Object(Map::new())
}
