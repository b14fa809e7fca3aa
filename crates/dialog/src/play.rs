//! A turn under way: the stack of flows moves on, work and sentences pile up.
//!
//! Owns which flow gets what, and what becomes of the stack. Does not own what is shown in the end (present).

use lorikeet_chat::{Action, Background, EffectBody, Invocation, Level, Page};
use lorikeet_flow::{Advance, Halt, Input, Message, Navigation, Notice, Returned, Stored, Then};
use serde_json::{Map, Value};

use crate::{Context, Dialog, Domain, Opens, Unread, Who};

pub(crate) type Wait<D> = Unread<<D as Domain>::Query>;

/// Who heard a background result.
pub(crate) enum Heard {
    /// The flow on the screen.
    OnScreen,
    /// Nobody waits for it, but there is something to say.
    Told,
    /// A flow further down, or nobody: the screen does not change.
    Elsewhere,
}

/// A turn under way.
pub(crate) struct Play<'a, D: Domain> {
    pub(crate) dialog: &'a Dialog<D>,
    given: &'a Context<D>,
    /// The same in another language, where the person wants one.
    spoken: Option<Context<D>>,
    /// Whether a language was chosen here before.
    pub(crate) has_chosen: bool,
    /// The language chosen in this turn.
    pub(crate) chosen: Option<String>,
    pub(crate) stack: Vec<Stored>,
    pub(crate) work: Vec<EffectBody>,
    pub(crate) notices: Vec<Notice>,
    pub(crate) faults: Vec<String>,
    /// The file of the screen that is wanted.
    pub(crate) file: Option<Page>,
}

impl<'a, D: Domain> Play<'a, D> {
    pub(crate) const fn new(
        dialog: &'a Dialog<D>,
        context: &'a Context<D>,
        stack: Vec<Stored>,
    ) -> Self {
        Self {
            dialog,
            given: context,
            spoken: None,
            has_chosen: false,
            chosen: None,
            stack,
            work: Vec::new(),
            notices: Vec::new(),
            faults: Vec::new(),
            file: None,
        }
    }

    /// What the flows see.
    pub(crate) fn context(&self) -> &Context<D> {
        self.spoken.as_ref().unwrap_or(self.given)
    }

    /// Goes on in the language of a tag.
    pub(crate) fn speak(&mut self, locale: &str) {
        let texts = self.dialog.catalog.texts(Some(locale));
        let before = &self.context().texts;
        if texts.locale() != before.locale() {
            let texts = texts.writing(Some(before.sign()));
            self.spoken = Some(self.given.speaking(texts));
        }
    }

    /// Goes on with a room's sign of commands.
    pub(crate) fn write(&mut self, sign: Option<&str>) {
        let texts = &self.context().texts;
        let written = texts.clone().writing(sign);
        if written.sign() != texts.sign() {
            self.spoken = Some(self.given.speaking(written));
        }
    }

    /// Chooses the language a person named.
    fn choose_language(&mut self, typed: &str, chooser: &str) {
        let Some(tag) = self.dialog.catalog.language(typed) else {
            let languages = self.dialog.catalog.languages();
            let known: Vec<String> = languages
                .map(|(tag, name)| {
                    if tag == name {
                        name
                    } else {
                        format!("{name} ({tag})")
                    }
                })
                .collect();
            self.refuse(
                Message::new("dialog-language-unknown")
                    .text("typed", typed)
                    .text("languages", known.join(", ")),
            );
            return;
        };
        self.speak(tag);
        self.chosen = Some(tag.to_owned());
        if let Some(spoke) = self.dialog.spoke {
            self.wish(vec![spoke(tag)]);
        }
        // Back to what was open before the choice.
        self.stack.retain(|stored| stored.flow != chooser);
        self.say(Level::Success, Message::new("dialog-language-set"));
    }

