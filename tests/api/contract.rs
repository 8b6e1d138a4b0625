//! The mechanism that every operation shares: order of checks, methods, idempotency, problems.

use reqwest::Method;
use sarus::domain::role::{Permission, Role};
use serde_json::{Value, json};

use crate::support::world::new_cooperative;

scenario! {
    /// Route → 401 → 403 → media types → 400 → 428.
    async fn checks_come_in_the_documented_order(world) {
        let path = "/v1/cooperatives";
        let text = || Some(("text/plain", "{".to_owned()));
        world.stranger().send(Method::POST, "/v1/nowhere", text()).await.refused(404, "not_found");
        let wrong = world.stranger().send(Method::DELETE, path, None).await;
        wrong.refused(405, "method_not_allowed");
        assert_eq!(wrong.header("allow"), "GET, HEAD, POST");
        let unknown = world.stranger().send(Method::POST, path, text()).await;
        unknown.refused(401, "unauthenticated");
        assert!(unknown.header("www-authenticate").starts_with("Bearer"));
        world.someone(Role::Finance, "89").send(Method::POST, path, text()).await.refused(403, "forbidden");
        let locality = world.someone(Role::Locality, "888");
        locality.with("accept", "image/png").send(Method::POST, path, text()).await.refused(406, "not_acceptable");
        locality.send(Method::POST, path, text()).await.refused(415, "unsupported_media_type");
        let huge = Some(("application/json", "x".repeat(1024 * 1024 + 1)));
        locality.send(Method::POST, path, huge).await.refused(413, "payload_too_large");
        let broken = Some(("application/json", "{".to_owned()));
        locality.send(Method::POST, path, broken).await.refused(400, "malformed_json");
        let nobody = "/v1/cooperatives/01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d";
        locality.patch(nobody, &json!({"surprise": 1})).await.refused(400, "invalid_body");
        locality.patch(nobody, &json!({"name": "X"})).await.refused(428, "precondition_required");
        locality.seen("\"1\"").patch(nobody, &json!({"name": "X"})).await.refused(404, "not_found");
        locality.get("/v1/cooperatives/not-an-id").await.refused(404, "not_found");
        let queries = locality.get("/v1/cooperatives?limit=0&limit=9&colour=red&field=x").await;
        queries.refused(400, "invalid_query");
        assert_eq!(queries.faults(), ["#colour unknown_parameter", "#field not_in_enum", "#limit repeated_parameter", "#limit too_small"]);
        let english = locality.with("accept-language", "en").get(nobody).await.refused(404, "not_found");
        assert_eq!(english["title"], "Not found");
        let head = locality.send(Method::HEAD, path, None).await;
        assert_eq!((head.status, head.text.as_str()), (200, ""));
    }
}

scenario! {
    async fn a_repeat_gets_the_stored_answer_and_nothing_happens_twice(world) {
        let locality = world.someone(Role::Locality, "888").with("idempotency-key", "k-1");
        let body = new_cooperative("888", "0100233488");
        let (first, second) = tokio::join!(locality.post("/v1/cooperatives", &body), locality.post("/v1/cooperatives", &body));
        assert_eq!(first.created(), second.created());
        let third = locality.post("/v1/cooperatives", &body).await;
        assert_eq!((third.created(), third.location(), third.header("etag")), (first.body.clone(), first.location(), first.header("etag")));
        locality.post("/v1/cooperatives", &new_cooperative("888", "0314409058")).await.refused(409, "idempotency_key_reused");
        assert_eq!(locality.get("/v1/cooperatives?count=exact").await.ok()["count"], 1);
        // The key is another person's own.
        let colleague = world.person(Role::Locality, "888", "colleague").with("idempotency-key", "k-1");
        colleague.post("/v1/cooperatives", &body).await.refused(409, "already_exists");
        // A refusal is not kept: the same key may succeed later.
        let retry = world.someone(Role::Locality, "888").with("idempotency-key", "k-2");
        retry.post("/v1/cooperatives", &new_cooperative("883", "0314409058")).await.refused(409, "not_responsible");
        retry.post("/v1/cooperatives", &new_cooperative("888", "0314409058")).await.created();
        retry.with("idempotency-key", "ké").post("/v1/cooperatives", &body).await.refused(400, "invalid_header");
    }
}

