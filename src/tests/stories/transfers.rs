//! A chat is handed on and supervised; what agents write beside it stays theirs.

use engine::store::To;
use protocol::{
    chat::{Body, ChatEvent},
    notice::Notice,
    visitor::{FromVisitor, ToVisitor},
};

use crate::{
    client_ext::{AgentExt, VisitorExt, soon},
    test_server::TestServer,
};

/// Security D9, over a real socket: the canary is in no frame of the visitor, nor after he comes back.
#[tokio::test(flavor = "multi_thread")]
async fn a_chat_is_handed_over_and_whispered_beside_and_the_visitor_reads_who_comes_and_nothing_else() {
    let server = TestServer::start().await;
    let (ann, ben, cara) = (server.signs_in("ann").await, server.signs_in("ben").await, server.signs_in("cara").await);
    let (mut bens, mut caras) = (server.dashboard(&ben).await, server.dashboard(&cara).await);
    let mut visitor = server.visitor("/boots").await;
    visitor.tell(&FromVisitor::AskForPerson).await.unwrap();
    let chat = visitor.until("the chat", |visitor| visitor.chat.as_ref().map(|chat| chat.id)).await;
    server.engine.claim(&ben.me, chat).await.unwrap();

    // Ann reads along, and whispers.
    let mut anns = server.dashboard(&ann).await;
    anns.opens(chat).await.unwrap();
    let reads =
        |agent: &load::Agent| agent.readers.get(&chat).filter(|readers| **readers == [ann.me.agent]).map(|_| ());
    bens.until("who reads along", reads).await;
    server.engine.add_note(&ann.me, chat, "canary: offer him ten percent", true).await.unwrap();
    let whisper = |notice: &Notice| matches!(notice, Notice::Whispered { by, .. } if *by == ann.me.agent);
    bens.until("the whisper", |agent| agent.notices.iter().any(whisper).then_some(())).await;

    // Ben hands it over to Cara.
    let to = To::Agent { agent: cara.me.agent, insist: false };
    server.engine.hand_over(&ben.me, chat, ben.me.agent, to, "canary: he is in a hurry").await.unwrap();
    let handed = |notice: &Notice| matches!(notice, Notice::HandedOver { from, .. } if *from == ben.me.agent);
    caras.until("the chat", |agent| agent.notices.iter().any(handed).then_some(())).await;
    caras.opens(chat).await.unwrap();
    caras.until("both notes", |agent| (agent.notes.get(&chat)?.len() == 2).then_some(())).await;
    let line = Body::Event(ChatEvent::HandedOver { from: ben.me.agent, to: cara.me.agent });
    caras
        .until("the line", |agent| agent.entries.get(&chat)?.iter().any(|entry| entry.body == line).then_some(()))
        .await;

    let mut frames = String::new();
    visitor.tell(&FromVisitor::Beat).await.unwrap();
    let mut hears = async |visitor: &mut load::Visitor| {
        soon("what the visitor hears", async {
            loop {
                let frame = visitor.next().await.unwrap();
                frames.push_str(&format!("{frame:?}"));
                if matches!(frame, ToVisitor::Beat { .. }) {
                    return;
                }
            }
        })
        .await;
    };
    hears(&mut visitor).await;
    let token = visitor.token();
    let mut again = server.tab("/packs", Some(token)).await;
    again.tell(&FromVisitor::Resume(0)).await.unwrap();
    again.tell(&FromVisitor::Beat).await.unwrap();
    hears(&mut again).await;
    assert!(again.entries.iter().any(|entry| entry.body == line));
    assert_eq!(again.chat.as_ref().unwrap().agent.as_ref().unwrap().name, "Cara");
    assert!(frames.contains("HandedOver") && !frames.contains("canary"), "{frames}");
}
