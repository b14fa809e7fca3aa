//! One room's transcript in memory.

use std::collections::BTreeMap;

use crate::Entry;

/// A room's entries by position.
#[derive(Debug, Default)]
pub(super) struct Room {
    sequence: u64,
    entries: BTreeMap<u64, Entry>,
}

impl Room {
    pub(super) fn put(&mut self, id: &str, body: String, keep: usize) -> u64 {
        self.sequence += 1;
        let changed = self.sequence;
        if let Some(entry) = self.entries.values_mut().find(|entry| entry.id == id) {
            entry.changed = changed;
            entry.body = body;
            return changed;
        }
        let entry = Entry {
            id: id.to_owned(),
            position: changed,
            changed,
            body,
        };
        self.entries.insert(changed, entry);
        while self.entries.len() > keep {
            self.entries.pop_first();
        }
        changed
    }

    pub(super) fn changes_since(&self, sequence: u64, limit: usize) -> Vec<Entry> {
        let mut changes: Vec<Entry> = self
            .entries
            .values()
            .filter(|entry| entry.changed > sequence)
            .cloned()
            .collect();
        changes.sort_by_key(|entry| entry.changed);
        changes.truncate(limit);
        changes
    }

    pub(super) fn latest(&self, limit: usize) -> Vec<Entry> {
        let skipped = self.entries.len().saturating_sub(limit);
        self.entries.values().skip(skipped).cloned().collect()
    }
}
