//! What a dashboard asks of the server beside its socket: signing in, and the server functions. One connection, kept open,
//! as a browser does; only what our own server answers is understood.

use std::{io, net::IpAddr};

use protocol::{codec, refusal::Refusal};
use serde::{Serialize, de::DeserializeOwned};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use crate::connection::dial;

/// The longest answer that is read, bytes.
const LONGEST: usize = 1024 * 1024;

/// Why a request came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The server says no.
    #[error("the server refused: {0:?}")]
    Refused(Refusal),
    /// It answered something else than expected.
    #[error("the server answered {0}")]
    Answered(u16),
    /// The network or the server went away, or the answer was none.
    #[error("the connection broke: {0}")]
    Broken(#[from] io::Error),
}

/// A browser of one agent.
pub(crate) struct Http {
    /// `host:port`.
    authority: String,
    from: Option<IpAddr>,
    /// `name=value` of the session.
    cookie: String,
    stream: Option<BufReader<TcpStream>>,
}

struct Answer {
    status: u16,
    cookie: Option<String>,
    body: Vec<u8>,
}

impl Http {
    /// A browser with a session's cookie, or with an empty one without.
    pub(crate) fn new(authority: &str, from: Option<IpAddr>, cookie: &str) -> Self {
        Self { authority: authority.into(), from, cookie: cookie.into(), stream: None }
    }

    /// Signs in; returns the session's cookie, `name=value`.
    ///
    /// # Errors
    /// [`HttpError`] when it is not he, or the server is not there.
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
    /// [`HttpError`] when the server refuses or is not there.
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
        // What broke is dialled anew.
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

/// Why the server did not do it: the beginning of what it says then. The name of the request follows.
fn refusal(answer: &Answer) -> Option<Refusal> {
    if answer.status < 400 {
        return None;
    }
    Some(codec::decode::<(Refusal, String)>(&answer.body).map_or(Refusal::Unexpected, |(refusal, _)| refusal))
}

/// A value of a form.
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
    fn a_form_carries_any_password() {
        assert_eq!(escaped("a+b@c.test"), "a%2Bb%40c.test");
        assert_eq!(escaped("ü &="), "%C3%BC%20%26%3D");
    }

    #[test]
    fn a_refusal_is_read_from_an_answer() {
        let answer = |status, body| Answer { status, cookie: None, body };
        let said = codec::encode(&(Refusal::VisitorLeft, "r-1".to_owned()));
        assert_eq!(refusal(&answer(409, said)), Some(Refusal::VisitorLeft));
        assert_eq!(refusal(&answer(502, b"<html>".to_vec())), Some(Refusal::Unexpected));
        assert_eq!(refusal(&answer(200, Vec::new())), None);
    }
}
