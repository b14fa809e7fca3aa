//! One picture: what it is, what could be better about it and what can be done about that.

use lorikeet_chat::{Action, Block, Control, Field, Group, Level, Prompt, Screen};
use lorikeet_flow::{Change, Exits, Media, Message, Refusal, Rejection, StepBuilder};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::images::{caption, captioned, take};
use super::state::{Desk, Edited, Making, Preview, Refused, with};
use super::{Step, to_overview, top};
use crate::domain::{Ctx, Wait};
use crate::flows::show;
use crate::wire::{Mend, Part, PictureNews, PictureRequest};
use crate::{Caption, Dataset, Lora, MAX_CAPTION_CHARS, Picture, Problem, SlotContent, SlotNumber};

/// What the controls of a picture's screen do.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Press {
    /// Look at another place.
    Slot(SlotNumber),
    /// Empty the place looked at.
    Remove,
    /// Drop its caption.
    Uncaption,
    /// Have another picture made of it.
    Mend(Mend),
    /// It is meant as it is.
    Keep,
    /// Put it into another place.
    Move,
}

/// What helps against a verdict, besides another picture.
fn remedy(problem: &Problem) -> Option<(&'static str, Mend)> {
    match problem.code.as_str() {
        "letterboxed" => Some(("slot-trim", Mend::Trim)),
        "elongated" => Some(("slot-crop", Mend::Crop(Part::Middle))),
        _ => None,
    }
}

/// The first picture that could be better.
pub(super) fn first_doubtful(dataset: &Dataset) -> Option<SlotNumber> {
    let mut pictures = dataset.pictures();
    let doubtful = pictures.find(|(_, picture, _)| !picture.warnings.is_empty());
    doubtful.map(|(number, _, _)| number)
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
    if !picture.warnings.is_empty() {
        let remedies = picture.warnings.iter().filter_map(remedy);
        let remedies = remedies
            .map(|(label, how)| Control::button(t.say(label), press(Press::Mend(how))))
            .chain([Control::button(t.say("slot-keep"), press(Press::Keep))]);
        screen = screen.group(Group::row(remedies));
    }
    let mut row = Vec::new();
    for (label, neighbour) in [
        ("slot-before", before(&lora.dataset, number)),
        ("slot-after", after(&lora.dataset, number)),
    ] {
        if let Some(neighbour) = neighbour {
            row.push(Control::button(t.say(label), press(Press::Slot(neighbour))));
        }
    }
    row.push(Control::button(
        t.say("slot-turn"),
        press(Press::Mend(Mend::Turn)),
    ));
    row.push(Control::button(t.say("slot-move"), press(Press::Move)));
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
        .group(to_overview(ctx))
        .prompt(Prompt::Text {
            hint: t.say("captions-hint"),
            value: caption
                .as_ref()
                .map_or_else(String::new, Caption::to_string),
            max_chars: show::number(MAX_CAPTION_CHARS),
            multiline: false,
        }))
}

fn before(dataset: &Dataset, number: SlotNumber) -> Option<SlotNumber> {
    let before = dataset.pictures().map(|(other, _, _)| other);
    before.filter(|other| *other < number).last()
}

fn after(dataset: &Dataset, number: SlotNumber) -> Option<SlotNumber> {
    let mut after = dataset.pictures().map(|(other, _, _)| other);
    after.find(|other| *other > number)
}

pub(super) fn on_slot(step: StepBuilder<Step, Desk, Ctx>) -> StepBuilder<Step, Desk, Ctx> {
    step.jumps_to([Step::Overview])
        .on_text(
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
                if !matches!(press, Press::Slot(_)) {
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
                (Press::Remove, Some(number)) => remove(desk, number, ctx),
                (Press::Keep, Some(number)) => keep(desk, number, ctx),
                (Press::Mend(how), Some(number)) => mend(desk, number, how),
                (Press::Move, Some(_)) => Change::to(Step::Place, desk),
                (_, None) => Change::to(Step::Images, desk),
            },
            Exits::to([Step::Images, Step::Place]),
        )
        .on_background(
            crate::wire::PICTURE_NEWS,
            heed,
            |desk, news, ctx| heard(desk, news, ctx, true),
            Exits::to([Step::Crop]),
        )
}

