//! A bot as plain as can be: HTTP and nothing else.

use std::io::Cursor;

use bytes::Bytes;
use hyper::{Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use lorikeet_fake_telegram::{FakeTelegram, Options, Person, Room};
use serde_json::{Value, json};

type Body = axum::body::Body;

/// A server, and the bot it is called by.
pub(crate) struct Wire {
    pub(crate) telegram: FakeTelegram,
    http: Client<HttpConnector, Body>,
}

/// What a call was answered with.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
}

impl Reply {
    /// The result of a call that must be done.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        assert_eq!(self.body["ok"], true, "{}", self.body);
        self.body["result"].clone()
    }

    /// A call that must be refused with this sentence.
    #[track_caller]
    pub(crate) fn refused(self, code: u16, description: &str) -> Value {
        assert_eq!(self.body["description"], description, "{}", self.body);
        assert_eq!(self.body["error_code"], code);
        assert_eq!(self.status.as_u16(), code);
        assert_eq!(self.body["ok"], false);
        self.body["parameters"].clone()
    }
}

impl Wire {
    pub(crate) async fn new() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        Self {
            telegram: FakeTelegram::start(options).await.unwrap(),
            http: Client::builder(TokioExecutor::new()).build_http(),
        }
    }

    /// A person who has started the bot.
    pub(crate) fn anna(&self) -> (Person, Room) {
        let anna = self.telegram.person("Anna", "en");
        let room = anna.private();
        anna.opens("");
        (anna, room)
    }

    fn url(&self, method: &str) -> String {
        format!(
            "{}/bot{}/{method}",
            self.telegram.url(),
            self.telegram.token()
        )
    }

    /// A call with a body of JSON.
    pub(crate) async fn call(&self, method: &str, body: Value) -> Reply {
        self.try_call(method, body).await.expect("an answer")
    }

    /// The same, where there may be no answer.
    pub(crate) async fn try_call(&self, method: &str, body: Value) -> Option<Reply> {
        let request = Request::post(self.url(method))
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        self.send(request).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Option<Reply> {
        let (status, body) = self.bytes(request).await?;
        Some(Reply {
            status,
            body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        })
    }

    pub(crate) async fn bytes(&self, request: Request<Body>) -> Option<(StatusCode, Bytes)> {
        let answer = self.http.request(request).await.ok()?;
        let status = answer.status();
        let body = axum::body::to_bytes(Body::new(answer.into_body()), usize::MAX);
        Some((status, body.await.ok()?))
    }

    /// Anything by its path, without a body.
    pub(crate) async fn fetch(&self, path: &str) -> (StatusCode, Bytes) {
        let request = Request::get(format!("{}{path}", self.telegram.url()));
        self.bytes(request.body(Body::empty()).unwrap())
            .await
            .unwrap()
    }

    /// A file below the bot's own path.
    pub(crate) async fn download(&self, path: &str) -> (StatusCode, Bytes) {
        self.fetch(&format!("/file/bot{}/{path}", self.telegram.token()))
            .await
    }

    /// A call with a multipart body: fields, and files as (part, name, bytes).
    pub(crate) async fn upload(
        &self,
        method: &str,
        fields: Value,
        files: &[(&str, &str, &[u8])],
    ) -> Reply {
        let mut body = Vec::new();
        for (name, value) in fields.as_object().unwrap() {
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            let part = format!(
                "--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend(part.bytes());
        }
        for (part, name, bytes) in files {
            let head = format!(
                "--b\r\nContent-Disposition: form-data; name=\"{part}\"; filename=\"{name}\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n"
            );
            body.extend(head.bytes());
            body.extend_from_slice(bytes);
            body.extend(b"\r\n");
        }
        body.extend(b"--b--\r\n");
        let request = Request::post(self.url(method))
            .header("content-type", "multipart/form-data; boundary=b")
            .body(Body::from(body))
            .unwrap();
        self.send(request).await.expect("an answer")
    }

    /// The updates that wait, confirming none.
    pub(crate) async fn updates(&self) -> Vec<Value> {
        let updates = self.call("getUpdates", json!({})).await.ok();
        updates.as_array().unwrap().clone()
    }

    /// The newest update.
    pub(crate) async fn update(&self) -> Value {
        self.updates().await.pop().expect("an update")
    }

    /// A message of the bot; its id.
    pub(crate) async fn says(&self, room: &Room, text: &str) -> i64 {
        let body = json!({ "chat_id": room.id(), "text": text });
        self.call("sendMessage", body).await.ok()["message_id"]
            .as_i64()
            .unwrap()
    }

    /// A message with one row of buttons whose data are their labels.
    pub(crate) async fn buttons(&self, room: &Room, labels: &[&str]) -> i64 {
        let row: Vec<Value> = labels
            .iter()
            .map(|label| json!({ "text": label, "callback_data": label }))
            .collect();
        let body = json!({ "chat_id": room.id(), "text": "choose",
            "reply_markup": { "inline_keyboard": [row] } });
        self.call("sendMessage", body).await.ok()["message_id"]
            .as_i64()
            .unwrap()
    }
}

fn picture(width: u32, height: u32, format: image::ImageFormat) -> Vec<u8> {
    let picture = image::RgbImage::from_fn(width, height, |x, y| {
        image::Rgb([(x % 256) as u8, (y % 256) as u8, 90])
    });
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub(crate) fn jpeg(width: u32, height: u32) -> Vec<u8> {
    picture(width, height, image::ImageFormat::Jpeg)
}

pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    picture(width, height, image::ImageFormat::Png)
}
