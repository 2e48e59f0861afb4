//! Reads a bounded number of bytes of what a client has missed.

use futures::{TryStreamExt as _, stream::BoxStream};
use protocol::codec;
use serde::Serialize;

use super::{Result, sql::Row};

/// A part of what follows in a chat.
#[derive(Clone, Debug)]
pub struct Piece<T> {
    /// The items, in order.
    pub items: Vec<T>,
    /// Nothing follows them.
    pub is_all: bool,
}

impl<T: Serialize> Piece<T> {
    /// Reads as many rows as fit into `bytes` when they are encoded, but at least one, and at most `limit`.
    pub(super) async fn read(
        mut rows: BoxStream<'_, sqlx::Result<Row>>,
        (limit, bytes): (usize, usize),
        read: impl Fn(&Row) -> Result<T>,
    ) -> Result<Self> {
        let (mut items, mut used) = (Vec::new(), 0);
        while items.len() < limit {
            let Some(row) = rows.try_next().await? else { return Ok(Self { items, is_all: true }) };
            let item = read(&row)?;
            used += codec::encode(&item).len();
            if used > bytes && !items.is_empty() {
                break;
            }
            items.push(item);
        }
        Ok(Self { items, is_all: false })
    }
}
