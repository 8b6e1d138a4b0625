//! Who reaches what: every operation on a record × every role × own, sibling, parent, child and predecessor unit × own and
//! another's cooperative. What a role may ask comes from the document; whose a record is, from [`WHOSE`].
//!
//! A record in reach answers a read with 200 and a change of a version that it never had with 400 or 412, and never with a
//! refusal of its state, which is decided after; a record out of reach is not there: 404 (a body that is wrong by itself is told first: 400); a role without the permission gets 403.

use std::collections::BTreeSet;

use futures_util::StreamExt;
use futures_util::stream;
use reqwest::Method;
use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::owasp::{Operation, operations};
use crate::support::client::Client;
use crate::support::given_budget::{entry as allocated, line_of};
use crate::support::given_criteria::tt09;
use crate::support::given_deadlines::{PHU_TAN, new_reporting_deadline};
use crate::support::given_improvement::{cooperative_of, new_loan};
use crate::support::given_pilots::{AGRICULTURE, SCHEME, TRANSPORT, id_of};
use crate::support::given_plans::plan_path;
use crate::support::world::World;

/// Whose the records of a resource are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// Reference data: everybody's.
    Everyones,
    /// Reference data that everybody reads and its province alone changes.
    EveryonesOfAProvince,
    /// A cooperative's: its own, its locality's, its province's, the country's.
    Cooperatives,
    /// An agency's: of its locality, its province, the country.
    Agencys,
    /// A province's: of all agencies within it.
    Provinces,
    /// A province's that its cooperatives see too.
    ProvincesAndItsCooperatives,
    /// A province's that those cooperatives see that it is about.
    ProvincesAndTheCooperativeIts,
    /// A draft of a province's agencies.
    ProvincesAlone,
}

/// The one table: one line a resource. A new resource says here whose its records are.
const WHOSE: &[(&str, Whose)] = &[
    ("administrative-units", Whose::Everyones),
    ("agencies", Whose::Everyones),
    ("applications", Whose::Cooperatives),
    ("audit-checkpoints", Whose::Everyones),
    ("audit-events", Whose::Provinces),
    ("budget-allocations", Whose::Cooperatives),
    ("budget-amendments", Whose::ProvincesAlone),
    ("cooperatives", Whose::Cooperatives),
    ("criteria-sets", Whose::Everyones),
    ("determinations", Whose::Cooperatives),
    ("evaluations", Whose::Cooperatives),
    ("improvement-consolidations", Whose::Provinces),
    ("improvement-plans", Whose::Cooperatives),
    ("inspections", Whose::Cooperatives),
    ("loans", Whose::Cooperatives),
    ("obstacles", Whose::Cooperatives),
    ("periodic-reports", Whose::Agencys),
    ("pilots", Whose::Cooperatives),
    ("provincial-conditions", Whose::ProvincesAlone),
    ("provincial-plans", Whose::ProvincesAndItsCooperatives),
    ("public-holidays", Whose::Everyones),
    ("reference-entries", Whose::EveryonesOfAProvince),
    ("replications", Whose::Cooperatives),
    ("report-forms", Whose::Everyones),
    ("reporting-deadlines", Whose::Everyones),
    ("reporting-exceptions", Whose::Agencys),
    ("rules", Whose::Everyones),
    ("schemes", Whose::Everyones),
    ("selection-amendments", Whose::ProvincesAlone),
    ("selection-decisions", Whose::ProvincesAndTheCooperativeIts),
    ("service-accounts", Whose::Everyones),
    ("support-needs", Whose::Cooperatives),
];

/// The record of a resource that is asked for, and the district that it is of.
pub struct Record {
    pub resource: String,
    whose: Whose,
    pub id: String,
    unit: &'static str,
    cooperative: String,
}

/// What a caller reaches, said here and not taken from the code.
#[derive(Debug, Clone)]
enum Reach {
    Country,
    Province(&'static [&'static str]),
    Locality(&'static [&'static str], &'static [&'static str]),
    Cooperative(String),
}

/// Someone in a place.
struct Caller {
    role: Role,
    place: &'static str,
    reach: Reach,
    client: Client,
}

