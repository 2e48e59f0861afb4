//! Cases K1 to K11: the HTTP surface.

use reqwest::{
    Method,
    header::{ACCEPT, CONTENT_TYPE, COOKIE, HOST, ORIGIN, REFERER},
};

use super::{HOSTILE, answer, browser, invariant_check::InvariantCheck, page, raw_bytes};
use crate::{authorization::ROUTES, test_server::TestServer};

/// Returns the paths of all routes, screens, pages, and server functions.
fn everywhere() -> Vec<String> {
    let id = uuid::Uuid::now_v7().to_string();
    let routes = ROUTES.iter().map(|(route, _)| route.replace("{file}", "boot.js").replace("{visitor}", &id));
    let screens = jumpin::screens::SCREEN_PATHS.iter().map(|place| place.replace('*', &id));
    let pages = ["/visitors", "/chats", "/sign-in", "/sign-in/code", "/sign-in/forgotten", "/setup", "/nothing"];
    let functions = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned());
    routes.chain(screens).chain(pages.map(str::to_owned)).chain(functions).collect()
}

/// Covers K7, K8, K11, and N2: the headers of every response, regardless of its status and who receives it.
#[tokio::test(flavor = "multi_thread")]
async fn every_response_has_strict_security_headers_and_is_not_cached() {
    let server = TestServer::start().await;
    let after = InvariantCheck::start(&server).await;
    let dora = server.sign_in("dora").await;
    let mut statuses = std::collections::BTreeSet::new();
    for path in everywhere() {
        for method in [Method::GET, Method::HEAD, Method::POST, Method::OPTIONS, Method::DELETE] {
            // Signing out would end the session that the rest of the test needs.
            let cookies = if path == "/sign-out" { &[""][..] } else { &["", &dora.cookie] };
            for cookie in cookies.iter().copied() {
                let asked = browser().request(method.clone(), server.http(&path)).header(COOKIE, cookie);
                // The same request, as a browser would send it from another site.
                let foreign = asked
                    .try_clone()
                    .unwrap()
                    .header(ORIGIN, "https://evil.test")
                    .header("sec-fetch-site", "cross-site");
                for asked in [asked, foreign] {
                    let said = answer(asked.header(ACCEPT, "text/html")).await;
                    statuses.insert(said.status);
                    let what = format!("{method} {path}: {said:?}");
                    for header in [
                        "content-security-policy",
                        "referrer-policy",
                        "permissions-policy",
                        "cross-origin-opener-policy",
                        "cross-origin-resource-policy",
                        "x-request-id",
                    ] {
                        assert_ne!(said.header(header), "", "{header}: {what}");
                    }
                    assert_eq!(said.header("x-content-type-options"), "nosniff", "{what}");
                    assert!(["same-origin", "no-referrer"].contains(&said.header("referrer-policy")), "{what}");
                    // Any page may load the widget's files, and they contain nothing private.
                    let is_public = path == "/loader.js" || path.starts_with("/concierge/v1/");
                    assert_eq!(said.header("access-control-allow-credentials"), "", "{what}");
                    let allowed = said.header("access-control-allow-origin");
                    assert!(allowed.is_empty() || allowed == "*" && is_public, "{what}");
                    let is_file =
                        is_public || path.starts_with("/pkg/") || path == "/favicon.svg" || path == "/robots.txt";
                    assert!(said.header("cache-control") == "no-store" || is_file, "{what}");
                }
            }
        }
    }
    assert!(statuses.is_superset(&[200, 302, 303, 401, 403, 404, 405].into()), "{statuses:?}");
    after.assert_invariants().await;
}

