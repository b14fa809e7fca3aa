//! A person's LoRAs: the list, one of them, its versions, renaming and deleting.

use lorikeet_chat::{
    Action, Block, Confirmation, Control, Field, FileBlock, Group, Level, Prompt, Screen,
};
use lorikeet_flow::{
    Change, Defects, Exits, Flow, Message, Notice, Refusal, Rejection, Step as _, StepBuilder,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::training::{self, Arguments, Goal};
use super::{show, told};
use crate::domain::{Ctx, Reads as _, Wait};
use crate::wire::{self, LoraRequest, Managing, RunNews};
use crate::{LoraId, LoraName, LoraSummary, Run, RunState};

pub(super) const NAME: &str = "library";

lorikeet_flow::steps! {
    /// The steps of the library.
    pub(super) enum Step {
        /// All of them.
        List = "list",
        /// One of them.
        Detail = "detail",
        /// Its new name.
        Rename = "rename",
    }
}

/// Which one is looked at.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Shelf {
    lora: Option<LoraId>,
}

/// What may be typed after the command.
#[derive(Default, Deserialize)]
struct Given {
    #[serde(default)]
    name: Option<String>,
}

/// What the controls do.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Press {
    Look(LoraId),
    Edit,
    NewVersion,
    Delete,
}

pub(super) fn flow() -> Result<Flow<Step, Shelf, Ctx>, Defects> {
    Flow::builder(NAME, 1)
        .start([Step::List, Step::Detail], begin)
        .step(Step::List, list, |step| {
            step.on_value(
                |_, press: Press, _| match press {
                    Press::Look(lora) => Ok(lora),
                    _ => Err(Rejection::new("desk-gone").into()),
                },
                |_, lora, _| Change::to(Step::Detail, Shelf { lora: Some(lora) }),
                Exits::to([Step::Detail]),
            )
        })
        .step(Step::Detail, detail, on_detail)
        .step(Step::Rename, rename, on_rename)
        .on_background(
            wire::RUN_NEWS,
            |_, news: RunNews, _| Ok(news),
            |shelf, news, _| match told::ended(&news) {
                Some(notice) => Change::stay(shelf).say(notice.level, notice.message),
                None => Change::stay(shelf),
            },
        )
        .build()
}

/// The names of all that are there, the last changed first.
pub(super) fn names(ctx: &Ctx) -> Result<Vec<String>, Wait> {
    let names = ctx.loras()?.iter().map(|lora| lora.name.to_string());
    Ok(names.collect())
}

/// The list, or the one that was named.
fn begin(given: Given, ctx: &Ctx) -> Result<Change<Step, Shelf>, Refusal<Wait>> {
    let list = Change::to(Step::List, Shelf::default());
    let typed = given.name.unwrap_or_default();
    if typed.trim().is_empty() {
        return Ok(list);
    }
    let found = match LoraName::parse(&typed) {
        Ok(name) => ctx.named(&name)?.cloned(),
        Err(_) => None,
    };
    Ok(match found {
        Some(lora) => Change::to(Step::Detail, Shelf { lora: Some(lora) }),
        None => list.say(
            Level::Error,
            Message::new("library-unknown").text("name", typed.trim()),
        ),
    })
}

fn list(_: &Shelf, ctx: &Ctx) -> Result<Screen, Wait> {
    let t = &ctx.texts;
    let loras = ctx.loras()?;
    let screen = Screen::new().heading(t.say("library-title"));
    if loras.is_empty() {
        let train = Action::Command(lorikeet_chat::Invocation::new("train"));
        return Ok(screen
            .text(t.say("library-empty"))
            .group(Group::row([Control::primary(t.say("home-train"), train)])));
    }
    let lines = loras
        .iter()
        .map(|lora| Field::new(lora.name.as_str(), line(lora, ctx)));
    let looks = loras.iter().map(|lora| {
        Control::button(
            lora.name.as_str(),
            Action::Input(json!(Press::Look(lora.id.clone()))),
        )
    });
    Ok(screen
        .block(Block::Fields(lines.collect()))
        .group(Group::list(looks)))
}

