//! Slash commands out of the bot's own: as Discord takes them, and whether it has them already.
//! <https://discord.com/developers/docs/interactions/application-commands>

use std::collections::BTreeMap;

use lorikeet_platform::{ArgumentHelp, CommandHelp, Told};
use serde_json::{Map, Value, json};

use crate::incoming::{ADD, CAPTION};

/// Commands everywhere, and again on each server: <https://discord.com/developers/docs/interactions/application-commands#registering-a-command>.
const COMMANDS: usize = 100;
/// Characters of a description: <https://discord.com/developers/docs/interactions/application-commands#application-command-object>.
const DESCRIPTION: usize = 100;
/// Files that a command brings at once.
const FILES: usize = 10;

/// What is offered for what is typed: <https://discord.com/developers/docs/interactions/application-commands#autocomplete>.
const CHOICES: usize = 25;
/// Characters of one of them: <https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-option-choice-structure>.
const CHOICE: usize = 100;
/// Characters of a command's name.
const NAME: usize = 32;

/// Kinds of options.
const SUBCOMMAND: u8 = 1;
const STRING: u8 = 3;
const INTEGER: u8 = 4;
const ATTACHMENT: u8 = 11;

/// The locales of Discord, by the language they are in:
/// <https://discord.com/developers/docs/reference#locales>.
const LOCALES: [(&str, &[&str]); 30] = [
    ("id", &["id"]),
    ("da", &["da"]),
    ("de", &["de"]),
    ("en", &["en-GB", "en-US"]),
    ("es", &["es-ES", "es-419"]),
    ("fr", &["fr"]),
    ("hr", &["hr"]),
    ("it", &["it"]),
    ("lt", &["lt"]),
    ("hu", &["hu"]),
    ("nl", &["nl"]),
    ("no", &["no"]),
    ("pl", &["pl"]),
    ("pt", &["pt-BR"]),
    ("ro", &["ro"]),
    ("fi", &["fi"]),
    ("sv", &["sv-SE"]),
    ("vi", &["vi"]),
    ("tr", &["tr"]),
    ("cs", &["cs"]),
    ("el", &["el"]),
    ("bg", &["bg"]),
    ("ru", &["ru"]),
    ("uk", &["uk"]),
    ("hi", &["hi"]),
    ("th", &["th"]),
    ("zh", &["zh-CN", "zh-TW"]),
    ("ja", &["ja"]),
    ("ko", &["ko"]),
    ("nb", &["no"]),
];

/// The commands as Discord takes them; those beyond what it takes are named in the log.
pub(crate) fn definitions(commands: &[CommandHelp]) -> Vec<Value> {
    for left_out in commands.iter().skip(COMMANDS) {
        tracing::warn!(command = %left_out.name, "Discord takes no more than {COMMANDS} commands: this one is left out");
    }
    commands.iter().take(COMMANDS).map(definition).collect()
}

fn definition(command: &CommandHelp) -> Value {
    let mut defined = described(&command.name, &command.summary);
    // One that Discord would not take would keep all commands from it.
    let mut names = localized(&command.names, NAME);
    names.retain(|_, name| is_name(name));
    defined["name_localizations"] = json!(names);
    defined["type"] = json!(1);
    // In private and on servers where the bot is, and there alone: an account takes it nowhere else.
    defined["contexts"] = json!([0, 1]);
    defined["integration_types"] = json!([0]);
    let argument = command.argument.as_ref().map(argument);
    defined["options"] = match &command.pictures {
        None => json!(argument.into_iter().collect::<Vec<_>>()),
        // A command with others below it cannot be called itself.
        Some(pictures) => {
            let mut begin = described("new", &command.summary);
            begin["type"] = json!(SUBCOMMAND);
            begin["options"] = json!(argument.into_iter().collect::<Vec<_>>());
            let mut add = described(ADD, &pictures.summary);
            add["type"] = json!(SUBCOMMAND);
            let files = (1..=FILES).map(|number| {
                let mut file = described(&format!("image{number}"), &pictures.summary);
                file["type"] = json!(ATTACHMENT);
                file["required"] = json!(number == 1);
                file
            });
            let mut options: Vec<Value> = files.collect();
            let mut caption = described(CAPTION, &pictures.caption);
            caption["type"] = json!(STRING);
            caption["required"] = json!(false);
            options.push(caption);
            add["options"] = json!(options);
            json!([begin, add])
        }
    };
    defined
}

fn argument(argument: &ArgumentHelp) -> Value {
    let mut option = described(&argument.name, &argument.summary);
    option["type"] = json!(if argument.is_number { INTEGER } else { STRING });
    option["required"] = json!(argument.required);
    if argument.is_suggested {
        option["autocomplete"] = json!(true);
    }
    option
}

/// Whether a command can be called so:
/// <https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-naming>.
fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '\'');
    !name.is_empty() && name.chars().all(plain) && name.to_lowercase() == name
}

/// What is offered for what is typed.
pub(crate) fn choices(names: Vec<String>) -> Vec<Value> {
    // A name that was cut would be another.
    let whole = names
        .into_iter()
        .filter(|name| (1..=CHOICE).contains(&name.chars().count()));
    let offered = whole.map(|name| json!({ "name": name, "value": name }));
    offered.take(CHOICES).collect()
}

/// Texts by Discord's locales, cut to a length.
fn localized(translations: &BTreeMap<String, String>, most: usize) -> BTreeMap<&str, String> {
    let mut localized = BTreeMap::new();
    for (tag, text) in translations {
        let locales = LOCALES.iter().find(|(language, _)| language == tag);
        for locale in locales.map(|(_, locales)| *locales).into_iter().flatten() {
            localized.insert(*locale, text.chars().take(most).collect());
        }
    }
    localized
}

