//! Screens of every kind.

use lorikeet_chat::{
    Action, BlobId, Block, Board, BoardPlace, Button, Chart, Choice, Confirmation, Control, Field,
    FileBlock, FormField, Group, Invocation, Layout, Level, OptionControl, Point, Prompt, Role,
    Screen, Series, SessionTag, Span, Stamp, Tile, TileState, Timestamp, Toggle,
};
use proptest::collection::{SizeRange, vec};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use crate::words;

/// A strategy for text, as often as it is needed.
type Text = BoxedStrategy<String>;

const STATES: &[TileState] = &[
    TileState::Empty,
    TileState::Arriving,
    TileState::Filled,
    TileState::Complete,
    TileState::Problem,
];

const LEVELS: &[Level] = &[Level::Info, Level::Success, Level::Warning, Level::Error];

const ADDRESSES: &[&str] = &[
    "https://example.org/a?b=c&d=e",
    "https://example.org/maya/1",
    "/file/x",
    "//evil.example",
    "/\\evil.example",
    "JAVASCRIPT:alert(1)",
    "data:text/html,x",
    "https://example.org/\" onclick=\"alert(1)",
    "https://example.org/)](https://evil.example",
    "tg://user?id=1",
    "",
];

/// Any screen: mostly small and hostile, at times one with very many controls (up to 120, choices of up to 60
/// options), one with a text of up to [`words::LONGEST`] characters, or an empty one.
pub fn screen() -> impl Strategy<Value = Screen> {
    let text = words::text().boxed();
    prop_oneof![
        30 => built(vec(block(&text), 0..4), vec(group(control(&text), 0..4), 0..3), of(prompt(&text))),
        2 => crowded(),
        1 => (vec(block(&text), 0..2), words::long(words::LONGEST), of(control(&text)))
            .prop_map(|(blocks, long, control)| {
                let mut screen = Screen::new().text(long);
                screen.blocks.extend(blocks);
                screen.menu.extend(control.map(|control| Group::row([control])));
                screen
            }),
    ]
}

/// Screens whose controls are many; paging is for them.
pub fn crowded() -> impl Strategy<Value = Screen> {
    let text = words::plain().boxed();
    let groups = prop_oneof![
        3 => vec(group(control(&text), 0..40), 1..4),
        1 => group(button(&text), 60..=120).prop_map(|group| vec![group]),
        1 => group(choice(&text, 20..=60), 1..3).prop_map(|group| vec![group]),
    ];
    built(vec(block(&text), 0..2), groups, Just(None))
}

/// Small hostile screens: few texts, all of them short.
pub fn small() -> impl Strategy<Value = Screen> {
    let hostile = words::text().prop_map(|text| text.chars().take(40).collect());
    few(&hostile.boxed())
}

/// Small screens of plain words, as features make them: the platform's best room has place for all of it.
pub fn modest() -> impl Strategy<Value = Screen> {
    few(&words::plain().boxed()).prop_map(|mut screen| {
        for block in &mut screen.blocks {
            match block {
                Block::File(file) => {
                    file.name = "maya-v1.safetensors".to_owned();
                    file.size %= 1_000_000;
                }
                Block::Chart(chart) => {
                    for (x, point) in chart
                        .series
                        .iter_mut()
                        .flat_map(|s| s.points.iter_mut().enumerate())
                    {
                        // Rising and finite, as a chart's points are said to be.
                        point.x = x as f64;
                        point.y = if point.y.is_finite() {
                            point.y.clamp(-1e3, 1e3)
                        } else {
                            0.5
                        };
                    }
                }
                Block::Progress { fraction, .. } => *fraction = fraction.map(|_| 0.25),
                Block::Steps { labels, current } => *current %= labels.len().max(1) as u32,
                _ => {}
            }
        }
        for control in screen.menu.iter_mut().flat_map(|group| &mut group.controls) {
            if let Control::Link { url, .. } = control {
                *url = "https://example.org/maya/1".to_owned();
            }
        }
        for group in &mut screen.menu {
            if let Layout::Grid { columns } = &mut group.layout {
                *columns = *columns % 5 + 1;
            }
        }
        if let Some(Prompt::Form { fields, .. }) = &mut screen.prompt {
            for (number, field) in fields.iter_mut().enumerate() {
                field.name = format!("field{number}");
                field.max_chars = 200;
            }
        }
        screen
    })
}

