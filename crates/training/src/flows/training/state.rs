//! What the training flow remembers: the LoRA on the desk, and under which right.

use lorikeet_chat::Level;
use lorikeet_flow::{Change, Message, Refusal, Rejection, Wish};
use serde::{Deserialize, Serialize};

use super::Step;
use crate::domain::{Ctx, Reads as _, Wait};
use crate::flows::show;
use crate::wire::{Arrived, Holder, LoraRequest, Outcome};
use crate::{Lora, LoraId, Placed, RunId, Settings, SlotNumber};

pub(super) type Refused = Refusal<Wait>;

/// The LoRA on the desk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::flows) struct Desk {
    /// The LoRA as edited here. Absent before it has a name, and while it is being opened.
    pub(super) lora: Option<Lora>,
    /// Which LoRA is being opened.
    pub(super) opening: Option<LoraId>,
    /// What the right to write it is.
    pub(super) right: Right,
    /// The place looked at.
    pub(super) slot: Option<SlotNumber>,
    /// The run looked at.
    pub(super) run: Option<RunId>,
    /// Where to go once it is open.
    pub(super) goal: Goal,
    /// Pictures that arrived while it was being opened.
    pub(super) early: Vec<Arrived>,
}

/// The right to write the LoRA.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Right {
    /// Asked for, not there yet: changes are kept here and written when it comes.
    Pending,
    /// Ours, under this generation of the lock.
    Ours(u64),
    /// Somebody else has it, and only looking was asked for.
    ReadOnly(Holder),
    /// It was ours until somebody took it.
    Lost(Option<Holder>),
    /// Nobody's any more: the LoRA was deleted.
    Gone,
}

/// Where to go once a LoRA is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::flows) enum Goal {
    /// To the overview.
    #[default]
    Overview,
    /// To the settings of a new version.
    Settings,
}

impl Desk {
    /// A desk with nothing on it.
    pub(super) const fn empty() -> Self {
        Self {
            lora: None,
            opening: None,
            right: Right::Pending,
            slot: None,
            run: None,
            goal: Goal::Overview,
            early: Vec::new(),
        }
    }

    /// The LoRA, for whoever wants to change what is not frozen by a run.
    pub(super) fn writable(&self, ctx: &Ctx) -> Result<&Lora, Refused> {
        let lora = self
            .lora
            .as_ref()
            .ok_or_else(|| Rejection::new("desk-opening"))?;
        match &self.right {
            Right::Pending | Right::Ours(_) => Ok(lora),
            Right::ReadOnly(holder) => {
                let message =
                    Message::new("desk-read-only").text("holder", show::holder(holder, ctx));
                Err(Rejection::from(message).into())
            }
            Right::Lost(_) => Err(Rejection::new("desk-lost").into()),
            Right::Gone => Err(Rejection::new("desk-deleted").into()),
        }
    }

    /// The LoRA, for whoever wants to change pictures or captions: not while a run is active.
    pub(super) fn editable(&self, ctx: &Ctx) -> Result<&Lora, Refused> {
        let lora = self.writable(ctx)?;
        if ctx
            .runs_of(&lora.id)?
            .iter()
            .any(|run| run.state.is_active())
        {
            return Err(Rejection::new("desk-frozen").into());
        }
        Ok(lora)
    }

    /// A change of the LoRA: the next revision, written when the right is there.
    pub(super) fn edit(self, ctx: &Ctx, change: impl FnOnce(Lora) -> Lora) -> Edited {
        let Some(lora) = self.lora else {
            return Edited {
                desk: self,
                save: None,
            };
        };
        let before = lora.clone();
        let changed = change(lora);
        if changed == before {
            return Edited {
                desk: Self {
                    lora: Some(before),
                    ..self
                },
                save: None,
            };
        }
        let revision = before.revision.saturating_add(1);
        let lora = Lora {
            revision,
            updated: ctx.now,
            ..changed
        };
        Self {
            lora: Some(lora),
            ..self
        }
        .saved()
    }

    /// The desk and the wish to write what is on it.
    pub(super) fn saved(self) -> Edited {
        let save = match (&self.lora, &self.right) {
            (Some(lora), Right::Ours(generation)) => Some(
                LoraRequest::Save {
                    lora: Box::new(lora.clone()),
                    generation: *generation,
                }
                .into(),
            ),
            _ => None,
        };
        Edited { desk: self, save }
    }

