//! The protocols that a load test can use. Besides Jump-In's own protocol, it supports those of the peers, which are
//! small servers that do part of the same work. This way, one program can measure all of them.
//!
//! A peer receives pages from visitors and sends the changed ones to the dashboards every 16 ms. Instead of a hello
//! frame, its visitors send their first page. `ws` transports our own page frames as opaque bytes; in a batch, each
//! frame is preceded by its length (2 bytes, little-endian). `socket.io` transports the URL and title as JSON.

use clap::ValueEnum;
use protocol::{agent::ToAgent, board::Row, codec, page::Page, visitor::FromVisitor};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    connection::{Connection, ConnectionError},
    trace_tag::TraceTag,
};

/// The protocol that the server uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Wire {
    /// Jump-In's own protocol.
    Jumpin,
    /// The protocol of the small server built on npm's `ws`.
    Ws,
    /// The protocol of the small server built on npm's `socket.io`.
    #[value(name = "socket.io")]
    SocketIo,
}

/// The kind of update that a set of rows belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UpdateKind {
    /// A batch of changed rows.
    Batch,
    /// A piece of a snapshot, with more to follow.
    Piece,
    /// The last piece of a snapshot.
    Snapshot,
}

/// A message received by a dashboard.
pub(crate) enum DashboardMessage {
    /// Rows of the board.
    Rows { rows: Vec<Row>, of: UpdateKind },
    /// Trace tags for page changes from a peer, which has no rows.
    TraceTags(Vec<TraceTag>),
    /// Any other frame of our protocol.
    Other(Box<ToAgent>),
    /// A ping, with the reply needed to keep the connection open.
    Answer(Message),
    /// An irrelevant message.
    Nothing,
}

impl Wire {
    /// Returns the URL of the visitors' socket.
    pub(crate) fn visitor_url(self, authority: &str) -> String {
        match self {
            Self::Jumpin => format!("ws://{authority}/socket/visitor/v1"),
            Self::Ws => format!("ws://{authority}/visitor"),
            Self::SocketIo => format!("ws://{authority}/socket.io/?EIO=4&transport=websocket"),
        }
    }

    /// Returns the URL of the dashboards' socket.
    pub(crate) fn agent_url(self, authority: &str) -> String {
        match self {
            Self::Jumpin => format!("ws://{authority}/socket/agent/v1"),
            Self::Ws => format!("ws://{authority}/agent"),
            Self::SocketIo => self.visitor_url(authority),
        }
    }

    /// Sends the visitor's first page to a peer and waits for the peer's welcome message.
    pub(crate) async fn handshake_as_visitor(
        self,
        connection: &mut Connection,
        page: &Page,
    ) -> Result<(), ConnectionError> {
        if self == Self::SocketIo {
            Self::join(connection, "").await?;
        }
        connection.send_raw(self.page(page)).await?;
        loop {
            match connection.next_raw().await? {
                Message::Text(text) if text == "42[\"welcome\"]" => return Ok(()),
                Message::Binary(bytes) if self == Self::Ws && bytes.is_empty() => return Ok(()),
                _ => {}
            }
        }
    }

    /// Registers a dashboard with a peer.
    pub(crate) async fn handshake_as_agent(self, connection: &mut Connection) -> Result<(), ConnectionError> {
        if self == Self::SocketIo { Self::join(connection, "/agents,").await } else { Ok(()) }
    }

    /// Joins a socket.io namespace.
    async fn join(connection: &mut Connection, namespace: &str) -> Result<(), ConnectionError> {
        let joined = format!("40{namespace}");
        loop {
            match connection.next_raw().await? {
                Message::Text(text) if text.starts_with('0') => {
                    connection.send_raw(Message::Text(joined.as_str().into())).await?;
                }
                Message::Text(text) if text.starts_with(&joined) => return Ok(()),
                _ => {}
            }
        }
    }

