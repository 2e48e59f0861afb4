//! Requests whose body is large, slow, or sent by someone who may not send it. The server checks the sender first, and
//! it reads no body for longer than the request timeout.

use std::time::Duration;

use leptos::server_fn::axum::server_fn_paths;
use protocol::id::VisitorToken;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use uuid::Uuid;

use crate::{
    client_ext::with_deadline,
    test_server::{SignedIn, TestServer},
};

const FORM: &str = "content-type: multipart/form-data; boundary=x";
const PACKED: &str = "content-type: application/octet-stream";
const JSON: &str = "content-type: application/json";
/// The beginning of a form with a field that never ends.
const FIELD: &str = "--x\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\nfield";

fn cookie(who: &SignedIn) -> String {
    format!("cookie: {}", who.cookie)
}

fn bearer(token: &VisitorToken) -> String {
    let digits: String = token.0.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("authorization: Bearer {digits}")
}

/// Sends the head of a request with a body of this length, and the beginning of that body.
async fn begin(server: &TestServer, path: &str, lines: &[&str], length: usize, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\naccept: application/octet-stream\r\n{lines}\
         content-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

/// Returns the status of the response, which must arrive even though the body is incomplete.
async fn status(mut stream: TcpStream, what: &str) -> u16 {
    let mut answer = Vec::new();
    with_deadline(&format!("a response to {what}"), async {
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(stream.read_u8().await.unwrap());
        }
    })
    .await;
    String::from_utf8(answer).unwrap().split(' ').nth(1).unwrap().parse().unwrap()
}

