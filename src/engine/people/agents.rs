//! Lets admins manage agents and teams.

use protocol::{
    agent::Role,
    id::{AgentId, TeamId},
    limits::NAME_CHARS,
    refusal::Refusal,
};

use crate::{
    Engine, Permission, clock,
    operations::refusal,
    sessions::Principal,
    store::{Actor, PersonRecord, PersonSettings, TeamRecord},
    validation::{FieldError, FieldErrorKind, FieldErrors, FormError},
};

/// The highest number of concurrent chats that can be configured for an agent.
pub(super) const MOST_CHATS: u32 = 50;

/// The form for editing an agent, as submitted by an admin.
#[derive(Clone, Debug, Default)]
pub struct AgentForm {
    /// The agent's first and last name.
    pub name: String,
    /// The role's identifier.
    pub role: String,
    /// The maximum number of concurrent chats.
    pub max_chats: String,
    /// The IDs of the agent's teams.
    pub teams: Vec<String>,
}

/// The form for editing a team, as submitted by an admin.
#[derive(Clone, Debug, Default)]
pub struct TeamForm {
    /// The team's name.
    pub name: String,
    /// The IDs of the team's members.
    pub members: Vec<String>,
}

impl Engine {
    /// Returns all agents in the organization.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not manage agents.
    pub async fn people(&self, me: &Principal) -> Result<Vec<PersonRecord>, Refusal> {
        me.may(Permission::ManageAgents)?;
        self.store().people(me.organization).await.map_err(refusal)
    }

    /// Returns a single agent in the organization.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not manage agents, and [`Refusal::NotFound`] if the requested
    /// agent does not exist.
    pub async fn person(&self, me: &Principal, agent: AgentId) -> Result<PersonRecord, Refusal> {
        me.may(Permission::ManageAgents)?;
        self.store().person(me.organization, agent).await.map_err(refusal)?.ok_or(Refusal::NotFound)
    }

    /// Updates an agent. If the role changes, the agent's dashboards reconnect.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not manage agents, [`Refusal::PasswordNeeded`] if their password
    /// has to be entered again, [`Refusal::NotFound`] if the agent to update does not exist, or the invalid fields.
    pub async fn change_agent(&self, me: &Principal, agent: AgentId, typed: &AgentForm) -> Result<(), FormError> {
        me.may(Permission::ManageAgents)?;
        let mut errors = FieldErrors::default();
        let name = errors.line("name", &typed.name, NAME_CHARS);
        let (role, max_chats) = parse_role_and_limit(&mut errors, &typed.role, &typed.max_chats);
        errors.done()?;
        self.require_reauthentication(me).await?;
        let to = PersonSettings { name, role, max_chats, teams: parse_ids(&typed.teams)? };
        let rights_changed =
            self.store().change_person(Actor::from(me), agent, to, clock::now()).await.map_err(refusal)?;
        if rights_changed {
            self.reconnect_dashboards(me.organization, agent).await;
        }
        self.broadcast_directory(me.organization).await;
        Ok(())
    }

    /// Activates or deactivates an agent. Deactivating an agent closes all of their sockets.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not manage agents, [`Refusal::PasswordNeeded`] if their password
    /// has to be entered again, and [`Refusal::NotFound`] if the agent to change does not exist. Returns an error if
    /// the last admin is deactivated, or if agents try to deactivate themselves.
    pub async fn set_agent_active(&self, me: &Principal, agent: AgentId, active: bool) -> Result<(), FormError> {
        me.may(Permission::ManageAgents)?;
        if agent == me.agent && !active {
            return Err(FieldError { field: "agent", kind: FieldErrorKind::Oneself }.into());
        }
        self.require_reauthentication(me).await?;
        self.store().set_person_active(Actor::from(me), agent, active, clock::now()).await.map_err(refusal)?;
        Ok(())
    }

    /// Returns the organization's teams in their configured order.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not manage teams.
    pub async fn teams(&self, me: &Principal) -> Result<Vec<TeamRecord>, Refusal> {
        me.may(Permission::ManageTeams)?;
        self.store().teams(me.organization).await.map_err(refusal)
    }

    /// Creates a team, or updates an existing one. Its members decide who may read which chats.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not manage teams, [`Refusal::PasswordNeeded`] if their password
    /// has to be entered again, [`Refusal::NotFound`] if the team does not exist, or the invalid fields.
    pub async fn save_team(&self, me: &Principal, team: Option<TeamId>, typed: &TeamForm) -> Result<TeamId, FormError> {
        me.may(Permission::ManageTeams)?;
        let mut errors = FieldErrors::default();
        let name = errors.line("name", &typed.name, NAME_CHARS);
        errors.done()?;
        self.require_reauthentication(me).await?;
        let members = parse_ids(&typed.members)?;
        let (saved, moved) =
            self.store().save_team(Actor::from(me), team, name, members, clock::now()).await.map_err(refusal)?;
        for agent in moved {
            self.reconnect_dashboards(me.organization, agent).await;
        }
        self.broadcast_directory(me.organization).await;
        Ok(saved)
    }

    /// Moves a team up one position.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not manage teams, and [`Refusal::NotFound`] if the team does not
    /// exist.
    pub async fn move_team_up(&self, me: &Principal, team: TeamId) -> Result<(), Refusal> {
        me.may(Permission::ManageTeams)?;
        self.store().move_team_up(Actor::from(me), team, clock::now()).await.map_err(refusal)
    }
}

/// Parses a role and the maximum number of concurrent chats, and records any invalid fields.
pub(super) fn parse_role_and_limit(errors: &mut FieldErrors, role: &str, max_chats: &str) -> (Role, u32) {
    let role = errors.keep("role", Role::from_word(role).ok_or(FieldErrorKind::Missing)).unwrap_or(Role::Agent);
    let range = FieldErrorKind::OutOfRange(1, i64::from(MOST_CHATS));
    let chats = max_chats.trim().parse().ok().filter(|chats| (1..=MOST_CHATS).contains(chats)).ok_or(range);
    (role, errors.keep("max_chats", chats).unwrap_or(1))
}

/// Parses IDs. A malformed ID is treated as unknown.
pub(super) fn parse_ids<T: std::str::FromStr>(texts: &[String]) -> Result<Vec<T>, Refusal> {
    texts.iter().filter(|text| !text.is_empty()).map(|text| text.parse().map_err(|_| Refusal::NotFound)).collect()
}
