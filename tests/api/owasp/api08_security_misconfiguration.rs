//! API8:2023, security misconfiguration: what is not needed is off, and an error tells nothing of the inside.

use reqwest::Method;
use sarus::domain::role::Role;

use super::{NOBODY, operations};

/// Words of the inside that no client should read.
const INSIDE: &[&str] =
    &["SELECT ", "sqlx", "sea_orm", "panicked", "src/", ".rs:", "stack backtrace", "/tmp/", "postgres", "constraint"];

scenario! {
    /// Every answer carries the headers of security, and says nothing of what it is made with.
    async fn answers_are_hardened(world) {
        let ministry = world.someone(Role::Ministry, "");
        for operation in operations(&world) {
            let answer = ministry.send(operation.method.clone(), &operation.path(NOBODY), None).await;
            let place = format!("{} {}", operation.method, operation.pattern);
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{place}");
            assert_eq!(answer.header("content-security-policy"), "default-src 'none'; frame-ancestors 'none'", "{place}");
            assert_eq!(answer.header("referrer-policy"), "no-referrer", "{place}");
            assert_eq!(answer.header("cache-control"), "no-cache", "{place}");
            assert!(answer.header("vary").contains("Authorization"), "{place}: nobody gets another's answer from a cache");
            for name in ["server", "x-powered-by", "set-cookie", "access-control-allow-origin"] {
                assert!(!answer.headers.contains_key(name), "{place}: {name}");
            }
            assert!(answer.status < 500, "{place} {}", answer.text);
        }
    }
}

scenario! {
    /// What breaks a careless service: each is answered as the client's fault, without a word of the inside.
    async fn errors_tell_nothing_of_the_inside(world) {
        let lead = world.someone(Role::LeadAgency, "89");
        for path in [
            "/v1/cooperatives?q='%20OR%201=1--",
            "/v1/cooperatives?taxCode=1600000011'%3B%20DROP%20TABLE%20cooperatives--",
            "/v1/cooperatives?cursor=eyJpIjoiJyJ9",
            "/v1/cooperatives/%27%20OR%201=1",
            "/v1/schemes/..%2f..%2fetc%2fpasswd",
            "/v1/rules/%7B%7B7*7%7D%7D",
            "/v1/aggregates?period=2023&by=province;%20SELECT",
            "/v1/cooperatives?field=%24%7Bjndi:ldap://x%7D",
        ] {
            let answer = lead.get(path).await;
            assert!((200..500).contains(&answer.status), "{path} {}", answer.text);
            for word in INSIDE {
                assert!(!answer.text.contains(word), "{path} tells {word}: {}", answer.text);
            }
        }
        for body in ["{", "[]", "null", "\"x\"", "{\"name\": 1e400}", "{\"name\": \"\\ud800\"}", "\u{feff}{}"] {
            let answer = world.someone(Role::Locality, "888").send(Method::POST, "/v1/cooperatives", Some(("application/json", body.to_owned()))).await;
            assert_eq!(answer.status, 400, "{body} {}", answer.text);
            for word in INSIDE {
                assert!(!answer.text.contains(word), "{body} tells {word}: {}", answer.text);
            }
        }
    }
}

scenario! {
    /// A trace that a client began is continued; what is no trace is replaced, not repeated.
    async fn a_trace_is_continued_and_nothing_else_is(world) {
        let stranger = world.stranger();
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        let trace = stranger.with("traceparent", &format!("00-{id}-00f067aa0ba902b7-01"));
        assert_eq!(trace.get("/v1/me").await.refused(401, "unauthenticated")["traceId"], id);
        for junk in ["", "00", "00-XYZ-1-01", "00-00000000000000000000000000000000-00f067aa0ba902b7-01", "00-<script>-1-01"] {
            let answer = stranger.with("traceparent", junk).get("/v1/me").await.refused(401, "unauthenticated");
            let made = answer["traceId"].as_str().unwrap();
            assert!(made.len() == 32 && made != id && made.bytes().any(|byte| byte != b'0'), "{made}");
        }
    }
}
