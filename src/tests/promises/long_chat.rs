//! Promise 16: long chats can be opened. A chat with very many entries and a chat with a lot of text open in a
//! dashboard and in the visitor's browser, completely and in order, over the one connection that each of them has.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use engine::{
    clock,
    store::{NewMessage, Store},
};
use futures::future::join_all;
use protocol::{
    agent::ToAgent,
    chat::{Author, Body, Entry, Seq},
    id::{ChatId, ClientId, OrganizationId, VisitorToken},
    limits::MESSAGE_CHARS,
    visitor::{FromVisitor, ToVisitor},
};
use tokio::time::timeout;
use uuid::Uuid;

use crate::{
    runner::{TrialResult, TrialSettings, measurements},
    server_process::{self, ServerProcess},
};

/// How long it may take to open one chat.
const OPENED_WITHIN: Duration = Duration::from_secs(120);
/// How much the server's memory may grow while it sends chats that are much larger, in bytes.
const ROOM: u64 = 48 << 20;
/// How many messages are stored in parallel.
const AT_ONCE: usize = 2_000;
/// Timers long enough that the chats stay with their visitor and agent while both are away.
const TIMERS: &str =
    "grace = \"1h\"\ngrace-mobile = \"1h\"\nagent-lost = \"1h\"\nagent-reassign = \"2h\"\nchat-silent-end = \"24h\"";

/// A chat to open, and what must be in it.
struct LongChat {
    chat: ChatId,
    token: VisitorToken,
    head: Seq,
    text_bytes: usize,
}

pub(crate) async fn check(trial: TrialSettings) -> TrialResult {
    let (entries, megabytes) = trial.pick((3_000, 2), (100_000, 50));
    let mut server = ServerProcess::with_fixtures(TIMERS).await?;
    let cookie = server.cookie("ben").await?;
    server.start().await?;
    let (many, much) = (begin(&server, &cookie).await?, begin(&server, &cookie).await?);
    server.stop().await?;
    let store = Store::open(server.folder().join("jumpin.db").as_path()).await?;
    let long = "𝒳".repeat(MESSAGE_CHARS);
    let messages = megabytes * 1_000_000_usize.div_ceil(long.len());
    let many = fill(&store, many, entries, "Do you have these in size 43, and by Friday?").await?;
    let much = fill(&store, much, messages, &long).await?;
    store.close().await;

    server.start().await?;
    let before = server.memory();
    let mut times = Vec::new();
    for chat in [&many, &much] {
        let began = Instant::now();
        timeout(OPENED_WITHIN, open_as_agent(&server, &cookie, chat)).await.context("the dashboard timed out")??;
        times.push(began.elapsed().as_millis() as u64);
        let began = Instant::now();
        timeout(OPENED_WITHIN, open_as_visitor(&server, chat)).await.context("the visitor timed out")??;
        times.push(began.elapsed().as_millis() as u64);
    }
    let after = server.memory();
    server.stop().await?;
    // The chats of a small trial are smaller than `ROOM`, the memory that the server may allocate once.
    ensure!(after <= before + ROOM, "memory grew from {before} to {after} bytes");
    Ok(measurements! {
        "entries": many.head, "megabytes": much.text_bytes / 1_000_000,
        "entries_dashboard_ms": times[0], "entries_visitor_ms": times[1],
        "megabytes_dashboard_ms": times[2], "megabytes_visitor_ms": times[3],
        "memory_mb_before": before >> 20, "memory_mb_after": after >> 20,
    })
}

/// Starts a chat as a new visitor, and claims it.
async fn begin(server: &ServerProcess, cookie: &str) -> anyhow::Result<(ChatId, VisitorToken)> {
    let mut tab = server_process::tab(&server.ws(), None, 0).await?;
    tab.send_frame(&FromVisitor::AskForPerson).await?;
    let chat = loop {
        if let Some(chat) = &tab.chat {
            break chat.id;
        }
        tab.next().await?;
    };
    server.claim_chat(cookie, chat).await?;
    Ok((chat, tab.token()))
}

/// Fills a chat with messages, bypassing the limits that apply to visitors.
async fn fill(
    store: &Store,
    (chat, token): (ChatId, VisitorToken),
    messages: usize,
    text: &str,
) -> anyhow::Result<LongChat> {
    let organization = organization(store).await?;
    let before: usize = store.entries(chat, 0, 100).await?.iter().map(text_bytes).sum();
    let (mut head, mut left) = (0, messages);
    while left > 0 {
        let some = left.min(AT_ONCE);
        let said = (0..some).map(|_| {
            let (client_id, body) = (ClientId(Uuid::now_v7()), Body::Text(text.to_owned()));
            store.send_message(NewMessage {
                organization,
                chat,
                author: Author::Visitor,
                client_id,
                body,
                now: clock::now(),
            })
        });
        for said in join_all(said).await {
            // Messages are not stored in the order in which they were sent.
            head = head.max(said?.entry.seq);
        }
        left -= some;
    }
    Ok(LongChat { chat, token, head, text_bytes: before + messages * text.len() })
}

async fn organization(store: &Store) -> anyhow::Result<OrganizationId> {
    let all = store.organizations().await?;
    all.first().copied().context("there is no organization")
}

async fn open_as_agent(server: &ServerProcess, cookie: &str, wanted: &LongChat) -> anyhow::Result<()> {
    let mut dashboard = server.dashboard(cookie).await?;
    dashboard.open_chat(wanted.chat).await?;
    let mut got = Received::default();
    while !got.is_complete(wanted) {
        match dashboard.next().await.context("the dashboard's connection ended")? {
            ToAgent::Entries { chat, entries } if chat == wanted.chat => got.take(&entries)?,
            _ => {}
        }
    }
    got.check(wanted)
}

async fn open_as_visitor(server: &ServerProcess, wanted: &LongChat) -> anyhow::Result<()> {
    let mut tab = server_process::tab(&server.ws(), Some(wanted.token.clone()), 0).await?;
    let mut got = Received::default();
    while !got.is_complete(wanted) {
        if let ToVisitor::Entries(entries) = tab.next().await.context("the visitor's connection ended")? {
            got.take(&entries)?;
        }
    }
    got.check(wanted)
}

/// What a client has received of a chat.
#[derive(Default)]
struct Received {
    head: Seq,
    text_bytes: usize,
}

impl Received {
    /// Checks the next entries, each of which must directly follow the previous one.
    fn take(&mut self, entries: &[Entry]) -> anyhow::Result<()> {
        for entry in entries {
            ensure!(entry.seq == self.head + 1, "entry {} came after entry {}", entry.seq, self.head);
            self.head = entry.seq;
            self.text_bytes += text_bytes(entry);
        }
        Ok(())
    }

    fn is_complete(&self, wanted: &LongChat) -> bool {
        self.head >= wanted.head
    }

    fn check(&self, wanted: &LongChat) -> anyhow::Result<()> {
        ensure!(self.head == wanted.head, "{} entries instead of {}", self.head, wanted.head);
        ensure!(self.text_bytes == wanted.text_bytes, "{} bytes instead of {}", self.text_bytes, wanted.text_bytes);
        Ok(())
    }
}

fn text_bytes(entry: &Entry) -> usize {
    if let Body::Text(text) = &entry.body { text.len() } else { 0 }
}
