//! Mail, through a real mail server's socket: what is mailed, to whom, and what is told when it cannot be.

use std::net::IpAddr;

use engine::{mail_queue::Mailed, people::TypedInvitation};
use reqwest::{Client, Response, header, multipart::Form, redirect::Policy};

use crate::{
    client_ext::soon,
    smtp_server::{Privacy, SmtpServer},
    test_server::{PASSWORD, SignedIn, TestServer},
};

fn browser() -> Client {
    Client::builder().redirect(Policy::none()).build().unwrap()
}

async fn asks(server: &TestServer, who: Option<&SignedIn>, path: &str) -> Response {
    let cookie = who.map_or(String::new(), |who| who.cookie.clone());
    let asked = browser().get(server.http(path)).header(header::COOKIE, cookie).header(header::ACCEPT, "text/html");
    asked.send().await.unwrap()
}

async fn fills_in(server: &TestServer, who: Option<&SignedIn>, path: &str, fields: &[(&str, &str)]) -> Response {
    let form =
        fields.iter().fold(Form::new(), |form, (name, value)| form.text((*name).to_owned(), (*value).to_owned()));
    let cookie = who.map_or(String::new(), |who| who.cookie.clone());
    let sent = browser().post(server.http(path)).header(header::COOKIE, cookie).header(header::ACCEPT, "text/html");
    sent.multipart(form).send().await.unwrap()
}

async fn opened() -> (SmtpServer, TestServer) {
    let smtp = SmtpServer::start().await;
    let server = TestServer::with_settings(&smtp.settings()).await;
    (smtp, server)
}

const EMMA: [(&str, &str); 3] = [("email", "emma@acme.test"), ("role", "agent"), ("max_chats", "3")];
const INVITE: &str = "/settings/agents/invite";
const FORGOTTEN: &str = "/sign-in/forgotten";

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_and_a_link_to_a_new_password_are_mailed_and_shown() {
    let (mut smtp, server) = opened().await;
    let dora = server.signs_in("dora").await;
    let page = fills_in(&server, Some(&dora), INVITE, &EMMA).await.text().await.unwrap();
    assert!(page.contains("It was mailed to emma@acme.test.") && page.contains("/join/"), "{page}");
    let mail = smtp.takes().await;
    assert_eq!(mail.to, "emma@acme.test");
    assert!(mail.head.contains("Subject: Join Acme") && mail.head.contains("From: Jump-In <chat@acme.test>"));
    assert!(mail.head.contains("Auto-Submitted: auto-generated"), "{}", mail.head);
    assert!(mail.body.starts_with("Dora Diaz invites you"), "{}", mail.body);
    let link = mail.link(&server.origin());
    let joined = fills_in(&server, None, &link, &[("name", "Emma Evans"), ("password", PASSWORD)]).await;
    assert_eq!(joined.status(), 303);

    let ben = server.signs_in("ben").await.me.agent;
    let reset = format!("/settings/agents/{ben}/reset");
    let page = fills_in(&server, Some(&dora), &reset, &[("reset", "on")]).await.text().await.unwrap();
    assert!(page.contains("It was mailed to ben@acme.test."), "{page}");
    let mail = smtp.takes().await;
    assert!(mail.body.contains("Dora Diaz has made a link") && mail.to == "ben@acme.test", "{mail:?}");
    assert_eq!(asks(&server, None, &mail.link(&server.origin())).await.status(), 200);
}

