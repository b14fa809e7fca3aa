use lorikeet_chat::Stamp;
use serde_json::json;

use super::*;

const KEA: &str = "7";

fn me() -> Me {
    Me {
        id: "1".to_owned(),
        application: "2".to_owned(),
        commands: vec!["train".to_owned(), "help".to_owned()],
    }
}

/// An interaction of Kea's on a server; `more` replaces its parts.
fn interaction(more: Value) -> Interaction {
    let mut whole = json!({
        "id": "500", "application_id": "2", "token": "secret", "version": 1, "locale": "de",
        "guild_id": "90", "channel_id": "91", "channel": { "id": "91", "name": "birds", "type": 0 },
        "member": { "nick": "Kea the bird", "user": { "id": KEA, "username": "kea", "global_name": "Kea" } },
    });
    for (key, value) in more.as_object().unwrap() {
        whole[key] = value.clone();
    }
    serde_json::from_value(whole).unwrap()
}

fn private(more: Value) -> Interaction {
    let mut interaction = interaction(more);
    interaction.guild_id = None;
    interaction.member = None;
    interaction.user = serde_json::from_value(json!({ "id": KEA, "username": "kea" })).unwrap();
    interaction
}

fn read(interaction: Interaction) -> Incoming {
    super::read(interaction, &me(), Timestamp::from_millis(5))
}

fn body(interaction: Interaction) -> EventBody {
    match read(interaction) {
        Incoming::Event { event, .. } => event.body,
        other => panic!("{other:?}"),
    }
}

fn refused(interaction: Interaction) -> &'static str {
    match read(interaction) {
        Incoming::Refused { sentence, .. } => sentence,
        other => panic!("{other:?}"),
    }
}

fn component(custom_id: &str, values: &[&str]) -> Value {
    json!({
        "type": 3, "message": { "id": "70", "content": "" },
        "data": { "custom_id": custom_id, "component_type": 2, "values": values },
    })
}

fn page(page: Page) -> PageToken {
    PageToken {
        stamp: Stamp::default(),
        page,
    }
}

#[test]
fn a_command_comes_with_who_and_where() {
    let data = json!({ "type": 2, "data": { "name": "train", "options": [
        { "name": "new", "type": 1, "options": [{ "name": "name", "type": 3, "value": " Kea & <Co> " }] },
    ]}});
    let Incoming::Event {
        conversation,
        event,
        asked,
        window,
    } = read(interaction(data))
    else {
        panic!("no event");
    };
    assert_eq!(conversation.key(), "discord/91//7");
    let invocation = Invocation::new("train").with("Kea & <Co>");
    assert_eq!(event.body, EventBody::Command(invocation));
    assert_eq!((event.id.as_str(), event.order), ("500", Some(500)));
    let sender = event.sender.unwrap();
    assert_eq!(
        (sender.name.as_str(), sender.room.as_str()),
        ("Kea the bird", "#birds")
    );
    assert_eq!(sender.locale.as_deref(), Some("de"));
    assert_eq!(
        (asked.token.as_str(), asked.on, window),
        ("secret", None, None)
    );

    let data = json!({ "type": 2, "data": { "name": "help" } });
    let Incoming::Event {
        conversation,
        event,
        ..
    } = read(private(data))
    else {
        panic!("no event");
    };
    assert_eq!(
        conversation.key(),
        "discord/7//7",
        "in private the room is the person"
    );
    assert_eq!(event.body, EventBody::Command(Invocation::new("help")));
    assert_eq!(event.sender.unwrap().room, "Discord");

    let data = json!({ "type": 2, "data": { "name": "gone" } });
    assert_eq!(refused(interaction(data)), "command-unknown");
}

