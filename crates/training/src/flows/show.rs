//! Pieces of screens that several flows show.

use lorikeet_chat::{
    Block, Chart, Field, FileBlock, Level, Screen, Series, Span, Tile, TileState, Timestamp,
};
use lorikeet_dialog::{Command, Who};
use lorikeet_flow::Message;

use crate::domain::{Ctx, RunView};
use crate::wire::Holder;
use crate::{
    Dataset, EngineOffer, Estimate, Picture, Problem, Run, RunState, Setting, Settings,
    SlotContent, SlotNumber,
};

/// Whether the person may use a command.
pub(super) fn may(command: &Command, ctx: &Ctx) -> bool {
    command.who == Who::Everyone || ctx.operator
}

/// A count as a message's number.
pub(super) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// What a setting is called.
pub(super) fn setting(setting: Setting, ctx: &Ctx) -> String {
    ctx.texts
        .say(&format!("setting-{}", setting.name().replace('_', "-")))
}

/// The label that stands wherever the built-in engine does.
pub(super) fn demonstration(ctx: &Ctx) -> Block {
    Block::Notice {
        level: Level::Info,
        text: ctx.texts.say("engine-demonstration"),
    }
}

/// Seconds as a person says them.
pub(super) fn duration(seconds: f64, ctx: &Ctx) -> String {
    let seconds = seconds.max(0.0);
    let message = if seconds < 90.0 {
        Message::new("duration-seconds").number("count", (seconds / 5.0).ceil().max(1.0) * 5.0)
    } else if seconds < 5_400.0 {
        Message::new("duration-minutes").number("count", (seconds / 60.0).round())
    } else {
        Message::new("duration-hours").number("count", (seconds / 360.0).round() / 10.0)
    };
    ctx.texts.format(&message)
}

/// How long ago something was, as a person says it.
pub(super) fn ago(then: Timestamp, ctx: &Ctx) -> String {
    let seconds = ctx.now.since(then).as_secs_f64();
    // Past an hour and a half, and past a day and a half, the smaller unit says more than anybody asked.
    let message = if seconds < 60.0 {
        Message::new("ago-moment")
    } else if seconds < 5_400.0 {
        Message::new("ago-minutes").number("count", (seconds / 60.0).floor())
    } else if seconds < 129_600.0 {
        Message::new("ago-hours").number("count", (seconds / 3_600.0).round())
    } else {
        Message::new("ago-days").number("count", (seconds / 86_400.0).round())
    };
    ctx.texts.format(&message)
}

/// Who has a LoRA's lock, in a sentence's part.
pub(super) fn holder(holder: &Holder, ctx: &Ctx) -> String {
    let message = match (holder.place.is_empty(), holder.name.is_empty()) {
        (true, _) => "holder-elsewhere",
        (false, true) => "holder-place",
        (false, false) => "holder-name",
    };
    let message = Message::new(message)
        .text("name", holder.name.clone())
        .text("place", holder.place.clone())
        .text("since", ago(holder.since, ctx));
    ctx.texts.format(&message)
}

/// What there is to say of a picture.
pub(super) fn problem(problem: &Problem, ctx: &Ctx) -> String {
    let id = format!("picture-{}", problem.code);
    if !ctx.texts.knows(&id) {
        return ctx.texts.say("picture-other");
    }
    let message =
        problem
            .details
            .iter()
            .fold(Message::new(id), |message, (name, value)| {
                match value.parse::<f64>() {
                    Ok(number) if name != "format" => message.number(name.clone(), number),
                    _ => message.text(name.clone(), value.clone()),
                }
            });
    ctx.texts.format(&message)
}

/// What stands in a dataset's places, if anything does.
pub(super) fn gallery(dataset: &Dataset, ctx: &Ctx) -> Option<Block> {
    let tiles: Vec<Tile> = dataset
        .slots(ctx.domain.limits.slots)
        .filter(|slot| slot.content.is_some())
        .map(|slot| tile(slot.number, slot.content, ctx))
        .collect();
    (!tiles.is_empty()).then_some(Block::Gallery(tiles))
}

