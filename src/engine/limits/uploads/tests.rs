//! Tests for how many uploads may run at the same time, and which of them make room for others.

use super::*;

const SECOND: Duration = Duration::from_secs(1);
const BUSY: Refusal = Refusal::Busy { retry_after: RETRY_AFTER };

/// Four uploads, one of them reserved for agents; two per organization and per address.
const LIMITS: UploadLimits = UploadLimits {
    at_once: 4,
    for_agents: 1,
    per_organization: 2,
    per_address: 2,
    per_sender: 1,
    unfinished_per_minute: 3,
    grace: 10_000,
    least_bytes_per_second: 1_000,
    longest: 100_000,
};

/// The largest file needs 10,000 bytes per second.
fn limit() -> Arc<UploadLimit> {
    UploadLimit::new(LIMITS, 1_000_000)
}

fn organization() -> OrganizationId {
    OrganizationId(Uuid::now_v7())
}

fn visitor(organization: OrganizationId, from: &str) -> Uploader {
    Uploader::visitor(Uuid::now_v7(), organization, from.parse().expect("a valid address"))
}

#[tokio::test(start_paused = true)]
async fn each_limit_leaves_room_for_others() {
    let (limit, now) = (limit(), Instant::now());
    let [acme, umbra, third] = [organization(), organization(), organization()];
    let ann = visitor(acme, "2001:db8::1");
    let _first = limit.admit(ann, now).expect("there is room");
    assert_eq!(limit.admit(ann, now).err(), Some(Refusal::TooMany { retry_after: RETRY_AFTER }), "one per sender");
    let _second = limit.admit(visitor(umbra, "2001:db8::2"), now).expect("there is room");
    assert_eq!(limit.admit(visitor(third, "2001:db8::3"), now).err(), Some(BUSY), "two per /64");
    let third_place = limit.admit(visitor(acme, "192.0.2.1"), now).expect("there is room");
    assert_eq!(limit.admit(visitor(acme, "192.0.2.2"), now).err(), Some(BUSY), "two per organization");
    assert_eq!(limit.admit(visitor(third, "192.0.2.3"), now).err(), Some(BUSY), "the last place is for agents");
    let _agent = limit.admit(Uploader::agent(Uuid::now_v7(), acme), now).expect("the last place");
    assert_eq!(limit.admit(Uploader::agent(Uuid::now_v7(), third), now).err(), Some(BUSY));
    drop(third_place);
    assert!(limit.admit(visitor(third, "192.0.2.3"), now).is_ok(), "a place was released");
}

#[tokio::test(start_paused = true)]
async fn newcomer_takes_the_place_of_the_slowest_upload_only_if_there_is_no_room() {
    let (limit, now) = (limit(), Instant::now());
    let organizations = [organization(), organization(), organization(), organization()];
    let permits: Vec<_> = (0_usize..3)
        .map(|at| limit.admit(visitor(organizations[at], &format!("192.0.2.{at}")), now).expect("there is room"))
        .collect();
    permits[0].record(100_000);
    permits[1].record(2_000);
    permits[2].record(9_000);
    let newcomer = visitor(organizations[3], "192.0.2.9");
    assert_eq!(limit.admit(newcomer, now + 2 * SECOND).err(), Some(BUSY), "each of them may still catch up");
    let taken = limit.admit(newcomer, now + 4 * SECOND).expect("the slowest makes room");
    assert_eq!(permits[1].while_in_time(std::future::pending::<()>()).await, Err(BUSY));
    for permit in [&permits[0], &permits[2], &taken] {
        assert_eq!(permit.while_in_time(async {}).await, Ok(()));
    }
    drop(permits);
    assert_eq!(limit.lock().len(), 1, "a replaced upload does not release the place of another");
}

#[tokio::test(start_paused = true)]
async fn upload_below_the_least_rate_or_beyond_the_time_is_ended() {
    let limit = limit();
    let home = "127.0.0.1";
    let stuck = limit.admit(visitor(organization(), home), Instant::now()).expect("there is room");
    let began = Instant::now();
    assert_eq!(stuck.while_in_time(std::future::pending::<()>()).await, Err(Refusal::TookTooLong));
    assert_eq!(began.elapsed(), 10 * SECOND, "the grace period");

    let slow = limit.admit(visitor(organization(), home), Instant::now()).expect("there is room");
    let began = Instant::now();
    let mut seconds = 0_u32;
    let ended = loop {
        match slow.while_in_time(tokio::time::sleep(SECOND)).await {
            Ok(()) => slow.record(2_000),
            Err(refusal) => break refusal,
        }
        seconds += 1;
    };
    assert_eq!((ended, began.elapsed()), (Refusal::TookTooLong, 100 * SECOND), "after {seconds} parts in time");
}

#[tokio::test(start_paused = true)]
async fn whoever_leaves_uploads_unfinished_waits_and_others_do_not() {
    let (limit, now) = (limit(), Instant::now());
    let (ann, ben) = (visitor(organization(), "2001:db8::1"), visitor(organization(), "2001:db8::2"));
    for _ in 0..10 {
        limit.admit(ann, now).expect("complete uploads do not count").complete();
    }
    for from in [ann, ben, ann] {
        drop(limit.admit(from, now).expect("there is room"));
    }
    assert!(matches!(limit.admit(ann, now), Err(Refusal::TooMany { retry_after: 1..=60 })));
    assert!(limit.admit(ben, now).is_err(), "the same /64");
    assert!(limit.admit(visitor(ann.organization, "192.0.2.1"), now).is_ok());
    assert!(limit.admit(Uploader { network: None, ..ben }, now).is_ok(), "only one of them was theirs");
}

#[tokio::test(start_paused = true)]
async fn whoever_left_an_upload_unfinished_makes_room_at_once_for_somebody_who_did_not() {
    let (limit, now) = (limit(), Instant::now());
    let bad: Vec<_> = (0..3).map(|at| visitor(organization(), &format!("192.0.2.{at}"))).collect();
    for from in &bad {
        drop(limit.admit(*from, now).expect("there is room"));
    }
    let slow: Vec<_> = bad.iter().map(|from| limit.admit(*from, now).expect("there is room")).collect();
    let soon = now + SECOND / 2;
    let newcomer = visitor(organization(), "192.0.2.8");
    let _taken = limit.admit(newcomer, soon).expect("one of them makes room");
    let another = visitor(organization(), "192.0.2.9");
    drop(limit.admit(another, soon).expect("another one makes room"));
    assert_eq!(limit.lock().iter().filter(|upload| upload.from == newcomer).count(), 1, "the newcomer keeps the place");
    drop(slow);
}
