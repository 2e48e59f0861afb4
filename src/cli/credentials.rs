//! Reads and checks email addresses and passwords on the command line.

use std::io::{BufRead, IsTerminal};

use anyhow::{Context, bail, ensure};
use engine::store::Store;

/// The minimum length of a password, in characters.
const PASSWORD_CHARS: usize = 10;

/// Returns the normalized email address, or an error if it is invalid or already in use.
pub(super) async fn checked_email(store: &Store, email: &str) -> anyhow::Result<String> {
    let email = email.trim().to_lowercase();
    ensure!(email.contains('@') && !email.contains(char::is_whitespace), "`{email}` is not an email address");
    ensure!(store.agent_by_email(&email).await?.is_none(), "an agent with the email address {email} already exists");
    Ok(email)
}

/// Reads a password. Asks for it twice in a terminal, but reads it only once from a pipe.
pub(super) fn ask_password() -> anyhow::Result<String> {
    let password = if std::io::stdin().is_terminal() {
        let once = rpassword::prompt_password("Password: ")?;
        if rpassword::prompt_password("Repeat:   ")? != once {
            bail!("the passwords do not match");
        }
        once
    } else {
        std::io::stdin().lock().lines().next().context("no password on standard input")??
    };
    ensure!(password.chars().count() >= PASSWORD_CHARS, "the password must be at least {PASSWORD_CHARS} characters");
    ensure!(password.len() <= 1_024, "the password must be at most 1024 bytes");
    Ok(password)
}
