//! What can go wrong with the database, in the few kinds that a caller must tell apart.

use sea_orm::{DbErr, RuntimeErr, SqlErr};

use super::{constraints, guards};
use crate::domain::refusal::Refusal;

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Not there, or outside the caller's scope.
    #[error("not found")]
    NotFound,
    /// The record changed since it was read.
    #[error("the record changed in between")]
    Stale,
    /// A unique constraint, by its name.
    #[error("unique constraint {0} violated")]
    Taken(&'static str),
    /// Another record names the one that is to go, or the one that is to be named has gone.
    #[error("foreign key violated")]
    Referenced,
    /// A trigger of the database refused, by a rule and on figures of its own.
    #[error("refused by the database: {}", .0.detail.en)]
    Guarded(Box<Refusal>),
    /// A lock or a connection could not be had in time; trying again may help.
    #[error("the database is busy")]
    Busy,
    /// Stored data do not have the form that the code writes.
    #[error("stored data are malformed: {0}")]
    Malformed(String),
    /// Anything else.
    #[error("database failure")]
    Db(#[source] DbErr),
}

impl StoreError {
    /// What was found, or nothing: for references that may lead nowhere, which is for the rules to judge.
    ///
    /// # Errors
    /// Any failure but `NotFound`.
    pub fn if_found<T>(found: Result<T, Self>) -> Result<Option<T>, Self> {
        match found {
            Ok(thing) => Ok(Some(thing)),
            Err(Self::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(message)) => match constraints::named_in(&message) {
                Some(constraint) => Self::Taken(constraint.name),
                None => Self::Db(error),
            },
            Some(SqlErr::ForeignKeyConstraintViolation(_)) => Self::Referenced,
            _ if is_busy(&error) => Self::Busy,
            _ => guarded(&error).unwrap_or(Self::Db(error)),
        }
    }
}

/// PostgreSQL: lock timeout 55P03, deadlock 40P01, serialization 40001. SQLite: busy 5, locked 6 and their extensions.
fn is_busy(error: &DbErr) -> bool {
    if matches!(error, DbErr::ConnectionAcquire(_)) {
        return true;
    }
    let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) = error else {
        return false;
    };
    let code = cause.as_database_error().and_then(|database| database.code().map(std::borrow::Cow::into_owned));
    matches!(code.as_deref(), Some("55P03" | "40P01" | "40001" | "5" | "6" | "261" | "517" | "262"))
}

/// A trigger that refuses: PostgreSQL 23514 (check violation), SQLite 1811 (`SQLITE_CONSTRAINT_TRIGGER`); on SQLite some keep the
/// natural keys.
fn guarded(error: &DbErr) -> Option<StoreError> {
    let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) = error else {
        return None;
    };
    let database = cause.as_database_error()?;
    let code = database.code()?;
    if !matches!(code.as_ref(), "23514" | "1811") {
        return None;
    }
    let taken = constraints::named_in(database.message()).map(|constraint| StoreError::Taken(constraint.name));
    taken.or_else(|| guards::refusal(database.message()).map(|refusal| StoreError::Guarded(Box::new(refusal))))
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Malformed(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectOptions, ConnectionTrait, Database};

    use super::*;

    #[tokio::test]
    async fn a_foreign_key_is_told_apart_from_a_broken_database() {
        let mut options = ConnectOptions::new("sqlite::memory:");
        options.max_connections(1);
        let db = Database::connect(options).await.unwrap();
        let tables = "CREATE TABLE named (id INTEGER PRIMARY KEY); \
                      CREATE TABLE naming (named_id INTEGER REFERENCES named (id)); \
                      INSERT INTO named VALUES (1); INSERT INTO naming VALUES (1);";
        db.execute_unprepared(tables).await.unwrap();
        for sql in ["DELETE FROM named", "INSERT INTO naming VALUES (2)"] {
            let error = StoreError::from(db.execute_unprepared(sql).await.unwrap_err());
            assert!(matches!(error, StoreError::Referenced), "{sql}: {error:?}");
        }
        let broken = StoreError::from(db.execute_unprepared("DELETE FROM nowhere").await.unwrap_err());
        assert!(matches!(broken, StoreError::Db(_)), "{broken:?}");
    }
}
