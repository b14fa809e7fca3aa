//! From a name to a file that loads.

use anyhow::{Result, ensure};
use lorikeet_fake_discord::Shown;

use crate::chat::Chat;
use crate::stage::{discord, start};

#[tokio::test]
async fn a_newcomer_trains_a_lora() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let discord = discord().await?;
    let _bot = start(directory.path(), &discord).await?;
    let kea = Chat::private(&discord, "Kea", "en-US");
    kea.uses("start", &[]).await?;
    kea.sees("Train an image LoRA").await?;
    kea.goes("Train a LoRA", "A new LoRA").await?;
    // The name is typed into a form, and the screen with it changes in place.
    let before = kea.sees("A new LoRA").await?;
    let name = [("A name, 3 to 50 characters", "Garden birds")];
    kea.fills("A name", &name).await?;
    let after = kea.sees("0 of 20").await?;
    ensure!(after.id == before.id, "{before:?} {after:?}");
    ensure!(
        after.text.contains("/train add"),
        "how pictures are brought: {after:?}"
    );
    kea.brings(0..4, "").await?;
    kea.sees("4 of 20").await?;
    kea.brings(10..12, "a bird on a branch").await?;
    kea.sees("6 of 20").await?;
    kea.goes("Continue", "What does it show?").await?;
    kea.reviews().await?;
    kea.trains("garden-birds-1.0.safetensors").await?;
    let types = |call: &lorikeet_fake_discord::Call| call.path.ends_with("/typing");
    ensure!(
        discord.calls().iter().any(types),
        "what took a while was seen to go on"
    );
    let failed: Vec<String> = discord
        .calls()
        .into_iter()
        .filter(|call| call.method == "INTERACTION")
        .map(|call| call.path)
        .collect();
    ensure!(failed.is_empty(), "{failed:?}");
    let too_many = discord
        .calls()
        .into_iter()
        .filter(|call| call.status == 429);
    ensure!(too_many.count() == 0, "it waits by what the answers say");
    ensure!(matches!(
        kea.uses("help", &[]).await?,
        Shown::Message(_) | Shown::Later
    ));
    Ok(())
}
