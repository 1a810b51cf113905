//! A picture that a run saved, decoded within limits, whatever its file claims to be.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::time::SystemTime;

use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbaImage};

use super::file;
use crate::model::RunPath;
use crate::model::names::visible;
use crate::ops::{Context, OpsError, Result};
use crate::report::shape::bytes;

/// The largest file that is read, in bytes.
const LARGEST_FILE: u64 = 64 << 20;

/// The most bytes a decoded picture may take: a drawing of 12 by 8 inches at 600 points an inch fits.
const LARGEST_PICTURE: u64 = 256 << 20;

/// The most pixels in a row or a column.
const LONGEST_SIDE: u32 = 32_768;

/// How the files of pictures begin, where `?` is any byte, and what they are.
pub(super) const SIGNATURES: [(&[u8], &str); 5] = [
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF8", GIF),
    (b"BM", BMP),
    (b"RIFF????WEBP", WEBP),
];

const PNG: &str = "PNG image";
const JPEG: &str = "JPEG image";
const GIF: &str = "GIF image";
pub(super) const BMP: &str = "BMP image";
const WEBP: &str = "WebP image";

/// The ends of names under which pictures are saved.
const EXTENSIONS: [&str; 6] = ["png", "jpg", "jpeg", "gif", "bmp", "webp"];

/// While this is the same, so is the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// Its size in bytes.
    pub size: u64,
    modified: Option<SystemTime>,
}

/// A decoded picture; of a moving one, the first.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Its pixels.
    pub image: RgbaImage,
    /// What its file is: "PNG image".
    pub kind: &'static str,
    /// Which state of the file it was read from.
    pub version: Version,
}

/// Whether a file has the name of a picture.
pub fn is_picture(name: &str) -> bool {
    let end = Path::new(name).extension().and_then(|end| end.to_str());
    end.is_some_and(|end| EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(end)))
}

/// Decodes a picture of a run; none if its file is as it was in the version that is known.
pub fn read(ctx: &Context, run: &RunPath, inside: &str, known: Option<&Version>) -> Result<Option<Picture>> {
    let path = file::locate(ctx, run, inside)?;
    let file = File::open(&path).map_err(OpsError::io("read", &path))?;
    let meta = file.metadata().map_err(OpsError::io("read", &path))?;
    let version = Version { size: meta.len(), modified: meta.modified().ok() };
    if known == Some(&version) {
        return Ok(None);
    }
    match decode(file, version.size) {
        Ok((image, kind)) => Ok(Some(Picture { image, kind, version })),
        Err(why) => Err(OpsError::Refused(format!("{}: {why}", visible(inside)))),
    }
}

/// Decodes a file, or tells why not and what helps.
fn decode(file: File, size: u64) -> std::result::Result<(RgbaImage, &'static str), String> {
    if size > LARGEST_FILE {
        let (size, most) = (bytes(size), bytes(LARGEST_FILE));
        return Err(format!("{size}: only pictures up to {most} are shown; save it to look at it"));
    }
    let broken = |error: ImageError| match error {
        ImageError::Limits(_) => {
            format!("it needs more than {} of memory; save it to look at it", bytes(LARGEST_PICTURE))
        }
        error => format!("the picture is damaged or not complete ({})", visible(&error.to_string())),
    };
    let reader = ImageReader::new(BufReader::new(file)).with_guessed_format();
    let mut reader = reader.map_err(|error| format!("cannot be read: {error}"))?;
    let Some(kind) = reader.format().and_then(kind) else {
        return Err("not a picture that can be shown (PNG, JPEG, GIF, BMP, WebP)".to_owned());
    };
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(LARGEST_PICTURE);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(broken)?;
    let (width, height) = decoder.dimensions();
    // Not every decoder keeps to its limits by itself.
    if decoder.total_bytes().max(u64::from(width) * u64::from(height) * 4) > LARGEST_PICTURE {
        let most = bytes(LARGEST_PICTURE);
        return Err(format!(
            "{width}×{height} pixels need more than {most} of memory; save it to look at it"
        ));
    }
    if width == 0 || height == 0 {
        return Err("the picture is empty".to_owned());
    }
    let turned = decoder.orientation().map_err(broken)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(broken)?;
    image.apply_orientation(turned);
    Ok((image.into_rgba8(), kind))
}

