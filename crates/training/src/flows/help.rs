//! What there is to do here, and how.

use lorikeet_chat::{Block, Field, Screen};
use lorikeet_flow::{Change, Defects, Flow, Message};
use serde_json::Value;

use super::home::Nothing;
use super::{COMMANDS, show};
use crate::domain::{Ctx, Wait};

pub(super) const NAME: &str = "help";

lorikeet_flow::steps! {
    /// The steps of the help flow.
    pub(super) enum Step {
        /// The page.
        Page = "page",
    }
}

pub(super) fn flow() -> Result<Flow<Step, Nothing, Ctx>, Defects> {
    Flow::builder(NAME, 1)
        .start([Step::Page], |_: Value, _: &Ctx| {
            Ok(Change::to(Step::Page, Nothing {}))
        })
        .step(Step::Page, page, lorikeet_flow::StepBuilder::resting)
        .build()
}

fn page(_: &Nothing, ctx: &Ctx) -> Result<Screen, Wait> {
    let t = &ctx.texts;
    let limits = ctx.domain.limits;
    let how = Message::new("help-how")
        .number("min", f64::from(limits.min_pictures))
        .number("max", f64::from(limits.slots));
    let commands = COMMANDS.iter().filter(|command| show::may(command, ctx));
    let commands =
        commands.map(|command| Field::new(t.command(command.name), t.say(command.summary)));
    Ok(Screen::new()
        .heading(t.say("help-title"))
        .text(t.format(&how))
        .text(t.say("help-pictures"))
        .block(Block::Fields(commands.collect())))
}
