//! The first start, from nothing to the first agent who joins, over HTTP without the browser's half.

use jumpin::server::{Server, config::Config};
use reqwest::{Client, Response, multipart::Form, redirect::Policy};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::client_ext::soon;

struct Empty {
    _folder: tempfile::TempDir,
    at: String,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<anyhow::Result<()>>,
}

impl Empty {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::parse("", &|_| None).unwrap();
        config.data = folder.path().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = format!("http://{}", listener.local_addr().unwrap());
        let server = Server::prepare(config, listener).await.unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(server.serve(async { drop(stopped.await) }));
        Self { _folder: folder, at, stop: Some(stop), serving }
    }

    async fn ends(mut self) {
        drop(self.stop.take());
        soon("the end", self.serving).await.unwrap().unwrap();
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

fn somebody() -> Client {
    Client::builder().cookie_store(true).redirect(Policy::none()).build().unwrap()
}

fn leads_to(answer: &Response) -> &str {
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
async fn the_first_start_leads_to_a_page_that_is_gone_afterwards() {
    let empty = Empty::open().await;
    let ann = somebody();
    for path in ["/", "/sign-in"] {
        let answer = empty.get(&ann, path).await;
        assert_eq!(leads_to(&answer), "/setup", "{path}");
    }
    let page = empty.get(&ann, "/setup").await;
    assert_eq!(page.status(), 200);
    assert!(page.text().await.unwrap().contains("Set up Jump-In"));

    let done = empty.post(&ann, "/setup", &FIRST).await;
    assert_eq!((done.status().as_u16(), leads_to(&done)), (303, "/visitors?first"));
    let waiting = empty.get(&ann, "/visitors?first").await.text().await.unwrap();
    assert!(waiting.contains("Waiting for your first visitor") && waiting.contains("data-concierge="), "{waiting}");

    // C14: for nobody, not even for the admin.
    for who in [&ann, &somebody()] {
        assert_eq!(empty.get(who, "/setup").await.status(), 404);
        assert_eq!(empty.post(who, "/setup", &FIRST).await.status(), 404);
    }
    assert_eq!(leads_to(&empty.get(&ann, "/").await), "/visitors");
    empty.ends().await;
}

/// A19.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_installer_types_stays_text_and_what_cannot_be_is_told() {
    let empty = Empty::open().await;
    let ann = somebody();
    let script = "<script>__pwned=1</script>";
    let typed = [
        ("organization", script),
        ("name", script),
        ("email", "ann\r\nBcc: x@y"),
        ("password", "short"),
        ("site", script),
    ];
    let again = empty.post(&ann, "/setup", &typed).await;
    assert_eq!(again.status(), 422);
    let page = again.text().await.unwrap();
    assert!(!page.contains("<script>__pwned"), "{page}");
    assert!(page.contains("This is no e-mail address.") && page.contains("10 characters or more"), "{page}");
    let good = FIRST
        .map(|(name, value)| if name == "organization" || name == "name" { (name, script) } else { (name, value) });
    assert_eq!(empty.post(&ann, "/setup", &good).await.status(), 303);
    for path in ["/visitors", "/settings/agents", "/settings/audit", "/account"] {
        let page = empty.get(&ann, path).await.text().await.unwrap();
        assert!(!page.contains("<script>__pwned"), "{path}");
    }
    empty.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_invites_by_a_link_and_who_has_it_joins() {
    let empty = Empty::open().await;
    let ann = somebody();
    empty.post(&ann, "/setup", &FIRST).await;
    let invited = [("email", "ben@riverside.test"), ("role", "agent"), ("max_chats", "3")];
    let page = empty.post(&ann, "/settings/agents/invite", &invited).await.text().await.unwrap();
    let token = page.split("/join/").nth(1).expect("a link").chars().take(43).collect::<String>();
    let ben = somebody();
    let address = format!("/join/{token}");
    assert!(empty.get(&ben, &address).await.text().await.unwrap().contains("Join Riverside"));
    let joined = empty.post(&ben, &address, &[("name", "Ben Brooks"), ("password", "correct horse battery")]).await;
    assert_eq!((joined.status().as_u16(), leads_to(&joined)), (303, "/visitors"));
    assert_eq!(empty.get(&ben, "/visitors").await.status(), 200);
    assert_eq!(empty.get(&somebody(), &address).await.status(), 404, "it is good once");
    // D13, by the second transport.
    assert_eq!(empty.get(&ben, "/settings/concierges").await.status(), 403);
    assert_eq!(empty.post(&ben, "/settings/agents/invite", &invited).await.status(), 403);
    empty.ends().await;
}

/// C9: the password alone opens neither page nor socket, and the second step does.
#[tokio::test(flavor = "multi_thread")]
async fn who_has_a_second_factor_is_asked_for_it() {
    let empty = Empty::open().await;
    let ann = somebody();
    empty.post(&ann, "/setup", &FIRST).await;
    empty.post(&ann, "/account/totp/begin", &[("on", "on")]).await;
    let page = empty.get(&ann, "/account").await.text().await.unwrap();
    assert!(page.contains("/account/totp.svg"));
    assert_eq!(empty.get(&ann, "/account/totp.svg").await.headers()["content-type"], "image/svg+xml");
    assert_eq!(empty.get(&somebody(), "/account/totp.svg").await.status(), 401);
    let wrong = empty.post(&ann, "/account/totp/confirm", &[("code", "000000x")]).await;
    assert_eq!(wrong.status(), 422);
    assert!(wrong.text().await.unwrap().contains("That code is not good"));
    // Nobody who has not shown a password gets past the page of the code.
    let stranger = somebody();
    assert_eq!(empty.get(&stranger, "/sign-in/code").await.status(), 200);
    let refused = empty.post(&stranger, "/sign-in/code", &[("code", "000000")]).await;
    assert_eq!(leads_to(&refused), "/sign-in");
    empty.ends().await;
}
