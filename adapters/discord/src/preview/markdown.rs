//! Discord's markdown as HTML: as much of it as the renderer writes.

use lorikeet_platform::preview::escaped;

/// Markdown of several lines.
pub(super) fn html(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    // Blocks of code hold no other marks.
    while let Some((before, after)) = rest.split_once("```") {
        let Some((code, behind)) = after.split_once("```") else {
            break;
        };
        out.push_str(&lines(before));
        out.push_str(&format!("<pre>{}</pre>", escaped(code.trim_matches('\n'))));
        rest = behind.trim_start_matches('\n');
    }
    out + &lines(rest)
}

fn lines(text: &str) -> String {
    let shown = text.lines().map(|line| match line.strip_prefix("> ") {
        Some(quoted) => format!("<q>{}</q>", marks(quoted)),
        None => marks(line),
    });
    shown.collect::<Vec<_>>().join("<br>")
}

/// Marks within a line, by the pairs that the renderer writes; what is not closed stays as it is.
fn marks(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    'next: while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix('\\') {
            let literal: String = after.chars().take(1).collect();
            out.push_str(&escaped(&literal));
            rest = &after[literal.len()..];
            continue;
        }
        for (mark, tag) in [
            ("**", "b"),
            ("``", "code"),
            ("`", "code"),
            ("*", "i"),
            ("_", "i"),
        ] {
            let Some(after) = rest.strip_prefix(mark) else {
                continue;
            };
            let Some(end) = closing(after, mark) else {
                continue;
            };
            let (inside, behind) = after.split_at(end);
            let inside = if tag == "code" {
                escaped(inside)
            } else {
                marks(inside)
            };
            out.push_str(&format!("<{tag}>{inside}</{tag}>"));
            rest = &behind[mark.len()..];
            continue 'next;
        }
        // A moment, in the reader's own clock.
        if let Some((moment, behind)) = rest
            .strip_prefix("<t:")
            .and_then(|after| after.split_once('>'))
        {
            let seconds = moment.split(':').next().unwrap_or_default();
            let minutes = seconds.parse::<u64>().unwrap_or_default() / 60;
            out.push_str(&format!(
                "<time>{:02}:{:02}</time>",
                minutes / 60 % 24,
                minutes % 60
            ));
            rest = behind;
            continue;
        }
        out.push_str(&escaped(&c.to_string()));
        rest = &rest[c.len_utf8()..];
    }
    out
}

/// Where a mark is closed: not behind a backslash, unless it is code.
fn closing(text: &str, mark: &str) -> Option<usize> {
    let is_code = mark.starts_with('`');
    let mut from = 0;
    loop {
        let at = from + text.get(from..)?.find(mark)?;
        let slashes = text[..at].bytes().rev().take_while(|b| *b == b'\\').count();
        if at > 0 && (is_code || slashes % 2 == 0) {
            return Some(at);
        }
        from = at + mark.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_markup_and_nothing_else_does() {
        for (markdown, expected) in [
            ("plain <b> & \"x\"", "plain &lt;b&gt; &amp; &quot;x&quot;"),
            ("**bold** and *it is*", "<b>bold</b> and <i>it is</i>"),
            (r"\*not\* \<b\>", "*not* &lt;b&gt;"),
            (r"**a\*\*b**", "<b>a**b</b>"),
            ("`**code** <b>`", "<code>**code** &lt;b&gt;</code>"),
            ("a * b", "a * b"),
            ("> said\nnot", "<q>said</q><br>not"),
            ("x\n```\na < b\n```\ny", "x<pre>a &lt; b</pre>y"),
            ("≈ <t:1780000446:t>", "≈ <time>20:34</time>"),
        ] {
            assert_eq!(html(markdown), expected, "{markdown}");
        }
    }
}
