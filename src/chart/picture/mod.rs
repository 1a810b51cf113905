//! Charts as pictures: SVG, and PNG drawn from it with a font of our own, whatever fonts the system has.

mod svg;

use std::sync::Arc;

use resvg::{tiny_skia, usvg};

pub use svg::svg;

/// `DejaVu` Sans for the Latin, Greek and Cyrillic scripts; its licence lies beside it.
const FONT: &[u8] = include_bytes!("../../../assets/fonts/DejaVuSans.ttf");
const FONT_NAME: &str = "DejaVu Sans";

/// Pictures are drawn at twice their size, for screens with small pixels, up to so many pixels …
const FINE: f32 = 16e6;
/// … and not at all beyond these.
const MOST: f32 = 100e6;

/// A picture that cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// There are more pixels than any screen shows.
    #[error("a picture of {width} by {height} pixels is too large; choose fewer charts, or save it as .svg")]
    TooLarge {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
    },
    /// The drawing failed.
    #[error("the picture cannot be drawn: {0}")]
    Draw(String),
}

/// Draws an SVG as PNG.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded sizes, in whole pixels")]
pub fn png(svg: &str) -> Result<Vec<u8>, PictureError> {
    let mut fonts = usvg::fontdb::Database::new();
    fonts.load_font_data(FONT.to_vec());
    fonts.set_sans_serif_family(FONT_NAME);
    let options =
        usvg::Options { fontdb: Arc::new(fonts), font_family: FONT_NAME.into(), ..usvg::Options::default() };
    let failed = |error: &dyn std::fmt::Display| PictureError::Draw(error.to_string());
    let tree = usvg::Tree::from_str(svg, &options).map_err(|error| failed(&error))?;
    let (width, height) = (tree.size().width(), tree.size().height());
    let scale = if width * height * 4.0 <= FINE { 2.0 } else { 1.0 };
    let too_large = PictureError::TooLarge { width: width as u32, height: height as u32 };
    if width * height > MOST {
        return Err(too_large);
    }
    let (across, down) = ((width * scale).ceil() as u32, (height * scale).ceil() as u32);
    let mut pixels = tiny_skia::Pixmap::new(across, down).ok_or(too_large)?;
    resvg::render(&tree, tiny_skia::Transform::from_scale(scale, scale), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| failed(&error))
}
