//! The figures of reports against sums made by hand, and over any partition of the territory.

use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::support::given_budget::{LONG_XUYEN, allocation_path, entry, line_of, payment};
use crate::support::given_evaluations::evaluation_path;
use crate::support::given_improvement::{BASELINE_OF_68, changed, new_improvement_plan};
use crate::support::given_pilots::{SCHEME, TRANSPORT, decision_path, id_of, new_application, new_decision};
use crate::support::given_reports::{figure, parts, report_path, value};
use crate::support::world::World;

/// Two pilots of Phú Tân (888) under Agriculture, one of Long Xuyên (883) under Transport.
async fn given_three_pilots(world: &World) -> Vec<Value> {
    let plan = world.given_standing_plan().await;
    assert_eq!(plan["state"], "approved");
    let mut applications = Vec::new();
    for (unit, tax_code, model) in
        [("888", "1600000001", "A3"), ("888", "1600000002", "A3"), ("883", "1600000003", "N2")]
    {
        let cooperative = id_of(&world.given_cooperative(unit, tax_code).await);
        world.given_profits(&cooperative, ["120000000", "95000000", "150000000"]).await;
        world.given_submitted_evaluation(&cooperative, 2020, 6_500).await;
        let mut body = new_application(&cooperative);
        body["model"] = json!(model);
        let own = world.cooperative(&cooperative);
        let draft = own.post("/v1/applications", &body).await;
        draft.created();
        applications.push(own.step(&draft.location(), "submissions", &json!({"submittedOn": "2021-08-02"})).await.ok());
    }
    let mut body = new_decision("2128/QĐ-UBND", &applications);
    body["applications"][2]["responsibleDepartment"] = json!(TRANSPORT);
    let draft = world.someone(Role::LeadAgency, "89").post("/v1/selection-decisions", &body).await.created();
    world.someone(Role::PeoplesCommittee, "89").step(&decision_path(&draft), "approvals", &json!({})).await.ok();
    let mut pilots = Vec::new();
    for application in &applications {
        let cooperative = application["cooperative"].as_str().unwrap();
        let page =
            world.someone(Role::LeadAgency, "89").get(&format!("/v1/pilots?cooperative={cooperative}")).await.ok();
        pilots.push(page["items"][0].clone());
    }
    pilots
}

fn cooperative(pilot: &Value) -> String {
    pilot["cooperative"].as_str().unwrap().to_owned()
}

async fn given_figures(world: &World, cooperative: &str, side: &Value) {
    let path = format!("/v1/cooperatives/{cooperative}/annual-figures/2022");
    world.cooperative(cooperative).with("if-none-match", "*").put(&path, side).await.created();
}

async fn given_money(world: &World, pilots: &[Value]) {
    let plan = world.given_standing_plan().await;
    let infrastructure = line_of(&plan, "infrastructure_and_processing");
    let recurrent = line_of(&plan, "recurrent_support");
    let mut to_first = entry(&infrastructure, 100);
    to_first["pilot"] = pilots[0]["id"].clone();
    // Without a pilot: placed where the agency that carries it out is, Long Xuyên.
    let mut to_long_xuyen = entry(&recurrent, 50);
    to_long_xuyen["implementingAgency"] = json!(LONG_XUYEN);
    let allocation = world.given_allocation(&plan, "10/QĐ-UBND", &[to_first, to_long_xuyen]).await;
    let path = allocation_path(&allocation);
    world.agriculture().step(&path, "disbursements", &payment(&allocation, "V-1", 40)).await.ok();
}

async fn given_loan(world: &World, pilot: &Value) {
    let alliance = world.someone(Role::CooperativeAlliance, "89");
    let loan = alliance
        .post(
            "/v1/loans",
            &json!({
                "pilot": pilot["id"], "lender": "Quỹ hỗ trợ phát triển HTX", "source": "preferential_credit_fund",
                "approvedAmount": "1500000000", "decisionNumber": "15/QĐ", "decisionDate": "2022-03-10",
            }),
        )
        .await;
    loan.created();
    let paid_out = json!({"amount": "500000000", "disbursedOn": "2022-04-01"});
    alliance.step(&loan.location(), "disbursements", &paid_out).await.ok();
    let paid_back = json!({"amount": "100000000", "repaidOn": "2022-10-01"});
    alliance.step(&loan.location(), "repayments", &paid_back).await.ok();
}

