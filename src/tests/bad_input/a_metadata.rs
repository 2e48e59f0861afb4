//! Cases A1 to A20: metadata sent by a visitor's browser, as it appears on every page that agents see.

use load::{Visitor, visitor::hello};
use protocol::{
    close_reason::CloseReason, codec, contact::ContactRequest, limits, page::Page, refusal::Refusal,
    visitor::FromVisitor,
};
use tokio_tungstenite::tungstenite::Message;

use super::{HOSTILE, e_sockets::first_frame, invariant_check::InvariantCheck, log_capture::SECRET, page, raw_bytes};
use crate::{
    client_ext::{AgentExt, VisitorExt, with_deadline},
    test_server::{FIREFOX, KEY, SHOP, SignedIn, TestServer, page as on},
};

async fn connect_visitor(server: &TestServer, page: Page, user_agent: &str) -> Visitor {
    with_deadline("a visitor", Visitor::connect(&server.ws(), hello(KEY, SHOP, page, None), user_agent)).await.unwrap()
}

/// Covers A1, A2, A3, B1, and B3: every piece of data about a visitor contains markup, whether it came from the browser
/// or from an agent, and must appear as plain text on every page.
#[tokio::test(flavor = "multi_thread")]
async fn markup_from_a_visitor_stays_text_on_every_page() {
    let server = TestServer::start().await;
    let after = InvariantCheck::start(&server).await;
    let (ann, dora) = (server.sign_in("ann").await, server.sign_in("dora").await);
    let mut dashboard = server.dashboard(&ann).await;
    for (n, hostile) in HOSTILE.into_iter().enumerate() {
        let title = format!("{n} {hostile}");
        let at = Page { url: format!("{SHOP}/{hostile}"), title: title.clone() };
        let mut visitor = connect_visitor(&server, at, hostile).await;
        let row = dashboard
            .until("the row", |agent| agent.board.rows.values().find(|row| row.page.title == title).cloned())
            .await;
        assert_eq!(row.browser, "Unknown browser", "the user agent is not echoed");
        let chat = server.start_claimed_chat(&ann, &mut visitor, row.visit).await;
        dashboard.open_chat(chat).await.unwrap();
        visitor.send_message(hostile).await.unwrap();
        dashboard.until("the message", |agent| agent.messages(chat).contains(&(true, hostile)).then_some(())).await;
        server.engine.name_visitor(&ann.me, row.visitor, hostile, "vera@shop.test").await.unwrap();
        server.engine.note_on_visitor(&ann.me, row.visitor, hostile).await.unwrap();
        server.engine.add_note(&ann.me, chat, hostile, false).await.unwrap();
        let tag: String = hostile.chars().take(limits::TAG_CHARS).collect();
        server.engine.tag(&ann.me, chat, &tag, true).await.unwrap();
        server.engine.rename_organization(&dora.me, hostile).await.unwrap();

        for address in [
            "/visitors".to_owned(),
            format!("/chats/{chat}"),
            format!("/history/{chat}"),
            format!("/history/visitors/{}", row.visitor),
            "/history".into(),
            "/history?words=pwned".into(),
            "/history/visitors".into(),
            "/settings".into(),
            "/settings/audit".into(),
        ] {
            let shown = page(&server, Some(&dora), &address).await;
            assert_eq!(shown.status, 200, "{address}");
            assert!(
                !shown.body.contains("<script>__pwned") && !shown.body.contains("<img src=x"),
                "{address}: {}",
                shown.body
            );
        }
        let transcript = page(&server, Some(&dora), &format!("/history/{chat}")).await.body;
        let literal = hostile.replace('<', "&lt;").replace('>', "&gt;");
        assert!(transcript.contains(&literal), "shown as typed: {transcript}");
        server.engine.end(&ann.me, chat).await.unwrap();
    }
    after.assert_invariants().await;
}

