//! Numbered decisions that amend plan lines and reduce allocations; sums by any key, as of any instant, in either unit.

use futures_util::future::join_all;
use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::support::client::{Answer, Client};
use crate::support::given_budget::{allocation_path, entry, line_of, new_allocation, payment};
use crate::support::given_plans::{new_plan, plan_path};
use crate::support::world::World;

const PATH: &str = "/v1/budget-amendments";
const RECURRENT: &str = "recurrent_support";

fn dong(millions: i64) -> String {
    (millions * 1_000_000).to_string()
}

fn amendment(plan: &Value, number: &str, changes: &Value) -> Value {
    let mut body = json!({
        "plan": plan["id"], "decisionNumber": number, "decisionDate": "2022-07-10", "reason": "Điều chỉnh theo thực tế.",
    });
    body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    body
}

fn committee(world: &World) -> Client {
    world.someone(Role::PeoplesCommittee, "89").with("accept-language", "en")
}

async fn drafted(world: &World, plan: &Value, number: &str, changes: &Value) -> Answer {
    let lead = world.someone(Role::LeadAgency, "89").with("accept-language", "en");
    lead.post(PATH, &amendment(plan, number, changes)).await
}

async fn approved(world: &World, plan: &Value, number: &str, changes: &Value) -> Answer {
    let draft = drafted(world, plan, number, changes).await.created();
    committee(world).step(&format!("{PATH}/{}", draft["id"].as_str().unwrap()), "approvals", &json!({})).await
}

async fn total(client: &Client, query: &str) -> Value {
    client.get(&format!("/v1/budget-summaries?province=89{query}")).await.ok()["budget"]["total"].clone()
}

