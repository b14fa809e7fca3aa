//! Settings by hand: a flow on top of another, whose result is the settings.

use std::collections::BTreeMap;

use lorikeet_chat::{Action, FormField, Level, Prompt, Screen};
use lorikeet_flow::{Change, Defects, Exits, Flow, Message, Rejection};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::show;
use crate::domain::{Ctx, Wait};
use crate::{EngineOffer, Setting, SettingProblem, Settings};

pub(super) const NAME: &str = "advanced";

lorikeet_flow::steps! {
    /// The steps of the advanced settings.
    pub(super) enum Step {
        /// The form.
        Form = "form",
    }
}

/// What is being set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Draft {
    /// The settings as they are.
    settings: Settings,
    /// What was typed and could not be used; shown again, with what is wrong.
    #[serde(default)]
    typed: BTreeMap<String, String>,
}

pub(super) fn flow() -> Result<Flow<Step, Draft, Ctx>, Defects> {
    Flow::builder(NAME, 1)
        .start([Step::Form], |settings: Settings, _: &Ctx| {
            Ok(Change::to(
                Step::Form,
                Draft {
                    settings,
                    typed: BTreeMap::new(),
                },
            ))
        })
        .step(Step::Form, form, |step| {
            step.on_form(
                |draft, typed, ctx| {
                    let engine = offer(draft, ctx)?;
                    let read = engine.typed(&draft.settings, &typed);
                    Ok((typed, read))
                },
                |draft, (typed, read), ctx| match read {
                    Ok(settings) => Change::finish(json!(settings), draft),
                    Err(problems) => {
                        let first = problems.iter().min_by_key(|problem| problem.setting());
                        let stay = Change::stay(Draft { typed, ..draft });
                        match first {
                            Some(problem) => stay.say(Level::Error, said(problem, ctx)),
                            None => stay,
                        }
                    }
                },
                Exits::finish(),
            )
        })
        .build()
}

fn offer<'a>(draft: &Draft, ctx: &'a Ctx) -> Result<&'a EngineOffer, Rejection> {
    ctx.domain
        .engine(&draft.settings.engine)
        .ok_or_else(|| Rejection::new("settings-engine-gone"))
}

fn said(problem: &SettingProblem, ctx: &Ctx) -> Message {
    let label = |setting: Setting| show::setting(setting, ctx);
    match problem {
        SettingProblem::NotANumber(setting) => {
            Message::new("settings-not-a-number").text("setting", label(*setting))
        }
        SettingProblem::OutOfRange { setting, min, max } => Message::new("settings-out-of-range")
            .text("setting", label(*setting))
            .text("min", ctx.texts.plain(*min))
            .text("max", ctx.texts.plain(*max)),
    }
}

fn form(draft: &Draft, ctx: &Ctx) -> Result<Screen, Wait> {
    let t = &ctx.texts;
    let screen = Screen::new().heading(t.say("advanced-title"));
    let Ok(engine) = offer(draft, ctx) else {
        return Ok(screen.text(t.say("settings-engine-gone")));
    };
    let problems = engine
        .typed(&draft.settings, &draft.typed)
        .err()
        .unwrap_or_default();
    let fields = Setting::ALL.into_iter().map(|setting| {
        let (min, max) = engine.ranges.bounds(setting);
        let range = Message::new("settings-range")
            .text("min", ctx.texts.plain(min))
            .text("max", ctx.texts.plain(max));
        let typed = draft.typed.get(setting.name());
        let problem = problems.iter().find(|problem| problem.setting() == setting);
        FormField {
            name: setting.name().to_owned(),
            label: show::setting(setting, ctx),
            hint: t.format(&range),
            value: typed
                .cloned()
                .unwrap_or_else(|| value(&draft.settings, setting, ctx)),
            max_chars: 20,
            multiline: false,
            problem: problem.map_or_else(String::new, |problem| t.format(&said(problem, ctx))),
        }
    });
    Ok(screen.text(t.say("advanced-intro")).prompt(Prompt::Form {
        title: t.say("advanced-title"),
        fields: fields.collect(),
        submit: t.say("advanced-submit"),
        action: Action::Input(Value::Null),
    }))
}

fn value(settings: &Settings, setting: Setting, ctx: &Ctx) -> String {
    match setting {
        Setting::Steps => settings.steps.to_string(),
        Setting::Rank => settings.rank.to_string(),
        Setting::Alpha => settings.alpha.to_string(),
        Setting::LearningRate => ctx.texts.plain(settings.learning_rate),
        Setting::Resolution => settings.resolution.to_string(),
        Setting::Seed => settings.seed.to_string(),
    }
}
