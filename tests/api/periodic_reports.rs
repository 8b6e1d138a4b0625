//! Periodic reports: their life, revisions, races, who sees them, and bad input.

use sarus::domain::role::Role;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::support::given_reports::{digest_of, figure, report_path, signed_off, value};

const CONTENT: [&str; 12] = [
    "agency",
    "dataWindow",
    "formVersion",
    "indicators",
    "level",
    "narrative",
    "period",
    "province",
    "revision",
    "revisionReason",
    "sources",
    "unit",
];

fn ids(page: &Value) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

scenario! {
    /// A unit has one report on a period, whichever agency owes it by now: who took over revises it, and nothing is counted
    /// twice.
    async fn a_unit_has_one_report_whoever_reports_for_it(world) {
        world.given_plan("01").await;
        let (lead, ministry) = (world.someone(Role::LeadAgency, "01"), world.someone(Role::Ministry, ""));
        let report = world.given_accepted_report(&lead, &ministry, "2023").await;
        let operator = world.someone(Role::Administrator, "");
        let heir = json!({"name": "Sở Tài chính (dữ liệu mẫu)", "kind": "lead-agency", "unit": "01", "validFrom": "2023-07-01"});
        let heir = operator.post("/v1/agencies", &heir).await.created()["id"].clone();
        // The directory ends it with the reform of March 2025; it turns out to have ended before.
        let ending = json!({"lastDay": "2023-06-30", "successor": heir, "reason": "Ghi nhầm (dữ liệu mẫu)"});
        let old = format!("/v1/agencies/{}", report["agency"].as_str().unwrap());
        operator.step(&old, "ending-corrections", &ending).await.ok();

        // The data of 2023 close under the heir: it owes what the other has reported already.
        let owed = ministry.get("/v1/reporting-obligations?period=2023").await.ok();
        let own = owed["items"].as_array().unwrap().iter().find(|one| one["level"] == "province").unwrap();
        assert_eq!((&own["agency"], &own["state"], &own["report"]), (&heir, &json!("accepted"), &report["id"]));
        let aggregate = ministry.get("/v1/aggregates?period=2023").await.ok();
        assert_eq!((aggregate["sources"].as_array().unwrap().len(), &aggregate["missing"]), (1, &json!([])));
        let successor = world.agent(Role::LeadAgency, heir.as_str().unwrap().parse().unwrap(), "clerk");
        let second = successor.post("/v1/periodic-reports", &json!({"period": "2023"})).await;
        second.refused(409, "already_exists");
        assert_eq!(second.body["inputs"]["report"], report["id"]);
        let revised = successor.step(&report_path(&report), "revisions", &json!({"reason": "Rà soát"})).await.ok();
        let next = format!("/v1/periodic-reports/{}", revised["next"].as_str().unwrap());
        successor.step(&next, "submissions", &signed_off("2024-03-01")).await.ok();
        ministry.step(&next, "acceptances", &json!({})).await.ok();
        let sources = ministry.get("/v1/aggregates?period=2023").await.ok()["sources"].clone();
        assert_eq!((sources.as_array().unwrap().len(), &sources[0]["revision"]), (1, &json!(2)));
        // Nor does the database let two stand.
        let tx = world.sarus.store.begin().await.unwrap();
        let both = tx.execute_unprepared("UPDATE periodic_reports SET authoritative = TRUE").await.unwrap_err();
        assert!(both.to_string().to_lowercase().contains("unique"), "{both}");
    }
}

