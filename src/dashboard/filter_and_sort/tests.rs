use protocol::{
    Millis,
    agent::{AgentCard, ConciergeCard, Directory, Role, TeamCard},
    board::Row,
    chat::{AgentConnectivity, BoardChat, ChatState},
    contact::ContactRequest,
    id::{AgentId, ChatId, ConciergeId, TeamId, VisitId, VisitorId},
    page::Page,
    presence::Presence,
    status::Status,
};
use uuid::Uuid;

use super::*;

const NOW: Millis = 1_000_000;

fn directory() -> Directory {
    let agent = |number, name: &str| AgentCard {
        id: AgentId(Uuid::from_u128(number)),
        name: name.into(),
        avatar: String::new(),
    };
    Directory {
        organization: "Riverside".into(),
        me: AgentId(Uuid::from_u128(1)),
        language: protocol::language::Language::En,
        role: Role::Agent,
        my_teams: Vec::new(),
        agents: vec![agent(1, "Ann Archer"), agent(2, "Ben Brooks")],
        concierges: vec![ConciergeCard {
            id: ConciergeId(Uuid::nil()),
            key: "key".into(),
            name: "Shop".into(),
            invitation: String::new(),
            templates: Vec::new(),
        }],
        teams: vec![TeamCard { id: TeamId(Uuid::nil()), name: "Sales".into() }],
        public_url: String::new(),
        clock: Vec::new(),
    }
}

/// Returns the row of a visit that began `age` milliseconds ago.
fn row(number: u128, age: Millis) -> Row {
    Row {
        visit: VisitId(Uuid::from_u128(number)),
        visitor: VisitorId(Uuid::from_u128(number)),
        name: None,
        concierge: ConciergeId(Uuid::nil()),
        page: Page { url: format!("https://shop.test/{number}"), title: String::new() },
        browser: "Firefox 143 · Linux".into(),
        since: NOW - age,
        left_at: None,
        presence: Presence::Active,
        invitation: None,
        chat: None,
        composing: None,
        quiet_until: None,
    }
}

fn chat(state: ChatState, agent: Option<u128>, since: Millis) -> Option<BoardChat> {
    Some(BoardChat {
        id: ChatId(Uuid::from_u128(7)),
        state,
        team: Some(TeamId(Uuid::nil())),
        agent: agent.map(|number| AgentId(Uuid::from_u128(number))),
        version: 1,
        since,
        reserved_for: None,
        reserved_until: None,
        link: AgentConnectivity::Ok,
        contact: ContactRequest::NotRequested,
        offered: false,
    })
}

fn order(rows: &[Row], arrangement: &Arrangement) -> Vec<u128> {
    arrange(rows.iter(), arrangement, &directory(), NOW).into_iter().map(|visit| visit.0.as_u128()).collect()
}

fn by(column: Column) -> Arrangement {
    Arrangement { by: column, ..Arrangement::default() }
}

#[test]
fn order_is_stable_while_the_pointer_is_over_the_table() {
    let [a, b, c] = [1, 2, 3].map(|number| VisitId(Uuid::from_u128(number)));
    assert_eq!(stable_order(&[a, b], &[c, b, a]), vec![a, b, c]);
    assert_eq!(stable_order(&[a, b], &[b]), vec![a, b]);
}

#[test]
fn waiting_chats_sort_first_by_longest_wait() {
    let waits = |number, since| Row { chat: chat(ChatState::Unclaimed, None, since), ..row(number, 5_000) };
    let rows = [row(1, 90_000), waits(2, NOW - 1_000), waits(3, NOW - 2_000), row(4, 100_000)];
    assert_eq!(order(&rows, &Arrangement::default()), [3, 2, 4, 1]);
    let turned = Arrangement { reversed: true, ..Arrangement::default() };
    assert_eq!(order(&rows, &turned), [1, 4, 2, 3]);
}

#[test]
fn time_sorts_by_what_the_column_shows() {
    let gone = Row { left_at: Some(NOW - 50_000), presence: Presence::Left, ..row(3, 60_000) };
    let rows = [row(1, 20_000), row(2, 30_000), gone];
    assert_eq!(order(&rows, &by(Column::Time)), [2, 1, 3]);
}

#[test]
fn empty_cells_sort_last() {
    let with_ben = Row { chat: chat(ChatState::InProgress, Some(2), NOW), ..row(2, 0) };
    let with_ann = Row { chat: chat(ChatState::InProgress, Some(1), NOW), ..row(3, 0) };
    assert_eq!(order(&[row(1, 0), with_ben, with_ann], &by(Column::Agent)), [3, 2, 1]);
}

#[test]
fn the_filter_shows_one_status() {
    let idle = Row { presence: Presence::Idle, ..row(2, 0) };
    let only = Arrangement { status: Some(Status::Inactive), ..Arrangement::default() };
    assert_eq!(order(&[row(1, 0), idle], &only), [2]);
}

#[test]
fn search_matches_the_text_of_the_columns() {
    let named = Row { name: Some("Érica".into()), ..row(1, 0) };
    let chatting = Row { chat: chat(ChatState::InProgress, Some(2), NOW), ..row(2, 0) };
    let rows = [named, chatting, row(3, 0)];
    let find = |search: &str| order(&rows, &Arrangement { search: search.into(), ..by(Column::Visitor) });
    assert_eq!(find("éRICA "), [1]);
    assert_eq!(find("brooks"), [2]);
    assert_eq!(find("sales"), [2]);
    assert_eq!(find("/3"), [3]);
    assert_eq!(find("concierge visitor"), [2, 3]);
    assert_eq!(find("firefox"), [2, 3, 1]);
    assert!(find("opera").is_empty());
}

#[test]
fn counts_follow_the_order_of_the_chips() {
    let idle = Row { presence: Presence::Idle, ..row(2, 0) };
    let waits = Row { chat: chat(ChatState::Unclaimed, None, NOW), ..row(3, 0) };
    let counted = counts([row(1, 0), idle, waits, row(4, 0)].iter(), NOW);
    assert_eq!(counted[urgency(Status::Online)], 2);
    assert_eq!(counted[urgency(Status::Inactive)], 1);
    assert_eq!(counted[urgency(Status::Unclaimed)], 1);
    assert_eq!(counted.iter().sum::<usize>(), 4);
}

#[test]
fn blank_name_falls_back_to_the_default() {
    assert_eq!(visitor_name(Some("  ")), "Concierge Visitor");
    assert_eq!(visitor_name(None), "Concierge Visitor");
    assert_eq!(visitor_name(Some("Vera")), "Vera");
}

#[test]
fn the_filter_shows_one_concierge() {
    let elsewhere = Row { concierge: ConciergeId(Uuid::from_u128(99)), ..row(2, 0) };
    let only = Arrangement { concierge: Some(ConciergeId(Uuid::from_u128(99))), ..Arrangement::default() };
    assert_eq!(order(&[row(1, 0), elsewhere], &only), [2]);
}
