//! What lies in a session is read, migrated or given up, and never trusted.

use std::collections::BTreeSet;

use lorikeet_flow::{AnyFlow, Halt, Restart, Step as _, Stored};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::postcard::{Answer, Shop, Step, jump, postcard, sensible};
use crate::walks::{answer, json_value, shop};

fn stored(version: u32, step: &str, state: Value) -> Stored {
    Stored {
        flow: "postcard".into(),
        version,
        step: step.into(),
        history: vec!["address".into(), "greeting".into(), "photos".into()],
        state,
    }
}

fn card() -> Value {
    json!({ "address": "1 Sea Road", "photos": ["a"], "caption": "", "price": 0, "queue": 0 })
}

#[test]
fn an_older_instance_is_migrated_step_by_step() {
    let old = json!({ "address": "1 Sea Road", "photo": "a", "caption": "", "price": 0 });
    let flow = postcard();
    let instance = flow.load(&stored(1, "greeting", old)).unwrap();
    assert_eq!(instance.step(), Step::Caption);
    // The step `greeting` is gone, and so is the way back to it.
    assert_eq!(instance.history(), [Step::Address, Step::Photos]);
    assert_eq!(flow.store(&instance).unwrap().state, card());
}

#[test]
fn an_instance_that_does_not_fit_has_to_start_anew() {
    let flow = postcard();
    let restart = |stored: Stored| flow.load(&stored).unwrap_err();
    let current = 3;

    let newer = Restart::Version { stored: 4, current };
    assert_eq!(restart(stored(4, "photos", card())), newer);
    let ancient = Restart::Version { stored: 0, current };
    assert_eq!(restart(stored(0, "photos", card())), ancient);
    let given_up = Restart::Migration(2);
    assert_eq!(restart(stored(2, "gift_wrap", card())), given_up);
    let gone = Restart::Step("gift_wrap".into());
    assert_eq!(restart(stored(3, "gift_wrap", card())), gone);
    let odd = restart(stored(3, "photos", json!({ "address": 7 })));
    assert!(matches!(odd, Restart::State(_)), "{odd}");
    let mut foreign = stored(3, "photos", card());
    foreign.flow = "letter".into();
    assert_eq!(restart(foreign), Restart::Flow("letter".into()));
}

#[test]
fn every_way_into_a_flow_asks_for_the_restart() {
    let flow: &dyn AnyFlow<Shop> = &postcard();
    let gone = stored(3, "gift_wrap", card());
    let restart = Restart::Step("gift_wrap".into());
    for answer in [sensible(&stored(3, "address", card())), jump("photos")] {
        let halt = answer.give(flow, &gone, &Shop::OPEN);
        assert_eq!(halt, Err(Halt::Restart(restart.clone())));
    }
    let view = flow.view(&gone, &Shop::OPEN);
    assert_eq!(view, Err(Halt::Restart(restart.clone())));
    assert_eq!(flow.ways(&gone), Err(restart));
}

/// Names of steps, gone steps and nonsense.
fn step_name() -> impl Strategy<Value = String> {
    let known = Step::ALL.iter().map(|step| step.name().to_owned());
    let known: Vec<String> = known
        .chain(["greeting".into(), "gift_wrap".into()])
        .collect();
    prop_oneof![4 => prop::sample::select(known), 1 => any::<String>()]
}

/// Cards of this version and the ones before with any part of them broken, and nonsense.
fn state() -> impl Strategy<Value = Value> {
    let broken = (
        prop::sample::subsequence(
            vec!["address", "photos", "caption", "price", "queue"],
            0..=2,
        ),
        json_value(),
        any::<bool>(),
    );
    let card = broken.prop_map(|(keys, value, old)| {
        let mut card = card();
        for key in keys {
            card[key] = value.clone();
        }
        if old {
            card["photo"] = value;
        }
        card
    });
    prop_oneof![4 => card, 1 => json_value()]
}

fn garbage() -> impl Strategy<Value = Stored> {
    let flow = prop_oneof![9 => Just("postcard".to_owned()), 1 => any::<String>()];
    let version = prop_oneof![9 => 0..5_u32, 1 => any::<u32>()];
    let history = prop::collection::vec(step_name(), 0..40);
    (flow, version, step_name(), history, state()).prop_map(
        |(flow, version, step, history, state)| Stored {
            flow,
            version,
            step,
            history,
            state,
        },
    )
}

proptest! {
    #[test]
    fn garbage_is_given_up_or_becomes_a_proper_instance(
        garbage in garbage(),
        answer in answer(),
        shop in shop(),
    ) {
        let flow: &dyn AnyFlow<Shop> = &postcard();
        let typed = postcard();
        let given = answer.give(flow, &garbage, &shop);
        match typed.load(&garbage) {
            Err(restart) => prop_assert_eq!(given, Err(Halt::Restart(restart))),
            Ok(instance) => {
                prop_assert!(!matches!(given, Err(Halt::Restart(_) | Halt::Fault(_))), "{given:?}");
                prop_assert!(instance.history().len() < Step::ALL.len());
                prop_assert!(flow.view(&garbage, &Shop::OPEN).is_ok());
                // Read once, it is proper: storing it and reading it again changes nothing.
                let stored = typed.store(&instance).unwrap();
                prop_assert_eq!(typed.load(&stored).unwrap(), instance);
                let cancel = Answer::Navigation(lorikeet_flow::Navigation::Cancel);
                prop_assert!(cancel.give(flow, &garbage, &shop).is_ok());
            }
        }
    }
}

/// The garbage means something only if some of it is read and every kind of reason to give up comes.
#[test]
fn garbage_comes_in_every_kind() {
    let flow = postcard();
    let mut runner = TestRunner::deterministic();
    let mut kinds = BTreeSet::new();
    for _ in 0..512 {
        let garbage = garbage().new_tree(&mut runner).unwrap().current();
        kinds.insert(match flow.load(&garbage) {
            Ok(_) if garbage.version < flow.version() => "migrated",
            Ok(_) => "read",
            Err(Restart::Flow(_)) => "flow",
            Err(Restart::Version { .. }) => "version",
            Err(Restart::Migration(_)) => "migration",
            Err(Restart::Step(_)) => "step",
            Err(Restart::State(_)) => "state",
        });
    }
    assert_eq!(kinds.len(), 7, "{kinds:?}");
}
