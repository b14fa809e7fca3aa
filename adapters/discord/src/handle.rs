//! Which messages a screen is in, as text that is kept with the conversation: `CHANNEL;ID.ART.BODY;…`, hashes in hexadecimal
//! digits, `+` behind a message with components.

use lorikeet_chat::MessageHandle;

/// What is remembered of a message, to leave alone what stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// A hash of its pictures; 0 for none.
    pub(crate) art: u32,
    /// A hash of everything else.
    pub(crate) body: u32,
    pub(crate) has_components: bool,
}

/// A message that stands in a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) id: String,
    pub(crate) shape: Shape,
}

/// A channel and the messages in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) channel: String,
    pub(crate) messages: Vec<Sent>,
}

/// Reads a handle; empty when it is none of this version's.
pub(crate) fn read(handle: &MessageHandle) -> Place {
    let mut parts = handle.as_str().split(';');
    let channel = parts.next().unwrap_or_default().to_owned();
    let messages: Option<Vec<Sent>> = parts.map(read_one).collect();
    match messages {
        Some(messages) if crate::config::is_id(&channel) => Place { channel, messages },
        _ => Place::default(),
    }
}

fn read_one(text: &str) -> Option<Sent> {
    let (text, has_components) = match text.strip_suffix('+') {
        Some(text) => (text, true),
        None => (text, false),
    };
    let mut parts = text.split('.');
    let id = parts.next().filter(|id| crate::config::is_id(id))?;
    let mut hash = || u32::from_str_radix(parts.next()?, 16).ok();
    let shape = Shape {
        art: hash()?,
        body: hash()?,
        has_components,
    };
    parts.next().is_none().then(|| Sent {
        id: id.to_owned(),
        shape,
    })
}

/// A handle as text; none for no message.
pub(crate) fn write(place: &Place) -> Option<MessageHandle> {
    let messages = place.messages.iter().map(|sent| {
        let Shape {
            art,
            body,
            has_components,
        } = sent.shape;
        let sign = if has_components { "+" } else { "" };
        format!(";{}.{art:x}.{body:x}{sign}", sent.id)
    });
    let mut messages: Vec<String> = messages.collect();
    // 512 bytes hold a dozen; of more, the last ones have what can be used.
    while place.channel.len() + messages.iter().map(String::len).sum::<usize>() > 512 {
        messages.remove(0);
    }
    if messages.is_empty() {
        return None;
    }
    MessageHandle::new(format!("{}{}", place.channel, messages.concat())).ok()
}

/// A hash that is the same in every process and version (FNV-1a, 32 bits).
pub(crate) fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811C_9DC5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(id: u64, art: u32, body: u32, has_components: bool) -> Sent {
        Sent {
            id: id.to_string(),
            shape: Shape {
                art,
                body,
                has_components,
            },
        }
    }

    #[test]
    fn handles_are_read_back() {
        let place = Place {
            channel: "42".to_owned(),
            messages: vec![sent(7, 0, 9, false), sent(u64::MAX, u32::MAX, 1, true)],
        };
        let handle = write(&place).unwrap();
        assert_eq!(handle.as_str(), "42;7.0.9;18446744073709551615.ffffffff.1+");
        assert_eq!(read(&handle), place);
        for odd in [
            "x",
            "42",
            "42;",
            "42;7",
            "42;7.0",
            "42;7.0.x",
            "42;7.0.0.0",
            "x;7.0.0",
            "42;-1.0.0",
        ] {
            let read = read(&MessageHandle::new(odd).unwrap());
            assert_eq!(read.messages, [], "{odd}");
        }
        let many = Place {
            messages: vec![sent(u64::MAX, u32::MAX, u32::MAX, true); 40],
            ..place
        };
        let kept = read(&write(&many).unwrap()).messages.len();
        assert!((10..40).contains(&kept), "{kept}");
    }
}
