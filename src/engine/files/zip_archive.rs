//! Reads the file names from a zip archive's directory, and the content of its first file if that file is uncompressed.
//! Nothing is unpacked, so zip bombs have no effect.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
};

/// The maximum distance of the end-of-directory record from the end of the file: the record's own 22 bytes plus a
/// comment.
const END_WITHIN: u64 = 22 + 65_535;
/// The maximum directory size, in bytes. Real documents stay well below it.
const DIRECTORY_BYTES: u32 = 1024 * 1024;

/// Returns the file names in a zip archive, or `None` if the archive is incomplete.
pub(super) fn names(file: &mut File) -> io::Result<Option<Vec<String>>> {
    let length = file.metadata()?.len();
    let tail_begins = length.saturating_sub(END_WITHIN);
    file.seek(SeekFrom::Start(tail_begins))?;
    let mut tail = Vec::new();
    file.take(END_WITHIN).read_to_end(&mut tail)?;
    let Some(end) = tail.windows(4).rposition(|four| four == b"PK\x05\x06").map(|at| &tail[at..]) else {
        return Ok(None);
    };
    // The record ends with the length of the comment. If that is missing, the record is truncated.
    let parts = (short(end, 10), long(end, 12), long(end, 16), short(end, 20));
    let (Some(count), Some(bytes), Some(begins), Some(_)) = parts else { return Ok(None) };
    if bytes > DIRECTORY_BYTES || u64::from(begins) + u64::from(bytes) > length {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(begins.into()))?;
    let mut directory = Vec::new();
    file.take(bytes.into()).read_to_end(&mut directory)?;
    Ok(read(&directory, count))
}

fn read(mut directory: &[u8], count: u16) -> Option<Vec<String>> {
    let mut names = Vec::new();
    for _ in 0..count {
        let (name, extra, comment) = (short(directory, 28)?, short(directory, 30)?, short(directory, 32)?);
        let name_ends = 46 + usize::from(name);
        if !directory.starts_with(b"PK\x01\x02") {
            return None;
        }
        names.push(String::from_utf8_lossy(directory.get(46..name_ends)?).into_owned());
        directory = directory.get(name_ends + usize::from(extra) + usize::from(comment)..)?;
    }
    Some(names)
}

/// Returns the content of the first file if it is named `mimetype` and not compressed, as OpenDocument requires.
pub(super) fn first_content(head: &[u8]) -> Option<&str> {
    let is_plain = short(head, 8)? == 0 && head.get(30..38)? == b"mimetype";
    let begins = 38 + usize::from(short(head, 28)?);
    let bytes = usize::try_from(long(head, 22)?).ok()?;
    let said = head.get(begins..begins.checked_add(bytes)?)?;
    std::str::from_utf8(said).ok().filter(|_| is_plain)
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}
