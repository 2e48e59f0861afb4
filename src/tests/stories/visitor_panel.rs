//! The visitor panel: live and stored data about a visitor, always shown as text.

use load::{Visitor, visitor::hello};
use protocol::{
    contact::ContactRequest,
    id::VisitId,
    invitation::Answer,
    page::Page,
    visitor::{FromVisitor, Hello},
};
use reqwest::{StatusCode, multipart::Form};

use crate::{
    client_ext::{AgentExt, VisitorExt, with_deadline},
    test_server::{FIREFOX, KEY, SHOP, SignedIn, TestServer, page},
};

/// Requests the panel as a page.
async fn panel(server: &TestServer, who: &SignedIn, visit: VisitId) -> (StatusCode, String) {
    let asked =
        reqwest::Client::new().get(server.http(&format!("/history/visits/{visit}"))).header("cookie", &who.cookie);
    let answer = with_deadline("the panel", asked.header("accept", "text/html").send()).await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

/// Submits one of the panel's forms.
async fn submit_form(
    server: &TestServer,
    who: &SignedIn,
    visit: VisitId,
    what: &str,
    fields: &[(&str, &str)],
) -> StatusCode {
    let form =
        fields.iter().fold(Form::new(), |form, (name, value)| form.text((*name).to_owned(), (*value).to_owned()));
    let sent = reqwest::Client::new().post(server.http(&format!("/history/visits/{visit}{what}")));
    let sent = sent.header("cookie", &who.cookie).header("accept", "text/html").multipart(form).send();
    with_deadline("the response", sent).await.unwrap().status()
}

async fn connect_visitor(server: &TestServer, path: &str, entry_info: &str, languages: &str) -> Visitor {
    let at = Page { title: "A page".into(), ..page(path) };
    let first = Hello { entry_info: entry_info.into(), ..hello(KEY, SHOP, at, None) };
    let headers = [("user-agent", FIREFOX), ("accept-language", languages)];
    with_deadline("the visitor to connect", Visitor::connect_with_headers(&server.ws(), first, &headers)).await.unwrap()
}

/// The loader leaves queries out of page addresses and reports the campaign separately.
#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_that_the_loader_tells_is_shown() {
    let server = TestServer::start().await;
    let ben = server.sign_in("ben").await;
    let mut dashboard = server.dashboard(&ben).await;
    let entry_info = "Europe/Vienna https://search.test/find utm_source=news&utm_campaign=Spring+boots&token=CANARY";
    let _visitor = connect_visitor(&server, "/boots", entry_info, "de").await;
    let visit = dashboard.wait_for_row("/boots").await.visit;
    let (_, shown) = panel(&server, &ben, visit).await;
    for words in ["https://search.test/find", "source: news, campaign: Spring boots", "Europe/Vienna"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert!(!shown.contains("CANARY"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_panel_shows_a_visitors_origin_and_history() {
    let server = TestServer::start().await;
    let (ann, ben) = (server.sign_in("ann").await, server.sign_in("ben").await);
    let mut dashboard = server.dashboard(&ann).await;
    let path = "/boots?utm_source=news&utm_campaign=Spring+boots&token=CANARY";
    let entry_info = "Europe/Vienna https://user:CANARY@search.test/find?q=CANARY";
    let mut visitor = connect_visitor(&server, path, entry_info, "de-AT,de;q=0.9").await;
    let visit = dashboard.wait_for_row("/boots").await.visit;
    let (status, silent) = panel(&server, &ben, visit).await;
    assert_eq!(status, 200);
    for words in [
        "https://search.test/find",
        "source: news, campaign: Spring boots",
        "Desktop",
        "German",
        "de-AT",
        "Europe/Vienna",
        "Nothing is stored about them yet",
    ] {
        assert!(silent.contains(words), "{words}: {silent}");
    }
    assert!(!silent.contains("CANARY"));
    assert_eq!(
        submit_form(&server, &ben, visit, "/note", &[("text", "x")]).await,
        404,
        "the visitor is not stored yet"
    );

    // The visitor denies the invitation, is not invited again, and then starts a chat.
    server.engine.invite(&ann.me, visit, "How can I help?".into()).await.unwrap();
    let invitation = visitor.wait_for_invitation().await;
    visitor.answer_invitation(invitation, Answer::Deny).await.unwrap();
    visitor.until("the quiet period", |visitor| visitor.quiet_until).await;
    assert_eq!(submit_form(&server, &ben, visit, "/note", &[("text", "Climbs <b>high</b>.")]).await, 200);
    assert_eq!(submit_form(&server, &ben, visit, "", &[("name", "Vera"), ("email", "v@shop")]).await, 422);
    assert_eq!(submit_form(&server, &ben, visit, "", &[("name", "Vera"), ("email", "v@shop.test")]).await, 200);
    dashboard
        .until("Vera's name", |agent| {
            agent.board.rows.get(&visit)?.name.as_deref().filter(|name| *name == "Vera").map(drop)
        })
        .await;
    visitor.send_message("Do they run small?").await.unwrap();
    let chat = visitor.until("a chat", |visitor| visitor.chat.as_ref().map(|chat| chat.id)).await;
    server.engine.claim(&ann.me, chat).await.unwrap();
    server.engine.end(&ann.me, chat).await.unwrap();
    let (_, known) = panel(&server, &ben, visit).await;
    for words in [
        "denied",
        "Ann Archer",
        "Climbs &lt;b&gt;high",
        "Entered by an agent, unverified",
        &format!("/history/{chat}"),
        "Ended by the agent",
        "Show all details",
    ] {
        assert!(known.contains(words), "{words}: {known}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitors_own_contact_overrides_the_agents() {
    let server = TestServer::with_timers(|timers| timers.unclaimed_form = 100).await;
    let ben = server.sign_in("ben").await;
    let mut dashboard = server.dashboard(&ben).await;
    let mut visitor = server.visitor("/boots").await;
    let visit = dashboard.wait_for_row("/boots").await.visit;
    visitor.send_message("Hello?").await.unwrap();
    let asked =
        |visitor: &Visitor| visitor.chat.as_ref().filter(|chat| chat.contact == ContactRequest::Requested).map(drop);
    visitor.until("the form", asked).await;
    let contact = FromVisitor::LeaveContact { name: "Véra Vale".into(), email: "vera@home.test".into() };
    visitor.send_frame(&contact).await.unwrap();
    let left =
        |visitor: &Visitor| visitor.chat.as_ref().filter(|chat| chat.contact == ContactRequest::Provided).map(drop);
    visitor.until("the contact to be stored", left).await;
    submit_form(&server, &ben, visit, "", &[("name", "Somebody"), ("email", "else@home.test")]).await;
    let (_, known) = panel(&server, &ben, visit).await;
    for words in ["Véra Vale", "vera@home.test", "provided by the visitor"] {
        assert!(known.contains(words), "{words}: {known}");
    }
    assert!(!known.contains("Somebody") && !known.contains("else@home.test"));
}

/// Covers A1 to A3, A9, and A17: markup and injection attempts in campaign parameters, referrers, and languages.
#[tokio::test(flavor = "multi_thread")]
async fn hostile_browser_data_stays_text_or_is_ignored() {
    let server = TestServer::start().await;
    let ben = server.sign_in("ben").await;
    let mut dashboard = server.dashboard(&ben).await;
    let bad = "%3Cscript%3E__pwned%3D1%3C%2Fscript%3E";
    let path = format!(
        "/tents?utm_source={bad}&utm_medium=%22%3E%3Cimg+src%3Dx+onerror%3D__pwned%3D1%3E&utm_term=%7B%7B7*7%7D%7D"
    );
    let _visitor =
        connect_visitor(&server, &path, "../../etc/passwd javascript:__pwned=1", "xx'; DROP TABLE visitor--,<script>")
            .await;
    let visit = dashboard.wait_for_row("/tents").await.visit;
    let (status, shown) = panel(&server, &ben, visit).await;
    assert_eq!(status, 200);
    for words in ["English", "UTC", "&lt;script&gt;__pwned=1", "{{7*7}}"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    for nothing in ["<script>__pwned", "<img src=x", "etc/passwd", "javascript:__pwned", "DROP TABLE"] {
        assert!(!shown.contains(nothing), "{nothing}");
    }
    let other = VisitId(uuid::Uuid::now_v7());
    assert_eq!(panel(&server, &ben, other).await.0, 404);
}
