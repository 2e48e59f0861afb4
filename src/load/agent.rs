//! A client that behaves like an agent's dashboard, without a browser.

use std::collections::BTreeMap;

use protocol::{
    VERSION,
    agent::{Directory, DirectoryPart, FromAgent, ToAgent},
    availability::Colleague,
    board::{Board, SnapshotAssembler},
    chat::{AgentChat, Author, Body, Entry, Seq},
    close_reason::CloseReason,
    id::{AgentId, ChatId, ClientId},
    note::Note,
    notice::Notice,
    refusal::Refusal,
};
use uuid::Uuid;

use crate::connection::{Connection, ConnectionError};

/// An agent's connected dashboard.
pub struct Agent {
    connection: Connection,
    /// The organization's directory, from the last welcome.
    pub directory: Directory,
    /// This dashboard's copy of the board.
    pub board: Board,
    /// The agent's own chats.
    pub chats: BTreeMap<ChatId, AgentChat>,
    /// The entries in each chat, in order and without duplicates.
    pub entries: BTreeMap<ChatId, Vec<Entry>>,
    /// The agent's colleagues and their availability.
    pub colleagues: BTreeMap<AgentId, Colleague>,
    /// The internal notes on each chat, in order and without duplicates.
    pub notes: BTreeMap<ChatId, Vec<Note>>,
    /// The agents who are viewing each chat.
    pub readers: BTreeMap<ChatId, Vec<AgentId>>,
    /// The notices received, oldest first.
    pub notices: Vec<Notice>,
    /// The messages that the server has stored.
    pub acknowledged: Vec<(ClientId, Seq)>,
    /// The refusals received.
    pub refused: Vec<Refusal>,
    /// The close reason, if the server sent one.
    pub close_reason: Option<CloseReason>,
    /// The number of complete snapshots received.
    pub snapshots: u32,
    /// The snapshot that is being received.
    gathering: SnapshotAssembler,
    /// The number of changed rows received in batches.
    pub changes: u64,
    directory_parts: DirectoryPart,
    chats_parts: Vec<AgentChat>,
}

impl Agent {
    /// Opens a dashboard using a session cookie (`name=value`). `server` has the form `ws://host:port`, and `origin` is
    /// the value of the `Origin` header. If a `board` is given, asks the server to resume from it.
    ///
    /// # Errors
    /// Returns a [`ConnectionError`] if the server cannot be reached or rejects the connection.
    pub async fn connect(
        server: &str,
        origin: &str,
        cookie: &str,
        board: Option<Board>,
    ) -> Result<Self, ConnectionError> {
        let url = format!("{server}/socket/agent/v1");
        let mut connection = Connection::open(&url, &[("origin", origin), ("cookie", cookie)]).await?;
        let resume = board.as_ref().map(|board| (board.epoch, board.seq));
        connection.send(&FromAgent::Hello { version: VERSION, resume }).await?;
        let mut parts = DirectoryPart::default();
        let first = loop {
            match connection.next().await? {
                ToAgent::DirectoryPart(part) => parts.append(part),
                first => break first,
            }
        };
        match first {
            ToAgent::Welcome { directory, .. } => Ok(Self {
                connection,
                directory: directory.with_parts(parts),
                directory_parts: DirectoryPart::default(),
                chats_parts: Vec::new(),
                board: board.unwrap_or_default(),
                chats: BTreeMap::new(),
                entries: BTreeMap::new(),
                colleagues: BTreeMap::new(),
                notes: BTreeMap::new(),
                readers: BTreeMap::new(),
                notices: Vec::new(),
                acknowledged: Vec::new(),
                refused: Vec::new(),
                close_reason: None,
                snapshots: 0,
                gathering: SnapshotAssembler::default(),
                changes: 0,
            }),
            ToAgent::CloseReason(close_reason) => Err(ConnectionError::Closed(close_reason.code())),
            _ => Err(ConnectionError::NotAFrame),
        }
    }