/// What a file of a format is called; none if it is not one of ours.
const fn kind(format: ImageFormat) -> Option<&'static str> {
    Some(match format {
        ImageFormat::Png => PNG,
        ImageFormat::Jpeg => JPEG,
        ImageFormat::Gif => GIF,
        ImageFormat::Bmp => BMP,
        ImageFormat::WebP => WEBP,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    // Proves C7 (pictures that a run saved), P9 (hostile files).
    use super::*;
    use crate::ops::testing::World;
    use image::{Rgba, codecs};
    use rstest::rstest;
    use std::io::Cursor;

    fn encoded(format: ImageFormat, width: u32, height: u32) -> Vec<u8> {
        let image = DynamicImage::from(RgbaImage::from_pixel(width, height, Rgba([200, 40, 40, 255])));
        let mut bytes = Cursor::new(Vec::new());
        image.to_rgb8().write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn decoded(bytes: &[u8]) -> std::result::Result<(u32, u32, &'static str), String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let (image, kind) = decode(file.reopen().unwrap(), bytes.len() as u64)?;
        Ok((image.width(), image.height(), kind))
    }

    #[rstest]
    #[case(ImageFormat::Png, "PNG image")]
    #[case(ImageFormat::Jpeg, "JPEG image")]
    #[case(ImageFormat::Gif, "GIF image")]
    #[case(ImageFormat::Bmp, "BMP image")]
    #[case(ImageFormat::WebP, "WebP image")]
    fn pictures_are_decoded_and_what_is_cut_off_is_told(#[case] format: ImageFormat, #[case] kind: &str) {
        let whole = encoded(format, 60, 40);
        assert_eq!(decoded(&whole), Ok((60, 40, kind)));
        assert!(SIGNATURES.iter().any(|(begin, name)| *name == kind && file::begins(&whole, begin)));
        let error = decoded(&whole[..12]).unwrap_err();
        assert!(error.contains("damaged or not complete"), "{error}");
    }

    #[test]
    fn of_a_moving_picture_the_first_is_shown() {
        let mut bytes = Vec::new();
        let frame = |red| image::Frame::new(RgbaImage::from_pixel(4, 4, Rgba([red, 0, 0, 255])));
        codecs::gif::GifEncoder::new(&mut bytes).encode_frames([frame(255), frame(0)]).unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &bytes).unwrap();
        let (image, _) = decode(file.reopen().unwrap(), bytes.len() as u64).unwrap();
        assert!(image.get_pixel(0, 0)[0] > 200);
    }

    /// A PNG of a few bytes whose header promises something else.
    fn promising(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = encoded(ImageFormat::Png, 8, 8);
        bytes[16..20].copy_from_slice(&width.to_be_bytes());
        bytes[20..24].copy_from_slice(&height.to_be_bytes());
        // The sum of the header's chunk, so that it is believed.
        let sum = crc32(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&sum.to_be_bytes());
        bytes
    }

    fn crc32(bytes: &[u8]) -> u32 {
        let step = |sum: u32, byte: &u8| {
            (0..8)
                .fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()))
        };
        !bytes.iter().fold(u32::MAX, step)
    }

    #[rstest]
    #[case(promising(30_000, 30_000), "memory")]
    #[case(promising(1, 100_000), "memory")]
    #[case(promising(8, 9), "damaged or not complete")]
    #[case(b"just a text".to_vec(), "not a picture")]
    #[case(Vec::new(), "not a picture")]
    fn what_cannot_be_shown_is_told_before_it_costs_anything(#[case] bytes: Vec<u8>, #[case] told: &str) {
        let error = decoded(&bytes).unwrap_err();
        assert!(error.contains(told), "{error}");
    }

    #[test]
    fn a_file_that_is_too_large_is_not_read() {
        let file = tempfile::tempfile().unwrap();
        let error = decode(file, LARGEST_FILE + 1).unwrap_err();
        assert!(error.contains("only pictures up to"), "{error}");
    }

    #[test]
    fn a_picture_is_read_again_when_its_file_has_changed() {
        let world = World::new();
        let run = world.single("ws1");
        world.end_all();
        let inside = "after/output/plot.png";
        let path = world.ctx.layout.run_files("ws1", run.run).join(inside);
        std::fs::write(&path, encoded(ImageFormat::Png, 3, 2)).unwrap();
        let first = read(&world.ctx, &run, inside, None).unwrap().unwrap();
        assert_eq!(first.image.dimensions(), (3, 2));
        assert_eq!(read(&world.ctx, &run, inside, Some(&first.version)).unwrap(), None);
        std::fs::write(&path, encoded(ImageFormat::Png, 40, 20)).unwrap();
        let second = read(&world.ctx, &run, inside, Some(&first.version)).unwrap().unwrap();
        assert_eq!(second.image.dimensions(), (40, 20));
        std::fs::write(&path, "no\npicture").unwrap();
        let error = read(&world.ctx, &run, inside, None).unwrap_err().to_string();
        assert!(error.starts_with("after/output/plot.png: not a picture"), "{error}");
    }

    #[rstest]
    #[case("after/plot.PNG", true)]
    #[case("a.jpeg", true)]
    #[case("png", false)]
    #[case("model.pt", false)]
    fn names(#[case] name: &str, #[case] expected: bool) {
        assert_eq!(is_picture(name), expected);
    }
}
