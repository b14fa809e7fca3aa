//! Each of the platform's limits from both sides.

mod controls;
mod hostile;

use lorikeet_chat::{
    Block, Capabilities, Degradation, Field, Level, Page, Screen, Stamp, Support, Tile, TileState,
    Timestamp,
};
use lorikeet_renderer_discord::{Payload, capabilities};
use serde_json::Value;

use crate::reading::{list, text};
use crate::{check, shown};

/// A screen's messages, each of which the platform takes, and what was lost.
fn rendered(screen: &Screen, room: &Capabilities) -> (Vec<Payload>, Vec<Degradation>) {
    let rendered = shown(screen, Stamp::default(), room, Page::First);
    for message in &rendered.messages {
        check::message(message, &json(message), room).unwrap();
    }
    (rendered.messages, rendered.degradations)
}

fn json(message: &Payload) -> Value {
    serde_json::to_value(message).unwrap()
}

/// The only message of a screen, as it is sent.
fn only(screen: &Screen) -> Value {
    let (messages, _) = rendered(screen, &capabilities());
    assert_eq!(messages.len(), 1);
    json(&messages[0])
}

fn count(screen: &Screen) -> usize {
    rendered(screen, &capabilities()).0.len()
}

fn a(length: usize) -> String {
    "a".repeat(length)
}

#[test]
fn a_title_is_as_long_as_it_may_be() {
    let whole = |title: &str| {
        let embed = &only(&Screen::new().heading(title))["embeds"][0];
        (embed["title"].is_string(), embed["description"].is_string())
    };
    assert_eq!(whole(&a(256)), (true, false));
    assert_eq!(whole(&a(257)), (false, true));
    assert_eq!(whole(&"*".repeat(128)), (true, false));
    assert_eq!(whole(&"*".repeat(129)), (false, true));
    assert_eq!(whole(&"🦜".repeat(128)), (true, false));
    assert_eq!(whole(&"🦜".repeat(129)), (false, true));
}

#[test]
fn a_text_is_one_embed_as_long_as_that_holds_it() {
    assert_eq!(count(&Screen::new().text(a(4_096))), 1);
    assert_eq!(count(&Screen::new().text(a(4_097))), 2);
    assert_eq!(count(&Screen::new().text("_".repeat(2_048))), 1);
    assert_eq!(count(&Screen::new().text("_".repeat(2_049))), 2);
    assert_eq!(count(&Screen::new().heading("Title").text(a(4_096))), 1);
}

#[test]
fn all_text_of_a_message_has_a_limit_of_its_own() {
    // 256 + 4,096 + 8 · 206 are 6,000.
    let screen = |last: usize| {
        let mut fields = vec![Field::new(a(200), a(6)); 7];
        fields.push(Field::new(a(200), a(last)));
        let screen = Screen::new().heading(a(256)).text(a(4_096));
        screen.block(Block::Fields(fields))
    };
    assert_eq!(count(&screen(6)), 1);
    assert_eq!(count(&screen(7)), 2);
}

#[test]
fn facts_are_fields_as_far_as_they_fit() {
    let fields = |count: usize, label: usize, value: usize| {
        let mut all = vec![Field::new("f", "1"); count - 1];
        all.push(Field::new(a(label), a(value)));
        let embed = &only(&Screen::new().block(Block::Fields(all)))["embeds"][0];
        list(embed, "fields").len()
    };
    assert_eq!(fields(25, 1, 1), 25);
    assert_eq!(fields(26, 1, 1), 0);
    assert_eq!(fields(5, 256, 1_024), 5);
    assert_eq!(fields(5, 257, 1), 0);
    assert_eq!(fields(5, 1, 1_025), 0);
}

#[test]
fn small_print_is_short() {
    let footer = |labels: usize| {
        let labels = vec!["Step".to_owned(); labels];
        let steps = Block::Steps { labels, current: 1 };
        let (messages, lost) = rendered(&Screen::new().block(steps), &capabilities());
        let footer = &json(&messages[0])["embeds"][0]["footer"];
        (text(footer, "text").to_owned(), lost.len())
    };
    assert_eq!(footer(3), ("✓ Step · ● Step · ○ Step".to_owned(), 0));
    assert_eq!(footer(40), ("2/40 Step".to_owned(), 1));
    let steps = Block::Steps {
        labels: vec![a(3_000), a(3_000)],
        current: 0,
    };
    let screen = Screen::new().block(steps.clone()).block(steps);
    assert_eq!(count(&screen), 1);
}

#[test]
fn the_gravest_notice_is_the_colour() {
    let colour = |levels: &[Level]| {
        let screen = Screen::new().text("x");
        let noticed = |screen: Screen, level: &Level| screen.notice(*level, "y");
        only(&levels.iter().fold(screen, noticed))["embeds"][0]["color"].clone()
    };
    use Level::{Error, Info, Success, Warning};
    let alone = [Info, Success, Warning, Error].map(|level| colour(&[level]));
    assert_eq!(colour(&[]), alone[0]);
    assert_eq!(colour(&[Info, Success]), alone[1]);
    assert_eq!(colour(&[Warning, Success, Info]), alone[2]);
    assert_eq!(colour(&[Success, Error, Warning]), alone[3]);
    let different: std::collections::BTreeSet<String> =
        alone.iter().map(ToString::to_string).collect();
    assert_eq!(different.len(), 4);
}

#[test]
fn a_time_that_no_clock_shows_is_left_out() {
    let said = |seconds: u64| {
        let screen = Screen::new().block(Block::Progress {
            fraction: Some(0.5),
            label: "half".to_owned(),
            eta: Some(Timestamp::from_micros(seconds.saturating_mul(1_000_000))),
        });
        text(&only(&screen)["embeds"][0], "description").to_owned()
    };
    assert_eq!(said(7), "half\n▰▰▰▰▰▰▱▱▱▱▱▱ 50 % · ≈ <t:7:t>");
    assert!(said(8_640_000_000_000).contains("<t:8640000000000:t>"));
    assert_eq!(said(8_640_000_000_001), "half\n▰▰▰▰▰▰▱▱▱▱▱▱ 50 %");
}

#[test]
fn what_is_wrong_in_a_sheet_is_said_apart() {
    let tile = |label: &str, state| Tile {
        label: label.to_owned(),
        note: "a cat".to_owned(),
        state,
        image: None,
    };
    let tiles = vec![
        tile("1", TileState::Complete),
        tile("2", TileState::Problem),
        tile("3", TileState::Complete),
    ];
    let message = only(&Screen::new().block(Block::Gallery(tiles)));
    let said = text(&message["embeds"][0], "description");
    assert_eq!(said, "> ⚠️ 2: a cat\n> 1, 3: a cat");
}

#[test]
fn a_room_without_embeds_has_messages_of_plain_text() {
    let mut room = capabilities();
    room.text.rich = Support::Dropped;
    let screen = Screen::new().text(a(2_000));
    assert_eq!(rendered(&screen, &room).0.len(), 1);
    let (messages, _) = rendered(&Screen::new().text(a(2_001)), &room);
    assert_eq!(messages.len(), 2);
    assert!(messages.iter().all(|message| message.embeds.is_empty()));
}
