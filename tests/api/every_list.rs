//! Statements of the contract on every list: how long a page may be, and what a cursor is bound to.

use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::behaviour::reads;
use crate::matrix::given_records;
use crate::owasp::{Operation, someone};
use crate::support::client::Client;
use crate::support::world::World;

/// Every list that is paged, its path with all that it requires, and somebody who sees most of it.
fn lists(world: &World, records: &[crate::matrix::Record]) -> Vec<(Operation, String, Client)> {
    let is_paged = |operation: &Operation| {
        operation.described["parameters"]
            .as_array()
            .is_some_and(|all| all.iter().any(|known| known["name"] == "cursor"))
    };
    let of = |(operation, path): (Operation, String)| {
        let roles = [Role::Ministry, Role::LeadAgency, Role::Administrator];
        let role = roles.into_iter().find(|role| role.may(operation.permission)).unwrap();
        let client = someone(world, role);
        (operation, path, client)
    };
    reads(world, records).into_iter().filter(|(operation, _)| is_paged(operation)).map(of).collect()
}

fn with(path: &str, query: &str) -> String {
    format!("{path}{}{query}", if path.contains('?') { "&" } else { "?" })
}

/// A value that a parameter of a query may have.
fn value_of(parameter: &Value) -> String {
    let schema = &parameter["schema"];
    let validator = jsonschema::draft202012::options().should_validate_formats(true).build(schema).unwrap();
    let given =
        [&parameter["example"], &schema["example"], &schema["examples"][0], &schema["enum"][0], &schema["minimum"]];
    let given = given
        .into_iter()
        .find(|value| !value.is_null())
        .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    // Else a code of a unit, a tax code, a word, a day, an instant, an identifier, whichever may stand there.
    let words =
        ["89", "888", "1600000011", "good", "2023-01-01", "2023-01-01T00:00:00Z", crate::owasp::NOBODY, "2023", "A1"];
    given
        .or_else(|| words.iter().find(|word| validator.is_valid(&json!(word))).map(|word| (*word).to_owned()))
        .or_else(|| validator.is_valid(&json!(true)).then(|| "true".to_owned()))
        .unwrap_or_else(|| panic!("{parameter}"))
}

/// Asks for pages of a length that none has, and of those that are allowed.
async fn assert_limits(path: &str, client: &Client) {
    for limit in ["0", "201", "-1", "x", ""] {
        client.get(&with(path, &format!("limit={limit}"))).await.refused(400, "invalid_query");
    }
    client.get(&with(path, "count=all")).await.refused(400, "invalid_query");
    client.get(&with(path, "cursor=junk")).await.refused(400, "invalid_cursor");
}

/// What the pages hold is what the stream holds, and as many as are counted.
async fn assert_streamed_alike(path: &str, client: &Client) -> Value {
    let whole = client.get(&with(path, "limit=200&count=exact")).await.ok();
    if whole["links"]["next"].is_null() {
        assert_eq!(whole["count"], json!(whole["items"].as_array().unwrap().len()), "{path}");
        let lines = client.with("accept", "application/x-ndjson").get(path).await;
        let streamed: Vec<Value> = lines.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(json!(streamed), whole["items"], "{path} streams what it pages");
        // The books of reports are tables of figures, tested with them.
        if path != "/v1/periodic-reports" {
            assert_tabled_alike(path, client, &streamed).await;
        }
    }
    whole
}

