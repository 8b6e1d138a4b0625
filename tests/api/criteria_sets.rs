//! Criteria sets: loaded as drafts, activated from a day, superseded, retired.

use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::given_criteria::{tt09, with_scales};

/// The steps that a client is allowed to take now.
async fn allowed(client: &Client, path: &str) -> Vec<String> {
    let actions = client.get(&format!("{path}/allowed-actions")).await.ok();
    let items = actions["items"].as_array().unwrap().iter();
    items.filter(|item| item["allowed"] == true).map(|item| item["step"].as_str().unwrap().to_owned()).collect()
}

fn changed(mut body: Value, change: impl FnOnce(&mut Value)) -> Value {
    change(&mut body);
    body
}

/// The next version of the circular's set, as the operator would load it.
async fn next_version(reader: &Client, from: &str) -> Value {
    let set = reader.get("/v1/criteria-sets?code=TT01-2020").await.ok()["items"][0].clone();
    json!({"code": "TT01-2020", "name": set["name"], "legalBasis": set["legalBasis"], "validFrom": from, "criteria": set["criteria"]})
}

scenario! {
    async fn a_draft_is_loaded_edited_and_deleted_by_the_operator(world) {
        let operator = world.someone(Role::Administrator, "");
        let answer = operator.post("/v1/criteria-sets", &tt09()).await;
        let (path, draft) = (answer.location(), answer.created());
        assert_eq!((&draft["state"], &draft["version"]), (&json!("draft"), &json!(1)));
        assert_eq!(draft["criteria"], tt09()["criteria"]);
        assert_eq!(operator.get(&path).await.ok(), draft);
        assert_eq!(allowed(&operator, &path).await, ["edit", "delete", "trials"]);
        assert_eq!(allowed(&world.someone(Role::Ministry, ""), &path).await, ["activations", "trials"]);
        assert_eq!(allowed(&world.someone(Role::LeadAgency, "89"), &path).await, ["trials"]);
        assert_eq!(allowed(&world.someone(Role::Finance, "89"), &path).await, [""; 0]);
        operator.patch(&path, &json!({"validTo": "2020-03-31"})).await.refused(428, "precondition_required");
        operator.seen("\"7\"").patch(&path, &json!({"validTo": "2020-03-31"})).await.refused(412, "stale");
        let edited = operator.seen("\"1\"").patch(&path, &json!({"validTo": "2020-03-31"})).await;
        assert_eq!((&edited.ok()["validTo"], edited.header("etag").as_str()), (&json!("2020-03-31"), "\"2\""));
        operator.seen("\"2\"").patch(&path, &json!({"code": "TT10-2017"})).await.refused(400, "criteria_code_fixed");
        operator.seen("\"2\"").delete(&path).await.ok();
        operator.get(&path).await.refused(404, "not_found");
        for outsider in [world.someone(Role::Ministry, ""), world.someone(Role::LeadAgency, "89")] {
            outsider.post("/v1/criteria-sets", &tt09()).await.refused(403, "forbidden");
        }
    }
}