    /// The settings of the next run: the ones chosen, or the preferred engine's balanced ones.
    pub(super) fn settings(&self, ctx: &Ctx) -> Option<Settings> {
        let lora = self.lora.as_ref()?;
        let chosen = lora
            .settings
            .clone()
            .filter(|settings| ctx.domain.engine(&settings.engine).is_some());
        chosen.or_else(|| {
            let engine = ctx.domain.preferred()?;
            engine.preset(
                crate::Preset::Balanced,
                lora.dataset.picture_count(),
                seed(lora),
            )
        })
    }

    /// What to ask of the world when the flow is left: the lock back. While the lock of a new LoRA is still on its way, what
    /// was changed meanwhile is written with the request for it; the lock then comes to nobody, and goes back.
    pub(super) fn leave(&self) -> Vec<Wish> {
        match (&self.lora, &self.right) {
            (Some(lora), Right::Ours(generation)) => {
                vec![
                    LoraRequest::Release {
                        lora: lora.id.clone(),
                        generation: *generation,
                    }
                    .into(),
                ]
            }
            (Some(lora), Right::Pending) => {
                let create = LoraRequest::Create {
                    lora: Box::new(lora.clone()),
                    place: String::new(),
                };
                vec![create.into()]
            }
            _ => Vec::new(),
        }
    }

    /// Puts a picture that came in into its place.
    pub(super) fn arrive(self, arrived: Arrived, ctx: &Ctx) -> (Edited, Option<(Level, Message)>) {
        let Arrived { ticket, outcome } = arrived.clone();
        match &self.lora {
            // Not for the LoRA on the desk, or not open yet.
            None => {
                let mut desk = self;
                desk.early.push(arrived);
                return (Edited { desk, save: None }, None);
            }
            Some(lora) if lora.id != ticket.lora => {
                let place = LoraRequest::Place {
                    lora: ticket.lora,
                    arrived: Box::new(arrived),
                };
                return (
                    Edited {
                        desk: self,
                        save: Some(place.into()),
                    },
                    None,
                );
            }
            Some(_) => {}
        }
        if matches!(
            self.right,
            Right::Lost(_) | Right::ReadOnly(_) | Right::Gone
        ) {
            return (
                Edited {
                    desk: self,
                    save: None,
                },
                Some((Level::Warning, Message::new("desk-picture-late"))),
            );
        }
        let mut news = None;
        let edited = self.edit(ctx, |lora| {
            let dataset = match outcome {
                Outcome::Taken { picture, caption } => {
                    let name = picture.name.clone();
                    let (dataset, placed) =
                        lora.dataset
                            .fill(ticket.slot, &ticket.intake, picture, caption);
                    if let Placed::Duplicate(twin) = placed {
                        let message = Message::new("images-duplicate")
                            .text("name", name)
                            .number("slot", twin.0);
                        news = Some((Level::Warning, message));
                    }
                    dataset
                }
                Outcome::Refused(problem) => {
                    let said = show::problem(&problem, ctx);
                    let (dataset, known) =
                        lora.dataset.refuse(ticket.slot, &ticket.intake, problem);
                    if known {
                        let message = Message::new("images-refused")
                            .number("slot", ticket.slot.0)
                            .text("verdict", said);
                        news = Some((Level::Error, message));
                    }
                    dataset
                }
            };
            Lora { dataset, ..lora }
        });
        (edited, news)
    }
}

/// A fixed seed for a LoRA: the same LoRA samples the same noise.
pub(super) fn seed(lora: &Lora) -> u32 {
    u32::from_str_radix(lora.id.as_str().get(..7).unwrap_or("7"), 16).unwrap_or(7)
}

/// A desk after a change, and the wish to write it.
pub(super) struct Edited {
    pub(super) desk: Desk,
    pub(super) save: Option<Wish>,
}

impl Edited {
    /// The same step again.
    pub(super) fn stay(self) -> Change<Step, Desk> {
        with(Change::stay(self.desk), self.save)
    }

    /// On to a step.
    pub(super) fn to(self, step: Step) -> Change<Step, Desk> {
        with(Change::to(step, self.desk), self.save)
    }
}

/// A change with the wish to write it, where there is one.
pub(super) fn with(change: Change<Step, Desk>, wish: Option<Wish>) -> Change<Step, Desk> {
    match wish {
        Some(wish) => change.wish(wish),
        None => change,
    }
}
