//! Runs the load test against a real server. Its counts must add up, or its measurements would be meaningless.

use clap::Parser as _;
use load::{load_test, options::Options, report::Report};

use crate::test_server::{KEY, PASSWORD, SHOP, TestServer};

/// Runs a scenario for one second, with `ann` signed in on the dashboards.
async fn run_one_second(server: &TestServer, words: &str) -> Report {
    let url = server.origin();
    let who = ["--email", "ann@acme.test", "--password", PASSWORD, "--concierge", KEY, "--seconds", "1", "--url", &url];
    let at = ["--site", SHOP];
    let options =
        Options::try_parse_from(["jumpin-load"].into_iter().chain(words.split(' ')).chain(who).chain(at)).unwrap();
    load_test::load_test(options).await.unwrap().unwrap()
}

#[tokio::test]
async fn every_page_change_reaches_every_dashboard() {
    let server = TestServer::start().await;
    let report = run_one_second(&server, "browse --visitors 30 --agents 3 --rate 200").await;
    assert!(report.count("events") >= 190, "{}", report.table());
    assert_eq!((report.missing(), report.count("cut off")), (0, 0), "{}", report.table());
}

#[tokio::test]
async fn every_invitation_arrives_and_every_acceptance_is_claimed() {
    let server = TestServer::start().await;
    let report = run_one_second(&server, "invite --visitors 10 --agents 1 --rate 3 --accept 1").await;
    assert_eq!(report.count("invitations"), 3, "{}", report.table());
    for what in ["invited", "accepted", "notified", "claimed"] {
        assert_eq!(report.count(what), 3, "{what}: {}", report.table());
    }
}

#[tokio::test]
async fn every_message_is_acknowledged_once_and_delivered() {
    let server = TestServer::start().await;
    let report = run_one_second(&server, "chat --visitors 5 --agents 1 --chats 2 --rate 20").await;
    assert!(report.count("messages") >= 18, "{}", report.table());
    for what in ["acknowledged", "arrived"] {
        assert_eq!(report.count(what), report.count("messages"), "{what}: {}", report.table());
    }
}

#[tokio::test]
async fn every_disconnected_client_reconnects() {
    let server = TestServer::start().await;
    let report = run_one_second(&server, "storm --visitors 20 --agents 2").await;
    assert_eq!(report.count("connected"), 2 * (20 + 2), "{}", report.table());
}
