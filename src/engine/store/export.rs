//! Exports chats from a single snapshot of the database, with only a few of them in memory at a time.

use std::time::Duration;

use futures::future::BoxFuture;
use protocol::{
    chat::{Body, Entry},
    id::{OrganizationId, VisitorId},
    refusal::Refusal,
};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};

use super::{
    HistoryFilter, PastChat, Result, Store, StoreError, entries, history, sql::Db, visitor_export::stream_visitor,
};
use crate::settings::ExportLimits;

/// The maximum number of items that can wait for the receiver.
const CHANNEL_CAPACITY: usize = 256;
const CHATS_AT_ONCE: u32 = 50;
const ENTRIES_AT_ONCE: u32 = 500;
/// How many bytes an item counts for in addition to its text.
const ITEM_BYTES: u64 = 100;
/// How long to wait before a retry if too many exports are running, in seconds.
const RETRY_AFTER: u32 = 60;

/// A value in a row. Bytes, such as the hash of a token, are never exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportedValue {
    /// A number, such as a time in milliseconds.
    Number(i64),
    /// A text.
    Text(String),
}

/// A row of a table in the export of a visitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedRow {
    /// The table's name.
    pub table: String,
    /// The columns' names and values, in order.
    pub columns: Vec<(String, Option<ExportedValue>)>,
}

/// An item in an export. Each chat is followed by its entries.
#[derive(Clone, Debug)]
pub enum ExportItem {
    /// A row of a visitor's data. The export of a visitor consists only of these.
    Row(Box<ExportedRow>),
    /// The start of a chat.
    Chat(Box<PastChat>),
    /// An entry of that chat.
    Entry(Entry),
    /// The end of a complete export. Without it, the export is incomplete.
    End,
}

impl Store {
    /// Streams chats, newest first. If the export cannot be completed, it ends with an error. This also happens if a
    /// visitor's data is deleted while the export is running.
    ///
    /// # Errors
    /// Returns [`Refusal::TooMany`] if the organization's maximum number of exports, or that of all organizations, is
    /// already running.
    pub fn export(&self, filter: HistoryFilter) -> Result<mpsc::Receiver<Result<ExportItem>>> {
        let organization = filter.organization;
        self.stream(organization, move |store, pieces| {
            Box::pin(async move { store.stream_chats(filter, pieces).await })
        })
    }

    /// Streams every row of a visitor's data. If the export cannot be completed, it ends with an error. This also
    /// happens if a visitor's data is deleted while the export is running.
    ///
    /// # Errors
    /// Returns the same errors as [`Self::export`].
    pub fn export_visitor(
        &self,
        organization: OrganizationId,
        visitor: VisitorId,
    ) -> Result<mpsc::Receiver<Result<ExportItem>>> {
        self.stream(organization, move |store, pieces| {
            Box::pin(async move {
                let mut erased = store.inner.erasures.subscribe();
                let mut db = store.inner.readers.begin_read_transaction().await?;
                // Data read from this snapshot would still include the deleted visitor.
                tokio::select! {
                    passed = stream_visitor(&mut db, visitor, pieces) => passed,
                    _ = erased.changed() => Err(StoreError::Closed),
                }
            })
        })
    }

    /// Runs an export in the background, if there is room for it. Its time is limited.
    fn stream<F>(&self, organization: OrganizationId, export: F) -> Result<mpsc::Receiver<Result<ExportItem>>>
    where
        F: for<'a> FnOnce(&'a Self, &'a mut PacedSender) -> BoxFuture<'a, Result<()>> + Send + 'static,
    {
        let limits = self.inner.export_limits;
        let turn = self.inner.exports.try_acquire(Some((organization, limits.per_organization)));
        let turn = turn.map_err(|_| Refusal::TooMany { retry_after: RETRY_AFTER })?;
        let (pieces, taken) = mpsc::channel(CHANNEL_CAPACITY);
        let store = self.clone();
        tokio::spawn(async move {
            let longest = Duration::from_millis(limits.longest);
            let mut pieces = PacedSender { pieces, limits, behind: Duration::ZERO };
            let streamed = timeout(longest, export(&store, &mut pieces)).await;
            // The database connection is free again, and the last item occupies only memory.
            drop(turn);
            let last = streamed.unwrap_or(Err(StoreError::Closed)).map(|()| ExportItem::End);
            // The receiver may already be gone.
            pieces.pieces.send_timeout(last, Duration::from_millis(limits.grace)).await.ok();
        });
        Ok(taken)
    }

    async fn stream_chats(&self, filter: HistoryFilter, pieces: &mut PacedSender) -> Result<()> {
        let mut erased = self.inner.erasures.subscribe();
        let mut db = self.inner.readers.begin_read_transaction().await?;
        let mut place = None;
        loop {
            let chats = history::page(&mut db, &filter, place, CHATS_AT_ONCE).await?;
            let Some(last) = chats.last() else { return Ok(()) };
            place = Some((last.began_at, last.id));
            for chat in chats {
                // Data read from this snapshot would still include the deleted visitor.
                tokio::select! {
                    passed = stream_chat(&mut db, chat, pieces) => passed?,
                    _ = erased.changed() => return Err(StoreError::Closed),
                }
                if erased.has_changed().unwrap_or(true) {
                    return Err(StoreError::Closed);
                }
            }
        }
    }
}

async fn stream_chat(db: &mut Db, chat: PastChat, pieces: &mut PacedSender) -> Result<()> {
    let id = chat.id;
    pieces.send(ExportItem::Chat(Box::new(chat))).await?;
    let mut after = 0;
    loop {
        let some = entries::entries_after(db, id, after, ENTRIES_AT_ONCE).await?;
        let Some(last) = some.last() else { return Ok(()) };
        after = last.seq;
        for entry in some {
            pieces.send(ExportItem::Entry(entry)).await?;
        }
    }
}

/// Sends items to a receiver who must keep up with a minimum rate. Only the time spent waiting for the receiver counts.
pub(super) struct PacedSender {
    pieces: mpsc::Sender<Result<ExportItem>>,
    limits: ExportLimits,
    /// How far the receiver is behind the minimum rate.
    behind: Duration,
}

impl PacedSender {
    /// Sends an item.
    ///
    /// # Errors
    /// Returns [`StoreError::Closed`] if the receiver is gone or too slow.
    pub(super) async fn send(&mut self, item: ExportItem) -> Result<()> {
        let due = bytes(&item).saturating_mul(1_000) / self.limits.least_bytes_per_second.max(1);
        let left = Duration::from_millis(self.limits.grace).saturating_sub(self.behind);
        let began = Instant::now();
        let sent = timeout(left, self.pieces.send(Ok(item))).await.map_err(|_| StoreError::Closed)?;
        self.behind = (self.behind + began.elapsed()).saturating_sub(Duration::from_millis(due));
        sent.map_err(|_| StoreError::Closed)
    }
}

/// Returns roughly how many bytes an item takes in the file.
fn bytes(item: &ExportItem) -> u64 {
    let text = match item {
        ExportItem::Entry(Entry { body: Body::Text(text), .. }) => text.len() as u64,
        ExportItem::Row(row) => {
            row.columns.iter().map(|(name, value)| (name.len() + text_of(value.as_ref()).len()) as u64).sum()
        }
        _ => 0,
    };
    ITEM_BYTES + text
}

fn text_of(value: Option<&ExportedValue>) -> &str {
    match value {
        Some(ExportedValue::Text(text)) => text,
        _ => "",
    }
}
