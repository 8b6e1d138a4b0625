//! Allocations of An Giang's plan.

use sarus::domain::role::Role;
use sarus::store::Store;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use super::client::Client;
use super::world::World;

/// The Department of Agriculture of An Giang: implements what `entry` allocates.
pub const AGRICULTURE: &str = "01776530-4c00-7004-8000-000000000089";
/// The People's Committee of the city of Long Xuyên.
pub const LONG_XUYEN: &str = "01776530-4c00-7010-8000-000000000883";

/// The id of an estimate line of a plan, by its category.
pub fn line_of(plan: &Value, category: &str) -> String {
    let lines = plan["estimateLines"].as_array().unwrap();
    lines.iter().find(|line| line["category"] == category).unwrap()["id"].as_str().unwrap().to_owned()
}

/// An entry of some million đồng from a line, implemented by the Department of Agriculture.
pub fn entry(line: &str, millions: i64) -> Value {
    json!({
        "line": line,
        "amount": (millions * 1_000_000).to_string(),
        "supportKind": "training",
        "implementingAgency": AGRICULTURE,
        "fiscalYear": 2022,
    })
}

/// A decision that allocates.
pub fn new_allocation(plan: &Value, number: &str, entries: &[Value]) -> Value {
    json!({"plan": plan["id"], "decisionNumber": number, "decisionDate": "2022-01-20", "entries": entries})
}

/// The voucher of a payment from the first entry of an allocation.
pub fn payment(allocation: &Value, voucher: &str, millions: i64) -> Value {
    json!({
        "entry": allocation["entries"][0]["id"],
        "amount": (millions * 1_000_000).to_string(),
        "voucherNumber": voucher,
        "voucherDate": "2022-03-01",
    })
}

/// The path of an allocation.
pub fn allocation_path(allocation: &Value) -> String {
    format!("/v1/budget-allocations/{}", allocation["id"].as_str().unwrap())
}

/// Asserts that what each line says to be allocated is what its approved entries sum to, and what its last movement says;
/// and that its movements are numbered without gaps and add up one by one. The same of what each entry says to be disbursed.
pub async fn totals_are_sums(store: &Store) {
    let taken = "SELECT CAST(COALESCE(SUM(e.amount - e.reduced), 0) AS BIGINT) FROM allocation_entries e \
                 JOIN allocations a ON a.id = e.allocation_id WHERE e.line_id = l.id AND a.state = 'approved'";
    let moved = "SELECT CAST(COALESCE(SUM(m.amount), 0) AS BIGINT) FROM line_movements m WHERE m.line_id = l.id";
    let last = "SELECT m.allocated FROM line_movements m WHERE m.line_id = l.id ORDER BY m.number DESC LIMIT 1";
    let gaps = "SELECT COUNT(*) - COALESCE(MAX(m.number), 0) FROM line_movements m WHERE m.line_id = l.id";
    let sql =
        format!("SELECT l.allocated, ({taken}), ({moved}), COALESCE(({last}), 0), ({gaps}) FROM estimate_lines l");
    let db = store.reader();
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    assert!(!rows.is_empty());
    for row in rows {
        let [allocated, taken, moved, last, gaps] = [0, 1, 2, 3, 4].map(|at| row.try_get_by_index::<i64>(at).unwrap());
        assert_eq!((taken, moved, last, gaps), (allocated, allocated, allocated, 0));
    }
    let sql = "SELECT COUNT(*) FROM line_movements n JOIN line_movements o ON o.line_id = n.line_id \
               AND o.number = n.number - 1 WHERE n.allocated <> o.allocated + n.amount";
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap().unwrap();
    assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), 0);
    let posted = "SELECT CAST(COALESCE(SUM(d.amount), 0) AS BIGINT) FROM disbursements d WHERE d.entry_id = e.id";
    let last = "SELECT m.disbursed FROM entry_movements m WHERE m.entry_id = e.id ORDER BY m.number DESC LIMIT 1";
    let gaps = "SELECT COUNT(*) - COALESCE(MAX(m.number), 0) FROM entry_movements m WHERE m.entry_id = e.id";
    let sql = format!(
        "SELECT COUNT(*) FROM allocation_entries e \
         WHERE e.disbursed <> ({posted}) OR e.disbursed <> COALESCE(({last}), 0) OR ({gaps}) <> 0"
    );
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap().unwrap();
    assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), 0);
}

impl World {
    /// The accountant of the Department of Agriculture of An Giang.
    pub fn agriculture(&self) -> Client {
        self.agent(Role::LineDepartment, AGRICULTURE.parse().unwrap(), "accountant")
    }

    /// A draft allocation of the lead agency of An Giang.
    pub async fn given_allocation_draft(&self, plan: &Value, number: &str, entries: &[Value]) -> Value {
        let body = new_allocation(plan, number, entries);
        self.someone(Role::LeadAgency, "89").post("/v1/budget-allocations", &body).await.created()
    }

    /// An allocation approved by the People's Committee of An Giang.
    pub async fn given_allocation(&self, plan: &Value, number: &str, entries: &[Value]) -> Value {
        let draft = self.given_allocation_draft(plan, number, entries).await;
        self.someone(Role::PeoplesCommittee, "89").step(&allocation_path(&draft), "approvals", &json!({})).await.ok()
    }
}