    /// Receives the next frame, applies it, and returns it. Requests a new snapshot if any batches are missing.
    ///
    /// # Errors
    /// Returns a [`ConnectionError`] if the connection is closed or a frame cannot be decoded.
    pub async fn next(&mut self) -> Result<ToAgent, ConnectionError> {
        let frame: ToAgent = self.connection.next().await?;
        match frame.clone() {
            ToAgent::DirectoryPart(part) => self.directory_parts.append(part),
            ToAgent::Welcome { directory, .. } => {
                self.directory = directory.with_parts(std::mem::take(&mut self.directory_parts));
            }
            ToAgent::Snapshot(piece) => {
                if let Some(snapshot) = self.gathering.take(piece) {
                    self.snapshots += 1;
                    self.board = snapshot.into();
                }
            }
            ToAgent::Batch(batch) => {
                self.changes += batch.changed.len() as u64;
                if self.board.apply(batch).is_err() {
                    self.send_frame(&FromAgent::Resync).await?;
                }
            }
            ToAgent::ChatsPart(chats) => self.chats_parts.extend(chats),
            ToAgent::Chats(chats) => {
                let all = std::mem::take(&mut self.chats_parts).into_iter().chain(chats);
                self.chats = all.map(|chat| (chat.chat.id, chat)).collect();
            }
            ToAgent::Chat(chat) => {
                self.chats.insert(chat.chat.id, chat);
            }
            ToAgent::ChatGone(chat) => {
                self.chats.remove(&chat);
            }
            ToAgent::AccessLost(chat) => {
                self.chats.remove(&chat);
                self.entries.remove(&chat);
                self.notes.remove(&chat);
                self.readers.remove(&chat);
            }
            ToAgent::Entries { chat, entries } => {
                let known = self.entries.entry(chat).or_default();
                let head = known.last().map_or(0, |entry| entry.seq);
                known.extend(entries.into_iter().filter(|entry| entry.seq > head));
            }
            ToAgent::Acknowledged { client_id, seq, .. } => self.acknowledged.push((client_id, seq)),
            ToAgent::Refused { refusal, .. } => self.refused.push(refusal),
            ToAgent::Notice(notice) => self.notices.push(notice),
            ToAgent::Colleagues(some) => self.colleagues.extend(some.into_iter().map(|one| (one.agent, one))),
            ToAgent::Notes { chat, notes } => {
                let known = self.notes.entry(chat).or_default();
                known.retain(|had| notes.iter().all(|note| note.number != had.number));
                known.extend(notes);
                known.sort_by_key(|note| note.number);
            }
            ToAgent::Readers { chat, readers } => {
                self.readers.insert(chat, readers);
            }
            ToAgent::CloseReason(close_reason) => self.close_reason = Some(close_reason),
            ToAgent::Typing(_) | ToAgent::Heartbeat { .. } => {}
        }
        Ok(frame)
    }

    /// Sends a frame.
    ///
    /// # Errors
    /// Returns a [`ConnectionError`] if the connection is lost.
    pub async fn send_frame(&mut self, frame: &FromAgent) -> Result<(), ConnectionError> {
        self.connection.send(frame).await
    }

    /// Opens a chat.
    ///
    /// # Errors
    /// Returns a [`ConnectionError`] if the connection is lost.
    pub async fn open_chat(&mut self, chat: ChatId) -> Result<(), ConnectionError> {
        let head = self.entries.get(&chat).and_then(|entries| entries.last()).map_or(0, |entry| entry.seq);
        self.send_frame(&FromAgent::Open { chat, head }).await
    }

    /// Sends a message in a chat and returns its client id.
    ///
    /// # Errors
    /// Returns a [`ConnectionError`] if the connection is lost.
    pub async fn send_message(&mut self, chat: ChatId, text: &str) -> Result<ClientId, ConnectionError> {
        let client_id = ClientId(Uuid::now_v7());
        self.send_frame(&FromAgent::SendMessage { chat, client_id, text: text.into() }).await?;
        Ok(client_id)
    }

    /// Returns the messages in a chat, in order. Each is a pair of whether the visitor wrote it and its text.
    pub fn messages(&self, chat: ChatId) -> Vec<(bool, &str)> {
        self.entries
            .get(&chat)
            .into_iter()
            .flatten()
            .filter_map(|entry| match &entry.body {
                Body::Text(text) => Some((entry.author == Author::Visitor, text.as_str())),
                _ => None,
            })
            .collect()
    }

    /// Drops the connection without closing it, and returns the board so that another connection can resume from it.
    pub fn drop_connection(self) -> Board {
        self.board
    }
}
