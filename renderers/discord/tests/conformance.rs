//! The suite of every renderer, on messages as the platform reads them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod borders;
mod check;
mod reading;

use lorikeet_chat::{
    Art, Block, Capabilities, Page, PageToken, Present, Prompt, Rendered, Screen, Stamp, Support,
    Surface, Token,
};
use lorikeet_renderer_discord::{Payload, Room, limits, modal, render};
use lorikeet_renderer_suite::{Offered, Rendering, Target, rooms, screens};
use proptest::prelude::*;
use reading::{components, list, markdown, modals, parse, text};
use serde_json::Value;

struct Discord;

/// A message, as it is sent.
#[derive(Clone, Debug, PartialEq)]
struct Message {
    payload: Payload,
    json: Value,
    /// What sending a form with this many fields does.
    submit: Option<(usize, Token)>,
    /// Whether some text is nothing but backticks, or what the suite has put in their place: nothing is left of it to be code.
    ticks: bool,
}

/// Whether one of these texts is nothing but backticks or the letter that the suite writes instead.
fn ticks(texts: &Value) -> bool {
    match texts {
        Value::String(text) => {
            let tick = |c: char| matches!(c, '`' | 'ռ');
            // What is not sent either.
            let dropped = |c: char| {
                c.is_whitespace()
                    || c.is_control()
                    || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            };
            text.contains(tick) && text.chars().all(|c| tick(c) || dropped(c))
        }
        Value::Array(all) => all.iter().any(ticks),
        Value::Object(all) => all.values().any(ticks),
        _ => false,
    }
}

fn present(screen: &Screen, stamp: Stamp, page: Page) -> Present {
    Present {
        screen: screen.clone(),
        stamp,
        surface: Surface::Edit,
        page,
    }
}

fn shown(
    screen: &Screen,
    stamp: Stamp,
    capabilities: &Capabilities,
    page: Page,
) -> Rendered<Payload> {
    render(&present(screen, stamp, page), &Room { capabilities })
}

/// A form with all the fields there are submits them: the action is the screen's last.
fn submit(screen: &Screen, stamp: Stamp) -> Option<(usize, Token)> {
    let Some(Prompt::Form { fields, .. }) = &screen.prompt else {
        return None;
    };
    let last = u32::try_from(screen.actions().len() - 1).unwrap();
    Some((fields.len(), stamp.token(last)))
}

impl Rendering for Discord {
    type Message = Message;
    type Page = Page;

    const OFFERED: Offered = Offered::OnceAPage;

    fn render(
        screen: &Screen,
        stamp: Stamp,
        room: &Capabilities,
        page: &Page,
    ) -> Rendered<Message> {
        let rendered = shown(screen, stamp, room, *page);
        let ticks = ticks(&serde_json::to_value(screen).unwrap());
        let message = |payload: Payload| Message {
            json: serde_json::to_value(&payload).unwrap(),
            payload,
            submit: submit(screen, stamp),
            ticks,
        };
        Rendered {
            messages: rendered.messages.into_iter().map(message).collect(),
            degradations: rendered.degradations,
        }
    }

    fn turns(message: &Message) -> Vec<Page> {
        let pages = components(&message.json)
            .filter_map(|control| text(control, "custom_id").parse::<PageToken>().ok())
            .map(|token| token.page);
        // A file is sent, and the page stays.
        pages
            .filter(|page| !matches!(page, Page::File(_)))
            .collect()
    }

    fn targets(message: &Message) -> Vec<Target> {
        let mut targets = Vec::new();
        for control in components(&message.json) {
            let label = || text(control, "label").to_owned();
            let carried = text(control, "custom_id");
            if control["url"].is_string() {
                let url = text(control, "url").to_owned();
                targets.push(Target::Open { url });
            }
            if let Ok(token) = carried.parse() {
                targets.push(Target::Press {
                    token,
                    label: label(),
                });
            }
            let opens = modals(&message.payload)
                .into_iter()
                .find(|modal| text(modal, "custom_id") == carried);
            if let (Some(form), Some((fields, token))) = (opens, message.submit)
                && components(&form).count() == fields
            {
                targets.push(Target::Press {
                    token,
                    label: label(),
                });
            }
            for option in list(control, "options") {
                targets.push(Target::Press {
                    token: text(option, "value").parse().unwrap(),
                    label: text(option, "label").to_owned(),
                });
            }
        }
        targets
    }

