//! A dialog is checked when it is put together.

use lorikeet_dialog::{Command, DialogDefect, Opens};

use crate::seats::{booking, builder, command};

#[test]
fn names_stand_once_and_lead_somewhere() {
    let build = |commands: Vec<Command>| {
        let begun = builder().flow(booking(1)).unwrap();
        let whole = commands
            .into_iter()
            .fold(begun, lorikeet_dialog::DialogBuilder::command);
        whole.build().map(|_| ()).unwrap_err()
    };
    let table = || command("table", Opens::Cancel);
    let book = Command {
        aliases: &["table"],
        ..command("book", Opens::Flow("booking"))
    };
    assert_eq!(
        build(vec![table(), table()]),
        DialogDefect::CommandTwice("table")
    );
    assert_eq!(
        build(vec![table(), book]),
        DialogDefect::CommandTwice("table")
    );
    let lost = command("lost", Opens::Over("nowhere"));
    assert_eq!(build(vec![lost]), DialogDefect::NoFlow("nowhere"));
    assert_eq!(
        build(vec![]),
        DialogDefect::NoFlow("home"),
        "home is a flow too"
    );
}

#[test]
fn flows_stand_once() {
    let twice = builder().flow(booking(1)).unwrap().flow(booking(2));
    assert_eq!(
        twice.map(|_| ()).err(),
        Some(DialogDefect::FlowTwice("booking"))
    );
}