/// Covers K1 and K2: GET requests and cross-site requests change nothing.
#[tokio::test(flavor = "multi_thread")]
async fn get_and_cross_site_requests_change_nothing() {
    let server = TestServer::start().await;
    let after = InvariantCheck::start(&server).await;
    let dora = server.sign_in("dora").await;
    for (function, _) in leptos::server_fn::axum::server_fn_paths() {
        for method in [Method::GET, Method::HEAD, Method::PUT] {
            let asked = browser().request(method.clone(), server.http(function)).header(COOKIE, &dora.cookie);
            assert_eq!(answer(asked).await.status, 405, "{method} {function}");
        }
    }
    for path in everywhere() {
        for (name, value) in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "https://evil.test"),
            ("origin", "null"),
        ] {
            for kind in ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"] {
                let asked = browser().post(server.http(&path)).header(COOKIE, &dora.cookie).header(name, value);
                let said = answer(asked.header(CONTENT_TYPE, kind).body("a=b")).await;
                assert_eq!((said.status, said.code().as_str()), (403, "wrong_origin"), "{path}: {name} {value}");
            }
        }
    }
    // The session has not been affected.
    assert_eq!(page(&server, Some(&dora), "/account").await.status, 200);
    after.assert_invariants().await;
}

/// K4: another site's name that points at this server is not ours.
#[tokio::test(flavor = "multi_thread")]
async fn another_host_gets_nothing_but_health_and_widget() {
    let server = TestServer::with_config(|config| config.public_url = Some("https://chat.acme.test".into())).await;
    let dora = server.sign_in("dora").await;
    let by = async |path: &str, host: &str| {
        let asked = browser().get(server.http(path)).header(COOKIE, &dora.cookie).header(ACCEPT, "application/json");
        answer(asked.header(HOST, host).header("x-forwarded-host", "chat.acme.test")).await
    };
    let pages = ["/", "/sign-in", "/visitors", "/setup", "/account", "/pkg/none", "/files/none", "/nothing"];
    for path in pages.iter().chain(&["/history/export.csv", "/socket/agent/v1", "/concierge/v1/preview", "/healthz/"]) {
        let said = by(path, "evil.test").await;
        assert_eq!(said.status, 421, "{path}");
        assert!(said.body.contains("wrong_host") && said.body.contains("public-url"), "{path}: {}", said.body);
    }
    for path in ["/healthz", "/readyz", "/loader.js", "/concierge/v1/frame?key=shop", "/socket/visitor/v1"] {
        assert_ne!(by(path, "evil.test").await.status, 421, "{path}");
    }
    for host in ["chat.acme.test", "CHAT.acme.test:443", "localhost", "127.0.0.1:9", "[::1]"] {
        assert_eq!(by("/account", host).await.status, 200, "{host}");
    }
}

/// K3, K4: no redirect leads to another site, and our own address is always the configured one.
#[tokio::test(flavor = "multi_thread")]
async fn no_request_redirects_to_another_site() {
    let server = TestServer::with_config(|config| config.public_url = Some("https://chat.acme.test".into())).await;
    let after = InvariantCheck::start(&server).await;
    let elsewhere = ["//evil.test", "/\\evil.test", "https:evil.test", "/%09/evil.test", "https://evil.test/"];
    for next in elsewhere {
        for path in ["/sign-in", "/visitors", "/", "/account", "/setup"] {
            let asked = page(&server, None, &format!("{path}?next={next}&return_to={next}&redirect={next}")).await;
            let location = asked.header("location");
            assert!(
                location.is_empty() || location.starts_with('/') && !location[1..].starts_with(['/', '\\']),
                "{path}: {location}"
            );
            assert!(!location.contains("evil"), "{location}");
        }
        // A plain HTML form redirects back to the page it was sent from, but only if that page is ours.
        let sent = browser().post(server.http("/api/sign-in")).header(REFERER, next).header(ACCEPT, "text/html");
        let said = answer(sent.form(&[("email", "ann@acme.test"), ("password", "no")])).await;
        assert_eq!((said.status, said.header("location").starts_with('/')), (302, true), "{next}: {said:?}");
        assert!(!said.header("location").contains("evil.test"), "{said:?}");
    }
    let dora = server.sign_in("dora").await;
    let concierges = server.engine.concierges(&dora.me).await.unwrap();
    for path in [
        "/visitors".to_owned(),
        format!("/settings/concierges/{}", concierges[0].id),
        "/concierge/v1/frame?key=shop".into(),
    ] {
        let asked = browser().get(server.http(&path)).header(COOKIE, &dora.cookie).header(ACCEPT, "text/html");
        let said = answer(
            asked
                .header(HOST, "evil.test")
                .header("x-forwarded-host", "evil.test")
                .header("forwarded", "host=evil.test"),
        )
        .await;
        // The widget is for every site that embeds it; a page of ours under another name is refused.
        assert_eq!(said.status, if path.starts_with("/concierge") { 200 } else { 421 }, "{path}");
        assert!(!said.body.contains("evil.test") && !format!("{:?}", said.headers).contains("evil.test"), "{path}");
    }
    let link = engine::people::AgentInvitationForm {
        email: "eve@acme.test".into(),
        role: "agent".into(),
        max_chats: "3".into(),
        teams: Vec::new(),
    };
    let link = server.engine.invite_agent(&dora.me, &link).await.unwrap();
    let address = link.address.unwrap();
    assert!(address.starts_with("https://chat.acme.test/join/"), "{address}");
    after.assert_invariants().await;
}

