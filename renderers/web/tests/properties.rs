//! Any screen in any room: no control lost, nothing unescaped, nothing the page's content policy would refuse.

use std::collections::BTreeSet;

use lorikeet_chat::{
    Action, BlobId, Block, Button, Capabilities, Chart, Choice, Confirmation, Control, Field,
    FileBlock, FileLimits, FormField, Group, Layout, Level, MenuLimits, OptionControl, Point,
    Prompt, Role, Screen, Series, SessionTag, Span, Stamp, Support, TextLimits, TextUnit, Tile,
    TileState, Timestamp, Toggle,
};
use lorikeet_renderer_web::{FILL_FORM, PRESS_FORM, TOKEN, render};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use scraper::{Html, Selector};

/// Text as people and attackers write it.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        select(vec![
            "",
            " ",
            "<script>alert(1)</script>",
            "\" onmouseover=\"alert(1)\" x=\"",
            "' autofocus onfocus='x",
            "</textarea></button></form><img src=x onerror=alert(1)>",
            "<!-- ",
            "]]> &lt; &#x3c;",
            "\nleading newline",
            "javascript:alert(1)",
            "\u{202e}right to left\u{0}",
            "🦜🦜🦜 lorikeet",
        ])
        .prop_map(str::to_owned),
    ]
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>(),
        -10.0..10.0_f64,
        select(vec![
            0.0,
            -0.0,
            f64::MAX,
            f64::MIN,
            f64::NAN,
            f64::INFINITY,
            f64::MIN_POSITIVE
        ]),
    ]
}

fn blob() -> impl Strategy<Value = BlobId> {
    any::<[u8; 32]>().prop_map(BlobId::from_digest)
}

fn block() -> impl Strategy<Value = Block> {
    let span = prop_oneof![
        text().prop_map(Span::Plain),
        text().prop_map(Span::Strong),
        text().prop_map(Span::Code),
    ];
    let field = (text(), text()).prop_map(|(label, value)| Field { label, value });
    let state = select(vec![
        TileState::Empty,
        TileState::Arriving,
        TileState::Filled,
        TileState::Complete,
        TileState::Problem,
    ]);
    let tile = (text(), text(), state, of(blob())).prop_map(|(label, note, state, image)| Tile {
        label,
        note,
        state,
        image,
    });
    let point = (number(), number()).prop_map(|(x, y)| Point { x, y });
    let series = (text(), vec(point, 0..8)).prop_map(|(name, points)| Series { name, points });
    let level = select(vec![
        Level::Info,
        Level::Success,
        Level::Warning,
        Level::Error,
    ]);
    prop_oneof![
        text().prop_map(Block::Heading),
        vec(span, 0..4).prop_map(Block::Paragraph),
        vec(field, 0..4).prop_map(Block::Fields),
        vec(text(), 0..4).prop_map(Block::List),
        (blob(), text()).prop_map(|(blob, alt)| Block::Image { blob, alt }),
        vec(tile, 0..4).prop_map(Block::Gallery),
        (of(number()), text(), of(any::<u64>())).prop_map(|(fraction, label, eta)| {
            Block::Progress {
                fraction,
                label,
                eta: eta.map(Timestamp::from_micros),
            }
        }),
        (text(), text(), vec(series, 0..3)).prop_map(|(title, x_label, series)| Block::Chart(
            Chart {
                title,
                x_label,
                series
            }
        )),
        (blob(), text(), any::<u64>()).prop_map(|(blob, name, size)| Block::File(FileBlock {
            blob,
            name,
            size
        })),
        (level, text()).prop_map(|(level, text)| Block::Notice { level, text }),
        (vec(text(), 0..5), any::<u32>())
            .prop_map(|(labels, current)| Block::Steps { labels, current }),
    ]
}

