//! An agent's own account: the avatar that others see, and the agent's time zone.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use engine::{Principal, sessions::hash_password, store::NewAgent};
use load::{Agent, Visitor};
use protocol::{agent::Role, language::Language};
use reqwest::{
    Client, Response, header,
    multipart::{Form, Part},
    redirect::Policy,
};

use crate::{
    client_ext::{AgentExt, VisitorExt},
    test_server::{PASSWORD, SignedIn, TestServer},
};

/// A one-pixel image.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

fn browser() -> Client {
    Client::builder().redirect(Policy::none()).build().unwrap()
}

async fn get_page(server: &TestServer, who: &SignedIn, path: &str) -> Response {
    let asked = browser().get(server.http(path)).header(header::COOKIE, &who.cookie);
    asked.header(header::ACCEPT, "text/html").send().await.unwrap()
}

async fn submit_form(server: &TestServer, who: &SignedIn, path: &str, form: Form) -> Response {
    let sent =
        browser().post(server.http(path)).header(header::COOKIE, &who.cookie).header(header::ACCEPT, "text/html");
    sent.multipart(form).send().await.unwrap()
}

async fn upload(server: &TestServer, who: &SignedIn, bytes: Vec<u8>) -> Response {
    let file = Part::bytes(bytes).file_name("\"><img src=x>.png");
    submit_form(server, who, "/account/avatar", Form::new().part("avatar", file)).await
}

async fn avatars(server: &TestServer, me: &Principal) -> Vec<String> {
    let directory = server.engine.directory(me).await.unwrap();
    directory.agents.into_iter().map(|card| card.avatar).filter(|avatar| !avatar.is_empty()).collect()
}

fn files(server: &TestServer) -> usize {
    std::fs::read_dir(server.data().join("files/avatars")).unwrap().count()
}

