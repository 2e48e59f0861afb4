//! Tests for the history: searching by text, participants, and time, as well as paging and scopes.

use std::collections::BTreeSet;

use protocol::{chat::EndReason, id::TeamId};
use sqlx::Connection as _;

use super::*;
use crate::read_scope::ReadScope;

impl Shop {
    async fn search(&self, filter: HistoryFilter) -> Vec<ChatId> {
        self.store.history(filter, None, 100).await.unwrap().into_iter().map(|chat| chat.id).collect()
    }

    fn everything(&self) -> HistoryFilter {
        HistoryFilter::all(self.organization, ReadScope::All)
    }

    async fn search_words(&self, words: &str) -> Vec<ChatId> {
        self.search(HistoryFilter { words: words.into(), ..self.everything() }).await
    }

    /// Opens a chat `minutes` after `NOW` in which the visitor sends these messages.
    async fn chat_at(&self, minutes: Millis, team: Option<TeamId>, texts: &[&str]) -> ChatId {
        let guest = Guest::new();
        let new = NewChat {
            id: ChatId(Uuid::now_v7()),
            organization: self.organization,
            visit: guest.visit,
            visitor: guest.visitor,
            team,
            now: NOW + minutes * MINUTE,
            remember: self.remember(&guest),
        };
        let chat = self.store.request_chat(new).await.unwrap().0.id;
        for text in texts {
            self.send_message(chat, Author::Visitor, client_id(), text).await.unwrap();
        }
        chat
    }
}

#[tokio::test]
async fn search_ignores_case_and_accents() {
    let shop = Shop::open().await;
    let first = shop.chat_at(0, None, &["Do the Ridgeline boots run small?", "Crème brûlée"]).await;
    let second = shop.chat_at(1, None, &["Which boots for winter?"]).await;
    assert_eq!(shop.search_words("BOOTS").await, [second, first], "newest first");
    assert_eq!(shop.search_words("boots small").await, [first], "one message must contain all words");
    assert_eq!(shop.search_words("creme").await, [first]);
    assert_eq!(shop.search_words("ridgel").await, [first], "the last word matches prefixes");
    assert_eq!(shop.search_words("sandals").await, []);
    let found =
        shop.store.history(HistoryFilter { words: "small".into(), ..shop.everything() }, None, 9).await.unwrap();
    assert_eq!((found[0].excerpt.as_str(), found[0].messages), ("Do the Ridgeline boots run small?", 2));
}

/// Covers F2: characters that have a special meaning to the index or the database are searched for literally.
#[tokio::test]
async fn search_treats_special_characters_literally() {
    let shop = Shop::open().await;
    let chat = shop.chat_at(0, None, &["He said \"half price\" (really) 50%_off: NEAR the c* ^top"]).await;
    for words in ["\"half price\"", "NEAR(", "c*", "^top", "50%_off:", "(really)", "said AND half", "a OR"] {
        let found = shop.search_words(words).await;
        let is_there = !words.contains("AND") && !words.contains("OR");
        assert_eq!(found, if is_there { vec![chat] } else { vec![] }, "{words}");
    }
    for words in ["\"", "*", "' OR 1=1--", "\\'", "%_", "text:", "-", "{}", "\0", "NEAR(a b, 3)", "\"\" *", "+"] {
        assert_eq!(shop.search_words(words).await, [], "{words:?}");
    }
    shop.search_words(&"word ".repeat(50_000)).await;
}

/// Covers F2 with a stored corpus and random input: no search input causes a database error.
#[test]
fn fuzz_any_search_words_never_fail() {
    const PARTS: [&str; 24] = [
        "\"", "'", "*", "^", ":", "(", ")", "{", "}", "-", "+", ",", "%", "_", "\\", "\0", " ", "NEAR", "AND", "OR",
        "NOT", "text", "é", "a",
    ];
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let shop = runtime.block_on(Shop::open());
    let chat = runtime.block_on(shop.chat_at(0, None, &["text a NEAR é AND OR NOT"]));
    let is_searched_for = |words: &str| {
        let found = runtime.block_on(shop.search_words(words));
        assert!(found.is_empty() || found == [chat], "{words:?}");
    };
    // Nothing is reused after a panic.
    let is_searched_for = std::panic::AssertUnwindSafe(is_searched_for);
    bolero::check!(name = "any_words").with_iterations(300).with_max_len(80).for_each(|bytes: &[u8]| {
        (*is_searched_for)(&String::from_utf8_lossy(bytes));
        (*is_searched_for)(&bytes.iter().map(|byte| PARTS[usize::from(*byte) % PARTS.len()]).collect::<String>());
    });
}

