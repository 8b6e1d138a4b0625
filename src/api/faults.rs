//! From schema violations to faults: all of them, each with a pointer to the member itself.

use jsonschema::Validator;
use jsonschema::error::{TypeKind, ValidationErrorKind as Broken};
use jsonschema::types::JsonType;
use serde_json::Value;

use crate::domain::refusal::Fault;

/// The most faults that are told of one request: nobody mends more at once, and an answer must stay small.
pub(super) const MOST_FAULTS: usize = 200;
/// The most letters of a value that are repeated in words.
const MOST_LETTERS: usize = 200;

/// Every fault of a value (at most [`MOST_FAULTS`]), with pointers below `root`.
pub(super) fn of(validator: &Validator, value: &Value, root: &str) -> Vec<Fault> {
    let mut faults: Vec<Fault> = validator
        .iter_errors(value)
        .flat_map(|error| {
            let place = format!("{root}{}", error.instance_path());
            described(error.kind(), &place, || error.masked().to_string().chars().take(MOST_LETTERS).collect())
        })
        .take(MOST_FAULTS)
        .collect();
    faults.sort_by(|a, b| a.pointer.cmp(&b.pointer).then(a.code.cmp(b.code)));
    faults.dedup();
    faults
}

fn described(kind: &Broken, place: &str, words: impl Fn() -> String) -> Vec<Fault> {
    let one = |code, vi: String, en: String| vec![Fault::at(place, code, vi, en)];
    match kind {
        Broken::Required { property } => {
            let member = format!("{place}/{}", escaped(property.as_str().unwrap_or_default()));
            vec![Fault::at(member, "required", "Thiếu trường bắt buộc.", "This member is required.")]
        }
        Broken::AdditionalProperties { unexpected } | Broken::UnevaluatedProperties { unexpected } => {
            let fault = |name: &String| {
                let member = format!("{place}/{}", escaped(name));
                Fault::at(member, "unknown_member", "Trường không được biết.", "This member is not known.")
            };
            unexpected.iter().take(MOST_FAULTS).map(fault).collect()
        }
        Broken::Type { kind } => {
            let [vi, en] = kinds(kind);
            one("wrong_type", format!("Phải là {vi}."), format!("Must be {en}."))
        }
        Broken::Enum { options } => {
            one("not_in_enum", format!("Phải là một trong {options}."), format!("Must be one of {options}."))
        }
        Broken::Pattern { pattern } => {
            one("wrong_pattern", format!("Phải theo mẫu {pattern}."), format!("Must match {pattern}."))
        }
        Broken::Format { format } => {
            let [vi, en] = form(format);
            one("wrong_format", format!("Phải là {vi}."), format!("Must be {en}."))
        }
        Broken::MinLength { limit } => {
            one("too_short", format!("Ít nhất {limit} ký tự."), format!("At least {limit} characters."))
        }
        Broken::MaxLength { limit } => {
            one("too_long", format!("Nhiều nhất {limit} ký tự."), format!("At most {limit} characters."))
        }
        Broken::MinItems { limit } => {
            one("too_few_items", format!("Ít nhất {limit} phần tử."), format!("At least {limit} items."))
        }
        Broken::MaxItems { limit } => {
            one("too_many_items", format!("Nhiều nhất {limit} phần tử."), format!("At most {limit} items."))
        }
        Broken::Minimum { limit } => one("too_small", format!("Ít nhất {limit}."), format!("At least {limit}.")),
        Broken::Maximum { limit } => one("too_large", format!("Nhiều nhất {limit}."), format!("At most {limit}.")),
        Broken::MinProperties { limit } => {
            one("too_few_members", format!("Ít nhất {limit} trường."), format!("At least {limit} members."))
        }
        Broken::MaxProperties { limit } => {
            one("too_many_members", format!("Nhiều nhất {limit} trường."), format!("At most {limit} members."))
        }
        _ => one("invalid", "Không hợp lệ theo lược đồ.".to_owned(), format!("Not valid: {}.", words())),
    }
}

/// The types that a value may be of, in words.
fn kinds(kind: &TypeKind) -> [String; 2] {
    let types: Vec<JsonType> = match kind {
        TypeKind::Single(one) => vec![*one],
        TypeKind::Multiple(several) => several.iter().collect(),
    };
    let words: Vec<[&str; 2]> = types.iter().map(|kind| kind_words(*kind)).collect();
    ["vi", "en"].map(|language| {
        let of = |pair: &[&'static str; 2]| if language == "vi" { pair[0] } else { pair[1] };
        let or = if language == "vi" { " hoặc " } else { " or " };
        words.iter().map(of).collect::<Vec<_>>().join(or)
    })
}

const fn kind_words(kind: JsonType) -> [&'static str; 2] {
    match kind {
        JsonType::Null => ["null", "null"],
        JsonType::Boolean => ["true hoặc false", "true or false"],
        JsonType::Integer => ["số nguyên", "an integer"],
        JsonType::Number => ["số", "a number"],
        JsonType::String => ["chuỗi ký tự", "a string"],
        JsonType::Array => ["danh sách", "an array"],
        JsonType::Object => ["đối tượng", "an object"],
    }
}

/// What a format asks for, in words.
fn form(format: &str) -> [&str; 2] {
    match format {
        "date" => ["ngày dạng YYYY-MM-DD", "a date as YYYY-MM-DD"],
        "date-time" => ["thời điểm theo RFC 3339", "an instant as in RFC 3339"],
        "uuid" => ["mã định danh UUID", "a UUID"],
        "uri" => ["địa chỉ URI", "a URI"],
        "uri-reference" => ["tham chiếu URI", "a URI reference"],
        "email" => ["địa chỉ thư điện tử", "an e-mail address"],
        other => [other, other],
    }
}

/// A member name inside a JSON pointer (RFC 6901).
pub(super) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
