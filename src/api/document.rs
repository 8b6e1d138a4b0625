//! The document: a base, and the completion of what the handlers say by what is true of every operation.
//!
//! Handlers state what is theirs: path, words, tag, permission, body, answer. Everything that follows from a rule of the
//! contract (headers, preconditions, paging, problems, patch schemas, examples) is added here, once.

mod directions;
mod links;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;

use super::audit;
use super::deprecation;
use super::error::{PROBLEM_JSON, Problem};
use super::example;
use super::page::NDJSON;
use super::table::CSV;
use crate::domain::role::{Permission, Role};
use crate::store::audit_events::OF_PROVINCES;

/// Info, tags and security of the document.
#[derive(Debug, OpenApi)]
#[openapi(
    info(
        title = "Sarus",
        description = "System of record and reporting API for Vietnam's scheme to choose, complete and replicate \
                       new-style cooperatives (*hợp tác xã kiểu mới*, Decision 167/QĐ-TTg).\n\n\
                       Money is whole đồng and points have two decimals, both as strings. Absent means not given. \
                       Dates are days in `Asia/Ho_Chi_Minh`, instants are UTC.",
        contact(name = "Sarus maintainers", url = "https://sarus.example/contact", email = "api@sarus.example"),
        license(name = "Apache-2.0", url = "https://www.apache.org/licenses/LICENSE-2.0"),
        terms_of_service = "https://sarus.example/terms",
    ),
    components(schemas(Problem))
)]
struct Base;

/// The server that the committed document names; a running service names itself.
pub const PUBLISHED_SERVER: &str = "https://sarus.example";

/// The tags, in alphabetical order.
const TAGS: &[(&str, &str)] = &[
    ("Agencies", "The directory of agencies (*cơ quan, đơn vị*)."),
    ("Aggregates", "Figures over provinces, with the reports that they come from (*tổng hợp*)."),
    ("Applications", "Applications to take part, and their eligibility (*hồ sơ đăng ký*)."),
    ("Audit trail", "What was written and shared, by whom, and proof that it is unchanged (*nhật ký kiểm toán*)."),
    ("Budget", "Allocations, disbursements, settlements and sums over the plan's estimate (*kinh phí*)."),
    ("Caller", "Who the token makes the caller."),
    ("Changes", "What happened to records, for whoever keeps a copy (*thay đổi*)."),
    ("Cooperatives", "Cooperatives and unions, their yearly figures and interruptions (*hợp tác xã*)."),
    ("Criteria sets", "Criteria, maxima and bands of evaluations, as data (*bộ tiêu chí*)."),
    ("Determinations", "Verdicts, kept with what they were made on (*kết luận*)."),
    ("Evaluations", "Yearly evaluations against a criteria set (*đánh giá, xếp loại*)."),
    ("Improvement plans", "Plans to complete a pilot's model (*kế hoạch hoàn thiện*)."),
    ("Inspections", "Inspections of pilots (*kiểm tra*)."),
    ("Loans", "Preferential credit, apart from the budget (*vốn vay ưu đãi*)."),
    ("Obstacles", "Obstacles, passed on until somebody resolves them (*khó khăn, vướng mắc*)."),
    ("Pilots", "Cooperatives chosen as pilots (*HTX thí điểm*)."),
    ("Provincial conditions", "Conditions that a province adds to those of a scheme (*điều kiện riêng của tỉnh*)."),
    ("Provincial plans", "A province's plan for the scheme, with its estimate (*kế hoạch của tỉnh*)."),
    ("Reference", "The scheme and its lists (*danh mục*)."),
    ("Replications", "Other cooperatives that adopt a completed model (*nhân rộng*)."),
    ("Reports", "Six-month and annual reports, and who owes them (*báo cáo định kỳ*)."),
    ("Rules", "Every rule that is enforced, with its article, parameters and examples (*sổ quy tắc*)."),
    ("Selection decisions", "Decisions that approve lists of pilots (*quyết định phê duyệt*)."),
    ("Service accounts", "Machines that act for agencies and cooperatives, and their tokens (*tài khoản dịch vụ*)."),
    ("Support needs", "What pilots ask of the State, appraised and approved (*nhu cầu kinh phí hỗ trợ*)."),
    ("Territory", "Administrative units (*đơn vị hành chính*)."),
];

