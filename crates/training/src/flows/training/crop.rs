//! A cut before it counts: what would be left of a long picture.

use lorikeet_chat::{Action, Block, Control, Field, Group, Level, Screen};
use lorikeet_flow::{Change, Exits, Message, StepBuilder};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::slot::{heard, heed, mended};
use super::state::{Desk, Making, with};
use super::{Step, top};
use crate::domain::{Ctx, Wait};
use crate::flows::show;
use crate::wire::{Mend, Part, PictureRequest};

/// What the controls of a cut's screen do.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Cut {
    /// Take it.
    Use,
    /// Show another part.
    Other,
    /// Leave the picture as it is.
    Leave,
}

pub(super) fn crop(desk: &Desk, ctx: &Ctx) -> Result<Screen, Wait> {
    let t = &ctx.texts;
    let screen = top(desk, ctx);
    let (Some(preview), Some(number)) = (&desk.preview, desk.slot) else {
        return Ok(screen);
    };
    let size = Message::new("slot-size")
        .number("width", preview.picture.width)
        .number("height", preview.picture.height);
    let mut screen = screen
        .text(t.say("crop-intro"))
        .block(show::picture(number, &preview.picture, ctx))
        .block(Block::Fields(vec![Field::new(
            t.say("field-size"),
            t.format(&size),
        )]));
    for warning in &preview.picture.warnings {
        screen = screen.notice(Level::Warning, show::problem(warning, ctx));
    }
    let cut = |cut: Cut| Action::Input(json!(cut));
    let mut ways = vec![Control::primary(t.say("crop-use"), cut(Cut::Use))];
    if preview.part.is_some() {
        ways.push(Control::button(t.say("crop-other"), cut(Cut::Other)));
    }
    ways.push(Control::button(t.say("crop-leave"), cut(Cut::Leave)));
    Ok(screen.group(Group::row(ways)))
}

pub(super) fn on_crop(step: StepBuilder<Step, Desk, Ctx>) -> StepBuilder<Step, Desk, Ctx> {
    step.passing()
        .on_value(
            |desk, cut: Cut, ctx| {
                if !matches!(cut, Cut::Leave) {
                    desk.editable(ctx)?;
                }
                Ok(cut)
            },
            |desk, cut, ctx| {
                let Some(preview) = desk.preview.clone() else {
                    return Change::to(Step::Slot, desk);
                };
                match cut {
                    Cut::Leave => Change::to(
                        Step::Slot,
                        Desk {
                            preview: None,
                            ..desk
                        },
                    ),
                    Cut::Use => {
                        let desk = Desk {
                            preview: None,
                            ..desk
                        };
                        mended(desk, &preview.image, preview.picture, ctx).to(Step::Slot)
                    }
                    Cut::Other => {
                        let part = match preview.part {
                            Some(Part::Middle) => Part::End,
                            Some(Part::End) => Part::Start,
                            Some(Part::Start) | None => Part::Middle,
                        };
                        let request = desk.lora.as_ref().map(|lora| PictureRequest::Mend {
                            lora: lora.id.clone(),
                            image: preview.image.clone(),
                            how: Mend::Crop(part),
                        });
                        let making = Some(Making::Picture);
                        with(
                            Change::stay(Desk { making, ..desk }),
                            request.map(Into::into),
                        )
                    }
                }
            },
            Exits::to([Step::Slot]),
        )
        .on_background(
            crate::wire::PICTURE_NEWS,
            heed,
            |desk, news, ctx| heard(desk, news, ctx, true),
            Exits::stay(),
        )
}
