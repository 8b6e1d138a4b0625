//! Words for people, always in both languages: Vietnamese first, since the scheme is.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The same words in Vietnamese and in English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Vietnamese.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Hợp tác xã")]
    pub vi: String,
    /// English.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Cooperative")]
    pub en: String,
}

impl Text {
    /// Joins the two versions of one sentence.
    pub fn new(vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { vi: vi.into(), en: en.into() }
    }
}

/// A code of a list, as the document describes it: short and without blanks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(min_length = 1, max_length = 100, pattern = r"^\S+$", example = "A3")]
pub struct Code(pub String);
