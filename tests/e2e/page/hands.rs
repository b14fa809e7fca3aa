//! The page by other means than clicking: dropping, pasting, the keyboard; and the line to the bot.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use fantoccini::Locator;
use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::key::Key;
use fantoccini::wd::WebDriverCompatibleCommand;
use hyper::Method;
use serde_json::{Value, json};
use url::{ParseError, Url};

use super::{LIVE, Page, quoted};

/// A drag's moment.
#[derive(Clone, Copy)]
pub(crate) enum Carry {
    /// Held over the page.
    Over,
    /// Let go.
    Drop,
}

/// What the browser's line is like.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Line {
    /// As it is.
    Fine,
    /// 100 kB a second.
    Slow,
    /// Not there.
    Gone,
}

/// A command of Chromium's own, for this tab alone: <https://chromedevtools.github.io/devtools-protocol/>.
#[derive(Debug)]
pub(super) struct DevTools(pub(super) &'static str, pub(super) Value);

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        let session = session.unwrap_or_default();
        base.join(&format!("session/{session}/goog/cdp/execute"))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let body = json!({ "cmd": self.0, "params": self.1 });
        (Method::POST, Some(body.to_string()))
    }
}

/// Makes a `DataTransfer` of files given by name and base64.
pub(super) const TRANSFER: &str = "const transfer = new DataTransfer(); \
     for (const [name, base64] of arguments[0]) { \
       const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)); \
       transfer.items.add(new File([bytes], name)); \
     }";

impl Page {
    pub(crate) async fn line(&self, line: Line) -> Result<()> {
        let rate = match line {
            Line::Slow => 100_000,
            Line::Fine | Line::Gone => -1,
        };
        let conditions = json!({
            "offline": matches!(line, Line::Gone),
            "latency": 0,
            "downloadThroughput": rate,
            "uploadThroughput": rate,
        });
        for command in [
            DevTools("Network.enable", json!({})),
            DevTools("Network.emulateNetworkConditions", conditions),
        ] {
            self.client.issue_cmd(command).await?;
        }
        Ok(())
    }

    /// Drags files over the page.
    pub(crate) async fn drops(&self, files: &[impl AsRef<Path>], carry: Carry) -> Result<()> {
        let events = match carry {
            Carry::Over => "['dragenter', 'dragover']",
            Carry::Drop => "['drop']",
        };
        let script = format!(
            "{TRANSFER} for (const name of {events}) document.getElementById('log').dispatchEvent( \
             new DragEvent(name, {{dataTransfer: transfer, bubbles: true, cancelable: true}}));"
        );
        self.with_files(&script, files).await
    }

    /// Pastes files into the message box.
    pub(crate) async fn pastes(&self, files: &[impl AsRef<Path>]) -> Result<()> {
        let script = format!(
            "{TRANSFER} document.getElementById('text').dispatchEvent( \
             new ClipboardEvent('paste', {{clipboardData: transfer, bubbles: true, cancelable: true}}));"
        );
        self.with_files(&script, files).await
    }

    pub(super) async fn with_files(&self, script: &str, files: &[impl AsRef<Path>]) -> Result<()> {
        let mut all = Vec::new();
        for file in files {
            let name = file.as_ref().file_name().context("no name")?;
            let bytes = std::fs::read(file)?;
            all.push(json!([
                name.to_string_lossy(),
                BASE64_STANDARD.encode(bytes)
            ]));
        }
        self.client.execute(script, vec![Value::from(all)]).await?;
        Ok(())
    }

    /// Whether an element of this id can be seen.
    pub(crate) async fn is_shown(&self, id: &str) -> Result<bool> {
        let element = self.client.find(Locator::Id(id)).await?;
        Ok(element.is_displayed().await?)
    }

    /// How many files wait beside the message box.
    pub(crate) async fn staged(&self) -> Result<usize> {
        Ok(self.client.find_all(Locator::Css("#queue li")).await?.len())
    }

    /// Takes the first file beside the message box back.
    pub(crate) async fn takes_back_a_file(&self) -> Result<()> {
        let remove = self.client.find(Locator::Css("#queue li .remove")).await?;
        remove.click().await?;
        Ok(())
    }

