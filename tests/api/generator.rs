//! The generated country: the same for the same seed, whole or not at all, and readable through the API.

use sarus::domain::role::Role;
use sarus::store::generator::{self, Size};
use sarus::store::{Store, StoreError};
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::given_reports::value;
use crate::support::world::World;

const SIZE: Size = Size { seed: 42, cooperatives: 250, years: 1 };

async fn given_country(world: &World) {
    generator::fill(&world.sarus.store, SIZE, &mut |_, _, _| {}).await.unwrap();
}

async fn count(client: &Client, list: &str) -> u64 {
    let query = if list.contains('?') { "&" } else { "?" };
    client.get(&format!("{list}{query}limit=1&count=exact")).await.ok()["count"].as_u64().unwrap()
}

fn sum(figures: &Value, member: &str) -> i64 {
    figures[member].as_str().unwrap().parse().unwrap()
}

scenario! {
    async fn a_country_is_plausible_and_its_reports_are_what_the_records_say(world) {
        let mut told = Vec::new();
        generator::fill(&world.sarus.store, SIZE, &mut |what, done, all| told.push((what.to_owned(), done, all))).await.unwrap();
        assert!(told.contains(&("cooperatives".to_owned(), 250, 250)), "{told:?}");
        assert!(told.iter().all(|(_, done, all)| done <= all));
        let ministry = world.someone(Role::Ministry, "");
        assert_eq!(count(&ministry, "/v1/cooperatives").await, 250);
        // A year of all, and the entry evaluation of the pilots.
        let pilots = count(&ministry, "/v1/pilots").await;
        assert!((150..=250).contains(&pilots), "{pilots}");
        assert_eq!(count(&ministry, "/v1/evaluations").await, 250 + pilots);
        assert_eq!(count(&ministry, "/v1/budget-allocations").await, 83);
        assert_eq!(count(&ministry, "/v1/provincial-plans").await, 63);
        for period in ["2021S1", "2021S2", "2021"] {
            let owed = format!("/v1/report-completeness?period={period}");
            let complete = ministry.get(&owed).await.ok();
            assert_eq!(complete["total"]["expected"], complete["total"]["accepted"], "{period} {complete}");
            assert!(complete["total"]["expected"].as_u64().unwrap() >= 63 + 690, "{period}");
        }
        // The report of a province says what its lead agency would compute from the records now.
        let lead = world.someone(Role::LeadAgency, "89");
        let path = "/v1/periodic-reports?period=2021&level=province&authoritative=true&province=89";
        let report = lead.get(path).await.ok()["items"][0].clone();
        let etag = lead.get(&format!("/v1/periodic-reports/{}", report["id"].as_str().unwrap())).await.ok_etag();
        let revise = format!("/v1/periodic-reports/{}/revisions", report["id"].as_str().unwrap());
        let revised = lead.seen(&etag).post(&revise, &json!({"reason": "Kiểm tra"})).await.ok();
        let draft = lead.get(&format!("/v1/periodic-reports/{}", revised["next"].as_str().unwrap())).await.ok();
        assert_eq!(draft["delta"], json!([]));
        // Never more paid out than allocated, never more allocated than estimated.
        let budget = ministry.get("/v1/budget-summaries?by=province").await.ok()["budget"]["total"].clone();
        let [estimated, allocated, disbursed] = ["estimated", "allocated", "disbursed"].map(|member| sum(&budget, member));
        assert!(estimated > allocated && allocated > disbursed && disbursed > 0, "{budget}");
        let aggregate = ministry.get("/v1/aggregates?period=2021&by=province").await.ok();
        assert_eq!((aggregate["sources"].as_array().unwrap().len(), &aggregate["missing"]), (63, &json!([])));
        assert_eq!(value(&aggregate, "pilots_active"), pilots.to_string());
        // What was made can be opened: a pilot's plan and its progress, an evaluation and its explanation.
        let plan = ministry.get("/v1/improvement-plans?limit=1").await.ok()["items"][0].clone();
        for bound in ["signature", "approval"] {
            assert_eq!(plan[bound]["contentHash"], plan["contentHash"], "{bound} is bound to what the plan says");
        }
        let plan = plan["id"].as_str().unwrap();
        ministry.get(&format!("/v1/improvement-plans/{plan}/progress")).await.ok();
        let evaluation = ministry.get("/v1/evaluations?limit=1").await.ok()["items"][0].clone();
        assert_eq!(evaluation["scores"].as_array().unwrap().len(), 23);
    }
}

