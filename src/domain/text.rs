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

/// Control characters (but for line breaks and tabs) and marks that cannot be seen: a database may refuse the first,
/// and the second make two texts that look the same.
fn is_unfit(letter: char) -> bool {
    let invisible = matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{3164}' | '\u{feff}');
    invisible || (letter.is_control() && letter != '\n' && letter != '\t' && letter != '\r')
}

/// Whether a text may be kept or searched for.
pub fn is_fit(text: &str) -> bool {
    !text.chars().any(is_unfit)
}

/// Whether a text is a name on one line, without blanks at its ends.
pub fn is_name(text: &str) -> bool {
    !text.is_empty() && text.trim() == text && is_fit(text) && !text.contains(['\n', '\t', '\r'])
}
