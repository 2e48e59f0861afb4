//! Tests for chats on the board: their timers, and whether their agents are connected.

use protocol::{
    chat::{AgentConnectivity, BoardChat, ChatState},
    contact::ContactRequest,
    id::{AgentId, ChatId},
    status::Status,
};

use super::{
    super::event::{Due, Event},
    MINUTE, SECOND, SEEN, Story, arrival, chat, id,
};

/// Covers scenario 8: the chat is first reserved, then goes to the team.
#[test]
fn expired_reservation_returns_the_chat_to_the_team_with_a_reminder() {
    let mut story = Story::begin();
    let visitor = story.arrive(arrival(1, 1)).visitor;
    let reserved = BoardChat {
        reserved_for: Some(AgentId(id(60))),
        reserved_until: Some(20 * SECOND),
        ..chat(ChatState::Unclaimed, 1)
    };
    story.apply(Event::Chat { visitor, chat: reserved, head: 1, last_word_at: 0 });
    assert_eq!(story.status(), Status::Unclaimed);
    story.wait(20 * SECOND);
    assert_eq!(story.dues, [Due::Unreserve(ChatId(id(70)))]);
    // The database increments the version.
    story.apply(Event::Chat { visitor, chat: chat(ChatState::Unclaimed, 2), head: 1, last_word_at: 0 });
    story.wait(10 * SECOND - 1);
    assert_eq!(story.dues.len(), 1);
    story.wait(1).wait(50 * SECOND);
    assert_eq!(story.dues[1..], [Due::RemindTeam(ChatId(id(70)))], "reported once");
}

/// Covers scenario 9: an agent loses the connection during a chat.
#[test]
fn disconnected_agent_becomes_reconnecting_then_lost_then_replaced() {
    let mut story = Story::begin();
    let agent = AgentId(id(60));
    let visitor = story.arrive(arrival(1, 1)).visitor;
    story.apply(Event::AgentArrived { agent, connection: 90 });
    story.apply(Event::AgentArrived { agent, connection: 91 });
    story.apply(Event::Chat { visitor, chat: chat(ChatState::InProgress, 2), head: 2, last_word_at: 0 });
    story.apply(Event::AgentGone { agent, connection: 90 });
    story.wait(MINUTE);
    assert_eq!(story.dues, [], "another dashboard is connected");
    story.apply(Event::AgentGone { agent, connection: 91 });
    let link = |story: &Story| story.row().chat.expect("chat exists").link;
    assert_eq!(link(story.wait(20 * SECOND - 1)), AgentConnectivity::Ok);
    assert_eq!(link(story.wait(1)), AgentConnectivity::Reconnecting);
    assert_eq!(link(story.wait(40 * SECOND)), AgentConnectivity::Lost);
    story.wait(120 * SECOND);
    assert_eq!(story.dues.last(), Some(&Due::ReturnToTeam(ChatId(id(70)), agent)));
    story.apply(Event::AgentArrived { agent, connection: 92 });
    assert_eq!(link(&story), AgentConnectivity::Ok);
    assert!(matches!(
        story.dues.last(),
        Some(Due::LinkChanged { from: AgentConnectivity::Lost, to: AgentConnectivity::Ok, .. })
    ));
}

#[test]
fn chat_in_progress_keeps_its_row_and_ends_when_silent() {
    let mut story = Story::begin();
    let agent = AgentId(id(60));
    let visitor = story.arrive(arrival(1, 1)).visitor;
    story.apply(Event::AgentArrived { agent, connection: 90 });
    story.apply(Event::Chat { visitor, chat: chat(ChatState::InProgress, 2), head: 2, last_word_at: 0 });
    story.apply(Event::TabGone { connection: 1 });
    assert_eq!(story.wait(10 * MINUTE).status(), Status::InProgress);
    assert_eq!(story.dues, [Due::VisitorLeft(ChatId(id(70)))]);
    story.arrive(arrival(2, 1));
    assert_eq!(story.dues[1..], [Due::VisitorBack(ChatId(id(70)))]);
    story.wait(20 * MINUTE);
    assert_eq!(story.dues[2..], [Due::EndSilent(ChatId(id(70)))]);
    story.apply(Event::Chat { visitor, chat: chat(ChatState::Ended, 3), head: 3, last_word_at: 0 });
    story.activity(2, SEEN);
    assert_eq!(story.status(), Status::Online);
    assert_eq!(story.wait(2 * MINUTE).row().chat, None);
}

