//! Operators are warned about plain HTTP and about proxies that are not listed. Clients behind listed proxies are told
//! apart.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use jumpin::server::{Server, config::Config};
use load::{connection::Connection, visitor::hello};
use protocol::{
    close_reason::CloseReason,
    visitor::{FromVisitor, ToVisitor},
};
use tokio::{net::TcpListener, sync::oneshot};
use tracing_subscriber::fmt::MakeWriter;

use super::command_line::{jumpin, said};
use crate::{
    client_ext::with_deadline,
    test_server::{FIREFOX, KEY, SHOP, TestServer, page},
};

/// The lines logged on this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Returns the warnings that contain all of these words.
    fn warnings(&self, words: &[&str]) -> usize {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines().filter(|line| line.contains(" WARN ") && words.iter().all(|word| line.contains(word))).count()
    }
}

impl io::Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// Starts a server on an address, sends one request with each of these headers, stops it, and returns what it logged.
/// The test must run on a single thread.
async fn log_of(listen: &str, settings: &str, headers: &[(&'static str, &'static str)]) -> Log {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(log.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::parse(settings, &|_| None).unwrap();
    config.data = folder.path().to_owned();
    let listener = TcpListener::bind(listen).await.unwrap();
    let at = SocketAddr::from(([127, 0, 0, 1], listener.local_addr().unwrap().port()));
    let server = Server::prepare(config, listener).await.unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(server.serve(async { drop(stopped.await) }));
    for (name, value) in headers {
        let asked = reqwest::Client::new().get(format!("http://{at}/healthz")).header(*name, *value).send();
        assert_eq!(with_deadline("a response", asked).await.unwrap().status(), 200);
    }
    drop(stop);
    with_deadline("the server to shut down", serving).await.unwrap().unwrap();
    log
}

#[tokio::test]
async fn plain_http_beyond_this_machine_is_warned_about_at_start() {
    let words = ["plain HTTP", "public-url", "https://"];
    assert_eq!(log_of("0.0.0.0:0", "", &[]).await.warnings(&words), 1);
    assert_eq!(log_of("127.0.0.1:0", "[server]\npublic-url = \"http://chat.test\"\n", &[]).await.warnings(&words), 1);
    assert_eq!(log_of("0.0.0.0:0", "[server]\npublic-url = \"https://chat.test\"\n", &[]).await.warnings(&words), 0);
    assert_eq!(log_of("127.0.0.1:0", "", &[]).await.warnings(&words), 0);

    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("Leptos.toml"), "[server]\nlisten = \"0.0.0.0:3000\"\n").unwrap();
    let checked = said(&jumpin(folder.path(), &["check"], ""));
    assert!(words.iter().all(|word| checked.contains(word)), "{checked}");
}

#[tokio::test]
async fn an_unlisted_proxy_is_warned_about_once_an_hour() {
    let words = ["`trusted-proxies`", "127.0.0.1"];
    let forwarding = [("x-forwarded-for", "192.0.2.1"), ("forwarded", "for=192.0.2.1"), ("x-forwarded-for", "x")];
    assert_eq!(log_of("127.0.0.1:0", "", &forwarding).await.warnings(&words), 1);
    assert_eq!(log_of("127.0.0.1:0", "", &[("accept", "*/*")]).await.warnings(&words), 0);
    let listed = "[server]\ntrusted-proxies = [\"127.0.0.0/8\"]\n";
    assert_eq!(log_of("127.0.0.1:0", listed, &forwarding).await.warnings(&words), 0);
}

/// Limits per address apply to the client, whichever header its proxy uses.
#[tokio::test(flavor = "multi_thread")]
async fn clients_behind_a_trusted_network_are_told_apart() {
    let server = TestServer::with_config(|config| {
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap(), "10.0.0.0/8".parse().unwrap()];
        config.tabs.per_address = 2;
    })
    .await;
    let connect = async |name: &'static str, value: &str| {
        let url = format!("{}/socket/visitor/v1", server.ws());
        let mut socket = Connection::open(&url, &[("user-agent", FIREFOX), (name, value)]).await.unwrap();
        socket.send(&FromVisitor::Hello(hello(KEY, SHOP, page("/boots"), None))).await.unwrap();
        let first = with_deadline("a response", socket.next::<ToVisitor>()).await.unwrap();
        (socket, first)
    };
    let mut tabs = Vec::new();
    for (name, value) in
        [("x-forwarded-for", "6.6.6.6, 203.0.113.7:5000, 10.0.0.2"), ("forwarded", "for=\"203.0.113.7:1\";proto=https")]
    {
        let (tab, first) = connect(name, value).await;
        assert!(matches!(first, ToVisitor::Welcome(_)), "{value}: {first:?}");
        tabs.push(tab);
    }
    for (name, value) in [("x-forwarded-for", "7.7.7.7, 203.0.113.7"), ("forwarded", "for=7.7.7.7, for=203.0.113.7")] {
        let (_, first) = connect(name, value).await;
        assert!(matches!(first, ToVisitor::CloseReason(CloseReason::TooMany { .. })), "{value}: {first:?}");
    }
    let (_other, first) = connect("x-forwarded-for", "203.0.113.7, 203.0.113.8").await;
    assert!(matches!(first, ToVisitor::Welcome(_)), "{first:?}");
}
