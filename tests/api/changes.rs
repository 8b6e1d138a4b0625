//! The feed of changes: nothing missed, in order, nothing of others, and an end to what is kept.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::matrix::given_records;
use crate::owasp::{Operation, operations};
use crate::report_forms::shorter;
use crate::support::client::Client;
use crate::support::given_evaluations::evaluation_path;
use crate::support::given_pilots::application_path;
use crate::support::given_plans::new_plan;
use crate::support::given_reports::{report_path, signed_off};
use crate::support::world::{World, new_cooperative};

const FEED: &str = "/v1/changes";

/// Where the feed ends now.
async fn end(client: &Client) -> String {
    let answer = client.get(FEED).await.ok();
    assert_eq!((&answer["items"], &answer["more"]), (&json!([]), &json!(false)));
    answer["next"].as_str().unwrap().to_owned()
}

/// All events after a place, a few at a time; and where they end.
async fn follow(client: &Client, after: &str, limit: u32) -> (Vec<Value>, String) {
    let (mut after, mut items) = (after.to_owned(), Vec::new());
    loop {
        let answer = client.get(&format!("{FEED}?after={after}&limit={limit}")).await.ok();
        items.extend(answer["items"].as_array().unwrap().iter().cloned());
        after = answer["next"].as_str().unwrap().to_owned();
        if answer["more"] == false {
            return (items, after);
        }
    }
}

scenario! {
    /// A record that is made, changed and deleted: each is told, with the version, and where to read it.
    async fn what_happens_is_told_in_order(world) {
        let ministry = world.someone(Role::Ministry, "");
        let start = end(&ministry).await;
        let lead = world.someone(Role::LeadAgency, "89");
        let plan = lead.post("/v1/provincial-plans", &new_plan("89")).await;
        let made = plan.created();
        let path = plan.location();
        let etag = lead.seen(&plan.header("etag")).patch(&path, &json!({"pilotQuota": 4})).await.ok_etag();
        assert_eq!(lead.seen(&etag).delete(&path).await.status, 204);
        let (items, next) = follow(&ministry, &start, 2).await;
        let told: Vec<_> = items.iter().map(|item| (item["kind"].as_str().unwrap(), &item["version"], item["path"].as_str().unwrap())).collect();
        assert_eq!(told, [("created", &json!(1), path.as_str()), ("changed", &json!(2), &path), ("deleted", &json!(2), &path)]);
        assert!(items.iter().all(|item| item["record"] == made["id"] && item["resource"] == "provincial-plans"));
        assert_eq!(follow(&ministry, &next, 200).await.0, Vec::<Value>::new());
        // What was refused never happened.
        lead.post("/v1/provincial-plans", &json!({})).await.refused(400, "invalid_body");
        assert_eq!(end(&ministry).await, next);
    }
}

/// The audit trail is a feed itself; the secrets of accounts are nobody's data.
const UNTOLD: [&str; 2] = ["audit-checkpoints", "service-accounts"];

/// The resources that the document has a writing operation for.
fn written_resources(world: &World) -> BTreeSet<String> {
    let computes =
        |operation: &Operation| operation.pattern.ends_with("/trials") || operation.pattern.ends_with("/replays");
    let writes = operations(world).into_iter().filter(|operation| operation.is_write() && !computes(operation));
    writes.map(|operation| operation.pattern.split('/').nth(2).unwrap().to_owned()).collect()
}

/// What remains to be written for every resource to have been: an agency and a form; and drafts that few see.
async fn given_the_rest(world: &World) {
    let operator = world.someone(Role::Administrator, "");
    let department = json!({
        "name": "Sở Du lịch tỉnh An Giang", "kind": "line-department", "sector": "tourism", "unit": "89", "validFrom": "2022-01-01",
    });
    operator.post("/v1/agencies", &department).await.created();
    let shipped = operator.get("/v1/report-forms").await.ok()["items"][0].clone();
    let form = operator.post("/v1/report-forms", &shorter(&shipped, "QD167-2021-2025.2")).await.location();
    let etag = operator.get(&form).await.ok_etag();
    operator.seen(&etag).patch(&form, &json!({"legalBasis": "Công văn 2 (dữ liệu mẫu)"})).await.ok();
    let applicant = world.given_applicant("1600000077").await;
    world.given_draft_application(&applicant).await;
    world.given_draft_evaluation(&applicant, 2022, 7_000).await;
    for (role, unit) in [(Role::Locality, "883"), (Role::LeadAgency, "89")] {
        world.given_report_draft(&world.someone(role, unit), "2023").await;
    }
}

