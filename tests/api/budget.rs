//! Allocations, disbursements, corrections and sums.

use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::support::given_budget::{AGRICULTURE, LONG_XUYEN, allocation_path, entry, line_of, new_allocation, payment};
use crate::support::given_plans::plan_path;

const PATH: &str = "/v1/budget-allocations";
const RECURRENT: &str = "recurrent_support";
const INFRASTRUCTURE: &str = "infrastructure_and_processing";
const CREDIT: &str = "preferential_credit_and_fund";

/// Estimated, allocated and disbursed, in million đồng.
fn millions(sums: &Value) -> [i64; 3] {
    ["estimated", "allocated", "disbursed"]
        .map(|name| sums[name].as_str().map_or(0, |dong| dong.parse::<i64>().unwrap() / 1_000_000))
}

fn added_up(groups: &Value) -> [i64; 3] {
    let each = groups.as_array().unwrap().iter().map(millions);
    each.fold([0; 3], |sum, one| [sum[0] + one[0], sum[1] + one[1], sum[2] + one[2]])
}

scenario! {
    /// Golden: 6,615 + 21,000 + 5,060 = 32,675 million, the credit apart.
    async fn the_plan_of_an_giang_sums_to_its_published_total(world) {
        world.given_plan("89").await;
        let lead = world.someone(Role::LeadAgency, "89");
        let sums = lead.get("/v1/budget-summaries?province=89&by=category").await.ok();
        assert_eq!(sums["estimated"], "32675000000");
        assert_eq!(sums["budget"]["total"], json!({
            "estimated": "11675000000", "allocated": "0", "disbursed": "0", "settled": "0", "returned": "0",
            "remainingToAllocate": "11675000000", "remainingToDisburse": "0",
        }));
        let groups = sums["budget"]["groups"].as_array().unwrap();
        let keys: Vec<_> = groups.iter().map(|group| (group["key"].as_str().unwrap(), millions(group)[0])).collect();
        assert_eq!(keys, [(INFRASTRUCTURE, 6_615), (RECURRENT, 5_060)]);
        assert_eq!(sums["credit"]["groups"].as_array().unwrap().len(), 1);
        assert_eq!(sums["credit"]["groups"][0]["key"], CREDIT);
        assert_eq!(sums["credit"]["estimated"], "21000000000");
        // What the plan does not state is a group of its own.
        let by_source = lead.get("/v1/budget-summaries?province=89&by=source").await.ok();
        let group = &by_source["budget"]["groups"][0];
        assert_eq!((&group["notStated"], millions(group)[0]), (&json!(true), 11_675));
        assert!(group.get("key").is_none());
    }
}

scenario! {
    /// From the draft to a corrected disbursement; every figure on the way is conserved.
    async fn money_goes_from_the_estimate_to_the_voucher(world) {
        let plan = world.given_plan("89").await;
        let (recurrent, infrastructure) = (line_of(&plan, RECURRENT), line_of(&plan, INFRASTRUCTURE));
        let lead = world.someone(Role::LeadAgency, "89");
        let body = new_allocation(&plan, "101/QĐ-UBND", &[entry(&recurrent, 1_000), entry(&infrastructure, 500)]);
        let drafted = lead.post(PATH, &body).await;
        let draft = drafted.created();
        assert_eq!((&draft["state"], &draft["amount"]), (&json!("draft"), &json!("1500000000")));
        assert_eq!(drafted.location(), allocation_path(&draft));
        let path = allocation_path(&draft);
        assert_eq!(lead.get("/v1/budget-summaries?by=category").await.ok()["budget"]["total"]["allocated"], "0");

        let committee = world.someone(Role::PeoplesCommittee, "89");
        // The plan shows what its lines gave: it is another version then.
        let plan_path = format!("/v1/provincial-plans/{}", plan["id"].as_str().unwrap());
        let (before, seen) = (lead.get(&plan_path).await.ok_etag(), lead.get(&plan_path).await.ok());
        let approved = committee.step(&path, "approvals", &json!({"comment": "Đồng ý phân bổ."})).await.ok();
        assert_ne!(lead.get(&plan_path).await.ok_etag(), before);
        assert_ne!(lead.get(&plan_path).await.ok()["updatedAt"], seen["updatedAt"]);
        assert_eq!((&approved["state"], &approved["approvedBy"]), (&json!("approved"), &json!("peoples-committee@89")));
        let approvals = lead.get(&format!("{path}/approvals")).await.ok();
        assert_eq!(approvals["items"][0]["comment"], "Đồng ý phân bổ.");
        assert!(approvals["items"][0]["contentHash"].is_string());

        let accountant = world.agriculture();
        let paid = accountant.step(&path, "disbursements", &payment(&approved, "CT-01", 400)).await;
        assert_eq!(paid.header("content-location"), path);
        assert_eq!((&paid.ok()["disbursed"], &paid.body["remaining"]), (&json!("400000000"), &json!("1100000000")));
        let posted = accountant.get(&format!("{path}/disbursements")).await.ok()["items"][0].clone();
        let back = json!({
            "corrects": posted["id"], "amount": "25000000", "voucherNumber": "CT-01-DC", "voucherDate": "2022-03-05",
            "reason": "Ghi trùng hóa đơn.",
        });
        let corrected = accountant.step(&path, "adjustments", &back).await.ok();
        assert_eq!((&corrected["disbursed"], &corrected["rate"]), (&json!("375000000"), &json!("25.00")));
        assert_eq!(corrected["entries"][0]["remaining"], "625000000");

        // Nothing was edited: both postings stand, and add up.
        let postings = accountant.get(&format!("{path}/disbursements")).await.ok();
        let amounts: Vec<_> = postings["items"].as_array().unwrap().iter().map(|item| item["amount"].clone()).collect();
        assert_eq!(amounts, ["400000000", "-25000000"]);
        // Each shows who, when, under which decision.
        let shown = &postings["items"][0];
        assert_eq!((&shown["recordedBy"], &shown["decision"]), (&json!("accountant"), &json!({"number": "101/QĐ-UBND", "date": "2022-01-20"})));
        assert!(shown["recordedAt"].is_string() && approved["createdBy"] == "lead-agency@89");
        let adjustments = accountant.get(&format!("{path}/adjustments")).await.ok();
        assert_eq!(adjustments["items"].as_array().unwrap().len(), 1);
        assert_eq!((&adjustments["items"][0]["corrects"], &adjustments["items"][0]["reason"]), (&posted["id"], &back["reason"]));

        let sums = lead.get("/v1/budget-summaries?province=89").await.ok();
        assert_eq!(millions(&sums["budget"]["total"]), [11_675, 1_500, 375]);
        assert_eq!(sums["budget"]["total"]["rate"], "25.00");
        assert_eq!(sums["credit"]["estimated"], "21000000000");
        let lines = lead.get(&format!("/v1/provincial-plans/{}", plan["id"].as_str().unwrap())).await.ok();
        let allocated: Vec<_> = lines["estimateLines"].as_array().unwrap().iter().map(|line| line["allocated"].clone()).collect();
        assert_eq!(allocated, ["500000000", "0", "1000000000"]);
    }
}

