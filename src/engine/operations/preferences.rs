//! Manages an agent's own board preferences.

use protocol::{preferences::Preference, refusal::Refusal};

use super::{Engine, refusal};
use crate::{permission::Permission, sessions::Principal};

impl Engine {
    /// Returns the agent's board preferences.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not view the board, or another error if the store fails.
    pub async fn preference(&self, me: &Principal) -> Result<Preference, Refusal> {
        me.may(Permission::Watch)?;
        self.store().preference(me.agent).await.map_err(refusal)
    }

    /// Stores the agent's board preferences.
    ///
    /// # Errors
    /// Returns any error from [`Preference::checked`], and [`Refusal::NotFound`] if a concierge does not exist.
    pub async fn keep_preference(&self, me: &Principal, preference: Preference) -> Result<(), Refusal> {
        me.may(Permission::Watch)?;
        let kept = preference.checked()?;
        self.store().keep_preference(me.organization, me.agent, kept).await.map_err(refusal)
    }
}
