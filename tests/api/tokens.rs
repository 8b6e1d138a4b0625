//! Whose tokens are believed: attacks on a token, several issuers, their keys behind an address, and a realm of Keycloak.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::pkcs8::DecodePrivateKey;
use ed25519_dalek::{Signer, SigningKey};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use sarus::keys::{self, IssuerSettings, Patience, TrustedIssuer};
use serde_json::{Value, json};

use crate::support::given_plans::lead_agency;
use crate::support::key_server::KeyServer;
use crate::support::world::{AUDIENCE, ISSUER, World};

/// The private key of a realm: made for these tests, of no other use.
const REALM_KEY: &str = include_str!("../fixtures/realm-key.pem");
/// Its public half in PEM.
const REALM_PUBLIC: &str = include_str!("../fixtures/realm-key.pub.pem");
/// The set that such a realm publishes: a key for encryption and one for signatures, with certificates.
const REALM_SET: &str = include_str!("../fixtures/realm-jwks.json");
/// The name of the key for signatures in that set.
const REALM_KEY_ID: &str = "u7BkGm0Q2hS3sig";
const REALM: &str = "https://login.example/realms/hop-tac-xa";

/// 2100-01-01.
const LATER: i64 = 4_102_444_800;

fn part(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// A token of any header and claims, however wrong, signed with an Ed25519 key.
fn signed(private: &str, header: &str, claims: &str) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let signature = SigningKey::from_pkcs8_pem(private).unwrap().sign(message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
}

fn good() -> Value {
    json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "x", "exp": LATER, "iat": 1, "jti": "1", "roles": ["administrator"]})
}

fn with(name: &str, value: Value) -> String {
    let mut claims = good();
    claims[name] = value;
    claims.to_string()
}

const HEADER: &str = r#"{"typ":"at+jwt","alg":"EdDSA"}"#;

