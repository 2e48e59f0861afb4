//! Scenario 20: an old snapshot with all later batches applied is equal to a fresh snapshot.

use std::collections::VecDeque;

use proptest::prelude::*;
use protocol::{
    board::{Board, Snapshot},
    chat::ChatState,
    id::{AgentId, VisitId, VisitorId},
    invitation::InvitationState,
    page::Page,
    presence::TabActivity,
};

use super::{
    super::{
        board_batches::Batches,
        event::{Arrival, Effect, Event},
        state::State,
    },
    arrival, chat, id, invitation,
};
use crate::settings::{Timers, VisitLimits};

fn any_event() -> impl Strategy<Value = Event> {
    let state = prop::sample::select(InvitationState::ALL.to_vec());
    let chat_state = prop::sample::select(ChatState::ALL.to_vec());
    let activity = (any::<bool>(), any::<bool>()).prop_map(|(visible, input)| TabActivity {
        visible,
        input,
        typing_in_form: false,
    });
    let visitor = || (0_u8..5).prop_map(|person| VisitorId(id(u128::from(person))));
    let agent = || (60_u128..63).prop_map(|agent| AgentId(id(agent)));
    prop_oneof![
        (0_u64..12, 0_u8..5, any::<bool>()).prop_map(|(connection, person, is_automated)| {
            Event::Arrived(Box::new(Arrival { is_automated, ..arrival(connection, person) }))
        }),
        (0_u64..12, activity).prop_map(|(connection, activity)| Event::Activity { connection, activity }),
        (0_u64..12).prop_map(|connection| Event::TabGone { connection }),
        (0_u64..12, "[a-c]").prop_map(|(connection, path)| {
            Event::Moved { connection, page: Page { url: format!("https://shop.test/{path}"), title: path } }
        }),
        (visitor(), state, 0_i64..2_000_000).prop_map(|(visitor, state, at)| {
            Event::Invitation { visitor, invitation: invitation(state, at), quiet_until: Some(at) }
        }),
        (visitor(), 0_i64..4_000_000).prop_map(|(visitor, until)| Event::Quiet { visitor, until }),
        (visitor(), chat_state, 0_u32..4).prop_map(|(visitor, state, version)| {
            Event::Chat { visitor, chat: chat(state, version), head: version, last_word_at: 0 }
        }),
        (agent(), prop::option::of(0_u128..12)).prop_map(|(agent, visit)| {
            Event::Composing { agent, visit: visit.map(|number| VisitId(id(number + 1_000))) }
        }),
        (agent(), 90_u64..93).prop_map(|(agent, connection)| Event::AgentArrived { agent, connection }),
        (agent(), 90_u64..93).prop_map(|(agent, connection)| Event::AgentGone { agent, connection }),
        Just(Event::Tick),
    ]
}

proptest! {
    /// Covers scenario 20 for the board: no matter when a dashboard connects and how changes are batched, it ends up
    /// with the same rows.
    #[test]
    fn batches_applied_to_an_old_snapshot_equal_a_fresh_one(
        history in prop::collection::vec((any_event(), 0_i64..200_000, any::<bool>()), 1..120),
        came_after in 0_usize..120,
    ) {
        let mut state = State::new(Timers::default(), VisitLimits::default());
        let mut batches = Batches::new(1);
        let mut now = 0;
        let mut copy: Option<Board> = None;
        let mut on_the_way = VecDeque::new();
        let mut last_connection = 0;
        for (step, (event, time, is_batch)) in history.into_iter().enumerate() {
            now += time;
            // Connection ids are never reused.
            let event = match event {
                Event::Arrived(mut arrival) => {
                    last_connection = last_connection.max(100) + 1;
                    arrival.connection = if step % 2 == 0 { last_connection } else { arrival.connection + 1_000 * (step as u64 + 1) };
                    Event::Arrived(arrival)
                }
                event => event,
            };
            for effect in state.apply(event, now) {
                match effect {
                    Effect::Changed(row) => batches.changed(*row),
                    Effect::Gone(visit) => batches.gone(visit),
                    _ => {}
                }
            }
            if is_batch && let Some(batch) = batches.next() {
                on_the_way.push_back(batch);
            }
            if step == came_after {
                on_the_way.extend(batches.next());
                on_the_way.clear();
                let rows = state.rows(now).into_values().collect();
                copy = Some(Board::from(Snapshot { epoch: 1, seq: batches.seq, rows }));
            }
        }
        on_the_way.extend(batches.next());
        if let Some(mut copy) = copy {
            for batch in on_the_way {
                prop_assert_eq!(copy.apply(batch), Ok(()));
            }
            prop_assert_eq!(copy.rows, state.rows(now));
        }
    }
}
