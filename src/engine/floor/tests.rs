//! The floor by a driven clock.

use std::collections::VecDeque;

use proptest::prelude::*;
use protocol::{
    Millis,
    board::{Board, Row, Snapshot},
    chat::{AgentLink, BoardChat, ChatState},
    id::{AgentId, ChatId, ConciergeId, InvitationId, VisitId, VisitorId},
    invitation::{BoardInvitation, InvitationState},
    page::Page,
    presence::{Presence, TabActivity},
    status::Status,
};
use uuid::Uuid;

use super::{
    board::Batches,
    event::{Arrival, Due, Effect, Event, KnownVisitor, Seated},
    state::State,
};
use crate::settings::Timers;

const SECOND: Millis = 1_000;
const MINUTE: Millis = 60 * SECOND;
const SEEN: TabActivity = TabActivity { visible: true, typing_in_form: false, input: true };
const HIDDEN: TabActivity = TabActivity { visible: false, typing_in_form: false, input: false };

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn arrival(seat: u64, person: u8) -> Arrival {
    Arrival {
        seat,
        token: Some([person; 32]),
        fresh_token: [person; 32],
        known: None,
        fresh: (VisitId(id(u128::from(seat) + 1_000)), VisitorId(id(u128::from(person)))),
        concierge: ConciergeId(id(7)),
        page: Page { url: "https://shop.test/".into(), title: "Shop".into() },
        browser: "Firefox 143 · Linux".into(),
        is_mobile: false,
        activity: TabActivity { input: false, ..SEEN },
        is_driven: false,
    }
}

fn invitation(state: InvitationState, expires_at: Millis) -> BoardInvitation {
    BoardInvitation { id: InvitationId(id(50)), by: AgentId(id(60)), state, sent_at: 0, expires_at }
}

fn chat(state: ChatState, version: u32) -> BoardChat {
    BoardChat {
        id: ChatId(id(70)),
        state,
        team: None,
        agent: (state != ChatState::Unclaimed).then_some(AgentId(id(60))),
        version,
        since: 0,
        reserved_for: None,
        reserved_until: None,
        link: AgentLink::Ok,
    }
}

/// A floor, its clock, and what it said.
struct Story {
    state: State,
    now: Millis,
    dues: Vec<Due>,
}

impl Story {
    fn begin() -> Self {
        Self { state: State::new(Timers::default()), now: 0, dues: Vec::new() }
    }

    fn tell(&mut self, event: Event) -> Vec<Effect> {
        let effects = self.state.apply(event, self.now);
        self.dues.extend(effects.iter().filter_map(|effect| match effect {
            Effect::Due { due, .. } => Some(*due),
            _ => None,
        }));
        effects
    }

    fn arrive(&mut self, arrival: Arrival) -> Seated {
        let effects = self.tell(Event::Arrived(Box::new(arrival)));
        let seated = effects.into_iter().find_map(|effect| match effect {
            Effect::Seated(seated) => Some(seated),
            _ => None,
        });
        seated.expect("every arrival is seated")
    }

    fn activity(&mut self, seat: u64, activity: TabActivity) {
        self.tell(Event::Activity { seat, activity });
    }

    fn wait(&mut self, time: Millis) -> &mut Self {
        self.now += time;
        self.tell(Event::Tick);
        self
    }

    fn rows(&self) -> Vec<Row> {
        self.state.rows().into_values().collect()
    }

    fn row(&self) -> Row {
        let rows = self.rows();
        assert_eq!(rows.len(), 1, "one row");
        rows[0].clone()
    }

    fn status(&self) -> Status {
        self.row().status(self.now)
    }

    fn presence(&self) -> Presence {
        self.row().presence
    }
}

#[test]
fn a_visitor_is_online_then_idle_and_online_again() {
    let mut story = Story::begin();
    story.arrive(arrival(1, 1));
    assert_eq!(story.status(), Status::Online);
    assert_eq!(story.wait(5 * MINUTE - 1).presence(), Presence::Active);
    assert_eq!(story.wait(1).presence(), Presence::Idle);
    assert_eq!(story.status(), Status::Inactive);
    story.activity(1, SEEN);
    assert_eq!(story.status(), Status::Online);
}

#[test]
fn hidden_counts_after_a_minute_and_the_best_tab_decides() {
    let mut story = Story::begin();
    story.arrive(arrival(1, 1));
    story.arrive(arrival(2, 1));
    assert_eq!(story.rows().len(), 1, "two tabs, one visit");
    story.activity(1, HIDDEN);
    assert_eq!(story.wait(2 * MINUTE).presence(), Presence::Active);
    story.activity(2, HIDDEN);
    assert_eq!(story.wait(MINUTE - 1).presence(), Presence::Active);
    assert_eq!(story.wait(1).presence(), Presence::Hidden);
    story.activity(1, SEEN);
    assert_eq!(story.presence(), Presence::Active);
    // The hidden one is what is left.
    story.tell(Event::TabGone { seat: 1 });
    assert_eq!(story.wait(MINUTE).presence(), Presence::Hidden);
}

