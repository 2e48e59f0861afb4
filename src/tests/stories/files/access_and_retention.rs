//! Who may download a file, and how long it is stored.

use super::*;

/// Covers D8, H8, and F7: to everyone else, the file does not exist, and all of these responses are identical.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_not_found_by_others() {
    let server = TestServer::start().await;
    let mut talk = ChatFixture::start(&server, "/boots").await;
    let (token, other) = (talk.visitor.token(), ChatFixture::start(&server, "/packs").await);
    let file = upload(from_visitor(&server, &token, "a.gif", &image())).await;
    talk.wait_for_file_at_dashboard().await;
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
        gone(to_visitor(&server, token, file).await).await;
    }
    let stranger = SignedIn { cookie: "a=b".into(), ..server.sign_in("ben").await };
    gone(to_agent(&server, &stranger, &file).await).await;
    gone(to_agent(&server, &talk.ann, &missing).await).await;
    gone(Client::new().get(server.http(&format!("/concierge/v1/files/{file}"))).send().await.unwrap()).await;
    let in_the_address = format!("/concierge/v1/files/{file}?token={}", &bearer(&token)[7..]);
    gone(Client::new().get(server.http(&in_the_address)).send().await.unwrap()).await;

    let not_signed_in = (401, "not_signed_in".to_owned());
    for request in [
        from_visitor(&server, &nobody, "a.gif", &image()),
        from_agent(&server, &stranger, talk.chat, "a.gif", &image()),
        named(Client::new().post(server.http("/concierge/v1/files")), "a.gif").body(image()),
    ] {
        let (status, code, _) = send_expecting_error(request).await;
        assert_eq!((status, code), not_signed_in);
    }
    let ben = server.sign_in("ben").await;
    assert_eq!(
        send_expecting_error(from_agent(&server, &ben, talk.chat, "a.gif", &image())).await.0,
        409,
        "another agent's chat"
    );
    let nowhere = ChatId(Uuid::now_v7());
    assert_eq!(send_expecting_error(from_agent(&server, &talk.ann, nowhere, "a.gif", &image())).await.0, 404);
    let from_elsewhere = from_agent(&server, &talk.ann, talk.chat, "a.gif", &image());
    let from_elsewhere = from_elsewhere.header("origin", "https://evil.test").header("sec-fetch-site", "cross-site");
    assert_eq!(send_expecting_error(from_elsewhere).await.1, "wrong_origin");
    server.engine.end(&talk.ann.me, talk.chat).await.unwrap();
    assert_eq!(
        send_expecting_error(from_agent(&server, &talk.ann, talk.chat, "a.gif", &image())).await.0,
        409,
        "a closed chat"
    );
    assert_eq!(count_stored_files(&server), 1);
}

/// Covers H7: uploads are rate-limited.
#[tokio::test(flavor = "multi_thread")]
async fn uploads_are_rate_limited_and_retries_do_not_count() {
    let server = TestServer::start().await;
    let talk = ChatFixture::start(&server, "/boots").await;
    let token = talk.visitor.token();
    let name = ClientId(Uuid::now_v7()).to_string();
    let mut ids = Vec::new();
    for _ in 0..3 {
        let sent = Client::new().post(server.http("/concierge/v1/files")).header(header::AUTHORIZATION, bearer(&token));
        let sent = sent.header("x-file-name", "a.gif").header("x-client-id", &name).body(image());
        let answer = sent.send().await.unwrap();
        assert!(answer.status().is_success());
        ids.push(answer.json::<Value>().await.unwrap()["file"]["id"].clone());
    }
    assert!(ids.windows(2).all(|two| two[0] == two[1]), "{ids:?}");
    for _ in 1..10 {
        upload(from_visitor(&server, &token, "a.gif", &image())).await;
    }
    let (status, code, sentence) = send_expecting_error(from_visitor(&server, &token, "a.gif", &image())).await;
    assert_eq!((status, code.as_str()), (429, "too_many"));
    assert!(sentence.starts_with("Sie können in 60 Minuten wieder"), "{sentence}");
    assert_eq!(count_stored_files(&server), 10);
}

