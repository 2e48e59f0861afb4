use leptos::prelude::*;
use protocol::{
    agent::{AgentCard, Directory, FromAgent, Role, ToAgent},
    board::{Batch, Row, Snapshot},
    chat::{AgentChat, AgentConnectivity, Author, BoardChat, Body, ChatState, Entry, LastMessage, Receipt, Seq},
    contact::ContactRequest,
    id::{AgentId, ChatId, ClientId, ConciergeId, InvitationId, VisitId, VisitorId},
    language::Language,
    notice::Notice,
    page::Page,
    presence::Presence,
    refusal::Refusal,
};
use uuid::Uuid;

use super::*;
use crate::dashboard::api::OpenedChat;

const NOW: Millis = 1_000_000;
const ANN: AgentId = AgentId(Uuid::from_u128(1));
const BEN: AgentId = AgentId(Uuid::from_u128(2));
const CHAT: ChatId = ChatId(Uuid::from_u128(9));
const VISIT: VisitId = VisitId(Uuid::from_u128(5));

fn directory() -> Directory {
    let agent = |id, name: &str| AgentCard { id, name: name.into(), avatar: String::new() };
    Directory {
        organization: "Riverside".into(),
        me: ANN,
        language: Language::En,
        role: Role::Agent,
        my_teams: Vec::new(),
        agents: vec![agent(ANN, "Ann Archer"), agent(BEN, "Ben Brooks")],
        concierges: Vec::new(),
        teams: Vec::new(),
        public_url: String::new(),
        clock: Vec::new(),
    }
}

fn initial_state(rows: Vec<Row>) -> InitialState {
    let snapshot = Snapshot { epoch: 7, seq: 3, rows };
    InitialState {
        now: NOW,
        directory: directory(),
        snapshot,
        chats: Vec::new(),
        colleagues: Vec::new(),
        opened: None,
        preference: Preference::default(),
    }
}

/// Delivers a snapshot of the entire board.
fn receive_snapshot(app: &AppState, snapshot: Snapshot) {
    snapshot.chunks().for_each(|piece| drop(app.handle_frame(ToAgent::Snapshot(piece))));
}

/// Runs a test on Ann's dashboard.
fn with_app(rows: Vec<Row>, test: impl FnOnce(AppState)) {
    let owner = Owner::new();
    owner.with(|| untrack(|| test(AppState::new(initial_state(rows)))));
}

fn row(chat: Option<BoardChat>) -> Row {
    Row {
        visit: VISIT,
        visitor: VisitorId(Uuid::nil()),
        name: Some("Vera".into()),
        concierge: ConciergeId(Uuid::nil()),
        page: Page::default(),
        browser: String::new(),
        since: NOW,
        left_at: None,
        presence: Presence::Active,
        invitation: None,
        chat,
        composing: None,
        quiet_until: None,
    }
}

fn chat(state: ChatState, agent: Option<AgentId>) -> BoardChat {
    BoardChat {
        id: CHAT,
        state,
        team: None,
        agent,
        version: 1,
        since: NOW,
        reserved_for: None,
        reserved_until: None,
        link: AgentConnectivity::Ok,
        contact: ContactRequest::NotRequested,
        offered: false,
    }
}

fn reserved_chat(agent: AgentId) -> BoardChat {
    BoardChat { reserved_for: Some(agent), reserved_until: Some(NOW + 20_000), ..chat(ChatState::Unclaimed, None) }
}

fn agent_chat(agent: AgentId, unread: u32, head: Seq) -> AgentChat {
    AgentChat {
        chat: chat(ChatState::InProgress, Some(agent)),
        visit: VISIT,
        visitor_name: None,
        head,
        last: None,
        visitor_receipt: Receipt::default(),
        agent_receipt: Receipt::default(),
        unread,
        visitor_email: None,
        tags: Vec::new(),
    }
}

fn entry(seq: Seq, text: &str) -> Entry {
    Entry { seq, at: NOW, author: Author::Visitor, client_id: None, body: Body::Text(text.into()) }
}

fn accepted() -> ToAgent {
    ToAgent::Notice(Notice::Accepted {
        chat: CHAT,
        visit: VISIT,
        visitor_name: None,
        reserved_until: NOW + 20_000,
        late: false,
    })
}

fn batch(seq: u64, changed: Vec<Row>) -> ToAgent {
    ToAgent::Batch(Batch { after: seq - 1, seq, changed, gone: Vec::new() })
}