fn control() -> impl Strategy<Value = Control> {
    let role = select(vec![Role::Normal, Role::Primary, Role::Danger]);
    let confirm = (text(), text(), text()).prop_map(|(question, proceed, keep)| Confirmation {
        question,
        proceed,
        keep,
    });
    let option =
        (text(), text(), any::<bool>()).prop_map(|(label, hint, selected)| OptionControl {
            label,
            hint,
            selected,
            action: Action::Back,
        });
    let url = prop_oneof![
        text(),
        select(vec![
            "https://example.org/a?b=c",
            "/file/x",
            "//evil.example",
            "/\\evil.example",
            "JAVASCRIPT:alert(1)",
            "data:text/html,x"
        ])
        .prop_map(str::to_owned)
    ];
    prop_oneof![
        (text(), role, of(confirm)).prop_map(|(label, role, confirm)| Control::Button(Button {
            label,
            role,
            confirm,
            action: Action::Skip,
        })),
        (text(), url).prop_map(|(label, url)| Control::Link { label, url }),
        (text(), any::<bool>(), vec(option, 0..6)).prop_map(|(label, multiple, options)| {
            Control::Choice(Choice {
                label,
                multiple,
                options,
            })
        }),
        (text(), any::<bool>()).prop_map(|(label, on)| Control::Toggle(Toggle {
            label,
            on,
            action: Action::Cancel,
        })),
    ]
}

fn group() -> impl Strategy<Value = Group> {
    let layout = prop_oneof![
        Just(Layout::Row),
        any::<u8>().prop_map(|columns| Layout::Grid { columns }),
        Just(Layout::List),
        Just(Layout::Navigation),
    ];
    (layout, vec(control(), 0..5)).prop_map(|(layout, controls)| Group { layout, controls })
}

