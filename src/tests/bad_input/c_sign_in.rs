//! Cases C1 to C15: signing in, and attacks on the sign-in.

use std::time::{Duration, Instant};

use engine::{sessions::hash_password, store::AuditFilter};
use protocol::{codec, refusal::Refusal};
use reqwest::header::{ACCEPT, COOKIE};

use super::{Answer, answer, browser, invariant_check::InvariantCheck, page};
use crate::{
    client_ext::with_deadline,
    test_server::{PASSWORD, TestServer},
};

/// Returns a password that is too long for any account. It is refused before it is hashed, which keeps sign-in attempts
/// fast.
fn unhashable_password() -> String {
    "x".repeat(engine::password::BYTES + 1)
}

async fn try_sign_in(server: &TestServer, email: &str, password: &str, from: &str, cookie: &str) -> Answer {
    let asked = browser().post(server.http("/api/sign-in")).header("x-forwarded-for", from).header(COOKIE, cookie);
    answer(asked.form(&[("email", email), ("password", password)])).await
}

fn refusal(answer: &Answer) -> Refusal {
    let error: jumpin::dashboard::api::ApiError = codec::decode(answer.body.as_bytes()).unwrap();
    error.refusal
}

fn redirect_target(answer: &Answer) -> String {
    codec::decode(answer.body.as_bytes()).unwrap()
}

