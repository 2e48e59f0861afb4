//! Promise 07: an agent tries the id of another organization's chat, which contains a canary, along with many random
//! ids, both over the socket and over HTTP. All responses are byte-for-byte identical, and none contains the canary.
//! Permissions per route and frame are tested in `authorization.rs`.

use std::collections::BTreeSet;

use anyhow::{Context, ensure};
use engine::store::{NewAgent, NewConcierge, Store};
use engine::{sessions::hash_password, store::ConciergeSettings};
use load::{Visitor, visitor::hello};
use protocol::{
    agent::{FromAgent, Role, ToAgent},
    codec,
    concierge::Privacy,
    id::{ChatId, ClientId, ConciergeKey},
    language::Language,
    visitor::FromVisitor,
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use uuid::Uuid;

use crate::{
    fixtures::{FIREFOX, page},
    runner::{TrialResult, TrialSettings, measurements},
    server_process::ServerProcess,
};

/// How many dashboards send the frames. Each one sends two frames per try.
const DASHBOARDS: usize = 4;
/// The pause between tries. It is needed only when there are more tries than the dashboards may send in a burst.
const PACE: std::time::Duration = std::time::Duration::from_millis(15);
const CANARY: &str = "CANARY-of-the-second-tenant";
const SECOND_SITE: &str = "https://second.test";

pub(crate) async fn check(trial: TrialSettings) -> TrialResult {
    let mut random = StdRng::seed_from_u64(trial.seed);
    let tries = trial.pick(200, 100_000);
    let mut server = ServerProcess::with_fixtures("").await?;
    let cookie = server.cookie("dora").await?;
    create_second_tenant(&server).await?;
    server.start().await?;
    let foreign = create_second_tenants_chat(&server).await?;

    // Uses several dashboards because each one's frame rate is limited.
    let mut dashboards = Vec::new();
    for _ in 0..DASHBOARDS {
        dashboards.push(server.dashboard(&cookie).await?);
    }
    let mut answers = BTreeSet::new();
    for number in 0..tries {
        // Every tenth id belongs to the other organization's chat. The rest do not exist.
        let dashboard = &mut dashboards[number % DASHBOARDS];
        let chat = if number % 10 == 0 { foreign } else { ChatId(Uuid::from_u128(random.random())) };
        dashboard.send_frame(&FromAgent::Open { chat, head: 0 }).await?;
        let client_id = ClientId(Uuid::now_v7());
        dashboard.send_frame(&FromAgent::SendMessage { chat, client_id, text: "Hello?".into() }).await?;
        let refused = dashboard.refused.len() + 2;
        while dashboard.refused.len() < refused {
            let heard = dashboard.next().await?;
            ensure!(!matches!(heard, ToAgent::Entries { .. }), "received entries of {chat}");
        }
        answers.extend(dashboard.refused.drain(..).map(|refusal| refusal.code().to_owned()));
        if number % 10 == 0 {
            let nobodys = ChatId(Uuid::from_u128(random.random()));
            for function in ["/api/entries", "/api/notes", "/api/claim", "/api/end-chat", "/api/screen"] {
                let theirs = call_function(&server, &cookie, function, foreign).await?;
                let none = call_function(&server, &cookie, function, nobodys).await?;
                ensure!(
                    theirs == none && theirs.0 >= 400,
                    "{function} distinguishes another tenant's id from a missing one: {theirs:?}, {none:?}"
                );
            }
        }
        // Stays below a dashboard's sustained frame rate limit.
        tokio::time::sleep(PACE * trial.pick(0, 1)).await;
    }
    server.stop().await?;
    ensure!(answers == BTreeSet::from(["not_found".to_owned()]), "the responses differ: {answers:?}");
    let log = std::fs::read_to_string(server.folder().join("log"))?;
    ensure!(!log.contains(CANARY), "the log contains a visitor's message");
    Ok(measurements! { "ids_tried": tries, "answers": answers, "canaries_seen": 0 })
}

/// Adds a second organization with a concierge and a single agent.
async fn create_second_tenant(server: &ServerProcess) -> anyhow::Result<()> {
    let store = Store::open(&server.folder().join("jumpin.db")).await?;
    let organization = store.add_organization("Second Tenant").await?;
    let settings = ConciergeSettings {
        sites: vec![SECOND_SITE.into()],
        privacy: Privacy::Full,
        ..ConciergeSettings::named("Second Tenant", Language::En)
    };
    store.add_concierge(NewConcierge { organization, key: ConciergeKey("second".into()), settings }).await?;
    let agent = NewAgent {
        organization,
        name: "Nell North".into(),
        email: "nell@second.test".parse().unwrap(),
        role: Role::Admin,
        password_hash: hash_password("nobody signs in here"),
        max_chats: 3,
        language: Language::En,
    };
    store.add_agent(agent).await?;
    store.close().await;
    Ok(())
}

/// Starts a chat as a visitor of the second organization and sends the canary in it.
async fn create_second_tenants_chat(server: &ServerProcess) -> anyhow::Result<ChatId> {
    let first = hello("second", SECOND_SITE, page("/"), None);
    let mut theirs = Visitor::connect(&server.ws(), first, FIREFOX).await?;
    theirs.send_frame(&FromVisitor::AskForPerson).await?;
    theirs.send_message(CANARY).await?;
    while theirs.acknowledged.is_empty() {
        theirs.next().await?;
    }
    Ok(theirs.chat.as_ref().context("the chat was not created")?.id)
}

/// Calls a server function with the id of a chat. Returns the response without its request id, which is always
/// different.
async fn call_function(
    server: &ServerProcess,
    cookie: &str,
    function: &str,
    chat: ChatId,
) -> anyhow::Result<(u16, String)> {
    let asked = match function {
        "/api/entries" => codec::encode(&(chat, 0_u32)),
        "/api/screen" => codec::encode(&format!("/history/{chat}")),
        _ => codec::encode(&chat),
    };
    let sent = reqwest::Client::new().post(server.http(function)).header("cookie", cookie);
    let answer = sent.header("content-type", "application/octet-stream").body(asked).send().await?;
    let status = answer.status().as_u16();
    let request = answer.headers().get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned();
    let body = String::from_utf8_lossy(&answer.bytes().await?).into_owned();
    ensure!(!body.contains(CANARY), "a response from {function} contains the canary");
    Ok((status, body.replace(&request, "REQUEST")))
}
