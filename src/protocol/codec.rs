//! Frames as bytes: postcard, one value in one binary message.

use alloc::vec::Vec;

use serde::{Serialize, de::DeserializeOwned};

/// The bytes were not exactly one frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeError;

/// The bytes of a frame.
pub fn encode<T: Serialize>(frame: &T) -> Vec<u8> {
    postcard::to_allocvec(frame).expect("frames are plain data: postcard into a growing buffer cannot fail")
}

/// The frame in the bytes.
///
/// # Errors
/// [`DecodeError`] when they are none, or when bytes are left over.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    match postcard::take_from_bytes(bytes) {
        Ok((frame, [])) => Ok(frame),
        _ => Err(DecodeError),
    }
}

#[cfg(test)]
mod tests;
