//! What stands in the places of a statement: a whole number, a text or bytes, or none of them.

/// What stands in one place. A none has a type too, for PostgreSQL asks.
pub(in super::super) enum Value {
    Number(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

/// What can stand in a place of a statement.
pub(in super::super) trait Bind {
    /// None of this type.
    const NONE: Value;
    /// What is handed to the database.
    fn value(self) -> Value;
}

impl<T: Bind> Bind for Option<T> {
    const NONE: Value = T::NONE;

    fn value(self) -> Value {
        self.map_or(T::NONE, T::value)
    }
}

impl<T: Bind + Clone> Bind for &T {
    const NONE: Value = T::NONE;

    fn value(self) -> Value {
        self.clone().value()
    }
}

impl Bind for String {
    const NONE: Value = Value::Text(None);

    fn value(self) -> Value {
        Value::Text(Some(self))
    }
}

impl Bind for &str {
    const NONE: Value = Value::Text(None);

    fn value(self) -> Value {
        Value::Text(Some(self.to_owned()))
    }
}

impl Bind for Vec<u8> {
    const NONE: Value = Value::Bytes(None);

    fn value(self) -> Value {
        Value::Bytes(Some(self))
    }
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl Bind for $number {
            const NONE: Value = Value::Number(None);

            fn value(self) -> Value {
                Value::Number(Some(self.into()))
            }
        }
    )*};
}

numbers!(i64 u32 bool);
