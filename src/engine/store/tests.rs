//! Races and promises of the store: who was second is told so, and what was acknowledged stays.

#![allow(clippy::unwrap_used)]

use protocol::{
    Millis,
    agent::Role,
    chat::{Author, ChatState, EndReason, Happening, Receipt},
    concierge::{Look, Privacy, Side},
    id::{AgentId, ChatId, ClientId, ConciergeId, ConciergeKey, InvitationId, OrganizationId, VisitId, VisitorId},
    invitation::{Answer, InvitationState},
    page::{Page, PageView},
    refusal::Refusal,
    words::Language,
};
use tempfile::TempDir;
use uuid::Uuid;

use super::*;

const NOW: Millis = 1_800_000_000_000;
const MINUTE: Millis = 60_000;

struct Shop {
    folder: TempDir,
    store: Store,
    organization: OrganizationId,
    concierge: ConciergeId,
    ann: AgentId,
    bob: AgentId,
}

struct Guest {
    visitor: VisitorId,
    visit: VisitId,
    token_hash: [u8; 32],
}

impl Guest {
    fn new() -> Self {
        let visitor = VisitorId(Uuid::now_v7());
        let mut token_hash = [7; 32];
        token_hash[..16].copy_from_slice(visitor.0.as_bytes());
        Self { visitor, visit: VisitId(Uuid::now_v7()), token_hash }
    }
}

impl Shop {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("jumpin.db")).await.unwrap();
        let organization = store.add_organization("Shop").await.unwrap();
        let concierge = store
            .add_concierge(NewConcierge {
                organization,
                key: ConciergeKey("demo".into()),
                name: "Demo".into(),
                sites: vec!["https://shop.test".into(), "http://127.0.0.1:4000".into()],
                team: None,
                look: Look {
                    title: "Shop".into(),
                    greeting: "Hello".into(),
                    colour: "#123456".into(),
                    side: Side::Left,
                    language: Language::De,
                },
                privacy: Privacy::Full,
                invitation: "May {agent} help?".into(),
            })
            .await
            .unwrap();
        let [ann, bob] = ["Ann Lee", "Bob Ray"].map(|name| NewAgent {
            organization,
            name: name.into(),
            email: format!(" {}@Shop.test", &name[..3]),
            role: Role::Agent,
            password_hash: "hash".into(),
            max_chats: 2,
        });
        let (ann, bob) = (store.add_agent(ann).await.unwrap(), store.add_agent(bob).await.unwrap());
        Self { folder, store, organization, concierge, ann, bob }
    }

    fn remember(&self, guest: &Guest) -> Remember {
        Remember {
            token_hash: guest.token_hash,
            concierge: self.concierge,
            browser: "Firefox 143 · Linux".into(),
            started_at: NOW,
        }
    }

    fn invitation(&self, guest: &Guest, by: AgentId) -> NewInvitation {
        NewInvitation {
            id: InvitationId(Uuid::now_v7()),
            organization: self.organization,
            visit: guest.visit,
            visitor: guest.visitor,
            by,
            text: "May I help?".into(),
            now: NOW,
            expires_at: NOW + 10 * MINUTE,
            remember: self.remember(guest),
        }
    }

    async fn chat(&self, guest: &Guest) -> ChatId {
        let new = NewChat {
            id: ChatId(Uuid::now_v7()),
            organization: self.organization,
            visit: guest.visit,
            visitor: guest.visitor,
            team: None,
            now: NOW,
            remember: self.remember(guest),
        };
        self.store.request_chat(new).await.unwrap().0.id
    }

    async fn claim(&self, chat: ChatId, me: AgentId) -> Result<(ChatRecord, Vec<protocol::chat::Entry>)> {
        self.store.claim(chat, self.organization, me, NOW).await
    }

    async fn answer(&self, guest: &Guest, invitation: InvitationId, answer: Answer) -> Result<Answered> {
        self.store.answer(invitation, guest.visitor, answer, NOW, NOW + 30 * MINUTE, NOW + 20_000).await
    }

    async fn close(&self, invitation: InvitationId, to: InvitationState) -> Result<InvitationRecord> {
        self.store.close_invitation(invitation, to, None, NOW, None).await
    }

    async fn say(&self, chat: ChatId, author: Author, client_id: ClientId, text: &str) -> Result<Said> {
        self.store.say(NewMessage { chat, author, client_id, text: text.into(), now: NOW }).await
    }
}

