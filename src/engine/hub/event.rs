//! The events that the hub handles, and their effects.

use std::sync::Arc;

use protocol::{
    Millis,
    availability::{Availability, Colleague},
    board::Row,
    chat::{AgentConnectivity, BoardChat, Seq},
    id::{AgentId, ChatId, ConciergeId, InvitationId, VisitId, VisitorId},
    invitation::BoardInvitation,
    page::{Page, PageView},
    presence::{Presence, TabActivity},
};

use crate::{limits::Network, traffic_source::Source};

/// Identifies an open socket of a tab or dashboard. IDs are never reused while the server is running.
pub(crate) type ConnectionId = u64;
/// The hash of a visitor's token.
pub(crate) type TokenHash = [u8; 32];

/// An input to the hub.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// A tab connected.
    Arrived(Box<Arrival>),
    /// A tab navigated to another page.
    Moved { connection: ConnectionId, page: Page },
    /// A tab's activity changed.
    Activity { connection: ConnectionId, activity: TabActivity },
    /// The visitor did something in this tab, so they are not a bot.
    Acted { connection: ConnectionId },
    /// A tab's socket closed.
    TabGone { connection: ConnectionId },
    /// Permission to store the traffic source of this tab's visit was granted or withdrawn.
    KeepsSource { connection: ConnectionId, keeps: bool },
    /// The visitor was stored in the database.
    VisitorPersisted { visitor: VisitorId },
    /// The name or email address shown for the visitor was changed or removed.
    Named { visitor: VisitorId, name: Option<String> },
    /// The visitor's invitation, as stored in the database.
    Invitation { visitor: VisitorId, invitation: BoardInvitation, quiet_until: Option<Millis> },
    /// The visitor's quiet period was stored and ends at `until`.
    Quiet { visitor: VisitorId, until: Millis },
    /// The visitor's chat, as stored in the database, except for its `link`, which the hub maintains.
    Chat { visitor: VisitorId, chat: BoardChat, head: Seq, last_word_at: Millis },
    /// An agent started or stopped writing an invitation.
    Composing { agent: AgentId, visit: Option<VisitId> },
    /// A dashboard connected.
    AgentArrived { agent: AgentId, connection: ConnectionId },
    /// A dashboard's socket closed.
    AgentGone { agent: AgentId, connection: ConnectionId },
    /// A dashboard received pointer or keyboard input.
    AgentInput { agent: AgentId },
    /// Whether an agent is accepting chats, as stored in the database.
    Availability { agent: AgentId, availability: Availability },
    /// A visit was loaded from the database on startup.
    Restored(Box<RestoredVisit>),
    /// The visitor's data was deleted. From now on, the same browser counts as a new visitor.
    Erased { visitor: VisitorId },
    /// Time has passed.
    Tick,
}

/// A newly connected tab.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub(crate) connection: ConnectionId,
    /// The token presented by the tab.
    pub(crate) token: Option<TokenHash>,
    /// The token to issue if the presented one is unknown.
    pub(crate) fresh_token: TokenHash,
    /// The visitor stored in the database under that token.
    pub(crate) known: Option<KnownVisitor>,
    /// The IDs to use for a new visit and a new visitor.
    pub(crate) fresh: (VisitId, VisitorId),
    pub(crate) concierge: ConciergeId,
    pub(crate) page: Page,
    pub(crate) browser: String,
    /// The traffic source, which is used if this starts a new visit.
    pub(crate) source: Source,
    /// Whether the traffic source may be stored.
    pub(crate) keeps_source: bool,
    pub(crate) is_mobile: bool,
    pub(crate) activity: TabActivity,
    /// Whether this is a bot or an automated browser. If so, it is hidden from the board until its first input.
    pub(crate) is_automated: bool,
    /// The client's network, if it is subject to limits.
    pub(crate) network: Option<Network>,
}

/// A page view to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TakenPageView {
    pub(crate) visit: VisitId,
    /// The network of the visit's last tab, if it is subject to limits.
    pub(crate) network: Option<Network>,
    pub(crate) view: PageView,
}

