//! Table `periodic_reports`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "periodic_reports")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) id: Uuid,
    pub(in crate::store) version: i32,
    pub(in crate::store) agency_id: Uuid,
    pub(in crate::store) level: String,
    pub(in crate::store) province_code: String,
    pub(in crate::store) unit_code: String,
    pub(in crate::store) period: String,
    pub(in crate::store) form_version: String,
    pub(in crate::store) revision: i32,
    pub(in crate::store) restates_id: Option<Uuid>,
    pub(in crate::store) next_id: Option<Uuid>,
    pub(in crate::store) revision_reason: Option<String>,
    pub(in crate::store) baseline: Option<String>,
    pub(in crate::store) figures: String,
    pub(in crate::store) narrative: String,
    pub(in crate::store) computed_at: ChronoDateTimeUtc,
    pub(in crate::store) content_hash: String,
    pub(in crate::store) signature: Option<String>,
    pub(in crate::store) sign_off_signature: Option<String>,
    pub(in crate::store) received_by: Option<String>,
    pub(in crate::store) received_at: Option<ChronoDateTimeUtc>,
    pub(in crate::store) receipt_number: Option<String>,
    pub(in crate::store) window_from: Option<ChronoDate>,
    pub(in crate::store) window_to: Option<ChronoDate>,
    pub(in crate::store) state: String,
    pub(in crate::store) authoritative: bool,
    pub(in crate::store) document_number: Option<String>,
    pub(in crate::store) document_date: Option<ChronoDate>,
    pub(in crate::store) signatory: Option<String>,
    pub(in crate::store) submitted_by: Option<String>,
    pub(in crate::store) submitted_at: Option<ChronoDateTimeUtc>,
    pub(in crate::store) timeliness: Option<String>,
    pub(in crate::store) answered_by: Option<String>,
    pub(in crate::store) answered_at: Option<ChronoDateTimeUtc>,
    pub(in crate::store) answer_comment: Option<String>,
    pub(in crate::store) created_by: String,
    pub(in crate::store) writers: String,
    pub(in crate::store) recorded_at: ChronoDateTimeUtc,
    pub(in crate::store) sources: String,
    pub(in crate::store) updated_at: ChronoDateTimeUtc,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
