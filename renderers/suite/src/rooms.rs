//! Rooms of every kind.

use lorikeet_chat::{Capabilities, FileLimits, MenuLimits, Support, TextLimits, TextUnit};
use proptest::prelude::*;
use proptest::sample::select;

const GRADES: &[Support] = &[
    Support::Rejected,
    Support::Dropped,
    Support::Fallback,
    Support::Partial,
    Support::Full,
];

const UNITS: &[TextUnit] = &[TextUnit::Chars, TextUnit::Utf16, TextUnit::Bytes];

/// What lengths count.
pub fn unit() -> impl Strategy<Value = TextUnit> {
    select(UNITS)
}

/// Rooms that can be talked in: messages of 100 characters and more, five controls and more, one in a row and more,
/// labels of ten characters and more; every grade of support.
pub fn room() -> impl Strategy<Value = Capabilities> {
    let message = prop_oneof![
        100..300_u32,
        300..5_000_u32,
        select(&[2_000, 4_096, 100_000, u32::MAX][..])
    ];
    let count = |least: u32, most: u32| prop_oneof![least..=most, Just(u32::MAX)];
    built(
        message,
        count(1, 8),
        prop_oneof![5..12_u32, 5..=120_u32, Just(u32::MAX)],
        count(10, 120),
        count(1, 60),
    )
}

/// Rooms of any numbers at all, nothing included.
pub fn anything() -> impl Strategy<Value = Capabilities> {
    let limit = || prop_oneof![0..6_u32, 0..200_u32, Just(u32::MAX)];
    built(limit(), limit(), limit(), limit(), limit())
}

fn built(
    message: impl Strategy<Value = u32>,
    per_row: impl Strategy<Value = u32>,
    total: impl Strategy<Value = u32>,
    label: impl Strategy<Value = u32>,
    options: impl Strategy<Value = u32>,
) -> impl Strategy<Value = Capabilities> {
    let grade = || select(GRADES);
    let bytes = || prop_oneof![0..10_000_000_u64, Just(u64::MAX)];
    (
        (message, unit(), grade()),
        (grade(), per_row, total, label, options),
        (bytes(), bytes(), 0..12_u32),
        (grade(), grade(), grade(), 0..120_u32),
    )
        .prop_map(|(text, menu, files, rest)| Capabilities {
            text: TextLimits {
                message: text.0,
                unit: text.1,
                rich: text.2,
            },
            menu: MenuLimits {
                buttons: menu.0,
                per_row: menu.1,
                total: menu.2,
                label: menu.3,
                options: menu.4,
            },
            files: FileLimits {
                receive: files.0,
                send: files.1,
                per_message: files.2,
            },
            images: rest.0,
            forms: rest.1,
            edits: rest.2,
            edits_per_minute: rest.3,
        })
}
