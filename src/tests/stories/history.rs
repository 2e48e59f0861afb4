//! The history: agents who have permission can find a past chat, view it unchanged, and export it.

use protocol::id::ChatId;
use reqwest::StatusCode;

use crate::{
    client_ext::{AgentExt, VisitorExt, with_deadline},
    test_server::{SignedIn, TestServer},
};

/// Requests a page as an agent.
async fn page(server: &TestServer, who: &SignedIn, path: &str) -> (StatusCode, String) {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let asked = client.get(server.http(path)).header("cookie", &who.cookie).header("accept", "text/html");
    let answer = with_deadline("a response", asked.send()).await.unwrap();
    let status = answer.status();
    (status, with_deadline("the response body", answer.text()).await.unwrap())
}

/// Submits an export's form as an agent.
async fn export(server: &TestServer, who: &SignedIn, path: &str, fields: &[(&str, &str)]) -> (StatusCode, String) {
    let asked = reqwest::Client::new().post(server.http(path)).header("cookie", &who.cookie).form(fields);
    let answer = with_deadline("a response", asked.send()).await.unwrap();
    let status = answer.status();
    (status, with_deadline("the response body", answer.text()).await.unwrap())
}

/// Creates an ended chat with one question and one answer.
async fn create_ended_chat(server: &TestServer, question: &str, answer: &str) -> ChatId {
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let (mut visitor, chat) = server.visitor_in_claimed_chat(&ann, &mut dashboard, "/boots").await;
    dashboard.open_chat(chat).await.unwrap();
    visitor.send_message(question).await.unwrap();
    dashboard.until("the question", |agent| (!agent.messages(chat).is_empty()).then_some(())).await;
    dashboard.send_message(chat, answer).await.unwrap();
    visitor.until("the answer", |visitor| (visitor.messages().len() == 2).then_some(())).await;
    server.engine.end(&ann.me, chat).await.unwrap();
    visitor.disconnect().await;
    chat
}

