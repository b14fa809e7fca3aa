//! Identities and their accounts.

use lorikeet_training::{
    Account, Attempt, Facts, Joined, LinkCode, Member, Offer, Owner, Tries, judge_join,
};
use rusqlite::{Connection, Params};
use serde::de::DeserializeOwned;

use super::first;
use super::statements::{
    ACCOUNT_OF, FORGET_TRIES, JOIN, KEEP_OFFER, KEEP_TRIES, LEAVE, MEMBERS, MERGE, OFFER_BY_CODE,
    OFFER_OF, SPOIL, TRIES_OF,
};
use crate::error::Failure;
use crate::rows::body;

pub(super) fn account(connection: &Connection, of: &Owner) -> Result<Account, Failure> {
    let members: Result<Vec<Member>, Failure> = connection
        .prepare_cached(MEMBERS)?
        .query_and_then([of.key()], |row| body(row, 0))?
        .collect();
    Ok(Account::of(of, members?))
}

pub(super) fn offer(connection: &Connection, offer: &Offer) -> Result<Offer, Failure> {
    let kept: Option<Offer> = one(connection, OFFER_OF, &offer.by.key())?;
    if let Some(kept) = kept.filter(|kept| kept.key == offer.key) {
        return Ok(kept);
    }
    keep(connection, offer)?;
    Ok(offer.clone())
}

fn keep(connection: &Connection, offer: &Offer) -> Result<(), Failure> {
    let kept = serde_json::to_string(offer)?;
    write(
        connection,
        KEEP_OFFER,
        [&offer.by.key(), offer.code.as_str(), &kept],
    )
}

pub(super) fn redeem(connection: &Connection, attempt: &Attempt) -> Result<Joined, Failure> {
    let by = attempt.by.key();
    let offer: Option<Offer> = one(connection, OFFER_BY_CODE, attempt.code.as_str())?;
    let tries: Option<Tries> = one(connection, TRIES_OF, &by)?;
    let own = account(connection, &attempt.by)?;
    let theirs = account(
        connection,
        offer.as_ref().map_or(&attempt.by, |offer| &offer.by),
    )?;
    let facts = Facts {
        offer: offer.as_ref(),
        tries: tries.as_ref(),
        own: &own,
        theirs: &theirs,
    };
    let (joined, tries) = judge_join(attempt, facts);
    match tries {
        Some(tries) => write(
            connection,
            KEEP_TRIES,
            [&by, &serde_json::to_string(&tries)?],
        )?,
        None => write(connection, FORGET_TRIES, [&by])?,
    }
    if let Joined::Joined(used) = &joined {
        join(connection, attempt, used)?;
        keep(connection, used)?;
    }
    Ok(joined)
}

fn join(connection: &Connection, attempt: &Attempt, offer: &Offer) -> Result<(), Failure> {
    let of = |owner: &Owner| -> Result<Option<String>, Failure> {
        let statement = connection.prepare_cached(ACCOUNT_OF)?;
        first(statement, [owner.key()], |row| Ok(row.get(0)?))
    };
    let account = of(&offer.by)?.unwrap_or_else(|| attempt.key.clone());
    if let Some(before) = of(&attempt.by)? {
        write(connection, MERGE, [&account, &before])?;
    }
    for (owner, conversation) in [
        (&offer.by, &offer.conversation),
        (&attempt.by, &attempt.conversation),
    ] {
        let member = serde_json::to_string(&Member {
            owner: owner.clone(),
            conversation: Some(conversation.clone()),
        })?;
        write(connection, JOIN, [&owner.key(), &account, &member])?;
    }
    Ok(())
}

pub(super) fn spoil(connection: &Connection, code: &LinkCode) -> Result<(), Failure> {
    write(connection, SPOIL, [code.as_str()])
}

pub(super) fn part(connection: &Connection, who: &Owner) -> Result<Account, Failure> {
    let before = account(connection, who)?;
    // Who is left alone is in no account.
    let all = before.members().len() <= 2;
    for member in before.members() {
        if all || member.owner == *who {
            write(connection, LEAVE, [member.owner.key()])?;
        }
    }
    Ok(before)
}

fn one<T: DeserializeOwned>(
    connection: &Connection,
    sql: &str,
    key: &str,
) -> Result<Option<T>, Failure> {
    first(connection.prepare_cached(sql)?, [key], |row| body(row, 0))
}

fn write(connection: &Connection, sql: &str, parameters: impl Params) -> Result<(), Failure> {
    connection.prepare_cached(sql)?.execute(parameters)?;
    Ok(())
}
