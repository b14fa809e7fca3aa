//! Carries out what is asked for to join identities.

use lorikeet_chat::Background;
use serde_json::Value;

use crate::service::{Asker, Service, ServiceError};
use crate::wire::{AccountNews, AccountRequest, LinkNews};
use crate::{Account, Attempt, CODE_FOR, Joined, LinkCode, Offer, Owner};

impl Service {
    /// Carries out a request to [`ACCOUNTS`](crate::wire::ACCOUNTS). Safe to repeat. `random` is made into a code where one is
    /// asked for.
    ///
    /// # Errors
    /// [`ServiceError`], which says whether a repeat makes sense.
    pub async fn accounts(
        &self,
        asker: &Asker<'_>,
        request: &Value,
        random: [u8; 5],
    ) -> Result<Option<Background>, ServiceError> {
        let request: AccountRequest =
            serde::Deserialize::deserialize(request).map_err(|_| ServiceError::Request)?;
        let owner = Owner::of(asker.conversation);
        match request {
            AccountRequest::Offer { language } => {
                let offer = Offer {
                    by: owner,
                    conversation: asker.conversation.clone(),
                    code: LinkCode::from_random(random),
                    key: asker.key.to_owned(),
                    until: asker.now.after(CODE_FOR),
                    language,
                    used: None,
                };
                let Offer { code, until, .. } = self.repository().offer(&offer).await?;
                Ok(Some(LinkNews::Code { code, until }.into()))
            }
            AccountRequest::Redeem { code } => {
                let attempt = Attempt {
                    by: owner,
                    conversation: asker.conversation.clone(),
                    key: asker.key.to_owned(),
                    code,
                    now: asker.now,
                };
                Ok(Some(self.redeem(asker, &attempt).await?.into()))
            }
            AccountRequest::Spoil { code } => {
                self.repository().spoil(&code).await?;
                Ok(None)
            }
            AccountRequest::Part => {
                let account = self.repository().part(&owner).await?;
                let platform = owner.platform.clone();
                let news = AccountNews::Parted { platform };
                self.tell_others(asker, &account, &news).await?;
                Ok(Some(LinkNews::Parted.into()))
            }
            AccountRequest::Speak { language } => {
                let account = self.repository().account(&owner).await?;
                let news = AccountNews::Speaks {
                    language,
                    over: true,
                };
                self.tell_others(asker, &account, &news).await?;
                Ok(None)
            }
        }
    }

    async fn redeem(&self, asker: &Asker<'_>, attempt: &Attempt) -> Result<LinkNews, ServiceError> {
        let offer = match self.repository().redeem(attempt).await? {
            Joined::Joined(offer) => offer,
            Joined::Wrong { left } => return Ok(LinkNews::Wrong { left }),
            Joined::Wait { until } => return Ok(LinkNews::Wait { until }),
            Joined::Own => return Ok(LinkNews::Own),
            Joined::Already => return Ok(LinkNews::Already),
            Joined::Full => return Ok(LinkNews::Full),
        };
        let account = self.repository().account(&attempt.by).await?;
        let platform = attempt.by.platform.clone();
        let news = AccountNews::Joined { platform };
        self.tell_others(asker, &account, &news).await?;
        let speaks = AccountNews::Speaks {
            language: offer.language,
            over: false,
        };
        // Not the request's own key: its answer has that.
        let key = format!("{}-told", asker.key);
        self.courier()
            .tell(asker.conversation, &key, None, speaks.into())
            .await?;
        Ok(LinkNews::Joined {
            with: offer.by.platform,
            loras: self.repository().loras(&attempt.by).await?.len(),
        })
    }

    /// Tells the account's other conversations.
    async fn tell_others(
        &self,
        asker: &Asker<'_>,
        account: &Account,
        news: &AccountNews,
    ) -> Result<(), ServiceError> {
        let key = format!("{}-told", asker.key);
        for other in account.others(&Owner::of(asker.conversation)) {
            if let Some(conversation) = &other.conversation {
                self.courier()
                    .tell(conversation, &key, None, news.clone().into())
                    .await?;
            }
        }
        Ok(())
    }
}
