//! Forms and pages where a room cannot show them at once: one thing after the other, and nothing typed is lost.

use lorikeet_chat::{EventBody, Origin, Page, PageToken, Surface, Token};
use serde_json::json;

use crate::talk::Talk;

const STALE: &str = "That button belongs to an earlier screen. This is the current one.";

fn at_form() -> Talk {
    let mut talk = Talk::new();
    talk.types("book").says("Kea");
    talk
}

fn submit(talk: &Talk) -> Token {
    talk.session.stamp().token(6)
}

fn values(count: &str, wine: &str) -> Vec<(String, String)> {
    vec![("count".into(), count.into()), ("wine".into(), wine.into())]
}

#[test]
fn a_field_is_looked_at_typed_and_sent() {
    let mut talk = at_form();
    let stamp = talk.session.stamp();
    talk.looks(Page::Field(0));
    let shown = talk.shown.as_ref().unwrap();
    assert_eq!((shown.page, shown.surface), (Page::Field(0), Surface::Edit));
    assert_eq!(talk.session.stamp(), stamp, "a page is of the same screen");

    talk.says(" 4 ");
    let shown = talk.shown.as_ref().unwrap();
    assert_eq!((shown.page, shown.surface), (Page::First, Surface::Fresh));
    assert_eq!(talk.fields(), values("4", ""));
    assert_eq!(talk.session.stamp(), stamp);

    talk.looks(Page::Field(1)).says("red");
    assert_eq!(talk.fields(), values("4", "red"));
    talk.press(submit(&talk));
    assert_eq!(talk.heading(), "4 for Kea: 40");
}

fn fills(talk: &mut Talk, values: &[(u32, &str)]) {
    let stamp = talk.session.stamp();
    let page = Page::Field(values.first().map_or(0, |(place, _)| *place));
    let filled = EventBody::Filled {
        page: PageToken { stamp, page },
        values: values
            .iter()
            .map(|(place, text)| (*place, (*text).to_owned()))
            .collect(),
    };
    talk.turn(Origin::Person, filled);
}

#[test]
fn a_window_with_the_whole_form_sends_it() {
    let mut talk = at_form();
    fills(&mut talk, &[(0, " 4 "), (1, "red")]);
    assert_eq!(talk.heading(), "4 for Kea: 40");
    assert_eq!(talk.shown.as_ref().unwrap().surface, Surface::Edit);
}

#[test]
fn a_window_with_a_part_of_the_form_is_kept_until_it_is_sent() {
    let mut talk = at_form();
    let stamp = talk.session.stamp();
    fills(&mut talk, &[(1, "red")]);
    assert_eq!(talk.fields(), values("", "red"));
    let shown = talk.shown.as_ref().unwrap();
    assert_eq!((shown.page, shown.surface), (Page::First, Surface::Edit));
    assert_eq!(talk.session.stamp(), stamp, "it is the same screen");
    fills(&mut talk, &[(0, "4"), (7, "nothing")]);
    assert_eq!(talk.fields(), values("4", "red"));
    talk.press(submit(&talk));
    assert_eq!(talk.heading(), "4 for Kea: 40");
}

#[test]
fn what_was_refused_is_in_the_window_when_it_opens_again() {
    let mut talk = at_form();
    fills(&mut talk, &[(0, "many"), (1, "red")]);
    assert_eq!(talk.notices()[0].1, "There is no such number of seats.");
    assert_eq!(talk.fields(), values("many", "red"));
    fills(&mut talk, &[(0, "2"), (1, "red")]);
    assert_eq!(talk.heading(), "2 for Kea: 20");
}

#[test]
fn a_window_for_one_text_is_a_text() {
    let mut talk = Talk::new();
    talk.types("book");
    let before = talk.session.clone();
    fills(&mut talk, &[(0, "  ")]);
    assert_eq!(talk.session.stamp(), before.stamp(), "nothing was said");
    fills(&mut talk, &[(0, "Kea")]);
    assert_eq!(talk.fields(), values("", ""));
    assert_eq!(talk.shown.as_ref().unwrap().surface, Surface::Edit);
}