    fn texts(message: &Message) -> Vec<String> {
        texts(&message.payload, &message.json)
    }

    fn skeleton(message: &Message) -> String {
        skeleton(message)
    }

    fn check(message: &Message, room: &Capabilities) -> Result<(), String> {
        check::message(&message.payload, &message.json, room)
    }

    fn best_room() -> Capabilities {
        lorikeet_renderer_discord::capabilities()
    }

    fn as_meant(screen: &Screen) -> bool {
        // The small print has no place for steps of which none is the current one.
        let aimless =
            |block: &Block| matches!(block, Block::Steps { labels, .. } if labels.is_empty());
        !screen.blocks.iter().any(aimless)
    }

    fn room(capabilities: Capabilities) -> Capabilities {
        let mut room = capabilities;
        room.menu.buttons = Support::Full;
        room.forms = Support::Full;
        room
    }
}

fn skeleton(message: &Message) -> String {
    let tags = |value: &Value, key: &str| {
        let mut tags = parse(text(value, key)).map(|parsed| parsed.tags);
        if let (Ok(tags), true) = (&mut tags, message.ticks) {
            tags.retain(|tag| *tag != "code");
        }
        format!("{tags:?}")
    };
    let there = |value: &Value, key: &str| !value[key].is_null();
    let mut all = vec![tags(&message.json, "content")];
    for art in &message.payload.art {
        all.push(
            match art {
                Art::Picture { .. } => "picture",
                Art::Sheet(_) => "sheet",
                Art::Chart(_) => "chart",
            }
            .to_owned(),
        );
    }
    for embed in list(&message.json, "embeds") {
        all.extend([tags(embed, "title"), tags(embed, "description")]);
        for field in list(embed, "fields") {
            let inline = field["inline"].to_string();
            all.extend([inline, tags(field, "name"), tags(field, "value")]);
        }
        all.push(format!(
            "{} {} {}",
            embed["color"],
            embed["image"],
            there(embed, "footer")
        ));
    }
    let components = |value: &Value| {
        let mut rows = Vec::new();
        for row in list(value, "components") {
            let mut all = Vec::new();
            for control in list(row, "components") {
                let mut bare = control.clone();
                for words in ["label", "value", "placeholder"] {
                    if there(control, words) {
                        bare[words] = Value::Bool(true);
                    }
                }
                for option in bare["options"].as_array_mut().into_iter().flatten() {
                    option["label"] = Value::Bool(true);
                    if !option["description"].is_null() {
                        option["description"] = Value::Bool(true);
                    }
                }
                all.push(bare);
            }
            rows.push(all);
        }
        serde_json::to_string(&rows).unwrap()
    };
    all.push(components(&message.json));
    for modal in modals(&message.payload) {
        all.extend([text(&modal, "custom_id").to_owned(), components(&modal)]);
    }
    all.join("\n")
}

/// What is longer cannot be read on its place in a sheet.
const DRAWN: usize = 12;

/// What is read, in order: the message's text line by line, the pictures' own words, the controls, the forms.
fn texts(payload: &Payload, message: &Value) -> Vec<String> {
    let mut runs = Vec::new();
    for markdown in markdown(message) {
        // What cannot be parsed is said by the check of limits.
        let parsed = parse(markdown).unwrap_or_default();
        runs.extend(parsed.text.split('\n').map(str::to_owned));
    }
    let own = |value: &Value, key: &str| text(value, key).split('\n').map(str::to_owned).collect();
    for embed in list(message, "embeds") {
        let footer: Vec<String> = own(&embed["footer"], "text");
        runs.extend(footer);
    }
    for art in &payload.art {
        match art {
            Art::Picture { .. } => {}
            Art::Sheet(tiles) => {
                let labels = tiles.iter().map(|tile| tile.label.clone());
                runs.extend(labels.filter(|label| label.chars().count() <= DRAWN));
            }
            Art::Chart(chart) => runs.extend([chart.title.clone(), chart.x_label.clone()]),
        }
    }
    for control in components(message) {
        runs.push(text(control, "label").to_owned());
        let options = list(control, "options");
        if options.iter().all(|option| option["default"] != true) {
            runs.push(text(control, "placeholder").to_owned());
        }
        for option in options {
            runs.extend([text(option, "label"), text(option, "description")].map(str::to_owned));
        }
    }
    for modal in modals(payload) {
        runs.push(text(&modal, "title").to_owned());
        for input in components(&modal) {
            runs.push(text(input, "label").to_owned());
            let value: Vec<String> = own(input, "value");
            if value.iter().all(String::is_empty) {
                runs.push(text(input, "placeholder").to_owned());
            }
            runs.extend(value);
        }
    }
    runs
}

