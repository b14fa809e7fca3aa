//! `lorikeet gallery`: every screen's samples as a static page, per platform and language, and the exact calls behind them.
//!
//! Owns the page around the previews. What a screen says is the feature's, how it looks on a platform the previewer's.
//! Nothing in it depends on time, place or chance: the same program makes the same bytes.

mod pictures;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use lorikeet_chat::{BlobId, Degradation, PlatformId};
use lorikeet_dialog::Dialog;
use lorikeet_platform::{Preview, Previewer};
use lorikeet_training::{Training, flows};

/// Files by their paths below the gallery's folder.
type Files = BTreeMap<String, String>;

/// The style of what stands around the previews.
const STYLE: &str = include_str!("gallery/gallery.css");

/// Writes the gallery of these platforms into a folder. Pages and payloads of screens that are gone are deleted.
///
/// # Errors
/// When a screen cannot be shown, a control cannot be reached, or the folder cannot be written.
pub(crate) fn write(previewers: &[Box<dyn Previewer>], out: &Path) -> anyhow::Result<usize> {
    let files = files(previewers)?;
    for old in present(out)? {
        if !files.contains_key(&old) {
            fs::remove_file(out.join(&old)).with_context(|| format!("{old} cannot be deleted"))?;
        }
    }
    for (name, content) in &files {
        let path = out.join(name);
        let folder = path.parent().unwrap_or(out);
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&path, content))
            .with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(files.len())
}

