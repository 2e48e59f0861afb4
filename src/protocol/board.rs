//! The board: one row for each visitor on the site, and how copies of it are kept up to date.
//!
//! A dashboard receives one [`Snapshot`], split into [`SnapshotChunk`]s, and then every later [`Batch`]. Batches are
//! numbered without gaps; a dashboard that misses one requests a snapshot. [`Board::apply`] is the complete rule,
//! shared by the dashboard, the load test and the tests (docs/testing.md, scenario 20: batches applied to an old
//! snapshot equal a fresh one).

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

/// One visit. All columns are derived from it; STATUS and the call to action by [`crate::status`] and
/// [`crate::action`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Row {
    /// The visit.
    pub visit: VisitId,
    /// The visitor.
    pub visitor: VisitorId,
    /// The visitor's name or e-mail if known; otherwise the board shows `Concierge Visitor`.
    pub name: Option<String>,
    /// The concierge of the site.
    pub concierge: ConciergeId,
    /// The visitor's current page, cleaned.
    pub page: Page,
    /// Browser family, major version and operating system: `Firefox 143 · Linux`.
    pub browser: String,
    /// When the visit began; TIME counts from here …
    pub since: Millis,
    /// … and stops here once the visitor has left.
    pub left_at: Option<Millis>,
    /// Whether the visitor is there.
    pub presence: Presence,
    /// The open invitation, or the denied one during the quiet time.
    pub invitation: Option<BoardInvitation>,
    /// The live chat, or the ended one for as long as the row stays.
    pub chat: Option<BoardChat>,
    /// The agent who is writing an invitation.
    pub composing: Option<AgentId>,
    /// The end of the quiet time; no invitation is possible before.
    pub quiet_until: Option<Millis>,
}

/// The whole board at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Identifies this run of the hub; batch numbers of different runs are not comparable.
    pub epoch: u64,
    /// The last batch included.
    pub seq: u64,
    /// Every row.
    pub rows: Vec<Row>,
}

/// A part of a snapshot, sent as one frame, because a large board exceeds the frame limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotChunk {
    /// Whether this is the first chunk. Earlier chunks belong to an aborted snapshot.
    pub first: bool,
    /// Whether this is the last chunk.
    pub last: bool,
    /// The run of the hub, the last batch, and the rows of this chunk.
    pub part: Snapshot,
}

/// Assembles a snapshot from its chunks.
#[derive(Clone, Debug, Default)]
pub struct SnapshotAssembler(Vec<Row>);

/// The changes since the previous batch. Contains only the latest state of each changed row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// One more than the previous batch.
    pub seq: u64,
    /// New and changed rows.
    pub changed: Vec<Row>,
    /// Removed rows.
    pub gone: Vec<VisitId>,
}

/// A copy of the board.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Board {
    /// The run of the hub.
    pub epoch: u64,
    /// The last batch applied.
    pub seq: u64,
    /// The rows by visit.
    pub rows: BTreeMap<VisitId, Row>,
}

/// A batch is missing; a new snapshot is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap;

impl Snapshot {
    /// Splits the snapshot into chunks of at most [`ROWS_IN_A_FRAME`] rows; at least one chunk.
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
    /// Adds the next chunk. Returns the snapshot if it was the last chunk.
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
    /// Applies the next batch. Ignores batches that were applied before.
    ///
    /// # Errors
    /// [`Gap`] if the batch is not the next one; the board is unchanged then.
    pub fn apply(&mut self, batch: Batch) -> Result<(), Gap> {
        if batch.seq <= self.seq {
            return Ok(());
        }
        if batch.seq != self.seq + 1 {
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

/// Formats TIME as minutes and seconds: `12:07`, and `61:07` after an hour. Never negative, whatever the clocks are.
pub fn format_elapsed(from: Millis, to: Millis) -> String {
    let seconds = to.saturating_sub(from).max(0) / 1_000;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests;
