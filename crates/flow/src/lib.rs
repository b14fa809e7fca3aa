//! The workflow engine.

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
