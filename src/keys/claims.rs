//! What a token claims, and where in a token of another shape it stands.

use std::fmt;

use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::domain::text;

/// What a token claims (RFC 9068), with the claims of Sarus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Issuer.
    pub iss: String,
    /// Audience.
    pub aud: Audience,
    /// The person or machine.
    pub sub: String,
    /// Expiry, seconds of the epoch.
    pub exp: i64,
    /// Issued at.
    pub iat: i64,
    /// Identifier of the token.
    pub jti: String,
    /// The client that the token was issued to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// Roles; one of them is a role of Sarus.
    pub roles: Vec<String>,
    /// Agency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agency: Option<Uuid>,
    /// Unit of that agency. Where no agency is named, the one that alone holds the role in the unit is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Cooperative.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cooperative: Option<Uuid>,
}

/// One audience or several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

/// Where a claim stands in a token: a JSON pointer, and what its values begin with (groups, prefixed roles). A value
/// that begins otherwise is somebody else's and passed over.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum ClaimPlace {
    /// A JSON pointer: `/realm_access/roles`.
    At(String),
    /// A JSON pointer and a prefix: `/groups`, `/sarus/unit/`.
    Under {
        /// JSON pointer.
        at: String,
        /// What the values begin with.
        prefix: String,
    },
}

impl ClaimPlace {
    /// The place of a pointer.
    pub fn at(pointer: &str) -> Self {
        Self::At(pointer.to_owned())
    }

    /// Whether the pointer is one.
    pub fn is_pointer(&self) -> bool {
        let (Self::At(at) | Self::Under { at, .. }) = self;
        at.starts_with('/')
    }

    /// The values there, without their prefix; `None` when something stands there that is no text.
    fn values(&self, claims: &Value) -> Option<Vec<String>> {
        let (at, prefix) = match self {
            Self::At(at) => (at, ""),
            Self::Under { at, prefix } => (at, prefix.as_str()),
        };
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let given: Vec<String> = match claims.pointer(at) {
            None => Vec::new(),
            Some(Value::Array(values)) => values.iter().map(text).collect::<Option<_>>()?,
            Some(value) => vec![text(value)?],
        };
        Some(given.iter().filter_map(|value| value.strip_prefix(prefix)).map(str::to_owned).collect())
    }

    /// The only value there; `None` when there are several or something is wrong with it.
    fn value<T>(&self, claims: &Value, read: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
        match self.values(claims)?.as_slice() {
            [] => Some(None),
            [only] => Some(Some(read(only)?)),
            _ => None,
        }
    }
}

/// Where the claims of Sarus stand in the tokens of an issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimPlaces {
    /// Roles.
    pub roles: ClaimPlace,
    /// Identifier of the agency.
    pub agency: ClaimPlace,
    /// Code of the unit.
    pub unit: ClaimPlace,
    /// Identifier of the cooperative.
    pub cooperative: ClaimPlace,
}

impl ClaimPlaces {
    /// The claims of a token whose signature, issuer, audience and times hold; `None` when one that is required is
    /// missing or one has another form.
    pub(super) fn read(&self, token: &Map<String, Value>) -> Option<Claims> {
        let text = |name: &str| token.get(name)?.as_str().filter(|text| text::is_name(text)).map(str::to_owned);
        let whole = Value::Object(token.clone());
        let id = |text: &str| Uuid::try_parse(text).ok();
        let code = |text: &str| {
            let is_code = (2..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
            is_code.then(|| text.to_owned())
        };
        Some(Claims {
            iss: text("iss")?,
            aud: serde_json::from_value(token.get("aud")?.clone()).ok()?,
            sub: text("sub").filter(|sub| sub.chars().count() <= LONGEST_SUBJECT)?,
            exp: token.get("exp")?.as_i64()?,
            iat: token.get("iat")?.as_i64()?,
            jti: text("jti")?,
            client_id: text("client_id"),
            roles: self.roles.values(&whole)?,
            agency: self.agency.value(&whole, id)?,
            unit: self.unit.value(&whole, code)?,
            cooperative: self.cooperative.value(&whole, id)?,
        })
    }
}

/// Letters of a subject: what the histories of records publish.
const LONGEST_SUBJECT: usize = 200;

/// A JSON object of a token in which no member is given twice, at any depth: readers would disagree on which counts
/// (RFC 7519, 4).
pub(super) struct Strict(pub(super) Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without repeated members")
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

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Strict(value)) = items.next_element()? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut values = Map::new();
        while let Some((name, Strict(value))) = members.next_entry::<String, Strict>()? {
            if values.insert(name, value).is_some() {
                return Err(A::Error::custom("a repeated member"));
            }
        }
        Ok(Value::Object(values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn places(roles: ClaimPlace, unit: ClaimPlace) -> ClaimPlaces {
        ClaimPlaces { roles, unit, agency: ClaimPlace::at("/agency"), cooperative: ClaimPlace::at("/cooperative") }
    }

    fn read(places: &ClaimPlaces, own: &Value) -> Option<Claims> {
        let mut token = json!({"iss": "i", "aud": ["a", "b"], "sub": "s", "exp": 2, "iat": 1, "jti": "j"});
        token.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
        places.read(token.as_object().unwrap())
    }

    #[test]
    fn claims_are_found_where_the_issuer_puts_them() {
        let under = |at: &str, prefix: &str| ClaimPlace::Under { at: at.to_owned(), prefix: prefix.to_owned() };
        let places = places(under("/realm_access/roles", "sarus-"), under("/groups", "/sarus/unit/"));
        let own = json!({
            "realm_access": {"roles": ["offline_access", "sarus-locality"]},
            "groups": ["/staff", "/sarus/unit/888"],
        });
        let claims = read(&places, &own).unwrap();
        assert_eq!((claims.roles, claims.unit.as_deref()), (vec!["locality".to_owned()], Some("888")));
        let two = json!({"groups": ["/sarus/unit/888", "/sarus/unit/883"]});
        assert_eq!(read(&places, &two), None, "two units are none");
    }

    #[test]
    fn a_claim_of_another_form_makes_the_token_unusable() {
        let places = places(ClaimPlace::at("/roles"), ClaimPlace::at("/unit"));
        assert!(read(&places, &json!({"roles": ["ministry"]})).is_some());
        for own in [
            json!({"agency": "nobody"}),
            json!({"agency": 7}),
            json!({"agency": [null]}),
            json!({"unit": "89'; --"}),
            json!({"cooperative": {"id": "x"}}),
            json!({"roles": {"0": "ministry"}}),
            json!({"jti": ""}),
            json!({"sub": "x".repeat(201)}),
            json!({"sub": " "}),
            json!({"sub": "a\u{0}b"}),
            json!({"sub": "a\u{202e}b"}),
            json!({"sub": "a\nb"}),
            json!({"iss": "i\u{0}"}),
            json!({"jti": "j\u{7}"}),
            json!({"exp": "2"}),
            json!({"iat": 1.5}),
            json!({"aud": {"is": "sarus"}}),
        ] {
            assert_eq!(read(&places, &own), None, "{own}");
        }
    }

    #[test]
    fn a_member_given_twice_is_refused_at_any_depth() {
        let read = |text: &str| serde_json::from_str::<Strict>(text).map(|strict| strict.0);
        assert_eq!(read(r#"{"a": [{"b": 1.5}], "c": null}"#).unwrap(), json!({"a": [{"b": 1.5}], "c": null}));
        for text in [r#"{"a": 1, "a": 1}"#, r#"{"a": [{"b": 1, "b": 2}]}"#, r#"{"a": 1, "\u0061": 2}"#] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
