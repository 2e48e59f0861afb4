//! Files sent in both directions. Case numbers refer to `docs/testing.md`. A file's type is detected from its content.
//! Files are stored outside the database under generated names and are served only as downloads, to people who may open
//! the chat.

mod access_and_retention;
mod concurrent_uploads;
mod uploads;

use std::{fs, path::Path};

use protocol::{
    agent::Role,
    chat::{Body, Entry},
    file::FileCard,
    id::{ChatId, ClientId, VisitorToken},
};
use reqwest::{Client, RequestBuilder, Response, StatusCode, header};
use serde_json::Value;
use tokio::{io::AsyncWriteExt as _, net::TcpStream};
use uuid::Uuid;

use super::command_line::{jumpin, said};
use crate::{
    client_ext::{AgentExt, VisitorExt, with_deadline},
    test_database::skip_on_postgres,
    test_server::{SignedIn, TestServer},
};

const PDF: &[u8] =
    b"%PDF-1.7\n1 0 obj\n<< /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>\nendobj\n%%EOF canarybird";

fn image() -> Vec<u8> {
    // The smallest valid GIF.
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
        .to_vec()
}

fn bearer(token: &VisitorToken) -> String {
    format!("Bearer {}", token.0.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

/// A visitor in a chat with Ann, and Ann's dashboard.
struct ChatFixture {
    ann: SignedIn,
    dashboard: load::Agent,
    visitor: load::Visitor,
    chat: ChatId,
}

impl ChatFixture {
    async fn start(server: &TestServer, path: &str) -> Self {
        let ann = server.sign_in("ann").await;
        let mut dashboard = server.dashboard(&ann).await;
        let (visitor, chat) = server.visitor_in_claimed_chat(&ann, &mut dashboard, path).await;
        dashboard.open_chat(chat).await.unwrap();
        Self { ann, dashboard, visitor, chat }
    }

    async fn wait_for_file_at_dashboard(&mut self) -> FileCard {
        let chat = self.chat;
        self.dashboard.until("the file", |agent| agent.entries.get(&chat).and_then(|entries| card(entries))).await
    }

    async fn wait_for_file_at_visitor(&mut self) -> FileCard {
        let from_agent = |visitor: &load::Visitor| card(&visitor.entries).filter(|card| card.kind() == "pdf");
        self.visitor.until("the agent's file", from_agent).await
    }
}

/// Returns the last entry if it is a file.
fn card(entries: &[Entry]) -> Option<FileCard> {
    match &entries.last()?.body {
        Body::File(card) => Some(card.clone()),
        _ => None,
    }
}

fn named(request: RequestBuilder, name: &str) -> RequestBuilder {
    let name: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
    request.header("x-file-name", name).header("x-client-id", Uuid::now_v7().to_string())
}

fn from_visitor(server: &TestServer, token: &VisitorToken, name: &str, bytes: &[u8]) -> RequestBuilder {
    let sent = Client::new().post(server.http("/concierge/v1/files?lang=de"));
    named(sent, name).header(header::AUTHORIZATION, bearer(token)).body(bytes.to_vec())
}

fn from_agent(server: &TestServer, who: &SignedIn, chat: ChatId, name: &str, bytes: &[u8]) -> RequestBuilder {
    let sent = Client::new().post(server.http(&format!("/files?chat={chat}")));
    named(sent, name).header(header::COOKIE, &who.cookie).body(bytes.to_vec())
}

async fn to_visitor(server: &TestServer, token: &VisitorToken, file: &str) -> Response {
    let asked = Client::new().get(server.http(&format!("/concierge/v1/files/{file}")));
    with_deadline("the file", asked.header(header::AUTHORIZATION, bearer(token)).send()).await.unwrap()
}

async fn to_agent(server: &TestServer, who: &SignedIn, file: &str) -> Response {
    let asked = Client::new().get(server.http(&format!("/files/{file}"))).header(header::COOKIE, &who.cookie);
    with_deadline("the file", asked.send()).await.unwrap()
}

/// Sends a request that is expected to fail. Returns the status, the error code, and the message.
async fn send_expecting_error(request: RequestBuilder) -> (u16, String, String) {
    let answer = with_deadline("a response", request.send()).await.unwrap();
    let (status, body) = (answer.status().as_u16(), answer.json::<Value>().await.unwrap());
    let word = |name: &str| body["error"][name].as_str().unwrap_or_default().to_owned();
    (status, word("code"), word("message"))
}

async fn upload(request: RequestBuilder) -> String {
    let answer = with_deadline("a response", request.send()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
    answer.json::<Value>().await.unwrap()["file"]["id"].as_str().unwrap().to_owned()
}

fn count_stored_files(server: &TestServer) -> usize {
    fs::read_dir(server.data().join("files/sent")).map_or(0, Iterator::count)
}
