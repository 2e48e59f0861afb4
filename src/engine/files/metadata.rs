//! Removes metadata from images, such as the location, time, camera, author, and embedded thumbnails. The image data
//! itself is not decoded or re-encoded, and the orientation and color information are kept.
//!
//! This is an allowlist: any part of an image that is not listed here is removed.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, Write as _},
};

use bytes::Bytes;
use image::metadata::Orientation;
use img_parts::{
    ImageEXIF,
    jpeg::{Jpeg, JpegSegment, markers},
    png::Png,
    riff::{RiffChunk, RiffContent},
    webp::WebP,
};
use protocol::refusal::Refusal;

use super::{Kind, failed};

/// The PNG chunks to keep: image data, colors, physical size, and animation.
const PNG: [&[u8; 4]; 18] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"bKGD",
    b"hIST", b"pHYs", b"sPLT", b"acTL", b"fcTL", b"fdAT",
];
/// A flag in the first byte of a WebP `VP8X` chunk.
const HAS_EXIF: u8 = 0x08;
const HAS_XMP: u8 = 0x04;
/// The WebP chunks to keep, equivalent to the PNG chunks above.
const WEBP: [&[u8; 4]; 7] = [b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"];

/// Removes the metadata from a file in place and returns the new size in bytes.
///
/// This function blocks, so do not call it directly from async code.
///
/// # Errors
/// Returns [`Refusal::FileRefused`] if the image cannot be parsed to its end, and [`Refusal::StorageFull`] or
/// [`Refusal::Unexpected`] if the file cannot be read or written.
pub(super) fn remove(kind: Kind, file: &mut File) -> Result<u64, Refusal> {
    let clean = match kind {
        Kind::Jpeg => jpeg,
        Kind::Png => png,
        Kind::WebP => webp,
        _ => return file.metadata().map(|of| of.len()).map_err(failed),
    };
    let mut sent = Vec::new();
    file.rewind().and_then(|()| file.read_to_end(&mut sent)).map_err(failed)?;
    let sent = Bytes::from(sent);
    let cleaned = clean(sent.clone()).ok_or(Refusal::FileRefused)?;
    if cleaned != sent {
        write(file, &cleaned).map_err(failed)?;
    }
    Ok(cleaned.len() as u64)
}

fn write(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    file.rewind()?;
    file.write_all(bytes)?;
    file.set_len(bytes.len() as u64)
}

fn jpeg(sent: Bytes) -> Option<Bytes> {
    let mut image = Jpeg::from_bytes(sent).ok()?;
    let upright = orientation(&image);
    let segments = image.segments_mut();
    segments.retain(|segment| match segment.marker() {
        markers::APP0 => segment.contents().starts_with(b"JFIF\0"),
        markers::APP2 => segment.contents().starts_with(b"ICC_PROFILE\0"),
        // The Adobe segment defines how the colors are encoded.
        markers::APP14 => segment.contents().starts_with(b"Adobe"),
        markers::APP1..=markers::APP15 | markers::COM => false,
        _ => true,
    });
    let scan = segments.pop()?;
    image.set_exif(upright);
    let head = image.encoder().bytes();
    // img-parts appends EOI to an image without a scan. Here, the image must end where its last scan ends.
    let mut cleaned = head.strip_suffix(&[markers::P, markers::EOI])?.to_vec();
    let scans = JpegSegment::encoder(scan).bytes();
    cleaned.extend_from_slice(scans.get(..end(&scans)?)?);
    Some(cleaned.into())
}

/// Returns where a JPEG ends, relative to its first scan. Phones append additional images after that point, each with
/// its own location and time.
fn end(scans: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        // Viewers can still show a truncated image.
        let Some(next) = scans.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == markers::P)) else {
            return Some(scans.len());
        };
        at += next;
        match *scans.get(at + 1)? {
            markers::EOI => return Some(at + 2),
            markers::P => at += 1,
            markers::Z | markers::RST0..=markers::RST7 => at += 2,
            // Metadata segments are not allowed between scans.
            markers::APP0..=markers::APP15 | markers::COM => return None,
            _ => at += 2 + usize::from(u16::from_be_bytes([*scans.get(at + 2)?, *scans.get(at + 3)?])),
        }
    }
}