scenario! {
    /// Every key alone, and every two of them: one query each, and the same total.
    async fn groups_by_one_key_or_two_add_up_to_the_same_total(world) {
        let pilot = world.given_pilots(1).await.remove(0);
        let plan = world.given_standing_plan().await;
        let line = line_of(&plan, RECURRENT);
        let mut of_pilot = entry(&line, 300);
        of_pilot["pilot"] = pilot["id"].clone();
        of_pilot["fiscalYear"] = json!(2023);
        let mut of_city = entry(&line_of(&plan, INFRASTRUCTURE), 40);
        of_city["implementingAgency"] = json!(LONG_XUYEN);
        let allocation = world.given_allocation(&plan, "101/QĐ-UBND", &[entry(&line, 1_000), of_pilot, of_city]).await;
        world.agriculture().step(&allocation_path(&allocation), "disbursements", &payment(&allocation, "CT-01", 250)).await.ok();
        let finance = world.someone(Role::Finance, "89");
        let total = finance.get("/v1/budget-summaries").await.ok()["budget"]["total"].clone();
        let found = |sums: &Value, key: &str| {
            sums["budget"]["groups"].as_array().unwrap().iter().find(|group| group["key"] == key).cloned().unwrap_or_default()
        };
        for (by, key, figures) in [
            ("province", "89", [11_675, 1_340, 250]), ("unit", "883", [0, 40, 0]), ("unit", "888", [0, 300, 0]),
            ("pilot", pilot["id"].as_str().unwrap(), [0, 300, 0]), ("model", pilot["model"].as_str().unwrap(), [0, 300, 0]),
            ("category", RECURRENT, [5_060, 1_300, 250]), ("fiscalYear", "2023", [0, 300, 0]), ("fiscalYear", "2022", [0, 1_040, 250]),
            ("agency", LONG_XUYEN, [0, 40, 0]), ("entry", allocation["entries"][0]["id"].as_str().unwrap(), [0, 1_000, 250]),
            ("supportKind", "training", [0, 1_340, 250]), ("allocation", allocation["id"].as_str().unwrap(), [0, 1_340, 250]),
        ] {
            let sums = finance.get(&format!("/v1/budget-summaries?by={by}")).await.ok();
            assert_eq!(millions(&found(&sums, key)), figures, "{by} {sums}");
        }
        let keys = ["province", "unit", "pilot", "model", "source", "nature", "category", "fiscalYear", "agency", "entry"];
        for by in keys {
            for then in keys.into_iter().filter(|then| *then != by) {
                let sums = finance.get(&format!("/v1/budget-summaries?by={by}&thenBy={then}")).await.ok();
                assert_eq!(sums["budget"]["total"], total, "{by} {then}");
                assert_eq!(added_up(&sums["budget"]["groups"]), [11_675, 1_340, 250], "{by} {then}");
                let groups = sums["budget"]["groups"].as_array().unwrap().iter();
                let left = groups.map(|group| group["remainingToAllocate"].as_str().map_or(0, |dong| dong.parse::<i64>().unwrap()));
                assert_eq!(left.sum::<i64>(), 10_335_000_000, "{by} {then}");
                assert_eq!((&sums["by"], &sums["thenBy"]), (&json!(by), &json!(then)));
            }
        }
        let by_two = finance.get("/v1/budget-summaries?by=category&thenBy=fiscalYear&unit=million").await.ok();
        let rows: Vec<_> = by_two["budget"]["groups"].as_array().unwrap().iter()
            .map(|group| (group["key"].as_str().unwrap(), group["thenKey"].as_str(), group["thenNotStated"].as_bool().unwrap(), group["allocated"].as_str().unwrap()))
            .collect();
        assert_eq!(rows, [
            (INFRASTRUCTURE, Some("2022"), false, "40"), (INFRASTRUCTURE, None, true, "0"),
            (RECURRENT, Some("2022"), false, "1000"), (RECURRENT, Some("2023"), false, "300"), (RECURRENT, None, true, "0"),
        ]);
        // What is left of an estimate is left where it was estimated: the lines leave their year open, so all of it is under "not
        // stated", with what was allocated of it for 2022 and 2023.
        let by_year = finance.get("/v1/budget-summaries?by=fiscalYear").await.ok();
        let figures = |group: &Value| ["estimated", "allocatedOfEstimate", "remainingToAllocate", "allocated", "rate"]
            .map(|name| group[name].as_str().unwrap_or("-").to_owned());
        assert_eq!(figures(&found(&by_year, "2022")), ["-", "-", "-", "1040000000", "24.04"]);
        let open = by_year["budget"]["groups"].as_array().unwrap().iter().find(|group| group["notStated"] == true).unwrap();
        assert_eq!(figures(open), ["11675000000", "1340000000", "10335000000", "0", "-"]);
        assert_eq!(finance.get("/v1/budget-summaries?by=unit&thenBy=unit").await.faults(), ["#thenBy repeated_item"]);
        assert_eq!(finance.get("/v1/budget-summaries?thenBy=colour").await.faults(), ["#thenBy not_in_enum"]);
    }
}

