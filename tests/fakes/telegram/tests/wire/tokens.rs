//! Who is let in, and how a call may be written.

use hyper::Request;
use serde_json::{Value, json};

use crate::client::Wire;

#[tokio::test]
async fn a_token_is_needed_and_the_path_must_be_right() {
    let wire = Wire::new().await;
    let token = wire.telegram.token().to_owned();
    for (path, code, description) in [
        (format!("/bot{token}/getMe"), 200, ""),
        (format!("/bot{token}/GETME"), 200, ""),
        (
            "/bot7000000002:AAother/getMe".to_owned(),
            401,
            "Unauthorized",
        ),
        ("/bot123/getMe".to_owned(), 404, "Not Found"),
        ("/bot/getMe".to_owned(), 404, "Not Found"),
        (format!("/bot{token}"), 404, "Not Found"),
        (format!("/{token}/getMe"), 404, "Not Found"),
        ("/".to_owned(), 404, "Not Found"),
        (format!("/bot{token}/sendDice"), 404, "Not Found"),
        (format!("/bot{token}/getMe/more"), 404, "Not Found"),
        (
            format!("/file/bot{token}/photos/file_0.jpg"),
            404,
            "Not Found",
        ),
        (
            "/file/bot7000000002:AAother/photos/file_0.jpg".to_owned(),
            401,
            "Unauthorized",
        ),
    ] {
        let (status, body) = wire.fetch(&path).await;
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(status.as_u16(), code, "{path}: {body}");
        if code != 200 {
            assert_eq!(body["description"], description, "{path}");
            assert_eq!(body["error_code"], code);
        }
    }
}

#[tokio::test]
async fn it_says_who_the_bot_is() {
    let wire = Wire::new().await;
    let me = wire.call("getMe", json!({})).await.ok();
    assert_eq!(me["id"], wire.telegram.bot_id());
    assert_eq!(me["is_bot"], true);
    assert_eq!(me["username"], wire.telegram.bot_username());
    assert_eq!(me["can_read_all_group_messages"], false);
}

#[tokio::test]
async fn a_call_may_come_as_query_form_json_or_multipart() {
    let wire = Wire::new().await;
    let (_, room) = wire.anna();
    let (id, base) = (room.id(), wire.telegram.url());
    let url = format!("{base}/bot{}/sendMessage", wire.telegram.token());
    let keyboard = r#"{"inline_keyboard":[[{"text":"a","callback_data":"b"}]]}"#;
    let markup = url::form_urlencoded::byte_serialize(keyboard.as_bytes()).collect::<String>();
    let query = Request::get(format!(
        "{url}?chat_id={id}&text=query&reply_markup={markup}"
    ));
    wire.send(query.body(axum::body::Body::empty()).unwrap())
        .await
        .unwrap()
        .ok();
    let form = Request::post(&url).header("content-type", "application/x-www-form-urlencoded");
    let body = format!("chat_id={id}&text=a+form&reply_markup={markup}");
    wire.send(form.body(body.into()).unwrap())
        .await
        .unwrap()
        .ok();
    let fields = json!({ "chat_id": id, "text": "parts", "reply_markup": keyboard });
    wire.upload("SendMessage", fields, &[]).await.ok();
    let fields = json!({ "chat_id": id.to_string(), "text": "json", "reply_markup": keyboard });
    wire.call("sendmessage", fields).await.ok();
    let seen = room.from_bot();
    let texts: Vec<&str> = seen.iter().map(|seen| seen.text.as_str()).collect();
    assert_eq!(texts, ["query", "a form", "parts", "json"]);
    assert!(seen.iter().all(|seen| seen.labels() == ["a"]));

    for (kind, body) in [
        ("application/json", "[1]"),
        ("application/json", "{"),
        ("multipart/form-data", "x"),
    ] {
        let request = Request::post(&url).header("content-type", kind);
        let reply = wire.send(request.body(body.into()).unwrap()).await.unwrap();
        assert_eq!(reply.status, 400, "{body}");
    }
    let request = Request::put(&url).body(axum::body::Body::empty()).unwrap();
    assert_eq!(wire.send(request).await.unwrap().status, 405);
}

#[tokio::test]
async fn calls_are_written_down_without_their_files() {
    let wire = Wire::new().await;
    let (_, room) = wire.anna();
    wire.says(&room, "hello").await;
    wire.call("sendMessage", json!({ "chat_id": 1, "text": "x" }))
        .await;
    let fields = json!({ "chat_id": room.id() });
    wire.upload("sendDocument", fields, &[("document", "a.txt", b"abc")])
        .await
        .ok();
    let calls = wire.telegram.calls();
    assert_eq!(calls.len(), 3);
    assert_eq!(calls[0].body["text"], "hello");
    assert_eq!(calls[0].chat(), Some(room.id()));
    let refused = "Bad Request: chat not found".to_owned();
    assert_eq!(
        calls[1].answered,
        lorikeet_fake_telegram::Answered::Refused(400, refused)
    );
    assert_eq!(calls[2].files, [("document".to_owned(), 3)]);
    assert_eq!(wire.telegram.count("sendMessage"), 2);
    assert_eq!(wire.telegram.calls_of("senddocument").len(), 1);
    wire.telegram.clear_log();
    assert!(wire.telegram.calls().is_empty());
}
