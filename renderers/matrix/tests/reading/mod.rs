//! A message as the platform takes and shows it, read without the renderer's own code.

/// A message's HTML, parsed.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    /// What is read.
    pub(crate) text: String,
    /// The tags in their order.
    pub(crate) tags: Vec<String>,
    /// Where links lead.
    pub(crate) links: Vec<String>,
}

/// Of the tags that the specification allows, those without attributes of their own.
/// <https://spec.matrix.org/v1.19/client-server-api/#mroommessage-msgtypes>
const TAGS: &[&str] = &["p", "h4", "blockquote", "strong", "em", "code"];

/// Reads HTML by the specification's rules: the tags we use, the entities that every client knows, everything else an error.
pub(crate) fn parse(html: &str) -> Result<Parsed, String> {
    let mut parsed = Parsed::default();
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find(['<', '>', '&', '\n', '"']) {
        parsed.text.push_str(&rest[..at]);
        rest = &rest[at..];
        let (end, piece) = match rest.as_bytes()[0] {
            b'&' => (rest.find(';'), "entity"),
            b'<' => (rest.find('>'), "tag"),
            other => return Err(format!("a bare {:?}", char::from(other))),
        };
        let end = end.ok_or_else(|| format!("{piece} without an end: {rest:?}"))?;
        let inner = &rest[1..end];
        if piece == "entity" {
            parsed.text.push(entity(inner)?);
        } else if inner == "br" {
            parsed.text.push('\n');
        } else if let Some(name) = inner.strip_prefix('/') {
            if open.pop() != Some(name) {
                return Err(format!("</{name}> closes what is not open"));
            }
            if ["p", "h4", "blockquote"].contains(&name) {
                parsed.text.push('\n');
            }
            parsed.tags.push(inner.to_owned());
        } else {
            let name = match inner.strip_prefix("a href=\"") {
                Some(address) => {
                    let address = address.strip_suffix('"').ok_or("an open attribute")?;
                    parsed.links.push(parse(address)?.text);
                    "a"
                }
                None if TAGS.contains(&inner) => inner,
                None => return Err(format!("unknown tag {inner:?}")),
            };
            if open.len() > 1 || (open.len() == 1) == ["p", "h4", "blockquote"].contains(&name) {
                return Err(format!("<{name}> inside of {open:?}"));
            }
            open.push(name);
            parsed.tags.push(name.to_owned());
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

fn entity(name: &str) -> Result<char, String> {
    Ok(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        _ => return Err(format!("unknown entity {name:?}")),
    })
}
