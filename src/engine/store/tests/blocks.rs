//! Tests for blocks: they prevent all contact and expire by themselves, without a background job.

use protocol::{chat::ChatState, invitation::InvitationState};

use super::*;

fn actor(shop: &Shop, agent: AgentId) -> Actor {
    Actor { organization: shop.organization, agent: Some(agent), name: "Ann Lee".into() }
}

impl Shop {
    pub(super) async fn block(&self, guest: &Guest, until: Option<Millis>) -> Result<BlockOutcome> {
        let here = Some((guest.visit, self.remember(guest)));
        let new = NewBlock { visitor: guest.visitor, here, until, now: NOW };
        self.store.block(actor(self, self.ann), new).await
    }
}

#[tokio::test]
async fn block_ends_open_contact_refuses_new_contact_and_expires() {
    let shop = Shop::open().await;
    let (asked, talks) = (Guest::new(), Guest::new());
    let sent = shop.store.invite(shop.invitation(&asked, shop.ann)).await.unwrap();
    let chat = shop.chat(&talks).await;
    let ended = shop.block(&asked, Some(NOW + MINUTE)).await.unwrap();
    assert_eq!(ended.invitation.map(|one| (one.id, one.state)), Some((sent.id, InvitationState::Withdrawn)));
    let ended = shop.block(&talks, None).await.unwrap();
    assert_eq!(ended.chat.map(|(chat, _)| (chat.id, chat.state)), Some((chat, ChatState::Ended)));

    let minute = Refusal::Blocked { until: Some(NOW + MINUTE) };
    assert_eq!(refusal(shop.store.invite(shop.invitation(&asked, shop.bob)).await), minute);
    assert_eq!(refusal(shop.answer(&asked, sent.id, Answer::Accept).await), minute, "a late answer is refused too");
    let for_good = Refusal::Blocked { until: None };
    assert_eq!(refusal(shop.send_message(chat, Author::Visitor, client_id(), "Hello?").await), for_good);
    let request = NewChat {
        id: ChatId(Uuid::now_v7()),
        organization: shop.organization,
        visit: talks.visit,
        visitor: talks.visitor,
        team: None,
        now: NOW,
        remember: shop.remember(&talks),
    };
    assert_eq!(refusal(shop.store.request_chat(request).await), for_good);
    let contact = NewContact { visitor: talks.visitor, name: None, email: "v@shop.test".into(), now: NOW };
    assert_eq!(refusal(shop.store.leave_contact(contact).await), for_good);

    let holds = async |guest: &Guest, at| shop.store.block_of(guest.visitor, at).await.unwrap().is_some();
    assert!(holds(&asked, NOW + MINUTE - 1).await && !holds(&asked, NOW + MINUTE).await);
    assert!(holds(&talks, NOW + 9_999 * MINUTE).await);
    let blocked =
        async |at| shop.store.visitor_profiles(shop.organization, String::new(), at, None, 9).await.unwrap().len();
    assert_eq!((blocked(Some(NOW)).await, blocked(Some(NOW + MINUTE)).await, blocked(None).await), (2, 1, 2));
}

#[tokio::test]
async fn block_is_replaced_and_lifted_only_within_the_organization_and_audited() {
    let shop = Shop::open().await;
    let guest = Guest::new();
    let foreign = Actor { organization: OrganizationId(Uuid::now_v7()), ..actor(&shop, shop.bob) };
    let new = |here| NewBlock { visitor: guest.visitor, here, until: None, now: NOW };
    assert_eq!(
        refusal(shop.store.block(actor(&shop, shop.ann), new(None)).await),
        Refusal::NotFound,
        "the visitor is not stored yet"
    );
    shop.block(&guest, Some(NOW + 60 * MINUTE)).await.unwrap();
    shop.store.block(actor(&shop, shop.bob), new(None)).await.unwrap();
    let held = shop.store.block_of(guest.visitor, NOW).await.unwrap().unwrap();
    assert_eq!((held.by, held.until, held.is_active_at(NOW + 999 * MINUTE)), (shop.bob, None, true));
    assert_eq!(refusal(shop.store.block(foreign.clone(), new(None)).await), Refusal::NotFound);
    assert_eq!(refusal(shop.store.lift_block(foreign, guest.visitor, NOW).await), Refusal::NotFound);
    shop.store.lift_block(actor(&shop, shop.ann), guest.visitor, NOW).await.unwrap();
    assert_eq!(shop.store.block_of(guest.visitor, NOW).await.unwrap(), None);
    let log =
        shop.store.audit(shop.organization, AuditFilter { action: "visitor".into(), ..Default::default() }, 9).await;
    let log: Vec<_> = log.unwrap().into_iter().map(|line| (line.action, line.detail)).collect();
    let line = |what: &str, detail: &str| (what.to_owned(), detail.to_owned());
    let expected =
        [line("visitor.unblocked", ""), line("visitor.blocked", "permanently"), line("visitor.blocked", "for 1 h")];
    assert_eq!(log, expected);
}

#[tokio::test]
async fn agent_cannot_overwrite_contact_details_given_by_the_visitor() {
    let shop = Shop::open().await;
    let guest = Guest::new();
    let chat = shop.chat(&guest).await;
    let fills_in = async |name: Option<&str>, email: Option<&str>| {
        let (name, email) = (name.map(str::to_owned), email.map(str::to_owned));
        shop.store.name_visitor(actor(&shop, shop.ann), guest.visitor, name, email, NOW).await.unwrap()
    };
    assert_eq!(fills_in(Some("Vera"), None).await.as_deref(), Some("Vera"));
    assert_eq!(
        fills_in(None, Some("x@shop.test")).await.as_deref(),
        Some("x@shop.test"),
        "agents may enter a missing email address"
    );
    shop.send_message(chat, Author::Visitor, client_id(), "Hello").await.unwrap();
    let says =
        NewContact {
            visitor: guest.visitor, name: Some("Véra Vale".into()), email: "vera@home.test".into(), now: NOW
        };
    shop.store.leave_contact(says).await.unwrap();
    assert_eq!(fills_in(Some("Somebody"), None).await.as_deref(), Some("Véra Vale"));
    let known = shop.store.visitor_facts(shop.organization, guest.visitor).await.unwrap().visitor;
    assert_eq!((known.name.as_deref(), known.email.as_deref()), (Some("Véra Vale"), Some("vera@home.test")));
    assert_eq!((known.says_name, known.says_email, known.by_agent), (true, true, false));
}