scenario! {
    /// An Giang's 5,060 million of recurrent money is phased over 2021–2025; the plan keeps its printed total.
    async fn a_line_is_phased_over_the_years_of_the_scheme(world) {
        let plan = world.given_plan("89").await;
        let line = line_of(&plan, RECURRENT);
        let years: Vec<_> = [(2021, 560), (2022, 1_000), (2023, 1_200), (2024, 1_300), (2025, 900)].into_iter()
            .map(|(year, millions)| json!({"category": RECURRENT, "fiscalYear": year, "amount": dong(millions)}))
            .collect();
        let changes = json!({"lines": [{"line": line, "amount": dong(100)}], "newLines": years});
        let draft = drafted(&world, &plan, "1/QĐ-UBND", &changes).await;
        assert_eq!((draft.created()["state"].as_str(), draft.body["newLines"].as_array().unwrap().len()), (Some("draft"), 5));
        let path = draft.location();
        let plan_path = format!("/v1/provincial-plans/{}", plan["id"].as_str().unwrap());
        assert_eq!(committee(&world).get(&plan_path).await.ok()["estimateLines"].as_array().unwrap().len(), 3);
        let before = world.now();
        committee(&world).step(&path, "approvals", &json!({"comment": "Đồng ý."})).await.ok();

        let amended = committee(&world).get(&plan_path).await.ok();
        assert_eq!((amended["estimateLines"].as_array().unwrap().len(), &amended["total"]), (8, &json!("32675000000")));
        assert_eq!(amended["estimateLines"][7]["id"], draft.body["newLines"][4]["line"]);
        let by_year = committee(&world).get("/v1/budget-summaries?province=89&by=fiscalYear").await.ok();
        let groups: Vec<_> = by_year["budget"]["groups"].as_array().unwrap().iter()
            .map(|group| (group["key"].as_str().unwrap_or("not stated"), group["estimated"].as_str().unwrap()))
            .collect();
        assert_eq!(groups, [
            ("2021", "560000000"), ("2022", "1000000000"), ("2023", "1200000000"), ("2024", "1300000000"),
            ("2025", "900000000"), ("not stated", "6715000000"),
        ]);
        let then = committee(&world).get(&format!("/v1/budget-summaries?province=89&by=fiscalYear&asOf={before}")).await.ok();
        let groups: Vec<_> = then["budget"]["groups"].as_array().unwrap().iter()
            .filter(|group| group["estimated"] != "0").map(|group| (&group["notStated"], &group["estimated"])).collect();
        assert_eq!(groups, [(&json!(true), &json!("11675000000"))]);
        // What a later decision gives a line, one of an earlier date does not spend: 2022 has 1,000 million before July.
        let of_2022 = amended["estimateLines"][4]["id"].as_str().unwrap().to_owned();
        let more = json!({"lines": [{"line": of_2022, "amount": dong(1_050)}]});
        let mut later = amendment(&plan, "1b/QĐ-UBND", &more);
        later["decisionDate"] = json!("2022-09-01");
        let lead = world.someone(Role::LeadAgency, "89");
        let draft_of_more = lead.post(PATH, &later).await.location();
        committee(&world).step(&draft_of_more, "approvals", &json!({})).await.ok();
        let mut early = new_allocation(&plan, "2a/QĐ-UBND", &[entry(&of_2022, 1_001)]);
        early["decisionDate"] = json!("2022-08-31");
        let refused = lead.with("accept-language", "en").post("/v1/budget-allocations", &early).await;
        let told = refused.refused(409, "step_predated");
        assert_eq!(refused.faults(), ["/entries/0/line step_predated"]);
        assert!(told["detail"].as_str().unwrap().contains("1000000000 đồng of it were left"), "{told}");
        // What lay there before is spent, and then nothing of that is left for another one.
        early["entries"] = json!([entry(&of_2022, 1_000)]);
        let path_of_early = lead.post("/v1/budget-allocations", &early).await.location();
        committee(&world).step(&path_of_early, "approvals", &json!({})).await.ok();
        (early["decisionNumber"], early["entries"]) = (json!("2b/QĐ-UBND"), json!([entry(&of_2022, 1)]));
        lead.post("/v1/budget-allocations", &early).await.refused(409, "step_predated");
        early["decisionDate"] = json!("2022-09-01");
        lead.post("/v1/budget-allocations", &early).await.created();
        // A line can be emptied, and its money allocated from the year's line.
        approved(&world, &plan, "2/QĐ-UBND", &json!({"lines": [
            {"line": line, "amount": "0"}, {"line": amended["estimateLines"][3]["id"], "amount": dong(660)},
        ]})).await.ok();
        assert_eq!(committee(&world).get(&plan_path).await.ok()["total"], "32725000000");
        let mut of_2021 = entry(amended["estimateLines"][3]["id"].as_str().unwrap(), 660);
        of_2021["fiscalYear"] = json!(2021);
        // The line is there since its decision: no allocation of an earlier date takes from it.
        let mut body = new_allocation(&plan, "3/QĐ-UBND", &[of_2021]);
        let early = lead.post("/v1/budget-allocations", &body).await;
        early.refused(409, "step_predated");
        assert_eq!(early.faults(), ["/entries/0/line step_predated"]);
        body["decisionDate"] = json!("2022-07-10");
        let drafted = lead.post("/v1/budget-allocations", &body).await.location();
        committee(&world).step(&drafted, "approvals", &json!({})).await.ok();
        let history = committee(&world).get(&format!("{path}/approvals")).await.ok();
        assert_eq!((&history["items"][0]["comment"], &history["items"][0]["onDate"]), (&json!("Đồng ý."), &json!("2022-07-10")));
    }
}

