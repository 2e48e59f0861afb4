//! Who is blocked is shown no concierge and taken no word of, in every tab, until the date comes or it is lifted.

use load::{Lost, Visitor};
use protocol::{close_reason::CloseReason, id::VisitId, visitor::FromVisitor};
use reqwest::{StatusCode, multipart::Form};

use crate::{
    house::{House, SignedIn},
    waiting::{AtTheDesk, OnThePage, soon},
};

async fn sends(house: &House, who: &SignedIn, address: &str, hours: &str) -> StatusCode {
    let sent = reqwest::Client::new().post(house.http(address)).header("cookie", &who.cookie);
    let sent = sent.header("accept", "text/html").multipart(Form::new().text("hours", hours.to_owned())).send();
    soon("the answer", sent).await.unwrap().status()
}

async fn reads(house: &House, who: &SignedIn, address: &str) -> String {
    let asked = reqwest::Client::new().get(house.http(address)).header("cookie", &who.cookie);
    soon("a sheet", asked.header("accept", "text/html").send()).await.unwrap().text().await.unwrap()
}

fn panel(visit: VisitId) -> String {
    format!("/history/visits/{visit}")
}

fn turned_away(tried: &Result<Visitor, Lost>) -> bool {
    matches!(tried, Err(Lost::Closed(code)) if *code == CloseReason::Blocked.code())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_visitor_is_gone_from_every_tab_and_stays_out_over_a_restart_until_it_is_lifted() {
    let house = House::open().await;
    let ben = house.signs_in("ben").await;
    let mut desk = house.dashboard(&ben).await;
    let mut visitor = house.visitor("/boots").await;
    let mut bystander = house.visitor("/packs").await;
    let token = visitor.token();
    let row = desk.row_on("/boots").await;
    let visit = row.visit;
    let chat = house.chatting(&ben, &mut visitor, visit).await;
    let mut other_tab = house.tab("/tents", Some(token.clone())).await;
    assert_eq!(
        sends(&house, &ben, &format!("{}/block", panel(visit)), "7").await,
        404,
        "nobody may choose seven hours"
    );
    assert_eq!(sends(&house, &ben, &format!("{}/block", panel(visit)), "24").await, 200);
    assert_eq!(visitor.is_sent_away().await, CloseReason::Blocked.code());
    assert_eq!(other_tab.is_sent_away().await, CloseReason::Blocked.code());
    desk.until("the row is gone", |agent| (!agent.board.rows.contains_key(&visit)).then_some(())).await;
    assert!(turned_away(&house.tries("/boots", Some(token.clone())).await));
    bystander.tell(&FromVisitor::AskForPerson).await.unwrap();
    bystander.until("a chat", |visitor| visitor.chat.as_ref().map(|chat| chat.id)).await;

    let sheet = reads(&house, &ben, &panel(visit)).await;
    for words in ["This visitor is blocked.", "Ben Brooks", "Lift the block"] {
        assert!(sheet.contains(words), "{words}: {sheet}");
    }
    let list = reads(&house, &ben, "/history/visitors?blocked=on").await;
    assert!(list.contains(&format!("/history/visitors/{}", row.visitor)), "{list}");
    let house = house.restarts().await;
    let ben = house.signs_in("ben").await;
    assert!(turned_away(&house.tries("/boots", Some(token.clone())).await));
    // A visitor without what his browser kept is somebody new: so the words of the sheet say.
    house.visitor("/boots").await;
    assert_eq!(sends(&house, &ben, &format!("/history/visitors/{}/lift", row.visitor), "").await, 200);
    let mut back = house.tab("/boots", Some(token)).await;
    back.is_up_to_date().await;
    assert_eq!(back.chat.map(|chat| chat.id), Some(chat), "he is who he was");
    let log = house.engine.store().audit(ben.me.organization, Default::default(), 9).await.unwrap();
    let said: Vec<_> = log.iter().map(|line| (line.what.as_str(), line.detail.as_str())).collect();
    assert_eq!(said, [("visitor.unblocked", ""), ("visitor.blocked", "for 24 h")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_ends_by_itself_at_its_date() {
    let house = House::open().await;
    let ben = house.signs_in("ben").await;
    let mut desk = house.dashboard(&ben).await;
    let mut visitor = house.visitor("/boots").await;
    let row = desk.row_on("/boots").await;
    house.engine.block(&ben.me, row.visitor, Some(400)).await.unwrap();
    assert_eq!(visitor.is_sent_away().await, CloseReason::Blocked.code());
    let house = house.restarts().await;
    soon("the end of it", async {
        while house.tries("/boots", Some(visitor.token())).await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
