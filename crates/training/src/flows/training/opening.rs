//! The way to an existing LoRA: its lock, who has it, and what to do then.

use lorikeet_chat::{Action, Block, Control, Group, Level, Screen};
use lorikeet_flow::{Change, Exits, Message, StepBuilder};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::state::{Desk, Goal, Right, with};
use super::{Step, spoken};
use crate::domain::{Ctx, Wait};
use crate::flows::{show, told};
use crate::wire::{self, Editing, LoraRequest, WhenBusy};

/// What can be chosen when somebody else edits the LoRA.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Choice {
    Wait,
    Look,
    TakeOver,
}

pub(super) fn opening(_: &Desk, ctx: &Ctx) -> Result<Screen, Wait> {
    let label = ctx.texts.say("opening");
    Ok(Screen::new().block(Block::Progress {
        fraction: None,
        label,
        eta: None,
    }))
}

pub(super) fn on_opening(step: StepBuilder<Step, Desk, Ctx>) -> StepBuilder<Step, Desk, Ctx> {
    step.passing().on_background(
        wire::EDITING,
        |_, news: Editing, _| Ok(news),
        entered,
        Exits::to([Step::Overview, Step::Settings, Step::Locked, Step::Training]).or_finish(),
    )
}

/// What opening came to.
fn entered(desk: Desk, news: Editing, ctx: &Ctx) -> Change<Step, Desk> {
    // The answer to what was asked for before, and left: it must not end up on this desk.
    if desk.opening.as_ref() != Some(news.lora()) {
        return with(Change::stay(desk), told::unwanted(&news));
    }
    match news {
        Editing::Opened { lora, generation } => {
            let early = desk.early.clone();
            let goal = desk.goal;
            let next = match (&desk.run, goal) {
                (Some(_), _) => Step::Training,
                (None, Goal::Settings) => Step::Settings,
                (None, Goal::Overview) => Step::Overview,
            };
            let desk = Desk {
                lora: Some(*lora),
                opening: None,
                right: Right::Ours(generation),
                early: Vec::new(),
                ..desk
            };
            let (mut wishes, mut news) = (Vec::new(), Vec::new());
            let desk = early.into_iter().fold(desk, |desk, arrived| {
                let (edited, said) = desk.arrive(arrived, ctx);
                wishes.extend(edited.save);
                news.extend(said);
                edited.desk
            });
            // Only the last save matters: each holds the whole LoRA.
            spoken(with(Change::to(next, desk), wishes.pop()), news)
        }
        Editing::Busy { lora, holder } => {
            let opening = Some(lora.id.clone());
            Change::to(
                Step::Locked,
                Desk {
                    lora: Some(*lora),
                    opening,
                    right: Right::ReadOnly(holder),
                    ..desk
                },
            )
        }
        Editing::Lost { .. } | Editing::Frozen { .. } => Change::stay(desk),
        Editing::Gone { .. } => {
            Change::finish(json!(null), desk).say(Level::Error, Message::new("desk-gone"))
        }
    }
}

pub(super) fn locked(desk: &Desk, ctx: &Ctx) -> Result<Screen, Wait> {
    let t = &ctx.texts;
    let Right::ReadOnly(holder) = &desk.right else {
        return Ok(Screen::new().text(t.say("opening")));
    };
    let name = desk
        .lora
        .as_ref()
        .map_or_else(String::new, |lora| lora.name.to_string());
    let choose = |choice: Choice| Action::Input(json!(choice));
    let holder = show::holder(holder, ctx);
    Ok(Screen::new()
        .heading(name)
        .notice(
            Level::Warning,
            t.format(&Message::new("locked").text("holder", holder)),
        )
        .text(t.say("locked-choices"))
        .group(Group::row([
            Control::primary(t.say("locked-wait"), choose(Choice::Wait)),
            Control::button(t.say("locked-look"), choose(Choice::Look)),
            Control::button(t.say("locked-take-over"), choose(Choice::TakeOver)),
        ])))
}

pub(super) fn on_locked(step: StepBuilder<Step, Desk, Ctx>) -> StepBuilder<Step, Desk, Ctx> {
    step.one_way()
        .passing()
        .on_value(
            |_, choice: Choice, _| Ok(choice),
            |desk, choice, ctx| {
                let open = |when_busy| {
                    let open = LoraRequest::Open {
                        lora: desk.opening.clone()?,
                        when_busy,
                        place: ctx.sender.room.clone(),
                    };
                    Some(open.into())
                };
                match choice {
                    Choice::Wait => {
                        let waits = Message::new("locked-waiting");
                        with(
                            Change::stay(desk.clone()).say(Level::Info, waits),
                            open(WhenBusy::Wait),
                        )
                    }
                    Choice::TakeOver => with(Change::stay(desk.clone()), open(WhenBusy::TakeOver)),
                    Choice::Look => Change::to(Step::Overview, desk),
                }
            },
            Exits::to([Step::Overview]),
        )
        .on_background(
            wire::EDITING,
            |_, news: Editing, _| Ok(news),
            entered,
            Exits::to([Step::Overview, Step::Settings, Step::Training]).or_finish(),
        )
}

/// News about the LoRA on the desk, at any other step.
pub(super) fn news(desk: Desk, news: Editing, _: &Ctx) -> Change<Step, Desk> {
    let mine = desk.lora.as_ref().map(|lora| &lora.id);
    if mine != Some(news.lora()) {
        return with(Change::stay(desk), told::unwanted(&news));
    }
    match news {
        Editing::Opened { lora, generation } => {
            // What was changed here under a right that was ours, or about to be, is newer than what is stored. Who only
            // looked has a copy that others may have changed since.
            let ahead = matches!(desk.right, Right::Pending | Right::Ours(_))
                && desk
                    .lora
                    .as_ref()
                    .is_some_and(|mine| mine.revision > lora.revision);
            let right = Right::Ours(generation);
            if ahead {
                Desk { right, ..desk }.saved().stay()
            } else {
                let lora = Some(*lora);
                Change::stay(Desk {
                    lora,
                    right,
                    ..desk
                })
            }
        }
        Editing::Lost { holder, .. } => {
            let said = Message::new("desk-lost-now");
            Change::stay(Desk {
                right: Right::Lost(holder),
                ..desk
            })
            .say(Level::Warning, said)
        }
        Editing::Frozen { .. } => {
            Change::stay(desk).say(Level::Warning, Message::new("desk-frozen"))
        }
        Editing::Gone { .. } => Change::stay(Desk {
            right: Right::Gone,
            ..desk
        }),
        Editing::Busy { .. } => Change::stay(desk),
    }
}

/// What keeps the LoRA from being edited, said on every screen about it.
pub(super) fn banner(screen: Screen, desk: &Desk, ctx: &Ctx) -> Screen {
    let t = &ctx.texts;
    match &desk.right {
        Right::Pending | Right::Ours(_) => screen,
        Right::ReadOnly(holder) => {
            let message = Message::new("desk-read-only").text("holder", show::holder(holder, ctx));
            screen.notice(Level::Info, t.format(&message))
        }
        Right::Lost(Some(holder)) => {
            let message = Message::new("desk-lost-to").text("holder", show::holder(holder, ctx));
            screen.notice(Level::Warning, t.format(&message))
        }
        Right::Gone => screen.notice(Level::Warning, t.say("desk-deleted")),
        Right::Lost(None) => screen.notice(Level::Warning, t.say("desk-lost")),
    }
}
