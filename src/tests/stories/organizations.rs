//! Two organizations on one server never see each other. Everything of the neighbour says CANARY, and no frame, answer or page
//! that the other one gets may say it; what is asked with the neighbour's ids is not there, as if it never was.

use std::{fs, path::Path};

use engine::store::NewAgent;
use jumpin::{
    dashboard::api::{ApiError, HandTo},
    office,
};
use load::Agent;
use protocol::{
    agent::{FromAgent, Role, ToAgent},
    chat::Receipt,
    codec,
    id::{ClientId, ConciergeId},
    invitation::Answer,
    preference::{Arrangement, Preference, View},
    refusal::Refusal,
    status::Status,
    words::Language,
};
use uuid::Uuid;

use crate::{
    house::{House, SignedIn, hashed},
    neighbour::{CANARY, Ids, Neighbour},
    waiting::{AtTheDesk, OnThePage, soon},
};

/// Somebody who may do everything, in his own house.
async fn admin(house: &House) -> SignedIn {
    let store = house.engine.store();
    let organization = store.first_organization().await.unwrap().unwrap();
    let ada = NewAgent {
        organization,
        name: "Ada Adler".into(),
        email: "ada@house.test".into(),
        role: Role::Admin,
        password_hash: hashed().into(),
        max_chats: 3,
        language: Language::En,
    };
    store.add_agent(ada).await.unwrap();
    house.signs_in("ada").await
}

/// What is asked of a server function, packed.
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
    ("hand-over", |ids| codec::encode(&(ids.talking, ids.agent, HandTo::Team(ids.team), String::new()))),
    ("add-note", |ids| codec::encode(&(ids.talking, "Mine".to_owned(), false))),
    ("notes", |ids| codec::encode(&(ids.talking,))),
    ("tag", |ids| codec::encode(&(ids.talking, "mine".to_owned(), true))),
    ("preference", |ids| codec::encode(&(liking(ids.concierge),))),
];

/// Every server function that takes none; `here` says of a chat that there is none, `sheet` is tried place by place.
const WITHOUT_AN_ID: &[&str] =
    &["sign-in", "/sign-out", "here", "sheet", "who-am-i", "set-availability", "tags", "replies"];

/// A view of the board at a concierge.
fn liking(concierge: ConciergeId) -> Preference {
    let arrangement = Arrangement { concierge: Some(concierge), ..Arrangement::default() };
    Preference { views: vec![View { name: "Next door".into(), arrangement }], ..Preference::default() }
}

