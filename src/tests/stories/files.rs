//! Files both ways. The marks are those of the design's list of bad input: what is sent is told by its content, kept outside of
//! the database under a name of ours, and handed out only to be kept, to those who may open the chat.

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
    house::{House, SignedIn},
    waiting::{AtTheDesk, OnThePage, soon},
};

const PDF: &[u8] =
    b"%PDF-1.7\n1 0 obj\n<< /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>\nendobj\n%%EOF canarybird";

fn picture() -> Vec<u8> {
    // The smallest GIF there is.
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
        .to_vec()
}

fn bearer(token: &VisitorToken) -> String {
    format!("Bearer {}", token.0.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

/// A visitor in a chat of Ann's, and her desk.
struct Talk {
    ann: SignedIn,
    desk: load::Agent,
    visitor: load::Visitor,
    chat: ChatId,
}

impl Talk {
    async fn begins(house: &House, path: &str) -> Self {
        let ann = house.signs_in("ann").await;
        let mut desk = house.dashboard(&ann).await;
        let mut visitor = house.visitor(path).await;
        let visit = desk.row_on(path).await.visit;
        let chat = house.accepted(&ann, &mut visitor, visit).await;
        house.engine.claim(&ann.me, chat).await.unwrap();
        desk.opens(chat).await.unwrap();
        Self { ann, desk, visitor, chat }
    }

    async fn reaches_the_desk(&mut self) -> FileCard {
        let chat = self.chat;
        self.desk.until("the file", |agent| agent.entries.get(&chat).and_then(|entries| card(entries))).await
    }

    async fn reaches_the_visitor(&mut self) -> FileCard {
        let from_agent = |visitor: &load::Visitor| card(&visitor.entries).filter(|card| card.kind() == "pdf");
        self.visitor.until("the agent's file", from_agent).await
    }
}

/// The last entry, when it is a file.
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

fn from_visitor(house: &House, token: &VisitorToken, name: &str, bytes: &[u8]) -> RequestBuilder {
    let sent = Client::new().post(house.http("/concierge/v1/files?lang=de"));
    named(sent, name).header(header::AUTHORIZATION, bearer(token)).body(bytes.to_vec())
}

fn from_agent(house: &House, who: &SignedIn, chat: ChatId, name: &str, bytes: &[u8]) -> RequestBuilder {
    let sent = Client::new().post(house.http(&format!("/files?chat={chat}")));
    named(sent, name).header(header::COOKIE, &who.cookie).body(bytes.to_vec())
}

async fn to_visitor(house: &House, token: &VisitorToken, file: &str) -> Response {
    let asked = Client::new().get(house.http(&format!("/concierge/v1/files/{file}")));
    soon("the file", asked.header(header::AUTHORIZATION, bearer(token)).send()).await.unwrap()
}

async fn to_agent(house: &House, who: &SignedIn, file: &str) -> Response {
    let asked = Client::new().get(house.http(&format!("/files/{file}"))).header(header::COOKIE, &who.cookie);
    soon("the file", asked.send()).await.unwrap()
}

/// The status, and the code and the sentence of a failure.
async fn told(request: RequestBuilder) -> (u16, String, String) {
    let answer = soon("an answer", request.send()).await.unwrap();
    let (status, body) = (answer.status().as_u16(), answer.json::<Value>().await.unwrap());
    let word = |name: &str| body["error"][name].as_str().unwrap_or_default().to_owned();
    (status, word("code"), word("message"))
}

async fn stored(request: RequestBuilder) -> String {
    let answer = soon("an answer", request.send()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
    answer.json::<Value>().await.unwrap()["file"]["id"].as_str().unwrap().to_owned()
}

fn in_the_folder(house: &House) -> usize {
    fs::read_dir(house.data().join("files/sent")).map_or(0, Iterator::count)
}

/// H1, H2, H11.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_both_ways_and_is_only_ever_handed_out_to_be_kept() {
    let house = House::open().await;
    let mut talk = Talk::begins(&house, "/boots").await;
    let token = talk.visitor.token();
    let file = stored(from_visitor(&house, &token, "boots.gif", &picture())).await;
    let card = talk.reaches_the_desk().await;
    assert_eq!((card.id().unwrap().to_string(), card.name(), card.kind()), (file.clone(), "boots.gif", "gif"));
    let kept = to_agent(&house, &talk.ann, &file).await;
    let headers = kept.headers().clone();
    assert_eq!(kept.bytes().await.unwrap(), picture());
    for (name, value) in [
        ("content-type", "image/gif"),
        ("content-disposition", "attachment; filename=\"boots.gif\"; filename*=UTF-8''boots.gif"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'; frame-ancestors 'none'"),
        ("cache-control", "private, no-store"),
        ("cross-origin-resource-policy", "same-origin"),
        ("accept-ranges", "none"),
    ] {
        assert_eq!(headers[name], value, "{name}");
    }

    let file = stored(from_agent(&house, &talk.ann, talk.chat, "Rücksendung.pdf", PDF)).await;
    let card = talk.reaches_the_visitor().await;
    assert_eq!((card.name(), card.kind(), card.bytes()), ("Rücksendung.pdf", "pdf", PDF.len() as u64));
    let asked = Client::new().get(house.http(&format!("/concierge/v1/files/{file}")));
    let ranges = (0..1_000).map(|at| format!("{at}-{at}")).collect::<Vec<_>>().join(",");
    let asked = asked.header(header::AUTHORIZATION, bearer(&token)).header(header::RANGE, format!("bytes={ranges}"));
    let kept = asked.send().await.unwrap();
    assert_eq!(kept.status(), 200, "never in parts");
    assert!(kept.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
    assert_eq!(kept.bytes().await.unwrap(), PDF);
}

/// H1, H4, H7: by its content, whatever it calls itself; and both sides are told what can be sent.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sent_is_refused_with_the_list_and_leaves_nothing() {
    let house = House::open().await;
    let talk = Talk::begins(&house, "/boots").await;
    let token = talk.visitor.token();
    for (name, bytes) in [
        ("a.svg", &b"<svg xmlns='http://www.w3.org/2000/svg'><script>__pwned=1</script></svg>"[..]),
        ("a.png", b"<svg onload=__pwned=1>"),
        ("a.jpg", b"<!doctype html><script>__pwned=1</script>"),
        ("a.js", b"alert(1)"),
        ("a.bat", b"del *"),
        ("a.pdf", b"MZ\x90\x00\x03"),
        ("a.wasm", b"\x00asm\x01\x00\x00\x00"),
        ("a.zip", b"PK\x03\x04 anything"),
    ] {
        let (status, code, sentence) = told(from_visitor(&house, &token, name, bytes)).await;
        assert_eq!((status, code.as_str()), (415, "file_type_refused"), "{name}");
        assert!(sentence.starts_with("Eine solche Datei") && sentence.contains("PNG, JPEG"), "{sentence}");
        let (status, _, sentence) = told(from_agent(&house, &talk.ann, talk.chat, name, bytes)).await;
        assert!(status == 415 && sentence.contains("PNG, JPEG"), "{name}: {sentence}");
    }
    let (status, code, _) = told(from_visitor(&house, &token, "a.txt", b"")).await;
    assert_eq!((status, code.as_str()), (422, "empty_message"));
    assert_eq!(in_the_folder(&house), 0);
}

/// H5.
#[tokio::test(flavor = "multi_thread")]
async fn the_largest_fits_one_byte_more_does_not_and_half_of_one_is_none() {
    let house = House::open().await;
    let talk = Talk::begins(&house, "/boots").await;
    let token = talk.visitor.token();
    let limit = house.engine.settings().file_limits.largest;
    let text = |bytes: u64| vec![b'x'; usize::try_from(bytes).unwrap()];
    for bytes in [limit - 1, limit] {
        stored(from_visitor(&house, &token, "a.txt", &text(bytes))).await;
    }
    let answer = from_visitor(&house, &token, "a.txt", &text(limit + 1)).send().await.unwrap();
    assert_eq!(answer.status(), 413);
    let error = answer.json::<Value>().await.unwrap()["error"].clone();
    assert_eq!((error["code"].as_str(), error["limit"].as_u64()), (Some("file_too_large"), Some(limit)));
    assert!(error["message"].as_str().unwrap().contains("10 MB"));

    let mut half = TcpStream::connect(house.ws().trim_start_matches("ws://")).await.unwrap();
    let head = format!(
        "POST /concierge/v1/files HTTP/1.1\r\nhost: x\r\nauthorization: {}\r\nx-file-name: a.txt\r\nx-client-id: {}\r\n\
         content-length: 1000\r\n\r\n",
        bearer(&token),
        Uuid::now_v7()
    );
    half.write_all(head.as_bytes()).await.unwrap();
    half.write_all(&[b'x'; 500]).await.unwrap();
    soon("it is on its way", async {
        while in_the_folder(&house) < 3 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    drop(half);
    soon("it is gone", async {
        while in_the_folder(&house) > 2 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let names = fs::read_dir(house.data().join("files/sent")).unwrap();
    assert!(names.into_iter().all(|entry| entry.unwrap().path().extension().is_none()));
}

/// H3: shown as it was, kept under a name of ours, and safe in a header.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_leads_nowhere() {
    let house = House::open().await;
    let mut talk = Talk::begins(&house, "/boots").await;
    let token = talk.visitor.token();
    for (name, shown) in [
        ("\"><img src=x onerror=__pwned=1>", "\"><img src=x onerror=__pwned=1>.gif"),
        ("../../x", "x.gif"),
        ("con", "con.gif"),
        ("\u{202e}gpj.exe", "gpj.exe.gif"),
        ("a\r\nX: y", "aX: y.gif"),
        ("", "file.gif"),
    ] {
        let file = stored(from_agent(&house, &talk.ann, talk.chat, name, &picture())).await;
        let card = talk
            .visitor
            .until("the file", |visitor| card(&visitor.entries).filter(|card| card.id().unwrap().to_string() == file))
            .await;
        assert_eq!(card.name(), shown);
        let kept = to_visitor(&house, &token, &file).await;
        assert!(kept.headers().get("x").is_none());
        assert!(kept.headers()["content-disposition"].to_str().unwrap().starts_with("attachment; filename=\""));
        assert!(house.data().join("files/sent").join(&file).is_file());
    }
    assert!(!house.data().join("x.gif").exists() && !house.data().join("files/x.gif").exists());
}

/// D8, H8, F7: whose it is not, for him it is not there; and all of these answers are one.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_not_there_for_others() {
    let house = House::open().await;
    let mut talk = Talk::begins(&house, "/boots").await;
    let (token, other) = (talk.visitor.token(), Talk::begins(&house, "/packs").await);
    let file = stored(from_visitor(&house, &token, "a.gif", &picture())).await;
    talk.reaches_the_desk().await;
    let missing = Uuid::now_v7().to_string();
    let (thief, nobody) = (other.visitor.token(), VisitorToken([9; 32]));
    let gone = async |answer: Response| {
        let (status, body) = (answer.status(), answer.json::<Value>().await.unwrap());
        assert_eq!((status.as_u16(), &body["error"]["code"]), (404, &Value::from("not_found")), "{body}");
    };
    for (token, file) in [
        (&thief, file.as_str()),
        (&nobody, &file),
        (&token, &missing),
        (&token, "..%2f..%2fjumpin.db"),
        (&token, "%2e%2e%2fjumpin.db"),
        (&token, "%00"),
    ] {
        gone(to_visitor(&house, token, file).await).await;
    }
    let stranger = SignedIn { cookie: "a=b".into(), ..house.signs_in("ben").await };
    gone(to_agent(&house, &stranger, &file).await).await;
    gone(to_agent(&house, &talk.ann, &missing).await).await;
    gone(Client::new().get(house.http(&format!("/concierge/v1/files/{file}"))).send().await.unwrap()).await;
    let in_the_address = format!("/concierge/v1/files/{file}?token={}", &bearer(&token)[7..]);
    gone(Client::new().get(house.http(&in_the_address)).send().await.unwrap()).await;

    let not_signed_in = (401, "not_signed_in".to_owned());
    for request in [
        from_visitor(&house, &nobody, "a.gif", &picture()),
        from_agent(&house, &stranger, talk.chat, "a.gif", &picture()),
        named(Client::new().post(house.http("/concierge/v1/files")), "a.gif").body(picture()),
    ] {
        let (status, code, _) = told(request).await;
        assert_eq!((status, code), not_signed_in);
    }
    let ben = house.signs_in("ben").await;
    assert_eq!(told(from_agent(&house, &ben, talk.chat, "a.gif", &picture())).await.0, 409, "another's chat");
    let nowhere = ChatId(Uuid::now_v7());
    assert_eq!(told(from_agent(&house, &talk.ann, nowhere, "a.gif", &picture())).await.0, 404);
    let from_elsewhere = from_agent(&house, &talk.ann, talk.chat, "a.gif", &picture());
    let from_elsewhere = from_elsewhere.header("origin", "https://evil.test").header("sec-fetch-site", "cross-site");
    assert_eq!(told(from_elsewhere).await.1, "wrong_origin");
    house.engine.end(&talk.ann.me, talk.chat).await.unwrap();
    assert_eq!(told(from_agent(&house, &talk.ann, talk.chat, "a.gif", &picture())).await.0, 409, "a closed chat");
    assert_eq!(in_the_folder(&house), 1);
}

/// H7.
#[tokio::test(flavor = "multi_thread")]
async fn the_eleventh_file_of_an_hour_must_wait_and_one_that_comes_again_does_not_count() {
    let house = House::open().await;
    let talk = Talk::begins(&house, "/boots").await;
    let token = talk.visitor.token();
    let name = ClientId(Uuid::now_v7()).to_string();
    let mut ids = Vec::new();
    for _ in 0..3 {
        let sent = Client::new().post(house.http("/concierge/v1/files")).header(header::AUTHORIZATION, bearer(&token));
        let sent = sent.header("x-file-name", "a.gif").header("x-client-id", &name).body(picture());
        let answer = sent.send().await.unwrap();
        assert!(answer.status().is_success());
        ids.push(answer.json::<Value>().await.unwrap()["file"]["id"].clone());
    }
    assert!(ids.windows(2).all(|two| two[0] == two[1]), "{ids:?}");
    for _ in 1..10 {
        stored(from_visitor(&house, &token, "a.gif", &picture())).await;
    }
    let (status, code, sentence) = told(from_visitor(&house, &token, "a.gif", &picture())).await;
    assert_eq!((status, code.as_str()), (429, "too_many"));
    assert!(sentence.starts_with("Das sind viele Dateien"), "{sentence}");
    assert_eq!(in_the_folder(&house), 10);
}

/// N5, and D8 after the erasing.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_erased_has_no_file_left() {
    let house = House::open().await;
    let mut talk = Talk::begins(&house, "/boots").await;
    let token = talk.visitor.token();
    let file = stored(from_visitor(&house, &token, "canarybird.pdf", PDF)).await;
    talk.reaches_the_desk().await;
    assert!(holds_the_canary(house.data()));
    let page = |path: String| {
        let asked = Client::new().get(house.http(&path)).header(header::COOKIE, &talk.ann.cookie);
        async move { asked.send().await.unwrap().text().await.unwrap() }
    };
    let transcript = page(format!("/history/{}", talk.chat)).await;
    assert!(transcript.contains(&format!("/files/{file}")) && transcript.contains("canarybird.pdf"), "{transcript}");
    assert!(page("/history?words=canarybird".into()).await.contains(&format!("/history/{}", talk.chat)), "by its name");
    let lines = page("/history/export.jsonl".into()).await;
    assert!(lines.contains(&format!("\"address\":\"/files/{file}\"")), "{lines}");

    let mut dora = house.signs_in("dora").await;
    dora.me.role = Role::Admin;
    let visitor = house.engine.past_chat(&dora.me, talk.chat).await.unwrap().visitor;
    house.engine.erase_visitor(&dora.me, visitor).await.unwrap();
    assert_eq!(to_agent(&house, &talk.ann, &file).await.status(), 404);
    assert_eq!(to_visitor(&house, &token, &file).await.status(), 404);
    assert!(!holds_the_canary(house.data()));
    assert_eq!(in_the_folder(&house), 0);
}

fn holds_the_canary(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        let holds = |bytes: Vec<u8>| bytes.windows(10).any(|part| part == b"canarybird");
        if path.is_dir() { holds_the_canary(&path) } else { fs::read(&path).is_ok_and(holds) }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_outlives_a_restart_and_comes_back_with_a_backup() {
    let house = House::open().await;
    let mut talk = Talk::begins(&house, "/boots").await;
    let token = talk.visitor.token();
    let file = stored(from_visitor(&house, &token, "a.pdf", PDF)).await;
    talk.reaches_the_desk().await;
    let Talk { ann, desk, visitor, .. } = talk;
    drop((desk, visitor));
    let left = house.data().join("files/sent").join(Uuid::now_v7().to_string());
    fs::write(&left, "of no chat").unwrap();
    let house = house.restarts().await;
    assert!(!left.exists(), "what no chat names is swept away");
    assert_eq!(to_visitor(&house, &token, &file).await.bytes().await.unwrap(), PDF);

    fs::write(house.data().join("files/sent").join(format!("{}.part", Uuid::now_v7())), "half").unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let (backup, data) = (elsewhere.path().join("chat.tar"), tempfile::tempdir().unwrap());
    let words = |what: &'static str, folder: &Path| {
        [what.into(), backup.to_str().unwrap().to_owned(), "--data".into(), folder.to_str().unwrap().to_owned()]
    };
    let run = |words: [String; 4]| jumpin(elsewhere.path(), &words.each_ref().map(String::as_str), "");
    let written = run(words("backup", house.data()));
    assert!(said(&written).contains("files 1"), "{written:?}");
    assert!(run(words("restore", data.path())).status.success());
    drop(house);
    let house = House::standing_in(data).await;
    assert_eq!(to_visitor(&house, &token, &file).await.bytes().await.unwrap(), PDF);
    let again = house.signs_in("ann").await;
    assert_eq!(again.me.agent, ann.me.agent);
    assert_eq!(to_agent(&house, &again, &file).await.bytes().await.unwrap(), PDF);
}
