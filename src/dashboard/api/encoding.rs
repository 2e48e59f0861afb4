//! How questions and answers travel: packed like the frames of the socket. So the browser carries one reader of what
//! `protocol` says, and not a second one for JSON: a tenth of all that it loads.

use leptos::{
    server::codee::{Decoder, Encoder},
    server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType, codec::Post},
};
use protocol::codec;
use serde::{Serialize, de::DeserializeOwned};

/// Packed: in the body of a request or an answer as it is, in a page (a resource) in base64, as Leptos writes bytes there.
pub struct PostcardEncoding;

/// Packed, in the body of a POST.
pub(super) type PostcardPost = Post<PostcardEncoding>;

/// The other side is of another version, or somebody between the two has answered.
const UNREADABLE: &str = "not packed as this version does";

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
