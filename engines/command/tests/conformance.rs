//! The suite every engine passes, with a stand-in for each kind of trainer; and what trainers do that they should not.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt as _;
use lorikeet_command::{Base, CommandEngine, Config, Profile, dry_run};
use lorikeet_engine::conformance::Harness;
use lorikeet_engine::{Engine, EngineFailure, Job, JobPicture, Report};
use lorikeet_media::samples;
use lorikeet_training::{EngineId, Preset, RunId, Settings, Trigger};

/// The stand-in, in the place of a program's script.
fn scripts(directory: &Path, kind: &str, names: &[&str]) {
    let trainer = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/trainer.py");
    for name in names {
        let script = format!(
            "import runpy, sys\nsys.argv.insert(1, {kind:?})\nrunpy.run_path({trainer:?}, run_name='__main__')\n"
        );
        std::fs::write(directory.join(name), script).unwrap();
    }
}

fn config(root: &Path, profile: Profile) -> Config {
    let scripts_in = root.join("scripts");
    std::fs::create_dir_all(&scripts_in).unwrap();
    let kohya = [
        "train_network.py",
        "sdxl_train_network.py",
        "flux_train_network.py",
    ];
    scripts(&scripts_in, "kohya", &kohya);
    scripts(&scripts_in, "toolkit", &["run.py"]);
    let model = root.join("model.safetensors");
    std::fs::write(&model, "a model").unwrap();
    let part = |name: &str| (name.to_owned(), model.clone());
    let trainer = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/trainer.py");
    let command = [
        "python3",
        trainer,
        "custom",
        "{file}",
        "{steps}",
        "{rank}",
        "{dataset}",
    ];
    Config {
        id: EngineId("stand-in".to_owned()),
        name: "A stand-in".to_owned(),
        profile,
        directory: root.join("runs"),
        python: "python3".into(),
        scripts: scripts_in,
        bases: vec![Base {
            id: "base".to_owned(),
            name: "A base model".to_owned(),
            path: model.display().to_string(),
            parts: BTreeMap::from(["clip_l", "t5xxl", "ae"].map(part)),
        }],
        slots: 1,
        grace: Duration::from_secs(5),
        arguments: BTreeMap::new(),
        environment: BTreeMap::new(),
        command: command.map(str::to_owned).to_vec(),
        progress: "step {step}/{steps}".to_owned(),
        seconds_per_step: 1.5,
        keeper: vec![env!("CARGO_BIN_EXE_lorikeet-keeper").into()],
    }
}

macro_rules! suite {
    ($module:ident, $profile:expr) => {
        mod $module {
            use super::*;

            struct StandIn {
                engine: CommandEngine,
                directory: tempfile::TempDir,
            }

            #[async_trait]
            impl Harness for StandIn {
                // What is saved before it is stopped, which may be nothing.
                const KEEPS_CHECKPOINTS: bool = false;

                async fn open() -> Self {
                    let directory = tempfile::tempdir().unwrap();
                    let engine = CommandEngine::open(config(directory.path(), $profile)).unwrap();
                    Self { engine, directory }
                }

                async fn restart(self) -> Self {
                    let Self { engine, directory } = self;
                    drop(engine);
                    let engine = CommandEngine::open(config(directory.path(), $profile)).unwrap();
                    Self { engine, directory }
                }

                fn engine(&self) -> &dyn Engine {
                    &self.engine
                }

                fn quick(&self) -> Settings {
                    let quick = self.engine.offer().preset(Preset::Quick, 4, 1).unwrap();
                    Settings {
                        steps: 200,
                        ..quick
                    }
                }

                fn long(&self) -> Settings {
                    Settings {
                        steps: 20_000,
                        ..self.quick()
                    }
                }
            }

            lorikeet_engine::conformance!(StandIn);
        }
    };
}

suite!(kohya_sdxl, Profile::KohyaSdxl);
suite!(kohya_flux, Profile::KohyaFlux);
suite!(toolkit, Profile::ToolkitFlux);
suite!(custom, Profile::Custom);

