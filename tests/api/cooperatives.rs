//! Cooperatives, their figures and interruptions.

use sarus::clock::Clock;
use sarus::domain::cooperative::Cooperative;
use sarus::domain::role::Role;
use sarus::store::cooperatives;
use serde_json::{Value, json};

use crate::support::world::{World, new_cooperative};

/// A cooperative placed in a unit of a province at an instant, whoever registered it.
pub async fn placed(world: &World, [province, unit, tax_code]: [&str; 3], at: &str) -> Value {
    let at = at.parse().unwrap();
    let made = Cooperative {
        id: Clock::new_id(),
        version: 1,
        province: province.to_owned(),
        registration: serde_json::from_value(new_cooperative(unit, tax_code)).unwrap(),
        recorded_at: at,
        updated_at: at,
        created_by: "locality".to_owned(),
    };
    let tx = world.sarus.store.begin().await.unwrap();
    cooperatives::insert(&tx, &made).await.unwrap();
    tx.commit().await.unwrap();
    json!(made.id)
}

scenario! {
    /// A code names the unit as it stands on a day, and finds what was placed in the units that it followed.
    async fn a_list_by_unit_finds_what_was_placed_in_its_predecessors(world) {
        let (old, other) = (world.given_cooperative("883", "0100233488").await, world.given_cooperative("888", "0100150619").await);
        let commune = world.someone(Role::Locality, "883").post("/v1/cooperatives", &new_cooperative("30280", "0314409058")).await.created();
        let after = world.another_day("2025-09-01").await;
        let ministry = after.someone(Role::Ministry, "");
        let found = async |query: &str| {
            let items = ministry.get(&format!("/v1/cooperatives?{query}")).await.ok()["items"].clone();
            items.as_array().unwrap().iter().map(|one| one["id"].clone()).collect::<Vec<_>>()
        };
        let all = vec![old["id"].clone(), other["id"].clone(), commune["id"].clone()];
        assert_eq!((found("province=91").await, found("province=89&at=2025-06-30").await), (all.clone(), all.clone()));
        assert!(found("province=91&at=2025-06-30").await.is_empty(), "Kiên Giang");
        assert_eq!(found("unit=30307").await, [commune["id"].clone()], "the ward that it became part of");
        assert_eq!(found("unit=883&at=2025-06-30").await, [old["id"].clone()]);
        // Two units bore these codes, one after the other: An Giang took that of Kiên Giang, Tây Hồ that of Xuân La, which
        // became part of another ward.
        let (before, now) = ("2024-05-01T03:00:00Z", "2025-08-20T03:00:00Z");
        let rach_gia = placed(&world, ["91", "899", "1600000001"], before).await;
        let xuan_la = placed(&world, ["01", "00103", "1600000011"], before).await;
        let long_xuyen = placed(&world, ["91", "30307", "1600000021"], now).await;
        let tay_ho = placed(&world, ["01", "00103", "1600000031"], now).await;
        let all: Vec<_> = all.into_iter().chain([rach_gia.clone(), long_xuyen]).collect();
        let sorted = |mut ids: Vec<Value>| {
            ids.sort_by_key(Value::to_string);
            ids
        };
        assert_eq!(sorted(found("province=91").await), sorted(all));
        assert_eq!(found("province=91&at=2025-06-30").await, [rach_gia], "Kiên Giang alone");
        assert_eq!(found("unit=00103&at=2025-06-30").await, std::slice::from_ref(&xuan_la));
        assert_eq!(found("unit=00103").await, std::slice::from_ref(&tay_ho));
        assert_eq!(found("unit=00611").await, std::slice::from_ref(&xuan_la), "the ward that Xuân La became part of");
        assert_eq!(sorted(found("province=01&at=2025-06-30").await), sorted(vec![xuan_la, tay_ho]));
    }
}

