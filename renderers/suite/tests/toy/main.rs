//! The suite passes what is right and bites what is wrong: every mistake is found by the property it is about.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "one mistake is to panic; tests stop at what cannot be"
)]

mod draft;
mod renderer;

use lorikeet_renderer_suite::properties;
use renderer::{Fault, Toy};

mod sound {
    use super::{Fault, Toy};

    type Sound = Toy<{ Fault::None as u8 }>;
    lorikeet_renderer_suite::conformance!(Sound);
}

/// Each fault makes the property after it fail, for the reason after that.
macro_rules! found {
    ($($test:ident: $fault:ident $property:ident $why:literal)*) => {
        mod found {
            use super::*;
            $(#[test]
            fn $test() {
                let verdict = properties::$property::<Toy<{ Fault::$fault as u8 }>>();
                let why = verdict.expect_err("the suite is blind to it");
                assert!(why.contains($why), "{why}");
            })*
        }
    };
}

found! {
    a_panic: Panics nothing_panics "no room for"
    a_message_too_long: ForgetsTheLimit messages_keep_the_limits "units of text"
    a_label_too_long: ForgetsTheLabelLimit messages_keep_the_limits "of a label"
    no_message_at_all: SaysNothing messages_keep_the_limits "no message"
    a_lost_control: LosesControl every_action_is_reached "is lost"
    a_control_on_two_pages: RepeatsControl every_action_is_reached "on 2 pages"
    a_control_that_is_not_there: InventsControl every_action_is_reached "not on the screen"
    a_control_of_another_screen: PressesAnotherScreen every_action_is_reached "not on the screen"
    swapped_labels: SwapsLabels labels_lead_where_they_say "presses action"
    a_lost_link: LosesLink links_lead_where_the_screen_says "times instead of"
    a_link_to_anywhere: OpensAnything links_lead_where_the_screen_says "can be opened"
    a_page_without_a_way_back: NoWayBack pages_can_be_turned_back "no way back"
    pages_without_end: NoEnd pages_can_be_turned_back "no end"
    a_lost_text: LosesHints every_word_is_shown_or_reported "of a option is not shown"
    a_cut_nobody_is_told_of: CutsInSilence every_word_is_shown_or_reported "of a label is not shown"
    forgotten_escapes_as_words: ForgetsToEscape every_word_is_shown_or_reported "is not shown"
    torn_words: TearsWords every_word_is_shown_or_reported "is not shown"
    torn_sentences: TearsSentences blocks_lines_and_sentences_stay_whole "is torn"
    torn_characters: TearsGraphemes graphemes_stay_whole "is torn"
    forgotten_escapes_as_markup: ForgetsToEscape text_never_becomes_markup "instead of"
    a_different_answer: Counts rendering_is_deterministic "once"
    a_loss_that_is_none: Complains what_fits_is_not_degraded "heading"
    a_suite_with_nothing_to_check: MeansNothing what_fits_is_not_degraded "are shown as meant"
}
