//! What shows when nothing is going on.

use lorikeet_chat::{Action, Control, Group, Invocation, Screen};
use lorikeet_flow::{Change, Defects, Flow, StepBuilder};
use serde_json::Value;

use crate::{Context, Wait};

pub(crate) const NAME: &str = "home";

lorikeet_flow::steps! {
    /// The steps of the home flow.
    pub(crate) enum Step {
        /// The page.
        Page = "page",
    }
}

pub(crate) fn flow() -> Result<Flow<Step, (), Context>, Defects> {
    Flow::builder(NAME, 1)
        .start([Step::Page], |_: Value, _: &Context| {
            Ok(Change::to(Step::Page, ()))
        })
        .step(Step::Page, page, StepBuilder::resting)
        .build()
}

fn page((): &(), context: &Context) -> Result<Screen, Wait> {
    let remind = Action::Command(Invocation::new("remind"));
    let remind = Control::primary(context.texts.say("home-remind"), remind);
    Ok(Screen::new()
        .heading(context.texts.say("home-title"))
        .group(Group::row([remind])))
}
