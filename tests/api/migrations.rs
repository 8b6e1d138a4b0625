//! The schema goes up, down and up again on both databases, and says the same as the code.

use migration::{Migrator, MigratorTrait};
use sarus::domain::role::Role;
use sarus::store::generator::{self, Size};
use sarus::store::{Backend, Store, constraints};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::support::given_budget::totals_are_sums;
use crate::support::given_deadlines::new_reporting_deadline;
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

/// Takes back every step from one on.
async fn take_back_from(store: &Store, step: &str) -> Result<(), sarus::store::StoreError> {
    let steps = Migrator::migrations();
    let first = steps.iter().position(|one| one.name() == step).unwrap();
    store.take_back_last(u32::try_from(steps.len() - first).unwrap()).await
}

scenario! {
    /// Two circulars in a year do not fit into the schema before: the step says so, and loses nothing.
    async fn a_step_that_would_lose_evaluations_is_not_taken_back(world) {
        let cooperative = world.given_cooperative("888", "1600000001").await["id"].as_str().unwrap().to_owned();
        world.given_draft_evaluation(&cooperative, 2023, 8_000).await;
        let store = &world.sarus.store;
        let columns = "version, cooperative_id, province_code, unit_code, year, kind, criteria_set_id, criteria_code, scores, \
                       operation, total, rating, not_rated_reason, endorsements, state, submitted_at, submitted_by, late, agency_id, \
                       created_by, recorded_at, updated_at, inputs, fine";
        let copied = format!(
            "INSERT INTO evaluations (id, {columns}, circular) SELECT {{id}}, {columns}, 'TT09-2017' FROM evaluations"
        );
        let id = match store.backend() {
            Backend::Sqlite => "x'01900000000070008000000000000001'",
            Backend::Postgres => "'01900000-0000-7000-8000-000000000001'::uuid",
        };
        let tx = store.begin().await.unwrap();
        tx.execute_unprepared(&copied.replace("{id}", id)).await.unwrap();
        tx.commit().await.unwrap();
        let refused = take_back_from(store, "m23_circulars_apart").await.unwrap_err();
        let words = format!("{refused:?}");
        assert!(words.contains("1 cooperative(s) have evaluations of one year and kind under two circulars"), "{words}");
        store.migrate().await.unwrap();
        let own = world.cooperative(&cooperative);
        assert_eq!(own.get("/v1/evaluations?count=exact").await.ok()["count"], 2);
        assert_eq!(store.pending_migrations().await.unwrap(), 0);
    }
}

scenario! {
    /// A pilot that ended before verdicts named their rule says by which rule it was judged, and one that ended before any was
    /// kept by which it is to be.
    async fn verdicts_of_older_pilots_name_their_rule(world) {
        let pilot = world.given_pilots(1).await.remove(0);
        let path = pilot_path(&pilot);
        let lead = world.someone(Role::LeadAgency, "89");
        let evaluation = world.given_submitted_evaluation(pilot["cooperative"].as_str().unwrap(), 2023, 8_250).await;
        lead.step(&path, "completions", &world.new_completion("2024-03-29", &evaluation).await).await.ok();
        lead.step(&path, "endings", &json!({"endedOn": "2025-02-14"})).await.ok();
        let store = &world.sarus.store;
        take_back_from(store, "m39_claims_reviewed").await.unwrap();
        let verdict = |outcome: &str| json!({
            "outcome": outcome, "statement": {"vi": "Tổng điểm 82,50.", "en": "The total is 82.50."}, "legalBasis": "2129/QĐ-UBND VI.2.1",
        });
        let old = json!({"plan": null, "evaluation": null, "total_verdict": verdict("met"), "criteria_verdict": verdict("unknown")});
        let set = async |value: &str| {
            let tx = store.begin().await.unwrap();
            tx.execute_unprepared(&format!("UPDATE pilots SET exit_verdicts = {value}")).await.unwrap();
            tx.commit().await.unwrap();
        };
        set(&format!("'{old}'")).await;
        store.migrate().await.unwrap();
        let version = json!({"of": SCHEME, "validFrom": "2021-02-03"});
        let exit = lead.get(&path).await.ok()["exit"].clone();
        for (verdict, rule, outcome) in [("totalVerdict", "exit_total", "met"), ("criteriaVerdict", "exit_criteria", "unknown")] {
            let told = &exit[verdict];
            assert_eq!((&told["ruleId"], &told["version"], &told["outcome"]), (&json!(rule), &version, &json!(outcome)));
        }
        set("NULL").await;
        let exit = lead.get(&path).await.ok()["exit"].clone();
        let total = &exit["totalVerdict"];
        assert_eq!((&total["ruleId"], &total["outcome"], &exit["exitMet"]), (&json!("exit_total"), &json!("unknown"), &json!(false)));
        assert_eq!(total["legalBasis"], "2129/QĐ-UBND VI.2.1");
    }
}

scenario! {
    /// A deadline that was in force before there were regimes side by side is of the regime that it states.
    async fn a_deadline_in_force_keeps_its_regime(world) {
        let first = world.given_reporting_deadline(&new_reporting_deadline()).await;
        let store = &world.sarus.store;
        take_back_from(store, "m61_deadlines_by_regime").await.unwrap();
        store.migrate().await.unwrap();
        let ministry = world.someone(Role::Ministry, "");
        let of_regime = ministry.get("/v1/reporting-deadlines?regime=124%2F2021%2FTT-BTC&state=active").await.ok();
        assert_eq!(of_regime["items"], json!([first]));
        let mut other = new_reporting_deadline();
        other["regime"] = json!("Chế độ báo cáo của tỉnh");
        world.given_reporting_deadline(&other).await;
        let active = ministry.get("/v1/reporting-deadlines?state=active").await.ok();
        assert_eq!(active["items"].as_array().unwrap().len(), 2);
        assert!(take_back_from(store, "m61_deadlines_by_regime").await.is_err(), "before, there was room for one");
    }
}

