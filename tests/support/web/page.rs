//! What a person sees on the page.

use anyhow::{Context as _, Result};
use scraper::{ElementRef, Html, Selector};

/// The page of a chat.
pub struct Page {
    /// The words of the newest screen.
    pub screen: String,
    /// Its buttons: words and token.
    pub buttons: Vec<(String, String)>,
    /// The newest screen's revision.
    pub revision: String,
    /// What the person has said, as it stands in the log.
    pub said: Vec<String>,
    /// An answer in passing.
    pub flash: String,
    /// What a form has to carry to be believed.
    pub csrf: String,
}

impl Page {
    /// Reads a page; nothing while there is no screen on it yet.
    pub fn read(html: &str) -> Result<Option<Self>> {
        // There is no script here; the parser thinks there is, and would not look inside.
        let html = html.replace("noscript>", "div>");
        let page = Html::parse_document(&html);
        let Some(live) = all(&page, "article.live")?.pop() else {
            return Ok(None);
        };
        let buttons = Selector::parse("button[name=token]").map_err(|e| anyhow::anyhow!("{e}"))?;
        let screen = Selector::parse(".screen").map_err(|e| anyhow::anyhow!("{e}"))?;
        let revision = live.select(&screen).next();
        let revision = revision.and_then(|screen| screen.attr("data-revision"));
        let csrf = all(&page, "#press input[name=csrf]")?.pop();
        Ok(Some(Self {
            screen: words(live),
            buttons: live
                .select(&buttons)
                .filter_map(|button| Some((words(button), button.attr("value")?.to_owned())))
                .collect(),
            revision: revision.unwrap_or_default().to_owned(),
            said: all(&page, "article.you")?.into_iter().map(words).collect(),
            flash: all(&page, ".flash")?.into_iter().map(words).collect(),
            csrf: csrf
                .and_then(|input| input.attr("value"))
                .context("a page without its number")?
                .to_owned(),
        }))
    }

    /// The token of the button with these words.
    pub fn token(&self, label: &str) -> Option<&str> {
        let button = self.buttons.iter().find(|(words, _)| words == label);
        button.map(|(_, token)| token.as_str())
    }
}

fn all<'a>(page: &'a Html, selector: &str) -> Result<Vec<ElementRef<'a>>> {
    let selector = Selector::parse(selector).map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(page.select(&selector).collect())
}

fn words(element: ElementRef<'_>) -> String {
    let text: Vec<&str> = element.text().flat_map(str::split_whitespace).collect();
    text.join(" ")
}
