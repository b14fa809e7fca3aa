//! Random events: no panic, no screen whose tokens lie, always a flow on the stack, and the way home open.

use lorikeet_chat::{Action, EventBody, Origin, SessionTag, Stamp, Token};
use lorikeet_dialog::Session;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::talk::Talk;

#[derive(Clone, Debug)]
enum Act {
    Press(u32),
    Forge(u64, u64, u32),
    Say(String),
    Type(String),
    Fill(u32, String),
    Tell(&'static str, Value),
    Redraw,
    /// The stored session is damaged: a field of a flow becomes something else.
    Damage(&'static str, Value),
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0_u32..5).prop_map(Value::from),
        "[a-z]{0,8}".prop_map(Value::from),
        Just(json!([1])),
        Just(json!({ "name": "x", "count": 1 })),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    let lines = prop::sample::select(vec![
        "start", "book", "book bad", "book Kea", "seats", "seats 2", "seats x", "note", "cancel",
        "close", "dance",
    ]);
    let topics = prop::sample::select(vec!["joined", "booked", "news", "stray", "other"]);
    let parts = prop::sample::select(vec!["flow", "version", "step", "history", "state"]);
    prop_oneof![
        8 => (0_u32..8).prop_map(Act::Press),
        1 => (any::<u64>(), 0_u64..20, 0_u32..9).prop_map(|(tag, revision, index)| Act::Forge(tag, revision, index)),
        3 => "bad|Kea|.{0,6}".prop_map(Act::Say),
        3 => lines.prop_map(|line| Act::Type(line.to_owned())),
        1 => (0_u32..8, "[0-9x]{0,3}").prop_map(|(index, typed)| Act::Fill(index, typed)),
        3 => (topics, value()).prop_map(|(topic, payload)| Act::Tell(topic, payload)),
        1 => Just(Act::Redraw),
        1 => (parts, value()).prop_map(|(part, value)| Act::Damage(part, value)),
    ]
}

fn happen(talk: &mut Talk, act: Act) {
    let stamp = talk.session.stamp();
    match act {
        Act::Press(index) => {
            talk.press(stamp.token(index));
        }
        Act::Forge(generation, revision, index) => {
            let tag = SessionTag::from_generation(generation);
            let stamp = Stamp { tag, revision };
            talk.press(Token { stamp, index });
        }
        Act::Say(text) => {
            talk.says(&text);
        }
        Act::Type(line) => {
            talk.types(&line);
        }
        Act::Fill(index, typed) => {
            talk.fills(stamp.token(index), &typed);
        }
        Act::Tell(topic, payload) => {
            talk.told(topic, payload);
        }
        Act::Redraw => {
            talk.turn(Origin::Internal, EventBody::Redraw);
        }
        Act::Damage(part, value) => {
            let mut stored = json!(talk.session);
            if let Some(flow) = stored["stack"].get_mut(0) {
                flow[part] = value;
            }
            talk.showed = false;
            // What is no session at all is refused when it is read, before any turn.
            if let Ok(session) = Session::from_text(&stored.to_string()) {
                talk.session = session;
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_there_is_a_way_on(acts in prop::collection::vec(act(), 1..40)) {
        let mut talk = Talk::new();
        for act in acts {
            // Every turn checks that the tokens of the screen resolve to its actions.
            happen(&mut talk, act);
            let nested = !matches!(talk.flows().as_slice(), [] | ["home"]);
            let home = |action: &&Action| matches!(action, Action::Command(command) if command.name == "start");
            if nested && talk.showed {
                prop_assert!(talk.screen().actions().iter().any(home), "no way home: {:?}", talk.screen());
            }
        }
        talk.types("start");
        prop_assert_eq!(talk.flows(), ["home"]);
    }
}
