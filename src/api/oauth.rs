//! Tokens for service accounts: the client credentials grant of OAuth 2.0, in the words of RFC 6749 and not in those of
//! the rest of the API. Standard clients speak it; problem documents they would not understand.

use std::rc::Rc;

use actix_web::http::{StatusCode, header};
use actix_web::web::{self, BytesMut};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, post};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::audit::Origin;
use super::edge::Allowance;
use super::service_config::ServiceConfig;
use crate::app::Sarus;
use crate::clock::Clock;
use crate::domain::audit::{AuditEvent, AuditKind};
use crate::domain::moment::Moment;
use crate::domain::role::names;
use crate::domain::service_account::ServiceAccount;
use crate::keys::secret::{self, SecretError};
use crate::store::{StoreError, audit_events, service_accounts};
use crate::token::ACCOUNT_TOKEN_LIFE;

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(issue);
}

/// Bytes of the largest form that is read.
const LARGEST_FORM: usize = 8 * 1024;
/// How long a client may take to send it.
const SLOWEST_FORM: std::time::Duration = std::time::Duration::from_secs(10);

names! {
    /// The grant: client credentials.
    GrantType {
        /// The account itself asks, with its own secret.
        ClientCredentials = "client_credentials",
    }
}

names! {
    /// The kind of token: whoever bears it may use it.
    TokenType {
        /// RFC 6750.
        Bearer = "Bearer",
    }
}

/// What is asked. Other parameters are not looked at, as RFC 6749 has it; none may be given twice.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(dead_code, reason = "the form is read parameter by parameter, since a repeated one must be told apart")]
struct TokenForm {
    /// The grant.
    grant_type: GrantType,
    /// Identifier of the service account, unless it stands in `Authorization: Basic`.
    #[schema(format = "uuid", max_length = 36, example = "01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d")]
    client_id: Option<String>,
    /// Its secret, unless it stands in `Authorization: Basic`.
    #[schema(min_length = 1, max_length = 200, pattern = "^[!-~]+$")]
    client_secret: Option<String>,
}

/// An access token of RFC 9068.
#[derive(Debug, Serialize, ToSchema)]
struct TokenAnswer {
    /// The token, for `Authorization: Bearer`.
    #[schema(
        min_length = 1,
        max_length = 8192,
        pattern = r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$",
        example = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl"
    )]
    access_token: String,
    /// Its kind.
    token_type: TokenType,
    /// Seconds for which it holds.
    #[schema(minimum = 1, maximum = 86_400, example = 900)]
    expires_in: u64,
}

names! {
    /// Why there is no token (RFC 6749, 5.2; the last two of 4.1.2.1).
    TokenError {
        /// A parameter is missing, repeated or malformed.
        InvalidRequest = "invalid_request",
        /// The account is unknown, its secret is wrong, or it is revoked.
        InvalidClient = "invalid_client",
        /// Another grant than client credentials, or this service issues no tokens.
        UnsupportedGrantType = "unsupported_grant_type",
        /// There are no scopes: what an account may do follows from its role.
        InvalidScope = "invalid_scope",
        /// Too much is asked; try again later.
        TemporarilyUnavailable = "temporarily_unavailable",
        /// Something broke.
        ServerError = "server_error",
    }
}

/// A refusal in the form of RFC 6749, 5.2.
#[derive(Debug, Serialize, ToSchema)]
struct TokenRefusal {
    /// Why.
    error: TokenError,
    /// The case at hand, in English as the standard has it.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = "^[ -~]+$",
        example = "The client is unknown or its secret is wrong."
    )]
    error_description: String,
}

