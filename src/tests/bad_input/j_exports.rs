//! Cases J1 to J6: exports. Their contents are tested in `screens::export`.

use super::{invariant_check::InvariantCheck, page};
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
        // `page` also asserts that the response contains no data from the second tenant.
        let mine = page(&server, Some(&dora), place).await;
        assert!([200, 404].contains(&mine.status), "{place}: {}", mine.status);
        assert_eq!(page(&server, Some(&ben), place).await.status, 403, "{place}");
        assert_eq!(page(&server, Some(&nobody), place).await.status, 401, "{place}");
    }
    let csv = page(&server, Some(&dora), places[0]).await;
    assert_eq!(
        (csv.header("content-type"), csv.header("x-content-type-options")),
        ("text/csv; charset=utf-8", "nosniff")
    );
    assert_eq!(
        (csv.header("content-disposition"), csv.header("cache-control")),
        ("attachment; filename=\"chats.csv\"", "no-store")
    );
    server.engine.sessions().sign_out(&dora.token).await;
    assert_eq!(page(&server, Some(&dora), places[0]).await.status, 401);
    after.assert_invariants().await;
}
