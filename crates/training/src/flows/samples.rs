//! Samples of every screen, for the gallery: what a person sees at each step, early and late, and when something is wrong.
//!
//! A sample is a place in a flow with a state that could be stored there, and the records around it. The dialog shows it the
//! way it shows a person's, so that nothing can look different here. No time passes and nothing is random: the same
//! program makes the same samples.

mod shelf;

use std::sync::Arc;
use std::time::Duration;

use lorikeet_chat::{
    BlobId, Conversation, EffectBody, EventId, FileBlock, Level, PlatformId, Present, RoomId,
    Sender, Timestamp, UserId,
};
use lorikeet_dialog::{Context, Dialog, Unread};
use lorikeet_flow::{Message, Notice, Stored};
use serde_json::{Value, json};

use super::{advanced, help, home, language, library, linking, runs, training};
use crate::wire::Part;
use crate::{Dataset, Lora, Problem, Run, RunState, SlotNumber, Training};
use shelf::{Shelf, artifact, lora, offer, picture, pictures, run};

/// When every sample is: a morning in 2026.
const NOW: Timestamp = Timestamp::from_micros(1_780_000_000_000_000);

/// A screen to be looked at.
pub struct Sample {
    /// What it is called: flow, step and what is special about it, `training-images-some`; kebab case.
    pub name: String,
    /// The flow's name.
    pub flow: &'static str,
    /// The step's name.
    pub step: &'static str,
    stack: Vec<Stored>,
    said: Vec<Notice>,
    shelf: Shelf,
    sign: Option<&'static str>,
}

/// Why a sample cannot be shown. Only a mistake in its definition makes one.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// The flow could not show it.
    #[error("{sample}: {}", faults.join("; "))]
    Faults {
        /// Its name.
        sample: String,
        /// What the dialog says.
        faults: Vec<String>,
    },
    /// It reads for ever.
    #[error("{0} reads what nobody answers")]
    Reads(String),
}

/// The feature as it is in samples: one engine with two base models.
pub fn world() -> Training {
    Training {
        engines: vec![offer(false)],
        limits: crate::Limits::default(),
    }
}

impl Sample {
    fn new(flow: &'static str, step: &'static str, what: &str, state: Value, shelf: Shelf) -> Self {
        let name = if what.is_empty() {
            format!("{flow}-{step}")
        } else {
            format!("{flow}-{step}-{what}")
        };
        Self {
            name,
            flow,
            step,
            stack: vec![Stored {
                flow: flow.to_owned(),
                version: 1,
                step: step.to_owned(),
                history: Vec::new(),
                state,
            }],
            said: Vec::new(),
            shelf,
            sign: None,
        }
    }

    /// As who writes commands with this sign before them sees it.
    #[must_use]
    pub fn writing(mut self, sign: &'static str) -> Self {
        self.sign = Some(sign);
        self
    }

    fn saying(mut self, level: Level, message: Message) -> Self {
        self.said.push(Notice { level, message });
        self
    }

    /// The step the person came from.
    fn after(mut self, step: &str) -> Self {
        self.stack[0].history.push(step.to_owned());
        self
    }

    /// What a person sees, in a language of the dialog.
    ///
    /// # Errors
    /// When the sample is not what its flow stores.
    pub fn show(&self, dialog: &Dialog<Training>, locale: &str) -> Result<Present, SampleError> {
        let mut context = self.context(dialog, locale)?;
        let wrong = |faults: Vec<String>| SampleError::Faults {
            sample: self.name.clone(),
            faults,
        };
        // Far more than any view reads.
        for _ in 0..32 {
            match dialog.sample(self.stack.clone(), self.said.clone(), 1, &context) {
                Err(Unread(query)) => {
                    let answer = self.shelf.answer(&query);
                    context.learn(query, answer);
                }
                Ok(turn) if !turn.faults.is_empty() => return Err(wrong(turn.faults)),
                Ok(turn) => {
                    let shown = turn.effects.into_iter().find_map(|effect| match effect {
                        EffectBody::Show(present) => Some(present),
                        _ => None,
                    });
                    return shown.ok_or_else(|| wrong(vec!["nothing is shown".to_owned()]));
                }
            }
        }
        Err(SampleError::Reads(self.name.clone()))
    }

