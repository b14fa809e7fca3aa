//! Odd events, a line each.

use lorikeet_chat::Stamp;
use lorikeet_renderer_matrix::Awaits;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::*;
use crate::echoes::Echoes;
use crate::standing::{Kind, Sent, Shown, Standing};

fn me() -> Me {
    Me {
        user: "@lorikeet:example.org".to_owned(),
        name: "The Parrot".to_owned(),
        prefix: "!".to_owned(),
        commands: vec!["start".to_owned(), "help".to_owned()],
    }
}

fn of(kind: &str, content: Value) -> Heard {
    let event = json!({
        "event_id": "$1", "sender": "@ada:example.org", "type": kind, "content": content,
    });
    read(&serde_json::from_value(event).unwrap(), &me())
}

fn said(content: Value) -> Said {
    match of("m.room.message", content) {
        Heard::Said(said) => said,
        other => panic!("{other:?}"),
    }
}

fn text(body: &str) -> Said {
    said(json!({ "msgtype": "m.text", "body": body }))
}

fn shown(event: &str, labels: &[&str]) -> Shown {
    let key = |(index, label): (u32, &&str)| Key {
        label: (*label).to_owned(),
        does: Does::Press(Stamp::default().token(index)),
    };
    Shown {
        events: vec![Sent {
            event: event.to_owned(),
            kind: Kind::Text,
            hash: "0".to_owned(),
        }],
        keys: (0..).zip(labels).map(key).collect(),
        polls: Vec::new(),
        reactions: 2,
    }
}

fn standing(awaits: Awaits) -> Standing {
    let mut standing = Standing::default();
    standing.show(shown("$screen", &["Continue", "Back"]), awaits, None);
    standing
}

fn press(index: u32) -> Meaning {
    Meaning::Event(EventBody::Press(Stamp::default().token(index)))
}

fn words(text: &str) -> Meaning {
    Meaning::Event(EventBody::Text(text.to_owned()))
}

#[test]
fn commands_have_the_prefix() {
    for (body, name, argument) in [
        ("!start", "start", ""),
        ("!Train  my cat ", "train", "my cat"),
        ("/start", "start", ""),
        ("@lorikeet: !train\nmy cat", "train", "my cat"),
        ("The Parrot, !start", "start", ""),
    ] {
        let command = text(body).command.unwrap();
        assert_eq!(command, Invocation::new(name).with(argument), "{body}");
    }
    for body in ["!", "!!", "! start", "!3", "start", "!?what", "!схід"] {
        assert_eq!(text(body).command, None, "{body}");
    }
}

#[test]
fn the_bot_is_named_by_its_name_and_nothing_like_it() {
    for (body, rest) in [
        ("@lorikeet:example.org: help", "help"),
        ("@lorikeet help", "help"),
        ("lorikeet: help", "help"),
        ("LORIKEET, help", "help"),
        ("the parrot: help", "help"),
        ("@lorikeet", ""),
    ] {
        let said = text(body);
        assert_eq!((said.words.as_str(), said.names_me), (rest, true), "{body}");
    }
    for body in [
        "lorikeets: help",
        "lorikeet help",
        "@lorikeeter help",
        "help lorikeet",
    ] {
        let said = text(body);
        assert_eq!(
            (said.words.as_str(), said.names_me),
            (body, false),
            "{body}"
        );
    }
    let pill = json!({ "msgtype": "m.text", "body": "help, bird", "m.mentions": { "user_ids": ["@lorikeet:example.org"] } });
    assert!(said(pill).names_me);
    let room = json!({ "msgtype": "m.text", "body": "help", "m.mentions": { "room": true } });
    assert!(!said(room).names_me);
}

#[test]
fn what_is_quoted_is_not_said() {
    let answer = |body: &str| {
        said(json!({
            "msgtype": "m.text", "body": body,
            "m.relates_to": { "m.in_reply_to": { "event_id": "$screen" } },
        }))
    };
    for (body, rest) in [
        (
            "> <@lorikeet:example.org> What is it called?\n>\n> Name it\n\nMy cat",
            "My cat",
        ),
        ("My cat", "My cat"),
        ("> only quoted", ""),
    ] {
        if rest.is_empty() {
            continue;
        }
        let said = answer(body);
        assert_eq!(
            (said.words.as_str(), said.answers.as_deref()),
            (rest, Some("$screen"))
        );
    }
    assert_eq!(text("> not an answer").words, "> not an answer");
}

