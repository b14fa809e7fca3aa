//! One rule of the engine each.

use lorikeet_chat::Level;
use lorikeet_flow::{
    Change, Exits, Fault, Flow, Halt, Input, Message, Navigation, Notice, Rejection, Then, Wish,
    message::id,
};
use serde_json::{Value, json};

use crate::postcard::{Card, ReadPrice, Shop, Step, background, photos, postcard, returned};

type Instance = lorikeet_flow::Instance<Step, Card>;

fn started(flow: &Flow<Step, Card, Shop>) -> Instance {
    flow.start(&Value::Null, &Shop::OPEN).unwrap().instance
}

/// The instance after inputs which are all taken.
fn after(flow: &Flow<Step, Card, Shop>, inputs: &[Input]) -> Instance {
    inputs.iter().fold(started(flow), |instance, input| {
        flow.advance(&instance, input, &Shop::OPEN)
            .unwrap()
            .instance
    })
}

fn to_review(flow: &Flow<Step, Card, Shop>) -> Instance {
    let instance = after(flow, &complete());
    flow.navigate(&instance, &Navigation::Skip)
        .unwrap()
        .instance
}

fn complete() -> [Input; 3] {
    [
        Input::Text("1 Sea Road".into()),
        photos(&["beach.png"]),
        Input::Value(json!("enough")),
    ]
}

fn rejected(message: Message) -> Halt<ReadPrice> {
    Halt::Rejected(Rejection { message })
}

#[test]
fn a_flow_starts_where_its_arguments_say() {
    let flow = postcard();
    assert_eq!(started(&flow).step(), Step::Address);

    let args = json!({ "address": "2 Hill" });
    let again = flow.start(&args, &Shop::OPEN).unwrap();
    assert_eq!(again.then, Then::Moved);
    assert_eq!(again.instance.step(), Step::Review);
    assert_eq!(again.instance.state().address, "2 Hill");
    assert_eq!(again.instance.history(), []);
}

#[test]
fn a_checked_value_updates_the_state_and_moves_on() {
    let flow = postcard();
    let text = Input::Text("  1 Sea Road ".into());
    let advance = flow.advance(&started(&flow), &text, &Shop::OPEN).unwrap();
    assert_eq!(advance.then, Then::Moved);
    assert_eq!(advance.instance.step(), Step::Photos);
    assert_eq!(advance.instance.history(), [Step::Address]);
    assert_eq!(advance.instance.state().address, "1 Sea Road");
}

#[test]
fn a_check_refuses_in_its_own_words() {
    let flow = postcard();
    let long = Input::Text("x".repeat(41));
    let message = Message::new("card-address-long").number("max", 40);
    let refused = flow.advance(&started(&flow), &long, &Shop::OPEN);
    assert_eq!(refused, Err(rejected(message)));
}

#[test]
fn an_input_the_step_does_not_take_is_answered_with_what_it_takes() {
    let flow = postcard();
    let refusal = |instance: &Instance, input: &Input| flow.advance(instance, input, &Shop::OPEN);
    let expected = |expected: &str, got: &str| {
        let message = Message::new(id::EXPECTED).text("expected", expected);
        Err(rejected(message.text("got", got)))
    };
    let address = started(&flow);
    assert_eq!(
        refusal(&address, &photos(&["a"])),
        expected("text", "media")
    );
    let review = to_review(&flow);
    let text = Input::Text("hello".into());
    assert_eq!(refusal(&review, &text), expected("controls", "text"));
}

#[test]
fn a_value_of_another_shape_is_refused() {
    let flow = postcard();
    let odd = Input::Value(json!({ "rotate": 90 }));
    let instance = after(&flow, &[Input::Text("1 Sea Road".into())]);
    let refused = flow.advance(&instance, &odd, &Shop::OPEN);
    assert_eq!(refused, Err(rejected(Message::new(id::UNREADABLE))));
}

#[test]
fn a_change_carries_wishes_and_notices() {
    let flow = postcard();
    let order = Input::Value(json!(true));
    let advance = flow
        .advance(&to_review(&flow), &order, &Shop::OPEN)
        .unwrap();
    assert_eq!(
        advance.wishes,
        [Wish::new("payments", json!({ "cents": 250 }))]
    );
    let message = Message::new("card-ordered").number("cents", 250);
    let level = Level::Success;
    assert_eq!(advance.notices, [Notice { level, message }]);
}

