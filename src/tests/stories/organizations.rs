//! Two organizations on the same server never see each other's data. All of the second organization's data contains the
//! canary string, which must not appear in any frame, response, or page that the first one receives. Requests with the
//! second tenant's ids get the same response as requests with missing ids.

use std::{fs, path::Path};

use engine::store::NewAgent;
use jumpin::{
    dashboard::api::{ApiError, HandOverTarget},
    screens,
};
use load::Agent;
use protocol::{
    agent::{FromAgent, Role, ToAgent},
    chat::Receipt,
    codec,
    id::{ClientId, ConciergeId},
    invitation::Answer,
    language::Language,
    preferences::{Arrangement, Preference, View},
    refusal::Refusal,
    status::Status,
};
use uuid::Uuid;

use crate::{
    client_ext::{AgentExt, VisitorExt, with_deadline},
    second_tenant::{CANARY, Ids, SecondTenant},
    test_server::{SignedIn, TestServer, fixture_password_hash},
};

/// Creates an admin in the first organization and signs them in.
async fn admin(server: &TestServer) -> SignedIn {
    let store = server.engine.store();
    let organization = store.first_organization().await.unwrap().unwrap();
    let ada = NewAgent {
        organization,
        name: "Ada Adler".into(),
        email: "ada@acme.test".parse().unwrap(),
        role: Role::Admin,
        password_hash: fixture_password_hash().into(),
        max_chats: 3,
        language: Language::En,
    };
    store.add_agent(ada).await.unwrap();
    server.sign_in("ada").await
}

/// A function that encodes the arguments of a server function.
type Asked = fn(&Ids) -> Vec<u8>;

/// Every server function that takes an id.
const WITH_AN_ID: &[(&str, Asked)] = &[
    ("entries", |ids| codec::encode(&(ids.talking, 0u32))),
    ("page_views", |ids| codec::encode(&(ids.visit,))),
    ("invite", |ids| codec::encode(&(ids.visit, "Hello".to_owned()))),
    ("withdraw", |ids| codec::encode(&(ids.invitation,))),
    ("claim", |ids| codec::encode(&(ids.waiting,))),
    ("take-over", |ids| codec::encode(&(ids.talking, ids.agent, ids.version))),
    ("end-chat", |ids| codec::encode(&(ids.talking,))),
    ("decline", |ids| codec::encode(&(ids.waiting,))),
    ("hand-over", |ids| codec::encode(&(ids.talking, ids.agent, HandOverTarget::Team(ids.team), String::new()))),
    ("add-note", |ids| codec::encode(&(ids.talking, "Mine".to_owned(), false))),
    ("notes", |ids| codec::encode(&(ids.talking,))),
    ("tag", |ids| codec::encode(&(ids.talking, "mine".to_owned(), true))),
    ("preference", |ids| codec::encode(&(preference_with_view(ids.concierge),))),
];

/// Every other server function. `here` is tested with the second tenant's chat, which does not exist for the caller,
/// and `screen` is tested with every screen.
const WITHOUT_AN_ID: &[&str] =
    &["sign-in", "/sign-out", "here", "screen", "who-am-i", "set-availability", "tags", "replies"];

/// Returns a preference whose board view filters by this concierge.
fn preference_with_view(concierge: ConciergeId) -> Preference {
    let arrangement = Arrangement { concierge: Some(concierge), ..Arrangement::default() };
    Preference { views: vec![View { name: "Next door".into(), arrangement }], ..Preference::default() }
}

async fn post(server: &TestServer, me: &SignedIn, path: &str, body: Vec<u8>) -> (u16, Vec<u8>) {
    let asked = reqwest::Client::new()
        .post(server.http(path))
        .header("cookie", &me.cookie)
        .header("content-type", "application/octet-stream")
        .body(body);
    let answer = asked.send().await.unwrap();
    (answer.status().as_u16(), answer.bytes().await.unwrap().to_vec())
}

fn says_canary(bytes: &[u8]) -> bool {
    bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes())
}

