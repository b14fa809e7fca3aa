//! From a name to a file that loads, then a second version, a new name, and gone.

use anyhow::{Context as _, Result, ensure};
use lorikeet_media::samples;
use safetensors::SafeTensors;

use crate::page::Page;
use crate::pictures;
use lorikeet_tests::bot::Bot;

/// Fewer steps than a person would take: enough for loss, samples and a file.
const STEPS: &str = "60";

#[tokio::test]
async fn a_newcomer_trains_a_lora() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let bot = Bot::start(directory.path(), &[])?;
    let page = Page::open(&bot.url).await?;
    let files = directory.path().join("pictures");
    std::fs::create_dir(&files)?;

    page.looks_well("home").await?;
    page.says("/loras").await?;
    page.sees("You have no LoRA yet").await?;
    page.looks_well("no-loras").await?;
    page.says("/runs").await?;
    page.sees("Nothing was trained yet").await?;
    page.looks_well("no-runs").await?;
    page.press("Train a LoRA").await?;
    page.sees("A new LoRA").await?;
    page.looks_well("name").await?;
    page.says("Garden birds").await?;
    page.sees("0 of 20").await?;

    // Eight that are fine, at once.
    page.sends(&pictures::good(&files, 8)?).await?;
    page.sees("8 of 20").await?;
    // One rotated by EXIF, with a place in it; one that looks like another; one too small.
    let rotated = samples::jpeg_rotated_with_gps(&samples::picture(100, 640, 480), 6);
    ensure!(contains(&rotated, b"Exif"), "the sample has no EXIF");
    page.sends(&[pictures::file(&files, "rotated.jpg", &rotated)?])
        .await?;
    page.sees("9 of 20").await?;
    let near = samples::png(&samples::near_duplicate(&samples::picture(0, 512, 384)));
    page.sends(&[pictures::file(&files, "near.png", &near)?])
        .await?;
    page.sees("10 of 20").await?;
    page.sees("looks almost like picture 1").await?;
    page.looks_well("pictures").await?;
    page.sends(&[pictures::file(&files, "small.png", &samples::tiny())?])
        .await?;
    page.sees("at least 256 are needed").await?;
    page.sees("10 of 20").await?;

    // The rotated one stands upright, and knows no place any more.
    page.press("9").await?;
    page.sees("rotated.jpg").await?;
    let address = page.attribute("//img", "src").await?;
    let kept = page.fetches(&address).await?;
    ensure!(
        !contains(&kept, b"Exif") && !contains(&kept, b"GPS"),
        "metadata is still there"
    );
    let upright = image::load_from_memory(&kept)?;
    ensure!(
        (upright.width(), upright.height()) == (640, 480),
        "{}×{}",
        upright.width(),
        upright.height()
    );
    page.looks_well("place").await?;
    page.press("Back").await?;

    page.press("Continue").await?;
    page.sees("What does it show?").await?;
    page.says("a small green bird on a branch").await?;
    page.sees("1 with captions").await?;
    page.says("<b>two</b> birds & a fence").await?;
    page.sees("2 with captions").await?;
    page.looks_well("captions").await?;
    page.press("Skip captions").await?;

    page.sees("How thoroughly").await?;
    page.press("Quick").await?;
    page.sees_chosen("Quick").await?;
    page.press("Advanced").await?;
    page.fills("Steps", "sixty").await?;
    page.press("Use these").await?;
    page.sees("that is not a number").await?;
    page.looks_well("advanced").await?;
    page.fills("Steps", STEPS).await?;
    page.press("Use these").await?;
    page.sees("Set by hand").await?;
    page.looks_well("settings").await?;
    page.press("Continue").await?;

    page.sees("This is what will be trained").await?;
    page.sees("demonstration model").await?;
    page.sees("Time").await?;
    page.looks_well("review").await?;
    page.press("Start training").await?;
    page.sees("Garden birds 1.0: training").await?;
    page.sees("Step").await?;
    page.looks_well("training").await?;
    page.sees("Garden birds 1.0 is ready").await?;
    ensure!(
        page.count("//*[local-name()='svg']").await? > 0,
        "no loss chart"
    );
    ensure!(page.count("//img").await? > 0, "no sample pictures");
    page.looks_well("result").await?;
    loads(&page, "gardenbirds", "1.0").await?;

    // A second version of the same pictures.
    page.press("Train a new version").await?;
    page.sees("How thoroughly").await?;
    page.press("Continue").await?;
    page.sees("1.1, after 1.0").await?;
    page.press("Start training").await?;
    page.sees("Garden birds 1.1 is ready").await?;
    loads(&page, "gardenbirds", "1.1").await?;

    page.press("Main menu").await?;
    page.press("My LoRAs (1)").await?;
    page.press("Garden birds").await?;
    page.sees("Version 1.1").await?;
    page.looks_well("library").await?;
    page.sees("Version 1.0").await?;
    page.press("Rename").await?;
    page.says("Birds of the garden").await?;
    page.sees("It is called “Birds of the garden” now").await?;
    page.press_and_confirm("Delete", "Delete it").await?;
    page.sees("“Birds of the garden” was deleted").await?;
    page.sees("You have no LoRA yet").await?;
    let gone = page.fetches(&address).await;
    ensure!(gone.is_err(), "a deleted picture can still be fetched");
    page.close().await
}

/// Downloads the file of the newest screen and reads it as a trainer's user would.
async fn loads(page: &Page, trigger: &str, version: &str) -> Result<()> {
    let address = page
        .attribute("//a[@download or contains(@href, '/file/')]", "href")
        .await?;
    ensure!(address.contains(".safetensors"), "{address}");
    let file = page.fetches(&address).await?;
    let (_, metadata) = SafeTensors::read_metadata(&file)?;
    let notes = metadata.metadata().as_ref().context("no metadata")?;
    let rank: usize = notes.get("lorikeet.rank").context("no rank")?.parse()?;
    ensure!(rank == 16, "rank {rank}");
    for key in [
        "lorikeet.alpha",
        "lorikeet.base",
        "lorikeet.run",
        "modelspec.title",
    ] {
        ensure!(notes.contains_key(key), "{key} is missing: {notes:?}");
    }
    let all = notes.values().cloned().collect::<Vec<_>>().join("\n");
    ensure!(
        all.contains(trigger),
        "the trigger word is not in {notes:?}"
    );
    ensure!(all.contains(version), "the version is not in {notes:?}");
    let tensors = SafeTensors::deserialize(&file)?;
    let mut down = 0;
    for (name, tensor) in tensors.iter() {
        if name.contains("lora_A") || name.contains("lora_down") {
            ensure!(
                tensor.shape().first() == Some(&rank),
                "{name}: {:?}",
                tensor.shape()
            );
            down += 1;
        }
    }
    ensure!(down > 0, "no LoRA weights in {:?}", tensors.names());
    Ok(())
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
