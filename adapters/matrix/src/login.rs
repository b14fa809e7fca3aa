//! Logging in: one device, kept over restarts, that the account's other devices trust.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use lorikeet_platform::DeliveryError;
use matrix_sdk::authentication::matrix::MatrixSession;
use matrix_sdk::config::RequestConfig;
use matrix_sdk::encryption::recovery::RecoveryState;
use matrix_sdk::encryption::{BackupDownloadStrategy, EncryptionSettings};
use matrix_sdk::reqwest::RequestBuilder;
use matrix_sdk::ruma::api::client::uiaa::{AuthData, Password, UserIdentifier};
use matrix_sdk::store::{RoomLoadSettings, StateStoreDataKey};
use matrix_sdk::{Client, ClientBuildError, SessionMeta, SessionTokens};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::refusal::Refusal;
use crate::{Config, Login, TIMEOUT};

/// What the process that writes the keys holds.
const LOCK: &str = "lock";
/// Says whether the keys are encrypted.
const SEALED: &str = "sealed";
/// Between two looks whether it is free.
const PAUSE: Duration = Duration::from_millis(250);
/// Where the login is kept, among the keys.
const SESSION: &[u8] = b"lorikeet.session";
/// What gives another device the account's keys, in the directory of the keys.
pub(crate) const RECOVERY: &str = "recovery-key.txt";

/// Whom an access token is of. <https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3accountwhoami>
#[derive(Deserialize)]
struct WhoAmI {
    user_id: String,
    device_id: Option<String>,
}

/// Logs in, as the device of before where there is one.
///
/// # Errors
/// What keeps it from that, and what to do; worth a repeat where the homeserver cannot be reached.
pub(crate) async fn login(
    config: &Config,
    http: &matrix_sdk::reqwest::Client,
) -> Result<Client, DeliveryError> {
    let client = client(config).await?;
    let store = client.state_store();
    let unreadable = |_| unreadable(config);
    let kept = store.get_custom_value(SESSION).await.map_err(unreadable)?;
    let kept: Option<MatrixSession> = kept.and_then(|kept| serde_json::from_slice(&kept).ok());
    let kept = kept.filter(|kept| kept.meta.user_id == config.user.as_str());
    // The SDK would skip what comes after its own token: it is the bookmark in the store that says where to go on.
    let removed = store.remove_kv_data(StateStoreDataKey::SyncToken).await;
    removed.map_err(unreadable)?;
    let session = match (&config.login, kept) {
        (Login::Password(_), Some(kept)) => Some(kept),
        (Login::Token(token), kept) => Some(by_token(config, http, token.reveal(), kept).await?),
        (Login::Password(_), None) => None,
    };
    match (session, &config.login) {
        (Some(session), _) => {
            keep(config, &client, &session).await?;
            let auth = client.matrix_auth();
            let restored = auth.restore_session(session, RoomLoadSettings::default());
            restored.await.map_err(|error| failed(config, &error))?;
        }
        (None, Login::Password(password)) => {
            let auth = client.matrix_auth();
            let login = auth
                .login_username(&config.user, password.reveal())
                .initial_device_display_name(&config.device_name);
            login.send().await.map_err(|error| failed(config, &error))?;
            tracing::info!("logged in to Matrix as a new device");
        }
        (None, Login::Token(_)) => {}
    }
    if let Some(session) = client.matrix_auth().session() {
        keep(config, &client, &session).await?;
    }
    Ok(client)
}

/// Writes down whose the keys are.
async fn keep(
    config: &Config,
    client: &Client,
    session: &MatrixSession,
) -> Result<(), DeliveryError> {
    let session = serde_json::to_vec(session).unwrap_or_default();
    let kept = client.state_store().set_custom_value(SESSION, session);
    kept.await.map(drop).map_err(|_| unreadable(config))
}

/// A client with its store, which knows nobody yet.
async fn client(config: &Config) -> Result<Client, DeliveryError> {
    sealed(config)?;
    let passphrase = config.store_passphrase.reveal();
    let built = Client::builder()
        .homeserver_url(&config.homeserver)
        .sqlite_store(
            &config.directory,
            (!passphrase.is_empty()).then_some(passphrase),
        )
        .with_encryption_settings(EncryptionSettings {
            auto_enable_cross_signing: false,
            backup_download_strategy: BackupDownloadStrategy::AfterDecryptionFailure,
            auto_enable_backups: false,
        })
        // What is worth a repeat is repeated by who asked, which knows more.
        .request_config(RequestConfig::new().timeout(TIMEOUT).disable_retry())
        .build()
        .await;
    built.map_err(|error| match error {
        ClientBuildError::SqliteStore(_) => unreadable(config),
        _ => DeliveryError::retry(format!(
            "matrix.homeserver: {} does not answer as a Matrix homeserver; it is tried again",
            config.homeserver
        )),
    })
}

