//! What is outside the contract: health, figures, the document and its page, and a page behind each kind of problem.

use std::fmt::Write;

use actix_web::http::Method;
use actix_web::http::header::{self, ETag, EntityTag, Header, IfNoneMatch};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value;

use super::error::{ApiError, Kind};
use super::rules::{RuleList, RuleQuery};
use super::rules_page;
use crate::app::Sarus;
use crate::domain::refusal::Rule;

/// The routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/livez").get(alive))
        .service(web::resource("/readyz").get(ready))
        .service(web::resource("/status").get(status))
        .service(web::resource("/metrics").get(figures))
        .service(web::resource("/problems/{code}").get(problem_page))
        .service(web::resource("/v1/openapi.json").get(document))
        .service(web::resource("/.well-known/jwks.json").get(report_keys))
        .service(web::resource("/docs").get(to_docs))
        .service(web::resource("/docs/rules").get(rules));
    let page = utoipa_swagger_ui::Config::new(["/v1/openapi.json"]).validator_url("none").try_it_out_enabled(true);
    config.service(utoipa_swagger_ui::SwaggerUi::new("/docs/{_:.*}").config(page));
}

/// The process lives; the database is not asked.
async fn alive() -> HttpResponse {
    plain("alive")
}

/// Ready to serve: not stopping, and the database answers.
async fn ready(sarus: web::Data<Sarus>) -> Result<HttpResponse, ApiError> {
    if sarus.is_stopping() {
        return Err(ApiError::of(Kind::Unavailable));
    }
    sarus.store.ping().await.map_err(|_| ApiError::of(Kind::Unavailable))?;
    Ok(plain("ready"))
}

async fn status(sarus: web::Data<Sarus>) -> HttpResponse {
    let backend = format!("{:?}", sarus.store.backend()).to_lowercase();
    let body = serde_json::json!({"name": "sarus", "version": env!("CARGO_PKG_VERSION"), "database": backend});
    HttpResponse::Ok().json(body)
}

/// Figures in the text format of Prometheus.
pub async fn figures(sarus: web::Data<Sarus>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(sarus.metrics.render())
}

/// The document. It is large and changes with a release only: whoever has it is told so without its being unpacked.
async fn document(sarus: web::Data<Sarus>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let tag = EntityTag::new_strong(sarus.published.digest_at(&sarus.public_url));
    let is_known = match IfNoneMatch::parse(&request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(items)) => items.iter().any(|item| item.weak_eq(&tag)),
        Err(_) => false,
    };
    if is_known {
        return Ok(HttpResponse::NotModified().insert_header(ETag(tag)).finish());
    }
    let text = sarus.published.served_at(&sarus.public_url).map_err(|_| ApiError::of(Kind::Internal))?;
    Ok(HttpResponse::Ok().content_type("application/json").insert_header(ETag(tag)).body(text))
}

/// The public keys that reports and aggregates are sealed with (RFC 7517): whoever has a report checks it without us.
async fn report_keys(sarus: web::Data<Sarus>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/jwk-set+json").body(sarus.seal.key_set().to_string())
}

/// The rule book as a page, with what `GET /v1/rules` takes: `?at=2021-09-15&province=89`.
async fn rules(sarus: web::Data<Sarus>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let listed = sarus.published.operations.of_path("/v1/rules");
    let listed = listed.and_then(|(_, methods)| methods.iter().find(|(method, _)| *method == Method::GET));
    let (_, operation) = listed.ok_or(ApiError::of(Kind::Internal))?;
    // A form sends what was left empty too.
    let filled = request.query_string().split('&').filter(|pair| !pair.ends_with('=')).collect::<Vec<_>>().join("&");
    let asked = operation.query(&filled).map_err(|faults| ApiError::faults(Kind::InvalidQuery, faults))?;
    let query: RuleQuery =
        serde_json::from_value(Value::Object(asked)).map_err(|_| ApiError::of(Kind::InvalidQuery))?;
    let RuleList { at, items } = RuleList::of(sarus.store.reader(), &query, sarus.clock.now().today()).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, rules_page::POLICY))
        .body(rules_page::page(&items, at, query.province.as_deref())))
}

async fn to_docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "/docs/")).finish()
}

fn plain(text: &'static str) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(text)
}

/// The page at the address that a problem's `type` names.
async fn problem_page(code: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let code = code.into_inner();
    let kind = Kind::ALL.iter().find(|kind| kind.code() == code);
    let rule = Rule::ALL.iter().find(|rule| rule.code() == code);
    let (vi, en, basis) = match (kind, rule) {
        (Some(kind), _) => (kind.title().vi, kind.title().en, None),
        (_, Some(rule)) => (rule.title_vi().to_owned(), rule.title_en().to_owned(), Some(rule.legal_basis())),
        _ => return Err(ApiError::of(Kind::NotFound)),
    };
    let mut page = String::from("<!doctype html><html lang=\"vi\"><meta charset=\"utf-8\">");
    let _ = write!(page, "<title>{code}</title><h1>{vi}</h1><p lang=\"en\">{en}</p><p><code>{code}</code></p>");
    if let Some(meaning) = kind.map(|kind| kind.meaning()) {
        let _ = write!(page, "<p>{}</p><p lang=\"en\">{}</p>", meaning.vi, meaning.en);
    }
    if let Some(basis) = basis {
        let _ = write!(page, "<p>Căn cứ / legal basis: {basis}</p>");
        let _ = write!(page, "<p><a href=\"/docs/rules#{code}\">Sổ quy tắc / rule book</a></p>");
    }
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"))
        .body(page))
}
