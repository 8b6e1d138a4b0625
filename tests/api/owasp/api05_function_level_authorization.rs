//! API5:2023, broken function level authorization. Every operation × role × place is asserted in `matrix.rs`; here are
//! the detours: other methods, other spellings of a path, headers that claim a right.

use reqwest::Method;
use sarus::domain::role::Role;

use super::operations;

scenario! {
    /// What no operation is has no answer, whoever asks.
    async fn methods_that_are_not_described_are_refused_everywhere(world) {
        let administrator = world.someone(Role::Administrator, "");
        let known = operations(&world);
        for operation in &known {
            for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::TRACE] {
                if known.iter().any(|other| other.pattern == operation.pattern && other.method == method) {
                    continue;
                }
                let answer = administrator.send(method.clone(), &operation.path(super::NOBODY), None).await;
                answer.refused(405, "method_not_allowed");
                assert!(!answer.header("allow").split(", ").any(|allowed| allowed == method.as_str()), "{}", operation.pattern);
            }
        }
    }
}

scenario! {
    /// Another spelling of a path leads nowhere, and never around the check of its permission.
    async fn a_path_has_one_spelling(world) {
        let cooperative = world.someone(Role::Finance, "89");
        cooperative.get("/v1/service-accounts").await.refused(403, "forbidden");
        for path in [
            "/v1/service-accounts/",
            "/v1//service-accounts",
            "//v1/service-accounts",
            "/V1/service-accounts",
            "/v1/Service-Accounts",
            "/v1/service-accounts;x=1",
            "/v1/service-accounts%2f",
            "/v1/service-accounts.json",
            "/v1/me/../service-accounts%00",
            "/v1/%2e%2e/v1/service-accounts",
            "/v1/service-accounts%20",
        ] {
            let answer = cooperative.get(path).await;
            assert!([403, 404].contains(&answer.status), "{path} {} {}", answer.status, answer.text);
        }
        // Escaped letters are the same letters: the same path, the same check.
        let escaped = cooperative.get("/v1/%73ervice-accounts").await;
        assert!([403, 404].contains(&escaped.status), "{}", escaped.text);
    }
}

scenario! {
    /// No header, query or body grants what the role does not.
    async fn rights_come_from_the_token_alone(world) {
        let finance = world.someone(Role::Finance, "89");
        for (name, value) in [
            ("x-http-method-override", "GET"),
            ("x-role", "administrator"),
            ("x-forwarded-user", "administrator@vn"),
            ("x-original-url", "/v1/me"),
            ("x-rewrite-url", "/v1/me"),
            ("x-road-userid", "administrator@vn"),
        ] {
            finance.with(name, value).get("/v1/service-accounts").await.refused(403, "forbidden");
        }
        finance.get("/v1/service-accounts?role=administrator").await.refused(403, "forbidden");
        let overridden = finance.with("x-http-method-override", "POST").get("/v1/cooperatives").await;
        assert_eq!(overridden.status, 200, "it stays the GET that it is");
        finance.send(Method::POST, "/v1/cooperatives?_method=GET", None).await.refused(403, "forbidden");
    }
}
