//! Tests for what the audit log records about reading: other agents' chats, files, and what is known about a visitor.

use protocol::refusal::Refusal;

use super::*;
use crate::{UploadStart, store::AuditFilter};

impl TestEngine {
    /// Returns what was read, oldest first: who read it, which action it was, and the details.
    async fn reads(&self) -> Vec<(String, String, String)> {
        let lines = self.engine.audit(&self.dora, AuditFilter::default(), 1_000).await.expect("audit log read");
        let reads = lines.into_iter().rev().filter(|line| line.action.ends_with(".read"));
        reads.map(|line| (line.agent_name, line.action, line.detail)).collect()
    }

    async fn open_in_dashboard(&self, who: &Principal, chat: ChatId) {
        let mut dashboard = self.dashboard(who).await;
        dashboard.receive_pending().await;
        dashboard.handle_frame(FromAgent::Open { chat, head: 0 }).await.expect("frame accepted");
    }
}

fn line(who: &Principal, action: &str, detail: &str) -> (String, String, String) {
    (who.name.clone(), action.into(), detail.into())
}

#[tokio::test]
async fn reading_a_chat_of_others_is_recorded_once_an_hour() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, _) = test.tab(None).await;
    vera.handle_frame(FromVisitor::AskForPerson).await.expect("frame accepted");
    let chat = test.row(vera.visit()).await.and_then(|row| row.chat).expect("chat exists").id;
    test.open_in_dashboard(&test.bob, chat).await;
    test.engine.claim(&test.ann, chat).await.expect("claimed");
    test.open_in_dashboard(&test.ann, chat).await;
    assert_eq!(test.reads().await, [], "a waiting chat is nobody's, and the agent's own is their own");
    for _ in 0..3 {
        test.open_in_dashboard(&test.dora, chat).await;
        test.engine.entries(&test.dora, chat, 0).await.expect("entries read");
    }
    assert_eq!(test.reads().await, [line(&test.dora, "chat.read", "in progress")]);
    assert_eq!(test.engine.entries(&test.bob, chat, 0).await.err(), Some(Refusal::NotFound));
    test.engine.end(&test.ann, chat).await.expect("ended");
    for who in [&test.ann, &test.bob, &test.bob] {
        for after in 0..3 {
            test.engine.transcript(who, chat, after, 1).await.expect("transcript read");
            test.engine.past_notes(who, chat).await.expect("notes read");
        }
    }
    let expected = [line(&test.dora, "chat.read", "in progress"), line(&test.bob, "chat.read", "ended")];
    assert_eq!(test.reads().await, expected, "neither paging nor a refused attempt adds a line");
}

#[tokio::test]
async fn files_and_visitors_that_agents_open_are_recorded() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, welcome) = test.tab(None).await;
    let chat = test.chat(&mut vera).await;
    let client_id = ClientId(Uuid::now_v7());
    let upload = test.engine.begin_visitor_upload(&welcome.token, client_id, "a.txt", HOME).await.expect("accepted");
    let UploadStart::Accepted(mut upload) = upload else { panic!("not sent before") };
    upload.take(b"a text in a file").await.expect("received");
    let Body::File(card) = upload.end().await.expect("stored").entry.body else { panic!("a file") };
    let file = card.id().expect("file id");
    for _ in 0..3 {
        test.engine.file(&test.ann, file).await.expect("opened");
        test.engine.file(&test.dora, file).await.expect("opened");
        test.engine.visitor_panel(&test.bob, vera.visit()).await.expect("panel read");
        test.engine.visitor_facts(&test.bob, vera.visitor).await.expect("facts read");
    }
    assert_eq!(test.engine.file(&test.bob, file).await.err(), Some(Refusal::NotFound));
    let expected =
        [line(&test.ann, "file.read", ""), line(&test.dora, "file.read", ""), line(&test.bob, "visitor.read", "")];
    let mut reads = test.reads().await;
    reads.sort();
    let mut expected = expected.to_vec();
    expected.sort();
    assert_eq!(reads, expected);
    test.engine.export_visitor(&test.dora, vera.visitor).await.expect("exported");
    let lines = test.engine.audit(&test.dora, AuditFilter::default(), 1).await.expect("audit log read");
    assert_eq!((lines[0].action.as_str(), lines[0].target.clone()), ("export.visitor", vera.visitor.to_string()));
    test.engine.end(&test.ann, chat).await.expect("ended");
}

/// Plants canaries in everything that writes a line about a visitor, including while the visitor is being erased.
#[tokio::test]
async fn no_line_names_an_erased_visitor() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, _) = test.tab(None).await;
    let chat = test.chat(&mut vera).await;
    let (visitor, engine) = (vera.visitor, &test.engine);
    vera.send_message("canary-message").await;
    engine.name_visitor(&test.ann, visitor, "canary-name", "canary@shop.test").await.expect("named");
    engine.note_on_visitor(&test.ann, visitor, "canary-note").await.expect("noted");
    engine.visitor_facts(&test.bob, visitor).await.expect("facts read");
    engine.transcript(&test.dora, chat, 0, 9).await.expect("transcript read");
    engine.end(&test.ann, chat).await.expect("ended");
    engine.transcript(&test.bob, chat, 0, 9).await.expect("transcript read");
    engine.export_visitor(&test.dora, visitor).await.expect("exported");
    let filter = crate::store::HistoryFilter {
        visitor: Some(visitor),
        ..engine.history_filter(&test.dora).await.expect("filter made")
    };
    engine.export(&test.dora, filter, "chats.csv").await.expect("exported");
    engine.block(&test.dora, visitor, None).await.expect("blocked");
    engine.lift_block(&test.dora, visitor).await.expect("lifted");
    let lines = engine.audit(&test.dora, AuditFilter::default(), 1_000).await.expect("audit log read");
    let about_vera = lines.iter().filter(|line| line.target.contains(&visitor.to_string())).count();
    assert!(about_vera >= 6, "{lines:?}");
    let expected = lines.len() + 1;

    engine.visitor_facts(&test.ann, visitor).await.expect("facts read");
    engine.erase_visitor(&test.dora, visitor).await.expect("erased");
    let lines = engine.audit(&test.dora, AuditFilter::default(), 1_000).await.expect("audit log read");
    assert!(lines.len() >= expected, "the lines themselves remain");
    let ids = [visitor.to_string(), chat.to_string()];
    for line in &lines {
        let text = format!("{line:?}");
        assert!(!text.contains("canary") && ids.iter().all(|id| !text.contains(id.as_str())), "{text}");
    }
    for id in ids {
        assert!(!test.database.contains_text(&id).await, "{id} must not be in any column either");
    }
}
