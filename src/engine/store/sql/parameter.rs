//! Statement parameters: integers, text, bytes, and typed nulls.

/// A parameter's value. Even a null has a type, because PostgreSQL requires one.
pub(in super::super) enum Value {
    Number(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

/// A type that can be bound to a parameter.
pub(in super::super) trait Bind {
    /// The null value of this type.
    const NONE: Value;
    /// Converts the value into a parameter's value.
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
