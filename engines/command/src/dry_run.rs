//! Whether a training could begin: paths, scripts, the program's own parts, and their versions. Nothing is trained.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use crate::config::{Config, Profile};

/// How long a Python may take to say what it has: the first time it compiles all of it.
const PATIENCE: Duration = Duration::from_secs(120);
/// What the program needs, and whether there is a graphics card; a line each.
const PARTS: &str = "\
import importlib, sys
print('python', sys.version.split()[0])
for name in sys.argv[1:]:
    try:
        part = importlib.import_module(name)
        print(name, getattr(part, '__version__', 'there'))
    except Exception as error:
        print(name, 'missing:', type(error).__name__)
try:
    import torch
    print('cuda', torch.cuda.get_device_name(0) if torch.cuda.is_available() else 'missing: no graphics card')
except Exception:
    pass
";

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether a training can do with it.
    pub good: bool,
    /// What it is, in a sentence.
    pub what: String,
}

/// Looks at everything that a training needs before its first step.
pub async fn dry_run(config: &Config) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut say = |good: bool, what: String| found.push(Finding { good, what });
    if let Err(error) = config.check() {
        say(false, error.to_string());
        return found;
    }
    let config = &config.clone().absolute();
    let key = |name: &str| format!("engines.command.{}.{name}", config.id.0);
    let there = |path: &Path| path.exists();
    for base in &config.bases {
        let path = Path::new(&base.path);
        // Anything else is the name of a repository, which the program fetches.
        if path.is_absolute() || base.path.ends_with(".safetensors") {
            let good = there(path);
            let is = if good {
                "is there"
            } else {
                "is not there: no training with it can begin"
            };
            say(good, format!("{}: {} {is}", key("bases"), path.display()));
        }
        for (part, path) in &base.parts {
            let good = there(path);
            let is = if good { "is there" } else { "is not there" };
            say(
                good,
                format!("{}: {part} {is}: {}", key("bases"), path.display()),
            );
        }
    }
    let script = match config.profile {
        Profile::KohyaSd15 => Some("train_network.py"),
        Profile::KohyaSdxl => Some("sdxl_train_network.py"),
        Profile::KohyaFlux => Some("flux_train_network.py"),
        Profile::Custom => None,
        _ => Some("run.py"),
    };
    let Some(script) = script else {
        let program = config
            .command
            .first()
            .map(PathBuf::from)
            .unwrap_or_default();
        let good = !program.is_absolute() || there(&program);
        let is = if good { "is there" } else { "is not there" };
        say(
            good,
            format!("{}: {} {is}", key("command"), program.display()),
        );
        return found;
    };
    let script = config.scripts.join(script);
    let good = there(&script);
    let is = if good {
        "is there"
    } else {
        "is not there: is it another version, or another directory?"
    };
    say(
        good,
        format!("{}: {} {is}", key("scripts"), script.display()),
    );
    let parts: &[&str] = if config.profile.is_kohya() {
        &[
            "torch",
            "accelerate",
            "diffusers",
            "transformers",
            "safetensors",
            "bitsandbytes",
        ]
    } else {
        &[
            "torch",
            "diffusers",
            "transformers",
            "safetensors",
            "bitsandbytes",
            "oyaml",
        ]
    };
    let mut asked = Command::new(&config.python);
    asked
        .arg("-c")
        .arg(PARTS)
        .args(parts)
        .envs(&config.environment)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    match timeout(PATIENCE, asked.output()).await {
        Ok(Ok(said)) if said.status.success() => {
            for line in String::from_utf8_lossy(&said.stdout).lines() {
                say(
                    !line.contains("missing:"),
                    format!("{}: {line}", key("python")),
                );
            }
        }
        Ok(Ok(_)) => say(
            false,
            format!(
                "{}: {} is no Python",
                key("python"),
                config.python.display()
            ),
        ),
        Ok(Err(error)) => say(
            false,
            format!(
                "{}: {} cannot be started: {error}",
                key("python"),
                config.python.display()
            ),
        ),
        Err(_) => say(false, format!("{}: it does not answer", key("python"))),
    }
    found
}
