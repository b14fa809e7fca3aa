//! The calls of a turn, each one script.

use async_trait::async_trait;
use lorikeet_chat::{Coalesce, Conversation, Event, EventBody, EventId, Lane, Origin, Timestamp};
use lorikeet_store::{
    Claim, Claimed, Commit, CommitOutcome, Committed, Due, Enter, Entered, LaneGrant, Release,
    Released, Renew, Renewed, SessionStore, Settle, SettleOutcome, Settled, StoreError, Sweep,
};
use redis::{Value, cmd};

use crate::RedisStore;
use crate::cached::Session;
use crate::keys::{ConversationKeys, found, lane_name};
use crate::reply::{Reply, strange};
use crate::script::Call;

/// A number that sorts as text: `u64::MAX` has 20 digits, more than Lua's numbers hold.
fn sortable(number: u64) -> String {
    format!("{number:020}")
}

fn json<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Invalid(error.to_string()))
}

/// The event that has the current screen shown again, with marks where the script puts id, sequence and time.
pub(crate) fn redraw() -> String {
    let (sequence, at) = (1_111_111_111, 2_222_222_222);
    let event = EventId::new("@id@").map(|id| Event {
        id,
        order: None,
        batch: None,
        coalesce: Some(Coalesce {
            key: "redraw".to_owned(),
            sequence,
            replaceable: true,
        }),
        origin: Origin::Internal,
        at: Timestamp::from_micros(at),
        sender: None,
        body: EventBody::Redraw,
    });
    let text = event.ok().and_then(|event| kept(&event).ok());
    let text = text.unwrap_or_default();
    text.replace(&sequence.to_string(), "@sequence@")
        .replace(&at.to_string(), "@at@")
}

/// An event as a mailbox holds it: the first letter says whether it is a person's.
fn kept(event: &Event) -> Result<String, StoreError> {
    let letter = match event.origin {
        Origin::Person => 'p',
        Origin::Internal => 'i',
    };
    Ok(format!("{letter}{}", json(event)?))
}

/// A key, sequence and whether it is replaceable, as scripts take them: empty for events that coalesce with none.
fn coalescing(event: Option<&Event>) -> (String, String, bool) {
    match event.and_then(|event| event.coalesce.as_ref()) {
        None => (String::new(), String::new(), false),
        Some(coalesce) => (
            coalesce.key.clone(),
            sortable(coalesce.sequence),
            coalesce.replaceable,
        ),
    }
}

impl RedisStore {
    fn of<'a>(&'a self, conversation: &'a Conversation) -> ConversationKeys<'a> {
        self.keys.conversation(conversation)
    }

    async fn ask(&self, call: Call<'_>) -> Result<Reply, StoreError> {
        Reply::new(self.link.run(call).await?)
    }

    async fn yes(&self, call: Call<'_>) -> Result<bool, StoreError> {
        match self.link.run(call).await? {
            Value::Int(answer) => Ok(answer == 1),
            _ => Err(strange("something else than yes or no")),
        }
    }

    /// The time in µs, by the clock that leases are measured with.
    async fn time(&self) -> Result<String, StoreError> {
        if self.options.clock.is_some() {
            return Ok(self.now());
        }
        let mut time = Reply::new(self.link.command(&cmd("TIME")).await?)?;
        let (seconds, rest) = (time.number()?, time.number()?);
        Ok((seconds * 1_000_000 + rest).to_string())
    }
}