scenario! {
    /// Stored answers are kept for thirty days and forgotten after.
    async fn stored_answers_are_purged_after_thirty_days(world) {
        let locality = world.someone(Role::Locality, "888").with("idempotency-key", "k-1");
        let body = new_cooperative("888", "0100233488");
        let made = locality.post("/v1/cooperatives", &body).await.created();
        let day = 24 * 3600;
        world.pass(30 * day - 60);
        assert_eq!(world.sarus.purge_stored_answers().await.unwrap(), 0);
        assert_eq!(locality.post("/v1/cooperatives", &body).await.created(), made);
        world.pass(120);
        assert_eq!(world.sarus.purge_stored_answers().await.unwrap(), 1);
        locality.post("/v1/cooperatives", &body).await.refused(409, "already_exists");
    }
}

scenario! {
    async fn a_token_must_be_whole_ours_and_of_somebody_that_exists(world) {
        let good = json!({
            "iss": "https://issuer.test", "aud": "sarus", "sub": "x", "exp": 4_102_444_800_i64, "iat": 1, "jti": "1",
            "roles": ["administrator"],
        });
        world.with_token(&world.forged(&good)).get("/v1/me").await.ok();
        let with = |name: &str, value: Value| {
            let mut claims = good.clone();
            claims[name] = value;
            world.forged(&claims)
        };
        let mut bad = vec![
            "junk".to_owned(),
            "x".repeat(65_536),
            with("iss", json!("https://other.test")),
            with("aud", json!("other")),
            with("exp", json!(1)),
            with("nbf", json!(4_102_444_800_i64)),
            with("roles", json!(["king"])),
            with("roles", json!(["lead-agency"])),
            with("roles", json!(["cooperative"])),
            with("agency", json!("nobody")),
        ];
        for name in ["iss", "aud", "sub", "exp", "iat", "jti", "roles"] {
            let mut claims = good.clone();
            claims.as_object_mut().unwrap().remove(name);
            bad.push(world.forged(&claims));
        }
        let parts: Vec<String> = world.forged(&good).split('.').map(str::to_owned).collect();
        bad.push(format!("{}.{}.", parts[0], parts[1]));
        bad.push(format!("{}.{}.{}", parts[0], parts[1], parts[2].chars().rev().collect::<String>()));
        for token in bad {
            world.with_token(&token).get("/v1/me").await.refused(401, "unauthenticated");
        }
    }
}

scenario! {
    /// Derived from the document: each role gets 403 on exactly the operations whose permission it lacks.
    async fn each_role_may_ask_for_what_the_table_says_and_nothing_else(world) {
        let nobody = "01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d";
        for role in Role::ALL {
            let client = match role {
                Role::Cooperative => world.cooperative(nobody),
                Role::Administrator | Role::Ministry => world.someone(*role, ""),
                Role::Locality => world.someone(*role, "888"),
                _ => world.someone(*role, "89"),
            };
            for (path, item) in world.document()["paths"].as_object().unwrap() {
                for (method, operation) in item.as_object().unwrap() {
                    if operation["x-standard"].is_string() {
                        continue;
                    }
                    let permission = operation["x-permission"].as_str().and_then(Permission::from_name).unwrap();
                    let path = path.replace("{id}", nobody).replace("{year}", "2020").replace("{code}", "none").replace("{version}", "none");
                    let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
                    // An empty body of no type: whoever is admitted is refused later, whoever is not is refused by 403.
                    let answer = client.send(method.clone(), &path, None).await;
                    assert_eq!(answer.status == 403, !role.may(permission), "{role:?} {method} {path} {}", answer.text);
                    assert_ne!(answer.status, 401, "{role:?} {method} {path}");
                    assert!(answer.status < 500, "{role:?} {method} {path} {}", answer.text);
                }
            }
        }
    }
}

