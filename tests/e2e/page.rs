//! The page as a person uses it: reading, pressing, typing, sending files.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};
use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;

mod board;
mod hands;
mod looks;

pub(crate) use board::{Hand, Spot};
pub(crate) use hands::{Carry, Line};

/// Longer than anything here takes on a busy machine with two cores.
const PATIENCE: Duration = Duration::from_secs(180);

/// The newest message of the bot.
const LIVE: &str = "//*[@id='log']/article[contains(concat(' ', @class, ' '), ' live ')]";

/// A browser of its own, with cookies of its own, on a page of the bot.
pub(crate) struct Page {
    client: Client,
    url: String,
    /// The driver's address, and its name for this browser.
    driver: String,
    session: String,
    _profile: tempfile::TempDir,
}

impl Page {
    /// Opens the bot's page in a new browser, and sees its first screen.
    pub(crate) async fn open(url: &str) -> Result<Self> {
        let page = Self::knock(url).await?;
        page.enters().await?;
        Ok(page)
    }

    /// Waits for the first screen.
    pub(crate) async fn enters(&self) -> Result<()> {
        self.element(LIVE).await.context("no first screen")?;
        Ok(())
    }

    /// Opens the bot's page in a new browser, whatever it shows.
    pub(crate) async fn knock(url: &str) -> Result<Self> {
        let driver =
            std::env::var("WEBDRIVER_URL").context("WEBDRIVER_URL is not set: use tests/run")?;
        let profile = tempfile::tempdir()?;
        let arguments = json!([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--window-size=1100,900",
            "--lang=en",
            format!("--user-data-dir={}", profile.path().display()),
        ]);
        let capabilities = json!({ "goog:chromeOptions": { "args": arguments } });
        let capabilities = capabilities.as_object().cloned().unwrap_or_default();
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&driver)
            .await?;
        let session = client.session_id().await?.context("no session")?;
        let page = Self {
            client,
            url: url.to_owned(),
            driver: driver
                .trim_start_matches("http://")
                .trim_end_matches('/')
                .to_owned(),
            session,
            _profile: profile,
        };
        page.client.goto(url).await?;
        Ok(page)
    }

    /// Waits until the page says this, before there is a chat on it.
    pub(crate) async fn reads(&self, text: &str) -> Result<()> {
        let said = format!("//body[contains(normalize-space(.), {})]", quoted(text));
        self.element(&said).await.context(text.to_owned())?;
        Ok(())
    }

    /// Goes to another address of the bot.
    pub(crate) async fn goes(&self, path: &str) -> Result<()> {
        let url = format!("{}/{path}", self.url.trim_end_matches('/'));
        Ok(self.client.goto(&url).await?)
    }

    /// Types the access token and sends it.
    pub(crate) async fn hands_in(&self, token: &str) -> Result<()> {
        let field = self.element("//*[@id='token']").await?;
        field.clear().await?;
        field.send_keys(token).await?;
        self.element("//button").await?.click().await?;
        Ok(())
    }

    /// Opens another of the same browser's chats in a new tab, which the page is on from now on.
    pub(crate) async fn new_tab(&self, path: &str) -> Result<()> {
        self.new_tab_at(&self.url, path).await
    }

    /// The same at another address.
    pub(crate) async fn new_tab_at(&self, url: &str, path: &str) -> Result<()> {
        let tab = self.client.new_window(true).await?;
        self.client.switch_to_window(tab.handle).await?;
        self.client
            .goto(&format!("{}{path}", url.trim_end_matches('/')))
            .await?;
        self.element(LIVE)
            .await
            .context("no first screen in the new tab")?;
        Ok(())
    }

    /// Goes to the browser's tab number `index`, from 0.
    pub(crate) async fn tab(&self, index: usize) -> Result<()> {
        let tabs = self.client.windows().await?;
        let tab = tabs.into_iter().nth(index).context("no such tab")?;
        self.client.switch_to_window(tab).await?;
        Ok(())
    }

    pub(crate) async fn reload(&self) -> Result<()> {
        self.client.refresh().await?;
        self.element(LIVE).await?;
        Ok(())
    }

    /// Ends the browser.
    pub(crate) async fn close(mut self) -> Result<()> {
        self.client.clone().close().await?;
        self.session.clear();
        Ok(())
    }

    async fn element(&self, xpath: &str) -> Result<Element> {
        self.client
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::XPath(xpath))
            .await
            .map_err(|error| anyhow!("{xpath}: {error}"))
    }

    /// Waits until the newest screen says this.
    pub(crate) async fn sees(&self, text: &str) -> Result<()> {
        let found = self
            .element(&format!(
                "{LIVE}//*[contains(normalize-space(.), {})]",
                quoted(text)
            ))
            .await;
        self.explained(found.map(drop), text).await
    }

    /// Waits until this option of the newest screen is the chosen one.
    pub(crate) async fn sees_chosen(&self, label: &str) -> Result<()> {
        let named = quoted(label);
        let xpath = format!("{LIVE}//button[@aria-pressed = 'true' and .//*[. = {named}]]");
        let found = self.element(&xpath).await;
        self.explained(found.map(drop), label).await
    }

    /// What the newest screen says now.
    pub(crate) async fn screen(&self) -> Result<String> {
        Ok(self.element(LIVE).await?.text().await?)
    }

    /// Waits until the newest screen says something else than now.
    pub(crate) async fn changes(&self) -> Result<()> {
        let before = self.screen().await?;
        let deadline = Instant::now() + PATIENCE;
        while self.screen().await? == before {
            ensure!(Instant::now() < deadline, "nothing changes:\n{before}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    async fn explained(&self, outcome: Result<()>, sought: &str) -> Result<()> {
        if let Err(error) = outcome {
            let screen = self.screen().await.unwrap_or_default();
            let trouble = self.text_of("trouble").await.unwrap_or_default();
            return Err(error.context(format!(
                "not seen: {sought:?}\nthe screen says:\n{screen}\ntrouble: {trouble}"
            )));
        }
        Ok(())
    }

    /// Presses a button of the newest screen.
    pub(crate) async fn press(&self, label: &str) -> Result<()> {
        let xpath = format!(
            "{LIVE}//button[normalize-space(.) = {0} \
             or .//span[(@class='label' or @class='number') and normalize-space(.) = {0}]]",
            quoted(label)
        );
        // A screen may be replaced between finding a button and clicking it.
        for _ in 0..20 {
            let found = self.element(&xpath).await;
            let button = match found {
                Ok(button) => button,
                Err(error) => return self.explained(Err(error), label).await,
            };
            let script = "arguments[0].scrollIntoView({block: 'center'}); arguments[0].click();";
            if self
                .client
                .execute(script, vec![serde_json::to_value(&button)?])
                .await
                .is_ok()
            {
                return Ok(());
            }
        }
        Err(anyhow!("{label} cannot be clicked"))
    }

    /// Presses a button that asks first, and the one that means it.
    pub(crate) async fn press_and_confirm(&self, label: &str, proceed: &str) -> Result<()> {
        self.press(label).await?;
        self.press(proceed).await
    }

    /// Types a message and sends it.
    pub(crate) async fn says(&self, text: &str) -> Result<()> {
        let field = self.client.find(Locator::Id("text")).await?;
        // As typing would, but also for letters a keyboard has not.
        let script = "arguments[0].value = arguments[1]; \
                      arguments[0].dispatchEvent(new Event('input', {bubbles: true}));";
        self.client
            .execute(script, vec![serde_json::to_value(&field)?, json!(text)])
            .await?;
        self.client.find(Locator::Id("send")).await?.click().await?;
        Ok(())
    }

    /// Chooses files, all at once, and sends them.
    pub(crate) async fn sends(&self, files: &[impl AsRef<Path>]) -> Result<()> {
        self.chooses(files).await?;
        self.client.find(Locator::Id("send")).await?.click().await?;
        Ok(())
    }

    /// Chooses files, all at once; where pictures are asked for, the page sends them by itself.
    pub(crate) async fn chooses(&self, files: &[impl AsRef<Path>]) -> Result<()> {
        let paths: Vec<String> = files
            .iter()
            .map(|file| file.as_ref().display().to_string())
            .collect();
        let picker = self.client.find(Locator::Id("files")).await?;
        picker.send_keys(&paths.join("\n")).await?;
        Ok(())
    }

    /// Sends what is beside the message box once more.
    pub(crate) async fn sends_again(&self) -> Result<()> {
        self.client.find(Locator::Id("send")).await?.click().await?;
        Ok(())
    }

    /// Waits until it says this trouble at the message box.
    pub(crate) async fn troubles(&self, text: &str) -> Result<()> {
        let found = self
            .element(&format!(
                "//*[@id='composer' and contains(., {})]",
                quoted(text)
            ))
            .await;
        self.explained(found.map(drop), text).await
    }

    /// Fills a field of the newest screen's form.
    pub(crate) async fn fills(&self, label: &str, value: &str) -> Result<()> {
        let xpath = format!(
            "{LIVE}//label[normalize-space(.) = {}]/following-sibling::input",
            quoted(label)
        );
        let field = self.element(&xpath).await?;
        field.clear().await?;
        field.send_keys(value).await?;
        Ok(())
    }

    /// An attribute of the first element of the newest screen that an XPath below it names.
    pub(crate) async fn attribute(&self, below: &str, name: &str) -> Result<String> {
        let element = self.element(&format!("{LIVE}{below}")).await?;
        element
            .attr(name)
            .await?
            .with_context(|| format!("no {name} at {below}"))
    }

    /// How many elements of the newest screen an XPath below it names.
    pub(crate) async fn count(&self, below: &str) -> Result<usize> {
        self.element(LIVE).await?;
        Ok(self
            .client
            .find_all(Locator::XPath(&format!("{LIVE}{below}")))
            .await?
            .len())
    }

    async fn text_of(&self, id: &str) -> Result<String> {
        Ok(self.client.find(Locator::Id(id)).await?.text().await?)
    }

    /// Fetches an address of the page as the page would, cookies included.
    pub(crate) async fn fetches(&self, address: &str) -> Result<Vec<u8>> {
        let script = "const done = arguments[arguments.length - 1]; fetch(arguments[0], {cache: 'no-store'}) \
             .then(r => r.ok ? r.arrayBuffer() : Promise.reject(r.status)) \
             .then(b => done(Array.from(new Uint8Array(b)))).catch(e => done(String(e)));";
        let answer = self
            .client
            .execute_async(script, vec![json!(address)])
            .await?;
        let bytes = answer
            .as_array()
            .ok_or_else(|| anyhow!("{address}: {answer}"))?;
        bytes
            .iter()
            .map(|byte| Ok(u8::try_from(byte.as_u64().context("not a byte")?)?))
            .collect()
    }

    /// What a script in the page answers.
    async fn asks<T: serde::de::DeserializeOwned>(&self, script: &str) -> Result<T> {
        Ok(serde_json::from_value(
            self.client.execute(script, vec![]).await?,
        )?)
    }

    /// Waits until a script in the page answers something that is not false.
    pub(crate) async fn comes_true(&self, script: &str) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !self.asks::<bool>(script).await? {
            ensure!(
                Instant::now() < deadline,
                "never true: {script}\n{}",
                self.screen().await?
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }
}

/// A test that fails does not come to [`Page::close`]: its browser would keep a core busy beside the next tests.
impl Drop for Page {
    fn drop(&mut self) {
        let Self {
            driver, session, ..
        } = self;
        let request = format!(
            "DELETE /session/{session} HTTP/1.1\r\nHost: {driver}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        // Nobody is left to tell if this fails; the runner ends whatever remains.
        if let Ok(mut line) = TcpStream::connect(driver.as_str())
            && line.set_read_timeout(Some(Duration::from_secs(10))).is_ok()
            && line.write_all(request.as_bytes()).is_ok()
        {
            let _ = line.read(&mut [0; 512]);
        }
    }
}

/// A text as an XPath literal.
fn quoted(text: &str) -> String {
    if text.contains('\'') {
        let parts: Vec<String> = text.split('\'').map(|part| format!("'{part}'")).collect();
        format!("concat({})", parts.join(", \"'\", "))
    } else {
        format!("'{text}'")
    }
}