fn prompt() -> impl Strategy<Value = Prompt> {
    let field = (
        (text(), text(), text()),
        (text(), any::<u32>(), any::<bool>(), text()),
    )
        .prop_map(
            |((name, label, hint), (value, max_chars, multiline, problem))| FormField {
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
        (text(), text(), any::<u32>(), any::<bool>()).prop_map(
            |(hint, value, max_chars, multiline)| Prompt::Text {
                hint,
                value,
                max_chars,
                multiline
            }
        ),
        (text(), number(), number()).prop_map(|(hint, min, max)| Prompt::Number { hint, min, max }),
        (text(), any::<[u32; 3]>()).prop_map(|(hint, [have, min, max])| Prompt::Images {
            hint,
            have,
            min,
            max
        }),
        (text(), vec(field, 0..4), text()).prop_map(|(title, fields, submit)| Prompt::Form {
            title,
            fields,
            submit,
            action: Action::Back,
        }),
    ]
}

fn screen() -> impl Strategy<Value = Screen> {
    (vec(block(), 0..8), vec(group(), 0..4), of(prompt())).prop_map(|(blocks, menu, prompt)| {
        Screen {
            blocks,
            menu,
            prompt,
            ..Screen::default()
        }
    })
}

fn limit() -> impl Strategy<Value = u32> {
    prop_oneof![0..6_u32, 0..200_u32, Just(u32::MAX)]
}

fn capabilities() -> impl Strategy<Value = Capabilities> {
    let support = || {
        select(vec![
            Support::Rejected,
            Support::Dropped,
            Support::Fallback,
            Support::Partial,
            Support::Full,
        ])
    };
    let unit = select(vec![TextUnit::Chars, TextUnit::Utf16, TextUnit::Bytes]);
    (
        (limit(), unit, support()),
        (support(), limit(), limit(), limit(), limit()),
        (any::<u64>(), any::<u64>(), limit()),
        (support(), support(), support(), limit()),
    )
        .prop_map(|(text, menu, files, rest)| Capabilities {
            text: TextLimits {
                message: text.0,
                unit: text.1,
                rich: text.2,
            },
            menu: MenuLimits {
                buttons: menu.0,
                per_row: menu.1,
                total: menu.2,
                label: menu.3,
                options: menu.4,
            },
            files: FileLimits {
                receive: files.0,
                send: files.1,
                per_message: files.2,
            },
            images: rest.0,
            forms: rest.1,
            edits: rest.2,
            edits_per_minute: rest.3,
        })
}

fn stamp() -> impl Strategy<Value = Stamp> {
    (any::<u64>(), any::<u64>()).prop_map(|(generation, revision)| Stamp {
        tag: SessionTag::from_generation(generation),
        revision,
    })
}

const ELEMENTS: &[&str] = &[
    "html",
    "div",
    "h2",
    "h3",
    "p",
    "strong",
    "code",
    "dl",
    "dt",
    "dd",
    "ul",
    "ol",
    "li",
    "figure",
    "figcaption",
    "img",
    "a",
    "span",
    "b",
    "progress",
    "time",
    "svg",
    "desc",
    "line",
    "text",
    "polyline",
    "circle",
    "button",
    "fieldset",
    "legend",
    "details",
    "summary",
    "label",
    "input",
    "textarea",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn every_action_is_on_the_page_exactly_once(
        screen in screen(), stamp in stamp(), capabilities in capabilities()
    ) {
        let rendered = render(&screen, stamp, &capabilities);
        prop_assert_eq!(rendered.messages.len(), 1);
        let page = Html::parse_fragment(&rendered.messages[0].html);
        let buttons = Selector::parse(&format!("button[type=submit][name={TOKEN}]")).unwrap();
        let mut found: Vec<String> = Vec::new();
        for button in page.select(&buttons) {
            let form = button.attr("form").unwrap_or_default();
            prop_assert!(form == PRESS_FORM || form == FILL_FORM);
            // A button without words has no name for a screen reader.
            prop_assert!(!button.text().collect::<String>().trim().is_empty());
            found.push(button.attr("value").unwrap_or_default().to_owned());
        }
        found.sort();
        let actions = u32::try_from(screen.actions().len()).unwrap();
        let mut wanted: Vec<String> = (0..actions).map(|index| stamp.token(index).to_string()).collect();
        wanted.sort();
        prop_assert_eq!(found, wanted);
    }

    #[test]
    fn nothing_in_a_screen_becomes_markup(
        screen in screen(), stamp in stamp(), capabilities in capabilities()
    ) {
        let html = render(&screen, stamp, &capabilities).messages.remove(0).html;
        let page = Html::parse_fragment(&html);
        let mut ids = BTreeSet::new();
        for element in page.root_element().descendent_elements() {
            let name = element.value().name();
            prop_assert!(ELEMENTS.contains(&name), "unknown element {}", name);
            for (attribute, value) in element.value().attrs() {
                prop_assert!(!attribute.starts_with("on") && attribute != "style", "{}", attribute);
                if attribute == "id" {
                    prop_assert!(ids.insert(value.to_owned()), "id {} twice", value);
                }
                if attribute == "href" || attribute == "src" {
                    let own = value.starts_with('/') && !value.starts_with("//") && !value.starts_with("/\\");
                    let web = value.starts_with("https://") || value.starts_with("http://");
                    prop_assert!(own || web, "address {}", value);
                }
            }
        }
        // One root: hostile text did not close it.
        prop_assert_eq!(page.root_element().child_elements().count(), 1);
    }

    #[test]
    fn what_was_typed_is_there_to_edit(value in "[^\r\u{0}]*", problem in text()) {
        let field = |multiline| FormField {
            name: "caption".to_owned(),
            label: "Caption".to_owned(),
            hint: String::new(),
            value: value.clone(),
            max_chars: 300,
            multiline,
            problem: problem.clone(),
        };
        let screen = Screen::new().prompt(Prompt::Form {
            title: String::new(),
            fields: vec![field(true), field(false)],
            submit: "Save".to_owned(),
            action: Action::Back,
        });
        let html = render(&screen, Stamp::default(), &everything()).messages.remove(0).html;
        let page = Html::parse_fragment(&html);
        let area = page.select(&Selector::parse("textarea").unwrap()).next().unwrap();
        prop_assert_eq!(area.text().collect::<String>(), value.clone());
        let input = page.select(&Selector::parse("input").unwrap()).next().unwrap();
        prop_assert_eq!(input.attr("value").unwrap(), value.as_str());
    }
}

fn everything() -> Capabilities {
    Capabilities {
        text: TextLimits {
            message: u32::MAX,
            unit: TextUnit::Chars,
            rich: Support::Full,
        },
        menu: MenuLimits {
            buttons: Support::Full,
            per_row: 6,
            total: u32::MAX,
            label: u32::MAX,
            options: u32::MAX,
        },
        files: FileLimits {
            receive: u64::MAX,
            send: u64::MAX,
            per_message: u32::MAX,
        },
        images: Support::Full,
        forms: Support::Full,
        edits: Support::Full,
        edits_per_minute: 60,
    }
}
