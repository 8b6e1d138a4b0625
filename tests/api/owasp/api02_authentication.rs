//! API2:2023, broken authentication. The attacks on tokens stand in `tokens.rs`, those on secrets in
//! `service_accounts.rs`; here is what concerns every operation.

use std::num::NonZeroU32;

use sarus::api::edge::EdgeConfig;
use sarus::domain::role::Role;
use serde_json::json;

use super::{NOBODY, operations};

scenario! {
    /// No operation answers a stranger, whatever else the request holds.
    async fn every_operation_asks_who_is_calling(world) {
        let stranger = world.stranger();
        for operation in operations(&world) {
            let body = operation.body().map(|(kind, example)| (kind, example.to_string()));
            let body = body.as_ref().map(|(kind, text)| (kind.as_str(), text.clone()));
            let answer = stranger.send(operation.method.clone(), &operation.path(NOBODY), body).await;
            answer.refused(401, "unauthenticated");
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{}", operation.pattern);
        }
    }
}

scenario! {
    /// A token stands in one header only: not in an address, which is logged, nor in a form or a cookie.
    async fn a_token_elsewhere_is_none(world) {
        let token = world.token(Role::Ministry, None, None, None, "ministry@vn");
        let stranger = world.stranger();
        stranger.get(&format!("/v1/me?access_token={token}")).await.refused(401, "unauthenticated");
        stranger.with("cookie", &format!("access_token={token}")).get("/v1/me").await.refused(401, "unauthenticated");
        stranger.with("x-access-token", &token).get("/v1/me").await.refused(401, "unauthenticated");
        stranger.with("authorization", &token).get("/v1/me").await.refused(401, "unauthenticated");
        let named = world.with_token(&token).with("x-road-userid", "somebody-else");
        assert_eq!(named.get("/v1/me").await.ok()["subject"], "ministry@vn");
    }
}

scenario! {
    /// Whoever guesses is slowed down by address, whichever token he tries and whichever address he claims.
    async fn guessing_is_slow(world) {
        let edge = EdgeConfig { rate_limit: NonZeroU32::new(5), ..EdgeConfig::default() };
        let world = world.behind(edge).await;
        let mut statuses = Vec::new();
        for attempt in 0..10 {
            let guess = world.with_token(&format!("guess-{attempt}")).with("x-forwarded-for", &format!("203.0.113.{attempt}"));
            statuses.push(guess.get("/v1/me").await.status);
        }
        assert_eq!(statuses, [vec![401; 5], vec![429; 5]].concat());
    }
}

scenario! {
    /// An answer does not tell an account that exists from one that does not.
    async fn accounts_cannot_be_enumerated(world) {
        let body = json!({"name": "Máy", "role": "administrator"});
        let account = world.someone(Role::Administrator, "").post("/v1/service-accounts", &body).await.created();
        let mut answers = Vec::new();
        for client in [account["id"].as_str().unwrap(), NOBODY, "nobody"] {
            let form = format!("grant_type=client_credentials&client_id={client}&client_secret=guess");
            let form = Some(("application/x-www-form-urlencoded", form));
            let answer = world.stranger().send(reqwest::Method::POST, "/v1/oauth/token", form).await;
            answers.push((answer.status, answer.text));
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    }
}
