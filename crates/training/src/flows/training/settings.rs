//! How to train: a preset, or numbers by hand.

use lorikeet_chat::{Action, Block, Choice, Control, Group, OptionControl, Screen};
use lorikeet_flow::{Change, Exits, Message, Rejection, StepBuilder};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::state::{Desk, seed};
use super::{Step, images, steps, to_overview, top};
use crate::domain::{Ctx, Reads as _, Wait};
use crate::flows::{advanced, show};
use crate::{EngineId, Lora, Preset, Settings};

/// What the controls of the settings' screen do.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Press {
    /// Take a preset.
    Preset(Preset),
    /// Have another engine train, by its id.
    Engine(String),
    /// Train another base model.
    Base(String),
    /// Set the numbers by hand.
    Advanced,
    /// On to the review.
    Continue,
}

pub(super) fn settings(desk: &Desk, ctx: &Ctx) -> Result<Screen, Wait> {
    let t = &ctx.texts;
    let screen = top(desk, ctx).block(steps(3, ctx));
    let (Some(lora), Some(settings)) = (&desk.lora, desk.settings(ctx)) else {
        return Ok(screen.text(t.say("settings-engine-gone")));
    };
    let Some(engine) = ctx.domain.engine(&settings.engine) else {
        return Ok(screen);
    };
    let pictures = lora.dataset.picture_count();
    let press = |press: Press| Action::Input(json!(press));
    let mut presets = Vec::new();
    for preset in Preset::OFFERED {
        let Some(numbers) = engine
            .preset(preset, pictures, settings.seed)
            .filter(|s| s.preset == preset)
        else {
            continue;
        };
        let time = ctx
            .estimate(&numbers, pictures)?
            .map(|estimate| estimate.seconds);
        #[expect(
            clippy::cast_precision_loss,
            reason = "seconds of a run are far below 2^53"
        )]
        let hint = match time {
            Some(seconds) => {
                Message::new("preset-hint").text("time", show::duration(seconds as f64, ctx))
            }
            None => Message::new("preset-hint-steps"),
        }
        .number("steps", numbers.steps);
        presets.push(OptionControl {
            label: t.say(&format!("preset-{}", preset.name())),
            hint: t.format(&hint),
            selected: settings.preset == preset,
            action: press(Press::Preset(preset)),
        });
    }
    let mut screen = screen.text(t.say("settings-intro"));
    if engine.demonstration {
        screen = screen.block(show::demonstration(ctx));
    }
    screen = screen.block(Block::Fields(show::settings(&settings, ctx)));
    if ctx.domain.engines.len() > 1 {
        let options = ctx.domain.engines.iter().map(|engine| OptionControl {
            label: engine.name.clone(),
            hint: String::new(),
            selected: engine.id == settings.engine,
            action: press(Press::Engine(engine.id.0.clone())),
        });
        let choice = Choice {
            label: t.say("field-engine"),
            multiple: false,
            options: options.collect(),
        };
        screen = screen.group(Group::list([Control::Choice(choice)]));
    }
    if engine.bases.len() > 1 {
        let options = engine.bases.iter().map(|base| OptionControl {
            label: base.name.clone(),
            hint: String::new(),
            selected: base.id == settings.base,
            action: press(Press::Base(base.id.clone())),
        });
        let choice = Choice {
            label: t.say("field-base"),
            multiple: false,
            options: options.collect(),
        };
        screen = screen.group(Group::list([Control::Choice(choice)]));
    }
    let presets = Choice {
        label: t.say("field-preset"),
        multiple: false,
        options: presets,
    };
    Ok(screen
        .group(Group::list([Control::Choice(presets)]))
        .group(Group::row([
            Control::primary(t.say("settings-continue"), press(Press::Continue)),
            Control::button(t.say("settings-advanced"), press(Press::Advanced)),
        ]))
        .group(to_overview(ctx)))
}

pub(super) fn on_settings(step: StepBuilder<Step, Desk, Ctx>) -> StepBuilder<Step, Desk, Ctx> {
    step.jumps_to([Step::Overview])
        .on_value(
            |desk, press: Press, ctx| {
                let settings = desk
                    .settings(ctx)
                    .ok_or_else(|| Rejection::new("settings-engine-gone"))?;
                match press {
                    Press::Continue => images::enough(desk, ctx)?,
                    Press::Preset(_) | Press::Engine(_) | Press::Base(_) | Press::Advanced => {
                        desk.writable(ctx)?;
                    }
                }
                Ok((press, settings))
            },
            |desk, (press, settings): (Press, Settings), ctx| match press {
                Press::Continue => Change::to(Step::Review, desk),
                Press::Advanced => Change::call(advanced::NAME, json!(settings), desk),
                Press::Base(base) => set(desk, Settings { base, ..settings }, ctx),
                // Its numbers are its own: those of another engine may be out of its ranges.
                Press::Engine(id) => {
                    let chosen = desk.lora.as_ref().and_then(|lora| {
                        let engine = ctx.domain.engine(&EngineId(id))?;
                        let preset = match settings.preset {
                            Preset::Custom => Preset::Balanced,
                            offered => offered,
                        };
                        engine.preset(preset, lora.dataset.picture_count(), seed(lora))
                    });
                    set(desk, chosen.unwrap_or(settings), ctx)
                }
                Press::Preset(preset) => {
                    let chosen = desk.lora.as_ref().and_then(|lora| {
                        let engine = ctx.domain.engine(&settings.engine)?;
                        engine.preset(preset, lora.dataset.picture_count(), seed(lora))
                    });
                    let base = settings.base.clone();
                    set(
                        desk,
                        chosen.map_or(settings, |chosen| Settings { base, ..chosen }),
                        ctx,
                    )
                }
            },
            Exits::to([Step::Review]).or_call(advanced::NAME),
        )
        .on_return(
            advanced::NAME,
            |desk, settings: Settings, ctx| desk.writable(ctx).map(|_| settings),
            set,
            Exits::stay(),
        )
}

fn set(desk: Desk, settings: Settings, ctx: &Ctx) -> Change<Step, Desk> {
    desk.edit(ctx, |lora| Lora {
        settings: Some(settings),
        ..lora
    })
    .stay()
}
