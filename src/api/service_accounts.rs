//! Service accounts: machines that get tokens of this service (`/v1/oauth/token`), managed by the administrator.

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{get, post};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::actions::{AllowedActions, Step};
use super::call::{Body, Call, IfMatch, Query};
use super::error::{Answer, ApiError, Kind};
use super::page::{History, Page, PageQuery};
use crate::clock::Clock;
use crate::domain::history::StepTaken;
use crate::domain::role::{Permission, Role};
use crate::domain::service_account::{NewServiceAccount, Secret, ServiceAccount, ServiceAccountState};
use crate::keys::secret::{self, SecretError};
use crate::store::{Tx, agencies, cooperatives, service_accounts};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create).service(list).service(read).service(allowed_actions);
    config.service(issue_secret).service(list_secrets).service(revoke).service(list_revocations);
}

/// A secret of an account, without the secret itself.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SecretView {
    /// Identifier: it stands at the beginning of the secret.
    id: Uuid,
    /// When it was made.
    issued_at: DateTime<Utc>,
    /// When it ends, once it has been replaced.
    expires_at: Option<DateTime<Utc>>,
}

/// A service account.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ServiceAccountView {
    /// Identifier: the `client_id` at `/v1/oauth/token`, and the `sub` of the tokens.
    id: Uuid,
    /// Name of the machine.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Hệ thống báo cáo của Sở (dữ liệu mẫu)")]
    name: String,
    /// What it is for, and who answers for it.
    #[schema(min_length = 1, max_length = 1000, pattern = r"\S")]
    purpose: Option<String>,
    /// The role that it acts in.
    role: Role,
    /// The agency that it acts for.
    agency: Option<Uuid>,
    /// The cooperative that it acts for.
    cooperative: Option<Uuid>,
    /// Whether it gets tokens.
    state: ServiceAccountState,
    /// Its secrets that hold, the newest last.
    #[schema(max_items = 2)]
    secrets: Vec<SecretView>,
    /// The new secret itself: only in the answer that issues it, and never again. A repeat of that request under its
    /// `Idempotency-Key` is answered without it, since the service does not keep it.
    #[schema(min_length = 40, max_length = 100, pattern = "^sarus_[0-9a-f]{32}_[A-Za-z0-9_-]+$")]
    client_secret: Option<String>,
    /// When it was revoked.
    revoked_at: Option<DateTime<Utc>>,
    /// When it was made.
    recorded_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

impl From<ServiceAccount> for ServiceAccountView {
    fn from(account: ServiceAccount) -> Self {
        let state = account.state();
        let ServiceAccount { id, version: _, content, secrets, revoked_at, created_by: _, recorded_at, updated_at } =
            account;
        let NewServiceAccount { name, purpose, role, agency, cooperative } = content;
        let secrets = secrets.into_iter().map(|Secret { id, hash: _, issued_at, expires_at }| SecretView {
            id,
            issued_at,
            expires_at,
        });
        Self {
            id,
            name,
            purpose,
            role,
            agency,
            cooperative,
            state,
            secrets: secrets.collect(),
            client_secret: None,
            revoked_at,
            recorded_at,
            updated_at,
        }
    }
}

/// Narrows the list of service accounts.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct ServiceAccountQuery {
    /// Whether they get tokens.
    #[param(inline, nullable = false)]
    state: Option<ServiceAccountState>,
    /// The role that they act in.
    #[param(inline, nullable = false)]
    role: Option<Role>,
    /// The agency that they act for.
    #[param(nullable = false)]
    agency: Option<Uuid>,
    /// The cooperative that they act for.
    #[param(nullable = false)]
    cooperative: Option<Uuid>,
}

/// How the secret before is replaced.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SecretIssue {
    /// Minutes for which the secret before still holds, so that the machine can be changed over: a day when absent, at
    /// most a week, 0 when it has leaked.
    #[schema(minimum = 0, maximum = 10_080, default = 1440, example = 1440)]
    overlap_minutes: Option<u16>,
}

/// Minutes of overlap when the client does not say.
const USUAL_OVERLAP: u16 = 1440;

/// Why an account ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ServiceAccountRevocation {
    /// Why.
    #[schema(min_length = 1, max_length = 1000, pattern = r"\S", example = "Ngừng sử dụng hệ thống (dữ liệu mẫu)")]
    reason: String,
}

