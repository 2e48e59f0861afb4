//! Who is blocked: nothing is open with him any more, no tab of his comes in, and it ends by itself.

use protocol::{chat::ChatState, refusal::Refusal};

use super::*;

impl House {
    /// The visitor of a token tries to come.
    async fn comes(&self, token: &VisitorToken) -> Result<VisitorConnection, CloseReason> {
        self.says_hello(self.a_hello(Some(token.clone()))).await
    }
}

#[tokio::test]
async fn every_tab_goes_and_none_comes_until_it_is_lifted_whatever_is_restarted() {
    let house = House::open(Timers::default()).await;
    let (mut vera, welcome) = house.tab(None).await;
    let (mut other_tab, _) = house.tab(Some(welcome.token.clone())).await;
    let (visit, visitor) = (vera.visit(), vera.visitor);
    let chat = house.chat(&mut vera).await;
    house.engine.block(&house.ann, visitor, None).await.expect("blocked");
    assert_eq!((vera.end().await, other_tab.end().await), (CloseReason::Blocked, CloseReason::Blocked));
    assert_eq!(house.row(visit).await, None, "he leaves the board");
    let ended = house.engine.chat_of(&house.ann, chat).await.expect("a chat");
    assert_eq!(ended.state, ChatState::Ended);
    // What was on its way is not taken any more.
    vera.says("one more word").await;
    other_tab.handle_frame(FromVisitor::AskForPerson).await.expect("heard");
    assert_eq!(texts(&house.engine.entries(&house.ann, chat, 0).await.expect("entries")), Vec::<&str>::new());
    assert!(house.engine.store().live_chats().await.expect("chats").is_empty());
    assert_eq!(house.comes(&welcome.token).await.err(), Some(CloseReason::Blocked));
    let house = house.restarts(Timers::default()).await;
    assert_eq!(house.comes(&welcome.token).await.err(), Some(CloseReason::Blocked));
    house.tab(None).await;
    house.engine.lift_block(&house.bob, visitor).await.expect("lifted");
    assert_eq!(house.comes(&welcome.token).await.expect("a connection").visitor, visitor);
    assert_eq!(house.engine.lift_block(&house.bob, visitor).await, Err(Refusal::NotFound), "there is none any more");
}

#[tokio::test]
async fn it_ends_by_itself_and_an_open_invitation_with_it() {
    let house = House::open(Timers::default()).await;
    let (mut vera, welcome) = house.tab(None).await;
    let visitor = vera.visitor;
    house.engine.invite(&house.ann, vera.visit(), "May I help?".into()).await.expect("invited");
    house.engine.block(&house.bob, visitor, Some(300)).await.expect("blocked");
    assert_eq!(vera.end().await, CloseReason::Blocked);
    let beside = house.engine.beside(&house.ann, vera.visit()).await.expect("told").known.expect("known");
    assert_eq!(beside.invitations[0].state, protocol::invitation::InvitationState::Withdrawn);
    assert!(beside.visitor.block.is_some_and(|block| block.by == house.bob.agent && block.until.is_some()));
    let back = tokio::time::timeout(LIMIT, async {
        loop {
            if let Ok(connection) = house.comes(&welcome.token).await {
                return connection;
            }
            tokio::task::yield_now().await;
        }
    });
    assert_eq!(back.await.expect("it ends").visitor, visitor);
}

#[tokio::test]
async fn who_is_in_a_colleagues_chat_is_blocked_by_who_supervises_and_a_stranger_by_nobody() {
    let house = House::open(Timers::default()).await;
    let (mut vera, _) = house.tab(None).await;
    let (silent, _) = house.tab(None).await;
    house.chat(&mut vera).await;
    assert_eq!(house.engine.block(&house.bob, vera.visitor, None).await, Err(Refusal::Forbidden));
    vera.says("I am still here").await;
    let boss = Principal { role: Role::Supervisor, ..house.bob.clone() };
    house.engine.block(&boss, vera.visitor, None).await.expect("blocked");
    assert_eq!(vera.end().await, CloseReason::Blocked);
    let nobody = protocol::id::VisitorId(Uuid::now_v7());
    assert_eq!(house.engine.block(&boss, nobody, None).await, Err(Refusal::NotFound));
    // One who has said nothing yet is remembered for it.
    house.engine.block(&house.bob, silent.visitor, Some(60_000)).await.expect("blocked");
    assert!(house.engine.visitor_facts(&house.ann, silent.visitor).await.expect("known").visitor.block.is_some());
}
