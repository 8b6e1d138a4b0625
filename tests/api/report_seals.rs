//! Whoever has a report or an aggregate checks it alone: digest and signature, by code that is not the service's.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use sarus::domain::role::Role;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::given_reports::{report_path, signed_off};
use crate::support::world::World;

/// RFC 8785 for what reports hold: names in order, no blanks. Every name here is ASCII, so bytes order like UTF-16.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let sorted: BTreeMap<_, _> = members.iter().collect();
            let written = sorted.iter().map(|(name, value)| format!("{}:{}", json!(name), canonical(value)));
            format!("{{{}}}", written.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

fn content(answer: &Value, members: &[&str]) -> String {
    let given = members.iter().filter_map(|name| Some(((*name).to_owned(), answer.get(*name)?.clone())));
    canonical(&Value::Object(given.collect()))
}

fn hex(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Checks a detached JWS with the published keys.
async fn is_sealed(world: &World, signature: &Value, text: &str) -> bool {
    let (header, signature) = signature.as_str().unwrap().split_once("..").unwrap();
    let read = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let named: Value = serde_json::from_slice(&read(header)).unwrap();
    assert_eq!(named["alg"], "EdDSA");
    let keys = world.stranger().get("/.well-known/jwks.json").await.ok();
    let key = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == named["kid"]).unwrap().clone();
    assert_eq!((&key["kty"], &key["crv"], key.get("d")), (&json!("OKP"), &json!("Ed25519"), None));
    let key = VerifyingKey::from_bytes(&read(key["x"].as_str().unwrap()).try_into().unwrap()).unwrap();
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(text));
    key.verify(signed.as_bytes(), &Signature::from_slice(&read(signature)).unwrap()).is_ok()
}

