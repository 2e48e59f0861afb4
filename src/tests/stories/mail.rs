//! Email over a real SMTP socket: what is sent, to whom, and what is reported when sending fails.

use std::net::IpAddr;

use engine::{
    mail_queue::MailStatus,
    people::AgentInvitationForm,
    store::{Actor, ProfileSettings},
};
use protocol::language::Language;
use reqwest::{Client, Response, header, multipart::Form, redirect::Policy};

use crate::{
    client_ext::with_deadline,
    smtp_server::{SmtpServer, TlsMode},
    test_server::{PASSWORD, SignedIn, TestServer},
};

fn browser() -> Client {
    Client::builder().redirect(Policy::none()).build().unwrap()
}

async fn get_page(server: &TestServer, who: Option<&SignedIn>, path: &str) -> Response {
    let cookie = who.map_or(String::new(), |who| who.cookie.clone());
    let asked = browser().get(server.http(path)).header(header::COOKIE, cookie).header(header::ACCEPT, "text/html");
    asked.send().await.unwrap()
}

async fn submit_form(server: &TestServer, who: Option<&SignedIn>, path: &str, fields: &[(&str, &str)]) -> Response {
    let form =
        fields.iter().fold(Form::new(), |form, (name, value)| form.text((*name).to_owned(), (*value).to_owned()));
    let cookie = who.map_or(String::new(), |who| who.cookie.clone());
    let sent = browser().post(server.http(path)).header(header::COOKIE, cookie).header(header::ACCEPT, "text/html");
    sent.multipart(form).send().await.unwrap()
}

async fn start_servers() -> (SmtpServer, TestServer) {
    let smtp = SmtpServer::start().await;
    let server = TestServer::with_settings(&smtp.settings()).await;
    (smtp, server)
}

const EMMA: [(&str, &str); 3] = [("email", "emma@acme.test"), ("role", "agent"), ("max_chats", "3")];
const INVITE: &str = "/settings/agents/invite";
const FORGOTTEN: &str = "/sign-in/forgotten";

#[tokio::test(flavor = "multi_thread")]
async fn invitation_and_reset_links_are_mailed_and_not_shown() {
    let (mut smtp, server) = start_servers().await;
    let dora = server.sign_in("dora").await;
    let page = submit_form(&server, Some(&dora), INVITE, &EMMA).await.text().await.unwrap();
    assert!(page.contains("The link was sent to emma@acme.test.") && !page.contains("/join/"), "{page}");
    let mail = smtp.next_mail().await;
    assert_eq!(mail.to, "emma@acme.test");
    assert!(mail.head.contains("Subject: Join Acme") && mail.head.contains("From: Jump-In <chat@acme.test>"));
    assert!(mail.head.contains("Auto-Submitted: auto-generated"), "{}", mail.head);
    assert!(mail.body.starts_with("Dora Diaz has invited you"), "{}", mail.body);
    let link = mail.link(&server.origin());
    let joined = submit_form(&server, None, &link, &[("name", "Emma Evans"), ("password", PASSWORD)]).await;
    assert_eq!(joined.status(), 303);

    let ben = server.sign_in("ben").await.me.agent;
    let reset = format!("/settings/agents/{ben}/reset");
    let page = submit_form(&server, Some(&dora), &reset, &[("reset", "on")]).await.text().await.unwrap();
    assert!(page.contains("The link was sent to ben@acme.test.") && !page.contains("/reset/"), "{page}");
    let mail = smtp.next_mail().await;
    assert!(mail.body.contains("Dora Diaz has created a link") && mail.to == "ben@acme.test", "{mail:?}");
    let admins = mail.link(&server.origin());
    assert_eq!(get_page(&server, None, &admins).await.status(), 200);

    // Anyone can request a link for Ben, and this must not end the link that Ben is waiting for.
    submit_form(&server, None, FORGOTTEN, &[("email", "ben@acme.test")]).await;
    let requested = smtp.next_mail().await.link(&server.origin());
    assert_eq!(get_page(&server, None, &admins).await.status(), 200);
    assert_eq!(submit_form(&server, None, &admins, &[("password", "another one, better")]).await.status(), 303);
    for used in [&admins, &requested] {
        assert_eq!(get_page(&server, None, used).await.status(), 404, "a new password ends all links");
    }

    // Even an admin's own link is emailed, because an open session does not prove who is asking.
    let reset = format!("/settings/agents/{}/reset", dora.me.agent);
    let page = submit_form(&server, Some(&dora), &reset, &[("reset", "on")]).await.text().await.unwrap();
    assert!(page.contains("The link was sent to dora@acme.test.") && !page.contains("/reset/"), "{page}");
    assert_eq!(smtp.next_mail().await.to, "dora@acme.test");
}

