//! The gate in front of every operation. What is checked, and in which order, stands in one place:
//! route (404, 405) → 401, 429 → 403 → 406, 413, 415 → 400 → 428; then the handler: stored answer → 404 → 412 → 409. What the
//! handler finds wrong with the body by itself is told before 428 and 412 too: see `Parts::instead_of`.

use std::cell::Cell;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, Method, StatusCode, Version};
use actix_web::middleware::Next;
use actix_web::web::{self, Bytes, BytesMut};
use actix_web::{Error, HttpMessage, HttpResponse, ResponseError};
use futures_util::{FutureExt, StreamExt};
use serde_json::{Value, json};
use tracing::Instrument;

use super::audit::{self, Origin};
use super::call::{Parts, Upload};
use super::edge::Allowance;
use super::error::{ApiError, Asked, Kind, PROBLEM_JSON};
use super::negotiation::{acceptable, prefers_english};
use super::operations::{BodyRule, LARGEST_BODY, Operation};
use super::published::Published;
use super::{json, legal_dates, text};
use crate::app::Sarus;
use crate::clock::Clock;
use crate::domain::digest;

/// The middleware.
///
/// # Errors
/// Never: every failure is an answer.
pub async fn gate(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let Some(sarus) = request.app_data::<web::Data<Sarus>>().cloned() else {
        return Ok(request.into_response(HttpResponse::InternalServerError().finish()));
    };
    let asked = asked(&request, &sarus);
    let (method, version) = (request.method().clone(), request.version());
    let client = sarus.edge.client_address(request.peer_addr().map(|peer| peer.ip()), request.headers());
    let span = request_span(&request, &asked, client);
    // Handlers are written for GET; the protocol layer sends no body to HEAD by itself.
    if method == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    let published: &'static Published = sarus.published;
    let found = published.operations.of_path(request.path());
    let pattern = found.map_or("unmatched", |(pattern, _)| pattern);
    let operations = found.map(|(_, operations)| operations.as_slice());
    let apart = published.operations.apart(pattern);
    let mut allowance = None;
    let origin = Origin::of(&asked.trace_id, client, request.headers());
    let admission = admit(&mut request, &sarus, apart, operations, origin, &mut allowance).instrument(span.clone());
    let admission = AssertUnwindSafe(admission);
    let admitted = admission.catch_unwind().await.unwrap_or(Err(ApiError::of(Kind::Internal)));
    let is_chunked = request.headers().contains_key(header::TRANSFER_ENCODING);
    let mut response = match admitted {
        Err(error) => {
            let mut response = request.into_response(error.answer(&asked));
            // Whoever is refused does not go on sending without an end.
            if is_chunked {
                response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
            }
            response
        }
        Ok(()) => match AssertUnwindSafe(next.call(request).instrument(span.clone())).catch_unwind().await {
            Ok(Ok(response)) if apart.is_some() => response.map_into_boxed_body(),
            Ok(Ok(response)) => {
                let response = explained(response.map_into_boxed_body(), &asked);
                // Nothing is shared with whoever asks for the head alone.
                let is_shared = method != Method::HEAD;
                let sharing = async { if is_shared { audit::share(response, &sarus, &asked).await } else { response } };
                sharing.instrument(span.clone()).await
            }
            // The request is gone with the handler, so these two cannot be answered from it.
            Ok(Err(error)) => {
                tracing::error!(parent: &span, %error, "a request failed outside its handler");
                return Err(Broken(asked, allowance).into());
            }
            Err(_) => {
                tracing::error!(parent: &span, "a handler panicked");
                return Err(Broken(asked, allowance).into());
            }
        },
    };
    if version == Version::HTTP_10 && response.response().body().size() == BodySize::Stream {
        end_by_closing(&mut response);
    }
    finish_headers(response.headers_mut(), &asked, allowance);
    let reading = if method == Method::HEAD { &Method::GET } else { &method };
    if let Some((_, operation)) = operations.unwrap_or_default().iter().find(|(method, _)| method == reading)
        && let Some(deprecation) = &operation.deprecation
    {
        deprecation.announce(response.headers_mut());
    }
    let status = response.status().as_u16();
    let elapsed = started.elapsed();
    metrics::histogram!("sarus_request_seconds", "method" => known_method(&method), "path" => pattern, "status" => status.to_string())
        .record(elapsed);
    tracing::info!(parent: &span, status, micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX), "answered");
    Ok(response)
}

