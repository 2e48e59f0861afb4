//! Tests for the limits on what a single visitor can write, start, and ask for.

use protocol::{
    chat::{ChatEvent, ChatState},
    refusal::Refusal,
};

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
    // The refused message goes through.
    let again = FromVisitor::SendMessage { client_id: name, text: "Hello".into() };
    vera.handle_frame(again).await.expect("frame accepted");
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

/// A tab sends messages one after another without waiting for the answers.
#[tokio::test]
async fn message_in_flight_is_never_stored_before_an_earlier_refused_one() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, _) = test.tab(None).await;
    let mut sent = Vec::new();
    for n in 0..20 {
        sent.push(vera.send_message(&n.to_string()).await);
    }
    let first = ClientId(Uuid::now_v7());
    let say = |client_id, text: &str| FromVisitor::SendMessage { client_id, text: text.into() };
    vera.handle_frame(say(first, "first")).await.expect("frame accepted");
    assert!(matches!(answered(&mut vera, first).await, Answered::Refused(Refusal::TooMany { .. })));
    // The time window moves on before the next message arrives.
    test.make_room(&vera);
    let second = vera.send_message("second").await;
    let refused = answered(&mut vera, second).await;
    assert!(matches!(refused, Answered::Refused(Refusal::TooMany { retry_after: 1..=10 })), "{refused:?}");
    // A stored message may still be sent again.
    vera.handle_frame(say(sent[0], "0")).await.expect("frame accepted");
    assert_eq!(answered(&mut vera, sent[0]).await, Answered::Stored);

    for (client_id, text) in [(first, "first"), (second, "second")] {
        vera.handle_frame(say(client_id, text)).await.expect("frame accepted");
        assert_eq!(answered(&mut vera, client_id).await, Answered::Stored, "{text}");
        test.make_room(&vera);
    }
    // If the first one can never be stored, the others do not wait for it.
    vera.handle_frame(say(ClientId(Uuid::now_v7()), "")).await.expect("frame accepted");
    let third = vera.send_message("third").await;
    assert_eq!(answered(&mut vera, third).await, Answered::Stored);
}

impl TestEngine {
    /// Lets the visitor send one more message, as if time had passed.
    fn make_room(&self, visitor: &VisitorConnection) {
        let messages = &self.engine.inner.visitor_limits.messages;
        let now = self.engine.now();
        (now - 10_000..=now).rev().for_each(|at| messages.withdraw(visitor.visitor, at));
    }
}

/// Each new address is an entry in the chat.
#[tokio::test]
async fn contact_forms_count_like_messages() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, _) = test.tab(None).await;
    vera.send_message("Hello").await;
    for n in 0..60 {
        let form = FromVisitor::LeaveContact { name: String::new(), email: format!("vera{n}@mail.test") };
        vera.handle_frame(form).await.expect("frame accepted");
    }
    let frames = vera.receive_pending().await;
    let is_refused = |frame: &&ToVisitor| matches!(frame, ToVisitor::Refused { refusal: Refusal::TooMany { .. }, .. });
    assert_eq!(frames.iter().filter(is_refused).count(), 60 - 19);
    let entries =
        frames.iter().filter_map(|frame| if let ToVisitor::Entries(some) = frame { Some(some) } else { None });
    let left = entries.flatten().filter(|entry| entry.body == Body::Event(ChatEvent::ContactLeft));
    assert_eq!(left.count(), 19);
}

/// Frames that change nothing reach neither the database writer nor anyone else.
#[tokio::test]
async fn repeated_requests_and_receipts_tell_nobody_anything() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, welcome) = test.tab(None).await;
    let chat = test.chat(&mut vera).await;
    let mut ann = test.dashboard(&test.ann).await;
    ann.handle_frame(FromAgent::Open { chat, head: 0 }).await.expect("frame accepted");
    let (mut other_tab, _) = test.tab(Some(welcome.token)).await;
    let receipt = protocol::chat::Receipt { delivered: 2, read: 1 };
    vera.handle_frame(FromVisitor::Receipt(receipt)).await.expect("frame accepted");
    ann.receive_pending().await;
    other_tab.receive_pending().await;
    for read in [0, 1] {
        for delivered in [0, 1, 2, 9] {
            let receipt = protocol::chat::Receipt { delivered, read };
            vera.handle_frame(FromVisitor::Receipt(receipt)).await.expect("frame accepted");
        }
        vera.handle_frame(FromVisitor::AskForPerson).await.expect("frame accepted");
    }
    let heard = ann.receive_pending().await;
    assert!(!heard.iter().any(|frame| matches!(frame, ToAgent::Chat(_))), "{heard:?}");
    let heard = other_tab.receive_pending().await;
    assert!(!heard.iter().any(|frame| matches!(frame, ToVisitor::Chat(_))), "{heard:?}");
    assert!(vera.receive_pending().await.iter().any(|frame| matches!(frame, ToVisitor::Chat(Some(_)))));
}

/// A request beyond the limit is not answered. The next heartbeat reveals the gap again, so the tab asks again.
#[tokio::test]
async fn heartbeat_shows_what_an_unanswered_request_did_not_bring() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, _) = test.tab(None).await;
    test.chat(&mut vera).await;
    for _ in 0..31 {
        vera.handle_frame(FromVisitor::Resume(0)).await.expect("frame accepted");
    }
    vera.receive_pending().await;
    let again = vera.receive_pending().await;
    assert!(matches!(again[..], [ToVisitor::Heartbeat { head: 2, .. }]), "{again:?}");
}
