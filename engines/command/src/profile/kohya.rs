//! kohya sd-scripts: a dataset and arguments as TOML, and a script for each family of base models.
//! <https://github.com/kohya-ss/sd-scripts>

use std::path::{Path, PathBuf};

use lorikeet_engine::Job;
use toml::{Table, Value};

use super::Kind::{Number, Switch, Text, Whole};
use super::{DATASET, Kind, NAME, OUTPUT, Plan, Speech, Written, every, prompts};
use crate::config::{Base, Config, Profile};

/// Arguments that an operator may set: how it computes, not what it is to learn.
pub(super) const ALLOWED: &[(&str, Kind)] = &[
    ("optimizer_type", Text),
    ("lr_scheduler", Text),
    ("lr_warmup_steps", Whole),
    ("mixed_precision", Text),
    ("save_precision", Text),
    ("train_batch_size", Whole),
    ("gradient_accumulation_steps", Whole),
    ("gradient_checkpointing", Switch),
    ("max_grad_norm", Number),
    ("min_snr_gamma", Number),
    ("noise_offset", Number),
    ("network_dropout", Number),
    ("network_train_unet_only", Switch),
    ("cache_latents", Switch),
    ("cache_latents_to_disk", Switch),
    ("cache_text_encoder_outputs", Switch),
    ("sdpa", Switch),
    ("xformers", Switch),
    ("fp8_base", Switch),
    ("lowram", Switch),
    ("blocks_to_swap", Whole),
    ("guidance_scale", Number),
    ("discrete_flow_shift", Number),
    ("timestep_sampling", Text),
    ("vae", Text),
    ("clip_skip", Whole),
    ("max_data_loader_n_workers", Whole),
];

pub(super) fn plan(
    config: &Config,
    base: &Base,
    job: &Job,
    folder: &Path,
    files: &mut Vec<Written>,
) -> Plan {
    let settings = &job.settings;
    let prompts = prompts(job);
    let text = |path: PathBuf| path.to_string_lossy().into_owned();
    let dataset = folder.join("dataset.toml");
    let arguments = folder.join("arguments.toml");
    let asked = folder.join("prompts.txt");
    let resolution = settings.resolution;
    let lines: String = prompts
        .iter()
        .map(|prompt| {
            format!(
                "{prompt} --w {resolution} --h {resolution} --d {} --s 20\n",
                settings.seed
            )
        })
        .collect();
    files.push(Written {
        path: "prompts.txt".into(),
        bytes: lines.into_bytes(),
    });
    files.push(Written {
        path: "dataset.toml".into(),
        bytes: dataset_toml(config, resolution, &folder.join(DATASET)).into_bytes(),
    });
    let mut table = arguments_of(config, base, job);
    let more = [
        ("dataset_config", text(dataset)),
        ("output_dir", text(folder.join(OUTPUT))),
        ("sample_prompts", text(asked)),
    ];
    for (name, value) in more {
        table.insert(name.to_owned(), Value::String(value));
    }
    files.push(Written {
        path: "arguments.toml".into(),
        bytes: table.to_string().into_bytes(),
    });
    let script = match config.profile {
        Profile::KohyaSd15 => "train_network.py",
        Profile::KohyaFlux => "flux_train_network.py",
        _ => "sdxl_train_network.py",
    };
    Plan {
        command: vec![
            text(config.python.clone()),
            "-u".to_owned(),
            text(config.scripts.join(script)),
            "--config_file".to_owned(),
            text(arguments),
            "--console_log_simple".to_owned(),
        ],
        directory: config.scripts.clone(),
        environment: config.environment.clone(),
        output: folder.join(OUTPUT),
        file: format!("{NAME}.safetensors"),
        samples: folder.join(OUTPUT).join("sample"),
        prompts,
        progress: Speech::Bars,
        steps: settings.steps,
        every: every(settings.steps),
        written_last: true,
        rank: settings.rank,
    }
}