/// A method as figures name it: words that clients make up would each be a series of its own.
fn known_method(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

/// Before HTTP/1.1 there are no chunks (RFC 9112, 6.1): a stream ends where the connection does.
fn end_by_closing(response: &mut ServiceResponse<BoxBody>) {
    let head = response.response_mut().head_mut();
    head.no_chunking(true);
    head.set_connection_type(ConnectionType::Close);
}

/// A failure after the request was given away: a problem document like every other.
#[derive(Debug, thiserror::Error)]
#[error("internal")]
struct Broken(Asked, Option<Allowance>);

impl ResponseError for Broken {
    fn error_response(&self) -> HttpResponse {
        let mut response = ApiError::of(Kind::Internal).answer(&self.0);
        finish_headers(response.headers_mut(), &self.0, self.1);
        response
    }
}

/// What every line in the log of a request says: who asked for what, and over which road.
fn request_span(request: &ServiceRequest, asked: &Asked, client: Option<IpAddr>) -> tracing::Span {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    tracing::info_span!(
        "request",
        trace_id = %asked.trace_id,
        method = %request.method(),
        path = %asked.path,
        client = client.map(tracing::field::display),
        x_road_id = header("x-road-id"),
        x_road_user_id = header("x-road-userid"),
    )
}

/// What an answer must know of the request, taken before the request is given away.
pub(super) fn asked(request: &ServiceRequest, sarus: &Sarus) -> Asked {
    let text = |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let traceparent = request.headers().get("traceparent").and_then(|value| value.to_str().ok()).unwrap_or_default();
    Asked {
        path: request.path().to_owned(),
        trace_id: continued(traceparent).map_or_else(Clock::new_trace, str::to_owned),
        english: prefers_english(text(header::ACCEPT_LANGUAGE)),
        public_url: Arc::clone(&sarus.public_url),
        body: None,
    }
}

/// The trace that a `traceparent` names (W3C Trace Context, 3.2): what has another form is not continued.
fn continued(traceparent: &str) -> Option<&str> {
    let parts: Vec<&str> = traceparent.split('-').collect();
    let [version, trace, parent, flags, rest @ ..] = parts.as_slice() else { return None };
    let is = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    let is_some = |id: &str| id.bytes().any(|byte| byte != b'0');
    let is_known = is(version, 2) && *version != "ff" && (*version != "00" || rest.is_empty());
    let is_whole = is(trace, 32) && is_some(trace) && is(parent, 16) && is_some(parent) && is(flags, 2);
    (is_known && is_whole).then_some(*trace)
}

/// Everything that is checked before a handler runs. What the handler needs is left in the request's extensions.
async fn admit(
    request: &mut ServiceRequest,
    sarus: &web::Data<Sarus>,
    apart: Option<&[Method]>,
    operations: Option<&'static [(Method, Operation)]>,
    origin: Origin,
    allowance: &mut Option<Allowance>,
) -> Result<(), ApiError> {
    let client = origin.client;
    let operation = match route(request, apart, operations) {
        Route::Operation(operation) => operation,
        // It counts by itself who asks for tokens.
        Route::Apart => {
            request.extensions_mut().insert(Rc::new(origin));
            return Ok(());
        }
        // Health is never turned away.
        Route::Health => return Ok(()),
        // What strangers may ask for, and what nobody may, is counted by their address.
        Route::Outside(answer) => {
            *allowance = sarus.edge.count(&address_of(client));
            let is_spent = allowance.is_some_and(|allowance| allowance.wait.is_some());
            return if is_spent { Err(ApiError::of(Kind::TooManyRequests)) } else { answer };
        }
    };
    let caller = sarus.authority.caller(request.request(), &sarus.store, &sarus.clock).await;
    // Who is known is counted by name, wherever from; anybody else by address.
    let counted = match &caller {
        Ok(caller) => format!("{} {}", caller.issuer, caller.subject),
        Err(_) => address_of(client),
    };
    *allowance = sarus.edge.count(&counted);
    if allowance.is_some_and(|allowance| allowance.wait.is_some()) {
        return Err(ApiError::of(Kind::TooManyRequests));
    }
    let caller = caller?;
    caller.holds(operation.permission)?;
    let produce = acceptable(request.headers(), operation)?;
    let patience = sarus.edge.patience();
    let read =
        if operation.bodies.is_empty() { None } else { Some(read_body(request, &operation.bodies, patience).await?) };
    let faults = operation.header_faults(request.headers());
    if !faults.is_empty() {
        return Err(ApiError::faults(Kind::InvalidHeader, faults));
    }
    let mut faults = Vec::new();
    let query = operation.query(request.query_string()).unwrap_or_else(|found| {
        faults = found;
        serde_json::Map::new()
    });
    if !faults.is_empty() {
        return Err(ApiError::faults(Kind::InvalidQuery, faults));
    }
    let (body, upload) = match read {
        None => (None, None),
        Some((BodyRule { schema: Some(schema), .. }, bytes)) => (Some(valid_body(&bytes, schema, sarus)?), None),
        // A file is known by its digest: a repeat under the same key must send the same bytes.
        Some((BodyRule { media_type, schema: None }, bytes)) => {
            let digest = json!({"sha256": digest::sha256_hex_of(&bytes)});
            (Some(digest), Some(Upload { media_type: media_type.clone(), bytes }))
        }
    };
    let misdated = body.as_ref().and_then(|body| legal_dates::misdated(request.path(), body, sarus.clock.now()));
    let unmet = Cell::new(unconditional(request.headers(), operation).then_some(Kind::PreconditionRequired));
    let idempotency_key = idempotency_key(request);
    let query = Value::Object(query);
    let parts = Parts { caller, produce, query, body, misdated, unmet, upload, idempotency_key, operation, origin };
    if !operation.is_of_form(request.path()) {
        return Err(parts.stand().err().unwrap_or(ApiError::of(Kind::NotFound)));
    }
    request.extensions_mut().insert(Rc::new(parts));
    Ok(())
}

/// Where a request leads.
enum Route {
    /// To an operation of the contract.
    Operation(&'static Operation),
    /// To one that follows a standard of its own.
    Apart,
    /// To what machines ask all the time.
    Health,
    /// Outside: to the documentation and the document, or nowhere.
    Outside(Result<(), ApiError>),
}

fn route(
    request: &ServiceRequest,
    apart: Option<&[Method]>,
    operations: Option<&'static [(Method, Operation)]>,
) -> Route {
    if !is_fit_path(request.path()) {
        return Route::Outside(Err(ApiError::of(Kind::NotFound)));
    }
    match (apart, operations) {
        (Some(methods), _) if methods.contains(request.method()) => Route::Apart,
        (Some(methods), _) => Route::Outside(Err(not_allowed(methods.iter()))),
        (None, Some(operations)) => match operations.iter().find(|(method, _)| method == request.method()) {
            Some((_, operation)) => Route::Operation(operation),
            None => Route::Outside(Err(not_allowed(operations.iter().map(|(method, _)| method)))),
        },
        (None, None) if HEALTH.contains(&request.path()) => Route::Health,
        (None, None) => Route::Outside(Ok(())),
    }
}

/// What machines ask all the time to see whether the service lives.
const HEALTH: [&str; 4] = ["/livez", "/readyz", "/status", "/metrics"];

/// The name that a client without one is counted by.
pub(super) fn address_of(client: Option<IpAddr>) -> String {
    client.map_or_else(|| "unknown".to_owned(), |address| address.to_string())
}

/// No resource has a control character in its path, escaped or not.
fn is_fit_path(path: &str) -> bool {
    let mut escapes = path.as_bytes().windows(3).filter(|window| window.first() == Some(&b'%'));
    let is_control = |window: &[u8]| matches!(window, [_, b'0' | b'1', _] | [_, b'7', b'f' | b'F']);
    text::is_fit(path) && !escapes.any(is_control)
}

fn not_allowed<'a>(methods: impl Iterator<Item = &'a Method>) -> ApiError {
    let mut methods: Vec<&str> = methods.map(Method::as_str).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.sort_unstable();
    ApiError::Problem {
        kind: Kind::MethodNotAllowed,
        detail: None,
        faults: Vec::new(),
        allow: Some(methods.join(", ")),
    }
}

async fn read_body<'a>(
    request: &mut ServiceRequest,
    rules: &'a [BodyRule],
    patience: Duration,
) -> Result<(&'a BodyRule, Bytes), ApiError> {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let given = request.content_type().to_ascii_lowercase();
    let given = given.split(';').next().unwrap_or_default().trim();
    let rule = rules.iter().find(|rule| rule.media_type == given);
    let most = rule.map_or(LARGEST_BODY, BodyRule::most);
    if length.is_some_and(|length: usize| length > most) {
        return Err(too_large(most));
    }
    let coding = request.headers().get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes);
    if coding.is_some_and(|coding| !coding.eq_ignore_ascii_case(b"identity")) {
        let (vi, en) =
            ("Nội dung không được nén (Content-Encoding).", "The body may not be encoded (Content-Encoding).");
        return Err(ApiError::because(Kind::UnsupportedMediaType, vi, en));
    }
    let Some(rule) = rule else {
        let kinds = rules.iter().map(|rule| rule.media_type.as_str()).collect::<Vec<_>>();
        let (vi, en) = (format!("Cần {}.", kinds.join(", ")), format!("Send {}.", kinds.join(" or ")));
        return Err(ApiError::because(Kind::UnsupportedMediaType, vi, en));
    };
    let collected = tokio::time::timeout(patience, collect(request, most)).await;
    let bytes = collected.unwrap_or_else(|_| Err(ApiError::of(Kind::RequestTimeout)))?;
    Ok((rule, bytes))
}

