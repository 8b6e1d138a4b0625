//! What tests stand on: databases, a running application, a client that checks every answer against the document,
//! and a world that speaks the scheme.

pub mod audit;
pub mod client;
pub mod database;
pub mod given_budget;
pub mod given_criteria;
pub mod given_deadlines;
pub mod given_evaluations;
pub mod given_improvement;
pub mod given_needs;
pub mod given_pilots;
pub mod given_plans;
pub mod given_reports;
pub mod given_twice;
pub mod key_server;
pub mod promises;
pub mod refusals;
mod retries;
pub mod world;

/// Writes a test that runs on both databases: `scenario! { async fn name(world) { … } }`.
#[macro_export]
macro_rules! scenario {
    ($(#[doc = $doc:literal])* async fn $name:ident($world:ident) $body:block) => {
        $(#[doc = $doc])*
        async fn $name($world: $crate::support::world::World) $body

        mod $name {
            #[test]
            fn sqlite() {
                $crate::support::database::on_sqlite(super::$name);
                $crate::support::refusals::met_what_the_rule_book_says(module_path!());
            }

            #[test]
            fn postgres() {
                $crate::support::database::on_postgres(super::$name);
                $crate::support::refusals::met_what_the_rule_book_says(module_path!());
            }
        }
    };
}

/// Writes a test in which the database has no part, since nothing is looked up: it runs on SQLite alone.
#[macro_export]
macro_rules! at_the_gate {
    ($(#[doc = $doc:literal])* async fn $name:ident($world:ident) $body:block) => {
        $(#[doc = $doc])*
        #[test]
        fn $name() {
            async fn scenario($world: $crate::support::world::World) $body
            $crate::support::database::on_sqlite(scenario);
        }
    };
}