/// Covers A4 to A7: page addresses use http or https, or are empty. They contain nothing that could be a secret, and
/// they are truncated just like page titles.
#[tokio::test(flavor = "multi_thread")]
async fn page_addresses_are_stripped_of_secrets_and_truncated() {
    let server = TestServer::start().await;
    let after = InvariantCheck::start(&server).await;
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let at = |url: String, title: &str| Page { url, title: title.into() };
    let secret = format!("https://user:{SECRET}@shop.test/reset?token={SECRET}#{SECRET}");
    for (title, url, shown) in [
        ("secret", secret.as_str(), format!("{SHOP}/reset")),
        ("script", "javascript:__pwned=1", String::new()),
        ("data", "data:text/html,<script>__pwned=1</script>", String::new()),
        ("vbscript", "vbscript:__pwned", String::new()),
        ("blob", "blob:https://shop.test/1", String::new()),
    ] {
        let mut visitor = connect_visitor(&server, at(url.into(), title), FIREFOX).await;
        let row = dashboard
            .until("the row", |agent| agent.board.rows.values().find(|row| row.page.title == title).cloned())
            .await;
        assert_eq!((row.page.url.as_str(), row.page.is_linkable()), (shown.as_str(), !shown.is_empty()), "{title}");
        // After this frame, the visitor and their page views are stored in the database.
        visitor.send_frame(&FromVisitor::Interacted).await.unwrap();
        visitor.wait_until_synced().await;
    }
    let long = at(format!("{SHOP}/{}", "ä".repeat(9_000)), &format!("long{}", "x".repeat(9_000)));
    let _visitor = connect_visitor(&server, long, FIREFOX).await;
    let is_long =
        |agent: &load::Agent| agent.board.rows.values().find(|row| row.page.title.starts_with("long")).cloned();
    let row = dashboard.until("the row with the long title", is_long).await;
    assert!(row.page.url.len() <= limits::URL_BYTES && row.page.title.chars().count() == limits::TITLE_CHARS);
    // A hello that exceeds the maximum frame size closes the socket.
    let longer = hello(KEY, SHOP, at(format!("{SHOP}/{}", "x".repeat(100_000)), ""), None);
    let ended = first_frame(&server, Message::Binary(codec::encode(&FromVisitor::Hello(longer)).into())).await;
    assert_eq!(ended, (Some(CloseReason::TooLarge), CloseReason::TooLarge.code()));
    after.assert_invariants().await;

    // The restart flushes all pending writes.
    let server = server.restart().await;
    assert!(!server.contains_text(SECRET).await);
}

/// Covers A8, A9, and A14: hostile header values.
#[tokio::test(flavor = "multi_thread")]
async fn hostile_headers_are_neither_trusted_nor_split() {
    let server = TestServer::start().await;
    let after = InvariantCheck::start(&server).await;
    let mut dashboard = server.dashboard(&server.sign_in("ann").await).await;
    let long = "Mozilla".repeat(9_000);
    for (path, user_agent) in [("/svg", "<svg onload=__pwned=1>"), ("/empty", ""), ("/long", &long)] {
        let _visitor = connect_visitor(&server, on(path), user_agent).await;
        assert_eq!(dashboard.wait_for_row(path).await.browser, "Unknown browser", "{path}");
    }
    // This is more than the headers of any real browser add up to.
    let huge = format!("x: {}", "x".repeat(600_000));
    assert_eq!(raw_bytes::status(&raw_bytes::send(&server, &raw_bytes::request("GET /sign-in", &[&huge])).await), 431);

    for line in [
        "referer: <script>__pwned=1</script>",
        "x-forwarded-for: <script>__pwned=1</script>, evil",
        "accept-language: <script>__pwned=1</script>",
        "x-request-id: <script>__pwned=1</script>",
    ] {
        for path in ["/sign-in", "/nothing", "/%0d%0ax-injected:%201", "/%1b[2J"] {
            let answer = raw_bytes::send(&server, &raw_bytes::request(&format!("GET {path}"), &[line])).await;
            assert!([200, 404].contains(&raw_bytes::status(&answer)), "{answer}");
            assert!(!answer.contains("__pwned") && !answer.to_lowercase().contains("\nx-injected"), "{answer}");
        }
    }
    // A bare CR, a folded line, or a control character must not start a new header.
    for line in ["referer: a\rx-injected: 1", "referer: a\n x-injected: 1", "user-agent: \u{1b}[2J", "referer: a\0b"] {
        let answer = raw_bytes::send(&server, &raw_bytes::request("GET /nothing", &[line])).await;
        assert!([0, 400, 404].contains(&raw_bytes::status(&answer)), "{line:?}: {answer}");
        assert!(!answer.to_lowercase().contains("\nx-injected"), "{answer}");
    }
    after.assert_invariants().await;
}