fn dataset_toml(config: &Config, resolution: u32, pictures: &Path) -> String {
    let batch = config.arguments.get("train_batch_size").cloned();
    let subset = Table::from_iter([
        (
            "image_dir".to_owned(),
            Value::String(pictures.to_string_lossy().into_owned()),
        ),
        ("num_repeats".to_owned(), Value::Integer(1)),
        // Not the program's own default, which is another.
        (
            "caption_extension".to_owned(),
            Value::String(".txt".to_owned()),
        ),
    ]);
    let whole = |number: u32| Value::Integer(number.into());
    let dataset = Table::from_iter([
        ("resolution".to_owned(), whole(resolution)),
        ("batch_size".to_owned(), batch.unwrap_or(Value::Integer(1))),
        ("enable_bucket".to_owned(), Value::Boolean(true)),
        (
            "min_bucket_reso".to_owned(),
            whole((resolution / 2).max(64)),
        ),
        ("max_bucket_reso".to_owned(), whole(resolution * 2)),
        ("bucket_reso_steps".to_owned(), whole(64)),
        ("bucket_no_upscale".to_owned(), Value::Boolean(true)),
        (
            "subsets".to_owned(),
            Value::Array(vec![Value::Table(subset)]),
        ),
    ]);
    let datasets = Value::Array(vec![Value::Table(dataset)]);
    Table::from_iter([("datasets".to_owned(), datasets)]).to_string()
}

/// The arguments but for paths of the run's own. The program reads over what it does not know and does not turn a whole number
/// into a fraction, so each has the type it is to have.
fn arguments_of(config: &Config, base: &Base, job: &Job) -> Table {
    let settings = &job.settings;
    let every = every(settings.steps);
    let whole = |number: u32| Value::Integer(number.into());
    let text = |text: &str| Value::String(text.to_owned());
    let rate = Value::Float(settings.learning_rate);
    let mut table: Table = [
        ("pretrained_model_name_or_path", text(&base.path)),
        ("output_name", text(NAME)),
        ("save_model_as", text("safetensors")),
        ("network_dim", whole(settings.rank)),
        ("network_alpha", Value::Float(settings.alpha.into())),
        ("learning_rate", rate.clone()),
        ("unet_lr", rate),
        ("max_train_steps", whole(settings.steps)),
        ("save_every_n_steps", whole(every)),
        ("sample_every_n_steps", whole(every)),
        ("sample_sampler", text("euler_a")),
        ("seed", whole(settings.seed)),
        ("optimizer_type", text("AdamW8bit")),
        ("lr_scheduler", text("cosine")),
        ("mixed_precision", text("bf16")),
        ("save_precision", text("bf16")),
        ("gradient_checkpointing", Value::Boolean(true)),
        ("cache_latents", Value::Boolean(true)),
        ("sdpa", Value::Boolean(true)),
        ("max_data_loader_n_workers", whole(0)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    let own: Vec<(&str, Value)> = match config.profile {
        Profile::KohyaFlux => {
            let part = |name: &str| {
                let path = base.parts.get(name);
                text(
                    &path
                        .map(|path| path.to_string_lossy().into_owned())
                        .unwrap_or_default(),
                )
            };
            vec![
                ("network_module", text("networks.lora_flux")),
                ("clip_l", part("clip_l")),
                ("t5xxl", part("t5xxl")),
                ("ae", part("ae")),
                ("guidance_scale", Value::Float(1.0)),
                ("timestep_sampling", text("shift")),
                ("discrete_flow_shift", Value::Float(3.1582)),
                ("model_prediction_type", text("raw")),
                ("network_train_unet_only", Value::Boolean(true)),
                ("cache_text_encoder_outputs", Value::Boolean(true)),
                ("fp8_base", Value::Boolean(true)),
            ]
        }
        Profile::KohyaSd15 => vec![
            ("network_module", text("networks.lora")),
            (
                "text_encoder_lr",
                Value::Float(settings.learning_rate / 10.0),
            ),
            ("min_snr_gamma", Value::Float(5.0)),
        ],
        _ => vec![
            ("network_module", text("networks.lora")),
            (
                "text_encoder_lr",
                Value::Float(settings.learning_rate / 10.0),
            ),
            ("no_half_vae", Value::Boolean(true)),
        ],
    };
    table.extend(
        own.into_iter()
            .map(|(name, value)| (name.to_owned(), value)),
    );
    // Checked against what is allowed; the batch is the dataset's.
    let more = config
        .arguments
        .iter()
        .filter(|(name, _)| *name != "train_batch_size");
    table.extend(more.map(|(name, value)| (name.clone(), value.clone())));
    table
}
