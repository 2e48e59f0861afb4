//! Limits on dashboards' requests, exports, and connections.

use dashboard_api::ApiError;
use jumpin::dashboard::api as dashboard_api;
use leptos::server_fn::error::FromServerFnError as _;
use protocol::{codec, id::VisitId, refusal::Refusal};
use reqwest::{Client, Response, header};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use uuid::Uuid;

use super::metrics::{fetch_metrics, value};
use crate::{
    client_ext::with_deadline,
    test_server::{SignedIn, TestServer},
};

async fn call(server: &TestServer, who: &SignedIn, path: &str, asked: Vec<u8>) -> Response {
    let sent = Client::new().post(server.http(path)).header(header::COOKIE, &who.cookie).body(asked);
    let sent = sent.header(header::CONTENT_TYPE, "application/octet-stream").send();
    with_deadline("a response", sent).await.unwrap()
}

async fn page_views(server: &TestServer, who: &SignedIn) -> Response {
    call(server, who, "/api/page_views", codec::encode(&VisitId(Uuid::now_v7()))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_who_asks_too_often_is_told_when_to_ask_again_and_colleagues_go_on() {
    let server = TestServer::with_config(|config| config.requests.per_agent_and_minute = 5).await;
    let (ben, ann) = (server.sign_in("ben").await, server.sign_in("ann").await);
    for _ in 0..5 {
        assert_eq!(page_views(&server, &ben).await.status(), 404, "there is no such visit");
    }
    let refused = page_views(&server, &ben).await;
    assert_eq!(refused.status(), 429);
    let seconds: u32 = refused.headers()[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    let error = ApiError::de(refused.bytes().await.unwrap());
    assert_eq!(error.refusal, Refusal::TooMany { retry_after: seconds });
    assert!((1..=60).contains(&seconds), "{seconds}");
    // Pages and forms count as well.
    let page = Client::new().get(server.http("/account")).header(header::COOKIE, &ben.cookie);
    assert_eq!(with_deadline("a page", page.send()).await.unwrap().status(), 429);
    let form = Client::new().post(server.http("/account")).header(header::COOKIE, &ben.cookie);
    let form = form.multipart(reqwest::multipart::Form::new().text("name", "Ben")).send();
    assert_eq!(with_deadline("a form", form).await.unwrap().status(), 429);
    assert_eq!(page_views(&server, &ann).await.status(), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organization_has_a_limit_as_well() {
    let server = TestServer::with_config(|config| config.requests.per_organization_and_minute = 4).await;
    let (ben, ann) = (server.sign_in("ben").await, server.sign_in("ann").await);
    for who in [&ben, &ann, &ben, &ann] {
        assert_eq!(page_views(&server, who).await.status(), 404);
    }
    assert_eq!(page_views(&server, &ann).await.status(), 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_limited_by_their_address_and_not_by_others() {
    let server = TestServer::with_config(|config| {
        config.requests.per_address_and_minute = 3;
        config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    })
    .await;
    let ask = async |from: &str| {
        let asked = Client::new().get(server.http("/sign-in")).header("x-forwarded-for", from).send();
        with_deadline("a page", asked).await.unwrap().status().as_u16()
    };
    for host in 1..=3 {
        assert_eq!(ask(&format!("2001:db8::{host}")).await, 200);
    }
    assert_eq!(ask("2001:db8::4").await, 429);
    assert_eq!(ask("2001:db8:0:1::1").await, 200);
    assert_eq!(ask("192.0.2.1").await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_beyond_the_limit_is_told_so_in_a_sentence() {
    let server = TestServer::with_config(|config| config.exports.per_organization = 0).await;
    let ann = server.sign_in("ann").await;
    let asked = Client::new().post(server.http("/history/export.csv")).header(header::COOKIE, &ann.cookie);
    let refused = with_deadline("a response", asked.send()).await.unwrap();
    assert_eq!((refused.status().as_u16(), &refused.headers()[header::RETRY_AFTER]), (429, &"60".parse().unwrap()));
    let body: serde_json::Value = refused.json().await.unwrap();
    assert_eq!(body["error"]["code"], "too_many");
    assert!(body["error"]["message"].as_str().unwrap().starts_with("Other exports are still running"), "{body}");
}

/// Connections that send nothing count too.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_beyond_the_limit_is_closed_at_once_and_counted() {
    let server = TestServer::with_config(|config| config.connections.total = 3).await;
    let ask = async |stream: &mut TcpStream| {
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await.ok();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.is_ok_and(|_| answer.ends_with(b"200"))
    };
    let mut first = TcpStream::connect(server.address()).await.unwrap();
    assert!(with_deadline("an answer", ask(&mut first)).await);
    let silent =
        [TcpStream::connect(server.address()).await.unwrap(), TcpStream::connect(server.address()).await.unwrap()];
    for refused in 1..=3 {
        let mut beyond = TcpStream::connect(server.address()).await.unwrap();
        assert!(!with_deadline("the end", ask(&mut beyond)).await);
        let text = fetch_metrics(&server).await;
        assert_eq!(value(&text, "jumpin_connections_refused_total"), Some(f64::from(refused)), "{text}");
        assert_eq!(value(&text, "jumpin_connections"), Some(3.0), "{text}");
    }
    drop(silent);
    with_deadline("room for a connection", async {
        while !ask(&mut TcpStream::connect(server.address()).await.unwrap()).await {}
    })
    .await;
}
