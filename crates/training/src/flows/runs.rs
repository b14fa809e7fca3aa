//! A person's runs: the newest ones, and one of them.

use lorikeet_chat::{Action, Block, Control, Field, Group, Level, Screen};
use lorikeet_flow::{Change, Defects, Exits, Flow, Message, Rejection, StepBuilder};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::show;
use super::training::{self, Arguments, stop};
use crate::domain::{Ctx, Reads as _, Wait};
use crate::wire::{self, RunNews, RunRequest};
use crate::{Run, RunId};

pub(super) const NAME: &str = "runs";

lorikeet_flow::steps! {
    /// The steps of the runs' flow.
    pub(super) enum Step {
        /// The newest runs.
        List = "list",
        /// One of them.
        Detail = "detail",
    }
}

/// Which one is looked at.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Looking {
    run: Option<RunId>,
}

/// What the controls do.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Press {
    Look(RunId),
    Stop,
    Open,
}

pub(super) fn flow() -> Result<Flow<Step, Looking, Ctx>, Defects> {
    Flow::builder(NAME, 1)
        .start([Step::List], |_: Value, _: &Ctx| {
            Ok(Change::to(Step::List, Looking::default()))
        })
        .step(Step::List, list, |step| {
            step.on_value(
                |_, press: Press, _| match press {
                    Press::Look(run) => Ok(run),
                    _ => Err(Rejection::new("desk-gone").into()),
                },
                |_, run, _| Change::to(Step::Detail, Looking { run: Some(run) }),
                Exits::to([Step::Detail]),
            )
        })
        .step(Step::Detail, detail, on_detail)
        .on_background(
            wire::RUN_NEWS,
            |_, news: RunNews, _| Ok(news),
            |looking, _, _| Change::stay(looking),
        )
        .build()
}

fn list(_: &Looking, ctx: &Ctx) -> Result<Screen, Wait> {
    let t = &ctx.texts;
    let runs = ctx.runs()?;
    let screen = Screen::new().heading(t.say("runs-title"));
    if runs.is_empty() {
        let train = Action::Command(lorikeet_chat::Invocation::new("train"));
        return Ok(screen
            .text(t.say("runs-empty"))
            .group(Group::row([Control::primary(t.say("home-train"), train)])));
    }
    let lines = runs
        .iter()
        .map(|run| Field::new(show::run_name(run), status(run, ctx)));
    let looks = runs.iter().map(|run| {
        Control::button(
            show::run_name(run),
            Action::Input(json!(Press::Look(run.id.clone()))),
        )
    });
    Ok(screen
        .block(Block::Fields(lines.collect()))
        .group(Group::list(looks)))
}

/// "training, step 120 of 1000"
fn status(run: &Run, ctx: &Ctx) -> String {
    let message = Message::new(format!("runs-{}", run.state.standing().name()))
        .number("step", run.progress.step)
        .number("total", run.progress.total)
        .text("ago", show::ago(run.updated, ctx));
    ctx.texts.format(&message)
}

fn detail(looking: &Looking, ctx: &Ctx) -> Result<Screen, Wait> {
    let t = &ctx.texts;
    let view = match &looking.run {
        Some(run) => ctx.run(run)?,
        None => None,
    };
    let Some(view) = view else {
        return Ok(Screen::new()
            .heading(t.say("runs-title"))
            .notice(Level::Info, t.say("desk-gone")));
    };
    let press = |press: Press| Action::Input(json!(press));
    let mut ways = vec![Control::button(t.say("run-overview"), press(Press::Open))];
    if view.run.state.is_active() {
        ways.push(stop(press(Press::Stop), ctx));
    }
    Ok(show::run(view, ctx).group(Group::row(ways)))
}

fn on_detail(step: StepBuilder<Step, Looking, Ctx>) -> StepBuilder<Step, Looking, Ctx> {
    step.on_value(
        |looking, press: Press, ctx| {
            let id = looking
                .run
                .as_ref()
                .ok_or_else(|| Rejection::new("desk-gone"))?;
            let view = ctx.run(id)?.ok_or_else(|| Rejection::new("desk-gone"))?;
            Ok((press, view.run.id.clone(), view.run.lora.clone()))
        },
        |looking, (press, run, lora), _| match press {
            Press::Stop => Change::stay(looking)
                .wish(RunRequest::Cancel { run }.into())
                .say(Level::Info, Message::new("run-stopping")),
            Press::Open => {
                let arguments = Arguments {
                    lora: Some(lora),
                    ..Arguments::default()
                };
                Change::call(training::NAME, json!(arguments), looking)
            }
            Press::Look(_) => Change::stay(looking),
        },
        Exits::call(training::NAME),
    )
    .on_return(
        training::NAME,
        |_, result: Value, _| Ok(result),
        |looking, _, _| Change::stay(looking),
        Exits::stay(),
    )
}
