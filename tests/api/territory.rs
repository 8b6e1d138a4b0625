//! The whole country before and after 1 July 2025: what a code means, who followed whom, who acts for whom, and the
//! same sums in both orders of units.

use std::collections::HashMap;

use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::given_criteria::with_scales;
use crate::support::given_needs::needed;
use crate::support::given_plans::{lead_agency, plan_path};
use crate::support::given_reports::{report_path, signed_off, value};
use crate::support::world::{World, new_cooperative};

const BEFORE: &str = "2025-06-30";
const AFTER: &str = "2025-07-01";

async fn count(anyone: &Client, query: &str) -> Value {
    anyone.get(&format!("/v1/administrative-units?count=exact&limit=1&{query}")).await.ok()["count"].clone()
}

fn codes(successions: &Value) -> Vec<&str> {
    successions.as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect()
}

scenario! {
    /// The state just before the reform and just after it.
    async fn the_whole_country_is_counted_before_and_after_the_reform(world) {
        let anyone = world.someone(Role::Ministry, "");
        for (at, level, expected) in [
            (BEFORE, "province", 63), (BEFORE, "district", 696), (BEFORE, "commune", 10_035),
            (AFTER, "province", 34), (AFTER, "district", 0), (AFTER, "commune", 3_321),
        ] {
            assert_eq!(count(&anyone, &format!("at={at}&level={level}")).await, expected, "{at} {level}");
        }
        for (at, province, level, expected) in [
            (BEFORE, "89", "district", 11), (BEFORE, "89", "commune", 155),
            (BEFORE, "91", "district", 15), (BEFORE, "91", "commune", 143),
            (AFTER, "91", "commune", 102), (AFTER, "89", "commune", 0),
        ] {
            let query = format!("at={at}&province={province}&level={level}");
            assert_eq!(count(&anyone, &query).await, expected, "{query}");
        }
    }
}

scenario! {
    async fn a_unit_names_the_units_above_it_and_those_before_and_after(world) {
        let anyone = world.someone(Role::Locality, "888");
        let unit = async |code: &str, at: &str| anyone.get(&format!("/v1/administrative-units/{code}?at={at}")).await.ok();
        let commune = unit("30280", BEFORE).await;
        assert_eq!(commune["name"], "Phường Mỹ Bình");
        assert_eq!(codes(&commune["hierarchy"]), ["89", "883"]);
        assert_eq!(codes(&commune["successors"]), ["30307"]);
        let long_xuyen = unit("30307", AFTER).await;
        assert_eq!((&long_xuyen["name"], &long_xuyen["parent"]), (&json!("Phường Long Xuyên"), &json!("91")));
        assert!(codes(&long_xuyen["predecessors"]).contains(&"30280"));
        assert_eq!(long_xuyen["predecessors"][0]["kind"], "merge");
        // By the resolution on the communes of its own province.
        assert_ne!(unit("00103", AFTER).await["legalBasis"], long_xuyen["legalBasis"]);
        assert_eq!(commune["successors"][0]["legalBasis"], long_xuyen["legalBasis"]);

        let an_giang = unit("91", AFTER).await;
        assert_eq!(codes(&an_giang["hierarchy"]), [""; 0]);
        let from: Vec<_> = an_giang["predecessors"].as_array().unwrap().iter()
            .filter(|one| one["code"].as_str().unwrap().len() == 2).map(|one| one["name"].as_str().unwrap()).collect();
        assert_eq!(from, ["Tỉnh An Giang", "Tỉnh Kiên Giang"]);
        let old = unit("89", BEFORE).await;
        assert_eq!(old["successors"], json!([{
            "code": "91", "validFrom": AFTER, "name": "Tỉnh An Giang", "kind": "merge", "onDate": AFTER,
            "isDefault": true, "legalBasis": "202/2025/QH15",
        }]));
        let district = unit("883", BEFORE).await;
        assert_eq!((codes(&district["successors"]), &district["successors"][0]["kind"]), (vec!["91"], &json!("abolish")));
        // A district that became a town kept its code; an island district without communes became a commune.
        assert_eq!(codes(&unit("890", "2021-09-15").await["successors"]), ["890"]);
        assert_eq!(unit("755", BEFORE).await["successors"][0]["name"], "Đặc khu Côn Đảo");
        // Hà Nội is the same province in the new order.
        assert_eq!(unit("01", BEFORE).await["successors"][0]["kind"], "carry_over");
    }
}

