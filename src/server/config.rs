//! The server's configuration, which is read from `Leptos.toml`, if it exists, and overridden by environment variables.
//! An unknown key is an error and never silently falls back to a default.

use std::{
    io::ErrorKind,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail};
use engine::{
    duration,
    settings::{
        DiskSettings, ExportLimits, FileRules, RequestRates, SearchLimits, SignInLimits, TabLimits, Timers,
        UploadLimits, VisitLimits, VisitorLimits,
    },
    store::Address,
};
use serde::Deserialize;

use super::{
    connection::ConnectionTimeouts,
    mail::{MailSettings, MailTable},
    trusted_proxies::ProxyNetwork,
};

/// The settings file that is read from the current directory if no other file is specified.
pub const DEFAULT_FILE: &str = "Leptos.toml";
/// A complete settings file that contains every setting with its default and a description.
pub const EXAMPLE: &str = include_str!("../../Leptos.toml");
/// Renamed settings, as pairs of old and new names. A file that uses an old name is rejected with an error that gives
/// the new name.
const RENAMED: [(&str, &str); 9] = [
    ("largest", "max-file-bytes"),
    ("again-after", "retry-delays"),
    ("reserved", "reservation"),
    ("offered", "offer"),
    ("batch", "board-batch"),
    ("chat-counts", "agent-load-window"),
    ("unclaimed-again", "unclaimed-reminder"),
    ("agent-silent", "agent-reconnecting"),
    ("agent-returned", "agent-reassign"),
];

/// The configuration of a server.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The URL that browsers use to reach the server, without a trailing slash. If `None`, it is `http://` followed by
    /// the listen address.
    pub public_url: Option<String>,
    /// The directory that contains the database and the files sent in chats.
    pub data: PathBuf,
    /// The database URL (`sqlite:FILE` or `postgres://…`). If `None`, the database is `jumpin.db` in [`Self::data`].
    pub database_url: Option<Address>,
    /// The database specified on the command line. It takes precedence over all other settings.
    pub database_override: Option<Address>,
    /// The free disk space below which visitors' writes are refused, in bytes.
    pub min_free_disk_bytes: u64,
    /// Proxies whose `X-Forwarded-For` or `Forwarded` header is trusted.
    pub trusted_proxies: Vec<ProxyNetwork>,
    /// The address that serves `/metrics` and nothing else. If `None`, metrics are not served.
    pub metrics: Option<SocketAddr>,
    /// The log format.
    pub log: LogFormat,
    /// Rate limits per client address.
    pub limits: LimitTable,
    /// Limits on connections and on the requests sent over them.
    pub connections: ConnectionTable,
    /// Limits on agents' requests.
    pub requests: RequestRates,
    /// Limits on open tabs.
    pub tabs: TabLimits,
    /// Limits on signing in.
    pub sign_in: SignInLimits,
    /// Limits on what visitors write.
    pub visitors: VisitorLimits,
    /// Limits on what is kept in memory about each visit.
    pub visits: VisitLimits,
    /// Limits on files sent in chats.
    pub file_rules: FileRules,
    /// Limits on concurrent uploads of these files.
    pub uploads: UploadLimits,
    /// Limits on exports.
    pub exports: ExportLimits,
    /// Limits on searches.
    pub searches: SearchLimits,
    /// The durations of all timers.
    pub timers: Timers,
    /// How email is sent. If `None`, no email is sent.
    pub mail: Option<MailSettings>,
}

/// The log format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Human-readable text.
    #[default]
    Text,
    /// One JSON object per line, for machines.
    Json,
}

/// The `[limits]` table: rate limits per client address (for IPv6, per /64 network). All visitors from one company may
/// share an address.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct LimitTable {
    /// How many sockets may be opened per minute.
    pub sockets_per_minute: u32,
    /// How many frames (the concierge's HTML) may be loaded per minute.
    pub frames_per_minute: u32,
}

impl Default for LimitTable {
    fn default() -> Self {
        Self { sockets_per_minute: 120, frames_per_minute: 120 }
    }
}

