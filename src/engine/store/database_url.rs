//! The address of a store: a SQLite file or a PostgreSQL database.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use sqlx::postgres::{PgConnectOptions, PgSslMode};

use super::postgres_tls;

/// The address of a store. `Display` and `Debug` omit the password.
#[derive(Clone)]
pub enum Address {
    /// A SQLite file.
    File(PathBuf),
    /// A database on a PostgreSQL server.
    Server(Box<PgConnectOptions>),
}

/// Why an address is invalid.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAddress {
    /// It is not an address at all. This contains only the scheme, because the rest may contain a password.
    #[error(
        "cannot parse an address starting with `{0}`; expected sqlite:data/jumpin.db or postgres://user@host/database"
    )]
    Unreadable(String),
    /// Its `sslmode` is not one that PostgreSQL knows.
    #[error("`{0}` is not an sslmode; use verify-full, verify-ca, require, prefer, or disable")]
    SslMode(String),
}

impl Address {
    /// Returns the file's path if the address is a file.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(file) => Some(file),
            Self::Server(_) => None,
        }
    }

    /// Describes how the connection to a server is protected. Returns `None` for a file, and for a server on this
    /// machine whose URL does not ask for TLS.
    pub fn tls(&self) -> Option<&'static str> {
        let Self::Server(server) = self else { return None };
        match server.get_ssl_mode() {
            PgSslMode::VerifyFull => Some("verify-full"),
            PgSslMode::VerifyCa => Some("verify-ca (the host name is not checked)"),
            PgSslMode::Require => Some("require (the server's certificate is not checked)"),
            _ if postgres_tls::is_local(server) => None,
            PgSslMode::Prefer => Some("prefer (encrypted only if the server offers it)"),
            PgSslMode::Allow | PgSslMode::Disable => Some("none"),
        }
    }
}

impl FromStr for Address {
    type Err = InvalidAddress;

    /// Parses `sqlite:FILE`, `sqlite://FILE`, a file path, or `postgres://user:password@host:port/database`. The
    /// certificate of a server on another machine is verified unless the URL contains an `sslmode`.
    fn from_str(url: &str) -> Result<Self, InvalidAddress> {
        let no_address = || InvalidAddress::Unreadable(url.split(':').next().unwrap_or_default().to_owned());
        let (scheme, rest) = url.split_once(':').unwrap_or(("sqlite", url));
        match scheme {
            "sqlite" => match rest.strip_prefix("//").unwrap_or(rest) {
                file if file.is_empty() || file.contains(['?', '#', '\0']) => Err(no_address()),
                file => Ok(Self::File(file.into())),
            },
            "postgres" | "postgresql" => {
                let options = postgres_tls::parse(url)?.ok_or_else(no_address)?;
                // Without a name, the server would pick a default database, which is never what anyone expects.
                options.get_database().filter(|name| !name.is_empty()).ok_or_else(no_address)?;
                Ok(Self::Server(Box::new(options)))
            }
            _ => Err(no_address()),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => file.display().fmt(to),
            Self::Server(server) => {
                let (host, port) = (server.get_host(), server.get_port());
                let (open, close) = if host.contains(':') { ("[", "]") } else { ("", "") };
                write!(to, "postgres://{open}{host}{close}:{port}/{}", server.get_database().unwrap_or_default())
            }
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{self}")
    }
}

impl PartialEq for Address {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::File(one), Self::File(other)) => one == other,
            (Self::Server(_), Self::Server(_)) => self.to_string() == other.to_string(),
            _ => false,
        }
    }
}

impl From<&Path> for Address {
    fn from(file: &Path) -> Self {
        Self::File(file.to_owned())
    }
}

impl From<&PathBuf> for Address {
    fn from(file: &PathBuf) -> Self {
        Self::File(file.clone())
    }
}

impl From<&Address> for Address {
    fn from(address: &Address) -> Self {
        address.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_is_a_file_or_a_server_and_hides_its_password() {
        let address = |url: &str| url.parse::<Address>();
        assert_eq!(address("sqlite:/srv/chat.db"), Ok(Address::File("/srv/chat.db".into())));
        assert_eq!(address("sqlite://chat.db"), Ok(Address::File("chat.db".into())));
        assert_eq!(address("data/chat.db"), Ok(Address::File("data/chat.db".into())));
        let server = address("postgres://ann:secret@db.test:5433/chat?sslmode=require").unwrap();
        assert_eq!(format!("{server} {server:?}"), "postgres://db.test:5433/chat postgres://db.test:5433/chat");
        for wrong in ["", "sqlite:", "sqlite:a?b", "mysql://ann:secret@db/chat", "postgres://ann:secret@db:x/chat"] {
            let error = address(wrong).unwrap_err().to_string();
            assert!(error.contains("postgres://") && !error.contains("secret"), "{error}");
        }
        assert!(address("postgres://ann:secret@db").is_err(), "the database name is required");
        let wrong = address("postgres://ann:secret@db.test/chat?sslmode=verify_full").unwrap_err().to_string();
        assert!(
            wrong.contains("`verify_full`") && wrong.contains("verify-full") && !wrong.contains("secret"),
            "{wrong}"
        );
        assert_eq!(
            address("postgres://ann@[2001:db8::1]/chat").unwrap().to_string(),
            "postgres://[2001:db8::1]:5432/chat"
        );
    }
}
