//! Agents see every page and email in their own language. People who are not signed in see the language of their
//! browser.

use reqwest::{Client, RequestBuilder, Response, header, multipart::Form, redirect::Policy};

use crate::{
    smtp_server::SmtpServer,
    test_server::{PASSWORD, SignedIn, TestServer},
};

const GERMAN: &str = "de-AT,de;q=0.9,en;q=0.5";

fn browser() -> Client {
    Client::builder().redirect(Policy::none()).build().unwrap()
}

/// Sends a request the way a browser with this `Accept-Language` header does. If `who` is given, the request includes
/// that agent's cookie.
async fn send(asked: RequestBuilder, who: Option<&SignedIn>, reads: &str) -> Response {
    let cookie = who.map_or(String::new(), |who| who.cookie.clone());
    let headers = [(header::ACCEPT, "text/html"), (header::ACCEPT_LANGUAGE, reads), (header::COOKIE, &cookie)];
    headers.into_iter().fold(asked, |asked, (name, value)| asked.header(name, value)).send().await.unwrap()
}

async fn get_page(server: &TestServer, who: &SignedIn, path: &str) -> String {
    send(browser().get(server.http(path)), Some(who), "en-GB").await.text().await.unwrap()
}

fn form(fields: &[(&'static str, &'static str)]) -> Form {
    fields.iter().fold(Form::new(), |form, (name, value)| form.text(*name, *value))
}

