//! Over a real socket: pages that follow a room, and the end of the process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use lorikeet_chat::{Screen, Surface};
use lorikeet_platform::{Adapter as _, Failure};
use lorikeet_store::{
    Changes, Due, Entry, Index, Limits, MemoryStore, Signals, StoreError, SystemClock, Transcript,
};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{broadcast, oneshot};

use super::kit::{Bot, local, parts, stamp};
use crate::visitor::Visitor;
use crate::{Config, Parts, Web};

const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn web(config: Config) -> Web {
    let transcript = Arc::new(MemoryStore::new(Arc::new(SystemClock), Limits::default()));
    Web::new(parts(config, transcript)).unwrap()
}

/// A page that follows its room.
struct Page {
    lines: Lines<BufReader<OwnedReadHalf>>,
    _writer: OwnedWriteHalf,
}

impl Page {
    async fn open(web: &Web, query: &str, header: &str) -> Self {
        let stream = TcpStream::connect(web.listening().await).await.unwrap();
        let (reader, mut writer) = stream.into_split();
        let request = format!(
            "GET /chat/main/events{query} HTTP/1.1\r\nHost: localhost\r\nCookie: lorikeet={SECRET}\r\n{header}\r\n"
        );
        writer.write_all(request.as_bytes()).await.unwrap();
        let mut lines = BufReader::new(reader).lines();
        let status = lines.next_line().await.unwrap().unwrap();
        assert_eq!(status, "HTTP/1.1 200 OK");
        Self {
            lines,
            _writer: writer,
        }
    }

    /// The next event's id and data; nothing at the end of the stream.
    async fn next(&mut self) -> Option<(String, String)> {
        let (mut id, mut data) = (String::new(), String::new());
        while let Ok(Some(line)) = self.lines.next_line().await {
            if let Some(value) = line.strip_prefix("id: ") {
                id = value.to_owned();
            } else if let Some(value) = line.strip_prefix("data: ") {
                data = value.to_owned();
            } else if line.is_empty() && !data.is_empty() {
                return Some((id, data));
            }
        }
        None
    }

    async fn expect(&mut self, text: &str) -> String {
        let (id, data) = self.next().await.unwrap();
        assert!(data.contains(text), "{data}");
        id
    }
}