    fn context(
        &self,
        dialog: &Dialog<Training>,
        locale: &str,
    ) -> Result<Context<Training>, SampleError> {
        let invalid = |_| SampleError::Faults {
            sample: self.name.clone(),
            faults: vec!["an identifier is none".to_owned()],
        };
        let conversation = Conversation {
            platform: PlatformId::new("gallery").map_err(invalid)?,
            room: RoomId::new("room").map_err(invalid)?,
            thread: None,
            user: UserId::new("person").map_err(invalid)?,
        };
        Ok(Context::new(
            conversation,
            EventId::new("sample").map_err(invalid)?,
            Sender::default(),
            NOW,
            dialog.catalog().texts(Some(locale)).writing(self.sign),
            Arc::clone(dialog.domain()),
        ))
    }
}

/// Every screen there is, flow by flow.
pub fn samples() -> Vec<Sample> {
    let mut all = menus();
    all.extend(beginning());
    all.extend(of_pictures());
    all.extend(of_captions());
    all.extend(before_training());
    all.extend(of_runs());
    all.extend(of_the_library());
    all
}

fn menus() -> Vec<Sample> {
    let nothing = || json!({});
    let until = NOW.after(Duration::from_secs(540));
    let code = json!({ "code": { "code": "7K3M9QTX", "until": until } });
    let joined = || Shelf {
        joined: &["telegraph"],
        ..Shelf::usual()
    };
    vec![
        Sample::new(home::NAME, "menu", "first", nothing(), Shelf::default()),
        Sample::new(home::NAME, "menu", "", nothing(), Shelf::usual()),
        Sample::new(help::NAME, "page", "", nothing(), Shelf::usual()),
        Sample::new(language::NAME, "choose", "", nothing(), Shelf::usual()),
        Sample::new(linking::NAME, "desk", "", nothing(), Shelf::usual()),
        Sample::new(linking::NAME, "desk", "code", code, joined()),
        Sample::new(linking::NAME, "open", "", nothing(), Shelf::usual()),
        Sample::new(linking::PARTING, "ask", "", nothing(), joined()),
        Sample::new(linking::PARTING, "open", "", nothing(), Shelf::usual()),
    ]
}

/// A sample of the training flow, with this LoRA on the desk and whatever else of the desk is told.
fn desk(step: &'static str, what: &str, lora: Option<Lora>, more: &Value) -> Sample {
    let mut state = json!({
        "lora": lora,
        "opening": null,
        "right": { "ours": 7 },
        "slot": null,
        "run": null,
        "goal": "overview",
        "early": [],
    });
    if let (Value::Object(state), Value::Object(more)) = (&mut state, more) {
        state.extend(more.clone());
    }
    let shelf = Shelf::with(lora);
    Sample::new(training::NAME, step, what, state, shelf)
}

fn beginning() -> Vec<Sample> {
    let holder = json!({ "name": "", "place": "web", "since": NOW });
    let taken = Message::new("name-taken").text("name", "My cat");
    vec![
        desk("name", "", None, &json!({})),
        desk("name", "taken", None, &json!({})).saying(Level::Error, taken),
        desk(
            "opening",
            "",
            None,
            &json!({ "opening": lora(Dataset::default()).id }),
        ),
        desk(
            "locked",
            "",
            Some(lora(pictures(6, 2))),
            &json!({ "right": { "read_only": holder }, "opening": lora(Dataset::default()).id }),
        ),
        desk("trigger", "", Some(lora(pictures(6, 2))), &json!({})).after("overview"),
        desk("overview", "draft", Some(lora(pictures(6, 2))), &json!({})),
        desk("overview", "few", Some(lora(pictures(2, 0))), &json!({})),
        desk(
            "overview",
            "packed",
            Some(lora(pictures(6, 6))),
            &json!({ "packed": FileBlock {
                blob: BlobId::from_digest([90; 32]),
                name: "my-cat-pictures.zip".to_owned(),
                size: 8_400_000,
            } }),
        ),
        {
            let mut sample = desk(
                "overview",
                "training",
                Some(lora(pictures(6, 6))),
                &json!({}),
            );
            sample.shelf.runs = vec![run(RunState::Training, 420)];
            sample
        },
        desk(
            "overview",
            "looking",
            Some(lora(pictures(6, 2))),
            &json!({ "right": { "lost": holder } }),
        ),
    ]
}

