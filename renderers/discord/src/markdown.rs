//! The platform's markdown: what has to be escaped in it, and how long it is then.
//! <https://discord.com/developers/docs/reference#message-formatting>

use lorikeet_chat::TextUnit;

/// Writes text so that all of it is read literally. Where it starts matters: at the beginning of a line some signs mean more.
pub(crate) fn escape(text: &str, start: &mut Start, markdown: &mut String) {
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let escaped = match c {
            '\\' | '*' | '_' | '~' | '`' | '|' | '<' | '>' | '[' | ']' | '@' => true,
            // Headings, lists and small print.
            '#' | '-' | '+' => *start != Start::Over,
            '.' => *start == Start::Number && rest.peek().is_none_or(|next| next.is_whitespace()),
            // Addresses and names of emoji; a time of day just as well.
            ':' => rest.peek().is_none_or(|next| !next.is_whitespace()),
            _ => false,
        };
        if escaped {
            markdown.push('\\');
        }
        markdown.push(c);
        *start = start.after(c);
    }
}

/// Where on a line a text goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Start {
    /// At its beginning, or behind white space at its beginning.
    #[default]
    Line,
    /// Behind digits at its beginning.
    Number,
    /// Behind anything else: nothing begins here.
    Over,
}

impl Start {
    fn after(self, c: char) -> Self {
        match (self, c) {
            (_, '\n') => Self::Line,
            (Self::Line, c) if c.is_whitespace() => Self::Line,
            (Self::Line | Self::Number, c) if c.is_ascii_digit() => Self::Number,
            _ => Self::Over,
        }
    }
}

/// How long a text is at most once it is escaped, wherever it stands. Of two texts one after the other it is the sum.
pub(crate) fn length(text: &str, unit: TextUnit) -> usize {
    let signs = text.bytes().filter(|b| b"\\*_~`|<>[]@#-+.:".contains(b));
    unit.measure(text) + signs.count()
}

/// Writes text to be copied to the letter. Between backticks nothing has a meaning but backticks: those stand outside.
pub(crate) fn code(text: &str, markdown: &mut String) {
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find('`').unwrap_or(rest.len());
        let (words, after) = rest.split_at(end);
        if words.trim().is_empty() {
            markdown.push_str(words);
        } else {
            markdown.push('`');
            markdown.push_str(words);
            markdown.push('`');
        }
        let ticks = after.len() - after.trim_start_matches('`').len();
        markdown.push_str(&"\\`".repeat(ticks));
        rest = &after[ticks..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str) -> String {
        let mut markdown = String::new();
        escape(text, &mut Start::default(), &mut markdown);
        assert!(markdown.len() <= length(text, TextUnit::Bytes), "{text}");
        markdown
    }

    #[test]
    fn signs_mean_themselves() {
        for (text, markdown) in [
            (
                "*b* _i_ ~~s~~ ||x|| `c`",
                r"\*b\* \_i\_ \~\~s\~\~ \|\|x\|\| \`c\`",
            ),
            ("\\*", r"\\\*"),
            ("[a](https://b.example)", r"\[a\](https\://b.example)"),
            (
                "<@1> <#2> <t:3> <:a:4>",
                r"\<\@1\> \<#2\> \<t\:3\> \<\:a\:4\>",
            ),
            ("@everyone", r"\@everyone"),
            (":smile: 20:34 a: b", r"\:smile: 20\:34 a: b"),
            ("```\nx", "\\`\\`\\`\nx"),
        ] {
            assert_eq!(escaped(text), markdown);
        }
    }

    #[test]
    fn nothing_begins_at_the_beginning_of_a_line() {
        for (text, markdown) in [
            ("# a", r"\# a"),
            ("  ## a", r"  \## a"),
            ("-# a", r"\-# a"),
            ("a\n- b", "a\n\\- b"),
            ("12. a", r"12\. a"),
            ("1.5 - 2", "1.5 - 2"),
            ("3.", r"3\."),
            ("C# - a+b 3. ", "C# - a+b 3. "),
            ("> a\n>>> b", "\\> a\n\\>\\>\\> b"),
        ] {
            assert_eq!(escaped(text), markdown);
        }
    }

    #[test]
    fn nobody_breaks_out_of_code() {
        let written = |text: &str| {
            let mut markdown = String::new();
            code(text, &mut markdown);
            markdown
        };
        assert_eq!(written("a*b_\\"), "`a*b_\\`");
        assert_eq!(written("a`b"), "`a`\\``b`");
        assert_eq!(written("```\\"), "\\`\\`\\``\\`");
        assert_eq!(written("` `"), "\\` \\`");
    }
}
