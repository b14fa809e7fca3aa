//! What the adapter says itself, in the language of who it speaks to.

use lorikeet_chat::Screen;
use lorikeet_platform::words::{self, Catalog, Words};

/// The languages, the one everybody else gets first.
const FILES: [(&str, &str); 2] = [
    (
        "en",
        include_str!("../../../config/locales/en/telegram.ftl"),
    ),
    (
        "de",
        include_str!("../../../config/locales/de/telegram.ftl"),
    ),
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
