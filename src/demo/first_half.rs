//! From the provincial plan to the pilots.

use serde_json::{Value, json};
use uuid::Uuid;

use super::sample::{self, COOPERATIVES, Sample};
use super::stage::{DemoError, Person, Stage, id, text};
use crate::domain::money::Money;
use crate::domain::role::Role;

/// The scheme that is played.
pub(super) const SCHEME: &str = "QD167-2021-2025";
/// An Giang, as it was on the day of the decision.
pub(super) const AN_GIANG: &str = "89";

/// The people of the province.
pub(super) struct People {
    /// *Sở Kế hoạch và Đầu tư*.
    pub(super) lead: Person,
    /// *UBND tỉnh*.
    pub(super) committee: Person,
    /// *Sở Nông nghiệp và Phát triển nông thôn*.
    pub(super) agriculture: Person,
    /// *Sở Giao thông vận tải*.
    pub(super) transport: Person,
    /// *Sở Tài chính*.
    pub(super) finance: Person,
    /// *Liên minh HTX tỉnh*.
    pub(super) alliance: Person,
    /// *Bộ Kế hoạch và Đầu tư*.
    pub(super) ministry: Person,
    /// Agencies of the line departments.
    pub(super) agriculture_id: Uuid,
    /// See above.
    pub(super) transport_id: Uuid,
    /// Agency of the lead.
    pub(super) lead_id: Uuid,
}

/// A cooperative on stage.
pub(super) struct Member {
    /// What the sample says of it.
    pub(super) sample: &'static Sample,
    /// Its identifier.
    pub(super) id: Uuid,
    /// Its account.
    pub(super) account: Person,
    /// The locality of its seat.
    pub(super) locality: Person,
}

/// What the first half leaves behind.
pub(super) struct FirstHalf {
    /// The people.
    pub(super) people: People,
    /// The approved plan.
    pub(super) plan: Value,
    /// The five pilots, each with its cooperative.
    pub(super) pilots: Vec<(Member, Value)>,
}

/// Plays it.
///
/// # Errors
/// A step was refused.
pub(super) async fn play(stage: &mut Stage) -> Result<FirstHalf, DemoError> {
    let people = people(stage).await?;
    let plan = provincial_plan(stage, &people).await?;
    let members = cooperatives(stage).await?;
    evaluations(stage, &members).await?;
    let applications = applications(stage, &people, &members).await?;
    let pilots = selection(stage, &people, members, &applications).await?;
    Ok(FirstHalf { people, plan, pilots })
}

async fn people(stage: &mut Stage) -> Result<People, DemoError> {
    let ministry = stage.person(Role::Ministry, None)?;
    let agencies = stage.get(&ministry, &format!("/v1/agencies?unit={AN_GIANG}&at=2021-09-15&limit=200")).await?;
    let agency = |kind: &str, sector: Option<&str>| {
        let items = agencies["items"].as_array().into_iter().flatten();
        let mut fits =
            items.filter(|item| item["kind"] == kind && sector.is_none_or(|sector| item["sector"] == sector));
        fits.next().ok_or_else(|| DemoError::Unexpected(format!("An Giang has no {kind}"))).and_then(id)
    };
    let agriculture_id = agency("line-department", Some("agriculture"))?;
    let transport_id = agency("line-department", Some("transport"))?;
    Ok(People {
        lead: stage.person(Role::LeadAgency, Some(AN_GIANG))?,
        committee: stage.person(Role::PeoplesCommittee, Some(AN_GIANG))?,
        agriculture: stage.agent(Role::LineDepartment, agriculture_id)?,
        transport: stage.agent(Role::LineDepartment, transport_id)?,
        finance: stage.person(Role::Finance, Some(AN_GIANG))?,
        alliance: stage.person(Role::CooperativeAlliance, Some(AN_GIANG))?,
        lead_id: agency("lead-agency", None)?,
        ministry,
        agriculture_id,
        transport_id,
    })
}

