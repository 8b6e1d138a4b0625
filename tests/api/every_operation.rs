//! Statements of the contract that hold for every operation whatever is stored: methods, identifiers, pages of other origins,
//! repeats.

use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::Method;
use sarus::api::edge::EdgeConfig;
use sarus::domain::digest;
use sarus::domain::role::Role;
use sarus::store::answers::{self, StoredAnswer};
use serde_json::{Value, json};

use crate::behaviour::{ask, body_of, takes};
use crate::owasp::{NOBODY, Operation, operations};
use crate::support::client::Client;
use crate::support::world::World;

at_the_gate! {
    /// On every path every method that it does not have is answered 405, before it is known who asks, with exactly those that
    /// it has.
    async fn another_method_is_told_what_is_allowed(world) {
        let counted = EdgeConfig { rate_limit: std::num::NonZeroU32::new(1_000_000), ..EdgeConfig::default() };
        let world = world.behind(counted).await;
        let mut refused = 0;
        for (pattern, item) in world.document()["paths"].as_object().unwrap() {
            let path = ["{id}", "{code}", "{year}", "{version}"].iter().fold(pattern.clone(), |path, name| path.replace(name, "x"));
            let mut allowed: BTreeSet<String> = item.as_object().unwrap().keys().map(|method| method.to_uppercase()).collect();
            if allowed.contains("GET") {
                allowed.insert("HEAD".to_owned());
            }
            let due = allowed.iter().cloned().collect::<Vec<_>>().join(", ");
            for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"].iter().filter(|method| !allowed.contains(**method)) {
                let method = Method::from_bytes(method.as_bytes()).unwrap();
                let answer = world.stranger().send(method.clone(), &path, None).await;
                assert_eq!((answer.status, answer.header("allow")), (405, due.clone()), "{method} {path} {}", answer.text);
                assert!(answer.header("ratelimit").starts_with("\"default\";r="), "{method} {path}");
                refused += 1;
            }
        }
        assert!(refused > 800, "{refused}");
    }
}

at_the_gate! {
    /// An identifier that is none is the identifier of nothing: 404, for whoever may ask, and to HEAD as to GET.
    async fn a_malformed_identifier_is_of_nothing(world) {
        let mut asked = 0;
        let long = "9".repeat(300);
        for operation in operations(&world).into_iter().filter(|operation| operation.pattern.contains('{')) {
            let client = operation.permitted(&world).seen("\"1\"");
            for id in ["01920a5c8f2e7b3d9c415f6e7a8b9c0dx", "..%2F%C3%A1", long.as_str()] {
                let path = operation.path(id).replace("/none", &format!("/{id}"));
                let answer = ask(&client, &operation, &path).await;
                answer.refused(404, "not_found");
                if operation.method == Method::GET {
                    assert_eq!(client.send(Method::HEAD, &path, None).await.status, 404, "{path}");
                }
                asked += 1;
            }
            if operation.pattern.contains("{year}") {
                for year in ["20x0", "-1", "99999999"] {
                    ask(&client, &operation, &operation.path(NOBODY).replace("2020", year)).await.refused(404, "not_found");
                }
            }
        }
        assert!(asked > 600, "{asked}");
    }
}

