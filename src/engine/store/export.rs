//! Exports chats from a single snapshot of the database, with only a few of them in memory at a time.

use std::time::Duration;

use futures::future::BoxFuture;
use protocol::{chat::Entry, id::VisitorId, refusal::Refusal};
use tokio::sync::mpsc;

use super::{
    HistoryFilter, PastChat, Result, Store, StoreError, entries, history, sql::Db, visitor_export::stream_visitor,
};

/// Where an export's items go.
pub(super) type ItemSender = mpsc::Sender<Result<ExportItem>>;

/// The maximum number of concurrent exports. Each one occupies a reader.
pub(super) const AT_ONCE: usize = 2;
/// The maximum number of items that can wait for the receiver.
const CHANNEL_CAPACITY: usize = 256;
const CHATS_AT_ONCE: u32 = 50;
const ENTRIES_AT_ONCE: u32 = 500;
/// An export stops if its receiver reads nothing for this long.
const SEND_TIMEOUT: Duration = Duration::from_secs(60);

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
    /// A row with data of a visitor, whose export consists of nothing else.
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
    /// Returns [`Refusal::TooMany`] if the maximum number of exports is already running.
    pub fn export(&self, filter: HistoryFilter) -> Result<mpsc::Receiver<Result<ExportItem>>> {
        self.stream(move |store, pieces| Box::pin(async move { store.stream_chats(filter, pieces).await }))
    }

    /// Streams every row with data of a visitor. If the export cannot be completed, it ends with an error. This also
    /// happens if a visitor's data is deleted while the export is running.
    ///
    /// # Errors
    /// Returns [`Refusal::TooMany`] if the maximum number of exports is already running.
    pub fn export_visitor(&self, visitor: VisitorId) -> Result<mpsc::Receiver<Result<ExportItem>>> {
        self.stream(move |store, pieces| {
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

    /// Runs an export in the background, if its turn has come.
    fn stream<F>(&self, export: F) -> Result<mpsc::Receiver<Result<ExportItem>>>
    where
        F: for<'a> FnOnce(&'a Self, &'a ItemSender) -> BoxFuture<'a, Result<()>> + Send + 'static,
    {
        let turn = self.inner.export_permits.clone().try_acquire_owned();
        let turn = turn.map_err(|_| Refusal::TooMany { retry_after: 60 })?;
        let (pieces, taken) = mpsc::channel(CHANNEL_CAPACITY);
        let store = self.clone();
        tokio::spawn(async move {
            let _turn = turn;
            let last = export(&store, &pieces).await.map(|()| ExportItem::End);
            // The receiver may already be gone.
            pieces.send_timeout(last, SEND_TIMEOUT).await.ok();
        });
        Ok(taken)
    }

    async fn stream_chats(&self, filter: HistoryFilter, pieces: &ItemSender) -> Result<()> {
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

/// Hands an item to the receiver, and waits for it a limited time.
pub(super) async fn give(pieces: &ItemSender, item: ExportItem) -> Result<()> {
    pieces.send_timeout(Ok(item), SEND_TIMEOUT).await.map_err(|_| StoreError::Closed)
}

async fn stream_chat(db: &mut Db, chat: PastChat, pieces: &ItemSender) -> Result<()> {
    let id = chat.id;
    give(pieces, ExportItem::Chat(Box::new(chat))).await?;
    let mut after = 0;
    loop {
        let some = entries::entries_after(db, id, after, ENTRIES_AT_ONCE).await?;
        let Some(last) = some.last() else { return Ok(()) };
        after = last.seq;
        for entry in some {
            give(pieces, ExportItem::Entry(entry)).await?;
        }
    }
}
