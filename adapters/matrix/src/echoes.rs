//! The bot's own events on their way back: who answers before the room has one cannot have seen it.

use std::collections::VecDeque;

/// Events that are remembered: those of the last few seconds matter.
const MOST: usize = 2_000;

/// Events of the bot's that were sent, and whether the room has them.
#[derive(Debug, Default)]
pub(crate) struct Echoes {
    /// Sent, and not heard yet.
    waiting: VecDeque<String>,
    /// Heard before who sent it knew its id.
    early: VecDeque<String>,
}

impl Echoes {
    /// An event was sent, or stands further on in what is read.
    pub(crate) fn sent(&mut self, event: &str) {
        if let Some(place) = self.early.iter().position(|early| early == event) {
            self.early.remove(place);
        } else if !self.waits_for(event) {
            push(&mut self.waiting, event);
        }
    }

    /// An event came in its place among those of the room.
    pub(crate) fn heard(&mut self, event: &str) {
        match self.waiting.iter().position(|waiting| waiting == event) {
            Some(place) => drop(self.waiting.remove(place)),
            None => push(&mut self.early, event),
        }
    }

    /// Whether everything heard so far was said before this event.
    pub(crate) fn waits_for(&self, event: &str) -> bool {
        self.waiting.iter().any(|waiting| waiting == event)
    }
}

fn push(events: &mut VecDeque<String>, event: &str) {
    if events.len() == MOST {
        events.pop_front();
    }
    events.push_back(event.to_owned());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_waits_until_it_is_heard_whoever_is_first() {
        let mut echoes = Echoes::default();
        echoes.sent("$a");
        assert!(echoes.waits_for("$a") && !echoes.waits_for("$b"));
        echoes.heard("$a");
        echoes.heard("$b");
        echoes.sent("$b");
        assert!(!echoes.waits_for("$a") && !echoes.waits_for("$b"));
        // One that is seen further on, and then sent by what one knows: it is the same.
        echoes.sent("$c");
        echoes.sent("$c");
        echoes.heard("$c");
        assert!(!echoes.waits_for("$c"));
    }

    #[test]
    fn what_is_never_heard_is_forgotten() {
        let mut echoes = Echoes::default();
        for number in 0..=MOST {
            echoes.sent(&format!("${number}"));
            echoes.heard(&format!("$early{number}"));
        }
        assert!(!echoes.waits_for("$0") && echoes.waits_for("$1"));
        assert_eq!(echoes.early.len(), MOST);
    }
}