scenario! {
    /// Each resource of the document that can be written is told, with the version that stands, at the place where it is. Whoever
    /// reads the feed is told of what it may read, and of nothing else.
    async fn every_resource_is_told_to_whoever_may_read_it(world) {
        let ministry = world.someone(Role::Ministry, "");
        given_records(&world).await;
        given_the_rest(&world).await;
        let (items, _) = follow(&ministry, "0", 200).await;
        let told: BTreeSet<String> = items.iter().map(|item| item["path"].as_str().unwrap().split('/').nth(2).unwrap().to_owned()).collect();
        let untold: Vec<_> = written_resources(&world).into_iter().filter(|resource| !told.contains(resource)).collect();
        assert_eq!(untold, UNTOLD);
        assert!(items.iter().any(|item| item["resource"] == "annual-figures"));
        let last: BTreeMap<&str, &Value> = items.iter().map(|item| (item["path"].as_str().unwrap(), item)).collect();
        assert!(last.len() > 40, "{} records", last.len());
        for (path, item) in &last {
            let answer = ministry.get(path).await;
            answer.ok();
            if let Some(version) = item["version"].as_i64() {
                // Yearly figures have two sides: `"1-0"`.
                let tag = answer.header("etag");
                let is_told = tag.trim_matches('"').split('-').any(|side| side == version.to_string());
                assert!(is_told, "{tag} {item}");
            }
        }
        let mut paths: BTreeSet<String> = last.keys().map(|path| (*path).to_owned()).collect();
        let readers = [
            ("lead agency", world.someone(Role::LeadAgency, "89")),
            ("of another province", world.someone(Role::LeadAgency, "01")),
            ("operator", world.someone(Role::Administrator, "")),
            ("oversight", world.someone(Role::Oversight, "89")),
            ("inspectorate", world.someone(Role::Inspectorate, "89")),
        ];
        let mut feeds = Vec::new();
        for (name, reader) in readers {
            let (items, _) = follow(&reader, "0", 200).await;
            let told: BTreeSet<String> = items.iter().map(|item| item["path"].as_str().unwrap().to_owned()).collect();
            paths.extend(told.iter().cloned());
            feeds.push((name, reader, told));
        }
        // The draft of the lead agency's report is told to itself alone.
        assert_eq!(paths.len(), last.len() + 1);
        let mut hidden = 0;
        for (name, reader, told) in feeds {
            for path in &paths {
                let status = reader.get(path).await.status;
                assert_eq!(status == 200, told.contains(path), "{name} {path} {status}");
                hidden += usize::from(status == 404);
            }
        }
        assert!(hidden > 30, "{hidden}");
    }
}

scenario! {
    /// A draft that only its writer sees is told when it is sent, as new; one that is deleted before leaves nothing. A draft that
    /// others see leaves its mark when it is deleted.
    async fn a_draft_is_told_to_whoever_sees_it(world) {
        let (ministry, lead) = (world.someone(Role::Ministry, ""), world.someone(Role::LeadAgency, "89"));
        world.given_plan("89").await;
        let applicant = world.given_applicant("1600000077").await;
        let own = world.cooperative(&applicant);
        let locality = world.someone(Role::Locality, "888");
        let start = end(&ministry).await;
        let dropped = world.given_draft_application(&applicant).await;
        let dropped = application_path(&dropped);
        let etag = own.get(&dropped).await.ok_etag();
        assert_eq!(own.seen(&etag).delete(&dropped).await.status, 204);
        world.given_draft_application(&applicant).await;
        let evaluation = world.given_draft_evaluation(&applicant, 2022, 7_000).await;
        let report = world.given_report_draft(&locality, "2023").await;
        for reader in [&ministry, &lead] {
            assert_eq!(follow(reader, &start, 200).await.0, Vec::<Value>::new());
        }
        let submitted = world.given_submitted_evaluation(&applicant, 2021, 7_000).await;
        locality.step(&report_path(&report), "submissions", &signed_off("2024-02-01")).await.ok();
        let told = |items: &[Value]| -> Vec<(String, String)> {
            // A sent evaluation leaves a determination too.
            let items = items.iter().filter(|item| item["resource"] != "determinations");
            items.map(|item| (item["kind"].as_str().unwrap().to_owned(), item["path"].as_str().unwrap().to_owned())).collect()
        };
        let due = [("created".to_owned(), evaluation_path(&submitted)), ("created".to_owned(), report_path(&report))];
        for reader in [&ministry, &lead] {
            assert_eq!(told(&follow(reader, &start, 200).await.0), due);
        }
        assert_ne!(evaluation["id"], submitted["id"]);

        let start = end(&ministry).await;
        let mine = world.given_report_draft(&lead, "2023").await;
        let etag = lead.get(&report_path(&mine)).await.ok_etag();
        assert_eq!(lead.seen(&etag).delete(&report_path(&mine)).await.status, 204);
        let path = report_path(&mine);
        assert_eq!(told(&follow(&lead, &start, 200).await.0), [("created".to_owned(), path.clone()), ("deleted".to_owned(), path)]);
        assert_eq!(follow(&ministry, &start, 200).await.0, Vec::<Value>::new());
    }
}