/// Seven pictures, two of them with something to say about them; one more on its way and one refused.
fn troubled() -> Dataset {
    let dataset = pictures(5, 1);
    let (dataset, _) = dataset.reserve(crate::Place::Next, 20, "on its way", "garden.jpg");
    let (dataset, _) = dataset.reserve(crate::Place::Next, 20, "refused", "holiday.mov");
    let video = Problem::new("unsupported-format").with("format", "MP4");
    let (dataset, _) = dataset.refuse("refused", video);
    let mut blurred = picture(40);
    blurred.warnings.push(Problem::new("blurred"));
    let (dataset, _) = dataset.add(20, blurred, None);
    // Almost as the second.
    let near = crate::Picture {
        dhash: picture(2).dhash ^ 1,
        ..picture(41)
    };
    let (dataset, _) = dataset.add(20, near, None);
    dataset
}

/// One picture that is far too long, in the first place.
fn long() -> (Dataset, crate::Picture) {
    let mut picture = picture(42);
    (picture.width, picture.height) = (2_048, 700);
    picture.warnings.push(Problem::new("elongated"));
    let (dataset, _) = Dataset::default().add(20, picture.clone(), None);
    (dataset, picture)
}

fn of_pictures() -> Vec<Sample> {
    let (long, long_picture) = long();
    let at = |number: u16| json!({ "slot": SlotNumber(number) });
    let cut = crate::Picture {
        width: 1_050,
        height: 700,
        warnings: Vec::new(),
        ..picture(43)
    };
    let unpacked = Message::new("images-unpacked")
        .number("added", 8)
        .number("captions", 5);
    vec![
        desk("images", "none", Some(lora(Dataset::default())), &json!({})).after("name"),
        desk("images", "some", Some(lora(pictures(6, 2))), &json!({})).after("name"),
        desk("images", "troubled", Some(lora(troubled())), &json!({})).after("name"),
        desk("images", "unpacked", Some(lora(pictures(8, 5))), &json!({}))
            .saying(Level::Success, unpacked)
            .after("name"),
        desk("images", "full", Some(lora(pictures(20, 20))), &json!({})).after("name"),
        desk("slot", "", Some(lora(pictures(6, 2))), &at(1)).after("images"),
        desk("slot", "doubtful", Some(lora(long.clone())), &at(1)).after("images"),
        desk("slot", "arriving", Some(lora(troubled())), &at(6)).after("images"),
        desk("slot", "refused", Some(lora(troubled())), &at(7)).after("images"),
        desk(
            "slot",
            "mending",
            Some(lora(pictures(6, 2))),
            &json!({ "slot": 3, "making": "picture" }),
        )
        .after("images"),
        desk(
            "crop",
            "",
            Some(lora(long)),
            &json!({ "slot": 1, "preview": {
                "image": long_picture.image,
                "part": Part::Middle,
                "picture": cut,
            } }),
        )
        .after("slot"),
        desk("place", "", Some(lora(pictures(6, 2))), &at(2)).after("slot"),
    ]
}

fn of_captions() -> Vec<Sample> {
    let done = Message::new("bulk-done").number("count", 6);
    let undo = json!({ "undo": [[picture(1).image, null]] });
    vec![
        desk("captions", "first", Some(lora(pictures(6, 0))), &json!({})).after("images"),
        desk("captions", "some", Some(lora(pictures(6, 4))), &json!({})).after("images"),
        desk("captions", "all", Some(lora(pictures(6, 6))), &undo)
            .saying(Level::Success, done)
            .after("images"),
        desk("template", "", Some(lora(pictures(6, 2))), &json!({})).after("captions"),
        desk("bulk", "", Some(lora(pictures(6, 6))), &json!({})).after("captions"),
    ]
}

