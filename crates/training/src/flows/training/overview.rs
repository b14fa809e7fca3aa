//! Everything about a LoRA at a glance, and the way to each part of it.

use lorikeet_chat::{Action, Block, Control, Field, Group, Screen};
use lorikeet_flow::{Change, Exits, Message, Step as _, StepBuilder};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::state::{Desk, Making, with};
use super::{Step, images, top};
use crate::domain::{Ctx, Reads as _, Wait};
use crate::flows::show;
use crate::wire::PictureRequest;
use crate::{Lora, RunId, RunState, slug};

/// What the controls of the overview do, besides leading elsewhere.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Press {
    /// Look at a run.
    Watch(RunId),
    /// Have the pictures and captions packed.
    Pack {},
}

/// What packs the pictures, named by their places, with the captions as they are edited: without the trigger word.
fn pack(lora: &Lora) -> PictureRequest {
    let pictures = lora.dataset.pictures().map(|(_, picture, caption)| {
        let caption = caption.map_or_else(String::new, crate::Caption::to_string);
        (picture.image.clone(), caption)
    });
    PictureRequest::Pack {
        lora: lora.id.clone(),
        name: format!("{}-pictures", slug(&lora.name)),
        pictures: pictures.collect(),
    }
}

pub(super) fn overview(desk: &Desk, ctx: &Ctx) -> Result<Screen, Wait> {
    let t = &ctx.texts;
    let Some(lora) = &desk.lora else {
        return Ok(top(desk, ctx));
    };
    let runs = ctx.runs_of(&lora.id)?;
    let active = runs.iter().find(|run| run.state.is_active());
    let done = runs
        .iter()
        .filter(|run| matches!(run.state, RunState::Done { .. }))
        .map(|run| run.version)
        .max();
    let status = match (active, done) {
        (Some(run), _) => Message::new("status-training").text("version", run.version.to_string()),
        (None, Some(version)) => {
            Message::new("status-trained").text("version", version.to_string())
        }
        (None, None) => Message::new("status-draft"),
    };
    let settings = match desk.settings(ctx) {
        Some(settings) => {
            let preset = t.say(&format!("preset-{}", settings.preset.name()));
            t.format(
                &Message::new("overview-settings")
                    .text("preset", preset)
                    .number("steps", settings.steps),
            )
        }
        None => t.say("settings-engine-gone"),
    };
    let fields = vec![
        Field::new(t.say("field-status"), t.format(&status)),
        Field::new(t.say("field-trigger"), lora.trigger.as_str()),
        Field::new(t.say("field-pictures"), show::count(&lora.dataset, ctx)),
        Field::new(t.say("field-settings"), settings),
    ];
    let mut screen = top(desk, ctx)
        .block(Block::Fields(fields))
        .blocks(show::gallery(&lora.dataset, ctx))
        .blocks(show::verdicts(&lora.dataset, ctx));
    let missing = missing(lora, ctx);
    if !missing.is_empty() {
        screen = screen.block(Block::List(
            missing.iter().map(|message| t.format(message)).collect(),
        ));
    }
    let jump = |label: &str, step: Step| {
        Control::button(t.say(label), Action::Jump(step.name().to_owned()))
    };
    let mut ways = Vec::new();
    if let Some(run) = active {
        ways.push(Control::primary(
            t.say("overview-watch"),
            Action::Input(json!({ "watch": run.id })),
        ));
    } else if missing.is_empty() {
        let review = Action::Jump(Step::Review.name().to_owned());
        ways.push(Control::primary(t.say("overview-review"), review));
    }
    ways.push(jump("overview-images", Step::Images));
    if lora.dataset.picture_count() > 0 {
        ways.push(jump("overview-captions", Step::Captions));
        ways.push(jump("overview-settings-button", Step::Settings));
    }
    ways.push(jump("overview-trigger", Step::Trigger));
    if lora.dataset.picture_count() > 0 && desk.packed.is_none() && desk.making.is_none() {
        let pack = Action::Input(json!({ "pack": {} }));
        ways.push(Control::button(t.say("overview-pack"), pack));
    }
    if let Some(file) = &desk.packed {
        screen = screen
            .text(t.say("overview-packed"))
            .block(Block::File(file.clone()));
    }
    Ok(screen.group(Group::row(ways)))
}

/// What is missing before a run can start.
pub(super) fn missing(lora: &Lora, ctx: &Ctx) -> Vec<Message> {
    let have = lora.dataset.picture_count();
    let min = ctx.domain.limits.min_pictures;
    let mut missing = Vec::new();
    if have < usize::from(min) {
        let more = u32::from(min).saturating_sub(show::number(have));
        missing.push(
            Message::new("missing-pictures")
                .number("min", min)
                .number("more", more)
                .number("have", show::number(have)),
        );
    }
    let arriving = lora.dataset.arriving_count();
    if arriving > 0 {
        missing.push(Message::new("missing-arriving").number("count", show::number(arriving)));
    }
    missing
}

pub(super) fn on_overview(step: StepBuilder<Step, Desk, Ctx>) -> StepBuilder<Step, Desk, Ctx> {
    let step = step
        .jumps_to([
            Step::Images,
            Step::Captions,
            Step::Settings,
            Step::Review,
            Step::Trigger,
        ])
        .on_value(
            |_, press: Press, _| Ok(press),
            |desk, press, _| match press {
                Press::Watch(run) => {
                    let run = Some(run);
                    Change::to(Step::Training, Desk { run, ..desk })
                }
                Press::Pack {} => {
                    let request = desk.lora.as_ref().map(pack);
                    let making = request.as_ref().map(|_| Making::Archive);
                    with(
                        Change::stay(Desk { making, ..desk }),
                        request.map(Into::into),
                    )
                }
            },
            Exits::to([Step::Training]),
        );
    images::on_media(step)
}
