//! Pictures: sending them, what became of them, one at a time.

use lorikeet_chat::{Action, Block, Control, Field, Group, Level, Prompt, Screen};
use lorikeet_flow::{Change, Exits, Media, Message, Rejection, StepBuilder};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::state::{Desk, Edited, Refused, with};
use super::{Step, overview, steps, to_overview, top};
use crate::domain::{Ctx, Wait};
use crate::flows::show;
use crate::wire::{Arrived, IntakeRequest, Outcome, Ticket};
use crate::{
    Caption, CaptionProblem, Lora, MAX_CAPTION_CHARS, Place, Problem, SlotContent, SlotNumber,
};

/// What the controls of the pictures' screens do.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Press {
    /// Look at a place.
    Slot(SlotNumber),
    /// On to the captions.
    Continue,
    /// Empty the place looked at.
    Remove,
    /// Drop its caption.
    Uncaption,
}

/// An intake that failed for good, as the runtime tells it: code and the request as it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::flows) struct IntakeFailed {
    code: String,
    request: IntakeRequest,
}

impl From<IntakeFailed> for Arrived {
    fn from(failed: IntakeFailed) -> Self {
        // Reasons the texts know; anything else is "could not be fetched".
        let code = if failed.code == "no_space" {
            "no-space"
        } else {
            "not-fetched"
        };
        Self {
            ticket: failed.request.context,
            outcome: Outcome::Refused(Problem::new(code)),
        }
    }
}

pub(super) fn images(desk: &Desk, ctx: &Ctx) -> Result<Screen, Wait> {
    let t = &ctx.texts;
    let Some(lora) = &desk.lora else {
        return Ok(top(desk, ctx));
    };
    let limits = ctx.domain.limits;
    let have = lora.dataset.picture_count();
    let intro = if have == 0 {
        "images-intro"
    } else {
        "images-more"
    };
    let intro = Message::new(intro)
        .number("min", limits.min_pictures)
        .number("max", limits.slots)
        .number(
            "more",
            u32::from(limits.min_pictures).saturating_sub(show::number(have)),
        );
    let mut screen = top(desk, ctx)
        .block(steps(1, ctx))
        .text(t.format(&intro))
        .block(Block::Fields(vec![Field::new(
            t.say("field-pictures"),
            show::count(&lora.dataset, ctx),
        )]))
        .block(show::gallery(&lora.dataset, ctx));
    if let Some(verdicts) = show::verdicts(&lora.dataset, ctx) {
        screen = screen.block(verdicts);
    }
    // Also what is on its way or was refused: a place that waits for a picture that never comes can be emptied.
    let slots: Vec<Control> = lora
        .dataset
        .slots(limits.slots)
        .filter(|slot| slot.content.is_some())
        .map(|slot| {
            Control::button(
                slot.number.to_string(),
                Action::Input(json!(Press::Slot(slot.number))),
            )
        })
        .collect();
    if !slots.is_empty() {
        screen = screen
            .text(t.say("images-pick"))
            .group(Group::grid(5, slots));
    }
    let on = Control::primary(
        t.say("images-continue"),
        Action::Input(json!(Press::Continue)),
    );
    let screen = screen.group(Group::row([on])).group(to_overview(ctx));
    Ok(screen.prompt(Prompt::Images {
        hint: t.say("images-hint"),
        have: show::number(have),
        min: u32::from(limits.min_pictures),
        max: u32::from(limits.slots),
    }))
}

pub(super) fn on_images(step: StepBuilder<Step, Desk, Ctx>) -> StepBuilder<Step, Desk, Ctx> {
    let step = step.jumps_to([Step::Overview]).on_value(
        |desk, press: Press, ctx| {
            if matches!(press, Press::Continue) {
                enough(desk, ctx)?;
            }
            Ok(press)
        },
        |desk, press, _| match press {
            Press::Slot(number) => Change::to(
                Step::Slot,
                Desk {
                    slot: Some(number),
                    ..desk
                },
            ),
            _ => Change::to(Step::Captions, Desk { slot: None, ..desk }),
        },
        Exits::to([Step::Slot, Step::Captions]),
    );
    on_media(step)
}

/// Refuses to go on before there are enough pictures.
pub(super) fn enough(desk: &Desk, ctx: &Ctx) -> Result<(), Refused> {
    let lora = desk
        .lora
        .as_ref()
        .ok_or_else(|| Rejection::new("desk-opening"))?;
    match overview::missing(lora, ctx).into_iter().next() {
        Some(missing) => Err(Rejection::from(missing).into()),
        None => Ok(()),
    }
}

