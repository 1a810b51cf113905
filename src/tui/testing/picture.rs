//! Pictures.

use image::{Rgba, RgbaImage};

use crate::ops::view::picture::Version;
use crate::tui::app::detail::Shown;
use crate::tui::picture::{Canvas, Means, Pictures, Way};

/// Room for a picture in true colours.
pub fn canvas(way: Way, room: (u16, u16)) -> Canvas {
    let var = |name: &str| (name == "COLORTERM").then(|| "truecolor".to_owned());
    Means::from_env(Pictures::By(way), var).canvas(room).unwrap()
}

/// A picture of 64 by 48 points, which is another one for each file.
pub(super) fn shown(file: &str, canvas: &Canvas, number: u32) -> Shown {
    let blue = u8::try_from(file.len() * 8 % 256).unwrap();
    let point =
        |x: u32, y: u32| Rgba([u8::try_from(x * 4).unwrap(), u8::try_from(y * 5).unwrap(), blue, 255]);
    let image = RgbaImage::from_fn(64, 48, point);
    let (pixels, cells) = (image.dimensions(), canvas.draw(image, number).unwrap());
    Shown { kind: "PNG image", version: Version::default(), pixels, canvas: *canvas, cells }
}
