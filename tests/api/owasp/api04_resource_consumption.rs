//! API4:2023, unrestricted resource consumption: what a request may cost is bounded before it is worked on. That each
//! text, list and number of a form has a bound in the document, which is what is enforced, is held by `specification.rs`.

use std::num::NonZeroU32;

use reqwest::Method;
use sarus::api::edge::EdgeConfig;
use sarus::domain::role::Role;
use serde_json::json;

use super::{NOBODY, operations};

const MEBIBYTE: usize = 1024 * 1024;

scenario! {
    /// Each operation that takes a body refuses one above a mebibyte, a file above eight, and each that takes JSON one that nests without end.
    async fn bodies_are_bounded_in_size_and_depth(world) {
        for operation in operations(&world) {
            let Some(content) = operation.described["requestBody"]["content"].as_object() else { continue };
            let (client, path) = (operation.permitted(&world).seen("\"1\""), operation.path(NOBODY));
            for kind in content.keys() {
                let most = if kind.ends_with("json") { MEBIBYTE } else { 8 * MEBIBYTE };
                let huge = Some((kind.as_str(), "x".repeat(most + 1)));
                client.send(operation.method.clone(), &path, huge).await.refused(413, "payload_too_large");
                if kind.ends_with("json") {
                    let deep = Some((kind.as_str(), format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))));
                    client.send(operation.method.clone(), &path, deep).await.refused(400, "malformed_json");
                }
            }
        }
    }
}

scenario! {
    /// Each list bounds its pages and refuses what it does not know, so that nobody switches the bound off.
    async fn pages_are_bounded(world) {
        let mut lists = 0;
        for operation in operations(&world) {
            let parameters = operation.described["parameters"].as_array().cloned().unwrap_or_default();
            let Some(limit) = parameters.iter().find(|parameter| parameter["name"] == "limit") else { continue };
            assert_eq!((&limit["schema"]["minimum"], &limit["schema"]["maximum"]), (&json!(1), &json!(200)), "{}", operation.pattern);
            let (client, path) = (operation.permitted(&world), operation.path(NOBODY));
            for (query, fault) in [
                ("limit=0", "#limit too_small"),
                ("limit=201", "#limit too_large"),
                ("limit=9223372036854775808", "#limit wrong_type"),
                ("limit=all", "#limit wrong_type"),
                ("limit=1&limit=200", "#limit repeated_parameter"),
                ("pageSize=100000", "#pageSize unknown_parameter"),
                ("offset=1", "#offset unknown_parameter"),
            ] {
                let answer = client.get(&format!("{path}?{query}")).await;
                answer.refused(400, "invalid_query");
                assert!(answer.faults().contains(&fault.to_owned()), "{path}?{query} {}", answer.text);
            }
            lists += 1;
        }
        assert!(lists > 20, "{lists} lists");
    }
}

scenario! {
    /// An answer to nonsense stays small, however much of it there is.
    async fn refusals_are_small(world) {
        let lead = world.someone(Role::LeadAgency, "89");
        let query: Vec<String> = (0..2000).map(|number| format!("x{number}=1")).collect();
        let answer = lead.get(&format!("/v1/cooperatives?{}", query.join("&"))).await;
        answer.refused(400, "invalid_query");
        assert!(answer.text.len() < 100_000, "{} bytes", answer.text.len());
        let members: Vec<String> = (0..50_000).map(|number| format!("\"m{number}\":1")).collect();
        let body = format!("{{{}}}", members.join(","));
        let answer = lead.send(Method::POST, "/v1/provincial-plans", Some(("application/json", body))).await;
        answer.refused(400, "invalid_body");
        assert!(answer.text.len() < 100_000, "{} bytes", answer.text.len());
        let long = lead.get(&format!("/v1/cooperatives?q={}", "ă".repeat(5000))).await;
        assert_eq!(long.status, 400, "{}", long.text);
    }
}

scenario! {
    /// One caller cannot use up what all share: each has an allowance, and says nothing about the others'.
    async fn each_caller_has_an_allowance(world) {
        let world = world.behind(EdgeConfig { rate_limit: NonZeroU32::new(4), ..EdgeConfig::default() }).await;
        let (busy, other) = (world.someone(Role::Ministry, ""), world.someone(Role::Finance, "89"));
        let mut statuses: Vec<u16> = Vec::new();
        for _ in 0..6 {
            statuses.push(busy.get("/v1/me").await.status);
        }
        assert_eq!(statuses, [200, 200, 200, 200, 429, 429]);
        assert!(other.get("/v1/me").await.header("ratelimit").contains("r=3"));
    }
}