async fn collect(request: &mut ServiceRequest, most: usize) -> Result<Bytes, ApiError> {
    let mut payload = request.take_payload();
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| ApiError::of(Kind::MalformedJson))?;
        if body.len() + chunk.len() > most {
            return Err(too_large(most));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn too_large(most: usize) -> ApiError {
    let (vi, en) = (format!("Tối đa {most} byte."), format!("At most {most} bytes."));
    ApiError::because(Kind::TooLarge, vi, en)
}

fn valid_body(bytes: &Bytes, schema: &str, sarus: &Sarus) -> Result<Value, ApiError> {
    let (value, mut faults) = json::read(bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let vi = format!("Không đọc được JSON từ dòng {line}, cột {column}.");
        ApiError::because(Kind::MalformedJson, vi, format!("JSON: {error}."))
    })?;
    faults.extend(sarus.published.operations.faults_of(schema, &value));
    if faults.is_empty() { Ok(value) } else { Err(ApiError::faults(Kind::InvalidBody, faults)) }
}

/// Whether a request lacks the precondition that its operation asks for.
fn unconditional(headers: &HeaderMap, operation: &Operation) -> bool {
    let has_match = headers.contains_key(header::IF_MATCH);
    (operation.needs_if_match && !has_match)
        || (operation.needs_any_precondition && !has_match && !headers.contains_key(header::IF_NONE_MATCH))
}

