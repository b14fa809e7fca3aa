//! Prompts: hints for the page's composer, and forms.

use lorikeet_chat::{FormField, Prompt};
use maud::{Markup, html};

use crate::budget::Budget;
use crate::{FIELD_PREFIX, FILL_FORM, PRESS_FORM, Place, TOKEN};

/// What the composer of the page reads from the screen's `data-` attributes.
#[derive(Default)]
pub(crate) struct Hints<'a> {
    /// `text`, `number`, `images` or `form`.
    pub(crate) kind: Option<&'static str>,
    /// What to type or send.
    pub(crate) hint: Option<&'a str>,
    /// What is there now, to edit.
    pub(crate) value: Option<&'a str>,
    /// Characters at most.
    pub(crate) max_chars: Option<u32>,
    /// Whether several lines make sense.
    pub(crate) multiline: bool,
    /// Pictures there so far.
    pub(crate) have: Option<u32>,
    /// Smallest number, or fewest pictures.
    pub(crate) min: Option<String>,
    /// Largest number, or most pictures.
    pub(crate) max: Option<String>,
}

/// What the prompt tells the composer.
pub(crate) fn hints(prompt: &Prompt) -> Hints<'_> {
    match prompt {
        Prompt::Text {
            hint,
            value,
            max_chars,
            multiline,
        } => Hints {
            kind: Some("text"),
            hint: Some(hint),
            value: Some(value.as_str()).filter(|value| !value.is_empty()),
            max_chars: Some(*max_chars),
            multiline: *multiline,
            ..Hints::default()
        },
        Prompt::Number { hint, min, max } => Hints {
            kind: Some("number"),
            hint: Some(hint),
            min: Some(min.to_string()),
            max: Some(max.to_string()),
            ..Hints::default()
        },
        Prompt::Images {
            hint,
            have,
            min,
            max,
        } => Hints {
            kind: Some("images"),
            hint: Some(hint),
            have: Some(*have),
            min: Some(min.to_string()),
            max: Some(max.to_string()),
            ..Hints::default()
        },
        Prompt::Form { .. } => Hints {
            kind: Some("form"),
            ..Hints::default()
        },
    }
}

/// The form, where the prompt is one. Its submit action comes last in the action table.
pub(crate) fn form(
    prompt: Option<&Prompt>,
    place: &Place,
    index: &mut u32,
    budget: &mut Budget<'_>,
) -> Markup {
    let Some(Prompt::Form {
        title,
        fields,
        submit,
        ..
    }) = prompt
    else {
        return html! {};
    };
    let token = place.token(index);
    if !budget.forms() {
        return html! {
            div.form {
                h3 dir="auto" { (budget.text("form", title)) }
                dl.fields {
                    @for field in fields {
                        div {
                            dt dir="auto" { (budget.text("form", &field.label)) }
                            dd dir="auto" { (budget.text("form", &field.value)) }
                        }
                    }
                }
                div.menu.row {
                    button.button.primary type="submit" form=(PRESS_FORM) name=(TOKEN) value=(token) dir="auto" {
                        (budget.label(submit))
                    }
                }
            }
        };
    }
    let heading = format!("form-{}", place.screen);
    html! {
        div.form role="group" aria-labelledby=(heading) {
            h3 id=(heading) dir="auto" { (budget.text("form", title)) }
            @for (number, field) in fields.iter().enumerate() {
                (self::field(field, number, place, budget))
            }
            div.menu.row {
                button.button.primary type="submit" form=(FILL_FORM) name=(TOKEN) value=(token) dir="auto" {
                    (budget.label(submit))
                }
            }
        }
    }
}

fn field(field: &FormField, number: usize, place: &Place, budget: &mut Budget<'_>) -> Markup {
    let id = format!("field-{}-{number}", place.screen);
    let hint = format!("{id}-hint");
    let problem = format!("{id}-problem");
    let has_hint = !field.hint.is_empty();
    let wrong = !field.problem.is_empty();
    let described = match (has_hint, wrong) {
        (true, true) => Some(format!("{problem} {hint}")),
        (true, false) => Some(hint.clone()),
        (false, true) => Some(problem.clone()),
        (false, false) => None,
    };
    let name = format!("{FIELD_PREFIX}{}", field.name);
    html! {
        div.field.wrong[wrong] {
            label for=(id) dir="auto" { (budget.text("form", &field.label)) }
            @if field.multiline {
                // The parser drops one newline after the tag: this one, instead of the person's first.
                textarea id=(id) name=(name) form=(FILL_FORM) maxlength=(field.max_chars) rows="3" dir="auto"
                    aria-invalid=[wrong.then_some("true")] aria-describedby=[described] { "\n" (field.value) }
            } @else {
                input id=(id) name=(name) form=(FILL_FORM) type="text" value=(field.value) dir="auto"
                    maxlength=(field.max_chars) autocomplete="off"
                    aria-invalid=[wrong.then_some("true")] aria-describedby=[described];
            }
            @if wrong { p.problem id=(problem) dir="auto" { (budget.text("form", &field.problem)) } }
            @if has_hint { p.hint id=(hint) dir="auto" { (budget.text("form", &field.hint)) } }
        }
    }
}
