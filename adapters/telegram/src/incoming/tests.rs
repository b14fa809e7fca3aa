use lorikeet_chat::{Page, SessionTag, Stamp};
use lorikeet_platform::{ArgumentHelp, Told};
use serde_json::{Value, json};

use super::*;

fn me() -> Me {
    Me {
        id: 42,
        username: "lorikeet_bot".to_owned(),
        commands: vec!["train".to_owned(), "start".to_owned()],
        download: Some(20 << 20),
    }
}

fn read_json(update: Value) -> Incoming {
    let update = serde_json::from_value(update).unwrap();
    read(update, &me(), Timestamp::from_millis(1))
}

/// A message of Kea's in a private chat, with these fields more.
fn private(fields: &Value) -> Incoming {
    with(json!({ "id": 7, "type": "private" }), fields)
}

/// The same in a group.
fn group(fields: &Value) -> Incoming {
    with(
        json!({ "id": -100, "type": "supergroup", "title": "Birds" }),
        fields,
    )
}

fn with(chat: Value, fields: &Value) -> Incoming {
    let mut message = json!({
        "message_id": 1, "date": 1, "chat": chat,
        "from": { "id": 7, "first_name": "Kea", "last_name": "K", "language_code": "de" },
    });
    for (name, value) in fields.as_object().unwrap() {
        message[name] = value.clone();
    }
    read_json(json!({ "update_id": 5, "message": message }))
}

fn body(incoming: Incoming) -> EventBody {
    match incoming {
        Incoming::Event { event, .. } => event.body,
        other => panic!("{other:?}"),
    }
}

fn told(incoming: &Incoming) -> &'static str {
    match incoming {
        Incoming::Told { sentence, .. } | Incoming::Refused { sentence, .. } => sentence,
        other => panic!("{other:?}"),
    }
}

fn nothing(incoming: &Incoming) -> &'static str {
    match incoming {
        Incoming::Nothing(why) => why,
        other => panic!("{other:?}"),
    }
}

fn command(text: &str, length: usize) -> Value {
    json!({ "text": text, "entities": [{ "type": "bot_command", "offset": 0, "length": length }] })
}

#[test]
fn a_text_says_who_sent_it_where() {
    let Incoming::Event {
        conversation,
        event,
        query,
    } = private(&json!({ "text": "hello" }))
    else {
        panic!("an event");
    };
    assert_eq!(conversation.key(), "telegram/7//7");
    assert_eq!((event.id.as_str(), event.order), ("5", Some(5)));
    let sender = event.sender.unwrap();
    assert_eq!(
        (sender.name.as_str(), sender.room.as_str()),
        ("Kea K", "Telegram")
    );
    assert_eq!(sender.locale.as_deref(), Some("de"));
    assert_eq!((event.body, query), (EventBody::Text("hello".into()), None));
}

#[test]
fn a_link_opens_no_command_with_a_secret() {
    let told = || Told {
        usual: String::new(),
        translations: std::collections::BTreeMap::new(),
    };
    let command = |name: &str, is_secret: Option<bool>| CommandHelp {
        name: name.to_owned(),
        names: std::collections::BTreeMap::new(),
        summary: told(),
        argument: is_secret.map(|is_secret| ArgumentHelp {
            name: "argument".to_owned(),
            summary: told(),
            required: false,
            is_number: false,
            is_suggested: false,
            is_secret,
        }),
        pictures: None,
    };
    let commands = [
        command("help", None),
        command("train", Some(false)),
        command("link", Some(true)),
    ];
    assert_eq!(linkable(&commands), ["help", "train"]);
}

#[test]
fn private_rooms_are_known_as_such() {
    let is_private = |incoming: Incoming| match incoming {
        Incoming::Event { event, .. } => event.sender.map(|sender| sender.private),
        _ => None,
    };
    let start = command("/start", 6);
    assert_eq!(is_private(private(&start)), Some(true));
    assert_eq!(is_private(group(&start)), Some(false));
}