fn welcome() -> ToAgent {
    ToAgent::Welcome { now: NOW, directory: directory() }
}

fn seqs(app: AppState) -> Vec<Seq> {
    app.entries(CHAT).with(|entries| entries.iter().map(|entry| entry.seq).collect())
}

#[test]
fn batches_advance_the_board_and_a_gap_requests_a_snapshot() {
    with_app(vec![], |app| {
        assert_eq!(app.resume(), Some((7, 3)));
        assert!(app.handle_frame(batch(4, vec![row(None)])).is_empty());
        assert!(app.is_fresh(VISIT));
        assert_eq!(app.handle_frame(batch(6, vec![])), [FromAgent::Resync]);
        receive_snapshot(&app, Snapshot { epoch: 8, seq: 1, rows: vec![] });
        assert_eq!(app.resume(), Some((8, 1)));
        assert!(app.row(VISIT).is_none());
    });
}

#[test]
fn partial_board_has_nothing_to_resume_from() {
    let owner = Owner::new();
    owner.with(|| {
        let mut initial = initial_state(vec![]);
        initial.snapshot.epoch = 0;
        assert_eq!(AppState::new(initial).resume(), None);
    });
}

#[test]
fn beat_with_a_newer_seq_requests_a_resync() {
    with_app(vec![], |app| {
        let beat = |seq| ToAgent::Heartbeat { now: NOW, seq, heads: vec![] };
        assert!(app.handle_frame(beat(3)).is_empty());
        assert_eq!(app.handle_frame(beat(4)), [FromAgent::Resync]);
    });
}

#[test]
fn acceptance_notice_shows_once_and_goes_when_the_chat_is_claimed() {
    with_app(vec![], |app| {
        app.handle_frame(accepted());
        app.handle_frame(batch(4, vec![row(Some(reserved_chat(ANN)))]));
        app.handle_frame(accepted());
        assert_eq!(app.notices.with(Vec::len), 1);
        assert_eq!(app.attention_count(), 1);
        app.handle_frame(batch(5, vec![row(Some(chat(ChatState::InProgress, Some(ANN))))]));
        assert_eq!(app.notices.with(Vec::len), 0);
    });
}

#[test]
fn acceptance_missed_offline_is_shown_after_reconnect() {
    with_app(vec![], |app| {
        receive_snapshot(&app, Snapshot { epoch: 8, seq: 1, rows: vec![row(Some(reserved_chat(ANN)))] });
        assert_eq!(app.notices.with(Vec::len), 1);
    });
    with_app(vec![row(Some(reserved_chat(ANN)))], |app| {
        app.handle_frame(welcome());
        assert_eq!(app.notices.with(Vec::len), 1);
    });
    with_app(vec![row(Some(reserved_chat(BEN)))], |app| {
        app.handle_frame(welcome());
        assert_eq!(app.notices.with(Vec::len), 0, "the chat is reserved for Ben");
    });
}

#[test]
fn outdated_notice_is_dismissed_after_reconnect() {
    with_app(vec![], |app| {
        app.handle_frame(accepted());
        receive_snapshot(&app, Snapshot { epoch: 8, seq: 1, rows: vec![] });
        assert_eq!(app.notices.with(Vec::len), 0);
    });
}

#[test]
fn claim_of_my_accepted_chat_by_a_colleague_shows_a_notice() {
    with_app(vec![], |app| {
        app.handle_frame(accepted());
        app.handle_frame(ToAgent::Notice(Notice::Claimed { chat: CHAT, by: BEN }));
        app.notices.with(|all| {
            assert!(matches!(
                all[..],
                [ShownNotice { content: NoticeContent::Notice(Notice::Claimed { by: BEN, .. }), .. }]
            ));
        });
        app.handle_frame(ToAgent::Notice(Notice::Claimed { chat: ChatId(Uuid::nil()), by: BEN }));
        assert_eq!(app.notices.with(Vec::len), 1, "no notices about other agents' chats");
    });
}

#[test]
fn informational_notice_expires_and_actionable_notice_stays() {
    with_app(vec![], |app| {
        app.handle_frame(accepted());
        app.handle_frame(ToAgent::Notice(Notice::Unanswered {
            invitation: InvitationId(Uuid::nil()),
            visit: VISIT,
            left: true,
        }));
        app.show_failure("That is no longer there.".into());
        for _ in 0..14 {
            app.age_notices();
        }
        assert_eq!(app.notices.with(Vec::len), 3);
        app.age_notices();
        let stays = |shown: &ShownNotice| {
            matches!(shown.content, NoticeContent::Notice(Notice::Accepted { .. }) | NoticeContent::Failure(_))
                && shown.seconds_left.is_none()
        };
        assert!(app.notices.with(|all| all.len() == 2 && all.iter().all(stays)), "{:?}", app.notices.get());
    });
}

