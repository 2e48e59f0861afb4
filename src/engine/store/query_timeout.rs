//! Runs queries that may take a long time. Only a few run at a time, organizations take turns, and each query has a
//! time limit, so that they slow down neither live chats nor other organizations' queries.

use std::time::Duration;

use futures::future::BoxFuture;
use protocol::{id::OrganizationId, refusal::Refusal};

use super::{
    Result, Store, StoreError,
    sql::{Db, is_interrupted},
};

/// How long a query may run.
const QUERY_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a query may wait for its turn. One turn takes at most [`QUERY_TIMEOUT`].
const TURN_TIMEOUT: Duration = Duration::from_secs(5);

impl Store {
    /// Runs an organization's query that may take a long time.
    ///
    /// # Errors
    /// Returns [`Refusal::TookTooLong`] if the query exceeds its time limit or does not get a turn in time, and
    /// [`Refusal::Busy`] if too many queries of the organization are already waiting.
    pub(super) async fn query_with_timeout<T, F>(&self, organization: OrganizationId, look: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Db) -> BoxFuture<'c, Result<T>> + Send + 'static,
    {
        let store = self.clone();
        let turn = store.inner.searches.wait(organization, TURN_TIMEOUT).await?;
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
