//! A whole Jump-In in a folder that goes away: its server on a port of its own, its visitors and its agents.

use std::net::SocketAddr;

use engine::{Engine, Principal, Timers};
use jumpin::server::{Server, config::Config};
use load::{Agent, Lost, Visitor, visitor::hello};
use protocol::{
    board::Board,
    id::{ChatId, VisitId, VisitorToken},
    invitation::Answer,
};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

pub(crate) use crate::furnish::{FIREFOX, KEY, PASSWORD, SHOP, page};
use crate::{
    furnish::furnish,
    waiting::{AtTheDesk, OnThePage, soon},
};

/// How many chats each of the people may have at once.
const MAX_CHATS: u32 = 3;

pub(crate) struct House {
    folder: TempDir,
    timers: Timers,
    address: SocketAddr,
    pub(crate) engine: Engine,
    /// Where its numbers are.
    pub(crate) metrics: Option<SocketAddr>,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<anyhow::Result<()>>,
}

/// An agent who has signed in.
pub(crate) struct SignedIn {
    pub(crate) me: Principal,
    pub(crate) cookie: String,
    pub(crate) token: String,
}

impl House {
    pub(crate) async fn open() -> Self {
        Self::with(|_| {}).await
    }

    /// A house whose clocks run as the test needs.
    pub(crate) async fn with(set: impl FnOnce(&mut Timers)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut timers = Timers::default();
        set(&mut timers);
        furnish(&folder.path().join("jumpin.db"), MAX_CHATS).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::serve(folder, timers, listener).await
    }

    /// A house on what is in a folder already.
    pub(crate) async fn standing_in(folder: TempDir) -> Self {
        Self::serve(folder, Timers::default(), TcpListener::bind("127.0.0.1:0").await.unwrap()).await
    }

    /// The folder of its data.
    pub(crate) fn data(&self) -> &std::path::Path {
        self.folder.path()
    }

    async fn serve(folder: TempDir, timers: Timers, listener: TcpListener) -> Self {
        let address = listener.local_addr().unwrap();
        let mut config = Config::parse("", &|_| None).unwrap();
        config.data = folder.path().to_owned();
        config.timers = timers.clone();
        config.metrics = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
        config.limits.sockets_per_minute = 10_000;
        config.limits.frames_per_minute = 10_000;
        let server = soon("the server starts", Server::prepare(config, listener)).await.unwrap();
        let (engine, metrics) = (server.engine().clone(), server.metrics_address());
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(server.serve(async move { drop(stopped.await) }));
        Self { folder, timers, address, engine, metrics, stop: Some(stop), serving }
    }

    /// Ends the server as a deployment does, and starts it again on the same data and port.
    pub(crate) async fn restarts(mut self) -> Self {
        self.stop.take().expect("a house is stopped once").send(()).expect("it still serves");
        soon("the server ends", &mut self.serving).await.unwrap().unwrap();
        drop(self.engine);
        // The port is free once the last connection is; until then the system says so.
        let listener = soon("the port is free", async {
            loop {
                match TcpListener::bind(self.address).await {
                    Ok(listener) => return listener,
                    Err(_) => tokio::task::yield_now().await,
                }
            }
        })
        .await;
        Self::serve(self.folder, self.timers, listener).await
    }

    pub(crate) fn http(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn ws(&self) -> String {
        format!("ws://{}", self.address)
    }

    pub(crate) fn origin(&self) -> String {
        self.http("")
    }

    /// `ann` (a supervisor), `ben`, `cara` or `dora` (the admin) signs in.
    pub(crate) async fn signs_in(&self, who: &str) -> SignedIn {
        let email = format!("{who}@house.test");
        let ip = "127.0.0.1".parse().unwrap();
        let signed_in = self.engine.sessions().sign_in(&email, PASSWORD, ip, "a test", self.engine.now());
        let (token, me) = soon("the sign-in", signed_in).await.unwrap().inside().unwrap();
        SignedIn { me, cookie: format!("jumpin-session={token}"), token }
    }

    /// His dashboard opens, and has the board.
    pub(crate) async fn dashboard(&self, agent: &SignedIn) -> Agent {
        let mut dashboard =
            soon("a dashboard opens", Agent::arrive(&self.ws(), &self.origin(), &agent.cookie, None)).await.unwrap();
        dashboard.until("the first snapshot", |agent| (agent.snapshots > 0).then_some(())).await;
        dashboard
    }

    /// His dashboard comes back with what it had of the board.
    pub(crate) async fn dashboard_again(&self, agent: &SignedIn, board: Board) -> Agent {
        soon("a dashboard comes back", Agent::arrive(&self.ws(), &self.origin(), &agent.cookie, Some(board)))
            .await
            .unwrap()
    }

    /// Somebody new opens a page of the shop.
    pub(crate) async fn visitor(&self, path: &str) -> Visitor {
        self.tab(path, None).await
    }

    /// The visitor of this token opens a page in a tab: a new one, or after a load.
    pub(crate) async fn tab(&self, path: &str, token: Option<VisitorToken>) -> Visitor {
        self.tries(path, token).await.unwrap()
    }

    pub(crate) async fn tries(&self, path: &str, token: Option<VisitorToken>) -> Result<Visitor, Lost> {
        let hello = hello(KEY, SHOP, page(path), token);
        soon("a visitor arrives", Visitor::arrive(&self.ws(), hello, FIREFOX)).await
    }

    /// An agent invites the visitor of this row, who accepts; and the chat it makes.
    pub(crate) async fn accepted(&self, agent: &SignedIn, visitor: &mut Visitor, visit: VisitId) -> ChatId {
        self.engine.invite(&agent.me, visit, "May I help?".into()).await.unwrap();
        let invitation = visitor.is_invited().await;
        visitor.answers(invitation, Answer::Accept).await.unwrap();
        visitor.until("the chat", |visitor| visitor.chat.as_ref().map(|chat| chat.id)).await
    }
}

pub(crate) fn now() -> protocol::Millis {
    engine::clock::now()
}
