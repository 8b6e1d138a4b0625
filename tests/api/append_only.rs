//! Behind the code stands the database: whoever writes to it past the rules neither edits nor deletes what is decided or
//! posted, and never breaks estimate ≥ allocated ≥ disbursed ≥ settled.

use std::fmt::Display;

use futures_util::future::join_all;
use migration::{Migrator, MigratorTrait};
use sarus::domain::refusal::{Inputs, Refusal, Rule};
use sarus::domain::role::Role;
use sarus::store::{Backend, Store, StoreError};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::database::on_sqlite;
use crate::support::given_budget::{allocation_path, entry, line_of, payment, totals_are_sums};
use crate::support::given_improvement::{loan_path, new_loan};
use crate::support::given_needs::needed;
use crate::support::given_plans::plan_path;
use crate::support::world::World;

/// Runs a statement past the application; how many rows it changed, or in what words it was refused.
async fn past_the_rules(store: &Store, sql: &str) -> Result<u64, String> {
    let tx = store.begin().await.unwrap();
    let done = tx.execute_raw(Statement::from_string(tx.get_database_backend(), sql)).await;
    match done {
        Ok(done) => {
            tx.commit().await.unwrap();
            Ok(done.rows_affected())
        }
        Err(error) => Err(error.to_string()),
    }
}

/// Asserts that a statement is refused by a trigger or a constraint of this name.
async fn refused_by(world: &World, name: &str, sql: &str) {
    let refused = past_the_rules(&world.sarus.store, sql).await;
    assert!(refused.as_ref().is_err_and(|words| words.contains(name)), "{sql}: {refused:?}");
}

/// The books of An Giang with one of everything: an allocation of 1,000 million reduced by 100, of which 600 were paid and 50
/// taken back, 500 settled and 20 of that taken back; a draft of 200; a loan of 1,500, of which 900 were paid out; a need of 50
/// that is consolidated and appraised.
async fn given_books(world: &World) -> Value {
    let pilot = world.given_pilots(1).await.remove(0);
    let plan = world.given_standing_plan().await;
    let line = line_of(&plan, "recurrent_support");
    let allocation = world.given_allocation(&plan, "1/QĐ-UBND", &[entry(&line, 1_000)]).await;
    let (path, accountant, finance) =
        (allocation_path(&allocation), world.agriculture(), world.someone(Role::Finance, "89"));
    accountant.step(&path, "disbursements", &payment(&allocation, "CT-01", 600)).await.ok();
    let paid = accountant.get(&format!("{path}/disbursements")).await.ok()["items"][0]["id"].clone();
    let back = json!({
        "corrects": paid, "amount": "50000000", "voucherNumber": "DC-01", "voucherDate": "2022-04-01", "reason": "Sai.",
    });
    accountant.step(&path, "adjustments", &back).await.ok();
    let reduction = json!({
        "plan": plan["id"], "decisionNumber": "2/QĐ-UBND", "decisionDate": "2022-07-10", "reason": "Giảm.",
        "lines": [{"line": line, "amount": "5000000000"}],
        "newLines": [{"category": "recurrent_support", "fiscalYear": 2024, "amount": "60000000"}],
        "reductions": [{"entry": allocation["entries"][0]["id"], "amount": "100000000"}],
    });
    let draft = world.someone(Role::LeadAgency, "89").post("/v1/budget-amendments", &reduction).await;
    world.someone(Role::PeoplesCommittee, "89").step(&draft.location(), "approvals", &json!({})).await.ok();
    let settlement = json!({
        "entry": allocation["entries"][0]["id"], "fiscalYear": 2022, "amount": "500000000", "carriedOver": "400000000",
        "returned": "0", "documentNumber": "1/BC-SNN", "documentDate": "2023-01-25",
    });
    accountant.step(&path, "settlements", &settlement).await.ok();
    accept_last(&path, &finance).await;
    let settled = finance.get(&format!("{path}/settlements")).await.ok()["items"][0]["id"].clone();
    let correction = json!({
        "corrects": settled, "amount": "-20000000", "returned": "0", "documentNumber": "KT-01",
        "documentDate": "2023-06-01", "reason": "Kiểm toán.",
    });
    accountant.step(&path, "settlement-corrections", &correction).await.ok();
    accept_last(&path, &finance).await;
    world.given_allocation_draft(&plan, "3/QĐ-UBND", &[entry(&line, 200)]).await;
    let alliance = world.someone(Role::CooperativeAlliance, "89");
    let loan = alliance.post("/v1/loans", &new_loan(&pilot)).await.created();
    world.given_appraised_need(&pilot, &[needed("training", "recurrent", &[(2022, 50)])]).await;
    let out = json!({"amount": "900000000", "disbursedOn": "2022-04-01", "voucher": "UNC-01"});
    alliance.step(&loan_path(&loan), "disbursements", &out).await.ok();
    alliance
        .step(&loan_path(&loan), "repayments", &json!({"amount": "100000000", "repaidOn": "2023-04-01"}))
        .await
        .ok();
    plan
}