fn few(text: &Text) -> impl Strategy<Value = Screen> + use<> {
    built(
        vec(block(text), 0..3),
        vec(group(control(text), 0..3), 0..3),
        of(prompt(text)),
    )
}

/// Which screen it is.
pub fn stamp() -> impl Strategy<Value = Stamp> {
    (any::<u64>(), any::<u64>()).prop_map(|(generation, revision)| Stamp {
        tag: SessionTag::from_generation(generation),
        revision,
    })
}

fn built(
    blocks: impl Strategy<Value = Vec<Block>>,
    menu: impl Strategy<Value = Vec<Group>>,
    prompt: impl Strategy<Value = Option<Prompt>>,
) -> impl Strategy<Value = Screen> {
    (blocks, menu, prompt).prop_map(|(blocks, menu, prompt)| {
        let mut screen = Screen::new();
        screen.blocks = blocks;
        screen.menu = menu;
        screen.prompt = prompt;
        screen
    })
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>(),
        -10.0..10.0_f64,
        select(
            &[
                0.0,
                -0.0,
                f64::MAX,
                f64::MIN,
                f64::NAN,
                f64::INFINITY,
                f64::MIN_POSITIVE
            ][..]
        ),
    ]
}

fn blob() -> impl Strategy<Value = BlobId> {
    any::<u8>().prop_map(|byte| BlobId::from_digest([byte; 32]))
}

fn block(text: &Text) -> BoxedStrategy<Block> {
    let t = || text.clone();
    let span = prop_oneof![
        t().prop_map(Span::Plain),
        t().prop_map(Span::Strong),
        t().prop_map(Span::Code),
    ];
    let field = (t(), t()).prop_map(|(label, value)| Field { label, value });
    let point = (number(), number()).prop_map(|(x, y)| Point { x, y });
    let series = (t(), vec(point, 0..6)).prop_map(|(name, points)| Series { name, points });
    prop_oneof![
        t().prop_map(Block::Heading),
        vec(span, 0..4).prop_map(Block::Paragraph),
        vec(field, 0..4).prop_map(Block::Fields),
        vec(t(), 0..4).prop_map(Block::List),
        (blob(), t()).prop_map(|(blob, alt)| Block::Image { blob, alt }),
        vec(tile(text), 0..4).prop_map(Block::Gallery),
        (of(number()), t(), of(any::<u64>())).prop_map(|(fraction, label, eta)| Block::Progress {
            fraction,
            label,
            eta: eta.map(Timestamp::from_micros),
        }),
        (t(), t(), vec(series, 0..3)).prop_map(|(title, x_label, series)| Block::Chart(Chart {
            title,
            x_label,
            series
        })),
        (blob(), t(), any::<u64>()).prop_map(|(blob, name, size)| Block::File(FileBlock {
            blob,
            name,
            size
        })),
        (select(LEVELS), t()).prop_map(|(level, text)| Block::Notice { level, text }),
        (vec(t(), 0..5), prop_oneof![0..5_u32, any::<u32>()])
            .prop_map(|(labels, current)| Block::Steps { labels, current }),
    ]
    .boxed()
}

fn action() -> impl Strategy<Value = Action> {
    any::<u16>().prop_map(|number| match number % 6 {
        0 => Action::Back,
        1 => Action::Skip,
        2 => Action::Cancel,
        3 => Action::Jump(format!("step{number}")),
        4 => Action::Command(Invocation::new("train").with(number.to_string())),
        _ => Action::Input(serde_json::json!({ "number": number })),
    })
}

