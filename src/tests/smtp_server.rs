//! A small mail server that speaks SMTP over a real socket, with or without TLS. It sends the replies that a test has
//! queued and stores the emails it accepts.

use std::{
    collections::VecDeque,
    fs,
    path::Path,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader},
    net::TcpListener,
    sync::mpsc,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

use crate::client_ext::with_deadline;

/// An accepted email.
#[derive(Debug)]
pub(crate) struct Mail {
    /// The envelope recipient.
    pub(crate) to: String,
    /// The headers, up to the empty line.
    pub(crate) head: String,
    /// The body, with lines terminated by `\n`.
    pub(crate) body: String,
}

impl Mail {
    /// Returns the path of the link in the body.
    pub(crate) fn link(&self, origin: &str) -> String {
        let path = self.body.split(origin).nth(1).expect("the email contains a link");
        path.lines().next().unwrap().to_owned()
    }
}

/// When a connection switches to TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TlsMode {
    /// Never.
    None,
    /// After `STARTTLS`.
    StartTls,
    /// From the first byte on.
    Implicit,
}

/// A mail server for tests.
pub(crate) struct SmtpServer {
    port: u16,
    privacy: TlsMode,
    /// The server's self-signed certificate in PEM format.
    certificate: String,
    mails: mpsc::UnboundedReceiver<Mail>,
    answers: Arc<Mutex<VecDeque<&'static str>>>,
}

impl SmtpServer {
    pub(crate) async fn start() -> Self {
        Self::start_with(TlsMode::None).await
    }

    pub(crate) async fn start_with(privacy: TlsMode) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (certificate, tls) = own_certificate();
        let port = listener.local_addr().unwrap().port();
        let (mail_sender, mails) = mpsc::unbounded_channel();
        let answers = Arc::<Mutex<VecDeque<&'static str>>>::default();
        let said = Arc::clone(&answers);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let session = Session { answers: Arc::clone(&said), mail_sender: mail_sender.clone() };
                let tls = tls.clone();
                tokio::spawn(async move {
                    match privacy {
                        TlsMode::None => session.serve(greet(socket).await?, false).await.map(drop),
                        TlsMode::Implicit => {
                            let private = tls.accept(socket).await.ok()?;
                            session.serve(greet(private).await?, false).await.map(drop)
                        }
                        TlsMode::StartTls => {
                            let asked = session.serve(greet(socket).await?, true).await?;
                            session.serve(tls.accept(asked).await.ok()?, false).await.map(drop)
                        }
                    }
                });
            }
        });
        Self { port, privacy, certificate, mails, answers }
    }

    /// Returns the `[mail]` settings for a Jump-In server that uses this mail server.
    pub(crate) fn settings(&self) -> String {
        // Jump-In requires STARTTLS only for hosts other than the local machine, so this needs a remote name.
        let (scheme, host) = match self.privacy {
            TlsMode::None => ("smtp", "127.0.0.1"),
            TlsMode::StartTls => ("smtp", ELSEWHERE),
            TlsMode::Implicit => ("smtps", "127.0.0.1"),
        };
        let url = format!("{scheme}://jumpin:a%40secret@{host}:{}", self.port);
        format!(
            "[mail]\nurl = \"{url}\"\nfrom = \"Jump-In <chat@acme.test>\"\nretry-delays = [\"20ms\", \"40ms\", \"60ms\"]\n"
        )
    }

    /// Like [`Self::settings`], plus a CA file so that this server's certificate is trusted.
    pub(crate) fn settings_with_ca(&self, folder: &Path) -> String {
        let file = folder.join("ca.pem");
        fs::write(&file, &self.certificate).unwrap();
        format!("{}ca-file = {file:?}\n", self.settings())
    }

    /// Queues replies to the next `RCPT` commands, one for each command.
    pub(crate) fn queue_replies(&self, all: &[&'static str]) {
        self.answers.lock().unwrap().extend(all);
    }

    /// Waits for the next accepted email and returns it.
    pub(crate) async fn next_mail(&mut self) -> Mail {
        with_deadline("an email", self.mails.recv()).await.unwrap()
    }

    /// Returns whether there are no more accepted emails.
    pub(crate) fn is_empty(&mut self) -> bool {
        self.mails.try_recv().is_err()
    }
}

