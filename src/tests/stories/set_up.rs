//! The first start, from an empty directory to the first agent who joins, over HTTP and without WebAssembly.

use jumpin::server::{Server, config::Config};
use reqwest::{Client, Response, multipart::Form, redirect::Policy};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::client_ext::with_deadline;

struct EmptyServer {
    _folder: tempfile::TempDir,
    at: String,
    /// The path of the setup, as the log shows it.
    setup: String,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<anyhow::Result<()>>,
}

impl EmptyServer {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::parse("", &|_| None).unwrap();
        config.data = folder.path().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = format!("http://{}", listener.local_addr().unwrap());
        let server = Server::prepare(config, listener).await.unwrap();
        let setup = server.engine().setup_path();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(server.serve(async { drop(stopped.await) }));
        Self { _folder: folder, at, setup, stop: Some(stop), serving }
    }

    async fn stop(mut self) {
        drop(self.stop.take());
        with_deadline("the server to shut down", self.serving).await.unwrap().unwrap();
    }

    async fn get(&self, who: &Client, path: &str) -> Response {
        who.get(format!("{}{path}", self.at)).header("accept", "text/html").send().await.unwrap()
    }

    async fn post(&self, who: &Client, path: &str, fields: &[(&str, &str)]) -> Response {
        let form =
            fields.iter().fold(Form::new(), |form, (name, value)| form.text((*name).to_owned(), (*value).to_owned()));
        who.post(format!("{}{path}", self.at)).header("accept", "text/html").multipart(form).send().await.unwrap()
    }
}

fn browser() -> Client {
    Client::builder().cookie_store(true).redirect(Policy::none()).build().unwrap()
}

fn location(answer: &Response) -> &str {
    answer.headers().get("location").map_or("", |to| to.to_str().unwrap())
}

