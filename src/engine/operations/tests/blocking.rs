//! Tests for blocked visitors: their open chats and invitations end, their tabs are refused, and temporary blocks
//! expire.

use protocol::{chat::ChatState, refusal::Refusal};

use super::*;

impl TestEngine {
    /// Tries to connect a tab with the visitor's token.
    async fn reconnect(&self, token: &VisitorToken) -> Result<VisitorConnection, CloseReason> {
        self.connect(self.hello_from(Some(token.clone()))).await
    }
}

#[tokio::test]
async fn block_closes_every_tab_and_lasts_across_restarts_until_lifted() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, welcome) = test.tab(None).await;
    let (mut other_tab, _) = test.tab(Some(welcome.token.clone())).await;
    let (visit, visitor) = (vera.visit(), vera.visitor);
    let chat = test.chat(&mut vera).await;
    test.engine.block(&test.ann, visitor, None).await.expect("blocked");
    assert_eq!((vera.end().await, other_tab.end().await), (CloseReason::Blocked, CloseReason::Blocked));
    assert_eq!(test.row(visit).await, None, "the row is removed from the board");
    let ended = test.engine.chat_of(&test.ann, chat).await.expect("chat exists");
    assert_eq!(ended.state, ChatState::Ended);
    // Frames that arrive after the block are ignored.
    vera.send_message("one more word").await;
    other_tab.handle_frame(FromVisitor::AskForPerson).await.expect("frame accepted");
    assert_eq!(texts(&test.engine.entries(&test.ann, chat, 0).await.expect("entries read")), Vec::<&str>::new());
    assert!(test.engine.store().live_chats().await.expect("chats read").is_empty());
    assert_eq!(test.reconnect(&welcome.token).await.err(), Some(CloseReason::Blocked));
    let test = test.restart(Timers::default()).await;
    assert_eq!(test.reconnect(&welcome.token).await.err(), Some(CloseReason::Blocked));
    test.tab(None).await;
    test.engine.lift_block(&test.bob, visitor).await.expect("lifted");
    assert_eq!(test.reconnect(&welcome.token).await.expect("connected").visitor, visitor);
    assert_eq!(test.engine.lift_block(&test.bob, visitor).await, Err(Refusal::NotFound), "the block no longer exists");
}

#[tokio::test]
async fn temporary_block_expires_and_closes_an_open_invitation() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, welcome) = test.tab(None).await;
    let visitor = vera.visitor;
    test.engine.invite(&test.ann, vera.visit(), "How can I help?".into()).await.expect("invited");
    test.engine.block(&test.bob, visitor, Some(300)).await.expect("blocked");
    assert_eq!(vera.end().await, CloseReason::Blocked);
    let panel = test.engine.visitor_panel(&test.ann, vera.visit()).await.expect("panel read").known.expect("known");
    assert_eq!(panel.invitations[0].state, protocol::invitation::InvitationState::Withdrawn);
    assert!(panel.visitor.block.is_some_and(|block| block.by == test.bob.agent && block.until.is_some()));
    let back = tokio::time::timeout(LIMIT, async {
        loop {
            if let Ok(connection) = test.reconnect(&welcome.token).await {
                return connection;
            }
            tokio::task::yield_now().await;
        }
    });
    assert_eq!(back.await.expect("the block expired in time").visitor, visitor);
}

#[tokio::test]
async fn visitor_in_a_colleagues_chat_is_blocked_by_supervisors_only() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, _) = test.tab(None).await;
    let (silent, _) = test.tab(None).await;
    test.chat(&mut vera).await;
    assert_eq!(test.engine.block(&test.bob, vera.visitor, None).await, Err(Refusal::Forbidden));
    vera.send_message("I am still here").await;
    let boss = Principal { role: Role::Supervisor, ..test.bob.clone() };
    test.engine.block(&boss, vera.visitor, None).await.expect("blocked");
    assert_eq!(vera.end().await, CloseReason::Blocked);
    let nobody = protocol::id::VisitorId(Uuid::now_v7());
    assert_eq!(test.engine.block(&boss, nobody, None).await, Err(Refusal::NotFound));
    // Blocking a visitor who is not stored yet also stores them.
    test.engine.block(&test.bob, silent.visitor, Some(60_000)).await.expect("blocked");
    assert!(test.engine.visitor_facts(&test.ann, silent.visitor).await.expect("known").visitor.block.is_some());
}