/// The document before any operation is in it.
pub fn base() -> Document {
    Base::openapi()
}

/// Completes the document that the handlers say.
pub fn complete(document: Document) -> Value {
    let mut document = serde_json::to_value(document).unwrap_or_default();
    document["info"]["version"] = json!(env!("CARGO_PKG_VERSION"));
    document["servers"] = json!([{"url": PUBLISHED_SERVER, "description": "This service: production, unless its address says otherwise", "x-internal": false}]);
    document["tags"] =
        TAGS.iter().map(|(name, description)| json!({"name": name, "description": description})).collect();
    document["security"] = json!([{"bearer": []}]);
    rename_generics(&mut document);
    absent_is_not_null(&mut document);
    state_widths(&mut document);
    add_components(&mut document);
    add_patch_schemas(&mut document);
    let schemas = document["components"]["schemas"].clone();
    if let Some(paths) = document["paths"].as_object_mut() {
        for (path, item) in paths.iter_mut() {
            for (method, operation) in item.as_object_mut().into_iter().flatten() {
                if operation["x-standard"].is_string() {
                    complete_apart(operation, &schemas);
                    continue;
                }
                complete_operation(path, method, operation, &schemas);
            }
        }
    }
    links::add(&mut document);
    deprecation::publish(&mut document);
    drop_unused_schemas(&mut document);
    directions::part(&mut document);
    document
}

/// `Page_CooperativeView` becomes `CooperativePage`, whose items are named and not written out again.
fn rename_generics(document: &mut Value) {
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else { return };
    let names: Vec<String> = schemas.keys().cloned().collect();
    for name in &names {
        let Some(item) = name.strip_prefix("Page_").filter(|item| names.iter().any(|name| name == item)) else {
            continue;
        };
        if let Some(page) = schemas.get_mut(name) {
            page["properties"]["items"]["items"] = json!({"$ref": format!("#/components/schemas/{item}")});
        }
    }
    let new_name = |name: &str| Some(name.strip_prefix("Page_")?.trim_end_matches("View").to_owned() + "Page");
    *schemas =
        std::mem::take(schemas).into_iter().map(|(name, schema)| (new_name(&name).unwrap_or(name), schema)).collect();
    each_reference(document, &mut |reference| {
        if let Some(name) = reference.strip_prefix(SCHEMAS).and_then(new_name) {
            *reference = format!("{SCHEMAS}{name}");
        }
    });
}

/// Where references to schemas begin.
const SCHEMAS: &str = "#/components/schemas/";

/// Visits every reference within a value.
fn each_reference(value: &mut Value, visit: &mut impl FnMut(&mut String)) {
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                match member {
                    Value::String(reference) if name == "$ref" => visit(reference),
                    other => each_reference(other, visit),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each_reference(item, visit)),
        _ => {}
    }
}

/// Optional members are absent, never `null`: types say so.
fn absent_is_not_null(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if let Some(types) = object.get_mut("type").and_then(Value::as_array_mut) {
                types.retain(|kind| kind != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    object.insert("type".to_owned(), only);
                }
            }
            if let Some(choices) = object.get_mut("oneOf").and_then(Value::as_array_mut) {
                choices.retain(|choice| *choice != json!({"type": "null"}));
                if let [only] = choices.as_slice() {
                    let only = only.clone();
                    object.remove("oneOf");
                    object.extend(only.as_object().cloned().unwrap_or_default());
                }
            }
            object.values_mut().for_each(absent_is_not_null);
        }
        Value::Array(items) => items.iter_mut().for_each(absent_is_not_null),
        _ => {}
    }
}

