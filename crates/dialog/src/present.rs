//! The end of a turn: the screen of the flow on top, with its tokens, or none.

use lorikeet_chat::{
    Action, Block, Control, EffectBody, Group, Invocation, Language, Layout, Page, Present, Screen,
    SessionTag, Stamp, Surface, Token,
};
use lorikeet_flow::{Halt, Stored};

use crate::play::{Play, Wait, empty};
use crate::{Domain, Session, Turn, form};

/// Most sentences that stand beside one screen: the newest.
const MAX_SAID: usize = 4;

impl<D: Domain> Play<'_, D> {
    /// The screen of the flow on top; a flow that cannot show itself is left, down to the home screen.
    pub(crate) fn view(&mut self) -> Result<Screen, Wait<D>> {
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
            match flow.view(top, self.context()) {
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
        let texts = self.context().texts.clone();
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
    pub(crate) fn show(
        mut self,
        session: Session,
        surface: Surface,
        keeps_stamp: bool,
        generation: u64,
    ) -> Result<Turn, Wait<D>> {
        let mut screen = self.view()?;
        let texts = self.context().texts.clone();
        let place = |stack: &[Stored]| stack.last().map(|top| (top.flow.clone(), top.step.clone()));
        // News leaves what was said before it standing, until the person does something or the step changes.
        let same_place = place(&self.stack) == place(&session.stack);
        let mut said = if keeps_stamp && same_place {
            session.said
        } else {
            Vec::new()
        };
        let filled = session.form.filter(|_| same_place).unwrap_or_default();
        let form = form::fill(&mut screen, &filled).then_some(filled);
        said.retain(|notice| !self.notices.contains(notice));
        said.extend(self.notices);
        let said = said.split_off(said.len().saturating_sub(MAX_SAID));
        let notices = said.iter().map(|notice| Block::Notice {
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
        let page = if stamp == session.stamp {
            session.page
        } else {
            Page::First
        };
        let chosen = self.chosen.or(session.chosen);
        screen.language = Some(Language {
            tag: texts.locale().to_owned(),
            chosen: chosen.is_some(),
        });
        let mut effects = self.work;
        effects.push(EffectBody::Show(Present {
            screen,
            stamp,
            surface,
            page: self.file.unwrap_or(page),
        }));
        let session = Session {
            page,
            form,
            stack: self.stack,
            stamp,
            actions,
            said,
            chosen,
            ..session
        };
        Ok(Turn {
            session,
            effects,
            faults: self.faults,
        })
    }

    /// A press on anything but the current screen: a true answer and the current screen; nothing else happens.
    pub(crate) fn stale(
        self,
        session: Session,
        token: Option<Token>,
        generation: u64,
    ) -> Result<Turn, Wait<D>> {
        // Who presses a button before the first screen has had one that is forgotten.
        let forgotten = session.stack.is_empty() && !session.replaces;
        let texts = self.context().texts.clone();
        let text = texts.say(if forgotten {
            "dialog-forgotten"
        } else {
            "dialog-stale"
        });
        let mut turn = self.show(session, Surface::Edit, true, generation)?;
        turn.effects.insert(0, EffectBody::Answer { token, text });
        Ok(turn)
    }

    /// Ends the turn without a screen.
    pub(crate) fn silent(self, session: Session, stack: Vec<Stored>) -> Turn {
        Turn {
            session: Session { stack, ..session },
            effects: self.work,
            faults: self.faults,
        }
    }
}
