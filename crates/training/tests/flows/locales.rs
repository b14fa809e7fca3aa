//! Translations against English: the same messages with the same arguments, and every plural the language has.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use fluent_syntax::ast::{
    CallArguments, Entry, Expression, InlineExpression, Pattern, PatternElement, Variant,
    VariantKey,
};
use fluent_syntax::parser;
use intl_pluralrules::{PluralCategory, PluralRuleType, PluralRules};
use unic_langid::LanguageIdentifier;

/// What plural categories are called in Fluent.
const CATEGORIES: [(PluralCategory, &str); 6] = [
    (PluralCategory::ZERO, "zero"),
    (PluralCategory::ONE, "one"),
    (PluralCategory::TWO, "two"),
    (PluralCategory::FEW, "few"),
    (PluralCategory::MANY, "many"),
    (PluralCategory::OTHER, "other"),
];

/// What a message is made of.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Anatomy {
    /// The arguments it looks at.
    arguments: BTreeSet<String>,
    /// The keys of each choice in it.
    choices: Vec<BTreeSet<String>>,
}

fn folder(locale: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../config/locales")
        .join(locale)
}

/// The messages of a locale, by file and id. What is not valid Fluent, or stands twice, ends the test.
pub(crate) fn messages(locale: &str) -> BTreeMap<(String, String), Anatomy> {
    let mut messages = BTreeMap::new();
    for entry in fs::read_dir(folder(locale)).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        let resource = match parser::parse(text.as_str()) {
            Ok(resource) => resource,
            Err((_, errors)) => panic!("{}: {errors:?}", path.display()),
        };
        for entry in resource.body {
            match entry {
                Entry::Message(message) => {
                    let id = message.id.name.to_owned();
                    // A command's name in this language, where platforms list it so; no other attribute is read.
                    let named = id.starts_with("command-");
                    let mut attributes =
                        message.attributes.iter().map(|attribute| attribute.id.name);
                    assert!(
                        attributes.all(|attribute| named && attribute == "name"),
                        "{id} has attributes"
                    );
                    let mut anatomy = Anatomy::default();
                    anatomy.pattern(&message.value.unwrap());
                    let twice = messages.insert((file.clone(), id.clone()), anatomy);
                    assert_eq!(twice, None, "{locale}/{file}: {id} stands twice");
                }
                Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => {}
                other => panic!("{locale}/{file}: {other:?}"),
            }
        }
    }
    messages
}

impl Anatomy {
    fn pattern(&mut self, pattern: &Pattern<&str>) {
        for element in &pattern.elements {
            if let PatternElement::Placeable { expression } = element {
                self.expression(expression);
            }
        }
    }

    fn expression(&mut self, expression: &Expression<&str>) {
        match expression {
            Expression::Inline(inline) => self.inline(inline),
            Expression::Select { selector, variants } => {
                self.inline(selector);
                self.choices.push(variants.iter().map(key).collect());
                for variant in variants {
                    self.pattern(&variant.value);
                }
            }
        }
    }

    fn inline(&mut self, inline: &InlineExpression<&str>) {
        match inline {
            InlineExpression::VariableReference { id } => {
                self.arguments.insert(id.name.to_owned());
            }
            InlineExpression::FunctionReference { id, arguments } => {
                assert_eq!(id.name, "NUMBER", "there is no such function");
                let CallArguments { positional, .. } = arguments;
                for argument in positional {
                    self.inline(argument);
                }
            }
            InlineExpression::Placeable { expression } => self.expression(expression),
            InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
            other => panic!("nobody looks into {other:?}"),
        }
    }

