//! LoRAs: saving, deleting, finding, listing.

use std::time::Duration;

use super::Backend;
use super::stage::{
    EDITOR, START, Stage, anne, ben, done, failed, lora, must, name, revised, run, with_picture,
};
use crate::{
    Deleted, Inserted, Lora, LoraName, LoraSummary, Owner, Place, Problem, Run, RunState, Saved,
    VersionNumber,
};

pub async fn a_lora_comes_back_as_it_was_saved<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let plain = lora(anne(), 1);
    assert_eq!(stage.lora(&plain.id).await, None);
    let (dataset, _) = plain
        .dataset
        .clone()
        .reserve(Place::Next, 20, "i", "on its way.png");
    let (dataset, _) = dataset.reserve(Place::Next, 20, "j", "text.png");
    let problem = Problem::new("too-small").with("width", 90);
    let rich = Lora {
        dataset: dataset.refuse("j", problem).0,
        settings: None,
        name: name("Ærø 小さな猫"),
        ..plain
    };
    assert_eq!(stage.save(&rich, EDITOR).await, Saved::Saved);
    assert_eq!(stage.lora(&rich.id).await, Some(rich));
}

pub async fn saves_may_come_in_any_order<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let first = lora(anne(), 1);
    let second = Lora {
        name: name("second"),
        ..revised(&first)
    };
    let third = Lora {
        name: name("third"),
        ..revised(&second)
    };
    assert_eq!(stage.save(&second, EDITOR).await, Saved::Saved);
    assert_eq!(stage.save(&first, EDITOR).await, Saved::Stale);
    assert_eq!(stage.save(&third, EDITOR).await, Saved::Saved);
    assert_eq!(stage.save(&second, EDITOR).await, Saved::Stale);
    assert_eq!(stage.lora(&third.id).await, Some(third));
}

pub async fn a_repeated_save_is_stale<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let lora = lora(anne(), 1);
    assert_eq!(stage.save(&lora, EDITOR).await, Saved::Saved);
    assert_eq!(stage.save(&lora, EDITOR).await, Saved::Stale);
    // The same revision under the same lock is the same save, whatever it says.
    let forged = Lora {
        name: name("forged"),
        ..lora.clone()
    };
    assert_eq!(stage.save(&forged, EDITOR).await, Saved::Stale);
    assert_eq!(stage.lora(&lora.id).await, Some(lora));
}

pub async fn a_later_editor_fences_the_earlier<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let first = lora(anne(), 1);
    assert_eq!(stage.save(&first, EDITOR).await, Saved::Saved);
    // The later editor read revision 1 while revision 2 of the earlier one was still under way.
    let later = Lora {
        name: name("later"),
        ..revised(&first)
    };
    assert_eq!(stage.save(&later, EDITOR + 1).await, Saved::Saved);
    let late = revised(&revised(&first));
    assert_eq!(stage.save(&late, EDITOR).await, Saved::Fenced);
    assert_eq!(stage.save(&first, EDITOR).await, Saved::Fenced);
    assert_eq!(stage.lora(&later.id).await, Some(later.clone()));
    // A later lock counts more than a higher revision.
    let behind = Lora {
        name: name("behind"),
        ..later
    };
    assert_eq!(stage.save(&behind, EDITOR + 2).await, Saved::Saved);
    assert_eq!(stage.lora(&behind.id).await, Some(behind));
}

pub async fn a_deleted_lora_stays_deleted<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let lora = lora(anne(), 1);
    assert_eq!(stage.save(&lora, EDITOR).await, Saved::Saved);
    assert_eq!(stage.delete(&lora.id, EDITOR).await, Deleted::Deleted);
    assert_eq!(stage.lora(&lora.id).await, None);
    for generation in [EDITOR, EDITOR + 1] {
        let late = revised(&lora);
        assert_eq!(stage.save(&late, generation).await, Saved::Gone);
    }
    assert_eq!(stage.lora(&lora.id).await, None);
    assert_eq!(must(stage.repository().loras(&anne()).await), []);
    assert_eq!(
        must(stage.repository().named(&anne(), &lora.name).await),
        None
    );
}

pub async fn a_lora_deleted_before_its_first_save_stays_deleted<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let lora = lora(anne(), 1);
    assert_eq!(stage.delete(&lora.id, EDITOR).await, Deleted::Deleted);
    assert_eq!(stage.save(&lora, EDITOR).await, Saved::Gone);
    assert_eq!(stage.lora(&lora.id).await, None);
}

pub async fn deleting_again_is_the_same<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let lora = lora(anne(), 1);
    assert_eq!(stage.save(&lora, EDITOR).await, Saved::Saved);
    for generation in [EDITOR, EDITOR, EDITOR - 1] {
        assert_eq!(stage.delete(&lora.id, generation).await, Deleted::Deleted);
    }
}

pub async fn an_earlier_editor_cannot_delete<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let lora = lora(anne(), 1);
    assert_eq!(stage.save(&lora, EDITOR).await, Saved::Saved);
    assert_eq!(stage.delete(&lora.id, EDITOR - 1).await, Deleted::Fenced);
    assert_eq!(stage.lora(&lora.id).await.as_ref(), Some(&lora));
    assert_eq!(stage.delete(&lora.id, EDITOR + 1).await, Deleted::Deleted);
}

