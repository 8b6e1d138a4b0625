//! The audit trail: everything that was written and shared is in it, once and in order; nothing of it can be changed unseen.
//! That no operation forgets its event is held by the client of these tests, request by request (`support::audit`).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use futures_util::future::join_all;
use reqwest::Method;
use sarus::api::edge::EdgeConfig;
use sarus::domain::role::Role;
use sarus::store::audit_events::OF_PROVINCES;
use sarus::store::{Backend, Store};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::audit::events_of;
use crate::support::client::Client;
use crate::support::given_plans::{lead_agency, new_plan};
use crate::support::given_reports::{report_path, signed_off};
use crate::support::world::{World, new_cooperative};

const EVENTS: &str = "/v1/audit-events";
const CHECKPOINTS: &str = "/v1/audit-checkpoints";
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

impl World {
    fn inspector(&self) -> Client {
        self.someone(Role::Inspectorate, "89")
    }

    fn auditor(&self) -> Client {
        self.someone(Role::Administrator, "")
    }
}

/// The events that a query asks for, as lines.
async fn events(client: &Client, query: &str) -> Vec<Value> {
    let answer = client.with("accept", "application/x-ndjson").get(&format!("{EVENTS}?{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// RFC 8785 for flat objects of strings and integers: `serde_json` keeps members in order here.
fn canonical_without(thing: &Value, members: &[&str]) -> String {
    let kept = thing.as_object().unwrap().iter().filter(|(name, _)| !members.contains(&name.as_str()));
    let sorted: std::collections::BTreeMap<_, _> = kept.collect();
    serde_json::to_string(&sorted).unwrap()
}

/// Runs a statement past the application; how many rows it changed, or in what words it was refused.
async fn past_the_rules(store: &Store, sql: &str) -> Result<u64, String> {
    let tx = store.begin().await.unwrap();
    match tx.execute_raw(Statement::from_string(tx.get_database_backend(), sql)).await {
        Ok(done) => {
            tx.commit().await.unwrap();
            Ok(done.rows_affected())
        }
        Err(error) => Err(error.to_string()),
    }
}

/// Takes away what keeps the trail, as somebody with the powers of the database's owner could.
async fn unguarded(store: &Store) {
    for (name, table) in [
        ("tr_audit_events_fixed", "audit_events"),
        ("tr_audit_events_kept", "audit_events"),
        ("tr_audit_checkpoints_fixed", "audit_checkpoints"),
        ("tr_audit_checkpoints_kept", "audit_checkpoints"),
    ] {
        let on = if store.backend() == Backend::Postgres { format!(" ON {table}") } else { String::new() };
        past_the_rules(store, &format!("DROP TRIGGER {name}{on}")).await.unwrap();
    }
}

/// What verification finds of a checkpoint: kind and place.
async fn found(client: &Client, checkpoint: &Value) -> Vec<(String, Option<i64>)> {
    let path = format!("{CHECKPOINTS}/{}/verification", checkpoint["id"].as_str().unwrap());
    let answer = client.get(&path).await.ok();
    let faults = answer["faults"].as_array().unwrap();
    assert_eq!(answer["holds"], json!(faults.is_empty()));
    faults.iter().map(|fault| (fault["kind"].as_str().unwrap().to_owned(), fault["place"].as_i64())).collect()
}

async fn checkpoint(client: &Client) -> Value {
    client.post(CHECKPOINTS, &json!({})).await.created()
}

scenario! {
    /// Who, when, from where, what, which record in which version, and digests in place of the content.
    async fn an_event_says_who_did_what_and_nothing_of_the_content(world) {
        let locality = world.someone(Role::Locality, "888");
        let traced = locality.with("traceparent", &format!("00-{TRACE}-00f067aa0ba902b7-01"))
            .with("x-road-id", "road-1").with("x-road-userid", "VN0123456789");
        let body = new_cooperative("888", "1600000011");
        let before = world.now();
        let made = traced.post("/v1/cooperatives", &body).await;
        let id = made.created()["id"].as_str().unwrap().to_owned();
        let edited = locality.seen(&made.header("etag")).patch(&made.location(), &json!({"name": "HTX Tên Mới"})).await;
        edited.ok();
        let found = events(&world.inspector(), &format!("record={id}")).await;
        assert_eq!(found.len(), 2);
        let (first, second) = (&found[0], &found[1]);
        for (member, value) in [
            ("kind", json!("write")), ("issuer", json!("https://issuer.test")), ("subject", json!("locality@888")),
            ("role", json!("locality")), ("unit", json!("888")), ("operation", json!("createCooperative")),
            ("method", json!("POST")), ("path", json!("/v1/cooperatives")), ("resource", json!("cooperatives")),
            ("record", json!(id)), ("version", json!(1)), ("status", json!(201)), ("traceId", json!(TRACE)),
            ("clientAddress", json!("127.0.0.1")), ("xRoadId", json!("road-1")), ("xRoadUserId", json!("VN0123456789")),
        ] {
            assert_eq!(first[member], value, "{member}");
        }
        assert!(first["agency"].is_string() && first["recordedAt"].as_str().unwrap() >= before.as_str());
        assert_eq!(first["requestDigest"], hex(canonical_without(&body, &[]).as_bytes()));
        assert_eq!(first["answerDigest"], hex(&made.bytes));
        assert_eq!((&second["operation"], &second["version"], &second["status"]), (&json!("editCooperative"), &json!(2), &json!(200)));
        assert_eq!(second.get("xRoadId"), None);
        for event in &found {
            assert_eq!(event["digest"], hex(canonical_without(event, &["place", "digest"]).as_bytes()), "{event}");
            assert!(!event.to_string().contains("HTX"), "no content: {event}");
            let path = format!("{EVENTS}/{}", event["id"].as_str().unwrap());
            assert_eq!(world.inspector().get(&path).await.ok(), *event);
        }
    }
}

scenario! {
    /// The address is that of the client and not of the proxy, and nobody writes another one into the trail.
    async fn an_event_bears_the_address_that_trusted_proxies_tell(world) {
        let proxies = vec!["127.0.0.0/8".parse().unwrap()];
        let behind = world.behind(EdgeConfig { proxies, ..EdgeConfig::default() }).await;
        for (world, tax_code, address) in [(&behind, "1600000011", "203.0.113.9"), (&world, "1600000021", "127.0.0.1")] {
            let locality = world.someone(Role::Locality, "888").with("x-forwarded-for", "198.51.100.1, 203.0.113.9");
            let made = locality.post("/v1/cooperatives", &new_cooperative("888", tax_code)).await.created();
            let found = events(&world.inspector(), &format!("record={}", made["id"].as_str().unwrap())).await;
            assert_eq!(found[0]["clientAddress"], address);
        }
    }
}

scenario! {
    /// Weeks apart: what lies outside a stretch of time is not read, and what lies in it is all there.
    async fn a_stretch_of_time_is_found_in_a_long_trail(world) {
        let mut instants = Vec::new();
        for number in 0..4 {
            world.given_cooperative("888", &format!("16000{:05}", 100 + number)).await;
            world.pass(5 * 24 * 3600);
            instants.push(world.now());
        }
        let places = async |query: String| events(&world.auditor(), &query).await.iter().map(|event| event["place"].as_i64().unwrap()).collect::<Vec<_>>();
        assert_eq!(places(format!("kind=write&from={}&to={}", instants[0], instants[2])).await, [2, 3]);
        assert_eq!(places(format!("kind=write&to={}", instants[0])).await, [1]);
        assert_eq!(places(format!("kind=write&from={}", instants[2])).await, [4]);
        assert_eq!(places(format!("from={}&to={}", instants[1], instants[0])).await, Vec::<i64>::new());
    }
}

scenario! {
    async fn a_step_and_a_deletion_name_their_record_and_an_import_its_file(world) {
        let lead = world.someone(Role::LeadAgency, "89");
        let plan = lead.post("/v1/provincial-plans", &new_plan("89")).await;
        let path = plan.location();
        let file = b"amount,category,fiscalYear,id,budgetLevel,source,nature,supportKind\n5060000000,recurrent_support,,,,,recurrent,\n".to_vec();
        let imported = lead.seen(&plan.header("etag")).upload(&format!("{path}/estimate-lines"), "text/csv", file.clone()).await;
        imported.ok();
        assert_eq!(lead.seen(&format!("\"{}\"", imported.ok()["planVersion"])).delete(&path).await.status, 204);
        let id = path.rsplit('/').next().unwrap();
        let found = events(&world.inspector(), &format!("record={id}&kind=write")).await;
        let told: Vec<_> = found.iter().map(|event| (event["operation"].as_str().unwrap(), &event["version"])).collect();
        assert_eq!(told, [("createProvincialPlan", &json!(1)), ("importEstimateLines", &json!(2)), ("deleteProvincialPlan", &Value::Null)]);
        assert_eq!(found[1]["requestDigest"], hex(&file));
        let account = json!({"name": "Máy", "role": "lead-agency", "agency": lead_agency("89")});
        let account = world.auditor().post("/v1/service-accounts", &account).await;
        world.auditor().step(&account.location(), "revocations", &json!({"reason": "Thử"})).await.ok();
        let record = account.location().rsplit('/').next().unwrap().to_owned();
        let found = events(&world.auditor(), &format!("record={record}")).await;
        let told: Vec<_> = found.iter().map(|event| event["operation"].as_str().unwrap()).collect();
        assert_eq!(told, ["createServiceAccount", "revokeServiceAccount"]);
        assert_eq!((&found[1]["resource"], &found[1]["version"]), (&json!("service-accounts"), &json!(2)));
    }
}

scenario! {
    /// One event, however often the request is repeated; and none of what was refused or taken back.
    async fn a_repeat_and_a_refusal_leave_nothing(world) {
        let locality = world.someone(Role::Locality, "888").with("idempotency-key", "k1");
        let body = new_cooperative("888", "1600000011");
        let many = join_all((0..4).map(|_| locality.post("/v1/cooperatives", &body))).await;
        assert!(many.iter().any(|answer| answer.status == 201), "{many:?}");
        locality.post("/v1/cooperatives", &body).await.created();
        assert_eq!(events(&world.inspector(), "operation=createCooperative").await.len(), 1);
        // Refused by the database at its very end: the event goes with the work.
        let again = world.someone(Role::Locality, "888").with("traceparent", &format!("00-{TRACE}-00f067aa0ba902b7-01"));
        again.post("/v1/cooperatives", &body).await.refused(409, "already_exists");
        again.post("/v1/cooperatives", &json!({})).await.refused(400, "invalid_body");
        again.seen("\"9\"").patch("/v1/cooperatives/01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d", &json!({"name": "X"})).await.refused(404, "not_found");
        world.someone(Role::Ministry, "").with("traceparent", &format!("00-{TRACE}-00f067aa0ba902b7-01"))
            .post("/v1/cooperatives", &body).await.refused(403, "forbidden");
        assert_eq!(events_of(&world.sarus.store, TRACE).await, 0);
    }
}

scenario! {
    /// Decrees 47/2020 and 278/2025: time, requesting agency, content, status of every share.
    async fn every_share_is_logged_before_it_leaves(world) {
        world.given_plan("89").await;
        let (lead, ministry) = (world.someone(Role::LeadAgency, "89"), world.someone(Role::Ministry, ""));
        let report = world.given_submitted_report(&lead, "2023").await;
        let path = report_path(&report);
        let shares = async || events(&world.auditor(), "kind=share").await.into_iter().filter(|event| event["resource"] != "audit-events").collect::<Vec<_>>();
        assert_eq!(shares().await.len(), 0, "reading one's own report is no share");
        lead.get("/v1/periodic-reports").await.ok();
        lead.get("/v1/cooperatives").await.ok();
        lead.get("/v1/budget-summaries?province=89&by=source").await;
        ministry.get("/v1/agencies").await.ok();
        ministry.get(&format!("/v1/provincial-plans/{}/allowed-actions", report["id"].as_str().unwrap())).await;
        assert_eq!(shares().await.len(), 0, "reference data is everybody's");
        let pulled = ministry.get(&path).await;
        ministry.get("/v1/periodic-reports?period=2023").await.ok();
        ministry.get("/v1/cooperatives?limit=5").await.ok();
        ministry.with("if-none-match", &pulled.header("etag")).get(&path).await;
        ministry.send(Method::HEAD, "/v1/periodic-reports", None).await;
        lead.with("accept", "application/x-ndjson").get("/v1/cooperatives?unit=888").await;
        lead.with("accept", "text/csv").get("/v1/periodic-reports?period=2023").await;
        let sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        ministry.with("accept", sheet).get("/v1/periodic-reports?period=2023&level=province&authoritative=true").await.ok();
        let aggregate = ministry.get("/v1/aggregates?period=2023").await;
        lead.with("accept", "application/x-ndjson").get("/v1/cooperatives?unit=x&nonsense=1").await.refused(400, "invalid_query");
        let told = shares().await;
        let said: Vec<_> = told.iter().map(|event| {
            let text = |name: &str| event[name].as_str().unwrap_or("-");
            (text("operation"), text("query"), text("mediaType"), text("role"))
        }).collect();
        assert_eq!(said, [
            ("getPeriodicReport", "-", "application/json", "ministry"),
            ("listPeriodicReports", "period=2023", "application/json", "ministry"),
            ("listCooperatives", "limit=5", "application/json", "ministry"),
            ("listCooperatives", "unit=888", "application/x-ndjson", "lead-agency"),
            ("listPeriodicReports", "period=2023", "text/csv", "lead-agency"),
            ("listPeriodicReports", "period=2023&level=province&authoritative=true", sheet, "ministry"),
            ("getAggregate", "period=2023", "application/json", "ministry"),
        ]);
        assert_eq!(told[0]["record"], report["id"]);
        assert_eq!(told[6]["answerDigest"], hex(&aggregate.bytes), "what is computed is bound to its event");
        assert!(told.iter().all(|event| event["status"] == 200 && event["agency"].is_string()));
        // A share that cannot be logged is not made.
        let count = async || lead.get("/v1/cooperatives?count=exact").await.ok()["count"].clone();
        let before = count().await;
        past_the_rules(&world.sarus.store, "ALTER TABLE audit_events RENAME TO elsewhere").await.unwrap();
        let refused = world.someone(Role::LeadAgency, "89").unwitnessed().with("accept", "application/x-ndjson").get("/v1/cooperatives").await;
        refused.refused(500, "internal");
        let unwritten = world.someone(Role::Locality, "888").unwitnessed().post("/v1/cooperatives", &new_cooperative("888", "1600000011")).await;
        unwritten.refused(500, "internal");
        past_the_rules(&world.sarus.store, "ALTER TABLE elsewhere RENAME TO audit_events").await.unwrap();
        assert_eq!(count().await, before, "nor is a write");
    }
}

scenario! {
    /// Reading the trail is a share like any other.
    async fn whoever_reads_the_trail_is_in_it(world) {
        let inspector = world.inspector();
        inspector.get(EVENTS).await.ok();
        inspector.get(&format!("{EVENTS}?subject=x&limit=5")).await.ok();
        let found = events(&inspector, "resource=audit-events").await;
        let told: Vec<_> = found.iter().map(|event| (event["kind"].as_str().unwrap(), event["query"].as_str())).collect();
        assert_eq!(told, [("share", None), ("share", Some("subject=x&limit=5"))]);
        assert!(found.iter().all(|event| event["role"] == "inspectorate" && event["unit"] == "89"));
    }
}

scenario! {
    /// Whoever makes a machine's secrets, and each token that the machine gets, is told; secrets and tokens are not.
    async fn tokens_are_told_and_secrets_never(world) {
        let administrator = world.auditor();
        let account = json!({"name": "Máy", "role": "lead-agency", "agency": lead_agency("89")});
        let account = administrator.post("/v1/service-accounts", &account).await.created();
        let id = account["id"].as_str().unwrap();
        let path = format!("/v1/service-accounts/{id}");
        let secret = administrator.with("idempotency-key", "s1").step(&path, "secrets", &json!({})).await.ok();
        let secret = secret["clientSecret"].as_str().unwrap();
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        let stranger = world.stranger();
        let send = async |form: String| stranger.send(Method::POST, "/v1/oauth/token", Some(("application/x-www-form-urlencoded", form))).await;
        let token = send(form).await.ok()["access_token"].as_str().unwrap().to_owned();
        assert_eq!(send(format!("grant_type=client_credentials&client_id={id}&client_secret=x")).await.status, 401);
        world.with_token(&token).get("/v1/me").await.ok();
        let found = events(&administrator, &format!("record={id}")).await;
        let told: Vec<_> = found.iter().map(|event| (event["kind"].as_str().unwrap(), event["operation"].as_str().unwrap(), event["subject"].as_str().unwrap())).collect();
        assert_eq!(told, [
            ("write", "createServiceAccount", "administrator@"), ("write", "issueServiceAccountSecret", "administrator@"), ("token", "issueToken", id),
        ]);
        assert_eq!(found[1].get("answerDigest"), None, "an answer that shows a secret is not digested");
        assert_eq!(found[2].get("requestDigest"), None, "nor is a form that holds one");
        let all = events(&administrator, "after=0").await;
        let text = json!(all).to_string();
        let own = administrator.token().unwrap();
        for hidden in [secret, token.as_str(), own] {
            assert!(!text.contains(hidden) && !text.contains(&hex(hidden.as_bytes())), "{hidden}");
        }
    }
}

scenario! {
    async fn the_trail_is_narrowed_by_each_filter_and_paged_in_order(world) {
        for (unit, tax_code) in [("888", "1600000011"), ("883", "1600000021"), ("888", "1600000031")] {
            world.given_cooperative(unit, tax_code).await;
        }
        world.pass(3600);
        let (middle, auditor) = (world.now(), world.auditor());
        world.someone(Role::LeadAgency, "89").post("/v1/provincial-plans", &new_plan("89")).await.created();
        let all = events(&auditor, "until=4").await;
        assert_eq!(all.iter().map(|event| event["place"].as_i64().unwrap()).collect::<Vec<_>>(), [1, 2, 3, 4]);
        let agency = all[0]["agency"].as_str().unwrap();
        for (query, due) in [
            ("kind=write".to_owned(), vec![1, 2, 3, 4]), ("subject=locality@888".to_owned(), vec![1, 3]), (format!("agency={agency}"), vec![1, 3]),
            ("operation=createProvincialPlan".to_owned(), vec![4]), ("resource=cooperatives".to_owned(), vec![1, 2, 3]),
            (format!("record={}", all[1]["record"].as_str().unwrap()), vec![2]), ("after=1&until=3".to_owned(), vec![2, 3]),
            (format!("to={middle}&kind=write"), vec![1, 2, 3]), (format!("from={middle}&kind=write"), vec![4]), ("subject=nobody".to_owned(), vec![]),
            ("from=2025-02-19T00:00:00Z&to=2025-02-20T23:00:00Z&kind=write".to_owned(), vec![1, 2, 3, 4]), ("from=2025-03-01T00:00:00Z".to_owned(), vec![]),
            ("to=2025-02-19T00:00:00Z".to_owned(), vec![]), ("from=2025-02-19T00:00:00Z&after=2&until=3".to_owned(), vec![3]),
        ] {
            let (mut places, mut next) = (Vec::new(), Some(format!("{EVENTS}?{query}&limit=1&count=exact")));
            while let Some(path) = next {
                let page = auditor.get(&path).await.ok();
                if places.is_empty() {
                    assert_eq!(page["count"], json!(due.len()), "{query}");
                }
                places.extend(page["items"].as_array().unwrap().iter().map(|event| event["place"].as_i64().unwrap()));
                next = page["links"]["next"].as_str().map(str::to_owned);
            }
            assert_eq!(places, due, "{query}");
        }
        auditor.get(&format!("{EVENTS}?kind=x")).await.refused(400, "invalid_query");
        auditor.get(&format!("{EVENTS}?from=yesterday")).await.refused(400, "invalid_query");
        auditor.get(&format!("{EVENTS}/01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d")).await.refused(404, "not_found");
    }
}

scenario! {
    /// Many write at once on two replicas while somebody reads: no place is empty, none is given twice, and who reads on from
    /// a place misses nothing.
    async fn places_have_no_gap_while_many_write(world) {
        let replica = world.replica().await;
        let made = join_all((0..12).map(|number| {
            let world = if number % 2 == 0 { &world } else { &replica };
            async move {
                let locality = world.someone(Role::Locality, "888");
                let mut answer = locality.post("/v1/cooperatives", &new_cooperative("888", &format!("16000{:05}", 100 + number))).await;
                let path = answer.location();
                for name in ["Một", "Hai"] {
                    answer = locality.seen(&answer.header("etag")).patch(&path, &json!({"name": name})).await;
                    answer.ok();
                }
            }
        }));
        let watched = async {
            let (mut seen, mut after) = (Vec::new(), 0);
            for round in 0..15 {
                let client = if round % 2 == 0 { world.auditor() } else { replica.auditor() };
                let more = events(&client, &format!("after={after}&limit=7")).await;
                after = more.last().map_or(after, |event| event["place"].as_i64().unwrap());
                seen.extend(more);
            }
            seen
        };
        let (_, mut seen) = tokio::join!(made, watched);
        let after = seen.last().map_or(0, |event| event["place"].as_i64().unwrap());
        seen.extend(events(&world.auditor(), &format!("after={after}")).await);
        let places: Vec<_> = seen.iter().map(|event| event["place"].as_i64().unwrap()).collect();
        assert_eq!(places, (1..=i64::try_from(seen.len()).unwrap()).collect::<Vec<_>>());
        let writes: Vec<_> = seen.iter().filter(|event| event["kind"] == "write").collect();
        assert_eq!(writes.len(), 36);
        for event in &writes {
            let of_record = writes.iter().filter(|other| other["record"] == event["record"]);
            assert_eq!(of_record.map(|other| other["version"].as_i64().unwrap()).collect::<Vec<_>>(), [1, 2, 3]);
        }
    }
}

scenario! {
    /// Whoever has the events and the checkpoints needs nothing of the service but its public key.
    async fn anyone_checks_the_trail_alone(world) {
        world.given_cooperative("888", "1600000011").await;
        let inspector = world.inspector();
        let first = checkpoint(&inspector).await;
        world.given_cooperative("888", "1600000021").await;
        let second = inspector.post(CHECKPOINTS, &json!({"reason": "Thanh tra 2025"})).await;
        let second = world.inspector().get(&second.location()).await.ok();
        assert_eq!((&first["number"], &first["fromPlace"], first.get("previous")), (&json!(1), &json!(1), None));
        assert_eq!((&second["number"], &second["previous"], &second["reason"]), (&json!(2), &first["digest"], &json!("Thanh tra 2025")));
        assert_eq!(second["fromPlace"].as_i64().unwrap(), first["toPlace"].as_i64().unwrap() + 1);
        let keys = world.stranger().get("/.well-known/jwks.json").await.ok();
        for checkpoint in [&first, &second] {
            let (from, to) = (checkpoint["fromPlace"].as_i64().unwrap(), checkpoint["toPlace"].as_i64().unwrap());
            let covered = events(&world.auditor(), &format!("after={}&until={to}", from - 1)).await;
            assert_eq!(checkpoint["count"], json!(covered.len()));
            let lines: String = covered.iter().map(|event| format!("{}\n", event["digest"].as_str().unwrap())).collect();
            assert_eq!(checkpoint["eventsDigest"], hex(lines.as_bytes()));
            let text = canonical_without(checkpoint, &["id", "digest", "signature"]);
            assert_eq!(checkpoint["digest"], hex(text.as_bytes()));
            let (header, signature) = checkpoint["signature"].as_str().unwrap().split_once("..").unwrap();
            let read = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
            let key = VerifyingKey::from_bytes(&read(keys["keys"][0]["x"].as_str().unwrap()).try_into().unwrap()).unwrap();
            let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(text));
            key.verify(signed.as_bytes(), &Signature::from_slice(&read(signature)).unwrap()).unwrap();
            assert_eq!(found(&inspector, checkpoint).await, []);
        }
        let listed = inspector.get(CHECKPOINTS).await.ok();
        assert_eq!(listed["items"], json!([first, second]));
    }
}

scenario! {
    /// The owner of the database edits, replaces, moves and deletes: each is found.
    async fn whatever_is_changed_past_the_rules_is_found(world) {
        let inspector = world.inspector();
        for tax_code in ["1600000011", "1600000021", "1600000031"] {
            world.given_cooperative("888", tax_code).await;
        }
        let first = checkpoint(&inspector).await;
        let second = checkpoint(&inspector).await;
        assert_eq!((found(&inspector, &first).await, found(&inspector, &second).await), (vec![], vec![]));
        let store = &world.sarus.store;
        unguarded(store).await;
        let change = async |sql: &str| assert_eq!(past_the_rules(store, sql).await, Ok(1), "{sql}");
        let told = |kind: &str, place: Option<i64>| (kind.to_owned(), place);
        for (harm, repair, due) in [
            ("UPDATE audit_events SET subject = 'nobody' WHERE place = 2", "UPDATE audit_events SET subject = 'locality@888' WHERE place = 2", vec![told("event_altered", Some(2))]),
            ("UPDATE audit_events SET request_digest = NULL, version = 9 WHERE place = 3", "", vec![told("event_altered", Some(3))]),
            ("UPDATE audit_events SET place = 900 WHERE place = 1", "UPDATE audit_events SET place = 1 WHERE place = 900", vec![told("event_missing", Some(1)), told("event_altered", Some(3)), told("events_differ", None)]),
            ("DELETE FROM audit_events WHERE place = 3", "", vec![told("event_missing", Some(3)), told("events_differ", None)]),
        ] {
            change(harm).await;
            assert_eq!(found(&inspector, &first).await, due, "{harm}");
            if !repair.is_empty() {
                change(repair).await;
            }
        }
        assert_eq!(found(&inspector, &second).await, [], "what another checkpoint covers is its own");
        // The checkpoint made to fit: its signature and the next one tell.
        change("UPDATE audit_checkpoints SET event_count = 2 WHERE number = 1").await;
        let told_of_first: Vec<_> = found(&inspector, &first).await.into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(told_of_first, ["checkpoint_altered", "event_missing", "events_differ", "signature_invalid"]);
        assert_eq!(found(&inspector, &second).await, [told("previous_differs", None)]);
        // An event that was gone before any checkpoint covered it leaves its place.
        world.given_cooperative("888", "1600000041").await;
        inspector.get(EVENTS).await.ok();
        let last = events(&world.auditor(), "operation=createCooperative").await.last().unwrap()["place"].as_i64().unwrap();
        change(&format!("DELETE FROM audit_events WHERE place = {last}")).await;
        let third = checkpoint(&inspector).await;
        assert_eq!(found(&inspector, &third).await, [told("event_missing", Some(last))]);
        change("DELETE FROM audit_checkpoints WHERE number = 2").await;
        assert_eq!(found(&inspector, &third).await, [told("previous_differs", None), told("event_missing", Some(last))]);
    }
}

scenario! {
    /// Nobody edits, deletes, replaces or empties, the service included.
    async fn the_database_refuses_every_change_of_the_trail(world) {
        world.given_cooperative("888", "1600000011").await;
        checkpoint(&world.inspector()).await;
        // One that has no place yet.
        world.given_cooperative("888", "1600000021").await;
        let store = &world.sarus.store;
        let mut refused = vec![
            ("tr_audit_events_fixed", "UPDATE audit_events SET subject = 'x' WHERE place = 1"),
            ("tr_audit_events_fixed", "UPDATE audit_events SET place = place + 100 WHERE place = 1"),
            ("tr_audit_events_fixed", "UPDATE audit_events SET place = NULL WHERE place = 1"),
            ("tr_audit_events_fixed", "UPDATE audit_events SET status = 299, place = 50 WHERE place IS NULL"),
            ("tr_audit_events_kept", "DELETE FROM audit_events WHERE place IS NULL"),
            ("tr_audit_events_kept", "DELETE FROM audit_events"),
            ("tr_audit_checkpoints_fixed", "UPDATE audit_checkpoints SET signature = NULL"),
            ("tr_audit_checkpoints_kept", "DELETE FROM audit_checkpoints"),
        ];
        match store.backend() {
            Backend::Postgres => refused.extend([
                ("tr_audit_events_not_emptied", "TRUNCATE audit_events"),
                ("tr_audit_checkpoints_not_emptied", "TRUNCATE audit_checkpoints"),
            ]),
            Backend::Sqlite => refused.extend([
                ("tr_audit_events_not_replaced", "INSERT OR REPLACE INTO audit_events SELECT * FROM audit_events WHERE place = 1"),
                ("tr_audit_checkpoints_not_replaced", "INSERT OR REPLACE INTO audit_checkpoints SELECT * FROM audit_checkpoints"),
            ]),
        }
        for (name, sql) in refused {
            let done = past_the_rules(store, sql).await;
            assert!(done.as_ref().is_err_and(|words| words.contains(name)), "{sql}: {done:?}");
        }
    }
}

scenario! {
    /// Every ten minutes, by whichever replica comes first, while there is something to cover.
    async fn checkpoints_are_made_by_themselves(world) {
        let replica = world.replica().await;
        assert_eq!(world.sarus.keep_audit_trail().await.unwrap(), 0, "nothing happened");
        world.given_cooperative("888", "1600000011").await;
        assert_eq!(world.sarus.keep_audit_trail().await.unwrap(), 1);
        world.given_cooperative("888", "1600000021").await;
        assert_eq!(world.sarus.keep_audit_trail().await.unwrap(), 0, "the last one is young");
        world.pass(601);
        replica.pass(601);
        let both = tokio::join!(world.sarus.keep_audit_trail(), replica.sarus.keep_audit_trail());
        assert_eq!(both.0.unwrap() + both.1.unwrap(), 1, "one of them made it");
        world.pass(601);
        assert_eq!(world.sarus.keep_audit_trail().await.unwrap(), 0, "nothing happened since");
        let listed = world.auditor().get(CHECKPOINTS).await.ok();
        let made = listed["items"].as_array().unwrap();
        assert_eq!(made.iter().map(|one| (one["number"].as_i64().unwrap(), one["toPlace"].as_i64().unwrap())).collect::<Vec<_>>(), [(1, 1), (2, 2)]);
        for checkpoint in made {
            assert_eq!(found(&world.auditor(), checkpoint).await, []);
        }
        // Inspectors race: each gets a checkpoint of its own or is told to come again, and the chain has one end.
        let inspector = world.inspector();
        let nothing = json!({});
        let raced = join_all((0..6).map(|_| inspector.post(CHECKPOINTS, &nothing))).await;
        assert!(raced.iter().all(|answer| [201, 503].contains(&answer.status)), "{raced:?}");
        let listed = world.auditor().get(CHECKPOINTS).await.ok();
        for (position, checkpoint) in listed["items"].as_array().unwrap().iter().enumerate() {
            assert_eq!(checkpoint["number"], json!(position + 1));
            assert_eq!(found(&world.auditor(), checkpoint).await, []);
        }
    }
}

scenario! {
    /// §7: the inspectorate reads the trail, the operator too, and nobody else; a province what concerns it.
    async fn the_trail_is_for_inspectors_and_the_operator(world) {
        let ministry = world.someone(Role::Ministry, "");
        world.given_plan("89").await;
        let lead = world.someone(Role::LeadAgency, "89");
        let draft = world.given_report_draft(&lead, "2023").await;
        let path = report_path(&draft);
        lead.step(&path, "submissions", &signed_off("2024-02-01")).await.ok();
        ministry.step(&path, "acceptances", &json!({})).await.ok();
        let cooperative = world.given_cooperative("888", "1600000011").await["id"].as_str().unwrap().to_owned();
        let figures = json!({"status": "final", "members": 10});
        world.cooperative(&cooperative).with("if-none-match", "*").put(&format!("/v1/cooperatives/{cooperative}/annual-figures/2020"), &figures).await.created();
        let inspectors = async |name: &str, unit: Option<&str>| {
            let mut body = json!({"name": name, "kind": "inspectorate", "validFrom": "2022-01-01"});
            unit.into_iter().for_each(|unit| body["unit"] = json!(unit));
            let agency = world.auditor().post("/v1/agencies", &body).await.created();
            world.agent(Role::Inspectorate, agency["id"].as_str().unwrap().parse().unwrap(), name)
        };
        let elsewhere = inspectors("Thanh tra thành phố Hà Nội", Some("01")).await;
        let national = inspectors("Thanh tra Chính phủ", None).await;
        let of_elsewhere: Vec<_> = events(&elsewhere, "kind=write").await.iter().map(|event| event["operation"].clone()).collect();
        assert_eq!(of_elsewhere, ["createAgency"], "its own entry in the directory, made by the operator");
        let seen = events(&world.inspector(), "kind=write").await;
        let of = |operation: &str| seen.iter().find(|event| event["operation"] == operation).cloned();
        assert!(of("acceptPeriodicReport").is_some_and(|event| event["role"] == "ministry"), "what the ministry did to its report");
        assert!(of("putAnnualFigures").is_some_and(|event| event["cooperative"] == cooperative.as_str()), "what its cooperatives did");
        let own = format!("{EVENTS}/{}", of("putAnnualFigures").unwrap()["id"].as_str().unwrap());
        elsewhere.get(&own).await.refused(404, "not_found");
        for whole in [&world.auditor(), &national] {
            whole.get(&own).await.ok();
            let seen = events(whole, "kind=write").await;
            assert_eq!(seen.iter().filter(|event| event["operation"] == "createAgency").count(), 2);
        }
    }
}

scenario! {
    async fn each_role_may_do_with_the_trail_what_the_table_says(world) {
        let checkpoint = checkpoint(&world.inspector()).await;
        let verification = format!("{CHECKPOINTS}/{}/verification", checkpoint["id"].as_str().unwrap());
        for role in Role::ALL.iter().copied() {
            let client = match role {
                Role::Cooperative => world.cooperative("01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d"),
                Role::Administrator | Role::Ministry => world.someone(role, ""),
                Role::Locality => world.someone(role, "888"),
                _ => world.someone(role, "89"),
            };
            let reads = [Role::Inspectorate, Role::Administrator].contains(&role);
            for path in [EVENTS, CHECKPOINTS, &verification] {
                assert_eq!(client.get(path).await.status, if reads { 200 } else { 403 }, "{role:?} {path}");
            }
            let made = client.post(CHECKPOINTS, &json!({})).await.status;
            assert_eq!(made, if role == Role::Inspectorate { 201 } else { 403 }, "{role:?}");
            let changed = client.send(Method::DELETE, &format!("{CHECKPOINTS}/{}", checkpoint["id"].as_str().unwrap()), None).await;
            changed.refused(405, "method_not_allowed");
        }
        world.stranger().get(EVENTS).await.refused(401, "unauthenticated");
    }
}

scenario! {
    /// The document says of each operation when it leaves an event, and the store which resources are of a province.
    async fn no_operation_and_no_resource_is_forgotten(world) {
        let computes = ["/v1/determinations/{id}/replays", "/v1/criteria-sets/{id}/trials"];
        let of_the_country = ["audit-checkpoints", "oauth", "public-holidays", "report-forms", "reporting-deadlines", "service-accounts"];
        let mut writes = 0;
        for (path, item) in world.document()["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let audited = operation["x-audit"].as_str();
                let is_write = method != "get" && !computes.contains(&path.as_str());
                assert_eq!(audited == Some("write"), is_write, "{method} {path}");
                if !is_write {
                    continue;
                }
                writes += 1;
                let resource = path.trim_start_matches("/v1/").split('/').next().unwrap();
                let table = OF_PROVINCES.iter().find(|(name, _)| *name == resource);
                assert_ne!(table.is_some(), of_the_country.contains(&resource), "say whose {resource} is: OF_PROVINCES or here");
            }
        }
        assert!(writes > 100, "{writes}");
        for (resource, table) in OF_PROVINCES {
            let done = past_the_rules(&world.sarus.store, &format!("SELECT province_code FROM {table} WHERE 1 = 0")).await;
            assert!(done.is_ok(), "{resource}: {done:?}");
        }
    }
}

scenario! {
    /// A database that is in use goes back to before there was a trail, and forward again: then a new one begins.
    async fn a_filled_trail_migrates_down_and_up(world) {
        use migration::{Migrator, MigratorTrait};
        world.given_cooperative("888", "1600000011").await;
        checkpoint(&world.inspector()).await;
        let steps = Migrator::migrations();
        let first = steps.iter().position(|one| one.name() == "m40_audit_events").unwrap();
        world.sarus.store.take_back_last(u32::try_from(steps.len() - first).unwrap()).await.unwrap();
        world.sarus.store.migrate().await.unwrap();
        world.given_cooperative("888", "1600000021").await;
        let all = events(&world.auditor(), "after=0").await;
        assert_eq!((all.len(), &all[0]["place"]), (1, &json!(1)));
        let made = checkpoint(&world.inspector()).await;
        assert_eq!((&made["number"], found(&world.auditor(), &made).await), (&json!(1), vec![]));
    }
}
