//! Guessing passwords from one address, one network and many networks.

use super::*;

const ANN: &str = "ann@shop.test";
const WINDOW: Millis = 15 * 60 * 1_000;

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// Returns an address in its own /48.
fn elsewhere(n: u16) -> IpAddr {
    address(&format!("2001:db8:{n:x}::1"))
}

/// Returns an address in its own /64. All of these are in one /48.
fn one_of_a_site(n: u16) -> IpAddr {
    address(&format!("2001:db8:ffff:{n:x}::1"))
}

fn limit() -> SignInRateLimit {
    SignInRateLimit::new(SignInLimits::default())
}

#[test]
fn sixth_failed_sign_in_within_the_window_is_refused() {
    let (limit, home) = (limit(), address("192.0.2.1"));
    for at in 0..5 {
        assert!(limit.begin_sign_in(home, ANN, at * 1_000).is_ok());
    }
    assert_eq!(limit.begin_sign_in(home, ANN, 5_000).unwrap_err(), Refusal::TooMany { retry_after: 895 });
    assert!(limit.begin_sign_in(home, "bob@shop.test", 5_000).is_ok());
    assert!(limit.begin_sign_in(home, ANN, WINDOW).is_ok());
}

#[test]
fn addresses_of_one_ipv6_network_share_their_limits() {
    let limit = limit();
    let admitted = |account: &dyn Fn(u16) -> String| {
        let from = |n: u16| address(&format!("2001:db8::{n:x}"));
        (0..30).filter(|n| limit.begin_sign_in(from(*n), &account(*n), 0).is_ok()).count()
    };
    assert_eq!(admitted(&|_| ANN.into()), 5);
    assert_eq!(admitted(&|n| format!("{n}@shop.test")), 15, "20 for the network in all");
    assert!(limit.begin_sign_in(elsewhere(1), ANN, 0).is_ok());
    let mapped: Vec<_> = ["192.0.2.1", "::ffff:192.0.2.1"].into_iter().cycle().take(6).map(address).collect();
    assert_eq!(mapped.iter().filter(|from| limit.begin_sign_in(**from, "bob@shop.test", 0).is_ok()).count(), 5);
}

#[test]
fn guessing_from_many_networks_is_slowed_down_and_never_refused() {
    let limit = limit();
    let delays: Vec<_> =
        (0..500).map(|n| limit.begin_sign_in(elsewhere(n), ANN, 0).expect("never refused").delay.as_secs()).collect();
    assert_eq!(delays[..16], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 15, 15]);
    assert!(delays[16..].iter().all(|delay| *delay == 15));
    assert!(limit.begin_sign_in(elsewhere(1), "bob@shop.test", 0).unwrap().delay.is_zero());
    assert!(limit.begin_sign_in(elsewhere(9), ANN, WINDOW).unwrap().delay.is_zero());
}

#[test]
fn owner_at_a_known_address_neither_waits_nor_is_refused_for_others() {
    let (limit, home) = (limit(), elsewhere(1));
    let signed_in = limit.begin_sign_in(home, ANN, 0).unwrap();
    limit.succeeded(&signed_in, 0);
    for n in 2..100 {
        limit.begin_sign_in(elsewhere(n), ANN, 1).unwrap();
    }
    for n in 0..30 {
        limit.begin_sign_in(home, &format!("{n}@shop.test"), 1).ok();
    }
    assert!(limit.begin_sign_in(home, "cara@shop.test", 1).is_err());
    let owner = limit.begin_sign_in(home, ANN, 1).expect("admitted");
    assert!(owner.is_known && owner.delay.is_zero());
    // Guesses from the owner's own address are still limited.
    assert_eq!((0..9).filter(|_| limit.begin_sign_in(home, ANN, 1).is_ok()).count(), 4);
}

#[test]
fn successful_and_withdrawn_attempts_do_not_count() {
    let (limit, home) = (limit(), address("192.0.2.1"));
    for at in 0..100 {
        let attempt = limit.begin_sign_in(home, ANN, at).unwrap();
        assert!(attempt.delay.is_zero());
        if at % 2 == 0 { limit.succeeded(&attempt, at) } else { limit.withdraw(&attempt) }
    }
    for at in 0..100 {
        let attempt = limit.begin(None, "code", at).unwrap();
        limit.succeeded(&attempt, at);
    }
}

