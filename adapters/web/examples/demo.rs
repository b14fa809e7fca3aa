//! The real page with a make-believe bot behind it: every block and every control, without a store on disk.
//!
//! ```sh
//! cargo run -p lorikeet-adapter-web --example demo          # http://127.0.0.1:8086/
//! cargo run -p lorikeet-adapter-web --example demo 0.0.0.0:8086 "a token of your own"
//! ```
//!
//! Type `/start`, `/pictures`, `/settings`, `/training`, `/result` or `/everything`, press what there is, send files.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use async_trait::async_trait;
use lorikeet_adapter_web::{AccessToken, Config, Parts, Web};
use lorikeet_chat::{
    Action, BlobId, Block, Chart, Choice, Confirmation, Control, Conversation, EffectId, Event,
    EventBody, Field, FileBlock, FormField, Group, Invocation, Level, MessageHandle, OptionControl,
    Page, Point, Present, Prompt, Screen, Series, SessionTag, Span, Stamp, Surface, Tile,
    TileState, Toggle, Token,
};
use lorikeet_media::{Blobs, samples};
use lorikeet_platform::{
    Accepted, Adapter, CommandHelp, Content, Delivery, Inbox, InboxError, Told,
};
use lorikeet_store::{Clock, Limits, MemoryStore, SystemClock};
use tokio::sync::mpsc;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let listen = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "127.0.0.1:8086".to_owned());
    let mut config = Config::local(listen.parse().context("an address like 127.0.0.1:8086")?);
    config.token = std::env::args().nth(2).map(AccessToken::new);
    let blobs = Blobs::in_memory();
    let transcript = Arc::new(MemoryStore::new(Arc::new(SystemClock), Limits::default()));
    let pictures = pictures(&blobs).await?;
    let web = Arc::new(Web::new(Parts {
        config,
        blobs,
        uploads: Blobs::in_memory(),
        transcript,
        signals: None,
        readiness: Arc::new(|| Ok(String::new())),
        previewers: vec![Box::new(lorikeet_adapter_web::WebPreviewer)],
    })?);
    let help = [
        "start",
        "pictures",
        "settings",
        "training",
        "result",
        "everything",
    ];
    let help = help.map(|name| {
        let summary = Told {
            usual: format!("Shows the {name} screen"),
            ..Told::default()
        };
        CommandHelp::new(name, summary)
    });
    web.publish(&help).await?;

    let (events, mut waiting) = mpsc::unbounded_channel();
    let brain = Arc::new(Brain { events });
    let talker = tokio::spawn({
        let web = Arc::clone(&web);
        async move {
            let mut state = State {
                pictures,
                ..State::default()
            };
            while let Some((conversation, event)) = waiting.recv().await {
                state.turn(&web, &conversation, event).await?;
            }
            anyhow::Ok(())
        }
    });
    let stop = async {
        // Without a signal handler the process simply ends by the signal.
        let _ = tokio::signal::ctrl_c().await;
    };
    tracing_to_stderr(&web).await;
    web.run(brain, Box::pin(stop)).await?;
    talker.abort();
    Ok(())
}

#[expect(clippy::print_stderr, reason = "an example says where it is")]
async fn tracing_to_stderr(web: &Arc<Web>) {
    let web = Arc::clone(web);
    tokio::spawn(async move { eprintln!("http://{}/", web.listening().await) });
}

/// Takes every event.
struct Brain {
    events: mpsc::UnboundedSender<(Conversation, Event)>,
}

#[async_trait]
impl Inbox for Brain {
    async fn accept(
        &self,
        conversation: &Conversation,
        event: Event,
    ) -> Result<Accepted, InboxError> {
        self.events
            .send((conversation.clone(), event))
            .map_err(|error| InboxError(error.to_string()))?;
        Ok(Accepted::Accepted)
    }
}

/// The rooms' current screens.
#[derive(Default)]
struct State {
    pictures: Vec<BlobId>,
    rooms: HashMap<String, Room>,
    effects: u64,
    captions: Arc<Mutex<Knobs>>,
}

#[derive(Default)]
struct Room {
    screen: Screen,
    stamp: Stamp,
    handle: Option<MessageHandle>,
}

/// What the settings screen shows.
#[derive(Clone, Default)]
struct Knobs {
    chosen: usize,
    styles: [bool; 3],
    private: bool,
    steps: String,
    problem: String,
}

