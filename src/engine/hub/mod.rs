//! The hub, which holds the live state of one organization. A single task owns the [`state::State`]; all other code
//! holds a [`Hub`] handle and sends requests to it. The hub contains no SQL and never awaits while it uses its state.

pub(crate) mod event;

mod agents;
mod timers;
mod visit;

mod arrivals;
mod queries;
pub(crate) mod state;

pub(crate) mod board_batches;
mod broadcast;
mod observers;
mod task;

#[cfg(test)]
mod tests;

use std::{collections::VecDeque, sync::Arc};

use bytes::Bytes;
use protocol::{
    Millis,
    agent::{AgentCard, ToAgent},
    availability::Colleague,
    board::Snapshot,
    chat::Entry,
    close_reason::CloseReason,
    codec,
    id::{AgentId, ChatId, OrganizationId, VisitId, VisitorId},
    note::Note,
    page::PageView,
    visitor::ToVisitor,
};
use tokio::sync::{mpsc, oneshot};

use crate::{
    outbound_queue::OutboundQueue,
    read_scope::ReadScope,
    settings::{Timers, VisitLimits},
    store::ChatRecord,
};
use event::{AdmittedTab, AgentDue, Arrival, ConnectionId, Due, Event, TakenPageView, VisitInfo};

/// How many requests can be queued before senders have to wait.
const REQUEST_CAPACITY: usize = 4_096;

/// Work for the operations, along with the organization it belongs to.
pub(crate) type DueItem = (OrganizationId, DueSubject);

/// The visitor or agent that due work is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum DueSubject {
    Visitor(VisitorId, Due),
    Agent(AgentId, AgentDue),
}

/// Identifies a visit.
#[derive(Clone, Copy, Debug)]
pub(crate) enum VisitKey {
    Visit(VisitId),
    Visitor(VisitorId),
    Chat(ChatId),
    /// The visit that this tab belongs to.
    Connection(ConnectionId),
}

/// A newly connected dashboard.
pub(crate) struct Dashboard {
    pub(crate) connection: ConnectionId,
    pub(crate) agent: AgentId,
    /// The chats that the agent may read.
    pub(crate) scope: ReadScope,
    pub(crate) queue: Arc<OutboundQueue>,
    pub(crate) resume: Option<(u64, u64)>,
}

/// The recipients of a notice.
#[derive(Clone, Debug, Default)]
pub(crate) struct Team {
    /// The notice goes to the connected members, or to everyone if none of them is connected. If this is `None`, the
    /// notice goes to everyone.
    pub(crate) members: Option<Vec<AgentId>>,
    /// An agent to skip because they are notified separately.
    pub(crate) except: Option<AgentId>,
    /// Whether the notice announces a waiting chat. If so, agents who are away are skipped.
    pub(crate) only_available: bool,
}

/// The number of visitors and chats on a board.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BoardCounts {
    /// The number of visitors on the board.
    pub visitors: u64,
    /// The number of chats that are waiting for an agent.
    pub unclaimed: u64,
    /// The number of chats that are with an agent.
    pub in_progress: u64,
}

/// A chat's stored state, for everyone who can see the chat.
pub(crate) struct ChatUpdate {
    pub(crate) chat: ChatRecord,
    /// The entries that are new.
    pub(crate) entries: Vec<Entry>,
    /// The agent who is in the chat or expected to join it, as shown to the visitor.
    pub(crate) card: Option<AgentCard>,
}

