//! `jumpin organization`: adds a separate company to the same server while the server is stopped. Organizations are
//! fully isolated from each other.

use anyhow::{Context, bail, ensure};
use clap::Subcommand;
use engine::{
    clock,
    sessions::hash_password,
    store::{Actor, ConciergeSettings, NewAgent, NewConcierge, OrganizationReport, Store},
};
use protocol::{
    agent::Role,
    id::{ConciergeKey, OrganizationId},
    language::Language,
    limits::NAME_CHARS,
};

use super::credentials::{ask_password, checked_email};
use crate::server::config::Config;

/// The default key of the first concierge.
const WEBSITE: &str = "website";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add an organization with an admin, a team, and a concierge. If the command is interrupted, run it again to
    /// finish.
    Add {
        /// Name of the organization.
        #[arg(long)]
        name: String,
        /// The admin's first and last name.
        #[arg(long)]
        admin_name: String,
        /// The admin's email address, which must be unique on this server.
        #[arg(long)]
        email: String,
        /// Concierge key used in the embed code [default: derived from the name]
        #[arg(long)]
        key: Option<String>,
        /// Site that is allowed to show the concierge, such as `https://www.example.com`. Can be given multiple times;
        /// if omitted, any site is allowed.
        #[arg(long = "site")]
        sites: Vec<String>,
    },
}

pub(super) async fn run(config: &Config, command: Command) -> anyhow::Result<()> {
    let store = super::open(config).await?;
    let done = execute(&store, command).await;
    store.close().await;
    println!("{}", done?);
    Ok(())
}

async fn execute(
    store: &Store,
    Command::Add { name, admin_name, email, key, sites }: Command,
) -> anyhow::Result<String> {
    let (name, email) = (name.trim(), checked_email(store, &email).await?);
    ensure!(!name.is_empty() && !admin_name.trim().is_empty(), "the name must not be empty");
    ensure!(name.chars().count() <= NAME_CHARS, "the name must have at most {NAME_CHARS} characters");
    let there = find_organization(store, name).await?;
    ensure!(there.as_ref().is_none_or(|there| there.agents == 0), "the organization {name} already exists");
    let key = free_key(store, name, key).await?;
    let password_hash = hash_password(&ask_password(&[&admin_name, email.as_str(), name])?);
    let (organization, key) = ensure_organization(store, name, key, sites).await?;
    let admin = NewAgent {
        organization,
        name: admin_name.trim().into(),
        email: email.clone(),
        role: Role::Admin,
        password_hash,
        max_chats: 5,
        language: Language::En,
    };
    let admin = store.add_agent(admin).await?;
    let team = store.first_team(organization).await?.context("the organization has no team")?;
    store.join_team(admin, team).await?;
    let shell = Actor { organization, agent: None, name: "command line".into() };
    store.note(shell, "organization.added", name.into(), format!("admin {email}"), clock::now()).await?;
    Ok(format!("{email} can sign in as an admin of {name}. Its concierge key is {}.", key.0))
}

/// Returns the organization with this name, if it exists.
pub(super) async fn find_organization(store: &Store, name: &str) -> anyhow::Result<Option<OrganizationReport>> {
    Ok(store.organization_reports().await?.into_iter().find(|there| there.name == name))
}

/// Returns the organization with this name and its concierge's key. Creates the organization, its team, and its
/// concierge unless an earlier, interrupted command has already created them.
pub(super) async fn ensure_organization(
    store: &Store,
    name: &str,
    key: ConciergeKey,
    sites: Vec<String>,
) -> anyhow::Result<(OrganizationId, ConciergeKey)> {
    let organization = match find_organization(store, name).await? {
        Some(there) => there.id,
        None => store.add_organization(name).await?,
    };
    let team = match store.first_team(organization).await? {
        Some(team) => team,
        None => store.add_team(organization, "Team").await?,
    };
    if let Some(there) = store.directory(organization).await?.concierges.into_iter().next() {
        return Ok((organization, there.key));
    }
    let settings = ConciergeSettings {
        name: "Website".into(),
        sites,
        team: Some(team),
        ..ConciergeSettings::named(name, Language::En)
    };
    let concierge = NewConcierge { organization, key: key.clone(), settings };
    store.add_concierge(concierge).await?;
    Ok((organization, key))
}

/// Returns the given key, or an unused key derived from the name.
async fn free_key(store: &Store, name: &str, said: Option<String>) -> anyhow::Result<ConciergeKey> {
    if let Some(said) = said {
        let key = ConciergeKey(said);
        ensure!(key.is_well_formed(), "a key can have up to 40 characters: a-z, 0-9, and -");
        ensure!(store.concierge_by_key(&key).await?.is_none(), "a concierge with the key {} already exists", key.0);
        return Ok(key);
    }
    let slug = slug(name);
    for number in 1..1_000 {
        let key = ConciergeKey(if number == 1 { slug.clone() } else { format!("{slug}-{number}") });
        if store.concierge_by_key(&key).await?.is_none() {
            return Ok(key);
        }
    }
    bail!("failed to derive a key from {name}; choose one with --key")
}

/// Returns a key made from the ASCII letters and digits in a name.
fn slug(name: &str) -> String {
    let kept = name.to_lowercase().replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
    let words: Vec<_> = kept.split('-').filter(|word| !word.is_empty()).collect();
    let slug: String = words.join("-").chars().take(32).collect();
    if slug.is_empty() { WEBSITE.into() } else { slug }
}

/// Returns the key of the concierge that is created with the first agent.
pub(super) fn default_key() -> ConciergeKey {
    ConciergeKey(WEBSITE.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slug_is_a_valid_key_for_any_name() {
        for (name, key) in [("Riverside Outfitters", "riverside-outfitters"), ("  A & B!", "a-b"), ("日本", "website")]
        {
            assert_eq!(slug(name), key);
            assert!(ConciergeKey(slug(name)).is_well_formed());
        }
        assert!(ConciergeKey(slug(&"x ".repeat(90))).is_well_formed());
    }
}