const FIRST: [(&str, &str); 6] = [
    ("organization", "Riverside"),
    ("name", "Ann Archer"),
    ("email", "ann@riverside.test"),
    ("password", "correct horse battery"),
    ("concierge", "Shop"),
    ("site", "https://shop.test"),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_setup_page_disappears_after_the_first_start() {
    let empty = EmptyServer::open().await;
    let ann = browser();
    for path in ["/", "/sign-in"] {
        let answer = empty.get(&ann, path).await;
        assert_eq!(location(&answer), "/setup", "{path}");
    }
    let page = empty.get(&ann, &empty.setup).await;
    assert_eq!(page.status(), 200);
    assert!(page.text().await.unwrap().contains("Set up Jump-In"));

    let done = empty.post(&ann, &empty.setup, &FIRST).await;
    assert_eq!((done.status().as_u16(), location(&done)), (303, "/visitors?first"));
    let waiting = empty.get(&ann, "/visitors?first").await.text().await.unwrap();
    assert!(waiting.contains("Waiting for your first visitor") && waiting.contains("data-concierge="), "{waiting}");

    // Covers C14: the setup page is gone for everyone, including the admin.
    for who in [&ann, &browser()] {
        assert_eq!(empty.get(who, "/setup").await.status(), 404);
        assert_eq!(empty.get(who, &empty.setup).await.status(), 404);
        assert_eq!(empty.post(who, &empty.setup, &FIRST).await.status(), 404);
    }
    assert_eq!(location(&empty.get(&ann, "/").await), "/visitors");
    empty.stop().await;
}

/// A new server does not belong to whoever finds it first.
#[tokio::test(flavor = "multi_thread")]
async fn setup_requires_the_token_that_the_server_logged() {
    let (empty, other) = (EmptyServer::open().await, EmptyServer::open().await);
    let eve = browser();
    let page = empty.get(&eve, "/setup").await;
    assert_eq!(page.status(), 200);
    let page = page.text().await.unwrap();
    assert!(page.contains("finds a link in its terminal or log") && !page.contains("name=\"password\""), "{page}");
    assert!(!page.contains(&empty.setup));
    let guessed = format!("/setup/{}", "A".repeat(43));
    let cut = empty.setup[..empty.setup.len() - 1].to_owned();
    for path in ["/setup/", "/setup/x", &guessed, &cut, &other.setup, "/setup?token=x", "/setup/../setup"] {
        let shown = empty.get(&eve, path).await.text().await.unwrap();
        assert!(!shown.contains("name=\"password\""), "{path}");
        let filled_in = empty.post(&eve, path, &FIRST).await.status();
        assert!([404, 405].contains(&filled_in.as_u16()), "{path}: {filled_in}");
    }
    assert_eq!(location(&empty.get(&eve, "/").await), "/setup", "nothing was set up");
    assert_eq!(empty.post(&browser(), &empty.setup, &FIRST).await.status(), 303);
    empty.stop().await;
    other.stop().await;
}

/// A19: hostile setup input.
#[tokio::test(flavor = "multi_thread")]
async fn setup_input_stays_text_and_invalid_fields_are_reported() {
    let empty = EmptyServer::open().await;
    let ann = browser();
    let script = "<script>__pwned=1</script>";
    let typed = [
        ("organization", script),
        ("name", script),
        ("email", "ann\r\nBcc: x@y"),
        ("password", "short"),
        ("site", script),
    ];
    let again = empty.post(&ann, &empty.setup, &typed).await;
    assert_eq!(again.status(), 422);
    let page = again.text().await.unwrap();
    assert!(!page.contains("<script>__pwned"), "{page}");
    assert!(
        page.contains("Please enter a valid email address.") && page.contains("use at least 10 characters"),
        "{page}"
    );
    let good = FIRST
        .map(|(name, value)| if name == "organization" || name == "name" { (name, script) } else { (name, value) });
    assert_eq!(empty.post(&ann, &empty.setup, &good).await.status(), 303);
    for path in ["/visitors", "/settings/agents", "/settings/audit", "/account"] {
        let page = empty.get(&ann, path).await.text().await.unwrap();
        assert!(!page.contains("<script>__pwned"), "{path}");
    }
    empty.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_joins_by_an_admins_invitation_link() {
    let empty = EmptyServer::open().await;
    let ann = browser();
    empty.post(&ann, &empty.setup, &FIRST).await;
    let invited = [("email", "ben@riverside.test"), ("role", "agent"), ("max_chats", "3")];
    let page = empty.post(&ann, "/settings/agents/invite", &invited).await.text().await.unwrap();
    let token = page.split("/join/").nth(1).expect("a link").chars().take(43).collect::<String>();
    let ben = browser();
    let address = format!("/join/{token}");
    assert!(empty.get(&ben, &address).await.text().await.unwrap().contains("Join Riverside"));
    let joined = empty.post(&ben, &address, &[("name", "Ben Brooks"), ("password", "correct horse battery")]).await;
    assert_eq!((joined.status().as_u16(), location(&joined)), (303, "/visitors"));
    assert_eq!(empty.get(&ben, "/visitors").await.status(), 200);
    assert_eq!(empty.get(&browser(), &address).await.status(), 404, "the link works only once");
    // Covers D13, using HTTP forms.
    assert_eq!(empty.get(&ben, "/settings/concierges").await.status(), 403);
    assert_eq!(empty.post(&ben, "/settings/agents/invite", &invited).await.status(), 403);
    empty.stop().await;
}

/// Covers C9: the password alone opens neither a page nor a socket until the second step has been completed.
#[tokio::test(flavor = "multi_thread")]
async fn the_second_factor_page_requires_a_password_first() {
    let empty = EmptyServer::open().await;
    let ann = browser();
    empty.post(&ann, &empty.setup, &FIRST).await;
    empty.post(&ann, "/account/totp/begin", &[("on", "on")]).await;
    let page = empty.get(&ann, "/account").await.text().await.unwrap();
    assert!(page.contains("/account/totp.svg"));
    assert_eq!(empty.get(&ann, "/account/totp.svg").await.headers()["content-type"], "image/svg+xml");
    assert_eq!(empty.get(&browser(), "/account/totp.svg").await.status(), 401);
    let wrong = empty.post(&ann, "/account/totp/confirm", &[("code", "000000x")]).await;
    assert_eq!(wrong.status(), 422);
    assert!(wrong.text().await.unwrap().contains("This code is incorrect"));
    // The code page is of no use without the correct password.
    let stranger = browser();
    assert_eq!(empty.get(&stranger, "/sign-in/code").await.status(), 200);
    let refused = empty.post(&stranger, "/sign-in/code", &[("code", "000000")]).await;
    assert_eq!(location(&refused), "/sign-in");
    empty.stop().await;
}
