//! A client that behaves like the widget in a visitor's tab, without a browser.

use protocol::{
    VERSION,
    chat::{Author, Body, Entry, Receipt, Seq, VisitorChat},
    close_reason::CloseReason,
    concierge::Consent,
    id::{ClientId, ConciergeKey, InvitationId, TabId, VisitorToken},
    invitation::{Answer, VisitorInvitation},
    page::Page,
    presence::TabActivity,
    refusal::Refusal,
    visitor::{FromVisitor, Hello, ToVisitor, Welcome},
};
use uuid::Uuid;

use crate::connection::{Connection, ConnectionError};

/// A visitor's connected tab.
pub struct Visitor {
    connection: Connection,
    /// The server's response to the hello frame.
    pub welcome: Welcome,
    /// The open invitation, if any.
    pub invitation: Option<VisitorInvitation>,
    /// When the quiet period ends, if one is in effect.
    pub quiet_until: Option<protocol::Millis>,
    /// The current chat, if any.
    pub chat: Option<VisitorChat>,
    /// The chat's entries, in order and without duplicates.
    pub entries: Vec<Entry>,
    /// The messages that the server has stored.
    pub acknowledged: Vec<(ClientId, Seq)>,
    /// The refusals received.
    pub refused: Vec<Refusal>,
    /// The close reason, if the server sent one.
    pub close_reason: Option<CloseReason>,
    /// The number of frames received.
    pub frames: u64,
}

/// Returns the hello frame for a visible tab on the given page.
pub fn hello(key: &str, host: &str, page: Page, token: Option<VisitorToken>) -> Hello {
    Hello {
        version: VERSION,
        concierge: ConciergeKey(key.into()),
        token,
        tab: TabId(Uuid::now_v7()),
        host: host.into(),
        page,
        activity: TabActivity { visible: true, typing_in_form: false, input: true },
        automated: false,
        head: 0,
        entry_info: String::new(),
        consent: Consent::Unknown,
    }
}

impl Visitor {
    /// Opens a tab. `server` has the form `ws://host:port`.
    ///
    /// # Errors
    /// Returns a [`ConnectionError`] if the server rejects the connection. If the server sends a close reason instead
    /// of a welcome, the error is [`ConnectionError::Closed`] with the reason's code.
    pub async fn connect(server: &str, hello: Hello, user_agent: &str) -> Result<Self, ConnectionError> {
        Self::connect_with_headers(server, hello, &[("user-agent", user_agent)]).await
    }

    /// Opens a tab like [`Self::connect`], but with arbitrary request headers such as `Accept-Language` or `Sec-GPC`.
    ///
    /// # Errors
    /// Returns the same errors as [`Self::connect`].
    pub async fn connect_with_headers(
        server: &str,
        hello: Hello,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, ConnectionError> {
        let url = format!("{server}/socket/visitor/v1");
        let mut connection = Connection::open(&url, headers).await?;
        connection.send(&FromVisitor::Hello(hello)).await?;
        loop {
            match connection.next().await? {
                ToVisitor::Welcome(welcome) => {
                    return Ok(Self {
                        connection,
                        quiet_until: welcome.quiet_until,
                        welcome,
                        invitation: None,
                        chat: None,
                        entries: Vec::new(),
                        acknowledged: Vec::new(),
                        refused: Vec::new(),
                        close_reason: None,
                        frames: 1,
                    });
                }
                ToVisitor::CloseReason(close_reason) => return Err(ConnectionError::Closed(close_reason.code())),
                _ => {}
            }
        }
    }

    /// Returns the token that the server issued or confirmed.
    pub fn token(&self) -> VisitorToken {
        self.welcome.token.clone()
    }

    /// Receives the next frame, applies it, and returns it.
    ///
    /// # Errors
    /// Returns a [`ConnectionError`] if the connection is closed or a frame cannot be decoded.
    pub async fn next(&mut self) -> Result<ToVisitor, ConnectionError> {
        let frame: ToVisitor = self.connection.next().await?;
        self.frames += 1;
        match frame.clone() {
            ToVisitor::Invitation(invitation) => self.invitation = invitation,
            ToVisitor::Quiet { until } => self.quiet_until = Some(until),
            ToVisitor::Chat(chat) => {
                let is_other = chat.as_ref().map(|chat| chat.id) != self.chat.as_ref().map(|chat| chat.id);
                if is_other {
                    self.entries.clear();
                }
                self.chat = chat;
            }
            ToVisitor::Entries(entries) => {
                let head = self.head();
                self.entries.extend(entries.into_iter().filter(|entry| entry.seq > head));
            }
            ToVisitor::Acknowledged { client_id, seq, .. } => self.acknowledged.push((client_id, seq)),
            ToVisitor::Refused { refusal, .. } => self.refused.push(refusal),
            ToVisitor::CloseReason(close_reason) => self.close_reason = Some(close_reason),
            ToVisitor::Welcome(_) | ToVisitor::Typing | ToVisitor::Heartbeat { .. } => {}
        }
        Ok(frame)
    }

    /// Returns the `seq` of the last entry, or 0 if there are no entries.
    pub fn head(&self) -> Seq {
        self.entries.last().map_or(0, |entry| entry.seq)
    }

    /// Returns the messages in the chat, in order. Each is a pair of whether the visitor wrote it and its text.
    pub fn messages(&self) -> Vec<(bool, &str)> {
        self.entries
            .iter()
            .filter_map(|entry| match &entry.body {
                Body::Text(text) => Some((entry.author == Author::Visitor, text.as_str())),
                _ => None,
            })
            .collect()
    }

    /// Sends a frame.
    ///
    /// # Errors
    /// Returns a [`ConnectionError`] if the connection is lost.
    pub async fn send_frame(&mut self, frame: &FromVisitor) -> Result<(), ConnectionError> {
        self.connection.send(frame).await
    }

    /// Navigates to another page without a page load, like a single-page app.
    ///
    /// # Errors
    /// Returns a [`ConnectionError`] if the connection is lost.
    pub async fn navigate(&mut self, page: Page) -> Result<(), ConnectionError> {
        self.send_frame(&FromVisitor::Page(page)).await
    }

    /// Answers an invitation.
    ///
    /// # Errors
    /// Returns a [`ConnectionError`] if the connection is lost.
    pub async fn answer_invitation(&mut self, invitation: InvitationId, answer: Answer) -> Result<(), ConnectionError> {
        self.send_frame(&FromVisitor::Answer { invitation, answer }).await
    }

    /// Sends a message and returns its client id.
    ///
    /// # Errors
    /// Returns a [`ConnectionError`] if the connection is lost.
    pub async fn send_message(&mut self, text: &str) -> Result<ClientId, ConnectionError> {
        let client_id = ClientId(Uuid::now_v7());
        self.send_frame(&FromVisitor::SendMessage { client_id, text: text.into() }).await?;
        Ok(client_id)
    }

    /// Sends a receipt that marks all entries as read.
    ///
    /// # Errors
    /// Returns a [`ConnectionError`] if the connection is lost.
    pub async fn send_receipt(&mut self) -> Result<(), ConnectionError> {
        let head = self.head();
        self.send_frame(&FromVisitor::Receipt(Receipt { delivered: head, read: head })).await
    }

    /// Announces that the visitor is leaving and closes the tab.
    pub async fn disconnect(mut self) {
        drop(self.send_frame(&FromVisitor::Leaving).await);
        self.connection.close().await;
    }

    /// Drops the connection without closing it.
    pub fn drop_connection(self) {
        drop(self.connection);
    }
}
