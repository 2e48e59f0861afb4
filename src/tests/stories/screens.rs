//! Screens over HTTP, with and without WebAssembly, and with and without permission.

use engine::store::AuditFilter;
use protocol::{
    codec,
    refusal::Refusal,
    screen::{Block, SubmitResult},
};
use reqwest::{Client, Response, header, multipart::Form, redirect::Policy};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _};

use crate::{
    client_ext::with_deadline,
    test_server::{SignedIn, TestServer},
};

fn browser() -> Client {
    Client::builder().redirect(Policy::none()).build().unwrap()
}

async fn get_page(server: &TestServer, who: Option<&SignedIn>, address: &str) -> Response {
    let cookie = who.map_or(String::new(), |who| who.cookie.clone());
    let asked = browser().get(server.http(address)).header(header::COOKIE, cookie).header(header::ACCEPT, "text/html");
    asked.send().await.unwrap()
}

async fn submit_form(server: &TestServer, who: &SignedIn, accept: &str, name: &str) -> Response {
    let form = Form::new().text("name", name.to_owned());
    let sent =
        browser().post(server.http("/settings")).header(header::COOKIE, &who.cookie).header(header::ACCEPT, accept);
    sent.multipart(form).send().await.unwrap()
}

/// Sends only the headers of a form submission that claims to have this size. Returns the status line of the response.
async fn send_form_head(server: &TestServer, who: &SignedIn, bytes: usize) -> String {
    let host = server.origin().replace("http://", "");
    let socket = tokio::net::TcpStream::connect(&host).await.unwrap();
    let mut socket = tokio::io::BufReader::new(socket);
    let head = format!(
        "POST /settings HTTP/1.1\r\nhost: {host}\r\ncookie: {}\r\ncontent-type: multipart/form-data; boundary=x\r\n\
         content-length: {bytes}\r\n\r\n",
        who.cookie
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut line = String::new();
    with_deadline("the response", socket.read_line(&mut line)).await.unwrap();
    line.trim_end().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_works_without_wasm_and_reports_field_errors() {
    let server = TestServer::start().await;
    let dora = server.sign_in("dora").await;
    let page = get_page(&server, Some(&dora), "/settings").await;
    assert_eq!(page.status(), 200);
    let page = page.text().await.unwrap();
    assert!(page.contains("method=\"post\"") && page.contains("value=\"Acme\""), "{page}");

    let wrong = submit_form(&server, &dora, "text/html", " ").await;
    assert_eq!(wrong.status(), 422);
    let policy = wrong.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("'nonce-"), "{policy}");
    let page = wrong.text().await.unwrap();
    assert!(page.contains("This field is required."), "{page}");

    let saved = submit_form(&server, &dora, "text/html", "<b>Our</b> Acme").await;
    assert_eq!(
        (saved.status().as_u16(), saved.headers()[header::LOCATION].to_str().unwrap()),
        (303, "/settings?saved")
    );
    let page = get_page(&server, Some(&dora), "/settings?saved").await.text().await.unwrap();
    assert!(page.contains("Saved.") && !page.contains("<b>Our"), "{page}");
    let noted = server.engine.audit(&dora.me, AuditFilter::default(), 10).await.unwrap();
    let noted: Vec<_> = noted.iter().map(|line| (line.agent_name.as_str(), line.action.as_str())).collect();
    assert_eq!(noted, [("Dora Diaz", "organization.renamed")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wasm_client_gets_the_same_answers_encoded() {
    let server = TestServer::start().await;
    let (dora, ben) = (server.sign_in("dora").await, server.sign_in("ben").await);
    let packed = async |who, name| {
        let answer = submit_form(&server, who, "application/octet-stream", name).await;
        let status = answer.status().as_u16();
        (status, codec::decode::<Result<SubmitResult, Refusal>>(&answer.bytes().await.unwrap()).unwrap())
    };
    assert_eq!(packed(&dora, "New").await, (200, Ok(SubmitResult::Redirect("/settings?saved".into()))));
    let (status, again) = packed(&dora, "").await;
    let Ok(SubmitResult::Render(screen)) = again else { panic!("{again:?}") };
    let Some(Block::Form(form)) = screen.blocks.first() else { panic!("{screen:?}") };
    assert_eq!((status, form.fields[0].error.as_str()), (200, "This field is required."));
    assert_eq!(packed(&ben, "Ben's").await, (403, Err(Refusal::Forbidden)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_is_shown_to_permitted_agents_only() {
    let server = TestServer::start().await;
    let ben = server.sign_in("ben").await;
    let page = get_page(&server, None, "/settings/audit").await;
    assert_eq!((page.status().as_u16(), page.headers()[header::LOCATION].to_str().unwrap()), (302, "/sign-in"));
    assert_eq!(get_page(&server, Some(&ben), "/settings/audit").await.status(), 403);
    assert_eq!(get_page(&server, Some(&ben), "/settings/no-such-place").await.status(), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_or_oversized_form_is_refused() {
    let server = TestServer::start().await;
    let dora = server.sign_in("dora").await;
    let sent = |body: Vec<u8>, kind: &'static str| {
        let request = browser().post(server.http("/settings")).header(header::COOKIE, &dora.cookie);
        request.header(header::CONTENT_TYPE, kind).body(body).send()
    };
    assert_eq!(sent(b"name=x".to_vec(), "application/x-www-form-urlencoded").await.unwrap().status(), 415);
    assert_eq!(sent(b"--x\r\nnot a part".to_vec(), "multipart/form-data; boundary=x").await.unwrap().status(), 400);
    assert_eq!(send_form_head(&server, &dora, 7 * 1024 * 1024).await, "HTTP/1.1 413 Payload Too Large");
    let foreign = browser().post(server.http("/settings")).header(header::COOKIE, &dora.cookie);
    let foreign = foreign.header("origin", "https://evil.test").header("sec-fetch-site", "cross-site");
    assert_eq!(foreign.multipart(Form::new().text("name", "Evil")).send().await.unwrap().status(), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_concierge_without_sites_says_that_any_website_can_embed_it() {
    let server = TestServer::start().await;
    let dora = server.sign_in("dora").await;
    let page = async |path: &str| get_page(&server, Some(&dora), path).await.text().await.unwrap();
    let concierge = server.engine.concierges(&dora.me).await.unwrap().remove(0);
    let own = format!("/settings/concierges/{}", concierge.id);
    assert!(!page("/settings/concierges").await.contains("Any website"));
    assert!(!page(&own).await.contains("Any website can embed"));
    let settings = engine::store::ConciergeSettings { sites: Vec::new(), ..concierge.settings };
    let by = engine::store::Actor::from(&dora.me);
    server.engine.store().change_concierge(by, concierge.id, settings, String::new(), 1).await.unwrap();
    assert!(page("/settings/concierges").await.contains("Any website"));
    assert!(page(&own).await.contains("Any website can embed this concierge"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_says_in_a_sentence_what_was_done() {
    let server = TestServer::start().await;
    let dora = server.sign_in("dora").await;
    submit_form(&server, &dora, "text/html", "New").await;
    let page = get_page(&server, Some(&dora), "/settings/audit?what=organization").await.text().await.unwrap();
    assert!(page.contains("Renamed the organization") && page.contains("organization.renamed"), "{page}");
}