/// C3, C4.
#[tokio::test(flavor = "multi_thread")]
async fn who_has_forgotten_his_password_gets_a_link_and_nobody_learns_who_is_known() {
    let (mut smtp, server) = opened().await;
    let page = asks(&server, None, FORGOTTEN).await.text().await.unwrap();
    assert!(page.contains("name=\"email\"") && page.contains("Send me a link"), "{page}");
    let form = || Form::new().text("email", "Ben@Acme.test");
    let evil = browser().post(server.http(FORGOTTEN)).header(header::HOST, "evil.test").multipart(form());
    let known = evil.send().await.unwrap();
    let unknown = fills_in(&server, None, FORGOTTEN, &[("email", "nobody@acme.test")]).await;
    let no_address = fills_in(&server, None, FORGOTTEN, &[("email", "ben@acme.test\r\nBcc: x@y.test")]).await;
    let mut answers = Vec::new();
    for answer in [known, unknown, no_address] {
        let to = answer.headers()[header::LOCATION].to_str().unwrap().to_owned();
        answers.push((answer.status().as_u16(), to, answer.text().await.unwrap()));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    let page = asks(&server, None, &answers[0].1).await.text().await.unwrap();
    assert!(page.contains("If somebody signs in with this address"), "{page}");

    let mail = smtp.takes().await;
    assert!(mail.to == "ben@acme.test" && !mail.body.contains("evil.test"), "{mail:?}");
    let link = mail.link(&server.origin());
    let chosen = fills_in(&server, None, &link, &[("password", "another one, better")]).await;
    assert_eq!(chosen.headers()[header::LOCATION], "/sign-in");
    assert_eq!(asks(&server, None, &link).await.status(), 404, "it is good once");
    let ip = IpAddr::from([127, 0, 0, 1]);
    let signs_in = |password| server.engine.sessions().sign_in("ben@acme.test", password, ip, "", server.engine.now());
    assert!(signs_in(PASSWORD).await.is_err() && signs_in("another one, better").await.is_ok());

    // Whose account is closed is nobody, and so is the stranger of before.
    server.engine.store().set_active("cara@acme.test", false).await.unwrap();
    fills_in(&server, None, FORGOTTEN, &[("email", "cara@acme.test")]).await;
    fills_in(&server, None, FORGOTTEN, &[("email", "ann@acme.test")]).await;
    assert_eq!(smtp.takes().await.to, "ann@acme.test");
    assert!(smtp.is_empty());
}

/// Neither waits for the other's work: the answer goes out before anything is looked up.
#[tokio::test(flavor = "multi_thread")]
async fn known_and_unknown_take_the_same_time() {
    let (_office, server) = opened().await;
    let mut took = [Vec::new(), Vec::new()];
    for round in 0..40_u8 {
        for (which, who) in ["ann", "nobody"].into_iter().enumerate() {
            let began = std::time::Instant::now();
            let ip = IpAddr::from([10, 0, round, u8::try_from(which).unwrap()]);
            server.engine.forgot_password(&format!("{who}@acme.test"), ip).unwrap();
            took[which].push(began.elapsed());
        }
    }
    let middle = took.map(|mut all| {
        all.sort();
        all[all.len() / 2]
    });
    // A look-up and a commit take a hundred times as long.
    assert!(middle.iter().all(|took| took.as_micros() < 1_000), "{middle:?}");
}

/// C1.
#[tokio::test(flavor = "multi_thread")]
async fn nobodys_letter_box_is_filled() {
    let (mut smtp, server) = opened().await;
    for _ in 0..5 {
        assert_eq!(fills_in(&server, None, FORGOTTEN, &[("email", "ben@acme.test")]).await.status(), 303);
    }
    assert_eq!(fills_in(&server, None, FORGOTTEN, &[("email", "ben@acme.test")]).await.status(), 429);
    // From many addresses it is not told, and not done.
    for last in 0..9 {
        server.engine.forgot_password("ben@acme.test", IpAddr::from([10, 0, 0, last])).unwrap();
    }
    for _ in 0..5 {
        assert_eq!(smtp.takes().await.to, "ben@acme.test");
    }
    fills_in(&server, None, FORGOTTEN, &[("email", "ann@acme.test")]).await;
    assert_eq!(smtp.takes().await.to, "ann@acme.test", "after those, none of Ben's");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_mailed_is_told_and_tried_again_while_that_may_help() {
    let (mut smtp, server) = opened().await;
    let dora = server.signs_in("dora").await;
    // For now.
    smtp.answers(&["451 later", "421 later"]);
    fills_in(&server, Some(&dora), INVITE, &EMMA).await;
    assert_eq!(smtp.takes().await.to, "emma@acme.test");
    // For good.
    smtp.answers(&["550 no <fred@acme.test> here, says <script>CANARY"]);
    let fred = [("email", "fred@acme.test"), ("role", "agent"), ("max_chats", "3")];
    let page = fills_in(&server, Some(&dora), INVITE, &fred).await.text().await.unwrap();
    assert!(page.contains("It could not be mailed; copy the link.") && page.contains("/join/"), "{page}");
    // For good after four tries.
    smtp.answers(&["451 later"; 4]);
    fills_in(&server, Some(&dora), INVITE, &EMMA).await;
    let mut page = String::new();
    soon("it is given up", async {
        while !page.contains("code 451") {
            page = asks(&server, Some(&dora), "/settings/mail").await.text().await.unwrap();
        }
    })
    .await;
    assert!(page.contains("fred@acme.test") && page.contains("code 550") && !page.contains("CANARY"), "{page}");
    assert!(page.contains("chat@acme.test") && !page.contains("secret"), "{page}");
    assert!(smtp.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_tries_whether_mail_works() {
    let (mut smtp, server) = opened().await;
    let (ann, dora) = (server.signs_in("ann").await, server.signs_in("dora").await);
    let page = fills_in(&server, Some(&dora), "/settings/mail", &[("test", "on")]).await.text().await.unwrap();
    assert!(page.contains("the mail server has taken it"), "{page}");
    assert_eq!(smtp.takes().await.to, "dora@acme.test");
    assert_eq!(fills_in(&server, Some(&ann), "/settings/mail", &[("test", "on")]).await.status(), 403);
    for _ in 0..4 {
        fills_in(&server, Some(&dora), "/settings/mail", &[("test", "on")]).await;
    }
    assert_eq!(fills_in(&server, Some(&dora), "/settings/mail", &[("test", "on")]).await.status(), 429);
}

/// What a letter holds is a way in: it leaves privately, to who is vouched for, or not at all.
#[tokio::test(flavor = "multi_thread")]
async fn a_letter_leaves_privately_and_to_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    for privacy in [Privacy::StartTls, Privacy::AtOnce] {
        let mut smtp = SmtpServer::start_with(privacy).await;
        let server = TestServer::with_settings(&smtp.settings_with_ca(folder.path())).await;
        let dora = server.signs_in("dora").await;
        let page = fills_in(&server, Some(&dora), INVITE, &EMMA).await.text().await.unwrap();
        assert!(page.contains("It was mailed to emma@acme.test."), "{privacy:?}: {page}");
        assert_eq!(smtp.takes().await.to, "emma@acme.test");

        // Whoever vouches for it is not known here.
        let server = TestServer::with_settings(&smtp.settings()).await;
        is_not_mailed(&server, "cannot be made private").await;
        assert!(smtp.is_empty());
    }
    // It does not offer to be private.
    let mut smtp = SmtpServer::start().await;
    let server = TestServer::with_settings(&smtp.settings_with_ca(folder.path())).await;
    is_not_mailed(&server, "offers no STARTTLS").await;
    assert!(smtp.is_empty());
}

async fn is_not_mailed(server: &TestServer, why: &str) {
    let dora = server.signs_in("dora").await;
    let page = fills_in(server, Some(&dora), INVITE, &EMMA).await.text().await.unwrap();
    assert!(page.contains("/join/") && !page.contains("It was mailed"), "{page}");
    soon("it is given up", async {
        while !asks(server, Some(&dora), "/settings/mail").await.text().await.unwrap().contains(why) {}
    })
    .await;
}

/// A15, B12: by the whole way.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_ends_neither_the_head_nor_the_mail() {
    let (mut smtp, server) = opened().await;
    let dora = server.signs_in("dora").await;
    let name = "Shop\r\nBcc: x@y.test\r\n.\r\nQUIT\r\nFrom here";
    server.engine.rename_organization(&dora.me, name).await.unwrap();
    let invitation = TypedInvitation {
        email: "emma@acme.test".into(),
        role: "agent".into(),
        max_chats: "3".into(),
        teams: Vec::new(),
    };
    let made = server.engine.invite_agent(&dora.me, &invitation).await.unwrap();
    assert_eq!(made.mailed, Mailed::Sent);
    let mail = smtp.takes().await;
    assert!(!mail.head.lines().any(|line| line.starts_with("Bcc")), "{}", mail.head);
    assert!(mail.body.contains("for Shop\nBcc: x@y.test\n.\nQUIT\nFrom here."), "{}", mail.body);
    assert_eq!(mail.link(&server.origin()), made.address.replace(&server.origin(), ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_mail_is_not_set_up_links_are_handed_over() {
    let server = TestServer::start().await;
    let dora = server.signs_in("dora").await;
    let page = fills_in(&server, Some(&dora), INVITE, &EMMA).await.text().await.unwrap();
    assert!(page.contains("Send this link to emma@acme.test."), "{page}");
    assert!(asks(&server, None, FORGOTTEN).await.text().await.unwrap().contains("Ask an admin"));
    assert_eq!(fills_in(&server, None, FORGOTTEN, &[("email", "ben@acme.test")]).await.status(), 404);
    let page = asks(&server, Some(&dora), "/settings/mail").await.text().await.unwrap();
    assert!(page.contains("Mail is not set up"), "{page}");
}
