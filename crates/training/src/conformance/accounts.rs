//! Identities that are joined, and parted again.

use std::time::Duration;

use lorikeet_chat::Timestamp;
use lorikeet_store::Clock as _;

use super::Backend;
use super::stage::{EDITOR, Stage, conversation, lora, must, name, run};
use crate::{Account, Attempt, CODE_FOR, Joined, LinkCode, Offer, Owner, TRIES, TRIES_WITHIN};

fn owner(user: &str) -> Owner {
    Owner::of(&conversation(user))
}

fn code(number: u8) -> LinkCode {
    LinkCode::from_random([number; 5])
}

impl<B: Backend> Stage<B> {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The code that a request gets.
    async fn offers(&self, user: &str, key: &str, number: u8) -> LinkCode {
        let offer = Offer {
            by: owner(user),
            conversation: conversation(user),
            code: code(number),
            key: key.to_owned(),
            until: self.now().after(CODE_FOR),
            language: "en".to_owned(),
            used: None,
        };
        must(self.repository().offer(&offer).await).code
    }

    async fn types(&self, user: &str, key: &str, number: u8) -> Joined {
        let attempt = Attempt {
            by: owner(user),
            conversation: conversation(user),
            key: key.to_owned(),
            code: code(number),
            now: self.now(),
        };
        must(self.repository().redeem(&attempt).await)
    }

    /// Joins two; with whom, by the answer.
    async fn join(&self, user: &str, to: &str, number: u8) {
        let key = format!("{user} {to}");
        self.offers(to, &format!("{key} code"), number).await;
        let joined = self.types(user, &key, number).await;
        assert!(
            matches!(&joined, Joined::Joined(offer) if offer.by == owner(to)),
            "{joined:?}"
        );
    }

    /// Who is in an account, in order.
    async fn members(&self, of: &str) -> Vec<String> {
        let account = must(self.repository().account(&owner(of)).await);
        let members = account.members().iter();
        members
            .map(|member| member.owner.user.to_string())
            .collect()
    }
}

pub async fn who_joined_nobody_stands_alone<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let account = must(stage.repository().account(&owner("anne")).await);
    assert_eq!(account, Account::alone(owner("anne")));
    let before = must(stage.repository().part(&owner("anne")).await);
    assert_eq!(before, Account::alone(owner("anne")));
}

pub async fn who_is_joined_has_everything<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let (cat, dog) = (lora(owner("anne"), 1), lora(owner("ben"), 2));
    let bird = lora(owner("cleo"), 3);
    for lora in [&cat, &dog, &bird] {
        stage.save(lora, EDITOR).await;
        must(stage.repository().insert_run(&run(lora, 1)).await);
    }
    stage.join("ben", "anne", 1).await;
    let repository = stage.repository();
    for user in ["anne", "ben"] {
        let owner = owner(user);
        assert_eq!(stage.members(user).await, ["anne", "ben"]);
        let loras = must(repository.loras(&owner).await);
        let ids: Vec<_> = loras.iter().map(|lora| &lora.id).collect();
        assert_eq!(ids, [&dog.id, &cat.id], "{user}");
        for lora in [&cat, &dog] {
            let named = must(repository.named(&owner, &lora.name).await);
            assert_eq!(named.as_ref(), Some(&lora.id), "{user}");
        }
        assert_eq!(must(repository.named(&owner, &name("Cat 3")).await), None);
        assert_eq!(must(repository.runs(&owner, 9).await).len(), 2, "{user}");
        assert!(must(repository.has(&owner, &cat.owner).await));
        assert!(must(repository.has(&owner, &dog.owner).await));
        assert!(!must(repository.has(&owner, &bird.owner).await));
    }
    assert_eq!(must(repository.loras(&owner("cleo")).await).len(), 1);
    assert!(!must(repository.has(&owner("cleo"), &cat.owner).await));
    let account = must(repository.account(&owner("ben")).await);
    let conversations = account.members().iter().map(|member| &member.conversation);
    let conversations: Vec<_> = conversations.flatten().collect();
    assert_eq!(conversations, [&conversation("anne"), &conversation("ben")]);
}

pub async fn a_code_counts_once_and_for_a_while<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let wrong = |joined: &Joined| matches!(joined, Joined::Wrong { .. });
    stage.offers("anne", "1", 1).await;
    stage.offers("anne", "2", 2).await;
    let replaced = stage.types("ben", "a", 1).await;
    assert!(wrong(&replaced), "{replaced:?}");
    stage.wait(CODE_FOR);
    let old = stage.types("ben", "b", 2).await;
    assert!(wrong(&old), "{old:?}");
    stage.offers("anne", "3", 3).await;
    must(stage.repository().spoil(&code(3)).await);
    let spoilt = stage.types("ben", "c", 3).await;
    assert!(wrong(&spoilt), "{spoilt:?}");
    stage.join("ben", "anne", 4).await;
    let used = stage.types("cleo", "d", 4).await;
    assert!(wrong(&used), "{used:?}");
    assert_eq!(stage.members("cleo").await, ["cleo"]);
}