#[test]
fn pictures_come_in_the_order_of_their_options() {
    let given = |number: u32| json!({ "name": format!("image{number}"), "type": 11, "value": format!("a{number}") });
    let file = |number: u32| json!({ "id": number, "filename": format!("{number}.png"), "size": 9, "url": format!("https://cdn.discordapp.com/{number}") });
    let data = json!({ "type": 2, "data": {
        "name": "train",
        "options": [{ "name": "add", "type": 1, "options": [
            given(10), given(2), { "name": "caption", "type": 3, "value": " a bird " }, given(1),
        ]}],
        "resolved": { "attachments": { "a1": file(1), "a2": file(2), "a10": file(10) } },
    }});
    let EventBody::Media { items, text, .. } = body(interaction(data)) else {
        panic!("no pictures");
    };
    let names: Vec<&str> = items.iter().map(|item| item.name.as_str()).collect();
    assert_eq!(names, ["1.png", "2.png", "10.png"]);
    assert_eq!(items[0].source.as_str(), "https://cdn.discordapp.com/1");
    assert_eq!((items[0].size, text.as_str()), (Some(9), "a bird"));

    let data = json!({ "type": 2, "data": { "name": "train", "options": [
        { "name": "add", "type": 1, "options": [given(1)] },
    ]}});
    assert_eq!(refused(interaction(data)), "message-no-picture");
}

#[test]
fn presses_are_their_owners() {
    let token = Stamp::default().token(3);
    let press = EventBody::Press(token);
    assert_eq!(
        body(interaction(component(&format!("{token}~7"), &[]))),
        press
    );
    assert_eq!(body(private(component(&token.to_string(), &[]))), press);
    // 7 is 7 in base 36, and 8 is somebody else.
    assert_eq!(
        refused(interaction(component(&format!("{token}~8"), &[]))),
        "press-foreign"
    );
    for odd in ["", "x", "select:0", "nothing", "0-0-0-0~7", "~7"] {
        assert_eq!(
            refused(interaction(component(odd, &[]))),
            "press-unknown",
            "{odd}"
        );
    }
    let turned = page(Page::More(2));
    assert_eq!(
        body(interaction(component(&turned.to_string(), &[]))),
        EventBody::Page(turned)
    );
    let Incoming::Event { asked, .. } = read(interaction(component(&token.to_string(), &[])))
    else {
        panic!("no event");
    };
    assert_eq!(asked.on.as_deref(), Some("70"));
}

#[test]
fn an_option_is_the_press_that_it_stands_for() {
    let token = Stamp::default().token(4).to_string();
    let select = format!("{}0.x~7", Select::PREFIX);
    let picked = component(&select, &[&token]);
    assert_eq!(
        body(interaction(picked)),
        EventBody::Press(token.parse().unwrap())
    );
    assert_eq!(
        refused(interaction(component(&select, &[]))),
        "press-unknown"
    );
    assert_eq!(
        refused(interaction(component(&select, &["x"]))),
        "press-unknown"
    );
}

#[test]
fn a_form_is_asked_for_and_comes_back() {
    let wanted = page(Page::Field(5));
    let opening = interaction(component(&format!("{wanted}~7"), &[]));
    let Incoming::Event { event, window, .. } = read(opening) else {
        panic!("no event");
    };
    // Where the form is not known any more, the field is asked for otherwise.
    assert_eq!(event.body, EventBody::Page(wanted));
    assert_eq!(window, Some(wanted));

    let typed = |custom_id: &str, value: &str| json!({ "type": 1, "components": [{ "type": 4, "custom_id": custom_id, "value": value }] });
    let filled = json!({ "type": 5, "message": { "id": "70" }, "data": {
        "custom_id": format!("{wanted}~7"),
        "components": [typed("5", "60"), typed("6", ""), typed("x", "nothing")],
    }});
    let Incoming::Event {
        event,
        asked,
        window,
        ..
    } = read(interaction(filled))
    else {
        panic!("no event");
    };
    let values = [(5, "60".to_owned()), (6, String::new())].into();
    assert_eq!(
        event.body,
        EventBody::Filled {
            page: wanted,
            values
        }
    );
    assert!(asked.is_form && window.is_none());
}

#[test]
fn what_is_nothing_is_left_out() {
    assert_eq!(read(interaction(json!({ "type": 1 }))), Incoming::Ping);
    for odd in [
        json!({ "type": 4, "data": { "name": "train" }, "channel_id": "../x" }),
        json!({ "type": 99 }),
        json!({ "type": 2, "data": { "name": "help" }, "channel_id": null }),
        json!({ "type": 2, "data": { "name": "help" }, "member": null }),
        json!({ "type": 2, "data": { "name": "help" }, "id": "../x" }),
        json!({ "type": 2, "data": { "name": "help" }, "channel_id": "../x" }),
        json!({ "type": 2, "data": { "name": "help" }, "member": { "user": { "id": "x" } } }),
    ] {
        let read = read(interaction(odd.clone()));
        assert!(matches!(read, Incoming::Nothing(_)), "{odd}: {read:?}");
    }
}

