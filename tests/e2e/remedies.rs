//! What can be done about pictures and captions once they are there, with the files that come of it.

use anyhow::{Context as _, Result, ensure};
use lorikeet_media::{archive, samples};

use crate::page::Page;
use crate::pictures;
use lorikeet_tests::bot::Bot;

/// Width and height of the picture on the newest screen, as it is stored.
async fn size(page: &Page) -> Result<(u32, u32)> {
    let address = page.attribute("//figure//img", "src").await?;
    let picture = image::load_from_memory(&page.fetches(&address).await?)?;
    Ok((picture.width(), picture.height()))
}

#[tokio::test]
async fn pictures_come_in_a_zip_are_mended_and_go_out_in_one() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let bot = Bot::start(directory.path(), &[])?;
    let page = Page::open(&bot.url).await?;
    page.press("Train a LoRA").await?;
    page.says("Garden birds").await?;
    page.sees("0 of 20").await?;

    // Two with captions, one without, one in bars, one far too long; and what is no picture.
    let plain = |seed| samples::png(&samples::picture(seed, 512, 400));
    let (first, second, third) = (plain(1), plain(2), plain(3));
    let barred = samples::png(&samples::letterboxed(&samples::picture(4, 600, 520), 60));
    let long = samples::png(&samples::picture(5, 1_200, 400));
    let files: [(&str, &[u8]); 8] = [
        ("birds/a.png", &first),
        ("birds/a.txt", b"a bird on a branch"),
        ("birds/b.png", &second),
        ("birds/b.txt", b"two birds\nin the snow"),
        ("birds/c.png", &third),
        ("birds/d.png", &barred),
        ("birds/e.png", &long),
        ("notes.doc", b"not a picture"),
    ];
    let zip = pictures::file(directory.path(), "birds.zip", &samples::zip(files))?;
    page.sends(&[zip]).await?;
    page.sees("5 pictures were added from the zip file, 2 of them with captions.")
        .await?;
    page.sees("One file was left out. notes.doc: This is not a picture.")
        .await?;
    page.sees("5 of 20, 2 with captions").await?;

    page.press("Look at what could be better").await?;
    page.sees("It has plain bars at its edges").await?;
    let before = size(&page).await?;
    page.press("Cut the bars off").await?;
    page.sees("This is what would be left").await?;
    let cut = size(&page).await?;
    ensure!(
        cut.0 == before.0 && cut.1 + 100 < before.1,
        "{before:?} became {cut:?}"
    );
    page.press("Use it").await?;
    page.sees("Type a caption for it").await?;
    ensure!(size(&page).await? == cut, "the cut was not used");
    page.press("Turn").await?;
    page.sees(&format!("{}×{} pixels", cut.1, cut.0)).await?;
    page.press("Back").await?;

    page.press("Look at what could be better").await?;
    page.sees("more than twice as long as wide").await?;
    page.press("Crop it").await?;
    page.sees("600×400 pixels").await?;
    page.press("Use it").await?;
    page.sees("Type a caption for it").await?;
    page.press("Move").await?;
    page.sees("Where should picture 5 go?").await?;
    page.press("1").await?;
    page.sees("e.png").await?;
    page.press("Back").await?;
    page.sees("5 of 20, 2 with captions").await?;

    page.press("Continue").await?;
    page.press("Change all captions").await?;
    page.fills("Put before", "photo of").await?;
    page.press("Change them").await?;
    page.sees("2 captions were changed").await?;
    page.press("Overview").await?;
    page.press("Download the pictures").await?;
    page.sees("garden-birds-pictures.zip").await?;
    let address = page
        .attribute("//a[contains(@href, '/file/')]", "href")
        .await?;
    let packed = page.fetches(&address).await?;
    let limits = archive::Limits::default();
    let mut unpacked = Vec::new();
    for entry in archive::entries(packed.into(), &limits)? {
        let entry = entry?;
        let picture = image::load_from_memory(&entry.bytes).context(entry.name.clone())?;
        unpacked.push((picture.width(), picture.height(), entry.caption));
    }
    let captions: Vec<_> = unpacked
        .iter()
        .map(|(_, _, caption)| caption.as_deref())
        .collect();
    ensure!(
        captions
            == [
                None,
                Some("photo of two birds in the snow"),
                None,
                None,
                Some("photo of a bird on a branch")
            ],
        "{captions:?}"
    );
    ensure!(unpacked[0].0 == 600 && unpacked[0].1 == 400, "{unpacked:?}");
    ensure!(
        (unpacked[3].0, unpacked[3].1) == (cut.1, cut.0),
        "{unpacked:?}"
    );

    // And back: the captions as they were.
    page.press("Captions").await?;
    page.press("Undo").await?;
    page.sees("The captions are as they were").await?;
    page.close().await
}