async fn given_improvement(world: &World, pilot: &Value) {
    let own = world.cooperative(&cooperative(pilot));
    let baseline = world.given_submitted_evaluation(&cooperative(pilot), 2021, 6_800).await;
    let measure = |title: &str, due: &str| json!({"title": title, "area": "governance", "dueDate": due, "responsible": "Hội đồng quản trị"});
    let mut done = measure("Đào tạo", "2022-06-30");
    done["doneOn"] = json!("2021-10-01");
    let draft = own
        .post(
            "/v1/improvement-plans",
            &json!({
                "pilot": pilot["id"], "baselineEvaluation": baseline["id"],
                "criteria": [{"criterion": "10", "toImprove": true, "target": "34.00"}],
                "measures": [done, measure("Kiểm toán", "2022-09-30"), measure("Mở rộng", "2023-12-31")],
            }),
        )
        .await;
    let submitted = world.given_submission_of(&draft.created()).await;
    world.given_approval_of(&submitted).await;
}

scenario! {
    /// Each figure of a year against the sum made by hand; and the localities' figures sum to the province's.
    async fn figures_of_a_year_equal_sums_by_hand_and_the_parts_sum_to_the_whole(world) {
        let pilots = given_three_pilots(&world).await;
        let members = |members: i64, profit: &str| json!({
            "status": "final", "members": members, "totalCapital": "1000000000", "revenue": "2000000000", "profitBeforeTax": profit,
            "membersWomen": members / 2, "membersEthnicMinority": 10, "workersRegular": 5, "managers": 4, "managersWithDegree": 3,
            "valueChain": true, "independentAudit": false,
        });
        let year_before = format!("/v1/cooperatives/{}/annual-figures/2021", cooperative(&pilots[0]));
        let own = world.cooperative(&cooperative(&pilots[0]));
        own.with("if-none-match", "*").put(&year_before, &members(200, "10000000")).await.created();
        given_figures(&world, &cooperative(&pilots[0]), &members(250, "70000000")).await;
        given_figures(&world, &cooperative(&pilots[1]), &members(100, "-20000000")).await;
        let path = format!("/v1/cooperatives/{}/annual-figures/2022", cooperative(&pilots[0]));
        let locality = world.someone(Role::Locality, "888");
        locality.with("if-none-match", "*").put(&path, &members(240, "60000000")).await.created();
        world.given_submitted_evaluation(&cooperative(&pilots[0]), 2022, 6_000).await;
        world.given_verified_evaluation(&cooperative(&pilots[0]), "888", 2022, 8_500).await;
        world.given_submitted_evaluation(&cooperative(&pilots[1]), 2022, 7_050).await;
        // A draft does not count; nor does a cooperative that is no pilot count among them.
        world.given_draft_evaluation(&cooperative(&pilots[2]), 2022, 9_000).await;
        let neighbour = id_of(&world.given_cooperative("888", "1600000009").await);
        let own = world.given_submitted_evaluation(&neighbour, 2022, 5_500).await;
        assert_eq!(world.someone(Role::LeadAgency, "89").get(&evaluation_path(&own)).await.ok()["rating"], "average");
        given_money(&world, &pilots).await;
        given_loan(&world, &pilots[2]).await;
        given_improvement(&world, &pilots[0]).await;

        let lead = world.someone(Role::LeadAgency, "89");
        let whole = world.given_report_draft(&lead, "2022").await;
        for (code, expected) in [
            ("pilots_active", "3"),
            ("pilots_selected", "0"),
            ("pilots_stopped", "0"),
            ("improvement_plans_approved", "1"),
            ("criteria_to_improve", "1"),
            // One of two due by 14 December is done; the third is due later.
            ("measures_done_rate", "50.00"),
            ("pilots_models_completed", "0"),
            ("pilots_by_rating", "2"),
            ("pilots_good_share", "33.33"),
            // (85.00 + 70.50) ÷ 2: verified over self, drafts not counted.
            ("pilots_score_mean", "77.75"),
            ("coops_by_rating", "3"),
            ("members_total", "340"),
            ("members_women", "170"),
            ("members_ethnic_minority", "20"),
            // 240 verified of 2022 less 200 of 2021; the other pilot gave no figures of 2021.
            ("members_net_change", "40"),
            ("workers_regular", "10"),
            ("managers_degree_share", "75.00"),
            ("pilots_value_chain", "2"),
            ("pilots_independent_audit", "0"),
            ("support_settled", "0"),
            // The other entry of the decision is for no pilot.
            ("pilots_supported", "1"),
            // Entered by hand: no value until the agency gives one.
            ("training_attendances", "-"),
            ("inspections", "0"),
            // Criterion 10 had 8.00 in the baseline of 68.00; in the verified 85.00 it has 25.00 against a target of 34.00.
            ("criteria_not_below_baseline", "1"),
            ("criteria_at_target", "0"),
            ("criteria_target_rate", "0.00"),
            // Requirement 1 (85.00 ≥ 80) and requirement 2 hold.
            ("pilots_exit_met", "1"),
            ("total_capital", "2000000000"),
            ("revenue", "4000000000"),
            ("profit_before_tax", "40000000"),
            ("pilots_profitable", "1"),
            ("support_estimated", "32675000000"),
            ("support_allocated", "150000000"),
            ("support_disbursed", "40000000"),
            ("disbursement_rate", "26.67"),
            ("loans_disbursed", "500000000"),
            ("loans_outstanding", "400000000"),
        ] {
            assert_eq!(value(&whole, code), expected, "{code}");
        }
        assert_eq!(parts(&whole, "pilots_active"), ["A3=2", "N2=1"]);
        assert_eq!(parts(&whole, "pilots_by_rating"), ["good=1", "fair=1", "average=0", "weak=0", "not_rated=0"]);
        assert_eq!(parts(&whole, "coops_by_rating"), ["good=1", "fair=1", "average=1", "weak=0", "not_rated=0"]);
        assert_eq!(parts(&whole, "support_allocated"), ["infrastructure_and_processing=100000000", "recurrent_support=50000000"]);
        // The same values by other keys; of two kinds of support a pilot would count under both.
        let further = |code: &str| figure(&whole, code)["furtherBreakdowns"].clone();
        let part = |by: &str, key: &str, value: &str| json!({"by": by, "parts": [{"key": key, "value": value}]});
        assert_eq!(further("pilots_supported"), json!([part("support_kind", "training", "1")]));
        let estimated = "32675000000";
        assert_eq!(further("support_estimated"), json!([part("source", "not_stated", estimated), part("nature", "not_stated", estimated)]));
        // One pilot gave no figures: the sum is an estimate.
        assert_eq!(figure(&whole, "members_total")["status"], "estimated");
        assert_eq!(figure(&whole, "pilots_active")["status"], "final");

        let phu_tan = world.given_report_draft(&world.someone(Role::Locality, "888"), "2022").await;
        let long_xuyen = world.given_report_draft(&world.someone(Role::Locality, "883"), "2022").await;
        let number = |report: &Value, code: &str, member: &str| {
            figure(report, code)[member].as_str().map_or(0, |text| text.replace('.', "").parse::<i64>().unwrap())
        };
        for part in phu_tan["indicators"].as_array().unwrap() {
            let code = part["code"].as_str().unwrap();
            let members: &[&str] = if part["numerator"].is_string() { &["numerator", "denominator"] } else { &["value"] };
            for member in members {
                let sum = number(&phu_tan, code, member) + number(&long_xuyen, code, member);
                assert_eq!(sum, number(&whole, code, member), "{code} {member}");
            }
        }
        assert_eq!(value(&long_xuyen, "support_allocated"), "50000000");
        assert_eq!(figure(&long_xuyen, "members_total").get("value"), None, "nobody gave any");
        // What is entered by hand is an override of nothing, with where it comes from.
        let trained = json!({"overrides": [{"indicator": "training_attendances", "value": "4", "reason": "Sổ đào tạo năm 2022"}]});
        let etag = lead.get(&report_path(&whole)).await.ok_etag();
        let entered = lead.seen(&etag).patch(&report_path(&whole), &trained).await.ok();
        assert_eq!(value(&entered, "training_attendances"), "4");
        // A department reports on the same events: its figures are its own view and are never added.
        let agriculture = world.given_report_draft(&world.agriculture(), "2022").await;
        assert_eq!((value(&agriculture, "pilots_active"), value(&agriculture, "support_disbursed")), ("2".to_owned(), "40000000".to_owned()));
        assert_eq!(figure(&agriculture, "coops_by_rating"), Value::Null);

        // Over time: flows of two half-years add up to the year's, stocks are those of the second.
        let (first, second) = (world.given_report_draft(&lead, "2022S1").await, world.given_report_draft(&lead, "2022S2").await);
        for code in ["pilots_selected", "support_allocated", "support_disbursed", "loans_disbursed"] {
            let sum = number(&first, code, "value") + number(&second, code, "value");
            assert_eq!(sum, number(&whole, code, "value"), "{code}");
        }
        assert_eq!((value(&first, "loans_outstanding"), value(&second, "loans_outstanding")), ("500000000".to_owned(), "400000000".to_owned()));
        assert_eq!(value(&second, "disbursement_rate"), "26.67");
    }
}

