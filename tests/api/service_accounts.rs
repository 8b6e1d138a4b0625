//! Service accounts: machines that get tokens of the service itself, as RFC 6749 has it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use sarus::domain::role::Role;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::support::client::{Answer, Client};
use crate::support::given_plans::lead_agency;
use crate::support::world::{World, new_cooperative};

const TOKEN: &str = "/v1/oauth/token";
const FORM: &str = "application/x-www-form-urlencoded";

fn path_of(account: &Value) -> String {
    format!("/v1/service-accounts/{}", account["id"].as_str().unwrap())
}

fn new_account(name: &str) -> Value {
    json!({"name": name, "role": "lead-agency", "agency": lead_agency("89")})
}

impl World {
    fn administrator(&self) -> Client {
        self.someone(Role::Administrator, "")
    }

    /// An account with a secret: the account, and the secret.
    async fn given_service_account(&self, body: &Value) -> (Value, String) {
        let account = self.administrator().post("/v1/service-accounts", body).await.created();
        let account = self.administrator().step(&path_of(&account), "secrets", &json!({})).await.ok();
        let secret = account["clientSecret"].as_str().unwrap().to_owned();
        (account, secret)
    }

    async fn ask(&self, form: &str) -> Answer {
        self.stranger().send(Method::POST, TOKEN, Some((FORM, form.to_owned()))).await
    }

    async fn grant(&self, account: &Value, secret: &str) -> Answer {
        let id = account["id"].as_str().unwrap();
        self.ask(&format!("grant_type=client_credentials&client_id={id}&client_secret={secret}")).await
    }
}

#[track_caller]
fn refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!((answer.status, answer.body["error"].as_str()), (status, Some(error)), "{}", answer.text);
    assert!(answer.body["code"].is_null(), "no problem document: {}", answer.text);
    assert_eq!(
        (answer.header("cache-control"), answer.header("pragma")),
        ("no-store".to_owned(), "no-cache".to_owned())
    );
}

#[track_caller]
fn token_of(answer: &Answer) -> String {
    answer.ok()["access_token"].as_str().unwrap().to_owned()
}

scenario! {
    /// From making an account to work in its name; header and form serve alike.
    async fn a_machine_gets_a_token_and_acts_for_its_agency(world) {
        let (account, secret) = world.given_service_account(&new_account("Máy của Sở")).await;
        assert_eq!((&account["state"], account["secrets"].as_array().unwrap().len()), (&json!("active"), 1));
        let granted = world.grant(&account, &secret).await;
        assert_eq!((granted.ok()["token_type"].clone(), granted.ok()["expires_in"].clone()), (json!("Bearer"), json!(900)));
        assert_eq!(granted.header("cache-control"), "no-store");
        let me = world.with_token(&token_of(&granted)).get("/v1/me").await.ok();
        assert_eq!((&me["role"], &me["subject"], &me["province"]), (&json!("lead-agency"), &account["id"], &json!("89")));
        let id = account["id"].as_str().unwrap();
        let basic = STANDARD.encode(format!("{id}:{}", secret.replace('-', "%2D")));
        let asked = world.stranger().with("authorization", &format!("Basic {basic}"));
        let granted = asked.send(Method::POST, TOKEN, Some((FORM, "grant_type=client_credentials&resource=x".to_owned()))).await;
        world.with_token(&token_of(&granted)).get("/v1/cooperatives").await.ok();
        let read = world.administrator().get(&path_of(&account)).await.ok();
        assert!(read["clientSecret"].is_null() && !read.to_string().contains(&secret), "{read}");
        let history = world.administrator().get(&format!("{}/secrets", path_of(&account))).await.ok();
        assert_eq!(history["items"][0]["item"], account["secrets"][0]["id"]);
        let actions = world.administrator().get(&format!("{}/allowed-actions", path_of(&account))).await.ok();
        assert_eq!(actions["items"].as_array().unwrap().len(), 2);
    }
}

