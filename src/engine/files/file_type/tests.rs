//! Tests which files may be sent, based on their content. Case numbers refer to `docs/testing.md`.

use std::io::Write as _;

use super::*;

fn kind_of(bytes: &[u8]) -> Result<Kind, Refusal> {
    let mut file = tempfile::tempfile().expect("a temporary file can be created");
    file.write_all(bytes).expect("the temporary file is writable");
    Kind::of(&mut file)
}

fn encoded_image(width: u32, height: u32, format: image::ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(width, height).write_to(&mut bytes, format).expect("the image can be encoded");
    bytes.into_inner()
}

/// Creates a zip archive of uncompressed files.
fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut zip, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let begins = u32::try_from(zip.len()).expect("small");
        let (length, name_length) =
            (u32::try_from(bytes.len()).expect("small"), u16::try_from(name.len()).expect("short"));
        let sizes = [[0; 4], length.to_le_bytes(), length.to_le_bytes()].concat();
        zip.extend(b"PK\x03\x04\x14\x00\x00\x00\x00\x00\x00\x00\x00\x00");
        zip.extend([&sizes[..], &name_length.to_le_bytes(), &[0; 2], name.as_bytes(), bytes].concat());
        directory.extend(b"PK\x01\x02\x14\x00\x14\x00\x00\x00\x00\x00\x00\x00\x00\x00");
        directory.extend(
            [&sizes[..], &name_length.to_le_bytes(), &[0; 12], &begins.to_le_bytes(), name.as_bytes()].concat(),
        );
    }
    let (begins, length) = (u32::try_from(zip.len()).expect("small"), u32::try_from(directory.len()).expect("small"));
    let count = u16::try_from(files.len()).expect("few").to_le_bytes();
    zip.extend(&directory);
    zip.extend(
        [&b"PK\x05\x06\x00\x00\x00\x00"[..], &count, &count, &length.to_le_bytes(), &begins.to_le_bytes(), &[0; 2]]
            .concat(),
    );
    zip
}

const TYPES: (&str, &[u8]) = ("[Content_Types].xml", b"<Types/>");

#[test]
fn allowed_kinds_are_recognized_by_content() {
    use image::ImageFormat::{Jpeg, Png, WebP};

    assert_eq!(kind_of(&encoded_image(30, 20, Png)), Ok(Kind::Png));
    assert_eq!(kind_of(&encoded_image(30, 20, Jpeg)), Ok(Kind::Jpeg));
    assert_eq!(kind_of(&encoded_image(30, 20, WebP)), Ok(Kind::WebP));
    assert_eq!(kind_of(b"%PDF-1.7\n1 0 obj\n<< /OpenAction << /JS (app.alert(1)) >> >>"), Ok(Kind::Pdf), "H2");
    for text in ["Grüße\r\n\tan alle", "a,b\n1,2", "\u{feff}< 3 apples", "# A heading", "<3"] {
        assert_eq!(kind_of(text.as_bytes()), Ok(Kind::Text), "{text}");
    }
    for (part, kind) in
        [("word/document.xml", Kind::Docx), ("xl/workbook.xml", Kind::Xlsx), ("ppt/presentation.xml", Kind::Pptx)]
    {
        assert_eq!(kind_of(&zipped(&[TYPES, (part, b"<x/>")])), Ok(kind), "{part}");
    }
    let says = |what: &'static str| zipped(&[("mimetype", what.as_bytes()), ("content.xml", b"<x/>")]);
    assert_eq!(kind_of(&says("application/vnd.oasis.opendocument.text")), Ok(Kind::Odt));
    assert_eq!(kind_of(&says("application/vnd.oasis.opendocument.spreadsheet")), Ok(Kind::Ods));
}