async fn provincial_plan(stage: &mut Stage, people: &People) -> Result<Value, DemoError> {
    stage.chapter("1. Kế hoạch của tỉnh · the provincial plan (2129/QĐ-UBND)");
    let line = |category: &str, millions| json!({"category": category, "amount": Money::million(millions).to_string()});
    let mut body = json!({
        "province": AN_GIANG,
        "scheme": SCHEME,
        "decisionNumber": "2129/QĐ-UBND",
        "decisionDate": "2021-09-15",
        "leadAgency": people.lead_id,
        "pilotQuota": 5,
        "estimateLines": [
            line("infrastructure_and_processing", 6_615),
            line("preferential_credit_and_fund", 21_000),
            line("recurrent_support", 5_060),
        ],
        "total": Money::million(32_676).to_string(),
    });
    let refused = stage.try_create(&people.lead, "/v1/provincial-plans", &body).await?;
    stage.refused("a total of 32,676 million is refused", &refused, 400, "total_mismatch");
    body["total"] = json!(Money::million(32_675).to_string());
    let plan = stage.create(&people.lead, "/v1/provincial-plans", &body).await?;
    stage.tell("Sở Kế hoạch và Đầu tư drafts it: 3 estimate lines, source and year not stated");
    let path = format!("/v1/provincial-plans/{}", id(&plan)?);
    let plan = stage.step(&people.committee, &path, "approvals", &json!({})).await?;
    stage.check("UBND tỉnh approves it; state", &text(&plan, "state"), &"approved".to_owned());
    stage.check("total in đồng", &text(&plan, "total"), &"32675000000".to_owned());
    Ok(plan)
}

async fn cooperatives(stage: &mut Stage) -> Result<Vec<Member>, DemoError> {
    stage.chapter("2. Hợp tác xã · cooperatives and their figures");
    let mut members = Vec::new();
    for sample in &COOPERATIVES {
        let locality = stage.person(Role::Locality, Some(sample.unit))?;
        let body = json!({
            "taxCode": sample.tax_code,
            "name": sample.name,
            "kind": "cooperative",
            "field": sample.field,
            "governingLaw": "law_2012",
            "unit": sample.unit,
            "foundedOn": "2013-07-01",
            "status": "active",
        });
        let id = id(&stage.create(&locality, "/v1/cooperatives", &body).await?)?;
        let account = stage.cooperative(id)?;
        for year in [2018, 2019, 2020, 2021, 2022, 2023] {
            let path = format!("/v1/cooperatives/{id}/annual-figures/{year}");
            stage.put(&account, &path, &sample::figures(sample, year)).await?;
        }
        let path = format!("/v1/cooperatives/{id}/annual-figures/2020");
        stage.put(&locality, &path, &sample::figures(sample, 2020)).await?;
        members.push(Member { sample, id, account, locality });
    }
    stage.tell("seven localities register a cooperative each; each declares 2018–2023; 2020 is verified beside it");
    let found = stage.get(&stage.person(Role::Ministry, None)?, "/v1/cooperatives?q=long%20xuyen&count=exact").await?;
    stage.check("“long xuyen” finds Long Xuyên", &text(&found, "count"), &"1".to_owned());
    Ok(members)
}

/// Makes, endorses and submits a self-evaluation.
///
/// # Errors
/// A step was refused.
pub(super) async fn self_evaluation(
    stage: &Stage,
    member: &Member,
    year: u16,
    scores: &Value,
) -> Result<Value, DemoError> {
    let Member { sample: _, id: cooperative, account, locality: _ } = member;
    let body = json!({
        "cooperative": cooperative, "year": year, "kind": "self", "criteriaSet": "TT01-2020", "scores": scores,
    });
    let evaluation = stage.create(account, "/v1/evaluations", &body).await?;
    let path = format!("/v1/evaluations/{}", id(&evaluation)?);
    for board in ["board_of_directors", "supervisory_board"] {
        let endorsement = json!({"board": board, "opinion": "agreed", "endorsedOn": format!("{year}-12-10")});
        stage.step(account, &path, "endorsements", &endorsement).await?;
    }
    stage.step(account, &path, "submissions", &json!({"submittedOn": format!("{year}-12-12")})).await
}

async fn evaluations(stage: &mut Stage, members: &[Member]) -> Result<(), DemoError> {
    stage.chapter("3. Đánh giá năm 2020 · evaluations under Circular 01/2020");
    for member in members {
        let scores = sample::scores_2020(member.sample.points_2020);
        let evaluation = self_evaluation(stage, member, 2020, &scores).await?;
        let what = format!("{}: {}, total", member.sample.name, text(&evaluation, "rating"));
        stage.check(&what, &text(&evaluation, "total"), &member.sample.points_2020.to_string());
    }
    Ok(())
}

