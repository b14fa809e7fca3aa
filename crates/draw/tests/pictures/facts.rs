//! What the pictures say, read from their pixels.

use lorikeet_chat::{Chart, Point, Tile, TileState};
use lorikeet_draw::{Grid, Row, Scheme, Sheet, Slot, contact_sheet, loss_chart, sample_grid};

use crate::scenes::{Decoded, Pixels, STATES, chart, loss};

/// The first line's and the second line's colour.
const BLUE: [u8; 3] = [0x2f, 0x7d, 0xe1];
const ORANGE: [u8; 3] = [0xef, 0x7a, 0x2f];

fn tile(label: &str, state: TileState, pixels: Option<&Pixels>, scheme: Scheme) -> Decoded {
    let picture = pixels.map(Pixels::picture);
    let sheet = Sheet {
        slots: vec![Slot {
            label: label.to_owned(),
            state,
            picture,
        }],
    };
    Decoded::of(&contact_sheet(&sheet, scheme))
}

/// How light a pixel is, 0 to 255, as somebody sees it who sees no colours.
fn grey([red, green, blue]: [u8; 3]) -> i32 {
    (i32::from(red) * 299 + i32::from(green) * 587 + i32::from(blue) * 114) / 1000
}

/// How many pixels look different without colours.
fn different(a: &Decoded, b: &Decoded) -> usize {
    assert_eq!((a.width, a.height), (b.width, b.height));
    let pairs = a.rgb.chunks_exact(3).zip(b.rgb.chunks_exact(3));
    pairs
        .filter(|(a, b)| (grey([a[0], a[1], a[2]]) - grey([b[0], b[1], b[2]])).abs() > 40)
        .count()
}

#[test]
fn states_differ_without_colours() {
    let picture = Pixels::plain(256, 256, [128; 3]);
    for scheme in [Scheme::Light, Scheme::Dark] {
        for pixels in [Some(&picture), None] {
            let tiles = STATES.map(|state| tile("7", state, pixels, scheme));
            for (number, a) in tiles.iter().enumerate() {
                for (other, b) in tiles.iter().enumerate().skip(number + 1) {
                    let count = different(a, b);
                    let states = (STATES[number], STATES[other]);
                    assert!(count > 150, "{states:?} {scheme:?}: {count} pixels");
                }
            }
        }
    }
}

#[test]
fn numbers_stand_out_from_any_picture() {
    for colour in [[255; 3], [0; 3], [128; 3], [255, 230, 0], [230, 40, 40]] {
        for scheme in [Scheme::Light, Scheme::Dark] {
            let pixels = Pixels::plain(64, 64, colour);
            let seen = tile("8", TileState::Filled, Some(&pixels), scheme);
            // The number's pill: the lower left of the tile.
            let number = || {
                let (right, top) = (seen.width / 3, seen.height * 2 / 3);
                (top..seen.height).flat_map(move |y| (0..right).map(move |x| (x, y)))
            };
            let white: Vec<(u32, u32)> = number()
                .filter(|(x, y)| seen.pixel(*x, *y) == [255; 3])
                .collect();
            // A figure's strokes have the pill right beside them.
            let edges = white
                .iter()
                .filter(|(x, y)| *x > 6 && grey(seen.pixel(*x - 6, *y)) < 100)
                .count();
            assert!(edges > 40, "{colour:?} {scheme:?}: {edges}");
        }
    }
}

#[test]
fn labels_are_drawn() {
    let label = |label| tile(label, TileState::Empty, None, Scheme::Light);
    assert!(different(&label("1"), &label("2")) > 20);
    assert!(different(&label(""), &label("猫")) > 20, "a box at least");
}

#[test]
fn more_places_than_tiles_are_counted() {
    let slot = |number: usize| Slot {
        label: number.to_string(),
        state: TileState::Empty,
        picture: None,
    };
    let of = |places: usize| {
        let sheet = Sheet {
            slots: (1..=places).map(slot).collect(),
        };
        Decoded::of(&contact_sheet(&sheet, Scheme::Light))
    };
    let (hundred, more) = (of(100), of(120));
    let count = different(&hundred, &more);
    // "100" became "+21", and nothing else changed.
    assert!((20..2000).contains(&count), "{count}");
}

