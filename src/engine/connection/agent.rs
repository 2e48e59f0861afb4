//! A dashboard's connection.

use std::{sync::Arc, time::Instant};

use protocol::{
    agent::{FromAgent, ToAgent},
    chat::Seq,
    close_reason::CloseReason,
    codec,
    id::{ChatId, ClientId},
    limits::ENTRIES_IN_A_FRAME,
    refusal::Refusal,
};
use tokio::sync::broadcast::{self, error::RecvError};

use super::{HubMembership, Outgoing, is_due};
use crate::{
    Engine,
    hub::event::{ConnectionId, Event},
    operations,
    outbound_queue::{OutboundQueue, QueueItem},
    sessions::Principal,
};

/// A single dashboard's connection.
pub struct AgentConnection {
    engine: Engine,
    place: HubMembership,
    pub(crate) principal: Principal,
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
        ended: broadcast::Receiver<[u8; 32]>,
    ) -> Self {
        Self { engine, place, principal, queue: Arc::default(), ended, typed: None }
    }

    pub(crate) fn id(&self) -> ConnectionId {
        self.place.connection
    }

    /// Handles a frame from the dashboard.
    ///
    /// # Errors
    /// Returns the reason for closing the socket if the frame is not allowed at this point.
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

    /// Opens a chat. The chat is marked as open before its entries are read, so no entries are missed in between.
    async fn open(&self, chat: ChatId, head: Seq) -> Result<(), Refusal> {
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

    /// Waits for the socket's next action. This method is cancel safe.
    pub async fn next(&mut self) -> Outgoing {
        loop {
            tokio::select! {
                biased;
                ended = self.ended.recv() => match ended {
                    Ok(session) if session != self.principal.session => {}
                    Ok(_) | Err(RecvError::Closed) => {
                        self.queue.close(CloseReason::SignedOut);
                    }
                    // This session may be one of those whose end was missed. The next hello will check it against the
                    // store.
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
