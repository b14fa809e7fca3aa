//! The suite of every renderer, on messages as the platform reads them: in private, and in a group.

mod reading;

use lorikeet_chat::{
    Art, Block, Capabilities, Page, Present, Rendered, Screen, Stamp, Support, Surface,
};
use lorikeet_renderer_suite::{Offered, Rendering, Target, rooms, screens};
use lorikeet_renderer_telegram::{Does, Payload, Room, limits, render};
use proptest::prelude::*;
use reading::{buttons, data, parse};
use serde_json::{Value, json};

/// What an adapter adds to what a button carries.
const OWNER: &str = "~1abcdefghijkl";

/// What is longer cannot be read on its place in a sheet.
const DRAWN: usize = 12;

struct Chat<const GROUP: bool>;
type Private = Chat<false>;
type Group = Chat<true>;

fn shown(
    screen: &Screen,
    stamp: Stamp,
    capabilities: &Capabilities,
    page: Page,
    group: bool,
) -> Rendered<Payload> {
    let present = Present {
        screen: screen.clone(),
        stamp,
        surface: Surface::Edit,
        page,
    };
    render(
        &present,
        &Room {
            capabilities,
            group,
        },
    )
}

impl<const GROUP: bool> Rendering for Chat<GROUP> {
    type Message = Payload;
    type Page = Page;

    const OFFERED: Offered = Offered::OnceAPage;

    fn render(
        screen: &Screen,
        stamp: Stamp,
        room: &Capabilities,
        page: &Page,
    ) -> Rendered<Payload> {
        shown(screen, stamp, room, *page, GROUP)
    }

    fn turns(message: &Payload) -> Vec<Page> {
        let pages = buttons(message).filter_map(|button| match &button.does {
            Does::Turn(token) => Some(token.page),
            Does::Press(_) | Does::Open(_) => None,
        });
        // A file is sent, and the page stays.
        pages
            .filter(|page| !matches!(page, Page::File(_)))
            .collect()
    }

    fn targets(message: &Payload) -> Vec<Target> {
        let target = |button: &lorikeet_renderer_telegram::Button| match &button.does {
            Does::Press(token) => Some(Target::Press {
                token: *token,
                label: button.label.clone(),
            }),
            Does::Open(url) => Some(Target::Open { url: url.clone() }),
            Does::Turn(_) => None,
        };
        buttons(message).filter_map(target).collect()
    }

    fn texts(message: &Payload) -> Vec<String> {
        texts(message)
    }

    fn skeleton(message: &Payload) -> String {
        let art: Vec<&str> = message
            .art
            .iter()
            .map(|art| match art {
                Art::Picture { .. } => "picture",
                Art::Sheet(_) => "sheet",
                Art::Chart(_) => "chart",
            })
            .collect();
        let keyboard: Vec<Vec<String>> = message
            .keyboard
            .iter()
            .map(|row| {
                let button = |button: &lorikeet_renderer_telegram::Button| {
                    format!("{:?} {}", button.style, data(&button.does))
                };
                row.iter().map(button).collect()
            })
            .collect();
        let tags = parse(&message.text).map(|parsed| parsed.tags);
        format!("{art:?} {tags:?} {keyboard:?} {}", message.reply.is_some())
    }

    fn check(message: &Payload, room: &Capabilities) -> Result<(), String> {
        check(message, room)?;
        match (&message.reply, GROUP) {
            (Some(_), false) => Err("a reply is asked for in private".to_owned()),
            _ => Ok(()),
        }
    }

    fn best_room() -> Capabilities {
        lorikeet_renderer_telegram::capabilities()
    }

    fn as_meant(screen: &Screen) -> bool {
        // A line has room for the name of one step.
        !screen
            .blocks
            .iter()
            .any(|block| matches!(block, Block::Steps { labels, .. } if labels.len() != 1))
    }

    fn room(capabilities: Capabilities) -> Capabilities {
        let mut room = capabilities;
        room.menu.buttons = Support::Full;
        room
    }
}

/// What is read, in order: the pictures' own words, the text line by line, the buttons.
fn texts(message: &Payload) -> Vec<String> {
    let mut runs = Vec::new();
    for art in &message.art {
        match art {
            Art::Picture { .. } => {}
            Art::Sheet(tiles) => {
                let labels = tiles.iter().map(|tile| tile.label.clone());
                runs.extend(labels.filter(|label| label.chars().count() <= DRAWN));
            }
            Art::Chart(chart) => runs.extend([chart.title.clone(), chart.x_label.clone()]),
        }
    }
    // What cannot be parsed is said by the check of limits.
    let parsed = parse(&message.text).unwrap_or_default();
    runs.extend(parsed.text.split('\n').map(str::to_owned));
    runs.extend(buttons(message).map(|button| button.label.clone()));
    runs
}

fn most(what: &str, is: usize, most: usize) -> Result<(), String> {
    if is <= most {
        Ok(())
    } else {
        Err(format!("{is} {what} where {most} are allowed"))
    }
}