scenario! {
    /// A province is told of its own and of what is everybody's.
    async fn nobody_is_told_of_another_province(world) {
        let (own, other) = (world.someone(Role::LeadAgency, "89"), world.someone(Role::LeadAgency, "01"));
        let start = end(&own).await;
        let figures = json!({"status": "final", "members": 10});
        let cooperative = world.given_cooperative("888", "1600000011").await;
        let id = cooperative["id"].as_str().unwrap();
        let path = format!("/v1/cooperatives/{id}/annual-figures/2020");
        world.cooperative(id).with("if-none-match", "*").put(&path, &figures).await.created();
        let (items, _) = follow(&own, &start, 200).await;
        let told: Vec<_> = items.iter().map(|item| item["path"].as_str().unwrap()).collect();
        assert_eq!(told, [format!("/v1/cooperatives/{id}").as_str(), path.as_str()]);
        assert_eq!(follow(&other, &start, 200).await.0, Vec::<Value>::new());
        world.someone(Role::Locality, "888").get(FEED).await.refused(403, "forbidden");
        world.cooperative(id).get(FEED).await.refused(403, "forbidden");
    }
}

scenario! {
    /// Whoever follows while many write, at once on two replicas, sees each event once and in the order of its record.
    async fn nothing_is_missed_while_others_write(world) {
        let replica = world.replica().await;
        let (ministry, elsewhere) = (world.someone(Role::Ministry, ""), replica.someone(Role::Ministry, ""));
        let start = end(&ministry).await;
        let made = join_all((0..8).map(|number| {
            let world = if number % 2 == 0 { &world } else { &replica };
            async move {
                let locality = world.someone(Role::Locality, "888");
                let body = new_cooperative("888", &format!("16000{:05}", 100 + number));
                let mut answer = locality.post("/v1/cooperatives", &body).await;
                let path = answer.location();
                for name in ["Một", "Hai", "Ba"] {
                    answer = locality.seen(&answer.header("etag")).patch(&path, &json!({"name": name})).await;
                    answer.ok();
                }
                path
            }
        }));
        let watched = async {
            let (mut seen, mut after) = (Vec::new(), start.clone());
            for round in 0..20 {
                let client = if round % 2 == 0 { &ministry } else { &elsewhere };
                let (more, next) = follow(client, &after, 3).await;
                seen.extend(more);
                after = next;
            }
            (seen, after)
        };
        let (paths, (mut seen, after)) = tokio::join!(made, watched);
        seen.extend(follow(&ministry, &after, 200).await.0);
        assert_eq!(seen.len(), paths.len() * 4, "each event once");
        for path in paths {
            let versions: Vec<_> = seen.iter().filter(|item| item["path"] == path.as_str()).map(|item| item["version"].as_i64().unwrap()).collect();
            assert_eq!(versions, [1, 2, 3, 4], "{path}");
        }
    }
}

scenario! {
    /// What is older than ninety days is gone, and whoever was away that long is told to begin again.
    async fn a_place_that_is_too_old_is_gone(world) {
        let administrator = world.someone(Role::Administrator, "");
        let start = end(&administrator).await;
        world.given_cooperative("888", "1600000011").await;
        let day = 24 * 3600;
        assert_eq!(world.sarus.purge_changes().await.unwrap(), 0);
        world.pass(91 * day);
        world.given_cooperative("888", "1600000021").await;
        let middle = end(&administrator).await;
        assert!(world.sarus.purge_changes().await.unwrap() > 0);
        let gone = administrator.get(&format!("{FEED}?after={start}")).await.refused(410, "cursor_expired");
        assert!(gone["detail"].as_str().unwrap().contains("application/x-ndjson"), "{gone}");
        assert_eq!(follow(&administrator, &middle, 200).await.0, Vec::<Value>::new());
        let (_, next) = follow(&administrator, &middle, 200).await;
        administrator.get(&format!("{FEED}?after={}", next.parse::<i64>().unwrap() + 1)).await.refused(400, "invalid_cursor");
        for wrong in ["01", "-1", "x", ""] {
            administrator.get(&format!("{FEED}?after={wrong}")).await.refused(400, "invalid_query");
        }
    }
}