fn png(sent: Bytes) -> Option<Bytes> {
    let mut image = Png::from_bytes(sent).ok()?;
    let upright = orientation(&image);
    image.chunks_mut().retain(|chunk| PNG.contains(&&chunk.kind()));
    if upright.is_some() {
        image.set_exif(upright);
    }
    Some(image.encoder().bytes())
}

fn webp(sent: Bytes) -> Option<Bytes> {
    let mut image = WebP::from_bytes(sent).ok()?;
    let upright = orientation(&image);
    image.chunks_mut().retain(|chunk| WEBP.contains(&&chunk.id()));
    // Extra chunks are valid only after a `VP8X` chunk that declares them.
    let head = image.chunks_mut().iter_mut().find(|chunk| chunk.id() == *b"VP8X");
    if let Some(RiffContent::Data(head)) = head.map(RiffChunk::content_mut) {
        let mut said = head.to_vec();
        let flags = said.first_mut()?;
        *flags = *flags & !(HAS_EXIF | HAS_XMP) | if upright.is_some() { HAS_EXIF } else { 0 };
        *head = said.into();
        let upright = upright.map(|upright| RiffChunk::new(*b"EXIF", RiffContent::Data(upright)));
        image.chunks_mut().extend(upright);
    }
    Some(image.encoder().bytes())
}

