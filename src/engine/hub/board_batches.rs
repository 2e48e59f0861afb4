//! Board updates for the dashboards. Changes are collected into batches, each batch is encoded once, and the most
//! recent batches are kept for dashboards that reconnect. For dashboards that have fallen further behind, batches are
//! merged, so a row that changed a hundred times is sent once.

use std::collections::{BTreeMap, HashMap, VecDeque};

use bytes::Bytes;
use protocol::{
    agent::ToAgent,
    board::{Batch, Row},
    codec,
    id::VisitId,
    limits::{BOARD_FRAMES, ROWS_IN_A_FRAME},
};

/// The number of batches to keep.
const KEPT_BATCHES: usize = BOARD_FRAMES;
/// How many removed rows are remembered.
const KEPT_REMOVALS: usize = 4_096;
/// If more rows than this, and more than half of the board, have changed, a snapshot is cheaper because it is encoded
/// once for all dashboards.
const MERGED_ROWS: usize = 1_000;

/// The batches created during a single run of a hub.
#[derive(Debug)]
pub(crate) struct Batches {
    /// Identifies this run.
    pub(crate) epoch: u64,
    /// The sequence number of the latest batch.
    pub(crate) seq: u64,
    gathered: BTreeMap<VisitId, Option<Row>>,
    kept: VecDeque<Bytes>,
    /// The last batch in which each row of the board changed.
    changed_in: HashMap<VisitId, u64>,
    /// The batches in which rows were removed, oldest first.
    removed_in: VecDeque<(u64, VisitId)>,
    /// Removed rows up to this batch are no longer remembered.
    removals_forgotten: u64,
}

impl Batches {
    pub(crate) fn new(epoch: u64) -> Self {
        Self {
            epoch,
            seq: 0,
            gathered: BTreeMap::new(),
            kept: VecDeque::with_capacity(KEPT_BATCHES),
            changed_in: HashMap::new(),
            removed_in: VecDeque::new(),
            removals_forgotten: 0,
        }
    }

    pub(crate) fn changed(&mut self, row: Row) {
        self.gathered.insert(row.visit, Some(row));
    }

    pub(crate) fn gone(&mut self, visit: VisitId) {
        self.gathered.insert(visit, None);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.gathered.is_empty()
    }

    /// Returns the collected changes as the next batch, with only the latest change to each row. Returns `None` if
    /// there are no changes.
    pub(crate) fn next(&mut self) -> Option<Batch> {
        if self.gathered.is_empty() {
            return None;
        }
        let after = self.seq;
        self.seq += 1;
        let mut batch = Batch { after, seq: self.seq, ..Batch::default() };
        for (visit, row) in std::mem::take(&mut self.gathered) {
            match row {
                Some(row) => {
                    self.changed_in.insert(visit, self.seq);
                    batch.changed.push(row);
                }
                None => {
                    self.changed_in.remove(&visit);
                    self.removed_in.push_back((self.seq, visit));
                    batch.gone.push(visit);
                }
            }
        }
        while self.removed_in.len() > KEPT_REMOVALS
            && let Some((seq, _)) = self.removed_in.pop_front()
        {
            self.removals_forgotten = seq;
        }
        Some(batch)
    }

    /// Encodes a batch and keeps its frame for dashboards that reconnect.
    pub(crate) fn keep(&mut self, batch: Batch) -> Bytes {
        let frame = Bytes::from(codec::encode(&ToAgent::Batch(batch)));
        if self.kept.len() == KEPT_BATCHES {
            self.kept.pop_front();
        }
        self.kept.push_back(frame.clone());
        frame
    }

    /// Returns the batches after `(epoch, seq)` with their numbers, or `None` if some of them are no longer available.
    pub(crate) fn after(&self, (epoch, seq): (u64, u64)) -> Option<impl Iterator<Item = (u64, &Bytes)>> {
        let missed = self.seq.checked_sub(seq).and_then(|missed| usize::try_from(missed).ok())?;
        let frames = || (seq + 1..).zip(self.kept.iter().skip(self.kept.len() - missed));
        (epoch == self.epoch && missed <= self.kept.len()).then(frames)
    }

    /// Returns the changes after a batch, merged into as few batches as possible. Each row appears once, in its current
    /// state, which `row` returns. Returns `None` if the changes are no longer known, or if a snapshot is cheaper.
    pub(crate) fn merged_after(&self, after: u64, row: impl Fn(VisitId) -> Option<Row>) -> Option<Vec<Batch>> {
        if after > self.seq || after < self.removals_forgotten {
            return None;
        }
        let changed = self.changed_in.iter().filter(|(_, seq)| **seq > after);
        let mut changes: Vec<(u64, VisitId, bool)> = changed.map(|(visit, seq)| (*seq, *visit, true)).collect();
        if changes.len() > MERGED_ROWS && changes.len() > self.changed_in.len() / 2 {
            return None;
        }
        let removed = self.removed_in.iter().rev().take_while(|(seq, _)| *seq > after);
        changes.extend(removed.map(|(seq, visit)| (*seq, *visit, false)));
        changes.sort_unstable();
        let mut merged: Vec<Batch> = Vec::new();
        for (seq, visit, is_there) in changes {
            // A dashboard that receives only some of these batches and then reconnects must not miss anything, so the
            // rows of one batch stay together.
            let last = merged.last_mut().filter(|last| {
                last.seq == seq || last.changed.len() < ROWS_IN_A_FRAME && last.gone.len() < KEPT_REMOVALS / 4
            });
            let batch = match last {
                Some(last) => last,
                None => {
                    let after = merged.last().map_or(after, |last| last.seq);
                    merged.push(Batch { after, ..Batch::default() });
                    merged.last_mut()?
                }
            };
            batch.seq = seq;
            match is_there {
                true => batch.changed.extend(row(visit)),
                false => batch.gone.push(visit),
            }
        }
        Some(merged)
    }
}
