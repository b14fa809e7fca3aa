//! The training flow: name → images → captions → settings → review → training → result, with an overview to jump
//! from, and the way in for LoRAs that are there already.

mod bulk;
mod captions;
mod crop;
mod images;
mod naming;
mod opening;
mod overview;
mod place;
mod review;
mod settings;
mod slot;
mod state;
mod watching;

use lorikeet_chat::{Action, Block, Control, Group, Level, Screen};
use lorikeet_flow::{Change, Defects, Flow, Message, Notice, Refusal, Step as _};
use serde::{Deserialize, Serialize};

pub(super) use images::IntakeFailed;
pub(super) use naming::{free, said};
pub(super) use state::Goal;
pub(super) use watching::stop;

use super::told::{self, Failed};
use crate::domain::{Ctx, Wait};
use crate::wire::{self, Arrived, Captioned, Editing, LoraRequest, RunNews, WhenBusy};
use crate::{LoraId, RunId};
use state::{Desk, Making};

pub(super) const NAME: &str = "training";

lorikeet_flow::steps! {
    /// The steps of the training flow.
    pub(super) enum Step {
        /// What it is called.
        Name = "name",
        /// Waiting for an existing LoRA and its lock.
        Opening = "opening",
        /// Somebody else edits it.
        Locked = "locked",
        /// Everything about it at a glance.
        Overview = "overview",
        /// The word that calls it up.
        Trigger = "trigger",
        /// The pictures.
        Images = "images",
        /// One picture.
        Slot = "slot",
        /// A picture cut anew, to be looked at first.
        Crop = "crop",
        /// Where a picture is to go.
        Place = "place",
        /// What the pictures show.
        Captions = "captions",
        /// One word for all that have none.
        Template = "template",
        /// Many captions changed at once.
        Bulk = "bulk",
        /// How to train.
        Settings = "settings",
        /// What it will take.
        Review = "review",
        /// The run, while it goes.
        Training = "training",
        /// The run, when it has ended.
        Result = "result",
    }
}

/// How the flow is started.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Arguments {
    /// A name typed with the command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    /// A LoRA that is there already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) lora: Option<LoraId>,
    /// Where to go once it is open.
    #[serde(default)]
    pub(super) goal: Goal,
    /// A run to look at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) run: Option<RunId>,
}

pub(super) fn flow() -> Result<Flow<Step, Desk, Ctx>, Defects> {
    let builder = Flow::builder(NAME, 1)
        .start([Step::Name, Step::Opening, Step::Images], start)
        .step(Step::Name, naming::name, naming::on_name)
        .step(Step::Opening, opening::opening, opening::on_opening)
        .step(Step::Locked, opening::locked, opening::on_locked)
        .step(Step::Overview, overview::overview, overview::on_overview)
        .step(Step::Trigger, naming::trigger, naming::on_trigger)
        .step(Step::Images, images::images, images::on_images)
        .step(Step::Slot, slot::slot, slot::on_slot)
        .step(Step::Crop, crop::crop, crop::on_crop)
        .step(Step::Place, place::place, place::on_place)
        .step(Step::Captions, captions::captions, captions::on_captions)
        .step(Step::Template, captions::template, captions::on_template)
        .step(Step::Bulk, bulk::bulk, bulk::on_bulk)
        .step(Step::Settings, settings::settings, settings::on_settings)
        .step(Step::Review, review::review, review::on_review)
        .step(Step::Training, watching::training, watching::on_training)
        .step(Step::Result, watching::result, watching::on_result);
    builder
        .on_background(wire::EDITING, |_, news: Editing, _| Ok(news), opening::news)
        .on_background(
            wire::ARRIVED,
            |_, arrived: Arrived, _| Ok(arrived),
            |desk, arrived, ctx| {
                let (edited, news) = desk.arrive(arrived, ctx);
                spoken(edited.stay(), news)
            },
        )
        .on_background(
            told::INTAKE_FAILED,
            |_, failed: IntakeFailed, _| Ok(failed),
            |desk, failed, ctx| {
                let (edited, news) = desk.arrive(failed.into(), ctx);
                spoken(edited.stay(), news)
            },
        )
        .on_background(wire::PICTURE_NEWS, slot::heed, |desk, news, ctx| {
            slot::heard(desk, news, ctx, false)
        })
        .on_background(
            told::PICTURES_FAILED,
            |_, _: Failed, _| Ok(()),
            |desk, (), _| {
                let making = None;
                Change::stay(Desk { making, ..desk })
                    .say(Level::Error, Message::new("slot-mending-failed"))
            },
        )
        .on_background(
            wire::CAPTIONED,
            |_, captioned: Captioned, _| Ok(captioned),
            captions::written,
        )
        .on_background(
            told::LORAS_FAILED,
            |_, failed: Failed, _| Ok(failed),
            |desk, failed, _| match told::unsaved(&failed) {
                Some(notice) => Change::stay(desk).say(notice.level, notice.message),
                None => Change::stay(desk),
            },
        )
        .on_background(
            told::CAPTIONS_FAILED,
            |_, _: Failed, _| Ok(()),
            |desk, (), _| Change::stay(desk).say(Level::Error, Message::new("captions-failed")),
        )
        .on_background(
            wire::RUN_NEWS,
            |_, news: RunNews, _| Ok(news),
            |desk, news, _| match told::ended(&news) {
                Some(notice) => Change::stay(desk).say(notice.level, notice.message),
                None => Change::stay(desk),
            },
        )
        .on_cancel(Desk::leave)
        .build()
}

