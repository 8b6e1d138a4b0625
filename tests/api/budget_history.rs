//! Random lives of a budget: after every operation money is conserved, the running totals equal what is replayed from the
//! entries, and in the end each balance can be had as it stood after each operation.

use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::given_budget::{allocation_path, entry, line_of};
use crate::support::world::World;

const KEYS: [&str; 4] = ["category", "fiscalYear", "line", "allocation"];

/// A small generator of numbers: the same seed is the same life on both databases.
struct Dice(u64);

impl Dice {
    /// A number below `sides`.
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn amount(&mut self, below: u64) -> String {
        (1 + self.roll(below * 1_000_000)).to_string()
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
    async fn step(&mut self, dice: &mut Dice) {
        self.count += 1;
        let refused_by_rules = match dice.roll(8) {
            0 | 1 => self.allocate(dice).await,
            2 | 3 => self.disburse(dice).await,
            4 => self.take_back(dice).await,
            5 => self.settle(dice).await,
            6 => self.correct_settlement(dice).await,
            _ => self.amend(dice).await,
        };
        assert!(refused_by_rules.is_none_or(|status| status == 200 || status == 409), "{refused_by_rules:?}");
    }

    fn some_allocation(&self, dice: &mut Dice) -> Option<String> {
        let sides = u64::try_from(self.allocations.len()).unwrap();
        (sides > 0).then(|| allocation_path(&self.allocations[usize::try_from(dice.roll(sides)).unwrap()]))
    }

    async fn allocate(&mut self, dice: &mut Dice) -> Option<u16> {
        let category = ["recurrent_support", "infrastructure_and_processing"][usize::try_from(dice.roll(2)).unwrap()];
        let mut part = entry(&line_of(&self.plan, category), 1);
        part["amount"] = json!(dice.amount(3_000));
        if dice.roll(2) == 0 {
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

    async fn disburse(&mut self, dice: &mut Dice) -> Option<u16> {
        let path = self.some_allocation(dice)?;
        let allocation = self.accountant.get(&path).await.ok();
        let body = json!({
            "entry": allocation["entries"][0]["id"], "amount": dice.amount(1_500),
            "voucherNumber": format!("CT-{}", self.count), "voucherDate": "2022-03-01",
        });
        Some(self.accountant.step(&path, "disbursements", &body).await.status)
    }

    async fn take_back(&mut self, dice: &mut Dice) -> Option<u16> {
        let path = self.some_allocation(dice)?;
        let items = self.accountant.get(&format!("{path}/disbursements")).await.ok()["items"].clone();
        let paid = items.as_array().unwrap().iter().find(|item| item.get("corrects").is_none())?.clone();
        let body = json!({
            "corrects": paid["id"], "amount": dice.amount(500), "voucherNumber": format!("DC-{}", self.count),
            "voucherDate": "2022-04-01", "reason": "Sai.",
        });
        Some(self.accountant.step(&path, "adjustments", &body).await.status)
    }

    async fn settle(&mut self, dice: &mut Dice) -> Option<u16> {
        let path = self.some_allocation(dice)?;
        let part = self.accountant.get(&path).await.ok()["entries"][0].clone();
        let [granted, disbursed, settled, returned, left] =
            ["amount", "disbursed", "settled", "returned", "remaining"].map(|name| figure(&part[name]));
        let (open, amount) = (granted - figure(&part["reduced"]) - settled - returned, disbursed - settled);
        let back = if dice.roll(2) == 0 { left / 2 } else { 0 };
        let body = json!({
            "entry": part["id"], "fiscalYear": 2003 + dice.roll(20), "amount": amount.to_string(),
            "carriedOver": (open - amount - back).to_string(), "returned": back.to_string(),
            "documentNumber": format!("{}/BC", self.count), "documentDate": "2023-01-20",
        });
        let recorded = self.accountant.step(&path, "settlements", &body).await;
        self.review(&path, recorded.status, dice).await
    }

    async fn correct_settlement(&mut self, dice: &mut Dice) -> Option<u16> {
        let path = self.some_allocation(dice)?;
        let items = self.accountant.get(&format!("{path}/settlements")).await.ok()["items"].clone();
        let wrong = items.as_array().unwrap().iter().find(|item| item.get("corrects").is_none())?.clone();
        let body = json!({
            "corrects": wrong["id"], "amount": format!("-{}", dice.amount(300)), "returned": "0",
            "documentNumber": format!("{}/DC", self.count), "documentDate": "2023-02-20", "reason": "Sai.",
        });
        let recorded = self.accountant.step(&path, "settlement-corrections", &body).await;
        self.review(&path, recorded.status, dice).await
    }

    /// Accepts or rejects what was recorded last.
    async fn review(&self, path: &str, recorded: u16, dice: &mut Dice) -> Option<u16> {
        if recorded != 200 {
            return Some(recorded);
        }
        let items = self.finance.get(&format!("{path}/settlements?limit=200")).await.ok()["items"].clone();
        let outcome = if dice.roll(4) == 0 { "rejected" } else { "accepted" };
        let body = json!({"settlement": items.as_array().unwrap().last().unwrap()["id"], "outcome": outcome});
        Some(self.finance.step(path, "settlement-reviews", &body).await.status)
    }

    async fn amend(&mut self, dice: &mut Dice) -> Option<u16> {
        let line = line_of(&self.plan, "recurrent_support");
        let reductions = match self.some_allocation(dice) {
            Some(path) if dice.roll(2) == 0 => {
                let part = self.accountant.get(&path).await.ok()["entries"][0]["id"].clone();
                json!([{"entry": part, "amount": dice.amount(400)}])
            }
            _ => json!([]),
        };
        let body = json!({
            "plan": self.plan["id"], "decisionNumber": format!("{}/ĐC", self.count), "decisionDate": "2022-07-10",
            "reason": "Điều chỉnh.", "lines": [{"line": line, "amount": dice.amount(9_000)}], "reductions": reductions,
            "newLines": [{"category": "recurrent_support", "fiscalYear": 2024, "amount": dice.amount(50)}],
        });
        let draft = self.lead.post("/v1/budget-amendments", &body).await;
        if draft.status != 201 {
            return Some(draft.status);
        }
        Some(self.committee.step(&draft.location(), "approvals", &json!({})).await.status)
    }

    /// All summaries, now or as of an instant.
    async fn sums(&self, as_of: &str) -> Vec<Value> {
        let mut sums = Vec::new();
        for key in KEYS {
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
        let row = |row: &Value| ["estimated", "allocated", "disbursed", "settled"].map(|name| figure(&row[name]));
        let [estimated, allocated, disbursed, settled] = row(&by["total"]);
        assert!(estimated >= allocated && allocated >= disbursed && disbursed >= settled && settled >= 0, "{by}");
        let groups = by["groups"].as_array().unwrap().iter().map(row);
        let added = groups.fold([0; 4], |sum, one| std::array::from_fn(|at| sum[at] + one[at]));
        assert_eq!(added, row(&by["total"]), "the groups add up to the total");
        assert_eq!(by["total"], sums[0]["total"], "whatever the key, the total is the same");
    }
}

/// Lives a budget of a seed and holds it against its own history.
async fn live(world: &World, seed: u64) {
    let (mut life, mut dice, mut past) = (Life::begin(world).await, Dice(seed), Vec::new());
    for _ in 0..40 {
        life.step(&mut dice).await;
        let (sums, instant) = (life.sums("").await, format!("&asOf={}", world.now()));
        conserved(&sums);
        assert_eq!(life.sums(&instant).await, sums, "history equals replay");
        past.push((instant, sums));
    }
    for (instant, sums) in past {
        assert_eq!(life.sums(&instant).await, sums, "as it stood at {instant}");
    }
    net_out(world, &life).await;
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
                "documentNumber": format!("{at}/KT"), "documentDate": "2024-02-20", "reason": "Hủy.",
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
    let (sums, instant) = (life.sums("").await, format!("&asOf={}", world.now()));
    conserved(&sums);
    assert_eq!(life.sums(&instant).await, sums);
}

scenario! {
    async fn a_life_of_a_budget_is_conserved_and_replayed(world) {
        live(&world, 167).await;
    }
}

scenario! {
    async fn another_life_of_a_budget_is_conserved_and_replayed(world) {
        live(&world, 2_129).await;
    }
}
