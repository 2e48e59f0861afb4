//! Classifies database errors by their SQLite and PostgreSQL error codes.

use sqlx::{
    error::DatabaseError,
    postgres::{PgDatabaseError, PgSeverity},
};

/// Returns whether the error means that the disk is full.
pub(in super::super) fn is_full(error: &sqlx::Error) -> bool {
    const SQLITE_FULL: &str = "13";
    const DISK_FULL: &str = "53100";
    has_code(error, &[SQLITE_FULL, DISK_FULL])
}

/// Returns whether the error means that the query was interrupted because it took too long.
pub(in super::super) fn is_interrupted(error: &sqlx::Error) -> bool {
    const SQLITE_INTERRUPT: &str = "9";
    const QUERY_CANCELED: &str = "57014";
    has_code(error, &[SQLITE_INTERRUPT, QUERY_CANCELED])
}

/// Returns whether the error means that the database is too damaged to be read.
pub(in super::super) fn is_corrupt(error: &sqlx::Error) -> bool {
    const SQLITE_CORRUPT: &str = "11";
    has_code(error, &[SQLITE_CORRUPT])
}

/// Returns whether the error means that the connection to the server was lost. In that case, the last statement may or
/// may not have been executed.
pub(in super::super) fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => error
            .try_downcast_ref::<PgDatabaseError>()
            .is_some_and(|error| matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic)),
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => true,
        _ => false,
    }
}

fn has_code(error: &sqlx::Error, codes: &[&str]) -> bool {
    error.as_database_error().and_then(DatabaseError::code).is_some_and(|code| codes.contains(&code.as_ref()))
}
