//! Loans: apart from the budget, never more disbursed than approved nor repaid than disbursed, on any day.

use futures_util::future::join_all;
use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::support::given_improvement::{cooperative_of, loan_path, new_loan};
use crate::support::given_pilots::pilot_path;

fn disbursement(amount: &str, day: &str) -> Value {
    json!({"amount": amount, "disbursedOn": day})
}

fn repayment(amount: &str, day: &str) -> Value {
    json!({"amount": amount, "repaidOn": day})
}

fn sums(loan: &Value) -> [&str; 4] {
    ["disbursed", "repaid", "outstanding", "undisbursed"].map(|name| loan[name].as_str().unwrap())
}

scenario! {
    async fn a_loan_is_recorded_paid_out_paid_back_and_corrected(world) {
        let pilot = world.given_pilot().await;
        let alliance = world.someone(Role::CooperativeAlliance, "89");
        let mut body = new_loan(&pilot);
        body["interestPercent"] = json!("4.80");
        body["termMonths"] = json!(60);
        let made = alliance.post("/v1/loans", &body).await;
        let loan = made.created();
        let path = made.location();
        assert_eq!(alliance.get(&path).await.ok(), loan);
        assert_eq!(sums(&loan), ["0", "0", "0", "1500000000"]);
        alliance.post("/v1/loans", &body).await.refused(409, "already_exists");

        alliance.step(&path, "disbursements", &disbursement("900000000", "2022-04-01")).await.ok();
        let wrong = alliance.step(&path, "disbursements", &disbursement("60000000", "2022-05-01")).await.ok();
        assert_eq!(sums(&wrong), ["960000000", "0", "960000000", "540000000"]);
        let paid = alliance.step(&path, "repayments", &repayment("100000000", "2023-04-01")).await.ok();
        assert_eq!(sums(&paid), ["960000000", "100000000", "860000000", "540000000"]);

        // A wrong entry is taken back by a new one; nothing is edited.
        let entries = alliance.get(&format!("{path}/disbursements")).await.ok();
        let correction = json!({"entry": entries["items"][1]["id"], "reason": "Ghi nhầm số tiền."});
        let mended = alliance.step(&path, "corrections", &correction).await.ok();
        assert_eq!(sums(&mended), ["900000000", "100000000", "800000000", "600000000"]);
        alliance.step(&path, "corrections", &correction).await.refused(409, "correction_exceeded");
        let all = alliance.get(&format!("{path}/disbursements")).await.ok();
        let amounts: Vec<_> = all["items"].as_array().unwrap().iter().map(|entry| entry["amount"].as_str().unwrap()).collect();
        assert_eq!(amounts, ["900000000", "60000000", "-60000000"]);
        let corrections = alliance.get(&format!("{path}/corrections")).await.ok();
        assert_eq!(corrections["items"].as_array().unwrap().len(), 1);
        assert_eq!(corrections["items"][0]["corrects"], correction["entry"]);
        // Each shows who, when, under which decision.
        for list in ["disbursements", "repayments", "corrections"] {
            let items = alliance.get(&format!("{path}/{list}")).await.ok()["items"].clone();
            for item in items.as_array().unwrap() {
                let decision = json!({"lender": body["lender"], "number": body["decisionNumber"], "date": body["decisionDate"]});
                assert_eq!((&item["decision"], &item["recordedBy"]), (&decision, &json!("cooperative-alliance@89")), "{list}");
                assert!(item["recordedAt"].is_string(), "{item}");
            }
        }
        assert_eq!(alliance.get(&format!("{path}/repayments")).await.ok()["items"].as_array().unwrap().len(), 1);
        let again = json!({"entry": corrections["items"][0]["id"], "reason": "?"});
        alliance.step(&path, "corrections", &again).await.refused(409, "corrects_correction");

        let list = format!("/v1/loans?pilot={}&source=preferential_credit_fund&count=exact", pilot["id"].as_str().unwrap());
        let page = world.cooperative(cooperative_of(&pilot)).get(&list).await.ok();
        assert_eq!((&page["count"], &page["items"][0]), (&json!(1), &mended));
    }
}

