//! Metrics: what they measure, and where they can be read.

use jumpin::server::{Server, config::Config};
use protocol::{close_reason::CloseReason, refusal::Refusal, visitor::FromVisitor};
use tokio::{net::TcpListener, sync::oneshot};

use crate::{
    client_ext::{AgentExt, VisitorExt, with_deadline},
    test_server::TestServer,
};

/// Returns the value of the metric with this name and these labels.
pub(super) fn value(text: &str, name: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')).map(|value| value.parse().unwrap())
}

pub(super) async fn fetch_metrics(server: &TestServer) -> String {
    let address = server.metrics.expect("metrics are enabled");
    let answer = reqwest::get(format!("http://{address}/metrics")).await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    answer.text().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn sockets_chats_messages_and_close_reasons_are_counted() {
    let server = TestServer::start().await;
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let mut visitor = server.visitor("/boots").await;
    let mut other = server.visitor("/packs").await;
    let visit = dashboard.wait_for_row("/boots").await.visit;
    dashboard.wait_for_row("/packs").await;
    let chat = server.start_unclaimed_chat(&ann, &mut visitor, visit).await;
    let waiting = fetch_metrics(&server).await;
    assert_eq!(value(&waiting, "jumpin_chats{state=\"unclaimed\"}"), Some(1.0), "{waiting}");
    server.engine.claim(&ann.me, chat).await.unwrap();
    let said = visitor.send_message("CANARY: my card is 4111").await.unwrap();
    visitor.until("the tick", |visitor| visitor.acknowledged.iter().find(|(id, _)| *id == said).copied()).await;
    // A second hello is not allowed.
    let hello = load::visitor::hello(
        crate::test_server::KEY,
        crate::test_server::SHOP,
        crate::test_server::page("/packs"),
        None,
    );
    other.send_frame(&FromVisitor::Hello(hello)).await.unwrap();
    assert_eq!(other.wait_for_close().await, CloseReason::OutOfTurn.code());
    assert_eq!(reqwest::get(server.http("/nothing")).await.unwrap().status(), 404);

    let text = with_deadline("the closed socket to be counted", async {
        loop {
            let text = fetch_metrics(&server).await;
            if value(&text, "jumpin_sockets{kind=\"visitor\"}") == Some(1.0) {
                return text;
            }
        }
    })
    .await;
    for (name, at_least) in [
        ("jumpin_sockets{kind=\"agent\"}", 1.0),
        ("jumpin_visitors", 2.0),
        ("jumpin_chats{state=\"in_progress\"}", 1.0),
        ("jumpin_messages_stored_total", 1.0),
        ("jumpin_sockets_closed_total{kind=\"visitor\",code=\"4502\",reason=\"out_of_turn\"}", 1.0),
        ("jumpin_requests_total{status=\"101\"}", 3.0),
        ("jumpin_requests_total{status=\"404\"}", 1.0),
    ] {
        assert_eq!(value(&text, name), Some(at_least), "{name}: {text}");
    }
    for name in ["process_start_time_seconds", "jumpin_commit_seconds_count", "jumpin_commit_seconds_sum"] {
        assert!(value(&text, name).is_some_and(|value| value > 0.0), "{name}: {text}");
    }
    assert_eq!(value(&text, "jumpin_commit_seconds_bucket{le=\"+Inf\"}"), value(&text, "jumpin_commit_seconds_count"));
    // Metrics contain no personal data.
    let secrets = ["CANARY".to_owned(), "Ann".into(), "boots".into(), chat.to_string(), visit.to_string()];
    assert!(secrets.iter().all(|secret| !text.contains(secret)), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_not_on_the_public_address() {
    let server = TestServer::start().await;
    assert_eq!(reqwest::get(server.http("/metrics")).await.unwrap().status(), 404);
    let there = server.metrics.unwrap();
    for path in ["/", "/visitors", "/healthz", "/loader.js"] {
        assert_eq!(reqwest::get(format!("http://{there}{path}")).await.unwrap().status(), 404, "{path}");
    }
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::parse("", &|_| None).unwrap();
    config.data = folder.path().to_owned();
    let server = Server::prepare(config, TcpListener::bind("127.0.0.1:0").await.unwrap()).await.unwrap();
    assert_eq!(server.metrics_address(), None, "metrics are off by default");
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(server.serve(async { drop(stopped.await) }));
    drop(stop);
    with_deadline("the server to shut down", serving).await.unwrap().unwrap();
}

/// The minimum free disk space is higher than what is available.
#[tokio::test(flavor = "multi_thread")]
async fn too_little_free_disk_is_told_to_visitors_and_measured_and_agents_go_on() {
    let server = TestServer::with_settings(&format!("[server]\nmin-free-disk-bytes = {}\n", i64::MAX)).await;
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let mut visitor = server.visitor("/boots").await;
    let visit = dashboard.wait_for_row("/boots").await.visit;
    // Invitations come from agents, so neither an invitation nor the chat that starts when it is accepted is refused.
    let chat = server.start_claimed_chat(&ann, &mut visitor, visit).await;
    dashboard.open_chat(chat).await.unwrap();
    let said = dashboard.send_message(chat, "How can I help?").await.unwrap();
    dashboard.until("the tick", |agent| agent.acknowledged.iter().find(|(id, _)| *id == said).copied()).await;
    visitor.send_message("Hello").await.unwrap();
    visitor.until("the refusal", |visitor| visitor.refused.contains(&Refusal::StorageFull).then_some(())).await;
    let text = fetch_metrics(&server).await;
    assert_eq!(value(&text, "jumpin_free_disk_low"), Some(1.0));
    assert!(value(&text, "jumpin_free_disk_bytes").is_some_and(|bytes| bytes > 0.0), "{text}");
}
