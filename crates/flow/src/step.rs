//! The steps of a flow as an enum with stable names.

use std::fmt::Debug;
use std::hash::Hash;

/// An enum whose values are the steps of one flow. Mostly written with [`steps!`](crate::steps).
pub trait Step: Copy + Eq + Hash + Debug + Send + Sync + 'static {
    /// Every step, in the order diagrams show them.
    const ALL: &'static [Self];

    /// The step's name: stored with sessions and used in [`Action::Jump`](lorikeet_chat::Action), so renaming one
    /// needs a migration. Lower-case letters, digits and `_`, beginning with a letter.
    fn name(self) -> &'static str;

    /// The step of a name.
    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|step| step.name() == name)
    }
}

/// Declares an enum of steps and their stored names.
///
/// ```
/// lorikeet_flow::steps! {
///     /// Steps of a booking.
///     pub enum Step {
///         /// Which day.
///         Day = "day",
///         /// Everything once more.
///         Review = "review",
///     }
/// }
///
/// use lorikeet_flow::Step as _;
/// assert_eq!(Step::Day.name(), "day");
/// assert_eq!(Step::named("review"), Some(Step::Review));
/// ```
#[macro_export]
macro_rules! steps {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident {
            $( $(#[$step_meta:meta])* $step:ident = $text:literal ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        $visibility enum $name {
            $( $(#[$step_meta])* $step, )+
        }

        impl $crate::Step for $name {
            const ALL: &'static [Self] = &[ $( Self::$step ),+ ];

            fn name(self) -> &'static str {
                match self {
                    $( Self::$step => $text, )+
                }
            }
        }
    };
}
