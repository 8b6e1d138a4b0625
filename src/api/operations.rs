//! The operations of the published document, as the gate enforces them: one source for limits and permissions.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::HeaderMap;
use jsonschema::{PatternCache, Validator};
use serde_json::{Map, Value, json};

use super::deprecation::Deprecation;
use super::{faults, text};
use crate::domain::refusal::Fault;
use crate::domain::role::Permission;

/// The largest body that is read, where it is no file.
pub const LARGEST_BODY: usize = 1024 * 1024;
/// The largest file that is read: more than the most rows of a book take.
pub const LARGEST_FILE: usize = 8 * LARGEST_BODY;

/// What each thread may keep of the automaton of a pattern, in bytes: the patterns are simple and the texts short.
const LARGEST_AUTOMATON: usize = 64 * 1024;

/// A parameter of the query or of the head.
#[derive(Debug)]
struct Parameter {
    name: String,
    required: bool,
    kind: String,
    validator: Arc<Validator>,
}

/// The body that an operation takes.
#[derive(Debug)]
pub struct BodyRule {
    /// Its media type.
    pub media_type: String,
    /// Name of its schema, if it is JSON; a file is for the handler to read.
    pub schema: Option<String>,
}

impl BodyRule {
    /// The most bytes of it that are read.
    pub const fn most(&self) -> usize {
        if self.schema.is_some() { LARGEST_BODY } else { LARGEST_FILE }
    }
}

/// When an operation leaves an event in the audit trail (`x-audit`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audited {
    /// Whenever it succeeds: it writes.
    Write,
    /// Whenever it is answered: what it tells is a share.
    Share,
    /// When it is answered in bulk, or to somebody whose reach is the whole country.
    Pull,
    /// When it is answered in bulk: in another media type than JSON.
    Bulk,
}

impl Audited {
    /// The value of a name in the document.
    ///
    /// # Errors
    /// There is no such value.
    fn of(name: &Value) -> Result<Option<Self>, String> {
        match name.as_str() {
            None => Ok(None),
            Some("write") => Ok(Some(Self::Write)),
            Some("share") => Ok(Some(Self::Share)),
            Some("pull") => Ok(Some(Self::Pull)),
            Some("bulk") => Ok(Some(Self::Bulk)),
            Some(other) => Err(format!("x-audit {other} is unknown")),
        }
    }
}

/// One operation of the document.
#[derive(Debug)]
pub struct Operation {
    /// `operationId`.
    pub id: String,
    /// What it needs.
    pub permission: Permission,
    /// The bodies that it takes, if any: one of them.
    pub bodies: Vec<BodyRule>,
    /// Media types of its successful answer.
    pub produces: Vec<String>,
    /// The members of an item of its list, as columns.
    pub columns: Vec<String>,
    /// When it leaves an event in the audit trail.
    pub audited: Option<Audited>,
    /// What to tell of its end.
    pub deprecation: Option<Deprecation>,
    /// Whether `If-Match` is required.
    pub needs_if_match: bool,
    /// Whether `If-Match` or `If-None-Match` is required.
    pub needs_any_precondition: bool,
    /// The parameters of the path, and which segments they are.
    path: Vec<(usize, Parameter)>,
    query: Vec<Parameter>,
    headers: Vec<Parameter>,
}

/// All operations, by path and method.
#[derive(Debug)]
pub struct Operations {
    by_path: Vec<(String, Vec<(Method, Operation)>)>,
    /// Finds the path pattern of a request: its place in `by_path`.
    patterns: matchit::Router<usize>,
    /// The operations that follow a standard of their own (`x-standard`): the gate leaves them to their handlers.
    apart: HashMap<String, Vec<Method>>,
    schemas: HashMap<String, Arc<Validator>>,
}

