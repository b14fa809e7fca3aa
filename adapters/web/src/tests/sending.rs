//! What a person sends, as the bot gets it.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use futures::TryStreamExt as _;
use lorikeet_chat::{Event, EventBody, Invocation};
use lorikeet_platform::Adapter as _;

use super::kit::{Mood, Part, Site, local, stamp};
use crate::Config;

fn said(answer: &super::kit::Answer) -> Vec<String> {
    answer.texts("#log .bubble")
}

#[tokio::test(start_paused = true)]
async fn text_and_commands() {
    let site = Site::open().await;
    let mut browser = site.browser().await;
    let answer = browser.say("  hello\r\nthere ", "number-1").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    browser.say("/New a cat", "number-2").await;
    browser.say("/etc/passwd", "number-3").await;
    assert_eq!(
        site.bot.bodies(),
        [
            EventBody::Text("hello\nthere".to_owned()),
            EventBody::Command(Invocation::new("new").with("a cat")),
            EventBody::Text("/etc/passwd".to_owned()),
        ]
    );
    let page = browser.get("/").await;
    assert_eq!(said(&page), ["hello\nthere", "/New a cat", "/etc/passwd"]);
}

#[tokio::test(start_paused = true)]
async fn sent_again_under_the_same_number_it_counts_once() {
    let site = Site::open().await;
    let mut browser = site.browser().await;
    for _ in 0..3 {
        assert_eq!(
            browser.say("hello", "number-1").await.status,
            StatusCode::OK
        );
    }
    assert_eq!(site.bot.bodies().len(), 1);
    assert_eq!(said(&browser.get("/").await), ["hello"]);
}

#[tokio::test(start_paused = true)]
async fn what_the_bot_cannot_take_is_not_shown_as_sent() {
    let site = Site::open().await;
    let mut browser = site.browser().await;
    browser.csrf().await;
    for mood in [Mood::Full, Mood::Down] {
        *site.bot.mood.lock().unwrap() = mood;
        let answer = browser.say("hello", "number-1").await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.header("retry-after"), "2");
        assert!(answer.body.contains("\"retry\":true"), "{}", answer.body);
        assert_eq!(said(&browser.get("/").await), Vec::<String>::new());
    }
    *site.bot.mood.lock().unwrap() = Mood::Takes;
    assert_eq!(
        browser.say("hello", "number-1").await.status,
        StatusCode::OK
    );
    assert_eq!(said(&browser.get("/").await), ["hello"]);
}

