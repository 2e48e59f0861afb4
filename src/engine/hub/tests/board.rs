//! Scenario 20: an old snapshot with all later batches applied is equal to a fresh snapshot.

use std::collections::VecDeque;

use proptest::prelude::*;
use protocol::{
    board::{Board, Row, Snapshot},
    chat::ChatState,
    id::{AgentId, VisitId, VisitorId},
    invitation::InvitationState,
    limits::ROWS_IN_A_FRAME,
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
        reconnects_after in 0_usize..3,
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
            // A dashboard that has fallen behind gets merged batches, and may reconnect in between.
            let mut lagging = copy.clone();
            for taken in [reconnects_after, usize::MAX] {
                let merged = batches.merged_after(lagging.seq, |visit| state.row(visit, now));
                for batch in merged.expect("few rows changed").into_iter().take(taken) {
                    prop_assert_eq!(lagging.apply(batch), Ok(()));
                }
            }
            prop_assert_eq!(lagging.seq, batches.seq);
            prop_assert_eq!(lagging.rows, state.rows(now));
            for batch in on_the_way {
                prop_assert_eq!(copy.apply(batch), Ok(()));
            }
            prop_assert_eq!(copy.rows, state.rows(now));
        }
    }
}

/// Many rows are sent in pieces, and a dashboard reconnects after any of them.
#[test]
fn merged_batches_contain_each_row_once_and_can_be_interrupted() {
    let mut batches = Batches::new(1);
    let row = |number: u128, title: u64| {
        let page = Page { url: "https://shop.test/".into(), title: title.to_string() };
        super::super::visit::Visit::begin(VisitId(id(number)), VisitorId(id(1)), 0)
            .row(0, &Timers::default())
            .map(|row| Row { page, ..row })
            .expect("the visit is shown")
    };
    let mut newest = std::collections::BTreeMap::new();
    let mut board = Board::default();
    for step in 0..2_000_u64 {
        // 600 rows; a tenth of them change at each step.
        for number in (0..60).map(|place| u128::from((step * 61 + place * 7) % 600)) {
            newest.insert(VisitId(id(number)), row(number, step));
            batches.changed(row(number, step));
        }
        if step % 50 == 0 {
            newest.remove(&VisitId(id(u128::from(step % 600))));
            batches.gone(VisitId(id(u128::from(step % 600))));
        }
        let batch = batches.next().expect("rows changed");
        if step < 5 {
            board.apply(batch).expect("no batch is missing");
        }
    }
    let merged = |after| batches.merged_after(after, |visit| newest.get(&visit).cloned()).expect("merged");
    let all = merged(board.seq);
    assert!(all.iter().all(|batch| batch.changed.len() < ROWS_IN_A_FRAME + 60) && all.len() > 3, "{}", all.len());
    assert_eq!(all.iter().map(|batch| batch.changed.len()).sum::<usize>(), newest.len());
    for interrupted in 0..=all.len() {
        let mut board = board.clone();
        all.iter().take(interrupted).for_each(|batch| board.apply(batch.clone()).expect("no batch is missing"));
        merged(board.seq).into_iter().for_each(|batch| board.apply(batch).expect("no batch is missing"));
        assert_eq!((board.seq, &board.rows), (batches.seq, &newest), "{interrupted}");
    }
    assert!(batches.merged_after(batches.seq, |_| None).is_some_and(|merged| merged.is_empty()));
    assert!(batches.merged_after(batches.seq + 1, |_| None).is_none(), "a board from the future");
}