scenario! {
    /// A pilot counts from the day of its decision to the day it stops, by legal date and not by when it was recorded.
    async fn pilots_are_counted_by_legal_date(world) {
        let pilots = world.given_pilots(2).await;
        let own = world.cooperative(&cooperative(&pilots[1]));
        let path = format!("/v1/pilots/{}", id_of(&pilots[1]));
        own.step(&path, "withdrawals", &json!({"withdrawnOn": "2022-06-14", "reason": "Tự nguyện"})).await.ok();
        let lead = world.someone(Role::LeadAgency, "89");
        for (period, active, selected, stopped) in
            [("2021", "2", "2", "0"), ("2021S2", "2", "2", "0"), ("2022S1", "1", "0", "1"), ("2022S2", "1", "0", "0"), ("2022", "1", "0", "1")]
        {
            let report = world.given_report_draft(&lead, period).await;
            let found = ["pilots_active", "pilots_selected", "pilots_stopped"].map(|code| value(&report, code));
            assert_eq!(found, [active, selected, stopped], "{period}");
        }
    }
}

scenario! {
    async fn the_form_says_what_each_indicator_counts_and_how_it_adds_up(world) {
        let reader = world.someone(Role::Oversight, "89");
        let form = reader.get("/v1/indicators").await.ok();
        // A form is data of a version, with its days; reports name it, and it can be asked for by its name.
        let forms = reader.get("/v1/report-forms").await.ok();
        let version = forms["items"][0]["version"].as_str().unwrap();
        assert_eq!((&form["formVersion"], &forms["items"][0]["validFrom"]), (&json!(version), &json!("2021-02-03")));
        assert_eq!(forms["items"][0]["indicators"], form["items"]);
        assert_eq!(reader.get(&format!("/v1/report-forms/{version}")).await.ok(), forms["items"][0]);
        assert_eq!(reader.get(&format!("/v1/indicators?form={version}")).await.ok(), form);
        reader.get("/v1/report-forms/none").await.refused(404, "not_found");
        assert_eq!(reader.get("/v1/indicators?form=none").await.faults(), ["#form unknown_reference"]);
        world.given_plan("89").await;
        let draft = world.given_report_draft(&world.someone(Role::LeadAgency, "89"), "2023").await;
        assert_eq!(draft["formVersion"], version);
        let codes = |list: &Value| list.as_array().unwrap().iter().map(|one| one["code"].clone()).collect::<Vec<_>>();
        assert_eq!(codes(&draft["indicators"]), codes(&form["items"]));
        let items = form["items"].as_array().unwrap();
        assert_eq!(items.len(), 40);
        let entered = items.iter().filter(|item| item["source"] == "entered").map(|item| item["code"].as_str().unwrap());
        assert_eq!(entered.collect::<Vec<_>>(), ["training_attendances"]);
        let share = items.iter().find(|item| item["code"] == "pilots_good_share").unwrap();
        assert_eq!((&share["overUnits"], &share["unit"], &share["frequency"]), (&json!("ratio"), &json!("percent"), &json!("annual")));
        // The form is what the published list of indicators says, in its order.
        let lines = reader.with("accept", "application/x-ndjson").get("/v1/reference-entries?list=indicators").await;
        let listed: Vec<Value> = lines.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let listed_codes: Vec<_> = listed.iter().map(|entry| &entry["code"]).collect();
        assert_eq!(items.iter().map(|item| &item["code"]).collect::<Vec<_>>(), listed_codes);
        for item in items {
            let entry = listed.iter().find(|entry| entry["code"] == item["code"]).unwrap();
            assert_eq!(entry["name"], item["label"]);
            for rule in ["unit", "overUnits", "overTime", "frequency"] {
                assert_eq!(entry["attributes"][rule], item[rule], "{} {rule}", item["code"]);
            }
        }
    }
}

