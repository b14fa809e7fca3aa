//! The suite every engine passes.

#![expect(clippy::unwrap_used, reason = "tests")]

use async_trait::async_trait;
use lorikeet_engine::Engine;
use lorikeet_engine::conformance::Harness;
use lorikeet_example_engine::Average;
use lorikeet_training::{Preset, Settings};

// ANCHOR: suite
/// An engine in a directory of its own.
struct InADirectory {
    engine: Average,
    directory: tempfile::TempDir,
}

#[async_trait]
impl Harness for InADirectory {
    const KEEPS_CHECKPOINTS: bool = true;

    async fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let engine = Average::open(directory.path()).unwrap();
        Self { engine, directory }
    }

    async fn restart(self) -> Self {
        let Self { engine, directory } = self;
        drop(engine);
        let engine = Average::open(directory.path()).unwrap();
        Self { engine, directory }
    }

    fn engine(&self) -> &dyn Engine {
        &self.engine
    }

    fn quick(&self) -> Settings {
        let offer = self.engine.offer();
        offer.preset(Preset::Quick, 4, 1).unwrap()
    }

    fn long(&self) -> Settings {
        Settings {
            steps: 1_000_000,
            ..self.quick()
        }
    }
}

lorikeet_engine::conformance!(InADirectory);
// ANCHOR_END: suite
