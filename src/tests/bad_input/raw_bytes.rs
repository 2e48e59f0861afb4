//! Sends raw bytes over a socket, for requests and frames that no client library would send.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    client_ext::with_deadline,
    test_server::{SignedIn, TestServer},
};

/// Opens a TCP connection to the server.
pub(super) async fn connect(server: &TestServer) -> TcpStream {
    TcpStream::connect(server.address()).await.unwrap()
}

/// Sends the bytes and returns everything the server sends before it closes the connection.
pub(super) async fn send(server: &TestServer, bytes: &str) -> String {
    let mut stream = connect(server).await;
    // The server may close the connection before it has read all of the bytes.
    drop(stream.write_all(bytes.as_bytes()).await);
    let mut answer = Vec::new();
    with_deadline("the end of the response", async { drop(stream.read_to_end(&mut answer).await) }).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// Builds a request without a body from its method and path, plus any header lines.
pub(super) fn request(first: &str, lines: &[&str]) -> String {
    let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    format!("{first} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{lines}\r\n")
}

/// Returns the response status, or 0 if there is no response.
pub(super) fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default()
}

/// Opens a WebSocket without sending any frames. The socket is the agent's, or a visitor's if no agent is given.
pub(super) async fn upgrade(server: &TestServer, who: Option<&SignedIn>) -> TcpStream {
    let mut stream = connect(server).await;
    let (path, cookie) = who.map_or(("visitor", ""), |who| ("agent", who.cookie.as_str()));
    let origin = server.origin();
    let asks = format!(
        "GET /socket/{path}/v1 HTTP/1.1\r\nhost: {}\r\norigin: {origin}\r\ncookie: {cookie}\r\nconnection: upgrade\r\n\
         upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        server.address(),
    );
    stream.write_all(asks.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    with_deadline("the upgrade", async {
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(stream.read_u8().await.unwrap());
        }
    })
    .await;
    assert_eq!(status(&String::from_utf8_lossy(&answer)), 101);
    stream
}

/// Builds a WebSocket frame from its first byte and its payload. A masked frame uses an all-zero mask.
pub(super) fn frame(first: u8, masked: bool, body: &[u8]) -> Vec<u8> {
    let mask = if masked { 0x80 } else { 0 };
    let mut frame = vec![first];
    match body.len() {
        short @ 0..126 => frame.push(mask | short as u8),
        long @ 126..65_536 => {
            frame.push(mask | 126);
            frame.extend((long as u16).to_be_bytes());
        }
        longer => {
            frame.push(mask | 127);
            frame.extend((longer as u64).to_be_bytes());
        }
    }
    frame.extend(if masked { &[0_u8; 4][..] } else { &[] });
    frame.extend(body);
    frame
}

/// Sends the bytes and returns the code in the server's close frame, or `None` if the server closes the connection
/// without sending one.
pub(super) async fn close_code_after(mut stream: TcpStream, bytes: &[u8]) -> Option<u16> {
    drop(stream.write_all(bytes).await);
    let mut heard = Vec::new();
    with_deadline("the socket to close", async { drop(stream.read_to_end(&mut heard).await) }).await;
    let mut rest = heard.as_slice();
    loop {
        let [first, length, ..] = *rest else { return None };
        let (from, length) = match length {
            126 => (4, usize::from(u16::from_be_bytes(rest.get(2..4)?.try_into().ok()?))),
            short => (2, usize::from(short)),
        };
        let body = rest.get(from..from + length)?;
        if first == 0x88 {
            return Some(u16::from_be_bytes(body.get(..2)?.try_into().ok()?));
        }
        rest = &rest[from + length..];
    }
}