async fn post(house: &House, me: &SignedIn, path: &str, body: Vec<u8>) -> (u16, Vec<u8>) {
    let asked = reqwest::Client::new()
        .post(house.http(path))
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
fn every_server_function_is_tried_with_the_neighbours_ids() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/dashboard/api");
    let texts = fs::read_dir(folder).unwrap().map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    let text = texts.collect::<String>();
    let known: Vec<_> = WITH_AN_ID.iter().map(|(name, _)| *name).chain(WITHOUT_AN_ID.iter().copied()).collect();
    for piece in text.split("endpoint = \"").skip(1) {
        let name = piece.split('"').next().unwrap();
        assert!(known.contains(&name), "{name} stands in neither list of {}", file!());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_next_door_is_not_there_by_server_functions_and_pages() {
    let house = House::open().await;
    let mut neighbour = Neighbour::moves_in(&house).await;
    let ada = admin(&house).await;
    for (name, asked) in WITH_AN_ID {
        for ids in [neighbour.ids, Ids::missing()] {
            let (status, body) = post(&house, &ada, &format!("/api/{name}"), asked(&ids)).await;
            let error: ApiError = codec::decode(&body).unwrap();
            assert_eq!((status, error.refusal), (404, Refusal::NotFound), "{name}");
        }
    }
    for name in ["who-am-i", "tags", "replies"] {
        let (status, body) = post(&house, &ada, &format!("/api/{name}"), codec::encode(&())).await;
        assert!(status == 200 && !says_canary(&body), "{name}");
    }
    let (status, body) = post(&house, &ada, "/api/here", codec::encode(&(Some(neighbour.ids.talking),))).await;
    assert!(status == 200 && !says_canary(&body));

    let Ids { visit, waiting, talking, agent, concierge, team, .. } = neighbour.ids;
    let chats = [waiting, talking].map(|chat| format!("/chats/{chat}"));
    let visitor = neighbour.desk.board.rows[&visit].visitor;
    let ids = [visit.0, waiting.0, talking.0, agent.0, concierge.0, team.0, visitor.0].map(|id| id.to_string());
    let sheets = office::PLACES.iter().flat_map(|place| ids.iter().map(|id| place.replace('*', id)));
    let pages = ["/visitors", "/chats"].map(str::to_owned).into_iter().chain(chats).chain(sheets);
    for page in pages {
        let asked = reqwest::Client::new().get(house.http(&page)).header("cookie", &ada.cookie);
        let text = asked.send().await.unwrap().text().await.unwrap();
        assert!(!text.contains(CANARY), "{page}");
    }
    neighbour.is_undisturbed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_hands_his_own_chat_next_door() {
    let house = House::open().await;
    let mut neighbour = Neighbour::moves_in(&house).await;
    let ada = admin(&house).await;
    let mut desk = house.dashboard(&ada).await;
    let mut visitor = house.visitor("/boots").await;
    let visit = desk.row_on("/boots").await.visit;
    let chat = house.chatting(&ada, &mut visitor, visit).await;
    for ids in [neighbour.ids, Ids::missing()] {
        for to in [HandTo::Agent(ids.agent), HandTo::Team(ids.team)] {
            let asked = codec::encode(&(chat, ada.me.agent, to, String::new()));
            let (status, body) = post(&house, &ada, "/api/hand-over", asked).await;
            let error: ApiError = codec::decode(&body).unwrap();
            assert_eq!((status, error.refusal), (404, Refusal::NotFound), "{to:?}");
        }
    }
    let row = desk.sees(visit, Status::InProgress).await;
    assert_eq!(row.chat.unwrap().agent, Some(ada.me.agent));
    neighbour.is_undisturbed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_next_door_is_not_there_by_frames() {
    let house = House::open().await;
    let ada = admin(&house).await;
    // Here before the neighbour moves in: whatever happens there happens before her eyes, or not.
    let mut desk = house.dashboard(&ada).await;
    let mut neighbour = Neighbour::moves_in(&house).await;
    for (ids, are) in [(neighbour.ids, "the neighbour's"), (Ids::missing(), "nobody's")] {
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
            desk.refused.clear();
            desk.tell(&frame).await.unwrap();
            let heard = hears(&mut desk).await;
            assert!(!heard.contains(CANARY), "{frame:?}: {heard}");
            let expected: &[Refusal] = if refused { &[Refusal::NotFound] } else { &[] };
            assert_eq!(desk.refused, expected, "{frame:?}, {are}");
        }
    }
    neighbour.is_undisturbed().await;
    // A last word next door reaches its own people, and nobody else.
    neighbour.talking.says("CANARY at last").await.unwrap();
    let chat = neighbour.ids.talking;
    neighbour.desk.until("it", |agent| agent.messages(chat).contains(&(true, "CANARY at last")).then_some(())).await;
    let heard = hears(&mut desk).await;
    assert!(!heard.contains(CANARY), "{heard}");
    assert!(desk.board.rows.is_empty() && desk.chats.is_empty());
}

/// Every frame that was on its way, in words.
async fn hears(desk: &mut Agent) -> String {
    desk.tell(&FromAgent::Beat).await.unwrap();
    let mut heard = String::new();
    soon("the answer to a beat", async {
        loop {
            let frame = desk.next().await.unwrap();
            heard.push_str(&format!("{frame:?}"));
            if matches!(frame, ToAgent::Beat { .. }) {
                return;
            }
        }
    })
    .await;
    heard
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_of_one_house_is_nobody_in_the_other() {
    let house = House::open().await;
    let mut neighbour = Neighbour::moves_in(&house).await;
    let mut visitor = house.visitor("/boots").await;
    visitor.answers(neighbour.ids.invitation, Answer::Accept).await.unwrap();
    visitor.is_up_to_date().await;
    assert!(visitor.chat.is_none() && visitor.entries.is_empty());
    // The secret of the neighbour's visitor opens nothing under this concierge.
    let mut thief = house.tab("/boots", Some(neighbour.talking.token())).await;
    thief.is_up_to_date().await;
    assert!(thief.chat.is_none() && thief.entries.is_empty() && thief.invitation.is_none());
    assert!(!format!("{:?}", thief.welcome).contains(CANARY));
    neighbour.is_undisturbed().await;
}
