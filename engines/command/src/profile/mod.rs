//! What each program is given, what it makes, and what it offers. Pure: paths and pictures come in, files and arguments go out.

mod custom;
mod kohya;
mod toolkit;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lorikeet_engine::Job;
use lorikeet_training::{
    BaseModel, CaptionStyle, EngineOffer, Preset, PresetRule, SettingRanges, Settings, StepRule,
};
use serde::{Deserialize, Serialize};
use toml::Value;

use crate::config::{Base, Config, Profile};

/// Checkpoints of a run, at most.
const CHECKPOINTS: u32 = 10;
/// Samples of a checkpoint.
const SAMPLES: usize = 2;
/// What the file is called that everything is about.
pub(crate) const NAME: &str = "lora";

/// What a run is given, and where it leaves what. Without `Debug`: its environment may have tokens.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// The program and its arguments.
    pub(crate) command: Vec<String>,
    /// Where it is started.
    pub(crate) directory: PathBuf,
    /// What it is started with, besides the environment of the bot.
    pub(crate) environment: BTreeMap<String, String>,
    /// Where its files are: the last one, and before it checkpoints.
    pub(crate) output: PathBuf,
    /// What the last one is called.
    pub(crate) file: String,
    /// Where its samples are, and what they show.
    pub(crate) samples: PathBuf,
    pub(crate) prompts: Vec<String>,
    /// How it says how far it is.
    pub(crate) progress: Speech,
    /// Steps in all, and those between two checkpoints.
    pub(crate) steps: u32,
    pub(crate) every: u32,
    /// Whether the file is written once all steps are made, and not before.
    pub(crate) written_last: bool,
    /// The rank that the file has to have.
    pub(crate) rank: u32,
}

/// How a program says how far it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Speech {
    /// By bars of tqdm.
    Bars,
    /// By lines with this in them, where `{step}` and `{steps}` are numbers.
    Lines(String),
}

/// A file that is written for a program.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Written {
    /// Below the run's folder.
    pub(crate) path: PathBuf,
    pub(crate) bytes: Vec<u8>,
}

/// The folder of pictures and captions, below a run's.
const DATASET: &str = "dataset";
/// The folder of what is made, below a run's.
const OUTPUT: &str = "output";

/// What a run in a folder is given.
pub(crate) fn plan(config: &Config, base: &Base, job: &Job, folder: &Path) -> (Plan, Vec<Written>) {
    let mut files = dataset(job);
    let plan = match config.profile {
        Profile::KohyaSd15 | Profile::KohyaSdxl | Profile::KohyaFlux => {
            kohya::plan(config, base, job, folder, &mut files)
        }
        Profile::Custom => custom::plan(config, base, job, folder),
        _ => toolkit::plan(config, base, job, folder, &mut files),
    };
    (plan, files)
}

/// Pictures, and each one's caption beside it.
fn dataset(job: &Job) -> Vec<Written> {
    let mut files = Vec::new();
    for (number, picture) in (1..).zip(&job.pictures) {
        let kind = if picture.bytes.starts_with(b"\x89PNG") {
            "png"
        } else {
            "jpg"
        };
        let path = |kind: &str| PathBuf::from(format!("{DATASET}/{number:02}.{kind}"));
        files.push(Written {
            path: path(kind),
            bytes: picture.bytes.to_vec(),
        });
        files.push(Written {
            path: path("txt"),
            bytes: caption(&picture.caption, job).into_bytes(),
        });
    }
    files
}

/// One line; never empty, at which kohya fails: then the trigger word alone.
fn caption(caption: &str, job: &Job) -> String {
    let line = caption.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = if line.is_empty() {
        job.trigger.as_str().to_owned()
    } else {
        line
    };
    format!("{line}\n")
}

/// What samples show: the captions of the first pictures.
fn prompts(job: &Job) -> Vec<String> {
    let mut prompts: Vec<String> = Vec::new();
    for picture in &job.pictures {
        // Trainers read what comes after two dashes as options.
        let words = picture.caption.replace("--", " ");
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        if !words.is_empty() && !prompts.contains(&words) {
            prompts.push(words);
        }
    }
    prompts.truncate(SAMPLES);
    if prompts.is_empty() {
        prompts.push(job.trigger.as_str().to_owned());
    }
    prompts
}

/// Steps between two checkpoints.
const fn every(steps: u32) -> u32 {
    let every = steps.div_ceil(CHECKPOINTS);
    if every == 0 { 1 } else { every }
}

/// The kind that an argument has to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Whole,
    Number,
    Switch,
}