at_the_gate! {
    /// A page of a listed origin may ask for every operation with every header that it takes, and read the answer; a page of
    /// any other may not.
    async fn pages_of_listed_origins_may_ask_for_everything_and_no_others(world) {
        let origin = "https://front.example";
        let world = world.behind(EdgeConfig { origins: vec![origin.to_owned()], ..EdgeConfig::default() }).await;
        for operation in operations(&world) {
            let (path, method) = (operation.path(NOBODY), operation.method.as_str());
            let asked = "authorization, content-type, if-match, if-none-match, idempotency-key, accept-language";
            let preflight = async |origin: &str| {
                let page = world.stranger().with("origin", origin).with("access-control-request-method", method);
                page.with("access-control-request-headers", asked).send(Method::OPTIONS, &path, None).await
            };
            let allowed = preflight(origin).await;
            let list = |name: &str| -> BTreeSet<String> {
                allowed.header(name).split(',').map(|one| one.trim().to_ascii_lowercase()).collect()
            };
            assert_eq!((allowed.status, allowed.header("access-control-allow-origin")), (200, origin.to_owned()), "{method} {path}");
            assert!(list("access-control-allow-methods").contains(&method.to_lowercase()), "{method} {path}");
            let headers = list("access-control-allow-headers");
            assert!(asked.split(", ").all(|name| headers.contains(name)), "{method} {path} {headers:?}");
            let refused = preflight("https://evil.example").await;
            refused.refused(400, "origin_not_allowed");
            assert!(!refused.headers.contains_key("access-control-allow-origin"), "{method} {path}");
            let client = operation.permitted(&world).seen("\"1\"");
            let answer = ask(&client.with("origin", origin), &operation, &path).await;
            assert_eq!(answer.header("access-control-allow-origin"), origin, "{method} {path}");
            let exposed: BTreeSet<String> = answer.header("access-control-expose-headers").split(',').map(|one| one.trim().to_ascii_lowercase()).collect();
            // Fetch lets every page read a few headers anyway; when it was answered is nobody's matter.
            let exposed = &exposed | &["cache-control", "content-length", "date"].map(str::to_owned).into();
            let sent = answer.headers.keys().map(reqwest::header::HeaderName::as_str).filter(|name| !name.starts_with("access-control-"));
            let hidden: Vec<_> = sent.filter(|name| !exposed.contains(*name) && !exposed.contains("*")).collect();
            assert!(hidden.is_empty(), "{method} {path} hides {hidden:?}");
            let other = ask(&client.with("origin", "https://evil.example"), &operation, &path).await;
            assert!(!other.headers.contains_key("access-control-allow-origin"), "{method} {path}");
        }
    }
}

/// Its days are to come.
const CALENDAR: &str = "/v1/public-holidays";

/// Puts a day of the next century wherever an example tells the day of a fact, and says where.
fn misdate(value: &mut Value, place: &str, misdated: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                let place = format!("{place}/{name}");
                let is_day = member.as_str().is_some_and(|text| text.parse::<chrono::NaiveDate>().is_ok());
                let may_lie_ahead = ["dueDate", "dueOn", "effectiveDate", "locksOn", "startDate", "toDate"];
                let is_of_a_fact = name == "date" || name.ends_with("Date") || name.ends_with("On");
                if is_day && is_of_a_fact && !may_lie_ahead.contains(&name.as_str()) {
                    *member = json!("2099-01-01");
                    misdated.push(format!("{place} date_in_future"));
                } else {
                    misdate(member, &place, misdated);
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                misdate(item, &format!("{place}/{index}"), misdated);
            }
        }
        _ => {}
    }
}

at_the_gate! {
    /// No day of a fact lies in the future, in the body of any operation, evidence included: every one is told, before it is looked
    /// for a version or the record.
    async fn no_fact_is_of_the_future(world) {
        let mut days = 0;
        for operation in operations(&world) {
            let Some((kind, mut body)) = operation.body().filter(|_| operation.pattern != CALENDAR) else { continue };
            let mut due = Vec::new();
            misdate(&mut body, "", &mut due);
            if due.is_empty() {
                continue;
            }
            let client = operation.permitted(&world);
            for client in [&client, &client.seen("\"1\"")] {
                let text = Some((kind.as_str(), body.to_string()));
                let answer = client.send(operation.method.clone(), &operation.path(NOBODY), text).await;
                assert_eq!(answer.status, 400, "{} {} {}", operation.method, operation.pattern, answer.text);
                let told = answer.faults();
                assert!(due.iter().all(|fault| told.contains(fault)), "{} {due:?} {told:?}", operation.pattern);
            }
            days += due.len();
        }
        assert!(days > 50, "{days}");
    }
}

/// Members that name a record or a place by themselves, whoever else is named.
const REFERENCES: [&str; 8] =
    ["application", "baselineEvaluation", "cooperative", "decision", "pilot", "plan", "province", "scheme"];

