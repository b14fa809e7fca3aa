//! The suite of every renderer, on messages as the platform reads them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod reading;

use lorikeet_chat::{
    Art, Block, Capabilities, Page, Present, Rendered, Screen, Stamp, Support, Surface,
};
use lorikeet_renderer_matrix::{
    Awaits, Content, Does, Key, Mentions, Payload, Relation, Reply, Room, Shown, Text, Typed,
    Words, limits, reaction, render, typed,
};
use lorikeet_renderer_suite::{Offered, Rendering, Target, rooms, screens};
use proptest::prelude::*;
use reading::parse;
use serde_json::{Value, json};

/// What is longer cannot be read on its place in a sheet.
const DRAWN: usize = 12;

struct Matrix;

/// A message, and with the last of a screen what can be chosen.
#[derive(Clone, Debug, PartialEq)]
struct Message {
    payload: Payload,
    keys: Vec<Key>,
}

fn room(capabilities: &Capabilities) -> Room<'_> {
    Room {
        capabilities,
        prefix: "!",
        polls: true,
        words: Words {
            on: "More",
            back: "Back",
        },
    }
}

fn shown(screen: &Screen, stamp: Stamp, capabilities: &Capabilities, page: Page) -> Shown {
    let present = Present {
        screen: screen.clone(),
        stamp,
        surface: Surface::Edit,
        page,
    };
    render(&present, &room(capabilities))
}

impl Rendering for Matrix {
    type Message = Message;
    type Page = Page;

    const OFFERED: Offered = Offered::OnceAPage;

    fn render(
        screen: &Screen,
        stamp: Stamp,
        room: &Capabilities,
        page: &Page,
    ) -> Rendered<Message> {
        let Shown {
            rendered,
            keys,
            polls,
            ..
        } = shown(screen, stamp, room, *page);
        for answer in polls.iter().flat_map(|poll| &poll.answers) {
            // What is voted for is what stands at its number.
            let label = &keys[answer.place].label;
            let is_it = label
                .trim_end_matches('…')
                .contains(answer.label.trim_end_matches('…'))
                || answer
                    .label
                    .starts_with(label.split_once(' ').unwrap().1.trim_end_matches('…'));
            assert!(is_it, "{answer:?} stands at {label:?}");
        }
        let last = rendered.messages.len().saturating_sub(1);
        let messages = rendered.messages.into_iter().enumerate();
        Rendered {
            messages: messages
                .map(|(number, payload)| Message {
                    payload,
                    keys: if number == last {
                        keys.clone()
                    } else {
                        Vec::new()
                    },
                })
                .collect(),
            degradations: rendered.degradations,
        }
    }

    fn turns(message: &Message) -> Vec<Page> {
        let pages = message.keys.iter().filter_map(|key| match &key.does {
            Does::Turn(token) => Some(token.page),
            Does::Press(_) => None,
        });
        // A file is sent, and the page stays.
        pages
            .filter(|page| !matches!(page, Page::File(_)))
            .collect()
    }

    fn targets(message: &Message) -> Vec<Target> {
        let pressed = message.keys.iter().filter_map(|key| match &key.does {
            Does::Press(token) => Some(Target::Press {
                token: *token,
                label: key.label.clone(),
            }),
            Does::Turn(_) => None,
        });
        let open = |url| Target::Open { url };
        pressed
            .chain(links(message).into_iter().map(open))
            .collect()
    }

    fn texts(message: &Message) -> Vec<String> {
        texts(&message.payload)
    }

    fn skeleton(message: &Message) -> String {
        match &message.payload {
            Payload::Picture { art, .. } => art.iter().fold(String::new(), |all, art| {
                all + match art {
                    Art::Picture { .. } => "picture ",
                    Art::Sheet(_) => "sheet ",
                    Art::Chart(_) => "chart ",
                }
            }),
            Payload::Text(text) => {
                let tags = parse(text.html.as_deref().unwrap_or_default()).map(|all| all.tags);
                let does: Vec<&Does> = message.keys.iter().map(|key| &key.does).collect();
                format!("{tags:?} {does:?}")
            }
            Payload::File(_) => "file".to_owned(),
        }
    }

    fn check(message: &Message, room: &Capabilities) -> Result<(), String> {
        check(message, room)
    }

    fn best_room() -> Capabilities {
        lorikeet_renderer_matrix::capabilities()
    }

    fn as_meant(screen: &Screen) -> bool {
        // Steps of which none is the current one.
        let aimless =
            |block: &Block| matches!(block, Block::Steps { labels, .. } if labels.is_empty());
        !screen.blocks.iter().any(aimless)
    }
}

