//! Addresses of pictures and files that work for one person only.
//!
//! A blob's id is the digest of its bytes, which somebody who has the picture can compute. The address therefore
//! carries a keyed hash over the person and the id; it is made when a message is shown, from the message's own
//! blocks, so that whoever holds a valid address was shown it in a room of theirs.

use lorikeet_chat::{BlobId, FileBlock, Timestamp};
use lorikeet_renderer_web::{Links, file_name};
use lorikeet_store::{StoreError, Transcript};

use crate::keyed;

/// The transcript room that holds the key. No person's room is called so: theirs contain a dot.
const KEY_ROOM: &str = "signing-key";

/// Signs and checks addresses.
#[derive(Clone)]
pub(crate) struct Signer {
    key: String,
}

impl Signer {
    /// The key all processes share; the first one to start makes it.
    ///
    /// Several may propose one at the same time: the earliest entry counts, for all of them.
    pub(crate) async fn load(transcript: &dyn Transcript) -> Result<Self, StoreError> {
        let earliest = || transcript.changes_since(KEY_ROOM, 0, 1);
        if earliest().await?.is_empty() {
            let unavailable = |error: getrandom::Error| StoreError::Unavailable {
                message: format!("no randomness for a key: {error}"),
                source: None,
            };
            let proposal = keyed::random().map_err(unavailable)?;
            let id = keyed::random().map_err(unavailable)?;
            transcript.put(KEY_ROOM, &id, proposal).await?;
        }
        let entries = earliest().await?;
        let key = entries.into_iter().next().map(|entry| entry.body);
        let key = key.ok_or_else(|| StoreError::Damaged {
            message: "the key that signs addresses of pictures was not kept".to_owned(),
            source: None,
        })?;
        Ok(Self { key })
    }

    /// Addresses for one person.
    pub(crate) fn links<'a>(&'a self, user: &'a str) -> SignedLinks<'a> {
        SignedLinks { signer: self, user }
    }

    /// Whether an address with this signature was made for this person and blob.
    pub(crate) fn allows(&self, user: &str, blob: &BlobId, signature: &str) -> bool {
        keyed::verify(&self.key, &["blob", user, blob.as_str()], signature)
    }

    /// The path of a file for whoever has it, until a time.
    pub(crate) fn shared(&self, file: &FileBlock, until: Timestamp) -> String {
        let (name, until) = (file_name(&file.name), until.millis().to_string());
        let signature = keyed::mac(&self.key, &["shared", file.blob.as_str(), &name, &until]);
        format!("/shared/{}/{until}/{name}?s={signature}", file.blob)
    }

    /// Whether the path of a file, with this name and end, was made here. Whether that end has come is another question.
    pub(crate) fn shares(&self, blob: &BlobId, until: Timestamp, name: &str, tag: &str) -> bool {
        let until = until.millis().to_string();
        keyed::verify(&self.key, &["shared", blob.as_str(), name, &until], tag)
    }

    fn sign(&self, user: &str, blob: &BlobId) -> String {
        keyed::mac(&self.key, &["blob", user, blob.as_str()])
    }
}

/// Addresses for one person.
pub(crate) struct SignedLinks<'a> {
    signer: &'a Signer,
    user: &'a str,
}

impl Links for SignedLinks<'_> {
    fn picture(&self, blob: &BlobId) -> String {
        format!("/blob/{blob}?s={}", self.signer.sign(self.user, blob))
    }

    fn file(&self, file: &FileBlock) -> String {
        let signature = self.signer.sign(self.user, &file.blob);
        format!(
            "/file/{}/{}?s={signature}",
            file.blob,
            file_name(&file.name)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_shared_is_shared() {
        let signer = Signer {
            key: "key".to_owned(),
        };
        let file = FileBlock {
            blob: BlobId::from_digest([7; 32]),
            name: "my cat.safetensors".to_owned(),
            size: 1,
        };
        let until = Timestamp::from_millis(5_000);
        let path = signer.shared(&file, until);
        let (path, tag) = path.split_once("?s=").unwrap();
        let name = path.rsplit('/').next().unwrap();
        assert!(signer.shares(&file.blob, until, name, tag));
        let later = Timestamp::from_millis(5_001);
        assert!(!signer.shares(&file.blob, later, name, tag));
        assert!(!signer.shares(&file.blob, until, "other", tag));
        assert!(!signer.shares(&BlobId::from_digest([8; 32]), until, name, tag));
        let other = Signer {
            key: "other".to_owned(),
        };
        assert!(!other.shares(&file.blob, until, name, tag));
    }
}
