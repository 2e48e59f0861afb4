//! The encoding of server function calls, which use postcard just like the socket's frames. That way, the browser needs
//! only one decoder for the `protocol` types. A JSON decoder would make up a tenth of everything it downloads.

use leptos::{
    server::codee::{Decoder, Encoder},
    server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType, codec::Post},
};
use protocol::codec;
use serde::{Serialize, de::DeserializeOwned};

/// The postcard encoding. Request and response bodies contain the raw bytes. In a page, Leptos embeds a resource's
/// bytes as base64.
pub struct PostcardEncoding;

/// A POST request with a [`PostcardEncoding`] body.
pub(super) type PostcardPost = Post<PostcardEncoding>;

/// The error for bytes that cannot be decoded, because the other side has a different version or a proxy responded.
const UNREADABLE: &str = "not encoded in this version's format";

impl ContentType for PostcardEncoding {
    const CONTENT_TYPE: &'static str = "application/octet-stream";
}

impl FormatType for PostcardEncoding {
    const FORMAT_TYPE: Format = Format::Binary;
}

impl<T: Serialize> Encodes<T> for PostcardEncoding {
    type Error = &'static str;

    fn encode(value: &T) -> Result<Bytes, Self::Error> {
        Ok(codec::encode(value).into())
    }
}

impl<T: DeserializeOwned> Decodes<T> for PostcardEncoding {
    type Error = &'static str;

    fn decode(bytes: Bytes) -> Result<T, Self::Error> {
        codec::decode(&bytes).map_err(|_| UNREADABLE)
    }
}

impl<T: Serialize> Encoder<T> for PostcardEncoding {
    type Error = &'static str;
    type Encoded = Vec<u8>;

    fn encode(value: &T) -> Result<Self::Encoded, Self::Error> {
        Ok(codec::encode(value))
    }
}

impl<T: DeserializeOwned> Decoder<T> for PostcardEncoding {
    type Error = &'static str;
    type Encoded = [u8];

    fn decode(bytes: &Self::Encoded) -> Result<T, Self::Error> {
        codec::decode(bytes).map_err(|_| UNREADABLE)
    }
}

#[cfg(test)]
mod tests {
    use leptos::server_fn::error::FromServerFnError;
    use protocol::refusal::Refusal;

    use super::*;
    use crate::dashboard::api::ApiError;

    #[test]
    fn a_refusal_arrives_as_it_was_sent() {
        let error = ApiError { refusal: Refusal::TooLong { limit: 4_000 }, request_id: "r-1".into() };
        assert_eq!(ApiError::de(error.ser()), error);
        let resource: Result<u64, ApiError> = Err(error);
        let bytes = <PostcardEncoding as Encoder<_>>::encode(&resource).unwrap();
        assert_eq!(<PostcardEncoding as Decoder<_>>::decode(&bytes), Ok(resource));
    }

    #[test]
    fn unreadable_response_becomes_an_unexpected_error() {
        for said in ["", "<html>502 Bad Gateway</html>", "{\"error\":{\"code\":\"timeout\"}}"] {
            assert_eq!(ApiError::de(Bytes::from(said)).refusal, Refusal::Unexpected, "{said}");
        }
    }
}