scenario! {
    async fn health_documentation_and_problem_pages_are_served(world) {
        let stranger = world.stranger();
        for path in ["/livez", "/readyz", "/status", "/metrics", "/docs/", "/problems/stale", "/problems/not_responsible", "/v1/openapi.json"] {
            assert_eq!(stranger.get(path).await.status, 200, "{path}");
        }
        let wrong = stranger.send(Method::POST, "/livez", None).await;
        wrong.refused(405, "method_not_allowed");
        stranger.get("/problems/nothing").await.refused(404, "not_found");
        let docs = stranger.get("/docs").await;
        assert!(docs.text.contains("swagger"), "{}", docs.text);
        world.sarus.stop();
        stranger.get("/readyz").await.refused(503, "unavailable");
        assert_eq!(stranger.get("/livez").await.status, 200);
    }
}

scenario! {
    /// What hostile and careless clients send: each is a small problem document, and nothing is kept.
    async fn hostile_input_is_refused_in_few_words(world) {
        let locality = world.someone(Role::Locality, "888");
        let absurd = world.stranger().with("accept-language", "en;q=79228162514264337593543950335");
        absurd.get("/v1/me").await.refused(401, "unauthenticated");
        let lead = world.someone(Role::LeadAgency, "89");
        let flood = format!("{{\"estimateLines\":[{}]}}", vec!["{}"; 300_000].join(","));
        let answer = lead.send(Method::POST, "/v1/provincial-plans", Some(("application/json", flood))).await;
        answer.refused(400, "invalid_body");
        assert!(answer.text.len() < 100_000, "{} bytes", answer.text.len());
        let flood = format!("{{\"name\":[{}]}}", vec!["1"; 300_000].join(","));
        let answer = locality.send(Method::POST, "/v1/cooperatives", Some(("application/json", flood))).await;
        assert!(answer.text.len() < 100_000, "{} bytes", answer.text.len());
        for hidden in ["a\u{0}b", "a\u{1}", "a\u{200b}", "\u{3164}"] {
            let mut body = new_cooperative("888", "0100233488");
            body["name"] = json!(hidden);
            let answer = locality.post("/v1/cooperatives", &body).await;
            answer.refused(400, "invalid_body");
            assert!(answer.faults().contains(&"/name unfit_text".to_owned()), "{}", answer.text);
        }
        let body = new_cooperative("888", "0100233488").to_string().replacen('{', r#"{"name":"Another","#, 1);
        let twice = locality.send(Method::POST, "/v1/cooperatives", Some(("application/json", body))).await;
        twice.refused(400, "invalid_body");
        assert_eq!(twice.faults(), ["/name repeated_member"]);
        locality.get("/v1/cooperatives?q=%00").await.refused(400, "invalid_query");
        locality.get("/v1/schemes/%00").await.refused(404, "not_found");
        // A decomposed or padded text is the same text; its length is that of the composed one.
        let mut body = new_cooperative("888", "0100233488");
        body["name"] = json!(format!("  A\u{301}{}  ", "a".repeat(298)));
        let kept = locality.post("/v1/cooperatives", &body).await.created();
        assert_eq!(kept["name"], format!("Á{}", "a".repeat(298)));
        let figures = format!("/v1/cooperatives/{}/annual-figures/2020", kept["id"].as_str().unwrap());
        let body = json!({"status": "final", "members": 10});
        let owner = world.cooperative(kept["id"].as_str().unwrap());
        let garbled = owner.with("if-none-match", "\"1\"").put(&figures, &body).await;
        garbled.refused(400, "invalid_header");
        assert_eq!(garbled.faults(), ["#If-None-Match not_in_enum"]);
        assert_eq!(locality.get("/v1/cooperatives?q=%25").await.ok()["items"], json!([]));
        assert_eq!(locality.get("/v1/cooperatives?q=_").await.ok()["items"], json!([]));
    }
}

scenario! {
    async fn the_headers_of_every_operation_are_held_against_the_document(world) {
        let document = world.document();
        let long = "a".repeat(1_001);
        let administrator = world.someone(Role::Administrator, "");
        let mut tried = 0;
        for (path, item) in document["paths"].as_object().unwrap() {
            let operation = &item["get"];
            if operation.is_null() || !operation["x-roles"].as_array().unwrap().contains(&json!("administrator")) {
                continue;
            }
            let target = path.replace("{id}", "01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d").replace("{code}", "QD").replace("{year}", "2020").replace("{version}", "none");
            let named = |name: &str| {
                operation["parameters"].as_array().unwrap().iter().any(|parameter| parameter["$ref"] == format!("#/components/parameters/{name}"))
            };
            assert!(named("AcceptLanguage"), "{path}");
            let answer = administrator.with("accept-language", &long).get(&target).await;
            answer.refused(400, "invalid_header");
            assert_eq!(answer.faults(), ["#Accept-Language too_long"], "{path}");
            if named("IfNoneMatch") {
                let answer = administrator.with("if-none-match", "unquoted").get(&target).await;
                answer.refused(400, "invalid_header");
                assert_eq!(answer.faults(), ["#If-None-Match wrong_pattern"], "{path}");
            }
            tried += 1;
        }
        assert!(tried > 20, "{tried}");
        let locality = world.someone(Role::Locality, "888");
        let path = locality.post("/v1/cooperatives", &new_cooperative("888", "0100233488")).await.created();
        let path = format!("/v1/cooperatives/{}", path["id"].as_str().unwrap());
        let patch = json!({"phone": "0296 3852 000"});
        locality.seen("W/\"1\"").patch(&path, &patch).await.refused(412, "stale");
        locality.seen("1").patch(&path, &patch).await.refused(400, "invalid_header");
    }
}

scenario! {
    async fn the_media_type_that_the_client_ranks_highest_is_answered(world) {
        let ministry = world.someone(Role::Ministry, "");
        let kind = |answer: crate::support::client::Answer| answer.header("content-type");
        for (accept, due) in [
            ("*/*", "application/json"),
            ("application/*;q=0.5, text/html", "application/json"),
            ("application/x-ndjson", "application/x-ndjson"),
            ("application/json;q=0.1, application/x-ndjson", "application/x-ndjson"),
        ] {
            assert_eq!(kind(ministry.with("accept", accept).get("/v1/cooperatives").await), due, "{accept}");
        }
        for accept in ["application/json;q=0", "*/*;q=0", "app*", "text/html"] {
            ministry.with("accept", accept).get("/v1/me").await.refused(406, "not_acceptable");
        }
        let weak = format!("W/{}", ministry.get("/v1/me").await.ok_etag());
        assert_eq!(ministry.with("if-none-match", &weak).get("/v1/me").await.status, 304);
        let lines = ministry.with("accept", "application/x-ndjson");
        lines.get("/v1/cooperatives?cursor=junk").await.refused(400, "invalid_cursor");
    }
}

scenario! {
    /// A panic reaches nobody: the client gets a problem document, and the service goes on.
    async fn a_panic_is_a_problem_like_any_other(world) {
        let data = actix_web::web::Data::from(std::sync::Arc::clone(&world.sarus));
        let app = actix_web::App::new()
            .app_data(data)
            .wrap(actix_web::middleware::from_fn(sarus::api::gate::gate))
            .route("/boom", actix_web::web::get().to(boom));
        let app = actix_web::test::init_service(app).await;
        let request = actix_web::test::TestRequest::get().uri("/boom").to_request();
        let error = actix_web::test::try_call_service(&app, request).await.err().unwrap();
        let response = error.error_response();
        assert_eq!(response.status(), 500);
        assert_eq!(response.headers().get("content-type").unwrap(), "application/problem+json");
        let body = actix_web::body::to_bytes(response.into_body()).await.ok().unwrap();
        let problem: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((&problem["code"], &problem["instance"]), (&json!("internal"), &json!("/boom")));
    }
}

async fn boom() -> &'static str {
    panic!("as a handler might")
}
