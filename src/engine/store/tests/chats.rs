//! Tests for chats: concurrent claims, chat limits, takeovers, and the queue.

use protocol::{agent::Role, chat::ChatState, refusal::Refusal};

use super::*;

#[tokio::test]
async fn concurrent_claims_have_one_winner_and_name_it_to_the_other() {
    let (shop, guest) = (Shop::open().await, Guest::new());
    let chat = shop.chat(&guest).await;
    let (first, second) = tokio::join!(shop.claim(chat, shop.ann), shop.claim(chat, shop.bob));
    let (won, lost) = if first.is_ok() { (first, second) } else { (second, first) };
    let (won, entries) = won.unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(refusal(lost), Refusal::AlreadyClaimed { chat, by: won.agent.unwrap() });
    let (same, nothing) = shop.claim(chat, won.agent.unwrap()).await.unwrap();
    assert_eq!((same.version, nothing.len()), (won.version, 0));
}

#[tokio::test]
async fn agent_at_the_chat_limit_is_refused_until_a_chat_goes_silent() {
    let shop = Shop::open().await;
    for _ in 0..2 {
        let chat = shop.chat(&Guest::new()).await;
        shop.claim(chat, shop.ann).await.unwrap();
    }
    let third = shop.chat(&Guest::new()).await;
    assert_eq!(refusal(shop.claim(third, shop.ann).await), Refusal::ChatLimitReached { limit: 2 });
    shop.claim_at(third, shop.ann, NOW + 10 * MINUTE).await.unwrap();
    assert_eq!(shop.store.agent_chats(shop.ann).await.unwrap().len(), 3);
}

#[tokio::test]
async fn take_over_needs_the_current_version_and_return_keeps_the_queue_position() {
    let (shop, guest) = (Shop::open().await, Guest::new());
    let chat = shop.chat(&guest).await;
    let (seen, _) = shop.claim_at(chat, shop.ann, NOW + MINUTE).await.unwrap();
    let take_over = async |seen_version| {
        let request = TakeOverRequest {
            chat,
            organization: shop.organization,
            me: shop.bob,
            role: Role::Supervisor,
            seen_owner: shop.ann,
            seen_version,
            counts_since: NOW,
            now: NOW,
        };
        shop.store.take_over(request).await
    };
    assert_eq!(refusal(take_over(seen.version - 1).await), Refusal::ChatChanged { agent: Some(shop.ann) });
    assert_eq!(take_over(seen.version).await.unwrap().0.agent, Some(shop.bob));
    let (returned, _) = shop.store.return_chat(chat, NOW + 2 * MINUTE).await.unwrap();
    assert_eq!((returned.state, returned.state_since), (ChatState::Unclaimed, NOW));
    let stranger = OrganizationId(Uuid::now_v7());
    assert_eq!(refusal(shop.store.claim(chat, stranger, shop.ann, NOW, NOW).await), Refusal::NotFound);
    assert!(shop.store.chat(stranger, chat).await.unwrap().is_none());
}

#[tokio::test]
async fn waiting_chat_is_listed_for_its_inviter_or_its_team() {
    let shop = Shop::open().await;
    let team = shop.store.add_team(shop.organization, "Sales").await.unwrap();
    shop.store.join_team(shop.bob, team).await.unwrap();
    let guest = Guest::new();
    let new = NewChat {
        id: ChatId(Uuid::now_v7()),
        organization: shop.organization,
        visit: guest.visit,
        visitor: guest.visitor,
        team: Some(team),
        now: NOW,
        remember: shop.remember(&guest),
    };
    let (of_team, _) = shop.store.request_chat(new).await.unwrap();
    let of_all = shop.chat(&Guest::new()).await;
    let invited = Guest::new();
    let sent = shop.store.invite(shop.invitation(&invited, shop.ann)).await.unwrap();
    let AnswerOutcome::Accepted { chat: for_ann, .. } = shop.answer(&invited, sent.id, Answer::Accept).await.unwrap()
    else {
        panic!("expected an accepted answer")
    };
    let waiting = async |agent| {
        let chats = shop.store.chats_waiting_for(shop.organization, agent).await.unwrap();
        chats.into_iter().map(|chat| chat.id).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(waiting(shop.ann).await, [of_all, for_ann.id].into());
    assert_eq!(waiting(shop.bob).await, [of_team.id, of_all].into());
    assert_eq!(shop.store.team_members(team).await.unwrap(), [shop.bob]);
}
