//! Every sample screen in every language, and the pages and rooms the samples do not show, as a person reads them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod reading;

use lorikeet_chat::{
    Action, Art, Block, Capabilities, Choice, Confirmation, Control, Field, Group, Invocation,
    Level, OptionControl, Page, Present, Prompt, Screen, SessionTag, Span, Stamp, Surface, Toggle,
};
use lorikeet_renderer_discord::{Payload, Room, capabilities, render};
use lorikeet_training::flows;
use reading::{components, list, markdown, modals, parse, text};
use serde_json::Value;

/// What is sent, and what was lost on the way.
fn written(present: &Present, capabilities: &Capabilities) -> String {
    let rendered = render(present, &Room { capabilities });
    let mut text: String = rendered.messages.iter().map(message).collect();
    for loss in &rendered.degradations {
        text.push_str(&format!("{loss:?}\n"));
    }
    text
}

/// A message as it is sent: embeds from the top down, with a bar of their colour, then controls and forms.
fn message(payload: &Payload) -> String {
    let json = serde_json::to_value(payload).unwrap();
    let mut shown = "────────────────────────────────\n".to_owned();
    if let Some(file) = &payload.document {
        shown.push_str(&format!("[file: {}]\n", file.name));
    }
    let mut line = |before: &str, text: &str| {
        for part in text.split('\n').filter(|_| !text.is_empty()) {
            shown.push_str(format!("{before} {part}").trim());
            shown.push('\n');
        }
    };
    line("", text(&json, "content"));
    for embed in list(&json, "embeds") {
        line(&format!("┃ #{:06x}", embed["color"].as_u64().unwrap()), " ");
        line("┃ ##", text(embed, "title"));
        line("┃", text(embed, "description"));
        for field in list(embed, "fields") {
            let sign = if field["inline"] == true {
                "▪"
            } else {
                "▬"
            };
            line(&format!("┃ {sign}"), text(field, "name"));
            line("┃    ", text(field, "value"));
        }
        line("┃", &art(&payload.art));
        line("┃ _", text(&embed["footer"], "text"));
    }
    if json["embeds"] == Value::Array(Vec::new()) {
        line("", &art(&payload.art));
    }
    for row in list(&json, "components") {
        let row: Vec<String> = list(row, "components").iter().map(control).collect();
        line("", &row.join(" "));
    }
    for form in modals(payload) {
        line(
            "",
            &format!(
                "form {}: {}",
                text(&form, "custom_id"),
                text(&form, "title")
            ),
        );
        for input in components(&form) {
            let [id, label, value] = ["custom_id", "label", "value"].map(|key| text(input, key));
            let style = if input["style"] == 2 { " long" } else { "" };
            let hint = text(input, "placeholder");
            let most = &input["max_length"];
            line(
                "   ",
                &format!("{id} {label}: {value:?} ({hint}){style} ≤{most}"),
            );
        }
    }
    shown
}

fn art(art: &[Art]) -> String {
    let art: Vec<String> = art
        .iter()
        .map(|art| match art {
            Art::Picture { alt, .. } => format!("[picture: {alt}]"),
            Art::Sheet(tiles) => {
                let tiles: Vec<String> = tiles
                    .iter()
                    .map(|tile| format!("{} {:?}", tile.label, tile.state))
                    .collect();
                format!("[sheet: {}]", tiles.join(", "))
            }
            Art::Chart(chart) => format!("[chart: {}]", chart.title),
        })
        .collect();
    art.join("\n")
}

fn control(control: &Value) -> String {
    let label = text(control, "label");
    let style = match control["style"].as_u64() {
        Some(1) => " primary",
        Some(3) => " success",
        Some(4) => " danger",
        _ => "",
    };
    if control["type"] == 2 {
        let does = [text(control, "custom_id"), text(control, "url")].concat();
        let disabled = if control["disabled"] == true {
            " disabled"
        } else {
            ""
        };
        return format!("[{label}]({does}{style}{disabled})");
    }
    let mut all = format!(
        "[{} ▾]({})",
        text(control, "placeholder"),
        text(control, "custom_id")
    );
    for option in list(control, "options") {
        let chosen = if option["default"] == true {
            "●"
        } else {
            "·"
        };
        let [label, value, more] = ["label", "value", "description"].map(|key| text(option, key));
        all.push_str(format!("\n  {chosen} {label} ({value}) {more}").trim_end());
    }
    all
}

#[test]
fn every_sample() {
    let dialog = flows::dialog(flows::world(), &[]).unwrap();
    let languages: Vec<String> = dialog
        .catalog()
        .languages()
        .map(|(tag, _)| tag.to_owned())
        .collect();
    assert!(languages.len() > 1);
    for sample in flows::samples() {
        for language in &languages {
            let present = sample.show(&dialog, language).unwrap();
            let name = format!("{}.{language}", sample.name);
            insta::assert_snapshot!(name, written(&present, &capabilities()));
        }
    }
}

/// Every sample on one message with one embed, without a loss.
#[test]
fn every_sample_fits_one_message() {
    let dialog = flows::dialog(flows::world(), &[]).unwrap();
    for sample in flows::samples() {
        for language in ["en", "de"] {
            let present = sample.show(&dialog, language).unwrap();
            let room = capabilities();
            let rendered = render(
                &present,
                &Room {
                    capabilities: &room,
                },
            );
            assert_eq!(rendered.messages.len(), 1, "{} {language}", sample.name);
            assert_eq!(rendered.degradations, [], "{} {language}", sample.name);
            for message in &rendered.messages {
                let json = serde_json::to_value(message).unwrap();
                let texts = markdown(&json)
                    .into_iter()
                    .map(|markdown| parse(markdown).unwrap());
                let length: usize = texts.map(|parsed| parsed.text.encode_utf16().count()).sum();
                assert!(length <= 900, "{} {language}: {length}", sample.name);
                assert_eq!(message.embeds.len(), 1, "{} {language}", sample.name);
            }
        }
    }
}

