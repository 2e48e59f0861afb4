//! The web server, with one public listener for everything. This is the only file that creates the server's parts and
//! connects them.

mod avatars;
mod caller_check;
mod chat_rating;
mod client_identity;
mod concierge;
pub mod config;
mod connection;
mod content_type;
mod dashboard_files;
mod embedded;
mod error;
mod export;
mod files;
mod forwarded;
mod host_check;
mod left_messages;
mod listener;
mod mail;
mod metrics;
pub mod plain_http;
mod request_content_type;
mod request_language;
mod router;
mod screen;
mod security_headers;
mod setup_redirect;
mod socket;
mod socket_agent;
mod socket_visitor;
mod totp_qr_code;
pub mod trusted_proxies;

use std::{
    future::Future,
    io::{IsTerminal as _, Write as _},
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use axum::extract::FromRef;
use engine::{
    AgentRequestLimits, ConnectionLimit, Engine, FormLimit, MailQueue, RequestLimits,
    mail_queue::QueuedEmail,
    settings::Settings,
    store::{ReadLimits, Store},
};
use leptos::config::LeptosOptions;
use tokio::{net::TcpListener, sync::mpsc::Receiver, task::JoinHandle, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{
    config::Config,
    connection::ConnectionTimeouts,
    listener::{ConnectionListener, Peer},
    mail::Mailer,
    metrics::Metrics,
    trusted_proxies::TrustedProxies,
};

/// How long running requests have to finish at shutdown.
const REQUESTS_SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(3);
/// How long the engine has to close its connections and the database at shutdown.
const ENGINE_SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);
/// How long sockets have to send their close reason at shutdown.
const SOCKETS_SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(1);

/// The state shared by all handlers and sockets.
#[derive(Clone)]
pub struct ServerState {
    engine: Engine,
    leptos: LeptosOptions,
    limits: Arc<RequestLimits>,
    requests: Arc<AgentRequestLimits>,
    /// Limits how many large forms are read at the same time.
    forms: FormLimit,
    /// How long the server may take to read a request and start its response.
    request_timeout: Duration,
    metrics: Arc<Metrics>,
    proxies: TrustedProxies,
    public_url: Arc<str>,
    sockets: TaskTracker,
}

impl FromRef<ServerState> for LeptosOptions {
    fn from_ref(parts: &ServerState) -> Self {
        parts.leptos.clone()
    }
}

impl ServerState {
    /// Returns the URL that browsers use to reach this server, without a trailing slash.
    fn public_url(&self) -> &str {
        &self.public_url
    }
}

/// A server that is ready to accept requests.
pub struct Server {
    parts: ServerState,
    listener: TcpListener,
    connections: ConnectionLimit,
    timeouts: ConnectionTimeouts,
    /// The listener for Prometheus. It must not be public.
    metrics: Option<TcpListener>,
    /// The mailer and the queue of emails it sends. `None` if email is not configured.
    mail: Option<(Mailer, Receiver<QueuedEmail>)>,
}

impl Server {
    /// Opens the store and starts the engine. Clients can already connect to the listener, but their requests wait
    /// until [`Self::serve`] is called.
    ///
    /// # Errors
    ///
    /// Returns an error if the data directory, the database, or a listener cannot be used.
    pub async fn prepare(config: Config, listener: TcpListener) -> anyhow::Result<Self> {
        let address = listener.local_addr().context("failed to get the listener's address")?;
        if let Some(warning) = plain_http::warning(address, config.public_url.as_deref()) {
            tracing::warn!("{warning}");
        }
        let public_url = config.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
        let metrics =
            match config.metrics {
                Some(metrics) => Some(TcpListener::bind(metrics).await.with_context(|| {
                    format!("cannot listen on {metrics} for metrics (is the address already in use?)")
                })?),
                None => None,
            };
        tokio::fs::create_dir_all(&config.data)
            .await
            .with_context(|| format!("failed to create the data directory {}", config.data.display()))?;
        let limits = ReadLimits { exports: config.exports, searches: config.searches };
        let store = Store::open_with(&config.database(), limits).await?;
        let (mail_queue, mail) = match &config.mail {
            Some(settings) => {
                let (mail_queue, emails) = MailQueue::open(&settings.from().to_string(), settings.limits());
                (Some(mail_queue), Some((Mailer::new(settings)?, emails)))
            }
            None => (None, None),
        };
        let settings = Settings {
            timers: config.timers.clone(),
            public_url: public_url.clone(),
            tabs: config.tabs,
            sign_in: config.sign_in,
            visitors: config.visitors,
            visits: config.visits,
            disk: config.disk(),
            files: config.files(),
            file_rules: config.file_rules,
            uploads: config.uploads,
            avatars: config.avatars(),
            mail_queue,
        };
        let engine = Engine::start(store, settings).await.context("failed to start the engine")?;
        let connections = ConnectionLimit::new(config.connections.per_address, config.connections.total);
        let parts = ServerState {
            engine,
            leptos: dashboard_files::leptos_options(),
            limits: Arc::new(RequestLimits::new(config.limits.sockets_per_minute, config.limits.frames_per_minute)),
            requests: Arc::new(AgentRequestLimits::new(&config.requests)),
            forms: FormLimit::new(config.connections.large_forms),
            request_timeout: Duration::from_millis(config.connections.request_timeout),
            metrics: Arc::new(Metrics::new(connections.clone())),
            proxies: TrustedProxies::new(config.trusted_proxies),
            public_url: public_url.into(),
            sockets: TaskTracker::new(),
        };
        let timeouts = config.connections.timeouts();
        Ok(Self { parts, listener, connections, timeouts, metrics, mail })
    }

    /// Returns the engine.
    pub fn engine(&self) -> &Engine {
        &self.parts.engine
    }

    /// Returns the address that serves `/metrics`, if there is one.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// Serves requests until `shutdown` resolves, then stops within ten seconds. Running requests finish first, then
    /// sockets are closed with a close reason, and then the store is closed.
    ///
    /// # Errors
    ///
    /// Returns an error if the listener or the mailer fails.
    pub async fn serve(self, shutdown: impl Future<Output = ()> + Send + 'static) -> anyhow::Result<()> {
        let Self { parts, listener, connections, timeouts, metrics, mail } = self;
        let stopping = CancellationToken::new();
        let service = router::router(parts.clone()).into_make_service_with_connect_info::<Peer>();
        let proxies = parts.proxies.clone();
        // Behind a proxy, all connections come from one address. A proxy that is not trusted may run on this machine.
        let is_exempt = move |peer: IpAddr| peer.is_loopback() || proxies.contains(peer);
        let refused = parts.metrics.refused_connections();
        let listener = ConnectionListener::new(listener, connections, is_exempt, timeouts, refused);
        let serving = axum::serve(listener, service).with_graceful_shutdown(stopping.clone().cancelled_owned());
        let mut serving = tokio::spawn(serving.into_future());
        let counting =
            metrics.map(|listener| tokio::spawn(axum::serve(listener, metrics::router(parts.clone())).into_future()));
        let mailing = mail.map(|(mailer, emails)| tokio::spawn(mailer.run(emails, stopping.clone())));
        tokio::select! {
            () = shutdown => {}
            ended = &mut serving => ended?.context("the listener failed")?,
        }
        tracing::info!("shutting down");
        stopping.cancel();
        if !serving.is_finished() && timeout(REQUESTS_SHUTDOWN_TIMEOUT, &mut serving).await.is_err() {
            tracing::warn!("aborted requests that were still running");
            serving.abort();
        }
        parts.sockets.close();
        if timeout(ENGINE_SHUTDOWN_TIMEOUT, parts.engine.stop()).await.is_err() {
            tracing::error!("the engine did not stop in time; the database will be checked on the next startup");
        }
        if timeout(SOCKETS_SHUTDOWN_TIMEOUT, parts.sockets.wait()).await.is_err() {
            tracing::warn!(open = parts.sockets.len(), "sockets did not close in time");
        }
        if let Some(mailing) = mailing {
            mailing.await.context("the mailer failed")?;
        }
        // Keep serving metrics until the very end.
        counting.inspect(JoinHandle::abort);
        tracing::info!("stopped");
        Ok(())
    }
}

/// Returns the names of the features that this build leaves out. Empty for a release build.
pub fn omitted_features() -> &'static [&'static str] {
    embedded::OMITTED_FEATURES
}

/// Runs the server until `shutdown` resolves.
///
/// # Errors
///
/// Returns an error if this build does not include the dashboard and the widget, if the server cannot start, or if the
/// listener fails.
pub async fn run(
    config: Config,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    anyhow::ensure!(
        concierge::is_built() && dashboard_files::is_available(),
        "this program was built without the dashboard and the widget; build it with `cargo build --release`, or run `make watch`"
    );
    let server = Server::prepare(config, listener).await?;
    tracing::info!(url = server.parts.public_url(), "the dashboard is ready");
    if server.engine().needs_set_up().await == Ok(true) {
        let link = [server.parts.public_url(), &server.engine().setup_path()].concat();
        // A warning, because the server is of no use until somebody has opened it.
        tracing::warn!("nobody can sign in yet: open {link}");
        // The log may go elsewhere, or be limited to errors.
        let mut terminal = std::io::stdout();
        if terminal.is_terminal() {
            drop(writeln!(terminal, "Nobody can sign in yet. Open {link}"));
        }
    }
    server.serve(shutdown).await
}
