//! An agent's preferences for the board: saved views, hidden columns, and row height. They are stored on the server, so
//! they apply on all of the agent's devices.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{
    id::ConciergeId,
    limits::{VIEW_NAME_CHARS, VIEWS},
    refusal::Refusal,
    status::Status,
};

/// A column of the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Column {
    /// The STATUS column.
    Status,
    /// The VISITOR column.
    Visitor,
    /// The CONCIERGE column.
    Concierge,
    /// The TEAM column.
    Team,
    /// The AGENT column.
    Agent,
    /// The CURRENT PAGE column.
    Page,
    /// The BROWSER column.
    Browser,
    /// The TIME column.
    Time,
}

impl Column {
    /// Every column, in the order in which they appear in the table.
    pub const ALL: [Self; 8] =
        [Self::Status, Self::Visitor, Self::Concierge, Self::Team, Self::Agent, Self::Page, Self::Browser, Self::Time];

    /// Returns the column's CSS class, which is also its name in the database.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Status => "status-column",
            Self::Visitor => "visitor-column",
            Self::Concierge => "concierge-column",
            Self::Team => "team-column",
            Self::Agent => "agent-column",
            Self::Page => "page-column",
            Self::Browser => "browser-column",
            Self::Time => "time-column",
        }
    }

    /// Parses a name returned by [`Self::slug`].
    pub fn from_slug(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.slug() == word)
    }

    /// Returns whether the column may be hidden. Without the status, visitor, and agent, a row would be useless.
    pub fn may_hide(self) -> bool {
        !matches!(self, Self::Status | Self::Visitor | Self::Agent)
    }
}

/// The board's filters and sort order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrangement {
    /// Only show visitors with this status.
    pub status: Option<Status>,
    /// Only show this concierge's visitors.
    pub concierge: Option<ConciergeId>,
    /// Only show rows that contain this text.
    pub search: String,
    /// The column to sort by.
    pub by: Column,
    /// Whether the sort order is reversed.
    pub reversed: bool,
}

impl Default for Arrangement {
    fn default() -> Self {
        Self { status: None, concierge: None, search: String::new(), by: Column::Status, reversed: false }
    }
}

/// A saved view of the board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// The view's name. Unique per agent.
    pub name: String,
    /// The view's filters and sort order.
    pub arrangement: Arrangement,
}

/// An agent's preferences for the board.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preference {
    /// The saved views, in the agent's order.
    pub views: Vec<View>,
    /// The hidden columns.
    pub hidden: Vec<Column>,
    /// Whether rows are compact so that more of them fit on the screen.
    pub dense: bool,
}

impl Preference {
    /// Validates and normalizes the preferences before they are stored. Trims names and searches, removes views with
    /// duplicate names, and unhides required columns.
    ///
    /// # Errors
    /// Returns `Empty` if a view has no name. Returns `TooLong` if there are too many views, or if a name or search is
    /// too long.
    pub fn checked(mut self) -> Result<Self, Refusal> {
        if self.views.len() > VIEWS {
            return Err(Refusal::TooLong { limit: VIEWS as u32 });
        }
        for view in &mut self.views {
            view.name = view.name.trim().into();
            view.arrangement.search = view.arrangement.search.trim().into();
            if view.name.is_empty() {
                return Err(Refusal::Empty);
            }
            if view.name.chars().count().max(view.arrangement.search.chars().count()) > VIEW_NAME_CHARS {
                return Err(Refusal::TooLong { limit: VIEW_NAME_CHARS as u32 });
            }
        }
        // If several views have the same name, the last one wins.
        for at in (0..self.views.len()).rev() {
            if self.views[at + 1..].iter().any(|later| later.name == self.views[at].name) {
                self.views.remove(at);
            }
        }
        self.hidden =
            Column::ALL.into_iter().filter(|column| column.may_hide() && self.hidden.contains(column)).collect();
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    fn view(name: &str) -> View {
        View { name: name.to_string(), arrangement: Arrangement::default() }
    }

    fn checked(views: Vec<View>) -> Result<Vec<View>, Refusal> {
        Preference { views, ..Preference::default() }.checked().map(|preference| preference.views)
    }

    #[test]
    fn required_columns_cannot_be_hidden() {
        let all = Preference { hidden: Column::ALL.into_iter().rev().collect(), ..Preference::default() };
        let kept = [Column::Concierge, Column::Team, Column::Page, Column::Browser, Column::Time];
        assert_eq!(all.checked().unwrap().hidden, kept);
        assert!(Column::ALL.into_iter().all(|column| Column::from_slug(column.slug()) == Some(column)));
    }

    #[test]
    fn view_names_are_unique_and_not_empty() {
        assert_eq!(checked(vec![view(" Sales "), view("Late")]), Ok(vec![view("Sales"), view("Late")]));
        let (mut again, other) = (view("Sales"), view("Late"));
        again.arrangement.reversed = true;
        assert_eq!(checked(vec![view("Sales"), other.clone(), again.clone()]), Ok(vec![other, again]));
        assert_eq!(checked(vec![view("  ")]), Err(Refusal::Empty));
        assert_eq!(checked(vec![view(&"x".repeat(61))]), Err(Refusal::TooLong { limit: 60 }));
        let many = (0..21).map(|number| view(&number.to_string())).collect();
        assert_eq!(checked(many), Err(Refusal::TooLong { limit: 20 }));
    }
}