/// "8 pictures, version 1.0, changed 3 minutes ago"
fn line(lora: &LoraSummary, ctx: &Ctx) -> String {
    let id = match (lora.training, lora.latest) {
        (true, _) => "library-line-training",
        (false, Some(_)) => "library-line-version",
        (false, None) => "library-line-draft",
    };
    let version = lora
        .latest
        .map_or_else(String::new, |version| version.to_string());
    let message = Message::new(id)
        .number("pictures", lora.pictures)
        .text("version", version)
        .text("ago", show::ago(lora.updated, ctx));
    ctx.texts.format(&message)
}

fn detail(shelf: &Shelf, ctx: &Ctx) -> Result<Screen, Wait> {
    let t = &ctx.texts;
    let lora = match &shelf.lora {
        Some(id) => ctx.lora(id)?,
        None => None,
    };
    let Some(lora) = lora else {
        return Ok(Screen::new()
            .heading(t.say("library-title"))
            .notice(Level::Info, t.say("desk-gone")));
    };
    let runs = ctx.runs_of(&lora.id)?;
    let fields = vec![
        Field::new(t.say("field-trigger"), lora.trigger.as_str()),
        Field::new(t.say("field-pictures"), show::count(&lora.dataset, ctx)),
        Field::new(t.say("field-changed"), show::ago(lora.updated, ctx)),
    ];
    let mut screen = Screen::new()
        .heading(lora.name.as_str())
        .block(Block::Fields(fields))
        .blocks(show::gallery(&lora.dataset, ctx));
    let files: Vec<&Run> = runs
        .iter()
        .filter(|run| run.state.artifact().is_some())
        .collect();
    if files.is_empty() {
        screen = screen.text(t.say("library-no-versions"));
    }
    for run in files {
        let Some(artifact) = run.state.artifact() else {
            continue;
        };
        let line = match run.state {
            RunState::Done { .. } => "library-version",
            _ => "library-version-stopped",
        };
        let line = Message::new(line)
            .text("version", run.version.to_string())
            .number("steps", artifact.step)
            .text("ago", show::ago(run.updated, ctx));
        screen = screen.text(t.format(&line)).block(Block::File(FileBlock {
            blob: artifact.blob.clone(),
            name: artifact.file_name.clone(),
            size: artifact.size,
        }));
    }
    let training = runs.iter().any(|run| run.state.is_active());
    if training {
        screen = screen.notice(Level::Info, t.say("library-training"));
    }
    let trained = runs
        .iter()
        .any(|run| matches!(run.state, RunState::Done { .. }));
    let press = |press: Press| Action::Input(json!(press));
    let mut ways = vec![Control::primary(t.say("library-edit"), press(Press::Edit))];
    if trained {
        ways.push(Control::button(
            t.say("library-new-version"),
            press(Press::NewVersion),
        ));
    }
    ways.push(Control::button(
        t.say("library-rename"),
        Action::Jump(Step::Rename.name().to_owned()),
    ));
    let question = Message::new("library-delete-question").text("name", lora.name.as_str());
    let confirm = Confirmation {
        question: t.format(&question),
        proceed: t.say("library-delete-proceed"),
        keep: t.say("library-delete-keep"),
    };
    ways.push(Control::danger(
        t.say("library-delete"),
        press(Press::Delete),
        confirm,
    ));
    Ok(screen.group(Group::row(ways)))
}

