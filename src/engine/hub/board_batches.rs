//! Board updates for the dashboards. Changes are collected into batches, each batch is encoded once, and the most
//! recent batches are kept for dashboards that reconnect.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use protocol::{
    agent::ToAgent,
    board::{Batch, Row},
    codec,
    id::VisitId,
    limits::BOARD_FRAMES,
};

/// The number of batches to keep.
const KEPT_BATCHES: usize = BOARD_FRAMES;

/// The batches created during a single run of a hub.
#[derive(Debug)]
pub(crate) struct Batches {
    /// Identifies this run.
    pub(crate) epoch: u64,
    /// The sequence number of the latest batch.
    pub(crate) seq: u64,
    gathered: BTreeMap<VisitId, Option<Row>>,
    kept: VecDeque<Bytes>,
}

impl Batches {
    pub(crate) fn new(epoch: u64) -> Self {
        Self { epoch, seq: 0, gathered: BTreeMap::new(), kept: VecDeque::with_capacity(KEPT_BATCHES) }
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
        self.seq += 1;
        let mut batch = Batch { seq: self.seq, ..Batch::default() };
        for (visit, row) in std::mem::take(&mut self.gathered) {
            match row {
                Some(row) => batch.changed.push(row),
                None => batch.gone.push(visit),
            }
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

    /// Returns the batches after `(epoch, seq)`, or `None` if some of them are no longer available.
    pub(crate) fn after(&self, (epoch, seq): (u64, u64)) -> Option<impl Iterator<Item = &Bytes>> {
        let missed = self.seq.checked_sub(seq).and_then(|missed| usize::try_from(missed).ok())?;
        (epoch == self.epoch && missed <= self.kept.len()).then(|| self.kept.iter().skip(self.kept.len() - missed))
    }
}
