//! What the training flow remembers: the LoRA on the desk, and under which right.

use lorikeet_chat::{BlobId, FileBlock, Level};
use lorikeet_flow::{Change, Message, Notice, Refusal, Rejection, Wish};
use serde::{Deserialize, Serialize};

use super::Step;
use crate::arrival::{News, arrive};
use crate::domain::{Ctx, Reads as _, Wait};
use crate::flows::show;
use crate::wire::{Arrived, Holder, LoraRequest, Part};
use crate::{Caption, Lora, LoraId, Picture, Problem, RunId, Settings, SlotNumber};

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
    /// A picture cut anew, until somebody says whether it is better.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) preview: Option<Preview>,
    /// Captions as they were before many were changed at once, by picture.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) undo: Vec<(BlobId, Option<Caption>)>,
    /// What is being made and not there yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) making: Option<Making>,
    /// The pictures as they are now, packed to be downloaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) packed: Option<FileBlock>,
}

/// What is being made of the pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Making {
    /// Another version of one.
    Picture,
    /// An archive of all.
    Archive,
}

/// A picture cut anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Preview {
    /// The picture it was cut out of.
    pub(super) image: BlobId,
    /// Which part, when it could be another.
    pub(super) part: Option<Part>,
    /// The cut picture.
    pub(super) picture: Picture,
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
            preview: None,
            undo: Vec::new(),
            making: None,
            packed: None,
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
        let packed = self.packed.filter(|_| lora.dataset == before.dataset);
        Self {
            lora: Some(lora),
            packed,
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
    pub(super) fn arrive(self, arrived: Arrived, ctx: &Ctx) -> (Edited, Vec<Notice>) {
        match &self.lora {
            // Not for the LoRA on the desk, or not open yet.
            None => {
                let mut desk = self;
                desk.early.push(arrived);
                return (Edited { desk, save: None }, Vec::new());
            }
            Some(lora) if lora.id != arrived.ticket.lora => {
                let place = LoraRequest::Place {
                    lora: arrived.ticket.lora.clone(),
                    arrived: Box::new(arrived),
                };
                return (
                    Edited {
                        desk: self,
                        save: Some(place.into()),
                    },
                    Vec::new(),
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
                vec![Notice {
                    level: Level::Warning,
                    message: Message::new("desk-picture-late"),
                }],
            );
        }
        let mut news = None;
        let edited = self.edit(ctx, |lora| {
            let (dataset, said) = arrive(lora.dataset, ctx.domain.limits.slots, arrived);
            news = said;
            Lora { dataset, ..lora }
        });
        let news = news.map(|news| told(news, ctx)).unwrap_or_default();
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

/// How many files that were left out are named.
const NAMED: usize = 5;

/// What became of pictures, in words.
fn told(news: News, ctx: &Ctx) -> Vec<Notice> {
    let notice = |level, message| Notice { level, message };
    match news {
        News::Duplicate { name, slot } => {
            let message = Message::new("images-duplicate")
                .text("name", name)
                .number("slot", slot.0);
            vec![notice(Level::Warning, message)]
        }
        News::Refused { slot, problem } => {
            let message = Message::new("images-refused")
                .number("slot", slot.0)
                .text("verdict", show::problem(&problem, ctx));
            vec![notice(Level::Error, message)]
        }
        News::Unpacked {
            added,
            captions,
            left_out,
        } => {
            let unpacked = Message::new("images-unpacked")
                .number("added", show::number(added))
                .number("captions", show::number(captions));
            let mut notices = vec![notice(Level::Success, unpacked)];
            if !left_out.is_empty() {
                notices.push(notice(Level::Warning, left(&left_out, ctx)));
            }
            notices
        }
    }
}

fn left(files: &[(String, Problem)], ctx: &Ctx) -> Message {
    let named: Vec<String> = files
        .iter()
        .take(NAMED)
        .map(|(name, problem)| format!("{name}: {}", show::problem(problem, ctx)))
        .collect();
    Message::new("images-left-out")
        .number("count", show::number(files.len()))
        .number("more", show::number(files.len().saturating_sub(NAMED)))
        .text("names", named.join(" "))
}