fn refusal<T: std::fmt::Debug>(result: Result<T>) -> Refusal {
    result.expect_err("it should be refused").refusal()
}

fn client_id() -> ClientId {
    ClientId(Uuid::now_v7())
}

#[tokio::test]
async fn what_is_set_up_comes_back() {
    let shop = Shop::open().await;
    let concierge = shop.store.concierge_by_key(&ConciergeKey("demo".into())).await.unwrap().unwrap();
    assert_eq!(concierge.sites, ["https://shop.test", "http://127.0.0.1:4000"]);
    assert_eq!(
        (concierge.look.side, concierge.look.language, concierge.privacy),
        (Side::Left, Language::De, Privacy::Full)
    );
    assert!(!concierge.paused);
    let directory = shop.store.directory(shop.organization).await.unwrap();
    assert_eq!(directory.organization_name, "Shop");
    assert_eq!(directory.agents.iter().map(|agent| agent.name.as_str()).collect::<Vec<_>>(), ["Ann Lee", "Bob Ray"]);
    assert_eq!(shop.store.agent_by_email("ANN@shop.test ").await.unwrap().unwrap().id, shop.ann);
    assert!(!shop.store.is_empty().await.unwrap());
    assert_eq!(shop.store.report().await.unwrap().agents, 2);
}

#[tokio::test]
async fn of_two_who_invite_one_wins_and_the_other_reads_who() {
    let (shop, guest) = (Shop::open().await, Guest::new());
    let (first, second) = tokio::join!(
        shop.store.invite(shop.invitation(&guest, shop.ann)),
        shop.store.invite(shop.invitation(&guest, shop.bob)),
    );
    let (won, lost) = if first.is_ok() { (first, second) } else { (second, first) };
    assert_eq!(refusal(lost), Refusal::AlreadyInvited { by: won.unwrap().by, at: NOW });
    assert_eq!(shop.store.open_invitations().await.unwrap().len(), 1);
}

#[tokio::test]
async fn of_two_who_claim_one_wins_and_the_other_reads_who() {
    let (shop, guest) = (Shop::open().await, Guest::new());
    let chat = shop.chat(&guest).await;
    let (first, second) = tokio::join!(shop.claim(chat, shop.ann), shop.claim(chat, shop.bob));
    let (won, lost) = if first.is_ok() { (first, second) } else { (second, first) };
    let (won, entries) = won.unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(refusal(lost), Refusal::AlreadyClaimed { chat, by: won.agent.unwrap() });
    let (same, nothing) = shop.claim(chat, won.agent.unwrap()).await.unwrap();
    assert_eq!((same.version, nothing.len()), (won.version, 0));
}

#[tokio::test]
async fn an_agent_at_the_limit_is_refused_until_a_chat_falls_silent() {
    let shop = Shop::open().await;
    for _ in 0..2 {
        let chat = shop.chat(&Guest::new()).await;
        shop.claim(chat, shop.ann).await.unwrap();
    }
    let third = shop.chat(&Guest::new()).await;
    assert_eq!(refusal(shop.claim(third, shop.ann).await), Refusal::Full { limit: 2 });
    shop.store.claim(third, shop.organization, shop.ann, NOW + 10 * MINUTE).await.unwrap();
    assert_eq!(shop.store.agent_chats(shop.ann).await.unwrap().len(), 3);
}

