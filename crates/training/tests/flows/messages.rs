//! Every sentence is there, is used, and finds the arguments it needs; every screen has been looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use lorikeet_training::wire::Part;
use lorikeet_training::{Preset, Problem, Setting, Standing};

use crate::locales;
use crate::support::{Chat, World};

/// Verdicts on pictures, and the details that come with each.
const VERDICTS: [(&str, &[&str]); 28] = [
    ("animated", &[]),
    ("archive-bomb", &[]),
    ("archive-empty", &[]),
    ("archive-entry-too-large", &["limit_mb"]),
    ("archive-entry-unreadable", &[]),
    ("archive-too-many-bytes", &["limit_mb"]),
    ("archive-too-many-entries", &["limit"]),
    ("archive-too-much-unpacked", &["limit_mb"]),
    ("below-resolution", &["resolution"]),
    ("blurred", &[]),
    ("colour-profile-ignored", &[]),
    ("corrupt", &[]),
    ("duplicate", &["slot"]),
    ("elongated", &[]),
    ("letterboxed", &[]),
    ("near-duplicate", &["slot"]),
    ("no-space", &[]),
    ("not-a-picture", &[]),
    ("not-an-archive", &[]),
    ("not-fetched", &[]),
    ("too-many-bytes", &["limit_mb"]),
    ("too-many-pictures", &[]),
    ("too-many-pixels", &["width", "height", "limit_mp"]),
    ("too-small", &["short_side", "min"]),
    ("truncated", &[]),
    ("unsupported-format", &["format"]),
    ("unsupported-variant", &["format"]),
    // Not a code: what a newer intake may say to these texts.
    ("something-new", &[]),
];

/// Literals of the sources that look like message ids and are none.
const NO_MESSAGES: [&str; 6] = [
    "no-space",
    "not-fetched",
    "near-duplicate",
    "too-many-pictures",
    // A sample, and a code of the media.
    "stopped-kept",
    "unsupported-format",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Message ids of the English files that this feature and the dialog speak with.
fn written() -> BTreeSet<String> {
    let english = locales::messages("en");
    let ours = english
        .iter()
        .filter(|((file, _), _)| ["dialog.ftl", "training.ftl"].contains(&file.as_str()));
    let ids: BTreeSet<String> = ours.map(|((_, id), _)| id.clone()).collect();
    assert!(ids.len() > 200, "the files are read");
    ids
}

/// Every `"…"` in the sources that speak to people, tests and comments left out.
fn literals() -> BTreeSet<String> {
    let mut files = vec![root().join("crates/flow/src/message.rs")];
    let mut folders = vec![
        root().join("crates/dialog/src"),
        root().join("crates/training/src/flows"),
    ];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    let mut literals = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        let lines = code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        for line in lines {
            literals.extend(line.split('"').skip(1).step_by(2).map(str::to_owned));
        }
    }
    literals
}

/// Ids that are put together at run time, by what they begin with; each family from the code's own list.
fn families() -> BTreeMap<&'static str, BTreeSet<String>> {
    let presets = Preset::OFFERED.into_iter().chain([Preset::Custom]);
    let standings = [
        Standing::Queued,
        Standing::Running,
        Standing::Done,
        Standing::Failed,
        Standing::Cancelled,
    ];
    let verdicts = VERDICTS.iter().map(|(code, _)| *code);
    let verdicts = verdicts.filter(|code| *code != "something-new");
    let of = |head: &str, rest: &mut dyn Iterator<Item = String>| -> BTreeSet<String> {
        rest.map(|rest| format!("{head}{rest}")).collect()
    };
    let named = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let lists = [
        ("preset-", named(presets.map(Preset::name).collect())),
        ("runs-", named(standings.map(Standing::name).to_vec())),
        ("picture-", named(verdicts.collect())),
        ("run-failure-", arms("crates/engine/src/supervisor/fold.rs")),
        (
            "setting-",
            Setting::ALL
                .map(|setting| setting.name().replace('_', "-"))
                .to_vec(),
        ),
    ];
    lists
        .into_iter()
        .map(|(head, rest)| (head, of(head, &mut rest.into_iter())))
        .collect()
}

/// What the arms of a source's matches name: `… => "name",`.
fn arms(source: &str) -> Vec<String> {
    let source = fs::read_to_string(root().join(source)).unwrap();
    let code = source.split("#[cfg(test)]").next().unwrap();
    let arms = code.lines().filter_map(|line| line.split_once("=> \""));
    let kebab = |name: &&str| name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    let names: Vec<String> = arms
        .filter_map(|(_, rest)| rest.strip_suffix("\","))
        .filter(kebab)
        .map(str::to_owned)
        .collect();
    assert!(names.len() >= 5, "the names are found: {names:?}");
    names
}

#[test]
fn every_message_is_used() {
    let literals = literals();
    let families = families();
    let heads: BTreeSet<&str> = literals
        .iter()
        .filter_map(|literal| literal.strip_suffix("{}"))
        .filter(|head| head.ends_with('-'))
        .collect();
    assert_eq!(
        heads,
        families.keys().copied().collect::<BTreeSet<_>>(),
        "every family of ids has its list here"
    );
    let members: BTreeSet<&String> = families.values().flatten().collect();
    let idle: Vec<String> = written()
        .into_iter()
        .filter(|id| !literals.contains(id) && !members.contains(id))
        .collect();
    assert_eq!(idle, Vec::<String>::new());
}