impl State {
    async fn turn(
        &mut self,
        web: &Web,
        conversation: &Conversation,
        event: Event,
    ) -> anyhow::Result<()> {
        let room = self.rooms.entry(conversation.room.to_string()).or_default();
        let pressed = |token: Token| {
            let current = token.stamp == room.stamp;
            let actions = room.screen.actions();
            actions
                .get(token.index as usize)
                .filter(|_| current)
                .map(|&action| action.clone())
        };
        let (name, surface) = match event.body {
            EventBody::Command(Invocation { name, .. }) => (name, Surface::Fresh),
            EventBody::Press(token) => match pressed(token) {
                Some(Action::Jump(name)) => (name, Surface::Edit),
                Some(Action::Input(value)) => {
                    let mut knobs = self.captions.lock().unwrap_or_else(PoisonError::into_inner);
                    match value.as_u64() {
                        Some(chosen @ 0..3) => knobs.chosen = chosen as usize,
                        Some(style @ 3..6) => knobs.styles[style as usize - 3] ^= true,
                        _ => knobs.private ^= true,
                    }
                    ("settings".to_owned(), Surface::Edit)
                }
                Some(_) => ("start".to_owned(), Surface::Edit),
                None => return self.answer(web, conversation, token).await,
            },
            EventBody::Form { fields, .. } => {
                let mut knobs = self.captions.lock().unwrap_or_else(PoisonError::into_inner);
                knobs.steps = fields.get("steps").cloned().unwrap_or_default();
                knobs.problem = match knobs.steps.parse::<u32>() {
                    Ok(100..=4000) => String::new(),
                    _ => "A number from 100 to 4000, please.".to_owned(),
                };
                ("settings".to_owned(), Surface::Edit)
            }
            EventBody::Media { .. } => ("pictures".to_owned(), Surface::Fresh),
            _ => ("echo".to_owned(), Surface::Fresh),
        };
        if name == "training" {
            return self.train(web, conversation, surface).await;
        }
        let screen = self.screen(&name);
        self.show(web, conversation, screen, surface).await
    }

    /// A run of a few seconds, in one message.
    async fn train(
        &mut self,
        web: &Web,
        conversation: &Conversation,
        surface: Surface,
    ) -> anyhow::Result<()> {
        for step in 0..=12_u32 {
            let screen = training(f64::from(step) / 12.0, &self.pictures);
            let surface = if step == 0 { surface } else { Surface::Edit };
            self.show(web, conversation, screen, surface).await?;
            tokio::time::sleep(Duration::from_millis(700)).await;
        }
        Ok(())
    }

    async fn show(
        &mut self,
        web: &Web,
        conversation: &Conversation,
        screen: Screen,
        surface: Surface,
    ) -> anyhow::Result<()> {
        let room = self.rooms.entry(conversation.room.to_string()).or_default();
        room.stamp = Stamp {
            tag: SessionTag::from_generation(1),
            revision: room.stamp.revision + 1,
        };
        room.screen = screen.clone();
        let present = Present {
            screen,
            stamp: room.stamp,
            surface,
            page: Page::First,
        };
        self.effects += 1;
        let delivered = web
            .deliver(Delivery {
                id: &EffectId::new(format!("effect-{}", self.effects))?,
                conversation,
                handle: room.handle.as_ref(),
                content: Content::Screen(&present),
            })
            .await?;
        room.handle = delivered.handle.or(room.handle.take());
        Ok(())
    }

    async fn answer(
        &mut self,
        web: &Web,
        conversation: &Conversation,
        token: Token,
    ) -> anyhow::Result<()> {
        self.effects += 1;
        web.deliver(Delivery {
            id: &EffectId::new(format!("effect-{}", self.effects))?,
            conversation,
            handle: None,
            content: Content::Answer {
                token: Some(token),
                text: "That button is from an earlier screen. Here is the current one.",
            },
        })
        .await?;
        Ok(())
    }

    fn screen(&self, name: &str) -> Screen {
        let knobs = self
            .captions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        match name {
            "pictures" => pictures_screen(&self.pictures),
            "settings" => settings(&knobs),
            "result" => result(&self.pictures),
            "everything" => everything(&self.pictures),
            "echo" => Screen::new()
                .text("I am only a demonstration. Try a command or a button.")
                .group(Group::row([jump("Home", "start")])),
            _ => welcome(),
        }
    }
}

fn jump(label: &str, screen: &str) -> Control {
    Control::button(label, Action::Jump(screen.to_owned()))
}

