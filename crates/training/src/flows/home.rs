//! The first screen: what this bot is for and where to go.

use lorikeet_chat::{Action, Control, Group, Invocation, Screen};
use lorikeet_flow::{Change, Defects, Exits, Flow, Media, Message, Rejection};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::show;
use crate::domain::{Ctx, Reads as _, Wait};

pub(super) const NAME: &str = "home";

lorikeet_flow::steps! {
    /// The steps of the home flow.
    pub(super) enum Step {
        /// The menu.
        Menu = "menu",
    }
}

/// Nothing to remember.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Nothing {}

pub(super) fn flow() -> Result<Flow<Step, Nothing, Ctx>, Defects> {
    Flow::builder(NAME, 1)
        .start([Step::Menu], |_: Value, _: &Ctx| {
            Ok(Change::to(Step::Menu, Nothing {}))
        })
        .step(Step::Menu, menu, |step| {
            // Home has no end of its own; the buttons are commands. Pictures without a LoRA have nowhere to go.
            step.resting().on_media(
                |_, _: Media, _| {
                    Err::<(), _>(Rejection::from(Message::new("home-name-first")).into())
                },
                |state, (), _| Change::stay(state),
                Exits::stay(),
            )
        })
        .build()
}

fn menu(_: &Nothing, ctx: &Ctx) -> Result<Screen, Wait> {
    let t = &ctx.texts;
    let loras = ctx.loras()?;
    let command = |name: &str| Action::Command(Invocation::new(name));
    let limits = ctx.domain.limits;
    let intro = Message::new("home-intro")
        .number("min", limits.min_pictures)
        .number("max", limits.slots);
    let mut screen = Screen::new()
        .heading(t.say("home-title"))
        .text(t.format(&intro));
    if ctx.domain.engines.iter().all(|engine| engine.demonstration) {
        screen = screen.block(show::demonstration(ctx));
    }
    let mut open: Vec<Control> = vec![Control::primary(t.say("home-train"), command("train"))];
    if !loras.is_empty() {
        let label =
            t.format(&Message::new("home-loras").number("count", show::number(loras.len())));
        open.push(Control::button(label, command("loras")));
        open.push(Control::button(t.say("home-runs"), command("runs")));
    }
    open.push(Control::button(t.say("home-help"), command("help")));
    Ok(screen.group(Group::row(open)))
}