/// Returns a minimal Exif block that contains only the orientation (TIFF 6.0 with one entry), or `None` if the image is
/// upright.
fn orientation(image: &impl ImageEXIF) -> Option<Bytes> {
    const UPRIGHT: u8 = 1;
    let turned = Orientation::from_exif_chunk(&image.exif()?)?.to_exif();
    let entry = [&b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0"[..], &[turned, 0, 0, 0], &[0; 4]].concat();
    (turned != UPRIGHT).then(|| entry.into())
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, ImageFormat, ImageReader};
    use img_parts::png::PngChunk;

    use super::*;

    const PLACE: &[u8] = b"GPS 52.5163 N 13.3777 E";

    fn encoded_image(format: ImageFormat) -> Bytes {
        let mut bytes = io::Cursor::new(Vec::new());
        DynamicImage::new_rgb8(30, 20).write_to(&mut bytes, format).expect("the image encodes");
        bytes.into_inner().into()
    }

    /// Exif data like that written by a camera: orientation and location.
    fn by_a_camera() -> Bytes {
        [&b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"[..], PLACE].concat().into()
    }

    fn cleaned(kind: Kind, sent: &[u8]) -> Result<Vec<u8>, Refusal> {
        let mut file = tempfile::tempfile().expect("a temporary file opens");
        file.write_all(sent).expect("the temporary file is writable");
        let bytes = remove(kind, &mut file)?;
        let mut left = Vec::new();
        file.rewind().and_then(|()| file.read_to_end(&mut left)).expect("the temporary file is readable");
        assert_eq!(left.len() as u64, bytes);
        Ok(left)
    }

    fn says(bytes: &[u8]) -> bool {
        bytes.windows(PLACE.len()).any(|window| window == PLACE)
    }

    /// Asserts that cleaning removes the metadata and leaves the image unchanged. Returns the cleaned bytes.
    fn is_clean(kind: Kind, format: ImageFormat, sent: &[u8]) -> Vec<u8> {
        assert!(says(sent));
        let left = cleaned(kind, sent).expect("a valid image");
        assert!(!says(&left), "{kind:?}");
        let shown = |bytes: &[u8]| image::load_from_memory_with_format(bytes, format).expect("a valid image");
        assert_eq!(shown(&left), shown(sent), "{kind:?}");
        assert_eq!(cleaned(kind, &left).expect("a valid image"), left, "{kind:?}: cleaning again changes nothing");
        left
    }

    fn turned(format: ImageFormat, bytes: &[u8]) -> Orientation {
        use image::ImageDecoder as _;
        let reader = ImageReader::with_format(io::Cursor::new(bytes), format);
        reader.into_decoder().expect("a valid image").orientation().expect("the orientation is readable")
    }

    #[test]
    fn photo_location_is_removed_and_orientation_is_kept() {
        let mut image = Jpeg::from_bytes(encoded_image(ImageFormat::Jpeg)).expect("a valid image");
        image.set_exif(Some(by_a_camera()));
        let xmp = [b"http://ns.adobe.com/xap/1.0/\0", PLACE].concat();
        for (marker, said) in [(markers::APP1, xmp), (markers::APP13, PLACE.to_vec()), (markers::COM, PLACE.to_vec())] {
            image.segments_mut().insert(1, JpegSegment::new_with_contents(marker, said.into()));
        }
        let first = image.encoder().bytes();
        // Phones append a second image after the first.
        let sent = [&first[..], &first[..]].concat();
        let left = is_clean(Kind::Jpeg, ImageFormat::Jpeg, &sent);
        assert_eq!(turned(ImageFormat::Jpeg, &left), Orientation::Rotate90);
        assert!(left.len() < first.len());

        let mut image = Png::from_bytes(encoded_image(ImageFormat::Png)).expect("a valid image");
        image.set_exif(Some(by_a_camera()));
        image.chunks_mut().insert(1, PngChunk::new(*b"tEXt", [b"Comment\0", PLACE].concat().into()));
        let left = is_clean(Kind::Png, ImageFormat::Png, &image.encoder().bytes());
        assert_eq!(turned(ImageFormat::Png, &left), Orientation::Rotate90);

        let mut image = WebP::from_bytes(encoded_image(ImageFormat::WebP)).expect("a valid image");
        let head = [HAS_EXIF | HAS_XMP, 0, 0, 0, 29, 0, 0, 19, 0, 0];
        let chunk = |id, bytes| RiffChunk::new(id, RiffContent::Data(bytes));
        image.chunks_mut().insert(0, chunk(*b"VP8X", Bytes::copy_from_slice(&head)));
        image.chunks_mut().extend([chunk(*b"EXIF", by_a_camera()), chunk(*b"XMP ", PLACE.into())]);
        let left = is_clean(Kind::WebP, ImageFormat::WebP, &image.encoder().bytes());
        assert_eq!(turned(ImageFormat::WebP, &left), Orientation::Rotate90);
    }

    #[test]
    fn image_without_metadata_is_unchanged() {
        for (kind, format) in
            [(Kind::Jpeg, ImageFormat::Jpeg), (Kind::Png, ImageFormat::Png), (Kind::WebP, ImageFormat::WebP)]
        {
            let sent = encoded_image(format);
            assert_eq!(cleaned(kind, &sent).expect("a valid image"), sent, "{kind:?}");
        }
        assert_eq!(cleaned(Kind::Text, PLACE).expect("a valid text"), PLACE);
    }

    #[test]
    fn truncated_image_does_not_grow() {
        for (kind, format) in
            [(Kind::Jpeg, ImageFormat::Jpeg), (Kind::Png, ImageFormat::Png), (Kind::WebP, ImageFormat::WebP)]
        {
            let sent = encoded_image(format);
            for length in 12..sent.len() - 2 {
                match cleaned(kind, &sent[..length]) {
                    Ok(left) => assert!(left.len() <= length, "{kind:?}, {length}"),
                    Err(refusal) => assert_eq!(refusal, Refusal::FileRefused, "{kind:?}, {length}"),
                }
            }
        }
        assert_eq!(cleaned(Kind::Jpeg, b"\xff\xd8\xff\xd9"), Err(Refusal::FileRefused));
    }
}