scenario! {
    /// Never below what is allocated, never below what is disbursed; a reduction in the same decision makes room.
    async fn a_line_never_falls_below_what_is_allocated_of_it(world) {
        let plan = world.given_plan("89").await;
        let line = line_of(&plan, RECURRENT);
        let allocation = world.given_allocation(&plan, "1/QĐ-UBND", &[entry(&line, 1_000)]).await;
        let path = allocation_path(&allocation);
        world.agriculture().step(&path, "disbursements", &payment(&allocation, "CT-01", 600)).await.ok();
        let part = allocation["entries"][0]["id"].clone();

        let below = drafted(&world, &plan, "2/QĐ-UBND", &json!({"lines": [{"line": line, "amount": dong(999)}]})).await;
        let detail = below.refused(409, "below_allocated")["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("1000000000 đồng allocated and 4060000000 đồng left"), "{detail}");
        assert_eq!(below.faults(), ["/lines/0/amount below_allocated"]);
        let over = drafted(&world, &plan, "2/QĐ-UBND", &json!({"reductions": [{"entry": part, "amount": dong(401)}]})).await;
        assert!(over.refused(409, "reduction_exceeded")["detail"].as_str().unwrap().contains("400000000 đồng left"));

        let both = json!({
            "lines": [{"line": line, "amount": dong(700)}], "reductions": [{"entry": part, "amount": dong(300)}],
        });
        let etag = world.agriculture().get(&path).await.ok_etag();
        approved(&world, &plan, "2/QĐ-UBND", &both).await.ok();
        let reduced = world.agriculture().get(&path).await;
        assert_ne!(reduced.ok_etag(), etag, "the allocation is another version");
        let figures = ["amount", "reduced", "disbursed", "remaining"].map(|name| reduced.body["entries"][0][name].clone());
        assert_eq!(figures, ["1000000000", "300000000", "600000000", "100000000"]);
        assert_eq!(reduced.body["rate"], "85.71");
        let lines = committee(&world).get(&format!("/v1/provincial-plans/{}", plan["id"].as_str().unwrap())).await.ok();
        let line = &lines["estimateLines"][2];
        assert_eq!((&line["amount"], &line["allocated"]), (&json!("700000000"), &json!("700000000")));
        assert_eq!(lines["total"], "28315000000");
        let sums = total(&committee(&world), "").await;
        assert_eq!((&sums["allocated"], &sums["remainingToAllocate"]), (&json!("700000000"), &json!("6615000000")));
        let english = world.agriculture().with("accept-language", "en");
        let paid = english.step(&path, "disbursements", &payment(&allocation, "CT-02", 101)).await;
        assert!(paid.refused(409, "allocation_exceeded")["detail"].as_str().unwrap().contains("has 100000000 đồng left"));
    }
}

scenario! {
    /// A decision does not precede what it changes: neither the allocation that it reduces nor the last decision on the line, when
    /// it is drafted and again when it is approved.
    async fn decisions_bear_dates_in_their_order(world) {
        let plan = world.given_plan("89").await;
        let (line, other) = (line_of(&plan, RECURRENT), line_of(&plan, "infrastructure_and_processing"));
        let allocation = world.given_allocation(&plan, "1/QĐ-UBND", &[entry(&line, 1_000)]).await;
        let lead = world.someone(Role::LeadAgency, "89").with("accept-language", "en");
        let dated = |number: &str, day: &str, changes: &Value| {
            let mut body = amendment(&plan, number, changes);
            body["decisionDate"] = json!(day);
            body
        };
        // The allocation bears the date 2022-01-20.
        let back = json!({"reductions": [{"entry": allocation["entries"][0]["id"], "amount": dong(10)}]});
        let early = lead.post(PATH, &dated("2/ĐC", "2022-01-19", &back)).await;
        let problem = early.refused(409, "step_predated");
        assert_eq!((&problem["inputs"]["date"], &problem["inputs"]["earliest"]), (&json!("2022-01-19"), &json!("2022-01-20")));
        assert_eq!(early.faults(), ["/reductions/0/entry step_predated"]);
        lead.post(PATH, &dated("2/ĐC", "2022-01-20", &back)).await.created();

        let to = |line: &str, millions: i64| json!({"lines": [{"line": line, "amount": dong(millions)}]});
        approved(&world, &plan, "3/ĐC", &to(&line, 5_000)).await.ok();
        let early = lead.post(PATH, &dated("4/ĐC", "2022-07-09", &to(&line, 5_050))).await;
        early.refused(409, "step_predated");
        assert_eq!(early.faults(), ["/lines/0/line step_predated"]);
        lead.post(PATH, &dated("4/ĐC", "2022-07-10", &to(&line, 5_050))).await.created();

        // Both are drafted; the later one is approved first, so the earlier one comes too late.
        let june = lead.post(PATH, &dated("5/ĐC", "2022-06-01", &to(&other, 6_000))).await.location();
        let august = lead.post(PATH, &dated("6/ĐC", "2022-08-01", &to(&other, 6_500))).await.location();
        committee(&world).step(&august, "approvals", &json!({})).await.ok();
        let actions = committee(&world).get(&format!("{june}/allowed-actions")).await.ok();
        assert_eq!(actions["items"][2]["code"], "step_predated");
        committee(&world).step(&june, "approvals", &json!({})).await.refused(409, "step_predated");
        let lines = committee(&world).get(&format!("/v1/provincial-plans/{}", plan["id"].as_str().unwrap())).await.ok();
        assert_eq!(lines["estimateLines"][0]["amount"], dong(6_500), "the line holds what the latest decision says");
    }
}

scenario! {
    /// A draft is written anew under the same rules, whole lists at a time; whoever wrote any version does not approve it.
    async fn a_draft_amendment_is_edited_until_it_is_approved(world) {
        let plan = world.given_plan("89").await;
        let line = line_of(&plan, RECURRENT);
        let first = json!({"lines": [{"line": line, "amount": dong(5_000)}], "newLines": [
            {"category": RECURRENT, "fiscalYear": 2023, "amount": dong(60)}, {"category": RECURRENT, "amount": dong(1)},
        ]});
        let draft = drafted(&world, &plan, "1/QĐ-UBND", &first).await;
        let path = draft.location();
        let finance = world.someone(Role::Finance, "89");
        let change = json!({"newLines": [{"category": RECURRENT, "fiscalYear": 2024, "amount": dong(61)}], "reason": "Sửa."});
        let edited = finance.seen("\"1\"").patch(&path, &change).await;
        assert_eq!((edited.ok_etag().as_str(), &edited.body["reason"]), ("\"2\"", &json!("Sửa.")));
        assert_eq!((&edited.body["lines"][0]["amount"], edited.body["newLines"].as_array().unwrap().len()), (&json!(dong(5_000)), 1));
        assert_eq!(edited.body["createdBy"], "lead-agency@89");
        assert_eq!(finance.get(&path).await.ok(), edited.body);
        finance.seen("\"1\"").patch(&path, &change).await.refused(412, "stale");
        let wrong = json!({"decisionDate": "2999-01-01", "newLines": [{"category": "nonsense", "amount": "0"}]});
        assert_eq!(finance.seen("\"2\"").patch(&path, &wrong).await.faults(), [
            "/decisionDate date_in_future", "/newLines/0/amount amount_not_positive", "/newLines/0/category unknown_reference",
        ]);
        finance.seen("\"2\"").patch(&path, &json!({"lines": null, "newLines": null})).await.refused(400, "corrects_nothing");
        committee(&world).seen("\"2\"").patch(&path, &change).await.refused(403, "forbidden");
        world.someone(Role::LeadAgency, "01").seen("\"2\"").patch(&path, &change).await.refused(404, "not_found");
        for writer in ["lead-agency@89", "finance@89"] {
            let writer = world.person(Role::PeoplesCommittee, "89", writer);
            writer.step(&path, "approvals", &json!({})).await.refused(409, "four_eyes");
        }
        committee(&world).step(&path, "approvals", &json!({})).await.ok();
        finance.seen("\"3\"").patch(&path, &change).await.refused(409, "wrong_state");
        let lines = finance.get(&format!("/v1/provincial-plans/{}", plan["id"].as_str().unwrap())).await.ok();
        assert_eq!((&lines["total"], &lines["estimateLines"][3]["fiscalYear"]), (&json!("32676000000"), &json!(2024)));
    }
}

scenario! {
    async fn every_fault_of_an_amendment_is_told_at_once(world) {
        let plan = world.given_plan("89").await;
        let line = line_of(&plan, RECURRENT);
        let nowhere = "01900000-0000-7000-8000-000000000000";
        let mut body = amendment(&plan, "1/QĐ-UBND", &json!({
            "lines": [{"line": line, "amount": "1"}, {"line": line, "amount": "2"}, {"line": nowhere, "amount": "1"}],
            "newLines": [{"category": "nonsense", "source": "nonsense", "fiscalYear": 2031, "amount": "0"}],
            "reductions": [{"entry": nowhere, "amount": "1"}],
        }));
        body["decisionDate"] = json!("2999-01-01");
        let lead = world.someone(Role::LeadAgency, "89");
        assert_eq!(lead.post(PATH, &body).await.faults(), [
            "/decisionDate date_in_future", "/lines/1 repeated_item", "/lines/2/line unknown_reference",
            "/newLines/0/amount amount_not_positive", "/newLines/0/category unknown_reference",
            "/newLines/0/fiscalYear outside_scheme", "/newLines/0/source unknown_reference", "/reductions/0 repeated_item",
            "/reductions/0/entry unknown_reference",
        ]);
        lead.post(PATH, &amendment(&plan, "1/QĐ-UBND", &json!({}))).await.refused(400, "corrects_nothing");
        let mut early = amendment(&plan, "1/QĐ-UBND", &json!({"lines": [{"line": line, "amount": "1"}]}));
        early["decisionDate"] = json!("2021-09-14");
        lead.post(PATH, &early).await.refused(409, "step_predated");
        early["plan"] = json!(nowhere);
        assert_eq!(lead.post(PATH, &early).await.faults(), ["/plan unknown_reference"]);
        early["plan"] = json!("x");
        early["lines"][0]["amount"] = json!("-1");
        early["surprise"] = json!(1);
        assert_eq!(lead.post(PATH, &early).await.faults().len(), 3);
    }
}

scenario! {
    /// Drafted by lead agency or finance, approved by the committee, never by who wrote it; a draft can go, a decision not.
    async fn an_amendment_has_four_eyes_and_one_number(world) {
        let plan = world.given_plan("89").await;
        let changes = json!({"lines": [{"line": line_of(&plan, RECURRENT), "amount": dong(5_000)}]});
        let body = amendment(&plan, "1/QĐ-UBND", &changes);
        world.agriculture().post(PATH, &body).await.refused(403, "forbidden");
        world.someone(Role::LeadAgency, "01").post(PATH, &body).await.refused(400, "unknown_reference");
        let draft = world.person(Role::Finance, "89", "two hats").post(PATH, &body).await.created();
        let path = format!("{PATH}/{}", draft["id"].as_str().unwrap());
        world.person(Role::PeoplesCommittee, "89", "two hats").step(&path, "approvals", &json!({})).await.refused(409, "four_eyes");
        world.someone(Role::Locality, "883").get(&path).await.refused(404, "not_found");
        world.someone(Role::LeadAgency, "01").get(&path).await.refused(404, "not_found");
        let actions = committee(&world).get(&format!("{path}/allowed-actions")).await.ok();
        assert_eq!((&actions["items"][0]["code"], &actions["items"][2]["allowed"]), (&json!("forbidden"), &json!(true)));
        committee(&world).seen("\"7\"").post(&format!("{path}/approvals"), &json!({})).await.refused(412, "stale");
        committee(&world).post(&format!("{path}/approvals"), &json!({})).await.refused(428, "precondition_required");
        committee(&world).step(&path, "approvals", &json!({})).await.ok();
        committee(&world).step(&path, "approvals", &json!({})).await.refused(409, "wrong_state");
        world.someone(Role::LeadAgency, "89").seen("\"2\"").delete(&path).await.refused(409, "not_a_draft");
        drafted(&world, &plan, "1/QĐ-UBND", &changes).await.refused(409, "already_exists");
        let other = drafted(&world, &plan, "2/QĐ-UBND", &changes).await.location();
        world.someone(Role::LeadAgency, "89").seen("\"1\"").delete(&other).await.ok();
        assert_eq!(world.someone(Role::Locality, "883").get(PATH).await.ok()["items"].as_array().unwrap().len(), 1);
        assert_eq!(committee(&world).get(&format!("{PATH}?state=draft&count=exact")).await.ok()["count"], 0);
    }
}

scenario! {
    /// 32 allocations of 150 million and 32 cuts of the line to 3,000 at once: whoever comes first, the line holds.
    async fn cuts_and_allocations_race_for_the_same_line(world) {
        let plan = world.given_plan("89").await;
        let line = line_of(&plan, RECURRENT);
        let mut paths = Vec::new();
        for number in 1..=32 {
            let draft = world.given_allocation_draft(&plan, &format!("{number}/QĐ-UBND"), &[entry(&line, 150)]).await;
            paths.push(allocation_path(&draft));
            let cut = json!({"lines": [{"line": line, "amount": dong(3_000 - number)}]});
            paths.push(drafted(&world, &plan, &format!("{number}/ĐC"), &cut).await.location());
        }
        let hasty = committee(&world).seen("\"1\"");
        let (targets, nothing) = (paths.iter().map(|path| format!("{path}/approvals")).collect::<Vec<_>>(), json!({}));
        let answers = join_all(targets.iter().map(|target| hasty.post(target, &nothing))).await;
        let mut allocated = 0;
        for (answer, path) in answers.iter().zip(&paths) {
            let is_allocation = path.contains("allocations");
            if answer.status == 200 {
                allocated += i64::from(is_allocation) * 150_000_000;
            } else {
                let problem = answer.refused(409, if is_allocation { "line_exceeded" } else { "below_allocated" });
                assert!(problem["detail"].as_str().unwrap().contains("đồng left"));
            }
        }
        let lines = hasty.get(&format!("/v1/provincial-plans/{}", plan["id"].as_str().unwrap())).await.ok();
        let line = &lines["estimateLines"][2];
        let figure = |name: &str| line[name].as_str().unwrap().parse::<i64>().unwrap();
        assert_eq!(figure("allocated"), allocated);
        assert!(figure("allocated") <= figure("amount"), "{line}");
        assert_eq!(total(&hasty, "").await, total(&hasty, &format!("&asOf={}", world.now())).await);
    }
}

scenario! {
    /// 64 reductions of 50 million at once of an entry of 1,000 with 400 disbursed: 12 fit, and not one more.
    async fn reductions_never_take_back_more_than_the_entry_has(world) {
        let plan = world.given_plan("89").await;
        let allocation = world.given_allocation(&plan, "1/QĐ-UBND", &[entry(&line_of(&plan, RECURRENT), 1_000)]).await;
        let path = allocation_path(&allocation);
        world.agriculture().step(&path, "disbursements", &payment(&allocation, "CT-01", 400)).await.ok();
        let cut = json!({"reductions": [{"entry": allocation["entries"][0]["id"], "amount": dong(50)}]});
        let mut targets = Vec::new();
        for number in 1..=64 {
            targets.push(format!("{}/approvals", drafted(&world, &plan, &format!("{number}/ĐC"), &cut).await.location()));
        }
        let (hasty, nothing) = (committee(&world).seen("*"), json!({}));
        let answers = join_all(targets.iter().map(|target| hasty.post(target, &nothing))).await;
        let (taken, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
        assert_eq!((taken.len(), refused.len()), (12, 52));
        for answer in refused {
            assert!(answer.refused(409, "reduction_exceeded")["detail"].as_str().unwrap().contains("has 0 đồng left"));
        }
        let after = hasty.get(&path).await.ok();
        assert_eq!((&after["reduced"], &after["remaining"]), (&json!("600000000"), &json!("0")));
        assert_eq!(total(&hasty, "").await["allocated"], "400000000");
    }
}

scenario! {
    /// In million đồng each column adds up to its printed total, whatever the key.
    async fn rows_in_million_add_up_to_the_printed_total(world) {
        let plan = world.given_plan("89").await;
        let line = line_of(&plan, RECURRENT);
        let parts: Vec<_> = ["training", "consulting", "communication"].into_iter().map(|kind| {
            let mut part = entry(&line, 1);
            part["supportKind"] = json!(kind);
            part["amount"] = json!("1400000");
            part
        }).collect();
        world.given_allocation(&plan, "1/QĐ-UBND", &parts).await;
        let lead = world.someone(Role::LeadAgency, "89");
        for by in ["category", "supportKind", "model", "line", "allocation", "unit"] {
            let sums = lead.get(&format!("/v1/budget-summaries?province=89&by={by}&unit=million")).await.ok();
            assert_eq!((&sums["unit"], &sums["estimated"]), (&json!("million"), &json!("32675")));
            let budget = &sums["budget"];
            for column in ["allocated", "disbursed", "settled", "returned", "remainingToDisburse"] {
                let figure = |row: &Value| row[column].as_str().unwrap().parse::<i64>().unwrap();
                let added: i64 = budget["groups"].as_array().unwrap().iter().map(figure).sum();
                assert_eq!(added, figure(&budget["total"]), "{by} {column}");
            }
            assert_eq!(budget["total"]["allocated"], "4", "{by}");
        }
        // Budget and credit are parts of one whole, rounded once: 1.5 and 1.5 million make 3 = 2 + 1.
        let mut odd = new_plan("01");
        odd["estimateLines"] = json!([
            {"category": RECURRENT, "amount": "1500000"}, {"category": "preferential_credit_and_fund", "amount": "1500000"},
        ]);
        odd["total"] = json!("3000000");
        let of_hanoi = world.someone(Role::LeadAgency, "01");
        let draft = of_hanoi.post("/v1/provincial-plans", &odd).await.created();
        world.someone(Role::PeoplesCommittee, "01").step(&plan_path(&draft), "approvals", &json!({})).await.ok();
        let sums = of_hanoi.get("/v1/budget-summaries?province=01&by=category&unit=million").await.ok();
        let shown = (&sums["estimated"], &sums["budget"]["total"]["estimated"], &sums["credit"]["estimated"]);
        assert_eq!(shown, (&json!("3"), &json!("2"), &json!("1")));
        assert_eq!((&sums["budget"]["groups"][0]["estimated"], &sums["credit"]["groups"][0]["estimated"]), (&json!("2"), &json!("1")));
        let exact = lead.get("/v1/budget-summaries?province=89").await.ok();
        assert_eq!((&exact["unit"], &exact["budget"]["total"]["allocated"]), (&json!("dong"), &json!("4200000")));
        assert_eq!(lead.get("/v1/budget-summaries?asOf=2999-01-01T00:00:00Z").await.faults(), ["#asOf date_in_future"]);
        lead.get("/v1/budget-summaries?asOf=yesterday").await.refused(400, "invalid_query");
        lead.get("/v1/budget-summaries?unit=billion").await.refused(400, "invalid_query");
        let before = lead.get("/v1/budget-summaries?province=89&asOf=2021-01-01T00:00:00Z").await.ok();
        assert_eq!((&before["estimated"], &before["budget"]["groups"]), (&json!("0"), &json!([])));
    }
}

scenario! {
    /// A plan has at most 200 lines, and a total of at most fifteen digits.
    async fn a_plan_stays_within_what_it_can_say(world) {
        let plan = world.given_plan("89").await;
        let new = |amount: &str, count: usize| vec![json!({"category": RECURRENT, "amount": amount}); count];
        // 32,675 million are there in three lines.
        for (amount, count, fits) in
            [("999967324999999", 1, true), ("999967325000000", 1, false), ("1", 197, true), ("1", 198, false)]
        {
            let answer = drafted(&world, &plan, &format!("{amount}/{count}"), &json!({"newLines": new(amount, count)})).await;
            if fits {
                answer.created();
                continue;
            }
            let problem = answer.refused(409, "plan_too_large");
            assert_eq!(problem["inputs"]["lines"], (count + 3).to_string());
            assert_eq!(problem["inputs"]["left"], "999967324999999");
        }
        let line = json!({"lines": [{"line": line_of(&plan, RECURRENT), "amount": "999999999999999"}]});
        drafted(&world, &plan, "2/QĐ", &line).await.refused(409, "plan_too_large");
    }
}
