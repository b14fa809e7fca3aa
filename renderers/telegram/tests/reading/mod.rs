//! A message as the platform takes and shows it, read without the renderer's own code.

use lorikeet_renderer_telegram::{Button, Does, Payload};

/// A message's text, parsed.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    /// What is read.
    pub(crate) text: String,
    /// The tags in their order.
    pub(crate) tags: Vec<String>,
}

/// Reads HTML by the platform's rules: four tags of ours, the named entities it knows, everything else an error.
/// <https://core.telegram.org/bots/api#html-style>
pub(crate) fn parse(html: &str) -> Result<Parsed, String> {
    let mut parsed = Parsed::default();
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find(['<', '>', '&']) {
        parsed.text.push_str(&rest[..at]);
        rest = &rest[at..];
        let (end, piece) = match rest.as_bytes()[0] {
            b'&' => (rest.find(';'), "entity"),
            b'<' => (rest.find('>'), "tag"),
            _ => return Err("a bare >".to_owned()),
        };
        let end = end.ok_or_else(|| format!("{piece} without an end: {rest:?}"))?;
        let inner = &rest[1..end];
        if piece == "entity" {
            parsed.text.push(match inner {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                _ => return Err(format!("unknown entity {inner:?}")),
            });
        } else if let Some(name) = inner.strip_prefix('/') {
            if open.pop() != Some(name) {
                return Err(format!("</{name}> closes what is not open"));
            }
            parsed.tags.push(inner.to_owned());
        } else {
            let name = match inner {
                "b" | "i" | "code" => inner,
                "blockquote expandable" => "blockquote",
                _ => return Err(format!("unknown tag {inner:?}")),
            };
            if open.contains(&"code") || (name == "blockquote" && !open.is_empty()) {
                return Err(format!("<{name}> inside of {open:?}"));
            }
            open.push(name);
            parsed.tags.push(inner.to_owned());
        }
        rest = &rest[end + 1..];
    }
    parsed.text.push_str(rest);
    if open.is_empty() {
        Ok(parsed)
    } else {
        Err(format!("{open:?} is not closed"))
    }
}

pub(crate) fn buttons(message: &Payload) -> impl Iterator<Item = &Button> {
    message.keyboard.iter().flatten()
}

/// What a button carries.
pub(crate) fn data(does: &Does) -> String {
    match does {
        Does::Press(token) => token.to_string(),
        Does::Turn(token) => token.to_string(),
        Does::Open(url) => url.clone(),
    }
}
