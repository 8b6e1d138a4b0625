//! What provinces add to the lists: shown to all, usable by them alone, on its days.

use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::support::given_budget::entry;
use crate::support::given_improvement::new_loan;
use crate::support::given_plans::new_plan;

const PATH: &str = "/v1/reference-entries";

fn addition(list: &str, code: &str) -> Value {
    json!({
        "list": list, "province": "89", "code": code, "name": {"vi": "Của tỉnh An Giang", "en": "Of An Giang"},
        "validFrom": "2021-01-01", "legalBasis": "NQ 05/2021/NQ-HĐND",
    })
}

scenario! {
    /// A category, a source and a kind of support of An Giang, in a plan, an allocation and a loan of An Giang; not elsewhere.
    async fn what_a_province_adds_serves_it_alone(world) {
        let lead = world.someone(Role::LeadAgency, "89");
        let made = lead.post(PATH, &addition("categories", "of_an_giang")).await;
        let category = made.created();
        assert_eq!((made.location(), category["province"].as_str()), (format!("{PATH}/{}", category["id"].as_str().unwrap()), Some("89")));
        assert_eq!(world.someone(Role::Oversight, "89").get(&made.location()).await.ok(), category);
        lead.post(PATH, &addition("support_kinds", "greenhouses")).await.created();
        let mut fund = addition("sources", "an_giang_fund");
        fund["nature"] = json!("credit");
        assert_eq!(lead.post(PATH, &fund).await.created()["attributes"], json!({"nature": "credit"}));
        lead.post(PATH, &addition("sources", "an_giang_grants")).await.created();

        let listed = async |province: &str| {
            let page = lead.get(&format!("{PATH}?list=categories&province={province}&limit=200")).await.ok();
            page["items"].as_array().unwrap().iter().any(|item| item["code"] == "of_an_giang")
        };
        assert_eq!((listed("89").await, listed("01").await), (true, false));

        let with_own = |province: &str| {
            let mut plan = new_plan(province);
            plan["estimateLines"][0]["category"] = json!("of_an_giang");
            plan["estimateLines"][2]["source"] = json!("an_giang_grants");
            plan["estimateLines"][2]["supportKind"] = json!("greenhouses");
            plan
        };
        let elsewhere = world.someone(Role::LeadAgency, "01").post("/v1/provincial-plans", &with_own("01")).await;
        assert_eq!(elsewhere.faults(), [
            "/estimateLines/0/category unknown_reference", "/estimateLines/2/source unknown_reference",
            "/estimateLines/2/supportKind unknown_reference",
        ]);
        let draft = lead.post("/v1/provincial-plans", &with_own("89")).await;
        draft.created();
        let plan = world.someone(Role::PeoplesCommittee, "89").step(&draft.location(), "approvals", &json!({})).await.ok();
        let mut part = entry(plan["estimateLines"][2]["id"].as_str().unwrap(), 5);
        part["supportKind"] = json!("greenhouses");
        let allocation = world.given_allocation(&plan, "1/QĐ-UBND", &[part]).await;
        assert_eq!(allocation["entries"][0]["supportKind"], "greenhouses");
        let sums = lead.get("/v1/budget-summaries?by=category").await.ok();
        assert!(sums["budget"]["groups"].as_array().unwrap().iter().any(|group| group["key"] == "of_an_giang"));

        let pilot = world.given_pilots(1).await.remove(0);
        let alliance = world.someone(Role::CooperativeAlliance, "89");
        let mut loan = new_loan(&pilot);
        loan["source"] = json!("an_giang_grants");
        assert_eq!(alliance.post("/v1/loans", &loan).await.faults(), ["/source source_not_credit"]);
        loan["source"] = json!("an_giang_fund");
        alliance.post("/v1/loans", &loan).await.created();
    }
}

scenario! {
    async fn what_a_province_adds_is_checked_fault_by_fault(world) {
        let lead = world.someone(Role::LeadAgency, "89");
        let mut wrong = addition("support_kinds", "greenhouses");
        wrong["province"] = json!("01");
        wrong["nature"] = json!("credit");
        wrong["validTo"] = json!("2020-12-31");
        assert_eq!(lead.post(PATH, &wrong).await.faults(), [
            "/nature not_of_list", "/province unknown_reference", "/validTo dates_out_of_order",
        ]);
        let mut broken = addition("indicators", "Not A Code");
        broken.as_object_mut().unwrap().remove("legalBasis");
        assert_eq!(lead.post(PATH, &broken).await.faults(), ["/code wrong_pattern", "/legalBasis required", "/list not_in_enum"]);
        // A code of the whole country is taken; that of another province is not.
        assert_eq!(lead.post(PATH, &addition("categories", "recurrent_support")).await.faults(), ["/code already_exists"]);
        let mut theirs = addition("categories", "own");
        theirs["province"] = json!("01");
        world.someone(Role::LeadAgency, "01").post(PATH, &theirs).await.created();
        let own = lead.post(PATH, &addition("categories", "own")).await;
        own.created();
        lead.post(PATH, &addition("categories", "own")).await.refused(409, "already_exists");
        for (role, unit) in [(Role::Finance, "89"), (Role::PeoplesCommittee, "89"), (Role::Ministry, ""), (Role::Administrator, "")] {
            world.someone(role, unit).post(PATH, &addition("categories", "x")).await.refused(403, "forbidden");
        }

        let path = own.location();
        let ended = json!({"validTo": "2021-12-31", "name": {"vi": "Tên mới", "en": "New name"}});
        assert_eq!(lead.seen("\"1\"").patch(&path, &ended).await.ok()["name"]["vi"], "Tên mới");
        lead.seen("\"1\"").patch(&path, &ended).await.refused(412, "stale");
        lead.seen("\"2\"").patch(&path, &json!({"validTo": "2020-01-01"})).await.refused(400, "dates_out_of_order");
        assert_eq!(lead.seen("\"2\"").patch(&path, &json!({"code": "other"})).await.faults(), ["/code unknown_member"]);
        world.someone(Role::LeadAgency, "01").seen("\"2\"").patch(&path, &ended).await.refused(404, "not_found");
        let national = lead.get(&format!("{PATH}?list=categories")).await.ok()["items"][0]["id"].clone();
        lead.seen("\"1\"").patch(&format!("{PATH}/{}", national.as_str().unwrap()), &ended).await.refused(404, "not_found");
        // After its last day the code is free again, and the old entry stays out of the new one's days.
        let mut again = addition("categories", "own");
        again["validFrom"] = json!("2022-01-01");
        lead.post(PATH, &again).await.created();
        assert_eq!(lead.seen("\"2\"").patch(&path, &json!({"validTo": null})).await.faults(), ["/code already_exists"]);
        let mut late = new_plan("89");
        late["estimateLines"][0]["category"] = json!("own");
        late["decisionDate"] = json!("2021-12-31");
        lead.post("/v1/provincial-plans", &late).await.created();
        lead.get(&format!("{PATH}?list=categories&at=2022-01-01&province=89&count=exact")).await.ok();
    }
}