scenario! {
    /// The attacks of RFC 8725 and their kin, each on a token that is otherwise good.
    async fn a_token_that_is_tampered_with_is_refused(world) {
        let own = world.private_key.clone();
        let sign = |header: &str, claims: &str| signed(&own, header, claims);
        let claims = good().to_string();
        for accepted in [
            sign(HEADER, &claims),
            sign(r#"{"typ":"application/AT+JWT","alg":"EdDSA","kid":"any"}"#, &claims),
            sign(HEADER, &with("aud", json!(["another", AUDIENCE]))),
            sign(HEADER, &with("nbf", json!(1))),
        ] {
            world.with_token(&accepted).get("/v1/me").await.ok();
        }
        let twice = claims.replacen('{', r#"{"roles":["ministry"],"#, 1);
        let escaped = claims.replacen('{', r#"{"\u0072oles":["ministry"],"#, 1);
        let whole = sign(HEADER, &claims);
        let (message, _) = whole.rsplit_once('.').unwrap();
        let stranger = keys::new_pair().unwrap().0;
        let soon = i64::try_from(jsonwebtoken::get_current_timestamp()).unwrap();
        let bad = [
            // No signature, another algorithm, a key of the token's own choice.
            format!("{}.{}.", part(r#"{"typ":"at+jwt","alg":"none"}"#), part(&claims)),
            format!("{}.{}.", part(r#"{"typ":"at+jwt","alg":"None"}"#), part(&claims)),
            sign(r#"{"typ":"at+jwt","alg":"none"}"#, &claims),
            sign(r#"{"typ":"at+jwt","alg":"HS256"}"#, &claims),
            sign(r#"{"typ":"at+jwt","alg":"ES256"}"#, &claims),
            sign(r#"{"typ":"at+jwt"}"#, &claims),
            format!("{message}."),
            message.to_owned(),
            format!("{whole}."),
            format!("{whole}.{whole}"),
            signed(&stranger, HEADER, &claims),
            signed(&stranger, &embedded(&stranger), &claims),
            signed(&stranger, r#"{"typ":"at+jwt","alg":"EdDSA","kid":"../../dev/null"}"#, &claims),
            // Another kind of token.
            sign(r#"{"typ":"JWT","alg":"EdDSA"}"#, &claims),
            sign(r#"{"alg":"EdDSA"}"#, &claims),
            sign(r#"{"typ":7,"alg":"EdDSA"}"#, &claims),
            sign(r#"{"typ":"at+jwt","alg":"EdDSA","crit":["b64"],"b64":false}"#, &claims),
            sign(r#"{"typ":"at+jwt","alg":"EdDSA","kid":{"$ne":1}}"#, &claims),
            // Members given twice, in the header or the claims.
            sign(r#"{"typ":"at+jwt","alg":"none","alg":"EdDSA"}"#, &claims),
            sign(HEADER, &twice),
            sign(HEADER, &escaped),
            sign(HEADER, &claims.replacen('{', r#"{"exp":1,"#, 1)),
            // Whose, for whom, when.
            sign(HEADER, &with("iss", json!("https://other.example"))),
            sign(HEADER, &with("iss", json!([ISSUER]))),
            sign(HEADER, &with("aud", json!("another"))),
            sign(HEADER, &with("aud", json!([]))),
            sign(HEADER, &with("exp", json!(soon - 60))),
            sign(HEADER, &with("exp", json!("4102444800"))),
            sign(HEADER, &with("nbf", json!(soon + 60))),
            sign(HEADER, &with("iat", json!(soon + 60))),
            sign(HEADER, &with("sub", json!(""))),
            sign(HEADER, &with("roles", json!(["administrator", "ministry"]))),
            sign(HEADER, &with("roles", json!({"0": "administrator"}))),
            // What is no token at all.
            sign(HEADER, "[]"),
            sign(HEADER, "null"),
            sign(HEADER, ""),
            sign(HEADER, &with("padding", json!("x".repeat(60_000)))),
            "x".repeat(65_536),
            "..".to_owned(),
        ];
        for token in bad {
            let answer = world.with_token(&token).get("/v1/me").await;
            answer.refused(401, "unauthenticated");
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"sarus\", error=\"invalid_token\"", "{token}");
        }
        // What is no bearer token: nothing was wrong with one.
        let token = world.with_token(&whole);
        for header in ["Basic eDp5", "Bearer", "DPoP x"] {
            let answer = world.stranger().with("authorization", header).get("/v1/me").await;
            answer.refused(401, "unauthenticated");
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"sarus\"");
        }
        token.with("x-forwarded-user", "somebody").get("/v1/me").await.ok();
    }
}

/// A header that brings its own key.
fn embedded(private: &str) -> String {
    let public = SigningKey::from_pkcs8_pem(private).unwrap().verifying_key();
    let x = URL_SAFE_NO_PAD.encode(public.to_bytes());
    json!({
        "typ": "at+jwt", "alg": "EdDSA", "jku": "https://evil.example/certs",
        "jwk": {"kty": "OKP", "crv": "Ed25519", "x": x},
    })
    .to_string()
}

scenario! {
    /// A public key is no secret: whoever knows it cannot sign with it.
    async fn a_public_key_is_no_shared_secret(world) {
        let issuer = TrustedIssuer::of_keys(REALM_PUBLIC, ISSUER, AUDIENCE).unwrap();
        let world = world.believing(vec![issuer]).await;
        let header = |algorithm| Header { typ: Some("at+jwt".to_owned()), ..Header::new(algorithm) };
        let rsa = EncodingKey::from_rsa_pem(REALM_KEY.as_bytes()).unwrap();
        let token = jsonwebtoken::encode(&header(Algorithm::RS256), &good(), &rsa).unwrap();
        world.with_token(&token).get("/v1/me").await.ok();
        let other = jsonwebtoken::encode(&header(Algorithm::PS256), &good(), &rsa).unwrap();
        world.with_token(&other).get("/v1/me").await.refused(401, "unauthenticated");
        for secret in [REALM_PUBLIC, REALM_PUBLIC.trim(), REALM_SET, ""] {
            for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
                let key = EncodingKey::from_secret(secret.as_bytes());
                let token = jsonwebtoken::encode(&header(algorithm), &good(), &key).unwrap();
                world.with_token(&token).get("/v1/me").await.refused(401, "unauthenticated");
            }
        }
    }
}

/// A key set of one Ed25519 key under a name, and tokens that it signs.
struct Issuer {
    name: &'static str,
    private: String,
}

impl Issuer {
    fn new(name: &'static str) -> Self {
        Self { name, private: keys::new_pair().unwrap().0 }
    }

    fn set(&self, key_id: &str) -> String {
        let public = SigningKey::from_pkcs8_pem(&self.private).unwrap().verifying_key();
        let x = URL_SAFE_NO_PAD.encode(public.to_bytes());
        json!({"keys": [
            {"kty": "LMS", "kid": "of tomorrow"}, "junk",
            {"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": key_id, "x": x},
        ]})
        .to_string()
    }

    fn token(&self, key_id: &str, number: u32) -> String {
        let header = json!({"typ": "at+jwt", "alg": "EdDSA", "kid": key_id}).to_string();
        let mut claims = good();
        claims["iss"] = json!(self.name);
        claims["jti"] = json!(number.to_string());
        signed(&self.private, &header, &claims.to_string())
    }

    fn trusted(&self, server: &KeyServer, patience: Patience) -> TrustedIssuer {
        TrustedIssuer::of(IssuerSettings::of(self.name, &server.url), AUDIENCE, None, patience).unwrap()
    }
}

fn patience(milliseconds: [u64; 4]) -> Patience {
    let [fresh, outage, between, after_failure] = milliseconds.map(Duration::from_millis);
    Patience { fresh, outage, between, after_failure }
}

/// Longer than any test.
const LONG: u64 = 600_000;

async fn status(world: &World, token: &str) -> u16 {
    world.with_token(token).get("/v1/me").await.status
}

scenario! {
    /// Each issuer vouches for its own tokens and for nobody else's.
    async fn several_issuers_are_believed_each_with_its_own_keys(world) {
        let (a, b) = (Issuer::new("https://a.example"), Issuer::new("https://b.example"));
        let (at_a, at_b) = (KeyServer::of(&a.set("k")), KeyServer::of(&b.set("k")));
        let trusted = vec![a.trusted(&at_a, Patience::default()), b.trusted(&at_b, Patience::default())];
        let world = world.believing(trusted).await;
        for issuer in [&a, &b] {
            let me = world.with_token(&issuer.token("k", 1)).get("/v1/me").await.ok();
            assert_eq!(me["issuer"], issuer.name);
        }
        let borrowed = Issuer { name: a.name, private: b.private.clone() };
        assert_eq!(status(&world, &borrowed.token("k", 2)).await, 401);
        assert_eq!(status(&world, &Issuer { name: "https://c.example", private: a.private }.token("k", 3)).await, 401);
    }
}

scenario! {
    /// Whoever names keys that do not exist cannot make the service hammer the issuer, nor shut out its tokens.
    async fn a_flood_of_unknown_keys_asks_the_issuer_once(world) {
        let issuer = Issuer::new("https://a.example");
        let server = KeyServer::of(&issuer.set("k"));
        let world = world.believing(vec![issuer.trusted(&server, Patience::default())]).await;
        let flood = (0..60).map(|number| {
            let token = issuer.token(&format!("unknown-{number}"), number);
            let client = world.with_token(&token);
            async move { client.get("/v1/me").await.status }
        });
        let answers = futures_util::future::join_all(flood).await;
        assert!(answers.iter().all(|status| *status == 401), "{answers:?}");
        assert_eq!(server.asked(), 1);
        assert_eq!(status(&world, &issuer.token("k", 100)).await, 200);
        assert_eq!(server.asked(), 1);
    }
}

scenario! {
    /// A key that the issuer brings in is found; one that it withdraws is forgotten.
    async fn a_key_that_is_changed_is_fetched(world) {
        let (old, new) = (Issuer::new("https://a.example"), Issuer::new("https://a.example"));
        let server = KeyServer::of(&old.set("one"));
        let world = world.believing(vec![old.trusted(&server, patience([LONG, LONG, 0, 0]))]).await;
        assert_eq!((status(&world, &old.token("one", 1)).await, server.asked()), (200, 1));
        assert_eq!((status(&world, &old.token("one", 2)).await, server.asked()), (200, 1), "what is known is not asked");
        server.publish(&new.set("two"));
        assert_eq!((status(&world, &new.token("two", 3)).await, server.asked()), (200, 2));
        assert_eq!(status(&world, &old.token("one", 4)).await, 401);
    }
}

scenario! {
    /// An issuer that is down takes nobody down with it, for a stated time; after that nobody is believed.
    async fn an_outage_of_the_issuer_is_lived_through(world) {
        let issuer = Issuer::new("https://a.example");
        let server = KeyServer::of(&issuer.set("k"));
        let lasting = world.believing(vec![issuer.trusted(&server, patience([0, LONG, 0, 0]))]).await;
        let brief = world.believing(vec![issuer.trusted(&server, patience([0, 1500, 0, 0]))]).await;
        for replica in [&lasting, &brief] {
            assert_eq!(status(replica, &issuer.token("k", 1)).await, 200);
        }
        for failure in [500, 302, 404] {
            server.answer(failure);
            assert_eq!(status(&lasting, &issuer.token("k", u32::from(failure))).await, 200, "{failure}");
        }
        server.publish("{\"keys\": \"gone\"}");
        assert_eq!(status(&lasting, &issuer.token("k", 2)).await, 200);
        tokio::time::sleep(Duration::from_millis(1600)).await;
        assert_eq!(status(&lasting, &issuer.token("k", 3)).await, 200);
        let answer = brief.with_token(&issuer.token("k", 3)).get("/v1/me").await;
        answer.refused(503, "unavailable");
        server.publish(&issuer.set("k"));
        assert_eq!(status(&brief, &issuer.token("k", 4)).await, 200, "and they are believed again");
        // An issuer that was never heard of: no verdict on its tokens.
        let dead = KeyServer::of("");
        let unheard = world.believing(vec![issuer.trusted(&dead, Patience::default())]).await;
        assert_eq!(status(&unheard, &issuer.token("k", 5)).await, 503);
        assert_eq!(status(&unheard, "junk").await, 401);
    }
}

/// The access token of a person as a realm of Keycloak 26 makes it, with two mappers of ours: groups and an attribute.
fn keycloak_claims() -> Value {
    json!({
        "exp": LATER, "iat": 1_700_000_000, "auth_time": 1_700_000_000,
        "jti": "onrtac:6d1f5f0a-9a41-4f5e-8f7e-2f2f2c1d7a11", "iss": REALM, "aud": [AUDIENCE, "account"],
        "sub": "f1c0de00-5a5a-4c1e-9f00-8d5a0d6a1b2c", "typ": "Bearer", "azp": "front-end",
        "sid": "8f9d4c53-0a7a-4b8e-9c3f-2d9a2f6b1e10", "acr": "1", "allowed-origins": ["https://front.example"],
        "realm_access": {"roles": ["offline_access", "default-roles-hop-tac-xa", "uma_authorization", "lead-agency"]},
        "resource_access": {"account": {"roles": ["manage-account", "view-profile"]}},
        "scope": "openid profile email", "email_verified": true, "name": "Nguyễn Văn A (dữ liệu mẫu)",
        "preferred_username": "a.nguyen", "groups": ["/nhân viên", "/sarus/unit/89"], "agency": lead_agency("89"),
    })
}

/// The settings of README for such a realm.
fn keycloak_settings(server: &KeyServer) -> Value {
    json!({
        "issuer": REALM, "audience": AUDIENCE, "keys": server.url, "profile": "keycloak",
        "authorizedParties": ["front-end"], "claims": {"unit": {"at": "/groups", "prefix": "/sarus/unit/"}},
    })
}

fn keycloak_token(claims: &Value, kind: &str) -> String {
    let key = EncodingKey::from_rsa_pem(REALM_KEY.as_bytes()).unwrap();
    let (typ, kid) = (Some(kind.to_owned()), Some(REALM_KEY_ID.to_owned()));
    jsonwebtoken::encode(&Header { typ, kid, ..Header::new(Algorithm::RS256) }, claims, &key).unwrap()
}

scenario! {
    async fn a_realm_of_keycloak_is_understood(world) {
        let server = KeyServer::of(REALM_SET);
        let trusted = |settings: Value| {
            let settings = serde_json::from_value(settings).unwrap();
            vec![TrustedIssuer::of(settings, "unused", None, Patience::default()).unwrap()]
        };
        let realm = world.believing(trusted(keycloak_settings(&server))).await;
        let me = realm.with_token(&keycloak_token(&keycloak_claims(), "JWT")).get("/v1/me").await.ok();
        assert_eq!((&me["role"], &me["agency"]), (&json!("lead-agency"), &json!(lead_agency("89"))));
        assert_eq!((&me["issuer"], &me["subject"]), (&json!(REALM), &keycloak_claims()["sub"]));
        // A client of the realm that asks for tokens of type at+jwt.
        assert_eq!(status(&realm, &keycloak_token(&keycloak_claims(), "at+jwt")).await, 200);
        let changed = |change: fn(&mut Value)| {
            let mut claims = keycloak_claims();
            change(&mut claims);
            keycloak_token(&claims, "JWT")
        };
        // No agency but a group: the one that alone holds the role in the unit.
        let by_unit = changed(|claims| drop(claims.as_object_mut().unwrap().remove("agency")));
        let me = realm.with_token(&by_unit).get("/v1/me").await.ok();
        assert_eq!((&me["agency"], &me["unit"]), (&json!(lead_agency("89")), &json!("89")));
        for refused in [
            changed(|claims| claims["typ"] = json!("ID")),
            changed(|claims| claims["typ"] = json!("Refresh")),
            changed(|claims| drop(claims.as_object_mut().unwrap().remove("typ"))),
            changed(|claims| claims["azp"] = json!("another-client")),
            changed(|claims| drop(claims.as_object_mut().unwrap().remove("azp"))),
            changed(|claims| claims["aud"] = json!("account")),
            changed(|claims| claims["iss"] = json!("https://login.example/realms/master")),
            changed(|claims| claims["realm_access"] = json!({"roles": ["offline_access"]})),
            changed(|claims| claims["realm_access"]["roles"] = json!(["lead-agency", "finance"])),
            changed(|claims| claims["agency"] = json!("of my choice")),
            changed(|claims| {
                claims.as_object_mut().unwrap().remove("agency");
                claims["groups"] = json!(["/sarus/unit/89", "/sarus/unit/01"]);
            }),
            // Eleven departments stand in that unit: the token must name one.
            changed(|claims| {
                claims.as_object_mut().unwrap().remove("agency");
                claims["realm_access"]["roles"] = json!(["line-department"]);
            }),
        ] {
            assert_eq!(status(&realm, &refused).await, 401, "{refused}");
        }
        // The same shape from an issuer that is not said to be Keycloak.
        let strict = json!({"issuer": REALM, "audience": AUDIENCE, "keys": server.url});
        let strict = world.believing(trusted(strict)).await;
        assert_eq!(status(&strict, &keycloak_token(&keycloak_claims(), "JWT")).await, 401);
    }
}
