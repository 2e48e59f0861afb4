//! Agents must enter their password again: with an open session alone, nobody can hand out access or export or delete
//! data.

use engine::store::AuditFilter;
use protocol::id::ChatId;
use reqwest::{Client, Response, header, multipart::Form, redirect::Policy};

use crate::{
    client_ext::VisitorExt,
    test_server::{PASSWORD, SignedIn, TestServer},
};

fn browser() -> Client {
    Client::builder().redirect(Policy::none()).build().unwrap()
}

async fn get_page(server: &TestServer, who: &SignedIn, path: &str) -> Response {
    let asked = browser().get(server.http(path)).header(header::COOKIE, &who.cookie);
    asked.header(header::ACCEPT, "text/html").send().await.unwrap()
}

async fn submit_form(server: &TestServer, who: &SignedIn, path: &str, fields: &[(&str, &str)]) -> Response {
    let form =
        fields.iter().fold(Form::new(), |form, (name, value)| form.text((*name).to_owned(), (*value).to_owned()));
    let sent = browser().post(server.http(path)).header(header::COOKIE, &who.cookie);
    sent.header(header::ACCEPT, "text/html").multipart(form).send().await.unwrap()
}

async fn submit_export(server: &TestServer, who: &SignedIn, path: &str, filter: &[(&str, &str)]) -> Response {
    let sent = browser().post(server.http(path)).header(header::COOKIE, &who.cookie);
    sent.header(header::ACCEPT, "text/html").form(filter).send().await.unwrap()
}

/// Signs an agent in, with the password entered eleven minutes ago.
async fn sign_in_long_ago(server: &TestServer, who: &str) -> SignedIn {
    let signed_in = server.sign_in(who).await;
    forget_password(server, &signed_in).await;
    signed_in
}

async fn forget_password(server: &TestServer, who: &SignedIn) {
    let long_ago = server.engine.now() - 11 * 60_000;
    server.engine.store().record_reauthentication(who.me.session, long_ago).await.unwrap();
}

async fn create_ended_chat(server: &TestServer) -> ChatId {
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let (mut visitor, chat) = server.visitor_in_claimed_chat(&ann, &mut dashboard, "/boots").await;
    visitor.send_message("Hello").await.unwrap();
    visitor.until("the message", |visitor| (!visitor.messages().is_empty()).then_some(())).await;
    server.engine.end(&ann.me, chat).await.unwrap();
    visitor.disconnect().await;
    chat
}

const INVITE: &str = "/settings/agents/invite";
const EMMA: [(&str, &str); 3] = [("email", "emma@acme.test"), ("role", "supervisor"), ("max_chats", "7")];

