//! Browsers with cookies, and a bot that remembers what it was told.

use std::collections::{BTreeMap, HashSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, COOKIE, HOST, SET_COOKIE};
use axum::http::{HeaderMap, Request, StatusCode};
use lorikeet_chat::{
    Conversation, EffectId, Event, EventBody, Page, Present, Screen, Stamp, Surface,
};
use lorikeet_media::Blobs;
use lorikeet_platform::{Accepted, Adapter as _, Content, Delivery, Inbox, InboxError, Previewer};
use lorikeet_store::{Limits, MemoryStore, SystemClock, Transcript};
use scraper::{Html, Selector};
use tokio::sync::watch;
use tower::ServiceExt as _;

use crate::server::Peer;
use crate::sign::Signer;
use crate::{Config, Parts, Web, router};

/// What the bot does with events.
#[derive(Clone, Copy, Default)]
pub(super) enum Mood {
    #[default]
    Takes,
    Full,
    Down,
}

/// A bot that takes events, each once, and does nothing with them.
#[derive(Default)]
pub(super) struct Bot {
    pub(super) mood: Mutex<Mood>,
    seen: Mutex<HashSet<(String, String)>>,
    taken: Mutex<Vec<(Conversation, Event)>>,
}

impl Bot {
    /// What was accepted, without the greeting of each new room.
    pub(super) fn taken(&self) -> Vec<(Conversation, Event)> {
        let mut taken = self.taken.lock().unwrap().clone();
        taken.retain(|(_, event)| !event.id.as_str().ends_with(":start"));
        taken
    }

    /// The bodies of what was accepted.
    pub(super) fn bodies(&self) -> Vec<EventBody> {
        self.taken()
            .into_iter()
            .map(|(_, event)| event.body)
            .collect()
    }

    /// The greetings of new rooms.
    pub(super) fn greetings(&self) -> usize {
        let without = self.taken().len();
        self.taken.lock().unwrap().len() - without
    }
}

#[async_trait]
impl Inbox for Bot {
    async fn accept(
        &self,
        conversation: &Conversation,
        event: Event,
    ) -> Result<Accepted, InboxError> {
        match *self.mood.lock().unwrap() {
            Mood::Takes => {}
            Mood::Full => return Ok(Accepted::Full),
            Mood::Down => return Err(InboxError("the store is away".to_owned())),
        }
        let id = (conversation.key(), event.id.to_string());
        if !self.seen.lock().unwrap().insert(id) {
            return Ok(Accepted::Duplicate);
        }
        self.taken
            .lock()
            .unwrap()
            .push((conversation.clone(), event));
        Ok(Accepted::Accepted)
    }
}

/// The site, without a socket. Time is paused: waits for answers that never come end at once.
pub(super) struct Site {
    pub(super) web: Web,
    pub(super) bot: Arc<Bot>,
    pub(super) blobs: Blobs,
    pub(super) transcript: Arc<dyn Transcript>,
    /// Dropping it would end the streams.
    _running: watch::Sender<bool>,
    router: Router,
}

/// What one process alone works with.
pub(super) fn parts(config: Config, transcript: Arc<dyn Transcript>) -> Parts {
    Parts {
        config,
        blobs: Blobs::in_memory(),
        uploads: Blobs::in_memory(),
        transcript,
        signals: None,
        readiness: Arc::new(|| Ok(String::new())),
        previewers: Vec::new(),
    }
}

impl Site {
    pub(super) async fn open() -> Self {
        Self::with(local()).await
    }

    pub(super) async fn with(config: Config) -> Self {
        Self::previewing(config, Vec::new()).await
    }

    pub(super) async fn previewing(config: Config, previewers: Vec<Box<dyn Previewer>>) -> Self {
        let blobs = Blobs::in_memory();
        let transcript: Arc<dyn Transcript> =
            Arc::new(MemoryStore::new(Arc::new(SystemClock), Limits::default()));
        let parts = Parts {
            blobs: blobs.clone(),
            uploads: blobs.clone(),
            previewers,
            ..parts(config, Arc::clone(&transcript))
        };
        let web = Web::new(parts).unwrap();
        let bot = Arc::new(Bot::default());
        let signer = Signer::load(transcript.as_ref()).await.unwrap();
        let (running, stopped) = watch::channel(false);
        let router = router::router(Arc::clone(&web.shared), bot.clone(), signer, stopped);
        Self {
            web,
            bot,
            blobs,
            transcript,
            _running: running,
            router,
        }
    }

    /// A browser that has been here before.
    pub(super) async fn browser(&self) -> Browser<'_> {
        let mut browser = self.stranger();
        // The first answer brings the cookie, and sends the browser here once more.
        browser.get("/").await;
        browser
    }

    /// A browser without a cookie.
    pub(super) fn stranger(&self) -> Browser<'_> {
        Browser {
            site: self,
            languages: "",
            cookies: BTreeMap::new(),
        }
    }

    /// Delivers a screen to a conversation.
    pub(super) async fn deliver(
        &self,
        conversation: &Conversation,
        id: &str,
        screen: Screen,
        surface: Surface,
        revision: u64,
    ) {
        let present = Present {
            screen,
            stamp: stamp(revision),
            surface,
            page: Page::First,
        };
        let id = EffectId::new(id).unwrap();
        let delivery = Delivery {
            id: &id,
            conversation,
            handle: None,
            content: Content::Screen(&present),
        };
        self.web.deliver(delivery).await.unwrap();
    }
}

