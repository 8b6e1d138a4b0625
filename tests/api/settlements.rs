//! Settlements by fiscal year: balanced to the đồng, reviewed by finance, corrected by new entries.

use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::support::client::{Answer, Client};
use crate::support::given_budget::{allocation_path, entry, line_of, payment};
use crate::support::world::World;

const RECURRENT: &str = "recurrent_support";

fn dong(millions: i64) -> String {
    (millions * 1_000_000).to_string()
}

/// A settlement of the first entry of an allocation, in million đồng.
fn settlement(allocation: &Value, year: u16, [amount, carried_over, returned]: [i64; 3]) -> Value {
    json!({
        "entry": allocation["entries"][0]["id"], "fiscalYear": year, "amount": dong(amount),
        "carriedOver": dong(carried_over), "returned": dong(returned), "documentNumber": format!("{year}/BC-SNN"),
        "documentDate": format!("{}-01-25", year + 1),
    })
}

fn finance(world: &World) -> Client {
    world.someone(Role::Finance, "89")
}

async fn last_settlement(client: &Client, path: &str) -> Value {
    let items = client.get(&format!("{path}/settlements")).await.ok()["items"].clone();
    items.as_array().unwrap().last().unwrap()["id"].clone()
}

async fn review(world: &World, path: &str, outcome: &str) -> Answer {
    let last = last_settlement(&finance(world), path).await;
    finance(world).step(path, "settlement-reviews", &json!({"settlement": last, "outcome": outcome})).await
}

/// An allocation of 1,000 million of which 600 are disbursed, and its path.
async fn given_disbursed(world: &World) -> (Value, String) {
    let plan = world.given_plan("89").await;
    let allocation = world.given_allocation(&plan, "1/QĐ-UBND", &[entry(&line_of(&plan, RECURRENT), 1_000)]).await;
    let path = allocation_path(&allocation);
    world.agriculture().step(&path, "disbursements", &payment(&allocation, "CT-01", 600)).await.ok();
    (allocation, path)
}

scenario! {
    /// 1,000 allocated and 600 disbursed in 2022: 550 settled, 350 carried over, 100 returned; the rest in 2023.
    async fn a_year_is_settled_carried_over_and_returned_to_the_dong(world) {
        let (allocation, path) = given_disbursed(&world).await;
        let (accountant, before) = (world.agriculture(), world.now());
        let recorded = accountant.step(&path, "settlements", &settlement(&allocation, 2022, [550, 350, 100])).await;
        assert_eq!(recorded.header("content-location"), path);
        assert_eq!(recorded.ok()["settled"], "0", "it counts once finance accepts it");
        let accepted = review(&world, &path, "accepted").await.ok();
        let figures = |view: &Value| ["disbursed", "settled", "returned", "remaining"].map(|name| view[name].clone());
        assert_eq!(figures(&accepted), ["600000000", "550000000", "100000000", "300000000"]);
        assert_eq!((&accepted["unsettled"], &accepted["entries"][0]["unsettled"]), (&json!("350000000"), &json!("350000000")));
        assert_eq!(figures(&accepted["entries"][0]), figures(&accepted));

        // What was returned is not disbursed any more; what was carried over is.
        let english = accountant.with("accept-language", "en");
        let over = english.step(&path, "disbursements", &payment(&allocation, "CT-02", 301)).await;
        assert!(over.refused(409, "allocation_exceeded")["detail"].as_str().unwrap().contains("has 300000000 đồng left"));
        accountant.step(&path, "disbursements", &payment(&allocation, "CT-02", 300)).await.ok();
        accountant.step(&path, "settlements", &settlement(&allocation, 2023, [350, 0, 0])).await.ok();
        assert_eq!(figures(&review(&world, &path, "accepted").await.ok()), ["900000000", "900000000", "100000000", "0"]);

        // Its balances as they stood: each step back to where it was, and nothing before the approval.
        let at = async |instant: &str| accountant.get(&format!("{path}?asOf={instant}")).await;
        let now = accountant.get(&path).await.ok();
        assert_eq!(at(&world.now()).await.ok(), now);
        assert_eq!(figures(&at(&before).await.ok()), ["600000000", "0", "0", "400000000"]);
        assert_eq!(at(accepted["updatedAt"].as_str().unwrap()).await.ok(), accepted);
        at("2021-01-01T00:00:00Z").await.refused(404, "not_found");
        assert_eq!(at("2999-01-01T00:00:00Z").await.faults(), ["#asOf date_in_future"]);

        let listed = accountant.get(&format!("{path}/settlements")).await.ok();
        let years: Vec<_> = listed["items"].as_array().unwrap().iter().map(|item| (item["fiscalYear"].clone(), item["state"].clone())).collect();
        assert_eq!(years, [(json!(2022), json!("accepted")), (json!(2023), json!("accepted"))]);
        assert_eq!(listed["items"][0]["reviewedBy"], "finance@89");
        let reviews = accountant.get(&format!("{path}/settlement-reviews")).await.ok();
        assert_eq!((&reviews["items"][0]["item"], &reviews["items"][0]["outcome"]), (&listed["items"][0]["id"], &json!("accepted")));
    }
}

