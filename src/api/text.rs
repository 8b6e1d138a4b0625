//! Text that comes in: brought into one form before it is checked, and what no text may hold.

use serde_json::Value;
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::faults::escaped;
use crate::domain::refusal::Fault;

/// Text in NFC without blanks at its ends, so that equal words are equal bytes: `V1` and `V1 ` are one voucher.
pub(super) fn normal(value: Value) -> Value {
    match value {
        Value::String(text) => {
            let trimmed = text.trim();
            let composed = if is_nfc(trimmed) { trimmed.to_owned() } else { trimmed.nfc().collect() };
            Value::String(composed)
        }
        Value::Array(items) => Value::Array(items.into_iter().map(normal).collect()),
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(name, value)| (name, normal(value))).collect())
        }
        other => other,
    }
}

/// Control characters (but for line breaks and tabs) and marks that cannot be seen: a database may refuse the first,
/// and the second make two texts that look the same.
fn is_unfit(letter: char) -> bool {
    let invisible = matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{3164}' | '\u{feff}');
    invisible || (letter.is_control() && letter != '\n' && letter != '\t' && letter != '\r')
}

/// Whether a text may be kept or searched for.
pub(super) fn is_fit(text: &str) -> bool {
    !text.chars().any(is_unfit)
}

/// Every text of a body that may not be kept, by its place.
pub(super) fn unfit(value: &Value) -> Vec<Fault> {
    let mut faults = Vec::new();
    collect(value, String::new(), &mut faults);
    faults
}

fn collect(value: &Value, place: String, faults: &mut Vec<Fault>) {
    match value {
        Value::String(text) if !is_fit(text) => faults.push(fault(place)),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, format!("{place}/{index}"), faults);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                collect(member, format!("{place}/{}", escaped(name)), faults);
            }
        }
        _ => {}
    }
}

/// The fault of a text that may not be kept.
pub(super) fn fault(place: String) -> Fault {
    Fault::at(place, "unfit_text", "Có ký tự điều khiển hoặc ký tự ẩn.", "Holds control characters or invisible marks.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn blanks_at_the_ends_and_decomposed_letters_make_no_difference() {
        assert_eq!(normal(json!({"voucher": " V1\t", "name": "A\u{0301}"})), json!({"voucher": "V1", "name": "Á"}));
    }

    #[test]
    fn what_cannot_be_seen_is_a_fault_at_its_place() {
        let body = json!({"a": "x\u{0}", "b": [{"c/d": "V1\u{200b}"}], "e": "dòng một\ndòng hai"});
        let places: Vec<String> = unfit(&body).into_iter().map(|fault| fault.pointer).collect();
        assert_eq!(places, ["/a", "/b/0/c~1d"]);
    }
}