async fn accept_last(path: &str, finance: &Client) {
    let items = finance.get(&format!("{path}/settlements")).await.ok()["items"].clone();
    let body = json!({"settlement": items.as_array().unwrap().last().unwrap()["id"], "outcome": "accepted"});
    finance.step(path, "settlement-reviews", &body).await.ok();
}

/// Every figure of the books: now, and as replayed from what is posted.
async fn figures(world: &World) -> [Value; 2] {
    let finance = world.someone(Role::Finance, "89");
    let sums = async |query: String| {
        let mut sums = finance.get(&format!("/v1/budget-summaries?by=line{query}")).await.ok();
        sums.as_object_mut().unwrap().remove("asOf");
        sums
    };
    [sums(String::new()).await, sums(format!("&asOf={}", world.now())).await]
}

scenario! {
    async fn what_is_decided_or_posted_is_neither_edited_nor_deleted(world) {
        given_books(&world).await;
        let before = figures(&world).await;
        assert_eq!(before[0], before[1]);
        for (name, sql) in [
            ("tr_disbursements_fixed", "UPDATE disbursements SET amount = amount + 1 WHERE amount > 0"),
            ("tr_disbursements_fixed", "UPDATE disbursements SET voucher_number = 'x'"),
            ("tr_disbursements_fixed", "UPDATE disbursements SET recorded_by = 'x'"),
            ("tr_disbursements_kept", "DELETE FROM disbursements WHERE corrects_id IS NOT NULL"),
            ("tr_settlements_fixed", "UPDATE settlements SET amount = amount - 1, carried_over = carried_over + 1"),
            ("tr_settlements_fixed", "UPDATE settlements SET state = 'rejected'"),
            ("tr_settlements_fixed", "UPDATE settlements SET reviewed_by = 'x'"),
            ("tr_settlements_kept", "DELETE FROM settlements WHERE corrects_id IS NOT NULL"),
            ("tr_budget_amendments_fixed", "UPDATE budget_amendments SET state = 'draft', approved_by = NULL, approved_at = NULL"),
            ("tr_budget_amendments_fixed", "UPDATE budget_amendments SET decision_number = 'x'"),
            ("tr_budget_amendments_kept", "DELETE FROM budget_amendments"),
            ("tr_budget_amendment_changes_fixed", "UPDATE budget_amendment_changes SET amount = amount + 1"),
            ("tr_budget_amendment_changes_kept", "DELETE FROM budget_amendment_changes"),
            ("tr_allocations_fixed", "UPDATE allocations SET decision_date = '2021-12-31' WHERE state = 'approved'"),
            ("tr_allocations_fixed", "UPDATE allocations SET approved_by = 'x' WHERE state = 'approved'"),
            ("tr_allocations_fixed", "UPDATE allocations SET state = 'draft', approved_by = NULL, approved_at = NULL"),
            ("tr_allocations_kept", "DELETE FROM allocations"),
            ("tr_allocation_entries_fixed", "UPDATE allocation_entries SET amount = amount + 1"),
            ("tr_allocation_entries_fixed", "UPDATE allocation_entries SET support_kind = 'consulting'"),
            ("tr_allocation_entries_kept", "DELETE FROM allocation_entries"),
            ("tr_estimate_lines_amount", "UPDATE estimate_lines SET amount = amount + 1"),
            ("tr_estimate_lines_amount", "UPDATE estimate_lines SET amount = 5060000000 WHERE amount = 5000000000"),
            ("tr_estimate_lines_fixed", "UPDATE estimate_lines SET source = 'recurrent_budget'"),
            ("tr_estimate_lines_kept", "DELETE FROM estimate_lines WHERE allocated = 0"),
            ("tr_provincial_plans_fixed", "UPDATE provincial_plans SET decision_number = 'x'"),
            ("tr_provincial_plans_total", "UPDATE provincial_plans SET total = total + 1"),
            ("tr_provincial_plans_kept", "DELETE FROM provincial_plans"),
            ("tr_loans_fixed", "UPDATE loans SET approved_amount = approved_amount + 1"),
            ("tr_loans_kept", "DELETE FROM loans"),
            ("tr_loan_entries_fixed", "UPDATE loan_entries SET amount = amount + 1"),
            ("tr_loan_entries_kept", "DELETE FROM loan_entries"),
            // What was sent or consolidated goes forward only.
            ("tr_support_needs_forward", "UPDATE support_needs SET state = 'draft'"),
            ("tr_support_needs_forward", "UPDATE support_needs SET state = 'returned'"),
            ("tr_support_needs_fixed", "UPDATE support_needs SET submitted_on = NULL"),
            ("tr_support_needs_fixed", "UPDATE support_needs SET consolidated_at = NULL"),
            ("tr_support_needs_same", "UPDATE support_needs SET pilot_id = cooperative_id"),
            ("tr_support_needs_kept", "DELETE FROM support_needs"),
            ("tr_support_need_phases_decided", "UPDATE support_need_phases SET appraised = appraised - 1"),
            ("tr_support_need_phases_decided", "UPDATE support_need_phases SET appraised = NULL"),
            ("tr_support_need_phases_decided", "UPDATE support_need_phases SET requested = requested + 1"),
            ("tr_support_need_phases_gone", "DELETE FROM support_need_phases"),
            ("tr_support_need_phases_added", "INSERT INTO support_need_phases (need_id, item, fiscal_year, support_kind, nature, requested) \
              SELECT need_id, item, 2024, support_kind, nature, 1 FROM support_need_phases"),
            // Nothing of a draft moves into what is approved.
            ("tr_allocation_entries_same", "UPDATE allocation_entries SET allocation_id = \
              (SELECT id FROM allocations WHERE state = 'approved') WHERE disbursed = 0"),
            ("tr_budget_amendment_changes_", "UPDATE budget_amendment_changes SET amendment_id = id"),
        ] {
            refused_by(&world, name, sql).await;
        }
        assert_eq!(figures(&world).await, before);
        // A draft is neither decided nor posted.
        let draft = "UPDATE allocations SET decision_number = 'x' WHERE state = 'draft'";
        assert_eq!(past_the_rules(&world.sarus.store, draft).await, Ok(1));
        assert_eq!(past_the_rules(&world.sarus.store, "DELETE FROM allocations WHERE state = 'draft'").await, Ok(1));
    }
}

