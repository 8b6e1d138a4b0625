//! Cooperatives: registered by the locality, their figures declared by themselves and verified beside.

use actix_web::web::Path;
use actix_web::{get, patch, post, put};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::actions::Step;
use super::call::{Body, Call, IfMatch, Patch, Query};
use super::error::{Answer, ApiError, Kind};
use super::page::{Page, PageQuery};
use crate::domain::cooperative::{
    AnnualFigures, Cooperative, CooperativeKind, CooperativeStatus, Field, Figures, FiguresBasis, GoverningLaw,
    Interruption, Registration, YearSides, tax_code_check_digit_holds,
};
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::{Caller, Permission, Role, Scope};
use crate::store::{cooperatives, directory};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(create)
        .service(list)
        .service(read)
        .service(edit)
        .service(allowed_actions)
        .service(read_figures)
        .service(put_figures)
        .service(interrupt)
        .service(list_interruptions);
}

/// Registration facts of a cooperative, recorded by the registration authority.
#[skip_serializing_none]
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewCooperative {
    /// Tax code: ten digits, or thirteen for a branch. A wrong check digit warns and does not refuse.
    #[schema(min_length = 10, max_length = 14, pattern = r"^[0-9]{10}(-[0-9]{3})?$", example = "0100233488")]
    tax_code: String,
    /// Number of the registration certificate, where it differs.
    #[schema(min_length = 1, max_length = 30, pattern = r"\S", example = "510709000012")]
    registration_number: Option<String>,
    /// Name.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "HTX Nông nghiệp Phú Thạnh (dữ liệu mẫu)")]
    name: String,
    /// Cooperative or union.
    kind: CooperativeKind,
    /// Field of activity.
    field: Field,
    /// VSIC code of the main activity (Decision 27/2018/QĐ-TTg).
    #[schema(min_length = 1, max_length = 5, pattern = "^[A-U]?[0-9]{0,5}$", example = "0161")]
    industry_code: Option<String>,
    /// The law it is organised under; the scheme requires the Law of 2012.
    governing_law: GoverningLaw,
    /// Code of the district or commune of its seat.
    #[schema(min_length = 3, max_length = 5, pattern = "^[0-9]{3,5}$", example = "888")]
    unit: String,
    /// Day of foundation; not in the future.
    founded_on: NaiveDate,
    /// Legal representative.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Nguyễn Văn A (dữ liệu mẫu)")]
    legal_representative: Option<String>,
    /// Whether it still exists.
    status: CooperativeStatus,
    /// Seat.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "Xã Phú Thạnh, huyện Phú Tân")]
    address: Option<String>,
    /// Telephone.
    #[schema(min_length = 3, max_length = 30, pattern = r"^[0-9+ ().-]+$", example = "0296 3800 000")]
    phone: Option<String>,
    /// E-mail.
    #[schema(
        format = "email",
        min_length = 3,
        max_length = 200,
        pattern = "^[^@ ]+@[^@ ]+$",
        example = "htx@sarus.example"
    )]
    email: Option<String>,
}

impl From<NewCooperative> for Registration {
    fn from(new: NewCooperative) -> Self {
        let NewCooperative {
            tax_code,
            registration_number,
            name,
            kind,
            field,
            industry_code,
            governing_law,
            unit,
            founded_on,
            legal_representative,
            status,
            address,
            phone,
            email,
        } = new;
        Self {
            tax_code,
            registration_number,
            name,
            kind,
            field,
            industry_code,
            governing_law,
            unit,
            founded_on,
            legal_representative,
            status,
            address,
            phone,
            email,
        }
    }
}

impl From<Registration> for NewCooperative {
    fn from(registration: Registration) -> Self {
        let Registration {
            tax_code,
            registration_number,
            name,
            kind,
            field,
            industry_code,
            governing_law,
            unit,
            founded_on,
            legal_representative,
            status,
            address,
            phone,
            email,
        } = registration;
        Self {
            tax_code,
            registration_number,
            name,
            kind,
            field,
            industry_code,
            governing_law,
            unit,
            founded_on,
            legal_representative,
            status,
            address,
            phone,
            email,
        }
    }
}