    /// Plural categories a choice lacks, where it is one by plurals.
    fn lacks(&self, language: &BTreeSet<&'static str>) -> Vec<&'static str> {
        let category = |key: &String| CATEGORIES.iter().any(|(_, name)| *name == key);
        let plurals = self
            .choices
            .iter()
            .filter(|keys| keys.iter().any(|key| key != "other" && category(key)));
        plurals
            .flat_map(|keys| language.iter().filter(|name| !keys.contains(**name)))
            .copied()
            .collect()
    }
}

fn key(variant: &Variant<&str>) -> String {
    match &variant.key {
        VariantKey::Identifier { name } => (*name).to_owned(),
        VariantKey::NumberLiteral { value } => (*value).to_owned(),
    }
}

/// The categories of a language that whole numbers and tenths fall into.
fn categories(locale: &str) -> BTreeSet<&'static str> {
    let language: LanguageIdentifier = locale.parse().unwrap();
    let rules = PluralRules::create(language, PluralRuleType::CARDINAL).unwrap();
    let whole = (0..=1_000_u32).map(|n| rules.select(n).unwrap());
    let tenths = (0..=100_u32).map(|n| rules.select(f64::from(n) / 10.0).unwrap());
    let name = |found: PluralCategory| CATEGORIES.iter().find(|(known, _)| *known == found);
    whole
        .chain(tenths)
        .map(|found| name(found).unwrap().1)
        .collect()
}

fn locales() -> Vec<String> {
    let entries = fs::read_dir(folder("")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

#[test]
fn every_locale_says_the_same_with_the_same_arguments() {
    let english = messages("en");
    let locales = locales();
    assert!(locales.iter().any(|locale| locale == "de"), "{locales:?}");
    for locale in locales {
        let theirs = messages(&locale);
        let ids = |messages: &BTreeMap<(String, String), Anatomy>| -> BTreeSet<(String, String)> {
            messages.keys().cloned().collect()
        };
        let (wanted, written) = (ids(&english), ids(&theirs));
        assert_eq!(
            (
                wanted.difference(&written).collect::<Vec<_>>(),
                written.difference(&wanted).collect::<Vec<_>>()
            ),
            (Vec::new(), Vec::new()),
            "{locale} lacks the first and has the second for nothing"
        );
        for (place, message) in &theirs {
            assert_eq!(
                message.arguments, english[place].arguments,
                "{locale}: {place:?}"
            );
        }
    }
}

#[test]
fn every_choice_by_plurals_has_all_that_the_language_has() {
    assert_eq!(categories("en"), ["one", "other"].into());
    assert_eq!(categories("pl"), ["few", "many", "one", "other"].into());
    for locale in locales() {
        let categories = categories(&locale);
        let messages = messages(&locale);
        let lacking: Vec<_> = messages
            .iter()
            .map(|(place, message)| (place, message.lacks(&categories)))
            .filter(|(_, lacking)| !lacking.is_empty())
            .collect();
        assert!(lacking.is_empty(), "{locale}: {lacking:?}");
    }
}

#[test]
fn what_is_wrong_with_a_message_is_found() {
    let anatomy = |text: &'static str| {
        let resource = parser::parse(text).unwrap();
        let mut anatomy = Anatomy::default();
        for entry in &resource.body {
            if let Entry::Message(message) = entry {
                anatomy.pattern(message.value.as_ref().unwrap());
            }
        }
        anatomy
    };
    let nested = anatomy(
        "a = { $n ->\n    [0] x\n   *[other] { NUMBER($n) } { $m ->\n        [one] y\n       *[other] { $z }\n      }\n  }\n",
    );
    assert_eq!(nested.arguments, ["m", "n", "z"].map(str::to_owned).into());
    let german = categories("de");
    assert!(nested.lacks(&german).is_empty());
    assert_eq!(nested.lacks(&categories("pl")), ["few", "many"]);
    let kinds = anatomy("a = { $kind ->\n    [media] x\n   *[other] y\n  }\n");
    assert!(kinds.lacks(&categories("pl")).is_empty(), "no plural");
    let odd = anatomy("a = { $n ->\n   *[one] x\n  }\n");
    assert_eq!(odd.lacks(&german), ["other"]);
}
