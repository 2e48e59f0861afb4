//! Tests for the bytes that visitors may write per day, and for the minimum free disk space.

use protocol::{chat::Author, refusal::Refusal};

use super::{
    visitor_limits::{Answered, answered, refusal_of},
    *,
};
use crate::{UploadStart, limits::daily_bytes::BYTES_OF_A_ROW, store::StoreError};

/// A text that takes 10,000 bytes as a message.
fn long_text() -> String {
    "𝒳".repeat((10_000 - BYTES_OF_A_ROW as usize) / 4)
}

fn few_bytes(address: u64, organization: u64) -> VisitorLimits {
    VisitorLimits {
        bytes_per_address_and_day: address,
        bytes_per_organization_and_day: organization,
        messages_per_ten_seconds: 1_000,
        messages_per_hour: 1_000,
        ..VisitorLimits::default()
    }
}

async fn upload(test: &TestEngine, token: &VisitorToken, bytes: usize) -> Result<(), Refusal> {
    let name = ClientId(Uuid::now_v7());
    match test.engine.begin_visitor_upload(token, name, "a.txt", HOME).await? {
        UploadStart::AlreadySent(_) => Ok(()),
        UploadStart::Accepted(mut upload) => {
            for _ in 0..bytes / 1_000 {
                upload.take(&[b'x'; 1_000]).await?;
            }
            upload.end().await.map(drop)
        }
    }
}

impl TestEngine {
    async fn stored_page_views(&self, visit: VisitId) -> Result<usize, StoreError> {
        self.engine.flush_page_views().await;
        let pages = self.engine.store().page_views(self.ann.organization, visit).await?;
        Ok(pages.len())
    }

    async fn is_stored(&self, token: &VisitorToken) -> bool {
        self.engine.visitor_of(token).await.expect("looked up").is_some()
    }
}

#[tokio::test]
async fn bytes_of_one_address_are_limited_whoever_writes_them() {
    let test = TestEngine::open(Timers::default()).await.with_visitor_limits(few_bytes(100_000, 0)).await;
    let mut stored = Vec::new();
    let refused = 'all: loop {
        // Each visitor writes little.
        let (mut visitor, _) = test.tab(None).await;
        for _ in 0..3 {
            let name = visitor.send_message(&long_text()).await;
            match answered(&mut visitor, name).await {
                Answered::Stored => stored.push((visitor.visitor, name)),
                Answered::Refused(refusal) => break 'all (refusal, visitor, name),
            }
        }
        assert!(stored.len() < 20, "never refused");
    };
    let (refusal, visitor, name) = refused;
    assert_eq!(stored.len(), 9, "of about 100,000 bytes; the chats take some as well");
    // 10,000 bytes take a tenth of a day to refill, and some are left.
    assert!(matches!(refusal, Refusal::TooMany { retry_after: 1..=8_640 }), "{refusal:?}");
    // Nothing was stored, so the same message may be sent again later.
    let found = test.engine.store().chat_of_message(visitor.visitor, name).await.expect("looked up");
    assert_eq!(found, None);
    // In this tab, later messages wait for it. A short message from another visitor still fits.
    let (mut other, _) = test.tab(None).await;
    let short = other.send_message("still fits").await;
    assert_eq!(answered(&mut other, short).await, Answered::Stored);
    // A stored message may be sent again, because its acknowledgment may have been lost.
    let (mut first, welcome) = test.tab(None).await;
    let once = first.send_message("a").await;
    answered(&mut first, once).await;
    while !matches!(answered_next(&mut first).await, Answered::Refused(_)) {}
    let again = FromVisitor::SendMessage { client_id: once, text: "a".into() };
    first.handle_frame(again).await.expect("frame accepted");
    assert_eq!(answered(&mut first, once).await, Answered::Stored);
    let refused = upload(&test, &welcome.token, 1_000).await;
    assert!(matches!(refused, Err(Refusal::TooMany { .. })), "{refused:?}");
    // Agents' messages are not counted.
    let chat = test.row(first.visit()).await.and_then(|row| row.chat).expect("chat exists").id;
    test.engine.claim(&test.ann, chat).await.expect("claimed");
    let mut ann = test.dashboard(&test.ann).await;
    ann.handle_frame(FromAgent::SendMessage { chat, client_id: name, text: long_text() })
        .await
        .expect("frame accepted");
    ann.wait_for(|frame| matches!(frame, ToAgent::Acknowledged { client_id, .. } if client_id == name).then_some(()))
        .await;
}

async fn answered_next(visitor: &mut VisitorConnection) -> Answered {
    let name = visitor.send_message("aa").await;
    answered(visitor, name).await
}

