//! What the command line says and how it ends.

use anyhow::{Result, ensure};

use lorikeet_tests::bot;

#[test]
fn a_dialogue_is_drawn_as_the_documentation_holds_it() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let output = bot::run(directory.path(), &["flow", "diagram", "training"], &[])?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let drawn = String::from_utf8(output.stdout)?;
    let page = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../docs/flows/training.md"
    ))?;
    let held = page
        .split("```mermaid\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .unwrap_or_default();
    ensure!(
        drawn.trim() == held.trim(),
        "docs/flows/training.md is out of date"
    );
    Ok(())
}

#[test]
fn an_unknown_dialogue_is_told_which_there_are() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let output = bot::run(directory.path(), &["flow", "diagram", "nonsense"], &[])?;
    let said = String::from_utf8(output.stderr)?;
    ensure!(
        !output.status.success() && said.contains("training"),
        "{said}"
    );
    Ok(())
}

#[test]
fn check_names_the_key_of_every_problem() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let fine = bot::run(directory.path(), &["check"], &[])?;
    ensure!(
        fine.status.success(),
        "{}",
        String::from_utf8_lossy(&fine.stderr)
    );
    let settings = [
        ("WEB__LISTEN", "0.0.0.0:8080"),
        ("STORE__URL", "mysql://x"),
        ("TRAINING__MIN_PICTURES", "0"),
    ];
    let output = bot::run(directory.path(), &["check"], &settings)?;
    let said = String::from_utf8(output.stderr)?;
    for key in ["web:", "store.url:", "training.min_pictures:"] {
        ensure!(said.contains(key), "{key} is not named in: {said}");
    }
    ensure!(!output.status.success());
    let output = bot::run(directory.path(), &["check"], &[("WEB__LISTEM", "x")])?;
    let said = String::from_utf8(output.stderr)?;
    ensure!(
        !output.status.success() && said.contains("listem"),
        "{said}"
    );
    let output = bot::run(
        directory.path(),
        &["check", "--config", "nowhere.toml"],
        &[],
    )?;
    let said = String::from_utf8(output.stderr)?;
    ensure!(
        !output.status.success() && said.contains("nowhere.toml"),
        "{said}"
    );
    Ok(())
}

#[test]
fn check_names_the_key_of_every_problem_with_telegram() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let token = ("TELEGRAM__TOKEN", "123456:ZYX-WVU");
    let webhook = ("TELEGRAM__MODE", "webhook");
    let url = ("TELEGRAM__WEBHOOK__PUBLIC_URL", "https://bot.example/x");
    let secret = ("TELEGRAM__WEBHOOK__SECRET", "a-secret-of-the-tests");
    for fine in [&[token][..], &[token, webhook, url, secret]] {
        let output = bot::run(directory.path(), &["check"], fine)?;
        let said = String::from_utf8(output.stderr)?;
        ensure!(output.status.success(), "{said}");
    }
    for (key, settings) in [
        ("telegram.token:", &[("TELEGRAM__TOKEN", "ZYX-WVU")][..]),
        ("telegram.mode:", &[token, ("TELEGRAM__MODE", "pigeon")]),
        (
            "telegram.api_url:",
            &[token, ("TELEGRAM__API_URL", "nowhere")],
        ),
        ("telegram.webhook.public_url:", &[token, webhook, secret]),
        ("telegram.webhook.secret:", &[token, webhook, url]),
        (
            "telegram.webhook.listen:",
            &[
                token,
                webhook,
                url,
                secret,
                ("TELEGRAM__WEBHOOK__LISTEN", "8443"),
            ],
        ),
    ] {
        let output = bot::run(directory.path(), &["check"], settings)?;
        let said = String::from_utf8(output.stderr)?;
        ensure!(
            !output.status.success() && said.contains(key),
            "{key} {said}"
        );
        ensure!(!said.contains("WVU"), "a token is shown: {said}");
    }
    Ok(())
}
