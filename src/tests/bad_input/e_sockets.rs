//! Cases E1 to E17: frames that none of our clients would ever send, on both kinds of sockets.

use std::time::Duration;

use load::{ConnectionError, Visitor, connection::Connection, visitor::hello};
use protocol::{
    VERSION,
    agent::{FromAgent, ToAgent},
    close_reason::CloseReason,
    codec,
    id::ChatId,
    limits,
    page::Page,
    visitor::{FromVisitor, ToVisitor},
};
use tokio::{
    io::AsyncWriteExt as _,
    time::{interval, timeout},
};
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

use super::{
    invariant_check::InvariantCheck,
    isolated_process::{self, MAY_GROW, memory},
    raw_bytes,
};
use crate::{
    client_ext::{VisitorExt, with_deadline},
    test_server::{FIREFOX, KEY, SHOP, TestServer, page},
};

/// Sends the message as the first frame. Returns the last close reason received and the close code.
pub(super) async fn first_frame(server: &TestServer, message: Message) -> (Option<CloseReason>, u16) {
    let mut socket = Connection::open(&format!("{}/socket/visitor/v1", server.ws()), &[]).await.unwrap();
    socket.send_raw(message).await.unwrap();
    with_deadline("the socket to close", async {
        let mut last = None;
        loop {
            match socket.next::<ToVisitor>().await {
                Ok(ToVisitor::CloseReason(close_reason)) => last = Some(close_reason),
                Ok(_) => {}
                Err(ConnectionError::Closed(code)) => return (last, code),
                Err(lost) => panic!("{lost}"),
            }
        }
    })
    .await
}

/// Covers E4, E5, E13, and O10: invalid first frames from a visitor.
#[tokio::test(flavor = "multi_thread")]
async fn a_bad_first_visitor_frame_closes_with_its_reason() {
    let server = TestServer::start().await;
    let after = InvariantCheck::start(&server).await;
    let good = || hello(KEY, SHOP, page("/"), None);
    let said = |frame: &FromVisitor| Message::Binary(codec::encode(frame).into());
    let mut left_over = codec::encode(&FromVisitor::Hello(good()));
    left_over.push(0);
    let mut unknown = good();
    unknown.concierge.0 = "no-such".into();
    let mut malformed = good();
    malformed.concierge.0 = "../../etc/passwd".into();
    let mut elsewhere = good();
    elsewhere.host = "https://evil.test".into();
    let mut older = good();
    older.version = VERSION + 1;

    for (message, close_reason) in [
        (Message::Text("{\"event\":\"base\"}".into()), CloseReason::NotAFrame),
        (Message::Binary(vec![0xff; 64].into()), CloseReason::NotAFrame),
        (Message::Binary(vec![].into()), CloseReason::NotAFrame),
        (Message::Text("null".into()), CloseReason::NotAFrame),
        (Message::Text("[".repeat(100).into()), CloseReason::NotAFrame),
        // An unknown frame kind, followed by a hello with invalid UTF-8.
        (Message::Binary(vec![99, 1].into()), CloseReason::NotAFrame),
        (Message::Binary(vec![0, 1, 4, 0xff, 0xfe, 0xfd, 0xfc].into()), CloseReason::NotAFrame),
        // A length prefix that claims 4 GB, followed by only a few bytes.
        (Message::Binary(vec![0, 1, 0xff, 0xff, 0xff, 0xff, 0x0f, 1, 2, 3].into()), CloseReason::NotAFrame),
        (Message::Binary(left_over.into()), CloseReason::NotAFrame),
        (Message::Binary(vec![0; limits::FRAME_BYTES + 1].into()), CloseReason::TooLarge),
        (said(&FromVisitor::Heartbeat), CloseReason::NoHello),
        (said(&FromVisitor::Hello(unknown)), CloseReason::NoSuchConcierge),
        (said(&FromVisitor::Hello(malformed)), CloseReason::NoSuchConcierge),
        (said(&FromVisitor::Hello(elsewhere)), CloseReason::WrongSite),
        (said(&FromVisitor::Hello(older)), CloseReason::Outdated),
    ] {
        let ended = first_frame(&server, message.clone()).await;
        assert_eq!(ended, (Some(close_reason), close_reason.code()), "{message:?}");
    }
    after.assert_invariants().await;
}

