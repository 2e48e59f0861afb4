//! Tests for retention and erasure: no file contains deleted data anymore, and all other data is complete.

use protocol::{
    chat::EndReason,
    page::{Page, PageView},
};

use super::*;
use crate::read_scope::ReadScope;

const DAY: Millis = 24 * 60 * MINUTE;
const CANARY: &str = "canarybird";

fn actor(shop: &Shop) -> Actor {
    Actor { organization: shop.organization, agent: Some(shop.ann), name: "Ann Lee".into() }
}

impl Shop {
    /// Creates a visitor who has every kind of data, with the canary in all of it.
    async fn visitor_with_history(&self) -> (Guest, ChatId) {
        let guest = Guest::new();
        let sent = self.store.invite(NewInvitation { text: CANARY.into(), ..self.invitation(&guest, self.ann) });
        let sent = sent.await.unwrap();
        self.close(sent.id, InvitationState::Expired).await.unwrap();
        let chat = self.chat(&guest).await;
        for number in 0..40 {
            self.send_message(chat, Author::Visitor, client_id(), &format!("{CANARY} {number} {CANARY}{number}"))
                .await
                .unwrap();
        }
        let url = format!("https://shop.test/{CANARY}");
        let view = PageView { page: Page { url, title: CANARY.into() }, at: NOW };
        self.store.add_pages(vec![(guest.visit, view)]).await.unwrap();
        let (visitor, by) = (guest.visitor, actor(self));
        self.store.note_on_visitor(by.clone(), visitor, CANARY.into(), NOW).await.unwrap();
        let (name, email) = (Some(CANARY.into()), Some(format!("{CANARY}@shop.test")));
        self.store.name_visitor(by, visitor, name, email, NOW).await.unwrap();
        (guest, chat)
    }
}

/// Covers N5: an erased visitor leaves no trace in any file.
#[tokio::test]
async fn erased_visitor_is_in_no_file() {
    let shop = Shop::open().await;
    let (guest, chat) = shop.visitor_with_history().await;
    let other = shop.chat(&Guest::new()).await;
    shop.send_message(other, Author::Visitor, client_id(), "I stay.").await.unwrap();
    assert!(shop.contains(CANARY).await);
    let foreign = Actor { organization: OrganizationId(Uuid::now_v7()), agent: None, name: "Somebody".into() };
    assert_eq!(refusal(shop.store.erase_visitor(foreign, guest.visitor, NOW).await), Refusal::NotFound);

    shop.store.erase_visitor(actor(&shop), guest.visitor, NOW).await.unwrap();
    assert!(!shop.contains(CANARY).await);
    assert!(shop.store.chat(shop.organization, chat).await.unwrap().is_none());
    assert!(shop.store.visitor_by_token(guest.token_hash).await.unwrap().is_none());
    assert_eq!(refusal(shop.store.visitor_facts(shop.organization, guest.visitor).await), Refusal::NotFound);
    assert_eq!(refusal(shop.store.erase_visitor(actor(&shop), guest.visitor, NOW).await), Refusal::NotFound);
    let words =
        |words: &str| HistoryFilter { words: words.into(), ..HistoryFilter::all(shop.organization, ReadScope::All) };
    assert!(shop.store.history(words(CANARY), None, 9).await.unwrap().is_empty());
    assert_eq!(shop.store.history(words("stay"), None, 9).await.unwrap()[0].id, other);
    let log = shop.store.audit(shop.organization, AuditFilter::default(), 1).await.unwrap();
    assert_eq!((log[0].action.as_str(), log[0].target.as_str(), log[0].detail.as_str()), ("visitor.erased", "", ""));
}

/// Covers N6: expired chats are deleted in batches so that an interrupted job can continue. A live chat is kept no
/// matter how old it is.
#[tokio::test]
async fn retention_deletes_expired_chats_in_batches_and_keeps_live_ones() {
    let shop = Shop::open().await;
    let (live, ended) = (shop.chat(&Guest::new()).await, shop.visitor_with_history().await);
    shop.store.end_chat(ended.1, shop.organization, EndReason::Agent, NOW).await.unwrap();
    for _ in 0..60 {
        let chat = shop.chat(&Guest::new()).await;
        shop.store.end_chat(chat, shop.organization, EndReason::Agent, NOW).await.unwrap();
    }
    let late = shop.chat(&Guest::new()).await;
    shop.store.end_chat(late, shop.organization, EndReason::Agent, NOW + 9 * DAY).await.unwrap();
    let keep = Retention { chats: 10, visits: 10, audit: 10, audit_addresses: 10 };
    shop.store.set_retention(actor(&shop), keep, NOW).await.unwrap();
    assert_eq!(shop.store.retention(shop.organization).await.unwrap(), keep);
    let run_retention = async |at| shop.store.run_retention(shop.organization, keep, at).await.unwrap();
    assert_eq!(run_retention(NOW + 9 * DAY).await, 0, "nothing has expired yet");

    let then = NOW + 11 * DAY;
    let mut handfuls = 0;
    while run_retention(then).await > 0 {
        handfuls += 1;
    }
    assert!(handfuls >= 2, "deletion takes several transactions");
    shop.store.truncate_wal().await.unwrap();
    let left = shop.store.history(HistoryFilter::all(shop.organization, ReadScope::All), None, 99).await.unwrap();
    assert_eq!(left.iter().map(|chat| chat.id).collect::<std::collections::BTreeSet<_>>(), [live, late].into());
    assert!(!shop.contains(CANARY).await);
    assert_eq!(shop.store.visitor_profiles(shop.organization, String::new(), None, None, 99).await.unwrap().len(), 2);
    assert!(shop.store.audit(shop.organization, AuditFilter::default(), 9).await.unwrap().is_empty());
    let for_good = Retention::default();
    assert_eq!(shop.store.run_retention(shop.organization, for_good, then + 9_999 * DAY).await.unwrap(), 0);
}