scenario! {
    /// A draft is edited, counts nowhere and takes no entries; recorded, it counts from that instant and stays as it is.
    async fn a_draft_loan_is_edited_until_it_is_recorded(world) {
        let pilot = world.given_pilot().await;
        let alliance = world.someone(Role::CooperativeAlliance, "89");
        let made = alliance.post("/v1/loans?draft=true", &new_loan(&pilot)).await;
        assert_eq!(made.created()["state"], "draft");
        let path = made.location();
        let approved = async |query: &str| {
            let sums = world.someone(Role::Finance, "89").get(&format!("/v1/budget-summaries{query}")).await.ok();
            sums["credit"]["loans"]["approved"].as_str().unwrap().to_owned()
        };
        assert_eq!(approved("").await, "0");
        alliance.step(&path, "disbursements", &disbursement("1", "2022-04-01")).await.refused(409, "wrong_state");
        let own = world.cooperative(cooperative_of(&pilot));
        own.get(&path).await.refused(404, "not_found");
        let wrong = json!({"source": "recurrent_budget", "decisionDate": "2999-01-01"});
        let refused = alliance.seen("\"1\"").patch(&path, &wrong).await;
        assert_eq!(refused.faults(), ["/decisionDate date_in_future", "/source source_not_credit"]);
        let change = json!({"approvedAmount": "1600000000", "termMonths": 60});
        let edited = alliance.seen("\"1\"").patch(&path, &change).await.ok();
        assert_eq!((&edited["approvedAmount"], &edited["termMonths"], &edited["recordedBy"]), (&json!("1600000000"), &json!(60), &json!("cooperative-alliance@89")));
        alliance.seen("\"1\"").patch(&path, &change).await.refused(412, "stale");
        world.someone(Role::Finance, "89").seen("\"2\"").patch(&path, &change).await.refused(403, "forbidden");
        assert_eq!(alliance.get("/v1/loans?state=draft&count=exact").await.ok()["count"], 1);

        let before = world.now();
        let recorded = alliance.step(&path, "recordings", &json!({"comment": "Đã đối chiếu."})).await.ok();
        assert_eq!((&recorded["state"], approved("").await.as_str()), (&json!("recorded"), "1600000000"));
        assert_eq!(approved(&format!("?asOf={before}")).await, "0", "it counts from its recording on");
        assert_eq!(own.get(&path).await.ok(), recorded);
        assert_eq!(alliance.get(&format!("{path}/recordings")).await.ok()["items"][0]["comment"], "Đã đối chiếu.");
        alliance.step(&path, "recordings", &json!({})).await.refused(409, "wrong_state");
        alliance.seen("\"3\"").patch(&path, &change).await.refused(409, "wrong_state");
        alliance.seen("\"3\"").delete(&path).await.refused(409, "not_a_draft");
        let unpaid = world.now();
        let paid = alliance.step(&path, "disbursements", &disbursement("1", "2022-04-01")).await.ok();
        // Its balance as it stood: not there as a draft, nothing paid, then one đồng.
        alliance.get(&format!("{path}?asOf={before}")).await.refused(404, "not_found");
        assert_eq!(sums(&alliance.get(&format!("{path}?asOf={unpaid}")).await.ok()), ["0", "0", "0", "1600000000"]);
        let now = alliance.get(&format!("{path}?asOf={}", world.now())).await.ok();
        assert_eq!(now, paid);

        let mut other = new_loan(&pilot);
        other["decisionNumber"] = json!("16/QĐ-QHTPTHTX");
        let draft = alliance.post("/v1/loans?draft=true", &other).await.location();
        alliance.seen("\"1\"").delete(&draft).await.ok();
        alliance.get(&draft).await.refused(404, "not_found");
    }
}

