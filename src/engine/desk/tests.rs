//! The way from a visitor on the board to a chat, through the seats and the store.

use protocol::{
    agent::{FromAgent, Notice, Role, ToAgent},
    board::Board,
    chat::{Body, ChatState},
    codec,
    concierge::{Look, Privacy, Side},
    goodbye::Goodbye,
    id::{ClientId, ConciergeKey, TabId, VisitorToken},
    invitation::{Answer, InvitationState},
    page::Page,
    presence::TabActivity,
    refusal::Refusal,
    status::Status,
    visitor::{FromVisitor, Hello, ToVisitor, Welcome},
    words::Language,
};
use uuid::Uuid;

use super::Engine;
use crate::{
    AgentSeat, Caller, Outgoing, Principal, Settings, Store, Timers, VisitorSeat,
    store::{NewAgent, NewConcierge},
};

struct House {
    engine: Engine,
    ann: Principal,
    bob: Principal,
    _folder: tempfile::TempDir,
}

impl House {
    async fn open(timers: Timers) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("jumpin.db")).await.expect("a store");
        let organization = store.add_organization("Shop").await.expect("an organization");
        let concierge = NewConcierge {
            organization,
            key: ConciergeKey("shop".into()),
            name: "Shop".into(),
            sites: vec!["https://shop.test".into()],
            team: None,
            look: Look {
                title: "Shop".into(),
                greeting: "Hello".into(),
                colour: "#123456".into(),
                side: Side::Right,
                language: Language::En,
            },
            privacy: Privacy::Full,
            invitation: "May I help?".into(),
        };
        store.add_concierge(concierge).await.expect("a concierge");
        let mut people = Vec::new();
        for name in ["Ann Archer", "Bob Baker"] {
            let new = NewAgent {
                organization,
                name: name.into(),
                email: format!("{}@shop.test", &name[..3]),
                role: Role::Agent,
                password_hash: String::new(),
                max_chats: 3,
            };
            let agent = store.add_agent(new).await.expect("an agent");
            people.push(Principal {
                agent,
                organization,
                role: Role::Agent,
                name: name.into(),
                session: [people.len() as u8; 32],
            });
        }
        let settings = Settings { timers, public_url: "http://127.0.0.1:3000".into() };
        let engine = Engine::start(store, settings).await.expect("an engine");
        let (bob, ann) = (people.pop().expect("two"), people.pop().expect("two"));
        Self { engine, ann, bob, _folder: folder }
    }

    async fn hello(&self, token: Option<VisitorToken>, host: &str) -> Result<VisitorSeat, Goodbye> {
        let hello = Hello {
            version: protocol::VERSION,
            concierge: ConciergeKey("shop".into()),
            token,
            tab: TabId(Uuid::now_v7()),
            host: host.into(),
            page: Page { url: "https://shop.test/boots?secret=1".into(), title: "Boots".into() },
            activity: TabActivity { visible: true, typing_in_form: false, input: true },
            driven: false,
            head: 0,
        };
        let user_agent = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0".into();
        let from = Caller { ip: [127, 0, 0, 1].into(), user_agent, is_mobile: false };
        self.engine.visitor_arrives(hello, from).await
    }

    async fn visitor(&self, token: Option<VisitorToken>) -> (VisitorSeat, Welcome) {
        let mut seat = self.hello(token, "https://shop.test").await.expect("a seat");
        let welcome = visitor_until(&mut seat, |frame| match frame {
            ToVisitor::Welcome(welcome) => Some(welcome),
            _ => None,
        });
        let welcome = welcome.await;
        (seat, welcome)
    }

    async fn agent(&self, who: &Principal) -> AgentSeat {
        self.engine.agent_arrives(who.clone(), None).await.expect("a seat")
    }
}

async fn visitor_until<T>(seat: &mut VisitorSeat, wanted: impl Fn(ToVisitor) -> Option<T>) -> T {
    loop {
        match seat.next().await {
            Outgoing::Frame(frame) => {
                if let Some(found) = wanted(codec::decode(&frame).expect("a frame")) {
                    return found;
                }
            }
            Outgoing::Close(goodbye) => panic!("closed: {goodbye:?}"),
        }
    }
}

async fn agent_until<T>(seat: &mut AgentSeat, wanted: impl Fn(ToAgent) -> Option<T>) -> T {
    loop {
        match seat.next().await {
            Outgoing::Frame(frame) => {
                if let Some(found) = wanted(codec::decode(&frame).expect("a frame")) {
                    return found;
                }
            }
            Outgoing::Close(goodbye) => panic!("closed: {goodbye:?}"),
        }
    }
}

