//! What a component carries: a control of ours, and on a server whose menu it is on.
//!
//! `CONTROL` or `CONTROL~OWNER` with the owner's id in base 36: at most 29 + 14 of the 100 characters that Discord takes
//! (<https://discord.com/developers/docs/components/reference#anatomy-of-a-component>).

use lorikeet_chat::Conversation;
use lorikeet_chat::text::base36;
use serde_json::Value;

/// What was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Carried<'a> {
    /// A token, or the name of a choice.
    pub(crate) control: &'a str,
    /// Whose menu it is on, where there are several people.
    pub(crate) owner: Option<u64>,
}

/// Reads what a component carries; none when it is nothing of ours.
pub(crate) fn read(text: &str) -> Option<Carried<'_>> {
    let (control, owner) = match text.split_once('~') {
        Some((control, owner)) => (control, Some(u64::from_str_radix(owner, 36).ok()?)),
        None => (text, None),
    };
    (!control.is_empty()).then_some(Carried { control, owner })
}

/// Whether there are several people.
pub(crate) fn is_shared(conversation: &Conversation) -> bool {
    // A private conversation has its person's number.
    conversation.room.as_str() != conversation.user.as_str()
}

/// What stands behind the controls of a conversation's menus.
pub(crate) fn suffix(conversation: &Conversation) -> String {
    let owner = conversation.user.as_str().parse().ok();
    match owner.filter(|_| is_shared(conversation)) {
        Some(owner) => format!("~{}", base36(owner)),
        None => String::new(),
    }
}

/// Adds to everything that a message's components carry.
pub(crate) fn sign(message: &mut Value, suffix: &str) {
    if suffix.is_empty() {
        return;
    }
    let rows = message.get_mut("components").and_then(Value::as_array_mut);
    for component in rows.into_iter().flatten() {
        if let Some(Value::String(id)) = component.get_mut("custom_id") {
            id.push_str(suffix);
        }
        sign(component, suffix);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for (key, suffix, owner) in [
            ("discord/7//7", "", None),
            ("discord/100//7", "~7", Some(7)),
            (
                "discord/100//18446744073709551615",
                "~3w5e11264sgsf",
                Some(u64::MAX),
            ),
        ] {
            let conversation = Conversation::from_key(key).unwrap();
            assert_eq!(super::suffix(&conversation), suffix);
            let text = format!("a-b-c{suffix}");
            let control = "a-b-c";
            assert_eq!(read(&text), Some(Carried { control, owner }));
        }
        for odd in ["", "~7", "a~", "a~?", "a~7~1", "a~zzzzzzzzzzzzzz"] {
            assert_eq!(read(odd), None, "{odd}");
        }
    }

    #[test]
    fn every_component_says_whose_it_is() {
        let mut message = json!({ "content": "x", "components": [
            { "type": 1, "components": [{ "type": 2, "custom_id": "a" }, { "type": 2, "url": "https://x" }] },
            { "type": 1, "components": [{ "type": 3, "custom_id": "s", "options": [{ "value": "b" }] }] },
        ]});
        sign(&mut message, "~7");
        assert_eq!(
            message["components"][0]["components"][0]["custom_id"],
            "a~7"
        );
        assert_eq!(
            message["components"][0]["components"][1],
            json!({ "type": 2, "url": "https://x" })
        );
        assert_eq!(
            message["components"][1]["components"][0]["custom_id"],
            "s~7"
        );
        assert_eq!(
            message["components"][1]["components"][0]["options"][0]["value"],
            "b"
        );
    }
}