const REPORT: [&str; 12] = [
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
const SIGN_OFF: [&str; 5] = ["contentHash", "documentDate", "documentNumber", "id", "signatory"];
const AGGREGATE: [&str; 5] = ["formVersion", "indicators", "missing", "period", "sources"];

scenario! {
    async fn anyone_checks_a_report_and_an_aggregate_with_the_published_keys(world) {
        world.given_plan("89").await;
        let (lead, ministry) = (world.someone(Role::LeadAgency, "89"), world.someone(Role::Ministry, ""));
        let narrative = json!([{"code": "results", "text": "Kết quả: “tốt” – 100 %\n\té"}]);
        let draft = lead.post("/v1/periodic-reports", &json!({"period": "2023", "narrative": narrative})).await.created();
        assert_eq!(draft.get("signature"), None, "a draft is not published");
        let path = report_path(&draft);
        let sent = lead.step(&path, "submissions", &signed_off("2024-02-01")).await.ok();
        let text = content(&sent, &REPORT);
        assert_eq!(sent["contentHash"], hex(&text));
        assert!(is_sealed(&world, &sent["signature"], &text).await);
        let mut forged = sent.clone();
        forged["indicators"][0]["value"] = json!("5");
        assert!(!is_sealed(&world, &sent["signature"], &content(&forged, &REPORT)).await);
        // Content, document and signatory are sealed as one.
        assert_eq!((draft.get("signOffHash"), draft.get("signOffSignature")), (None, None));
        let document = content(&sent, &SIGN_OFF);
        assert_eq!(sent["signOffHash"], hex(&document));
        assert!(is_sealed(&world, &sent["signOffSignature"], &document).await);
        for (member, other) in [("documentNumber", "13/BC"), ("documentDate", "2024-02-02"), ("signatory", "B"), ("contentHash", "0")] {
            let mut forged = sent.clone();
            forged[member] = json!(other);
            assert!(!is_sealed(&world, &sent["signOffSignature"], &content(&forged, &SIGN_OFF)).await, "{member}");
        }

        ministry.step(&path, "returns", &json!({"comment": "Xem lại"})).await.ok();
        let etag = lead.get(&path).await.ok_etag();
        let edited = lead.seen(&etag).patch(&path, &json!({"narrative": []})).await.ok();
        assert_eq!(edited.get("signature"), None, "a seal is never on another content");
        assert_eq!(edited.get("signOffSignature"), None);
        let again = lead.step(&path, "submissions", &signed_off("2024-02-02")).await.ok();
        assert_ne!(again["signature"], sent["signature"]);
        assert!(is_sealed(&world, &again["signature"], &content(&again, &REPORT)).await);
        let accepted = ministry.step(&path, "acceptances", &json!({})).await.ok();
        assert_eq!(accepted["signature"], again["signature"]);
        assert_eq!(accepted["signOffSignature"], again["signOffSignature"]);
        assert!(is_sealed(&world, &accepted["signOffSignature"], &content(&accepted, &SIGN_OFF)).await);

        let aggregate = ministry.get("/v1/aggregates?period=2023&by=province").await.ok();
        let text = content(&aggregate, &AGGREGATE);
        assert_eq!(aggregate["digest"], hex(&text));
        assert!(is_sealed(&world, &aggregate["signature"], &text).await);
    }
}

scenario! {
    /// The ministry says which content of which revision it took over; once, and never another content.
    async fn a_receipt_is_confirmed_for_a_content_once(world) {
        world.given_plan("89").await;
        let (lead, ministry) = (world.someone(Role::LeadAgency, "89"), world.someone(Role::Ministry, ""));
        let draft = world.given_report_draft(&lead, "2023").await;
        let path = report_path(&draft);
        let receipt = |report: &Value| json!({"contentHash": report["contentHash"], "number": "4410/BKHĐT-HTX"});
        lead.step(&path, "receipts", &receipt(&draft)).await.refused(409, "not_responsible");
        let sent = lead.step(&path, "submissions", &signed_off("2024-02-01")).await.ok();
        world.someone(Role::Locality, "888").seen("\"2\"").post(&format!("{path}/receipts"), &receipt(&sent)).await.refused(403, "forbidden");
        let wrong = ministry.step(&path, "receipts", &json!({"contentHash": "0".repeat(64)})).await;
        wrong.refused(409, "content_changed");
        assert_eq!(wrong.faults(), ["/contentHash content_changed"]);
        ministry.step(&path, "receipts", &json!({"contentHash": "x"})).await.refused(400, "invalid_body");
        let confirmed = ministry.step(&path, "receipts", &receipt(&sent)).await.ok();
        assert_eq!(confirmed["receiptNumber"], "4410/BKHĐT-HTX");
        assert!(confirmed["receivedAt"].is_string());
        ministry.step(&path, "receipts", &receipt(&sent)).await.refused(409, "already_exists");
        let history = lead.get(&format!("{path}/receipts")).await.ok();
        assert_eq!((&history["items"][0]["item"], &history["items"][0]["contentHash"]), (&json!("4410/BKHĐT-HTX"), &sent["contentHash"]));
        let accepted = ministry.step(&path, "acceptances", &json!({})).await.ok();
        assert_eq!(accepted["receivedAt"], confirmed["receivedAt"]);
        // The next revision is another content, to be confirmed on its own.
        let opened = lead.step(&path, "revisions", &json!({"reason": "Quyết toán"})).await.ok();
        let next = format!("/v1/periodic-reports/{}", opened["next"].as_str().unwrap());
        lead.step(&next, "submissions", &signed_off("2024-03-01")).await.ok();
        let second = ministry.get(&next).await.ok();
        assert_eq!(second.get("receivedAt"), None);
        ministry.step(&next, "receipts", &json!({"contentHash": second["contentHash"]})).await.ok();
    }
}

scenario! {
    /// What has not changed is not sent again; what changed since is found by its time.
    async fn the_pull_answers_304_and_what_changed_since(world) {
        world.given_plan("89").await;
        let (lead, ministry) = (world.someone(Role::LeadAgency, "89"), world.someone(Role::Ministry, ""));
        world.given_submitted_report(&lead, "2023").await;
        let pull = "/v1/periodic-reports?period=2023&level=province&authoritative=true";
        let first = ministry.get(pull).await;
        let etag = first.ok_etag();
        let same = ministry.with("if-none-match", &etag).get(pull).await;
        assert_eq!((same.status, same.text.as_str()), (304, ""));
        let since = world.now();
        assert_eq!(ministry.get(&format!("{pull}&updatedSince={since}")).await.ok()["items"], json!([]));
        let path = report_path(&first.body["items"][0]);
        ministry.step(&path, "acceptances", &json!({})).await.ok();
        assert_eq!(ministry.with("if-none-match", &etag).get(pull).await.status, 200);
        let changed = ministry.get(&format!("{pull}&updatedSince={since}")).await.ok();
        assert_eq!((changed["items"].as_array().unwrap().len(), &changed["items"][0]["state"]), (1, &json!("accepted")));
        let one = ministry.get(&path).await.ok_etag();
        assert_eq!(ministry.with("if-none-match", &one).get(&path).await.status, 304);
    }
}