/// Formats of a fixed form say how long they are at most, and whole numbers how wide: for generators that ask.
fn state_widths(value: &mut Value) {
    match value {
        Value::Object(object) => {
            let longest = match object.get("format").and_then(Value::as_str) {
                Some("date") => Some(10),
                Some("date-time") => Some(35),
                Some("uuid") => Some(36),
                _ => None,
            };
            let is = |kind: &str| object.get("type").and_then(Value::as_str) == Some(kind);
            let (is_text, is_whole) = (is("string"), is("integer"));
            if let Some(longest) = longest.filter(|_| is_text && !object.contains_key("maxLength")) {
                object.insert("maxLength".to_owned(), json!(longest));
            }
            if is_whole && !object.contains_key("format") {
                object.insert("format".to_owned(), json!("int64"));
            }
            object.values_mut().for_each(state_widths);
        }
        Value::Array(items) => items.iter_mut().for_each(state_widths),
        _ => {}
    }
}

fn add_components(document: &mut Value) {
    document["components"]["securitySchemes"] = json!({"bearer": {
        "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
        "description": "An access token of RFC 9068, handled by RFC8725. Claims of Sarus: `roles`, `agency`, `unit`, `cooperative`.",
    }});
    let described = |description: &str, schema: Value| json!({"description": description, "schema": schema});
    let tag = json!({"type": "string", "minLength": 3, "maxLength": 70, "pattern": "^\"[^\"]+\"$"});
    let path = json!({"type": "string", "format": "uri-reference", "minLength": 1, "maxLength": 4000, "pattern": "^/"});
    document["components"]["headers"] = json!({
        "ETag": described("Entity tag of this version, for `If-Match` and `If-None-Match`.", tag),
        "Location": described("Path of the new resource.", path.clone()),
        "ContentLocation": described("Path of the resource whose view this is.", path),
        "Link": described("The next page (`rel=\"next\"`).", json!({"type": "string", "minLength": 1, "maxLength": 4100, "pattern": "^<"})),
        "WwwAuthenticate": described("How to authenticate.", json!({"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^Bearer"})),
        "WwwAuthenticateBasic": described("How a client authenticates itself.", json!({"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^Basic"})),
        "Pragma": described("Nobody in between keeps a token (RFC 6749).", json!({"type": "string", "enum": ["no-cache"]})),
        "AcceptEncoding": described("The codings in which bodies are taken: none.", json!({"type": "string", "enum": ["identity"]})),
        "RetryAfter": described("Seconds after which to try again.", json!({"type": "integer", "format": "int32", "minimum": 0, "maximum": 86400})),
        "Access-Control-Allow-Origin": described("The origin of the calling web page, if it is one that may call.", json!({"type": "string", "minLength": 1, "maxLength": 300, "pattern": "^https?://"})),
        "RateLimit": described("What the client may still ask, and the seconds until it may ask all again.", json!({"type": "string", "minLength": 1, "maxLength": 100, "pattern": "^\"[a-z]+\";r=[0-9]+;t=[0-9]+$"})),
        "RateLimitPolicy": described("How many requests a client may make in how many seconds, of each replica.", json!({"type": "string", "minLength": 1, "maxLength": 100, "pattern": "^\"[a-z]+\";q=[0-9]+;w=[0-9]+$"})),
        "ContentLanguage": described("Language of the words.", json!({"type": "string", "enum": ["vi", "en"]})),
    });
    let entity_tags = json!({"type": "string", "minLength": 1, "maxLength": 1000, "pattern": "^(\\*|(W/)?\"[^\"]*\"(, *(W/)?\"[^\"]*\")*)$"});
    document["components"]["parameters"] = json!({
        "IfMatch": {"name": "If-Match", "in": "header", "required": true, "schema": entity_tags, "example": "\"1\"",
            "description": "The `ETag` of the version that the change is made to."},
        "IfMatchOptional": {"name": "If-Match", "in": "header", "required": false, "schema": entity_tags, "example": "\"1\"",
            "description": "The `ETag` of the version to replace."},
        "IfNoneMatch": {"name": "If-None-Match", "in": "header", "required": false, "schema": entity_tags, "example": "\"1\"",
            "description": "The `ETag` of the version that the client has; 304 when it is the current one."},
        "IfNoneMatchCreate": {"name": "If-None-Match", "in": "header", "required": false, "example": "*",
            "schema": {"type": "string", "enum": ["*"]}, "description": "`*` to create and never replace."},
        "IdempotencyKey": {"name": "Idempotency-Key", "in": "header", "required": false, "example": "2021-09-15-0001",
            "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
            "description": "A key of the client's choice: a repeat with the same key and body gets the stored answer. Kept 30 days."},
        "AcceptLanguage": {"name": "Accept-Language", "in": "header", "required": false, "example": "vi",
            "schema": {"type": "string", "maxLength": 200, "pattern": "^[ -~]*$"},
            "description": "Language of problems: Vietnamese unless English is preferred."},
    });
    let mut responses = Map::new();
    for (name, status, description) in PROBLEMS {
        let mut headers = Map::new();
        headers.insert("Content-Language".to_owned(), json!({"$ref": "#/components/headers/ContentLanguage"}));
        headers.extend(edge_headers());
        let special = match *status {
            "401" => Some(("WWW-Authenticate", "WwwAuthenticate")),
            "409" | "429" | "503" => Some(("Retry-After", "RetryAfter")),
            "415" => Some(("Accept-Encoding", "AcceptEncoding")),
            _ => None,
        };
        headers.extend(special.map(|(header, component)| {
            (header.to_owned(), json!({"$ref": format!("#/components/headers/{component}")}))
        }));
        let content = json!({PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}});
        responses
            .insert((*name).to_owned(), json!({"description": description, "headers": headers, "content": content}));
    }
    document["components"]["responses"] = Value::Object(responses);
}

