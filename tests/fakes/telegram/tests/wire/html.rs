//! Telegram's HTML.

use serde_json::json;

use crate::client::Wire;

#[tokio::test]
async fn tags_are_a_small_set_that_nests_and_closes() {
    let wire = Wire::new().await;
    let (_, room) = wire.anna();
    for (text, refused) in [
        ("<x>a</x>", "Unsupported start tag \"x\" at byte offset 0"),
        ("ä<br/>", "Unsupported start tag \"br/\" at byte offset 2"),
        ("1 < 2", "Unsupported start tag \"\" at byte offset 2"),
        ("a <b", "Unclosed start tag at byte offset 2"),
        ("<a href=\"x", "Unclosed start tag \"a\" at byte offset 0"),
        (
            "<a =1>x</a>",
            "Empty attribute name in the tag \"a\" at byte offset 0",
        ),
        (
            "<b>a",
            "Can't find end tag corresponding to start tag \"b\"",
        ),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        (
            "<b><i>a</b></i>",
            "Unmatched end tag at byte offset 7, expected \"</i>\", found \"</b>\"",
        ),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
        (
            "<span>a</span>",
            "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0",
        ),
    ] {
        let body = json!({ "chat_id": room.id(), "text": text, "parse_mode": "HTML" });
        let reply = wire.call("sendMessage", body).await;
        reply.refused(
            400,
            &format!("Bad Request: can't parse entities: {refused}"),
        );
    }
}

#[tokio::test]
async fn tags_become_entities() {
    let wire = Wire::new().await;
    let (_, room) = wire.anna();
    for (html, text, entities) in [
        (
            "a &lt;b&gt; &amp; &quot;c&quot; &#33;&#x41; &nbsp; & d",
            "a <b> & \"c\" !A &nbsp; & d",
            json!(null),
        ),
        (
            "<b>a<i>b</i></b><STRONG>c</strong >",
            "abc",
            json!([
                { "type": "bold", "offset": 0, "length": 2 },
                { "type": "italic", "offset": 1, "length": 1 },
                { "type": "bold", "offset": 2, "length": 1 },
            ]),
        ),
        (
            "🦜<u>a</u><s>b</s><tg-spoiler>c</tg-spoiler><span class=\"tg-spoiler\">d</span>",
            "🦜abcd",
            json!([
                { "type": "underline", "offset": 2, "length": 1 },
                { "type": "strikethrough", "offset": 3, "length": 1 },
                { "type": "spoiler", "offset": 4, "length": 1 },
                { "type": "spoiler", "offset": 5, "length": 1 },
            ]),
        ),
        (
            "<a href='https://example.com/?a=1&amp;b'>x</a> <a href=\"nothing\">y</a>",
            "x y",
            json!([{ "type": "text_link", "offset": 0, "length": 1, "url": "https://example.com/?a=1&b" }]),
        ),
        (
            "<pre><code class=\"language-rust\">a</code></pre><code>b</code><pre>c</pre>",
            "abc",
            json!([
                { "type": "pre", "offset": 0, "length": 1, "language": "rust" },
                { "type": "code", "offset": 1, "length": 1 },
                { "type": "pre", "offset": 2, "length": 1 },
            ]),
        ),
        (
            "<blockquote>a</blockquote><blockquote expandable>b</blockquote>",
            "ab",
            json!([
                { "type": "blockquote", "offset": 0, "length": 1 },
                { "type": "expandable_blockquote", "offset": 1, "length": 1 },
            ]),
        ),
    ] {
        let body = json!({ "chat_id": room.id(), "text": html, "parse_mode": "HTML" });
        let sent = wire.call("sendMessage", body).await.ok();
        assert_eq!(sent["text"], text);
        assert_eq!(sent["entities"], entities, "{html}");
    }
}

#[tokio::test]
async fn whatever_is_sent_is_taken_or_refused() {
    let wire = Wire::new().await;
    let (_, room) = wire.anna();
    let words = [
        "<",
        ">",
        "</",
        "/",
        "b",
        "i",
        "a",
        "pre",
        "code",
        "span",
        " href=",
        " class=",
        "tg-spoiler",
        "language-x",
        "\"",
        "'",
        "=",
        "&",
        "lt",
        "#x1F99C",
        ";",
        "🦜",
        "ä",
        " ",
        "\n",
        "\u{0}",
        "<b>",
        "</b>",
        "<a href=\"https://example.com\">",
        "</a>",
        "/start",
        "@anna_1",
        "tg://user?id=7",
    ];
    // The same cases every time.
    let mut state: u64 = 7;
    let mut random = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(state >> 33).unwrap() % below
    };
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..1500 {
        let length = 1 + random(10);
        let text: String = (0..length).map(|_| words[random(words.len())]).collect();
        let body = json!({ "chat_id": room.id(), "text": text, "parse_mode": "HTML" });
        let reply = wire.call("sendMessage", body).await;
        if reply.status != 200 {
            assert_eq!(reply.status, 400, "{text:?}");
            refused += 1;
            continue;
        }
        taken += 1;
        let sent = reply.ok();
        let units = sent["text"].as_str().unwrap().encode_utf16().count();
        for entity in sent["entities"].as_array().into_iter().flatten() {
            let number = |name: &str| usize::try_from(entity[name].as_u64().unwrap()).unwrap();
            assert!(number("length") > 0, "{text:?}");
            assert!(
                number("offset") + number("length") <= units,
                "{text:?}: {entity}"
            );
        }
    }
    assert!(
        taken > 100 && refused > 100,
        "{taken} taken, {refused} refused"
    );
}
