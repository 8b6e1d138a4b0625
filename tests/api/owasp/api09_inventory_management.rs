//! API9:2023, improper inventory management: one version, all of it described, nothing beside it.

use std::collections::BTreeSet;

use sarus::api::operations::Operations;
use sarus::api::published::generated;
use serde_json::json;

use super::{NOBODY, operations};

scenario! {
    /// What is served says its version, and it is the one of the document.
    async fn there_is_one_version_and_it_is_named(world) {
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(world.document()["info"]["version"], version);
        let stranger = world.stranger();
        for path in ["/v1/me", "/v1/nowhere", "/livez", "/v1/openapi.json", "/docs/"] {
            assert_eq!(stranger.get(path).await.header("api-version"), version, "{path}");
        }
        let served = stranger.get("/v1/openapi.json").await.ok();
        let paths = |document: &serde_json::Value| document["paths"].as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(paths(&served), paths(world.document()));
        assert!(paths(&served).iter().all(|path| path.starts_with("/v1/")), "one version, one base");
    }
}

scenario! {
    /// No older version, test page, console or file of the inside is left lying about.
    async fn nothing_is_served_beside_the_document(world) {
        let administrator = world.someone(sarus::domain::role::Role::Administrator, "");
        for path in [
            "/", "/v0/me", "/v2/me", "/api/v1/me", "/me", "/v1", "/v1/", "/admin", "/debug", "/actuator/env", "/graphql", "/console",
            "/.env", "/.git/config", "/sarus.db", "/swagger.json", "/openapi.json", "/v1/test", "/server-status", "/phpinfo.php",
        ] {
            administrator.get(path).await.refused(404, "not_found");
        }
        // Each operation of the document is one that the service knows: none is described and gone.
        for operation in operations(&world) {
            let answer = administrator.send(operation.method.clone(), &operation.path(NOBODY), None).await;
            assert_ne!(answer.status, 405, "{} {}", operation.method, operation.pattern);
        }
    }
}

scenario! {
    /// An operation that is to go says so on every answer, refusals too, twelve months ahead.
    async fn the_end_of_an_operation_is_announced(world) {
        let mut document = generated();
        let announced = json!({"since": "2027-01-01", "sunset": "2028-01-01", "successor": "/v2/me"});
        document["paths"]["/v1/me"]["get"]["x-deprecation"] = announced;
        let world = world.describing(&document).await;
        let ministry = world.someone(sarus::domain::role::Role::Ministry, "");
        let refused = world.stranger().unchecked("/v1/me").await;
        let head = ministry.send(reqwest::Method::HEAD, "/v1/me", None).await.headers;
        for headers in [ministry.unchecked("/v1/me").await, refused, head] {
            let header = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
            assert_eq!(header("deprecation"), "@1798761600");
            assert_eq!(header("sunset"), "Sat, 01 Jan 2028 00:00:00 GMT");
            assert_eq!(header("link"), "</v2/me>; rel=\"successor-version\"");
        }
        assert!(!ministry.get("/v1/schemes").await.headers.contains_key("deprecation"));
        document["paths"]["/v1/me"]["get"]["x-deprecation"]["sunset"] = json!("2027-06-30");
        assert!(Operations::of(&document).is_err(), "a service does not start with less than twelve months of overlap");
    }
}
