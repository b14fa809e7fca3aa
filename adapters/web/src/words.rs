//! The page's own words, in the language of who looks at it.
//!
//! Owns which language a page is in and its sentences. Does not own what the bot says: screens come in their language.

use std::sync::LazyLock;

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use lorikeet_chat::Numerals;

use crate::config::Config;
use crate::visitor;

/// The languages of the page, the one everybody else gets first.
const FILES: [(&str, &str); 2] = [
    ("en", include_str!("../../../config/locales/en/web.ftl")),
    ("de", include_str!("../../../config/locales/de/web.ftl")),
];

static LANGUAGES: LazyLock<Vec<Language>> = LazyLock::new(|| {
    let languages = FILES.into_iter();
    languages
        .map(|(tag, text)| Language::read(tag, text))
        .collect()
});

/// One language of the page.
struct Language {
    tag: &'static str,
    bundle: FluentBundle<FluentResource>,
}

impl Language {
    /// A message that cannot be read is left out, and shows as its id; a test reads every file.
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

/// The page's words in one language.
#[derive(Clone, Copy)]
pub(crate) struct Words(&'static Language);

impl Words {
    /// For a request: the language its person chose in a chat, else the first one its browser likes that there is.
    pub(crate) fn asked(headers: &HeaderMap, config: &Config) -> Self {
        let wanted = visitor::chosen_language(headers, config)
            .and_then(Self::of)
            .or_else(|| liked(headers).into_iter().find_map(Self::of));
        wanted.unwrap_or_default()
    }

    /// In the language of a tag, where there is one.
    pub(crate) fn of(tag: &str) -> Option<Self> {
        let wanted = tag.split('-').next().unwrap_or(tag);
        let mut languages = LANGUAGES.iter();
        languages
            .find(|language| language.tag.eq_ignore_ascii_case(wanted))
            .map(Self)
    }

    /// The tag of the language.
    pub(crate) const fn tag(self) -> &'static str {
        self.0.tag
    }

    /// Which way it is written, as HTML says it.
    pub(crate) fn direction(self) -> &'static str {
        match self.0.tag {
            "ar" | "ckb" | "dv" | "fa" | "he" | "ps" | "sd" | "ug" | "ur" | "yi" => "rtl",
            _ => "ltr",
        }
    }

    /// A sentence.
    pub(crate) fn say(self, id: &str) -> String {
        self.formatted(id, None)
    }

    /// A sentence with what belongs into it.
    pub(crate) fn with<const N: usize>(self, id: &str, args: [(&str, &str); N]) -> String {
        let mut given = FluentArgs::new();
        for (name, value) in args {
            given.set(name, value);
        }
        self.formatted(id, Some(&given))
    }

    /// A whole number.
    pub(crate) fn number(self, number: usize) -> String {
        Numerals::of(self.0.tag).written(&number.to_string(), true)
    }

    fn formatted(self, id: &str, args: Option<&FluentArgs<'_>>) -> String {
        let text = self.0.say(id, args);
        text.or_else(|| Self::default().0.say(id, args))
            .unwrap_or_else(|| format!("«{id}»"))
    }
}

impl Default for Words {
    fn default() -> Self {
        Self(&LANGUAGES[0])
    }
}

/// The language to tell the bot: the one chosen, else the first one the browser likes that the page has too, else its first.
pub(crate) fn locale(headers: &HeaderMap, config: &Config) -> Option<String> {
    let liked = liked(headers);
    let known = liked.iter().find(|tag| Words::of(tag).is_some());
    visitor::chosen_language(headers, config)
        .or_else(|| known.or_else(|| liked.first()).copied())
        .map(str::to_owned)
}

/// The tags a browser names, the dearest first (RFC 9110, 12.5.4).
fn liked(headers: &HeaderMap) -> Vec<&str> {
    let list = headers
        .get(ACCEPT_LANGUAGE)
        .and_then(|list| list.to_str().ok());
    let mut tags: Vec<(f32, &str)> = list
        .unwrap_or_default()
        .split(',')
        .filter_map(|item| {
            let (tag, weight) = item.split_once(';').unwrap_or((item, "q=1"));
            let weight = weight.trim().strip_prefix("q=")?.parse().ok()?;
            Some((weight, tag.trim()))
        })
        .filter(|(weight, tag)| *weight > 0.0 && is_tag(tag))
        .collect();
    tags.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    tags.into_iter().map(|(_, tag)| tag).collect()
}

/// Whether a text looks like a language tag: 2 to 35 letters, digits and `-`.
pub(crate) fn is_tag(text: &str) -> bool {
    (2..=35).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use axum::http::HeaderValue;

    use super::*;
    use crate::tests::kit::local;

    fn asking(languages: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(languages));
        headers
    }

    #[test]
    fn a_browser_gets_the_language_it_likes_best_that_there_is() {
        for (languages, page, bot) in [
            ("de-AT,de;q=0.9,en;q=0.8", "de", Some("de-AT")),
            ("fr-CH, fr;q=0.9, de;q=0.7, *;q=0.5", "de", Some("de")),
            ("en;q=0.5,de;q=0.8", "de", Some("de")),
            ("de;q=0,en", "en", Some("en")),
            ("DE", "de", Some("DE")),
            ("fr,it;q=0.5", "en", Some("fr")),
            ("de;q=much", "en", None),
            ("<script>", "en", None),
            ("", "en", None),
        ] {
            let headers = asking(languages);
            assert_eq!(Words::asked(&headers, &local()).tag(), page, "{languages}");
            assert_eq!(locale(&headers, &local()).as_deref(), bot, "{languages}");
        }
    }

    #[test]
    fn every_file_is_read_whole() {
        for (tag, text) in FILES {
            assert!(FluentResource::try_new(text.to_owned()).is_ok(), "{tag}");
            assert_eq!(Words::of(tag).map(Words::tag), Some(tag));
        }
    }

    /// Translations are compared with English beside those of the bot: `lorikeet-training`, `locales.rs`.
    #[test]
    fn every_sentence_is_used_and_every_used_one_is_there() {
        let written: BTreeSet<String> = FILES[0]
            .1
            .lines()
            .filter_map(|line| line.split_once(" = "))
            .map(|(id, _)| id.to_owned())
            .filter(|id| !id.starts_with('#'))
            .collect();
        let mut used = BTreeSet::new();
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        for entry in fs::read_dir(sources).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                continue;
            }
            let text = fs::read_to_string(path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
            let literals = code.split('"').skip(1).step_by(2);
            let heads = ["page-", "script-", "file-", "problem-"];
            let ids = literals.filter(|text| {
                let kebab = |b: u8| b.is_ascii_lowercase() || b == b'-';
                text.bytes().all(kebab) && heads.iter().any(|head| text.starts_with(head))
            });
            used.extend(ids.map(str::to_owned));
        }
        assert!(written.len() > 50, "the file is read");
        assert_eq!(used, written);
    }

    #[test]
    fn sentences_have_their_numbers_as_the_language_writes_them() {
        let said = |tag| {
            let words = Words::of(tag).unwrap();
            words.with("problem-too-long", [("max", words.number(20_000).as_str())])
        };
        assert_eq!(said("en"), "That is too long: 20,000 characters at most.");
        assert_eq!(said("de"), "Das ist zu lang: höchstens 20.000 Zeichen.");
        assert_eq!(Words::default().say("nowhere"), "«nowhere»");
    }
}