#[async_trait]
impl SessionStore for RedisStore {
    async fn enter(&self, request: &Enter) -> Result<Entered, StoreError> {
        let keys = self.of(&request.conversation);
        let event = &request.event;
        let (key, rank, replaceable) = coalescing(Some(event));
        let cached = self.cached.get(&keys.name);
        let commit = cached.as_ref().map_or("", |session| session.commit());
        let call = self.scripts.enter.call(&[
            keys.head(),
            keys.session(),
            keys.lane(Lane::Turn),
            keys.ids(),
            keys.due(Lane::Turn),
        ]);
        let call = call
            .arg(self.now())
            .arg(&keys.name)
            .arg(request.owner)
            .arg(request.token)
            .flag(request.take)
            .arg(event.id.as_str())
            .arg(event.order.map(sortable).unwrap_or_default())
            .flag(event.origin == Origin::Person)
            .arg(key)
            .arg(rank)
            .flag(replaceable)
            .arg(kept(event)?)
            .arg(commit);
        let mut reply = self.ask(call).await?;
        Ok(match reply.word()?.as_str() {
            "turn" => Entered::Turn(reply.turn(
                cached.as_ref().map(|session| session.text.as_str()),
                Some(event),
            )?),
            "queued" => Entered::Queued,
            "duplicate" => Entered::Duplicate,
            "late" => Entered::Late,
            "stale" => Entered::Stale,
            "full" => Entered::Full,
            _ => return Err(strange("a word that enter does not know")),
        })
    }

    async fn commit(&self, request: &Commit) -> Result<Committed, StoreError> {
        let keys = self.of(&request.conversation);
        let call = self.scripts.commit.call(&[
            keys.head(),
            keys.session(),
            keys.lane(Lane::Turn),
            keys.ids(),
            keys.lane(Lane::Deliver),
            keys.lane(Lane::Work),
            keys.due(Lane::Turn),
            keys.due(Lane::Deliver),
            keys.due(Lane::Work),
        ]);
        let mut call = call
            .arg(self.now())
            .arg(&keys.name)
            .arg(request.owner)
            .arg(request.generation)
            .arg(request.version)
            .flag(request.may_deliver)
            .arg(&request.session)
            .arg(request.consumed.len());
        for sequence in &request.consumed {
            call.push(sequence);
        }
        for effect in &request.effects {
            call.push(lane_name(effect.lane()));
            call.push(json(effect)?);
        }
        let mut reply = self.ask(call).await?;
        let outcome = reply.word()?;
        let waiting = reply.mailbox()?;
        let handle = reply.handle()?;
        let lanes = reply.lists()?.into_iter();
        // Not for a repeat: its session may be another than the one the first call wrote.
        if reply.number()? == 1 {
            let session =
                Session::new(request.generation, request.version, request.session.clone());
            self.cached.keep(&keys.name, session);
        }
        Ok(Committed {
            outcome: match outcome.as_str() {
                "next" => CommitOutcome::Next(waiting),
                "released" => CommitOutcome::Released,
                "fenced" => CommitOutcome::Fenced,
                _ => return Err(strange("a word that commit does not know")),
            },
            lanes: lanes
                .map(|lane| lane.lane(handle.as_ref(), &request.effects))
                .collect::<Result<_, _>>()?,
        })
    }

    async fn settle(&self, request: &Settle) -> Result<Settled, StoreError> {
        let other = match request.lane {
            Lane::Deliver => Lane::Work,
            Lane::Work => Lane::Deliver,
            Lane::Turn => {
                // A turn is committed; nobody holds it as an outbox.
                return Ok(Settled {
                    outcome: SettleOutcome::Fenced,
                    wake: false,
                });
            }
        };
        let keys = self.of(&request.conversation);
        let call = self.scripts.settle.call(&[
            keys.head(),
            keys.session(),
            keys.lane(Lane::Turn),
            keys.ids(),
            keys.lane(request.lane),
            keys.lane(other),
            keys.due(Lane::Turn),
            keys.due(request.lane),
        ]);
        let mut call = call
            .arg(self.now())
            .arg(&keys.name)
            .arg(request.owner)
            .arg(request.generation)
            .arg(lane_name(request.lane));
        for done in &request.done {
            let result = done.result.as_ref();
            let (key, rank, replaceable) = coalescing(result);
            call = call
                .arg(done.sequence)
                .arg(done.handle.as_ref().map_or("", |handle| handle.as_str()))
                .flag(result.is_some())
                .arg(key)
                .arg(rank)
                .flag(replaceable)
                .arg(result.map(kept).transpose()?.unwrap_or_default());
        }
        let mut reply = self.ask(call).await?;
        let outcome = reply.word()?;
        let wake = reply.number()? == 1;
        let handle = reply.handle()?;
        let effects = reply.effects()?;
        let outcome = match outcome.as_str() {
            "next" => SettleOutcome::Next(LaneGrant {
                lane: request.lane,
                generation: request.generation,
                effects,
                handle,
            }),
            "released" => SettleOutcome::Released,
            "fenced" => SettleOutcome::Fenced,
            _ => return Err(strange("a word that settle does not know")),
        };
        Ok(Settled { outcome, wake })
    }