/// Where links lead: of HTML, or addresses in brackets where there is none.
fn links(message: &Message) -> Vec<String> {
    let Payload::Text(text) = &message.payload else {
        return Vec::new();
    };
    if let Some(html) = &text.html {
        return parse(html).unwrap_or_default().links;
    }
    let linked = text.body.lines().filter(|line| line.contains("🔗 "));
    let words = linked.flat_map(str::split_whitespace);
    let addresses = words.filter_map(|word| word.strip_prefix("(http")?.strip_suffix(')'));
    addresses.map(|rest| format!("http{rest}")).collect()
}

/// What is read, in order: the pictures' own words, the text line by line.
fn texts(payload: &Payload) -> Vec<String> {
    match payload {
        Payload::Picture { art, .. } => {
            let mut runs = Vec::new();
            for art in art {
                match art {
                    Art::Picture { .. } => {}
                    Art::Sheet(tiles) => {
                        let labels = tiles.iter().map(|tile| tile.label.clone());
                        runs.extend(labels.filter(|label| label.chars().count() <= DRAWN));
                    }
                    Art::Chart(chart) => runs.extend([chart.title.clone(), chart.x_label.clone()]),
                }
            }
            runs
        }
        Payload::Text(text) => {
            let read = match &text.html {
                // What cannot be parsed is said by the check of limits.
                Some(html) => parse(html).unwrap_or_default().text,
                None => text.body.clone(),
            };
            read.split('\n').map(str::to_owned).collect()
        }
        Payload::File(file) => vec![file.name.clone()],
    }
}

fn most(what: &str, is: usize, most: usize) -> Result<(), String> {
    if is <= most {
        Ok(())
    } else {
        Err(format!("{is} {what} where {most} are allowed"))
    }
}

fn check(message: &Message, room: &Capabilities) -> Result<(), String> {
    let total = room.menu.total.clamp(5, 20) as usize;
    most("controls", message.keys.len(), total)?;
    for key in &message.keys {
        let characters = key.label.chars().count();
        most(
            "characters of a label",
            characters,
            room.menu.label.clamp(10, 120) as usize,
        )?;
        if key.label.trim().is_empty() || key.label.contains(char::is_control) {
            return Err(format!("a control says {:?}", key.label));
        }
    }
    match &message.payload {
        Payload::Picture { art, alt } => {
            if room.images < Support::Partial {
                return Err("a picture where there are none".to_owned());
            }
            if art.is_empty() || alt.trim().is_empty() || alt.contains('\n') {
                return Err(format!("a picture of {} with {alt:?}", art.len()));
            }
            most("characters of a description", alt.chars().count(), 300)
        }
        Payload::Text(text) => self::text(text, room),
        Payload::File(_) => Ok(()),
    }
}

fn text(text: &Text, room: &Capabilities) -> Result<(), String> {
    let written = text.html.as_ref().unwrap_or(&text.body);
    let limit = room.text.message.min(10_000) as usize;
    most("units of text", room.text.unit.measure(written), limit)?;
    if text.body.trim().is_empty() {
        return Err("an empty text".to_owned());
    }
    if text.html.is_some() && room.text.rich < Support::Partial {
        return Err("HTML where there is none".to_owned());
    }
    if text.body.chars().any(|c| c.is_control() && c != '\n') {
        return Err(format!("control characters in {:?}", text.body));
    }
    if let Some(html) = &text.html {
        let read = parse(html)?;
        // Both say the same, but for the addresses of links.
        let solid = |text: &str| text.split_whitespace().collect::<String>();
        if read.links.is_empty() && solid(&read.text) != solid(&text.body) {
            return Err(format!("{html:?} is not {:?}", text.body));
        }
    }
    let event = |id: &str| format!("${id:0>43}");
    let new = Content::new(text.clone(), Mentions::default());
    let thread = Relation::In {
        root: event("root"),
        reply: Reply::Below(event("last")),
    };
    for content in [
        new.clone().relating(Some(thread)),
        new.replacing(event("first")),
    ] {
        let sent = serde_json::to_value(&content).unwrap();
        most("bytes of content", sent.to_string().len(), limits::CONTENT)?;
        // Present on every event, or clients look for names in the text.
        for content in [Some(&sent), sent.get("m.new_content")]
            .into_iter()
            .flatten()
        {
            if content["m.mentions"] != json!({}) {
                return Err(format!("it mentions {}", content["m.mentions"]));
            }
        }
    }
    Ok(())
}

