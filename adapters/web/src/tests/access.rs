//! Who gets in, and from where.

use axum::body::Body;
use axum::http::header::{ACCEPT, CONTENT_TYPE, HOST};
use axum::http::{Request, StatusCode};

use super::kit::{Site, local};
use std::sync::Arc;

use crate::{AccessToken, Config};
use bytes::Bytes;
use lorikeet_chat::{FileBlock, Timestamp};

const TOKEN: &str = "a token nobody guesses";

fn behind_a_token() -> Config {
    Config {
        token: Some(AccessToken::new(TOKEN)),
        ..local()
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_browser_gets_a_strict_cookie_and_comes_back_with_it() {
    let site = Site::open().await;
    let mut browser = site.stranger();
    let first = browser.get("/").await;
    let cookie = first.header("set-cookie");
    assert!(cookie.starts_with("lorikeet="), "{cookie}");
    assert!(cookie.contains("HttpOnly; SameSite=Strict"), "{cookie}");
    assert!(!cookie.contains("Secure"), "{cookie}");
    assert!(first.body.contains("url=/?c=1"), "{}", first.body);
    assert_eq!(site.bot.greetings(), 0);

    let second = browser.get("/?c=1").await;
    assert_eq!(second.header("set-cookie"), "");
    assert_eq!(second.texts("#composer textarea").len(), 1);
    assert_eq!(site.bot.greetings(), 1);
}

#[tokio::test(start_paused = true)]
async fn behind_https_the_cookie_is_secure() {
    let config = Config {
        public_url: Some("https://lora.example".to_owned()),
        ..behind_a_token()
    };
    let site = Site::with(config).await;
    let request = Request::get("/")
        .header(HOST, "lora.example")
        .header(ACCEPT, "text/html");
    let answer = site
        .stranger()
        .ask(request.body(Body::empty()).unwrap())
        .await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-lorikeet="), "{cookie}");
    assert!(cookie.ends_with("; Secure"), "{cookie}");
}

#[tokio::test(start_paused = true)]
async fn a_browser_that_refuses_cookies_is_told_and_leaves_no_trace() {
    let site = Site::open().await;
    let answer = site.stranger().get("/?c=1").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.body.contains("needs a cookie"), "{}", answer.body);
    assert_eq!(site.bot.greetings(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_link_from_another_site_does_not_cost_the_cookie() {
    let site = Site::open().await;
    let request = Request::get("/")
        .header(ACCEPT, "text/html")
        .header("sec-fetch-site", "cross-site");
    // The browser has a cookie, but a strict one stays at home here.
    let answer = site
        .stranger()
        .ask(request.body(Body::empty()).unwrap())
        .await;
    assert_eq!(answer.header("set-cookie"), "");
    assert!(answer.body.contains("http-equiv=\"refresh\""));
}

#[tokio::test(start_paused = true)]
async fn stores_never_see_the_cookie() {
    let site = Site::open().await;
    let mut browser = site.browser().await;
    let conversation = browser.conversation().await;
    let secret = &browser.cookies["lorikeet"];
    assert_eq!(secret.len(), 64);
    assert!(!conversation.key().contains(secret.as_str()));
    assert!(!secret.contains(conversation.user.as_str()));
}

#[tokio::test(start_paused = true)]
async fn a_name_that_was_rebound_gets_nothing() {
    let site = Site::open().await;
    for path in ["/", "/login", "/blob/x"] {
        let request = Request::get(path)
            .header(HOST, "evil.example")
            .header(ACCEPT, "text/html");
        let answer = site
            .stranger()
            .ask(request.body(Body::empty()).unwrap())
            .await;
        assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{path}");
        assert_eq!(answer.header("set-cookie"), "");
    }
}

#[tokio::test(start_paused = true)]
async fn forms_of_other_sites_are_refused() {
    let site = Site::open().await;
    let mut browser = site.browser().await;
    let csrf = browser.csrf().await;
    let press = |headers: &[(&'static str, &'static str)], csrf: &str| {
        let mut request = Request::post("/chat/main/press")
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = format!("csrf={csrf}&nonce=12345678&token=0-1-0");
        request.body(Body::from(body)).unwrap()
    };
    let refused = [
        press(&[("sec-fetch-site", "cross-site")], &csrf),
        press(&[("sec-fetch-site", "same-site")], &csrf),
        press(&[("origin", "https://evil.example")], &csrf),
        press(&[("origin", "http://127.0.0.1:8080")], "guess"),
        press(&[], ""),
    ];
    for request in refused {
        let answer = browser.ask(request).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{answer:?}");
    }
    assert_eq!(site.bot.bodies(), []);

    let ours = [
        press(&[("sec-fetch-site", "same-origin")], &csrf),
        press(&[("origin", "http://127.0.0.1:8080")], &csrf),
    ];
    for request in ours {
        assert_eq!(browser.ask(request).await.status, StatusCode::OK);
    }
    // Another browser's secret is none.
    let mut other = site.browser().await;
    let stolen = press(&[("sec-fetch-site", "same-origin")], &csrf);
    assert_eq!(other.ask(stolen).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test(start_paused = true)]
async fn the_token_is_asked_for_once() {
    let site = Site::with(behind_a_token()).await;
    let mut browser = site.stranger();
    browser.get("/").await;
    assert_eq!(browser.get("/").await.header("location"), "/login");
    assert_eq!(site.bot.greetings(), 0);

    let login = browser.get("/login").await;
    let csrf = login.attributes("[name=csrf]", "value").remove(0);
    let wrong = browser
        .post("/login", &[("csrf", &csrf), ("token", "wrong")])
        .await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert_eq!(browser.get("/").await.header("location"), "/login");

    let right = [("csrf", csrf.as_str()), ("token", TOKEN)];
    let right = browser.post("/login", &right).await;
    assert_eq!(right.header("location"), "/");
    assert!(!right.header("set-cookie").contains("nobody"));
    assert_eq!(browser.get("/").await.status, StatusCode::OK);

    // The proof is worth nothing in another browser.
    let mut thief = site.stranger();
    thief.get("/").await;
    let proof = browser.cookies["lorikeet-login"].clone();
    thief.cookies.insert("lorikeet-login".to_owned(), proof);
    assert_eq!(thief.get("/").await.header("location"), "/login");
}

#[tokio::test(start_paused = true)]
async fn guessing_tokens_is_cut_short() {
    let site = Site::with(behind_a_token()).await;
    let mut browser = site.stranger();
    browser.get("/").await;
    let login = browser.get("/login").await;
    let csrf = login.attributes("[name=csrf]", "value").remove(0);
    for _ in 0..10 {
        let fields = [("csrf", csrf.as_str()), ("token", "guess")];
        let answer = browser.post("/login", &fields).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    let fields = [("csrf", csrf.as_str()), ("token", TOKEN)];
    let answer = browser.post("/login", &fields).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test(start_paused = true)]
async fn every_answer_keeps_its_guard_up() {
    let site = Site::open().await;
    let mut browser = site.browser().await;
    for path in ["/", "/nowhere", "/healthz", "/login"] {
        let answer = browser.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let page = browser.get("/").await;
    // What the policy would block is not there to begin with.
    assert!(!page.body.contains("<style") && !page.body.contains(" style="));
    let style = page.attributes("link[rel=stylesheet]", "href").remove(0);
    let style = browser.get(&style).await;
    assert!(style.header("cache-control").contains("immutable"));
    assert!(style.header("content-type").starts_with("text/css"));
}

/// Long after anybody runs this.
const FAR: u64 = 9_000_000_000_000;

#[tokio::test(start_paused = true)]
async fn a_shared_file_needs_no_token_and_expires() {
    let config = Config {
        public_url: Some("https://lora.example".to_owned()),
        ..behind_a_token()
    };
    let site = Site::with(config).await;
    let stored = site.blobs.put(Bytes::from_static(b"weights")).await;
    let file = FileBlock {
        blob: stored.unwrap().id,
        name: "my cat 1.0.safetensors".to_owned(),
        size: 7,
    };
    let links = site.web.links().unwrap();
    let link = |until| {
        let (links, file) = (Arc::clone(&links), file.clone());
        async move {
            let link = links
                .link(&file, Timestamp::from_millis(until))
                .await
                .unwrap();
            link.strip_prefix("https://lora.example")
                .unwrap()
                .to_owned()
        }
    };
    let mut stranger = site.stranger();
    let lasting = link(FAR).await;
    let given = stranger.get(&lasting).await;
    assert_eq!(
        (given.status, given.body.as_str()),
        (StatusCode::OK, "weights")
    );
    assert_eq!(
        given.header("content-disposition"),
        "attachment; filename=\"my_cat_1.0.safetensors\""
    );
    assert_eq!(given.header("cache-control"), "no-store");
    let over = stranger.get(&link(1).await).await;
    assert_eq!(over.status, StatusCode::GONE);
    // Nobody puts the end off, or takes the name of another file.
    let far = FAR.to_string();
    for forged in [
        link(1).await.replace("/1/", &format!("/{far}/")),
        lasting.replace(&far, "9999999999999"),
        lasting.replace("my", "your"),
        lasting.split('?').next().unwrap_or_default().to_owned(),
    ] {
        assert_eq!(
            stranger.get(&forged).await.status,
            StatusCode::NOT_FOUND,
            "{forged}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_of_one_machine_has_no_links_for_others() {
    assert!(Site::with(behind_a_token()).await.web.links().is_none());
}