/// The owner of an account is told in their own language that someone knows their password.
#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_end_the_sign_in_and_are_mailed_to_the_owner() {
    let mut smtp = SmtpServer::start().await;
    let limits = "[sign-in]\ncodes-per-sign-in = 3\ncode-wait = \"0ms\"\n";
    let server = TestServer::with_settings(&[&smtp.settings(), limits].concat()).await;
    let store = server.engine.store();
    let ben = server.sign_in("ben").await.me;
    let profile = ProfileSettings { name: ben.name.clone(), time_zone: None, language: Language::De };
    store.change_profile(Actor::from(&ben), ben.agent, profile, server.engine.now()).await.unwrap();
    store.begin_totp(ben.agent, vec![7; 20]).await.unwrap();
    store.confirm_totp(Actor::from(&ben), ben.agent, 1, Vec::new(), server.engine.now()).await.unwrap();
    let first_step = async || {
        let body = [("email", "ben@acme.test"), ("password", PASSWORD)];
        let entered = browser().post(server.http("/api/sign-in")).form(&body).send().await.unwrap();
        entered.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned()
    };
    let enter_code = async |cookie: &str, code: &str| {
        let sent = browser().post(server.http("/sign-in/code")).header(header::COOKIE, cookie);
        let form = Form::new().text("code", code.to_owned());
        sent.header(header::ACCEPT, "text/html").multipart(form).send().await.unwrap().text().await.unwrap()
    };
    let (one, other) = (first_step().await, first_step().await);
    for _ in 0..2 {
        // A code made of digits could be correct by chance. One with a letter is never correct.
        let page = enter_code(&one, "wrong1").await;
        assert!(page.contains("This code is incorrect or has expired."), "{page}");
    }
    assert!(smtp.is_empty());
    let page = enter_code(&one, "wrong1").await;
    assert!(page.contains("Please sign in again.") && page.contains("href=\"/sign-in\""), "{page}");
    let mail = smtp.next_mail().await;
    assert!(mail.to == "ben@acme.test" && mail.body.starts_with("Jemand, der Ihr Passwort kennt"), "{mail:?}");
    for ended in [&one, &other] {
        assert!(enter_code(ended, "wrong1").await.contains("Please sign in again."), "over all clients");
    }
    assert!(enter_code(&first_step().await, "wrong1").await.contains("Please sign in again."));
    assert!(smtp.is_empty(), "one email a day");
}