fn path_of(id: Uuid) -> String {
    format!("/v1/service-accounts/{id}")
}

/// Whom the account acts for is there: an agency that exists today in the role, or a cooperative.
async fn known_principal(call: &Call, tx: &Tx, new: &NewServiceAccount) -> Result<(), ApiError> {
    if let Some(id) = new.agency {
        let agency = agencies::find(tx, id).await.map_err(|error| ApiError::reference(error, "/agency", "agency"))?;
        if agency.role != new.role || !agency.in_force_at(call.today()) {
            return Err(ApiError::unknown_reference("/agency", "agency"));
        }
    }
    if let Some(id) = new.cooperative {
        let found = cooperatives::find(tx, call.scope(), id).await;
        found.map_err(|error| ApiError::reference(error, "/cooperative", "cooperative"))?;
    }
    Ok(())
}

/// Make a service account
///
/// A machine that acts for an agency or a cooperative in one role. It has no password and no secret yet: issue one.
#[utoipa::path(
    tag = "Service accounts",
    operation_id = "createServiceAccount",
    request_body = NewServiceAccount,
    responses((status = 201, description = "Made.", body = ServiceAccountView)),
    security(("bearer" = ["accounts:manage"]))
)]
#[post("/v1/service-accounts")]
async fn create(call: Call, Body(new): Body<NewServiceAccount>) -> Answer {
    let faults = new.faults();
    if !faults.is_empty() {
        return Err(ApiError::faults(Kind::InvalidBody, faults));
    }
    let work = call.begin().await?;
    known_principal(&call, work.tx(), &new).await?;
    let made = ServiceAccount::open(call.new_id(), new, call.caller(), call.now());
    service_accounts::insert(work.tx(), &made).await?;
    work.created(&path_of(made.id), made.version, &ServiceAccountView::from(made)).await
}

/// List service accounts
///
/// All of them, the revoked ones too.
#[utoipa::path(
    tag = "Service accounts",
    operation_id = "listServiceAccounts",
    params(PageQuery, ServiceAccountQuery),
    responses((status = 200, description = "One page.", body = Page<ServiceAccountView>)),
    security(("bearer" = ["accounts:read"]))
)]
#[get("/v1/service-accounts")]
async fn list(call: Call, Query(page): Query<PageQuery>, Query(query): Query<ServiceAccountQuery>) -> Answer {
    let ServiceAccountQuery { state, role, agency, cooperative } = query.clone();
    let filter = service_accounts::Filter { state, role, agency, cooperative };
    call.list(&page, &query, service_accounts::list(&filter), ServiceAccountView::from).await
}

/// Read a service account
///
/// Whom it acts for, and which of its secrets hold; never a secret itself.
#[utoipa::path(
    tag = "Service accounts",
    operation_id = "getServiceAccount",
    params(("id" = Uuid, Path, description = "Identifier of the service account.")),
    responses((status = 200, description = "The service account.", body = ServiceAccountView)),
    security(("bearer" = ["accounts:read"]))
)]
#[get("/v1/service-accounts/{id}")]
async fn read(call: Call, id: Path<Uuid>) -> Answer {
    let account = service_accounts::find(call.db(), *id).await?;
    call.one(account.version, &ServiceAccountView::from(account))
}

/// Tell what the caller may do with a service account
///
/// Each step, allowed now or with the code of the refusal.
#[utoipa::path(
    tag = "Service accounts",
    operation_id = "listServiceAccountActions",
    params(("id" = Uuid, Path, description = "Identifier of the service account.")),
    responses((status = 200, description = "The steps.", body = AllowedActions)),
    security(("bearer" = ["accounts:read"]))
)]
#[get("/v1/service-accounts/{id}/allowed-actions")]
async fn allowed_actions(call: Call, id: Path<Uuid>) -> Answer {
    let account = service_accounts::find(call.db(), *id).await?;
    let step = |name| Step { name, permission: Permission::ManageAccounts, verdict: account.may_change() };
    call.allowed_actions(&path_of(*id), vec![step("secrets"), step("revocations")])
}

