//! Tests for availability and idleness of agents across all of their dashboards.

use protocol::{
    availability::{Availability, AwayReason, Colleague},
    chat::ChatState,
    id::AgentId,
};

use super::{
    super::event::{AgentDue, Effect, Event},
    MINUTE, SECOND, Story, arrival, chat, id,
};

const ANN: AgentId = AgentId(uuid::Uuid::from_u128(60));

fn dues(effects: &[Effect]) -> Vec<AgentDue> {
    let due = |effect: &Effect| if let Effect::AgentDue { due, .. } = effect { Some(*due) } else { None };
    effects.iter().filter_map(due).collect()
}

fn colleagues(effects: &[Effect]) -> Vec<&Colleague> {
    let colleagues = effects.iter();
    colleagues.filter_map(|effect| if let Effect::Colleague(one) = effect { Some(one) } else { None }).collect()
}

fn tick(story: &mut Story, time: i64) -> Vec<Effect> {
    story.now += time;
    story.apply(Event::Tick)
}

#[test]
fn input_in_any_dashboard_keeps_an_agent_from_idling() {
    let mut story = Story::begin();
    story.apply(Event::AgentArrived { agent: ANN, connection: 90 });
    story.apply(Event::AgentArrived { agent: ANN, connection: 91 });
    assert_eq!(dues(&tick(&mut story, 9 * MINUTE)), []);
    story.apply(Event::AgentInput { agent: ANN });
    assert_eq!(dues(&tick(&mut story, 10 * MINUTE - 1)), []);
    assert_eq!(story.state.next_moment(), Some(story.now + 1));
    assert_eq!(dues(&tick(&mut story, 1)), [AgentDue::Idle]);
    assert_eq!(dues(&tick(&mut story, 1)), [], "reported once");
    assert_eq!(dues(&tick(&mut story, 5 * SECOND)), [AgentDue::Idle], "reported again in case a write failed");
}

#[test]
fn input_ends_idle_and_no_other_away_reason() {
    for (reason, dues_of_a_hand) in [(AwayReason::Idle, vec![AgentDue::Back]), (AwayReason::Lunch, vec![])] {
        let mut story = Story::begin();
        story.apply(Event::AgentArrived { agent: ANN, connection: 90 });
        tick(&mut story, 11 * MINUTE);
        let availability = Availability::Away { reason, since: story.now };
        let effects = story.apply(Event::Availability { agent: ANN, availability: availability.clone() });
        assert_eq!(colleagues(&effects)[0].availability, availability);
        assert_eq!(dues(&tick(&mut story, 60 * MINUTE)), []);
        assert_eq!(dues(&story.apply(Event::AgentInput { agent: ANN })), dues_of_a_hand);
    }
}

#[test]
fn agent_is_present_while_any_device_is_connected_or_reloading() {
    let mut story = Story::begin();
    let come = story.apply(Event::AgentArrived { agent: ANN, connection: 90 });
    assert!(matches!(colleagues(&come)[..], [Colleague { is_there: true, chats: 0, .. }]), "{come:?}");
    let more = story.apply(Event::AgentArrived { agent: ANN, connection: 91 });
    assert_eq!(colleagues(&more), [] as [&Colleague; 0]);
    story.apply(Event::AgentGone { agent: ANN, connection: 90 });
    assert_eq!(colleagues(&tick(&mut story, MINUTE)), [] as [&Colleague; 0], "another device is connected");
    story.apply(Event::AgentGone { agent: ANN, connection: 91 });
    assert_eq!(colleagues(&tick(&mut story, 20 * SECOND - 1)), [] as [&Colleague; 0]);
    let gone = tick(&mut story, 1);
    assert!(matches!(colleagues(&gone)[..], [Colleague { is_there: false, .. }]), "{gone:?}");
    assert_eq!(story.state.colleagues(), []);
}

#[test]
fn the_chats_of_an_agent_are_counted() {
    let mut story = Story::begin();
    let visitor = story.arrive(arrival(1, 1)).visitor;
    story.apply(Event::AgentArrived { agent: ANN, connection: 90 });
    let count = |story: &Story| story.state.colleagues()[0].chats;
    for (state, version, chats) in [
        (ChatState::Unclaimed, 1, 0),
        (ChatState::InProgress, 2, 1),
        (ChatState::InProgress, 2, 1),
        (ChatState::Ended, 3, 0),
    ] {
        story.apply(Event::Chat { visitor, chat: chat(state, version), head: 1, last_word_at: 0 });
        assert_eq!(count(&story), chats, "{state:?}");
    }
    assert_eq!(ANN, AgentId(id(60)), "the chat fixture belongs to Ann");
}