scenario! {
    /// Locality → lead agency, returned with a comment, corrected, accepted; then the province → the ministry, which pulls.
    async fn a_report_is_returned_corrected_and_accepted_and_the_ministry_pulls_the_provinces(world) {
        world.given_plan("89").await;
        let locality = world.someone(Role::Locality, "888");
        let lead = world.someone(Role::LeadAgency, "89");
        let ministry = world.someone(Role::Ministry, "");
        let draft = world.given_report_draft(&locality, "2023S1").await;
        let path = report_path(&draft);
        assert_eq!((&draft["level"], &draft["unit"], &draft["revision"]), (&json!("locality"), &json!("888"), &json!(1)));
        assert_eq!(draft["dataWindow"], json!({"fromDate": "2022-12-15", "toDate": "2023-06-14"}));
        assert_eq!(figure(&draft, "revenue"), Value::Null, "a six-month report has no annual indicator");
        lead.get(&path).await.refused(404, "not_found");

        let submitted = locality.step(&path, "submissions", &signed_off("2023-06-15")).await.ok();
        assert_eq!((&submitted["state"], &submitted["timeliness"]), (&json!("submitted"), &json!("no_deadline")));
        assert_eq!(submitted["contentHash"], draft["contentHash"]);
        lead.step(&path, "returns", &json!({})).await.refused(400, "invalid_body");
        let returned = lead.step(&path, "returns", &json!({"comment": "Bổ sung phần khó khăn"})).await.ok();
        assert_eq!((&returned["state"], &returned["authoritative"]), (&json!("returned"), &json!(false)));
        assert_eq!(returned["comment"], "Bổ sung phần khó khăn");

        let etag = locality.get(&path).await.ok_etag();
        let correction = json!({
            "narrative": [{"code": "obstacles", "text": "Thiếu vốn đối ứng."}],
            "overrides": [{"indicator": "pilots_selected", "value": "1", "reason": "Quyết định ban hành sau ngày chốt"}],
        });
        let edited = locality.seen(&etag).patch(&path, &correction).await.ok();
        assert_ne!(edited["contentHash"], draft["contentHash"]);
        let selected = figure(&edited, "pilots_selected");
        assert_eq!((&selected["value"], &selected["computed"]["value"]), (&json!("1"), &json!("0")));
        assert_eq!(selected["overrideReason"], "Quyết định ban hành sau ngày chốt");
        locality.step(&path, "submissions", &signed_off("2023-06-20")).await.ok();
        let accepted = lead.step(&path, "acceptances", &json!({"comment": "Khớp"})).await.ok();
        assert_eq!((&accepted["state"], &accepted["authoritative"]), (&json!("accepted"), &json!(true)));
        assert_eq!(accepted["contentHash"], digest_of(&accepted, &CONTENT));

        let etag = locality.get(&path).await.ok_etag();
        locality.seen(&etag).patch(&path, &json!({"narrative": []})).await.refused(409, "wrong_state");
        locality.seen(&etag).delete(&path).await.refused(409, "not_a_draft");
        let history = lead.get(&format!("{path}/submissions")).await.ok();
        let hashes: Vec<_> = history["items"].as_array().unwrap().iter().map(|step| &step["contentHash"]).collect();
        assert_eq!(hashes, [&draft["contentHash"], &edited["contentHash"]]);
        for (step, comment) in [("returns", "Bổ sung phần khó khăn"), ("acceptances", "Khớp")] {
            assert_eq!(lead.get(&format!("{path}/{step}")).await.ok()["items"][0]["comment"], comment);
        }

        let provinces = world.given_submitted_report(&lead, "2023S1").await;
        lead.step(&report_path(&provinces), "acceptances", &json!({})).await.refused(409, "not_responsible");
        ministry.step(&report_path(&provinces), "acceptances", &json!({})).await.ok();
        world.given_plan("01").await;
        let hanoi = world.given_submitted_report(&world.someone(Role::LeadAgency, "01"), "2023S1").await;
        let pull = "/v1/periodic-reports?period=2023S1&level=province&authoritative=true";
        let first = ministry.get(&format!("{pull}&limit=1")).await.ok();
        let second = ministry.get(first["links"]["next"].as_str().unwrap()).await.ok();
        let mine = [ids(&first), ids(&second)].concat();
        assert_eq!(mine, [provinces["id"].as_str().unwrap(), hanoi["id"].as_str().unwrap()]);
        let lines = ministry.with("accept", "application/x-ndjson").get(pull).await;
        assert_eq!(lines.text.lines().count(), 2);
        let since = hanoi["updatedAt"].as_str().unwrap();
        assert_eq!(ids(&ministry.get(&format!("{pull}&updatedSince={since}")).await.ok()), [hanoi["id"].as_str().unwrap()]);
    }
}

