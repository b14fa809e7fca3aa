//! What is particular to HTML: nothing the page's content policy would refuse, and fields that give back what was typed.

use std::collections::BTreeSet;

use lorikeet_chat::{
    Action, Capabilities, FileLimits, FormField, MenuLimits, Prompt, Screen, Stamp, Support,
    TextLimits, TextUnit,
};
use lorikeet_renderer_suite::{rooms, screens, words};
use lorikeet_renderer_web::render;
use proptest::prelude::*;
use scraper::{Html, Selector};

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
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn the_markup_is_what_the_pages_policy_allows(
        screen in screens::screen(), stamp in screens::stamp(), capabilities in rooms::anything()
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
        for button in page.select(&Selector::parse("button").unwrap()) {
            // A button without words has no name for a screen reader.
            prop_assert!(!button.text().collect::<String>().trim().is_empty());
        }
    }

    #[test]
    fn what_was_typed_is_there_to_edit(value in "[^\r\u{0}]*", problem in words::text()) {
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