scenario! {
    /// Every unit that ended has exactly one default successor; a divided one has others beside it.
    async fn facts_of_a_divided_unit_have_one_place_to_go_to(world) {
        let anyone = world.someone(Role::Ministry, "");
        let lines = anyone.with("accept", "application/x-ndjson").get(&format!("/v1/administrative-units?at={BEFORE}")).await;
        let units: Vec<Value> = lines.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(units.len(), 63 + 696 + 10_035);
        let mut divided = 0;
        for unit in &units {
            let successors = unit["successors"].as_array().unwrap();
            let defaults = successors.iter().filter(|one| one["isDefault"] == true).count();
            assert_eq!((defaults, &successors[0]["isDefault"]), (1, &json!(true)), "{unit}");
            if unit["level"] != "commune" {
                assert_eq!(successors.len(), 1, "provinces and districts lose nothing: {unit}");
            }
            divided += usize::from(successors.len() > 1);
        }
        assert_eq!(divided, 471);
        // Over the whole country: where a unit of any level went lies, for each of its successors, in the province that its
        // own became part of. So whatever is counted by province is the same in either order, indicator by indicator.
        let lines = anyone.with("accept", "application/x-ndjson").get(&format!("/v1/administrative-units?at={AFTER}")).await;
        let after: Vec<Value> = lines.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(after.len(), 34 + 3_321);
        let province = |unit: &Value| unit["hierarchy"].as_array().unwrap().first().unwrap_or(unit)["code"].as_str().unwrap().to_owned();
        let now_in: HashMap<String, String> = after.iter().map(|unit| (unit["code"].as_str().unwrap().to_owned(), province(unit))).collect();
        let became: HashMap<String, String> = units.iter().filter(|unit| unit["level"] == "province")
            .map(|unit| (province(unit), unit["successors"][0]["code"].as_str().unwrap().to_owned())).collect();
        assert_eq!(became.len(), 63);
        for unit in &units {
            for successor in unit["successors"].as_array().unwrap() {
                assert_eq!(now_in[successor["code"].as_str().unwrap()], became[&province(unit)], "{unit}");
            }
        }
    }
}

scenario! {
    /// On 1 July 2025 the new agencies act for the old ones; on the day before, they do not exist.
    async fn the_successor_acts_for_its_predecessors_and_nobody_else_does(world) {
        world.given_plan("89").await;
        let cooperative = world.given_cooperative("883", "0100233488").await;
        let path = format!("/v1/cooperatives/{}", cooperative["id"].as_str().unwrap());
        let before = world.another_day(BEFORE).await;
        assert_eq!(before.someone(Role::Locality, "883").get(&path).await.status, 200);
        assert_eq!(before.someone(Role::Locality, "884").get(&path).await.status, 404, "a sibling");
        assert_eq!(before.someone(Role::LeadAgency, "91").get(&path).await.status, 404, "Kiên Giang");

        let after = world.another_day(AFTER).await;
        let long_xuyen = after.someone(Role::Locality, "30307");
        assert_eq!(long_xuyen.get(&path).await.status, 200, "the successor");
        assert_eq!(after.someone(Role::Locality, "30292").get(&path).await.status, 404, "another commune of the district");
        assert_eq!(after.someone(Role::LeadAgency, "91").get(&path).await.status, 200, "An Giang covers what was 89");
        assert_eq!(after.someone(Role::LeadAgency, "92").get(&path).await.status, 404, "Cần Thơ");
        // Who asks for a token of the district on that day is given its successor's.
        let me = after.someone(Role::Locality, "883").get("/v1/me").await.ok();
        assert_eq!((&me["unit"], &me["province"]), (&json!("30307"), &json!("91")));
        assert_eq!(me["predecessors"], json!(["01776530-4c00-7010-8000-000000000883"]));
        let gone = before.token(Role::Locality, Some("883"), None, None, "official@883");
        assert_eq!(before.with_token(&gone).get(&path).await.status, 200);

        // The registration authority of the seat moves the record to its commune, and keeps it.
        let etag = long_xuyen.get(&path).await.ok_etag();
        let moved = long_xuyen.seen(&etag).patch(&path, &json!({"unit": "30307"})).await.ok();
        assert_eq!((&moved["unit"], &moved["province"]), (&json!("30307"), &json!("91")));
        assert_eq!(after.someone(Role::LeadAgency, "91").get(&path).await.status, 200);

        // What is recorded of it now on a year before the reform is counted where its ward lay then: in An Giang, and not in
        // Kiên Giang, which bore the code of its province.
        after.given_submitted_evaluation(cooperative["id"].as_str().unwrap(), 2024, 8_500).await;
        let ministry = after.someone(Role::Ministry, "");
        let counted = async |query: &str| {
            let all = ministry.get(&format!("/v1/record-aggregates?{query}")).await.ok()["provinces"].clone();
            all.as_array().unwrap().iter().map(|one| (one["name"].clone(), figure(one, "coops_by_rating")["value"].clone())).collect::<Vec<_>>()
        };
        let expected = vec![(json!("Tỉnh An Giang"), json!("1"))];
        for query in ["period=2024", "period=2024&tree=2025-06-30", "period=2024&tree=current"] {
            assert_eq!(counted(query).await, expected, "{query}");
        }
        let codes = ministry.get("/v1/record-aggregates?period=2024").await.ok()["provinces"].clone();
        assert_eq!(codes[0]["province"], "89");
        // Its district of then reports on it late, through its successor; the district beside it does not.
        for (locality, expected) in [("883", "1"), ("884", "0")] {
            let heir = after.someone(Role::Locality, locality);
            let late = heir.post("/v1/periodic-reports", &json!({"period": "2024"})).await.created();
            assert_eq!((&late["unit"], value(&late, "coops_by_rating")), (&json!(locality), expected.to_owned()));
        }
    }
}