#[test]
fn what_is_being_typed_is_read_below_another_command_too() {
    let name = json!({ "name": "name", "type": 3, "value": "bir", "focused": true });
    let other = json!({ "name": "other", "type": 3, "value": "x" });
    let plain = json!([other, name]);
    let below = json!([{ "name": "new", "type": 1, "options": [name] }]);
    for (options, expected) in [(plain, "bir"), (below, "bir"), (json!([]), "")] {
        let data = json!({ "name": "loras", "options": options });
        let read = read(interaction(json!({ "type": 4, "data": data })));
        let Incoming::Typing {
            conversation,
            command,
            typed,
        } = read
        else {
            panic!("{read:?}");
        };
        assert_eq!((command.as_str(), typed.as_str()), ("loras", expected));
        assert_eq!(conversation.user.as_str(), KEA);
    }
}

/// A message of Kea's; `more` replaces its parts.
fn hear(more: Value) -> Heard {
    let mut whole = json!({
        "id": "600", "channel_id": "91", "author": { "id": KEA, "username": "kea", "global_name": "Kea" }, "content": "", "type": 0,
    });
    for (key, value) in more.as_object().unwrap() {
        whole[key] = value.clone();
    }
    let message: Message = serde_json::from_value(whole).unwrap();
    super::hear(&message, &me(), Timestamp::from_millis(5))
}

fn heard(more: Value) -> EventBody {
    match hear(more) {
        Heard::Event { event, .. } => event.body,
        other => panic!("{other:?}"),
    }
}

fn text(text: &str) -> EventBody {
    EventBody::Text(text.to_owned())
}

#[test]
fn in_private_everything_is_for_the_bot() {
    assert_eq!(heard(json!({ "content": " a bird " })), text("a bird"));
    assert_eq!(
        heard(json!({ "content": "train" })),
        text("train"),
        "a word is a word"
    );
    let invocation = Invocation::new("train").with("Kea");
    assert_eq!(
        heard(json!({ "content": "/train Kea" })),
        EventBody::Command(invocation)
    );
    let file =
        json!({ "id": "1", "filename": "a.png", "size": 4, "url": "https://cdn.discordapp.com/a" });
    let sent = heard(json!({ "content": "a bird", "attachments": [file] }));
    assert!(
        matches!(sent, EventBody::Media { items, text, .. } if items.len() == 1 && text == "a bird")
    );
    let Heard::Event { conversation, .. } = hear(json!({ "content": "x" })) else {
        panic!("no event");
    };
    assert_eq!(conversation.key(), "discord/7//7");
}

#[test]
fn on_a_server_only_what_names_the_bot_is() {
    let named = |content: &str| json!({ "guild_id": "90", "content": content, "mentions": [{ "id": "1" }] });
    assert!(matches!(
        hear(json!({ "guild_id": "90", "content": "look" })),
        Heard::Nothing(_)
    ));
    assert_eq!(heard(named("<@1> look")), text("look"));
    assert_eq!(heard(named("a <@!1> b")), text("a   b"));
    let invocation = Invocation::new("train").with("Kea");
    assert_eq!(
        heard(named("<@1> train Kea")),
        EventBody::Command(invocation)
    );
    assert!(matches!(hear(named("<@1>")), Heard::Nothing(_)));
    let Heard::Event { conversation, .. } = hear(named("<@1> x")) else {
        panic!("no event");
    };
    assert_eq!(conversation.key(), "discord/91//7");
}

#[test]
fn others_and_odd_messages_are_not() {
    for odd in [
        json!({ "content": "x", "author": { "id": "1", "username": "lorikeet", "bot": true } }),
        json!({ "content": "x", "author": { "id": "3", "username": "other", "bot": true } }),
        json!({ "content": "x", "webhook_id": "4" }),
        json!({ "content": "x", "type": 7 }),
        json!({ "content": "" }),
        json!({ "content": "x", "author": { "id": "../x" } }),
    ] {
        assert!(matches!(hear(odd.clone()), Heard::Nothing(_)), "{odd}");
    }
    let sticker = json!({ "sticker_items": [{ "id": "1", "name": "bird" }] });
    assert!(matches!(
        hear(sticker),
        Heard::Told {
            sentence: "message-no-picture",
            ..
        }
    ));
}
