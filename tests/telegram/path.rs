//! From a name to a file that loads.

use anyhow::{Result, ensure};
use lorikeet_fake_telegram::Item;
use safetensors::SafeTensors;

use crate::chat::Chat;
use crate::stage::{Way, picture, start, telegram};

/// Fewer steps than a person would take: enough for loss, samples and a file.
const STEPS: &str = "60";

#[tokio::test]
async fn a_newcomer_trains_a_lora_by_polling() -> Result<()> {
    trains_a_lora(Way::Polling).await
}

#[tokio::test]
async fn a_newcomer_trains_a_lora_by_webhook() -> Result<()> {
    trains_a_lora(Way::Webhook).await
}

async fn trains_a_lora(way: Way) -> Result<()> {
    let directory = tempfile::tempdir()?;
    let telegram = telegram().await?;
    let _bot = start(directory.path(), &telegram, way)?;
    let kea = Chat::private(&telegram, "Kea", "en");

    kea.says("/start");
    kea.sees("Train an image LoRA").await?;
    kea.goes("Train a LoRA", "A new LoRA").await?;
    kea.says("Garden birds");
    kea.sees("0 of 20").await?;

    let album: Vec<Item> = (0..4).map(|seed| Item::photo(picture(seed))).collect();
    kea.person.to(&kea.room).album(&album)?;
    kea.sees("4 of 20").await?;
    kea.person
        .to(&kea.room)
        .caption("a bird on a branch")
        .photo(picture(10))?;
    kea.sees("5 of 20, 1 with captions").await?;
    kea.person.to(&kea.room).document("scan.png", picture(11));
    kea.sees("6 of 20, 1 with captions").await?;
    kea.goes("Continue", "What does it show?").await?;
    kea.says("a bird in the grass");
    kea.sees("6 of 20, 2 with captions").await?;
    kea.goes("Skip captions", "How thoroughly").await?;
    kea.goes("Advanced", "Advanced settings").await?;
    kea.goes("Steps", "1 to 4000").await?;
    kea.says(STEPS);
    kea.sees(&format!("Steps: {STEPS}")).await?;
    kea.goes("Use these", "How thoroughly").await?;
    kea.goes("Continue", "This is what will be trained").await?;
    kea.press("Start training").await?;
    kea.sees("is ready").await?;
    kea.press("garden-birds-1.0.safetensors").await?;
    let file = kea.gets("garden-birds-1.0.safetensors").await?;
    ensure!(!SafeTensors::deserialize(&file)?.names().is_empty());
    // Every press had its answer, and Telegram never had to ask for a pause.
    ensure!(
        telegram.unanswered().is_empty(),
        "{:?}",
        telegram.unanswered()
    );
    ensure!(telegram.impatient_calls() == 0);
    Ok(())
}