fn button(text: &Text) -> BoxedStrategy<Control> {
    let t = || text.clone();
    let role = select(&[Role::Normal, Role::Primary, Role::Danger][..]);
    let confirm = (t(), t(), t()).prop_map(|(question, proceed, keep)| Confirmation {
        question,
        proceed,
        keep,
    });
    (t(), action(), role, prop::option::weighted(0.2, confirm))
        .prop_map(|(label, action, role, confirm)| {
            Control::Button(Button {
                label,
                action,
                role,
                confirm,
            })
        })
        .boxed()
}

fn choice(text: &Text, options: impl Into<SizeRange>) -> BoxedStrategy<Control> {
    let t = || text.clone();
    let option = (
        t(),
        prop_oneof![Just(String::new()), t()],
        any::<bool>(),
        action(),
    )
        .prop_map(|(label, hint, selected, action)| OptionControl {
            label,
            hint,
            selected,
            action,
        });
    (t(), any::<bool>(), vec(option, options))
        .prop_map(|(label, multiple, options)| {
            Control::Choice(Choice {
                label,
                multiple,
                options,
            })
        })
        .boxed()
}

fn control(text: &Text) -> BoxedStrategy<Control> {
    let t = || text.clone();
    prop_oneof![
        3 => button(text),
        1 => (t(), select(ADDRESSES)).prop_map(|(label, url)| Control::Link {
            label,
            url: url.to_owned()
        }),
        1 => choice(text, 0..6),
        1 => (t(), any::<bool>(), action()).prop_map(|(label, on, action)| Control::Toggle(Toggle {
            label,
            on,
            action
        })),
        1 => board(text),
    ]
    .boxed()
}

fn tile(text: &Text) -> BoxedStrategy<Tile> {
    let t = || text.clone();
    (t(), t(), select(STATES), of(blob()))
        .prop_map(|(label, note, state, image)| Tile {
            label,
            note,
            state,
            image,
        })
        .boxed()
}

fn board(text: &Text) -> BoxedStrategy<Control> {
    let t = || text.clone();
    let place = (tile(text), of(t()), of(action())).prop_map(|(tile, text, open)| BoardPlace {
        tile,
        text,
        open,
    });
    (t(), vec(place, 0..6), of(action()), any::<u32>())
        .prop_map(|(label, places, edit, max_chars)| {
            Control::Board(Board {
                label,
                places,
                edit,
                max_chars,
            })
        })
        .boxed()
}

fn group(
    control: BoxedStrategy<Control>,
    controls: impl Into<SizeRange>,
) -> impl Strategy<Value = Group> {
    let layout = prop_oneof![
        Just(Layout::Row),
        any::<u8>().prop_map(|columns| Layout::Grid { columns }),
        Just(Layout::List),
        Just(Layout::Navigation),
    ];
    (layout, vec(control, controls)).prop_map(|(layout, controls)| Group { layout, controls })
}

fn prompt(text: &Text) -> BoxedStrategy<Prompt> {
    let t = || text.clone();
    let field = (t(), t(), t(), t(), t(), any::<u32>(), any::<bool>()).prop_map(
        |(name, label, hint, value, problem, max_chars, multiline)| FormField {
            name,
            label,
            hint,
            value,
            max_chars,
            multiline,
            problem,
        },
    );
    prop_oneof![
        (t(), t(), any::<u32>(), any::<bool>()).prop_map(|(hint, value, max_chars, multiline)| {
            Prompt::Text {
                hint,
                value,
                max_chars,
                multiline,
            }
        }),
        (t(), number(), number()).prop_map(|(hint, min, max)| Prompt::Number { hint, min, max }),
        (t(), any::<[u32; 3]>()).prop_map(|(hint, [have, min, max])| Prompt::Images {
            hint,
            have,
            min,
            max
        }),
        (t(), vec(field, 0..4), t(), action()).prop_map(|(title, fields, submit, action)| {
            Prompt::Form {
                title,
                fields,
                submit,
                action,
            }
        }),
    ]
    .boxed()
}
