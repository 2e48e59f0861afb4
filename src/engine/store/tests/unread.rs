//! Tests that the number of unread messages stored with each chat equals the number found by counting, whatever happens
//! in the chat.

use proptest::prelude::*;
use protocol::{
    chat::{ChatEvent, EndReason, Receipt, Seq},
    file::FileCard,
    id::FileId,
};

use super::*;
use crate::settings::FileRules;

/// Something that may happen in a chat. Numbers are taken modulo the number of existing items.
#[derive(Clone, Debug)]
enum Step {
    VisitorMessages(u8),
    VisitorMessageAgain,
    VisitorFile,
    AgentMessage,
    /// The agent or the visitor edits or deletes one of the entries.
    Change {
        by_visitor: bool,
        of: Seq,
        deletes: bool,
    },
    AgentReceipt {
        delivered: Seq,
        read: Seq,
    },
    VisitorReceipt {
        delivered: Seq,
        read: Seq,
    },
    Event,
    Claim(bool),
    HandOver,
    Return,
    End(bool),
}

fn any_step() -> impl Strategy<Value = Step> {
    let receipt = || (0_u32..40, 0_u32..40);
    prop_oneof![
        4 => (1_u8..12).prop_map(Step::VisitorMessages),
        1 => Just(Step::VisitorMessageAgain),
        1 => Just(Step::VisitorFile),
        2 => Just(Step::AgentMessage),
        2 => (any::<bool>(), 1_u32..40, any::<bool>())
            .prop_map(|(by_visitor, of, deletes)| Step::Change { by_visitor, of, deletes }),
        3 => receipt().prop_map(|(delivered, read)| Step::AgentReceipt { delivered, read }),
        1 => receipt().prop_map(|(delivered, read)| Step::VisitorReceipt { delivered, read }),
        1 => Just(Step::Event),
        3 => any::<bool>().prop_map(Step::Claim),
        1 => Just(Step::HandOver),
        1 => Just(Step::Return),
        1 => any::<bool>().prop_map(Step::End),
    ]
}

/// A chat in which things happen.
struct History {
    shop: Shop,
    chat: ChatId,
    last: ClientId,
}

impl History {
    async fn begin() -> Self {
        let shop = Shop::open().await;
        let chat = shop.chat(&Guest::new()).await;
        Self { shop, chat, last: client_id() }
    }

    async fn known(&self) -> ChatRecord {
        self.shop.store.chat(self.shop.organization, self.chat).await.unwrap().unwrap()
    }

    /// Counts the unread messages. The stored number should be equal to this.
    async fn counted(&self) -> u32 {
        let chat = self.chat.to_string();
        let counted = self.shop.store.write(move |db| {
            Box::pin(async move {
                let counting = sql::query_scalar(
                    "SELECT count(*) FROM entry JOIN chat ON chat.id = entry.chat_id WHERE chat.id = $1 \
                     AND entry.seq > chat.agent_read AND entry.author = 'visitor' AND entry.amends_seq IS NULL",
                );
                Ok(counting.bind(chat).fetch_one(db).await?)
            })
        });
        counted.await.unwrap()
    }

