//! Hand-written encoding and decoding of frames, at a fraction of the code size of serde's derived implementations. The
//! format is the postcard encoding that [`protocol::codec`] uses. The tests compare both implementations for every kind
//! of frame.

mod reader;
mod writer;

pub use reader::read;
pub use writer::write;

#[cfg(test)]
mod tests;