#[test]
fn threads_are_told_from_answers() {
    let within = |falling_back| {
        said(json!({
            "msgtype": "m.text", "body": "1",
            "m.relates_to": {
                "rel_type": "m.thread", "event_id": "$root", "is_falling_back": falling_back,
                "m.in_reply_to": { "event_id": "$screen" },
            },
        }))
    };
    assert_eq!(within(true).thread.as_deref(), Some("$root"));
    assert_eq!(within(true).answers, None);
    assert_eq!(within(false).answers.as_deref(), Some("$screen"));
}

#[test]
fn numbers_and_labels_choose_what_stands_there() {
    let means = |body: &str, awaits| {
        let standing = standing(awaits);
        text(body).means(standing.offers(&Echoes::default(), Instant::now()), &me())
    };
    for body in ["1", "continue", "!1", "Continue"] {
        assert_eq!(means(body, Awaits::Choice), press(0), "{body}");
    }
    assert_eq!(means("!back", Awaits::Words), press(1));
    assert_eq!(means("2", Awaits::Words), words("2"));
    assert_eq!(
        means("7", Awaits::Choice),
        Meaning::Told(Sentence::OutOfRange(2))
    );
    assert_eq!(means("My cat", Awaits::Words), words("My cat"));
    let command = Meaning::Event(EventBody::Command(Invocation::new("help")));
    assert_eq!(means("!help", Awaits::Words), command);
    assert_eq!(text("1").means(Default::default(), &me()), words("1"));
    assert_eq!(
        text("lorikeet:").means(Default::default(), &me()),
        Meaning::Event(EventBody::Redraw)
    );
}

#[test]
fn an_edit_changes_nothing_and_says_so() {
    let edit = said(json!({
        "msgtype": "m.text", "body": "* My dog",
        "m.new_content": { "msgtype": "m.text", "body": "My dog" },
        "m.relates_to": { "rel_type": "m.replace", "event_id": "$before" },
    }));
    let told = Meaning::Told(Sentence::Plain("message-edited"));
    assert_eq!(edit.means(Default::default(), &me()), told);
}

#[test]
fn pictures_are_files_of_a_fitting_kind() {
    let file = |content: Value| said(content).file.unwrap();
    let plain = json!({ "msgtype": "m.image", "body": "cat.png", "url": "mxc://example.org/a", "info": { "size": 7 } });
    let item = file(plain).unwrap();
    assert_eq!((item.name.as_str(), item.size), ("cat.png", Some(7)));
    let captioned = said(json!({
        "msgtype": "m.image", "body": "asleep", "filename": "cat.png", "url": "mxc://example.org/a",
    }));
    assert_eq!(captioned.words, "asleep");
    assert_eq!(captioned.file.unwrap().unwrap().name, "cat.png");
    for odd in [
        json!({ "msgtype": "m.file", "body": "a.pdf", "url": "mxc://example.org/a", "info": { "mimetype": "application/pdf" } }),
        json!({ "msgtype": "m.image", "body": "a.png", "url": "https://example.org/a" }),
        json!({ "msgtype": "m.image", "body": "a.png" }),
        json!({ "msgtype": "m.video", "body": "a.mp4", "url": "mxc://example.org/a" }),
    ] {
        assert_eq!(file(odd.clone()), Err("message-no-picture"), "{odd}");
    }
}

#[test]
fn what_is_of_no_interest_is_left_out() {
    for (kind, content) in [
        (
            "m.room.message",
            json!({ "msgtype": "m.notice", "body": "!start" }),
        ),
        (
            "m.room.message",
            json!({ "msgtype": "m.text", "body": " " }),
        ),
        ("m.room.message", json!({ "msgtype": "m.text" })),
        ("m.room.message", json!({ "msgtype": 5, "body": {} })),
        ("m.room.message", json!([])),
        ("m.room.topic", json!({ "topic": "!start" })),
        (
            "m.reaction",
            json!({ "m.relates_to": { "rel_type": "m.annotation", "event_id": "$1" } }),
        ),
        ("m.room.redaction", json!({})),
    ] {
        assert!(
            matches!(of(kind, content.clone()), Heard::Nothing(_)),
            "{content}"
        );
    }
    let own = json!({ "event_id": "$1", "sender": "@lorikeet:example.org", "type": "m.room.message",
        "content": { "msgtype": "m.text", "body": "!start" } });
    assert_eq!(
        read(&serde_json::from_value(own).unwrap(), &me()),
        Heard::Nothing("its own")
    );
}

