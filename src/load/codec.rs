//! What a load test speaks: our own frames, or those of a peer's server that does a part of the same work, so that both can
//! be measured by the same program.
//!
//! A peer knows visitors who say on which page they are, and dashboards that get what has changed each 16 ms. Its visitors
//! say a page as their hello. `ws` carries our own frame of a page as bytes that it does not read; in a batch, each stands
//! behind its length in two bytes. `socket.io` carries address and title as its users do, in JSON.

use clap::ValueEnum;
use protocol::{agent::ToAgent, board::Row, codec, page::Page, visitor::FromVisitor};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    connection::{Connection, ConnectionError},
    trace_tag::TraceTag,
};

/// Whose frames are spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Wire {
    /// Ours.
    Jumpin,
    /// Those of the small server on npm's `ws`.
    Ws,
    /// Those of the small server on npm's `socket.io`.
    #[value(name = "socket.io")]
    SocketIo,
}

/// What rows are a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UpdateKind {
    /// Those that changed.
    Batch,
    /// Some of all, and more follow.
    Piece,
    /// The last of all.
    Snapshot,
}

/// What a dashboard has heard.
pub(crate) enum DashboardMessage {
    /// Rows of the board.
    Rows {
        /// The rows.
        rows: Vec<Row>,
        /// Of what.
        of: UpdateKind,
    },
    /// Trace tags of page changes; a peer has no rows.
    TraceTags(Vec<TraceTag>),
    /// Something else of ours.
    Other(Box<ToAgent>),
    /// This must be said to stay connected.
    Answer(Message),
    /// Nothing that matters.
    Nothing,
}

impl Wire {
    /// The address of a visitor's socket.
    pub(crate) fn visitor_url(self, authority: &str) -> String {
        match self {
            Self::Jumpin => format!("ws://{authority}/socket/visitor/v1"),
            Self::Ws => format!("ws://{authority}/visitor"),
            Self::SocketIo => format!("ws://{authority}/socket.io/?EIO=4&transport=websocket"),
        }
    }

    /// The address of a dashboard's socket.
    pub(crate) fn agent_url(self, authority: &str) -> String {
        match self {
            Self::Jumpin => format!("ws://{authority}/socket/agent/v1"),
            Self::Ws => format!("ws://{authority}/agent"),
            Self::SocketIo => self.visitor_url(authority),
        }
    }

    /// A peer's visitor says where he is, and is welcomed.
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

    /// A peer's dashboard says that it is one.
    pub(crate) async fn handshake_as_agent(self, connection: &mut Connection) -> Result<(), ConnectionError> {
        if self == Self::SocketIo { Self::join(connection, "/agents,").await } else { Ok(()) }
    }

    /// Joins a namespace of socket.io.
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

    /// A visitor is on this page.
    pub(crate) fn page(self, page: &Page) -> Message {
        match self {
            Self::Jumpin | Self::Ws => Message::Binary(codec::encode(&FromVisitor::Page(page.clone())).into()),
            Self::SocketIo => {
                let event = serde_json::json!(["page", page.url, page.title]);
                Message::Text(format!("42{event}").into())
            }
        }
    }

    /// Reads what came to a dashboard.
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

    /// What must be said to stay connected.
    pub(crate) fn heartbeat_reply(self, message: &Message) -> Option<Message> {
        match message {
            Message::Text(text) if self == Self::SocketIo && text.as_str() == "2" => Some(Message::Text("3".into())),
            _ => None,
        }
    }
}

/// The trace tags of the frames in a batch of the `ws` server.
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
    fn a_batch_of_a_peer_is_read() {
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
