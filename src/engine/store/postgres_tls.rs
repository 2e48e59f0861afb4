//! How connections to a PostgreSQL server are protected, and what operators are told if that fails.
//!
//! The certificate and the host name of a server on another machine are verified, unless the URL's `sslmode` says
//! otherwise. The environment variable `PGSSLMODE` cannot weaken this.

use std::{error::Error, io, net::IpAddr};

use rustls::{CertificateError, Error as TlsError};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use url::Url;

use super::database_url::InvalidAddress;

/// Parses a server's URL. Returns `None` if it is not a valid URL.
///
/// # Errors
/// Returns [`InvalidAddress::SslMode`] if the URL has an `sslmode` that does not exist.
pub(super) fn parse(url: &str) -> Result<Option<PgConnectOptions>, InvalidAddress> {
    let Ok(parsed) = Url::parse(url) else { return Ok(None) };
    let parameter = |names: &[&str]| {
        let mut pairs = parsed.query_pairs();
        pairs.find(|(name, _)| names.contains(&name.as_ref())).map(|(_, value)| value.into_owned())
    };
    let mode = parameter(&["sslmode", "ssl-mode"]);
    if let Some(mode) = mode.as_ref().filter(|mode| mode.parse::<PgSslMode>().is_err()) {
        return Err(InvalidAddress::SslMode(mode.chars().take(40).collect()));
    }
    let Ok(options) = url.parse::<PgConnectOptions>() else { return Ok(None) };
    // Neither the resolver nor a certificate accepts an IPv6 address in brackets.
    let host = options.get_host().trim_matches(['[', ']']).to_owned();
    let options = options.host(&host);
    Ok(Some(match (mode, options.get_ssl_mode()) {
        (None, _) if !is_local(&options) => options.ssl_mode(PgSslMode::VerifyFull),
        // As in libpq: naming a CA means that it must be checked.
        (Some(_), PgSslMode::Require) if parameter(&["sslrootcert", "ssl-root-cert", "ssl-ca"]).is_some() => {
            options.ssl_mode(PgSslMode::VerifyCa)
        }
        _ => options,
    }))
}

