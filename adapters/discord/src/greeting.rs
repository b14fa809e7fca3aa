//! The first calls: who the bot is, and what would keep it from working. At the start, and when the configuration is checked.

use lorikeet_platform::DeliveryError;
use reqwest::Method;
use serde::Deserialize;

use crate::api::{Api, Call, Refusal};
use crate::config::{self, Config, Mode};
use crate::interaction::User;

/// What the bot needs on a server, and what the client calls it:
/// <https://discord.com/developers/docs/topics/permissions#permissions-bitwise-permission-flags>.
const NEEDS: [(u64, &str); 5] = [
    (1 << 10, "View Channels"),
    (1 << 11, "Send Messages"),
    (1 << 14, "Embed Links"),
    (1 << 15, "Attach Files"),
    (1 << 16, "Read Message History"),
];
/// Whoever has this may do everything.
const ADMINISTRATOR: u64 = 1 << 3;

/// The bot, as Discord knows it.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) user: User,
    pub(crate) application: String,
    /// What interactions are signed with.
    pub(crate) key: [u8; 32],
}

/// What Discord says of the application: <https://discord.com/developers/docs/resources/application#application-object>.
#[derive(Deserialize)]
struct Application {
    id: String,
    verify_key: String,
    /// Where interactions are brought over HTTP; none where the gateway has them.
    interactions_endpoint_url: Option<String>,
}

/// A server: <https://discord.com/developers/docs/resources/user#get-current-user-guilds>.
#[derive(Deserialize)]
struct Guild {
    id: String,
    /// What the bot may do there, as a number in text; channels may take some of it away.
    permissions: Option<String>,
}

/// Asks who the bot is, so that a wrong token, key or address shows at once.
///
/// # Errors
/// What is wrong, with its key.
pub(crate) async fn introduce(api: &Api, config: &Config) -> Result<Known, DeliveryError> {
    let call = Call::of(Method::GET, "me", "", "/users/@me");
    let user: User = api.call(call).await.map_err(|r| explained(config, r))?;
    let call = Call::of(Method::GET, "application", "", "/applications/@me");
    let application: Application = api.call(call).await.map_err(|r| explained(config, r))?;
    if let Some(id) = &config.application_id
        && *id != application.id
    {
        return Err(DeliveryError::permanent(format!(
            "discord.application_id: the token is of the application {}, not of {id}. Take the right one, or leave it out",
            application.id
        )));
    }
    if let (Mode::Gateway { .. }, Some(endpoint)) =
        (config.mode, &application.interactions_endpoint_url)
    {
        return Err(DeliveryError::permanent(format!(
            "discord.mode: Discord brings this application's interactions to {endpoint}, so that none would come by the gateway. Set the mode to \"http\", or take the \"Interactions Endpoint URL\" out on the page \"General Information\" in the Discord Developer Portal"
        )));
    }
    let known = config::read_key(&application.verify_key);
    let given = config.public_key.as_deref();
    if given.is_some() && given.and_then(config::read_key) != known {
        return Err(DeliveryError::permanent(
            "discord.public_key: that is not the key of this application. It stands on the page \"General Information\" in the Discord Developer Portal; Discord tells it where you leave it out",
        ));
    }
    let key =
        known.ok_or_else(|| DeliveryError::retry("Discord does not say the application's key"))?;
    Ok(Known {
        user,
        application: application.id,
        key,
    })
}

/// A refusal that ends the adapter, in words that say what to do.
pub(crate) fn explained(config: &Config, refusal: Refusal) -> DeliveryError {
    let api = &config.api_url;
    match refusal {
        Refusal::Unauthorized => DeliveryError::permanent(
            "discord.token: Discord does not know this token (it answered 401 Unauthorized). Reset it on the page \"Bot\" of your application in the Discord Developer Portal, and copy the new one",
        ),
        Refusal::Network(why) => {
            DeliveryError::retry(format!("discord.api_url: {api} did not answer: {why}"))
        }
        other => other.into(),
    }
}

/// What would keep the bot from working on single servers, a sentence each: it works everywhere else.
///
/// # Errors
/// When Discord does not answer.
pub(crate) async fn lacking(
    api: &Api,
    config: &Config,
    application: &str,
) -> Result<Vec<String>, Refusal> {
    let call = Call::of(Method::GET, "guilds", "", "/users/@me/guilds");
    let guilds: Vec<Guild> = api.call(call).await?;
    let mut sentences: Vec<String> = guilds.iter().filter_map(missing).collect();
    for guild in &config.guilds {
        let path = format!("/applications/{application}/guilds/{guild}/commands");
        match api
            .tell(Call::of(Method::GET, "commands", guild, path))
            .await
        {
            Ok(()) => {}
            Err(Refusal::Gone(_)) => sentences.push(scope(guild)),
            Err(refusal) => return Err(refusal),
        }
    }
    Ok(sentences)
}

/// What is said of a server whose commands may not be set.
pub(crate) fn scope(guild: &str) -> String {
    format!(
        "discord.guilds: commands cannot be set on the server {guild}: the bot is not there, or it was installed without the scope applications.commands. Open the install link of the page \"Installation\" in the Discord Developer Portal, with the scopes bot and applications.commands"
    )
}

fn missing(guild: &Guild) -> Option<String> {
    let permissions: u64 = guild.permissions.as_ref()?.parse().ok()?;
    if permissions & ADMINISTRATOR != 0 {
        return None;
    }
    let lacks = NEEDS.iter().filter(|(bit, _)| permissions & bit == 0);
    let lacks: Vec<&str> = lacks.map(|(_, name)| *name).collect();
    (!lacks.is_empty()).then(|| {
        format!(
            "discord: on the server {} the bot may not: {}. Give that to its role in the server's settings",
            guild.id,
            lacks.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_role_lacks_is_named() {
        let guild = |permissions: u64| Guild {
            id: "9".to_owned(),
            permissions: Some(permissions.to_string()),
        };
        let all = NEEDS.iter().fold(0, |all, (bit, _)| all | bit);
        assert_eq!(missing(&guild(all)), None);
        assert_eq!(missing(&guild(ADMINISTRATOR)), None);
        let said = missing(&guild(all & !(1 << 14) & !(1 << 15))).unwrap();
        assert!(
            said.contains("may not: Embed Links, Attach Files."),
            "{said}"
        );
    }
}
