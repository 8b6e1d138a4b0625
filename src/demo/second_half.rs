//! From the improvement plans to the figures that the ministry pulls.

use serde_json::{Value, json};

use super::first_half::{AN_GIANG, FirstHalf, Member, People, self_evaluation};
use super::sample;
use super::stage::{DemoError, Person, Stage, id, text};
use super::tables;
use crate::domain::money::Money;
use crate::domain::score::Points;

/// What the plans mean to improve: criterion, baseline and target of the sample.
const TO_IMPROVE: [(&str, &str); 3] = [("7", "4.50"), ("9", "2.50"), ("13", "6.00")];

/// Plays it.
///
/// # Errors
/// A step was refused.
pub(super) async fn play(stage: &mut Stage, first: &FirstHalf) -> Result<(), DemoError> {
    let plans = improvement_plans(stage, first).await?;
    budget(stage, first).await?;
    loans(stage, first).await?;
    progress(stage, first, &plans).await?;
    reports(stage, first, "2023S1").await?;
    let annual = reports(stage, first, "2023").await?;
    ministry(stage, &first.people, &annual).await
}

async fn improvement_plans(stage: &mut Stage, first: &FirstHalf) -> Result<Vec<String>, DemoError> {
    stage.chapter("6. Kế hoạch hoàn thiện · improvement plans");
    let mut paths = Vec::new();
    let mut signed = Vec::new();
    for (member, pilot) in &first.pilots {
        signed.push(signed_plan(stage, &first.people, member, pilot).await?);
    }
    put_forward(stage, &first.people, &signed).await?;
    for ((member, _), plan) in first.pilots.iter().zip(&signed) {
        paths.push(approved_plan(stage, &first.people, member, plan).await?);
    }
    let approved = stage.get(&first.people.lead, "/v1/improvement-plans?state=approved&count=exact").await?;
    stage.check("improvement plans approved by UBND tỉnh", &text(&approved, "count"), &"5".to_owned());
    Ok(paths)
}

/// The lead agency consolidates the signed plans of the province for the People's Committee.
async fn put_forward(stage: &Stage, people: &People, signed: &[Value]) -> Result<(), DemoError> {
    let plan = |plan: &Value| json!({"plan": plan["id"], "contentHash": plan["contentHash"]});
    let body = json!({
        "province": "89", "scheme": "QD167-2021-2025", "number": "2450/TTr-SKHĐT (dữ liệu mẫu)", "date": "2021-10-29",
        "advice": "Đề nghị UBND tỉnh phê duyệt (dữ liệu mẫu).", "plans": signed.iter().map(plan).collect::<Vec<_>>(),
    });
    stage.create(&people.lead, "/v1/improvement-consolidations", &body).await?;
    Ok(())
}

/// A plan that its cooperative wrote, three agencies reviewed, and its representative signed.
async fn signed_plan(stage: &Stage, people: &People, member: &Member, pilot: &Value) -> Result<Value, DemoError> {
    let list = format!("/v1/evaluations?cooperative={}&year=2020&kind=self", member.id);
    let baseline = stage.get(&member.account, &list).await?["items"][0]["id"].clone();
    let intent = |(criterion, target)| json!({"criterion": criterion, "toImprove": true, "target": target});
    let body = json!({
        "pilot": id(pilot)?,
        "baselineEvaluation": baseline,
        "criteria": TO_IMPROVE.map(intent),
        "measures": [
            {"title": "Cử cán bộ quản lý học đại học (dữ liệu mẫu)", "area": "governance", "startDate": "2022-01-15",
             "dueDate": "2023-05-31", "responsible": "Hội đồng quản trị", "criteria": ["7"]},
            {"title": "Đăng ký nhãn hiệu, tham gia chuỗi giá trị (dữ liệu mẫu)", "area": "production",
             "dueDate": "2023-11-30", "responsible": "Giám đốc", "criteria": ["9"]},
        ],
    });
    let draft = stage.create(&member.account, "/v1/improvement-plans", &body).await?;
    let path = format!("/v1/improvement-plans/{}", id(&draft)?);
    let opinion = json!({
        "outcome": "favourable", "fitsSupportPlan": true, "givenOn": "2021-10-12",
        "comment": "Thống nhất nội dung Kế hoạch (dữ liệu mẫu).",
    });
    for reviewer in [department_of(people, member), &people.alliance, &people.lead] {
        stage.step(reviewer, &path, "opinions", &opinion).await?;
    }
    let submission = json!({
        "signer": "Người đại diện theo pháp luật (dữ liệu mẫu)",
        "signedOn": "2021-10-20",
        "document": {"title": "Kế hoạch hoàn thiện HTX thí điểm (dữ liệu mẫu)", "sha256": "0".repeat(64)},
        "recipients": ["lead_agency", "line_department", "cooperative_alliance", "locality"],
    });
    let signed = stage.step(&member.account, &path, "submissions", &submission).await?;
    let receipt = json!({"receivedOn": "2021-10-22"});
    for recipient in [department_of(people, member), &people.alliance, &people.lead, &member.locality] {
        stage.step(recipient, &path, "receipts", &receipt).await?;
    }
    Ok(signed)
}

