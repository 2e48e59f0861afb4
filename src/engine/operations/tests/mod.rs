//! Tests operations through connections and the store. The tests use a real database and a real clock with short
//! timers, and they wait for conditions instead of sleeping. Scenario and case numbers refer to `docs/testing.md`.

mod agent_connections;
mod audit_log;
mod availability;
mod blocking;
mod board_flood;
mod catch_up;
mod files;
mod history;
mod invitation_policy;
mod invitation_steps;
mod invitations;
mod message_form;
mod messages;
mod notes;
mod queue;
mod quiet_period;
mod read_scope;
mod restart;
mod routing;
mod traffic_sources;
mod transfers;
mod visitor_limits;
mod visitor_tokens;
mod visitor_writes;

use std::{
    future::Future,
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
    time::Duration,
};

use protocol::{
    agent::{FromAgent, Role, ToAgent},
    board::Row,
    chat::{Body, Entry},
    close_reason::CloseReason,
    codec,
    concierge::{Consent, Privacy},
    id::{ChatId, ClientId, ConciergeKey, InvitationId, TabId, TeamId, VisitId, VisitorToken},
    invitation::Answer,
    language::Language,
    notice::Notice,
    page::Page,
    presence::TabActivity,
    status::Status,
    visitor::{FromVisitor, Hello, ToVisitor, Welcome},
};
use uuid::Uuid;

use super::Engine;
use crate::{
    AgentConnection, ClientInfo, DiskSettings, FileRules, Outgoing, Principal, Settings, SignInLimits, Store,
    TabLimits, Timers, UploadLimits, VisitLimits, VisitorConnection, VisitorLimits,
    store::{ConciergeSettings, InvitationPolicy, NewAgent, NewConcierge},
    test_database::{TestDatabase, skip_on_postgres},
};
use invitation_steps::*;

/// The timeout for every wait. It is generous enough for a busy machine.
const LIMIT: Duration = Duration::from_secs(20);
const SHOP: &str = "https://shop.test";
/// The address of all visitors.
const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
/// The free disk space below which visitors' writes are refused.
const FREE_DISK: u64 = 1_000_000;
const VISIBLE: TabActivity = TabActivity { visible: true, typing_in_form: false, input: true };

/// An engine on a temporary database with one organization. Ann and Bob form its only team. Cara is not in any team.
struct TestEngine {
    engine: Engine,
    team: TeamId,
    ann: Principal,
    bob: Principal,
    cara: Principal,
    dora: Principal,
    invitation_policy: InvitationPolicy,
    folder: tempfile::TempDir,
    database: TestDatabase,
}

impl TestEngine {
    async fn open(timers: Timers) -> Self {
        Self::with(timers, InvitationPolicy::default()).await
    }

    /// Opens an engine whose concierge has a custom invitation policy.
    async fn with(timers: Timers, invitation_policy: InvitationPolicy) -> Self {
        let folder = tempfile::tempdir().expect("temporary directory created");
        let database = TestDatabase::create(folder.path()).await;
        let store = Store::open(database.address()).await.expect("store opened");
        let organization = store.add_organization("Shop").await.expect("organization added");
        let team = store.add_team(organization, "Sales").await.expect("team added");
        let concierge = NewConcierge {
            organization,
            key: ConciergeKey("shop".into()),
            settings: ConciergeSettings {
                sites: vec![SHOP.into()],
                team: Some(team),
                privacy: Privacy::Full,
                invitation_policy: invitation_policy.clone(),
                ..ConciergeSettings::named("Shop", Language::En)
            },
        };
        store.add_concierge(concierge).await.expect("concierge added");
        let mut people = Vec::new();
        for (number, name) in ["Ann Archer", "Bob Baker", "Cara Cruz", "Dora Diaz"].into_iter().enumerate() {
            let role = if number < 3 { Role::Agent } else { Role::Admin };
            let new = NewAgent {
                organization,
                name: name.into(),
                email: format!("{}@shop.test", &name[..3]).parse().expect("a valid address"),
                role,
                password_hash: String::new(),
                max_chats: 2,
                language: Language::En,
            };
            let agent = store.add_agent(new).await.expect("agent added");
            if number < 2 {
                store.join_team(agent, team).await.expect("member added");
            }
            let session = [u8::try_from(number).expect("fits in u8"); 32];
            store.add_session(session, agent, crate::clock::now(), "Firefox").await.expect("session added");
            people.push(Principal { agent, organization, role, name: name.into(), language: Language::En, session });
        }
        let [ann, bob, cara, dora] = people.try_into().expect("four agents");
        let engine = Self::start(store, timers, folder.path().join("files")).await;
        Self { engine, team, ann, bob, cara, dora, invitation_policy, database, folder }
    }

