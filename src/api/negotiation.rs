//! What a client asks for by ranking (RFC 9110, 12): the language of words, and the media type of an answer.

use actix_web::http::header::{self, HeaderMap};

use super::error::{ApiError, Kind};
use super::operations::Operation;

/// One entry of a header that ranks values: the value, and its weight in thousandths (RFC 9110, 12.4.2).
fn ranked(header: &str) -> impl Iterator<Item = (String, u32)> {
    header.split(',').filter_map(|entry| {
        let mut parts = entry.split(';').map(str::trim);
        let value = parts.next().filter(|value| !value.is_empty())?.to_ascii_lowercase();
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        Some((value, weight.map_or(1000, thousandths)))
    })
}

/// `0.5` is 500; anything that is not a weight is 0.
fn thousandths(weight: &str) -> u32 {
    let (whole, decimals) = weight.split_once('.').unwrap_or((weight, ""));
    // Old clients of Java write `.2`.
    let whole = if whole.is_empty() && !decimals.is_empty() { "0" } else { whole };
    let digits = format!("{whole}{decimals:0<3}");
    let is_weight = whole.len() == 1 && decimals.len() <= 3;
    digits.parse::<u32>().ok().filter(|weight| is_weight && *weight <= 1000).unwrap_or_default()
}

/// Vietnamese unless English is ranked above it.
pub(super) fn prefers_english(accept_language: &str) -> bool {
    let best = |language: &str| {
        let of_language = |(value, _): &(String, u32)| value.split('-').next() == Some(language);
        ranked(accept_language).filter(of_language).map(|(_, weight)| weight).max().unwrap_or_default()
    };
    let named_first = || {
        let mut known = ranked(accept_language).filter_map(|(value, _)| value.split('-').next().map(str::to_owned));
        known.find(|language| language == "en" || language == "vi").is_some_and(|language| language == "en")
    };
    let (english, vietnamese) = (best("en"), best("vi"));
    english > vietnamese || (english > 0 && english == vietnamese && named_first())
}

/// The media type to produce: of the operation's the one that the client ranks highest, JSON when they are equal.
pub(super) fn acceptable(headers: &HeaderMap, operation: &Operation) -> Result<String, ApiError> {
    let accept: Vec<&str> = headers.get_all(header::ACCEPT).filter_map(|value| value.to_str().ok()).collect();
    let ranges: Vec<(String, u32)> = ranked(&accept.join(",")).collect();
    // The most specific range that fits a type says its weight.
    let weight = |kind: &str| {
        let family = kind.split('/').next().unwrap_or_default();
        let fits = [kind.to_owned(), format!("{family}/*"), "*/*".to_owned()];
        let of = |wanted: &String| ranges.iter().find(|(range, _)| range == wanted).map(|(_, weight)| *weight);
        if ranges.is_empty() { 1000 } else { fits.iter().find_map(of).unwrap_or_default() }
    };
    if operation.produces.is_empty() {
        return Ok(String::new());
    }
    let preferred = |kind: &&String| (weight(kind), kind.as_str() == "application/json");
    let best = operation.produces.iter().filter(|kind| weight(kind) > 0).max_by_key(preferred);
    best.cloned().ok_or_else(|| {
        let kinds = operation.produces.join(", ");
        ApiError::because(Kind::NotAcceptable, format!("Có thể trả về: {kinds}."), format!("Available: {kinds}."))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vietnamese_is_spoken_unless_english_is_preferred() {
        for english in ["en", "en-GB,vi;q=0.5", "fr, en;q=0.4"] {
            assert!(prefers_english(english), "{english}");
        }
        let nonsense = "en;q=79228162514264337593543950335";
        for vietnamese in ["", "vi", "vi,en", "en;q=0.3, vi", "fr", "en;q=0", nonsense] {
            assert!(!prefers_english(vietnamese), "{vietnamese}");
        }
    }
}
