//! Tests for editing and deleting messages.

use protocol::chat::Body;

use super::*;

impl Shop {
    async fn change(
        &self,
        chat: ChatId,
        author: Author,
        of: u32,
        text: Option<&str>,
        now: Millis,
    ) -> Result<Vec<Entry>> {
        let text = text.map(Into::into);
        let new = NewMessageEdit { organization: self.organization, chat, author, of, text, now };
        self.store.change_message(new).await.map(|(_, entries)| entries)
    }
}

#[tokio::test]
async fn edit_appends_an_entry_and_delete_removes_the_text() {
    let shop = Shop::open().await;
    let chat = shop.chat(&Guest::new()).await;
    shop.claim(chat, shop.ann).await.unwrap();
    let ann = Author::Agent(shop.ann);
    let said = shop.send_message(chat, ann, client_id(), "a canary").await.unwrap().entry;
    let edited = shop.change(chat, ann, said.seq, Some("the canary"), NOW + 1).await.unwrap();
    assert_eq!(edited[0].body, Body::Edited { of: said.seq, text: "the canary".into() });
    assert_eq!((edited[0].seq, edited[0].author), (said.seq + 1, ann));
    assert_eq!(shop.change(chat, ann, said.seq, Some("the canary"), NOW + 2).await.unwrap(), [], "nothing changed");
    let known = shop.store.chat(shop.organization, chat).await.unwrap().unwrap();
    assert_eq!(known.last.unwrap().text, "the canary");

    let deleted = shop.change(chat, ann, said.seq, None, NOW + 3).await.unwrap();
    assert_eq!(deleted[0].body, Body::Deleted { of: said.seq });
    assert_eq!(shop.change(chat, ann, said.seq, None, NOW + 4).await.unwrap(), [], "the message is already deleted");
    assert_eq!(refusal(shop.change(chat, ann, said.seq, Some("back"), NOW + 5).await), Refusal::NotFound);
    let entries = shop.store.entries(chat, 0, 100).await.unwrap();
    assert!(!format!("{entries:?}").contains("canary"), "{entries:?}");
    let known = shop.store.chat(shop.organization, chat).await.unwrap().unwrap();
    assert_eq!(known.last.unwrap().text, "");
}

/// Covers B15: only the author can edit or delete a message, and only within 15 minutes.
#[tokio::test]
async fn edit_is_refused_for_the_messages_of_others_and_after_the_time_limit() {
    let shop = Shop::open().await;
    let (chat, other) = (shop.chat(&Guest::new()).await, shop.chat(&Guest::new()).await);
    shop.claim(chat, shop.ann).await.unwrap();
    shop.claim(other, shop.bob).await.unwrap();
    let [ann, bob] = [shop.ann, shop.bob].map(Author::Agent);
    let said = shop.send_message(chat, ann, client_id(), "hello").await.unwrap().entry;
    let asked = shop.send_message(chat, Author::Visitor, client_id(), "hi").await.unwrap().entry;
    for (chat, author, of) in [
        (chat, bob, said.seq),
        (chat, ann, asked.seq),
        (chat, ann, 1),
        (chat, ann, 99),
        (other, ann, said.seq),
        (ChatId(Uuid::now_v7()), ann, said.seq),
    ] {
        for text in [Some("x"), None] {
            assert_eq!(refusal(shop.change(chat, author, of, text, NOW).await), Refusal::NotFound);
        }
    }
    let late = NOW + 15 * MINUTE;
    assert_eq!(refusal(shop.change(chat, ann, said.seq, None, late + 1).await), Refusal::TooLate);
    shop.change(chat, ann, said.seq, Some("hello!"), late).await.unwrap();
    shop.store.end_chat(chat, shop.organization, protocol::chat::EndReason::Agent, NOW).await.unwrap();
    assert_eq!(refusal(shop.change(chat, ann, said.seq, None, NOW).await), Refusal::ChatEnded);
    let entries = shop.store.entries(chat, 0, 100).await.unwrap();
    assert!(entries.iter().any(|entry| entry.body == Body::Text("hi".into())), "{entries:?}");
}
