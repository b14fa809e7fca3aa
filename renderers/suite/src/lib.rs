//! What every renderer promises, as properties over arbitrary screens and rooms; for tests only.
//!
//! Owns the strategies ([`screens`], [`rooms`], [`words`]), one property a promise ([`properties`]) and the macro that makes
//! a test of each. Does not own how a platform's payload is read: a renderer says that in its tests by implementing
//! [`Rendering`] and calls [`conformance!`](crate::conformance!).
//!
//! ```text
//! struct Web;
//! impl Rendering for Web { … }
//! lorikeet_renderer_suite::conformance!(Web);
//! ```
//!
//! A new kind of block, control or prompt is told in three places: [`screens`] (how to make one), `told` (which texts
//! it has) and `duties` (which of its actions must be reachable); two of them do not compile until it is.

mod duties;
pub mod properties;
pub mod rooms;
pub mod screens;
mod told;
mod walk;
pub mod words;

use std::fmt::Debug;

use lorikeet_chat::{Capabilities, Rendered, Screen, Stamp, Token};

/// A renderer under test, and how to read what it makes.
///
/// Reading takes the payload as the platform would show it to a person, so it belongs into the renderer's tests and
/// should not lean on the renderer's own code.
pub trait Rendering {
    /// One message's payload.
    type Message: Debug + PartialEq;
    /// Selects a page of a screen that has more controls than the room takes; its default is the page shown first.
    /// `()` for a renderer that does not page. A screen with several paged lists turns one of them at a time: pages
    /// that multiply are not all visited. A question before a button acts may be a page, too.
    type Page: Clone + Debug + Default + Ord;

    /// How often an action may be offered.
    const OFFERED: Offered = Offered::Once;

    /// Renders one page of a screen.
    fn render(
        screen: &Screen,
        stamp: Stamp,
        capabilities: &Capabilities,
        page: &Self::Page,
    ) -> Rendered<Self::Message>;

    /// The pages that can be turned to from this message.
    fn turns(_message: &Self::Message) -> Vec<Self::Page> {
        Vec::new()
    }

    /// What can be pressed or opened in this message, in reading order; turning pages is not among it.
    fn targets(message: &Self::Message) -> Vec<Target>;

    /// The texts a person sees, in reading order and without any escapes: the body's, the labels', those of fields to
    /// be filled in. A run of text is one entry, however it is marked up inside.
    fn texts(message: &Self::Message) -> Vec<String>;

    /// The message's markup without its words, addresses and tokens: what formatting there is, on what.
    fn skeleton(message: &Self::Message) -> String;

    /// Whether the platform takes the message: its documented limits, and those of the room.
    ///
    /// # Errors
    /// What it would refuse, in a sentence.
    fn check(message: &Self::Message, capabilities: &Capabilities) -> Result<(), String>;

    /// The platform's best room.
    fn best_room() -> Capabilities;

    /// Whether the platform's best room shows everything on this (small) screen as it is meant.
    fn as_meant(_screen: &Screen) -> bool {
        true
    }

    /// Takes back what no room of the platform can be, where the renderer counts on it (buttons where there always are
    /// buttons). A renderer that is total needs none of it.
    fn room(capabilities: Capabilities) -> Capabilities {
        capabilities
    }
}

/// How often a renderer offers one action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offered {
    /// On one of a screen's pages, once.
    Once,
    /// At most once on each page: navigation, for instance, stays where it is when a list is turned.
    OnceAPage,
}

/// Something that can be pressed or opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Presses a control.
    Press {
        /// The control's token.
        token: Token,
        /// What it says, marks and all.
        label: String,
    },
    /// Opens an address.
    Open {
        /// The address.
        url: String,
    },
}

/// Makes a test of every property, for one [`Rendering`](crate::Rendering).
#[macro_export]
macro_rules! conformance {
    ($rendering:ty) => {
        $crate::conformance! { $rendering:
            nothing_panics
            messages_keep_the_limits
            every_action_is_reached
            labels_lead_where_they_say
            links_lead_where_the_screen_says
            pages_can_be_turned_back
            every_word_is_shown_or_reported
            blocks_lines_and_sentences_stay_whole
            graphemes_stay_whole
            text_never_becomes_markup
            rendering_is_deterministic
            what_fits_is_not_degraded
        }
    };
    ($rendering:ty: $($property:ident)*) => {$(
        #[test]
        fn $property() {
            if let Err(why) = $crate::properties::$property::<$rendering>() {
                panic!("{why}");
            }
        }
    )*};
}
