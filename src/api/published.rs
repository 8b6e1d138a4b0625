//! The published document: made from the handlers, enforced by the gate, served to clients.

use std::borrow::Cow;
use std::io::Read;
use std::sync::OnceLock;

use flate2::read::ZlibDecoder;
use serde_json::Value;

use super::document::{self, PUBLISHED_SERVER};
use super::operations::Operations;
use super::service_config::ServiceConfig;
use crate::domain::digest;

/// The document of this process.
#[derive(Debug)]
pub struct Published {
    /// What it says of each operation.
    pub operations: Operations,
    text: Text,
    /// SHA-256 of the text as it is kept, once somebody asked.
    digest: OnceLock<String>,
}

/// The text of the document. It is by far the largest of the process and rarely asked for, so a release keeps it packed.
#[derive(Debug)]
enum Text {
    Plain(String),
    Packed(&'static [u8]),
}

impl Text {
    fn plain(&self) -> std::io::Result<Cow<'_, str>> {
        match self {
            Self::Plain(text) => Ok(Cow::Borrowed(text)),
            Self::Packed(packed) => {
                let mut text = String::new();
                ZlibDecoder::new(*packed).read_to_string(&mut text)?;
                Ok(Cow::Owned(text))
            }
        }
    }
}

/// The document as the handlers say it.
pub fn generated() -> Value {
    let mut described = ServiceConfig::described();
    super::routes(&mut described);
    document::complete(described.into_document(document::base()))
}

/// The text of a document, as it is committed.
pub fn written(document: &Value) -> String {
    format!("{document:#}\n")
}

/// The document of this process, read once.
///
/// # Errors
/// It is not one that can be enforced: an operation without a permission, a broken schema.
pub fn published() -> Result<&'static Published, String> {
    static PUBLISHED: OnceLock<Result<Published, String>> = OnceLock::new();
    PUBLISHED.get_or_init(Published::read).as_ref().map_err(Clone::clone)
}

impl Published {
    /// A document as it is enforced and served.
    ///
    /// # Errors
    /// It is not one that can be enforced.
    pub fn of(document: &Value) -> Result<Self, String> {
        Ok(Self {
            operations: Operations::of(document)?,
            text: Text::Plain(written(document)),
            digest: OnceLock::new(),
        })
    }

    /// A release reads what is committed, which the tests hold equal to what is generated: to generate takes as much
    /// memory as all else together. While developing, a handler is enforced as it is written.
    fn read() -> Result<Self, String> {
        if cfg!(debug_assertions) { Self::of(&generated()) } else { Self::packed() }
    }

    /// The document that was committed when the binary was built.
    fn packed() -> Result<Self, String> {
        let text = Text::Packed(include_bytes!(concat!(env!("OUT_DIR"), "/sarus.json.zlib")));
        let plain = text.plain().map_err(|error| error.to_string())?;
        let document = serde_json::from_str(&plain).map_err(|error| error.to_string())?;
        drop(plain);
        Ok(Self { operations: Operations::of(&document)?, text, digest: OnceLock::new() })
    }

    /// A digest of what [`Self::served_at`] gives, without making it.
    pub fn digest_at(&self, url: &str) -> String {
        let of_text = || match &self.text {
            Text::Plain(text) => digest::sha256_hex_of(text.as_bytes()),
            Text::Packed(packed) => digest::sha256_hex_of(packed),
        };
        digest::sha256_hex_of(format!("{} {url}", self.digest.get_or_init(of_text)).as_bytes())
    }

    /// The document as a service under this address serves it.
    ///
    /// # Errors
    /// The packed text is broken.
    pub fn served_at(&self, url: &str) -> std::io::Result<String> {
        let server = |url: &str| Value::from(url).to_string();
        Ok(self.text.plain()?.replacen(&server(PUBLISHED_SERVER), &server(url), 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_release_carries_is_what_is_committed() {
        let committed: Value = serde_json::from_str(include_str!("../../openapi/sarus.json")).unwrap();
        let packed = Published::packed().unwrap();
        let served: Value = serde_json::from_str(&packed.served_at(PUBLISHED_SERVER).unwrap()).unwrap();
        assert_eq!(served, committed);
        assert!(packed.operations.of_path("/v1/cooperatives").is_some());
    }
}