/// The data stored about a visitor.
#[derive(Clone, Debug)]
pub(crate) struct KnownVisitor {
    pub(crate) visitor: VisitorId,
    pub(crate) name: Option<String>,
    pub(crate) quiet_until: Option<Millis>,
    /// The visitor's current visit and its start time. A server restart does not end a visit.
    pub(crate) visit: Option<(VisitId, Millis)>,
}

/// A visit that started before the server did and has an open invitation or a live chat.
#[derive(Clone, Debug)]
pub(crate) struct RestoredVisit {
    pub(crate) visit: VisitId,
    pub(crate) visitor: KnownVisitor,
    pub(crate) concierge: ConciergeId,
    pub(crate) page: Page,
    pub(crate) browser: String,
    pub(crate) since: Millis,
}

/// An effect of an event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Effect {
    /// A tab was assigned to a visit.
    Admitted(AdmittedTab),
    /// The visit's row was added or changed.
    Changed(Box<Row>),
    /// The visit is no longer shown on the board.
    Gone(VisitId),
    /// The operations have work to do for a visitor.
    Due { visit: VisitId, visitor: VisitorId, due: Due },
    /// An agent's state, as shown to their colleagues, changed.
    Colleague(Colleague),
    /// The operations have work to do for an agent.
    AgentDue { agent: AgentId, due: AgentDue },
}

/// The visit that a tab was assigned to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AdmittedTab {
    pub(crate) visit: VisitId,
    pub(crate) visitor: VisitorId,
    /// Whether the token presented by the tab was known.
    pub(crate) token_is_known: bool,
    pub(crate) persisted: bool,
    pub(crate) quiet_until: Option<Millis>,
}

/// Work that is due. The operations carry it out in the database. The hub repeats the request until it receives the
/// result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// The invitation has expired.
    Expire { invitation: InvitationId, by: AgentId },
    /// The visitor left before answering.
    InvitedVisitorLeft { invitation: InvitationId, by: AgentId },
    /// A visitor who denied an invitation is still in the same visit, so their quiet period is extended.
    KeepQuiet(Millis),
    /// The visitor left before any agent claimed the chat.
    Abandon(ChatId),
    /// The chat is no longer reserved for the agent who sent the invitation.
    Unreserve(ChatId),
    /// The agent has been gone for too long, so the chat returns to the team.
    ReturnToTeam(ChatId, AgentId),
    /// No one has written for a long time, so the chat ends.
    EndSilent(ChatId),
    /// The chat has been waiting for a long time. Reported once.
    RemindTeam(ChatId),
    /// The visitor has waited long enough to be offered the message form.
    OfferForm(ChatId),
    /// The agent's connectivity changed. Reported once.
    LinkChanged { chat: ChatId, agent: AgentId, from: AgentConnectivity, to: AgentConnectivity },
    /// The visitor left while the chat was in progress. Reported once.
    VisitorLeft(ChatId),
    /// The visitor returned. Reported once.
    VisitorBack(ChatId),
}

/// Work that is due for an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AgentDue {
    /// The agent is accepting chats, but none of their dashboards has received input for a long time.
    Idle,
    /// The agent was idle and is active again.
    Back,
}

/// The information about a visit that the operations need.
#[derive(Clone, Debug)]
pub(crate) struct VisitInfo {
    pub(crate) visit: VisitId,
    pub(crate) visitor: VisitorId,
    /// Unknown after a restart until the visitor reconnects. Restored visitors are always persisted.
    pub(crate) token: Option<TokenHash>,
    pub(crate) concierge: ConciergeId,
    /// The page that was opened last in any of the visit's tabs.
    pub(crate) page: Page,
    pub(crate) browser: String,
    pub(crate) source: Arc<Source>,
    pub(crate) keeps_source: bool,
    pub(crate) since: Millis,
    pub(crate) presence: Presence,
    pub(crate) persisted: bool,
    /// Whether the dashboards show a row for the visit.
    pub(crate) is_on_board: bool,
    pub(crate) quiet_until: Option<Millis>,
    pub(crate) invitation: Option<BoardInvitation>,
    pub(crate) chat: Option<BoardChat>,
    /// The tab's activity, if the visit was looked up by tab.
    pub(crate) tab: Option<TabActivity>,
}

impl VisitInfo {
    /// Returns the part of the traffic source that may be stored.
    pub(crate) fn kept_source(&self) -> Source {
        self.source.kept(self.keeps_source)
    }
}
