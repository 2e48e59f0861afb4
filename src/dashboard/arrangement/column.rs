//! The columns of the table.

/// A column of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// In the order of the table.
    pub const ALL: [Self; 8] =
        [Self::Status, Self::Visitor, Self::Concierge, Self::Team, Self::Agent, Self::Page, Self::Browser, Self::Time];

    /// Its class in CSS.
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
}