scenario! {
    /// The running totals are sums of what is posted: nobody sets them, whatever the constraint on them would allow.
    async fn a_running_total_is_the_sum_of_what_is_posted(world) {
        given_books(&world).await;
        let before = figures(&world).await;
        totals_are_sums(&world.sarus.store).await;
        for (name, sql) in [
            ("tr_estimate_lines_allocated", "UPDATE estimate_lines SET allocated = 0 WHERE allocated > 0"),
            ("tr_estimate_lines_allocated", "UPDATE estimate_lines SET allocated = allocated + 1 WHERE allocated > 0"),
            ("tr_allocation_entries_totals", "UPDATE allocation_entries SET disbursed = disbursed - 1 WHERE disbursed > 0"),
            ("tr_allocation_entries_totals", "UPDATE allocation_entries SET settled = 0 WHERE settled > 0"),
            ("tr_allocation_entries_totals", "UPDATE allocation_entries SET reduced = 0 WHERE reduced > 0"),
            ("tr_allocation_entries_totals", "UPDATE allocation_entries SET returned = 1 WHERE disbursed > 0"),
            ("tr_line_movements_fixed", "UPDATE line_movements SET allocated = allocated - 1"),
            ("tr_line_movements_kept", "DELETE FROM line_movements"),
            ("tr_line_movements_follows", "INSERT INTO line_movements (line_id, number, entry_id, amount, allocated) \
              SELECT line_id, number + 1, entry_id, -1, allocated - 1 FROM line_movements WHERE amount < 0"),
            ("tr_line_movements_follows", "INSERT INTO line_movements (line_id, number, entry_id, amount, allocated) \
              SELECT line_id, 2, id, amount, amount FROM allocation_entries WHERE disbursed = 0"),
            ("tr_entry_movements_fixed", "UPDATE entry_movements SET disbursed = disbursed - 1"),
            ("tr_entry_movements_kept", "DELETE FROM entry_movements"),
            ("tr_entry_movements_follows", "INSERT INTO entry_movements (entry_id, number, posting_id, disbursed) \
              SELECT entry_id, 3, posting_id, 500000000 FROM entry_movements WHERE number = 2"),
            ("tr_loans_totals", "UPDATE loans SET disbursed = disbursed + 1"),
            ("tr_loans_totals", "UPDATE loans SET repaid = 0"),
        ] {
            refused_by(&world, name, sql).await;
        }
        assert_eq!(figures(&world).await, before);
    }
}