    /// Takes a step, which may be refused in the chat's current state. Returns the number that the step itself
    /// reported, if any.
    async fn take(&mut self, step: &Step) -> Option<u32> {
        let (shop, chat) = (&self.shop, self.chat);
        let known = self.known().await;
        let agent = known.agent.unwrap_or(shop.ann);
        let unread = |result: Result<StoredMessage>| result.ok().map(|said| said.chat.unread);
        let receipt = |delivered, read| Receipt { delivered, read };
        match *step {
            Step::VisitorMessages(count) => {
                self.last = client_id();
                let names: Vec<_> = (1..count).map(|_| client_id()).chain([self.last]).collect();
                let all = names.iter().map(|name| shop.send_message(chat, Author::Visitor, *name, "Hello"));
                unread(futures::future::join_all(all).await.pop()?)
            }
            Step::VisitorMessageAgain => unread(shop.send_message(chat, Author::Visitor, self.last, "Hello").await),
            Step::VisitorFile => {
                let card = FileCard::new(FileId(Uuid::now_v7()), 9, "text", "a.txt");
                let new = NewMessage {
                    organization: shop.organization,
                    chat,
                    author: Author::Visitor,
                    client_id: client_id(),
                    body: Body::File(card),
                    now: NOW,
                };
                unread(shop.store.send_file(new, FileRules::default()).await)
            }
            Step::AgentMessage => unread(shop.send_message(chat, Author::Agent(agent), client_id(), "Hello").await),
            Step::Change { by_visitor, of, deletes } => {
                let author = if by_visitor { Author::Visitor } else { Author::Agent(agent) };
                let of = of % (known.last_seq + 1);
                let (organization, text) = (shop.organization, (!deletes).then(|| "Good morning".into()));
                let new = NewMessageEdit { organization, chat, author, of, text, now: NOW };
                shop.store.change_message(new).await.ok().map(|(chat, _)| chat.unread)
            }
            Step::AgentReceipt { delivered, read } => {
                let by = Author::Agent(agent);
                let moved = shop.store.advance_receipt(shop.organization, chat, by, receipt(delivered, read)).await;
                moved.unwrap().map(|chat| chat.unread)
            }
            Step::VisitorReceipt { delivered, read } => {
                let by = Author::Visitor;
                let moved = shop.store.advance_receipt(shop.organization, chat, by, receipt(delivered, read)).await;
                moved.unwrap().map(|chat| chat.unread)
            }
            Step::Event => {
                shop.store.append_event(chat, ChatEvent::VisitorLeft, NOW).await.unwrap();
                None
            }
            Step::Claim(by_ann) => {
                let me = if by_ann { shop.ann } else { shop.bob };
                shop.claim(chat, me).await.ok().map(|(chat, _)| chat.unread)
            }
            Step::HandOver => {
                let other = if agent == shop.ann { shop.bob } else { shop.ann };
                let request = TransferRequest {
                    chat,
                    organization: shop.organization,
                    by: agent,
                    seen_owner: agent,
                    to: TransferTarget::Agent { agent: other, insist: true },
                    note: String::new(),
                    counts_since: 0,
                    now: NOW,
                };
                shop.store.hand_over(request).await.ok().map(|(chat, ..)| chat.unread)
            }
            Step::Return => shop.store.return_chat(chat, NOW).await.ok().map(|(chat, _)| chat.unread),
            Step::End(is_silence) => {
                let reason = if is_silence { EndReason::Silence } else { EndReason::Agent };
                shop.store.end_chat(chat, shop.organization, reason, NOW).await.ok().map(|(chat, _)| chat.unread)
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn kept_number_of_unread_messages_is_the_counted_one(steps in prop::collection::vec(any_step(), 1..40)) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let mut history = History::begin().await;
            for step in &steps {
                let reported = history.take(step).await;
                let (kept, counted) = (history.known().await.unread, history.counted().await);
                prop_assert_eq!(kept, counted, "after {:?}", step);
                prop_assert_eq!(reported.unwrap_or(counted), counted, "reported by {:?}", step);
            }
            Ok(())
        })?;
    }
}

/// Run it with `cargo test -p engine --release --lib -- --ignored unread_costs --nocapture`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn unread_costs_the_same_in_a_long_chat() {
    const ENTRIES: Seq = 100_000;
    const SAMPLES: u32 = 200;
    let shop = Shop::open_in_a_file().await;
    let (long, short) = (shop.chat(&Guest::new()).await, shop.chat(&Guest::new()).await);
    let entries = format!(
        "WITH RECURSIVE number(seq) AS (SELECT 2 UNION ALL SELECT seq + 1 FROM number WHERE seq < {ENTRIES}) \
         INSERT INTO entry (chat_id, seq, at, author, client_id, text) \
         SELECT '{long}', seq, {NOW}, 'visitor', seq, 'Hello' FROM number"
    );
    let chat = format!("UPDATE chat SET last_seq = {ENTRIES}, unread = {ENTRIES} - 1 WHERE id = '{long}'");
    let filled = shop.store.write(move |db| {
        Box::pin(async move {
            sql::query(sqlx::AssertSqlSafe(entries)).execute(&mut *db).await?;
            sql::query(sqlx::AssertSqlSafe(chat)).execute(db).await?;
            Ok(())
        })
    });
    filled.await.unwrap();
    for chat in [short, long, short, long] {
        let entries = shop.store.chat(shop.organization, chat).await.unwrap().unwrap().last_seq;
        let mut took = Vec::new();
        let began = std::time::Instant::now();
        for _ in 0..SAMPLES {
            shop.send_message(chat, Author::Visitor, client_id(), "Hello").await.unwrap();
        }
        took.push(("message", began.elapsed() / SAMPLES));
        let began = std::time::Instant::now();
        for delivered in 1..=SAMPLES {
            let receipt = Receipt { delivered, read: 0 };
            shop.store.advance_receipt(shop.organization, chat, Author::Visitor, receipt).await.unwrap();
        }
        took.push(("receipt", began.elapsed() / SAMPLES));
        let began = std::time::Instant::now();
        for _ in 0..SAMPLES {
            shop.store.chat(shop.organization, chat).await.unwrap();
        }
        took.push(("read", began.elapsed() / SAMPLES));
        println!("{entries} entries: {took:?}");
    }
}
