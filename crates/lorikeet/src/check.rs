//! What is wrong with a configuration that could be read: every problem, each with its key.

use anyhow::bail;

use crate::config::Config;
use crate::plugins::{self, stores};
use crate::telemetry;

/// Refuses a configuration the bot cannot run with.
///
/// # Errors
/// All problems, one a line.
pub(crate) fn refuse(config: &Config) -> anyhow::Result<()> {
    let problems = problems(config);
    match problems.as_slice() {
        [] => Ok(()),
        [one] => bail!("{one}"),
        many => bail!(
            "the configuration has {} problems:\n  {}",
            many.len(),
            many.join("\n  ")
        ),
    }
}

/// Asks the platforms whether they know the bot.
///
/// # Errors
/// What they say, a problem a line.
pub(crate) async fn ask(config: &Config) -> anyhow::Result<()> {
    let problems = plugins::asked(config).await;
    if problems.is_empty() {
        return Ok(());
    }
    bail!("{}", problems.join("\n"))
}

/// Looks whether each program that trains could begin, without training anything: what there is and what is missing, a line each.
///
/// # Errors
/// When something is missing.
pub(crate) async fn look_at_engines(config: &Config, say: impl Fn(&str)) -> anyhow::Result<()> {
    let mut missing = 0;
    #[cfg(feature = "command")]
    for settings in plugins::commands(config).map_err(|problem| anyhow::anyhow!(problem))? {
        for finding in lorikeet_command::dry_run(&settings).await {
            missing += usize::from(!finding.good);
            say(&format!(
                "{} {}",
                if finding.good { "✓" } else { "✗" },
                finding.what
            ));
        }
    }
    match missing {
        0 => Ok(()),
        1 => bail!("one thing is missing"),
        many => bail!("{many} things are missing"),
    }
}

fn problems(config: &Config) -> Vec<String> {
    let mut problems = Vec::new();
    if config.web.enabled {
        #[cfg(feature = "web")]
        if let Err(problem) = plugins::web(config) {
            problems.push(problem);
        }
    }
    #[cfg(feature = "telegram")]
    if let Err(problem) = plugins::telegram(config) {
        problems.push(problem);
    }
    #[cfg(feature = "discord")]
    if let Err(problem) = plugins::discord(config) {
        problems.push(problem);
    }
    #[cfg(feature = "matrix")]
    if let Err(problem) = plugins::matrix(config) {
        problems.push(problem);
    }
    #[cfg(feature = "command")]
    if let Err(problem) = plugins::commands(config) {
        problems.push(problem);
    }
    if cfg!(not(feature = "command")) && !config.engines.command.is_empty() {
        problems.push("engines.command: this program is built without it; build it with --features command, or take the section out".to_owned());
    }
    if let Err(problem) = plugins::any_platform(config) {
        problems.push(problem.to_owned());
    }
    if let Err(problem) = stores::store_kind(&config.store.url.0) {
        problems.push(format!("store.url: {problem}"));
    }
    if let Err(problem) = stores::database_kind(&config.database.url.0) {
        problems.push(format!("database.url: {problem}"));
    }
    if config.store.prefix.is_empty() || config.store.prefix.contains(['{', '}', ' ']) {
        problems.push(
            "store.prefix: give it a letter or more, without spaces and braces, such as lorikeet"
                .to_owned(),
        );
    }
    if config.store.session_days == 0 {
        problems.push(
            "store.session_days: 0 would forget everything at once; set 1 or more".to_owned(),
        );
    }
    let listen = &config.health.listen;
    if !listen.is_empty() && listen.parse::<std::net::SocketAddr>().is_err() {
        problems.push(format!(
            "health.listen: `{listen}` is not an address and port, such as 127.0.0.1:9090"
        ));
    }
    if config.blobs.url.is_empty() {
        problems.push("blobs.url: name a directory, such as data/blobs".to_owned());
    }
    if !plugins::any_engine(config) {
        problems.push(
            "engines: none is enabled, so nothing could be trained; set engines.tiny.enabled"
                .to_owned(),
        );
    }
    let training = &config.training;
    if !(1..=100).contains(&training.slots) {
        problems.push(format!(
            "training.slots: {} is not between 1 and 100",
            training.slots
        ));
    }
    if training.min_pictures == 0 || training.min_pictures > training.slots {
        let problem = format!(
            "training.min_pictures: {} is not between 1 and training.slots",
            training.min_pictures
        );
        problems.push(problem);
    }
    let positive = [
        ("training.loras", u32::from(training.loras)),
        ("training.picture_megabytes", training.picture_megabytes),
        ("training.picture_megapixels", training.picture_megapixels),
        ("training.picture_min_side", training.picture_min_side),
    ];
    for (key, value) in positive {
        if value == 0 {
            problems.push(format!("{key}: 0 would allow nothing; set 1 or more"));
        }
    }
    if let Err(problem) = telemetry::filter(&config.log) {
        problems.push(format!("{problem:#}"));
    }
    if !["text", "json"].contains(&config.log.format.as_str()) {
        problems.push(format!(
            "log.format: `{}` is neither \"text\" nor \"json\"",
            config.log.format
        ));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::problems;
    use crate::config::Config;

    #[test]
    fn the_defaults_are_fine() {
        assert_eq!(problems(&Config::default()), Vec::<String>::new());
    }

    #[test]
    fn every_problem_is_named_by_its_key() {
        let mut config = Config::default();
        config.web.listen = "0.0.0.0:80".to_owned();
        config.store.url = crate::config::Url("mysql://localhost".to_owned());
        config.training.slots = 3;
        config.training.min_pictures = 4;
        config.training.picture_megabytes = 0;
        config.engines.tiny.enabled = false;
        config.log.format = "xml".to_owned();
        let problems = problems(&config);
        let keys = [
            "web",
            "store.url",
            "engines",
            "training.min_pictures",
            "training.picture_megabytes",
            "log.format",
        ];
        assert_eq!(problems.len(), keys.len(), "{problems:?}");
        for (problem, key) in problems.iter().zip(keys) {
            assert!(problem.starts_with(&format!("{key}:")), "{problem}");
        }
        assert!(problems[0].contains("token"), "{}", problems[0]);
    }
}