pub(crate) fn local() -> Config {
    Config::local(SocketAddr::from(([127, 0, 0, 1], 0)))
}

pub(super) fn stamp(revision: u64) -> Stamp {
    Stamp {
        revision,
        ..Stamp::default()
    }
}

/// One browser.
pub(super) struct Browser<'a> {
    site: &'a Site,
    /// What it asks for in `Accept-Language`.
    pub(super) languages: &'static str,
    pub(super) cookies: BTreeMap<String, String>,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The texts of all elements that match.
    pub(super) fn texts(&self, selector: &str) -> Vec<String> {
        let page = Html::parse_document(&self.body);
        let selector = Selector::parse(selector).unwrap();
        page.select(&selector)
            .map(|element| element.text().collect::<String>().trim().to_owned())
            .collect()
    }

    /// An attribute of all elements that match.
    pub(super) fn attributes(&self, selector: &str, attribute: &str) -> Vec<String> {
        let page = Html::parse_document(&self.body);
        let selector = Selector::parse(selector).unwrap();
        page.select(&selector)
            .map(|element| element.attr(attribute).unwrap().to_owned())
            .collect()
    }
}

/// Part of a message: a value, or a file with its name.
pub(super) enum Part<'a> {
    Value(&'a str, &'a str),
    File(&'a str, &'a [u8]),
}

impl Browser<'_> {
    pub(super) async fn get(&mut self, path: &str) -> Answer {
        let request = Request::get(path).header(ACCEPT, "text/html");
        self.ask(request.body(Body::empty()).unwrap()).await
    }

    /// A form without a script.
    pub(super) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", value.replace('&', "%26")))
            .collect::<Vec<_>>()
            .join("&");
        let request = Request::post(path)
            .header(ACCEPT, "text/html")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.ask(request.body(Body::from(body)).unwrap()).await
    }

    /// A message, as the page's script sends it.
    pub(super) async fn send(&mut self, room: &str, parts: &[Part<'_>]) -> Answer {
        let request = multipart(room, parts).header(ACCEPT, "application/json");
        self.ask(request.body(Body::from(encode(parts))).unwrap())
            .await
    }

    /// The same without a script.
    pub(super) async fn submit(&mut self, room: &str, parts: &[Part<'_>]) -> Answer {
        let request = multipart(room, parts).header(ACCEPT, "text/html");
        self.ask(request.body(Body::from(encode(parts))).unwrap())
            .await
    }

    /// A text with a number used once.
    pub(super) async fn say(&mut self, text: &str, nonce: &str) -> Answer {
        let csrf = self.csrf().await;
        let parts = [
            Part::Value("csrf", &csrf),
            Part::Value("nonce", nonce),
            Part::Value("text", text),
        ];
        self.send("main", &parts).await
    }

    /// The secret of this browser's forms, from its page.
    pub(super) async fn csrf(&mut self) -> String {
        let page = self.get("/").await;
        page.attributes("#composer [name=csrf]", "value").remove(0)
    }

    /// Who the bot thinks this is: says something and looks.
    pub(super) async fn conversation(&mut self) -> Conversation {
        assert_eq!(
            self.say("who am I?", "introduction").await.status,
            StatusCode::OK
        );
        self.site.bot.taken().pop().unwrap().0
    }

    pub(super) async fn ask(&mut self, mut request: Request<Body>) -> Answer {
        let cookies = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join("; ");
        let headers = request.headers_mut();
        if !cookies.is_empty() {
            headers.insert(COOKIE, cookies.parse().unwrap());
        }
        if !self.languages.is_empty() {
            headers.insert(ACCEPT_LANGUAGE, self.languages.parse().unwrap());
        }
        headers
            .entry(HOST)
            .or_insert("127.0.0.1:8080".parse().unwrap());
        request
            .extensions_mut()
            .insert(Peer(SocketAddr::from(([127, 0, 0, 1], 50_000))));
        let response = self.site.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }
}

const BOUNDARY: &str = "a-line-that-is-in-no-file";

fn multipart(room: &str, _: &[Part<'_>]) -> axum::http::request::Builder {
    Request::post(format!("/chat/{room}/send")).header(
        CONTENT_TYPE,
        format!("multipart/form-data; boundary={BOUNDARY}"),
    )
}

/// The body of a `multipart/form-data` request.
pub(super) fn encode(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for part in parts {
        let (name, file, bytes) = match part {
            Part::Value(name, value) => (*name, String::new(), value.as_bytes()),
            Part::File(name, bytes) => ("files", format!("; filename=\"{name}\""), *bytes),
        };
        body.extend_from_slice(
            format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n"
            )
            .as_bytes(),
        );
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}
