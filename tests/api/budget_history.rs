//! Random lives of a budget: after every operation money is conserved, the running totals equal what is replayed from the
//! entries, and in the end each balance can be had as it stood after each operation. A life that breaks this is shrunk to the
//! shortest one that still does.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::database::{on_postgres, on_sqlite};
use crate::support::given_budget::{AGRICULTURE, allocation_path, entry, line_of, totals_are_sums};
use crate::support::given_plans::plan_path;
use crate::support::world::World;

/// The keys whose sums are held against each other after every operation.
const KEYS: [&str; 4] = ["category", "source", "fiscalYear", "line"];
/// All keys, held against each other in the end.
const ALL_KEYS: [&str; 13] = [
    "category",
    "source",
    "nature",
    "budgetLevel",
    "supportKind",
    "fiscalYear",
    "line",
    "allocation",
    "pilot",
    "model",
    "unit",
    "province",
    "agency",
];
/// Lives in a run on each database; `PROPTEST_CASES` asks for more.
const LIVES: u32 = 4;

/// Numbers that say what somebody tries: each is taken for as much as there is to choose from.
#[derive(Debug, Clone, Copy)]
struct Operation {
    kind: u8,
    /// Which allocation.
    which: u8,
    /// How much, in đồng.
    amount: u32,
    /// One way or another.
    choice: u8,
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    let operation = (0..10_u8, any::<u8>(), any::<u32>(), any::<u8>());
    vec(operation.prop_map(|(kind, which, amount, choice)| Operation { kind, which, amount, choice }), 1..24)
}

impl Operation {
    /// A number above zero and at most so many million đồng.
    fn amount(self, millions: u64) -> String {
        (1 + u64::from(self.amount) % (millions * 1_000_000)).to_string()
    }

    /// One of some ways.
    fn one_of<T: Copy>(self, ways: &[T]) -> T {
        ways[usize::from(self.choice) % ways.len()]
    }

    /// Yes or no, apart from other choices.
    fn flips(self, bit: u8) -> bool {
        (self.choice >> bit) & 1 == 1
    }
}

/// A budget that lives: the plan, its allocations, and the people around it.
struct Life {
    plan: Value,
    allocations: Vec<Value>,
    count: u32,
    lead: Client,
    committee: Client,
    accountant: Client,
    finance: Client,
}

fn figure(value: &Value) -> i64 {
    value.as_str().unwrap_or("0").parse().unwrap()
}

impl Life {
    async fn begin(world: &World) -> Self {
        Self {
            plan: world.given_plan("89").await,
            allocations: Vec::new(),
            count: 0,
            lead: world.someone(Role::LeadAgency, "89"),
            committee: world.someone(Role::PeoplesCommittee, "89"),
            accountant: world.agriculture(),
            finance: world.someone(Role::Finance, "89"),
        }
    }

    /// One operation, which the rules may refuse: 409 is an answer, anything else above 399 is a fault.
    async fn step(&mut self, operation: Operation) {
        self.count += 1;
        let refused_by_rules = match operation.kind {
            0 | 1 => self.allocate(operation).await,
            2 | 3 => self.disburse(operation).await,
            4 => self.take_back(operation).await,
            5 => self.settle(operation).await,
            6 => self.correct_settlement(operation).await,
            7 => self.import_disbursements(operation).await,
            8 => self.import_allocation(operation).await,
            _ => self.amend(operation).await,
        };
        assert!(refused_by_rules.is_none_or(|status| status == 200 || status == 409), "{refused_by_rules:?}");
    }

    fn some_allocation(&self, operation: Operation) -> Option<String> {
        let at = usize::from(operation.which).checked_rem(self.allocations.len())?;
        Some(allocation_path(&self.allocations[at]))
    }

