//! API3:2023, broken object property level authorization: nobody sets what the service decides, and nobody is told what
//! is not his. That answers hold nothing undeclared is checked by the test client on every answer of every test.

use sarus::domain::role::Role;
use serde_json::{Value, json};

use super::{NOBODY, operations};
use crate::support::world::new_cooperative;

/// Members that a client would like to set: outcome, sums, verdicts, time, authorship, rights.
fn coveted() -> Value {
    json!({
        "id": NOBODY, "version": 99, "status": "approved", "state": "approved", "approved": true, "approvedAt": "2021-01-01T00:00:00Z",
        "approvedBy": "me", "total": "100.00", "rating": "good", "score": 100, "points": "100.00", "eligible": true,
        "verdict": "met", "selected": true, "authoritative": true, "locked": false, "late": false, "contentHash": "0".repeat(64),
        "createdBy": "somebody-else", "recordedBy": "somebody-else", "recordedAt": "2001-01-01T00:00:00Z", "updatedAt": "2001-01-01T00:00:00Z",
        "subject": "somebody-else", "role": "administrator", "roles": ["administrator"], "permissions": ["accounts:manage"],
        "agency": NOBODY, "unit": "89", "province": "01", "cooperative": NOBODY, "pilotsSelected": 0, "revision": 0,
        "disbursed": "0", "settled": "0", "outstanding": "0", "__proto__": {"admin": true}, "constructor": {"admin": true},
    })
}

/// The schema that a reference leads to.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let target = schema["$ref"].as_str().and_then(|reference| document.pointer(reference.trim_start_matches('#')));
    target.unwrap_or(schema)
}

/// Adds every coveted member that a form does not have, in it and in the objects within it, and says where.
fn covet(document: &Value, schema: &Value, value: &mut Value, place: &str, added: &mut Vec<String>) {
    let schema = resolved(document, schema);
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                covet(document, &schema["items"], item, &format!("{place}/{index}"), added);
            }
        }
        Value::Object(members) if schema["additionalProperties"] == false => {
            for (name, member) in members.iter_mut() {
                covet(document, &schema["properties"][name], member, &format!("{place}/{name}"), added);
            }
            for (name, wish) in coveted().as_object().unwrap() {
                if schema["properties"].get(name).is_none() {
                    members.insert(name.clone(), wish.clone());
                    added.push(format!("{place}/{name} unknown_member"));
                }
            }
        }
        _ => {}
    }
}

scenario! {
    /// On each form of the document, at every depth of its example: what is not of the form is refused by name.
    async fn nothing_is_assigned_that_is_not_of_the_form(world) {
        let mut forms = 0;
        for operation in operations(&world) {
            let Some((kind, mut body)) = operation.body() else { continue };
            let schema = operation.described["requestBody"]["content"][&kind]["schema"].clone();
            let mut added = Vec::new();
            covet(world.document(), &schema, &mut body, "", &mut added);
            assert!(added.len() > 10, "{} {}: {added:?}", operation.method, operation.pattern);
            let has_members = resolved(world.document(), &schema)["properties"].is_object();
            let client = operation.permitted(&world).seen("\"1\"");
            let text = Some((kind.as_str(), body.to_string()));
            let answer = client.send(operation.method.clone(), &operation.path(NOBODY), text).await;
            answer.refused(400, "invalid_body");
            let faults = answer.faults();
            // At most two hundred faults are told; a form without members refuses whatever is in it.
            let missing: Vec<_> = added.iter().filter(|fault| has_members && !faults.contains(fault)).collect();
            assert!(missing.is_empty() || faults.len() >= 200, "{} {}: {missing:?}", operation.method, operation.pattern);
            forms += 1;
        }
        assert!(forms > 60, "{forms} forms");
    }
}

scenario! {
    /// What is of a form and still decided by the service: a total that does not follow, points above their maximum.
    async fn what_is_computed_is_not_believed(world) {
        let mut plan = crate::support::given_plans::new_plan("89");
        plan["total"] = json!("1");
        world.someone(Role::LeadAgency, "89").post("/v1/provincial-plans", &plan).await.refused(400, "total_mismatch");
        let cooperative = world.given_cooperative("888", "1600000011").await;
        let own = world.cooperative(cooperative["id"].as_str().unwrap());
        let body = json!({
            "cooperative": cooperative["id"], "year": 2020, "kind": "self", "criteriaSet": "TT01-2020",
            "scores": [{"criterion": "1a", "points": "99.00"}],
        });
        let answer = own.post("/v1/evaluations", &body).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
    }
}

scenario! {
    /// A patch cannot reach what a creation cannot, not even to remove it.
    async fn a_patch_reaches_no_further(world) {
        let made = world.given_cooperative("888", "1600000011").await;
        let path = format!("/v1/cooperatives/{}", made["id"].as_str().unwrap());
        let locality = world.someone(Role::Locality, "888").seen("\"1\"");
        for (member, value) in [("id", json!(NOBODY)), ("recordedAt", json!(null)), ("version", json!(7)), ("province", json!("01"))] {
            let answer = locality.patch(&path, &json!({member: value})).await;
            answer.refused(400, "invalid_body");
        }
        assert_eq!(locality.get(&path).await.ok(), made);
        // A required member is not removed by null.
        locality.patch(&path, &json!({"name": null})).await.refused(400, "invalid_body");
        let mut body = new_cooperative("888", "1600000021");
        body["recordedAt"] = json!("2001-01-01T00:00:00Z");
        assert_eq!(locality.post("/v1/cooperatives", &body).await.faults(), ["/recordedAt unknown_member"]);
    }
}