/// Covers C3 and C4: the forgotten-password page.
#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_reset_without_revealing_accounts() {
    let (mut smtp, server) = start_servers().await;
    let page = get_page(&server, None, FORGOTTEN).await.text().await.unwrap();
    assert!(page.contains("name=\"email\"") && page.contains("Send me a link"), "{page}");
    let form = Form::new().text("email", "ben@acme.test");
    let evil = browser().post(server.http(FORGOTTEN)).header(header::HOST, "evil.test").multipart(form);
    assert_eq!(evil.send().await.unwrap().status(), 421, "under another site's name");
    let known = submit_form(&server, None, FORGOTTEN, &[("email", "Ben@Acme.test")]).await;
    let unknown = submit_form(&server, None, FORGOTTEN, &[("email", "nobody@acme.test")]).await;
    let no_address = submit_form(&server, None, FORGOTTEN, &[("email", "ben@acme.test\r\nBcc: x@y.test")]).await;
    let mut answers = Vec::new();
    for answer in [known, unknown, no_address] {
        let to = answer.headers()[header::LOCATION].to_str().unwrap().to_owned();
        answers.push((answer.status().as_u16(), to, answer.text().await.unwrap()));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    let page = get_page(&server, None, &answers[0].1).await.text().await.unwrap();
    assert!(page.contains("If an account exists for this address"), "{page}");

    let mail = smtp.next_mail().await;
    assert!(mail.to == "ben@acme.test" && !mail.body.contains("evil.test"), "{mail:?}");
    let link = mail.link(&server.origin());
    let chosen = submit_form(&server, None, &link, &[("password", "another one, better")]).await;
    assert_eq!(chosen.headers()[header::LOCATION], "/sign-in");
    assert_eq!(get_page(&server, None, &link).await.status(), 404, "the link works only once");
    let ip = IpAddr::from([127, 0, 0, 1]);
    let sign_in = |password| server.engine.sessions().sign_in("ben@acme.test", password, ip, "", server.engine.now());
    assert!(sign_in(PASSWORD).await.is_err() && sign_in("another one, better").await.is_ok());

    // Deactivated accounts get no email, and neither do unknown addresses like the one above.
    server.engine.store().set_active("cara@acme.test", false).await.unwrap();
    submit_form(&server, None, FORGOTTEN, &[("email", "cara@acme.test")]).await;
    submit_form(&server, None, FORGOTTEN, &[("email", "ann@acme.test")]).await;
    assert_eq!(smtp.next_mail().await.to, "ann@acme.test");
    assert!(smtp.is_empty());
}

/// The response is sent before any account is looked up, so its timing reveals nothing.
#[tokio::test(flavor = "multi_thread")]
async fn password_reset_takes_the_same_time_for_unknown_accounts() {
    let (_office, server) = start_servers().await;
    let mut took = [Vec::new(), Vec::new()];
    for round in 0..40_u8 {
        for (which, who) in ["ann", "nobody"].into_iter().enumerate() {
            let began = std::time::Instant::now();
            let ip = IpAddr::from([10, 0, round, u8::try_from(which).unwrap()]);
            server.engine.request_password_reset(&format!("{who}@acme.test"), ip).unwrap();
            took[which].push(began.elapsed());
        }
    }
    let middle = took.map(|mut all| {
        all.sort();
        all[all.len() / 2]
    });
    // A database query and a commit would take a hundred times as long.
    assert!(middle.iter().all(|took| took.as_micros() < 1_000), "{middle:?}");
}

/// Covers C1: the number of reset emails is limited.
#[tokio::test(flavor = "multi_thread")]
async fn password_reset_mail_is_rate_limited() {
    let (mut smtp, server) = start_servers().await;
    for _ in 0..5 {
        assert_eq!(submit_form(&server, None, FORGOTTEN, &[("email", "ben@acme.test")]).await.status(), 303);
    }
    assert_eq!(submit_form(&server, None, FORGOTTEN, &[("email", "ben@acme.test")]).await.status(), 429);
    // When the requests come from many addresses, the per-account limit applies silently.
    for last in 0..9 {
        server.engine.request_password_reset("ben@acme.test", IpAddr::from([10, 0, 0, last])).unwrap();
    }
    for _ in 0..5 {
        assert_eq!(smtp.next_mail().await.to, "ben@acme.test");
    }
    submit_form(&server, None, FORGOTTEN, &[("email", "ann@acme.test")]).await;
    assert_eq!(smtp.next_mail().await.to, "ann@acme.test", "no further email for Ben");
}