scenario! {
    async fn who_drafted_or_submitted_does_not_accept(world) {
        world.given_plan("89").await;
        let officer = world.person(Role::Locality, "888", "officer");
        let report = world.given_submitted_report(&officer, "2023").await;
        let same = world.person(Role::LeadAgency, "89", "officer");
        same.step(&report_path(&report), "acceptances", &json!({})).await.refused(409, "four_eyes");
        let actions = same.get(&format!("{}/allowed-actions", report_path(&report))).await.ok();
        let action = |name: &str| {
            let all = actions["items"].as_array().unwrap();
            all.iter().find(|action| action["step"] == name).unwrap().clone()
        };
        assert_eq!((&action("acceptances")["allowed"], &action("acceptances")["code"]), (&json!(false), &json!("four_eyes")));
        assert_eq!(action("returns")["allowed"], true);
        assert_eq!(action("edit")["code"], "not_responsible");
        world.person(Role::LeadAgency, "89", "head").step(&report_path(&report), "acceptances", &json!({})).await.ok();
    }
}

scenario! {
    /// One report for an agency, period and form; a draft that is deleted makes room again.
    async fn the_natural_key_holds_whatever_races(world) {
        world.given_plan("89").await;
        let locality = world.someone(Role::Locality, "888");
        let body = json!({"period": "2023"});
        let (one, other) = tokio::join!(locality.post("/v1/periodic-reports", &body), locality.post("/v1/periodic-reports", &body));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409]);
        let (made, refused) = if one.status == 201 { (one, other) } else { (other, one) };
        refused.refused(409, "already_exists");
        locality.post("/v1/periodic-reports", &json!({"period": "2023S1"})).await.created();
        locality.seen(&made.header("etag")).delete(&made.location()).await;
        locality.get(&made.location()).await.refused(404, "not_found");
        locality.post("/v1/periodic-reports", &body).await.created();
    }
}

