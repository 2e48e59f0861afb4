//! Tests for messages: each one is stored exactly once, in order.

use protocol::{
    chat::{Author, Body, ChatEvent, ChatState, EndReason, Entry, Receipt},
    refusal::Refusal,
};

use super::*;

#[tokio::test]
async fn message_sent_twice_is_stored_once_and_its_client_id_is_not_reusable() {
    let (shop, guest) = (Shop::open().await, Guest::new());
    let chat = shop.chat(&guest).await;
    let name = client_id();
    let (first, second) = tokio::join!(
        shop.send_message(chat, Author::Visitor, name, "Hello"),
        shop.send_message(chat, Author::Visitor, name, "Hello"),
    );
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!(first.entry, second.entry);
    assert_ne!(first.fresh, second.fresh);
    assert_eq!(refusal(shop.send_message(chat, Author::Visitor, name, "Goodbye").await), Refusal::ClientIdReused);
    assert_eq!(
        refusal(shop.send_message(chat, Author::Agent(shop.ann), client_id(), "Hi").await),
        Refusal::ChatChanged { agent: None }
    );
    let seqs: Vec<_> = shop.store.entries(chat, 0, 100).await.unwrap().iter().map(|entry| entry.seq).collect();
    assert_eq!(seqs, [1, 2]);
    let known = shop.store.chat(shop.organization, chat).await.unwrap().unwrap();
    assert_eq!((known.unread, known.last.unwrap().text.as_str()), (1, "Hello"));
}

#[tokio::test]
async fn a_chat_that_ended_in_silence_is_reopened_by_the_visitor_only() {
    let (shop, guest) = (Shop::open().await, Guest::new());
    let chat = shop.chat(&guest).await;
    shop.claim(chat, shop.ann).await.unwrap();
    shop.store.end_chat(chat, shop.organization, EndReason::Silence, NOW).await.unwrap();
    assert_eq!(refusal(shop.send_message(chat, Author::Agent(shop.ann), client_id(), "Hi").await), Refusal::ChatEnded);
    let said = shop.send_message(chat, Author::Visitor, client_id(), "Are you there?").await.unwrap();
    assert_eq!((said.chat.state, said.chat.agent, said.chat.end_reason), (ChatState::Unclaimed, None, None));
    assert_eq!(said.reopened.unwrap().seq + 1, said.entry.seq);
    shop.store.end_chat(chat, shop.organization, EndReason::Visitor, NOW).await.unwrap();
    assert_eq!(refusal(shop.send_message(chat, Author::Visitor, client_id(), "Oh").await), Refusal::ChatEnded);
}

/// Covers O6: the order of messages does not depend on the server's clock.
#[tokio::test]
async fn clock_set_back_does_not_change_message_order() {
    let (shop, guest) = (Shop::open().await, Guest::new());
    let chat = shop.chat(&guest).await;
    let hour = 60 * MINUTE;
    for (text, now) in [("first", NOW + hour), ("second", NOW), ("third", NOW - 24 * hour), ("fourth", NOW + 2 * hour)]
    {
        let (organization, author, client_id) = (shop.organization, Author::Visitor, client_id());
        shop.store
            .send_message(NewMessage { organization, chat, author, client_id, body: Body::Text(text.into()), now })
            .await
            .unwrap();
    }
    let entries = shop.store.entries(chat, 0, 100).await.unwrap();
    let said =
        entries.iter().filter_map(|entry| if let Body::Text(text) = &entry.body { Some(text.as_str()) } else { None });
    assert_eq!(said.collect::<Vec<_>>(), ["first", "second", "third", "fourth"]);
    assert!(entries.windows(2).all(|pair| pair[1].seq == pair[0].seq + 1), "{entries:?}");
}

/// The returned chat is not read back from the database, so it must be identical to what a reader would find there.
#[tokio::test]
async fn chat_returned_after_a_message_matches_the_database() {
    let (shop, guest) = (Shop::open().await, Guest::new());
    let chat = shop.chat(&guest).await;
    shop.claim(chat, shop.ann).await.unwrap();
    for author in [Author::Visitor, Author::Agent(shop.ann), Author::Visitor] {
        let said = shop.send_message(chat, author, client_id(), &"long ".repeat(40)).await.unwrap();
        assert_eq!(Some(said.chat), shop.store.chat(shop.organization, chat).await.unwrap());
    }
}

