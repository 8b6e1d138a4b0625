//! Who owes reports, by when, and how complete a period is.

use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::support::given_deadlines::{PHU_TAN, new_reporting_deadline};
use crate::support::given_pilots::AGRICULTURE;
use crate::support::given_plans::lead_agency;
use crate::support::given_reports::{report_path, signed_off};

fn counts(expected: u32, received: u32, on_time: u32, late: u32, accepted: u32) -> Value {
    json!({"expected": expected, "received": received, "onTime": on_time, "late": late, "accepted": accepted})
}

scenario! {
    /// Localities and departments with pilots owe the lead agency, which owes the ministry; without a plan nobody does.
    async fn duties_follow_the_plan_and_the_pilots(world) {
        let (lead, ministry) = (world.someone(Role::LeadAgency, "89"), world.someone(Role::Ministry, ""));
        let path = "/v1/reporting-obligations?period=2023";
        assert_eq!(ministry.get(path).await.ok()["items"], json!([]));
        world.given_pilots(1).await;
        let owed = lead.get(path).await.ok();
        let items = owed["items"].as_array().unwrap();
        let of_level = |level: &str| items.iter().filter(|item| item["level"] == level).collect::<Vec<_>>();
        assert_eq!((of_level("locality").len(), of_level("line_department").len(), of_level("province").len()), (11, 1, 1));
        assert_eq!(of_level("line_department")[0]["agency"], AGRICULTURE);
        let (province, locality) = (of_level("province")[0], of_level("locality")[0]);
        assert_eq!((&province["agency"], province.get("recipient")), (&json!(lead_agency("89")), None));
        assert_eq!(locality["recipient"], lead_agency("89"));
        assert_eq!((&locality["state"], &locality["due"]), (&json!("not_started"), &json!("no_deadline")));
        assert_eq!(locality["legalBasis"], "2129/QĐ-UBND VI.2.2, VII.9");

        let one = lead.get(&format!("{path}&agency={AGRICULTURE}")).await.ok();
        assert_eq!(one["items"].as_array().unwrap().len(), 1);
        let own = world.someone(Role::Locality, "888").get(path).await.ok();
        assert_eq!(own["items"].as_array().unwrap().len(), 1, "a locality sees its own duty");
        // Before the plan, and after the scheme.
        for period in ["2020", "2026"] {
            let none = lead.get(&format!("/v1/reporting-obligations?period={period}")).await.ok();
            assert_eq!(none["items"], json!([]), "{period}");
        }
    }
}

scenario! {
    /// The deadlines of the scheme are not public; where one is set, a report is in time or late, for good.
    async fn completeness_counts_what_came_and_when(world) {
        world.given_pilots(1).await;
        let rule = world.given_reporting_deadline(&new_reporting_deadline()).await;
        let (lead, locality) = (world.someone(Role::LeadAgency, "89"), world.someone(Role::Locality, "888"));
        let exception = json!({"agency": PHU_TAN, "period": "2022", "dueOn": "2999-12-20", "reason": "Lũ lụt"});
        lead.post("/v1/reporting-exceptions", &exception).await.created();
        world.given_accepted_report(&locality, &lead, "2022").await;
        let late = world.given_submitted_report(&locality, "2023").await;
        assert_eq!(late["timeliness"], "late");
        let agriculture = world.agriculture();
        let returned = world.given_submitted_report(&agriculture, "2023").await;
        lead.step(&report_path(&returned), "returns", &json!({"comment": "x"})).await.ok();
        world.given_report_draft(&lead, "2023").await;

        let in_time = lead.get("/v1/report-completeness?period=2022").await.ok();
        assert_eq!(in_time["levels"][0], json!({"level": "locality", "counts": counts(11, 1, 1, 0, 1)}));
        let year = lead.get("/v1/report-completeness?period=2023").await.ok();
        assert_eq!(year["total"], counts(13, 1, 0, 1, 0));
        assert_eq!(year["levels"][1], json!({"level": "line_department", "counts": counts(1, 0, 0, 0, 0)}));
        assert_eq!(year["provinces"], json!([{"province": "89", "counts": counts(13, 1, 0, 1, 0)}]));
        let units = year["units"].as_array().unwrap();
        assert_eq!(units.len(), 12, "eleven districts, and the province with its lead agency and department");
        assert_eq!(units[0], json!({"unit": "883", "counts": counts(1, 0, 0, 0, 0)}));
        assert!(units.contains(&json!({"unit": "888", "counts": counts(1, 1, 0, 1, 0)})));
        assert!(units.contains(&json!({"unit": "89", "counts": counts(2, 0, 0, 0, 0)})));
        let missing = year["missing"].as_array().unwrap();
        assert_eq!(missing.len(), 12);
        let state = |level: &str| missing.iter().find(|owed| owed["level"] == level).unwrap()["state"].clone();
        assert_eq!((state("line_department"), state("province")), (json!("returned"), json!("draft")));
        let obligation = &locality.get("/v1/reporting-obligations?period=2023").await.ok()["items"][0];
        assert_eq!(obligation["deadline"], json!({
            "dueOn": "2023-12-20", "lastDayCounts": false, "timelyUntil": "2023-12-19T17:00:00Z",
            "regime": "124/2021/TT-BTC", "rule": rule["id"], "legalBasis": "124/2021/TT-BTC",
        }));
        assert_eq!(obligation["reason"], "past_deadline");
        assert_eq!((&obligation["due"], &obligation["state"], &obligation["report"]), (&json!("late"), &json!("submitted"), &late["id"]));
        // The ministry does not see that the province is writing.
        let seen = world.someone(Role::Ministry, "").get("/v1/reporting-obligations?period=2023").await.ok();
        let province = seen["items"].as_array().unwrap().iter().find(|owed| owed["level"] == "province").unwrap();
        assert_eq!(province["state"], "not_started");
        // Resubmission in time stays a matter of the clock: after the deadline it is late.
        agriculture.step(&report_path(&returned), "submissions", &signed_off("2024-02-02")).await.ok();
    }
}