scenario! {
    async fn what_does_not_balance_or_exceeds_is_refused_with_what_is_left(world) {
        let (allocation, path) = given_disbursed(&world).await;
        let accountant = world.agriculture().with("accept-language", "en");
        for (figures, code, faults, left) in [
            ([550, 350, 99], "settlement_unbalanced", vec!["/carriedOver settlement_unbalanced"], "1000000000 đồng left"),
            ([601, 299, 100], "settlement_exceeded", vec!["/amount settlement_exceeded"], "600000000 đồng left"),
            ([500, 99, 401], "settlement_exceeded", vec!["/returned settlement_exceeded"], "400000000 đồng left"),
            (
                [601, 0, 401],
                "settlement_unbalanced",
                vec!["/amount settlement_exceeded", "/carriedOver settlement_unbalanced", "/returned settlement_exceeded"],
                "difference 2000000",
            ),
        ] {
            let answer = accountant.step(&path, "settlements", &settlement(&allocation, 2022, figures)).await;
            let detail = answer.refused(409, code)["detail"].as_str().unwrap().to_owned();
            assert!(detail.contains(left), "{detail}");
            assert!(answer.body["inputs"]["left"].is_string(), "{}", answer.text);
            assert_eq!(answer.faults(), faults);
        }
        let mut early = settlement(&allocation, 2022, [600, 400, 0]);
        early["documentDate"] = json!("2021-12-31");
        let answer = accountant.step(&path, "settlements", &early).await;
        answer.refused(400, "year_not_begun");
        early["documentDate"] = json!("2999-01-01");
        assert_eq!(accountant.step(&path, "settlements", &early).await.faults(), ["/documentDate date_in_future"]);
        early["entry"] = json!("01900000-0000-7000-8000-000000000000");
        early["documentDate"] = json!("2023-01-01");
        assert_eq!(accountant.step(&path, "settlements", &early).await.faults(), ["/entry unknown_reference"]);
        assert_eq!(accountant.get(&format!("{path}/settlements")).await.ok()["items"], json!([]));
    }
}

scenario! {
    /// Who settles does not review; nobody else settles; a rejected settlement makes way, an accepted one does not.
    async fn finance_reviews_what_the_agency_recorded(world) {
        let (allocation, path) = given_disbursed(&world).await;
        let body = settlement(&allocation, 2022, [600, 400, 0]);
        world.someone(Role::LeadAgency, "89").step(&path, "settlements", &body).await.refused(409, "not_responsible");
        finance(&world).step(&path, "settlements", &body).await.refused(403, "forbidden");
        let accountant = world.agriculture();
        accountant.step(&path, "settlements", &body).await.ok();
        accountant.step(&path, "settlements", &body).await.refused(409, "already_exists");
        let both_hats = world.person(Role::Finance, "89", "accountant");
        let named = json!({"settlement": last_settlement(&accountant, &path).await, "outcome": "accepted"});
        both_hats.step(&path, "settlement-reviews", &named).await.refused(409, "four_eyes");
        accountant.step(&path, "settlement-reviews", &named).await.refused(403, "forbidden");

        assert_eq!(review(&world, &path, "rejected").await.ok()["settled"], "0");
        review(&world, &path, "accepted").await.refused(409, "wrong_state");
        accountant.step(&path, "settlements", &body).await.ok();
        assert_eq!(review(&world, &path, "accepted").await.ok()["settled"], "600000000");
        let again = settlement(&allocation, 2022, [0, 400, 0]);
        accountant.step(&path, "settlements", &again).await.refused(409, "already_exists");
        let unknown = json!({"settlement": "01900000-0000-7000-8000-000000000000", "outcome": "accepted"});
        assert_eq!(finance(&world).step(&path, "settlement-reviews", &unknown).await.faults(), ["/settlement unknown_reference"]);
        finance(&world).seen("\"1\"").post(&format!("{path}/settlement-reviews"), &named).await.refused(412, "stale");
        world.someone(Role::LeadAgency, "01").get(&format!("{path}/settlements")).await.refused(404, "not_found");
    }
}