scenario! {
    /// Accepted reports never change: revision 2 carries reason and difference, and takes over when it is accepted,
    /// once, whoever races.
    async fn one_revision_stands_whatever_races(world) {
        world.given_plan("89").await;
        let lead = world.someone(Role::LeadAgency, "89");
        let (ministry, colleague) = (world.someone(Role::Ministry, ""), world.person(Role::Ministry, "", "colleague"));
        let first = world.given_submitted_report(&lead, "2022").await;
        let path = report_path(&first);
        lead.step(&path, "revisions", &json!({"reason": "x"})).await.refused(409, "wrong_state");
        let seen = ministry.get(&path).await.ok_etag();
        let nothing = json!({});
        let acceptances = format!("{path}/acceptances");
        let (one_client, other_client) = (ministry.seen(&seen), colleague.seen(&seen));
        let (one, other) = tokio::join!(one_client.post(&acceptances, &nothing), other_client.post(&acceptances, &nothing));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412], "{} {}", one.text, other.text);

        let seen = lead.get(&path).await.ok_etag();
        let (same, again) = (lead.seen(&seen), lead.seen(&seen));
        let revisions = format!("{path}/revisions");
        let reason = json!({"reason": "Dự toán đã điều chỉnh"});
        let (one, other) = tokio::join!(same.post(&revisions, &reason), again.post(&revisions, &reason));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412], "{} {}", one.text, other.text);
        let restated = lead.get(&path).await.ok();
        assert_eq!((&restated["contentHash"], &restated["indicators"]), (&first["contentHash"], &first["indicators"]));
        lead.step(&path, "revisions", &reason).await.refused(409, "already_exists");

        let second = format!("/v1/periodic-reports/{}", restated["next"].as_str().unwrap());
        let etag = lead.get(&second).await.ok_etag();
        let change = json!({"overrides": [{"indicator": "loans_disbursed", "value": "5", "reason": "Bổ sung"}]});
        let edited = lead.seen(&etag).patch(&second, &change).await.ok();
        assert_eq!((&edited["revision"], &edited["revisionReason"]), (&json!(2), &json!("Dự toán đã điều chỉnh")));
        let delta = json!([{"code": "loans_disbursed", "before": {"value": "0"}, "after": {"value": "5"}, "difference": "5"}]);
        assert_eq!(edited["delta"], delta);
        assert_eq!(edited["contentHash"], digest_of(&edited, &CONTENT));
        lead.step(&second, "submissions", &signed_off("2023-02-01")).await.ok();
        let standing = "/v1/periodic-reports?period=2022&authoritative=true";
        assert_eq!(ids(&ministry.get(standing).await.ok()), [first["id"].as_str().unwrap()]);

        let seen = ministry.get(&second).await.ok_etag();
        let acceptances = format!("{second}/acceptances");
        let (one_client, other_client) = (ministry.seen(&seen), colleague.seen(&seen));
        let (one, other) = tokio::join!(one_client.post(&acceptances, &nothing), other_client.post(&acceptances, &nothing));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412], "{} {}", one.text, other.text);
        assert_eq!(ids(&ministry.get(standing).await.ok()), [restated["next"].as_str().unwrap()]);
        let old = ministry.get(&path).await.ok();
        assert_eq!((&old["state"], &old["authoritative"]), (&json!("accepted"), &json!(false)));
        assert_eq!(old["contentHash"], first["contentHash"]);
        lead.step(&second, "revisions", &reason).await.ok();
    }
}

scenario! {
    async fn a_deleted_revision_makes_room_for_another(world) {
        world.given_plan("89").await;
        let (lead, ministry) = (world.someone(Role::LeadAgency, "89"), world.someone(Role::Ministry, ""));
        let accepted = world.given_accepted_report(&lead, &ministry, "2022").await;
        let opened = lead.step(&report_path(&accepted), "revisions", &json!({"reason": "x"})).await.ok();
        let next = format!("/v1/periodic-reports/{}", opened["next"].as_str().unwrap());
        let etag = lead.get(&next).await.ok_etag();
        assert_eq!(lead.seen(&etag).delete(&next).await.status, 204);
        assert_eq!(lead.get(&report_path(&accepted)).await.ok()["next"], Value::Null);
        lead.step(&report_path(&accepted), "revisions", &json!({"reason": "y"})).await.ok();
    }
}

scenario! {
    /// The figures follow the records only when asked to, and only while the report is the agency's own to change.
    async fn figures_are_computed_anew_on_request(world) {
        world.given_plan("89").await;
        let lead = world.someone(Role::LeadAgency, "89");
        let before = world.given_report_draft(&lead, "2021").await;
        assert_eq!(value(&before, "pilots_selected"), "0");
        assert_eq!(value(&before, "support_estimated"), "32675000000");
        world.given_pilots(1).await;
        assert_eq!(value(&lead.get(&report_path(&before)).await.ok(), "pilots_selected"), "0");
        let after = lead.step(&report_path(&before), "recomputations", &json!({})).await.ok();
        assert_eq!(value(&after, "pilots_selected"), "1");
        assert_ne!(after["contentHash"], before["contentHash"]);
        lead.step(&report_path(&before), "submissions", &signed_off("2021-12-20")).await.ok();
        lead.step(&report_path(&before), "recomputations", &json!({})).await.refused(409, "wrong_state");
    }
}

