//! Where a screen is: the messages it was sent as, and what has to be done to show another one.

use lorikeet_chat::MessageHandle;

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Photo,
    /// Asks for a reply.
    Ask,
}

/// One message of a screen, sent or to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) kind: Kind,
    pub(crate) has_keyboard: bool,
    /// Hash of its pictures; 0 without.
    pub(crate) art: u32,
    /// Hash of text and keyboard.
    pub(crate) body: u32,
}

/// A message that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) id: i64,
    pub(crate) shape: Shape,
}

/// One call, in the order to make them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It says that already.
    Keep { old: usize },
    /// Text, buttons or both are others; the picture too where `art` says so.
    Edit { old: usize, new: usize, art: bool },
    /// A message that is not there yet.
    Send { new: usize },
    /// Takes the buttons of an old screen away.
    Strip { id: i64 },
    /// Takes messages away.
    Delete { id: i64 },
}

/// What leads from the messages of the last screen to those of the next.
pub(crate) fn plan(old: &[Sent], new: &[Shape], fresh: bool) -> Vec<Step> {
    if !fresh && becomes(old, new) {
        let pairs = old.iter().zip(new).enumerate();
        return pairs
            .map(|(place, (old, new))| {
                if old.shape == *new {
                    Step::Keep { old: place }
                } else {
                    Step::Edit {
                        old: place,
                        new: place,
                        art: old.shape.art != new.art,
                    }
                }
            })
            .collect();
    }
    let mut steps: Vec<Step> = (0..new.len()).map(|new| Step::Send { new }).collect();
    // What was asked is answered, or asked again below; of an older screen the words stay.
    steps.extend(old.iter().filter_map(|sent| {
        match sent.shape.kind {
            Kind::Ask => Some(Step::Delete { id: sent.id }),
            _ if !fresh => Some(Step::Delete { id: sent.id }),
            _ => sent
                .shape
                .has_keyboard
                .then_some(Step::Strip { id: sent.id }),
        }
    }));
    steps
}

/// Whether messages can be edited into others. A text may get a picture; a picture cannot be taken away again:
/// <https://core.telegram.org/bots/api#editmessagemedia>. A question for a reply cannot be edited.
fn becomes(old: &[Sent], new: &[Shape]) -> bool {
    !old.is_empty()
        && old.len() == new.len()
        && old
            .iter()
            .zip(new)
            .all(|(old, new)| match (old.shape.kind, new.kind) {
                (Kind::Text, Kind::Text | Kind::Photo) | (Kind::Photo, Kind::Photo) => true,
                (Kind::Ask, Kind::Ask) => old.shape.body == new.body,
                _ => false,
            })
}

/// Reads a handle; what cannot be read is no message. `moved` is the id of the chat where its group has become another: messages
/// are numbered anew there, and those of before cannot be reached.
pub(crate) fn read(handle: &MessageHandle, moved: Option<i64>) -> Vec<Sent> {
    let text = handle.as_str();
    let (chat, messages) = match text.strip_prefix('@').and_then(|rest| rest.split_once(';')) {
        Some((chat, messages)) => (Some(chat), messages),
        None => (None, text),
    };
    if chat != moved.map(|chat| chat.to_string()).as_deref() {
        return Vec::new();
    }
    messages
        .split(';')
        .map(read_one)
        .collect::<Option<Vec<Sent>>>()
        .unwrap_or_default()
}

fn read_one(text: &str) -> Option<Sent> {
    let mut letters = text.chars();
    let letter = letters.next()?;
    let kind = match letter.to_ascii_lowercase() {
        't' => Kind::Text,
        'p' => Kind::Photo,
        'a' => Kind::Ask,
        _ => return None,
    };
    let mut numbers = letters.as_str().split('.');
    let id = numbers.next()?.parse().ok()?;
    let mut hash = || u32::from_str_radix(numbers.next()?, 16).ok();
    let (art, body) = (hash()?, hash()?);
    Some(Sent {
        id,
        shape: Shape {
            kind,
            has_keyboard: letter.is_ascii_uppercase(),
            art,
            body,
        },
    })
}

/// A handle as text; `moved` as for [`read`].
pub(crate) fn write(sent: &[Sent], moved: Option<i64>) -> Option<MessageHandle> {
    let messages = sent.iter().map(|sent| {
        let Shape {
            kind,
            has_keyboard,
            art,
            body,
        } = sent.shape;
        let letter = match kind {
            Kind::Text => 't',
            Kind::Photo => 'p',
            Kind::Ask => 'a',
        };
        let letter = if has_keyboard {
            letter.to_ascii_uppercase()
        } else {
            letter
        };
        format!("{letter}{}.{art:x}.{body:x}", sent.id)
    });
    // 512 bytes hold some fourteen messages; of more, the last ones have what can be pressed.
    let mut messages: Vec<String> = messages.collect();
    let chat = moved.map_or_else(String::new, |chat| format!("@{chat};"));
    while chat.len() + messages.iter().map(|one| one.len() + 1).sum::<usize>() > 512 {
        messages.remove(0);
    }
    MessageHandle::new(chat + &messages.join(";")).ok()
}

