//! Which language the bot speaks, each by its own name.

use lorikeet_chat::{Action, Choice, Control, Group, Invocation, OptionControl, Screen};
use lorikeet_flow::{Change, Defects, Flow};
use serde_json::Value;

use super::home::Nothing;
use crate::domain::{Ctx, Wait};

pub(super) const NAME: &str = "language";

lorikeet_flow::steps! {
    /// The steps of the choice of a language.
    pub(super) enum Step {
        /// The languages.
        Choose = "choose",
    }
}

pub(super) fn flow() -> Result<Flow<Step, Nothing, Ctx>, Defects> {
    Flow::builder(NAME, 1)
        .start([Step::Choose], |_: Value, _: &Ctx| {
            Ok(Change::to(Step::Choose, Nothing {}))
        })
        // What its controls do is the command's.
        .step(Step::Choose, choose, lorikeet_flow::StepBuilder::resting)
        .build()
}

fn choose(_: &Nothing, ctx: &Ctx) -> Result<Screen, Wait> {
    let t = &ctx.texts;
    let options = t.languages().into_iter().map(|(tag, name)| OptionControl {
        label: name,
        hint: String::new(),
        selected: tag == t.locale(),
        action: Action::Command(Invocation::new("language").with(tag)),
    });
    let choice = Choice {
        label: t.say("language-title"),
        multiple: false,
        options: options.collect(),
    };
    Ok(Screen::new()
        .heading(t.say("language-title"))
        .text(t.say("language-intro"))
        .group(Group::list([Control::Choice(choice)])))
}