/// An address that reaches this machine but is not recognized as local.
const ELSEWHERE: &str = "0.0.0.0";

fn own_certificate() -> (String, TlsAcceptor) {
    let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned(), ELSEWHERE.to_owned()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(own.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    (own.cert.pem(), TlsAcceptor::from(Arc::new(config)))
}

/// A single SMTP connection.
struct Session {
    answers: Arc<Mutex<VecDeque<&'static str>>>,
    mail_sender: mpsc::UnboundedSender<Mail>,
}

impl Session {
    /// Serves the connection until the session ends or the client asks for TLS. In the latter case, returns the socket.
    async fn serve<S: AsyncRead + AsyncWrite + Unpin>(&self, socket: S, may_become_private: bool) -> Option<S> {
        let mut line = BufReader::new(socket);
        let mut asked = String::new();
        let mut to = String::new();
        while read_line(&mut line, &mut asked).await? {
            let verb = asked.split_whitespace().next().unwrap_or_default().to_uppercase();
            let answer = match verb.as_str() {
                "EHLO" if may_become_private => "250-smtp.test\r\n250 STARTTLS",
                "EHLO" => "250-smtp.test\r\n250 AUTH PLAIN",
                "STARTTLS" if may_become_private => {
                    write_line(&mut line, "220 ready").await?;
                    return Some(line.into_inner());
                }
                // Base64 of NUL, jumpin, NUL, a@secret. Credentials are accepted only where they cannot be intercepted.
                "AUTH" if !may_become_private && asked.ends_with(" AGp1bXBpbgBhQHNlY3JldA==") => "235 welcome",
                "AUTH" => "535 no",
                "RCPT" => {
                    to = asked.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                    self.answers.lock().unwrap().pop_front().unwrap_or("250 ok")
                }
                "DATA" => {
                    write_line(&mut line, "354 go ahead").await?;
                    let (head, body) = read_mail(&mut line).await?;
                    self.mail_sender.send(Mail { to: to.clone(), head, body }).ok()?;
                    "250 taken"
                }
                "QUIT" => "221 bye",
                _ => "250 ok",
            };
            write_line(&mut line, answer).await?;
        }
        None
    }
}

/// Sends the greeting. It is sent only once per connection and is not repeated after `STARTTLS`.
async fn greet<S: AsyncWrite + Unpin>(mut socket: S) -> Option<S> {
    write_line(&mut socket, "220 smtp.test").await?;
    Some(socket)
}

async fn write_line(line: &mut (impl AsyncWrite + Unpin), words: &str) -> Option<()> {
    line.write_all(format!("{words}\r\n").as_bytes()).await.ok()?;
    line.flush().await.ok()
}

/// Reads the next line without its line ending. Returns `false` at the end of the stream.
async fn read_line<S: AsyncRead + Unpin>(line: &mut BufReader<S>, heard: &mut String) -> Option<bool> {
    heard.clear();
    let bytes = line.read_line(heard).await.ok()?;
    heard.truncate(heard.trim_end_matches(['\r', '\n']).len());
    Some(bytes > 0)
}

/// Reads up to the line that consists of a single dot, and removes the extra dot from lines that begin with one (RFC
/// 5321, section 4.5.2).
async fn read_mail<S: AsyncRead + Unpin>(line: &mut BufReader<S>) -> Option<(String, String)> {
    let (mut mail, mut heard) = (String::new(), String::new());
    while read_line(line, &mut heard).await? && heard != "." {
        mail.extend([heard.strip_prefix('.').unwrap_or(&heard), "\n"]);
    }
    let (head, body) = mail.split_once("\n\n")?;
    Some((
        head.to_owned(),
        if head.contains("quoted-printable") { decode_quoted_printable(body) } else { body.to_owned() },
    ))
}

/// Decodes quoted-printable text (RFC 2045, section 6.7).
fn decode_quoted_printable(body: &str) -> String {
    let mut parts = body.split('=');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        match part.strip_prefix('\n') {
            Some(goes_on) => bytes.extend(goes_on.bytes()),
            None => {
                bytes.push(u8::from_str_radix(&part[..2], 16).expect("the equals sign is followed by two hex digits"));
                bytes.extend(part[2..].bytes());
            }
        }
    }
    String::from_utf8(bytes).expect("the body is UTF-8")
}
