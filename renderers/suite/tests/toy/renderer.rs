//! A renderer for a platform that is not there: text with `<b>`, rows of buttons, lists in pages. Without a mistake it
//! passes the suite; with one it does not.

use std::sync::atomic::{AtomicU32, Ordering};

use lorikeet_chat::{
    Capabilities, FileLimits, MenuLimits, Rendered, Screen, Stamp, Support, TextLimits, TextUnit,
};
use lorikeet_renderer_suite::{Rendering, Target};

use super::draft::Draft;

/// A mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Fault {
    None,
    Panics,
    ForgetsTheLimit,
    ForgetsTheLabelLimit,
    SaysNothing,
    LosesControl,
    RepeatsControl,
    InventsControl,
    PressesAnotherScreen,
    SwapsLabels,
    LosesLink,
    OpensAnything,
    NoWayBack,
    NoEnd,
    LosesHints,
    CutsInSilence,
    TearsWords,
    TearsSentences,
    TearsGraphemes,
    ForgetsToEscape,
    Counts,
    Complains,
    MeansNothing,
}

/// The renderer with the fault of this number.
pub(super) struct Toy<const FAULT: u8>;

#[derive(Debug, PartialEq)]
pub(super) struct Message {
    /// With `<b>`, and `&` and `<` escaped.
    pub(super) markup: String,
    pub(super) rows: Vec<Vec<Key>>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Key {
    Press { label: String, token: String },
    Open { label: String, url: String },
    Turn { label: String, page: usize },
}

/// How often anything was rendered.
static RENDERED: AtomicU32 = AtomicU32::new(0);

impl<const FAULT: u8> Rendering for Toy<FAULT> {
    type Message = Message;
    type Page = usize;

    fn render(
        screen: &Screen,
        stamp: Stamp,
        room: &Capabilities,
        page: &usize,
    ) -> Rendered<Message> {
        let mut draft = Draft {
            room,
            stamp,
            fault: FAULT,
            body: Vec::new(),
            keys: Vec::new(),
            index: 0,
            lost: Vec::new(),
        };
        for block in &screen.blocks {
            draft.block(block);
        }
        for control in screen.menu.iter().flat_map(|group| &group.controls) {
            draft.control(control);
        }
        if let Some(prompt) = &screen.prompt {
            draft.prompt(prompt);
        }
        if draft.has(Fault::Counts) {
            draft.say(false, &RENDERED.fetch_add(1, Ordering::Relaxed).to_string());
        }
        if draft.has(Fault::Complains) {
            draft.lose("heading");
        }
        if draft.has(Fault::InventsControl) {
            draft.press("More");
        }
        if draft.has(Fault::SwapsLabels) && draft.keys.len() > 3 {
            let (one, other) = draft.keys.split_at_mut(1);
            if let (Key::Press { label, .. }, Key::Press { label: other, .. }) =
                (&mut one[0], &mut other[0])
            {
                std::mem::swap(label, other);
            }
        }
        let mut messages = draft.messages();
        let keys = draft.page(*page);
        let row = (room.menu.per_row as usize).max(1);
        if let Some(last) = messages.last_mut() {
            last.rows = keys.chunks(row).map(<[Key]>::to_vec).collect();
        }
        if draft.has(Fault::SaysNothing) {
            messages.retain(|message| !(message.markup.is_empty() && message.rows.is_empty()));
        }
        Rendered {
            messages,
            degradations: draft.lost,
        }
    }

    fn turns(message: &Message) -> Vec<usize> {
        let page = |key: &Key| match key {
            Key::Turn { page, .. } => Some(*page),
            _ => None,
        };
        message.rows.iter().flatten().filter_map(page).collect()
    }

    fn targets(message: &Message) -> Vec<Target> {
        let target = |key: &Key| match key {
            Key::Press { label, token } => Some(Target::Press {
                token: token.parse().unwrap(),
                label: label.clone(),
            }),
            Key::Open { url, .. } => Some(Target::Open { url: url.clone() }),
            Key::Turn { .. } => None,
        };
        message.rows.iter().flatten().filter_map(target).collect()
    }

    fn texts(message: &Message) -> Vec<String> {
        let labels = message.rows.iter().flatten().map(|key| match key {
            Key::Press { label, .. } | Key::Open { label, .. } | Key::Turn { label, .. } => {
                label.clone()
            }
        });
        message.markup.lines().map(plain).chain(labels).collect()
    }

    fn skeleton(message: &Message) -> String {
        let tags = message
            .markup
            .matches("<b>")
            .chain(message.markup.matches("</b>"));
        let keys = message.rows.iter().flatten().map(|key| match key {
            Key::Press { .. } => "[press]",
            Key::Open { .. } => "[open]",
            Key::Turn { .. } => "[turn]",
        });
        tags.chain(keys).collect()
    }

    fn check(message: &Message, room: &Capabilities) -> Result<(), String> {
        let length = room.text.unit.measure(plain(&message.markup).trim_end());
        if length > room.text.message as usize {
            return Err(format!("{length} units of text"));
        }
        let keys: Vec<&Key> = message.rows.iter().flatten().collect();
        let per_row = message.rows.iter().map(Vec::len).max().unwrap_or(0);
        if keys.len() > room.menu.total as usize || per_row > room.menu.per_row as usize {
            return Err(format!("{} keys, {per_row} in a row", keys.len()));
        }
        let labels = Self::targets(message)
            .into_iter()
            .filter_map(|target| match target {
                Target::Press { label, .. } => Some(label),
                Target::Open { .. } => None,
            });
        match labels
            .map(|label| label.chars().count())
            .find(|length| *length > room.menu.label as usize)
        {
            Some(length) => Err(format!("{length} characters of a label")),
            None => Ok(()),
        }
    }

    fn best_room() -> Capabilities {
        Capabilities {
            text: TextLimits {
                message: 4_096,
                unit: TextUnit::Utf16,
                rich: Support::Full,
            },
            menu: MenuLimits {
                buttons: Support::Full,
                per_row: 8,
                total: 100,
                label: 64,
                options: 100,
            },
            files: FileLimits {
                receive: 1,
                send: 1,
                per_message: 1,
            },
            images: Support::Full,
            forms: Support::Fallback,
            edits: Support::Full,
            edits_per_minute: 60,
        }
    }

    fn as_meant(_: &Screen) -> bool {
        FAULT != Fault::MeansNothing as u8
    }
}

/// As the platform shows it.
fn plain(markup: &str) -> String {
    markup
        .replace("<b>", "")
        .replace("</b>", "")
        .replace("&lt;", "<")
        .replace("&amp;", "&")
}
