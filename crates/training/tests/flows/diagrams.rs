//! `docs/flows/` shows the definitions as they are.

use std::fs;
use std::path::Path;

use crate::support::World;

/// What each page says above its diagram.
const PAGES: [(&str, &str, &str); 9] = [
    (
        "home",
        "Home",
        "The menu everything starts from; its buttons are commands.",
    ),
    (
        "training",
        "Training",
        "From a name to a LoRA file, with an overview to jump from and a way in for LoRAs that are there already.",
    ),
    (
        "advanced",
        "Advanced settings",
        "The numbers of a run by hand, on top of the settings of the training flow.",
    ),
    (
        "library",
        "My LoRAs",
        "A person's LoRAs: the list, one of them with its files, its new name.",
    ),
    (
        "runs",
        "Trainings",
        "A person's newest runs, and one of them.",
    ),
    (
        "language",
        "Language",
        "The languages to choose from, on top of whatever is going on; each button is the command with that language.",
    ),
    (
        "link",
        "Joining",
        "A code that joins the chats of one person on several platforms, given here or typed here; in private alone.",
    ),
    (
        "unlink",
        "Parting",
        "Who is joined, and a way out of it; in private alone.",
    ),
    ("help", "Help", "One page, on top of whatever is going on."),
];

#[test]
fn the_pages_show_the_definitions() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/flows");
    let world = World::new();
    let mut flows: Vec<&str> = world.dialog.flows().map(|flow| flow.name()).collect();
    for (name, title, sentence) in PAGES {
        flows.retain(|flow| *flow != name);
        let flow = world.dialog.flows().find(|flow| flow.name() == name);
        let diagram = flow.unwrap().mermaid();
        let page = format!(
            "# {title}\n\n{sentence}\n\n```mermaid\n{}\n```\n",
            diagram.trim_end()
        );
        let path = folder.join(format!("{name}.md"));
        if std::env::var_os("UPDATE_DOCS").is_some() {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, &page).unwrap();
        }
        assert_eq!(
            fs::read_to_string(&path).unwrap_or_default(),
            page,
            "docs/flows/{name}.md is out of date; UPDATE_DOCS=1 cargo test -p lorikeet-training --test flows diagrams \
             writes it anew"
        );
    }
    assert_eq!(flows, Vec::<&str>::new(), "flows without a page");
}
