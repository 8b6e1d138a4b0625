//! Lists of reference data: budget levels, sources, categories, support kinds, indicators… and what provinces add to them.

use std::collections::BTreeMap;

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{get, patch, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::call::{Body, Call, IfMatch, Patch, Query};
use super::error::Answer;
use super::page::{Page, PageQuery};
use super::place;
use crate::domain::reference::{NewReferenceEntry, NewReferenceEntryContent, ReferenceEntry, ReferenceList};
use crate::domain::text::Text;
use crate::store::place_filter::PlaceFilter;
use crate::store::reference_entries::{self, Recorded};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_entries).service(add).service(read).service(edit);
}

/// Narrows the entries.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct ReferenceEntryQuery {
    /// The list.
    #[param(inline, nullable = false)]
    list: Option<ReferenceList>,
    /// The day on which they are in force; of all days when absent.
    #[param(nullable = false)]
    at: Option<NaiveDate>,
    /// Code of the province that they serve, as it is read on the day of `at`, else today: entries of the whole country and its
    /// own; of all when absent.
    #[param(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", nullable = false)]
    province: Option<String>,
}

/// One entry of a list.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ReferenceEntryView {
    /// Identifier.
    id: Uuid,
    /// The list that it belongs to.
    list: ReferenceList,
    /// Code, unique in its list, province and first day.
    #[schema(min_length = 1, max_length = 60, pattern = r"^[A-Za-z0-9_.]+$", example = "recurrent_support")]
    code: String,
    /// Name for machines, where the code is not one.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$")]
    slug: Option<String>,
    /// Name for people.
    name: Text,
    /// What else the list says of its entries, by name: `unit`, `nature`, `overUnits`, …
    #[schema(schema_with = attributes_schema)]
    attributes: BTreeMap<String, String>,
    /// The province whose own entry it is; absent for entries of the whole country.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$")]
    province: Option<String>,
    /// First day in force.
    #[schema(example = "2021-02-03")]
    valid_from: NaiveDate,
    /// Last day in force; absent while open.
    valid_to: Option<NaiveDate>,
    /// Where the entry comes from.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "2129/QĐ-UBND V.2")]
    legal_basis: String,
}

/// An object whose members are texts of a bounded length.
fn attributes_schema() -> RefOr<Schema> {
    let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(200));
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some("What else the list says of its entries, by name: `unit`, `nature`, `overUnits`, …"))
        .max_properties(Some(20))
        .additional_properties(Some(text.pattern(Some(r"\S"))))
        .into()
}

impl From<Recorded> for ReferenceEntryView {
    fn from(recorded: Recorded) -> Self {
        let Recorded { id, version: _, entry } = recorded;
        let ReferenceEntry { list, code, slug, name, attributes, province, valid_from, valid_to, legal_basis } = entry;
        Self { id, list, code, slug, name, attributes, province, valid_from, valid_to, legal_basis }
    }
}

fn path_of(id: Uuid) -> String {
    format!("/v1/reference-entries/{id}")
}

/// List entries of reference data
///
/// In the order of their lists, each with its dates and its legal basis; what provinces added comes last.
#[utoipa::path(
    tag = "Reference",
    operation_id = "listReferenceEntries",
    params(PageQuery, ReferenceEntryQuery),
    responses((status = 200, description = "One page.", body = Page<ReferenceEntryView>)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/reference-entries")]
async fn list_entries(call: Call, Query(page): Query<PageQuery>, Query(query): Query<ReferenceEntryQuery>) -> Answer {
    let ReferenceEntryQuery { list, at, province } = query.clone();
    let place = match place::meant(&call, province.as_deref(), at).await? {
        None => None,
        province => Some(PlaceFilter { province, unit: None }),
    };
    let entries = reference_entries::list(&reference_entries::Filter { list, at, place });
    call.list(&page, &query, entries, ReferenceEntryView::from).await
}

/// Add an entry of a province to a list
///
/// By the lead agency, to sources, categories or support kinds. It serves that province alone, from its first day on: its plans,
/// allocations, support needs and loans may name it.
#[utoipa::path(
    tag = "Reference",
    operation_id = "createReferenceEntry",
    request_body = NewReferenceEntry,
    responses((status = 201, description = "Added.", body = ReferenceEntryView)),
    security(("bearer" = ["lists:write"]))
)]
#[post("/v1/reference-entries")]
async fn add(call: Call, Body(new): Body<NewReferenceEntry>) -> Answer {
    let work = call.begin().await?;
    let there = reference_entries::lock_list(work.tx(), new.list.list()).await?;
    let there: Vec<_> = there.into_iter().map(|recorded| recorded.entry).collect();
    let entry = ReferenceEntry::added(new, &there, call.caller())?;
    let recorded = Recorded { id: call.new_id(), version: 1, entry };
    reference_entries::insert(work.tx(), &recorded).await?;
    work.created(&path_of(recorded.id), recorded.version, &ReferenceEntryView::from(recorded)).await
}

/// Read an entry of reference data
///
/// With its dates and its legal basis.
#[utoipa::path(
    tag = "Reference",
    operation_id = "getReferenceEntry",
    params(("id" = Uuid, Path, description = "Identifier of the entry.")),
    responses((status = 200, description = "The entry.", body = ReferenceEntryView)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/reference-entries/{id}")]
async fn read(call: Call, id: Path<Uuid>) -> Answer {
    let recorded = reference_entries::find(call.db(), *id).await?;
    call.one(recorded.version, &ReferenceEntryView::from(recorded))
}

/// Edit an entry of a province
///
/// By the lead agency: its name, its last day, its legal basis. List, code, nature and first day stay, since records name them; an
/// entry of the whole country is nobody's to edit.
#[utoipa::path(
    tag = "Reference",
    operation_id = "editReferenceEntry",
    params(("id" = Uuid, Path, description = "Identifier of the entry.")),
    request_body(content = NewReferenceEntryContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "Edited.", body = ReferenceEntryView)),
    security(("bearer" = ["lists:write"]))
)]
#[patch("/v1/reference-entries/{id}")]
async fn edit(call: Call, id: Path<Uuid>, seen: IfMatch, patch: Patch) -> Answer {
    let work = call.begin().await?;
    let (Recorded { id, version, entry }, others) = reference_entries::lock_own(work.tx(), call.scope(), *id).await?;
    seen.holds(version);
    let ReferenceEntry { name, valid_to, legal_basis, .. } = entry.clone();
    let edited = patch.onto(&NewReferenceEntryContent { name, valid_to, legal_basis })?;
    let recorded = Recorded { id, version: version + 1, entry: entry.edited(edited, &others)? };
    reference_entries::update(work.tx(), &recorded).await?;
    work.changed(recorded.version, &ReferenceEntryView::from(recorded)).await
}