#[tokio::test(flavor = "multi_thread")]
async fn a_past_chat_is_found_by_text_and_shown_unchanged() {
    let server = TestServer::start().await;
    let chat = create_ended_chat(&server, "Does the <b>Ridgeline</b> run small?", "True to size.").await;
    let ben = server.sign_in("ben").await;
    let (status, found) = page(&server, &ben, "/history?words=ridgeline+small").await;
    assert_eq!(status, 200);
    assert!(found.contains(&format!("/history/{chat}?words=ridgeline%20small")), "the link keeps the search");
    let (_, nothing) =
        page(&server, &ben, "/history?words=%22+NEAR(+*+:+^+'+OR+1=1--&from=275760-01-01&outcome=x").await;
    assert!(nothing.contains("No results found.") && nothing.contains("Please enter a valid date"));
    let (status, read) = page(&server, &ben, &format!("/history/{chat}")).await;
    assert_eq!(status, 200);
    for words in ["True to size.", "Ann Archer", "joined the chat", "The agent ended the chat"] {
        assert!(read.contains(words), "{words}");
    }
    assert!(!read.contains("<b>Ridgeline"), "the message is not markup");
    for missing in ["/history/01890000-0000-7000-8000-000000000000", "/history/x", "/history/visitors/x"] {
        assert_eq!(page(&server, &ben, missing).await.0, 404, "{missing}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn supervisors_export_chats_and_it_is_audited() {
    let server = TestServer::start().await;
    create_ended_chat(&server, "=1+1", "Two, \"I\" think;\nreally").await;
    let (ann, ben) = (server.sign_in("ann").await, server.sign_in("ben").await);
    for path in ["/history/export.csv", "/history/export.jsonl"] {
        assert_eq!(export(&server, &ben, path, &[]).await.0, 403, "{path}");
        let nobody = SignedIn { cookie: "a=b".into(), ..server.sign_in("ben").await };
        assert_eq!(export(&server, &nobody, path, &[]).await.0, 401, "{path}");
    }
    let (status, csv) = export(&server, &ann, "/history/export.csv", &[("words", "think")]).await;
    assert_eq!(status, 200);
    assert!(
        csv.contains(",\"visitor\",\"'=1+1\"\r\n")
            && csv.contains(",\"Ann Archer\",\"Two, \"\"I\"\" think;\nreally\"\r\n"),
        "{csv}"
    );
    let (_, lines) = export(&server, &ann, "/history/export.jsonl", &[]).await;
    let last = lines.lines().last().unwrap();
    assert!(last.starts_with("{\"end\":{\"chats\":1,"), "{last}");
    let log = server.engine.store().audit(ann.me.organization, Default::default(), 9).await.unwrap();
    let noted: Vec<_> = log.iter().map(|line| (line.action.as_str(), line.detail.as_str())).collect();
    assert_eq!(noted, [("export.history", "chats.jsonl"), ("export.history", "chats.csv")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spreadsheet_of_any_locale_opens_an_export_without_formulas() {
    let server = TestServer::start().await;
    create_ended_chat(&server, "Hello;=1+1;goodbye", "Yes,\t@SUM(A1)\n+1").await;
    let ann = server.sign_in("ann").await;
    let (_, screen) = page(&server, &ann, "/history?words=hello").await;
    assert!(
        screen.contains("action=\"/history/export.csv\"") && !screen.contains("href=\"/history/export"),
        "{screen}"
    );
    for (word, separator, name) in [
        ("", ",", "chats.csv"),
        ("comma", ",", "chats.csv"),
        ("semicolon", ";", "chats.csv"),
        ("tab", "\t", "chats.tsv"),
    ] {
        let asked = reqwest::Client::new().post(server.http("/history/export.csv")).header("cookie", &ann.cookie);
        let answer = with_deadline("a response", asked.form(&[("separator", word)]).send()).await.unwrap();
        let disposition = answer.headers()["content-disposition"].to_str().unwrap().to_owned();
        assert_eq!(disposition, format!("attachment; filename=\"{name}\""));
        let bytes = with_deadline("the export", answer.bytes()).await.unwrap();
        let file = std::str::from_utf8(&bytes).unwrap();
        let file = file.strip_prefix('\u{feff}').expect("a byte order mark");
        let head = ["chat", "began_at", "ended_at"].map(|name| format!("\"{name}\"")).join(separator);
        assert!(file.starts_with(&head), "{file}");
        assert!(file.contains("\"Hello;'=1+1;goodbye\"") && file.contains("\"Yes,\t'@SUM(A1)\n'+1\""), "{file}");
        let began = file.lines().nth(1).unwrap().split(separator).nth(1).unwrap().trim_matches('"');
        assert!(began.len() == 29 && began.as_bytes()[10] == b'T' && began.ends_with("+00:00"), "{began}");
    }
    let export = async |fields: &[(&str, &str)]| export(&server, &ann, "/history/export.csv", fields).await;
    assert_eq!(export(&[("separator", "|")]).await.0, 422);
    assert!(export(&[("words", "nowhere")]).await.1.lines().count() == 1, "the filter is in the form");
    let (status, _) = self::export(&server, &ann, "/history/export.csv?words=hello", &[]).await;
    assert_eq!(status, 400, "a filter in the URL is refused, not ignored");
}

#[tokio::test(flavor = "multi_thread")]
async fn agent_edits_of_a_visitor_reach_boards_until_erasure() {
    let server = TestServer::start().await;
    let chat = create_ended_chat(&server, "Hello", "Hello").await;
    let mut ann = server.sign_in("ann").await;
    let visitor = server.engine.past_chat(&ann.me, chat).await.unwrap().visitor;
    server.engine.name_visitor(&ann.me, visitor, "Vera\u{202e} Vale", "vera@example.com").await.unwrap();
    server.engine.note_on_visitor(&ann.me, visitor, "Climbs.").await.unwrap();
    let mut dashboard = server.dashboard(&ann).await;
    dashboard
        .until("Vera's name", |agent| {
            agent.board.rows.values().any(|row| row.name.as_deref() == Some("Vera Vale")).then_some(())
        })
        .await;
    let (status, known) = page(&server, &ann, &format!("/history/visitors/{visitor}")).await;
    assert_eq!(status, 200);
    for words in ["Climbs.", "vera@example.com", "Entered by an agent, unverified", "How can I help?", "/boots"] {
        assert!(known.contains(words), "{words}");
    }
    let (_, list) = page(&server, &ann, "/history/visitors?words=vera").await;
    assert!(list.contains(&format!("/history/visitors/{visitor}")));
    assert!(server.engine.name_visitor(&ann.me, visitor, "x", "a@b\r\nBcc: x@y").await.is_err());
    assert!(server.engine.erase_visitor(&ann.me, visitor).await.is_err(), "supervisors may not delete visitor data");
    assert_eq!(export(&server, &ann, &format!("/history/visitors/{visitor}/known.json"), &[]).await.0, 403);

    let dora = server.sign_in("dora").await;
    let (status, export) = export(&server, &dora, &format!("/history/visitors/{visitor}/known.json"), &[]).await;
    assert_eq!(status, 200);
    for words in
        ["Climbs.", "vera@example.com", "How can I help?", "/boots", "\"by_agent\":\"Ann Archer\"", "\"visit\""]
    {
        assert!(export.contains(words), "{words} in {export}");
    }
    assert!(export.lines().last().unwrap().starts_with("{\"end\":{\"chats\":1,"), "{export}");

    ann.me.role = protocol::agent::Role::Admin;
    with_deadline("the erasure", server.engine.erase_visitor(&ann.me, visitor)).await.unwrap();
    dashboard
        .until("the row to be gone", |agent| agent.board.rows.values().all(|row| row.visitor != visitor).then_some(()))
        .await;
    assert_eq!(page(&server, &ann, &format!("/history/{chat}")).await.0, 404);
}