/// An outbox outlives its chat. A message that is resent after its chat has ended must not open another chat or be
/// stored twice.
#[tokio::test]
async fn message_resent_in_the_next_chat_is_a_duplicate() {
    let (shop, guest) = (Shop::open().await, Guest::new());
    let first = shop.chat(&guest).await;
    let name = client_id();
    let said = shop.send_message(first, Author::Visitor, name, "Hello").await.unwrap();
    shop.store.end_chat(first, shop.organization, EndReason::Agent, NOW).await.unwrap();
    let second = shop.chat(&guest).await;
    assert_ne!(first, second);
    assert_eq!(shop.store.chat_of_message(guest.visitor, name).await.unwrap(), Some(first));
    let again = shop.send_message(second, Author::Visitor, name, "Hello").await.unwrap();
    assert_eq!((again.fresh, again.chat.id, again.entry), (false, first, said.entry));
    assert_eq!(refusal(shop.send_message(second, Author::Visitor, name, "Bye").await), Refusal::ClientIdReused);
    assert_eq!(shop.store.entries(second, 0, 10).await.unwrap().len(), 1);
    assert_eq!(shop.store.chat_of_message(guest.visitor, client_id()).await.unwrap(), None);
}

#[tokio::test]
async fn chat_of_another_organization_is_not_found() {
    let (shop, guest) = (Shop::open().await, Guest::new());
    let chat = shop.chat(&guest).await;
    let organization = OrganizationId(Uuid::now_v7());
    let author = Author::Agent(shop.ann);
    let new =
        NewMessage { organization, chat, author, client_id: client_id(), body: Body::Text("Hi".into()), now: NOW };
    assert_eq!(refusal(shop.store.send_message(new).await), Refusal::NotFound);
    let read = Receipt { delivered: 1, read: 1 };
    assert_eq!(refusal(shop.store.advance_receipt(organization, chat, Author::Visitor, read).await), Refusal::NotFound);
}

#[tokio::test]
async fn receipts_only_advance_and_stop_at_the_last_entry() {
    let (shop, guest) = (Shop::open().await, Guest::new());
    let chat = shop.chat(&guest).await;
    shop.claim(chat, shop.ann).await.unwrap();
    shop.send_message(chat, Author::Visitor, client_id(), "Hello").await.unwrap();
    let moves = async |side, delivered, read| {
        let receipt = Receipt { delivered, read };
        shop.store.advance_receipt(shop.organization, chat, side, receipt).await.unwrap()
    };
    let ann = Author::Agent(shop.ann);
    assert!(moves(Author::Agent(shop.bob), 3, 3).await.is_none(), "an observer does not count as a reader");
    let delivered = moves(ann, 2, 0).await.unwrap();
    assert_eq!((delivered.agent_receipt, delivered.unread), (Receipt { delivered: 2, read: 0 }, 1));
    let read = moves(ann, 0, 9).await.unwrap();
    assert_eq!((read.agent_receipt, read.unread), (Receipt { delivered: 3, read: 3 }, 0));
    assert!(moves(ann, 3, 3).await.is_none() && moves(ann, 1, 0).await.is_none());
    let visitor = moves(Author::Visitor, 3, 1).await.unwrap();
    assert_eq!(visitor.visitor_receipt, Receipt { delivered: 3, read: 1 });
}

