//! Which language is spoken: what the device asks for, until the person chooses.

use lorikeet_chat::{EventBody, Language, Level, Origin, Sender};
use lorikeet_dialog::Session;

use crate::talk::{Talk, ready};

/// One turn of a person whose device asks for a language.
fn says_on_a_device(talk: &mut Talk, locale: &str, text: &str) {
    talk.turns += 1;
    let mut event = talk.event(Origin::Person, EventBody::Text(text.into()));
    event.sender = Some(Sender {
        locale: Some(locale.into()),
        ..Sender::default()
    });
    let context = talk.context(&event);
    let turn = lorikeet_dialog::run(
        &talk.dialog,
        &talk.session,
        &event,
        talk.turns,
        context,
        &talk.prices,
    );
    let turn = ready(turn).unwrap();
    let lorikeet_chat::EffectBody::Show(present) = turn.effects.last().unwrap() else {
        panic!("{:?}", turn.effects);
    };
    talk.shown = Some(present.clone());
    talk.session = turn.session;
}

fn language(talk: &Talk) -> (String, bool) {
    let language = talk.screen().language.clone();
    let Some(Language { tag, chosen }) = language else {
        panic!("the screen does not say its language");
    };
    (tag, chosen)
}

#[test]
fn the_first_answer_is_in_the_language_of_the_device() {
    let mut talk = Talk::new();
    says_on_a_device(&mut talk, "de-AT", "hallo");
    assert_eq!(talk.heading(), "Was darf es sein?");
    assert_eq!(language(&talk), ("de".into(), false));
    // Who gets another device is answered in its language at once; one nobody speaks is answered in English.
    says_on_a_device(&mut talk, "fr", "salut");
    assert_eq!(talk.heading(), "What would you like?");
    assert_eq!(language(&talk), ("en".into(), false));
    says_on_a_device(&mut talk, "de", "hallo");
    assert_eq!(talk.heading(), "Was darf es sein?");
}

#[test]
fn a_choice_goes_before_the_device_and_is_kept() {
    let mut talk = Talk::new();
    talk.types("language Deutsch");
    assert_eq!(talk.heading(), "Was darf es sein?");
    let set = (Level::Success, "Ab jetzt spreche ich Deutsch.".to_owned());
    assert_eq!(talk.notices(), [set]);
    assert_eq!(language(&talk), ("de".into(), true));
    says_on_a_device(&mut talk, "en", "hello");
    assert_eq!(talk.heading(), "Was darf es sein?");
    let stored = Session::from_text(&talk.session.to_text().unwrap()).unwrap();
    assert_eq!(stored.locale(), Some("de"));
    assert!(stored.has_chosen_language());
    talk.types("language EN");
    assert_eq!(talk.heading(), "What would you like?");
    assert_eq!(language(&talk), ("en".into(), true));
}

#[test]
fn an_unknown_language_is_said_with_the_ones_there_are() {
    let mut talk = Talk::at_review();
    let before = talk.session.stack().to_vec();
    talk.types("language Klingon");
    let said = "I do not speak “Klingon”. I speak: Deutsch (de), English (en).";
    assert_eq!(talk.notices(), [(Level::Error, said.to_owned())]);
    assert_eq!(talk.session.stack(), before);
    assert_eq!(talk.session.locale(), None);
}

#[test]
fn choosing_comes_on_top_and_goes_back_to_what_was_open() {
    let mut talk = Talk::at_review();
    talk.types("language");
    assert_eq!(talk.flows(), ["booking", "note"]);
    // What its controls do.
    talk.types("language de");
    assert_eq!(talk.flows(), ["booking"]);
    assert_eq!(talk.heading(), "2 for Kea: 20");
    talk.types("language").presses("Zurück");
    assert_eq!(talk.flows(), ["booking"]);
}
