//! What a run will take, before it is started.

use lorikeet_chat::{Action, Block, Control, Field, Group, Level, Screen};
use lorikeet_flow::{Change, Exits, Message, Rejection, StepBuilder};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::state::{Desk, Refused, with};
use super::{Step, images, overview, steps, to_overview, top};
use crate::domain::{Ctx, Reads as _, Wait};
use crate::flows::show;
use crate::wire::RunRequest;
use crate::{
    Caption, FEW_PICTURES, LoraId, Owner, Progress, Run, RunId, RunPicture, RunState,
    SettingProblem, VersionNumber, audit_captions,
};

/// What the controls of the review do.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Press {
    /// Start the run.
    Start,
}

/// The version the next run makes, and the one it comes after.
fn version(lora: &LoraId, ctx: &Ctx) -> Result<(VersionNumber, Option<VersionNumber>), Wait> {
    let runs = ctx.runs_of(lora)?;
    let done = runs
        .iter()
        .filter(|run| matches!(run.state, RunState::Done { .. }))
        .map(|run| run.version)
        .max();
    Ok((done.map_or(VersionNumber::FIRST, VersionNumber::next), done))
}

pub(super) fn review(desk: &Desk, ctx: &Ctx) -> Result<Screen, Wait> {
    let t = &ctx.texts;
    let screen = top(desk, ctx).block(steps(4, ctx));
    let (Some(lora), Some(settings)) = (&desk.lora, desk.settings(ctx)) else {
        return Ok(screen.text(t.say("settings-engine-gone")));
    };
    let pictures = lora.dataset.picture_count();
    let (version, parent) = version(&lora.id, ctx)?;
    let version = match parent {
        Some(parent) => Message::new("review-version-after").text("parent", parent.to_string()),
        None => Message::new("review-version"),
    }
    .text("version", version.to_string());
    let mut fields = vec![
        Field::new(t.say("field-version"), t.format(&version)),
        Field::new(t.say("field-trigger"), lora.trigger.as_str()),
        Field::new(t.say("field-pictures"), show::count(&lora.dataset, ctx)),
    ];
    fields.extend(show::settings(&settings, ctx));
    fields.extend(show::estimate(ctx.estimate(&settings, pictures)?, ctx));
    let mut screen = screen
        .text(t.say("review-intro"))
        .block(Block::Fields(fields));
    for (level, message) in remarks(desk, pictures) {
        screen = screen.notice(level, t.format(&message));
    }
    if ctx
        .domain
        .engine(&settings.engine)
        .is_some_and(|engine| engine.demonstration)
    {
        screen = screen.block(show::demonstration(ctx));
    }
    for message in overview::missing(lora, ctx) {
        screen = screen.notice(Level::Error, t.format(&message));
    }
    let start = Control::primary(t.say("review-start"), Action::Input(json!(Press::Start)));
    Ok(screen.group(Group::row([start])).group(to_overview(ctx)))
}

/// What is worth a thought before time is spent.
fn remarks(desk: &Desk, pictures: usize) -> Vec<(Level, Message)> {
    let Some(lora) = &desk.lora else {
        return Vec::new();
    };
    let mut remarks = Vec::new();
    if pictures < FEW_PICTURES {
        let few = Message::new("review-few")
            .number("count", show::number(pictures))
            .number("better", show::number(FEW_PICTURES));
        remarks.push((Level::Info, few));
    }
    let captions: Vec<&Caption> = lora
        .dataset
        .pictures()
        .filter_map(|(_, _, caption)| caption)
        .collect();
    // When the template wrote them all, they are all the same on purpose.
    let alike = captions.windows(2).all(|pair| pair[0] == pair[1]);
    if !alike {
        for fused in audit_captions(captions) {
            let (level, id) = if fused.certain {
                (Level::Warning, "review-fused-certain")
            } else {
                (Level::Info, "review-fused")
            };
            remarks.push((
                level,
                Message::new(id)
                    .text("word", fused.word)
                    .number("percent", fused.percent),
            ));
        }
    }
    remarks
}

pub(super) fn on_review(step: StepBuilder<Step, Desk, Ctx>) -> StepBuilder<Step, Desk, Ctx> {
    step.jumps_to([Step::Overview]).on_value(
        |desk, _: Press, ctx| ready(desk, ctx),
        |desk, run: Run, _| {
            let start = RunRequest::Start(Box::new(run.clone()));
            with(
                Change::to(
                    Step::Training,
                    Desk {
                        run: Some(run.id),
                        ..desk
                    },
                ),
                Some(start.into()),
            )
        },
        Exits::to([Step::Training]),
    )
}

/// The run, when everything it needs is there.
fn ready(desk: &Desk, ctx: &Ctx) -> Result<Run, Refused> {
    images::enough(desk, ctx)?;
    let lora = desk.editable(ctx)?;
    let gone = || Rejection::new("settings-engine-gone");
    let settings = desk.settings(ctx).ok_or_else(gone)?;
    let engine = ctx.domain.engine(&settings.engine).ok_or_else(gone)?;
    engine.check(&settings).map_err(|problems| {
        let wrong = problems
            .first()
            .map_or_else(String::new, |problem: &SettingProblem| {
                show::setting(problem.setting(), ctx)
            });
        Rejection::from(Message::new("review-settings").text("setting", wrong))
    })?;
    let (version, parent) = version(&lora.id, ctx)?;
    let pictures = lora.dataset.for_training(&lora.trigger);
    Ok(Run {
        id: RunId::derive(&ctx.conversation, &ctx.event, 0),
        lora: lora.id.clone(),
        owner: Owner::of(&ctx.conversation),
        conversation: ctx.conversation.clone(),
        version,
        parent,
        name: lora.name.clone(),
        trigger: lora.trigger.clone(),
        dataset: lora.dataset.hash(&lora.trigger),
        pictures: pictures
            .into_iter()
            .map(|(image, caption)| RunPicture { image, caption })
            .collect(),
        progress: Progress {
            total: settings.steps,
            ..Progress::default()
        },
        settings,
        state: RunState::Queued,
        created: ctx.now,
        updated: ctx.now,
    })
}