    async fn start(store: Store, timers: Timers, files: PathBuf) -> Engine {
        Engine::start(store, Self::settings(timers, files)).await.expect("engine started")
    }

    fn settings(timers: Timers, files: PathBuf) -> Settings {
        Settings {
            timers,
            public_url: "http://127.0.0.1:3000".into(),
            tabs: TabLimits::default(),
            sign_in: SignInLimits::default(),
            visitors: VisitorLimits::default(),
            visits: VisitLimits::default(),
            // Not checked, so that tests can decide.
            disk: DiskSettings { folders: vec!["/missing".into()], min_free_disk_bytes: FREE_DISK },
            files,
            file_rules: FileRules { max_file_bytes: 100_000, ..FileRules::default() },
            uploads: UploadLimits::default(),
            avatars: std::path::PathBuf::new(),
            mail_queue: None,
        }
    }

    /// Restarts the engine with different limits for visitors.
    async fn with_visitor_limits(mut self, visitors: VisitorLimits) -> Self {
        self.engine.stop().await;
        let store = Store::open(self.database.address()).await.expect("store opened");
        let settings = Self::settings(Timers::default(), self.folder.path().join("files"));
        self.engine = Engine::start(store, Settings { visitors, ..settings }).await.expect("engine started");
        self
    }

    /// Shuts the engine down cleanly and starts it again on the same database.
    async fn restart(mut self, timers: Timers) -> Self {
        self.engine.stop().await;
        let store = Store::open(self.database.address()).await.expect("store opened");
        self.engine = Self::start(store, timers, self.folder.path().join("files")).await;
        self
    }

    fn hello_from(&self, token: Option<VisitorToken>) -> Hello {
        Hello {
            version: protocol::VERSION,
            concierge: ConciergeKey("shop".into()),
            token,
            tab: TabId(Uuid::now_v7()),
            host: SHOP.into(),
            page: Page { url: "https://shop.test/boots?secret=1".into(), title: "Boots".into() },
            activity: VISIBLE,
            automated: false,
            head: 0,
            entry_info: "Europe/Vienna https://search.test/?q=boots".into(),
            consent: Consent::Unknown,
        }
    }

    async fn connect(&self, hello: Hello) -> Result<VisitorConnection, CloseReason> {
        let user_agent = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0".into();
        let from =
            ClientInfo { ip: HOME, user_agent, is_mobile: false, languages: "de-AT,de".into(), opted_out: false };
        self.engine.connect_visitor(hello, from).await
    }

    /// Opens a tab as a new visitor or, if a token is given, as the visitor with that token.
    async fn tab(&self, token: Option<VisitorToken>) -> (VisitorConnection, Welcome) {
        let mut connection = self.connect(self.hello_from(token)).await.expect("connected");
        let welcome =
            connection.wait_for(|frame| if let ToVisitor::Welcome(welcome) = frame { Some(welcome) } else { None });
        let welcome = welcome.await;
        (connection, welcome)
    }

    async fn dashboard(&self, who: &Principal) -> AgentConnection {
        self.engine.connect_agent(who.clone(), None).await.expect("connected")
    }

    /// Returns the current row of a visit.
    async fn row(&self, visit: VisitId) -> Option<Row> {
        self.engine.board(&self.ann).await.rows.into_iter().find(|row| row.visit == visit)
    }

    async fn status(&self, visit: VisitId) -> Option<Status> {
        self.row(visit).await.map(|row| row.status(self.engine.now()))
    }

    /// Waits until the row meets the condition and returns it. Checks again whenever the dashboard receives a snapshot
    /// or a batch.
    async fn wait_for_row(&self, visit: VisitId, what: impl Fn(&Row) -> bool) -> Row {
        let mut dashboard = self.dashboard(&self.cara).await;
        loop {
            if let Some(row) = self.row(visit).await.filter(&what) {
                return row;
            }
            dashboard.wait_for(|frame| matches!(frame, ToAgent::Snapshot(_) | ToAgent::Batch(_)).then_some(())).await;
        }
    }

    async fn wait_for_status(&self, visit: VisitId, status: Status) {
        self.wait_for_row(visit, |row| row.status(self.engine.now()) == status).await;
    }

    /// Invites the visitor as Ann.
    async fn invite_visitor(&self, visitor: &mut VisitorConnection) -> InvitationId {
        self.engine.invite(&self.ann, visitor.visit(), "How can I help?".into()).await.expect("invited")
    }

    /// Requests a chat as the visitor and claims it as Ann.
    async fn chat(&self, visitor: &mut VisitorConnection) -> ChatId {
        visitor.handle_frame(FromVisitor::AskForPerson).await.expect("frame accepted");
        let chat = self.row(visitor.visit()).await.and_then(|row| row.chat).expect("chat exists").id;
        self.engine.claim(&self.ann, chat).await.expect("claimed");
        chat
    }
}
