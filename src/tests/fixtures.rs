//! The fixtures that every test server starts with: one organization, its concierge on a shop's site, and four agents.

use std::sync::LazyLock;

use engine::{
    sessions::hash_password,
    store::{Address, ConciergeSettings, NewAgent, NewConcierge, Store},
};
use protocol::{agent::Role, concierge::Privacy, id::ConciergeKey, language::Language, page::Page};

pub(crate) const SHOP: &str = "https://shop.test";
pub(crate) const KEY: &str = "shop";
pub(crate) const PASSWORD: &str = "correct horse battery";
pub(crate) const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0";

/// Fills a missing or empty database. Each agent may have up to `max_chats` chats at the same time.
pub(crate) async fn create_fixtures(at: impl Into<Address>, max_chats: u32) {
    let store = Store::open(at).await.unwrap();
    let organization = store.add_organization("Acme").await.unwrap();
    let team = store.add_team(organization, "Sales").await.unwrap();
    let concierge = NewConcierge {
        organization,
        key: ConciergeKey(KEY.into()),
        settings: ConciergeSettings {
            name: "Shop".into(),
            sites: vec![SHOP.into()],
            team: Some(team),
            privacy: Privacy::Full,
            invitation: "Hi, I am {agent}.".into(),
            ..ConciergeSettings::named("Acme", Language::En)
        },
    };
    store.add_concierge(concierge).await.unwrap();
    let password_hash = fixture_password_hash().to_owned();
    for (who, name, role) in [
        ("ann", "Ann Archer", Role::Supervisor),
        ("ben", "Ben Brooks", Role::Agent),
        ("cara", "Cara Cruz", Role::Agent),
        ("dora", "Dora Diaz", Role::Admin),
    ] {
        let agent = NewAgent {
            organization,
            name: name.into(),
            email: format!("{who}@acme.test").parse().unwrap(),
            role,
            password_hash: password_hash.clone(),
            max_chats,
            language: Language::En,
        };
        let agent = store.add_agent(agent).await.unwrap();
        store.join_team(agent, team).await.unwrap();
    }
    store.close().await;
}

/// Returns the hash of [`PASSWORD`], which all agents share. It is computed only once because hashing takes about a
/// second.
pub(crate) fn fixture_password_hash() -> &'static str {
    static HASHED: LazyLock<String> = LazyLock::new(|| hash_password(PASSWORD));
    &HASHED
}

pub(crate) fn page(path: &str) -> Page {
    Page { url: format!("{SHOP}{path}"), title: format!("Page {path}") }
}
