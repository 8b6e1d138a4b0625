//! The rule book: complete, read on a day, and exercised by the tests that it names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sarus::domain::refusal::Rule;
use sarus::domain::role::Role;
use sarus::domain::rulebook::refusals;
use serde_json::{Value, json};

use crate::support::given_pilots::SCHEME;

async fn rule(client: &crate::support::client::Client, id: &str, query: &str) -> Value {
    client.get(&format!("/v1/rules/{id}{query}")).await.ok()
}

scenario! {
    async fn every_rule_is_listed_with_its_article_and_its_examples(world) {
        let anyone = world.someone(Role::Oversight, "89");
        let book = anyone.get("/v1/rules?at=2021-09-15").await.ok();
        let items = book["items"].as_array().unwrap();
        assert_eq!(book["at"], "2021-09-15");
        for refused in Rule::ALL {
            let found = items.iter().find(|rule| rule["id"] == refused.code()).unwrap();
            assert_eq!((&found["kind"], &found["legalBasis"]), (&json!("refusal"), &json!(refused.legal_basis())));
            assert!(found["citations"][0]["document"].is_string() && found["examples"][0]["given"]["vi"].is_string(), "{found}");
        }
        let deciding = anyone.get("/v1/rules?at=2021-09-15&kind=verdict").await.ok();
        assert!(deciding["items"].as_array().unwrap().iter().all(|rule| rule["kind"] == "verdict"));
        let profit = rule(&anyone, "condition_profit", "?at=2021-09-15").await;
        assert!(items.contains(&profit));
        let zero = profit["examples"].as_array().unwrap().iter().find(|example| example["given"]["en"] == "One year has a profit of zero.").unwrap();
        assert_eq!(zero["verdict"], "not_met");
        assert!(zero["explanation"]["en"].as_str().unwrap().contains("zero is not a profit"));
        anyone.get("/v1/rules/no_such_rule").await.refused(404, "not_found");
        anyone.get("/v1/rules?at=soon").await.refused(400, "invalid_query");
        world.stranger().get("/v1/rules").await.refused(401, "unauthenticated");
        let etag = anyone.get("/v1/rules?at=2021-09-15").await.ok_etag();
        assert_eq!(anyone.with("if-none-match", &etag).get("/v1/rules?at=2021-09-15").await.status, 304);
    }
}

scenario! {
    /// Parameters come from the data in force on the day, a province's own among them.
    async fn parameters_are_those_in_force_on_the_day(world) {
        let anyone = world.someone(Role::Ministry, "");
        let value = |rule: &Value, name: &str| {
            let found = rule["parameters"].as_array().unwrap().iter().find(|parameter| parameter["name"] == name);
            found.map(|parameter| (parameter["value"].clone(), parameter["of"].clone()))
        };
        let quota = rule(&anyone, "quota_exceeded", "?at=2021-09-15").await;
        assert_eq!((value(&quota, "pilotQuota"), &quota["status"]), (Some((json!("5"), json!(SCHEME))), &json!(409)));
        assert_eq!(value(&rule(&anyone, "quota_exceeded", "?at=2021-02-02").await, "pilotQuota"), None);
        let rating = rule(&anyone, "rating", "?at=2021-09-15").await;
        assert_eq!(value(&rating, "rating.good"), Some((json!("80.00"), json!("TT01-2020"))));

        world.given_plan("89").await;
        let body = json!({
            "province": "89", "scheme": SCHEME, "code": "T1", "kind": "evaluation", "text": {"vi": "Từ 70 điểm", "en": "70 points"},
            "parameters": {"evaluationYear": 2020, "minimumPoints": "70.00"}, "decisionNumber": "10/QĐ-UBND",
            "decisionDate": "2021-07-01", "article": "Điều 2", "validFrom": "2021-07-05",
        });
        let path = world.someone(Role::LeadAgency, "89").post("/v1/provincial-conditions", &body).await.location();
        world.someone(Role::PeoplesCommittee, "89").step(&path, "approvals", &json!({})).await.ok();
        let points = |rule: &Value| {
            let all = rule["parameters"].as_array().unwrap().iter().filter(|parameter| parameter["name"] == "minimumPoints");
            all.map(|parameter| (parameter["of"].as_str().unwrap().to_owned(), parameter["value"].as_str().unwrap().to_owned())).collect::<Vec<_>>()
        };
        let national = [("M5".to_owned(), "65.00".to_owned())];
        assert_eq!(points(&rule(&anyone, "condition_evaluation", "?at=2021-07-05").await), national);
        let own = rule(&anyone, "condition_evaluation", "?at=2021-07-05&province=89").await;
        assert_eq!(points(&own), [national[0].clone(), ("T1".to_owned(), "70.00".to_owned())]);
        assert_eq!(points(&rule(&anyone, "condition_evaluation", "?at=2021-07-04&province=89").await), national);
        // The page shows a province's own as the API does.
        let page = world.stranger().get("/docs/rules?at=2021-07-05&province=89").await.text;
        assert!(page.contains("<td>minimumPoints</td><td>70.00</td>") && page.contains("value=\"89\""));
        assert!(!world.stranger().get("/docs/rules?at=2021-07-05").await.text.contains("<td>70.00</td>"));
        // Sources have their nature by the list of sources.
        let nature = rule(&anyone, "credit_is_lent", "?at=2021-09-15").await;
        assert_eq!(value(&nature, "nature.preferential_credit_fund"), Some((json!("credit"), json!("sources"))));
        // A condition stays within what can be asked.
        let mut above = body.clone();
        (above["code"], above["parameters"]["minimumPoints"]) = (json!("T2"), json!("100.01"));
        let refused = world.someone(Role::LeadAgency, "89").post("/v1/provincial-conditions", &above).await;
        refused.refused(400, "condition_parameters");
        assert_eq!(refused.faults(), ["/parameters/minimumPoints condition_parameters"]);
    }
}

