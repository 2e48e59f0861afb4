//! Cases D1 to D15: access to other people's data. Per-role permissions are tested in `authorization`, and isolation
//! from the second tenant in `stories::organizations`.

use protocol::{id::VisitorToken, invitation::Answer, refusal::Refusal, status::Status};
use uuid::Uuid;

use super::{answer, browser, export, invariant_check::InvariantCheck, page, submit_form};
use crate::{
    client_ext::{AgentExt, VisitorExt},
    test_server::TestServer,
};

/// Covers D3 and F1: an invalid token identifies no one and gives no access to another visitor's invitation or chat.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_gives_no_access_to_anothers_invitation_or_chat() {
    let server = TestServer::start().await;
    let after = InvariantCheck::start(&server).await;
    let (ann, ben) = (server.sign_in("ann").await, server.sign_in("ben").await);
    let mut dashboard = server.dashboard(&ann).await;
    let mut asked = server.visitor("/boots").await;
    let visit = dashboard.wait_for_row("/boots").await.visit;
    let invitation = server.engine.invite(&ann.me, visit, "How can I help?".into()).await.unwrap();
    asked.wait_for_invitation().await;

    // An unknown token creates a new visitor, who gets a new token.
    let made_up = VisitorToken([7; 32]);
    let mut stranger = server.tab("/packs", Some(made_up.clone())).await;
    assert_ne!(stranger.token(), made_up);
    stranger.answer_invitation(invitation, Answer::Accept).await.unwrap();
    stranger.wait_until_synced().await;
    assert_eq!((stranger.invitation.clone(), stranger.chat.clone()), (None, None));
    assert_eq!(dashboard.wait_for_status(visit, Status::AgentRequested).await.chat, None);

    // Ben is not in Ann's chat, so Ben can neither write in it nor end it.
    asked.answer_invitation(invitation, Answer::Accept).await.unwrap();
    let chat = asked.until("the chat", |visitor| visitor.chat.as_ref().map(|chat| chat.id)).await;
    server.engine.claim(&ann.me, chat).await.unwrap();
    let mut other = server.dashboard(&ben).await;
    other.send_message(chat, "Let me in").await.unwrap();
    other.until("the refusal", |agent| agent.refused.first().cloned()).await;
    assert!(server.engine.end(&ben.me, chat).await.is_err());
    let nowhere = protocol::id::ChatId(Uuid::now_v7());
    other.send_message(nowhere, "Hello?").await.unwrap();
    other.until("the missing chat to be refused", |agent| (agent.refused.len() == 2).then_some(())).await;
    // The refusal may name the agent because every agent can see it on the board anyway.
    assert_eq!(other.refused, [Refusal::ChatChanged { agent: Some(ann.me.agent) }, Refusal::NotFound]);
    asked.wait_until_synced().await;
    assert_eq!(asked.messages(), []);
    after.assert_invariants().await;
}

/// Covers D2: malformed ids and unknown ids get the same response.
#[tokio::test(flavor = "multi_thread")]
async fn every_unknown_or_malformed_id_gets_the_same_answer() {
    let server = TestServer::start().await;
    let after = InvariantCheck::start(&server).await;
    let dora = server.sign_in("dora").await;
    let random = Uuid::now_v7().to_string();
    for place in ["/history/", "/history/visitors/", "/settings/concierges/", "/settings/teams/", "/settings/agents/"] {
        let mut said = Vec::new();
        for id in [
            random.as_str(),
            "0",
            "-1",
            "9223372036854775808",
            "00000000-0000-0000-0000-000000000000",
            "null",
            "%7B%7D",
            "[]",
        ] {
            let asked = page(&server, Some(&dora), &format!("{place}{id}")).await;
            let words =
                asked.body.split("<main").nth(1).unwrap_or_default().split("</main>").next().unwrap().to_owned();
            said.push((asked.status, words.replace(&format!("/{id}"), "")));
        }
        assert_eq!(said[0].0, 404, "{place}");
        assert!(said.iter().all(|one| one == &said[0]), "{place}: {said:#?}");
    }
    after.assert_invariants().await;
}

/// Covers D6, D7, and D14: unexpected form fields are ignored, as are unexpected query parameters on lists.
#[tokio::test(flavor = "multi_thread")]
async fn unexpected_form_fields_are_ignored() {
    let server = TestServer::start().await;
    let after = InvariantCheck::start(&server).await;
    let ben = server.sign_in("ben").await;
    let more = [
        ("name", "Ben B."),
        ("email", "ben@acme.test"),
        ("role", "admin"),
        ("organization", "1"),
        ("organization_id", "1"),
        ("active", "on"),
        ("max_chats", "99"),
        ("id", "1"),
        ("created_at", "0"),
    ];
    for address in ["/account", "/account/name", "/account/avatar", "/account/password", "/account/totp/begin"] {
        let sent = submit_form(&server, &ben, address, &more).await;
        assert!(sent.status < 500, "{address}: {}", sent.status);
    }
    assert_eq!(server.sign_in("ben").await.me.role, protocol::agent::Role::Agent);
    assert_eq!(page(&server, Some(&ben), "/settings/agents").await.status, 403);

    let asked =
        page(&server, Some(&ben), "/history?limit=1000000000&offset=-1&sort=password_hash&order=;--&page=-1").await;
    assert_eq!(asked.status, 200);
    let asked =
        page(&server, Some(&ben), "/history?before=x&team=;--&agent=%27&concierge=null&outcome=select&tag=%00").await;
    assert_eq!(asked.status, 200);
    after.assert_invariants().await;
}

/// Covers D11: no response contains credentials.
#[tokio::test(flavor = "multi_thread")]
async fn no_response_contains_a_hash_or_a_token() {
    let server = TestServer::start().await;
    let after = InvariantCheck::start(&server).await;
    let dora = server.sign_in("dora").await;
    let token = dora.cookie.split_once('=').unwrap().1;
    let places = jumpin::screens::SCREEN_PATHS.iter().filter(|place| !place.contains('*'));
    for place in places.copied().chain(["/visitors", "/chats", "/history/export.csv", "/history/export.jsonl"]) {
        let asked = match place.contains("export") {
            true => export(&server, Some(&dora), place).await,
            false => page(&server, Some(&dora), place).await,
        };
        assert_eq!(asked.status, 200, "{place}");
        for secret in ["$argon2", token, "password_hash", "token_hash", "secret"] {
            assert!(!asked.body.contains(secret), "{place}: {secret}");
        }
    }
    for function in ["here", "who-am-i", "tags", "replies"] {
        let asked = browser().post(server.http(&format!("/api/{function}"))).header("cookie", &dora.cookie);
        let body = if function == "here" { vec![0] } else { vec![] };
        let asked = answer(asked.header("content-type", "application/octet-stream").body(body)).await;
        assert_eq!(asked.status, 200, "{function}");
        assert!(!asked.body.contains("$argon2") && !asked.body.contains(token), "{function}");
    }
    after.assert_invariants().await;
}
