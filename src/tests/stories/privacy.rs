//! Covers N3: nothing is stored about visitors who have opted out or have not given consent, but they can still use the
//! chat.

use engine::store::Actor;
use load::{Visitor, visitor::hello};
use protocol::{
    concierge::{Consent, Privacy},
    id::ConciergeKey,
    page::Page,
    visitor::{FromVisitor, Hello},
};

use crate::{
    client_ext::{AgentExt, VisitorExt, with_deadline},
    test_server::{FIREFOX, KEY, SHOP, TestServer, page},
};

const SECRETS: [&str; 4] = ["search.canary", "canary-campaign", "Pacific/Auckland", "mi-NZ"];

async fn connect_visitor(server: &TestServer, consent: Consent, header: (&'static str, &str)) -> Visitor {
    let at = Page { title: "Boots".into(), ..page("/boots?utm_campaign=canary-campaign") };
    let entry_info = "Pacific/Auckland https://search.canary/".into();
    let first = Hello { entry_info, consent, ..hello(KEY, SHOP, at, None) };
    let headers = [("user-agent", FIREFOX), ("accept-language", "mi-NZ"), header];
    with_deadline("the visitor to connect", Visitor::connect_with_headers(&server.ws(), first, &headers)).await.unwrap()
}

/// Returns the secrets that the server has stored.
async fn stored_secrets(server: &TestServer) -> Vec<&'static str> {
    let mut kept = Vec::new();
    for secret in SECRETS {
        if server.contains_text(secret).await {
            kept.push(secret);
        }
    }
    kept
}

/// Opens the concierge and starts a chat.
async fn start_chat(visitor: &mut Visitor) {
    visitor.send_frame(&FromVisitor::Interacted).await.unwrap();
    visitor.send_frame(&FromVisitor::AskForPerson).await.unwrap();
    visitor.until("a chat", |visitor| visitor.chat.as_ref().map(|chat| chat.id)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn gpc_or_dnt_forces_essential_privacy_and_stores_nothing() {
    let server = TestServer::start().await;
    let ben = server.sign_in("ben").await;
    let mut dashboard = server.dashboard(&ben).await;
    for header in [("sec-gpc", "1"), ("dnt", "1")] {
        // The opt-out header overrides the consent reported by the page.
        let mut visitor = connect_visitor(&server, Consent::Given, header).await;
        assert_eq!(visitor.welcome.privacy, Privacy::Essential, "{header:?}: nothing is stored in the browser either");
        visitor.wait_until_synced().await;
        dashboard.wait_for_row("/boots").await;
        let organization = ben.me.organization;
        let rows = server.engine.store().visitor_profiles(organization, String::new(), None, None, 9).await.unwrap();
        assert!(!visitor.welcome.persisted);
        let before = rows.len();
        start_chat(&mut visitor).await;
        let rows = server.engine.store().visitor_profiles(organization, String::new(), None, None, 9).await.unwrap();
        assert_eq!(rows.len(), before + 1, "{header:?}: the row belongs to the requested chat");
        assert_eq!(stored_secrets(&server).await, Vec::<&str>::new(), "{header:?}");
        visitor.disconnect().await;
    }
    let mut visitor = connect_visitor(&server, Consent::Unknown, ("sec-gpc", "0")).await;
    assert_eq!(visitor.welcome.privacy, Privacy::Full, "zero is not an opt-out");
    start_chat(&mut visitor).await;
    assert_eq!(stored_secrets(&server).await, SECRETS);
}

#[tokio::test(flavor = "multi_thread")]
async fn privacy_ask_stores_nothing_before_consent() {
    let server = TestServer::start().await;
    let ben = server.sign_in("ben").await;
    let store = server.engine.store();
    let shop = store.concierge_by_key(&ConciergeKey(KEY.into())).await.unwrap().unwrap();
    let mut settings = shop.settings;
    settings.privacy = Privacy::Ask;
    store.change_concierge(Actor::from(&ben.me), shop.id, settings, String::new(), 1).await.unwrap();
    let mut visitor = connect_visitor(&server, Consent::Unknown, ("dnt", "0")).await;
    start_chat(&mut visitor).await;
    assert_eq!(stored_secrets(&server).await, Vec::<&str>::new());
    visitor.send_frame(&FromVisitor::SetConsent(Consent::Given)).await.unwrap();
    visitor.wait_until_synced().await;
    assert_eq!(stored_secrets(&server).await, SECRETS);
}
