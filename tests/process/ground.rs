//! Ground the program cannot stand on: each time a sentence says what is wrong and what to do.

use std::net::TcpListener;

use anyhow::{Context as _, Result, ensure};

use lorikeet_tests::bot::{self, Bot};

/// Runs the program, which has to give up, and returns what it says.
pub(crate) fn gives_up(
    settings: &[(&str, &str)],
    prepare: impl FnOnce(&std::path::Path) -> Result<()>,
) -> Result<String> {
    let directory = tempfile::tempdir()?;
    prepare(directory.path())?;
    let output = bot::run(directory.path(), &[], settings)?;
    ensure!(!output.status.success(), "it ran");
    Ok(String::from_utf8(output.stderr)?)
}

#[test]
fn a_port_in_use_is_named_with_its_key() -> Result<()> {
    let taken = TcpListener::bind("127.0.0.1:0")?;
    let address = taken.local_addr()?.to_string();
    let said = gives_up(&[("WEB__LISTEN", &address)], |_| Ok(()))?;
    ensure!(
        said.contains(&address) && said.contains("[web] listen"),
        "{said}"
    );
    Ok(())
}

#[test]
fn a_corrupt_database_is_named_with_what_to_do() -> Result<()> {
    let said = gives_up(&[], |directory| {
        std::fs::create_dir(directory.join("data"))?;
        std::fs::write(
            directory.join("data/lorikeet.db"),
            "certainly not a database ".repeat(1_000),
        )?;
        Ok(())
    })?;
    ensure!(
        said.contains("lorikeet.db") && said.contains("move"),
        "{said}"
    );
    Ok(())
}

#[test]
fn a_page_open_to_the_network_wants_a_token() -> Result<()> {
    let said = gives_up(&[("WEB__LISTEN", "0.0.0.0:0")], |_| Ok(()))?;
    ensure!(said.contains("token"), "{said}");
    Ok(())
}

#[test]
fn a_start_makes_its_data_and_ends_when_told() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let bot = Bot::start(directory.path(), &[])?;
    ensure!(
        directory.path().join("data/lorikeet.db").is_file(),
        "no database"
    );
    ensure!(directory.path().join("data/blobs").is_dir(), "no blobs");
    let ended = bot.terminate().context("it does not end by SIGTERM")?;
    ensure!(ended.success(), "{ended}");
    Ok(())
}