pub(crate) enum HubRequest {
    Apply(Event),
    Arrive {
        arrival: Box<Arrival>,
        queue: Arc<OutboundQueue>,
        reply: oneshot::Sender<AdmittedTab>,
    },
    Leave(ConnectionId),
    Dashboard(Dashboard),
    DashboardGone(ConnectionId),
    /// A dashboard has fallen behind. It has the board up to the batch `after`, or no board.
    Resync {
        connection: ConnectionId,
        after: Option<u64>,
    },
    Heartbeat(ConnectionId),
    Open {
        connection: ConnectionId,
        chat: ChatId,
    },
    Close {
        connection: ConnectionId,
        chat: ChatId,
    },
    Note {
        chat: ChatId,
        agent: Option<AgentId>,
        note: Note,
    },
    Chat(Box<ChatUpdate>),
    NotifyVisitor {
        visitor: VisitorId,
        frame: Bytes,
    },
    NotifyAgent {
        agent: AgentId,
        frame: Bytes,
    },
    WelcomeAgent {
        agent: AgentId,
        pieces: Vec<Bytes>,
    },
    NotifyTeam {
        team: Team,
        frame: Bytes,
    },
    TypingToVisitor(VisitorId),
    TypingToAgent {
        agent: AgentId,
        chat: ChatId,
    },
    Colleagues(oneshot::Sender<Vec<Colleague>>),
    Snapshot(oneshot::Sender<Snapshot>),
    VisitInfo {
        of: VisitKey,
        reply: oneshot::Sender<Option<VisitInfo>>,
    },
    PageViews {
        visit: VisitId,
        reply: oneshot::Sender<Option<VecDeque<PageView>>>,
    },
    Count(oneshot::Sender<BoardCounts>),
    TakePageViews(oneshot::Sender<Vec<TakenPageView>>),
    Erase {
        visitor: VisitorId,
        close_reason: CloseReason,
    },
    CloseAgent {
        agent: AgentId,
        close_reason: CloseReason,
    },
    CloseAll {
        close_reason: CloseReason,
        reply: oneshot::Sender<()>,
    },
}

/// A handle to an organization's hub.
#[derive(Clone)]
pub(crate) struct Hub {
    requests: mpsc::Sender<HubRequest>,
}

impl Hub {
    /// Starts a hub. Due work is sent to `dues`; that channel is unbounded, but holds about one item per visit at most.
    pub(crate) fn open(
        organization: OrganizationId,
        timers: Timers,
        limits: VisitLimits,
        dues: mpsc::UnboundedSender<DueItem>,
    ) -> Self {
        let (requests, waiting) = mpsc::channel(REQUEST_CAPACITY);
        tokio::spawn(task::HubTask::new(organization, timers, limits, dues).run(waiting));
        Self { requests }
    }

    async fn ask(&self, ask: HubRequest) {
        // Sending cannot fail: the hub stops only when its last handle is dropped.
        let _ = self.requests.send(ask).await;
    }

    pub(crate) async fn apply(&self, event: Event) {
        self.ask(HubRequest::Apply(event)).await;
    }

    pub(crate) async fn arrive(&self, arrival: Arrival, queue: Arc<OutboundQueue>) -> Option<AdmittedTab> {
        let (reply, answer) = oneshot::channel();
        self.ask(HubRequest::Arrive { arrival: Box::new(arrival), queue, reply }).await;
        answer.await.ok()
    }

    pub(crate) async fn connect_dashboard(&self, dashboard: Dashboard) {
        self.ask(HubRequest::Dashboard(dashboard)).await;
    }

    pub(crate) async fn beat(&self, connection: ConnectionId) {
        self.ask(HubRequest::Heartbeat(connection)).await;
    }

    pub(crate) async fn open_chat(&self, connection: ConnectionId, chat: ChatId) {
        self.ask(HubRequest::Open { connection, chat }).await;
    }

    pub(crate) async fn close_chat(&self, connection: ConnectionId, chat: ChatId) {
        self.ask(HubRequest::Close { connection, chat }).await;
    }

    /// Sends a note about a chat to the chat's agent and to every dashboard that has the chat open.
    pub(crate) async fn note(&self, chat: ChatId, agent: Option<AgentId>, note: &Note) {
        self.ask(HubRequest::Note { chat, agent, note: note.clone() }).await;
    }

    pub(crate) async fn chat(&self, update: ChatUpdate) {
        self.ask(HubRequest::Chat(Box::new(update))).await;
    }

    pub(crate) async fn notify_visitor(&self, visitor: VisitorId, frame: &ToVisitor) {
        self.ask(HubRequest::NotifyVisitor { visitor, frame: codec::encode(frame).into() }).await;
    }

    pub(crate) async fn notify_agent(&self, agent: AgentId, frame: &ToAgent) {
        self.ask(HubRequest::NotifyAgent { agent, frame: codec::encode(frame).into() }).await;
    }