#[tokio::test]
async fn two_tabs_accept_and_there_is_one_chat_reserved_for_the_inviter() {
    let (shop, guest) = (Shop::open().await, Guest::new());
    let sent = shop.store.invite(shop.invitation(&guest, shop.ann)).await.unwrap();
    let (first, second) =
        tokio::join!(shop.answer(&guest, sent.id, Answer::Accept), shop.answer(&guest, sent.id, Answer::Accept),);
    let Answered::Accepted { chat, entries, late: false, .. } = first.unwrap() else {
        panic!("the first opens a chat")
    };
    assert!(matches!(second.unwrap(), Answered::Same(same) if same.state == InvitationState::Accepted));
    assert_eq!(entries.len(), 1);
    assert_eq!((chat.state, chat.reserved_for), (ChatState::Unclaimed, Some(shop.ann)));
    let until = NOW + 20_000;
    assert_eq!(refusal(shop.claim(chat.id, shop.bob).await), Refusal::Reserved { agent: shop.ann, until });
    assert!(shop.store.unreserve(chat.id).await.unwrap().is_some());
    assert!(shop.store.unreserve(chat.id).await.unwrap().is_none());
    shop.claim(chat.id, shop.bob).await.unwrap();
}

#[tokio::test]
async fn a_late_yes_opens_a_chat_for_the_whole_team_once() {
    for end in [InvitationState::Expired, InvitationState::Withdrawn] {
        let (shop, guest) = (Shop::open().await, Guest::new());
        let sent = shop.store.invite(shop.invitation(&guest, shop.ann)).await.unwrap();
        shop.close(sent.id, end).await.unwrap();
        let answered = shop.answer(&guest, sent.id, Answer::Accept).await.unwrap();
        let Answered::Accepted { invitation, chat, entries, late: true } = answered else { panic!("{answered:?}") };
        assert_eq!(invitation.state, end);
        assert_eq!((chat.state, chat.reserved_for), (ChatState::Unclaimed, None));
        let because = protocol::chat::Body::Happened(Happening::Accepted { by: shop.ann, late: true });
        assert_eq!(entries[0].body, because);
        let again = shop.answer(&guest, sent.id, Answer::Accept).await.unwrap();
        assert!(matches!(again, Answered::Same(_)));
    }
}

#[tokio::test]
async fn expiring_one_invitation_changes_exactly_one_row() {
    let shop = Shop::open().await;
    let mut sent = Vec::new();
    for _ in 0..3 {
        sent.push(shop.store.invite(shop.invitation(&Guest::new(), shop.ann)).await.unwrap());
    }
    shop.close(sent[1].id, InvitationState::Expired).await.unwrap();
    let open: Vec<_> = shop.store.open_invitations().await.unwrap().into_iter().map(|open| open.invitation).collect();
    assert_eq!(open, [sent[0].clone(), sent[2].clone()]);
    let expired = Refusal::AlreadyDecided { state: InvitationState::Expired };
    assert_eq!(refusal(shop.close(sent[1].id, InvitationState::Withdrawn).await), expired);
    assert!(shop.store.move_invitation(sent[1].id, InvitationState::Seen, NOW, NOW).await.unwrap().is_none());
    let seen = shop.store.move_invitation(sent[0].id, InvitationState::Seen, NOW, NOW + 90_000).await.unwrap().unwrap();
    assert_eq!((seen.state, seen.expires_at), (InvitationState::Seen, NOW + 90_000));
    assert!(shop.store.move_invitation(sent[0].id, InvitationState::Delivered, NOW, NOW).await.unwrap().is_none());
}

#[tokio::test]
async fn who_denied_is_left_alone_and_who_chats_is_not_invited() {
    let (shop, guest) = (Shop::open().await, Guest::new());
    let sent = shop.store.invite(shop.invitation(&guest, shop.ann)).await.unwrap();
    let answered = shop.answer(&guest, sent.id, Answer::Deny).await.unwrap();
    let until = NOW + 30 * MINUTE;
    assert!(matches!(answered, Answered::Denied { quiet_until, .. } if quiet_until == until));
    assert_eq!(refusal(shop.store.invite(shop.invitation(&guest, shop.bob)).await), Refusal::Quiet { until });
    assert_eq!(shop.store.visitor_by_token(guest.token_hash).await.unwrap().unwrap().denials, 1);

    let chatting = Guest::new();
    shop.chat(&chatting).await;
    let refused = refusal(shop.store.invite(shop.invitation(&chatting, shop.bob)).await);
    assert_eq!(refused, Refusal::AlreadyChatting { with: None });
    assert_eq!(refusal(shop.answer(&chatting, sent.id, Answer::Accept).await), Refusal::NotFound);
}

