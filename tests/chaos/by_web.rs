//! Somebody at the page of whichever process answers, whose every message arrives up to three times.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::fleet::Fleet;
use crate::person::{Act, Done, Face, PATIENCE, pictures};
use lorikeet_tests::web::http::{Answer, ask};
use lorikeet_tests::web::page::Page;

pub(crate) struct ByWeb {
    fleet: Arc<Fleet>,
    random: ChaCha8Rng,
    secret: String,
    pictures: Vec<Vec<u8>>,
    /// Late deliveries on their way.
    late: JoinSet<()>,
    done: Done,
}

impl ByWeb {
    pub(crate) fn new(number: usize, seed: u64, fleet: Arc<Fleet>) -> Result<Self> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(number as u64 + 1);
        let secret = (0..4).map(|_| format!("{:016x}", random.random::<u64>()));
        Ok(Self {
            secret: secret.collect(),
            fleet,
            random,
            pictures: pictures(),
            late: JoinSet::new(),
            done: Done::of(number),
        })
    }

    /// One event, delivered until a process has accepted it, and then perhaps once or twice more; the revision of the
    /// screen it was made on.
    async fn attempt(&mut self, act: &Act<'_>, expected: Option<&str>) -> Result<String> {
        let deadline = Instant::now() + PATIENCE;
        let page = loop {
            let page = self.page().await?;
            match act {
                // What was done before has come about after all.
                _ if expected.is_some_and(|words| page.screen.contains(words)) => {
                    return Ok(page.revision);
                }
                Act::Presses(label) if page.token(label).is_none() => {}
                _ => break page,
            }
            ensure!(
                Instant::now() < deadline,
                "no button for {}; the screen says: {}",
                act.words(),
                page.screen
            );
            sleep(Duration::from_millis(250)).await;
        };
        let request = self.request(act, &page)?;
        loop {
            match request.deliver(self.somewhere()).await {
                Ok(Answer { status: 200, .. }) => break,
                Ok(Answer { status, body }) if status < 500 => bail!("refused: {status} {body}"),
                _ => {}
            }
            self.done.repeated += 1;
            ensure!(Instant::now() < deadline, "nobody takes {}", act.words());
            sleep(Duration::from_millis(200)).await;
        }
        self.done.sent += 1;
        if let Act::Says(words) = act {
            self.done.said.push((*words).to_owned());
        }
        for _ in 0..self.random.random_range(0..3) {
            self.done.redelivered += 1;
            let (request, port) = (request.clone(), self.somewhere());
            let after = Duration::from_millis(self.random.random_range(0..4_000));
            self.late.spawn(async move {
                sleep(after).await;
                // Whatever becomes of it: the event has been accepted before.
                let _ = request.deliver(port).await;
            });
        }
        Ok(page.revision)
    }

    fn request(&mut self, act: &Act<'_>, page: &Page) -> Result<Request> {
        let nonce = format!("{:032x}", self.random.random::<u128>());
        let Page { csrf, .. } = page;
        let cookie = format!(
            "Cookie: lorikeet={}\r\nAccept: application/json\r\n",
            self.secret
        );
        if let Act::Presses(label) = act {
            let token = page.token(label).context("no such button")?;
            let body = format!("csrf={csrf}&nonce={nonce}&token={token}");
            return Ok(Request {
                head: "POST /chat/main/press",
                headers: format!("{cookie}Content-Type: application/x-www-form-urlencoded\r\n"),
                body: body.into_bytes(),
            });
        }
        let (text, file) = match act {
            Act::Says(words) => (*words, None),
            Act::Sends(picture) => (
                "",
                self.pictures.get(*picture).map(|bytes| (picture, bytes)),
            ),
            Act::Presses(_) => ("", None),
        };
        let mut body = Vec::new();
        for (name, value) in [("csrf", csrf.as_str()), ("nonce", &nonce), ("text", text)] {
            let part = format!(
                "--part\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend(part.into_bytes());
        }
        if let Some((number, bytes)) = file {
            let part = format!(
                "--part\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{number}.jpg\"\r\n\
                 Content-Type: image/jpeg\r\n\r\n"
            );
            body.extend(part.into_bytes());
            body.extend(bytes);
            body.extend(b"\r\n");
        }
        body.extend(b"--part--\r\n");
        Ok(Request {
            head: "POST /chat/main/send",
            headers: format!("{cookie}Content-Type: multipart/form-data; boundary=part\r\n"),
            body,
        })
    }

    /// The page, from whichever process shows it.
    async fn page(&mut self) -> Result<Page> {
        let headers = format!("Cookie: lorikeet={}\r\nAccept: text/html\r\n", self.secret);
        let deadline = Instant::now() + PATIENCE;
        loop {
            let port = self.somewhere();
            if let Ok(answer) = ask(port, "GET /", &headers, &[]).await
                && answer.status == 200
                && let Some(page) = Page::read(&answer.body)?
            {
                return Ok(page);
            }
            ensure!(Instant::now() < deadline, "no process shows the page");
            sleep(Duration::from_millis(200)).await;
        }
    }

    fn somewhere(&mut self) -> u16 {
        let talking = self.fleet.talking;
        self.fleet.processes[self.random.random_range(0..talking)].port
    }
}

impl Face for ByWeb {
    fn done(&mut self) -> &mut Done {
        &mut self.done
    }

    async fn comes(&mut self, expected: &str) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !self.page().await?.screen.contains(expected) {
            ensure!(Instant::now() < deadline, "no “{expected}”");
            sleep(Duration::from_millis(250)).await;
        }
        Ok(())
    }

    async fn does(&mut self, act: Act<'_>, expected: &str) -> Result<()> {
        let wait = self.random.random_range(100..900);
        sleep(Duration::from_millis(wait)).await;
        let before = self.attempt(&act, None).await?;
        let deadline = Instant::now() + PATIENCE;
        let mut attempted = Instant::now();
        loop {
            let page = self.page().await?;
            if page.screen.contains(expected) {
                return Ok(());
            }
            ensure!(
                Instant::now() < deadline,
                "no “{expected}” after {}; the screen says: {}",
                act.words(),
                page.screen
            );
            // A press may have met a screen that had just been replaced: then the bot says so, and it is pressed again.
            // One that is not answered at all is waited for, and would be found lost.
            let refused = page.flash.contains("earlier screen") || page.revision != before;
            if let Act::Presses(label) = &act
                && refused
                && page.token(label).is_some()
                && attempted.elapsed() > Duration::from_secs(3)
            {
                self.attempt(&act, Some(expected)).await?;
                attempted = Instant::now();
            }
            sleep(Duration::from_millis(250)).await;
        }
    }

    async fn goes(mut self) -> Done {
        while self.late.join_next().await.is_some() {}
        if let Ok(page) = self.page().await {
            self.done.log = Some(page.said);
        }
        self.done
    }
}

#[derive(Clone)]
struct Request {
    head: &'static str,
    headers: String,
    body: Vec<u8>,
}

impl Request {
    async fn deliver(&self, port: u16) -> Result<Answer> {
        ask(port, self.head, &self.headers, &self.body).await
    }
}