#[tokio::test]
async fn search_index_follows_message_updates_and_deletes() {
    let shop = Shop::open().await;
    let chat = shop.chat_at(0, None, &["first words", "other words"]).await;
    let change = async |sql: &'static str| {
        shop.store.write(move |db| Box::pin(async move { Ok(sql::query(sql).execute(db).await?) })).await.unwrap();
    };
    change("UPDATE entry SET text = 'second words' WHERE text = 'first words'").await;
    assert_eq!((shop.search_words("first").await, shop.search_words("second").await), (vec![], vec![chat]));
    change("DELETE FROM entry WHERE text = 'second words'").await;
    assert_eq!((shop.search_words("second").await, shop.search_words("other").await), (vec![], vec![chat]));
    if skip_on_postgres("PostgreSQL maintains the index itself") {
        return;
    }
    // VACUUM changes the table's rowids.
    let Shop { folder, store, organization, .. } = shop;
    store.close().await;
    let file = folder.path().join("jumpin.db");
    let mut db = sqlx::SqliteConnection::connect(&format!("sqlite:{}", file.display())).await.unwrap();
    sqlx::query("VACUUM").execute(&mut db).await.unwrap();
    sqlx::query("INSERT INTO message_search(message_search, rank) VALUES ('integrity-check', 1)")
        .execute(&mut db)
        .await
        .unwrap();
    db.close().await.unwrap();
    let store = Store::open(&file).await.unwrap();
    let filter = HistoryFilter { words: "other".into(), ..HistoryFilter::all(organization, ReadScope::All) };
    assert_eq!(store.history(filter, None, 9).await.unwrap()[0].id, chat);
}

#[tokio::test]
async fn each_history_filter_narrows_the_result() {
    let shop = Shop::open().await;
    let team = shop.store.add_team(shop.organization, "Sales").await.unwrap();
    let early = shop.chat_at(0, None, &[]).await;
    let late = shop.chat_at(60, Some(team), &[]).await;
    shop.store.join_team(shop.ann, team).await.unwrap();
    shop.claim(late, shop.ann).await.unwrap();
    shop.store.end_chat(late, shop.organization, EndReason::Visitor, NOW).await.unwrap();
    shop.store.end_chat(early, shop.organization, EndReason::Abandoned, NOW).await.unwrap();
    let all = shop.everything();
    let found = async |filter: HistoryFilter| shop.search(filter).await;
    assert_eq!(found(all.clone()).await, [late, early]);
    assert_eq!(found(HistoryFilter { from: Some(NOW + 1), ..all.clone() }).await, [late]);
    assert_eq!(found(HistoryFilter { to: Some(NOW + 1), ..all.clone() }).await, [early]);
    assert_eq!(found(HistoryFilter { team: Some(team), ..all.clone() }).await, [late]);
    assert_eq!(found(HistoryFilter { agent: Some(shop.ann), ..all.clone() }).await, [late]);
    assert_eq!(found(HistoryFilter { agent: Some(shop.bob), ..all.clone() }).await, []);
    assert_eq!(found(HistoryFilter { concierge: Some(shop.concierge), ..all.clone() }).await, [late, early]);
    shop.store.add_tag(shop.organization, late, "returns".into()).await.unwrap();
    assert_eq!(found(HistoryFilter { tag: Some("returns".into()), ..all.clone() }).await, [late]);
    assert_eq!(found(HistoryFilter { tag: Some("%".into()), ..all.clone() }).await, []);
    let outcome = async |outcome| found(HistoryFilter { outcome: Some(outcome), ..all.clone() }).await;
    assert_eq!(outcome(Outcome::Abandoned).await, [early]);
    assert_eq!((outcome(Outcome::Claimed).await, outcome(Outcome::EndedByVisitor).await), (vec![late], vec![late]));
    assert_eq!((outcome(Outcome::Live).await, outcome(Outcome::EndedByAgent).await), (vec![], vec![]));
}