async fn applications(stage: &mut Stage, people: &People, members: &[Member]) -> Result<Vec<Uuid>, DemoError> {
    stage.chapter("4. Hồ sơ đăng ký · applications and eligibility");
    let mut ids = Vec::new();
    for Member { sample, id: cooperative, account, locality } in members {
        let body = json!({
            "cooperative": cooperative,
            "scheme": SCHEME,
            "model": sample.model,
            "dossier": [
                {"code": "evaluation_2020", "document": {"title": "Bản đánh giá HTX năm 2020 (dữ liệu mẫu)"}},
                {"code": "registration_form", "document": {"title": "Đơn đăng ký tham gia Đề án (dữ liệu mẫu)"}},
            ],
            "priorityClaims": [{"condition": "P2.4", "evidence": {"title": "Hợp đồng liên kết (dữ liệu mẫu)"}}],
        });
        let application = id(&stage.create(account, "/v1/applications", &body).await?)?;
        let path = format!("/v1/applications/{application}");
        stage.step(account, &path, "submissions", &json!({"submittedOn": "2021-06-15"})).await?;
        let opinion =
            json!({"opinionOn": "2021-07-01", "outcome": "favourable", "comment": "Thống nhất đề xuất (dữ liệu mẫu)."});
        stage.step(locality, &path, "opinions", &opinion).await?;
        let eligibility = stage.get(&people.lead, &format!("{path}/eligibility")).await?;
        let due = if sample.points_2020.as_hundredths() >= 6500 { "met" } else { "not_met" };
        let what = format!("{} with {} points", sample.name, sample.points_2020);
        stage.check(&what, &text(&eligibility, "overall"), &due.to_owned());
        ids.push(application);
    }
    Ok(ids)
}

fn decision(people: &People, number: &str, choices: &[(&Member, &Uuid)]) -> Value {
    let department = |member: &Member| match member.sample.field {
        "agriculture" => people.agriculture_id,
        _ => people.transport_id,
    };
    let choice = |(member, application): &(&Member, &Uuid)| json!({"application": application, "responsibleDepartment": department(member)});
    json!({
        "province": AN_GIANG,
        "scheme": SCHEME,
        "number": number,
        "date": "2021-09-15",
        "effectiveDate": "2021-09-15",
        "signatory": "Chủ tịch UBND tỉnh (dữ liệu mẫu)",
        "issuer": "chairperson",
        "proposal": {"number": "1996/SKHĐT-DN", "date": "2021-08-30"},
        "list": "scheme",
        "applications": choices.iter().map(choice).collect::<Vec<_>>(),
    })
}

async fn selection(
    stage: &mut Stage,
    people: &People,
    members: Vec<Member>,
    applications: &[Uuid],
) -> Result<Vec<(Member, Value)>, DemoError> {
    stage.chapter("5. Quyết định lựa chọn · the selection decision (2128/QĐ-UBND)");
    let all: Vec<(&Member, &Uuid)> = members.iter().zip(applications).collect();
    let (chosen, rest) = all.split_at(5);
    let body = decision(people, "2128/QĐ-UBND", chosen);
    let path = format!(
        "/v1/selection-decisions/{}",
        id(&stage.create(&people.lead, "/v1/selection-decisions", &body).await?)?
    );
    let approved = stage.step(&people.committee, &path, "approvals", &json!({})).await?;
    stage.check("the chairperson approves five, all or none; state", &text(&approved, "state"), &"approved".to_owned());
    for (nth, (choice, code)) in rest.iter().zip(["quota_exceeded", "not_eligible"]).enumerate() {
        let body = decision(people, &format!("300{nth}/QĐ-UBND"), &[*choice]);
        let mut reply = stage.try_create(&people.lead, "/v1/selection-decisions", &body).await?;
        if reply.status == 201 {
            let path = format!("/v1/selection-decisions/{}", id(&reply.body)?);
            reply = stage.try_step(&people.committee, &path, "approvals", &json!({})).await?;
        }
        stage.refused(&format!("{} is refused", choice.0.sample.name), &reply, 409, code);
    }
    let page = stage.get(&people.lead, "/v1/pilots?limit=200&count=exact").await?;
    stage.check("pilots opened", &text(&page, "count"), &"5".to_owned());
    let pilots: Vec<Value> = page["items"].as_array().cloned().unwrap_or_default();
    let of = |member: &Member| pilots.iter().find(|pilot| pilot["cooperative"] == json!(member.id)).cloned();
    Ok(members.into_iter().filter_map(|member| of(&member).map(|pilot| (member, pilot))).collect())
}
