//! Rows and the conversion of their column values.

use sqlx::{
    Column as _, ColumnIndex, Row as _, TypeInfo as _,
    error::{BoxDynError, UnexpectedNullError},
    postgres::PgRow,
    sqlite::SqliteRow,
};

/// A row from either database.
pub(in super::super) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// A key that identifies a column: its name or index.
pub(in super::super) trait ColumnKey: ColumnIndex<SqliteRow> + ColumnIndex<PgRow> + Copy {}
impl<T: ColumnIndex<SqliteRow> + ColumnIndex<PgRow> + Copy> ColumnKey for T {}

/// A type that can be read from a column.
pub(in super::super) trait FromColumn<'r>: Sized {
    /// Reads the value, or `None` if the column is null.
    fn read_optional(row: &'r Row, column: impl ColumnKey) -> sqlx::Result<Option<Self>>;

    /// Reads the value. A null is an error.
    fn read(row: &'r Row, column: impl ColumnKey) -> sqlx::Result<Self> {
        Self::read_optional(row, column)?.ok_or_else(|| unreadable(column, UnexpectedNullError.into()))
    }
}

impl Row {
    /// Reads the value of a column.
    ///
    /// # Errors
    /// Returns an error if the column does not exist or its value has a different type.
    pub(in super::super) fn try_get<'r, T: FromColumn<'r>, C: ColumnKey>(&'r self, column: C) -> sqlx::Result<T> {
        T::read(self, column)
    }
}

impl<'r, T: FromColumn<'r>> FromColumn<'r> for Option<T> {
    fn read_optional(row: &'r Row, column: impl ColumnKey) -> sqlx::Result<Option<Self>> {
        T::read_optional(row, column).map(Some)
    }

    fn read(row: &'r Row, column: impl ColumnKey) -> sqlx::Result<Self> {
        T::read_optional(row, column)
    }
}

impl<'r> FromColumn<'r> for &'r str {
    fn read_optional(row: &'r Row, column: impl ColumnKey) -> sqlx::Result<Option<Self>> {
        match row {
            Row::Sqlite(row) => row.try_get(column),
            Row::Postgres(row) => row.try_get(column),
        }
    }
}

impl FromColumn<'_> for String {
    fn read_optional(row: &Row, column: impl ColumnKey) -> sqlx::Result<Option<Self>> {
        <&str>::read_optional(row, column).map(|text| text.map(str::to_owned))
    }
}

impl<'r> FromColumn<'r> for &'r [u8] {
    fn read_optional(row: &'r Row, column: impl ColumnKey) -> sqlx::Result<Option<Self>> {
        match row {
            Row::Sqlite(row) => row.try_get(column),
            Row::Postgres(row) => row.try_get(column),
        }
    }
}

impl FromColumn<'_> for Vec<u8> {
    fn read_optional(row: &Row, column: impl ColumnKey) -> sqlx::Result<Option<Self>> {
        <&[u8]>::read_optional(row, column).map(|bytes| bytes.map(<[u8]>::to_vec))
    }
}

impl FromColumn<'_> for i64 {
    fn read_optional(row: &Row, column: impl ColumnKey) -> sqlx::Result<Option<Self>> {
        match row {
            Row::Sqlite(row) => row.try_get(column),
            // PostgreSQL chooses the types of computed values.
            Row::Postgres(row) => match row.column(column.index(row)?).type_info().name() {
                "BOOL" => row.try_get::<Option<bool>, _>(column).map(|truth| truth.map(Self::from)),
                "INT4" => row.try_get::<Option<i32>, _>(column).map(|number| number.map(Self::from)),
                _ => row.try_get(column),
            },
        }
    }
}

impl FromColumn<'_> for bool {
    fn read_optional(row: &Row, column: impl ColumnKey) -> sqlx::Result<Option<Self>> {
        i64::read_optional(row, column).map(|number| number.map(|number| number != 0))
    }
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl FromColumn<'_> for $number {
            fn read_optional(row: &Row, column: impl ColumnKey) -> sqlx::Result<Option<Self>> {
                let number = i64::read_optional(row, column)?.map(Self::try_from).transpose();
                number.map_err(|error| unreadable(column, error.into()))
            }
        }
    )*};
}

numbers!(u32 u64);

fn unreadable(column: impl ColumnKey, source: BoxDynError) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: format!("{column:?}"), source }
}
