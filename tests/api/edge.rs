//! What stands between the service and its clients: limits, web pages of other origins, headers of security.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use reqwest::Method;
use sarus::api::edge::EdgeConfig;
use sarus::domain::role::Role;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::world::World;

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
        // What is nowhere, and what cannot be done, counts like everything else.
        world.stranger().get("/v1/nowhere").await.refused(429, "too_many_requests");
        world.stranger().send(Method::DELETE, "/v1/me", None).await.refused(429, "too_many_requests");
        // The document is large: whoever asks for it is a stranger like any other. Only a probe is never turned away.
        world.stranger().get("/v1/openapi.json").await.refused(429, "too_many_requests");
        for health in ["/livez", "/readyz", "/status", "/metrics"] {
            assert_eq!(world.stranger().get(health).await.status, 200, "{health}");
        }
    }
}

scenario! {
    /// Strangers behind a trusted proxy are counted one by one; what anybody else says of its address is not believed.
    async fn the_address_of_a_client_is_told_by_trusted_proxies_alone(world) {
        let limited = |proxies: &[&str]| {
            let proxies = proxies.iter().map(|network| network.parse().unwrap()).collect();
            EdgeConfig { rate_limit: NonZeroU32::new(1), proxies, ..EdgeConfig::default() }
        };
        let from = async |world: &World, address: &str| world.stranger().with("x-forwarded-for", address).get("/v1/me").await.status;
        let behind = world.behind(limited(&["127.0.0.0/8"])).await;
        for address in ["203.0.113.9", "203.0.113.10"] {
            assert_eq!((from(&behind, address).await, from(&behind, address).await), (401, 429), "{address}");
        }
        // What a client writes itself stands to the left of what the proxy adds.
        assert_eq!(from(&behind, "198.51.100.1, 203.0.113.9").await, 429);
        let open = world.behind(limited(&[])).await;
        assert_eq!((from(&open, "203.0.113.9").await, from(&open, "203.0.113.10").await), (401, 429));
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

scenario! {
    /// Whoever has the document is told so; another address is another document.
    async fn the_document_is_sent_once(world) {
        let first = world.stranger().get("/v1/openapi.json").await;
        let tag = first.header("etag");
        assert!(tag.starts_with('"') && first.bytes.len() > 1_000_000, "{tag}");
        for known in [tag.as_str(), "*", &format!("\"other\", W/{tag}")] {
            let again = world.stranger().with("if-none-match", known).get("/v1/openapi.json").await;
            assert_eq!((again.status, again.bytes.len(), again.header("etag")), (304, 0, tag.clone()), "{known}");
        }
        for unknown in ["\"other\"", "junk", ""] {
            assert_eq!(world.stranger().with("if-none-match", unknown).get("/v1/openapi.json").await.status, 200, "{unknown}");
        }
        let elsewhere = world.behind(EdgeConfig::default()).await;
        assert_ne!(elsewhere.stranger().get("/v1/openapi.json").await.header("etag"), tag);
    }
}

/// Sends a start, then a byte now and then, until the service says its last or goes; what it said, and after how long.
async fn dribble(address: &str, start: &str, byte: &'static [u8]) -> (String, Duration) {
    let started = Instant::now();
    let (mut reader, mut writer) = TcpStream::connect(address).await.unwrap().into_split();
    writer.write_all(start.as_bytes()).await.unwrap();
    let dribbler = tokio::task::spawn_local(async move { trickle(&mut writer, byte).await });
    let mut said = Vec::new();
    // A connection that is reset says no more.
    let _ = tokio::time::timeout(Duration::from_secs(30), reader.read_to_end(&mut said)).await.expect("it is cut");
    dribbler.abort();
    (String::from_utf8_lossy(&said).into_owned(), started.elapsed())
}

/// Sends a byte now and then until nobody takes it.
async fn trickle(to: &mut (impl AsyncWriteExt + Unpin), byte: &[u8]) {
    while to.write_all(byte).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

scenario! {
    /// A client that sends its requests byte by byte does not hold a connection for long: not in the first head, nor in a later
    /// one, nor in the body, nor in a body that nobody reads.
    async fn slow_clients_are_cut(world) {
        let patience = Duration::from_millis(800);
        let world = world.behind(EdgeConfig { patience, ..EdgeConfig::default() }).await;
        let token = world.token(Role::Locality, Some("888"), None, None, "slow");
        let host = format!("Host: {}", world.address());
        let head = format!("GET /v1/me HTTP/1.1\r\n{host}\r\nX-Slow: ");
        let second = format!("GET /livez HTTP/1.1\r\n{host}\r\n\r\n{head}");
        let posted = format!("POST /v1/cooperatives HTTP/1.1\r\n{host}\r\n");
        let body = format!(
            "{posted}Authorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{{\"name\": \""
        );
        let chunks = format!("{posted}Transfer-Encoding: chunked\r\n\r\n");
        let (byte, chunk): (&[u8], &[u8]) = (b"a", b"1\r\na\r\n");
        for (start, byte, due) in [
            ("", byte, ""),
            ("GET /v1", byte, ""),
            (head.as_str(), byte, "HTTP/1.1 408"),
            (second.as_str(), byte, "HTTP/1.1 200"),
            (body.as_str(), byte, "HTTP/1.1 408"),
            (chunks.as_str(), chunk, "HTTP/1.1 401"),
        ] {
            let (said, after) = dribble(world.address(), start, byte).await;
            assert!(said.starts_with(due), "{start}: {said}");
            assert!(after >= patience / 2 && after < Duration::from_secs(20), "{start}: after {after:?}");
            // Whether it was a head or a body, the refusal is a problem like any other.
            assert_eq!(said.contains("request_timeout"), said.starts_with("HTTP/1.1 408"), "{said}");
        }
        // Others are served meanwhile and after.
        world.someone(Role::Ministry, "").get("/v1/me").await.ok();
    }
}

scenario! {
    /// Nor does a client that asks and does not read; one that reads slowly gets all.
    async fn whoever_does_not_read_is_cut(world) {
        let patience = Duration::from_millis(800);
        let world = world.behind(EdgeConfig { patience, ..EdgeConfig::default() }).await;
        let document = format!("GET /v1/openapi.json HTTP/1.1\r\nHost: {}\r\n", world.address());
        let mut stream = TcpStream::connect(world.address()).await.unwrap();
        stream.write_all(format!("{document}\r\n").repeat(20).as_bytes()).await.unwrap();
        let cut = tokio::time::timeout(Duration::from_secs(30), trickle(&mut stream, b"a")).await;
        assert!(cut.is_ok(), "it is cut");

        let mut stream = TcpStream::connect(world.address()).await.unwrap();
        stream.write_all(format!("{document}Connection: close\r\n\r\n").as_bytes()).await.unwrap();
        let (mut piece, mut length) = (vec![0; 1 << 17], 0);
        loop {
            let read = stream.read(&mut piece).await.unwrap();
            length += read;
            if read == 0 {
                break;
            }
            tokio::time::sleep(patience / 4).await;
        }
        let document = world.stranger().get("/v1/openapi.json").await;
        assert!(length > document.bytes.len(), "{length}");
    }
}

scenario! {
    /// What is no HTTP is refused before there is a request: with a problem like every other, and the connection is closed.
    async fn what_is_no_http_is_refused_and_cut(world) {
        let long = format!("GET /v1/me HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "a".repeat(300_000));
        for (request, due) in [
            ("GARBAGE\r\n\r\n", (400, "malformed_request")),
            ("GET /v1/me HTTP/9.9\r\n\r\n", (400, "malformed_request")),
            (long.as_str(), (431, "head_too_large")),
        ] {
            let mut connection = TcpStream::connect(world.address()).await.unwrap();
            // The service may close before all is written.
            let _ = connection.write_all(request.as_bytes()).await;
            let mut said = Vec::new();
            let _ = tokio::time::timeout(Duration::from_secs(10), connection.read_to_end(&mut said)).await.expect("it is cut");
            let said = String::from_utf8_lossy(&said);
            let start: String = request.chars().take(20).collect();
            let (head, body) = said.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{start}: {said}"));
            assert!(head.starts_with(&format!("HTTP/1.1 {}", due.0)), "{start}: {said}");
            assert!(head.contains("content-type: application/problem+json") && head.contains("api-version: "), "{head}");
            let problem: serde_json::Value = serde_json::from_str(body).unwrap();
            assert_eq!((&problem["status"], &problem["code"]), (&due.0.into(), &due.1.into()));
            assert_eq!(world.stranger().get(&format!("/problems/{}", due.1)).await.status, 200);
        }
        world.someone(Role::Ministry, "").get("/v1/me").await.ok();
    }
}

scenario! {
    /// Before HTTP/1.1 there are no chunks: lines come as they are and end where the connection does.
    async fn a_client_of_the_first_http_gets_plain_lines(world) {
        world.given_cooperative("888", "0100233488").await;
        let token = world.token(Role::LeadAgency, Some("89"), None, None, "old");
        let mut stream = TcpStream::connect(world.address()).await.unwrap();
        let head = format!("GET /v1/cooperatives HTTP/1.0\r\nAuthorization: Bearer {token}\r\nAccept: application/x-ndjson\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut text = String::new();
        tokio::time::timeout(Duration::from_secs(5), stream.read_to_string(&mut text)).await.unwrap().unwrap();
        let (head, lines) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.0 200") && !head.to_lowercase().contains("transfer-encoding"), "{head}");
        let line: serde_json::Value = serde_json::from_str(lines).unwrap();
        assert_eq!(line["taxCode"], "0100233488");
    }
}
