//! Decodes ids and enum words, which the database stores as text.

use std::str::FromStr;

use protocol::{agent::Role, language::Language};

use super::{Result, StoreError, sql::Row};

/// Reads an id from a column.
pub(super) fn id<T: FromStr>(row: &Row, column: &'static str) -> Result<T> {
    let text: &str = row.try_get(column)?;
    text.parse().map_err(|_| unreadable(column, text))
}

/// Reads an id from a nullable column.
pub(super) fn optional_id<T: FromStr>(row: &Row, column: &'static str) -> Result<Option<T>> {
    let text: Option<&str> = row.try_get(column)?;
    text.map(|text| text.parse().map_err(|_| unreadable(column, text))).transpose()
}

/// Returns the error for a value that this program never writes.
pub(super) fn unreadable(what: &str, found: &str) -> StoreError {
    StoreError::Unreadable(format!("{what}: {found:?}"))
}

/// Reads an agent's role.
pub(super) fn role(row: &Row) -> Result<Role> {
    let word: &str = row.try_get("role")?;
    Role::from_word(word).ok_or_else(|| unreadable("role", word))
}

/// Reads an agent's language.
pub(super) fn language(row: &Row) -> Result<Language> {
    Ok(Language::from_tag(row.try_get("language")?))
}
