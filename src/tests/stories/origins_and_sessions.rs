//! Access control at the front door: origins, sessions, and security headers.

use std::time::{Duration, Instant};

use jumpin::server::{Server, config::Config};
use load::{Agent, ConnectionError};
use protocol::{
    agent::{FromAgent, Role, ToAgent},
    close_reason::CloseReason,
    refusal::Refusal,
};
use reqwest::header;
use tokio::{net::TcpListener, sync::oneshot, time::timeout};

use crate::{client_ext::with_deadline, test_server::TestServer};

async fn upgrade_status(server: &TestServer, origin: &str, cookie: &str) -> u16 {
    match Agent::connect(&server.ws(), origin, cookie, None).await {
        Err(ConnectionError::Rejected(status)) => status,
        Err(lost) => panic!("{lost}"),
        Ok(_) => 101,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agents_socket_requires_own_origin_and_a_session() {
    let server = TestServer::start().await;
    let ann = server.sign_in("ann").await;
    let own = server.origin();
    for origin in
        ["null", "https://evil.test", &format!("{own}.evil.test"), &own.replace("http:", "https:"), &format!("{own}1")]
    {
        assert_eq!(upgrade_status(&server, origin, &ann.cookie).await, 403, "{origin}");
    }
    for cookie in
        ["a=b", "jumpin-session=", "jumpin-session=true", "jumpin-session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]
    {
        assert_eq!(upgrade_status(&server, &own, cookie).await, 401, "{cookie}");
    }
    assert_eq!(upgrade_status(&server, &own, &ann.cookie).await, 101);
}

#[tokio::test(flavor = "multi_thread")]
async fn scenario_19_signing_out_closes_every_socket_of_the_session() {
    let server = TestServer::start().await;
    let (ann, ben) = (server.sign_in("ann").await, server.sign_in("ben").await);
    let (mut one, mut other, mut bens) =
        (server.dashboard(&ann).await, server.dashboard(&ann).await, server.dashboard(&ben).await);
    server.engine.sessions().sign_out(&ann.token).await;
    for dashboard in [&mut one, &mut other] {
        assert_eq!(close_code(dashboard).await, CloseReason::SignedOut.code());
    }
    assert_eq!(upgrade_status(&server, &server.origin(), &ann.cookie).await, 401);
    bens.send_frame(&protocol::agent::FromAgent::Heartbeat).await.unwrap();
    with_deadline("the heartbeat reply to Ben", async {
        while !matches!(bens.next().await.unwrap(), protocol::agent::ToAgent::Heartbeat { .. }) {}
    })
    .await;
}

/// Waits until a dashboard is closed, and returns the close code.
async fn close_code(dashboard: &mut Agent) -> u16 {
    with_deadline("the socket to close", async {
        loop {
            match dashboard.next().await {
                Ok(_) => {}
                Err(ConnectionError::Closed(code)) => return code,
                Err(lost) => panic!("{lost}"),
            }
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hello_after_a_demotion_gets_the_role_of_this_moment() {
    let server = TestServer::start().await;
    let (ann, ben) = (server.sign_in("ann").await, server.sign_in("ben").await);
    let mut bens = server.dashboard(&ben).await;
    let (_visitor, chat) = server.visitor_in_claimed_chat(&ben, &mut bens, "/boots").await;
    let headers = [("origin", server.origin()), ("cookie", ann.cookie.clone())];
    let url = format!("{}/socket/agent/v1", server.ws());
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    let mut socket = load::connection::Connection::open(&url, &headers).await.unwrap();
    server.database().execute_sql("UPDATE agent SET role = 'agent' WHERE email = 'ann@acme.test'").await;
    for frame in [FromAgent::Hello { version: protocol::VERSION, resume: None }, FromAgent::Open { chat, head: 0 }] {
        socket.send(&frame).await.unwrap();
    }
    let (mut role, mut lost) = (None, false);
    with_deadline("the refusal", async {
        loop {
            match socket.next::<ToAgent>().await.unwrap() {
                ToAgent::Welcome { directory, .. } => role = Some(directory.role),
                ToAgent::AccessLost(of) => lost = of == chat,
                ToAgent::Entries { .. } => panic!("a colleague's chat is read"),
                ToAgent::Refused { refusal, .. } => return assert_eq!(refusal, Refusal::NotFound),
                _ => {}
            }
        }
    })
    .await;
    assert_eq!((role, lost), (Some(Role::Agent), true));
}

/// A change of role or teams is noticed within 5 s, as is a session that another process ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_role_or_team_changed_in_the_database_reconnects_the_dashboard() {
    let server = TestServer::start().await;
    let (ann, ben, cara) = (server.sign_in("ann").await, server.sign_in("ben").await, server.sign_in("cara").await);
    let (mut anns, mut bens) = (server.dashboard(&ann).await, server.dashboard(&ben).await);
    let mut caras = server.dashboard(&cara).await;
    server.database().execute_sql("UPDATE agent SET role = 'agent' WHERE email = 'ann@acme.test'").await;
    let teams = "DELETE FROM team_agent WHERE agent_id = (SELECT id FROM agent WHERE email = 'ben@acme.test')";
    server.database().execute_sql(teams).await;
    // Other sessions end all the time, and this must not postpone the next check.
    let sign_ins = async {
        let mut pace = tokio::time::interval(Duration::from_millis(200));
        loop {
            pace.tick().await;
            let other = server.sign_in("cara").await;
            server.engine.sessions().sign_out(&other.token).await;
        }
    };
    let codes = async { (close_code(&mut anns).await, close_code(&mut bens).await) };
    let codes = tokio::select! { codes = codes => codes, () = sign_ins => unreachable!("the sign-ins never end") };
    let reconnect = CloseReason::Restarting { within: 0 }.code();
    assert_eq!(codes, (reconnect, reconnect));
    assert_eq!(server.dashboard(&ann).await.directory.role, Role::Agent);
    assert_eq!(server.dashboard(&ben).await.directory.my_teams, []);
    caras.send_frame(&FromAgent::Heartbeat).await.unwrap();
    caras.next().await.expect("Cara's rights have not changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitors_socket_rejects_foreign_origins() {
    let server = TestServer::start().await;
    let url = format!("{}/socket/visitor/v1", server.ws());
    let foreign = load::connection::Connection::open(&url, &[("origin", "https://evil.test")]).await;
    assert!(matches!(foreign, Err(ConnectionError::Rejected(403))));
    let own = server.origin();
    assert!(load::connection::Connection::open(&url, &[("origin", own.as_str())]).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn error_responses_have_a_code_a_message_and_the_request_id() {
    let server = TestServer::start().await;
    for (path, status, code) in [
        ("/nothing/here", 404, "not_found"),
        ("/pkg/..%2f..%2fjumpin.db", 404, "not_found"),
        ("/concierge/v1/frame", 404, "not_found"),
        ("/concierge/v1/frame?key=no-such", 404, "not_found"),
        ("/concierge/v1/frame?key=%3Cscript%3E", 404, "not_found"),
    ] {
        let answer = reqwest::get(server.http(path)).await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
        let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        let said: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(said["error"]["code"], code, "{path}");
        assert_eq!(said["error"]["request_id"], id.as_str());
    }
    // Browsers get a page instead of JSON.
    let asked = reqwest::Client::new().get(server.http("/nothing/here")).header("accept", "text/html,*/*;q=0.8");
    let answer = asked.send().await.unwrap();
    assert_eq!(answer.status(), 404);
    let page = answer.text().await.unwrap();
    assert!(page.contains("<h1>This could not be found.</h1>") && page.contains("not_found"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_state_from_another_site_is_refused() {
    let server = TestServer::start().await;
    let posted = reqwest::Client::new()
        .post(server.http("/api/anything"))
        .header("origin", "https://evil.test")
        .header("sec-fetch-site", "cross-site")
        .send()
        .await
        .unwrap();
    assert_eq!(posted.status(), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn frame_ancestors_allow_the_site_for_the_widget_only() {
    let server = TestServer::start().await;
    let frame = reqwest::get(server.http("/concierge/v1/frame?key=shop")).await.unwrap();
    assert_eq!(frame.status(), 200);
    let policy = frame.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("frame-ancestors https://shop.test;"), "{policy}");
    let sign_in = reqwest::get(server.http("/sign-in")).await.unwrap();
    assert_eq!(sign_in.status(), 200);
    let policy = sign_in.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("'nonce-"), "{policy}");
    for path in ["/healthz", "/readyz", "/robots.txt"] {
        assert_eq!(reqwest::get(server.http(path)).await.unwrap().status(), 200, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_response_has_security_headers_and_https_sends_hsts() {
    for (public_url, stays) in [("https://chat.example", Some("max-age=31536000")), ("http://127.0.0.1:3000", None)] {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::parse(&format!("[server]\npublic-url = \"{public_url}\"\n"), &|_| None).unwrap();
        config.data = folder.path().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Server::prepare(config, listener).await.unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(server.serve(async { drop(stopped.await) }));

        for path in ["/healthz", "/sign-in", "/nothing/here", "/loader.js"] {
            let answer = reqwest::get(format!("http://{address}{path}")).await.unwrap();
            let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
            assert_eq!(header("strict-transport-security").as_deref(), stays, "{path}");
            for name in ["content-security-policy", "x-content-type-options", "referrer-policy", "permissions-policy"] {
                assert!(header(name).is_some(), "{path}: {name}");
            }
        }
        drop(stop);
        with_deadline("the server to shut down", serving).await.unwrap().unwrap();
    }
}

/// When the database cannot be read, sessions cannot be checked, but no one is signed out.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_failure_signs_nobody_out() {
    let server = TestServer::start().await;
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let asks = || reqwest::Client::new().get(server.http("/visitors")).header(header::COOKIE, &ann.cookie).send();
    server.database().execute_sql("ALTER TABLE session RENAME TO session_elsewhere").await;
    assert_eq!(asks().await.unwrap().status(), 500, "there is no redirect to the sign-in page");
    assert_eq!(upgrade_status(&server, &server.origin(), &ann.cookie).await, 500);
    // The server rechecks each socket's session every 5 s, so 11 s covers two checks.
    let gone = Instant::now();
    while gone.elapsed() < Duration::from_secs(11) {
        dashboard.send_frame(&FromAgent::Heartbeat).await.unwrap();
        with_deadline("the heartbeat reply", async {
            while !matches!(dashboard.next().await.expect("Ann's socket is still open"), ToAgent::Heartbeat { .. }) {}
        })
        .await;
        timeout(Duration::from_secs(1), dashboard.next())
            .await
            .map_or(Ok(()), |said| said.map(drop))
            .expect("Ann's socket is still open");
    }
    server.database().execute_sql("ALTER TABLE session_elsewhere RENAME TO session").await;
    assert_eq!(asks().await.unwrap().status(), 200);
}
