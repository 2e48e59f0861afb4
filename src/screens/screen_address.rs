//! Parses a screen's address into path segments and query parameters.

/// A path and its query parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    path: String,
    params: Vec<(String, String)>,
}

impl Address {
    /// Parses `/path?name=value&…`. Invalid percent-encoding is left as is.
    pub fn parse(address: &str) -> Self {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let params = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        });
        Self { path: path.to_owned(), params: params.collect() }
    }

    /// Builds an address from a path and parameters. Parameters with empty values are omitted.
    pub fn with_params(path: &str, params: &[(&str, &str)]) -> String {
        let pairs = params.iter().filter(|(_, value)| !value.is_empty());
        let query: Vec<String> = pairs.map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
    }

    /// Returns the path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the path's non-empty segments.
    pub fn segments(&self) -> Vec<&str> {
        self.path.split('/').filter(|piece| !piece.is_empty()).collect()
    }

    /// Returns a parameter's value, or an empty string if it is missing.
    pub fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// Returns whether a parameter is present, with or without a value.
    pub fn has(&self, name: &str) -> bool {
        self.params.iter().any(|(known, _)| known == name)
    }

    /// Returns the same address with one parameter replaced. Parameters with empty values are omitted.
    pub fn with(&self, name: &str, value: &str) -> String {
        let others = self.params.iter().filter(|(known, value)| known != name && !value.is_empty());
        let pairs = others.map(|(name, value)| (name.as_str(), value.as_str())).chain([(name, value)]);
        let query: Vec<String> = pairs.map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        format!("{}?{}", self.path, query.join("&"))
    }
}

/// Percent-encodes a value for use in a query string.
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}

/// Decodes a percent-encoded value, treating `+` as a space. Invalid encoding is left as is.
pub fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => match after.get(..2).and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok()) {
                Some(decoded) => {
                    bytes.push(decoded);
                    rest = &after[2..];
                }
                None => bytes.push(b'%'),
            },
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_round_trips() {
        let address = Address::parse("/history?text=two+words%21&page=&tag=a%26b");
        assert_eq!(address.segments(), ["history"]);
        assert_eq!((address.param("text"), address.param("tag"), address.param("none")), ("two words!", "a&b", ""));
        assert!(address.has("page") && !address.has("pages"));
        assert_eq!(address.with("page", "2"), "/history?text=two%20words%21&tag=a%26b&page=2");
    }

    #[test]
    fn invalid_percent_encoding_is_kept() {
        for (sent, read) in [("%", "%"), ("%zz", "%zz"), ("%2", "%2"), ("a%", "a%"), ("%ff", "\u{fffd}"), ("%é", "%é")]
        {
            assert_eq!(Address::parse(&format!("/a?b={sent}")).param("b"), read, "{sent}");
        }
        assert_eq!(Address::parse("//a///b/").segments(), ["a", "b"]);
    }
}
