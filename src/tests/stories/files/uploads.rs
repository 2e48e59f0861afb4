//! Uploads: which files are accepted, how large they may be, and how they are stored and served.

use super::*;

const PLACE: &[u8] = b"GPS 52.5163 N 13.3777 E";

/// Returns a JPEG of a single gray square whose Exif metadata contains a location.
fn photograph() -> Vec<u8> {
    let mut painted = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_luma8(8, 8).write_to(&mut painted, image::ImageFormat::Jpeg).unwrap();
    let painted = painted.into_inner();
    let said = [b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0", PLACE].concat();
    let length = u16::try_from(said.len() + 2).unwrap().to_be_bytes();
    [&painted[..2], b"\xff\xe1", &length, &said, &painted[2..]].concat()
}

fn holds(bytes: &[u8], words: &[u8]) -> bool {
    bytes.windows(words.len()).any(|window| window == words)
}

/// Covers H1, H2, and H11: a file is sent in each direction.
#[tokio::test(flavor = "multi_thread")]
async fn files_go_both_ways_and_are_served_as_attachments_only() {
    let server = TestServer::start().await;
    let mut talk = ChatFixture::start(&server, "/boots").await;
    let token = talk.visitor.token();
    let file = upload(from_visitor(&server, &token, "boots.gif", &image())).await;
    let card = talk.wait_for_file_at_dashboard().await;
    assert_eq!((card.id().unwrap().to_string(), card.name(), card.kind()), (file.clone(), "boots.gif", "gif"));
    let kept = to_agent(&server, &talk.ann, &file).await;
    let headers = kept.headers().clone();
    assert_eq!(kept.bytes().await.unwrap(), image());
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

    let file = upload(from_agent(&server, &talk.ann, talk.chat, "Rücksendung.pdf", PDF)).await;
    let card = talk.wait_for_file_at_visitor().await;
    assert_eq!((card.name(), card.kind(), card.bytes()), ("Rücksendung.pdf", "pdf", PDF.len() as u64));
    let asked = Client::new().get(server.http(&format!("/concierge/v1/files/{file}")));
    let ranges = (0..1_000).map(|at| format!("{at}-{at}")).collect::<Vec<_>>().join(",");
    let asked = asked.header(header::AUTHORIZATION, bearer(&token)).header(header::RANGE, format!("bytes={ranges}"));
    let kept = asked.send().await.unwrap();
    assert_eq!(kept.status(), 200, "never in ranges");
    assert!(kept.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
    assert_eq!(kept.bytes().await.unwrap(), PDF);
}

/// Covers H1, H4, and H7: the content decides, whatever the file's name, and both sides are told which types are
/// allowed.
#[tokio::test(flavor = "multi_thread")]
async fn a_disallowed_file_type_is_refused_and_not_stored() {
    let server = TestServer::start().await;
    let talk = ChatFixture::start(&server, "/boots").await;
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
        let (status, code, sentence) = send_expecting_error(from_visitor(&server, &token, name, bytes)).await;
        assert_eq!((status, code.as_str()), (415, "file_type_refused"), "{name}");
        assert!(sentence.starts_with("Dieser Dateityp") && sentence.contains("PNG, JPEG"), "{sentence}");
        let (status, _, sentence) = send_expecting_error(from_agent(&server, &talk.ann, talk.chat, name, bytes)).await;
        assert!(status == 415 && sentence.contains("PNG, JPEG"), "{name}: {sentence}");
    }
    let (status, code, _) = send_expecting_error(from_visitor(&server, &token, "a.txt", b"")).await;
    assert_eq!((status, code.as_str()), (422, "empty_message"));
    assert_eq!(count_stored_files(&server), 0);
}

/// Covers H5: the size limit.
#[tokio::test(flavor = "multi_thread")]
async fn the_size_limit_is_exact_and_a_partial_upload_is_discarded() {
    let server = TestServer::start().await;
    let talk = ChatFixture::start(&server, "/boots").await;
    let token = talk.visitor.token();
    let limit = server.engine.settings().file_rules.max_file_bytes;
    let text = |bytes: u64| vec![b'x'; usize::try_from(bytes).unwrap()];
    for bytes in [limit - 1, limit] {
        upload(from_visitor(&server, &token, "a.txt", &text(bytes))).await;
    }
    let answer = from_visitor(&server, &token, "a.txt", &text(limit + 1)).send().await.unwrap();
    assert_eq!(answer.status(), 413);
    let error = answer.json::<Value>().await.unwrap()["error"].clone();
    assert_eq!((error["code"].as_str(), error["limit"].as_u64()), (Some("file_too_large"), Some(limit)));
    assert!(error["message"].as_str().unwrap().contains("10 MB"));

    let mut half = TcpStream::connect(server.ws().trim_start_matches("ws://")).await.unwrap();
    let head = format!(
        "POST /concierge/v1/files HTTP/1.1\r\nhost: x\r\nauthorization: {}\r\nx-file-name: a.txt\r\nx-client-id: {}\r\n\
         content-length: 1000\r\n\r\n",
        bearer(&token),
        Uuid::now_v7()
    );
    half.write_all(head.as_bytes()).await.unwrap();
    half.write_all(&[b'x'; 500]).await.unwrap();
    with_deadline("the partial upload to start", async {
        while count_stored_files(&server) < 3 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    drop(half);
    with_deadline("the partial upload to be removed", async {
        while count_stored_files(&server) > 2 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let names = fs::read_dir(server.data().join("files/sent")).unwrap();
    assert!(names.into_iter().all(|entry| entry.unwrap().path().extension().is_none()));
}

/// Covers H3: the name is displayed unchanged, the file is stored under a generated name, and the response header is
/// safe.
#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_file_name_cannot_escape_the_folder() {
    let server = TestServer::start().await;
    let mut talk = ChatFixture::start(&server, "/boots").await;
    let token = talk.visitor.token();
    for (name, shown) in [
        ("\"><img src=x onerror=__pwned=1>", "\"><img src=x onerror=__pwned=1>.gif"),
        ("../../x", "x.gif"),
        ("con", "con.gif"),
        ("\u{202e}gpj.exe", "gpj.exe.gif"),
        ("a\r\nX: y", "aX: y.gif"),
        ("", "file.gif"),
    ] {
        let file = upload(from_agent(&server, &talk.ann, talk.chat, name, &image())).await;
        let card = talk
            .visitor
            .until("the file", |visitor| card(&visitor.entries).filter(|card| card.id().unwrap().to_string() == file))
            .await;
        assert_eq!(card.name(), shown);
        let kept = to_visitor(&server, &token, &file).await;
        assert!(kept.headers().get("x").is_none());
        assert!(kept.headers()["content-disposition"].to_str().unwrap().starts_with("attachment; filename=\""));
        assert!(server.data().join("files/sent").join(&file).is_file());
    }
    assert!(!server.data().join("x.gif").exists() && !server.data().join("files/x.gif").exists());
}

/// Covers H9: the stored file is identical to the one that is served, and it contains no location.
#[tokio::test(flavor = "multi_thread")]
async fn photo_metadata_is_stripped() {
    let server = TestServer::start().await;
    let mut talk = ChatFixture::start(&server, "/boots").await;
    let token = talk.visitor.token();
    let file = upload(from_visitor(&server, &token, "boots.jpg", &photograph())).await;
    let card = talk.wait_for_file_at_dashboard().await;
    let kept = to_agent(&server, &talk.ann, &file).await.bytes().await.unwrap();
    assert_eq!((card.kind(), card.bytes()), ("jpeg", kept.len() as u64));
    assert!(holds(&photograph(), PLACE) && !holds(&kept, PLACE));

    let keeping = TestServer::with_settings("[files]\nkeep-metadata = true").await;
    let mut talk = ChatFixture::start(&keeping, "/boots").await;
    let file = upload(from_agent(&keeping, &talk.ann, talk.chat, "boots.jpg", &photograph())).await;
    talk.wait_for_file_at_dashboard().await;
    assert_eq!(to_agent(&keeping, &talk.ann, &file).await.bytes().await.unwrap(), photograph());
}
