//! Captions: one picture after the other by hand, the rest by a template, or none at all.

use lorikeet_chat::{Action, Block, Control, Field, Group, Level, Prompt, Screen};
use lorikeet_flow::{Change, Exits, Message, Rejection, Step as _, StepBuilder};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::state::{Desk, Edited, with};
use super::{Step, bulk, images, steps, to_overview, top};
use crate::domain::{Ctx, Wait};
use crate::flows::show;
use crate::wire::{CaptionRequest, Captioned};
use crate::{Caption, Dataset, Lora, MAX_CAPTION_CHARS, SlotContent, SlotNumber};

/// What the controls of the captions' screen do.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Press {
    /// Leave this one for now.
    Later,
    /// On to the settings.
    Continue,
    /// Take the last change of many back.
    Undo,
}

/// The picture to caption now: the one chosen, or the first without a caption.
fn current(desk: &Desk) -> Option<SlotNumber> {
    let dataset = &desk.lora.as_ref()?.dataset;
    let open = |number: &SlotNumber| waits(dataset, *number);
    let mut numbers = dataset.pictures().map(|(number, _, _)| number);
    desk.slot.filter(open).or_else(|| numbers.find(open))
}

/// Whether a place has a picture without a caption; one that is being replaced has to arrive first.
fn waits(dataset: &Dataset, number: SlotNumber) -> bool {
    matches!(
        dataset.get(number),
        Some(SlotContent::Filled { caption: None, .. })
    )
}

pub(super) fn captions(desk: &Desk, ctx: &Ctx) -> Result<Screen, Wait> {
    let t = &ctx.texts;
    let screen = top(desk, ctx).block(steps(2, ctx));
    let Some(lora) = &desk.lora else {
        return Ok(screen);
    };
    let count = Block::Fields(vec![Field::new(
        t.say("field-pictures"),
        show::count(&lora.dataset, ctx),
    )]);
    let on = Action::Input(json!(Press::Continue));
    let Some(number) = current(desk) else {
        let on = Control::primary(t.say("captions-continue"), on);
        let ways = many(desk, ctx).into_iter().chain([on]);
        return Ok(screen
            .text(t.say("captions-all"))
            .block(count)
            .group(Group::row(ways))
            .group(to_overview(ctx)));
    };
    let Some(SlotContent::Filled { picture, .. }) = lora.dataset.get(number) else {
        return Ok(screen);
    };
    let which = Message::new("captions-which")
        .number("slot", number.0)
        .text("name", picture.name.clone());
    let mut ways = Vec::new();
    if after(desk, number).is_some() {
        let later = Action::Input(json!(Press::Later));
        ways.push(Control::button(t.say("captions-later"), later));
    }
    ways.push(Control::button(
        t.say("captions-template"),
        Action::Jump("template".to_owned()),
    ));
    ways.extend(many(desk, ctx));
    ways.push(Control::primary(t.say("captions-skip"), Action::Skip));
    Ok(screen
        .text(t.say("captions-intro"))
        .block(count)
        .block(show::picture(number, picture, ctx))
        .text(t.format(&which))
        .group(Group::row(ways))
        .group(to_overview(ctx))
        .prompt(Prompt::Text {
            hint: t.say("captions-hint"),
            value: String::new(),
            max_chars: show::number(MAX_CAPTION_CHARS),
            multiline: false,
        }))
}

pub(super) fn on_captions(step: StepBuilder<Step, Desk, Ctx>) -> StepBuilder<Step, Desk, Ctx> {
    let step = step
        .skip_to(Step::Settings)
        .jumps_to([Step::Template, Step::Bulk, Step::Overview])
        .on_text(
            |desk, typed, ctx| {
                let number = current(desk).ok_or_else(|| Rejection::new("captions-none-left"))?;
                Ok((number, images::caption(desk, typed, ctx)?))
            },
            |desk, (number, caption), ctx| {
                let next = after(&desk, number);
                let Edited { desk, save } = images::captioned(desk, number, Some(caption), ctx);
                with(Change::stay(Desk { slot: next, ..desk }), save)
            },
            Exits::stay(),
        )
        .on_value(
            |desk, press: Press, ctx| {
                if matches!(press, Press::Undo) {
                    desk.editable(ctx)?;
                }
                Ok(press)
            },
            |desk, press, ctx| match press {
                Press::Continue => Change::to(Step::Settings, Desk { slot: None, ..desk }),
                Press::Undo => {
                    let undone = bulk::undone(desk, ctx).stay();
                    undone.say(Level::Success, Message::new("bulk-undone"))
                }
                Press::Later => {
                    let next = current(&desk).and_then(|number| after(&desk, number));
                    Change::stay(Desk { slot: next, ..desk })
                }
            },
            Exits::to([Step::Settings]),
        );
    images::on_media(step)
}

