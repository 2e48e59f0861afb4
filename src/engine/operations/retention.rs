//! Manages retention periods, deletes visitors' data, and exports chats.

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
    store::{Actor, ExportItem, HistoryFilter, NewAuditLine, Retention, StoreError},
};

/// How often expired data is deleted. An interrupted run will be repeated on the next startup.
const RETENTION_EVERY: Duration = Duration::from_secs(24 * 60 * 60);
/// The pause between two batches of deletions. During this time, the database writer is free to handle chats.
const PAUSE_BETWEEN_BATCHES: Duration = Duration::from_millis(20);

impl Engine {
    /// Returns the organization's retention periods.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not manage privacy settings, or another error if the store
    /// fails.
    pub async fn retention(&self, me: &Principal) -> Result<Retention, Refusal> {
        me.may(Permission::ManagePrivacy)?;
        self.store().retention(me.organization).await.map_err(refusal)
    }

    /// Sets the organization's retention periods and starts deleting the data that has expired as a result.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not manage privacy settings, [`Refusal::PasswordNeeded`] if
    /// their password has to be entered again, or another error if the store fails.
    pub async fn set_retention(&self, me: &Principal, keep: Retention) -> Result<(), Refusal> {
        me.may(Permission::ManagePrivacy)?;
        self.require_reauthentication(me).await?;
        self.store().set_retention(Actor::from(me), keep, clock::now()).await.map_err(refusal)?;
        let (engine, organization) = (self.clone(), me.organization);
        tokio::spawn(async move { engine.run_retention_logged(organization).await });
        Ok(())
    }

    /// Deletes all data about a visitor from the database and the hub, including the messages and files in the
    /// visitor's chats. A visitor who returns counts as new.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not manage privacy settings, [`Refusal::PasswordNeeded`] if
    /// their password has to be entered again, [`Refusal::NotFound`] if the visitor does not exist, or another error if
    /// the store fails.
    pub async fn erase_visitor(&self, me: &Principal, visitor: VisitorId) -> Result<(), Refusal> {
        me.may(Permission::ManagePrivacy)?;
        self.require_reauthentication(me).await?;
        let _guard = self.lock_visitor(visitor).await;
        // Check this before changing anything: a visitor of another organization must stay on the board.
        self.store().visitor_facts(me.organization, visitor).await.map_err(refusal)?;
        self.hub(me.organization).erase(visitor, CloseReason::Unavailable).await;
        self.store().erase_visitor(Actor::from(me), visitor, clock::now()).await.map_err(refusal)?;
        self.clear_files().await.map_err(refusal)
    }

    /// Exports past chats. The audit log records who exported chats, when, and in which format, but not which chats
    /// were selected, unless they were a single visitor's.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not export chats, [`Refusal::PasswordNeeded`] if their password
    /// has to be entered again, and [`Refusal::TooMany`] if too many exports are already running.
    pub async fn export(
        &self,
        me: &Principal,
        filter: HistoryFilter,
        format: &str,
    ) -> Result<mpsc::Receiver<Result<ExportItem, StoreError>>, Refusal> {
        me.may(Permission::Export)?;
        self.require_reauthentication(me).await?;
        let filter = HistoryFilter { organization: me.organization, scope: self.scope(me).await?, ..filter };
        let visitor = filter.visitor;
        let taken = self.store().export(filter).map_err(refusal)?;
        let target = visitor.map_or(String::new(), |visitor| visitor.to_string());
        let (by, detail, at) = (Actor::from(me), format.to_owned(), clock::now());
        let line = NewAuditLine { by, action: "export.history", target, detail, visitor, at };
        self.store().add_audit_line(line).await.map_err(refusal)?;
        Ok(taken)
    }

    /// Exports everything stored about a visitor. The audit log records who exported it.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not manage privacy settings or export chats,
    /// [`Refusal::PasswordNeeded`] if their password has to be entered again, [`Refusal::NotFound`] if the visitor does
    /// not exist, and [`Refusal::TooMany`] if too many exports are already running.
    pub async fn export_visitor(
        &self,
        me: &Principal,
        visitor: VisitorId,
    ) -> Result<mpsc::Receiver<Result<ExportItem, StoreError>>, Refusal> {
        me.may(Permission::ManagePrivacy)?;
        me.may(Permission::Export)?;
        self.require_reauthentication(me).await?;
        // The export must include the visitor's current page.
        self.flush_page_views().await;
        self.store().visitor_facts(me.organization, visitor).await.map_err(refusal)?;
        let (by, target, at) = (Actor::from(me), visitor.to_string(), clock::now());
        let line =
            NewAuditLine { by, action: "export.visitor", target, detail: String::new(), visitor: Some(visitor), at };
        self.store().add_audit_line(line).await.map_err(refusal)?;
        self.store().export_visitor(me.organization, visitor).map_err(refusal)
    }

    /// Deletes the expired data of all organizations, once on startup and then once a day.
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
            Ok(rows) => tracing::info!(%organization, rows, "deleted expired data"),
            Err(error) => tracing::warn!(%error, %organization, "failed to delete expired data"),
        }
    }

    /// Deletes an organization's data that has expired as of `now`. Returns the number of deleted rows.
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
