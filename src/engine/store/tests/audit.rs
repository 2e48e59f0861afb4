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
