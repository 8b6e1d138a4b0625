//! From what went wrong to `application/problem+json` (RFC 9457): one table of codes, one body.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use serde::Serialize;
use serde_json::Value;
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

pub use super::problem_kinds::Kind;
use crate::domain::refusal::{Fault, Inputs, Refusal, RefusalKind, Rule};
use crate::domain::text::Text;
use crate::domain::vietnamese;
use crate::store::answers::StoredAnswer;
use crate::store::{StoreError, constraints};

/// What every handler returns.
pub type Answer = Result<HttpResponse, ApiError>;

/// The media type of every answer of status 400 and above.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Why a request did not get what it asked for.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// A problem of the protocol.
    #[error("{}", .kind.code())]
    Problem {
        /// Its kind.
        kind: Kind,
        /// The case at hand.
        detail: Option<Text>,
        /// Every fault found.
        faults: Vec<Fault>,
        /// The methods to name in `Allow`.
        allow: Option<String>,
    },
    /// A rule of the scheme refused.
    #[error("{}", .0.rule.code())]
    Refused(Box<Refusal>),
    /// Not a failure: the stored answer of an earlier, equal request.
    #[error("answered before")]
    Replay(Box<StoredAnswer>),
}

impl ApiError {
    /// A problem of a kind, with nothing more to say.
    pub const fn of(kind: Kind) -> Self {
        Self::Problem { kind, detail: None, faults: Vec::new(), allow: None }
    }

    /// A problem with its case.
    pub fn because(kind: Kind, vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Problem { kind, detail: Some(Text::new(vi, en)), faults: Vec::new(), allow: None }
    }

    /// A token was sent and is not accepted; what is wrong with it is not told to who may be guessing.
    pub fn invalid_token() -> Self {
        Self::because(
            Kind::Unauthenticated,
            "Mã truy cập không hợp lệ, đã hết hạn, đã bị thu hồi, hoặc không nêu đúng một vai trò còn tồn tại.",
            "The access token is invalid, expired or revoked, or does not name exactly one role that exists today.",
        )
    }

    /// A problem with all faults found.
    pub const fn faults(kind: Kind, faults: Vec<Fault>) -> Self {
        Self::Problem { kind, detail: None, faults, allow: None }
    }

    /// 405 with the methods that the path has.
    pub fn method_not_allowed(methods: &str) -> Self {
        let allow = Some(methods.to_owned());
        Self::Problem { kind: Kind::MethodNotAllowed, detail: None, faults: Vec::new(), allow }
    }

    /// A reference in the body that does not resolve for this caller.
    pub fn unknown_reference(pointer: &str, what: &str) -> Self {
        Self::lost(pointer, what).into()
    }

    /// The refusal of such a reference.
    pub(super) fn lost(pointer: &str, what: &str) -> Refusal {
        Refusal::at(
            Rule::UnknownReference,
            pointer,
            format!("Không tìm thấy {} được dẫn chiếu.", vietnamese::resource(what)),
            format!("The {what} that is referred to was not found."),
        )
        .given(&[("reference", &what)])
    }

    /// `NotFound` of a lookup that the body asked for becomes a fault of the body.
    pub fn reference(error: StoreError, pointer: &str, what: &str) -> Self {
        match error {
            StoreError::NotFound => Self::unknown_reference(pointer, what),
            other => other.into(),
        }
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::of(Kind::NotFound),
            StoreError::Stale => Self::of(Kind::Stale),
            StoreError::Busy => Self::of(Kind::Unavailable),
            StoreError::Taken(name) => {
                let known = constraints::of_name(name);
                let (vi, en) = known.map_or((name, name), |unique| (unique.vi, unique.en));
                let key = known.map_or_else(|| name.to_owned(), constraints::Unique::key);
                Refusal::new(Rule::AlreadyExists, vi, en).given(&[("key", &key)]).into()
            }
            StoreError::Referenced => Refusal::new(
                Rule::StillReferenced,
                "Bản ghi còn được bản ghi khác dẫn chiếu, hoặc dẫn chiếu đến bản ghi vừa bị xóa.",
                "Other records name this one, or it names a record that has just been deleted.",
            )
            .into(),
            StoreError::Guarded(refusal) => {
                // The code has let through what the database did not: somebody should know.
                tracing::warn!(rule = refusal.rule.code(), inputs = ?refusal.inputs, "a trigger refused");
                Self::Refused(refusal)
            }
            StoreError::Malformed(_) | StoreError::Db(_) => {
                tracing::error!(error = ?error, "the store failed");
                Self::of(Kind::Internal)
            }
        }
    }
}