scenario! {
    async fn a_cooperative_may_have_a_machine_of_its_own(world) {
        let cooperative = world.someone(Role::Locality, "888").post("/v1/cooperatives", &new_cooperative("888", "1600000011")).await.created();
        let body = json!({"name": "Máy của HTX", "role": "cooperative", "cooperative": cooperative["id"]});
        let (account, secret) = world.given_service_account(&body).await;
        let me = world.with_token(&token_of(&world.grant(&account, &secret).await)).get("/v1/me").await.ok();
        assert_eq!((&me["role"], &me["cooperative"]), (&json!("cooperative"), &cooperative["id"]));
        let query = format!("/v1/service-accounts?cooperative={}&state=active", cooperative["id"].as_str().unwrap());
        assert_eq!(world.administrator().get(&query).await.ok()["items"][0]["id"], account["id"]);
        assert_eq!(world.administrator().get("/v1/service-accounts?role=ministry").await.ok()["items"], json!([]));
    }
}

scenario! {
    async fn bad_accounts_are_refused_fault_by_fault(world) {
        let administrator = world.administrator();
        let nobody = "01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d";
        for (body, faults) in [
            (json!({"name": "x", "role": "lead-agency"}), vec!["/agency required"]),
            (
                json!({"name": "x", "role": "cooperative", "agency": lead_agency("89")}),
                vec!["/agency unexpected_member", "/cooperative required"],
            ),
            (json!({"name": "x", "role": "administrator", "cooperative": nobody}), vec!["/cooperative unexpected_member"]),
            (json!({"name": " ", "role": "king", "secret": "hunter2"}), vec!["/name too_short", "/name wrong_pattern", "/role not_in_enum", "/secret unknown_member"]),
        ] {
            let answer = administrator.post("/v1/service-accounts", &body).await;
            answer.refused(400, "invalid_body");
            assert_eq!(answer.faults(), faults, "{}", answer.text);
        }
        for body in [
            json!({"name": "x", "role": "lead-agency", "agency": nobody}),
            json!({"name": "x", "role": "finance", "agency": lead_agency("89")}),
            json!({"name": "x", "role": "cooperative", "cooperative": nobody}),
        ] {
            administrator.post("/v1/service-accounts", &body).await.refused(400, "unknown_reference");
        }
        administrator.post("/v1/service-accounts", &new_account("Máy")).await.created();
        administrator.post("/v1/service-accounts", &new_account("Máy")).await.refused(409, "already_exists");
        world.someone(Role::LeadAgency, "89").get("/v1/service-accounts").await.refused(403, "forbidden");
    }
}

scenario! {
    /// Two machines can be changed over one after the other; a secret that has leaked ends at once.
    async fn a_secret_is_replaced_with_an_overlap(world) {
        let (account, first) = world.given_service_account(&new_account("Máy")).await;
        let administrator = world.administrator();
        let replace = |minutes: u32| {
            let (administrator, path) = (administrator.clone(), path_of(&account));
            async move {
                let account = administrator.step(&path, "secrets", &json!({"overlapMinutes": minutes})).await.ok();
                account["clientSecret"].as_str().unwrap().to_owned()
            }
        };
        let second = replace(60).await;
        for secret in [&first, &second] {
            world.grant(&account, secret).await.ok();
        }
        world.pass(3601);
        refused(&world.grant(&account, &first).await, 401, "invalid_client");
        world.grant(&account, &second).await.ok();
        let third = replace(0).await;
        refused(&world.grant(&account, &second).await, 401, "invalid_client");
        world.grant(&account, &third).await.ok();
        let kept = administrator.get(&path_of(&account)).await.ok();
        assert_eq!(kept["secrets"].as_array().unwrap().len(), 1);
        administrator.seen("\"1\"").post(&format!("{}/secrets", path_of(&account)), &json!({})).await.refused(412, "stale");
    }
}