scenario! {
    async fn every_fault_of_a_draft_is_told_at_once(world) {
        let operator = world.someone(Role::Administrator, "");
        let broken = changed(with_scales(), |set| {
            set["validFrom"] = json!("0999-01-01");
            let groups = &mut set["criteria"]["groups"];
            groups[2]["maximum"] = json!("41.00");
            groups[0]["criteria"][0]["subCriteria"][0]["scale"]["indicator"] = json!("happiness");
            let steps = &mut groups[0]["criteria"][0]["subCriteria"][1]["scale"]["forms"][0]["steps"];
            steps[1]["range"]["from"] = json!("-5");
            steps[2]["range"]["from"] = json!("20");
            groups[0]["criteria"][1]["subCriteria"][0]["scale"]["forms"][0]["line"]["toPoints"] = json!("5.01");
            set["criteria"]["forcedRatings"] = json!([{"fact": "administrative_fine", "rating": "awful", "legalBasis": "mẫu"}]);
        });
        let answer = operator.post("/v1/criteria-sets", &broken).await;
        let problem = answer.refused(400, "invalid_criteria_set");
        assert_eq!(problem["detail"], "Bộ tiêu chí MAU-2021 không nhất quán.");
        assert_eq!(answer.faults(), [
            "/criteria/forcedRatings/0/rating invalid_criteria_set",
            "/criteria/groups invalid_criteria_set",
            "/criteria/groups/0/criteria/0/subCriteria/0/scale/indicator unknown_indicator",
            "/criteria/groups/0/criteria/0/subCriteria/1/scale/forms/0/steps/1/range/from scale_overlap",
            "/criteria/groups/0/criteria/0/subCriteria/1/scale/forms/0/steps/2/range/from scale_gap",
            "/criteria/groups/0/criteria/1/subCriteria/0/scale/forms/0/line/toPoints invalid_criteria_set",
            "/validFrom date_out_of_range",
        ]);
        let shapes = changed(tt09(), |set| {
            set["criteria"]["groups"][0]["colour"] = json!("red");
            set["criteria"]["pointsStep"] = json!(1);
        });
        let answer = operator.post("/v1/criteria-sets", &shapes).await;
        assert_eq!(answer.faults(), ["/criteria/groups/0/colour unknown_member", "/criteria/pointsStep wrong_type"]);
        let nowhere = changed(tt09(), |set| { set["province"] = json!("00"); set["code"] = json!("TT09-2017-00"); });
        let answer = operator.post("/v1/criteria-sets", &nowhere).await;
        assert_eq!(answer.faults(), ["/province unknown_reference"]);
        assert_eq!(operator.get("/v1/criteria-sets?count=exact").await.ok()["count"], 1);
    }
}

