//! A definition as a picture.

use crate::{Context, Flow, State, Step};

impl<S: Step, T: State, C: Context + ?Sized> Flow<S, T, C> {
    /// The definition as a Mermaid flowchart; the same definition always gives the same text.
    pub fn mermaid(&self) -> String {
        String::new()
    }
}
