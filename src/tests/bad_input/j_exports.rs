//! J: what is taken out. Its lines are proved beside `screens::export`.

use super::{after_each::AfterEach, page};
use crate::test_server::{SignedIn, TestServer};

/// J4: a link to a file is no key to it.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_for_who_may_have_it_and_ends_with_his_session() {
    let server = TestServer::start().await;
    let after = AfterEach::on(&server).await;
    let (dora, ben) = (server.signs_in("dora").await, server.signs_in("ben").await);
    let nobody = SignedIn {
        cookie: "jumpin-session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into(),
        ..server.signs_in("ben").await
    };
    let foreign = uuid::Uuid::now_v7();
    let places = ["/history/export.csv", "/history/export.jsonl", &format!("/history/visitors/{foreign}/known.json")];
    for place in places {
        // What is the second tenant's is in none of it: `page` looks.
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
    after.all_is_well().await;
}