scenario! {
    /// Whatever the key, the groups add up to the same total.
    async fn groups_by_any_key_add_up_to_the_same_total(world) {
        let plan = world.given_plan("89").await;
        let line = line_of(&plan, RECURRENT);
        let mut of_city = entry(&line, 300);
        of_city["implementingAgency"] = json!(LONG_XUYEN);
        of_city["supportKind"] = json!("communication");
        of_city.as_object_mut().unwrap().remove("fiscalYear");
        let allocation = world.given_allocation(&plan, "101/QĐ-UBND", &[entry(&line, 1_000), of_city]).await;
        let pay = payment(&allocation, "CT-01", 250);
        world.agriculture().step(&allocation_path(&allocation), "disbursements", &pay).await.ok();

        let lead = world.someone(Role::LeadAgency, "89");
        for by in ["category", "source", "nature", "budgetLevel", "supportKind", "fiscalYear", "line", "allocation", "pilot", "model", "unit", "province", "agency"] {
            let sums = lead.get(&format!("/v1/budget-summaries?province=89&by={by}")).await.ok();
            assert_eq!(sums["by"], by);
            assert_eq!(millions(&sums["budget"]["total"]), [11_675, 1_300, 250], "{by}");
            assert_eq!(added_up(&sums["budget"]["groups"]), [11_675, 1_300, 250], "{by}");
            assert_eq!(added_up(&sums["credit"]["groups"]), [21_000, 0, 0], "{by}");
        }
        let of = |sums: &Value, key: &str| {
            let groups = sums["budget"]["groups"].as_array().unwrap();
            millions(groups.iter().find(|group| group["key"] == key).unwrap())
        };
        assert_eq!(of(&lead.get("/v1/budget-summaries?by=agency").await.ok(), AGRICULTURE), [0, 1_000, 250]);
        assert_eq!(of(&lead.get("/v1/budget-summaries?by=unit").await.ok(), "883"), [0, 300, 0]);
        assert_eq!(of(&lead.get("/v1/budget-summaries?by=fiscalYear").await.ok(), "2022"), [0, 1_000, 250]);
        assert_eq!(of(&lead.get("/v1/budget-summaries?by=supportKind").await.ok(), "communication"), [0, 300, 0]);
        assert_eq!(of(&lead.get("/v1/budget-summaries?by=province").await.ok(), "89"), [11_675, 1_300, 250]);
    }
}

