//! Unsound definitions are not built.

use lorikeet_chat::Screen;
use lorikeet_flow::{
    Change, Defect, Exits, Flow, FlowBuilder, InputKind, Navigation, StepBuilder, steps,
};
use serde_json::Value;

use crate::postcard::{ReadPrice, Shop};

steps! {
    enum Step {
        One = "one",
        Two = "two",
    }
}

type Builder = FlowBuilder<Step, u8, Shop>;
type Describe = fn(StepBuilder<Step, u8, Shop>) -> StepBuilder<Step, u8, Shop>;

fn view(_: &u8, _: &Shop) -> Result<Screen, ReadPrice> {
    Ok(Screen::new())
}

fn onward(step: StepBuilder<Step, u8, Shop>) -> StepBuilder<Step, u8, Shop> {
    step.skip_to(Step::Two)
}

fn started(version: u32) -> Builder {
    Flow::builder("sample", version).start([Step::One], |_: Value, _| Ok(Change::to(Step::One, 0)))
}

/// A sound flow but for how its first step is described.
fn first(describe: Describe) -> Builder {
    started(1)
        .step(Step::One, view, describe)
        .step(Step::Two, view, |step| step)
}

fn defects(builder: Builder) -> Vec<Defect> {
    builder
        .build()
        .map_or_else(|defects| defects.0, |_| Vec::new())
}

#[test]
fn a_sound_definition_has_no_defects() {
    assert_eq!(defects(first(onward)), []);
}

#[test]
fn a_flow_has_to_start_somewhere() {
    let never = Flow::builder("sample", 1)
        .step(Step::One, view, onward)
        .step(Step::Two, view, |step| step);
    let unreachable = [Defect::Unreachable("one"), Defect::Unreachable("two")];
    let expected = [vec![Defect::NoStart], unreachable.to_vec()].concat();
    assert_eq!(defects(never), expected);
}

#[test]
fn every_step_is_defined_once() {
    let twice = first(onward).step(Step::Two, view, |step| step);
    assert_eq!(defects(twice), [Defect::DefinedTwice("two")]);

    let missing = started(1).step(Step::One, view, onward);
    let target = Defect::Target {
        from: "one",
        to: "two",
    };
    assert_eq!(defects(missing), [Defect::Undefined("two"), target]);
}

#[test]
fn every_step_is_reachable() {
    let stays = first(|step| {
        step.on_text(
            |_, _, _| Ok(()),
            |n, (), _| Change::stay(n),
            Exits::finish(),
        )
    });
    assert_eq!(defects(stays), [Defect::Unreachable("two")]);
}

#[test]
fn every_step_has_a_way_out() {
    let trapped = started(1)
        .step(Step::One, view, onward)
        .step(Step::Two, view, |step| {
            step.one_way().on_text(
                |_, _, _| Ok(()),
                |n, (), _| Change::stay(n),
                Exits::to([Step::Two]),
            )
        });
    assert_eq!(defects(trapped), [Defect::DeadEnd("two")]);

    // A hub that only calls other flows is no trap.
    let hub = started(1)
        .step(Step::One, view, onward)
        .step(Step::Two, view, |step| {
            step.one_way()
                .on_value(
                    |_, n: u8, _| Ok(n),
                    |_, n, _| Change::call("crop", Value::Null, n),
                    Exits::call("crop"),
                )
                .on_return(
                    "crop",
                    |_, n: u8, _| Ok(n),
                    |_, n, _| Change::stay(n),
                    Exits::stay(),
                )
        });
    assert_eq!(defects(hub), []);
}

#[test]
fn nobody_goes_back_to_a_step_that_is_passed() {
    let flow = started(1)
        .step(Step::One, view, |step| step.passing().skip_to(Step::Two))
        .step(Step::Two, view, |step| step.jumps_to([Step::One]))
        .build()
        .unwrap();
    let one = flow.start(&Value::Null, &Shop::OPEN).unwrap().instance;
    let two = flow.navigate(&one, &Navigation::Skip).unwrap().instance;
    assert_eq!(two.history(), []);
    assert!(!flow.ways(&two).unwrap().back);
    assert!(!flow.mermaid().contains("step_two -.-> step_one"));

    // Nor does a history from elsewhere lead there.
    let mut stored = flow.store(&two).unwrap();
    stored.history = vec!["one".to_owned()];
    assert_eq!(flow.load(&stored).unwrap().history(), []);

    // So what comes after it needs a way on.
    let trapped = started(1)
        .step(Step::One, view, |step| step.passing().skip_to(Step::Two))
        .step(Step::Two, view, |step| step);
    assert_eq!(defects(trapped), [Defect::DeadEnd("two")]);
}