/// Covers N5 and D8: erasing a visitor's data also deletes the visitor's files, which then no longer exist for anyone.
#[tokio::test(flavor = "multi_thread")]
async fn erasing_a_visitor_deletes_their_files() {
    let server = TestServer::start().await;
    let mut talk = ChatFixture::start(&server, "/boots").await;
    let token = talk.visitor.token();
    let file = upload(from_visitor(&server, &token, "canarybird.pdf", PDF)).await;
    talk.wait_for_file_at_dashboard().await;
    assert!(server.contains_text("canarybird").await);
    let page = |path: String| {
        let asked = Client::new().get(server.http(&path)).header(header::COOKIE, &talk.ann.cookie);
        async move { asked.send().await.unwrap().text().await.unwrap() }
    };
    let transcript = page(format!("/history/{}", talk.chat)).await;
    assert!(transcript.contains(&format!("/files/{file}")) && transcript.contains("canarybird.pdf"), "{transcript}");
    assert!(page("/history?words=canarybird".into()).await.contains(&format!("/history/{}", talk.chat)), "by name");
    let asked = Client::new().post(server.http("/history/export.jsonl")).header(header::COOKIE, &talk.ann.cookie);
    let lines = asked.send().await.unwrap().text().await.unwrap();
    assert!(lines.contains(&format!("\"address\":\"/files/{file}\"")), "{lines}");

    let mut dora = server.sign_in("dora").await;
    dora.me.role = Role::Admin;
    let visitor = server.engine.past_chat(&dora.me, talk.chat).await.unwrap().visitor;
    server.engine.erase_visitor(&dora.me, visitor).await.unwrap();
    assert_eq!(to_agent(&server, &talk.ann, &file).await.status(), 404);
    assert_eq!(to_visitor(&server, &token, &file).await.status(), 404);
    assert!(!server.contains_text("canarybird").await);
    assert_eq!(count_stored_files(&server), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_survive_a_restart_and_a_backup() {
    let server = TestServer::start().await;
    let mut talk = ChatFixture::start(&server, "/boots").await;
    let token = talk.visitor.token();
    let file = upload(from_visitor(&server, &token, "a.pdf", PDF)).await;
    talk.wait_for_file_at_dashboard().await;
    let ChatFixture { ann, dashboard, visitor, .. } = talk;
    drop((dashboard, visitor));
    let left = server.data().join("files/sent").join(Uuid::now_v7().to_string());
    fs::write(&left, "belongs to no chat").unwrap();
    let server = server.restart().await;
    assert!(!left.exists(), "a file that belongs to no chat is removed on startup");
    assert_eq!(to_visitor(&server, &token, &file).await.bytes().await.unwrap(), PDF);

    fs::write(server.data().join("files/sent").join(format!("{}.part", Uuid::now_v7())), "half").unwrap();
    if skip_on_postgres("PostgreSQL databases are backed up with pg_dump") {
        return;
    }
    let elsewhere = tempfile::tempdir().unwrap();
    let (backup, data) = (elsewhere.path().join("chat.tar"), tempfile::tempdir().unwrap());
    let words = |what: &'static str, folder: &Path| {
        [what.into(), backup.to_str().unwrap().to_owned(), "--data".into(), folder.to_str().unwrap().to_owned()]
    };
    let run = |words: [String; 4]| jumpin(elsewhere.path(), &words.each_ref().map(String::as_str), "");
    let written = run(words("backup", server.data()));
    assert!(said(&written).contains("files 1"), "{written:?}");
    assert!(run(words("restore", data.path())).status.success());
    drop(server);
    let server = TestServer::on_folder(data).await;
    assert_eq!(to_visitor(&server, &token, &file).await.bytes().await.unwrap(), PDF);
    let again = server.sign_in("ann").await;
    assert_eq!(again.me.agent, ann.me.agent);
    assert_eq!(to_agent(&server, &again, &file).await.bytes().await.unwrap(), PDF);
}