scenario! {
    async fn an_allocation_over_its_line_is_refused_with_what_is_left(world) {
        let plan = world.given_plan("89").await;
        let line = line_of(&plan, RECURRENT);
        let lead = world.someone(Role::LeadAgency, "89").with("accept-language", "en");
        let over = lead.post(PATH, &new_allocation(&plan, "1/QĐ-UBND", &[entry(&line, 5_000), entry(&line, 61)])).await;
        let problem = over.refused(409, "line_exceeded");
        assert_eq!(over.faults(), ["/entries/1/amount line_exceeded"]);
        assert!(problem["detail"].as_str().unwrap().contains("5060000000 đồng left"), "{problem}");
        assert!(problem["legalBasis"].as_str().unwrap().contains("2129/QĐ-UBND V.2"));
        assert_eq!(lead.get(PATH).await.ok()["items"], json!([]));

        // Two drafts fit one by one; the second approval finds what the first left.
        let first = world.given_allocation_draft(&plan, "1/QĐ-UBND", &[entry(&line, 5_000)]).await;
        let second = world.given_allocation_draft(&plan, "2/QĐ-UBND", &[entry(&line, 100)]).await;
        let committee = world.someone(Role::PeoplesCommittee, "89").with("accept-language", "en");
        committee.step(&allocation_path(&first), "approvals", &json!({})).await.ok();
        let actions = committee.get(&format!("{}/allowed-actions", allocation_path(&second))).await.ok();
        assert_eq!(actions["items"][2]["code"], "line_exceeded");
        let refused = committee.step(&allocation_path(&second), "approvals", &json!({})).await;
        let detail = refused.refused(409, "line_exceeded")["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("has 60000000 đồng left") && detail.contains("asks for 100000000"), "{detail}");
        assert_eq!(committee.get(&allocation_path(&second)).await.ok()["state"], "draft");
    }
}

scenario! {
    async fn credit_is_lent_and_not_allocated(world) {
        let plan = world.given_plan("89").await;
        let lead = world.someone(Role::LeadAgency, "89");
        let body = new_allocation(&plan, "1/QĐ-UBND", &[entry(&line_of(&plan, CREDIT), 1)]);
        let refused = lead.post(PATH, &body).await;
        let problem = refused.refused(409, "credit_is_lent");
        assert_eq!(refused.faults(), ["/entries/0/line credit_is_lent"]);
        assert!(problem["detail"].as_str().unwrap().contains("/v1/loans"));
        assert_eq!(problem["legalBasis"], "2129/QĐ-UBND V.2, VII.6");
        let mut loan = entry(&line_of(&plan, RECURRENT), 1);
        loan["supportKind"] = json!("preferential_loan");
        let refused = lead.post(PATH, &new_allocation(&plan, "1/QĐ-UBND", &[loan, entry(&line_of(&plan, RECURRENT), 5_060)])).await;
        refused.refused(409, "credit_is_lent");
        assert_eq!(refused.faults(), ["/entries/0/supportKind credit_is_lent", "/entries/1/amount line_exceeded"]);
    }
}

scenario! {
    async fn who_writes_a_draft_does_not_approve_it(world) {
        let plan = world.given_plan("89").await;
        let line = line_of(&plan, RECURRENT);
        let finance = world.person(Role::Finance, "89", "lan");
        let draft = finance.post(PATH, &new_allocation(&plan, "1/QĐ-UBND", &[entry(&line, 1)])).await.created();
        let path = allocation_path(&draft);
        world.person(Role::PeoplesCommittee, "89", "lan").step(&path, "approvals", &json!({})).await.refused(409, "four_eyes");
        let lead = world.person(Role::LeadAgency, "89", "minh");
        let etag = lead.get(&path).await.ok_etag();
        lead.seen(&etag).patch(&path, &json!({"decisionDate": "2022-01-21"})).await.ok();
        world.person(Role::PeoplesCommittee, "89", "minh").step(&path, "approvals", &json!({})).await.refused(409, "four_eyes");
        world.person(Role::PeoplesCommittee, "89", "lan").step(&path, "approvals", &json!({})).await.refused(409, "four_eyes");
        let chair = world.person(Role::PeoplesCommittee, "89", "hoa");
        chair.step(&path, "approvals", &json!({})).await.ok();
        chair.step(&path, "approvals", &json!({})).await.refused(409, "wrong_state");
        finance.step(&path, "approvals", &json!({})).await.refused(403, "forbidden");
    }
}

scenario! {
    async fn a_draft_is_edited_and_deleted_and_an_approved_one_is_not(world) {
        let plan = world.given_plan("89").await;
        let line = line_of(&plan, RECURRENT);
        let draft = world.given_allocation_draft(&plan, "1/QĐ-UBND", &[entry(&line, 1)]).await;
        let path = allocation_path(&draft);
        let lead = world.someone(Role::LeadAgency, "89");
        lead.patch(&path, &json!({"decisionNumber": "2/QĐ-UBND"})).await.refused(428, "precondition_required");
        lead.seen("\"9\"").patch(&path, &json!({"decisionNumber": "2/QĐ-UBND"})).await.refused(412, "stale");
        let edited = lead.seen("\"1\"").patch(&path, &json!({"entries": [entry(&line, 2), entry(&line, 3)]})).await;
        assert_eq!((&edited.ok()["amount"], &edited.body["decisionNumber"]), (&json!("5000000"), &json!("1/QĐ-UBND")));
        lead.seen("\"2\"").patch(&path, &json!({"entries": []})).await.refused(400, "invalid_body");
        lead.seen("\"2\"").patch(&path, &json!({"entries": [entry(&line, 9_999)]})).await.refused(409, "line_exceeded");
        assert_eq!(lead.get(&path).await.ok(), edited.body);
        lead.seen("\"2\"").delete(&path).await.ok();
        lead.get(&path).await.refused(404, "not_found");

        let approved = world.given_allocation(&plan, "1/QĐ-UBND", &[entry(&line, 1)]).await;
        let path = allocation_path(&approved);
        lead.seen("\"2\"").patch(&path, &json!({"decisionNumber": "2/QĐ-UBND"})).await.refused(409, "wrong_state");
        lead.seen("\"2\"").delete(&path).await.refused(409, "not_a_draft");
        let actions = lead.get(&format!("{path}/allowed-actions")).await.ok();
        let said: Vec<_> = actions["items"].as_array().unwrap().iter()
            .map(|action| (action["step"].as_str().unwrap(), action["code"].as_str().unwrap_or("allowed")))
            .collect();
        assert_eq!(said, [
            ("edit", "wrong_state"), ("delete", "not_a_draft"), ("approvals", "forbidden"),
            ("disbursements", "not_responsible"), ("adjustments", "not_responsible"),
            ("settlements", "not_responsible"), ("settlement-corrections", "not_responsible"), ("settlement-reviews", "forbidden"),
        ]);
        let actions = world.agriculture().get(&format!("{path}/allowed-actions")).await.ok();
        assert_eq!(actions["items"][3]["allowed"], true);
    }
}

scenario! {
    async fn natural_keys_hold_a_decision_and_a_voucher_are_counted_once(world) {
        let plan = world.given_plan("89").await;
        let line = line_of(&plan, RECURRENT);
        let first = world.given_allocation(&plan, "1/QĐ-UBND", &[entry(&line, 10)]).await;
        let lead = world.someone(Role::LeadAgency, "89");
        lead.post(PATH, &new_allocation(&plan, "1/QĐ-UBND", &[entry(&line, 1)])).await.refused(409, "already_exists");
        // Numbers start again each year: the same number on another date is another decision.
        let mut next_year = new_allocation(&plan, "1/QĐ-UBND", &[entry(&line, 1)]);
        next_year["decisionDate"] = json!("2023-01-20");
        lead.post(PATH, &next_year).await.created();

        let second = world.given_allocation(&plan, "2/QĐ-UBND", &[entry(&line, 10)]).await;
        let accountant = world.agriculture();
        accountant.step(&allocation_path(&first), "disbursements", &payment(&first, "CT-01", 1)).await.ok();
        let again = accountant.step(&allocation_path(&first), "disbursements", &payment(&first, "CT-01", 2)).await;
        again.refused(409, "already_exists");
        assert_eq!(accountant.get(&allocation_path(&first)).await.ok()["disbursed"], "1000000");
        accountant.step(&allocation_path(&second), "disbursements", &payment(&second, "CT-01", 1)).await.ok();
    }
}

scenario! {
    async fn a_disbursement_stays_within_its_entry_its_dates_and_its_agency(world) {
        let plan = world.given_plan("89").await;
        let line = line_of(&plan, RECURRENT);
        let draft = world.given_allocation_draft(&plan, "1/QĐ-UBND", &[entry(&line, 10)]).await;
        let path = allocation_path(&draft);
        let accountant = world.agriculture().with("accept-language", "en");
        accountant.step(&path, "disbursements", &payment(&draft, "A", 1)).await.refused(409, "wrong_state");
        let committee = world.someone(Role::PeoplesCommittee, "89");
        let approved = committee.step(&path, "approvals", &json!({})).await.ok();
        world.someone(Role::LeadAgency, "89").step(&path, "disbursements", &payment(&approved, "A", 1)).await
            .refused(409, "not_responsible");
        let over = accountant.step(&path, "disbursements", &payment(&approved, "A", 11)).await;
        let detail = over.refused(409, "allocation_exceeded")["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("10000000 đồng left of 10000000"), "{detail}");
        let mut early = payment(&approved, "A", 1);
        early["voucherDate"] = json!("2022-01-19");
        accountant.step(&path, "disbursements", &early).await.refused(409, "step_predated");
        early["voucherDate"] = json!("2999-01-01");
        assert_eq!(accountant.step(&path, "disbursements", &early).await.faults(), ["/voucherDate date_in_future"]);
        let mut stranger = payment(&approved, "A", 1);
        stranger["entry"] = plan["id"].clone();
        assert_eq!(accountant.step(&path, "disbursements", &stranger).await.faults(), ["/entry unknown_reference"]);

        accountant.step(&path, "disbursements", &payment(&approved, "A", 6)).await.ok();
        let posted = accountant.get(&format!("{path}/disbursements")).await.ok()["items"][0]["id"].clone();
        let back = |id: &Value, voucher: &str, amount: &str| json!({
            "corrects": id, "amount": amount, "voucherNumber": voucher, "voucherDate": "2022-03-02", "reason": "Sai",
        });
        let too_much = accountant.step(&path, "adjustments", &back(&posted, "B", "6000001")).await;
        assert!(too_much.refused(409, "correction_exceeded")["detail"].as_str().unwrap().contains("still holds 6000000"));
        accountant.step(&path, "adjustments", &back(&posted, "B", "6000000")).await.ok();
        accountant.step(&path, "adjustments", &back(&posted, "C", "1")).await.refused(409, "correction_exceeded");
        let correction = accountant.get(&format!("{path}/adjustments")).await.ok()["items"][0]["id"].clone();
        accountant.step(&path, "adjustments", &back(&correction, "C", "1")).await.refused(409, "corrects_correction");
        let nothing = accountant.step(&path, "adjustments", &back(&plan["id"], "C", "1")).await;
        assert_eq!(nothing.faults(), ["/corrects unknown_reference"]);
        assert_eq!(accountant.get(&path).await.ok()["disbursed"], "0");
    }
}

scenario! {
    async fn another_province_is_not_there_and_a_locality_sees_what_concerns_it(world) {
        let plan = world.given_plan("89").await;
        let line = line_of(&plan, RECURRENT);
        let mut of_city = entry(&line, 300);
        of_city["implementingAgency"] = json!(LONG_XUYEN);
        let draft = world.given_allocation_draft(&plan, "1/QĐ-UBND", &[of_city, entry(&line, 50)]).await;
        let path = allocation_path(&draft);
        let (city, other) = (world.someone(Role::Locality, "883"), world.someone(Role::Locality, "888"));
        city.get(&path).await.refused(404, "not_found");
        let committee = world.someone(Role::PeoplesCommittee, "89");
        let approved = committee.step(&path, "approvals", &json!({})).await.ok();
        assert_eq!(city.get(&path).await.ok(), approved);
        other.get(&path).await.refused(404, "not_found");
        other.seen("\"2\"").post(&format!("{path}/disbursements"), &payment(&approved, "A", 1)).await.refused(404, "not_found");
        city.step(&path, "disbursements", &payment(&approved, "A", 1)).await.ok();

        let elsewhere = world.someone(Role::LeadAgency, "91");
        elsewhere.get(&path).await.refused(404, "not_found");
        elsewhere.get(&format!("{path}/disbursements")).await.refused(404, "not_found");
        elsewhere.seen("\"2\"").delete(&path).await.refused(404, "not_found");
        let stolen = elsewhere.post(PATH, &new_allocation(&plan, "2/QĐ-UBND", &[entry(&line, 1)])).await;
        stolen.refused(400, "unknown_reference");
        assert_eq!(elsewhere.get("/v1/budget-summaries?province=89").await.faults(), ["#province unknown_reference"]);
        assert_eq!(elsewhere.get("/v1/budget-summaries").await.ok()["estimated"], "0");
        let ministry = world.someone(Role::Ministry, "");
        assert_eq!(ministry.get("/v1/budget-summaries?by=province").await.ok()["estimated"], "32675000000");

        // Estimates are made for the province: below it there are only the sums of what concerns the caller.
        let of_city = city.get("/v1/budget-summaries?by=agency").await.ok();
        assert!(of_city.get("estimated").is_none());
        assert_eq!(of_city["budget"]["total"], json!({
            "allocated": "300000000", "disbursed": "1000000", "settled": "0", "returned": "0",
            "remainingToDisburse": "299000000", "rate": "0.33",
        }));
        assert_eq!(world.cooperative("01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d").get(PATH).await.ok()["items"], json!([]));
    }
}

scenario! {
    /// Support for pilots: seen by their cooperatives, summed by pilot and unit; loans stand beside it.
    async fn pilots_benefit_and_their_cooperatives_see_it(world) {
        let pilots = world.given_pilots(2).await;
        let plan = world.given_standing_plan().await;
        let line = line_of(&plan, RECURRENT);
        let mut of_pilot = entry(&line, 400);
        of_pilot["pilot"] = pilots[0]["id"].clone();
        let allocation = world.given_allocation(&plan, "1/QĐ-UBND", &[of_pilot.clone(), entry(&line, 100)]).await;
        let pay = payment(&allocation, "CT-01", 100);
        let path = allocation_path(&allocation);
        world.agriculture().step(&path, "disbursements", &pay).await.ok();

        let own = world.cooperative(pilots[0]["cooperative"].as_str().unwrap());
        assert_eq!(own.get(PATH).await.ok()["items"][0]["id"], allocation["id"]);
        // Of a decision with several beneficiaries a cooperative sees what is its own, and the sums of that.
        let mut of_agency = payment(&allocation, "CT-02", 7);
        of_agency["entry"] = allocation["entries"][1]["id"].clone();
        let whole = world.agriculture().step(&path, "disbursements", &of_agency).await.ok();
        assert_eq!((&whole["amount"], &whole["disbursed"]), (&json!("500000000"), &json!("107000000")));
        let seen = own.get(&path).await.ok();
        assert_eq!(seen["entries"], json!([whole["entries"][0]]));
        assert_eq!((&seen["amount"], &seen["disbursed"], &seen["remaining"]), (&json!("400000000"), &json!("100000000"), &json!("300000000")));
        assert_eq!(own.get(PATH).await.ok()["items"], json!([seen]));
        let vouchers = |page: Value| -> Vec<String> {
            page["items"].as_array().unwrap().iter().map(|item| item["voucherNumber"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(vouchers(own.get(&format!("{path}/disbursements")).await.ok()), ["CT-01"]);
        assert_eq!(vouchers(world.agriculture().get(&format!("{path}/disbursements")).await.ok()), ["CT-01", "CT-02"]);
        let back = |corrects: &Value, voucher: &str| json!({
            "corrects": corrects, "amount": "7000000", "voucherNumber": voucher, "voucherDate": "2022-03-02", "reason": "Sai",
        });
        let posted = world.agriculture().get(&format!("{path}/disbursements")).await.ok();
        world.agriculture().step(&path, "adjustments", &back(&posted["items"][1]["id"], "CT-03")).await.ok();
        assert_eq!(own.get(&format!("{path}/adjustments")).await.ok()["items"], json!([]));
        let sums = own.get("/v1/budget-summaries?by=pilot").await.ok();
        assert_eq!(millions(&sums["budget"]["total"]), [0, 400, 100]);
        let other = world.cooperative(pilots[1]["cooperative"].as_str().unwrap());
        other.get(&allocation_path(&allocation)).await.refused(404, "not_found");
        let lead = world.someone(Role::LeadAgency, "89");
        let of = format!("{PATH}?pilot={}&count=exact", pilots[0]["id"].as_str().unwrap());
        assert_eq!(lead.get(&of).await.ok()["count"], 1);

        let loan = json!({
            "pilot": pilots[0]["id"], "lender": "Quỹ hỗ trợ phát triển HTX", "source": "preferential_credit_fund",
            "approvedAmount": "900000000", "decisionNumber": "15/QĐ-QHTPTHTX", "decisionDate": "2022-03-10",
        });
        world.someone(Role::CooperativeAlliance, "89").post("/v1/loans", &loan).await.created();
        for (by, key) in [("pilot", pilots[0]["id"].as_str().unwrap()), ("unit", "888")] {
            let sums = lead.get(&format!("/v1/budget-summaries?by={by}")).await.ok();
            let groups = sums["budget"]["groups"].as_array().unwrap();
            assert_eq!(millions(groups.iter().find(|group| group["key"] == key).unwrap()), [0, 400, 100], "{by}");
            assert_eq!(added_up(&sums["budget"]["groups"]), [11_675, 500, 100], "{by}");
            assert_eq!(sums["credit"]["loans"], json!({
                "approved": "900000000", "disbursed": "0", "repaid": "0", "outstanding": "0",
            }));
        }

        // Support is for pilots that take part: one that left before the decision gets none.
        let mut of_other = of_pilot.clone();
        of_other["pilot"] = pilots[1]["id"].clone();
        let draft = world.given_allocation_draft(&plan, "3/QĐ-UBND", &[of_other]).await;
        let left = json!({"withdrawnOn": "2022-01-19", "reason": "Tự nguyện rút."});
        other.step(&format!("/v1/pilots/{}", pilots[1]["id"].as_str().unwrap()), "withdrawals", &left).await.ok();
        of_pilot["pilot"] = pilots[1]["id"].clone();
        let refused = lead.post(PATH, &new_allocation(&plan, "2/QĐ-UBND", &[of_pilot])).await;
        refused.refused(409, "pilot_stopped");
        assert_eq!(refused.faults(), ["/entries/0/pilot pilot_stopped"]);
        // Neither is a draft approved that was written before the pilot left.
        let committee = world.someone(Role::PeoplesCommittee, "89");
        committee.step(&allocation_path(&draft), "approvals", &json!({})).await.refused(409, "pilot_stopped");
    }
}

scenario! {
    async fn lists_are_narrowed_and_paged(world) {
        let plan = world.given_plan("89").await;
        let (recurrent, infrastructure) = (line_of(&plan, RECURRENT), line_of(&plan, INFRASTRUCTURE));
        world.given_allocation(&plan, "1/QĐ-UBND", &[entry(&recurrent, 1)]).await;
        world.given_allocation_draft(&plan, "2/QĐ-UBND", &[entry(&infrastructure, 1), entry(&recurrent, 1)]).await;
        world.given_allocation_draft(&plan, "3/QĐ-UBND", &[entry(&infrastructure, 1)]).await;
        let lead = world.someone(Role::LeadAgency, "89");
        let count = async |query: &str| lead.get(&format!("{PATH}?count=exact&{query}")).await.ok()["count"].as_u64().unwrap();
        assert_eq!(count("province=89").await, 3);
        assert_eq!(count("province=91").await, 0);
        assert_eq!(count("state=draft").await, 2);
        assert_eq!(count(&format!("line={recurrent}")).await, 2);
        assert_eq!(count(&format!("line={recurrent}&state=approved")).await, 1);
        assert_eq!(count(&format!("plan={}", plan["id"].as_str().unwrap())).await, 3);
        assert_eq!(count(&format!("implementingAgency={AGRICULTURE}")).await, 3);
        assert_eq!(count(&format!("implementingAgency={LONG_XUYEN}")).await, 0);
        assert_eq!(count(&format!("pilot={LONG_XUYEN}")).await, 0);
        let mut path = format!("{PATH}?limit=1");
        let mut numbers = Vec::new();
        loop {
            let page = lead.get(&path).await.ok();
            numbers.push(page["items"][0]["decisionNumber"].as_str().unwrap().to_owned());
            let Some(next) = page["links"]["next"].as_str() else { break };
            path = next.to_owned();
        }
        assert_eq!(numbers, ["1/QĐ-UBND", "2/QĐ-UBND", "3/QĐ-UBND"]);
        let lines = lead.with("accept", "application/x-ndjson").get(PATH).await;
        assert_eq!(lines.text.lines().count(), 3);
    }
}

scenario! {
    async fn bad_input_is_told_fault_by_fault(world) {
        let plan = world.given_plan("89").await;
        let lead = world.someone(Role::LeadAgency, "89");
        let shapeless = lead.post(PATH, &json!({"decisionNumber": "", "entries": [{"amount": "0", "line": "x"}], "extra": 1})).await;
        shapeless.refused(400, "invalid_body");
        assert_eq!(shapeless.faults(), [
            "/decisionDate required", "/decisionNumber too_short", "/decisionNumber wrong_pattern",
            "/entries/0/amount wrong_pattern", "/entries/0/implementingAgency required", "/entries/0/line wrong_format",
            "/entries/0/supportKind required", "/extra unknown_member", "/plan required",
        ]);
        let nobody = "01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d";
        let mut unknown = entry(nobody, 1);
        unknown["supportKind"] = json!("gifts");
        unknown["implementingAgency"] = json!("01776530-4c00-7002-8000-000000000001");
        unknown["pilot"] = json!(nobody);
        let mut body = new_allocation(&plan, "1/QĐ-UBND", &[entry(&line_of(&plan, RECURRENT), 1), unknown]);
        body["decisionDate"] = json!("2999-01-01");
        let answer = lead.post(PATH, &body).await;
        answer.refused(400, "date_in_future");
        assert_eq!(answer.faults(), [
            // By that day the agency was abolished, too.
            "/decisionDate date_in_future", "/entries/0/implementingAgency unknown_reference",
            "/entries/1/implementingAgency unknown_reference",
            "/entries/1/line unknown_reference", "/entries/1/pilot unknown_reference",
            "/entries/1/supportKind unknown_reference",
        ]);
        body["plan"] = json!(nobody);
        assert_eq!(lead.post(PATH, &body).await.faults(), ["/decisionDate date_in_future", "/plan unknown_reference"]);
        let mut early = new_allocation(&plan, "1/QĐ-UBND", &[entry(&line_of(&plan, RECURRENT), 1)]);
        early["decisionDate"] = json!("2021-09-14");
        lead.post(PATH, &early).await.refused(409, "step_predated");
        let not_approved = world.given_plan_draft("91").await;
        let of_91 = new_allocation(&not_approved, "1/QĐ-UBND", &[json!({
            "line": line_of(&not_approved, RECURRENT), "amount": "1", "supportKind": "training",
            "implementingAgency": not_approved["leadAgency"],
        })]);
        world.someone(Role::LeadAgency, "91").post(PATH, &of_91).await.refused(409, "plan_not_approved");
        assert_eq!(lead.get("/v1/budget-summaries?by=colour&size=1").await.faults(), ["#by not_in_enum", "#size unknown_parameter"]);
        assert_eq!(lead.get(PATH).await.ok()["items"], json!([]));
    }
}

scenario! {
    /// A line that states its year and its kind of support is allocated for nothing else, and for no year outside the scheme.
    async fn an_entry_is_of_its_line(world) {
        let draft = world.given_plan_draft("89").await;
        let lead = world.someone(Role::LeadAgency, "89").with("accept-language", "en");
        let lines = json!([
            {"category": "recurrent_support", "fiscalYear": 2022, "supportKind": "training", "amount": "5000000"},
            {"category": "recurrent_support", "amount": "7000000"},
        ]);
        let path = plan_path(&draft);
        let (_, etag) = (lead.get(&path).await.ok(), lead.get(&path).await.ok_etag());
        lead.seen(&etag).patch(&path, &json!({"estimateLines": lines, "total": "12000000"})).await.ok();
        let plan = world.someone(Role::PeoplesCommittee, "89").step(&path, "approvals", &json!({})).await.ok();
        let [stated, open] = [0, 1].map(|at| plan["estimateLines"][at]["id"].as_str().unwrap().to_owned());
        let drafted = async |line: &str, members: Value| {
            let mut part = entry(line, 1);
            part.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
            lead.post("/v1/budget-allocations", &new_allocation(&plan, "1/QĐ", &[part])).await
        };
        let refused = drafted(&stated, json!({"fiscalYear": 2024, "supportKind": "consulting"})).await;
        assert_eq!(refused.refused(409, "not_of_line")["inputs"]["line"], stated);
        assert_eq!(refused.faults(), ["/entries/0/fiscalYear not_of_line", "/entries/0/supportKind not_of_line"]);
        for year in [2019, 2026] {
            let refused = drafted(&open, json!({"fiscalYear": year})).await;
            refused.refused(400, "outside_scheme");
            assert_eq!(refused.faults(), ["/entries/0/fiscalYear outside_scheme"]);
        }
        drafted(&stated, json!({})).await.created();
    }
}