/// As comma-separated values there is a row an item, and each cell says what the member says.
async fn assert_tabled_alike(path: &str, client: &Client, items: &[Value]) {
    let text = client.with("accept", "text/csv").get(path).await;
    assert_eq!((text.status, text.header("content-type").as_str()), (200, "text/csv; charset=utf-8"), "{path}");
    let marked = client.with("accept", "text/csv").get(&with(path, "bom=true")).await;
    assert_eq!(marked.bytes.as_slice(), ["\u{feff}".as_bytes(), &text.bytes].concat(), "{path}");
    let mut table = csv::Reader::from_reader(text.bytes.as_slice());
    let head: Vec<String> = table.headers().unwrap().iter().map(str::to_owned).collect();
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), items.len(), "{path}");
    for (row, item) in rows.iter().zip(items) {
        assert!(item.as_object().unwrap().keys().all(|name| head.contains(name)), "{path} {head:?} {item}");
        for (name, cell) in head.iter().zip(row) {
            let due = match &item[name] {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                value => value.to_string(),
            };
            assert_eq!(cell.strip_prefix('\'').unwrap_or(cell), due, "{path} {name}");
        }
    }
}

/// Sends a cursor with each filter that it was not given with; how many there are.
async fn assert_bound(operation: &Operation, path: &str, client: &Client, cursor: &str) -> usize {
    let mut filters = 0;
    for parameter in operation.described["parameters"].as_array().unwrap().iter().filter(|known| known["in"] == "query")
    {
        let name = parameter["name"].as_str().unwrap();
        let is_given = path.contains(&format!("?{name}="));
        if ["limit", "cursor", "count", "bom"].contains(&name) || parameter["required"] == true || is_given {
            continue;
        }
        let (value, lines) = (value_of(parameter), client.with("accept", "application/x-ndjson"));
        for client in [client, &lines] {
            let other = client.get(&with(path, &format!("{name}={value}&cursor={cursor}"))).await;
            other.refused(400, "invalid_cursor");
        }
        filters += 1;
    }
    filters
}

scenario! {
    /// A page holds 1 to 200 and is continued by an opaque cursor, which leads on under another limit and is refused with any
    /// filter or order that it was not given with, by another list, and in a stream alike. Pages and stream hold the same; no
    /// total is told unless it is asked for, which the client looks at in each answer.
    async fn every_list_is_paged_and_streamed_alike(world) {
        let records = given_records(&world).await;
        world.given_two_of_each(&records).await;
        let (mut filters, mut short, mut foreign) = (0, Vec::new(), String::new());
        let lists = lists(&world, &records);
        for (operation, path, client) in &lists {
            let client = client.clone();
            assert_limits(path, &client).await;
            let whole = assert_streamed_alike(path, &client).await;
            if !foreign.is_empty() {
                client.get(&with(path, &format!("cursor={foreign}"))).await.refused(400, "invalid_cursor");
            }
            let page = client.get(&with(path, "limit=1")).await.ok();
            let Some(next) = page["links"]["next"].as_str() else {
                short.push(path);
                continue;
            };
            let second = client.get(next).await.ok();
            assert_eq!((&page["items"][0], &second["items"][0]), (&whole["items"][0], &whole["items"][1]), "{path}");
            let cursor = next.rsplit_once("cursor=").unwrap().1.to_owned();
            client.get(&with(path, &format!("limit=3&cursor={cursor}"))).await.ok();
            filters += assert_bound(operation, path, &client, &cursor).await;
            foreign = cursor;
        }
        assert!(short.is_empty(), "these have no second page: {short:#?}");
        assert!(lists.len() > 30 && filters > 100, "{} lists with {filters} filters", lists.len());
    }
}

/// Every list that is narrowed to a territory says on which day the code is read, and reads it so.
#[test]
fn every_territorial_list_is_asked_for_a_day() {
    let document = sarus::api::published::generated();
    let mut lists = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let parameters = item["get"]["parameters"].as_array().cloned().unwrap_or_default();
        let names: Vec<&str> = parameters.iter().filter_map(|known| known["name"].as_str()).collect();
        let is_territorial = ["province", "unit", "locality"].iter().any(|name| names.contains(name));
        if is_territorial && names.contains(&"cursor") {
            assert!(names.contains(&"at"), "{path} reads a code without a day");
            lists += 1;
        }
    }
    assert!(lists >= 20, "{lists} territorial lists");
}
