//! A complete Jump-In server in a temporary directory and on its own port, with visitors and agents.

use std::{net::SocketAddr, path::Path};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use engine::{Engine, Principal, Store, Timers};
use jumpin::{
    screens,
    server::{Server, config::Config},
};
use load::{Agent, ConnectionError, Visitor, visitor::hello};
use protocol::{
    board::Board,
    id::{ChatId, VisitId, VisitorToken},
    invitation::Answer,
};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

pub(crate) use crate::fixtures::{FIREFOX, KEY, PASSWORD, SHOP, fixture_password_hash, page};
use crate::{
    client_ext::{AgentExt, VisitorExt, with_deadline},
    fixtures::create_fixtures,
    test_database::TestDatabase,
};

/// How many chats each agent may have at the same time.
const MAX_CHATS: u32 = 3;

pub(crate) struct TestServer {
    folder: TempDir,
    database: TestDatabase,
    config: Config,
    address: SocketAddr,
    pub(crate) engine: Engine,
    /// The address of the metrics endpoint.
    pub(crate) metrics: Option<SocketAddr>,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<anyhow::Result<()>>,
}

/// An agent who is signed in.
pub(crate) struct SignedIn {
    pub(crate) me: Principal,
    pub(crate) cookie: String,
    pub(crate) token: String,
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        Self::with_timers(|_| {}).await
    }

    /// Starts a server with timers adjusted for the test.
    pub(crate) async fn with_timers(set: impl FnOnce(&mut Timers)) -> Self {
        Self::with_config(|config| set(&mut config.timers)).await
    }

    /// Starts a server with a configuration adjusted for the test.
    pub(crate) async fn with_config(set: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = test_config("");
        set(&mut config);
        let database = TestDatabase::create(folder.path()).await;
        create_fixtures(database.address(), MAX_CHATS).await;
        Self::serve(folder, database, config, TcpListener::bind("127.0.0.1:0").await.unwrap()).await
    }

    /// Starts a server that reads its configuration from a settings file with this content.
    pub(crate) async fn with_settings(settings: &str) -> Self {
        Self::with_config(|config| *config = test_config(settings)).await
    }

    /// Starts a server on top of the existing data in a directory.
    pub(crate) async fn on_folder(folder: TempDir) -> Self {
        let database = TestDatabase::sqlite(folder.path());
        Self::serve(folder, database, test_config(""), TcpListener::bind("127.0.0.1:0").await.unwrap()).await
    }

    /// Returns the data directory.
    pub(crate) fn data(&self) -> &Path {
        self.folder.path()
    }

    /// Returns whether the server task is still running.
    pub(crate) fn is_running(&self) -> bool {
        !self.serving.is_finished()
    }

    /// Returns the server's database.
    pub(crate) fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// Checks every page and every foreign key of the SQLite file. PostgreSQL checks its own files.
    pub(crate) async fn check_database(&self) {
        if let Some(file) = self.database.address().file() {
            Store::inspect(file).await.unwrap();
        }
    }

    /// Returns whether any data file or database row contains the text.
    pub(crate) async fn contains_text(&self, word: &str) -> bool {
        folder_contains(self.data(), word) || self.database.contains_text(word).await
    }

    async fn serve(folder: TempDir, database: TestDatabase, mut config: Config, listener: TcpListener) -> Self {
        let address = listener.local_addr().unwrap();
        config.data = folder.path().to_owned();
        config.database_override = Some(database.address().clone());
        let server = with_deadline("the server to start", Server::prepare(config.clone(), listener)).await.unwrap();
        let (engine, metrics) = (server.engine().clone(), server.metrics_address());
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(server.serve(async move { drop(stopped.await) }));
        Self { folder, database, config, address, engine, metrics, stop: Some(stop), serving }
    }

    /// Shuts the server down the way a deployment does, then starts it again with the same data and port.
    pub(crate) async fn restart(mut self) -> Self {
        self.stop.take().expect("a server is stopped only once").send(()).expect("the server is still running");
        with_deadline("the server to shut down", &mut self.serving).await.unwrap().unwrap();
        drop(self.engine);
        // Binding fails until the last connection on the port has been closed.
        let listener = with_deadline("the port to become free", async {
            loop {
                match TcpListener::bind(self.address).await {
                    Ok(listener) => return listener,
                    Err(_) => tokio::task::yield_now().await,
                }
            }
        })
        .await;
        Self::serve(self.folder, self.database, self.config, listener).await
    }

    pub(crate) fn http(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn ws(&self) -> String {
        format!("ws://{}", self.address)
    }

    pub(crate) fn origin(&self) -> String {
        self.config.public_url.clone().unwrap_or_else(|| self.http(""))
    }

    /// Returns the address that the server listens on.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Signs in `ann` (a supervisor), `ben` or `cara` (agents), or `dora` (an admin). Creates the session directly
    /// because hashing a password takes about a second.
    pub(crate) async fn sign_in(&self, who: &str) -> SignedIn {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).unwrap();
        let (token, hash) = (URL_SAFE_NO_PAD.encode(secret), Sha256::digest(secret).into());
        let (store, now) = (self.engine.store(), self.engine.now());
        let agent = store.agent_by_email(&format!("{who}@acme.test")).await.unwrap().unwrap();
        store.add_session(hash, agent.id, now, "a test").await.unwrap();
        let me = self.engine.sessions().principal(&token, now).await.unwrap().unwrap();
        let cookie = screens::session_cookie::set(Some(&token), &self.origin());
        SignedIn { me, cookie: cookie.split(';').next().unwrap().to_owned(), token }
    }

    /// Opens the agent's dashboard and waits for the first snapshot of the board.
    pub(crate) async fn dashboard(&self, agent: &SignedIn) -> Agent {
        let mut dashboard =
            with_deadline("the dashboard to connect", Agent::connect(&self.ws(), &self.origin(), &agent.cookie, None))
                .await
                .unwrap();
        dashboard.until("the first snapshot", |agent| (agent.snapshots > 0).then_some(())).await;
        dashboard
    }

    /// Reconnects the agent's dashboard, starting from the board that it already had.
    pub(crate) async fn reconnect_dashboard(&self, agent: &SignedIn, board: Board) -> Agent {
        with_deadline(
            "a dashboard to reconnect",
            Agent::connect(&self.ws(), &self.origin(), &agent.cookie, Some(board)),
        )
        .await
        .unwrap()
    }

    /// Opens a page of the shop as a new visitor.
    pub(crate) async fn visitor(&self, path: &str) -> Visitor {
        self.tab(path, None).await
    }

    /// Opens a page in a tab as the visitor with this token. The tab is either a new one or the same one after a
    /// reload.
    pub(crate) async fn tab(&self, path: &str, token: Option<VisitorToken>) -> Visitor {
        self.try_visitor(path, token).await.unwrap()
    }

    pub(crate) async fn try_visitor(
        &self,
        path: &str,
        token: Option<VisitorToken>,
    ) -> Result<Visitor, ConnectionError> {
        let hello = hello(KEY, SHOP, page(path), token);
        with_deadline("the visitor to connect", Visitor::connect(&self.ws(), hello, FIREFOX)).await
    }

    /// Invites the visitor in this row, who accepts. Returns the chat, which has not been claimed yet.
    pub(crate) async fn start_unclaimed_chat(&self, agent: &SignedIn, visitor: &mut Visitor, visit: VisitId) -> ChatId {
        self.engine.invite(&agent.me, visit, "How can I help?".into()).await.unwrap();
        let invitation = visitor.wait_for_invitation().await;
        visitor.answer_invitation(invitation, Answer::Accept).await.unwrap();
        visitor.until("the chat", |visitor| visitor.chat.as_ref().map(|chat| chat.id)).await
    }

    /// Like [`Self::start_unclaimed_chat`], but the agent then claims the chat.
    pub(crate) async fn start_claimed_chat(&self, agent: &SignedIn, visitor: &mut Visitor, visit: VisitId) -> ChatId {
        let chat = self.start_unclaimed_chat(agent, visitor, visit).await;
        self.engine.claim(&agent.me, chat).await.unwrap();
        chat
    }

    /// Opens a page as a new visitor and starts a chat, which the agent of this dashboard then claims.
    pub(crate) async fn visitor_in_claimed_chat(
        &self,
        agent: &SignedIn,
        dashboard: &mut Agent,
        path: &str,
    ) -> (Visitor, ChatId) {
        let mut visitor = self.visitor(path).await;
        let visit = dashboard.wait_for_row(path).await.visit;
        let chat = self.start_claimed_chat(agent, &mut visitor, visit).await;
        (visitor, chat)
    }
}

fn folder_contains(folder: &Path, word: &str) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        let holds = |bytes: Vec<u8>| bytes.windows(word.len()).any(|part| part == word.as_bytes());
        // The server may delete a file while this is running.
        if path.is_dir() { folder_contains(&path, word) } else { std::fs::read(&path).is_ok_and(holds) }
    })
}

fn test_config(settings: &str) -> Config {
    let mut config = Config::parse(settings, &|_| None).unwrap();
    config.metrics = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    config.limits.sockets_per_minute = 10_000;
    config.limits.frames_per_minute = 10_000;
    config.requests.per_agent_and_minute = 10_000;
    config.visitors.messages_per_ten_seconds = 10_000;
    config.visitors.messages_per_hour = 10_000;
    config
}

pub(crate) fn now() -> protocol::Millis {
    engine::clock::now()
}