impl Record {
    /// Whether it is there for a reach, to read or to change. Every record of this test is of An Giang, 89.
    fn is_within(&self, reach: &Reach, write: bool) -> bool {
        use Whose::{
            Agencys, Cooperatives, Everyones, EveryonesOfAProvince, Provinces, ProvincesAlone,
            ProvincesAndItsCooperatives, ProvincesAndTheCooperativeIts,
        };
        match (self.whose, reach) {
            (EveryonesOfAProvince, Reach::Province(provinces)) => !write || provinces.contains(&"89"),
            (EveryonesOfAProvince, _) => !write,
            (Everyones, _) | (_, Reach::Country) => true,
            (_, Reach::Province(provinces)) => provinces.contains(&"89"),
            (Cooperatives | Agencys, Reach::Locality(provinces, units)) => {
                provinces.contains(&"89") && units.contains(&self.unit)
            }
            (ProvincesAlone, Reach::Locality(..)) => false,
            (_, Reach::Locality(provinces, _)) => provinces.contains(&"89"),
            (Cooperatives | ProvincesAndTheCooperativeIts, Reach::Cooperative(id)) => self.cooperative == *id,
            // Both cooperatives of this test are of An Giang.
            (ProvincesAndItsCooperatives, Reach::Cooperative(_)) => true,
            (Agencys | Provinces | ProvincesAlone, Reach::Cooperative(_)) => false,
        }
    }
}