scenario! {
    /// A commune lies in its district until the reform: the district reaches what is placed there.
    async fn a_locality_reaches_the_communes_below_it(world) {
        let district = world.someone(Role::Locality, "883");
        let child = district.post("/v1/cooperatives", &new_cooperative("30280", "0100233488")).await.created();
        assert_eq!((&child["unit"], &child["province"]), (&json!("30280"), &json!("89")));
        let path = format!("/v1/cooperatives/{}", child["id"].as_str().unwrap());
        assert_eq!(world.someone(Role::Locality, "884").get(&path).await.status, 404);
        world.someone(Role::Locality, "884").post("/v1/cooperatives", &new_cooperative("30283", "0100150619")).await
            .refused(409, "not_responsible");
        let after = world.another_day(AFTER).await;
        assert_eq!(after.someone(Role::Locality, "30307").get(&path).await.status, 200, "the commune it became part of");
        assert_eq!(after.someone(Role::Locality, "30292").get(&path).await.status, 404);
    }
}

scenario! {
    /// Golden case 8: 89 is refused for facts whose legal date lies after it.
    async fn a_retired_code_is_refused_for_later_facts(world) {
        let after = world.another_day("2025-09-01").await;
        let long_xuyen = after.someone(Role::Locality, "30307");
        let mut late = new_cooperative("883", "0100233488");
        late["foundedOn"] = json!("2025-07-02");
        let refused = long_xuyen.post("/v1/cooperatives", &late).await;
        assert_eq!((refused.status, refused.faults()), (400, vec!["/unit unknown_reference".to_owned()]));
        late["foundedOn"] = json!("2025-06-30");
        long_xuyen.post("/v1/cooperatives", &late).await.created();
        let lead = after.someone(Role::LeadAgency, "91");
        let mut plan = crate::support::given_plans::new_plan("89");
        plan["decisionDate"] = json!("2025-07-01");
        let refused = lead.post("/v1/provincial-plans", &plan).await.faults();
        assert!(refused.contains(&"/province unknown_unit".to_owned()), "{refused:?}");
        plan["decisionDate"] = json!("2025-02-28");
        lead.post("/v1/provincial-plans", &plan).await.created();
    }
}

/// The People's Committee of a unit, as the operator enters it.
async fn given_locality(world: &World, unit: &str, from: &str) -> Client {
    let name = format!("Ủy ban nhân dân {unit} (dữ liệu mẫu)");
    let body = json!({"name": name, "kind": "locality", "unit": unit, "validFrom": from});
    let made = world.someone(Role::Administrator, "").post("/v1/agencies", &body).await.created();
    world.agent(Role::Locality, made["id"].as_str().unwrap().parse().unwrap(), "clerk")
}

