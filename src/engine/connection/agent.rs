//! The connection of one dashboard.

use std::{collections::BTreeSet, sync::Arc, time::Instant};

use protocol::{
    agent::{FromAgent, ToAgent},
    chat::Seq,
    close_reason::CloseReason,
    codec,
    id::{ChatId, ClientId, TeamId},
    limits::ENTRIES_IN_A_FRAME,
    refusal::Refusal,
};
use tokio::sync::broadcast::{self, error::RecvError};

use super::{HubMembership, Outgoing, SessionCheck, is_due};
use crate::{
    Engine,
    hub::event::{ConnectionId, Event},
    operations,
    outbound_queue::{OutboundQueue, QueueItem},
    sessions::Principal,
};

/// The connection of one dashboard.
pub struct AgentConnection {
    engine: Engine,
    place: HubMembership,
    pub(crate) principal: Principal,
    /// The agent's teams when the dashboard connected.
    teams: BTreeSet<TeamId>,
    pub(crate) queue: Arc<OutboundQueue>,
    ended: broadcast::Receiver<[u8; 32]>,
    /// When this dashboard last reported that the agent was typing.
    typed: Option<Instant>,
}

impl AgentConnection {
    pub(crate) fn new(
        engine: Engine,
        place: HubMembership,
        principal: Principal,
        teams: BTreeSet<TeamId>,
        ended: broadcast::Receiver<[u8; 32]>,
    ) -> Self {
        Self { engine, place, principal, teams, queue: Arc::default(), ended, typed: None }
    }

    pub(crate) fn id(&self) -> ConnectionId {
        self.place.connection
    }

    /// Returns a check whether this connection may stay open.
    pub fn session_check(&self) -> SessionCheck {
        SessionCheck::new(self.engine.clone(), self.principal.session, self.principal.role, self.teams.clone())
    }

    /// Handles a frame from the dashboard.
    ///
    /// # Errors
    /// Returns the reason to close the socket.
    pub async fn handle_frame(&mut self, frame: FromAgent) -> Result<(), CloseReason> {
        let agent = self.principal.agent;
        match frame {
            FromAgent::Hello { .. } => return Err(CloseReason::OutOfTurn),
            FromAgent::Resync => self.place.hub.resync(self.id()),
            FromAgent::Open { chat, head } => {
                let opened = self.open(chat, head).await;
                self.refused(None, opened);
            }
            FromAgent::Close(chat) => self.place.hub.close_chat(self.id(), chat).await,
            FromAgent::SendMessage { chat, client_id, text } => {
                let said = self.engine.send_agent_message(self, chat, client_id, &text).await;
                self.refused(Some(client_id), said);
            }
            FromAgent::Typing(chat) => {
                if is_due(&mut self.typed) {
                    self.engine.relay_agent_typing(self, chat).await;
                }
            }
            FromAgent::Receipt { chat, receipt } => {
                let received = self.engine.record_agent_receipt(self, chat, receipt).await;
                self.refused(None, received);
            }
            FromAgent::Composing(visit) => self.place.hub.apply(Event::Composing { agent, visit }).await,
            FromAgent::Input => self.place.hub.apply(Event::AgentInput { agent }).await,
            FromAgent::Change { chat, of, text } => {
                let changed = self.engine.edit_message(&self.principal, chat, of, text).await;
                self.refused(None, changed);
            }
            FromAgent::Heartbeat => self.place.hub.beat(self.id()).await,
        }
        Ok(())
    }

    /// Opens a chat, or tells its window to forget what it shows of a chat that the agent may not read.
    async fn open(&self, chat: ChatId, head: Seq) -> Result<(), Refusal> {
        let opened = self.push_opened(chat, head).await;
        if opened == Err(Refusal::NotFound) {
            // A colleague may have claimed it since it was registered as open.
            self.place.hub.close_chat(self.id(), chat).await;
            self.push(&ToAgent::AccessLost(chat));
        }
        opened
    }

    /// Registers a chat as open before its entries are read, so that no entry is missed in between, and sends them.
    async fn push_opened(&self, chat: ChatId, head: Seq) -> Result<(), Refusal> {
        let record = self.engine.chat_to_read(&self.principal, chat).await?;
        let mut after = operations::known_head(&record, head);
        self.place.hub.open_chat(self.id(), chat).await;
        self.push(&ToAgent::Chat(self.engine.agent_chat(record).await));
        let notes = self.engine.notes(&self.principal, chat).await?;
        if !notes.is_empty() {
            self.push(&ToAgent::Notes { chat, notes });
        }
        loop {
            let entries = self.engine.entries(&self.principal, chat, after).await?;
            let Some(last) = entries.last() else { return Ok(()) };
            after = last.seq;
            for some in entries.chunks(ENTRIES_IN_A_FRAME) {
                self.push(&ToAgent::Entries { chat, entries: some.to_vec() });
            }
        }
    }

    fn refused(&self, client_id: Option<ClientId>, done: Result<(), Refusal>) {
        if let Err(refusal) = done {
            self.push(&ToAgent::Refused { client_id, refusal });
        }
    }

    pub(crate) fn push(&self, frame: &ToAgent) {
        self.queue.push(codec::encode(frame).into());
    }

    /// Waits for what the socket must do next. Cancel-safe.
    pub async fn next(&mut self) -> Outgoing {
        loop {
            tokio::select! {
                biased;
                ended = self.ended.recv() => match ended {
                    Ok(session) if session != self.principal.session => {}
                    Ok(_) | Err(RecvError::Closed) => {
                        self.queue.close(CloseReason::SignedOut);
                    }
                    // This session may be among the missed ones. The next hello checks the session in the store.
                    Err(RecvError::Lagged(_)) => self.queue.close(CloseReason::Unavailable),
                },
                taken = self.queue.take() => match taken {
                    QueueItem::Frame(frame) => return Outgoing::Frame(frame),
                    QueueItem::SnapshotNeeded => self.place.hub.resync(self.id()),
                    QueueItem::Close(close_reason) => return Outgoing::Close(close_reason),
                },
            }
        }
    }
}
