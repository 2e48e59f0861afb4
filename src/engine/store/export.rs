//! Exports chats from a single snapshot of the database, with only a few of them in memory at a time.

use std::time::Duration;

use protocol::{chat::Entry, refusal::Refusal};
use tokio::sync::mpsc;

use super::{HistoryFilter, PastChat, Result, Store, StoreError, entries, history, sql::Db};

/// The maximum number of concurrent exports. Each one occupies a reader.
pub(super) const AT_ONCE: usize = 2;
/// The maximum number of items that can wait for the receiver.
const CHANNEL_CAPACITY: usize = 256;
const CHATS_AT_ONCE: u32 = 50;
const ENTRIES_AT_ONCE: u32 = 500;
/// An export stops if its receiver reads nothing for this long.
const SEND_TIMEOUT: Duration = Duration::from_secs(60);

/// An item in an export. Each chat is followed by its entries.
#[derive(Clone, Debug)]
pub enum ExportItem {
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
        let turn = self.inner.export_permits.clone().try_acquire_owned();
        let turn = turn.map_err(|_| Refusal::TooMany { retry_after: 60 })?;
        let (pieces, taken) = mpsc::channel(CHANNEL_CAPACITY);
        let store = self.clone();
        tokio::spawn(async move {
            let _turn = turn;
            let last = store.stream_chats(filter, &pieces).await.map(|()| ExportItem::End);
            // The receiver may already be gone.
            pieces.send_timeout(last, SEND_TIMEOUT).await.ok();
        });
        Ok(taken)
    }

    async fn stream_chats(&self, filter: HistoryFilter, pieces: &mpsc::Sender<Result<ExportItem>>) -> Result<()> {
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

async fn stream_chat(db: &mut Db, chat: PastChat, pieces: &mpsc::Sender<Result<ExportItem>>) -> Result<()> {
    let give = async |piece| pieces.send_timeout(Ok(piece), SEND_TIMEOUT).await.map_err(|_| StoreError::Closed);
    let id = chat.id;
    give(ExportItem::Chat(Box::new(chat))).await?;
    let mut after = 0;
    loop {
        let some = entries::entries_after(db, id, after, ENTRIES_AT_ONCE).await?;
        let Some(last) = some.last() else { return Ok(()) };
        after = last.seq;
        for entry in some {
            give(ExportItem::Entry(entry)).await?;
        }
    }
}