/// The problems that operations answer with.
const PROBLEMS: &[(&str, &str, &str)] = &[
    ("BadRequest", "400", "Wrong by the body, the query and reference data alone; all faults are listed."),
    ("Unauthorized", "401", "No valid token."),
    ("Forbidden", "403", "The role lacks the permission."),
    ("NotFound", "404", "Not there, or not the caller's."),
    ("NotAcceptable", "406", "None of the accepted media types can be produced."),
    ("RequestTimeout", "408", "The body did not arrive in time."),
    ("Conflict", "409", "Refused by stored state or a rule of the scheme, with its code and legal basis."),
    ("Gone", "410", "The place is older than what is kept: dump the lists again."),
    ("PreconditionFailed", "412", "The record changed since it was read."),
    ("PayloadTooLarge", "413", "The body is larger than 1 MiB, a file larger than 8 MiB."),
    ("UnsupportedMediaType", "415", "The body has another media type, or is encoded."),
    ("PreconditionRequired", "428", "A precondition is missing."),
    ("TooManyRequests", "429", "The client asks too often."),
    ("InternalServerError", "500", "Something broke; the trace id finds it in the logs."),
    ("ServiceUnavailable", "503", "The database cannot be had now."),
];

/// `NewX` gives `XPatch`: nothing required, optional members may be `null` to remove them.
fn add_patch_schemas(document: &mut Value) {
    const REFERENCE: &str = "/patch/requestBody/content/application~1merge-patch+json/schema/$ref";
    let mut stems = Vec::new();
    for item in document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        let Some(Value::String(reference)) = item.pointer_mut(REFERENCE) else { continue };
        let Some(stem) = reference.rsplit('/').next().and_then(|name| name.strip_prefix("New")).map(str::to_owned)
        else {
            continue;
        };
        *reference = format!("#/components/schemas/{stem}Patch");
        stems.push(stem);
    }
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else { return };
    for stem in stems {
        let Some(creation) = schemas.get(&format!("New{stem}")).cloned() else { continue };
        schemas.insert(format!("{stem}Patch"), patch_of(creation));
    }
}

fn patch_of(mut schema: Value) -> Value {
    let required: Vec<Value> = schema["required"].as_array().cloned().unwrap_or_default();
    let Some(object) = schema.as_object_mut() else { return schema };
    object.remove("required");
    object.insert("minProperties".to_owned(), json!(1));
    object.insert("description".to_owned(), json!("A merge patch (RFC 7396): what is absent stays, `null` removes."));
    if let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) {
        for (_, property) in properties.iter_mut().filter(|(name, _)| !required.contains(&json!(name))) {
            let schema = property.take();
            *property = nullable(schema);
        }
    }
    schema
}

