//! The preview next to a concierge's form, which shows the form's content before it is saved.

use reqwest::{Client, Response, header};

use crate::test_server::{SignedIn, TestServer};

async fn request_preview(server: &TestServer, who: &SignedIn, concierge: &str, typed: &[(&str, &str)]) -> Response {
    let mut asked = vec![("concierge", concierge)];
    asked.extend(typed);
    let pairs: Vec<String> = asked
        .iter()
        .map(|(name, value)| format!("{name}={}", jumpin::screens::screen_address::encode(value)))
        .collect();
    let url = format!("{}?{}", server.http("/concierge/v1/preview"), pairs.join("&"));
    Client::new().get(url).header(header::COOKIE, &who.cookie).send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_preview_shows_the_unsaved_form_and_stores_nothing() {
    let server = TestServer::start().await;
    let (ben, dora) = (server.sign_in("ben").await, server.sign_in("dora").await);
    let concierge = server.engine.concierges(&dora.me).await.unwrap().remove(0);
    let id = concierge.id.to_string();
    let typed = [
        ("title", "</title><script>__pwned=1</script>"),
        ("greeting", "Guten Tag"),
        ("color", "#ffee00"),
        ("side", "left"),
        ("language", "de"),
    ];
    for which in [id.as_str(), "new"] {
        let shown = request_preview(&server, &dora, which, &typed).await;
        assert_eq!(shown.status(), 200, "{which}");
        let policy = shown.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'self'"), "{policy}");
        assert!(!policy.contains("script-src") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(shown.headers()[header::CACHE_CONTROL], "no-store");
        let page = shown.text().await.unwrap();
        assert!(
            page.contains("Guten Tag") && page.contains("--color:#ffee00") && page.contains("lang=\"de\""),
            "{page}"
        );
        assert!(page.contains("&lt;script&gt;") && !page.contains("<script"), "{page}");
    }
    // A partially filled-in form is shown as is.
    assert_eq!(request_preview(&server, &dora, &id, &[("title", ""), ("greeting", "")]).await.status(), 200);
    assert_eq!(server.engine.concierges(&dora.me).await.unwrap().remove(0).settings, concierge.settings);
    assert_eq!(request_preview(&server, &ben, &id, &typed).await.status(), 403);
    assert_eq!(request_preview(&server, &dora, "00000000-0000-7000-8000-000000000000", &typed).await.status(), 404);
}

/// Covers A18: hostile appearance settings.
#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_preview_is_refused() {
    let server = TestServer::start().await;
    let dora = server.sign_in("dora").await;
    for color in ["red;}body{background:url(//canary)}", "red", "#12345", "url(//canary)", "#zzzzzz", ""] {
        assert_eq!(request_preview(&server, &dora, "new", &[("color", color)]).await.status(), 422, "{color}");
    }
    let long = "x".repeat(10_000);
    for field in ["title", "greeting"] {
        assert_eq!(request_preview(&server, &dora, "new", &[(field, &long)]).await.status(), 422, "{field}");
    }
}
