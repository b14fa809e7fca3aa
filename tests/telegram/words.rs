//! What people write: far too much of it, markup, from right to left, letters in parts. It is said back to the letter.

use anyhow::{Result, ensure};

use crate::chat::Chat;
use crate::stage::{Way, picture, start, telegram};

/// The longest message there is.
const LONGEST: usize = 4_096;

#[tokio::test]
async fn the_longest_message_is_told_what_fits() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let telegram = telegram().await?;
    let _bot = start(directory.path(), &telegram, Way::Polling)?;
    let kea = Chat::private(&telegram, "Kea", "en");
    let letters = "k".repeat(LONGEST);
    // Where no text is wanted at all.
    kea.says(&letters);
    kea.sees("Train an image LoRA").await?;
    kea.goes("Train a LoRA", "A new LoRA").await?;
    kea.says(&letters);
    kea.sees("has 4,096 characters. Use at most 50").await?;
    kea.says(&format!("/train {}", "k".repeat(LONGEST - 7)));
    kea.sees("has 4,089 characters").await?;
    // Units of UTF-16 are what Telegram counts; people count letters.
    kea.says(&"\u{1f99c}".repeat(LONGEST / 2));
    kea.sees("“\u{1f99c}” cannot be in a name").await?;
    kea.says("Garden birds");
    kea.sees("0 of 20").await?;
    kea.person.to(&kea.room).photo(picture(1))?;
    kea.sees("1 of 20").await?;
    kea.goes("1", "Type a caption for it").await?;
    kea.says(&letters);
    kea.sees("That caption has 4,096 characters; at most 1,000")
        .await?;
    // As long as it may be: it is kept, and shown.
    let caption = "bird ".repeat(200);
    kea.says(caption.trim());
    kea.sees(caption.trim()).await?;
    kea.goes("Back", "1 of 20, 1 with captions").await?;
    Ok(())
}

#[tokio::test]
async fn words_are_said_back_to_the_letter() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let telegram = telegram().await?;
    let _bot = start(directory.path(), &telegram, Way::Webhook)?;
    let kea = Chat::private(&telegram, "<b>Kea</b> & Co.", "en");
    kea.says("/train <b>Birds</b>");
    kea.sees("“<” cannot be in a name").await?;
    // Hebrew; a macron that is a letter of its own; a script whose vowels are marks.
    for name in ["תוכי ירוק", "Ka\u{304}ka\u{304}po\u{304}", "तोता"] {
        kea.says(&format!("/train {name}"));
        kea.sees(name).await?;
        kea.sees("0 of 20").await?;
    }
    kea.says("/train Garden birds");
    kea.sees("Garden birds").await?;
    let captions = [
        "<b>bold</b> &amp; <a href=\"tg://user?id=1\">me</a>",
        "\u{202e}sdrib\u{202c} ציפור על ענף",
        "ka\u{304}ka\u{304}po\u{304} 🦜\u{1f3fb}\u{200d}🟫",
        "_under_ *star* `tick` [link](https://example.org) /start @lorikeet_bot",
    ];
    for (at, caption) in (1..).zip(captions) {
        kea.person
            .to(&kea.room)
            .caption(caption)
            .photo(picture(at))?;
        kea.sees(&format!("{at} of 20, {at} with captions")).await?;
    }
    for (at, caption) in (1..).zip(captions) {
        kea.goes(&at.to_string(), "Type a caption for it").await?;
        // Controls of direction are not shown: they would turn the bot's own words around.
        let shown: String = caption
            .chars()
            .filter(|c| !matches!(c, '\u{202a}'..='\u{202e}'))
            .collect();
        let seen = kea.sees(&shown).await?;
        for kind in ["bold", "text_link", "text_mention"] {
            let marked = seen.marked(kind);
            let own = marked.iter().any(|words| caption.contains(words.as_str()));
            ensure!(!own, "{caption} became {kind}: {marked:?}");
        }
        kea.goes("Back", &format!("{} of 20", captions.len()))
            .await?;
    }
    Ok(())
}

#[tokio::test]
async fn names_of_people_and_rooms_are_no_markup() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let telegram = telegram().await?;
    let _bot = start(directory.path(), &telegram, Way::Polling)?;
    let alone = Chat::private(&telegram, "<b>Kea</b> & Co.", "en");
    let title = "<i>Birds</i> & \u{202e}sdrib </b>";
    let room = telegram.supergroup(title, &[&alone.person]);
    let group = Chat::of(&alone.person, &room);
    group.says("/train Garden birds");
    group.sees("0 of 20").await?;
    // Who has it open is said by the room's name.
    alone.says("/loras");
    alone.goes("Garden birds", "not trained yet").await?;
    let seen = alone.goes("Open", "It is being edited in").await?;
    ensure!(seen.text.contains("<i>Birds</i> & "), "{}", seen.text);
    ensure!(!seen.text.contains('\u{202e}'), "{}", seen.text);
    ensure!(seen.marked("italic").is_empty());
    // And who asks for it is told there, by the same.
    alone.goes("Take over", "0 of 20").await?;
    let told = group.sees("taken over").await?;
    ensure!(
        told.marked("bold")
            .iter()
            .all(|words| !words.contains("Kea"))
    );
    Ok(())
}
