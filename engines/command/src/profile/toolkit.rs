//! ai-toolkit: everything in one file of YAML. <https://github.com/ostris/ai-toolkit>

use std::path::{Path, PathBuf};

use lorikeet_engine::Job;
use serde_json::{Value, json};

use super::Kind::{Number, Switch, Text, Whole};
use super::{DATASET, Kind, NAME, OUTPUT, Plan, Speech, Written, every, prompts};
use crate::config::{Base, Config, Profile};
use crate::yaml;

/// Arguments that an operator may set, where each belongs.
pub(super) const ALLOWED: &[(&str, Kind)] = &[
    ("quantize", Switch),
    ("quantize_te", Switch),
    ("low_vram", Switch),
    ("assistant_lora_path", Text),
    ("batch_size", Whole),
    ("gradient_accumulation", Whole),
    ("gradient_checkpointing", Switch),
    ("optimizer", Text),
    ("noise_scheduler", Text),
    ("dtype", Text),
    ("timestep_type", Text),
    ("max_grad_norm", Number),
    ("cache_latents_to_disk", Switch),
    ("caption_dropout_rate", Number),
    ("guidance_scale", Number),
    ("sample_steps", Whole),
];
const OF_MODEL: [&str; 4] = ["quantize", "quantize_te", "low_vram", "assistant_lora_path"];
const OF_DATASET: [&str; 2] = ["cache_latents_to_disk", "caption_dropout_rate"];
const OF_SAMPLE: [&str; 2] = ["guidance_scale", "sample_steps"];

pub(super) fn plan(
    config: &Config,
    base: &Base,
    job: &Job,
    folder: &Path,
    files: &mut Vec<Written>,
) -> Plan {
    let prompts = prompts(job);
    let text = |path: PathBuf| path.to_string_lossy().into_owned();
    let written = yaml::write(&configuration(config, base, job, folder, &prompts));
    files.push(Written {
        path: "config.yaml".into(),
        bytes: written.into_bytes(),
    });
    Plan {
        command: vec![
            text(config.python.clone()),
            "-u".to_owned(),
            text(config.scripts.join("run.py")),
            text(folder.join("config.yaml")),
        ],
        directory: config.scripts.clone(),
        environment: config.environment.clone(),
        output: folder.join(OUTPUT).join(NAME),
        file: format!("{NAME}.safetensors"),
        samples: folder.join(OUTPUT).join(NAME).join("samples"),
        prompts,
        progress: Speech::Bars,
        steps: job.settings.steps,
        every: every(job.settings.steps),
        written_last: true,
        rank: job.settings.rank,
    }
}

fn configuration(
    config: &Config,
    base: &Base,
    job: &Job,
    folder: &Path,
    prompts: &[String],
) -> Value {
    let settings = &job.settings;
    let every = every(settings.steps);
    // Name of the architecture, scheduler, guidance and steps of samples.
    let (arch, scheduler, guidance, steps) = match config.profile {
        Profile::ToolkitSdxl => ("sdxl", "ddpm", 7.0, 20),
        Profile::ToolkitQwen => ("qwen_image", "flowmatch", 4.0, 25),
        Profile::ToolkitZImage => ("zimage", "flowmatch", 1.0, 8),
        // Two sizes of it are two architectures.
        Profile::ToolkitKlein if base.path.to_lowercase().contains("9b") => {
            ("flux2_klein_9b", "flowmatch", 4.0, 25)
        }
        Profile::ToolkitKlein => ("flux2_klein_4b", "flowmatch", 4.0, 25),
        _ => ("flux", "flowmatch", 4.0, 20),
    };
    let mut model = json!({
        "name_or_path": base.path, "arch": arch, "quantize": arch != "sdxl", "low_vram": false,
    });
    let mut dataset = json!({
        "folder_path": folder.join(DATASET), "caption_ext": "txt", "caption_dropout_rate": 0.05,
        "cache_latents_to_disk": true, "resolution": [settings.resolution],
    });
    let mut train = json!({
        "batch_size": 1, "steps": settings.steps, "gradient_accumulation": 1, "gradient_checkpointing": true,
        "train_unet": true, "train_text_encoder": false, "noise_scheduler": scheduler, "optimizer": "adamw8bit",
        "lr": settings.learning_rate, "dtype": "bf16",
    });
    let mut sample = json!({
        "sampler": scheduler, "sample_every": every, "width": settings.resolution, "height": settings.resolution,
        "prompts": prompts, "neg": "", "seed": settings.seed, "walk_seed": false, "guidance_scale": guidance,
        "sample_steps": steps,
    });
    for (name, value) in &config.arguments {
        let part = match name.as_str() {
            name if OF_MODEL.contains(&name) => &mut model,
            name if OF_DATASET.contains(&name) => &mut dataset,
            name if OF_SAMPLE.contains(&name) => &mut sample,
            _ => &mut train,
        };
        part[name] = json!(value);
    }
    json!({
        "job": "extension",
        "config": {
            "name": NAME,
            "process": [{
                "type": "sd_trainer",
                "training_folder": folder.join(OUTPUT),
                "device": "cuda:0",
                "training_seed": settings.seed,
                "trigger_word": job.trigger.as_str(),
                "network": { "type": "lora", "linear": settings.rank, "linear_alpha": settings.alpha },
                "save": { "dtype": "float16", "save_every": every, "max_step_saves_to_keep": super::CHECKPOINTS },
                "datasets": [dataset],
                "train": train,
                "model": model,
                "sample": sample,
            }],
        },
        "meta": { "name": "[name]", "version": "1.0" },
    })
}
