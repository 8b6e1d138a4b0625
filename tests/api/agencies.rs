//! The directory of agencies, kept by the operator: who exists when, and who acts for whom.

use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::support::given_reports::report_path;

fn path_of(agency: &Value) -> String {
    format!("/v1/agencies/{}", agency["id"].as_str().unwrap())
}

scenario! {
    async fn the_operator_keeps_the_directory_by_date(world) {
        let operator = world.someone(Role::Administrator, "");
        let department = json!({
            "name": "Sở Du lịch tỉnh An Giang", "kind": "line-department", "sector": "tourism", "unit": "89", "validFrom": "2022-01-01",
        });
        let made = operator.post("/v1/agencies", &department).await;
        let agency = made.created();
        assert_eq!(made.location(), path_of(&agency));
        assert_eq!((&agency["province"], agency.get("validTo")), (&json!("89"), None));
        assert_eq!(operator.get(&path_of(&agency)).await.ok(), agency);
        let listed = |day: &str| format!("/v1/agencies?unit=89&kind=line-department&at={day}&limit=200");
        let names = async |day: &str| {
            let page = operator.get(&listed(day)).await.ok();
            let names = page["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned());
            names.filter(|name| name.contains("Du lịch")).count()
        };
        assert_eq!((names("2021-12-31").await, names("2022-01-01").await), (0, 1));

        for (change, fault) in [
            (json!({"kind": "cooperative"}), "/kind agency_kind"),
            (json!({"unit": "888"}), "/unit agency_kind"),
            (json!({"unit": "999"}), "/unit unknown_reference"),
            (json!({"kind": "locality"}), "/unit agency_kind"),
            (json!({"kind": "ministry"}), "/unit agency_kind"),
            (json!({"predecessors": ["01a00000-0000-7000-8000-000000000000"]}), "/predecessors/0 unknown_reference"),
            (json!({"predecessors": [agency["id"], agency["id"]]}), "/predecessors/1 repeated_item"),
        ] {
            let mut body = department.clone();
            body["validFrom"] = json!("2024-01-01");
            body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let answer = operator.post("/v1/agencies", &body).await;
            assert_eq!((answer.status, answer.faults()), (400, vec![fault.to_owned()]), "{change}");
        }
        operator.post("/v1/agencies", &json!({"name": "x"})).await.refused(400, "invalid_body");
        world.someone(Role::LeadAgency, "89").post("/v1/agencies", &department).await.refused(403, "forbidden");

        let end = |day: &str| json!({"lastDay": day, "legalBasis": "Nghị quyết sáp nhập (dữ liệu mẫu)"});
        operator.step(&path_of(&agency), "endings", &end("2021-12-31")).await.refused(409, "step_predated");
        operator.seen("\"1\"").post(&format!("{}/endings", path_of(&agency)), &end("2024-06-30")).await.refused(412, "stale");
        let mut itself = end("2024-06-30");
        itself["successor"] = agency["id"].clone();
        assert_eq!(operator.step(&path_of(&agency), "endings", &itself).await.faults(), ["/successor unknown_reference"]);
        let ended = operator.step(&path_of(&agency), "endings", &end("2024-06-30")).await;
        assert_eq!(ended.ok()["validTo"], "2024-06-30");
        operator.step(&path_of(&agency), "endings", &end("2024-07-31")).await.refused(409, "wrong_state");
        assert_eq!((names("2024-06-30").await, names("2024-07-01").await), (1, 0));
        let history = operator.get(&format!("{}/endings", path_of(&agency))).await.ok();
        assert_eq!((&history["items"][0]["onDate"], &history["items"][0]["comment"]), (&json!("2024-06-30"), &json!("Nghị quyết sáp nhập (dữ liệu mẫu)")));
        world.someone(Role::Ministry, "").step(&path_of(&agency), "endings", &end("2024-06-30")).await.refused(403, "forbidden");
    }
}

scenario! {
    /// Two communes become one: from its first day the new one acts for the records and obligations of both, nobody else does.
    async fn a_merged_agency_acts_for_those_it_took_over(world) {
        world.given_plan("89").await;
        let world = world.another_day("2026-03-01").await;
        let old = world.someone(Role::Locality, "30307");
        let report = world.given_report_draft(&old, "2025").await;
        let operator = world.someone(Role::Administrator, "");
        let (first, second) = (world.agency_of(Role::Locality, "30307").await, world.agency_of(Role::Locality, "30292").await);
        let merged = json!({
            "name": "Ủy ban nhân dân phường mới (dữ liệu mẫu)", "kind": "locality", "unit": "30307", "validFrom": "2026-01-15",
            "predecessors": [first, second],
        });
        let new = operator.post("/v1/agencies", &merged).await.created();
        assert_eq!((&new["predecessor"], new["predecessors"].as_array().unwrap().len()), (&first, 2));
        for gone in [&first, &second] {
            let gone = operator.get(&format!("/v1/agencies/{}", gone.as_str().unwrap())).await.ok();
            assert_eq!((&gone["validTo"], &gone["successor"]["id"]), (&json!("2026-01-14"), &new["id"]));
        }
        operator.post("/v1/agencies", &merged).await.refused(409, "wrong_state");
        // On the same day, with a directory that the service has read anew.
        let heir = world.agent(Role::Locality, new["id"].as_str().unwrap().parse().unwrap(), "heir");
        assert_eq!(heir.get(&report_path(&report)).await.ok()["id"], report["id"]);
        let text = json!({"narrative": [{"code": "results", "text": "Tiếp nhận (dữ liệu mẫu)."}]});
        let etag = heir.get(&report_path(&report)).await.ok_etag();
        heir.seen(&etag).patch(&report_path(&report), &text).await.ok();
        old.get(&report_path(&report)).await.refused(401, "unauthenticated");
        // Each owed its own report while it was there: the heir says for whom.
        heir.post("/v1/periodic-reports", &json!({"period": "2025S2", "agency": second})).await.created();
        world.someone(Role::LeadAgency, "01").get(&report_path(&report)).await.refused(404, "not_found");
    }
}