impl Operations {
    /// Reads a completed document.
    ///
    /// # Errors
    /// What in the document cannot be enforced.
    pub fn of(document: &Value) -> Result<Self, String> {
        let mut operations = Self {
            by_path: Vec::new(),
            patterns: matchit::Router::new(),
            apart: HashMap::new(),
            schemas: HashMap::new(),
        };
        let compiler = Compiler { document, patterns: PatternCache::new(), made: RefCell::default() };
        for (path, item) in object(&document["paths"]) {
            operations.patterns.insert(path, operations.by_path.len()).map_err(|error| format!("{path}: {error}"))?;
            let mut methods = Vec::new();
            for (method, operation) in object(item) {
                let method = Method::from_bytes(method.to_uppercase().as_bytes()).map_err(|error| error.to_string())?;
                if operation["x-standard"].is_string() {
                    operations.apart.entry(path.clone()).or_default().push(method);
                    continue;
                }
                let parsed = operations
                    .parse(&compiler, path, operation)
                    .map_err(|fault| format!("{method} {path}: {fault}"))?;
                methods.push((method, parsed));
            }
            operations.by_path.push((path.clone(), methods));
        }
        Ok(operations)
    }

    fn parse(&mut self, compiler: &Compiler, path: &str, operation: &Value) -> Result<Operation, String> {
        let document = compiler.document;
        let id = operation["operationId"].as_str().ok_or("no operationId")?.to_owned();
        let permission = operation["x-permission"].as_str().and_then(Permission::from_name).ok_or("no permission")?;
        let bodies = object(&operation["requestBody"]["content"])
            .map(|(media_type, content)| {
                let schema = content["schema"]["$ref"].as_str().and_then(|name| name.rsplit('/').next());
                let schema = schema.ok_or("a body without $ref")?.to_owned();
                let schema = media_type.ends_with("json").then_some(schema);
                Ok(BodyRule { media_type: media_type.clone(), schema })
            })
            .collect::<Result<Vec<_>, &str>>()
            .map_err(str::to_owned)?;
        let schemas = bodies.iter().filter_map(|body| body.schema.as_deref());
        for name in schemas.flat_map(names_to_enforce) {
            if document["components"]["schemas"].get(&name).is_some() && !self.schemas.contains_key(&name) {
                let validator = compiler.validator(&json!({"$ref": format!("#/components/schemas/{name}")}))?;
                self.schemas.insert(name, validator);
            }
        }
        let resolved = |parameter: &Value| resolve(document, parameter).clone();
        let parameters: Vec<Value> = operation["parameters"].as_array().into_iter().flatten().map(resolved).collect();
        let needs =
            |name: &str| parameters.iter().any(|parameter| parameter["name"] == name && parameter["required"] == true);
        let has = |name: &str| parameters.iter().any(|parameter| parameter["name"] == name);
        let within = |place: &str| -> Result<Vec<Parameter>, String> {
            let of_place = parameters.iter().filter(|parameter| parameter["in"] == place);
            of_place.map(|parameter| compiler.parameter(parameter)).collect()
        };
        let success = object(&operation["responses"]).find(|(status, _)| status.starts_with('2'));
        let columns = success.map(|(_, answer)| columns_of(document, answer)).unwrap_or_default();
        let produces = success.map(|(_, answer)| object(&answer["content"]).map(|(name, _)| name.clone()).collect());
        Ok(Operation {
            id,
            permission,
            bodies,
            produces: produces.unwrap_or_default(),
            columns,
            audited: Audited::of(&operation["x-audit"])?,
            deprecation: Deprecation::of(operation)?,
            needs_if_match: needs("If-Match"),
            needs_any_precondition: has("If-Match") && has("If-None-Match") && !needs("If-Match"),
            path: within("path")?.into_iter().map(|known| (segment_of(path, &known.name), known)).collect(),
            query: within("query")?,
            headers: within("header")?,
        })
    }

    /// The pattern that a path follows, and its operations.
    pub fn of_path(&self, path: &str) -> Option<&(String, Vec<(Method, Operation)>)> {
        self.by_path.get(*self.patterns.at(path).ok()?.value)
    }

