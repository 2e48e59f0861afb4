//! An agent's preferences for the board: saved views, hidden columns, row height. The server stores them, so they apply
//! on every device.

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
    /// STATUS
    Status,
    /// VISITOR
    Visitor,
    /// CONCIERGE
    Concierge,
    /// TEAM
    Team,
    /// AGENT
    Agent,
    /// CURRENT PAGE
    Page,
    /// BROWSER
    Browser,
    /// TIME
    Time,
}

impl Column {
    /// Every column, in the order of the table.
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

    /// Parses the result of [`Self::slug`].
    pub fn from_slug(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.slug() == word)
    }

    /// Returns whether the column may be hidden. A row is useless without status, visitor and agent.
    pub fn may_hide(self) -> bool {
        !matches!(self, Self::Status | Self::Visitor | Self::Agent)
    }
}

/// The filters and the sort order of the board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrangement {
    /// Show only this status.
    pub status: Option<Status>,
    /// Show only visitors of this concierge.
    pub concierge: Option<ConciergeId>,
    /// Show only rows that contain this text.
    pub search: String,
    /// Sort by this column …
    pub by: Column,
    /// … in reverse order.
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
    /// The name; unique per agent.
    pub name: String,
    /// The filters and the sort order.
    pub arrangement: Arrangement,
}

/// An agent's preferences for the board.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preference {
    /// The saved views, in the agent's order.
    pub views: Vec<View>,
    /// The hidden columns.
    pub hidden: Vec<Column>,
    /// Whether rows are compact, so that more of them fit on the screen.
    pub dense: bool,
}

impl Preference {
    /// Returns the preferences in the form to store: names and searches trimmed, duplicate names removed, and no
    /// required column hidden.
    ///
    /// # Errors
    /// `Empty` for a view without a name. `TooLong` for a name, a search, or the list of views.
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
        // The last view with a name replaces earlier ones.
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