/// Covers E4 for the dashboard socket.
#[tokio::test(flavor = "multi_thread")]
async fn an_agents_socket_rejects_text_noise_and_other_versions() {
    let server = TestServer::start().await;
    let after = InvariantCheck::start(&server).await;
    let ann = server.sign_in("ann").await;
    let headers = [("origin", server.origin()), ("cookie", ann.cookie.clone())];
    let url = format!("{}/socket/agent/v1", server.ws());
    let older = codec::encode(&FromAgent::Hello { version: VERSION + 1, resume: None });
    for (message, close_reason) in [
        (Message::Text("null".into()), CloseReason::NotAFrame),
        (Message::Binary(vec![0x7f; 99].into()), CloseReason::NotAFrame),
        (Message::Binary(vec![1; limits::FRAME_BYTES + 1].into()), CloseReason::TooLarge),
        (Message::Binary(codec::encode(&FromAgent::Heartbeat).into()), CloseReason::NoHello),
        (Message::Binary(older.into()), CloseReason::Outdated),
    ] {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let mut socket = Connection::open(&url, &headers).await.unwrap();
        socket.send_raw(message).await.unwrap();
        let code = with_deadline("the socket to close", async {
            loop {
                match socket.next::<ToAgent>().await {
                    Ok(_) => {}
                    Err(ConnectionError::Closed(code)) => return code,
                    Err(lost) => panic!("{lost}"),
                }
            }
        })
        .await;
        assert_eq!(code, close_reason.code());
    }
    let mut twice = server.dashboard(&ann).await;
    twice.send_frame(&FromAgent::Hello { version: VERSION, resume: None }).await.unwrap();
    let code = with_deadline("the socket to close", async {
        loop {
            if let Err(ConnectionError::Closed(code)) = twice.next().await {
                return code;
            }
        }
    })
    .await;
    assert_eq!(code, CloseReason::OutOfTurn.code());
    after.assert_invariants().await;
}

/// Covers E6: frames forbidden by RFC 6455 close the connection.
#[tokio::test(flavor = "multi_thread")]
async fn invalid_websocket_frames_close_the_connection() {
    let server = TestServer::start().await;
    let after = InvariantCheck::start(&server).await;
    let hello = codec::encode(&FromVisitor::Hello(hello(KEY, SHOP, page("/"), None)));
    for (what, bytes) in [
        ("not masked", raw_bytes::frame(0x82, false, &hello)),
        ("reserved bits", raw_bytes::frame(0xf2, true, &hello)),
        ("a reserved opcode", raw_bytes::frame(0x83, true, &hello)),
        ("a long ping", raw_bytes::frame(0x89, true, &[0; 126])),
        ("half a ping", raw_bytes::frame(0x09, true, b"half")),
        ("a continuation of nothing", raw_bytes::frame(0x80, true, b"x")),
        ("text that is not UTF-8", raw_bytes::frame(0x81, true, &[0xff, 0xfe])),
        ("a length of 2^63", [&[0x82, 0xff][..], &[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]].concat()),
        ("no WebSocket at all", b"GET / HTTP/1.1\r\n\r\n".to_vec()),
    ] {
        let code = raw_bytes::close_code_after(raw_bytes::upgrade(&server, None).await, &bytes).await;
        assert!(code.is_none_or(|code| code > 1000), "{what}: {code:?}");
    }
    after.assert_invariants().await;
}

/// Covers E7, E11, E12, and E17: a client that sends too many frames of any kind is disconnected, and no one else is
/// affected.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_frames_closes_the_socket() {
    let server = TestServer::start().await;
    let after = InvariantCheck::start(&server).await;
    let ann = server.sign_in("ann").await;
    let greeting = raw_bytes::frame(0x82, true, &codec::encode(&FromVisitor::Hello(hello(KEY, SHOP, page("/"), None))));
    let pings = raw_bytes::frame(0x89, true, b"ping").repeat(1_000);
    let typing = raw_bytes::frame(0x82, true, &codec::encode(&FromVisitor::Typing)).repeat(1_000);
    let said = FromVisitor::SendMessage { client_id: protocol::id::ClientId(Uuid::now_v7()), text: "Again".into() };
    let again = raw_bytes::frame(0x82, true, &codec::encode(&said)).repeat(1_000);
    for (what, flood) in [("pings", pings), ("typing", typing), ("messages", again)] {
        let stream = raw_bytes::upgrade(&server, None).await;
        let code = raw_bytes::close_code_after(stream, &[greeting.clone(), flood].concat()).await;
        assert_eq!(code, Some(4429), "{what}");
    }
    let greeting = raw_bytes::frame(0x82, true, &codec::encode(&FromAgent::Hello { version: VERSION, resume: None }));
    let open = FromAgent::Open { chat: ChatId(Uuid::now_v7()), head: 0 };
    let opened = raw_bytes::frame(0x82, true, &codec::encode(&open)).repeat(2_000);
    let resync = raw_bytes::frame(0x82, true, &codec::encode(&FromAgent::Resync)).repeat(2_000);
    for (what, flood) in [("subscriptions", opened), ("snapshots", resync)] {
        let stream = raw_bytes::upgrade(&server, Some(&ann)).await;
        let code = raw_bytes::close_code_after(stream, &[greeting.clone(), flood].concat()).await;
        assert_eq!(code, Some(4429), "{what}");
    }
    assert_eq!(
        server.engine.store().report().await.unwrap().chats,
        4,
        "two from the second tenant, the uninvolved one, and one per 1,000 messages"
    );

    let mut twice = server.visitor("/").await;
    twice.send_frame(&FromVisitor::Hello(hello(KEY, SHOP, page("/"), None))).await.unwrap();
    assert_eq!(twice.wait_for_close().await, CloseReason::OutOfTurn.code());
    after.assert_invariants().await;
}

