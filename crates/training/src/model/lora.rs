//! The LoRA: what its owner works on. Its versions are its finished runs.

use std::fmt;
use std::str::FromStr;

use lorikeet_chat::Timestamp;
use serde::{Deserialize, Serialize};

use super::dataset::Dataset;
use super::id::{LoraId, Owner};
use super::name::{LoraName, Trigger};
use super::settings::Settings;

/// A LoRA as its owner edits it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lora {
    /// Its id.
    pub id: LoraId,
    /// Whose it is; nobody else sees it.
    pub owner: Owner,
    /// What it is called.
    pub name: LoraName,
    /// The word that calls it up in a prompt.
    pub trigger: Trigger,
    /// The pictures.
    pub dataset: Dataset,
    /// Settings of the next run; absent until chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Settings>,
    /// Rises with every change: of two copies the higher is the newer.
    pub revision: u64,
    /// When it was named.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
}

/// A LoRA in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoraSummary {
    /// Its id.
    pub id: LoraId,
    /// What it is called.
    pub name: LoraName,
    /// How many pictures it has.
    pub pictures: u32,
    /// The highest finished version, if any.
    pub latest: Option<VersionNumber>,
    /// Whether a run is active.
    pub training: bool,
    /// When it was last changed.
    pub updated: Timestamp,
}

/// A version: 1.0, 1.1, …
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VersionNumber {
    /// Before the dot.
    pub major: u16,
    /// After the dot.
    pub minor: u16,
}

impl VersionNumber {
    /// The first version of every LoRA.
    pub const FIRST: Self = Self { major: 1, minor: 0 };

    /// The one after.
    #[must_use]
    pub const fn next(self) -> Self {
        Self {
            major: self.major,
            minor: self.minor.saturating_add(1),
        }
    }
}

impl fmt::Display for VersionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// Text that is not a version number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a version is written like 1.0")]
pub struct NotAVersion;

impl FromStr for VersionNumber {
    type Err = NotAVersion;

    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let (major, minor) = text.split_once('.').ok_or(NotAVersion)?;
        Ok(Self {
            major: major.parse().map_err(|_| NotAVersion)?,
            minor: minor.parse().map_err(|_| NotAVersion)?,
        })
    }
}

impl TryFrom<String> for VersionNumber {
    type Error = NotAVersion;

    fn try_from(text: String) -> Result<Self, NotAVersion> {
        text.parse()
    }
}

impl From<VersionNumber> for String {
    fn from(version: VersionNumber) -> Self {
        version.to_string()
    }
}