#[tokio::test(flavor = "multi_thread")]
async fn temporary_mail_failures_are_retried_and_permanent_ones_reported() {
    let (mut smtp, server) = start_servers().await;
    let dora = server.sign_in("dora").await;
    // Temporary failures are retried.
    smtp.queue_replies(&["451 later", "421 later"]);
    submit_form(&server, Some(&dora), INVITE, &EMMA).await;
    assert_eq!(smtp.next_mail().await.to, "emma@acme.test");
    // Permanent failures are not.
    smtp.queue_replies(&["550 no <fred@acme.test> here, says <script>CANARY"]);
    let fred = [("email", "fred@acme.test"), ("role", "agent"), ("max_chats", "3")];
    let page = submit_form(&server, Some(&dora), INVITE, &fred).await.text().await.unwrap();
    assert!(page.contains("The link could not be sent.") && !page.contains("/join/"), "{page}");
    // After four attempts, a temporary failure is treated as permanent.
    smtp.queue_replies(&["451 later"; 4]);
    submit_form(&server, Some(&dora), INVITE, &EMMA).await;
    let mut page = String::new();
    with_deadline("the email to be reported as failed", async {
        while !page.contains("code 451") {
            page = get_page(&server, Some(&dora), "/settings/mail").await.text().await.unwrap();
        }
    })
    .await;
    assert!(page.contains("fred@acme.test") && page.contains("code 550") && !page.contains("CANARY"), "{page}");
    assert!(page.contains("chat@acme.test") && !page.contains("secret"), "{page}");
    assert!(smtp.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_sends_a_rate_limited_test_mail() {
    let (mut smtp, server) = start_servers().await;
    let (ann, dora) = (server.sign_in("ann").await, server.sign_in("dora").await);
    let page = submit_form(&server, Some(&dora), "/settings/mail", &[("test", "on")]).await.text().await.unwrap();
    assert!(page.contains("The mail server accepted the test email"), "{page}");
    assert_eq!(smtp.next_mail().await.to, "dora@acme.test");
    assert_eq!(submit_form(&server, Some(&ann), "/settings/mail", &[("test", "on")]).await.status(), 403);
    for _ in 0..4 {
        submit_form(&server, Some(&dora), "/settings/mail", &[("test", "on")]).await;
    }
    assert_eq!(submit_form(&server, Some(&dora), "/settings/mail", &[("test", "on")]).await.status(), 429);
}

/// Emails contain links that grant access, so they are either sent over TLS to a server with a valid certificate or not
/// sent at all.
#[tokio::test(flavor = "multi_thread")]
async fn mail_is_sent_over_verified_tls_only() {
    let folder = tempfile::tempdir().unwrap();
    for privacy in [TlsMode::StartTls, TlsMode::Implicit] {
        let mut smtp = SmtpServer::start_with(privacy).await;
        let server = TestServer::with_settings(&smtp.settings_with_ca(folder.path())).await;
        let dora = server.sign_in("dora").await;
        let page = submit_form(&server, Some(&dora), INVITE, &EMMA).await.text().await.unwrap();
        assert!(page.contains("The link was sent to emma@acme.test."), "{privacy:?}: {page}");
        assert_eq!(smtp.next_mail().await.to, "emma@acme.test");

        // Without the CA file, the certificate is not trusted.
        let server = TestServer::with_settings(&smtp.settings()).await;
        assert_not_mailed(&server, "could not be encrypted").await;
        assert!(smtp.is_empty());
    }
    // This mail server does not offer TLS.
    let mut smtp = SmtpServer::start().await;
    let server = TestServer::with_settings(&smtp.settings_with_ca(folder.path())).await;
    assert_not_mailed(&server, "does not offer STARTTLS").await;
    assert!(smtp.is_empty());
}

async fn assert_not_mailed(server: &TestServer, why: &str) {
    let dora = server.sign_in("dora").await;
    let page = submit_form(server, Some(&dora), INVITE, &EMMA).await.text().await.unwrap();
    assert!(!page.contains("/join/") && !page.contains("The link was sent to"), "{page}");
    with_deadline("the email to be reported as failed", async {
        while !get_page(server, Some(&dora), "/settings/mail").await.text().await.unwrap().contains(why) {}
    })
    .await;
}

/// Covers A15 and B12: header injection attempts, followed from the form to the delivered email.
#[tokio::test(flavor = "multi_thread")]
async fn typed_text_cannot_inject_mail_headers_or_end_the_mail() {
    let (mut smtp, server) = start_servers().await;
    let dora = server.sign_in("dora").await;
    let name = "Shop\r\nBcc: x@y.test\r\n.\r\nQUIT\r\nFrom here";
    server.engine.rename_organization(&dora.me, name).await.unwrap();
    let invitation = AgentInvitationForm {
        email: "emma@acme.test".into(),
        role: "agent".into(),
        max_chats: "3".into(),
        teams: Vec::new(),
    };
    let made = server.engine.invite_agent(&dora.me, &invitation).await.unwrap();
    assert_eq!(made.mailed, MailStatus::Sent);
    let mail = smtp.next_mail().await;
    assert!(!mail.head.lines().any(|line| line.starts_with("Bcc")), "{}", mail.head);
    assert!(mail.body.contains("on behalf of Shop\nBcc: x@y.test\n.\nQUIT\nFrom here."), "{}", mail.body);
    assert!(made.address.is_none() && mail.link(&server.origin()).starts_with("/join/"), "{made:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_mail_links_are_shown_to_be_copied() {
    let server = TestServer::start().await;
    let dora = server.sign_in("dora").await;
    let page = submit_form(&server, Some(&dora), INVITE, &EMMA).await.text().await.unwrap();
    assert!(page.contains("Send this link to emma@acme.test.") && page.contains("/join/"), "{page}");
    assert!(get_page(&server, None, FORGOTTEN).await.text().await.unwrap().contains("Ask an admin"));
    assert_eq!(submit_form(&server, None, FORGOTTEN, &[("email", "ben@acme.test")]).await.status(), 404);
    let page = get_page(&server, Some(&dora), "/settings/mail").await.text().await.unwrap();
    assert!(page.contains("Email is not set up"), "{page}");
}

/// The owner of the address is told about it. The admin sees the same as after any other invitation.
#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_of_another_organizations_agent_is_only_told_to_them() {
    let (mut smtp, server) = start_servers().await;
    let dora = server.sign_in("dora").await;
    let store = server.engine.store();
    let other = store.add_organization("Next door").await.unwrap();
    let olga = engine::store::NewAgent {
        organization: other,
        name: "Olga Orlow".into(),
        email: "olga@next.test".parse().unwrap(),
        role: protocol::agent::Role::Agent,
        password_hash: String::new(),
        max_chats: 1,
        language: protocol::language::Language::En,
    };
    store.add_agent(olga).await.unwrap();
    for email in ["olga@next.test", "emma@next.test"] {
        let is_olga = email.starts_with("olga");
        let fields = [("email", email), ("role", "agent"), ("max_chats", "3")];
        let page = submit_form(&server, Some(&dora), INVITE, &fields).await.text().await.unwrap();
        assert!(page.contains(&format!("The link was sent to {email}.")), "{page}");
        let mail = smtp.next_mail().await;
        assert_eq!((mail.to.as_str(), mail.body.contains("/join/")), (email, !is_olga), "{}", mail.body);
        assert_eq!(mail.body.contains("We have not told anybody."), is_olga, "{}", mail.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn emails_that_agents_cause_are_bounded_and_the_earlier_link_stays_valid() {
    let mut smtp = SmtpServer::start().await;
    let limits = "per-recipient-and-hour = 1\nper-hour = 2\n";
    let server = TestServer::with_settings(&format!("{}\n{limits}", smtp.settings())).await;
    let dora = server.sign_in("dora").await;
    submit_form(&server, Some(&dora), INVITE, &EMMA).await;
    let link = smtp.next_mail().await.link(&server.origin());
    let refused = submit_form(&server, Some(&dora), INVITE, &EMMA).await;
    assert_eq!(refused.status(), 429);
    assert!(refused.text().await.unwrap().contains("Please try again in"));
    assert_eq!(get_page(&server, None, &link).await.status(), 200);
    let ben = server.sign_in("ben").await.me.agent;
    let reset = format!("/settings/agents/{ben}/reset");
    submit_form(&server, Some(&dora), &reset, &[("reset", "on")]).await;
    assert_eq!(smtp.next_mail().await.to, "ben@acme.test");
    assert_eq!(submit_form(&server, Some(&dora), &reset, &[("reset", "on")]).await.status(), 429);
    // A request without a session is not refused because of what admins did.
    submit_form(&server, None, FORGOTTEN, &[("email", "ben@acme.test")]).await;
    assert_eq!(smtp.next_mail().await.to, "ben@acme.test");
    assert!(smtp.is_empty());
}