#[test]
fn a_page_load_is_not_a_departure() {
    let mut story = Story::begin();
    let before = story.arrive(arrival(1, 1));
    story.tell(Event::TabGone { seat: 1 });
    assert_eq!(story.presence(), Presence::Gone);
    assert_eq!(story.wait(15 * SECOND - 1).presence(), Presence::Gone);
    let after = story.arrive(arrival(2, 1));
    assert_eq!((after.visit, after.token_is_known), (before.visit, true));
    assert_eq!(story.wait(15 * SECOND).status(), Status::Online);
}

#[test]
fn after_the_grace_he_has_left_and_the_row_drops() {
    let mut story = Story::begin();
    let first = story.arrive(arrival(1, 1));
    story.wait(MINUTE).tell(Event::TabGone { seat: 1 });
    assert_eq!(story.wait(15 * SECOND).status(), Status::Ended);
    assert_eq!(story.row().left_at, Some(MINUTE), "time stops when he went, not when it was known");
    assert_eq!(story.wait(2 * MINUTE - 1).rows().len(), 1);
    assert_eq!(story.wait(1).rows().len(), 0);
    // Back after ten minutes it is the same visit, after half an hour another.
    story.wait(10 * MINUTE);
    assert_eq!(story.arrive(arrival(2, 1)).visit, first.visit);
    assert_eq!(story.status(), Status::Online);
    story.tell(Event::TabGone { seat: 2 });
    story.wait(15 * SECOND).wait(30 * MINUTE);
    let again = story.arrive(arrival(3, 1));
    assert!(again.visit != first.visit && !again.token_is_known);
}

#[test]
fn a_phone_has_longer() {
    let mut story = Story::begin();
    story.arrive(Arrival { is_mobile: true, ..arrival(1, 1) });
    story.tell(Event::TabGone { seat: 1 });
    assert_eq!(story.wait(45 * SECOND - 1).presence(), Presence::Gone);
    assert_eq!(story.wait(1).presence(), Presence::Left);
}

/// Scenario 16.
#[test]
fn a_program_makes_no_row_before_its_first_input() {
    let mut story = Story::begin();
    story.arrive(Arrival { is_driven: true, ..arrival(1, 1) });
    assert!(story.wait(MINUTE).rows().is_empty());
    story.activity(1, HIDDEN);
    assert!(story.rows().is_empty());
    story.activity(1, SEEN);
    assert_eq!(story.status(), Status::Online);
}

/// Scenario 13, and the way of an invitation that is not answered.
#[test]
fn an_invitation_expires_on_one_row_and_is_asked_again_until_told() {
    let mut story = Story::begin();
    let invited = story.arrive(arrival(1, 1)).visitor;
    story.arrive(arrival(2, 2));
    story.tell(Event::Invitation {
        visitor: invited,
        invitation: invitation(InvitationState::Seen, 90 * SECOND),
        quiet_until: None,
    });
    story.wait(90 * SECOND - 1);
    assert_eq!(story.dues, []);
    let due = Due::Expire { invitation: InvitationId(id(50)), by: AgentId(id(60)) };
    story.wait(1);
    assert_eq!(story.dues, [due]);
    story.wait(5 * SECOND);
    assert_eq!(story.dues, [due, due], "the database may have failed");
    let told = Event::Invitation {
        visitor: invited,
        invitation: invitation(InvitationState::Expired, 90 * SECOND),
        quiet_until: Some(story.now + 10 * MINUTE),
    };
    let changed = story.tell(told).into_iter().filter(|effect| matches!(effect, Effect::Changed(_))).count();
    assert_eq!(changed, 1);
    story.wait(MINUTE);
    assert_eq!(story.dues.len(), 2);
    assert!(story.rows().iter().all(|row| row.status(story.now) == Status::Online));
}

/// Scenario 6.
#[test]
fn who_leaves_while_invited_is_reported_and_the_row_stays_until_the_desk_knows() {
    let mut story = Story::begin();
    let visitor = story.arrive(arrival(1, 1)).visitor;
    story.tell(Event::Invitation {
        visitor,
        invitation: invitation(InvitationState::Delivered, 10 * MINUTE),
        quiet_until: None,
    });
    story.tell(Event::TabGone { seat: 1 });
    story.wait(15 * SECOND);
    assert_eq!(story.dues, [Due::LeftInvited { invitation: InvitationId(id(50)), by: AgentId(id(60)) }]);
    story.tell(Event::Invitation {
        visitor,
        invitation: invitation(InvitationState::Left, 10 * MINUTE),
        quiet_until: None,
    });
    assert_eq!(story.status(), Status::Ended);
    assert!(story.wait(2 * MINUTE).rows().is_empty());
}

