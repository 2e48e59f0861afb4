//! Tests of when a connection is closed, over real sockets and with short timeouts.

use std::net::SocketAddr;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::ConnectInfo,
    http::StatusCode,
    routing::{get, post},
};
use engine::ConnectionLimit;
use futures::StreamExt as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    time::{interval, timeout},
};

use super::*;
use crate::server::listener::{ConnectionListener, Peer};

const SHORT_TIMEOUT: Duration = Duration::from_secs(1);
const HEAD: &str = "POST / HTTP/1.1\r\nhost: a\r\n";

async fn start_server(limit: ConnectionLimit) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new()
        .route("/", post(|body: Bytes| async move { body }))
        .route("/early", post(|| async { (StatusCode::FORBIDDEN, "refused") }))
        .route(
            "/upload",
            post(|ConnectInfo(peer): ConnectInfo<Peer>, body: Bytes| async move {
                let _running = peer.uploads.begin();
                drop(body);
                "stored"
            }),
        )
        .route(
            "/slow-upload",
            post(|ConnectInfo(peer): ConnectInfo<Peer>, body: Body| async move {
                let _running = peer.uploads.begin();
                let mut pieces = body.into_data_stream();
                while pieces.next().await.is_some_and(|piece| piece.is_ok()) {}
                "stored"
            }),
        )
        .route(
            "/endless",
            get(|| async {
                Body::from_stream(futures::stream::repeat_with(|| Ok::<_, io::Error>(vec![b'x'; 64 * 1024])))
            }),
        );
    let timeouts = ConnectionTimeouts { idle: SHORT_TIMEOUT, least_bytes_per_second: 100_000 };
    let listener = ConnectionListener::new(listener, limit, |_| false, timeouts, Arc::default());
    let service = router.into_make_service_with_connect_info::<Peer>();
    tokio::spawn(axum::serve(listener, service).into_future());
    address
}

fn unlimited() -> ConnectionLimit {
    ConnectionLimit::new(1_000, 1_000)
}

/// Sends the text in an endless loop, one byte at a time and faster than the timeout. Returns the number of
/// response bytes received.
async fn send_slowly(text: &str, address: SocketAddr) -> usize {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let (mut reads, mut writes) = stream.split();
    let trickle = async {
        let mut pace = interval(SHORT_TIMEOUT / 10);
        for byte in text.bytes().cycle() {
            pace.tick().await;
            if writes.write_u8(byte).await.is_err() {
                return;
            }
        }
    };
    let mut answer = Vec::new();
    let answered = async { drop(reads.read_to_end(&mut answer).await) };
    tokio::select! {
        () = trickle => {}
        () = answered => {}
    }
    answer.len()
}

async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut answer = Vec::new();
    while !answer.ends_with(end.as_bytes()) {
        answer.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(answer).unwrap()
}

/// Case G1 (docs/testing.md).
#[tokio::test]
async fn endless_request_is_closed_by_idle_timeout() {
    let address = start_server(unlimited()).await;
    let endless = format!("{HEAD}content-length: 9\r\nx: ");
    let limit = SHORT_TIMEOUT * 20;
    assert_eq!(timeout(limit, send_slowly(&endless, address)).await, Ok(0), "the headers never end");
    // A client that sends nothing is disconnected too.
    let mut silent = TcpStream::connect(address).await.unwrap();
    assert_eq!(timeout(limit, silent.read(&mut [0])).await.unwrap().unwrap_or(0), 0);
}

#[tokio::test]
async fn answered_connection_outlives_idle_timeout() {
    let mut stream = TcpStream::connect(start_server(unlimited()).await).await.unwrap();
    let mut pace = interval(SHORT_TIMEOUT / 2);
    for _ in 0..6 {
        pace.tick().await;
        stream.write_all(format!("{HEAD}content-length: 2\r\n\r\nok").as_bytes()).await.unwrap();
        read_until(&mut stream, "ok").await;
    }
}

#[tokio::test]
async fn upload_outlives_idle_timeout_and_its_connection_is_used_again() {
    let mut stream = TcpStream::connect(start_server(unlimited()).await).await.unwrap();
    stream.write_all(b"POST /slow-upload HTTP/1.1\r\nhost: a\r\ncontent-length: 30\r\n\r\n").await.unwrap();
    let mut pace = interval(SHORT_TIMEOUT / 10);
    for _ in 0..30 {
        pace.tick().await;
        stream.write_u8(b'x').await.unwrap();
    }
    read_until(&mut stream, "stored").await;
    // Without an upload, the timeout applies again.
    let mut rest = Vec::new();
    timeout(SHORT_TIMEOUT * 20, stream.read_to_end(&mut rest)).await.unwrap().ok();
    assert!(rest.is_empty(), "{rest:?}");
}

#[tokio::test]
async fn slow_reader_is_closed_although_it_always_reads() {
    let mut stream = TcpStream::connect(start_server(unlimited()).await).await.unwrap();
    stream.write_all(b"GET /endless HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    let ended = async {
        let mut pace = interval(SHORT_TIMEOUT / 20);
        // One kilobyte at a time is 20,000 bytes per second.
        let mut bytes = [0; 1_000];
        while stream.read(&mut bytes).await.is_ok_and(|read| read > 0) && stream.peer_addr().is_ok() {
            pace.tick().await;
            // What the operating system has buffered can still be read for a long time, but a closed connection no
            // longer accepts data.
            if stream.write_u8(b' ').await.is_err() {
                return;
            }
        }
    };
    timeout(SHORT_TIMEOUT * 60, ended).await.expect("the connection is closed");
}

#[tokio::test]
async fn client_that_is_still_sending_reads_the_refusal() {
    let mut stream = TcpStream::connect(start_server(unlimited()).await).await.unwrap();
    let bytes = 3_000_000;
    let head = format!("POST /early HTTP/1.1\r\nhost: a\r\ncontent-length: {bytes}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&vec![b'x'; bytes]).await.unwrap();
    assert!(read_until(&mut stream, "refused").await.starts_with("HTTP/1.1 403"));
}

#[tokio::test]
async fn connection_beyond_the_limit_is_closed_at_once_and_others_go_on() {
    let limit = ConnectionLimit::new(2, 1_000);
    let address = start_server(limit.clone()).await;
    let mut first = TcpStream::connect(address).await.unwrap();
    first.write_all(format!("{HEAD}content-length: 2\r\n\r\nok").as_bytes()).await.unwrap();
    read_until(&mut first, "ok").await;
    let _silent = TcpStream::connect(address).await.unwrap();
    let mut refused = TcpStream::connect(address).await.unwrap();
    let read = timeout(SHORT_TIMEOUT / 2, refused.read(&mut [0])).await.expect("it is closed at once");
    assert_eq!(read.unwrap_or(0), 0);
    assert_eq!(limit.open(), 2);
    first.write_all(format!("{HEAD}content-length: 2\r\n\r\nok").as_bytes()).await.unwrap();
    read_until(&mut first, "ok").await;
    drop(first);
    timeout(SHORT_TIMEOUT * 20, async {
        loop {
            let mut again = TcpStream::connect(address).await.unwrap();
            again.write_all(format!("{HEAD}content-length: 2\r\n\r\nok").as_bytes()).await.ok();
            if again.read_u8().await.is_ok() {
                return;
            }
        }
    })
    .await
    .expect("there is room again");
}
