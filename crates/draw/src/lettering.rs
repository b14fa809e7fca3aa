//! Text in the embedded font: how wide it is, how it is shortened and broken, where its glyphs lie.
//!
//! Characters are set one after the other from left to right, with the font's kerning and nothing more: no shaping, no
//! reordering.

use std::sync::LazyLock;

use ab_glyph::{Font as _, FontRef, GlyphId, OutlinedGlyph, PxScale, point};

/// Heights in parts of the font's size, by DejaVu's own figures.
const CAPITALS: f32 = 0.729;
/// Where no glyph is: a box of this width, with its margins.
const BOX_ADVANCE: f32 = 0.66;
const ELLIPSIS: char = '…';

static REGULAR: LazyLock<FontRef<'static>> =
    LazyLock::new(|| parsed(include_bytes!("../font/DejaVuSans.subset.ttf")));
static BOLD: LazyLock<FontRef<'static>> =
    LazyLock::new(|| parsed(include_bytes!("../font/DejaVuSans-Bold.subset.ttf")));

#[expect(
    clippy::expect_used,
    reason = "the files are part of the program, and every test that draws parses them"
)]
fn parsed(bytes: &'static [u8]) -> FontRef<'static> {
    FontRef::try_from_slice(bytes).expect("the embedded font is one")
}

/// A weight at a size.
#[derive(Clone, Copy)]
pub(crate) struct Font {
    face: &'static FontRef<'static>,
    /// Pixels an em.
    size: f32,
}

/// Something set, from the left end of its line.
pub(crate) enum Shape {
    /// A glyph's outline at its place; the baseline is at 0.
    Glyph(OutlinedGlyph),
    /// In place of a glyph that the font does not have: left, top, width, height.
    Box([f32; 4]),
}

impl Font {
    pub(crate) fn regular(size: f32) -> Self {
        Self {
            face: &REGULAR,
            size,
        }
    }

    pub(crate) fn bold(size: f32) -> Self {
        Self { face: &BOLD, size }
    }

    /// Pixels from the baseline to the top of capitals and digits.
    pub(crate) fn capitals(&self) -> f32 {
        self.size * CAPITALS
    }

    /// Pixels from baseline to baseline.
    pub(crate) fn leading(&self) -> f32 {
        (self.size * 1.25).round()
    }

    /// Pixels from the start of the text to its end.
    pub(crate) fn width(&self, text: &str) -> f32 {
        self.steps(text).last().map_or(0.0, |step| step.end)
    }

    /// The text on one line, with an ellipsis when it is wider than `width` pixels; empty when not even that fits.
    pub(crate) fn shorten(&self, text: &str, width: f32) -> String {
        let room = width - self.width("…");
        let mut kept = String::new();
        let mut cut = None;
        for step in self.steps(text) {
            if step.end > width {
                let mut short = cut.unwrap_or(kept).trim_end().to_owned();
                if room >= 0.0 {
                    short.push(ELLIPSIS);
                }
                return short;
            }
            if step.end > room && cut.is_none() {
                cut = Some(kept.clone());
            }
            kept.push(step.character);
        }
        kept.trim_end().to_owned()
    }

    /// The text on at most `lines` lines no wider than `width` pixels, broken between words where that is possible, and
    /// shortened at the end.
    pub(crate) fn wrap(&self, text: &str, width: f32, lines: usize) -> Vec<String> {
        let mut rest = text.trim_start();
        let mut out = Vec::new();
        while !rest.is_empty() && out.len() < lines {
            let (line, left) = self.first_line(rest, width);
            if left.is_empty() || out.len() + 1 == lines || line.is_empty() {
                out.push(self.shorten(rest, width));
                break;
            }
            out.push(self.shorten(line, width));
            rest = left;
        }
        out.retain(|line| !line.is_empty());
        out
    }

    /// As many words as fit, and the rest of the text. A word that is wider than the line is broken.
    fn first_line<'t>(&self, text: &'t str, width: f32) -> (&'t str, &'t str) {
        let mut after_word = None;
        let mut inside = None;
        for step in self.steps(text) {
            if step.end > width && !step.character.is_whitespace() {
                let at = after_word.or(inside).unwrap_or(0);
                return (text[..at].trim_end(), text[at..].trim_start());
            }
            let next = step.at + step.length;
            if step.character.is_whitespace() {
                after_word = Some(step.at);
            } else if matches!(step.character, '-' | '–' | '_' | '/') {
                after_word = Some(next);
            }
            inside = Some(next);
        }
        (text.trim_end(), "")
    }

    /// What to draw for a text whose line starts `offset` pixels (below 1) right of a pixel's edge.
    pub(crate) fn shapes(&self, text: &str, offset: f32) -> Vec<Shape> {
        let scale = self.scale();
        self.steps(text)
            .filter_map(|step| match step.glyph {
                Some(glyph) => {
                    let placed = glyph.with_scale_and_position(scale, point(offset + step.x, 0.0));
                    self.face.outline_glyph(placed).map(Shape::Glyph)
                }
                None => Some(Shape::Box([
                    offset + step.x + self.size * 0.08,
                    -self.capitals(),
                    self.size * (BOX_ADVANCE - 0.16),
                    self.capitals(),
                ])),
            })
            .collect()
    }

    fn scale(&self) -> PxScale {
        // The library counts from the highest point to the lowest, not in ems.
        let em = self.face.units_per_em().unwrap_or(2048.0);
        PxScale::from(self.size * self.face.height_unscaled() / em)
    }

    /// Every visible character with where it lies.
    fn steps(&self, text: &str) -> impl Iterator<Item = Step> {
        let Self { face, size } = *self;
        let unit = size / face.units_per_em().unwrap_or(2048.0);
        let mut end = 0.0;
        let mut before: Option<GlyphId> = None;
        text.char_indices()
            .filter_map(|(at, character)| Some((at, character.len_utf8(), visible(character)?)))
            .map(move |(at, length, character)| {
                let glyph = Some(face.glyph_id(character)).filter(|glyph| *glyph != GlyphId(0));
                let kern = match (before, glyph) {
                    (Some(before), Some(glyph)) => face.kern_unscaled(before, glyph) * unit,
                    _ => 0.0,
                };
                before = glyph;
                let x = end + kern;
                end = x + glyph.map_or(size * BOX_ADVANCE, |glyph| {
                    face.h_advance_unscaled(glyph) * unit
                });
                Step {
                    at,
                    length,
                    character,
                    glyph,
                    x,
                    end,
                }
            })
    }
}