/// Covers scenario 9: the returned chat keeps its previous place in the queue, and the team gets a reminder as it would
/// for any other chat.
#[test]
fn chat_returned_to_the_team_is_announced_again() {
    let mut story = Story::begin();
    let visitor = story.arrive(arrival(1, 1)).visitor;
    story.apply(Event::Chat { visitor, chat: chat(ChatState::InProgress, 2), head: 2, last_word_at: 0 });
    story.wait(180 * SECOND);
    assert!(story.dues.contains(&Due::ReturnToTeam(ChatId(id(70)), AgentId(id(60)))));
    story.apply(Event::Chat { visitor, chat: chat(ChatState::Unclaimed, 3), head: 3, last_word_at: story.now });
    story.dues.clear();
    story.wait(30 * SECOND);
    assert_eq!(story.dues, [Due::RemindTeam(ChatId(id(70)))]);
}

#[test]
fn leaving_an_unclaimed_chat_is_reported() {
    let mut story = Story::begin();
    let visitor = story.arrive(arrival(1, 1)).visitor;
    story.apply(Event::Chat { visitor, chat: chat(ChatState::Unclaimed, 1), head: 1, last_word_at: 0 });
    story.apply(Event::TabGone { connection: 1 });
    story.wait(15 * SECOND);
    assert_eq!(story.dues, [Due::Abandon(ChatId(id(70)))]);
    assert_eq!(story.status(), Status::Unclaimed, "unchanged until the database has recorded it");
    story.apply(Event::Chat { visitor, chat: chat(ChatState::Ended, 2), head: 2, last_word_at: 0 });
    assert_eq!(story.status(), Status::Ended);
}

/// If a chat has not been claimed after 90 s, the visitor is offered the message form.
#[test]
fn long_wait_offers_the_message_form_until_the_chat_is_claimed() {
    let mut story = Story::begin();
    let visitor = story.arrive(arrival(1, 1)).visitor;
    let form = Due::OfferForm(ChatId(id(70)));
    story.apply(Event::Chat { visitor, chat: chat(ChatState::Unclaimed, 1), head: 1, last_word_at: 0 });
    story.wait(90 * SECOND - 1);
    assert!(!story.dues.contains(&form));
    story.wait(1);
    assert!(story.dues.contains(&form));
    let offered = BoardChat { contact: ContactRequest::Requested, ..chat(ChatState::Unclaimed, 1) };
    story.apply(Event::Chat { visitor, chat: offered, head: 1, last_word_at: 0 });
    story.wait(MINUTE);
    assert_eq!(story.dues.iter().filter(|due| **due == form).count(), 1, "offered once");
    // When a lost agent's chat returns to the team, the wait starts over.
    story.apply(Event::Chat { visitor, chat: chat(ChatState::InProgress, 2), head: 2, last_word_at: story.now });
    story.apply(Event::Chat { visitor, chat: chat(ChatState::Unclaimed, 3), head: 3, last_word_at: story.now });
    story.dues.clear();
    story.wait(90 * SECOND - 1);
    assert!(!story.dues.contains(&form));
    story.wait(1);
    assert!(story.dues.contains(&form));
}

#[test]
fn unclaimed_chat_outlives_its_visitor_only_with_an_email() {
    for (contact, is_kept) in [(ContactRequest::Requested, false), (ContactRequest::Provided, true)] {
        let mut story = Story::begin();
        let visitor = story.arrive(arrival(1, 1)).visitor;
        let waits = BoardChat { contact, ..chat(ChatState::Unclaimed, 1) };
        story.apply(Event::Chat { visitor, chat: waits, head: 2, last_word_at: 0 });
        story.apply(Event::TabGone { connection: 1 });
        story.wait(15 * SECOND);
        assert_eq!(story.dues.contains(&Due::Abandon(ChatId(id(70)))), !is_kept, "{contact:?}");
        story.wait(24 * 60 * MINUTE);
        assert_eq!(story.dues.contains(&Due::EndSilent(ChatId(id(70)))), !is_kept, "{contact:?}");
        assert_eq!(story.status(), Status::Unclaimed);
    }
}