/// Takes pictures into the next free places, wherever they are sent.
pub(super) fn on_media(step: StepBuilder<Step, Desk, Ctx>) -> StepBuilder<Step, Desk, Ctx> {
    step.on_media(
        |desk, media: Media, ctx| desk.editable(ctx).map(|_| media),
        |desk, media, ctx| take(desk, media, None, ctx),
        Exits::stay(),
    )
}

/// Sets places aside and asks for the pictures to be fetched. The first goes to `first`, if given.
fn take(desk: Desk, media: Media, first: Option<SlotNumber>, ctx: &Ctx) -> Change<Step, Desk> {
    let capacity = ctx.domain.limits.slots;
    let mut requests = Vec::new();
    let mut left_over = Vec::new();
    let edited = desk.edit(ctx, |lora| {
        let mut dataset = lora.dataset;
        for (ordinal, item) in media.items.into_iter().enumerate() {
            let intake = format!("{}#{ordinal}", ctx.event);
            let place = first
                .filter(|_| ordinal == 0)
                .map_or(Place::Next, Place::At);
            let name = if item.name.is_empty() {
                ctx.texts.say("images-unnamed")
            } else {
                item.name
            };
            let (reserved, number) = dataset.reserve(place, capacity, &intake, &name);
            dataset = reserved;
            match number {
                Some(slot) => requests.push(IntakeRequest {
                    source: item.source,
                    name,
                    context: Ticket {
                        lora: lora.id.clone(),
                        slot,
                        intake,
                    },
                }),
                None => left_over.push(name),
            }
        }
        Lora { dataset, ..lora }
    });
    let change = requests
        .into_iter()
        .fold(edited.stay(), |change, request| change.wish(request.into()));
    if left_over.is_empty() {
        return change;
    }
    let message = Message::new("images-no-room")
        .number("count", show::number(left_over.len()))
        .text("names", left_over.join(", "))
        .number("max", capacity);
    change.say(Level::Warning, message)
}

pub(super) fn slot(desk: &Desk, ctx: &Ctx) -> Result<Screen, Wait> {
    let t = &ctx.texts;
    let screen = top(desk, ctx);
    let (Some(lora), Some(number)) = (&desk.lora, desk.slot) else {
        return Ok(screen);
    };
    let press = |press: Press| Action::Input(json!(press));
    let remove = Control::button(t.say("slot-remove"), press(Press::Remove));
    let (picture, caption) = match lora.dataset.get(number) {
        None => {
            return Ok(screen.text(t.format(&Message::new("slot-empty").number("slot", number.0))));
        }
        Some(SlotContent::Arriving { .. }) => {
            return Ok(screen
                .text(t.format(&Message::new("slot-on-its-way").number("slot", number.0)))
                .group(Group::row([remove])));
        }
        Some(SlotContent::Refused { name, problem }) => {
            let verdict = Message::new("slot-verdict")
                .number("slot", number.0)
                .text("name", name.clone())
                .text("verdict", show::problem(problem, ctx));
            return Ok(screen
                .notice(Level::Error, t.format(&verdict))
                .text(t.say("slot-refused"))
                .group(Group::row([remove])));
        }
        Some(SlotContent::Filled { picture, caption }) => (picture, caption),
    };
    let size = Message::new("slot-size")
        .number("width", picture.width)
        .number("height", picture.height);
    let line = caption
        .as_ref()
        .map_or_else(|| t.say("slot-no-caption"), Caption::to_string);
    let mut screen = screen
        .block(show::picture(number, picture, ctx))
        .block(Block::Fields(vec![
            Field::new(t.say("field-file"), picture.name.clone()),
            Field::new(t.say("field-size"), t.format(&size)),
            Field::new(t.say("field-caption"), line),
        ]));
    for warning in &picture.warnings {
        screen = screen.notice(Level::Warning, show::problem(warning, ctx));
    }
    let neighbour = |forward: bool| {
        let mut numbers: Vec<SlotNumber> = lora
            .dataset
            .pictures()
            .map(|(number, _, _)| number)
            .collect();
        if !forward {
            numbers.reverse();
        }
        numbers.into_iter().find(|&other| {
            if forward {
                other > number
            } else {
                other < number
            }
        })
    };
    let mut row = Vec::new();
    if let Some(before) = neighbour(false) {
        row.push(Control::button(
            t.say("slot-before"),
            press(Press::Slot(before)),
        ));
    }
    if let Some(after) = neighbour(true) {
        row.push(Control::button(
            t.say("slot-after"),
            press(Press::Slot(after)),
        ));
    }
    if caption.is_some() {
        row.push(Control::button(
            t.say("slot-uncaption"),
            press(Press::Uncaption),
        ));
    }
    row.push(remove);
    Ok(screen
        .text(t.say("slot-intro"))
        .group(Group::row(row))
        .prompt(Prompt::Text {
            hint: t.say("captions-hint"),
            value: caption
                .as_ref()
                .map_or_else(String::new, Caption::to_string),
            max_chars: show::number(MAX_CAPTION_CHARS),
            multiline: false,
        }))
}