#[test]
fn a_window_of_an_old_screen_changes_nothing() {
    let mut talk = at_form();
    let stamp = talk.session.stamp();
    talk.presses("2");
    let before = talk.session.clone();
    let filled = EventBody::Filled {
        page: PageToken {
            stamp,
            page: Page::Field(0),
        },
        values: [(0, "4".to_owned()), (1, "red".to_owned())].into(),
    };
    talk.turn(Origin::Person, filled);
    assert_eq!(talk.answers(), [STALE]);
    assert_eq!(talk.session, before);
}

#[test]
fn lines_fill_the_fields_they_name() {
    let mut talk = at_form();
    talk.says("seats: 2\n\nWine = red: dry");
    assert_eq!(talk.fields(), values("2", "red: dry"));
    talk.says("count: 3");
    assert_eq!(talk.fields(), values("3", "red: dry"));
    assert_eq!(talk.press(submit(&talk)).heading(), "3 for Kea: 30");
}

#[test]
fn other_texts_are_not_for_the_form() {
    for text in [
        "four",
        "seats",
        "Seats: 2\nand a chair",
        "Chairs: 2",
        ": 2",
        "  \n ",
    ] {
        let mut talk = at_form();
        talk.says(text);
        assert_eq!(talk.fields(), values("", ""), "{text:?}");
        assert_eq!(talk.notices().len(), 1, "{text:?} is answered");
    }
}

#[test]
fn what_was_refused_is_still_there_to_be_mended() {
    let mut talk = at_form();
    talk.says("Seats: many\nWine: red");
    talk.press(submit(&talk));
    assert_eq!(talk.notices()[0].1, "There is no such number of seats.");
    assert_eq!(talk.fields(), values("many", "red"));
    talk.says("Seats: 2");
    talk.press(submit(&talk));
    assert_eq!(talk.heading(), "2 for Kea: 20");
}

#[test]
fn another_step_knows_nothing_of_it() {
    let mut talk = at_form();
    talk.says("Seats: 2").looks(Page::Field(1)).presses("3");
    assert_eq!(talk.heading(), "3 for Kea: 30");
    assert_eq!(talk.shown.as_ref().unwrap().page, Page::First);
    assert_eq!(json!(talk.session)["form"], json!(null));
    assert_eq!(json!(talk.session)["page"], json!(null));
    talk.says("red");
    assert_eq!(talk.notices().len(), 1, "a text is a text again");
}

#[test]
fn news_leaves_the_page_open() {
    let mut talk = at_form();
    talk.says("Seats: 2").looks(Page::Field(1));
    talk.turn(Origin::Internal, EventBody::Redraw);
    assert_eq!(talk.shown.as_ref().unwrap().page, Page::Field(1));
    assert_eq!(talk.fields(), values("2", ""));
}

#[test]
fn a_file_is_wanted_once() {
    let mut talk = at_form();
    talk.looks(Page::Field(1)).looks(Page::File(2));
    assert_eq!(talk.shown.as_ref().unwrap().page, Page::File(2));
    talk.turn(Origin::Internal, EventBody::Redraw);
    assert_eq!(talk.shown.as_ref().unwrap().page, Page::Field(1));
}

#[test]
fn a_page_of_an_old_screen_is_answered() {
    let mut talk = at_form();
    let old = talk.session.stamp();
    talk.presses("2");
    let before = talk.session.clone();
    let page = Page::Question(0);
    talk.turn(
        Origin::Person,
        EventBody::Page(PageToken { stamp: old, page }),
    );
    assert_eq!(talk.answers(), [STALE]);
    assert_eq!(talk.session, before);
}

#[test]
fn a_field_that_is_not_there_takes_nothing() {
    let mut talk = at_form();
    talk.looks(Page::Field(9)).says("4");
    assert_eq!(talk.fields(), values("", ""));
    assert_eq!(talk.notices().len(), 1);
}