/// Everything that needs a session is refused without one, before the body is read.
#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_refused_before_the_body_is_read() {
    let server = TestServer::start().await;
    let public = ["/api/sign-in", "/api/screen", "/sign-out"];
    for (path, _) in server_fn_paths().filter(|(path, _)| !public.contains(path)) {
        assert_eq!(status(begin(&server, path, &[PACKED], 60_000, "").await, path).await, 401, "{path}");
    }
    for path in
        ["/account/avatar", "/account", "/settings", "/settings/agents/invite", "/history/visits/x", "/settings/x"]
    {
        for length in [1_000, 6_000_000] {
            assert_eq!(status(begin(&server, path, &[FORM], length, "").await, path).await, 401, "{path}");
        }
    }
    let unknown = bearer(&VisitorToken([7; 32]));
    let (name, id) = ("x-file-name: a.txt", format!("x-client-id: {}", Uuid::now_v7()));
    let chat = format!("/files?chat={}", Uuid::now_v7());
    for (path, lines) in [
        ("/concierge/v1/rating", vec![JSON]),
        ("/concierge/v1/rating", vec![JSON, &unknown]),
        ("/concierge/v1/files", vec![name, &id]),
        ("/concierge/v1/files", vec![name, &id, &unknown]),
        (&chat, vec![name, &id]),
    ] {
        assert_eq!(status(begin(&server, path, &lines, 1_000, "").await, path).await, 401, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_without_permission_is_refused_before_the_body_is_read() {
    let server = TestServer::start().await;
    let ben = cookie(&server.sign_in("ben").await);
    for path in ["/settings", "/settings/privacy", "/settings/mail", "/settings/routing", "/settings/concierges/new"] {
        assert_eq!(status(begin(&server, path, &[FORM, &ben], 60_000, "").await, path).await, 403, "{path}");
    }
    for path in ["/settings/audit", "/settings/agents/x/y", "/history/x"] {
        assert_eq!(status(begin(&server, path, &[FORM, &ben], 60_000, "").await, path).await, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_form_with_a_picture_may_be_large() {
    let server = TestServer::start().await;
    let dora = cookie(&server.sign_in("dora").await);
    let forms = ["/account", "/account/password", "/settings", "/settings/agents/invite", "/setup/x", "/join/x"];
    for path in forms.iter().chain(&["/reset/x", "/sign-in/code", "/sign-in/forgotten"]) {
        let stream = begin(&server, path, &[FORM, &dora], 65_537, "").await;
        assert_eq!(status(stream, path).await, 413, "{path}");
        // If the length is not declared, reading stops at the limit.
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\naccept: application/octet-stream\r\n{FORM}\r\n{dora}\r\n\
             transfer-encoding: chunked\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let body = format!("{FIELD}{}", "x".repeat(66_000));
        stream.write_all(format!("{:x}\r\n{body}\r\n", body.len()).as_bytes()).await.unwrap();
        assert_eq!(status(stream, path).await, 413, "{path} in chunks");
    }
    for (path, _) in server_fn_paths() {
        assert_eq!(status(begin(&server, path, &[PACKED, &dora], 65_537, "").await, path).await, 413, "{path}");
    }
    assert_eq!(status(begin(&server, "/account/avatar", &[FORM, &dora], 6_300_000, "").await, "avatar").await, 413);
    assert_eq!(status(begin(&server, "/concierge/v1/rating", &[JSON], 65_537, "").await, "rating").await, 413);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_arrive_ends_with_the_request_timeout() {
    let server = TestServer::with_config(|config| config.connections.request_timeout = 400).await;
    let (ann, dora) = (server.sign_in("ann").await, cookie(&server.sign_in("dora").await));
    let mut dashboard = server.dashboard(&ann).await;
    let (visitor, _) = server.visitor_in_claimed_chat(&ann, &mut dashboard, "/boots").await;
    let bearer = bearer(&visitor.token());
    let mut slow = Vec::new();
    for (path, _) in server_fn_paths() {
        slow.push((path, begin(&server, path, &[PACKED, &dora], 100, "x").await));
        slow.push((path, begin(&server, path, &[PACKED, &dora], 100, "").await));
    }
    for path in ["/api/sign-in", "/api/screen", "/sign-out"] {
        slow.push((path, begin(&server, path, &[PACKED], 100, "x").await));
    }
    for path in ["/account", "/account/avatar", "/settings", "/settings/agents/invite"] {
        slow.push((path, begin(&server, path, &[FORM, &dora], 60_000, FIELD).await));
    }
    for path in ["/join/x", "/reset/x", "/setup/x", "/sign-in/code", "/sign-in/forgotten"] {
        slow.push((path, begin(&server, path, &[FORM], 60_000, FIELD).await));
    }
    slow.push(("/account/avatar", begin(&server, "/account/avatar", &[FORM, &dora], 6_000_000, FIELD).await));
    slow.push(("rating", begin(&server, "/concierge/v1/rating", &[JSON, &bearer], 100, "{").await));
    for (path, stream) in slow {
        assert_eq!(status(stream, path).await, 408, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_pictures_do_not_keep_other_forms_from_being_read() {
    let server = TestServer::with_config(|config| config.connections.large_forms = 2).await;
    let (dora, ben) = (cookie(&server.sign_in("dora").await), cookie(&server.sign_in("ben").await));
    let picture = async |who: &str| begin(&server, "/account/avatar", &[FORM, who], 6_000_000, FIELD).await;
    // Each organization may use half of the permits for large forms. A form with a permit waits for the rest of its
    // body.
    let mut pictures = [picture(&dora).await, picture(&dora).await, picture(&ben).await];
    let answers = pictures.iter_mut().map(|stream| Box::pin(first_line(stream)));
    let (refused, ..) = with_deadline("a refusal", futures::future::select_all(answers)).await;
    assert_eq!(refused, "HTTP/1.1 503");
    let body = "--x\r\ncontent-disposition: form-data; name=\"name\"\r\n\r\nBen Brooks\r\n--x--\r\n";
    let stream = begin(&server, "/account", &[FORM, &ben], body.len(), body).await;
    assert_eq!(status(stream, "a small form").await, 200);
    drop(pictures);
    let read = async {
        // A form that is being read gets no response.
        while timeout(Duration::from_millis(300), first_line(&mut picture(&ben).await)).await.is_ok() {}
    };
    with_deadline("the place to be free again", read).await;
}

async fn first_line(stream: &mut TcpStream) -> String {
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    String::from_utf8(answer.to_vec()).unwrap()
}
