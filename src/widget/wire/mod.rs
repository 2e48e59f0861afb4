//! The frames as bytes, read and written by hand: the same postcard as [`protocol::codec`], which the tests hold it to
//! frame by frame, in a fraction of the bytes that the derived code takes.

mod reader;
mod writer;

pub use reader::read;
pub use writer::write;

#[cfg(test)]
mod tests;
