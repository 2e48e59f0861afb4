//! Splits a list into pieces, each of which fits into a frame.

use protocol::{codec, limits::CATCH_UP_BYTES};
use serde::Serialize;

/// Splits a list into pieces of at most [`CATCH_UP_BYTES`] when encoded. A single larger item is a piece of its own.
pub(crate) fn pieces<T: Serialize>(items: Vec<T>) -> Vec<Vec<T>> {
    let mut pieces: Vec<Vec<T>> = Vec::new();
    let mut used = 0;
    for item in items {
        let bytes = codec::encode(&item).len();
        match pieces.last_mut().filter(|_| used + bytes <= CATCH_UP_BYTES) {
            Some(piece) => piece.push(item),
            None => {
                pieces.push(vec![item]);
                used = 0;
            }
        }
        used += bytes;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_fit_into_a_frame_and_keep_the_order() {
        let items: Vec<Vec<u8>> = (0..9).map(|number| vec![number; CATCH_UP_BYTES / 3]).collect();
        let split = pieces(items.clone());
        assert_eq!(split.concat(), items);
        assert_eq!(split.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 2, 2, 1]);
        assert_eq!(pieces(vec![vec![0_u8; CATCH_UP_BYTES * 2], vec![1]]).len(), 2);
    }
}
