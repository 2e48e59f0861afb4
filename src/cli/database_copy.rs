//! `jumpin copy`: everything that is kept, from one database into another that is empty: from SQLite to PostgreSQL, or back.

use anyhow::Context;
use clap::Args;
use engine::store::{Address, Store};

use crate::server::config::Config;

/// From where to where.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Where it is: sqlite:FILE or postgres://user:password@host/database. The server must be stopped.
    #[arg(long, value_name = "URL")]
    from: String,
    /// Where it is to be; nothing may be there.
    #[arg(long, value_name = "URL")]
    to: String,
}

pub(super) async fn run(config: &Config, options: Options) -> anyhow::Result<()> {
    let from: Address = options.from.parse().context("--from is wrong")?;
    let to: Address = options.to.parse().context("--to is wrong")?;
    let moved =
        Store::copy_tables(&from, &to).await.with_context(|| format!("nothing was copied from {from} to {to}"))?;
    println!("{to}: copied from {from}, which is as it was; counted on both sides");
    for one in moved.iter().filter(|one| one.rows > 0) {
        println!("{:>12}  {}", one.rows, one.table);
    }
    println!("The files that were sent stay where they are, in {}.", config.data.join("files").display());
    println!("Now say `database-url` in Leptos.toml, or JUMPIN_DATABASE_URL, and start the server.");
    Ok(())
}