fn idempotency_key(request: &ServiceRequest) -> Option<String> {
    let value = request.headers().get("idempotency-key").filter(|_| request.method() == Method::POST)?;
    value.to_str().ok().map(str::to_owned)
}

/// Gives errors of handlers and of the framework their body, now that the request is known.
fn explained(response: ServiceResponse<BoxBody>, asked: &Asked) -> ServiceResponse<BoxBody> {
    if let Some(error) = response.response().error().and_then(|error| error.as_error::<ApiError>()) {
        let parts = response.request().extensions().get::<Rc<Parts>>().cloned();
        let instead = parts.as_ref().and_then(|parts| parts.instead_of(error));
        let answer = match (instead, parts) {
            (Some(error), _) => error.answer(asked),
            (None, Some(parts)) if error.tells_the_body() => {
                error.answer(&Asked { body: parts.body.clone(), ..asked.clone() })
            }
            (None, _) => error.answer(asked),
        };
        return response.into_response(answer);
    }
    let is_problem = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == PROBLEM_JSON);
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || is_problem {
        return response;
    }
    // An extractor or the framework refused: a malformed id in the path is not there.
    let error = match status {
        StatusCode::METHOD_NOT_ALLOWED => ApiError::method_not_allowed("GET, HEAD"),
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::of(Kind::TooLarge),
        _ if status.is_client_error() => ApiError::of(Kind::NotFound),
        _ => ApiError::of(Kind::Internal),
    };
    response.into_response(error.answer(asked))
}