scenario! {
    async fn an_amount_above_what_is_left_is_refused_with_what_was_left(world) {
        let loan = world.given_loan().await;
        let path = loan_path(&loan);
        let alliance = world.someone(Role::CooperativeAlliance, "89").with("accept-language", "en");
        let actions = alliance.get(&format!("{path}/allowed-actions")).await.ok();
        let codes: Vec<_> = actions["items"].as_array().unwrap().iter().map(|item| item["code"].as_str()).collect();
        let fixed = [Some("wrong_state"), Some("wrong_state"), Some("not_a_draft")];
        assert_eq!(codes, [&[None, Some("loan_over_repaid"), Some("wrong_state")][..], &fixed].concat());
        alliance.step(&path, "disbursements", &disbursement("1000000000", "2022-04-01")).await.ok();
        let over = alliance.step(&path, "disbursements", &disbursement("500000001", "2022-04-02")).await;
        let problem = over.refused(409, "loan_over_disbursed");
        assert_eq!(over.faults(), ["/amount loan_over_disbursed"]);
        assert!(problem["detail"].as_str().unwrap().contains("left to disburse 500000000 đồng"), "{problem}");
        alliance.step(&path, "repayments", &repayment("1000000001", "2023-04-02")).await.refused(409, "loan_over_repaid");
        alliance.step(&path, "repayments", &repayment("1", "2022-03-31")).await.refused(409, "loan_over_repaid");
        alliance.step(&path, "disbursements", &disbursement("1", "2022-03-09")).await.refused(409, "step_predated");
        assert_eq!(sums(&alliance.get(&path).await.ok()), ["1000000000", "0", "1000000000", "500000000"]);
    }
}

scenario! {
    async fn bad_loans_are_refused_fault_by_fault(world) {
        let pilot = world.given_pilot().await;
        let alliance = world.someone(Role::CooperativeAlliance, "89");
        let broken = alliance.post("/v1/loans", &json!({"approvedAmount": "0", "source": "X", "surprise": 1, "termMonths": 0})).await;
        broken.refused(400, "invalid_body");
        assert_eq!(broken.faults(), [
            "/approvedAmount wrong_pattern", "/decisionDate required", "/decisionNumber required", "/lender required",
            "/pilot required", "/source wrong_pattern", "/surprise unknown_member", "/termMonths too_small",
        ]);
        let mut wrong = new_loan(&pilot);
        wrong["source"] = json!("recurrent_budget");
        wrong["decisionDate"] = json!("2999-01-01");
        let answer = alliance.post("/v1/loans", &wrong).await;
        answer.refused(400, "source_not_credit");
        assert_eq!(answer.faults(), ["/decisionDate date_in_future", "/source source_not_credit"]);
        let mut unknown = new_loan(&pilot);
        unknown["source"] = json!("treasure");
        assert_eq!(alliance.post("/v1/loans", &unknown).await.faults(), ["/source unknown_reference"]);
        let mut unknown = new_loan(&pilot);
        unknown["pilot"] = json!("01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d");
        assert_eq!(alliance.post("/v1/loans", &unknown).await.faults(), ["/pilot unknown_reference"]);
        world.someone(Role::Finance, "89").post("/v1/loans", &new_loan(&pilot)).await.refused(403, "forbidden");
        let mut early = new_loan(&pilot);
        early["decisionDate"] = json!("2021-09-14");
        alliance.post("/v1/loans", &early).await.refused(409, "step_predated");
        assert_eq!(alliance.get("/v1/loans").await.ok()["items"], json!([]));

        let loan = alliance.post("/v1/loans", &new_loan(&pilot)).await.created();
        let path = loan_path(&loan);
        let answer = alliance.step(&path, "disbursements", &json!({"amount": "-5", "disbursedOn": "2022-02-30"})).await;
        assert_eq!(answer.faults(), ["/amount wrong_pattern", "/disbursedOn wrong_format"]);
        let future = alliance.step(&path, "disbursements", &disbursement("1", "2999-01-01")).await;
        assert_eq!(future.faults(), ["/disbursedOn date_in_future"]);
        let nobody = json!({"entry": "01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d", "reason": "?"});
        assert_eq!(alliance.step(&path, "corrections", &nobody).await.faults(), ["/entry unknown_reference"]);
    }
}