/// A record of each resource, most of them of one pilot of Phú Tân (888).
pub async fn given_records(world: &World) -> Vec<Record> {
    let improvement = world.given_improvement_plan().await;
    let cooperative = cooperative_of(&improvement).to_owned();
    let pilot = json!({"id": improvement["pilot"], "cooperative": cooperative});
    let (lead, ministry) = (world.someone(Role::LeadAgency, "89"), world.someone(Role::Ministry, ""));
    let administrator = world.someone(Role::Administrator, "");
    let department = world.agent(Role::LineDepartment, AGRICULTURE.parse().unwrap(), "snn");
    let plan = world.given_standing_plan().await;
    let line = line_of(&lead.get(&plan_path(&plan)).await.ok(), "recurrent_support");
    let mut of_pilot = allocated(&line, 100);
    of_pilot["pilot"] = pilot["id"].clone();
    let entry = json!({
        "list": "sources", "province": "89", "code": "an_giang_fund", "name": {"vi": "Quỹ của tỉnh", "en": "The province's fund"},
        "nature": "credit", "validFrom": "2021-01-01", "legalBasis": "NQ 05/2021/NQ-HĐND",
    });
    let entry = lead.post("/v1/reference-entries", &entry).await.created();
    let first = async |resource: &str| ministry.get(&format!("/v1/{resource}")).await.ok()["items"][0]["id"].clone();
    let selection = json!({
        "decision": first("selection-decisions").await, "number": "415/QĐ-UBND", "date": "2022-03-01", "signatory": "Nguyễn Thanh Bình",
        "reason": "Điều chỉnh danh sách", "additions": [], "removals": [],
        "reassignments": [{"application": first("applications").await, "responsibleDepartment": TRANSPORT}],
    });
    let selection = lead.post("/v1/selection-amendments", &selection).await.created();
    let allocation = world.given_allocation(&plan, "120/QĐ-UBND", &[of_pilot]).await;
    let loan = world.someone(Role::CooperativeAlliance, "89").post("/v1/loans", &new_loan(&pilot)).await.created();
    let amendment = json!({
        "plan": plan["id"], "decisionNumber": "1/QĐ-UBND", "decisionDate": "2022-07-10", "reason": "Điều chỉnh (dữ liệu mẫu)",
        "lines": [{"line": line, "amount": "5000000000"}],
        "newLines": [{"category": "recurrent_support", "fiscalYear": 2023, "amount": "60000000"}],
    });
    let amendment = lead.post("/v1/budget-amendments", &amendment).await.created();
    let inspection = json!({
        "pilot": pilot["id"], "inspectedOn": "2022-09-20", "participants": [], "subject": "Tiến độ", "findings": "Đạt (dữ liệu mẫu)",
    });
    let inspection = department.post("/v1/inspections", &inspection).await.created();
    let obstacle = json!({
        "scheme": SCHEME, "pilot": pilot["id"], "raisedOn": "2022-04-11", "title": "Chưa có đất xây dựng kho",
        "description": "HTX chưa được giao đất.",
    });
    let obstacle = department.post("/v1/obstacles", &obstacle).await.created();
    let need = json!({"pilot": pilot["id"], "items": [{
        "title": "Hạng mục mẫu", "supportKind": "training", "nature": "recurrent", "justification": "Theo báo giá.",
        "phases": [{"fiscalYear": 2022, "amount": "50000000"}],
        "training": [{"part": "organisation", "place": "rural", "cost": "50000000", "support": "50000000"}],
    }]});
    let need = world.cooperative(&cooperative).post("/v1/support-needs", &need).await;
    let sent = json!({"submittedOn": "2022-01-15"});
    let need = world.cooperative(&cooperative).step(&need.location(), "submissions", &sent).await.ok();
    let condition = json!({
        "province": "89", "scheme": SCHEME, "code": "T1", "kind": "attested",
        "text": {"vi": "HTX bảo đảm tỷ lệ cung ứng", "en": "It keeps the share of supply"}, "decisionNumber": "10/QĐ-UBND",
        "decisionDate": "2021-07-01", "article": "Điều 2", "validFrom": "2021-07-05",
    });
    let condition = lead.post("/v1/provincial-conditions", &condition).await.created();
    let report = world.given_submitted_report(&world.someone(Role::Locality, "888"), "2023").await;
    let deadline = world.given_reporting_deadline(&new_reporting_deadline()).await;
    let holiday = json!({
        "date": "2026-02-17", "name": {"vi": "Tết Nguyên đán (dữ liệu mẫu)", "en": "Lunar New Year (sample data)"},
        "legalBasis": "45/2019/QH14 Điều 112",
    });
    let holiday = administrator.post("/v1/public-holidays", &holiday).await.created();
    let exception = json!({
        "agency": PHU_TAN, "period": "2023", "dueOn": "2025-03-15", "reason": "Lũ lụt", "documentNumber": "12/STC-HTX",
    });
    let exception = lead.post("/v1/reporting-exceptions", &exception).await.created();
    let criteria = world.given_criteria_draft(&tt09()).await;
    let account =
        json!({"name": "Máy", "role": "lead-agency", "agency": crate::support::given_plans::lead_agency("89")});
    let account = administrator.post("/v1/service-accounts", &account).await.created();
    world.given_completed(&pilot).await;
    let adopter = world.given_cooperative("883", "0100233488").await;
    let replication = json!({"cooperative": adopter["id"], "pilot": pilot["id"], "adoptedOn": "2024-09-01", "description": "Áp dụng quy trình"});
    let replication = world.someone(Role::Locality, "883").post("/v1/replications", &replication).await.created();
    let event = administrator.get("/v1/audit-events?resource=cooperatives&limit=1").await.ok()["items"][0].clone();
    let checkpoint = world.someone(Role::Inspectorate, "89").post("/v1/audit-checkpoints", &json!({})).await.created();
    let mut known: Vec<(&str, String)> = vec![
        ("audit-events", id_of(&event)),
        ("audit-checkpoints", id_of(&checkpoint)),
        ("budget-allocations", id_of(&allocation)),
        ("loans", id_of(&loan)),
        ("budget-amendments", id_of(&amendment)),
        ("inspections", id_of(&inspection)),
        ("obstacles", id_of(&obstacle)),
        ("support-needs", id_of(&need)),
        ("provincial-conditions", id_of(&condition)),
        ("periodic-reports", id_of(&report)),
        ("reporting-exceptions", id_of(&exception)),
        ("reporting-deadlines", id_of(&deadline)),
        ("public-holidays", id_of(&holiday)),
        ("criteria-sets", criteria.rsplit('/').next().unwrap().to_owned()),
        ("service-accounts", id_of(&account)),
        ("replications", id_of(&replication)),
        ("reference-entries", id_of(&entry)),
        ("selection-amendments", id_of(&selection)),
        ("report-forms", "QD167-2021-2025.1".to_owned()),
        ("cooperatives", cooperative.clone()),
        ("improvement-plans", id_of(&improvement)),
        ("provincial-plans", id_of(&plan)),
        ("pilots", id_of(&pilot)),
        ("schemes", SCHEME.to_owned()),
        ("administrative-units", "01".to_owned()),
    ];
    for resource in [
        "applications",
        "determinations",
        "evaluations",
        "improvement-consolidations",
        "selection-decisions",
        "agencies",
        "rules",
    ] {
        let page = ministry.get(&format!("/v1/{resource}")).await.ok();
        known.push((resource, page["items"][0]["id"].as_str().unwrap().to_owned()));
    }
    let record = |(resource, id): (&str, String)| {
        let (_, whose) = *WHOSE.iter().find(|(name, _)| *name == resource).unwrap();
        let (unit, cooperative) =
            if resource == "replications" { ("883", id_of(&adopter)) } else { ("888", cooperative.clone()) };
        Record { resource: resource.to_owned(), whose, id, unit, cooperative }
    };
    known.into_iter().map(record).collect()
}