/// Creates an admin in another organization and signs them in.
async fn stranger(server: &TestServer) -> SignedIn {
    let organization = server.engine.store().add_organization("Next door").await.unwrap();
    let bea = NewAgent {
        organization,
        name: "Bea Brown".into(),
        email: "bea@acme.test".parse().unwrap(),
        role: Role::Admin,
        password_hash: hash_password(PASSWORD),
        max_chats: 3,
        language: Language::En,
    };
    server.engine.store().add_agent(bea).await.unwrap();
    server.sign_in("bea").await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_avatar_is_served_to_colleagues_until_replaced() {
    let server = TestServer::start().await;
    let (ann, ben, bea) = (server.sign_in("ann").await, server.sign_in("ben").await, stranger(&server).await);
    let mut dashboard = server.dashboard(&ann).await;
    // Covers H9 and H1: only the image itself is stored, without the bytes appended to it.
    let uploaded = [STANDARD.decode(PNG).unwrap(), b"CANARY<script>".to_vec()].concat();
    let saved = upload(&server, &ben, uploaded.clone()).await;
    assert_eq!(saved.headers()[header::LOCATION], "/account?saved");
    let has_one = |dashboard: &Agent| dashboard.directory.agents.iter().find(|card| !card.avatar.is_empty()).cloned();
    let card = dashboard.until("the picture", has_one).await;
    assert_eq!(card.id, ben.me.agent);
    let address = avatars(&server, &ann.me).await.remove(0);
    assert_eq!(address, card.avatar);

    let shown = get_page(&server, &ann, &address).await;
    let named = |name| shown.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(
        (named(header::CONTENT_TYPE), named(header::X_CONTENT_TYPE_OPTIONS)),
        ("image/png".into(), "nosniff".into())
    );
    assert!(named(header::CACHE_CONTROL).contains("private") && named(header::CACHE_CONTROL).contains("immutable"));
    let bytes = shown.bytes().await.unwrap();
    assert!(bytes.starts_with(b"\x89PNG") && !bytes.windows(6).any(|window| window == b"CANARY"));
    assert_eq!(get_page(&server, &bea, &address).await.status(), 404);
    for path in ["/avatars/..%2f..%2fjumpin.db", "/avatars/jumpin", &format!("/avatars/{}", "0".repeat(32))] {
        assert_eq!(get_page(&server, &ann, path).await.status(), 404, "{path}");
    }
    for page in ["/account", "/visitors"] {
        assert!(get_page(&server, &ben, page).await.text().await.unwrap().contains(&address), "{page}");
    }
    let dora = server.sign_in("dora").await;
    assert!(get_page(&server, &dora, "/settings/agents").await.text().await.unwrap().contains(&address));

    upload(&server, &ben, uploaded).await;
    assert_eq!(get_page(&server, &ann, &address).await.status(), 404);
    assert_eq!((avatars(&server, &ann.me).await.len(), files(&server)), (1, 1));
    submit_form(&server, &ben, "/account/avatar/remove", Form::new().text("remove", "on")).await;
    assert_eq!((avatars(&server, &ann.me).await.len(), files(&server)), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn visitors_see_an_active_agents_avatar() {
    let server = TestServer::start().await;
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let (mut visitor, _) = server.visitor_in_claimed_chat(&ann, &mut dashboard, "/boots").await;
    let with = |visitor: &Visitor| visitor.chat.as_ref().and_then(|chat| chat.agent.clone());
    assert_eq!(visitor.until("Ann", with).await.avatar, "", "Ann has no avatar yet");
    upload(&server, &ann, STANDARD.decode(PNG).unwrap()).await;
    let mut other = server.visitor("/tents").await;
    let visit = dashboard.wait_for_row("/tents").await.visit;
    server.engine.invite(&ann.me, visit, "Hello".into()).await.unwrap();
    let avatar =
        other.until("Ann's avatar", |other| other.invitation.as_ref().map(|asked| asked.by.avatar.clone())).await;

    // The widget's frame requests the avatar without a cookie or token.
    let shown = async |name: &str| browser().get(server.http(&format!("/concierge/v1/{name}"))).send().await.unwrap();
    let picture = shown(&avatar).await;
    assert_eq!(picture.headers()[header::CONTENT_TYPE], "image/png");
    assert_eq!(picture.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert!(picture.bytes().await.unwrap().starts_with(b"\x89PNG"));
    for name in ["..%2f..%2f..%2fjumpin.db", "jumpin", &"0".repeat(32)] {
        assert_eq!(shown(&format!("avatars/{name}")).await.status(), 404, "{name}");
    }
    server.engine.store().set_active("ann@acme.test", false).await.unwrap();
    assert_eq!(shown(&avatar).await.status(), 404, "a deactivated agent has no avatar");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orphaned_avatar_is_removed_at_startup() {
    let server = TestServer::start().await;
    let ann = server.sign_in("ann").await;
    upload(&server, &ann, STANDARD.decode(PNG).unwrap()).await;
    let address = avatars(&server, &ann.me).await.remove(0);
    // This is the state after a crash between writing the file and writing its row.
    std::fs::write(server.data().join("files/avatars").join("0".repeat(32) + ".png"), "x").unwrap();
    assert_eq!(files(&server), 2);
    let server = server.restart().await;
    assert_eq!(files(&server), 1);
    let ann = server.sign_in("ann").await;
    assert_eq!(get_page(&server, &ann, &address).await.status(), 200);
}

/// Covers H1: the content decides whether a file is an image.
#[tokio::test(flavor = "multi_thread")]
async fn non_image_is_refused_whatever_its_name() {
    let server = TestServer::start().await;
    let ben = server.sign_in("ben").await;
    for bytes in [&b"<svg onload=__pwned=1>"[..], b"GIF89a\x01\x00\x01\x00", b"<html>", b""] {
        let again = upload(&server, &ben, bytes.to_vec()).await;
        assert_eq!(again.status(), 422);
        let page = again.text().await.unwrap();
        assert!(
            page.contains("This file is not a valid PNG, JPEG, or WebP image") && !page.contains("<img src=x>"),
            "{page}"
        );
    }
    assert!(avatars(&server, &ben.me).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn times_are_shown_in_the_agents_time_zone() {
    let server = TestServer::start().await;
    let ben = server.sign_in("ben").await;
    let mut dashboard = server.dashboard(&ben).await;
    let signed_in = server.engine.account(&ben.me).await.unwrap().sign_ins[0].created_at;
    let hour_minute = |at: protocol::Millis| {
        let minutes = at.div_euclid(60_000).rem_euclid(24 * 60);
        format!("{:02}:{:02}", minutes / 60, minutes % 60)
    };
    let page = get_page(&server, &ben, "/account").await.text().await.unwrap();
    assert!(page.contains(&format!("{} UTC", hour_minute(signed_in))), "UTC by default: {page}");

    let sent = Form::new().text("name", "Ben Brooks").text("zone", "Asia/Kolkata");
    assert_eq!(submit_form(&server, &ben, "/account", sent).await.status(), 303);
    dashboard
        .until("the clock", |dashboard| dashboard.directory.clock.first().filter(|(_, ahead)| *ahead == 330).copied())
        .await;
    let page = get_page(&server, &ben, "/account").await.text().await.unwrap();
    let there = hour_minute(signed_in + 330 * 60_000);
    assert!(page.contains(&format!("{there}<")) && !page.contains(" UTC"), "{there}: {page}");
    // Other agents keep their own time zone.
    let ann = server.sign_in("ann").await;
    assert!(server.engine.directory(&ann.me).await.unwrap().clock.is_empty());
    let wrong = Form::new().text("name", "Ben Brooks").text("zone", "../../etc/passwd");
    assert_eq!(submit_form(&server, &ben, "/account", wrong).await.status(), 422);
}
