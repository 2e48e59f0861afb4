//! Agents and teams as managed by an admin.

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

/// The highest limit of concurrent chats that can be set.
pub(super) const MOST_CHATS: u32 = 50;

/// The form in which an admin edits an agent, as entered.
#[derive(Clone, Debug, Default)]
pub struct AgentForm {
    /// First and last name.
    pub name: String,
    /// The identifier of a role.
    pub role: String,
    /// The maximum number of concurrent chats.
    pub max_chats: String,
    /// The ids of teams.
    pub teams: Vec<String>,
}

/// The form in which an admin edits a team, as entered.
#[derive(Clone, Debug, Default)]
pub struct TeamForm {
    /// The team's name.
    pub name: String,
    /// The ids of agents.
    pub members: Vec<String>,
}

impl Engine {
    /// Returns every agent of the organization.
    ///
    /// # Errors
    /// `Forbidden`.
    pub async fn people(&self, me: &Principal) -> Result<Vec<PersonRecord>, Refusal> {
        me.may(Permission::ManageAgents)?;
        self.store().people(me.organization).await.map_err(refusal)
    }

    /// Returns one agent of the organization.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound`.
    pub async fn person(&self, me: &Principal, agent: AgentId) -> Result<PersonRecord, Refusal> {
        me.may(Permission::ManageAgents)?;
        self.store().person(me.organization, agent).await.map_err(refusal)?.ok_or(Refusal::NotFound)
    }

    /// Changes an agent. If the role or the teams change, the agent's dashboards reconnect.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound`, and invalid fields.
    pub async fn change_agent(&self, me: &Principal, agent: AgentId, typed: &AgentForm) -> Result<(), FormError> {
        me.may(Permission::ManageAgents)?;
        let mut errors = FieldErrors::default();
        let name = errors.line("name", &typed.name, NAME_CHARS);
        let (role, max_chats) = parse_role_and_limit(&mut errors, &typed.role, &typed.max_chats);
        errors.done()?;
        let to = PersonSettings { name, role, max_chats, teams: parse_ids(&typed.teams)? };
        let rights_changed =
            self.store().change_person(Actor::from(me), agent, to, clock::now()).await.map_err(refusal)?;
        if rights_changed {
            self.reconnect_dashboards(me.organization, agent).await;
        }
        self.broadcast_directory(me.organization).await;
        Ok(())
    }

    /// Activates or deactivates an agent. Deactivating closes all of the agent's sockets.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound`; the last admin and oneself cannot be deactivated.
    pub async fn set_agent_active(&self, me: &Principal, agent: AgentId, active: bool) -> Result<(), FormError> {
        me.may(Permission::ManageAgents)?;
        if agent == me.agent && !active {
            return Err(FieldError { field: "agent", kind: FieldErrorKind::Oneself }.into());
        }
        self.store().set_person_active(Actor::from(me), agent, active, clock::now()).await.map_err(refusal)?;
        Ok(())
    }

    /// Returns the teams of the organization in their configured order.
    ///
    /// # Errors
    /// `Forbidden`.
    pub async fn teams(&self, me: &Principal) -> Result<Vec<TeamRecord>, Refusal> {
        me.may(Permission::ManageTeams)?;
        self.store().teams(me.organization).await.map_err(refusal)
    }

    /// Adds a team, or changes an existing one. The dashboards of its new and former members reconnect.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound`, and invalid fields.
    pub async fn save_team(&self, me: &Principal, team: Option<TeamId>, typed: &TeamForm) -> Result<TeamId, FormError> {
        me.may(Permission::ManageTeams)?;
        let mut errors = FieldErrors::default();
        let name = errors.line("name", &typed.name, NAME_CHARS);
        errors.done()?;
        let members = parse_ids(&typed.members)?;
        let (saved, moved) =
            self.store().save_team(Actor::from(me), team, name, members, clock::now()).await.map_err(refusal)?;
        for agent in moved {
            self.reconnect_dashboards(me.organization, agent).await;
        }
        self.broadcast_directory(me.organization).await;
        Ok(saved)
    }

    /// Moves a team up by one position.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound`.
    pub async fn move_team_up(&self, me: &Principal, team: TeamId) -> Result<(), Refusal> {
        me.may(Permission::ManageTeams)?;
        self.store().move_team_up(Actor::from(me), team, clock::now()).await.map_err(refusal)
    }
}

/// Parses a role and the maximum number of concurrent chats, and records invalid fields.
pub(super) fn parse_role_and_limit(errors: &mut FieldErrors, role: &str, max_chats: &str) -> (Role, u32) {
    let role = errors.keep("role", Role::from_word(role).ok_or(FieldErrorKind::Missing)).unwrap_or(Role::Agent);
    let range = FieldErrorKind::OutOfRange(1, i64::from(MOST_CHATS));
    let chats = max_chats.trim().parse().ok().filter(|chats| (1..=MOST_CHATS).contains(chats)).ok_or(range);
    (role, errors.keep("max_chats", chats).unwrap_or(1))
}

/// Parses ids. An invalid id is treated as unknown.
pub(super) fn parse_ids<T: std::str::FromStr>(texts: &[String]) -> Result<Vec<T>, Refusal> {
    texts.iter().filter(|text| !text.is_empty()).map(|text| text.parse().map_err(|_| Refusal::NotFound)).collect()
}
