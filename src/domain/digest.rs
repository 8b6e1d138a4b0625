//! Digests of content: SHA-256 over canonical JSON, so that anyone can recompute them from what is published.

use std::fmt::Write;

use serde_json::Value;
use sha2::{Digest, Sha256};

/// The canonical text of a JSON value: members sorted by name, no blanks, no members that are `null`
/// (RFC 8785 for the strings, integers, booleans, arrays and objects of this API, which knows no fractions).
pub fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write_canonical(value, &mut text);
    text
}

fn write_canonical(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().filter(|(_, member)| !member.is_null()).collect();
            members.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            let member = |(name, value): (&String, &Value), text: &mut String| {
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                write_canonical(value, text);
            };
            text.push('{');
            separated(members.into_iter(), text, member);
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            separated(items.iter(), text, write_canonical);
            text.push(']');
        }
        scalar => text.push_str(&scalar.to_string()),
    }
}

fn separated<T>(items: impl Iterator<Item = T>, text: &mut String, write: impl Fn(T, &mut String)) {
    for (position, item) in items.enumerate() {
        if position > 0 {
            text.push(',');
        }
        write(item, text);
    }
}

/// SHA-256 of a text, in lower-case hexadecimal.
pub fn sha256_hex(text: &str) -> String {
    sha256_hex_of(text.as_bytes())
}

/// SHA-256 of bytes, in lower-case hexadecimal.
pub fn sha256_hex_of(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing into a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The digest of a JSON value: SHA-256 of its canonical text.
pub fn digest(value: &Value) -> String {
    sha256_hex(&canonical(value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn order_blanks_and_absent_members_do_not_matter() {
        let value = json!({"b": [1, {"z": "Tốt", "a": true}], "a": "x\n\"", "gone": null});
        assert_eq!(canonical(&value), r#"{"a":"x\n\"","b":[1,{"a":true,"z":"Tốt"}]}"#);
        assert_eq!(digest(&json!({"a": 1, "b": 2})), digest(&json!({"b": 2, "a": 1, "c": null})));
    }

    #[test]
    fn the_digest_is_plain_sha_256() {
        assert_eq!(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn any_change_of_content_changes_the_digest() {
        let base = digest(&json!({"value": "5", "items": ["a", "b"]}));
        for other in [json!({"value": "6", "items": ["a", "b"]}), json!({"value": "5", "items": ["b", "a"]})] {
            assert_ne!(digest(&other), base);
        }
    }
}