/// Issue a secret to a service account
///
/// The answer shows it in `clientSecret`, once. The secret before holds for the overlap; an older one ends at once.
#[utoipa::path(
    tag = "Service accounts",
    operation_id = "issueServiceAccountSecret",
    params(("id" = Uuid, Path, description = "Identifier of the service account.")),
    request_body = SecretIssue,
    responses((status = 200, description = "Issued; the service account.", body = ServiceAccountView)),
    security(("bearer" = ["accounts:manage"]))
)]
#[post("/v1/service-accounts/{id}/secrets")]
async fn issue_secret(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<SecretIssue>) -> Answer {
    // Before the transaction: a hash takes its time, and nobody should wait for the database meanwhile.
    let secret_id = Clock::new_id();
    let made = secret::make(secret_id).await.map_err(|error| unmade(&error))?;
    let overlap = TimeDelta::minutes(i64::from(body.overlap_minutes.unwrap_or(USUAL_OVERLAP)));
    let work = call.begin().await?;
    let account = service_accounts::find(work.tx(), *id).await?;
    seen.holds(account.version);
    let new = Secret { id: secret_id, hash: made.hash, issued_at: call.now().0, expires_at: None };
    let account = account.take(new, overlap, call.now())?;
    service_accounts::update(work.tx(), &account).await?;
    let item = Some(secret_id.to_string());
    work.step(*id, &StepTaken { item, ..StepTaken::new("secrets", call.caller(), call.now()) }).await?;
    let version = account.version;
    let kept = ServiceAccountView::from(account);
    let shown = ServiceAccountView { client_secret: Some(made.text), ..kept.clone() };
    work.stepped_showing(&path_of(*id), version, &shown, &kept).await
}

fn unmade(error: &SecretError) -> ApiError {
    tracing::warn!(%error, "a secret was not made");
    match error {
        SecretError::Busy => ApiError::of(Kind::Unavailable),
        SecretError::Hash(_) => ApiError::of(Kind::Internal),
    }
}

/// List the secrets issued to a service account
///
/// Who issued which secret, and when; never a secret itself.
#[utoipa::path(
    tag = "Service accounts",
    operation_id = "listServiceAccountSecrets",
    params(("id" = Uuid, Path, description = "Identifier of the service account.")),
    responses((status = 200, description = "The history.", body = History)),
    security(("bearer" = ["accounts:read"]))
)]
#[get("/v1/service-accounts/{id}/secrets")]
async fn list_secrets(call: Call, id: Path<Uuid>) -> Answer {
    service_accounts::find(call.db(), *id).await?;
    call.history(*id, "secrets").await
}

/// Revoke a service account
///
/// For good: its secrets end at once, and every replica refuses the tokens that it has within a minute.
#[utoipa::path(
    tag = "Service accounts",
    operation_id = "revokeServiceAccount",
    params(("id" = Uuid, Path, description = "Identifier of the service account.")),
    request_body = ServiceAccountRevocation,
    responses((status = 200, description = "Revoked; the service account.", body = ServiceAccountView)),
    security(("bearer" = ["accounts:manage"]))
)]
#[post("/v1/service-accounts/{id}/revocations")]
async fn revoke(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<ServiceAccountRevocation>) -> Answer {
    let work = call.begin().await?;
    let account = service_accounts::find(work.tx(), *id).await?;
    seen.holds(account.version);
    let account = account.revoke(call.now())?;
    service_accounts::update(work.tx(), &account).await?;
    let comment = Some(body.reason);
    work.step(*id, &StepTaken { comment, ..StepTaken::new("revocations", call.caller(), call.now()) }).await?;
    work.stepped(&path_of(*id), account.version, &ServiceAccountView::from(account)).await
}

/// List the revocations of a service account
///
/// At most one: it is final.
#[utoipa::path(
    tag = "Service accounts",
    operation_id = "listServiceAccountRevocations",
    params(("id" = Uuid, Path, description = "Identifier of the service account.")),
    responses((status = 200, description = "The history.", body = History)),
    security(("bearer" = ["accounts:read"]))
)]
#[get("/v1/service-accounts/{id}/revocations")]
async fn list_revocations(call: Call, id: Path<Uuid>) -> Answer {
    service_accounts::find(call.db(), *id).await?;
    call.history(*id, "revocations").await
}
