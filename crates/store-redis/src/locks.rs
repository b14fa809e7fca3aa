//! Named locks, each one hash and one script.

use std::time::Duration;

use async_trait::async_trait;
use lorikeet_chat::Timestamp;
use lorikeet_store::{Acquired, Holder, Lock, LockStore, LockView, StoreError};

use crate::RedisStore;
use crate::reply::{Reply, strange};

fn lock(reply: &mut Reply) -> Result<Lock, StoreError> {
    Ok(Lock {
        generation: reply.number()?,
        since: Timestamp::from_micros(reply.number()?),
        until: Timestamp::from_micros(reply.number()?),
    })
}

fn view(reply: &mut Reply) -> Result<LockView, StoreError> {
    let lock = lock(reply)?;
    Ok(LockView {
        holder: Holder {
            id: reply.word()?,
            display: reply.word()?,
        },
        generation: lock.generation,
        since: lock.since,
        until: lock.until,
    })
}

fn unknown<T>() -> Result<T, StoreError> {
    Err(strange("a word that locks do not know"))
}

impl RedisStore {
    async fn lock(&self, name: &str, what: &str, rest: &[&str]) -> Result<Reply, StoreError> {
        let keys = [self.keys.lock(name)];
        let mut call = self.scripts.lock.call(&keys).arg(self.now()).arg(what);
        for argument in rest {
            call.push(argument);
        }
        Reply::new(self.link.run(call).await?)
    }
}

fn micros(ttl: Duration) -> String {
    ttl.as_micros().to_string()
}

#[async_trait]
impl LockStore for RedisStore {
    async fn acquire(
        &self,
        name: &str,
        holder: &Holder,
        ttl: Duration,
    ) -> Result<Acquired, StoreError> {
        let rest = [&holder.id, &holder.display, &*micros(ttl)];
        let mut reply = self.lock(name, "acquire", &rest).await?;
        match reply.word()?.as_str() {
            "granted" => Ok(Acquired::Granted(lock(&mut reply)?)),
            "busy" => Ok(Acquired::Busy(view(&mut reply)?)),
            _ => unknown(),
        }
    }

    async fn take_over(
        &self,
        name: &str,
        holder: &Holder,
        ttl: Duration,
    ) -> Result<(Lock, Option<LockView>), StoreError> {
        let rest = [&holder.id, &holder.display, &*micros(ttl)];
        let mut reply = self.lock(name, "take_over", &rest).await?;
        let mut granted = reply.list()?;
        granted.word()?;
        let before = reply.maybe_list()?.map(|mut before| {
            before.word()?;
            view(&mut before)
        });
        Ok((lock(&mut granted)?, before.transpose()?))
    }

    async fn renew(
        &self,
        name: &str,
        holder: &str,
        generation: u64,
        ttl: Duration,
    ) -> Result<Option<Lock>, StoreError> {
        let rest = [holder, &generation.to_string(), &micros(ttl)];
        let mut reply = self.lock(name, "renew", &rest).await?;
        match reply.word()?.as_str() {
            "granted" => Ok(Some(lock(&mut reply)?)),
            "lost" => Ok(None),
            _ => unknown(),
        }
    }

    async fn release(&self, name: &str, holder: &str, generation: u64) -> Result<bool, StoreError> {
        let rest = [holder, &generation.to_string()];
        let mut reply = self.lock(name, "release", &rest).await?;
        Ok(reply.word()? == "released")
    }

    async fn view(&self, name: &str) -> Result<Option<LockView>, StoreError> {
        let mut reply = self.lock(name, "view", &[]).await?;
        match reply.word()?.as_str() {
            "busy" => Ok(Some(view(&mut reply)?)),
            "free" => Ok(None),
            _ => unknown(),
        }
    }
}
