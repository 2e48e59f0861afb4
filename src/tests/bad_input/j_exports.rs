//! Cases J1 to J6: exports. Their contents are tested in `screens::csv`.

use reqwest::header::{CONTENT_TYPE, COOKIE};

use super::{answer, browser, export, invariant_check::InvariantCheck, page};
use crate::test_server::{SignedIn, TestServer};

/// Covers J4: an export link alone does not grant access.
#[tokio::test(flavor = "multi_thread")]
async fn exports_require_permission_and_a_live_session() {
    let server = TestServer::start().await;
    let after = InvariantCheck::start(&server).await;
    let (dora, ben) = (server.sign_in("dora").await, server.sign_in("ben").await);
    let nobody = SignedIn {
        cookie: "jumpin-session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into(),
        ..server.sign_in("ben").await
    };
    let foreign = uuid::Uuid::now_v7();
    let places = ["/history/export.csv", "/history/export.jsonl", &format!("/history/visitors/{foreign}/known.json")];
    for place in places {
        // `export` also asserts that the response contains no data of the second tenant.
        let mine = export(&server, Some(&dora), place).await;
        assert!([200, 404].contains(&mine.status), "{place}: {}", mine.status);
        assert_eq!(export(&server, Some(&ben), place).await.status, 403, "{place}");
        assert_eq!(export(&server, Some(&nobody), place).await.status, 401, "{place}");
        // Requests like those from a link or a form on another site.
        assert_eq!(page(&server, Some(&dora), place).await.status, 405, "{place}");
        for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.test")] {
            let asked = browser().post(server.http(place)).header(COOKIE, &dora.cookie).header(name, value);
            assert_eq!(answer(asked).await.code(), "wrong_origin", "{place} {name}");
        }
    }
    let body = |kind: &'static str, body: &'static str| {
        let asked = browser().post(server.http(places[0])).header(COOKIE, &dora.cookie);
        answer(asked.header(CONTENT_TYPE, kind).body(body))
    };
    assert_eq!(body("text/plain", "words=a").await.status, 415);
    assert_eq!(body("application/x-www-form-urlencoded", "words=%ff&=&&%").await.status, 200);
    let csv = export(&server, Some(&dora), places[0]).await;
    assert_eq!(
        (csv.header("content-type"), csv.header("x-content-type-options")),
        ("text/csv; charset=utf-8", "nosniff")
    );
    assert_eq!(
        (csv.header("content-disposition"), csv.header("cache-control")),
        ("attachment; filename=\"chats.csv\"", "no-store")
    );
    server.engine.sessions().sign_out(&dora.token).await;
    assert_eq!(export(&server, Some(&dora), places[0]).await.status, 401);
    after.assert_invariants().await;
}