/// Scenario 18, on the board.
#[test]
fn denied_shows_while_the_quiet_lasts() {
    let mut story = Story::begin();
    let visitor = story.arrive(arrival(1, 1)).visitor;
    let quiet_until = Some(30 * MINUTE);
    story.tell(Event::Invitation { visitor, invitation: invitation(InvitationState::Denied, MINUTE), quiet_until });
    assert_eq!(story.status(), Status::UserDenied);
    assert_eq!(story.row().quiet_until, quiet_until);
    story.wait(30 * MINUTE - 1).activity(1, SEEN);
    assert_eq!(story.status(), Status::UserDenied);
    assert_eq!(story.wait(1).status(), Status::Online);
    assert_eq!((story.row().quiet_until, story.row().invitation), (None, None));
}

/// Scenario 8: reserved, then the team.
#[test]
fn a_reserved_chat_goes_to_the_team_and_is_called_again() {
    let mut story = Story::begin();
    let visitor = story.arrive(arrival(1, 1)).visitor;
    let reserved = BoardChat {
        reserved_for: Some(AgentId(id(60))),
        reserved_until: Some(20 * SECOND),
        ..chat(ChatState::Unclaimed, 1)
    };
    story.tell(Event::Chat { visitor, chat: reserved, head: 1, last_word_at: 0 });
    assert_eq!(story.status(), Status::Unclaimed);
    story.wait(20 * SECOND);
    assert_eq!(story.dues, [Due::Unreserve(ChatId(id(70)))]);
    story.tell(Event::Chat { visitor, chat: chat(ChatState::Unclaimed, 1), head: 1, last_word_at: 0 });
    story.wait(10 * SECOND).wait(MINUTE);
    assert_eq!(story.dues[1..], [Due::Again(ChatId(id(70)))], "once");
}

/// Scenario 9.
#[test]
fn a_lost_agent_is_silent_then_reconnecting_then_lost_then_replaced() {
    let mut story = Story::begin();
    let agent = AgentId(id(60));
    let visitor = story.arrive(arrival(1, 1)).visitor;
    story.tell(Event::AgentArrived { agent, seat: 90 });
    story.tell(Event::AgentArrived { agent, seat: 91 });
    story.tell(Event::Chat { visitor, chat: chat(ChatState::InProgress, 2), head: 2, last_word_at: 0 });
    story.tell(Event::AgentGone { agent, seat: 90 });
    story.wait(MINUTE);
    assert_eq!(story.dues, [], "another dashboard of his is there");
    story.tell(Event::AgentGone { agent, seat: 91 });
    let link = |story: &Story| story.row().chat.expect("there is a chat").link;
    assert_eq!(link(story.wait(20 * SECOND - 1)), AgentLink::Ok);
    assert_eq!(link(story.wait(1)), AgentLink::Reconnecting);
    assert_eq!(link(story.wait(40 * SECOND)), AgentLink::Lost);
    story.wait(120 * SECOND);
    assert_eq!(story.dues.last(), Some(&Due::Return(ChatId(id(70)), agent)));
    story.tell(Event::AgentArrived { agent, seat: 92 });
    assert_eq!(link(&story), AgentLink::Ok);
    assert!(matches!(story.dues.last(), Some(Due::Link { from: AgentLink::Lost, to: AgentLink::Ok, .. })));
}

#[test]
fn a_chat_in_progress_keeps_its_row_and_a_silent_one_ends() {
    let mut story = Story::begin();
    let agent = AgentId(id(60));
    let visitor = story.arrive(arrival(1, 1)).visitor;
    story.tell(Event::AgentArrived { agent, seat: 90 });
    story.tell(Event::Chat { visitor, chat: chat(ChatState::InProgress, 2), head: 2, last_word_at: 0 });
    story.tell(Event::TabGone { seat: 1 });
    assert_eq!(story.wait(10 * MINUTE).status(), Status::InProgress);
    assert_eq!(story.dues, [Due::VisitorLeft(ChatId(id(70)))]);
    story.arrive(arrival(2, 1));
    assert_eq!(story.dues[1..], [Due::VisitorBack(ChatId(id(70)))]);
    story.wait(20 * MINUTE);
    assert_eq!(story.dues[2..], [Due::Silence(ChatId(id(70)))]);
    story.tell(Event::Chat { visitor, chat: chat(ChatState::Ended, 3), head: 3, last_word_at: 0 });
    story.activity(2, SEEN);
    assert_eq!(story.status(), Status::Online);
    assert_eq!(story.wait(2 * MINUTE).row().chat, None);
}

