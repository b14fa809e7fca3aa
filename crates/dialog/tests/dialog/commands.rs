//! Commands: found by name and alias, with arguments of a type, for those who may.

use lorikeet_chat::{EffectBody, EventBody, Invocation, Level, Origin, Sender, Surface};
use lorikeet_dialog::Session;
use serde_json::json;

use crate::talk::Talk;

fn error(talk: &Talk) -> String {
    match talk.notices().as_slice() {
        [(Level::Error, text)] => text.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_command_is_found_by_name_alias_and_any_case() {
    for typed in ["book", "table", "reserve", "BOOK", "Table"] {
        let mut talk = Talk::new();
        assert_eq!(talk.types(typed).heading(), "Whose table?");
        assert_eq!(talk.flows(), ["booking"]);
    }
}

#[test]
fn an_unknown_command_is_said_and_changes_nothing() {
    let mut talk = Talk::at_review();
    let before = talk.session.stack().to_vec();
    talk.types("dance tango");
    assert_eq!(
        error(&talk),
        "I do not know the command “dance”. Try /help for the ones there are."
    );
    assert_eq!(talk.session.stack(), before);
    assert_eq!(talk.shown.as_ref().unwrap().surface, Surface::Fresh);
}

#[test]
fn commands_are_written_as_one_writes_them_there() {
    let mut talk = Talk::new();
    let mut said = |sign: Option<&str>| {
        talk.turns += 1;
        let mut event = talk.event(Origin::Person, EventBody::Command(Invocation::new("dance")));
        event.sender = sign.map(|sign| Sender {
            sign: Some(sign.to_owned()).filter(|sign| !sign.is_empty()),
            ..Sender::default()
        });
        let context = talk.context(&event);
        let turn = talk.dialog.turn(talk.session.clone(), &event, 1, &context);
        let turn = turn.unwrap();
        let Some(EffectBody::Show(present)) = turn.effects.last() else {
            panic!("{:?}", turn.effects);
        };
        talk.shown = Some(present.clone());
        // Between two turns a session is text.
        talk.session = Session::from_text(&turn.session.to_text().unwrap()).unwrap();
        error(&talk)
    };
    let with =
        |sign| format!("I do not know the command “dance”. Try {sign}help for the ones there are.");
    assert_eq!(said(Some("!")), with("!"));
    // What nobody says is as it was last; who comes by another platform is written to as there.
    assert_eq!(said(None), with("!"));
    assert_eq!(said(Some("")), with("/"));
    assert_eq!(said(None), with("/"));
}

#[test]
fn arguments_are_read_by_their_type() {
    let mut talk = Talk::new();
    talk.types("book   Mr Whiskers ");
    assert_eq!(talk.session.stack()[0].state["name"], "Mr Whiskers");
    talk.types("seats 3");
    assert_eq!(talk.session.stack()[0].state["count"], json!(3));
    let before = talk.session.stack().to_vec();
    for typed in ["many", "-1", "1.5", "99999999999"] {
        talk.types(&format!("seats {typed}"));
        assert_eq!(
            error(&talk),
            format!("“/seats” takes a whole number, not “{typed}”. Type it again with a number.")
        );
        assert_eq!(talk.session.stack(), before);
    }
    talk.types("seats");
    assert_eq!(
        error(&talk),
        "“/seats” needs something after it. Try /help to see what."
    );
    // One that takes nothing does not mind chatter.
    assert_eq!(talk.types("note please").heading(), "A note");
}

#[test]
fn a_refused_argument_leaves_what_was_going_on() {
    let mut talk = Talk::at_review();
    let before = talk.session.stack().to_vec();
    talk.types("book bad");
    assert_eq!(error(&talk), "That is no name.");
    assert_eq!(talk.session.stack(), before);
    assert_eq!(talk.work(), [], "nothing was given back");
}

#[test]
fn some_commands_are_for_operators() {
    let mut talk = Talk::at_review();
    talk.types("close");
    assert_eq!(
        error(&talk),
        "The command “close” is for operators of this bot. Ask whoever runs it."
    );
    assert_eq!(talk.flows(), ["booking"]);
    talk.operator = true;
    assert_eq!(talk.types("close").flows(), ["home"]);
}

#[test]
fn a_command_leaves_the_flows_the_polite_way() {
    let mut talk = Talk::at_review();
    talk.presses("Choose a dish").types("note");
    assert_eq!(talk.flows(), ["booking", "dishes", "note"]);
    talk.types("book");
    let tables = |request: &str| ("tables".to_owned(), json!(request));
    assert_eq!(
        talk.work(),
        [tables("give back"), tables("take")],
        "back first, then anew"
    );
    assert_eq!(talk.flows(), ["booking"]);
}

#[test]
fn cancelling_leaves_the_flow_on_top() {
    let mut talk = Talk::at_review();
    talk.presses("Choose a dish").types("cancel");
    assert_eq!(talk.flows(), ["booking"]);
    assert_eq!(
        talk.notices(),
        [(
            Level::Info,
            "Stopped here. What you had is saved.".to_owned()
        )]
    );
    talk.types("cancel");
    assert_eq!(talk.work(), [("tables".to_owned(), json!("give back"))]);
    assert_eq!(talk.flows(), ["home"]);
    talk.types("cancel");
    assert_eq!(
        talk.notices()[0].1,
        "There is nothing to stop. Choose what to do next."
    );
    assert_eq!(talk.flows(), ["home"]);
}
