//! What somebody signs in with, as it is asked for on the command line: an e-mail address and a password.

use std::io::{BufRead, IsTerminal};

use anyhow::{Context, bail, ensure};
use engine::store::Store;

/// The shortest password.
const PASSWORD_CHARS: usize = 10;

/// The e-mail as it is kept, when nobody has it.
pub(super) async fn checked_email(store: &Store, email: &str) -> anyhow::Result<String> {
    let email = email.trim().to_lowercase();
    ensure!(email.contains('@') && !email.contains(char::is_whitespace), "`{email}` is not an e-mail address");
    ensure!(store.agent_by_email(&email).await?.is_none(), "there is an agent {email} already");
    Ok(email)
}

/// From the terminal twice, or from a pipe once.
pub(super) fn ask_password() -> anyhow::Result<String> {
    let password = if std::io::stdin().is_terminal() {
        let once = rpassword::prompt_password("Password: ")?;
        if rpassword::prompt_password("Again:    ")? != once {
            bail!("the two are not the same");
        }
        once
    } else {
        std::io::stdin().lock().lines().next().context("no password came on standard input")??
    };
    ensure!(password.chars().count() >= PASSWORD_CHARS, "a password has at least {PASSWORD_CHARS} characters");
    ensure!(password.len() <= 1_024, "a password has at most 1024 bytes");
    Ok(password)
}