fn nullable(mut schema: Value) -> Value {
    let Some(object) = schema.as_object_mut() else { return schema };
    if let Some(kind) = object.get("type").and_then(Value::as_str).map(str::to_owned) {
        object.insert("type".to_owned(), json!([kind, "null"]));
        if let Some(values) = object.get_mut("enum").and_then(Value::as_array_mut) {
            values.push(Value::Null);
        }
        return schema;
    }
    let description = object.remove("description");
    let mut choice = Map::new();
    choice.extend(description.map(|words| ("description".to_owned(), words)));
    choice.insert("anyOf".to_owned(), json!([schema, {"type": "null"}]));
    Value::Object(choice)
}

/// Which kind of operation a path and a method make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Read,
    List,
    Create,
    Step,
    Report,
    Compute,
    Edit,
    Put,
    Delete,
}

/// What a POST asks to be computed, with nothing recorded: it needs no precondition and makes no version.
const COMPUTED: &[&str] = &["/replays"];

fn shape(path: &str, method: &str, operation: &Value) -> Shape {
    match method {
        "get" if operation["parameters"].as_array().is_some_and(|all| all.iter().any(|p| p["name"] == "cursor")) => {
            Shape::List
        }
        "get" => Shape::Read,
        "post" if COMPUTED.iter().any(|name| path.ends_with(name)) => Shape::Compute,
        "post" if takes_a_file(operation) || path.ends_with(TRIED) => Shape::Report,
        "post" if path.contains('{') => Shape::Step,
        "post" => Shape::Create,
        "patch" => Shape::Edit,
        "put" => Shape::Put,
        _ => Shape::Delete,
    }
}

/// The columns of a list as a table: the members of an item.
fn columns_of(item: &Value, schemas: &Value) -> Vec<String> {
    let name = item["$ref"].as_str().and_then(|reference| reference.strip_prefix(SCHEMAS));
    let item = name.map_or(item, |name| &schemas[name]);
    item["properties"].as_object().map(|members| members.keys().cloned().collect()).unwrap_or_default()
}

/// Whether the body of an operation is a file.
fn takes_a_file(operation: &Value) -> bool {
    let content = operation["requestBody"]["content"].as_object();
    content.is_some_and(|content| content.keys().all(|kind| !kind.ends_with("json")))
}

fn complete_operation(path: &str, method: &str, operation: &mut Value, schemas: &Value) {
    let shape = shape(path, method, operation);
    state_permission(operation);
    if shape == Shape::List {
        let content = &mut operation["responses"]["200"]["content"];
        let page = content["application/json"]["schema"]["$ref"].as_str().map(str::to_owned);
        let item = page.and_then(|page| {
            let name = page.rsplit('/').next()?.to_owned();
            Some(schemas[name]["properties"]["items"]["items"].clone())
        });
        let columns = item.as_ref().map(|item| columns_of(item, schemas)).unwrap_or_default();
        content[NDJSON] = json!({"schema": item.unwrap_or(json!({}))});
        if content[CSV].is_null() {
            let head = format!("{}\r\n", columns.join(","));
            content[CSV] = json!({"schema": {"$ref": format!("{SCHEMAS}CsvTable")}, "example": head});
        }
    }
    add_parameters(shape, operation);
    state_audit(path, shape, operation);
    add_headers(shape, operation);
    add_problems(path, shape, operation);
    add_examples(operation, schemas);
}

/// An operation that follows a standard of its own has its own answers; the edge puts its headers on them.
fn complete_apart(operation: &mut Value, schemas: &Value) {
    operation["x-audit"] = json!("write");
    for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
        for (name, header) in edge_headers() {
            response["headers"][name] = header;
        }
        let special = match status.as_str() {
            "401" => Some(("WWW-Authenticate", "WwwAuthenticateBasic")),
            "429" | "503" => Some(("Retry-After", "RetryAfter")),
            _ => None,
        };
        if let Some((header, component)) = special {
            response["headers"][header] = json!({"$ref": format!("#/components/headers/{component}")});
        }
        response["headers"]["Pragma"] = json!({"$ref": "#/components/headers/Pragma"});
    }
    add_examples(operation, schemas);
}

