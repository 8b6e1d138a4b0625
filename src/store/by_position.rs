//! Rows of the tables that are read most, taken from PostgreSQL by the place of each column: looking each of some
//! twenty names up in each of thousands of rows costs more than all else that a page does.

use sea_orm::sqlx::Row;
use sea_orm::sqlx::postgres::PgRow;
use sea_orm::{DbErr, FromQueryResult, QueryResult, sqlx};

/// A row whose columns were selected in the order of its fields, as `Entity::find` selects them.
pub(super) trait ByPosition: FromQueryResult {
    /// The row, each field from the column in its place.
    ///
    /// # Errors
    /// A column is not of the type of its field.
    fn of_postgres(row: &PgRow) -> Result<Self, sqlx::Error>;

    /// The row, whichever the database: inside the process names cost little beside the query.
    ///
    /// # Errors
    /// A column is not of the type of its field, or missing.
    fn of(row: &QueryResult) -> Result<Self, DbErr> {
        match row.try_as_pg_row() {
            Some(row) => Self::of_postgres(row).map_err(|error| DbErr::Type(error.to_string())),
            None => Self::from_query_result(row, ""),
        }
    }
}

/// The next column of a row.
pub(super) fn next<'r, T>(row: &'r PgRow, at: &mut usize) -> Result<T, sqlx::Error>
where
    T: sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    let column = *at;
    *at += 1;
    row.try_get(column)
}

/// Implements [`ByPosition`] for the `Model` of an entity: all its fields, in the order in which they are declared.
macro_rules! by_position {
    ($($field:ident),+ $(,)?) => {
        impl crate::store::by_position::ByPosition for Model {
            fn of_postgres(row: &sea_orm::sqlx::postgres::PgRow) -> Result<Self, sea_orm::sqlx::Error> {
                let mut at = 0;
                Ok(Self { $($field: crate::store::by_position::next(row, &mut at)?),+ })
            }
        }

        #[cfg(test)]
        mod by_position_tests {
            use sea_orm::{IdenStatic, Iterable};

            #[test]
            fn fields_are_named_in_the_order_of_columns() {
                let columns: Vec<&str> = super::Column::iter().map(|column| column.as_str()).collect();
                assert_eq!(columns, [$(stringify!($field)),+]);
            }
        }
    };
}
pub(super) use by_position;