pub(super) fn on_slot(step: StepBuilder<Step, Desk, Ctx>) -> StepBuilder<Step, Desk, Ctx> {
    step.on_text(
        |desk, typed, ctx| {
            let number = desk.slot.ok_or_else(|| Rejection::new("slot-none"))?;
            let content = desk.lora.as_ref().map(|lora| lora.dataset.get(number));
            let waits = match content.flatten() {
                Some(SlotContent::Filled { .. }) => None,
                Some(SlotContent::Arriving { .. }) => Some("slot-on-its-way"),
                Some(SlotContent::Refused { .. }) | None => Some("slot-empty"),
            };
            if let Some(waits) = waits {
                let message = Message::new(waits).number("slot", number.0);
                return Err(Rejection::from(message).into());
            }
            Ok((number, caption(desk, typed, ctx)?))
        },
        |desk, (number, caption), ctx| captioned(desk, number, Some(caption), ctx).stay(),
        Exits::stay(),
    )
    .on_media(
        |desk, media: Media, ctx| desk.editable(ctx).map(|_| media),
        |desk, media, ctx| {
            let slot = desk.slot;
            take(desk, media, slot, ctx)
        },
        Exits::stay(),
    )
    .on_value(
        |desk, press: Press, ctx| {
            if matches!(press, Press::Remove | Press::Uncaption) {
                desk.editable(ctx)?;
            }
            Ok(press)
        },
        |desk, press, ctx| match (press, desk.slot) {
            (Press::Slot(number), _) => Change::stay(Desk {
                slot: Some(number),
                ..desk
            }),
            (Press::Uncaption, Some(number)) => captioned(desk, number, None, ctx).stay(),
            (Press::Remove, Some(number)) => {
                let mut said = "slot-removed";
                let edited = desk.edit(ctx, |lora| {
                    let waiting = match lora.dataset.get(number) {
                        // Only what is on its way is given up; the picture it was to replace stays.
                        Some(SlotContent::Arriving {
                            intake,
                            before: Some(_),
                            ..
                        }) => Some(intake.clone()),
                        _ => None,
                    };
                    let dataset = match waiting {
                        Some(intake) => {
                            said = "slot-restored";
                            let problem = Problem::new("not-fetched");
                            lora.dataset.refuse(number, &intake, problem).0
                        }
                        None => lora.dataset.remove(number),
                    };
                    Lora { dataset, ..lora }
                });
                let removed = Message::new(said).number("slot", number.0);
                let Edited { desk, save } = edited;
                let change = Change::to(Step::Images, Desk { slot: None, ..desk });
                with(change, save).say(Level::Info, removed)
            }
            _ => Change::to(Step::Images, desk),
        },
        Exits::to([Step::Images]),
    )
}

/// A caption that can be used, when captions may be changed.
pub(super) fn caption(desk: &Desk, typed: &str, ctx: &Ctx) -> Result<Caption, Refused> {
    let caption = Caption::parse(typed).map_err(|problem| {
        let message = match problem {
            CaptionProblem::Empty => Message::new("caption-empty"),
            CaptionProblem::TooLong(length) => Message::new("caption-too-long")
                .number("length", show::number(length))
                .number("max", show::number(MAX_CAPTION_CHARS)),
        };
        Rejection::from(message)
    })?;
    desk.editable(ctx)?;
    Ok(caption)
}

/// The desk after a picture got (or lost) its caption.
pub(super) fn captioned(
    desk: Desk,
    number: SlotNumber,
    caption: Option<Caption>,
    ctx: &Ctx,
) -> Edited {
    desk.edit(ctx, |lora| Lora {
        dataset: lora.dataset.caption(number, caption).0,
        ..lora
    })
}