/// What of a gallery is in a folder: pages, styles, drawings, payloads.
fn present(out: &Path) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(out.join(&folder)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error).with_context(|| format!("{}", out.display())),
        };
        for entry in entries {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            let ours = ["html", "css", "svg", "json"];
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| ours.iter().any(|known| extension == *known))
            {
                found.push(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    Ok(found)
}

/// Every file of the gallery.
fn files(previewers: &[Box<dyn Previewer>]) -> anyhow::Result<Files> {
    let dialog = flows::dialog(flows::world(), &[]).context("the dialogues are broken")?;
    let languages: Vec<(String, String)> = dialog
        .catalog()
        .languages()
        .map(|(tag, name)| (tag.to_owned(), name))
        .collect();
    let mut files = Files::new();
    let mut drawn = BTreeMap::new();
    for previewer in previewers {
        for (language, _) in &languages {
            let elsewhere: Vec<PlatformId> = previewers
                .iter()
                .map(|other| other.platform())
                .filter(|other| *other != previewer.platform())
                .collect();
            let shown = page(
                previewer.as_ref(),
                &elsewhere,
                &dialog,
                language,
                &languages,
                &mut drawn,
            )?;
            files.extend(shown);
        }
        let style = format!("{}.css", previewer.platform());
        files.insert(style, previewer.style().to_owned());
    }
    files.insert("gallery.css".to_owned(), STYLE.to_owned());
    files.insert("index.html".to_owned(), index(previewers, &languages));
    files.extend(drawn);
    Ok(files)
}

/// One platform in one language: a page of all screens, and the calls of each.
fn page(
    previewer: &dyn Previewer,
    elsewhere: &[PlatformId],
    dialog: &Dialog<Training>,
    language: &str,
    languages: &[(String, String)],
    drawn: &mut Files,
) -> anyhow::Result<Files> {
    let platform = previewer.platform();
    let mut files = Files::new();
    let (mut contents, mut screens) = (String::new(), String::new());
    for sample in flows::samples() {
        let sample = sample.writing(previewer.sign());
        let present = sample.show(dialog, language)?;
        let used = std::cell::RefCell::new(Vec::new());
        let picture = |blob: &BlobId| {
            used.borrow_mut().push(blob.clone());
            pictures::address(blob)
        };
        let preview = previewer.preview(&present, &picture);
        ensure!(
            preview.unreachable.is_empty(),
            "{} on {platform}: controls {:?} cannot be reached",
            sample.name,
            preview.unreachable
        );
        for blob in used.into_inner() {
            drawn.insert(pictures::address(&blob), pictures::draw(&blob));
        }
        let payload = format!("payloads/{platform}/{}.{language}.json", sample.name);
        let elsewhere = elsewhere.iter().map(|other| {
            format!(
                " <a href=\"{other}.{language}.html#{0}\">{other}</a>",
                sample.name
            )
        });
        let links = format!(
            "<a href=\"{payload}\">payload</a>{}",
            elsewhere.collect::<String>()
        );
        screens.push_str(&section(&sample.name, &preview, &links));
        contents.push_str(&format!("<li><a href=\"#{0}\">{0}</a></li>\n", sample.name));
        let mut calls = serde_json::to_string_pretty(&preview.calls)?;
        calls.push('\n');
        files.insert(payload, calls);
    }
    let others: String = languages
        .iter()
        .map(|(tag, name)| {
            let current = if tag == language {
                " aria-current=\"page\""
            } else {
                ""
            };
            format!("<a href=\"{platform}.{tag}.html\"{current} lang=\"{tag}\">{name}</a>\n")
        })
        .collect();
    let body = format!(
        "<header class=\"gallery\"><h1>{title}</h1><nav><a href=\"index.html\">All platforms</a>\n{others}</nav></header>\n\
         <ol class=\"gallery contents\">\n{contents}</ol>\n<main>{screens}</main>\n",
        title = previewer.title(),
    );
    let name = format!("{platform}.{language}.html");
    files.insert(
        name,
        document(previewer.title(), language, Some(platform.as_str()), &body),
    );
    Ok(files)
}

fn section(name: &str, preview: &Preview, links: &str) -> String {
    let lost: String = preview.degradations.iter().map(lost).collect();
    let lost = if lost.is_empty() {
        String::new()
    } else {
        format!("<ul class=\"gallery lost\">\n{lost}</ul>\n")
    };
    format!(
        "<section id=\"{name}\">\n<h2 class=\"gallery\">{name} {links}</h2>\n{}\n{lost}</section>\n",
        preview.html
    )
}

fn lost(degradation: &Degradation) -> String {
    // What stands in a degradation is a renderer's own word, never a person's.
    let sentence = match degradation {
        Degradation::Shortened { what } => format!("{what}: shortened"),
        Degradation::Replaced { what, with } => format!("{what}: shown as {with}"),
        Degradation::Dropped { what } => format!("{what}: not shown"),
    };
    format!("<li>{sentence}</li>\n")
}

fn index(previewers: &[Box<dyn Previewer>], languages: &[(String, String)]) -> String {
    let mut list = String::new();
    for previewer in previewers {
        let platform = previewer.platform();
        list.push_str(&format!("<li><b>{}</b>\n", previewer.title()));
        for (tag, name) in languages {
            list.push_str(&format!(
                "<a href=\"{platform}.{tag}.html\" lang=\"{tag}\">{name}</a>\n"
            ));
        }
        list.push_str("</li>\n");
    }
    let body = format!(
        "<header class=\"gallery\"><h1>Every screen of Lorikeet</h1>\n\
         <p>Made by <code>lorikeet gallery</code>. Behind each screen are the calls a platform would get.</p></header>\n\
         <ul class=\"gallery platforms\">\n{list}</ul>\n"
    );
    document("Every screen of Lorikeet", "en", None, &body)
}

fn document(title: &str, language: &str, style: Option<&str>, body: &str) -> String {
    let style = style.map_or_else(String::new, |style| {
        format!("<link rel=\"stylesheet\" href=\"{style}.css\">\n")
    });
    format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n{style}\
         <link rel=\"stylesheet\" href=\"gallery.css\">\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{files, present, write};
    use crate::plugins::previewers;

    /// `UPDATE_DOCS=1 cargo test -p lorikeet --features full gallery` writes it anew.
    #[test]
    fn the_checked_in_gallery_is_what_this_program_makes() {
        let out = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/gallery");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            write(&previewers(), &out).unwrap();
        }
        let files = files(&previewers()).unwrap();
        assert!(files.keys().filter(|name| name.ends_with(".json")).count() > 90);
        let mut stale: Vec<&String> = files
            .iter()
            .filter(|(name, content)| {
                fs::read_to_string(out.join(name)).ok().as_ref() != Some(content)
            })
            .map(|(name, _)| name)
            .collect();
        let there = present(&out).unwrap();
        stale.extend(there.iter().filter(|name| !files.contains_key(*name)));
        assert_eq!(
            stale,
            Vec::<&String>::new(),
            "out of date; UPDATE_DOCS=1 cargo test -p lorikeet --features full gallery writes it anew"
        );
    }

    #[test]
    fn what_is_gone_is_deleted_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("payloads/web")).unwrap();
        fs::write(folder.path().join("payloads/web/gone.en.json"), "[]").unwrap();
        fs::write(folder.path().join("screens.webp"), "kept").unwrap();
        let count = write(&previewers(), folder.path()).unwrap();
        assert!(!folder.path().join("payloads/web/gone.en.json").exists());
        assert!(folder.path().join("screens.webp").exists());
        assert_eq!(present(folder.path()).unwrap().len(), count);
    }
}
