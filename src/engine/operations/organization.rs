//! The organization itself: its name, and what was changed in it.

use protocol::refusal::Refusal;

use super::{Engine, refusal};
use crate::{
    clock,
    permission::Permission,
    sessions::Principal,
    store::{Actor, AuditFilter, AuditLine},
};

impl Engine {
    /// Gives the organization another name.
    ///
    /// # Errors
    /// `Forbidden`, and when the store fails.
    pub async fn rename_organization(&self, me: &Principal, name: &str) -> Result<(), Refusal> {
        me.may(Permission::ManageTeams)?;
        self.store().rename_organization(Actor::from(me), name, clock::now()).await.map_err(refusal)
    }

    /// Lines of the audit log, the latest first, `limit` at most.
    ///
    /// # Errors
    /// `Forbidden`, and when the store fails.
    pub async fn audit(&self, me: &Principal, filter: AuditFilter, limit: usize) -> Result<Vec<AuditLine>, Refusal> {
        me.may(Permission::ReadAudit)?;
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        self.store().audit(me.organization, filter, limit).await.map_err(refusal)
    }
}