#[test]
fn every_server_function_is_tried_with_the_second_tenants_ids() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/dashboard/api");
    let texts = fs::read_dir(folder).unwrap().map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    let text = texts.collect::<String>();
    let known: Vec<_> = WITH_AN_ID.iter().map(|(name, _)| *name).chain(WITHOUT_AN_ID.iter().copied()).collect();
    for piece in text.split("endpoint = \"").skip(1) {
        let name = piece.split('"').next().unwrap();
        assert!(known.contains(&name), "{name} is in neither list of {}", file!());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_tenants_data_is_not_found_by_server_functions_and_pages() {
    let server = TestServer::start().await;
    let mut second_tenant = SecondTenant::create(&server).await;
    let ada = admin(&server).await;
    for (name, asked) in WITH_AN_ID {
        for ids in [second_tenant.ids, Ids::missing()] {
            let (status, body) = post(&server, &ada, &format!("/api/{name}"), asked(&ids)).await;
            let error: ApiError = codec::decode(&body).unwrap();
            assert_eq!((status, error.refusal), (404, Refusal::NotFound), "{name}");
        }
    }
    for name in ["who-am-i", "tags", "replies"] {
        let (status, body) = post(&server, &ada, &format!("/api/{name}"), codec::encode(&())).await;
        assert!(status == 200 && !says_canary(&body), "{name}");
    }
    let (status, body) = post(&server, &ada, "/api/here", codec::encode(&(Some(second_tenant.ids.talking),))).await;
    assert!(status == 200 && !says_canary(&body));

    let Ids { visit, waiting, talking, agent, concierge, team, .. } = second_tenant.ids;
    let chats = [waiting, talking].map(|chat| format!("/chats/{chat}"));
    let visitor = second_tenant.dashboard.board.rows[&visit].visitor;
    let ids = [visit.0, waiting.0, talking.0, agent.0, concierge.0, team.0, visitor.0].map(|id| id.to_string());
    let screens = screens::SCREEN_PATHS.iter().flat_map(|place| ids.iter().map(|id| place.replace('*', id)));
    let pages = ["/visitors", "/chats"].map(str::to_owned).into_iter().chain(chats).chain(screens);
    for page in pages {
        let asked = reqwest::Client::new().get(server.http(&page)).header("cookie", &ada.cookie);
        let text = asked.send().await.unwrap().text().await.unwrap();
        assert!(!text.contains(CANARY), "{page}");
    }
    second_tenant.assert_unchanged().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_cannot_be_handed_to_another_tenant() {
    let server = TestServer::start().await;
    let mut second_tenant = SecondTenant::create(&server).await;
    let ada = admin(&server).await;
    let mut dashboard = server.dashboard(&ada).await;
    let mut visitor = server.visitor("/boots").await;
    let visit = dashboard.wait_for_row("/boots").await.visit;
    let chat = server.start_claimed_chat(&ada, &mut visitor, visit).await;
    for ids in [second_tenant.ids, Ids::missing()] {
        for to in [HandOverTarget::Agent(ids.agent), HandOverTarget::Team(ids.team)] {
            let asked = codec::encode(&(chat, ada.me.agent, to, String::new()));
            let (status, body) = post(&server, &ada, "/api/hand-over", asked).await;
            let error: ApiError = codec::decode(&body).unwrap();
            assert_eq!((status, error.refusal), (404, Refusal::NotFound), "{to:?}");
        }
    }
    let row = dashboard.wait_for_status(visit, Status::InProgress).await;
    assert_eq!(row.chat.unwrap().agent, Some(ada.me.agent));
    second_tenant.assert_unchanged().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_tenants_data_is_not_found_by_frames() {
    let server = TestServer::start().await;
    let ada = admin(&server).await;
    // This dashboard is opened before the second tenant is created, so any leaked event would reach it.
    let mut dashboard = server.dashboard(&ada).await;
    let mut second_tenant = SecondTenant::create(&server).await;
    for (ids, are) in [(second_tenant.ids, "the second tenant's"), (Ids::missing(), "nobody's")] {
        let receipt = Receipt { delivered: 1, read: 1 };
        for (frame, refused) in [
            (FromAgent::Open { chat: ids.talking, head: 0 }, true),
            (FromAgent::Open { chat: ids.waiting, head: 0 }, true),
            (
                FromAgent::SendMessage {
                    chat: ids.talking,
                    client_id: ClientId(Uuid::now_v7()),
                    text: "Hello?".into(),
                },
                true,
            ),
            (FromAgent::Receipt { chat: ids.talking, receipt }, true),
            (FromAgent::Typing(ids.talking), false),
            (FromAgent::Composing(Some(ids.visit)), false),
            (FromAgent::Close(ids.talking), false),
            (FromAgent::Resync, false),
        ] {
            dashboard.refused.clear();
            dashboard.send_frame(&frame).await.unwrap();
            let heard = drain_frames(&mut dashboard).await;
            assert!(!heard.contains(CANARY), "{frame:?}: {heard}");
            let expected: &[Refusal] = if refused { &[Refusal::NotFound] } else { &[] };
            assert_eq!(dashboard.refused, expected, "{frame:?}, {are}");
        }
    }
    second_tenant.assert_unchanged().await;
    // A message from the second tenant reaches only that tenant's own dashboard.
    second_tenant.talking.send_message("CANARY at last").await.unwrap();
    let chat = second_tenant.ids.talking;
    second_tenant
        .dashboard
        .until("the message", |agent| agent.messages(chat).contains(&(true, "CANARY at last")).then_some(()))
        .await;
    let heard = drain_frames(&mut dashboard).await;
    assert!(!heard.contains(CANARY), "{heard}");
    assert!(dashboard.board.rows.is_empty() && dashboard.chats.is_empty());
}

/// Returns every frame that was sent before this call, as text.
async fn drain_frames(dashboard: &mut Agent) -> String {
    dashboard.send_frame(&FromAgent::Heartbeat).await.unwrap();
    let mut heard = String::new();
    with_deadline("the heartbeat reply", async {
        loop {
            let frame = dashboard.next().await.unwrap();
            heard.push_str(&format!("{frame:?}"));
            if matches!(frame, ToAgent::Heartbeat { .. }) {
                return;
            }
        }
    })
    .await;
    heard
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_of_one_tenant_is_unknown_to_the_other() {
    let server = TestServer::start().await;
    let mut second_tenant = SecondTenant::create(&server).await;
    let mut visitor = server.visitor("/boots").await;
    visitor.answer_invitation(second_tenant.ids.invitation, Answer::Accept).await.unwrap();
    visitor.wait_until_synced().await;
    assert!(visitor.chat.is_none() && visitor.entries.is_empty());
    // The token of the second tenant's visitor is not valid for this concierge.
    let mut thief = server.tab("/boots", Some(second_tenant.talking.token())).await;
    thief.wait_until_synced().await;
    assert!(thief.chat.is_none() && thief.entries.is_empty() && thief.invitation.is_none());
    assert!(!format!("{:?}", thief.welcome).contains(CANARY));
    second_tenant.assert_unchanged().await;
}