scenario! {
    /// Each counts by its legal date and once: by territory for localities and province, by responsibility for departments.
    async fn inspections_obstacles_and_replications_count_by_their_dates(world) {
        let pilots = world.given_pilots(2).await;
        let completed = world.given_completed(&pilots[0]).await;
        let (lead, locality) = (world.someone(Role::LeadAgency, "89"), world.someone(Role::Locality, "888"));
        for day in ["2023-12-14", "2023-12-15", "2024-06-14"] {
            let body = json!({"pilot": completed["id"], "inspectedOn": day, "participants": [], "subject": "Tiến độ", "findings": "Đạt"});
            locality.post("/v1/inspections", &body).await.created();
        }
        let obstacle = |pilot: Option<&Value>, on: &str| {
            let mut body = json!({"scheme": SCHEME, "title": "Đất", "description": "Chưa có đất", "raisedOn": on});
            if let Some(pilot) = pilot {
                body["pilot"] = pilot["id"].clone();
            }
            body
        };
        let first = locality.post("/v1/obstacles", &obstacle(Some(&pilots[1]), "2023-06-01")).await.location();
        lead.post("/v1/obstacles", &obstacle(None, "2024-06-14")).await.created();
        lead.post("/v1/obstacles", &obstacle(None, "2024-06-15")).await.created();
        lead.step(&first, "resolutions", &json!({"resolvedOn": "2024-02-01", "resolution": "Đã giao đất"})).await.ok();
        for (unit, tax_code) in [("883", "0100233488"), ("888", "0314409058")] {
            let adopter = world.given_cooperative(unit, tax_code).await;
            let body = json!({"cooperative": adopter["id"], "pilot": completed["id"], "adoptedOn": "2024-06-14", "description": "Áp dụng"});
            let made = lead.post("/v1/replications", &body).await.location();
            if unit == "888" {
                lead.step(&made, "endings", &json!({"endedOn": "2024-12-14", "reason": "Chuyển hướng"})).await.ok();
            }
        }
        let codes = ["inspections", "obstacles_open", "obstacles_resolved", "coops_replicating"];
        let long_xuyen = world.someone(Role::Locality, "883");
        let agriculture = world.agriculture();
        for (who, period, expected) in [
            (&lead, "2023S2", ["1", "1", "0", "0"]),
            (&lead, "2024S1", ["2", "1", "1", "2"]),
            (&lead, "2024S2", ["0", "2", "0", "1"]),
            (&lead, "2024", ["2", "2", "1", "1"]),
            (&locality, "2024S1", ["2", "0", "1", "1"]),
            (&long_xuyen, "2024S1", ["0", "0", "0", "1"]),
            (&agriculture, "2024S1", ["2", "0", "1", "2"]),
        ] {
            let report = world.given_report_draft(who, period).await;
            let found = codes.map(|code| value(&report, code));
            assert_eq!(found, expected, "{period} {}", report["agency"]);
        }
    }
}

