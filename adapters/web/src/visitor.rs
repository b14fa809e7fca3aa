//! Who a browser is.
//!
//! A browser is known by 256 random bits in a cookie that no script and no other site can read. Everything else is
//! derived from them: the person's id (a hash, which is all that stores ever see), the secret of their forms, and
//! the proof that the access token was entered.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use lorikeet_chat::{Conversation, RoomId, Sender, UserId};

use crate::config::Config;
use crate::words::{self, is_tag};
use crate::{keyed, platform};

/// The room a person is in when they have not chosen another.
pub(crate) const MAIN: &str = "main";
/// Seconds that cookies live: 400 days, the most that browsers grant.
const LIFETIME: u32 = 400 * 24 * 60 * 60;
/// Characters of a cookie's secret.
const SECRET: usize = 64;

/// A browser that showed its cookie.
#[derive(Clone)]
pub(crate) struct Visitor {
    secret: String,
    user: String,
    /// The language to tell the bot.
    locale: Option<String>,
    /// The language chosen in a chat, as far as this browser remembers.
    chosen: Option<String>,
}

impl Visitor {
    /// Reads the cookie; nothing when there is none that this page gave out.
    pub(crate) fn recognise(headers: &HeaderMap, config: &Config) -> Option<Self> {
        let secret = cookie(headers, session_cookie(config))?;
        let given = secret.len() == SECRET && secret.bytes().all(|b| b.is_ascii_hexdigit());
        given.then(|| Self {
            user: keyed::mac(secret, &["user"])[..32].to_owned(),
            secret: secret.to_owned(),
            locale: words::locale(headers, config),
            chosen: chosen_language(headers, config).map(str::to_owned),
        })
    }

    /// The person's id: a hash that does not give the cookie away.
    pub(crate) fn user(&self) -> &str {
        &self.user
    }

    /// What forms of this browser carry, so that no other site can submit one.
    pub(crate) fn csrf(&self) -> String {
        keyed::mac(&self.secret, &["csrf"])
    }

    /// Whether a form came from a page given to this browser.
    pub(crate) fn owns(&self, csrf: &str) -> bool {
        keyed::verify(&self.secret, &["csrf"], csrf)
    }

    /// Whether the access token was entered in this browser, where one is asked for. Changing it logs all out.
    pub(crate) fn may_enter(&self, headers: &HeaderMap, config: &Config) -> bool {
        let Some(token) = &config.token else {
            return true;
        };
        cookie(headers, login_cookie(config))
            .is_some_and(|proof| keyed::verify(token.reveal(), &["login", &self.secret], proof))
    }

    /// The cookie that remembers that the access token was entered.
    pub(crate) fn login(&self, config: &Config) -> Option<String> {
        let token = config.token.as_ref()?;
        let proof = keyed::mac(token.reveal(), &["login", &self.secret]);
        Some(set_cookie(login_cookie(config), &proof, config))
    }

    /// The cookie that remembers a language chosen in a chat, for pages outside of it and for new chats; nothing where
    /// it is known already.
    pub(crate) fn remember_language(&self, tag: &str, config: &Config) -> Option<String> {
        let news = is_tag(tag) && self.chosen.as_deref() != Some(tag);
        news.then(|| set_cookie(language_cookie(config), tag, config))
    }

    /// The transcript's key of one of the person's rooms.
    pub(crate) fn room(&self, slug: &str) -> String {
        format!("{}.{slug}", self.user)
    }

    /// The conversation in one of the person's rooms.
    pub(crate) fn conversation(&self, slug: &str) -> Option<Conversation> {
        Some(Conversation {
            platform: platform(),
            room: RoomId::new(self.room(slug)).ok()?,
            thread: None,
            user: UserId::new(self.user.clone()).ok()?,
        })
    }

    /// The person, as far as a browser says.
    pub(crate) fn sender(&self) -> Sender {
        Sender {
            name: String::new(),
            // A chat of the page has no name of its own, only an address.
            room: String::new(),
            locale: self.locale.clone(),
            private: true,
            sign: None,
        }
    }
}

/// A cookie for a browser that has none yet.
///
/// # Errors
/// When the operating system has no randomness to give.
pub(crate) fn new_session(config: &Config) -> Result<String, getrandom::Error> {
    Ok(set_cookie(
        session_cookie(config),
        &keyed::random()?,
        config,
    ))
}

/// Whether a text can name a room: 1 to 32 of `a-z`, `0-9` and `-`.
pub(crate) fn is_slug(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn set_cookie(name: &str, value: &str, config: &Config) -> String {
    let secure = if config.is_https() { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={LIFETIME}; HttpOnly; SameSite=Strict{secure}")
}

/// Over TLS the name's prefix has browsers refuse a cookie that another host or plain HTTP planted.
fn session_cookie(config: &Config) -> &'static str {
    if config.is_https() {
        "__Host-lorikeet"
    } else {
        "lorikeet"
    }
}

fn login_cookie(config: &Config) -> &'static str {
    if config.is_https() {
        "__Host-lorikeet-login"
    } else {
        "lorikeet-login"
    }
}

fn language_cookie(config: &Config) -> &'static str {
    if config.is_https() {
        "__Host-lorikeet-language"
    } else {
        "lorikeet-language"
    }
}

/// The language that this browser's person chose in a chat.
pub(crate) fn chosen_language<'a>(headers: &'a HeaderMap, config: &Config) -> Option<&'a str> {
    cookie(headers, language_cookie(config)).filter(|tag| is_tag(tag))
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}
