//! `jumpin agent`: adds agents and sets passwords while the server is stopped.

use anyhow::{Context as _, bail, ensure};
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
    /// Add an agent. Adding the first agent, who becomes an admin, also creates the organization and its concierge
    /// `website`.
    Add {
        /// First and last name.
        #[arg(long)]
        name: String,
        /// Email address that the agent signs in with.
        #[arg(long)]
        email: String,
        /// Role: agent, supervisor, or admin [default: admin for the first agent, agent for all others]
        #[arg(long, value_parser = role)]
        role: Option<Role>,
        /// Maximum number of simultaneous chats.
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=50))]
        max_chats: u32,
        /// Organization that the agent belongs to; required if there is more than one. For the first agent, this is the
        /// name of the organization to create.
        #[arg(long)]
        organization: Option<String>,
        /// Site that is allowed to show the first concierge, such as `https://www.example.com`. Can be given multiple
        /// times; if omitted, any site is allowed.
        #[arg(long = "site")]
        sites: Vec<String>,
    },
    /// Set an agent's password. This signs the agent out everywhere.
    Password {
        /// The agent's email address.
        #[arg(long)]
        email: String,
    },
}

fn role(word: &str) -> Result<Role, String> {
    Role::from_word(word).ok_or_else(|| "expected agent, supervisor, or admin".to_owned())
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
            let known = match there {
                Some(there) => store.organization_name(there).await?,
                None => organization.clone().unwrap_or_default(),
            };
            let password_hash = hash_password(&ask_password(&[&name, email.as_str(), &known])?);
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
            let agent = store.agent_by_email(&email).await?;
            let agent = agent.with_context(|| format!("no agent has the email address {email}"))?;
            let (email, known) = (agent.email, store.organization_name(agent.organization).await?);
            let hash = hash_password(&ask_password(&[&agent.name, &email, &known])?);
            store.set_password(&email, &hash).await?;
            Ok(format!("The password for {email} was changed."))
        }
    }
}

/// Returns the organization to add the agent to, which is the named one or, by default, the only one. Returns `None` if
/// there are no organizations yet.
async fn select_organization(store: &Store, said: Option<&str>) -> anyhow::Result<Option<OrganizationId>> {
    let there = store.organization_reports().await?;
    let names = || there.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ");
    match (said, there.as_slice()) {
        (_, []) => Ok(None),
        (None, [only]) => Ok(Some(only.id)),
        (None, _) => bail!("there is more than one organization ({}); choose one with --organization", names()),
        (Some(said), _) => match there.iter().find(|one| one.name == said) {
            Some(one) => Ok(Some(one.id)),
            None => bail!("there is no organization {said}, only {}; to add one, run jumpin organization add", names()),
        },
    }
}
