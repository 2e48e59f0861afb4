//! Tests for bad input: cases A1 to O10 of `docs/testing.md`, with one file per letter. `cases` lists the test that
//! covers each case, or the reason why there is none. `invariant_check` contains the checks that run after every case.
//!
//! Cases that concern a single module are tested next to that module, many of them in unit tests. Others are covered by
//! `stories`.

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

pub(crate) use cases::case_numbers;

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

/// Input that would be executed or evaluated if it were ever treated as anything but text (A1 to A3).
const HOSTILE: [&str; 4] = [
    "</title><script>__pwned=1</script>",
    "\"><img src=x onerror=__pwned=1>",
    "{{constructor.constructor('__pwned=1')()}}",
    "${7*7} <%= 7*7 %> #{7*7}",
];

/// The response to a request.
#[derive(Debug)]
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    /// Returns the value of a header, or an empty string if the header is missing.
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Asserts that the body is an error in the standard format (code, message, and request id) and returns its code.
    fn code(&self) -> String {
        let said: serde_json::Value =
            serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("the body is not a standard error: {self:?}"));
        let error = said["error"].as_object().unwrap_or_else(|| panic!("the body is not a standard error: {self:?}"));
        assert!(error["message"].as_str().is_some_and(|sentence| sentence.ends_with('.')), "{self:?}");
        assert_eq!(error["request_id"].as_str(), Some(self.header("x-request-id")));
        assert!(error.keys().all(|key| ["code", "message", "request_id"].contains(&key.as_str())), "{self:?}");
        error["code"].as_str().unwrap().to_owned()
    }
}

fn browser() -> Client {
    Client::builder().redirect(Policy::none()).build().unwrap()
}

/// Sends a request and returns the response after asserting that it contains no data from the second tenant.
async fn answer(request: RequestBuilder) -> Answer {
    let (client, request) = request.build_split();
    let request = request.unwrap();
    let what = format!("a response to {} {}", request.method(), request.url());
    let answer = with_deadline(&what, client.execute(request)).await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let body = String::from_utf8_lossy(&answer.bytes().await.unwrap()).into_owned();
    assert!(!body.contains(CANARY) && !format!("{headers:?}").contains(CANARY), "{headers:?} {body}");
    Answer { status, headers, body }
}

/// Requests a page the way a browser does.
async fn page(server: &TestServer, who: Option<&SignedIn>, address: &str) -> Answer {
    let cookie = who.map_or("", |who| who.cookie.as_str());
    answer(browser().get(server.http(address)).header(COOKIE, cookie).header(ACCEPT, "text/html")).await
}

/// Submits an export's form the way a browser does.
async fn export(server: &TestServer, who: Option<&SignedIn>, address: &str) -> Answer {
    let cookie = who.map_or("", |who| who.cookie.as_str());
    let asked = browser().post(server.http(address)).header(COOKIE, cookie).header(ACCEPT, "text/html");
    answer(asked.form(&[("words", "")])).await
}

/// Submits a screen's form the way a browser without WebAssembly does.
async fn submit_form(server: &TestServer, who: &SignedIn, address: &str, fields: &[(&str, &str)]) -> Answer {
    let form = fields.iter().fold(reqwest::multipart::Form::new(), |form, (name, value)| {
        form.text((*name).to_owned(), (*value).to_owned())
    });
    let sent = browser().post(server.http(address)).header(COOKIE, &who.cookie).header(ACCEPT, "text/html");
    answer(sent.multipart(form)).await
}
