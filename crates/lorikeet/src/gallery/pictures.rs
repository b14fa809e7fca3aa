//! Drawings in the place of pictures: small, and always the same.

use lorikeet_chat::BlobId;

/// Where a picture's drawing is.
pub(crate) fn address(blob: &BlobId) -> String {
    format!("pictures/{:03}.svg", seed(blob))
}

/// The byte a sample's address is made of.
fn seed(blob: &BlobId) -> u8 {
    let digits = blob.as_str().get(..2).unwrap_or_default();
    u8::from_str_radix(digits, 16).unwrap_or(0)
}

/// A cat before something, each in another colour, place and size.
pub(crate) fn draw(blob: &BlobId) -> String {
    let seed = u32::from(seed(blob));
    let sky = seed * 47 % 360;
    let ground = (sky + 40) % 360;
    let fur = (seed * 101 + 20) % 360;
    let x = 90 + seed * 29 % 140;
    let size = 70 + seed * 13 % 40;
    let (ear, eye) = (size * 3 / 4, size / 3);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 320 240\" width=\"640\" height=\"480\">\n\
         <rect width=\"320\" height=\"240\" fill=\"hsl({sky} 45% 72%)\"/>\n\
         <path d=\"M0 170 Q 80 140 160 165 T 320 160 V 240 H 0 Z\" fill=\"hsl({ground} 35% 48%)\"/>\n\
         <g transform=\"translate({x} 150)\" fill=\"hsl({fur} 40% 38%)\">\n\
         <path d=\"M-{size} 10 L-{ear} -{size} L-20 -{ear} L20 -{ear} L{ear} -{size} L{size} 10 Q {size} {ear} 0 {ear} Q -{size} {ear} -{size} 10 Z\"/>\n\
         <circle cx=\"-{eye}\" cy=\"-8\" r=\"8\" fill=\"#f6e27a\"/><circle cx=\"{eye}\" cy=\"-8\" r=\"8\" fill=\"#f6e27a\"/>\n\
         <path d=\"M-7 14 H7 L0 22 Z\" fill=\"#f2a6a0\"/>\n</g>\n</svg>\n"
    )
}
