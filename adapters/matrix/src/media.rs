//! Files: what people send is fetched in pieces, and decrypted once all of it is there and is what it should be.

use std::fmt;
use std::io::{Cursor, Read as _};
use std::str::FromStr;
use std::time::Duration;

use bytes::Bytes;
use futures::{StreamExt as _, stream};
use lorikeet_chat::MediaSource;
use lorikeet_platform::{DeliveryError, MediaStream};
use matrix_sdk::Client;
use matrix_sdk::encryption::MediaEncryptionInfo;
use matrix_sdk::reqwest::StatusCode;
use matrix_sdk_base::crypto::AttachmentDecryptor;
use serde_json::{Value, json};

use crate::Shared;

/// How long the next bytes may take.
pub(crate) const BYTES: Duration = Duration::from_secs(60);
/// Bytes of an encrypted file at most, whatever a server allows: it is in memory as a whole.
const MOST: u64 = 256 << 20;

/// Where a file is, and how it is encrypted if it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// `mxc://server/id`. <https://spec.matrix.org/v1.19/client-server-api/#matrix-content-mxc-uris>
    mxc: String,
    cipher: Option<Cipher>,
}

/// Key, counter and hash in unpadded base64.
/// <https://spec.matrix.org/v1.19/client-server-api/#sending-encrypted-attachments>
#[derive(Clone, PartialEq, Eq)]
struct Cipher {
    key: String,
    iv: String,
    sha256: String,
}

impl fmt::Debug for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl Source {
    /// Of a message with a file; none where it does not say.
    pub(crate) fn of(content: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let file = &content["file"];
        let source = if file.is_object() {
            let cipher = Cipher {
                key: text(&file["key"]["k"])?,
                iv: text(&file["iv"])?,
                sha256: text(&file["hashes"]["sha256"])?,
            };
            Self {
                mxc: text(&file["url"])?,
                cipher: Some(cipher),
            }
        } else {
            Self {
                mxc: text(&content["url"])?,
                cipher: None,
            }
        };
        source.parts().is_some().then_some(source)
    }

    /// Server and id.
    fn parts(&self) -> Option<(&str, &str)> {
        let (server, id) = self.mxc.strip_prefix("mxc://")?.split_once('/')?;
        let plain = |text: &str, more: &str| {
            !text.is_empty()
                && text
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || more.contains(c))
        };
        (plain(server, ".-:[]") && plain(id, "-_")).then_some((server, id))
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cipher {
            Some(Cipher { key, iv, sha256 }) => write!(f, "{key} {iv} {sha256} {}", self.mxc),
            None => f.write_str(&self.mxc),
        }
    }
}

impl FromStr for Source {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let words: Vec<&str> = text.split(' ').collect();
        let source = match words[..] {
            [mxc] => Self {
                mxc: mxc.to_owned(),
                cipher: None,
            },
            [key, iv, sha256, mxc] => Self {
                mxc: mxc.to_owned(),
                cipher: Some(Cipher {
                    key: key.to_owned(),
                    iv: iv.to_owned(),
                    sha256: sha256.to_owned(),
                }),
            },
            _ => return Err(()),
        };
        source.parts().map(|_| source.clone()).ok_or(())
    }
}

impl Shared {
    /// Opens a file that somebody sent.
    pub(crate) async fn open(&self, source: &MediaSource) -> Result<MediaStream, DeliveryError> {
        let source: Source = source
            .as_str()
            .parse()
            .map_err(|()| DeliveryError::permanent("a file that is not with Matrix"))?;
        let client = self.device()?.client.clone();
        let answer = self.fetch(&client, &source).await?;
        let broken = || DeliveryError::retry("the file's line to the homeserver broke");
        let Some(cipher) = source.cipher else {
            let pieces = answer.bytes_stream();
            return Ok(pieces.map(move |piece| piece.map_err(|_| broken())).boxed());
        };
        let mut pieces = answer.bytes_stream();
        let mut all = Vec::new();
        while let Some(piece) = pieces.next().await {
            all.extend_from_slice(&piece.map_err(|_| broken())?);
            if all.len() as u64 > MOST {
                return Err(DeliveryError::permanent("the file is too large"));
            }
        }
        let opened = tokio::task::spawn_blocking(move || decrypted(all, &cipher)).await;
        let bytes = opened.map_err(|_| broken())??;
        Ok(stream::iter([Ok(bytes)]).boxed())
    }

    async fn fetch(
        &self,
        client: &Client,
        source: &Source,
    ) -> Result<matrix_sdk::reqwest::Response, DeliveryError> {
        let (server, id) = source.parts().unwrap_or_default();
        let mut url = client.homeserver();
        url.set_path(&format!("/_matrix/client/v1/media/download/{server}/{id}"));
        let token = client.access_token().unwrap_or_default();
        let asked = self.http.get(url).bearer_auth(token);
        // Not the error's own words: they may say more than what went wrong.
        let asked = asked.send().await;
        let answer = asked.map_err(|_| DeliveryError::retry("the homeserver cannot be reached"))?;
        match answer.status() {
            status if status.is_success() => Ok(answer),
            StatusCode::NOT_FOUND | StatusCode::FORBIDDEN | StatusCode::GONE => {
                Err(DeliveryError::permanent("the file is not there any more"))
            }
            _ => Err(DeliveryError::retry(
                "the homeserver does not give the file",
            )),
        }
    }
}

/// Decrypts a file, and makes sure that it is what its message spoke of.
fn decrypted(bytes: Vec<u8>, cipher: &Cipher) -> Result<Bytes, DeliveryError> {
    let wrong = || DeliveryError::permanent("the file is not what its message says");
    let info = json!({
        "v": "v2",
        "key": { "kty": "oct", "key_ops": ["encrypt", "decrypt"], "alg": "A256CTR", "ext": true, "k": cipher.key },
        "iv": cipher.iv,
        "hashes": { "sha256": cipher.sha256 },
    });
    let info: MediaEncryptionInfo = serde_json::from_value(info).map_err(|_| wrong())?;
    let mut read = Cursor::new(bytes);
    let mut decryptor = AttachmentDecryptor::new(&mut read, info).map_err(|_| wrong())?;
    let mut clear = Vec::new();
    decryptor.read_to_end(&mut clear).map_err(|_| wrong())?;
    Ok(Bytes::from(clear))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_read_back() {
        let plain = json!({ "url": "mxc://example.org/aBc-_1" });
        let locked = json!({ "file": {
            "url": "mxc://example.org:8448/abc", "key": { "k": "a" }, "iv": "b", "hashes": { "sha256": "c" },
        }});
        for content in [plain, locked] {
            let source = Source::of(&content).unwrap();
            assert_eq!(source.to_string().parse(), Ok(source.clone()));
            assert!(
                !format!("{source:?}").contains('"')
                    || source.cipher.is_none()
                    || !format!("{source:?}").contains("\"a\"")
            );
        }
        for odd in [
            json!({}),
            json!({ "url": "https://example.org/a" }),
            json!({ "url": "mxc://example.org/../a" }),
            json!({ "url": "mxc://example.org/" }),
            json!({ "url": "mxc://example.org/a b" }),
            json!({ "file": { "url": "mxc://example.org/a" } }),
        ] {
            assert_eq!(Source::of(&odd), None, "{odd}");
        }
    }
}
