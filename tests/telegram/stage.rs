//! A Telegram, and the bot that is connected to it.

use std::path::Path;

use anyhow::Result;
use lorikeet_fake_telegram::{FakeTelegram, Options};
use lorikeet_media::samples;
use lorikeet_tests::bot::Bot;
use lorikeet_tests::peers::free_port;

/// How updates come in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    Polling,
    Webhook,
}

/// A picture of its own for each seed, as the bytes of a PNG.
pub(crate) fn picture(seed: u64) -> Vec<u8> {
    samples::png(&samples::picture(seed, 512, 384))
}

pub(crate) async fn telegram() -> Result<FakeTelegram> {
    FakeTelegram::start(Options::default()).await
}

/// Starts the bot with a store of its own below a directory.
pub(crate) fn start(directory: &Path, telegram: &FakeTelegram, way: Way) -> Result<Bot> {
    let url = telegram.url();
    let mut settings = vec![
        ("TELEGRAM__TOKEN", telegram.token()),
        ("TELEGRAM__API_URL", &url),
        ("TELEGRAM__MESSAGES_PER_SECOND", "0"),
    ];
    let port = free_port()?;
    let listen = format!("127.0.0.1:{port}");
    let public_url = format!("http://{listen}/telegram");
    if let Way::Webhook = way {
        settings.extend([
            ("TELEGRAM__MODE", "webhook"),
            ("TELEGRAM__WEBHOOK__LISTEN", &listen),
            ("TELEGRAM__WEBHOOK__PUBLIC_URL", &public_url),
            ("TELEGRAM__WEBHOOK__SECRET", "a-secret-of-the-tests"),
        ]);
    }
    Bot::start(directory, &settings)
}
