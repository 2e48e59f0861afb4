//! Tests for traffic sources. The hub has them while the visitor is connected. The database has them only if the
//! visitor and the concierge's privacy setting allow it.

use super::*;
use crate::{traffic_source::Source, user_agent::Device};

impl TestEngine {
    /// Returns the source of a visit, both as shown in the panel and as stored.
    async fn source_of(&self, visit: VisitId) -> (Source, Option<Source>) {
        let panel = self.engine.visitor_panel(&self.ann, visit).await.expect("panel read");
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
    let mut vera = test.connect(from_the_news(&test, Consent::Unknown)).await.expect("connected");
    let visit = vera.visit();
    assert_eq!(test.source_of(visit).await, (whole(), None));
    // The next page's referrer is the shop itself, which must not replace the source.
    let token =
        vera.wait_for(|frame| if let ToVisitor::Welcome(welcome) = frame { Some(welcome.token) } else { None }).await;
    let entry_info = "Europe/Vienna https://shop.test/boots".into();
    let next = test.connect(Hello { entry_info, ..test.hello_from(Some(token)) }).await.expect("connected");
    assert_eq!((next.visit(), test.source_of(visit).await), (visit, (whole(), None)));
    vera.handle_frame(FromVisitor::Interacted).await.expect("frame accepted");
    assert_eq!(test.source_of(visit).await, (whole(), Some(whole())));
    // After a restart, the source is read from the database.
    let test = test.restart(Timers::default()).await;
    let again = test.connect(Hello { entry_info: "UTC ".into(), ..test.hello_from(None) }).await.expect("connected");
    assert_ne!(again.visit(), visit, "without a token, the visitor is new");
    assert_eq!(test.source_of(visit).await, (whole(), Some(whole())));
}

/// Covers N3: without consent, only a reduced source is stored.
#[tokio::test]
async fn source_is_stored_only_while_the_visitor_consents() {
    let test = TestEngine::open(Timers::default()).await;
    let mut vera = test.connect(from_the_news(&test, Consent::OptedOut)).await.expect("connected");
    vera.handle_frame(FromVisitor::AskForPerson).await.expect("frame accepted");
    assert_eq!(test.source_of(vera.visit()).await, (whole(), Some(reduced())));
    for (consent, kept) in [(Consent::Given, whole()), (Consent::OptedOut, reduced()), (Consent::Given, whole())] {
        vera.handle_frame(FromVisitor::SetConsent(consent)).await.expect("frame accepted");
        assert_eq!(test.source_of(vera.visit()).await.1, Some(kept), "{consent:?}");
    }
}
