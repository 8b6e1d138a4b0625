//! What stands between the service and its clients: limits, web pages of other origins, headers of security.

use std::num::NonZeroU32;

use reqwest::Method;
use sarus::api::edge::EdgeConfig;
use sarus::domain::role::Role;

scenario! {
    /// Who is known is counted by name; strangers are counted by address, so that nobody can guess tokens all day.
    async fn who_asks_too_often_is_told_when_to_come_back(world) {
        let world = world.behind(EdgeConfig { rate_limit: NonZeroU32::new(3), ..EdgeConfig::default() }).await;
        let ministry = world.someone(Role::Ministry, "");
        for left in ["2", "1", "0"] {
            let answer = ministry.get("/v1/me").await;
            assert_eq!(answer.header("ratelimit-policy"), "\"default\";q=3;w=60");
            assert!(answer.header("ratelimit").starts_with(&format!("\"default\";r={left};t=")), "{:?}", answer.headers);
        }
        let refused = ministry.get("/v1/me").await;
        refused.refused(429, "too_many_requests");
        let wait: u64 = refused.header("retry-after").parse().unwrap();
        assert!((1..=60).contains(&wait), "{wait}");
        let unchanged = ministry.with("if-none-match", "*").get("/v1/me").await;
        unchanged.refused(429, "too_many_requests");
        world.someone(Role::LeadAgency, "89").get("/v1/me").await.ok();
        for _ in 0..3 {
            world.with_token("guess").get("/v1/me").await.refused(401, "unauthenticated");
        }
        world.with_token("another guess").get("/v1/me").await.refused(429, "too_many_requests");
        // Health and the document are outside: a probe is never turned away.
        assert_eq!(world.stranger().get("/readyz").await.status, 200);
    }
}

scenario! {
    async fn only_web_pages_of_listed_origins_may_call(world) {
        let origins = vec!["https://front.example".to_owned()];
        let world = world.behind(EdgeConfig { origins, ..EdgeConfig::default() }).await;
        let preflight = |origin: &str| {
            world.stranger().with("origin", origin).with("access-control-request-method", "POST")
        };
        let allowed = preflight("https://front.example").send(Method::OPTIONS, "/v1/cooperatives", None).await;
        assert_eq!(allowed.header("access-control-allow-origin"), "https://front.example");
        let refused = preflight("https://evil.example").send(Method::OPTIONS, "/v1/cooperatives", None).await;
        assert!(!refused.headers.contains_key("access-control-allow-origin"), "{:?}", refused.headers);
        let ministry = world.someone(Role::Ministry, "");
        let listed = ministry.with("origin", "https://front.example").get("/v1/me").await;
        assert_eq!(listed.header("access-control-allow-origin"), "https://front.example");
        let other = ministry.with("origin", "https://evil.example").get("/v1/me").await;
        assert!(!other.headers.contains_key("access-control-allow-origin"), "{:?}", other.headers);
    }
}

scenario! {
    async fn every_answer_carries_the_headers_of_security(world) {
        for path in ["/v1/me", "/v1/nowhere", "/livez", "/v1/openapi.json", "/docs/"] {
            let answer = world.stranger().get(path).await;
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
            assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
            assert!(!answer.headers.contains_key("strict-transport-security"), "{path}: plain HTTP has no such promise");
        }
    }
}
