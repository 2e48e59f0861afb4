//! Many uploads at the same time. Slow ones continue as long as they are not below the minimum rate, and they never
//! keep others from sending.

use std::time::Duration;

use tokio::{io::AsyncReadExt as _, time::interval};

use super::*;

/// A visitor who has written a message, and an upload that has sent only the beginning of its body.
struct SlowUpload {
    visitor: load::Visitor,
    stream: TcpStream,
}

/// Opens a page as a visitor who is stored because they wrote a message.
async fn known_visitor(server: &TestServer) -> load::Visitor {
    let mut visitor = server.visitor("/boots").await;
    let said = visitor.send_message("Hello").await.unwrap();
    visitor.until("the tick", |visitor| visitor.acknowledged.iter().find(|(id, _)| *id == said).copied()).await;
    visitor
}

/// Starts an upload from an address behind a proxy, without sending any of its body.
async fn begin(server: &TestServer, token: &VisitorToken, from: &str, length: usize) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let head = format!(
        "POST /concierge/v1/files?lang=de HTTP/1.1\r\nhost: localhost\r\nx-forwarded-for: {from}\r\nauthorization: {}\r\n\
         x-file-name: a.txt\r\nx-client-id: {}\r\ncontent-length: {length}\r\n\r\n",
        bearer(token),
        Uuid::now_v7()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

async fn begin_slowly(server: &TestServer, from: &str) -> SlowUpload {
    let visitor = known_visitor(server).await;
    let before = count_stored_files(server);
    let stream = begin(server, &visitor.token(), from, 1_000_000).await;
    with_deadline("the upload to begin", async {
        while count_stored_files(server) == before {
            tokio::task::yield_now().await;
        }
    })
    .await;
    SlowUpload { visitor, stream }
}

/// Reads the whole response, head and body.
async fn read_response(stream: &mut TcpStream) -> (u16, String) {
    let mut answer = Vec::new();
    with_deadline("a response", async {
        while !answer.ends_with(b"}") {
            answer.push(stream.read_u8().await.unwrap());
        }
    })
    .await;
    let answer = String::from_utf8(answer).unwrap();
    (answer.split(' ').nth(1).unwrap().parse().unwrap(), answer)
}

async fn send_file(server: &TestServer, token: &VisitorToken, from: &str) -> (u16, String) {
    let sent = from_visitor(server, token, "a.gif", &image()).header("x-forwarded-for", from);
    let answer = with_deadline("a response", sent.send()).await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_upload_above_the_least_rate_is_stored_long_after_the_idle_timeout() {
    let server = TestServer::with_config(|config| {
        config.connections.idle_timeout = 500;
        config.connections.request_timeout = 500;
        config.uploads.grace = 500;
        config.uploads.least_bytes_per_second = 500;
    })
    .await;
    let visitor = known_visitor(&server).await;
    let mut stream = begin(&server, &visitor.token(), "192.0.2.1", 6_000).await;
    let mut pace = interval(Duration::from_millis(100));
    for _ in 0..30 {
        pace.tick().await;
        stream.write_all(&[b'x'; 200]).await.unwrap();
    }
    let (status, answer) = read_response(&mut stream).await;
    assert_eq!(status, 201, "{answer}");
    assert_eq!(count_stored_files(&server), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_below_the_least_rate_or_beyond_its_time_is_refused_and_leaves_nothing() {
    for set in [
        |uploads: &mut engine::UploadLimits| uploads.grace = 300,
        |uploads: &mut engine::UploadLimits| {
            uploads.longest = 300;
            uploads.least_bytes_per_second = 1;
        },
    ] {
        let server = TestServer::with_config(|config| {
            config.uploads.per_sender = 1;
            set(&mut config.uploads);
        })
        .await;
        let mut slow = begin_slowly(&server, "192.0.2.1").await;
        let mut pace = interval(Duration::from_millis(50));
        let (mut reads, mut writes) = slow.stream.split();
        let trickle = async {
            // 20 bytes per second.
            while writes.write_all(b"x").await.is_ok() {
                pace.tick().await;
            }
            std::future::pending::<()>().await;
        };
        let answer = async {
            let mut answer = Vec::new();
            while !answer.ends_with(b"}") {
                answer.push(reads.read_u8().await.unwrap());
            }
            String::from_utf8(answer).unwrap()
        };
        let answer = tokio::select! {
            () = trickle => unreachable!(),
            answer = with_deadline("a refusal", answer) => answer,
        };
        assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("\"took_too_long\""), "{answer}");
        assert!(answer.contains("Die Verbindung war zu langsam"), "{answer}");
        assert_eq!(count_stored_files(&server), 0);
        let token = slow.visitor.token();
        assert_eq!(send_file(&server, &token, "192.0.2.1").await.0, 201, "the place is free again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_of_one_address_and_of_all_visitors_leave_places_to_others() {
    let server = TestServer::with_config(|config| {
        config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
        config.uploads = engine::UploadLimits {
            at_once: 4,
            for_agents: 1,
            per_address: 2,
            per_sender: 1,
            grace: 600_000,
            ..config.uploads
        };
    })
    .await;
    let talk = ChatFixture::start(&server, "/packs").await;
    let mut slow = vec![begin_slowly(&server, "2001:db8::1").await, begin_slowly(&server, "2001:db8::2").await];
    let other = known_visitor(&server).await;
    let (status, answer) = send_file(&server, &other.token(), "2001:db8::3").await;
    assert_eq!(status, 503, "{answer}");
    assert!(answer.contains("\"busy\"") && answer.contains("Gerade werden viele Dateien gesendet"), "{answer}");
    assert_eq!(send_file(&server, &other.token(), "192.0.2.1").await.0, 201, "another address");
    slow.push(begin_slowly(&server, "192.0.2.2").await);
    assert_eq!(send_file(&server, &other.token(), "192.0.2.1").await.0, 503, "the last place is for agents");
    upload(from_agent(&server, &talk.ann, talk.chat, "a.gif", &image())).await;
    // Refused uploads get a response before their body is read.
    let mut refused = begin(&server, &other.token(), "192.0.2.1", 1_000_000).await;
    assert_eq!(read_response(&mut refused).await.0, 503);
    drop(slow);
    with_deadline("a free place", async { while send_file(&server, &other.token(), "2001:db8::3").await.0 != 201 {} })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_takes_the_place_of_the_slowest_upload() {
    let server = TestServer::with_config(|config| {
        config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
        config.uploads = engine::UploadLimits {
            at_once: 2,
            for_agents: 0,
            grace: 1_000,
            least_bytes_per_second: 1,
            longest: 600_000,
            ..config.uploads
        };
    })
    .await;
    let talk = ChatFixture::start(&server, "/packs").await;
    let mut slow = [begin_slowly(&server, "192.0.2.1").await, begin_slowly(&server, "192.0.2.2").await];
    // The second one has sent more than the first.
    slow[1].stream.write_all(&[b'x'; 1_000]).await.unwrap();
    let newcomer = known_visitor(&server).await;
    let sent = async {
        loop {
            let (status, answer) = send_file(&server, &newcomer.token(), "192.0.2.3").await;
            match status {
                201 => return,
                503 => assert!(answer.contains("\"busy\""), "{answer}"),
                _ => panic!("{answer}"),
            }
        }
    };
    with_deadline("a place", sent).await;
    let (status, answer) = read_response(&mut slow[0].stream).await;
    assert!(status == 503 && answer.contains("\"busy\""), "{answer}");
    upload(from_agent(&server, &talk.ann, talk.chat, "a.gif", &image())).await;
}
