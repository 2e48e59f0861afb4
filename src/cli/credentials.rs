//! Reads and checks email addresses and passwords on the command line, by the same rules as the screens.

use std::io::{BufRead, IsTerminal};

use anyhow::{Context, bail, ensure};
use engine::{EmailAddress, password, store::Store};

use crate::screens::i18n;

/// Returns the normalized email address, or an error if it is invalid or already in use.
pub(super) async fn checked_email(store: &Store, email: &str) -> anyhow::Result<EmailAddress> {
    let Ok(email) = EmailAddress::parse(email) else { bail!("`{email}` is not an email address") };
    let taken = store.agent_by_email(email.as_str()).await?.is_some();
    ensure!(!taken, "an agent with the email address {email} already exists");
    Ok(email)
}

/// Reads a new password. On a terminal, it asks for the password twice; from a pipe, it reads it once. `known` is what
/// others know about the account; see [`password::check`].
pub(super) fn ask_password(known: &[&str]) -> anyhow::Result<String> {
    let password = if std::io::stdin().is_terminal() {
        let once = rpassword::prompt_password("Password: ")?;
        if rpassword::prompt_password("Repeat:   ")? != once {
            bail!("the passwords do not match");
        }
        once
    } else {
        std::io::stdin().lock().lines().next().context("no password on standard input")??
    };
    if let Err(error) = password::check(&password, known) {
        bail!("the password is not accepted: {}", i18n::field_error(&error));
    }
    Ok(password)
}