    async fn claim(&self, request: Claim) -> Result<Claimed, StoreError> {
        let keys = self.of(&request.conversation);
        let call = self.scripts.claim.call(&[
            keys.head(),
            keys.session(),
            keys.lane(request.lane),
            keys.due(request.lane),
            keys.ids(),
        ]);
        let call = call
            .arg(self.now())
            .arg(&keys.name)
            .arg(request.owner)
            .arg(lane_name(request.lane));
        let mut reply = self.ask(call).await?;
        Ok(match reply.word()?.as_str() {
            "nothing" => Claimed::Nothing,
            "held" => Claimed::Held,
            "turn" => Claimed::Turn(reply.turn(None, None)?),
            "effects" => {
                let generation = reply.number()?;
                let handle = reply.handle()?;
                Claimed::Effects(LaneGrant {
                    lane: request.lane,
                    generation,
                    effects: reply.effects()?,
                    handle,
                })
            }
            _ => return Err(strange("a word that claim does not know")),
        })
    }

    async fn renew(&self, request: Renew) -> Result<Renewed, StoreError> {
        let keys = self.of(&request.conversation);
        let call = self
            .scripts
            .renew
            .call(&[keys.head(), keys.due(request.lane)]);
        let call = call
            .arg(self.now())
            .arg(&keys.name)
            .arg(request.owner)
            .arg(request.generation)
            .arg(lane_name(request.lane));
        Ok(if self.yes(call).await? {
            Renewed::Ours
        } else {
            Renewed::Fenced
        })
    }

    async fn release(&self, request: Release) -> Result<Released, StoreError> {
        let keys = self.of(&request.conversation);
        let call = self.scripts.release.call(&[
            keys.head(),
            keys.lane(request.lane),
            keys.due(request.lane),
        ]);
        let call = call
            .arg(self.now())
            .arg(&keys.name)
            .arg(request.owner)
            .arg(request.generation)
            .arg(lane_name(request.lane));
        let mut reply = self.ask(call).await?;
        match reply.word()?.as_str() {
            "freed" => Ok(Released::Freed { waiting: false }),
            "waiting" => Ok(Released::Freed { waiting: true }),
            "fenced" => Ok(Released::Fenced),
            _ => Err(strange("a word that release does not know")),
        }
    }

    async fn due(&self, sweep: Sweep) -> Result<Vec<Due>, StoreError> {
        let now = self.time().await?;
        let looks: Vec<_> = sweep
            .buckets
            .map(|bucket| {
                let mut look = cmd("ZRANGE");
                look.arg(self.keys.due(&sweep.index, bucket)).arg((
                    "-inf",
                    &now,
                    "BYSCORE",
                    "LIMIT",
                    0,
                    sweep.limit,
                    "WITHSCORES",
                ));
                look
            })
            .collect();
        let mut due = Vec::new();
        for entries in self.link.all(&looks).await? {
            let mut entries = Reply::new(entries)?;
            while let Some(name) = entries.optional()? {
                let since: f64 = entries.word()?.parse().unwrap_or(0.0);
                due.push((since, name));
            }
        }
        due.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        due.truncate(sweep.limit);
        let lane = sweep.index.lane();
        due.into_iter()
            .map(|(_, name)| found(&name, lane).ok_or_else(|| strange("no conversation")))
            .collect()
    }
}
