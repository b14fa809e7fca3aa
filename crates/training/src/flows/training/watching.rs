//! A run, while it goes and when it has ended.

use lorikeet_chat::{Action, Block, Confirmation, Control, Group, Level, Screen};
use lorikeet_flow::{Change, Exits, Message, Rejection, StepBuilder};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::state::{Desk, Refused};
use super::{Failed, Step, steps};
use crate::Standing;
use crate::domain::{Ctx, Reads as _, RunView, Wait};
use crate::flows::{show, told};
use crate::wire::{self, RunNews, RunRequest, Starting};

/// What the controls of these screens do.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Press {
    /// Stop the run.
    Stop,
    /// To the settings of another run.
    Again,
    /// To the LoRA.
    Overview,
}

fn view<'a>(desk: &Desk, ctx: &'a Ctx) -> Result<Option<&'a RunView>, Wait> {
    match &desk.run {
        Some(run) => ctx.run(run),
        None => Ok(None),
    }
}

/// The control that stops a run, after a question.
pub(in crate::flows) fn stop(action: Action, ctx: &Ctx) -> Control {
    let t = &ctx.texts;
    let confirm = Confirmation {
        question: t.say("run-stop-question"),
        proceed: t.say("run-stop-proceed"),
        keep: t.say("run-stop-keep"),
    };
    Control::danger(t.say("run-stop"), action, confirm)
}

pub(super) fn training(desk: &Desk, ctx: &Ctx) -> Result<Screen, Wait> {
    let t = &ctx.texts;
    let Some(view) = view(desk, ctx)? else {
        // Committed, and about to be queued by the service.
        let label = t.say("run-starting");
        return Ok(super::top(desk, ctx)
            .block(steps(5, ctx))
            .block(Block::Progress {
                fraction: None,
                label,
                eta: None,
            }));
    };
    if !view.run.state.is_active() {
        return result(desk, ctx);
    }
    let screen = show::run(view, ctx).text(t.say("run-leave"));
    Ok(screen.group(Group::row([stop(Action::Input(json!(Press::Stop)), ctx)])))
}

pub(super) fn on_training(step: StepBuilder<Step, Desk, Ctx>) -> StepBuilder<Step, Desk, Ctx> {
    on_controls(step.one_way())
        .on_background(
            wire::RUN_NEWS,
            |_, news: RunNews, _| Ok(news),
            |desk, news, _| {
                let mine = desk.run.as_ref() == Some(&news.run);
                match news.standing {
                    Standing::Queued | Standing::Running => Change::stay(desk),
                    _ if mine => Change::to(Step::Result, desk),
                    _ => match told::ended(&news) {
                        Some(notice) => Change::stay(desk).say(notice.level, notice.message),
                        None => Change::stay(desk),
                    },
                }
            },
            Exits::to([Step::Result]),
        )
        .on_background(
            wire::STARTING,
            |_, news: Starting, _| Ok(news),
            refused,
            Exits::finish(),
        )
        .on_background(
            told::RUNS_FAILED,
            |_, failed: Failed, _| Ok(failed),
            |desk, failed, _| {
                let said = |change: Change<Step, Desk>| {
                    change.say(Level::Error, Message::new("run-not-done"))
                };
                match failed.asked() {
                    // Back to where it can be tried again.
                    Some(RunRequest::Start(run)) if desk.run.as_ref() == Some(&run.id) => {
                        said(Change::to(Step::Review, Desk { run: None, ..desk }))
                    }
                    _ => said(Change::stay(desk)),
                }
            },
            Exits::to([Step::Review]),
        )
}

pub(super) fn result(desk: &Desk, ctx: &Ctx) -> Result<Screen, Wait> {
    let t = &ctx.texts;
    let Some(view) = view(desk, ctx)? else {
        return Ok(super::top(desk, ctx).text(t.say("desk-gone")));
    };
    let again = match view.run.state.standing() {
        Standing::Failed => "run-again-failed",
        Standing::Cancelled => "run-again-cancelled",
        _ => "run-again",
    };
    let press = |press: Press| Action::Input(json!(press));
    Ok(show::run(view, ctx).group(Group::row([
        Control::primary(t.say(again), press(Press::Again)),
        Control::button(t.say("run-overview"), press(Press::Overview)),
    ])))
}

pub(super) fn on_result(step: StepBuilder<Step, Desk, Ctx>) -> StepBuilder<Step, Desk, Ctx> {
    on_controls(step.one_way())
}

fn on_controls(step: StepBuilder<Step, Desk, Ctx>) -> StepBuilder<Step, Desk, Ctx> {
    step.on_value(
        |desk, press: Press, _| {
            let run = desk
                .run
                .clone()
                .ok_or_else(|| -> Refused { Rejection::new("desk-gone").into() })?;
            Ok((press, run))
        },
        |desk, (press, run), _| match press {
            Press::Stop => {
                let cancel = RunRequest::Cancel { run };
                Change::stay(desk)
                    .wish(cancel.into())
                    .say(Level::Info, Message::new("run-stopping"))
            }
            Press::Again => Change::to(Step::Settings, desk),
            Press::Overview => Change::to(Step::Overview, desk),
        },
        Exits::to([Step::Settings, Step::Overview]),
    )
}

/// The run could not be queued.
fn refused(desk: Desk, news: Starting, _: &Ctx) -> Change<Step, Desk> {
    match news {
        Starting::Active { run } => Change::stay(Desk {
            run: Some(run),
            ..desk
        })
        .say(Level::Warning, Message::new("run-active")),
        Starting::Gone => Change::finish(json!(null), Desk { run: None, ..desk })
            .say(Level::Error, Message::new("desk-gone")),
    }
}