/// Covers A11 to A14: the name and email address that a visitor enters.
#[tokio::test(flavor = "multi_thread")]
async fn a_visitors_name_is_sanitized_and_never_shown_as_an_agents() {
    let server = TestServer::with_timers(|timers| timers.unclaimed_form = 100).await;
    let after = InvariantCheck::start(&server).await;
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let zalgo = format!("z{}", "\u{301}".repeat(500));
    for (n, (typed, shown)) in [
        ("\u{202e}eno\u{2066}\u{200b}\u{feff}", Some("eno")),
        ("👩‍👩‍👧 Vera", Some("👩‍👩‍👧 Vera")),
        ("\0\u{1b}[2J Vera\r\n", Some("[2J Vera")),
        ("Ann Archer", Some("Ann Archer")),
        (zalgo.as_str(), None),
    ]
    .into_iter()
    .enumerate()
    {
        let path = format!("/names/{n}");
        let mut visitor = server.visitor(&path).await;
        visitor.send_message("Is anybody there?").await.unwrap();
        let asked = |visitor: &Visitor| {
            visitor.chat.as_ref().filter(|chat| chat.contact == ContactRequest::Requested).map(|chat| chat.id)
        };
        let chat = visitor.until("the form", asked).await;
        visitor
            .send_frame(&FromVisitor::LeaveContact { name: typed.into(), email: "a@b.test\r\nBcc: x@y.test".into() })
            .await
            .unwrap();
        visitor.until("the email address to be refused", |visitor| visitor.refused.first().cloned()).await;
        visitor
            .send_frame(&FromVisitor::LeaveContact { name: typed.into(), email: "vera@home.test".into() })
            .await
            .unwrap();
        match shown {
            Some(shown) => {
                let named = |agent: &load::Agent| {
                    agent.board.rows.values().any(|row| row.name.as_deref() == Some(shown)).then_some(())
                };
                dashboard.until(shown, named).await;
            }
            None => {
                let refused = Refusal::TooLong { limit: limits::NAME_CHARS as u32 };
                visitor
                    .until("the name to be refused", |visitor| visitor.refused.contains(&refused).then_some(()))
                    .await;
            }
        }
        if shown == Some("Ann Archer") {
            assert_shown_as_visitor(&server, &ann, &format!("/chats/{chat}")).await;
        }
    }
    after.assert_invariants().await;
}

/// Asserts that the visitor's messages are labeled as coming from the visitor, whatever name the visitor entered.
async fn assert_shown_as_visitor(server: &TestServer, ann: &SignedIn, window: &str) {
    let shown = page(server, Some(ann), window).await.body;
    let line = shown
        .split("class=\"entry said visitor")
        .nth(1)
        .expect("a message of the visitor")
        .split("</div>")
        .next()
        .unwrap();
    assert!(line.contains("Is anybody there?") && line.contains("Visitor") && !line.contains("Archer"), "{line}");
}

/// Covers A13: a lone surrogate is not valid UTF-8.
#[tokio::test(flavor = "multi_thread")]
async fn a_lone_surrogate_is_an_invalid_frame() {
    let server = TestServer::start().await;
    let mut bytes =
        codec::encode(&FromVisitor::Hello(hello(KEY, SHOP, Page { url: String::new(), title: "aaa".into() }, None)));
    let at = bytes.windows(3).position(|some| some == b"aaa").unwrap();
    // U+D800, encoded as if it were a valid character.
    bytes[at..at + 3].copy_from_slice(&[0xed, 0xa0, 0x80]);
    let ended = first_frame(&server, Message::Binary(bytes.into())).await;
    assert_eq!(ended, (Some(CloseReason::NotAFrame), CloseReason::NotAFrame.code()));
    super::invariant_check::is_healthy(&server).await;
}
