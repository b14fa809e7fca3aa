//! Keyed hashes: one construction for everything that must not be guessed or forged.

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

/// HMAC-SHA-256 over the parts, each with its length in front, so that no two lists of parts share one text.
pub(crate) fn mac(key: &str, parts: &[&str]) -> String {
    hex::encode(keyed(key, parts).finalize().into_bytes())
}

/// Whether `tag` is what [`mac`] gives; takes the same time wherever they differ.
pub(crate) fn verify(key: &str, parts: &[&str], tag: &str) -> bool {
    hex::decode(tag).is_ok_and(|tag| keyed(key, parts).verify_slice(&tag).is_ok())
}

/// 256 random bits in hex.
///
/// # Errors
/// When the operating system has no randomness to give.
pub(crate) fn random() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(hex::encode(bytes))
}

fn keyed(key: &str, parts: &[&str]) -> Hmac<Sha256> {
    // A key of the block's size needs no error path; the digest keeps long and short keys apart.
    let mut block = [0; 64];
    block[..32].copy_from_slice(&Sha256::digest(key.as_bytes()));
    let mut mac = <Hmac<Sha256> as hmac::digest::KeyInit>::new(&block.into());
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_and_parts_verify() {
        let tag = mac("key", &["ab", "c"]);
        assert!(verify("key", &["ab", "c"], &tag));
        assert!(!verify("key", &["a", "bc"], &tag));
        assert!(!verify("other", &["ab", "c"], &tag));
        assert!(!verify("key", &["ab", "c"], &tag[..32]));
        assert!(!verify("key", &["ab", "c"], ""));
        assert!(!verify("key", &["ab", "c"], "not hex"));
    }
}
