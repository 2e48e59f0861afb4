//! Connects to a PostgreSQL server and ensures that only this process has the database open.

use std::time::Duration;

use sqlx::{
    ConnectOptions as _, PgConnection, PgPool, Row as _,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::time::{sleep, timeout};

use super::{
    Address, OpenError,
    open_database::{BETWEEN_TRIES, TRIES_TO_LOCK},
    postgres_tls,
};

/// The first PostgreSQL version with `normalize`, which separates letters from their accents.
const MIN_VERSION: i32 = 130_000;
/// The key of the advisory lock held while a database is open. Each database on a server has its own lock.
const ADVISORY_LOCK_KEY: i64 = 0x004A_756D_702D_496E;
/// The maximum time to wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A database on a PostgreSQL server.
#[derive(Clone)]
pub(super) struct Server {
    options: PgConnectOptions,
}

impl Server {
    pub(super) fn new(options: PgConnectOptions) -> Self {
        // If the connection is lost, the server must release the lock quickly rather than after the default two hours.
        let options = options.application_name("jumpin").options([
            ("tcp_keepalives_idle", "15"),
            ("tcp_keepalives_interval", "5"),
            ("tcp_keepalives_count", "3"),
        ]);
        Self { options }
    }

    /// Opens the writer's connection. While it is open, no other process can open the database.
    ///
    /// # Errors
    /// Returns an error if the server does not respond or is not suitable, or if another process has the database open.
    pub(super) async fn connect(&self) -> Result<PgConnection, OpenError> {
        let options = self.options.clone().options([("synchronous_commit", "on"), ("statement_timeout", "0")]);
        let connecting = timeout(CONNECT_TIMEOUT, options.connect()).await;
        let db = connecting.map_err(|_| self.unusable("the server did not respond within 5 seconds".into()))?;
        let mut db = db.map_err(|error| self.explain(error))?;
        self.check(&mut db).await?;
        for _ in 0..TRIES_TO_LOCK {
            if sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(ADVISORY_LOCK_KEY).fetch_one(&mut db).await? {
                return Ok(db);
            }
            sleep(BETWEEN_TRIES).await;
        }
        Err(OpenError::AlreadyOpen(self.address()))
    }

    /// Opens the pool of read-only connections.
    pub(super) async fn readers(&self, most: u32) -> Result<PgPool, OpenError> {
        let options = self.options.clone().options([("default_transaction_read_only", "on")]);
        let pool = PgPoolOptions::new().max_connections(most).acquire_timeout(CONNECT_TIMEOUT);
        pool.connect_with(options).await.map_err(|error| self.explain(error))
    }

    async fn check(&self, db: &mut PgConnection) -> Result<(), OpenError> {
        let row = sqlx::query(
            "SELECT current_setting('server_version_num')::int4, current_setting('server_version'), \
             current_setting('server_encoding'), current_setting('transaction_read_only') = 'on'",
        )
        .fetch_one(db)
        .await?;
        if row.try_get::<i32, _>(0)? < MIN_VERSION {
            return Err(self
                .unusable(format!("PostgreSQL {} is too old; 13 or later is required", row.try_get::<String, _>(1)?)));
        }
        match (row.try_get(2)?, row.try_get(3)?) {
            ("UTF8", false) => Ok(()),
            ("UTF8", true) => Err(self.unusable("the server is read-only and may be a standby".into())),
            (encoding, _) => Err(self.unusable(format!("the encoding is {encoding}, but it must be UTF8"))),
        }
    }

    /// Describes a TLS failure to the operator in one sentence.
    fn explain(&self, error: sqlx::Error) -> OpenError {
        match postgres_tls::explain(&error, &self.options) {
            Some(why) => self.unusable(why),
            None => error.into(),
        }
    }

    fn unusable(&self, why: String) -> OpenError {
        OpenError::Unusable { address: self.address(), why }
    }

    fn address(&self) -> Address {
        Address::Server(Box::new(self.options.clone()))
    }
}