async fn choose_german(server: &TestServer, who: &SignedIn, name: &'static str) {
    let typed = form(&[("name", name), ("zone", ""), ("language", "de")]);
    let saved = send(browser().post(server.http("/account")).multipart(typed), Some(who), "en-GB").await;
    assert_eq!((saved.status().as_u16(), saved.headers()[header::LOCATION].to_str().unwrap()), (303, "/account?saved"));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_agent_reads_their_own_language() {
    let server = TestServer::start().await;
    let (ann, ben) = (server.sign_in("ann").await, server.sign_in("ben").await);
    let mut dashboard = server.dashboard(&ann).await;
    choose_german(&server, &ann, "Ann Archer").await;
    let (_visitor, chat) = server.visitor_in_claimed_chat(&ann, &mut dashboard, "/boots").await;

    for (path, german, english) in [
        ("/visitors", "Meine Chats", "My Chats"),
        (&*format!("/chats/{chat}"), "Chat beenden", "End chat"),
        (&*format!("/history/{chat}"), "Ann Archer ist dem Chat beigetreten", "Ann Archer joined the chat"),
        ("/settings/replies", "Textbausteine", "Canned replies"),
        ("/account", "Zeitzone", "Time zone"),
        ("/settings/nowhere", "Seite nicht gefunden.", "Page not found."),
    ] {
        let page = get_page(&server, &ann, path).await;
        assert!(page.contains("<html lang=\"de\">"), "{path}");
        assert!(page.contains(german) && !page.contains(english), "{path}: {page}");
    }
    let page = get_page(&server, &ben, "/visitors").await;
    assert!(page.contains("<html lang=\"en\">") && page.contains("My Chats") && !page.contains("Meine Chats"));

    // If the form has no language or an unknown one, the current language does not change.
    for typed in [form(&[("name", "Ann Archer")]), form(&[("name", "Ann Archer"), ("language", "tlh")])] {
        send(browser().post(server.http("/account")).multipart(typed), Some(&ann), "en-GB").await;
        assert!(get_page(&server, &ann, "/account").await.contains("<html lang=\"de\">"));
    }

    // Checks responses to the WebAssembly client and error messages.
    let asked = protocol::codec::encode(&"/settings/replies");
    let packed = "application/octet-stream";
    let screen = browser().post(server.http("/api/screen")).header(header::CONTENT_TYPE, packed).body(asked);
    let cookie = screen.header(header::COOKIE, &ann.cookie).header(header::ACCEPT, packed);
    let screen = cookie.send().await.unwrap().bytes().await.unwrap();
    assert!(String::from_utf8_lossy(&screen).contains("Textbausteine"));
    let wrong = browser().post(server.http("/account")).multipart(form(&[("name", ""), ("language", "de")]));
    let again = send(wrong, Some(&ann), "en-GB").await.text().await.unwrap();
    assert!(again.contains("Bitte füllen Sie dieses Feld aus."), "{again}");
    let refused = browser().post(server.http(&format!("/files?chat={chat}"))).header(header::COOKIE, &ann.cookie);
    let refused = refused.header("x-file-name", "a.exe").header("x-client-id", uuid::Uuid::now_v7().to_string());
    let message = refused.body("MZ").send().await.unwrap().text().await.unwrap();
    assert!(message.contains("Dieser Dateityp wird nicht unterstützt."), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn exports_are_in_english_for_every_agent() {
    let server = TestServer::start().await;
    let dora = server.sign_in("dora").await;
    let mut dashboard = server.dashboard(&dora).await;
    choose_german(&server, &dora, "Dora Diaz").await;
    let (_visitor, _) = server.visitor_in_claimed_chat(&dora, &mut dashboard, "/boots").await;
    for file in ["/history/export.csv", "/history/export.jsonl"] {
        let asked = browser().post(server.http(file));
        let taken = send(asked, Some(&dora), GERMAN).await.text().await.unwrap();
        assert!(taken.contains("Dora Diaz joined the chat") && !taken.contains("beigetreten"), "{taken}");
        assert!(
            file.ends_with("jsonl") || taken.contains("\"chat\";\"began_at\""),
            "Excel expects semicolons: {taken}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_are_in_the_recipients_language() {
    let mut smtp = SmtpServer::start().await;
    let server = TestServer::with_settings(&smtp.settings()).await;
    let (dora, ben) = (server.sign_in("dora").await, server.sign_in("ben").await);
    choose_german(&server, &ben, "Ben Brooks").await;
    let reset = browser().post(server.http(&format!("/settings/agents/{}/reset", ben.me.agent)));
    let page = send(reset.multipart(form(&[("reset", "on")])), Some(&dora), GERMAN).await.text().await.unwrap();
    assert!(page.contains("The link was sent to ben@acme.test."), "the page uses the account's language: {page}");
    let letter = smtp.next_mail().await;
    assert!(letter.body.contains("Dora Diaz hat für Sie einen Link"), "{}", letter.body);

    // Invitations are written in the inviting agent's language. The join page then uses the browser's language.
    let invited = form(&[("email", "emil@acme.test"), ("role", "agent"), ("max_chats", "3")]);
    let invite = browser().post(server.http("/settings/agents/invite")).multipart(invited);
    send(invite, Some(&dora), "en").await;
    let letter = smtp.next_mail().await;
    assert!(letter.body.starts_with("Dora Diaz has invited you"), "{}", letter.body);
    let link = server.http(&letter.link(&server.origin()));
    let page = send(browser().get(&link), None, GERMAN).await.text().await.unwrap();
    assert!(
        page.contains("<html lang=\"de\">") && page.contains("Sie melden sich künftig mit emil@acme.test an."),
        "{page}"
    );
    let joins = browser().post(&link).multipart(form(&[("name", "Emil Eder"), ("password", PASSWORD)]));
    assert_eq!(send(joins, None, GERMAN).await.status(), 303);
    let emil = server.sign_in("emil").await;
    assert!(get_page(&server, &emil, "/visitors").await.contains("Meine Chats"));
}

#[tokio::test(flavor = "multi_thread")]
async fn signed_out_pages_use_the_browsers_language() {
    let server = TestServer::start().await;
    for (reads, lang, words) in [
        (GERMAN, "de", "Anmelden"),
        ("fr-CA, de;q=0.7, en;q=0.5", "de", "Anmelden"),
        ("en-GB,de", "en", "Sign in"),
        ("ja", "en", "Sign in"),
    ] {
        let page = send(browser().get(server.http("/sign-in")), None, reads).await.text().await.unwrap();
        assert!(page.contains(&format!("<html lang=\"{lang}\">")) && page.contains(words), "{reads}: {page}");
    }
    let page = send(browser().get(server.http("/sign-in/forgotten")), None, GERMAN).await.text().await.unwrap();
    assert!(page.contains("Passwort vergessen?"), "{page}");
}