#[test]
fn every_member_of_a_family_is_written() {
    let written = written();
    let families = families();
    let missing: Vec<&String> = families
        .values()
        .flatten()
        .filter(|id| !written.contains(*id))
        .collect();
    assert_eq!(missing, Vec::<&String>::new());
}

#[test]
fn every_message_used_is_written() {
    let written = written();
    let is_id = |literal: &String| {
        let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        literal.contains('-') && literal.chars().all(kebab) && !literal.ends_with('-')
    };
    let missing: Vec<String> = literals()
        .into_iter()
        .filter(is_id)
        .filter(|id| !written.contains(id) && !NO_MESSAGES.contains(&id.as_str()))
        .collect();
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn every_verdict_on_a_picture_has_its_words_and_its_numbers() {
    let known: BTreeMap<&str, &[&str]> = VERDICTS.into_iter().collect();
    let world = World::new();
    let mut kea = Chat::naming(&world, "My cat");
    for (code, details) in &known {
        // Exactly the details it comes with: a message that wants another would show as missing.
        let problem = details
            .iter()
            .fold(Problem::new(*code), |problem, name| match *name {
                "format" => problem.with(name, "HEIC"),
                name => problem.with(name, 77),
            });
        kea.sends(&["a.png"])
            .is_refused("a.png", problem)
            .shows("Picture 1 was not added.");
        for name in *details {
            kea.shows(if *name == "format" { "HEIC" } else { "77" });
        }
        if *code == "something-new" {
            kea.shows("It cannot be used.");
        }
        kea.presses("1").presses("Remove");
    }
    let written = written();
    let of_pictures = written.iter().filter_map(|id| id.strip_prefix("picture-"));
    let unknown: Vec<&str> = of_pictures
        .filter(|code| *code != "other" && !known.contains_key(code))
        .collect();
    assert_eq!(
        unknown,
        Vec::<&str>::new(),
        "say which details it comes with"
    );
}

#[test]
fn every_verdict_of_the_intake_is_known_here() {
    let mut codes = arms("crates/media/src/picture/verdict.rs");
    codes.extend(arms("crates/media/src/archive.rs"));
    assert!(codes.len() >= 22, "the codes are found: {codes:?}");
    for code in codes {
        assert!(
            VERDICTS.iter().any(|(known, _)| *known == code),
            "picture-{code} has no words"
        );
    }
}

#[test]
fn every_step_of_every_flow_has_been_shown() {
    let world = World::new();
    let mut seen = BTreeSet::new();
    // Every screen shown is checked for missing words and idle controls by the chat itself.
    let mut kea = Chat::of(&world, "kea", "den");
    let mut tui = Chat::of(&world, "tui", "attic");
    let mut look = |chat: &Chat| {
        seen.extend(chat.place());
    };
    look(&kea);
    for command in ["/help", "/language", "/runs", "/train"] {
        look(kea.types(command));
    }
    for crowded in [true, false] {
        tui.crowded = crowded;
        for command in ["/link", "/unlink"] {
            look(tui.types(command));
        }
    }
    look(kea.says("My cat"));
    for seed in 1..=4 {
        kea.sends_and_it_is_taken(seed);
    }
    let mut attic = Chat::of(&world, "kea", "attic");
    attic.types("/loras").presses("My cat");
    attic.slow = true;
    look(attic.presses("Open"));
    attic.slow = false;
    look(attic.hears());
    for label in ["1", "Move", "Back"] {
        look(kea.presses(label));
    }
    look(kea.says("on a mat").with_cut("1.png", Part::Middle));
    for label in ["Leave it as it was", "Back", "Continue"] {
        look(kea.presses(label));
    }
    for label in [
        "Change all captions",
        "Back",
        "One word for the rest",
        "Back",
    ] {
        look(kea.presses(label));
    }
    for label in [
        "Skip captions",
        "Advanced",
        "Back",
        "Continue",
        "Start training",
    ] {
        look(kea.presses(label));
    }
    look(kea.types("/runs").presses("My cat 1.0"));
    look(kea.presses("Open the LoRA").presses("Watch the training"));
    let claimed = world.engine_takes_a_run();
    world.engine_is_done(&claimed);
    look(kea.hears());
    look(kea.presses("Open the LoRA"));
    look(kea.presses("Trigger word"));
    for label in ["My LoRAs (1)", "My cat", "Rename"] {
        kea.types(if label == "My LoRAs (1)" {
            "/start"
        } else {
            "/help"
        });
        if label != "My LoRAs (1)" {
            kea.presses("Back");
        }
        look(kea.presses(label));
    }
    let mut steps = BTreeSet::new();
    for flow in world.dialog.flows() {
        for line in flow.mermaid().lines() {
            let node = line
                .trim()
                .strip_prefix("step_")
                .and_then(|node| node.split_once('['));
            steps.extend(node.map(|(step, _)| (flow.name().to_owned(), step.to_owned())));
        }
    }
    assert!(steps.len() > 20, "{steps:?}");
    assert_eq!(
        steps.difference(&seen).collect::<Vec<_>>(),
        Vec::<&(String, String)>::new()
    );
}