/// The `[connections]` table: limits on all kinds of connections, and on the requests sent over them.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ConnectionTable {
    /// The maximum number of open connections per address (IPv6: per /64). Connections from this machine and from
    /// trusted proxies are exempt.
    pub per_address: u32,
    /// The maximum number of open connections in total.
    pub total: u32,
    /// How long a connection may be open without anything being sent to the client, and how far a client may fall
    /// behind the minimum rate, in ms. Uploads have their own limits.
    #[serde(deserialize_with = "duration::milliseconds")]
    pub idle_timeout: u64,
    /// The minimum rate at which a client must read what is sent to it.
    pub least_bytes_per_second: u64,
    /// How long it may take to read a request and start its response, in ms. Uploads have their own limits.
    #[serde(deserialize_with = "duration::milliseconds")]
    pub request_timeout: u64,
    /// How many forms with a picture may be read at the same time. Each takes up to 6 MiB. Other forms are limited to
    /// 64 KiB.
    pub large_forms: u32,
}

impl Default for ConnectionTable {
    fn default() -> Self {
        Self {
            per_address: 1_500,
            total: 50_000,
            idle_timeout: 60_000,
            least_bytes_per_second: 1_000,
            request_timeout: 30_000,
            large_forms: 8,
        }
    }
}

impl ConnectionTable {
    pub(super) fn timeouts(&self) -> ConnectionTimeouts {
        ConnectionTimeouts {
            idle: Duration::from_millis(self.idle_timeout),
            least_bytes_per_second: self.least_bytes_per_second,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    server: ServerTable,
    #[serde(default)]
    limits: LimitTable,
    #[serde(default)]
    connections: ConnectionTable,
    #[serde(default)]
    requests: RequestRates,
    #[serde(default)]
    tabs: TabLimits,
    #[serde(default, rename = "sign-in")]
    sign_in: SignInLimits,
    #[serde(default)]
    visitors: VisitorLimits,
    #[serde(default)]
    visits: VisitLimits,
    #[serde(default)]
    files: FileRules,
    #[serde(default)]
    uploads: UploadLimits,
    #[serde(default)]
    exports: ExportLimits,
    #[serde(default)]
    searches: SearchLimits,
    #[serde(default)]
    timers: Timers,
    #[serde(default)]
    mail: MailTable,
}

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct ServerTable {
    listen: SocketAddr,
    public_url: Option<String>,
    data: PathBuf,
    database_url: Option<String>,
    min_free_disk_bytes: u64,
    trusted_proxies: Vec<ProxyNetwork>,
    metrics: Option<SocketAddr>,
    log: LogFormat,
}

impl Default for ServerTable {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 3000)),
            public_url: None,
            data: "data".into(),
            database_url: None,
            min_free_disk_bytes: 250_000_000,
            trusted_proxies: Vec::new(),
            metrics: None,
            log: LogFormat::Text,
        }
    }
}

impl Config {
    /// Reads the settings file and the environment. Environment variables take precedence. If `file` is `None`,
    /// [`DEFAULT_FILE`] is read if it exists.
    ///
    /// # Errors
    ///
    /// Returns an error if a key or value is invalid, or if `file` does not exist or cannot be read. The error is a
    /// single sentence about the first problem found.
    pub fn read(file: Option<&Path>) -> anyhow::Result<Self> {
        let path = file.unwrap_or(Path::new(DEFAULT_FILE));
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound && file.is_none() => String::new(),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        Self::parse(&text, &|name| std::env::var(name).ok())
            .with_context(|| format!("invalid configuration in {}", path.display()))
    }

