//! Manages the organization's name and audit log.

use protocol::refusal::Refusal;

use super::{Engine, refusal};
use crate::{
    clock,
    permission::Permission,
    sessions::Principal,
    store::{Actor, AuditFilter, AuditLine},
};

impl Engine {
    /// Renames the organization.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent lacks permission, or another error if the store fails.
    pub async fn rename_organization(&self, me: &Principal, name: &str) -> Result<(), Refusal> {
        me.may(Permission::ManageTeams)?;
        self.store().rename_organization(Actor::from(me), name, clock::now()).await.map_err(refusal)
    }

    /// Returns at most `limit` lines of the audit log, newest first.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not read the audit log, or another error if the store fails.
    pub async fn audit(&self, me: &Principal, filter: AuditFilter, limit: usize) -> Result<Vec<AuditLine>, Refusal> {
        me.may(Permission::ReadAudit)?;
        // Readers of the log should also see what was done just now.
        self.sessions().audit_queue().flush().await;
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        self.store().audit(me.organization, filter, limit).await.map_err(refusal)
    }
}