    /// Sends an agent's dashboards a directory, in pieces.
    pub(crate) async fn welcome_agent(&self, agent: AgentId, pieces: Vec<Bytes>) {
        self.ask(HubRequest::WelcomeAgent { agent, pieces }).await;
    }

    pub(crate) async fn notify_team(&self, team: Team, frame: &ToAgent) {
        self.ask(HubRequest::NotifyTeam { team, frame: codec::encode(frame).into() }).await;
    }

    /// Notifies the visitor that the agent is typing. The notice may be dropped under load.
    pub(crate) async fn send_typing_to_visitor(&self, visitor: VisitorId) {
        self.ask(HubRequest::TypingToVisitor(visitor)).await;
    }

    /// Notifies the agent that the visitor is typing. The notice may be dropped under load.
    pub(crate) async fn send_typing_to_agent(&self, agent: AgentId, chat: ChatId) {
        self.ask(HubRequest::TypingToAgent { agent, chat }).await;
    }

    /// Returns all agents who are present.
    pub(crate) async fn colleagues(&self) -> Vec<Colleague> {
        let (reply, answer) = oneshot::channel();
        self.ask(HubRequest::Colleagues(reply)).await;
        answer.await.unwrap_or_default()
    }

    pub(crate) async fn snapshot(&self) -> Snapshot {
        let (reply, answer) = oneshot::channel();
        self.ask(HubRequest::Snapshot(reply)).await;
        answer.await.unwrap_or_default()
    }

    pub(crate) async fn visit_info(&self, of: VisitKey) -> Option<VisitInfo> {
        let (reply, answer) = oneshot::channel();
        self.ask(HubRequest::VisitInfo { of, reply }).await;
        answer.await.ok().flatten()
    }

    pub(crate) async fn page_views(&self, visit: VisitId) -> Option<VecDeque<PageView>> {
        let (reply, answer) = oneshot::channel();
        self.ask(HubRequest::PageViews { visit, reply }).await;
        answer.await.ok().flatten()
    }

    pub(crate) async fn count(&self) -> BoardCounts {
        let (reply, answer) = oneshot::channel();
        self.ask(HubRequest::Count(reply)).await;
        answer.await.unwrap_or_default()
    }

    pub(crate) async fn take_page_views(&self) -> Vec<TakenPageView> {
        let (reply, answer) = oneshot::channel();
        self.ask(HubRequest::TakePageViews(reply)).await;
        answer.await.unwrap_or_default()
    }

    /// Closes all of a visitor's tabs with the given reason and removes the visitor from the hub.
    pub(crate) async fn erase(&self, visitor: VisitorId, close_reason: CloseReason) {
        self.ask(HubRequest::Erase { visitor, close_reason }).await;
    }

    /// Closes all of an agent's dashboards with the given reason.
    pub(crate) async fn close_agent(&self, agent: AgentId, close_reason: CloseReason) {
        self.ask(HubRequest::CloseAgent { agent, close_reason }).await;
    }

    pub(crate) async fn close_all(&self, close_reason: CloseReason) {
        let (reply, answer) = oneshot::channel();
        self.ask(HubRequest::CloseAll { close_reason, reply }).await;
        let _ = answer.await;
    }

    pub(crate) fn leave(&self, connection: ConnectionId, is_dashboard: bool) {
        self.ask_later(if is_dashboard {
            HubRequest::DashboardGone(connection)
        } else {
            HubRequest::Leave(connection)
        });
    }

    /// Updates a dashboard that has the board up to the batch `after`, or no board.
    pub(crate) fn resync(&self, connection: ConnectionId, after: Option<u64>) {
        self.ask_later(HubRequest::Resync { connection, after });
    }

    /// Sends a request without waiting. This is needed in `Drop`, which cannot await, and for requests that must
    /// survive a canceled future.
    fn ask_later(&self, ask: HubRequest) {
        if let Err(mpsc::error::TrySendError::Full(ask)) = self.requests.try_send(ask)
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let asks = self.requests.clone();
            runtime.spawn(async move {
                let _ = asks.send(ask).await;
            });
        }
    }
}

/// Converts a configured duration (in milliseconds) to a type that can be added to a timestamp.
pub(crate) fn millis(duration: u64) -> Millis {
    Millis::try_from(duration).unwrap_or(Millis::MAX)
}
