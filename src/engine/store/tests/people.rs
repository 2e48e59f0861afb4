//! Tests for agents' accounts and their sessions.

use protocol::{
    concierge::{Privacy, Side},
    id::ConciergeKey,
    language::Language,
    refusal::Refusal,
};

use super::*;
use crate::{
    SignInLimits,
    sessions::{Sessions, hash_password},
};

#[tokio::test]
async fn organization_concierge_and_agents_round_trip() {
    let shop = Shop::open().await;
    let concierge = shop.store.concierge_by_key(&ConciergeKey("demo".into())).await.unwrap().unwrap();
    assert_eq!(concierge.settings.sites, ["https://shop.test", "http://127.0.0.1:4000"]);
    assert_eq!(
        (concierge.settings.look.side, concierge.settings.look.language, concierge.settings.privacy),
        (Side::Left, Language::De, Privacy::Full)
    );
    assert!(!concierge.paused);
    let directory = shop.store.directory(shop.organization).await.unwrap();
    assert_eq!(directory.organization_name, "Shop");
    assert_eq!(directory.agents.iter().map(|agent| agent.name.as_str()).collect::<Vec<_>>(), ["Ann Lee", "Bob Ray"]);
    assert_eq!(shop.store.agent_by_email("ANN@shop.test ").await.unwrap().unwrap().id, shop.ann);
    assert!(!shop.store.is_empty().await.unwrap());
    assert_eq!(shop.store.report().await.unwrap().agents, 2);
}

#[tokio::test]
async fn a_new_password_ends_every_session() {
    let shop = Shop::open().await;
    let session = [9; 32];
    shop.store.add_session(session, shop.ann, NOW, "Firefox").await.unwrap();
    assert_eq!(shop.store.session(session, NOW + 6 * MINUTE).await.unwrap().unwrap().agent, shop.ann);
    let mut ended = shop.store.ended_sessions();
    assert_eq!(shop.store.set_password("ann@shop.test", "other").await.unwrap(), shop.ann);
    assert_eq!(ended.recv().await.unwrap(), session);
    assert!(shop.store.session(session, NOW).await.unwrap().is_none());
    assert_eq!(refusal(shop.store.set_password("eve@shop.test", "other").await), Refusal::NotFound);
}

#[tokio::test]
async fn only_the_right_password_signs_in() {
    let shop = Shop::open().await;
    shop.store.set_password("ann@shop.test", &hash_password("open sesame")).await.unwrap();
    let sessions = Sessions::new(shop.store.clone(), SignInLimits::default());
    let home = std::net::IpAddr::from([127, 0, 0, 1]);
    let sign_in = async |email: &str, password: &str| sessions.sign_in(email, password, home, "Firefox", NOW).await;
    assert_eq!(sign_in("ann@shop.test", "sesame").await.unwrap_err(), Refusal::WrongCredentials);
    assert_eq!(sign_in("eve@shop.test", "nobody").await.unwrap_err(), Refusal::WrongCredentials);
    let (token, ann) = sign_in("Ann@shop.test", "open sesame").await.unwrap().into_session().unwrap();
    assert_eq!(sessions.principal(&token, NOW).await.unwrap().unwrap().agent, ann.agent);
    sessions.sign_out(&token).await;
    assert!(sessions.principal(&token, NOW).await.unwrap().is_none());
}

#[tokio::test]
async fn deactivated_agent_loses_sessions_and_cannot_sign_in() {
    let shop = Shop::open().await;
    shop.store.set_password("ann@shop.test", &hash_password("open sesame")).await.unwrap();
    let sessions = Sessions::new(shop.store.clone(), SignInLimits::default());
    let home = std::net::IpAddr::from([127, 0, 0, 1]);
    let sign_in = async || sessions.sign_in("ann@shop.test", "open sesame", home, "Firefox", NOW).await;
    let (token, ann) = sign_in().await.unwrap().into_session().unwrap();
    let mut ended = sessions.ended();
    assert_eq!(shop.store.set_active(" Ann@shop.test", false).await.unwrap(), shop.ann);
    assert_eq!(ended.recv().await.unwrap(), ann.session);
    assert!(sessions.principal(&token, NOW).await.unwrap().is_none());
    assert_eq!(sign_in().await.unwrap_err(), Refusal::WrongCredentials);
    shop.store.set_active("ann@shop.test", true).await.unwrap();
    assert!(sessions.principal(&token, NOW).await.unwrap().is_none(), "an ended session does not come back");
    assert!(sign_in().await.is_ok());
    assert_eq!(refusal(shop.store.set_active("eve@shop.test", false).await), Refusal::NotFound);
}

#[tokio::test]
async fn unreadable_store_signs_nobody_out() {
    let shop = Shop::open().await;
    shop.store.set_password("ann@shop.test", &hash_password("open sesame")).await.unwrap();
    let sessions = Sessions::new(shop.store.clone(), SignInLimits::default());
    let home = std::net::IpAddr::from([127, 0, 0, 1]);
    let entered = sessions.sign_in("ann@shop.test", "open sesame", home, "Firefox", NOW).await.unwrap();
    let (token, _) = entered.into_session().unwrap();
    shop.database.execute_sql("ALTER TABLE session RENAME TO session_elsewhere").await;
    assert_eq!(sessions.principal(&token, NOW).await.unwrap_err(), Refusal::Unexpected);
    assert!(sessions.principal("no token", NOW).await.unwrap().is_none());
    shop.database.execute_sql("ALTER TABLE session_elsewhere RENAME TO session").await;
    assert!(sessions.principal(&token, NOW).await.unwrap().is_some());
}
