//! Random walks: whatever comes in whatever order, nothing panics, no screen is empty or lies, what is refused changes
//! nothing, and the way home is always open.

use lorikeet_chat::{Background, EventBody, Level, Origin, Prompt};
use lorikeet_training::{Claimable, EngineId, Problem, Repository as _};
use proptest::prelude::*;
use serde_json::json;

use crate::support::world::ready;
use crate::support::{Chat, World, plain};

/// Something that happens.
#[derive(Clone, Debug)]
enum Act {
    Press(usize),
    /// A control of one of the screens before.
    PressOld(usize),
    Say(&'static str),
    Type(&'static str),
    Send(u8),
    Fill(&'static str, &'static str),
    Taken(usize, u8),
    Refused(usize),
    Lost(usize),
    Engine(u8),
    Garbage(&'static str),
    Redraw,
    /// The other chat goes on.
    Switch,
    /// Work is left lying, or done.
    Slow(bool),
}

fn act() -> impl Strategy<Value = Act> {
    let words = prop::sample::select(vec![
        "My cat",
        "My dog",
        "x",
        "",
        "../x",
        "mcat",
        "on a mat",
        "🐈",
        "500",
        "two words",
        "<b>",
    ]);
    let lines = prop::sample::select(vec![
        "/start",
        "/train",
        "/train My cat",
        "/train x",
        "/loras",
        "/runs",
        "/help",
        "/language",
        "/language de",
        "/language English",
        "/language Klingon",
        "/cancel",
        "/dance",
    ]);
    let fields = prop::sample::select(vec![
        ("steps", "300"),
        ("steps", "0"),
        ("rank", "many"),
        ("learning_rate", "1e-4"),
        ("nothing", ""),
    ]);
    let topics = prop::sample::select(vec![
        "intake",
        "intake.failed",
        "lora.editing",
        "lora.managing",
        "run.news",
        "run.starting",
        "captions",
        "captions.failed",
        "loras.failed",
        "runs.failed",
        "weather",
    ]);
    prop_oneof![
        12 => any::<usize>().prop_map(Act::Press),
        1 => any::<usize>().prop_map(Act::PressOld),
        4 => words.prop_map(Act::Say),
        2 => lines.prop_map(Act::Type),
        4 => (1_u8..8).prop_map(Act::Send),
        1 => fields.prop_map(|(name, value)| Act::Fill(name, value)),
        6 => (any::<usize>(), 0_u8..30).prop_map(|(which, seed)| Act::Taken(which, seed)),
        1 => any::<usize>().prop_map(Act::Refused),
        1 => any::<usize>().prop_map(Act::Lost),
        2 => (0_u8..5).prop_map(Act::Engine),
        1 => topics.prop_map(Act::Garbage),
        1 => Just(Act::Redraw),
        1 => Just(Act::Switch),
        1 => any::<bool>().prop_map(Act::Slow),
    ]
}

/// Whether the screen says more that is wrong than it would by itself.
fn refuses(chat: &mut Chat) -> bool {
    let wrong = |chat: &Chat| chat.text().matches("(!!)").count();
    let said = wrong(chat);
    chat.turn(Origin::Internal, EventBody::Redraw);
    said > wrong(chat)
}

fn happen(chat: &mut Chat, old: &[lorikeet_chat::Token], act: &Act) {
    let before = chat.session();
    match act {
        Act::Press(which) => {
            let count = plain::labels(&chat.shown.screen).len();
            if count > 0 {
                let index = u32::try_from(which % count).unwrap();
                chat.press(chat.shown.stamp.token(index));
            }
        }
        Act::PressOld(screen) if !old.is_empty() => {
            let token = old[screen % old.len()];
            if token.stamp != chat.shown.stamp {
                chat.press(token);
                assert_eq!(
                    chat.session().stack(),
                    before.stack(),
                    "an old button did something"
                );
            }
        }
        Act::PressOld(..) => {}
        Act::Say(words) => {
            chat.says(words);
            if refuses(chat) {
                assert_eq!(
                    chat.session().stack(),
                    before.stack(),
                    "{words:?} was refused"
                );
            }
        }
        Act::Type(line) => {
            chat.types(line);
        }
        Act::Send(count) => {
            let names: Vec<String> = (0..*count).map(|n| format!("{n}.png")).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            chat.sends(&names);
            if refuses(chat) {
                assert_eq!(
                    chat.session().stack(),
                    before.stack(),
                    "pictures were refused"
                );
            }
        }
        Act::Fill(name, value) => {
            if matches!(chat.shown.screen.prompt, Some(Prompt::Form { .. })) {
                chat.fills(&[(name, value)]);
            }
        }
        Act::Taken(which, seed) => {
            if let Some(name) = waiting(chat, *which) {
                chat.arrives(&name, *seed);
            }
        }
        Act::Refused(which) => {
            if let Some(name) = waiting(chat, *which) {
                chat.is_refused(&name, Problem::new("animated"));
            }
        }
        Act::Lost(which) => {
            if let Some(name) = waiting(chat, *which) {
                chat.intake_fails(&name, "unreachable");
            }
        }
        Act::Engine(what) => engine(&chat.world, *what),
        Act::Garbage(topic) => {
            let payload = json!({ "run": 1, "lora": [] });
            let topic = (*topic).to_owned();
            chat.told(Background { topic, payload });
        }
        Act::Redraw => chat.turn(Origin::Internal, EventBody::Redraw),
        Act::Slow(slow) => chat.slow = *slow,
        Act::Switch => {}
    }
    chat.after(std::time::Duration::from_secs(2));
}

fn waiting(chat: &Chat, which: usize) -> Option<String> {
    let names = &chat.intakes;
    (!names.is_empty()).then(|| names[which % names.len()].name.clone())
}

/// A run that waits goes on, one way or another.
fn engine(world: &World, what: u8) {
    let engines = [EngineId("studio".to_owned())];
    let lease = std::time::Duration::from_secs(1);
    let claimed = ready(world.repository.claim_run(Claimable::Of(&engines), lease)).unwrap();
    let Some(claimed) = claimed else { return };
    match what {
        0 => world.engine_fails(&claimed, "engine", ""),
        1 => world.engine_is_done(&claimed),
        2 if claimed.cancel_requested => world.engine_stops(&claimed, true),
        _ => world.engine_is_half_way(&claimed),
    }
    ready(
        world
            .repository
            .release_run(&claimed.run.id, claimed.generation),
    )
    .unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobody_gets_stuck(begin in 0_u8..3, german in any::<bool>(), acts in prop::collection::vec(act(), 1..60)) {
        let world = World::new();
        // Walks from hello seldom get far: some begin in the middle.
        let mut here = match begin {
            0 => Chat::of(&world, "kea", "den"),
            1 => Chat::with_pictures(&world, "My cat", 5),
            _ => Chat::training(&world, "My cat"),
        };
        if german {
            here.types("/language de");
        }
        let mut there = Chat::of(&world, "kea", "attic");
        let mut old = Vec::new();
        for act in &acts {
            if matches!(act, Act::Switch) {
                std::mem::swap(&mut here, &mut there);
                old.clear();
            }
            old.push(here.shown.stamp.token(0));
            happen(&mut here, &old, act);
        }
        for chat in [&mut here, &mut there] {
            chat.slow = false;
            chat.hears();
            chat.types("/language en");
            // Leaving works from everywhere, one flow at a time and at once.
            for _ in 0..chat.place().len() {
                chat.types("/cancel");
            }
            chat.shows("# Lorikeet").types("/cancel").notes(Level::Info, "There is nothing to stop.");
            chat.types("/start").shows("# Lorikeet");
        }
    }
}
