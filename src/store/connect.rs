//! Connecting: a pool to write through (on SQLite of one connection), one to read from, one for exports; and migrating.

use std::num::NonZero;
use std::time::Duration;

use migration::{Migrator, MigratorTrait};
use sea_orm::sqlx::ConnectOptions as _;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, IsolationLevel,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

use super::db::IDLE;
use super::{Db, StoreError, Tx};

/// Connections to PostgreSQL that write.
const WRITERS: u32 = 8;
/// Connections to PostgreSQL that read.
const READERS: usize = 12;
/// The most connections that read an SQLite file, one for each processor: each is a thread with caches of its own, and
/// reading waits for no network.
const FILE_READERS: usize = 4;
/// Connections that read one state for as long as an export takes, opened when there is one: a client that reads slowly
/// keeps its connection for minutes, and must keep neither readers nor writers waiting.
const EXPORTERS: u32 = 4;
/// How long a connection for exports is kept unused.
const EXPORTER_IDLE: Duration = Duration::from_secs(60);
/// How long a request waits for a connection.
const ACQUIRE: Duration = Duration::from_secs(20);
/// How long a statement waits for a row lock of PostgreSQL, or for the file lock of SQLite.
const LOCK_MILLISECONDS: u64 = 10_000;
/// Key of the advisory lock under which PostgreSQL is migrated: replicas may start at once.
const MIGRATION_LOCK: i64 = 0x5A_52_55_53;

/// Which database is behind a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// One embedded file.
    Sqlite,
    /// A server.
    Postgres,
}

impl Backend {
    /// The backend that a URL names, if Sarus knows it.
    pub fn of_url(url: &str) -> Option<Self> {
        if url.starts_with("sqlite:") {
            Some(Self::Sqlite)
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Some(Self::Postgres)
        } else {
            None
        }
    }
}

/// The database, ready to use. Cloning shares the pools.
#[derive(Debug, Clone)]
pub struct Store {
    backend: Backend,
    reader: Db,
    writer: DatabaseConnection,
    exporter: DatabaseConnection,
}

impl Store {
    /// Connects to the database of a URL (`sqlite://file.db`, `postgres://…`).
    ///
    /// # Errors
    /// The database cannot be reached, or the URL is of an unknown kind.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        match Backend::of_url(url) {
            Some(Backend::Sqlite) => {
                // 64 writers on one SQLite file queue much faster for one connection than for the file lock.
                let writer = Database::connect(sqlite(url, 1)).await?;
                let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
                let readers = u32::try_from(processors.min(FILE_READERS)).unwrap_or(1);
                let reader = Database::connect(sqlite(url, readers)).await?;
                let exporter = Database::connect(as_needed(sqlite(url, EXPORTERS))).await?;
                Ok(Self { backend: Backend::Sqlite, reader: Db::Sqlite(reader), writer, exporter })
            }
            Some(Backend::Postgres) => {
                let writer = Database::connect(postgres(url, WRITERS)).await?;
                let session = url.parse::<PgConnectOptions>().map_err(|error| DbErr::Custom(error.to_string()))?;
                let session = for_sarus(session).disable_statement_logging();
                let reader = Db::of_postgres(session, READERS, ACQUIRE)?;
                let exporter = Database::connect(as_needed(postgres(url, EXPORTERS))).await?;
                Ok(Self { backend: Backend::Postgres, reader, writer, exporter })
            }
            None => Err(StoreError::Malformed("the URL must start with sqlite: or postgres:".to_owned())),
        }
    }

    /// Which database this is.
    pub const fn backend(&self) -> Backend {
        self.backend
    }

    /// The pool to read from.
    pub const fn reader(&self) -> &Db {
        &self.reader
    }

    /// The pool to write to by one statement, which is a transaction of its own.
    pub(super) const fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Begins a transaction to write in.
    ///
    /// # Errors
    /// No connection could be had.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let options = TransactionOptions {
            // A writer that starts as a reader could not be upgraded under WAL: take the write lock at once.
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.writer.begin_with_options(options).await?)
    }

    /// Begins a transaction to read one state of the database in, for as long as it lives.
    ///
    /// # Errors
    /// No connection could be had.
    pub async fn snapshot(&self) -> Result<Tx, StoreError> {
        match self.backend {
            // A reader of SQLite sees one state by itself.
            Backend::Sqlite => Ok(self.exporter.begin().await?),
            Backend::Postgres => {
                let (isolation, access) = (IsolationLevel::RepeatableRead, AccessMode::ReadOnly);
                Ok(self.exporter.begin_with_config(Some(isolation), Some(access)).await?)
            }
        }
    }

    /// Applies what is pending of the schema.
    ///
    /// # Errors
    /// A step failed.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        Ok(Migrator::up(&self.writer, None).await?)
    }

    /// Takes back every step of the schema, and with it everything that is stored.
    ///
    /// # Errors
    /// A step failed.
    pub async fn take_back(&self) -> Result<(), StoreError> {
        Ok(Migrator::down(&self.writer, None).await?)
    }

    /// Takes back the last steps of the schema, and with them what only they store.
    ///
    /// # Errors
    /// A step failed.
    pub async fn take_back_last(&self, steps: u32) -> Result<(), StoreError> {
        Ok(Migrator::down(&self.writer, Some(steps)).await?)
    }

    /// How many steps of the schema are still to be applied.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn pending_migrations(&self) -> Result<usize, StoreError> {
        Ok(Migrator::get_pending_migrations(&self.writer).await?.len())
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// It does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.reader.execute_unprepared("SELECT 1").await.map(|_| ())?)
    }

    /// Closes the connections after what runs has ended.
    ///
    /// # Errors
    /// The driver failed to close.
    pub async fn close(self) -> Result<(), StoreError> {
        self.exporter.close().await?;
        self.writer.close().await?;
        Ok(self.reader.close().await?)
    }
}