scenario! {
    /// The plan of a pilot against the evaluation of each year; once the pilot ended, by the verdicts that were kept.
    async fn criteria_and_exits_are_counted_by_the_evaluation_of_the_year(world) {
        let (pilot, baseline) = world.given_pilot_with_baseline().await;
        let own = world.cooperative(&cooperative(&pilot));
        let draft = own.post("/v1/improvement-plans", &new_improvement_plan(&pilot, &baseline)).await.created();
        let submitted = world.given_submission_of(&draft).await;
        let plan = world.given_approval_of(&submitted).await;
        let planned = plan["criteria"].as_array().unwrap().iter().filter(|one| one["toImprove"] == true).count();
        // In 2022 criterion 7 falls from 4.00 to 3.00: a total that would do, and a criterion below its baseline.
        world.given_scored_evaluation(&cooperative(&pilot), 2022, &changed(&BASELINE_OF_68, &[("7a", 1), ("10", 40)])).await;
        world.given_scored_evaluation(&cooperative(&pilot), 2023, &changed(&BASELINE_OF_68, &[("10", 40)])).await;
        let lead = world.someone(Role::LeadAgency, "89");
        let codes = ["criteria_to_improve", "criteria_not_below_baseline", "pilots_exit_met"];
        let mut found = Vec::new();
        for period in ["2022", "2023", "2024"] {
            let report = world.given_report_draft(&lead, period).await;
            let share = figure(&report, "criteria_target_rate");
            assert_eq!(share["denominator"], planned.to_string(), "{period}");
            assert_eq!(share["numerator"], figure(&report, "criteria_at_target")["value"], "{period}");
            let status = figure(&report, "criteria_at_target")["status"].as_str().unwrap().to_owned();
            found.push((codes.map(|code| value(&report, code)), status));
        }
        let all = planned.to_string();
        let one_less = (planned - 1).to_string();
        let row = |values: [&str; 3], status: &str| (values.map(str::to_owned), status.to_owned());
        assert_eq!(found, [
            row([&all, &one_less, "0"], "final"),
            row([&all, &all, "1"], "final"),
            // Nobody has evaluated 2024 yet.
            row([&all, "0", "0"], "estimated"),
        ]);
    }
}

