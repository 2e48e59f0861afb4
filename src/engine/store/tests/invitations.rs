//! Tests for invitations: agents who invite at the same time, answers, expiry, and quiet periods.

use protocol::{
    chat::{ChatEvent, ChatState},
    invitation::{Answer, InvitationState},
    refusal::Refusal,
};

use super::*;

#[tokio::test]
async fn concurrent_invitations_have_one_winner_and_name_it_to_the_other() {
    let (shop, guest) = (Shop::open().await, Guest::new());
    let (first, second) = tokio::join!(
        shop.store.invite(shop.invitation(&guest, shop.ann)),
        shop.store.invite(shop.invitation(&guest, shop.bob)),
    );
    let (won, lost) = if first.is_ok() { (first, second) } else { (second, first) };
    assert_eq!(refusal(lost), Refusal::AlreadyInvited { by: won.unwrap().by, at: NOW });
    assert_eq!(shop.store.open_invitations().await.unwrap().len(), 1);
}

#[tokio::test]
async fn accepting_in_two_tabs_opens_one_chat_reserved_for_the_inviter() {
    let (shop, guest) = (Shop::open().await, Guest::new());
    let sent = shop.store.invite(shop.invitation(&guest, shop.ann)).await.unwrap();
    let (first, second) =
        tokio::join!(shop.answer(&guest, sent.id, Answer::Accept), shop.answer(&guest, sent.id, Answer::Accept),);
    let AnswerOutcome::Accepted { chat, entries, late: false, .. } = first.unwrap() else {
        panic!("expected a new chat")
    };
    assert!(matches!(second.unwrap(), AnswerOutcome::Same(same) if same.state == InvitationState::Accepted));
    assert_eq!(entries.len(), 1);
    assert_eq!((chat.state, chat.reserved_for), (ChatState::Unclaimed, Some(shop.ann)));
    let until = NOW + 20_000;
    assert_eq!(refusal(shop.claim(chat.id, shop.bob).await), Refusal::Reserved { agent: shop.ann, until });
    let offering = OfferRequest {
        chat: chat.id,
        organization: shop.organization,
        online: vec![shop.ann, shop.bob],
        ends_reservation: true,
        counts_since: 0,
        now: until,
        until: until + 30_000,
    };
    let (free, is_new) = shop.store.offer(offering.clone()).await.unwrap();
    assert_eq!((free.reserved_for, is_new), (None, true), "no team's routing offers the chat to agents");
    assert!(!shop.store.offer(offering).await.unwrap().1);
    shop.claim(chat.id, shop.bob).await.unwrap();
}

#[tokio::test]
async fn late_accept_opens_one_chat_for_the_whole_team() {
    for end in [InvitationState::Expired, InvitationState::Withdrawn] {
        let (shop, guest) = (Shop::open().await, Guest::new());
        let sent = shop.store.invite(shop.invitation(&guest, shop.ann)).await.unwrap();
        shop.close(sent.id, end).await.unwrap();
        let answered = shop.answer(&guest, sent.id, Answer::Accept).await.unwrap();
        let AnswerOutcome::Accepted { invitation, chat, entries, late: true } = answered else {
            panic!("{answered:?}")
        };
        assert_eq!(invitation.state, end);
        assert_eq!((chat.state, chat.reserved_for), (ChatState::Unclaimed, None));
        let because = protocol::chat::Body::Event(ChatEvent::Accepted { by: shop.ann, late: true });
        assert_eq!(entries[0].body, because);
        let again = shop.answer(&guest, sent.id, Answer::Accept).await.unwrap();
        assert!(matches!(again, AnswerOutcome::Same(_)));
    }
}

