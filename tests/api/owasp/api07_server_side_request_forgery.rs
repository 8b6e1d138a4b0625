//! API7:2023, server side request forgery: the service fetches nothing that a client names. What it does fetch, the keys
//! of issuers, the operator names.

use sarus::domain::role::Role;
use serde_json::{Value, json};

use super::{NOBODY, operations};
use crate::support::key_server::KeyServer;
use crate::support::world::World;

/// Puts an address into each text that may be one, at any depth.
fn lead_to(address: &str, value: &mut Value) -> bool {
    match value {
        Value::String(text) if text.starts_with("http") => {
            address.clone_into(text);
            true
        }
        Value::Object(members) => {
            members.values_mut().filter_map(|member| lead_to(address, member).then_some(())).count() > 0
        }
        Value::Array(items) => items.iter_mut().filter_map(|item| lead_to(address, item).then_some(())).count() > 0,
        _ => false,
    }
}

async fn asked_after(world: &World, canary: &KeyServer) -> u32 {
    // A fetch in the background would come by now.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    world.someone(Role::Ministry, "").get("/v1/me").await.ok();
    canary.asked()
}

scenario! {
    /// Evidence is a reference: its address is kept and never called.
    async fn addresses_in_bodies_are_not_called(world) {
        let canary = KeyServer::of("{}");
        let made = world.given_cooperative("888", "1600000011").await;
        let own = world.cooperative(made["id"].as_str().unwrap());
        let body = json!({
            "cooperative": made["id"], "scheme": "QD167-2021-2025", "model": "A3",
            "dossier": [{"code": "registration_form", "document": {"title": "Đơn (dữ liệu mẫu)", "uri": canary.url}}],
        });
        let kept = own.post("/v1/applications", &body).await.created();
        assert!(kept.to_string().contains(&canary.url), "{kept}");
        let mut led = 0;
        for operation in operations(&world) {
            let Some((kind, mut body)) = operation.body() else { continue };
            if lead_to(&canary.url, &mut body) {
                let client = operation.permitted(&world).seen("\"1\"");
                let text = Some((kind.as_str(), body.to_string()));
                client.send(operation.method.clone(), &operation.path(NOBODY), text).await;
                led += 1;
            }
        }
        assert_eq!((asked_after(&world, &canary).await, canary.asked()), (0, 0), "{led} forms");
    }
}

scenario! {
    /// Nor are the addresses that headers and tokens name.
    async fn addresses_in_headers_and_tokens_are_not_called(world) {
        let canary = KeyServer::of("{}");
        let stranger = world.stranger();
        for name in ["referer", "x-forwarded-host", "x-original-url", "forwarded", "x-callback-url", "origin"] {
            stranger.with(name, &canary.url).get("/v1/me").await.refused(401, "unauthenticated");
        }
        let claims = json!({"iss": canary.url, "aud": "sarus", "sub": "x", "exp": 4_102_444_800_i64, "iat": 1, "jti": "1", "roles": ["ministry"]});
        world.with_token(&world.forged(&claims)).get("/v1/me").await.refused(401, "unauthenticated");
        assert_eq!(asked_after(&world, &canary).await, 0);
    }
}
