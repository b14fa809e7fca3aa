//! The colours of the web page (`adapters/web/assets/lorikeet.css`), light and dark. A test compares the two.

use tiny_skia::{Paint, Shader};

/// On what ground to draw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Dark on light.
    #[default]
    Light,
    /// Light on dark.
    Dark,
}

impl Scheme {
    pub(crate) fn colours(self) -> &'static Colours {
        match self {
            Self::Light => &LIGHT,
            Self::Dark => &DARK,
        }
    }
}

/// A colour in sRGB with how much it covers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Colour {
    pub(crate) red: u8,
    pub(crate) green: u8,
    pub(crate) blue: u8,
    /// 0 to 1.
    pub(crate) cover: f32,
}

impl Colour {
    const fn hex(rgb: u32) -> Self {
        let [_, red, green, blue] = rgb.to_be_bytes();
        Self {
            red,
            green,
            blue,
            cover: 1.0,
        }
    }

    /// The same, covering only a part (0 to 1) of what is below.
    pub(crate) const fn at(self, cover: f32) -> Self {
        Self { cover, ..self }
    }

    pub(crate) fn skia(self) -> tiny_skia::Color {
        // 0 to 255 by rounding.
        let cover = (self.cover.clamp(0.0, 1.0) * 255.0 + 0.5) as u8;
        tiny_skia::Color::from_rgba8(self.red, self.green, self.blue, cover)
    }

    pub(crate) fn paint(self) -> Paint<'static> {
        Paint {
            shader: Shader::SolidColor(self.skia()),
            ..Paint::default()
        }
    }
}

/// What is drawn in which colour; names as in the style sheet.
#[derive(Debug)]
pub(crate) struct Colours {
    pub(crate) surface: Colour,
    pub(crate) sunken: Colour,
    pub(crate) line: Colour,
    pub(crate) line_strong: Colour,
    pub(crate) ink: Colour,
    pub(crate) soft: Colour,
    pub(crate) blue: Colour,
    pub(crate) red: Colour,
    pub(crate) red_wash: Colour,
}

/// White, on dark marks in either scheme.
pub(crate) const WHITE: Colour = Colour::hex(0xff_ffff);
/// The badge of a complete tile.
pub(crate) const COMPLETE: Colour = Colour::hex(0x16_874a);
/// Behind a number that lies on a picture.
pub(crate) const PILL: Colour = Colour::hex(0x0a_1410);
/// Lines of charts, in their order; more lines use them again.
pub(crate) const SERIES: [Colour; 5] = [
    Colour::hex(0x2f_7de1),
    Colour::hex(0xef_7a2f),
    Colour::hex(0x22_a55d),
    Colour::hex(0xb4_56d8),
    Colour::hex(0xd9_a514),
];

const LIGHT: Colours = Colours {
    surface: Colour::hex(0xff_ffff),
    sunken: Colour::hex(0xee_f2ee),
    line: Colour::hex(0xdd_e4de),
    line_strong: Colour::hex(0xbf_cac2),
    ink: Colour::hex(0x16_211c),
    soft: Colour::hex(0x55_645c),
    blue: Colour::hex(0x24_57d6),
    red: Colour::hex(0xbd_2a1c),
    red_wash: Colour::hex(0xfd_ecea),
};

const DARK: Colours = Colours {
    surface: Colour::hex(0x18_2022),
    sunken: Colour::hex(0x11_1819),
    line: Colour::hex(0x2a_3537),
    line_strong: Colour::hex(0x43_5255),
    ink: Colour::hex(0xe9_f0ec),
    soft: Colour::hex(0x9f_b0a8),
    blue: Colour::hex(0x8f_b0ff),
    red: Colour::hex(0xff_8d80),
    red_wash: Colour::hex(0x3a_1a17),
};

#[cfg(test)]
mod tests {
    use super::*;

    const SHEET: &str = include_str!("../../../adapters/web/assets/lorikeet.css");

    /// `--name: #rrggbb` after the given place of the style sheet.
    fn of_page(after: &str, name: &str) -> Colour {
        let rest = SHEET.split_once(after).unwrap().1;
        let value = rest.split_once(&format!("--{name}: #")).unwrap().1;
        Colour::hex(u32::from_str_radix(&value[..6], 16).unwrap())
    }

    #[test]
    fn the_colours_are_those_of_the_page() {
        for (scheme, after) in [
            (Scheme::Light, ":root {"),
            (Scheme::Dark, "prefers-color-scheme: dark"),
        ] {
            let ours = scheme.colours();
            for (name, colour) in [
                ("surface", ours.surface),
                ("sunken", ours.sunken),
                ("line", ours.line),
                ("line-strong", ours.line_strong),
                ("ink", ours.ink),
                ("soft", ours.soft),
                ("blue", ours.blue),
                ("red", ours.red),
                ("red-wash", ours.red_wash),
            ] {
                assert_eq!(colour, of_page(after, name), "{scheme:?} {name}");
            }
        }
        for (number, colour) in SERIES.into_iter().enumerate() {
            assert_eq!(
                colour,
                of_page(&format!(".colour-{number} {{"), "colour"),
                "line {number}"
            );
        }
    }
}