    pub(crate) fn command(&mut self, invocation: &Invocation) -> Result<(), Wait<D>> {
        let Some(command) = self.dialog.command(&invocation.name) else {
            self.refuse(
                Message::new("dialog-unknown-command").text("typed", invocation.name.clone()),
            );
            return Ok(());
        };
        if command.who == Who::Operators && !self.context().operator {
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
            Opens::Home => {
                self.leave_for_home()?;
                self.navigate(&Navigation::Restart)
            }
            Opens::Language(flow) if !invocation.arguments.trim().is_empty() => {
                self.choose_language(invocation.arguments.trim(), flow);
                Ok(())
            }
            Opens::Over(flow) | Opens::Language(flow) => {
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

    pub(crate) fn act(&mut self, action: &Action) -> Result<(), Wait<D>> {
        match action {
            Action::Input(value) => self.input(&Input::Value(value.clone())),
            Action::Command(invocation) => self.command(invocation),
            Action::Back => self.navigate(&Navigation::Back),
            Action::Skip => self.navigate(&Navigation::Skip),
            Action::Jump(step) => self.navigate(&Navigation::Jump(step.clone())),
            Action::Cancel => self.navigate(&Navigation::Cancel),
        }
    }

    pub(crate) fn input(&mut self, input: &Input) -> Result<(), Wait<D>> {
        let Some(top) = self.stack.last().cloned() else {
            return Ok(());
        };
        let outcome = match self.dialog.flows.get(top.flow.as_str()) {
            Some(flow) => flow.advance(&top, input, self.context()),
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

    pub(crate) fn background(&mut self, background: &Background) -> Result<Heard, Wait<D>> {
        let input = Input::Background(background.clone());
        for place in (0..self.stack.len()).rev() {
            let stored = self.stack[place].clone();
            let Some(flow) = self.dialog.flows.get(stored.flow.as_str()) else {
                continue;
            };
            let on_screen = place + 1 == self.stack.len();
            match flow.advance(&stored, &input, self.context()) {
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
        let told = tell(background, self.context());
        self.wish(told.wishes);
        let spoken = told
            .language
            .filter(|spoken| spoken.over || !self.has_chosen);
        let spoken = spoken.is_some_and(|spoken| {
            let Some(tag) = self.dialog.catalog.language(&spoken.tag) else {
                return false;
            };
            self.speak(tag);
            self.chosen = Some(tag.to_owned());
            true
        });
        Ok(match told.notice {
            Some(notice) => {
                self.notices.push(notice);
                Heard::Told
            }
            None if spoken => Heard::OnScreen,
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
        match flow.advance(&stored, &returned, self.context()) {
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

    pub(crate) fn open(&mut self, name: &str, arguments: &Value) -> Result<(), Wait<D>> {
        match self.start(name, arguments)? {
            Some(started) => self.enter(started),
            None => Ok(()),
        }
    }

    /// A new instance of a flow, not on the stack yet; `None` when it refuses, which is said.
    fn start(&mut self, name: &str, arguments: &Value) -> Result<Option<Advance>, Wait<D>> {
        let fault = match self.dialog.flows.get(name) {
            None => format!("there is no flow `{name}`"),
            Some(flow) => match flow.start(arguments, self.context()) {
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
    pub(crate) fn drop_top(&mut self) -> Result<(), Wait<D>> {
        self.stack.pop();
        self.say(Level::Warning, Message::new("dialog-restarted"));
        Ok(())
    }

    /// Leaves every flow the polite way: each may still ask for something, a lock given back for instance.
    fn leave_all(&mut self) -> Result<(), Wait<D>> {
        self.leave_down_to(0)
    }

    /// Leaves every flow but the home flow, which is opened where it is not.
    fn leave_for_home(&mut self) -> Result<(), Wait<D>> {
        let has_home = self
            .stack
            .first()
            .is_some_and(|first| first.flow == self.dialog.home);
        self.leave_down_to(usize::from(has_home))?;
        if has_home {
            return Ok(());
        }
        self.open(self.dialog.home, &empty())
    }

    fn leave_down_to(&mut self, kept: usize) -> Result<(), Wait<D>> {
        while self.stack.len() > kept
            && let Some(stored) = self.stack.pop()
        {
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

    pub(crate) fn at_home(&self) -> bool {
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

    pub(crate) fn refuse(&mut self, message: Message) {
        self.say(Level::Error, message);
    }
}

/// The arguments of a flow that is started without any.
pub(crate) fn empty() -> Value {
    Value::Object(Map::new())
}