scenario! {
    /// A new version ends the one before it the day before; each governs its own years.
    async fn a_version_is_activated_from_a_day_and_ends_the_one_before(world) {
        let ministry = world.someone(Role::Ministry, "");
        let path = world.given_criteria_draft(&next_version(&ministry, "2023-06-01").await).await;
        let decide = |from: &str| json!({"validFrom": from, "activatedOn": "2022-12-20", "document": {"title": "Thông tư mẫu", "number": "99/2022/TT-BKHĐT"}});
        world.someone(Role::LeadAgency, "89").step(&path, "activations", &decide("2023-01-01")).await.refused(409, "not_responsible");
        world.someone(Role::Administrator, "").step(&path, "activations", &decide("2023-01-01")).await.refused(403, "forbidden");
        let overlap = ministry.step(&path, "activations", &decide("2020-04-01")).await;
        overlap.refused(409, "criteria_overlap");
        let future = ministry.step(&path, "activations", &json!({"validFrom": "2023-01-01", "activatedOn": "2999-01-01"})).await;
        assert_eq!(future.faults(), ["/activatedOn date_in_future"]);
        let active = ministry.step(&path, "activations", &decide("2023-01-01")).await.ok();
        assert_eq!((&active["state"], &active["version"], &active["validFrom"]), (&json!("active"), &json!(2), &json!("2023-01-01")));
        let in_force = async |day: &str| {
            let page = ministry.get(&format!("/v1/criteria-sets?code=TT01-2020&state=active&at={day}")).await.ok();
            page["items"].as_array().unwrap().iter().map(|set| set["version"].as_i64().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!((in_force("2022-12-31").await, in_force("2023-01-01").await), (vec![1], vec![2]));
        let history = ministry.get(&format!("{path}/activations")).await.ok();
        assert_eq!((&history["items"][0]["item"], &history["items"][0]["document"]["number"]), (&json!("2023-01-01"), &json!("99/2022/TT-BKHĐT")));
        // What was activated does not change.
        let operator = world.someone(Role::Administrator, "");
        let etag = operator.get(&path).await.ok_etag();
        operator.seen(&etag).patch(&path, &json!({"validTo": "2030-12-31"})).await.refused(409, "criteria_fixed");
        operator.seen(&etag).delete(&path).await.refused(409, "criteria_fixed");
        // A second version of the same first day is refused before it is decided on.
        let twin = next_version(&ministry, "2023-01-01").await;
        operator.post("/v1/criteria-sets", &twin).await.refused(409, "already_exists");
    }
}

scenario! {
    async fn a_province_s_variant_is_its_lead_agency_s_to_activate(world) {
        let variant = changed(tt09(), |set| { set["province"] = json!("89"); set["code"] = json!("TT09-2017-89"); });
        let path = world.given_criteria_draft(&variant).await;
        let decision = json!({"validFrom": "2021-01-01", "activatedOn": "2022-01-10"});
        world.someone(Role::Ministry, "").step(&path, "activations", &decision).await.refused(409, "not_responsible");
        world.someone(Role::LeadAgency, "01").step(&path, "activations", &decision).await.refused(409, "not_responsible");
        // Four eyes compare persons, not roles.
        world.person(Role::LeadAgency, "89", "administrator@").step(&path, "activations", &decision).await.refused(409, "four_eyes");
        let lead = world.someone(Role::LeadAgency, "89");
        assert_eq!(lead.step(&path, "activations", &decision).await.ok()["state"], "active");
        assert_eq!(lead.get("/v1/criteria-sets?province=89&count=exact").await.ok()["count"], 1);
        // The code tells whose it is.
        let national = changed(tt09(), |set| { set["code"] = json!("TT09-2017-89"); set["validFrom"] = json!("2022-01-01"); });
        let answer = world.someone(Role::Administrator, "").post("/v1/criteria-sets", &national).await;
        assert_eq!(answer.faults(), ["/code invalid_criteria_set"]);
    }
}

scenario! {
    async fn a_retired_set_governs_the_years_before_its_last_day(world) {
        let path = world.given_criteria(&tt09()).await;
        let ministry = world.someone(Role::Ministry, "");
        let retire = |last: &str| json!({"validTo": last, "retiredOn": "2022-03-01", "reason": "Hết hiệu lực (dữ liệu mẫu)"});
        ministry.step(&path, "retirements", &retire("2016-12-31")).await.refused(400, "contradiction");
        let too_early = json!({"validTo": "2020-12-31", "retiredOn": "2012-01-01", "reason": "Hết hiệu lực (dữ liệu mẫu)"});
        ministry.step(&path, "retirements", &too_early).await.refused(409, "step_predated");
        assert_eq!(allowed(&ministry, &path).await, ["retirements", "trials"]);
        let retired = ministry.step(&path, "retirements", &retire("2020-12-31")).await.ok();
        assert_eq!((&retired["state"], &retired["validTo"]), (&json!("retired"), &json!("2020-12-31")));
        ministry.step(&path, "retirements", &retire("2020-12-31")).await.refused(409, "wrong_state");
        let history = ministry.get(&format!("{path}/retirements")).await.ok();
        assert_eq!(history["items"][0]["comment"], "Hết hiệu lực (dữ liệu mẫu)");
    }
}

scenario! {
    /// Two versions of a code without end, activated at once: one is in force, whatever races.
    async fn of_two_versions_activated_at_once_one_is_in_force(world) {
        let ministry = world.someone(Role::Ministry, "");
        let first = world.given_criteria_draft(&tt09()).await;
        let later = changed(tt09(), |set| set["validFrom"] = json!("2018-01-01"));
        let second = world.given_criteria_draft(&later).await;
        let decide = |from: &str| json!({"validFrom": from, "activatedOn": "2022-01-10"});
        // The later one first and then the earlier one would overlap; the other way round one ends the other.
        let (early, late) = (decide("2017-06-01"), decide("2018-01-01"));
        let (one, other) = tokio::join!(
            ministry.step(&first, "activations", &early),
            ministry.step(&second, "activations", &late),
        );
        assert!(other.status == 200 && [200, 409].contains(&one.status), "{} {}", one.status, other.status);
        let open = ministry.get("/v1/criteria-sets?code=TT09-2017&state=active&at=2022-01-01").await.ok();
        assert_eq!(open["items"].as_array().unwrap().len(), 1);
    }
}
