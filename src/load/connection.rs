//! A socket that carries postcard frames.

use futures::{SinkExt, StreamExt};
use protocol::codec;
use serde::{Serialize, de::DeserializeOwned};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message, client::IntoClientRequest, http::HeaderValue},
};

/// Why a conversation is over.
#[derive(Debug, thiserror::Error)]
pub enum Lost {
    /// The server closed it, with this code.
    #[error("the server closed the socket with {0}")]
    Closed(u16),
    /// The server did not take it: the HTTP status.
    #[error("the server answered {0} instead of a socket")]
    Turned(u16),
    /// It sent what is no frame.
    #[error("the server sent what is no frame")]
    NotAFrame,
    /// The network or the server went away.
    #[error("the connection broke: {0}")]
    Broken(#[source] Box<tungstenite::Error>),
}

impl From<tungstenite::Error> for Lost {
    fn from(error: tungstenite::Error) -> Self {
        match error {
            tungstenite::Error::Http(answer) => Self::Turned(answer.status().as_u16()),
            error => Self::Broken(Box::new(error)),
        }
    }
}

/// An open socket.
pub struct Connection {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Connection {
    /// Opens a socket; the headers are what a browser would add by itself.
    ///
    /// # Errors
    /// [`Lost`] when the server cannot be reached or does not take it.
    pub async fn open(url: &str, headers: &[(&'static str, &str)]) -> Result<Self, Lost> {
        let mut request = url.into_client_request()?;
        for (name, value) in headers {
            let value = HeaderValue::from_str(value).map_err(|_| Lost::NotAFrame)?;
            request.headers_mut().insert(*name, value);
        }
        let (socket, _) = connect_async(request).await?;
        Ok(Self { socket })
    }

    /// Sends a frame.
    ///
    /// # Errors
    /// [`Lost`] when the connection is gone.
    pub async fn send<F: Serialize>(&mut self, frame: &F) -> Result<(), Lost> {
        self.send_raw(Message::Binary(codec::encode(frame).into())).await
    }

    /// Sends whatever: what no client of ours would.
    ///
    /// # Errors
    /// [`Lost`] when the connection is gone.
    pub async fn send_raw(&mut self, message: Message) -> Result<(), Lost> {
        Ok(self.socket.send(message).await?)
    }

    /// The next frame. May be dropped at any time.
    ///
    /// # Errors
    /// [`Lost`] when the server closes the socket, or sends what is no frame.
    pub async fn next<F: DeserializeOwned>(&mut self) -> Result<F, Lost> {
        loop {
            return match self.socket.next().await {
                Some(Ok(Message::Binary(bytes))) => codec::decode(&bytes).map_err(|_| Lost::NotAFrame),
                Some(Ok(Message::Close(frame))) => Err(Lost::Closed(frame.map_or(1005, |frame| frame.code.into()))),
                Some(Ok(_)) => continue,
                Some(Err(error)) => Err(error.into()),
                None => Err(Lost::Closed(1006)),
            };
        }
    }

    /// Closes the socket as a browser does that leaves the page.
    pub async fn close(mut self) {
        drop(self.socket.close(None).await);
    }
}
