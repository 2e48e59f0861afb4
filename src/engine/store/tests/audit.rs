//! Tests for the audit log: filtering by agent and action, and paging by position.

use super::*;

#[tokio::test]
async fn audit_log_is_filtered_by_agent_and_action() {
    let shop = Shop::open().await;
    let ann = Actor { organization: shop.organization, agent: Some(shop.ann), name: "Ann Lee".into() };
    let shell = Actor { organization: shop.organization, agent: None, name: "command line".into() };
    let note = |by: &Actor, what, subject: &str, at| {
        shop.store.note(by.clone(), what, subject.to_owned(), "from 3 to 5".to_owned(), at)
    };
    note(&ann, "agent.changed", "Bob Ray", NOW).await.unwrap();
    note(&shell, "agent.password", "Bob Ray", NOW + 1).await.unwrap();
    note(&ann, "agents", "not an agent's", NOW + 2).await.unwrap();

    let read = async |filter| shop.store.audit(shop.organization, filter, 10).await.unwrap();
    let whats = |lines: Vec<AuditLine>| lines.into_iter().map(|line| line.action).collect::<Vec<_>>();
    assert_eq!(whats(read(AuditFilter::default()).await), ["agents", "agent.password", "agent.changed"]);
    let of_agents = AuditFilter { action: "agent".into(), ..AuditFilter::default() };
    assert_eq!(whats(read(of_agents).await), ["agent.password", "agent.changed"]);
    let of_ann = AuditFilter { agent: Some(shop.ann), ..AuditFilter::default() };
    assert_eq!(whats(read(of_ann).await), ["agents", "agent.changed"]);
    let before = read(AuditFilter::default()).await[1].id;
    let lines = read(AuditFilter { before: Some(before), ..AuditFilter::default() }).await;
    assert_eq!(
        lines,
        [AuditLine {
            id: lines[0].id,
            at: NOW,
            agent: Some(shop.ann),
            agent_name: "Ann Lee".into(),
            action: "agent.changed".into(),
            target: "Bob Ray".into(),
            detail: "from 3 to 5".into(),
        }]
    );
    let elsewhere = shop.store.add_organization("Elsewhere").await.unwrap();
    assert_eq!(shop.store.audit(elsewhere, AuditFilter::default(), 10).await.unwrap(), []);
}

#[tokio::test]
async fn addresses_are_removed_after_their_own_retention_period() {
    let shop = Shop::open().await;
    let day = 24 * 60 * MINUTE;
    let by = Actor { organization: shop.organization, agent: Some(shop.ann), name: "Ann Lee".into() };
    let note = async |target: &str, detail: &str, at| {
        shop.store.note(by.clone(), "agent.invited", target.to_owned(), detail.to_owned(), at).await.unwrap();
    };
    for number in 0..600 {
        note(&format!("canary{number}@shop.test"), "agent", NOW).await;
    }
    note("Bob Ray", "too many wrong passwords from 192.0.2.77", NOW).await;
    note("young-canary@shop.test", "agent", NOW + 2 * day).await;
    let keep = shop.store.retention(shop.organization).await.unwrap();
    assert_eq!((keep.audit, keep.audit_addresses), (0, 90), "the addresses end sooner than the lines");
    let run = async |at| while shop.store.run_retention(shop.organization, keep, at).await.unwrap() > 0 {};
    run(NOW + 90 * day).await;
    assert!(shop.contains("canary599@shop.test").await, "nothing has expired yet");
    run(NOW + 91 * day).await;
    shop.store.truncate_wal().await.unwrap();
    assert!(!shop.contains("canary599@shop.test").await && !shop.contains("192.0.2.77").await);
    assert!(shop.contains("young-canary@shop.test").await);
    let lines = shop.store.audit(shop.organization, AuditFilter::default(), 700).await.unwrap();
    assert_eq!(lines.len(), 602, "the lines remain");
    assert_eq!(lines[1].detail, "too many wrong passwords from (address removed)");
    assert_eq!((lines[2].target.as_str(), lines[2].detail.as_str()), ("(address removed)", "agent"));
}

#[tokio::test]
async fn line_about_a_visitor_is_not_written_after_the_erasure() {
    let shop = Shop::open().await;
    let guest = Guest::new();
    shop.chat(&guest).await;
    let by = Actor { organization: shop.organization, agent: Some(shop.ann), name: "Ann Lee".into() };
    let line = NewAuditLine {
        by: by.clone(),
        action: "visitor.read",
        target: guest.visitor.to_string(),
        detail: String::new(),
        visitor: Some(guest.visitor),
        at: NOW,
    };
    shop.store.add_audit_line(line.clone()).await.unwrap();
    shop.store.erase_visitor(by, guest.visitor, NOW).await.unwrap();
    shop.store.add_audit_line(line).await.unwrap();
    let lines = shop.store.audit(shop.organization, AuditFilter::default(), 9).await.unwrap();
    let lines: Vec<_> = lines.iter().map(|line| (line.action.as_str(), line.target.as_str())).collect();
    assert_eq!(lines, [("visitor.erased", ""), ("visitor.read", "")]);
    assert!(!shop.contains(&guest.visitor.to_string()).await);
}