scenario! {
    async fn each_sees_its_own_reach_and_no_draft_of_another(world) {
        world.given_plan("89").await;
        world.given_plan("01").await;
        let phu_tan = world.someone(Role::Locality, "888");
        let long_xuyen = world.someone(Role::Locality, "883");
        let (lead, hanoi) = (world.someone(Role::LeadAgency, "89"), world.someone(Role::LeadAgency, "01"));
        let ministry = world.someone(Role::Ministry, "");
        let local = report_path(&world.given_submitted_report(&phu_tan, "2023").await);
        let provincial = report_path(&world.given_submitted_report(&lead, "2023").await);
        let draft = report_path(&world.given_report_draft(&hanoi, "2023").await);
        for (client, path, is_seen) in [
            (&phu_tan, &local, true),
            (&long_xuyen, &local, false),
            (&lead, &local, true),
            (&hanoi, &local, false),
            (&ministry, &local, true),
            (&phu_tan, &provincial, false),
            (&hanoi, &provincial, false),
            (&ministry, &provincial, true),
            (&hanoi, &draft, true),
            (&lead, &draft, false),
            (&ministry, &draft, false),
        ] {
            assert_eq!(client.get(path).await.status, if is_seen { 200 } else { 404 }, "{path}");
        }
        hanoi.seen("\"1\"").post(&format!("{local}/acceptances"), &json!({})).await.refused(404, "not_found");
        ministry.seen("\"1\"").post(&format!("{draft}/acceptances"), &json!({})).await.refused(404, "not_found");
        // Another department of the province sees the report; it is not its own.
        let colleague = world.agriculture();
        let etag = colleague.get(&local).await.ok_etag();
        colleague.seen(&etag).patch(&local, &json!({"narrative": []})).await.refused(409, "not_responsible");
        assert_eq!(ministry.get("/v1/periodic-reports?count=exact").await.ok()["count"], 2);
        assert_eq!(phu_tan.get("/v1/periodic-reports?count=exact").await.ok()["count"], 1);
        assert_eq!(hanoi.get("/v1/periodic-reports?count=exact&state=draft").await.ok()["count"], 1);
        world.cooperative("01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d").get(&local).await.refused(403, "forbidden");
    }
}

scenario! {
    async fn bad_input_is_named_fault_by_fault_and_steps_have_an_order(world) {
        world.given_plan("89").await;
        let locality = world.someone(Role::Locality, "888");
        let path = "/v1/periodic-reports";
        let broken = json!({"period": "2023S3", "surprise": 1, "narrative": [{"code": "Results", "text": " "}]});
        let answer = locality.post(path, &broken).await;
        answer.refused(400, "invalid_body");
        assert_eq!(answer.faults(), [
            "/narrative/0/code wrong_pattern", "/narrative/0/text too_short",
            "/narrative/0/text wrong_pattern", "/period wrong_pattern", "/surprise unknown_member",
        ]);
        let overrides = json!({"period": "2023", "overrides": [
            {"indicator": "unheard_of", "value": "1", "reason": "r"},
            {"indicator": "pilots_good_share", "value": "50.00", "reason": "r"},
            {"indicator": "support_estimated", "value": "1", "reason": "not of a locality"},
        ]});
        let answer = locality.post(path, &overrides).await;
        answer.refused(400, "unknown_reference");
        assert_eq!(answer.faults(), [
            "/overrides/0/indicator unknown_reference", "/overrides/1/denominator override_shape",
            "/overrides/1/numerator override_shape", "/overrides/1/value override_shape",
            "/overrides/2/indicator unknown_reference",
        ]);
        locality.post(path, &json!({"period": "2098"})).await.refused(409, "no_reporting_duty");
        world.someone(Role::LeadAgency, "92").post(path, &json!({"period": "2023"})).await.refused(409, "no_reporting_duty");
        // A department reports while it is responsible for a pilot.
        world.agriculture().post(path, &json!({"period": "2023"})).await.refused(409, "no_reporting_duty");
        world.someone(Role::Finance, "89").post(path, &json!({"period": "2023"})).await.refused(403, "forbidden");

        let draft = world.given_report_draft(&locality, "2023").await;
        let own = report_path(&draft);
        locality.patch(&own, &json!({"narrative": []})).await.refused(428, "precondition_required");
        locality.seen("\"9\"").patch(&own, &json!({"narrative": []})).await.refused(412, "stale");
        locality.seen("\"1\"").patch(&own, &json!({"period": "2022"})).await.refused(400, "report_key_fixed");
        let early = locality.step(&own, "submissions", &signed_off("2023-12-14")).await;
        early.refused(409, "period_not_closed");
        locality.step(&own, "submissions", &signed_off("2999-01-01")).await.refused(400, "date_in_future");
        let unsigned = locality.step(&own, "submissions", &json!({"documentNumber": ""})).await;
        assert_eq!(unsigned.faults(), [
            "/documentDate required", "/documentNumber too_short", "/documentNumber wrong_pattern", "/signatory required",
        ]);
        assert_eq!(locality.get(&own).await.ok(), draft, "nothing half written");
        let lead = world.someone(Role::LeadAgency, "89");
        lead.get("/v1/periodic-reports?period=23&colour=red").await.refused(400, "invalid_query");
        lead.get("/v1/reporting-obligations").await.refused(400, "invalid_query");
        lead.get("/v1/aggregates?period=2023&by=colour").await.refused(400, "invalid_query");
    }
}