/// A registered cooperative.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CooperativeView {
    /// Identifier.
    id: Uuid,
    /// Code of the province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    province: String,
    /// Tax code.
    #[schema(min_length = 10, max_length = 14, pattern = r"^[0-9]{10}(-[0-9]{3})?$", example = "0100233488")]
    tax_code: String,
    /// Whether the check digit of the tax code holds; `false` is a warning.
    tax_code_check_digit_holds: bool,
    /// Number of the registration certificate.
    #[schema(min_length = 1, max_length = 30, pattern = r"\S", example = "510709000012")]
    registration_number: Option<String>,
    /// Name.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "HTX Nông nghiệp Phú Thạnh (dữ liệu mẫu)")]
    name: String,
    /// Cooperative or union.
    kind: CooperativeKind,
    /// Field of activity.
    field: Field,
    /// VSIC code of the main activity.
    #[schema(min_length = 1, max_length = 5, pattern = "^[A-U]?[0-9]{0,5}$", example = "0161")]
    industry_code: Option<String>,
    /// The law it is organised under.
    governing_law: GoverningLaw,
    /// Code of the district or commune of its seat.
    #[schema(min_length = 3, max_length = 5, pattern = "^[0-9]{3,5}$", example = "888")]
    unit: String,
    /// Day of foundation.
    founded_on: NaiveDate,
    /// Legal representative.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    legal_representative: Option<String>,
    /// Whether it still exists.
    status: CooperativeStatus,
    /// Seat.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S")]
    address: Option<String>,
    /// Telephone.
    #[schema(min_length = 3, max_length = 30, pattern = r"^[0-9+ ().-]+$")]
    phone: Option<String>,
    /// E-mail.
    #[schema(format = "email", min_length = 3, max_length = 200, pattern = "^[^@ ]+@[^@ ]+$")]
    email: Option<String>,
    /// When it was first recorded.
    recorded_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

impl From<Cooperative> for CooperativeView {
    fn from(cooperative: Cooperative) -> Self {
        let Cooperative { id, version: _, province, registration, recorded_at, updated_at, created_by: _ } =
            cooperative;
        let Registration {
            tax_code,
            registration_number,
            name,
            kind,
            field,
            industry_code,
            governing_law,
            unit,
            founded_on,
            legal_representative,
            status,
            address,
            phone,
            email,
        } = registration;
        Self {
            id,
            province,
            tax_code_check_digit_holds: tax_code_check_digit_holds(&tax_code),
            tax_code,
            registration_number,
            name,
            kind,
            field,
            industry_code,
            governing_law,
            unit,
            founded_on,
            legal_representative,
            status,
            address,
            phone,
            email,
            recorded_at,
            updated_at,
        }
    }
}

/// Narrows the list of cooperatives.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct CooperativeQuery {
    /// Code of the province.
    #[param(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", nullable = false)]
    province: Option<String>,
    /// Code of the district or commune.
    #[param(min_length = 3, max_length = 5, pattern = "^[0-9]{3,5}$", nullable = false)]
    unit: Option<String>,
    /// Field of activity.
    #[param(inline, nullable = false)]
    field: Option<Field>,
    /// Whether it still exists.
    #[param(inline, nullable = false)]
    status: Option<CooperativeStatus>,
    /// Tax code.
    #[param(min_length = 10, max_length = 14, pattern = "^[0-9]{10}(-[0-9]{3})?$", nullable = false)]
    tax_code: Option<String>,
    /// Part of the name, without regard to diacritics and case: `an giang` finds *An Giang*.
    #[param(min_length = 1, max_length = 100, pattern = r"\S", nullable = false)]
    q: Option<String>,
    /// Order: by default that of recording; `name` is the Vietnamese order of names.
    #[param(inline, nullable = false)]
    sort: Option<CooperativeSort>,
}

/// Orders of the list of cooperatives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum CooperativeSort {
    /// By name, as Vietnamese sorts.
    Name,
}

fn path_of(id: Uuid) -> String {
    format!("/v1/cooperatives/{id}")
}

/// The registration authority is the locality of the seat.
fn may_register(caller: &Caller, unit: &str) -> Result<(), Refusal> {
    match &caller.scope {
        Scope::Locality { unit: own, .. } if own == unit => Ok(()),
        _ => Err(Refusal::at(
            Rule::NotResponsible,
            "/unit",
            format!("Đơn vị {unit} không thuộc địa bàn của cơ quan đăng ký."),
            format!("The unit {unit} is not in the territory of this registration authority."),
        )),
    }
}