impl From<serde_json::Error> for ApiError {
    fn from(error: serde_json::Error) -> Self {
        tracing::error!(%error, "a value could not be converted");
        Self::of(Kind::Internal)
    }
}

/// One thing that is wrong, and where.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProblemFault {
    /// JSON pointer of the member of the body, or the name of the query parameter or header after `#`.
    #[schema(max_length = 500, pattern = r"^(/[\s\S]*|#[\s\S]+)?$", example = "/estimateLines/0/amount")]
    pointer: String,
    /// Stable code.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "required")]
    code: String,
    /// What is wrong, in the language of the answer.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Thiếu trường bắt buộc.")]
    message: String,
    /// Identifier of the rule at fault, in the rule book; absent where the schema or the protocol is.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "points_above_maximum")]
    rule: Option<String>,
    /// Document and article of that rule, as they apply to the case.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "01/2020/TT-BKHĐT")]
    legal_basis: Option<String>,
    /// What it rests on.
    inputs: Option<Inputs>,
}

/// A problem (RFC 9457). Codes never vary with the language.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// Address of the page that explains this kind of problem.
    #[serde(rename = "type")]
    #[schema(
        format = "uri",
        min_length = 1,
        max_length = 300,
        pattern = "^https?://",
        example = "http://127.0.0.1:8080/problems/invalid_body"
    )]
    kind: String,
    /// The kind of problem in words.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "Nội dung không đúng cấu trúc đã công bố")]
    title: String,
    /// Status of the answer.
    #[schema(minimum = 400, maximum = 599, example = 400)]
    status: u16,
    /// The case at hand.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Từng chỗ sai được nêu trong errors.")]
    detail: String,
    /// The path that was asked for.
    #[schema(
        format = "uri-reference",
        min_length = 1,
        max_length = 2000,
        pattern = "^/",
        example = "/v1/provincial-plans"
    )]
    instance: String,
    /// Stable code to match on.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "invalid_body")]
    code: String,
    /// Identifier of the rule that refuses, in the rule book (`GET /v1/rules/{id}`).
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "quota_exceeded")]
    rule: Option<String>,
    /// Document and article behind a refusal of the scheme, as they apply to the case; `Sarus` where the service itself asks.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "2129/QĐ-UBND V.2")]
    legal_basis: Option<String>,
    /// What a refusal of the scheme rests on.
    inputs: Option<Inputs>,
    /// Identifier of the request in the logs.
    #[schema(
        min_length = 32,
        max_length = 32,
        pattern = "^[0-9a-f]{32}$",
        example = "4bf92f3577b34da6a3ce929d0e0e4736"
    )]
    trace_id: String,
    /// Everything that is wrong with the request.
    #[schema(max_items = 1000)]
    errors: Option<Vec<ProblemFault>>,
}

/// What an answer needs to know of its request.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The path.
    pub path: String,
    /// Identifier in the logs.
    pub trace_id: String,
    /// Whether English was asked for.
    pub english: bool,
    /// Address under which Sarus is known.
    pub public_url: std::sync::Arc<str>,
    /// The body, where a refusal needs it to say what was sent.
    pub body: Option<Value>,
}

impl Asked {
    fn say(&self, text: &Text) -> String {
        if self.english { text.en.clone() } else { text.vi.clone() }
    }
}

