//! Look-ups that may take long: few at once, and none for longer than a person waits. Whoever works beside them is not held up.

use std::time::Duration;

use futures::future::BoxFuture;
use protocol::refusal::Refusal;
use tokio::time::timeout;

use super::{
    Result, Store, StoreError,
    sql::{Db, is_interrupted},
};

/// A look-up that takes longer is broken off …
const QUERY_TIMEOUT: Duration = Duration::from_secs(2);
/// … and one that has waited so long for its turn is not begun.
const PERMIT_TIMEOUT: Duration = Duration::from_secs(2);
/// How many may run at once; the other readers are for those who chat.
pub(super) const AT_ONCE: usize = 2;

impl Store {
    /// Looks something up that may take long.
    ///
    /// # Errors
    /// `TookTooLong`.
    pub(super) async fn query_with_timeout<T, F>(&self, look: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Db) -> BoxFuture<'c, Result<T>> + Send + 'static,
    {
        let store = self.clone();
        let turn = timeout(PERMIT_TIMEOUT, store.inner.query_permits.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| Refusal::TookTooLong)?.map_err(|_| StoreError::Closed)?;
        // A task of its own: were it dropped half-way, the connection would keep the limit for whoever has it next.
        let looking = tokio::spawn(async move {
            let _turn = turn;
            let mut db = store.inner.readers.acquire().await?;
            db.set_query_timeout(QUERY_TIMEOUT).await?;
            let found = look(&mut db).await;
            db.clear_query_timeout().await?;
            found
        });
        match looking.await.map_err(|_| StoreError::Unreadable("a look-up panicked".into()))? {
            Err(StoreError::Sqlx(error)) if is_interrupted(&error) => Err(Refusal::TookTooLong.into()),
            found => found,
        }
    }
}
