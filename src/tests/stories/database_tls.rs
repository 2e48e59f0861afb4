//! Tests that the connection to a PostgreSQL server on another machine is protected if it can be, and that operators
//! are told if it cannot. The server is a stub that implements only the beginning of the protocol.

use std::{fs, path::PathBuf, sync::Arc};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tempfile::TempDir;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

use super::command_line::mistake;

/// An address that reaches this machine but is not recognized as local.
const ELSEWHERE: &str = "0.0.0.0";
/// The error that the stub sends to every client that reaches it.
const REACHED: &str = "the stub was reached";

/// A server's certificate and its key, and the PEM file of the CA that signed it.
struct Identity {
    chain: CertificateDer<'static>,
    key: KeyPair,
    authority: String,
}

fn certificate_for(name: &str, change: impl FnOnce(&mut CertificateParams)) -> Identity {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let pem = authority.self_signed(&authority_key).unwrap().pem();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let mut parameters = CertificateParams::new([name.to_owned()]).unwrap();
    change(&mut parameters);
    let chain = parameters.signed_by(&key, &issuer).unwrap().der().clone();
    Identity { chain, key, authority: pem }
}

/// A PostgreSQL server that refuses every client, with or without TLS.
struct Stub {
    port: u16,
    folder: TempDir,
}

impl Stub {
    async fn start(identity: Option<Identity>) -> Self {
        let listener = TcpListener::bind(format!("{ELSEWHERE}:0")).await.unwrap();
        let (port, folder) = (listener.local_addr().unwrap().port(), tempfile::tempdir().unwrap());
        let tls = identity.map(|identity| {
            fs::write(folder.path().join("ca.pem"), &identity.authority).unwrap();
            let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(identity.key.serialize_der()));
            let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(vec![identity.chain], key)
                .unwrap();
            TlsAcceptor::from(Arc::new(config))
        });
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let tls = tls.clone();
                tokio::spawn(async move {
                    let mut asked = [0; 8];
                    socket.read_exact(&mut asked).await.ok()?;
                    let asks_for_tls = asked[4..] == 80_877_103_u32.to_be_bytes();
                    let length = u32::from_be_bytes(asked[..4].try_into().ok()?);
                    match tls {
                        _ if !asks_for_tls => refuse(socket, Some(length - 8), "without TLS").await,
                        None => {
                            socket.write_all(b"N").await.ok()?;
                            refuse(socket, None, "without TLS").await
                        }
                        Some(tls) => {
                            socket.write_all(b"S").await.ok()?;
                            refuse(tls.accept(socket).await.ok()?, None, "with TLS").await
                        }
                    }
                });
            }
        });
        Self { port, folder }
    }

    /// Runs `jumpin check` with this server's URL and returns its error. Asserts that the error does not contain the
    /// password.
    fn check(&self, parameters: &str) -> String {
        let url = format!("postgres://ann:secret@{ELSEWHERE}:{}/chat{parameters}", self.port);
        let error = mistake(self.folder.path(), &["check", "--database", &url]);
        assert!(!error.contains("secret"), "{error}");
        error
    }

    fn authority(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }
}

/// Refuses a client after reading the remaining `rest` bytes of its first message, or the whole message if `rest` is
/// `None`.
async fn refuse(mut socket: impl AsyncRead + AsyncWrite + Unpin, rest: Option<u32>, how: &str) -> Option<()> {
    let rest = match rest {
        Some(rest) => rest,
        None => socket.read_u32().await.ok()? - 4,
    };
    socket.read_exact(&mut vec![0; usize::try_from(rest).ok()?]).await.ok()?;
    let fields = format!("SFATAL\0VFATAL\0C28000\0M{REACHED} {how}\0\0");
    socket.write_u8(b'E').await.ok()?;
    socket.write_u32(u32::try_from(fields.len()).ok()? + 4).await.ok()?;
    socket.write_all(fields.as_bytes()).await.ok()?;
    socket.flush().await.ok()?;
    // If the stub closed the connection first, the client might lose the error.
    socket.read(&mut [0]).await.ok().map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_server_without_tls_is_refused_unless_the_url_allows_it() {
    let stub = Stub::start(None).await;
    for strict in ["", "?sslmode=verify-full", "?sslmode=verify-ca", "?sslmode=require"] {
        let error = stub.check(strict);
        assert!(error.contains("does not offer TLS") && error.contains("sslmode=disable"), "{strict}: {error}");
    }
    for lax in ["?sslmode=disable", "?sslmode=prefer"] {
        let error = stub.check(lax);
        assert!(error.contains(&format!("{REACHED} without TLS")), "{lax}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_server_with_a_private_ca_needs_its_file() {
    let stub = Stub::start(Some(certificate_for(ELSEWHERE, |_| {}))).await;
    for strict in ["", "?sslmode=verify-full", "?sslmode=verify-ca"] {
        let error = stub.check(strict);
        assert!(error.contains("sslrootcert=FILE") && !error.contains(REACHED), "{strict}: {error}");
    }
    let authority = format!("sslrootcert={}", stub.authority().display());
    for trusted in [format!("?{authority}"), format!("?sslmode=require&{authority}"), "?sslmode=require".into()] {
        let error = stub.check(&trusted);
        assert!(error.contains(&format!("{REACHED} with TLS")), "{trusted}: {error}");
    }
    let error = stub.check("?sslrootcert=/nowhere.pem");
    assert!(error.contains("sslrootcert") && error.contains("cannot be read"), "{error}");
    let other = Stub::start(Some(certificate_for(ELSEWHERE, |_| {}))).await;
    let foreign = format!("?sslmode=require&sslrootcert={}", other.authority().display());
    assert!(stub.check(&foreign).contains("sslrootcert=FILE"), "another CA, which is checked with `require` as well");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_servers_wrong_certificate_is_explained() {
    let check = async |identity: Identity, mode: &str| {
        let stub = Stub::start(Some(identity)).await;
        stub.check(&format!("?sslrootcert={}{mode}", stub.authority().display()))
    };
    let elsewhere = check(certificate_for("db.test", |_| {}), "").await;
    assert!(elsewhere.contains("another host name") && elsewhere.contains("sslmode=verify-ca"), "{elsewhere}");
    let name_unchecked = check(certificate_for("db.test", |_| {}), "&sslmode=verify-ca").await;
    assert!(name_unchecked.contains(REACHED), "{name_unchecked}");
    let expired = |parameters: &mut CertificateParams| parameters.not_after = rcgen::date_time_ymd(2020, 1, 1);
    let expired = check(certificate_for(ELSEWHERE, expired), "").await;
    assert!(expired.contains("has expired"), "{expired}");
    let authority = |parameters: &mut CertificateParams| parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = check(certificate_for(ELSEWHERE, authority), "").await;
    assert!(authority.contains("that of a CA") && authority.contains("sslrootcert=FILE"), "{authority}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_sslmode_is_named() {
    let stub = Stub::start(None).await;
    let error = stub.check("?sslmode=verify_full");
    assert!(error.contains("`verify_full`") && error.contains("verify-full"), "{error}");
}
