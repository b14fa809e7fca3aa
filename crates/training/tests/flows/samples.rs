//! Every screen has a sample, and every sample shows what a person would see.

use std::collections::BTreeSet;

use lorikeet_chat::Block;
use lorikeet_training::flows::{dialog, samples, world};

use crate::support::plain;

#[test]
fn every_step_of_every_flow_has_a_sample() {
    let dialog = dialog(world(), &[]).unwrap();
    let steps: BTreeSet<(&str, &str)> = dialog
        .flows()
        .flat_map(|flow| flow.steps().into_iter().map(|step| (flow.name(), step)))
        .collect();
    let sampled: BTreeSet<(&str, &str)> = samples()
        .iter()
        .map(|sample| (sample.flow, sample.step))
        .collect();
    assert_eq!(steps, sampled);
    assert!(steps.len() > 20);
}

#[test]
fn every_sample_is_whole_in_every_language() {
    let dialog = dialog(world(), &[]).unwrap();
    let languages: Vec<&str> = dialog.catalog().languages().map(|(tag, _)| tag).collect();
    assert!(languages.len() >= 2, "{languages:?}");
    let mut names = BTreeSet::new();
    let mut shown = BTreeSet::new();
    for sample in samples() {
        let kebab = |c: char| c.is_ascii_lowercase() || c == '-';
        assert!(sample.name.chars().all(kebab), "{}", sample.name);
        assert!(
            names.insert(sample.name.clone()),
            "{} is there twice",
            sample.name
        );
        let mut actions = None;
        for language in &languages {
            let present = sample.show(&dialog, language).unwrap();
            let text = plain::text(&present.screen);
            assert!(
                !text.contains('«'),
                "{}: a message is missing in:\n{text}",
                sample.name
            );
            let has_heading = present
                .screen
                .blocks
                .iter()
                .any(|block| matches!(block, Block::Heading(_) | Block::Progress { .. }));
            assert!(has_heading, "{}:\n{text}", sample.name);
            // What it can do does not depend on the language.
            let can: Vec<_> = present.screen.actions().into_iter().cloned().collect();
            assert_eq!(actions.get_or_insert(can.clone()), &can, "{}", sample.name);
            assert!(
                shown.insert(text.clone()),
                "{} shows nothing of its own:\n{text}",
                sample.name
            );
        }
    }
}
