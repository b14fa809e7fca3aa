//! What flows ask services for, and what comes back: the payloads of wishes and of background results.

mod account;

use lorikeet_chat::{Background, BlobId, MediaSource, Timestamp};
use lorikeet_flow::Wish;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Caption, Lora, LoraId, LoraName, Picture, Problem, Run, RunId, SlotNumber, Standing, Trigger,
    VersionNumber,
};

pub use account::{ACCOUNT_NEWS, ACCOUNTS, AccountNews, AccountRequest, LINK_NEWS, LinkNews};

/// The service that changes LoRAs.
pub const LORAS: &str = "loras";
/// The service that starts and stops runs.
pub const RUNS: &str = "runs";
/// The service that takes pictures in.
pub const INTAKE: &str = "intake";

/// The service that makes pictures and archives out of what is stored.
pub const PICTURES: &str = "pictures";
/// The service that writes captions.
pub const CAPTIONS: &str = "captions";

/// Topic of [`Captioned`].
pub const CAPTIONED: &str = "captions";
/// Topic of [`PictureNews`].
pub const PICTURE_NEWS: &str = "pictures";
/// Topic of [`Editing`].
pub const EDITING: &str = "lora.editing";
/// Topic of [`Managing`].
pub const MANAGING: &str = "lora.managing";
/// Topic of [`Starting`].
pub const STARTING: &str = "run.starting";
/// Topic of [`RunNews`].
pub const RUN_NEWS: &str = "run.news";
/// Topic of [`Arrived`].
pub const ARRIVED: &str = "intake";

/// A request to [`LORAS`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoraRequest {
    /// Take the lock of a new LoRA and write it. Answered with [`Editing`].
    Create {
        /// The LoRA as a whole.
        lora: Box<Lora>,
        /// Where it is edited, in words for the owner's other chats; empty when there are none.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        place: String,
    },
    /// Take the lock of a LoRA to edit it. Answered with [`Editing`].
    Open {
        /// Which.
        lora: LoraId,
        /// What to do when somebody else has it.
        when_busy: WhenBusy,
        /// Where it is edited, as above.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        place: String,
    },
    /// Write an edited LoRA under the generation of its lock. Answered with [`Editing`] only when it fails.
    Save {
        /// The LoRA as a whole.
        lora: Box<Lora>,
        /// The lock's generation.
        generation: u64,
    },
    /// Give the lock back.
    Release {
        /// Which.
        lora: LoraId,
        /// The lock's generation.
        generation: u64,
    },
    /// Put a picture into its place when nobody is editing any more.
    Place {
        /// Which.
        lora: LoraId,
        /// The picture.
        arrived: Box<Arrived>,
    },
    /// Change the name. Answered with [`Managing`].
    Rename {
        /// Which.
        lora: LoraId,
        /// The new name.
        name: LoraName,
    },
    /// Delete it with its versions. Answered with [`Managing`].
    Delete {
        /// Which.
        lora: LoraId,
    },
}

/// What to do when somebody else edits a LoRA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenBusy {
    /// Say who.
    Tell,
    /// Wait until it is free.
    Wait,
    /// Take it away from them; they are told.
    TakeOver,
}

/// Who holds a LoRA's lock, in words for the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The person's name; empty when the platform gives none.
    pub name: String,
    /// Where they edit it; empty when that has no name.
    pub place: String,
    /// Since when.
    pub since: Timestamp,
}

/// What came of opening or saving a LoRA.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Editing {
    /// The lock is ours.
    Opened {
        /// The LoRA as stored.
        lora: Box<Lora>,
        /// The lock's generation.
        generation: u64,
    },
    /// Somebody else has the lock.
    Busy {
        /// The LoRA as stored.
        lora: Box<Lora>,
        /// Who.
        holder: Holder,
    },
    /// Somebody else has taken the lock since; the last change was not written.
    Lost {
        /// Which.
        lora: LoraId,
        /// Who, as far as known.
        holder: Option<Holder>,
    },
    /// A run is active, and the change was not written.
    Frozen {
        /// Which.
        lora: LoraId,
    },
    /// There is no such LoRA (any more).
    Gone {
        /// Which.
        lora: LoraId,
    },
}

