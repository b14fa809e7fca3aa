//! Random walks: whatever people and services do, in whatever order, nobody gets stuck.

use std::collections::BTreeSet;

use lorikeet_flow::{
    AnyFlow, Halt, Input, Navigation, Rejection, Step as _, Stored, Then, message::id,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::postcard::{
    Answer, ReadPrice, Shop, Step, background, jump, photos, postcard, returned, sensible,
};

/// Any JSON, small.
pub(crate) fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn input() -> impl Strategy<Value = Input> {
    let value = prop_oneof![
        Just(json!(true)),
        Just(json!("enough")),
        (0..4_u8).prop_map(|photo| json!({ "crop": photo })),
        json_value(),
    ];
    let topic = prop_oneof![
        Just("payment".to_owned()),
        Just("queue".to_owned()),
        any::<String>(),
    ];
    let payload = prop_oneof![
        any::<bool>().prop_map(Value::from),
        (0..9_u32).prop_map(Value::from),
        json_value()
    ];
    let result = prop_oneof![
        (0..4_u8).prop_map(|photo| json!([photo, "cropped"])),
        json_value()
    ];
    let names = prop::collection::vec(prop::sample::select(vec!["a", "b", "c"]), 0..5);
    let fields = prop::collection::btree_map(Just("street".to_owned()), any::<String>(), 0..2);
    prop_oneof![
        4 => value.prop_map(Input::Value),
        2 => ".{0,50}".prop_map(Input::Text),
        2 => names.prop_map(|names| photos(&names)),
        1 => fields.prop_map(Input::Form),
        2 => (topic, payload).prop_map(|(topic, payload)| background(&topic, payload)),
        1 => result.prop_map(|result| returned("crop", result)),
    ]
}

fn navigation() -> impl Strategy<Value = Answer> {
    let steps: Vec<&str> = Step::ALL.iter().map(|step| step.name()).collect();
    prop_oneof![
        2 => Just(Answer::Navigation(Navigation::Back)),
        2 => Just(Answer::Navigation(Navigation::Skip)),
        4 => prop::sample::select(steps).prop_map(jump),
        1 => any::<String>().prop_map(|step| jump(&step)),
        1 => Just(Answer::Navigation(Navigation::Cancel)),
    ]
}

/// Anything that can be done to a flow, sensible or not.
pub(crate) fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![3 => input().prop_map(Answer::Input), 2 => navigation()]
}

/// A shop that mostly knows its price.
pub(crate) fn shop() -> impl Strategy<Value = Shop> {
    prop_oneof![4 => Just(Some(250)), 1 => Just(None)].prop_map(|price| Shop { price })
}

/// One thing on a walk: something random, or (`None`) what somebody would do who wants to get done.
type Stride = (Option<Answer>, Shop);

fn walk() -> impl Strategy<Value = Vec<Stride>> {
    let answer = prop_oneof![3 => answer().prop_map(Some), 1 => Just(None)];
    prop::collection::vec((answer, shop()), 0..60)
}

fn started(flow: &dyn AnyFlow<Shop>) -> Stored {
    flow.start(&Value::Null, &Shop::OPEN).unwrap().instance
}

fn bytes(stored: &Stored) -> String {
    serde_json::to_string(stored).unwrap()
}