    async fn allocate(&mut self, operation: Operation) -> Option<u16> {
        let category = operation.one_of(&["recurrent_support", "infrastructure_and_processing"]);
        let mut part = entry(&line_of(&self.plan, category), 1);
        part["amount"] = json!(operation.amount(3_000));
        if operation.flips(1) {
            part.as_object_mut().unwrap().remove("fiscalYear");
        }
        let body = json!({
            "plan": self.plan["id"], "decisionNumber": format!("{}/QĐ-UBND", self.count), "decisionDate": "2022-01-20",
            "entries": [part],
        });
        let draft = self.lead.post("/v1/budget-allocations", &body).await;
        if draft.status != 201 {
            return Some(draft.status);
        }
        let approved = self.committee.step(&draft.location(), "approvals", &json!({})).await;
        self.allocations.push(approved.ok());
        Some(approved.status)
    }

    async fn disburse(&mut self, operation: Operation) -> Option<u16> {
        let path = self.some_allocation(operation)?;
        let allocation = self.accountant.get(&path).await.ok();
        let body = json!({
            "entry": allocation["entries"][0]["id"], "amount": operation.amount(1_500),
            "voucherNumber": format!("CT-{}", self.count), "voucherDate": "2022-03-01",
        });
        Some(self.accountant.step(&path, "disbursements", &body).await.status)
    }

    async fn take_back(&mut self, operation: Operation) -> Option<u16> {
        let path = self.some_allocation(operation)?;
        let items = self.accountant.get(&format!("{path}/disbursements")).await.ok()["items"].clone();
        let paid = items.as_array().unwrap().iter().find(|item| item.get("corrects").is_none())?.clone();
        let body = json!({
            "corrects": paid["id"], "amount": operation.amount(500), "voucherNumber": format!("DC-{}", self.count),
            "voucherDate": "2022-04-01", "reason": "Sai.",
        });
        Some(self.accountant.step(&path, "adjustments", &body).await.status)
    }

    async fn settle(&mut self, operation: Operation) -> Option<u16> {
        let path = self.some_allocation(operation)?;
        let part = self.accountant.get(&path).await.ok()["entries"][0].clone();
        let [granted, disbursed, settled, returned, left] =
            ["amount", "disbursed", "settled", "returned", "remaining"].map(|name| figure(&part[name]));
        let (open, amount) = (granted - figure(&part["reduced"]) - settled - returned, disbursed - settled);
        let back = if operation.flips(0) { left / 2 } else { 0 };
        // Mostly the next year, now and then any: which the rules may refuse.
        let items = self.accountant.get(&format!("{path}/settlements?limit=200")).await.ok()["items"].clone();
        let standing = items.as_array().unwrap().iter().filter(|item| {
            item.get("corrects").is_none() && item["entry"] == part["id"] && item["state"] != "rejected"
        });
        let next = 2022 + standing.count().min(3);
        let year = if operation.flips(3) { 2022 + usize::from(operation.which) % 4 } else { next };
        let body = json!({
            "entry": part["id"], "fiscalYear": year, "amount": amount.to_string(),
            "carriedOver": (open - amount - back).to_string(), "returned": back.to_string(),
            "documentNumber": format!("{}/BC", self.count), "documentDate": "2025-01-20",
        });
        let recorded = self.accountant.step(&path, "settlements", &body).await;
        self.review(&path, recorded.status, operation).await
    }

    async fn correct_settlement(&mut self, operation: Operation) -> Option<u16> {
        let path = self.some_allocation(operation)?;
        let items = self.accountant.get(&format!("{path}/settlements")).await.ok()["items"].clone();
        let wrong = items.as_array().unwrap().iter().find(|item| item.get("corrects").is_none())?.clone();
        // Up or down, and what is returned with it, against it or not at all.
        let sign = if operation.flips(2) { "" } else { "-" };
        let body = json!({
            "corrects": wrong["id"], "amount": format!("{sign}{}", operation.amount(300)),
            "returned": operation.one_of(&["0", "0", "5000000", "-5000000"]),
            "documentNumber": format!("{}/DC", self.count), "documentDate": "2025-02-01", "reason": "Sai.",
        });
        let recorded = self.accountant.step(&path, "settlement-corrections", &body).await;
        self.review(&path, recorded.status, operation).await
    }

