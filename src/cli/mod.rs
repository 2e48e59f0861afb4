//! The command line: `serve` (the default), `demo`, `agent`, `organization`, `config`, `check`, `backup`, `restore`,
//! `copy`, `load-seed`.

mod agent;
mod backup;
mod backup_archive;
mod check;
mod credentials;
mod database_copy;
mod load_seed;
mod organization;
mod restore;

use std::{
    io::{IsTerminal, Write as _},
    net::SocketAddr,
    path::PathBuf,
};

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use engine::store::Store;
use tokio::{net::TcpListener, signal};
use tracing_subscriber::EnvFilter;

use crate::{
    demo,
    server::{
        self,
        config::{Config, EXAMPLE, LogFormat},
    },
};

/// Proactive live chat for your own website: see who is browsing and start a conversation.
#[derive(Debug, Parser)]
#[command(
    name = "jumpin",
    version,
    after_help = "\
GETTING STARTED
  jumpin demo                                      try it on this machine with a shop, visitors, and a dashboard
  jumpin agent add --name \"Ann Archer\" --email ann@example.com
                                                   add the first agent, the organization, and its concierge
  jumpin                                           start the server
  jumpin backup chat.tar                           back up all data to one file while the server runs

SETTINGS
  Settings are read from Leptos.toml in the current directory, if it exists, or from the file given with --config. For a
  complete file, run `jumpin config`. Environment variables take precedence:
  JUMPIN_LISTEN        address to listen on        127.0.0.1:3000
  JUMPIN_PUBLIC_URL    URL for browsers            https://chat.example.com
  JUMPIN_DATA          data directory              data
  JUMPIN_DATABASE_URL  database                    sqlite:data/jumpin.db or postgres://user@host/database
  JUMPIN_MAIL_URL      mail server                 smtp://user:password@mail.example.com:587
  JUMPIN_MAIL_FROM     sender of emails            Jump-In <chat@example.com>
  JUMPIN_METRICS       address of /metrics         127.0.0.1:9464
  JUMPIN_LOG           log format                  text or json
  RUST_LOG             log level                   info"
)]
struct Cli {
    /// Settings file [default: Leptos.toml, if it exists]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Database: sqlite:FILE or postgres://user:password@host/database. If the URL contains a password, prefer
    /// JUMPIN_DATABASE_URL, because command lines are visible in process lists.
    #[arg(long, global = true, value_name = "URL")]
    database: Option<String>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the server for the dashboard and the concierges (the default command).
    Serve(ServeOptions),
    /// Try Jump-In on this machine, with a shop on a second address, simulated visitors, and agents who can sign in.
    Demo(demo::Options),
    /// Add agents and set their passwords. The server must be stopped.
    #[command(subcommand)]
    Agent(agent::Command),
    /// Add organizations to host several companies on one server. The server must be stopped.
    #[command(subcommand)]
    Organization(organization::Command),
    /// Print a settings file with every setting and its default: `jumpin config > Leptos.toml`.
    Config,
    /// Check the settings and the database, and print a summary. The server must be stopped.
    Check,
    /// Write all data (the database and the files) to a single backup file. The server can keep running.
    Backup(ArchiveOptions),
    /// Restore a backup into an empty data directory.
    Restore(ArchiveOptions),
    /// Copy all data into another, empty database, such as from SQLite to PostgreSQL. The server must be stopped.
    Copy(database_copy::Options),
    /// Fill an empty data directory for a load test and print its agents for `jumpin-load --agents-file`.
    LoadSeed(load_seed::Options),
}

/// Arguments for `backup` and `restore`.
#[derive(Debug, Args)]
struct ArchiveOptions {
    /// Backup file. An existing file is never overwritten.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Data directory.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
}

/// Options that override the settings file and the environment.
#[derive(Debug, Default, Args)]
struct ServeOptions {
    /// Address to listen on.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Data directory.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
}

/// Runs the command given on the command line.
///
/// # Errors
/// Returns an error if the command fails. Its message is meant for the terminal.
pub async fn run() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let command = cli.command.unwrap_or_else(|| Command::Serve(ServeOptions::default()));
    // This command prints the defaults, so it must work even if the current settings are invalid.
    if matches!(command, Command::Config) {
        return print(EXAMPLE);
    }
    let mut config = Config::read(cli.config.as_deref())?;
    config.database_override = cli.database.map(|url| url.parse()).transpose().context("invalid --database")?;
    // The demo's terminal is for newcomers, so only warnings are shown there. A production server logs what it does.
    start_log(config.log, if matches!(command, Command::Demo(_)) { "warn" } else { "info" })?;
    match command {
        Command::Serve(options) => serve(config, options).await,
        Command::Demo(options) => demo::run(config, options, shutdown()).await,
        Command::Agent(command) => agent::run(&config, command).await,
        Command::Organization(command) => organization::run(&config, command).await,
        Command::Config => print(EXAMPLE),
        Command::Check => check::run(cli.config.as_deref(), &config).await,
        Command::Backup(ArchiveOptions { file, data }) => {
            data.into_iter().for_each(|data| config.set_data_dir(data));
            backup::run(&config, &file).await
        }
        Command::Restore(ArchiveOptions { file, data }) => {
            data.into_iter().for_each(|data| config.set_data_dir(data));
            restore::run(&config, &file).await
        }
        Command::Copy(options) => database_copy::run(&config, options).await,
        Command::LoadSeed(options) => load_seed::run(config, options).await,
    }
}

fn print(text: &str) -> anyhow::Result<()> {
    std::io::stdout().write_all(text.as_bytes()).context("failed to write to standard output")
}

async fn serve(mut config: Config, options: ServeOptions) -> anyhow::Result<()> {
    config.listen = options.listen.unwrap_or(config.listen);
    options.data.into_iter().for_each(|data| config.set_data_dir(data));
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {} (is it already in use?)", config.listen))?;
    server::run(config, listener, shutdown()).await
}

/// Opens the store for a command that needs exclusive access.
async fn open(config: &Config) -> anyhow::Result<Store> {
    tokio::fs::create_dir_all(&config.data)
        .await
        .with_context(|| format!("cannot create {}", config.data.display()))?;
    Ok(Store::open(&config.database()).await?)
}

fn start_log(format: LogFormat, unless_said: &str) -> anyhow::Result<()> {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(format!("{unless_said},sqlx=warn")));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).try_init(),
        LogFormat::Json => log.json().try_init(),
    }
    .map_err(|error| anyhow::anyhow!("failed to initialize logging: {error}"))
}

/// Resolves on Ctrl-C or SIGTERM.
async fn shutdown() {
    #[cfg(unix)]
    {
        let Ok(mut terminate) = signal::unix::signal(signal::unix::SignalKind::terminate()) else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    drop(signal::ctrl_c().await);
}