scenario! {
    /// All that is wrong with the body of a creation is told at once: every day in the future, every reference that leads nowhere.
    async fn everything_that_is_wrong_with_a_creation_is_told_at_once(world) {
        let (mut told, mut silent) = (0, Vec::new());
        for operation in operations(&world).into_iter().filter(|operation| operation.method == Method::POST && !operation.pattern.contains('{') && operation.pattern != CALENDAR) {
            let Some((_, mut body)) = operation.body() else { continue };
            let mut due = Vec::new();
            misdate(&mut body, "", &mut due);
            for name in REFERENCES.iter().filter(|name| operation.body().unwrap().1[**name].is_string()) {
                body[name] = match *name {
                    "province" => json!("99"),
                    "scheme" => json!("NONE-1999"),
                    _ => json!("01920a5c-8f2e-7b3d-9c41-000000000000"),
                };
                // Of a plan the province is its own: there a code that no province bears has a rule of its own.
                let rule = if operation.pattern == "/v1/provincial-plans" && *name == "province" { "unknown_unit" } else { "unknown_reference" };
                due.push(format!("/{name} {rule}"));
            }
            let client = operation.permitted(&world);
            let answer = client.post(&operation.pattern, &body).await;
            let faults = answer.faults();
            let missing: Vec<_> = due.iter().filter(|fault| !faults.contains(fault)).collect();
            if !missing.is_empty() {
                silent.push(format!("{}: {missing:?} of {faults:?} {}", operation.pattern, answer.status));
            }
            told += due.len();
        }
        assert!(silent.is_empty() && told > 30, "{told} {silent:#?}");
    }
}

/// What a body is known by when its request is repeated: a file by its bytes.
fn digest_of(kind: &str, text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(value) if kind.ends_with("json") => digest::digest(&value),
        _ => digest::digest(&json!({"sha256": digest::sha256_hex_of(text.as_bytes())})),
    }
}

/// Puts an answer where the first request under a key would have left it.
async fn given_answer(world: &World, client: &Client, path: &str, key: &str, body_hash: String) -> StoredAnswer {
    let me = client.get("/v1/me").await.ok();
    let scope = [&me["issuer"], &me["subject"], &json!("POST"), &json!(path), &json!(key)];
    let key_hash = digest::sha256_hex(&serde_json::to_string(&scope).unwrap());
    let headers =
        vec![("etag".to_owned(), "\"77\"".to_owned()), ("content-type".to_owned(), "application/json".to_owned())];
    let stored =
        StoredAnswer { body_hash: body_hash.clone(), status: 200, headers, body: format!("{{\"key\":\"{key}\"}}") };
    let tx = world.sarus.store.begin().await.unwrap();
    let now = world.now().parse().unwrap();
    assert_eq!(answers::claim(&tx, &key_hash, &body_hash, now).await.unwrap(), None);
    answers::keep(&tx, &key_hash, &stored).await.unwrap();
    tx.commit().await.unwrap();
    stored
}

/// Every POST, and who may ask for it with which body.
fn posts(world: &World) -> Vec<(Operation, Client, String, String)> {
    let posts = operations(world).into_iter().filter(|operation| operation.method == Method::POST);
    posts
        .map(|operation| {
            assert!(takes(&operation, "IdempotencyKey"), "{}", operation.pattern);
            let (kind, text) = body_of(&operation).unwrap();
            let client = operation.permitted(world).seen("\"1\"");
            (operation, client, kind, text)
        })
        .collect()
}

