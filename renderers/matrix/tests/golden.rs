//! Every sample screen in every language, and the pages and rooms the samples do not show, as a person reads them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod reading;

use lorikeet_chat::{
    Action, Art, Block, Capabilities, Choice, Confirmation, Control, Field, Group, Invocation,
    Level, OptionControl, Page, Present, Prompt, Screen, SessionTag, Span, Stamp, Surface, Toggle,
};
use lorikeet_renderer_matrix::{
    Awaits, Does, Mentions, Payload, Room, Words, capabilities, render,
};
use lorikeet_training::flows;
use reading::parse;

/// What is sent, what can be chosen, and what was lost on the way.
fn written(present: &Present, capabilities: &Capabilities) -> String {
    let room = Room {
        capabilities,
        prefix: "!",
        polls: false,
        words: Words {
            on: "More",
            back: "Back",
        },
    };
    let shown = render(present, &room);
    let mut text: String = shown.rendered.messages.iter().map(message).collect();
    text.push_str("────────────────────────────────\n");
    for (place, key) in (1..).zip(&shown.keys) {
        let does = match &key.does {
            Does::Press(token) => token.to_string(),
            Does::Turn(token) => token.to_string(),
        };
        text.push_str(&format!("{place} [{}]({does})\n", key.label));
    }
    if shown.awaits != Awaits::Choice {
        text.push_str(&format!("awaits: {:?}\n", shown.awaits));
    }
    text.push_str(&format!(
        "reactions: {}\n",
        shown.reactions(&room).join(" ")
    ));
    for loss in &shown.rendered.degradations {
        text.push_str(&format!("{loss:?}\n"));
    }
    text
}

fn message(message: &Payload) -> String {
    let mut text = "────────────────────────────────\n".to_owned();
    match message {
        Payload::Picture { art, alt } => {
            for art in art {
                text.push_str(match art {
                    Art::Picture { .. } => "[picture]",
                    Art::Sheet(_) => "[sheet]",
                    Art::Chart(_) => "[chart]",
                });
            }
            text.push_str(&format!(" {alt}\n"));
        }
        Payload::File(file) => text.push_str(&format!("[file: {}]\n", file.name)),
        Payload::Text(words) => {
            text.push_str(&words.body);
            if let Some(html) = &words.html {
                let blocks = html.replace("</p>", "</p>\n").replace("<br>", "<br>\n");
                text.push_str(&format!("\n╌╌╌╌╌╌╌╌\n{blocks}"));
            }
            text = format!("{}\n", text.trim_end());
        }
    }
    text
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
        let sample = sample.writing("!");
        for language in &languages {
            let present = sample.show(&dialog, language).unwrap();
            let name = format!("{}.{language}", sample.name);
            insta::assert_snapshot!(name, written(&present, &capabilities()));
        }
    }
}

/// Every sample is one text, with the pictures before it.
#[test]
fn every_sample_fits_one_message() {
    let dialog = flows::dialog(flows::world(), &[]).unwrap();
    for sample in flows::samples() {
        let sample = sample.writing("!");
        for language in ["en", "de"] {
            let present = sample.show(&dialog, language).unwrap();
            let capabilities = capabilities();
            let room = Room {
                capabilities: &capabilities,
                prefix: "!",
                polls: false,
                words: Words {
                    on: "More",
                    back: "Back",
                },
            };
            let shown = render(&present, &room);
            let texts = shown.rendered.messages.iter();
            let texts: Vec<_> = texts
                .filter_map(|message| match message {
                    Payload::Text(text) => Some(text),
                    _ => None,
                })
                .collect();
            assert_eq!(texts.len(), 1, "{} {language}", sample.name);
            let read = parse(texts[0].html.as_deref().unwrap()).unwrap().text;
            assert!(read.chars().count() <= 1_500, "{} {language}", sample.name);
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
}

#[test]
fn a_file() {
    insta::assert_snapshot!(written(
        &sample("training-result-done", Page::File(0)),
        &capabilities()
    ));
}

#[test]
fn a_list_in_pages() {
    let open = |number: u32| {
        let action = Action::Command(Invocation::new("open").with(number.to_string()));
        Control::button(format!("LoRA number {number}"), action)
    };
    let screen = Screen::new()
        .heading("My LoRAs")
        .group(Group::list((1..=40).map(open)))
        .group(Group::navigation([Control::button(
            "Main menu",
            Action::Back,
        )]));
    for page in [Page::First, Page::More(1), Page::More(3)] {
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

#[test]
fn a_choice_of_one_as_a_poll() {
    let capabilities = capabilities();
    let room = Room {
        capabilities: &capabilities,
        prefix: "!",
        polls: true,
        words: Words {
            on: "More",
            back: "Back",
        },
    };
    let dialog = flows::dialog(flows::world(), &[]).unwrap();
    let mut polls = String::new();
    for sample in flows::samples() {
        let shown = render(&sample.show(&dialog, "en").unwrap(), &room);
        for poll in shown.polls {
            let content = poll.content(&Mentions::default(), None);
            let content = serde_json::to_string_pretty(&content).unwrap();
            polls.push_str(&format!("{}\n{content}\n", sample.name));
        }
    }
    insta::assert_snapshot!(polls);
}