fn welcome() -> Screen {
    Screen::new()
        .heading("Hello! Let's teach a model your look.")
        .block(Block::Paragraph(vec![
            Span::Plain("Name a LoRA, drop in ".to_owned()),
            Span::Strong("4 to 20 pictures".to_owned()),
            Span::Plain(
                ", and I take it from there: captions, training, samples, and the file to keep."
                    .to_owned(),
            ),
        ]))
        .group(Group::row([
            Control::primary("New LoRA", Action::Jump("pictures".to_owned())),
            jump("My LoRAs", "result"),
            jump("Settings", "settings"),
        ]))
        .group(Group::navigation([
            jump("Watch a run", "training"),
            jump("Everything at once", "everything"),
            Control::Link {
                label: "Guide".to_owned(),
                url: "https://example.org/guide".to_owned(),
            },
        ]))
        .prompt(Prompt::Text {
            hint: "Name your LoRA, or type / for commands".to_owned(),
            value: String::new(),
            max_chars: 40,
            multiline: false,
        })
}

fn steps(current: u32) -> Block {
    let labels = [
        "Name", "Pictures", "Captions", "Settings", "Review", "Training",
    ];
    Block::Steps {
        labels: labels.map(str::to_owned).to_vec(),
        current,
    }
}

fn tile(number: usize, note: &str, state: TileState, image: Option<&BlobId>) -> Tile {
    Tile {
        label: number.to_string(),
        note: note.to_owned(),
        state,
        image: image.cloned(),
    }
}

fn pictures_screen(pictures: &[BlobId]) -> Screen {
    let mut tiles: Vec<Tile> = pictures
        .iter()
        .zip(1..)
        .map(|(blob, number)| match number {
            1..=3 => tile(
                number,
                "maya on a red bench, soft light",
                TileState::Complete,
                Some(blob),
            ),
            _ => tile(number, "", TileState::Filled, Some(blob)),
        })
        .collect();
    tiles.push(tile(7, "", TileState::Arriving, None));
    tiles.push(tile(
        8,
        "Too small: 320 × 240, at least 512",
        TileState::Problem,
        None,
    ));
    tiles.extend((9..=12).map(|number| tile(number, "", TileState::Empty, None)));
    Screen::new()
        .block(steps(1))
        .heading("Pictures for maya")
        .text("Drop them anywhere on this page. Different angles, light and backgrounds teach the most.")
        .block(Block::Gallery(tiles))
        .notice(Level::Warning, "2 pictures look nearly the same. Variety helps more than number.")
        .group(Group::row([
            Control::primary("Go on to captions", Action::Jump("settings".to_owned())),
            Control::danger(
                "Remove all",
                Action::Jump("start".to_owned()),
                Confirmation {
                    question: "Remove all 6 pictures from maya? This cannot be undone.".to_owned(),
                    proceed: "Remove".to_owned(),
                    keep: "Keep them".to_owned(),
                },
            ),
        ]))
        .group(Group::navigation([
            Control::button("Back", Action::Back),
            Control::button("Skip", Action::Skip),
            Control::button("Cancel", Action::Cancel),
        ]))
        .prompt(Prompt::Images {
            hint: "Drop, paste or choose pictures".to_owned(),
            have: 6,
            min: 4,
            max: 20,
        })
}

fn settings(knobs: &Knobs) -> Screen {
    let option = |label: &str, hint: &str, selected, value: u8| OptionControl {
        label: label.to_owned(),
        hint: hint.to_owned(),
        selected,
        action: Action::Input(value.into()),
    };
    let field = |name: &str, label: &str, hint: &str, value: &str, problem: &str| FormField {
        name: name.to_owned(),
        label: label.to_owned(),
        hint: hint.to_owned(),
        value: value.to_owned(),
        max_chars: 300,
        multiline: name == "samples",
        problem: problem.to_owned(),
    };
    Screen::new()
        .block(steps(3))
        .heading("Settings")
        .group(Group::list([
            Control::Choice(Choice {
                label: "Quality".to_owned(),
                multiple: false,
                options: vec![
                    option("Quick look", "about 1 minute", knobs.chosen == 0, 0),
                    option("Balanced", "about 12 minutes · €0.40", knobs.chosen == 1, 1),
                    option("Thorough", "about 40 minutes · €1.30", knobs.chosen == 2, 2),
                ],
            }),
            Control::Choice(Choice {
                label: "Sample styles".to_owned(),
                multiple: true,
                options: vec![
                    option("Portrait", "", knobs.styles[0], 3),
                    option("Landscape", "", knobs.styles[1], 4),
                    option("Sketch", "", knobs.styles[2], 5),
                ],
            }),
            Control::Toggle(Toggle {
                label: "Keep this LoRA private".to_owned(),
                on: knobs.private,
                action: Action::Input(6.into()),
            }),
        ]))
        .group(Group::navigation([
            Control::button("Back", Action::Back),
            Control::button("Cancel", Action::Cancel),
        ]))
        .prompt(Prompt::Form {
            title: "In detail".to_owned(),
            fields: vec![
                field(
                    "steps",
                    "Steps",
                    "100 to 4000",
                    &knobs.steps,
                    &knobs.problem,
                ),
                field(
                    "samples",
                    "Sample prompt",
                    "What the samples show",
                    "maya, reading in a café",
                    "",
                ),
            ],
            submit: "Save".to_owned(),
            action: Action::Input(9.into()),
        })
}