/// The literal of an id that a test makes up.
fn id(world: &World, number: u32) -> String {
    match world.sarus.store.backend() {
        sarus::store::Backend::Sqlite => format!("x'0190000000007000800000000000{number:04x}'"),
        sarus::store::Backend::Postgres => format!("'01900000-0000-7000-8000-00000000{number:04x}'"),
    }
}

/// A payment written past the rules, in the likeness of one that is there.
fn another_payment(world: &World, number: u32, dong: i64) -> String {
    posting(world, number, dong, "CT-01")
}

fn posting(world: &World, number: u32, dong: i64, like: &str) -> String {
    format!(
        "INSERT INTO disbursements (id, allocation_id, entry_id, amount, voucher_number, voucher_date, recorded_by, recorded_at) \
         SELECT {}, allocation_id, entry_id, {dong}, 'X-{number}', voucher_date, recorded_by, recorded_at \
         FROM disbursements WHERE voucher_number = '{like}'",
        id(world, number)
    )
}

scenario! {
    /// What is written past the rules is summed all the same, and held by the same constraints.
    async fn whoever_posts_the_database_sums_and_holds(world) {
        given_books(&world).await;
        let store = &world.sarus.store;
        // 550 of 900 are disbursed: 350 fit, and not one đồng more.
        refused_by(&world, "tr_allocation_entries_exceeded", &another_payment(&world, 1, 350_000_001)).await;
        assert_eq!(past_the_rules(store, &another_payment(&world, 2, 350_000_000)).await, Ok(1));
        refused_by(&world, "tr_allocation_entries_exceeded", &another_payment(&world, 3, 1)).await;
        let correction = |number: u32, dong: i64, of: &str| posting(&world, number, -dong, of)
            .replace("recorded_at) ", "recorded_at, corrects_id, reason) ").replace(" FROM", ", id, 'x' FROM");
        refused_by(&world, "tr_disbursements_taken_back", &correction(4, 350_000_001, "X-2")).await;
        // 480 are settled: no more than what is paid beyond that can be taken back.
        refused_by(&world, "tr_allocation_entries_unsettled", &correction(5, 420_000_001, "CT-01")).await;
        assert_eq!(past_the_rules(store, &correction(6, 420_000_000, "CT-01")).await, Ok(1));
        // The draft of 200 is approved past the rules: its line gives it, and no line gives what it has not.
        let approve = "UPDATE allocations SET state = 'approved', approved_by = 'x', approved_at = recorded_at WHERE state = 'draft'";
        // By one trigger or the other: which of them comes first is each database's own order.
        refused_by(&world, "tr_allocations_", &approve.replace("'x'", "created_by")).await;
        // Whoever had a hand in the draft does not approve it, and nobody is somebody.
        let edited = r#"UPDATE allocations SET writers = '["z","x y"]' WHERE state = 'draft'"#;
        assert_eq!(past_the_rules(store, edited).await, Ok(1));
        for by in ["'x y'", "'z'", "NULL"] {
            refused_by(&world, "tr_allocations_writers", &approve.replace("'x'", by)).await;
        }
        let forgetful = approve.replace("approved_by = 'x'", "writers = '[]', approved_by = 'z'");
        refused_by(&world, "tr_allocations_writers", &forgetful).await;
        // No voucher is older than the decision, no correction older than its voucher.
        let dated = |sql: String, on: &str| sql.replace(", voucher_date, recorded_by, recorded_at FROM", &format!(", '{on}', recorded_by, recorded_at FROM"))
            .replace(", voucher_date, recorded_by, recorded_at, id,", &format!(", '{on}', recorded_by, recorded_at, id,"));
        refused_by(&world, "tr_disbursements_dated", &dated(another_payment(&world, 9, 1), "2022-01-19")).await;
        refused_by(&world, "tr_disbursements_dated", &dated(correction(10, 1, "CT-01"), "2022-02-28")).await;
        // A need says what was asked for, and how it was consolidated.
        let asked = "UPDATE support_needs SET items = replace(items, 'Hạng mục mẫu', 'Khác') WHERE state = 'consolidated'";
        refused_by(&world, "tr_support_needs_asked", asked).await;
        // Needs of a cooperative are submitted one by one, each judged beside those before it.
        let again = format!(
            "INSERT INTO support_needs (id, version, pilot_id, cooperative_id, province_code, unit_code, items, state, writers, recorded_at, \
             updated_at, submission) SELECT {}, 1, pilot_id, cooperative_id, province_code, unit_code, items, 'draft', writers, recorded_at, \
             updated_at, submission FROM support_needs WHERE submission = 1",
            id(&world, 11)
        );
        let refused = past_the_rules(store, &again).await.unwrap_err();
        assert!(refused.contains("uq_support_needs_submission") || refused.contains("support_needs.submission"), "{refused}");
        let renumbered = "UPDATE support_needs SET consolidation = replace(consolidation, '350/', '351/')";
        refused_by(&world, "tr_support_needs_consolidated", renumbered).await;
        assert_eq!(past_the_rules(store, "UPDATE allocation_entries SET amount = 4100000001 WHERE disbursed = 0").await, Ok(1));
        refused_by(&world, "tr_estimate_lines_exceeded", approve).await;
        assert_eq!(past_the_rules(store, "UPDATE allocation_entries SET amount = 4100000000 WHERE disbursed = 0").await, Ok(1));
        assert_eq!(past_the_rules(store, approve).await, Ok(1));
        let insert = "INSERT INTO allocation_entries (id, allocation_id, position, line_id, amount, disbursed, support_kind, agency_id) \
                      SELECT {id}, allocation_id, 9, line_id, 1, 0, support_kind, agency_id FROM allocation_entries WHERE disbursed > 0";
        refused_by(&world, "tr_allocation_entries_opened", &insert.replace("{id}", &id(&world, 7))).await;
        let line = "INSERT INTO estimate_lines (id, plan_id, position, category, amount, allocated) \
                    SELECT {id}, plan_id, 9, category, 1, 0 FROM estimate_lines WHERE amount = 60000000";
        refused_by(&world, "tr_estimate_lines_opened", &line.replace("{id}", &id(&world, 8))).await;
        let [now, replayed] = figures(&world).await;
        assert_eq!(now, replayed);
        let total = &now["budget"]["total"];
        assert_eq!((&total["allocated"], &total["disbursed"], &total["settled"]), (&json!("5000000000"), &json!("480000000"), &json!("480000000")));
    }
}