/// People of every role in every relation to the records, as far as such an agency exists on the world's day.
fn callers(
    world: &World,
    places: &[(&'static str, &'static [&'static str])],
    units: &[(&'static str, &'static [&'static str], &'static [&'static str])],
) -> Vec<Caller> {
    let mut found = Vec::new();
    for role in Role::ALL.iter().copied() {
        match role {
            Role::Cooperative => {}
            Role::Administrator | Role::Ministry => {
                found.push(Caller { role, place: "", reach: Reach::Country, client: world.someone(role, "") });
            }
            Role::Locality => {
                for (place, provinces, units) in units {
                    let reach = Reach::Locality(provinces, units);
                    found.push(Caller { role, place, reach, client: world.someone(role, place) });
                }
            }
            _ => {
                for (place, provinces) in places {
                    if let Some(client) = world.someone_if_there(role, place) {
                        found.push(Caller { role, place, reach: Reach::Province(provinces), client });
                    }
                }
            }
        }
    }
    found
}

/// The resource of a pattern with an identifier.
pub fn resource_of(pattern: &str) -> Option<&str> {
    let mut segments = pattern.trim_start_matches("/v1/").split('/');
    let resource = segments.next()?;
    segments.next().filter(|segment| segment.starts_with('{')).map(|_| resource)
}

/// The form of an edit with one member as it stands, where the caller sees the record.
async fn unchanged(client: &Client, path: &str, form: Option<&(String, String)>) -> Option<(String, String)> {
    let (kind, example) = form?;
    let seen = client.get(path).await;
    let example: Value = serde_json::from_str(example).ok()?;
    let kept = example.as_object()?.keys().find(|name| seen.status == 200 && !seen.body[name.as_str()].is_null())?;
    Some((kind.clone(), json!({kept: seen.body[kept.as_str()]}).to_string()))
}

/// Asks for one cell and asserts it; gives its status.
async fn assert_cell(operation: &Operation, record: &Record, caller: &Caller) -> u16 {
    let path = operation
        .pattern
        .replace("{id}", &record.id)
        .replace("{code}", &record.id)
        .replace("{year}", "2020")
        .replace("{version}", &record.id);
    let body = operation.body().map(|(kind, example)| (kind, example.to_string())).or_else(|| {
        // A file: anything, since it is not read before the record is found.
        let kind = operation.described["requestBody"]["content"].as_object()?.keys().next()?;
        Some((kind.clone(), "x".to_owned()))
    });
    // An edit says what is so already: nothing of it is wrong.
    let edit =
        if operation.method == Method::PATCH { unchanged(&caller.client, &path, body.as_ref()).await } else { None };
    let is_edit = edit.is_some();
    let body = edit.or(body);
    let body = body.as_ref().map(|(kind, text)| (kind.as_str(), text.clone()));
    // A version that no record has: whoever is admitted changes nothing.
    let client = if operation.is_write() { caller.client.seen("\"999999\"") } else { caller.client.clone() };
    let answer = client.send(operation.method.clone(), &path, body).await;
    let (there, may) = (record.is_within(&caller.reach, operation.is_write()), caller.role.may(operation.permission));
    let computes = operation.method == Method::POST && !operation.described.to_string().contains("parameters/IfMatch");
    let due: &[u16] = match (may, there, operation.is_write()) {
        (false, _, _) => &[403],
        (true, false, false) => &[404],
        (true, false, true) => &[404, 400],
        (true, true, false) => &[200, 400],
        (true, true, true) if computes => &[200, 400, 409],
        (true, true, true) if is_edit => &[412],
        (true, true, true) => &[400, 412],
    };
    assert!(
        due.contains(&answer.status),
        "{:?} of {:?} {:?}: {} {path} is due {due:?}, was {} {}",
        caller.role,
        caller.place,
        caller.reach,
        operation.method,
        answer.status,
        answer.text
    );
    answer.status
}

/// A list holds the record for whom it is there, and for nobody else.
async fn assert_listed(operation: &Operation, record: &Record, caller: &Caller) {
    let answer = caller.client.get(&format!("{}?limit=200", operation.pattern)).await;
    if !caller.role.may(operation.permission) {
        answer.refused(403, "forbidden");
        return;
    }
    let items = answer.ok()["items"].as_array().unwrap().clone();
    let listed = items.iter().any(|item| item["id"] == record.id.as_str());
    assert_eq!(
        listed,
        record.is_within(&caller.reach, false),
        "{:?} of {} lists {}",
        caller.role,
        caller.place,
        record.resource
    );
}

/// How many cells were asked, and how many changes somebody was told to be of an old version.
async fn assert_matrix(world: &World, records: &[Record], callers: &[Caller]) -> (usize, usize) {
    let operations = operations(world);
    let mut cells = Vec::new();
    for operation in &operations {
        let (resource, is_list) = match resource_of(&operation.pattern) {
            Some(resource) => (resource, false),
            None => (operation.pattern.trim_start_matches("/v1/"), true),
        };
        let Some(record) = records.iter().find(|record| record.resource == resource) else {
            assert!(is_list, "say in WHOSE whose the records of {resource} are, and make one");
            continue;
        };
        let has_pages = operation.described.to_string().contains("\"cursor\"");
        if is_list
            && (operation.is_write()
                || !has_pages
                || matches!(record.whose, Whose::Everyones | Whose::EveryonesOfAProvince))
        {
            continue;
        }
        cells.extend(callers.iter().map(|caller| (operation, record, caller, is_list)));
    }
    let count = cells.len();
    let asked = cells.into_iter().map(|(operation, record, caller, is_list)| async move {
        if is_list {
            assert_listed(operation, record, caller).await;
            return None;
        }
        let status = assert_cell(operation, record, caller).await;
        (status == 412).then(|| format!("{} {}", operation.method, operation.pattern))
    });
    let stale: BTreeSet<Option<String>> = stream::iter(asked).buffer_unordered(8).collect().await;
    (count, stale.iter().flatten().count())
}

scenario! {
    async fn each_role_reaches_what_is_its_own_and_nothing_else(world) {
        let records = given_records(&world).await;
        let own = &records.iter().find(|record| record.resource == "cooperatives").unwrap().cooperative;
        let adopter = &records.iter().find(|record| record.resource == "replications").unwrap().cooperative;
        let cooperatives = |world: &World| {
            let caller = |id: &String, place| {
                Caller { role: Role::Cooperative, place, reach: Reach::Cooperative(id.clone()), client: world.cooperative(id) }
            };
            [caller(own, "own"), caller(adopter, "another")]
        };
        // On a day of the old provinces: own unit (89, 888), sibling (Hà Nội and Kiên Giang, 883), parent and child.
        let mut before = callers(&world, &[("89", &["89"]), ("91", &["91"]), ("01", &["01"])], &[("888", &["89"], &["888"]), ("883", &["89"], &["883"])]);
        before.extend(cooperatives(&world));
        let (cells, stale) = assert_matrix(&world, &records, &before).await;
        assert!(before.len() >= 17 && cells > 3900, "{} callers, {cells} cells", before.len());
        assert!(stale > 85, "{stale} changes are told to be of an old version");
        // On a day of the new ones, whose records are those of predecessors: 91 took over 89, communes the districts.
        let reformed = world.another_day("2025-08-01").await;
        let mut after = callers(&reformed, &[("91", &["91", "89"]), ("01", &["01"])], &[("888", &["91", "89"], &["888"]), ("883", &["91", "89"], &["883"])]);
        after.extend(cooperatives(&reformed));
        assert!(after.len() > 10, "{} callers", after.len());
        assert_matrix(&reformed, &records, &after).await;
    }
}
