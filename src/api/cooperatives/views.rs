//! How a cooperative is shown.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::cooperative::{
    Cooperative, CooperativeKind, CooperativeStatus, Field, GoverningLaw, Registration, tax_code_check_digit_holds,
};

/// A registered cooperative.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CooperativeView {
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