#[tokio::test]
async fn a_message_sent_twice_is_stored_once_and_its_name_is_not_used_again() {
    let (shop, guest) = (Shop::open().await, Guest::new());
    let chat = shop.chat(&guest).await;
    let name = client_id();
    let (first, second) =
        tokio::join!(shop.say(chat, Author::Visitor, name, "Hello"), shop.say(chat, Author::Visitor, name, "Hello"),);
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!(first.entry, second.entry);
    assert_ne!(first.fresh, second.fresh);
    assert_eq!(refusal(shop.say(chat, Author::Visitor, name, "Goodbye").await), Refusal::Reused);
    assert_eq!(
        refusal(shop.say(chat, Author::Agent(shop.ann), client_id(), "Hi").await),
        Refusal::Changed { agent: None }
    );
    let seqs: Vec<_> = shop.store.entries(chat, 0, 100).await.unwrap().iter().map(|entry| entry.seq).collect();
    assert_eq!(seqs, [1, 2]);
    let known = shop.store.chat(shop.organization, chat).await.unwrap().unwrap();
    assert_eq!((known.unread, known.last.unwrap().text.as_str()), (1, "Hello"));
    let read = Receipt { delivered: 0, read: 9 };
    let receipts = shop.store.receipts(chat, None, Some(read)).await.unwrap();
    assert_eq!(receipts.agent, Receipt { delivered: 2, read: 2 });
}

#[tokio::test]
async fn a_chat_that_ended_in_silence_is_reopened_by_the_visitor_only() {
    let (shop, guest) = (Shop::open().await, Guest::new());
    let chat = shop.chat(&guest).await;
    shop.claim(chat, shop.ann).await.unwrap();
    shop.store.end_chat(chat, shop.organization, EndReason::Silence, NOW).await.unwrap();
    assert_eq!(refusal(shop.say(chat, Author::Agent(shop.ann), client_id(), "Hi").await), Refusal::ChatEnded);
    let said = shop.say(chat, Author::Visitor, client_id(), "Are you there?").await.unwrap();
    let (reopened, entry) = said.reopened.unwrap();
    assert_eq!((reopened.state, reopened.agent, reopened.end_reason), (ChatState::Unclaimed, None, None));
    assert_eq!(entry.seq + 1, said.entry.seq);
    shop.store.end_chat(chat, shop.organization, EndReason::Visitor, NOW).await.unwrap();
    assert_eq!(refusal(shop.say(chat, Author::Visitor, client_id(), "Oh").await), Refusal::ChatEnded);
}

