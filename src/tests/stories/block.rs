//! Who is blocked is shown no concierge and taken no word of, in every tab, until the date comes or it is lifted.

use load::{Lost, Visitor};
use protocol::{close_reason::CloseReason, id::VisitId, visitor::FromVisitor};
use reqwest::{StatusCode, multipart::Form};

use crate::{
    client_ext::{AgentExt, VisitorExt, soon},
    test_server::{SignedIn, TestServer},
};

async fn sends(server: &TestServer, who: &SignedIn, address: &str, hours: &str) -> StatusCode {
    let sent = reqwest::Client::new().post(server.http(address)).header("cookie", &who.cookie);
    let sent = sent.header("accept", "text/html").multipart(Form::new().text("hours", hours.to_owned())).send();
    soon("the answer", sent).await.unwrap().status()
}

async fn reads(server: &TestServer, who: &SignedIn, address: &str) -> String {
    let asked = reqwest::Client::new().get(server.http(address)).header("cookie", &who.cookie);
    soon("a screen", asked.header("accept", "text/html").send()).await.unwrap().text().await.unwrap()
}

fn panel(visit: VisitId) -> String {
    format!("/history/visits/{visit}")
}

fn turned_away(tried: &Result<Visitor, Lost>) -> bool {
    matches!(tried, Err(Lost::Closed(code)) if *code == CloseReason::Blocked.code())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_visitor_is_gone_from_every_tab_and_stays_out_over_a_restart_until_it_is_lifted() {
    let server = TestServer::start().await;
    let ben = server.signs_in("ben").await;
    let mut dashboard = server.dashboard(&ben).await;
    let mut visitor = server.visitor("/boots").await;
    let mut bystander = server.visitor("/packs").await;
    let token = visitor.token();
    let row = dashboard.row_on("/boots").await;
    let visit = row.visit;
    let chat = server.chatting(&ben, &mut visitor, visit).await;
    let mut other_tab = server.tab("/tents", Some(token.clone())).await;
    assert_eq!(
        sends(&server, &ben, &format!("{}/block", panel(visit)), "7").await,
        404,
        "nobody may choose seven hours"
    );
    assert_eq!(sends(&server, &ben, &format!("{}/block", panel(visit)), "24").await, 200);
    assert_eq!(visitor.is_sent_away().await, CloseReason::Blocked.code());
    assert_eq!(other_tab.is_sent_away().await, CloseReason::Blocked.code());
    dashboard.until("the row is gone", |agent| (!agent.board.rows.contains_key(&visit)).then_some(())).await;
    assert!(turned_away(&server.tries("/boots", Some(token.clone())).await));
    bystander.tell(&FromVisitor::AskForPerson).await.unwrap();
    bystander.until("a chat", |visitor| visitor.chat.as_ref().map(|chat| chat.id)).await;

    let screen = reads(&server, &ben, &panel(visit)).await;
    for words in ["This visitor is blocked.", "Ben Brooks", "Lift the block"] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
    let list = reads(&server, &ben, "/history/visitors?blocked=on").await;
    assert!(list.contains(&format!("/history/visitors/{}", row.visitor)), "{list}");
    let server = server.restarts().await;
    let ben = server.signs_in("ben").await;
    assert!(turned_away(&server.tries("/boots", Some(token.clone())).await));
    // A visitor without what his browser kept is somebody new: so the words of the screen say.
    server.visitor("/boots").await;
    assert_eq!(sends(&server, &ben, &format!("/history/visitors/{}/lift", row.visitor), "").await, 200);
    let mut back = server.tab("/boots", Some(token)).await;
    back.is_up_to_date().await;
    assert_eq!(back.chat.map(|chat| chat.id), Some(chat), "he is who he was");
    let log = server.engine.store().audit(ben.me.organization, Default::default(), 9).await.unwrap();
    let said: Vec<_> = log.iter().map(|line| (line.action.as_str(), line.detail.as_str())).collect();
    assert_eq!(said, [("visitor.unblocked", ""), ("visitor.blocked", "for 24 h")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_ends_by_itself_at_its_date() {
    let server = TestServer::start().await;
    let ben = server.signs_in("ben").await;
    let mut dashboard = server.dashboard(&ben).await;
    let mut visitor = server.visitor("/boots").await;
    let row = dashboard.row_on("/boots").await;
    server.engine.block(&ben.me, row.visitor, Some(400)).await.unwrap();
    assert_eq!(visitor.is_sent_away().await, CloseReason::Blocked.code());
    let server = server.restarts().await;
    soon("the end of it", async {
        while server.tries("/boots", Some(visitor.token())).await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
