//! The people: who they are, their teams, how they come in and how each keeps his own account. What was typed is looked at
//! here, and who may is asked here; the record is the store's.

mod access_links;
mod account;
mod agents;
mod avatars;
mod mail_state;
mod setup;

#[cfg(test)]
mod tests;

pub use access_links::{AgentInvitationForm, CreatedLink};
pub use account::{Account, SecondFactor};
pub use agents::{AgentForm, TeamForm};
pub use avatars::keep_avatar;
pub use mail_state::MailState;
pub use setup::SetupForm;

use protocol::{Millis, agent::ToAgent, close_reason::CloseReason, id::OrganizationId};

use crate::{Engine, clock, sessions::Principal, store::PersonRecord};

/// A link to become an agent is good for so long.
const JOIN_WITHIN: Millis = 7 * 24 * 60 * 60 * 1_000;
/// A link to a new password is good for so long.
const RESET_WITHIN: Millis = 24 * 60 * 60 * 1_000;
/// A link to a new password is good for so long when anybody may have asked for it.
const SELF_RESET_WITHIN: Millis = 60 * 60 * 1_000;
/// A dashboard whose agent's role has changed comes back within this.
const BACK_WITHIN_MS: u32 = 1_000;

impl Engine {
    /// Tells every dashboard of an organization who and what there is now.
    pub(crate) async fn broadcast_directory(&self, organization: OrganizationId) {
        let Ok(people) = self.store().people(organization).await else { return };
        let hub = self.hub(organization);
        for person in people.into_iter().filter(|person| person.active) {
            let PersonRecord { id: agent, role, name, language, .. } = person;
            let me = Principal { agent, organization, role, name, language, session: [0; 32] };
            if let Ok(directory) = self.directory(&me).await {
                hub.notify_agent(me.agent, &ToAgent::Welcome { now: clock::now(), directory }).await;
            }
        }
    }

    /// His dashboards come back as who he is now.
    async fn reconnect_dashboards(&self, organization: OrganizationId, agent: protocol::id::AgentId) {
        self.hub(organization).close_agent(agent, CloseReason::Restarting { within: BACK_WITHIN_MS }).await;
    }
}
