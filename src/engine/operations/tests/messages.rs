//! Tests for messages: resends, silent chats, receipts, and a full disk.

use protocol::{
    chat::{ChatState, EndReason, Receipt},
    refusal::Refusal,
    status::Status,
};

use super::*;

fn acknowledged(wanted: ClientId) -> impl Fn(ToVisitor) -> Option<u32> {
    move |frame| match frame {
        ToVisitor::Acknowledged { client_id, seq, .. } if client_id == wanted => Some(seq),
        _ => None,
    }
}

async fn resays(connection: &mut VisitorConnection, client_id: ClientId, text: &str) {
    connection.handle_frame(FromVisitor::SendMessage { client_id, text: text.into() }).await.expect("frame accepted");
}

#[tokio::test]
async fn resent_message_gets_the_same_acknowledgement() {
    let test = TestEngine::open(Timers::default()).await;
    let mut ann = test.dashboard(&test.ann).await;
    let (mut vera, _) = test.tab(None).await;
    let chat = test.chat(&mut vera).await;
    let name = vera.send_message("Which size?").await;
    let seq = vera.wait_for(acknowledged(name)).await;
    resays(&mut vera, name, "Which size?").await;
    assert_eq!(vera.wait_for(acknowledged(name)).await, seq);
    resays(&mut vera, name, "Which color?").await;
    let refused = vera.wait_for(|frame| match frame {
        ToVisitor::Refused { client_id: Some(_), refusal } => Some(refusal),
        _ => None,
    });
    assert_eq!(refused.await, Refusal::ClientIdReused);
    let entries = test.engine.entries(&test.ann, chat, 0).await.expect("entries read");
    assert_eq!(texts(&entries), ["Which size?"]);

    // The same applies to an agent's message, even after the chat has ended.
    let client_id = ClientId(Uuid::now_v7());
    let send_message = FromAgent::SendMessage { chat, client_id, text: "Forty-two.".into() };
    let mut seqs = Vec::new();
    for _ in 0..2 {
        ann.handle_frame(send_message.clone()).await.expect("frame accepted");
        let seq =
            ann.wait_for(|frame| if let ToAgent::Acknowledged { seq, .. } = frame { Some(seq) } else { None }).await;
        seqs.push(seq);
        test.engine.end(&test.ann, chat).await.ok();
    }
    assert_eq!(seqs[0], seqs[1]);
}

/// The acknowledgment was lost, the chat ended, and the outbox now resends the message. This must not start a new chat.
#[tokio::test]
async fn resent_message_of_an_ended_chat_starts_no_other() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, _) = test.tab(None).await;
    let first = test.chat(&mut vera).await;
    let name = vera.send_message("Thank you").await;
    let seq = vera.wait_for(acknowledged(name)).await;
    test.engine.end(&test.ann, first).await.expect("ended");
    resays(&mut vera, name, "Thank you").await;
    assert_eq!(vera.wait_for(acknowledged(name)).await, seq);
    let row = test.row(vera.visit()).await.and_then(|row| row.chat).expect("chat exists");
    assert_eq!((row.id, row.state), (first, ChatState::Ended));

    let second = test.chat(&mut vera).await;
    resays(&mut vera, name, "Thank you").await;
    assert_eq!(vera.wait_for(acknowledged(name)).await, 0, "a message in another chat has no seq");
    assert_eq!(texts(&test.engine.entries(&test.ann, second, 0).await.expect("entries read")), [""; 0]);
}

#[tokio::test]
async fn silent_chat_ends_and_a_message_reopens_it() {
    let test = TestEngine::open(Timers { chat_silent_end: 800, ..Timers::default() }).await;
    let mut bob = test.dashboard(&test.bob).await;
    let (mut vera, _) = test.tab(None).await;
    let chat = test.chat(&mut vera).await;
    vera.wait_for(|frame| match frame {
        ToVisitor::Chat(Some(chat)) if chat.state == ChatState::Ended => Some(()),
        _ => None,
    })
    .await;
    bob.receive_pending().await;
    let name = vera.send_message("Are you there?").await;
    let seq = vera.wait_for(acknowledged(name)).await;
    let (again, _) = bob.wait_for_notice(waiting).await;
    assert_eq!(again, chat, "the same chat");
    let record = test.engine.store().chat(test.ann.organization, chat).await.expect("read").expect("chat exists");
    assert!(record.last_seq >= seq && matches!(record.end_reason, None | Some(EndReason::Silence)));
}