/// Takes a walk and checks every stride; hands each instance and what became of it to `visit`, and returns the last.
fn take(
    flow: &dyn AnyFlow<Shop>,
    walk: &[Stride],
    mut visit: impl FnMut(&Stored, Option<&Then>),
) -> Stored {
    let mut stored = started(flow);
    for (answer, shop) in walk {
        let answer = answer.clone().unwrap_or_else(|| sensible(&stored));
        let before = bytes(&stored);
        let given = answer.give(flow, &stored, shop);
        assert_eq!(
            bytes(&stored),
            before,
            "an answer changed the instance it was given to"
        );
        match given {
            Err(Halt::Rejected(_)) => visit(&stored, None),
            Err(Halt::Wait(ReadPrice)) => assert!(shop.price.is_none()),
            Err(halt) => panic!("a sound flow gave up on {answer:?} at {before}: {halt}"),
            Ok(advance) => {
                let after = advance.instance;
                visit(&after, Some(&advance.then));
                match advance.then {
                    Then::Stay | Then::Call { .. } => assert_eq!(after.step, stored.step),
                    Then::Moved => assert_ne!(after.step, stored.step),
                    Then::Ignored => assert_eq!(bytes(&after), before),
                    Then::Finished(_) | Then::Cancelled => {}
                }
                let over = matches!(advance.then, Then::Finished(_) | Then::Cancelled);
                stored = if over { started(flow) } else { after };
            }
        }
        proper(flow, &stored);
    }
    stored
}

/// What holds for every instance.
fn proper(flow: &dyn AnyFlow<Shop>, stored: &Stored) {
    let steps: BTreeSet<&String> = stored.history.iter().chain([&stored.step]).collect();
    assert_eq!(
        steps.len(),
        stored.history.len() + 1,
        "a circle in {stored:?}"
    );

    let read: Stored = serde_json::from_str(&bytes(stored)).unwrap();
    assert_eq!(&read, stored);
    let typed = postcard();
    assert_eq!(&typed.store(&typed.load(stored).unwrap()).unwrap(), stored);

    assert!(flow.view(stored, &Shop::OPEN).is_ok());
    let ways = flow.ways(stored).unwrap();
    assert_eq!(ways.back, !stored.history.is_empty());
    assert!(ways.back || ways.skip || !ways.takes.is_empty() || !ways.jumps.is_empty());
}

proptest! {
    #[test]
    fn after_any_walk_the_flow_can_be_finished_left_and_gone_back_in(walk in walk()) {
        let flow: &dyn AnyFlow<Shop> = &postcard();
        let end = take(flow, &walk, |_, _| {});

        let cancelled = flow.navigate(&end, &Navigation::Cancel).unwrap();
        prop_assert_eq!(cancelled.then, Then::Cancelled);

        let mut back = end.clone();
        while let Some(before) = back.history.last().cloned() {
            let advance = flow.navigate(&back, &Navigation::Back).unwrap();
            prop_assert_eq!(&advance.instance.step, &before);
            prop_assert_eq!(&advance.instance.state, &end.state);
            proper(flow, &advance.instance);
            back = advance.instance;
        }
        let nowhere = flow.navigate(&back, &Navigation::Back);
        prop_assert_eq!(nowhere, Err(Halt::Rejected(Rejection::new(id::NO_BACK))));

        let mut rest = end;
        let finished = (0..10).any(|_| {
            let advance = sensible(&rest).give(flow, &rest, &Shop::OPEN).unwrap();
            rest = advance.instance;
            matches!(advance.then, Then::Finished(_))
        });
        prop_assert!(finished, "stuck at {rest:?}");
    }
}

/// The walks mean something only if they come everywhere.
#[test]
fn walks_come_everywhere() {
    let flow: &dyn AnyFlow<Shop> = &postcard();
    let mut runner = TestRunner::deterministic();
    let mut steps = BTreeSet::new();
    let mut outcomes = BTreeSet::new();
    for _ in 0..256 {
        let walk = walk().new_tree(&mut runner).unwrap().current();
        take(flow, &walk, |stored, then| {
            steps.insert(stored.step.clone());
            outcomes.insert(match then {
                None => "rejected",
                Some(Then::Stay) => "stay",
                Some(Then::Moved) => "moved",
                Some(Then::Call { .. }) => "call",
                Some(Then::Finished(_)) => "finished",
                Some(Then::Cancelled) => "cancelled",
                Some(Then::Ignored) => "ignored",
            });
        });
    }
    assert_eq!(steps.len(), Step::ALL.len(), "{steps:?}");
    assert_eq!(outcomes.len(), 7, "{outcomes:?}");
}