scenario! {
    async fn others_do_not_see_a_loan_and_versions_are_checked(world) {
        let loan = world.given_loan().await;
        let path = loan_path(&loan);
        for outside in [
            world.cooperative("01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d"),
            world.someone(Role::Locality, "883"),
            world.someone(Role::LeadAgency, "01"),
        ] {
            for path in [path.clone(), format!("{path}/disbursements"), format!("{path}/allowed-actions")] {
                outside.get(&path).await.refused(404, "not_found");
            }
        }
        let body = disbursement("1", "2022-04-01");
        let step = format!("{path}/disbursements");
        let alliance = world.someone(Role::CooperativeAlliance, "89");
        alliance.post(&step, &body).await.refused(428, "precondition_required");
        alliance.seen("\"2\"").post(&step, &body).await.refused(412, "stale");
        world.cooperative(cooperative_of(&loan)).seen("*").post(&step, &body).await.refused(403, "forbidden");
    }
}

scenario! {
    /// Twenty tellers at once, each with a tenth of the loan: ten are served, ten are told that nothing is left.
    async fn concurrent_disbursements_never_exceed_the_approved_amount(world) {
        let loan = world.given_loan().await;
        let path = loan_path(&loan);
        let step = format!("{path}/disbursements");
        let tellers = (0..20).map(|number| {
            let teller = world.person(Role::CooperativeAlliance, "89", &format!("teller {number}")).seen("*");
            let (step, body) = (step.clone(), disbursement("150000000", "2022-04-01"));
            async move { teller.post(&step, &body).await }
        });
        let answers = join_all(tellers).await;
        let accepted = answers.iter().filter(|answer| answer.status == 200).count();
        for answer in answers.iter().filter(|answer| answer.status != 200) {
            answer.refused(409, "loan_over_disbursed");
        }
        assert_eq!(accepted, 10);
        let loan = world.cooperative(cooperative_of(&loan)).get(&path).await.ok();
        assert_eq!(sums(&loan), ["1500000000", "0", "1500000000", "0"]);

        // With the version that each has seen, all but the first learn that somebody was there before.
        let etag = world.someone(Role::CooperativeAlliance, "89").get(&path).await.ok_etag();
        let step = format!("{path}/repayments");
        let payers = (0..8).map(|number| {
            let payer = world.person(Role::CooperativeAlliance, "89", &format!("payer {number}")).seen(&etag);
            let (step, body) = (step.clone(), repayment("1", "2023-04-01"));
            async move { payer.post(&step, &body).await.status }
        });
        let mut statuses = join_all(payers).await;
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
    }
}

scenario! {
    async fn a_voucher_is_counted_once_for_a_loan_and_a_kind(world) {
        let loan = world.given_loan().await;
        let path = loan_path(&loan);
        let alliance = world.someone(Role::CooperativeAlliance, "89");
        let mut paid = disbursement("300000000", "2022-04-01");
        paid["voucher"] = json!("UNC-0042");
        let mut back = repayment("100000000", "2023-04-01");
        back["voucher"] = json!("UNC-0042");
        alliance.step(&path, "disbursements", &paid).await.ok();
        alliance.step(&path, "disbursements", &paid).await.refused(409, "already_exists");
        let repaid = alliance.step(&path, "repayments", &back).await.ok();
        alliance.step(&path, "repayments", &back).await.refused(409, "already_exists");
        assert_eq!(alliance.get(&path).await.ok(), repaid);
        assert_eq!(sums(&repaid), ["300000000", "100000000", "200000000", "1200000000"]);
        // The correction bears the number of what it takes back.
        let entries = alliance.get(&format!("{path}/repayments")).await.ok();
        let correction = json!({"entry": entries["items"][0]["id"], "reason": "Ghi nhầm."});
        alliance.step(&path, "corrections", &correction).await.ok();
    }
}

scenario! {
    async fn a_pilot_that_withdrew_borrows_no_more(world) {
        let pilot = world.given_pilot().await;
        let own = world.cooperative(cooperative_of(&pilot));
        own.step(&pilot_path(&pilot), "withdrawals", &json!({"withdrawnOn": "2021-10-01", "reason": "Tự nguyện"})).await.ok();
        let alliance = world.someone(Role::CooperativeAlliance, "89");
        alliance.post("/v1/loans", &new_loan(&pilot)).await.refused(409, "pilot_stopped");
        let mut earlier = new_loan(&pilot);
        earlier["decisionDate"] = json!("2021-10-01");
        let loan = alliance.post("/v1/loans", &earlier).await.created();
        alliance.step(&loan_path(&loan), "disbursements", &disbursement("1", "2021-12-01")).await.ok();
    }
}
