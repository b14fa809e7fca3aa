//! The obligations of every adapter, kept over real HTTP.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use lorikeet_chat::Timestamp;
use lorikeet_platform::Adapter;
use lorikeet_platform::conformance::{self, Harness, Message, Receipt, Update};
use lorikeet_store::{Limits, MemoryStore, SystemClock, Transcript as _};
use scraper::{ElementRef, Html, Selector};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::kit::{Part, encode, local, parts};
use crate::message::Message as Stored;
use crate::visitor::Visitor;
use crate::{Config, Web};

const SECRET: &str = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";

struct WebHarness {
    web: Web,
    csrf: String,
}

impl WebHarness {
    async fn start() -> Self {
        let transcript = Arc::new(MemoryStore::new(Arc::new(SystemClock), Limits::default()));
        let mut headers = axum::http::HeaderMap::new();
        let cookie = format!("lorikeet={SECRET}");
        headers.insert("cookie", cookie.parse().unwrap());
        let visitor = Visitor::recognise(&headers, &local()).unwrap();
        // Somebody who has been here: a first visit would greet the bot, and the suite counts events.
        let earlier = Stored::Said {
            at: Timestamp::default(),
            text: "earlier".to_owned(),
            files: Vec::new(),
        };
        let (room, body) = (visitor.room("main"), earlier.encode().unwrap());
        transcript.put(&room, "earlier", body).await.unwrap();
        let config = Config {
            max_upload_bytes: 200_000,
            ..local()
        };
        Self {
            web: Web::new(parts(config, transcript)).unwrap(),
            csrf: visitor.csrf(),
        }
    }

    /// One request on a connection of its own; status and body.
    async fn ask(&self, head: &str, body: &[u8]) -> (u16, String) {
        let mut stream = TcpStream::connect(self.web.listening().await)
            .await
            .unwrap();
        let request = format!(
            "{head} HTTP/1.1\r\nHost: localhost\r\nCookie: lorikeet={SECRET}\r\nConnection: close\r\n\
             Accept: application/json\r\nContent-Length: {}\r\n",
            body.len()
        );
        let kind = if head.ends_with("/send") {
            "Content-Type: multipart/form-data; boundary=a-line-that-is-in-no-file\r\n\r\n"
        } else {
            "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
        };
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.write_all(kind.as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head[9..12].parse().unwrap(), body.to_owned())
    }

    async fn page(&self) -> Html {
        Html::parse_document(&self.ask("GET /", &[]).await.1)
    }
}

#[async_trait]
impl Harness for WebHarness {
    fn adapter(&self) -> &dyn Adapter {
        &self.web
    }

    async fn send(&self, number: u64, update: Update) -> Receipt {
        let nonce = format!("number-{number}");
        let message = |part: &Part<'_>| {
            let part = match part {
                Part::Value(name, value) => Part::Value(name, value),
                Part::File(name, bytes) => Part::File(name, bytes),
            };
            encode(&[
                Part::Value("csrf", &self.csrf),
                Part::Value("nonce", &nonce),
                part,
            ])
        };
        const SEND: &str = "POST /chat/main/send";
        let (status, body) = match update {
            Update::Text(text) => self.ask(SEND, &message(&Part::Value("text", &text))).await,
            Update::Command(command) => {
                let text = format!("/{} {}", command.name, command.arguments);
                self.ask(SEND, &message(&Part::Value("text", &text))).await
            }
            Update::File(bytes) => {
                self.ask(SEND, &message(&Part::File("cat.png", &bytes)))
                    .await
            }
            Update::Press(label) => {
                let token = controls(&self.page().await).remove(&label).unwrap();
                let form = format!("csrf={}&nonce={nonce}&token={token}", self.csrf);
                self.ask("POST /chat/main/press", form.as_bytes()).await
            }
        };
        match status {
            200 if body.contains("\"why\"") => Receipt::Rejected,
            200 => Receipt::Acknowledged,
            503 => Receipt::Unavailable,
            _ => Receipt::Rejected,
        }
    }

    async fn room(&self) -> Vec<Message> {
        let page = self.page().await;
        let articles = Selector::parse("#log .bot").unwrap();
        let buttons = Selector::parse("button[name=token]").unwrap();
        page.select(&articles)
            .map(|article| Message {
                text: text(article),
                controls: article.select(&buttons).map(text).collect(),
            })
            .collect()
    }

    async fn answers(&self) -> Vec<String> {
        let page = self.ask("GET /", &[]).await.1;
        page.split("<p class=\"flash\" role=\"status\" dir=\"auto\">")
            .skip(1)
            .map(|rest| rest.split("</p>").next().unwrap().to_owned())
            .collect()
    }
}

fn controls(page: &Html) -> BTreeMap<String, String> {
    let buttons = Selector::parse("#log button[name=token]").unwrap();
    page.select(&buttons)
        .map(|button| (text(button), button.attr("value").unwrap().to_owned()))
        .collect()
}

fn text(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().trim().to_owned()
}

#[tokio::test]
async fn keeps_the_obligations_of_an_adapter() {
    conformance::check(WebHarness::start).await.unwrap();
}