fn loss(done: f64) -> Chart {
    let points = |scale: f64, wobble: f64| {
        (0..=(done * 120.0) as u32)
            .map(f64::from)
            .map(|x| Point {
                x: x * 10.0,
                y: scale * (0.18 + 0.7 * (-x / 30.0).exp())
                    + wobble * (x * 1.7).sin() * (x * 0.6).cos(),
            })
            .collect()
    };
    Chart {
        title: "Loss".to_owned(),
        x_label: "step".to_owned(),
        series: vec![
            Series {
                name: "training".to_owned(),
                points: points(1.0, 0.05),
            },
            Series {
                name: "smoothed".to_owned(),
                points: points(1.02, 0.0),
            },
        ],
    }
}

fn training(done: f64, pictures: &[BlobId]) -> Screen {
    let eta = SystemClock
        .now()
        .after(Duration::from_secs_f64((1.0 - done) * 300.0));
    let screen = Screen::new()
        .block(steps(5))
        .heading("Training maya")
        .block(Block::Progress {
            fraction: Some(done),
            label: format!("Step {:.0} of 1200", done * 1200.0),
            eta: Some(eta),
        })
        .block(Block::Chart(loss(done)))
        .block(Block::Gallery(
            pictures
                .iter()
                .take((done * 5.0) as usize)
                .zip(1..)
                .map(|(blob, number)| tile(number, "sample", TileState::Filled, Some(blob)))
                .collect(),
        ));
    if done < 1.0 {
        screen.group(Group::row([Control::danger(
            "Stop",
            Action::Cancel,
            Confirmation {
                question: "Stop this run? What it learned so far is lost.".to_owned(),
                proceed: "Stop".to_owned(),
                keep: "Let it run".to_owned(),
            },
        )]))
    } else {
        screen
            .notice(Level::Success, "Done. maya is ready.")
            .group(Group::row([Control::primary(
                "See the result",
                Action::Jump("result".to_owned()),
            )]))
    }
}

fn result(pictures: &[BlobId]) -> Screen {
    let screen = Screen::new()
        .heading("maya, version 2")
        .block(Block::Paragraph(vec![
            Span::Plain("Say ".to_owned()),
            Span::Code("ohwx maya".to_owned()),
            Span::Plain(" in a prompt, and load the file at strength 0.8 to 1.".to_owned()),
        ]))
        .block(Block::Fields(vec![
            Field::new("Base model", "tiny (for trying things out)"),
            Field::new("Pictures", "6, all captioned"),
            Field::new("Steps", "1200 in 4 min 52 s"),
        ]));
    let screen = match pictures.first() {
        Some(blob) => screen
            .block(Block::Image {
                blob: blob.clone(),
                alt: "A sample of maya, version 2".to_owned(),
            })
            .block(Block::File(FileBlock {
                blob: blob.clone(),
                name: "maya-v2.safetensors".to_owned(),
                size: 37_990_000,
            })),
        None => screen,
    };
    screen.group(Group::row([
        jump("New version", "settings"),
        jump("Rename", "settings"),
        jump("Home", "start"),
    ]))
}

fn everything(pictures: &[BlobId]) -> Screen {
    let screen = Screen::new()
        .heading("Everything <at once> & escaped")
        .block(Block::List(
            [
                "A short item",
                "Another one, a bit longer than the first",
                "<script>alert(1)</script>",
            ]
            .map(str::to_owned)
            .to_vec(),
        ))
        .notice(Level::Info, "Good to know.")
        .notice(Level::Success, "It worked.")
        .notice(Level::Warning, "Worth a thought.")
        .notice(Level::Error, "It did not work: the disk is full.")
        .block(Block::Progress {
            fraction: None,
            label: "Preparing".to_owned(),
            eta: None,
        })
        .block(Block::Chart(loss(1.0)));
    let screen = result(pictures)
        .blocks
        .into_iter()
        .fold(screen, Screen::block);
    screen.group(Group::grid(
        3,
        (1..=6).map(|number| jump(&format!("Slot {number}"), "pictures")),
    ))
}

async fn pictures(blobs: &Blobs) -> anyhow::Result<Vec<BlobId>> {
    let mut ids = Vec::new();
    for seed in 1..=6 {
        let png = samples::png(&samples::picture(seed, 512, 512));
        ids.push(blobs.put(png.into()).await?.id);
    }
    Ok(ids)
}
