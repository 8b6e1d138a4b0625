//! From what went wrong to `application/problem+json` (RFC 9457): one table of codes, one body.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use serde::Serialize;
use serde_json::Value;
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::domain::refusal::{Fault, Inputs, Refusal, RefusalKind, Rule};
use crate::domain::text::Text;
use crate::domain::vietnamese;
use crate::store::answers::StoredAnswer;
use crate::store::{StoreError, constraints};

/// What every handler returns.
pub type Answer = Result<HttpResponse, ApiError>;

/// The media type of every answer of status 400 and above.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// One row a kind of problem that is not a rule of the scheme: variant, code, status, title in Vietnamese and English.
macro_rules! problems {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $status:literal, $vi:literal, $en:literal;)+) => {
        /// A kind of problem that comes from the protocol and not from the scheme.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Kind { $($(#[$doc])* $variant,)+ }

        impl Kind {
            /// Every kind, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Stable code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// Status of the answer.
            pub fn status(self) -> StatusCode {
                let status: u16 = match self { $(Self::$variant => $status,)+ };
                StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }

            /// Title.
            pub fn title(self) -> Text {
                match self { $(Self::$variant => Text::new($vi, $en),)+ }
            }
        }
    };
}

problems! {
    /// The body is not JSON.
    MalformedJson = "malformed_json", 400, "Nội dung không phải JSON hợp lệ", "The body is not well-formed JSON";
    /// The body breaks the published schema.
    InvalidBody = "invalid_body", 400, "Nội dung không đúng cấu trúc đã công bố", "The body does not follow the published schema";
    /// A query parameter is unknown or wrong.
    InvalidQuery = "invalid_query", 400, "Tham số truy vấn không hợp lệ", "A query parameter is unknown or invalid";
    /// The cursor is not of this list.
    InvalidCursor = "invalid_cursor", 400, "Con trỏ trang không thuộc danh sách này", "The cursor does not belong to this list";
    /// A header has a form that is not understood.
    InvalidHeader = "invalid_header", 400, "Tiêu đề yêu cầu không hợp lệ", "A request header is invalid";
    /// No valid token.
    Unauthenticated = "unauthenticated", 401, "Cần mã truy cập hợp lệ", "A valid access token is required";
    /// The role lacks the permission.
    Forbidden = "forbidden", 403, "Vai trò không có quyền này", "The role lacks this permission";
    /// Not there, or not the caller's.
    NotFound = "not_found", 404, "Không tìm thấy", "Not found";
    /// The path exists, the method does not.
    MethodNotAllowed = "method_not_allowed", 405, "Phương thức không được hỗ trợ", "Method not allowed";
    /// None of the accepted media types can be produced.
    NotAcceptable = "not_acceptable", 406, "Không có kiểu dữ liệu được chấp nhận", "No acceptable media type";
    /// The idempotency key was used with another body.
    KeyReused = "idempotency_key_reused", 409, "Khóa lặp lại đã dùng cho nội dung khác", "Idempotency key used with another body";
    /// Another request under the same idempotency key is still being answered.
    InProgress = "request_in_progress", 409, "Yêu cầu cùng khóa lặp lại đang được xử lý", "A request under this idempotency key is still being answered";
    /// The place in the feed is older than what is kept.
    CursorExpired = "cursor_expired", 410, "Con trỏ đã quá cũ", "The cursor is too old";
    /// The record changed since it was read.
    Stale = "stale", 412, "Bản ghi đã thay đổi", "The record has changed";
    /// The body did not arrive in time.
    RequestTimeout = "request_timeout", 408, "Nội dung gửi quá chậm", "The body did not arrive in time";
    /// The body is too large.
    TooLarge = "payload_too_large", 413, "Nội dung quá lớn", "The body is too large";
    /// The body has another media type.
    UnsupportedMediaType = "unsupported_media_type", 415, "Kiểu nội dung không được hỗ trợ", "Unsupported media type";
    /// `If-Match` is missing.
    PreconditionRequired = "precondition_required", 428, "Thiếu điều kiện If-Match", "A precondition is required";
    /// The client asks too often.
    TooManyRequests = "too_many_requests", 429, "Quá nhiều yêu cầu", "Too many requests";
    /// Something broke.
    Internal = "internal", 500, "Lỗi hệ thống", "Internal error";
    /// The database cannot be had now.
    Unavailable = "unavailable", 503, "Hệ thống đang bận", "Temporarily unavailable";
}

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
        Refusal::at(
            Rule::UnknownReference,
            pointer,
            format!("Không tìm thấy {} được dẫn chiếu.", vietnamese::resource(what)),
            format!("The {what} that is referred to was not found."),
        )
        .given(&[("reference", &what)])
        .into()
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
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S")]
    detail: Option<String>,
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
    fn parts(&self) -> (&'static str, StatusCode, Text, Option<&Text>, Option<&str>, &[Fault]) {
        match self {
            Self::Problem { kind, detail, faults, allow: _ } => {
                (kind.code(), kind.status(), kind.title(), detail.as_ref(), None, faults)
            }
            Self::Refused(refusal) => {
                let rule = refusal.rule;
                let status = match rule.kind() {
                    RefusalKind::Input => StatusCode::BAD_REQUEST,
                    RefusalKind::State => StatusCode::CONFLICT,
                };
                let title = Text::new(rule.title_vi(), rule.title_en());
                (rule.code(), status, title, Some(&refusal.detail), Some(refusal.legal_basis()), &refusal.faults)
            }
            Self::Replay(_) => (Kind::Internal.code(), StatusCode::OK, Kind::Internal.title(), None, None, &[]),
        }
    }

    /// What a refusal rests on: its own inputs, else those of the first fault. Of a reference that the database reports only
    /// the record is known that was asked for; of a key that is taken, what the client sent for it.
    fn inputs(&self, asked: &Asked) -> Option<Inputs> {
        let Self::Refused(refusal) = self else { return None };
        if refusal.rule == Rule::AlreadyExists {
            return some(&with_members(refusal.inputs.clone(), asked.body.as_ref()));
        }
        if refusal.rule == Rule::StillReferenced {
            return Some(refusal.inputs.clone().and(&[("record", &asked.path)]));
        }
        some(&refusal.inputs).or_else(|| refusal.faults.first().and_then(|fault| some(&fault.inputs)))
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
            detail: detail.map(|detail| asked.say(detail)),
            instance: asked.path.clone(),
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
            _ => {}
        }
        response
    }
}

/// The inputs of a key that is taken, `key` being the names of its members: with those that the body names, by their values.
fn with_members(inputs: Inputs, body: Option<&Value>) -> Inputs {
    let Some(body) = body else { return inputs };
    let key = inputs.value("key").unwrap_or_default().to_owned();
    key.split(", ").fold(inputs, |inputs, name| match &body[name] {
        Value::String(text) => inputs.and(&[(name, text)]),
        Value::Number(number) => inputs.and(&[(name, number)]),
        _ => inputs,
    })
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
    fn a_key_that_is_taken_is_told_with_what_was_sent_for_it() {
        let key = Inputs::of(&[("key", &"cooperative, year, kind, circular")]);
        let body = serde_json::json!({"year": 2023, "kind": "self", "circular": null, "note": "x"});
        let told = with_members(key.clone(), Some(&body));
        assert_eq!(told, key.clone().and(&[("year", &2023), ("kind", &"self")]));
        assert_eq!(with_members(key.clone(), None), key);
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
