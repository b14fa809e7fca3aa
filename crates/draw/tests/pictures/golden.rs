//! The pictures as they are, compared pixel by pixel. `LORIKEET_BLESS=1` writes them anew: look at them before they are committed.

use std::path::PathBuf;

use lorikeet_chat::Point;
use lorikeet_draw::{Scheme, contact_sheet, loss_chart, sample_grid};

use crate::scenes::{Decoded, Pixels, chart, grid, loss, sheet};

/// A channel may differ by so much: another processor may round the last digit of a soft edge differently.
const TOLERANCE: u8 = 2;

fn check(name: &str, bytes: &[u8]) {
    let file = format!("{name}.png");
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(file);
    if std::env::var_os("LORIKEET_BLESS").is_some() {
        std::fs::write(&path, Decoded::of(bytes).small_png()).unwrap();
        return;
    }
    let golden = std::fs::read(&path)
        .unwrap_or_else(|_| panic!("{} is missing: LORIKEET_BLESS=1 writes it", path.display()));
    let (golden, now) = (Decoded::of(&golden), Decoded::of(bytes));
    assert_eq!(
        (golden.width, golden.height),
        (now.width, now.height),
        "{name}: another size"
    );
    let differs = |at: &usize| golden.rgb[*at].abs_diff(now.rgb[*at]) > TOLERANCE;
    if let Some(at) = (0..golden.rgb.len()).find(differs) {
        let (x, y) = (at as u32 / 3 % now.width, at as u32 / 3 / now.width);
        panic!("{name} differs first at {x}, {y}; LORIKEET_BLESS=1 writes it anew");
    }
}

/// 256 pixels a side at most, of different shapes, a white and a black one among them.
fn thumbnails() -> Vec<Pixels> {
    (0..20)
        .map(|seed| match seed {
            5 => Pixels::plain(256, 256, [255; 3]),
            7 => Pixels::plain(256, 200, [0; 3]),
            _ => Pixels::scene(256, 160 + seed % 5 * 24, seed),
        })
        .collect()
}

fn samples() -> Vec<Pixels> {
    (0..9)
        .map(|seed| Pixels::scene(96, 96, seed + 40))
        .collect()
}

#[test]
fn twenty_places() {
    let pixels = thumbnails();
    let sheet = sheet(&pixels, 20);
    check("sheet-20-light", &contact_sheet(&sheet, Scheme::Light));
    check("sheet-20-dark", &contact_sheet(&sheet, Scheme::Dark));
}

#[test]
fn few_places_and_none_of_their_pictures() {
    let pixels = thumbnails();
    check(
        "sheet-3-light",
        &contact_sheet(&sheet(&pixels, 3), Scheme::Light),
    );
    check("sheet-9-dark", &contact_sheet(&sheet(&[], 9), Scheme::Dark));
}

#[test]
fn one_noisy_line() {
    let chart = chart("Loss", vec![("Loss", loss(1500, 1))]);
    check("chart-1-light", &loss_chart(&chart, Scheme::Light));
}

#[test]
fn several_lines() {
    let line = |level: f64| -> Vec<Point> {
        let at = |x: u8| Point {
            x: f64::from(x) * 1e4,
            y: level + 3e5 / (1.0 + f64::from(x)),
        };
        (0..20).map(at).collect()
    };
    let names = [
        "clay",
        "ink and a little wash",
        "oil",
        "Öl",
        "чернила",
        "墨",
        "g",
        "h",
        "i",
        "j",
    ];
    let lines = names
        .iter()
        .enumerate()
        .map(|(n, name)| (*name, line(n as f64 * 3e5 - 5e5)));
    let chart = chart("Ten trainings compared", lines.collect());
    check("chart-10-dark", &loss_chart(&chart, Scheme::Dark));
}

#[test]
fn no_line() {
    let chart = chart("Loss", vec![("Loss", vec![])]);
    check("chart-0-light", &loss_chart(&chart, Scheme::Light));
}

#[test]
fn samples_of_checkpoints() {
    let pixels = samples();
    check(
        "grid-3x4-light",
        &sample_grid(&grid(&pixels, 3, 4), Scheme::Light),
    );
    check(
        "grid-6x2-dark",
        &sample_grid(&grid(&pixels, 6, 2), Scheme::Dark),
    );
}
