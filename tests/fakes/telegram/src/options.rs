//! How the fake behaves where the real one leaves room.

use std::path::PathBuf;
use std::time::Duration;

/// How the fake behaves. The default is a patient server without rates that keeps everything.
#[derive(Debug, Clone)]
pub struct Options {
    /// The one token that is let in.
    pub token: String,
    /// The bot's name, as people see it.
    pub bot_name: String,
    /// The bot's name behind the `@`.
    pub bot_username: String,
    /// Privacy mode: in groups the bot sees only commands, mentions and replies to itself, unless it is an administrator.
    pub privacy: bool,
    /// How often the bot may write; `None`: as often as it likes.
    pub rates: Option<Rates>,
    /// How long a press of a button may be answered.
    pub answer_within: Duration,
    /// From which age on a message comes with a press only as an inaccessible one.
    pub inaccessible_after: Duration,
    /// The first wait after a failed delivery to the webhook; it doubles with every failure.
    pub webhook_first_retry: Duration,
    /// The longest such wait.
    pub webhook_last_retry: Duration,
    /// How long the webhook may take to answer.
    pub webhook_patience: Duration,
    /// How paths of files are written.
    pub paths: Paths,
    /// Messages kept in each chat, the newest.
    pub history: usize,
    /// Files kept, the newest.
    pub files: usize,
    /// Whether calls are written down. Counters are kept in any case.
    pub log: bool,
    /// The longest side of a photo that a person sends; larger ones are shrunk, as Telegram's programs do.
    pub photo_side: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            token: "7000000001:AAFake-telegram_token_for-tests00000".to_owned(),
            bot_name: "Lorikeet".to_owned(),
            bot_username: "lorikeet_bot".to_owned(),
            privacy: true,
            rates: None,
            answer_within: Duration::from_secs(15),
            inaccessible_after: Duration::from_secs(30 * 24 * 3600),
            webhook_first_retry: Duration::from_millis(50),
            webhook_last_retry: Duration::from_secs(1),
            webhook_patience: Duration::from_secs(10),
            paths: Paths::Plain,
            history: 10_000,
            files: 10_000,
            log: true,
            photo_side: 2560,
        }
    }
}

impl Options {
    /// For benchmarks: no log, little history.
    pub fn cheap() -> Self {
        Self {
            log: false,
            history: 64,
            files: 256,
            ..Self::default()
        }
    }

    /// With the rates Telegram is known to have.
    pub fn with_rates(self) -> Self {
        Self {
            rates: Some(Rates::default()),
            ..self
        }
    }
}

/// How `getFile` writes a file's path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paths {
    /// `photos/file_0.jpg`
    Plain,
    /// `photos%2Ffile_0.jpg`, which has been seen.
    Encoded,
    /// `/folder/photos/file_0.jpg`, where the file then is: a server of one's own with `--local`, which gives files of any size.
    OnDisk(PathBuf),
}

/// How often the bot may write. <https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this>
#[derive(Debug, Clone)]
pub struct Rates {
    /// One message in a chat in so much time.
    pub chat_interval: Duration,
    /// So many at once in a chat before that counts.
    pub chat_burst: u32,
    /// Messages a minute in a group.
    pub group_minute: u32,
    /// Messages a second in all chats together.
    pub overall_second: u32,
    /// Whether edits count like messages.
    pub edits: bool,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            chat_interval: Duration::from_secs(1),
            chat_burst: 3,
            group_minute: 20,
            overall_second: 30,
            edits: true,
        }
    }
}
