//! The invariants of ARCHITECTURE.md, checked from `cargo metadata` and the sources.

#![expect(clippy::expect_used, reason = "a test that cannot go on should stop")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Which crates of ours each crate may depend on, outside its tests. What is not here is not allowed.
const BORDERS: &[(&str, &[&str])] = &[
    ("lorikeet-chat", &[]),
    ("lorikeet-flow", &["lorikeet-chat"]),
    ("lorikeet-dialog", &["lorikeet-chat", "lorikeet-flow"]),
    // The store only for its clock, in the suite for repositories.
    (
        "lorikeet-training",
        &[
            "lorikeet-chat",
            "lorikeet-flow",
            "lorikeet-dialog",
            "lorikeet-store",
        ],
    ),
    ("lorikeet-store", &["lorikeet-chat"]),
    ("lorikeet-store-redis", &["lorikeet-chat", "lorikeet-store"]),
    (
        "lorikeet-store-sql",
        &["lorikeet-chat", "lorikeet-store", "lorikeet-training"],
    ),
    ("lorikeet-media", &["lorikeet-chat", "lorikeet-draw"]),
    ("lorikeet-draw", &["lorikeet-chat"]),
    ("lorikeet-platform", &["lorikeet-chat"]),
    (
        "lorikeet-engine",
        &[
            "lorikeet-chat",
            "lorikeet-media",
            "lorikeet-store",
            "lorikeet-training",
        ],
    ),
    (
        "lorikeet-runtime",
        &[
            "lorikeet-chat",
            "lorikeet-dialog",
            "lorikeet-media",
            "lorikeet-platform",
            "lorikeet-store",
        ],
    ),
    (
        "lorikeet-adapter-web",
        &[
            "lorikeet-chat",
            "lorikeet-media",
            "lorikeet-platform",
            "lorikeet-renderer-web",
            "lorikeet-store",
        ],
    ),
    (
        "lorikeet-adapter-discord",
        &[
            "lorikeet-chat",
            "lorikeet-media",
            "lorikeet-platform",
            "lorikeet-renderer-discord",
            "lorikeet-store",
        ],
    ),
    (
        "lorikeet-adapter-matrix",
        &[
            "lorikeet-chat",
            "lorikeet-media",
            "lorikeet-platform",
            "lorikeet-renderer-matrix",
            "lorikeet-store",
        ],
    ),
    (
        "lorikeet-adapter-telegram",
        &[
            "lorikeet-chat",
            "lorikeet-media",
            "lorikeet-platform",
            "lorikeet-renderer-telegram",
            "lorikeet-store",
        ],
    ),
    ("lorikeet-renderer-discord", &["lorikeet-chat"]),
    ("lorikeet-renderer-matrix", &["lorikeet-chat"]),
    ("lorikeet-renderer-telegram", &["lorikeet-chat"]),
    ("lorikeet-renderer-web", &["lorikeet-chat"]),
    // In nobody's list: for tests alone.
    ("lorikeet-renderer-suite", &["lorikeet-chat"]),
    (
        "lorikeet-command",
        &["lorikeet-engine", "lorikeet-training"],
    ),
    (
        "lorikeet-tiny",
        &[
            "lorikeet-chat",
            "lorikeet-engine",
            "lorikeet-media",
            "lorikeet-training",
        ],
    ),
    // A stranger at the wire: it must not share the adapter's own mistakes.
    ("lorikeet-fake-discord", &[]),
    ("lorikeet-fake-telegram", &[]),
    // What the book explains, each at the border it is written for.
    (
        "lorikeet-example-feature",
        &["lorikeet-chat", "lorikeet-flow", "lorikeet-dialog"],
    ),
    (
        "lorikeet-example-adapter",
        &["lorikeet-chat", "lorikeet-platform"],
    ),
    // A program like lorikeet itself: it names its platform and its store.
    (
        "lorikeet-example-menu-bot",
        &[
            "lorikeet-adapter-telegram",
            "lorikeet-chat",
            "lorikeet-dialog",
            "lorikeet-flow",
            "lorikeet-media",
            "lorikeet-platform",
            "lorikeet-runtime",
            "lorikeet-store",
            "lorikeet-store-redis",
        ],
    ),
    (
        "lorikeet-example-engine",
        &["lorikeet-engine", "lorikeet-training"],
    ),
];

