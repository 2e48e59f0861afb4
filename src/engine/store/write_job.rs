//! A write: how it is made, and how whoever asked for it hears what became of it once that is sure.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures::{FutureExt as _, future::BoxFuture};
use tokio::sync::oneshot;

use super::{
    Result, StoreError,
    sql::{Db, is_full},
};

/// What one has written stands, and the next begins: with its first question, for a trip to the thread of the connection costs
/// more than this.
pub(super) const NEXT_SAVEPOINT: &str = "RELEASE job; SAVEPOINT job";

/// What became of a commit.
pub(super) type CommitResult = Result<(), CommitError>;

/// Why a group of writes is not, or may not be, on the disk.
#[derive(Clone)]
pub(super) enum CommitError {
    /// Nothing of it is there.
    NotCommitted(Arc<sqlx::Error>),
    /// The answer to the commit never came.
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

/// A write that was made, and waits for its commit.
pub(super) struct ExecutedWrite {
    /// It stands; else it is taken back before the next one.
    pub(super) keep: bool,
    /// There was no room for it. SQLite may then have rolled back the whole transaction by itself.
    pub(super) full: Option<Arc<sqlx::Error>>,
    pub(super) answer: Box<dyn FnOnce(CommitResult) + Send>,
}

impl ExecutedWrite {
    /// One that stands unless its commit fails.
    pub(super) fn successful(answer: impl FnOnce(CommitResult) + Send + 'static) -> Self {
        Self { keep: true, full: None, answer: Box::new(answer) }
    }
}

type WriteFn = dyn for<'c> FnOnce(Result<&'c mut Db, CommitError>) -> BoxFuture<'c, ExecutedWrite> + Send;

/// A write that is to be made.
pub(super) struct Job(Box<WriteFn>);

impl Job {
    /// Makes it, or when that cannot be any more, tells so.
    pub(super) async fn execute(self, db: Result<&mut Db, CommitError>) -> ExecutedWrite {
        (self.0)(db).await
    }

    /// Makes a write, and sends what became of it once that is sure.
    pub(super) fn new<T, F>(write: F, answer: oneshot::Sender<Result<T>>) -> Self
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Db) -> BoxFuture<'c, Result<T>> + Send + 'static,
    {
        Self(Box::new(move |db| {
            Box::pin(async move {
                let result = match db {
                    // A panic here would end the writer, and with it every other write.
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
                    // Whoever asked may have gone; the write stands.
                    answer.send(result).ok();
                });
                ExecutedWrite { keep, full, answer }
            })
        }))
    }
}