fn job(engine: &CommandEngine, steps: u32) -> Job {
    let picture = |seed: u64| JobPicture {
        id: lorikeet_chat::BlobId::from_digest([seed as u8; 32]),
        bytes: Bytes::from(samples::jpeg(&samples::picture(seed, 64, 64), 80)),
        caption: format!("mycat, picture {seed} --w 9000 of it\nand more"),
    };
    Job {
        run: RunId::try_from("00000000000000000000000000000001".to_owned()).unwrap(),
        title: "Cat 1.0".to_owned(),
        trigger: Trigger::parse("mycat").unwrap(),
        pictures: (0..4).map(picture).collect(),
        settings: Settings {
            steps,
            ..engine.offer().preset(Preset::Quick, 4, 1).unwrap()
        },
    }
}

fn misbehaving(root: &Path, profile: Profile, how: &str, slots: usize) -> CommandEngine {
    let environment = [("TRAINER", how), ("TRAINER_PAUSE", "0.005")];
    let config = Config {
        slots,
        environment: environment
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .into(),
        ..config(root, profile)
    };
    CommandEngine::open(config).unwrap()
}

/// The last report, and the samples before it.
async fn ends(engine: &CommandEngine, run: &RunId) -> (Report, Vec<(u32, String)>) {
    let mut stream = engine.observe(run).await.unwrap();
    let mut shown = Vec::new();
    loop {
        match stream.next().await.unwrap().unwrap() {
            Report::Sample { step, prompt, .. } => shown.push((step, prompt)),
            report if report.is_terminal() => return (report, shown),
            _ => {}
        }
    }
}

#[tokio::test]
async fn what_trainers_do_wrong_is_said_in_plain_words() {
    for (how, word) in [
        ("memory", "too little memory"),
        ("no-data", "no pictures"),
        ("gated", "licence"),
        ("killed", "killed"),
        ("no-file", "without making a file"),
        ("garbage", "with an error"),
        ("truncated", "cannot be read"),
        ("garbage-file", "cannot be read"),
        ("rank", "of rank 33 where 32"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let engine = misbehaving(directory.path(), Profile::KohyaSdxl, how, 1);
        let job = job(&engine, 40);
        engine.submit(&job).await.unwrap();
        let (end, _) = ends(&engine, &job.run).await;
        let Report::Failed { reason } = end else {
            panic!("{how}: {end:?}");
        };
        assert!(reason.contains(word), "{how}: {reason}");
        assert!(!reason.contains('/'), "a path: {reason}");
        let failure = engine.collect(&job.run).await.unwrap_err().failure;
        assert_eq!(failure, EngineFailure::Permanent);
        // What it said is where the operator looks, also once the run is gone.
        engine.forget(&job.run).await.unwrap();
        let log = directory
            .path()
            .join(format!("runs/logs/{}.log", job.run.as_str()));
        assert!(log.exists(), "{how}: no log");
    }
}

#[tokio::test]
async fn a_program_that_falls_once_it_has_its_file_has_done_its_work() {
    let directory = tempfile::tempdir().unwrap();
    let engine = misbehaving(directory.path(), Profile::KohyaSdxl, "falls", 1);
    let job = job(&engine, 40);
    engine.submit(&job).await.unwrap();
    assert_eq!(ends(&engine, &job.run).await.0, Report::Finished);
}

#[tokio::test]
async fn each_training_has_a_card_of_its_own_and_no_secret_of_the_bots() {
    let directory = tempfile::tempdir().unwrap();
    let engine = misbehaving(directory.path(), Profile::ToolkitFlux, "tells", 2);
    let second = Job {
        run: RunId::try_from("00000000000000000000000000000002".to_owned()).unwrap(),
        ..job(&engine, 200)
    };
    let first = job(&engine, 200);
    engine.submit(&first).await.unwrap();
    engine.submit(&second).await.unwrap();
    let ((one, _), (other, _)) =
        tokio::join!(ends(&engine, &first.run), ends(&engine, &second.run));
    assert_eq!((one, other), (Report::Finished, Report::Finished));
    let log = |run: &RunId| {
        std::fs::read_to_string(directory.path().join("runs").join(run.as_str()).join("log"))
            .unwrap()
    };
    let (one, other) = (log(&first.run), log(&second.run));
    assert!(
        one.contains("card 0") && other.contains("card 1"),
        "{one}\n{other}"
    );
    for log in [one, other] {
        assert!(log.contains("secrets []"), "{log}");
    }
}

#[tokio::test]
async fn a_flood_is_kept_small_and_the_training_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let engine = misbehaving(directory.path(), Profile::KohyaSdxl, "flood", 1);
    let job = job(&engine, 40);
    engine.submit(&job).await.unwrap();
    let (end, _) = ends(&engine, &job.run).await;
    assert_eq!(end, Report::Finished);
    let run = directory.path().join("runs").join(job.run.as_str());
    let size = |name: &str| std::fs::metadata(run.join(name)).map_or(0, |known| known.len());
    assert!(
        size("log") + size("log.old") < 10 << 20,
        "{} and {}",
        size("log"),
        size("log.old")
    );
}

