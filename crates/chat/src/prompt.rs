//! What input a screen waits for.

use serde::{Deserialize, Serialize};

use crate::Action;

/// The input awaited; anything else typed still reaches the flow, which says what it wants instead.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// One message of text.
    Text {
        /// What to type, in a few words.
        hint: String,
        /// What is there now, to edit; empty when nothing.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        value: String,
        /// Characters at most.
        max_chars: u32,
        /// Whether several lines make sense.
        #[serde(default)]
        multiline: bool,
    },
    /// A number.
    Number {
        /// What to type, in a few words.
        hint: String,
        /// Smallest accepted.
        min: f64,
        /// Largest accepted.
        max: f64,
    },
    /// Pictures, with what is there so far.
    Images {
        /// What to send, in a few words.
        hint: String,
        /// Pictures already there.
        have: u32,
        /// Fewest to go on.
        min: u32,
        /// Most accepted.
        max: u32,
    },
    /// Several fields at once.
    Form {
        /// What the form is for.
        title: String,
        /// The fields, in order.
        fields: Vec<FormField>,
        /// What the submit button says.
        submit: String,
        /// The submit button's action; the typed fields travel beside it.
        action: Action,
    },
}

/// One field of a form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FormField {
    /// Key of the value in the submitted form.
    pub name: String,
    /// What it says.
    pub label: String,
    /// Help below it, ranges for instance; empty when none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
    /// What is there now.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub value: String,
    /// Characters at most.
    pub max_chars: u32,
    /// Whether several lines make sense.
    #[serde(default)]
    pub multiline: bool,
    /// What is wrong with the value; empty when nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub problem: String,
}
