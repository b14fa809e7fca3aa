//! Where Redis is: `[store] url`.

use redis::cluster::ClusterClientBuilder;
use redis::sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType};
use redis::{Client, ConnectionInfo, IntoConnectionInfo as _, RedisError, TlsMode};

use crate::OpenError;
use crate::link::CONNECT;

/// Who to ask for a connection.
pub(crate) enum Source {
    /// One server.
    Single(Client),
    /// Whichever server the Sentinels call the primary.
    Sentinel(tokio::sync::Mutex<SentinelClient>),
    /// A cluster, by some of its nodes.
    Cluster(redis::cluster::ClusterClient, Vec<ConnectionInfo>),
}

/// A source, and what to call it in messages: hosts and database, never a user or password.
pub(crate) struct Address {
    pub(crate) source: Source,
    pub(crate) place: String,
}

/// The forms people may write.
const FORMS: &str = "redis://host:6379/0, redis+sentinel://host:26379,host:26379/primary/0 or \
                     redis+cluster://host:6379,host:6379 (rediss… for TLS; user:password@ before the hosts)";

/// Whether a URL names Redis at all.
pub fn is_redis(url: &str) -> bool {
    let scheme = url.split(':').next().unwrap_or_default();
    let scheme = scheme.split('+').next().unwrap_or_default();
    matches!(scheme, "redis" | "rediss")
}

/// A URL taken apart. Several hosts make it none of the standard's.
struct Parts<'a> {
    scheme: &'a str,
    mode: &'a str,
    credentials: &'a str,
    hosts: Vec<&'a str>,
    path: Vec<&'a str>,
    query: &'a str,
}

impl Parts<'_> {
    fn of(url: &str) -> Option<Parts<'_>> {
        let (scheme, rest) = url.split_once("://")?;
        let (scheme, mode) = scheme.split_once('+').unwrap_or((scheme, ""));
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (credentials, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
        let known = matches!(scheme, "redis" | "rediss") && !hosts.is_empty();
        known.then(|| Parts {
            scheme,
            mode,
            credentials,
            hosts: hosts.split(',').collect(),
            path: path.split('/').filter(|part| !part.is_empty()).collect(),
            query,
        })
    }

    /// One host's address; the redis crate reads the rest.
    fn node(&self, host: &str, with_credentials: bool) -> Result<ConnectionInfo, RedisError> {
        let credentials = match self.credentials {
            credentials if with_credentials && !credentials.is_empty() => format!("{credentials}@"),
            _ => String::new(),
        };
        format!("{}://{credentials}{host}", self.scheme).into_connection_info()
    }

    fn asked(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(self.query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }
}

/// Reads a URL. Nothing is connected yet.
///
/// # Errors
/// When it is none of ours; the sentence shows the forms, never what was written (there may be a password in it).
pub(crate) fn parse(url: &str) -> Result<Address, OpenError> {
    let odd = || OpenError::fatal(format!("this is no address of a Redis; write {FORMS}"));
    let parts = Parts::of(url).ok_or_else(odd)?;
    let hosts = parts.hosts.join(",");
    // The redis crate's own sentence may quote the URL.
    let built = match parts.mode {
        "" if parts.hosts.len() == 1 && parts.path.len() <= 1 => single(&parts),
        "sentinel" if (1..=2).contains(&parts.path.len()) => sentinel(&parts),
        "cluster" if parts.path.is_empty() => cluster(&parts),
        _ => return Err(odd()),
    };
    let source = built.map_err(|_| odd())?;
    let path = parts.path.join("/");
    Ok(Address {
        source,
        place: if path.is_empty() {
            hosts
        } else {
            format!("{hosts}/{path}")
        },
    })
}

fn database(part: Option<&&str>) -> Result<i64, RedisError> {
    let Some(part) = part else { return Ok(0) };
    let invalid = (redis::ErrorKind::InvalidClientConfig, "no database number");
    part.parse().map_err(|_| RedisError::from(invalid))
}

