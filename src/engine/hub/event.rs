//! What the hub is told, and what follows from it.

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

/// One open socket of a tab or a dashboard; never used twice in a run.
pub(crate) type ConnectionId = u64;
/// The hash of a visitor's token.
pub(crate) type TokenHash = [u8; 32];

/// Something that happened, seen from the hub.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// A tab has come.
    Arrived(Box<Arrival>),
    /// A tab is on another page.
    Moved { connection: ConnectionId, page: Page },
    /// A tab is other than before.
    Activity { connection: ConnectionId, activity: TabActivity },
    /// A person acts in this tab: no bot.
    Acted { connection: ConnectionId },
    /// The socket of a tab is closed.
    TabGone { connection: ConnectionId },
    /// Whether it may be kept where the visit of this tab came from.
    KeepsSource { connection: ConnectionId, keeps: bool },
    /// The visitor is in the database.
    VisitorPersisted { visitor: VisitorId },
    /// The visitor is known by another name or e-mail, or by none.
    Named { visitor: VisitorId, name: Option<String> },
    /// The invitation of a visitor as the database has it.
    Invitation { visitor: VisitorId, invitation: BoardInvitation, quiet_until: Option<Millis> },
    /// The quiet of a visitor is in the database, until then.
    Quiet { visitor: VisitorId, until: Millis },
    /// The chat of a visitor as the database has it; its `link` is the hub's business.
    Chat { visitor: VisitorId, chat: BoardChat, head: Seq, last_word_at: Millis },
    /// An agent writes an invitation, or no longer.
    Composing { agent: AgentId, visit: Option<VisitId> },
    /// A dashboard has come.
    AgentArrived { agent: AgentId, connection: ConnectionId },
    /// The socket of a dashboard is closed.
    AgentGone { agent: AgentId, connection: ConnectionId },
    /// A pointer or a key moved in a dashboard.
    AgentInput { agent: AgentId },
    /// Whether an agent takes chats, as the database has it.
    Availability { agent: AgentId, availability: Availability },
    /// A visit that the database knew when the server started.
    Restored(Box<RestoredVisit>),
    /// The visitor is erased: whoever comes from his browser is somebody new.
    Erased { visitor: VisitorId },
    /// Time has passed.
    Tick,
}

/// A tab that has come.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub(crate) connection: ConnectionId,
    /// The token the tab brought.
    pub(crate) token: Option<TokenHash>,
    /// The token to give when that one says nothing.
    pub(crate) fresh_token: TokenHash,
    /// The visitor of the token, by the database.
    pub(crate) known: Option<KnownVisitor>,
    /// Names for a new visit and visitor.
    pub(crate) fresh: (VisitId, VisitorId),
    pub(crate) concierge: ConciergeId,
    pub(crate) page: Page,
    pub(crate) browser: String,
    /// Where the visit came from, should one begin.
    pub(crate) source: Source,
    /// That may be kept.
    pub(crate) keeps_source: bool,
    pub(crate) is_mobile: bool,
    pub(crate) activity: TabActivity,
    /// A bot or a driven browser: off the board until its first input.
    pub(crate) is_automated: bool,
}

/// What the database knows of a visitor.
#[derive(Clone, Debug)]
pub(crate) struct KnownVisitor {
    pub(crate) visitor: VisitorId,
    pub(crate) name: Option<String>,
    pub(crate) quiet_until: Option<Millis>,
    /// The visit that he is in by the database, and when it began: a restart of the server ends none.
    pub(crate) visit: Option<(VisitId, Millis)>,
}

/// A visit with an open invitation or a live chat, from before the start.
#[derive(Clone, Debug)]
pub(crate) struct RestoredVisit {
    pub(crate) visit: VisitId,
    pub(crate) visitor: KnownVisitor,
    pub(crate) concierge: ConciergeId,
    pub(crate) page: Page,
    pub(crate) browser: String,
    pub(crate) since: Millis,
}

/// What follows from an event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Effect {
    /// A tab has its visit.
    Admitted(AdmittedTab),
    /// The row of this visit is new or other than before.
    Changed(Box<Row>),
    /// The visit is no longer on the board.
    Gone(VisitId),
    /// The operations have something to do.
    Due { visit: VisitId, visitor: VisitorId, due: Due },
    /// An agent is other than before.
    Colleague(Colleague),
    /// The operations have something to do about an agent.
    AgentDue { agent: AgentId, due: AgentDue },
}

/// The place of a tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AdmittedTab {
    pub(crate) visit: VisitId,
    pub(crate) visitor: VisitorId,
    /// The token the tab brought was good.
    pub(crate) token_is_known: bool,
    pub(crate) persisted: bool,
    pub(crate) quiet_until: Option<Millis>,
}

/// What has come due. The operations go to the database with it; until the hub hears of the result, it is asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// The time of an invitation has run out.
    Expire { invitation: InvitationId, by: AgentId },
    /// The visitor has left before answering.
    InvitedVisitorLeft { invitation: InvitationId, by: AgentId },
    /// A visitor who denied is still in the same visit, and is left alone for longer.
    KeepQuiet(Millis),
    /// The visitor has left before anyone claimed.
    Abandon(ChatId),
    /// The chat is no longer for its inviter alone.
    Unreserve(ChatId),
    /// The agent is lost: back to the team.
    ReturnToTeam(ChatId, AgentId),
    /// Nobody has said a word for long.
    EndSilent(ChatId),
    /// The chat has waited for long; said once.
    RemindTeam(ChatId),
    /// The visitor has waited so long that he is to be offered the message form.
    OfferForm(ChatId),
    /// Whether the agent can be reached has changed; said once.
    LinkChanged { chat: ChatId, agent: AgentId, from: AgentConnectivity, to: AgentConnectivity },
    /// The visitor of a chat in progress has left; said once.
    VisitorLeft(ChatId),
    /// He has come back; said once.
    VisitorBack(ChatId),
}

/// What has come due about an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AgentDue {
    /// He takes chats, and nothing has moved in any dashboard of his for long.
    Idle,
    /// He was idle, and something moves.
    Back,
}

/// What the operations may know of a visit.
#[derive(Clone, Debug)]
pub(crate) struct VisitInfo {
    pub(crate) visit: VisitId,
    pub(crate) visitor: VisitorId,
    /// Not known after a restart until the visitor comes back; then he is remembered anyway.
    pub(crate) token: Option<TokenHash>,
    pub(crate) concierge: ConciergeId,
    /// Where one of the tabs has gone last.
    pub(crate) page: Page,
    pub(crate) browser: String,
    pub(crate) source: Arc<Source>,
    pub(crate) keeps_source: bool,
    pub(crate) since: Millis,
    pub(crate) presence: Presence,
    pub(crate) persisted: bool,
    /// The dashboards have a row of it.
    pub(crate) is_on_board: bool,
    pub(crate) quiet_until: Option<Millis>,
    pub(crate) invitation: Option<BoardInvitation>,
    pub(crate) chat: Option<BoardChat>,
    /// The tab that was asked about, when it was one.
    pub(crate) tab: Option<TabActivity>,
}

impl VisitInfo {
    /// As much of where the visit came from as may be kept.
    pub(crate) fn kept_source(&self) -> Source {
        self.source.kept(self.keeps_source)
    }
}