#[test]
fn commands_are_read_with_their_arguments() {
    let train = |argument: &str| EventBody::Command(Invocation::new("train").with(argument));
    let start = || EventBody::Command(Invocation::new("start"));
    assert_eq!(
        body(private(&command("/train My cat ", 6))),
        train("My cat")
    );
    assert_eq!(body(private(&command("/TRAIN", 6))), train(""));
    assert_eq!(
        body(group(&command("/train@Lorikeet_Bot My cat", 19))),
        train("My cat")
    );
    assert_eq!(
        nothing(&group(&command("/train@other_bot", 16))),
        "a command for another bot"
    );
    assert_eq!(
        body(private(&command("/start train_My_cat", 6))),
        train("My cat")
    );
    assert_eq!(body(private(&command("/start rm_rf", 6))), start());
    // An entity that lies cuts nothing.
    assert_eq!(
        body(private(&command("/ü", 2))),
        EventBody::Text("/ü".into())
    );
}

#[test]
fn a_group_is_heard_where_it_speaks_to_the_bot() {
    assert_eq!(
        nothing(&group(&json!({ "text": "hello" }))),
        "a group's talk"
    );
    let reply = |to: u64| json!({ "text": "My cat", "reply_to_message": { "from": { "id": to } } });
    assert_eq!(body(group(&reply(42))), EventBody::Text("My cat".into()));
    assert_eq!(nothing(&group(&reply(43))), "a group's talk");
    let mention = json!({
        "text": "🦜 @lorikeet_bot My cat", "entities": [{ "type": "mention", "offset": 3, "length": 13 }],
    });
    assert_eq!(body(group(&mention)), EventBody::Text("🦜 My cat".into()));
    assert_eq!(
        body(private(&mention)),
        EventBody::Text("🦜 @lorikeet_bot My cat".into()),
        "nobody else is there"
    );
    let Incoming::Event { conversation, .. } = group(&reply(42)) else {
        panic!("an event");
    };
    assert_eq!(conversation.key(), "telegram/-100//7");
    let mut topic = reply(42);
    topic["message_thread_id"] = json!(9);
    let Incoming::Event { conversation, .. } = group(&topic) else {
        panic!("an event");
    };
    assert_eq!(conversation.thread, None, "a thread of replies is no topic");
    topic["is_topic_message"] = json!(true);
    let Incoming::Event { conversation, .. } = group(&topic) else {
        panic!("an event");
    };
    assert_eq!(conversation.key(), "telegram/-100/9/7");
}

#[test]
fn who_cannot_be_told_apart_is_told_so() {
    let anonymous = json!({
        "text": "/train", "entities": [{ "type": "bot_command", "offset": 0, "length": 6 }],
        "from": { "id": ANONYMOUS_ADMIN, "is_bot": true, "first_name": "Group" },
        "sender_chat": { "id": -100, "type": "supergroup" },
    });
    assert_eq!(told(&group(&anonymous)), "message-anonymous");
    let mut bot = command("/train", 6);
    bot["from"] = json!({ "id": 8, "is_bot": true, "first_name": "Other" });
    assert_eq!(nothing(&group(&bot)), "another bot");
    let channel = with(
        json!({ "id": -7, "type": "channel" }),
        &json!({ "text": "news" }),
    );
    assert_eq!(nothing(&channel), "a channel");
}

#[test]
fn what_is_edited_later_is_said_to_be_used_already() {
    let edit = |message: Value| read_json(json!({ "update_id": 9, "edited_message": message }));
    let message = |kind: &str, text: &str| {
        json!({
            "message_id": 4, "date": 1, "edit_date": 2, "text": text,
            "chat": { "id": if kind == "private" { 7 } else { -7 }, "type": kind },
            "from": { "id": 7, "is_bot": false, "first_name": "Kea", "language_code": "de" },
        })
    };
    let Incoming::Told {
        sentence,
        message: to,
        language,
        ..
    } = edit(message("private", "Garden birds"))
    else {
        panic!("a sentence");
    };
    assert_eq!(
        (sentence, to, language.as_deref()),
        ("message-edited", 4, Some("de"))
    );
    // What a group's people say to each other is theirs to change.
    assert!(matches!(
        edit(message("group", "Garden birds")),
        Incoming::Nothing(_)
    ));
}

