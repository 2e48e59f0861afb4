//! Tests for an agent's board preferences, which are shared across all of the agent's devices.

use protocol::{
    preferences::{Arrangement, Column, Preference, View},
    status::Status,
};

use super::*;

#[tokio::test]
async fn preferences_round_trip_per_agent() {
    let shop = Shop::open().await;
    assert_eq!(shop.store.preference(shop.ann).await.unwrap(), Preference::default());
    let view = |name: &str, status, concierge| View {
        name: name.into(),
        arrangement: Arrangement { status, concierge, search: "boots".into(), by: Column::Time, reversed: true },
    };
    let liked = Preference {
        views: vec![view("Waiting", Some(Status::Unclaimed), None), view("Demo", None, Some(shop.concierge))],
        hidden: vec![Column::Team, Column::Browser],
        dense: true,
    };
    shop.store.keep_preference(shop.organization, shop.ann, liked.clone()).await.unwrap();
    assert_eq!(shop.store.preference(shop.ann).await.unwrap(), liked);
    assert_eq!(shop.store.preference(shop.bob).await.unwrap(), Preference::default());

    let fewer = Preference { views: vec![liked.views[1].clone()], ..Preference::default() };
    shop.store.keep_preference(shop.organization, shop.ann, fewer.clone()).await.unwrap();
    assert_eq!(shop.store.preference(shop.ann).await.unwrap(), fewer);

    // An unknown concierge leaves all preferences unchanged.
    let astray = Preference { views: vec![view("Astray", None, Some(ConciergeId(Uuid::now_v7())))], ..liked };
    let kept = shop.store.keep_preference(shop.organization, shop.ann, astray).await;
    assert_eq!(refusal(kept), Refusal::NotFound);
    assert_eq!(shop.store.preference(shop.ann).await.unwrap(), fewer);
}