scenario! {
    /// Tokens of a revoked account are refused within a minute by every replica, and it gets no more at once.
    async fn a_revocation_reaches_every_replica(world) {
        let other = world.replica().await;
        let (account, secret) = world.given_service_account(&new_account("Máy")).await;
        let token = token_of(&world.grant(&account, &secret).await);
        for replica in [&world, &other] {
            replica.with_token(&token).get("/v1/me").await.ok();
        }
        let revoked = world.administrator().step(&path_of(&account), "revocations", &json!({"reason": "Thử"})).await.ok();
        assert_eq!((&revoked["state"], &revoked["secrets"]), (&json!("revoked"), &json!([])));
        for replica in [&world, &other] {
            refused(&replica.grant(&account, &secret).await, 401, "invalid_client");
            replica.pass(59);
            let answer = replica.with_token(&token).get("/v1/me").await;
            answer.refused(401, "unauthenticated");
            assert!(answer.header("www-authenticate").contains("invalid_token"));
        }
        for (step, body) in [("secrets", json!({})), ("revocations", json!({"reason": "Lần nữa"}))] {
            world.administrator().step(&path_of(&account), step, &body).await.refused(409, "wrong_state");
        }
        let history = world.administrator().get(&format!("{}/revocations", path_of(&account))).await.ok();
        assert_eq!(history["items"][0]["comment"], "Thử");
        assert_eq!(world.administrator().get("/v1/service-accounts?state=revoked").await.ok()["items"][0]["id"], account["id"]);
    }
}

scenario! {
    /// A secret is shown once: neither its table nor the answers kept for repeats hold it.
    async fn no_secret_is_kept(world) {
        let account = world.administrator().post("/v1/service-accounts", &new_account("Máy")).await.created();
        let administrator = world.administrator().with("idempotency-key", "secret-1").seen("\"1\"");
        let path = format!("{}/secrets", path_of(&account));
        let shown = administrator.post(&path, &json!({})).await;
        let again = administrator.post(&path, &json!({})).await;
        let secret = shown.ok()["clientSecret"].as_str().unwrap().to_owned();
        assert_eq!((shown.ok()["secrets"].clone(), shown.header("etag")), (again.ok()["secrets"].clone(), again.header("etag")));
        assert!(again.ok()["clientSecret"].is_null(), "{}", again.text);
        let chance = secret.splitn(3, '_').last().unwrap();
        let db = world.sarus.store.reader();
        for (table, columns) in [("service_account_secrets", "hash"), ("stored_answers", "body"), ("steps", "entry")] {
            let sql = format!("SELECT {columns} FROM {table}");
            let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
            let texts: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
            assert!(!texts.is_empty(), "{table} is empty");
            assert!(texts.iter().all(|text| !text.contains(chance)), "{table} keeps it");
        }
        world.grant(&account, &secret).await.ok();
    }
}

scenario! {
    async fn refusals_are_those_of_the_standard(world) {
        let (account, secret) = world.given_service_account(&new_account("Máy")).await;
        let id = account["id"].as_str().unwrap();
        let whole = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        let other = "01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d";
        for (form, status, error) in [
            (String::new(), 400, "invalid_request"),
            (format!("client_id={id}&client_secret={secret}"), 400, "invalid_request"),
            (format!("{whole}&client_id={id}"), 400, "invalid_request"),
            (format!("{whole}&{}", "x".repeat(9000)), 400, "invalid_request"),
            (format!("grant_type=password&username=a&password=b&client_id={id}"), 400, "unsupported_grant_type"),
            (format!("{whole}&scope=everything"), 400, "invalid_scope"),
            (format!("grant_type=client_credentials&client_id={id}"), 401, "invalid_client"),
            (format!("grant_type=client_credentials&client_id={id}&client_secret=hunter2"), 401, "invalid_client"),
            (format!("grant_type=client_credentials&client_id={id}&client_secret={secret}x"), 401, "invalid_client"),
            (format!("grant_type=client_credentials&client_id={other}&client_secret={secret}"), 401, "invalid_client"),
            ("grant_type=client_credentials&client_id=%27%3B--&client_secret=x".to_owned(), 401, "invalid_client"),
        ] {
            let answer = world.ask(&form).await;
            refused(&answer, status, error);
            assert_eq!(answer.headers.contains_key("www-authenticate"), status == 401);
        }
        world.ask(&format!("{whole}&scope=&state=1&audience=x")).await.ok();
        let json = world.stranger().post(TOKEN, &json!({"grant_type": "client_credentials"})).await;
        refused(&json, 400, "invalid_request");
        let in_query = format!("{TOKEN}?client_secret={secret}");
        refused(&world.stranger().send(Method::POST, &in_query, Some((FORM, whole.clone()))).await, 400, "invalid_request");
        let basic = |text: &str| world.stranger().with("authorization", &format!("Basic {}", STANDARD.encode(text)));
        let twice = basic(&format!("{id}:{secret}")).send(Method::POST, TOKEN, Some((FORM, whole.clone()))).await;
        refused(&twice, 400, "invalid_request");
        let garbled = world.stranger().with("authorization", "Basic ???");
        let bare = || Some((FORM, "grant_type=client_credentials".to_owned()));
        refused(&garbled.send(Method::POST, TOKEN, bare()).await, 401, "invalid_client");
        refused(&basic(&format!("{id}:wrong")).send(Method::POST, TOKEN, bare()).await, 401, "invalid_client");
        let wrong_method = world.stranger().get(TOKEN).await;
        assert_eq!((wrong_method.status, wrong_method.header("allow")), (405, "POST".to_owned()));
    }
}

