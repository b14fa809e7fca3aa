//! Texts that somebody wrote to break something.

use lorikeet_chat::{Action, Block, Control, Field, Group, Level, Prompt, Screen, Span};
use lorikeet_renderer_discord::capabilities;
use serde_json::Value;

use super::{json, only, rendered};
use crate::reading::{components, list, modals, parse, text};

/// Written to break out of whatever it is put into.
const HOSTILE: &[&str] = &[
    "*bold* **bold** _it_ __u__ ~~s~~ ||spoiler||",
    "`code` ``code`` ```\nfence\n``` `",
    "[text](https://evil.example) ![x](y) [a]: http://b",
    "<https://evil.example> https://evil.example/a_b_c discord://x",
    "@everyone @here <@1> <@!1> <@&2> <#3> </go:4> <t:5:R> <:a:6> <a:b:7> <id:home>",
    ":smile: :+1: 20:34:56",
    "# one\n## two\n-# three\n> four\n>>> five\n- six\n* seven\n+ eight\n1. nine\n  - ten\n99. x",
    "\\* \\\\ \\",
    "\u{2067}abc\u{2069} שלום עולם (1) مرحبا",
    "Z\u{351}\u{36b}\u{343}a\u{334}\u{335}l\u{320}g\u{33b}o e\u{301}\u{323} 👨‍👩‍👧‍👦 🇩🇪",
    "¯\\_(ツ)_/¯",
    "** ** * * ` ` _ _",
];

#[test]
fn hostile_text_is_read_to_the_letter_wherever_it_stands() {
    for text in HOSTILE {
        let spans = [
            Span::Plain((*text).to_owned()),
            Span::Strong((*text).to_owned()),
            Span::Code((*text).to_owned()),
            Span::Plain((*text).to_owned()),
        ];
        let message = only(&Screen::new().block(Block::Paragraph(spans.to_vec())));
        let parsed = parse(self::text(&message["embeds"][0], "description")).unwrap();
        assert_eq!(parsed.text, text.repeat(4));
        let marks = ["b", "/b", "code"];
        assert!(parsed.tags.iter().all(|tag| marks.contains(tag)), "{text}");

        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let screen = Screen::new()
            .heading(*text)
            .notice(Level::Info, *text)
            .block(Block::Fields(vec![Field::new(*text, "1"); 4]))
            .block(Block::List(vec![(*text).to_owned()]));
        let embed = &only(&screen)["embeds"][0];
        let read = |value: &Value, key: &str| parse(self::text(value, key)).unwrap();
        assert_eq!(read(embed, "title").text, line);
        assert_eq!(
            read(embed, "description").text,
            format!("ℹ️ {text}\n\n• {text}")
        );
        assert_eq!(read(embed, "description").tags, [""; 0]);
        assert_eq!(read(&list(embed, "fields")[0], "name").text, line);
    }
}

#[test]
fn what_is_not_markdown_is_not_escaped() {
    let hostile = "*a* <@1> [b](c)";
    let steps = Block::Steps {
        labels: vec![hostile.to_owned()],
        current: 0,
    };
    let screen = Screen::new()
        .block(steps)
        .group(Group::row([Control::button(hostile, Action::Back)]))
        .prompt(Prompt::Text {
            hint: hostile.to_owned(),
            value: hostile.to_owned(),
            max_chars: 50,
            multiline: false,
        });
    let (messages, _) = rendered(&screen, &capabilities());
    let message = json(&messages[0]);
    assert_eq!(
        message["embeds"][0]["footer"]["text"],
        format!("● {hostile}")
    );
    let labels: Vec<&str> = components(&message).map(|c| text(c, "label")).collect();
    assert_eq!(labels, [&format!("✏️ {hostile}"), hostile]);
    let form = &modals(&messages[0])[0];
    let input = components(form).next().unwrap();
    assert_eq!(
        [
            text(form, "title"),
            text(input, "label"),
            text(input, "value")
        ],
        [hostile; 3]
    );
}

#[test]
fn long_hostile_text_is_in_messages_that_are_read_to_the_letter() {
    for text in HOSTILE {
        let long: String = text.chars().cycle().take(4_096).collect();
        let (messages, _) = rendered(&Screen::new().text(&long), &capabilities());
        let solid = |text: &str| -> String { text.split_whitespace().collect() };
        let read: String = messages
            .iter()
            .map(|message| parse(self::text(&json(message)["embeds"][0], "description")).unwrap())
            .map(|parsed| solid(&parsed.text))
            .collect();
        let isolates = |c: char| ('\u{2066}'..='\u{2069}').contains(&c);
        assert_eq!(
            read.replace(isolates, ""),
            solid(&long).replace(isolates, "")
        );
        assert!(messages.len() <= 3, "{text}");
    }
}