/// Register a cooperative
///
/// The locality of its seat records the registration facts. The tax code is its natural key.
#[utoipa::path(
    tag = "Cooperatives",
    operation_id = "createCooperative",
    request_body = NewCooperative,
    responses((status = 201, description = "Registered.", body = CooperativeView)),
    security(("bearer" = ["cooperatives:register"]))
)]
#[post("/v1/cooperatives")]
async fn create(call: Call, Body(new): Body<NewCooperative>) -> Answer {
    let registration = Registration::from(new);
    registration.check(call.now())?;
    let work = call.begin().await?;
    let found = directory::province_of(work.tx(), &registration.unit).await;
    let province = found.map_err(|error| ApiError::reference(error, "/unit", "unit"))?;
    may_register(call.caller(), &registration.unit)?;
    let cooperative = Cooperative {
        id: call.new_id(),
        version: 1,
        province,
        registration,
        recorded_at: call.now().0,
        updated_at: call.now().0,
        created_by: call.caller().subject.clone(),
    };
    cooperatives::insert(work.tx(), &cooperative).await?;
    let (id, version) = (cooperative.id, cooperative.version);
    work.created(&path_of(id), version, &CooperativeView::from(cooperative)).await
}

/// List cooperatives
///
/// Those within the caller's reach, in the order of recording or of names.
#[utoipa::path(
    tag = "Cooperatives",
    operation_id = "listCooperatives",
    params(PageQuery, CooperativeQuery),
    responses((status = 200, description = "One page.", body = Page<CooperativeView>)),
    security(("bearer" = ["cooperatives:read"]))
)]
#[get("/v1/cooperatives")]
async fn list(call: Call, Query(page): Query<PageQuery>, Query(query): Query<CooperativeQuery>) -> Answer {
    let CooperativeQuery { province, unit, field, status, tax_code, q, sort } = query.clone();
    let by_name = sort == Some(CooperativeSort::Name);
    let filter = cooperatives::Filter { province, unit, field, status, tax_code, words: q, by_name };
    call.list(&page, &query, cooperatives::list(call.scope(), &filter), CooperativeView::from).await
}

/// Read a cooperative
///
/// Its registration facts.
#[utoipa::path(
    tag = "Cooperatives",
    operation_id = "getCooperative",
    params(("id" = Uuid, Path, description = "Identifier of the cooperative.")),
    responses((status = 200, description = "The cooperative.", body = CooperativeView)),
    security(("bearer" = ["cooperatives:read"]))
)]
#[get("/v1/cooperatives/{id}")]
async fn read(call: Call, id: Path<Uuid>) -> Answer {
    let cooperative = cooperatives::find(call.db(), call.scope(), *id).await?;
    call.one(cooperative.version, &CooperativeView::from(cooperative))
}

/// Edit the registration facts of a cooperative
///
/// By the registration authority, after a change in the register.
#[utoipa::path(
    tag = "Cooperatives",
    operation_id = "editCooperative",
    params(("id" = Uuid, Path, description = "Identifier of the cooperative.")),
    request_body(content = NewCooperative, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "Edited.", body = CooperativeView)),
    security(("bearer" = ["cooperatives:register"]))
)]
#[patch("/v1/cooperatives/{id}")]
async fn edit(call: Call, id: Path<Uuid>, seen: IfMatch, patch: Patch) -> Answer {
    let work = call.begin().await?;
    let cooperative = cooperatives::find(work.tx(), call.scope(), *id).await?;
    seen.holds(cooperative.version)?;
    let edited = Registration::from(patch.onto(&NewCooperative::from(cooperative.registration.clone()))?);
    edited.check(call.now())?;
    may_register(call.caller(), &edited.unit)?;
    let version = cooperative.version + 1;
    let cooperative = Cooperative { version, registration: edited, updated_at: call.now().0, ..cooperative };
    cooperatives::update(work.tx(), &cooperative).await?;
    work.changed(version, &CooperativeView::from(cooperative)).await
}

/// Tell what the caller may do with a cooperative
///
/// Each step, allowed now or with the code of the refusal.
#[utoipa::path(
    tag = "Cooperatives",
    operation_id = "listCooperativeActions",
    params(("id" = Uuid, Path, description = "Identifier of the cooperative.")),
    responses((status = 200, description = "The steps.", body = super::actions::AllowedActions)),
    security(("bearer" = ["cooperatives:read"]))
)]
#[get("/v1/cooperatives/{id}/allowed-actions")]
async fn allowed_actions(call: Call, id: Path<Uuid>) -> Answer {
    let cooperative = cooperatives::find(call.db(), call.scope(), *id).await?;
    let unit = &cooperative.registration.unit;
    let step =
        |name| Step { name, permission: Permission::RegisterCooperatives, verdict: may_register(call.caller(), unit) };
    call.allowed_actions(&path_of(*id), vec![step("edit"), step("interruptions")])
}

