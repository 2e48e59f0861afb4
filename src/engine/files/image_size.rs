//! Checks an image's dimensions using only its header. A small file can contain a huge image that every viewer would
//! have to decode.

use std::{
    fs::File,
    io::{BufReader, Seek as _},
};

use image::{ImageFormat, ImageReader};
use protocol::refusal::Refusal;

use super::Kind;

/// The maximum width or height, in pixels.
const SIDE: u32 = 12_000;
/// The maximum number of pixels. Phone photos are well within this limit.
const PIXELS: u64 = 64_000_000;
/// The maximum number of frames in an animation.
const FRAMES: usize = 1_000;

/// Checks that an image is small enough to be opened safely.
///
/// # Errors
/// Returns [`Refusal::FileRefused`] if the header cannot be read, and [`Refusal::ImageTooLarge`] if the image exceeds a
/// limit.
pub(super) fn check(kind: Kind, file: &File) -> Result<(), Refusal> {
    let (width, height) = match kind {
        Kind::Gif => gif(file)?,
        Kind::Png => size(ImageFormat::Png, file)?,
        Kind::Jpeg => size(ImageFormat::Jpeg, file)?,
        Kind::WebP => size(ImageFormat::WebP, file)?,
        _ => return Ok(()),
    };
    let pixels = u64::from(width) * u64::from(height);
    if width > SIDE || height > SIDE || pixels > PIXELS { Err(Refusal::ImageTooLarge) } else { Ok(()) }
}

fn size(format: ImageFormat, mut file: &File) -> Result<(u32, u32), Refusal> {
    file.rewind().map_err(|_| Refusal::FileRefused)?;
    ImageReader::with_format(BufReader::new(file), format).into_dimensions().map_err(|_| Refusal::FileRefused)
}

fn gif(mut file: &File) -> Result<(u32, u32), Refusal> {
    use std::io::Read as _;

    let mut bytes = Vec::new();
    file.rewind().and_then(|()| file.read_to_end(&mut bytes)).map_err(|_| Refusal::FileRefused)?;
    let (size, frames) = frames(&bytes).ok_or(Refusal::FileRefused)?;
    if frames > FRAMES { Err(Refusal::ImageTooLarge) } else { Ok(size) }
}

/// Returns a GIF's dimensions and number of frames by walking its blocks. This also works for truncated files.
fn frames(bytes: &[u8]) -> Option<((u32, u32), usize)> {
    let side = |at: usize| Some(u32::from(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?)));
    let size = (side(6)?, side(8)?);
    let mut at = 13 + colors(*bytes.get(10)?);
    let mut frames = 0;
    loop {
        match bytes.get(at) {
            Some(0x21) => at += 2,
            Some(0x2c) => {
                frames += 1;
                let Some(flags) = bytes.get(at + 9) else { return Some((size, frames)) };
                at += 11 + colors(*flags);
            }
            _ => return (frames > 0).then_some((size, frames)),
        }
        while let Some(length) = bytes.get(at).filter(|length| **length > 0) {
            at += 1 + usize::from(*length);
        }
        at += 1;
    }
}

/// Returns the size of a color table, in bytes.
fn colors(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn a_gif(side: u16, images: usize) -> Vec<u8> {
        let mut gif = b"GIF89a".to_vec();
        gif.extend([side.to_le_bytes(), side.to_le_bytes()].concat());
        gif.extend([0x80, 0, 0, 0, 0, 0, 255, 255, 255]);
        for _ in 0..images {
            gif.extend([0x21, 0xf9, 4, 0, 0, 0, 0, 0]);
            gif.extend([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0]);
        }
        gif.push(0x3b);
        gif
    }

    /// Case G11 in `docs/testing.md`: a file with ten thousand frames.
    #[test]
    fn gif_frames_are_counted_without_decoding() {
        assert_eq!(frames(&a_gif(9, 1)), Some(((9, 9), 1)));
        assert_eq!(frames(&a_gif(60_000, 10_000)), Some(((60_000, 60_000), 10_000)));
        let cut = &a_gif(9, 3)[..40];
        assert!(frames(cut).is_some_and(|(_, frames)| frames <= 3));
        for broken in [&b"GIF89a"[..], b"GIF89a\x01\x00\x01\x00\x00\x00\x00", b""] {
            assert_eq!(frames(broken), None);
        }
    }
}