impl ApiError {
    fn parts(&self) -> (&'static str, StatusCode, Text, Text, Option<&str>, &[Fault]) {
        match self {
            Self::Problem { kind, detail, faults, allow: _ } => {
                let detail = detail.clone().unwrap_or_else(|| kind.meaning());
                (kind.code(), kind.status(), kind.title(), detail, None, faults)
            }
            Self::Refused(refusal) => {
                let rule = refusal.rule;
                let status = match rule.kind() {
                    RefusalKind::Input => StatusCode::BAD_REQUEST,
                    RefusalKind::Role => StatusCode::FORBIDDEN,
                    RefusalKind::State => StatusCode::CONFLICT,
                };
                let title = Text::new(rule.title_vi(), rule.title_en());
                (rule.code(), status, title, refusal.detail.clone(), Some(refusal.legal_basis()), &refusal.faults)
            }
            Self::Replay(_) => {
                let kind = Kind::Internal;
                (kind.code(), StatusCode::OK, kind.title(), kind.meaning(), None, &[])
            }
        }
    }

    /// What a refusal rests on: its own inputs, else those of the first fault. Of a reference that the database reports only
    /// the record is known that was asked for; of a key that is taken, what the client sent for it.
    fn inputs(&self, asked: &Asked) -> Option<Inputs> {
        let Self::Refused(refusal) = self else { return None };
        if refusal.rule == Rule::AlreadyExists {
            return some(&with_members(refusal.inputs.clone(), asked));
        }
        if refusal.rule == Rule::StillReferenced {
            return Some(refusal.inputs.clone().and(&[("record", &asked.path)]));
        }
        some(&refusal.inputs).or_else(|| refusal.faults.first().and_then(|fault| some(&fault.inputs)))
    }

    /// What is told instead when the body was wrong by itself, which comes before whatever state and versions say: that, with
    /// what else is wrong with the body. None: this stands.
    pub fn after(&self, early: &Refusal) -> Option<Self> {
        let with_early = |faults: &[Fault]| {
            let is_told =
                |fault: &&Fault| !faults.iter().any(|told| (&told.pointer, told.code) == (&fault.pointer, fault.code));
            [faults, &early.faults.iter().filter(is_told).cloned().collect::<Vec<_>>()].concat()
        };
        match self {
            Self::Refused(refusal) if refusal.rule.kind() == RefusalKind::Input => {
                let whole = refusal.as_ref().clone().placed("");
                Some(Refusal { faults: with_early(&whole.faults), ..whole }.into())
            }
            Self::Problem { kind: Kind::InvalidBody, detail, faults, allow: _ } => {
                let (kind, detail) = (Kind::InvalidBody, detail.clone());
                Some(Self::Problem { kind, detail, faults: with_early(faults), allow: None })
            }
            Self::Problem { kind: Kind::Internal | Kind::Unavailable, .. } => None,
            Self::Problem { .. } | Self::Refused(_) | Self::Replay(_) => Some(early.clone().into()),
        }
    }

    /// Whether it is of the request by itself, or of nothing that a client could mend: nothing is told before it.
    pub fn comes_first(&self) -> bool {
        match self {
            Self::Refused(refusal) => refusal.rule.kind() == RefusalKind::Input,
            Self::Problem { kind, .. } => matches!(kind, Kind::InvalidBody | Kind::Internal | Kind::Unavailable),
            Self::Replay(_) => false,
        }
    }