/// One side of the figures of a year, with its provenance.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct FiguresSide {
    /// The figures.
    figures: Figures,
    /// Who recorded them last.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "cooperative@0190")]
    recorded_by: String,
    /// When they were last recorded.
    updated_at: DateTime<Utc>,
}

impl From<AnnualFigures> for FiguresSide {
    fn from(side: AnnualFigures) -> Self {
        Self { figures: side.figures, recorded_by: side.recorded_by, updated_at: side.updated_at }
    }
}

/// The figures of a year: what the cooperative declared, and beside it what the registration authority verified.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AnnualFiguresView {
    /// The cooperative.
    cooperative: Uuid,
    /// The financial year.
    #[schema(minimum = 2000, maximum = 2100, example = 2020)]
    year: u16,
    /// What the cooperative declared.
    declared: Option<FiguresSide>,
    /// What the registration authority verified; where present, this side counts.
    verified: Option<FiguresSide>,
}

fn figures_tag(sides: &YearSides) -> String {
    let version = |side: &Option<AnnualFigures>| side.as_ref().map_or(0, |side| side.version);
    format!("\"{}-{}\"", version(&sides.declared), version(&sides.verified))
}

fn figures_view(id: Uuid, year: u16, sides: YearSides) -> AnnualFiguresView {
    let YearSides { declared, verified } = sides;
    AnnualFiguresView {
        cooperative: id,
        year,
        declared: declared.map(FiguresSide::from),
        verified: verified.map(FiguresSide::from),
    }
}

/// Read the figures of a year
///
/// Declared and verified side by side.
#[utoipa::path(
    tag = "Cooperatives",
    operation_id = "getAnnualFigures",
    params(
        ("id" = Uuid, Path, description = "Identifier of the cooperative."),
        ("year" = u16, Path, description = "The financial year.", minimum = 2000, maximum = 2100),
    ),
    responses((status = 200, description = "Both sides.", body = AnnualFiguresView)),
    security(("bearer" = ["cooperatives:read"]))
)]
#[get("/v1/cooperatives/{id}/annual-figures/{year}")]
async fn read_figures(call: Call, path: Path<(Uuid, u16)>) -> Answer {
    let (id, year) = path.into_inner();
    cooperatives::find(call.db(), call.scope(), id).await?;
    let sides = cooperatives::year(call.db(), id, year).await?;
    if sides.counting().is_none() {
        return Err(ApiError::of(Kind::NotFound));
    }
    call.tagged(&figures_tag(&sides), &figures_view(id, year, sides))
}

/// Put the figures of a year
///
/// The cooperative puts the declared side, its locality the verified one; neither overwrites the other.
/// `If-None-Match: *` creates the caller's side, `If-Match` replaces it.
#[utoipa::path(
    tag = "Cooperatives",
    operation_id = "putAnnualFigures",
    params(
        ("id" = Uuid, Path, description = "Identifier of the cooperative."),
        ("year" = u16, Path, description = "The financial year.", minimum = 2000, maximum = 2100),
    ),
    request_body = Figures,
    responses(
        (status = 200, description = "Replaced.", body = AnnualFiguresView),
        (status = 201, description = "Created.", body = AnnualFiguresView),
    ),
    security(("bearer" = ["figures:write"]))
)]
#[put("/v1/cooperatives/{id}/annual-figures/{year}")]
async fn put_figures(call: Call, path: Path<(Uuid, u16)>, seen: IfMatch, Body(figures): Body<Figures>) -> Answer {
    let (id, year) = path.into_inner();
    if !(2000..=2100).contains(&year) {
        return Err(ApiError::of(Kind::NotFound));
    }
    figures.check(year, call.now())?;
    let is_own = call.caller().role == Role::Cooperative;
    let basis = if is_own { FiguresBasis::Declared } else { FiguresBasis::Verified };
    let work = call.begin().await?;
    cooperatives::find(work.tx(), call.scope(), id).await?;
    let mut sides = cooperatives::year(work.tx(), id, year).await?;
    let slot = if is_own { &mut sides.declared } else { &mut sides.verified };
    let version = slot.as_ref().map_or(1, |side| side.version + 1);
    let side = AnnualFigures {
        cooperative: id,
        year,
        basis,
        version,
        figures,
        recorded_by: call.caller().subject.clone(),
        updated_at: call.now().0,
    };
    let replaced = slot.replace(side.clone());
    if seen.is_given() {
        let mut before = sides.clone();
        *(if is_own { &mut before.declared } else { &mut before.verified }) = replaced;
        seen.holds_tag(&figures_tag(&before))?;
    } else if replaced.is_some() {
        return Err(ApiError::of(Kind::Stale));
    }
    cooperatives::put_figures(work.tx(), &side).await?;
    let tag = figures_tag(&sides);
    let view = figures_view(id, year, sides);
    if version == 1 {
        return work.created_tagged(&format!("{}/annual-figures/{year}", path_of(id)), &tag, &view).await;
    }
    work.changed_tagged(&tag, &view).await
}