fn described(name: &str, told: &Told) -> Value {
    let usual: String = told.usual.chars().take(DESCRIPTION).collect();
    json!({
        "name": name,
        "description": usual,
        "description_localizations": localized(&told.translations, DESCRIPTION),
    })
}

/// Whether Discord has exactly these, whatever else it says of them.
pub(crate) fn are_the_same(wanted: &[Value], has: &[Value]) -> bool {
    let by_name = |commands: &[Value]| -> BTreeMap<String, Value> {
        let named = commands.iter().map(|command| {
            let name = command["name"].as_str().unwrap_or_default();
            (name.to_owned(), essence(command))
        });
        named.collect()
    };
    wanted.len() == has.len() && by_name(wanted) == by_name(has)
}

/// What is set by us, in one form: Discord leaves out what is empty or usual.
fn essence(command: &Value) -> Value {
    const KEYS: [&str; 10] = [
        "name",
        "name_localizations",
        "autocomplete",
        "description",
        "description_localizations",
        "type",
        "required",
        "contexts",
        "integration_types",
        "options",
    ];
    let mut kept = Map::new();
    for key in KEYS {
        let value = match (&command[key], key) {
            (Value::Array(options), "options") => options.iter().map(essence).collect(),
            (other, _) => other.clone(),
        };
        let is_usual = match &value {
            Value::Null | Value::Bool(false) => true,
            Value::Array(all) => all.is_empty(),
            Value::Object(all) => all.is_empty(),
            _ => false,
        };
        if !is_usual {
            kept.insert(key.to_owned(), value);
        }
    }
    Value::Object(kept)
}

#[cfg(test)]
mod tests {
    use lorikeet_platform::PicturesHelp;

    use super::*;

    fn told(usual: &str, german: &str) -> Told {
        Told {
            usual: usual.to_owned(),
            translations: [
                ("de".to_owned(), german.to_owned()),
                ("en".to_owned(), usual.to_owned()),
            ]
            .into(),
        }
    }

    fn train() -> CommandHelp {
        CommandHelp {
            name: "train".to_owned(),
            names: [
                ("de".to_owned(), "trainieren".to_owned()),
                ("fr".to_owned(), "Entraîner !".to_owned()),
            ]
            .into(),
            summary: told("Train a LoRA", "Ein LoRA trainieren"),
            argument: Some(ArgumentHelp {
                name: "name".to_owned(),
                summary: told("Its name", "Sein Name"),
                required: false,
                is_number: false,
                is_suggested: true,
                is_secret: false,
            }),
            pictures: Some(PicturesHelp {
                summary: told("Add pictures", "Bilder dazu"),
                caption: told("What they show", "Was sie zeigen"),
            }),
        }
    }

    #[test]
    fn a_command_that_takes_pictures_has_two_below_it() {
        let defined = &definitions(&[train()])[0];
        assert_eq!(defined["options"][0]["name"], "new");
        assert_eq!(defined["options"][0]["options"][0]["type"], STRING);
        assert_eq!(defined["options"][0]["options"][0]["autocomplete"], true);
        assert_eq!(defined["name_localizations"], json!({ "de": "trainieren" }));
        let add = &defined["options"][1];
        assert_eq!(add["name"], "add");
        let options = add["options"].as_array().unwrap();
        assert_eq!(options.len(), FILES + 1);
        assert_eq!(options[0]["required"], true);
        assert_eq!(options[9]["name"], "image10");
        assert_eq!(
            add["description_localizations"],
            json!({ "de": "Bilder dazu", "en-GB": "Add pictures", "en-US": "Add pictures" })
        );
    }

    #[test]
    fn what_discord_adds_is_no_difference_and_everything_else_is() {
        let wanted = definitions(&[train()]);
        let mut has = wanted.clone();
        has[0]["id"] = json!("7");
        has[0]["version"] = json!("8");
        has[0]["nsfw"] = json!(false);
        // It leaves out what is usual.
        has[0]["options"][0]["options"][0]
            .as_object_mut()
            .unwrap()
            .remove("required");
        assert!(are_the_same(&wanted, &has));
        for (pointer, value) in [
            ("/0/description", json!("x")),
            ("/0/options/1/options/3/name", json!("x")),
            ("/0/options/1/options/0/required", json!(false)),
            ("/0/description_localizations/de", json!("x")),
            ("/0/name_localizations/de", json!("x")),
            ("/0/options/0/options/0/autocomplete", json!(false)),
        ] {
            let mut other = json!(has);
            *other.pointer_mut(pointer).unwrap() = value;
            assert!(
                !are_the_same(&wanted, other.as_array().unwrap()),
                "{pointer}"
            );
        }
        assert!(!are_the_same(&wanted, &[]));
    }

    #[test]
    fn as_many_whole_names_are_offered_as_discord_takes() {
        let names = (0..40).map(|number| "é".repeat(90 + number));
        let offered = choices(names.collect());
        assert_eq!(offered.len(), 11);
        assert_eq!(offered[10]["value"], "é".repeat(CHOICE));
        let many = choices(vec!["Birds".to_owned(); 40]);
        assert_eq!(many.len(), CHOICES);
    }

    #[test]
    fn descriptions_are_cut_to_what_fits() {
        let mut command = train();
        command.summary.usual = "é".repeat(300);
        let defined = &definitions(&[command])[0];
        assert_eq!(
            defined["description"].as_str().unwrap().chars().count(),
            DESCRIPTION
        );
    }
}
