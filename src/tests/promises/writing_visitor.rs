//! A visitor who writes messages and keeps track of which ones the server has acknowledged.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use anyhow::{Context, ensure};
use load::{ConnectionError, Visitor};
use protocol::{
    chat::Seq,
    id::{ClientId, VisitorToken},
    visitor::{FromVisitor, ToVisitor},
};

use crate::server_process::{self, ServerProcess};

/// A visitor who may or may not be connected.
#[derive(Clone)]
pub(crate) struct WritingVisitor {
    name: String,
    token: VisitorToken,
    said: u32,
    waiting: BTreeMap<ClientId, String>,
    /// The acknowledged texts with their sequence numbers.
    pub(crate) acknowledged: BTreeMap<String, Seq>,
}

impl WritingVisitor {
    /// Connects as a new visitor who asks to chat with a person.
    pub(crate) async fn connect(server: &ServerProcess, name: &str) -> anyhow::Result<(Self, Visitor)> {
        let mut tab = server_process::tab(&server.ws(), None, 0).await?;
        tab.send_frame(&FromVisitor::AskForPerson).await?;
        while tab.chat.is_none() {
            tab.next().await?;
        }
        let (name, token) = (name.to_owned(), tab.token());
        Ok((Self { name, token, said: 0, waiting: BTreeMap::new(), acknowledged: BTreeMap::new() }, tab))
    }

    pub(crate) fn token(&self) -> VisitorToken {
        self.token.clone()
    }

    /// Sends the next message and returns its client id.
    pub(crate) async fn send_message(&mut self, tab: &mut Visitor) -> Result<ClientId, ConnectionError> {
        self.said += 1;
        let text = format!("{} says {}", self.name, self.said);
        let client_id = tab.send_message(&text).await?;
        self.waiting.insert(client_id, text);
        Ok(client_id)
    }

    /// Sends the next message and waits for its tick.
    pub(crate) async fn send_until_acknowledged(&mut self, tab: &mut Visitor) -> Result<ClientId, ConnectionError> {
        let said = self.send_message(tab).await?;
        while self.waiting.contains_key(&said) {
            if let ToVisitor::Acknowledged { client_id, seq, .. } = tab.next().await?
                && let Some(text) = self.waiting.remove(&client_id)
            {
                self.acknowledged.insert(text, seq);
            }
        }
        Ok(said)
    }

    /// Resends unacknowledged messages, as a client's outbox does, until all of them have been acknowledged.
    pub(crate) async fn resend_unacknowledged(&mut self, tab: &mut Visitor) -> Result<(), ConnectionError> {
        while !self.waiting.is_empty() {
            for (client_id, text) in self.waiting.clone() {
                tab.send_frame(&FromVisitor::SendMessage { client_id, text }).await?;
                loop {
                    match tab.next().await? {
                        ToVisitor::Acknowledged { client_id, seq, .. } => {
                            if let Some(text) = self.waiting.remove(&client_id) {
                                self.acknowledged.insert(text, seq);
                            }
                            break;
                        }
                        ToVisitor::Refused { client_id: Some(_), .. } => break,
                        _ => {}
                    }
                }
                // Stays below the per-visitor rate limit.
                tokio::time::sleep(Duration::from_millis(110)).await;
            }
        }
        Ok(())
    }

    /// Reconnects and checks that every acknowledged message is there exactly once, with the right sequence number.
    /// Returns the number of messages.
    pub(crate) async fn verify_acknowledged(&self, server: &ServerProcess) -> anyhow::Result<usize> {
        let mut tab = server_process::tab(&server.ws(), Some(self.token()), 0).await?;
        ensure!(tab.token() == self.token(), "{}: the server does not recognize the visitor", self.name);
        wait_for_all_entries(&mut tab).await?;
        let there: BTreeMap<_, _> = tab
            .entries
            .iter()
            .filter_map(|entry| match &entry.body {
                protocol::chat::Body::Text(text) => Some((text.clone(), entry.seq)),
                _ => None,
            })
            .collect();
        let texts = tab.messages();
        ensure!(texts.len() == there.len(), "{}: a message was stored twice", self.name);
        let lost: BTreeSet<_> = self
            .acknowledged
            .iter()
            .filter(|(text, seq)| there.get(*text) != Some(*seq))
            .map(|(text, _)| text)
            .collect();
        ensure!(lost.is_empty(), "acknowledged but not stored: {lost:?}");
        Ok(there.len())
    }
}

/// Reads frames until the tab has every entry of its chat.
pub(crate) async fn wait_for_all_entries(tab: &mut Visitor) -> anyhow::Result<()> {
    tab.send_frame(&FromVisitor::Heartbeat).await?;
    let mut head = None;
    while head.is_none_or(|head| tab.head() < head) {
        if let ToVisitor::Heartbeat { head: reported, .. } = tab.next().await.context("failed to read the chat")? {
            head = Some(reported);
        }
    }
    Ok(())
}
