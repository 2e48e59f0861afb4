//! What an agent likes to see: his own, and nobody else's.

use protocol::{preferences::Preference, refusal::Refusal};

use super::{Engine, refusal};
use crate::{permission::Permission, sessions::Principal};

impl Engine {
    /// What I like to see of the board.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn preference(&self, me: &Principal) -> Result<Preference, Refusal> {
        me.may(Permission::Watch)?;
        self.store().preference(me.agent).await.map_err(refusal)
    }

    /// Keeps what I like to see.
    ///
    /// # Errors
    /// As [`Preference::checked`]; `NotFound` for a concierge that is not there.
    pub async fn keep_preference(&self, me: &Principal, preference: Preference) -> Result<(), Refusal> {
        me.may(Permission::Watch)?;
        let kept = preference.checked()?;
        self.store().keep_preference(me.organization, me.agent, kept).await.map_err(refusal)
    }
}