#[test]
fn entries_are_added_once_and_in_order() {
    with_app(vec![], |app| {
        let entries = |entries| ToAgent::Entries { chat: CHAT, entries };
        assert!(app.handle_frame(entries(vec![entry(1, "a"), entry(2, "b")])).is_empty());
        assert!(app.handle_frame(entries(vec![entry(2, "b"), entry(3, "c")])).is_empty());
        assert_eq!(seqs(app), [1, 2, 3]);
        assert_eq!(app.handle_frame(entries(vec![entry(5, "e")])), [FromAgent::Open { chat: CHAT, head: 3 }]);
        assert_eq!(seqs(app), [1, 2, 3]);
    });
}

#[test]
fn a_message_leaves_the_outbox_when_it_is_stored() {
    with_app(vec![], |app| {
        let pending = Pending::new(ANN, CHAT, "hello".into());
        let client_id = pending.client_id;
        app.outbox.update(|all| all.push(pending.clone()));
        assert_eq!(app.handle_frame(welcome()), [pending.frame()], "the message is sent again after a reconnect");
        assert!(app.handle_frame(ToAgent::Acknowledged { chat: CHAT, client_id, seq: 1, at: NOW }).is_empty());
        assert!(app.outbox.with(Vec::is_empty));
        let own = Entry { author: Author::Agent(ANN), client_id: Some(client_id), ..entry(1, "hello") };
        assert_eq!(app.entries(CHAT).get(), vec![own.clone()]);
        app.handle_frame(ToAgent::Entries { chat: CHAT, entries: vec![own] });
        assert_eq!(seqs(app), [1], "the entry is added only once");
    });
}

#[test]
fn a_refused_message_stays_and_is_not_sent_again_by_itself() {
    with_app(vec![], |app| {
        let pending = Pending::new(ANN, CHAT, "hello".into());
        let client_id: ClientId = pending.client_id;
        app.outbox.update(|all| all.push(pending));
        app.handle_frame(ToAgent::Refused { client_id: Some(client_id), refusal: Refusal::ChatEnded });
        assert_eq!(app.outbox.with(|all| all[0].refused.clone()), Some(Refusal::ChatEnded));
        assert!(app.handle_frame(welcome()).is_empty());
    });
}

#[test]
fn my_chats_sort_by_longest_wait_and_exclude_others() {
    with_app(vec![], |app| {
        let said = |number: u128, from_visitor, at| {
            let mut one = agent_chat(ANN, 0, 0);
            one.chat.id = ChatId(Uuid::from_u128(number));
            one.last = Some(LastMessage { text: "…".into(), from_visitor, at });
            one
        };
        let ben = agent_chat(BEN, 3, 0);
        let chats = vec![said(1, false, 50), said(2, true, 40), said(3, true, 30), said(4, false, 60), ben];
        app.handle_frame(ToAgent::Chats(chats));
        let order: Vec<u128> = app.my_chats().iter().map(|chat| chat.chat.id.0.as_u128()).collect();
        assert_eq!(order, [3, 2, 4, 1]);
        assert_eq!(app.unread(), 0, "Ben's unread messages do not count");
    });
}

#[test]
fn received_entries_are_acknowledged() {
    with_app(vec![], |app| {
        let receipt = Receipt { delivered: 4, read: 0 };
        assert_eq!(
            app.handle_frame(ToAgent::Chat(agent_chat(ANN, 2, 4))),
            [FromAgent::Receipt { chat: CHAT, receipt }]
        );
        assert_eq!(app.unread(), 2);
        assert!(app.handle_frame(ToAgent::Chat(agent_chat(BEN, 2, 4))).is_empty());
    });
}

#[test]
fn taken_over_chat_stays_readable_but_is_not_mine() {
    with_app(vec![], |app| {
        app.handle_frame(ToAgent::Chats(vec![agent_chat(ANN, 0, 0)]));
        assert!(app.is_mine(CHAT));
        app.handle_frame(ToAgent::ChatGone(CHAT));
        assert!(!app.is_mine(CHAT));
        assert!(app.chat(CHAT).is_some());
        app.handle_frame(ToAgent::Chat(agent_chat(BEN, 0, 0)));
        assert!(!app.is_mine(CHAT));
        assert!(app.my_chats().is_empty());
    });
}

