//! What it costs to render a screen: `cargo bench -p lorikeet-renderer-matrix`.

#![expect(
    clippy::expect_used,
    reason = "a benchmark that cannot go on should stop"
)]

use divan::Bencher;
use lorikeet_chat::Present;
use lorikeet_renderer_matrix::{Room, Words, capabilities, render};
use lorikeet_training::flows;

fn main() {
    divan::main();
}

fn sample(name: &str) -> Present {
    let dialog = flows::dialog(flows::world(), &[]).expect("the dialogues are sound");
    let sample = flows::samples()
        .into_iter()
        .find(|sample| sample.name == name)
        .expect("a sample of this name");
    sample.show(&dialog, "en").expect("a sample can be shown")
}

/// A few words and a list; a sheet of twenty pictures with their captions.
#[divan::bench(args = ["home-menu", "training-images-full"])]
fn screen(bencher: Bencher<'_, '_>, name: &str) {
    let present = sample(name);
    let capabilities = capabilities();
    let room = Room {
        capabilities: &capabilities,
        prefix: "!",
        polls: false,
        words: Words {
            on: "More",
            back: "Back",
        },
    };
    bencher.bench(|| render(&present, &room));
}