pub async fn names_are_found_whatever_their_case<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let find = async |owner: Owner, text: &str| {
        let name: LoraName = name(text);
        must(stage.repository().named(&owner, &name).await)
    };
    let lora = Lora {
        name: name("Été à Ærø"),
        ..lora(anne(), 1)
    };
    assert_eq!(stage.save(&lora, EDITOR).await, Saved::Saved);
    assert_eq!(find(anne(), "ÉTÉ À ÆRØ").await, Some(lora.id.clone()));
    assert_eq!(find(anne(), "été à ærø").await, Some(lora.id.clone()));
    assert_eq!(find(anne(), "été à").await, None);
    assert_eq!(find(ben(), "Été à Ærø").await, None);
    let renamed = Lora {
        name: name("Winter"),
        ..revised(&lora)
    };
    assert_eq!(stage.save(&renamed, EDITOR).await, Saved::Saved);
    assert_eq!(find(anne(), "Été à Ærø").await, None);
    assert_eq!(find(anne(), "winter").await, Some(lora.id));
}

pub async fn loras_are_listed_last_changed_first<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let [first, second, third] = [1, 2, 3].map(|n| lora(anne(), n));
    let others = lora(ben(), 9);
    for lora in [&second, &first, &third, &others] {
        assert_eq!(stage.save(lora, EDITOR).await, Saved::Saved);
    }
    let changed = Lora {
        updated: START.after(Duration::from_secs(60)),
        ..revised(&first)
    };
    assert_eq!(stage.save(&changed, EDITOR).await, Saved::Saved);
    let list = must(stage.repository().loras(&anne()).await);
    let ids: Vec<_> = list.into_iter().map(|summary| summary.id).collect();
    assert_eq!(ids, [first.id, third.id, second.id]);
    let list = must(stage.repository().loras(&ben()).await);
    let ids: Vec<_> = list.into_iter().map(|summary| summary.id).collect();
    assert_eq!(ids, [others.id]);
}

pub async fn a_list_tells_pictures_versions_and_training<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let lora = lora(anne(), 1);
    assert_eq!(stage.save(&lora, EDITOR).await, Saved::Saved);
    let listed = async || {
        let list = must(stage.repository().loras(&anne()).await);
        list.into_iter().next()
    };
    let mut expected = LoraSummary {
        id: lora.id.clone(),
        name: lora.name.clone(),
        pictures: 4,
        latest: None,
        training: false,
        updated: lora.updated,
    };
    assert_eq!(listed().await.as_ref(), Some(&expected));

    let cancelled = RunState::Cancelled {
        artifact: Some(super::stage::artifact(90)),
    };
    let version = |minor| VersionNumber { major: 1, minor };
    // 1.10 is above 1.9, and only what worked is a version.
    let ends = [
        (version(9), done(91)),
        (version(10), done(92)),
        (version(2), done(93)),
        (version(11), failed()),
        (version(12), cancelled),
    ];
    for (n, (version, state)) in (1..).zip(ends) {
        let run = Run {
            version,
            ..run(&lora, n)
        };
        assert_eq!(stage.insert(&run).await, Inserted::Inserted);
        let training = listed().await.map(|summary| summary.training);
        assert_eq!(training, Some(true));
        stage.end(state).await;
    }
    expected.latest = Some(version(10));
    assert_eq!(listed().await.as_ref(), Some(&expected));

    // A picture on its way is no picture yet, unless it replaces one.
    let (dataset, _) = lora.dataset.clone().reserve(Place::Next, 20, "i", "a.png");
    let changed = Lora {
        dataset,
        ..revised(&lora)
    };
    assert_eq!(stage.save(&changed, EDITOR).await, Saved::Saved);
    assert_eq!(listed().await.map(|summary| summary.pictures), Some(4));
    let changed = Lora {
        dataset: with_picture(changed.dataset.clone(), 50),
        ..revised(&changed)
    };
    assert_eq!(stage.save(&changed, EDITOR).await, Saved::Saved);
    assert_eq!(listed().await.map(|summary| summary.pictures), Some(5));
}

pub async fn loras_survive_a_restart<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let [kept, deleted] = [1, 2].map(|n| lora(anne(), n));
    for lora in [&kept, &deleted] {
        assert_eq!(stage.save(lora, EDITOR).await, Saved::Saved);
    }
    assert_eq!(stage.delete(&deleted.id, EDITOR).await, Deleted::Deleted);
    let stage = stage.restart().await;
    assert_eq!(stage.lora(&kept.id).await.as_ref(), Some(&kept));
    assert_eq!(stage.save(&deleted, EDITOR + 1).await, Saved::Gone);
    let late = revised(&kept);
    assert_eq!(stage.save(&late, EDITOR - 1).await, Saved::Fenced);
    assert_eq!(stage.save(&kept, EDITOR).await, Saved::Stale);
}