#[test]
fn a_check_waits_for_what_is_not_read_yet_and_is_asked_again() {
    let flow = postcard();
    let review = to_review(&flow);
    let order = Input::Value(json!(true));
    let closed = Shop { price: None };
    assert_eq!(
        flow.advance(&review, &order, &closed),
        Err(Halt::Wait(ReadPrice))
    );
    assert_eq!(flow.view(&review, &closed), Err(Halt::Wait(ReadPrice)));
    let advance = flow.advance(&review, &order, &Shop::OPEN).unwrap();
    assert_eq!(advance.instance.step(), Step::Paying);
}

#[test]
fn a_called_flow_hands_its_result_to_the_step_that_called() {
    let flow = postcard();
    let [address, beach, _] = complete();
    let instance = after(&flow, &[address, beach]);
    let crop = Input::Value(json!({ "crop": 0 }));
    let call = flow.advance(&instance, &crop, &Shop::OPEN).unwrap();
    let args = json!({ "photo": 0 });
    assert_eq!(
        call.then,
        Then::Call {
            flow: "crop".into(),
            args
        }
    );
    assert_eq!(call.instance, instance);

    let result = returned("crop", json!([0, "beach-cropped.png"]));
    let back = flow.advance(&call.instance, &result, &Shop::OPEN).unwrap();
    assert_eq!(back.then, Then::Stay);
    assert_eq!(back.instance.state().photos, ["beach-cropped.png"]);
}

#[test]
fn a_result_nobody_waits_for_is_ignored() {
    let flow = postcard();
    let instance = started(&flow);
    let late = [
        returned("crop", json!([0, "x"])),
        background("payment", json!(true)),
    ];
    for input in late {
        let advance = flow.advance(&instance, &input, &Shop::OPEN).unwrap();
        assert_eq!(advance.then, Then::Ignored);
        assert_eq!(advance.instance, instance);
    }
}

#[test]
fn a_background_result_updates_any_step_and_moves_none() {
    let flow = postcard();
    let review = to_review(&flow);
    let queue = background("queue", json!(7));
    for instance in [started(&flow), review] {
        let advance = flow.advance(&instance, &queue, &Shop::OPEN).unwrap();
        assert_eq!(advance.then, Then::Stay);
        assert_eq!(advance.instance.state().queue, 7);
        assert_eq!(advance.instance.step(), instance.step());
        assert_eq!(advance.instance.history(), instance.history());
    }
}

#[test]
fn back_follows_the_way_and_keeps_the_state() {
    let flow = postcard();
    let review = to_review(&flow);
    let way = [Step::Address, Step::Photos, Step::Caption];
    assert_eq!(review.history(), way);
    let mut instance = review.clone();
    for step in way.into_iter().rev() {
        instance = flow
            .navigate(&instance, &Navigation::Back)
            .unwrap()
            .instance;
        assert_eq!(instance.step(), step);
        assert_eq!(instance.state(), review.state());
    }
    let refused = flow.navigate(&instance, &Navigation::Back);
    assert_eq!(refused, Err(rejected(Message::new(id::NO_BACK))));
}

#[test]
fn going_on_to_a_step_that_is_behind_cuts_the_way_there() {
    let flow = postcard();
    let jump = Navigation::Jump("photos".into());
    let photos = flow.navigate(&to_review(&flow), &jump).unwrap().instance;
    assert_eq!(photos.step(), Step::Photos);
    assert_eq!(photos.history(), [Step::Address]);
}

#[test]
fn nobody_goes_back_through_a_one_way_step() {
    let flow = postcard();
    let order = Input::Value(json!(true));
    let paying = flow
        .advance(&to_review(&flow), &order, &Shop::OPEN)
        .unwrap()
        .instance;
    assert_eq!(paying.history(), []);
    assert!(!flow.ways(&paying).unwrap().back);
}

#[test]
fn a_step_is_skipped_or_jumped_from_only_where_it_says() {
    let flow = postcard();
    let address = started(&flow);
    let refused = flow.navigate(&address, &Navigation::Skip);
    assert_eq!(refused, Err(rejected(Message::new(id::NO_SKIP))));
    for target in ["review", "nowhere"] {
        let refused = flow.navigate(&address, &Navigation::Jump(target.into()));
        assert_eq!(refused, Err(rejected(Message::new(id::NO_JUMP))));
    }
    let ways = flow.ways(&to_review(&flow)).unwrap();
    assert_eq!(ways.jumps, ["address", "photos", "caption"]);
    assert!(ways.back && !ways.skip);
}

