//! What of a request the audit trail says, and the one place where shares enter it. Writes enter it where they are committed
//! ([`Work`](super::work::Work)), tokens where they are issued.

use std::net::IpAddr;
use std::rc::Rc;

use actix_web::HttpMessage;
use actix_web::body::BoxBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap};
use uuid::Uuid;

use super::call::Parts;
use super::error::{ApiError, Asked};
use super::operations::Audited;
use crate::app::Sarus;
use crate::clock::Clock;
use crate::domain::audit::{AuditEvent, AuditKind};
use crate::domain::digest;
use crate::domain::moment::Moment;
use crate::domain::role::Scope;
use crate::store::audit_events;

/// The longest path, query and header of a request that the trail keeps; what is longer is cut.
const LONGEST_PATH: usize = 1000;
const LONGEST_QUERY: usize = 4000;
const LONGEST_HEADER: usize = 200;

/// Where a request comes from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Its trace: of `traceparent`, or a new one.
    pub trace_id: String,
    /// The address of the client, by the rules for proxies.
    pub client: Option<IpAddr>,
    /// `X-Road-Id`.
    pub x_road_id: Option<String>,
    /// `X-Road-UserId`.
    pub x_road_user_id: Option<String>,
}

impl Origin {
    /// The origin of a request with these headers.
    pub fn of(trace_id: &str, client: Option<IpAddr>, headers: &HeaderMap) -> Self {
        let header = |name: &str| {
            let value = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().trim();
            cut(&value.replace('\t', " "), LONGEST_HEADER)
        };
        let (x_road_id, x_road_user_id) = (header("x-road-id"), header("x-road-userid"));
        Self { trace_id: trace_id.to_owned(), client, x_road_id, x_road_user_id }
    }
}

/// The beginning of a text, if there is one.
fn cut(text: &str, longest: usize) -> Option<String> {
    let cut: String = text.chars().take(longest).collect();
    if cut.trim().is_empty() { None } else { Some(cut) }
}

/// The resource and the record that a path under `/v1` names.
pub fn target_of(path: &str) -> (String, Option<String>) {
    let mut segments = path.trim_start_matches("/v1/").split('/');
    let resource = segments.next().unwrap_or_default().to_owned();
    (resource, segments.next().and_then(|record| cut(record, LONGEST_HEADER)))
}

/// The province that a caller is of, by its code today.
pub fn province_of(scope: &Scope) -> Option<String> {
    match scope {
        Scope::Province(province) | Scope::Locality { province, .. } => Some(province.own().to_owned()),
        Scope::Country | Scope::Cooperative(_) => None,
    }
}

/// What is said of a request before its outcome is known.
pub fn event_of(kind: AuditKind, parts: &Parts, (method, path, query): (&str, &str, &str), now: Moment) -> AuditEvent {
    let (caller, origin) = (&parts.caller, parts.origin.clone());
    let (resource, record) = target_of(path);
    let request_digest = parts.body.as_ref().map(|body| match (&parts.upload, body["sha256"].as_str()) {
        (Some(_), Some(of_file)) => of_file.to_owned(),
        _ => digest::digest(body),
    });
    AuditEvent {
        id: Uuid::nil(),
        place: None,
        recorded_at: now.0,
        kind,
        issuer: caller.issuer.clone(),
        subject: caller.subject.clone(),
        role: caller.role.name().to_owned(),
        agency: caller.agency,
        unit: caller.unit.clone(),
        cooperative: caller.cooperative(),
        operation: parts.operation.id.clone(),
        method: method.to_owned(),
        path: cut(path, LONGEST_PATH).unwrap_or_default(),
        query: cut(query, LONGEST_QUERY),
        resource,
        record,
        version: None,
        status: 0,
        media_type: None,
        request_digest,
        answer_digest: None,
        trace_id: origin.trace_id,
        client_address: origin.client.map(|address| address.to_string()),
        x_road_id: origin.x_road_id,
        x_road_user_id: origin.x_road_user_id,
        digest: String::new(),
    }
}

/// Whether an answer of an operation in a media type is a share.
fn is_share(audited: Option<Audited>, media_type: &str, scope: &Scope) -> bool {
    let is_bulk = media_type != "application/json";
    match audited {
        Some(Audited::Share) => true,
        Some(Audited::Pull) => is_bulk || *scope == Scope::Country,
        Some(Audited::Bulk) => is_bulk,
        Some(Audited::Write) | None => false,
    }
}

/// Lets an answer leave after it has entered the trail, if it is a share. What cannot enter it does not leave.
pub async fn share(response: ServiceResponse<BoxBody>, sarus: &Sarus, asked: &Asked) -> ServiceResponse<BoxBody> {
    let parts = response.request().extensions().get::<Rc<Parts>>().cloned();
    let Some(parts) = parts.filter(|_| response.status() == StatusCode::OK) else { return response };
    let header = |name: header::HeaderName| response.headers().get(name).and_then(|value| value.to_str().ok());
    let media_type = header(header::CONTENT_TYPE).unwrap_or_default().split(';').next().unwrap_or_default();
    if !is_share(parts.operation.audited, media_type, &parts.caller.scope) {
        return response;
    }
    let request = response.request();
    let asked_for = (request.method().as_str(), request.path(), request.query_string());
    let event = event_of(AuditKind::Share, &parts, asked_for, sarus.clock.now());
    // What is computed is answered under the digest of its body.
    let is_whole = media_type == "application/json";
    let tag = header(header::ETAG).map(|tag| tag.trim_matches('"')).filter(|tag| is_whole && tag.len() == 64);
    let event = AuditEvent {
        id: Clock::new_id(),
        status: i32::from(response.status().as_u16()),
        media_type: Some(media_type.to_owned()),
        answer_digest: tag.map(str::to_owned),
        ..event
    };
    let province = province_of(&parts.caller.scope);
    match audit_events::append_alone(&sarus.store, &event.sealed(), province.as_deref()).await {
        Ok(()) => response,
        Err(error) => {
            tracing::error!(%error, "a share did not enter the audit trail");
            let answer = ApiError::from(error).answer(asked);
            response.into_response(answer)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_share_follows_from_the_operation_the_media_type_and_the_reach() {
        let (country, province) = (Scope::Country, Scope::Province("89".into()));
        let (json, lines) = ("application/json", "application/x-ndjson");
        let table = [
            (Some(Audited::Share), json, &province, true),
            (Some(Audited::Pull), json, &country, true),
            (Some(Audited::Pull), json, &province, false),
            (Some(Audited::Pull), lines, &province, true),
            (Some(Audited::Bulk), json, &country, false),
            (Some(Audited::Bulk), "text/csv", &province, true),
            (Some(Audited::Write), lines, &country, false),
            (None, json, &country, false),
        ];
        for (audited, media_type, scope, expected) in table {
            assert_eq!(is_share(audited, media_type, scope), expected, "{audited:?} {media_type} {scope:?}");
        }
    }

    #[test]
    fn a_path_names_a_resource_and_a_record() {
        let target = |path| target_of(path);
        assert_eq!(target("/v1/loans"), ("loans".to_owned(), None));
        assert_eq!(target("/v1/loans/7/repayments"), ("loans".to_owned(), Some("7".to_owned())));
        assert_eq!(target("/v1/cooperatives/7/annual-figures/2020"), ("cooperatives".to_owned(), Some("7".to_owned())));
    }
}
