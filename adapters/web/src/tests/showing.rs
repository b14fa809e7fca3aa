//! What a person sees, and what they do not.

use axum::http::StatusCode;
use bytes::Bytes;
use lorikeet_chat::{
    Action, Block, Control, EffectId, FileBlock, Group, MessageHandle, Page, Present, Screen,
    Surface,
};
use lorikeet_platform::{Adapter as _, Content, Delivery, Previewer};

use super::kit::{Part, Site, local, stamp};
use crate::WebPreviewer;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and so on";

fn question(heading: &str) -> Screen {
    Screen::new()
        .heading(heading)
        .group(Group::row([Control::button("Go on", Action::Skip)]))
}

#[tokio::test(start_paused = true)]
async fn a_new_room_greets_the_bot_once() {
    let site = Site::open().await;
    let mut browser = site.browser().await;
    browser.get("/").await;
    browser.get("/").await;
    assert_eq!(site.bot.greetings(), 1);
    browser.get("/chat/second").await;
    assert_eq!(site.bot.greetings(), 2);
    let page = browser.get("/").await;
    assert_eq!(page.texts("#chats li"), ["Main chat", "Chat 2"]);
}

#[tokio::test(start_paused = true)]
async fn only_the_newest_screen_has_controls() {
    let site = Site::open().await;
    let mut browser = site.browser().await;
    let conversation = browser.conversation().await;
    let fresh = Surface::Fresh;
    site.deliver(&conversation, "one", question("One"), fresh, 1)
        .await;
    site.deliver(&conversation, "two", question("Two"), fresh, 2)
        .await;
    let page = browser.get("/").await;
    assert_eq!(page.texts("#log h2"), ["One", "Two"]);
    assert_eq!(page.texts("title"), ["Two · Lorikeet"]);
    assert_eq!(
        page.attributes("#log button[name=token]", "value"),
        [stamp(2).token(0).to_string()]
    );
}

#[tokio::test(start_paused = true)]
async fn who_develops_sees_the_current_screen_as_elsewhere() {
    let previewers: Vec<Box<dyn Previewer>> = vec![Box::new(WebPreviewer)];
    let site = Site::previewing(local(), previewers).await;
    let mut browser = site.browser().await;
    let conversation = browser.conversation().await;
    for (id, heading, revision) in [("one", "One", 1), ("two", "Two", 2)] {
        let screen = question(heading);
        site.deliver(&conversation, id, screen, Surface::Fresh, revision)
            .await;
    }
    let page = browser.get("/").await;
    assert_eq!(
        page.attributes("nav a[href*=preview]", "href"),
        ["/chat/main/preview/web"]
    );
    let preview = browser.get("/chat/main/preview/web").await;
    assert_eq!(preview.texts(".preview h2"), ["Two"]);
    let payload = preview.texts("pre").concat();
    assert!(payload.contains("\"method\": \"message\""), "{payload}");
    let style = browser.get("/preview/web.css").await;
    assert_eq!(style.status, StatusCode::OK);
    for nowhere in ["/chat/main/preview/fax", "/preview/fax.css", "/preview/web"] {
        assert_eq!(browser.get(nowhere).await.status, StatusCode::NOT_FOUND);
    }

    let site = Site::open().await;
    let mut browser = site.browser().await;
    let page = browser.get("/").await;
    assert!(page.attributes("nav a[href*=preview]", "href").is_empty());
    let off = browser.get("/chat/main/preview/web").await;
    assert_eq!(off.status, StatusCode::NOT_FOUND);
}