scenario! {
    /// What was registered can be read back, listed, searched without diacritics and sorted as Vietnamese does.
    async fn a_locality_registers_and_everyone_in_reach_reads(world) {
        let locality = world.someone(Role::Locality, "888");
        for (tax_code, name) in [("0100233488", "HTX Đồng Tiến"), ("0314409058", "HTX Ấp Mới"), ("1600000001", "HTX An Giang")] {
            let mut body = new_cooperative("888", tax_code);
            body["name"] = json!(name);
            let answer = locality.post("/v1/cooperatives", &body).await;
            let created = answer.created();
            assert_eq!(locality.get(&answer.location()).await.ok(), created);
            assert_eq!(answer.header("etag"), "\"1\"");
        }
        let names = |page: serde_json::Value| -> Vec<String> {
            page["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
        };
        let ministry = world.someone(Role::Ministry, "");
        assert_eq!(names(ministry.get("/v1/cooperatives?q=dong%20tien").await.ok()), ["HTX Đồng Tiến"]);
        let sorted = names(ministry.get("/v1/cooperatives?sort=name").await.ok());
        assert_eq!(sorted, ["HTX An Giang", "HTX Ấp Mới", "HTX Đồng Tiến"]);
        // Page by page, in both orders, each is seen once; the count is exact.
        for order in ["", "&sort=name"] {
            let mut path = format!("/v1/cooperatives?limit=1&count=exact{order}");
            let mut seen = Vec::new();
            loop {
                let page = ministry.get(&path).await.ok();
                seen.extend(names(page.clone()));
                let Some(next) = page["links"]["next"].as_str() else { break };
                path = next.to_owned();
            }
            seen.sort();
            assert_eq!(seen, ["HTX An Giang", "HTX Đồng Tiến", "HTX Ấp Mới"]);
        }
        assert_eq!(ministry.get("/v1/cooperatives?count=exact").await.ok()["count"], 3);
        let lines = ministry.with("accept", "application/x-ndjson").get("/v1/cooperatives").await;
        assert_eq!(lines.text.lines().count(), 3);
    }
}

scenario! {
    async fn others_do_not_see_it_and_a_cursor_belongs_to_its_list(world) {
        let own = world.given_cooperative("888", "0100233488").await;
        world.given_cooperative("888", "0314409058").await;
        let path = format!("/v1/cooperatives/{}", own["id"].as_str().unwrap());
        world.someone(Role::Locality, "883").get(&path).await.refused(404, "not_found");
        world.someone(Role::LeadAgency, "01").get(&path).await.refused(404, "not_found");
        world.someone(Role::LeadAgency, "89").get(&path).await.ok();
        world.cooperative(own["id"].as_str().unwrap()).get(&path).await.ok();
        let other = "01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d";
        world.cooperative(other).get(&path).await.refused(404, "not_found");
        assert_eq!(world.someone(Role::Locality, "883").get("/v1/cooperatives").await.ok()["items"], json!([]));

        let lead = world.someone(Role::LeadAgency, "89");
        let next = lead.get("/v1/cooperatives?limit=1").await.ok()["links"]["next"].as_str().unwrap().to_owned();
        lead.get(&format!("{next}&field=agriculture")).await.refused(400, "invalid_cursor");
        lead.get("/v1/cooperatives?cursor=junk").await.refused(400, "invalid_cursor");
    }
}

scenario! {
    async fn bad_input_is_named_fault_by_fault(world) {
        let locality = world.someone(Role::Locality, "888");
        let answer = locality.post("/v1/cooperatives", &json!({"taxCode": "1", "surprise": true, "status": "sleeping"})).await;
        answer.refused(400, "invalid_body");
        assert_eq!(answer.faults(), [
            "/field required", "/foundedOn required", "/governingLaw required", "/kind required", "/name required",
            "/status not_in_enum", "/surprise unknown_member", "/taxCode too_short", "/taxCode wrong_pattern", "/unit required",
        ]);
        let mut future = new_cooperative("888", "0100233488");
        future["foundedOn"] = json!("2999-01-01");
        assert_eq!(locality.post("/v1/cooperatives", &future).await.faults(), ["/foundedOn date_in_future"]);
        let nowhere = locality.post("/v1/cooperatives", &new_cooperative("999", "0100233488")).await;
        nowhere.refused(400, "unknown_reference");
        assert_eq!(nowhere.faults(), ["/unit unknown_reference"]);
        locality.post("/v1/cooperatives", &new_cooperative("883", "0100233488")).await.refused(409, "not_responsible");
        world.given_cooperative("888", "0100233488").await;
        locality.post("/v1/cooperatives", &new_cooperative("888", "0100233488")).await.refused(409, "already_exists");
        world.someone(Role::Finance, "89").post("/v1/cooperatives", &json!({})).await.refused(403, "forbidden");
    }
}

scenario! {
    async fn edits_need_the_version_that_was_seen_and_null_removes(world) {
        let own = world.given_cooperative("888", "0100233488").await;
        let path = format!("/v1/cooperatives/{}", own["id"].as_str().unwrap());
        let locality = world.someone(Role::Locality, "888");
        locality.patch(&path, &json!({"address": "Xã Phú Thạnh"})).await.refused(428, "precondition_required");
        locality.seen("\"7\"").patch(&path, &json!({"address": "Xã Phú Thạnh"})).await.refused(412, "stale");
        let edited = locality.seen("\"1\"").patch(&path, &json!({"address": "Xã Phú Thạnh"})).await;
        assert_eq!(edited.ok()["address"], "Xã Phú Thạnh");
        let edited = locality.seen(&edited.header("etag")).patch(&path, &json!({"address": null})).await;
        assert!(edited.ok().get("address").is_none());
        let removed = locality.seen(&edited.header("etag")).patch(&path, &json!({"name": null})).await;
        removed.refused(400, "invalid_body");
        assert_eq!(locality.get(&path).await.ok()["name"], own["name"]);
        let current = locality.get(&path).await.ok_etag();
        assert_eq!(locality.with("if-none-match", &current).get(&path).await.status, 304);
    }
}

scenario! {
    /// The cooperative's own figures are never overwritten: the verified ones stand beside them.
    async fn figures_have_two_sides(world) {
        let own = world.given_cooperative("888", "0100233488").await;
        let id = own["id"].as_str().unwrap();
        let path = format!("/v1/cooperatives/{id}/annual-figures/2020");
        let cooperative = world.cooperative(id);
        let locality = world.someone(Role::Locality, "888");
        let declared = json!({"status": "final", "members": 246, "profitBeforeTax": "-5", "totalCapital": "1000000000"});
        cooperative.get(&path).await.refused(404, "not_found");
        cooperative.put(&path, &declared).await.refused(428, "precondition_required");
        for seen in ["*", "\"0-0\""] {
            cooperative.seen(seen).put(&path, &declared).await.refused(412, "stale");
        }
        let made = cooperative.with("if-none-match", "*").put(&path, &declared).await;
        assert_eq!(made.created()["declared"]["figures"], declared);
        cooperative.with("if-none-match", "*").put(&path, &declared).await.refused(412, "stale");
        let verified = json!({"status": "final", "members": 240});
        let both = locality.with("if-none-match", "*").put(&path, &verified).await.created();
        assert_eq!((&both["declared"]["figures"], &both["verified"]["figures"]), (&declared, &verified));
        // The tag covers both sides: a change of the other side is a change of what was seen.
        cooperative.seen(&made.header("etag")).put(&path, &declared).await.refused(412, "stale");
        let etag = cooperative.get(&path).await.ok_etag();
        let again = cooperative.seen(&etag).put(&path, &json!({"status": "final", "members": 250})).await.ok();
        assert_eq!(again["declared"]["figures"]["members"], 250);
        assert_eq!(again["verified"]["figures"]["members"], 240);
        let contradiction = json!({"status": "final", "members": 1, "membersWomen": 2, "totalCapital": "-1"});
        let etag = cooperative.get(&path).await.ok_etag();
        assert_eq!(cooperative.seen(&etag).put(&path, &contradiction).await.faults(), ["/totalCapital wrong_pattern"]);
        let contradiction = json!({"status": "final", "members": 1, "membersWomen": 2});
        cooperative.seen(&etag).put(&path, &contradiction).await.refused(400, "contradiction");
    }
}

scenario! {
    async fn an_interruption_is_recorded_by_the_locality_and_can_be_ended(world) {
        let own = world.given_cooperative("888", "0100233488").await;
        let path = format!("/v1/cooperatives/{}", own["id"].as_str().unwrap());
        let locality = world.someone(Role::Locality, "888");
        locality.step(&path, "interruptions", &json!({"fromDate": "2020-03-01"})).await.ok();
        locality.step(&path, "interruptions", &json!({"fromDate": "2020-03-01", "toDate": "2020-05-31"})).await.ok();
        locality.step(&path, "interruptions", &json!({"fromDate": "2001-03-01"})).await.refused(400, "contradiction");
        let wrong = json!({"fromDate": "2001-03-01", "toDate": "2001-02-01"});
        let due = ["/fromDate contradiction", "/toDate contradiction"];
        assert_eq!(locality.step(&path, "interruptions", &wrong).await.faults(), due);
        let ahead = json!({"fromDate": "2999-03-01", "toDate": "2999-02-01"});
        let due = ["/fromDate date_in_future", "/toDate contradiction", "/toDate date_in_future"];
        assert_eq!(locality.step(&path, "interruptions", &ahead).await.faults(), due);
        let all = locality.get(&format!("{path}/interruptions")).await.ok();
        assert_eq!(all["items"].as_array().unwrap().len(), 1);
        assert_eq!(all["items"][0]["toDate"], "2020-05-31");
    }
}

scenario! {
    /// The audit's cases: figures of a year before the foundation, and a section letter that contradicts the division.
    async fn what_contradicts_the_register_is_refused(world) {
        let locality = world.someone(Role::Locality, "888");
        let mut body = crate::support::world::new_cooperative("888", "0100233488");
        body["foundedOn"] = json!("2019-06-01");
        body["industryCode"] = json!("H0161");
        let answer = locality.post("/v1/cooperatives", &body).await;
        let refused = answer.refused(400, "contradiction");
        assert_eq!((answer.faults(), &refused["errors"][0]["rule"]), (vec!["/industryCode contradiction".to_owned()], &json!("contradiction")));
        assert_eq!(refused["errors"][0]["legalBasis"], "27/2018/QĐ-TTg");
        body["industryCode"] = json!("A0161");
        let id = locality.post("/v1/cooperatives", &body).await.created()["id"].as_str().unwrap().to_owned();
        let own = world.cooperative(&id).with("if-none-match", "*");
        let figures = json!({"status": "final", "profitBeforeTax": "120000000"});
        let put = |year: u16| format!("/v1/cooperatives/{id}/annual-figures/{year}");
        let refused = own.put(&put(2018), &figures).await.refused(400, "contradiction");
        assert_eq!(refused["inputs"], json!({"stated": "2018", "against": "2019-06-01"}));
        // All of it at once, what is wrong with the year included.
        let unequal = json!({"status": "final", "members": 10, "membersWomen": 11});
        let due = ["#year contradiction", "/membersWomen contradiction"];
        assert_eq!(own.put(&put(2018), &unequal).await.faults(), due);
        let due = ["#year date_in_future", "/membersWomen contradiction", "/status contradiction"];
        assert_eq!(own.put(&put(2099), &unequal).await.faults(), due);
        own.put(&put(2019), &figures).await.created();
        let ahead = json!({"status": "estimated", "members": 246});
        let refused = own.put(&put(2100), &ahead).await.refused(400, "date_in_future");
        assert_eq!(refused["inputs"]["date"], "2100");
        body["taxCode"] = json!("0100233495");
        (body["unit"], body["foundedOn"], body["industryCode"]) = (json!("999"), json!("2999-01-01"), json!("H0161"));
        let due = ["/foundedOn date_in_future", "/industryCode contradiction", "/unit unknown_reference"];
        assert_eq!(locality.post("/v1/cooperatives", &body).await.faults(), due);

        // The foundation does not move behind what is recorded: figures of 2019, a stop that began in 2020.
        let path = format!("/v1/cooperatives/{id}");
        let stop = json!({"fromDate": "2020-03-01", "toDate": "2020-04-01"});
        locality.step(&path, "interruptions", &stop).await.ok();
        let refused = locality.seen("*").patch(&path, &json!({"foundedOn": "2020-06-01", "unit": "999"})).await;
        assert_eq!(refused.faults(), ["/foundedOn contradiction", "/unit unknown_reference"]);
        let told = &refused.refused(400, "contradiction")["errors"][0];
        assert_eq!(told["inputs"], json!({"stated": "2020-06-01", "against": "2019, 2020-03-01"}));
        assert_eq!(locality.seen("*").patch(&path, &json!({"foundedOn": "2019-12-31"})).await.ok()["foundedOn"], "2019-12-31");
    }
}
