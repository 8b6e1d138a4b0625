//! The published document: made from the handlers, enforced by the gate, served to clients.

use std::borrow::Cow;
use std::sync::OnceLock;
use std::thread;

use actix_web::web::Bytes;
use serde_json::Value;

use super::document::{self, PUBLISHED_SERVER};
use super::operations::Operations;
use super::service_config::ServiceConfig;

/// The document of this process.
#[derive(Debug)]
pub struct Published {
    /// What it says of each operation.
    pub operations: Operations,
    text: Cow<'static, str>,
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
    // Reading takes several times the memory of what is kept. On a thread of its own it takes it from a heap that the
    // workers inherit when the thread has ended.
    let read =
        || thread::spawn(Published::read).join().unwrap_or_else(|_| Err("the document cannot be read".to_owned()));
    PUBLISHED.get_or_init(read).as_ref().map_err(Clone::clone)
}

impl Published {
    /// A release reads what is committed, which the tests hold equal to what is generated: to generate takes as much
    /// memory as all else together. While developing, a handler is enforced as it is written.
    fn read() -> Result<Self, String> {
        let (document, text) = if cfg!(debug_assertions) {
            let document = generated();
            let text = written(&document);
            (document, text.into())
        } else {
            let text = include_str!("../../openapi/sarus.json");
            (serde_json::from_str(text).map_err(|error| error.to_string())?, text.into())
        };
        Ok(Self { operations: Operations::of(&document)?, text })
    }

    /// The document as a service under this address serves it: what stands before the address, the address, and what
    /// stands after it. It is the largest text of the process, so there is one of it.
    pub fn served_at(&'static self, url: &str) -> [Bytes; 3] {
        let server = Value::from(PUBLISHED_SERVER).to_string();
        let (before, after) = self.text.split_once(&server).unwrap_or((&self.text, ""));
        [
            Bytes::from_static(before.as_bytes()),
            Bytes::from(Value::from(url).to_string()),
            Bytes::from_static(after.as_bytes()),
        ]
    }
}