#[tokio::test(flavor = "multi_thread")]
async fn a_form_asks_for_the_password_in_place_and_keeps_what_was_entered() {
    let server = TestServer::start().await;
    let dora = sign_in_long_ago(&server, "dora").await;
    let asked = submit_form(&server, &dora, INVITE, &EMMA).await;
    assert_eq!(asked.status(), 422);
    let page = asked.text().await.unwrap();
    for words in ["Please enter your password again.", "name=\"password_again\"", "emma@acme.test", "value=\"7\""] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("/join/"), "{page}");
    let with = |password| [&EMMA[..], &[("password_again", password)]].concat();
    let page = submit_form(&server, &dora, INVITE, &with("wrong")).await.text().await.unwrap();
    assert!(page.contains("not your current password") && page.contains("emma@acme.test"), "{page}");
    assert!(!page.contains("/join/") && !page.contains("value=\"wrong\""), "{page}");
    let page = submit_form(&server, &dora, INVITE, &with(PASSWORD)).await.text().await.unwrap();
    assert!(page.contains("/join/"), "{page}");
    // The password is remembered for a while.
    let fred = [("email", "fred@acme.test"), ("role", "agent"), ("max_chats", "3")];
    assert!(submit_form(&server, &dora, INVITE, &fred).await.text().await.unwrap().contains("/join/"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_sensitive_form_asks_for_the_password_before_it_does_anything() {
    let server = TestServer::start().await;
    let chat = create_ended_chat(&server).await;
    let (dora, ben) = (sign_in_long_ago(&server, "dora").await, server.sign_in("ben").await);
    let visitor = server.engine.past_chat(&dora.me, chat).await.unwrap().visitor;
    let (agent, visitor) = (format!("/settings/agents/{}", ben.me.agent), format!("/history/visitors/{visitor}"));
    let (reset, active, erase) = (format!("{agent}/reset"), format!("{agent}/active"), format!("{visitor}/erase"));
    let role: &[(&str, &str)] = &[("name", "Ben Brooks"), ("role", "admin"), ("max_chats", "3")];
    let forms: [(&str, &[(&str, &str)]); 7] = [
        (INVITE, &EMMA),
        (&reset, &[("reset", "on")]),
        (&agent, role),
        (&active, &[("active", "")]),
        ("/settings/teams/new", &[("name", "Support")]),
        ("/settings/privacy", &[("chats", "1"), ("visits", "1"), ("audit", "1"), ("audit_addresses", "1")]),
        (&erase, &[]),
    ];
    // Wrong passwords and reads are recorded as well.
    let audit = async || {
        let lines = server.engine.audit(&dora.me, AuditFilter::default(), 100).await.unwrap();
        let is_change = |action: &str| !action.starts_with("account.") && !action.ends_with(".read");
        lines.iter().filter(|line| is_change(&line.action)).count()
    };
    let before = audit().await;
    for (path, fields) in forms {
        for password in [None, Some(""), Some("wrong")] {
            // After five wrong passwords, the right one would have to wait.
            if password == Some("wrong") && path != reset && path != erase {
                continue;
            }
            // A multipart form needs at least one field.
            let mut fields = [fields, &[("unused", "on")]].concat();
            fields.extend(password.map(|password| ("password_again", password)));
            let asked = submit_form(&server, &dora, path, &fields).await;
            let status = asked.status();
            let page = asked.text().await.unwrap();
            assert!(status == 422 && page.contains("name=\"password_again\""), "{path} {password:?}: {page}");
            assert!(page.contains(&format!("action=\"{path}")), "{path}: {page}");
        }
    }
    assert_eq!(audit().await, before, "nothing was changed");
    for (path, fields) in forms {
        forget_password(&server, &dora).await;
        let fields = [fields, &[("unused", "on"), ("password_again", PASSWORD)]].concat();
        let done = submit_form(&server, &dora, path, &fields).await;
        let status = done.status();
        let page = done.text().await.unwrap();
        let is_done = status == 303 || page.contains("/join/") || page.contains("/reset/");
        assert!(is_done && !page.contains("name=\"password_again\""), "{path}: {status} {page}");
    }
    assert_eq!(audit().await, before + forms.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_asks_for_the_password_on_the_screen_that_links_to_it() {
    let server = TestServer::start().await;
    let chat = create_ended_chat(&server).await;
    let (ann, dora) = (sign_in_long_ago(&server, "ann").await, sign_in_long_ago(&server, "dora").await);
    let visitor = server.engine.past_chat(&dora.me, chat).await.unwrap().visitor;
    let known = format!("/history/visitors/{visitor}");
    for (who, screen, form, export) in [
        (&ann, "/history?words=hello", "/history?words=hello", "/history/export.csv"),
        (&ann, "/history", "/history", "/history/export.jsonl"),
        (&dora, &known, &format!("{known}/export"), &format!("{known}/known.json")),
    ] {
        let filter: &[(&str, &str)] = if screen.contains("words") { &[("words", "hello")] } else { &[] };
        forget_password(&server, who).await;
        let refused = submit_export(&server, who, export, filter).await;
        let to = refused.headers()[header::LOCATION].to_str().unwrap().trim_end_matches('?').to_owned();
        assert_eq!((refused.status().as_u16(), to.as_str()), (303, screen), "{export}");
        let page = get_page(&server, who, screen).await.text().await.unwrap();
        assert!(page.contains("To export, please enter your password again."), "{screen}: {page}");
        let wrong = submit_form(&server, who, form, &[("password_again", "wrong")]).await;
        let status = wrong.status();
        let page = wrong.text().await.unwrap();
        assert!(status == 422 && page.contains("not your current password"), "{form}: {page}");
        assert_eq!(submit_export(&server, who, export, filter).await.status(), 303, "{export}");
        let right = submit_form(&server, who, form, &[("password_again", PASSWORD)]).await;
        assert_eq!((right.status().as_u16(), right.headers()[header::LOCATION].to_str().unwrap()), (303, screen));
        let page = get_page(&server, who, screen).await.text().await.unwrap();
        assert!(!page.contains("password_again"), "{screen}: {page}");
        assert_eq!(submit_export(&server, who, export, filter).await.status(), 200, "{export}");
    }
    // The agent role may not export, with or without a password.
    let ben = sign_in_long_ago(&server, "ben").await;
    assert_eq!(submit_export(&server, &ben, "/history/export.csv", &[]).await.status(), 403);
    assert!(!get_page(&server, &ben, "/history").await.text().await.unwrap().contains("password_again"));
}