/// Crates that decide and do nothing else. The renderers' suite is not one: it draws its cases at random.
const PURE: &[&str] = &[
    "lorikeet-chat",
    "lorikeet-flow",
    "lorikeet-dialog",
    "lorikeet-training",
    "lorikeet-draw",
    "lorikeet-renderer-discord",
    "lorikeet-renderer-matrix",
    "lorikeet-renderer-telegram",
    "lorikeet-renderer-web",
    "lorikeet-example-feature",
];

/// What a pure crate must not reach, by any way: async runtimes, clocks, randomness, I/O, SDKs.
const IMPURE: &[&str] = &[
    "tokio",
    "async-std",
    "smol",
    "mio",
    "chrono",
    "time",
    "rand",
    "getrandom",
    "axum",
    "hyper",
    "reqwest",
    "redis",
    "rusqlite",
    "sqlx",
    "object_store",
    "teloxide",
    "serenity",
    "matrix-sdk",
    "tracing-subscriber",
];

/// Words of platforms; a word is a run of letters.
const PLATFORMS: &[&str] = &["telegram", "discord", "matrix", "teloxide", "serenity"];

/// Above the adapters and renderers.
const ABOVE_PLATFORMS: &[&str] = &[
    "crates/chat",
    "crates/flow",
    "crates/dialog",
    "crates/training",
    "crates/store",
    "crates/store-redis",
    "crates/store-sql",
    "crates/media",
    "crates/draw",
    "crates/platform",
    "crates/engine",
    "crates/runtime",
];

const MAX_LINES: usize = 600;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ lies in the root")
        .to_path_buf()
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--all-features",
            "--locked",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON")
}

/// Package id → the ids of what it needs outside its tests.
fn needs(metadata: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let nodes = metadata["resolve"]["nodes"].as_array().expect("nodes");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    nodes
        .iter()
        .map(|node| {
            let normal = node["deps"].as_array().expect("deps").iter().filter(|dep| {
                dep["dep_kinds"]
                    .as_array()
                    .expect("kinds")
                    .iter()
                    .any(|kind| kind["kind"].is_null())
            });
            (
                text(&node["id"]),
                normal.map(|dep| text(&dep["pkg"])).collect(),
            )
        })
        .collect()
}

/// Package id → name.
fn names(metadata: &Value) -> BTreeMap<String, String> {
    let packages = metadata["packages"].as_array().expect("packages");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    packages
        .iter()
        .map(|package| (text(&package["id"]), text(&package["name"])))
        .collect()
}

#[test]
fn crates_depend_only_on_what_their_border_allows() {
    let metadata = metadata();
    let (needs, names) = (needs(&metadata), names(&metadata));
    let ours = |id: &String| names[id] == "lorikeet" || names[id].starts_with("lorikeet-");
    let mut checked = 0;
    for (id, needed) in needs.iter().filter(|(id, _)| ours(id)) {
        let name = names[id].as_str();
        if ["lorikeet", "lorikeet-tests"].contains(&name) {
            continue;
        }
        let Some((_, allowed)) = BORDERS.iter().find(|(known, _)| *known == name) else {
            panic!("{name} has no border in this test: say what it may depend on");
        };
        for other in needed
            .iter()
            .filter(|id| ours(id))
            .map(|id| names[id].as_str())
        {
            assert!(
                allowed.contains(&other),
                "{name} must not depend on {other}"
            );
        }
        checked += 1;
    }
    assert_eq!(
        checked,
        BORDERS.len(),
        "a border is declared for a crate that is not there"
    );
}

#[test]
fn pure_crates_reach_nothing_impure() {
    for pure in PURE {
        let tree = Command::new(env!("CARGO"))
            .args([
                "tree",
                "--locked",
                "--offline",
                "-p",
                pure,
                "-e",
                "normal",
                "--prefix",
                "none",
                "--format",
                "{p}",
            ])
            .current_dir(root())
            .output()
            .expect("cargo runs");
        let tree = String::from_utf8(tree.stdout).expect("names are UTF-8");
        let reached: BTreeSet<&str> = tree
            .lines()
            .filter_map(|line| line.split(' ').next())
            .collect();
        assert!(reached.contains(pure), "cargo tree says nothing of {pure}");
        for impure in IMPURE {
            assert!(!reached.contains(impure), "{pure} reaches {impure}");
        }
    }
}

