//! The feed of changes: nothing missed, in order, nothing of others, and an end to what is kept.

use futures_util::future::join_all;
use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::matrix::given_records;
use crate::support::client::Client;
use crate::support::given_plans::new_plan;
use crate::support::world::new_cooperative;

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

scenario! {
    /// Each resource that can be asked for by an identifier and is not of the administrator alone is in the feed.
    async fn every_resource_is_told(world) {
        let ministry = world.someone(Role::Ministry, "");
        let records = given_records(&world).await;
        let (items, _) = follow(&ministry, "0", 200).await;
        // What comes by migration; accounts, which are the administrator's; and the audit trail, which is a feed itself.
        let untold = ["administrative-units", "audit-checkpoints", "audit-events", "report-forms", "rules", "schemes", "service-accounts"];
        for record in records.iter().filter(|record| !untold.contains(&record.resource.as_str())) {
            let is_told = |item: &Value| item["resource"] == record.resource.as_str() && item["record"] == record.id.as_str();
            // The first agency of the list came by migration, before there was a feed.
            assert!(record.resource == "agencies" || items.iter().any(is_told), "{} is not told", record.resource);
        }
        assert!(items.iter().any(|item| item["resource"] == "annual-figures" || item["resource"] == "agencies" || item["resource"] == "evaluations"));
        // Whatever is told can be read there, unless it was deleted since or is somebody's draft.
        for item in &items {
            let status = ministry.get(item["path"].as_str().unwrap()).await.status;
            assert!([200, 404].contains(&status), "{item}: {status}");
        }
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
