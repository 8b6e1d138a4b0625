//! References to documents kept elsewhere: dossier items, signed plans, decisions.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// A reference to a document: what it is and how to recognise it, not its bytes.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DocumentReference {
    /// Title of the document.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "Bản đánh giá HTX năm 2020")]
    pub title: String,
    /// Its number, as printed.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "2128/QĐ-UBND")]
    pub number: Option<String>,
    /// The date it bears.
    pub document_date: Option<NaiveDate>,
    /// SHA-256 of its bytes, in lower-case hexadecimal.
    #[schema(
        pattern = "^[0-9a-f]{64}$",
        min_length = 64,
        max_length = 64,
        example = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )]
    pub sha256: Option<String>,
    /// Where it can be had.
    #[schema(
        format = "uri",
        min_length = 1,
        max_length = 500,
        pattern = "^https?://",
        example = "https://angiang.gov.vn/2128-qd-ubnd"
    )]
    pub uri: Option<String>,
}