scenario! {
    /// Who may do what is a rule like any other: in the book, and told in words.
    async fn what_a_role_may_not_do_is_in_the_book(world) {
        let department = world.someone(Role::LineDepartment, "89");
        let refused = department.post("/v1/criteria-sets", &json!({})).await.refused(403, "forbidden");
        assert_eq!(refused["detail"], "Vai trò “sở chuyên ngành” không được làm việc này; việc này của: quản trị hệ thống.");
        let told = rule(&department, "forbidden", "").await;
        assert_eq!((&told["status"], &told["legalBasis"]), (&json!(403), &json!("2129/QĐ-UBND VII")));
        assert_eq!((&refused["rule"], &refused["legalBasis"]), (&told["id"], &told["legalBasis"]));
        assert_eq!((&told["examples"][0]["verdict"], &told["examples"][0]["given"]["vi"]), (&json!("forbidden"), &json!("Sở chuyên ngành nạp một bộ tiêu chí: từ chối.")));
        let inputs = json!({"role": "line-department", "permission": "criteria:load", "allowed": "administrator"});
        assert_eq!((&refused["inputs"], &told["inputs"]), (&inputs, &json!(["role", "permission", "allowed"])));
    }
}

scenario! {
    /// What refuses says which rule, under which article, on what; the rule is in the book, and on the page.
    async fn a_refusal_leads_to_its_rule_and_the_page_says_the_same(world) {
        let lead = world.someone(Role::LeadAgency, "89").with("accept-language", "en");
        let mut plan = crate::support::given_plans::new_plan("89");
        plan["pilotQuota"] = json!(6);
        let refused = lead.post("/v1/provincial-plans", &plan).await.refused(400, "quota_above_scheme");
        assert!(refused["detail"].as_str().unwrap().contains('6') && refused["detail"].as_str().unwrap().contains('5'), "{refused}");
        let found = rule(&lead, refused["rule"].as_str().unwrap(), "").await;
        assert_eq!((&found["id"], &found["legalBasis"]), (&refused["code"], &refused["legalBasis"]));
        // What the protocol refuses has no article.
        assert!(lead.post("/v1/provincial-plans", &json!({})).await.refused(400, "invalid_body")["rule"].is_null());

        let page = world.stranger().get("/docs/rules?at=2021-09-15").await;
        assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8".to_owned()));
        let address = ["http://", "https://", "//cdn", "src="];
        assert!(address.iter().all(|outside| !page.text.contains(outside)), "the page loads nothing");
        let book = lead.get("/v1/rules?at=2021-09-15").await.ok();
        for rule in book["items"].as_array().unwrap() {
            let (id, words) = (rule["id"].as_str().unwrap(), rule["statement"]["en"].as_str().unwrap());
            assert!(page.text.contains(&format!("<article id=\"{id}\">")) && page.text.contains(words), "{id}");
        }
        assert!(page.text.contains("<td>minimumPoints</td><td>65.00</td>"));
        assert!(!world.stranger().get("/docs/rules?at=2021-02-02").await.text.contains("<td>minimumPoints</td>"));
        let page = async |query: &str| world.stranger().get(&format!("/docs/rules?{query}")).await;
        page("at=soon").await.refused(400, "invalid_query");
        assert_eq!(page("at=soon&tinh=89").await.faults(), ["#at wrong_format", "#tinh unknown_parameter"]);
        assert_eq!(page("province=an-giang").await.faults(), ["#province too_long", "#province wrong_pattern"]);
        let verdicts = page("at=2021-09-15&province=&kind=verdict").await;
        assert!(verdicts.status == 200 && !verdicts.text.contains("<article id=\"quota_exceeded\">"));
    }
}