    /// Accepts or rejects what was recorded last.
    async fn review(&self, path: &str, recorded: u16, operation: Operation) -> Option<u16> {
        if recorded != 200 {
            return Some(recorded);
        }
        let items = self.finance.get(&format!("{path}/settlements?limit=200")).await.ok()["items"].clone();
        let outcome = operation.one_of(&["accepted", "accepted", "accepted", "rejected"]);
        let body = json!({"settlement": items.as_array().unwrap().last().unwrap()["id"], "outcome": outcome});
        Some(self.finance.step(path, "settlement-reviews", &body).await.status)
    }

    async fn amend(&mut self, operation: Operation) -> Option<u16> {
        let line = line_of(&self.plan, "recurrent_support");
        let reductions = match self.some_allocation(operation) {
            Some(path) if operation.flips(0) => {
                let part = self.accountant.get(&path).await.ok()["entries"][0]["id"].clone();
                json!([{"entry": part, "amount": operation.amount(400)}])
            }
            _ => json!([]),
        };
        let body = json!({
            "plan": self.plan["id"], "decisionNumber": format!("{}/ĐC", self.count), "decisionDate": "2022-07-10",
            "reason": "Điều chỉnh.", "lines": [{"line": line, "amount": operation.amount(9_000)}], "reductions": reductions,
            "newLines": [{
                "category": operation.one_of(&["recurrent_support", "infrastructure_and_processing"]),
                "source": operation.one_of(&["recurrent_budget", "local_public_investment", "lawful_contributions"]),
                "fiscalYear": 2021 + u16::from(operation.which) % 5, "amount": operation.amount(50),
            }],
        });
        let draft = self.lead.post("/v1/budget-amendments", &body).await;
        if draft.status != 201 {
            return Some(draft.status);
        }
        Some(self.committee.step(&draft.location(), "approvals", &json!({})).await.status)
    }

    /// Two vouchers of one file, or a voucher and what is taken back of an earlier one: both rows or none.
    async fn import_disbursements(&self, operation: Operation) -> Option<u16> {
        let path = self.some_allocation(operation)?;
        let allocation = self.accountant.get(&path).await.ok();
        let entries = allocation["entries"].as_array().unwrap();
        let part = entries[usize::from(operation.choice) % entries.len()]["id"].as_str().unwrap().to_owned();
        let items = self.accountant.get(&format!("{path}/disbursements?limit=200")).await.ok()["items"].clone();
        let paid =
            items.as_array().unwrap().iter().find(|item| item.get("corrects").is_none() && item["entry"] == *part);
        let second = match paid {
            Some(paid) if operation.flips(2) => {
                let voucher = paid["voucherNumber"].as_str().unwrap();
                format!(",{part},-{},TB-{},2022-04-01,{voucher},Sai.", operation.amount(300), self.count)
            }
            _ => format!(",{part},{},TA-{},2023-03-01,,", operation.amount(200), self.count),
        };
        let head = "id,entry,amount,voucherNumber,voucherDate,corrects,reason";
        let first = format!(",{part},{},T-{},2022-03-01,,", operation.amount(900), self.count);
        let file = format!("{head}\n{first}\n{second}\n");
        let target = format!("{}/disbursements", plan_path(&self.plan));
        Some(self.accountant.seen("*").upload(&target, "text/csv", file.into_bytes()).await.status)
    }

