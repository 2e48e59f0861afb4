//! The `[mail]` settings, which specify the mail server and the sender. The password never appears in an error or in
//! the log.

use std::{
    fmt, fs,
    net::IpAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use engine::{duration::DurationSetting, settings::EmailLimits};
use lettre::{
    AsyncSmtpTransport, Tokio1Executor,
    message::Mailbox,
    transport::smtp::{
        AsyncSmtpTransportBuilder,
        client::{Certificate, Tls, TlsParameters},
    },
};
use serde::Deserialize;

/// The `[mail]` table of the settings file.
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::server) struct MailTable {
    pub(in crate::server) url: Option<String>,
    pub(in crate::server) from: Option<String>,
    ca_file: Option<PathBuf>,
    retry_delays: Vec<DurationSetting>,
    per_hour: u32,
    per_day: u32,
    per_recipient_and_hour: u32,
    per_recipient_and_day: u32,
}

impl Default for MailTable {
    fn default() -> Self {
        let retry_delays = [15_000, 120_000, 900_000].map(|milliseconds| DurationSetting { milliseconds }).into();
        let EmailLimits { per_hour, per_day, per_recipient_and_hour, per_recipient_and_day } = EmailLimits::default();
        Self {
            url: None,
            from: None,
            ca_file: None,
            retry_delays,
            per_hour,
            per_day,
            per_recipient_and_hour,
            per_recipient_and_day,
        }
    }
}

// Implemented by hand because the table contains a password.
impl fmt::Debug for MailTable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("MailTable").field("from", &self.from).finish_non_exhaustive()
    }
}

/// Validated settings for sending email.
#[derive(Clone)]
pub struct MailSettings {
    url: String,
    from: Mailbox,
    /// Certificate authorities that are trusted for the mail server, in addition to the public ones.
    authorities: Option<Certificate>,
    retry_delays: Vec<Duration>,
    limits: EmailLimits,
}

// Implemented by hand because the settings contain a password.
impl fmt::Debug for MailSettings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("MailSettings").field("from", &self.from).finish_non_exhaustive()
    }
}

impl MailSettings {
    /// Validates the `[mail]` table. Returns `None` if email is not configured.
    ///
    /// # Errors
    ///
    /// Returns an error if a setting is missing or invalid. The error is a single sentence that never contains the URL.
    pub(in crate::server) fn read(table: MailTable) -> anyhow::Result<Option<Self>> {
        let MailTable { url, from, ca_file, retry_delays, .. } = table;
        let MailTable { per_hour, per_day, per_recipient_and_hour, per_recipient_and_day, .. } = table;
        let (url, from) = match (url, from) {
            (None, None) => return Ok(None),
            (Some(url), Some(from)) => (url, from),
            _ => bail!("mail: both `url` and `from` are required"),
        };
        let from = from.parse().with_context(|| {
            format!("mail: `{from}` is not a valid sender; use a format like Jump-In <chat@example.com>")
        })?;
        let settings = Self {
            url: require_tls(&url)?,
            from,
            authorities: ca_file.as_deref().map(load_ca_certificate).transpose()?,
            limits: EmailLimits { per_hour, per_day, per_recipient_and_hour, per_recipient_and_day },
            retry_delays: retry_delays.into_iter().map(|delay| Duration::from_millis(delay.milliseconds)).collect(),
        };
        settings.transport()?;
        Ok(Some(settings))
    }

    /// Returns the sender.
    pub(crate) fn from(&self) -> &Mailbox {
        &self.from
    }

    /// Returns how many emails agents may trigger.
    pub(crate) fn limits(&self) -> &EmailLimits {
        &self.limits
    }

    /// Returns the delays before each retry.
    pub(super) fn retry_delays(&self) -> &[Duration] {
        &self.retry_delays
    }

    /// Returns the connection settings for the mail server.
    pub(super) fn transport(&self) -> anyhow::Result<AsyncSmtpTransportBuilder> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&self.url).map_err(|_| invalid_url())?;
        let Some(authorities) = &self.authorities else { return Ok(transport) };
        let host = host_of(&self.url).to_owned();
        let tls = TlsParameters::builder(host)
            .add_root_certificate(authorities.clone())
            .build()
            .map_err(|_| invalid_url())?;
        let is_private_at_once = self.url.starts_with("smtps");
        Ok(transport.tls(if is_private_at_once { Tls::Wrapper(tls) } else { Tls::Required(tls) }))
    }
}