/// What a page of the documentation may load.
const PAGE_POLICY: &str =
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

/// Headers of every answer.
pub(super) fn finish_headers(headers: &mut HeaderMap, asked: &Asked, allowance: Option<Allowance>) {
    const ALWAYS: [(&str, &str); 5] = [
        ("api-version", env!("CARGO_PKG_VERSION")),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-cache"),
        ("vary", "Accept, Accept-Language, Authorization"),
    ];
    for (name, value) in ALWAYS {
        if !headers.contains_key(name) {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        // Only the documentation is a page with styles and scripts, all of them its own.
        let policy =
            if asked.path.starts_with("/docs") { PAGE_POLICY } else { "default-src 'none'; frame-ancestors 'none'" };
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    }
    if asked.public_url.starts_with("https://") {
        let year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    let Some(allowance) = allowance else { return };
    let mut insert = |name: HeaderName, text: String| {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(name, value);
        }
    };
    insert(HeaderName::from_static("ratelimit-policy"), allowance.policy());
    insert(HeaderName::from_static("ratelimit"), allowance.state());
    if let Some(wait) = allowance.wait {
        insert(header::RETRY_AFTER, wait.to_string());
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::Mutex;

    use super::*;

    /// What was logged.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// What a request over X-Road logs.
    fn logged(headers: &[(&str, &str)]) -> Value {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish();
        let request = headers
            .iter()
            .fold(actix_web::test::TestRequest::get().uri("/v1/me"), |request, header| request.insert_header(*header));
        let asked = Asked {
            path: "/v1/me".to_owned(),
            trace_id: "4bf92f3577b34da6a3ce929d0e0e4736".to_owned(),
            english: false,
            public_url: "http://127.0.0.1:8080".into(),
            body: None,
        };
        tracing::subscriber::with_default(subscriber, || {
            let span = request_span(&request.to_srv_request(), &asked, "203.0.113.9".parse().ok());
            tracing::info!(parent: &span, "answered");
        });
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        serde_json::from_str::<Value>(&text).unwrap()["span"].clone()
    }

    #[test]
    fn the_road_a_request_came_over_is_logged() {
        let span = logged(&[("x-road-id", "b1a2c3"), ("x-road-userid", "VN1600000116")]);
        assert_eq!((&span["x_road_id"], &span["x_road_user_id"]), (&json!("b1a2c3"), &json!("VN1600000116")));
        assert_eq!((&span["client"], &span["path"]), (&json!("203.0.113.9"), &json!("/v1/me")));
        assert_eq!(span["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
        let span = logged(&[]);
        assert!(span.get("x_road_id").is_none() && span.get("x_road_user_id").is_none(), "{span}");
    }

    #[test]
    fn words_that_clients_make_up_for_methods_are_one_figure() {
        let named = |name: &str| known_method(&Method::from_bytes(name.as_bytes()).unwrap());
        assert_eq!(["GET", "PATCH", "BREW", "get", "PROPFIND"].map(named), ["GET", "PATCH", "other", "other", "other"]);
    }

    #[test]
    fn only_a_trace_that_is_well_named_is_continued() {
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        for good in ["00-T-00f067aa0ba902b7-01", "00-T-00f067aa0ba902b7-00", "cc-T-00f067aa0ba902b7-01-what-comes"] {
            assert_eq!(continued(&good.replace('T', trace)), Some(trace), "{good}");
        }
        for bad in [
            "",
            "T",
            "00-T",
            "ff-T-00f067aa0ba902b7-01",
            "zz-T-00f067aa0ba902b7-01",
            "00-T-0000000000000000-01",
            "00-T-00f067aa0ba902b7",
            "00-T-00f067aa0ba902b7-01-more",
            "00-T-00F067AA0C0902B7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        ] {
            assert_eq!(continued(&bad.replace('T', trace)), None, "{bad}");
        }
    }
}
