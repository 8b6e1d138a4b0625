//! The classes of a cooperative, by the rules of the day.

use sarus::domain::role::Role;
use serde_json::{Value, json};

fn class(classification: &Value, dimension: &str) -> Value {
    let classes = classification["classes"].as_array().unwrap();
    classes.iter().find(|one| one["dimension"] == dimension).unwrap().clone()
}

scenario! {
    async fn the_day_chooses_the_rule_and_the_answer_names_it(world) {
        let id = world.given_cooperative("888", "0100233488").await["id"].as_str().unwrap().to_owned();
        let (own, officer) = (world.cooperative(&id), world.someone(Role::Locality, "888"));
        let put = async |client: &crate::support::client::Client, year: u16, figures: Value| {
            client.with("if-none-match", "*").put(&format!("/v1/cooperatives/{id}/annual-figures/{year}"), &figures).await.created();
        };
        put(&own, 2020, json!({"status": "final", "members": 301, "totalCapital": "4999999999", "memberSupply": "production"})).await;
        put(&officer, 2020, json!({"status": "final", "members": 300})).await;
        put(&own, 2023, json!({"status": "final", "members": 350, "revenue": "40000000000", "totalCapital": "9000000000"})).await;

        let path = format!("/v1/cooperatives/{id}/classification");
        let then = own.get(&format!("{path}?at=2021-09-15")).await.ok();
        assert_eq!((&then["year"], &then["status"], &then["field"]), (&json!(2020), &json!("final"), &json!("agriculture")));
        let members = class(&then, "members");
        assert_eq!((&members["class"], &members["rule"]["legalBasis"]), (&json!("small"), &json!("01/2020/TT-BKHĐT, Điều 4")));
        let used = json!([{"figure": "members", "year": 2020, "basis": "verified", "value": "300", "recordedBy": "locality@888"}]);
        assert_eq!(members["figures"], used);
        assert_eq!((&class(&then, "capital")["class"], &class(&then, "supply")["class"]), (&json!("small"), &json!("production")));
        assert_eq!(members["inputs"], json!([{"name": "members.2020", "value": "300", "basis": "verified"}]));
        assert_eq!(members["explanation"]["en"], "Small by members — members of 2020: 300 (01/2020/TT-BKHĐT, Điều 4).");
        let supply = class(&then, "supply");
        assert_eq!(supply["inputs"], json!([{"name": "memberSupply.2020", "value": "production", "basis": "declared"}]));
        let no_rule = json!({
            "ruleId": "classification", "dimension": "size", "outcome": "no_rule", "figures": [], "inputs": [], "missing": [],
            "legalBasis": "113/2024/NĐ-CP",
            "explanation": {
                "vi": "Ngày 2021-09-15 không có quy tắc phân loại theo quy mô trong lĩnh vực hoạt động có hiệu lực; 113/2024/NĐ-CP có hiệu lực từ 2024-11-01.",
                "en": "No rule that classes by size within the field of activity is in force on 2021-09-15; 113/2024/NĐ-CP is in force from 2024-11-01.",
            },
        });
        assert_eq!(class(&then, "size"), no_rule);
        assert_eq!(class(&then, "trade")["outcome"], "missing");

        let now = own.get(&format!("{path}?at=2024-11-01")).await.ok();
        let size = class(&now, "size");
        assert_eq!((&size["outcome"], &size["class"], &size["rule"]["code"]), (&json!("classified"), &json!("medium"), &json!("ND113-2024.size")));
        assert_eq!(class(&now, "members")["outcome"], "no_rule");
        // Whom Circular 01/2020 leaves out has no class under its rules; the decree's size is another matter.
        let mut fund = crate::support::world::new_cooperative("888", "0100233495");
        (fund["industryCode"], fund["field"]) = (json!("6419"), json!("non_agriculture"));
        let fund = officer.post("/v1/cooperatives", &fund).await.created();
        let of_fund = officer.get(&format!("/v1/cooperatives/{}/classification?at=2021-09-15", fund["id"].as_str().unwrap())).await.ok();
        for dimension in ["supply", "members", "capital", "trade"] {
            let told = class(&of_fund, dimension);
            assert_eq!((&told["outcome"], &told["industryCode"]), (&json!("outside_rule"), &json!("6419")), "{dimension}");
            assert!(told.get("class").is_none() && told["rule"]["code"].as_str().unwrap().starts_with("TT01-2020."), "{told}");
        }
        let kept = json!({"kind": "classification", "of": fund["id"], "at": "2021-09-15"});
        assert_eq!(world.someone(Role::LeadAgency, "89").post("/v1/determinations", &kept).await.created()["overall"], "outside_rule");
        let activity = json!([{"name": "industryCode", "value": "6419"}]);
        assert_eq!((&class(&of_fund, "trade")["inputs"], &class(&of_fund, "trade")["missing"]), (&activity, &json!([])));
        // The figures of another year, when they are asked for.
        let asked = own.get(&format!("{path}?at=2024-11-01&year=2020")).await.ok();
        assert_eq!((&asked["year"], &class(&asked, "size")["outcome"]), (&json!(2020), &json!("missing")));
        assert_eq!(class(&asked, "size")["figures"].as_array().unwrap().len(), 3);
        let none = own.get(&format!("{path}?at=2019-06-30")).await.ok();
        assert!(none.get("status").is_none() && none["classes"].as_array().unwrap().iter().all(|one| one["outcome"] == "no_rule"));
        own.get(&path).await.ok();
        // What is missing is named by its member and in words, in the answer and in what is kept.
        let unknown = own.get(&format!("{path}?at=2022-09-15")).await.ok();
        for (dimension, member, article) in [
            ("supply", "memberSupply", "01/2020/TT-BKHĐT, Điều 3"),
            ("members", "members", "01/2020/TT-BKHĐT, Điều 4"),
            ("capital", "totalCapital", "01/2020/TT-BKHĐT"),
            ("trade", "industryCode", "01/2020/TT-BKHĐT; 27/2018/QĐ-TTg"),
        ] {
            let told = class(&unknown, dimension);
            assert_eq!((&told["outcome"], &told["legalBasis"]), (&json!("missing"), &json!(article)), "{told}");
            assert_eq!(told["missing"][0]["member"], member, "{told}");
            assert_eq!(told["missing"].as_array().unwrap().len(), 1, "{told}");
            let year = told["missing"][0].get("year").cloned().unwrap_or_default();
            assert_eq!(year, if member == "industryCode" { json!(null) } else { json!(2021) }, "{told}");
            for language in ["vi", "en"] {
                assert!(told["explanation"][language].as_str().unwrap().contains(&format!("({member})")), "{told}");
            }
        }
        let asked = json!({"kind": "classification", "of": id, "at": "2022-09-15"});
        let kept = world.someone(Role::LeadAgency, "89").post("/v1/determinations", &asked).await.created();
        assert_eq!(kept["inputs"]["procedure"], "classification-2");
        let answers = kept["result"]["answers"].as_array().unwrap();
        let supply = answers.iter().find(|answer| answer["inputs"][0]["value"] == "supply").unwrap();
        assert_eq!(supply["explanation"], class(&unknown, "supply")["explanation"]);
        assert_eq!(supply["inputs"][1], json!({"name": "memberSupply.2021"}));
        assert_eq!(own.get(&format!("{path}?at=soon")).await.faults(), ["#at wrong_format"]);
        world.someone(Role::Locality, "883").get(&path).await.refused(404, "not_found");
    }
}
