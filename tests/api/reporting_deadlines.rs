//! Deadlines of reports: loaded, put in force by somebody else, followed by others; exceptions by name; locks.

use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::support::given_deadlines::{PHU_TAN, deadline_path, new_reporting_deadline};
use crate::support::given_reports::{report_path, signed_off, value};

const PATH: &str = "/v1/reporting-deadlines";
const HOLIDAYS: &str = "/v1/public-holidays";
const EXCEPTIONS: &str = "/v1/reporting-exceptions";

fn with(changes: &Value) -> Value {
    let mut terms = new_reporting_deadline();
    for (name, value) in changes.as_object().unwrap() {
        terms[name] = value.clone();
    }
    terms
}

scenario! {
    /// A draft binds nobody; whoever wrote it does not put it in force; a later rule ends an open one.
    async fn a_deadline_is_loaded_by_one_and_put_in_force_by_another(world) {
        let (operator, ministry) = (world.someone(Role::Administrator, ""), world.someone(Role::Ministry, ""));
        world.given_plan("89").await;
        let lead = world.someone(Role::LeadAgency, "89");
        let owed = async || {
            let all = lead.get("/v1/reporting-obligations?period=2023").await.ok();
            all["items"].as_array().unwrap().iter().find(|one| one["agency"] == PHU_TAN).unwrap().clone()
        };
        let draft = operator.post(PATH, &new_reporting_deadline()).await.created();
        assert_eq!((&draft["state"], &owed().await["reason"]), (&json!("draft"), &json!("no_deadline_set")));
        let path = deadline_path(&draft);
        lead.post(PATH, &new_reporting_deadline()).await.refused(403, "forbidden");
        operator.seen("\"1\"").post(&format!("{path}/activations"), &json!({})).await.refused(403, "forbidden");

        // The ministry edits it: then another of its people puts it in force.
        let etag = ministry.get(&path).await.ok_etag();
        let edited = ministry.seen(&etag).patch(&path, &json!({"locks": {"yearsAfter": 1, "month": 2, "day": 1}})).await.ok();
        assert_eq!(edited["locks"]["month"], 2);
        ministry.step(&path, "activations", &json!({})).await.refused(409, "four_eyes");
        let colleague = world.person(Role::Ministry, "", "colleague");
        let actions = colleague.get(&format!("{path}/allowed-actions")).await.ok();
        let allowed = |actions: &Value| actions["items"].as_array().unwrap().iter()
            .filter(|one| one["allowed"] == true).map(|one| one["step"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(allowed(&actions), ["edit", "delete", "activations"]);
        let active = colleague.step(&path, "activations", &json!({"comment": "Áp dụng từ kỳ 2023"})).await.ok();
        assert_eq!(active["state"], "active");
        assert_eq!(colleague.get(&format!("{path}/activations")).await.ok()["items"].as_array().unwrap().len(), 1);
        ministry.step(&path, "activations", &json!({})).await.refused(409, "not_a_draft");
        let etag = ministry.get(&path).await.ok_etag();
        ministry.seen(&etag).delete(&path).await.refused(409, "not_a_draft");
        assert_eq!(owed().await["deadline"], json!({
            "dueOn": "2023-12-20", "lastDayCounts": false, "timelyUntil": "2023-12-19T17:00:00Z",
            "locksAt": "2024-01-31T17:00:00Z", "regime": "124/2021/TT-BTC", "rule": active["id"],
            "legalBasis": "124/2021/TT-BTC",
        }));

        // Another rule for the same days is refused; one that begins later ends it.
        let same = operator.post(PATH, &new_reporting_deadline()).await.created();
        colleague.step(&deadline_path(&same), "activations", &json!({})).await.refused(409, "deadlines_overlap");
        let etag = operator.get(&deadline_path(&same)).await.ok_etag();
        operator.seen(&etag).delete(&deadline_path(&same)).await.ok();
        let later = with(&json!({"validFrom": "2024-01-01", "due": {"yearsAfter": 1, "month": 1, "day": 15}, "lastDayCounts": true}));
        let later = world.given_reporting_deadline(&later).await;
        assert_eq!(ministry.get(&path).await.ok()["validTo"], "2023-12-31");
        assert_eq!(owed().await["deadline"]["rule"], active["id"]);
        let next = lead.get("/v1/reporting-obligations?period=2024").await.ok();
        let of_2024 = next["items"].as_array().unwrap().iter().find(|one| one["agency"] == PHU_TAN).unwrap();
        assert_eq!(of_2024["deadline"]["rule"], later["id"]);
        assert_eq!(of_2024["deadline"]["timelyUntil"], "2025-01-15T17:00:00Z");
        let listed = ministry.get(&format!("{PATH}?level=locality&periodKind=year&state=active")).await.ok();
        assert_eq!(listed["items"].as_array().unwrap().len(), 2);
        assert_eq!(ministry.get(&format!("{PATH}?state=draft")).await.ok()["items"], json!([]));
    }
}

scenario! {
    /// Two regimes ask for one report, each by its own day: it is in time under both until the earlier, and locked by the later.
    /// One that takes other data is refused.
    async fn regimes_stand_side_by_side_and_the_earliest_day_decides(world) {
        world.given_plan("89").await;
        let (operator, ministry) = (world.someone(Role::Administrator, ""), world.someone(Role::Ministry, ""));
        let owed = async |period: &str| {
            let all = ministry.get(&format!("/v1/reporting-obligations?period={period}")).await.ok();
            all["items"].as_array().unwrap().iter().find(|one| one["agency"] == PHU_TAN).unwrap().clone()
        };
        let lock = |month: u8| json!({"yearsAfter": 1, "month": month, "day": 1});
        let support = world.given_reporting_deadline(&with(&json!({"locks": lock(2)}))).await;
        assert_eq!(owed("2023").await["deadlines"].as_array().unwrap().len(), 1);
        let of_province = json!({
            "regime": "Chế độ báo cáo của tỉnh", "legalBasis": "2129/QĐ-UBND VII.9", "lastDayCounts": true,
            "due": {"yearsAfter": 0, "month": 12, "day": 18}, "validFrom": "2023-01-01",
        });
        let province = world.given_reporting_deadline(&with(&of_province)).await;
        let told = owed("2023").await;
        let ids = |told: &Value| told["deadlines"].as_array().unwrap().iter()
            .map(|one| one["deadline"]["rule"].clone()).collect::<Vec<_>>();
        assert_eq!(ids(&told), [province["id"].clone(), support["id"].clone()]);
        let governing = |told: &Value| (told["deadline"]["rule"].clone(), told["deadline"]["dueOn"].clone());
        assert_eq!(governing(&told), (province["id"].clone(), json!("2023-12-18")));
        // The regime of the province locks nothing: it still takes the report in.
        assert_eq!((&told["due"], &told["deadline"]["locksAt"]), (&json!("late"), &Value::Null));
        let standing = |told: &Value| told["deadlines"].as_array().unwrap().iter()
            .map(|one| format!("{} {}", one["due"].as_str().unwrap(), one["reason"].as_str().unwrap())).collect::<Vec<_>>();
        assert_eq!(standing(&told), ["late past_deadline", "locked past_lock"]);
        assert_eq!(ids(&owed("2022").await), [] as [Value; 0], "neither was in force when the data of 2022 closed");

        // Once both lock it, the last lock is that of the report. A regime has one rule at a time.
        let again = with(&json!({
            "regime": of_province["regime"], "legalBasis": "2129/QĐ-UBND VII.9", "lastDayCounts": true, "locks": lock(3),
            "due": {"yearsAfter": 0, "month": 12, "day": 19}, "validFrom": "2023-06-01",
        }));
        let again = world.given_reporting_deadline(&again).await;
        assert_eq!(ministry.get(&deadline_path(&province)).await.ok()["validTo"], "2023-05-31");
        let told = owed("2023").await;
        // "Before the 20th" and "on the 19th at the latest" pass at one instant.
        assert_eq!(told["deadline"]["timelyUntil"], "2023-12-19T17:00:00Z");
        assert_eq!((&told["due"], &told["deadline"]["locksAt"]), (&json!("locked"), &json!("2024-02-29T17:00:00Z")));
        let same = operator.post(PATH, &with(&json!({"regime": of_province["regime"], "validFrom": "2023-06-01"}))).await.created();
        let refused = ministry.step(&deadline_path(&same), "activations", &json!({})).await.refused(409, "deadlines_overlap");
        assert_eq!((&refused["inputs"]["regime"], &refused["inputs"]["deadline"]), (&of_province["regime"], &again["id"]));

        let other = with(&json!({
            "regime": "Chế độ thống kê", "window": {"from": {"yearsBefore": 1, "month": 12, "day": 1}, "to": {"yearsAfter": 0, "month": 11, "day": 30}},
        }));
        let draft = operator.post(PATH, &other).await.created();
        let refused = ministry.step(&deadline_path(&draft), "activations", &json!({})).await.refused(409, "windows_differ");
        assert_eq!((&refused["inputs"]["from"], &refused["inputs"]["to"]), (&json!("2022-12-15"), &json!("2023-12-14")));
        let of_regime = ministry.get(&format!("{PATH}?regime=124%2F2021%2FTT-BTC&state=active")).await.ok();
        assert_eq!(of_regime["items"].as_array().unwrap().len(), 1);
    }
}

scenario! {
    /// Decree 09/2019/NĐ-CP: at least one working day after the data close, in every year.
    async fn a_deadline_that_leaves_no_working_day_is_refused(world) {
        let operator = world.someone(Role::Administrator, "");
        for (changes, fault) in [
            (json!({"due": {"yearsAfter": 0, "month": 12, "day": 14}, "lastDayCounts": true}), "/due deadline_too_early"),
            (json!({"due": {"yearsAfter": 0, "month": 12, "day": 16}, "lastDayCounts": true}), "/due deadline_too_early"),
            (json!({"due": {"yearsAfter": 0, "month": 2, "day": 30}}), "/due no_such_day"),
            (json!({"due": {"yearsAfter": 0, "month": 13, "day": 1}}), "/due/month too_large"),
            (json!({"validTo": "2020-01-01"}), "/validTo dates_out_of_order"),
            (json!({"locks": {"yearsAfter": 0, "month": 12, "day": 18}}), "/locks dates_out_of_order"),
            (json!({"periodKind": "month"}), "/periodKind not_in_enum"),
        ] {
            let refused = operator.post(PATH, &with(&changes)).await;
            assert_eq!((refused.status, refused.faults()), (400, vec![fault.to_owned()]), "{changes}");
        }
        let seventeenth = with(&json!({"due": {"yearsAfter": 0, "month": 12, "day": 17}, "lastDayCounts": true}));
        let draft = operator.post(PATH, &seventeenth).await.created();
        // Days that no calendar knows by itself are loaded; who put a deadline in force learns of those loaded since. The data of
        // 2024 close on a Saturday; Monday the 16th and Tuesday the 17th are off then.
        let holiday = |date: &str| json!({
            "date": date, "name": {"vi": "Ngày nghỉ bù (dữ liệu mẫu)", "en": "Day in lieu (sample data)"}, "legalBasis": "45/2019/QH14 Điều 112",
        });
        let monday = operator.post(HOLIDAYS, &holiday("2024-12-16")).await.created();
        operator.post(PATH, &seventeenth).await.created();
        let loaded = operator.post(HOLIDAYS, &holiday("2024-12-17")).await;
        let (path, tuesday) = (loaded.location(), loaded.created());
        assert_eq!(operator.post(PATH, &seventeenth).await.faults(), ["/due deadline_too_early"]);
        let ministry = world.someone(Role::Ministry, "");
        let refused = ministry.step(&deadline_path(&draft), "activations", &json!({})).await;
        assert_eq!((refused.status, refused.faults()), (400, vec!["/due deadline_too_early".to_owned()]));
        operator.post(HOLIDAYS, &holiday("2024-12-17")).await.refused(409, "already_exists");
        operator.post(HOLIDAYS, &holiday("2024-12-32")).await.refused(400, "invalid_body");
        world.someone(Role::LeadAgency, "89").post(HOLIDAYS, &holiday("2025-01-29")).await.refused(403, "forbidden");
        assert_eq!(ministry.get(&format!("{HOLIDAYS}?year=2024")).await.ok()["items"], json!([monday, tuesday]));
        assert_eq!(ministry.get(&format!("{HOLIDAYS}?year=2025")).await.ok()["items"], json!([]));
        // The book shows the days that the rule was applied with, in their year.
        let days = async |at: &str| {
            let rule = ministry.get(&format!("/v1/rules/deadline_too_early?at={at}")).await.ok();
            let named = rule["parameters"].as_array().unwrap().iter().filter(|one| one["of"] == "public-holidays");
            named.map(|one| one["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(days("2024-06-30").await, ["holiday.2024-12-16", "holiday.2024-12-17"]);
        assert_eq!(days("2025-06-30").await, [""; 0]);
        assert_eq!(world.someone(Role::Locality, "888").get(&path).await.ok(), tuesday);
        assert_eq!(operator.seen("\"1\"").delete(&path).await.status, 204);
        operator.get(&path).await.refused(404, "not_found");
        ministry.step(&deadline_path(&draft), "activations", &json!({})).await.ok();

        // In force, the rule names 17 December. In 2024 that day is over, and what is loaded now changes nothing of it; in 2025
        // the data close on a Sunday, and the deadline moves on with the days that are loaded, and back with those taken out.
        world.given_plan("89").await;
        let deadline = async |period: &str| {
            let all = ministry.get(&format!("/v1/reporting-obligations?period={period}")).await.ok();
            let local = all["items"].as_array().unwrap().iter().find(|one| one["level"] == "locality").unwrap().clone();
            (local["deadline"]["dueOn"].clone(), local["deadline"]["namedOn"].clone())
        };
        let named = |day: &str| (json!(day), Value::Null);
        let moved = |day: &str, named: &str| (json!(day), json!(named));
        assert_eq!(deadline("2024").await, named("2024-12-17"));
        operator.post(HOLIDAYS, &holiday("2024-12-17")).await.created();
        assert_eq!(deadline("2024").await, named("2024-12-17"), "it had passed");
        assert_eq!(deadline("2025").await, named("2025-12-17"));
        let mut friday = String::new();
        for day in ["2025-12-15", "2025-12-16", "2025-12-17", "2025-12-18", "2025-12-19"] {
            let loaded = operator.post(HOLIDAYS, &holiday(day)).await;
            assert_eq!(loaded.created()["kind"], "holiday");
            friday = loaded.location();
        }
        assert_eq!(deadline("2025").await, moved("2025-12-22", "2025-12-17"));
        let mut worked = holiday("2025-12-20");
        worked["kind"] = json!("working_day");
        let saturday = operator.post(HOLIDAYS, &worked).await;
        assert_eq!(saturday.created()["kind"], "working_day");
        assert_eq!(deadline("2025").await, moved("2025-12-20", "2025-12-17"), "worked in lieu");
        worked["date"] = json!("2025-12-23");
        assert_eq!(operator.post(HOLIDAYS, &worked).await.faults(), ["/kind contradiction"]);
        assert_eq!(operator.seen("\"1\"").delete(&friday).await.status, 204);
        assert_eq!(deadline("2025").await, moved("2025-12-19", "2025-12-17"));
        assert_eq!(deadline("2024").await, named("2024-12-17"));
        operator.get(&format!("{PATH}/01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d")).await.refused(404, "not_found");
    }
}

scenario! {
    /// After the lock nothing is taken in, until the receiver grants an exception, by name and with a reason.
    async fn an_exception_opens_a_locked_period_for_one_reporter(world) {
        world.given_plan("89").await;
        world.given_reporting_deadline(&with(&json!({"locks": {"yearsAfter": 1, "month": 2, "day": 1}}))).await;
        let (lead, phu_tan) = (world.someone(Role::LeadAgency, "89"), world.someone(Role::Locality, "888"));
        let neighbour = world.someone(Role::Locality, "889");
        let own = async |client: &crate::support::client::Client| client.get("/v1/reporting-obligations?period=2023").await.ok()["items"][0].clone();
        let locked = own(&phu_tan).await;
        assert_eq!((&locked["due"], &locked["reason"]), (&json!("locked"), &json!("past_lock")));
        let draft = world.given_report_draft(&phu_tan, "2023").await;
        phu_tan.step(&report_path(&draft), "submissions", &signed_off("2024-02-01")).await.refused(409, "period_locked");

        let terms = json!({"agency": PHU_TAN, "period": "2023", "dueOn": "2025-03-15", "reason": "Lũ lụt tháng 12", "documentNumber": "12/STC-HTX"});
        phu_tan.post(EXCEPTIONS, &terms).await.refused(403, "forbidden");
        world.someone(Role::LeadAgency, "91").post(EXCEPTIONS, &terms).await.refused(400, "unknown_reference");
        world.someone(Role::Ministry, "").post(EXCEPTIONS, &terms).await.refused(409, "not_responsible");
        let early = with_exception(&terms, "dueOn", "2023-12-14");
        assert_eq!(lead.post(EXCEPTIONS, &early).await.faults(), ["/dueOn deadline_too_early"]);
        let earlier_than_the_rule = with_exception(&terms, "dueOn", "2023-12-18");
        assert_eq!(lead.post(EXCEPTIONS, &earlier_than_the_rule).await.faults(), ["/dueOn dates_out_of_order"]);
        let locked_early = with_exception(&terms, "locksOn", "2025-03-15");
        assert_eq!(lead.post(EXCEPTIONS, &locked_early).await.faults(), ["/locksOn dates_out_of_order"]);

        let granted = lead.post(EXCEPTIONS, &terms).await.created();
        assert_eq!((&granted["unit"], &granted["grantedBy"], &granted["reason"]), (&json!("888"), &json!("lead-agency@89"), &json!("Lũ lụt tháng 12")));
        let open = own(&phu_tan).await;
        assert_eq!((&open["due"], &open["reason"]), (&json!("open"), &json!("within_exception")));
        assert_eq!((&open["deadline"]["exception"], &open["deadline"]["legalBasis"]), (&granted["id"], &json!("12/STC-HTX")));
        assert_eq!(own(&neighbour).await["due"], "locked", "the exception is of one reporter");
        let sent = phu_tan.step(&report_path(&draft), "submissions", &signed_off("2024-02-01")).await.ok();
        assert_eq!(sent["timeliness"], "on_time");

        // It is seen by those whom it concerns, and stays as it was granted when a later one counts.
        let path = format!("{EXCEPTIONS}/{}", granted["id"].as_str().unwrap());
        assert_eq!(phu_tan.get(&path).await.ok(), granted);
        neighbour.get(&path).await.refused(404, "not_found");
        let later = lead.post(EXCEPTIONS, &with_exception(&terms, "dueOn", "2025-04-15")).await.created();
        assert_eq!(own(&phu_tan).await["deadline"]["exception"], later["id"]);
        let listed = lead.get(&format!("{EXCEPTIONS}?period=2023&agency={PHU_TAN}")).await.ok();
        assert_eq!(listed["items"], json!([granted, later]));
        assert_eq!(lead.get(&format!("{EXCEPTIONS}?period=2022")).await.ok()["items"], json!([]));
    }
}

fn with_exception(terms: &Value, member: &str, value: &str) -> Value {
    let mut terms = terms.clone();
    terms[member] = json!(value);
    terms
}

scenario! {
    /// The mid-term review of 2023: nobody reports on it before the ministry has set its window, then the provinces do.
    async fn a_review_is_reported_on_once_its_window_is_set(world) {
        world.given_plan("89").await;
        let (lead, operator) = (world.someone(Role::LeadAgency, "89"), world.someone(Role::Administrator, ""));
        let review = json!({"period": "2023R"});
        lead.post("/v1/periodic-reports", &review).await.refused(409, "no_reporting_duty");
        let before = lead.get("/v1/reporting-obligations?period=2023R").await.ok();
        assert_eq!((&before["items"], before.get("dataWindow")), (&json!([]), None));
        let terms = |window: Value| {
            let mut terms = with(&json!({
                "regime": "Sơ kết Đề án", "level": "province", "periodKind": "review", "validFrom": "2021-02-03",
                "due": {"yearsAfter": 0, "month": 11, "day": 20}, "lastDayCounts": true, "legalBasis": "167/QĐ-TTg",
            }));
            if !window.is_null() {
                terms["window"] = window;
            }
            terms
        };
        let window = |month: u8, day: u8| json!({
            "from": {"yearsBefore": 2, "month": 2, "day": 3}, "to": {"yearsAfter": 0, "month": month, "day": day},
        });
        assert_eq!(operator.post(PATH, &terms(Value::Null)).await.faults(), ["/window window_missing"]);
        assert_eq!(operator.post(PATH, &terms(window(11, 19))).await.faults(), ["/due deadline_too_early"]);
        world.given_reporting_deadline(&terms(window(10, 31))).await;

        let owed = lead.get("/v1/reporting-obligations?period=2023R").await.ok();
        assert_eq!(owed["dataWindow"], json!({"fromDate": "2021-02-03", "toDate": "2023-10-31"}));
        let levels: Vec<_> = owed["items"].as_array().unwrap().iter().map(|one| one["level"].clone()).collect();
        assert_eq!(levels, ["province"], "no rule asks localities for one");
        assert_eq!(owed["items"][0]["deadline"]["dueOn"], "2023-11-20");
        world.someone(Role::Locality, "888").post("/v1/periodic-reports", &review).await.refused(409, "no_reporting_duty");
        world.given_pilots(1).await;
        let draft = lead.post("/v1/periodic-reports", &review).await.created();
        assert_eq!(draft["dataWindow"], owed["dataWindow"]);
        // Since the beginning of the scheme, not since the last December.
        assert_eq!(value(&draft, "pilots_selected"), "1");
        assert_eq!(value(&draft, "pilots_exit_met"), "0", "a review carries the annual indicators");
        lead.step(&report_path(&draft), "submissions", &signed_off("2023-10-31")).await.refused(409, "period_not_closed");
        let sent = lead.step(&report_path(&draft), "submissions", &signed_off("2023-11-15")).await.ok();
        assert_eq!((&sent["period"], &sent["timeliness"]), (&json!("2023R"), &json!("late")));
        let ministry = world.someone(Role::Ministry, "");
        let aggregate = ministry.get("/v1/aggregates?period=2023R").await.ok();
        assert_eq!((value(&aggregate, "pilots_selected"), &aggregate["dataWindow"]), ("1".to_owned(), &owed["dataWindow"]));
    }
}

scenario! {
    /// What was reported on keeps its window, for its level; what was not yet follows the rule, also past the end of the
    /// scheme: nobody's duty vanishes with it.
    async fn a_rule_does_not_move_the_window_of_a_period_that_was_reported_on(world) {
        world.given_plan("89").await;
        let (lead, ministry) = (world.someone(Role::LeadAgency, "89"), world.someone(Role::Ministry, ""));
        let submitted = world.given_submitted_report(&lead, "2024").await;
        ministry.step(&report_path(&submitted), "acceptances", &json!({})).await.ok();
        let moving = |level: &str, from: &str| with(&json!({
            "level": level, "lastDayCounts": true, "validFrom": from, "due": {"yearsAfter": 2, "month": 3, "day": 1},
            "window": {"from": {"yearsBefore": 1, "month": 12, "day": 15}, "to": {"yearsAfter": 1, "month": 7, "day": 31}},
        }));
        let operator = world.someone(Role::Administrator, "");
        let draft = operator.post(PATH, &moving("province", "2024-01-01")).await.created();
        let refused = ministry.step(&deadline_path(&draft), "activations", &json!({})).await;
        refused.refused(409, "window_in_use");
        let inputs = &refused.body["errors"][0]["inputs"];
        assert_eq!(inputs, &json!({"period": "2024", "from": "2023-12-15", "to": "2024-12-14"}));
        let etag = ministry.get(&deadline_path(&draft)).await.ok_etag();
        ministry.seen(&etag).patch(&deadline_path(&draft), &json!({"validFrom": "2026-01-01"})).await.ok();
        world.person(Role::Ministry, "", "colleague").step(&deadline_path(&draft), "activations", &json!({})).await.ok();
        // Localities, which have not reported, follow a rule of their own; each item tells its window.
        world.given_reporting_deadline(&moving("locality", "2024-01-01")).await;
        let owed = async |period: &str, level: &str| {
            let all = ministry.get(&format!("/v1/reporting-obligations?period={period}")).await.ok();
            all["items"].as_array().unwrap().iter().find(|one| one["level"] == level).unwrap_or(&Value::Null).clone()
        };
        let windows = json!({"province": owed("2024", "province").await["dataWindow"], "locality": owed("2024", "locality").await["dataWindow"]});
        assert_eq!(windows, json!({
            "province": {"fromDate": "2023-12-15", "toDate": "2024-12-14"}, "locality": {"fromDate": "2023-12-15", "toDate": "2025-07-31"},
        }));
        // The scheme ends with 2025; the data of 2025 close in July 2026.
        assert_eq!(owed("2025", "province").await["dataWindow"]["toDate"], "2026-07-31");
        assert_eq!(owed("2026", "province").await, Value::Null);
    }
}

scenario! {
    /// A regime may close its data on another day than the decree; deadlines and reports follow it.
    async fn a_rule_may_set_another_window_for_its_level(world) {
        world.given_plan("89").await;
        let lead = world.someone(Role::LeadAgency, "89");
        let terms = |day: u8| with(&json!({
            "level": "province", "lastDayCounts": true, "validFrom": "2023-01-01", "due": {"yearsAfter": 0, "month": 12, "day": day},
            "window": {"from": {"yearsBefore": 1, "month": 12, "day": 1}, "to": {"yearsAfter": 0, "month": 11, "day": 30}},
        }));
        let operator = world.someone(Role::Administrator, "");
        assert_eq!(operator.post(PATH, &terms(1)).await.faults(), ["/due deadline_too_early"]);
        let rule = world.given_reporting_deadline(&terms(10)).await;
        assert_eq!(rule["window"]["to"]["month"], 11);
        for (who, period, window) in [
            (&lead, "2024", ["2023-12-01", "2024-11-30"]),
            (&lead, "2022", ["2021-12-15", "2022-12-14"]),
            (&world.someone(Role::Locality, "888"), "2024", ["2023-12-15", "2024-12-14"]),
        ] {
            let draft = who.post("/v1/periodic-reports", &json!({"period": period})).await.created();
            assert_eq!(draft["dataWindow"], json!({"fromDate": window[0], "toDate": window[1]}), "{period}");
        }
    }
}