/// The approval of a plan that was put forward, and the first report on its measures.
async fn approved_plan(stage: &Stage, people: &People, member: &Member, signed: &Value) -> Result<String, DemoError> {
    let path = format!("/v1/improvement-plans/{}", id(signed)?);
    let approval = json!({
        "decisionNumber": "2500/QĐ-UBND (dữ liệu mẫu)",
        "decisionDate": "2021-11-05",
        "signatory": "Chủ tịch UBND tỉnh (dữ liệu mẫu)",
        "contentHash": signed["contentHash"],
    });
    stage.step(&people.committee, &path, "approvals", &approval).await?;
    let done =
        json!({"measure": 1, "outcome": "done", "onDate": "2023-05-15", "comment": "Đã hoàn thành (dữ liệu mẫu)."});
    stage.step(&member.account, &path, "measure-reports", &done).await?;
    Ok(path)
}

fn department_of<'a>(people: &'a People, member: &Member) -> &'a Person {
    if member.sample.field == "agriculture" { &people.agriculture } else { &people.transport }
}

fn line(plan: &Value, category: &str) -> Value {
    let lines = plan["estimateLines"].as_array().into_iter().flatten();
    lines.filter(|line| line["category"] == category).map(|line| line["id"].clone()).next().unwrap_or_default()
}

/// The pilot at a place of the list.
fn nth(first: &FirstHalf, place: usize) -> Result<&(Member, Value), DemoError> {
    first.pilots.get(place).ok_or_else(|| DemoError::Unexpected(format!("there is no pilot {place}")))
}

async fn budget(stage: &mut Stage, first: &FirstHalf) -> Result<(), DemoError> {
    stage.chapter("7. Kinh phí · allocations and disbursements");
    let people = &first.people;
    let infrastructure = line(&first.plan, "infrastructure_and_processing");
    let recurrent = line(&first.plan, "recurrent_support");
    let million = |millions| Money::million(millions).to_string();
    let entry = |line: &Value, place, millions, kind: &str| {
        Ok::<_, DemoError>(json!({
            "line": line, "amount": million(millions), "supportKind": kind,
            "implementingAgency": people.agriculture_id, "pilot": id(&nth(first, place)?.1)?,
        }))
    };
    let allocation = |number: &str, date: &str, entries: Vec<Value>| json!({"plan": first.plan["id"], "decisionNumber": number, "decisionDate": date, "entries": entries});

    let entries = vec![
        entry(&infrastructure, 0, 3_000, "infrastructure")?,
        entry(&infrastructure, 2, 2_000, "product_processing")?,
    ];
    let body = allocation("350/QĐ-UBND (dữ liệu mẫu)", "2022-03-15", entries);
    let investment = approved_allocation(stage, &people.lead, &people.committee, &body).await?;
    stage.check("investment allocated", &text(&investment, "amount"), &million(5_000));
    let body = allocation("120/QĐ-UBND (dữ liệu mẫu)", "2023-02-10", vec![entry(&recurrent, 1, 1_500, "training")?]);
    let training = approved_allocation(stage, &people.finance, &people.committee, &body).await?;
    stage.check("recurrent support allocated", &text(&training, "amount"), &million(1_500));

    let body = allocation(
        "351/QĐ-UBND (dữ liệu mẫu)",
        "2023-03-15",
        vec![entry(&infrastructure, 0, 1_616, "infrastructure")?],
    );
    let reply = stage.try_create(&people.lead, "/v1/budget-allocations", &body).await?;
    stage.refused("a million more than the line holds is refused", &reply, 409, "line_exceeded");

    let paid = [
        (&investment, 0, 2_400, "UNC-01", "2023-04-12"),
        (&investment, 1, 500, "UNC-02", "2022-11-20"),
        (&training, 0, 600, "UNC-03", "2023-05-20"),
    ];
    for (allocation, place, millions, voucher, date) in paid {
        let path = format!("/v1/budget-allocations/{}", id(allocation)?);
        let disbursement = disbursement(allocation, place, millions, voucher, date);
        stage.step(&people.agriculture, &path, "disbursements", &disbursement).await?;
    }
    let path = format!("/v1/budget-allocations/{}", id(&training)?);
    let reply = stage
        .try_step(&people.agriculture, &path, "disbursements", &disbursement(&training, 0, 901, "UNC-04", "2023-06-01"))
        .await?;
    stage.refused("a million more than is left of an allocation is refused", &reply, 409, "allocation_exceeded");

    let summary = stage.get(&people.finance, &format!("/v1/budget-summaries?province={AN_GIANG}&by=category")).await?;
    let total = &summary["budget"]["total"];
    for (name, due) in [("estimated", 11_675), ("allocated", 6_500), ("disbursed", 3_500)] {
        stage.check(&format!("budget {name}, credit apart"), &text(total, name), &million(due));
    }
    stage.check("estimate with credit", &text(&summary, "estimated"), &million(32_675));
    tables::budget(&summary);
    Ok(())
}