/// Why there is no token: status, code, words.
struct Refused(StatusCode, TokenError, &'static str);

impl Refused {
    const fn request(words: &'static str) -> Self {
        Self(StatusCode::BAD_REQUEST, TokenError::InvalidRequest, words)
    }

    const fn client() -> Self {
        Self(StatusCode::UNAUTHORIZED, TokenError::InvalidClient, "The client is unknown or its secret is wrong.")
    }

    const fn busy(status: StatusCode) -> Self {
        Self(status, TokenError::TemporarilyUnavailable, "Too much is asked at once: try again later.")
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        tracing::error!(?error, "a token was not issued");
        match error {
            StoreError::Busy => Self::busy(StatusCode::SERVICE_UNAVAILABLE),
            _ => Self(StatusCode::INTERNAL_SERVER_ERROR, TokenError::ServerError, "Something broke."),
        }
    }
}

impl From<SecretError> for Refused {
    fn from(error: SecretError) -> Self {
        tracing::warn!(%error, "a secret was not checked");
        match error {
            SecretError::Busy => Self::busy(StatusCode::SERVICE_UNAVAILABLE),
            SecretError::Hash(_) => {
                Self(StatusCode::INTERNAL_SERVER_ERROR, TokenError::ServerError, "Something broke.")
            }
        }
    }
}

/// Issue a token to a service account
///
/// The client credentials grant of OAuth 2.0 (RFC 6749, 4.4). The account names itself in `Authorization: Basic` or in the
/// form, not in both. This one operation answers in the shapes of RFC 6749, its refusals included: it has no problem
/// documents. It is throttled by the address of the client. Without a signing key the service issues no tokens and says so.
#[utoipa::path(
    tag = "Service accounts",
    operation_id = "issueToken",
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "A token.", body = TokenAnswer),
        (status = 400, description = "The request is not one of RFC 6749, or no token is issued here.", body = TokenRefusal),
        (status = 401, description = "The client is unknown, its secret is wrong, or it is revoked.", body = TokenRefusal),
        (status = 429, description = "The client asks too often.", body = TokenRefusal),
        (status = 500, description = "Something broke.", body = TokenRefusal),
        (status = 503, description = "Too much is asked at once.", body = TokenRefusal),
    ),
    extensions(("x-standard" = json!("RFC 6749"))),
    security(())
)]
#[post("/v1/oauth/token")]
async fn issue(sarus: web::Data<Sarus>, request: HttpRequest, body: web::Payload) -> HttpResponse {
    let peer = request.peer_addr().map(|peer| peer.ip());
    let client = sarus.edge.client_address(peer, request.headers());
    let allowance = sarus.edge.count_grant(&client.map_or_else(String::new, |address| address.to_string()));
    let granted = match allowance.wait {
        Some(_) => Err(Refused::busy(StatusCode::TOO_MANY_REQUESTS)),
        None => grant(&sarus, &request, body).await,
    };
    answer(granted, &allowance)
}

async fn grant(sarus: &Sarus, request: &HttpRequest, body: web::Payload) -> Result<TokenAnswer, Refused> {
    let form = Form::read(request, body).await?;
    let own =
        sarus.own_issuer.as_ref().filter(|_| form.value("grant_type") == Some(GrantType::ClientCredentials.name()));
    let own = own.ok_or(match form.value("grant_type") {
        None => Refused::request("grant_type is missing."),
        Some("client_credentials") => Refused(
            StatusCode::BAD_REQUEST,
            TokenError::UnsupportedGrantType,
            "This service issues no tokens: it has no signing key (SARUS_JWT_SIGNING_KEY: Ed25519, P-256 or RSA).",
        ),
        Some(_) => {
            Refused(StatusCode::BAD_REQUEST, TokenError::UnsupportedGrantType, "Only client_credentials is granted.")
        }
    })?;
    if form.value("scope").is_some() {
        return Err(Refused(StatusCode::BAD_REQUEST, TokenError::InvalidScope, "There are no scopes."));
    }
    let account = authenticated(sarus, request, &form).await?;
    let directory = sarus.authority.directory(&sarus.store).await?;
    let access_token = own.token_for(&account, &directory, sarus.clock.now().today()).map_err(|error| {
        tracing::error!(%error, "a token was not signed");
        Refused(StatusCode::INTERNAL_SERVER_ERROR, TokenError::ServerError, "Something broke.")
    })?;
    let expires_in = ACCOUNT_TOKEN_LIFE.as_secs();
    let event = issued(&account, own.name(), request, sarus.clock.now()).sealed();
    audit_events::append_alone(&sarus.store, &event, None).await?;
    tracing::info!(account = %account.id, "a token was issued");
    Ok(TokenAnswer { access_token, token_type: TokenType::Bearer, expires_in })
}

/// What the audit trail says of a token: whose it is, and nothing of the form, which holds the secret.
fn issued(account: &ServiceAccount, issuer: &str, request: &HttpRequest, now: Moment) -> AuditEvent {
    let origin = request.extensions().get::<Rc<Origin>>().map(|origin| Origin::clone(origin));
    let (trace_id, client, x_road_id, x_road_user_id) = match origin {
        Some(Origin { trace_id, client, x_road_id, x_road_user_id }) => (trace_id, client, x_road_id, x_road_user_id),
        None => (Clock::new_trace(), None, None, None),
    };
    AuditEvent {
        id: Clock::new_id(),
        place: None,
        recorded_at: now.0,
        kind: AuditKind::Token,
        issuer: issuer.to_owned(),
        subject: account.id.to_string(),
        role: account.content.role.name().to_owned(),
        agency: account.content.agency,
        unit: None,
        cooperative: account.content.cooperative,
        operation: "issueToken".to_owned(),
        method: request.method().as_str().to_owned(),
        path: request.path().to_owned(),
        query: None,
        resource: "service-accounts".to_owned(),
        record: Some(account.id.to_string()),
        version: Some(account.version),
        status: i32::from(StatusCode::OK.as_u16()),
        media_type: None,
        request_digest: None,
        answer_digest: None,
        trace_id,
        client_address: client.map(|address| address.to_string()),
        x_road_id,
        x_road_user_id,
        digest: String::new(),
    }
}