/// The refusal that a client would be told, of a statement past the rules.
async fn told(store: &Store, sql: &str) -> Refusal {
    let tx = store.begin().await.unwrap();
    let error = tx.execute_raw(Statement::from_string(tx.get_database_backend(), sql)).await.unwrap_err();
    match StoreError::from(error) {
        StoreError::Guarded(refusal) => *refusal,
        other => panic!("{sql}: {other:?}"),
    }
}

scenario! {
    /// What a trigger refuses is a refusal like any other: by its rule, with what was left at that moment.
    async fn what_the_database_refuses_is_told_with_its_figures(world) {
        let plan = given_books(&world).await;
        let store = &world.sarus.store;
        let correction = posting(&world, 2, -420_000_001, "CT-01")
            .replace("recorded_at) ", "recorded_at, corrects_id, reason) ").replace(" FROM", ", id, 'x' FROM");
        let approve = "UPDATE allocations SET state = 'approved', approved_by = 'x', approved_at = recorded_at WHERE state = 'draft'";
        assert_eq!(past_the_rules(store, "UPDATE allocation_entries SET amount = 4100000001 WHERE disbursed = 0").await, Ok(1));
        let settle = "UPDATE settlements SET state = 'accepted', reviewed_by = 'x', reviewed_at = recorded_at WHERE state = 'recorded'";
        let line = line_of(&plan, "recurrent_support").to_string().replace('"', "");
        let entry = world.someone(Role::LeadAgency, "89").get("/v1/budget-allocations?state=approved").await.ok();
        let entry = entry["items"][0]["entries"][0]["id"].as_str().unwrap().to_owned();
        let more = format!(
            "INSERT INTO settlements (id, allocation_id, entry_id, fiscal_year, amount, carried_over, returned, document_number, \
             document_date, state, recorded_by, recorded_at) SELECT {}, allocation_id, entry_id, 2023, 70000001, 0, 0, 'X', \
             document_date, 'recorded', recorded_by, recorded_at FROM settlements WHERE corrects_id IS NULL",
            id(&world, 5)
        );
        assert_eq!(past_the_rules(store, &more).await, Ok(1));
        let reduce = "UPDATE allocation_entries SET reduced = reduced + 350000001 WHERE disbursed > 0";
        for (sql, rule, figures) in [
            (another_payment(&world, 1, 350_000_001), Rule::AllocationExceeded, vec![("left", "350000000"), ("allocated", "900000000"), ("asked", "350000001")]),
            (correction, Rule::DisbursementSettled, vec![("settled", "480000000"), ("disbursed", "550000000"), ("left", "70000000"), ("asked", "420000001")]),
            (approve.to_owned(), Rule::LineExceeded, vec![("line", line.as_str()), ("left", "4100000000"), ("asked", "4100000001")]),
            (settle.to_owned(), Rule::SettlementExceeded, vec![("left", "70000000"), ("asked", "70000001")]),
            (reduce.to_owned(), Rule::ReductionExceeded, vec![("entry", entry.as_str()), ("left", "350000000"), ("asked", "350000001")]),
            ("UPDATE disbursements SET amount = amount + 1 WHERE amount > 0".to_owned(), Rule::BooksKept, vec![("guard", "tr_disbursements_fixed")]),
        ] {
            let refused = told(store, &sql).await;
            let given: Vec<(&str, &dyn Display)> = figures.iter().map(|(name, value)| (*name, value as &dyn Display)).collect();
            assert_eq!((refused.rule, refused.inputs), (rule, Inputs::of(&given)), "{sql}");
        }
    }
}