/// What can be done to many captions at once.
fn many(desk: &Desk, ctx: &Ctx) -> Vec<Control> {
    let t = &ctx.texts;
    let mut ways = Vec::new();
    let has_some = |lora: &Lora| lora.dataset.caption_count() > 0;
    if desk.lora.as_ref().is_some_and(has_some) {
        let jump = Action::Jump(Step::Bulk.name().to_owned());
        ways.push(Control::button(t.say("captions-bulk"), jump));
    }
    if !desk.undo.is_empty() {
        let undo = Action::Input(json!(Press::Undo));
        ways.push(Control::button(t.say("captions-undo"), undo));
    }
    ways
}

/// The next picture without a caption after this one, going round.
fn after(desk: &Desk, number: SlotNumber) -> Option<SlotNumber> {
    let dataset = &desk.lora.as_ref()?.dataset;
    let open: Vec<SlotNumber> = dataset
        .pictures()
        .map(|(other, _, _)| other)
        .filter(|other| *other != number && waits(dataset, *other))
        .collect();
    open.iter()
        .copied()
        .find(|&other| other > number)
        .or_else(|| open.first().copied())
}

pub(super) fn template(desk: &Desk, ctx: &Ctx) -> Result<Screen, Wait> {
    let t = &ctx.texts;
    let trigger = desk
        .lora
        .as_ref()
        .map_or_else(String::new, |lora| lora.trigger.to_string());
    let intro = t.format(&Message::new("template-intro").text("trigger", trigger));
    Ok(top(desk, ctx)
        .block(steps(2, ctx))
        .text(intro)
        .prompt(Prompt::Text {
            hint: t.say("template-hint"),
            value: String::new(),
            max_chars: 60,
            multiline: false,
        }))
}

pub(super) fn on_template(step: StepBuilder<Step, Desk, Ctx>) -> StepBuilder<Step, Desk, Ctx> {
    step.on_text(
        images::caption,
        |desk, class_word: Caption, _| {
            let request = desk.lora.as_ref().map(|lora| CaptionRequest {
                captioner: "template".to_owned(),
                lora: lora.id.clone(),
                trigger: lora.trigger.clone(),
                class_word: class_word.to_string(),
                pictures: lora
                    .dataset
                    .pictures()
                    .filter(|(_, _, caption)| caption.is_none())
                    .map(|(number, picture, _)| (number, picture.image.clone()))
                    .collect(),
            });
            with(Change::to(Step::Captions, desk), request.map(Into::into))
        },
        Exits::to([Step::Captions]),
    )
}

/// Captions that were written for pictures that have none; what was typed meanwhile stays.
pub(super) fn written(desk: Desk, captioned: Captioned, ctx: &Ctx) -> Change<Step, Desk> {
    if desk
        .lora
        .as_ref()
        .is_none_or(|lora| lora.id != captioned.lora)
        || desk.writable(ctx).is_err()
    {
        return Change::stay(desk);
    }
    let problem = captioned.problem;
    let waiting = |number: &SlotNumber| {
        let lora = desk.lora.as_ref();
        lora.is_some_and(|lora| waits(&lora.dataset, *number))
    };
    let captions: bulk::Captions = captioned
        .captions
        .into_iter()
        .filter(|(number, _)| waiting(number))
        .map(|(number, caption)| (number, Some(caption)))
        .collect();
    let edited = bulk::recaptioned(desk, captions, ctx);
    if problem.is_empty() {
        edited.stay()
    } else {
        edited.stay().say(
            Level::Warning,
            Message::new("captions-problem").text("problem", problem),
        )
    }
}