/// One place of a dataset.
pub(super) fn tile(number: SlotNumber, content: Option<&SlotContent>, ctx: &Ctx) -> Tile {
    let label = number.to_string();
    let (state, note, image) = match content {
        None => (TileState::Empty, String::new(), None),
        Some(SlotContent::Arriving { .. }) => {
            (TileState::Arriving, ctx.texts.say("slot-arriving"), None)
        }
        Some(SlotContent::Refused { name, .. }) => (TileState::Problem, name.clone(), None),
        Some(SlotContent::Filled { picture, caption }) => {
            let state = if caption.is_some() {
                TileState::Complete
            } else {
                TileState::Filled
            };
            let note = match caption {
                Some(caption) => caption.to_string(),
                None if !picture.warnings.is_empty() => ctx.texts.say("slot-warning"),
                None => String::new(),
            };
            (state, note, Some(picture.thumbnail.clone()))
        }
    };
    Tile {
        label,
        note,
        state,
        image,
    }
}

/// A sentence for every picture that was refused or could be better.
pub(super) fn verdicts(dataset: &Dataset, ctx: &Ctx) -> Option<Block> {
    let lines: Vec<String> = dataset
        .slots(ctx.domain.limits.slots)
        .flat_map(|slot| {
            let (name, problems): (&str, Vec<&Problem>) = match slot.content {
                Some(SlotContent::Refused { name, problem }) => (name, vec![problem]),
                Some(SlotContent::Filled { picture, .. }) => {
                    (&picture.name, picture.warnings.iter().collect())
                }
                _ => ("", Vec::new()),
            };
            let line = |said: &Problem| {
                let message = Message::new("slot-verdict")
                    .number("slot", slot.number.0)
                    .text("name", name)
                    .text("verdict", problem(said, ctx));
                ctx.texts.format(&message)
            };
            problems.into_iter().map(line).collect::<Vec<_>>()
        })
        .collect();
    (!lines.is_empty()).then_some(Block::List(lines))
}

/// "6 of 20 pictures, 2 with captions".
pub(super) fn count(dataset: &Dataset, ctx: &Ctx) -> String {
    let message = Message::new("dataset-count")
        .number("pictures", number(dataset.picture_count()))
        .number("slots", ctx.domain.limits.slots)
        .number("captions", number(dataset.caption_count()));
    ctx.texts.format(&message)
}

/// A picture in full, with what it is.
pub(super) fn picture(number: SlotNumber, picture: &Picture, ctx: &Ctx) -> Block {
    let alt = Message::new("slot-alt")
        .number("slot", number.0)
        .text("name", picture.name.clone());
    Block::Image {
        blob: picture.image.clone(),
        alt: ctx.texts.format(&alt),
    }
}

/// Settings, one line each.
pub(super) fn settings(settings: &Settings, ctx: &Ctx) -> Vec<Field> {
    let t = &ctx.texts;
    let engine = ctx.domain.engine(&settings.engine);
    let base = engine.and_then(|engine| engine.bases.iter().find(|base| base.id == settings.base));
    let base = base.map_or_else(|| settings.base.clone(), |base| base.name.clone());
    let rank = Message::new("settings-rank")
        .number("rank", settings.rank)
        .number("alpha", settings.alpha);
    let steps = Message::new("settings-steps").number("steps", settings.steps);
    vec![
        Field::new(t.say("field-base"), base),
        Field::new(
            t.say("field-preset"),
            t.say(&format!("preset-{}", settings.preset.name())),
        ),
        Field::new(t.say("setting-steps"), t.format(&steps)),
        Field::new(t.say("setting-rank"), t.format(&rank)),
        Field::new(
            t.say("setting-learning-rate"),
            t.plain(settings.learning_rate),
        ),
    ]
}

/// What a run should take.
pub(super) fn estimate(estimate: Option<&Estimate>, ctx: &Ctx) -> Vec<Field> {
    let t = &ctx.texts;
    let Some(estimate) = estimate else {
        return Vec::new();
    };
    #[expect(
        clippy::cast_precision_loss,
        reason = "seconds of a run are far below 2^53"
    )]
    let time = duration(estimate.seconds as f64, ctx);
    let cost = estimate
        .cost
        .clone()
        .unwrap_or_else(|| t.say("estimate-free"));
    vec![
        Field::new(
            t.say("estimate-time"),
            t.format(&Message::new("estimate-about").text("time", time)),
        ),
        Field::new(t.say("estimate-cost"), cost),
    ]
}

/// The name of a run: "My cat 1.0".
pub(super) fn run_name(run: &Run) -> String {
    format!("{} {}", run.name, run.version)
}

