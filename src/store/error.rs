//! What can go wrong with the database, in the few kinds that a caller must tell apart.

use sea_orm::{DbErr, RuntimeErr, SqlErr};

use super::constraints;

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
            _ if is_busy(&error) => Self::Busy,
            _ => Self::Db(error),
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

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Malformed(error.to_string())
    }
}
