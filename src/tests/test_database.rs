//! A database for a single test. It is a file in the test's own directory or, if `DATABASE_URL` names a PostgreSQL
//! server, a database on that server that is dropped afterward. The engine's tests and the stories are the same for
//! both.

use std::{
    io::Write as _,
    path::Path,
    process,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    time::Duration,
};

use engine::store::Address;
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, postgres::PgConnectOptions,
    sqlite::SqliteConnectOptions,
};

/// The database used by a single test.
pub(crate) struct TestDatabase {
    address: Address,
    made: Option<PostgresDatabase>,
}

/// A PostgreSQL database created for a test.
struct PostgresDatabase {
    server: PgConnectOptions,
    name: String,
}

/// Returns the PostgreSQL server named by `DATABASE_URL`, if any. All other URLs are ignored.
fn server() -> Option<PgConnectOptions> {
    let url = std::env::var("DATABASE_URL").ok().filter(|url| url.starts_with("postgres"))?;
    Some(url.parse().expect("DATABASE_URL is a valid PostgreSQL URL"))
}

/// Returns `true` if the tests are running on PostgreSQL and a test of SQLite behavior must be skipped. In that case,
/// writes the reason directly to standard error, which the test harness does not capture.
pub(crate) fn skip_on_postgres(why: &str) -> bool {
    let is_postgres = server().is_some();
    if is_postgres {
        let test = std::thread::current().name().unwrap_or_default().to_owned();
        writeln!(std::io::stderr(), "skipped {test} on PostgreSQL: {why}").expect("standard error is writable");
    }
    is_postgres
}

impl TestDatabase {
    /// Creates a database on the PostgreSQL server, or uses `jumpin.db` in this directory if no server is configured.
    pub(crate) async fn create(folder: &Path) -> Self {
        match Self::postgres().await {
            Some(made) => made,
            None => Self::sqlite(folder),
        }
    }

    /// Uses `jumpin.db` in this directory.
    pub(crate) fn sqlite(folder: &Path) -> Self {
        Self { address: Address::File(folder.join("jumpin.db")), made: None }
    }

    /// Creates a database on the PostgreSQL server named by `DATABASE_URL`. Returns `None` if there is no such server.
    pub(crate) async fn postgres() -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let server = server()?;
        let mut db = server.connect().await.expect("the server named by DATABASE_URL accepts connections");
        // An earlier process with the same id may have left its database behind.
        let name = format!("jumpin_test_{}_{}", process::id(), NUMBER.fetch_add(1, Relaxed));
        execute(&mut db, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        // The locale of the server's other databases must not make a difference.
        execute(&mut db, format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")).await;
        db.close().await.ok();
        let address = Address::Server(Box::new(server.clone().database(&name)));
        Some(Self { address, made: Some(PostgresDatabase { server, name }) })
    }

    /// Returns the address of the database.
    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    /// Returns the URL of the database, for use on a command line.
    pub(crate) fn url(&self) -> String {
        match &self.address {
            Address::File(file) => format!("sqlite:{}", file.display()),
            Address::Server(options) => options.to_url_lossy().to_string(),
        }
    }

    /// Opens the test's own connection to the PostgreSQL database. Returns `None` for SQLite.
    pub(crate) async fn connect(&self) -> Option<PgConnection> {
        let PostgresDatabase { server, name } = self.made.as_ref()?;
        Some(server.clone().database(name).connect().await.expect("the database exists"))
    }

    /// Executes a statement behind the server's back.
    pub(crate) async fn execute_sql(&self, statement: &'static str) {
        let done = match (self.connect().await, self.address.file()) {
            (Some(mut db), _) => sqlx::query(statement).execute(&mut db).await.map(drop),
            (None, Some(file)) => {
                let options = SqliteConnectOptions::new().filename(file).busy_timeout(Duration::from_secs(20));
                let mut db = options.connect().await.expect("the database exists");
                sqlx::query(statement).execute(&mut db).await.map(drop)
            }
            (None, None) => unreachable!("a database is either on a server or a file"),
        };
        done.expect("the statement is valid");
    }

    /// Terminates all other connections to the database, as a server restart or failover would. Returns `false` for
    /// SQLite.
    pub(crate) async fn terminate_connections(&self) -> bool {
        let Some(mut db) = self.connect().await else { return false };
        let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                      WHERE datname = current_database() AND pid <> pg_backend_pid()";
        sqlx::query(others).execute(&mut db).await.expect("the user of DATABASE_URL may terminate connections");
        true
    }

    /// Returns whether any row in the PostgreSQL database contains the text. Always returns `false` for SQLite, in
    /// which case the caller searches the file.
    pub(crate) async fn contains_text(&self, word: &str) -> bool {
        let Some(mut db) = self.connect().await else { return false };
        let tables = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'";
        let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut db).await.expect("tables can be listed");
        assert!(tables.len() > 20, "{tables:?}");
        for table in tables {
            let rows =
                format!("SELECT EXISTS (SELECT 1 FROM {table} WHERE strpos(lower({table}::text), lower($1)) > 0)");
            let rows = sqlx::query_scalar(AssertSqlSafe(rows)).bind(word);
            if rows.fetch_one(&mut db).await.expect("the table can be read") {
                return true;
            }
        }
        false
    }
}

async fn execute(db: &mut PgConnection, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(db).await.expect("the user of DATABASE_URL may create/drop databases");
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Some(PostgresDatabase { server, name }) = self.made.take() else { return };
        // The test's runtime may already be shutting down, so the thread starts its own.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut db = server.connect().await?;
                sqlx::raw_sql(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")))
                    .execute(&mut db)
                    .await
            })?;
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
        });
        if let Ok(Err(error)) = dropping.join() {
            writeln!(std::io::stderr(), "failed to drop a test database: {error}").ok();
        }
    }
}
