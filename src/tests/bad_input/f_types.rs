//! Cases F1 to F13: values of the wrong type, and malformed requests.

use protocol::{codec, refusal::Refusal};
use reqwest::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, COOKIE};

use super::{answer, browser, invariant_check::InvariantCheck, page, raw_bytes, submit_form};
use crate::test_server::TestServer;

/// Covers F1, F8, and F9: server functions accept only their own encoding and content type.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_the_wrong_content_type_is_rejected() {
    let server = TestServer::start().await;
    let after = InvariantCheck::start(&server).await;
    let dora = server.sign_in("dora").await;
    for body in ["true", "0", "null", "[]", "{}", "{\"$ne\":null}", "1.0", "\"0e123\"", "' OR 1=1--", "\u{0}"] {
        for function in ["entries", "page_views", "claim", "end-chat", "hand-over", "preference", "invite", "tag"] {
            let asked = browser().post(server.http(&format!("/api/{function}"))).header(COOKIE, &dora.cookie);
            let asked = answer(asked.header(CONTENT_TYPE, "application/octet-stream").body(body)).await;
            assert_eq!(asked.status, 400, "{function}: {body}");
            let error: jumpin::dashboard::api::ApiError = codec::decode(asked.body.as_bytes()).unwrap();
            assert_eq!((error.refusal, error.request_id.as_str()), (Refusal::Unexpected, asked.header("x-request-id")));
        }
    }
    let lies = [
        ("text/plain", "identity"),
        ("application/json", "identity"),
        ("application/x-www-form-urlencoded; charset=utf-7", "identity"),
        ("application/octet-stream", "gzip"),
        ("application/octet-stream", "gzip, gzip, br"),
    ];
    for (kind, encoding) in lies {
        for address in ["/api/here", "/api/sign-in", "/sign-out", "/settings", "/account/password"] {
            let mut asked =
                browser().post(server.http(address)).header(COOKIE, &dora.cookie).header(CONTENT_TYPE, kind);
            if encoding != "identity" {
                asked = asked.header(CONTENT_ENCODING, encoding);
            }
            let asked = answer(asked.body(vec![0x1f, 0x8b, 8, 0])).await;
            assert_eq!(
                (asked.status, asked.code().as_str()),
                (415, "unsupported_kind"),
                "{address}: {kind} {encoding}"
            );
        }
    }
    let without = answer(browser().post(server.http("/api/here")).header(COOKIE, &dora.cookie).body("x")).await;
    assert_eq!((without.status, without.code().as_str()), (415, "unsupported_kind"));
    // The session has not been affected.
    assert_eq!(page(&server, Some(&dora), "/account").await.status, 200);
    after.assert_invariants().await;
}

/// Covers F5 and F6: invalid numbers and dates are reported as field errors, and nothing is stored.
#[tokio::test(flavor = "multi_thread")]
async fn numbers_and_dates_out_of_range_are_field_errors() {
    let server = TestServer::start().await;
    let after = InvariantCheck::start(&server).await;
    let dora = server.sign_in("dora").await;
    let kept = server.engine.retention(&dora.me).await.unwrap();
    for number in
        ["-1", "2147483648", "9007199254740993", "9223372036854775808", "1e3", "0x10", "1.5", "NaN", "", "٣", "１"]
    {
        let sent =
            submit_form(&server, &dora, "/settings/privacy", &[("chats", number), ("visits", "1"), ("audit", "1")])
                .await;
        assert_eq!(sent.status, 422, "{number}");
        let invited = [("email", "eve@acme.test"), ("role", "agent"), ("max_chats", number)];
        assert_eq!(submit_form(&server, &dora, "/settings/agents/invite", &invited).await.status, 422, "{number}");
    }
    assert_eq!(server.engine.retention(&dora.me).await.unwrap(), kept);
    for day in
        ["0000-00-00", "275760-09-13", "2026-02-30", "2026-12-31T23:59:60Z", "Mon, (((())))", "-1", "999999999999"]
    {
        let asked = page(&server, Some(&dora), &format!("/history?from={day}")).await;
        assert!(asked.status == 200 && asked.body.contains("Please enter a valid date"), "{day}");
    }
    after.assert_invariants().await;
}

