//! A body as it comes in, read in one pass: text is brought into one form, and what a body may not hold is found.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::faults::{MOST_FAULTS, escaped};
use super::text;
use crate::domain::refusal::Fault;

/// Whole numbers up to this are the same as floats and as integers (2⁵³).
const LARGEST_EXACT: u64 = 1 << 53;

/// The value of a JSON text, with its faults: members that are named twice (readers would disagree on which counts) and
/// text that may not be kept.
///
/// # Errors
/// The text is not JSON.
pub(super) fn read(bytes: &[u8]) -> Result<(Value, Vec<Fault>), serde_json::Error> {
    let mut faults = Vec::new();
    let mut place = String::new();
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = Reader { place: &mut place, faults: &mut faults }.deserialize(&mut json)?;
    json.end()?;
    faults.truncate(MOST_FAULTS);
    Ok((value, faults))
}

/// Reads the value at a place.
struct Reader<'a> {
    place: &'a mut String,
    faults: &'a mut Vec<Fault>,
}

impl Reader<'_> {
    /// Reads what is below this place with a member name or an index added.
    fn below<T>(&mut self, step: &str, read: impl FnOnce(Reader<'_>) -> T) -> T {
        let length = self.place.len();
        self.place.push('/');
        self.place.push_str(step);
        let value = read(Reader { place: self.place, faults: self.faults });
        self.place.truncate(length);
        value
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    /// `2022.0` is the integer 2022, as JSON Schema has it.
    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        let whole = (value.fract() == 0.0).then(|| format!("{value:.0}").parse::<i64>().ok()).flatten();
        Ok(whole.filter(|whole| whole.unsigned_abs() <= LARGEST_EXACT).map_or_else(|| value.into(), Value::from))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        if !text::is_fit(value.trim()) && self.faults.len() < MOST_FAULTS {
            self.faults.push(text::fault(self.place.clone()));
        }
        Ok(Value::String(text::normal(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = self.below(&values.len().to_string(), |reader| items.next_element_seed(reader))? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<Value, A::Error> {
        let mut values = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = self.below(&escaped(&name), |reader| members.next_value_seed(reader))?;
            if values.contains_key(&name) && self.faults.len() < MOST_FAULTS {
                let place = format!("{}/{}", self.place, escaped(&name));
                let (vi, en) = ("Trường bị lặp lại.", "This member is given twice.");
                self.faults.push(Fault::at(place, "repeated_member", vi, en));
            }
            values.insert(name, value);
        }
        Ok(Value::Object(values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn faults(text: &str) -> Vec<String> {
        let (_, faults) = read(text.as_bytes()).unwrap();
        faults.into_iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect()
    }

    #[test]
    fn text_comes_in_one_form_and_whole_numbers_are_integers() {
        let text = r#"{"voucher": " V1\t", "name": "Á", "year": 2022.0, "rate": 0.5, "big": 1e300, "none": null}"#;
        let (value, faults) = read(text.as_bytes()).unwrap();
        let wanted = json!({"voucher": "V1", "name": "Á", "year": 2022, "rate": 0.5, "big": 1e300, "none": null});
        assert_eq!((value, faults), (wanted, Vec::new()));
    }

    #[test]
    fn what_cannot_be_seen_is_a_fault_at_its_place() {
        let body = json!({"a": "x\u{0}", "b": [{"c/d": "V1\u{200b}"}], "e": "dòng một\ndòng hai"});
        assert_eq!(faults(&body.to_string()), ["/a unfit_text", "/b/0/c~1d unfit_text"]);
    }

    #[test]
    fn a_member_given_twice_is_a_fault() {
        assert_eq!(faults(r#"{"a": [{"b": 1, "b": 1}], "c": 1}"#), ["/a/0/b repeated_member"]);
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for text in ["", "{", "{} {}", "[1,]", "nul", "1e999", &"[".repeat(200)] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
    }
}
