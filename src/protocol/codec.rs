//! Encodes and decodes frames with postcard, one value per binary message.

use alloc::vec::Vec;

use serde::{Serialize, de::DeserializeOwned};

/// The error returned when the bytes are not exactly one frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeError;

/// Encodes a frame.
pub fn encode<T: Serialize>(frame: &T) -> Vec<u8> {
    postcard::to_allocvec(frame).expect("serializing plain data with postcard into a growing buffer cannot fail")
}

/// Decodes a frame.
///
/// # Errors
/// Returns [`DecodeError`] if the bytes are not a valid frame or if there are bytes left over.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    match postcard::take_from_bytes(bytes) {
        Ok((frame, [])) => Ok(frame),
        _ => Err(DecodeError),
    }
}

#[cfg(test)]
mod tests;