fn single(parts: &Parts<'_>) -> Result<Source, RedisError> {
    let host = parts.hosts.first().copied().unwrap_or_default();
    let node = parts.node(host, true)?;
    let settings = node.redis_settings().clone();
    let settings = settings.set_db(database(parts.path.first())?);
    let node = node.set_redis_settings(settings);
    Ok(Source::Single(Client::open(node)?))
}

fn sentinel(parts: &Parts<'_>) -> Result<Source, RedisError> {
    let nodes: Vec<ConnectionInfo> = parts
        .hosts
        .iter()
        .map(|host| {
            let host = if host.contains(':') {
                (*host).to_owned()
            } else {
                format!("{host}:26379")
            };
            parts.node(&host, true)
        })
        .collect::<Result<_, _>>()?;
    let primary = parts.path.first().copied().unwrap_or_default();
    let addresses = nodes.iter().map(|node| node.addr().clone());
    let mut builder = SentinelClientBuilder::new(addresses, primary, SentinelServerType::Master)?
        .set_client_to_redis_db(database(parts.path.get(1))?);
    if let Some(settings) = nodes.first().map(ConnectionInfo::redis_settings) {
        if let Some(user) = settings.username() {
            builder = builder.set_client_to_redis_username(user);
        }
        if let Some(password) = settings.password() {
            builder = builder.set_client_to_redis_password(password);
        }
    }
    // The Sentinels may have a user of their own.
    if let Some(user) = parts.asked("sentinel_user") {
        builder = builder.set_client_to_sentinel_username(user);
    }
    if let Some(password) = parts.asked("sentinel_password") {
        builder = builder.set_client_to_sentinel_password(password);
    }
    if parts.scheme == "rediss" {
        builder = builder
            .set_client_to_redis_tls_mode(TlsMode::Secure)
            .set_client_to_sentinel_tls_mode(TlsMode::Secure);
    }
    Ok(Source::Sentinel(tokio::sync::Mutex::new(builder.build()?)))
}

fn cluster(parts: &Parts<'_>) -> Result<Source, RedisError> {
    let nodes: Vec<ConnectionInfo> = parts
        .hosts
        .iter()
        .map(|host| parts.node(host, true))
        .collect::<Result<_, _>>()?;
    let builder = ClusterClientBuilder::new(nodes.clone())
        .connection_timeout(CONNECT)
        // A slot that moves is followed within the call; longer troubles are the caller's to repeat.
        .retries(3)
        .min_retry_wait(50)
        .max_retry_wait(500);
    Ok(Source::Cluster(builder.build()?, nodes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(url: &str) -> Option<String> {
        parse(url).ok().map(|address| address.place)
    }

    #[test]
    fn every_form_is_read() {
        assert_eq!(place("redis://localhost"), Some("localhost".to_owned()));
        assert_eq!(
            place("redis://bot:secret@host:7000/3"),
            Some("host:7000/3".to_owned())
        );
        assert_eq!(
            place("redis+sentinel://:secret@a,b:26380/main/1?sentinel_password=x"),
            Some("a,b:26380/main/1".to_owned())
        );
        assert_eq!(place("redis+cluster://a:1,b:2"), Some("a:1,b:2".to_owned()));
    }

    #[test]
    fn what_is_no_address_is_refused_without_quoting_it() {
        for url in [
            "redis://",
            "redis://:hunter2@host:port",
            "redis://:hunter2@a,b",
            "redis://:hunter2@host/x",
            "redis+sentinel://:hunter2@a",
            "redis+cluster://:hunter2@a/1",
            "redis+raft://:hunter2@a",
            "mysql://:hunter2@a",
        ] {
            let Err(error) = parse(url) else {
                unreachable!("{url} is taken");
            };
            assert!(!error.message.contains("hunter2"), "{}", error.message);
            assert!(error.message.contains("redis+sentinel://"));
        }
    }

    #[test]
    fn redis_is_told_from_the_rest() {
        assert!(is_redis("rediss+cluster://a"));
        assert!(!is_redis("sqlite:data/lorikeet.db"));
        assert!(!is_redis("redisx://a"));
    }
}