#[tokio::test]
async fn what_does_not_hear_is_ended_and_its_last_checkpoint_kept() {
    let directory = tempfile::tempdir().unwrap();
    let mut config = config(directory.path(), Profile::KohyaSdxl);
    config.grace = Duration::from_millis(300);
    config.environment = BTreeMap::from(
        [("TRAINER", "deaf"), ("TRAINER_PAUSE", "0.01")].map(|(k, v)| (k.to_owned(), v.to_owned())),
    );
    let engine = CommandEngine::open(config).unwrap();
    let job = job(&engine, 1_000);
    engine.submit(&job).await.unwrap();
    let mut stream = engine.observe(&job.run).await.unwrap();
    let mut samples = Vec::new();
    let end = loop {
        match stream.next().await.unwrap().unwrap() {
            Report::Sample { step, prompt, .. } => {
                samples.push((step, prompt));
                engine.cancel(&job.run).await.unwrap();
            }
            report if report.is_terminal() => break report,
            _ => {}
        }
    };
    assert_eq!(end, Report::Cancelled);
    // What stands in a caption is no option of the trainer's, and a prompt has one line.
    assert_eq!(
        samples[0],
        (100, "mycat, picture 0 w 9000 of it and more".to_owned())
    );
    let collected = engine.collect(&job.run).await.unwrap();
    assert!(
        collected.step >= 100 && collected.step < 1_000,
        "{}",
        collected.step
    );
    let text = String::from_utf8_lossy(&collected.file);
    assert!(
        !text.contains("dataset") && text.contains("Cat 1.0"),
        "its metadata says where it was made"
    );
}

#[tokio::test]
async fn who_waits_for_a_slot_is_told_how_many_are_before() {
    let directory = tempfile::tempdir().unwrap();
    let engine = misbehaving(directory.path(), Profile::ToolkitFlux, "", 1);
    let first = job(&engine, 400);
    let second = Job {
        run: RunId::try_from("00000000000000000000000000000002".to_owned()).unwrap(),
        ..job(&engine, 40)
    };
    engine.submit(&first).await.unwrap();
    let mut stream = engine.observe(&first.run).await.unwrap();
    while !matches!(stream.next().await.unwrap().unwrap(), Report::Step { .. }) {}
    engine.submit(&second).await.unwrap();
    let mut waiting = engine.observe(&second.run).await.unwrap();
    assert_eq!(
        waiting.next().await.unwrap().unwrap(),
        Report::Queued { ahead: 1 }
    );
    drop(waiting);
    engine.cancel(&first.run).await.unwrap();
    let ((one, _), (other, _)) =
        tokio::join!(ends(&engine, &first.run), ends(&engine, &second.run));
    assert_eq!((one, other), (Report::Cancelled, Report::Finished));
}

