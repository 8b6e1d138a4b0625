//! A cooperative is evaluated once a year and kind *under each circular*: the key of an evaluation names the circular,
//! which is the code of its criteria set, for a province's variant that of the set it varies.
//!
//! Taking the step back is refused, before anything is changed, while a cooperative has evaluations of one year and kind under two
//! circulars: none of them is dropped.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, Statement};

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

/// The circular of a set: its code, without the province's at the end of a variant's.
const CIRCULAR: &str = "CASE WHEN province_code IS NULL THEN code ELSE substr(code, 1, length(code) - 3) END";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Sqlite {
            return made_anew(manager, true).await;
        }
        let sql = format!(
            "ALTER TABLE evaluations ADD COLUMN circular text; \
             UPDATE evaluations SET circular = (SELECT {CIRCULAR} FROM criteria_sets WHERE id = criteria_set_id); \
             ALTER TABLE evaluations ALTER COLUMN circular SET NOT NULL; \
             ALTER TABLE evaluations DROP CONSTRAINT uq_evaluations_key; \
             ALTER TABLE evaluations ADD CONSTRAINT uq_evaluations_key UNIQUE (cooperative_id, year, kind, circular); \
             CREATE INDEX ix_evaluations_criteria_code ON evaluations (criteria_code, id)"
        );
        manager.get_connection().execute_unprepared(&sql).await.map(|_| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let count = two_circulars(manager).await?;
        if count > 0 {
            return Err(DbErr::Migration(format!(
                "m23_circulars_apart is not taken back: {count} cooperative(s) have evaluations of one year and kind under two \
                 circulars, of which the schema before holds one; delete those that are not to be kept first"
            )));
        }
        if manager.get_database_backend() == DbBackend::Sqlite {
            return made_anew(manager, false).await;
        }
        let sql = "DROP INDEX ix_evaluations_criteria_code; \
                   ALTER TABLE evaluations DROP CONSTRAINT uq_evaluations_key; \
                   ALTER TABLE evaluations ADD CONSTRAINT uq_evaluations_key UNIQUE (cooperative_id, year, kind); \
                   ALTER TABLE evaluations DROP COLUMN circular";
        manager.get_connection().execute_unprepared(sql).await.map(|_| ())
    }
}

/// How often a cooperative has evaluations of one year and kind under two circulars.
async fn two_circulars(manager: &SchemaManager<'_>) -> Result<i64, DbErr> {
    let sql = "SELECT COUNT(*) FROM (SELECT 1 AS one FROM evaluations GROUP BY cooperative_id, year, kind \
               HAVING COUNT(*) > 1) twice";
    let statement = Statement::from_string(manager.get_database_backend(), sql);
    let row = manager.get_connection().query_one_raw(statement).await?;
    row.map_or(Ok(0), |row| row.try_get_by_index(0))
}

/// The columns that stay as they were.
const COLUMNS: &str = "id, version, cooperative_id, province_code, unit_code, year, kind, criteria_set_id, criteria_code, \
                       scores, operation, total, rating, not_rated_reason, endorsements, state, submitted_at, \
                       submitted_by, late, agency_id, created_by, recorded_at, updated_at, inputs, fine";

/// The indexes of the table; the last one is of this step.
const INDEXES: [(&str, &str); 9] = [
    ("ix_evaluations_cooperative_id", "cooperative_id, id"),
    ("ix_evaluations_province_code", "province_code, id"),
    ("ix_evaluations_unit_code", "unit_code, id"),
    ("ix_evaluations_year", "year, id"),
    ("ix_evaluations_kind", "kind, id"),
    ("ix_evaluations_state", "state, id"),
    ("ix_evaluations_rating", "rating, id"),
    ("ix_evaluations_territory_year", "year, province_code, unit_code, kind, cooperative_id"),
    ("ix_evaluations_criteria_code", "criteria_code, id"),
];

/// SQLite keeps unique constraints with the table, which is made anew: outside a transaction of the migrator, since only
/// there foreign keys can wait.
async fn made_anew(manager: &SchemaManager<'_>, apart: bool) -> Result<(), DbErr> {
    let (column, key, circular) = if apart {
        let of_set = format!(", (SELECT {CIRCULAR} FROM criteria_sets WHERE criteria_sets.id = criteria_set_id)");
        (", circular text NOT NULL", ", circular", of_set)
    } else {
        ("", "", String::new())
    };
    let indexes: String = INDEXES
        .iter()
        .take(if apart { 9 } else { 8 })
        .map(|(name, columns)| format!("CREATE INDEX {name} ON evaluations ({columns}); "))
        .collect();
    let sql = format!(
        "PRAGMA foreign_keys = OFF; \
         BEGIN; \
         CREATE TABLE evaluations_new ( \
             id uuid_text NOT NULL PRIMARY KEY, \
             version integer NOT NULL, \
             cooperative_id uuid_text NOT NULL, \
             province_code text NOT NULL, \
             unit_code text NOT NULL, \
             year integer NOT NULL, \
             kind text NOT NULL, \
             criteria_set_id uuid_text NOT NULL, \
             criteria_code text NOT NULL, \
             scores text NOT NULL, \
             operation text NOT NULL, \
             total integer NOT NULL, \
             rating text, \
             not_rated_reason text, \
             endorsements text NOT NULL, \
             state text NOT NULL, \
             submitted_at timestamp_with_timezone_text, \
             submitted_by text, \
             late boolean, \
             agency_id uuid_text, \
             created_by text NOT NULL, \
             recorded_at timestamp_with_timezone_text NOT NULL, \
             updated_at timestamp_with_timezone_text NOT NULL, \
             inputs text, \
             fine text{column}, \
             CONSTRAINT uq_evaluations_key UNIQUE (cooperative_id, year, kind{key}), \
             FOREIGN KEY (cooperative_id) REFERENCES cooperatives (id), \
             FOREIGN KEY (criteria_set_id) REFERENCES criteria_sets (id), \
             CONSTRAINT ck_evaluations_kind CHECK (kind IN ('self', 'verified', 'final')), \
             CONSTRAINT ck_evaluations_state CHECK (state IN ('draft', 'submitted', 'confirmed', 'returned')), \
             CONSTRAINT ck_evaluations_total CHECK (total BETWEEN 0 AND 10000), \
             CONSTRAINT ck_evaluations_outcome CHECK ((rating IS NULL) <> (not_rated_reason IS NULL)), \
             CONSTRAINT ck_evaluations_submission CHECK ((state = 'draft') = (submitted_at IS NULL))); \
         INSERT INTO evaluations_new SELECT {COLUMNS}{circular} FROM evaluations; \
         DROP TABLE evaluations; \
         ALTER TABLE evaluations_new RENAME TO evaluations; \
         {indexes}\
         COMMIT; \
         PRAGMA foreign_keys = ON;"
    );
    manager.get_connection().execute_unprepared(&sql).await.map(|_| ())
}
