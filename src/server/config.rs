//! How the server is run: Leptos.toml, if there is one, then the environment. An unknown key is an error, never a silent default.

use std::{
    io::ErrorKind,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use engine::{
    settings::{FileRules, TabLimits, Timers},
    store::Address,
};
use serde::Deserialize;

use super::mail::{MailSettings, MailTable};

/// The file of settings when no other is named, in the current folder.
pub const DEFAULT_FILE: &str = "Leptos.toml";
/// A file with every setting, each with its default and what it is for.
pub const EXAMPLE: &str = include_str!("../../Leptos.toml");
/// Settings that had another name, and their name. A file with an old one is not read as if the setting were not there.
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

/// Everything that can be set.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the server listens.
    pub listen: SocketAddr,
    /// Where browsers find it, without a slash at the end; none: the address it listens on, by http.
    pub public_url: Option<String>,
    /// The folder of the database.
    pub data: PathBuf,
    /// The database itself, `sqlite:FILE` or `postgres://…`; none: `jumpin.db` in [`Self::data`].
    pub database_url: Option<Address>,
    /// The database said on the command line, which wins over everything that is said of the data elsewhere.
    pub database_override: Option<Address>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Where `/metrics` is served, and nothing else; none: nowhere.
    pub metrics: Option<SocketAddr>,
    /// How the log is written.
    pub log: LogFormat,
    /// The bounds per address.
    pub limits: LimitTable,
    /// How many tabs may be open at once.
    pub tabs: TabLimits,
    /// How large and how many files may be.
    pub file_rules: FileRules,
    /// The product's timers.
    pub timers: Timers,
    /// How letters leave; none: nothing is mailed.
    pub mail: Option<MailSettings>,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// A JSON object a line, for programs.
    Json,
}

/// `[limits]`: what one address (IPv6: one /64) may do in a minute. A company's visitors may share an address.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct LimitTable {
    /// Sockets opened.
    pub sockets_per_minute: u32,
    /// Frames (the concierge's HTML) loaded.
    pub frames_per_minute: u32,
}

impl Default for LimitTable {
    fn default() -> Self {
        Self { sockets_per_minute: 120, frames_per_minute: 120 }
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
    tabs: TabLimits,
    #[serde(default)]
    files: FileRules,
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
    trusted_proxies: Vec<IpAddr>,
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
            trusted_proxies: Vec::new(),
            metrics: None,
            log: LogFormat::Text,
        }
    }
}

impl Config {
    /// Reads the file and the environment, which wins. If no file is named, reads [`DEFAULT_FILE`] if it exists.
    ///
    /// # Errors
    /// One sentence on the first wrong key or value, or on a file that is not there.
    pub fn read(file: Option<&Path>) -> anyhow::Result<Self> {
        let path = file.unwrap_or(Path::new(DEFAULT_FILE));
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound && file.is_none() => String::new(),
            Err(error) => return Err(error).with_context(|| format!("{} cannot be read", path.display())),
        };
        Self::parse(&text, &|name| std::env::var(name).ok())
            .with_context(|| format!("the settings are wrong ({})", path.display()))
    }

    /// The settings in a text and an environment.
    ///
    /// # Errors
    /// One sentence on the first wrong key or value.
    pub fn parse(text: &str, environment: &dyn Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        let File { server, limits, tabs, files, timers, mut mail } =
            toml::from_str(text).map_err(|error| describe_toml_error(text, error))?;
        let mut config = Self {
            listen: server.listen,
            public_url: server.public_url,
            data: server.data,
            database_url: None,
            database_override: None,
            trusted_proxies: server.trusted_proxies,
            metrics: server.metrics,
            log: server.log,
            limits,
            tabs,
            file_rules: files,
            timers,
            mail: None,
        };
        if let Some(listen) = environment("JUMPIN_LISTEN") {
            config.listen = listen
                .parse()
                .with_context(|| format!("JUMPIN_LISTEN is `{listen}`, not an address such as 127.0.0.1:3000"))?;
        }
        if let Some(url) = environment("JUMPIN_PUBLIC_URL") {
            config.public_url = Some(url);
        }
        if let Some(data) = environment("JUMPIN_DATA") {
            config.data = data.into();
        }
        let database_url = environment("JUMPIN_DATABASE_URL").or(server.database_url);
        config.database_url = database_url.map(|url| url.parse()).transpose().context("database-url is wrong")?;
        if let Some(metrics) = environment("JUMPIN_METRICS") {
            let address = metrics
                .parse()
                .with_context(|| format!("JUMPIN_METRICS is `{metrics}`, not an address such as 127.0.0.1:9464"))?;
            config.metrics = Some(address);
        }
        match environment("JUMPIN_LOG").as_deref() {
            None => {}
            Some("text") => config.log = LogFormat::Text,
            Some("json") => config.log = LogFormat::Json,
            Some(other) => bail!("JUMPIN_LOG is `{other}`, neither `text` nor `json`"),
        }
        mail.url = environment("JUMPIN_MAIL_URL").or(mail.url);
        mail.from = environment("JUMPIN_MAIL_FROM").or(mail.from);
        config.mail = MailSettings::read(mail)?;
        config.public_url = config.public_url.as_deref().map(parse_origin).transpose()?;
        if config.metrics.is_some_and(|metrics| metrics.port() != 0 && metrics.port() == config.listen.port()) {
            bail!("metrics and listen have the same port; what is counted is not for the public");
        }
        Ok(config)
    }

    /// The folder said on the command line, which wins over what is said of the data elsewhere; a server's database is not in it.
    pub fn set_data_dir(&mut self, folder: PathBuf) {
        self.data = folder;
        self.database_url.take_if(|url| url.file().is_some());
    }

    /// The folder of what is sent in chats. What is in `files` is in a backup.
    pub fn files(&self) -> PathBuf {
        self.data.join("files/sent")
    }

    /// The folder of agents' avatars.
    pub fn avatars(&self) -> PathBuf {
        self.data.join("files/avatars")
    }

    /// Where the database is.
    pub fn database(&self) -> Address {
        let named = self.database_override.as_ref().or(self.database_url.as_ref());
        named.cloned().unwrap_or_else(|| Address::File(self.data.join("jumpin.db")))
    }
}

/// `scheme://host[:port]` of the public URL, or a sentence on what it is instead.
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
        _ => bail!("public-url is `{url}`, not an origin such as https://chat.example.com"),
    }
}

fn describe_toml_error(text: &str, mut error: toml::de::Error) -> anyhow::Error {
    let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
    let message = error.message().replace('\n', " ");
    let old_name = message.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
    if let Some((old, new)) = RENAMED.iter().find(|(old, _)| Some(*old) == old_name) {
        return anyhow::anyhow!("line {line}: `{old}` is called `{new}`");
    }
    // An error that does not have the file ends with the key that it is about.
    error.set_input(None);
    let whole = error.to_string();
    let key = whole.lines().last().and_then(|last| last.strip_prefix("in `")?.strip_suffix('`'));
    anyhow::anyhow!("line {line}: {}{message}", key.map(|key| format!("{key}: ")).unwrap_or_default())
}

#[cfg(test)]
mod tests;
