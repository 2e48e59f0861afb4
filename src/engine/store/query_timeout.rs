//! Runs queries that may take a long time. Only a few run at a time, and each has a time limit, so that they do not
//! slow down live chats.

use std::time::Duration;

use futures::future::BoxFuture;
use protocol::refusal::Refusal;
use tokio::time::timeout;

use super::{
    Result, Store, StoreError,
    sql::{Db, is_interrupted},
};

/// How long a query may run.
const QUERY_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a query may wait for a permit before it runs.
const PERMIT_TIMEOUT: Duration = Duration::from_secs(2);
/// The maximum number of concurrent queries. The other readers remain free for live chats.
pub(super) const AT_ONCE: usize = 2;

impl Store {
    /// Runs a query that may take a long time.
    ///
    /// # Errors
    /// Returns [`Refusal::TookTooLong`] if the query exceeds its time limit or does not get a permit in time.
    pub(super) async fn query_with_timeout<T, F>(&self, look: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Db) -> BoxFuture<'c, Result<T>> + Send + 'static,
    {
        let store = self.clone();
        let turn = timeout(PERMIT_TIMEOUT, store.inner.query_permits.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| Refusal::TookTooLong)?.map_err(|_| StoreError::Closed)?;
        // The query runs in a separate task. Otherwise, a cancelled caller would return the connection to the pool with
        // the limit still set.
        let looking = tokio::spawn(async move {
            let _turn = turn;
            let mut db = store.inner.readers.acquire().await?;
            db.set_query_timeout(QUERY_TIMEOUT).await?;
            let found = look(&mut db).await;
            db.clear_query_timeout().await?;
            found
        });
        match looking.await.map_err(|_| StoreError::Unreadable("a query panicked".into()))? {
            Err(StoreError::Sqlx(error)) if is_interrupted(&error) => Err(Refusal::TookTooLong.into()),
            found => found,
        }
    }
}