/// Everything there is to see of a run, wherever it stands.
pub(super) fn run(view: &RunView, ctx: &Ctx) -> Screen {
    let t = &ctx.texts;
    let run = &view.run;
    let title = |id: &'static str| {
        t.format(
            &Message::new(id)
                .text("name", run.name.as_str())
                .text("version", run.version.to_string()),
        )
    };
    let screen = match &run.state {
        RunState::Queued => {
            let waiting = Message::new("run-queued").number("ahead", view.ahead);
            bar(
                Screen::new().heading(title("run-title-training")),
                None,
                t.format(&waiting),
                None,
            )
        }
        RunState::Preparing => bar(
            Screen::new().heading(title("run-title-training")),
            None,
            t.say("run-preparing"),
            None,
        ),
        RunState::Training => {
            training(Screen::new().heading(title("run-title-training")), run, ctx)
        }
        RunState::Collecting => bar(
            Screen::new().heading(title("run-title-training")),
            Some(1.0),
            t.say("run-collecting"),
            None,
        ),
        RunState::Done { artifact } => {
            let file = FileBlock {
                blob: artifact.blob.clone(),
                name: artifact.file_name.clone(),
                size: artifact.size,
            };
            Screen::new()
                .heading(title("run-title-done"))
                .notice(Level::Success, t.say("run-done"))
                .block(Block::File(file))
                .block(Block::Paragraph(vec![
                    Span::Plain(t.say("run-use-before")),
                    Span::Code(run.trigger.to_string()),
                    Span::Plain(t.say("run-use-after")),
                ]))
        }
        RunState::Failed { failure } => {
            let id = format!("run-failure-{}", failure.code);
            let id = if t.knows(&id) {
                id.as_str()
            } else {
                "run-failure-engine"
            };
            let screen = Screen::new()
                .heading(title("run-title-failed"))
                .notice(Level::Error, t.say(id));
            if failure.detail.is_empty() {
                screen
            } else {
                screen.text(t.format(
                    &Message::new("run-failure-detail").text("detail", failure.detail.clone()),
                ))
            }
        }
        RunState::Cancelled { artifact } => {
            let screen = Screen::new().heading(title("run-title-cancelled"));
            match artifact {
                None => screen.notice(Level::Info, t.say("run-cancelled")),
                Some(artifact) => {
                    let kept = Message::new("run-cancelled-kept").number("step", artifact.step);
                    let (blob, name) = (artifact.blob.clone(), artifact.file_name.clone());
                    let file = FileBlock {
                        blob,
                        name,
                        size: artifact.size,
                    };
                    screen
                        .notice(Level::Info, t.format(&kept))
                        .block(Block::File(file))
                }
            }
        }
    };
    let screen = with_samples(with_loss(screen, run, ctx), run, ctx);
    let demonstration = ctx
        .domain
        .engine(&run.settings.engine)
        .is_some_and(|engine: &EngineOffer| engine.demonstration);
    if demonstration {
        screen.block(self::demonstration(ctx))
    } else {
        screen
    }
}

fn training(screen: Screen, run: &Run, ctx: &Ctx) -> Screen {
    let progress = &run.progress;
    let left = progress.seconds_left();
    let label = match left {
        Some(left) => Message::new("run-step-left").text("left", duration(left, ctx)),
        None => Message::new("run-step"),
    };
    let label = label
        .number("step", progress.step)
        .number("total", progress.total);
    let eta = left.map(|left| {
        run.updated
            .after(std::time::Duration::from_secs_f64(left.clamp(0.0, 1e9)))
    });
    bar(screen, progress.fraction(), ctx.texts.format(&label), eta)
}

fn bar(screen: Screen, fraction: Option<f64>, label: String, eta: Option<Timestamp>) -> Screen {
    screen.block(Block::Progress {
        fraction,
        label,
        eta,
    })
}

fn with_loss(screen: Screen, run: &Run, ctx: &Ctx) -> Screen {
    let t = &ctx.texts;
    if run.progress.loss.len() < 2 {
        return screen;
    }
    let series = Series {
        name: t.say("run-loss"),
        points: run.progress.loss.clone(),
    };
    screen.block(Block::Chart(Chart {
        title: t.say("run-loss"),
        x_label: t.say("run-loss-steps"),
        series: vec![series],
    }))
}

fn with_samples(screen: Screen, run: &Run, ctx: &Ctx) -> Screen {
    let tiles: Vec<Tile> = run
        .progress
        .samples
        .iter()
        .map(|sample| Tile {
            label: ctx
                .texts
                .format(&Message::new("run-sample").number("step", sample.step)),
            note: sample.prompt.clone(),
            state: TileState::Complete,
            image: Some(sample.blob.clone()),
        })
        .collect();
    if tiles.is_empty() {
        screen
    } else {
        screen.block(Block::Gallery(tiles))
    }
}
