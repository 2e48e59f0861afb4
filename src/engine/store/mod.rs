//! What is kept: organizations, people, visitors who acted, invitations, chats and messages, in one SQLite file
//! or in a database of a PostgreSQL server.
//!
//! Methods are named after what happens, not after tables. Reads go to a pool; every write goes through one writer that
//! commits whatever has queued in one transaction (`writer`), and returns only once it is on the disk.
//! Who of two was first, the database decides; the other gets the [`Refusal`] that says so.

mod address;
mod copy;
mod figures;
mod holding;
mod job;
mod moving;
mod open;
mod row;
mod server;
mod sql;
mod writer;

mod agents;
mod audit;
mod availability;
mod concierges;
mod factor;
mod links;
mod organizations;
mod people;
mod preferences;
mod sessions;
mod setting_up;
mod teams;

mod blocks;
mod visitors;
mod visits;

mod answers;
mod invitations;
mod inviting;

mod chats;
mod contacts;
mod handing;
mod owning;
mod routing;
mod waiting;

mod changes;
mod entries;
mod files;
mod messages;
mod notes;
mod replies;
mod tags;

mod history;
mod patience;
mod ratings;
mod receipts;
mod taking_out;
mod words;

mod at_once;
mod erasing;
mod remembered;
mod retention;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use futures::future::BoxFuture;
use protocol::refusal::Refusal;
use tokio::sync::{Semaphore, broadcast, watch};

pub use address::{Address, NoAddress};
pub use agents::{AgentRecord, NewAgent};
pub use answers::{AnswerTerms, Answered};
pub use audit::{AuditFilter, AuditLine, Doer};
pub use blocks::{Block, Blocked, NewBlock};
pub use changes::NewChange;
pub use chats::{ChatRecord, LiveChat};
pub use concierges::{ConciergeRecord, ConciergeSettings, Manners, NewConcierge, first_templates};
pub use contacts::NewContact;
pub use copy::{Contents, KeptClosed};
pub use factor::FactorRecord;
pub use figures::StoreFigures;
pub use handing::{HandingOver, To};
pub use history::{HistoryFilter, HistoryPlace, Outcome, PastChat};
pub use invitations::{InvitationRecord, OpenInvitation};
pub use inviting::NewInvitation;
pub use links::JoinLink;
pub use messages::{NewMessage, Said};
pub use moving::{MoveError, Moved};
pub use open::OpenError;
pub use organizations::{DirectoryRecord, OrganizationReport, Report};
pub use owning::TakingOver;
pub use people::{PersonRecord, PersonSettings, ProfileSettings};
pub use ratings::Rating;
pub use remembered::{PastInvitation, PastVisit, RememberedVisitor, VisitorFacts, VisitorNote, VisitorPlace};
pub use replies::NewReply;
pub use retention::Retention;
pub use routing::Offering;
pub use sessions::SignInRecord;
pub use setting_up::Founding;
pub use taking_out::TakenOut;
pub use teams::TeamRecord;
pub use visitors::{LastVisit, NewVisitor, Remember, VisitorRecord};
pub use visits::{NewVisit, VisitRecord};
pub use waiting::NewChat;

use figures::Counters;
use sql::{Db, Pool, is_full};
use writer::Writer;

/// What is kept. Clones are the same store.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    writer: Writer,
    readers: Pool,
    counters: Arc<Counters>,
    /// Hashes of sessions that have ended.
    ended: broadcast::Sender<[u8; 32]>,
    /// Turns for look-ups that may take long.
    look_ups: Arc<Semaphore>,
    /// Turns for those who take chats out.
    taking_out: Arc<Semaphore>,
    /// How many visitors were erased since the start.
    erasures: watch::Sender<u64>,
}

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The rules or somebody else's being first; nothing was changed.
    #[error("refused: {}", .0.code())]
    Refused(Refusal),
    /// The database failed; nothing was changed.
    #[error(transparent)]
    Sqlx(#[from] sqlx::Error),
    /// The transaction that this write shared with others could not be committed; nothing was changed.
    #[error("not committed: {0}")]
    NotCommitted(Arc<sqlx::Error>),
    /// The connection broke while it was committed: it may be there or not. To try again is safe wherever names tell what is new.
    #[error("committed or not, nobody knows: {0}")]
    Unknown(Arc<sqlx::Error>),
    /// A row holds what no version of this program writes.
    #[error("unreadable in the database: {0}")]
    Unreadable(String),
    /// The store is closed.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    /// What a person is told.
    pub fn refusal(&self) -> Refusal {
        match self {
            Self::Refused(refusal) => refusal.clone(),
            Self::Sqlx(error) if is_full(error) => Refusal::StorageFull,
            Self::NotCommitted(error) if is_full(error) => Refusal::StorageFull,
            _ => Refusal::Unexpected,
        }
    }

    /// The store was closed before: nothing is wrong with it.
    pub(crate) fn is_closed(&self) -> bool {
        matches!(self, Self::Closed | Self::Sqlx(sqlx::Error::PoolClosed))
    }
}

impl From<Refusal> for StoreError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

type Result<T, E = StoreError> = std::result::Result<T, E>;

impl Store {
    async fn write<T, F>(&self, write: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Db) -> BoxFuture<'c, Result<T>> + Send + 'static,
    {
        self.inner.writer.write(write).await
    }
}
