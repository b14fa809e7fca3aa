//! Any input: a picture within the maximum, and no panic.

#![expect(clippy::unwrap_used, reason = "tests")]

use lorikeet_chat::{Chart, Point, Series, TileState};
use lorikeet_draw::{
    Grid, MAX_HEIGHT, MAX_WIDTH, Picture, Row, Scheme, Sheet, Slot, contact_sheet, loss_chart,
    sample_grid, stacked,
};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

/// Text as people and attackers write it.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        select(vec![
            "",
            " \n\t",
            "17",
            "\u{202e}right to left\u{0}",
            "שלום עולם",
            "🦜🦜🦜 lorikeet 👩\u{200d}🎨",
            "e\u{301}\u{327}\u{301}\u{301}",
            "AVAToWaYo",
        ])
        .prop_map(str::to_owned),
        Just("very ".repeat(2000)),
        Just("W".repeat(5000)),
    ]
}

fn scheme() -> impl Strategy<Value = Scheme> {
    select(vec![Scheme::Light, Scheme::Dark])
}

/// Sides and pixels of a picture; extreme shapes among them.
fn pixels() -> impl Strategy<Value = (u32, u32, Vec<u8>)> {
    let sides = prop_oneof![
        (1..40_u32, 1..40_u32),
        (Just(1), 1..3000_u32),
        (1..3000_u32, Just(1)),
    ];
    (sides, any::<[u8; 7]>()).prop_map(|((width, height), colours)| {
        let bytes = (width * height * 3) as usize;
        (
            width,
            height,
            colours.iter().copied().cycle().take(bytes).collect(),
        )
    })
}

fn state() -> impl Strategy<Value = TileState> {
    select(vec![
        TileState::Empty,
        TileState::Arriving,
        TileState::Filled,
        TileState::Complete,
        TileState::Problem,
    ])
}

fn number() -> impl Strategy<Value = f64> + Clone {
    prop_oneof![
        any::<f64>(),
        -10.0..10.0_f64,
        (0..1000_u32).prop_map(f64::from),
        select(vec![
            0.0,
            -0.0,
            f64::MAX,
            f64::MIN,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::MIN_POSITIVE,
            5e-324,
            1e16,
            1e300,
            -1e300,
        ]),
    ]
}

fn chart() -> impl Strategy<Value = Chart> {
    let point = (number(), number()).prop_map(|(x, y)| Point { x, y });
    let points = prop_oneof![vec(point.clone(), 0..5), vec(point, 0..200)];
    let series = (text(), points).prop_map(|(name, points)| Series { name, points });
    (text(), text(), vec(series, 0..12)).prop_map(|(title, x_label, series)| Chart {
        title,
        x_label,
        series,
    })
}

/// Width and height by the header; panics when it is no PNG.
fn size(bytes: &[u8]) -> (u32, u32) {
    let reader = png::Decoder::new(std::io::Cursor::new(bytes))
        .read_info()
        .unwrap();
    (reader.info().width, reader.info().height)
}

fn is_within(bytes: &[u8]) -> Result<(), TestCaseError> {
    let (width, height) = size(bytes);
    prop_assert!((1..=MAX_WIDTH).contains(&width), "{} wide", width);
    prop_assert!((1..=MAX_HEIGHT).contains(&height), "{} high", height);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_sheet(
        slots in vec((text(), state(), of(0..3_usize)), 0..=130),
        pixels in vec(pixels(), 3),
        scheme in scheme(),
    ) {
        let shown = |at: usize| Picture::new(pixels[at].0, pixels[at].1, &pixels[at].2).unwrap();
        let slot = |(label, state, at): (String, TileState, Option<usize>)| Slot {
            label,
            state,
            picture: at.map(shown),
        };
        let sheet = Sheet { slots: slots.into_iter().map(slot).collect() };
        let bytes = contact_sheet(&sheet, scheme);
        is_within(&bytes)?;
        prop_assert!(size(&bytes).1 <= 1280);
        prop_assert_eq!(bytes, contact_sheet(&sheet, scheme));
    }

    #[test]
    fn any_stack(pixels in vec(pixels(), 0..=5), scheme in scheme()) {
        let pictures: Vec<Picture<'_>> = pixels
            .iter()
            .map(|(width, height, rgb)| Picture::new(*width, *height, rgb).unwrap())
            .collect();
        is_within(&stacked(&pictures, scheme))?;
    }

    #[test]
    fn any_chart(chart in chart(), scheme in scheme()) {
        let bytes = loss_chart(&chart, scheme);
        prop_assert_eq!(size(&bytes), (1280, 800));
        prop_assert_eq!(bytes, loss_chart(&chart, scheme));
    }

    #[test]
    fn any_grid(
        columns in prop_oneof![vec(text(), 0..8), vec(text(), 0..60)],
        rows in vec((text(), vec(of(0..3_usize), 0..20)), 0..90),
        pixels in vec(pixels(), 3),
        scheme in scheme(),
    ) {
        let shown = |at: usize| Picture::new(pixels[at].0, pixels[at].1, &pixels[at].2).unwrap();
        let row = |(label, cells): (String, Vec<Option<usize>>)| Row {
            label,
            cells: cells.into_iter().map(|at| at.map(shown)).collect(),
        };
        let grid = Grid { columns, rows: rows.into_iter().map(row).collect() };
        let bytes = sample_grid(&grid, scheme);
        is_within(&bytes)?;
        prop_assert_eq!(bytes, sample_grid(&grid, scheme));
    }
}

#[test]
fn every_number_of_places_up_to_a_hundred() {
    for places in 0..=101 {
        let slot = Slot {
            label: places.to_string(),
            state: TileState::Filled,
            picture: None,
        };
        let sheet = Sheet {
            slots: vec![slot; places],
        };
        let (width, height) = size(&contact_sheet(&sheet, Scheme::Light));
        assert!(
            width <= MAX_WIDTH && height <= 1280,
            "{places} places: {width} × {height}"
        );
    }
}
