//! Tests for the message form, which visitors use to leave their contact details when no agent is available.

use protocol::{
    chat::{Body, ChatEvent, ChatState},
    contact::ContactRequest,
    refusal::Refusal,
    status::Status,
};

use super::*;

async fn leaves(connection: &mut VisitorConnection, name: &str, email: &str) {
    connection
        .handle_frame(FromVisitor::LeaveContact { name: name.into(), email: email.into() })
        .await
        .expect("frame accepted");
}

async fn is_offered_the_form(connection: &mut VisitorConnection) {
    connection
        .wait_for(|frame| match frame {
            ToVisitor::Chat(Some(chat)) => (chat.contact == ContactRequest::Requested).then_some(()),
            _ => None,
        })
        .await;
}

async fn refused(connection: &mut VisitorConnection) -> Refusal {
    connection.wait_for(|frame| if let ToVisitor::Refused { refusal, .. } = frame { Some(refusal) } else { None }).await
}

#[tokio::test]
async fn visitor_who_leaves_an_email_becomes_a_message_for_agents() {
    let test = TestEngine::open(Timers { unclaimed_form: 50, grace: 20, ..Timers::default() }).await;
    let mut bob = test.dashboard(&test.bob).await;
    let (mut vera, welcome) = test.tab(None).await;
    let visit = vera.visit();
    vera.send_message("Do you ship to Norway?").await;
    let (chat, _) = bob.wait_for_notice(waiting).await;
    is_offered_the_form(&mut vera).await;
    leaves(&mut vera, " Vera Lind ", "Vera@Home.TEST").await;
    let row = test.wait_for_row(visit, |row| row.name.is_some()).await;
    assert_eq!(
        (row.name.as_deref(), row.chat.map(|chat| chat.contact)),
        (Some("Vera Lind"), Some(ContactRequest::Provided))
    );
    // Leaving the same email address again does not add an entry.
    leaves(&mut vera, "", "Vera@home.test").await;
    vera.receive_pending().await;
    drop(vera);
    test.wait_for_row(visit, |row| row.left_at.is_some()).await;
    assert_eq!(test.status(visit).await, Some(Status::Unclaimed));

    test.engine.claim(&test.bob, chat).await.expect("claimed");
    let known = bob.wait_for(|frame| if let ToAgent::Chat(chat) = frame { Some(chat) } else { None }).await;
    assert_eq!(
        (known.visitor_name.as_deref(), known.visitor_email.as_deref()),
        (Some("Vera Lind"), Some("Vera@home.test"))
    );
    test.engine.end(&test.bob, chat).await.expect("ended");
    let entries = test.engine.entries(&test.bob, chat, 0).await.expect("entries read");
    let left = entries.iter().filter(|entry| entry.body == Body::Event(ChatEvent::ContactLeft));
    assert_eq!(left.count(), 1, "{entries:?}");
    // When the visitor returns, the board shows the name they left.
    let (back, _) = test.tab(Some(welcome.token)).await;
    assert_eq!(test.row(back.visit()).await.and_then(|row| row.name).as_deref(), Some("Vera Lind"));
}

/// Covers A14, A15, B8, and B9: invalid names and email addresses, and messages that are empty or too long.
#[tokio::test]
async fn invalid_contact_is_refused_and_not_stored() {
    let test = TestEngine::open(Timers { unclaimed_form: 50, ..Timers::default() }).await;
    let (mut vera, _) = test.tab(None).await;
    leaves(&mut vera, "", "vera@home.test").await;
    assert_eq!(refused(&mut vera).await, Refusal::ChatEnded, "there is no chat");
    vera.handle_frame(FromVisitor::AskForPerson).await.expect("frame accepted");
    leaves(&mut vera, "", "vera@home.test").await;
    assert_eq!(refused(&mut vera).await, Refusal::Empty, "there is no message");
    vera.send_message("\u{200b} ").await;
    assert_eq!(refused(&mut vera).await, Refusal::Empty);
    vera.send_message(&"x".repeat(4_001)).await;
    assert_eq!(refused(&mut vera).await, Refusal::TooLong { limit: 4_000 });
    vera.send_message("Hello?").await;
    for email in ["", "vera", "a@b\r\nBcc: x@y.test", "a@b.test\nBcc: x@y.test", "a@b.test,c@d.test"] {
        leaves(&mut vera, "", email).await;
        assert_eq!(refused(&mut vera).await, Refusal::NotAnEmail, "{email}");
    }
    leaves(&mut vera, &"n".repeat(121), "vera@home.test").await;
    assert_eq!(refused(&mut vera).await, Refusal::TooLong { limit: 120 });
    assert_eq!(test.row(vera.visit()).await.and_then(|row| row.name), None);

    leaves(&mut vera, "\0\u{1b}[2JVe\r\nra", "vera@home.test").await;
    let row = test.wait_for_row(vera.visit(), |row| row.name.is_some()).await;
    assert_eq!(row.name.as_deref(), Some("[2JVera"));
}

#[tokio::test]
async fn claiming_withdraws_the_message_form_and_a_restart_does_not() {
    let timers = || Timers { unclaimed_form: 50, ..Timers::default() };
    let test = TestEngine::open(timers()).await;
    let (mut vera, welcome) = test.tab(None).await;
    vera.send_message("Hello?").await;
    is_offered_the_form(&mut vera).await;
    drop(vera);
    let test = test.restart(Timers::default()).await;
    let (mut vera, _) = test.tab(Some(welcome.token)).await;
    is_offered_the_form(&mut vera).await;
    let chat = test.row(vera.visit()).await.and_then(|row| row.chat).expect("chat exists").id;
    test.engine.claim(&test.ann, chat).await.expect("claimed");
    let contact = vera.wait_for(|frame| match frame {
        ToVisitor::Chat(Some(chat)) if chat.state == ChatState::InProgress => Some(chat.contact),
        _ => None,
    });
    assert_eq!(contact.await, ContactRequest::NotRequested);
}
