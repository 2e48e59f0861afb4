//! The hub's inputs and their effects.

use std::sync::Arc;

use protocol::{
    Millis,
    availability::{Availability, Colleague},
    board::Row,
    chat::{AgentConnectivity, BoardChat, Seq},
    id::{AgentId, ChatId, ConciergeId, InvitationId, VisitId, VisitorId},
    invitation::BoardInvitation,
    page::Page,
    presence::{Presence, TabActivity},
};

use crate::traffic_source::Source;

/// One open socket of a tab or a dashboard. Never reused while the server runs.
pub(crate) type ConnectionId = u64;
/// The hash of a visitor's token.
pub(crate) type TokenHash = [u8; 32];

/// An input of the hub.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// A tab has connected.
    Arrived(Box<Arrival>),
    /// A tab shows another page.
    Moved { connection: ConnectionId, page: Page },
    /// The activity of a tab has changed.
    Activity { connection: ConnectionId, activity: TabActivity },
    /// A person has acted in this tab, so it is not a bot.
    Acted { connection: ConnectionId },
    /// The socket of a tab has closed.
    TabGone { connection: ConnectionId },
    /// Whether the traffic source of this tab's visit may be stored.
    KeepsSource { connection: ConnectionId, keeps: bool },
    /// The visitor is now in the database.
    VisitorPersisted { visitor: VisitorId },
    /// The name or e-mail address by which the visitor is shown has changed or was removed.
    Named { visitor: VisitorId, name: Option<String> },
    /// The visitor's invitation as stored.
    Invitation { visitor: VisitorId, invitation: BoardInvitation, quiet_until: Option<Millis> },
    /// The visitor's quiet period is stored and ends at `until`.
    Quiet { visitor: VisitorId, until: Millis },
    /// The visitor's chat as stored, except its `link`, which the hub maintains.
    Chat { visitor: VisitorId, chat: BoardChat, head: Seq, last_word_at: Millis },
    /// An agent has started or stopped writing an invitation.
    Composing { agent: AgentId, visit: Option<VisitId> },
    /// A dashboard has connected.
    AgentArrived { agent: AgentId, connection: ConnectionId },
    /// The socket of a dashboard has closed.
    AgentGone { agent: AgentId, connection: ConnectionId },
    /// There was pointer or keyboard input in a dashboard.
    AgentInput { agent: AgentId },
    /// Whether an agent takes chats, as stored.
    Availability { agent: AgentId, availability: Availability },
    /// A visit loaded from the database when the server started.
    Restored(Box<RestoredVisit>),
    /// The visitor was erased; the same browser is a new visitor from now on.
    Erased { visitor: VisitorId },
    /// Time has passed.
    Tick,
}

/// A tab that connects.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub(crate) connection: ConnectionId,
    /// The token that the tab presented.
    pub(crate) token: Option<TokenHash>,
    /// The token to issue if the presented one is unknown.
    pub(crate) fresh_token: TokenHash,
    /// The visitor whom the database knows by that token.
    pub(crate) known: Option<KnownVisitor>,
    /// Ids for a new visit and a new visitor.
    pub(crate) fresh: (VisitId, VisitorId),
    pub(crate) concierge: ConciergeId,
    pub(crate) page: Page,
    pub(crate) browser: String,
    /// The traffic source, used if a new visit begins.
    pub(crate) source: Source,
    /// The traffic source may be stored.
    pub(crate) keeps_source: bool,
    pub(crate) is_mobile: bool,
    pub(crate) activity: TabActivity,
    /// A bot or an automated browser: hidden from the board until its first input.
    pub(crate) is_automated: bool,
}

/// What the database contains about a visitor.
#[derive(Clone, Debug)]
pub(crate) struct KnownVisitor {
    pub(crate) visitor: VisitorId,
    pub(crate) name: Option<String>,
    pub(crate) quiet_until: Option<Millis>,
    /// The visitor's current visit and when it began; a server restart does not end a visit.
    pub(crate) visit: Option<(VisitId, Millis)>,
}

/// A visit with an open invitation or a live chat that began before the server started.
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
    /// A tab was assigned to its visit.
    Admitted(AdmittedTab),
    /// The row of this visit is new or has changed.
    Changed(Box<Row>),
    /// The visit is no longer on the board.
    Gone(VisitId),
    /// The operations have work to do.
    Due { visit: VisitId, visitor: VisitorId, due: Due },
    /// What colleagues see of an agent has changed.
    Colleague(Colleague),
    /// The operations have work to do for an agent.
    AgentDue { agent: AgentId, due: AgentDue },
}

/// The visit to which a tab was assigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AdmittedTab {
    pub(crate) visit: VisitId,
    pub(crate) visitor: VisitorId,
    /// The token that the tab presented was known.
    pub(crate) token_is_known: bool,
    pub(crate) persisted: bool,
    pub(crate) quiet_until: Option<Millis>,
}

/// Work that is due. The operations carry it out in the database; until the hub receives the result, it asks again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// The invitation has expired.
    Expire { invitation: InvitationId, by: AgentId },
    /// The visitor left before answering.
    InvitedVisitorLeft { invitation: InvitationId, by: AgentId },
    /// A visitor who denied is still in the same visit, so their quiet period is extended.
    KeepQuiet(Millis),
    /// The visitor left before an agent claimed the chat.
    Abandon(ChatId),
    /// The chat is no longer reserved for the agent who invited the visitor.
    Unreserve(ChatId),
    /// The agent is lost, so the chat returns to the team.
    ReturnToTeam(ChatId, AgentId),
    /// Nobody has written for a long time.
    EndSilent(ChatId),
    /// The chat has been waiting for a long time. Reported once.
    RemindTeam(ChatId),
    /// The visitor has waited long enough to be offered the message form.
    OfferForm(ChatId),
    /// The agent's connectivity has changed. Reported once.
    LinkChanged { chat: ChatId, agent: AgentId, from: AgentConnectivity, to: AgentConnectivity },
    /// The visitor of a chat in progress has left. Reported once.
    VisitorLeft(ChatId),
    /// The visitor has returned. Reported once.
    VisitorBack(ChatId),
}

/// Work that is due for an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AgentDue {
    /// The agent takes chats, but has given no input in any dashboard for a long time.
    Idle,
    /// The agent was idle and has given input again.
    Back,
}

/// What the operations need to know about a visit.
#[derive(Clone, Debug)]
pub(crate) struct VisitInfo {
    pub(crate) visit: VisitId,
    pub(crate) visitor: VisitorId,
    /// Unknown after a restart until the visitor reconnects; restored visitors are persisted in any case.
    pub(crate) token: Option<TokenHash>,
    pub(crate) concierge: ConciergeId,
    /// The page that a tab of the visit opened last.
    pub(crate) page: Page,
    pub(crate) browser: String,
    pub(crate) source: Arc<Source>,
    pub(crate) keeps_source: bool,
    pub(crate) since: Millis,
    pub(crate) presence: Presence,
    pub(crate) persisted: bool,
    /// The dashboards show a row for the visit.
    pub(crate) is_on_board: bool,
    pub(crate) quiet_until: Option<Millis>,
    pub(crate) invitation: Option<BoardInvitation>,
    pub(crate) chat: Option<BoardChat>,
    /// The activity of the tab, if the visit was requested by a tab.
    pub(crate) tab: Option<TabActivity>,
}

impl VisitInfo {
    /// Returns the part of the traffic source that may be stored.
    pub(crate) fn kept_source(&self) -> Source {
        self.source.kept(self.keeps_source)
    }
}
