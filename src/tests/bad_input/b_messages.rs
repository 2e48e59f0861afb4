//! Cases B1 to B15: chat messages. How they are rendered is tested in the browser and in `protocol::link_detection`.

use protocol::{chat::ChatState, close_reason::CloseReason, codec, limits, refusal::Refusal, visitor::FromVisitor};
use tokio::io::AsyncWriteExt as _;
use tokio_tungstenite::tungstenite::Message;

use super::{e_sockets::first_frame, invariant_check::InvariantCheck, raw_bytes};
use crate::{
    client_ext::{AgentExt, VisitorExt},
    test_server::TestServer,
};

/// Covers B8, B9, and B13: empty messages, oversized messages, and text that looks like a command.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_needs_visible_text_and_runs_no_command() {
    let server = TestServer::start().await;
    let after = InvariantCheck::start(&server).await;
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let mut visitor = server.visitor("/boots").await;
    let visit = dashboard.wait_for_row("/boots").await.visit;
    let chat = server.start_claimed_chat(&ann, &mut visitor, visit).await;
    dashboard.open_chat(chat).await.unwrap();

    let too_long = "ü".repeat(limits::MESSAGE_CHARS + 1);
    for (text, refused) in [
        ("", Refusal::Empty),
        (" \t\r\n\u{a0}\u{3000}", Refusal::Empty),
        ("\u{200b}\u{200d}\u{feff}\u{202e}", Refusal::Empty),
        (too_long.as_str(), Refusal::TooLong { limit: limits::MESSAGE_CHARS as u32 }),
    ] {
        visitor.refused.clear();
        dashboard.refused.clear();
        visitor.send_message(text).await.unwrap();
        visitor.until("a refusal", |visitor| (visitor.refused == [refused.clone()]).then_some(())).await;
        dashboard.send_message(chat, text).await.unwrap();
        dashboard.until("a refusal", |agent| (agent.refused == [refused.clone()]).then_some(())).await;
    }
    let longest = "𝄞".repeat(limits::MESSAGE_CHARS);
    let said = ["/close", "/note of the visitor's own", "/assign ben", &longest];
    for text in said {
        visitor.send_message(text).await.unwrap();
        dashboard.until("the message", |agent| agent.messages(chat).contains(&(true, text)).then_some(())).await;
    }
    // The board arrives in batches.
    let in_progress = |agent: &load::Agent| {
        let chat = agent.board.rows.get(&visit).and_then(|row| row.chat.as_ref());
        chat.filter(|chat| chat.state == ChatState::InProgress).map(|chat| chat.agent)
    };
    assert_eq!(dashboard.until("the chat on the board", in_progress).await, Some(ann.me.agent));
    assert_eq!(server.engine.notes(&ann.me, chat).await.unwrap(), []);
    assert_eq!(dashboard.messages(chat), said.map(|text| (true, text)), "nothing else was stored");
    after.assert_invariants().await;
}

/// Covers B10: an oversized frame is refused before it has been fully received.
#[tokio::test(flavor = "multi_thread")]
async fn an_oversized_frame_closes_the_socket() {
    let server = TestServer::start().await;
    let after = InvariantCheck::start(&server).await;
    let whole = Message::Binary(vec![0; 64 * 1024].into());
    assert_eq!(first_frame(&server, whole).await, (Some(CloseReason::TooLarge), CloseReason::TooLarge.code()));
    // Sends 16 MB in a thousand fragments. The first few already exceed the limit.
    let mut stream = raw_bytes::upgrade(&server, None).await;
    let mut sent = 0;
    for n in 0..1_000 {
        let fragment = raw_bytes::frame(if n == 0 { 0x02 } else { 0x00 }, true, &[0; 16 * 1024]);
        if stream.write_all(&fragment).await.is_err() {
            break;
        }
        sent += fragment.len();
    }
    let code = raw_bytes::close_code_after(stream, &[]).await;
    assert!(code.is_none_or(|code| code == CloseReason::TooLarge.code()), "{code:?} after {sent}");
    // The longest allowed message still fits in a single frame.
    let longest = FromVisitor::SendMessage {
        client_id: protocol::id::ClientId(uuid::Uuid::nil()),
        text: "𝄞".repeat(limits::MESSAGE_CHARS),
    };
    assert!(codec::encode(&longest).len() <= limits::FRAME_BYTES);
    after.assert_invariants().await;
}