fn check(message: &Payload, room: &Capabilities) -> Result<(), String> {
    let text = parse(&message.text)?.text;
    let captioned = !message.art.is_empty() || message.document.is_some();
    let limit = if captioned { 1_024 } else { 4_096 };
    most("UTF-16 units", text.encode_utf16().count(), limit)?;
    let measured = room.text.unit.measure(&text);
    most("units of text", measured, room.text.message as usize)?;
    if text.trim().is_empty() && (message.art.is_empty() || !text.is_empty()) {
        return Err("an empty text".to_owned());
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(format!("control characters in {text:?}"));
    }
    if !message.art.is_empty() && room.images < Support::Partial {
        return Err("a picture where there are none".to_owned());
    }
    if let Some(reply) = &message.reply {
        most(
            "characters of a placeholder",
            reply.placeholder.chars().count(),
            64,
        )?;
        if reply.placeholder.is_empty() || captioned || !message.keyboard.is_empty() {
            return Err("a reply is asked for with something else".to_owned());
        }
    }
    if message.document.is_some() && (!message.art.is_empty() || !message.keyboard.is_empty()) {
        return Err("a file with something else".to_owned());
    }
    keyboard(message, room)
}

fn keyboard(message: &Payload, room: &Capabilities) -> Result<(), String> {
    let total = buttons(message).count();
    most("buttons", total, room.menu.total.min(100) as usize)?;
    for row in &message.keyboard {
        most("side by side", row.len(), room.menu.per_row.min(8) as usize)?;
        if row.is_empty() {
            return Err("an empty row".to_owned());
        }
    }
    for button in buttons(message) {
        let characters = button.label.chars().count();
        most(
            "characters of a label",
            characters,
            room.menu.label.min(64) as usize,
        )?;
        if button.label.trim().is_empty() || button.label.contains(char::is_control) {
            return Err(format!("a button says {:?}", button.label));
        }
        if !matches!(button.does, Does::Open(_)) {
            let carried = data(&button.does) + OWNER;
            most("bytes of callback data", carried.len(), 64)?;
        }
    }
    let rows: Vec<Vec<Value>> = message
        .keyboard
        .iter()
        .map(|row| row.iter().map(markup).collect())
        .collect();
    let bytes = json!({ "inline_keyboard": rows })["inline_keyboard"]
        .to_string()
        .len();
    most("bytes of markup", bytes, 10_000)
}

fn markup(button: &lorikeet_renderer_telegram::Button) -> Value {
    let mut markup = json!({ "text": button.label });
    match &button.does {
        Does::Open(url) => markup["url"] = json!(url),
        does => markup["callback_data"] = json!(data(does) + OWNER),
    }
    if let Some(style) = button.style {
        markup["style"] = json!(style);
    }
    markup
}

mod private {
    use super::Private;
    lorikeet_renderer_suite::conformance!(Private);
}

/// What a group changes: where the hint stands, and a message more.
mod group {
    use super::Group;
    lorikeet_renderer_suite::conformance! { Group:
        messages_keep_the_limits
        every_word_is_shown_or_reported
        graphemes_stay_whole
        what_fits_is_not_degraded
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// A file is one message, and nothing else is.
    #[test]
    fn a_file_is_a_message_of_its_own(screen in screens::screen(), room in rooms::room(), number in 0..4_u32) {
        let files = screen.blocks.iter().filter(|block| matches!(block, Block::File(_))).count();
        let rendered = shown(&screen, Stamp::default(), &room, Page::File(number), true);
        if (number as usize) < files {
            prop_assert_eq!(rendered.messages.len(), 1);
            prop_assert!(rendered.messages[0].document.is_some());
            prop_assert_eq!(check(&rendered.messages[0], &room), Ok(()));
        } else {
            prop_assert_eq!(rendered, shown(&screen, Stamp::default(), &room, Page::First, true));
        }
    }

    /// Whoever keeps an old button comes to the first page.
    #[test]
    fn a_page_that_is_not_there_is_the_first(screen in screens::screen(), number in any::<u32>()) {
        let room = lorikeet_renderer_telegram::capabilities();
        let first = shown(&screen, Stamp::default(), &room, Page::First, false);
        for page in [Page::More(1_000), Page::Question(number.max(10_000)), Page::Field(number.max(100))] {
            prop_assert_eq!(&shown(&screen, Stamp::default(), &room, page, false), &first);
        }
    }

    /// In a group the last message asks for a reply, wherever something is to be typed or sent.
    #[test]
    fn a_group_is_asked_for_replies(screen in screens::screen()) {
        use lorikeet_chat::Prompt;
        let room = lorikeet_renderer_telegram::capabilities();
        let first = shown(&screen, Stamp::default(), &room, Page::First, true);
        let asks = matches!(screen.prompt, Some(Prompt::Text { .. } | Prompt::Number { .. } | Prompt::Images { .. }));
        prop_assert_eq!(first.messages.last().unwrap().reply.is_some(), asks);
        prop_assert_eq!(first.messages.iter().filter(|message| message.reply.is_some()).count(), usize::from(asks));
        let before = first.messages.len() - usize::from(asks);
        prop_assert!(first.messages[..before - 1].iter().all(|message| message.keyboard.is_empty()));
    }
}

#[test]
fn the_documented_limits_are_what_the_tests_check() {
    assert_eq!(
        (limits::MESSAGE, limits::CAPTION, limits::CALLBACK_DATA),
        (4_096, 1_024, 64)
    );
    assert_eq!(limits::OWNER, OWNER.len());
}