#[tokio::test]
async fn visitor_profiles_are_found_by_name_and_page_and_complete() {
    let shop = Shop::open().await;
    let (guest, _) = shop.visitor_with_history().await;
    shop.chat(&Guest::new()).await;
    let found = async |words: &str| {
        shop.store
            .visitor_profiles(shop.organization, words.into(), None, None, 9)
            .await
            .unwrap()
            .into_iter()
            .map(|one| one.id)
    };
    for words in ["CANARY", "@shop.test", "/canarybird"] {
        assert!(found(words).await.eq([guest.visitor]), "{words}");
    }
    assert_eq!((found("").await.count(), found("%").await.count()), (2, 0));
    let facts = shop.store.visitor_facts(shop.organization, guest.visitor).await.unwrap();
    assert!(facts.visitor.by_agent);
    assert_eq!((facts.visitor.visits, facts.visitor.pages, facts.visitor.chats), (1, 1, 1));
    assert_eq!((facts.notes.len(), facts.invitations.len(), facts.visits[0].page_views.len()), (1, 1, 1));
    assert_eq!(facts.invitations[0].state, InvitationState::Expired);
    let stranger = OrganizationId(Uuid::now_v7());
    assert_eq!(refusal(shop.store.visitor_facts(stranger, guest.visitor).await), Refusal::NotFound);
    let foreign = Actor { organization: stranger, ..actor(&shop) };
    let noted = shop.store.note_on_visitor(foreign, guest.visitor, "x".into(), NOW).await;
    assert_eq!(refusal(noted), Refusal::NotFound);
}

/// Covers J3 and J6: an export is either complete and ends with `End`, or it ends with an error.
#[tokio::test]
async fn export_ends_with_an_end_item_or_an_error() {
    let shop = Shop::open().await;
    let (guest, _) = shop.visitor_with_history().await;
    for _ in 0..60 {
        shop.chat(&Guest::new()).await;
    }
    let all = || HistoryFilter::all(shop.organization, ReadScope::All);
    let mut taken = shop.store.export(all()).unwrap();
    let (mut chats, mut entries, mut end) = (0, 0, 0);
    while let Some(piece) = taken.recv().await {
        match piece.unwrap() {
            ExportItem::Chat(_) => chats += 1,
            ExportItem::Entry(_) => entries += 1,
            ExportItem::End => end += 1,
            ExportItem::Row(row) => panic!("unexpected {row:?}"),
        }
    }
    assert_eq!((chats, entries, end), (61, 61 + 40, 1));

    let (mut one, _two) = (shop.store.export(all()).unwrap(), shop.store.export(all()).unwrap());
    assert!(matches!(
        shop.store.export(all()).map(drop).map_err(|error| error.refusal()),
        Err(Refusal::TooMany { .. })
    ));
    let Some(Ok(ExportItem::Chat(_))) = one.recv().await else { panic!("expected a chat first") };
    // More items are ready than the channel can hold. Then the visitor is erased.
    for _ in 0..3 {
        let chat = shop.chat(&Guest::new()).await;
        for _ in 0..200 {
            shop.send_message(chat, Author::Visitor, client_id(), "x").await.unwrap();
        }
    }
    let mut slow = None;
    drop(_two);
    while slow.is_none() {
        slow = shop.store.export(all()).ok();
        tokio::task::yield_now().await;
    }
    let mut slow = slow.unwrap();
    let first = slow.recv().await;
    assert!(matches!(first, Some(Ok(ExportItem::Chat(_)))));
    shop.store.erase_visitor(actor(&shop), guest.visitor, NOW).await.unwrap();
    let mut last = None;
    while let Some(piece) = slow.recv().await {
        last = Some(piece);
    }
    assert!(matches!(last, Some(Err(_))), "{last:?}");
}
