//! `jumpin agent`: adding people and setting passwords, while the server is stopped.

use std::io::{BufRead, IsTerminal};

use anyhow::{Context, bail, ensure};
use clap::Subcommand;
use engine::{
    sessions::hash_password,
    store::{ConciergeSettings, NewAgent, NewConcierge, Store},
};
use protocol::{
    agent::Role,
    id::{ConciergeKey, OrganizationId},
    words::Language,
};

use crate::server::config::Config;

/// The shortest password.
const PASSWORD_CHARS: usize = 10;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a person. The first one is the admin, and makes the organization with a concierge `website`.
    Add {
        /// First and last name.
        #[arg(long)]
        name: String,
        /// What he signs in with.
        #[arg(long)]
        email: String,
        /// agent, supervisor or admin.
        #[arg(long, value_parser = role)]
        role: Option<Role>,
        /// How many chats at once.
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=50))]
        max_chats: u32,
        /// The organization's name, when this is the first agent.
        #[arg(long, default_value = "My Company")]
        organization: String,
        /// A site that may show the first concierge, such as `https://www.example.com`; may be said several times; none: every site.
        #[arg(long = "site")]
        sites: Vec<String>,
    },
    /// Set a person's password. All his sessions end.
    Password {
        /// What he signs in with.
        #[arg(long)]
        email: String,
    },
}

fn role(word: &str) -> Result<Role, String> {
    Role::from_word(word).ok_or_else(|| "agent, supervisor or admin".to_owned())
}

pub(super) async fn run(config: &Config, command: Command) -> anyhow::Result<()> {
    tokio::fs::create_dir_all(&config.data)
        .await
        .with_context(|| format!("{} cannot be made", config.data.display()))?;
    let store = Store::open(&config.database()).await?;
    let done = obey(&store, command).await;
    store.close().await;
    println!("{}", done?);
    Ok(())
}

async fn obey(store: &Store, command: Command) -> anyhow::Result<String> {
    match command {
        Command::Add { name, email, role, max_chats, organization, sites } => {
            let email = email.trim().to_lowercase();
            ensure!(!name.trim().is_empty(), "the name is empty");
            ensure!(email.contains('@') && !email.contains(char::is_whitespace), "`{email}` is not an e-mail address");
            ensure!(store.agent_by_email(&email).await?.is_none(), "there is an agent {email} already");
            let password_hash = hash_password(&ask_password()?);
            let first = store.first_organization().await?;
            let home = match first {
                Some(there) => there,
                None => found(store, &organization, sites).await?,
            };
            let role = role.unwrap_or(if first.is_none() { Role::Admin } else { Role::Agent });
            let agent = NewAgent {
                organization: home,
                name: name.trim().into(),
                email: email.clone(),
                role,
                password_hash,
                max_chats,
            };
            let agent = store.add_agent(agent).await?;
            if let Some(team) = store.first_team(home).await? {
                store.join_team(agent, team).await?;
            }
            Ok(format!("{email} can sign in as {}.", role.as_str()))
        }
        Command::Password { email } => {
            let email = email.trim().to_lowercase();
            ensure!(store.agent_by_email(&email).await?.is_some(), "there is no agent {email}");
            let hash = hash_password(&ask_password()?);
            store.set_password(&email, &hash).await?;
            Ok(format!("The password of {email} is set."))
        }
    }
}

async fn found(store: &Store, name: &str, sites: Vec<String>) -> anyhow::Result<OrganizationId> {
    let organization = store.add_organization(name).await?;
    let team = store.add_team(organization, "Team").await?;
    store
        .add_concierge(NewConcierge {
            organization,
            key: ConciergeKey("website".into()),
            settings: ConciergeSettings {
                name: "Website".into(),
                sites,
                team: Some(team),
                ..ConciergeSettings::named(name, Language::En)
            },
        })
        .await?;
    Ok(organization)
}

/// From the terminal twice, or from a pipe once.
fn ask_password() -> anyhow::Result<String> {
    let password = if std::io::stdin().is_terminal() {
        let once = rpassword::prompt_password("Password: ")?;
        if rpassword::prompt_password("Again:    ")? != once {
            bail!("the two are not the same");
        }
        once
    } else {
        std::io::stdin().lock().lines().next().context("no password came on standard input")??
    };
    ensure!(password.chars().count() >= PASSWORD_CHARS, "a password has at least {PASSWORD_CHARS} characters");
    ensure!(password.len() <= 1_024, "a password has at most 1024 bytes");
    Ok(password)
}