/// While the disk is full, only messages that were stored are acknowledged. Resending the others succeeds once there is
/// space again.
#[tokio::test]
async fn full_disk_is_reported_and_no_message_is_lost() {
    if skip_on_postgres("a SQLite pragma simulates the full disk") {
        return;
    }
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, _) = test.tab(None).await;
    let chat = test.chat(&mut vera).await;
    test.engine.store().limit_free_pages(0).await;
    let long = "x".repeat(3_900);
    let mut names = Vec::new();
    let refused = loop {
        names.push(vera.send_message(&long).await);
        let last = names[names.len() - 1];
        let answer = vera.wait_for(|frame| match frame {
            ToVisitor::Acknowledged { client_id, .. } if client_id == last => Some(None),
            ToVisitor::Refused { client_id: Some(_), refusal } => Some(Some(refusal)),
            _ => None,
        });
        if let Some(refusal) = answer.await {
            break refusal;
        }
    };
    assert_eq!(refused, Refusal::StorageFull);
    let stored = texts(&test.engine.entries(&test.ann, chat, 0).await.expect("entries read")).len();
    assert_eq!(stored, names.len() - 1);
    test.engine.store().limit_free_pages(1_000).await;
    let last = names[names.len() - 1];
    resays(&mut vera, last, &long).await;
    vera.wait_for(acknowledged(last)).await;
    let stored = texts(&test.engine.entries(&test.ann, chat, 0).await.expect("entries read")).len();
    assert_eq!(stored, names.len());
}

/// Covers receipts: delivered and read.
#[tokio::test]
async fn receipts_reach_the_other_side() {
    let test = TestEngine::open(Timers::default()).await;
    let mut ann = test.dashboard(&test.ann).await;
    let (mut vera, _) = test.tab(None).await;
    let chat = test.chat(&mut vera).await;
    let name = vera.send_message("Hello").await;
    let seq = vera.wait_for(acknowledged(name)).await;
    let receipt = Receipt { delivered: seq, read: 0 };
    ann.handle_frame(FromAgent::Receipt { chat, receipt }).await.expect("frame accepted");
    let got = |frame| if let ToVisitor::Chat(Some(chat)) = frame { Some(chat.agent_receipt) } else { None };
    vera.wait_for(|frame| got(frame).filter(|got| *got == receipt)).await;
    let receipt = Receipt { delivered: seq, read: 99 };
    ann.handle_frame(FromAgent::Receipt { chat, receipt }).await.expect("frame accepted");
    vera.wait_for(|frame| got(frame).filter(|got| got.read == seq)).await;
    assert_eq!(test.status(vera.visit()).await, Some(Status::InProgress));
}

/// A tab's head is ignored if it belongs to another chat or if the visitor no longer has a chat.
#[tokio::test]
async fn tab_with_an_outdated_head_gets_the_whole_chat() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, welcome) = test.tab(None).await;
    test.chat(&mut vera).await;
    let hello = Hello { head: 99, ..test.hello_from(Some(welcome.token)) };
    let mut other = test.connect(hello).await.expect("connected");
    let entries = other.wait_for(|frame| if let ToVisitor::Entries(entries) = frame { Some(entries) } else { None });
    assert_eq!(entries.await.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [1, 2]);
    let hello = Hello { head: 99, ..test.hello_from(None) };
    let mut stranger = test.connect(hello).await.expect("connected");
    stranger.wait_for(|frame| matches!(frame, ToVisitor::Chat(None)).then_some(())).await;
}