fn before_training() -> Vec<Sample> {
    let engine = offer(false);
    let balanced = engine.preset(crate::Preset::Balanced, 6, 7);
    let draft = |typed: Value| json!({ "settings": balanced, "typed": typed });
    let problem = Message::new("settings-out-of-range")
        .text("setting", "Alpha")
        .text("min", "1")
        .text("max", "128");
    vec![
        desk("settings", "", Some(lora(pictures(6, 6))), &json!({})).after("captions"),
        Sample::new(advanced::NAME, "form", "", draft(json!({})), Shelf::usual()),
        Sample::new(
            advanced::NAME,
            "form",
            "wrong",
            draft(json!({ "alpha": "999" })),
            Shelf::usual(),
        )
        .saying(Level::Error, problem),
        desk("review", "", Some(lora(pictures(12, 12))), &json!({})).after("settings"),
        desk("review", "few", Some(lora(pictures(4, 4))), &json!({})).after("settings"),
    ]
}

fn of_runs() -> Vec<Sample> {
    let watched = |what: &str, step: &'static str, run: Run, ahead: u32| {
        let more = json!({ "run": run.id });
        let mut sample = desk(step, what, Some(lora(pictures(6, 6))), &more);
        sample.shelf.runs = vec![run];
        sample.shelf.ahead = ahead;
        sample
    };
    let failed = RunState::Failed {
        failure: crate::Failure {
            code: "no-space".to_owned(),
            detail: "No space left on device".to_owned(),
        },
    };
    let done = || RunState::Done {
        artifact: artifact(1_000),
    };
    let stopped = |artifact| RunState::Cancelled { artifact };
    let looking = |run: &Run| json!({ "run": run.id });
    let listed = |what: &str, runs: Vec<Run>| {
        let shelf = Shelf {
            runs,
            ..Shelf::usual()
        };
        Sample::new(runs::NAME, "list", what, json!({ "run": null }), shelf)
    };
    let detail = |what: &str, run: Run| {
        let state = looking(&run);
        let shelf = Shelf {
            runs: vec![run],
            ..Shelf::usual()
        };
        Sample::new(runs::NAME, "detail", what, state, shelf).after("list")
    };
    vec![
        watched("queued", "training", run(RunState::Queued, 0), 2),
        watched("preparing", "training", run(RunState::Preparing, 0), 0),
        watched("", "training", run(RunState::Training, 420), 0),
        watched("done", "result", run(done(), 1_000), 0),
        watched("failed", "result", run(failed, 310), 0),
        watched("stopped", "result", run(stopped(None), 3), 0),
        watched(
            "stopped-kept",
            "result",
            run(stopped(Some(artifact(500))), 520),
            0,
        ),
        listed("none", Vec::new()),
        listed("", vec![run(RunState::Training, 420), run(done(), 1_000)]),
        detail("", run(RunState::Training, 420)),
        detail("done", run(done(), 1_000)),
    ]
}

fn of_the_library() -> Vec<Sample> {
    let none = || json!({ "lora": null });
    let looking = json!({ "lora": lora(Dataset::default()).id });
    let with_runs = |runs: Vec<Run>| Shelf {
        runs,
        ..Shelf::usual()
    };
    let done = RunState::Done {
        artifact: artifact(1_000),
    };
    let deleted = Message::new("library-deleted").text("name", "My dog");
    let step = library::NAME;
    vec![
        Sample::new(step, "list", "none", none(), Shelf::default()),
        Sample::new(step, "list", "", none(), Shelf::usual()).saying(Level::Success, deleted),
        Sample::new(step, "detail", "draft", looking.clone(), Shelf::usual()).after("list"),
        Sample::new(
            step,
            "detail",
            "",
            looking.clone(),
            with_runs(vec![run(done, 1_000)]),
        )
        .after("list"),
        Sample::new(
            step,
            "detail",
            "training",
            looking.clone(),
            with_runs(vec![run(RunState::Training, 420)]),
        )
        .after("list"),
        Sample::new(step, "rename", "", looking, Shelf::usual()).after("detail"),
    ]
}