/// A time in which the cooperative did not operate.
#[skip_serializing_none]
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CooperativeInterruption {
    /// First day without operation.
    from_date: NaiveDate,
    /// Last day without operation; absent while it lasts.
    to_date: Option<NaiveDate>,
    /// Why.
    #[schema(min_length = 1, max_length = 1000, pattern = r"\S", example = "Tạm ngừng theo thông báo")]
    reason: Option<String>,
}

/// A recorded interruption.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct InterruptionView {
    /// Identifier.
    id: Uuid,
    /// First day without operation.
    from_date: NaiveDate,
    /// Last day without operation; absent while it lasts.
    to_date: Option<NaiveDate>,
    /// Why.
    #[schema(min_length = 1, max_length = 1000, pattern = r"\S")]
    reason: Option<String>,
}

/// The interruptions of a cooperative.
#[derive(Debug, Serialize, ToSchema)]
struct Interruptions {
    /// In the order of their first day.
    #[schema(max_items = 1000)]
    items: Vec<InterruptionView>,
}

/// Record an interruption of operation
///
/// By the registration authority. One that lasts is ended by recording it again with the same first day.
#[utoipa::path(
    tag = "Cooperatives",
    operation_id = "recordInterruption",
    params(("id" = Uuid, Path, description = "Identifier of the cooperative.")),
    request_body = CooperativeInterruption,
    responses((status = 200, description = "Recorded; the cooperative.", body = CooperativeView)),
    security(("bearer" = ["cooperatives:register"]))
)]
#[post("/v1/cooperatives/{id}/interruptions")]
async fn interrupt(call: Call, id: Path<Uuid>, seen: IfMatch, Body(new): Body<CooperativeInterruption>) -> Answer {
    let CooperativeInterruption { from_date, to_date, reason } = new;
    let interruption = Interruption { id: call.new_id(), from_date, to_date, reason };
    let work = call.begin().await?;
    let cooperative = cooperatives::find(work.tx(), call.scope(), *id).await?;
    seen.holds(cooperative.version)?;
    may_register(call.caller(), &cooperative.registration.unit)?;
    interruption.check(cooperative.registration.founded_on, call.now())?;
    let version = cooperative.version + 1;
    let cooperative = Cooperative { version, updated_at: call.now().0, ..cooperative };
    cooperatives::update(work.tx(), &cooperative).await?;
    cooperatives::put_interruption(work.tx(), *id, &interruption).await?;
    work.stepped(&path_of(*id), version, &CooperativeView::from(cooperative)).await
}

/// List the interruptions of a cooperative
///
/// In the order of their first day.
#[utoipa::path(
    tag = "Cooperatives",
    operation_id = "listInterruptions",
    params(("id" = Uuid, Path, description = "Identifier of the cooperative.")),
    responses((status = 200, description = "The interruptions.", body = Interruptions)),
    security(("bearer" = ["cooperatives:read"]))
)]
#[get("/v1/cooperatives/{id}/interruptions")]
async fn list_interruptions(call: Call, id: Path<Uuid>) -> Answer {
    cooperatives::find(call.db(), call.scope(), *id).await?;
    let view = |interruption: Interruption| {
        let Interruption { id, from_date, to_date, reason } = interruption;
        InterruptionView { id, from_date, to_date, reason }
    };
    let items = cooperatives::interruptions(call.db(), *id).await?.into_iter().map(view).collect();
    call.computed(&Interruptions { items })
}