async fn show(web: &Web, id: &str, heading: &str, handle: Option<&str>, revision: u64) {
    use lorikeet_chat::{EffectId, MessageHandle, Page, Present};
    use lorikeet_platform::{Content, Delivery};
    let mut headers = axum::http::HeaderMap::new();
    let cookie = format!("lorikeet={SECRET}");
    headers.insert("cookie", cookie.parse().unwrap());
    let visitor = Visitor::recognise(&headers, &local()).unwrap();
    let present = Present {
        screen: Screen::new().heading(heading),
        stamp: stamp(revision),
        surface: if handle.is_some() {
            Surface::Edit
        } else {
            Surface::Fresh
        },
        page: Page::First,
    };
    let handle = handle.map(|handle| MessageHandle::new(handle).unwrap());
    web.deliver(Delivery {
        id: &EffectId::new(id).unwrap(),
        conversation: &visitor.conversation("main").unwrap(),
        handle: handle.as_ref(),
        content: Content::Screen(&present),
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn two_tabs_follow_a_room_and_one_that_was_away_catches_up() {
    let web = web(local());
    let bot = Arc::new(Bot::default());
    let (stop, stopped) = oneshot::channel::<()>();
    let run = web.run(
        bot.clone(),
        Box::pin(async {
            let _ = stopped.await;
        }),
    );
    let visit = async {
        let mut left = Page::open(&web, "?since=0", "").await;
        let mut right = Page::open(&web, "?since=0", "").await;
        show(&web, "one", "First", None, 1).await;
        let seen = left.expect("First").await;
        right.expect("First").await;

        drop(right);
        show(&web, "two", "First, edited", Some("one"), 2).await;
        show(&web, "three", "Second", None, 3).await;
        left.expect("First, edited").await;
        left.expect("Second").await;

        // The browser says itself where it was, whatever the address said when the page was loaded.
        let resume = format!("Last-Event-ID: {seen}\r\n");
        let mut right = Page::open(&web, "?since=0", &resume).await;
        right.expect("First, edited").await;
        right.expect("Second").await;

        // The process ends: so do the streams, and nothing hangs.
        drop(stop);
        assert_eq!(left.next().await, None);
        assert_eq!(right.next().await, None);
    };
    let (outcome, ()) = tokio::join!(run, visit);
    outcome.unwrap();
}

/// A transcript that tells every process what changed, as a shared store does.
struct Shared {
    transcript: MemoryStore,
    changed: broadcast::Sender<String>,
}

struct Followed(broadcast::Receiver<String>);

#[async_trait]
impl Changes for Followed {
    async fn next(&mut self) -> Result<String, StoreError> {
        let room = self.0.recv().await;
        room.map_err(|error| StoreError::Invalid(error.to_string()))
    }
}

#[async_trait]
impl Signals for Shared {
    async fn hint(&self, _due: &Due) -> Result<(), StoreError> {
        Ok(())
    }

    async fn hints(&self, _indices: &[Index]) -> Result<Vec<Due>, StoreError> {
        std::future::pending().await
    }

    async fn changes(&self) -> Result<Box<dyn Changes>, StoreError> {
        Ok(Box::new(Followed(self.changed.subscribe())))
    }
}

#[async_trait]
impl Transcript for Shared {
    async fn put(&self, room: &str, id: &str, body: String) -> Result<u64, StoreError> {
        let sequence = self.transcript.put(room, id, body).await;
        let _ = self.changed.send(room.to_owned());
        sequence
    }

    async fn changes_since(
        &self,
        room: &str,
        sequence: u64,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        self.transcript.changes_since(room, sequence, limit).await
    }

    async fn latest(&self, room: &str, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.transcript.latest(room, limit).await
    }
}

#[tokio::test]
async fn what_one_process_delivers_shows_on_the_pages_of_another() {
    let shared = Arc::new(Shared {
        transcript: MemoryStore::new(Arc::new(SystemClock), Limits::default()),
        changed: broadcast::channel(16).0,
    });
    let webs = [(); 2].map(|()| {
        let parts = Parts {
            signals: Some(Arc::clone(&shared) as _),
            ..parts(local(), Arc::clone(&shared) as _)
        };
        Web::new(parts).unwrap()
    });
    let [here, there] = &webs;
    let bot = Arc::new(Bot::default());
    let (stop, stopped) = oneshot::channel::<()>();
    let run = there.run(
        bot.clone(),
        Box::pin(async {
            let _ = stopped.await;
        }),
    );
    let visit = async {
        let mut page = Page::open(there, "?since=0", "").await;
        show(here, "one", "First", None, 1).await;
        page.expect("First").await;
        show(here, "two", "First, edited", Some("one"), 2).await;
        page.expect("First, edited").await;
        drop(stop);
    };
    let (outcome, ()) = tokio::join!(run, visit);
    outcome.unwrap();
}

#[tokio::test]
async fn readiness_is_told_with_its_reason() {
    let ready = Arc::new(AtomicBool::new(true));
    let asked = Arc::clone(&ready);
    let transcript = MemoryStore::new(Arc::new(SystemClock), Limits::default());
    let parts = Parts {
        readiness: Arc::new(move || match asked.load(Ordering::SeqCst) {
            true => Ok("conversations: fine\n".to_owned()),
            false => Err("the store is away".to_owned()),
        }),
        ..parts(local(), Arc::new(transcript))
    };
    let web = Web::new(parts).unwrap();
    let bot = Arc::new(Bot::default());
    let (stop, stopped) = oneshot::channel::<()>();
    let run = web.run(
        bot.clone(),
        Box::pin(async {
            let _ = stopped.await;
        }),
    );
    let visit = async {
        let ask = async || {
            let mut stream = TcpStream::connect(web.listening().await).await.unwrap();
            let request = "GET /readyz HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n";
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            answer
        };
        let answer = ask().await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.contains("conversations: fine"), "{answer}");
        ready.store(false, Ordering::SeqCst);
        let answer = ask().await;
        assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
        assert!(answer.contains("not ready: the store is away"), "{answer}");
        drop(stop);
    };
    let (outcome, ()) = tokio::join!(run, visit);
    outcome.unwrap();
}

#[tokio::test]
async fn a_port_in_use_names_the_address_and_the_key() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let web = web(Config::local(address));
    let error = web
        .run(Arc::new(Bot::default()), Box::pin(std::future::pending()))
        .await
        .unwrap_err();
    assert_eq!(error.failure, Failure::Permanent);
    assert!(error.message.contains(&address.to_string()), "{error}");
    assert!(error.message.contains("[web] listen"), "{error}");
}
