//! Limits of buttons, choices and forms.

use lorikeet_chat::{
    Action, Board, BoardPlace, Choice, Confirmation, Control, Degradation, FormField, Group,
    OptionControl, Prompt, Screen, Tile, TileState, Toggle,
};
use lorikeet_renderer_discord::{Row, capabilities};
use serde_json::Value;

use super::{a, json, only, rendered};
use crate::reading::{components, list, modals, text};

fn buttons(count: usize) -> impl Iterator<Item = Control> {
    (0..count).map(|number| Control::button(number.to_string(), Action::Back))
}

#[test]
fn twenty_five_buttons_are_one_page() {
    let all = |count: usize| {
        let message = only(&Screen::new().text("x").group(Group::row(buttons(count))));
        let turns = components(&message).filter(|control| text(control, "label") == "▶");
        (components(&message).count(), turns.count())
    };
    assert_eq!(all(25), (25, 0));
    // Four rows, and where one is and what turns.
    assert_eq!(all(26), (22, 1));
}

fn option(label: String, hint: String, selected: bool) -> OptionControl {
    OptionControl {
        label,
        hint,
        selected,
        action: Action::Back,
    }
}

fn choice(label: &str, multiple: bool, options: Vec<OptionControl>) -> Screen {
    Screen::new()
        .text("x")
        .group(Group::list([Control::Choice(Choice {
            label: label.to_owned(),
            multiple,
            options,
        })]))
}

fn selects(screen: &Screen) -> Vec<usize> {
    let message = only(screen);
    let all = components(&message);
    all.map(|control| list(control, "options").len()).collect()
}

#[test]
fn a_choice_has_as_many_options_as_it_may() {
    let many = |count: usize| vec![option("o".to_owned(), String::new(), false); count];
    assert_eq!(selects(&choice("c", false, many(5))), [0; 5]);
    assert_eq!(selects(&choice("c", false, many(6))), [6]);
    assert_eq!(selects(&choice("c", false, many(25))), [25]);
    assert_eq!(selects(&choice("c", false, many(26))), [25, 1]);
    let hinted = vec![option("o".to_owned(), "h".to_owned(), false); 2];
    assert_eq!(selects(&choice("c", false, hinted)), [2]);
    let wide = vec![option(a(25), String::new(), false); 2];
    assert_eq!(selects(&choice("c", false, wide)), [2]);
    let list = |count| Screen::new().text("x").group(Group::list(buttons(count)));
    assert_eq!(selects(&list(5)), [0; 5]);
    assert_eq!(selects(&list(6)), [6]);
}

#[test]
fn what_is_not_one_among_others_stays_a_button() {
    let confirm = Confirmation {
        question: "Really?".to_owned(),
        proceed: "Yes".to_owned(),
        keep: "No".to_owned(),
    };
    let toggle = |on| {
        Control::Toggle(Toggle {
            label: "t".to_owned(),
            on,
            action: Action::Back,
        })
    };
    let others = [
        Control::primary("New", Action::Back),
        Control::danger("Delete", Action::Back, confirm),
        toggle(true),
        toggle(false),
    ];
    let screen = |count| {
        let controls = others.clone().into_iter().chain(buttons(count));
        only(&Screen::new().text("x").group(Group::list(controls)))
    };
    let labels = |message: &Value| -> Vec<String> {
        let all = components(message);
        all.map(|control| text(control, "label").to_owned())
            .collect()
    };
    let few = labels(&screen(2));
    assert_eq!(few, ["New", "Delete", "☑ t", "☐ t", "0", "1"]);
    let many = labels(&screen(6));
    assert_eq!(many, ["", "New", "Delete", "☑ t", "☐ t"]);
}

#[test]
fn an_option_is_as_long_as_it_may_be() {
    let lost = |label: usize, hint: usize| {
        let screen = choice("c", false, vec![option(a(label), a(hint), false)]);
        rendered(&screen, &capabilities()).1
    };
    let shortened = |what: &str| Degradation::Shortened {
        what: what.to_owned(),
    };
    assert_eq!(lost(80, 100), []);
    assert_eq!(lost(81, 100), [shortened("label")]);
    assert_eq!(lost(80, 101), [shortened("option")]);
    let screen =
        |length| Screen::new().group(Group::row([Control::button(a(length), Action::Back)]));
    assert_eq!(rendered(&screen(80), &capabilities()).1, []);
    assert_eq!(
        rendered(&screen(81), &capabilities()).1,
        [shortened("label")]
    );
}

#[test]
fn one_option_is_chosen_where_one_can_be_picked_and_several_are_marked() {
    let both = || vec![option("o".to_owned(), "h".to_owned(), true); 2];
    let one = only(&choice("c", false, both()));
    let select = components(&one).next().unwrap();
    let defaults: Vec<bool> = list(select, "options")
        .iter()
        .map(|o| o["default"] == true)
        .collect();
    assert_eq!(defaults, [true, false]);
    // The name is not seen where something is chosen.
    assert!(select["placeholder"].is_null());
    assert_eq!(one["embeds"][0]["description"], "x\n\n**c**");
    let several = only(&choice("c", true, both()));
    let select = components(&several).next().unwrap();
    assert_eq!(text(select, "placeholder"), "c");
    assert_eq!(several["embeds"][0]["description"], "x");
    for option in list(select, "options") {
        assert_eq!(
            (text(option, "label"), &option["default"]),
            ("☑ o", &Value::Bool(false))
        );
    }
}