scenario! {
    /// Of two reports that stand for a unit, as they could before, the later one stays, now and in what is quoted of then.
    async fn of_two_reports_of_a_unit_the_later_stays(world) {
        let ministry = world.someone(Role::Ministry, "");
        let mut reports = Vec::new();
        for province in ["89", "91"] {
            world.given_plan(province).await;
            reports.push(world.given_accepted_report(&world.someone(Role::LeadAgency, province), &ministry, "2023").await);
        }
        let store = &world.sarus.store;
        take_back_from(store, "m45_one_report_a_unit").await.unwrap();
        let tx = store.begin().await.unwrap();
        for table in ["periodic_reports", "report_standings"] {
            tx.execute_unprepared(&format!("UPDATE {table} SET province_code = '89'")).await.unwrap();
        }
        tx.execute_unprepared("UPDATE periodic_reports SET unit_code = '89'").await.unwrap();
        tx.commit().await.unwrap();
        store.migrate().await.unwrap();
        let (first, second) = (ministry.get(&report_path(&reports[0])).await.ok(), ministry.get(&report_path(&reports[1])).await.ok());
        assert_eq!((&first["authoritative"], &second["authoritative"]), (&json!(false), &json!(true)));
        assert_eq!(count(store, "report_standings WHERE to_at IS NULL").await, 1);
        let aggregate = ministry.get("/v1/aggregates?period=2023").await.ok();
        assert_eq!((aggregate["sources"].as_array().unwrap().len(), &aggregate["sources"][0]["report"]), (1, &second["id"]));
        let then = ministry.get(&format!("/v1/aggregates?period=2023&asOf={}", world.now())).await.ok();
        assert_eq!(then["sources"], aggregate["sources"]);
    }
}

/// The first release ended with this step.
const FIRST_RELEASE: &str = "m09_loans";

/// What every caller of the first release could read, as it reads today.
async fn read(world: &World) -> Vec<Value> {
    let ministry = world.someone(Role::Ministry, "");
    let mut all = Vec::new();
    for list in ["/v1/cooperatives", "/v1/pilots", "/v1/provincial-plans", "/v1/budget-allocations"] {
        let lines = ministry.with("accept", "application/x-ndjson").get(list).await.text;
        assert!(lines.lines().count() > 10, "{list}");
        all.push(json!(lines));
    }
    for sums in ["province", "category", "line"] {
        let mut sums = ministry.get(&format!("/v1/budget-summaries?by={sums}")).await.ok();
        sums.as_object_mut().unwrap().remove("asOf");
        all.push(sums);
    }
    for period in ["2021S1", "2021"] {
        let aggregate = ministry.get(&format!("/v1/aggregates?period={period}&by=province")).await.ok();
        all.push(json!([
            aggregate["indicators"],
            aggregate["provinces"],
            aggregate["missing"],
            aggregate["formVersion"]
        ]));
        all.push(ministry.get(&format!("/v1/report-completeness?period={period}")).await.ok()["total"].clone());
    }
    let evaluations = ministry.get("/v1/evaluations?limit=200").await.ok();
    let said = |one: &Value| json!([one["id"], one["total"], one["rating"], one["state"], one["scores"]]);
    all.extend(evaluations["items"].as_array().unwrap().iter().map(said));
    all
}

scenario! {
    /// A country of records goes back to the shape of the first release, and from there up through every step since: what it
    /// says is the same, and work goes on.
    async fn a_filled_database_of_the_first_release_migrates_up(world) {
        let store = &world.sarus.store;
        let size = Size { seed: 9, cooperatives: 120, years: 1 };
        generator::fill(store, size, &mut |_, _, _| {}).await.unwrap();
        let before = read(&world).await;
        let steps = Migrator::migrations();
        let first = steps.iter().position(|step| step.name() == FIRST_RELEASE).unwrap() + 1;
        store.take_back_last(u32::try_from(steps.len() - first).unwrap()).await.unwrap();
        let left = tables(store).await;
        assert!(left.contains(&"cooperatives".to_owned()) && !left.contains(&"line_movements".to_owned()), "{left:?}");
        assert!(count(store, "allocations").await > 20 && count(store, "periodic_reports").await > 700);
        store.migrate().await.unwrap();
        for (after, before) in read(&world).await.into_iter().zip(before) {
            assert_eq!(after, before);
        }
        totals_are_sums(store).await;
        // A report that was accepted then is revised now.
        let lead = world.someone(Role::LeadAgency, "89");
        let report = lead.get("/v1/periodic-reports?period=2021&level=province&province=89").await.ok()["items"][0].clone();
        lead.step(&report_path(&report), "revisions", &json!({"reason": "Rà soát (dữ liệu mẫu)"})).await.ok();
    }
}

async fn count(store: &Store, table: &str) -> i64 {
    let db = store.reader();
    let sql = format!("SELECT COUNT(*) FROM {table}");
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

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
    "pk_entry_movements",
    "pk_line_movements",
    "pk_plan_measures",
    "pk_report_form_indicators",
    "uq_entry_movements_posting",
    "uq_report_form_indicators_code",
    "uq_report_forms_id",
    "pk_report_standings",
    "pk_unit_successions",
    "pk_support_need_phases",
    "uq_agencies_code",
    "uq_classification_rules",
    "uq_interruptions_start",
    "uq_report_standings_department",
    "uq_report_standings_unit",
    "uq_unit_successions_default",
    "uq_changes_place",
    "uq_audit_events_place",
    "uq_audit_checkpoints_number",
];