    /// Parses settings from the text of a settings file and from environment variables.
    ///
    /// # Errors
    ///
    /// Returns an error if a key or value is invalid. The error is a single sentence about the first problem found.
    pub fn parse(text: &str, environment: &dyn Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        let file: File = toml::from_str(text).map_err(|error| describe_toml_error(text, error))?;
        let File { server, limits, connections, requests, tabs, visits, sign_in, visitors, .. } = file;
        let File { files, uploads, exports, searches, timers, mut mail, .. } = file;
        let mut config = Self {
            listen: server.listen,
            public_url: server.public_url,
            data: server.data,
            database_url: None,
            database_override: None,
            min_free_disk_bytes: server.min_free_disk_bytes,
            trusted_proxies: server.trusted_proxies,
            metrics: server.metrics,
            log: server.log,
            limits,
            connections,
            requests,
            tabs,
            sign_in,
            visitors,
            visits,
            file_rules: files,
            uploads,
            exports,
            searches,
            timers,
            mail: None,
        };
        if let Some(listen) = environment("JUMPIN_LISTEN") {
            config.listen = listen.parse().with_context(|| {
                format!("JUMPIN_LISTEN: `{listen}` is not a valid address; use a format like 127.0.0.1:3000")
            })?;
        }
        if let Some(url) = environment("JUMPIN_PUBLIC_URL") {
            config.public_url = Some(url);
        }
        if let Some(data) = environment("JUMPIN_DATA") {
            config.data = data.into();
        }
        let database_url = environment("JUMPIN_DATABASE_URL").or(server.database_url);
        config.database_url = database_url.map(|url| url.parse()).transpose().context("invalid database-url")?;
        if let Some(metrics) = environment("JUMPIN_METRICS") {
            let address = metrics.parse().with_context(|| {
                format!("JUMPIN_METRICS: `{metrics}` is not a valid address; use a format like 127.0.0.1:9464")
            })?;
            config.metrics = Some(address);
        }
        match environment("JUMPIN_LOG").as_deref() {
            None => {}
            Some("text") => config.log = LogFormat::Text,
            Some("json") => config.log = LogFormat::Json,
            Some(other) => bail!("JUMPIN_LOG: `{other}` is neither `text` nor `json`"),
        }
        mail.url = environment("JUMPIN_MAIL_URL").or(mail.url);
        mail.from = environment("JUMPIN_MAIL_FROM").or(mail.from);
        config.mail = MailSettings::read(mail)?;
        config.public_url = config.public_url.as_deref().map(parse_origin).transpose()?;
        if config.metrics.is_some_and(|metrics| metrics.port() != 0 && metrics.port() == config.listen.port()) {
            bail!("metrics must not use the same port as listen, because metrics must not be public");
        }
        Ok(config)
    }

    /// Sets the data directory from the command line. It overrides a `database-url` that names a file, but not one that
    /// names a database server.
    pub fn set_data_dir(&mut self, folder: PathBuf) {
        self.data = folder;
        self.database_url.take_if(|url| url.file().is_some());
    }

    /// Returns the directory for files sent in chats. A backup includes everything under `files`.
    pub fn files(&self) -> PathBuf {
        self.data.join("files/sent")
    }

    /// Returns the directory for agents' avatars.
    pub fn avatars(&self) -> PathBuf {
        self.data.join("files/avatars")
    }

    /// Returns how much disk space must be free, and where. A database server monitors its own disk, which is not
    /// included.
    pub fn disk(&self) -> DiskSettings {
        let database = self.database();
        let beside = database.file().and_then(Path::parent).filter(|folder| *folder != self.data);
        let beside = beside.map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
        let folders = [self.data.as_path()].into_iter().chain(beside).map(Path::to_owned).collect();
        DiskSettings { folders, min_free_disk_bytes: self.min_free_disk_bytes }
    }

    /// Returns the database's address.
    pub fn database(&self) -> Address {
        let named = self.database_override.as_ref().or(self.database_url.as_ref());
        named.cloned().unwrap_or_else(|| Address::File(self.data.join("jumpin.db")))
    }
}

/// Normalizes the public URL to `scheme://host[:port]`.
fn parse_origin(url: &str) -> anyhow::Result<String> {
    let trimmed = url.trim_end_matches('/');
    let host = trimmed.strip_prefix("https://").or_else(|| trimmed.strip_prefix("http://"));
    match host {
        Some(host)
            if !host.is_empty()
                && host.bytes().all(|byte| byte.is_ascii_graphic() && !b"/?#@;,'\"".contains(&byte)) =>
        {
            Ok(trimmed.to_ascii_lowercase())
        }
        _ => bail!("public-url: `{url}` is not a valid origin; use a format like https://chat.example.com"),
    }
}

fn describe_toml_error(text: &str, mut error: toml::de::Error) -> anyhow::Error {
    let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
    let message = error.message().replace('\n', " ");
    let old_name = message.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
    if let Some((old, new)) = RENAMED.iter().find(|(old, _)| Some(*old) == old_name) {
        return anyhow::anyhow!("line {line}: `{old}` was renamed to `{new}`");
    }
    // Without its input, the error's text ends with the path to the key.
    error.set_input(None);
    let whole = error.to_string();
    let key = whole.lines().last().and_then(|last| last.strip_prefix("in `")?.strip_suffix('`'));
    anyhow::anyhow!("line {line}: {}{message}", key.map(|key| format!("{key}: ")).unwrap_or_default())
}

#[cfg(test)]
mod tests;