#[test]
fn of_a_photo_the_largest_size_is_taken() {
    let size = |id: &str, side: u32| json!({ "file_id": id, "width": side, "height": side, "file_size": side });
    let photo = json!({
        "photo": [size("small", 90), size("large", 1_280), size("middle", 320)],
        "caption": "a cat", "media_group_id": "album",
    });
    let Incoming::Event { event, .. } = private(&photo) else {
        panic!("an event");
    };
    assert_eq!(event.batch.as_deref(), Some("album"));
    let EventBody::Media { items, text, .. } = event.body else {
        panic!("{:?}", event.body);
    };
    assert_eq!((items.len(), text.as_str()), (1, "a cat"));
    assert_eq!(
        (items[0].source.as_str(), items[0].size),
        ("large", Some(1_280))
    );
}

#[test]
fn what_is_no_picture_is_told_apart() {
    for kind in [
        "sticker",
        "voice",
        "video",
        "video_note",
        "audio",
        "dice",
        "poll",
        "contact",
        "location",
        "story",
    ] {
        assert_eq!(
            told(&private(&json!({ kind: { "x": 1 } }))),
            "message-no-picture",
            "{kind}"
        );
    }
    let document = |fields: Value| json!({ "document": fields });
    let film = document(json!({ "file_id": "f", "mime_type": "video/mp4" }));
    assert_eq!(told(&private(&film)), "message-no-picture");
    let large = document(json!({ "file_id": "f", "file_size": (20 << 20) + 1 }));
    assert_eq!(told(&private(&large)), "message-too-large");
    let fits = document(json!({ "file_id": "f", "file_size": 20 << 20 }));
    assert!(matches!(body(private(&fits)), EventBody::Media { .. }));
    // What nobody thought of yet is left alone.
    assert_eq!(
        nothing(&private(&json!({ "new_chat_title": "x" }))),
        "a message without content"
    );
    let unknown = read_json(json!({ "update_id": 5, "message_reaction": {} }));
    assert_eq!(nothing(&unknown), "a kind of update that was not asked for");
}

#[test]
fn presses_are_their_owners_alone() {
    let stamp = Stamp {
        tag: SessionTag::from_generation(3),
        revision: 4,
    };
    let (token, page) = (
        stamp.token(2),
        PageToken {
            stamp,
            page: Page::Field(1),
        },
    );
    let press = |data: &str, chat: i64| {
        read_json(json!({ "update_id": 5, "callback_query": {
            "id": "q", "from": { "id": 7, "first_name": "Kea" }, "data": data,
            "message": { "message_id": 1, "date": 0, "chat": { "id": chat, "type": "private" } },
        } }))
    };
    assert_eq!(body(press(&token.to_string(), 7)), EventBody::Press(token));
    assert_eq!(body(press(&page.to_string(), 7)), EventBody::Page(page));
    let Incoming::Event {
        conversation,
        query,
        ..
    } = press(&format!("{token}~7~9"), -100)
    else {
        panic!("an event");
    };
    assert_eq!(
        (conversation.key().as_str(), query.as_deref()),
        ("telegram/-100/9/7", Some("q"))
    );
    assert_eq!(told(&press(&format!("{token}~8"), -100)), "press-foreign");
    for odd in ["", "x", "~7", "a-b", "0-0-0-0"] {
        assert_eq!(told(&press(odd, 7)), "press-unknown", "{odd}");
    }
    let game =
        read_json(json!({ "update_id": 5, "callback_query": { "id": "q", "from": { "id": 7 } } }));
    assert_eq!(told(&game), "press-unknown");
}
