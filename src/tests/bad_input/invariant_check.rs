//! What is looked at after every case: the server is as well as before, whoever talked meanwhile lost nothing, and nothing that
//! is somebody else's came out by any way.

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

/// How often the two who are not concerned say something.
const PACE: Duration = Duration::from_millis(100);
/// Whoever watches over the server asks no longer.
const HEALTHY_WITHIN: Duration = Duration::from_secs(1);

/// Looks on from the beginning of a case to its end.
pub(super) struct InvariantCheck<'h> {
    server: &'h TestServer,
    cara: SignedIn,
    chat: ChatId,
    second_tenant: JoinHandle<SecondTenant>,
    enough: CancellationToken,
    talking: JoinHandle<Conversation>,
}

/// Two whom the case does not concern.
struct Conversation {
    visitor: Visitor,
    dashboard: Agent,
    chat: ChatId,
    said: Vec<String>,
}

impl<'h> InvariantCheck<'h> {
    /// From here on a visitor and an agent talk, and the second tenant has something to hide.
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

    /// The case is over, and nothing has come of it.
    pub(super) async fn assert_invariants(mut self) {
        self.enough.cancel();
        let talk = with_deadline("the two who talk", &mut self.talking).await.expect("they are not concerned");
        assert_eq!(self.stored_messages().await, talk.said, "each once, and in order");
        assert!(!talk.received_text().contains(CANARY), "{}", talk.received_text());
        with_deadline("the second tenant", &mut self.second_tenant)
            .await
            .expect("he is not concerned")
            .assert_unchanged()
            .await;

        is_healthy(self.server).await;
        assert!(self.server.is_running());
        self.server.check_database().await;
        assert_eq!(log_capture::forbidden_lines(), Vec::<String>::new());
    }
}

impl InvariantCheck<'_> {
    /// What the two have said, as the database has it.
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
        // What was said after the case arrives as well.
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
                .until("her tick", |agent| agent.acknowledged.iter().find(|(one, _)| *one == id).copied())
                .await;
        } else {
            let id = self.visitor.send_message(&text).await.unwrap();
            let ticked = |visitor: &Visitor| visitor.acknowledged.iter().find(|(one, _)| *one == id).copied();
            self.visitor.until("his tick", ticked).await;
        }
        let said = &self.said;
        self.dashboard.until("it at the dashboard", |agent| has_texts(&agent.messages(chat), said).then_some(())).await;
        self.visitor.until("it on the page", |visitor| has_texts(&visitor.messages(), said).then_some(())).await;
    }

    /// Everything that has come to the two, in words.
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

/// `/healthz` answers at once; a machine that is busy with other tests may need another try.
pub(super) async fn is_healthy(server: &TestServer) {
    with_deadline("healthy within a second", async {
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
