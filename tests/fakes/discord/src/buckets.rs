//! Rates: <https://discord.com/developers/docs/topics/rate-limits>. The numbers are not documented; these were seen.

use std::time::Duration;

use axum::http::HeaderMap;
use tokio::time::Instant;

use crate::world::State;

/// Calls of one kind with one channel or token.
#[derive(Debug)]
pub(crate) struct Bucket {
    left: u32,
    full_at: Instant,
}

/// What a call counts for: its bucket's name, calls at once, and until it is full again.
struct Rate {
    name: &'static str,
    calls: u32,
    every: Duration,
}

fn rate(template: &str) -> Option<Rate> {
    let (name, calls, seconds) = match template {
        "send" => ("80c17d2f203122d936070c88c8d10f33", 5, 5),
        "edit" => ("b1d9a4d6b7ad1b04d2a1b6a4bd6d3c0e", 5, 5),
        "delete" => ("4dc2f9b8b6a1c3d5e7f9a0b1c2d3e4f5", 5, 1),
        "follow up" | "edit answer" => ("7f1a0b2c3d4e5f60718293a4b5c6d7e8", 5, 2),
        _ => return None,
    };
    let every = Duration::from_secs(seconds);
    Some(Rate { name, calls, every })
}

/// Takes a call out of its bucket: what the answer's head says of it.
///
/// # Errors
/// The same, and how many seconds to wait, when there is none left.
pub(crate) fn take(
    state: &mut State,
    template: &'static str,
    major: &str,
) -> Result<HeaderMap, (HeaderMap, f64)> {
    let Some(rate) = rate(template) else {
        return Ok(HeaderMap::new());
    };
    let now = Instant::now();
    let key = (rate.name, major.to_owned());
    let bucket = state.buckets.entry(key).or_insert(Bucket {
        left: rate.calls,
        full_at: now + rate.every,
    });
    if bucket.full_at <= now {
        bucket.left = rate.calls;
        bucket.full_at = now + rate.every;
    }
    let after = (bucket.full_at - now).as_secs_f64();
    let one_too_many = bucket.left == 0;
    bucket.left = bucket.left.saturating_sub(1);
    let mut head = HeaderMap::new();
    for (name, value) in [
        ("x-ratelimit-limit", rate.calls.to_string()),
        ("x-ratelimit-remaining", bucket.left.to_string()),
        ("x-ratelimit-reset-after", format!("{after:.3}")),
        ("x-ratelimit-bucket", rate.name.to_owned()),
    ] {
        if let Ok(value) = value.parse() {
            head.insert(name, value);
        }
    }
    if one_too_many {
        Err((head, after))
    } else {
        Ok(head)
    }
}
