//! The year 2025: An Giang and Kiên Giang report apart on its first half and as one province on the whole of it. Whatever
//! order of provinces is asked for, the sums are the same.

use serde_json::{Value, json};

use super::first_half::{AN_GIANG, FirstHalf, People, SCHEME};
use super::second_half::figure;
use super::stage::{DemoError, Stage, id, text};
use super::tables;
use crate::domain::money::Money;

/// Kiên Giang until 30 June 2025, An Giang from the next day on.
const CODE_91: &str = "91";
/// What Kiên Giang estimates in million đồng (sample data).
const KIEN_GIANG: i64 = 9_000;

/// Plays it.
///
/// # Errors
/// A step was refused.
pub(super) async fn play(stage: &mut Stage, first: &FirstHalf) -> Result<(), DemoError> {
    stage.chapter("12. Qua ngày 1/7/2025 · across the reform: An Giang and Kiên Giang become one");
    let people = &first.people;
    kien_giang(stage, people).await?;
    for unit in [AN_GIANG, CODE_91] {
        let agency = lead_on(stage, people, unit, "2025-06-14").await?;
        report(stage, people, "2025S1", &agency, "2025-06-20").await?;
    }
    let apart = aggregate(stage, people, "2025S1", "asReported").await?;
    let merged = aggregate(stage, people, "2025S1", "current").await?;
    stage.check("2025S1 as reported: provinces", &provinces(&apart), &"89, 91".to_owned());
    stage.check("2025S1 in the provinces of today", &provinces(&merged), &"91".to_owned());
    stage.check("indicators whose sums differ between the two trees", &differing(&apart, &merged), &0);
    stage.check("both digests are the same", &text(&merged, "digest"), &text(&apart, "digest"));

    let agency = lead_on(stage, people, CODE_91, "2025-12-14").await?;
    let annual = report(stage, people, "2025", &agency, "2025-12-20").await?;
    let whole = Money::million(32_675 + KIEN_GIANG).to_string();
    stage.check("An Giang's report on 2025 is of the whole province", &text(&annual, "province"), &CODE_91.to_owned());
    stage.check("its estimate is that of both plans", &figure(&annual["indicators"], "support_estimated"), &whole);
    stage.check("its pilots are those of both", &figure(&annual["indicators"], "pilots_active"), &"5".to_owned());
    for tree in ["asReported", "current"] {
        let aggregate = aggregate(stage, people, "2025", tree).await?;
        stage.check(&format!("2025, {tree}: provinces"), &provinces(&aggregate), &"91".to_owned());
        let estimated = figure(&aggregate["indicators"], "support_estimated");
        stage.check(&format!("2025, {tree}: estimate"), &estimated, &whole);
    }
    tables::sources(&apart);
    Ok(())
}

/// The plan of Kiên Giang, approved for the province as it was.
async fn kien_giang(stage: &mut Stage, people: &People) -> Result<(), DemoError> {
    let line = |category: &str, millions| json!({"category": category, "amount": Money::million(millions).to_string()});
    let lead = lead_on(stage, people, CODE_91, "2021-09-20").await?;
    let body = json!({
        "province": CODE_91,
        "scheme": SCHEME,
        "decisionNumber": "2300/QĐ-UBND (dữ liệu mẫu)",
        "decisionDate": "2021-09-20",
        "leadAgency": lead,
        "pilotQuota": 5,
        "estimateLines": [line("infrastructure_and_processing", 4_000), line("recurrent_support", KIEN_GIANG - 4_000)],
        "total": Money::million(KIEN_GIANG).to_string(),
    });
    let plan = stage.create(&people.lead, "/v1/provincial-plans", &body).await?;
    let path = format!("/v1/provincial-plans/{}", id(&plan)?);
    let plan = stage.step(&people.committee, &path, "approvals", &json!({})).await?;
    stage.check("the plan of Kiên Giang of 2021; state", &text(&plan, "state"), &"approved".to_owned());
    Ok(())
}

/// The agency that leads in a unit on a day.
async fn lead_on(stage: &Stage, people: &People, unit: &str, day: &str) -> Result<Value, DemoError> {
    let list = format!("/v1/agencies?unit={unit}&kind=lead-agency&at={day}");
    let agencies = stage.get(&people.ministry, &list).await?;
    let found = agencies["items"][0]["id"].clone();
    if found.is_null() { Err(DemoError::Unexpected(format!("{unit} has no lead agency on {day}"))) } else { Ok(found) }
}

/// A report of a lead agency, made by its successor of today, accepted by the ministry.
async fn report(
    stage: &mut Stage,
    people: &People,
    period: &str,
    agency: &Value,
    day: &str,
) -> Result<Value, DemoError> {
    let draft =
        stage.create(&people.lead, "/v1/periodic-reports", &json!({"period": period, "agency": agency})).await?;
    let path = format!("/v1/periodic-reports/{}", id(&draft)?);
    let number = format!("{}/BC-STC (dữ liệu mẫu)", text(&draft, "province"));
    let submission =
        json!({"documentNumber": number, "documentDate": day, "signatory": "Thủ trưởng đơn vị (dữ liệu mẫu)"});
    stage.step(&people.lead, &path, "submissions", &submission).await?;
    let accepted = stage.step(&people.ministry, &path, "acceptances", &json!({})).await?;
    let what = format!("{period} of {}: state", text(&draft, "province"));
    stage.check(&what, &text(&accepted, "state"), &"accepted".to_owned());
    Ok(accepted)
}

async fn aggregate(stage: &Stage, people: &People, period: &str, tree: &str) -> Result<Value, DemoError> {
    stage.get(&people.ministry, &format!("/v1/aggregates?period={period}&by=province&tree={tree}")).await
}

/// The provinces of an aggregate.
fn provinces(aggregate: &Value) -> String {
    let all = aggregate["provinces"].as_array().into_iter().flatten();
    all.map(|province| text(province, "province")).collect::<Vec<_>>().join(", ")
}

/// How many indicators do not come to the same over the provinces of two trees.
fn differing(one: &Value, other: &Value) -> usize {
    let sum = |aggregate: &Value, code: &str, member: &str| {
        let provinces = aggregate["provinces"].as_array().into_iter().flatten();
        let figures = provinces.filter_map(|province| {
            let mut figures = province["indicators"].as_array()?.iter();
            figures.find(|figure| figure["code"] == code)?[member].as_str()?.replace('.', "").parse::<i64>().ok()
        });
        figures.sum::<i64>()
    };
    let differs = |total: &&Value| {
        let code = total["code"].as_str().unwrap_or_default();
        let ratio = total["numerator"].is_string();
        let members: &[&str] = if ratio { &["numerator", "denominator"] } else { &["value"] };
        members.iter().any(|member| sum(one, code, member) != sum(other, code, member))
    };
    one["indicators"].as_array().into_iter().flatten().filter(differs).count()
}