fn start(arguments: Arguments, ctx: &Ctx) -> Result<Change<Step, Desk>, Refusal<Wait>> {
    if let Some(lora) = arguments.lora {
        let open = LoraRequest::Open {
            lora: lora.clone(),
            when_busy: WhenBusy::Tell,
            place: ctx.sender.room.clone(),
        };
        let desk = Desk {
            opening: Some(lora),
            goal: arguments.goal,
            run: arguments.run,
            ..Desk::empty()
        };
        return Ok(Change::to(Step::Opening, desk).wish(open.into()));
    }
    match arguments.name {
        Some(typed) => match naming::check(&Desk::empty(), &typed, ctx) {
            Ok(name) => Ok(naming::named(Desk::empty(), name, ctx)),
            // Asked for again, with what was wrong.
            Err(Refusal::Rejected(rejection)) => {
                Ok(Change::to(Step::Name, Desk::empty()).say(Level::Error, rejection.message))
            }
            Err(wait) => Err(wait),
        },
        None => Ok(Change::to(Step::Name, Desk::empty())),
    }
}

/// A change with sentences to show beside it.
fn spoken(change: Change<Step, Desk>, news: Vec<Notice>) -> Change<Step, Desk> {
    news.into_iter().fold(change, |change, notice| {
        change.say(notice.level, notice.message)
    })
}

/// Where in the sequence of the main path a screen is.
fn steps(current: u32, ctx: &Ctx) -> Block {
    const LABELS: [&str; 6] = [
        "step-name",
        "step-images",
        "step-captions",
        "step-settings",
        "step-review",
        "step-training",
    ];
    Block::Steps {
        labels: LABELS.iter().map(|label| ctx.texts.say(label)).collect(),
        current,
    }
}

/// The way to everything else about the LoRA, from the screens of the main path.
fn to_overview(ctx: &Ctx) -> Group {
    let jump = Action::Jump(Step::Overview.name().to_owned());
    Group::navigation([Control::button(ctx.texts.say("overview-open"), jump)])
}

/// The top of a screen about the LoRA on the desk: its name, and what keeps it from being edited.
fn top(desk: &Desk, ctx: &Ctx) -> Screen {
    let heading = desk.lora.as_ref().map_or_else(
        || ctx.texts.say("desk-untitled"),
        |lora| lora.name.to_string(),
    );
    let screen = opening::banner(Screen::new().heading(heading), desk, ctx);
    let label = match desk.making {
        None => return screen,
        Some(Making::Picture) => "slot-mending",
        Some(Making::Archive) => "overview-packing",
    };
    screen.block(Block::Progress {
        fraction: None,
        label: ctx.texts.say(label),
        eta: None,
    })
}