#[test]
fn a_picture_fills_its_tile_and_corners_are_round() {
    let pixels = Pixels::plain(90, 30, [10, 200, 90]);
    let seen = tile("", TileState::Filled, Some(&pixels), Scheme::Light);
    let (middle, margin) = (seen.width / 2, 28);
    assert_eq!(seen.pixel(middle, middle), [10, 200, 90]);
    assert_eq!(seen.pixel(margin + 3, middle), [10, 200, 90]);
    assert_eq!(seen.pixel(middle, margin + 3), [10, 200, 90]);
    assert_eq!(seen.pixel(margin + 3, margin + 3), [255; 3]);
}

fn seen(chart: &Chart) -> Decoded {
    Decoded::of(&loss_chart(chart, Scheme::Light))
}

/// How high a colour's line runs in a column of the chart, below the legend; 0 is the top.
fn height(seen: &Decoded, colour: [u8; 3], x: u32) -> u32 {
    let found: Vec<u32> = (95..seen.height)
        .filter(|y| seen.pixel(x, *y) == colour)
        .collect();
    assert!(!found.is_empty(), "no line at {x}");
    found.iter().sum::<u32>() / found.len() as u32
}

fn course(y: impl Fn(f64) -> f64) -> Vec<Point> {
    (0..=20_u8)
        .map(|x| Point {
            x: f64::from(x),
            y: y(f64::from(x)),
        })
        .collect()
}

#[test]
fn a_rising_line_goes_up_and_a_falling_one_down() {
    let columns = [300, 400, 600, 800, 1000, 1180];
    let heights = |chart: &Chart, colour| {
        let seen = seen(chart);
        columns.map(|x| height(&seen, colour, x))
    };
    let rising = chart(
        "",
        vec![("up", course(|x| x)), ("down", course(|x| 20.0 - x))],
    );
    assert!(heights(&rising, BLUE).is_sorted_by(|a, b| a > b));
    assert!(heights(&rising, ORANGE).is_sorted_by(|a, b| a < b));
    let below_zero = chart("", vec![("up", course(|x| x * 1e-5 - 30.0))]);
    assert!(heights(&below_zero, BLUE).is_sorted_by(|a, b| a > b));
    let level = chart("", vec![("level", course(|_| -3.0))]);
    assert!(heights(&level, BLUE).is_sorted_by(|a, b| a == b));
}

#[test]
fn the_noise_is_smoothed_and_still_falls() {
    let seen = seen(&chart("", vec![("loss", loss(3000, 7))]));
    let heights = [160, 240, 320, 480, 700].map(|x| height(&seen, BLUE, x));
    assert!(heights.is_sorted_by(|a, b| a < b), "{heights:?}");
}

#[test]
fn one_point_is_a_mark() {
    let point = vec![Point { x: 10.0, y: 0.5 }];
    let seen = seen(&chart("", vec![("loss", point)]));
    let blue: Vec<_> = seen
        .places(BLUE)
        .into_iter()
        .filter(|place| place.1 > 150)
        .collect();
    assert!(blue.len() > 200, "{}", blue.len());
}

#[test]
fn what_is_not_finite_changes_nothing() {
    let clean = course(f64::sqrt);
    let mut dirty = clean.clone();
    dirty.insert(
        3,
        Point {
            x: 2.5,
            y: f64::NAN,
        },
    );
    dirty.insert(
        0,
        Point {
            x: f64::NEG_INFINITY,
            y: 1.0,
        },
    );
    dirty.push(Point {
        x: 30.0,
        y: f64::INFINITY,
    });
    let bytes = |points| loss_chart(&chart("", vec![("loss", points)]), Scheme::Light);
    assert_eq!(bytes(clean), bytes(dirty));
}

#[test]
fn points_out_of_order_are_put_in_order() {
    let mut turned = course(f64::sqrt);
    turned.reverse();
    let bytes = |points| loss_chart(&chart("", vec![("loss", points)]), Scheme::Light);
    assert_eq!(bytes(course(f64::sqrt)), bytes(turned));
}

