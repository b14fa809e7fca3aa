//! What an adapter says itself, in the language of who it speaks to: sentences from Fluent files that it carries.
//!
//! Does not own what the bot says: screens come in their language.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use lorikeet_chat::Numerals;

/// An adapter's sentences: language tags and Fluent files, the language that everybody else gets first.
///
/// ```ignore
/// static WORDS: Catalog = Catalog::new(|| read(&[("en", include_str!("….ftl"))]));
/// ```
pub type Catalog = LazyLock<Vec<Spoken>>;

/// Reads the files of a [`Catalog`].
pub fn read(files: &[(&'static str, &str)]) -> Vec<Spoken> {
    files
        .iter()
        .map(|(tag, text)| Spoken::read(tag, text))
        .collect()
}

/// One language's sentences.
pub struct Spoken {
    tag: &'static str,
    bundle: FluentBundle<FluentResource>,
}

impl Spoken {
    /// A message that cannot be read is left out, and shows as its id: an adapter's tests read every file.
    fn read(tag: &'static str, text: &str) -> Self {
        let mut bundle = FluentBundle::new_concurrent(tag.parse().into_iter().collect());
        bundle.set_use_isolating(false);
        let resource = FluentResource::try_new(text.to_owned());
        bundle.add_resource_overriding(resource.unwrap_or_else(|(readable, _)| readable));
        Self { tag, bundle }
    }

    fn say(&self, id: &str, args: Option<&FluentArgs<'_>>) -> Option<String> {
        let pattern = self.bundle.get_message(id)?.value()?;
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, args, &mut errors);
        errors.is_empty().then(|| text.into_owned())
    }
}

/// The sentences in one language.
#[derive(Clone, Copy)]
pub struct Words {
    all: &'static [Spoken],
    here: usize,
}

impl Words {
    /// In the language of a tag, where there is one.
    pub fn of(catalog: &'static Catalog, tag: &str) -> Option<Self> {
        let wanted = tag.split('-').next().unwrap_or(tag);
        let here = catalog
            .iter()
            .position(|language| language.tag.eq_ignore_ascii_case(wanted))?;
        Some(Self { all: catalog, here })
    }

    /// In the language that everybody else gets.
    pub fn usual(catalog: &'static Catalog) -> Self {
        Self {
            all: catalog,
            here: 0,
        }
    }

    /// The tag of the language.
    pub fn tag(self) -> &'static str {
        self.all.get(self.here).map_or("", |language| language.tag)
    }

    /// A sentence.
    pub fn say(self, id: &str) -> String {
        self.formatted(id, None)
    }

    /// A sentence with what belongs into it.
    pub fn with<const N: usize>(self, id: &str, args: [(&str, &str); N]) -> String {
        let mut given = FluentArgs::new();
        for (name, value) in args {
            given.set(name, value);
        }
        self.formatted(id, Some(&given))
    }

    /// A whole number.
    pub fn number(self, number: usize) -> String {
        Numerals::of(self.tag()).written(&number.to_string(), true)
    }

    fn formatted(self, id: &str, args: Option<&FluentArgs<'_>>) -> String {
        let mut languages = self.all.get(self.here).into_iter().chain(self.all.first());
        languages
            .find_map(|language| language.say(id, args))
            .unwrap_or_else(|| format!("«{id}»"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static WORDS: Catalog = Catalog::new(|| {
        read(&[
            ("en", "hello = Hello { $name }\nonly = Only here"),
            ("de", "hello = Hallo { $name }"),
        ])
    });

    #[test]
    fn sentences_come_in_the_language_asked_for_else_in_the_first() {
        let de = Words::of(&WORDS, "DE-at").unwrap();
        assert_eq!((de.tag(), de.number(20_000).as_str()), ("de", "20.000"));
        assert_eq!(de.with("hello", [("name", "Kea")]), "Hallo Kea");
        assert_eq!(de.say("only"), "Only here");
        assert_eq!(de.say("hello"), "«hello»", "an argument is missing");
        assert_eq!(de.say("nowhere"), "«nowhere»");
        assert!(Words::of(&WORDS, "fr").is_none());
        assert_eq!(Words::usual(&WORDS).tag(), "en");
    }
}