fn on_detail(step: StepBuilder<Step, Shelf, Ctx>) -> StepBuilder<Step, Shelf, Ctx> {
    step.jumps_to([Step::Rename])
        .on_value(
            |shelf, press: Press, ctx| {
                let id = shelf
                    .lora
                    .as_ref()
                    .ok_or_else(|| Rejection::new("desk-gone"))?;
                let lora = ctx.lora(id)?.ok_or_else(|| Rejection::new("desk-gone"))?;
                if matches!(press, Press::Delete)
                    && ctx.runs_of(id)?.iter().any(|run| run.state.is_active())
                {
                    return Err(Rejection::new("library-delete-training").into());
                }
                Ok((press, lora.id.clone()))
            },
            |shelf, (press, lora), _| {
                let open = |goal: Goal, shelf: Shelf| {
                    let arguments = Arguments {
                        lora: Some(lora.clone()),
                        goal,
                        ..Arguments::default()
                    };
                    Change::call(training::NAME, json!(arguments), shelf)
                };
                match press {
                    Press::Edit => open(Goal::Overview, shelf),
                    Press::NewVersion => open(Goal::Settings, shelf),
                    Press::Delete => Change::stay(shelf).wish(LoraRequest::Delete { lora }.into()),
                    Press::Look(_) => Change::stay(shelf),
                }
            },
            Exits::call(training::NAME),
        )
        .on_return(
            training::NAME,
            |_, result: Value, _| Ok(result),
            |shelf, _, _| Change::stay(shelf),
            Exits::stay(),
        )
        .on_background(
            wire::MANAGING,
            |_, news: Managing, _| Ok(news),
            managed,
            Exits::to([Step::List]),
        )
}

/// What came of renaming or deleting.
fn managed(shelf: Shelf, news: Managing, ctx: &Ctx) -> Change<Step, Shelf> {
    let Notice { level, message } = said(&news, ctx);
    let change = match news {
        Managing::Deleted { .. } | Managing::Gone => Change::to(Step::List, Shelf::default()),
        Managing::Renamed { .. } | Managing::Busy { .. } | Managing::Training => {
            Change::stay(shelf)
        }
    };
    change.say(level, message)
}

/// The sentence for what came of renaming or deleting.
pub(super) fn said(news: &Managing, ctx: &Ctx) -> Notice {
    let (level, message) = match news {
        Managing::Renamed { name } => (
            Level::Success,
            Message::new("library-renamed").text("name", name.as_str()),
        ),
        Managing::Deleted { name } => (
            Level::Success,
            Message::new("library-deleted").text("name", name.as_str()),
        ),
        Managing::Gone => (Level::Info, Message::new("desk-gone")),
        Managing::Busy { holder } => (
            Level::Warning,
            Message::new("library-busy").text("holder", show::holder(holder, ctx)),
        ),
        Managing::Training => (Level::Error, Message::new("library-delete-training")),
    };
    Notice { level, message }
}

fn rename(shelf: &Shelf, ctx: &Ctx) -> Result<Screen, Wait> {
    let t = &ctx.texts;
    let lora = match &shelf.lora {
        Some(id) => ctx.lora(id)?,
        None => None,
    };
    let value = lora.map_or_else(String::new, |lora| lora.name.to_string());
    Ok(Screen::new()
        .heading(t.say("library-rename"))
        .text(t.say("rename-intro"))
        .prompt(Prompt::Text {
            hint: t.say("name-hint"),
            value,
            max_chars: show::number(LoraName::MAX_CHARS),
            multiline: false,
        }))
}

fn on_rename(step: StepBuilder<Step, Shelf, Ctx>) -> StepBuilder<Step, Shelf, Ctx> {
    step.on_text(
        |shelf, typed, ctx| {
            let lora = shelf
                .lora
                .clone()
                .ok_or_else(|| Rejection::new("desk-gone"))?;
            let name = LoraName::parse(typed).map_err(|problem| training::said(&problem))?;
            training::free(&name, Some(&lora), ctx)?;
            Ok((lora, name))
        },
        |shelf, (lora, name): (LoraId, LoraName), _| {
            Change::to(Step::Detail, shelf).wish(LoraRequest::Rename { lora, name }.into())
        },
        Exits::to([Step::Detail]),
    )
}
