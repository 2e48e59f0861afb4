//! Filters and sorts the board's rows. All functions are pure and take the current time as an argument.

use protocol::{
    Millis,
    agent::Directory,
    board::Row,
    chat::ChatState,
    id::{AgentId, ConciergeId, TeamId, VisitId},
    status::Status,
};

pub use protocol::preferences::{Arrangement, Column};

use super::i18n;

/// Looks up the names for a row's IDs.
pub trait NameLookup {
    /// Returns an agent's name.
    fn agent(&self, id: AgentId) -> String;
    /// Returns a team's name.
    fn team(&self, id: TeamId) -> String;
    /// Returns a concierge's name.
    fn concierge(&self, id: ConciergeId) -> String;
}

impl NameLookup for Directory {
    fn agent(&self, id: AgentId) -> String {
        self.agents
            .iter()
            .find(|agent| agent.id == id)
            .map_or_else(|| i18n::an_agent().into(), |agent| agent.name.clone())
    }

    fn team(&self, id: TeamId) -> String {
        self.teams.iter().find(|team| team.id == id).map(|team| team.name.clone()).unwrap_or_default()
    }

    fn concierge(&self, id: ConciergeId) -> String {
        self.concierges.iter().find(|one| one.id == id).map(|one| one.name.clone()).unwrap_or_default()
    }
}

/// Returns a status's sort position, where waiting visitors come first.
pub fn urgency(status: Status) -> usize {
    Status::ALL.iter().position(|one| *one == status).unwrap_or(Status::ALL.len())
}

/// Returns the agent to show in the AGENT column, if any.
pub fn agent_of(row: &Row) -> Option<AgentId> {
    let chat = row.chat.as_ref().filter(|chat| chat.state.is_live());
    let invitation = row.invitation.as_ref().filter(|invitation| invitation.state.is_open());
    match (chat, invitation) {
        (Some(chat), _) => chat.agent.or(chat.reserved_for),
        (None, Some(invitation)) => Some(invitation.by),
        (None, None) => None,
    }
}

/// Returns the visitor's name, or the default name if they don't have one.
pub fn visitor_name(name: Option<&str>) -> &str {
    name.filter(|name| !name.trim().is_empty()).unwrap_or(i18n::concierge_visitor())
}

/// Counts the rows with each status, in the order of [`urgency`].
pub fn counts<'a>(rows: impl Iterator<Item = &'a Row>, now: Millis) -> [usize; 7] {
    let mut counts = [0; 7];
    for row in rows {
        counts[urgency(row.status(now))] += 1;
    }
    counts
}

/// Returns the visits to display, in order. Rows with the same status are sorted by waiting time, longest first.
pub fn arrange<'a>(
    rows: impl Iterator<Item = &'a Row>,
    arrangement: &Arrangement,
    names: &impl NameLookup,
    now: Millis,
) -> Vec<VisitId> {
    let search = arrangement.search.trim().to_lowercase();
    let shown = rows.filter(|row| {
        arrangement.status.is_none_or(|status| row.status(now) == status)
            && arrangement.concierge.is_none_or(|concierge| row.concierge == concierge)
    });
    let mut shown: Vec<&Row> = shown.filter(|row| search.is_empty() || matches_search(row, &search, names)).collect();
    match arrangement.by {
        Column::Status => shown.sort_by_cached_key(|row| (urgency(row.status(now)), waits_since(row), row.visit)),
        Column::Time => shown.sort_by_key(|row| (row.since - row.left_at.unwrap_or(now), row.visit)),
        by => shown.sort_by_cached_key(|row| {
            let text = text(row, by, names).to_lowercase();
            (text.is_empty(), text, row.since, row.visit)
        }),
    }
    if arrangement.reversed {
        shown.reverse();
    }
    shown.into_iter().map(|row| row.visit).collect()
}

/// Returns the order to use while rows must not move: existing rows stay in place, and new ones are appended.
pub fn stable_order(before: &[VisitId], arranged: &[VisitId]) -> Vec<VisitId> {
    let known: std::collections::HashSet<VisitId> = before.iter().copied().collect();
    before.iter().chain(arranged.iter().filter(|visit| !known.contains(visit))).copied().collect()
}

fn waits_since(row: &Row) -> Millis {
    match &row.chat {
        Some(chat) if chat.state == ChatState::Unclaimed => chat.since,
        _ => row.since,
    }
}

fn text(row: &Row, column: Column, names: &impl NameLookup) -> String {
    match column {
        Column::Visitor => visitor_name(row.name.as_deref()).to_owned(),
        Column::Concierge => names.concierge(row.concierge),
        Column::Team => team_of(row).map(|team| names.team(team)).unwrap_or_default(),
        Column::Agent => agent_of(row).map(|agent| names.agent(agent)).unwrap_or_default(),
        Column::Page => format!("{} {}", row.page.title, row.page.path()),
        Column::Browser => row.browser.clone(),
        Column::Status | Column::Time => String::new(),
    }
}

/// Returns the team responsible for the visit's live chat, if any.
pub fn team_of(row: &Row) -> Option<TeamId> {
    row.chat.as_ref().filter(|chat| chat.state.is_live()).and_then(|chat| chat.team)
}

fn matches_search(row: &Row, search: &str, names: &impl NameLookup) -> bool {
    let columns = [Column::Visitor, Column::Page, Column::Agent, Column::Browser, Column::Team, Column::Concierge];
    columns.into_iter().any(|column| text(row, column, names).to_lowercase().contains(search))
}

#[cfg(test)]
mod tests;
