//! Bad input, by the numbers of the design's list, A1 to O10: a file a letter. `cases` says of each number where it is proved, or
//! why it is not; `invariant_check` is what follows every case.
//!
//! What a number asks for is proved beside what keeps it, when that is one place: many stand in unit tests, others in `stories`.

mod cases;
mod invariant_check;
mod isolated_process;
mod log_capture;
mod raw_bytes;

mod a_metadata;
mod b_messages;
mod c_sign_in;
mod d_access_control;
mod e_sockets;
mod f_types;
mod g_exhaustion;
mod j_exports;
mod k_http;
mod l_embedding;
mod n_privacy;
mod o_delivery;

use reqwest::{
    Client, RequestBuilder,
    header::{ACCEPT, COOKIE, HeaderMap},
    redirect::Policy,
};

use crate::{
    client_ext::with_deadline,
    second_tenant::CANARY,
    test_server::{SignedIn, TestServer},
};

/// What would run, or be put in, where it is taken for more than text (A1 to A3).
const HOSTILE: [&str; 4] = [
    "</title><script>__pwned=1</script>",
    "\"><img src=x onerror=__pwned=1>",
    "{{constructor.constructor('__pwned=1')()}}",
    "${7*7} <%= 7*7 %> #{7*7}",
];

/// An answer to a request.
#[derive(Debug)]
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    /// What a header says; empty when it is not there.
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// A failure as every one is told: a code, a sentence, and its name in the log.
    fn code(&self) -> String {
        let said: serde_json::Value =
            serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no contract: {self:?}"));
        let error = said["error"].as_object().unwrap_or_else(|| panic!("no contract: {self:?}"));
        assert!(error["message"].as_str().is_some_and(|sentence| sentence.ends_with('.')), "{self:?}");
        assert_eq!(error["request_id"].as_str(), Some(self.header("x-request-id")));
        assert!(error.keys().all(|key| ["code", "message", "request_id"].contains(&key.as_str())), "{self:?}");
        error["code"].as_str().unwrap().to_owned()
    }
}

fn browser() -> Client {
    Client::builder().redirect(Policy::none()).build().unwrap()
}

/// The answer; nothing in it is the second tenant's.
async fn answer(request: RequestBuilder) -> Answer {
    let (client, request) = request.build_split();
    let request = request.unwrap();
    let what = format!("an answer to {} {}", request.method(), request.url());
    let answer = with_deadline(&what, client.execute(request)).await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let body = String::from_utf8_lossy(&answer.bytes().await.unwrap()).into_owned();
    assert!(!body.contains(CANARY) && !format!("{headers:?}").contains(CANARY), "{headers:?} {body}");
    Answer { status, headers, body }
}

/// What stands at an address, for a browser.
async fn page(server: &TestServer, who: Option<&SignedIn>, address: &str) -> Answer {
    let cookie = who.map_or("", |who| who.cookie.as_str());
    answer(browser().get(server.http(address)).header(COOKIE, cookie).header(ACCEPT, "text/html")).await
}

/// What a screen says to what was filled in, without the browser's half.
async fn submit_form(server: &TestServer, who: &SignedIn, address: &str, fields: &[(&str, &str)]) -> Answer {
    let form = fields.iter().fold(reqwest::multipart::Form::new(), |form, (name, value)| {
        form.text((*name).to_owned(), (*value).to_owned())
    });
    let sent = browser().post(server.http(address)).header(COOKIE, &who.cookie).header(ACCEPT, "text/html");
    answer(sent.multipart(form)).await
}
