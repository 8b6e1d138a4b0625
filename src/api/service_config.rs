//! Where resources put their handlers: to be served, or to be described in the document.
//!
//! The two are apart because a description of every operation with all its schemas takes many times the memory of the
//! routes themselves, and each worker has routes of its own.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use actix_web::dev::HttpServiceFactory;
use actix_web::{guard, web};
use utoipa::openapi::path::Paths;
use utoipa::openapi::{OpenApi, RefOr, Schema};
use utoipa_actix_web::OpenApiFactory;

/// Takes the handlers of every resource.
pub struct ServiceConfig(Target);

/// Registers one handler.
type Registration = Box<dyn FnOnce(&mut web::ServiceConfig)>;

enum Target {
    Listed(Vec<String>),
    Served(std::slice::Iter<'static, String>, BTreeMap<&'static str, Vec<(usize, Registration)>>),
    Described(Paths, BTreeMap<String, RefOr<Schema>>),
}

/// Lets a worker serve the handlers. The framework tries one route after the other, so the routes of a resource stand
/// behind a guard on its first two segments: a request is held against those of its own resource alone, the shortest
/// paths first, which are asked for most.
pub fn serve(config: &mut web::ServiceConfig, routes: fn(&mut ServiceConfig)) {
    // Only a description knows the path of a handler; they are found out once.
    static PATHS: OnceLock<Vec<String>> = OnceLock::new();
    let paths = PATHS.get_or_init(|| {
        let mut listed = ServiceConfig(Target::Listed(Vec::new()));
        routes(&mut listed);
        if let Target::Listed(paths) = listed.0 { paths } else { Vec::new() }
    });
    let mut served = ServiceConfig(Target::Served(paths.iter(), BTreeMap::new()));
    routes(&mut served);
    let Target::Served(_, groups) = served.0 else { return };
    for (resource, mut handlers) in groups {
        handlers.sort_by_key(|(segments, _)| *segments);
        let is_of_it = guard::fn_guard(move |context| is_under(context.head().uri.path(), resource));
        let add_all = |config: &mut web::ServiceConfig| handlers.into_iter().for_each(|(_, add)| add(config));
        config.service(web::scope("").guard(is_of_it).configure(add_all));
    }
}

fn is_under(path: &str, resource: &str) -> bool {
    path.strip_prefix(resource).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The first two segments of a path: `/v1/cooperatives`.
fn resource_of(path: &str) -> &str {
    path.match_indices('/').nth(2).map_or(path, |(end, _)| path.get(..end).unwrap_or(path))
}

impl ServiceConfig {
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
            Target::Listed(paths) => paths.push(handler.paths().paths.into_keys().next().unwrap_or_default()),
            Target::Served(paths, groups) => {
                let path = paths.next().map_or("", String::as_str);
                let add: Registration = Box::new(move |config| {
                    config.service(handler);
                });
                groups.entry(resource_of(path)).or_default().push((path.matches('/').count(), add));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_of_the_resource_that_its_first_two_segments_name() {
        assert_eq!(resource_of("/v1/loans"), "/v1/loans");
        assert_eq!(resource_of("/v1/loans/{id}/repayments"), "/v1/loans");
        assert!(is_under("/v1/loans/1", "/v1/loans") && is_under("/v1/loans", "/v1/loans"));
        assert!(!is_under("/v1/loansharks", "/v1/loans"));
    }
}
