//! The board: every visitor who is on the site, a row each, and how a copy of it is kept current.
//!
//! A dashboard gets one [`Snapshot`], in as many [`SnapshotChunk`]s as it takes, and then every [`Batch`] after it. Batches are numbered without gaps; a dashboard that
//! sees one asks for a snapshot. [`Board::apply`] is the whole rule, for the dashboard, the load program and the tests alike
//! (scenario 20: batches applied to an old snapshot equal a fresh one).

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

/// One visit. What the columns show follows from it; STATUS and the call to action by [`crate::status`] and [`crate::action`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Row {
    /// The visit.
    pub visit: VisitId,
    /// Whose.
    pub visitor: VisitorId,
    /// The name or e-mail when known, else the board says `Concierge Visitor`.
    pub name: Option<String>,
    /// On which concierge.
    pub concierge: ConciergeId,
    /// Where the visitor is now, cleaned.
    pub page: Page,
    /// Family and major version, and the system: `Firefox 143 · Linux`.
    pub browser: String,
    /// When the visit began; TIME ticks from here …
    pub since: Millis,
    /// … and stops here once the visitor has left.
    pub left_at: Option<Millis>,
    /// Whether he is there.
    pub presence: Presence,
    /// The open invitation, or the denied one while the quiet lasts.
    pub invitation: Option<BoardInvitation>,
    /// The live chat, or the ended one while its row stays.
    pub chat: Option<BoardChat>,
    /// Somebody is writing an invitation.
    pub composing: Option<AgentId>,
    /// No invitation before then.
    pub quiet_until: Option<Millis>,
}

/// The whole board at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Names this run of the hub: numbers of another run say nothing.
    pub epoch: u64,
    /// The last batch that is in it.
    pub seq: u64,
    /// Every row.
    pub rows: Vec<Row>,
}

/// A part of a snapshot, in a frame of its own: the whole of a large board is more than a socket takes at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotChunk {
    /// Those that came before belong to a snapshot that was broken off.
    pub first: bool,
    /// None follows: with it the snapshot is whole.
    pub last: bool,
    /// The run of the hub, the last batch, and some of the rows.
    pub part: Snapshot,
}

/// A snapshot on its way in.
#[derive(Clone, Debug, Default)]
pub struct SnapshotAssembler(Vec<Row>);

/// What changed on the board since the batch before. Only the latest change of a row stands in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// One more than the batch before.
    pub seq: u64,
    /// Rows that are new or other than before.
    pub changed: Vec<Row>,
    /// Rows that are no longer on the board.
    pub gone: Vec<VisitId>,
}

/// A copy of the board.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Board {
    /// The run of the hub it is a copy of.
    pub epoch: u64,
    /// The last batch applied.
    pub seq: u64,
    /// The rows by visit.
    pub rows: BTreeMap<VisitId, Row>,
}

/// A batch was missing: the board must be fetched anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap;

impl Snapshot {
    /// Its pieces, in order: at least one, each with at most [`ROWS_IN_A_FRAME`] rows.
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
    /// Takes the next piece in; the snapshot, when that was the last.
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
    /// Brings the copy forward by one batch. A batch already applied changes nothing.
    ///
    /// # Errors
    /// [`Gap`] when the batch is not the next one; the copy is left as it was.
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

/// TIME: `12:07`, past an hour `61:07`; never negative, whatever a clock says.
pub fn format_elapsed(from: Millis, to: Millis) -> String {
    let seconds = to.saturating_sub(from).max(0) / 1_000;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests;