scenario! {
    /// A loan of 1,500, of which 900 were paid out on 1 April 2022 and 100 paid back a year later.
    async fn on_no_day_is_more_of_a_loan_repaid_than_was_disbursed(world) {
        given_books(&world).await;
        let store = &world.sarus.store;
        let post = |number: u32, kind: &str, dong: i64, on: &str| format!(
            "INSERT INTO loan_entries (id, loan_id, kind, amount, on_date, recorded_at, recorded_by) \
             SELECT {}, loan_id, '{kind}', {dong}, '{on}', recorded_at, recorded_by FROM loan_entries WHERE kind = 'disbursement' AND amount = 900000000",
            id(&world, number)
        );
        for (sql, figures) in [
            // Before the disbursement nothing can be paid back, though in sum there is enough.
            (post(1, "repayment", 1, "2022-03-31"), [("left", "800000000"), ("disbursed", "0"), ("total", "1")]),
            (post(2, "repayment", 800_000_001, "2022-04-01"), [("left", "800000000"), ("disbursed", "900000000"), ("total", "900000001")]),
        ] {
            let refused = told(store, &sql).await;
            let given: Vec<(&str, &dyn Display)> = figures.iter().map(|(name, value)| (*name, value as &dyn Display)).collect();
            assert_eq!((refused.rule, refused.inputs), (Rule::LoanOverRepaid, Inputs::of(&given)), "{sql}");
        }
        let over = told(store, &post(3, "disbursement", 600_000_001, "2022-05-01")).await;
        assert_eq!(over.rule, Rule::LoanOverDisbursed);
        assert_eq!(over.inputs, Inputs::of(&[("approved", &1_500_000_000_i64), ("left", &600_000_000), ("total", &1_500_000_001_i64)]));
        assert_eq!(past_the_rules(store, &post(4, "repayment", 800_000_000, "2022-04-01")).await, Ok(1), "paid back on the day itself");
        // Writers past the rules race for the same day: what was out then is paid back once.
        assert_eq!(past_the_rules(store, &post(5, "disbursement", 100_000_000, "2022-06-01")).await, Ok(1));
        let racing: Vec<String> = (10..26).map(|number| post(number, "repayment", 30_000_000, "2022-06-01")).collect();
        let done = join_all(racing.iter().map(|sql| past_the_rules(store, sql))).await;
        assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 3, "{done:?}");
    }
}