    /// How much of each file beside the message box has gone, 0 to 1.
    pub(crate) async fn progress(&self) -> Result<Vec<f64>> {
        let script =
            "return [...document.querySelectorAll('#queue progress')].map((bar) => bar.value);";
        let bars = self.client.execute(script, vec![]).await?;
        Ok(serde_json::from_value(bars)?)
    }

    /// How far each file beside the message box is, in the page's words.
    pub(crate) async fn file_states(&self) -> Result<Vec<String>> {
        self.asks(
            "return [...document.querySelectorAll('#queue li')].map((row) => \
               row.dataset.state + ' ' + row.querySelector('.told').textContent);",
        )
        .await
    }

    /// Presses keys, one after another: a letter each, `\n` for Enter.
    pub(crate) async fn keys(&self, keys: &str) -> Result<()> {
        let actions = KeyActions::new("keyboard".to_owned());
        let actions = keys.chars().fold(actions, |actions, letter| {
            let value = match letter {
                '\n' => Key::Enter.into(),
                '\t' => Key::Tab.into(),
                letter => letter,
            };
            actions
                .then(KeyAction::Down { value })
                .then(KeyAction::Up { value })
        });
        self.client.perform_actions(actions).await?;
        Ok(())
    }

    /// Selects all of a field and removes it.
    pub(crate) async fn clears_field(&self) -> Result<()> {
        let control = Key::Control.into();
        let delete = Key::Delete.into();
        let actions = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value: control })
            .then(KeyAction::Down { value: 'a' })
            .then(KeyAction::Up { value: 'a' })
            .then(KeyAction::Up { value: control })
            .then(KeyAction::Down { value: delete })
            .then(KeyAction::Up { value: delete });
        self.client.perform_actions(actions).await?;
        Ok(())
    }

    /// What has the focus: its id in the message box, its label or its words elsewhere.
    pub(crate) async fn focus(&self) -> Result<String> {
        let script = "const at = document.activeElement; \
             return at.closest('#composer') ? at.id : (at.labels?.[0] || at).textContent.trim();";
        let focus = self.client.execute(script, vec![]).await?;
        Ok(focus.as_str().unwrap_or_default().to_owned())
    }

    /// Presses Tab until this has the focus.
    pub(crate) async fn tabs_to(&self, target: &str) -> Result<()> {
        // A button of this name may still be on its way.
        if target != "text" && target != "files" {
            let named = quoted(target);
            let xpath = format!("{LIVE}//*[normalize-space(.) = {named}]");
            let found = self.element(&xpath).await;
            self.explained(found.map(drop), target).await?;
        }
        let mut passed = Vec::new();
        for _ in 0..120 {
            self.keys("\t").await?;
            let focus = self.focus().await?;
            if focus == target {
                return Ok(());
            }
            passed.push(focus);
        }
        bail!("Tab does not lead to {target:?}, but to {passed:?}")
    }

    /// Presses a button twice, faster than any answer comes.
    pub(crate) async fn press_twice(&self, label: &str) -> Result<()> {
        let button = self.button(label).await?;
        let script = "arguments[0].click(); arguments[0].click();";
        let button = serde_json::to_value(&button)?;
        self.client.execute(script, vec![button]).await?;
        Ok(())
    }

    /// Keeps a button of the newest screen for later, out of sight.
    pub(crate) async fn keeps_button(&self, label: &str) -> Result<()> {
        let button = serde_json::to_value(&self.button(label).await?)?;
        let script = "const kept = arguments[0].cloneNode(true); kept.id = 'kept'; document.body.append(kept);";
        self.client.execute(script, vec![button]).await?;
        Ok(())
    }

    /// Presses the button that was kept.
    pub(crate) async fn presses_kept_button(&self) -> Result<()> {
        let script = "document.getElementById('kept').click();";
        self.client.execute(script, vec![]).await?;
        Ok(())
    }

    /// What the page says in passing. Its words as they stand in the page: while it fades in, the browser's driver takes
    /// it for hidden, and a hidden element's text is empty.
    pub(crate) async fn toast(&self) -> Result<String> {
        let toast = self.element("//*[@id='toasts']/p").await?;
        let words = toast.prop("textContent").await?;
        words.context("a toast without words")
    }

    async fn button(&self, label: &str) -> Result<fantoccini::elements::Element> {
        let named = quoted(label);
        let xpath = format!("{LIVE}//button[normalize-space(.) = {named}]");
        self.element(&xpath).await
    }
}