scenario! {
    /// What the agency puts in is of the known parts, and no part is more than its whole: when it is written, and again when it
    /// is sent.
    async fn overrides_are_of_the_vocabulary_and_hold_together(world) {
        world.given_pilots(1).await;
        let lead = world.someone(Role::LeadAgency, "89");
        let with = |overrides: Value| json!({"period": "2022", "overrides": overrides});
        let wrong = with(json!([
            {"indicator": "pilots_active", "breakdown": [{"key": "A3", "value": "1"}, {"key": "Z9", "value": "1"}], "reason": "r"},
            {"indicator": "pilots_by_rating", "breakdown": [{"key": "superb", "value": "1"}], "reason": "r"},
            {"indicator": "support_allocated", "breakdown": [{"key": "no_such", "value": "1"}], "reason": "r"},
        ]));
        let refused = lead.post("/v1/periodic-reports", &wrong).await;
        let places = ["/overrides/0/breakdown/1/key", "/overrides/1/breakdown/0/key", "/overrides/2/breakdown/0/key"];
        assert_eq!((refused.status, refused.faults()), (400, places.map(|place| format!("{place} unknown_reference")).to_vec()));
        let one = |code: &str, value: &str| json!({"indicator": code, "value": value, "reason": "r"});
        let more = lead.post("/v1/periodic-reports", &with(json!([one("pilots_profitable", "2")]))).await;
        more.refused(409, "part_exceeds_whole");
        assert_eq!(more.body["inputs"], json!({"part": "pilots_profitable", "whole": "pilots_active", "stated": "2", "limit": "1"}));
        let draft = lead.post("/v1/periodic-reports", &with(json!([one("members_total", "3"), one("members_women", "3")]))).await.created();
        let path = report_path(&draft);
        let etag = lead.get(&path).await.ok_etag();
        let women = json!({"overrides": [one("members_total", "3"), one("members_women", "5")]});
        lead.seen(&etag).patch(&path, &women).await.refused(409, "part_exceeds_whole");
        // Unknown wholes bound nothing.
        lead.seen(&etag).patch(&path, &json!({"overrides": [one("members_women", "5")]})).await.ok();
        lead.step(&path, "submissions", &signed_off("2023-02-01")).await.ok();
    }
}

