//! Pictures for platforms that cannot draw themselves: data in, the bytes of a PNG out.
//!
//! - [`contact_sheet`]: the places of a dataset, each with its number, state and thumbnail.
//! - [`loss_chart`]: numbers over numbers.
//! - [`stacked`]: several of them as one.
//! - [`sample_grid`]: sample pictures, a row for each checkpoint and a column for each prompt.
//!
//! All are pure and total: the same input gives the same bytes in one build of the program, any input gives a picture, and none
//! is larger than [`MAX_WIDTH`] by [`MAX_HEIGHT`] pixels. They take as long as their pixels do (hundredths of a second, and
//! half of one for a hundred large samples): not for an async thread.
//!
//! What this crate does not do: decode pictures (they come as pixels, because encoded ones are hostile and belong to
//! who decodes under limits), say anything in words of its own, or know who will look at it. Text is drawn in an embedded
//! font (Latin, Greek, Cyrillic) from left to right, one character after the other: scripts that run from right to left or join their letters are
//! not shaped, and a character that the font does not have is a box.

mod canvas;
mod chart;
mod colour;
mod grid;
mod lettering;
mod marks;
mod picture;
mod sheet;
mod stack;

pub use chart::loss_chart;
pub use colour::Scheme;
pub use grid::{Grid, Row, sample_grid};
pub use picture::Picture;
pub use sheet::{MAX_SLOTS, Sheet, Slot, contact_sheet};
pub use stack::stacked;

/// The widest picture, in pixels: the size that chats show a photo in on a large screen. Telegram, for one, makes 1280 (its size
/// `y`) of larger ones: <https://core.telegram.org/api/files#image-thumbnail-types>.
pub const MAX_WIDTH: u32 = 1280;

/// The highest picture, in pixels. With [`MAX_WIDTH`] it keeps the worst picture, one of noise that no compression helps,
/// below the 10 MB that chats take: 1280 × 2400 × 3 bytes are 9.2 MB.
pub const MAX_HEIGHT: u32 = 2400;