/// Returns whether the connection never leaves this machine.
pub(super) fn is_local(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    options.get_socket().is_some()
        || host.starts_with('/')
        || host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

/// Returns why TLS failed and what to do about it, in one sentence. Returns `None` if something else failed.
pub(super) fn explain(error: &sqlx::Error, options: &PgConnectOptions) -> Option<String> {
    match error {
        sqlx::Error::Tls(error) if error.to_string().contains("does not support TLS") => Some(
            "the server does not offer TLS; turn it on there (`ssl = on`), or add sslmode=disable to the database URL if \
             everyone on the network in between may read along"
                .to_owned(),
        ),
        sqlx::Error::Tls(error) => {
            Some(format!("TLS failed ({error}); check sslmode, sslrootcert, sslcert, and sslkey in the database URL"))
        }
        // Connections over a network do not open files.
        sqlx::Error::Io(error) if error.kind() == io::ErrorKind::NotFound && !is_local(options) => Some(format!(
            "a file that is named by sslrootcert, sslcert, or sslkey in the database URL cannot be read ({error})"
        )),
        sqlx::Error::Io(error) => match certificate_error(error)? {
            TlsError::InvalidCertificate(refused) => Some(explain_certificate(refused)),
            other => Some(format!("TLS failed ({other}); check sslmode in the database URL")),
        },
        _ => None,
    }
}

fn certificate_error(error: &io::Error) -> Option<&TlsError> {
    let error: &(dyn Error + 'static) = error.get_ref()?;
    error.downcast_ref()
}

fn explain_certificate(refused: &CertificateError) -> String {
    match refused {
        CertificateError::UnknownIssuer => "the server's certificate is not signed by a public CA; add \
            sslrootcert=FILE to the database URL, with the PEM file of the CA that signed it"
            .to_owned(),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "the server's certificate is for another host name; use that name in the database URL, or add \
             sslmode=verify-ca to check the CA only"
                .to_owned()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "the server's certificate has expired; renew it there".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "the server's certificate is not valid yet; check the clocks of both machines".to_owned()
        }
        // There is no variant for this.
        other if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            "the server's certificate is that of a CA, which \
            cannot identify a server; let the CA sign a certificate for the server, and add sslrootcert=FILE to the \
            database URL, with the PEM file of the CA"
                .to_owned()
        }
        other => format!(
            "the server's certificate cannot be verified ({}); add sslrootcert=FILE to the database URL if a CA of your \
             own has signed it",
            TlsError::InvalidCertificate(other.clone())
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> String {
        let options = parse(url).unwrap().unwrap();
        format!("{:?}", options.get_ssl_mode())
    }

    #[test]
    fn server_on_another_machine_is_verified_unless_the_url_says_otherwise() {
        for url in [
            "postgres://ann@db.test/chat",
            "postgresql://ann:secret@db.test:5433/chat",
            "postgres://ann@192.0.2.1/chat",
            "postgres://ann@[2001:db8::1]/chat",
            "postgres://ann@0.0.0.0/chat",
            "postgres://ann@localhost.db.test/chat",
            "postgres://ann@127.0.0.1.db.test/chat",
            "postgres://ann@db.test/chat?application_name=sslmode",
            "postgres://ann@db.test/chat?sslrootcert=/etc/ssl/ca.pem",
            "postgres:///chat?host=db.test&user=ann",
            "postgres://ann@localhost/chat?host=db.test",
            "postgres://ann@localhost/chat?hostaddr=192.0.2.1",
            "postgres://ann@db.test/chat?sslmode=verify-full",
            "postgres://ann@localhost/chat?sslmode=verify-full",
        ] {
            assert_eq!(mode(url), "VerifyFull", "{url}");
        }
        for (said, expected) in [
            ("disable", "Disable"),
            ("prefer", "Prefer"),
            ("require", "Require"),
            ("REQUIRE", "Require"),
            ("verify-ca", "VerifyCa"),
            ("require&sslrootcert=/etc/ssl/ca.pem", "VerifyCa"),
        ] {
            assert_eq!(mode(&format!("postgres://ann@db.test/chat?sslmode={said}")), expected, "{said}");
            assert_eq!(mode(&format!("postgres://ann@db.test/chat?ssl-mode={said}")), expected, "{said}");
        }
    }

    #[test]
    fn connection_that_stays_on_this_machine_needs_no_tls() {
        for url in [
            "postgres://ann@localhost/chat",
            "postgres://ann@LOCALHOST/chat",
            "postgres://ann@127.0.0.1:5433/chat",
            "postgres://ann@127.9.9.9/chat",
            "postgres://ann@[::1]/chat",
            "postgres://ann@[::ffff:127.0.0.1]/chat",
            "postgres://ann@%2Frun%2Fpostgresql/chat",
            "postgres:///chat?host=/run/postgresql&user=ann",
            "postgres://ann@db.test/chat?host=/run/postgresql",
        ] {
            // Regardless of PGSSLMODE; without it, PostgreSQL's default applies.
            assert!(is_local(&parse(url).unwrap().unwrap()), "{url}");
            assert_ne!(mode(url), "VerifyFull", "{url}");
        }
    }

    #[test]
    fn unknown_sslmode_is_an_error() {
        for wrong in ["verify_full", "on", "", "verify-full%20"] {
            let error = parse(&format!("postgres://ann:secret@db.test/chat?sslmode={wrong}")).unwrap_err();
            assert!(matches!(error, InvalidAddress::SslMode(_)), "{wrong}: {error}");
        }
        assert!(parse("postgres://ann@db.test:x/chat").unwrap().is_none());
    }
}
