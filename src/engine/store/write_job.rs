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
pub(super) const NEXT: &str = "RELEASE job; SAVEPOINT job";

/// What became of a commit.
pub(super) type Committed = Result<(), Failed>;

/// Why a group of writes is not, or may not be, on the disk.
#[derive(Clone)]
pub(super) enum Failed {
    /// Nothing of it is there.
    NotCommitted(Arc<sqlx::Error>),
    /// The answer to the commit never came.
    Unknown(Arc<sqlx::Error>),
}

impl Failed {
    pub(super) fn error(&self) -> &sqlx::Error {
        match self {
            Self::NotCommitted(error) | Self::Unknown(error) => error,
        }
    }
}

impl From<Failed> for StoreError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::NotCommitted(error) => Self::NotCommitted(error),
            Failed::Unknown(error) => Self::Unknown(error),
        }
    }
}

/// A write that was made, and waits for its commit.
pub(super) struct Made {
    /// It stands; else it is taken back before the next one.
    pub(super) keep: bool,
    /// There was no room for it. SQLite may then have rolled back the whole transaction by itself.
    pub(super) full: Option<Arc<sqlx::Error>>,
    pub(super) answer: Box<dyn FnOnce(Committed) + Send>,
}

impl Made {
    /// One that stands unless its commit fails.
    pub(super) fn kept(answer: impl FnOnce(Committed) + Send + 'static) -> Self {
        Self { keep: true, full: None, answer: Box::new(answer) }
    }
}

type Making = dyn for<'c> FnOnce(Result<&'c mut Db, Failed>) -> BoxFuture<'c, Made> + Send;

/// A write that is to be made.
pub(super) struct Job(Box<Making>);

impl Job {
    /// Makes it, or when that cannot be any more, tells so.
    pub(super) async fn make(self, db: Result<&mut Db, Failed>) -> Made {
        (self.0)(db).await
    }

    /// Makes a write, and sends what became of it once that is sure.
    pub(super) fn of<T, F>(write: F, answer: oneshot::Sender<Result<T>>) -> Self
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
                let answer = Box::new(move |committed: Committed| {
                    let result = result.and_then(|value| committed.map(|()| value).map_err(StoreError::from));
                    // Whoever asked may have gone; the write stands.
                    answer.send(result).ok();
                });
                Made { keep, full, answer }
            })
        }))
    }
}