#[test]
fn composing_shows_on_one_row_and_runs_out() {
    let mut story = Story::begin();
    let agent = AgentId(id(60));
    let (one, two) = (story.arrive(arrival(1, 1)).visit, story.arrive(arrival(2, 2)).visit);
    let composing = |story: &Story| -> Vec<_> {
        story.rows().into_iter().filter(|row| row.composing == Some(agent)).map(|row| row.visit).collect()
    };
    story.tell(Event::Composing { agent, visit: Some(one) });
    assert_eq!(composing(&story), [one]);
    story.tell(Event::Composing { agent, visit: Some(two) });
    assert_eq!(composing(&story), [two]);
    assert!(composing(story.wait(30 * SECOND)).is_empty());
}

#[test]
fn a_known_visitor_is_found_without_the_memory_of_his_token() {
    let mut story = Story::begin();
    let known =
        KnownVisitor { visitor: VisitorId(id(9)), name: Some("Vera".into()), quiet_until: Some(MINUTE), denials: 1 };
    let one = story.arrive(Arrival { known: Some(known), ..arrival(1, 1) });
    assert_eq!((one.visitor, one.remembered, one.quiet_until), (VisitorId(id(9)), true, Some(MINUTE)));
    assert_eq!(story.row().name.as_deref(), Some("Vera"));
}

#[test]
fn the_trail_is_bounded_and_written_for_remembered_visitors_only() {
    let mut story = Story::begin();
    let one = story.arrive(arrival(1, 1));
    for number in 0..80 {
        let page = Page { url: format!("https://shop.test/{number}"), title: String::new() };
        story.tell(Event::Moved { seat: 1, page });
    }
    assert_eq!(story.state.trail(one.visit).map(|trail| trail.len()), Some(50));
    assert!(story.state.take_trails().is_empty());
    story.tell(Event::Remembered { visitor: one.visitor });
    assert_eq!(story.state.take_trails().len(), 50);
    assert!(story.state.take_trails().is_empty());
}

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
        (0_u64..12, 0_u8..5, any::<bool>()).prop_map(|(seat, person, is_driven)| {
            Event::Arrived(Box::new(Arrival { is_driven, ..arrival(seat, person) }))
        }),
        (0_u64..12, activity).prop_map(|(seat, activity)| Event::Activity { seat, activity }),
        (0_u64..12).prop_map(|seat| Event::TabGone { seat }),
        (0_u64..12, "[a-c]").prop_map(|(seat, path)| {
            Event::Moved { seat, page: Page { url: format!("https://shop.test/{path}"), title: path } }
        }),
        (visitor(), state, 0_i64..2_000_000).prop_map(|(visitor, state, at)| {
            Event::Invitation { visitor, invitation: invitation(state, at), quiet_until: Some(at) }
        }),
        (visitor(), chat_state, 0_u32..4).prop_map(|(visitor, state, version)| {
            Event::Chat { visitor, chat: chat(state, version), head: version, last_word_at: 0 }
        }),
        (agent(), prop::option::of(0_u128..12)).prop_map(|(agent, visit)| {
            Event::Composing { agent, visit: visit.map(|number| VisitId(id(number + 1_000))) }
        }),
        (agent(), 90_u64..93).prop_map(|(agent, seat)| Event::AgentArrived { agent, seat }),
        (agent(), 90_u64..93).prop_map(|(agent, seat)| Event::AgentGone { agent, seat }),
        Just(Event::Tick),
    ]
}

proptest! {
    /// Scenario 20, for the board: whenever a dashboard came and however the changes were batched, it ends with the same rows.
    #[test]
    fn batches_onto_an_old_snapshot_equal_a_fresh_one(
        history in prop::collection::vec((any_event(), 0_i64..200_000, any::<bool>()), 1..120),
        came_after in 0_usize..120,
    ) {
        let mut state = State::new(Timers::default());
        let mut batches = Batches::new(1);
        let mut now = 0;
        let mut copy: Option<Board> = None;
        let mut on_the_way = VecDeque::new();
        let mut last_seat = 0;
        for (step, (event, time, is_batch)) in history.into_iter().enumerate() {
            now += time;
            // No two sockets are one seat.
            let event = match event {
                Event::Arrived(mut arrival) => {
                    last_seat = last_seat.max(100) + 1;
                    arrival.seat = if step % 2 == 0 { last_seat } else { arrival.seat + 1_000 * (step as u64 + 1) };
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
                let rows = state.rows().into_values().collect();
                copy = Some(Board::from(Snapshot { epoch: 1, seq: batches.seq, rows }));
            }
        }
        on_the_way.extend(batches.next());
        if let Some(mut copy) = copy {
            for batch in on_the_way {
                prop_assert_eq!(copy.apply(batch), Ok(()));
            }
            prop_assert_eq!(copy.rows, state.rows());
        }
    }
}
