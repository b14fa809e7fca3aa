//! Addresses of pictures and files that work for one person only.
//!
//! A blob's id is the digest of its bytes, which somebody who has the picture can compute. The address therefore
//! carries a keyed hash over the person and the id; it is made when a message is shown, from the message's own
//! blocks, so that whoever holds a valid address was shown it in a room of theirs.

use lorikeet_chat::{BlobId, FileBlock};
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
