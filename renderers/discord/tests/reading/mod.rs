//! A message as the platform takes and shows it, read from its JSON without the renderer's own code.

use lorikeet_renderer_discord::Payload;
use serde_json::Value;

/// A text of the platform's markdown, read.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    /// What is read.
    pub(crate) text: String,
    /// What is marked, and where it ends, in order.
    pub(crate) tags: Vec<&'static str>,
}

/// Reads markdown by the platform's rules. What a renderer of ours never writes is an error: it would be somebody's text.
/// <https://discord.com/developers/docs/reference#message-formatting>
pub(crate) fn parse(markdown: &str) -> Result<Parsed, String> {
    let mut reader = Reader::default();
    for (number, line) in markdown.split('\n').enumerate() {
        if number > 0 {
            reader.parsed.text.push('\n');
        }
        reader
            .line(line)
            .map_err(|why| format!("{why} in {markdown:?}"))?;
    }
    Ok(reader.parsed)
}

#[derive(Default)]
struct Reader {
    parsed: Parsed,
    /// Code has just ended, or only backticks and white space stand where it might go on: it is read as one.
    code: bool,
}

impl Reader {
    /// Nothing goes on beyond its line, in our own texts.
    fn line(&mut self, line: &str) -> Result<(), String> {
        let mut rest = line;
        if let Some(quoted) = rest.strip_prefix("> ") {
            self.parsed.tags.push("quote");
            rest = quoted;
        }
        let begin = rest.trim_start();
        let digits = begin.trim_start_matches(|c: char| c.is_ascii_digit());
        let blocks = ["# ", "## ", "### ", "-# ", "- ", "* ", "+ ", "> ", ">>> "];
        if let Some(block) = blocks.iter().find(|block| begin.starts_with(**block)) {
            return Err(format!("{block:?} begins something"));
        }
        if digits.len() < begin.len() && digits.starts_with(". ") {
            return Err("an item of a numbered list".to_owned());
        }
        let mut open: Vec<&'static str> = Vec::new();
        while let Some(c) = rest.chars().next() {
            rest = self.inline(rest, c, &mut open)?;
        }
        if open.is_empty() {
            Ok(())
        } else {
            Err(format!("{open:?} is not closed"))
        }
    }

    fn inline<'t>(
        &mut self,
        rest: &'t str,
        c: char,
        open: &mut Vec<&'static str>,
    ) -> Result<&'t str, String> {
        let after = &rest[c.len_utf8()..];
        if !(c == '`' || c.is_whitespace() || rest.starts_with("\\`")) {
            self.code = false;
        }
        match c {
            '\\' => {
                let sign = after.chars().next().ok_or("a backslash at the end")?;
                if sign.is_alphanumeric() || sign.is_whitespace() {
                    return Err(format!("a backslash before {sign:?}"));
                }
                self.parsed.text.push(sign);
                Ok(&after[sign.len_utf8()..])
            }
            '*' => {
                let (tag, end, after) = match after.strip_prefix('*') {
                    Some(after) => ("b", "/b", after),
                    None => ("i", "/i", after),
                };
                if open.last() == Some(&tag) {
                    open.pop();
                    self.parsed.tags.push(end);
                    if after.starts_with('*') {
                        return Err("a mark that does not end where it should".to_owned());
                    }
                } else if after.starts_with(char::is_whitespace) || !open.is_empty() {
                    return Err(format!("{tag} where it cannot begin"));
                } else {
                    open.push(tag);
                    self.parsed.tags.push(tag);
                }
                Ok(after)
            }
            '`' => {
                let (code, after) = after.split_once('`').ok_or("code without an end")?;
                if code.is_empty() || after.starts_with('`') {
                    return Err("a block of code".to_owned());
                }
                self.parsed.text.push_str(code);
                if !self.code {
                    self.parsed.tags.push("code");
                }
                self.code = true;
                Ok(after)
            }
            '<' => {
                let (time, after) = after.split_once('>').ok_or("a bare <")?;
                let digits = time.strip_prefix("t:").and_then(|t| t.strip_suffix(":t"));
                match digits {
                    Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
                        self.parsed.tags.push("time");
                        Ok(after)
                    }
                    _ => Err(format!("<{time}>")),
                }
            }
            '_' | '~' | '|' | '[' | ']' | '@' | '>' => Err(format!("a bare {c:?}")),
            'h' if rest.starts_with("http://") || rest.starts_with("https://") => {
                Err("an address that is a link".to_owned())
            }
            ':' if after.split_once(':').is_some_and(|(name, _)| {
                !name.is_empty() && !name.contains(char::is_whitespace)
            }) =>
            {
                Err("the name of an emoji".to_owned())
            }
            c => {
                self.parsed.text.push(c);
                Ok(after)
            }
        }
    }
}

/// The list under a key; nothing where there is none.
pub(crate) fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

/// The text under a key; empty where there is none.
pub(crate) fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

/// The controls of a message or the fields of a form, row by row.
pub(crate) fn components(value: &Value) -> impl Iterator<Item = &Value> {
    list(value, "components")
        .iter()
        .flat_map(|row| list(row, "components"))
}

/// Every markdown text of a message.
pub(crate) fn markdown(message: &Value) -> Vec<&str> {
    let mut all = vec![text(message, "content")];
    for embed in list(message, "embeds") {
        all.extend([text(embed, "title"), text(embed, "description")]);
        for field in list(embed, "fields") {
            all.extend([text(field, "name"), text(field, "value")]);
        }
    }
    all
}

/// The forms that a message's buttons open.
pub(crate) fn modals(payload: &Payload) -> Vec<Value> {
    let modals = payload.modals.iter();
    modals
        .map(|modal| serde_json::to_value(modal).unwrap_or_default())
        .collect()
}
