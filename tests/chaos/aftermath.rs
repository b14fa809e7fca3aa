//! What is there when all is over, against what should be.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result};
use lorikeet_fake_telegram::FakeTelegram;
use serde_json::Value;

use crate::person::{Done, PICTURES};
use lorikeet_tests::peers::{Database, Redis, until};

/// Promises that were broken.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) lost: Vec<String>,
    pub(crate) doubled: Vec<String>,
    pub(crate) stuck: Vec<String>,
}

impl Found {
    pub(crate) fn is_clean(&self) -> bool {
        self.lost.is_empty() && self.doubled.is_empty() && self.stuck.is_empty()
    }

    fn count(&mut self, what: &str, found: usize, expected: usize) {
        if found < expected {
            self.lost.push(format!("{what}: {found} of {expected}"));
        } else if found > expected {
            self.doubled
                .push(format!("{what}: {found} instead of {expected}"));
        }
    }
}

/// Looks at everything once it has come to rest.
pub(crate) async fn look(
    everybody: &[Done],
    redis: &Redis,
    database: &Database,
    telegram: &FakeTelegram,
    loras: usize,
) -> Result<Found> {
    let mut found = Found::default();
    found
        .stuck
        .extend(everybody.iter().filter_map(|done| done.stuck.clone()));
    let resting = until("rest", Duration::from_secs(45), || async {
        Ok(waiting(redis)?.is_empty())
    });
    if resting.await.is_err() {
        found.stuck.extend(waiting(redis)?);
    }
    updates(telegram, &mut found).await;
    leaks(redis, &mut found)?;
    if found.stuck.is_empty() {
        records(everybody, database, loras, &mut found)?;
        log(everybody, &mut found);
    }
    Ok(found)
}

/// Every update was taken, and every press answered.
async fn updates(telegram: &FakeTelegram, found: &mut Found) {
    let waits = || (telegram.pending_updates(), telegram.unanswered().len());
    let rest = || (waits() == (0, 0)).then_some(());
    let resting = telegram.wait_until("rest", Duration::from_secs(45), rest);
    if resting.await.is_err() {
        let (updates, presses) = waits();
        found.stuck.push(format!(
            "{updates} updates, {presses} presses without an answer"
        ));
    }
}

/// Mailboxes, outboxes and index entries with something in them.
fn waiting(redis: &Redis) -> Result<Vec<String>> {
    let keys = redis.admin(&["KEYS", "*"])?;
    let open = [":mailbox", ":deliver", ":work"];
    let waits = |key: &&str| key.contains(":due:") || open.iter().any(|end| key.ends_with(end));
    Ok(keys
        .lines()
        .filter(|key| !key.contains("{hints}"))
        .filter(waits)
        .map(str::to_owned)
        .collect())
}

/// Every key is one that is documented, and all but the name of the data set expire by themselves.
fn leaks(redis: &Redis, found: &mut Found) -> Result<()> {
    let known = [
        ":head",
        ":session",
        ":ids",
        ":bodies",
        ":positions",
        ":changes",
    ];
    for key in redis.admin(&["KEYS", "*"])?.lines() {
        if key.is_empty() || key == "lorikeet:deployment" || key.contains("{hints}") {
            continue;
        }
        let documented = known.iter().any(|end| key.ends_with(end)) || key.contains(":lock:");
        let expires: i64 = redis.admin(&["PTTL", key])?.trim().parse()?;
        // -2: gone since.
        if !documented || expires == -1 {
            found.stuck.push(format!("{key} stays for ever"));
        }
    }
    Ok(())
}

fn records(everybody: &[Done], database: &Database, loras: usize, found: &mut Found) -> Result<()> {
    let rows = database.rows("SELECT replace(body, E'\\n', ' ') FROM loras")?;
    found.count("LoRAs in all", rows.len(), everybody.len() * loras);
    let mut by_name: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for row in rows {
        let lora: Value = serde_json::from_str(&row).context("a LoRA's record")?;
        let name = lora["name"].as_str().unwrap_or_default().to_owned();
        by_name.entry(name).or_default().push(lora);
    }
    for (name, trains) in everybody.iter().flat_map(|done| &done.loras) {
        let copies = by_name.get(name).map_or(&[][..], Vec::as_slice);
        found.count(name, copies.len(), 1);
        for lora in copies {
            let dataset = lora["dataset"].as_object();
            let slots: Vec<&Value> = dataset
                .into_iter()
                .flat_map(|slots| slots.values())
                .collect();
            found.count(&format!("pictures of {name}"), slots.len(), PICTURES);
            let text = lora["dataset"].to_string();
            for caption in 1..=2 {
                let words = format!("caption {caption} of {name}");
                found.count(&words, text.matches(&words).count(), 1);
            }
            if text.contains("\"arriving\"") {
                found
                    .stuck
                    .push(format!("a picture of {name} never arrived"));
            }
            let id = lora["id"].as_str().unwrap_or_default();
            let runs = database.rows(&format!("SELECT state FROM runs WHERE lora = '{id}'"))?;
            found.count(&format!("runs of {name}"), runs.len(), usize::from(*trains));
            let ends = ["cancelled", "done"];
            for state in runs.iter().filter(|state| !ends.contains(&state.as_str())) {
                found.stuck.push(format!("the run of {name} is {state}"));
            }
        }
    }
    Ok(())
}

/// What people said stands in the log once, where there is one.
fn log(everybody: &[Done], found: &mut Found) {
    for done in everybody {
        for words in &done.said {
            let said = done.said.iter().filter(|said| *said == words).count();
            let stands = done
                .log
                .iter()
                .flatten()
                .filter(|said| *said == words)
                .count();
            let what = format!("“{words}” in the log of {}", done.name);
            found.count(&what, stands, said);
        }
    }
}