scenario! {
    /// The reform gave the code of the ward Xuân La (00103), which became part of Xuân Đỉnh (00611), to the ward Tây Hồ: each
    /// locality sees and acts for the cooperatives of its own unit, whatever code they bear.
    async fn a_code_of_two_units_is_resolved_by_the_day(world) {
        let before = world.another_day("2024-01-10").await;
        before.given_plan("01").await;
        let district = given_locality(&before, "003", "2021-02-03").await;
        let beside = given_locality(&before, "021", "2021-02-03").await;
        let old = district.post("/v1/cooperatives", &new_cooperative("00103", "0100233488")).await.created();
        assert_eq!(old["unit"], "00103");
        let after = world.another_day("2025-09-01").await;
        let heir = given_locality(&after, "00611", "2025-07-01").await;
        let namesake = given_locality(&after, "00103", "2025-07-01").await;
        let after = world.another_day("2025-09-02").await;
        let new = namesake.post("/v1/cooperatives", &new_cooperative("00103", "0100109106")).await.created();
        let listed = async |client: &Client| {
            let items = client.get("/v1/cooperatives").await.ok()["items"].clone();
            items.as_array().unwrap().iter().map(|item| item["id"].clone()).collect::<Vec<_>>()
        };
        assert_eq!((listed(&heir).await, listed(&namesake).await), (vec![old["id"].clone()], vec![new["id"].clone()]));
        let path = |cooperative: &Value| format!("/v1/cooperatives/{}", cooperative["id"].as_str().unwrap());
        heir.get(&path(&new)).await.refused(404, "not_found");
        namesake.get(&path(&old)).await.refused(404, "not_found");
        let etag = heir.get(&path(&old)).await.ok_etag();
        heir.seen(&etag).patch(&path(&old), &json!({"phone": "0296 3852 123"})).await.ok();
        namesake.seen(&etag).patch(&path(&old), &json!({"phone": "0296 3852 124"})).await.refused(404, "not_found");
        heir.post("/v1/cooperatives", &new_cooperative("00103", "0314409058")).await.refused(409, "not_responsible");
        let city = after.someone(Role::LeadAgency, "01");
        assert_eq!(listed(&city).await.len(), 2);

        // Xuân Đỉnh was made of wards of two districts. What is reported late on 2024 counts where the cooperative was then; of one
        // that was not there yet, where the ward was whose code Xuân Đỉnh took.
        heir.seen(&heir.get(&path(&old)).await.ok_etag()).patch(&path(&old), &json!({"unit": "00611"})).await.ok();
        let fresh = heir.post("/v1/cooperatives", &new_cooperative("00611", "0314409058")).await.created();
        after.given_submitted_evaluation(old["id"].as_str().unwrap(), 2024, 8_500).await;
        let late = async |client: &Client| {
            let agency = client.get("/v1/me").await.ok()["agency"].as_str().unwrap().parse().unwrap();
            let clerk = after.agent(Role::Locality, agency, "clerk");
            let made = clerk.post("/v1/periodic-reports", &json!({"period": "2024"})).await;
            let path = report_path(&made.created());
            let counted = value(&made.body, "coops_by_rating");
            assert_eq!(clerk.seen(&clerk.get(&path).await.ok_etag()).delete(&path).await.status, 204);
            counted
        };
        assert_eq!([late(&district).await, late(&beside).await], ["1", "0"]);
        after.given_submitted_evaluation(fresh["id"].as_str().unwrap(), 2024, 8_500).await;
        assert_eq!([late(&district).await, late(&beside).await], ["1", "1"]);
    }
}

/// A part that an indicator may be broken down by.
fn part_of(by: &str) -> &'static str {
    match by {
        "model" => "A1",
        "rating" => "good",
        _ => "recurrent_support",
    }
}

/// A province's report on a year, in which every indicator is `n` (a ratio `n` to `n` + 2) but some.
async fn given_report(lead: &Client, ministry: &Client, n: u32, but: Value) -> Value {
    let form = ministry.get("/v1/indicators").await.ok();
    let figure = |indicator: &Value| {
        let value = if indicator["unit"] == "point" { format!("{n}.00") } else { n.to_string() };
        let mut figure = json!({"indicator": indicator["code"], "status": "final", "reason": "r"});
        match (indicator["overUnits"].as_str().unwrap(), indicator["breakdownBy"].as_str()) {
            ("ratio", _) => (figure["numerator"], figure["denominator"]) = (json!(value), json!((n + 2).to_string())),
            (_, Some(by)) => figure["breakdown"] = json!([{"key": part_of(by), "value": value}]),
            _ => figure["value"] = json!(value),
        }
        figure
    };
    let mut overrides: Vec<Value> = form["items"].as_array().unwrap().iter().map(figure).collect();
    for other in but.as_array().unwrap() {
        let place = overrides.iter().position(|one| one["indicator"] == other["indicator"]).unwrap();
        overrides[place] = other.clone();
    }
    let draft = lead.post("/v1/periodic-reports", &json!({"period": "2023", "overrides": overrides})).await.created();
    lead.step(&report_path(&draft), "submissions", &signed_off("2023-12-20")).await.ok();
    ministry.step(&report_path(&draft), "acceptances", &json!({})).await.ok()
}

fn figure<'a>(province: &'a Value, code: &str) -> &'a Value {
    province["indicators"].as_array().unwrap().iter().find(|figure| figure["code"] == code).unwrap()
}