#[tokio::test]
async fn from_the_board_to_a_chat() {
    let house = House::open(Timers::default()).await;
    let engine = &house.engine;
    let (mut vera, welcome) = house.visitor(None).await;
    let row = engine.board(&house.ann).await.rows.remove(0);
    assert_eq!((row.page.url.as_str(), row.browser.as_str()), ("https://shop.test/boots", "Firefox 143 · Linux"));
    let mut ann = house.agent(&house.ann).await;

    // Scenario 1.
    let invitation = engine.invite(&house.ann, row.visit, " May I help? ".into()).await.expect("the first");
    let second = engine.invite(&house.bob, row.visit, "Hello".into()).await;
    assert!(matches!(second, Err(Refusal::AlreadyInvited { by, .. }) if by == house.ann.agent), "{second:?}");
    let shown = visitor_until(&mut vera, |frame| match frame {
        ToVisitor::Invitation(shown) => shown,
        _ => None,
    });
    let shown = shown.await;
    assert_eq!((shown.id, shown.text.as_str(), shown.by.name.as_str()), (invitation, "May I help?", "Ann"));
    vera.hear(FromVisitor::Seen(invitation)).await.expect("heard");
    let row = engine.board(&house.ann).await.rows.remove(0);
    assert_eq!(row.invitation.map(|had| had.state), Some(InvitationState::Seen));

    // Scenario 3: two tabs say yes.
    let (mut other_tab, _) = house.visitor(Some(welcome.token.clone())).await;
    let yes = FromVisitor::Answer { invitation, answer: Answer::Accept };
    vera.hear(yes.clone()).await.expect("heard");
    other_tab.hear(yes).await.expect("heard");
    let chat = agent_until(&mut ann, |frame| match frame {
        ToAgent::Notice(Notice::Accepted { chat, .. }) => Some(chat),
        _ => None,
    });
    let chat = chat.await;
    assert_eq!(engine.board(&house.ann).await.rows.len(), 1);
    assert!(matches!(engine.claim(&house.bob, chat).await, Err(Refusal::Reserved { .. })));
    engine.claim(&house.ann, chat).await.expect("claimed");
    let late = engine.claim(&house.bob, chat).await;
    assert!(matches!(late, Err(Refusal::AlreadyClaimed { by, .. }) if by == house.ann.agent), "{late:?}");

    // A message each way.
    let client_id = ClientId(Uuid::now_v7());
    vera.hear(FromVisitor::Say { client_id, text: "Which size?".into() }).await.expect("heard");
    let acknowledged = async |seat: &mut VisitorSeat| {
        let seq = visitor_until(seat, |frame| match frame {
            ToVisitor::Acknowledged { client_id: named, seq, .. } => (named == client_id).then_some(seq),
            _ => None,
        });
        seq.await
    };
    let seq = acknowledged(&mut vera).await;
    vera.hear(FromVisitor::Say { client_id, text: "Which size?".into() }).await.expect("heard");
    assert_eq!(acknowledged(&mut vera).await, seq, "a second arrival gets the same answer");
    let said = agent_until(&mut ann, |frame| match frame {
        ToAgent::Entries { entries, .. } => entries.into_iter().find(|entry| matches!(entry.body, Body::Text(_))),
        _ => None,
    });
    assert_eq!(said.await.seq, seq);
    let client_id = ClientId(Uuid::now_v7());
    ann.hear(FromAgent::Say { chat, client_id, text: "Forty-two.".into() }).await.expect("heard");
    let heard = visitor_until(&mut other_tab, |frame| match frame {
        ToVisitor::Entries(entries) => entries.into_iter().find(|entry| entry.client_id == Some(client_id)),
        _ => None,
    });
    assert_eq!(heard.await.body, Body::Text("Forty-two.".into()));

    engine.end(&house.ann, chat).await.expect("ended");
    let row = engine.board(&house.ann).await.rows.remove(0);
    assert_eq!(row.chat.as_ref().map(|chat| chat.state), Some(ChatState::Ended));
    drop((vera, other_tab, ann));
    engine.stop().await;
}

#[tokio::test]
async fn another_site_is_turned_away() {
    let house = House::open(Timers::default()).await;
    assert_eq!(house.hello(None, "https://evil.test").await.err(), Some(Goodbye::WrongSite));
    assert_eq!(house.hello(None, "").await.err(), Some(Goodbye::WrongSite));
}

/// Scenario 18, and a dashboard that follows by batches.
#[tokio::test]
async fn a_denial_is_told_and_keeps_everybody_away() {
    let house = House::open(Timers::default()).await;
    let engine = &house.engine;
    let mut ann = house.agent(&house.ann).await;
    let (mut vera, _) = house.visitor(None).await;
    let invitation = engine.invite(&house.ann, vera.visit(), "May I help?".into()).await.expect("invited");
    vera.hear(FromVisitor::Answer { invitation, answer: Answer::Deny }).await.expect("heard");
    let denied = engine.invite(&house.bob, vera.visit(), "Hello".into()).await;
    assert!(matches!(denied, Err(Refusal::Quiet { .. })), "{denied:?}");
    let mut board: Option<Board> = None;
    loop {
        let Outgoing::Frame(frame) = ann.next().await else { panic!("closed") };
        match codec::decode(&frame).expect("a frame") {
            ToAgent::Snapshot(snapshot) => board = Some(snapshot.into()),
            ToAgent::Batch(batch) => board.as_mut().expect("a snapshot comes first").apply(batch).expect("no gap"),
            _ => {}
        }
        let row = board.as_ref().and_then(|board| board.rows.get(&vera.visit()));
        if row.is_some_and(|row| row.status(engine.now()) == Status::UserDenied) {
            return;
        }
    }
}

/// Scenario 13 and the expiry, by the real clock with short timers.
#[tokio::test]
async fn an_unanswered_invitation_ends_and_its_agent_hears_of_it() {
    let timers = Timers { invitation_lifetime: 20, ..Timers::default() };
    let house = House::open(timers).await;
    let mut ann = house.agent(&house.ann).await;
    let (vera, _) = house.visitor(None).await;
    let invitation = house.engine.invite(&house.ann, vera.visit(), "May I help?".into()).await.expect("invited");
    let ended = agent_until(&mut ann, |frame| match frame {
        ToAgent::Notice(Notice::Unanswered { invitation, left, .. }) => Some((invitation, left)),
        _ => None,
    });
    assert_eq!(ended.await, (invitation, false));
}
