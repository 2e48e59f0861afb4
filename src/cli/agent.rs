//! `jumpin agent`: adds agents and sets passwords while the server is stopped.

use anyhow::{bail, ensure};
use clap::Subcommand;
use engine::{
    sessions::hash_password,
    store::{NewAgent, Store},
};
use protocol::{agent::Role, id::OrganizationId, language::Language};

use super::{
    credentials::{ask_password, checked_email},
    organization,
};
use crate::server::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add an agent. The first agent becomes the admin; this also creates the organization and its concierge `website`.
    Add {
        /// First and last name.
        #[arg(long)]
        name: String,
        /// E-mail address to sign in with.
        #[arg(long)]
        email: String,
        /// Role: agent, supervisor or admin [default: admin for the first agent, else agent]
        #[arg(long, value_parser = role)]
        role: Option<Role>,
        /// Maximum number of simultaneous chats.
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=50))]
        max_chats: u32,
        /// Organization: for the first agent, the name of the new one; later, required if there are several.
        #[arg(long)]
        organization: Option<String>,
        /// Site that may show the first concierge, such as `https://www.example.com`; repeatable; omit to allow every
        /// site.
        #[arg(long = "site")]
        sites: Vec<String>,
    },
    /// Set an agent's password. This ends all of the agent's sessions.
    Password {
        /// E-mail address of the agent.
        #[arg(long)]
        email: String,
    },
}

fn role(word: &str) -> Result<Role, String> {
    Role::from_word(word).ok_or_else(|| "expected agent, supervisor or admin".to_owned())
}

pub(super) async fn run(config: &Config, command: Command) -> anyhow::Result<()> {
    let store = super::open(config).await?;
    let done = execute(&store, command).await;
    store.close().await;
    println!("{}", done?);
    Ok(())
}

async fn execute(store: &Store, command: Command) -> anyhow::Result<String> {
    match command {
        Command::Add { name, email, role, max_chats, organization, sites } => {
            let email = checked_email(store, &email).await?;
            ensure!(!name.trim().is_empty(), "the name must not be empty");
            let there = select_organization(store, organization.as_deref()).await?;
            let password_hash = hash_password(&ask_password()?);
            let home = match there {
                Some(there) => there,
                None => {
                    let name = organization.as_deref().unwrap_or("My Company");
                    organization::ensure_organization(store, name, organization::default_key(), sites).await?.0
                }
            };
            let role = role.unwrap_or(if there.is_none() { Role::Admin } else { Role::Agent });
            let agent = NewAgent {
                organization: home,
                name: name.trim().into(),
                email: email.clone(),
                role,
                password_hash,
                max_chats,
                language: Language::En,
            };
            let agent = store.add_agent(agent).await?;
            if let Some(team) = store.first_team(home).await? {
                store.join_team(agent, team).await?;
            }
            Ok(format!("{email} can sign in as {}.", role.as_str()))
        }
        Command::Password { email } => {
            let email = email.trim().to_lowercase();
            ensure!(store.agent_by_email(&email).await?.is_some(), "no agent has the e-mail address {email}");
            let hash = hash_password(&ask_password()?);
            store.set_password(&email, &hash).await?;
            Ok(format!("The password of {email} was changed."))
        }
    }
}

/// Returns the organization to add to: the named one, or the only one; `None` if there is none yet.
async fn select_organization(store: &Store, said: Option<&str>) -> anyhow::Result<Option<OrganizationId>> {
    let there = store.organization_reports().await?;
    let names = || there.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ");
    match (said, there.as_slice()) {
        (_, []) => Ok(None),
        (None, [only]) => Ok(Some(only.id)),
        (None, _) => bail!("there are several organizations ({}): choose one with --organization", names()),
        (Some(said), _) => match there.iter().find(|one| one.name == said) {
            Some(one) => Ok(Some(one.id)),
            None => bail!("there is no organization {said}, only {}; to add one, run jumpin organization add", names()),
        },
    }
}
