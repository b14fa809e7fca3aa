//! What a button carries: a control of ours, and in a group whose menu it is on.
//!
//! `CONTROL`, or `CONTROL~OWNER` or `CONTROL~OWNER~TOPIC` with numbers in base 36: at most 29 + 12 + 14 of the 64 bytes that
//! Telegram takes (<https://core.telegram.org/bots/api#inlinekeyboardbutton>).

use lorikeet_chat::{Conversation, text};

/// What was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Data<'a> {
    /// A token, as text.
    pub(crate) control: &'a str,
    /// Whose menu it is on, where there are several people.
    pub(crate) owner: Option<u64>,
    /// The topic it is in.
    pub(crate) thread: Option<i64>,
}

/// Reads what a button carries; none when it is nothing of ours.
pub(crate) fn read(text: &str) -> Option<Data<'_>> {
    let mut parts = text.split('~');
    let control = parts.next()?;
    let number = |part: Option<&str>| match part {
        None => Some(None),
        Some(digits) => u64::from_str_radix(digits, 36).ok().map(Some),
    };
    let owner = number(parts.next())?;
    let thread = match number(parts.next())? {
        None => None,
        Some(thread) => Some(i64::try_from(thread).ok()?),
    };
    (parts.next().is_none() && !control.is_empty()).then_some(Data {
        control,
        owner,
        thread,
    })
}

/// What stands behind the controls of a conversation's menus.
pub(crate) fn suffix(conversation: &Conversation) -> String {
    // A private chat has its person's number.
    if conversation.room.as_str() == conversation.user.as_str() {
        return String::new();
    }
    let base36 = |id: &str| id.parse().map(text::base36).unwrap_or_default();
    let owner = base36(conversation.user.as_str());
    match &conversation.thread {
        None => format!("~{owner}"),
        Some(thread) => format!("~{owner}~{}", base36(thread.as_str())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for (key, suffix, owner, thread) in [
            ("telegram/7//7", "", None, None),
            ("telegram/-100//7", "~7", Some(7), None),
            (
                "telegram/-100/35/18446744073709551615",
                "~3w5e11264sgsf~z",
                Some(u64::MAX),
                Some(35),
            ),
        ] {
            let conversation = Conversation::from_key(key).unwrap();
            assert_eq!(super::suffix(&conversation), suffix);
            let text = format!("a-b-c{suffix}");
            let control = "a-b-c";
            assert_eq!(
                read(&text),
                Some(Data {
                    control,
                    owner,
                    thread
                })
            );
        }
        for odd in ["", "~7", "a~", "a~?", "a~7~", "a~7~1~1", "a~zzzzzzzzzzzzzz"] {
            assert_eq!(read(odd), None, "{odd}");
        }
    }
}