impl Kind {
    const fn fits(self, value: &Value) -> bool {
        matches!(
            (self, value),
            (Self::Text, Value::String(_))
                | (Self::Whole, Value::Integer(_))
                // A whole number where a fraction is meant would be taken as another type.
                | (Self::Number, Value::Float(_))
                | (Self::Switch, Value::Boolean(_))
        )
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Text => "a text in quotes",
            Self::Whole => "a whole number",
            Self::Number => "a number with a point, such as 1.0",
            Self::Switch => "true or false",
        }
    }
}

/// Whether an operator's further arguments are ones that the program takes. Programs read over what they do not know, and take
/// another type for what it is not.
pub(crate) fn allowed(config: &Config) -> Result<(), String> {
    let known: &[(&str, Kind)] = match config.profile {
        Profile::Custom => &[],
        profile if profile.is_kohya() => kohya::ALLOWED,
        _ => toolkit::ALLOWED,
    };
    for (name, value) in &config.arguments {
        let Some((_, kind)) = known.iter().find(|(known, _)| known == name) else {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            return Err(if names.is_empty() {
                format!("`{name}` is not taken here; write it into the command")
            } else {
                format!(
                    "`{name}` is none that is passed on; those are {}",
                    names.join(", ")
                )
            });
        };
        if !kind.fits(value) {
            return Err(format!("`{name}` has to be {}", kind.name()));
        }
    }
    Ok(())
}

/// What a program offers: base models, ranges and presets, by what its makers and users found
/// (<https://github.com/kohya-ss/sd-scripts>, <https://github.com/ostris/ai-toolkit>).
pub(crate) fn offer(config: &Config) -> EngineOffer {
    let figures = figures(config.profile);
    let bases = config.bases.iter().map(|base| BaseModel {
        id: base.id.clone(),
        name: if base.name.is_empty() {
            base.id.clone()
        } else {
            base.name.clone()
        },
        captions: figures.captions,
    });
    let preset = |preset, share: f64| {
        let part = |steps: u32| (f64::from(steps) * share) as u32;
        PresetRule {
            preset,
            steps: StepRule::PerPicture {
                each: part(100),
                min: part(figures.least).max(1),
                max: part(figures.most).max(1),
            },
            rank: figures.rank,
            alpha: figures.alpha,
            learning_rate: figures.learning_rate,
            resolution: figures.resolution,
        }
    };
    EngineOffer {
        id: config.id.clone(),
        name: config.name.clone(),
        demonstration: false,
        bases: bases.collect(),
        ranges: SettingRanges {
            steps: 1..=20_000,
            rank: 1..=256,
            alpha: 1..=256,
            learning_rate: 1e-6..=1e-2,
            resolution: 256..=figures.resolution.max(1_024),
            seed: 0..=u32::MAX,
        },
        presets: vec![
            preset(Preset::Quick, 0.4),
            preset(Preset::Balanced, 1.0),
            preset(Preset::Thorough, 1.5),
        ],
    }
}

/// What is usual for a family of base models.
struct Figures {
    captions: CaptionStyle,
    resolution: u32,
    rank: u32,
    alpha: u32,
    learning_rate: f64,
    /// Steps of the balanced preset, at least and at most.
    least: u32,
    most: u32,
}

const fn figures(profile: Profile) -> Figures {
    use CaptionStyle::{Sentences, Tags};
    let (captions, resolution, rank, alpha, learning_rate, least, most) = match profile {
        Profile::KohyaSd15 => (Tags, 512, 32, 16, 5e-4, 400, 2_000),
        Profile::KohyaSdxl | Profile::ToolkitSdxl | Profile::Custom => {
            (Tags, 1_024, 32, 16, 1e-4, 500, 2_500)
        }
        Profile::KohyaFlux | Profile::ToolkitFlux => (Sentences, 768, 16, 16, 1e-4, 1_000, 2_000),
        Profile::ToolkitQwen => (Sentences, 768, 16, 16, 1e-4, 1_500, 3_000),
        Profile::ToolkitZImage | Profile::ToolkitKlein => {
            (Sentences, 1_024, 32, 32, 1e-4, 1_500, 3_000)
        }
    };
    Figures {
        captions,
        resolution,
        rank,
        alpha,
        learning_rate,
        least,
        most,
    }
}

/// The base model that settings ask for.
pub(crate) fn base<'c>(config: &'c Config, settings: &Settings) -> Option<&'c Base> {
    config.bases.iter().find(|base| base.id == settings.base)
}