pub async fn a_request_again_has_the_same_answer<B: Backend>() {
    let stage = Stage::<B>::new().await;
    assert_eq!(stage.offers("anne", "1", 1).await, code(1));
    assert_eq!(stage.offers("anne", "1", 2).await, code(1));
    for _ in 0..TRIES * 2 {
        let left = TRIES - 1;
        assert_eq!(stage.types("ben", "wrong", 9).await, Joined::Wrong { left });
    }
    let first = stage.types("ben", "right", 1).await;
    assert!(matches!(first, Joined::Joined(_)), "{first:?}");
    assert_eq!(stage.types("ben", "right", 1).await, first);
    stage.wait(CODE_FOR);
    assert_eq!(stage.types("ben", "right", 1).await, first);
    let account = must(stage.repository().part(&owner("ben")).await);
    assert_eq!(account.members().len(), 2);
    let again = must(stage.repository().part(&owner("ben")).await);
    assert_eq!(again, Account::alone(owner("ben")));
}

pub async fn wrong_codes_are_limited<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let begun = stage.now();
    for number in 0..TRIES {
        stage.wait(Duration::from_secs(10));
        let left = TRIES - 1 - number;
        let typed = stage.types("ben", &format!("try {number}"), 9).await;
        assert_eq!(typed, Joined::Wrong { left });
    }
    stage.offers("anne", "1", 1).await;
    let until = begun.after(Duration::from_secs(10) + TRIES_WITHIN);
    assert_eq!(stage.types("ben", "right", 1).await, Joined::Wait { until });
    // It is nobody else's business.
    stage.join("cleo", "anne", 2).await;
    stage.wait(TRIES_WITHIN - Duration::from_secs(41));
    stage.offers("anne", "3", 3).await;
    assert_eq!(stage.types("ben", "early", 3).await, Joined::Wait { until });
    stage.wait(Duration::from_secs(1));
    let late = stage.types("ben", "late", 3).await;
    assert!(matches!(late, Joined::Joined(_)), "{late:?}");
    // And then it is forgotten.
    let left = TRIES - 1;
    assert_eq!(stage.types("ben", "anew", 9).await, Joined::Wrong { left });
}

pub async fn who_cannot_be_joined_is_told_why<B: Backend>() {
    let stage = Stage::<B>::new().await;
    stage.offers("anne", "1", 1).await;
    assert_eq!(stage.types("anne", "own", 1).await, Joined::Own);
    stage.join("ben", "anne", 2).await;
    stage.offers("anne", "3", 3).await;
    assert_eq!(stage.types("ben", "again", 3).await, Joined::Already);
    let more: Vec<String> = (2..Account::MEMBERS).map(|n| format!("p{n}")).collect();
    for (number, user) in (10..).zip(&more) {
        stage.join(user, "anne", number).await;
    }
    assert_eq!(stage.members("ben").await.len(), Account::MEMBERS);
    stage.offers("anne", "4", 4).await;
    assert_eq!(stage.types("cleo", "full", 4).await, Joined::Full);
    // The code still counts, and the refusals were no wrong codes.
    must(stage.repository().part(&owner("p2")).await);
    let joined = stage.types("cleo", "room", 4).await;
    assert!(matches!(joined, Joined::Joined(_)), "{joined:?}");
}

pub async fn accounts_become_one_and_part_again<B: Backend>() {
    let stage = Stage::<B>::new().await;
    stage.join("ben", "anne", 1).await;
    stage.join("dora", "cleo", 2).await;
    stage.join("dora", "ben", 3).await;
    let all = ["anne", "ben", "cleo", "dora"];
    for user in all {
        let mut members = stage.members(user).await;
        members.sort();
        assert_eq!(members, all);
    }
    must(stage.repository().part(&owner("anne")).await);
    assert_eq!(stage.members("anne").await, ["anne"]);
    assert_eq!(stage.members("dora").await.len(), 3);
    must(stage.repository().part(&owner("ben")).await);
    must(stage.repository().part(&owner("cleo")).await);
    for user in all {
        assert_eq!(stage.members(user).await, [user]);
    }
    // An account of its own again, apart from whoever was in the old one.
    stage.join("cleo", "anne", 4).await;
    assert_eq!(stage.members("ben").await, ["ben"]);
    assert_eq!(stage.members("cleo").await, ["anne", "cleo"]);
}

pub async fn accounts_survive_a_restart<B: Backend>() {
    let stage = Stage::<B>::new().await;
    stage.join("ben", "anne", 1).await;
    stage.offers("anne", "2", 2).await;
    stage.types("cleo", "wrong", 9).await;
    let stage = stage.restart().await;
    assert_eq!(stage.members("ben").await, ["anne", "ben"]);
    let left = TRIES - 2;
    assert_eq!(
        stage.types("cleo", "again", 9).await,
        Joined::Wrong { left }
    );
    let joined = stage.types("cleo", "right", 2).await;
    assert!(matches!(joined, Joined::Joined(_)), "{joined:?}");
}
