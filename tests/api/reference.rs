//! Reference data: what ships, by code and by day.

use sarus::domain::role::Role;
use serde_json::{Value, json};

fn texts(page: &Value, member: &str) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|item| item[member].as_str().unwrap().to_owned()).collect()
}

scenario! {
    async fn the_scheme_ships_with_all_its_parts(world) {
        let anyone = world.someone(Role::Oversight, "89");
        let scheme = anyone.get("/v1/schemes/QD167-2021-2025").await.ok();
        assert_eq!(anyone.get("/v1/schemes").await.ok()["items"], json!([scheme]));
        let count = |member: &str| scheme[member].as_array().unwrap().len();
        assert_eq!(["models", "phases", "mandatory", "priority", "dossier"].map(count), [12, 3, 5, 15, 3]);
        assert_eq!((&scheme["pilotQuota"], &scheme["entryPoints"], &scheme["exitPoints"]), (&json!(5), &json!("65.00"), &json!("80.00")));
        anyone.get("/v1/schemes/QD999").await.refused(404, "not_found");
        anyone.get("/v1/schemes/bad%20code").await.refused(404, "not_found");
        let etag = anyone.get("/v1/schemes/QD167-2021-2025").await.ok_etag();
        assert_eq!(anyone.with("if-none-match", &etag).get("/v1/schemes/QD167-2021-2025").await.status, 304);
        world.stranger().get("/v1/schemes").await.refused(401, "unauthenticated");
    }
}

scenario! {
    /// Golden case 8: the code 91 on 30 June and on 1 July 2025.
    async fn a_code_means_what_it_meant_on_the_day(world) {
        let anyone = world.someone(Role::Ministry, "");
        let name = async |code: &str, at: &str| {
            anyone.get(&format!("/v1/administrative-units/{code}?at={at}")).await.ok()["name"].as_str().unwrap().to_owned()
        };
        assert_eq!(name("91", "2025-06-30").await, "Tỉnh Kiên Giang");
        assert_eq!(name("91", "2025-07-01").await, "Tỉnh An Giang");
        assert_eq!(name("89", "2021-09-15").await, "Tỉnh An Giang");
        assert_eq!(name("890", "2021-09-15").await, "Huyện Tịnh Biên");
        assert_eq!(name("890", "2023-04-10").await, "Thị xã Tịnh Biên");
        anyone.get("/v1/administrative-units/89?at=2025-07-01").await.refused(404, "not_found");
        anyone.get("/v1/administrative-units/90?at=2021-09-15").await.refused(404, "not_found");
        anyone.get("/v1/administrative-units/abc").await.refused(404, "not_found");
        assert_eq!(anyone.get("/v1/administrative-units/89?at=yesterday").await.faults(), ["#at wrong_format"]);
    }
}

scenario! {
    async fn sixty_three_provinces_until_the_reform_and_eleven_districts_of_an_giang(world) {
        let anyone = world.someone(Role::Ministry, "");
        let count = async |query: &str| anyone.get(&format!("/v1/administrative-units?count=exact&{query}")).await.ok()["count"].clone();
        assert_eq!(count("at=2021-09-15&level=province").await, 63);
        assert_eq!(count("at=2025-06-30&level=province").await, 63);
        assert_eq!(count("at=2025-07-01&level=province").await, 34);
        assert_eq!(count("at=2025-07-01&level=district").await, 0);
        let districts = anyone.get("/v1/administrative-units?at=2021-09-15&parent=89").await.ok();
        let codes = ["883", "884", "886", "887", "888", "889", "890", "891", "892", "893", "894"];
        assert_eq!(texts(&districts, "code"), codes);
        let mut path = "/v1/administrative-units?at=2021-09-15&level=province&limit=20".to_owned();
        let mut seen = Vec::new();
        loop {
            let page = anyone.get(&path).await.ok();
            seen.extend(texts(&page, "code"));
            let Some(next) = page["links"]["next"].as_str() else { break };
            path = next.to_owned();
        }
        assert_eq!(seen.len(), 63);
        assert!(seen.is_sorted());
        let lines = anyone.with("accept", "application/x-ndjson").get("/v1/administrative-units?at=2021-09-15").await;
        assert_eq!(lines.text.lines().count(), 63 + 696 + 10_035);
        assert_eq!(anyone.get("/v1/administrative-units?level=village").await.faults(), ["#level not_in_enum"]);
    }
}

scenario! {
    async fn agencies_are_found_by_what_they_do_where_and_when(world) {
        let anyone = world.someone(Role::Locality, "888");
        let lead = anyone.get("/v1/agencies?kind=lead-agency&unit=89").await.ok();
        assert_eq!(texts(&lead, "name"), ["Sở Kế hoạch và Đầu tư tỉnh An Giang"]);
        let id = lead["items"][0]["id"].as_str().unwrap();
        assert_eq!(anyone.get(&format!("/v1/agencies/{id}")).await.ok(), lead["items"][0]);
        assert_eq!(texts(&anyone.get("/v1/agencies?kind=lead-agency&unit=83").await.ok(), "name"), ["Liên minh Hợp tác xã tỉnh Bến Tre"]);
        assert_eq!(texts(&anyone.get("/v1/agencies?kind=ministry").await.ok(), "name"), ["Bộ Kế hoạch và Đầu tư"]);
        let count = async |query: &str| anyone.get(&format!("/v1/agencies?count=exact&{query}")).await.ok()["count"].clone();
        assert_eq!(count("kind=locality").await, 11);
        assert_eq!(count("kind=peoples-committee").await, 63);
        assert_eq!(count("kind=line-department&unit=89").await, 4);
        assert_eq!(count("kind=lead-agency&unit=89&at=2021-02-02").await, 0);
        anyone.get("/v1/agencies/01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d").await.refused(404, "not_found");
        assert_eq!(anyone.get("/v1/agencies?kind=boss").await.faults(), ["#kind not_in_enum"]);
    }
}

scenario! {
    async fn the_lists_ship_with_their_names_dates_and_legal_basis(world) {
        let anyone = world.someone(Role::LeadAgency, "89");
        let list = async |query: &str| anyone.get(&format!("/v1/reference-entries?limit=200&{query}")).await.ok();
        for (name, entries) in [
            ("models", 12), ("budget_levels", 4), ("natures", 4), ("sources", 11), ("categories", 3),
            ("support_kinds", 14), ("priority_conditions", 15), ("indicators", 40),
        ] {
            assert_eq!(texts(&list(&format!("list={name}")).await, "code").len(), entries, "{name}");
        }
        let categories = list("list=categories").await;
        let codes = ["infrastructure_and_processing", "preferential_credit_and_fund", "recurrent_support"];
        assert_eq!(texts(&categories, "code"), codes);
        assert_eq!(categories["items"][1]["name"]["vi"], "Hỗ trợ tiếp cận vốn ưu đãi và Quỹ hỗ trợ phát triển HTX");
        // No district budget after the districts; sources of An Giang's own are no other province's.
        assert_eq!(texts(&list("list=budget_levels&at=2025-07-01").await, "code"), ["central", "provincial", "none"]);
        assert_eq!(texts(&list("list=sources&province=01").await, "code").len(), 8);
        assert_eq!(texts(&list("list=sources&province=89").await, "code").len(), 11);
        let share = list("list=indicators").await["items"].as_array().unwrap().iter()
            .find(|entry| entry["code"] == "pilots_good_share").unwrap()["attributes"].clone();
        assert_eq!((&share["overUnits"], &share["overTime"], &share["frequency"]), (&json!("ratio"), &json!("latest"), &json!("annual")));
    }
}