/// Every Rust file below a directory of the project, with its text.
fn sources(below: &str) -> Vec<(PathBuf, String)> {
    let listed = Command::new("git")
        .args([
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "--",
            below,
        ])
        .current_dir(root())
        .output()
        .expect("git runs");
    let files = String::from_utf8(listed.stdout).expect("paths are UTF-8");
    let files = files
        .lines()
        .filter(|file| file.ends_with(".rs"))
        .map(PathBuf::from);
    files
        .filter_map(|file| {
            Some((
                file.clone(),
                std::fs::read_to_string(root().join(&file)).ok()?,
            ))
        })
        .collect()
}

/// Code without line comments: prose may name what it compares itself with.
fn code(text: &str) -> String {
    let line = |line: &str| line.split("//").next().unwrap_or_default().to_lowercase();
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn no_platform_is_named_above_adapters_and_renderers() {
    for directory in ABOVE_PLATFORMS {
        let sources = sources(directory);
        assert!(!sources.is_empty(), "{directory} has no sources");
        for (file, text) in sources {
            let code = code(&text);
            let words: BTreeSet<&str> = code.split(|c: char| !c.is_ascii_alphabetic()).collect();
            for platform in PLATFORMS {
                assert!(
                    !words.contains(platform),
                    "{} names {platform}",
                    file.display()
                );
            }
        }
    }
}

#[test]
fn payloads_stay_in_adapters() {
    let metadata = metadata();
    let (needs, names) = (needs(&metadata), names(&metadata));
    for (id, needed) in &needs {
        let renderer = needed
            .iter()
            .find(|id| names[*id].starts_with("lorikeet-renderer-"));
        if let Some(renderer) = renderer {
            let platform = names[renderer].trim_start_matches("lorikeet-renderer-");
            assert_eq!(
                names[id],
                format!("lorikeet-adapter-{platform}"),
                "{} uses {}",
                names[id],
                names[renderer]
            );
        }
    }
}

#[test]
fn only_the_list_of_plugins_names_plugins() {
    for (file, text) in sources("crates/lorikeet/src") {
        let listed = ["plugins.rs", "plugins/stores.rs"]
            .iter()
            .any(|name| file.ends_with(name));
        for plugin in [
            "lorikeet_tiny",
            "lorikeet_adapter_web",
            "lorikeet_store_sql",
        ] {
            assert!(
                listed || !text.contains(plugin),
                "{} names {plugin}",
                file.display()
            );
        }
    }
}

#[test]
fn files_are_short_and_named_for_what_they_own() {
    for (file, text) in sources(".") {
        let lines = text.lines().count();
        assert!(
            lines <= MAX_LINES,
            "{} has {lines} lines: split it by what it owns",
            file.display()
        );
        let name = file
            .file_stem()
            .and_then(|stem| stem.to_str())
            .unwrap_or_default();
        assert!(
            !["utils", "util", "common", "helpers", "misc"].contains(&name),
            "{} says nothing",
            file.display()
        );
    }
}

#[test]
fn every_dependency_says_why() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("the manifest");
    let section = manifest
        .split("[workspace.dependencies]")
        .nth(1)
        .expect("dependencies");
    let section = section.split("\n[").next().unwrap_or_default();
    let mut explained = false;
    for line in section.lines().filter(|line| !line.trim().is_empty()) {
        if line.starts_with('#') {
            explained = true;
        } else if line.contains("path = ")
            || explained
            || GOES_WITHOUT_SAYING
                .iter()
                .any(|name| line.starts_with(name))
        {
            explained = false;
        } else {
            panic!("say in a comment why: {line}");
        }
    }
}

/// What every Rust reader knows.
const GOES_WITHOUT_SAYING: &[&str] = &[
    "serde",
    "serde_json",
    "thiserror",
    "tokio",
    "tokio-stream",
    "tokio-util",
    "tracing",
    "toml",
    "tower",
    "unic-langid",
];