#[test]
fn a_single_spike_among_a_hundred_thousand_points_is_seen() {
    let flat: Vec<Point> = (0..100_000_u32)
        .map(|x| Point {
            x: f64::from(x),
            y: 0.1,
        })
        .collect();
    let mut spiked = flat.clone();
    spiked[50_000].y = 1.0;
    let seen = seen(&chart("", vec![("loss", spiked)]));
    // Faint, but of no other colour than white's way to blue: the plot's upper half has nothing else in it but lines of the grid.
    let bluish = |(x, y): (u32, u32)| {
        let [red, _, blue] = seen.pixel(x, y);
        blue > red.saturating_add(30)
    };
    let upper = (180..400).flat_map(|y| (600..760).map(move |x| (x, y)));
    let count = upper.filter(|place| bluish(*place)).count();
    assert!(count > 150, "{count}");
}

#[test]
fn schemes_differ_in_their_ground() {
    let chart = chart("Loss", vec![("loss", loss(100, 1))]);
    let ground = |scheme| Decoded::of(&loss_chart(&chart, scheme)).pixel(2, 2);
    assert_eq!(ground(Scheme::Light), [255; 3]);
    assert_eq!(ground(Scheme::Dark), [0x18, 0x20, 0x22]);
    assert_eq!(ground(Scheme::default()), ground(Scheme::Light));
}

#[test]
fn samples_lie_in_their_row_and_column() {
    let colours = [[200, 0, 0], [0, 200, 0], [0, 0, 200], [200, 200, 0]];
    let pixels = colours.map(|colour| Pixels::plain(64, 48, colour));
    let row = |label: &str, from: usize| Row {
        label: label.to_owned(),
        cells: pixels[from..from + 2]
            .iter()
            .map(|p| Some(p.picture()))
            .collect(),
    };
    let grid = Grid {
        columns: vec!["first".to_owned(), "second".to_owned()],
        rows: vec![row("Step 1", 0), row("Step 2", 2)],
    };
    let seen = Decoded::of(&sample_grid(&grid, Scheme::Light));
    let [red, green, blue, yellow] = colours.map(|colour| {
        let places = seen.places(colour);
        assert!(places.len() > 10_000, "{colour:?} has {}", places.len());
        let middle = |of: fn(&(u32, u32)) -> u32| {
            places.iter().map(|place| of(place) as usize).sum::<usize>() / places.len()
        };
        (middle(|place| place.0), middle(|place| place.1))
    });
    let near = |a: usize, b: usize| a.abs_diff(b) < 3;
    assert!(near(red.1, green.1) && near(blue.1, yellow.1) && red.1 < blue.1);
    assert!(near(red.0, blue.0) && near(green.0, yellow.0) && red.0 < green.0);
}

#[test]
fn a_missing_sample_leaves_its_place() {
    let pixels = Pixels::plain(64, 64, [200, 0, 0]);
    let with = |cells| {
        let rows = vec![Row {
            label: String::new(),
            cells,
        }];
        let grid = Grid {
            columns: vec![String::new(); 2],
            rows,
        };
        Decoded::of(&sample_grid(&grid, Scheme::Light))
    };
    let (full, holed) = (
        with(vec![Some(pixels.picture()); 2]),
        with(vec![Some(pixels.picture())]),
    );
    assert_eq!((full.width, full.height), (holed.width, holed.height));
    assert_eq!(
        full.places([200, 0, 0]).len(),
        2 * holed.places([200, 0, 0]).len()
    );
}

#[test]
fn a_screens_tile_becomes_a_place() {
    let pixels = Pixels::plain(4, 4, [1, 2, 3]);
    let tile = Tile {
        label: "3".to_owned(),
        note: "a red fox".to_owned(),
        state: TileState::Complete,
        image: None,
    };
    let slot = Slot::new(&tile, Some(pixels.picture()));
    assert_eq!(
        (slot.label.as_str(), slot.state),
        ("3", TileState::Complete)
    );
    assert_eq!(slot.picture, Some(pixels.picture()));
}
