//! Identities and their accounts in memory.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::MemoryRepository;
use crate::{
    Account, Accounts, Attempt, Facts, Joined, LinkCode, Member, Offer, Owner, RepositoryError,
    Tries, judge_join,
};

#[derive(Default)]
pub(super) struct Ledger {
    /// Who is joined, with the account's id, in the order they joined.
    members: Vec<(String, Member)>,
    offers: BTreeMap<Owner, Offer>,
    tries: BTreeMap<Owner, Tries>,
}

impl Ledger {
    fn id(&self, of: &Owner) -> Option<&str> {
        let mut members = self.members.iter();
        members
            .find(|(_, member)| member.owner == *of)
            .map(|(id, _)| id.as_str())
    }

    pub(super) fn account(&self, of: &Owner) -> Account {
        let Some(wanted) = self.id(of) else {
            return Account::alone(of.clone());
        };
        let members = self.members.iter().filter(|(id, _)| id == wanted);
        Account::of(of, members.map(|(_, member)| member.clone()).collect())
    }

    fn join(&mut self, attempt: &Attempt, offer: &Offer) {
        let id = self.id(&offer.by).unwrap_or(&attempt.key).to_owned();
        let before = self.id(&attempt.by).map(str::to_owned);
        for (account, _) in &mut self.members {
            if Some(&*account) == before.as_ref() {
                account.clone_from(&id);
            }
        }
        for (owner, conversation) in [
            (&offer.by, &offer.conversation),
            (&attempt.by, &attempt.conversation),
        ] {
            if self.id(owner).is_none() {
                let member = Member {
                    owner: owner.clone(),
                    conversation: Some(conversation.clone()),
                };
                self.members.push((id.clone(), member));
            }
        }
    }
}

#[async_trait]
impl Accounts for MemoryRepository {
    async fn account(&self, of: &Owner) -> Result<Account, RepositoryError> {
        Ok(self.records().accounts.account(of))
    }

    async fn offer(&self, offer: &Offer) -> Result<Offer, RepositoryError> {
        let mut records = self.records();
        let offers = &mut records.accounts.offers;
        if let Some(kept) = offers.get(&offer.by).filter(|kept| kept.key == offer.key) {
            return Ok(kept.clone());
        }
        offers.insert(offer.by.clone(), offer.clone());
        Ok(offer.clone())
    }

    async fn redeem(&self, attempt: &Attempt) -> Result<Joined, RepositoryError> {
        let mut records = self.records();
        let ledger = &mut records.accounts;
        let mut offers = ledger.offers.values();
        let offer = offers.find(|offer| offer.code == attempt.code).cloned();
        let own = ledger.account(&attempt.by);
        let theirs = ledger.account(offer.as_ref().map_or(&attempt.by, |offer| &offer.by));
        let facts = Facts {
            offer: offer.as_ref(),
            tries: ledger.tries.get(&attempt.by),
            own: &own,
            theirs: &theirs,
        };
        let (joined, tries) = judge_join(attempt, facts);
        match tries {
            Some(tries) => ledger.tries.insert(attempt.by.clone(), tries),
            None => ledger.tries.remove(&attempt.by),
        };
        if let Joined::Joined(used) = &joined {
            ledger.join(attempt, used);
            ledger.offers.insert(used.by.clone(), (**used).clone());
        }
        Ok(joined)
    }

    async fn spoil(&self, code: &LinkCode) -> Result<(), RepositoryError> {
        let mut records = self.records();
        records
            .accounts
            .offers
            .retain(|_, offer| offer.code != *code);
        Ok(())
    }

    async fn part(&self, who: &Owner) -> Result<Account, RepositoryError> {
        let mut records = self.records();
        let ledger = &mut records.accounts;
        let account = ledger.account(who);
        // Who is left alone is in no account.
        let gone = |owner: &Owner| owner == who || account.members().len() <= 2;
        ledger
            .members
            .retain(|(_, member)| !(account.contains(&member.owner) && gone(&member.owner)));
        Ok(account)
    }
}
