//! The workflow engine: multi-step dialogues with typed state, as plain functions.
//!
//! Owns what a flow is (steps, checks, updates, exits), how an input moves it, how it is stored and brought up to a
//! newer definition, what makes a definition unsound, and its diagram. Does not own the stack flows lie on, words in
//! any language, or how a wish comes true: that is the dialog's. No clock, no randomness, no I/O.
//!
//! # A flow
//!
//! A [`Step`] has a *view* from the state to a screen. For each kind of [`Input`] it takes, it has a *check* from the raw
//! input to a typed value or a [`Refusal`], an *update* from the old state and that value to a [`Change`], and the
//! [`Exits`] that update may take.
//!
//! ```
//! use lorikeet_chat::Screen;
//! use lorikeet_flow::{
//!     Change, Context, Exits, Flow, Halt, Input, Navigation, Refusal, Rejection, Then, Wish,
//! };
//! use serde::{Deserialize, Serialize};
//! use serde_json::{Value, json};
//!
//! lorikeet_flow::steps! {
//!     /// Where a booking is.
//!     pub enum Step {
//!         /// For how many.
//!         Guests = "guests",
//!         /// Anything to know.
//!         Remarks = "remarks",
//!         /// Everything once more.
//!         Review = "review",
//!     }
//! }
//!
//! /// What is known of it so far.
//! #[derive(Clone, Default, Serialize, Deserialize)]
//! struct Booking {
//!     guests: u8,
//!     remarks: String,
//! }
//!
//! /// What the functions are given besides the state.
//! struct Restaurant {
//!     seats: u8,
//! }
//!
//! impl Context for Restaurant {
//!     type Wait = std::convert::Infallible; // nothing here has to be read first
//! }
//!
//! type Refused = Refusal<<Restaurant as Context>::Wait>;
//!
//! fn valid_guests(_: &Booking, text: &str, restaurant: &Restaurant) -> Result<u8, Refused> {
//!     match text.trim().parse() {
//!         Ok(guests) if (1..=restaurant.seats).contains(&guests) => Ok(guests),
//!         _ => Err(Rejection::new("booking-guests-range").into()),
//!     }
//! }
//!
//! let booking: Flow<Step, Booking, Restaurant> = Flow::builder("booking", 1)
//!     .start([Step::Guests], |_: Value, _| Ok(Change::to(Step::Guests, Booking::default())))
//!     .step(
//!         Step::Guests,
//!         |_, _| Ok(Screen::new().text("How many of you?")),
//!         |step| {
//!             step.on_text(
//!                 valid_guests,
//!                 |booking, guests, _| Change::to(Step::Remarks, Booking { guests, ..booking }),
//!                 Exits::to([Step::Remarks]),
//!             )
//!         },
//!     )
//!     .step(
//!         Step::Remarks,
//!         |_, _| Ok(Screen::new().text("Anything we should know?")),
//!         |step| {
//!             step.skip_to(Step::Review).on_text(
//!                 |_, text, _| Ok(text.to_owned()),
//!                 |booking, remarks, _| Change::to(Step::Review, Booking { remarks, ..booking }),
//!                 Exits::to([Step::Review]),
//!             )
//!         },
//!     )
//!     .step(
//!         Step::Review,
//!         |booking, _| Ok(Screen::new().text(format!("A table for {}.", booking.guests))),
//!         |step| {
//!             step.on_value(
//!                 |_, confirmed: bool, _| Ok(confirmed),
//!                 |booking, _, _| {
//!                     let reserve = Wish::new("tables", json!({ "guests": booking.guests }));
//!                     Change::finish(booking.guests, booking).wish(reserve)
//!                 },
//!                 Exits::finish(),
//!             )
//!         },
//!     )
//!     .build()?;
//!
//! let restaurant = Restaurant { seats: 8 };
//! let asked = booking.start(&Value::Null, &restaurant)?.instance;
//!
//! // A refused answer changes nothing.
//! let refused = booking.advance(&asked, &Input::Text("ninety".into()), &restaurant);
//! assert!(matches!(refused, Err(Halt::Rejected(_))));
//!
//! let answered = booking.advance(&asked, &Input::Text("4".into()), &restaurant)?.instance;
//! let review = booking.navigate(&answered, &Navigation::Skip)?.instance;
//! assert_eq!(review.history(), [Step::Guests, Step::Remarks]);
//!
//! let done = booking.advance(&review, &Input::Value(json!(true)), &restaurant)?;
//! assert_eq!(done.then, Then::Finished(json!(4)));
//! assert_eq!(done.wishes, [Wish::new("tables", json!({ "guests": 4 }))]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What holds
//!
//! - State is moved: an update consumes a copy, and gives back the next one. Whoever gets an error still has the
//!   instance they had.
//! - [`FlowBuilder::build`] refuses a definition with a step that is missing, doubled, unreachable or without a way out.
//! - Back follows breadcrumbs: going on to a step that is already behind cuts the way there, so back never runs in
//!   circles, and the history is no longer than the flow has steps. Going back keeps the state.
//! - Cancel always works.
//! - A stored instance that does not fit the definition is migrated, or answered with a [`Restart`]; it never panics.
//! - A check or view may ask to wait for what its context has not read yet ([`Context::Wait`]), and is called again.

mod any;
mod builder;
mod change;
mod check;
mod definition;
mod halt;
mod input;
mod instance;
mod mermaid;
pub mod message;
mod step;
mod store;

pub use any::AnyFlow;
pub use builder::{FlowBuilder, StepBuilder};
pub use change::{Change, Exits, Next, Wish};
pub use check::{Defect, Defects};
pub use definition::{Flow, Ways};
pub use halt::{Context, Fault, Halt, Refusal, Restart};
pub use input::{Input, InputKind, Media, Navigation, Returned};
pub use instance::{Advance, Instance, State, Stored, Then};
pub use message::{Message, MessageArg, Notice, Rejection};
pub use step::Step;
