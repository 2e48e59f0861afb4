//! A second organization on the same server, with chats in progress. All of its data contains the canary string.

use std::time::Duration;

use engine::store::{ConciergeSettings, NewAgent, NewConcierge};
use load::{Agent, Visitor, visitor::hello};
use protocol::{
    agent::{FromAgent, Role, ToAgent},
    concierge::Privacy,
    id::{AgentId, ChatId, ConciergeId, ConciergeKey, InvitationId, TeamId, VisitId},
    language::Language,
    page::Page,
    status::Status,
    visitor::FromVisitor,
};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    client_ext::{AgentExt, VisitorExt, with_deadline},
    test_server::{FIREFOX, SignedIn, TestServer, fixture_password_hash},
};

const BEATS_EVERY: Duration = Duration::from_secs(10);
pub(crate) const CANARY: &str = "CANARY";
const THERE: &str = "https://canary.test";

/// The second tenant's ids that another tenant might guess.
#[derive(Clone, Copy)]
pub(crate) struct Ids {
    pub(crate) visit: VisitId,
    pub(crate) invitation: InvitationId,
    pub(crate) waiting: ChatId,
    pub(crate) talking: ChatId,
    pub(crate) agent: AgentId,
    pub(crate) version: u32,
    pub(crate) concierge: ConciergeId,
    pub(crate) team: TeamId,
}

impl Ids {
    /// Returns ids that do not exist.
    pub(crate) fn missing() -> Self {
        let id = Uuid::now_v7;
        Self {
            visit: VisitId(id()),
            invitation: InvitationId(id()),
            waiting: ChatId(id()),
            talking: ChatId(id()),
            agent: AgentId(id()),
            version: 1,
            concierge: ConciergeId(id()),
            team: TeamId(id()),
        }
    }
}

/// The second tenant, with open chats and an open invitation.
pub(crate) struct SecondTenant {
    pub(crate) dashboard: Agent,
    pub(crate) talking: Visitor,
    pub(crate) invited: Visitor,
    pub(crate) ids: Ids,
}

async fn connect_visitor(server: &TestServer, path: &str) -> Visitor {
    let page = Page { url: format!("{THERE}/{CANARY}/{path}"), title: CANARY.into() };
    with_deadline(
        "the second tenant's visitor",
        Visitor::connect(&server.ws(), hello("canary", THERE, page, None), FIREFOX),
    )
    .await
    .unwrap()
}

async fn row(dashboard: &mut Agent, path: &str) -> VisitId {
    let found = |agent: &Agent| agent.board.rows.values().find(|row| row.page.url.ends_with(path)).map(|row| row.visit);
    dashboard.until("the second tenant's row", found).await
}

impl SecondTenant {
    pub(crate) async fn create(server: &TestServer) -> Self {
        let store = server.engine.store();
        let organization = store.add_organization("CANARY Acme").await.unwrap();
        let team = store.add_team(organization, "CANARY Sales").await.unwrap();
        let settings = ConciergeSettings {
            sites: vec![THERE.into()],
            team: Some(team),
            privacy: Privacy::Full,
            invitation: CANARY.into(),
            ..ConciergeSettings::named(CANARY, Language::En)
        };
        let concierge = NewConcierge { organization, key: ConciergeKey("canary".into()), settings };
        store.add_concierge(concierge).await.unwrap();
        let bea = NewAgent {
            organization,
            name: "Bea CANARY".into(),
            email: "bea@acme.test".parse().unwrap(),
            role: Role::Admin,
            password_hash: fixture_password_hash().into(),
            max_chats: 3,
            language: Language::En,
        };
        let bea = store.add_agent(bea).await.unwrap();
        store.join_team(bea, team).await.unwrap();
        Self::populate(server, &server.sign_in("bea").await).await
    }

    async fn populate(server: &TestServer, bea: &SignedIn) -> Self {
        let mut dashboard = server.dashboard(bea).await;
        let mut talking = connect_visitor(server, "talking").await;
        let (mut invited, mut waiting) =
            (connect_visitor(server, "invited").await, connect_visitor(server, "waiting").await);
        let visit = row(&mut dashboard, "talking").await;
        let chat = server.start_claimed_chat(bea, &mut talking, visit).await;
        talking.send_message("CANARY from a visitor").await.unwrap();
        dashboard.open_chat(chat).await.unwrap();
        dashboard.send_message(chat, "CANARY from an agent").await.unwrap();
        talking.until("both messages", |visitor| (visitor.messages().len() == 2).then_some(())).await;
        let visit = row(&mut dashboard, "invited").await;
        let invitation = server.engine.invite(&bea.me, visit, "CANARY?".into()).await.unwrap();
        invited.wait_for_invitation().await;
        waiting.send_frame(&FromVisitor::AskForPerson).await.unwrap();
        let waits = waiting.until("the unclaimed chat", |visitor| visitor.chat.as_ref().map(|chat| chat.id)).await;
        let is_in = |agent: &Agent| agent.chats.get(&chat).filter(|chat| chat.chat.agent.is_some()).cloned();
        let version = dashboard.until("the chat", is_in).await.chat.version;
        server.engine.add_note(&bea.me, chat, "CANARY note", false).await.unwrap();
        server.engine.tag(&bea.me, chat, "CANARY tag", true).await.unwrap();
        let (concierge, team) = (dashboard.directory.concierges[0].id, dashboard.directory.teams[0].id);
        let ids =
            Ids { visit, invitation, waiting: waits, talking: chat, agent: bea.me.agent, version, concierge, team };
        Self { dashboard, talking, invited, ids }
    }

    /// Keeps the connections alive until `enough` is canceled, because the server closes idle sockets.
    pub(crate) async fn keep_alive(mut self, enough: CancellationToken) -> Self {
        while timeout(BEATS_EVERY, enough.cancelled()).await.is_err() {
            self.talking.wait_until_synced().await;
            self.invited.wait_until_synced().await;
            self.dashboard.send_frame(&FromAgent::Heartbeat).await.unwrap();
            with_deadline("the heartbeat reply", async {
                while !matches!(self.dashboard.next().await.unwrap(), ToAgent::Heartbeat { .. }) {}
            })
            .await;
        }
        self
    }

    /// Asserts that none of the second tenant's data has changed.
    pub(crate) async fn assert_unchanged(&mut self) {
        self.talking.wait_until_synced().await;
        self.invited.wait_until_synced().await;
        assert_eq!(self.talking.messages().len(), 2);
        assert!(self.invited.invitation.as_ref().is_some_and(|invitation| invitation.state.is_open()));
        let row = self.dashboard.wait_for_status(self.ids.visit, Status::AgentRequested).await;
        assert_eq!(row.composing, None);
    }
}
