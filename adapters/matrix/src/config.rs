//! What an operator can set.

use std::path::PathBuf;

use lorikeet_platform::Secret;
use url::Url;

/// How the adapter works.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the homeserver's client API is, without `/_matrix`.
    pub homeserver: String,
    /// The bot's account: `@lorikeet:example.org`.
    pub user: String,
    /// How it proves who it is.
    pub login: Login,
    /// What its device is called among the account's sessions.
    pub device_name: String,
    /// Where the keys of encrypted rooms are kept. Who loses it loses what was written there.
    pub directory: PathBuf,
    /// What the kept keys are encrypted with; as they are when empty.
    pub store_passphrase: Secret,
    /// What gives a new device the account's keys; none where it has none yet.
    pub recovery_key: Option<Secret>,
    /// What stands before a command.
    pub prefix: String,
    /// Whether a choice of one comes as a poll, too.
    pub polls: bool,
    /// Rooms it answers in and follows an invitation to, by id; any when empty.
    pub rooms: Vec<String>,
    /// People it answers and whose invitations it follows, as `@ada:example.org`, or `*:example.org` for all of a server; anybody
    /// when empty.
    pub users: Vec<String>,
}

/// How the bot proves who it is.
#[derive(Clone, Debug)]
pub enum Login {
    /// By the account's password: makes one device, and keeps it.
    Password(Secret),
    /// As a device that was logged in elsewhere.
    Token(Secret),
}

/// Something that cannot work; the sentence names the key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub(crate) String);

impl Config {
    /// Looks for what cannot work.
    ///
    /// # Errors
    /// The first key that is wrong, and how it should be.
    pub fn check(&self) -> Result<(), ConfigError> {
        let wrong = |sentence: String| Err(ConfigError(sentence));
        let url = Url::parse(&self.homeserver).ok();
        let web = url.filter(|url| ["http", "https"].contains(&url.scheme()) && url.has_host());
        if web.is_none_or(|url| url.path() != "/") {
            return wrong(format!(
                "matrix.homeserver: `{}` is not the address of a homeserver, such as https://matrix.example.org",
                self.homeserver
            ));
        }
        if !is_user(&self.user) {
            return wrong(format!(
                "matrix.user: `{}` is not a user id, such as @lorikeet:example.org",
                self.user
            ));
        }
        let (Login::Password(secret) | Login::Token(secret)) = &self.login;
        if secret.reveal().trim().is_empty() {
            return wrong(
                "matrix.password: the bot cannot log in without it; set it, or matrix.token"
                    .to_owned(),
            );
        }
        let signs = |c: char| c.is_alphanumeric() || c.is_whitespace() || c.is_control();
        if self.prefix.is_empty() || self.prefix.chars().count() > 5 || self.prefix.contains(signs)
        {
            return wrong(format!(
                "matrix.prefix: `{}` cannot stand before a command; take one to five signs, such as !",
                self.prefix
            ));
        }
        if let Some(room) = self.rooms.iter().find(|room| !room.starts_with('!')) {
            return wrong(format!(
                "matrix.rooms: `{room}` is not the id of a room, which begins with !; clients show it in the room's settings"
            ));
        }
        let all_of = |user: &str| {
            user.strip_prefix("*:")
                .is_some_and(|server| !server.is_empty())
        };
        if let Some(user) = self
            .users
            .iter()
            .find(|user| !is_user(user) && !all_of(user))
        {
            return wrong(format!(
                "matrix.users: `{user}` is neither a user id, such as @ada:example.org, nor all of a server, such as *:example.org"
            ));
        }
        Ok(())
    }

    /// Whether a person may talk to the bot.
    pub(crate) fn allows(&self, user: &str) -> bool {
        let server = |user: &str| user.split_once(':').map(|(_, server)| server.to_owned());
        self.users.is_empty()
            || self
                .users
                .iter()
                .any(|allowed| match allowed.strip_prefix("*:") {
                    Some(all) => server(user).as_deref() == Some(all),
                    None => allowed == user,
                })
    }

    /// Whether it may be talked to in a room.
    pub(crate) fn allows_room(&self, room: &str) -> bool {
        self.rooms.is_empty() || self.rooms.iter().any(|allowed| allowed == room)
    }
}

fn is_user(text: &str) -> bool {
    let named = text.strip_prefix('@').and_then(|rest| rest.split_once(':'));
    named.is_some_and(|(name, server)| !name.is_empty() && !server.is_empty())
        && !text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        Config {
            homeserver: "https://matrix.example.org".to_owned(),
            user: "@lorikeet:example.org".to_owned(),
            login: Login::Password(Secret::new("secret")),
            device_name: "Lorikeet".to_owned(),
            directory: PathBuf::from("data/matrix"),
            store_passphrase: Secret::new(""),
            recovery_key: None,
            prefix: "!".to_owned(),
            polls: false,
            rooms: Vec::new(),
            users: Vec::new(),
        }
    }

    #[test]
    fn what_cannot_work_is_named() {
        assert_eq!(config().check(), Ok(()));
        type Change = fn(&mut Config);
        let cases: [(Change, &str); 9] = [
            (
                |c| c.homeserver = "matrix.example.org".to_owned(),
                "matrix.homeserver",
            ),
            (
                |c| c.homeserver = "https://example.org/_matrix".to_owned(),
                "matrix.homeserver",
            ),
            (|c| c.user = "lorikeet".to_owned(), "matrix.user"),
            (
                |c| c.login = Login::Token(Secret::new(" ")),
                "matrix.password",
            ),
            (|c| c.prefix = String::new(), "matrix.prefix"),
            (|c| c.prefix = "a".to_owned(), "matrix.prefix"),
            (
                |c| c.rooms = vec!["#art:example.org".to_owned()],
                "matrix.rooms",
            ),
            (|c| c.users = vec!["ada".to_owned()], "matrix.users"),
            (|c| c.users = vec!["*:".to_owned()], "matrix.users"),
        ];
        for (change, key) in cases {
            let mut config = config();
            change(&mut config);
            let error = config.check().unwrap_err().to_string();
            assert!(error.starts_with(&format!("{key}: ")), "{error}");
        }
    }

    #[test]
    fn people_and_rooms_are_allowed_by_name_or_all() {
        let mut config = config();
        assert!(config.allows("@ada:example.org") && config.allows_room("!any"));
        config.users = vec!["@ada:one.org".to_owned(), "*:two.org".to_owned()];
        config.rooms = vec!["!here".to_owned()];
        for (user, allowed) in [
            ("@ada:one.org", true),
            ("@bob:one.org", false),
            ("@bob:two.org", true),
            ("@bob:not-two.org", false),
            ("@two.org:three.org", false),
        ] {
            assert_eq!(config.allows(user), allowed, "{user}");
        }
        assert!(config.allows_room("!here") && !config.allows_room("!there"));
    }
}
