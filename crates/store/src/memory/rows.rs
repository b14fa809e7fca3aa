//! One conversation's rows in memory.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::convert::Infallible;

use lorikeet_chat::{Effect, Event, EventId, Lane, Origin, Timestamp};

use crate::machine::{Head, Rows};
use crate::{Pending, Waiting};

/// All that is stored of a conversation, in memory; a transaction is whoever has it borrowed.
#[derive(Clone, Debug, Default)]
pub struct MemoryRows {
    head: Option<Head>,
    session: Option<String>,
    mailbox: BTreeMap<u64, Event>,
    outbox: BTreeMap<(Lane, u64), Effect>,
    ids: HashMap<EventId, Option<u64>>,
    ordered: BTreeSet<(u64, EventId)>,
    unordered: BTreeSet<(u64, EventId)>,
    high_water: HashMap<String, u64>,
}

impl MemoryRows {
    /// Whether anything is stored.
    pub const fn exists(&self) -> bool {
        self.head.is_some()
    }

    /// The entry of a lane in the recovery index.
    pub fn due(&self, lane: Lane) -> Option<Timestamp> {
        self.head.as_ref()?.lane(lane).due
    }

    /// When all of it is forgotten.
    pub fn expires(&self) -> Option<Timestamp> {
        self.head.as_ref()?.expires
    }

    fn forget(&mut self, ordered: bool, keep: usize) -> Option<u64> {
        let ids = if ordered {
            &mut self.ordered
        } else {
            &mut self.unordered
        };
        let mut highest = None;
        while ids.len() > keep
            && let Some((rank, id)) = ids.pop_first()
        {
            self.ids.remove(&id);
            highest = Some(rank);
        }
        highest
    }
}

impl Rows for MemoryRows {
    type Error = Infallible;

    fn head(&mut self) -> Result<Option<Head>, Infallible> {
        Ok(self.head.clone())
    }

    fn save_head(&mut self, head: &Head) -> Result<(), Infallible> {
        self.head = Some(head.clone());
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Infallible> {
        *self = Self::default();
        Ok(())
    }

    fn session(&mut self) -> Result<Option<String>, Infallible> {
        Ok(self.session.clone())
    }

    fn save_session(&mut self, session: &str) -> Result<(), Infallible> {
        self.session = Some(session.to_owned());
        Ok(())
    }

    fn remembers(&mut self, id: &EventId) -> Result<bool, Infallible> {
        Ok(self.ids.contains_key(id))
    }

    fn remember(
        &mut self,
        id: &EventId,
        order: Option<u64>,
        sequence: u64,
    ) -> Result<(), Infallible> {
        self.ids.insert(id.clone(), order);
        match order {
            Some(order) => self.ordered.insert((order, id.clone())),
            None => self.unordered.insert((sequence, id.clone())),
        };
        Ok(())
    }

    fn trim_ordered(&mut self, keep: usize) -> Result<Option<u64>, Infallible> {
        Ok(self.forget(true, keep))
    }

    fn trim_unordered(&mut self, keep: usize) -> Result<(), Infallible> {
        self.forget(false, keep);
        Ok(())
    }

    fn high_water(&mut self, key: &str) -> Result<Option<u64>, Infallible> {
        Ok(self.high_water.get(key).copied())
    }

    fn set_high_water(&mut self, key: &str, sequence: u64) -> Result<(), Infallible> {
        self.high_water.insert(key.to_owned(), sequence);
        Ok(())
    }

    fn mailbox(&mut self) -> Result<Vec<Waiting>, Infallible> {
        let waiting = self.mailbox.iter().map(|(&sequence, event)| Waiting {
            sequence,
            event: event.clone(),
        });
        Ok(waiting.collect())
    }

    fn waiting_from_people(&mut self) -> Result<usize, Infallible> {
        let from_people = |event: &&Event| event.origin == Origin::Person;
        Ok(self.mailbox.values().filter(from_people).count())
    }

    fn append_event(&mut self, sequence: u64, event: &Event) -> Result<(), Infallible> {
        self.mailbox.insert(sequence, event.clone());
        Ok(())
    }

    fn remove_events(&mut self, sequences: &[u64]) -> Result<(), Infallible> {
        for sequence in sequences {
            self.mailbox.remove(sequence);
        }
        Ok(())
    }

    fn remove_replaceable(&mut self, key: &str) -> Result<(), Infallible> {
        self.mailbox.retain(|_, event| {
            let coalesce = event.coalesce.as_ref();
            !coalesce.is_some_and(|coalesce| coalesce.replaceable && coalesce.key == key)
        });
        Ok(())
    }

    fn outbox(&mut self, lane: Lane) -> Result<Vec<Pending>, Infallible> {
        let pending =
            self.outbox
                .range((lane, 0)..=(lane, u64::MAX))
                .map(|(&(_, sequence), effect)| Pending {
                    sequence,
                    effect: effect.clone(),
                });
        Ok(pending.collect())
    }

    fn append_effect(&mut self, sequence: u64, effect: &Effect) -> Result<(), Infallible> {
        self.outbox
            .insert((effect.lane(), sequence), effect.clone());
        Ok(())
    }

    fn remove_effect(&mut self, lane: Lane, sequence: u64) -> Result<bool, Infallible> {
        Ok(self.outbox.remove(&(lane, sequence)).is_some())
    }

    fn is_empty(&mut self, lane: Lane) -> Result<bool, Infallible> {
        Ok(match lane {
            Lane::Turn => self.mailbox.is_empty(),
            _ => self
                .outbox
                .range((lane, 0)..=(lane, u64::MAX))
                .next()
                .is_none(),
        })
    }
}
