//! Checks that run after every case: the server is healthy, an uninvolved conversation has lost nothing, and no data
//! from another tenant has leaked.

use std::time::{Duration, Instant};

use load::{Agent, Visitor};
use protocol::{chat::Body, id::ChatId};
use tokio::{
    task::JoinHandle,
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

use super::log_capture;
use crate::{
    client_ext::{AgentExt, VisitorExt, with_deadline},
    second_tenant::{CANARY, SecondTenant},
    test_server::{SignedIn, TestServer},
};

/// How often the uninvolved visitor and agent exchange messages.
const PACE: Duration = Duration::from_millis(100);
/// How quickly a health check must respond.
const HEALTHY_WITHIN: Duration = Duration::from_secs(1);

/// Observes the server from the start of a case until its end.
pub(super) struct InvariantCheck<'h> {
    server: &'h TestServer,
    cara: SignedIn,
    chat: ChatId,
    second_tenant: JoinHandle<SecondTenant>,
    enough: CancellationToken,
    talking: JoinHandle<Conversation>,
}

/// An uninvolved visitor and agent who chat while the case runs.
struct Conversation {
    visitor: Visitor,
    dashboard: Agent,
    chat: ChatId,
    said: Vec<String>,
}

impl<'h> InvariantCheck<'h> {
    /// Starts the uninvolved conversation and creates a second tenant whose data must not leak.
    pub(super) async fn start(server: &'h TestServer) -> Self {
        log_capture::install();
        let second_tenant = SecondTenant::create(server).await;
        let cara = server.sign_in("cara").await;
        let mut dashboard = server.dashboard(&cara).await;
        let (visitor, chat) = server.visitor_in_claimed_chat(&cara, &mut dashboard, "/not-concerned").await;
        dashboard.open_chat(chat).await.unwrap();
        let enough = CancellationToken::new();
        let second_tenant = tokio::spawn(second_tenant.keep_alive(enough.clone()));
        let talking = tokio::spawn(Conversation { visitor, dashboard, chat, said: Vec::new() }.run(enough.clone()));
        Self { server, cara, chat, second_tenant, enough, talking }
    }

    /// Stops observing and asserts that the case had no side effects.
    pub(super) async fn assert_invariants(mut self) {
        self.enough.cancel();
        let talk = with_deadline("the uninvolved conversation", &mut self.talking)
            .await
            .expect("the uninvolved conversation did not fail");
        assert_eq!(self.stored_messages().await, talk.said, "each message once, in order");
        assert!(!talk.received_text().contains(CANARY), "{}", talk.received_text());
        with_deadline("the second tenant's connections", &mut self.second_tenant)
            .await
            .expect("the second tenant's connections did not fail")
            .assert_unchanged()
            .await;

        is_healthy(self.server).await;
        assert!(self.server.is_running());
        self.server.check_database().await;
        assert_eq!(log_capture::forbidden_lines(), Vec::<String>::new());
    }
}

impl InvariantCheck<'_> {
    /// Returns the conversation's messages as stored in the database.
    async fn stored_messages(&self) -> Vec<String> {
        let (mut kept, mut head) = (Vec::new(), 0);
        loop {
            let entries = self.server.engine.entries(&self.cara.me, self.chat, head).await.unwrap();
            let Some(last) = entries.last() else { return kept };
            head = last.seq;
            kept.extend(entries.into_iter().filter_map(|entry| match entry.body {
                Body::Text(text) => Some(text),
                _ => None,
            }));
        }
    }
}

impl Conversation {
    async fn run(mut self, enough: CancellationToken) -> Self {
        let mut pace = interval(PACE);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            self.exchange_message().await;
            tokio::select! {
                biased;
                () = enough.cancelled() => break,
                _ = pace.tick() => {}
            }
        }
        // Messages sent after the case must still arrive.
        self.exchange_message().await;
        self
    }

    async fn exchange_message(&mut self) {
        let (chat, text) = (self.chat, format!("Not concerned, {}", self.said.len()));
        self.said.push(text.clone());
        let is_agents_turn = self.said.len().is_multiple_of(4);
        if is_agents_turn {
            let id = self.dashboard.send_message(chat, &text).await.unwrap();
            self.dashboard
                .until("the agent's tick", |agent| agent.acknowledged.iter().find(|(one, _)| *one == id).copied())
                .await;
        } else {
            let id = self.visitor.send_message(&text).await.unwrap();
            let ticked = |visitor: &Visitor| visitor.acknowledged.iter().find(|(one, _)| *one == id).copied();
            self.visitor.until("the visitor's tick", ticked).await;
        }
        let said = &self.said;
        self.dashboard
            .until("the message on the dashboard", |agent| has_texts(&agent.messages(chat), said).then_some(()))
            .await;
        self.visitor
            .until("the message on the page", |visitor| has_texts(&visitor.messages(), said).then_some(()))
            .await;
    }

    /// Returns everything that the visitor and the agent have received, as text.
    fn received_text(&self) -> String {
        let Agent { directory, board, chats, entries, notices, refused, .. } = &self.dashboard;
        let Visitor { welcome, invitation, chat, entries: said, .. } = &self.visitor;
        format!(
            "{directory:?} {board:?} {chats:?} {entries:?} {notices:?} {refused:?} {welcome:?} {invitation:?} {chat:?} {said:?}"
        )
    }
}

fn has_texts(has: &[(bool, &str)], said: &[String]) -> bool {
    has.iter().map(|(_, text)| *text).eq(said.iter().map(String::as_str))
}

/// Waits until `/healthz` responds within a second. This may take several attempts if the machine is busy with other
/// tests.
pub(super) async fn is_healthy(server: &TestServer) {
    with_deadline("a health check within a second", async {
        loop {
            let asked = Instant::now();
            let answer = reqwest::get(server.http("/healthz")).await.unwrap();
            assert_eq!(answer.status(), 200);
            if asked.elapsed() < HEALTHY_WITHIN {
                return;
            }
        }
    })
    .await;
}
