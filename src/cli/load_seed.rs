//! `jumpin load-seed`: fills an empty data directory for a load test. Not for production use: its agents can have more
//! chats than anyone could handle.

use std::{fmt::Write as _, path::PathBuf};

use anyhow::{Context, ensure};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use clap::Args;
use engine::{
    EmailAddress,
    sessions::hash_password,
    store::{ConciergeSettings, NewAgent, NewConcierge, Store},
};
use protocol::{agent::Role, concierge::Privacy, id::ConciergeKey, language::Language};

use crate::server::config::Config;

/// High enough that no agent ever reaches it in a load test.
const MAX_CHATS: u32 = 100_000;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Number of agents.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    agents: u32,
    /// Concierge key.
    #[arg(long, default_value = "load")]
    concierge: String,
    /// Data directory.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
}

/// Fills the database and prints the agents, with one email address and password per line.
pub(super) async fn run(mut config: Config, options: Options) -> anyhow::Result<()> {
    options.data.clone().into_iter().for_each(|data| config.set_data_dir(data));
    let store = super::open(&config).await?;
    let filled = fill(&store, &options).await;
    store.close().await;
    print!("{}", filled?);
    Ok(())
}

async fn fill(store: &Store, options: &Options) -> anyhow::Result<String> {
    ensure!(store.is_empty().await?, "an organization already exists; choose an empty directory with --data");
    let key = ConciergeKey(options.concierge.clone());
    ensure!(key.is_well_formed(), "a key can have up to 40 characters: a-z, 0-9, and -");
    let organization = store.add_organization("Load").await?;
    let team = store.add_team(organization, "Load").await?;
    // With full privacy settings, returning visitors are recognized, as with most concierges.
    let settings = ConciergeSettings {
        team: Some(team),
        privacy: Privacy::Full,
        ..ConciergeSettings::named("Load", Language::En)
    };
    store.add_concierge(NewConcierge { organization, key, settings }).await?;
    // All agents share one hash because hashing is slow by design. The password is random, so nobody knows it until it
    // is printed.
    let mut bytes = [0; 18];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("{error}")).context("failed to generate a password")?;
    let password = URL_SAFE_NO_PAD.encode(bytes);
    let password_hash = hash_password(&password);
    let mut lines = String::new();
    for number in 1..=options.agents {
        let email = format!("agent-{number}@load.test");
        let agent = NewAgent {
            organization,
            name: format!("Agent {number}"),
            email: EmailAddress::parse(&email).ok().context("the email address is invalid")?,
            role: Role::Agent,
            password_hash: password_hash.clone(),
            max_chats: MAX_CHATS,
            language: Language::En,
        };
        let agent = store.add_agent(agent).await?;
        store.join_team(agent, team).await?;
        writeln!(lines, "{email} {password}")?;
    }
    Ok(lines)
}