scenario! {
    /// An Giang and Kiên Giang reported apart for 2023; shown as one, every sum is the same.
    async fn a_merge_changes_no_sum(world) {
        let ministry = world.someone(Role::Ministry, "");
        for province in ["01", "89", "91", "93"] {
            world.given_plan(province).await;
        }
        let own = |good: [&str; 2], revenue: &str| json!([
            {"indicator": "pilots_good_share", "numerator": good[0], "denominator": good[1], "reason": "r"},
            {"indicator": "revenue", "value": revenue, "reason": "r"},
        ]);
        for (province, n, own) in [("01", 2, own(["1", "1"], "100")), ("89", 3, own(["1", "3"], "250")), ("91", 5, own(["2", "2"], "40"))] {
            given_report(&world.someone(Role::LeadAgency, province), &ministry, n, own).await;
        }
        let after = world.another_day("2026-01-15").await;
        let ministry = after.someone(Role::Ministry, "");
        let shown = async |tree: &str| ministry.get(&format!("/v1/aggregates?period=2023&by=province&tree={tree}")).await.ok();
        let provinces = |whole: &Value| {
            let province = |one: &Value| (one["province"].clone(), one["reportedBy"].clone());
            whole["provinces"].as_array().unwrap().iter().map(province).collect::<Vec<_>>()
        };
        let (reported, current) = (shown("asReported").await, shown("current").await);
        assert_eq!(provinces(&reported), [
            (json!("01"), json!(["01"])), (json!("89"), json!(["89"])), (json!("91"), json!(["91"])),
        ]);
        assert_eq!(provinces(&current), [(json!("01"), json!(["01"])), (json!("91"), json!(["89", "91"]))]);
        let (an_giang, kien_giang) = (
            json!({"province": "89", "name": "Tỉnh An Giang", "validFrom": "2004-07-08"}),
            json!({"province": "91", "name": "Tỉnh Kiên Giang", "validFrom": "2004-07-08"}),
        );
        assert_eq!(reported["provinces"][2]["reporters"], json!([kien_giang]));
        assert_eq!(current["provinces"][1]["reporters"], json!([an_giang, kien_giang]), "by code, name and first day");
        for member in ["indicators", "sources"] {
            assert_eq!(reported[member], current[member], "{member}");
        }
        // Who is missing is told, with the province that now lacks it.
        let missing = json!({"province": "93", "name": "Tỉnh Hậu Giang", "validFrom": "2004-07-08"});
        let mut shown_in = missing.clone();
        shown_in["shownIn"] = json!({"province": "92", "name": "Thành phố Cần Thơ", "validFrom": AFTER});
        assert_eq!((&reported["missing"], &current["missing"]), (&json!([missing]), &json!([shown_in])));
        // The sums over the provinces of either order are equal, indicator by indicator, and none of them is nothing.
        let totals = reported["indicators"].as_array().unwrap();
        assert_eq!(totals.len(), 40);
        for total in totals {
            let code = total["code"].as_str().unwrap();
            let number = |figure: &Value, member: &str| figure[member].as_str().map(|text| text.replace('.', "").parse::<i64>().unwrap());
            let members: &[&str] = if total["numerator"].is_null() { &["value"] } else { &["numerator", "denominator"] };
            for member in members {
                let of = |whole: &Value| {
                    let of = |one: &Value| number(figure(one, code), member).unwrap_or_else(|| panic!("{code} {member} of {one}"));
                    whole["provinces"].as_array().unwrap().iter().map(of).collect::<Vec<i64>>()
                };
                let (apart, together) = (of(&reported), of(&current));
                assert!(apart.iter().all(|one| *one != 0), "{code} {member}: {apart:?}");
                assert_eq!(together, [apart[0], apart[1] + apart[2]], "{code} {member}");
                assert_eq!(number(total, member), Some(apart.iter().sum()), "{code} {member}");
            }
        }
        let an_giang = &current["provinces"][1];
        assert_eq!(figure(an_giang, "revenue")["value"], "290");
        assert_eq!(figure(an_giang, "pilots_good_share")["value"], "60.00", "3 ÷ 5, not the mean of 33 % and 100 %");
        assert_eq!((&an_giang["name"], &an_giang["validFrom"]), (&json!("Tỉnh An Giang"), &json!(AFTER)));
        assert_eq!(reported["provinces"][2]["name"], "Tỉnh Kiên Giang", "the same code, another unit");
        assert_eq!(provinces(&shown("2025-06-30").await), provinces(&reported));
        assert_eq!(provinces(&shown("2025-07-01").await), provinces(&current));
        let wrong = ministry.get("/v1/aggregates?period=2023&tree=yesterday").await;
        assert_eq!(wrong.faults(), ["#tree wrong_pattern"]);
        ministry.get("/v1/aggregates?period=2023&tree=2023-02-30").await.refused(400, "invalid_query");
        // The lead agency of the merged province reaches both reports.
        let own = after.someone(Role::LeadAgency, "91").get("/v1/aggregates?period=2023&by=province&tree=current").await.ok();
        assert_eq!(provinces(&own), [(json!("91"), json!(["89", "91"]))]);
    }
}

