//! What follows a selection: replications of completed models, inspections, obstacles.

use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::support::given_pilots::{AGRICULTURE, SCHEME, TRANSPORT, id_of};

fn states(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|item| item["state"].as_str().unwrap()).collect()
}

fn replication(cooperative: &Value, pilot: &Value, adopted_on: &str) -> Value {
    json!({
        "cooperative": cooperative["id"], "pilot": pilot["id"], "adoptedOn": adopted_on,
        "description": "Áp dụng quy trình sản xuất và liên kết chuỗi giá trị",
    })
}

scenario! {
    /// Long Xuyên records that one of its cooperatives adopts the model that a pilot of Phú Tân has completed.
    async fn a_completed_model_is_replicated_in_the_whole_province(world) {
        let pilots = world.given_pilots(2).await;
        let adopter = world.given_cooperative("883", "0100233488").await;
        let locality = world.someone(Role::Locality, "883");
        let lead = world.someone(Role::LeadAgency, "89");
        let good = replication(&adopter, &pilots[0], "2024-09-01");
        let post = async |body: &Value| locality.post("/v1/replications", body).await;
        // Not complete yet: outside its own district the locality does not even see it, and the lead agency is refused.
        assert_eq!(post(&good).await.faults(), ["/pilot unknown_reference"]);
        lead.post("/v1/replications", &good).await.refused(409, "wrong_state");
        world.given_completed(&pilots[0]).await;
        post(&replication(&adopter, &pilots[0], "2024-03-28")).await.refused(409, "step_predated");
        assert_eq!(post(&replication(&adopter, &pilots[0], "2999-01-01")).await.faults(), ["/adoptedOn date_in_future"]);
        let foreign = json!({"id": pilots[1]["cooperative"]});
        assert_eq!(post(&replication(&foreign, &pilots[0], "2024-09-01")).await.faults(), ["/cooperative unknown_reference"]);
        let itself = json!({"id": pilots[0]["cooperative"]});
        lead.post("/v1/replications", &replication(&itself, &pilots[0], "2024-09-01")).await.refused(409, "own_model");
        world.someone(Role::Finance, "89").post("/v1/replications", &good).await.refused(403, "forbidden");
        let broken = post(&json!({"pilot": 1, "x": 1})).await;
        broken.refused(400, "invalid_body");

        let answer = post(&good).await;
        let (path, made) = (answer.location(), answer.created());
        assert_eq!((&made["model"], &made["unit"], &made["state"]), (&json!("A3"), &json!("883"), &json!("active")));
        post(&good).await.refused(409, "already_exists");
        assert_eq!(world.cooperative(adopter["id"].as_str().unwrap()).get(&path).await.ok(), made);
        for outside in [world.someone(Role::Locality, "888"), world.someone(Role::LeadAgency, "01")] {
            outside.get(&path).await.refused(404, "not_found");
        }
        for (query, count) in [
            (format!("pilot={}&model=A3&state=active&province=89&unit=883", id_of(&pilots[0])), 1),
            (format!("cooperative={}", id_of(&adopter)), 1),
            ("state=ended".to_owned(), 0),
            (format!("pilot={}", id_of(&pilots[1])), 0),
        ] {
            assert_eq!(states(&lead.get(&format!("/v1/replications?{query}")).await.ok()).len(), count, "{query}");
        }
        let end = |on: &str| json!({"endedOn": on, "reason": "Chuyển hướng sản xuất"});
        locality.step(&path, "endings", &end("2024-08-31")).await.refused(409, "step_predated");
        locality.seen("\"7\"").post(&format!("{path}/endings"), &end("2025-01-01")).await.refused(412, "stale");
        let ended = locality.step(&path, "endings", &end("2025-01-01")).await.ok();
        assert_eq!((&ended["state"], &ended["endReason"]), (&json!("ended"), &json!("Chuyển hướng sản xuất")));
        locality.step(&path, "endings", &end("2025-01-02")).await.refused(409, "wrong_state");
        let actions = locality.get(&format!("{path}/allowed-actions")).await.ok();
        assert_eq!(actions["items"][0]["code"], "wrong_state");
        assert_eq!(lead.get(&format!("{path}/endings")).await.ok()["items"][0]["onDate"], "2025-01-01");
        // It may adopt it again.
        post(&replication(&adopter, &pilots[0], "2025-02-01")).await.created();
    }
}

fn inspection(pilot: &Value, on: &str) -> Value {
    json!({
        "pilot": pilot["id"], "inspectedOn": on, "participants": [], "subject": "Tiến độ thực hiện Kế hoạch",
        "findings": "Đã thực hiện 3/5 giải pháp.",
    })
}