fn load_ca_certificate(file: &Path) -> anyhow::Result<Certificate> {
    let pem = fs::read(file).with_context(|| format!("mail: cannot read ca-file {}", file.display()))?;
    // If the file contained no certificates, no server would be trusted, and no one would notice until the first email.
    ensure!(
        pem.windows(11).any(|word| word == b"-----BEGIN "),
        "mail: ca-file {} contains no certificate",
        file.display()
    );
    Certificate::from_pem(&pem).with_context(|| format!("mail: ca-file {} contains no certificate", file.display()))
}

/// Makes the URL require STARTTLS, unless the connection uses TLS from the first byte or never leaves this machine.
fn require_tls(url: &str) -> anyhow::Result<String> {
    let (scheme, rest) = url.split_once("://").ok_or_else(invalid_url)?;
    ensure!(!rest.contains(['/', '?', '#']) && !rest.contains(char::is_whitespace), invalid_url());
    let host = host_of(url);
    match scheme {
        "smtps" => Ok(url.to_owned()),
        "smtp" if is_loopback(host) => Ok(url.to_owned()),
        "smtp" => Ok(format!("{url}?tls=required")),
        _ => Err(invalid_url()),
    }
}

/// Returns the URL's host, without the credentials or the port.
fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split_once('?').map_or(rest, |(before, _)| before);
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    host.rsplit_once(':').map_or(host, |(name, _)| name)
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn invalid_url() -> anyhow::Error {
    anyhow::anyhow!(
        "mail: `url` is not valid; use a format like smtp://user:password@mail.example.com:587 (with @ written as %40)"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str, from: &str) -> anyhow::Result<Option<MailSettings>> {
        MailSettings::read(MailTable { url: Some(url.into()), from: Some(from.into()), ..MailTable::default() })
    }

    #[test]
    fn remote_mail_server_requires_tls() {
        let url = |url: &str| read(url, "chat@example.com").unwrap().unwrap().url;
        assert_eq!(url("smtp://ann%40a.test:x@mail.test:587"), "smtp://ann%40a.test:x@mail.test:587?tls=required");
        assert_eq!(url("smtps://mail.test"), "smtps://mail.test");
        assert_eq!(url("smtp://localhost:25"), "smtp://localhost:25");
        assert_eq!(url("smtp://127.0.0.1:25"), "smtp://127.0.0.1:25");
        assert!(url("smtp://localhost.evil.test").ends_with("?tls=required"));
        assert!(url("smtp://127.0.0.1:x@mail.test:587").ends_with("?tls=required"));
    }

    #[test]
    fn invalid_mail_url_error_hides_password() {
        for url in [
            "mail.test",
            "http://ann:secret@mail.test",
            "smtp://ann:secret@mail.test?tls=opportunistic",
            "smtp://ann:secret@mail.test/x",
            "smtp://ann:secret@",
            "smtp://ann:secret@mail.test:many",
        ] {
            let error = format!("{:#}", read(url, "chat@example.com").unwrap_err());
            assert!(error.contains("`url` is not") && !error.contains("secret"), "{url}: {error}");
        }
        let file = |name: &str| {
            let ca_file = Some(PathBuf::from(name));
            let url = Some("smtps://ann:secret@mail.test".into());
            let table = MailTable { url, from: Some("chat@example.com".into()), ca_file, ..MailTable::default() };
            MailSettings::read(table).unwrap_err().to_string()
        };
        assert_eq!(file("/nowhere.pem"), "mail: cannot read ca-file /nowhere.pem");
        assert_eq!(file("Cargo.toml"), "mail: ca-file Cargo.toml contains no certificate");
        let settings = read("smtp://ann:secret@mail.test", "Jump-In <chat@example.com>").unwrap().unwrap();
        assert!(!format!("{settings:?}").contains("secret"));
        assert!(read("smtp://mail.test", "nobody").unwrap_err().to_string().contains("`nobody`"));
        assert!(read("smtp://mail.test", "a@b.test\r\nBcc: x@y.test").is_err());
    }
}
