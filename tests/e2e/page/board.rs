//! The board of pictures as hands use it: dragging, keys, writing on it, dropping on it.

use std::path::Path;

use anyhow::{Context as _, Result};
use fantoccini::Locator;
use fantoccini::actions::{
    Actions, InputSource as _, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MouseActions,
    PointerAction, TouchActions,
};
use fantoccini::elements::Element;
use fantoccini::key::Key;
use serde::Deserialize;

use super::hands::TRANSFER;
use super::{Page, quoted};

/// A place of the newest screen's board.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Spot {
    /// Address of its picture; empty without one.
    pub(crate) picture: String,
    /// Its caption.
    pub(crate) text: String,
}

impl Spot {
    /// A place without anything.
    pub(crate) const fn empty() -> Self {
        Self {
            picture: String::new(),
            text: String::new(),
        }
    }
}

/// What picks a picture up.
#[derive(Clone, Copy)]
pub(crate) enum Hand {
    Mouse,
    Finger,
}

impl Page {
    /// The places of the board, from the first.
    pub(crate) async fn board(&self) -> Result<Vec<Spot>> {
        self.asks(
            "return [...document.querySelectorAll('.live .board .tile')].map((tile) => ({ \
               picture: tile.querySelector('img')?.getAttribute('src') || '', text: tile.dataset.text || '' }));",
        )
        .await
    }

    async fn tile(&self, place: usize, part: &str) -> Result<Element> {
        let css = format!(".live .board [data-place='{place}'] {part}");
        self.client
            .find(Locator::Css(&css))
            .await
            .with_context(|| css.clone())
    }

    /// Carries the picture of one place to another.
    pub(crate) async fn carries(&self, from: usize, to: usize, hand: Hand) -> Result<()> {
        let from = self.tile(from, ".frame").await?;
        let to = self.tile(to, ".frame").await?;
        let script = "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'});";
        let element = serde_json::to_value(&to)?;
        self.client.execute(script, vec![element]).await?;
        let over = |element: Element, milliseconds| PointerAction::MoveToElement {
            element,
            duration: Some(std::time::Duration::from_millis(milliseconds)),
            x: 3.0,
            y: 3.0,
        };
        let down = PointerAction::Down {
            button: MOUSE_BUTTON_LEFT,
        };
        let up = PointerAction::Up {
            button: MOUSE_BUTTON_LEFT,
        };
        // A finger rests before it carries.
        let rest = PointerAction::Pause {
            duration: std::time::Duration::from_millis(match hand {
                Hand::Mouse => 0,
                Hand::Finger => 600,
            }),
        };
        let steps = [over(from, 0), down, rest, over(to, 300), up];
        match hand {
            Hand::Mouse => {
                let hand = MouseActions::new("mouse".to_owned());
                let hand = steps.into_iter().fold(hand, MouseActions::then);
                self.client.perform_actions(Actions::from(hand)).await?;
            }
            Hand::Finger => {
                let hand = TouchActions::new("finger".to_owned());
                let hand = steps.into_iter().fold(hand, TouchActions::then);
                self.client.perform_actions(Actions::from(hand)).await?;
            }
        }
        Ok(())
    }

    /// Waits until no change of the board is on its way any more.
    pub(crate) async fn settled(&self) -> Result<()> {
        self.comes_true("return !document.querySelector('.live .board').hasAttribute('aria-busy');")
            .await
    }

    /// The place that has the focus.
    pub(crate) async fn focused_place(&self) -> Result<String> {
        self.asks("return document.activeElement.closest('.tile')?.dataset.place || '';")
            .await
    }

    /// Waits until a place has another picture than this.
    pub(crate) async fn board_becomes(&self, place: usize, other: &str) -> Result<()> {
        let other = quoted(other);
        self.comes_true(&format!(
            "const image = document.querySelector(`.live .board [data-place=\"{place}\"] img`); \
             return Boolean(image) && image.getAttribute('src') !== {other};"
        ))
        .await
    }

    /// Puts the focus on the picture at a place.
    pub(crate) async fn focuses_place(&self, place: usize) -> Result<()> {
        let tile = serde_json::to_value(&self.tile(place, ".open").await?)?;
        self.client
            .execute("arguments[0].focus();", vec![tile])
            .await?;
        Ok(())
    }

    /// Holds Alt and presses an arrow key.
    pub(crate) async fn alt(&self, arrow: Key) -> Result<()> {
        let (alt, arrow) = (Key::Alt.into(), arrow.into());
        let keys = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value: alt })
            .then(KeyAction::Down { value: arrow })
            .then(KeyAction::Up { value: arrow })
            .then(KeyAction::Up { value: alt });
        self.client.perform_actions(keys).await?;
        Ok(())
    }

    /// Begins to write the caption of a place where it stands.
    pub(crate) async fn writes_at(&self, place: usize) -> Result<()> {
        let button = self.tile(place, ".write").await?;
        let button = serde_json::to_value(&button)?;
        self.client
            .execute("arguments[0].click();", vec![button])
            .await?;
        Ok(())
    }

    /// What stands in the field that is being written in, and whether it has the focus.
    pub(crate) async fn writing(&self) -> Result<(String, bool)> {
        self.asks(
            "const field = document.querySelector('.live .editor textarea'); \
             return [field?.value || '', Boolean(field) && document.activeElement === field];",
        )
        .await
    }

    /// Drops files on a place.
    pub(crate) async fn drops_at(&self, place: usize, files: &[impl AsRef<Path>]) -> Result<()> {
        let place = quoted(&place.to_string());
        let script = format!(
            "{TRANSFER} const tile = document.querySelector(`.live .board [data-place=\"${{{place}}}\"] .frame`); \
             for (const name of ['dragenter', 'dragover', 'drop']) tile.dispatchEvent( \
             new DragEvent(name, {{dataTransfer: transfer, bubbles: true, cancelable: true}}));"
        );
        self.with_files(&script, files).await
    }

    /// What was said to who listens.
    pub(crate) async fn hears(&self, words: &str) -> Result<()> {
        let words = quoted(words);
        let script =
            format!("return document.getElementById('spoken').textContent.includes({words});");
        self.comes_true(&script).await
    }

    /// Makes the page's next changes come without their proof, so that they are refused.
    pub(crate) async fn forges(&self, proof: &str) -> Result<String> {
        let script = "const proof = document.getElementById('fill').elements.csrf; \
             const before = proof.value; proof.value = arguments[0] || 'forged'; return before;";
        let before = self
            .client
            .execute(script, vec![serde_json::Value::from(proof)])
            .await?;
        Ok(before.as_str().unwrap_or_default().to_owned())
    }
}
