//! Connections to the database: who keeps them does not keep others waiting, and those that broke are replaced.

use std::time::Duration;

use sarus::domain::role::Role;
use sarus::store::Backend;
use sea_orm::{ConnectionTrait, Statement};

scenario! {
    /// As many exports as there may be at once, each read by a client that does not hurry: others read and write as ever.
    async fn slow_exports_keep_nobody_waiting(world) {
        let store = &world.sarus.store;
        let cooperative = world.given_cooperative("888", "0100233488").await;
        let path = format!("/v1/cooperatives/{}", cooperative["id"].as_str().unwrap());
        let mut exports = Vec::new();
        for _ in 0..4 {
            let export = store.snapshot().await.unwrap();
            let sql = Statement::from_string(export.get_database_backend(), "SELECT 1 FROM cooperatives");
            assert_eq!(export.query_all_raw(sql).await.unwrap().len(), 1);
            exports.push(export);
        }
        // Well before a connection would be given up for: those kept by the exports never come back here.
        let served = async {
            let locality = world.someone(Role::Locality, "888");
            locality.get(&path).await.ok();
            world.given_cooperative("888", "0314409058").await
        };
        tokio::time::timeout(Duration::from_secs(15), served).await.expect("readers and writers have connections of their own");
        // What an export reads is one state, whatever was written since.
        for export in exports {
            let sql = Statement::from_string(export.get_database_backend(), "SELECT 1 FROM cooperatives");
            assert_eq!(export.query_all_raw(sql).await.unwrap().len(), 1);
        }
    }
}

scenario! {
    /// PostgreSQL was started again, or ended every session: after a while the service reads, writes and exports as before.
    async fn broken_sessions_are_replaced(world) {
        let store = &world.sarus.store;
        if store.backend() == Backend::Sqlite {
            return; // A file has no sessions.
        }
        let plan = world.given_standing_plan().await;
        let lines = format!("/v1/provincial-plans/{}/estimate-lines", plan["id"].as_str().unwrap());
        let office = world.someone(Role::LeadAgency, "89");
        let exporter = office.with("Accept", "text/csv");
        assert_eq!(exporter.get(&lines).await.status, 200);
        // Two sessions that write: one is ended, the other ends it.
        let (killer, other) = (store.begin().await.unwrap(), store.begin().await.unwrap());
        other.execute_unprepared("SELECT 1").await.unwrap();
        other.rollback().await.unwrap();
        let ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                     WHERE datname = current_database() AND pid <> pg_backend_pid()";
        let ended = killer.query_all_raw(Statement::from_string(killer.get_database_backend(), ended)).await.unwrap();
        assert!(ended.len() >= 3, "{} sessions of a reader, an export and a writer were ended", ended.len());
        drop(killer);
        // A session that was used a moment ago is trusted; after five seconds it is asked whether it is still there.
        tokio::time::sleep(Duration::from_millis(5_500)).await;
        for _ in 0..20 {
            office.get("/v1/me").await.ok();
            office.get("/v1/provincial-plans").await.ok();
        }
        assert_eq!(exporter.get(&lines).await.status, 200);
        for writer in [store.begin().await.unwrap(), store.begin().await.unwrap()] {
            writer.execute_unprepared("SELECT 1").await.unwrap();
        }
    }
}
