//! Many captions changed at once, and taken back.

use std::collections::BTreeMap;

use lorikeet_chat::{Action, Block, Field, FormField, Level, Prompt, Screen};
use lorikeet_flow::{Change, Exits, Message, Rejection, StepBuilder};
use serde_json::Value;

use super::state::{Desk, Edited, Refused, with};
use super::{Step, steps, top};
use crate::domain::{Ctx, Wait};
use crate::flows::show;
use crate::{
    BulkEdit, BulkProblem, Caption, Dataset, Lora, MAX_CAPTION_CHARS, SlotContent, SlotNumber,
};

/// Characters of each field at most.
const FIELD_CHARS: u32 = 200;

/// The form's fields: name of the value, label and help.
const FIELDS: [(&str, &str, &str); 4] = [
    ("find", "bulk-find", "bulk-find-hint"),
    ("replace", "bulk-replace", "bulk-replace-hint"),
    ("before", "bulk-before", "bulk-before-hint"),
    ("after", "bulk-after", "bulk-after-hint"),
];

pub(super) fn bulk(desk: &Desk, ctx: &Ctx) -> Result<Screen, Wait> {
    let t = &ctx.texts;
    let screen = top(desk, ctx)
        .block(steps(2, ctx))
        .text(t.say("bulk-intro"));
    let Some(lora) = &desk.lora else {
        return Ok(screen);
    };
    let fields = FIELDS.map(|(name, label, hint)| FormField {
        name: name.to_owned(),
        label: t.say(label),
        hint: t.say(hint),
        value: String::new(),
        max_chars: FIELD_CHARS,
        multiline: false,
        problem: String::new(),
    });
    Ok(screen
        .block(Block::Fields(vec![Field::new(
            t.say("field-pictures"),
            show::count(&lora.dataset, ctx),
        )]))
        .prompt(Prompt::Form {
            title: t.say("bulk-title"),
            fields: fields.into(),
            submit: t.say("bulk-submit"),
            action: Action::Input(Value::Null),
        }))
}

pub(super) fn on_bulk(step: StepBuilder<Step, Desk, Ctx>) -> StepBuilder<Step, Desk, Ctx> {
    step.passing().on_form(
        check,
        |desk, changed, ctx| {
            let count = changed.len();
            let Edited { desk, save } = recaptioned(desk, changed, ctx);
            let message = Message::new("bulk-done").number("count", show::number(count));
            with(Change::to(Step::Captions, desk), save).say(Level::Success, message)
        },
        Exits::to([Step::Captions]),
    )
}

/// Captions by place, as they will be.
pub(super) type Captions = Vec<(SlotNumber, Option<Caption>)>;

fn check(desk: &Desk, fields: BTreeMap<String, String>, ctx: &Ctx) -> Result<Captions, Refused> {
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let edit = BulkEdit {
        find: field("find"),
        replace: field("replace"),
        before: field("before"),
        after: field("after"),
    };
    let lora = desk.editable(ctx)?;
    if edit.is_empty() {
        return Err(Rejection::new("bulk-nothing").into());
    }
    let changed = edit.apply(&lora.dataset).map_err(|problem| match problem {
        BulkProblem::TooLong { slot, length } => Rejection::from(
            Message::new("bulk-too-long")
                .number("slot", slot.0)
                .number("length", show::number(length))
                .number("max", show::number(MAX_CAPTION_CHARS)),
        ),
    })?;
    if changed.is_empty() {
        let message = Message::new("bulk-not-found").text("find", edit.find);
        return Err(Rejection::from(message).into());
    }
    Ok(changed)
}

/// The desk with other captions, and what they were before, by picture: those may change places meanwhile.
pub(super) fn recaptioned(desk: Desk, captions: Captions, ctx: &Ctx) -> Edited {
    let before = |dataset: &Dataset, number: SlotNumber| match dataset.get(number) {
        Some(SlotContent::Filled { picture, caption }) => {
            Some((picture.image.clone(), caption.clone()))
        }
        _ => None,
    };
    let undo = desk.lora.as_ref().map_or_else(Vec::new, |lora| {
        let places = captions.iter();
        places
            .filter_map(|(number, _)| before(&lora.dataset, *number))
            .collect()
    });
    let desk = Desk { undo, ..desk };
    desk.edit(ctx, |lora| Lora {
        dataset: put(lora.dataset, captions),
        ..lora
    })
}

/// The desk with the captions as they were before the last change of many.
pub(super) fn undone(desk: Desk, ctx: &Ctx) -> Edited {
    let undo = desk.undo.clone();
    let desk = Desk {
        undo: Vec::new(),
        ..desk
    };
    desk.edit(ctx, |lora| {
        let captions = lora.dataset.pictures().filter_map(|(number, picture, _)| {
            let known = undo.iter().find(|(image, _)| *image == picture.image);
            known.map(|(_, caption)| (number, caption.clone()))
        });
        let captions: Captions = captions.collect();
        Lora {
            dataset: put(lora.dataset, captions),
            ..lora
        }
    })
}

fn put(dataset: Dataset, captions: Captions) -> Dataset {
    captions
        .into_iter()
        .fold(dataset, |dataset, (number, caption)| {
            dataset.caption(number, caption).0
        })
}