/// Makes sure that the keys are opened the way they were made. The SDK would find nothing in what it opens the other way, and
/// the bot would log in once more.
fn sealed(config: &Config) -> Result<(), DeliveryError> {
    let file = config.directory.join(SEALED);
    let now = if config.store_passphrase.reveal().is_empty() {
        "no"
    } else {
        "yes"
    };
    match std::fs::read_to_string(&file) {
        Ok(then) if then.trim() == now => Ok(()),
        Ok(_) => Err(unreadable(config)),
        Err(_) => write_private(&file, now).map_err(|error| unwritable(config, &error)),
    }
}

fn unwritable(config: &Config, error: &std::io::Error) -> DeliveryError {
    DeliveryError::permanent(format!(
        "matrix.directory: {} cannot be written: {error}",
        config.directory.display()
    ))
}

fn unreadable(config: &Config) -> DeliveryError {
    DeliveryError::permanent(format!(
        "matrix.directory: the keys in {} cannot be read. Is matrix.store_passphrase another than when they were written? If the keys are lost, empty the directory: the bot logs in as a new device, and matrix.recovery_key gives it the keys of before",
        config.directory.display()
    ))
}

fn failed(config: &Config, error: &matrix_sdk::Error) -> DeliveryError {
    if !matches!(error, matrix_sdk::Error::Http(_)) {
        return unreadable(config);
    }
    match Refusal::of(error) {
        Refusal::Forbidden(_) => DeliveryError::permanent(format!(
            "matrix.password: {} does not take it for {}. Check both; the password is the account's own, not the recovery key",
            config.homeserver, config.user
        )),
        Refusal::Later(_) => unreached(config),
        refusal => DeliveryError::from(refusal),
    }
}

fn unreached(config: &Config) -> DeliveryError {
    DeliveryError::retry(format!(
        "matrix.homeserver: {} cannot be reached; it is tried again",
        config.homeserver
    ))
}

/// The login that a token stands for. It is of one device, whose keys have to be the ones that are here.
async fn by_token(
    config: &Config,
    http: &matrix_sdk::reqwest::Client,
    token: &str,
    kept: Option<MatrixSession>,
) -> Result<MatrixSession, DeliveryError> {
    let root = config.homeserver.trim_end_matches('/');
    let ask = |request: RequestBuilder| async {
        let unreached = || unreached(config);
        let asked = request.bearer_auth(token).timeout(TIMEOUT).send().await;
        let answer = asked.map_err(|_| unreached())?;
        if answer.status().as_u16() == 401 {
            return Err(revoked("matrix.token"));
        }
        let body = answer.bytes().await.map_err(|_| unreached())?;
        serde_json::from_slice::<Value>(&body).map_err(|_| unreached())
    };
    let who = ask(http.get(format!("{root}/_matrix/client/v3/account/whoami"))).await?;
    let who: WhoAmI = serde_json::from_value(who)
        .map_err(|_| DeliveryError::retry("the homeserver does not say whose matrix.token is"))?;
    if who.user_id != config.user {
        return Err(DeliveryError::permanent(format!(
            "matrix.token: it is {}’s and not {}’s; take the one of the account in matrix.user",
            who.user_id, config.user
        )));
    }
    let device = who.device_id.ok_or_else(|| {
        DeliveryError::permanent("matrix.token: it is of no device, so that nothing could be encrypted; log in with matrix.password")
    })?;
    match kept {
        Some(kept) if kept.meta.device_id == device.as_str() => {}
        Some(_) => {
            return Err(DeliveryError::permanent(format!(
                "matrix.token: it is another device’s than the keys in {}. Give the token of before, or empty the directory",
                config.directory.display()
            )));
        }
        None => {
            // Others would not believe a device that has other keys than before.
            let body = json!({ "device_keys": { &config.user: [&device] } }).to_string();
            let asked = http
                .post(format!("{root}/_matrix/client/v3/keys/query"))
                .body(body);
            let known = ask(asked).await?;
            if known["device_keys"][&config.user][&device].is_object() {
                return Err(DeliveryError::permanent(format!(
                    "matrix.token: its session has keys, and they are not in {}. Put that directory back; or give the token of a session that was never used, or matrix.password, and matrix.recovery_key, with which the new session reads what the old one could",
                    config.directory.display()
                )));
            }
        }
    }
    let user_id = matrix_sdk::ruma::UserId::parse(&config.user)
        .map_err(|_| DeliveryError::permanent("matrix.user: that is not a user id"))?;
    Ok(MatrixSession {
        meta: SessionMeta {
            user_id,
            device_id: device.into(),
        },
        tokens: SessionTokens {
            access_token: token.to_owned(),
            refresh_token: None,
        },
    })
}

