//! The records around a sample: LoRAs, pictures and runs with made-up content.

#![expect(
    clippy::expect_used,
    reason = "the names are written here, and a test makes every sample"
)]

use lorikeet_chat::{BlobId, Conversation, EventId, PlatformId, Point, RoomId, UserId};

use super::NOW;
use crate::domain::{Answer, Query, RunView};
use crate::{
    Account, Artifact, BaseModel, Caption, CaptionStyle, Dataset, DatasetHash, EngineId,
    EngineOffer, Estimate, Lora, LoraId, LoraName, LoraSummary, Member, Owner, Picture, Preset,
    PresetRule, Progress, Run, RunId, RunPicture, RunState, Sample, SettingRanges, Settings,
    StepRule, Trigger, VersionNumber,
};

/// What pictures of a cat are said to show.
const CAPTIONS: [&str; 6] = [
    "asleep on a blue cushion",
    "looking out of a window in the evening light",
    "on a garden wall, seen from below",
    "close-up of the face, mouth open",
    "chasing a red ball across a wooden floor",
    "in the grass, only the ears to be seen",
];

/// What the views read.
#[derive(Default)]
pub(super) struct Shelf {
    pub(super) loras: Vec<Lora>,
    pub(super) runs: Vec<Run>,
    /// Runs before the first one, while it is queued.
    pub(super) ahead: u32,
    /// Platforms of the identities that the person is joined with.
    pub(super) joined: &'static [&'static str],
}

impl Shelf {
    /// A person with one LoRA.
    pub(super) fn usual() -> Self {
        Self::with(Some(lora(pictures(8, 8))))
    }

    pub(super) fn with(lora: Option<Lora>) -> Self {
        Self {
            loras: lora.into_iter().collect(),
            ..Self::default()
        }
    }

    pub(super) fn answer(&self, query: &Query) -> Answer {
        match query {
            Query::Lora(id) => {
                let lora = self.loras.iter().find(|lora| lora.id == *id);
                Answer::Lora(lora.cloned().map(Box::new))
            }
            Query::Loras => {
                Answer::Loras(self.loras.iter().map(|lora| self.summary(lora)).collect())
            }
            Query::Named(name) => {
                let lora = self.loras.iter().find(|lora| lora.name == *name);
                Answer::Named(lora.map(|lora| lora.id.clone()))
            }
            Query::Run(id) => {
                let run = self.runs.iter().find(|run| run.id == *id);
                let view = run.map(|run| RunView {
                    run: run.clone(),
                    ahead: self.ahead,
                });
                Answer::Run(view.map(Box::new))
            }
            Query::RunsOf(_) | Query::Runs => Answer::Runs(self.runs.clone()),
            Query::Account => Answer::Account(self.account()),
            Query::Estimate { settings, .. } => {
                let settings: Option<Settings> = serde_json::from_str(settings).ok();
                // 1.26 seconds a step.
                Answer::Estimate(settings.map(|settings| Estimate {
                    seconds: u64::from(settings.steps) * 126 / 100,
                    cost: None,
                }))
            }
        }
    }

    fn account(&self) -> Account {
        let person = Owner::of(&conversation());
        let others = self.joined.iter().filter_map(|platform| {
            let platform = PlatformId::new(*platform).ok()?;
            Some(Owner {
                platform,
                ..person.clone()
            })
        });
        let members = [person.clone()].into_iter().chain(others);
        let members = members.map(|owner| Member {
            owner,
            conversation: None,
        });
        Account::of(&person, members.collect())
    }

    fn summary(&self, lora: &Lora) -> LoraSummary {
        let done = |run: &&Run| matches!(run.state, RunState::Done { .. });
        LoraSummary {
            id: lora.id.clone(),
            name: lora.name.clone(),
            pictures: u32::try_from(lora.dataset.picture_count()).unwrap_or(u32::MAX),
            latest: self.runs.iter().filter(done).map(|run| run.version).max(),
            training: self.runs.iter().any(|run| run.state.is_active()),
            updated: lora.updated,
        }
    }
}

fn conversation() -> Conversation {
    // Names that are fixed and valid.
    let invalid = "a sample's names are valid";
    Conversation {
        platform: PlatformId::new("gallery").expect(invalid),
        room: RoomId::new("room").expect(invalid),
        thread: None,
        user: UserId::new("person").expect(invalid),
    }
}

fn event(name: &str) -> EventId {
    EventId::new(name).expect("a sample's names are valid")
}

/// A picture; `seed` says which, and is the byte its blobs' addresses are made of.
pub(super) fn picture(seed: u8) -> Picture {
    Picture {
        image: BlobId::from_digest([seed; 32]),
        thumbnail: BlobId::from_digest([seed; 32]),
        original: BlobId::from_digest([seed; 32]),
        // No two of them look alike.
        dhash: u64::from(seed).wrapping_mul(0x9E37_79B9_7F4A_7C15),
        width: 1_024,
        height: 768,
        name: format!("IMG_{:04}.jpg", 4_200 + u32::from(seed)),
        warnings: Vec::new(),
    }
}

