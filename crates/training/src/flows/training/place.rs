//! Where a picture is to go.

use lorikeet_chat::{Action, Board, BoardPlace, Control, Group, Prompt, Screen};
use lorikeet_flow::{Exits, Message, Rejection, StepBuilder};
use serde_json::json;

use super::state::{Desk, Edited, Refused};
use super::{Step, top};
use crate::domain::{Ctx, Wait};
use crate::flows::show;
use crate::{Lora, SlotNumber};

/// Asks where the picture is to go.
pub(super) fn place(desk: &Desk, ctx: &Ctx) -> Result<Screen, Wait> {
    let t = &ctx.texts;
    let screen = top(desk, ctx);
    let (Some(lora), Some(number)) = (&desk.lora, desk.slot) else {
        return Ok(screen);
    };
    let slots = ctx.domain.limits.slots;
    let places = lora.dataset.slots(slots).map(|slot| BoardPlace {
        tile: show::tile(slot.number, slot.content, ctx),
        text: None,
        open: (slot.number != number).then(|| Action::Input(json!(slot.number))),
    });
    let intro = Message::new("place-intro").number("slot", number.0);
    let board = Control::Board(Board {
        label: t.format(&intro),
        places: places.collect(),
        edit: None,
        max_chars: 0,
    });
    Ok(screen.group(Group::list([board])).prompt(Prompt::Number {
        hint: t.say("place-hint"),
        min: 1.0,
        max: f64::from(slots),
    }))
}

pub(super) fn on_place(step: StepBuilder<Step, Desk, Ctx>) -> StepBuilder<Step, Desk, Ctx> {
    let go = |desk: Desk, (from, to): (SlotNumber, SlotNumber), ctx: &Ctx| {
        let desk = Desk {
            slot: Some(to),
            ..desk
        };
        moved(desk, from, to, ctx).to(Step::Slot)
    };
    step.passing()
        .on_value(
            |desk, to: SlotNumber, ctx| {
                let from = desk.slot.ok_or_else(|| Rejection::new("slot-none"))?;
                movable(desk, from, &to.to_string(), ctx)
            },
            go,
            Exits::to([Step::Slot]),
        )
        .on_text(
            |desk, typed, ctx| {
                let from = desk.slot.ok_or_else(|| Rejection::new("slot-none"))?;
                movable(desk, from, typed, ctx)
            },
            go,
            Exits::to([Step::Slot]),
        )
}

/// The two places of a move, when it can be made.
pub(super) fn movable(
    desk: &Desk,
    from: SlotNumber,
    to: &str,
    ctx: &Ctx,
) -> Result<(SlotNumber, SlotNumber), Refused> {
    let max = ctx.domain.limits.slots;
    let to = to.trim().parse().ok().filter(|to| (1..=max).contains(to));
    let Some(to) = to else {
        let message = Message::new("place-unknown").number("max", max);
        return Err(Rejection::from(message).into());
    };
    let lora = desk.editable(ctx)?;
    if lora.dataset.get(from).is_none() {
        let message = Message::new("slot-empty").number("slot", from.0);
        return Err(Rejection::from(message).into());
    }
    Ok((from, SlotNumber(to)))
}

pub(super) fn moved(desk: Desk, from: SlotNumber, to: SlotNumber, ctx: &Ctx) -> Edited {
    desk.edit(ctx, |lora| Lora {
        dataset: lora.dataset.exchange(from, to),
        ..lora
    })
}