#[test]
fn unknown_chat_address_is_reported_missing() {
    with_app(vec![], |app| {
        app.window(CHAT, true);
        app.handle_frame(ToAgent::Refused { client_id: None, refusal: Refusal::NotFound });
        assert_eq!(app.missing.get(), Some(CHAT));
        assert_eq!(app.notices.with(Vec::len), 0);
    });
    let owner = Owner::new();
    owner.with(|| {
        let app = AppState::new(InitialState {
            opened: Some(OpenedChat { chat: CHAT, entries: None, notes: Vec::new() }),
            ..initial_state(vec![])
        });
        assert_eq!(app.missing.get_untracked(), Some(CHAT));
    });
}

#[test]
fn chat_that_may_no_longer_be_read_is_forgotten() {
    with_app(vec![], |app| {
        app.window(CHAT, true);
        app.handle_frame(ToAgent::Chat(agent_chat(BEN, 1, 0)));
        app.handle_frame(ToAgent::Entries { chat: CHAT, entries: vec![entry(1, "a")] });
        let shown = app.entries(CHAT);
        app.handle_frame(ToAgent::AccessLost(CHAT));
        assert_eq!((app.chat(CHAT).is_some(), shown.with_untracked(Vec::len), app.head(CHAT)), (false, 0, 0));
        assert_eq!(app.missing.get(), Some(CHAT));
        // The refusal of a window that was open before a reconnect adds no notice.
        app.handle_frame(ToAgent::Refused { client_id: None, refusal: Refusal::NotFound });
        assert_eq!(app.notices.with(Vec::len), 0);
        // It may be claimed later, and is shown again.
        app.handle_frame(ToAgent::Chat(agent_chat(ANN, 1, 0)));
        assert_eq!(app.missing.get(), None);
    });
}

#[test]
fn open_windows_are_opened_again_from_where_they_are() {
    with_app(vec![], |app| {
        assert_eq!(app.window(CHAT, true), FromAgent::Open { chat: CHAT, head: 0 });
        app.handle_frame(ToAgent::Entries { chat: CHAT, entries: vec![entry(1, "a")] });
        assert_eq!(app.handle_frame(welcome()), [FromAgent::Open { chat: CHAT, head: 1 }]);
        let beat = |head| ToAgent::Heartbeat { now: NOW, seq: 3, heads: vec![(CHAT, head)] };
        assert!(app.handle_frame(beat(1)).is_empty());
        assert_eq!(
            app.handle_frame(beat(2)),
            [FromAgent::Open { chat: CHAT, head: 1 }],
            "the missing last message is requested"
        );
        assert_eq!(app.window(CHAT, false), FromAgent::Close(CHAT));
    });
}

#[test]
fn typing_holds_for_a_while_and_ends_with_the_message() {
    with_app(vec![], |app| {
        let types = |app: AppState| app.typing.with(|typing| typing.contains_key(&CHAT));
        app.handle_frame(ToAgent::Typing(CHAT));
        assert!(types(app));
        app.handle_frame(ToAgent::Entries { chat: CHAT, entries: vec![entry(1, "a")] });
        assert!(!types(app));
        app.handle_frame(ToAgent::Typing(CHAT));
        app.set_clock(NOW + 7_000);
        app.tick();
        assert!(!types(app));
    });
}

#[test]
fn large_directory_and_list_of_chats_arrive_in_parts() {
    with_app(Vec::new(), |app| {
        let part = DirectoryPart {
            agents: vec![AgentCard { id: BEN, name: "Ben Brooks".into(), avatar: String::new() }],
            ..DirectoryPart::default()
        };
        app.handle_frame(ToAgent::DirectoryPart(part.clone()));
        app.forget_parts();
        app.handle_frame(ToAgent::DirectoryPart(part));
        let rest = Directory { agents: Vec::new(), ..directory() };
        app.handle_frame(ToAgent::Welcome { now: NOW, directory: rest });
        assert_eq!(app.directory.with_untracked(|directory| directory.agents.len()), 1);
        app.handle_frame(ToAgent::ChatsPart(vec![agent_chat(ANN, 0, 0)]));
        app.handle_frame(ToAgent::Chats(Vec::new()));
        assert_eq!(app.chats.with_untracked(Vec::len), 1);
        app.handle_frame(ToAgent::Chats(Vec::new()));
        assert_eq!(app.chats.with_untracked(Vec::len), 0);
    });
}