/// The tests of a source file: each function with its text.
fn functions(path: &Path) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    // In a file of the scheme only what follows `cfg(test)` tests; the files named tests are tests throughout.
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let is_all_tests = path.starts_with(root().join("tests")) || name.ends_with("tests.rs");
    let start = if is_all_tests { 0 } else { text.find("#[cfg(test)]").unwrap_or(text.len()) };
    let mut found = BTreeMap::new();
    for part in text[start..].split("\nfn ").chain(text[start..].split(" fn ")).skip(1) {
        let name: String = part.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
        let body = part.split("\n#[test]").next().unwrap().split("\nscenario!").next().unwrap().to_owned();
        found.entry(name).and_modify(|text: &mut String| text.push_str(&body)).or_insert(body);
    }
    found
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The last part of `Rule::QuotaExceeded`, as the sources write it.
fn variant(rule: Rule) -> String {
    format!("{rule:?}")
}

/// Rules that no request meets: they name tests of the sources.
const BY_NO_REQUEST: [Rule; 3] = [Rule::StillReferenced, Rule::BooksKept, Rule::BaselineMissing];

/// Each rule that refuses names a test that exists and speaks of it. But for three it is a scenario of the API, which fails at
/// its end unless it was refused with that very code (`support::refusals::met_what_the_rule_book_says`).
#[test]
fn each_rule_is_exercised_by_the_test_that_it_names() {
    let mut wrong = Vec::new();
    for rule in Rule::ALL {
        let Some(stated) = refusals::of(*rule) else {
            wrong.push(format!("{}: no row in src/domain/rulebook/refusals", rule.code()));
            continue;
        };
        let (file, test) = stated.shown_by.split_once("::").unwrap();
        let is_scenario = std::fs::read_to_string(root().join(file))
            .is_ok_and(|text| file.starts_with("tests/api/") && text.contains(&format!("async fn {test}(world)")));
        if !is_scenario && !BY_NO_REQUEST.contains(rule) {
            wrong.push(format!("{}: {} is no scenario", rule.code(), stated.shown_by));
        }
        let body = functions(&root().join(file)).remove(test);
        let (code, name) = (rule.code(), variant(*rule));
        let speaks = |body: &String| {
            let words = body.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
            words.into_iter().any(|word| word == code || word == name)
        };
        match body {
            None => wrong.push(format!("{code}: {} does not exist", stated.shown_by)),
            Some(body) if !speaks(&body) => wrong.push(format!("{code}: {} does not speak of it", stated.shown_by)),
            Some(_) => {}
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The scan above would notice: a test that is not there, and one that is about another rule.
#[test]
fn the_scan_tells_a_missing_test_from_one_that_is_there() {
    let here = functions(&root().join("tests/api/rules.rs"));
    assert!(here.contains_key("each_rule_is_exercised_by_the_test_that_it_names"));
    assert!(!here.contains_key("no_such_test"));
    let selection = functions(&root().join("tests/api/selection_decisions.rs"));
    let four_eyes = &selection["who_drafted_does_not_approve"];
    assert!(four_eyes.contains("four_eyes") && !four_eyes.contains("quota_exceeded"), "{four_eyes}");
}
