//! Tests for the limits on what a single visitor can write, start, and ask for.

use protocol::{chat::ChatState, refusal::Refusal};

use super::*;
use crate::UploadStart;

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answered {
    Stored,
    Refused(Refusal),
}

pub(super) async fn answered(visitor: &mut VisitorConnection, wanted: ClientId) -> Answered {
    let answer = visitor.wait_for(|frame| match frame {
        ToVisitor::Acknowledged { client_id, .. } if client_id == wanted => Some(Answered::Stored),
        ToVisitor::Refused { client_id: Some(client_id), refusal } if client_id == wanted => {
            Some(Answered::Refused(refusal))
        }
        _ => None,
    });
    answer.await
}

pub(super) async fn refusal_of(visitor: &mut VisitorConnection) -> Refusal {
    let refused = visitor.wait_for(|frame| match frame {
        ToVisitor::Refused { client_id: None, refusal } => Some(refusal),
        _ => None,
    });
    refused.await
}

/// Begins a chat and ends it.
async fn begin_and_end(visitor: &mut VisitorConnection) {
    for (frame, live) in [(FromVisitor::AskForPerson, true), (FromVisitor::End, false)] {
        visitor.handle_frame(frame).await.expect("frame accepted");
        let reached = visitor.wait_for(|frame| match frame {
            ToVisitor::Chat(chat) => (chat.is_some_and(|chat| chat.state.is_live()) == live).then_some(Ok(())),
            ToVisitor::Refused { refusal, .. } => Some(Err(refusal)),
            _ => None,
        });
        assert_eq!(reached.await, Ok(()));
    }
}

fn is_hourly(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::TooMany { retry_after: 3_500..=3_600 })
}

#[tokio::test]
async fn twenty_first_message_in_ten_seconds_is_refused_with_a_time() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, welcome) = test.tab(None).await;
    let mut names = Vec::new();
    for n in 0..20 {
        let name = vera.send_message(&n.to_string()).await;
        assert_eq!(answered(&mut vera, name).await, Answered::Stored, "{n}");
        names.push(name);
    }
    // In any of the visitor's tabs.
    let (mut other_tab, _) = test.tab(Some(welcome.token.clone())).await;
    for visitor in [&mut vera, &mut other_tab] {
        let name = visitor.send_message("and one more").await;
        let refused = answered(visitor, name).await;
        assert!(matches!(refused, Answered::Refused(Refusal::TooMany { retry_after: 1..=10 })), "{refused:?}");
    }
    let upload = test.engine.begin_visitor_upload(&welcome.token, ClientId(Uuid::now_v7()), "a.txt", HOME).await;
    assert!(matches!(upload.map(drop), Err(Refusal::TooMany { retry_after: 1..=10 })));
    // A stored message may be sent again: its acknowledgment was lost.
    let again = FromVisitor::SendMessage { client_id: names[0], text: "0".into() };
    vera.handle_frame(again).await.expect("frame accepted");
    assert_eq!(answered(&mut vera, names[0]).await, Answered::Stored);
    // Another visitor is not affected.
    let (mut walt, _) = test.tab(None).await;
    let name = walt.send_message("Hello").await;
    assert_eq!(answered(&mut walt, name).await, Answered::Stored);
}

#[tokio::test]
async fn sixth_chat_in_an_hour_is_refused_however_it_would_begin() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, welcome) = test.tab(None).await;
    for _ in 0..5 {
        begin_and_end(&mut vera).await;
    }
    vera.handle_frame(FromVisitor::AskForPerson).await.expect("frame accepted");
    let refused = refusal_of(&mut vera).await;
    assert!(is_hourly(&refused), "{refused:?}");
    let name = vera.send_message("Hello").await;
    let refused = answered(&mut vera, name).await;
    assert!(matches!(&refused, Answered::Refused(refusal) if is_hourly(refusal)), "{refused:?}");
    let upload = test.engine.begin_visitor_upload(&welcome.token, ClientId(Uuid::now_v7()), "a.txt", HOME).await;
    assert!(upload.is_err_and(|refusal| is_hourly(&refusal)));
    assert_eq!(test.engine.store().report().await.expect("counted").chats, 5);

    // An agent who invites the visitor wants the chat.
    let invitation = test.invite_visitor(&mut vera).await;
    vera.answer_invitation(invitation, Answer::Accept).await;
    vera.wait_for(|frame| match frame {
        ToVisitor::Chat(chat) => chat.filter(|chat| chat.state == ChatState::Unclaimed).map(drop),
        _ => None,
    })
    .await;
    // Asking again while the chat is there begins none.
    vera.handle_frame(FromVisitor::AskForPerson).await.expect("frame accepted");
    let name = vera.send_message("Hello").await;
    assert_eq!(answered(&mut vera, name).await, Answered::Stored);
}

#[tokio::test]
async fn chats_from_one_address_are_limited_also_by_files() {
    let test = TestEngine::open(Timers::default()).await;
    for n in 0..30 {
        let (mut visitor, welcome) = test.tab(None).await;
        if n % 2 == 0 {
            begin_and_end(&mut visitor).await;
            continue;
        }
        visitor.handle_frame(FromVisitor::Interacted).await.expect("frame accepted");
        let name = ClientId(Uuid::now_v7());
        let upload = test.engine.begin_visitor_upload(&welcome.token, name, "a.txt", HOME).await;
        let Ok(UploadStart::Accepted(mut upload)) = upload else { panic!("refused") };
        upload.take(b"text").await.expect("taken");
        upload.end().await.expect("sent");
    }
    let (mut visitor, welcome) = test.tab(None).await;
    visitor.handle_frame(FromVisitor::AskForPerson).await.expect("frame accepted");
    let refused = refusal_of(&mut visitor).await;
    assert!(is_hourly(&refused), "{refused:?}");
    visitor.handle_frame(FromVisitor::Interacted).await.expect("frame accepted");
    let name = ClientId(Uuid::now_v7());
    let upload = test.engine.begin_visitor_upload(&welcome.token, name, "a.txt", HOME).await;
    assert!(upload.is_err_and(|refusal| is_hourly(&refusal)));
    let elsewhere = "2001:db8::1".parse().expect("an address");
    assert!(test.engine.begin_visitor_upload(&welcome.token, name, "a.txt", elsewhere).await.is_ok());
}

#[tokio::test]
async fn asking_again_for_the_whole_chat_is_limited() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, _) = test.tab(None).await;
    test.chat(&mut vera).await;
    vera.receive_pending().await;
    for _ in 0..100 {
        vera.handle_frame(FromVisitor::Resume(0)).await.expect("frame accepted");
    }
    let frames = vera.receive_pending().await;
    let times = frames.iter().filter(|frame| matches!(frame, ToVisitor::Entries(_))).count();
    assert_eq!(times, 30);
}