scenario! {
    /// 32 writers past the rules at once, 30 million each, none of which looks or locks: 11 of them fit into 350.
    async fn writers_past_the_rules_race_and_the_database_holds(world) {
        given_books(&world).await;
        let payments: Vec<String> = (1..=32).map(|number| another_payment(&world, number, 30_000_000)).collect();
        let done = join_all(payments.iter().map(|sql| past_the_rules(&world.sarus.store, sql))).await;
        let (posted, refused): (Vec<_>, Vec<_>) = done.iter().partition(|done| done.is_ok());
        assert_eq!((posted.len(), refused.len()), (11, 21), "{done:?}");
        assert!(refused.iter().all(|done| done.as_ref().is_err_and(|words| words.contains("tr_allocation_entries_exceeded"))), "{done:?}");
        let [now, replayed] = figures(&world).await;
        assert_eq!(now, replayed);
        assert_eq!(now["budget"]["total"]["disbursed"], "880000000");
    }
}

scenario! {
    /// Filled books go back to before these rules and forward again; then the rules hold, and money goes on.
    async fn filled_books_migrate_down_and_up(world) {
        let plan = given_books(&world).await;
        let (before, store) = (figures(&world).await, &world.sarus.store);
        let steps = Migrator::migrations();
        let first = steps.iter().position(|step| step.name() == "m26_append_only").unwrap();
        store.take_back_last(u32::try_from(steps.len() - first).unwrap()).await.unwrap();
        let edit = "UPDATE disbursements SET reason = reason WHERE corrects_id IS NOT NULL";
        assert_eq!(past_the_rules(store, edit).await, Ok(1), "nothing refuses it without the triggers");
        // Books that do not agree with themselves are for a person to look at.
        let wrong = "UPDATE estimate_lines SET allocated = allocated - 1 WHERE allocated > 0";
        assert_eq!(past_the_rules(store, wrong).await, Ok(1));
        let refused = format!("{:?}", store.migrate().await.unwrap_err());
        assert!(refused.contains("1 estimate lines say another sum than their allocations"), "{refused}");
        let right = "UPDATE estimate_lines SET allocated = allocated + 1 WHERE allocated > 0";
        assert_eq!(past_the_rules(store, right).await, Ok(1));
        store.migrate().await.unwrap();
        assert_eq!(figures(&world).await, before);
        refused_by(&world, "tr_disbursements_fixed", edit).await;
        refused_by(&world, "tr_estimate_lines_allocated", wrong).await;
        totals_are_sums(store).await;
        let allocation = world.given_allocation(&plan, "9/QĐ-UBND", &[entry(&line_of(&plan, "recurrent_support"), 10)]).await;
        world.agriculture().step(&allocation_path(&allocation), "disbursements", &payment(&allocation, "CT-02", 5)).await.ok();
        let lines = world.someone(Role::LeadAgency, "89").get(&plan_path(&plan)).await.ok();
        assert_eq!(lines["estimateLines"][2]["allocated"], "910000000");
    }
}

scenario! {
    /// Neither by replacing a row under its key nor by emptying a table; and who approved what and when stays as well.
    async fn there_is_no_way_past_the_books(world) {
        given_books(&world).await;
        let store = &world.sarus.store;
        refused_by(&world, "tr_steps_fixed", "UPDATE steps SET entry = '{}'").await;
        refused_by(&world, "tr_steps_kept", "DELETE FROM steps WHERE step = 'approvals'").await;
        for table in [
            "disbursements", "settlements", "allocations", "allocation_entries", "estimate_lines", "line_movements", "entry_movements",
            "loans", "loan_entries", "budget_amendments", "budget_amendment_changes", "support_needs", "steps",
        ] {
            if store.backend() == Backend::Postgres {
                refused_by(&world, &format!("tr_{table}_not_emptied"), &format!("TRUNCATE {table} CASCADE")).await;
            } else if !table.ends_with("_movements") {
                refused_by(&world, "what is decided or posted is kept", &format!("INSERT OR REPLACE INTO {table} SELECT * FROM {table}")).await;
            }
        }
    }
}