impl Editing {
    /// The LoRA it is about.
    pub const fn lora(&self) -> &LoraId {
        match self {
            Self::Opened { lora, .. } | Self::Busy { lora, .. } => &lora.id,
            Self::Lost { lora, .. } | Self::Frozen { lora } | Self::Gone { lora } => lora,
        }
    }
}

/// What came of managing a LoRA.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Managing {
    /// It has its new name.
    Renamed {
        /// The new name.
        name: LoraName,
    },
    /// It is gone.
    Deleted {
        /// The name it had.
        name: LoraName,
    },
    /// It was gone already.
    Gone,
    /// Somebody else is editing it.
    Busy {
        /// Who.
        holder: Holder,
    },
    /// It is training.
    Training,
}

/// A request to [`RUNS`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunRequest {
    /// Queue a run. Answered with [`RunNews`], or with [`Starting`] when it cannot be.
    Start(Box<Run>),
    /// Stop a run; what comes of it comes as [`RunNews`].
    Cancel {
        /// Which.
        run: RunId,
    },
}

/// Why a run was not queued.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Starting {
    /// Another run of the LoRA is active.
    Active {
        /// That run.
        run: RunId,
    },
    /// The LoRA was deleted meanwhile.
    Gone,
}

/// A run has moved. The details are in the repository.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunNews {
    /// Which run.
    pub run: RunId,
    /// Its LoRA.
    pub lora: LoraId,
    /// The LoRA's name when it started.
    pub name: LoraName,
    /// The version it makes.
    pub version: VersionNumber,
    /// Where it stands.
    pub standing: Standing,
}

impl RunNews {
    /// News of a run as it stands.
    pub fn of(run: &Run) -> Self {
        Self {
            run: run.id.clone(),
            lora: run.lora.clone(),
            name: run.name.clone(),
            version: run.version,
            standing: run.state.standing(),
        }
    }
}

/// A request to [`INTAKE`]: fetch a file, judge it, keep it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IntakeRequest {
    /// Where the adapter finds it.
    pub source: MediaSource,
    /// Its name as sent.
    pub name: String,
    /// Pictures taken out of it at most, if it is an archive.
    #[serde(default = "one")]
    pub most: u16,
    /// Given back with the result.
    pub context: Ticket,
}

const fn one() -> u16 {
    1
}

/// Which place a picture is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The LoRA.
    pub lora: LoraId,
    /// The place.
    pub slot: SlotNumber,
    /// This intake's id: a place that waits for another one is left alone.
    pub intake: String,
    /// What was said beside the picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<Caption>,
}

/// What came of an intake.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Arrived {
    /// The request's context.
    pub ticket: Ticket,
    /// The picture, or why not.
    pub outcome: Outcome,
}

/// A picture, or why not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was taken in.
    Taken {
        /// The picture.
        picture: Picture,
        /// A caption that came with it.
        caption: Option<Caption>,
    },
    /// It was refused.
    Refused(Problem),
    /// It was an archive.
    Unpacked(Vec<Entry>),
}

/// A file out of an archive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name, for showing.
    pub name: String,
    /// What came of it.
    pub outcome: Box<Outcome>,
}

/// A request to [`PICTURES`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PictureRequest {
    /// Make another picture of one. Answered with [`PictureNews::Mended`].
    Mend {
        /// Whose dataset it is in.
        lora: LoraId,
        /// The normalised picture.
        image: BlobId,
        /// What to do with it.
        how: Mend,
    },
    /// Make a zip of pictures and their captions. Answered with [`PictureNews::Packed`].
    Pack {
        /// Whose they are.
        lora: LoraId,
        /// The archive's name, `[a-z0-9_-]`, without extension.
        name: String,
        /// Each picture, and what the text file beside it says; none where that is empty.
        pictures: Vec<(BlobId, String)>,
    },
}