/// Covers C1: many passwords are tried for one account, and many accounts from one address. The account's owner can
/// still sign in from another address, and the audit log gets only a single entry.
#[tokio::test(flavor = "multi_thread")]
async fn password_guessing_is_rate_limited_but_the_owner_signs_in() {
    let server = TestServer::with_config(|config| {
        config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
        config.sign_in.per_account_and_address = 2;
        config.sign_in.per_address = 3;
        config.sign_in.per_account = 2;
        config.sign_in.longest_delay = 100;
    })
    .await;
    let after = InvariantCheck::start(&server).await;
    // No account has such a password, so it is not a guess.
    for n in 0..30 {
        let tried = try_sign_in(&server, "ann@acme.test", &unhashable_password(), "192.0.2.1", "").await;
        assert_eq!((tried.status, refusal(&tried)), (401, Refusal::WrongCredentials), "{n}");
    }
    for n in 0..30 {
        let tried = try_sign_in(&server, "ann@acme.test", "a wrong password", &format!("2001:db8::{n:x}"), "").await;
        assert_eq!(tried.status, if n < 2 { 401 } else { 429 }, "{n}");
        let wait = tried.header("retry-after").parse::<u32>();
        assert!(n < 2 || wait.is_ok_and(|seconds| (1..=900).contains(&seconds)), "{tried:?}");
    }
    // Password spraying: many accounts, with one attempt each.
    let mut refused = 0;
    for n in 0..30 {
        let tried = try_sign_in(&server, &format!("{n}@acme.test"), "a wrong password", "192.0.2.2", "").await;
        refused += u32::from(tried.status == 429);
    }
    assert_eq!(refused, 27, "three attempts per address are allowed");
    for _ in 0..3 {
        let owner = try_sign_in(&server, "ann@acme.test", PASSWORD, "192.0.2.3", "").await;
        assert_eq!((owner.status, redirect_target(&owner)), (200, "/visitors".into()));
    }
    let organization = server.sign_in("ann").await.me.organization;
    let only = AuditFilter { action: "account.sign_ins_refused".into(), ..AuditFilter::default() };
    let lines = with_deadline("the audit log entries", async {
        loop {
            let lines = server.engine.store().audit(organization, only.clone(), 9).await.unwrap();
            if lines.len() > 1 {
                return lines;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
    let [delayed, refused] = &lines[..] else { panic!("{lines:?}") };
    assert!(refused.target.starts_with("Ann") && refused.detail.contains("2001:db8::2"), "{refused:?}");
    assert!(delayed.detail.contains("many addresses, now from 192.0.2.3"), "{delayed:?}");
    after.assert_invariants().await;
}

/// Covers C2 and C3: existing and unknown accounts cannot be told apart by their response or its timing.
#[tokio::test(flavor = "multi_thread")]
async fn sign_in_does_not_reveal_which_accounts_exist() {
    let server = TestServer::start().await;
    let mut took = [Duration::MAX; 2];
    for n in 0..3 {
        for (email, took) in ["ann@acme.test", "nobody@acme.test"].into_iter().zip(&mut took) {
            let from = format!("192.0.2.{n}").parse().unwrap();
            let began = Instant::now();
            let tried =
                server.engine.sessions().sign_in(email, "not the password", from, "", server.engine.now()).await;
            assert_eq!(tried.unwrap_err(), Refusal::WrongCredentials);
            *took = began.elapsed().min(*took);
        }
    }
    let [known, unknown] = took;
    assert!(known < unknown * 2 && unknown < known * 2, "{known:?} {unknown:?}");
    let [known, unknown] = ["ann@acme.test", "nobody@acme.test"];
    let said = [
        try_sign_in(&server, known, &unhashable_password(), "", "").await,
        try_sign_in(&server, unknown, &unhashable_password(), "", "").await,
    ];
    assert_eq!(
        said.each_ref().map(|said| (said.status, refusal(said))),
        [(401, Refusal::WrongCredentials), (401, Refusal::WrongCredentials)]
    );
    // Without a mail server, only an admin can reset a forgotten password, so the page does not ask for an email
    // address.
    let forgotten = page(&server, None, "/sign-in/forgotten").await;
    assert!(forgotten.status == 200 && !forgotten.body.contains("<input"), "{}", forgotten.body);
}

/// Covers C7, C10, C12, and C13: what creates a session, and what is not accepted as one.
#[tokio::test(flavor = "multi_thread")]
async fn sign_in_creates_a_new_session_accepted_by_cookie_only() {
    let server = TestServer::start().await;
    let after = InvariantCheck::start(&server).await;
    let fixed = format!("jumpin-session={}", "A".repeat(43));
    let entered = try_sign_in(&server, "ben@acme.test", PASSWORD, "", &fixed).await;
    let cookie = entered.header("set-cookie").split(';').next().unwrap().to_owned();
    assert!(entered.header("set-cookie").contains("; HttpOnly; SameSite=Lax; Path=/"), "{entered:?}");
    assert!(cookie.starts_with("jumpin-session=") && cookie != fixed);
    let outside = browser().get(server.http("/account")).header(COOKIE, &fixed).header(ACCEPT, "text/html");
    assert_eq!(answer(outside).await.status, 302);
    let inside = browser().get(server.http("/account")).header(COOKIE, &cookie).header(ACCEPT, "text/html");
    assert_eq!(answer(inside).await.status, 200);

    // Session tokens in the URL are ignored.
    let token = cookie.split_once('=').unwrap().1;
    for address in
        ["/account?token=", "/account?jumpin-session=", "/account/totp.svg?token=", "/socket/agent/v1?token="]
    {
        let asked = page(&server, None, &format!("{address}{token}")).await;
        assert!([302, 400, 401].contains(&asked.status), "{address}: {}", asked.status);
    }
    // The widget's resources neither read nor set cookies.
    for address in ["/concierge/v1/frame?key=shop", "/loader.js", "/concierge/v1/boot.js"] {
        assert_eq!(page(&server, None, address).await.header("set-cookie"), "", "{address}");
    }

    // Every byte of a password counts, including NUL bytes and everything after byte 72.
    let long = format!("{}\0ü", "x".repeat(100));
    server.engine.store().set_password("ben@acme.test", &hash_password(&format!("{long}1"))).await.unwrap();
    assert_eq!(try_sign_in(&server, "ben@acme.test", &format!("{long}2"), "", "").await.status, 401);
    let entered = try_sign_in(&server, "ben@acme.test", &format!("{long}1"), "", "").await;
    assert_eq!((entered.status, redirect_target(&entered)), (200, "/visitors".into()));
    let huge = try_sign_in(&server, "ben@acme.test", &"x".repeat(1024 * 1024), "", "").await;
    assert_eq!((huge.status, huge.code().as_str()), (413, "too_large"));
    after.assert_invariants().await;
}
