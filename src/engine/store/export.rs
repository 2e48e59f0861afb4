//! Taking chats out of the program, as they are at one moment, without holding more than a few of them at once.

use std::time::Duration;

use protocol::{chat::Entry, refusal::Refusal};
use tokio::sync::mpsc;

use super::{HistoryFilter, PastChat, Result, Store, StoreError, entries, history, sql::Db};

/// How many may do so at once: each keeps a reader.
pub(super) const AT_ONCE: usize = 2;
/// So many lines wait for whoever reads them.
const CHANNEL_CAPACITY: usize = 256;
const CHATS_AT_ONCE: u32 = 50;
const ENTRIES_AT_ONCE: u32 = 500;
/// Who reads nothing for so long has gone.
const SEND_TIMEOUT: Duration = Duration::from_secs(60);

/// A piece of what is taken out: a chat, then what is in it.
#[derive(Clone, Debug)]
pub enum ExportItem {
    /// A chat begins.
    Chat(Box<PastChat>),
    /// A line of it.
    Entry(Entry),
    /// That was all. What ends without it is not complete.
    End,
}

impl Store {
    /// Takes chats out, the latest first. The last thing that comes is an error when it is not all of them; when a visitor is
    /// erased meanwhile, it ends so.
    ///
    /// # Errors
    /// `TooMany` when others do so already.
    pub fn export(&self, filter: HistoryFilter) -> Result<mpsc::Receiver<Result<ExportItem>>> {
        let turn = self.inner.export_permits.clone().try_acquire_owned();
        let turn = turn.map_err(|_| Refusal::TooMany { retry_after: 60 })?;
        let (pieces, taken) = mpsc::channel(CHANNEL_CAPACITY);
        let store = self.clone();
        tokio::spawn(async move {
            let _turn = turn;
            let last = store.stream_chats(filter, &pieces).await.map(|()| ExportItem::End);
            // Whoever asked may have gone.
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
                // Whatever is read now would still hold him.
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