async fn approved_allocation(
    stage: &Stage,
    drafter: &Person,
    approver: &Person,
    body: &Value,
) -> Result<Value, DemoError> {
    let draft = stage.create(drafter, "/v1/budget-allocations", body).await?;
    stage.step(approver, &format!("/v1/budget-allocations/{}", id(&draft)?), "approvals", &json!({})).await
}

fn disbursement(allocation: &Value, place: usize, millions: i64, voucher: &str, date: &str) -> Value {
    json!({
        "entry": allocation["entries"][place]["id"],
        "amount": Money::million(millions).to_string(),
        "voucherNumber": voucher,
        "voucherDate": date,
    })
}

async fn loans(stage: &mut Stage, first: &FirstHalf) -> Result<(), DemoError> {
    stage.chapter("8. Vốn vay · loans, apart from the budget");
    let million = |millions| Money::million(millions).to_string();
    let body = json!({
        "pilot": id(&nth(first, 0)?.1)?,
        "lender": "Quỹ hỗ trợ phát triển HTX (dữ liệu mẫu)",
        "source": "preferential_credit_fund",
        "approvedAmount": million(1_500),
        "decisionNumber": "15/QĐ-QHTPTHTX (dữ liệu mẫu)",
        "decisionDate": "2022-05-10",
    });
    let alliance = &first.people.alliance;
    let path = format!("/v1/loans/{}", id(&stage.create(alliance, "/v1/loans", &body).await?)?);
    let payout = json!({"amount": million(1_000), "disbursedOn": "2023-03-01", "voucher": "GN-01"});
    stage.step(alliance, &path, "disbursements", &payout).await?;
    let repayment = json!({"amount": million(200), "repaidOn": "2023-10-01", "voucher": "TN-01"});
    let loan = stage.step(alliance, &path, "repayments", &repayment).await?;
    stage.check("outstanding", &text(&loan, "outstanding"), &million(800));
    Ok(())
}

async fn progress(stage: &mut Stage, first: &FirstHalf, plans: &[String]) -> Result<(), DemoError> {
    stage.chapter("9. Đánh giá năm 2023 · evaluations of 2023 against the plans");
    for ((member, _), plan) in first.pilots.iter().zip(plans) {
        let total = sample::total_2023(member.sample.points_2020);
        let scores = sample::scores_2023(member.sample.points_2020);
        let evaluation = self_evaluation(stage, member, 2023, &scores).await?;
        stage.check(&format!("{}: total", member.sample.name), &text(&evaluation, "total"), &total.to_string());
        let progress = stage.get(&first.people.lead, &format!("{plan}/progress")).await?;
        let due = total >= Points::whole(80);
        stage.check("   both exit requirements met", &text(&progress, "exitMet"), &due.to_string());
    }
    Ok(())
}

/// Whoever owes a report and who answers it.
async fn report(stage: &Stage, who: &Person, period: &str, number: &str) -> Result<String, DemoError> {
    let narrative = json!([{"code": "results", "text": "Đã triển khai Kế hoạch tại các HTX thí điểm (dữ liệu mẫu)."}]);
    let draft = stage
        .create(who, "/v1/periodic-reports", &json!({"period": period, "overrides": [], "narrative": narrative}))
        .await?;
    let path = format!("/v1/periodic-reports/{}", id(&draft)?);
    submit(stage, who, &path, period, number).await?;
    Ok(path)
}

async fn submit(stage: &Stage, who: &Person, path: &str, period: &str, number: &str) -> Result<Value, DemoError> {
    let day = if period.ends_with("S1") { "2023-06-16" } else { "2023-12-16" };
    let submission =
        json!({"documentNumber": number, "documentDate": day, "signatory": "Thủ trưởng đơn vị (dữ liệu mẫu)"});
    stage.step(who, path, "submissions", &submission).await
}