fn sample(name: &str, page: Page) -> Present {
    let dialog = flows::dialog(flows::world(), &[]).unwrap();
    let sample = flows::samples()
        .into_iter()
        .find(|sample| sample.name == name)
        .unwrap();
    Present {
        page,
        ..sample.show(&dialog, "en").unwrap()
    }
}

fn present(screen: Screen, page: Page) -> Present {
    Present {
        screen,
        stamp: Stamp {
            tag: SessionTag::from_generation(7),
            revision: 12,
        },
        surface: Surface::Edit,
        page,
    }
}

#[test]
fn a_question() {
    insta::assert_snapshot!(written(
        &sample("training-training", Page::Question(0)),
        &capabilities()
    ));
    insta::assert_snapshot!(written(
        &sample("library-detail", Page::Question(3)),
        &capabilities()
    ));
}

#[test]
fn a_field_of_a_form() {
    let wrong = sample("advanced-form-wrong", Page::Field(2));
    insta::assert_snapshot!(written(&wrong, &capabilities()));
    let name = sample("library-rename", Page::Field(0));
    insta::assert_snapshot!(written(&name, &capabilities()));
}

#[test]
fn a_file() {
    insta::assert_snapshot!(written(
        &sample("training-result-done", Page::File(0)),
        &capabilities()
    ));
}

fn buttons(count: u32) -> impl Iterator<Item = Control> {
    (1..=count).map(|number| {
        let action = Action::Command(Invocation::new("open").with(number.to_string()));
        Control::button(format!("LoRA number {number}"), action)
    })
}

#[test]
fn a_list_to_pick_from() {
    let screen = Screen::new()
        .heading("My LoRAs")
        .group(Group::list(buttons(28)))
        .group(Group::navigation([Control::button(
            "Main menu",
            Action::Back,
        )]));
    insta::assert_snapshot!(written(&present(screen, Page::First), &capabilities()));
}

#[test]
fn buttons_in_pages() {
    let screen = Screen::new()
        .heading("My LoRAs")
        .group(Group::grid(4, buttons(40)))
        .group(Group::navigation([Control::button(
            "Main menu",
            Action::Back,
        )]));
    for page in [Page::First, Page::More(1), Page::More(2)] {
        insta::assert_snapshot!(written(&present(screen.clone(), page), &capabilities()));
    }
}

#[test]
fn a_long_text() {
    let sentence = "This is one of very many sentences that <b>say</b> little & take room.\n";
    let screen = Screen::new()
        .heading("A long text")
        .block(Block::Paragraph(vec![
            Span::Plain(sentence.repeat(40)),
            Span::Strong(sentence.repeat(40)),
        ]))
        .group(Group::row([Control::button("Go on", Action::Skip)]));
    insta::assert_snapshot!(written(&present(screen, Page::First), &capabilities()));
}

#[test]
fn from_right_to_left() {
    let option = |label: &str, hint: &str, selected| OptionControl {
        label: label.to_owned(),
        hint: hint.to_owned(),
        selected,
        action: Action::Back,
    };
    let screen = Screen::new()
        .heading("החתול שלי")
        .notice(Level::Success, "נשמר!")
        .block(Block::Fields(vec![
            Field::new("Name", "החתול שלי (2)"),
            Field::new("מילת מפתח", "mycat (1)"),
        ]))
        .block(Block::List(vec!["\u{202e}spoofed\u{202c} text".to_owned()]))
        .group(Group::list([
            Control::Choice(Choice {
                label: "מהירות".to_owned(),
                multiple: false,
                options: vec![option("מהר", "250 צעדים", true), option("לאט", "", false)],
            }),
            Control::Toggle(Toggle {
                label: "פרטי".to_owned(),
                on: true,
                action: Action::Skip,
            }),
        ]))
        .prompt(Prompt::Text {
            hint: "שם".to_owned(),
            value: "החתול".to_owned(),
            max_chars: 50,
            multiline: false,
        });
    insta::assert_snapshot!(written(&present(screen, Page::First), &capabilities()));
}

#[test]
fn a_room_without_pictures_and_marks() {
    use lorikeet_chat::Support;
    let mut room = capabilities();
    room.images = Support::Rejected;
    room.text.rich = Support::Dropped;
    insta::assert_snapshot!(written(
        &sample("training-images-troubled", Page::First),
        &room
    ));
    insta::assert_snapshot!(written(&sample("training-training", Page::First), &room));
}

#[test]
fn links_and_switches() {
    let link = |label: &str, url: &str| Control::Link {
        label: label.to_owned(),
        url: url.to_owned(),
    };
    let toggle = |label: &str, on| {
        Control::Toggle(Toggle {
            label: label.to_owned(),
            on,
            action: Action::Skip,
        })
    };
    let screen = Screen::new()
        .heading("Everything else")
        .group(Group::row([
            link("Website", "https://example.org/a?b=c&d=e"),
            link("Terms", "/terms"),
        ]))
        .group(Group::grid(
            2,
            [
                toggle("Flip", true),
                toggle("Blur", false),
                toggle("Crop", false),
            ],
        ))
        .group(Group::row([Control::danger(
            "Delete",
            Action::Cancel,
            Confirmation {
                question: "Delete maya for good?".to_owned(),
                proceed: "Delete".to_owned(),
                keep: "Keep".to_owned(),
            },
        )]));
    insta::assert_snapshot!(written(&present(screen, Page::First), &capabilities()));
}
