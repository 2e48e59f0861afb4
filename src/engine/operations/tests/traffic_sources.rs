//! Where a visit came from: on the hub while the visitor is there, in the file only where he and the concierge let it.

use super::*;
use crate::{traffic_source::Source, user_agent::Device};

impl TestEngine {
    /// What the panel tells of a visit, and what is kept of it.
    async fn source_of(&self, visit: VisitId) -> (Source, Option<Source>) {
        let panel = self.engine.visitor_panel(&self.ann, visit).await.expect("told");
        (panel.source, panel.known.map(|known| known.visits[0].source.clone()))
    }
}

fn whole() -> Source {
    Source {
        referrer: "https://search.test/".into(),
        campaign: "utm_source=news".into(),
        language: "de-AT".into(),
        time_zone: "Europe/Vienna".into(),
        device: Some(Device::Desktop),
    }
}

fn reduced() -> Source {
    Source { device: Some(Device::Desktop), ..Source::default() }
}

fn from_the_news(test: &TestEngine, consent: Consent) -> Hello {
    let mut hello = Hello { consent, ..test.hello_from(None) };
    hello.page.url = "https://shop.test/boots?secret=1&utm_source=news".into();
    hello
}

#[tokio::test]
async fn source_comes_from_the_first_page_and_is_not_stored_for_silent_visitors() {
    let test = TestEngine::open(Timers::default()).await;
    let mut vera = test.connect(from_the_news(&test, Consent::Unknown)).await.expect("a connection");
    let visit = vera.visit();
    assert_eq!(test.source_of(visit).await, (whole(), None));
    // Another page of the shop, which came from the shop.
    let token =
        vera.wait_for(|frame| if let ToVisitor::Welcome(welcome) = frame { Some(welcome.token) } else { None }).await;
    let entry_info = "Europe/Vienna https://shop.test/boots".into();
    let next = test.connect(Hello { entry_info, ..test.hello_from(Some(token)) }).await.expect("a connection");
    assert_eq!((next.visit(), test.source_of(visit).await), (visit, (whole(), None)));
    vera.handle_frame(FromVisitor::Interacted).await.expect("heard");
    assert_eq!(test.source_of(visit).await, (whole(), Some(whole())));
    // After a restart the file remembers how the visit began.
    let test = test.restart(Timers::default()).await;
    let again = test.connect(Hello { entry_info: "UTC ".into(), ..test.hello_from(None) }).await.expect("a connection");
    assert_ne!(again.visit(), visit, "without a token he is somebody new");
    assert_eq!(test.source_of(visit).await, (whole(), Some(whole())));
}

/// N3.
#[tokio::test]
async fn source_is_stored_only_while_the_visitor_consents() {
    let test = TestEngine::open(Timers::default()).await;
    let mut vera = test.connect(from_the_news(&test, Consent::OptedOut)).await.expect("a connection");
    vera.handle_frame(FromVisitor::AskForPerson).await.expect("heard");
    assert_eq!(test.source_of(vera.visit()).await, (whole(), Some(reduced())));
    for (consent, kept) in [(Consent::Given, whole()), (Consent::OptedOut, reduced()), (Consent::Given, whole())] {
        vera.handle_frame(FromVisitor::SetConsent(consent)).await.expect("heard");
        assert_eq!(test.source_of(vera.visit()).await.1, Some(kept), "{consent:?}");
    }
}