async fn owed(world: &World, period: &str, level: &str) -> Vec<Value> {
    let path = format!("/v1/reporting-obligations?period={period}");
    let all = world.someone(Role::Ministry, "").get(&path).await.ok();
    all["items"].as_array().unwrap().iter().filter(|one| one["level"] == level).cloned().collect()
}

scenario! {
    /// After the reform nobody owes a district report; what the districts left is owed by their successors.
    async fn duties_follow_the_reform(world) {
        for province in ["89", "91"] {
            world.given_plan(province).await;
        }
        let after = world.another_day("2026-01-15").await;
        let districts = owed(&after, "2025S1", "locality").await;
        assert_eq!(districts.len(), 11, "the data closed under districts, on 14 June");
        let long_xuyen = districts.iter().find(|one| one["unit"] == "883").unwrap();
        assert_eq!(long_xuyen["successor"], json!({
            "id": "0197c348-8800-7010-8000-000000030307", "name": "Ủy ban nhân dân phường Long Xuyên", "fromDate": AFTER,
        }));
        assert!(districts.iter().all(|one| one["successor"]["fromDate"] == AFTER));
        for period in ["2025S2", "2025"] {
            let communes = owed(&after, period, "locality").await;
            assert_eq!(communes.len(), 102, "{period}");
            assert!(communes.iter().all(|one| one["unit"].as_str().unwrap().len() == 5 && one.get("successor").is_none()));
            let provinces = owed(&after, period, "province").await;
            assert_eq!((provinces.len(), &provinces[0]["province"]), (1, &json!("91")), "one plan in force, one report");
        }
        // An Giang's department of planning and Kiên Giang's, both followed by one department of finance.
        let provinces = owed(&after, "2023", "province").await;
        assert_eq!(provinces.len(), 2);
        assert!(provinces.iter().all(|one| one["successor"]["name"] == "Sở Tài chính tỉnh An Giang"));

        // The successor reports for the district, to the successor of the lead agency.
        let successor = after.someone(Role::Locality, "30307");
        let draft = successor.post("/v1/periodic-reports", &json!({"period": "2025S1"})).await.created();
        assert_eq!((&draft["agency"], &draft["unit"]), (&json!("01776530-4c00-7010-8000-000000000883"), &json!("883")));
        let sibling = after.someone(Role::Locality, "30292");
        assert_eq!(sibling.get(&report_path(&draft)).await.status, 404);
        sibling.post("/v1/periodic-reports", &json!({"period": "2025S1"})).await.refused(409, "no_reporting_duty");
        successor.step(&report_path(&draft), "submissions", &signed_off("2025-07-05")).await.ok();
        let lead = after.someone(Role::LeadAgency, "91");
        lead.step(&report_path(&draft), "acceptances", &json!({})).await.ok();
        // For 2023 it stands for two obligors and must say which.
        let named = lead.post("/v1/periodic-reports", &json!({"period": "2023"})).await;
        assert_eq!((named.status, named.faults()), (400, vec!["/agency obligor_to_name".to_owned()]));
        let body = json!({"period": "2023", "agency": lead_agency("89")});
        let of_89 = lead.post("/v1/periodic-reports", &body).await.created();
        assert_eq!((&of_89["agency"], &of_89["province"]), (&json!(lead_agency("89")), &json!("89")));
        let etag = lead.get(&report_path(&of_89)).await.ok_etag();
        lead.seen(&etag).patch(&report_path(&of_89), &json!({"agency": lead_agency("91")})).await.refused(400, "cannot_change");
        let stranger = json!({"period": "2023", "agency": lead_agency("01")});
        lead.post("/v1/periodic-reports", &stranger).await.refused(409, "no_reporting_duty");
        // A commune reports on its own year.
        let own = after.someone(Role::Locality, "30307").post("/v1/periodic-reports", &json!({"period": "2025"})).await.created();
        assert_eq!((&own["unit"], &own["province"]), (&json!("30307"), &json!("91")));
        after.someone(Role::Locality, "30307").step(&report_path(&own), "submissions", &signed_off("2025-12-16")).await.ok();
        lead.step(&report_path(&own), "acceptances", &json!({})).await.ok();
    }
}

