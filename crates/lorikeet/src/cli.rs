//! The command line.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::{Parser, Subcommand, ValueEnum};
use lorikeet_training::{Limits, Training, flows};

use crate::config::Config;
use crate::{bot, check, gallery, plugins, telemetry};

/// Train image LoRAs from the chat you already use.
#[derive(Debug, Parser)]
#[command(version, about)]
pub(crate) struct Arguments {
    /// The configuration file; config/lorikeet.toml is used when it is there and this is not given.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the bot (the default).
    Run {
        /// What this process does of it.
        #[arg(long, value_enum, default_value_t = Role::All)]
        role: Role,
    },
    /// Say what is wrong with the configuration, key by key.
    Check {
        /// Look whether the programs that train could begin, too: paths, scripts, their parts and versions.
        #[arg(long)]
        engines: bool,
    },
    /// Keep one training going; the bot starts this by itself.
    #[cfg(feature = "command")]
    #[command(hide = true)]
    Keep {
        /// The training's folder.
        folder: PathBuf,
    },
    /// Write a page with samples of every screen, as each platform shows it, and the calls behind them.
    Gallery {
        /// The folder to write into.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Look at the dialogues.
    Flow {
        #[command(subcommand)]
        command: FlowCommand,
    },
}

/// What a process of the bot does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// Everything.
    All,
    /// Talks to people; trainings are left to workers.
    Bot,
    /// Trains; talking is left to bots.
    Worker,
}

#[derive(Debug, Subcommand)]
enum FlowCommand {
    /// Print a dialogue as a Mermaid diagram.
    Diagram {
        /// The dialogue's name; without it, the names there are.
        name: Option<String>,
    },
}

/// Does what the command line says.
///
/// # Errors
/// Whatever keeps it from being done, in a sentence for whoever typed it.
pub(crate) fn run(arguments: Arguments) -> anyhow::Result<()> {
    let command = arguments
        .command
        .unwrap_or(Command::Run { role: Role::All });
    match command {
        Command::Run { role } => {
            let config = Config::load(arguments.config.as_deref())?;
            check::refuse(&config)?;
            telemetry::init(&config.log)?;
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()?;
            runtime.block_on(bot::run(config, role))
        }
        #[cfg(feature = "command")]
        Command::Keep { folder } => Ok(lorikeet_command::keep(&folder)?),
        Command::Check { engines } => {
            let config = Config::load(arguments.config.as_deref())?;
            check::refuse(&config)?;
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(check::ask(&config))?;
            if engines {
                runtime.block_on(check::look_at_engines(&config, say))?;
            }
            say("The configuration is fine.");
            Ok(())
        }
        Command::Gallery { out } => {
            let count = gallery::write(&plugins::previewers(), &out)?;
            say(&format!(
                "{count} files; open {}",
                out.join("index.html").display()
            ));
            Ok(())
        }
        Command::Flow {
            command: FlowCommand::Diagram { name },
        } => diagram(name.as_deref()),
    }
}

fn diagram(name: Option<&str>) -> anyhow::Result<()> {
    let training = Training {
        engines: Vec::new(),
        limits: Limits::default(),
    };
    let dialog = flows::dialog(training, &[]).context("the dialogues are broken")?;
    let names: Vec<&str> = dialog.flows().map(|flow| flow.name()).collect();
    let Some(name) = name else {
        names.into_iter().for_each(say);
        return Ok(());
    };
    let Some(flow) = dialog.flows().find(|flow| flow.name() == name) else {
        bail!(
            "there is no dialogue `{name}`; there are {}",
            names.join(", ")
        );
    };
    say(flow.mermaid().trim_end());
    Ok(())
}

#[expect(clippy::print_stdout, reason = "what the command was asked for")]
fn say(text: &str) {
    println!("{text}");
}
