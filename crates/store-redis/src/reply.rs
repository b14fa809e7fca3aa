//! What scripts answer.

use lorikeet_chat::{Effect, Event, Lane, MessageHandle};
use lorikeet_store::{LaneGrant, Pending, StoreError, TurnGrant, Waiting};
use redis::Value;
use serde::de::DeserializeOwned;

/// Reads a reply from its front to its end.
pub(crate) struct Reply(std::vec::IntoIter<Value>);

impl Reply {
    pub(crate) fn new(value: Value) -> Result<Self, StoreError> {
        match value {
            Value::Array(values) => Ok(Self(values.into_iter())),
            other => Err(strange(&format!("{} instead of a list", kind(&other)))),
        }
    }

    pub(crate) fn word(&mut self) -> Result<String, StoreError> {
        self.optional()?
            .ok_or_else(|| strange("nothing instead of a word"))
    }

    pub(crate) fn optional(&mut self) -> Result<Option<String>, StoreError> {
        match self.0.next() {
            None | Some(Value::Nil) => Ok(None),
            Some(value) => text(value).map(Some),
        }
    }

    pub(crate) fn number(&mut self) -> Result<u64, StoreError> {
        let word = self.word()?;
        word.parse()
            .map_err(|_| strange("a word instead of a number"))
    }

    pub(crate) fn list(&mut self) -> Result<Reply, StoreError> {
        Self::new(self.0.next().unwrap_or(Value::Nil))
    }

    pub(crate) fn maybe_list(&mut self) -> Result<Option<Reply>, StoreError> {
        match self.0.next() {
            None | Some(Value::Nil) => Ok(None),
            Some(value) => Self::new(value).map(Some),
        }
    }

    pub(crate) fn lists(&mut self) -> Result<Vec<Reply>, StoreError> {
        self.list()?.0.map(Self::new).collect()
    }

    /// What is left of it, as lists.
    pub(crate) fn rest(self) -> Result<Vec<Reply>, StoreError> {
        self.0.map(Self::new).collect()
    }

    pub(crate) fn handle(&mut self) -> Result<Option<MessageHandle>, StoreError> {
        let handle = self.optional()?.map(MessageHandle::new).transpose();
        handle.map_err(|_| strange("a message handle that is none"))
    }

    pub(crate) fn mailbox(&mut self) -> Result<Vec<Waiting>, StoreError> {
        self.members(|sequence, text| {
            // The first letter says whether the event is a person's.
            let event: Event = parsed(text.get(1..).unwrap_or_default())?;
            Ok(Waiting { sequence, event })
        })
    }

    pub(crate) fn effects(&mut self) -> Result<Vec<Pending>, StoreError> {
        self.members(|sequence, text| {
            let effect: Effect = parsed(text)?;
            Ok(Pending { sequence, effect })
        })
    }

    /// A turn; in place of a session the caller has there is a number, and in place of a mailbox with nothing in it but the
    /// event that the caller has sent, that one's number.
    pub(crate) fn turn(
        &mut self,
        cached: Option<&str>,
        sent: Option<&Event>,
    ) -> Result<TurnGrant, StoreError> {
        Ok(TurnGrant {
            generation: self.number()?,
            version: self.number()?,
            session: match self.0.as_slice() {
                [Value::Int(_), ..] => self.0.next().and(cached.map(str::to_owned)),
                _ => self.optional()?,
            },
            handle: self.handle()?,
            tries: u32::try_from(self.number()?).unwrap_or(u32::MAX),
            mailbox: match (self.0.as_slice(), sent) {
                ([Value::Int(_), ..], Some(event)) => vec![Waiting {
                    sequence: self.number()?,
                    event: event.clone(),
                }],
                _ => self.mailbox()?,
            },
        })
    }

    /// A lane from a commit, which says the handle once for all. Of a lane with nothing in it but what was committed there are
    /// only the numbers.
    pub(crate) fn lane(
        mut self,
        handle: Option<&MessageHandle>,
        committed: &[Effect],
    ) -> Result<LaneGrant, StoreError> {
        let lane = match self.word()?.as_str() {
            "deliver" => Lane::Deliver,
            "work" => Lane::Work,
            _ => return Err(strange("a lane that is none")),
        };
        let generation = self.number()?;
        let effects = match self.0.as_slice() {
            [Value::Array(numbers), ..] if matches!(numbers[..], [Value::Int(_), ..]) => {
                let mut numbers = self.list()?;
                let ours = committed.iter().filter(|effect| effect.lane() == lane);
                ours.map(|effect| {
                    Ok(Pending {
                        sequence: numbers.number()?,
                        effect: effect.clone(),
                    })
                })
                .collect::<Result<_, StoreError>>()?
            }
            _ => self.effects()?,
        };
        Ok(LaneGrant {
            lane,
            generation,
            effects,
            handle: handle.cloned(),
        })
    }

    /// A lane's entries: number, text, number, text, in no order.
    fn members<T>(
        &mut self,
        read: impl Fn(u64, &str) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut members = self.list()?;
        let mut entries = Vec::with_capacity(members.0.len() / 2);
        while let Some(sequence) = members.optional()? {
            let sequence: u64 = sequence
                .parse()
                .map_err(|_| strange("an entry without a number"))?;
            entries.push((sequence, members.word()?));
        }
        entries.sort_unstable_by_key(|(sequence, _)| *sequence);
        entries
            .iter()
            .map(|(sequence, text)| read(*sequence, text))
            .collect()
    }
}

fn text(value: Value) -> Result<String, StoreError> {
    match value {
        Value::BulkString(bytes) => {
            String::from_utf8(bytes).map_err(|_| strange("bytes that are no text"))
        }
        Value::SimpleString(text) => Ok(text),
        Value::Int(number) => Ok(number.to_string()),
        other => Err(strange(&format!("{} instead of a word", kind(&other)))),
    }
}

fn parsed<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Damaged {
        // The error's own sentence may quote what people wrote.
        message: format!(
            "an entry cannot be read ({:?} error at column {}); was it written by a newer version?",
            error.classify(),
            error.column()
        ),
        source: None,
    })
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Nil => "nothing",
        Value::Int(_) => "a number",
        Value::BulkString(_) | Value::SimpleString(_) => "a word",
        Value::Array(_) => "a list",
        _ => "something else",
    }
}

/// An answer the scripts do not give: another program's keys, or a fault of ours.
pub(crate) fn strange(what: &str) -> StoreError {
    StoreError::Damaged {
        message: format!(
            "Redis answered {what}; does another program use keys with this bot's prefix?"
        ),
        source: None,
    }
}