#[test]
fn what_lies_before_a_passed_step_is_a_way_back() {
    steps! {
        enum Visit {
            Menu = "menu",
            Question = "question",
            Answer = "answer",
        }
    }
    let flow = Flow::<Visit, u8, Shop>::builder("visit", 1)
        .start([Visit::Menu], |_: Value, _| Ok(Change::to(Visit::Menu, 0)))
        .step(Visit::Menu, view, |step| step.jumps_to([Visit::Question]))
        .step(Visit::Question, view, |step| {
            step.passing().skip_to(Visit::Answer)
        })
        .step(Visit::Answer, view, |step| step)
        .build()
        .unwrap();
    let menu = flow.start(&Value::Null, &Shop::OPEN).unwrap().instance;
    let jump = Navigation::Jump("question".to_owned());
    let question = flow.navigate(&menu, &jump).unwrap().instance;
    let answer = flow
        .navigate(&question, &Navigation::Skip)
        .unwrap()
        .instance;
    assert_eq!(answer.history(), [Visit::Menu]);

    // A restart forgets the way, and nothing else.
    let again = flow.navigate(&answer, &Navigation::Restart).unwrap();
    assert_eq!(again.instance, menu);
}

#[test]
fn no_input_is_taken_twice() {
    let twice = first(|step| {
        let again = |step: StepBuilder<Step, u8, Shop>| {
            step.on_text(|_, _, _| Ok(()), |n, (), _| Change::stay(n), Exits::stay())
        };
        again(again(step)).skip_to(Step::Two)
    });
    let (step, kind) = ("one", InputKind::Text);
    assert_eq!(defects(twice), [Defect::TakenTwice { step, kind }]);

    let everywhere = |builder: Builder| {
        builder.on_background("tick", |_, n: u8, _| Ok(n), |_, n, _| Change::stay(n))
    };
    let (step, kind) = ("sample", InputKind::Background);
    let twice = everywhere(everywhere(first(onward)));
    assert_eq!(defects(twice), [Defect::TakenTwice { step, kind }]);
    assert_eq!(defects(everywhere(first(onward))), []);
}

#[test]
fn a_step_that_calls_takes_the_result() {
    let careless = first(|step| {
        step.skip_to(Step::Two).on_value(
            |_, n: u8, _| Ok(n),
            |_, n, _| Change::call("crop", Value::Null, n),
            Exits::call("crop"),
        )
    });
    let (step, flow) = ("one", "crop");
    assert_eq!(defects(careless), [Defect::NoReturn { step, flow }]);

    let hopeful = first(|step| {
        step.skip_to(Step::Two).on_return(
            "crop",
            |_, n: u8, _| Ok(n),
            |_, n, _| Change::stay(n),
            Exits::stay(),
        )
    });
    assert_eq!(defects(hopeful), [Defect::NoCall { step, flow }]);
}

#[test]
fn names_are_fit_to_be_stored() {
    steps! {
        enum Odd {
            Space = "two words",
            Same = "same",
            Again = "same",
        }
    }
    let flow: FlowBuilder<Odd, u8, Shop> = Flow::builder("9lives", 1)
        .start([Odd::Space], |_: Value, _| Ok(Change::to(Odd::Space, 0)))
        .step(Odd::Space, view, |step| {
            step.jumps_to([Odd::Same, Odd::Again])
        })
        .step(Odd::Same, view, |step| step)
        .step(Odd::Again, view, |step| step);
    let expected = [
        Defect::Name("9lives"),
        Defect::Name("two words"),
        Defect::SameName("same"),
    ];
    assert_eq!(flow.build().unwrap_err().0, expected);
}

#[test]
fn migrations_reach_the_version_without_a_gap() {
    let with = |version: u32, migrations: &[u32]| {
        let flow = started(version)
            .step(Step::One, view, onward)
            .step(Step::Two, view, |step| step);
        let flow = migrations.iter().fold(flow, |flow, from| {
            flow.migrate(*from, |step, state| Some((step, state)))
        });
        defects(flow)
    };
    assert_eq!(with(4, &[3, 2]), []);
    for unsound in [vec![1, 3], vec![2], vec![3, 4], vec![3, 3], vec![u32::MAX]] {
        let mut from = unsound.clone();
        from.sort_unstable();
        assert_eq!(with(4, &unsound), [Defect::Migrations { from, version: 4 }]);
    }
}

#[test]
fn defects_read_as_a_sentence() {
    let missing = started(1).step(Step::One, view, onward);
    insta::assert_snapshot!(missing.build().unwrap_err(), @"the flow is not sound; the step `two` is not defined; `one` leads to `two`, which is not defined");
}