async fn reports(stage: &mut Stage, first: &FirstHalf, period: &str) -> Result<String, DemoError> {
    stage.chapter(&format!("10. Báo cáo định kỳ {period} · periodic reports"));
    let people = &first.people;
    let mut who: Vec<&Person> = first.pilots.iter().map(|(member, _)| &member.locality).collect();
    who.extend([&people.agriculture, &people.transport]);
    let mut returned = true;
    for (number, person) in who.into_iter().enumerate() {
        let number = format!("{}/BC-{period} (dữ liệu mẫu)", number.saturating_add(1));
        let path = report(stage, person, period, &number).await?;
        if returned {
            returned = false;
            let comment = json!({"comment": "Bổ sung khó khăn, vướng mắc (dữ liệu mẫu)."});
            stage.step(&people.lead, &path, "returns", &comment).await?;
            let sections = json!([
                {"code": "results", "text": "Đã triển khai Kế hoạch tại các HTX thí điểm (dữ liệu mẫu)."},
                {"code": "obstacles", "text": "Thiếu vốn đầu tư kho sấy (dữ liệu mẫu)."},
            ]);
            stage.edit(person, &path, &json!({"narrative": sections})).await?;
            submit(stage, person, &path, period, &number).await?;
            stage.tell(&format!("{} is returned with a comment, corrected and sent again", person.subject));
        }
        let accepted = stage.step(&people.lead, &path, "acceptances", &json!({})).await?;
        stage.check(&format!("{}: state", person.subject), &text(&accepted, "state"), &"accepted".to_owned());
    }
    let path = report(stage, &people.lead, period, &format!("100/BC-UBND-{period} (dữ liệu mẫu)")).await?;
    let accepted = stage.step(&people.ministry, &path, "acceptances", &json!({})).await?;
    stage.check("the ministry accepts the province's report; state", &text(&accepted, "state"), &"accepted".to_owned());
    Ok(path)
}

/// The value of an indicator among figures.
pub(super) fn figure(figures: &Value, code: &str) -> String {
    let mut all = figures.as_array().into_iter().flatten();
    all.find(|figure| figure["code"] == code).map_or_else(|| "absent".to_owned(), |figure| text(figure, "value"))
}

async fn ministry(stage: &mut Stage, people: &People, annual: &str) -> Result<(), DemoError> {
    stage.chapter("11. Bộ kéo số liệu · the ministry pulls");
    let list = "/v1/periodic-reports?period=2023&level=province";
    let page = stage.get(&people.ministry, &format!("{list}&count=exact")).await?;
    stage.check("provinces' reports as pages", &text(&page, "count"), &"1".to_owned());
    let lines = stage.lines(&people.ministry, list).await?;
    stage.check("the same as lines", &lines.len(), &1);
    let report = stage.get(&people.ministry, annual).await?;
    let million = |millions| Money::million(millions).to_string();
    let due = [
        ("pilots_active", "5".to_owned()),
        ("improvement_plans_approved", "5".to_owned()),
        ("measures_done_rate", "50.00".to_owned()),
        ("pilots_good_share", "80.00".to_owned()),
        ("pilots_score_mean", "83.45".to_owned()),
        ("support_allocated", million(1_500)),
        ("support_disbursed", million(3_000)),
        ("disbursement_rate", "53.85".to_owned()),
        ("loans_disbursed", million(1_000)),
        ("loans_outstanding", million(800)),
        ("members_total", "865".to_owned()),
        ("revenue", million(86_250)),
    ];
    for (code, due) in &due {
        stage.check(code, &figure(&report["indicators"], code), due);
    }
    let aggregate = stage.get(&people.ministry, "/v1/aggregates?period=2023&by=province").await?;
    let labels = stage.lines(&people.ministry, "/v1/reference-entries?list=indicators").await?;
    tables::figures(
        "Báo cáo năm 2023 của tỉnh An Giang · An Giang's annual report 2023",
        &report["indicators"],
        &labels,
    );
    tables::figures("Tổng hợp cả nước năm 2023 · the national aggregate of 2023", &aggregate["indicators"], &labels);
    tables::sources(&aggregate);
    stage.check("reports behind the aggregate", &aggregate["sources"].as_array().map_or(0, Vec::len), &1);
    for (code, due) in &due {
        stage.check(&format!("national {code}"), &figure(&aggregate["indicators"], code), due);
    }
    Ok(())
}
