//! Pictures: sending them, and all of them at a glance.

use std::collections::BTreeMap;

use lorikeet_chat::{
    Action, Block, Board, BoardPlace, Control, Field, Group, Level, Prompt, Screen,
};
use lorikeet_flow::{Change, Exits, Media, Message, Rejection, StepBuilder};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::state::{Desk, Edited, Refused};
use super::{Step, overview, place, slot, steps, to_overview, top};
use crate::domain::{Ctx, Wait};
use crate::flows::show;
use crate::wire::{Arrived, IntakeRequest, Outcome, Ticket};
use crate::{
    Caption, CaptionProblem, Lora, MAX_CAPTION_CHARS, Place, Problem, SlotContent, SlotNumber,
};

/// What the controls of the pictures' screen do.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Press {
    /// Look at a place.
    Slot(SlotNumber),
    /// Look at the first picture that could be better.
    Doubtful,
    /// On to the captions.
    Continue,
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
    let intro = match have {
        0 => "images-intro",
        _ if have >= usize::from(limits.slots) => "images-full",
        _ => "images-more",
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
        )]));
    screen = screen.blocks(show::verdicts(&lora.dataset, ctx));
    // Also what is on its way or was refused opens: a place that waits for a picture that never comes can be emptied.
    let places = lora.dataset.slots(limits.slots).map(|slot| BoardPlace {
        tile: show::tile(slot.number, slot.content, ctx),
        text: match slot.content {
            Some(SlotContent::Filled { caption, .. }) => Some(
                caption
                    .as_ref()
                    .map_or_else(String::new, Caption::to_string),
            ),
            _ => None,
        },
        open: slot
            .content
            .is_some()
            .then(|| Action::Input(json!(Press::Slot(slot.number)))),
    });
    let board = Control::Board(Board {
        label: t.say(if have == 0 {
            "images-places"
        } else {
            "images-pick"
        }),
        places: places.collect(),
        edit: Some(Action::Input(Value::Null)),
        max_chars: show::number(MAX_CAPTION_CHARS),
    });
    let mut ways = Vec::new();
    if slot::first_doubtful(&lora.dataset).is_some() {
        let look = Action::Input(json!(Press::Doubtful));
        ways.push(Control::button(t.say("images-doubtful"), look));
    }
    ways.push(Control::primary(
        t.say("images-continue"),
        Action::Input(json!(Press::Continue)),
    ));
    let screen = screen
        .group(Group::list([board]))
        .group(Group::row(ways))
        .group(to_overview(ctx));
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
        |desk, press, _| {
            let slot = match press {
                Press::Slot(number) => Some(number),
                Press::Doubtful => {
                    let dataset = desk.lora.as_ref().map(|lora| &lora.dataset);
                    dataset.and_then(slot::first_doubtful)
                }
                Press::Continue => None,
            };
            match (slot, press) {
                (Some(_), _) => Change::to(Step::Slot, Desk { slot, ..desk }),
                (None, Press::Continue) => Change::to(Step::Captions, Desk { slot, ..desk }),
                // What could be better was changed meanwhile.
                (None, _) => Change::stay(desk),
            }
        },
        Exits::to([Step::Slot, Step::Captions]),
    );
    let step = step.on_form(
        placed,
        |desk, edit, ctx| match edit {
            InPlace::Move(from, to) => place::moved(desk, from, to, ctx).stay(),
            InPlace::Caption(number, caption) => captioned(desk, number, caption, ctx).stay(),
        },
        Exits::stay(),
    );
    on_media(step)
}

/// A change made on the board itself.
enum InPlace {
    Move(SlotNumber, SlotNumber),
    Caption(SlotNumber, Option<Caption>),
}

fn placed(desk: &Desk, fields: BTreeMap<String, String>, ctx: &Ctx) -> Result<InPlace, Refused> {
    let field = |name: &str| fields.get(name).map(String::as_str);
    let number = SlotNumber(
        field(Board::PLACE)
            .and_then(|n| n.parse().ok())
            .unwrap_or(0),
    );
    if let Some(to) = field(Board::TO) {
        let (from, to) = place::movable(desk, number, to, ctx)?;
        return Ok(InPlace::Move(from, to));
    }
    let lora = desk.editable(ctx)?;
    let Some(SlotContent::Filled { .. }) = lora.dataset.get(number) else {
        let message = Message::new("slot-empty").number("slot", number.0);
        return Err(Rejection::from(message).into());
    };
    Ok(InPlace::Caption(
        number,
        match field(Board::TEXT).map(str::trim) {
            None | Some("") => None,
            Some(typed) => Some(caption(desk, typed, ctx)?),
        },
    ))
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
        |desk, media, ctx| {
            let place = media.place.parse().ok().map(SlotNumber);
            take(desk, media, place, ctx)
        },
        Exits::stay(),
    )
}

/// Sets places aside and asks for the pictures to be fetched. The first goes to `first`, if given.
pub(super) fn take(
    desk: Desk,
    media: Media,
    first: Option<SlotNumber>,
    ctx: &Ctx,
) -> Change<Step, Desk> {
    let capacity = ctx.domain.limits.slots;
    let mut requests = Vec::new();
    let mut left_over = Vec::new();
    // Words beside one picture are its caption.
    let (caption, too_long) = match Caption::parse(&media.text) {
        _ if media.items.len() != 1 => (None, None),
        Ok(caption) => (Some(caption), None),
        Err(CaptionProblem::Empty) => (None, None),
        Err(problem) => (None, Some(refused_caption(problem))),
    };
    let edited = desk.edit(ctx, |lora| {
        let mut dataset = lora.dataset;
        for (ordinal, item) in media.items.into_iter().enumerate() {
            let intake = format!("{}#{ordinal}", ctx.event);
            let place = first
                .filter(|first| ordinal == 0 && (1..=capacity).contains(&first.0))
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
                    most: capacity,
                    context: Ticket {
                        lora: lora.id.clone(),
                        slot,
                        intake,
                        caption: caption.clone(),
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
    let change = match too_long {
        Some(message) => change.say(Level::Warning, message),
        None => change,
    };
    if left_over.is_empty() {
        return change;
    }
    let message = Message::new("images-no-room")
        .number("count", show::number(left_over.len()))
        .text("names", left_over.join(", "))
        .number("max", capacity);
    change.say(Level::Warning, message)
}

/// A caption that can be used, when captions may be changed.
pub(super) fn caption(desk: &Desk, typed: &str, ctx: &Ctx) -> Result<Caption, Refused> {
    let caption =
        Caption::parse(typed).map_err(|problem| Rejection::from(refused_caption(problem)))?;
    desk.editable(ctx)?;
    Ok(caption)
}

fn refused_caption(problem: CaptionProblem) -> Message {
    match problem {
        CaptionProblem::Empty => Message::new("caption-empty"),
        CaptionProblem::TooLong(length) => Message::new("caption-too-long")
            .number("length", show::number(length))
            .number("max", show::number(MAX_CAPTION_CHARS)),
    }
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
