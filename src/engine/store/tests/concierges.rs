//! Tests for concierges and all of their settings.

use protocol::{concierge::InvitationTemplate, opening_hours::OpeningHours};

use super::*;

fn everything() -> ConciergeSettings {
    ConciergeSettings {
        name: "Help".into(),
        sites: vec!["https://help.test".into()],
        team: None,
        look: Look {
            title: "Help".into(),
            greeting: "Ask away".into(),
            color: "#abcdef".into(),
            side: Side::Right,
            language: Language::En,
        },
        privacy: Privacy::Ask,
        invitation: "Shall we?".into(),
        templates: vec![InvitationTemplate { name: "One".into(), body: "First".into() }],
        opening_hours: OpeningHours::parse("Europe/Berlin", "Mon-Fri 9-17").unwrap(),
        invitation_policy: InvitationPolicy {
            quiet_after_deny: Some(60_000),
            quiet_after_unanswered: None,
            excluded_paths: vec!["/checkout/*".into(), "/login".into()],
        },
    }
}

#[tokio::test]
async fn a_new_concierge_has_three_templates_in_its_language() {
    let shop = Shop::open().await;
    let concierge = shop.store.concierge(shop.organization, shop.concierge).await.unwrap().unwrap();
    let names: Vec<_> = concierge.settings.templates.iter().map(|template| template.name.as_str()).collect();
    assert_eq!(names, ["Frage?", "Auswahl", "Kasse"]);
    assert_eq!(concierge.settings.opening_hours, OpeningHours::default());
    assert_eq!(concierge.settings.invitation_policy, InvitationPolicy::default());
}

#[tokio::test]
async fn concierge_settings_round_trip() {
    let shop = Shop::open().await;
    let id = shop
        .store
        .add_concierge(NewConcierge {
            organization: shop.organization,
            key: ConciergeKey("help".into()),
            settings: everything(),
        })
        .await
        .unwrap();
    let found = shop.store.concierge_by_key(&ConciergeKey("help".into())).await.unwrap().unwrap();
    assert_eq!((found.id, found.settings), (id, everything()));
    assert_eq!(shop.store.concierges(shop.organization).await.unwrap().len(), 2);
}

#[tokio::test]
async fn concierge_and_team_of_another_organization_are_not_found() {
    let shop = Shop::open().await;
    let other = shop.store.add_organization("Other").await.unwrap();
    assert!(shop.store.concierge(other, shop.concierge).await.unwrap().is_none());
    let team = shop.store.add_team(other, "Theirs").await.unwrap();
    let new = NewConcierge {
        organization: shop.organization,
        key: ConciergeKey("help".into()),
        settings: ConciergeSettings { team: Some(team), ..everything() },
    };
    assert_eq!(refusal(shop.store.add_concierge(new).await), Refusal::NotFound);
    assert_eq!(shop.store.concierges(shop.organization).await.unwrap().len(), 1, "the refused concierge is not stored");
}
