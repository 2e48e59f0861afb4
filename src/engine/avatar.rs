//! Processes uploaded avatars. An image's dimensions are checked before it is decoded. It is then cropped to a small
//! square and re-encoded, so nothing of the original file survives.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, ImageReader, Limits, imageops::FilterType};

use crate::validation::FieldErrorKind;

/// The width and height of an avatar, in pixels.
pub const SIDE: u32 = 192;
/// The maximum width or height of an uploaded image, in pixels.
const LARGEST: u32 = 6_000;
/// The same for an image whose decoder holds it more than once: any WebP, and any JPEG that is not decoded row by row,
/// such as a progressive one. Cameras write neither.
const LARGEST_HELD_TWICE: u32 = 4_096;
/// The longer side is at most this many times the shorter one.
const MAX_RATIO: u32 = 4;
/// The maximum memory for decoding, in bytes.
const MEMORY: u64 = 160 * 1024 * 1024;

/// Scales and crops an uploaded image to a square avatar and encodes it as a PNG.
///
/// This function is slow and blocks the thread, so do not call it directly from async code.
///
/// # Errors
/// Returns [`FieldErrorKind::NotAnImage`] if the bytes are not a valid PNG, JPEG, or WebP image, regardless of the file
/// name, and [`FieldErrorKind::ImageTooLarge`] if the header declares dimensions above the limit.
pub fn small(uploaded: &[u8]) -> Result<Vec<u8>, FieldErrorKind> {
    let format = image::guess_format(uploaded).map_err(|_| FieldErrorKind::NotAnImage)?;
    if !matches!(format, ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP) {
        return Err(FieldErrorKind::NotAnImage);
    }
    let (width, height) = ImageReader::with_format(Cursor::new(uploaded), format)
        .into_dimensions()
        .map_err(|_| FieldErrorKind::NotAnImage)?;
    let largest = if is_held_twice(format, uploaded) { LARGEST_HELD_TWICE } else { LARGEST };
    if width > largest || height > largest {
        return Err(FieldErrorKind::ImageTooLarge(largest));
    }
    if width.max(height) > MAX_RATIO * width.min(height) {
        return Err(FieldErrorKind::ImageTooNarrow(MAX_RATIO));
    }
    let mut reader = ImageReader::with_format(Cursor::new(uploaded), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(LARGEST);
    limits.max_image_height = Some(LARGEST);
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let image = reader.decode().map_err(|_| FieldErrorKind::NotAnImage)?;
    let image = centered_square(image).resize_exact(SIDE, SIDE, FilterType::Triangle).to_rgba8();
    let mut kept = Vec::new();
    DynamicImage::ImageRgba8(image)
        .write_to(&mut Cursor::new(&mut kept), ImageFormat::Png)
        .map_err(|_| FieldErrorKind::NotAnImage)?;
    Ok(kept)
}

/// Returns whether decoding takes more memory than the image itself: up to ten bytes per pixel.
fn is_held_twice(format: ImageFormat, bytes: &[u8]) -> bool {
    match format {
        ImageFormat::Png => false,
        ImageFormat::Jpeg => !is_decoded_by_rows(bytes).unwrap_or(false),
        _ => true,
    }
}

/// Returns whether a JPEG is sequential and has at most three colors, all in one scan, according to its segments.
/// Returns `None` if the segments are unreadable.
fn is_decoded_by_rows(bytes: &[u8]) -> Option<bool> {
    let (mut at, mut colors) = (2, None);
    loop {
        let [0xff, marker] = *bytes.get(at..at + 2)? else { return None };
        let length = usize::from(u16::from_be_bytes(bytes.get(at + 2..at + 4)?.try_into().ok()?));
        match marker {
            0xff => {
                at += 1;
                continue;
            }
            // A sequential frame: its precision, height, width, and number of colors.
            0xc0 | 0xc1 => colors = Some(*bytes.get(at + 9)?),
            // Any other frame. 0xc4, 0xc8 and 0xcc are not frames.
            0xc2..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => return Some(false),
            // The first scan and its number of colors.
            0xda => return Some(colors == Some(*bytes.get(at + 4)?) && colors <= Some(3)),
            _ => {}
        }
        at += 2 + length;
    }
}

/// Returns the square in the middle of an image. Cropping comes before scaling: scaled first, a narrow image would become
/// many times larger.
fn centered_square(image: DynamicImage) -> DynamicImage {
    let (width, height) = (image.width(), image.height());
    let side = width.min(height);
    if width == height { image } else { image.crop_imm((width - side) / 2, (height - side) / 2, side, side) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded_image(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Vec::new();
        let image = DynamicImage::new_rgb8(width, height);
        image.write_to(&mut Cursor::new(&mut bytes), format).expect("the image encodes");
        bytes
    }

    #[test]
    fn uploaded_image_becomes_a_small_square() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let kept = small(&encoded_image(400, 300, format)).expect("a valid image");
            let reader = ImageReader::with_format(Cursor::new(&kept), ImageFormat::Png);
            assert_eq!(reader.into_dimensions().expect("a valid PNG"), (SIDE, SIDE), "{format:?}");
        }
    }

    /// Case G11 in `docs/testing.md`: an oversized image is rejected based on its header, before any pixels are
    /// decoded.
    #[test]
    fn oversized_image_is_refused_by_its_header() {
        let mut bomb = encoded_image(1, 1, ImageFormat::Png);
        bomb[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
        bomb[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
        // The header chunk's CRC.
        let sum = crc(&bomb[12..29]).to_be_bytes();
        bomb[29..33].copy_from_slice(&sum);
        assert_eq!(small(&bomb), Err(FieldErrorKind::ImageTooLarge(LARGEST)));
    }

    /// Case G11: an image of 6,000 × 6,000 pixels that is decoded as a whole would take 380 MB.
    #[test]
    fn image_that_is_held_twice_has_a_lower_limit() {
        let too_large = Err(FieldErrorKind::ImageTooLarge(LARGEST_HELD_TWICE));
        assert_eq!(small(&encoded_image(4_097, 4_097, ImageFormat::WebP)), too_large);
        let camera = encoded_image(4_097, 4_097, ImageFormat::Jpeg);
        assert!(small(&camera).is_ok());
        let frame = camera.windows(2).position(|pair| pair == [0xff, 0xc0]).expect("a sequential frame");
        let scan = camera.windows(2).position(|pair| pair == [0xff, 0xda]).expect("a scan");
        let changed = |at: usize, to: u8| {
            let mut bytes = camera.clone();
            bytes[at] = to;
            bytes
        };
        // Progressive; lossless; with four colors; and with each color in its own scan.
        for (at, to) in [(frame + 1, 0xc2), (frame + 1, 0xc3), (frame + 9, 4), (scan + 4, 1)] {
            assert!(is_held_twice(ImageFormat::Jpeg, &changed(at, to)), "{to} at {at}");
        }
        assert!(!is_held_twice(ImageFormat::Jpeg, &camera));
        assert!(is_held_twice(ImageFormat::Jpeg, &camera[..scan]) && is_held_twice(ImageFormat::Jpeg, b""));
        assert_eq!(small(&changed(frame + 1, 0xc2)), too_large, "refused because of its header, before decoding");
    }

    /// Case G11: scaled to a height of 192 pixels, an image of 6,000 × 1 pixels would be 1.2 million pixels wide.
    #[test]
    fn narrow_image_is_refused_by_its_header() {
        for (width, height) in [(6_000, 1), (1, 6_000), (401, 100), (100, 401), (5, 1)] {
            let refused = small(&encoded_image(width, height, ImageFormat::Png));
            assert_eq!(refused, Err(FieldErrorKind::ImageTooNarrow(MAX_RATIO)), "{width} × {height}");
        }
        // By the header: there is no picture in this file.
        let mut no_pixels = encoded_image(6_000, 1, ImageFormat::Png);
        no_pixels.truncate(60);
        assert_eq!(small(&no_pixels), Err(FieldErrorKind::ImageTooNarrow(MAX_RATIO)));
    }

    #[test]
    fn wide_image_is_cropped_to_its_middle_before_it_is_scaled() {
        let blue = image::Rgb([0_u8, 0, 255]);
        let image =
            image::RgbImage::from_fn(
                400,
                100,
                |x, _| {
                    if (150..250).contains(&x) { blue } else { image::Rgb([255, 0, 0]) }
                },
            );
        let cropped = centered_square(DynamicImage::ImageRgb8(image.clone()));
        assert_eq!((cropped.width(), cropped.height()), (100, 100));
        let mut bytes = Vec::new();
        DynamicImage::ImageRgb8(image).write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).expect("it encodes");
        let kept = image::load_from_memory(&small(&bytes).expect("a valid image")).expect("a valid PNG").to_rgb8();
        assert!(kept.pixels().all(|pixel| *pixel == blue));
    }

    #[test]
    fn non_image_is_refused_by_content() {
        let half = &encoded_image(300, 300, ImageFormat::Png)[..60];
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>__pwned=1</script></svg>";
        for bytes in
            [&b""[..], b"GIF89a\x01\x00\x01\x00", svg, b"<html><script>__pwned=1</script>", b"\x89PNG\r\n\x1a\n", half]
        {
            assert_eq!(small(bytes), Err(FieldErrorKind::NotAnImage));
        }
    }

    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |mut sum, byte| {
            sum ^= u32::from(*byte);
            for _ in 0..8 {
                sum = if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 };
            }
            sum
        })
    }
}
