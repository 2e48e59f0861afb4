//! Promise 17: slow forms, and more slow uploads than the limit allows, do not keep anyone from sending files. As soon
//! as an upload ends, its sender starts another one.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use anyhow::ensure;
use load::Visitor;
use protocol::id::VisitorToken;
use reqwest::Client;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
};
use uuid::Uuid;

use crate::{
    runner::{TrialResult, TrialSettings, measurements, percentile},
    server_process::ServerProcess,
    writing_visitor::WritingVisitor,
};

/// How many uploads a visitor may have at the same time.
const UPLOADS_PER_VISITOR: usize = 3;
/// The size of the files that must arrive, in bytes.
const FILE_BYTES: usize = 1_000_000;
/// How long a client waits before retrying.
const RETRY_DELAY: Duration = Duration::from_millis(200);
/// How long the attack runs before the first file is sent.
const ATTACK_FIRST: Duration = Duration::from_secs(4);

pub(crate) async fn check(trial: TrialSettings) -> TrialResult {
    let (addresses, forms, files) = trial.pick((24, 40, 5), (200, 200, 30));
    let mut server = ServerProcess::with_fixtures("").await?;
    let ben = server.cookie("ben").await?;
    server.start().await?;
    let (mut visitor, mut tab) = WritingVisitor::connect(&server, "a visitor").await?;
    visitor.send_until_acknowledged(&mut tab).await?;
    let chat = tab.chat.as_ref().map(|chat| chat.id).expect("the visitor is in a chat");
    server.claim_chat(&ben, chat).await?;

    let (mut attack, seen, mut tabs) = (JoinSet::new(), Arc::new(Seen::default()), Vec::new());
    for place in 0..addresses {
        let (attacker, tab) = WritingVisitor::connect(&server, &format!("attacker {place}")).await?;
        tabs.push(tab);
        for _ in 0..UPLOADS_PER_VISITOR {
            attack.spawn(upload_slowly(server.address.to_string(), attacker.token(), address(place), seen.clone()));
        }
    }
    for place in 0..forms {
        attack.spawn(send_form_slowly(server.address.to_string(), place, ben.clone(), seen.clone()));
    }
    tokio::time::sleep(ATTACK_FIRST).await;

    let (mut of_visitor, mut of_agent) = (Vec::new(), Vec::new());
    for _ in 0..files {
        let sent = Client::new().post(server.http("/concierge/v1/files")).header("x-forwarded-for", "203.0.113.1");
        of_visitor.push(send_file(sent.bearer_auth(hex(&visitor.token()))).await?);
        let sent = Client::new().post(server.http(&format!("/files?chat={chat}"))).header("cookie", &ben);
        of_agent.push(send_file(sent).await?);
        read_all(&mut tab).await;
    }
    let (began, refused, held) = (seen.began.load(Relaxed), seen.refused.load(Relaxed), seen.forms.load(Relaxed));
    ensure!(began + refused >= 64 && refused > 0, "the upload limit was not reached: {began} and {refused} uploads");
    ensure!(held >= forms as u64, "only {held} slow forms");
    attack.shutdown().await;
    ensure!(server.is_ready().await, "the server was not ready after the attack");
    server.stop().await?;

    let most = |times: &mut [f64]| percentile(times, 100.0).round();
    let (of_visitor, of_agent) = (most(&mut of_visitor), most(&mut of_agent));
    // In the small trial, the attackers share two cores and a debug build with all other clients.
    let bound = trial.pick(15_000.0, 2_000.0);
    ensure!(of_visitor <= bound, "a visitor's file took {of_visitor} ms");
    ensure!(of_agent <= bound, "an agent's file took {of_agent} ms");
    Ok(measurements! {
        "slow_uploads": addresses * UPLOADS_PER_VISITOR, "slow_forms": forms, "began": began, "refused": refused,
        "visitor_ms": of_visitor, "agent_ms": of_agent,
    })
}

/// What the attackers have counted.
#[derive(Default)]
struct Seen {
    /// Uploads that were accepted and have ended.
    began: AtomicU64,
    /// Uploads that were refused.
    refused: AtomicU64,
    /// Forms that the attackers started to send.
    forms: AtomicU64,
}

