//! Sentences in a person's language: Fluent messages, with English behind every other locale.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use lorikeet_chat::Numerals;
use lorikeet_flow::{Message, MessageArg};
use unic_langid::LanguageIdentifier;

/// The locale that has every message.
pub const FALLBACK: &str = "en";

/// This crate's own messages in English; a feature's come on top.
pub const ENGLISH: &str = include_str!("../../../config/locales/en/dialog.ftl");

/// The same in German.
pub const GERMAN: &str = include_str!("../../../config/locales/de/dialog.ftl");

/// What a language calls itself; only its own file is asked.
const NAME: &str = "dialog-language-name";

/// Every locale's messages. Built once.
pub struct Catalog {
    bundles: BTreeMap<String, FluentBundle<FluentResource>>,
}

/// A catalog that cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// A locale's tag is no BCP 47 language tag.
    #[error("`{0}` is not a language tag")]
    Tag(String),
    /// A file is not valid Fluent, or a message stands twice.
    #[error("messages of `{locale}`: {problem}")]
    Messages {
        /// Which locale.
        locale: String,
        /// What is wrong.
        problem: String,
    },
    /// The fallback locale is missing.
    #[error("there are no messages for `{FALLBACK}`")]
    NoFallback,
}

impl Catalog {
    /// Builds a catalog from Fluent files: (language tag, text of a file), several a tag if need be.
    ///
    /// # Errors
    /// When a file is not valid, a message stands twice, or English is missing.
    pub fn new<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, CatalogError> {
        let mut bundles: BTreeMap<String, FluentBundle<FluentResource>> = BTreeMap::new();
        for (locale, text) in files {
            let language: LanguageIdentifier = locale
                .parse()
                .map_err(|_| CatalogError::Tag(locale.to_owned()))?;
            let tag = language.to_string();
            let problem = |problem: String| CatalogError::Messages {
                locale: locale.to_owned(),
                problem,
            };
            let resource = FluentResource::try_new(text.to_owned())
                .map_err(|(_, errors)| problem(join(&errors)))?;
            if !bundles.contains_key(&tag) {
                let mut bundle = FluentBundle::new_concurrent(vec![language]);
                // Isolates around every argument would end up in file names and code; see `isolated`.
                bundle.set_use_isolating(false);
                bundle.set_formatter(Some(numbers(Numerals::of(&tag))));
                // NUMBER($width, useGrouping: "false") and the like.
                bundle
                    .add_builtins()
                    .map_err(|error| problem(error.to_string()))?;
                bundles.insert(tag.clone(), bundle);
            }
            let Some(bundle) = bundles.get_mut(&tag) else {
                continue;
            };
            bundle
                .add_resource(resource)
                .map_err(|errors| problem(join(&errors)))?;
        }
        if bundles.contains_key(FALLBACK) {
            Ok(Self { bundles })
        } else {
            Err(CatalogError::NoFallback)
        }
    }

    /// The tags there are messages for.
    pub fn locales(&self) -> impl Iterator<Item = &str> {
        self.bundles.keys().map(String::as_str)
    }

    /// The languages there are messages for, each with what it calls itself.
    pub fn languages(&self) -> impl Iterator<Item = (&str, String)> {
        self.bundles.iter().map(|(tag, bundle)| {
            let pattern = bundle.get_message(NAME).and_then(|name| name.value());
            let name = pattern.map(|pattern| {
                let name = bundle.format_pattern(pattern, None, &mut Vec::new());
                name.into_owned()
            });
            (tag.as_str(), name.unwrap_or_else(|| tag.clone()))
        })
    }

    /// What a message says of itself in an attribute, in the language of a tag and no other.
    pub fn attribute(&self, tag: &str, id: &str, attribute: &str) -> Option<String> {
        let bundle = self.bundles.get(tag)?;
        let pattern = bundle.get_message(id)?.get_attribute(attribute)?.value();
        let text = bundle.format_pattern(pattern, None, &mut Vec::new());
        Some(text.into_owned())
    }

    /// The language meant by what a person typed: its tag or what it calls itself, in any case.
    pub fn language(&self, typed: &str) -> Option<&str> {
        let typed = typed.trim();
        let wanted = typed.to_lowercase();
        let by_name = self
            .languages()
            .find(|(_, name)| name.to_lowercase() == wanted);
        by_name
            .map(|(tag, _)| tag)
            .or_else(|| self.negotiated(typed))
    }

    /// Texts in the best locale for a preference: the same tag, the same language, or English.
    pub fn texts(self: &Arc<Self>, preferred: Option<&str>) -> Texts {
        let locale = preferred
            .and_then(|tag| self.negotiated(tag))
            .unwrap_or(FALLBACK);
        Texts {
            catalog: Arc::clone(self),
            locale: locale.to_owned(),
            sign: SIGN.to_owned(),
        }
    }

