//! A blocked visitor does not get the concierge and cannot send anything from any tab until the block expires or is
//! lifted.

use load::{ConnectionError, Visitor};
use protocol::{close_reason::CloseReason, id::VisitId, visitor::FromVisitor};
use reqwest::{StatusCode, multipart::Form};

use crate::{
    client_ext::{AgentExt, VisitorExt, with_deadline},
    test_server::{SignedIn, TestServer},
};

async fn submit_block_form(server: &TestServer, who: &SignedIn, address: &str, hours: &str) -> StatusCode {
    let sent = reqwest::Client::new().post(server.http(address)).header("cookie", &who.cookie);
    let sent = sent.header("accept", "text/html").multipart(Form::new().text("hours", hours.to_owned())).send();
    with_deadline("the response", sent).await.unwrap().status()
}

async fn get_page(server: &TestServer, who: &SignedIn, address: &str) -> String {
    let asked = reqwest::Client::new().get(server.http(address)).header("cookie", &who.cookie);
    with_deadline("a screen", asked.header("accept", "text/html").send()).await.unwrap().text().await.unwrap()
}

fn panel(visit: VisitId) -> String {
    format!("/history/visits/{visit}")
}

fn is_blocked(tried: &Result<Visitor, ConnectionError>) -> bool {
    matches!(tried, Err(ConnectionError::Closed(code)) if *code == CloseReason::Blocked.code())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_closes_every_tab_and_survives_restart_until_lifted() {
    let server = TestServer::start().await;
    let ben = server.sign_in("ben").await;
    let mut dashboard = server.dashboard(&ben).await;
    let mut visitor = server.visitor("/boots").await;
    let mut bystander = server.visitor("/packs").await;
    let token = visitor.token();
    let row = dashboard.wait_for_row("/boots").await;
    let visit = row.visit;
    let chat = server.start_claimed_chat(&ben, &mut visitor, visit).await;
    let mut other_tab = server.tab("/tents", Some(token.clone())).await;
    assert_eq!(
        submit_block_form(&server, &ben, &format!("{}/block", panel(visit)), "7").await,
        404,
        "seven hours is not an option"
    );
    assert_eq!(submit_block_form(&server, &ben, &format!("{}/block", panel(visit)), "24").await, 200);
    assert_eq!(visitor.wait_for_close().await, CloseReason::Blocked.code());
    assert_eq!(other_tab.wait_for_close().await, CloseReason::Blocked.code());
    dashboard.until("the row is gone", |agent| (!agent.board.rows.contains_key(&visit)).then_some(())).await;
    assert!(is_blocked(&server.try_visitor("/boots", Some(token.clone())).await));
    bystander.send_frame(&FromVisitor::AskForPerson).await.unwrap();
    bystander.until("a chat", |visitor| visitor.chat.as_ref().map(|chat| chat.id)).await;

    let screen = get_page(&server, &ben, &panel(visit)).await;
    for words in ["This visitor is blocked.", "Ben Brooks", "Unblock"] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
    let list = get_page(&server, &ben, "/history/visitors?blocked=on").await;
    assert!(list.contains(&format!("/history/visitors/{}", row.visitor)), "{list}");
    let server = server.restart().await;
    let ben = server.sign_in("ben").await;
    assert!(is_blocked(&server.try_visitor("/boots", Some(token.clone())).await));
    // Without any stored data, the visitor counts as new, and the screen says so.
    server.visitor("/boots").await;
    assert_eq!(submit_block_form(&server, &ben, &format!("/history/visitors/{}/lift", row.visitor), "").await, 200);
    let mut back = server.tab("/boots", Some(token)).await;
    back.wait_until_synced().await;
    assert_eq!(back.chat.map(|chat| chat.id), Some(chat), "the same visitor as before the block");
    let log = server.engine.store().audit(ben.me.organization, Default::default(), 9).await.unwrap();
    // Opening the panel is recorded as well.
    let changes = log.iter().filter(|line| line.action != "visitor.read");
    let said: Vec<_> = changes.map(|line| (line.action.as_str(), line.detail.as_str())).collect();
    assert_eq!(said, [("visitor.unblocked", ""), ("visitor.blocked", "for 24 h")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_expires_at_its_date() {
    let server = TestServer::start().await;
    let ben = server.sign_in("ben").await;
    let mut dashboard = server.dashboard(&ben).await;
    let mut visitor = server.visitor("/boots").await;
    let row = dashboard.wait_for_row("/boots").await;
    server.engine.block(&ben.me, row.visitor, Some(400)).await.unwrap();
    assert_eq!(visitor.wait_for_close().await, CloseReason::Blocked.code());
    let server = server.restart().await;
    with_deadline("the end of the block", async {
        while server.try_visitor("/boots", Some(visitor.token())).await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
