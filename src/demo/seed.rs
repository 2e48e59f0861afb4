//! The demo's initial data: one organization with teams, agents, and two concierges.

use anyhow::{Context, ensure};
use engine::{
    EmailAddress,
    files::Folder,
    sessions::hash_password,
    store::{Actor, ConciergeSettings, InvitationPolicy, NewAgent, NewConcierge, NewReply, Store},
};
use protocol::{
    agent::Role,
    canned_reply::Scope,
    concierge::{Look, Privacy, Side},
    id::{ConciergeKey, ReplyId},
    language::Language,
};

use uuid::Uuid;

use super::{
    attachments::{ANN, BEN, give_avatar},
    chat_script,
};
use crate::server::config::Config;

/// The password that all agents share.
pub(super) const PASSWORD: &str = "jump-in-demo";
/// The key of the concierge on the shop's pages.
pub(super) const SHOP: &str = "riverside-shop";
/// The key of the concierge on the help pages.
pub(super) const HELP: &str = "riverside-help";

/// A demo agent.
pub(super) struct Person {
    pub(super) name: &'static str,
    pub(super) email: &'static str,
    pub(super) role: Role,
    teams: &'static [&'static str],
    avatar: Option<&'static [u8]>,
}

/// The canned replies, shared by all agents.
const REPLIES: [(&str, &str); 4] = [
    ("hello", "Hi {visitor}, this is {agent} from {concierge}. How can I help?"),
    ("one moment", "One moment, please. I'm checking that for you."),
    ("return", "You can return it within 90 days, and we cover the shipping. Would you like me to send you a label?"),
    ("thanks", "Thank you, {visitor}! Have a great trip, and feel free to write to us anytime."),
];

/// The demo's agents.
pub(super) const PEOPLE: [Person; 3] = [
    Person {
        name: "Ann Archer",
        email: "ann@demo.test",
        role: Role::Supervisor,
        teams: &["Sales", "Support"],
        avatar: Some(ANN),
    },
    Person { name: "Ben Brooks", email: "ben@demo.test", role: Role::Agent, teams: &["Sales"], avatar: Some(BEN) },
    Person { name: "Cara Cruz", email: "cara@demo.test", role: Role::Admin, teams: &["Support"], avatar: None },
];

/// Fills an empty database. A database that already contains data must belong to this shop.
pub(super) async fn seed_database(config: &Config, shop: &str) -> anyhow::Result<()> {
    tokio::fs::create_dir_all(&config.data)
        .await
        .with_context(|| format!("cannot create {}", config.data.display()))?;
    let store = Store::open(&config.database()).await?;
    let sown = if store.is_empty().await? { fill(&store, config, shop).await } else { check_shop(&store, shop).await };
    store.close().await;
    sown.with_context(|| format!("cannot use the demo data in {}", config.data.display()))
}

async fn check_shop(store: &Store, shop: &str) -> anyhow::Result<()> {
    let there = store.concierge_by_key(&ConciergeKey(SHOP.into())).await?;
    ensure!(
        there.is_some_and(|concierge| concierge.settings.sites.iter().any(|site| site == shop)),
        "it belongs to a shop at a different address; choose another directory with --data, or delete this one"
    );
    Ok(())
}

async fn fill(store: &Store, config: &Config, shop: &str) -> anyhow::Result<()> {
    let organization = store.add_organization(chat_script::ORGANIZATION).await?;
    let sales = store.add_team(organization, "Sales").await?;
    let support = store.add_team(organization, "Support").await?;
    // Allow both of this machine's names because people use either one.
    let sites = vec![shop.to_owned(), shop.replacen("127.0.0.1", "localhost", 1)];
    let concierges = [
        (
            SHOP,
            "Shop",
            sales,
            "#1f6f54",
            "Riverside Outfitters",
            "Welcome to Riverside! Looking for something in particular?",
            "Hi, I'm {agent}. Can I help you find the right gear?",
        ),
        (
            HELP,
            "Help Center",
            support,
            "#2b5fb3",
            "Riverside Help",
            "Questions about an order, a return or a size? Ask away.",
            "Hi, this is {agent} from Support. Can I help you with anything?",
        ),
    ];
    for (key, name, team, color, title, greeting, invitation) in concierges {
        let settings = ConciergeSettings {
            name: name.into(),
            sites: sites.clone(),
            team: Some(team),
            look: Look {
                title: title.into(),
                greeting: greeting.into(),
                color: color.into(),
                side: Side::Right,
                language: Language::En,
            },
            privacy: Privacy::Full,
            invitation: invitation.into(),
            invitation_policy: InvitationPolicy {
                excluded_paths: vec!["/checkout/*".into()],
                ..InvitationPolicy::default()
            },
            ..ConciergeSettings::named(name, Language::En)
        };
        store.add_concierge(NewConcierge { organization, key: ConciergeKey(key.into()), settings }).await?;
    }
    let mut first = None;
    // All agents share one hash because hashing is slow by design and the password is public anyway.
    let password_hash = hash_password(PASSWORD);
    for person in PEOPLE {
        let agent = store
            .add_agent(NewAgent {
                organization,
                name: person.name.into(),
                email: EmailAddress::parse(person.email).ok().context("the email address is invalid")?,
                role: person.role,
                password_hash: password_hash.clone(),
                max_chats: 5,
                language: Language::En,
            })
            .await?;
        first = first.or(Some(agent));
        if let Some(avatar) = person.avatar {
            let by = Actor { organization, agent: Some(agent), name: person.name.into() };
            give_avatar(store, &config.avatars(), by, avatar, engine::clock::now()).await?;
        }
        for team in person.teams {
            store.join_team(agent, if *team == "Sales" { sales } else { support }).await?;
        }
    }
    if let Some(first) = first {
        let actor = Actor { organization, agent: Some(first), name: PEOPLE[0].name.into() };
        for (name, text) in REPLIES {
            let id = ReplyId(Uuid::now_v7());
            let reply = NewReply { id, scope: Scope::Everyone, name: name.into(), text: text.into(), is_new: true };
            store.put_reply(actor.clone(), first, reply, engine::clock::now()).await?;
        }
    }
    super::past_chats::write(store, &Folder::new(config.files()), organization, shop, engine::clock::now()).await
}