/// Covers E17: typing notifications are forwarded at most once per second, no matter how often they are sent.
#[tokio::test(flavor = "multi_thread")]
async fn typing_is_forwarded_at_most_once_a_second() {
    let server = TestServer::start().await;
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let (mut visitor, chat) = server.visitor_in_claimed_chat(&ann, &mut dashboard, "/boots").await;
    dashboard.open_chat(chat).await.unwrap();
    let began = std::time::Instant::now();
    for _ in 0..40 {
        visitor.send_frame(&FromVisitor::Typing).await.unwrap();
    }
    visitor.send_message("Done").await.unwrap();
    let mut typed = 0;
    with_deadline("the message", async {
        while dashboard.messages(chat).is_empty() {
            typed += u64::from(matches!(dashboard.next().await.unwrap(), ToAgent::Typing(_)));
        }
    })
    .await;
    assert!((1..=1 + began.elapsed().as_secs()).contains(&typed), "{typed}");
}

/// Covers E1, E15, and E16: invalid upgrade requests.
#[tokio::test(flavor = "multi_thread")]
async fn a_socket_opens_by_a_valid_upgrade_only() {
    let server = TestServer::start().await;
    let after = InvariantCheck::start(&server).await;
    let ann = server.sign_in("ann").await;
    let cookie = format!("cookie: {}", ann.cookie);
    let upgrade = ["upgrade: websocket", "sec-websocket-version: 13", "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ=="];
    let asks = |path: &str, more: &[&str]| {
        raw_bytes::request(&format!("GET {path}"), &[&upgrade[..], more].concat())
            .replace("connection: close", "connection: upgrade, close")
    };
    let (agent, visitor) = ("/socket/agent/v1", "/socket/visitor/v1");
    let token = ann.cookie.split_once('=').unwrap().1;
    let huge = format!("sec-websocket-protocol: {}", "x".repeat(1024 * 1024));
    for (what, bytes, expected) in [
        ("no origin", asks(agent, &[&cookie]), &[403][..]),
        ("an origin like ours", asks(agent, &[&cookie, "origin: HTTP://localhost"]), &[403][..]),
        ("a page as the origin", asks(agent, &[&cookie, "origin: http://localhost/a"]), &[403][..]),
        ("a token in the URL", asks(&format!("{agent}?token={token}"), &["origin: http://localhost"]), &[401][..]),
        ("a header of a megabyte", asks(agent, &[&huge]), &[431][..]),
        ("two lengths", asks(visitor, &["content-length: 1", "content-length: 2"]), &[400][..]),
        (
            "a length and chunks",
            asks(visitor, &["content-length: 4", "transfer-encoding: chunked"]) + "0\r\n\r\n",
            &[400][..],
        ),
        (
            "an invalid chunk",
            // A function that needs a session would refuse the request before reading the body.
            raw_bytes::request(
                "POST /api/screen",
                &["transfer-encoding: chunked", "content-type: application/octet-stream"],
            ) + "zz\r\n",
            &[400, 0][..],
        ),
        ("nested transfer encodings", asks(visitor, &["transfer-encoding: chunked, identity"]), &[400][..]),
    ] {
        let status = raw_bytes::status(&raw_bytes::send(&server, &bytes).await);
        assert!(expected.contains(&status), "{what}: {status}");
    }
    after.assert_invariants().await;
}