    /// A decision of two entries from a file, which the committee then approves.
    async fn import_allocation(&mut self, operation: Operation) -> Option<u16> {
        let head =
            "decisionNumber,decisionDate,allocation,entry,line,amount,supportKind,implementingAgency,pilot,fiscalYear";
        let row = |category: &str, year: &str| {
            let line = line_of(&self.plan, category);
            format!("{}/T,2022-02-10,,,{line},{},training,{AGRICULTURE},,{year}", self.count, operation.amount(1_500))
        };
        let file =
            [head.to_owned(), row("recurrent_support", "2022"), row("infrastructure_and_processing", "")].join("\n");
        let target = format!("{}/allocations", plan_path(&self.plan));
        let imported = self.lead.seen("*").upload(&target, "text/csv", file.into_bytes()).await;
        if imported.status != 200 {
            return Some(imported.status);
        }
        let drafts = self.lead.get("/v1/budget-allocations?state=draft&limit=200").await.ok()["items"].clone();
        let draft =
            drafts.as_array().unwrap().iter().find(|draft| draft["decisionNumber"] == format!("{}/T", self.count))?;
        let approved = self.committee.step(&allocation_path(draft), "approvals", &json!({})).await;
        if approved.status == 200 {
            self.allocations.push(approved.ok());
        }
        Some(approved.status)
    }

    /// The books go out as files and come in again as nothing new.
    async fn books_are_unchanged_by_their_files(&self) {
        for (book, who) in
            [("estimate-lines", &self.lead), ("allocations", &self.lead), ("disbursements", &self.accountant)]
        {
            let path = format!("{}/{book}", plan_path(&self.plan));
            let file = who.with("accept", "text/csv").get(&format!("{path}?bom=true")).await;
            assert!(file.bytes.starts_with("\u{feff}".as_bytes()), "{path}");
            if file.text.lines().count() < 2 {
                continue;
            }
            let report = who.seen("*").upload(&path, "text/csv", file.bytes).await.ok();
            assert_eq!(report["created"], 0, "{book} {report}");
        }
    }

    /// The summaries by some keys, now or as of an instant.
    async fn sums(&self, keys: &[&str], as_of: &str) -> Vec<Value> {
        let mut sums = Vec::new();
        for key in keys {
            let answer = self.finance.get(&format!("/v1/budget-summaries?province=89&by={key}{as_of}")).await.ok();
            let groups = answer["budget"]["groups"].as_array().unwrap().iter();
            // A group in which nothing had happened by then is none.
            let stirred =
                |group: &&Value| ["estimated", "allocated", "disbursed"].iter().any(|name| figure(&group[*name]) != 0);
            let groups: Vec<_> = groups.filter(stirred).cloned().collect();
            sums.push(json!({"groups": groups, "total": answer["budget"]["total"], "estimated": answer["estimated"]}));
        }
        sums
    }
}

fn conserved(sums: &[Value]) {
    for by in sums {
        let row = |row: &Value| {
            ["estimated", "allocated", "disbursed", "settled", "remainingToAllocate", "remainingToDisburse"]
                .map(|name| figure(&row[name]))
        };
        let [estimated, allocated, disbursed, settled, ..] = row(&by["total"]);
        assert!(estimated >= allocated && allocated >= disbursed && disbursed >= settled && settled >= 0, "{by}");
        let groups = by["groups"].as_array().unwrap().iter().map(row);
        let added = groups.fold([0; 6], |sum, one| std::array::from_fn(|at| sum[at] + one[at]));
        assert_eq!(added, row(&by["total"]), "the groups add up to the total: {by}");
        assert_eq!(by["total"], sums[0]["total"], "whatever the key, the total is the same");
    }
}

/// Lives a budget and holds it against its own history.
async fn live(world: World, operations: Vec<Operation>) {
    let (mut life, mut past) = (Life::begin(&world).await, Vec::new());
    for operation in operations {
        life.step(operation).await;
        let (sums, instant) = (life.sums(&KEYS, "").await, format!("&asOf={}", world.now()));
        conserved(&sums);
        totals_are_sums(&world.sarus.store).await;
        assert_eq!(life.sums(&KEYS, &instant).await, sums, "history equals replay");
        past.push((instant, sums));
    }
    for (instant, sums) in past {
        assert_eq!(life.sums(&KEYS, &instant).await, sums, "as it stood at {instant}");
    }
    conserved(&life.sums(&ALL_KEYS, "").await);
    life.books_are_unchanged_by_their_files().await;
    net_out(&world, &life).await;
}

