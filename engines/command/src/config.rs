//! What an operator can set.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lorikeet_training::EngineId;

/// How the engine works. Without `Debug`: its environment may have tokens.
#[derive(Clone)]
pub struct Config {
    /// Its id, and what its section is called: `engines.command.ID`.
    pub id: EngineId,
    /// Its name for people.
    pub name: String,
    /// Which program it runs, and how.
    pub profile: Profile,
    /// Where it keeps runs under way.
    pub directory: PathBuf,
    /// The Python that has what the program needs.
    pub python: PathBuf,
    /// Where the program's scripts are.
    pub scripts: PathBuf,
    /// The base models, the preferred first.
    pub bases: Vec<Base>,
    /// Trainings at once: graphics cards, as a rule.
    pub slots: usize,
    /// How long a program that was told to stop may take, before it is killed.
    pub grace: Duration,
    /// Further arguments of the program, by the name it has for them. Only those it is known to take.
    pub arguments: BTreeMap<String, toml::Value>,
    /// What the program is started with besides the environment of the bot.
    pub environment: BTreeMap<String, String>,
    /// Of [`Profile::Custom`]: what is run.
    pub command: Vec<String>,
    /// Of [`Profile::Custom`]: what stands before and after the steps made so far in what it prints, as `step {step}/{steps}`.
    pub progress: String,
    /// Seconds a step takes, until one was measured.
    pub seconds_per_step: f64,
    /// What keeps a program going, with its arguments; the run's folder is added.
    pub keeper: Vec<OsString>,
}

/// A base model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Base {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Where it is: a file, a directory, or the name of a repository where the program fetches it by itself.
    pub path: String,
    /// Of FLUX.1 with kohya: its other parts, `clip_l`, `t5xxl` and `ae`.
    pub parts: BTreeMap<String, PathBuf>,
}

/// A program, and a family of base models that it trains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// kohya sd-scripts, Stable Diffusion 1.5.
    KohyaSd15,
    /// kohya sd-scripts, SDXL.
    KohyaSdxl,
    /// kohya sd-scripts, FLUX.1.
    KohyaFlux,
    /// ai-toolkit, SDXL.
    ToolkitSdxl,
    /// ai-toolkit, FLUX.1.
    ToolkitFlux,
    /// ai-toolkit, Qwen-Image.
    ToolkitQwen,
    /// ai-toolkit, Z-Image.
    ToolkitZImage,
    /// ai-toolkit, FLUX.2 klein.
    ToolkitKlein,
    /// Any other, by a template.
    Custom,
}

/// Something that cannot work; the sentence names the key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub(crate) String);

impl Profile {
    /// All of them, with the names they have in the configuration.
    pub const ALL: [(Self, &'static str); 9] = [
        (Self::KohyaSd15, "kohya-sd15"),
        (Self::KohyaSdxl, "kohya-sdxl"),
        (Self::KohyaFlux, "kohya-flux"),
        (Self::ToolkitSdxl, "ai-toolkit-sdxl"),
        (Self::ToolkitFlux, "ai-toolkit-flux"),
        (Self::ToolkitQwen, "ai-toolkit-qwen"),
        (Self::ToolkitZImage, "ai-toolkit-z-image"),
        (Self::ToolkitKlein, "ai-toolkit-flux2-klein"),
        (Self::Custom, "custom"),
    ];

    /// By its name in the configuration.
    pub fn named(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|(_, known)| *known == name)
            .map(|(profile, _)| profile)
    }

    /// Whether it is one of kohya's scripts.
    pub(crate) const fn is_kohya(self) -> bool {
        matches!(self, Self::KohyaSd15 | Self::KohyaSdxl | Self::KohyaFlux)
    }
}

impl Config {
    /// The same with paths that hold wherever a program is started.
    pub(crate) fn absolute(mut self) -> Self {
        let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        self.directory = whole(&self.directory);
        self.scripts = whole(&self.scripts);
        // A name alone is looked for where the system looks for programs.
        if self.python.components().count() > 1 {
            self.python = whole(&self.python);
        }
        for base in &mut self.bases {
            if Path::new(&base.path).exists() {
                base.path = whole(Path::new(&base.path)).to_string_lossy().into_owned();
            }
            for path in base.parts.values_mut() {
                *path = whole(path);
            }
        }
        self
    }

    /// Looks for what cannot work, without looking at the disk: that is [`dry_run`](crate::dry_run)'s.
    ///
    /// # Errors
    /// The first key that is wrong, and how it should be.
    pub fn check(&self) -> Result<(), ConfigError> {
        let key = |name: &str| format!("engines.command.{}.{name}", self.id.0);
        let wrong = |name: &str, how: &str| Err(ConfigError(format!("{}: {how}", key(name))));
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if self.id.0.is_empty() || !self.id.0.chars().all(plain) {
            return Err(ConfigError(format!(
                "engines.command: `{}` cannot be an engine’s name; take letters, digits, - and _",
                self.id.0
            )));
        }
        if self.bases.is_empty() {
            return wrong(
                "bases",
                "there is no base model to train; name one, with id, name and path",
            );
        }
        for (number, base) in self.bases.iter().enumerate() {
            if base.id.is_empty() || base.path.is_empty() {
                return wrong("bases", "each base model needs an id and a path");
            }
            if self.bases[..number].iter().any(|other| other.id == base.id) {
                return wrong("bases", &format!("there are two called `{}`", base.id));
            }
            if self.profile == Profile::KohyaFlux {
                for part in ["clip_l", "t5xxl", "ae"] {
                    if !base.parts.contains_key(part) {
                        return wrong(
                            "bases",
                            &format!(
                                "`{}` needs `{part}`, the file of that part of FLUX.1",
                                base.id
                            ),
                        );
                    }
                }
            }
        }
        if self.slots == 0 {
            return wrong(
                "slots",
                "with none, nothing would ever be trained; 1 is usual",
            );
        }
        if !(self.seconds_per_step > 0.0 && self.seconds_per_step.is_finite()) {
            return wrong("seconds_per_step", "a step takes some time; 1.5 is usual");
        }
        if self.profile == Profile::Custom {
            if self.command.is_empty() {
                return wrong(
                    "command",
                    "nothing to run; give the program and its arguments as a list",
                );
            }
            let places = |argument: &&String| {
                ["{file}", "{output}"]
                    .iter()
                    .any(|place| argument.contains(place))
            };
            if !self.command.iter().any(|argument| places(&argument)) {
                return wrong(
                    "command",
                    "it does not say where the LoRA is to be: write {file} or {output} into it",
                );
            }
            if !self.progress.is_empty() && !self.progress.contains("{step}") {
                return wrong(
                    "progress",
                    "it has to say where the step is, as in `step {step}/{steps}`",
                );
            }
        } else if self.python.as_os_str().is_empty() || self.scripts.as_os_str().is_empty() {
            return wrong(
                "scripts",
                "say where the program is: python, and the directory of its scripts",
            );
        }
        crate::profile::allowed(self)
            .map_err(|how| ConfigError(format!("{}: {how}", key("arguments"))))
    }
}
