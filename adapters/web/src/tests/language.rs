//! The page in the language of who looks at it.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use lorikeet_chat::{Language, Screen, Surface};
use lorikeet_platform::{Adapter as _, CommandHelp, Told};

use super::kit::{Mood, Part, Site, local};
use crate::{AccessToken, Config};

fn screen(heading: &str, tag: &str, chosen: bool) -> Screen {
    Screen {
        language: Some(Language {
            tag: tag.to_owned(),
            chosen,
        }),
        ..Screen::new().heading(heading)
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_is_in_the_language_the_browser_asks_for() {
    let site = Site::open().await;
    for (languages, language, placeholder) in [
        ("de-AT,de;q=0.9,en;q=0.8", "de", "Schreib eine Nachricht"),
        ("fr", "en", "Write a message"),
        ("", "en", "Write a message"),
    ] {
        let mut browser = site.browser().await;
        browser.languages = languages;
        let page = browser.get("/").await;
        assert_eq!(page.attributes("html", "lang"), [language]);
        assert_eq!(page.attributes("html", "dir"), ["ltr"]);
        assert_eq!(page.attributes("#text", "placeholder"), [placeholder]);
        let words = page.attributes("body", "data-words").remove(0);
        let words: serde_json::Value = serde_json::from_str(&words).unwrap();
        let given: BTreeSet<&str> = words
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(given, said_by_scripts());
        assert!(!page.body.contains('«'), "{}", page.body);
    }
}

/// The names after `say.` in the page's scripts.
fn said_by_scripts() -> BTreeSet<&'static str> {
    let scripts = [
        include_str!("../../assets/lorikeet.js"),
        include_str!("../../assets/sending.js"),
        include_str!("../../assets/board.js"),
    ];
    let said = scripts
        .iter()
        .flat_map(|script| script.split("say.").skip(1));
    said.map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric());
        &rest[..end.unwrap_or(rest.len())]
    })
    .collect()
}

