//! What the adapter says itself, in the language of who it speaks to.

use lorikeet_chat::Screen;
use lorikeet_platform::words::{self, Catalog, Words};

/// The languages, the one everybody else gets first.
const FILES: [(&str, &str); 2] = [
    ("en", include_str!("../../../config/locales/en/matrix.ftl")),
    ("de", include_str!("../../../config/locales/de/matrix.ftl")),
];

static CATALOG: Catalog = Catalog::new(|| words::read(&FILES));

/// In the language that a person's client asks for.
pub(crate) fn of(language: Option<&str>) -> Words {
    language
        .and_then(|tag| Words::of(&CATALOG, tag))
        .unwrap_or_else(|| Words::usual(&CATALOG))
}

/// In the language of a screen.
pub(crate) fn of_screen(screen: &Screen) -> Words {
    of(screen
        .language
        .as_ref()
        .map(|language| language.tag.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_read_whole_and_says_the_same() {
        let ids = |text: &str| -> Vec<String> {
            let lines = text.lines().filter_map(|line| line.split_once(" = "));
            lines.map(|(id, _)| id.to_owned()).collect()
        };
        for (tag, text) in FILES {
            let read = fluent_bundle::FluentResource::try_new(text.to_owned());
            assert!(read.is_ok(), "{tag}");
            assert_eq!(ids(text), ids(FILES[0].1), "{tag}");
        }
    }

    #[test]
    fn people_are_spoken_to_in_their_language() {
        assert!(
            of(Some("de-AT"))
                .say("file-gone")
                .starts_with("Diese Datei")
        );
        for other in [None, Some("fr"), Some("")] {
            assert!(of(other).say("file-gone").starts_with("That file"));
        }
    }
}