    /// Whether it tells what the client sent.
    pub fn tells_the_body(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.rule == Rule::AlreadyExists)
    }

    /// The answer to a request.
    pub fn answer(&self, asked: &Asked) -> HttpResponse {
        if let Self::Replay(stored) = self {
            return replay(stored);
        }
        let (code, status, title, detail, legal_basis, faults) = self.parts();
        let fault = |fault: &Fault| ProblemFault {
            pointer: fault.pointer.chars().take(500).collect(),
            code: fault.code.to_owned(),
            message: asked.say(&fault.message).chars().take(4000).collect(),
            rule: fault.rule().map(|rule| rule.code().to_owned()),
            legal_basis: fault.legal_basis().map(str::to_owned),
            inputs: some(&fault.inputs),
        };
        let problem = Problem {
            kind: format!("{}/problems/{code}", asked.public_url),
            title: asked.say(&title),
            status: status.as_u16(),
            detail: asked.say(&detail).chars().take(4000).collect(),
            instance: instance_of(&asked.path),
            code: code.to_owned(),
            rule: legal_basis.map(|_| code.to_owned()),
            legal_basis: legal_basis.map(str::to_owned),
            inputs: self.inputs(asked),
            trace_id: asked.trace_id.clone(),
            errors: (!faults.is_empty()).then(|| faults.iter().map(fault).collect()),
        };
        let mut response = self.builder(status);
        response.insert_header((header::CONTENT_LANGUAGE, if asked.english { "en" } else { "vi" }));
        response.insert_header((header::CONTENT_TYPE, PROBLEM_JSON));
        response.body(serde_json::to_string(&problem).unwrap_or_default())
    }

    fn builder(&self, status: StatusCode) -> HttpResponseBuilder {
        let mut response = HttpResponse::build(status);
        match self {
            Self::Problem { kind: Kind::Unauthenticated, detail, .. } => {
                // RFC 6750, 3.1: an error only for a token that was sent.
                let error = if detail.is_some() { ", error=\"invalid_token\"" } else { "" };
                response.insert_header((header::WWW_AUTHENTICATE, format!("Bearer realm=\"sarus\"{error}")));
            }
            Self::Problem { kind: Kind::Unavailable | Kind::InProgress, .. } => {
                response.insert_header((header::RETRY_AFTER, "2"));
            }
            Self::Problem { allow: Some(methods), .. } => {
                response.insert_header((header::ALLOW, methods.as_str()));
            }
            // RFC 9110, 12.5.3: whether it was the type or the coding, bodies come as they are.
            Self::Problem { kind: Kind::UnsupportedMediaType, .. } => {
                response.insert_header((header::ACCEPT_ENCODING, "identity"));
            }
            _ => {}
        }
        response
    }
}

/// The inputs of a key that is taken: its members that the request names, by their values, and no others. A rule that found it
/// taken has said so itself; of what the database found the names alone are known.
fn with_members(inputs: Inputs, asked: &Asked) -> Inputs {
    let key = inputs.value("key").unwrap_or_default().to_owned();
    if key.split(", ").any(|name| inputs.value(name).is_some()) {
        return inputs;
    }
    let (record, id) = record_of(&asked.path);
    let mut known: Vec<(&str, String)> = Vec::new();
    for name in key.split(", ") {
        match asked.body.as_ref().map(|body| &body[name]) {
            Some(Value::String(text)) => known.push((name, text.clone())),
            Some(Value::Number(number)) => known.push((name, number.to_string())),
            _ if !id.is_empty() && record.to_lowercase().ends_with(&name.to_lowercase()) => {
                known.push((name, id.to_owned()));
            }
            _ => {}
        }
    }
    if known.is_empty() && !id.is_empty() {
        known.push((&record, id.to_owned()));
    }
    if known.is_empty() {
        return inputs;
    }
    let names = known.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let members: Vec<(&str, &dyn std::fmt::Display)> =
        known.iter().map(|(name, value)| (*name, value as &dyn std::fmt::Display)).collect();
    Inputs::of(&members).and(&[("key", &names)])
}

/// A path as a reference of at most 2,000 characters (RFC 3986, 3.3): what may not stand in one is escaped.
fn instance_of(path: &str) -> String {
    let mut instance = String::new();
    for byte in path.bytes() {
        let is_plain = byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/%".contains(&byte);
        let step = if is_plain { char::from(byte).to_string() } else { format!("%{byte:02X}") };
        if instance.len() + step.len() > 2000 {
            break;
        }
        instance.push_str(&step);
    }
    instance
}

/// What a path calls its record, as a member would, and its identifier: `budgetAllocation` of `/v1/budget-allocations/7`.
fn record_of(path: &str) -> (String, &str) {
    let mut segments = path.trim_start_matches("/v1/").split('/');
    let resource = segments.next().unwrap_or_default();
    let mut words = resource.strip_suffix('s').unwrap_or(resource).split('-');
    let first = words.next().unwrap_or_default().to_owned();
    let name = words.fold(first, |name, word| {
        let (head, tail) = word.split_at_checked(1).unwrap_or((word, ""));
        name + &head.to_ascii_uppercase() + tail
    });
    (name, segments.next().unwrap_or_default())
}