/// A statement that writes rows of a table in the likeness of those for which a condition holds, under another id and with some
/// columns changed; SQLite would have it replace whatever is in its way.
fn alike(world: &World, number: u32, table: &str, columns: &str, changed: &[(&str, &str)], when: &str) -> String {
    let value = |column: &str| {
        let found = changed.iter().find(|(name, _)| *name == column);
        found.map_or_else(|| column.to_owned(), |(_, value)| (*value).to_owned())
    };
    let values: Vec<String> = columns.split(", ").map(value).collect();
    let id = id(world, number);
    format!(
        "INSERT OR REPLACE INTO {table} (id, {columns}) SELECT {id}, {} FROM {table} WHERE {when}",
        values.join(", ")
    )
}

#[test]
fn on_sqlite_no_row_takes_the_place_of_one_with_its_natural_key() {
    const DECISION: &str = "version, province_code, plan_id, lead_agency_id, decision_number, decision_date, state, created_by, \
                            writers, recorded_at, updated_at";
    const PLAN: &str = "version, province_code, scheme_code, decision_number, decision_date, lead_agency_id, pilot_quota, \
                        pilots_selected, total, tie_break, counted_claims, state, created_by, writers, recorded_at, updated_at";
    on_sqlite(|world| async move {
        given_books(&world).await;
        let before = figures(&world).await;
        let draft = [("state", "'draft'")];
        let (allocation, amendment) = (format!("scheme_code, {DECISION}"), format!("reason, {DECISION}"));
        for (name, sql) in [
            (
                "tr_disbursements_voucher_taken",
                alike(
                    &world,
                    1,
                    "disbursements",
                    "allocation_id, entry_id, amount, voucher_number, \
              voucher_date, recorded_by, recorded_at",
                    &[("amount", "1")],
                    "voucher_number = 'CT-01'",
                ),
            ),
            (
                "tr_settlements_year_taken",
                alike(
                    &world,
                    2,
                    "settlements",
                    "allocation_id, entry_id, fiscal_year, amount, carried_over, \
              returned, document_number, document_date, state, recorded_by, recorded_at",
                    &[("state", "'recorded'")],
                    "corrects_id IS NULL",
                ),
            ),
            (
                "tr_allocations_decision_taken",
                alike(&world, 3, "allocations", &allocation, &draft, "state = 'approved'"),
            ),
            ("tr_budget_amendments_decision_taken", alike(&world, 4, "budget_amendments", &amendment, &draft, "1 = 1")),
            ("tr_provincial_plans_decision_taken", alike(&world, 5, "provincial_plans", PLAN, &draft, "1 = 1")),
            (
                "tr_loans_decision_taken",
                alike(
                    &world,
                    6,
                    "loans",
                    "version, pilot_id, cooperative_id, province_code, unit_code, lender, \
              source, approved_amount, disbursed, repaid, decision_number, decision_date, created_by, recorded_at, updated_at",
                    &[("disbursed", "0"), ("repaid", "0")],
                    "1 = 1",
                ),
            ),
            (
                "tr_loan_entries_voucher_taken",
                alike(
                    &world,
                    7,
                    "loan_entries",
                    "loan_id, kind, amount, on_date, voucher, recorded_at, \
              recorded_by",
                    &[("amount", "1")],
                    "voucher IS NOT NULL",
                ),
            ),
            (
                "tr_allocations_decision_moved",
                "UPDATE OR REPLACE allocations SET decision_number = '1/QĐ-UBND' WHERE state = 'draft'".to_owned(),
            ),
            (
                "tr_support_need_phases_added",
                "INSERT OR REPLACE INTO support_need_phases (need_id, item, fiscal_year, support_kind, \
              nature, requested) SELECT need_id, item, fiscal_year, support_kind, nature, 1 FROM support_need_phases"
                    .to_owned(),
            ),
        ] {
            refused_by(&world, name, &sql).await;
        }
        // A client is told what it was always told.
        let again = posting(&world, 8, 1, "CT-01").replace("'X-8'", "voucher_number");
        let tx = world.sarus.store.begin().await.unwrap();
        let refused = tx.execute_raw(Statement::from_string(tx.get_database_backend(), again)).await.unwrap_err();
        assert!(matches!(StoreError::from(refused), StoreError::Taken("uq_disbursements_voucher")));
        drop(tx);
        assert_eq!(figures(&world).await, before);
    });
}