/// From `security(("bearer" = ["x:y"]))` to words and an extension that the gate reads.
fn state_permission(operation: &mut Value) {
    let Some(permission) =
        operation.pointer("/security/0/bearer/0").and_then(Value::as_str).and_then(Permission::from_name)
    else {
        return;
    };
    let roles: Vec<&str> = permission.holders().map(Role::name).collect();
    let words = operation["description"].as_str().unwrap_or_default();
    let stated = format!("{words}\n\nPermission: `{}`. Roles: {}.", permission.name(), roles.join(", "));
    operation["description"] = json!(stated.trim());
    operation["x-permission"] = json!(permission.name());
    operation["x-roles"] = json!(roles);
    // The scheme of a bearer token has no scopes that could name it.
    operation["security"] = json!([{"bearer": []}]);
}

/// What a POST computes with nothing recorded, though it names a version.
const TRIED: &str = "/trials";

/// What is told of records and is no list: one report, an extract of it, sums of money.
const TOLD: &[&str] = &[
    "/v1/budget-summaries",
    "/v1/periodic-reports/{id}",
    "/v1/periodic-reports/{id}/collective-economy-extract",
    "/v1/support-need-summaries",
];

/// When the operation leaves an event in the audit trail: the gate reads it from here.
fn state_audit(path: &str, shape: Shape, operation: &mut Value) {
    let is_read = matches!(shape, Shape::Read | Shape::List);
    let is_written = !is_read && shape != Shape::Compute && !path.ends_with(TRIED);
    let is_of = |tag: &str| operation["tags"][0] == tag;
    let (resource, _) = audit::target_of(path);
    let is_of_records = OF_PROVINCES.iter().any(|(name, _)| *name == resource)
        && operation["x-permission"] != Permission::ReadReference.name();
    let media_types = operation["responses"]["200"]["content"].as_object();
    let word = if is_written {
        "write"
    } else if is_of("Aggregates") || is_of("Audit trail") {
        "share"
    } else if (shape == Shape::List && is_of_records) || (is_read && TOLD.contains(&path)) {
        "pull"
    } else if media_types.is_some_and(|all| all.keys().any(|kind| kind != "application/json")) {
        "bulk"
    } else {
        return;
    };
    operation["x-audit"] = json!(word);
}

fn add_parameters(shape: Shape, operation: &mut Value) {
    let mut add: Vec<&str> = Vec::new();
    match shape {
        Shape::Read | Shape::List => add.push("IfNoneMatch"),
        Shape::Create | Shape::Compute => add.push("IdempotencyKey"),
        Shape::Step | Shape::Report => add.extend(["IfMatch", "IdempotencyKey"]),
        Shape::Edit | Shape::Delete => add.push("IfMatch"),
        Shape::Put => add.extend(["IfMatchOptional", "IfNoneMatchCreate"]),
    }
    add.push("AcceptLanguage");
    if operation["parameters"].is_null() {
        operation["parameters"] = json!([]);
    }
    let parameters = component_parameters(&add);
    if let Some(all) = operation["parameters"].as_array_mut() {
        all.extend(parameters);
    }
}

fn component_parameters(names: &[&str]) -> Vec<Value> {
    names.iter().map(|name| json!({"$ref": format!("#/components/parameters/{name}")})).collect()
}

fn add_headers(shape: Shape, operation: &mut Value) {
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    let header = |name: &str| json!({"$ref": format!("#/components/headers/{name}")});
    for (status, response) in responses.iter_mut().filter(|(status, _)| status.starts_with('2')) {
        // What is computed or reported has no version.
        if status != "204" && !matches!(shape, Shape::Compute | Shape::Report) {
            response["headers"]["ETag"] = header("ETag");
        }
        for (name, header) in edge_headers() {
            response["headers"][name] = header;
        }
        match shape {
            Shape::Create => response["headers"]["Location"] = header("Location"),
            Shape::Put if status == "201" => response["headers"]["Location"] = header("Location"),
            Shape::Step => response["headers"]["Content-Location"] = header("ContentLocation"),
            Shape::List => response["headers"]["Link"] = header("Link"),
            _ => {}
        }
    }
    if matches!(shape, Shape::Read | Shape::List) {
        let mut headers = Map::from_iter([("ETag".to_owned(), header("ETag"))]);
        headers.extend(edge_headers());
        let not_modified = json!({"description": "The client has this version.", "headers": headers});
        responses.insert("304".to_owned(), not_modified);
    }
}

