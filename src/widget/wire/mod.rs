//! Hand-written encoding and decoding of frames, in a fraction of the code size that serde derives. The format is the
//! postcard of [`protocol::codec`]; the tests compare the two for every kind of frame.

mod reader;
mod writer;

pub use reader::read;
pub use writer::write;

#[cfg(test)]
mod tests;