scenario! {
    /// A plan approved before the reform is led by the successor of the agency that it names.
    async fn the_successor_of_the_lead_agency_leads_its_plan(world) {
        let draft = world.given_plan_draft("89").await;
        let (march, july) = (world.another_day("2025-03-01").await, world.another_day(AFTER).await);
        let quota = async |client: &Client, quota: u32| {
            let etag = client.get(&plan_path(&draft)).await.ok_etag();
            client.seen(&etag).patch(&plan_path(&draft), &json!({"pilotQuota": quota})).await
        };
        // From March the department of finance, from July that of the merged province.
        assert_eq!(march.someone(Role::LeadAgency, "89").get("/v1/me").await.ok()["unit"], "89");
        quota(&march.someone(Role::LeadAgency, "89"), 4).await.ok();
        quota(&july.someone(Role::LeadAgency, "91"), 3).await.ok();
        let kien_giang = march.someone(Role::LeadAgency, "91");
        kien_giang.get(&plan_path(&draft)).await.refused(404, "not_found");
        july.someone(Role::PeoplesCommittee, "91").step(&plan_path(&draft), "approvals", &json!({})).await.ok();
        let agency = july.someone(Role::LeadAgency, "91").get(&format!("/v1/agencies/{}", lead_agency("89"))).await.ok();
        assert_eq!((&agency["validTo"], &agency["successor"]["name"]), (&json!("2025-02-28"), &json!("Sở Tài chính tỉnh An Giang")));
        let count = async |query: &str| july.someone(Role::Ministry, "").get(&format!("/v1/agencies?count=exact&{query}")).await.ok()["count"].clone();
        assert_eq!(count("kind=locality").await, 102);
        assert_eq!(count("kind=peoples-committee").await, 34);
        assert_eq!(count(&format!("kind=peoples-committee&at={BEFORE}")).await, 63);
    }
}

scenario! {
    /// A record that was moved to the merged province is led by who led the province it came from; its own plan comes first.
    async fn a_plan_leads_on_in_the_province_that_took_its_own_over(world) {
        let lead_in = async |province: &str| {
            let reader = world.sarus.store.reader();
            let lead = sarus::store::provincial_plans::lead_agency(reader, province, "QD167-2021-2025").await.unwrap();
            lead.map(|agency| json!(agency.to_string()))
        };
        assert_eq!(lead_in("91").await, None);
        let an_giang = world.given_plan("89").await;
        assert_eq!(lead_in("89").await.as_ref(), Some(&an_giang["leadAgency"]));
        assert_eq!(lead_in("91").await.as_ref(), Some(&an_giang["leadAgency"]));
        assert_eq!(lead_in("01").await, None);
        let kien_giang = world.given_plan("91").await;
        assert_ne!(kien_giang["leadAgency"], an_giang["leadAgency"]);
        assert_eq!(lead_in("91").await.as_ref(), Some(&kien_giang["leadAgency"]));
        assert_eq!(lead_in("89").await.as_ref(), Some(&an_giang["leadAgency"]));
    }
}

