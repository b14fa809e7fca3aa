//! The markup of one representative screen for each family of blocks and controls.

use lorikeet_chat::{
    Action, BlobId, Block, Board, BoardPlace, Capabilities, Chart, Choice, Confirmation, Control,
    Degradation, Field, FileBlock, FileLimits, FormField, Group, Level, MenuLimits, OptionControl,
    Point, Prompt, Screen, Series, SessionTag, Span, Stamp, Support, TextLimits, TextUnit, Tile,
    TileState, Timestamp, Toggle,
};
use lorikeet_renderer_web::render;

fn stamp() -> Stamp {
    Stamp {
        tag: SessionTag::from_generation(7),
        revision: 12,
    }
}

fn room() -> Capabilities {
    Capabilities {
        text: TextLimits {
            message: 100_000,
            unit: TextUnit::Chars,
            rich: Support::Full,
        },
        menu: MenuLimits {
            buttons: Support::Full,
            per_row: 6,
            total: 100,
            label: 80,
            options: 50,
        },
        files: FileLimits {
            receive: 50_000_000,
            send: 10_000_000_000,
            per_message: 50,
        },
        images: Support::Full,
        forms: Support::Full,
        edits: Support::Full,
        edits_per_minute: 60,
    }
}

/// The fragment with a line for each element, so that a changed snapshot can be read.
fn html(screen: &Screen) -> String {
    let rendered = render(screen, stamp(), &room());
    assert_eq!(rendered.degradations, []);
    rendered.messages[0].html.replace("><", ">\n<")
}

fn blob(byte: u8) -> BlobId {
    BlobId::from_digest([byte; 32])
}

#[test]
fn words() {
    let screen = Screen::new()
        .block(Block::Steps {
            labels: ["Name", "Pictures", "Captions"].map(str::to_owned).to_vec(),
            current: 1,
        })
        .heading("Pictures for <maya>")
        .block(Block::Paragraph(vec![
            Span::Plain("Say ".to_owned()),
            Span::Code("ohwx cat".to_owned()),
            Span::Plain(" to get ".to_owned()),
            Span::Strong("your cat".to_owned()),
        ]))
        .block(Block::Fields(vec![
            Field::new("Base model", "tiny"),
            Field::new("Steps", "1000"),
        ]))
        .block(Block::List(vec!["one & two".to_owned()]))
        .notice(Level::Info, "Good to know.")
        .notice(Level::Error, "It did not work.");
    insta::assert_snapshot!(html(&screen));
}

#[test]
fn a_board() {
    let place = |label: &str, state, text: Option<&str>| BoardPlace {
        tile: Tile {
            label: label.to_owned(),
            note: text.unwrap_or_default().to_owned(),
            state,
            image: text.map(|_| blob(5)),
        },
        text: text.map(str::to_owned),
        open: (state != TileState::Empty).then_some(Action::Skip),
    };
    let board = Board {
        label: "Your <pictures>".to_owned(),
        places: vec![
            place("1", TileState::Complete, Some("a \"cat\"")),
            place("2", TileState::Arriving, None),
            place("3", TileState::Empty, None),
        ],
        edit: Some(Action::Back),
        max_chars: 100,
    };
    let screen = Screen::new()
        .group(Group::list([Control::Board(board)]))
        .group(Group::row([Control::button("Go on", Action::Skip)]));
    insta::assert_snapshot!(html(&screen));
}

#[test]
fn pictures_and_files() {
    let tile = |label: &str, note: &str, state, image| Tile {
        label: label.to_owned(),
        note: note.to_owned(),
        state,
        image,
    };
    let screen = Screen::new()
        .block(Block::Image {
            blob: blob(1),
            alt: "A sample".to_owned(),
        })
        .block(Block::Gallery(vec![
            tile("1", "a cat on a mat", TileState::Complete, Some(blob(2))),
            tile("2", "", TileState::Filled, Some(blob(3))),
            tile("3", "", TileState::Arriving, None),
            tile("4", "Too small", TileState::Problem, None),
            tile("5", "", TileState::Empty, None),
        ]))
        .block(Block::File(FileBlock {
            blob: blob(4),
            name: "maya-v2.safetensors".to_owned(),
            size: 37_990_000,
        }));
    insta::assert_snapshot!(html(&screen));
}

