//! A WebSocket connection that transports postcard frames.

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

/// The default read buffer size in bytes. Pieces of a board snapshot can be larger.
const READ_BUFFER: usize = 64 * 1024;

/// The reason a connection could not be opened or was lost.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// The server closed the socket with this code.
    #[error("the server closed the socket with code {0}")]
    Closed(u16),
    /// The server rejected the upgrade with this HTTP status.
    #[error("the server rejected the socket with HTTP status {0}")]
    Rejected(u16),
    /// The server sent something that is not a valid frame.
    #[error("the server sent an invalid frame")]
    NotAFrame,
    /// The network or server failed.
    #[error("the connection failed: {0}")]
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

/// A socket's source address and read buffer size.
#[derive(Clone, Copy, Debug)]
pub struct ConnectOptions {
    /// The local address, or `None` to let the operating system choose one.
    pub from: Option<IpAddr>,
    /// The size of the read buffer in bytes. Use a small buffer if one process simulates thousands of visitors.
    pub read_buffer: usize,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self { from: None, read_buffer: READ_BUFFER }
    }
}

/// Opens a TCP connection to `host:port`.
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

/// An open WebSocket.
pub struct Connection {
    socket: WebSocketStream<TcpStream>,
}

impl Connection {
    /// Opens a socket with the given headers, such as those a browser would add.
    ///
    /// # Errors
    /// Returns a [`ConnectionError`] if the server cannot be reached or rejects the connection.
    pub async fn open(url: &str, headers: &[(&'static str, &str)]) -> Result<Self, ConnectionError> {
        Self::open_with(ConnectOptions::default(), url, headers).await
    }

    /// Opens a socket with the given [`ConnectOptions`] instead of the default ones.
    ///
    /// # Errors
    /// Returns a [`ConnectionError`] if the server cannot be reached or rejects the connection.
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
    /// Returns a [`ConnectionError`] if the connection is lost.
    pub async fn send<F: Serialize>(&mut self, frame: &F) -> Result<(), ConnectionError> {
        self.send_raw(Message::Binary(codec::encode(frame).into())).await
    }

    /// Sends an arbitrary message, even one that none of our clients would send.
    ///
    /// # Errors
    /// Returns a [`ConnectionError`] if the connection is lost.
    pub async fn send_raw(&mut self, message: Message) -> Result<(), ConnectionError> {
        Ok(self.socket.send(message).await?)
    }

    /// Receives the next frame. This method is cancel safe.
    ///
    /// # Errors
    /// Returns a [`ConnectionError`] if the server closes the socket or sends an invalid frame.
    pub async fn next<F: DeserializeOwned>(&mut self) -> Result<F, ConnectionError> {
        loop {
            if let Message::Binary(bytes) = self.next_raw().await? {
                return codec::decode(&bytes).map_err(|_| ConnectionError::NotAFrame);
            }
        }
    }

    /// Receives the next message of any kind. This method is cancel safe.
    ///
    /// # Errors
    /// Returns a [`ConnectionError`] if the server closes the socket or the connection is lost.
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

    /// Closes the socket the way a browser does when it leaves the page.
    pub async fn close(mut self) {
        drop(self.socket.close(None).await);
    }
}