/// The headers of the edge: what a client may still ask, and which web page may read the answer.
fn edge_headers() -> [(String, Value); 3] {
    [
        ("RateLimit", "RateLimit"),
        ("RateLimit-Policy", "RateLimitPolicy"),
        ("Access-Control-Allow-Origin", "Access-Control-Allow-Origin"),
    ]
    .map(|(header, name)| (header.to_owned(), json!({"$ref": format!("#/components/headers/{name}")})))
}

fn add_problems(path: &str, shape: Shape, operation: &mut Value) {
    let is_write = !matches!(shape, Shape::Read | Shape::List);
    let has_body = !operation["requestBody"].is_null();
    let has_precondition = matches!(shape, Shape::Step | Shape::Report | Shape::Edit | Shape::Put | Shape::Delete);
    let mut names = vec![
        "BadRequest",
        "Unauthorized",
        "Forbidden",
        "NotAcceptable",
        "TooManyRequests",
        "InternalServerError",
        "ServiceUnavailable",
    ];
    if path.contains('{') {
        names.push("NotFound");
    }
    if is_write {
        names.push("Conflict");
    }
    if path.ends_with("/changes") {
        names.push("Gone");
    }
    if has_body {
        names.extend(["RequestTimeout", "PayloadTooLarge", "UnsupportedMediaType"]);
    }
    if has_precondition {
        names.extend(["PreconditionFailed", "PreconditionRequired"]);
    }
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    for (name, status, _) in PROBLEMS.iter().filter(|(name, _, _)| names.contains(name)) {
        responses.insert((*status).to_owned(), json!({"$ref": format!("#/components/responses/{name}")}));
    }
    responses.sort_keys();
}

/// Each body gets an example made from the examples of its members, so that it cannot contradict the schema.
fn add_examples(operation: &mut Value, schemas: &Value) {
    let fill = |content: &mut Value| {
        let Some(media) = content.as_object_mut() else { return };
        for (_, media_type) in media.iter_mut() {
            // What a handler says itself stands.
            if !media_type["example"].is_null() {
                continue;
            }
            if let Some(example) = example::of(&media_type["schema"], schemas) {
                media_type["example"] = example;
            }
        }
    };
    operation.pointer_mut("/requestBody/content").into_iter().for_each(fill);
    if let Some(responses) = operation["responses"].as_object_mut() {
        for (_, response) in responses.iter_mut().filter(|(status, _)| status.starts_with('2')) {
            if response.get("content").is_some() {
                fill(&mut response["content"]);
            }
        }
    }
}

/// Schemas that nothing refers to any more are not published.
fn drop_unused_schemas(document: &mut Value) {
    let mut schemas = document["components"]["schemas"].take();
    let mut used = BTreeSet::new();
    let mut seen = schema_names(document);
    while let Some(name) = seen.pop() {
        seen.extend(schemas.get_mut(&name).filter(|_| !used.contains(&name)).map(schema_names).unwrap_or_default());
        used.insert(name);
    }
    if let Some(schemas) = schemas.as_object_mut() {
        schemas.retain(|name, _| used.contains(name));
    }
    document["components"]["schemas"] = schemas;
}

/// The schemas that a value refers to.
fn schema_names(value: &mut Value) -> Vec<String> {
    let mut names = Vec::new();
    each_reference(value, &mut |reference| names.extend(reference.strip_prefix(SCHEMAS).map(str::to_owned)));
    names
}

/// The whole API on one page: method, path, operation and permission.
pub fn operations_page(document: &Value) -> String {
    let mut lines = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let word = |name: &str| operation[name].as_str().unwrap_or("-").to_owned();
            let method = method.to_uppercase();
            lines.push(format!("{path:<60} {method:<7} {:<40} {}", word("operationId"), word("x-permission")));
        }
    }
    lines.sort();
    lines.join("\n") + "\n"
}
