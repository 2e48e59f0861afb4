//! A second organization on the same server, in the middle of its day. Everything of it says CANARY.

use std::time::Duration;

use engine::store::{ConciergeSettings, NewAgent, NewConcierge};
use load::{Agent, Visitor, visitor::hello};
use protocol::{
    agent::{FromAgent, Role, ToAgent},
    concierge::Privacy,
    id::{AgentId, ChatId, ConciergeId, ConciergeKey, InvitationId, TeamId, VisitId},
    page::Page,
    status::Status,
    visitor::FromVisitor,
    words::Language,
};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    house::{FIREFOX, House, SignedIn, hashed},
    waiting::{AtTheDesk, OnThePage, soon},
};

const BEATS_EVERY: Duration = Duration::from_secs(10);
pub(crate) const CANARY: &str = "CANARY";
const THERE: &str = "https://canary.test";

/// What one would have to know of somebody else's house.
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
    /// Of nothing at all.
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

/// The neighbour's house, in the middle of its day.
pub(crate) struct Neighbour {
    pub(crate) desk: Agent,
    pub(crate) talking: Visitor,
    pub(crate) invited: Visitor,
    pub(crate) ids: Ids,
}

async fn arrives(house: &House, path: &str) -> Visitor {
    let page = Page { url: format!("{THERE}/{CANARY}/{path}"), title: CANARY.into() };
    soon("a visitor next door", Visitor::arrive(&house.ws(), hello("canary", THERE, page, None), FIREFOX))
        .await
        .unwrap()
}

async fn row(desk: &mut Agent, path: &str) -> VisitId {
    let found = |agent: &Agent| agent.board.rows.values().find(|row| row.page.url.ends_with(path)).map(|row| row.visit);
    desk.until("a row next door", found).await
}

impl Neighbour {
    pub(crate) async fn moves_in(house: &House) -> Self {
        let store = house.engine.store();
        let organization = store.add_organization("CANARY House").await.unwrap();
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
            email: "bea@house.test".into(),
            role: Role::Admin,
            password_hash: hashed().into(),
            max_chats: 3,
            language: Language::En,
        };
        let bea = store.add_agent(bea).await.unwrap();
        store.join_team(bea, team).await.unwrap();
        Self::at_work(house, &house.signs_in("bea").await).await
    }

    async fn at_work(house: &House, bea: &SignedIn) -> Self {
        let mut desk = house.dashboard(bea).await;
        let mut talking = arrives(house, "talking").await;
        let (mut invited, mut waiting) = (arrives(house, "invited").await, arrives(house, "waiting").await);
        let visit = row(&mut desk, "talking").await;
        let chat = house.chatting(bea, &mut talking, visit).await;
        talking.says("CANARY from a visitor").await.unwrap();
        desk.opens(chat).await.unwrap();
        desk.says(chat, "CANARY from an agent").await.unwrap();
        talking.until("both messages", |visitor| (visitor.messages().len() == 2).then_some(())).await;
        let visit = row(&mut desk, "invited").await;
        let invitation = house.engine.invite(&bea.me, visit, "CANARY?".into()).await.unwrap();
        invited.is_invited().await;
        waiting.tell(&FromVisitor::AskForPerson).await.unwrap();
        let waits = waiting.until("a chat that waits", |visitor| visitor.chat.as_ref().map(|chat| chat.id)).await;
        let is_in = |agent: &Agent| agent.chats.get(&chat).filter(|chat| chat.chat.agent.is_some()).cloned();
        let version = desk.until("the chat", is_in).await.chat.version;
        house.engine.add_note(&bea.me, chat, "CANARY note", false).await.unwrap();
        house.engine.tag(&bea.me, chat, "CANARY tag", true).await.unwrap();
        let (concierge, team) = (desk.directory.concierges[0].id, desk.directory.teams[0].id);
        let ids =
            Ids { visit, invitation, waiting: waits, talking: chat, agent: bea.me.agent, version, concierge, team };
        Self { desk, talking, invited, ids }
    }

    /// Stays until there is enough; who says nothing for long is let go.
    pub(crate) async fn stays(mut self, enough: CancellationToken) -> Self {
        while timeout(BEATS_EVERY, enough.cancelled()).await.is_err() {
            self.talking.is_up_to_date().await;
            self.invited.is_up_to_date().await;
            self.desk.tell(&FromAgent::Beat).await.unwrap();
            soon("the answer to a beat", async {
                while !matches!(self.desk.next().await.unwrap(), ToAgent::Beat { .. }) {}
            })
            .await;
        }
        self
    }

    /// Nothing has moved next door.
    pub(crate) async fn is_undisturbed(&mut self) {
        self.talking.is_up_to_date().await;
        self.invited.is_up_to_date().await;
        assert_eq!(self.talking.messages().len(), 2);
        assert!(self.invited.invitation.as_ref().is_some_and(|invitation| invitation.state.is_open()));
        let row = self.desk.sees(self.ids.visit, Status::AgentRequested).await;
        assert_eq!(row.composing, None);
    }
}