lorikeet_renderer_suite::conformance!(Discord);

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// A file is one message, and nothing else is.
    #[test]
    fn a_file_is_a_message_of_its_own(screen in screens::screen(), room in rooms::room(), number in 0..4_u32) {
        let files = screen.files().count();
        let rendered = shown(&screen, Stamp::default(), &room, Page::File(number));
        if (number as usize) < files {
            prop_assert_eq!(rendered.messages.len(), 1);
            let Payload { document, art, rows, .. } = &rendered.messages[0];
            prop_assert!(document.is_some() && art.is_empty() && rows.is_empty());
        } else {
            prop_assert_eq!(rendered, shown(&screen, Stamp::default(), &room, Page::First));
        }
    }

    /// Whoever keeps an old button comes to the first page.
    #[test]
    fn a_page_that_is_not_there_is_the_first(screen in screens::screen(), number in any::<u32>()) {
        let room = lorikeet_renderer_discord::capabilities();
        let first = shown(&screen, Stamp::default(), &room, Page::First);
        for page in [Page::More(1_000), Page::Question(number.max(10_000)), Page::Field(number.max(100))] {
            prop_assert_eq!(&shown(&screen, Stamp::default(), &room, page), &first);
        }
    }

    /// The picture is in the first message, the controls and their forms are below the last; a form can be had by its name alone.
    #[test]
    fn pictures_come_first_and_controls_last(screen in screens::screen(), room in rooms::room(), number in 0..3_u32) {
        let page = if number == 0 { Page::First } else { Page::More(number) };
        let messages = shown(&screen, Stamp::default(), &room, page).messages;
        for message in &messages[1..] {
            prop_assert!(message.art.is_empty());
        }
        for message in &messages[..messages.len() - 1] {
            prop_assert!(message.rows.is_empty() && message.modals.is_empty());
        }
        let present = present(&screen, Stamp::default(), Page::First);
        let room = Room { capabilities: &room };
        for form in &messages[messages.len() - 1].modals {
            let found = modal(&present, &room, form.custom_id);
            prop_assert_eq!(found.as_ref(), Some(form));
        }
        let other = PageToken { stamp: Stamp { revision: 1, ..Stamp::default() }, page: Page::Field(0) };
        prop_assert_eq!(modal(&present, &room, other), None);
    }
}

#[test]
fn the_documented_limits_are_what_the_tests_check() {
    use twilight_validate::{component, embed, message};
    assert_eq!(
        [
            limits::CONTENT as usize,
            limits::TITLE,
            limits::DESCRIPTION,
            limits::FIELDS,
            limits::FIELD_NAME,
            limits::FIELD_VALUE,
            limits::FOOTER,
            limits::EMBEDS,
            limits::MESSAGE as usize,
        ],
        [
            message::MESSAGE_CONTENT_LENGTH_MAX,
            embed::TITLE_LENGTH,
            embed::DESCRIPTION_LENGTH,
            embed::FIELD_COUNT,
            embed::FIELD_NAME_LENGTH,
            embed::FIELD_VALUE_LENGTH,
            embed::FOOTER_TEXT_LENGTH,
            message::EMBED_COUNT_LIMIT,
            embed::EMBED_TOTAL_LENGTH,
        ]
    );
    assert_eq!(
        [
            limits::ROWS,
            limits::PER_ROW as usize,
            limits::LABEL as usize,
            limits::CUSTOM_ID,
            limits::OPTIONS as usize,
            limits::OPTION,
            limits::CHOICE,
            limits::INPUT_LABEL,
            limits::PLACEHOLDER,
            limits::INPUT as usize,
        ],
        [
            component::COMPONENT_COUNT,
            component::ACTION_ROW_COMPONENT_COUNT,
            component::COMPONENT_BUTTON_LABEL_LENGTH,
            component::COMPONENT_CUSTOM_ID_LENGTH,
            component::SELECT_OPTION_COUNT,
            component::SELECT_OPTION_LABEL_LENGTH,
            component::SELECT_PLACEHOLDER_LENGTH,
            component::TEXT_INPUT_LABEL_MAX,
            component::TEXT_INPUT_PLACEHOLDER_MAX,
            component::TEXT_INPUT_LENGTH_MAX,
        ]
    );
}
