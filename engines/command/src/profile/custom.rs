//! Any program, by a template: an argument vector with places for what a run has.

use std::path::Path;

use lorikeet_engine::Job;

use super::{DATASET, NAME, OUTPUT, Plan, Speech, every, prompts};
use crate::config::{Base, Config};

pub(super) fn plan(config: &Config, base: &Base, job: &Job, folder: &Path) -> Plan {
    let settings = &job.settings;
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let file = format!("{NAME}.safetensors");
    let places = [
        ("{dataset}", text(&folder.join(DATASET))),
        ("{output}", text(&folder.join(OUTPUT))),
        ("{file}", text(&folder.join(OUTPUT).join(&file))),
        ("{base}", base.path.clone()),
        ("{trigger}", job.trigger.as_str().to_owned()),
        ("{steps}", settings.steps.to_string()),
        ("{every}", every(settings.steps).to_string()),
        ("{rank}", settings.rank.to_string()),
        ("{alpha}", settings.alpha.to_string()),
        ("{learning_rate}", settings.learning_rate.to_string()),
        ("{resolution}", settings.resolution.to_string()),
        ("{seed}", settings.seed.to_string()),
    ];
    let filled = |argument: &String| {
        let mut filled = String::new();
        let mut rest = argument.as_str();
        // What is filled in is not looked at again, whatever is in it.
        while let Some((at, place, value)) = places
            .iter()
            .filter_map(|(place, value)| rest.find(place).map(|at| (at, *place, value)))
            .min_by_key(|(at, _, _)| *at)
        {
            filled.push_str(&rest[..at]);
            filled.push_str(value);
            rest = &rest[at + place.len()..];
        }
        filled + rest
    };
    Plan {
        command: config.command.iter().map(filled).collect(),
        directory: folder.to_owned(),
        environment: config.environment.clone(),
        output: folder.join(OUTPUT),
        file,
        samples: folder.join(OUTPUT).join("samples"),
        prompts: prompts(job),
        progress: if config.progress.is_empty() {
            Speech::Bars
        } else {
            Speech::Lines(config.progress.clone())
        },
        steps: settings.steps,
        every: every(settings.steps),
        written_last: false,
        rank: settings.rank,
    }
}