/// Migrates the database of a URL, alone: PostgreSQL under an advisory lock, since replicas may try together.
///
/// # Errors
/// The database cannot be reached, or a step failed.
pub async fn migrate(url: &str) -> Result<(), StoreError> {
    if Backend::of_url(url) != Some(Backend::Postgres) {
        let store = Store::connect(url).await?;
        store.migrate().await?;
        return store.close().await;
    }
    // A pool of one: the lock belongs to the session that migrates.
    let session = Database::connect(postgres(url, 1)).await?;
    session.execute_unprepared(&format!("SELECT pg_advisory_lock({MIGRATION_LOCK})")).await?;
    let migrated = Migrator::up(&session, None).await;
    // What the steps filled, the territory above all, is unknown to the planner until somebody looks.
    if migrated.is_ok() {
        session.execute_unprepared("ANALYZE").await?;
    }
    session.execute_unprepared(&format!("SELECT pg_advisory_unlock({MIGRATION_LOCK})")).await?;
    session.close().await?;
    Ok(migrated?)
}

fn common(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE)
        .connect_timeout(ACQUIRE)
        .test_before_acquire(false)
        .sqlx_logging(false);
    options
}

/// A pool that has no connection until one is needed, and gives it back to the system a while after.
fn as_needed(mut options: ConnectOptions) -> ConnectOptions {
    options.min_connections(0).connect_lazy(true).idle_timeout(EXPORTER_IDLE);
    options
}

fn sqlite(url: &str, connections: u32) -> ConnectOptions {
    let mut options = common(url, connections);
    options.idle_timeout(None::<Duration>).max_lifetime(None::<Duration>);
    options.map_sqlx_sqlite_opts(|sqlite| {
        sqlite
            .create_if_missing(true)
            .foreign_keys(true)
            .busy_timeout(Duration::from_millis(LOCK_MILLISECONDS))
            .pragma("journal_mode", "WAL")
            .pragma("synchronous", "FULL")
            // In KiB. What is not here is in the cache of the operating system.
            .pragma("cache_size", "-512")
            // A compiled statement takes some 15 KB here, and compiling it some ten microseconds.
            .statement_cache_capacity(50)
    });
    options
}

fn postgres(url: &str, connections: u32) -> ConnectOptions {
    let mut options = common(url, connections);
    options.test_before_acquire_if_idle_for(IDLE);
    options.map_sqlx_postgres_opts(for_sarus);
    options
}

/// What every session of PostgreSQL is told.
fn for_sarus(options: PgConnectOptions) -> PgConnectOptions {
    let lock = format!("{LOCK_MILLISECONDS}ms");
    options.options([("lock_timeout", lock.as_str()), ("application_name", "sarus")]).statement_cache_capacity(200)
}
