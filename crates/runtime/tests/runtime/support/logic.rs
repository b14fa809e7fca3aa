//! A logic whose turns are written in the text that starts them.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use async_trait::async_trait;
use lorikeet_chat::{
    BlobId, Block, EffectBody, EventBody, FileBlock, Page, Present, Screen, SessionTag, Stamp,
    Surface,
};
use lorikeet_runtime::{Logic, LogicError, TurnInput, TurnOutput};
use serde_json::Value;
use tokio::sync::Semaphore;

use super::payload;

/// One line, one effect: `fresh TITLE`, `edit TITLE`, `file TITLE`, `answer TEXT`, `work SERVICE REQUEST`. A result
/// is shown as an edit titled `TOPIC: PAYLOAD`. The session lists what the turns were about.
pub(crate) struct Script {
    /// So many tries fail.
    pub(crate) failures: AtomicU32,
    /// Tries so far.
    pub(crate) tries: AtomicUsize,
    /// Turns wait for it.
    pub(crate) gate: Semaphore,
    /// The generations turns ran under.
    pub(crate) generations: Mutex<Vec<u64>>,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            failures: AtomicU32::new(0),
            tries: AtomicUsize::new(0),
            gate: Semaphore::new(Semaphore::MAX_PERMITS),
            generations: Mutex::default(),
        }
    }
}

impl Script {
    /// Holds turns back until [`Script::open`].
    pub(crate) fn close(&self) {
        self.gate.forget_permits(Semaphore::MAX_PERMITS);
    }

    pub(crate) fn open(&self) {
        self.gate.add_permits(1_000_000);
    }

    pub(crate) fn tries(&self) -> usize {
        self.tries.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Logic for Script {
    async fn turn(&self, input: TurnInput<'_>) -> Result<TurnOutput, LogicError> {
        self.tries.fetch_add(1, Ordering::SeqCst);
        self.generations.lock().unwrap().push(input.generation);
        self.gate.acquire().await.unwrap().forget();
        let fail = |left: u32| left.checked_sub(1);
        if self
            .failures
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, fail)
            .is_ok()
        {
            return Err(LogicError::retry("asked to fail"));
        }
        let about = match &input.event.body {
            EventBody::Text(text) => text.clone(),
            EventBody::Background(result) => {
                format!("news {}: {}", result.topic, payload(&result.payload))
            }
            EventBody::Redraw => "edit redrawn".to_owned(),
            other => unreachable!("{other:?}"),
        };
        assert!(about != "panic", "asked to panic");
        let session = match input.session {
            Some(session) => format!("{session}|{about}"),
            None => about.clone(),
        };
        Ok(TurnOutput {
            session,
            effects: about
                .lines()
                .filter_map(|line| effect(&input, line))
                .collect(),
        })
    }

    fn apology(&self, input: TurnInput<'_>) -> TurnOutput {
        TurnOutput {
            session: input.session.unwrap_or_default().to_owned(),
            effects: effect(&input, "fresh sorry").into_iter().collect(),
        }
    }
}

fn effect(input: &TurnInput<'_>, line: &str) -> Option<EffectBody> {
    let (verb, rest) = line.split_once(' ')?;
    let screen = Screen::new().heading(rest);
    let show = |screen, surface| {
        EffectBody::Show(Present {
            screen,
            stamp: Stamp {
                tag: SessionTag::from_generation(input.generation),
                revision: input.version + 1,
            },
            surface,
            page: Page::First,
        })
    };
    Some(match verb {
        "fresh" => show(screen, Surface::Fresh),
        "edit" => show(screen, Surface::Edit),
        "news" => show(screen, Surface::Refresh),
        "download" => match show(screen, Surface::Edit) {
            EffectBody::Show(present) => EffectBody::Show(Present {
                page: Page::File(0),
                ..present
            }),
            other => other,
        },
        "file" => {
            let file = Block::File(FileBlock {
                blob: BlobId::from_digest([0; 32]),
                name: "lora.safetensors".to_owned(),
                size: 1,
            });
            show(screen.block(file), Surface::Edit)
        }
        "answer" => EffectBody::Answer {
            token: None,
            text: rest.to_owned(),
        },
        "work" => {
            let (service, request) = rest.split_once(' ').unwrap();
            EffectBody::Work {
                service: service.to_owned(),
                request: Value::from(request),
            }
        }
        _ => return None,
    })
}