#[tokio::test(start_paused = true)]
async fn too_long_a_text_gets_a_sentence() {
    let site = Site::open().await;
    let mut browser = site.browser().await;
    let longest = "ö".repeat(crate::MAX_TEXT);
    assert_eq!(
        browser.say(&longest, "number-1").await.status,
        StatusCode::OK
    );
    for text in [longest.clone() + "!", "x".repeat(500_000)] {
        let answer = browser.say(&text, "number-2").await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(answer.body.contains("20,000 characters"), "{}", answer.body);
    }
    assert_eq!(site.bot.bodies().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn files_are_kept_before_the_bot_hears_of_them() {
    let site = Site::with(Config {
        max_upload_bytes: 1000,
        ..local()
    })
    .await;
    let mut browser = site.browser().await;
    let csrf = browser.csrf().await;
    let (small, exact, large) = ([1; 10], [2; 1000], [3; 1001]);
    let parts = [
        Part::Value("csrf", &csrf),
        Part::Value("nonce", "number-1"),
        Part::Value("text", "my cats"),
        Part::File("small.png", &small),
        Part::File("large.png", &large),
        Part::File("empty.png", &[]),
        Part::File("exact.png", &exact),
    ];
    let answer = browser.send("main", &parts).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let told: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(
        told["refused"],
        serde_json::json!([
            {"name": "large.png", "why": "it is larger than 0 kB", "again": false},
            {"name": "empty.png", "why": "it is empty", "again": false},
        ])
    );

    let [EventBody::Media { items, text, .. }] = &site.bot.bodies()[..] else {
        unreachable!("one event of media: {:?}", site.bot.bodies());
    };
    assert_eq!(text, "my cats");
    let names: Vec<_> = items.iter().map(|item| (&*item.name, item.size)).collect();
    assert_eq!(names, [("small.png", Some(10)), ("exact.png", Some(1000))]);
    let bytes = site.web.open(&items[1].source).await.unwrap();
    let bytes: Vec<_> = bytes.try_collect().await.unwrap();
    assert_eq!(bytes.concat(), exact);
}

#[tokio::test(start_paused = true)]
async fn no_more_files_than_fit() {
    let site = Site::open().await;
    let mut browser = site.browser().await;
    let csrf = browser.csrf().await;
    let mut parts = vec![Part::Value("csrf", &csrf), Part::Value("nonce", "number-1")];
    parts.extend((0..52).map(|_| Part::File("cat.png", b"a cat")));
    let answer = browser.send("main", &parts).await;
    assert_eq!(answer.body.matches("only 50 files").count(), 2);
    assert!(
        matches!(&site.bot.bodies()[..], [EventBody::Media { items, .. }] if items.len() == 50)
    );
}

#[tokio::test(start_paused = true)]
async fn without_the_secret_no_file_is_taken() {
    let site = Site::open().await;
    let mut browser = site.browser().await;
    let parts = [
        Part::Value("nonce", "number-1"),
        Part::File("cat.png", b"a cat"),
        Part::Value("csrf", "too late anyway"),
    ];
    let answer = browser.send("main", &parts).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(site.bot.bodies(), []);
}

#[tokio::test(start_paused = true)]
async fn a_press_and_a_form_without_a_script() {
    let site = Site::open().await;
    let mut browser = site.browser().await;
    let csrf = browser.csrf().await;
    let token = stamp(3).token(1);
    let value = token.to_string();
    let fields = [
        ("csrf", csrf.as_str()),
        ("nonce", "number-1"),
        ("token", &value),
    ];
    // A second click before the page has reloaded changes nothing.
    for _ in 0..2 {
        let answer = browser.post("/chat/main/press", &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        assert_eq!(answer.header("location"), "/");
    }
    let other = stamp(3).token(2).to_string();
    let form = [
        fields[0],
        fields[1],
        ("token", &other),
        ("field.steps", "100"),
        ("field.note", "a%0D%0Ab"),
    ];
    let answer = browser.post("/chat/second/form", &form).await;
    assert_eq!(answer.header("location"), "/chat/second");
    let fields = BTreeMap::from(
        [("steps", "100"), ("note", "a\nb")].map(|(k, v)| (k.to_owned(), v.to_owned())),
    );
    assert_eq!(
        site.bot.bodies(),
        [
            EventBody::Press(token),
            EventBody::Form {
                token: stamp(3).token(2),
                fields
            },
        ]
    );
    let rooms: Vec<_> = site.bot.taken().into_iter().map(|(c, _)| c.room).collect();
    assert_ne!(rooms[0], rooms[1]);
}

#[tokio::test(start_paused = true)]
async fn text_and_files_without_a_script() {
    let site = Site::with(Config {
        max_upload_bytes: 8,
        ..local()
    })
    .await;
    let mut browser = site.browser().await;
    let csrf = browser.csrf().await;
    let mut parts = vec![
        Part::Value("csrf", &csrf),
        Part::Value("nonce", "number-1"),
        Part::Value("text", "hello"),
        // What a browser sends where no file was chosen.
        Part::File("", &[]),
    ];
    let answer = browser.submit("main", &parts).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    parts[1] = Part::Value("nonce", "number-2");
    parts.push(Part::File("<b>.png", b"too large"));
    let answer = browser.submit("main", &parts).await;
    assert_eq!(answer.texts("li"), ["<b>.png: it is larger than 0 kB."]);
    assert_eq!(site.bot.bodies().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn malformed_requests_are_refused() {
    let site = Site::open().await;
    let mut browser = site.browser().await;
    let csrf = browser.csrf().await;
    let base = [("csrf", csrf.as_str())];
    for fields in [
        &[("nonce", "12345678"), ("token", "nonsense")][..],
        &[("nonce", "short"), ("token", "0-1-0")],
        &[("token", "0-1-0")],
        &[("nonce", "12345678%0A"), ("token", "0-1-0")],
    ] {
        let fields = [&base, fields].concat();
        let answer = browser.post("/chat/main/press", &fields).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{fields:?}");
    }
    let fields = [base[0], ("nonce", "12345678"), ("token", "0-1-0")];
    let answer = browser.post("/chat/No%20Room/press", &fields).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(site.bot.bodies(), []);
}

#[tokio::test(start_paused = true)]
async fn two_chats_are_two_conversations_and_two_people_never_one() {
    let site = Site::open().await;
    let (mut ada, mut ben) = (site.browser().await, site.browser().await);
    let csrf = ada.csrf().await;
    for (room, nonce) in [("main", "number-1"), ("second", "number-1")] {
        let parts = [
            Part::Value("csrf", &csrf),
            Part::Value("nonce", nonce),
            Part::Value("text", "from ada"),
        ];
        ada.send(room, &parts).await;
    }
    ben.say("from ben", "number-1").await;
    let taken: Vec<(_, Event)> = site.bot.taken();
    let keys: std::collections::BTreeSet<_> = taken.iter().map(|(c, _)| c.key()).collect();
    assert_eq!(keys.len(), 3);
    assert_eq!(taken[0].0.user, taken[1].0.user);
    assert_ne!(taken[0].0.user, taken[2].0.user);
    assert_eq!(said(&ben.get("/").await), ["from ben"]);
    assert_eq!(said(&ada.get("/").await), ["from ada"]);
    assert_eq!(said(&ben.get("/chat/second").await), Vec::<String>::new());
}