    /// The methods of a path pattern whose operations follow a standard of their own.
    pub fn apart(&self, pattern: &str) -> Option<&[Method]> {
        self.apart.get(pattern).map(Vec::as_slice)
    }

    /// Every fault of a value against a request schema of the document.
    pub fn faults_of(&self, schema: &str, value: &Value) -> Vec<Fault> {
        self.schemas.get(schema).map(|validator| faults::of(validator, value, "")).unwrap_or_default()
    }
}

/// The members of an item of a list, in their order.
fn columns_of(document: &Value, answer: &Value) -> Vec<String> {
    let page = resolve(document, &answer["content"]["application/json"]["schema"]);
    let item = resolve(document, &page["properties"]["items"]["items"]);
    object(&item["properties"]).map(|(name, _)| name.clone()).collect()
}

/// Which segment of a pattern a parameter is.
fn segment_of(pattern: &str, name: &str) -> usize {
    pattern.split('/').position(|segment| segment == format!("{{{name}}}")).unwrap_or(usize::MAX)
}

/// The schema of a patch is enforced on the patch, and the schema it is derived from on what it makes.
fn names_to_enforce(schema: &str) -> Vec<String> {
    let mut names = vec![schema.to_owned()];
    names.extend(schema.strip_suffix("Patch").map(|stem| format!("New{stem}")));
    names
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// What a `$ref` points at; anything else is itself.
fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let target = value["$ref"].as_str().and_then(|reference| document.pointer(reference.trim_start_matches('#')));
    target.unwrap_or(value)
}

/// Leaves out what restricts nothing: a validator keeps each schema several times, and words are most of it.
fn drop_words(schema: &mut Value) {
    if let Some(members) = schema.as_object_mut() {
        members
            .retain(|name, _| !matches!(name.as_str(), "description" | "example" | "examples" | "default" | "title"));
        for (name, member) in members.iter_mut() {
            match (name.as_str(), member) {
                // Here the names are those of members, whatever they are.
                ("properties", Value::Object(properties)) => properties.values_mut().for_each(drop_words),
                ("enum" | "const", _) => {}
                (_, Value::Array(schemas)) => schemas.iter_mut().for_each(drop_words),
                (_, member) => drop_words(member),
            }
        }
    }
}

/// Makes validators of the schemas of a document.
struct Compiler<'a> {
    document: &'a Value,
    /// The same few patterns stand on many members: each is compiled once.
    patterns: PatternCache,
    /// So do the same few parameters of lists.
    made: RefCell<HashMap<String, Arc<Validator>>>,
}

impl Compiler<'_> {
    /// A validator takes only the schemas that it can reach: with all of them in each, starting would take seconds.
    fn validator(&self, schema: &Value) -> Result<Arc<Validator>, String> {
        let mut restricting = schema.clone();
        drop_words(&mut restricting);
        let text = restricting.to_string();
        if let Some(known) = self.made.borrow().get(&text) {
            return Ok(Arc::clone(known));
        }
        let mut reached = Map::new();
        self.reach(schema, &mut reached);
        let mut whole = restricting;
        whole["components"] = json!({"schemas": reached});
        let validator = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .should_validate_formats(true)
            .with_pattern_options(jsonschema::PatternOptions::regex().dfa_size_limit(LARGEST_AUTOMATON))
            .with_pattern_cache(self.patterns.clone())
            .build(&whole)
            .map_err(|error| error.to_string())?;
        let validator = Arc::new(validator);
        self.made.borrow_mut().insert(text, Arc::clone(&validator));
        Ok(validator)
    }

    /// Collects the schemas that a schema refers to, and those that these refer to.
    fn reach(&self, schema: &Value, reached: &mut Map<String, Value>) {
        match schema {
            Value::Object(members) => {
                let reference = schema["$ref"].as_str();
                let name = reference.and_then(|reference| reference.strip_prefix("#/components/schemas/"));
                if let Some(name) = name.filter(|name| !reached.contains_key(*name)) {
                    let mut target = self.document["components"]["schemas"][name].clone();
                    drop_words(&mut target);
                    reached.insert(name.to_owned(), target.clone());
                    self.reach(&target, reached);
                }
                members.values().for_each(|member| self.reach(member, reached));
            }
            Value::Array(items) => items.iter().for_each(|item| self.reach(item, reached)),
            _ => {}
        }
    }

    fn parameter(&self, parameter: &Value) -> Result<Parameter, String> {
        let name = parameter["name"].as_str().ok_or("a parameter without name")?.to_owned();
        let schema = &parameter["schema"];
        let validator = self.validator(schema)?;
        let kind = resolve(self.document, schema)["type"].as_str().unwrap_or("string").to_owned();
        Ok(Parameter { name, required: parameter["required"] == true, kind, validator })
    }
}

