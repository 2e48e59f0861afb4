//! Persists organizations, people, visitors who have acted, invitations, chats, and messages in a SQLite file or a
//! PostgreSQL database.
//!
//! Methods are named after actions, not tables. Reads use a pool of connections. All writes go through a single writer
//! (see `writer`), which commits all queued writes in one transaction and returns once the data is on disk. When two
//! changes conflict, the database decides which one wins; the loser gets a [`Refusal`] explaining why.

mod backup;
mod database_copy;
mod database_lock;
mod database_url;
mod open_database;
mod piece;
mod postgres_server;
mod postgres_tls;
mod row;
mod sql;
mod stats;
mod write_job;
mod writer;

mod access_links;
mod agents;
mod audit;
mod audit_addresses;
mod availability;
mod concierges;
mod organizations;
mod people;
mod preferences;
mod sessions;
mod setup;
mod teams;
mod totp;

mod blocks;
mod visitors;
mod visits;

mod invitation_answers;
mod invitations;
mod send_invitation;

mod chats;
mod claims;
mod message_form;
mod queue;
mod routing;
mod transfers;

mod canned_replies;
mod entries;
mod files;
mod message_edits;
mod messages;
mod notes;
mod tags;

mod export;
mod history;
mod query_timeout;
mod ratings;
mod receipts;
mod search_query;

mod erasure;
mod message_batch;
mod retention;
mod visitor_export;
mod visitor_profiles;
mod visitor_tokens;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use futures::future::BoxFuture;
use protocol::{id::OrganizationId, refusal::Refusal};
use tokio::sync::{broadcast, watch};

pub use access_links::JoinLink;
pub use agents::{AgentRecord, NewAgent};
pub use audit::{Actor, AuditFilter, AuditLine, NewAuditLine};
pub use backup::{Contents, DatabaseLock};
pub use blocks::{Block, BlockOutcome, NewBlock};
pub use canned_replies::NewReply;
pub use chats::{ChatRecord, LiveChat};
pub use claims::TakeOverRequest;
pub use concierges::{ConciergeRecord, ConciergeSettings, InvitationPolicy, NewConcierge, first_templates};
pub use database_copy::{CopiedTable, CopyError};
pub use database_url::{Address, InvalidAddress};
pub use export::{ExportItem, ExportedRow, ExportedValue};
pub use history::{HistoryCursor, HistoryFilter, Outcome, PastChat};
pub use invitation_answers::{AnswerOutcome, AnswerTerms};
pub use invitations::{InvitationRecord, OpenInvitation};
pub use message_edits::NewMessageEdit;
pub use message_form::NewContact;
pub use messages::{NewMessage, StoredMessage};
pub use open_database::{OpenError, ReadLimits};
pub use organizations::{DirectoryRecord, OrganizationReport, Report};
pub use people::{PersonRecord, PersonSettings, ProfileSettings};
pub use piece::Piece;
pub use queue::NewChat;
pub use ratings::Rating;
pub use retention::Retention;
pub use routing::OfferRequest;
pub use send_invitation::NewInvitation;
pub use sessions::SignInRecord;
pub use setup::InitialSetup;
pub use stats::StoreStats;
pub use teams::TeamRecord;
pub use totp::TotpRecord;
pub use transfers::{TransferRequest, TransferTarget};
pub use visitor_profiles::{PastInvitation, PastVisit, VisitorCursor, VisitorFacts, VisitorNote, VisitorProfile};
pub use visitor_tokens::{StoredToken, TokenRotation};
pub use visitors::{LastVisit, NewVisitor, PersistVisitor, VisitorRecord};
pub use visits::{NewVisit, VisitRecord};

use sql::{Db, Pool, is_full};
use stats::Counters;
use writer::Writer;

use crate::{
    limits::{ConcurrencyLimit, Turns},
    settings::ExportLimits,
};

/// A handle to the database. Clones share the same store.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    writer: Writer,
    readers: Pool,
    counters: Arc<Counters>,
    /// Sends the hashes of ended sessions.
    ended: broadcast::Sender<[u8; 32]>,
    /// Lets organizations take turns with slow queries.
    searches: Arc<Turns<OrganizationId>>,
    /// Limits concurrent exports.
    exports: Arc<ConcurrencyLimit<OrganizationId>>,
    export_limits: ExportLimits,
    /// The number of visitors whose data has been deleted since startup.
    erasures: watch::Sender<u64>,
}

/// Why a store operation failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A rule or an earlier change forbids it. Nothing was changed.
    #[error("refused: {}", .0.code())]
    Refused(Refusal),
    /// The database failed. Nothing was changed.
    #[error(transparent)]
    Sqlx(#[from] sqlx::Error),
    /// The transaction shared with other writes could not be committed. Nothing was changed.
    #[error("failed to commit: {0}")]
    NotCommitted(Arc<sqlx::Error>),
    /// The connection was lost during the commit, so the write may or may not have been stored. Retrying is safe for
    /// new rows whose ids were chosen by the client.
    #[error("lost the connection during the commit, so the write may or may not have been stored: {0}")]
    Unknown(Arc<sqlx::Error>),
    /// A row contains a value that no version of this program writes.
    #[error("unexpected value in the database: {0}")]
    Unreadable(String),
    /// The store is closed.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    /// Returns the refusal to report to the user.
    pub fn refusal(&self) -> Refusal {
        match self {
            Self::Refused(refusal) => refusal.clone(),
            Self::Sqlx(error) if is_full(error) => Refusal::StorageFull,
            Self::NotCommitted(error) if is_full(error) => Refusal::StorageFull,
            _ => Refusal::Unexpected,
        }
    }

    /// Returns whether the error only means that the store was closed, which is not a failure.
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