#[test]
fn a_name_that_is_not_seen_on_a_list_is_said() {
    let said = |name: &str| {
        let options = vec![option("o".to_owned(), "h".to_owned(), false)];
        let message = only(&choice(name, false, options));
        let select = components(&message).next().unwrap();
        (
            select["placeholder"].is_string(),
            text(&message["embeds"][0], "description").contains(name),
        )
    };
    assert_eq!(said(&a(50)), (true, false));
    assert_eq!(said(&a(51)), (false, true));
    assert_eq!(said(&format!("a{}", "\u{301}".repeat(200))), (false, true));
}

#[test]
fn a_board_is_a_list_of_what_opens() {
    let place = |number: usize| BoardPlace {
        tile: Tile {
            label: number.to_string(),
            note: if number == 0 { a(101) } else { String::new() },
            state: TileState::Complete,
            image: None,
        },
        text: None,
        open: (number < 26).then_some(Action::Back),
    };
    let board = Board {
        label: "Open one".to_owned(),
        places: (0..30).map(place).collect(),
        edit: Some(Action::Back),
        max_chars: 0,
    };
    let screen = Screen::new().group(Group::list([Control::Board(board)]));
    let (messages, lost) = rendered(&screen, &capabilities());
    let rows: Vec<usize> = messages[0]
        .rows
        .iter()
        .map(|row| match row {
            Row::Select(select) => select.options.len(),
            Row::Buttons(_) => 0,
        })
        .collect();
    assert_eq!(rows, [25, 1]);
    let what = "gallery".to_owned();
    assert_eq!(lost, [Degradation::Shortened { what }]);
}

fn field(label: usize, hint: usize, value: usize, max_chars: u32) -> FormField {
    FormField {
        name: String::new(),
        label: a(label),
        hint: a(hint),
        value: a(value),
        max_chars,
        multiline: false,
        problem: String::new(),
    }
}

fn form(title: usize, fields: Vec<FormField>) -> Screen {
    Screen::new().prompt(Prompt::Form {
        title: a(title),
        fields,
        submit: "Send".to_owned(),
        action: Action::Skip,
    })
}

#[test]
fn a_form_has_five_fields() {
    let sizes = |count: usize| {
        let (messages, _) = rendered(&form(45, vec![field(1, 1, 1, 9); count]), &capabilities());
        let last = messages.last().unwrap();
        let sizes: Vec<usize> = modals(last)
            .iter()
            .map(|form| components(form).count())
            .collect();
        (sizes, components(&json(last)).count())
    };
    assert_eq!(sizes(0), (vec![], 1));
    assert_eq!(sizes(5), (vec![5], 1));
    assert_eq!(sizes(6), (vec![5, 1], 3));
    assert_eq!(sizes(20), (vec![5; 4], 5));
}

#[test]
fn a_form_that_is_too_long_is_shortened_where_its_words_stand_elsewhere() {
    for (title, label, hint) in [(45, 45, 100), (46, 46, 101), (300, 300, 300)] {
        let screen = form(title, vec![field(label, hint, 4, 4)]);
        let (messages, lost) = rendered(&screen, &capabilities());
        let form = &modals(messages.last().unwrap())[0];
        let input = components(form).next().unwrap();
        let texts = [
            text(form, "title"),
            text(input, "label"),
            text(input, "placeholder"),
        ];
        let whole = texts.map(|text| !text.ends_with('…'));
        assert_eq!(whole, [title <= 45, label <= 45, hint <= 100]);
        assert_eq!(lost, []);
    }
}

#[test]
fn what_is_there_is_put_into_a_form_as_a_whole_or_not_at_all() {
    let input = |value: usize, max_chars: u32| {
        let screen = Screen::new().prompt(Prompt::Text {
            hint: "Text".to_owned(),
            value: a(value),
            max_chars,
            multiline: true,
        });
        let (messages, lost) = rendered(&screen, &capabilities());
        let forms = modals(messages.last().unwrap());
        let input = components(&forms[0]).next().unwrap();
        let said = text(&json(&messages[0])["embeds"][0], "description").contains(&a(9));
        (
            text(input, "value").len(),
            input["max_length"].as_u64().unwrap(),
            said,
            lost.len(),
        )
    };
    assert_eq!(input(4_000, u32::MAX), (4_000, 4_000, false, 0));
    assert_eq!(input(4_001, u32::MAX), (0, 4_000, true, 1));
    assert_eq!(input(10, 10), (10, 10, false, 0));
    assert_eq!(input(11, 10), (0, 10, true, 1));
    assert_eq!(input(0, 0), (0, 1, false, 0));
}

#[test]
fn a_value_of_several_lines_keeps_them() {
    let style = |value: &str, multiline| {
        let screen = Screen::new().prompt(Prompt::Text {
            hint: "Text".to_owned(),
            value: value.to_owned(),
            max_chars: 50,
            multiline,
        });
        let (messages, _) = rendered(&screen, &capabilities());
        let forms = modals(&messages[0]);
        let input = components(&forms[0]).next().unwrap();
        (input["style"].clone(), text(input, "value").to_owned())
    };
    assert_eq!(style("one", false), (1.into(), "one".to_owned()));
    assert_eq!(style("one", true), (2.into(), "one".to_owned()));
    assert_eq!(style("one\ntwo", false), (2.into(), "one\ntwo".to_owned()));
}
