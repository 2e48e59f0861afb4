//! Messages that visitors leave over plain HTTP, because their browser cannot open a socket.

use protocol::status::Status;
use reqwest::Client;
use serde_json::{Value, json};

use crate::{
    client_ext::{AgentExt, with_deadline},
    fixtures::KEY,
    test_server::TestServer,
};

async fn leave(server: &TestServer, change: &Value) -> (u16, Value) {
    let mut body = json!({
        "key": KEY, "host": "https://shop.test", "url": "https://shop.test/boots?token=SECRET", "title": "Boots",
        "id": uuid::Uuid::now_v7(), "text": "Do you repair boots?", "name": "Vera", "email": "vera@example.test",
    });
    for (name, value) in change.as_object().unwrap() {
        body[name] = value.clone();
    }
    let asked = Client::new().post(server.http("/concierge/v1/messages?lang=en")).json(&body);
    let answer = with_deadline("a response", asked.send()).await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_over_plain_http_becomes_a_waiting_chat_with_contact_details() {
    let server = TestServer::start().await;
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    assert_eq!(leave(&server, &json!({})).await.0, 201);
    let visit = dashboard.wait_for_row("/boots").await.visit;
    let chat = dashboard.wait_for_status(visit, Status::Unclaimed).await.chat.expect("the row has a chat").id;
    dashboard.open_chat(chat).await.unwrap();
    dashboard
        .until("the message", |agent| agent.messages(chat).contains(&(true, "Do you repair boots?")).then_some(()))
        .await;
    server.engine.claim(&ann.me, chat).await.unwrap();
    let email = dashboard.until("the chat", |agent| agent.chats.get(&chat)?.visitor_email.clone()).await;
    assert_eq!(email, "vera@example.test");
    assert!(!dashboard.board.rows[&visit].page.url.contains("SECRET"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_with_a_mistake_leaves_nothing() {
    let server = TestServer::start().await;
    let ann = server.sign_in("ann").await;
    for (change, status, code) in [
        (json!({ "email": "vera" }), 422, "not_an_email"),
        (json!({ "text": " " }), 422, "empty_message"),
        (json!({ "text": "x".repeat(20_000) }), 422, "message_too_long"),
        (json!({ "key": "no-such-key" }), 404, "not_found"),
        (json!({ "id": "seven" }), 400, "unreadable"),
    ] {
        let (answered, body) = leave(&server, &change).await;
        assert_eq!((answered, body["error"]["code"].as_str()), (status, Some(code)), "{change}: {body}");
    }
    let mut dashboard = server.dashboard(&ann).await;
    // A valid message. Once its row appears, the invalid ones above would have had time to appear too.
    assert_eq!(leave(&server, &json!({ "url": "https://shop.test/last" })).await.0, 201);
    dashboard.wait_for_row("/last").await;
    assert!(dashboard.board.rows.values().all(|row| row.page.path() == "/last" || row.chat.is_none()));
}