/// Covers F7: path traversal attempts find nothing.
#[tokio::test(flavor = "multi_thread")]
async fn path_traversal_finds_nothing() {
    let server = TestServer::start().await;
    let after = InvariantCheck::start(&server).await;
    for path in [
        "/pkg/%2e%2e%2fjumpin.db",
        "/pkg/..%2f..%2fjumpin.db",
        "/pkg/..;/jumpin.db",
        "/pkg/%00",
        "/pkg/.env",
        "/concierge/v1/..%2f..%2fjumpin.db",
        "/concierge/v1/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/..%2f..%2fetc%2fpasswd",
        "//evil.test/",
        "/../../etc/passwd",
        "/%ff%fe",
        "/history/visitors/..%2f..%2f/x",
    ] {
        let answer = raw_bytes::send(&server, &raw_bytes::request(&format!("GET {path}"), &[])).await;
        assert!([400, 401, 404].contains(&raw_bytes::status(&answer)), "{path}: {answer}");
        assert!(!answer.contains("SQLite format") && !answer.contains("root:"), "{path}");
    }
    let long = format!("GET /{}", "a".repeat(70_000));
    assert_eq!(raw_bytes::status(&raw_bytes::send(&server, &raw_bytes::request(&long, &[])).await), 414);
    after.assert_invariants().await;
}

/// Covers F10 and F11: duplicate headers and parameters, and unknown methods.
#[tokio::test(flavor = "multi_thread")]
async fn duplicate_headers_and_unknown_methods_are_rejected() {
    let server = TestServer::start().await;
    let after = InvariantCheck::start(&server).await;
    let dora = server.sign_in("dora").await;
    for (what, first, lines) in [
        ("two lengths", "POST /sign-out", ["content-length: 0", "content-length: 5"]),
        ("a negative length", "POST /sign-out", ["content-length: -1", "a: b"]),
        ("a length with a sign", "POST /sign-out", ["content-length: +5", "a: b"]),
        ("two encodings", "POST /sign-out", ["transfer-encoding: chunked", "transfer-encoding: identity"]),
    ] {
        assert_eq!(
            raw_bytes::status(&raw_bytes::send(&server, &raw_bytes::request(first, &lines)).await),
            400,
            "{what}"
        );
    }
    for (first, expected) in [
        ("TRACE /visitors", 405),
        ("TRACE /healthz", 405),
        ("TRACE /nothing", 404),
        ("JUMP /visitors", 405),
        ("PUT /settings", 405),
        ("DELETE /account", 405),
        ("PATCH /api/here", 405),
        ("GET /api/sign-in", 405),
        ("POST /healthz", 405),
    ] {
        let answer =
            raw_bytes::send(&server, &raw_bytes::request(first, &["x-secret: not-repeated", "content-length: 0"]))
                .await;
        assert_eq!(raw_bytes::status(&answer), expected, "{first}: {answer}");
        assert!(!answer.contains("not-repeated"), "{answer}");
    }
    // Method overrides are ignored. If a parameter is repeated, its first value is used.
    for name in ["x-http-method-override", "x-http-method", "x-method-override"] {
        let asked =
            browser().get(server.http("/settings?_method=DELETE")).header(COOKIE, &dora.cookie).header(name, "POST");
        assert_eq!(answer(asked.header(ACCEPT, "text/html")).await.status, 200, "{name}");
    }
    let asked = page(&server, Some(&dora), "/history?words=first&words=second&from=x&from=2026-01-01").await;
    assert!(
        asked.body.contains("value=\"first\"") && asked.body.contains("Please enter a valid date"),
        "{}",
        asked.body
    );
    after.assert_invariants().await;
}
