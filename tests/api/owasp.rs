//! The OWASP API Security Top 10 of 2023, one file an item: what each attack would be here, and that it fails.

mod api01_object_level_authorization;
mod api02_authentication;
mod api03_object_property_level_authorization;
mod api04_resource_consumption;
mod api05_function_level_authorization;
mod api06_sensitive_business_flows;
mod api07_server_side_request_forgery;
mod api08_security_misconfiguration;
mod api09_inventory_management;
mod api10_unsafe_consumption_of_apis;

use reqwest::Method;
use sarus::domain::role::{Permission, Role};
use serde_json::{Map, Value};

use crate::support::client::Client;
use crate::support::world::World;

/// An identifier that nothing has.
pub const NOBODY: &str = "01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d";

/// An operation of the document.
pub struct Operation {
    pub method: Method,
    pub pattern: String,
    pub permission: Permission,
    pub described: Value,
}

impl Operation {
    /// Its path, with an identifier and the other parameters filled in.
    pub fn path(&self, id: &str) -> String {
        self.pattern
            .replace("{id}", id)
            .replace("{year}", "2020")
            .replace("{code}", "none")
            .replace("{version}", "none")
    }

    /// The media type and the example of its JSON body, if it takes one.
    pub fn body(&self) -> Option<(String, Value)> {
        let content = self.described["requestBody"]["content"].as_object()?;
        let (kind, media) = content.iter().find(|(kind, _)| kind.ends_with("json"))?;
        Some((kind.clone(), media["example"].clone()))
    }

    /// Someone who may ask for it.
    pub fn permitted(&self, world: &World) -> Client {
        let role = Role::ALL.iter().copied().find(|role| role.may(self.permission)).unwrap();
        someone(world, role)
    }

    /// Whether it writes.
    pub fn is_write(&self) -> bool {
        self.method != Method::GET
    }
}

/// Every operation of the document that the gate guards.
pub fn operations(world: &World) -> Vec<Operation> {
    let empty = Map::new();
    let mut found = Vec::new();
    for (pattern, item) in world.document()["paths"].as_object().unwrap() {
        for (method, described) in item.as_object().unwrap_or(&empty) {
            let Some(permission) = described["x-permission"].as_str().and_then(Permission::from_name) else { continue };
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            found.push(Operation { method, pattern: pattern.clone(), permission, described: described.clone() });
        }
    }
    assert!(found.len() > 100, "{} operations", found.len());
    found
}

/// Someone in a role, in An Giang where it has a place.
pub fn someone(world: &World, role: Role) -> Client {
    match role {
        Role::Cooperative => world.cooperative(NOBODY),
        Role::Administrator | Role::Ministry => world.someone(role, ""),
        Role::Locality => world.someone(role, "888"),
        _ => world.someone(role, "89"),
    }
}