fn address(place: usize) -> Ipv4Addr {
    Ipv4Addr::from_bits(0x0a00_0001 + (u32::try_from(place).expect("few addresses") << 8))
}

fn hex(token: &VisitorToken) -> String {
    token.0.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Sends a file, and retries until it is stored. Returns how long that took, in milliseconds.
async fn send_file(request: reqwest::RequestBuilder) -> anyhow::Result<f64> {
    let request = request.header("x-file-name", "a.txt").header("x-client-id", Uuid::now_v7().to_string());
    let request = request.body(vec![b'x'; FILE_BYTES]).timeout(Duration::from_secs(60)).build()?;
    let began = Instant::now();
    loop {
        let again = request.try_clone().expect("the body is in memory");
        match Client::new().execute(again).await.map(|answer| answer.status().as_u16()) {
            Ok(201) => return Ok(began.elapsed().as_secs_f64() * 1_000.0),
            Ok(429 | 503) | Err(_) => {
                ensure!(began.elapsed() < Duration::from_secs(60), "a file could not be sent within a minute");
                tokio::time::sleep(RETRY_DELAY).await;
            }
            Ok(status) => anyhow::bail!("a file was refused with {status}"),
        }
    }
}

async fn read_all(tab: &mut Visitor) {
    while tokio::time::timeout(Duration::from_millis(10), tab.next()).await.is_ok_and(|frame| frame.is_ok()) {}
}

/// Uploads a little faster than the minimum rate, and starts again whenever an upload ends.
async fn upload_slowly(at: String, token: VisitorToken, from: Ipv4Addr, seen: Arc<Seen>) {
    loop {
        let head = format!(
            "POST /concierge/v1/files HTTP/1.1\r\nhost: {at}\r\nx-forwarded-for: {from}\r\nauthorization: Bearer {}\r\n\
             x-file-name: a.txt\r\nx-client-id: {}\r\ncontent-length: 9000000\r\n\r\n",
            hex(&token),
            Uuid::now_v7()
        );
        let sent = trickle(&at, &head, &[b'x'; 1_250], Duration::from_millis(250)).await;
        let counted = if sent > 1 { &seen.began } else { &seen.refused };
        counted.fetch_add(1, Relaxed);
        tokio::time::sleep(RETRY_DELAY).await;
    }
}

/// Sends one form byte by byte. Forms with a picture are sent as an agent, and others without signing in.
async fn send_form_slowly(at: String, place: usize, cookie: String, seen: Arc<Seen>) {
    let paths = ["/account/avatar", "/join/x", "/sign-in/code", "/api/sign-in", "/settings/privacy"];
    let path = paths[place % paths.len()];
    let kind = match path.starts_with("/api/") {
        true => "application/x-www-form-urlencoded",
        false => "multipart/form-data; boundary=x",
    };
    loop {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {at}\r\ncookie: {}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
            if path == "/account/avatar" { &cookie } else { "" },
            if path == "/account/avatar" { 6_000_000 } else { 60_000 },
        );
        seen.forms.fetch_add(1, Relaxed);
        trickle(&at, &head, b"-", Duration::from_secs(1)).await;
        tokio::time::sleep(RETRY_DELAY).await;
    }
}

/// Sends a request with its body in pieces, until the server responds or closes the connection. Returns how many pieces
/// were sent.
async fn trickle(at: &str, head: &str, piece: &[u8], pause: Duration) -> usize {
    let Ok(mut stream) = TcpStream::connect(at).await else { return 0 };
    let (mut reads, mut writes) = stream.split();
    let mut sent = 0;
    let sending = async {
        if writes.write_all(head.as_bytes()).await.is_err() {
            return;
        }
        while writes.write_all(piece).await.is_ok() {
            sent += 1;
            tokio::time::sleep(pause).await;
        }
    };
    let mut byte = [0];
    tokio::select! {
        () = sending => {}
        _ = reads.read(&mut byte) => {}
    }
    sent
}