#[test]
fn progress_and_chart() {
    let points = [(0.0, 0.92), (50.0, 0.55), (100.0, 0.31)]
        .map(|(x, y)| Point { x, y })
        .to_vec();
    let screen = Screen::new()
        .block(Block::Progress {
            fraction: Some(0.428),
            label: "Training".to_owned(),
            eta: Some(Timestamp::from_millis(1_760_000_000_000)),
        })
        .block(Block::Progress {
            fraction: None,
            label: "Preparing".to_owned(),
            eta: None,
        })
        .block(Block::Chart(Chart {
            title: "Loss".to_owned(),
            x_label: "step".to_owned(),
            series: vec![Series {
                name: "loss".to_owned(),
                points,
            }],
        }));
    insta::assert_snapshot!(html(&screen));
}

#[test]
fn controls() {
    let option = |label: &str, hint: &str, selected| OptionControl {
        label: label.to_owned(),
        hint: hint.to_owned(),
        selected,
        action: Action::Back,
    };
    let screen = Screen::new()
        .group(Group::row([
            Control::primary("Start", Action::Skip),
            Control::danger(
                "Delete",
                Action::Cancel,
                Confirmation {
                    question: "Delete maya for good?".to_owned(),
                    proceed: "Delete".to_owned(),
                    keep: "Keep".to_owned(),
                },
            ),
            Control::Link {
                label: "Docs".to_owned(),
                url: "https://example.org/docs".to_owned(),
            },
        ]))
        .group(Group::list([
            Control::Choice(Choice {
                label: "Captions".to_owned(),
                multiple: false,
                options: vec![
                    option("By hand", "", false),
                    option("By a model", "about 20 s", true),
                ],
            }),
            Control::Toggle(Toggle {
                label: "Private".to_owned(),
                on: true,
                action: Action::Skip,
            }),
        ]))
        .group(Group::navigation([Control::button("Back", Action::Back)]));
    insta::assert_snapshot!(html(&screen));
}

#[test]
fn form_with_a_problem() {
    let screen = Screen::new().prompt(Prompt::Form {
        title: "Settings".to_owned(),
        fields: vec![FormField {
            name: "steps".to_owned(),
            label: "Steps".to_owned(),
            hint: "100 to 4000".to_owned(),
            value: "9\"9".to_owned(),
            max_chars: 5,
            multiline: false,
            problem: "A number, please.".to_owned(),
        }],
        submit: "Save".to_owned(),
        action: Action::Skip,
    });
    insta::assert_snapshot!(html(&screen));
}

#[test]
fn hints_for_the_composer() {
    let images = Screen::new().prompt(Prompt::Images {
        hint: "Send pictures".to_owned(),
        have: 3,
        min: 4,
        max: 20,
    });
    let text = Screen::new().prompt(Prompt::Text {
        hint: "A name".to_owned(),
        value: "maya".to_owned(),
        max_chars: 40,
        multiline: false,
    });
    insta::assert_snapshot!(format!("{}\n{}", html(&images), html(&text)));
}

#[test]
fn a_tight_room_says_what_it_lost() {
    let mut room = room();
    room.text.message = 10;
    room.menu.label = 5;
    room.menu.total = 1;
    room.images = Support::Fallback;
    let screen = Screen::new()
        .heading("A heading that is far too long")
        .block(Block::Image {
            blob: blob(1),
            alt: "A cat".to_owned(),
        })
        .group(Group::row([
            Control::button("A long label", Action::Back),
            Control::button("Skip", Action::Skip),
        ]));
    let rendered = render(&screen, stamp(), &room);
    let shortened = |what: &str| Degradation::Shortened {
        what: what.to_owned(),
    };
    let replaced = |what: &str, with: &str| Degradation::Replaced {
        what: what.to_owned(),
        with: with.to_owned(),
    };
    assert_eq!(
        rendered.degradations,
        [
            shortened("heading"),
            replaced("image", "description"),
            shortened("image"),
            shortened("label"),
            replaced("controls", "disclosure"),
        ]
    );
    insta::assert_snapshot!(rendered.messages[0].html.replace("><", ">\n<"));
}
