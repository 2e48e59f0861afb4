//! Write jobs, which execute a write and report its result after the commit.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures::{FutureExt as _, future::BoxFuture};
use tokio::sync::oneshot;

use super::{
    Result, StoreError,
    sql::{Db, is_full},
};

/// Keeps the previous write and starts the next one. Sent together with the first query of the next write, because a
/// separate round trip to the connection's thread costs more than these statements.
pub(super) const NEXT_SAVEPOINT: &str = "RELEASE job; SAVEPOINT job";

/// The result of a commit.
pub(super) type CommitResult = Result<(), CommitError>;

/// Why a group of writes was not committed, or may not have been.
#[derive(Clone)]
pub(super) enum CommitError {
    /// Nothing was committed.
    NotCommitted(Arc<sqlx::Error>),
    /// The response to the commit was lost.
    Unknown(Arc<sqlx::Error>),
}

impl CommitError {
    pub(super) fn error(&self) -> &sqlx::Error {
        match self {
            Self::NotCommitted(error) | Self::Unknown(error) => error,
        }
    }
}

impl From<CommitError> for StoreError {
    fn from(failed: CommitError) -> Self {
        match failed {
            CommitError::NotCommitted(error) => Self::NotCommitted(error),
            CommitError::Unknown(error) => Self::Unknown(error),
        }
    }
}

/// An executed write that is waiting to be committed.
pub(super) struct ExecutedWrite {
    /// Whether to keep its changes. If not, they are rolled back before the next write.
    pub(super) keep: bool,
    /// The error, if the disk was full. In that case, SQLite may have rolled back the whole transaction.
    pub(super) full: Option<Arc<sqlx::Error>>,
    pub(super) answer: Box<dyn FnOnce(CommitResult) + Send>,
}

impl ExecutedWrite {
    /// Creates a write that succeeds unless its commit fails.
    pub(super) fn successful(answer: impl FnOnce(CommitResult) + Send + 'static) -> Self {
        Self { keep: true, full: None, answer: Box::new(answer) }
    }
}

type WriteFn = dyn for<'c> FnOnce(Result<&'c mut Db, CommitError>) -> BoxFuture<'c, ExecutedWrite> + Send;

/// A write to execute.
pub(super) struct Job(Box<WriteFn>);

impl Job {
    /// Executes the write, or passes on the error that prevents it.
    pub(super) async fn execute(self, db: Result<&mut Db, CommitError>) -> ExecutedWrite {
        (self.0)(db).await
    }

    /// Creates a job that executes `write` and sends its result after the commit.
    pub(super) fn new<T, F>(write: F, answer: oneshot::Sender<Result<T>>) -> Self
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Db) -> BoxFuture<'c, Result<T>> + Send + 'static,
    {
        Self(Box::new(move |db| {
            Box::pin(async move {
                let result = match db {
                    // A panic here would take down the writer and every other write with it.
                    Ok(db) => AssertUnwindSafe(write(db))
                        .catch_unwind()
                        .await
                        .unwrap_or_else(|_| Err(StoreError::Unreadable("a write panicked".into()))),
                    Err(failed) => Err(failed.into()),
                };
                let (result, full) = match result {
                    Err(StoreError::Sqlx(error)) if is_full(&error) => {
                        let error = Arc::new(error);
                        (Err(StoreError::NotCommitted(Arc::clone(&error))), Some(error))
                    }
                    result => (result, None),
                };
                let keep = result.is_ok();
                let answer = Box::new(move |committed: CommitResult| {
                    let result = result.and_then(|value| committed.map(|()| value).map_err(StoreError::from));
                    // The caller may be gone, but the write is kept.
                    answer.send(result).ok();
                });
                ExecutedWrite { keep, full, answer }
            })
        }))
    }
}