scenario! {
    /// Whoever ends with the reform of July 2025 has an heir, who acts for what it left; districts owe nothing any more.
    async fn the_agencies_of_the_country_go_over_the_reform(world) {
        given_country(&world).await;
        let ministry = world.someone(Role::Ministry, "");
        let all = async |query: &str| {
            let lines = ministry.with("accept", "application/x-ndjson").get(&format!("/v1/agencies?{query}")).await.text;
            lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect::<Vec<_>>()
        };
        let ended = all("kind=locality&at=2025-06-30").await;
        assert!(ended.len() > 690, "{}", ended.len());
        assert!(ended.iter().all(|agency| agency["successor"]["fromDate"] == "2025-07-01"), "a district without an heir");
        let departments = all("kind=line-department&at=2025-06-30").await;
        assert!(departments.iter().all(|agency| agency.get("validTo").is_none() || agency["successor"]["id"].is_string()));
        let heirs = all("kind=locality&at=2025-07-01").await;
        assert!(heirs.iter().all(|agency| agency["unit"].as_str().unwrap().len() == 5), "a locality is a commune now");
        // A district of Hà Nội with cooperatives, and who acts for it: nobody else of the city sees them.
        let world = world.another_day("2025-08-01").await;
        let district = ended.iter().find(|agency| agency["unit"] == "001").unwrap();
        let heir = world.agent(Role::Locality, district["successor"]["id"].as_str().unwrap().parse().unwrap(), "heir");
        let mut seen = 0;
        for one in ended.iter().filter(|agency| agency["province"] == "01") {
            let heir = world.agent(Role::Locality, one["successor"]["id"].as_str().unwrap().parse().unwrap(), "heir");
            let of_unit = count(&heir, &format!("/v1/cooperatives?unit={}", one["unit"].as_str().unwrap())).await;
            assert!(count(&heir, "/v1/cooperatives").await >= of_unit);
            seen += of_unit;
        }
        let city = world.someone(Role::LeadAgency, "01");
        assert_eq!(seen, count(&city, "/v1/cooperatives").await, "each cooperative has one locality that acts for it");
        let owed = heir.get("/v1/reporting-obligations?period=2025").await.ok();
        assert!(owed["items"].as_array().unwrap().iter().all(|one| one["unit"].as_str().unwrap().len() == 5), "{owed}");
    }
}

scenario! {
    async fn records_are_never_mixed_with_made_up_ones(world) {
        world.given_plan("89").await;
        let refused = generator::fill(&world.sarus.store, SIZE, &mut |_, _, _| {}).await;
        assert!(matches!(refused, Err(StoreError::Stale)));
        let ministry = world.someone(Role::Ministry, "");
        assert_eq!(count(&ministry, "/v1/cooperatives").await, 0);
        assert_eq!(count(&ministry, "/v1/provincial-plans").await, 1);
    }
}

scenario! {
    /// All lists are read to their last page, each row once.
    async fn lists_are_read_to_their_end(world) {
        given_country(&world).await;
        let ministry = world.someone(Role::Ministry, "");
        for list in ["/v1/cooperatives", "/v1/periodic-reports?period=2021", "/v1/evaluations?year=2021"] {
            let all = count(&ministry, list).await;
            let query = if list.contains('?') { "&" } else { "?" };
            let (mut next, mut seen) = (format!("{list}{query}limit=200"), std::collections::BTreeSet::new());
            loop {
                let page = ministry.get(&next).await.ok();
                seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
                let Some(link) = page["links"]["next"].as_str() else { break };
                next = link.to_owned();
            }
            assert_eq!(seen.len() as u64, all, "{list}");
            let lines = ministry.with("accept", "application/x-ndjson").get(list).await;
            assert_eq!(lines.text.lines().count() as u64, all, "{list}");
        }
    }
}

#[actix_web::test]
async fn the_same_seed_makes_the_same_country() {
    let folder = tempfile::tempdir().unwrap();
    let mut digests = Vec::new();
    for (name, seed) in [("a", 7), ("b", 7), ("c", 8)] {
        let store = Store::connect(&format!("sqlite://{}/{name}.db", folder.path().display())).await.unwrap();
        store.migrate().await.unwrap();
        let size = Size { seed, cooperatives: 70, years: 1 };
        generator::fill(&store, size, &mut |_, _, _| {}).await.unwrap();
        let world = World::open(store).await;
        let ministry = world.someone(Role::Ministry, "");
        let aggregate = ministry.get("/v1/aggregates?period=2021&by=province").await.ok();
        let cooperatives = ministry.with("accept", "application/x-ndjson").get("/v1/cooperatives").await.text;
        digests.push((aggregate["digest"].clone(), cooperatives));
    }
    assert_eq!(digests[0], digests[1]);
    assert_ne!(digests[0].0, digests[2].0);
}

scenario! {
    /// Over the records of a country every sum is the same in the provinces of before and after the reform, and of the whole.
    async fn a_merge_changes_no_sum_over_records(world) {
        given_country(&world).await;
        let ministry = world.someone(Role::Ministry, "");
        let shown = async |tree: &str| ministry.get(&format!("/v1/record-aggregates?period=2021{tree}")).await.ok();
        let (before, after) = (shown("").await, shown("&tree=2025-07-01").await);
        let count = |whole: &Value| whole["provinces"].as_array().unwrap().len();
        assert_eq!((count(&before), count(&after)), (63, 34));
        assert_eq!(before["indicators"], after["indicators"]);
        let mut found = 0;
        for total in before["indicators"].as_array().unwrap() {
            let code = total["code"].as_str().unwrap();
            let members: &[&str] = if total["numerator"].is_null() { &["value"] } else { &["numerator", "denominator"] };
            for member in members {
                let number = |figure: &Value| figure[member].as_str().map(|text| text.replace('.', "").parse::<i64>().unwrap());
                let of = |one: &Value| {
                    let figures = one["indicators"].as_array().unwrap();
                    figures.iter().find(|figure| figure["code"] == code).and_then(number)
                };
                let sum = |whole: &Value| whole["provinces"].as_array().unwrap().iter().filter_map(of).sum::<i64>();
                assert_eq!((sum(&before), sum(&after)), (number(total).unwrap_or_default(), number(total).unwrap_or_default()), "{code} {member}");
                found += usize::from(number(total).is_some_and(|number| number != 0));
            }
        }
        assert!(found >= 25, "{found}");
        assert_ne!(value(&before, "pilots_supported"), "-");
    }
}