scenario! {
    /// Under a key that was answered before, every POST gives that answer again, before it looks for the record, its version or
    /// its state; to another body it says 409; and another person's key is another key.
    async fn every_post_is_answered_once_under_a_key(world) {
        let (mut asked, mut others, mut wrong) = (0, 0, Vec::new());
        for (operation, client, kind, text) in posts(&world) {
            let path = operation.path(NOBODY);
            let body = || Some((kind.as_str(), text.clone().into_bytes()));
            let stored = given_answer(&world, &client, &path, "same", digest_of(&kind, &text)).await;
            let again = client.with("idempotency-key", "same").unchecked_answer(Method::POST, &path, body()).await;
            if again.status == 400 {
                // The example of the document is of its schema, and says what this record could not: that is told before.
                wrong.push(path);
                continue;
            }
            assert_eq!((again.status, again.text.as_str()), (200, stored.body.as_str()), "{path}");
            assert_eq!(again.header("etag"), "\"77\"", "{path}");
            if text != "{}" {
                given_answer(&world, &client, &path, "other", digest::digest(&json!({}))).await;
                let other = client.with("idempotency-key", "other").send(Method::POST, &path, Some((kind.as_str(), text.clone()))).await;
                other.refused(409, "idempotency_key_reused");
                assert!(!other.headers.contains_key("retry-after"), "it would be refused again: {path}");
                others += 1;
            }
            let elsewhere = operation.path("01920a5c-8f2e-7b3d-9c41-000000000000");
            if elsewhere != path {
                let elsewhere = client.with("idempotency-key", "same").unchecked_answer(Method::POST, &elsewhere, body()).await;
                assert_ne!(elsewhere.text, stored.body, "{path}");
            }
            asked += 1;
        }
        assert!(asked > 75 && others > 70 && wrong.len() < 10, "{asked} {others} {wrong:#?}");
    }
}

/// The body of a registration, and the claim of its key as the first request under it makes it.
async fn claimed(world: &World, client: &Client, key: &str) -> (Value, sarus::store::Tx) {
    let me = client.get("/v1/me").await.ok();
    let body = crate::support::world::new_cooperative("888", "0100233488");
    let scope = [&me["issuer"], &me["subject"], &json!("POST"), &json!("/v1/cooperatives"), &json!(key)];
    let key_hash = digest::sha256_hex(&serde_json::to_string(&scope).unwrap());
    let claim = world.sarus.store.begin().await.unwrap();
    let now = world.now().parse().unwrap();
    assert_eq!(answers::claim(&claim, &key_hash, &digest::digest(&body), now).await.unwrap(), None);
    (body, claim)
}

scenario! {
    /// Whoever repeats a request while the first is still being answered waits and gets its answer; if that takes too long, it is
    /// told to come back.
    async fn a_repeat_waits_for_the_first_answer_but_not_for_ever(world) {
        let world = world.waiting_for_repeats(Duration::from_millis(500)).await;
        let locality = world.someone(Role::Locality, "888").with("idempotency-key", "slow");
        // The first cannot end as long as this holds the database.
        let (body, claim) = claimed(&world, &locality, "slow").await;
        let post = || locality.post("/v1/cooperatives", &body);
        let repeats = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let late = post().await;
            let release = async {
                tokio::time::sleep(Duration::from_millis(100)).await;
                drop(claim);
            };
            (late, tokio::join!(post(), release).0)
        };
        let (first, (late, repeat)) = tokio::join!(post(), repeats);
        late.refused(409, "request_in_progress");
        assert!(late.header("retry-after").parse::<u32>().unwrap() > 0);
        assert_eq!((first.created(), first.header("etag")), (repeat.created(), repeat.header("etag")));
    }
}

scenario! {
    /// Another replica has claimed the key, and does not end: its row is waited for on PostgreSQL, and no longer than a lock is.
    async fn a_repeat_waits_for_another_replica(world) {
        if world.sarus.store.backend() == sarus::store::Backend::Sqlite {
            return;
        }
        let locality = world.someone(Role::Locality, "888");
        let (body, claim) = claimed(&world, &locality, "elsewhere").await;
        let repeat = locality.with("idempotency-key", "elsewhere");
        let waiting = repeat.post("/v1/cooperatives", &body).await;
        waiting.refused(409, "request_in_progress");
        assert!(waiting.header("retry-after").parse::<u32>().unwrap() > 0);
        drop(claim);
        repeat.post("/v1/cooperatives", &body).await.created();
    }
}
