//! Writers that come at once, each over connections of its own.

use lorikeet_store_sql::PostgresRecords;
use lorikeet_training::{Deleted, Inserted, Lora, LoraName, Repository, Saved};
use tokio::task::JoinSet;

use crate::kit::{Own, connect, lora, run};

/// As many processes.
async fn processes(place: &Own, number: usize) -> Vec<PostgresRecords> {
    let mut processes = Vec::new();
    for _ in 0..number {
        processes.push(connect(&place.url).await);
    }
    processes
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_run_is_inserted_once() {
    let place = Own::schema().await;
    let processes = processes(&place, 12).await;
    for n in 1..=10 {
        let lora = lora(n);
        processes[0].save(&lora, 1).await.unwrap();
        let run = run(&lora, n);
        let mut inserts = JoinSet::new();
        for records in processes.clone() {
            let run = run.clone();
            inserts.spawn(async move { records.insert_run(&run).await.unwrap() });
        }
        let mut answers = inserts.join_all().await;
        answers.sort_by_key(|answer| *answer != Inserted::Inserted);
        assert_eq!(answers[0], Inserted::Inserted);
        assert!(
            answers[1..].iter().all(|a| *a == Inserted::Exists),
            "{answers:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_runs_becomes_active() {
    let place = Own::schema().await;
    let processes = processes(&place, 12).await;
    for round in 1..=10 {
        let lora = lora(round);
        processes[0].save(&lora, 1).await.unwrap();
        let mut inserts = JoinSet::new();
        for (n, records) in (0..).zip(processes.clone()) {
            let run = run(&lora, round * 100 + n);
            inserts.spawn(async move { (run.id.clone(), records.insert_run(&run).await.unwrap()) });
        }
        let mut answers = inserts.join_all().await;
        answers.sort_by_key(|(_, answer)| *answer != Inserted::Inserted);
        let (winner, answer) = answers.remove(0);
        assert_eq!(answer, Inserted::Inserted);
        let told = Inserted::Active(winner);
        assert!(answers.iter().all(|(_, a)| *a == told), "{answers:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_latest_of_many_saves_stays() {
    let place = Own::schema().await;
    let processes = processes(&place, 12).await;
    for round in 1..=20 {
        let first = lora(round);
        let mut saves = JoinSet::new();
        for (n, records) in (1..).zip(processes.clone()) {
            let lora = Lora {
                revision: n,
                name: LoraName::parse(&format!("Cat at {n}")).unwrap(),
                ..first.clone()
            };
            saves.spawn(async move { records.save(&lora, 1).await.unwrap() });
        }
        let answers = saves.join_all().await;
        assert!(answers.contains(&Saved::Saved));
        let stored = processes[0].lora(&first.id).await.unwrap().unwrap();
        assert_eq!(
            stored.revision, 12,
            "a save was overwritten by an earlier one"
        );
        assert_eq!(stored.name.as_str(), "Cat at 12");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lora_is_either_deleted_or_trained() {
    let place = Own::schema().await;
    let processes = processes(&place, 6).await;
    for round in 1..=30 {
        let lora = lora(round);
        let run = run(&lora, round);
        processes[0].save(&lora, 1).await.unwrap();
        let later = Lora {
            revision: 2,
            ..lora.clone()
        };
        let insert = processes[1].insert_run(&run);
        let delete = processes[2].delete(&lora.id, 1);
        let again = processes[3].delete(&lora.id, 1);
        let save = processes[4].save(&later, 1);
        let (insert, delete, again, save) = tokio::join!(insert, delete, again, save);
        let (insert, save) = (insert.unwrap(), save.unwrap());
        assert_eq!(delete.as_ref().unwrap(), again.as_ref().unwrap());

        let there = processes[5].lora(&lora.id).await.unwrap().is_some();
        let training = processes[5].run(&run.id).await.unwrap().is_some();
        match delete.unwrap() {
            Deleted::Deleted => {
                assert_eq!(insert, Inserted::Gone);
                assert_eq!((there, training), (false, false));
                assert_eq!(processes[0].save(&later, 2).await.unwrap(), Saved::Gone);
            }
            Deleted::Training(id) => {
                assert_eq!(id, run.id);
                assert_eq!((insert, save), (Inserted::Inserted, Saved::Saved));
                assert_eq!((there, training), (true, true));
            }
            Deleted::Fenced => panic!("nobody has a later lock"),
        }
    }
}