#[test]
fn a_flow_ends_with_its_result() {
    let flow = postcard();
    let order = Input::Value(json!(true));
    let paying = flow
        .advance(&to_review(&flow), &order, &Shop::OPEN)
        .unwrap()
        .instance;
    let paid = background("payment", json!(true));
    let done = flow.advance(&paying, &paid, &Shop::OPEN).unwrap().instance;
    let finished = flow.advance(&done, &order, &Shop::OPEN).unwrap();
    assert_eq!(finished.then, Then::Finished(json!(250)));
}

#[test]
fn cancelling_asks_for_the_cleaning_up() {
    let flow = postcard();
    let cancelled = flow
        .navigate(&to_review(&flow), &Navigation::Cancel)
        .unwrap();
    assert_eq!(cancelled.then, Then::Cancelled);
    assert_eq!(cancelled.wishes, [Wish::new("bin", "beach.png")]);
}

fn no_view(_: &Card, _: &Shop) -> Result<lorikeet_chat::Screen, ReadPrice> {
    Ok(lorikeet_chat::Screen::new())
}

/// Its first step declares no exit, and takes whichever it is told to.
fn lying() -> Flow<Lying, Card, Shop> {
    let go = |card, go: String, _: &Shop| match go.as_str() {
        "here" => Change::to(Lying::One, card),
        "step" => Change::to(Lying::Two, card),
        "call" => Change::call("crop", Value::Null, card),
        _ => Change::finish(Value::Null, card),
    };
    Flow::builder("lying", 1)
        .start([Lying::One], |_: Value, _| {
            Ok(Change::to(Lying::One, Card::default()))
        })
        .step(Lying::One, no_view, move |step| {
            step.skip_to(Lying::Two)
                .on_value(|_, go: String, _| Ok(go), go, Exits::stay())
        })
        .step(Lying::Two, no_view, |step| step)
        .build()
        .unwrap()
}

#[test]
fn an_update_that_takes_an_undeclared_exit_is_a_fault_and_changes_nothing() {
    let flow = lying();
    let instance = flow.start(&Value::Null, &Shop::OPEN).unwrap().instance;
    for (go, exit) in [("step", "two"), ("call", "call crop"), ("end", "finish")] {
        let fault = flow.advance(&instance, &Input::Value(json!(go)), &Shop::OPEN);
        let (from, exit) = ("one".to_owned(), exit.to_owned());
        assert_eq!(fault, Err(Halt::Fault(Fault::Exit { from, exit })));
    }
}

#[test]
fn going_to_where_one_is_is_staying() {
    let flow = lying();
    let instance = flow.start(&Value::Null, &Shop::OPEN).unwrap().instance;
    let here = flow
        .advance(&instance, &Input::Value(json!("here")), &Shop::OPEN)
        .unwrap();
    assert_eq!(here.then, Then::Stay);
    assert_eq!(here.instance.history(), []);
}

#[test]
fn arguments_of_another_shape_are_a_fault() {
    let flow: Flow<Lying, Card, Shop> = Flow::builder("strict", 1)
        .start([Lying::One], |queue: u32, _| {
            let card = Card {
                queue,
                ..Card::default()
            };
            // Two is no entry.
            Ok(Change::to(
                if queue == 0 { Lying::Two } else { Lying::One },
                card,
            ))
        })
        .step(Lying::One, no_view, |step| step.skip_to(Lying::Two))
        .step(Lying::Two, no_view, |step| step)
        .build()
        .unwrap();
    let start = |args: Value| flow.start(&args, &Shop::OPEN);
    assert_eq!(start(json!(5)).unwrap().instance.state().queue, 5);
    assert!(matches!(
        start(json!("five")),
        Err(Halt::Fault(Fault::Arguments(_)))
    ));
    let (from, exit) = ("start".to_owned(), "two".to_owned());
    assert_eq!(
        start(json!(0)),
        Err(Halt::Fault(Fault::Exit { from, exit }))
    );
}

lorikeet_flow::steps! {
    enum Lying {
        One = "one",
        Two = "two",
    }
}