#[tokio::test]
async fn a_chat_is_taken_over_only_as_it_was_seen_and_goes_back_to_its_place_in_line() {
    let (shop, guest) = (Shop::open().await, Guest::new());
    let chat = shop.chat(&guest).await;
    let (seen, _) = shop.store.claim(chat, shop.organization, shop.ann, NOW + MINUTE).await.unwrap();
    let take_over = async |version| {
        shop.store.take_over(chat, shop.organization, shop.bob, Role::Supervisor, shop.ann, version, NOW).await
    };
    assert_eq!(refusal(take_over(seen.version - 1).await), Refusal::Changed { agent: Some(shop.ann) });
    assert_eq!(take_over(seen.version).await.unwrap().0.agent, Some(shop.bob));
    let (returned, _) = shop.store.return_chat(chat, NOW + 2 * MINUTE).await.unwrap();
    assert_eq!((returned.state, returned.since), (ChatState::Unclaimed, NOW));
    let stranger = OrganizationId(Uuid::now_v7());
    assert_eq!(refusal(shop.store.claim(chat, stranger, shop.ann, NOW).await), Refusal::NotFound);
    assert!(shop.store.chat(stranger, chat).await.unwrap().is_none());
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_the_store_was_dropped() {
    let (shop, guest) = (Shop::open().await, Guest::new());
    let chat = shop.chat(&guest).await;
    let view = PageView { page: Page { url: "https://shop.test/boots".into(), title: "Boots".into() }, at: NOW };
    let nobody = VisitId(Uuid::now_v7());
    shop.store.add_pages(vec![(guest.visit, view.clone()), (nobody, view.clone())]).await.unwrap();
    let say = (0..300).map(|number| {
        let text = number.to_string();
        let shop = &shop;
        async move { shop.say(chat, Author::Visitor, client_id(), &text).await }
    });
    let said = futures::future::try_join_all(say).await.unwrap();
    let mut acknowledged: Vec<_> = said.into_iter().map(|said| said.entry).collect();
    acknowledged.sort_by_key(|entry| entry.seq);
    let Shop { folder, store, organization, .. } = shop;
    let file = folder.path().join("jumpin.db");
    drop(store);

    let store = Store::open(&file).await.unwrap();
    let entries = store.entries(chat, 1, 1_000).await.unwrap();
    assert!(entries == acknowledged);
    assert_eq!(store.trail(organization, guest.visit).await.unwrap(), std::slice::from_ref(&view));
    let live = store.live_chats().await.unwrap();
    assert_eq!((live[0].chat.id, live[0].chat.head, &live[0].visit.page), (chat, 301, &view.page));
    store.close().await;
    assert!(matches!(store.happened(chat, Happening::VisitorLeft, NOW).await, Err(StoreError::Closed)));
    assert!(!folder.path().join("jumpin.db.open").exists());
}

#[tokio::test]
async fn a_file_is_open_in_one_place_only() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("jumpin.db");
    let store = Store::open(&file).await.unwrap();
    tokio::time::pause();
    assert!(matches!(Store::open(&file).await, Err(OpenError::Held(_))));
    tokio::time::resume();
    store.close().await;
    Store::open(&file).await.unwrap();
}

#[tokio::test]
async fn a_new_password_ends_every_session() {
    let shop = Shop::open().await;
    let session = [9; 32];
    shop.store.add_session(session, shop.ann, NOW, "Firefox").await.unwrap();
    assert_eq!(shop.store.session(session, NOW + 6 * MINUTE).await.unwrap().unwrap().agent, shop.ann);
    let mut ended = shop.store.ended_sessions();
    assert_eq!(shop.store.set_password("ann@shop.test", "other").await.unwrap(), shop.ann);
    assert_eq!(ended.recv().await.unwrap(), session);
    assert!(shop.store.session(session, NOW).await.unwrap().is_none());
    assert_eq!(refusal(shop.store.set_password("eve@shop.test", "other").await), Refusal::NotFound);
}

#[tokio::test]
async fn only_the_right_password_signs_in() {
    let shop = Shop::open().await;
    shop.store.set_password("ann@shop.test", &crate::sessions::hash_password("open sesame")).await.unwrap();
    let sessions = crate::sessions::Sessions::new(shop.store.clone());
    let home = std::net::IpAddr::from([127, 0, 0, 1]);
    let sign_in = async |email: &str, password: &str| sessions.sign_in(email, password, home, "Firefox", NOW).await;
    assert_eq!(sign_in("ann@shop.test", "sesame").await.unwrap_err(), Refusal::WrongCredentials);
    assert_eq!(sign_in("eve@shop.test", "nobody").await.unwrap_err(), Refusal::WrongCredentials);
    let (token, ann) = sign_in("Ann@shop.test", "open sesame").await.unwrap();
    assert_eq!(sessions.principal(&token, NOW).await.unwrap().agent, ann.agent);
    sessions.sign_out(&token).await;
    assert!(sessions.principal(&token, NOW).await.is_none());
}