#[tokio::test]
async fn a_keeper_that_is_killed_ends_the_training_and_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let engine = misbehaving(directory.path(), Profile::KohyaSdxl, "silent", 1);
    let job = job(&engine, 40);
    engine.submit(&job).await.unwrap();
    let mut stream = engine.observe(&job.run).await.unwrap();
    while stream.next().await.unwrap().unwrap() != Report::Preparing {}
    let run = directory.path().join("runs").join(job.run.as_str());
    let child: serde_json::Value = loop {
        match std::fs::read(run.join("child.json")) {
            Ok(read) => break serde_json::from_slice(&read).unwrap(),
            Err(_) => tokio::task::yield_now().await,
        }
    };
    let child = child["pid"].as_u64().unwrap();
    let stat = std::fs::read_to_string(format!("/proc/{child}/stat")).unwrap();
    let keeper = stat
        .rsplit_once(')')
        .unwrap()
        .1
        .split_whitespace()
        .nth(1)
        .unwrap()
        .to_owned();
    let killed = std::process::Command::new("kill")
        .args(["-9", &keeper])
        .status()
        .unwrap();
    assert!(killed.success());
    let end = loop {
        let report = stream.next().await.unwrap().unwrap();
        if report.is_terminal() {
            break report;
        }
    };
    assert!(matches!(end, Report::Failed { reason } if reason.contains("from outside")));
    let state = || std::fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
    // Gone, or dead and not taken note of by whoever has it now.
    while !(state().is_empty() || state().contains(") Z ")) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_is_missing_is_said_before_anything_is_trained() {
    let directory = tempfile::tempdir().unwrap();
    let mut config = config(directory.path(), Profile::KohyaSdxl);
    let good = dry_run(&config).await;
    let of = |found: &[lorikeet_command::Finding], word: &str| {
        let mut all = found.iter().filter(|finding| finding.what.contains(word));
        all.next()
            .cloned()
            .unwrap_or_else(|| panic!("nothing of {word} in {found:?}"))
    };
    assert!(of(&good, "sdxl_train_network.py").good && of(&good, "model.safetensors").good);
    assert!(of(&good, "python 3").good);
    config.scripts = directory.path().join("nowhere");
    config.bases[0].path = "/models/nowhere.safetensors".to_owned();
    config.python = "/nowhere/python".into();
    let bad = dry_run(&config).await;
    for word in [
        "sdxl_train_network.py",
        "nowhere.safetensors",
        "/nowhere/python",
    ] {
        assert!(!of(&bad, word).good, "{word}");
    }
}

#[test]
fn what_cannot_work_is_named() {
    let directory = tempfile::tempdir().unwrap();
    type Change = fn(&mut Config);
    let cases: [(Change, &str); 10] = [
        (
            |c| {
                c.profile = Profile::Custom;
                c.command.retain(|argument| argument != "{file}");
            },
            "command",
        ),
        (|c| c.bases.clear(), "bases"),
        (|c| c.bases.push(c.bases[0].clone()), "bases"),
        (|c| c.bases[0].path.clear(), "bases"),
        (
            |c| {
                c.profile = Profile::KohyaFlux;
                c.bases[0].parts.clear();
            },
            "bases",
        ),
        (|c| c.slots = 0, "slots"),
        (|c| c.seconds_per_step = 0.0, "seconds_per_step"),
        (|c| c.scripts = "".into(), "scripts"),
        (
            |c| {
                c.profile = Profile::Custom;
                c.command.clear();
            },
            "command",
        ),
        (
            |c| {
                c.arguments
                    .insert("output_dir".to_owned(), toml::Value::String("/".to_owned()));
            },
            "arguments",
        ),
    ];
    for (change, key) in cases {
        let mut config = config(directory.path(), Profile::KohyaSdxl);
        assert_eq!(config.check(), Ok(()));
        change(&mut config);
        let error = config.check().unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("engines.command.stand-in.{key}: ")),
            "{error}"
        );
    }
    // Of the right name, but of another type.
    let mut config = config(directory.path(), Profile::KohyaSdxl);
    config
        .arguments
        .insert("min_snr_gamma".to_owned(), toml::Value::Integer(5));
    assert!(
        config
            .check()
            .unwrap_err()
            .to_string()
            .contains("a number with a point")
    );
}
