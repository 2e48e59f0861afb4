//! D: what is somebody else's. The table of who may what is `authorization`'s; the second tenant is `stories::organizations`'.

use protocol::{id::VisitorToken, invitation::Answer, refusal::Refusal, status::Status};
use uuid::Uuid;

use super::{after_each::AfterEach, answer, browser, fills_in, page};
use crate::{
    client_ext::{AgentExt, VisitorExt},
    test_server::TestServer,
};

/// D3, F1: a wrong token is nobody, and another's invitation and chat cannot be touched.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_is_nobody_and_anothers_invitation_and_chat_cannot_be_touched() {
    let server = TestServer::start().await;
    let after = AfterEach::on(&server).await;
    let (ann, ben) = (server.signs_in("ann").await, server.signs_in("ben").await);
    let mut dashboard = server.dashboard(&ann).await;
    let mut asked = server.visitor("/boots").await;
    let visit = dashboard.row_on("/boots").await.visit;
    let invitation = server.engine.invite(&ann.me, visit, "May I help?".into()).await.unwrap();
    asked.is_invited().await;

    // A token that nobody has: somebody new, with a token of his own.
    let made_up = VisitorToken([7; 32]);
    let mut stranger = server.tab("/packs", Some(made_up.clone())).await;
    assert_ne!(stranger.token(), made_up);
    stranger.answers(invitation, Answer::Accept).await.unwrap();
    stranger.is_up_to_date().await;
    assert_eq!((stranger.invitation.clone(), stranger.chat.clone()), (None, None));
    assert_eq!(dashboard.sees(visit, Status::AgentRequested).await.chat, None);

    // The chat is Ann's; Ben, who is not in it, can neither speak in it nor end it.
    asked.answers(invitation, Answer::Accept).await.unwrap();
    let chat = asked.until("the chat", |visitor| visitor.chat.as_ref().map(|chat| chat.id)).await;
    server.engine.claim(&ann.me, chat).await.unwrap();
    let mut other = server.dashboard(&ben).await;
    other.says(chat, "Let me in").await.unwrap();
    other.until("the refusal", |agent| agent.refused.first().cloned()).await;
    assert!(server.engine.end(&ben.me, chat).await.is_err());
    let nowhere = protocol::id::ChatId(Uuid::now_v7());
    other.says(nowhere, "Hello?").await.unwrap();
    other.until("the refusal of one that is not there", |agent| (agent.refused.len() == 2).then_some(())).await;
    // The board shows everyone whose it is, so that may be said.
    assert_eq!(other.refused, [Refusal::Changed { agent: Some(ann.me.agent) }, Refusal::NotFound]);
    asked.is_up_to_date().await;
    assert_eq!(asked.messages(), []);
    after.all_is_well().await;
}

/// D2: what is no id, and whose nothing is, look the same.
#[tokio::test(flavor = "multi_thread")]
async fn every_id_of_nothing_has_the_same_answer() {
    let server = TestServer::start().await;
    let after = AfterEach::on(&server).await;
    let dora = server.signs_in("dora").await;
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
    after.all_is_well().await;
}

/// D6, D7, D14: what nobody asked for is not taken, and a list is as long as it is.
#[tokio::test(flavor = "multi_thread")]
async fn fields_that_are_not_asked_for_change_nothing() {
    let server = TestServer::start().await;
    let after = AfterEach::on(&server).await;
    let ben = server.signs_in("ben").await;
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
        let sent = fills_in(&server, &ben, address, &more).await;
        assert!(sent.status < 500, "{address}: {}", sent.status);
    }
    assert_eq!(server.signs_in("ben").await.me.role, protocol::agent::Role::Agent);
    assert_eq!(page(&server, Some(&ben), "/settings/agents").await.status, 403);

    let asked =
        page(&server, Some(&ben), "/history?limit=1000000000&offset=-1&sort=password_hash&order=;--&page=-1").await;
    assert_eq!(asked.status, 200);
    let asked =
        page(&server, Some(&ben), "/history?before=x&team=;--&agent=%27&concierge=null&outcome=select&tag=%00").await;
    assert_eq!(asked.status, 200);
    after.all_is_well().await;
}

/// D11: no answer holds what opens a door.
#[tokio::test(flavor = "multi_thread")]
async fn no_answer_holds_a_hash_or_a_token() {
    let server = TestServer::start().await;
    let after = AfterEach::on(&server).await;
    let dora = server.signs_in("dora").await;
    let token = dora.cookie.split_once('=').unwrap().1;
    let places = jumpin::screens::PLACES.iter().filter(|place| !place.contains('*'));
    for place in places.copied().chain(["/visitors", "/chats", "/history/export.csv", "/history/export.jsonl"]) {
        let asked = page(&server, Some(&dora), place).await;
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
    after.all_is_well().await;
}