/// Inputs, where there are any.
fn some(inputs: &Inputs) -> Option<Inputs> {
    (!inputs.is_empty()).then(|| inputs.clone())
}

fn replay(stored: &StoredAnswer) -> HttpResponse {
    let mut response = HttpResponse::build(StatusCode::from_u16(stored.status).unwrap_or(StatusCode::OK));
    for (name, value) in &stored.headers {
        response.insert_header((name.as_str(), value.as_str()));
    }
    if stored.body.is_empty() { response.finish() } else { response.body(stored.body.clone()) }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.parts().1
    }

    /// The gate replaces this body by one that knows the request.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_that_remains_is_a_refusal() {
        let refused = ApiError::from(StoreError::Referenced);
        assert_eq!((refused.status_code(), refused.parts().0), (StatusCode::CONFLICT, "still_referenced"));
        let asked = Asked {
            path: "/v1/applications/1".to_owned(),
            trace_id: "4bf92f3577b34da6a3ce929d0e0e4736".to_owned(),
            english: true,
            public_url: "http://127.0.0.1:8080".into(),
            body: None,
        };
        let inputs = refused.inputs(&asked);
        assert_eq!(inputs, Some(Inputs::of(&[("record", &"/v1/applications/1")])));
        assert_eq!(Rule::StillReferenced.inputs(), ["record"]);
    }

    #[test]
    fn a_key_that_is_taken_is_told_by_the_members_that_were_sent() {
        let asked = |path: &str, body: Option<serde_json::Value>| Asked {
            path: path.to_owned(),
            trace_id: "4bf92f3577b34da6a3ce929d0e0e4736".to_owned(),
            english: true,
            public_url: "http://127.0.0.1:8080".into(),
            body,
        };
        let key = |names: &str| Inputs::of(&[("key", &names)]);
        let body = serde_json::json!({"year": 2023, "kind": "self", "circular": null, "note": "x"});
        let told = with_members(key("cooperative, year, kind, circular"), &asked("/v1/evaluations", Some(body)));
        assert_eq!(told, Inputs::of(&[("key", &"year, kind"), ("year", &2023), ("kind", &"self")]));
        let voucher = serde_json::json!({"voucherNumber": "UNC-03"});
        let of_record = asked("/v1/budget-allocations/7/disbursements", Some(voucher));
        let told = with_members(key("allocation, voucherNumber"), &of_record);
        let due = [("key", "allocation, voucherNumber"), ("allocation", "7"), ("voucherNumber", "UNC-03")];
        assert_eq!(told, Inputs::of(&due.each_ref().map(|(name, value)| (*name, value as &dyn std::fmt::Display))));
        let step = asked("/v1/improvement-plans/7/approvals", Some(serde_json::json!({})));
        assert_eq!(
            with_members(key("pilot"), &step),
            Inputs::of(&[("key", &"improvementPlan"), ("improvementPlan", &"7")])
        );
        let of_rule = Inputs::of(&[("key", &"code"), ("code", &"x")]);
        assert_eq!(with_members(of_rule.clone(), &step), of_rule);
    }

    #[test]
    fn a_path_is_told_as_a_reference_within_its_limit() {
        assert_eq!(instance_of("/v1/agencies/a%20b"), "/v1/agencies/a%20b");
        assert_eq!(instance_of("/v1/agencies/a\"b|c"), "/v1/agencies/a%22b%7Cc");
        assert_eq!(instance_of(&format!("/v1/{}", "a".repeat(3000))).len(), 2000);
        assert_eq!(instance_of(&format!("/{}", "\"".repeat(1000))).len(), 1999);
    }

    #[test]
    fn no_code_is_used_twice() {
        let mut codes: Vec<_> = Kind::ALL.iter().map(|kind| kind.code()).collect();
        codes.extend(Rule::ALL.iter().map(|rule| rule.code()));
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count);
    }
}
