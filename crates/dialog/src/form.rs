//! A form where a room has none, or takes it in parts: filled in by one message or window after the other, and sent by a press.

use std::collections::BTreeMap;

use lorikeet_chat::{FormField, Page, Prompt, Screen, Token};
use lorikeet_flow::Input;

use crate::play::{Play, Wait};
use crate::{Domain, Session};

impl<D: Domain> Play<'_, D> {
    /// Takes a text that belongs into the form on the screen: the field that is looked at, or lines of the kind
    /// `label: value`. False when it is no such text.
    pub(crate) fn typed(&mut self, session: &mut Session, text: &str) -> Result<bool, Wait<D>> {
        let Some(filled) = session.form.as_mut() else {
            return Ok(false);
        };
        let fields = fields(self.view()?);
        let looked_at = match session.page {
            Page::Field(place) => usize::try_from(place).ok().and_then(|at| fields.get(at)),
            _ => None,
        };
        if let Some(field) = looked_at {
            filled.insert(field.name.clone(), text.trim().to_owned());
        } else if let Some(read) = lines(&fields, text) {
            filled.extend(read);
        } else {
            return Ok(false);
        }
        session.page = Page::First;
        Ok(true)
    }

    /// Takes what was typed into a window: the answer it makes, or none when the form is not filled in by it.
    pub(crate) fn filled(
        &mut self,
        session: &mut Session,
        values: &BTreeMap<u32, String>,
    ) -> Result<Option<Input>, Wait<D>> {
        session.page = Page::First;
        let Some(filled) = session.form.as_mut() else {
            // No form: the one thing that is asked for. Nothing typed is no answer, as it is none in a message.
            let text = values.get(&0).map_or("", |text| text.trim());
            return Ok((!text.is_empty()).then(|| Input::Text(text.to_owned())));
        };
        let fields = fields(self.view()?);
        let mut missing = false;
        for (place, field) in (0..).zip(&fields) {
            match values.get(&place) {
                Some(text) => {
                    filled.insert(field.name.clone(), text.trim().to_owned());
                }
                None => missing = true,
            }
        }
        Ok((!missing).then(|| Input::Form(filled.clone())))
    }

    /// The values of the form on the screen, when this press sends it.
    pub(crate) fn submitted(
        &mut self,
        session: &Session,
        token: Token,
    ) -> Result<Option<BTreeMap<String, String>>, Wait<D>> {
        // The form's action is a screen's last.
        let last = usize::try_from(token.index).is_ok_and(|at| at + 1 == session.actions.len());
        let Some(filled) = session.form.as_ref().filter(|_| last) else {
            return Ok(None);
        };
        let mut screen = self.view()?;
        fill(&mut screen, filled);
        let values = fields(screen)
            .into_iter()
            .map(|field| (field.name, field.value));
        Ok(Some(values.collect()))
    }
}

/// Puts what was typed into a screen's form; false when it has none.
pub(crate) fn fill(screen: &mut Screen, filled: &BTreeMap<String, String>) -> bool {
    let Some(Prompt::Form { fields, .. }) = &mut screen.prompt else {
        return false;
    };
    for field in fields {
        if let Some(value) = filled.get(&field.name)
            && *value != field.value
        {
            field.value.clone_from(value);
            // Said of another value.
            field.problem.clear();
        }
    }
    true
}

fn fields(screen: Screen) -> Vec<FormField> {
    match screen.prompt {
        Some(Prompt::Form { fields, .. }) => fields,
        _ => Vec::new(),
    }
}

/// Lines of the kind `label: value`, each for a field of the form.
fn lines(fields: &[FormField], text: &str) -> Option<BTreeMap<String, String>> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let read: Option<BTreeMap<String, String>> = lines
        .map(|line| {
            let (label, value) = line.split_once([':', '='])?;
            let label = label.trim().to_lowercase();
            let named = |field: &&FormField| {
                field.label.to_lowercase() == label || field.name.to_lowercase() == label
            };
            let field = fields.iter().find(named)?;
            Some((field.name.clone(), value.trim().to_owned()))
        })
        .collect();
    read.filter(|read| !read.is_empty())
}