scenario! {
    /// A later decision counts from its own date on: what was reported before it stays reproducible, and what it takes back
    /// of an allocation lessens the window in which it was decided.
    async fn reductions_and_amended_lines_count_from_the_day_of_their_decision(world) {
        let plan = world.given_standing_plan().await;
        let line = line_of(&plan, "recurrent_support");
        let allocation = world.given_allocation(&plan, "10/QĐ-UBND", &[entry(&line, 100)]).await;
        world.agriculture().step(&allocation_path(&allocation), "disbursements", &payment(&allocation, "V-1", 40)).await.ok();
        let lead = world.someone(Role::LeadAgency, "89");
        let amendment = json!({
            "plan": plan["id"], "decisionNumber": "77/QĐ-UBND", "decisionDate": "2022-07-10", "reason": "Điều chỉnh.",
            "lines": [{"line": line, "amount": "5000000000"}],
            "newLines": [{
                "category": "infrastructure_and_processing", "source": "local_public_investment", "nature": "investment",
                "fiscalYear": 2023, "amount": "60000000",
            }],
            "reductions": [{"entry": allocation["entries"][0]["id"], "amount": "50000000"}],
        });
        let draft = lead.post("/v1/budget-amendments", &amendment).await;
        draft.created();
        world.someone(Role::PeoplesCommittee, "89").step(&draft.location(), "approvals", &json!({})).await.ok();
        for (period, expected) in [
            ("2021", ["32675000000", "0", "0", "-"]),
            ("2022S1", ["32675000000", "100000000", "40000000", "40.00"]),
            ("2022S2", ["32675000000", "-50000000", "0", "80.00"]),
            ("2022", ["32675000000", "50000000", "40000000", "80.00"]),
        ] {
            let report = world.given_report_draft(&lead, period).await;
            let codes = ["support_estimated", "support_allocated", "support_disbursed", "disbursement_rate"];
            assert_eq!(codes.map(|code| value(&report, code)), expected, "{period}");
        }
        let line = |parts: Vec<String>| parts.into_iter().find(|part| part.starts_with("recurrent_support")).unwrap();
        for (period, expected) in [("2021S2", "recurrent_support=5060000000"), ("2023S1", "recurrent_support=5000000000")] {
            let report = world.given_report_draft(&lead, period).await;
            assert_eq!(line(parts(&report, "support_estimated")), expected, "{period}");
        }
        let report = world.given_report_draft(&lead, "2023").await;
        let parts = |stated: &str| json!([{"key": stated, "value": "60000000"}, {"key": "not_stated", "value": "32615000000"}]);
        assert_eq!(figure(&report, "support_estimated")["furtherBreakdowns"], json!([
            {"by": "source", "parts": parts("local_public_investment")}, {"by": "nature", "parts": parts("investment")},
        ]));
        // An agency that states the estimate itself states where it comes from, and it adds up.
        let own = |source: &str, amount: &str| json!({"overrides": [{
            "indicator": "support_estimated", "reason": "Theo quyết định giao dự toán",
            "breakdown": [{"key": "recurrent_support", "value": "100"}],
            "furtherBreakdowns": [{"by": "source", "parts": [{"key": source, "value": amount}]}],
        }]});
        let etag = lead.get(&report_path(&report)).await.ok_etag();
        for (body, fault) in [
            (own("no_such", "100"), "/overrides/0/furtherBreakdowns/0/parts/0/key unknown_reference"),
            (own("recurrent_budget", "99"), "/overrides/0/furtherBreakdowns/0/parts contradiction"),
        ] {
            assert_eq!(lead.seen(&etag).patch(&report_path(&report), &body).await.faults(), [fault]);
        }
        let stated = lead.seen(&etag).patch(&report_path(&report), &own("recurrent_budget", "100")).await.ok();
        let figure = figure(&stated, "support_estimated");
        assert_eq!(figure["furtherBreakdowns"], json!([{"by": "source", "parts": [{"key": "recurrent_budget", "value": "100"}]}]));
        assert_eq!(figure["computed"]["furtherBreakdowns"].as_array().unwrap().len(), 2, "the computed ones stay beside it");
    }
}
