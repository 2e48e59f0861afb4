//! A dashboard's connection.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use protocol::{
    agent::{FromAgent, ToAgent},
    chat::Seq,
    close_reason::CloseReason,
    codec,
    id::{ChatId, ClientId, TeamId},
    refusal::Refusal,
};
use tokio::sync::broadcast::{self, error::RecvError};

use super::{HubMembership, Outgoing, SessionCheck, is_due};
use crate::{
    Engine,
    hub::event::{ConnectionId, Event},
    operations,
    outbound_queue::{CatchUp, CatchUpKind, OutboundQueue, QueueItem},
    sessions::Principal,
};

/// A single dashboard's connection.
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
    /// When this dashboard last asked for the board.
    resynced: Option<Instant>,
}

/// If a dashboard asks for the board twice within this time, it gets the entire board.
const RESYNC_AGAIN: Duration = Duration::from_secs(10);

impl AgentConnection {
    pub(crate) fn new(
        engine: Engine,
        place: HubMembership,
        principal: Principal,
        teams: BTreeSet<TeamId>,
        ended: broadcast::Receiver<[u8; 32]>,
    ) -> Self {
        Self { engine, place, principal, teams, queue: Arc::default(), ended, typed: None, resynced: None }
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
    /// Returns the reason for closing the socket if the frame is not allowed at this point.
    pub async fn handle_frame(&mut self, frame: FromAgent) -> Result<(), CloseReason> {
        let agent = self.principal.agent;
        match frame {
            FromAgent::Hello { .. } => return Err(CloseReason::OutOfTurn),
            FromAgent::Resync => {
                // A heartbeat may arrive before changes that have not been merged yet. Only a dashboard that asks again
                // right away has missed something.
                let is_again = self.resynced.replace(Instant::now()).is_some_and(|at| at.elapsed() < RESYNC_AGAIN);
                self.place.hub.resync(self.id(), self.queue.board_seq().filter(|_| !is_again));
            }
            FromAgent::Open { chat, head } => {
                let opened = self.open(chat, head).await;
                self.refused(None, opened);
            }
            FromAgent::Close(chat) => {
                self.queue.cancel(|open| open == chat);
                self.place.hub.close_chat(self.id(), chat).await;
            }
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
        let opened = self.push_opened(chat, head).await;
        self.close_if_lost(chat, opened.as_ref().err()).await;
        opened
    }

    /// Closes the window of a chat that the agent may no longer read. A colleague may have claimed it just before it
    /// was registered as open, in which case the hub has not closed it.
    async fn close_if_lost(&self, chat: ChatId, refusal: Option<&Refusal>) {
        if refusal == Some(&Refusal::NotFound) {
            self.place.hub.close_chat(self.id(), chat).await;
            self.push(&ToAgent::AccessLost(chat));
        }
    }

    /// Registers a chat as open before its entries are read, so that no entry is missed in between, and sends them.
    async fn push_opened(&self, chat: ChatId, head: Seq) -> Result<(), Refusal> {
        let record = self.engine.chat_to_read(&self.principal, chat).await?;
        let after = operations::known_head(&record, head);
        self.place.hub.open_chat(self.id(), chat).await;
        self.push(&ToAgent::Chat(self.engine.agent_chat(record).await));
        for catch_up in
            [CatchUp { chat, of: CatchUpKind::Notes, after: 0 }, CatchUp { chat, of: CatchUpKind::Entries, after }]
        {
            if self.queue.begin(catch_up) {
                let (frame, after, is_all) = self.read_piece(catch_up).await?;
                frame.into_iter().for_each(|frame| self.queue.push(frame));
                self.queue.advance(catch_up, after, is_all);
            }
        }
        Ok(())
    }

    /// Reads the next piece of a catch-up: its frame unless nothing is missing, its last number, and whether it is the
    /// last piece. The agent may have lost the right to read the chat since the piece before.
    async fn read_piece(&self, catch_up: CatchUp) -> Result<(Option<Bytes>, u32, bool), Refusal> {
        let CatchUp { chat, of, after } = catch_up;
        let read = match of {
            CatchUpKind::Entries => self.engine.entries_piece(&self.principal, chat, after).await.map(|piece| {
                let last = piece.items.last().map(|entry| entry.seq);
                (last, piece.is_all, ToAgent::Entries { chat, entries: piece.items })
            }),
            CatchUpKind::Notes => self.engine.notes_piece(&self.principal, chat, after).await.map(|piece| {
                let last = piece.items.last().map(|note| note.number);
                (last, piece.is_all, ToAgent::Notes { chat, notes: piece.items })
            }),
        };
        let (last, is_all, frame) = read.inspect_err(|_| self.queue.cancel(|open| open == chat))?;
        Ok((last.map(|_| codec::encode(&frame).into()), last.unwrap_or(after), is_all))
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
                    QueueItem::PieceNeeded(catch_up) => match Box::pin(self.read_piece(catch_up)).await {
                        Ok((frame, after, is_all)) => {
                            let is_wanted = self.queue.advance(catch_up, after, is_all);
                            if let Some(frame) = frame.filter(|_| is_wanted) {
                                return Outgoing::Frame(frame);
                            }
                        }
                        Err(refusal) => {
                            self.close_if_lost(catch_up.chat, Some(&refusal)).await;
                            self.refused(None, Err(refusal));
                        }
                    },
                    QueueItem::BoardNeeded(after) => self.place.hub.resync(self.id(), after),
                    QueueItem::Close(close_reason) => return Outgoing::Close(close_reason),
                },
            }
        }
    }
}