/// Covers K9 and K10: error responses do not echo input, and internals are not exposed.
#[tokio::test(flavor = "multi_thread")]
async fn error_responses_echo_no_input_and_reveal_no_internals() {
    let server = TestServer::start().await;
    let after = InvariantCheck::start(&server).await;
    let dora = server.sign_in("dora").await;
    for hostile in HOSTILE {
        for path in ["/{}", "/chats/{}", "/history/{}", "/pkg/{}", "/join/{}", "/reset/{}", "/settings/agents/{}"] {
            let url = url_of(&server, &path.replace("{}", hostile));
            for method in [Method::GET, Method::POST, Method::DELETE] {
                for accept in ["text/html", "*/*"] {
                    let asked = browser().request(method.clone(), url.clone()).header(COOKIE, &dora.cookie);
                    let said = answer(asked.header(ACCEPT, accept)).await;
                    assert!([200, 302, 400, 404, 405].contains(&said.status), "{method} {url}: {}", said.status);
                    assert!(
                        !said.body.contains("<script>__pwned") && !said.body.contains("<img src=x"),
                        "{url}: {}",
                        said.body
                    );
                }
            }
        }
    }
    for path in [
        "/.git/config",
        "/.env",
        "/metrics",
        "/debug",
        "/debug/pprof",
        "/admin",
        "/server-status",
        "/Leptos.toml",
        "/Cargo.toml",
        "/pkg/jumpin.wasm.map",
        "/pkg/jumpin.js.map",
        "/concierge/v1/widget.js.map",
        "/loader.js.map",
        "/data/jumpin.db",
        "/jumpin.db",
        "/api",
        "/api/",
        "/api/nothing",
        "/actuator",
        "/swagger.json",
        "/phpmyadmin",
    ] {
        let asked = answer(browser().get(server.http(path))).await;
        assert_eq!((asked.status, asked.code().as_str()), (404, "not_found"), "{path}");
    }
    for (first, expected, code) in
        [("POST /healthz", 405, "method_not_allowed"), ("POST /api/here", 415, "unsupported_kind")]
    {
        let body = if expected == 415 { "x" } else { "" };
        let length = format!("content-length: {}", body.len());
        let said = raw_bytes::send(&server, &(raw_bytes::request(first, &[&length]) + body)).await;
        assert_eq!(raw_bytes::status(&said), expected);
        assert!(said.contains(&format!("{{\"error\":{{\"code\":\"{code}\",")), "{said}");
    }
    after.assert_invariants().await;
}

fn url_of(server: &TestServer, path: &str) -> reqwest::Url {
    server.http(path).parse().unwrap()
}