impl Operation {
    /// Every fault of the headers that the operation names; whether one is missing is for the preconditions to say.
    pub fn header_faults(&self, headers: &HeaderMap) -> Vec<Fault> {
        let mut found = Vec::new();
        for parameter in self.headers.iter().filter(|parameter| headers.contains_key(&parameter.name)) {
            let values: Vec<_> =
                headers.get_all(&parameter.name).map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
            let value = Value::String(values.join(", "));
            found.extend(faults::of(&parameter.validator, &value, &format!("#{}", parameter.name)));
        }
        found
    }

    /// Whether what stands in a path has the form that the document says: what has not names nothing.
    pub fn is_of_form(&self, path: &str) -> bool {
        let segments: Vec<&str> = path.split('/').collect();
        self.path.iter().all(|(at, parameter)| {
            let given = segments.get(*at).copied().unwrap_or_default();
            // What is escaped is read by the handler.
            given.contains('%') || parameter.validator.is_valid(&typed(&parameter.kind, given.to_owned()))
        })
    }

    /// The query as typed values.
    ///
    /// # Errors
    /// Every unknown, repeated, missing or wrong parameter.
    pub fn query(&self, text: &str) -> Result<Map<String, Value>, Vec<Fault>> {
        let mut values = Map::new();
        let mut found = Vec::new();
        let pairs = serde_urlencoded::from_str::<Vec<(String, String)>>(text).unwrap_or_default();
        for (name, given) in pairs.into_iter().take(faults::MOST_FAULTS) {
            let shown: String = name.chars().filter(|letter| !letter.is_control()).take(60).collect();
            let pointer = if shown.is_empty() { "#?".to_owned() } else { format!("#{shown}") };
            if !text::is_fit(&given) {
                found.push(text::fault(pointer));
                continue;
            }
            let Some(parameter) = self.query.iter().find(|parameter| parameter.name == name) else {
                found.push(Fault::at(pointer, "unknown_parameter", "Tham số không được biết.", "Unknown parameter."));
                continue;
            };
            let value = typed(&parameter.kind, given);
            found.extend(faults::of(&parameter.validator, &value, &pointer));
            if values.insert(name, value).is_some() {
                found.push(Fault::at(pointer, "repeated_parameter", "Tham số bị lặp lại.", "Repeated parameter."));
            }
        }
        for parameter in self.query.iter().filter(|parameter| parameter.required) {
            if !values.contains_key(&parameter.name) {
                let pointer = format!("#{}", parameter.name);
                found.push(Fault::at(
                    pointer,
                    "required",
                    "Thiếu tham số bắt buộc.",
                    "A required parameter is missing.",
                ));
            }
        }
        if found.is_empty() { Ok(values) } else { Err(found) }
    }
}

fn typed(kind: &str, text: String) -> Value {
    match kind {
        // One number is written in one way.
        "integer" => match text.parse::<i64>() {
            Ok(number) if number.to_string() == text => Value::from(number),
            _ => Value::String(text),
        },
        "boolean" => text.parse::<bool>().map_or(Value::String(text), Value::from),
        _ => Value::String(text),
    }
}