lorikeet_renderer_suite::conformance!(Matrix);

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// A file is one message, and nothing else is.
    #[test]
    fn a_file_is_a_message_of_its_own(screen in screens::screen(), room in rooms::room(), number in 0..4_u32) {
        let files = screen.files().count();
        let shown_file = shown(&screen, Stamp::default(), &room, Page::File(number));
        if (number as usize) < files {
            prop_assert!(matches!(shown_file.rendered.messages[..], [Payload::File(_)]));
            prop_assert!(shown_file.keys.is_empty());
        } else {
            prop_assert_eq!(shown_file, shown(&screen, Stamp::default(), &room, Page::First));
        }
    }

    /// Whoever keeps an old number comes to the first page.
    #[test]
    fn a_page_that_is_not_there_is_the_first(screen in screens::screen(), number in any::<u32>()) {
        let room = lorikeet_renderer_matrix::capabilities();
        let first = shown(&screen, Stamp::default(), &room, Page::First);
        for page in [Page::More(1_000), Page::Question(number.max(10_000)), Page::Field(number.max(100))] {
            prop_assert_eq!(&shown(&screen, Stamp::default(), &room, page), &first);
        }
    }

    /// Every control stands in the list with the sign that chooses it, in order, and what is typed as it says chooses it.
    #[test]
    fn controls_stand_at_their_numbers(screen in screens::screen(), capabilities in rooms::room()) {
        let Shown { rendered, keys, awaits, .. } = shown(&screen, Stamp::default(), &capabilities, Page::First);
        let solid = |text: &str| text.split_whitespace().collect::<String>();
        let bodies = rendered.messages.iter().map(|message| match message {
            Payload::Text(text) => solid(&text.body),
            _ => String::new(),
        });
        let all: String = bodies.collect();
        let reactions = capabilities.menu.buttons >= Support::Partial;
        let mut rest = all.as_str();
        let mut entries = Vec::new();
        for (place, key) in keys.iter().enumerate().rev() {
            let sign = match reaction(place).filter(|_| reactions) {
                Some(reaction) => reaction,
                None if awaits == Awaits::Choice => format!("{}.", place + 1),
                None => format!("!{}", place + 1),
            };
            let entry = solid(&(sign.clone() + &key.label));
            let at = rest.rfind(&entry);
            prop_assert!(at.is_some(), "{:?} is not in {:?}", entry, rest);
            rest = &rest[..at.unwrap()];
            entries.push((sign, place));
        }
        for (sign, place) in entries {
            let sign = if awaits == Awaits::Choice { sign } else { format!("!{}", place + 1) };
            prop_assert_eq!(typed(&sign, &keys, awaits, "!"), Typed::Key(place));
        }
    }
}

#[test]
fn an_edit_says_the_same_again() {
    let text = Text {
        body: "One\n\ntwo".to_owned(),
        html: Some("<p>One</p><p>two</p>".to_owned()),
    };
    let mentions = Mentions {
        user_ids: vec!["@ada:example.org".to_owned()],
    };
    let new = Content::new(text, mentions);
    let sent = serde_json::to_value(new.clone().replacing("$first".to_owned())).unwrap();
    assert_eq!(
        sent,
        json!({
            "msgtype": "m.text",
            "body": "* One\n\ntwo",
            "m.mentions": {},
            "m.relates_to": { "rel_type": "m.replace", "event_id": "$first" },
            "m.new_content": {
                "msgtype": "m.text",
                "body": "One\n\ntwo",
                "format": "org.matrix.custom.html",
                "formatted_body": "<p>One</p><p>two</p>",
                "m.mentions": { "user_ids": ["@ada:example.org"] },
            },
        })
    );
    let related = |relation| -> Value {
        serde_json::to_value(new.clone().relating(Some(relation))).unwrap()["m.relates_to"].clone()
    };
    let within = |reply| Relation::In {
        root: "$root".to_owned(),
        reply,
    };
    assert_eq!(
        [
            related(within(Reply::Below("$last".to_owned()))),
            related(within(Reply::To("$asked".to_owned()))),
            related(Relation::Answers("$asked".to_owned())),
        ],
        [
            json!({ "rel_type": "m.thread", "event_id": "$root", "is_falling_back": true, "m.in_reply_to": { "event_id": "$last" } }),
            json!({ "rel_type": "m.thread", "event_id": "$root", "is_falling_back": false, "m.in_reply_to": { "event_id": "$asked" } }),
            json!({ "m.in_reply_to": { "event_id": "$asked" } }),
        ]
    );
}
