//! Identities and their accounts. Joining is rare: whoever writes here waits for the others.

use lorikeet_training::{
    Account, Attempt, Facts, Joined, LinkCode, Member, Offer, Owner, Tries, judge_join,
};
use serde::de::DeserializeOwned;
use sqlx::{Connection as _, PgConnection};

use super::connection::Connection;
use super::error::Failure;
use crate::records::statements::{
    ACCOUNT_OF, FORGET_TRIES, JOIN, KEEP_OFFER, KEEP_TRIES, LEAVE, MEMBERS, MERGE, OFFER_BY_CODE,
    OFFER_OF, SPOIL, TRIES_OF,
};

pub(super) async fn account(mut connection: Connection, of: &Owner) -> Result<Account, Failure> {
    let account = members(&mut connection, of).await?;
    connection.keep(account)
}

async fn members(connection: &mut PgConnection, of: &Owner) -> Result<Account, Failure> {
    let bodies: Vec<String> = sqlx::query_scalar(MEMBERS)
        .bind(of.key())
        .fetch_all(connection)
        .await?;
    let members: Result<Vec<Member>, _> = bodies
        .iter()
        .map(|body| serde_json::from_str(body))
        .collect();
    Ok(Account::of(of, members?))
}

/// Waits for others who write here, until the transaction ends.
async fn take_turns(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let lock = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || $1, 0))";
    write(connection, lock, &["accounts"]).await
}

pub(super) async fn offer(mut connection: Connection, offer: &Offer) -> Result<Offer, Failure> {
    let mut transaction = connection.begin().await?;
    take_turns(&mut transaction).await?;
    let kept: Option<Offer> = one(&mut transaction, OFFER_OF, &offer.by.key()).await?;
    let kept = match kept.filter(|kept| kept.key == offer.key) {
        Some(kept) => kept,
        None => {
            keep(&mut transaction, offer).await?;
            offer.clone()
        }
    };
    transaction.commit().await?;
    connection.keep(kept)
}

async fn keep(connection: &mut PgConnection, offer: &Offer) -> Result<(), Failure> {
    let (by, kept) = (offer.by.key(), serde_json::to_string(offer)?);
    write(connection, KEEP_OFFER, &[&by, offer.code.as_str(), &kept]).await?;
    Ok(())
}

pub(super) async fn redeem(
    mut connection: Connection,
    attempt: &Attempt,
) -> Result<Joined, Failure> {
    let mut transaction = connection.begin().await?;
    take_turns(&mut transaction).await?;
    let by = attempt.by.key();
    let offer: Option<Offer> = one(&mut transaction, OFFER_BY_CODE, attempt.code.as_str()).await?;
    let tries: Option<Tries> = one(&mut transaction, TRIES_OF, &by).await?;
    let own = members(&mut transaction, &attempt.by).await?;
    let offering = offer.as_ref().map_or(&attempt.by, |offer| &offer.by);
    let theirs = members(&mut transaction, offering).await?;
    let facts = Facts {
        offer: offer.as_ref(),
        tries: tries.as_ref(),
        own: &own,
        theirs: &theirs,
    };
    let (joined, tries) = judge_join(attempt, facts);
    match tries {
        Some(tries) => {
            let kept = serde_json::to_string(&tries)?;
            write(&mut transaction, KEEP_TRIES, &[&by, &kept]).await?;
        }
        None => write(&mut transaction, FORGET_TRIES, &[&by]).await?,
    }
    if let Joined::Joined(used) = &joined {
        join(&mut transaction, attempt, used).await?;
        keep(&mut transaction, used).await?;
    }
    transaction.commit().await?;
    connection.keep(joined)
}

async fn join(
    connection: &mut PgConnection,
    attempt: &Attempt,
    offer: &Offer,
) -> Result<(), Failure> {
    let theirs = account_of(connection, &offer.by).await?;
    let account = theirs.unwrap_or_else(|| attempt.key.clone());
    if let Some(before) = account_of(connection, &attempt.by).await? {
        write(connection, MERGE, &[&account, &before]).await?;
    }
    for (owner, conversation) in [
        (&offer.by, &offer.conversation),
        (&attempt.by, &attempt.conversation),
    ] {
        let member = serde_json::to_string(&Member {
            owner: owner.clone(),
            conversation: Some(conversation.clone()),
        })?;
        write(connection, JOIN, &[&owner.key(), &account, &member]).await?;
    }
    Ok(())
}

async fn account_of(
    connection: &mut PgConnection,
    owner: &Owner,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(ACCOUNT_OF)
        .bind(owner.key())
        .fetch_optional(connection)
        .await
}

pub(super) async fn spoil(mut connection: Connection, code: &LinkCode) -> Result<(), Failure> {
    write(&mut connection, SPOIL, &[code.as_str()]).await?;
    connection.keep(())
}

pub(super) async fn part(mut connection: Connection, who: &Owner) -> Result<Account, Failure> {
    let mut transaction = connection.begin().await?;
    take_turns(&mut transaction).await?;
    let before = members(&mut transaction, who).await?;
    // Who is left alone is in no account.
    let all = before.members().len() <= 2;
    for member in before.members() {
        if all || member.owner == *who {
            write(&mut transaction, LEAVE, &[&member.owner.key()]).await?;
        }
    }
    transaction.commit().await?;
    connection.keep(before)
}

async fn one<T: DeserializeOwned>(
    connection: &mut PgConnection,
    sql: &'static str,
    key: &str,
) -> Result<Option<T>, Failure> {
    let body: Option<String> = sqlx::query_scalar(sql)
        .bind(key)
        .fetch_optional(connection)
        .await?;
    let read = body.map(|body| serde_json::from_str(&body));
    Ok(read.transpose()?)
}

async fn write(
    connection: &mut PgConnection,
    sql: &'static str,
    parameters: &[&str],
) -> Result<(), sqlx::Error> {
    let query = parameters
        .iter()
        .fold(sqlx::query(sql), |query, parameter| query.bind(*parameter));
    query.execute(connection).await?;
    Ok(())
}
