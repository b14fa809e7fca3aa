//! The page's own words, in the language of who looks at it.
//!
//! Owns which language a page is in and its sentences. Does not own what the bot says: screens come in their language.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use lorikeet_platform::words::{self, Catalog};

use crate::config::Config;
use crate::visitor;

pub(crate) use lorikeet_platform::words::Words;

/// The languages of the page, the one everybody else gets first.
const FILES: [(&str, &str); 2] = [
    ("en", include_str!("../../../config/locales/en/web.ftl")),
    ("de", include_str!("../../../config/locales/de/web.ftl")),
];

static CATALOG: Catalog = Catalog::new(|| words::read(&FILES));

/// The words in the language of a tag, where there is one.
pub(crate) fn of(tag: &str) -> Option<Words> {
    Words::of(&CATALOG, tag)
}

/// The words in the language that everybody else gets.
pub(crate) fn usual() -> Words {
    Words::usual(&CATALOG)
}

/// For a request: the language its person chose in a chat, else the first one its browser likes that there is.
pub(crate) fn asked(headers: &HeaderMap, config: &Config) -> Words {
    let wanted = visitor::chosen_language(headers, config)
        .and_then(of)
        .or_else(|| liked(headers).into_iter().find_map(of));
    wanted.unwrap_or_else(usual)
}

/// Which way a language is written, as HTML says it.
pub(crate) fn direction(words: Words) -> &'static str {
    match words.tag() {
        "ar" | "ckb" | "dv" | "fa" | "he" | "ps" | "sd" | "ug" | "ur" | "yi" => "rtl",
        _ => "ltr",
    }
}

/// The language to tell the bot: the one chosen, else the first one the browser likes that the page has too, else its first.
pub(crate) fn locale(headers: &HeaderMap, config: &Config) -> Option<String> {
    let liked = liked(headers);
    let known = liked.iter().find(|tag| of(tag).is_some());
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
            assert_eq!(asked(&headers, &local()).tag(), page, "{languages}");
            assert_eq!(locale(&headers, &local()).as_deref(), bot, "{languages}");
        }
    }

    #[test]
    fn every_file_is_read_whole() {
        for (tag, text) in FILES {
            assert!(
                fluent_bundle::FluentResource::try_new(text.to_owned()).is_ok(),
                "{tag}"
            );
            assert_eq!(of(tag).map(Words::tag), Some(tag));
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
            let words = of(tag).unwrap();
            words.with("problem-too-long", [("max", words.number(20_000).as_str())])
        };
        assert_eq!(said("en"), "That is too long: 20,000 characters at most.");
        assert_eq!(said("de"), "Das ist zu lang: höchstens 20.000 Zeichen.");
        assert_eq!(usual().say("nowhere"), "«nowhere»");
    }
}