#[tokio::test]
async fn history_pages_have_no_gaps_or_duplicates() {
    let shop = Shop::open().await;
    // Several chats start in the same millisecond.
    let mut chats = Vec::new();
    for number in 0..7 {
        chats.push(shop.chat_at(number / 3, None, &[]).await);
    }
    let (mut seen, mut place) = (Vec::new(), None);
    loop {
        let page = shop.store.history(shop.everything(), place, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        place = Some((last.began_at, last.id));
        // A chat that starts while someone is paging is sorted before all others.
        shop.chat_at(99, None, &[]).await;
        seen.extend(page.into_iter().map(|chat| chat.id));
    }
    chats.reverse();
    assert_eq!(seen, chats);
}

#[tokio::test]
async fn history_outside_the_scope_is_not_found() {
    let shop = Shop::open().await;
    let team = shop.store.add_team(shop.organization, "Sales").await.unwrap();
    let of_all = shop.chat_at(0, None, &["canary"]).await;
    let of_team = shop.chat_at(1, Some(team), &["canary"]).await;
    let look = async |agent, teams: &[TeamId]| {
        let scope = ReadScope::Own { agent, teams: teams.iter().copied().collect::<BTreeSet<_>>() };
        let filter = HistoryFilter { words: "canary".into(), ..HistoryFilter::all(shop.organization, scope.clone()) };
        let alone = shop.store.past_chat(shop.organization, scope, of_team).await.unwrap().is_some();
        let found = shop.search(filter).await;
        assert_eq!(found.contains(&of_team), alone);
        found
    };
    assert_eq!(look(shop.ann, &[]).await, [of_all]);
    assert_eq!(look(shop.ann, &[team]).await, [of_team, of_all]);
    shop.store.join_team(shop.ann, team).await.unwrap();
    shop.claim(of_team, shop.ann).await.unwrap();
    let request = TakeOverRequest {
        chat: of_team,
        organization: shop.organization,
        me: shop.bob,
        role: Role::Supervisor,
        seen_owner: shop.ann,
        seen_version: 2,
        counts_since: NOW,
        now: NOW,
    };
    shop.store.take_over(request).await.unwrap();
    assert_eq!(look(shop.ann, &[]).await, [of_team, of_all], "participants do not have to have written anything");
    assert_eq!(look(shop.bob, &[]).await, [of_team, of_all]);
    let stranger = OrganizationId(Uuid::now_v7());
    assert_eq!(shop.search(HistoryFilter::all(stranger, ReadScope::All)).await, []);
    assert!(shop.store.past_chat(stranger, ReadScope::All, of_all).await.unwrap().is_none());
}

/// The rule in SQL and the one in memory find the same chats, in every state and for everybody.
#[tokio::test]
async fn read_scope_means_the_same_in_the_database_and_in_memory() {
    let shop = Shop::open().await;
    let [own, other] = ["Sales", "Support"].map(|name| shop.store.add_team(shop.organization, name));
    let (own, other) = (own.await.unwrap(), other.await.unwrap());
    for team in [own, other] {
        for agent in [shop.ann, shop.bob] {
            shop.store.join_team(agent, team).await.unwrap();
        }
    }
    let (mut chats, mut now) = (Vec::new(), NOW);
    for team in [None, Some(own), Some(other)] {
        // Waiting, waiting for one agent, with one agent, transferred to the other, back in the queue, ended.
        for step in 0..6 {
            let chat = shop.chat_at(step, team, &["Hello"]).await;
            chats.push(chat);
            // Much later, so that the agents' chats do not count against their limits.
            now += 20 * MINUTE;
            if step == 1 {
                let reserve =
                    format!("UPDATE chat SET reserved_for = '{}', reserved_until = 1 WHERE id = '{chat}'", shop.ann);
                shop.store
                    .write(move |db| {
                        Box::pin(async move { Ok(sql::query(sqlx::AssertSqlSafe(reserve)).execute(db).await?) })
                    })
                    .await
                    .unwrap();
            }
            if step >= 2 {
                shop.claim_at(chat, shop.ann, now).await.unwrap();
            }
            if step == 3 {
                let (seen_owner, to) = (shop.ann, TransferTarget::Agent { agent: shop.bob, insist: true });
                let (by, note) = (shop.ann, String::new());
                let organization = shop.organization;
                let request = TransferRequest { chat, organization, by, seen_owner, to, note, counts_since: now, now };
                shop.store.hand_over(request).await.unwrap();
            }
            if step == 4 {
                shop.store.return_chat(chat, NOW).await.unwrap();
            }
            if step == 5 {
                shop.store.end_chat(chat, shop.organization, EndReason::Visitor, NOW).await.unwrap();
            }
        }
    }
    let mut counts = Vec::new();
    for agent in [shop.ann, shop.bob, AgentId(Uuid::now_v7())] {
        for teams in [vec![], vec![own], vec![own, other]] {
            let scope = ReadScope::of(Role::Agent, agent, teams.into_iter().collect());
            let mut found = shop.search(HistoryFilter::all(shop.organization, scope.clone())).await;
            let mut held = Vec::new();
            for chat in &chats {
                let record = shop.store.chat(shop.organization, *chat).await.unwrap().unwrap();
                let alone = shop.store.past_chat(shop.organization, scope.clone(), *chat).await.unwrap().is_some();
                assert_eq!(alone, scope.contains(&record), "{record:?} for {scope:?}");
                held.extend(alone.then_some(*chat));
            }
            found.sort_unstable();
            held.sort_unstable();
            assert_eq!(found, held);
            counts.push(found.len());
        }
    }
    // Of the six chats of a team, a member who was in none of them reads four, and an agent of another team none.
    assert_eq!(counts, [16, 17, 18, 7, 11, 15, 4, 8, 12]);
}

/// Covers G6: an endless query is interrupted, and its connection remains usable.
#[tokio::test]
async fn slow_query_times_out_without_blocking_others() {
    let shop = Shop::open().await;
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    let look = || {
        shop.store.query_with_timeout(shop.organization, move |db| {
            Box::pin(async move { Ok(sql::query(endless).fetch_all(db).await?.len()) })
        })
    };
    let three = async { tokio::join!(look(), look(), look()) };
    let beside = async { shop.store.directory(shop.organization).await.unwrap().organization_name };
    let ((one, two, waited), name) = tokio::join!(three, beside);
    for broken_off in [one, two, waited] {
        assert_eq!(broken_off.expect_err("the query is interrupted").refusal(), Refusal::TookTooLong);
    }
    assert_eq!(name, "Shop");
    for _ in 0..6 {
        assert_eq!(shop.search_words("anything").await, []);
    }
}