#[tokio::test]
async fn files_and_page_views_of_an_organization_are_limited_and_messages_still_arrive() {
    let test = TestEngine::open(Timers::default()).await.with_visitor_limits(few_bytes(0, 100_000)).await;
    let (mut vera, welcome) = test.tab(None).await;
    vera.handle_frame(FromVisitor::Interacted).await.expect("frame accepted");
    assert_eq!(test.stored_page_views(vera.visit()).await.expect("stored"), 1);
    for _ in 0..3 {
        assert_eq!(upload(&test, &welcome.token, 20_000).await, Ok(()));
    }
    let refused = upload(&test, &welcome.token, 20_000).await;
    assert!(matches!(refused, Err(Refusal::TooMany { retry_after: 1..=8_640 })), "{refused:?}");
    assert_eq!(upload(&test, &welcome.token, 18_000).await, Ok(()), "what was refused does not count");
    // Page views are not stored either, and neither are visitors who only look around.
    let (mut walt, of_walt) = test.tab(None).await;
    for _ in 0..4 {
        walt.handle_frame(FromVisitor::Interacted).await.expect("frame accepted");
        let long = Page { url: format!("https://shop.test/{}", "x".repeat(2_000)), title: "x".repeat(300) };
        vera.handle_frame(FromVisitor::Page(long)).await.expect("frame accepted");
    }
    tokio::time::timeout(LIMIT, async {
        while test.engine.hub(test.ann.organization).page_views(vera.visit()).await.is_none_or(|all| all.len() < 2) {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the page is seen");
    assert_eq!(test.stored_page_views(vera.visit()).await.expect("stored"), 1);
    assert!(!test.is_stored(&of_walt.token).await);
    // The rest is reserved for messages.
    let name = walt.send_message(&long_text()).await;
    assert_eq!(answered(&mut walt, name).await, Answered::Stored);
    assert!(test.is_stored(&of_walt.token).await, "a visitor who writes is stored");
}

#[tokio::test]
async fn too_little_free_disk_refuses_what_visitors_write_and_nothing_of_agents() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, welcome) = test.tab(None).await;
    let chat = test.chat(&mut vera).await;
    let before = vera.send_message("before").await;
    assert_eq!(answered(&mut vera, before).await, Answered::Stored);
    test.engine.inner.free_disk.record(FREE_DISK - 1);

    let name = vera.send_message("Hello").await;
    assert_eq!(answered(&mut vera, name).await, Answered::Refused(Refusal::StorageFull));
    let again = FromVisitor::SendMessage { client_id: before, text: "before".into() };
    vera.handle_frame(again).await.expect("frame accepted");
    assert_eq!(answered(&mut vera, before).await, Answered::Stored, "its acknowledgment was lost");
    assert_eq!(upload(&test, &welcome.token, 1_000).await, Err(Refusal::StorageFull));
    vera.handle_frame(FromVisitor::LeaveContact { name: "V".into(), email: "v@shop.test".into() })
        .await
        .expect("frame accepted");
    assert_eq!(refusal_of(&mut vera).await, Refusal::StorageFull);
    let (mut walt, of_walt) = test.tab(None).await;
    walt.handle_frame(FromVisitor::Interacted).await.expect("frame accepted");
    walt.handle_frame(FromVisitor::AskForPerson).await.expect("frame accepted");
    assert_eq!(refusal_of(&mut walt).await, Refusal::StorageFull);
    assert!(!test.is_stored(&of_walt.token).await);
    assert_eq!(test.stored_page_views(vera.visit()).await.expect("stored"), 0);

    let mut ann = test.dashboard(&test.ann).await;
    let reply = ClientId(Uuid::now_v7());
    ann.handle_frame(FromAgent::SendMessage { chat, client_id: reply, text: "One moment".into() })
        .await
        .expect("frame accepted");
    ann.wait_for(|frame| matches!(frame, ToAgent::Acknowledged { client_id, .. } if client_id == reply).then_some(()))
        .await;
    let upload_of_ann = test.engine.begin_agent_upload(&test.ann, chat, ClientId(Uuid::now_v7()), "a.txt").await;
    let Ok(UploadStart::Accepted(mut of_ann)) = upload_of_ann else { panic!("refused") };
    of_ann.take(b"text").await.expect("taken");
    let sent = of_ann.end().await.expect("sent");
    assert_eq!(sent.entry.author, Author::Agent(test.ann.agent));

    // Once there is a little more than the minimum, it continues.
    test.engine.inner.free_disk.record(2 * FREE_DISK);
    let again = FromVisitor::SendMessage { client_id: name, text: "Hello".into() };
    vera.handle_frame(again).await.expect("frame accepted");
    assert_eq!(answered(&mut vera, name).await, Answered::Stored);
    assert_eq!(upload(&test, &welcome.token, 1_000).await, Ok(()));
    walt.handle_frame(FromVisitor::Interacted).await.expect("frame accepted");
    assert!(test.is_stored(&of_walt.token).await);
}

#[tokio::test]
async fn contact_details_are_counted_like_messages() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, _) = test.tab(None).await;
    let name = vera.send_message("Hello").await;
    assert_eq!(answered(&mut vera, name).await, Answered::Stored);
    for number in 0..20 {
        let email = format!("v{number}@shop.test");
        vera.handle_frame(FromVisitor::LeaveContact { name: String::new(), email }).await.expect("frame accepted");
    }
    let refused = refusal_of(&mut vera).await;
    assert!(matches!(refused, Refusal::TooMany { retry_after: 1..=10 }), "{refused:?}");
}