/// Covers E8 and N4: the number of tabs per address is limited, and the address is not stored.
#[tokio::test(flavor = "multi_thread")]
async fn tabs_per_address_are_limited_and_the_address_is_not_stored() {
    let server = TestServer::with_config(|config| {
        config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
        config.tabs.per_address = 5;
    })
    .await;
    let after = InvariantCheck::start(&server).await;
    let from = async |address: &str| {
        let url = format!("{}/socket/visitor/v1", server.ws());
        let headers = [("user-agent", FIREFOX), ("x-forwarded-for", address)];
        let mut socket = Connection::open(&url, &headers).await.unwrap();
        socket.send(&FromVisitor::Hello(hello(KEY, SHOP, page("/many"), None))).await.unwrap();
        let first = with_deadline("a response", socket.next::<ToVisitor>()).await.unwrap();
        if matches!(first, ToVisitor::Welcome(_)) {
            socket.send(&FromVisitor::AskForPerson).await.unwrap();
        }
        (socket, first)
    };
    let mut tabs = Vec::new();
    for _ in 0..5 {
        let (tab, welcome) = from("203.0.113.77").await;
        assert!(matches!(welcome, ToVisitor::Welcome(_)), "{welcome:?}");
        tabs.push(tab);
    }
    let (_, frame) = from("203.0.113.77").await;
    assert!(matches!(frame, ToVisitor::CloseReason(CloseReason::TooMany { .. })), "{frame:?}");
    let (_other, welcome) = from("203.0.113.78").await;
    assert!(matches!(welcome, ToVisitor::Welcome(_)), "{welcome:?}");
    after.assert_invariants().await;
    let server = server.restart().await;
    assert!(!server.contains_text("203.0.113.").await);
}

/// Covers E3 and E9: a client that opens a socket but sends nothing is disconnected, and so, after a while, is one that
/// reads nothing.
#[test]
fn silent_and_unreading_sockets_are_closed() {
    isolated_process::run("bad_input::e_sockets::silent_and_unreading_sockets_are_closed", async || {
        let server = TestServer::start().await;
        let after = InvariantCheck::start(&server).await;
        let silent = raw_bytes::close_code_after(raw_bytes::upgrade(&server, None).await, &[]);
        let (silent, ()) = tokio::join!(silent, reads_nothing(&server));
        assert_eq!(silent, Some(CloseReason::NoHello.code()));
        after.assert_invariants().await;
    });
}

/// Opens dashboards that keep requesting the whole board without reading anything, then waits until the server has
/// closed all of them.
async fn reads_nothing(server: &TestServer) {
    let ann = server.sign_in("ann").await;
    let mut visitors = Vec::new();
    for n in 0..60 {
        let long = Page { url: format!("{SHOP}/{n}/{}", "x".repeat(1_900)), title: "x".repeat(limits::TITLE_CHARS) };
        let hello = hello(KEY, SHOP, long, None);
        visitors.push(with_deadline("a visitor", Visitor::connect(&server.ws(), hello, FIREFOX)).await.unwrap());
    }
    let before = memory();
    let mut dashboards = Vec::new();
    for _ in 0..5 {
        let mut stream = raw_bytes::upgrade(server, Some(&ann)).await;
        let greeting = codec::encode(&FromAgent::Hello { version: VERSION, resume: None });
        stream.write_all(&raw_bytes::frame(0x82, true, &greeting)).await.unwrap();
        dashboards.push(stream);
    }
    let again = raw_bytes::frame(0x82, true, &codec::encode(&FromAgent::Resync));
    let mut pace = interval(Duration::from_millis(50));
    let gone = async {
        // The dashboards of the second tenant and the uninvolved agent stay open.
        while open_dashboards(server).await > 2 {
            pace.tick().await;
            for stream in &mut dashboards {
                drop(stream.write_all(&again).await);
            }
            assert!(memory().saturating_sub(before) < MAY_GROW);
        }
    };
    timeout(Duration::from_secs(50), gone).await.expect("the dashboards are closed in time");
}

async fn open_dashboards(server: &TestServer) -> u32 {
    let counted =
        reqwest::get(format!("http://{}/metrics", server.metrics.unwrap())).await.unwrap().text().await.unwrap();
    let line = counted.lines().find_map(|line| line.strip_prefix("jumpin_sockets{kind=\"agent\"} "));
    line.expect("the metric exists").parse().unwrap()
}
