//! Reading what stands in a row: ids and words, which the database holds as text.

use std::str::FromStr;

use protocol::{agent::Role, language::Language};

use super::{Result, StoreError, sql::Row};

/// The id in a column.
pub(super) fn id<T: FromStr>(row: &Row, column: &'static str) -> Result<T> {
    let text: &str = row.try_get(column)?;
    text.parse().map_err(|_| unreadable(column, text))
}

/// The id in a column that may be empty.
pub(super) fn optional_id<T: FromStr>(row: &Row, column: &'static str) -> Result<Option<T>> {
    let text: Option<&str> = row.try_get(column)?;
    text.map(|text| text.parse().map_err(|_| unreadable(column, text))).transpose()
}

/// A word that this program has never written.
pub(super) fn unreadable(what: &str, found: &str) -> StoreError {
    StoreError::Unreadable(format!("{what}: {found:?}"))
}

/// The role of an agent.
pub(super) fn role(row: &Row) -> Result<Role> {
    let word: &str = row.try_get("role")?;
    Role::from_word(word).ok_or_else(|| unreadable("role", word))
}

/// The language that an agent reads.
pub(super) fn language(row: &Row) -> Result<Language> {
    Ok(Language::from_tag(row.try_get("language")?))
}
