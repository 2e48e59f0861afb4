//! `jumpin copy`: copies all data from one database into another, empty one, such as from SQLite to PostgreSQL or the
//! other way around.

use anyhow::Context;
use clap::Args;
use engine::store::{Address, Store};

use crate::server::config::Config;

/// The source and target databases.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Database to copy from: sqlite:FILE or postgres://user:password@host/database. The server must be stopped.
    #[arg(long, value_name = "URL")]
    from: String,
    /// Database to copy to, which must be empty.
    #[arg(long, value_name = "URL")]
    to: String,
}

pub(super) async fn run(config: &Config, options: Options) -> anyhow::Result<()> {
    let from: Address = options.from.parse().context("invalid --from")?;
    let to: Address = options.to.parse().context("invalid --to")?;
    let moved =
        Store::copy_tables(&from, &to).await.with_context(|| format!("nothing was copied from {from} to {to}"))?;
    println!("{to}: copied from {from}, which is unchanged; the row counts match");
    for one in moved.iter().filter(|one| one.rows > 0) {
        println!("{:>12}  {}", one.rows, one.table);
    }
    println!("Files sent in chats remain in {}.", config.data.join("files").display());
    println!("Now set `database-url` in Leptos.toml (or JUMPIN_DATABASE_URL) and start the server.");
    Ok(())
}
