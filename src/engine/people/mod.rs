//! Agents and teams: invitations, account settings, avatars, and the initial setup. This module validates input and
//! checks permissions. The records belong to the store.

mod access_links;
mod account;
mod agents;
mod avatars;
mod mail_state;
mod reauthentication;
mod setup;

#[cfg(test)]
mod tests;

pub use access_links::{AgentInvitationForm, CreatedLink};
pub use account::{Account, SecondFactor};
pub use agents::{AgentForm, TeamForm};
pub use avatars::keep_avatar;
pub use mail_state::MailState;
pub use setup::SetupForm;

use protocol::{Millis, close_reason::CloseReason, id::OrganizationId};

use crate::{
    Engine, clock, connection::BACK_WITHIN_MS, operations::welcome_frames, sessions::Principal, store::PersonRecord,
};

/// How long an invitation link is valid, in milliseconds.
const JOIN_WITHIN: Millis = 7 * 24 * 60 * 60 * 1_000;
/// How long a password reset link created by an admin is valid, in milliseconds.
const RESET_WITHIN: Millis = 24 * 60 * 60 * 1_000;
/// How long a password reset link that was requested without signing in is valid, in milliseconds.
const SELF_RESET_WITHIN: Millis = 60 * 60 * 1_000;

impl Engine {
    /// Sends the current directory of agents and teams to all of an organization's dashboards.
    pub(crate) async fn broadcast_directory(&self, organization: OrganizationId) {
        let Ok(people) = self.store().people(organization).await else { return };
        let hub = self.hub(organization);
        for person in people.into_iter().filter(|person| person.active) {
            let PersonRecord { id: agent, role, name, language, .. } = person;
            let me = Principal { agent, organization, role, name, language, session: [0; 32] };
            if let Ok(directory) = self.directory(&me).await {
                hub.welcome_agent(me.agent, welcome_frames(clock::now(), directory)).await;
            }
        }
    }

    /// Closes an agent's dashboards so that they reconnect with the new role and teams.
    async fn reconnect_dashboards(&self, organization: OrganizationId, agent: protocol::id::AgentId) {
        self.hub(organization).close_agent(agent, CloseReason::Restarting { within: BACK_WITHIN_MS }).await;
    }
}
