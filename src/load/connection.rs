//! A socket that carries postcard frames.

use std::{
    io,
    net::{IpAddr, SocketAddr},
};

use futures::{SinkExt, StreamExt};
use protocol::codec;
use serde::{Serialize, de::DeserializeOwned};
use tokio::net::{TcpSocket, TcpStream, lookup_host};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{self, Message, client::IntoClientRequest, http::HeaderValue, protocol::WebSocketConfig},
};

/// What is read at once; a board comes in larger pieces than this.
const READ_BUFFER: usize = 64 * 1024;

/// Why a conversation is over.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// The server closed it, with this code.
    #[error("the server closed the socket with {0}")]
    Closed(u16),
    /// The server did not take it: the HTTP status.
    #[error("the server answered {0} instead of a socket")]
    Rejected(u16),
    /// It sent what is no frame.
    #[error("the server sent what is no frame")]
    NotAFrame,
    /// The network or the server went away.
    #[error("the connection broke: {0}")]
    Broken(#[source] Box<tungstenite::Error>),
}

impl From<tungstenite::Error> for ConnectionError {
    fn from(error: tungstenite::Error) -> Self {
        match error {
            tungstenite::Error::Http(answer) => Self::Rejected(answer.status().as_u16()),
            error => Self::Broken(Box::new(error)),
        }
    }
}

/// From where a socket is opened, and how much is read at once.
#[derive(Clone, Copy, Debug)]
pub struct ConnectOptions {
    /// The own address; none: the system chooses.
    pub from: Option<IpAddr>,
    /// Bytes. Thousands of visitors in one process have little each.
    pub read_buffer: usize,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self { from: None, read_buffer: READ_BUFFER }
    }
}

/// A connection to `host:port`.
pub(crate) async fn dial(authority: &str, from: Option<IpAddr>) -> io::Result<TcpStream> {
    let to = lookup_host(authority).await?.next().ok_or(io::ErrorKind::NotFound)?;
    let socket = if to.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if let Some(from) = from {
        socket.bind(SocketAddr::new(from, 0))?;
    }
    let stream = socket.connect(to).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// An open socket.
pub struct Connection {
    socket: WebSocketStream<TcpStream>,
}

impl Connection {
    /// Opens a socket; the headers are what a browser would add by itself.
    ///
    /// # Errors
    /// [`ConnectionError`] when the server cannot be reached or does not take it.
    pub async fn open(url: &str, headers: &[(&'static str, &str)]) -> Result<Self, ConnectionError> {
        Self::open_with(ConnectOptions::default(), url, headers).await
    }

    /// Opens a socket in a way of one's own.
    ///
    /// # Errors
    /// [`ConnectionError`] when the server cannot be reached or does not take it.
    pub async fn open_with(
        way: ConnectOptions,
        url: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, ConnectionError> {
        let mut request = url.into_client_request()?;
        for (name, value) in headers {
            let value = HeaderValue::from_str(value).map_err(|_| ConnectionError::NotAFrame)?;
            request.headers_mut().insert(*name, value);
        }
        let authority = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        let stream = dial(&authority, way.from).await.map_err(tungstenite::Error::Io)?;
        let config = WebSocketConfig::default().read_buffer_size(way.read_buffer).write_buffer_size(0);
        let (socket, _) = client_async_with_config(request, stream, Some(config)).await?;
        Ok(Self { socket })
    }

    /// Sends a frame.
    ///
    /// # Errors
    /// [`ConnectionError`] when the connection is gone.
    pub async fn send<F: Serialize>(&mut self, frame: &F) -> Result<(), ConnectionError> {
        self.send_raw(Message::Binary(codec::encode(frame).into())).await
    }

    /// Sends whatever: what no client of ours would.
    ///
    /// # Errors
    /// [`ConnectionError`] when the connection is gone.
    pub async fn send_raw(&mut self, message: Message) -> Result<(), ConnectionError> {
        Ok(self.socket.send(message).await?)
    }

    /// The next frame. May be dropped at any time.
    ///
    /// # Errors
    /// [`ConnectionError`] when the server closes the socket, or sends what is no frame.
    pub async fn next<F: DeserializeOwned>(&mut self) -> Result<F, ConnectionError> {
        loop {
            if let Message::Binary(bytes) = self.next_raw().await? {
                return codec::decode(&bytes).map_err(|_| ConnectionError::NotAFrame);
            }
        }
    }

    /// The next message, whatever it holds. May be dropped at any time.
    ///
    /// # Errors
    /// [`ConnectionError`] when the server closes the socket.
    pub async fn next_raw(&mut self) -> Result<Message, ConnectionError> {
        match self.socket.next().await {
            Some(Ok(Message::Close(frame))) => {
                Err(ConnectionError::Closed(frame.map_or(1005, |frame| frame.code.into())))
            }
            Some(Ok(message)) => Ok(message),
            Some(Err(error)) => Err(error.into()),
            None => Err(ConnectionError::Closed(1006)),
        }
    }

    /// Closes the socket as a browser does that leaves the page.
    pub async fn close(mut self) {
        drop(self.socket.close(None).await);
    }
}
