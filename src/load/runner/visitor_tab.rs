//! A simulated visitor's tab in a load test. It acts on a schedule and responds immediately to the server.

use std::{sync::Arc, time::Duration};

use protocol::{
    chat::{Author, Body, ChatState, Entry, Receipt, Seq},
    codec,
    id::{InvitationId, VisitorToken},
    invitation::{Answer, VisitorInvitation},
    limits,
    visitor::{FromVisitor, ToVisitor},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_tungstenite::tungstenite::Message;

use super::{
    schedule::Plan,
    shared_state::{Phase, Shared},
};
use crate::{
    codec::Wire,
    connection::{Connection, ConnectionError},
    metrics::{Count, Latency},
    options::Scenario,
    trace_tag::{TraceTag, since},
    visitor::hello,
};

/// The maximum number of retries when connecting.
const TRIES: u32 = 8;
/// The delay between retries.
const BETWEEN_TRIES: Duration = Duration::from_millis(500);
/// The interval between chat requests before the measurement. Requests are spread out because each one is announced to
/// every dashboard.
const ASKS_APART: Duration = Duration::from_millis(8);
const USER_AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0";

/// Runs one visitor from their first page until the end of the test.
pub(super) async fn run_visitor(shared: Arc<Shared>, number: u32) {
    let mut tab = Tab::new(shared, number);
    if let Err(lost) = tab.run().await {
        tab.shared.metrics.count(Count::CutOff, 1);
        tracing::debug!(number, %lost, "a visitor lost their connection");
    }
}

struct Tab {
    shared: Arc<Shared>,
    number: u32,
    random: StdRng,
    token: Option<VisitorToken>,
    pages: Plan,
    messages: Plan,
    /// When to reconnect in the storm scenario.
    returns_at: Option<Instant>,
    /// When to ask for a person.
    asks_at: Option<Instant>,
    /// The last entry received in the chat.
    head: Seq,
    asked: bool,
    is_chatting: bool,
    invitation: Option<InvitationId>,
}

impl Tab {
    fn new(shared: Arc<Shared>, number: u32) -> Self {
        let mut random = StdRng::seed_from_u64(shared.options.seed.wrapping_add(number.into()));
        let (visitors, chats) = (shared.options.visitors, shared.options.chats());
        let pages = Plan::new(shared.rates.pages, visitors, &mut random);
        // The agents send the other half.
        let messages = Plan::new(shared.rates.messages / 2.0, chats, &mut random);
        Self {
            shared,
            number,
            random,
            token: None,
            pages,
            messages,
            returns_at: None,
            asks_at: None,
            head: 0,
            asked: false,
            is_chatting: false,
            invitation: None,
        }
    }

    async fn run(&mut self) -> Result<(), ConnectionError> {
        let mut connection = self.connect(Latency::Connect).await?;
        let mut phase = self.shared.phase.clone();
        phase.mark_changed();
        let heartbeat_interval = Duration::from_millis(limits::HEARTBEAT_INTERVAL_MS.into());
        let mut beats_at = Instant::now() + heartbeat_interval;
        loop {
            let next = [self.pages.at, self.messages.at, self.returns_at, self.asks_at];
            let next = next.into_iter().flatten().fold(beats_at, Instant::min);
            tokio::select! {
                changed = phase.changed() => {
                    let now = *phase.borrow_and_update();
                    if changed.is_err() || matches!(now, Phase::Over) {
                        return Ok(());
                    }
                    self.enter_phase(now);
                }
                message = connection.next_raw() => self.handle_message(&mut connection, &message?).await?,
                () = sleep_until(next) => {
                    let now = Instant::now();
                    if self.returns_at.take_if(|at| *at <= now).is_some() {
                        drop(connection);
                        connection = self.connect(Latency::Reconnect).await?;
                    }
                    if beats_at <= now {
                        beats_at = now + heartbeat_interval;
                        if self.shared.options.peer == Wire::Jumpin {
                            connection.send(&FromVisitor::Heartbeat).await?;
                        }
                    }
                    self.run_due_actions(&mut connection, now).await?;
                }
            }
        }
    }

    /// Connects, retrying up to [`TRIES`] times.
    async fn connect(&mut self, latency: Latency) -> Result<Connection, ConnectionError> {
        let mut tries = 0;
        loop {
            let shared = Arc::clone(&self.shared);
            let _permit = shared.connect_permits.acquire().await.map_err(|_| ConnectionError::Closed(1000))?;
            let began = Instant::now();
            match self.handshake().await {
                Ok(connection) => {
                    shared.metrics.record(latency, [u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX)]);
                    shared.metrics.count(Count::Connected, 1);
                    // The first page also changes a row on the board.
                    shared.metrics.count(Count::Events, 1);
                    return Ok(connection);
                }
                Err(lost) if tries == TRIES => return Err(lost),
                Err(lost) => {
                    tries += 1;
                    shared.metrics.count(Count::Rejected, 1);
                    tracing::debug!(number = self.number, %lost, "a visitor's connection was rejected");
                }
            }
            sleep(BETWEEN_TRIES).await;
        }
    }

    async fn handshake(&mut self) -> Result<Connection, ConnectionError> {
        let shared = &self.shared;
        let (wire, way) = (shared.options.peer, shared.visitor_connect_options(self.number));
        let url = wire.visitor_url(shared.options.authority());
        let mut connection = Connection::open_with(way, &url, &[("user-agent", USER_AGENT)]).await?;
        let page = TraceTag::now(self.number, self.pages.said + 1).page(&shared.options.site);
        if wire != Wire::Jumpin {
            wire.handshake_as_visitor(&mut connection, &page).await?;
        } else {
            let hello = hello(&shared.options.concierge, &shared.options.site, page, self.token.clone());
            connection.send(&FromVisitor::Hello(hello)).await?;
            match connection.next().await? {
                ToVisitor::Welcome(welcome) => self.token = Some(welcome.token),
                ToVisitor::CloseReason(close_reason) => return Err(ConnectionError::Closed(close_reason.code())),
                _ => return Err(ConnectionError::NotAFrame),
            }
        }
        self.pages.said += 1;
        Ok(connection)
    }

    fn enter_phase(&mut self, phase: Phase) {
        match phase {
            Phase::Preparing if self.number < self.shared.options.chats() => {
                self.asks_at = Some(Instant::now() + ASKS_APART * self.number);
            }
            Phase::Running(since) => {
                self.pages.begin(since);
                if self.is_chatting {
                    self.messages.begin(since);
                }
                self.returns_at = (self.shared.options.scenario == Scenario::Storm).then_some(since);
            }
            Phase::Ending => {
                self.pages.end();
                self.messages.end();
            }
            Phase::Arriving | Phase::Preparing | Phase::Over => {}
        }
    }

    async fn run_due_actions(&mut self, connection: &mut Connection, now: Instant) -> Result<(), ConnectionError> {
        let metrics = &self.shared.metrics;
        if self.asks_at.take_if(|at| *at <= now).is_some() {
            connection.send(&FromVisitor::AskForPerson).await?;
        }
        if let Some(late) = self.pages.take(now) {
            let tag = TraceTag::now(self.number, self.pages.said);
            connection.send_raw(self.shared.options.peer.page(&tag.page(&self.shared.options.site))).await?;
            metrics.count(Count::Events, 1);
            metrics.record(Latency::Late, [late]);
        }
        if let Some(late) = self.messages.take(now) {
            let tag = TraceTag::now(self.number, self.messages.said);
            connection.send(&FromVisitor::SendMessage { client_id: tag.client_id(), text: tag.text() }).await?;
            metrics.count(Count::Messages, 1);
            metrics.record(Latency::Late, [late]);
        }
        Ok(())
    }

    async fn handle_message(&mut self, connection: &mut Connection, message: &Message) -> Result<(), ConnectionError> {
        let wire = self.shared.options.peer;
        if let Some(answer) = wire.heartbeat_reply(message) {
            return connection.send_raw(answer).await;
        }
        let (Wire::Jumpin, Message::Binary(bytes)) = (wire, message) else { return Ok(()) };
        let metrics = &self.shared.metrics;
        match codec::decode(bytes).map_err(|_| ConnectionError::NotAFrame)? {
            ToVisitor::Invitation(Some(invitation)) => self.answer_invitation(connection, invitation).await,
            ToVisitor::Chat(Some(chat)) => {
                if chat.state == ChatState::Unclaimed && self.number < self.shared.options.chats() && !self.asked {
                    self.asked = true;
                    self.shared.assign_claim(chat.id, self.number as usize);
                }
                self.is_chatting = chat.state == ChatState::InProgress;
                Ok(())
            }
            ToVisitor::Entries(entries) => self.handle_entries(connection, &entries).await,
            ToVisitor::Acknowledged { client_id, .. } => {
                metrics.count(Count::Acknowledged, 1);
                metrics.record(Latency::Acknowledgement, [since(TraceTag::time_of(client_id))]);
                Ok(())
            }
            ToVisitor::Refused { refusal, .. } => {
                metrics.count(Count::Refused, 1);
                tracing::debug!(?refusal, "a visitor's request was refused");
                Ok(())
            }
            ToVisitor::CloseReason(close_reason) => Err(ConnectionError::Closed(close_reason.code())),
            _ => Ok(()),
        }
    }

    /// Reports an invitation as delivered and seen, and then answers it.
    async fn answer_invitation(
        &mut self,
        connection: &mut Connection,
        invitation: VisitorInvitation,
    ) -> Result<(), ConnectionError> {
        let id = invitation.id;
        if !invitation.state.is_open() || self.invitation.replace(id) == Some(id) {
            return Ok(());
        }
        let metrics = &self.shared.metrics;
        metrics.count(Count::Invited, 1);
        metrics.record(Latency::Invitation, TraceTag::of_text(&invitation.text).map(|tag| since(tag.at)));
        connection.send(&FromVisitor::Delivered(id)).await?;
        connection.send(&FromVisitor::Seen(id)).await?;
        let answer = if self.random.random_bool(self.shared.options.accept.clamp(0.0, 1.0)) {
            self.shared.record_acceptance(self.number);
            metrics.count(Count::Accepted, 1);
            Answer::Accept
        } else {
            metrics.count(Count::Denied, 1);
            Answer::Deny
        };
        connection.send(&FromVisitor::Answer { invitation: id, answer }).await
    }

    async fn handle_entries(&mut self, connection: &mut Connection, entries: &[Entry]) -> Result<(), ConnectionError> {
        let metrics = &self.shared.metrics;
        let head = self.head;
        for entry in entries.iter().filter(|entry| entry.seq > head) {
            self.head = entry.seq;
            if let (Author::Agent(_), Body::Text(text)) = (entry.author, &entry.body) {
                metrics.count(Count::Arrived, 1);
                metrics.record(Latency::Message, TraceTag::of_text(text).map(|tag| since(tag.at)));
            }
        }
        if self.head > head && !self.shared.options.no_receipts {
            let receipt = Receipt { delivered: self.head, read: self.head };
            connection.send(&FromVisitor::Receipt(receipt)).await?;
        }
        Ok(())
    }
}