    /// Encodes a visitor's page change.
    pub(crate) fn page(self, page: &Page) -> Message {
        match self {
            Self::Jumpin | Self::Ws => Message::Binary(codec::encode(&FromVisitor::Page(page.clone())).into()),
            Self::SocketIo => {
                let event = serde_json::json!(["page", page.url, page.title]);
                Message::Text(format!("42{event}").into())
            }
        }
    }

    /// Decodes a message received by a dashboard.
    pub(crate) fn decode_dashboard_message(self, message: &Message) -> Result<DashboardMessage, ConnectionError> {
        match (self, message) {
            (Self::Jumpin, Message::Binary(bytes)) => {
                Ok(match codec::decode(bytes).map_err(|_| ConnectionError::NotAFrame)? {
                    ToAgent::Batch(batch) => DashboardMessage::Rows { rows: batch.changed, of: UpdateKind::Batch },
                    ToAgent::Snapshot(piece) => DashboardMessage::Rows {
                        rows: piece.part.rows,
                        of: if piece.last { UpdateKind::Snapshot } else { UpdateKind::Piece },
                    },
                    other => DashboardMessage::Other(Box::new(other)),
                })
            }
            (Self::Ws, Message::Binary(bytes)) => Ok(DashboardMessage::TraceTags(pages_of(bytes)?)),
            (Self::SocketIo, Message::Text(text)) => {
                if let Some(answer) = self.heartbeat_reply(message) {
                    return Ok(DashboardMessage::Answer(answer));
                }
                let Some(event) = text.strip_prefix("42/agents,") else { return Ok(DashboardMessage::Nothing) };
                let (_, rows): (String, Vec<(String, String)>) =
                    serde_json::from_str(event).map_err(|_| ConnectionError::NotAFrame)?;
                Ok(DashboardMessage::TraceTags(rows.iter().filter_map(|(url, _)| TraceTag::of_address(url)).collect()))
            }
            _ => Ok(DashboardMessage::Nothing),
        }
    }

    /// Returns the reply that the server requires if the message is a heartbeat.
    pub(crate) fn heartbeat_reply(self, message: &Message) -> Option<Message> {
        match message {
            Message::Text(text) if self == Self::SocketIo && text.as_str() == "2" => Some(Message::Text("3".into())),
            _ => None,
        }
    }
}

/// Reads the trace tags of the frames in a batch from the `ws` server.
fn pages_of(batch: &[u8]) -> Result<Vec<TraceTag>, ConnectionError> {
    let (mut rest, mut tags) = (batch, Vec::new());
    while let [low, high, after @ ..] = rest {
        let length = usize::from(u16::from_le_bytes([*low, *high]));
        let (frame, next) = after.split_at_checked(length).ok_or(ConnectionError::NotAFrame)?;
        if let Ok(FromVisitor::Page(page)) = codec::decode(frame) {
            tags.extend(TraceTag::of_page(&page));
        }
        rest = next;
    }
    Ok(tags)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: &str = "https://load.test";

    #[test]
    fn peer_batches_are_decoded() {
        let tags = [TraceTag::now(1, 2), TraceTag::now(3, 4)];
        let mut batch = Vec::new();
        for tag in tags {
            let frame = Wire::Ws.page(&tag.page(SITE)).into_data();
            batch.extend(u16::try_from(frame.len()).unwrap().to_le_bytes());
            batch.extend(frame);
        }
        let heard = Wire::Ws.decode_dashboard_message(&Message::Binary(batch.into())).unwrap();
        assert!(matches!(heard, DashboardMessage::TraceTags(read) if read == tags));

        let rows: Vec<_> = tags.iter().map(|tag| (tag.page(SITE).url, tag.page(SITE).title)).collect();
        let event = format!("42/agents,{}", serde_json::json!(["batch", rows]));
        let heard = Wire::SocketIo.decode_dashboard_message(&Message::Text(event.into())).unwrap();
        assert!(matches!(heard, DashboardMessage::TraceTags(read) if read == tags));
    }
}