/// So many pictures, the first of them with captions.
pub(super) fn pictures(count: u8, captioned: u8) -> Dataset {
    (1..=count).fold(Dataset::default(), |dataset, seed| {
        let line = CAPTIONS[usize::from(seed - 1) % CAPTIONS.len()];
        let caption = Caption::parse(line).ok().filter(|_| seed <= captioned);
        dataset.add(20, picture(seed), caption).0
    })
}

pub(super) fn lora(dataset: Dataset) -> Lora {
    let conversation = conversation();
    Lora {
        id: LoraId::derive(&conversation, &event("lora"), 0),
        owner: Owner::of(&conversation),
        name: LoraName::parse("My cat").expect("a sample's names are valid"),
        trigger: Trigger::parse("mycat").expect("a sample's names are valid"),
        dataset,
        settings: None,
        revision: 1,
        created: NOW,
        updated: NOW,
    }
}

/// An engine as a self-hoster would have it.
pub(super) fn offer(demonstration: bool) -> EngineOffer {
    let rule = |preset, steps| PresetRule {
        preset,
        steps,
        rank: 16,
        alpha: 16,
        learning_rate: 0.000_1,
        resolution: 1_024,
    };
    let base = |id: &str, name: &str| BaseModel {
        id: id.to_owned(),
        name: name.to_owned(),
        captions: CaptionStyle::Sentences,
    };
    EngineOffer {
        id: EngineId("studio".to_owned()),
        name: "Studio".to_owned(),
        demonstration,
        bases: vec![base("flux", "FLUX.1-dev"), base("sdxl", "SDXL")],
        ranges: SettingRanges {
            steps: 50..=4_000,
            rank: 1..=128,
            alpha: 1..=128,
            learning_rate: 0.000_01..=0.01,
            resolution: 256..=1_024,
            seed: 0..=u32::MAX,
        },
        presets: vec![
            rule(Preset::Quick, StepRule::Fixed(250)),
            rule(Preset::Balanced, StepRule::Fixed(1_000)),
            rule(Preset::Thorough, StepRule::Fixed(3_000)),
        ],
    }
}

pub(super) fn artifact(step: u32) -> Artifact {
    Artifact {
        blob: BlobId::from_digest([91; 32]),
        size: 37_990_000,
        file_name: "my-cat-1.0.safetensors".to_owned(),
        step,
    }
}

/// A run that has come so far, of a thousand steps.
pub(super) fn run(state: RunState, step: u32) -> Run {
    let conversation = conversation();
    let lora = lora(pictures(6, 6));
    let settings = offer(false).preset(Preset::Balanced, 12, 7);
    let for_training = lora.dataset.for_training(&lora.trigger);
    let is_done = matches!(state, RunState::Done { .. });
    Run {
        id: RunId::derive(&conversation, &event(&format!("run {step}")), 0),
        lora: lora.id.clone(),
        owner: lora.owner.clone(),
        conversation,
        version: if is_done {
            VersionNumber::FIRST
        } else {
            VersionNumber::FIRST.next()
        },
        parent: None,
        name: lora.name.clone(),
        trigger: lora.trigger.clone(),
        pictures: for_training
            .into_iter()
            .map(|(image, caption)| RunPicture { image, caption })
            .collect(),
        dataset: DatasetHash("0".repeat(32)),
        settings: settings.unwrap_or(Settings {
            engine: EngineId("studio".to_owned()),
            base: "flux".to_owned(),
            preset: Preset::Balanced,
            steps: 1_000,
            rank: 16,
            alpha: 16,
            learning_rate: 0.000_1,
            resolution: 1_024,
            seed: 7,
        }),
        progress: progress(step),
        state,
        created: NOW,
        updated: NOW,
    }
}

/// A loss that falls, and a sample every 250 steps.
fn progress(step: u32) -> Progress {
    let loss = (1..=step / 10).map(|point| {
        let x = f64::from(point * 10);
        // Falls fast, then slowly, with some unrest.
        let unrest = f64::from(point * 37 % 11) / 11.0 - 0.5;
        Point {
            x,
            y: 0.09 + 0.35 / (1.0 + x / 90.0) + 0.02 * unrest,
        }
    });
    let samples = (0..=step / 250).flat_map(|checkpoint| {
        [50_u8, 60].map(|seed| Sample {
            step: checkpoint * 250,
            prompt: if seed == 50 {
                "mycat on a beach"
            } else {
                "portrait of mycat"
            }
            .to_owned(),
            blob: BlobId::from_digest([seed + u8::try_from(checkpoint).unwrap_or(9); 32]),
        })
    });
    Progress {
        step,
        total: 1_000,
        speed: if step > 0 { 1.3 } else { 0.0 },
        loss: loss.collect(),
        samples: samples.collect(),
    }
}