#[tokio::test(start_paused = true)]
async fn an_edit_takes_the_place_of_the_message() {
    let site = Site::open().await;
    let mut browser = site.browser().await;
    let conversation = browser.conversation().await;
    site.deliver(&conversation, "one", question("One"), Surface::Fresh, 1)
        .await;
    browser.say("in between", "number-2").await;
    let present = Present {
        screen: question("One, edited"),
        stamp: stamp(2),
        surface: Surface::Edit,
        page: Page::First,
    };
    for _ in 0..2 {
        let delivered = site
            .web
            .deliver(Delivery {
                id: &EffectId::new("two").unwrap(),
                conversation: &conversation,
                handle: Some(&MessageHandle::new("one").unwrap()),
                content: Content::Screen(&present),
            })
            .await
            .unwrap();
        assert_eq!(delivered.handle, Some(MessageHandle::new("one").unwrap()));
    }
    let page = browser.get("/").await;
    assert_eq!(
        page.texts("#log h2, #log .bubble"),
        ["who am I?", "One, edited", "in between"]
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_shown_once_without_a_script() {
    let site = Site::open().await;
    let mut browser = site.browser().await;
    let conversation = browser.conversation().await;
    let answer = |id: &'static str, text: &'static str| {
        let (site, conversation) = (&site, &conversation);
        async move {
            let delivery = Delivery {
                id: &EffectId::new(id).unwrap(),
                conversation,
                handle: None,
                content: Content::Answer { token: None, text },
            };
            site.web.deliver(delivery).await.unwrap();
        }
    };
    answer("one", "Too late").await;
    let page = browser.get("/").await;
    // The parser of the test runs no scripts either, yet reads `noscript` as text.
    assert!(
        page.body
            .contains("<p class=\"flash\" role=\"status\" dir=\"auto\">Too late</p>")
    );
    browser.say("go on", "number-2").await;
    assert!(!browser.get("/").await.body.contains("Too late"));
}

#[tokio::test(start_paused = true)]
async fn hostile_text_stays_text() {
    let site = Site::open().await;
    let mut browser = site.browser().await;
    let hostile = "</textarea></p><script>alert(1)</script><img src=x onerror=alert(1)>";
    let conversation = browser.conversation().await;
    browser.say(hostile, "number-2").await;
    site.deliver(&conversation, "one", question(hostile), Surface::Fresh, 1)
        .await;
    let page = browser.get("/").await;
    assert_eq!(page.texts("#log .bubble")[1], hostile);
    assert_eq!(page.texts("#log h2"), [hostile]);
    assert_eq!(page.texts("title"), [format!("{hostile} · Lorikeet")]);
    let scripts = page.attributes("script", "src");
    assert!(
        scripts.len() == 3 && scripts.iter().all(|script| script.starts_with("/assets/")),
        "{scripts:?}"
    );
    assert_eq!(page.texts("img[onerror]"), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn pictures_and_files_open_only_for_whom_they_were_shown_to() {
    let site = Site::open().await;
    let mut ada = site.browser().await;
    let blob = site.blobs.put(Bytes::from_static(PNG)).await.unwrap().id;
    let conversation = ada.conversation().await;
    let screen = Screen::new()
        .block(Block::Image {
            blob: blob.clone(),
            alt: String::new(),
        })
        .block(Block::File(FileBlock {
            blob: blob.clone(),
            name: "ada.safetensors".to_owned(),
            size: PNG.len() as u64,
        }));
    site.deliver(&conversation, "one", screen, Surface::Fresh, 1)
        .await;
    let page = ada.get("/").await;
    let picture = page.attributes("#log img", "src").remove(0);
    let file = page.attributes("#log a.file", "href").remove(0);

    let shown = ada.get(&picture).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert_eq!(shown.header("content-type"), "image/png");
    assert!(shown.header("cache-control").starts_with("private"));
    assert!(shown.header("content-security-policy").contains("sandbox"));
    let saved = ada.get(&file).await;
    assert_eq!(
        saved.header("content-disposition"),
        "attachment; filename=\"ada.safetensors\""
    );
    assert_eq!(saved.header("content-type"), "application/octet-stream");
    assert_eq!(saved.header("content-length"), PNG.len().to_string());

    // Neither the address nor the digest opens it for anybody else; nor the digest for herself.
    let mut ben = site.browser().await;
    for path in [
        picture.clone(),
        file,
        format!("/blob/{blob}"),
        format!("/file/{blob}/x"),
    ] {
        assert_eq!(ben.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let bare = ada.get(&format!("/blob/{blob}")).await;
    assert_eq!(bare.status, StatusCode::NOT_FOUND);
    assert_eq!(
        site.stranger().get(&picture).await.header("content-type"),
        "text/html; charset=utf-8"
    );
}

#[tokio::test(start_paused = true)]
async fn files_that_were_sent_are_named_and_never_shown() {
    let site = Site::open().await;
    let mut browser = site.browser().await;
    let csrf = browser.csrf().await;
    let parts = [
        Part::Value("csrf", &csrf),
        Part::Value("nonce", "number-1"),
        Part::File("cat.png", PNG),
        Part::File("cat2.png", b"<html><script>alert(1)</script>"),
    ];
    browser.send("main", &parts).await;
    let page = browser.get("/").await;
    assert_eq!(page.texts("#log .sent li"), ["cat.png", "cat2.png"]);
    assert!(page.attributes("#log .sent img", "src").is_empty());
}

#[tokio::test(start_paused = true)]
async fn entries_of_another_version_are_left_out() {
    let site = Site::open().await;
    let mut browser = site.browser().await;
    let conversation = browser.conversation().await;
    let room = conversation.room.as_str();
    site.transcript
        .put(room, "future", "{\"kind\":\"hologram\"}".to_owned())
        .await
        .unwrap();
    let page = browser.get("/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.texts("#log .bubble"), ["who am I?"]);
}
