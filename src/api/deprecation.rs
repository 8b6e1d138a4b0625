//! The end of an operation, announced: `Deprecation` (RFC 9745) since when, `Sunset` (RFC 8594) when it goes, and what
//! to use instead. A handler says it once, in its annotation:
//!
//! ```text
//! extensions(("x-deprecation" = json!({"since": "2027-01-01", "sunset": "2028-01-01", "successor": "/v2/reports"})))
//! ```
//!
//! The document then calls the operation deprecated and declares the headers, and the gate puts them on every answer.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use chrono::{Months, NaiveDate, NaiveTime};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Months for which an operation works on after it was called deprecated.
const OVERLAP: Months = Months::new(12);

/// What an annotation says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Announcement {
    since: NaiveDate,
    sunset: NaiveDate,
    successor: Option<String>,
}

/// The headers of a deprecated operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deprecation(Vec<(HeaderName, HeaderValue)>);

impl Deprecation {
    /// Reads what the document says of an operation.
    ///
    /// # Errors
    /// The announcement has another form, or leaves clients less than twelve months.
    pub fn of(operation: &Value) -> Result<Option<Self>, String> {
        let Some(announced) = operation.get("x-deprecation") else { return Ok(None) };
        let Announcement { since, sunset, successor } =
            serde_json::from_value(announced.clone()).map_err(|error| format!("x-deprecation: {error}"))?;
        if since.checked_add_months(OVERLAP).is_none_or(|earliest| sunset < earliest) {
            return Err(format!("x-deprecation: from {since} to {sunset} are less than twelve months"));
        }
        let since = format!("@{}", since.and_time(NaiveTime::MIN).and_utc().timestamp());
        let sunset = sunset.format("%a, %d %b %Y 00:00:00 GMT").to_string();
        let link = successor.map(|path| format!("<{path}>; rel=\"successor-version\""));
        let named = [("deprecation", Some(since)), ("sunset", Some(sunset)), ("link", link)];
        let header = |(name, text): (&'static str, Option<String>)| {
            let value = HeaderValue::from_str(&text?).map_err(|error| error.to_string());
            Some(value.map(|value| (HeaderName::from_static(name), value)))
        };
        named.into_iter().filter_map(header).collect::<Result<_, _>>().map(|headers| Some(Self(headers)))
    }

    /// Puts the headers on an answer; a link to the next page stays beside the one to the successor.
    pub fn announce(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.0 {
            headers.append(name.clone(), value.clone());
        }
    }
}

/// Publishes the announcements of a document: such an operation is deprecated, and its answers carry the headers.
pub(super) fn publish(document: &mut Value) {
    let mut any = false;
    let paths = document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    let operations = paths.filter_map(Value::as_object_mut).flat_map(Map::values_mut);
    for operation in operations.filter(|operation| operation.get("x-deprecation").is_some()) {
        any = true;
        operation["deprecated"] = json!(true);
        // Problems are shared by all operations, so they cannot declare what a few of them carry.
        let answers = operation["responses"].as_object_mut().into_iter().flat_map(Map::values_mut);
        for answer in answers.filter(|answer| answer.get("$ref").is_none()) {
            for name in ["Deprecation", "Sunset", "Link"] {
                answer["headers"][name] = json!({"$ref": format!("#/components/headers/{name}")});
            }
        }
    }
    if any {
        document["components"]["headers"]["Deprecation"] = json!({
            "description": "Since when the operation is deprecated (RFC 9745).",
            "schema": {"type": "string", "minLength": 2, "maxLength": 20, "pattern": "^@[0-9]+$"},
        });
        document["components"]["headers"]["Sunset"] = json!({
            "description": "When the operation will be gone (RFC 8594).",
            "schema": {"type": "string", "minLength": 29, "maxLength": 29, "pattern": "GMT$"},
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header;

    fn announced(announcement: &Value) -> Result<Option<Deprecation>, String> {
        Deprecation::of(&json!({"x-deprecation": announcement}))
    }

    #[test]
    fn an_announcement_becomes_the_headers_of_the_standards() {
        let announced =
            announced(&json!({"since": "2027-01-01", "sunset": "2028-01-01", "successor": "/v2/reports"})).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(header::LINK, HeaderValue::from_static("</v1/reports?cursor=x>; rel=\"next\""));
        announced.unwrap().announce(&mut headers);
        assert_eq!(headers.get("deprecation").unwrap(), "@1798761600");
        assert_eq!(headers.get("sunset").unwrap(), "Sat, 01 Jan 2028 00:00:00 GMT");
        let links: Vec<_> = headers.get_all("link").map(|link| link.to_str().unwrap()).collect();
        assert_eq!(links, ["</v1/reports?cursor=x>; rel=\"next\"", "</v2/reports>; rel=\"successor-version\""]);
        assert_eq!(Deprecation::of(&json!({})), Ok(None));
    }

    #[test]
    fn clients_have_twelve_months() {
        for wrong in [
            json!({"since": "2027-01-01", "sunset": "2027-12-31"}),
            json!({"since": "2027-01-01"}),
            json!({"since": "soon", "sunset": "later"}),
            json!({"since": "2027-01-01", "sunset": "2029-01-01", "successor": "/v2\n"}),
        ] {
            assert!(announced(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_document_says_it_where_it_is_answered() {
        let operation = |announced: bool| {
            let mut operation = json!({
                "responses": {"200": {"description": "x"}, "404": {"$ref": "#/components/responses/NotFound"}},
            });
            if announced {
                operation["x-deprecation"] = json!({"since": "2027-01-01", "sunset": "2028-01-01"});
            }
            json!({"paths": {"/v1/xs": {"get": operation}}})
        };
        let mut document = operation(true);
        publish(&mut document);
        let said = &document["paths"]["/v1/xs"]["get"];
        assert_eq!(said["deprecated"], true);
        assert!(said["responses"]["200"]["headers"]["Sunset"].is_object());
        assert!(said["responses"]["404"].get("headers").is_none());
        assert!(document["components"]["headers"]["Deprecation"].is_object());
        let mut other = operation(false);
        publish(&mut other);
        assert_eq!(other, operation(false));
    }
}