/// What is said once the homeserver does not know the device any more.
pub(crate) fn revoked(key: &str) -> DeliveryError {
    DeliveryError::permanent(format!(
        "{key}: the homeserver has logged the bot out. Log in anew: give another matrix.token, or matrix.password, and empty matrix.directory but for {RECOVERY}, with which the new device reads what the old one could. Nothing else is lost"
    ))
}

/// Makes the device one that others trust: the account's own keys sign it. What comes of it is said; the bot works without.
pub(crate) async fn trust(config: &Config, client: &Client) {
    let encryption = client.encryption();
    encryption.wait_for_e2ee_initialization_tasks().await;
    let file = config.directory.join(RECOVERY);
    let kept = std::fs::read_to_string(&file).ok();
    let given = config
        .recovery_key
        .as_ref()
        .map(|key| key.reveal().to_owned());
    let status = encryption.cross_signing_status().await;
    if status.is_some_and(|status| status.is_complete()) {
        return;
    }
    if let Some(key) = given.or(kept) {
        match encryption.recovery().recover(key.trim()).await {
            Ok(()) => tracing::info!("the account's keys are here again"),
            Err(_) => tracing::warn!(
                "matrix.recovery_key: it does not open this account's keys; what was encrypted before stays unread, and others are warned of the bot's device"
            ),
        }
        return;
    }
    let auth = match &config.login {
        Login::Password(password) => Some(AuthData::Password(Password::new(
            UserIdentifier::Matrix(
                matrix_sdk::ruma::api::client::uiaa::MatrixUserIdentifier::new(config.user.clone()),
            ),
            password.reveal().to_owned(),
        ))),
        Login::Token(_) => None,
    };
    match encryption.bootstrap_cross_signing_if_needed(auth).await {
        Ok(()) => {}
        Err(_) => {
            tracing::warn!(
                "the bot's device could not be signed; others are warned of it. With matrix.password it can sign itself"
            );
            return;
        }
    }
    let status = encryption.cross_signing_status().await;
    if !status.is_some_and(|status| status.is_complete()) {
        tracing::warn!(
            "this is a new device of an account that has others: set matrix.recovery_key, or what was encrypted before stays unread, and others are warned of it"
        );
        return;
    }
    if encryption.recovery().state() == RecoveryState::Enabled {
        return;
    }
    match encryption.recovery().enable().await {
        Ok(key) => match write_private(&file, &key) {
            Ok(()) => tracing::info!(
                file = %file.display(),
                "the recovery key of the bot's account was written; keep a copy elsewhere"
            ),
            Err(error) => tracing::warn!(%error, "the recovery key could not be written"),
        },
        Err(_) => tracing::warn!(
            "the account's keys could not be backed up; it is tried again at the next start"
        ),
    }
}

/// Waits until this process is the only one that writes the keys: as long as what this gives lives. A process that was stopped for
/// longer than it leads goes on to write what it had begun; only once it is dead, or has seen that it leads no more, are they free.
pub(crate) async fn own_keys(config: &Config) -> Result<File, DeliveryError> {
    make_private(&config.directory)?;
    let file = File::create(config.directory.join(LOCK));
    let file = file.map_err(|error| unwritable(config, &error))?;
    let mut said = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(unwritable(config, &error)),
            Err(TryLockError::WouldBlock) => {}
        }
        if !said {
            tracing::info!("another process still has the keys of Matrix; waiting for it");
            said = true;
        }
        sleep(PAUSE).await;
    }
}

fn make_private(directory: &Path) -> Result<(), DeliveryError> {
    let made = std::fs::create_dir_all(directory);
    #[cfg(unix)]
    let made = made.and_then(|()| {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o700))
    });
    made.map_err(|error| {
        DeliveryError::permanent(format!(
            "matrix.directory: {} cannot be made: {error}",
            directory.display()
        ))
    })
}

fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    writeln!(options.open(file)?, "{text}")
}
