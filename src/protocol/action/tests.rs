//! Tests for the AGENT cell: what each agent may do with a row.

use uuid::Uuid;

use super::*;
use crate::{
    chat::BoardChat,
    contact::ContactRequest,
    id::{ConciergeId, TeamId, VisitId, VisitorId},
    invitation::{BoardInvitation, InvitationState},
    page::Page,
    presence::Presence,
};

const NOW: Millis = 50_000;
const ANN: AgentId = AgentId(Uuid::from_u128(1));
const BEN: AgentId = AgentId(Uuid::from_u128(2));

/// An agent of the team of [`chat`].
fn viewer(agent: AgentId, role: Role) -> Viewer {
    Viewer { agent, role, teams: vec![TeamId(Uuid::nil())] }
}

fn row() -> Row {
    let nil = Uuid::nil();
    Row {
        visit: VisitId(nil),
        visitor: VisitorId(nil),
        name: None,
        concierge: ConciergeId(nil),
        page: Page::default(),
        browser: String::new(),
        since: 0,
        left_at: None,
        presence: Presence::Active,
        invitation: None,
        chat: None,
        composing: None,
        quiet_until: None,
    }
}

fn chat(state: ChatState, agent: Option<AgentId>) -> BoardChat {
    BoardChat {
        id: ChatId(Uuid::from_u128(7)),
        state,
        team: Some(TeamId(Uuid::nil())),
        agent,
        version: 1,
        since: 0,
        reserved_for: None,
        reserved_until: None,
        link: AgentConnectivity::Ok,
        contact: ContactRequest::NotRequested,
        offered: false,
    }
}

#[test]
fn online_and_inactive_may_be_invited_unless_quiet() {
    let mut row = row();
    assert_eq!(action(&row, &viewer(ANN, Role::Agent), NOW), Action::Invite { quiet: false });
    row.presence = Presence::Hidden;
    assert_eq!(action(&row, &viewer(ANN, Role::Agent), NOW), Action::Invite { quiet: true });
    row.quiet_until = Some(NOW + 1);
    assert_eq!(action(&row, &viewer(ANN, Role::Agent), NOW), Action::Wait { until: NOW + 1 });
    row.presence = Presence::Left;
    assert_eq!(action(&row, &viewer(ANN, Role::Agent), NOW), Action::None);
}

#[test]
fn only_the_inviter_may_withdraw() {
    let id = InvitationId(Uuid::from_u128(9));
    let open = BoardInvitation { id, by: ANN, state: InvitationState::Seen, sent_at: 0, expires_at: NOW };
    let row = Row { invitation: Some(open), ..row() };
    assert_eq!(action(&row, &viewer(ANN, Role::Agent), NOW), Action::Invited { invitation: id, by: ANN, mine: true });
    assert_eq!(action(&row, &viewer(BEN, Role::Admin), NOW), Action::Invited { invitation: id, by: ANN, mine: false });
}

#[test]
fn accepted_chat_is_reserved_for_inviter_first() {
    let mut reserved = chat(ChatState::Unclaimed, None);
    reserved.reserved_for = Some(ANN);
    reserved.reserved_until = Some(NOW + 1);
    let row = Row { chat: Some(reserved.clone()), ..row() };
    assert_eq!(action(&row, &viewer(ANN, Role::Agent), NOW), Action::Claim(reserved.id));
    assert_eq!(action(&row, &viewer(BEN, Role::Agent), NOW), Action::Reserved { agent: ANN, until: NOW + 1 });
    assert_eq!(action(&row, &viewer(BEN, Role::Agent), NOW + 1), Action::Claim(reserved.id));
}

#[test]
fn chat_in_progress_offers_open_or_takeover() {
    let mut mine = chat(ChatState::InProgress, Some(ANN));
    let id = mine.id;
    let owned = |may_take_over| Action::Owned { chat: id, by: ANN, may_take_over };
    let of = |chat: &BoardChat, me, role| action(&Row { chat: Some(chat.clone()), ..row() }, &viewer(me, role), NOW);
    assert_eq!(of(&mine, ANN, Role::Agent), Action::Open(id));
    assert_eq!(of(&mine, BEN, Role::Agent), owned(false));
    assert_eq!(of(&mine, BEN, Role::Supervisor), owned(true));
    mine.link = AgentConnectivity::Lost;
    assert_eq!(of(&mine, BEN, Role::Agent), owned(true));
}

#[test]
fn chat_of_another_team_is_neither_claimed_nor_taken_over() {
    let stranger = |role| Viewer { teams: vec![TeamId(Uuid::from_u128(3))], ..viewer(BEN, role) };
    let of = |chat: &BoardChat, role| action(&Row { chat: Some(chat.clone()), ..row() }, &stranger(role), NOW);
    let mut waiting = chat(ChatState::Unclaimed, None);
    assert_eq!(of(&waiting, Role::Agent), Action::WaitsForTeam(TeamId(Uuid::nil())));
    assert_eq!(of(&waiting, Role::Supervisor), Action::Claim(waiting.id));
    waiting.reserved_for = Some(BEN);
    waiting.reserved_until = Some(NOW + 1);
    assert_eq!(of(&waiting, Role::Agent), Action::Claim(waiting.id), "Ben invited the visitor");
    let of_all = BoardChat { team: None, ..chat(ChatState::Unclaimed, None) };
    assert_eq!(of(&of_all, Role::Agent), Action::Claim(of_all.id));
    let lost = BoardChat { link: AgentConnectivity::Lost, ..chat(ChatState::InProgress, Some(ANN)) };
    let owned = |may_take_over| Action::Owned { chat: lost.id, by: ANN, may_take_over };
    assert_eq!((of(&lost, Role::Agent), of(&lost, Role::Admin)), (owned(false), owned(true)));
}
