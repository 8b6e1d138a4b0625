//! API10:2023, unsafe consumption of APIs: the one service that is asked, the issuer of tokens, is believed about its keys
//! and about nothing else. Outages, floods and withdrawn keys stand in `tokens.rs`.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use sarus::keys::{IssuerSettings, Patience, TrustedIssuer};
use serde_json::{Value, json};

use crate::support::key_server::KeyServer;
use crate::support::world::AUDIENCE;

const NAME: &str = "https://a.example";

fn claims() -> Value {
    json!({"iss": NAME, "aud": AUDIENCE, "sub": "x", "exp": 4_102_444_800_i64, "iat": 1, "jti": "1", "roles": ["ministry"], "agency": null})
}

fn issuer(server: &KeyServer) -> TrustedIssuer {
    let patience = Patience { between: Duration::ZERO, after_failure: Duration::ZERO, ..Patience::default() };
    TrustedIssuer::of(IssuerSettings::of(NAME, &server.url), AUDIENCE, None, patience).unwrap()
}

scenario! {
    /// A set that would make a shared secret of something public, or is no set at all, brings no key.
    async fn a_hostile_key_set_brings_no_key(world) {
        let secret = b"known to everybody";
        let shared = json!({"kty": "oct", "k": URL_SAFE_NO_PAD.encode(secret), "kid": "k", "alg": "HS256", "use": "sig"});
        let sets = [
            json!({"keys": [shared]}).to_string(),
            json!({"keys": [{"kty": "oct", "k": URL_SAFE_NO_PAD.encode(secret), "kid": "k"}]}).to_string(),
            json!({"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "k"}]}).to_string(),
            "<html>maintenance</html>".to_owned(),
            "[".repeat(100_000),
            format!("{{\"keys\": [{}]}}", vec!["{}"; 200_000].join(",")),
            String::new(),
        ];
        let header = Header { typ: Some("at+jwt".to_owned()), kid: Some("k".to_owned()), ..Header::new(Algorithm::HS256) };
        let token = jsonwebtoken::encode(&header, &claims(), &EncodingKey::from_secret(secret)).unwrap();
        for set in sets {
            let server = KeyServer::of(&set);
            let world = world.believing(vec![issuer(&server)]).await;
            world.with_token(&token).get("/v1/me").await.refused(503, "unavailable");
            assert_eq!(server.asked(), 1);
        }
    }
}

scenario! {
    /// An issuer that is slow makes nobody wait for long, and those who need it not, not at all.
    async fn a_slow_issuer_holds_up_nobody_else(world) {
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/certs", silent.local_addr().unwrap());
        let settings = IssuerSettings::of(NAME, &url);
        let waiting = TrustedIssuer::of(settings, AUDIENCE, None, Patience::default()).unwrap();
        let world = world.believing(vec![waiting]).await;
        let header = Header { typ: Some("at+jwt".to_owned()), ..Header::new(Algorithm::HS256) };
        let token = jsonwebtoken::encode(&header, &claims(), &EncodingKey::from_secret(b"x")).unwrap();
        let started = std::time::Instant::now();
        let (slow, quick) = (world.with_token(&token), world.stranger());
        let (waited, answered) = tokio::join!(slow.get("/v1/me"), async {
            let answer = quick.get("/v1/me").await;
            (answer.status, started.elapsed())
        });
        waited.refused(503, "unavailable");
        assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
        assert_eq!(answered.0, 401);
        assert!(answered.1 < Duration::from_secs(4), "{:?}", answered.1);
        // Now that it is known to be silent, nobody waits for it.
        let again = std::time::Instant::now();
        slow.get("/v1/me").await.refused(503, "unavailable");
        assert!(again.elapsed() < Duration::from_secs(4), "{:?}", again.elapsed());
    }
}