#[test]
fn reactions_choose_and_others_are_told() {
    let standing = standing(Awaits::Words);
    let heard = Echoes::default();
    let keys = standing
        .offers_at("$screen", &heard, Instant::now())
        .unwrap();
    assert_eq!(pressed("1\u{fe0f}\u{20e3}", keys), press(0));
    assert_eq!(pressed("2\u{20e3}", keys), press(1));
    for key in ["👍", "3\u{fe0f}\u{20e3}"] {
        let told = Meaning::Told(Sentence::UnknownKey(key.to_owned()));
        assert_eq!(pressed(key, keys), told);
    }
    assert_eq!(standing.offers_at("$other", &heard, Instant::now()), None);
}

#[test]
fn a_command_is_no_control_that_is_called_alike() {
    let mut standing = Standing::default();
    let labels = ["Start training", "Back"];
    standing.show(shown("$screen", &labels), Awaits::Choice, None);
    let means = |body| text(body).means(standing.offers(&Echoes::default(), Instant::now()), &me());
    for body in ["!start", "/start", "!START"] {
        let command = Meaning::Event(EventBody::Command(Invocation::new("start")));
        assert_eq!(means(body), command, "{body}");
    }
    // No command is called so.
    for body in ["!training", "start", "!1"] {
        assert_eq!(means(body), press(0), "{body}");
    }
}

#[test]
fn who_has_not_seen_a_list_yet_chooses_from_the_one_before() {
    let mut standing = standing(Awaits::Choice);
    let change = Some("$change".to_owned());
    standing.show(
        shown("$screen", &["Delete", "Keep", "Back"]),
        Awaits::Words,
        change,
    );
    let mut echoes = Echoes::default();
    echoes.expect("$change", Instant::now());
    let labels = |(keys, awaits): (&[Key], Awaits)| {
        let labels: Vec<String> = keys.iter().map(|key| key.label.clone()).collect();
        (labels.join(" "), awaits)
    };
    let before = ("Continue Back".to_owned(), Awaits::Choice);
    assert_eq!(labels(standing.offers(&echoes, Instant::now())), before);
    assert_eq!(
        standing.offers_at("$screen", &echoes, Instant::now()),
        Some(standing.offers(&echoes, Instant::now()).0)
    );
    echoes.heard("$change");
    let now = ("Delete Keep Back".to_owned(), Awaits::Words);
    assert_eq!(labels(standing.offers(&echoes, Instant::now())), now);
    // What looks as it did is as well known as it was.
    standing.show(
        shown("$screen", &["Delete", "Keep", "Back"]),
        Awaits::Words,
        None,
    );
    assert_eq!(labels(standing.offers(&echoes, Instant::now())), now);
}

#[test]
fn what_somebody_took_away_is_known() {
    let redacted = |content| of("m.room.redaction", content);
    assert_eq!(
        redacted(json!({ "redacts": "$old" })),
        Heard::Redacted("$old".to_owned())
    );
}

#[test]
fn votes_choose_by_place() {
    let vote = |answers: Value| {
        json!({
            "m.relates_to": { "rel_type": "m.reference", "event_id": "$poll" },
            "org.matrix.msc3381.poll.response": { "answers": answers },
        })
    };
    let expected = Heard::Voted {
        on: "$poll".to_owned(),
        place: 1,
    };
    let kind = "org.matrix.msc3381.poll.response";
    assert_eq!(of(kind, vote(json!(["1"]))), expected);
    // Taken back, or about nothing.
    for odd in [vote(json!([])), json!({ kind: { "answers": ["1"] } })] {
        assert!(matches!(of(kind, odd), Heard::Nothing(_)));
    }
    let standing = standing(Awaits::Choice);
    let (keys, _) = standing.offers(&Echoes::default(), Instant::now());
    assert_eq!(voted(1, keys), press(1));
    assert_eq!(voted(7, keys), Meaning::Told(Sentence::OutOfRange(2)));
}