#[test]
fn actions_are_limited_per_address_or_over_all_addresses() {
    let limit = limit();
    assert_eq!((0..9).filter(|_| limit.begin(None, "code", 0).is_ok()).count(), 5);
    assert_eq!((0..9).filter(|_| limit.begin(Some(elsewhere(1)), "join", 0).is_ok()).count(), 5);
    assert!(limit.begin(Some(elsewhere(2)), "join", 0).is_ok());
    assert!(limit.begin_sign_in(elsewhere(2), "code", 0).unwrap().delay.is_zero(), "an account is not an action");
}

#[test]
fn audit_log_reports_an_account_once_an_hour_whatever_the_number_of_addresses() {
    let limit = limit();
    let mut reports = Vec::new();
    for n in 0..200 {
        for _ in 0..8 {
            let begun = limit.begin_sign_in(elsewhere(n), ANN, 0);
            reports.extend(limit.report(&begun, elsewhere(n), ANN, 0));
        }
    }
    assert_eq!(reports, [Report::Refused, Report::Delayed]);
    // Refused for the address, not for the account.
    let spray = |n: u16| {
        let account = format!("{n}@shop.test");
        let begun = limit.begin_sign_in(address("192.0.2.1"), &account, 0);
        limit.report(&begun, address("192.0.2.1"), &account, 0)
    };
    assert!((0..100).all(|n| spray(n).is_none()));
}

#[tokio::test(start_paused = true)]
async fn delayed_attempt_waits_and_too_many_are_refused_uncounted() {
    let limits = SignInLimits { per_account: 0, max_delayed: 1, ..SignInLimits::default() };
    let limit = SignInRateLimit::new(limits);
    let first = limit.begin_sign_in(elsewhere(1), ANN, 0).unwrap();
    let second = limit.begin_sign_in(elsewhere(2), ANN, 0).unwrap();
    assert_eq!((first.delay.as_secs(), second.delay.as_secs()), (1, 2));
    let began = tokio::time::Instant::now();
    let (waited, refused) = tokio::join!(limit.wait(&first), limit.wait(&second));
    assert_eq!((waited, refused), (Ok(()), Err(Refusal::Busy { retry_after: 15 })));
    assert_eq!(began.elapsed().as_secs(), 1);
    assert_eq!(limit.begin_sign_in(elsewhere(3), ANN, 0).unwrap().delay.as_secs(), 2, "the second does not count");
}

#[test]
fn customer_with_a_whole_ipv6_site_has_ten_times_the_limit() {
    let limit = limit();
    let admitted = |from: fn(u16) -> IpAddr| {
        (0..1_000).filter(|n| limit.begin_sign_in(from(*n), &format!("{n}@shop.test"), 0).is_ok()).count()
    };
    assert_eq!(admitted(one_of_a_site), 200);
    assert_eq!(admitted(elsewhere), 1_000);
    // A withdrawn attempt does not count toward the site's limit either.
    let withdrawn = limit.begin_sign_in(one_of_a_site(0), ANN, WINDOW).unwrap();
    limit.withdraw(&withdrawn);
    let again = (1..1_000).filter(|n| limit.begin_sign_in(one_of_a_site(*n), &format!("{n}@x.test"), WINDOW).is_ok());
    assert_eq!(again.count(), 200);
}

#[tokio::test(start_paused = true)]
async fn one_site_cannot_keep_everybody_waiting_elsewhere() {
    let limit = SignInRateLimit::new(SignInLimits { per_account: 0, ..SignInLimits::default() });
    let begin = |from| limit.begin_sign_in(from, ANN, 0).unwrap();
    let attempts: Vec<_> = (0..8).map(|n| begin(one_of_a_site(n))).collect();
    let mut waiting = futures::future::join_all(attempts.iter().map(|attempt| limit.wait(attempt)));
    assert!(futures::poll!(&mut waiting).is_pending());
    assert!(matches!(limit.wait(&begin(one_of_a_site(9))).await, Err(Refusal::Busy { .. })));
    let owner = begin(elsewhere(1));
    let (owner, others) = tokio::join!(limit.wait(&owner), waiting);
    assert_eq!((owner, others), (Ok(()), vec![Ok(()); 8]));
    assert!(limit.delayed_sites.lock().unwrap().is_empty());
}