/// Takes back every settlement and every payment by corrections: nothing is left of them, and every entry stands.
async fn net_out(world: &World, life: &Life) {
    for allocation in &life.allocations {
        let path = allocation_path(allocation);
        let settled = life.accountant.get(&path).await.ok();
        let items = life.accountant.get(&format!("{path}/settlements?limit=200")).await.ok()["items"].clone();
        for (at, item) in items.as_array().unwrap().iter().enumerate() {
            let holds = |name: &str| -> i64 {
                let of_it = items
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter(|one| one["id"] == item["id"] || one["corrects"] == item["id"]);
                of_it.filter(|one| one["state"] == "accepted").map(|one| figure(&one[name])).sum()
            };
            let (amount, returned) = (holds("amount"), holds("returned"));
            if item.get("corrects").is_some() || item["state"] != "accepted" || amount + returned == 0 {
                continue;
            }
            let body = json!({
                "corrects": item["id"], "amount": (-amount).to_string(), "returned": (-returned).to_string(),
                "documentNumber": format!("{at}/KT"), "documentDate": "2025-02-10", "reason": "Hủy.",
            });
            life.accountant.step(&path, "settlement-corrections", &body).await.ok();
            let all = life.finance.get(&format!("{path}/settlements?limit=200")).await.ok()["items"].clone();
            let body = json!({"settlement": all.as_array().unwrap().last().unwrap()["id"], "outcome": "accepted"});
            life.finance.step(&path, "settlement-reviews", &body).await.ok();
        }
        let items = life.accountant.get(&format!("{path}/disbursements?limit=200")).await.ok()["items"].clone();
        let before = items.as_array().unwrap().len();
        for item in items.as_array().unwrap().iter().filter(|item| item.get("corrects").is_none()) {
            let of_it =
                items.as_array().unwrap().iter().filter(|one| one["id"] == item["id"] || one["corrects"] == item["id"]);
            let holds: i64 = of_it.map(|one| figure(&one["amount"])).sum();
            if holds > 0 {
                let body = json!({
                    "corrects": item["id"], "amount": holds.to_string(),
                    "voucherNumber": format!("H-{}", item["voucherNumber"].as_str().unwrap()), "voucherDate": "2024-03-01",
                    "reason": "Hủy.",
                });
                life.accountant.step(&path, "adjustments", &body).await.ok();
            }
        }
        let after = life.accountant.get(&path).await.ok();
        assert_eq!(
            (&after["disbursed"], &after["settled"], &after["returned"]),
            (&json!("0"), &json!("0"), &json!("0"))
        );
        assert_eq!(after["amount"], settled["amount"]);
        let kept = life.accountant.get(&format!("{path}/disbursements?limit=200")).await.ok()["items"].clone();
        assert!(kept.as_array().unwrap().len() >= before, "nothing posted is gone");
    }
    let (sums, instant) = (life.sums(&KEYS, "").await, format!("&asOf={}", world.now()));
    conserved(&sums);
    assert_eq!(life.sums(&KEYS, &instant).await, sums);
}

/// Lives of a run: another start each time; a failure prints the shortest life that shows it.
fn lives(one: impl Fn(Vec<Operation>)) {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let config = Config { cases: asked.unwrap_or(LIVES), max_shrink_iters: 100, ..Config::default() };
    let done = TestRunner::new(config).run(&operations(), |life| {
        one(life);
        Ok(())
    });
    done.unwrap_or_else(|broken| panic!("{broken}"));
}

#[test]
fn every_life_of_a_budget_is_conserved_and_replayed_on_sqlite() {
    lives(|life| on_sqlite(|world| live(world, life)));
}

#[test]
fn every_life_of_a_budget_is_conserved_and_replayed_on_postgres() {
    lives(|life| on_postgres(|world| live(world, life)));
}
