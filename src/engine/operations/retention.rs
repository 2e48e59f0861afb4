//! What is kept, for how long, and what is let go of.

use std::time::Duration;

use protocol::{
    Millis,
    close_reason::CloseReason,
    id::{OrganizationId, VisitorId},
    refusal::Refusal,
};
use tokio::sync::mpsc;

use super::{Engine, refusal};
use crate::{
    clock,
    permission::Permission,
    sessions::Principal,
    store::{Actor, ExportItem, HistoryFilter, Retention, StoreError},
};

/// What is over is let go of this often. A job that is killed is begun again at the next start.
const RETENTION_EVERY: Duration = Duration::from_secs(24 * 60 * 60);
/// Between two handfuls those who chat have the writer for themselves.
const PAUSE_BETWEEN_BATCHES: Duration = Duration::from_millis(20);

impl Engine {
    /// How long what is kept.
    ///
    /// # Errors
    /// `Forbidden`, and when the store fails.
    pub async fn retention(&self, me: &Principal) -> Result<Retention, Refusal> {
        me.may(Permission::ManagePrivacy)?;
        self.store().retention(me.organization).await.map_err(refusal)
    }

    /// Says how long what is kept. What is over by that goes at once.
    ///
    /// # Errors
    /// `Forbidden`, and when the store fails.
    pub async fn set_retention(&self, me: &Principal, keep: Retention) -> Result<(), Refusal> {
        me.may(Permission::ManagePrivacy)?;
        self.store().set_retention(Actor::from(me), keep, clock::now()).await.map_err(refusal)?;
        let (engine, organization) = (self.clone(), me.organization);
        tokio::spawn(async move { engine.run_retention_logged(organization).await });
        Ok(())
    }

    /// Erases a visitor everywhere: from the files, with what he sent and was sent, and from the site, where he is somebody new from now on.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound`, and when the store fails.
    pub async fn erase_visitor(&self, me: &Principal, visitor: VisitorId) -> Result<(), Refusal> {
        me.may(Permission::ManagePrivacy)?;
        let _guard = self.lock_visitor(visitor).await;
        // Before anything is touched: a foreign visitor keeps his row on the board.
        self.store().visitor_facts(me.organization, visitor).await.map_err(refusal)?;
        self.hub(me.organization).erase(visitor, CloseReason::Unavailable).await;
        self.store().erase_visitor(Actor::from(me), visitor, clock::now()).await.map_err(refusal)?;
        self.clear_files().await.map_err(refusal)
    }

    /// Takes chats out of the program. That it was done is written down, by whom and when; not what for.
    ///
    /// # Errors
    /// `Forbidden`; `TooMany` when others do so already.
    pub async fn export(
        &self,
        me: &Principal,
        filter: HistoryFilter,
        format: &str,
    ) -> Result<mpsc::Receiver<Result<ExportItem, StoreError>>, Refusal> {
        me.may(Permission::Export)?;
        let filter = HistoryFilter { organization: me.organization, scope: self.scope(me).await?, ..filter };
        let taken = self.store().export(filter).map_err(refusal)?;
        let actor = Actor::from(me);
        self.store()
            .note(actor, "export.history", String::new(), format.to_owned(), clock::now())
            .await
            .map_err(refusal)?;
        Ok(taken)
    }

    /// Lets go of everything that is over, of every organization, now and once a day.
    pub(super) async fn run_retention_daily(self) {
        loop {
            for organization in self.store().organizations().await.unwrap_or_default() {
                self.run_retention_logged(organization).await;
            }
            tokio::select! {
                () = self.inner.stopping.cancelled() => return,
                () = tokio::time::sleep(RETENTION_EVERY) => {}
            }
        }
    }

    async fn run_retention_logged(&self, organization: OrganizationId) {
        match self.run_retention(organization, clock::now()).await {
            Ok(0) | Err(StoreError::Closed) => {}
            Ok(rows) => tracing::info!(%organization, rows, "what was over is no longer kept"),
            Err(error) => tracing::warn!(%error, %organization, "not everything that is over could be let go of"),
        }
    }

    /// Lets go of everything of an organization that is over at that time; how many rows that were.
    pub(super) async fn run_retention(&self, organization: OrganizationId, now: Millis) -> Result<u64, StoreError> {
        let keep = self.store().retention(organization).await?;
        let mut all = 0;
        while !self.inner.stopping.is_cancelled() {
            let gone = self.store().run_retention(organization, keep, now).await?;
            if gone == 0 {
                break;
            }
            all += gone;
            tokio::time::sleep(PAUSE_BETWEEN_BATCHES).await;
        }
        if all > 0 {
            self.clear_files().await?;
            self.store().truncate_wal().await?;
        }
        Ok(all)
    }
}
