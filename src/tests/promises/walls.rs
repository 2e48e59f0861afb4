//! 07: nobody sees another customer's conversation. A second organization's chat holds a canary; an agent of the first tries
//! its id and many that are nobody's, over the socket and over HTTP: the answers are the same to the letter, and the canary is in
//! none. Who may what, route by route and frame by frame, is tried by `authorization.rs`.

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
    visitor::FromVisitor,
    words::Language,
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use uuid::Uuid;

use crate::{
    furnish::{FIREFOX, page},
    program::Program,
    trial::{Ended, Trial, figures},
};

/// How many dashboards ask, two frames each time.
const DESKS: usize = 4;
/// Between two askings when there are more than a dashboard may send at once.
const PACE: std::time::Duration = std::time::Duration::from_millis(15);
const CANARY: &str = "CANARY-of-the-neighbours";
const NEIGHBOUR: &str = "https://neighbour.test";

pub(crate) async fn hold(trial: Trial) -> Ended {
    let mut random = StdRng::seed_from_u64(trial.seed);
    let tries = trial.pick(200, 100_000);
    let mut program = Program::furnished("").await?;
    let cookie = program.cookie("dora").await?;
    neighbours(&program).await?;
    program.start().await?;
    let foreign = their_chat(&program).await?;

    // Several, for one may not ask as fast.
    let mut desks = Vec::new();
    for _ in 0..DESKS {
        desks.push(program.dashboard(&cookie).await?);
    }
    let mut answers = BTreeSet::new();
    for number in 0..tries {
        // Theirs now and then, between ids that nobody has.
        let desk = &mut desks[number % DESKS];
        let chat = if number % 10 == 0 { foreign } else { ChatId(Uuid::from_u128(random.random())) };
        desk.tell(&FromAgent::Open { chat, head: 0 }).await?;
        let client_id = ClientId(Uuid::now_v7());
        desk.tell(&FromAgent::SendMessage { chat, client_id, text: "Hello?".into() }).await?;
        let refused = desk.refused.len() + 2;
        while desk.refused.len() < refused {
            let heard = desk.next().await?;
            ensure!(!matches!(heard, ToAgent::Entries { .. }), "entries came for {chat}");
        }
        answers.extend(desk.refused.drain(..).map(|refusal| refusal.code().to_owned()));
        if number % 10 == 0 {
            let nobodys = ChatId(Uuid::from_u128(random.random()));
            for function in ["/api/entries", "/api/notes", "/api/claim", "/api/end-chat", "/api/sheet"] {
                let theirs = asks(&program, &cookie, function, foreign).await?;
                let none = asks(&program, &cookie, function, nobodys).await?;
                ensure!(
                    theirs == none && theirs.0 >= 400,
                    "{function} tells a foreign id from nobody's: {theirs:?}, {none:?}"
                );
            }
        }
        // Below what a dashboard may send for long.
        tokio::time::sleep(PACE * trial.pick(0, 1)).await;
    }
    program.stop().await?;
    ensure!(answers == BTreeSet::from(["not_found".to_owned()]), "answers differ: {answers:?}");
    let log = std::fs::read_to_string(program.folder().join("log"))?;
    ensure!(!log.contains(CANARY), "the log holds what a visitor wrote");
    Ok(figures! { "ids_tried": tries, "answers": answers, "canaries_seen": 0 })
}

/// A second organization with its concierge and one agent.
async fn neighbours(program: &Program) -> anyhow::Result<()> {
    let store = Store::open(&program.folder().join("jumpin.db")).await?;
    let organization = store.add_organization("Neighbours").await?;
    let settings = ConciergeSettings {
        sites: vec![NEIGHBOUR.into()],
        privacy: Privacy::Full,
        ..ConciergeSettings::named("Neighbours", Language::En)
    };
    store.add_concierge(NewConcierge { organization, key: ConciergeKey("neighbour".into()), settings }).await?;
    let agent = NewAgent {
        organization,
        name: "Nell North".into(),
        email: "nell@neighbour.test".into(),
        role: Role::Admin,
        password_hash: hash_password("nobody signs in here"),
        max_chats: 3,
        language: Language::En,
    };
    store.add_agent(agent).await?;
    store.close().await;
    Ok(())
}

/// Their visitor's chat, with the canary in it.
async fn their_chat(program: &Program) -> anyhow::Result<ChatId> {
    let first = hello("neighbour", NEIGHBOUR, page("/"), None);
    let mut theirs = Visitor::arrive(&program.ws(), first, FIREFOX).await?;
    theirs.tell(&FromVisitor::AskForPerson).await?;
    theirs.says(CANARY).await?;
    while theirs.acknowledged.is_empty() {
        theirs.next().await?;
    }
    Ok(theirs.chat.as_ref().context("it was made")?.id)
}

/// What a server function answers about a chat, without the id of the request, which differs by its nature.
async fn asks(program: &Program, cookie: &str, function: &str, chat: ChatId) -> anyhow::Result<(u16, String)> {
    let asked = match function {
        "/api/entries" => codec::encode(&(chat, 0_u32)),
        "/api/sheet" => codec::encode(&format!("/history/{chat}")),
        _ => codec::encode(&chat),
    };
    let sent = reqwest::Client::new().post(program.http(function)).header("cookie", cookie);
    let answer = sent.header("content-type", "application/octet-stream").body(asked).send().await?;
    let status = answer.status().as_u16();
    let request = answer.headers().get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned();
    let body = String::from_utf8_lossy(&answer.bytes().await?).into_owned();
    ensure!(!body.contains(CANARY), "the canary is in an answer of {function}");
    Ok((status, body.replace(&request, "REQUEST")))
}