/// The account whose secret was shown.
async fn authenticated(sarus: &Sarus, request: &HttpRequest, form: &Form) -> Result<ServiceAccount, Refused> {
    let (client, shown) = form.credentials(request)?;
    let account = match Uuid::try_parse(&client) {
        Ok(id) => match service_accounts::find(sarus.store.reader(), id).await {
            Err(StoreError::NotFound) => None,
            found => Some(found?),
        },
        Err(_) => None,
    };
    let held = |account: &ServiceAccount| {
        let id = secret::id_of(&shown)?;
        Some(account.secret(id, sarus.clock.now())?.hash.clone())
    };
    let hash = account.as_ref().and_then(held);
    if secret::holds(shown, hash).await? {
        return account.ok_or(Refused::client());
    }
    tracing::warn!(%client, "a service account was not recognised");
    Err(Refused::client())
}

/// The parameters of the request, each given once.
struct Form(Vec<(String, String)>);

impl Form {
    async fn read(request: &HttpRequest, body: web::Payload) -> Result<Self, Refused> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(Refused::request("Send application/x-www-form-urlencoded."));
        }
        if !request.query_string().is_empty() {
            return Err(Refused::request("Parameters stand in the body, not in the address."));
        }
        let bytes = tokio::time::timeout(SLOWEST_FORM, collect(body)).await;
        let bytes = bytes.unwrap_or(Err(Refused::request("The form did not arrive in time.")))?;
        let parameters: Vec<(String, String)> =
            serde_urlencoded::from_bytes(&bytes).map_err(|_| Refused::request("The form cannot be read."))?;
        // A parameter without a value counts as not sent (RFC 6749, 3.2).
        let form = Self(parameters.into_iter().filter(|(_, value)| !value.is_empty()).collect());
        let is_repeated = |name: &str| form.0.iter().filter(|(given, _)| given == name).count() > 1;
        if form.0.iter().any(|(name, _)| is_repeated(name)) {
            return Err(Refused::request("A parameter is given twice."));
        }
        Ok(form)
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// Client and secret: from `Authorization: Basic` or from the form.
    fn credentials(&self, request: &HttpRequest) -> Result<(String, String), Refused> {
        let header = request.headers().get(header::AUTHORIZATION).map(|value| value.to_str().unwrap_or_default());
        let basic =
            header.and_then(|value| value.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"));
        let in_form = (self.value("client_id"), self.value("client_secret"));
        match (basic, in_form) {
            (Some((_, encoded)), (named, None)) => {
                let (client, secret) = read_basic(encoded).ok_or(Refused::client())?;
                if named.is_some_and(|named| named != client) {
                    return Err(Refused::request("The header and the form name two clients."));
                }
                Ok((client, secret))
            }
            (Some(_), _) => Err(Refused::request("Use the header or the form for the secret, not both.")),
            (None, (Some(client), Some(secret))) => Ok((client.to_owned(), secret.to_owned())),
            (None, _) => Err(Refused::client()),
        }
    }
}

async fn collect(mut body: web::Payload) -> Result<BytesMut, Refused> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|_| Refused::request("The form broke off."))?;
        if bytes.len() + chunk.len() > LARGEST_FORM {
            return Err(Refused::request("The form is too large."));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Both halves are form-encoded before they are joined (RFC 6749, 2.3.1).
fn read_basic(encoded: &str) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (client, secret) = text.split_once(':')?;
    let plain = |part: &str| {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&format!("x={part}")).ok()?;
        pairs.into_iter().next().map(|(_, value)| value)
    };
    Some((plain(client)?, plain(secret)?))
}

fn answer(granted: Result<TokenAnswer, Refused>, allowance: &Allowance) -> HttpResponse {
    let status = granted.as_ref().map_or_else(|refused| refused.0, |_| StatusCode::OK);
    let mut response = HttpResponse::build(status);
    // RFC 6749, 5.1: nobody in between keeps a token.
    response.insert_header((header::CACHE_CONTROL, "no-store")).insert_header((header::PRAGMA, "no-cache"));
    response.insert_header(("ratelimit-policy", allowance.policy())).insert_header(("ratelimit", allowance.state()));
    if status == StatusCode::UNAUTHORIZED {
        response.insert_header((header::WWW_AUTHENTICATE, "Basic realm=\"sarus\", charset=\"UTF-8\""));
    }
    if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        response.insert_header((header::RETRY_AFTER, allowance.wait.unwrap_or(2).to_string()));
    }
    match granted {
        Ok(answer) => response.json(answer),
        Err(Refused(_, error, words)) => response.json(TokenRefusal { error, error_description: words.to_owned() }),
    }
}
