//! The dashboard's HTTP requests for signing in and calling server functions. Uses a single keep-alive connection, as a
//! browser does, and understands only the responses of our own server.

use std::{io, net::IpAddr};

use protocol::{codec, refusal::Refusal};
use serde::{Serialize, de::DeserializeOwned};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use crate::connection::dial;

/// The maximum size of a response body, in bytes.
const LONGEST: usize = 1024 * 1024;

/// The reason a request failed.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The server refused the operation.
    #[error("the server refused the request: {0:?}")]
    Refused(Refusal),
    /// The server sent an unexpected response with the given HTTP status.
    #[error("the server sent an unexpected response with HTTP status {0}")]
    Answered(u16),
    /// The network or server failed, or the response was malformed.
    #[error("the connection failed: {0}")]
    Broken(#[from] io::Error),
}

/// An agent's HTTP client.
pub(crate) struct Http {
    /// `host:port`.
    authority: String,
    from: Option<IpAddr>,
    /// The session cookie, in the form `name=value`.
    cookie: String,
    stream: Option<BufReader<TcpStream>>,
}

struct Answer {
    status: u16,
    cookie: Option<String>,
    body: Vec<u8>,
}

impl Http {
    /// Creates a client with a session cookie, which is empty before the agent signs in.
    pub(crate) fn new(authority: &str, from: Option<IpAddr>, cookie: &str) -> Self {
        Self { authority: authority.into(), from, cookie: cookie.into(), stream: None }
    }

    /// Signs in and returns the session cookie in the form `name=value`.
    ///
    /// # Errors
    /// Returns an [`HttpError`] if the credentials are wrong or the server cannot be reached.
    pub(crate) async fn sign_in(&mut self, email: &str, password: &str) -> Result<String, HttpError> {
        let body = format!("email={}&password={}", escaped(email), escaped(password));
        let answer = self.post("/api/sign-in", "application/x-www-form-urlencoded", body.as_bytes()).await?;
        let cookie = answer.cookie.as_deref().and_then(|cookie| cookie.split(';').next()).map(str::to_owned);
        match (refusal(&answer), cookie) {
            (Some(refusal), _) => Err(HttpError::Refused(refusal)),
            (None, Some(cookie)) => {
                self.cookie.clone_from(&cookie);
                Ok(cookie)
            }
            (None, None) => Err(HttpError::Answered(answer.status)),
        }
    }

    /// Calls a server function.
    ///
    /// # Errors
    /// Returns an [`HttpError`] if the server refuses the request or cannot be reached.
    pub(crate) async fn call<A: Serialize, T: DeserializeOwned>(
        &mut self,
        name: &str,
        asked: &A,
    ) -> Result<T, HttpError> {
        let answer = self.post(&format!("/api/{name}"), "application/octet-stream", &codec::encode(asked)).await?;
        if let Some(refusal) = refusal(&answer) {
            return Err(HttpError::Refused(refusal));
        }
        codec::decode(&answer.body).map_err(|_| HttpError::Answered(answer.status))
    }

    async fn post(&mut self, path: &str, kind: &str, body: &[u8]) -> Result<Answer, HttpError> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => BufReader::new(dial(&self.authority, self.from).await?),
        };
        let Self { authority, cookie, .. } = self;
        let mut request = format!(
            "POST {path} HTTP/1.1\r\nhost: {authority}\r\norigin: http://{authority}\r\naccept: application/octet-stream\r\n\
             user-agent: jumpin-load\r\ncookie: {cookie}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(body);
        stream.write_all(&request).await?;
        let answer = read(&mut stream).await?;
        // After an error, the stream is not put back, so the next request opens a new connection.
        self.stream = Some(stream);
        Ok(answer)
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> io::Result<Answer> {
    let unreadable = || io::Error::from(io::ErrorKind::InvalidData);
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(unreadable)?;
    let (mut length, mut cookie) = (0, None);
    loop {
        line.clear();
        stream.read_line(&mut line).await?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse().ok().filter(|length| *length <= LONGEST).ok_or_else(unreadable)?;
        } else if name.eq_ignore_ascii_case("set-cookie") {
            cookie = Some(value.to_owned());
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            return Err(unreadable());
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok(Answer { status, cookie, body })
}

/// Returns the refusal in an error response. The body is the refusal followed by the request id.
fn refusal(answer: &Answer) -> Option<Refusal> {
    if answer.status < 400 {
        return None;
    }
    Some(codec::decode::<(Refusal, String)>(&answer.body).map_or(Refusal::Unexpected, |(refusal, _)| refusal))
}

/// Percent-encodes a form value.
fn escaped(value: &str) -> String {
    value
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_password_survives_form_encoding() {
        assert_eq!(escaped("a+b@c.test"), "a%2Bb%40c.test");
        assert_eq!(escaped("ü &="), "%C3%BC%20%26%3D");
    }

    #[test]
    fn error_responses_yield_a_refusal() {
        let answer = |status, body| Answer { status, cookie: None, body };
        let said = codec::encode(&(Refusal::VisitorLeft, "r-1".to_owned()));
        assert_eq!(refusal(&answer(409, said)), Some(Refusal::VisitorLeft));
        assert_eq!(refusal(&answer(502, b"<html>".to_vec())), Some(Refusal::Unexpected));
        assert_eq!(refusal(&answer(200, Vec::new())), None);
    }
}
