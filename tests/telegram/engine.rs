//! A training by a program of the machine, whatever becomes of the bot meanwhile.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use lorikeet_fake_telegram::Item;
use lorikeet_tests::bot::run;
use safetensors::SafeTensors;

use crate::chat::Chat;
use crate::stage::{by_polling, picture, started, telegram};

/// A program that prints and makes what kohya's does, and takes some seconds for it.
fn with_a_program(directory: &Path) -> Result<()> {
    let scripts = directory.join("scripts");
    std::fs::create_dir_all(&scripts)?;
    let trainer = Path::new(env!("CARGO_MANIFEST_DIR")).join("../engines/command/tests/trainer.py");
    let trainer = trainer.canonicalize()?;
    let script = format!(
        "import runpy, sys\nsys.argv.insert(1, 'kohya')\nrunpy.run_path({:?}, run_name='__main__')\n",
        trainer.display().to_string()
    );
    std::fs::write(scripts.join("sdxl_train_network.py"), script)?;
    std::fs::write(directory.join("model.safetensors"), "a model")?;
    let written = format!(
        r#"
        [engines.tiny]
        enabled = true
        [engines.command.garage]
        profile = "kohya-sdxl"
        name = "The garage"
        python = "python3"
        scripts = {scripts:?}
        bases = [{{ id = "sdxl", name = "SDXL", path = {model:?} }}]
        environment = {{ TRAINER_PAUSE = "0.06" }}
        "#,
        scripts = scripts.display().to_string(),
        model = directory.join("model.safetensors").display().to_string(),
    );
    std::fs::create_dir_all(directory.join("config"))?;
    std::fs::write(directory.join("config/lorikeet.toml"), written)?;
    Ok(())
}

#[tokio::test]
async fn a_program_trains_on_while_the_bot_is_killed() -> Result<()> {
    let directory = tempfile::tempdir()?;
    with_a_program(directory.path())?;
    let telegram = telegram().await?;
    let mut bot = started(directory.path(), &by_polling(&telegram))?;
    let kea = Chat::private(&telegram, "Kea", "en");
    kea.begins("Garden birds").await?;
    let album: Vec<Item> = (0..4).map(|seed| Item::photo(picture(seed))).collect();
    kea.talk().album(&album)?;
    kea.sees("4 of 20").await?;
    kea.goes("Continue", "What does it show?").await?;
    kea.goes("Skip captions", "How thoroughly").await?;
    // What is of use comes first; the demonstration can be chosen.
    let shown = kea.sees("Base model: SDXL").await?;
    ensure!(
        shown
            .labels()
            .iter()
            .any(|label| label.contains("Built-in demonstration"))
    );
    kea.goes("Continue", "This is what will be trained").await?;
    kea.press("Start training").await?;
    kea.sees("Loss:").await?;
    bot.kill_and_restart()?;
    kea.press("garden-birds-1.0.safetensors").await?;
    let file = kea.gets("garden-birds-1.0.safetensors").await?;
    let (_, header) = SafeTensors::read_metadata(&file)?;
    let metadata = header.metadata().clone().context("no metadata")?;
    ensure!(metadata.contains_key("lorikeet.run"), "{metadata:?}");
    let told = format!("{metadata:?}");
    ensure!(
        !told.contains("dataset") && !told.contains("01.jpg"),
        "{told}"
    );
    // Trained once: one run, whose folder is gone.
    let runs = std::fs::read_dir(directory.path().join("data/engines/garage"))?;
    let runs = runs
        .flatten()
        .filter(|entry| entry.file_name().len() == 32)
        .count();
    ensure!(runs == 0, "{runs} folders are left");
    Ok(())
}

#[test]
fn what_a_program_lacks_is_said_before() -> Result<()> {
    let directory = tempfile::tempdir()?;
    with_a_program(directory.path())?;
    std::fs::remove_file(directory.path().join("model.safetensors"))?;
    let said = run(directory.path(), &["check", "--engines"], &[])?;
    let told = String::from_utf8(said.stdout)? + &String::from_utf8(said.stderr)?;
    ensure!(!said.status.success(), "{told}");
    for words in [
        "✗ engines.command.garage.bases: ",
        "model.safetensors is not there",
        "✓ engines.command.garage.scripts: ",
        "✓ engines.command.garage.python: python 3",
    ] {
        ensure!(told.contains(words), "{words:?} is not in {told}");
    }
    Ok(())
}