scenario! {
    /// A province's report names the reports that were accepted below it, and adds up what its localities entered by hand; a
    /// department's figures on the same events are not added.
    async fn what_localities_enter_reaches_the_report_of_the_province(world) {
        world.given_pilots(1).await;
        let lead = world.someone(Role::LeadAgency, "89");
        let mut below = Vec::new();
        for (who, trained) in [(world.someone(Role::Locality, "883"), "12"), (world.someone(Role::Locality, "888"), "30"), (world.agriculture(), "7")] {
            let overrides = json!([{"indicator": "training_attendances", "value": trained, "status": "final", "reason": "Sổ đào tạo"}]);
            let draft = who.post("/v1/periodic-reports", &json!({"period": "2022", "overrides": overrides})).await.created();
            let sent = who.step(&report_path(&draft), "submissions", &signed_off("2023-02-01")).await.ok();
            assert_eq!(sent.get("sources"), None);
            below.push(sent);
        }
        let draft = world.given_report_draft(&lead, "2022").await;
        assert_eq!((value(&draft, "training_attendances"), draft.get("sources")), ("-".to_owned(), None), "none is accepted yet");
        for report in &below {
            lead.step(&report_path(report), "acceptances", &json!({})).await.ok();
        }
        let drawn = lead.step(&report_path(&draft), "recomputations", &json!({})).await.ok();
        assert_eq!(value(&drawn, "training_attendances"), "42");
        let source = |report: &Value| json!({
            "report": report["id"], "agency": report["agency"], "level": report["level"], "unit": report["unit"],
            "revision": 1, "contentHash": report["contentHash"],
        });
        let mut sources: Vec<Value> = below.iter().map(source).collect();
        sources.sort_by_key(|one| one["unit"].as_str().unwrap().to_owned());
        assert_eq!(drawn["sources"], json!(sources));
        assert_eq!(drawn["contentHash"], digest_of(&drawn, &CONTENT));
        // The author of a revision is told, and what changed in words and in certainty alone.
        let ministry = world.someone(Role::Ministry, "");
        lead.step(&report_path(&draft), "submissions", &signed_off("2023-02-02")).await.ok();
        ministry.step(&report_path(&draft), "acceptances", &json!({})).await.ok();
        let reviser = world.person(Role::LeadAgency, "89", "reviser");
        let revised = reviser.step(&report_path(&draft), "revisions", &json!({"reason": "Quyết toán"})).await.ok();
        let next = format!("/v1/periodic-reports/{}", revised["next"].as_str().unwrap());
        let etag = reviser.get(&next).await.ok_etag();
        let body = json!({
            "overrides": [{"indicator": "training_attendances", "value": "42", "status": "estimated", "reason": "Chờ sổ"}],
            "narrative": [{"code": "results", "text": "Kết quả (dữ liệu mẫu)"}],
        });
        let edited = reviser.seen(&etag).patch(&next, &body).await.ok();
        assert_eq!(edited["delta"], json!([{
            "code": "training_attendances", "before": {"value": "42"}, "after": {"value": "42"}, "difference": "0",
            "statusBefore": "final", "statusAfter": "estimated",
        }]));
        assert_eq!(edited["narrativeDelta"], json!([{"code": "results", "after": "Kết quả (dữ liệu mẫu)"}]));
        assert_eq!(edited["createdBy"], "reviser");
        reviser.step(&next, "submissions", &signed_off("2023-02-03")).await.ok();
        ministry.step(&next, "acceptances", &json!({})).await.ok();
        let pull = "/v1/periodic-reports?period=2022&level=province&authoritative=true";
        let line = ministry.with("accept", "application/x-ndjson").get(pull).await.text;
        let pulled: Value = serde_json::from_str(line.lines().next().unwrap()).unwrap();
        assert_eq!((&pulled["createdBy"], &pulled["submittedBy"], &pulled["revisionReason"]), (&json!("reviser"), &json!("reviser"), &json!("Quyết toán")));
    }
}