scenario! {
    /// Each try costs a hash: an address that tries all day is told to wait, in the words of the standard.
    async fn whoever_asks_too_often_waits(world) {
        let mut answers = Vec::new();
        for _ in 0..31 {
            answers.push(world.ask("grant_type=password").await);
        }
        assert_eq!(answers.iter().filter(|answer| answer.status == 400).count(), 30);
        let last = answers.last().unwrap();
        refused(last, 429, "temporarily_unavailable");
        assert!((1..=60).contains(&last.header("retry-after").parse::<u64>().unwrap()));
        // The rest of the service is open to the same address.
        world.someone(Role::Ministry, "").get("/v1/me").await.ok();
    }
}

scenario! {
    async fn a_service_without_a_key_says_so(world) {
        let (account, secret) = world.given_service_account(&new_account("Máy")).await;
        let keyless = world.believing(Vec::new()).await;
        let answer = keyless.grant(&account, &secret).await;
        refused(&answer, 400, "unsupported_grant_type");
        assert!(answer.body["error_description"].as_str().unwrap().contains("SARUS_JWT_SIGNING_KEY"));
    }
}

/// The key of RFC 7515's example implementations, known to everybody.
const P256: &str = "-----BEGIN PRIVATE KEY-----\n\
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2\n\
    OF/2NxApJCzGCEDdfSp6VQO30hyhRANCAAQRWz+jn65BtOMvdyHKcvjBeBSDZH2r\n\
    1RTwjmYSi9R/zpBnuQ4EiMnCqfMPWiZqB4QdbAd0E7oH50VpuZ1P087G\n\
    -----END PRIVATE KEY-----\n";

/// An RSA key of 2048 bits.
const RSA: &str = include_str!("../fixtures/realm-key.pem");

scenario! {
    /// A province signs with the kind of key that it has; each kind fixes its algorithm.
    async fn tokens_are_signed_with_either_kind_of_key(world) {
        let ed25519 = world.private_key.clone();
        for (key, algorithm) in [(ed25519.as_str(), "EdDSA"), (P256, "ES256"), (RSA, "RS256")] {
            let world = world.signing_with(key).await;
            let (account, secret) = world.given_service_account(&new_account(&format!("Máy {algorithm}"))).await;
            let form = format!("grant_type=client_credentials&client_id={}&client_secret={secret}", account["id"].as_str().unwrap());
            let token = world.ask(&form).await.ok()["access_token"].as_str().unwrap().to_owned();
            let header = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
            let header: Value = serde_json::from_slice(&header).unwrap();
            assert_eq!((&header["alg"], &header["typ"]), (&json!(algorithm), &json!("at+jwt")));
            assert_eq!(world.with_token(&token).get("/v1/me").await.ok()["role"], "lead-agency");
            let other = world.signing_with(&sarus::keys::new_pair().unwrap().0).await;
            other.with_token(&token).get("/v1/me").await.refused(401, "unauthenticated");
        }
    }
}