scenario! {
    /// An accepted settlement is corrected by a new entry that names it; a disbursement that is settled stays.
    async fn a_settlement_is_corrected_by_a_new_entry(world) {
        let (allocation, path) = given_disbursed(&world).await;
        let accountant = world.agriculture().with("accept-language", "en");
        accountant.step(&path, "settlements", &settlement(&allocation, 2022, [600, 300, 100])).await.ok();
        let id = last_settlement(&accountant, &path).await;
        let correction = |amount: i64, returned: i64| json!({
            "corrects": id, "amount": dong(amount), "returned": dong(returned), "documentNumber": "KT-01",
            "documentDate": "2023-06-01", "reason": "Kiểm toán loại trừ.",
        });
        let target = "settlement-corrections";
        accountant.step(&path, target, &correction(-50, 0)).await.refused(409, "wrong_state");
        review(&world, &path, "accepted").await.ok();
        assert_eq!(accountant.step(&path, target, &correction(0, 0)).await.faults(), ["/amount corrects_nothing"]);
        let over = accountant.step(&path, target, &correction(-601, 0)).await;
        assert!(over.refused(409, "correction_exceeded")["detail"].as_str().unwrap().contains("600000000 đồng left"));
        accountant.step(&path, target, &correction(1, 0)).await.refused(409, "settlement_exceeded");

        // The voucher behind what is settled cannot be taken back before the settlement is.
        let voucher = accountant.get(&format!("{path}/disbursements")).await.ok()["items"][0]["id"].clone();
        let back = json!({"corrects": voucher, "amount": dong(50), "voucherNumber": "DC-1", "voucherDate": "2023-06-01", "reason": "Sai."});
        let kept = accountant.step(&path, "adjustments", &back).await.refused(409, "disbursement_settled");
        assert!(kept["detail"].as_str().unwrap().contains("0 đồng left"));

        accountant.step(&path, target, &correction(-50, -30)).await.ok();
        let corrected = review(&world, &path, "accepted").await.ok();
        assert_eq!((&corrected["settled"], &corrected["returned"]), (&json!("550000000"), &json!("70000000")));
        accountant.step(&path, "adjustments", &back).await.ok();
        let items = accountant.get(&format!("{path}/settlements")).await.ok()["items"].clone();
        assert_eq!((&items[0]["amount"], &items[1]["amount"]), (&json!("600000000"), &json!("-50000000")));
        assert_eq!(items[1]["carriedOver"], "80000000");
        let corrections = accountant.get(&format!("{path}/{target}")).await.ok()["items"].clone();
        assert_eq!((corrections.as_array().unwrap().len(), &corrections[0]["corrects"]), (1, &id));
        let second = json!({
            "corrects": corrections[0]["id"], "amount": "1", "returned": "0", "documentNumber": "KT-02",
            "documentDate": "2023-06-02", "reason": "Sai.",
        });
        accountant.step(&path, target, &second).await.refused(409, "corrects_correction");
    }
}

/// Reviews the settlement of a year.
async fn reviewed(world: &World, path: &str, year: u16, outcome: &str) -> Answer {
    let items = finance(world).get(&format!("{path}/settlements")).await.ok()["items"].clone();
    let of_year = items.as_array().unwrap().iter().rfind(|item| item["fiscalYear"] == year).unwrap();
    let body = json!({"settlement": of_year["id"], "outcome": outcome});
    finance(world).step(path, "settlement-reviews", &body).await
}

