//! The organization: its name and its audit log.

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
    /// `Forbidden`, and when the store fails.
    pub async fn rename_organization(&self, me: &Principal, name: &str) -> Result<(), Refusal> {
        me.may(Permission::ManageTeams)?;
        self.store().rename_organization(Actor::from(me), name, clock::now()).await.map_err(refusal)
    }

    /// Returns lines of the audit log, the latest first, at most `limit`.
    ///
    /// # Errors
    /// `Forbidden`, and when the store fails.
    pub async fn audit(&self, me: &Principal, filter: AuditFilter, limit: usize) -> Result<Vec<AuditLine>, Refusal> {
        me.may(Permission::ReadAudit)?;
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        self.store().audit(me.organization, filter, limit).await.map_err(refusal)
    }
}
