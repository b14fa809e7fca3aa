//! Lines from the other end, as events. Pure: no clock, no I/O.

use std::collections::BTreeMap;

use lorikeet_chat::{
    Attachment, Event, EventBody, EventId, Invocation, MediaSource, Origin, Sender, Timestamp,
    Token,
};
use serde::{Deserialize, Serialize};

// ANCHOR: line
/// One line: `{"number": 7, "text": "hello"}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Rises with every line; a line that is sent again has the number it had.
    pub number: u64,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// What a person may do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Says something.
    Text(String),
    /// Types a command, as `name and the rest`.
    Command(String),
    /// Uses a control, by its token.
    Press(String),
    /// Fills in a form.
    Form {
        /// The token of its submit button.
        token: String,
        /// What was typed, by the field's name.
        fields: BTreeMap<String, String>,
    },
    /// Sends a file of the shared folder, by its name.
    File(String),
}
// ANCHOR_END: line

// ANCHOR: event
/// The event of a line; nothing when no event can be made of it, now or later.
pub(crate) fn event(line: Line, at: Timestamp) -> Option<Event> {
    let body = match line.what {
        What::Text(text) => EventBody::Text(text),
        What::Command(typed) => {
            let (name, rest) = typed.split_once(' ').unwrap_or((&typed, ""));
            EventBody::Command(Invocation::new(name).with(rest.trim()))
        }
        What::Press(token) => EventBody::Press(token.parse::<Token>().ok()?),
        What::Form { token, fields } => EventBody::Form {
            token: token.parse().ok()?,
            fields,
        },
        What::File(name) => EventBody::Media {
            items: vec![Attachment {
                source: source(&name)?,
                name,
                size: None,
            }],
            text: String::new(),
            place: String::new(),
        },
    };
    Some(Event {
        // The same line has the same id, however often it comes: a repeat is told by it.
        id: EventId::new(format!("line-{}", line.number)).ok()?,
        order: Some(line.number),
        coalesce: None,
        batch: None,
        origin: Origin::Person,
        at,
        sender: Some(Sender::default()),
        body,
    })
}
// ANCHOR_END: event

/// A file of the folder: what others send is a name and never a way out of it.
fn source(name: &str) -> Option<MediaSource> {
    let plain = !name.starts_with('.') && !name.contains(['/', '\\', ':']);
    plain.then(|| MediaSource::new(name).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(line: &str) -> Option<EventBody> {
        let line = serde_json::from_str(line).unwrap();
        event(line, Timestamp::default()).map(|event| event.body)
    }

    #[test]
    fn a_line_becomes_an_event() {
        let said = body(r#"{"number":1,"text":"hello"}"#);
        assert_eq!(said, Some(EventBody::Text("hello".to_owned())));
        let command = Invocation::new("new").with("a name");
        let typed = body(r#"{"number":2,"command":"new a name"}"#);
        assert_eq!(typed, Some(EventBody::Command(command)));
        let form = body(r#"{"number":3,"form":{"token":"1-2-0","fields":{"a":"b"}}}"#);
        assert!(matches!(form, Some(EventBody::Form { fields, .. }) if fields["a"] == "b"));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        assert_eq!(body(r#"{"number":1,"press":"no token"}"#), None);
        for name in ["../secret", "/etc/passwd", ".hidden", "c:secret", ""] {
            let line = Line {
                number: 1,
                what: What::File(name.to_owned()),
            };
            assert_eq!(event(line, Timestamp::default()), None, "{name}");
        }
    }
}