scenario! {
    /// A department and a district were there together: one inspection, one record.
    async fn an_inspection_is_recorded_once_whoever_took_part(world) {
        let pilots = world.given_pilots(1).await;
        let department = world.agent(Role::LineDepartment, AGRICULTURE.parse().unwrap(), "snn");
        let locality = world.someone(Role::Locality, "888");
        let district = world.agency_of(Role::Locality, "888").await;
        let mut body = inspection(&pilots[0], "2022-09-20");
        body["participants"] = json!([district]);
        let answer = department.post("/v1/inspections", &body).await;
        let (path, made) = (answer.location(), answer.created());
        assert_eq!((&made["agency"], &made["unit"]), (&json!(AGRICULTURE), &json!("888")));
        let same_day = locality.post("/v1/inspections", &inspection(&pilots[0], "2022-09-20")).await;
        same_day.refused(409, "already_exists");
        locality.post("/v1/inspections", &inspection(&pilots[0], "2022-09-21")).await.created();
        let post = async |body: &Value| locality.post("/v1/inspections", body).await;
        post(&inspection(&pilots[0], "2021-09-14")).await.refused(409, "step_predated");
        assert_eq!(post(&inspection(&pilots[0], "2999-01-01")).await.faults(), ["/inspectedOn date_in_future"]);
        let mut strange = inspection(&pilots[0], "2022-10-01");
        strange["participants"] = json!([pilots[0]["id"]]);
        assert_eq!(post(&strange).await.faults(), ["/participants/0 unknown_reference"]);
        let transport = world.agent(Role::LineDepartment, TRANSPORT.parse().unwrap(), "sgtvt");
        transport.post("/v1/inspections", &inspection(&pilots[0], "2022-10-01")).await.refused(409, "not_responsible");
        let elsewhere = world.someone(Role::Locality, "883");
        assert_eq!(elsewhere.post("/v1/inspections", &inspection(&pilots[0], "2022-10-01")).await.faults(), ["/pilot unknown_reference"]);
        elsewhere.get(&path).await.refused(404, "not_found");
        let own = world.cooperative(pilots[0]["cooperative"].as_str().unwrap());
        assert_eq!(own.get(&path).await.ok(), made);
        own.post("/v1/inspections", &inspection(&pilots[0], "2022-10-01")).await.refused(403, "forbidden");

        let findings = json!({"findings": "Đã thực hiện 4/5 giải pháp.", "recommendations": "Đẩy nhanh kiểm toán."});
        locality.seen("\"1\"").patch(&path, &findings).await.refused(409, "not_responsible");
        department.patch(&path, &findings).await.refused(428, "precondition_required");
        let moved = department.seen("\"1\"").patch(&path, &json!({"inspectedOn": "2022-09-19"})).await;
        assert_eq!(moved.faults(), ["/inspectedOn cannot_change"]);
        let edited = department.seen("\"1\"").patch(&path, &findings).await;
        assert_eq!((edited.ok()["recommendations"].clone(), edited.header("etag")), (json!("Đẩy nhanh kiểm toán."), "\"2\"".to_owned()));
        let actions = locality.get(&format!("{path}/allowed-actions")).await.ok();
        assert_eq!(actions["items"][0]["code"], "not_responsible");
        for (query, count) in [
            (format!("agency={AGRICULTURE}"), 1),
            (format!("pilot={}&unit=888&province=89", id_of(&pilots[0])), 2),
            (format!("cooperative={}", id_of(&pilots[0])), 0),
        ] {
            let page = world.someone(Role::Ministry, "").get(&format!("/v1/inspections?{query}")).await.ok();
            assert_eq!(page["items"].as_array().unwrap().len(), count, "{query}");
        }
    }
}

fn obstacle(pilot: Option<&Value>, on: &str) -> Value {
    let mut body = json!({
        "scheme": SCHEME, "title": "Chưa có đất xây dựng kho", "description": "HTX chưa được giao đất.", "raisedOn": on,
    });
    if let Some(pilot) = pilot {
        body["pilot"] = pilot["id"].clone();
    }
    body
}

