//! The bot's own events on their way back: who answers before the room has one cannot have seen it.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// Events that are remembered: those of the last few seconds matter.
const MOST: usize = 2_000;
/// After so long an event has come back, whether or not that was heard: it may stand in a gap that nobody reads.
const LONGEST: Duration = Duration::from_secs(60);

/// Events of the bot's, and whether the room has them.
#[derive(Debug, Default)]
pub(crate) struct Echoes {
    /// Not heard yet, and since when they are known.
    waiting: VecDeque<(String, Instant)>,
    /// Heard. One that is sent again is still heard.
    heard: VecDeque<String>,
}

impl Echoes {
    /// There is such an event: it was sent, or stands further on in what is read.
    pub(crate) fn expect(&mut self, event: &str, now: Instant) {
        if !self.knows(event) {
            push(&mut self.waiting, (event.to_owned(), now));
        }
    }

    /// An event came in its place among those of the room.
    pub(crate) fn heard(&mut self, event: &str) {
        self.waiting.retain(|(waiting, _)| waiting != event);
        if !self.heard.iter().any(|heard| heard == event) {
            push(&mut self.heard, event.to_owned());
        }
    }

    /// Whether everything heard so far was said before this event.
    pub(crate) fn waits_for(&self, event: &str, now: Instant) -> bool {
        let mut waiting = self.waiting.iter();
        waiting.any(|(waiting, since)| waiting == event && now < *since + LONGEST)
    }

    /// Whether it is one of the last that the bot sent.
    pub(crate) fn knows(&self, event: &str) -> bool {
        self.heard.iter().any(|heard| heard == event)
            || self.waiting.iter().any(|(waiting, _)| waiting == event)
    }
}

fn push<T>(events: &mut VecDeque<T>, event: T) {
    if events.len() == MOST {
        events.pop_front();
    }
    events.push_back(event);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_waits_until_it_is_heard_whoever_is_first() {
        let (mut echoes, now) = (Echoes::default(), Instant::now());
        echoes.expect("$a", now);
        assert!(echoes.waits_for("$a", now) && !echoes.waits_for("$b", now));
        echoes.heard("$a");
        echoes.heard("$b");
        echoes.expect("$b", now);
        assert!(!echoes.waits_for("$a", now) && !echoes.waits_for("$b", now));
        // Sent once more, because the answer was lost: it is the same event.
        echoes.expect("$a", now);
        assert!(!echoes.waits_for("$a", now) && echoes.knows("$a") && !echoes.knows("$c"));
    }

    #[test]
    fn what_is_never_heard_is_forgotten() {
        let (mut echoes, now) = (Echoes::default(), Instant::now());
        echoes.expect("$gap", now);
        assert!(!echoes.waits_for("$gap", now + LONGEST));
        for number in 0..=MOST {
            echoes.expect(&format!("${number}"), now);
            echoes.heard(&format!("$heard{number}"));
        }
        assert!(!echoes.waits_for("$0", now) && echoes.waits_for("$1", now));
        assert!(!echoes.knows("$heard0") && echoes.knows("$heard1"));
    }
}