#[tokio::test]
async fn expiring_one_invitation_changes_exactly_one_row() {
    let shop = Shop::open().await;
    let mut sent = Vec::new();
    for _ in 0..3 {
        sent.push(shop.store.invite(shop.invitation(&Guest::new(), shop.ann)).await.unwrap());
    }
    shop.close(sent[1].id, InvitationState::Expired).await.unwrap();
    let open: Vec<_> = shop.store.open_invitations().await.unwrap().into_iter().map(|open| open.invitation).collect();
    assert_eq!(open, [sent[0].clone(), sent[2].clone()]);
    let expired = Refusal::AlreadyDecided { state: InvitationState::Expired };
    assert_eq!(refusal(shop.close(sent[1].id, InvitationState::Withdrawn).await), expired);
    assert!(shop.store.move_invitation(sent[1].id, InvitationState::Seen, NOW, NOW).await.unwrap().is_none());
    let seen = shop.store.move_invitation(sent[0].id, InvitationState::Seen, NOW, NOW + 90_000).await.unwrap().unwrap();
    assert_eq!((seen.state, seen.expires_at), (InvitationState::Seen, NOW + 90_000));
    assert!(shop.store.move_invitation(sent[0].id, InvitationState::Delivered, NOW, NOW).await.unwrap().is_none());
}

#[tokio::test]
async fn visitor_who_denied_or_is_chatting_is_not_invited() {
    let (shop, guest) = (Shop::open().await, Guest::new());
    let sent = shop.store.invite(shop.invitation(&guest, shop.ann)).await.unwrap();
    let answered = shop.answer(&guest, sent.id, Answer::Deny).await.unwrap();
    let until = NOW + 30 * MINUTE;
    assert!(matches!(answered, AnswerOutcome::Denied { quiet_until, .. } if quiet_until == until));
    assert_eq!(refusal(shop.store.invite(shop.invitation(&guest, shop.bob)).await), Refusal::Quiet { until });
    assert_eq!(shop.store.visitor_by_token(guest.token_hash).await.unwrap().unwrap().denials, 1);

    let chatting = Guest::new();
    shop.chat(&chatting).await;
    let refused = refusal(shop.store.invite(shop.invitation(&chatting, shop.bob)).await);
    assert_eq!(refused, Refusal::AlreadyChatting { with: None });
    assert_eq!(refusal(shop.answer(&chatting, sent.id, Answer::Accept).await), Refusal::NotFound);
}

#[tokio::test]
async fn second_denial_keeps_the_visitor_quiet_for_a_day() {
    let (shop, guest) = (Shop::open().await, Guest::new());
    let standing = async |now| shop.store.current_invitation_of(guest.visitor, now).await.unwrap();
    let sent = shop.store.invite(shop.invitation(&guest, shop.ann)).await.unwrap();
    assert_eq!(standing(NOW).await, Some(sent.clone()));
    shop.answer(&guest, sent.id, Answer::Deny).await.unwrap();
    assert!(standing(NOW + 29 * MINUTE).await.is_some_and(|last| last.is_denied()));
    assert_eq!(standing(NOW + 30 * MINUTE).await, None);

    let later = NOW + 31 * MINUTE;
    let second = NewInvitation { now: later, ..shop.invitation(&guest, shop.bob) };
    let second = shop.store.invite(second).await.unwrap();
    shop.answer(&guest, second.id, Answer::Deny).await.unwrap();
    let until = NOW + 24 * 60 * MINUTE;
    let known = shop.store.visitor_by_token(guest.token_hash).await.unwrap().unwrap();
    assert_eq!((known.quiet_until, known.denials), (Some(until), 2));
    assert_eq!(standing(until - 1).await.map(|last| last.id), Some(second.id));
    assert_eq!(shop.store.keep_quiet(guest.visitor, NOW).await.unwrap(), Some(until), "it is never shortened");
    assert_eq!(shop.store.keep_quiet(VisitorId(Uuid::now_v7()), NOW).await.unwrap(), None);
}

#[tokio::test]
async fn late_denial_counts_as_a_denial() {
    let (shop, guest) = (Shop::open().await, Guest::new());
    let sent = shop.store.invite(shop.invitation(&guest, shop.ann)).await.unwrap();
    shop.close(sent.id, InvitationState::Expired).await.unwrap();
    let answered = shop.answer(&guest, sent.id, Answer::Deny).await.unwrap();
    let AnswerOutcome::Denied { invitation, quiet_until } = answered else { panic!("{answered:?}") };
    assert!(invitation.state == InvitationState::Expired && invitation.is_denied());
    assert_eq!(shop.store.current_invitation_of(guest.visitor, quiet_until - 1).await.unwrap(), Some(invitation));
}
