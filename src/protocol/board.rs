//! The board, which has one row for each visitor on the site, and how copies of it are kept up to date.
//!
//! A dashboard receives one [`Snapshot`], split into [`SnapshotChunk`]s, and then every later [`Batch`]. Each batch
//! names the batch that it follows, so a dashboard that misses one notices it and requests a new snapshot. A dashboard
//! that falls behind gets several batches merged into one. [`Board::apply`] implements all of this for the dashboard,
//! the load test, and the tests (docs/testing.md, scenario 20: applying batches to an old snapshot gives the same board
//! as a fresh snapshot).

use alloc::{collections::BTreeMap, format, string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{
    Millis,
    chat::BoardChat,
    id::{AgentId, ConciergeId, VisitId, VisitorId},
    invitation::BoardInvitation,
    limits::ROWS_IN_A_FRAME,
    page::Page,
    presence::Presence,
};

/// One visit. All columns are derived from it. [`crate::status`] derives STATUS, and [`crate::action`] the call to
/// action.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Row {
    /// The visit.
    pub visit: VisitId,
    /// The visitor.
    pub visitor: VisitorId,
    /// The visitor's name or email address. If neither is known, the board shows `Concierge Visitor`.
    pub name: Option<String>,
    /// The concierge on the visitor's site.
    pub concierge: ConciergeId,
    /// The visitor's current page, sanitized.
    pub page: Page,
    /// The browser family, major version, and operating system, for example `Firefox 143 · Linux`.
    pub browser: String,
    /// When the visit began. TIME counts from here.
    pub since: Millis,
    /// When the visitor left, if they have. TIME stops here.
    pub left_at: Option<Millis>,
    /// Whether the visitor is present.
    pub presence: Presence,
    /// The open invitation or, during the quiet period, the declined one.
    pub invitation: Option<BoardInvitation>,
    /// The live chat or, after it ends, that chat until the row is removed.
    pub chat: Option<BoardChat>,
    /// The agent who is writing an invitation, if any.
    pub composing: Option<AgentId>,
    /// When the quiet period ends. Until then, the visitor cannot be invited.
    pub quiet_until: Option<Millis>,
}

/// The entire board at one point in time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Identifies the hub's current run. Batch numbers from different runs are not comparable.
    pub epoch: u64,
    /// The number of the last batch included in the snapshot.
    pub seq: u64,
    /// Every row.
    pub rows: Vec<Row>,
}

/// Part of a snapshot, sent as one frame. A large board would exceed the frame limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotChunk {
    /// Whether this is the first chunk. If so, any earlier chunks belong to an aborted snapshot.
    pub first: bool,
    /// Whether this is the last chunk.
    pub last: bool,
    /// The hub's run, the last batch included, and this chunk's rows.
    pub part: Snapshot,
}

/// Assembles a snapshot from its chunks.
#[derive(Clone, Debug, Default)]
pub struct SnapshotAssembler(Vec<Row>);

/// The changes since an earlier batch. Only contains the latest state of each changed row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// The number of the batch that this one follows: the previous batch, unless this one merges several.
    pub after: u64,
    /// The batch's number.
    pub seq: u64,
    /// New and changed rows.
    pub changed: Vec<Row>,
    /// Removed rows.
    pub gone: Vec<VisitId>,
}

/// A copy of the board.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Board {
    /// Identifies the hub's run.
    pub epoch: u64,
    /// The number of the last batch applied.
    pub seq: u64,
    /// The rows, keyed by visit.
    pub rows: BTreeMap<VisitId, Row>,
}

/// The error returned when a batch is missing, so that a new snapshot is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap;

impl Snapshot {
    /// Splits the snapshot into chunks of at most [`ROWS_IN_A_FRAME`] rows. Always returns at least one chunk.
    pub fn chunks(self) -> impl Iterator<Item = SnapshotChunk> {
        let Self { epoch, seq, rows } = self;
        let count = rows.len().div_ceil(ROWS_IN_A_FRAME).max(1);
        let mut rows = rows.into_iter();
        (1..=count).map(move |number| {
            let rows = rows.by_ref().take(ROWS_IN_A_FRAME).collect();
            SnapshotChunk { first: number == 1, last: number == count, part: Self { epoch, seq, rows } }
        })
    }
}

impl SnapshotAssembler {
    /// Adds the next chunk. Returns the complete snapshot if it was the last one.
    pub fn take(&mut self, piece: SnapshotChunk) -> Option<Snapshot> {
        let SnapshotChunk { first, last, part: Snapshot { epoch, seq, rows } } = piece;
        if first {
            self.0.clear();
        }
        self.0.extend(rows);
        last.then(|| Snapshot { epoch, seq, rows: core::mem::take(&mut self.0) })
    }
}

impl From<Snapshot> for Board {
    fn from(snapshot: Snapshot) -> Self {
        Self {
            epoch: snapshot.epoch,
            seq: snapshot.seq,
            rows: snapshot.rows.into_iter().map(|row| (row.visit, row)).collect(),
        }
    }
}

impl Board {
    /// Applies the next batch. Batches that have already been applied are ignored.
    ///
    /// # Errors
    /// Returns [`Gap`] if a batch is missing in between. In that case, the board is unchanged.
    pub fn apply(&mut self, batch: Batch) -> Result<(), Gap> {
        if batch.seq <= self.seq {
            return Ok(());
        }
        if batch.after > self.seq {
            return Err(Gap);
        }
        self.seq = batch.seq;
        for visit in batch.gone {
            self.rows.remove(&visit);
        }
        for row in batch.changed {
            self.rows.insert(row.visit, row);
        }
        Ok(())
    }
}

/// Formats TIME as minutes and seconds, such as `12:07`, or `61:07` after an hour. The result is never negative, even
/// if the clocks disagree.
pub fn format_elapsed(from: Millis, to: Millis) -> String {
    let seconds = to.saturating_sub(from).max(0) / 1_000;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests;