/// Covers H1, H4, and H6: scripts, executables, and zip bombs.
#[test]
fn executable_and_browser_content_is_refused_whatever_its_name() {
    let canary = b"x".as_slice();
    let refused: [&[u8]; 27] = [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>__pwned=1</script></svg>",
        b"<?xml version='1.0'?><svg/>",
        b"\xef\xbb\xbf \n<!doctype html><script>__pwned=1</script>",
        b"<html><body>",
        b"<a href=x>",
        b"<!-- x --><b>",
        b"#!/bin/sh\nrm -rf /",
        b"MZ\x90\x00\x03\x00\x00\x00",
        b"\x7fELF\x02\x01\x01\x00",
        b"\x00asm\x01\x00\x00\x00",
        b"L\x00\x00\x00\x01\x14\x02\x00",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old office document",
        b"\xca\xfe\xba\xbe\x00\x00\x00\x34",
        b"Rar!\x1a\x07\x00",
        b"7z\xbc\xaf\x27\x1c",
        b"\x1f\x8b\x08\x00",
        b"RIFF\x24\x00\x00\x00WAVEfmt ",
        b"\xff\xfeh\x00i\x00",
        b"text with a \x00 in it",
        b"text with an \x1b[31m escape",
        b"\xff\xfe\xfd",
        b"GIF89a",
        b"\x89PNG\r\n\x1a\n",
        b"PK\x03\x04 no zip",
        &zipped(&[("a.txt", canary)]),
        &zipped(&[("../../x", canary), ("a.zip", canary)]),
        &zipped(&[("mimetype", b"application/vnd.oasis.opendocument.text"), ("Basic/Standard/a.xml", canary)]),
    ];
    for bytes in refused {
        assert_eq!(kind_of(bytes), Err(Refusal::FileRefused), "{}", String::from_utf8_lossy(bytes));
    }
    for part in ["word/vbaProject.bin", "word/vbaData.xml", "xl/macrosheets/sheet1.xml", "word/activeX/activeX1.bin"] {
        let with_a_program = zipped(&[TYPES, ("word/document.xml", canary), (part, canary)]);
        assert_eq!(kind_of(&with_a_program), Err(Refusal::FileRefused), "{part}");
    }
}

/// Covers H6: a zip archive with an invalid directory is refused, and none of its contents are read.
#[test]
fn a_broken_zip_is_refused() {
    let whole = zipped(&[TYPES, ("word/document.xml", b"<x/>")]);
    for cut in [whole.len() - 1, whole.len() - 30, 40] {
        assert_eq!(kind_of(&whole[..cut]), Err(Refusal::FileRefused), "{cut}");
    }
    for at in (whole.len() - 12)..(whole.len() - 2) {
        let mut lying = whole.clone();
        lying[at] = 0xff;
        assert_eq!(kind_of(&lying), Err(Refusal::FileRefused), "{at}");
    }
}

/// Covers G11: images with huge dimensions are refused before they are decoded.
#[test]
fn oversized_image_file_is_refused_by_its_header() {
    let mut bomb = encoded_image(1, 1, image::ImageFormat::Png);
    bomb[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
    bomb[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
    let sum = !bomb[12..29].iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
    });
    bomb[29..33].copy_from_slice(&sum.to_be_bytes());
    assert_eq!(kind_of(&bomb), Err(Refusal::ImageTooLarge));
    let mut gif = b"GIF89a\x60\xea\x60\xea\x00\x00\x00".to_vec();
    gif.extend([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3b]);
    assert_eq!(kind_of(&gif), Err(Refusal::ImageTooLarge));
}

/// Covers H1, H3, and H4: file names that do not match the content.
#[test]
fn file_extension_matches_the_content() {
    assert_eq!(Kind::Jpeg.with_extension("A.JPG").as_deref(), Ok("A.JPG"));
    assert_eq!(Kind::Jpeg.with_extension("photo.png").as_deref(), Ok("photo.png.jpg"));
    assert_eq!(Kind::Png.with_extension("gpj.exe").as_deref(), Ok("gpj.exe.png"));
    assert_eq!(Kind::Pdf.with_extension("con").as_deref(), Ok("con.pdf"));
    assert_eq!(Kind::Text.with_extension("read me").as_deref(), Ok("read me.txt"));
    for script in ["a.js", "a.html", "a.bat", "a.ps1", "a.vbs", "a.svg", "a.lnk", "a.hta", "a.reg", "a.txt.js"] {
        assert_eq!(Kind::Text.with_extension(script), Err(Refusal::FileRefused), "{script}");
    }
    for kind in Kind::ALL {
        assert_eq!(Kind::from_word(kind.as_str()), Some(*kind));
        let accepted =
            |ending: &&str| protocol::file::ACCEPT.split(',').any(|one| one.strip_prefix('.') == Some(*ending));
        assert!(kind.extensions().iter().all(accepted), "{kind:?}");
    }
}