#[tokio::test(start_paused = true)]
async fn the_bot_is_told_which_language_the_browser_asks_for() {
    let site = Site::open().await;
    let mut browser = site.browser().await;
    for (languages, told) in [
        ("de-AT,en", Some("de-AT")),
        ("fr,de;q=0.5", Some("de")),
        ("", None),
    ] {
        browser.languages = languages;
        let nonce = format!("number-{}", languages.len());
        assert_eq!(browser.say("hallo", &nonce).await.status, StatusCode::OK);
        let sender = site.bot.taken().pop().unwrap().1.sender.unwrap();
        assert_eq!(sender.locale.as_deref(), told);
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_speaks_the_language_of_its_newest_screen() {
    let site = Site::open().await;
    let summary = Told {
        usual: "What this is".to_owned(),
        translations: [("de".to_owned(), "Was das ist".to_owned())].into(),
    };
    let help = CommandHelp::new("help", summary);
    site.web.publish(&[help]).await.unwrap();
    let mut browser = site.browser().await;
    let conversation = browser.conversation().await;
    let english = screen("Hello", "en", false);
    site.deliver(&conversation, "one", english, Surface::Fresh, 1)
        .await;
    let page = browser.get("/").await;
    assert_eq!(page.attributes("html", "lang"), ["en"]);
    assert_eq!(page.texts("#commands span"), ["What this is"]);

    let german = screen("Hallo", "de", true);
    site.deliver(&conversation, "two", german, Surface::Fresh, 2)
        .await;
    let page = browser.get("/").await;
    assert_eq!(page.attributes("html", "lang"), ["de"]);
    assert_eq!(page.attributes("body", "data-language"), ["de"]);
    assert_eq!(page.texts("#commands span"), ["Was das ist"]);
    // What was said before stays in its own language, and says so.
    assert_eq!(page.attributes("#log .screen", "lang"), ["en", "de"]);

    // A language only the bot has: the page keeps to the browser's.
    let french = screen("Bonjour", "fr", false);
    site.deliver(&conversation, "three", french, Surface::Fresh, 3)
        .await;
    browser.cookies.remove("lorikeet-language");
    let page = browser.get("/").await;
    assert_eq!(page.attributes("html", "lang"), ["en"]);
    assert_eq!(page.attributes("body", "data-language"), ["fr"]);
}

#[tokio::test(start_paused = true)]
async fn a_language_chosen_in_a_chat_holds_outside_of_it() {
    let site = Site::open().await;
    let mut browser = site.browser().await;
    browser.languages = "en";
    let conversation = browser.conversation().await;
    // Not chosen: nothing to remember.
    let heard = screen("Hallo", "de", false);
    site.deliver(&conversation, "one", heard, Surface::Fresh, 1)
        .await;
    browser.get("/").await;
    assert_eq!(browser.cookies.get("lorikeet-language"), None);

    let chosen = screen("Hallo", "de", true);
    site.deliver(&conversation, "two", chosen, Surface::Fresh, 2)
        .await;
    let page = browser.get("/").await;
    assert!(
        page.header("set-cookie")
            .starts_with("lorikeet-language=de;")
    );
    assert_eq!(
        browser.get("/").await.header("set-cookie"),
        "",
        "it is known"
    );
    let other = browser.get("/chat/other").await;
    assert_eq!(other.attributes("html", "lang"), ["de"]);
    browser.say("hallo", "number-2").await;
    let sender = site.bot.taken().pop().unwrap().1.sender.unwrap();
    assert_eq!(sender.locale.as_deref(), Some("de"));
    let nothing = browser.get("/chat/No+Such+Chat").await;
    assert_eq!(
        nothing.texts(".card p"),
        ["Unter dieser Adresse gibt es nichts."]
    );

    // What is no tag is no language.
    let planted = "de\"><b>".to_owned();
    browser
        .cookies
        .insert("lorikeet-language".to_owned(), planted);
    let nothing = browser.get("/nowhere/at/all").await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
    assert_eq!(
        nothing.texts(".card p"),
        ["There is nothing at this address."]
    );
}

#[tokio::test(start_paused = true)]
async fn what_goes_wrong_is_said_in_the_language_of_the_request() {
    let site = Site::open().await;
    let mut browser = site.browser().await;
    browser.languages = "de";
    let long = "a".repeat(20_001);
    let answer = browser.say(&long, "number-1").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let told: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(told["error"], "Das ist zu lang: höchstens 20.000 Zeichen.");
    let csrf = browser.csrf().await;
    let parts = [
        Part::Value("csrf", &csrf),
        Part::Value("nonce", "number-2"),
        Part::File("leer.png", b""),
    ];
    let answer = browser.submit("main", &parts).await;
    assert_eq!(answer.texts("h1"), ["Nicht alles wurde gesendet"]);
    assert_eq!(answer.texts("li"), ["leer.png: sie ist leer."]);
    *site.bot.mood.lock().unwrap() = Mood::Full;
    let answer = browser.say("hallo", "number-3").await;
    assert!(answer.body.contains("Der Bot ist noch mit dem beschäftigt"));
    assert_eq!(answer.header("retry-after"), "2");
}

#[tokio::test(start_paused = true)]
async fn the_access_token_is_asked_for_in_the_language_of_the_browser() {
    let site = Site::with(Config {
        token: Some(AccessToken::new("twelve characters")),
        ..local()
    })
    .await;
    let mut browser = site.browser().await;
    browser.languages = "de";
    let page = browser.get("/login").await;
    assert_eq!(page.texts("h1"), ["Willkommen"]);
    assert!(page.body.contains("Lorikeet ist hier privat."));
    let csrf = page.attributes("[name=csrf]", "value").remove(0);
    let fields = [("csrf", csrf.as_str()), ("token", "wrong")];
    let page = browser.post("/login", &fields).await;
    assert_eq!(
        page.texts("#wrong"),
        ["Das ist nicht das richtige Zugangswort."]
    );
}