    /// The tag of ours that serves a wanted one: the same, that of its language, or of the same language elsewhere.
    fn negotiated(&self, wanted: &str) -> Option<&str> {
        let wanted: LanguageIdentifier = wanted.parse().ok()?;
        let (same, language) = (wanted.to_string(), wanted.language.as_str());
        let find = |fits: &dyn Fn(&str) -> bool| {
            let mut tags = self.bundles.keys().map(String::as_str);
            tags.find(|tag| fits(tag))
        };
        find(&|tag| tag == same)
            .or_else(|| find(&|tag| tag == language))
            .or_else(|| find(&|tag| tag.split('-').next() == Some(language)))
    }

    fn format(&self, locale: &str, id: &str, args: &FluentArgs<'_>) -> Option<String> {
        [locale, FALLBACK].into_iter().find_map(|locale| {
            let bundle = self.bundles.get(locale)?;
            let pattern = bundle.get_message(id)?.value()?;
            let mut errors = Vec::new();
            let text = bundle.format_pattern(pattern, Some(args), &mut errors);
            // A message with a missing argument is broken: the fallback may not be.
            errors.is_empty().then(|| text.into_owned())
        })
    }
}

impl fmt::Debug for Catalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Catalog")
            .field("locales", &self.bundles.keys())
            .finish()
    }
}

/// What stands before a command where a room says nothing else.
const SIGN: &str = "/";

/// Texts in one person's language.
#[derive(Clone, Debug)]
pub struct Texts {
    catalog: Arc<Catalog>,
    locale: String,
    sign: String,
}

impl Texts {
    /// The language tag the texts are in.
    pub fn locale(&self) -> &str {
        &self.locale
    }

    /// The same for who writes commands with this sign before them.
    #[must_use]
    pub fn writing(mut self, sign: Option<&str>) -> Self {
        sign.unwrap_or(SIGN).clone_into(&mut self.sign);
        self
    }

    /// What stands before a command. Messages have it as `$sign`.
    pub fn sign(&self) -> &str {
        &self.sign
    }

    /// A command as one writes it: `/help`.
    pub fn command(&self, name: &str) -> String {
        [&self.sign, name].concat()
    }

    /// The languages there are, each with what it calls itself.
    pub fn languages(&self) -> Vec<(String, String)> {
        let languages = self.catalog.languages();
        languages
            .map(|(tag, name)| (tag.to_owned(), name))
            .collect()
    }

    /// A number as one would type it in this language: `0,0005`.
    pub fn plain(&self, number: f64) -> String {
        Numerals::of(&self.locale).plain(number)
    }

    /// Whether there is such a message, in this language or in English: for ids that are made of what others say.
    pub fn knows(&self, id: &str) -> bool {
        [self.locale.as_str(), FALLBACK].iter().any(|locale| {
            let bundle = self.catalog.bundles.get(*locale);
            bundle.is_some_and(|bundle| bundle.has_message(id))
        })
    }

    /// A message without arguments. See [`Texts::format`].
    pub fn say(&self, id: &str) -> String {
        self.formatted(id, FluentArgs::with_capacity(1))
    }

    /// A message with its arguments. One that is missing everywhere shows as its id between angle quotes, which the
    /// tests of every screen look for.
    pub fn format(&self, message: &Message) -> String {
        let mut args = FluentArgs::with_capacity(message.args.len() + 1);
        for (name, value) in &message.args {
            let value = match value {
                MessageArg::Text(text) => FluentValue::from(isolated(text)),
                MessageArg::Number(number) => FluentValue::from(*number),
            };
            args.set(name.as_ref(), value);
        }
        self.formatted(&message.id, args)
    }

    fn formatted<'a>(&'a self, id: &str, mut args: FluentArgs<'a>) -> String {
        args.set("sign", self.sign.as_str());
        self.catalog
            .format(&self.locale, id, &args)
            .unwrap_or_else(|| format!("«{id}»"))
    }
}

/// Writes the numbers in messages: what Fluent calls with every value it puts into one.
fn numbers<M>(numerals: Numerals) -> fn(&FluentValue<'_>, &M) -> Option<String> {
    // Fluent takes a function and no closure: one for each way.
    match numerals {
        Numerals::Point => |value, _| written(value, Numerals::Point),
        Numerals::Comma => |value, _| written(value, Numerals::Comma),
        Numerals::CommaSpace => |value, _| written(value, Numerals::CommaSpace),
        Numerals::CommaNarrowSpace => |value, _| written(value, Numerals::CommaNarrowSpace),
        Numerals::PointApostrophe => |value, _| written(value, Numerals::PointApostrophe),
    }
}