scenario! {
    /// District → lead agency → People's Committee → ministry → Prime Minister, and back as a resolution.
    async fn an_obstacle_climbs_until_somebody_resolves_it(world) {
        let pilots = world.given_pilots(1).await;
        let locality = world.someone(Role::Locality, "888");
        let lead = world.someone(Role::LeadAgency, "89");
        let committee = world.someone(Role::PeoplesCommittee, "89");
        let ministry = world.someone(Role::Ministry, "");
        let answer = locality.post("/v1/obstacles", &obstacle(Some(&pilots[0]), "2022-04-11")).await;
        let (path, made) = (answer.location(), answer.created());
        assert_eq!((&made["level"], &made["state"], &made["unit"]), (&json!("lead_agency"), &json!("open"), &json!("888")));
        assert_eq!(made["cooperative"], pilots[0]["cooperative"]);
        let on = |on: &str| json!({"escalatedOn": on, "comment": "Vượt thẩm quyền."});
        let resolution = |on: &str| json!({"resolvedOn": on, "resolution": "Đã giao 2.000 m2 đất."});
        committee.step(&path, "resolutions", &resolution("2022-04-12")).await.refused(409, "not_responsible");
        lead.step(&path, "escalations", &on("2022-04-10")).await.refused(409, "step_predated");
        lead.step(&path, "escalations", &on("2999-04-10")).await.refused(400, "date_in_future");
        locality.seen("\"1\"").post(&format!("{path}/escalations"), &on("2022-04-12")).await.refused(403, "forbidden");
        for (who, day, level) in [
            (&lead, "2022-04-25", "peoples_committee"), (&committee, "2022-05-10", "ministry"), (&ministry, "2022-06-01", "prime_minister"),
        ] {
            let passed = who.step(&path, "escalations", &on(day)).await.ok();
            assert_eq!((&passed["level"], &passed["escalatedOn"]), (&json!(level), &json!(day)));
        }
        ministry.step(&path, "escalations", &on("2022-07-01")).await.refused(409, "wrong_state");
        lead.step(&path, "resolutions", &resolution("2022-08-01")).await.refused(409, "not_responsible");
        ministry.step(&path, "resolutions", &resolution("2022-05-31")).await.refused(409, "step_predated");
        let actions = ministry.get(&format!("{path}/allowed-actions")).await.ok();
        let allowed: Vec<_> = actions["items"].as_array().unwrap().iter().map(|item| item["allowed"].as_bool().unwrap()).collect();
        assert_eq!(allowed, [false, true]);
        let resolved = ministry.step(&path, "resolutions", &resolution("2022-08-01")).await.ok();
        assert_eq!((&resolved["state"], &resolved["resolution"]), (&json!("resolved"), &json!("Đã giao 2.000 m2 đất.")));
        ministry.step(&path, "resolutions", &resolution("2022-08-02")).await.refused(409, "wrong_state");
        let history = locality.get(&format!("{path}/escalations")).await.ok();
        let levels: Vec<_> = history["items"].as_array().unwrap().iter().map(|item| item["item"].as_str().unwrap()).collect();
        assert_eq!(levels, ["peoples_committee", "ministry", "prime_minister"]);
        assert_eq!(lead.get(&format!("{path}/resolutions")).await.ok()["items"].as_array().unwrap().len(), 1);
        let own = world.cooperative(pilots[0]["cooperative"].as_str().unwrap());
        assert_eq!(own.get(&path).await.ok(), resolved);
        world.someone(Role::Locality, "883").get(&path).await.refused(404, "not_found");
    }
}

scenario! {
    async fn an_obstacle_of_a_place_needs_no_pilot_and_bad_ones_are_refused(world) {
        let pilots = world.given_pilots(1).await;
        let lead = world.someone(Role::LeadAgency, "89");
        let made = lead.post("/v1/obstacles", &obstacle(None, "2022-04-11")).await.created();
        assert!(made.get("unit").is_none() && made.get("pilot").is_none());
        let district = world.someone(Role::Locality, "888").post("/v1/obstacles", &obstacle(None, "2022-04-11")).await.created();
        assert_eq!((&district["unit"], &district["province"]), (&json!("888"), &json!("89")));
        // A district sees its own; the province both.
        for (who, count) in [(world.someone(Role::Locality, "888"), 1), (world.someone(Role::Locality, "883"), 0), (world.someone(Role::Finance, "89"), 2), (world.someone(Role::LeadAgency, "01"), 0)] {
            let page = who.get("/v1/obstacles?state=open&level=lead_agency").await.ok();
            assert_eq!(states(&page).len(), count);
        }
        let transport = world.agent(Role::LineDepartment, TRANSPORT.parse().unwrap(), "sgtvt");
        transport.post("/v1/obstacles", &obstacle(Some(&pilots[0]), "2022-04-11")).await.refused(409, "not_responsible");
        lead.post("/v1/obstacles", &obstacle(Some(&pilots[0]), "2021-09-14")).await.refused(409, "step_predated");
        let mut body = obstacle(Some(&pilots[0]), "2999-01-01");
        assert_eq!(lead.post("/v1/obstacles", &body).await.faults(), ["/raisedOn date_in_future"]);
        body["raisedOn"] = json!("2022-04-11");
        body["scheme"] = json!("QD999-2030");
        assert_eq!(lead.post("/v1/obstacles", &body).await.faults(), ["/scheme unknown_reference"]);
        let elsewhere = world.someone(Role::Locality, "883");
        assert_eq!(elsewhere.post("/v1/obstacles", &obstacle(Some(&pilots[0]), "2022-04-11")).await.faults(), ["/pilot unknown_reference"]);
        let own = world.cooperative(pilots[0]["cooperative"].as_str().unwrap());
        own.post("/v1/obstacles", &obstacle(Some(&pilots[0]), "2022-04-11")).await.refused(403, "forbidden");
        lead.post("/v1/obstacles", &json!({"title": " "})).await.refused(400, "invalid_body");
    }
}
