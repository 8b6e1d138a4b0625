//! Where resources put their handlers: to be served, or to be described in the document.
//!
//! The two are apart because a description of every operation with all its schemas takes many times the memory of the
//! routes themselves, and each worker has routes of its own.

use std::collections::BTreeMap;

use actix_web::dev::HttpServiceFactory;
use actix_web::web;
use utoipa::openapi::path::Paths;
use utoipa::openapi::{OpenApi, RefOr, Schema};
use utoipa_actix_web::OpenApiFactory;

/// Takes the handlers of every resource.
pub struct ServiceConfig<'a>(Target<'a>);

enum Target<'a> {
    Served(&'a mut web::ServiceConfig),
    Described(Paths, BTreeMap<String, RefOr<Schema>>),
}

impl<'a> ServiceConfig<'a> {
    /// Handlers are served by a worker.
    pub fn served(config: &'a mut web::ServiceConfig) -> Self {
        Self(Target::Served(config))
    }

    /// Handlers are described.
    pub fn described() -> Self {
        Self(Target::Described(Paths::new(), BTreeMap::new()))
    }

    /// Adds a handler.
    pub fn service<F>(&mut self, handler: F) -> &mut Self
    where
        F: HttpServiceFactory + OpenApiFactory + 'static,
    {
        match &mut self.0 {
            Target::Served(config) => {
                config.service(handler);
            }
            Target::Described(paths, schemas) => {
                paths.merge(handler.paths());
                let mut named = Vec::new();
                handler.schemas(&mut named);
                schemas.extend(named);
            }
        }
        self
    }

    /// Adds what the handlers say to a document.
    pub fn into_document(self, mut document: OpenApi) -> OpenApi {
        if let Target::Described(paths, schemas) = self.0 {
            document.paths.merge(paths);
            document.components.get_or_insert_default().schemas.extend(schemas);
        }
        document
    }
}