/// Messages that are waiting at the same time are stored as a batch. A problem with one of them does not affect the
/// others.
#[tokio::test]
async fn concurrent_messages_each_get_their_own_result() {
    let (shop, guests) = (Shop::open().await, [Guest::new(), Guest::new(), Guest::new(), Guest::new()]);
    let (one, other) = (shop.chat(&guests[0]).await, shop.chat(&guests[1]).await);
    let (over, silenced) = (shop.chat(&guests[2]).await, shop.chat(&guests[3]).await);
    shop.claim(other, shop.ann).await.unwrap();
    shop.store.end_chat(over, shop.organization, EndReason::Agent, NOW).await.unwrap();
    shop.block(&guests[3], None).await.unwrap();
    let visitor = Author::Visitor;
    let says = async |chat, author, name, text: &str| shop.send_message(chat, author, name, text).await;
    let foreign = NewMessage {
        organization: OrganizationId(Uuid::now_v7()),
        chat: one,
        author: visitor,
        client_id: client_id(),
        body: Body::Text("foreign".into()),
        now: NOW,
    };
    for round in 0..20 {
        let (first, second) = (format!("first {round}"), format!("second {round}"));
        let (hello, again) = (client_id(), client_id());
        let answers = tokio::join!(
            says(one, visitor, hello, &first),
            says(other, Author::Agent(shop.ann), client_id(), &first),
            says(one, visitor, hello, &first),
            says(one, visitor, hello, "something else"),
            says(over, visitor, client_id(), "too late"),
            says(other, Author::Agent(shop.bob), client_id(), "not my chat"),
            says(silenced, visitor, client_id(), "blocked"),
            shop.store.send_message(foreign.clone()),
            says(one, visitor, again, &second),
            says(other, visitor, client_id(), &second),
        );
        let (a, b, c, d, e, f, g, h, i, j) = answers;
        let (a, c) = (a.unwrap(), c.unwrap());
        assert!(a.fresh && !c.fresh && a.entry == c.entry, "{a:?} {c:?}");
        assert_eq!(
            [d, e, f, g, h].map(refusal),
            [
                Refusal::ClientIdReused,
                Refusal::ChatEnded,
                Refusal::ChatChanged { agent: Some(shop.ann) },
                Refusal::Blocked { until: None },
                Refusal::NotFound,
            ]
        );
        let (b, i, j) = (b.unwrap(), i.unwrap(), j.unwrap());
        assert_eq!((i.entry.seq, j.entry.seq), (a.entry.seq + 1, b.entry.seq + 1), "sequence numbers have no gaps");
        assert_eq!((j.chat.last_seq, j.chat.unread), (j.entry.seq, round + 1));
    }
    let entries = shop.store.entries(one, 0, 100).await.unwrap();
    assert_eq!(entries.iter().filter(|entry| entry.author == visitor).count(), 40, "no other messages are stored");
}

/// `insert_batch` stores the valid messages in a batch and returns `None` for the others.
#[tokio::test]
async fn batch_stores_valid_messages_and_skips_refused_ones() {
    if skip_on_postgres("batches are used only with SQLite") {
        return;
    }
    let (shop, guest) = (Shop::open().await, Guest::new());
    let chat = shop.chat(&guest).await;
    let name = client_id();
    let new = |client_id, text: &str, organization| NewMessage {
        organization,
        chat,
        author: Author::Visitor,
        client_id,
        body: Body::Text(text.into()),
        now: NOW,
    };
    let foreign = OrganizationId(Uuid::now_v7());
    let all = [
        new(name, "one", shop.organization),
        new(client_id(), "foreign", foreign),
        new(name, "one", shop.organization),
        new(client_id(), "two", shop.organization),
    ];
    let stored = shop.store.write(move |db| {
        Box::pin(async move {
            let said = super::super::message_batch::insert_batch(db, &all.iter().collect::<Vec<_>>()).await?;
            Ok(said.into_iter().map(|said| said.map(|said| said.entry.seq)).collect::<Vec<_>>())
        })
    });
    assert_eq!(stored.await.unwrap(), [Some(2), None, None, Some(3)]);
}

/// A failing statement rolls back its batch but no earlier writes. Each message is then stored individually.
#[tokio::test]
async fn failure_of_one_message_does_not_affect_its_batch() {
    if skip_on_postgres("batches are used only with SQLite") {
        return;
    }
    let (shop, guest, other) = (Shop::open().await, Guest::new(), Guest::new());
    let (chat, before) = (shop.chat(&guest).await, shop.chat(&other).await);
    shop.database
        .execute_sql(
            "CREATE TRIGGER breaks BEFORE INSERT ON entry WHEN new.text = 'breaks' \
             BEGIN SELECT RAISE(ABORT, 'it breaks'); END",
        )
        .await;
    let texts = ["a", "b", "breaks", "c", "d"];
    let happened = shop.store.append_event(before, ChatEvent::VisitorLeft, NOW);
    let all = texts.iter().map(|text| shop.send_message(chat, Author::Visitor, client_id(), text));
    let (happened, said) = tokio::join!(happened, futures::future::join_all(all));
    happened.unwrap();
    assert_eq!(said.iter().map(std::result::Result::is_ok).collect::<Vec<_>>(), [true, true, false, true, true]);
    let stands = |entries: Vec<Entry>| {
        entries.into_iter().filter_map(|entry| match entry.body {
            Body::Text(text) => Some(text),
            _ => None,
        })
    };
    assert!(stands(shop.store.entries(chat, 0, 100).await.unwrap()).eq(["a", "b", "c", "d"]));
    let last = shop.store.entries(before, 0, 100).await.unwrap().pop().unwrap();
    assert_eq!(last.body, Body::Event(ChatEvent::VisitorLeft), "the write before the batch is not rolled back");
}
