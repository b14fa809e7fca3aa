//! The name and the trigger word.

use lorikeet_chat::{Level, Prompt, Screen};
use lorikeet_flow::{Change, Exits, Message, Rejection, StepBuilder};

use super::state::{Desk, Refused, Right, with};
use super::{Step, steps};
use crate::domain::{Ctx, Reads as _, Wait};
use crate::flows::show;
use crate::wire::LoraRequest;
use crate::{Dataset, Lora, LoraId, LoraName, NameProblem, Owner, TokenProblem, Trigger};

pub(super) fn name(desk: &Desk, ctx: &Ctx) -> Result<Screen, Wait> {
    let t = &ctx.texts;
    let value = desk
        .lora
        .as_ref()
        .map_or_else(String::new, |lora| lora.name.to_string());
    Ok(Screen::new()
        .heading(t.say("name-title"))
        .block(steps(0, ctx))
        .text(t.say("name-intro"))
        .prompt(Prompt::Text {
            hint: t.say("name-hint"),
            value,
            max_chars: show::number(LoraName::MAX_CHARS),
            multiline: false,
        }))
}

pub(super) fn on_name(step: StepBuilder<Step, Desk, Ctx>) -> StepBuilder<Step, Desk, Ctx> {
    step.on_text(check, named, Exits::to([Step::Images]))
}

/// A name that can be used for the LoRA on the desk, or for a new one.
pub(super) fn check(desk: &Desk, typed: &str, ctx: &Ctx) -> Result<LoraName, Refused> {
    let name = LoraName::parse(typed).map_err(|problem| said(&problem))?;
    if desk.lora.is_some() {
        desk.writable(ctx)?;
    }
    free(&name, desk.lora.as_ref().map(|lora| &lora.id), ctx)?;
    let limit = ctx.domain.limits.loras;
    if desk.lora.is_none() && ctx.loras()?.len() >= usize::from(limit) {
        return Err(Rejection::from(Message::new("name-too-many").number("limit", limit)).into());
    }
    Ok(name)
}

/// Refuses a name that another LoRA of the person has.
pub(in crate::flows) fn free(
    name: &LoraName,
    mine: Option<&LoraId>,
    ctx: &Ctx,
) -> Result<(), Refused> {
    match ctx.named(name)? {
        Some(id) if Some(id) != mine => {
            Err(Rejection::from(Message::new("name-taken").text("name", name.as_str())).into())
        }
        _ => Ok(()),
    }
}

/// What is wrong with a name, and what to do.
pub(in crate::flows) fn said(problem: &NameProblem) -> Rejection {
    let (min, max) = (
        show::number(LoraName::MIN_CHARS),
        show::number(LoraName::MAX_CHARS),
    );
    let message = match problem {
        NameProblem::Empty => Message::new("name-empty"),
        NameProblem::TooShort(length) => {
            Message::new("name-too-short").number("length", show::number(*length))
        }
        NameProblem::TooLong(length) => {
            Message::new("name-too-long").number("length", show::number(*length))
        }
        NameProblem::Character(wrong) => {
            Message::new("name-character").text("character", wrong.to_string())
        }
        NameProblem::NoLetter => Message::new("name-no-letter"),
    };
    message.number("min", min).number("max", max).into()
}

/// Names the LoRA on the desk, or a new one.
pub(super) fn named(desk: Desk, name: LoraName, ctx: &Ctx) -> Change<Step, Desk> {
    if desk.lora.is_some() {
        return desk
            .edit(ctx, |lora| Lora { name, ..lora })
            .to(Step::Images);
    }
    let lora = Lora {
        id: LoraId::derive(&ctx.conversation, &ctx.event, 0),
        owner: Owner::of(&ctx.conversation),
        trigger: Trigger::suggest(&name),
        name,
        dataset: Dataset::default(),
        settings: None,
        revision: 1,
        created: ctx.now,
        updated: ctx.now,
    };
    let create = LoraRequest::Create {
        lora: Box::new(lora.clone()),
        place: ctx.sender.room.clone(),
    };
    let desk = Desk {
        lora: Some(lora),
        right: Right::Pending,
        ..desk
    };
    with(Change::to(Step::Images, desk), Some(create.into()))
}

pub(super) fn trigger(desk: &Desk, ctx: &Ctx) -> Result<Screen, Wait> {
    let t = &ctx.texts;
    let value = desk
        .lora
        .as_ref()
        .map_or_else(String::new, |lora| lora.trigger.to_string());
    Ok(super::top(desk, ctx)
        .text(t.say("trigger-intro"))
        .prompt(Prompt::Text {
            hint: t.say("trigger-hint"),
            value,
            max_chars: show::number(Trigger::MAX_CHARS),
            multiline: false,
        }))
}

pub(super) fn on_trigger(step: StepBuilder<Step, Desk, Ctx>) -> StepBuilder<Step, Desk, Ctx> {
    step.on_text(
        |desk, typed, ctx| {
            let (min, max) = (
                show::number(Trigger::MIN_CHARS),
                show::number(Trigger::MAX_CHARS),
            );
            let word = Trigger::parse(typed).map_err(|problem| {
                let message = match problem {
                    TokenProblem::Length(length) => {
                        Message::new("trigger-length").number("length", show::number(length))
                    }
                    TokenProblem::Character(' ') => Message::new("trigger-one-word"),
                    TokenProblem::Character(wrong) => {
                        Message::new("trigger-character").text("character", wrong.to_string())
                    }
                };
                Rejection::from(message.number("min", min).number("max", max))
            })?;
            desk.editable(ctx)?;
            Ok(word)
        },
        |desk, trigger: Trigger, ctx| {
            let said = Message::new("trigger-set").text("trigger", trigger.as_str());
            desk.edit(ctx, |lora| Lora { trigger, ..lora })
                .to(Step::Overview)
                .say(Level::Success, said)
        },
        Exits::to([Step::Overview]),
    )
}
