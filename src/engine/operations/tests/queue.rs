//! Tests for unclaimed chats: reserving them for the inviter, notifying the team, and abandoning them.

use protocol::{
    chat::{Body, ChatEvent, ChatState, EndReason},
    refusal::Refusal,
    status::Status,
};

use super::*;

/// Covers scenario 8: the inviter does not claim the chat because their laptop is asleep.
#[tokio::test]
async fn accepted_chat_is_reserved_for_the_inviter_then_goes_to_the_team() {
    let test = TestEngine::open(Timers { reservation: 60, unclaimed_reminder: 120, ..Timers::default() }).await;
    let mut bob = test.dashboard(&test.bob).await;
    let (mut vera, _) = test.tab(None).await;
    let invitation = test.invite_visitor(&mut vera).await;
    vera.answer_invitation(invitation, Answer::Accept).await;
    let (agent, state) = vera
        .wait_for(|frame| match frame {
            ToVisitor::Chat(Some(chat)) => Some((chat.agent, chat.state)),
            _ => None,
        })
        .await;
    assert_eq!((agent.map(|card| card.name).as_deref(), state), (Some("Ann"), ChatState::Unclaimed));
    // When the reservation expires, the team is notified and later reminded.
    let (chat, again) = bob.wait_for_notice(waiting).await;
    assert!(!again);
    assert_eq!(bob.wait_for_notice(waiting).await, (chat, true));
    let row = test.row(vera.visit()).await.and_then(|row| row.chat).expect("chat exists");
    assert_eq!((row.state, row.reserved_for), (ChatState::Unclaimed, None));
    test.engine.claim(&test.bob, chat).await.expect("claimed");
    let joined = |frame| match frame {
        ToVisitor::Chat(Some(chat)) if chat.state == ChatState::InProgress => chat.agent,
        _ => None,
    };
    assert_eq!(vera.wait_for(joined).await.name, "Bob");
}

/// An agent who was away gets notices about the chats that are waiting, so no acceptance is missed.
#[tokio::test]
async fn returning_agent_is_notified_of_waiting_chats() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, _) = test.tab(None).await;
    let invitation = test.invite_visitor(&mut vera).await;
    vera.answer_invitation(invitation, Answer::Accept).await;
    let (mut willy, _) = test.tab(None).await;
    willy.handle_frame(FromVisitor::AskForPerson).await.expect("frame accepted");
    let chat_of = async |connection: &VisitorConnection| {
        test.row(connection.visit()).await.and_then(|row| row.chat).expect("chat exists").id
    };
    let (for_ann, for_team) = (chat_of(&vera).await, chat_of(&willy).await);
    let notices = async |who: &Principal| -> Vec<Notice> {
        let frames = test.dashboard(who).await.receive_pending().await;
        frames
            .into_iter()
            .filter_map(|frame| if let ToAgent::Notice(notice) = frame { Some(notice) } else { None })
            .collect()
    };
    let ann = notices(&test.ann).await;
    assert_eq!(ann.iter().cloned().find_map(accepted), Some(for_ann));
    assert_eq!(ann.into_iter().find_map(waiting).map(|(chat, _)| chat), Some(for_team));
    let bob = notices(&test.bob).await;
    assert_eq!(bob.into_iter().filter_map(waiting).map(|(chat, _)| chat).collect::<Vec<_>>(), [for_team]);
    assert_eq!(notices(&test.cara).await, [], "not in any team");
}

#[tokio::test]
async fn team_members_are_notified_or_the_supervisors_when_none_is_online() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut cara, mut dora) = (test.dashboard(&test.cara).await, test.dashboard(&test.dora).await);
    let (mut vera, _) = test.tab(None).await;
    vera.handle_frame(FromVisitor::AskForPerson).await.expect("frame accepted");
    let (chat, _) = dora.wait_for_notice(waiting).await;
    test.engine.claim(&test.dora, chat).await.expect("claimed");
    dora.wait_for_notice(|notice| matches!(notice, Notice::Claimed { .. }).then_some(())).await;
    let called = cara.receive_pending().await;
    let called = called.iter().any(|frame| matches!(frame, ToAgent::Notice(Notice::Waiting { .. })));
    assert!(!called, "Cara is in no team, so she may not claim it");

    let mut bob = test.dashboard(&test.bob).await;
    let (mut willy, _) = test.tab(None).await;
    willy.handle_frame(FromVisitor::AskForPerson).await.expect("frame accepted");
    bob.wait_for_notice(waiting).await;
    for connection in [&mut cara, &mut dora] {
        let frames = connection.receive_pending().await;
        assert!(!frames.iter().any(|frame| matches!(frame, ToAgent::Notice(_))), "a team member is online: {frames:?}");
    }
    assert_eq!(test.row(willy.visit()).await.and_then(|row| row.chat).and_then(|chat| chat.team), Some(test.team));
}

#[tokio::test]
async fn leaving_an_unclaimed_chat_abandons_it() {
    let test = TestEngine::open(Timers { grace: 20, ..Timers::default() }).await;
    let mut bob = test.dashboard(&test.bob).await;
    let (mut vera, _) = test.tab(None).await;
    let visit = vera.visit();
    vera.handle_frame(FromVisitor::AskForPerson).await.expect("frame accepted");
    let (chat, _) = bob.wait_for_notice(waiting).await;
    drop(vera);
    let ended = bob.wait_for_notice(|notice| if let Notice::Ended { chat } = notice { Some(chat) } else { None });
    assert_eq!(ended.await, chat);
    assert_eq!(test.status(visit).await, Some(Status::Ended));
    assert_eq!(test.engine.claim(&test.bob, chat).await, Err(Refusal::ChatEnded));
    let entries = test.engine.entries(&test.bob, chat, 0).await.expect("entries read");
    assert_eq!(entries.last().map(|entry| &entry.body), Some(&Body::Event(ChatEvent::Ended(EndReason::Abandoned))));
}
