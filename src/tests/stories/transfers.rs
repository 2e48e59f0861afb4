//! A chat is transferred and supervised. The visitor never sees the notes that agents write.

use engine::store::TransferTarget;
use protocol::{
    chat::{Body, ChatEvent},
    notice::Notice,
    visitor::{FromVisitor, ToVisitor},
};

use crate::{
    client_ext::{AgentExt, VisitorExt, with_deadline},
    test_server::TestServer,
};

/// Covers D9 over a real socket: no frame sent to the visitor contains the canary, not even after the visitor
/// reconnects.
#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_with_whispers_shows_the_visitor_only_the_new_agent() {
    let server = TestServer::start().await;
    let (ann, ben, cara) = (server.sign_in("ann").await, server.sign_in("ben").await, server.sign_in("cara").await);
    let (mut bens, mut caras) = (server.dashboard(&ben).await, server.dashboard(&cara).await);
    let mut visitor = server.visitor("/boots").await;
    visitor.send_frame(&FromVisitor::AskForPerson).await.unwrap();
    let chat = visitor.until("the chat", |visitor| visitor.chat.as_ref().map(|chat| chat.id)).await;
    server.engine.claim(&ben.me, chat).await.unwrap();

    // Ann observes the chat and whispers to Ben.
    let mut anns = server.dashboard(&ann).await;
    anns.open_chat(chat).await.unwrap();
    let reads =
        |agent: &load::Agent| agent.readers.get(&chat).filter(|readers| **readers == [ann.me.agent]).map(|_| ());
    bens.until("Ann as an observer", reads).await;
    server.engine.add_note(&ann.me, chat, "canary: offer ten percent off", true).await.unwrap();
    let whisper = |notice: &Notice| matches!(notice, Notice::Whispered { by, .. } if *by == ann.me.agent);
    bens.until("the whisper", |agent| agent.notices.iter().any(whisper).then_some(())).await;

    // Ben transfers the chat to Cara.
    let to = TransferTarget::Agent { agent: cara.me.agent, insist: false };
    server.engine.hand_over(&ben.me, chat, ben.me.agent, to, "canary: in a hurry").await.unwrap();
    let handed = |notice: &Notice| matches!(notice, Notice::HandedOver { from, .. } if *from == ben.me.agent);
    caras.until("the chat", |agent| agent.notices.iter().any(handed).then_some(())).await;
    caras.open_chat(chat).await.unwrap();
    caras.until("both notes", |agent| (agent.notes.get(&chat)?.len() == 2).then_some(())).await;
    let line = Body::Event(ChatEvent::HandedOver { from: ben.me.agent, to: cara.me.agent });
    caras
        .until("transfer", |agent| agent.entries.get(&chat)?.iter().any(|entry| entry.body == line).then_some(()))
        .await;

    let mut frames = String::new();
    visitor.send_frame(&FromVisitor::Heartbeat).await.unwrap();
    let mut drain_frames = async |visitor: &mut load::Visitor| {
        with_deadline("the visitor's frames", async {
            loop {
                let frame = visitor.next().await.unwrap();
                frames.push_str(&format!("{frame:?}"));
                if matches!(frame, ToVisitor::Heartbeat { .. }) {
                    return;
                }
            }
        })
        .await;
    };
    drain_frames(&mut visitor).await;
    let token = visitor.token();
    let mut again = server.tab("/packs", Some(token)).await;
    again.send_frame(&FromVisitor::Resume(0)).await.unwrap();
    again.send_frame(&FromVisitor::Heartbeat).await.unwrap();
    drain_frames(&mut again).await;
    assert!(again.entries.iter().any(|entry| entry.body == line));
    assert_eq!(again.chat.as_ref().unwrap().agent.as_ref().unwrap().name, "Cara");
    assert!(frames.contains("HandedOver") && !frames.contains("canary"), "{frames}");
}