/// What is done to a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mend {
    /// A quarter turn clockwise.
    Turn,
    /// Its plain bars cut off.
    Trim,
    /// Its long side cut to half as much again as the short one, from this part.
    Crop(Part),
}

/// Which part of a long picture is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Left or top.
    Start,
    /// The middle.
    Middle,
    /// Right or bottom.
    End,
}

/// What came of a request to [`PICTURES`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PictureNews {
    /// A picture was made of another.
    Mended {
        /// Whose dataset it is for.
        lora: LoraId,
        /// The picture it was made of.
        image: BlobId,
        /// What was done.
        how: Mend,
        /// The picture without its name and original, or why there is none.
        outcome: Result<Picture, Problem>,
    },
    /// An archive was made.
    Packed {
        /// Whose pictures.
        lora: LoraId,
        /// Its bytes.
        blob: BlobId,
        /// Its name, with extension.
        name: String,
        /// Bytes.
        size: u64,
    },
}

/// A request to [`CAPTIONS`]: have pictures captioned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaptionRequest {
    /// The captioner's id.
    pub captioner: String,
    /// The LoRA.
    pub lora: LoraId,
    /// Its trigger word, for context.
    pub trigger: Trigger,
    /// What kind of thing is trained ("cat"); empty when unknown.
    pub class_word: String,
    /// The pictures.
    pub pictures: Vec<(SlotNumber, BlobId)>,
}

/// Captions that were written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Captioned {
    /// The LoRA.
    pub lora: LoraId,
    /// By place; those that failed are missing.
    pub captions: Vec<(SlotNumber, Caption)>,
    /// What went wrong with the others, in the captioner's words; empty when nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub problem: String,
}

/// A request as a wish. These types always serialise; were one not to, the service would refuse the empty request.
fn wish(service: &str, request: &impl Serialize) -> Wish {
    Wish::new(
        service,
        serde_json::to_value(request).unwrap_or(Value::Null),
    )
}

impl From<LoraRequest> for Wish {
    fn from(request: LoraRequest) -> Self {
        wish(LORAS, &request)
    }
}

impl From<RunRequest> for Wish {
    fn from(request: RunRequest) -> Self {
        wish(RUNS, &request)
    }
}

impl From<PictureRequest> for Wish {
    fn from(request: PictureRequest) -> Self {
        wish(PICTURES, &request)
    }
}

impl From<PictureNews> for Background {
    fn from(news: PictureNews) -> Self {
        background(PICTURE_NEWS, &news)
    }
}

impl From<CaptionRequest> for Wish {
    fn from(request: CaptionRequest) -> Self {
        wish(CAPTIONS, &request)
    }
}

impl From<Captioned> for Background {
    fn from(captioned: Captioned) -> Self {
        background(CAPTIONED, &captioned)
    }
}

impl From<IntakeRequest> for Wish {
    fn from(request: IntakeRequest) -> Self {
        wish(INTAKE, &request)
    }
}

/// A result as a background event's body.
fn background(topic: &str, payload: &impl Serialize) -> Background {
    Background {
        topic: topic.to_owned(),
        payload: serde_json::to_value(payload).unwrap_or(Value::Null),
    }
}

impl From<Editing> for Background {
    fn from(result: Editing) -> Self {
        background(EDITING, &result)
    }
}

impl From<Managing> for Background {
    fn from(result: Managing) -> Self {
        background(MANAGING, &result)
    }
}

impl From<Starting> for Background {
    fn from(result: Starting) -> Self {
        background(STARTING, &result)
    }
}

impl From<RunNews> for Background {
    fn from(news: RunNews) -> Self {
        background(RUN_NEWS, &news)
    }
}

impl From<Arrived> for Background {
    fn from(arrived: Arrived) -> Self {
        background(ARRIVED, &arrived)
    }
}
