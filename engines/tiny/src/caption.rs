//! Captions as the network sees them: a bag of hashed words.
//!
//! There is no vocabulary. Each word is the sum of two rows of an embedding table, chosen by two
//! hashes, so that a collision in one still leaves the other: any trigger word, in any script,
//! has an embedding of its own from the start. Order is lost, which a demonstration can bear.

/// Rows of the embedding table.
pub(crate) const BUCKETS: usize = 2048;

/// FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/): short, portable, good on short words.
fn fnv1a(salt: u8, bytes: &[u8]) -> u64 {
    [salt]
        .iter()
        .chain(bytes)
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
}

/// The words of a caption: runs of letters and digits, in lower case.
pub(crate) fn words(caption: &str) -> impl Iterator<Item = String> {
    caption
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

/// The two rows of a word.
fn buckets(word: &str) -> [usize; 2] {
    [1, 2].map(|salt| {
        let hash = fnv1a(salt, word.as_bytes());
        // The low bits of FNV are its weakest, so the high half is folded in.
        ((hash ^ (hash >> 32)) % BUCKETS as u64) as usize
    })
}

/// The weight of each row of the table, so that their sum is the caption's embedding.
///
/// Words are averaged over the square root of their number: the length of the embedding does not
/// then depend on the length of the caption. An empty caption is all zeros.
pub(crate) fn bag(caption: &str) -> Vec<f32> {
    let mut bag = vec![0.0; BUCKETS];
    let words: Vec<_> = words(caption).collect();
    let weight = 1.0 / (words.len().max(1) as f32).sqrt();
    for word in words {
        for bucket in buckets(&word) {
            bag[bucket] += weight;
        }
    }
    bag
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn case_punctuation_and_order_do_not_matter() {
        assert_eq!(bag("A red, round Ball."), bag("ball round a RED"));
        assert_ne!(bag("a red ball"), bag("a blue ball"));
    }

    #[test]
    fn every_script_has_words() {
        assert_eq!(
            words("красный круг-2").collect::<Vec<_>>(),
            ["красный", "круг", "2"]
        );
        assert_ne!(bag("круг"), bag("квадрат"));
    }

    #[test]
    fn an_empty_caption_is_nothing() {
        assert!(bag(" -- ").iter().all(|weight| *weight == 0.0));
    }

    #[test]
    fn a_thousand_words_differ() {
        let pairs: BTreeSet<_> = (0..1000).map(|n| buckets(&format!("word{n}"))).collect();
        assert!(pairs.len() >= 999, "only {} distinct", pairs.len());
    }

    #[test]
    fn hashes_are_those_the_shipped_base_was_trained_with() {
        assert_eq!(buckets("lorikeet"), [343, 209]);
    }
}