scenario! {
    /// Sums and lists of what provinces add read a code on a day, as every list does: 91 is Kiên Giang before the reform, and
    /// after it An Giang with all that both had.
    async fn sums_and_additions_read_a_code_on_a_day(world) {
        for province in ["89", "91"] {
            world.given_plan(province).await;
        }
        // Of the ward Phú Long, which became part of Phú Lâm.
        let applicant = world.given_applicant("1600000001").await;
        let place = format!("/v1/cooperatives/{applicant}");
        let registrar = world.someone(Role::Locality, "888");
        registrar.seen(&registrar.get(&place).await.ok_etag()).patch(&place, &json!({"unit": "30418"})).await.ok();
        let application = world.given_application(&applicant).await;
        let decision = world.given_decision("2128/QĐ-UBND", &[application]).await;
        let pilots = format!("/v1/pilots?decision={}", decision["id"].as_str().unwrap());
        let pilot = world.someone(Role::LeadAgency, "89").get(&pilots).await.ok()["items"][0].clone();
        let plan = world.given_standing_plan().await;
        let mut part = crate::support::given_budget::entry(plan["estimateLines"][2]["id"].as_str().unwrap(), 5);
        part["pilot"] = pilot["id"].clone();
        world.given_allocation(&plan, "1/QĐ-UBND", &[part]).await;
        world.given_consolidated_need(&pilot, &[needed("infrastructure", "investment", &[(2022, 40)])]).await;
        let lender = world.someone(Role::CooperativeAlliance, "89");
        lender.post("/v1/loans", &crate::support::given_improvement::new_loan(&pilot)).await.created();
        for (province, code) in [("89", "of_an_giang"), ("91", "of_kien_giang")] {
            let entry = json!({
                "list": "categories", "province": province, "code": code, "name": {"vi": "Của tỉnh", "en": "Of the province"},
                "validFrom": "2021-01-01", "legalBasis": "NQ 05/2021/NQ-HĐND",
            });
            world.someone(Role::LeadAgency, province).post("/v1/reference-entries", &entry).await.created();
            let mut variant = with_scales();
            (variant["code"], variant["province"]) = (json!(format!("TT01-2020-{province}")), json!(province));
            let first = variant["validFrom"].clone();
            let path = world.given_criteria_draft(&variant).await;
            let decision = json!({"validFrom": first, "activatedOn": "2022-01-10"});
            world.someone(Role::LeadAgency, province).step(&path, "activations", &decision).await.ok();
        }
        let after = world.another_day("2025-08-01").await;
        let ministry = after.someone(Role::Ministry, "");
        let million = |text: &Value| text.as_str().unwrap_or("0").parse::<i64>().unwrap() / 1_000_000;
        let budget = async |query: &str| {
            let sums = ministry.get(&format!("/v1/budget-summaries?{query}")).await.ok();
            [million(&sums["estimated"]), million(&sums["credit"]["loans"]["approved"])]
        };
        let needs = async |query: &str| million(&ministry.get(&format!("/v1/support-need-summaries?{query}")).await.ok()["total"]["requested"]);
        for (query, expected) in [
            ("province=91", [65_350, 1_500, 40]), ("province=91&at=2025-07-01", [65_350, 1_500, 40]),
            ("province=91&at=2025-06-30", [32_675, 0, 0]), ("province=89&at=2025-06-30", [32_675, 1_500, 40]),
            ("province=89", [32_675, 1_500, 40]), ("province=01&at=2025-06-30", [0, 0, 0]),
        ] {
            let [estimated, lent] = budget(query).await;
            assert_eq!([estimated, lent, needs(query).await], expected, "{query}");
        }
        let groups = async |query: &str| {
            let sums = ministry.get(&format!("/v1/budget-summaries?by=province{query}")).await.ok();
            let all = sums["budget"]["groups"].as_array().unwrap().clone();
            all.iter().map(|group| (group["key"].clone(), million(&group["estimated"]))).collect::<Vec<_>>()
        };
        assert_eq!(groups("").await, [(json!("91"), 23_350)]);
        assert_eq!(groups("&at=2025-06-30").await, [(json!("89"), 11_675), (json!("91"), 11_675)]);
        let by_unit = async |query: &str| {
            let needs = ministry.get(&format!("/v1/support-need-summaries?by=unit{query}")).await.ok();
            let sums = ministry.get(&format!("/v1/budget-summaries?by=unit{query}")).await.ok();
            let all = sums["budget"]["groups"].as_array().unwrap();
            let allocated = all.iter().find(|group| group["allocated"] == "5000000").unwrap();
            [needs["groups"][0]["key"].clone(), allocated["key"].clone()]
        };
        let both = |code: &str| [json!(code), json!(code)];
        let (then, now) = ("&at=2025-06-30", "");
        assert_eq!([by_unit(then).await, by_unit(now).await], [both("30418"), both("30421")]);
        let heir = after.someone(Role::Locality, "30421");
        heir.seen(&heir.get(&place).await.ok_etag()).patch(&place, &json!({"unit": "30421"})).await.ok();
        assert_eq!([by_unit(then).await, by_unit(now).await], [both("30418"), both("30421")], "also when it was moved");
        // What a province adds, on its own list, in its variant of the criteria and in the book of rules.
        let codes = async |path: &str, wanted: &str| {
            let all = ministry.get(path).await.ok()["items"].clone();
            let codes = all.as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap().to_owned());
            codes.filter(|code| code.contains(wanted)).collect::<Vec<_>>()
        };
        let of_book = async |query: &str| {
            let rating = ministry.get(&format!("/v1/rules/rating?{query}")).await.ok();
            let of: std::collections::BTreeSet<_> = rating["parameters"].as_array().unwrap().iter()
                .map(|one| one["of"].as_str().unwrap().to_owned()).filter(|of| of.starts_with("TT01-2020-")).collect();
            of.into_iter().collect::<Vec<_>>()
        };
        for (query, provinces) in [
            ("province=91&at=2025-06-30", vec!["91"]), ("province=89&at=2025-06-30", vec!["89"]),
            ("province=91&at=2025-07-01", vec!["89", "91"]), ("province=01&at=2025-06-30", vec![]),
        ] {
            let variants: Vec<_> = provinces.iter().map(|code| format!("TT01-2020-{code}")).collect();
            assert_eq!(codes(&format!("/v1/criteria-sets?{query}"), "TT01-2020-").await, variants, "{query}");
            assert_eq!(of_book(query).await, variants, "{query}");
            let names = HashMap::from([("89", "of_an_giang"), ("91", "of_kien_giang")]);
            let own: Vec<_> = provinces.iter().map(|code| names[code].to_owned()).collect();
            let list = format!("/v1/reference-entries?list=categories&limit=200&{query}");
            assert_eq!(codes(&list, "_giang").await, own, "{query}");
            assert!(codes(&list, "recurrent_support").await.len() == 1, "entries of the whole country serve everybody");
        }
    }
}
