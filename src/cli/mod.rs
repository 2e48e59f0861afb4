//! The command line: `serve` (what it does when nothing is said), `demo`, `agent`, `organization`, `config`, `check`, `backup`,
//! `restore`, `database_copy`, `load-seed`.

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

/// Proactive live chat for your own website: see who is on it, and jump in.
#[derive(Debug, Parser)]
#[command(
    name = "jumpin",
    version,
    after_help = "\
FIRST STEPS
  jumpin demo                                      a shop, visitors and a dashboard to try, on this machine
  jumpin agent add --name \"Ann Archer\" --email ann@example.com
                                                   the first agent also makes the organization and its concierge
  jumpin                                           serve
  jumpin backup chat.tar                           everything that is kept, in one file, while the server runs

SETTINGS
  Leptos.toml in the current folder, if there is one, or --config (`jumpin config` prints one); the environment wins:
  JUMPIN_LISTEN        where to listen             127.0.0.1:3000
  JUMPIN_PUBLIC_URL    where browsers find it      https://chat.example.com
  JUMPIN_DATA          the folder of the database  data
  JUMPIN_DATABASE_URL  the database itself         sqlite:data/jumpin.db or postgres://user@host/database
  JUMPIN_MAIL_URL      by which mail server      smtp://user:password@mail.example.com:587
  JUMPIN_MAIL_FROM     who sends                 Jump-In <chat@example.com>
  JUMPIN_METRICS       where Prometheus finds it   127.0.0.1:9464
  JUMPIN_LOG           text or json; how much: RUST_LOG"
)]
struct Cli {
    /// The file of settings [default: Leptos.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The database itself: sqlite:FILE or postgres://user:password@host/database. A password may better stand in
    /// JUMPIN_DATABASE_URL, where no list of processes shows it.
    #[arg(long, global = true, value_name = "URL")]
    database: Option<String>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the dashboard and the concierges (what `jumpin` alone does).
    Serve(ServeOptions),
    /// A shop on a second address, visitors, and agents who can sign in. On this machine only.
    Demo(demo::Options),
    /// The people who chat.
    #[command(subcommand)]
    Agent(agent::Command),
    /// Several companies on one server.
    #[command(subcommand)]
    Organization(organization::Command),
    /// Print a file of settings: every setting with its default. `jumpin config > Leptos.toml`
    Config,
    /// Read the settings, look at the database and say what is in it. The server must be stopped.
    Check,
    /// Write everything that is kept into one file: the database and the files beside it. The server may run.
    Backup(ArchiveOptions),
    /// Put what a backup holds into an empty data folder.
    Restore(ArchiveOptions),
    /// Copy everything into another database that is empty: from SQLite to PostgreSQL, or back. The server must be stopped.
    Copy(database_copy::Options),
    /// Fill an empty data folder for a load test, and print its agents for `jumpin-load --agents-file`.
    LoadSeed(load_seed::Options),
}

/// A backup and where the data is.
#[derive(Debug, Args)]
struct ArchiveOptions {
    /// The backup; it is never written over.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The folder of the database.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
}

/// What wins over the file of settings and the environment.
#[derive(Debug, Default, Args)]
struct ServeOptions {
    /// Where to listen.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// The folder of the database.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
}

/// Does what the command line asks.
///
/// # Errors
/// With sentences for the person at the terminal.
pub async fn run() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let command = cli.command.unwrap_or_else(|| Command::Serve(ServeOptions::default()));
    // Whatever settings there are, wrong ones too, it prints those of the program.
    if matches!(command, Command::Config) {
        return print(EXAMPLE);
    }
    let mut config = Config::read(cli.config.as_deref())?;
    config.database_override = cli.database.map(|url| url.parse()).transpose().context("--database is wrong")?;
    // The demo's terminal is for the newcomer; what serves customers says what it does.
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
    std::io::stdout().write_all(text.as_bytes()).context("standard output cannot be written")
}

async fn serve(mut config: Config, options: ServeOptions) -> anyhow::Result<()> {
    config.listen = options.listen.unwrap_or(config.listen);
    options.data.into_iter().for_each(|data| config.set_data_dir(data));
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("{} cannot be listened on (is it in use?)", config.listen))?;
    server::run(config, listener, shutdown()).await
}

/// The store, for a command that is alone with it.
async fn open(config: &Config) -> anyhow::Result<Store> {
    tokio::fs::create_dir_all(&config.data)
        .await
        .with_context(|| format!("{} cannot be made", config.data.display()))?;
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
    .map_err(|error| anyhow::anyhow!("the log could not be started: {error}"))
}

/// Ctrl-C, or the word of whoever manages the process.
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