fn remove(desk: Desk, number: SlotNumber, ctx: &Ctx) -> Change<Step, Desk> {
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
                lora.dataset.unreserve(&intake).0
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

/// Takes all verdicts back: whoever sent the picture means it so.
fn keep(desk: Desk, number: SlotNumber, ctx: &Ctx) -> Change<Step, Desk> {
    desk.edit(ctx, |lora| {
        let codes: Vec<String> = match lora.dataset.get(number) {
            Some(SlotContent::Filled { picture, .. }) => {
                let warnings = picture.warnings.iter();
                warnings.map(|warning| warning.code.clone()).collect()
            }
            _ => Vec::new(),
        };
        let dataset = codes
            .iter()
            .fold(lora.dataset, |dataset, code| dataset.dismiss(number, code));
        Lora { dataset, ..lora }
    })
    .stay()
}

fn mend(desk: Desk, number: SlotNumber, how: Mend) -> Change<Step, Desk> {
    let request = desk.lora.as_ref().and_then(|lora| {
        let Some(SlotContent::Filled { picture, .. }) = lora.dataset.get(number) else {
            return None;
        };
        Some(PictureRequest::Mend {
            lora: lora.id.clone(),
            image: picture.image.clone(),
            how,
        })
    });
    let making = request.as_ref().map(|_| Making::Picture);
    let desk = Desk { making, ..desk };
    with(Change::stay(desk), request.map(Into::into))
}

/// News for the LoRA on the desk, as long as it may be changed.
pub(super) fn heed(
    desk: &Desk,
    news: PictureNews,
    ctx: &Ctx,
) -> Result<Option<PictureNews>, Refused> {
    let (PictureNews::Mended { lora, .. } | PictureNews::Packed { lora, .. }) = &news;
    if desk.lora.as_ref().is_none_or(|here| here.id != *lora) {
        return Ok(None);
    }
    if let PictureNews::Mended { .. } = news {
        match desk.editable(ctx) {
            Ok(_) => {}
            // Whoever cannot change it any more has been told.
            Err(Refusal::Rejected(_)) => return Ok(None),
            Err(wait) => return Err(wait),
        }
    }
    Ok(Some(news))
}

/// What came of a picture's remedy or of packing. A cut is shown before it counts, to whoever is `watching`.
pub(super) fn heard(
    desk: Desk,
    news: Option<PictureNews>,
    ctx: &Ctx,
    watching: bool,
) -> Change<Step, Desk> {
    let Some(news) = news else {
        return Change::stay(desk);
    };
    let desk = Desk {
        making: None,
        ..desk
    };
    match news {
        PictureNews::Packed {
            blob, name, size, ..
        } => Change::stay(Desk {
            packed: Some(lorikeet_chat::FileBlock { blob, name, size }),
            ..desk
        }),
        PictureNews::Mended {
            outcome: Err(problem),
            ..
        } => {
            let message =
                Message::new("slot-not-mended").text("verdict", show::problem(&problem, ctx));
            Change::stay(desk).say(Level::Error, message)
        }
        PictureNews::Mended {
            image,
            how,
            outcome: Ok(picture),
            ..
        } => {
            let part = match how {
                Mend::Crop(part) => Some(part),
                Mend::Trim => None,
                Mend::Turn => return mended(desk, &image, picture, ctx).stay(),
            };
            // Whoever went elsewhere meanwhile has changed their mind.
            if !watching {
                return Change::stay(desk);
            }
            let preview = Some(Preview {
                image,
                part,
                picture,
            });
            Change::to(Step::Crop, Desk { preview, ..desk })
        }
    }
}

pub(super) fn mended(
    desk: Desk,
    image: &lorikeet_chat::BlobId,
    picture: Picture,
    ctx: &Ctx,
) -> Edited {
    desk.edit(ctx, |lora| Lora {
        dataset: lora.dataset.mend(image, picture).0,
        ..lora
    })
}