fn written(value: &FluentValue<'_>, numerals: Numerals) -> Option<String> {
    match value {
        FluentValue::Number(number) => {
            Some(numerals.written(&number.as_string(), number.options.use_grouping))
        }
        _ => None,
    }
}

/// Keeps a right-to-left argument from turning the words around it: first-strong isolate … pop isolate (UAX #9).
fn isolated(text: &str) -> String {
    // Hebrew to Arabic Extended, and the presentation forms.
    let right_to_left = |c: char| matches!(c, '\u{0590}'..='\u{08FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}');
    if text.chars().any(right_to_left) {
        format!("\u{2068}{text}\u{2069}")
    } else {
        text.to_owned()
    }
}

fn join<E: fmt::Debug>(errors: &[E]) -> String {
    errors
        .iter()
        .map(|error| format!("{error:?}"))
        .collect::<Vec<_>>()
        .join("; ")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use lorikeet_flow::Message;

    use super::{Catalog, CatalogError};

    #[test]
    fn texts_fall_back_by_language_then_to_english() {
        let files = [
            ("en", "hello = Hello, { $name }!\nonly-english = Yes"),
            ("de", "hello = Hallo, { $name }!"),
        ];
        let catalog = Arc::new(Catalog::new(files).expect("valid"));
        let hello = Message::new("hello").text("name", "Kea");
        assert_eq!(catalog.texts(Some("de-AT")).format(&hello), "Hallo, Kea!");
        assert_eq!(catalog.texts(Some("DE_at")).format(&hello), "Hallo, Kea!");
        for unknown in ["fr", "", "-", "not a tag", "d"] {
            let texts = catalog.texts(Some(unknown));
            assert_eq!(texts.format(&hello), "Hello, Kea!", "{unknown:?}");
        }
        assert_eq!(catalog.texts(Some("de")).say("only-english"), "Yes");
        assert_eq!(catalog.texts(None).say("nowhere"), "«nowhere»");
    }

    #[test]
    fn a_language_is_found_by_its_tag_and_by_its_own_name() {
        let files = [
            ("en", "dialog-language-name = English"),
            ("de", "dialog-language-name = Deutsch"),
            ("pt-BR", "hello = Olá"),
        ];
        let catalog = Catalog::new(files).expect("valid");
        for (typed, tag) in [
            ("de", Some("de")),
            (" DE ", Some("de")),
            ("deutsch", Some("de")),
            ("DEUTSCH", Some("de")),
            ("de-AT", Some("de")),
            ("pt", Some("pt-BR")),
            ("Klingon", None),
            ("", None),
        ] {
            assert_eq!(catalog.language(typed), tag, "{typed:?}");
        }
        let names: Vec<String> = catalog.languages().map(|(_, name)| name).collect();
        assert_eq!(names, ["Deutsch", "English", "pt-BR"]);
    }

    #[test]
    fn numbers_are_written_as_the_language_does() {
        let files = [
            (
                "en",
                "n = { $n }\nsize = { NUMBER($n, useGrouping: \"false\") } px",
            ),
            (
                "de",
                "n = { $n }\nsize = { NUMBER($n, useGrouping: \"false\") } px",
            ),
        ];
        let catalog = Arc::new(Catalog::new(files).expect("valid"));
        let shown = |locale, id: &'static str, n: f64| {
            let message = Message::new(id).number("n", n);
            catalog.texts(Some(locale)).format(&message)
        };
        assert_eq!(shown("en", "n", 12_345.5), "12,345.5");
        assert_eq!(shown("de", "n", 12_345.5), "12.345,5");
        assert_eq!(shown("de", "n", 7.0), "7");
        assert_eq!(shown("de", "size", 1_024.0), "1024 px");
        assert_eq!(catalog.texts(Some("de")).plain(0.0005), "0,0005");
    }

    #[test]
    fn right_to_left_arguments_are_isolated() {
        let catalog = Arc::new(Catalog::new([("en", "hello = Hello, { $name }!")]).expect("valid"));
        let hello = Message::new("hello").text("name", "חתול");
        assert_eq!(
            catalog.texts(None).format(&hello),
            "Hello, \u{2068}חתול\u{2069}!"
        );
    }

    #[test]
    fn a_doubled_message_is_refused() {
        let doubled = Catalog::new([("en", "a = 1"), ("en", "a = 2")]);
        assert!(matches!(doubled, Err(CatalogError::Messages { .. })));
        assert!(matches!(
            Catalog::new([("de", "a = 1")]),
            Err(CatalogError::NoFallback)
        ));
    }
}
