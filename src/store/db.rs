//! What is read from: on SQLite the driver's own pool, on PostgreSQL a pool that asks nothing of the server but the
//! query. (The driver's pool sends a question after each use, to see whether the connection still answers: as much work
//! for the server as reading one record.)

use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{Manager, Metrics, Object, Pool, PoolError, RecycleError, RecycleResult};
use sea_orm::entity::prelude::async_trait::async_trait;
use sea_orm::sea_query::Values;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection, PgQueryResult, PgRow};
use sea_orm::sqlx::query::Query;
use sea_orm::sqlx::{self, AssertSqlSafe, ConnectOptions, Connection, Postgres};
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr,
    Statement,
};
use sea_query_sqlx::SqlxValues;

/// How long a connection is used before a new one takes its place, so that a server which moved is found again.
const LIFETIME: Duration = Duration::from_secs(30 * 60);

/// After how long unused a connection is asked whether it is still there: a server that was started again in between has
/// forgotten it, and under load the question would cost as much as the queries.
pub(super) const IDLE: Duration = Duration::from_secs(5);

/// A pool to read from. Cloning shares it.
#[derive(Debug, Clone)]
pub enum Db {
    /// Readers of an SQLite file.
    Sqlite(DatabaseConnection),
    /// Sessions of a PostgreSQL server.
    Postgres(Pool<Sessions>),
}

/// Opens sessions of a PostgreSQL server.
#[derive(Debug)]
pub struct Sessions {
    options: PgConnectOptions,
}

/// One session.
#[derive(Debug)]
pub struct Session {
    connection: PgConnection,
    /// A query was sent, and its answer not read to the end: the caller went away, or the connection broke.
    in_flight: bool,
}

impl Manager for Sessions {
    type Type = Session;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<Session, sqlx::Error> {
        Ok(Session { connection: self.options.connect().await?, in_flight: false })
    }

    async fn recycle(&self, session: &mut Session, metrics: &Metrics) -> RecycleResult<sqlx::Error> {
        if session.in_flight || metrics.age() > LIFETIME {
            return Err(RecycleError::message("it is done with"));
        }
        if metrics.last_used() > IDLE {
            session.connection.ping().await?;
        }
        Ok(())
    }
}

impl Db {
    /// A pool of at most so many sessions, opened as they are needed.
    ///
    /// # Errors
    /// The pool cannot be made.
    pub(super) fn of_postgres(options: PgConnectOptions, sessions: usize, acquire: Duration) -> Result<Self, DbErr> {
        let pool = Pool::builder(Sessions { options })
            .max_size(sessions)
            .wait_timeout(Some(acquire))
            .create_timeout(Some(acquire))
            .recycle_timeout(Some(IDLE))
            .runtime(Runtime::Tokio1);
        pool.build().map(Self::Postgres).map_err(|error| DbErr::Custom(error.to_string()))
    }

    /// Closes the connections after what runs has ended.
    ///
    /// # Errors
    /// The driver failed to close.
    pub(super) async fn close(self) -> Result<(), DbErr> {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => {
                pool.close();
                Ok(())
            }
        }
    }
}

/// A session of the pool.
async fn session(pool: &Pool<Sessions>) -> Result<Object<Sessions>, DbErr> {
    pool.get().await.map_err(|error| match error {
        PoolError::Backend(error) => DbErr::Conn(RuntimeErr::SqlxError(error.into())),
        PoolError::Closed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
        _ => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
    })
}

impl Session {
    async fn all(&mut self, statement: &Statement) -> Result<Vec<PgRow>, sqlx::Error> {
        self.in_flight = true;
        let answer = bound(statement).fetch_all(&mut self.connection).await;
        self.answered(answer)
    }

    async fn execute(&mut self, statement: &Statement) -> Result<PgQueryResult, sqlx::Error> {
        self.in_flight = true;
        let answer = bound(statement).execute(&mut self.connection).await;
        self.answered(answer)
    }

    async fn execute_unprepared(&mut self, sql: &str) -> Result<PgQueryResult, sqlx::Error> {
        self.in_flight = true;
        let answer = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut self.connection).await;
        self.answered(answer)
    }

    /// What the server answers, a refusal included, leaves the session fit for the next query.
    fn answered<T>(&mut self, answer: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        self.in_flight = answer.as_ref().is_err_and(|error| error.as_database_error().is_none());
        answer
    }
}

/// A statement with its values.
fn bound(statement: &Statement) -> Query<'_, Postgres, SqlxValues> {
    let values = statement.values.clone().unwrap_or_else(|| Values(Vec::new()));
    sqlx::query_with(AssertSqlSafe(statement.sql.as_str()), SqlxValues(values))
}

fn query_failed(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}

fn execution_failed(error: sqlx::Error) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(error.into()))
}

#[async_trait]
impl ConnectionTrait for Db {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::Sqlite(_) => DbBackend::Sqlite,
            Self::Postgres(_) => DbBackend::Postgres,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match self {
            Self::Sqlite(pool) => pool.execute_raw(statement).await,
            Self::Postgres(pool) => {
                session(pool).await?.execute(&statement).await.map(ExecResult::from).map_err(execution_failed)
            }
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match self {
            Self::Sqlite(pool) => pool.execute_unprepared(sql).await,
            Self::Postgres(pool) => {
                session(pool).await?.execute_unprepared(sql).await.map(ExecResult::from).map_err(execution_failed)
            }
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self {
            Self::Sqlite(pool) => pool.query_one_raw(statement).await,
            Self::Postgres(_) => Ok(self.query_all_raw(statement).await?.into_iter().next()),
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::Sqlite(pool) => pool.query_all_raw(statement).await,
            Self::Postgres(pool) => {
                let rows = session(pool).await?.all(&statement).await.map_err(query_failed)?;
                Ok(rows.into_iter().map(QueryResult::from).collect())
            }
        }
    }
}