/// A hash that is the same in every process and version (FNV-1a, 32 bits).
pub(crate) fn hash<'a>(texts: impl IntoIterator<Item = &'a str>) -> u32 {
    let bytes = texts.into_iter().flat_map(str::bytes);
    bytes.fold(0x811C_9DC5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What happens, the messages of the last screen, those of the next, whether it is a fresh one, and the calls.
    type Case = (&'static str, Vec<Sent>, Vec<Shape>, bool, Vec<Step>);

    fn shape(kind: Kind, art: u32, body: u32) -> Shape {
        let has_keyboard = kind != Kind::Ask;
        Shape {
            kind,
            has_keyboard,
            art,
            body,
        }
    }

    fn sent(id: i64, shape: Shape) -> Sent {
        Sent { id, shape }
    }

    #[test]
    fn handles_are_read_back() {
        let messages = [
            sent(7, shape(Kind::Photo, 9, 10)),
            sent(i64::MAX, shape(Kind::Text, 0, u32::MAX)),
            sent(8, shape(Kind::Ask, 0, 1)),
        ];
        for (written, looked_for) in [
            (None, None),
            (Some(-1_000_000_000_007), None),
            (None, Some(-7)),
        ] {
            let handle = write(&messages, written).unwrap();
            assert_eq!(read(&handle, written), messages);
            if written != looked_for {
                assert_eq!(read(&handle, looked_for), [], "of another chat");
            }
        }
        for odd in [
            "x", "t", "t7", "t7.0", "t7.0.x", "q7.0.0", "t7.0.0;", "@;t7.0.0", "@7",
        ] {
            assert_eq!(read(&MessageHandle::new(odd).unwrap(), None), [], "{odd}");
        }
        let many = vec![sent(1_000_000_000, shape(Kind::Text, 0, u32::MAX)); 40];
        let kept = read(&write(&many, Some(i64::MIN)).unwrap(), Some(i64::MIN));
        assert!((10..40).contains(&kept.len()), "{}", kept.len());
    }

    #[test]
    fn a_screen_is_edited_where_it_can_be() {
        let text = |body| shape(Kind::Text, 0, body);
        let photo = |art, body| shape(Kind::Photo, art, body);
        let ask = |body| shape(Kind::Ask, 0, body);
        let edit = |old, new, art| Step::Edit { old, new, art };
        let (send, keep) = (|new| Step::Send { new }, |old| Step::Keep { old });
        let (strip, delete) = (|id| Step::Strip { id }, |id| Step::Delete { id });
        let cases: [Case; 9] = [
            (
                "the first screen",
                vec![],
                vec![text(1)],
                false,
                vec![send(0)],
            ),
            (
                "words",
                vec![sent(1, text(1))],
                vec![text(2)],
                false,
                vec![edit(0, 0, false)],
            ),
            (
                "the same",
                vec![sent(1, text(1))],
                vec![text(1)],
                false,
                vec![keep(0)],
            ),
            (
                "a picture comes",
                vec![sent(1, text(1))],
                vec![photo(5, 1)],
                false,
                vec![edit(0, 0, true)],
            ),
            (
                "only words change",
                vec![sent(1, photo(5, 1))],
                vec![photo(5, 2)],
                false,
                vec![edit(0, 0, false)],
            ),
            (
                "a picture goes",
                vec![sent(1, photo(5, 1))],
                vec![text(1)],
                false,
                vec![send(0), delete(1)],
            ),
            (
                "a new message",
                vec![sent(1, text(1))],
                vec![text(1)],
                true,
                vec![send(0), strip(1)],
            ),
            (
                "what was asked goes",
                vec![sent(1, text(1)), sent(2, ask(1))],
                vec![text(2)],
                true,
                vec![send(0), strip(1), delete(2)],
            ),
            (
                "still asked",
                vec![sent(1, text(1)), sent(2, ask(1))],
                vec![text(2), ask(1)],
                false,
                vec![edit(0, 0, false), keep(1)],
            ),
        ];
        for (what, old, new, fresh, steps) in cases {
            assert_eq!(plan(&old, &new, fresh), steps, "{what}");
        }
    }
}
