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
    /// An ending that was recorded wrongly is corrected with its reason: earlier, later, to another heir, or taken back.
    async fn an_ending_is_corrected_with_a_reason(world) {
        let operator = world.someone(Role::Administrator, "");
        let (one, other) = (world.agency_of(Role::Locality, "888").await, world.agency_of(Role::Locality, "889").await);
        let path = format!("/v1/agencies/{}", one.as_str().unwrap());
        let new = |name: &str| json!({
            "name": name, "kind": "line-department", "sector": "tourism", "unit": "89", "validFrom": "2022-01-01",
        });
        let first = operator.post("/v1/agencies", &new("Sở Du lịch (dữ liệu mẫu)")).await.created();
        let heir = operator.post("/v1/agencies", &new("Sở Văn hóa (dữ liệu mẫu)")).await.created();
        let own = path_of(&first);
        let wrong = json!({"lastDay": "2023-12-31", "reason": "Ghi nhầm (dữ liệu mẫu)"});
        operator.step(&own, "ending-corrections", &wrong).await.refused(409, "wrong_state");
        operator.step(&own, "endings", &json!({"lastDay": "2024-06-30", "legalBasis": "Nghị quyết (dữ liệu mẫu)"})).await.ok();

        let mut earlier = wrong.clone();
        earlier["successor"] = heir["id"].clone();
        world.someone(Role::Ministry, "").step(&own, "ending-corrections", &earlier).await.refused(403, "forbidden");
        let corrected = operator.step(&own, "ending-corrections", &earlier).await.ok();
        assert_eq!((&corrected["validTo"], &corrected["successor"]["id"]), (&json!("2023-12-31"), &heir["id"]));
        assert_eq!(corrected["successor"]["fromDate"], "2024-01-01");
        assert_eq!(operator.get(&path_of(&heir)).await.ok()["predecessors"], json!([first["id"]]));
        // The heir was there as long as the other one, and acts for it all the same.
        let agent = |agency: &Value| world.agent(Role::LineDepartment, agency["id"].as_str().unwrap().parse().unwrap(), "clerk");
        let me = agent(&heir).get("/v1/me").await.ok();
        assert_eq!(me["predecessors"], json!([first["id"]]), "{me}");
        agent(&first).get("/v1/me").await.refused(401, "unauthenticated");
        for (body, fault) in [
            (json!({"lastDay": "2021-12-31", "reason": "x"}), "step_predated"),
            (json!({"lastDay": "2023-12-31", "successor": first["id"], "reason": "x"}), "unknown_reference"),
            (json!({"lastDay": "2019-12-31", "successor": other, "reason": "x"}), "step_predated"),
            (json!({"successor": heir["id"], "reason": "x"}), "contradiction"),
        ] {
            let refused = operator.step(&own, "ending-corrections", &body).await;
            assert_eq!(refused.body["errors"][0]["code"], fault, "{body} {}", refused.body);
        }
        operator.step(&own, "ending-corrections", &json!({"lastDay": "2023-12-31"})).await.refused(400, "invalid_body");
        operator.seen("\"1\"").post(&format!("{own}/ending-corrections"), &earlier).await.refused(412, "stale");
        let open = operator.step(&own, "ending-corrections", &json!({"reason": "Chưa sáp nhập (dữ liệu mẫu)"})).await.ok();
        assert_eq!((open.get("validTo"), open.get("successor")), (None, None));
        assert_eq!(operator.get(&path_of(&heir)).await.ok()["predecessors"], json!([]));
        let history = operator.get(&format!("{own}/ending-corrections")).await.ok();
        let said: Vec<_> = history["items"].as_array().unwrap().iter().map(|step| (step["onDate"].clone(), step["comment"].clone())).collect();
        assert_eq!(said, [
            (json!("2023-12-31"), json!("Ghi nhầm (dữ liệu mẫu)")), (Value::Null, json!("Chưa sáp nhập (dữ liệu mẫu)")),
        ]);
        // A district that the reform ended keeps its heir.
        assert_eq!(operator.get(&path).await.ok()["successor"]["fromDate"], "2025-07-01");
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
