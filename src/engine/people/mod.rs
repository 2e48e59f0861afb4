//! Agents and teams: invitations, account settings, avatars, and the initial setup. Input validation and permission
//! checks happen here; the records belong to the store.

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

use crate::{Engine, clock, connection::BACK_WITHIN_MS, sessions::Principal, store::PersonRecord};

/// How long an invitation link is valid, in ms.
const JOIN_WITHIN: Millis = 7 * 24 * 60 * 60 * 1_000;
/// How long a password reset link created by an admin is valid, in ms.
const RESET_WITHIN: Millis = 24 * 60 * 60 * 1_000;
/// How long a password reset link is valid if it was requested without signing in, in ms.
const SELF_RESET_WITHIN: Millis = 60 * 60 * 1_000;

impl Engine {
    /// Sends the current directory of agents and teams to every dashboard of an organization.
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

    /// Closes an agent's dashboards so that they reconnect with the new role and teams.
    async fn reconnect_dashboards(&self, organization: OrganizationId, agent: protocol::id::AgentId) {
        self.hub(organization).close_agent(agent, CloseReason::Restarting { within: BACK_WITHIN_MS }).await;
    }
}