struct Step {
    /// Where the character lies in the text, in bytes.
    at: usize,
    length: usize,
    character: char,
    glyph: Option<GlyphId>,
    /// Pixels from the start to its left and to its right.
    x: f32,
    end: f32,
}

/// The character as it is drawn; `None` for those that only steer. Every kind of white space is a space.
fn visible(character: char) -> Option<char> {
    let steers = matches!(character,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{e0000}'..='\u{e0fff}');
    match character {
        // Narrow ones keep groups of digits together and apart.
        '\u{2002}'..='\u{200a}' | '\u{202f}' | '\u{a0}' => Some(character),
        white if white.is_whitespace() => Some(' '),
        hidden if hidden.is_control() || steers => None,
        shown => Some(shown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fonts_stay_small() {
        let bytes = include_bytes!("../font/DejaVuSans.subset.ttf").len()
            + include_bytes!("../font/DejaVuSans-Bold.subset.ttf").len();
        assert!(bytes < 150_000, "{bytes} bytes");
    }

    #[test]
    fn the_font_has_what_labels_are_written_in() {
        for text in [
            "Step 250",
            "Größe naïve Łódź ő",
            "Ελληνικά",
            "Шаг 250 Їжак",
            "0123456789.,−×⁷⁻",
            "…→✓✗“”–",
        ] {
            for face in [&REGULAR, &BOLD] {
                let font = Font { face, size: 20.0 };
                assert!(
                    font.steps(text).all(|step| step.glyph.is_some()),
                    "{text} lacks a glyph"
                );
            }
        }
    }

    #[test]
    fn a_foreign_character_is_a_box_of_its_own_width() {
        let font = Font::regular(20.0);
        assert!(matches!(font.shapes("猫", 0.0)[..], [Shape::Box(_)]));
        assert!(matches!(
            font.shapes("א🦜", 0.0)[..],
            [Shape::Box(_), Shape::Box(_)]
        ));
        assert_eq!(font.width("猫"), 20.0 * BOX_ADVANCE);
    }

    #[test]
    fn what_only_steers_is_not_drawn() {
        let font = Font::regular(20.0);
        assert_eq!(font.width("a\u{200d}\u{202e}\0b\u{fe0f}"), font.width("ab"));
        assert_eq!(font.width("a\nb"), font.width("a b"));
    }

    #[test]
    fn shortening_fits_and_says_so() {
        let font = Font::regular(20.0);
        let text = "a red fox in the snow";
        assert_eq!(font.shorten(text, 1000.0), text);
        assert_eq!(font.shorten(text, font.width(text)), text);
        let mut before = String::from(text);
        for width in (0..200).rev() {
            let short = font.shorten(text, width as f32);
            assert!(font.width(&short) <= width as f32, "{short} at {width}");
            assert!(short.chars().count() <= before.chars().count());
            assert!(
                short == text || short.is_empty() || short.ends_with(ELLIPSIS),
                "{short}"
            );
            before = short;
        }
        assert_eq!(before, "");
    }

    #[test]
    fn wrapping_breaks_between_words_and_shortens_the_last_line() {
        let font = Font::regular(20.0);
        let width = font.width("a red fox") + 1.0;
        assert_eq!(
            font.wrap("a red fox in the snow", width, 3),
            ["a red fox", "in the", "snow"]
        );
        assert_eq!(
            font.wrap("a red fox in the snow", width, 2),
            ["a red fox", "in the…"]
        );
        assert_eq!(font.wrap("  fox  ", width, 2), ["fox"]);
        assert_eq!(font.wrap("", width, 2), [""; 0]);
        let broken = font.wrap("foxfoxfoxfoxfox", width, 2);
        assert_eq!(broken.len(), 2);
        assert!(
            broken.iter().all(|line| font.width(line) <= width),
            "{broken:?}"
        );
    }
}