scenario! {
    /// 600 million were paid in 2022 and 100 in 2023: 2022 is settled first, with what was paid by its report, then 2023; and
    /// nothing before it any more.
    async fn years_are_settled_in_their_order(world) {
        let (allocation, path) = given_disbursed(&world).await;
        let accountant = world.agriculture().with("accept-language", "en");
        let mut later = payment(&allocation, "CT-02", 100);
        later["voucherDate"] = json!("2023-05-01");
        accountant.step(&path, "disbursements", &later).await.ok();
        let ahead = accountant.step(&path, "settlements", &settlement(&allocation, 2023, [700, 300, 0])).await;
        let problem = ahead.refused(409, "year_out_of_order");
        let told = ["year", "other", "left"].map(|name| problem["inputs"][name].clone());
        assert_eq!(told, ["2023", "2022", "600000000"]);
        assert_eq!(ahead.faults(), ["/fiscalYear year_out_of_order"]);
        // The report on 2022 is of January 2023: what was paid in May is not in it.
        let over = accountant.step(&path, "settlements", &settlement(&allocation, 2022, [700, 300, 0])).await;
        assert_eq!(over.refused(409, "settlement_exceeded")["inputs"]["left"], "600000000");

        // Recorded both, 2023 is accepted after 2022 only; by then it no longer balances.
        accountant.step(&path, "settlements", &settlement(&allocation, 2022, [600, 400, 0])).await.ok();
        accountant.step(&path, "settlements", &settlement(&allocation, 2023, [700, 300, 0])).await.ok();
        reviewed(&world, &path, 2023, "accepted").await.refused(409, "year_out_of_order");
        reviewed(&world, &path, 2022, "accepted").await.ok();
        let stale = reviewed(&world, &path, 2023, "accepted").await;
        assert_eq!(stale.refused(409, "settlement_unbalanced")["inputs"]["left"], "400000000");
        reviewed(&world, &path, 2023, "rejected").await.ok();
        // What was carried over is settled in a later year.
        accountant.step(&path, "settlements", &settlement(&allocation, 2023, [100, 300, 0])).await.ok();
        assert_eq!(reviewed(&world, &path, 2023, "accepted").await.ok()["settled"], "700000000");
        // From then on 2022 takes nothing more: 2023 has accounted for what it carried over. It may still give up something.
        let items = accountant.get(&format!("{path}/settlements")).await.ok()["items"].clone();
        let correction = |amount: i64, returned: i64| json!({
            "corrects": items[0]["id"], "amount": dong(amount), "returned": dong(returned), "documentNumber": "KT-01",
            "documentDate": "2024-06-01", "reason": "Kiểm toán.",
        });
        let late = accountant.step(&path, "settlement-corrections", &correction(0, 10)).await;
        let problem = late.refused(409, "year_out_of_order");
        assert_eq!((&problem["inputs"]["other"], &problem["inputs"]["left"]), (&json!("2023"), &json!("0")));
        accountant.step(&path, "settlement-corrections", &correction(-10, 0)).await.ok();

        // Of another entry nothing was paid in 2022: 2023 is settled at once, and 2022 no more.
        let plan = world.someone(Role::LeadAgency, "89").get(&format!("/v1/provincial-plans/{}", allocation["plan"].as_str().unwrap())).await.ok();
        let second = world.given_allocation(&plan, "2/QĐ-UBND", &[entry(&line_of(&plan, RECURRENT), 50)]).await;
        let path = allocation_path(&second);
        accountant.step(&path, "settlements", &settlement(&second, 2023, [0, 50, 0])).await.ok();
        reviewed(&world, &path, 2023, "accepted").await.ok();
        let behind = accountant.step(&path, "settlements", &settlement(&second, 2022, [0, 50, 0])).await;
        let problem = behind.refused(409, "year_out_of_order");
        assert_eq!((&problem["inputs"]["other"], &problem["inputs"]["left"]), (&json!("2023"), &json!("50000000")));
    }
}

scenario! {
    /// The money was allocated in 2022: there is none of an earlier year to settle.
    async fn no_year_before_the_money_is_settled(world) {
        let (allocation, path) = given_disbursed(&world).await;
        let accountant = world.agriculture().with("accept-language", "en");
        let refused = accountant.step(&path, "settlements", &settlement(&allocation, 2021, [600, 400, 0])).await;
        let problem = refused.refused(409, "year_before_money");
        assert_eq!((&problem["inputs"]["year"], &problem["inputs"]["earliest"]), (&json!("2021"), &json!("2022")));
        assert_eq!(refused.faults(), ["/fiscalYear year_before_money"]);
        // What is paid by a voucher of 2023 is no money of 2022, though the report was written after it.
        let mut january = payment(&allocation, "CT-02", 100);
        january["voucherDate"] = json!("2023-01-10");
        accountant.step(&path, "disbursements", &january).await.ok();
        let refused = accountant.step(&path, "settlements", &settlement(&allocation, 2022, [601, 399, 0])).await;
        let told = refused.refused(409, "settlement_exceeded")["errors"][0]["inputs"].clone();
        assert_eq!((&told["left"], &told["disbursed"], &told["year"]), (&json!("600000000"), &json!("600000000"), &json!("2022")));
        accountant.step(&path, "settlements", &settlement(&allocation, 2022, [600, 400, 0])).await.ok();
        // Decided in 2022 for the budget of 2023: that is settled, and nothing before it.
        let plan = world.someone(Role::LeadAgency, "89").get(&format!("/v1/provincial-plans/{}", allocation["plan"].as_str().unwrap())).await.ok();
        let mut of_2023 = entry(&line_of(&plan, RECURRENT), 50);
        of_2023["fiscalYear"] = json!(2023);
        let second = world.given_allocation(&plan, "2/QĐ-UBND", &[of_2023]).await;
        let path = allocation_path(&second);
        let refused = accountant.step(&path, "settlements", &settlement(&second, 2022, [0, 50, 0])).await;
        assert_eq!(refused.refused(409, "year_before_money")["inputs"]["earliest"], "2023");
        accountant.step(&path, "settlements", &settlement(&second, 2023, [0, 50, 0])).await.ok();
    }
}
