//! The schema goes up, down and up again on both databases, and says the same as the code.

use migration::{Migrator, MigratorTrait};
use sarus::domain::role::Role;
use sarus::store::generator::{self, Size};
use sarus::store::{Backend, Store, constraints};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::support::given_budget::totals_are_sums;
use crate::support::given_pilots::{SCHEME, pilot_path};
use crate::support::given_reports::report_path;
use crate::support::world::World;

scenario! {
    async fn every_step_can_be_taken_back(world) {
        let store = &world.sarus.store;
        store.take_back().await.unwrap();
        assert_eq!(tables(store).await, ["seaql_migrations"]);
        store.migrate().await.unwrap();
        assert!(tables(store).await.len() > 10);
        assert_eq!(world.sarus.store.pending_migrations().await.unwrap(), 0);
    }
}

use sarus::store::generator::{self, Size};
use sarus::store::{Backend, Store, constraints};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::support::given_budget::totals_are_sums;
use crate::support::given_pilots::{SCHEME, pilot_path};
use crate::support::given_reports::report_path;
use crate::support::world::World;
async fn names(store: &Store, sql: &str) -> Vec<String> {
    let db = store.reader();
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    let mut names: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    names.sort();
    names
}

async fn tables(store: &Store) -> Vec<String> {
    let sql = match store.backend() {
        Backend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        Backend::Postgres => "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'",
    };
    names(store, sql).await
}

scenario! {
    /// Each unique constraint that the code knows by name is in the schema by that name, so that a violation on
    /// PostgreSQL is told apart.
    async fn known_constraints_exist(world) {
        let sql = match world.sarus.store.backend() {
            // SQLite forgets the names of constraints inside CREATE TABLE; their columns are what it reports.
            Backend::Sqlite => return,
            Backend::Postgres => {
                "SELECT indexname::text FROM pg_indexes WHERE schemaname = 'public' AND indexdef LIKE 'CREATE UNIQUE%'"
            }
        };
        let schema = names(&world.sarus.store, sql).await;
        for unique in constraints::UNIQUE {
            assert!(schema.iter().any(|name| name == unique.name), "{} is not in the schema", unique.name);
        }
        let nameless = schema.iter().filter(|name| constraints::of_name(name).is_none() && !name.ends_with("_pkey"));
        let nameless: Vec<_> = nameless.filter(|name| !KEPT_BY_THE_SERVICE.contains(&name.as_str())).collect();
        assert!(nameless.is_empty(), "constraints without words for the client: {nameless:?}");
    }
}

/// Unique constraints that no request can violate: their keys are made by the service or by migrations.
const KEPT_BY_THE_SERVICE: &[&str] = &[
    // One line a constraint.
    "pk_administrative_units",
    "pk_allocation_instalments",
    "pk_consolidated_plans",
    "pk_decision_applications",
    "pk_line_movements",
    "pk_plan_measures",
    "pk_report_form_indicators",
    "uq_report_form_indicators_code",
    "uq_report_forms_id",
    "pk_report_standings",
    "pk_unit_successions",
    "pk_support_need_phases",
    "uq_agencies_code",
    "uq_classification_rules",
    "uq_interruptions_start",
    "uq_report_standings_now",
    "uq_unit_successions_default",
    "uq_changes_place",
];
